"""Morning e-mails with a real mail server, real processes and real commits: killed, and two at once."""

import threading
from datetime import date

from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api
from odoo.tests import tagged
from odoo.tools import mute_logger

from .. import processes
from ..processes import CommittingCase

PEOPLE = 6
# Dies in its second batch, when the work of the batch is done and not committed.
DYING_RUN = """
import os, signal
model = type(env["partner.reminder"])
send, calls = model._send_morning, []

def dying(reminders, users):
    calls.append(users)
    result = send(reminders, users)
    if len(calls) == 2:
        env.flush_all()
        os.kill(os.getpid(), signal.SIGKILL)
    return result

model._send_morning = dying
env["partner.reminder"]._cron_morning(batch_size=2)
"""
RUN = """
env["partner.reminder"]._cron_morning(batch_size=2)
env.cr.commit()
"""


@tagged("post_install", "-at_install", "relations_commits")
class TestMorningKill(CommittingCase):
    """What is committed here is taken back at the end, by hand."""

    def setUp(self):
        super().setUp()
        with self.registry.cursor() as cr:
            env = self._env(cr)
            others = env["res.users"].search([("relations_morning_mail", "=", True)])
            others.relations_morning_mail = False
            servers = env["ir.mail_server"].search([])
            users = env["res.users"].create(
                [
                    {
                        "name": f"Early Bird {number}",
                        "login": f"early_bird_{number}",
                        "email": f"bird{number}@example.com",
                        "tz": "UTC",
                        "relations_morning_hour": 0,
                        "group_ids": [(6, 0, env.ref("partner_relations.group_user").ids)],
                    }
                    for number in range(PEOPLE)
                ]
            )
            partner = env["res.partner"].create({"name": "Customer of Early Birds", "is_company": True})
            for user in users:
                partner.activity_schedule(
                    "mail.mail_activity_data_call", date(2020, 1, 1), summary="Late", user_id=user.id
                )
            server = self.inbox.take_over(env)
            # what the making of users has queued is no morning e-mail
            env["mail.mail"].search([("state", "=", "outgoing")]).unlink()
            made = {"users": users.ids, "partner": partner.id, "server": server.id}
            found = {"others": others.ids, "servers": servers.ids}
        self.addCleanup(self._take_back, made, found)
        self.users = made["users"]
        self.addresses = {f"bird{number}@example.com": 1 for number in range(PEOPLE)}

    def _env(self, cr):
        return api.Environment(
            cr, SUPERUSER_ID, {"no_reset_password": True, "mail_activity_quick_update": True}
        )

    def _take_back(self, made, found):
        with self.registry.cursor() as cr:
            env = self._env(cr)
            users = env["res.users"].with_context(active_test=False).browse(made["users"])
            partners = users.partner_id | env["res.partner"].browse(made["partner"])
            env["mail.mail"].search([("recipient_ids", "in", partners.ids)]).unlink()
            env["partner.reminder"].search([("user_id", "in", users.ids)]).unlink()
            env["mail.activity"].with_context(active_test=False).search(
                [("user_id", "in", users.ids)]
            ).unlink()
            env["partner.contact.log"].search([("partner_id", "in", partners.ids)]).unlink()
            env["ir.mail_server"].browse(made["server"]).unlink()
            env["mail.message"].search([("model", "=", "res.users"), ("res_id", "in", users.ids)]).unlink()
            users.unlink()
            partners.unlink()
            env["res.users"].browse(found["others"]).relations_morning_mail = True
            env["ir.mail_server"].browse(found["servers"]).active = True

    def _count_reminders(self):
        with self.registry.cursor() as cr:
            return self._env(cr)["partner.reminder"].search_count(
                [("kind", "=", "morning"), ("user_id", "in", self.users)]
            )

    def test_killed_and_started_again(self):
        self._run(DYING_RUN, -9)
        self.assertEqual(self._count_reminders(), 2, "what the first batch has done stays")
        self._run(RUN + processes.SEND)
        self.assertEqual(dict(self.inbox.received), self.addresses)
        self._run(RUN + processes.SEND)
        self.assertEqual(dict(self.inbox.received), self.addresses, "a further run sends nothing")

    def test_killed_with_the_answer_in_the_hand(self):
        """The mail server has taken it, and nobody noted that: it is not sent again."""
        self._run(RUN)
        self._run(processes.dying_with_the_answer(2), -9)
        self.assertEqual(self.inbox.received.total(), 2)
        self._run(RUN + processes.SEND + processes.LATER + processes.SEND)
        self.assertEqual(dict(self.inbox.received), self.addresses)

    def test_two_workers(self):
        self._run_twice_at_once(RUN)
        self.assertEqual(self._count_reminders(), PEOPLE)
        self._run(processes.SEND)
        self.assertEqual(dict(self.inbox.received), self.addresses)

    def test_second_claim_waits_and_is_refused(self):
        rows = [(user_id, "res.users", user_id, date(2020, 1, 1)) for user_id in self.users]
        results, begun = [], threading.Event()

        def second():
            with self.registry.cursor() as cr:
                cr.execute("SELECT 1")
                begun.set()
                try:
                    with mute_logger("odoo.sql_db"):
                        results.append(self._env(cr)["partner.reminder"]._claim("morning", rows))
                except SerializationFailure as error:
                    cr.rollback()
                    results.append(type(error))
                    results.append(self._env(cr)["partner.reminder"]._claim("morning", rows))

        with self.registry.cursor() as cr:
            first = self._env(cr)["partner.reminder"]._claim("morning", rows)
            thread = threading.Thread(target=second)
            thread.start()
            begun.wait(10)
            thread.join(0.5)
            self.assertTrue(thread.is_alive(), "it waits for the first one")
        thread.join(30)
        self.assertEqual((len(first), results), (PEOPLE, [SerializationFailure, []]))
