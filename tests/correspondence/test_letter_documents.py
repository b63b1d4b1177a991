from odoo import Command
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

    def _link(self, name, document):
        """A letter of a new mailbox that belongs to the document."""
        mailbox = self.env["partner.mailbox"].create({"name": name, "email": f"{name}@our.example.com"})
        return self.env["partner.letter"].create(
            {
                "mailbox_id": mailbox.id,
                "name": "Chairs",
                "message_id": f"<{name}@example.com>",
                document._letter_field: document.id,
            }
        )

    def test_who_asks_first(self):
        """Who sees no mailbox, or works in another company, hides the letters from nobody."""
        mailboxes = self.env["partner.mailbox"]
        abroad = self._create_user(
            "relations_abroad",
            "partner_relations.group_director",
            company_id=self.company2.id,
            company_ids=[Command.set(self.company2.ids)],
        )
        lead = self.env["crm.lead"].create({"name": "Deal"})
        letter = self._link("service", lead)
        for user in self.user_sales2, abroad:
            with self.subTest(user=user.login):
                self.env.registry.clear_cache()
                self.assertFalse(mailboxes.with_user(user).search_count([]))
                self.assertTrue(mailboxes.with_user(user)._has_some())
                self.env.invalidate_all()
                self.assertEqual(lead.letter_count, 1)
        mailbox = letter.mailbox_id
        letter.unlink()
        mailbox.unlink()
        self.assertFalse(mailboxes._has_some())

    def test_who_may_read_the_document_alone(self):
        """It opens without a number: of who may read no letters, or not what links them with the document."""
        lead = self.env["crm.lead"].create({"name": "Deal"})
        move = self.env["account.move"].create(
            {"move_type": "out_invoice", "partner_id": self.user_sub.partner_id.id}
        )
        letters = self._link("service", lead) + self._link("billing", move)
        self.assertEqual((lead.letter_count, move.letter_count), (1, 1))
        rights = "sales_team.group_sale_salesman_all_leads"
        seller = self._create_user("relations_seller", rights)
        user = self._create_user("relations_seller2", f"{rights},partner_relations.group_user")
        self.assertFalse(letters.with_user(seller).has_access("read"))
        self.assertTrue(letters.browse().with_user(user).has_access("read"))
        self.env.invalidate_all()
        self.assertEqual(lead.with_user(seller).letter_count, 0)
        self.assertEqual(move.with_user(user).letter_count, 0)
