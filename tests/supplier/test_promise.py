from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import SUPERUSER_ID, Command
from odoo.tests import Form, freeze_time, tagged, users

from .promising import MOVED, ORDERED, PLANNED, PromisingCommon


@tagged("post_install", "-at_install")
class TestPromise(PromisingCommon):
    """What is frozen when an order is confirmed, whichever way it is."""

    def assertFrozen(self, lines, price=9.5, source="vendor_price", date=PLANNED):
        self.env.flush_all()
        lines.invalidate_recordset()
        self.assertTrue(lines)
        for line in lines:
            self.assertRecordValues(
                line,
                [
                    {
                        "promised_date": date,
                        "promise_estimated": False,
                        "agreed_price": price,
                        "agreed_price_source": source,
                    }
                ],
            )

    def assertNotFrozen(self, lines):
        lines.invalidate_recordset()
        for line in lines:
            self.assertFalse(line.promised_date)
            self.assertIs(line.agreed_price, False)
            self.assertFalse(line.agreed_price_source)

    def test_confirm(self):
        self._create_price(9.5)
        order = self._create_order()
        self.assertNotFrozen(order.order_line)
        order.with_user(self.buyer).button_confirm()
        self.assertEqual(order.state, "purchase")
        self.assertFrozen(order.order_line)

    def test_defaults_of_a_user(self):
        """What a user sets for new lines makes no promise and no agreement."""
        order = self._create_order()
        defaults = self.env["ir.default"].with_user(self.buyer)
        for name, value in (
            ("promised_date", "2030-01-01 00:00:00"),
            ("promise_estimated", True),
            ("agreed_price", 99.0),
            ("agreed_price_source", "vendor_price"),
            ("agreed_price_origin", "My word"),
        ):
            defaults.set("purchase.order.line", name, value, user_id=True)
        line = (
            self.env["purchase.order.line"]
            .with_user(self.buyer)
            .create({"order_id": order.id, "product_id": self.pine.id, "product_qty": 1, "price_unit": 5})
        )
        self.assertNotFrozen(line)
        self.assertFalse(line.promise_estimated or line.agreed_price_origin)

    def test_defaults_of_a_call(self):
        """Nor does what a client sends where core makes the line as superuser, as for what is sold."""
        order = self._create_order()
        lines = (
            self.env["purchase.order.line"]
            .with_user(self.plain)
            .with_context(
                default_promised_date="2030-01-01 00:00:00",
                default_promise_estimated=True,
                default_agreed_price=99.0,
                default_agreed_price_source="vendor_price",
                default_agreed_price_origin="My word",
            )
        )
        line = lines.with_user(SUPERUSER_ID).create(
            {"order_id": order.id, "product_id": self.pine.id, "product_qty": 1, "price_unit": 5}
        )
        self.assertNotFrozen(line)
        self.assertFalse(line.promise_estimated or line.agreed_price_origin)
        # and what the confirmation finds is taken
        self._create_price(4, product=self.pine)
        order.with_user(self.buyer).button_confirm()
        self.assertFrozen(line, 4, date=line.date_planned)

    def test_approval(self):
        """The price is frozen before the vendor price is written, the promise when the order is approved."""
        self.company.write({"po_double_validation": "two_step", "po_double_validation_amount": 1})
        order = self._create_order()
        order.with_user(self.buyer).button_confirm()
        self.assertEqual(order.state, "to approve")
        self.assertTrue(self.oak.seller_ids)
        self.assertRecordValues(
            order.order_line,
            [{"promised_date": False, "agreed_price": False, "agreed_price_source": "none"}],
        )
        order.order_line.date_planned = MOVED
        order.with_user(self.manager).button_approve()
        self.assertEqual(order.state, "purchase")
        self.assertFrozen(order.order_line, False, "none", MOVED)
        self.assertFalse(order.promise_change_count)

    def test_line_added_while_waiting_for_approval(self):
        self.company.write({"po_double_validation": "two_step", "po_double_validation_amount": 1})
        self._create_price(4, product=self.pine)
        order = self._create_order()
        order.with_user(self.buyer).button_confirm()
        order.order_line = [
            Command.create(
                {"product_id": self.pine.id, "product_qty": 1, "price_unit": 5, "date_planned": PLANNED}
            )
        ]
        order.with_user(self.manager).button_approve()
        self.assertFrozen(order.order_line[0], False, "none")
        self.assertFrozen(order.order_line[1], 4)

    def _wait_for_approval(self):
        self.company.write({"po_double_validation": "two_step", "po_double_validation_amount": 1})
        order = self._create_order()
        order.with_user(self.buyer).button_confirm()
        self.assertEqual(order.state, "to approve")
        return order

    def test_another_supplier_while_waiting_for_approval(self):
        """What was agreed with the former supplier is no agreement with the new one."""
        self._create_price(9.5)
        self._create_price(8, partner=self.supplier2)
        order = self._wait_for_approval()
        line = order.order_line
        self.assertEqual(line.agreed_price, 9.5)
        order.with_user(self.buyer).partner_id = self.supplier2
        self.assertRecordValues(line, [{"agreed_price": 8, "agreed_price_source": "vendor_price"}])
        order.with_user(self.manager).button_approve()
        self.assertFrozen(line, 8, date=line.date_planned)

    def test_many_that_wait_for_approval_are_changed_together(self):
        """What was received of their lines is asked for once."""
        self._create_price(9.5, date_end="2026-03-31")
        self._create_price(12, date_start="2026-04-01")
        self._create_price(8, partner=self.supplier2)
        orders = self._wait_for_approval() + self._wait_for_approval() + self._wait_for_approval()
        lines = orders.order_line
        self.assertEqual(lines.mapped("agreed_price"), [9.5] * 3)
        for vals, found in (
            ({"date_order": datetime(2026, 4, 2, 8)}, 12),
            ({"partner_id": self.supplier2.id}, 8),
        ):
            model = self.registry["purchase.order.line"]
            filter_lines = model._filter_not_received
            with patch.object(
                model, "_filter_not_received", autospec=True, side_effect=filter_lines
            ) as asked:
                orders.with_user(self.buyer).write(vals)
            self.assertEqual(lines.mapped("agreed_price"), [found] * 3)
            self.assertLessEqual(sum(len(call.args[0]) > 0 for call in asked.mock_calls), 1)

    def test_agreement_found_anew_while_waiting_for_approval(self):
        """Quantity, order date and blanket order may still change; a later price of the vendor is none for it."""
        price = self._create_price(9.5, date_end="2026-03-31")
        self._create_price(9, min_qty=100)
        self._create_price(12, date_start="2026-04-01")
        order = self._wait_for_approval()
        line = order.order_line
        price.price = 9.25
        self.assertEqual(line.agreed_price, 9.5)
        line.product_qty = 100
        self.assertEqual(line.agreed_price, 9)
        line.product_qty = 10
        self.assertEqual(line.agreed_price, 9.25)
        order.date_order = datetime(2026, 4, 2, 8)
        self.assertEqual(line.agreed_price, 12)
        blanket = self._create_blanket(11)
        order.requisition_id = blanket
        self.assertRecordValues(line, [{"agreed_price": 11, "agreed_price_source": "blanket"}])
        order.with_user(self.manager).button_approve()
        line.product_qty = 100
        order.date_order = ORDERED
        self.assertEqual(line.agreed_price, 11)

    def test_another_supplier_of_a_confirmed_order(self):
        """Another person of the supplier changes nothing."""
        price = self._create_price(9.5)
        self._create_price(8, partner=self.supplier2)
        order = self._create_order(confirm=True)
        price.price = 7
        order.partner_id = self.person
        self.assertEqual(order.order_line.agreed_price, 9.5)
        order.partner_id = self.supplier2
        self.assertEqual(order.order_line.agreed_price, 8)
        self.assertEqual(order.order_line.promised_date, PLANNED)

    def test_written_state(self):
        self._create_price(9.5)
        order = self._create_order()
        order.write({"state": "purchase"})
        self.assertFrozen(order.order_line)

    def test_created_confirmed(self):
        self._create_price(9.5)
        order = self._create_order([{}, {}], state="purchase")
        self.assertFrozen(order.order_line)

    def test_line_added_later(self):
        self._create_price(9.5)
        self._create_price(4, product=self.pine)
        order = self._create_order(confirm=True)
        order.order_line = [
            Command.create(
                {"product_id": self.pine.id, "product_qty": 1, "price_unit": 5, "date_planned": MOVED}
            )
        ]
        self.assertFrozen(order.order_line[0])
        self.assertFrozen(order.order_line[1], 4, date=MOVED)
        self.assertFalse(order.promise_change_count)

    def test_line_added_for_a_day_that_is_over(self):
        """It is promised with the supplier's lead time from now on; imports and whole orders keep their dates."""
        self._create_price(4, product=self.pine, delay=9, created=datetime(2026, 1, 5))
        order = self._create_order(confirm=True)
        past = {"product_id": self.pine.id, "product_qty": 1, "price_unit": 4, "date_planned": PLANNED}

        def add(**context):
            known = order.order_line
            order.with_user(self.buyer).with_context(**context).order_line = [Command.create(past)]
            return order.order_line - known

        now = datetime(2026, 11, 29, 9)
        with freeze_time(now):
            # made with its order, as far as anybody knows
            self.assertFrozen(add(), 4, date=PLANNED)
            self._set_created(order, ORDERED)
            self.assertFrozen(add(import_file=True), 4, date=PLANNED)
            late = add()
            self.assertFrozen(late, 4, date=now + timedelta(days=9))
            self.assertEqual(late.date_planned, late.promised_date)
            self.assertEqual(late.move_ids.date_deadline, late.promised_date)
            past["date_planned"] = datetime(2026, 11, 29, 3)
            self.assertFrozen(add(), 4, date=past["date_planned"])
        self.assertFalse(order.promise_change_count)

    def test_line_added_with_the_lead_time_of_its_supplier(self):
        """The lead time counts from when the line is added; another day that somebody enters stays."""
        self._create_price(4, product=self.pine, delay=9, created=datetime(2026, 1, 5))
        order = self._create_order(confirm=True)
        self._set_created(order, ORDERED)
        line = {"product_id": self.pine.id, "product_qty": 1, "price_unit": 4}
        now = ORDERED + timedelta(days=5)
        with freeze_time(now):
            for planned, promised in (
                ({}, now + timedelta(days=9)),
                ({"date_planned": ORDERED + timedelta(days=9)}, now + timedelta(days=9)),
                ({"date_planned": ORDERED + timedelta(days=7)}, ORDERED + timedelta(days=7)),
            ):
                known = order.order_line
                order.with_user(self.buyer).order_line = [Command.create({**line, **planned})]
                self.assertFrozen(order.order_line - known, 4, date=promised)
        self.assertFalse(order.promise_change_count)

    def test_own_price_is_no_agreement(self):
        """Confirming writes a vendor price: not the agreement of this order, but of the next one."""
        order = self._create_order(confirm=True)
        self.assertEqual(self.oak.seller_ids.price, 9.99)
        self.assertEqual(self.oak.seller_ids.confirmed_order_id, order)
        self.assertFrozen(order.order_line, False, "none")
        # neither of a line added later to the same order
        order.order_line = [
            Command.create(
                {"product_id": self.oak.id, "product_qty": 1, "price_unit": 12, "date_planned": PLANNED}
            )
        ]
        self.assertFrozen(order.order_line[1], False, "none")
        following = self._create_order([{"price_unit": 11}], confirm=True)
        self.assertFrozen(following.order_line, 9.99)

    def test_own_price_of_a_contact_person(self):
        order = self._create_order(partner=self.person, confirm=True)
        self.assertEqual(self.oak.seller_ids.partner_id, self.supplier)
        self.assertFrozen(order.order_line, False, "none")

    def test_several_orders_at_once(self):
        """What the first of several orders writes is no agreement of the others."""
        orders = self._create_order() + self._create_order([{"price_unit": 12}])
        orders.button_confirm()
        self.assertEqual(orders.mapped("state"), ["purchase", "purchase"])
        self.assertFrozen(orders.order_line, False, "none")

    def test_question_about_alternatives(self):
        """Core asks back instead of confirming: nothing is frozen yet."""
        self._create_price(9.5)
        order = self._create_order()
        other = self._create_order(partner=self.supplier2)
        order.alternative_po_ids += other
        action = order.button_confirm()
        self.assertEqual(action["res_model"], "purchase.requisition.alternative.warning")
        self.assertEqual(order.state, "draft")
        self.assertNotFrozen(order.order_line)
        wizard = self.env[action["res_model"]].with_context(**action["context"]).create({})
        wizard.action_keep_alternatives()
        self.assertFrozen(order.order_line)

    def test_moved_date_does_not_change_the_promise(self):
        self._create_price(9.5)
        order = self._create_order(confirm=True)
        order.order_line.date_planned = MOVED
        self.assertEqual(order.order_line.promise_shift_days, 4)
        order.order_line.price_unit = 12
        self._create_price(8)
        self.assertFrozen(order.order_line)
        order.button_lock()
        order.button_unlock()
        order.write({"state": "purchase"})
        self.assertFrozen(order.order_line)

    def test_shift_in_days_of_the_company(self):
        self.company.partner_id.tz = "Asia/Ho_Chi_Minh"
        order = self._create_order([{"date_planned": PLANNED.replace(hour=16)}], confirm=True)
        line = order.order_line
        self.assertIs(line.promise_shift_days, False)
        line.date_planned = PLANNED.replace(hour=15)
        self.assertIs(line.promise_shift_days, False)
        line.date_planned = PLANNED.replace(hour=17)
        self.assertEqual(line.promise_shift_days, 1)

    def test_zero_quantity(self):
        self._create_price(9.5)
        order = self._create_order([{"product_qty": 0}], confirm=True)
        self.assertFrozen(order.order_line)

    def test_service(self):
        service = self._create_product("Cutting", type="service", is_storable=False)
        self._create_price(50, product=service)
        order = self._create_order([{"product_id": service.id}], confirm=True)
        self.assertFrozen(order.order_line, 50)

    def test_empty_planned_date_of_the_order(self):
        order = self._create_order(
            [{"display_type": "line_note", "name": "Only words", "product_qty": 0}], confirm=True
        )
        self.assertFalse(order.date_planned)
        self.assertNotFrozen(order.order_line)
        order = self._create_order()
        order.date_planned = False
        order.button_confirm()
        self.assertFrozen(order.order_line, False, "none")

    def test_emptied_planned_date(self):
        """Lines without a planned date are planned by their order, else by the lead time of the vendor price."""
        self._create_price(50)
        order = self._create_order([{"date_planned": PLANNED}, {"product_id": self.pine.id}])
        lines = order.order_line
        lines[1].date_planned = False
        self.env.flush_all()
        order.button_confirm()
        self.assertEqual(lines.mapped("date_planned"), [PLANNED, PLANNED])
        self.assertEqual(lines.mapped("promised_date"), [PLANNED, PLANNED])
        order = self._create_order()
        order.order_line.date_planned = False
        self.env.flush_all()
        self.assertFalse(order.date_planned)
        order.button_confirm()
        line = order.order_line
        self.assertEqual(line.date_planned, line._get_date_planned(line.selected_seller_id))
        self.assertEqual(line.promised_date, line.date_planned)
        self.assertFalse(order.promise_change_count)

    def test_copy(self):
        self._create_price(9.5)
        order = self._create_order(confirm=True)
        order.order_line.date_planned = MOVED
        copy = order.copy()
        self.assertNotFrozen(copy.order_line)
        self.assertFalse(copy.promise_change_count)
        self.assertFalse(copy.rfq_sent_date or copy.rfq_answer_date)

    # confirmed again --------------------------------------------------
    @freeze_time(ORDERED)
    def test_confirmed_again(self):
        self._create_price(9.5)
        order = self._create_order(confirm=True)
        order.button_cancel()
        order.button_draft()
        self.assertIs(order.order_line.agreed_price, False)
        order.order_line.write({"date_planned": MOVED, "price_unit": 8})
        self._create_price(9)
        order.with_user(self.buyer).button_confirm()
        self.assertFrozen(order.order_line, 9, date=MOVED)
        self.assertRecordValues(
            self.env["purchase.promise.change"].search([("order_id", "=", order.id)]),
            [
                {
                    "kind": "reconfirmed",
                    "line_id": order.order_line.id,
                    "date_old": PLANNED,
                    "date_new": MOVED,
                    "user_id": self.buyer.id,
                }
            ],
        )

    def test_confirmed_again_when_it_was_due(self):
        """A late line does not get on time by cancelling its order; what was given up before its day was due does."""
        for day, promise, kind in (
            (PLANNED - timedelta(days=1), MOVED, "reconfirmed"),
            (PLANNED, MOVED, "reconfirmed"),
            (PLANNED + timedelta(days=1), PLANNED, "moved"),
        ):
            for take_back in ("button_cancel", "button_draft"):
                order = self._create_order(confirm=True).with_user(self.buyer)
                with freeze_time(day):
                    getattr(order, take_back)()
                order.taken_back_date = ORDERED
                order.button_draft()
                order.order_line.date_planned = MOVED
                order.button_confirm()
                self.assertEqual(order.taken_back_date, day, "by nobody's word")
                self.assertEqual(order.order_line.promised_date, promise)
                self.assertRecordValues(
                    order.env["purchase.promise.change"].search([("order_id", "=", order.id)]),
                    [{"kind": kind, "date_old": PLANNED, "date_new": MOVED}],
                )

    @freeze_time(ORDERED)
    def test_confirmed_again_after_a_receipt(self):
        self._create_price(9.5)
        self._create_price(4, product=self.pine)
        order = self._create_order([{}, {"product_id": self.pine.id}], confirm=True)
        received, open_line = order.order_line
        self._receive(order, 3)
        self.assertEqual(received.qty_received, 3)
        order.button_cancel()
        order.button_draft()
        order.order_line.date_planned = MOVED
        self.oak.seller_ids.price = 8
        self.pine.seller_ids.price = 3
        order.button_confirm()
        self.assertFrozen(received, 9.5)
        self.assertFrozen(open_line, 3, date=MOVED)
        self.assertEqual(
            self.env["purchase.promise.change"].search([("order_id", "=", order.id)]).line_id, open_line
        )

    def test_confirmed_again_own_price(self):
        order = self._create_order(confirm=True)
        order.button_cancel()
        order.button_draft()
        order.button_confirm()
        self.assertFrozen(order.order_line, False, "none")

    def test_confirmed_again_for_the_same_day(self):
        """Nothing was moved."""
        order = self._create_order(confirm=True)
        order.button_cancel()
        order.button_draft()
        order.button_confirm()
        self.assertFrozen(order.order_line, False, "none")
        self.assertFalse(order.promise_change_count)

    def test_confirmed_again_with_another_supplier(self):
        """What the former supplier promised is nothing that the new one moved."""
        order = self._create_order(confirm=True)
        order.button_cancel()
        order.button_draft()
        order.order_line.date_planned = MOVED
        order.partner_id = self.person
        self.assertEqual(order.order_line.promised_date, PLANNED)
        order.partner_id = self.supplier2
        self.assertFalse(order.order_line.promised_date)
        order.order_line.date_planned = MOVED
        order.button_confirm()
        self.assertFrozen(order.order_line, False, "none", MOVED)
        self.assertFalse(order.promise_change_count)

    # the line changes -------------------------------------------------
    def test_other_unit(self):
        self._create_price(9.5)
        order = self._create_order(confirm=True)
        order.order_line.product_uom_id = self.dozen
        self.assertFrozen(order.order_line, 114)

    def test_unit_of_the_product_named_anew(self):
        """Core leaves quantities and prices of the lines as they are."""
        gram, kilogram = self.env.ref("uom.product_uom_gram"), self.env.ref("uom.product_uom_kgm")
        pepper = self._create_product("Pepper", uom_id=gram.id, uom_ids=[Command.clear()])
        self._create_price(1000, product=pepper)
        order = self._create_order(
            [{"product_id": pepper.id, "product_uom_id": gram.id, "price_unit": 1000}], confirm=True
        )
        self._receive(order, 10)
        pepper.product_tmpl_id.uom_id = kilogram
        line = order.order_line
        self.assertEqual((line.product_uom_id, line.product_qty, line.price_unit), (kilogram, 10, 1000))
        self.assertFrozen(line, 1000)

    def test_other_product(self):
        self._create_price(9.5)
        self._create_price(4, product=self.pine)
        self.company.write({"po_double_validation": "two_step", "po_double_validation_amount": 1})
        order = self._create_order()
        order.with_user(self.buyer).button_confirm()
        order.order_line.product_id = self.pine
        self.assertEqual(order.order_line.agreed_price, 4)

    def test_other_currency(self):
        self._create_price(8)
        self.company.write({"po_double_validation": "two_step", "po_double_validation_amount": 1})
        order = self._create_order()
        order.with_user(self.buyer).button_confirm()
        order.currency_id = self.usd
        self.assertEqual(order.order_line.agreed_price, 10)

    # companies and users ----------------------------------------------
    def test_two_companies(self):
        self._create_price(7, company_id=self.company2.id)
        self._create_price(9.5)
        orders = self._create_order() + self._create_order(company=self.company2)
        orders.button_confirm()
        self.assertFrozen(orders[0].order_line)
        self.assertFrozen(orders[1].order_line, 7)

    @users("promise_buyer")
    def test_form(self):
        self._create_price(9.5)
        form = Form(self.env["purchase.order"])
        form.partner_id = self.person
        form.date_order = ORDERED
        with form.order_line.new() as line:
            line.product_id = self.oak
            line.product_qty = 5
            line.date_planned = PLANNED
        order = form.save()
        order.button_confirm()
        self.assertFrozen(order.order_line)
        with Form(order) as form, form.order_line.edit(0) as line:
            line.date_planned = PLANNED + timedelta(days=1)
        self.assertEqual(order.promise_change_count, 1)

    # cost -------------------------------------------------------------
    def _count_freezing(self, lines):
        """Queries of freezing these many lines of one order, as the confirmation does."""
        products = [self._create_product(f"P{lines}-{i}") for i in range(lines)]
        for product in products:
            self._create_price(10, product=product, currency_id=self.usd.id)
        order = self._create_order([{"product_id": product.id} for product in products])
        self.env.flush_all()
        self.env.invalidate_all()
        # what the confirmation reads anyway
        order.order_line.fetch()
        order.order_line.product_id.fetch()
        order.order_line.product_id.product_tmpl_id.fetch()
        order.fetch()
        before = self.env.cr.sql_log_count
        order.order_line._freeze()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_queries_of_freezing(self):
        self._count_freezing(1)
        one = self._count_freezing(1)
        twenty = self._count_freezing(20)
        self.assertEqual(one, twenty)
        self.assertLessEqual(twenty, 16)

    def test_nothing_to_freeze_costs_nothing(self):
        order = self._create_order()
        order.order_line.mapped("agreed_price_source")
        order.order_line.mapped("date_planned")
        order.read(["state", "currency_id", "rfq_sent_date"])
        self.env.flush_all()
        with self.assertQueryCount(0):
            order.order_line._get_planned_dates()
            order.order_line._log_moves({})
            order.order_line.filtered(lambda line: line.order_id.state == "purchase")._freeze()
        # and freezing what is frozen
        order.button_confirm()
        order.order_line.mapped("agreed_price_source")
        order.order_line.mapped("promised_date")
        self.env.flush_all()
        with self.assertQueryCount(0):
            order.order_line._freeze()
