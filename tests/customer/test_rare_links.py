from odoo.tests import tagged

from .inquiring import InquiringCommon

NAMES = ("interest_product_ids", "interest_categ_ids")


@tagged("post_install", "-at_install")
class TestRareLinks(InquiringCommon):
    """Links that few leads have are asked about together, and read as core reads them where there are some."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leads = cls.env["crm.lead"].create([{"name": f"Lead {number}"} for number in range(20)])
        cls.categories = cls.env["product.category"].create([{"name": "Wood"}, {"name": "Stone"}])
        cls.products = cls.env["product.template"].create(
            [
                {"name": "Oak", "categ_id": cls.categories[0].id},
                {"name": "Slate", "categ_id": cls.categories[1].id},
            ]
        )

    def _read(self, leads):
        self.env.flush_all()
        self.env.invalidate_all()
        leads.fetch(["name"])
        return leads

    def test_none(self):
        """One question, for one lead and for twenty."""
        for leads in (self.leads[:1], self.leads):
            self._read(leads)
            with self.assertQueryCount(1):
                leads.fetch(NAMES)
            with self.assertQueryCount(0):
                self.assertFalse(leads.interest_product_ids + leads[-1].interest_product_ids)
                self.assertFalse(leads.interest_categ_ids)

    def test_some(self):
        first, second, *_others = self.leads
        first.interest_product_ids = self.products
        second.interest_categ_ids = self.categories[1]
        for leads in (self.leads, self.leads[::-1]):
            self._read(leads).fetch(NAMES)
            self.assertEqual(first.interest_product_ids, self.products)
            self.assertEqual(first.interest_categ_ids, self.categories)
            self.assertFalse(second.interest_product_ids)
            self.assertEqual(second.interest_categ_ids, self.categories[1])

    def test_one_kind(self):
        """What is there is read, where the other field has nothing."""
        self.leads[0].interest_categ_ids = self.categories[0]
        self._read(self.leads)
        with self.assertQueryCount(2):
            self.assertFalse(self.leads[0].interest_product_ids)
            self.assertEqual(self.leads[0].interest_categ_ids, self.categories[0])

    def test_written_but_not_read(self):
        """What was given to a lead that is being made, or to one of several, stays."""
        lead = self.env["crm.lead"].create({"name": "New", "interest_categ_ids": self.categories.ids})
        self.assertEqual(lead.interest_categ_ids, self.categories)
        self._read(self.leads)
        self.leads[1].interest_categ_ids = self.categories[0]
        self.assertEqual(self.leads.mapped("interest_categ_ids"), self.categories[0])
        self.leads[1].interest_categ_ids = False
        self.assertFalse(self._read(self.leads).interest_categ_ids)

    def test_hidden_product(self):
        """A product of another company stays hidden, as core hides it."""
        self.products[0].company_id = self.company_usd
        self.leads[0].interest_product_ids = self.products
        self.user_director.group_ids += self.env.ref("sales_team.group_sale_manager")
        lead = (
            self.leads[0].with_user(self.user_director).with_context(allowed_company_ids=self.company_eur.ids)
        )
        self._read(lead)
        self.assertEqual(lead.interest_product_ids, self.products[1])
