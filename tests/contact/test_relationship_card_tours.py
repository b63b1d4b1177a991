from odoo import Command
from odoo.tests import HttpCase, tagged

from .carding import CardCommon


@tagged("post_install", "-at_install")
class TestRelationshipCardTours(CardCommon, HttpCase):
    """The card in the browser, each time as the least privileged user."""

    browser_size = "1366x768"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # who sells has Odoo's own group of salespeople
        seller = cls.env.ref("sales_team.group_sale_salesman")
        (cls.user_sales | cls.user_sales2).group_ids = [Command.link(seller.id)]

    def test_salesperson(self):
        self.start_tour(
            f"/odoo/contacts/{self.big.id}", "partner_relations_card_salesperson", login=self.user_sales.login
        )
        self.env.invalidate_all()
        need = self.env["partner.requirement"].search([("name", "=", "Oak only")])
        self.assertRecordValues(need, [{"partner_id": self.big.id, "user_id": self.user_sales.id}])
        self.assertEqual(self.logs[3].state, "done")

    def test_lost_connection(self):
        self.start_tour(
            f"/odoo/contacts/{self.big.id}",
            "partner_relations_card_again",
            login=self.user_sales.login,
        )

    def test_other_salesperson(self):
        self.start_tour(
            f"/odoo/relationship/{self.big.id}", "partner_relations_card_other", login=self.user_sales2.login
        )


@tagged("post_install", "-at_install")
class TestRelationshipCardPhone(CardCommon, HttpCase):
    browser_size = "375x667"
    touch_enabled = True

    def test_salesperson(self):
        self.start_tour(
            f"/odoo/contacts/{self.big.id}/relationship",
            "partner_relations_card_phone",
            login=self.user_sales.login,
        )
        self.env.invalidate_all()
        self.assertEqual(self.logs[3].state, "done")
