from datetime import date, datetime, timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .promising import MOVED, PLANNED, PromisingCommon


@tagged("post_install", "-at_install")
class TestPromiseChange(PromisingCommon):
    """Who moved a promised delivery, when and why."""

    def changes(self, order):
        return self.env["purchase.promise.change"].search([("order_id", "=", order.id)])

    def test_line_moved(self):
        order = self._create_order([{}, {"product_id": self.pine.id}], partner=self.person, confirm=True)
        line = order.order_line[0].with_user(self.buyer)
        line.with_context(promise_change_reason="No wood").date_planned = MOVED
        self.assertRecordValues(
            self.changes(order),
            [
                {
                    "line_id": line.id,
                    "product_id": self.oak.id,
                    "partner_id": self.supplier.id,
                    "company_id": self.company.id,
                    "user_id": self.buyer.id,
                    "moved_by": "buyer",
                    "kind": "moved",
                    "date_old": PLANNED,
                    "date_new": MOVED,
                    "days": 4,
                    "reason": "No wood",
                }
            ],
        )
        self.assertEqual(order.promise_change_count, 1)
        line.date_planned = PLANNED
        self.assertEqual(self.changes(order).mapped("days"), [-4, 4])
        self.assertFalse(self.changes(order)[0].reason)

    def test_what_is_no_move(self):
        order = self._create_order()
        order.order_line.date_planned = MOVED
        order.button_confirm()
        order.order_line.date_planned = MOVED
        order.order_line.write({"date_planned": str(MOVED), "price_unit": 3})
        order.button_cancel()
        order.order_line.date_planned = PLANNED
        self.assertFalse(self.changes(order))

    def test_several_lines_at_once(self):
        order = self._create_order([{}, {}, {"date_planned": MOVED}], confirm=True)
        order.order_line.write({"date_planned": MOVED})
        self.assertEqual(self.changes(order).line_id, order.order_line[:2])

    def test_date_of_the_order_in_its_form(self):
        order = self._create_order([{}, {}], confirm=True)
        with Form(order.with_user(self.buyer)) as form:
            form.date_planned = MOVED
        self.assertEqual(order.order_line.mapped("date_planned"), [MOVED, MOVED])
        self.assertEqual(len(self.changes(order)), 2)
        self.assertEqual(order.order_line.mapped("promised_date"), [PLANNED, PLANNED])

    def test_planned_anew_by_core(self):
        """Core takes the vendor's lead time again when the quantity changes, unless the price was typed in."""
        self._create_price(9.5, delay=5)
        order = self._create_order([{"price_unit": 9.5}])
        order.order_line.technical_price_unit = order.order_line.price_unit
        order.button_confirm()
        order.order_line.product_qty = 12
        planned = order.order_line.date_planned
        self.assertNotEqual(planned, PLANNED)
        self.assertRecordValues(self.changes(order), [{"date_old": PLANNED, "date_new": planned}])
        self.assertEqual(order.order_line.promised_date, PLANNED)

    def test_supplier_in_the_portal(self):
        order = self._create_order([{}, {}], confirm=True)
        portal = new_test_user(
            self.env,
            "promise_portal",
            groups="base.group_portal",
            partner_id=self.person.id,
            company_id=self.company.id,
        )
        # as core's controller does it
        as_supplier = order.with_user(portal).with_context(allowed_company_ids=self.company.ids).sudo()
        as_supplier._update_date_planned_for_lines([(line, MOVED) for line in as_supplier.order_line])
        changes = self.changes(order)
        self.assertEqual(len(changes), 2)
        for change in changes:
            self.assertRecordValues(
                change,
                [{"user_id": portal.id, "moved_by": "supplier", "reason": "By the supplier, in the portal"}],
            )
        self.assertEqual(order.order_line.mapped("promised_date"), [PLANNED, PLANNED])

    def test_supplier_by_the_link(self):
        order = self._create_order(confirm=True)
        public = self.env.ref("base.public_user")
        as_public = order.with_user(public).with_context(allowed_company_ids=self.company.ids).sudo()
        as_public._update_date_planned_for_lines([(as_public.order_line, MOVED)])
        self.assertRecordValues(self.changes(order), [{"user_id": False, "moved_by": "supplier"}])

    def test_order_deleted(self):
        order = self._create_order(confirm=True)
        order.order_line.date_planned = MOVED
        changes = self.changes(order)
        self.assertTrue(changes)
        order.button_cancel()
        order.unlink()
        self.assertFalse(changes.exists())

    def test_line_deleted(self):
        """A line that goes while the order is an RFQ again leaves its history."""
        order = self._create_order([{}, {}], confirm=True)
        order.order_line[0].date_planned = MOVED
        order.button_cancel()
        order.order_line[0].unlink()
        self.assertRecordValues(self.changes(order), [{"line_id": False, "product_id": self.oak.id}])

    def test_queries(self):
        """A row costs no query of its own."""
        counts = []
        for lines in (1, 1, 20):
            order = self._create_order([{}] * lines, confirm=True)
            self.env.flush_all()
            moves = dict.fromkeys(order.order_line, (PLANNED, MOVED))
            order.order_line.mapped("promised_date")
            before = self.env.cr.sql_log_count
            order.order_line._log_moves({line: PLANNED - timedelta(days=1) for line in moves})
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])
        self.assertLessEqual(counts[2], 3)

    # rights -----------------------------------------------------------
    def test_buyer_may_add_the_reason_only(self):
        order = self._create_order(confirm=True)
        order.order_line.date_planned = MOVED
        change = self.changes(order).with_user(self.buyer)
        change.reason = "Strike"
        self.assertEqual(change.reason, "Strike")
        for values in (
            {"date_new": PLANNED},
            {"user_id": self.manager.id},
            {"reason": "x", "moved_by": "supplier"},
        ):
            with self.assertRaises(AccessError):
                change.write(values)
        for user in (self.buyer, self.manager):
            with self.assertRaises(AccessError):
                change.with_user(user).unlink()
            with self.assertRaises(AccessError):
                change.with_user(user).create({"order_id": order.id, "company_id": self.company.id})

    def test_hidden_from_a_plain_user(self):
        order = self._create_order(confirm=True)
        order.order_line.date_planned = MOVED
        changes = self.changes(order).with_user(self.plain)
        for access in (
            lambda: changes.web_search_read([], {"reason": {}}),
            lambda: changes.web_read({"reason": {}}),
            lambda: changes.formatted_read_group([], ["partner_id"], ["__count"]),
            lambda: changes.export_data(["reason"]),
        ):
            with self.assertRaises(AccessError):
                access()
        self.assertNotIn(
            "promise_change_count", self.env["purchase.order"].with_user(self.plain).fields_get()
        )

    def test_two_companies(self):
        orders = self._create_order(confirm=True) + self._create_order(company=self.company2, confirm=True)
        orders.order_line.write({"date_planned": MOVED})
        Change = self.env["purchase.promise.change"].with_user(self.buyer2)
        Change = Change.with_context(allowed_company_ids=self.company2.ids)
        self.assertEqual(Change.search([]).order_id, orders[1])
        groups = Change.formatted_read_group([], ["company_id"], ["__count"])
        self.assertEqual([group["company_id"][0] for group in groups], self.company2.ids)
        with self.assertRaises(AccessError):
            Change.browse(self.changes(orders[0]).ids).read(["reason"])

    # Move Promise -----------------------------------------------------
    def _move(self, records, **values):
        wizard = (
            self.env["purchase.promise.move"]
            .with_user(self.buyer)
            .with_context(active_model=records._name, active_ids=records.ids, active_id=records[:1].id)
        )
        form = Form(wizard)
        for name, value in values.items():
            form[name] = value
        return form.save()

    def test_move_orders_by_days(self):
        orders = self._create_order(confirm=True) + self._create_order(
            [{"date_planned": MOVED}, {}], confirm=True
        )
        self._move(orders, days=3, reason="Flood").action_move()
        lines = orders.order_line
        self.assertEqual(
            lines.mapped("date_planned"), [date + timedelta(days=3) for date in (PLANNED, MOVED, PLANNED)]
        )
        self.assertEqual(lines.mapped("promised_date"), [PLANNED, MOVED, PLANNED])
        changes = self.env["purchase.promise.change"].search([("order_id", "in", orders.ids)])
        self.assertEqual(set(changes.mapped("reason")), {"Flood"})
        self.assertEqual(changes.line_id, lines)

    def test_move_lines_to_a_date(self):
        self.buyer.tz = "Asia/Ho_Chi_Minh"
        order = self._create_order([{}, {}], user_id=self.buyer.id, confirm=True)
        wizard = self._move(order.order_line[1], mode="date", date=date(2026, 4, 1), reason="Flood")
        wizard.action_move()
        # noon in Vietnam
        self.assertEqual(order.order_line.mapped("date_planned"), [PLANNED, datetime(2026, 4, 1, 5)])
        moves = order.order_line[1].move_ids
        self.assertEqual(moves.mapped("date_deadline"), [datetime(2026, 4, 1, 5)])

    def test_move_to_a_date_of_the_company(self):
        """Noon of a buyer far away is another day of the company, by whose days is counted."""
        self.company.partner_id.tz = "Asia/Ho_Chi_Minh"
        self.buyer.tz = "America/Los_Angeles"
        order = self._create_order([{}], user_id=self.buyer.id, confirm=True)
        self._move(order.order_line, mode="date", date=date(2026, 3, 21), reason="Flood").action_move()
        self.assertEqual(order.order_line.date_planned, datetime(2026, 3, 21, 5))
        self.assertEqual(order.order_line.promise_shift_days, 5)

    def test_move_of_an_emptied_date(self):
        """It moves from the day that was promised."""
        order = self._create_order(confirm=True)
        order.order_line.date_planned = False
        self.env.flush_all()
        self._move(order, days=3, reason="Flood").action_move()
        self.assertEqual(order.order_line.date_planned, PLANNED + timedelta(days=3))
        self.assertEqual(order.order_line.promised_date, PLANNED)

    def test_move_leaves_what_is_received(self):
        order = self._create_order([{}, {"product_id": self.pine.id}], confirm=True)
        self._receive(order, 10)
        self._move(order, days=1, reason="Flood").action_move()
        self.assertEqual(order.order_line.mapped("date_planned"), [PLANNED, PLANNED + timedelta(days=1)])

    def test_move_refuses(self):
        draft, order = self._create_order(), self._create_order(confirm=True)
        with self.assertRaisesRegex(UserError, "confirmed purchase orders"):
            self._move(draft, reason="x")
        for values, words in (
            ({"reason": " "}, "Enter the reason"),
            ({"days": 0}, "by how many days"),
            ({"mode": "date", "date": False}, "Enter the new date"),
            ({"line_ids": False}, "at least one order line"),
        ):
            wizard = self._move(order, reason="Flood")
            wizard.write(values)
            with self.assertRaisesRegex(UserError, words):
                wizard.action_move()
        wizard = self._move(order, reason="Flood")
        wizard.line_ids = [Command.link(draft.order_line.id)]
        with self.assertRaisesRegex(UserError, draft.name):
            wizard.action_move()

    def test_open_changes(self):
        order = self._create_order([{}, {}], confirm=True)
        order.order_line[0].date_planned = MOVED
        action = order.with_user(self.buyer).action_open_promise_changes()
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]).line_id, order.order_line[0])
        action = order.order_line[1].with_user(self.buyer).action_open_promise_changes()
        self.assertFalse(self.env[action["res_model"]].search(action["domain"]))

    def test_side_is_not_chosen_by_a_client(self):
        order = self._create_order(confirm=True)
        line = order.order_line.with_user(self.buyer)
        line.with_context(promise_moved_by="supplier", promise_moved_by_supplier=True).date_planned = MOVED
        self.assertEqual(self.changes(order).moved_by, "buyer")

    def test_frozen_fields(self):
        """Suppliers are rated by them; a client can neither write them nor send them along."""
        order = self._create_order(confirm=True)
        line = order.order_line.with_user(self.buyer)
        for values in ({"promised_date": MOVED}, {"agreed_price": 1}, {"agreed_price_source": "blanket"}):
            with self.assertRaises(AccessError):
                line.write(values)
            with self.assertRaises(AccessError):
                order.with_user(self.buyer).write({"order_line": [Command.update(line.id, values)]})
        added = line.with_context(default_promised_date=MOVED, default_agreed_price=1).create(
            {
                "order_id": order.id,
                "product_id": self.pine.id,
                "product_qty": 1,
                "date_planned": PLANNED,
                "promised_date": MOVED,
                "agreed_price": 2,
                "agreed_price_source": "blanket",
            }
        )
        self.assertRecordValues(
            added, [{"promised_date": PLANNED, "agreed_price": False, "agreed_price_source": "none"}]
        )

    def test_dialog_is_ones_own(self):
        wizard = self._move(self._create_order(confirm=True), reason="Flood")
        with self.assertRaises(AccessError):
            wizard.with_user(self.manager).read(["reason"])
