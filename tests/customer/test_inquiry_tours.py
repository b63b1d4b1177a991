from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from .invoicing import InvoicingCommon


@tagged("post_install", "-at_install")
class TestInquiryTours(InvoicingCommon, HttpCase):
    """Inquiries in the browser, as a salesperson and as a director who may not open leads."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_sales.group_ids += cls.env.ref("sales_team.group_sale_salesman")
        cls.env["crm.lead"].search([]).unlink()
        cls.today = fields.Date.today()
        cls.company_eur.country_id = cls.env.ref("base.vn")

    def _inquire(self, name, age, **values):
        partner = self._create_company_partner(name)
        return self.env["crm.lead"].create(
            {
                "name": f"Inquiry of {name}",
                "type": "lead",
                "partner_id": partner.id,
                "inquiry_date": self.today - timedelta(days=age),
                "company_id": self.company_eur.id,
                "user_id": self.user_sales2.id,
                "team_id": False,
                **values,
            }
        )

    def test_salesperson(self):
        self._create_company_partner("Tour Known", email="known@tour.example.com")
        self.env["crm.lead"].create(
            {
                "name": "Secret",
                "phone": "+84 901 234 567",
                "company_id": self.company_eur.id,
                "user_id": self.user_sales2.id,
                "team_id": False,
            }
        )
        self.start_tour("/odoo", "partner_relations_inquiry_salesperson", login=self.user_sales.login)
        self.env.invalidate_all()
        stranger, known = self.env["crm.lead"].search([("user_id", "=", self.user_sales.id)], order="id")
        self.assertRecordValues(
            stranger + known,
            [
                {"is_inquiry": True, "inquiry_by_hand": False, "inquiry_channel": "phone"},
                {"is_inquiry": False, "inquiry_by_hand": True, "inquiry_channel": "phone"},
            ],
        )
        self.assertRecordValues(
            known,
            [
                {
                    "partner_name": "Tour Known",
                    "contact_name": "Anh Ba",
                    "phone": "0908 765 432",
                    "email_from": "known@tour.example.com",
                }
            ],
        )
        logs = self.env["partner.contact.log"].search([("res_model", "=", "crm.lead")], order="id")
        self.assertEqual(logs.mapped("commercial_partner_id.name"), ["Tour Stranger", "Tour Known"])
        self.assertEqual(logs, (stranger + known).inquiry_log_id)

    def test_director(self):
        bought = self._inquire("Buyer", 120)
        self._inquire("Silent", 120)
        self._inquire("Young", 10)
        order = self._create_order(
            [{"product_id": self.chair.id, "product_uom_qty": 1, "price_unit": 10}], partner=bought.partner_id
        )
        order.date_order = fields.Datetime.now() - timedelta(days=110)
        self.start_tour("/odoo", "partner_relations_inquiry_director", login=self.user_director.login)
