from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from .rated import RatedCommon


class SupplierToursCase(RatedCommon, HttpCase):
    """A supplier that is rated."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.supplier = cls._create_supplier("Bamboo Works Rating")
        today = fields.Date.today()
        # a third of the value in time, nothing sent back: (33.3 × 40 + 100 × 25) ÷ 65 = 59, medium; with a weight of
        # 90 for delivery 47.8, low
        for number, delay in enumerate((0, 0, 5, 5, 0), 20):
            promised = today - timedelta(days=number)
            price = 300 if delay else 100
            cls._buy(
                cls.supplier, promised, price=price, received=10, received_on=promised + timedelta(days=delay)
            )
        cls.cards.with_company(cls.company).action_compute_now()
        cls.card = cls.cards.search([("partner_id", "=", cls.supplier.id)])


@tagged("post_install", "-at_install")
class TestSupplierTours(SupplierToursCase):
    """The rating of suppliers in the browser, each time as the least privileged user."""

    def test_buyer(self):
        self.assertEqual(self.card.grade, "medium")
        self.start_tour("/odoo", "partner_relations_supplier_buyer", login=self.user_buyer.login)

    def test_manager(self):
        self.start_tour("/odoo", "partner_relations_supplier_manager", login=self.user_manager.login)
        self.env.invalidate_all()
        override = self.env["supplier.grade.override"].search([("partner_id", "=", self.supplier.id)])
        self.assertRecordValues(
            override,
            [{"grade": "low", "reason": "Strike at the plant", "user_id": self.user_manager.id}],
        )
        self.assertEqual(self.policy.criterion_ids[0].weight, 90)
        self.assertEqual(self.card.grade, "low")


@tagged("post_install", "-at_install")
class TestSupplierToursWide(SupplierToursCase):
    """On a screen that has room for all buttons of a contact: else they are asked for as *More* is opened."""

    browser_size = "1920x1080"

    def test_lost_connection(self):
        # whose form of a contact has both
        user = self._create_user(
            "relations_again", "purchase.group_purchase_user,partner_relations.group_user"
        )
        self.start_tour("/odoo", "partner_relations_supplier_again", login=user.login)
