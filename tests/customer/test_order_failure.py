from ast import literal_eval

from lxml import etree

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .failing import FailingCommon


@tagged("post_install", "-at_install")
class TestOrderFailure(FailingCommon):
    """What becomes of an order that is given up, whoever gives it up, and of one that is taken up again."""

    # ------------------------------------------------------------------
    # Three kinds
    # ------------------------------------------------------------------
    def test_quotation_lost(self):
        order = self._quote([(self.chair, 10, 100), (self.table, 1, 50)], sent=True)
        self._dialog(order, self.price, note="Too dear")
        self.assertEqual(order.state, "cancel")
        failure = self._failure(order)
        self.assertRecordValues(
            failure,
            [
                {
                    "kind": "lost",
                    "reason_id": self.price.id,
                    "fault": "customer",
                    "note": "Too dear",
                    "partner_id": self.customer.id,
                    "user_id": self.user_sales.id,
                    "owner_id": self.user_sales.id,
                    "customer_owner_id": self.user_sales.id,
                    "company_id": self.company_eur.id,
                    "value_ordered": 1050,
                    "value_failed": 1050,
                    "value_failed_company": 1050,
                    "date_confirmed": False,
                }
            ],
        )
        self.assertEqual(failure.failed_share, 1)
        self.assertEqual(failure.line_ids.mapped("quantity_failed"), [10, 1])

    def test_order_cancelled(self):
        order = self._order([(self.chair, 10, 100)])
        self._deliver(order, 7)
        confirmed = order.date_order
        self._dialog(order, self.out_of_stock)
        failure = self._failure(order)
        self.assertRecordValues(
            failure,
            [
                {
                    "kind": "cancelled",
                    "fault": "us",
                    "value_ordered": 1000,
                    "value_failed": 300,
                    "date_confirmed": confirmed,
                }
            ],
        )
        self.assertRecordValues(
            failure.line_ids,
            [{"quantity_ordered": 10, "quantity_delivered": 7, "quantity_failed": 3, "price_net": 100}],
        )

    def test_borders(self):
        """Delivered exactly or beyond fails by nothing; of another line that does not make up."""
        order = self._order([(self.chair, 10, 100), (self.table, 5, 10), (self.lamp, 2, 7)])
        self._deliver(order, 10, 6, 0)
        order.action_cancel()
        self.assertRecordValues(
            self._failure(order).line_ids,
            [
                {"quantity_delivered": 10, "quantity_failed": 0, "value_failed": 0},
                {"quantity_delivered": 6, "quantity_failed": 0, "value_failed": 0},
                {"quantity_delivered": 0, "quantity_failed": 2, "value_failed": 14},
            ],
        )
        self.assertEqual(self._failure(order).value_failed, 14)

    def test_services(self):
        """A service whose delivered quantity nobody keeps counts as delivered once it is invoiced."""
        order = self._order([(self.advice, 1, 80), (self.repair, 4, 20)])
        order.order_line[1].qty_delivered = 1
        invoice = order._create_invoices()
        invoice.action_post()
        order.action_cancel()
        self.assertRecordValues(
            self._failure(order).line_ids,
            [{"quantity_failed": 0, "value_failed": 0}, {"quantity_failed": 3, "value_failed": 60}],
        )
        other = self._order([(self.advice, 1, 80)])
        other.action_cancel()
        self.assertEqual(self._failure(other).value_failed, 80)

    def test_discount_and_currency(self):
        """Net of the discount; in company currency at the rate of the order, of 2 dollars for a euro."""
        order = self._order([(self.chair, 3, 100, {"discount": 10})], currency=self.usd)
        self._deliver(order, 1)
        order.action_cancel()
        failure = self._failure(order)
        self.assertEqual(failure.currency_id, self.usd)
        self.assertRecordValues(
            failure.line_ids, [{"price_net": 90, "value_failed": 180, "value_failed_company": 90}]
        )
        self.assertEqual(failure.value_failed_company, 90)

    def test_rounding_adds_up(self):
        """Of a lost quotation the lines add up to its untaxed amount, to the cent."""
        order = self._quote([(self.chair, 3, 33.335), (self.table, 7, 1.234, {"discount": 3})])
        order.action_cancel()
        self.assertAlmostEqual(self._failure(order).value_failed, order.amount_untaxed, 6)

    # ------------------------------------------------------------------
    # Code that cancels
    # ------------------------------------------------------------------
    def test_code_cancels(self):
        """Neither other addons, nor imports, nor the portal are asked; the reason is filled in afterwards."""
        quotation, order, written = self._quote(), self._order(), self._quote()
        (quotation + order).action_cancel()
        written.write({"state": "cancel"})
        failures = self._failure(quotation) + self._failure(order) + self._failure(written)
        self.assertEqual(failures.mapped("kind"), ["lost", "cancelled", "lost"])
        self.assertFalse(failures.reason_id)
        self.assertFalse(any(failures.mapped("fault")))
        action = self.env.ref("partner_relations.partner_order_failure_action_untold")
        to_fill = self.failures.with_user(self.user_sales).search(eval(action.domain))
        self.assertLessEqual(failures, to_fill)
        failures[0].with_user(self.user_sales).reason_id = self.price
        self.assertEqual(failures[0].fault, "customer")
        self.assertNotIn(
            failures[0],
            self.failures.with_user(self.user_sales).search(eval(action.domain)),
        )

    def test_defaults_of_a_call(self):
        """Who cancels an order cannot have its failure made as one that does not count."""
        order = self._quote()
        order.with_user(self.user_sales).with_context(
            default_state="reversed", default_fault="customer"
        ).write({"state": "cancel"})
        self.assertRecordValues(self._failure(order), [{"kind": "lost", "fault": False}])

    def test_portal(self):
        """The customer declines in the portal: nobody is asked, and the failure is there."""
        order = self._quote(sent=True)
        order.with_user(self.env.ref("base.public_user")).sudo()._action_cancel()
        self.assertRecordValues(
            self._failure(order),
            [{"kind": "lost", "reason_id": False, "user_id": self.env.ref("base.public_user").id}],
        )

    def test_core_dialog(self):
        """Core's list action asks for the reason; used by code without one it works as before.

        Salespeople have no right to purchases, which core's cancelling reads.
        """
        orders = self._quote() + self._order()
        self.env.flush_all()
        self.env.invalidate_all()
        wizard = self.env["sale.mass.cancel.orders"].with_user(self.user_sales)
        wizard = wizard.with_context(active_ids=orders.ids, active_model="sale.order")
        form = Form(wizard)
        form.failure_reason_id = self.out_of_stock
        self.assertEqual(form.failure_fault, "us")
        form.failure_fault = "supplier"
        result = form.save().action_mass_cancel()
        self.assertEqual(result["type"], "ir.actions.act_window_close")
        self.assertEqual(set(orders.mapped("state")), {"cancel"})
        self.assertEqual(self._failure(orders[0]).kind, "lost")
        self.assertEqual(self._failure(orders[1]).kind, "cancelled")
        for order in orders:
            self.assertRecordValues(
                self._failure(order), [{"reason_id": self.out_of_stock.id, "fault": "supplier"}]
            )
        plain = self._quote()
        self.env["sale.mass.cancel.orders"].create({"sale_order_ids": plain.ids}).action_mass_cancel()
        self.assertFalse(self._failure(plain).reason_id)

    def test_button_asks(self):
        """The button of the form opens the dialog and cancels nothing; without its key nothing is asked."""
        order = self._order()
        action = order.with_context(ask_failure_reason=True).action_cancel()
        self.assertEqual(action["res_model"], "partner.order.failure.dialog")
        self.assertEqual(order.state, "sale")
        self.assertFalse(self._failure(order))
        self.assertTrue(order.action_cancel())
        order.action_draft()
        order.action_confirm()
        order.locked = True
        with self.assertRaisesRegex(UserError, "locked order"):
            order.with_context(ask_failure_reason=True).action_cancel()

    def test_button_of_who_does_not_sell(self):
        """Billing and stock write orders and cannot answer the dialog: they cancel as core does."""
        user = self._create_user("failure_billing", "account.group_account_invoice,stock.group_stock_user")
        self.assertFalse(self.env["partner.order.failure.dialog"].with_user(user).has_access("create"))
        quotation, asked, order, locked = self._quote(), self._quote(), self._order(), self._order()
        locked.locked = True
        quotation.with_user(user).action_lose()
        (asked + order).with_user(user).with_context(ask_failure_reason=True).action_cancel()
        for given_up, kind in ((quotation, "lost"), (asked, "lost"), (order, "cancelled")):
            self.assertEqual(given_up.state, "cancel")
            self.assertRecordValues(self._failure(given_up), [{"kind": kind, "user_id": user.id}])
        for method in ("action_cancel", "action_lose"):
            with self.assertRaisesRegex(UserError, "locked"), self.cr.savepoint():
                getattr(locked.with_user(user).with_context(ask_failure_reason=True), method)()

    def test_buttons_of_the_form(self):
        """Who sells tells the reason; the others keep core's button, which asks whether they are sure."""
        for groups, asks_reason in (
            ("account.group_account_invoice", False),
            ("stock.group_stock_user", False),
            ("sales_team.group_sale_salesman", True),
        ):
            user = self._create_user(f"failure_{groups}", groups)
            orders = self.env["sale.order"].with_user(user)
            arch = etree.fromstring(orders.get_view(self.env.ref("sale.view_order_form").id, "form")["arch"])
            with self.subTest(groups):
                [cancel] = arch.xpath("//header//button[@name='action_cancel']")
                self.assertEqual("ask_failure_reason" in cancel.get("context", ""), asks_reason)
                self.assertEqual(bool(cancel.get("confirm")), not asks_reason)
                self.assertEqual("draft" in cancel.get("invisible"), not asks_reason)
                for name in ("action_lose", "action_close_rest"):
                    found = arch.xpath(f"//header//button[@name='{name}']")
                    self.assertEqual(len(found), int(asks_reason), name)

    def test_state_of_other_software(self):
        """An order in a state that another addon added is given up like a quotation."""
        order = self._quote([(self.chair, 10, 100)])
        self.env.flush_all()
        self.env.cr.execute("UPDATE sale_order SET state = 'to_approve' WHERE id = %s", [order.id])
        self.env.invalidate_all()
        order.action_cancel()
        self.assertRecordValues(
            self._failure(order), [{"kind": "lost", "value_failed": 1000, "date_confirmed": False}]
        )

    def test_cancelled_twice(self):
        order = self._quote()
        order.action_cancel()
        order.action_cancel()
        self.assertEqual(len(self._failure(order)), 1)
        with self.assertRaisesRegex(UserError, order.name):
            self._dialog(order, self.price)

    # ------------------------------------------------------------------
    # Taken up again
    # ------------------------------------------------------------------
    def test_reopening_reverses(self):
        order = self._order()
        order.action_cancel()
        failure = self._failure(order)
        order.with_user(self.user_sales).action_draft()
        self.assertRecordValues(
            failure, [{"state": "reversed", "reversed_user_id": self.user_sales.id, "value_failed": 1000}]
        )
        self.assertTrue(failure.reversed_date)
        self.assertFalse(self._rows([("order_name", "=", order.name)]))
        order.action_confirm()
        order.action_cancel()
        self.assertEqual(len(self._failure(order)), 1)
        self.assertEqual(len(self._failure(order, state="reversed")), 1)

    def test_frozen(self):
        """What was ordered, at which price and by whom is that of the moment, whatever happens later."""
        order = self._quote([(self.chair, 10, 100)])
        order.action_cancel()
        failure = self._failure(order)
        order.order_line.write({"product_uom_qty": 1, "price_unit": 5})
        order.user_id = self.user_sales2
        self.customer.user_id = self.user_sales2
        self.price.fault = "supplier"
        self.assertRecordValues(
            failure,
            [{"value_failed": 1000, "owner_id": self.user_sales.id, "customer_owner_id": self.user_sales.id}],
        )
        order.unlink()
        self.assertTrue(failure.exists())
        self.assertRecordValues(failure.line_ids, [{"quantity_ordered": 10, "order_line_id": False}])
        with self.assertRaisesRegex(UserError, failure.order_name):
            failure.action_open_order()

    def test_fault_is_a_copy(self):
        order = self._quote()
        self._dialog(order, self.price, fault="us")
        failure = self._failure(order)
        self.price.fault = "supplier"
        self.assertEqual(failure.fault, "us")

    # ------------------------------------------------------------------
    # Several orders
    # ------------------------------------------------------------------
    def test_several_orders(self):
        """One that cannot be cancelled is told with its reason, and the others are cancelled."""
        good, locked, quotation = self._order(), self._order(), self._quote()
        locked.locked = True
        action = self._dialog(good + locked + quotation, self.out_of_stock)
        self.assertEqual((good.state, locked.state, quotation.state), ("cancel", "sale", "cancel"))
        self.assertEqual(action["res_id"], self.last_dialog.id)
        self.assertEqual(self.last_dialog.done_count, 2)
        self.assertEqual(self.last_dialog.entry_ids.order_id, locked)
        self.assertIn(locked.name, self.last_dialog.entry_ids.problem)
        self.assertFalse(self._failure(locked))
        self.assertEqual(self._failure(good).reason_id, self.out_of_stock)

    def test_dialog_needs_a_reason_that_fits(self):
        order = self._order()
        with self.assertRaisesRegex(UserError, order.name):
            self._dialog(order, self.env["partner.order.failure.reason"])
        no_answer = self.env.ref("partner_relations.failure_reason_no_answer")
        with self.assertRaises(ValidationError) as refusal:
            self._dialog(order, no_answer)
        self.assertIn(order.name, str(refusal.exception))
        self.assertEqual(order.state, "sale")

    def test_lost_as_form(self):
        """The dialog as the client fills it in: the fault follows the reason and can be changed."""
        order = self._quote()
        action = order.with_user(self.user_sales).action_lose()
        model = self.env[action["res_model"]].with_user(self.user_sales).with_context(**action["context"])
        form = Form(model)
        form.reason_id = self.price
        self.assertEqual(form.fault, "customer")
        form.fault = "us"
        form.save().action_apply()
        self.assertRecordValues(
            self._failure(order), [{"kind": "lost", "reason_id": self.price.id, "fault": "us"}]
        )

    def test_dialog_names_its_order(self):
        """Of one order the dialog says which it is and whose; several are listed, each in a line of its own."""
        order = self._order()
        for action in (
            order.with_context(ask_failure_reason=True).action_cancel(),
            order.action_close_rest(),
            self._quote().action_lose(),
        ):
            model = self.env[action["res_model"]].with_user(self.user_sales)
            field = etree.fromstring(model.get_view()["arch"]).xpath("//field[@name='order_ids']")[0]
            self.assertEqual(field.get("invisible"), "order_count != 1")
            context = literal_eval(field.get("context"))
            spec = {"order_ids": {"fields": {"display_name": {}}, "context": context}}
            values = model.with_context(**action["context"]).onchange({}, [], spec)["value"]
            chosen = self.env["sale.order"].browse(action["context"]["default_order_ids"])
            ((_set, order_id, shown),) = values["order_ids"]
            self.assertEqual(order_id, chosen.id)
            self.assertEqual(shown["display_name"], f"{chosen.name} - {chosen.partner_id.name}")

    def test_reason_needs_a_kind(self):
        with self.assertRaisesRegex(ValidationError, "Nothing"):
            self.env["partner.order.failure.reason"].create(
                {"name": "Nothing", "for_lost": False, "for_cancelled": False, "for_short": False}
            )

    # ------------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------------
    def test_rights(self):
        mine = self._quote()
        other_customer = self._create_company_partner("Other Customer", user_id=self.user_sales2.id)
        other = self._quote(partner_id=other_customer.id, user_id=self.user_sales2.id)
        foreign = self._quote(company=self.company_usd)
        (mine + other + foreign).action_cancel()
        failures = self._failure(mine) + self._failure(other) + self._failure(foreign)
        for user, expected in (
            (self.user_sales, self._failure(mine)),
            (self.user_sales2, self._failure(other)),
            (self.user_supervisor, self._failure(mine)),
            (self.user_director, self._failure(mine) + self._failure(other)),
        ):
            model = self.failures.with_user(user).with_context(allowed_company_ids=self.company_eur.ids)
            found = model.search([("id", "in", failures.ids)])
            self.assertEqual(found.ids, expected.sorted("id", reverse=True).ids, user.login)
            rows = model.web_search_read([("id", "in", failures.ids)], {"order_name": {}})
            self.assertEqual(rows["length"], len(expected))
            counts = model._read_group([("id", "in", failures.ids)], [], ["__count"])
            self.assertEqual(counts, [(len(expected),)])
            lines = self.env["partner.order.failure.line"].with_user(user).search([])
            self.assertLessEqual(lines.failure_id & failures, expected)
            report = self.failure_report.with_user(user).with_context(
                allowed_company_ids=self.company_eur.ids
            )
            self.assertEqual(self._rows(report=report).failure_id & failures, expected)
            names = model.browse(expected.ids).export_data(["order_name"])["datas"]
            self.assertEqual(len(names), len(expected))
        with self.assertRaises(AccessError):
            self._failure(other).with_user(self.user_sales).read(["value_failed"])
        with self.assertRaises(AccessError):
            self.failures.with_user(self.user_seller).search([])

    def test_seller_without_relations(self):
        """Who only sells, and has no right of the addon, tells reasons all the same."""
        order = self._quote(user_id=self.user_seller.id)
        self._dialog(order, self.price, user=self.user_seller)
        self.assertEqual(self._failure(order).user_id, self.user_seller)

    def test_hostile_arguments(self):
        order = self._quote()
        order.action_cancel()
        failure = self._failure(order).with_user(self.user_sales)
        for vals in (
            {"value_failed": 0},
            {"state": "reversed"},
            {"owner_id": self.user_sub.id},
            {"kind": "short"},
        ):
            for context in ({}, {"order_failure_write": True}, {"order_failure_write": "INTERNAL"}):
                with self.assertRaises(AccessError):
                    failure.with_context(**context).write(vals)
        with self.assertRaises(AccessError):
            failure.line_ids.write({"quantity_failed": 0})
        with self.assertRaises(AccessError):
            failure.write({"line_ids": [Command.create({"quantity_failed": 5})]})
        with self.assertRaises(AccessError):
            self.failures.with_user(self.user_sales).create({"kind": "lost"})
        with self.assertRaises(AccessError):
            failure.unlink()
        with self.assertRaisesRegex(UserError, "part of the history"):
            self._failure(order).unlink()
        with self.assertRaises(ValueError):
            failure.fault = "moon"
        with self.assertRaises(ValidationError):
            failure.reason_id = self.env.ref("partner_relations.failure_reason_carrier")
        with self.assertRaises(AccessError):
            self.price.with_user(self.user_sales).name = "x"
        # the order of somebody whose orders the user may not write
        rule = self.env.ref("sale.sale_order_personal_rule")
        self.assertTrue(rule.active)
        other = self._quote(user_id=self.user_sales2.id)
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            self._dialog(other, self.price)
        self.assertEqual(other.state, "draft")
        # a line of another order in the dialog changes nothing of it
        confirmed, stranger = self._order(), self._order()
        self._deliver(confirmed, 7)
        self._deliver(stranger, 7)
        dialog = self.env["partner.order.failure.dialog"].with_user(self.user_sales)
        dialog = dialog.create(
            {
                "order_ids": confirmed.ids,
                "is_short": True,
                "reason_id": self.out_of_stock.id,
                "line_ids": [Command.create({"order_line_id": stranger.order_line.id})],
            }
        )
        dialog.action_apply()
        self.assertEqual(stranger.order_line.product_uom_qty, 10)
        self.assertEqual(confirmed.order_line.product_uom_qty, 7)

    def test_merged_customer(self):
        """Failures follow a customer that is merged into another one."""
        order = self._quote()
        order.action_cancel()
        self.env["base.partner.merge.automatic.wizard"].with_context(
            partner_show_db_id=False
        )._merge(  # core's own
            (self.customer + self.customer2).ids, self.customer2
        )
        self.env.invalidate_all()
        self.assertEqual(self._failure(order).partner_id, self.customer2)

    # ------------------------------------------------------------------
    # Speed
    # ------------------------------------------------------------------
    def test_queries(self):
        """Writing anything but the state asks nothing more; cancelling twenty costs little more than one."""
        order = self._order()
        self.env.flush_all()
        order.client_order_ref = "x"
        self.env.flush_all()
        with self.assertQueryCount(0):
            self.assertFalse(order.rest_closed)
        orders = self.env["sale.order"].browse(
            [self._quote([(self.chair, 1, 5), (self.table, 1, 5)]).id for _number in range(20)]
        )
        one = self._quote([(self.chair, 1, 5), (self.table, 1, 5)])
        counts = []
        for records in (one, orders):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            prepared = self.failures._prepare(records)
            self.failures._record(prepared)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 25, counts)

    def test_lowering_costs_the_same_for_many(self):
        counts = []
        for size in (1, 20):
            orders = self.env["sale.order"].browse(
                [self._quote([(self.chair, 4, 5), (self.table, 1, 5)]).id for _number in range(size)]
            )
            failures = self.failures._record(self.failures._prepare(orders))
            self.env.flush_all()
            self.env.invalidate_all()
            left = {line: 1 for line in failures.line_ids if line.quantity_failed == 4}
            before = self.env.cr.sql_log_count
            failures._lower_parts(left)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(set(failures.mapped("value_failed")), {10})
        self.assertLessEqual(counts[1], counts[0] + 1, counts)

    def test_list_queries(self):
        orders = self.env["sale.order"].browse([self._quote().id for _number in range(20)])
        orders.action_cancel()
        failures = self.failures.search([("order_id", "in", orders.ids)])
        for records in (failures[:1], failures):
            self.env.flush_all()
            self.env.invalidate_all()
            with self.assertQueryCount(1):
                records.mapped("failed_share")
                records.mapped("display_name")
