from odoo.tests import HttpCase, tagged

from .choosing import ChoosingCommon


@tagged("post_install", "-at_install")
class TestPurchaseTours(ChoosingCommon, HttpCase):
    """Checks on orders and the choice of a supplier in the browser, each as the least privileged user."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy.write({"use_block": True})
        cls.dear = cls._create_company_partner("Dear Mill Tour")
        cls.better = cls._create_company_partner("Good Mill Tour")
        cls._price(cls.dear, 100)
        cls._price(cls.better, 80)
        cls._rate(cls.dear, 24, lead_days_median=4, received_line_count=6)
        cls._rate(cls.better, 90, lead_days_median=8, received_line_count=3)
        cls.order = cls._order(cls.dear, (cls.oak, 10, 120), user_id=cls.buyer.id)

    def _tour(self, name, user, path=None):
        path = path or f"/odoo/purchase.order/{self.order.id}"
        self.start_tour(path, f"partner_relations_{name}", login=user.login)
        self.env.invalidate_all()

    def test_buyer_chooses(self):
        self._tour("choose_supplier", self.buyer)
        self.assertEqual(self.order.partner_id, self.better)
        self.assertEqual(self.order.order_line.price_unit, 80)

    def test_manager_overrides(self):
        self._tour("override_block", self.manager)
        self.assertEqual(self.order.state, "purchase")
        self.assertEqual(self.order.supplier_block_override_user_id, self.manager)

    def test_manager_overrides_the_next_one(self):
        orders = self.order | self._order(self.dear, (self.oak, 5, 120), user_id=self.buyer.id)
        self._tour("override_next", self.manager, "/odoo/purchase")
        self.assertEqual(len(orders.filtered("supplier_block_override_user_id")), 1)

    def test_product(self):
        self._tour("product_suppliers", self.buyer, f"/odoo/product.template/{self.oak.product_tmpl_id.id}")
        order = self.env["purchase.order"].search([("partner_id", "=", self.better.id)])
        self.assertRecordValues(order.order_line, [{"product_qty": 7, "price_unit": 80}])

    def test_accountant(self):
        self._tour("order_without_hints", self.clerk)
