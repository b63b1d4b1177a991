import doctest
from datetime import datetime
from random import Random

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ...tools import order_failure
from ...tools.order_failure import rate
from .failing import FailingCommon


@tagged("post_install", "-at_install")
class TestOrderFailureReport(FailingCommon):
    """The report of failures and its rates, held against the documents."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.buyer = cls._create_company_partner("Report Customer", user_id=cls.user_sales.id)
        cls.mine = [("partner_id", "=", cls.buyer.id)]

    def _confirmed(self, lines, day, **values):
        order = self._order(lines, partner_id=self.buyer.id, **values)
        order.date_order = datetime(2025, day[0], day[1], 12)
        return order

    def _lost(self, lines, reason, day=(3, 5), **values):
        order = self._quote(lines, partner_id=self.buyer.id, **values)
        self._dialog(order, reason, user=order.user_id)
        failure = self._failure(order)._internal()
        failure.date = datetime(2025, *day, 12)
        failure.line_ids.date = failure.date
        return order

    def test_definitions(self):
        failures, count = doctest.testmod(order_failure)
        self.assertTrue(count)
        self.assertFalse(failures)

    # ------------------------------------------------------------------
    # Rates
    # ------------------------------------------------------------------
    def test_cohorts(self):
        """Failed ÷ confirmed of the month in which the failed order was confirmed; kinds are never mixed."""
        self._confirmed([(self.chair, 6, 100)], (3, 1))
        cancelled = self._confirmed([(self.chair, 4, 100)], (3, 31))
        short = self._confirmed([(self.chair, 10, 100)], (4, 1))
        self._deliver(short, 7)
        self._dialog(cancelled, self.out_of_stock)
        self._dialog(short, self.supplier_late, is_short=True)
        self._lost([(self.chair, 5, 100)], self.price)
        by_month = self._rate(self.mine, ["kind", "date:month"])
        rates = {
            (kind, month.month): (failed or 0, base, round(share, 2))
            for (kind, month), (failed, base, share) in by_month.items()
        }
        self.assertEqual(
            rates,
            {
                ("cancelled", 3): (400, 1000, 40),
                ("cancelled", 4): (0, 1000, 0),
                ("short", 3): (0, 1000, 0),
                ("short", 4): (300, 1000, 30),
                # decided in March: 500 lost, 1000 confirmed
                ("lost", 3): (500, 1500, 33.33),
                ("lost", 4): (0, 1000, 0),
            },
        )
        # the total of a kind: sums divided
        totals = self._rate(self.mine, ["kind"])
        self.assertEqual(totals["cancelled"], (400, 2000, 20))
        self.assertEqual(totals["short"], (300, 2000, 15))
        self.assertEqual(totals["lost"], (500, 2500, 20))
        # of all kinds together there is no rate
        failed, base, share = self._rate(self.mine)
        self.assertEqual((failed, base, share), (1200, None, None))

    def test_reasons_share_the_cohort(self):
        """A reason is compared with all that was confirmed, so the rates of the reasons add up."""
        self._confirmed([(self.chair, 5, 100)], (3, 1))
        for quantity, reason in ((2, self.out_of_stock), (3, self.supplier_late)):
            order = self._confirmed([(self.chair, quantity, 100)], (3, 2))
            self._dialog(order, reason)
        domain = [*self.mine, ("kind", "=", "cancelled")]
        by_reason = self._rate(domain, ["reason_id"])
        self.assertEqual(by_reason, {self.out_of_stock: (200, 1000, 20), self.supplier_late: (300, 1000, 30)})
        self.assertEqual(self._rate(domain, ["fault"]), {"us": (200, 1000, 20), "supplier": (300, 1000, 30)})
        # a condition on what only failures have leaves the cohort whole
        self.assertEqual(self._rate([*domain, ("fault", "=", "supplier")]), (300, 1000, 30))
        # the levels of a pivot
        self.env.flush_all()
        levels = self.failure_report._read_grouping_sets(
            domain,
            [[], ["user_id"], ["user_id", "reason_id"]],
            ["failed_value:sum", "base_value:sum", "rate:avg"],
            order="user_id, reason_id",
        )
        self.assertEqual(levels[0], [(500, 1000, 50)])
        self.assertEqual(levels[1], [(self.user_sales, 500, 1000, 50)])
        self.assertEqual(
            levels[2],
            [
                (self.user_sales, self.out_of_stock, 200, 1000, 20),
                (self.user_sales, self.supplier_late, 300, 1000, 30),
            ],
        )
        # as the web client asks, sorted by the rate
        rows = self.failure_report.formatted_read_group(
            domain, ["reason_id"], ["rate:avg", "__count"], order="rate:avg desc"
        )
        self.assertEqual([row["rate:avg"] for row in rows], [30, 20])
        self.assertEqual([row["__count"] for row in rows], [1, 1])

    def test_handed_over_after_the_rest_was_closed(self):
        """The rest is its salesperson's of then, and so is what it is compared with, in the month of then."""
        order = self._confirmed([(self.chair, 10, 100)], (3, 1))
        self._deliver(order, 7)
        self._dialog(order, self.supplier_late, is_short=True)
        mine = self._confirmed([(self.chair, 2, 100)], (4, 1))
        (order + mine).user_id = self.user_sales2
        order.date_order = datetime(2025, 4, 1, 12)
        domain = [*self.mine, ("kind", "=", "short")]
        by_month = self._rate(domain, ["user_id", "date:month"])
        self.assertEqual(
            {(user, month.month): rate for (user, month), rate in by_month.items()},
            {(self.user_sales, 3): (300, 1000, 30), (self.user_sales2, 4): (None, 200, 0)},
        )

    def test_nobody_failed(self):
        """Who has sales and no failure is at 0; who has neither is not there."""
        self._confirmed([(self.chair, 5, 100)], (3, 1), user_id=self.user_sub.id)
        domain = [*self.mine, ("kind", "=", "short")]
        self.assertEqual(self._rate(domain, ["user_id"]), {self.user_sub: (None, 500, 0)})
        nobody = self._create_company_partner("Nobody")
        self.assertEqual(self._rate([("partner_id", "=", nobody.id)]), (None, None, None))

    def test_products(self):
        """By product, failed and confirmed are those of its lines."""
        order = self._confirmed([(self.chair, 10, 100), (self.table, 2, 250)], (3, 1))
        self._deliver(order, 7, 2)
        self._dialog(order, self.out_of_stock, is_short=True)
        domain = [*self.mine, ("kind", "=", "short")]
        self.assertEqual(
            self._rate(domain, ["product_id"]),
            {self.chair: (300, 1000, 30), self.table: (None, 500, 0)},
        )
        self.assertEqual(
            self._rate(domain, ["categ_id"]),
            {self.category: (300, 1000, 30), self.category2: (None, 500, 0)},
        )

    def test_not_counted(self):
        """A quotation entered by mistake is no failure: neither lost nor decided; it stays in the list."""
        self._lost([(self.chair, 5, 100)], self.price)
        mistake = self._lost([(self.chair, 9, 100)], self.by_mistake)
        self.assertEqual(self._rate([*self.mine, ("kind", "=", "lost")]), (500, 500, 100))
        self.assertEqual(self._failure(mistake).value_failed, 900)
        self.assertNotIn(mistake, self._rows(self.mine).order_id)

    def test_lost_then_won(self):
        order = self._lost([(self.chair, 5, 100)], self.price)
        order.action_draft()
        order.action_confirm()
        self.assertEqual(self._rate([*self.mine, ("kind", "=", "lost")]), (None, 500, 0))

    def test_closed_then_cancelled(self):
        """The order counts once in the cohort, with all that was ordered."""
        order = self._confirmed([(self.chair, 10, 100)], (3, 1))
        self._deliver(order, 7)
        self._dialog(order, self.out_of_stock, is_short=True)
        order.action_cancel()
        self.assertEqual(self._rate([*self.mine, ("kind", "=", "cancelled")]), (None, 1000, 0))
        self.assertEqual(self._rate([*self.mine, ("kind", "=", "short")]), (300, 1000, 30))

    def test_closed_cancelled_and_deleted(self):
        """What was given up of an order that is deleted stays in the cohort."""
        order = self._confirmed([(self.chair, 10, 100)], (3, 1))
        self._deliver(order, 7)
        self._dialog(order, self.out_of_stock, is_short=True)
        order.action_cancel()
        failures = self._failure(order)
        order.unlink()
        self.assertEqual(len(failures), 2)
        self.assertFalse(failures.order_id)
        self.assertEqual(self._rate([*self.mine, ("kind", "=", "cancelled")]), (None, 1000, 0))
        self.assertEqual(self._rate([*self.mine, ("kind", "=", "short")]), (300, 1000, 30))

    def test_without_lines(self):
        order = self.env["sale.order"].create({"partner_id": self.buyer.id, "user_id": self.user_sales.id})
        order.action_cancel()
        row = self._rows(self.mine)
        self.assertEqual(row.order_id, order)
        self.assertIs(row.failed_value, False)
        self.assertEqual(self._rate([*self.mine, ("kind", "=", "lost")])[1:], (None, None))

    # ------------------------------------------------------------------
    # Companies and currencies
    # ------------------------------------------------------------------
    def test_two_companies(self):
        """Amounts of the other company in the current one's currency: a dollar is half a euro."""
        orders = self._confirmed([(self.chair, 4, 100)], (3, 1))
        orders += self._confirmed([(self.chair, 4, 100)], (3, 1), company=self.company_usd)
        for order in orders:
            order.action_cancel()
        both = self.failure_report.with_context(
            allowed_company_ids=[self.company_eur.id, self.company_usd.id]
        )
        domain = [*self.mine, ("kind", "=", "cancelled")]
        self.assertEqual(self._rate(domain, report=both), (600, 600, 100))
        self.assertEqual(self._rate(domain), (400, 400, 100))
        self.assertEqual(set(self._rows(domain, both).currency_id), set(self.eur))

    def test_reconciles(self):
        """Random orders: the report says what the plain functions say of the documents."""
        random = Random(7)
        expected, base = {"cancelled": 0, "short": 0, "lost": 0}, {"confirmed": 0, "lost": 0}
        for _number in range(12):
            lines = [
                (product, random.randint(1, 9), random.randint(100, 9999) / 100)
                for product in (self.chair, self.table)
            ]
            state = random.choice(["lost", "cancelled", "short", "kept"])
            order = self._quote(lines, partner_id=self.buyer.id)
            value = order.amount_untaxed
            subtotals = {line: line.price_subtotal / line.product_uom_qty for line in order.order_line}
            base["lost" if state == "lost" else "confirmed"] += value
            if state == "lost":
                self._dialog(order, self.price)
                expected["lost"] += value
                continue
            order.action_confirm()
            order.date_order = datetime(2025, 3, 1, 12)
            delivered = [random.randint(1, int(line.product_uom_qty)) for line in order.order_line]
            self._deliver(order, *delivered)
            if state == "kept":
                continue
            rests = [
                round(subtotals[line] * (line.product_uom_qty - done), 2)
                for line, done in zip(order.order_line, delivered, strict=True)
            ]
            if state == "short" and not sum(rests):
                continue
            self._dialog(order, self.out_of_stock, is_short=state == "short")
            expected[state] += sum(rests)
        totals = self._rate(self.mine, ["kind"])
        for kind, failed in expected.items():
            self.assertTrue(failed, f"the random orders have no {kind}")
            whole = base["confirmed"] + (base["lost"] if kind == "lost" else 0)
            found = totals[kind]
            self.assertAlmostEqual(found[0], failed, 1, kind)
            self.assertAlmostEqual(found[1], whole, 1, kind)
            self.assertAlmostEqual(found[2], 100 * rate(failed, whole), 1, kind)

    # ------------------------------------------------------------------
    # Rows, rights, file
    # ------------------------------------------------------------------
    def test_drill_down(self):
        order = self._confirmed([(self.chair, 4, 100)], (3, 1))
        self._dialog(order, self.out_of_stock)
        row = self._rows(self.mine)
        self.assertEqual(len(row), 1)
        action = row.with_user(self.user_sales).action_open_order()
        self.assertEqual((action["res_model"], action["res_id"]), ("sale.order", order.id))
        self.assertEqual(self.failure_report.search_count(self.mine), 1)
        plain = self._create_user("failure_reader", "partner_relations.group_user")
        plain.write({"company_ids": [(6, 0, self.company_eur.ids)], "company_id": self.company_eur.id})
        self.buyer.user_id = plain
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertRaisesRegex(UserError, f"failure of {order.name}, but have no right to open"):
            row.with_user(plain).action_open_order()

    def test_rights(self):
        other = self._create_company_partner("Other", user_id=self.user_sales2.id)
        for customer, user in ((self.buyer, self.user_sales), (other, self.user_sales2)):
            order = self._order([(self.chair, 4, 100)], partner_id=customer.id, user_id=user.id)
            order.action_cancel()
        domain = [("partner_id", "in", (self.buyer + other).ids), ("kind", "=", "cancelled")]
        for user, value in (
            (self.user_sales, 400),
            (self.user_sales2, 400),
            (self.user_supervisor, 400),
            (self.user_director, 800),
        ):
            report = self.failure_report.with_user(user)
            self.assertEqual(self._rate(domain, report=report)[:2], (value, value), user.login)
            self.assertEqual(len(report.web_search_read(domain, {"order_name": {}})["records"]), value / 400)
            groups = report.formatted_read_grouping_sets(
                domain, [[], ["partner_id"]], ["failed_value:sum", "rate:avg"]
            )
            self.assertEqual(len(groups[1]), value / 400)
            # forged keys show no more than the rules do
            forged = report.with_context(failure_rows="all", failure_by_line=True)
            self.assertEqual(sum(forged.search(domain).mapped("base_value")), value, user.login)
        with self.assertRaises(AccessError):
            self.failure_report.with_user(self.user_seller).search([])

    def test_excel(self):
        order = self._confirmed([(self.chair, 4, 100)], (3, 1))
        self._dialog(order, self.out_of_stock)
        self._lost([(self.table, 2, 50)], self.price)
        book = self._excel(self.failure_report, self.mine, self.user_director)
        summary = [[cell for cell in row if cell is not None] for row in book.worksheets[0].values]
        flat = [cell for row in summary for cell in row]
        self.assertIn(self.out_of_stock.name, flat)
        self.assertIn("Quotation Lost – Reason", flat)
        values = [row for row in book.worksheets[1].values if order.name in row]
        self.assertEqual(len(values), 1)
        self.assertIn(400, values[0])

    def test_queries(self):
        """The fields of a list cost the same for one row and for twenty."""
        for _number in range(20):
            self._quote(partner_id=self.buyer.id).action_cancel()
        rows = self._rows(self.mine)
        self.assertEqual(len(rows), 20)
        for records in (rows[:1], rows):
            self.env.invalidate_all()
            with self.assertQueryCount(4):
                records.mapped("failed_value")
                records.mapped("abc_class")
