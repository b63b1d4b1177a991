from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from .dealing import DealingCommon


@tagged("post_install", "-at_install")
class TestDealTours(DealingCommon, HttpCase):
    """Deals and plans in the browser, as salesperson and as director."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_sales.group_ids += cls.env.ref("sales_team.group_sale_salesman")
        cls.today = fields.Date.today()
        customer = cls._create_company_partner("Tour Deal", user_id=cls.user_sales.id)
        hidden = cls._create_company_partner("Hidden Deal")
        cls.order = cls._order(
            partner_id=customer.id, commitment_date=fields.Datetime.now() - timedelta(days=4, hours=1)
        )
        cls._create_lead("Hidden opportunity", partner_id=hidden.id, user_id=cls.user_sales2.id)

    def setUp(self):
        super().setUp()
        self._deliver(self.order, 3)

    def test_salesperson(self):
        self.start_tour("/odoo", "partner_relations_deals_salesperson", login=self.user_sales.login)

    def test_director(self):
        self.env["partner.sales.plan"].create(
            {
                "user_id": self.user_sales.id,
                "amount": 2000,
                "company_id": self.company_eur.id,
                "date": self.today,
            }
        )
        line = {"product_id": self.chair.id, "quantity": 1, "price_unit": 1000}
        self._create_invoice([line], date=self.today, invoice_user_id=self.user_sales.id)
        self.start_tour("/odoo", "partner_relations_deals_director", login=self.user_director.login)
