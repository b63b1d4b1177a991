from datetime import date, datetime

from odoo.tests import freeze_time, tagged

from ..customer.failing import FailingCommon

MARCH = date(2025, 3, 1), date(2025, 3, 31)


@tagged("post_install", "-at_install")
class TestIndicatorsOrders(FailingCommon):
    """Fulfilled orders and overdue receivables of sales managers, at their borders."""

    def _values(self, code, credit="document", days=MARCH):
        self.env.flush_all()
        self.env.invalidate_all()
        indicator = self.env["manager.indicator"].search([("code", "=", code)])
        found = indicator._compute_values(self.company_eur, *days, credit=credit)
        return {user: value for (_indicator, user), value in found.items()}

    def _value(self, code, user=None, **options):
        value = self._values(code, **options).get((user or self.user_sales).id)
        return value and value.value

    def _order(self, quantity=10, moment="2025-03-01 08:00:00", **values):
        with freeze_time(moment):
            return self._create_order(
                [{"product_id": self.chair.id, "product_uom_qty": quantity, "price_unit": 100}],
                user_id=self.user_sales.id,
                **values,
            )

    def _deliver_on(self, order, quantity, moment):
        with freeze_time(moment):
            self._deliver(order, quantity)
        self.env.flush_all()

    # ------------------------------------------------------------------
    # Fulfilled orders
    # ------------------------------------------------------------------
    def test_the_last_delivery_decides(self):
        order = self._order()
        self._deliver_on(order, 6, "2025-03-20 08:00:00")
        self.assertIsNone(self._value("fulfilled_orders"), "four are still to come")
        self._deliver_on(order, 4, "2025-04-02 08:00:00")
        self.assertIsNone(self._value("fulfilled_orders"))
        april = (date(2025, 4, 1), date(2025, 4, 30))
        self.assertEqual(self._value("fulfilled_orders", days=april), 1)

    def test_closed_rest_is_not_fulfilled(self):
        order = self._order()
        self._deliver_on(order, 6, "2025-03-20 08:00:00")
        with freeze_time("2025-03-21 08:00:00"):
            order._close_rest()
        self.assertIsNone(self._value("fulfilled_orders"))

    def test_on_time_to_the_day_of_the_company(self):
        self.company_eur.partner_id.tz = "Asia/Ho_Chi_Minh"
        # promised for the 10th; delivered on the 10th late in the evening, and after midnight in Vietnam
        for moment in ("2025-03-10 16:59:00", "2025-03-10 17:01:00"):
            order = self._order(commitment_date=datetime(2025, 3, 10, 3))
            self._deliver_on(order, 10, moment)
        value = self._values("fulfilled_on_time_rate")[self.user_sales.id]
        self.assertEqual((value.numerator, value.denominator), (1, 2))
        self.assertEqual(self._value("fulfilled_orders"), 2)

    def test_credited_to_the_owner_on_the_day_of_delivery(self):
        order = self._order()
        self._deliver_on(order, 10, "2025-03-20 08:00:00")
        periods = self.env["partner.owner.period"].sudo()
        periods.search([("partner_id", "=", self.customer.id)]).unlink()
        periods.create({"partner_id": self.customer.id, "user_id": self.user_sub.id, "origin": "changed"})
        self.assertEqual(set(self._values("fulfilled_orders", "owner")), {self.user_sub.id})
        self.assertEqual(set(self._values("fulfilled_orders")), {self.user_sales.id})

    def test_another_company_does_not_count(self):
        order = self._order()
        self._deliver_on(order, 10, "2025-03-20 08:00:00")
        indicator = self.env["manager.indicator"].search([("code", "=", "fulfilled_orders")])
        self.assertFalse(indicator._compute_values(self.company_usd, *MARCH, credit="document"))

    # ------------------------------------------------------------------
    # Overdue receivables
    # ------------------------------------------------------------------
    def _bill(self, amount, day, due):
        return self._create_invoice(
            [{"product_id": self.chair.id, "quantity": 1, "price_unit": amount}],
            date=day,
            invoice_date_due=due,
            invoice_payment_term_id=False,
            invoice_user_id=self.user_sales.id,
        )

    def _pay(self, invoice, amount, day):
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({"amount": amount, "payment_date": day})._create_payments()

    def test_overdue_from_the_day_after_it_was_due(self):
        self._bill(100, "2025-02-01", "2025-03-30")
        self._bill(10, "2025-02-01", "2025-03-31")
        self._bill(1, "2025-04-01", "2025-04-01")
        self.assertEqual(self._value("overdue_receivables"), 100)

    def test_paid_later_was_still_overdue(self):
        invoice = self._bill(100, "2025-02-01", "2025-02-15")
        payments = ((30, "2025-03-31"), (70, "2025-04-05"))
        for amount, day in payments:
            self._pay(invoice, amount, day)
        outstanding = invoice.payment_state
        self.assertIn(outstanding, ("paid", "in_payment"))
        self.assertTrue(invoice.line_ids.matched_credit_ids)
        self.assertEqual(self._value("overdue_receivables"), 70)
        may = (date(2025, 5, 1), date(2025, 5, 31))
        self.assertIsNone(self._value("overdue_receivables", days=may))
