from ast import literal_eval

from lxml import etree

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, tagged
from odoo.tools import safe_eval

from .failing import FailingCommon


@tagged("post_install", "-at_install")
class TestOrderRest(FailingCommon):
    """Closing the rest of an order: what becomes of its deliveries, its invoices and its lines."""

    def _open_moves(self, order):
        return order.order_line.move_ids.filtered(lambda move: move.state not in ("done", "cancel"))

    def _partly(self, product=None, delivered=7, **values):
        """An order of 10 at 100 of which 7 are delivered and a backorder has the rest, reserved."""
        product = product or self.chair
        if product.is_storable:
            self._stock(product, 10)
        order = self._order([(product, 10, 100)], **values)
        self._deliver(order, delivered)
        return order

    # ------------------------------------------------------------------
    # The worked check
    # ------------------------------------------------------------------
    def test_worked_check(self):
        """10 at 100, 7 delivered, closed: 300 and 30 %."""
        order = self._partly()
        self._dialog(order, self.out_of_stock, is_short=True)
        failure = self._failure(order)
        self.assertRecordValues(
            failure,
            [
                {
                    "kind": "short",
                    "reason_id": self.out_of_stock.id,
                    "fault": "us",
                    "value_ordered": 1000,
                    "value_failed": 300,
                    "user_id": self.user_sales.id,
                }
            ],
        )
        self.assertAlmostEqual(failure.failed_share, 0.3)
        self.assertRecordValues(
            failure.line_ids,
            [{"quantity_ordered": 10, "quantity_delivered": 7, "quantity_failed": 3, "price_net": 100}],
        )
        [row] = self._rows([("order_id", "=", order.id)])
        self.assertEqual((row.failed_value, row.failed_quantity), (300, 3))
        domain = [("partner_id", "=", self.customer.id), ("kind", "=", "short")]
        self.assertEqual(self._rate(domain), (300, 1000, 30))

    # ------------------------------------------------------------------
    # Stock
    # ------------------------------------------------------------------
    def test_delivery_and_reservation(self):
        order = self._partly(self.lamp)
        [backorder] = order.picking_ids.filtered(lambda picking: picking.state == "assigned")
        done = order.picking_ids - backorder
        location = self.warehouse.lot_stock_id
        self.assertEqual(self.env["stock.quant"]._get_available_quantity(self.lamp, location), 0)
        self._dialog(order, self.out_of_stock, is_short=True)
        self.assertEqual(backorder.state, "cancel")
        self.assertEqual(done.state, "done")
        self.assertEqual(done.move_ids.quantity, 7)
        self.assertEqual(self.env["stock.quant"]._get_available_quantity(self.lamp, location), 3)
        self.assertEqual(order.order_line.product_uom_qty, 7)
        self.assertEqual(order.delivery_status, "full")
        # nothing is launched again
        order.order_line._action_launch_stock_rule()
        order.order_line.write({"name": "x"})
        self.assertFalse(self._open_moves(order))
        self.assertDeal(order, waits_for="invoicing", undelivered_value=0.0)
        self._pay(self._invoice(order))
        self.assertNoDeal(order)

    def test_three_steps(self):
        """Pick, pack and ship: what waits in each step is cancelled, what was picked already goes back."""
        self.warehouse.delivery_steps = "pick_pack_ship"
        self._stock(self.lamp, 10)
        order = self._order([(self.lamp, 10, 100)])
        self._deliver(order)  # all picked
        self._deliver(order, 7)  # of which 7 packed
        ship = order.picking_ids.filtered(
            lambda picking: (
                picking.picking_type_id == self.warehouse.out_type_id and picking.state == "assigned"
            )
        )
        ship.move_ids.quantity = 7
        ship.move_ids.picked = True
        ship.button_validate()
        self.assertEqual(order.order_line.qty_delivered, 7)
        done = order.picking_ids.filtered(lambda picking: picking.state == "done")
        self.assertTrue(self._open_moves(order))
        self._dialog(order, self.out_of_stock, is_short=True)
        self.assertEqual(order.order_line.product_uom_qty, 7)
        self.assertEqual(set(done.mapped("state")), {"done"})
        left = self._open_moves(order)
        # the three that were picked are on their way back to the shelf, and nothing goes out
        self.assertEqual(left.location_dest_id, self.warehouse.lot_stock_id)
        self.assertEqual(sum(left.mapped("product_uom_qty")), 3)
        self.assertIn(left.picking_id.name, order.message_ids[0].body)
        left.quantity = 3
        left.picked = True
        left.picking_id.button_validate()
        self.assertEqual(
            self.env["stock.quant"]._get_available_quantity(self.lamp, self.warehouse.lot_stock_id), 3
        )
        order.order_line._action_launch_stock_rule()
        self.assertFalse(self._open_moves(order))

    def test_two_steps_not_picked(self):
        self.warehouse.delivery_steps = "pick_ship"
        self._stock(self.lamp, 10)
        order = self._order([(self.lamp, 10, 100)])
        self._deliver(order, 7)
        ship = order.picking_ids.filtered(
            lambda picking: (
                picking.picking_type_id == self.warehouse.out_type_id and picking.state == "assigned"
            )
        )
        ship.move_ids.picked = True
        ship.button_validate()
        self.assertEqual(order.order_line.qty_delivered, 7)
        self._dialog(order, self.out_of_stock, is_short=True)
        self.assertFalse(self._open_moves(order))
        self.assertEqual(order.order_line.product_uom_qty, 7)
        self.assertEqual(
            self.env["stock.quant"]._get_available_quantity(self.lamp, self.warehouse.lot_stock_id), 3
        )

    def test_no_backorder(self):
        """The rest was dropped in the warehouse without a decision: its reason is asked for, and it can be closed."""
        order = self._order([(self.chair, 10, 100)])
        self._deliver(order, 7, backorder=False)
        failure = self._failure(order)
        self.assertRecordValues(
            failure,
            [
                {
                    "kind": "short",
                    "reason_id": False,
                    "value_failed": 300,
                    "value_ordered": 1000,
                    "owner_id": self.user_sales.id,
                }
            ],
        )
        untold = self.env["ir.actions.act_window"]._for_xml_id(
            "partner_relations.partner_order_failure_action_untold"
        )
        self.assertIn(failure, self.failures.search(literal_eval(untold["domain"])))
        cohort = [("kind", "=", "short"), ("partner_id", "=", self.customer.id)]
        self.assertEqual(self._rate(cohort), (300, 1000, 30))
        self.assertEqual(order.order_line.product_uom_qty, 10)
        self.assertEqual(self._shown(order), "Why It Failed")
        self.assertEqual(self.failures.search(order.action_view_failures()["domain"]), failure)
        self.assertTrue(order.can_close_rest)
        self._dialog(order, self.supplier_late, is_short=True)
        self.assertEqual(self._failure(order), failure)
        self.assertRecordValues(
            failure, [{"value_failed": 300, "value_ordered": 1000, "reason_id": self.supplier_late.id}]
        )
        self.assertEqual(len(failure.line_ids), 1)
        self.assertEqual(self._rate(cohort), (300, 1000, 30))
        self.assertEqual(order.order_line.product_uom_qty, 7)
        self.assertFalse(self._open_moves(order))
        self.assertEqual(self._shown(order), "Rest Closed")
        order.action_reopen_rest()
        self.assertEqual(order.order_line.product_uom_qty, 10)
        self.assertFalse(self._shown(order))

    def _shown(self, order):
        """The words of the order's button to its failures, as its salesperson sees it; False where it is hidden."""
        order = order.with_user(self.user_sales)
        values = {name: order[name] for name in ("state", "rest_closed", "has_failure")}
        arch = etree.fromstring(order.get_view(view_type="form")["arch"])
        [button] = arch.xpath("//button[@name='action_view_failures']")
        shown = [
            node.text
            for node in button.iter("span")
            if not safe_eval.safe_eval(node.get("invisible"), dict(values))
        ]
        return not safe_eval.safe_eval(button.get("invisible"), dict(values)) and ", ".join(shown)

    def test_dropped_rest_by_hand(self):
        """Who lowers the ordered quantity closes what was dropped; who raises it has it delivered after all."""
        cohort = [("kind", "=", "short"), ("partner_id", "=", self.customer.id)]
        lowered, raised = (self._order([(self.chair, 10, 100)]) for _number in range(2))
        for order in (lowered, raised):
            self._deliver(order, 7, backorder=False)
        lowered.order_line.write({"product_uom_qty": 7, "price_unit": 100})
        self.assertEqual(self._rate(cohort)[:2], (600, 2000))
        raised.order_line.write({"product_uom_qty": 11, "price_unit": 100})
        self.assertFalse(self._failure(raised))
        self.assertEqual(self._rate(cohort)[:2], (300, 2100))
        self._deliver(raised, 2, backorder=False)
        self.assertEqual(self._failure(raised).value_failed, 200)
        raised.action_cancel()
        self.assertEqual(self._failure(raised).kind, "cancelled")
        self.assertEqual(self._rate(cohort)[:2], (300, 2100))

    def test_dropped_rest_ends_with_the_last_delivery(self):
        """Not before; a backorder that is cancelled drops it as well, and what a customer sends back was delivered."""
        order = self._order([(self.chair, 10, 100), (self.table, 4, 50)])
        self._deliver(order, 7, 1)
        self.assertFalse(self._failure(order))
        order.picking_ids.filtered(lambda picking: picking.state != "done").action_cancel()
        failure = self._failure(order)
        self.assertEqual(failure.line_ids.mapped("quantity_failed"), [3, 3])
        # one line is closed, the other left as it is
        chair, table = order.order_line
        self._dialog(order, self.out_of_stock, is_short=True, lines={table: {"is_closed": False}})
        self.assertEqual((chair.product_uom_qty, table.product_uom_qty), (7, 4))
        self.assertEqual((failure.value_failed, failure.value_ordered), (450, 1200))
        cohort = [("kind", "=", "short"), ("partner_id", "=", self.customer.id)]
        self.assertEqual(self._rate(cohort)[:2], (450, 1200))
        order.action_reopen_rest()
        self.assertEqual((chair.product_uom_qty, table.product_uom_qty), (10, 4))
        complete = self._order([(self.chair, 10, 100)])
        delivery = self._deliver(complete)
        wizard = self.env["stock.return.picking"].with_context(
            active_id=delivery.id, active_model="stock.picking"
        )
        wizard = wizard.create({})
        wizard.product_return_moves.write({"quantity": 2, "to_refund": True})
        back = self.env["stock.picking"].browse(wizard.action_create_returns()["res_id"])
        back.move_ids.picked = True
        back.button_validate()
        self.assertEqual(complete.order_line.qty_delivered, 8)
        complete._update_dropped_rests()
        self.assertFalse(self._failure(complete))

    def test_deliveries_of_a_cancelled_order_drop_nothing(self):
        order = self._partly()
        order.action_cancel()
        self.assertEqual(self.failures.search([("order_id", "=", order.id)]).mapped("kind"), ["cancelled"])

    def test_bought_for_the_order(self):
        """A purchase made for the order stays, and the note on the order names it."""
        route = self.warehouse.mto_pull_id.route_id
        route.active = True
        vendor = self._create_company_partner("Vendor")
        bought = self._create_product(
            "Bought", self.category, 5.0, 7.0, is_storable=True, route_ids=[Command.set(route.ids)]
        )
        bought.route_ids += self.env.ref("purchase_stock.route_warehouse0_buy")
        self.env["product.supplierinfo"].create(
            {"partner_id": vendor.id, "product_tmpl_id": bought.product_tmpl_id.id, "price": 5}
        )
        order = self._order([(bought, 10, 100)])
        purchase = order._get_purchase_orders()
        self.assertTrue(purchase)
        purchase.button_confirm()
        receipt = purchase.picking_ids
        receipt.move_ids.quantity = 7
        receipt.move_ids.picked = True
        receipt.with_context(skip_backorder=True, picking_ids_not_to_backorder=[])._action_done()
        self._deliver(order, 7)
        self.assertEqual(order.order_line.qty_delivered, 7)
        self._dialog(order, self.supplier_late, is_short=True)
        self.assertEqual(order.order_line.product_uom_qty, 7)
        self.assertFalse(self._open_moves(order))
        self.assertEqual(purchase.state, "purchase")
        self.assertEqual(
            purchase.picking_ids.move_ids.filtered(lambda move: move.state != "done").mapped("state"),
            ["assigned"],
        )
        self.assertIn(purchase.name, order.message_ids[0].body)

    def test_return_is_left_alone(self):
        """What the customer sends back is still awaited."""
        order = self._partly(self.lamp)
        delivery = order.picking_ids.filtered(lambda picking: picking.state == "done")
        wizard = self.env["stock.return.picking"].with_context(
            active_id=delivery.id, active_model="stock.picking"
        )
        wizard = wizard.create({})
        wizard.product_return_moves.quantity = 1
        back = self.env["stock.picking"].browse(wizard.action_create_returns()["res_id"])
        self._dialog(order, self.out_of_stock, is_short=True)
        self.assertNotIn("cancel", back.mapped("state"))
        self.assertEqual(order.order_line.product_uom_qty, 7)

    def test_being_picked(self):
        order = self._partly(self.lamp)
        moves = self._open_moves(order)
        moves.picked = True
        with self.assertRaisesRegex(UserError, moves.picking_id.name):
            self._dialog(order, self.out_of_stock, is_short=True)

    # ------------------------------------------------------------------
    # Invoices
    # ------------------------------------------------------------------
    def test_invoiced_by_delivery(self):
        order = self._partly(self.lamp)
        self._invoice(order)
        self._dialog(order, self.out_of_stock, is_short=True)
        self.assertRecordValues(
            order.order_line,
            [{"qty_invoiced": 7, "qty_to_invoice": 0, "invoice_status": "invoiced"}],
        )
        self.assertEqual(order.invoice_status, "invoiced")
        self.assertEqual(order.amount_untaxed, 700)

    def test_invoiced_after_closing(self):
        order = self._partly(self.lamp)
        self._dialog(order, self.out_of_stock, is_short=True)
        self.assertEqual(order.invoice_status, "to invoice")
        self.assertEqual(self._invoice(order).amount_untaxed, 700)
        self.assertEqual(order.invoice_status, "invoiced")

    def test_invoiced_as_ordered(self):
        """All was invoiced: the rest is to be credited, and Odoo's invoicing makes the credit note."""
        order = self._partly()
        self._invoice(order)
        self.assertEqual(order.order_line.qty_invoiced, 10)
        self._dialog(order, self.out_of_stock, is_short=True)
        self.assertRecordValues(order.order_line, [{"qty_to_invoice": -3, "invoice_status": "to invoice"}])
        self.assertIn("credit", order.message_ids[0].body)
        refund = order._create_invoices(final=True)
        self.assertRecordValues(refund, [{"move_type": "out_refund", "amount_untaxed": 300}])
        refund.invoice_date = "2025-03-12"
        refund.action_post()
        self.assertEqual(order.invoice_status, "invoiced")

    def test_invoiced_as_ordered_later(self):
        order = self._partly()
        self._dialog(order, self.out_of_stock, is_short=True)
        self.assertEqual(order.order_line.qty_to_invoice, 7)
        self.assertEqual(self._invoice(order).amount_untaxed, 700)
        self.assertEqual(order.invoice_status, "invoiced")

    def test_price_stays(self):
        """Where the price list has another price for the smaller quantity, the agreed one stays."""
        order = self._quote([(self.chair, 10, 100)])
        order.pricelist_id.item_ids = [
            Command.create({"min_quantity": 10, "compute_price": "fixed", "fixed_price": 80}),
            Command.create({"min_quantity": 1, "compute_price": "fixed", "fixed_price": 120}),
        ]
        order._recompute_prices()
        self.assertEqual(order.order_line.price_unit, 80)
        order.action_confirm()
        self._deliver(order, 7)
        self._dialog(order, self.out_of_stock, is_short=True)
        self.assertEqual(order.order_line.price_unit, 80)
        self.assertEqual(order.amount_untaxed, 560)
        self.assertEqual(self._failure(order).value_failed, 240)
        order.action_reopen_rest()
        self.assertEqual((order.order_line.price_unit, order.amount_untaxed), (80, 800))

    # ------------------------------------------------------------------
    # Lines
    # ------------------------------------------------------------------
    def test_line_by_line(self):
        """Some lines now, with a reason of their own, the others later: one failure with the lines of both."""
        order = self._order([(self.chair, 10, 100), (self.table, 4, 50), (self.lamp, 5, 10)])
        self._stock(self.lamp, 5)
        self._deliver(order, 7, 1, 5)
        chair, table, _lamp = order.order_line
        self._dialog(
            order,
            self.out_of_stock,
            is_short=True,
            lines={table: {"is_closed": False}, chair: {"reason_id": self.supplier_late.id}},
        )
        failure = self._failure(order)
        self.assertEqual(failure.line_ids.order_line_id, chair)
        self.assertRecordValues(
            order.order_line, [{"product_uom_qty": 7}, {"product_uom_qty": 4}, {"product_uom_qty": 5}]
        )
        self.assertEqual(self._open_moves(order).sale_line_id, table)
        self.assertEqual(failure.value_ordered, 1250)
        self._dialog(order, self.not_paid, is_short=True, fault="customer")
        self.assertEqual(self._failure(order), failure)
        self.assertRecordValues(
            failure.line_ids,
            [
                {"order_line_id": chair.id, "value_failed": 300, "reason_id": self.supplier_late.id},
                {"order_line_id": table.id, "value_failed": 150, "reason_id": self.not_paid.id},
            ],
        )
        self.assertEqual((failure.value_failed, failure.value_ordered), (450, 1250))
        self.assertEqual(failure.reason_id, self.out_of_stock)
        faults = {row.product_id: row.fault for row in self._rows([("failure_id", "=", failure.id)])}
        self.assertEqual(faults, {self.chair: "supplier", self.table: "customer"})

    def test_more_ordered_after_closing(self):
        """Who orders more on the order orders the rest first; what is not delivered of all that failed once."""
        order = self._partly()
        self._dialog(order, self.out_of_stock, is_short=True)
        order.order_line.with_user(self.user_sales).write({"product_uom_qty": 12, "price_unit": 100})
        self.assertFalse(order.rest_closed)
        self.assertEqual(self._failure(order, state="reversed").value_failed, 300)
        self.assertIn("ordered again", order.message_ids[0].body)
        self._dialog(order, self.out_of_stock, is_short=True)
        failure = self._failure(order)
        self.assertEqual((failure.value_failed, failure.value_ordered), (500, 1200))
        failed, base, rate = self._rate([("kind", "=", "short"), ("partner_id", "=", self.customer.id)])
        self.assertEqual((failed, base, round(rate, 1)), (500, 1200, 41.7))
        order.with_user(self.user_sales).action_reopen_rest()
        self.assertEqual(order.order_line.product_uom_qty, 12)

    def test_ordered_again_in_part(self):
        """What of a rest is ordered again counts as ordered once and failed no more; what is left stays closed."""
        order = self._order([(self.chair, 10, 100), (self.table, 4, 50)])
        self._deliver(order, 7, 1)
        chair, table = order.order_line
        self._dialog(order, self.out_of_stock, is_short=True)
        cohort = [("kind", "=", "short"), ("partner_id", "=", self.customer.id)]
        self.assertEqual(self._rate(cohort)[:2], (450, 1200))
        chair.write({"product_uom_qty": 8, "price_unit": 100})
        failure = self._failure(order)
        self.assertTrue(order.rest_closed)
        self.assertRecordValues(
            failure.line_ids,
            [
                {"order_line_id": chair.id, "quantity_failed": 2, "value_failed": 200},
                {"order_line_id": table.id, "quantity_failed": 3, "value_failed": 150},
            ],
        )
        self.assertEqual((failure.value_failed, failure.value_ordered), (350, 1200))
        self.assertEqual(self._rate(cohort)[:2], (350, 1200))
        # less is no taking up, and cancelled and confirmed again nothing is ordered twice
        chair.write({"product_uom_qty": 7, "price_unit": 100})
        self.assertEqual(failure.value_failed, 350)
        chair.write({"product_uom_qty": 10, "price_unit": 100})
        self.assertEqual(failure.value_failed, 150)
        order.action_cancel()
        order.action_draft()
        order.action_confirm()
        self.assertEqual(order.order_line.mapped("product_uom_qty"), [10, 4])
        self.assertFalse(self._failure(order))
        self.assertEqual(self._rate(cohort)[:2], (None, 1200))

    def test_units(self):
        """Ordered by the dozen: the report has pieces, the value is that of the dozens."""
        order = self._order([(self.chair, 2, 120, {"product_uom_id": self.dozen.id})])
        self._deliver(order, 18)
        line = order.order_line
        self.assertEqual(line.qty_delivered, 1.5)
        self._dialog(order, self.out_of_stock, is_short=True)
        self.assertEqual(line.product_uom_qty, 1.5)
        self.assertFalse(self._open_moves(order))
        self.assertRecordValues(self._failure(order).line_ids, [{"quantity_failed": 0.5, "value_failed": 60}])
        [row] = self._rows([("order_id", "=", order.id)])
        self.assertEqual(row.failed_quantity, 6)

    def test_services(self):
        """A service invoiced as ordered has no rest unless it is ticked; one invoiced by delivery has."""
        order = self._order([(self.chair, 10, 100), (self.advice, 1, 80), (self.repair, 4, 20)])
        self._deliver(order, 7)
        chair, advice, repair = order.order_line
        repair.qty_delivered = 1
        self._dialog(order, self.out_of_stock, is_short=True)
        self.assertEqual((chair.product_uom_qty, advice.product_uom_qty, repair.product_uom_qty), (7, 1, 1))
        self.assertEqual(self._failure(order).value_failed, 360)
        self._dialog(order, self.out_of_stock, is_short=True, lines={advice: {"is_closed": True}})
        self.assertEqual(advice.product_uom_qty, 0)
        self.assertEqual(self._failure(order).value_failed, 440)

    # ------------------------------------------------------------------
    # Refusals
    # ------------------------------------------------------------------
    def test_refusals(self):
        quotation, untouched, complete, locked = self._quote(), self._order(), self._order(), self._partly()
        self._deliver(complete)
        locked.locked = True
        for order, word in (
            (quotation, "confirmed"),
            (untouched, "Cancel the order"),
            (complete, "everything was delivered"),
            (locked, "Unlock"),
        ):
            with self.assertRaises(UserError) as refusal:
                self._dialog(order, self.out_of_stock, is_short=True)
            self.assertIn(order.name, str(refusal.exception))
            self.assertIn(word, str(refusal.exception))
            self.assertFalse(order.can_close_rest)
        good = self._partly()
        orders = quotation + untouched + complete + locked + good
        self._dialog(orders, self.out_of_stock, is_short=True)
        self.assertEqual(self.last_dialog.entry_ids.order_id, orders - good)
        self.assertEqual(self.last_dialog.done_count, 1)
        self.assertTrue(self._failure(good, "short"))
        self.assertFalse(self.failures.search([("order_id", "in", (orders - good).ids)]))

    def test_nothing_ticked(self):
        order = self._partly()
        with self.assertRaisesRegex(UserError, order.name):
            self._dialog(
                order, self.out_of_stock, is_short=True, lines={order.order_line: {"is_closed": False}}
            )

    def test_form(self):
        """The dialog as the client fills it in, opened by the button of the order."""
        order = self._partly(self.lamp)
        self.env.flush_all()
        self.env.invalidate_all()
        action = order.with_user(self.user_sales).action_close_rest()
        model = self.env[action["res_model"]].with_user(self.user_sales).with_context(**action["context"])
        form = Form(model)
        form.reason_id = self.out_of_stock
        with form.line_ids.edit(0) as line:
            self.assertEqual((line.quantity_rest, line.value_rest), (3, 300))
            line.reason_id = self.supplier_late
        form.save().action_apply()
        self.assertRecordValues(
            self._failure(order).line_ids, [{"quantity_failed": 3, "reason_id": self.supplier_late.id}]
        )

    def test_rest_closed_is_not_entered(self):
        """Whether the rest is closed is what the buttons say, not a value or a default of a call."""
        order = self._partly(self.lamp)
        mine = order.with_user(self.user_sales)
        mine.write({"rest_closed": True})
        mine.with_context(relations_rest=True).write({"rest_closed": True})
        self.assertFalse(order.rest_closed)
        self.assertFalse(self._quote(rest_closed=True).rest_closed)
        self.env["ir.default"].set("sale.order", "rest_closed", True)
        orders = self.env["sale.order"].with_context(default_rest_closed=True)
        self.assertFalse(orders.create({"partner_id": self.customer.id}).rest_closed)
        self.assertFalse(self._quote().rest_closed)
        self._dialog(order, self.out_of_stock, is_short=True)
        self.assertTrue(order.rest_closed)
        mine.write({"rest_closed": False})
        self.assertTrue(order.rest_closed)

    # ------------------------------------------------------------------
    # Reopening
    # ------------------------------------------------------------------
    def test_reopen(self):
        order = self._partly(self.lamp)
        self._dialog(order, self.out_of_stock, is_short=True)
        self.assertTrue(order.rest_closed)
        order.with_user(self.user_sales).action_reopen_rest()
        self.assertEqual(order.order_line.product_uom_qty, 10)
        moves = self._open_moves(order)
        self.assertEqual(sum(moves.mapped("product_uom_qty")), 3)
        self.assertEqual(self._failure(order, state="reversed").value_failed, 300)
        self.assertFalse(self._failure(order))
        self.assertFalse(order.rest_closed)
        self.assertDeal(order, waits_for="delivery", undelivered_value=300.0)
        self.assertEqual(self._rate([("kind", "=", "short"), ("partner_id", "=", self.customer.id)])[2], 0)
        with self.assertRaisesRegex(UserError, order.name):
            order.action_reopen_rest()
        self._dialog(order, self.out_of_stock, is_short=True)
        self.assertEqual(self._failure(order).value_failed, 300)

    def test_closed_then_cancelled(self):
        """Both failures stand, each with its own value; set back to quotation, the order is as it was."""
        order = self._partly()
        self._dialog(order, self.out_of_stock, is_short=True)
        order.action_cancel()
        self.assertEqual(self._failure(order, "short").value_failed, 300)
        self.assertEqual(self._failure(order, "cancelled").value_failed, 0)
        with self.assertRaisesRegex(UserError, order.name):
            order.action_reopen_rest()
        order.action_draft()
        self.assertFalse(self._failure(order))
        self.assertEqual(len(self._failure(order, state="reversed")), 2)
        self.assertEqual(order.order_line.product_uom_qty, 10)
        order.action_confirm()
        self.assertEqual(sum(self._open_moves(order).mapped("product_uom_qty")), 3)
