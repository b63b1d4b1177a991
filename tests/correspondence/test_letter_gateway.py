from odoo.tests import tagged

from .mailing_in import LetterCommon


@tagged("post_install", "-at_install")
class TestLetterGateway(LetterCommon):
    """What becomes of incoming mail."""

    def test_registered_once(self):
        message = self._make(files=[("order.pdf", b"%PDF")])
        letter = self._receive(message=message)
        self.assertRecordValues(
            letter,
            [
                {
                    "name": "Delivery",
                    "state": "new",
                    "kind": "letter",
                    "partner_id": self.person.id,
                    "commercial_partner_id": self.customer.id,
                    "direction": "in",
                    "email": "mai@bamboo.example.com",
                    "message_id": message["Message-ID"],
                }
            ],
        )
        self.assertIn("When?", letter.body)
        self.assertEqual(letter.attachment_ids.mapped("name"), ["order.pdf"])
        self.assertTrue(letter.date_deadline)
        self.assertFalse(self._receive(message=message))
        self.assertEqual(self.env["partner.letter"].search_count([("mailbox_id", "=", self.mailbox.id)]), 1)

    def test_two_mailboxes(self):
        other = self._create_mailbox("Sales", email="sales@our.example.com")
        message = self._make(to="service@our.example.com, sales@our.example.com")
        first, second = self._receive(message=message), self._receive(other, message=message)
        self.assertEqual(first.mailbox_id | second.mailbox_id, self.mailbox | other)
        self.assertEqual(first.message_id, second.message_id)
        logs = self.env["partner.contact.log"].search([("commercial_partner_id", "=", self.customer.id)])
        self.assertEqual(len(logs), 1)
