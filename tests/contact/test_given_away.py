"""Who sees own documents only gives one away: it is done as a whole, or refused with what to do instead."""

import re

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..common import RelationsCommon


@tagged("post_install", "-at_install")
class TestGivenAway(RelationsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.ref("sales_team.group_sale_salesman").user_ids = [
            Command.link(user.id) for user in (cls.user_sales, cls.user_sales2)
        ]
        cls.customer, cls.other = (
            cls._create_company_partner(name, user_id=cls.user_sales.id) for name in ("Customer", "Other")
        )
        values = {"partner_id": cls.customer.id, "user_id": cls.user_sales.id}
        cls.order = cls.env["sale.order"].create(values)
        cls.lead = cls.env["crm.lead"].create({"name": "Chairs", "type": "opportunity", **values})

    def _refused(self, document):
        person = re.escape(self.user_sales2.name)
        words = f"“{document.display_name}” cannot be given to {person}.*“Salesperson”.*Ask a sales"
        return self.assertRaisesRegex(AccessError, words)

    def test_refused_by_the_form(self):
        """Odoo reads what it has saved, which is another's by then: the error says so, and nothing is changed."""
        for document in (self.order, self.lead):
            self.env.flush_all()
            self.env.invalidate_all()
            with self._refused(document), self.env.cr.savepoint():
                document.with_user(self.user_sales).web_save(
                    {"user_id": self.user_sales2.id, "partner_id": self.other.id}, {"display_name": {}}
                )
            self.env.invalidate_all()
            self.assertRecordValues(
                document, [{"user_id": self.user_sales.id, "partner_id": self.customer.id}]
            )

    def test_quotation_by_a_call(self):
        """Odoo tells the new salesperson, in the name of who gave it away."""
        self.env.flush_all()
        self.env.invalidate_all()
        with self._refused(self.order):
            self.order.with_user(self.user_sales).write({"user_id": self.user_sales2.id})

    def test_lead_by_a_call(self):
        """With another customer, so that the addon decides again whether it is an inquiry."""
        categ = self.env["product.category"].create({"name": "Chairs"})
        product = self.env["product.product"].create({"name": "Chair", "categ_id": categ.id})
        self.env.flush_all()
        self.env.invalidate_all()
        self.lead.with_user(self.user_sales).write(
            {
                "user_id": self.user_sales2.id,
                "partner_id": self.other.id,
                "interest_product_ids": [Command.link(product.product_tmpl_id.id)],
            }
        )
        self.env.invalidate_all()
        self.assertRecordValues(
            self.lead,
            [{"user_id": self.user_sales2.id, "partner_id": self.other.id, "interest_categ_ids": categ.ids}],
        )
        self.assertTrue(self.lead.inquiry_stage)

    def test_who_may_give_it_away(self):
        """Who sees all documents; others get Odoo's own words for what was never theirs."""
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertRaises(AccessError) as caught:
            self.order.with_user(self.user_sales2).web_save({"user_id": self.user_sales2.id}, {})
        self.assertNotIn("cannot be given", str(caught.exception))
        self.env.ref("sales_team.group_sale_salesman_all_leads").user_ids = [Command.link(self.user_sales.id)]
        for document in (self.order, self.lead):
            document.with_user(self.user_sales).web_save(
                {"user_id": self.user_sales2.id}, {"display_name": {}}
            )
            self.assertEqual(document.user_id, self.user_sales2)
