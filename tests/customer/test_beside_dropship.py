"""Goods that the supplier ships to the customer, where Odoo's dropshipping is installed."""

from odoo import Command
from odoo.tests import tagged

from .failing import FailingCommon


@tagged("post_install", "-at_install", "-standard", "beside")
class TestBesideDropship(FailingCommon):
    """A dropshipped order fails and closes like any other; what the supplier still ships is for somebody to decide."""

    beside = "stock_dropshipping"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.supplier = cls.env["res.partner"].create({"name": "Shipping Supplier", "is_company": True})
        route = cls.env.ref("stock_dropshipping.route_drop_shipping")
        cls.shipped = cls._create_product(
            "Shipped by the Supplier",
            cls.category,
            10,
            10,
            is_storable=True,
            route_ids=[Command.set(route.ids)],
            seller_ids=[Command.create({"partner_id": cls.supplier.id, "price": 60})],
        )

    def _dropship(self, quantity, shipped):
        """An order of which the supplier shipped a part; returns it with the purchase order."""
        order = self._order([(self.shipped, quantity, 100)])
        purchase = order._get_purchase_orders()
        purchase.button_confirm()
        self._deliver(purchase, shipped)
        return order, purchase

    def test_rest(self):
        """10 at 100, 7 shipped, closed: 300; the purchase still has three to come, which the note says."""
        order, purchase = self._dropship(10, 7)
        self.assertEqual(order.order_line.qty_delivered, 7)
        self._dialog(order, self.supplier_late, is_short=True)
        failure = self._failure(order)
        self.assertEqual((failure.value_failed, failure.fault), (300, "supplier"))
        self.assertEqual(order.order_line.product_uom_qty, 7)
        self.assertEqual(purchase.order_line.product_qty, 10)
        open_moves = purchase.picking_ids.move_ids.filtered(lambda move: move.state not in ("done", "cancel"))
        self.assertEqual(sum(open_moves.mapped("product_uom_qty")), 3)
        self.assertIn(purchase.name, " ".join(order.message_ids.mapped("body")))
        [row] = self._rows([("res_model", "=", "sale.order"), ("res_id", "=", order.id)], self.closed_report)
        self.assertEqual((row.value, row.is_complete), (700, False))
        self.assertFalse(self._rows([("res_model", "=", "purchase.order")], self.closed_report))

    def test_closed_orders(self):
        """All shipped: one closed order of the customer, one of the supplier, none between own warehouses."""
        order, purchase = self._dropship(10, 10)
        rows = self._rows([("product_id", "=", self.shipped.id)], self.closed_report)
        self.assertEqual(
            sorted((row.kind, row.res_id, row.quantity, row.value) for row in rows),
            [("customer", order.id, 10, 1000), ("supplier", purchase.id, 10, 600)],
        )

    def test_cancelled(self):
        """Cancelled before anything was shipped: the whole value fails."""
        order = self._order([(self.shipped, 10, 100)])
        self._dialog(order, self.supplier_late)
        failure = self._failure(order)
        self.assertEqual((failure.kind, failure.value_failed), ("cancelled", 1000))
