"""Payment reminders with a real mail server, real processes and real commits: killed, and two at once."""

from datetime import timedelta

from odoo import Command, fields
from odoo.tests import tagged

from ..processes import LATER, SEND, CommittingCase, dying_send, dying_with_the_answer

CUSTOMERS = 6
# Dies in the second batch of `method`, when its work is done and not committed.
DYING_RUN = """
import os, signal
model = type(env["partner.payment.reminder"])
work, calls = model.{method}, []

def dying(*args, **kwargs):
    calls.append(args)
    result = work(*args, **kwargs)
    if len(calls) == 2:
        env.flush_all()
        os.kill(os.getpid(), signal.SIGKILL)
    return result

model.{method} = dying
env["partner.payment.reminder"]._cron_remind(batch_size=2)
"""
RUN = """
env["partner.payment.reminder"]._cron_remind(batch_size=2)
env.cr.commit()
"""


@tagged("post_install", "-at_install", "relations_commits")
class TestPaymentKill(CommittingCase):
    """What is committed here is taken back at the end, by hand."""

    def setUp(self):
        super().setUp()
        with self.registry.cursor() as cr:
            env = self._env(cr)
            servers = env["ir.mail_server"].search([])
            server = self.inbox.take_over(env)
            company = env.company
            if not env["account.journal"].search([("type", "=", "sale"), ("company_id", "=", company.id)]):
                env["account.chart.template"].try_loading("generic_coa", company, install_demo=False)
            company.write({"payment_reminder_mode": "automatic", "email": "books@kill.example"})
            partners = env["res.partner"].create(
                [
                    {"name": f"Owes {number}", "is_company": True, "email": f"owes{number}@kill.example"}
                    for number in range(CUSTOMERS)
                ]
            )
            today = fields.Date.today()
            moves = env["account.move"].with_company(company).create(
                [
                    {
                        "move_type": "out_invoice",
                        "company_id": company.id,
                        "partner_id": partner.id,
                        "invoice_date": today - timedelta(days=30),
                        "invoice_date_due": today - timedelta(days=10),
                        "invoice_payment_term_id": False,
                        "invoice_line_ids": [
                            Command.create({"name": "Work", "price_unit": 10, "tax_ids": [Command.clear()]})
                        ],
                    }
                    for partner in partners
                ]
            )  # fmt: skip
            moves.action_post()
            env["mail.mail"].search([("state", "=", "outgoing")]).unlink()
            self.company_id = company.id
            made = {
                "company": company.id,
                "partners": partners.ids,
                "moves": moves.ids,
                "server": server.id,
                "servers": servers.ids,
            }
            self.partner_ids = partners.ids
        self.addCleanup(self._take_back, made)
        self.addresses = {f"owes{number}@kill.example": 1 for number in range(CUSTOMERS)}

    def _take_back(self, made):
        with self.registry.cursor() as cr:
            env = self._env(cr)
            reminders = env["partner.payment.reminder"].search([("company_id", "=", made["company"])])
            reminders.mail_id.unlink()
            reminders._internal().write({"state": "cancelled"})
            reminders.unlink()
            moves = env["account.move"].browse(made["moves"])
            moves.button_draft()
            moves.with_context(force_delete=True).unlink()
            env["res.partner"].browse(made["partners"]).unlink()
            env["ir.mail_server"].browse(made["server"]).unlink()
            env["ir.mail_server"].browse(made["servers"]).active = True
            company = env["res.company"].browse(made["company"])
            company.write({"payment_reminder_mode": "off", "email": False})

    def _get_states(self):
        with self.registry.cursor() as cr:
            reminders = self._env(cr)["partner.payment.reminder"].search(
                [("company_id", "=", self.company_id)]
            )
            return sorted(reminders.mapped("state"))

    def _check_all_sent(self):
        self._run(RUN + SEND)
        self.assertEqual(dict(self.inbox.received), self.addresses)
        self.assertEqual(self._get_states(), ["sent"] * CUSTOMERS)
        self._run(RUN + SEND)
        self.assertEqual(dict(self.inbox.received), self.addresses, "a further run sends nothing")

    def test_killed_while_finding(self):
        self._run(DYING_RUN.format(method="_make"), -9)
        self.assertEqual(self._get_states(), ["draft"] * 2, "what the first batch has done stays")
        self._check_all_sent()

    def test_killed_while_queueing(self):
        self._run(DYING_RUN.format(method="_queue"), -9)
        self.assertEqual(self._get_states(), ["draft"] * 4 + ["queued"] * 2)
        self._check_all_sent()

    def test_killed_while_sending(self):
        self._run(RUN)
        self._run(dying_send(2), -9)
        self.assertEqual(self.inbox.received.total(), 2)
        self._check_all_sent()

    def test_killed_with_the_answer_in_the_hand(self):
        """What the mail server has taken is not sent again; that its answer is missing is told, and can be decided."""
        self._run(RUN)
        self._run(dying_with_the_answer(2), -9)
        self.assertEqual(self.inbox.received.total(), 2)
        self._run(RUN + SEND)
        self.assertEqual(dict(self.inbox.received), self.addresses, "each once")
        self.assertEqual(self._get_states(), ["queued"] + ["sent"] * (CUSTOMERS - 1))
        self._run(LATER + SEND)
        self.assertEqual(self._get_states(), ["failed"] + ["sent"] * (CUSTOMERS - 1))
        with self.registry.cursor() as cr:
            failed = self._env(cr)["partner.payment.reminder"].search(
                [("company_id", "=", self.company_id), ("state", "=", "failed")]
            )
            self.assertIn("may have sent it", failed.problem)
        self._run(RUN + LATER + SEND)
        self.assertEqual(dict(self.inbox.received), self.addresses, "a further run sends nothing")

    def test_two_workers(self):
        self._run_twice_at_once(RUN)
        self.assertEqual(len(self._get_states()), CUSTOMERS)
        self._check_all_sent()
