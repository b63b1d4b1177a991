from odoo.tests import tagged

from ..common import RelationsCommon


@tagged("post_install", "-at_install")
class TestLetterDocuments(RelationsCommon):
    """The letters of a document, where there is no mailbox yet."""

    def test_first_mailbox(self):
        mailboxes = self.env["partner.mailbox"].with_context(active_test=False)
        self.assertFalse(mailboxes.search_count([]), "the test begins without a mailbox")
        leads = self.env["crm.lead"].create([{"name": f"Deal {number}"} for number in range(20)])
        self.env.flush_all()
        for some in (leads[:1], leads):
            some.mapped("letter_count")  # what the server keeps from then on
            self.env.invalidate_all()
            with self.assertQueryCount(0):
                self.assertEqual(some.mapped("letter_count"), [0] * len(some))

        mailbox = mailboxes.create({"name": "Service", "email": "service@our.example.com"})
        self.env["partner.letter"].create(
            {
                "mailbox_id": mailbox.id,
                "name": "Chairs",
                "message_id": "<1@example.com>",
                "lead_id": leads[0].id,
            }
        )
        for archived in (False, True):
            mailbox.active = not archived
            self.env.invalidate_all()
            with self.subTest(archived=archived):
                self.assertEqual(leads[:2].mapped("letter_count"), [1, 0])
