"""Mail that goes by itself, and a mail server that cannot be reached."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields, modules
from odoo.addons.mail.models.mail_mail import MailMail as CoreMail
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from ...tools.internal import INTERNAL
from ..jobs import held_elsewhere


@tagged("post_install", "-at_install")
class TestMailUnreached(TransactionCase):
    def _send(self, **values):
        mail = self.env["mail.mail"].create(
            {"email_to": "to@unreached.example", "email_from": "us@unreached.example", **values}
        )
        self._try(mail)
        return mail

    def _try(self, mail):
        servers = type(self.env["ir.mail_server"])
        with (
            patch.object(servers, "_connect__", side_effect=ConnectionRefusedError("away")),
            mute_logger("odoo.addons.mail.models.mail_mail"),
        ):
            mail.send()

    def test_tried_again_for_a_day(self):
        mail = self._send(is_sent_once=True)
        self.assertEqual(mail.state, "outgoing")
        self.assertIn("away", mail.failure_reason)
        self.assertGreater(mail.scheduled_date, fields.Datetime.now() + timedelta(minutes=14))
        trigger = self.env["ir.cron.trigger"].search(
            [("cron_id", "=", self.env.ref("mail.ir_cron_mail_scheduler_action").id)],
            order="call_at desc",
            limit=1,
        )
        self.assertEqual(trigger.call_at, mail.scheduled_date)
        # SQL: the moment of writing is not written by the ORM
        self.env.cr.execute(
            "UPDATE mail_mail SET create_date = create_date - interval '25 hours' WHERE id = %s", mail.ids
        )
        mail.invalidate_recordset(["create_date"])
        self._try(mail)
        self.assertEqual(mail.state, "exception")

    def test_other_mail_is_as_in_core(self):
        self.assertEqual(self._send().state, "exception")

    def test_what_was_handed_over_is_not_tried_again(self):
        mail = self._send(is_sent_once=True, date_handed_over=fields.Datetime.now())
        self.assertEqual(mail.state, "exception")

    def test_broken_off_is_told_by_one_worker(self):
        mails = self.env["mail.mail"].create(
            [
                {
                    "email_to": "to@unreached.example",
                    "is_sent_once": True,
                    "state": "exception",
                    "date_handed_over": fields.Datetime.now() - timedelta(hours=1),
                }
            ]
            * 2
        )
        with held_elsewhere(mails[0]):
            mails._settle_broken_off()
        self.assertEqual([bool(mail.date_handed_over) for mail in mails], [True, False])
        mails._settle_broken_off()
        self.assertEqual([bool(mail.date_handed_over) for mail in mails], [False, False])

    def test_what_is_not_settled_yet(self):
        """A mail server may think about a letter; and what somebody has sent again since is in the queue."""
        ago = fields.Datetime.now() - timedelta(hours=1)
        values = {"email_to": "to@unreached.example", "is_sent_once": True}
        thinking, again, broken = self.env["mail.mail"].create(
            [
                {
                    **values,
                    "state": "exception",
                    "date_handed_over": fields.Datetime.now() - timedelta(minutes=5),
                },
                {**values, "state": "outgoing", "date_handed_over": ago},
                {**values, "state": "exception", "date_handed_over": ago},
            ]
        )
        broken._settle_broken_off()
        self.assertTrue(thinking.date_handed_over and again.date_handed_over)
        self.assertFalse(broken.date_handed_over)

    def test_only_what_no_server_was_asked_for_is_tried_again(self):
        """Not what a mail server, or Odoo, refuses; nor what a part of the receivers got."""
        values = {"email_to": "to@unreached.example", "is_sent_once": True}
        refused, sent, away = self.env["mail.mail"].create(
            [{**values, "state": state} for state in ("exception", "sent", "exception")]
        )
        refused._postprocess_sent_message([], [], failure_reason="bad", failure_type="mail_email_invalid")
        (sent + away)._postprocess_sent_message([], [], failure_reason="away", failure_type="mail_smtp")
        self.assertEqual([mail.state for mail in (refused, sent, away)], ["exception", "sent", "outgoing"])

    def _get_commits(self, mails, **context):
        """``[(mails, whether core commits after each)]`` of one sending."""
        sent = []

        def send(these, auto_commit=False, **_options):
            sent.append((these, auto_commit))

        with patch.object(CoreMail, "_send", send):
            mails.with_context(**context)._send()
        return sent

    def test_no_call_commits(self):
        """That it is sent by a cursor of its own is said by the server alone."""
        mails = self.env["mail.mail"].create(
            [{"email_to": "to@unreached.example", "is_sent_once": once} for once in (True, True, False)]
        )
        for value in (True, 1, "INTERNAL", {"a": 1}):
            with self.subTest(value=value):
                self.assertEqual(self._get_commits(mails, relations_own_cursor=value), [(mails, False)])
        self.assertEqual(
            self._get_commits(mails, relations_own_cursor=INTERNAL),
            [(mails[2], True), (mails[0], True), (mails[1], True)],
        )

    def test_each_mail_is_sent_after_the_commit(self):
        """What is sent once by a cursor in which it may commit, the others as Odoo does."""
        mails = self.env["mail.mail"].create(
            [{"email_to": "to@unreached.example", "is_sent_once": once} for once in (True, False)]
        )
        sent = set()

        def send(these):
            sent.add((these, these.env.context.get("relations_own_cursor") is INTERNAL))

        for asked, expected in (
            (mails, {(mails[0], True), (mails[1], False)}),
            (mails[0], {(mails[0], True)}),
            (mails[1], {(mails[1], False)}),
        ):
            sent.clear()
            with (
                self.subTest(mails=asked),
                patch.object(CoreMail, "send_after_commit", send),
                patch.object(modules.module, "current_test", False),
            ):
                asked.send_after_commit()
            self.assertEqual(sent, expected)
