from datetime import timedelta

from odoo import fields
from odoo.addons.mail.tests.common import MailCase
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from .mailing_in import LetterCommon

SUBJECT = "Chairs for the lobby"


@tagged("post_install", "-at_install")
class TestLetterTours(LetterCommon, HttpCase, MailCase):
    """Letters in the browser, each time as the least privileged user."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mailbox.signature = "<p>Your service team</p>"
        cls.letter = cls._receive(message=cls._make(subject=SUBJECT, body="Twelve of them, please."))

    def test_clerk(self):
        clerk = self._create_user("relations_letter_clerk", "partner_relations.group_user")
        self.mailbox.access_ids = [Command.create({"user_id": clerk.id, "level": "reply"})]
        with self.mock_mail_gateway():
            self.start_tour("/odoo/letters-to-assign", "partner_relations_letter_clerk", login=clerk.login)
        self.env.invalidate_all()
        self.assertRecordValues(
            self.letter,
            [
                {
                    "state": "done",
                    "user_id": clerk.id,
                    "note": "Oak only",
                    "is_answered": True,
                    "done_by_id": clerk.id,
                }
            ],
        )
        sent = self.letter.answer_ids
        self.assertRecordValues(
            sent, [{"direction": "out", "user_id": clerk.id, "partner_id": self.person.id}]
        )
        self.assertEqual(
            [mail["email_to"] for mail in self._mails], [['"Mai Tran" <mai@bamboo.example.com>']]
        )

    def test_supervisor(self):
        self.letter.write(
            {"user_id": self.user_sub.id, "date_deadline": fields.Datetime.now() - timedelta(hours=2)}
        )
        self._receive(message=self._make(subject="Of nobody in the team"))
        self.start_tour(
            "/odoo/overdue-letters", "partner_relations_letter_supervisor", login=self.user_supervisor.login
        )
        self.env.invalidate_all()
        self.assertEqual(self.letter.user_id, self.user_sales)
