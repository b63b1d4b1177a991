"""Mail rules with a real mail server, real processes and real commits: killed, and two at once."""

from collections import Counter
from datetime import date

from odoo.tests import tagged

from ..processes import LATER, SEND, CommittingCase, dying_send, dying_with_the_answer

PEOPLE = 6
# Dies in its second batch, when the mails of the batch are made and not committed.
DYING_RUN = """
import os, signal
model = type(env["partner.mail.rule"])
queue, calls = model._queue, []

def dying(rule, going):
    calls.append(going)
    result = queue(rule, going)
    if len(calls) == 2:
        env.flush_all()
        os.kill(os.getpid(), signal.SIGKILL)
    return result

model._queue = dying
env["partner.mail.rule"]._cron_run(batch_size=2)
"""
# Dies while it notes what is due: nothing is noted yet.
DYING_PLAN = """
import os, signal
model = type(env["partner.mail.rule.log"])
note = model._note

def dying(logs, rows):
    note(logs, rows)
    os.kill(os.getpid(), signal.SIGKILL)

model._note = dying
env["partner.mail.rule"]._cron_run(batch_size=2)
"""
RUN = """
env["partner.mail.rule"]._cron_run(batch_size=2)
env.cr.commit()
"""


@tagged("post_install", "-at_install", "relations_commits")
class TestMailRuleKill(CommittingCase):
    """What is committed here is taken back at the end, by hand."""

    def setUp(self):
        super().setUp()
        with self.registry.cursor() as cr:
            env = self._env(cr)
            rules = env["partner.mail.rule"].search([("is_on", "=", True)])
            rules.is_on = False
            servers = env["ir.mail_server"].search([])
            today = date.today()
            persons = env["res.partner"].create(
                [
                    {
                        "name": f"Rule Person {number}",
                        "email": f"rule{number}@example.com",
                        "birthdate": date(1904, today.month, today.day),
                        "birth_year_known": False,
                    }
                    for number in range(PEOPLE)
                ]
            )
            template = env["mail.template"].create(
                {
                    "name": "Rule Kill",
                    "model_id": env["ir.model"]._get_id("res.partner"),
                    "subject": "Happy birthday {{ object.name }}",
                    "body_html": "<p>Dear <t t-out='object.name'/></p>",
                    "email_from": "shop@example.com",
                }
            )
            rule = env["partner.mail.rule"].create(
                {
                    "name": "Rule Kill",
                    "trigger": "birthday",
                    "template_id": template.id,
                    "hour_from": 0,
                    "hour_to": 24,
                    "sat": True,
                    "sun": True,
                    "skip_holidays": False,
                    "condition": repr([("id", "in", persons.ids)]),
                    "is_on": True,
                }
            )
            # whatever the time zone of the company, its day may differ from that of this machine
            office = rule.company_id.partner_id
            zone = office.tz
            office.tz = "UTC"
            rule.date_start = today
            server = self.inbox.take_over(env)
            env["mail.mail"].search([("state", "=", "outgoing")]).unlink()
            self.rule, self.persons = rule.id, persons.ids
            made = {"rule": rule.id, "persons": persons.ids, "template": template.id, "server": server.id}
            found = {"rules": rules.ids, "servers": servers.ids, "office": office.id, "zone": zone}
        self.addCleanup(self._take_back, made, found)
        self.addresses = {f"rule{number}@example.com": 1 for number in range(PEOPLE)}

    def _take_back(self, made, found):
        with self.registry.cursor() as cr:
            env = self._env(cr)
            logs = env["partner.mail.rule.log"].search([("rule_id", "=", made["rule"])])
            logs.mail_mail_id.unlink()
            logs.unlink()
            env["partner.mail.rule"].browse(made["rule"]).unlink()
            env["mail.template"].browse(made["template"]).unlink()
            env["ir.mail_server"].browse(made["server"]).unlink()
            env["mail.message"].search(
                [("model", "=", "res.partner"), ("res_id", "in", made["persons"])]
            ).unlink()
            env["res.partner"].browse(made["persons"]).unlink()
            env["partner.mail.rule"].browse(found["rules"]).is_on = True
            env["res.partner"].browse(found["office"]).tz = found["zone"]
            env["ir.mail_server"].browse(found["servers"]).active = True

    def _states(self):
        with self.registry.cursor() as cr:
            logs = self._env(cr)["partner.mail.rule.log"].search(
                [("rule_id", "=", self.rule), ("due_date", "=", date.today())]
            )
            return Counter(logs.mapped("state"))

    def test_killed_while_noting_and_queueing(self):
        self._run(DYING_PLAN, -9)
        self.assertEqual(self._states(), {}, "half a batch is none")
        self._run(DYING_RUN, -9)
        self.assertEqual(self._states(), {"queued": 2, "planned": PEOPLE - 2}, "the first batch stays")
        self._run(RUN + SEND)
        self.assertEqual(dict(self.inbox.received), self.addresses)
        self.assertEqual(self._states(), {"sent": PEOPLE})
        self._run(RUN + SEND)
        self.assertEqual(dict(self.inbox.received), self.addresses, "a further run sends nothing")

    def test_killed_while_sending(self):
        self._run(RUN)
        self._run(dying_send(3), -9)
        self.assertEqual(sum(self.inbox.received.values()), 3)
        self._run(RUN + SEND)
        self.assertEqual(dict(self.inbox.received), self.addresses)
        self.assertEqual(self._states(), {"sent": PEOPLE})

    def test_killed_with_the_answer_in_the_hand(self):
        """What the mail server has taken is not sent again, unless somebody decides to."""
        self._run(RUN)
        self._run(dying_with_the_answer(3), -9)
        self.assertEqual(sum(self.inbox.received.values()), 3)
        self._run(RUN + SEND + LATER + SEND)
        self.assertEqual(dict(self.inbox.received), self.addresses)
        self.assertEqual(self._states(), {"sent": PEOPLE - 1, "failed": 1})
        self._run(
            f"env['partner.mail.rule.log'].search([('rule_id', '=', {self.rule})]).action_retry()\n"
            + RUN
            + SEND
        )
        self.assertEqual(self._states(), {"sent": PEOPLE})
        self.assertEqual(sum(self.inbox.received.values()), PEOPLE + 1)

    def test_refused_and_tried_again(self):
        self.inbox.refuses = True
        self._run(RUN + SEND)
        self.assertEqual(self._states(), {"failed": PEOPLE})
        self.inbox.refuses = False
        self._run(
            f"env['partner.mail.rule.log'].search([('rule_id', '=', {self.rule})]).action_retry()\n"
            + RUN
            + SEND
        )
        self.assertEqual(dict(self.inbox.received), self.addresses)
        self.assertEqual(self._states(), {"sent": PEOPLE})

    def test_two_workers(self):
        self._run_twice_at_once(RUN)
        self.assertEqual(self._states(), {"queued": PEOPLE})
        self._run(SEND)
        self.assertEqual(dict(self.inbox.received), self.addresses)
