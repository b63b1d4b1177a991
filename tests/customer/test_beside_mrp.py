"""Kits and productions, where Odoo's manufacturing is installed; see ``BESIDE`` in dev/house/testing.py."""

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .failing import FailingCommon


@tagged("post_install", "-at_install", "-standard", "beside")
class TestBesideMrp(FailingCommon):
    """The addon knows the orders of manufacturing."""

    beside = "mrp"

    def _create_bom(self, product, kind, *components):
        return self.env["mrp.bom"].create(
            {
                "product_tmpl_id": product.product_tmpl_id.id,
                "product_qty": 1,
                "type": kind,
                "company_id": self.company_eur.id,
                "bom_line_ids": [
                    Command.create({"product_id": component.id, "product_qty": quantity})
                    for component, quantity in components
                ],
            }
        )

    def test_production_is_a_closed_order(self):
        self._create_bom(self.chair, "normal", (self.lamp, 2))
        self._stock(self.lamp, 20)
        production = (
            self.env["mrp.production"]
            .with_company(self.company_eur)
            .create({"product_id": self.chair.id, "product_qty": 5, "user_id": self.user_sales.id})
        )
        production.action_confirm()
        production.qty_producing = 5
        production.move_raw_ids.picked = True
        production.button_mark_done()
        self.assertEqual(production.state, "done")
        [row] = self._rows(
            [("res_model", "=", "mrp.production"), ("res_id", "=", production.id)], self.closed_report
        )
        self.assertEqual((row.kind, row.quantity, row.user_id), ("production", 5, self.user_sales))

    def test_rest_of_a_kit(self):
        """10 kits of two lamps at 100, of which 7 were delivered: three kits fail, and no lamp stays reserved."""
        kit = self._create_product("Kit of Lamps", self.category, 10, 10)
        self._create_bom(kit, "phantom", (self.lamp, 2))
        self._stock(self.lamp, 20)
        order = self._order([(kit, 10, 100)])
        self._deliver(order, 14)
        self.assertEqual(order.order_line.qty_delivered, 7)
        self._dialog(order, self.out_of_stock, is_short=True)
        failure = self._failure(order)
        self.assertRecordValues(
            failure.line_ids,
            [{"quantity_ordered": 10, "quantity_delivered": 7, "quantity_failed": 3, "price_net": 100}],
        )
        self.assertEqual((failure.value_failed, order.order_line.product_uom_qty), (300, 7))
        self.assertFalse(order.picking_ids.filtered(lambda picking: picking.state not in ("done", "cancel")))
        location = self.warehouse.lot_stock_id
        self.assertEqual(self.env["stock.quant"]._get_available_quantity(self.lamp, location), 6)

    def test_made_for_the_order(self):
        """A production for the rest goes on; the note on the order says so."""
        routes = self.env.ref("stock.route_warehouse0_mto") + self.env.ref("mrp.route_warehouse0_manufacture")
        routes.active = True
        product = self._create_product(
            "Made to Order", self.category, 10, 10, is_storable=True, route_ids=[Command.set(routes.ids)]
        )
        self._create_bom(product, "normal", (self.lamp, 1))
        order = self._order([(self.chair, 1, 50), (product, 10, 100)])
        [production] = order.mrp_production_ids
        [delivered] = order.order_line[0].move_ids
        delivered.write({"quantity": 1, "picked": True})
        delivered.picking_id._action_done()
        self._dialog(order, self.out_of_stock, is_short=True)
        self.assertNotEqual(production.state, "cancel")
        self.assertEqual(self._failure(order).value_failed, 1000)
        self.assertIn(production.name, " ".join(order.message_ids.mapped("body")))

    def test_returned_kit_is_not_owed(self):
        """Six of ten kits came, two of them went back with a refund: four are open, and none if all came."""
        kit = self._create_product("Kit of Lamps", self.category, 10, 10)
        self._create_bom(kit, "phantom", (self.lamp, 2))
        for came, went, opened in ((6, 2, 4), (10, 2, 0), (10, 10, 0)):
            with self.subTest(came=came, went=went):
                order = (
                    self.env["purchase.order"]
                    .with_company(self.company_eur)
                    .create(
                        {
                            "partner_id": self._create_company_partner("Vendor", email="v@example.com").id,
                            "company_id": self.company_eur.id,
                            "order_line": [
                                Command.create({"product_id": kit.id, "product_qty": 10, "price_unit": 10})
                            ],
                        }
                    )
                )
                order.button_confirm()
                receipt = order.picking_ids
                receipt.move_ids.quantity = 2 * came
                receipt.move_ids.picked = True
                receipt._action_done()
                wizard = (
                    self.env["stock.return.picking"]
                    .with_context(active_model="stock.picking", active_id=receipt.id, active_ids=receipt.ids)
                    .create({"picking_id": receipt.id})
                )
                wizard.product_return_moves.write({"quantity": 2 * went, "to_refund": True})
                back = self.env["stock.picking"].browse(wizard.action_create_returns()["res_id"])
                back.move_ids.quantity = 2 * went
                back.move_ids.picked = True
                back._action_done()
                line = order.order_line
                self.assertEqual(line.qty_received, came - went)
                self.env.flush_all()
                own = {"allowed_company_ids": self.company_eur.ids}
                report = self.env["supplier.delivery.report"].with_context(**own)
                row = report.search([("order_line_id", "=", line.id)])
                self.assertEqual(
                    (row.quantity_received, row.quantity_returned, row.quantity_open), (came, went, opened)
                )
                self.assertAlmostEqual(row.quality_rate, 1 - went / came)
                # all rows are read together
                rows = report._read_group(
                    [("company_id", "=", self.company_eur.id)], ["order_line_id"], ["quantity_open:sum"]
                )
                self.assertEqual(dict(rows)[line], opened)
                chases = self.env["supplier.chase"].with_context(**own)
                if opened:
                    chase = chases.browse(chases._open(line)["res_id"])
                    self.assertEqual(chase.mail_ids.line_ids.quantity_open, opened)
                else:
                    with self.assertRaisesRegex(UserError, "Nothing is open"):
                        chases._open(line)
