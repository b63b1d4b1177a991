from datetime import date, datetime

from odoo import Command
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
        self.assertTrue(order.rest_closed)
        self.assertIsNone(self._value("fulfilled_orders"))

    def test_on_time_to_the_day_of_the_company(self):
        self.company_eur.partner_id.tz = "Asia/Ho_Chi_Minh"
        # promised for the 10th; delivered on the 10th late in the evening, and after midnight in Vietnam
        for moment in ("2025-03-10 16:59:00", "2025-03-10 17:01:00"):
            order = self._order(commitment_date=datetime(2025, 3, 10, 3))
            self._deliver_on(order, 10, moment)
        value = self._values("fulfilled_on_time_rate")[self.user_sales.id]
        self.assertEqual((value.numerator, value.denominator), (1, 2))
        # the one that is late does not get on time afterwards
        order.with_user(self.user_sales).commitment_date = datetime(2025, 3, 20, 3)
        value = self._values("fulfilled_on_time_rate")[self.user_sales.id]
        self.assertEqual((value.numerator, value.denominator), (1, 2))
        self.assertEqual(self._value("fulfilled_orders"), 2)

    def test_period_of_days_of_the_company(self):
        self.company_eur.partner_id.tz = "Asia/Ho_Chi_Minh"
        # the last moment of February there, the first one of March, the last one, and the first one of April
        for moment in (
            "2025-02-28 16:59:59",
            "2025-02-28 17:00:00",
            "2025-03-31 16:59:59",
            "2025-03-31 17:00:00",
        ):
            self._deliver_on(self._order(moment="2025-02-01 08:00:00"), 10, moment)
        self.assertEqual(self._value("fulfilled_orders"), 2)

    def test_midnight_that_comes_twice(self):
        self.company_eur.partner_id.tz = "America/Havana"
        # an hour and a half before the clocks go back from one o'clock to midnight: the second of November
        self._deliver_on(self._order(moment="2025-10-01 08:00:00"), 10, "2025-11-02 04:30:00")
        for first, last, count in (
            (date(2025, 11, 2), date(2025, 11, 30), 1),
            (date(2025, 10, 1), date(2025, 11, 1), None),
            (date(2025, 11, 2), date(2025, 11, 2), 1),
        ):
            self.assertEqual(self._value("fulfilled_orders", days=(first, last)), count)

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
        self.assertEqual(self._value("fulfilled_orders"), 1)
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

    def _enter(self, amount, day, account):
        """A journal entry that nobody gave a due date."""
        income = self.env["account.account"].search(
            [("account_type", "=", "income"), ("company_ids", "in", self.company_eur.ids)], limit=1
        )
        move = (
            self.env["account.move"]
            .with_company(self.company_eur)
            .create(
                {
                    "move_type": "entry",
                    "date": day,
                    "line_ids": [
                        Command.create(
                            {"account_id": account.id, "partner_id": self.customer.id, "debit": amount}
                        ),
                        Command.create({"account_id": income.id, "credit": amount}),
                    ],
                }
            )
        )
        move.action_post()
        self.assertFalse(move.line_ids.filtered("date_maturity"))
        return move

    @freeze_time("2025-03-31 12:00:00")
    def test_the_same_debts_as_receivables_by_age(self):
        """Of all together what the report says today: without due date by its day, nothing that is no trade."""
        account = self.customer.with_company(self.company_eur).property_account_receivable_id
        other = self.env["account.account"].create(
            {
                "name": "Deposits Paid",
                "code": "121777",
                "account_type": "asset_receivable",
                "reconcile": True,
                "non_trade": True,
                "company_ids": [Command.set(self.company_eur.ids)],
            }
        )
        self._bill(100, "2025-02-01", "2025-03-30")
        self._bill(10, "2025-02-01", "2025-03-31")
        self._enter(7, "2025-03-30", account)
        self._enter(3, "2025-03-31", account)
        self._enter(5000, "2025-01-15", other)
        for credit in ("owner", "document"):
            values = self._values("overdue_receivables", credit)
            self.assertEqual(sum(value.value for value in values.values()), 107)
        report = self.env["partner.receivable.report"].with_context(allowed_company_ids=self.company_eur.ids)
        self.assertEqual(report._read_group([], [], ["overdue:sum"]), [(107,)])

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

    def _pay_on_account(self, amount, day, partner=None):
        """Money that nobody matched with anything."""
        payment = self.env["account.payment"].create(
            {
                "amount": amount,
                "date": day,
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": (partner or self.customer).id,
                "company_id": self.company_eur.id,
            }
        )
        payment.action_post()
        return payment

    def _credit(self, amount, day):
        return self._create_invoice(
            [{"product_id": self.chair.id, "quantity": 1, "price_unit": amount}],
            date=day,
            move_type="out_refund",
            invoice_user_id=self.user_sales.id,
        )

    def test_money_on_account_is_not_owed(self):
        """Payments and credit notes that nobody matched: the oldest first, up to what is overdue, by the day."""
        self._bill(100, "2025-02-01", "2025-02-15")
        self._pay_on_account(30, "2025-03-31")
        self._credit(20, "2025-03-10")
        self._pay_on_account(500, "2025-04-01")
        value = self._values("overdue_receivables")[self.user_sales.id]
        self.assertEqual((value.value, value.count), (50, 3))
        april = (date(2025, 4, 1), date(2025, 4, 30))
        value = self._values("overdue_receivables", days=april)[self.user_sales.id]
        self.assertEqual((value.value, value.count), (0, 4), "what is paid too much is no merit")
        rows = self.env.execute_query(
            self.env["manager.indicator"]
            .search([("code", "=", "overdue_receivables")])
            ._get_evidence(self.company_eur, *april, credit="document")
        )
        self.assertEqual(sorted(row[6] for row in rows), [-50, -30, -20, 100])

    def test_money_of_one_customer_pays_nothing_of_another(self):
        self._bill(100, "2025-02-01", "2025-02-15")
        self._pay_on_account(70, "2025-03-01", partner=self.customer2)
        self.assertEqual(self._value("overdue_receivables"), 100)
        self.assertEqual(
            set(self._values("overdue_receivables")), {self.user_sales.id}, "nobody has money to get"
        )

    def test_debts_of_the_own_customers_whoever_sold(self):
        """Also where sales are credited to the document; what is matched later was owed until then."""
        periods = self.env["partner.owner.period"].sudo()
        periods.search([("partner_id", "=", self.customer.id)]).unlink()
        bill = self._bill(100, "2025-02-01", "2025-02-15")
        payment = self._pay_on_account(40, "2025-03-05")
        self.assertEqual(
            self._value("overdue_receivables"), 60, "without owner: the salesperson of the invoice"
        )
        periods.create({"partner_id": self.customer.id, "user_id": self.user_sub.id, "origin": "changed"})
        for credit in ("owner", "document"):
            values = self._values("overdue_receivables", credit)
            self.assertEqual({user: each.value for user, each in values.items()}, {self.user_sub.id: 60})
        lines = (bill + payment.move_id).line_ids
        lines.filtered(lambda line: line.account_type == "asset_receivable").reconcile()
        self.assertEqual(bill.amount_residual, 60)
        self.assertEqual(
            self._value("overdue_receivables", self.user_sub), 60, "matched or not, the same is owed"
        )
