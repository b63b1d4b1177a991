import csv
import doctest
import itertools
import os
import random
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from odoo import Command
from odoo.exceptions import UserError
from odoo.modules.module import get_module_path
from odoo.tests import TransactionCase, freeze_time, tagged
from odoo.tools import SQL

from odoo.addons.partner_relations.tools import classification, periods
from odoo.addons.partner_relations.tools.classification import abc_classes, variation, xyz_class
from odoo.addons.partner_relations.tools.periods import add_months

from ..jobs import held_elsewhere
from .sales_history import DATE_TO, Document, SalesHistoryCommon, classify, parse_date

DATE_FROM = date(2025, 11, 1)


def cases():
    """Published examples and real sales kept beside the project; without them the invented ones do."""
    folder = os.environ.get("PARTNER_RELATIONS_CASES")
    return (
        Path(folder)
        if folder
        else Path(get_module_path("partner_relations")).resolve().parent / "shared/cases"
    )


def months_back(number):
    """A day in the month that ended ``number`` months before the last day of the run."""
    return add_months(DATE_TO, -number) + timedelta(days=9)


@tagged("post_install", "-at_install")
class TestClassificationFunctions(TransactionCase):
    """The definitions, as plain functions."""

    def test_examples_in_docstrings(self):
        for module in (classification, periods):
            failures, count = doctest.testmod(module)
            self.assertGreater(count, 0)
            self.assertFalse(failures)

    def test_borders_of_abc(self):
        self.assertEqual(abc_classes({1: 70, 2: 20, 3: 10}, 70, 20), {1: "a", 2: "b", 3: "c"})
        self.assertEqual(abc_classes({1: 70, 2: 20, 3: 10}, 70, 20, "lower"), {1: "a", 2: "b", 3: "c"})
        self.assertEqual(abc_classes({1: 71, 2: 19, 3: 10}, 70, 20, "lower"), {1: "b", 2: "b", 3: "c"})
        self.assertEqual(abc_classes({1: 69, 2: 21, 3: 10}, 70, 20), {1: "a", 2: "a", 3: "c"})
        # a third of the total each, with a share that no float holds
        self.assertEqual(abc_classes({1: 1, 2: 1, 3: 1}, "33.33", "33.33"), {1: "a", 2: "b", 3: "c"})
        self.assertEqual(abc_classes({3: 5, 1: 5, 2: 5}, 40, 40), {3: "b", 1: "a", 2: "a"})
        self.assertEqual(abc_classes({1: None}, 70, 20), {1: None})

    def test_published_examples(self):
        """The tables in print, with the setting that each source used."""
        folder = cases() / "abc_xyz"
        rows = {
            path.stem: list(csv.DictReader(path.open(encoding="utf-8"))) for path in folder.glob("ex*.csv")
        }
        if folder.exists():
            self.assertLessEqual({"ex01", "ex03", "ex05", "ex10"}, {name[:4] for name in rows})
            self.assertTrue(all(rows.values()))
        for name, table in rows.items():
            if name.startswith("ex01"):
                amounts = {int(row["item"]): Decimal(row["amount"]) for row in table}
                for border, column in (("higher", "our_cross_in"), ("lower", "published_class_80_95")):
                    classes = abc_classes(amounts, 80, 15, border)
                    self.assertEqual(
                        [classes[int(row["item"])].upper() for row in table], [row[column] for row in table]
                    )
            if name.startswith("ex03"):
                for row in table:
                    cv = variation([row["jan"], row["feb"], row["mar"]])
                    self.assertAlmostEqual(cv, float(row["published_cv_pct"]), delta=0.0051)
                    self.assertEqual(xyz_class(cv, 10, 25).upper(), row["published_class_10_25"])
                    sample = variation([row["jan"], row["feb"], row["mar"]], "sample")
                    self.assertAlmostEqual(sample, float(row["our_cv_samp_pct"]), places=4)
            if name.startswith("ex05"):
                for row in table:
                    series = row["series"].split()
                    self.assertEqual(round(variation(series, "sample")), int(row["published_cv_pct"]))
                    self.assertAlmostEqual(variation(series), float(row["our_cv_pop_pct"]), places=4)
            if name.startswith("ex10"):
                amounts = {row["customer"]: Decimal(row["amount"]) for row in table}
                for border, column in (("higher", "our_cross_in_80_95"), ("lower", "our_cross_out_80_95")):
                    classes = abc_classes(amounts, 80, 15, border)
                    self.assertEqual(
                        [classes[row["customer"]].upper() for row in table], [row[column] for row in table]
                    )


class ClassificationCompare:
    """Compares a run with the reference, line by line."""

    def _compare(self, run, documents, policy):
        expected = classify(documents, policy._get_parameters(), run.date_from, run.date_to, run.stage_date)
        lines = {line.partner_id.id: line for line in run.line_ids}
        for partner_id, values in expected.items():
            line = lines[partner_id]
            for name, value in values.items():
                if name == "cv":
                    self.assertAlmostEqual(line.cv or 0.0, value or 0.0, places=5)
                    self.assertEqual(line.cv is False, value is None)
                elif isinstance(value, Decimal):
                    self.assertEqual(Decimal(str(line[name])), value.normalize() + 0, (name, line.reason))
                else:
                    self.assertEqual(line[name], False if value is None else value, (name, line.reason))
        sold = [line for line in lines.values() if line.revenue is not False]
        self.assertEqual(
            {line.partner_id.id for line in sold},
            {key for key, v in expected.items() if v["revenue"] is not None},
        )


@tagged("post_install", "-at_install")
class TestClassification(ClassificationCompare, SalesHistoryCommon):
    """A run against the definitions."""

    def _partners(self, count):
        return self.env["res.partner"].create(
            [{"name": f"Customer {number:03}", "is_company": True} for number in range(count)]
        )

    # ------------------------------------------------------------------
    # ABC
    # ------------------------------------------------------------------
    def _abc(self, amounts, **values):
        partners = self._partners(len(amounts))
        for partner, amount in zip(partners, amounts, strict=True):
            if amount:
                self._sell(partner, DATE_TO, amount)
        run = self._create_run(self._create_policy(**values))
        return "".join(cls or "-" for cls in self._classes(run, partners, "abc_class"))

    def test_abc_presets(self):
        amounts = [420, 180, 130, 90, 80, 60, 40, 0]
        self.assertEqual(self._abc(amounts), "aaabbcc-")

    def test_abc_80_15_5(self):
        amounts = [420, 180, 130, 90, 80, 60, 40, 0]
        self.assertEqual(self._abc(amounts, abc_a=80, abc_b=15), "aaaabbc-")

    def test_abc_one_large(self):
        self.assertEqual(self._abc([950, 50]), "ac")

    def test_abc_one_large_lower(self):
        self.assertEqual(self._abc([950, 50], abc_border="lower"), "cc")

    def test_abc_exact_border(self):
        self.assertEqual(self._abc([70, 20, 10]), "abc")

    def test_abc_exact_border_lower(self):
        self.assertEqual(self._abc([70, 20, 10], abc_border="lower"), "abc")

    def test_abc_one_customer(self):
        self.assertEqual(self._abc([5]), "a")

    def test_abc_all_equal_ties_by_id(self):
        self.assertEqual(self._abc([10] * 10), "aaaaaaabbc")

    def test_abc_not_above_zero(self):
        """With sales it is C."""
        partners = self._partners(2)
        for partner, credit in zip(partners, (-10, -20), strict=True):
            self._sell(partner, DATE_TO, 10)
            self._sell(partner, DATE_TO, credit)
        self.assertEqual(
            self._classes(self._create_run(), partners, "abc_class", "value"), [("c", 0), ("c", -10)]
        )

    def test_abc_without_sales(self):
        """An invoice of zero, a sale that was taken back and a credit note are none, whatever was sold elsewhen."""
        partners = self._partners(6)
        _zero, taken_back, credit, before, after, bought = partners
        for partner in partners - taken_back - credit:
            self._sell(partner, DATE_TO - timedelta(days=5), 0)
        self._sell(taken_back, DATE_TO, -50, origin=self._sell(taken_back, DATE_TO, 50))
        self._sell(credit, DATE_TO, -30)
        self._sell(before, DATE_TO - timedelta(days=100), 10)
        self._sell(after, DATE_TO + timedelta(days=2), 10)
        self._sell(bought, DATE_TO, 10)
        policy = self._create_policy(months=3)
        run = self._create_run(policy, stage_date=DATE_TO + timedelta(days=3))
        self.assertEqual(
            self._classes(run, partners, "abc_class", "stage", "value"),
            [
                (False, "potential", 0),
                (False, "potential", 0),
                (False, "potential", -30),
                (False, "one_time", 0),
                (False, "one_time", 0),
                ("a", "one_time", 10),
            ],
        )
        self.assertIn("No ABC class: no sales in the window.", self._lines(run)[before].reason)

    def test_abc_zero_total(self):
        partners = self._partners(2)
        for partner in partners:
            self._sell(partner, DATE_TO, 10)
            self._sell(partner, DATE_TO, -10)
        run = self._create_run()
        self.assertEqual(
            self._classes(run, partners, "abc_class", "value", "share", "cumulative_share"),
            [("c", 0.0, False, False)] * 2,
        )

    def test_no_share_without_an_amount(self):
        """Below zero, and of who bought nothing in the window, there is none; an amount of zero has a share of zero."""
        buyer, even, returner, former = partners = self._partners(4)
        self._sell(buyer, DATE_TO, 100)
        self._sell(even, DATE_TO, 10)
        self._sell(even, DATE_TO, -10)
        self._sell(returner, DATE_TO, -10)
        self._sell(former, DATE_FROM - timedelta(days=1), 1000)
        self.assertEqual(
            self._classes(self._create_run(), partners, "share", "cumulative_share"),
            [(100, 100), (0, 100), (False, False), (False, False)],
        )

    def test_abc_window(self):
        first, last, before, after = self._partners(4)
        self._sell(first, DATE_FROM, 100)
        self._sell(last, DATE_TO, 50)
        self._sell(before, DATE_FROM - timedelta(days=1), 1000)
        self._sell(after, DATE_TO + timedelta(days=1), 1000)
        run = self._create_run(date_to=DATE_TO)
        self.assertEqual(run.date_from, DATE_FROM)
        self.assertEqual(
            self._classes(run, first | last | before | after, "value", "abc_class", "stage"),
            [
                (100, False, "lost"),
                (50, "a", "one_time"),
                (False, False, "lost"),
                (False, False, "potential"),
            ],
        )
        self.assertEqual(run.total_revenue, 150)

    def test_lost_keeps_its_share_but_has_no_class(self):
        """The total is what was sold in the window; a lost customer has no class but its money counts."""
        lost, small = self._partners(2)
        self._sell(lost, DATE_FROM, 900)
        self._sell(small, DATE_TO, 100)
        run = self._create_run()
        self.assertEqual(
            self._classes(run, lost | small, "abc_class", "share", "cumulative_share"),
            [(False, 90, 90), ("c", 10, 100)],
        )

    def test_profit_measure(self):
        rich, poor = self._partners(2)
        self._sell(rich, DATE_TO, 100, cost=10)
        self._sell(poor, DATE_TO, 1000, cost=995)
        run = self._create_run(self._create_policy(measure="profit"))
        self.assertEqual(
            self._classes(run, rich | poor, "abc_class", "revenue", "profit", "value"),
            [("a", 100, 90, 90), ("c", 1000, 5, 5)],
        )

    def test_only_credit_notes(self):
        partner = self._partners(1)
        self._sell(partner, DATE_TO, -30)
        run = self._create_run()
        self.assertEqual(
            self._classes(run, partner, "abc_class", "xyz_class", "stage", "revenue", "sales_count"),
            [(False, False, "potential", -30, 0)],
        )

    # ------------------------------------------------------------------
    # XYZ
    # ------------------------------------------------------------------
    def _xyz(self, months, **values):
        """Class and variation of a customer with these sums of the last months, and a sale before them."""
        partner = self._partners(1)
        for number, amount in enumerate(reversed(months), 1):
            if amount:
                self._sell(partner, months_back(number - 1), amount)
        run = self._create_run(self._create_policy(**values))
        [(xyz, cv)] = self._classes(run, partner, "xyz_class", "cv")
        return xyz, cv is not False and round(cv, 1)

    def test_xyz_even_is_x(self):
        self.assertEqual(self._xyz([100] * 12), ("x", 0.0))

    def test_xyz_nine_of_twelve(self):
        self.assertEqual(self._xyz([50, 50, 0, 50, 50, 50, 0, 50, 50, 50, 0, 50]), ("y", 57.7))

    def test_xyz_six_of_twelve_is_exactly_the_limit(self):
        self.assertEqual(self._xyz([70, 0] * 6), ("y", 100.0))

    def test_xyz_three_of_twelve(self):
        self.assertEqual(self._xyz([9, 0, 0, 0] * 3), ("z", 173.2))

    def test_xyz_mixed(self):
        months = [100, 120, 90, 110, 80, 130, 95, 105, 115, 85, 100, 70]
        self.assertEqual(self._xyz(months), ("x", 16.6))

    def test_xyz_sample(self):
        months = [100, 120, 90, 110, 80, 130, 95, 105, 115, 85, 100, 70]
        self.assertEqual(self._xyz(months, xyz_deviation="sample"), ("x", 17.3))

    def test_xyz_from_the_first_purchase(self):
        self.assertEqual(self._xyz([0] * 9 + [10, 10, 10]), ("x", 0.0))

    def test_xyz_from_the_first_purchase_that_counts(self):
        """What lies before it is in no sum: nor an invoice of zero, a credit note, or a sale that was taken back."""
        zero, credit, taken_back, none, old = partners = self._partners(5)
        self._sell(zero, months_back(9), 0)
        self._sell(credit, months_back(9), -7)
        for day in (months_back(9), date(2024, 1, 1)):
            origin = self._sell(taken_back, day, 50)
            self._sell(taken_back, months_back(8), -50, origin=origin)
            self._sell(none, day, -50, origin=self._sell(none, day, 50))
        self._sell(old, date(2024, 1, 1), 10)
        self._sell(old, months_back(9), -7)
        for number in range(4):
            for partner in partners - none:
                self._sell(partner, months_back(number), 10)
        expected = [*[(4, "x", 0)] * 3, (0, False, False), (12, "z", 198.7)]
        for measure in ("revenue", "profit", "orders"):
            run = self._create_run(self._create_policy(xyz_measure=measure))
            rows = self._classes(run, partners, "xyz_periods", "xyz_class", "cv")
            rows = [(periods, xyz, cv and round(cv, 1)) for periods, xyz, cv in rows]
            # the credit note is no sale whose number is counted
            last = (12, "z", 141.4) if measure == "orders" else expected[-1]
            self.assertEqual(rows, [*expected[:-1], last], measure)
        run = self._create_run(self._create_policy(xyz_from_first=False))
        self.assertEqual(self._classes(run, zero | credit, "xyz_periods", "xyz_class"), [(12, "z")] * 2)

    def test_xyz_whole_window(self):
        self.assertEqual(self._xyz([0] * 9 + [10, 10, 10], xyz_from_first=False), ("z", 173.2))

    def test_xyz_too_few_periods(self):
        self.assertEqual(self._xyz([0] * 10 + [10, 10]), (False, False))

    def test_xyz_older_purchase_fills_the_window(self):
        partner = self._partners(1)
        self._sell(partner, date(2024, 1, 1), 10)
        for number in range(3):
            self._sell(partner, months_back(number), 10)
        run = self._create_run()
        self.assertEqual(self._classes(run, partner, "xyz_periods", "xyz_class"), [(12, "z")])

    def test_xyz_mean_not_positive(self):
        self.assertEqual(self._xyz([10, 10, 10, -40]), (False, False))

    def test_xyz_regular_only(self):
        partner = self._partners(1)
        self._sell(partner, months_back(2), 10)
        run = self._create_run()
        self.assertEqual(
            self._classes(run, partner, "stage", "xyz_class", "cv"), [("one_time", False, False)]
        )
        run = self._create_run(self._create_policy(xyz_scope="all"))
        self.assertEqual(self._classes(run, partner, "stage", "xyz_class"), [("one_time", "z")])

    def test_xyz_unfinished_month_is_left_out(self):
        """A run up to the middle of a month compares the months that are over."""
        partner = self._partners(1)
        for number in range(1, 13):
            self._sell(partner, months_back(number), 10)
        self._sell(partner, date(2026, 10, 5), 500)
        run = self._create_run(date_to=date(2026, 10, 15))
        self.assertEqual(self._classes(run, partner, "xyz_class", "cv"), [("x", 0)])

    def test_run_that_somebody_else_computes(self):
        """One computes a run at a time: two would write its lines twice."""
        run = self._create_run()
        with held_elsewhere(run), self.assertRaisesRegex(UserError, "being computed by somebody else"):
            run.action_compute()
        run.action_compute()

    @freeze_time("2026-10-31 12:00:00")
    def test_xyz_running_month_is_left_out(self):
        """Also where the run goes up to its last day."""
        partner = self._partners(1)
        for number in range(1, 13):
            self._sell(partner, months_back(number), 10)
        self._sell(partner, date(2026, 10, 5), 500)
        run = self._create_run()
        self.assertEqual(self._classes(run, partner, "xyz_class", "cv", "revenue"), [("x", 0, 610)])
        with freeze_time("2026-11-01 12:00:00"):
            run.action_compute()
            self.assertEqual(self._classes(run, partner, "xyz_class"), ["z"])

    def test_xyz_by_number_of_sales_and_quarters(self):
        partner = self._partners(1)
        for number in range(12):
            self._sell(partner, months_back(number), 10 * (number + 1))
        policy = self._create_policy(xyz_measure="orders")
        self.assertEqual(self._classes(self._create_run(policy), partner, "xyz_class", "cv"), [("x", 0)])
        policy = self._create_policy(
            xyz_measure="orders", xyz_period="quarter", xyz_periods=4, xyz_min_periods=3
        )
        run = self._create_run(policy, date_to=date(2026, 9, 30))
        self.assertEqual(self._classes(run, partner, "xyz_periods", "xyz_class"), [(4, "x")])

    # ------------------------------------------------------------------
    # Stage
    # ------------------------------------------------------------------
    def test_stage_borders(self):
        names = ("one", "one_lost", "two", "two_lost", "none")
        one, one_lost, two, two_lost, none = self._partners(len(names))
        self._sell(one, DATE_TO - timedelta(days=180), 10)
        self._sell(one_lost, DATE_TO - timedelta(days=181), 10)
        for partner, days in ((two, 180), (two_lost, 181)):
            self._sell(partner, DATE_TO - timedelta(days=days), 10)
            self._sell(partner, DATE_TO - timedelta(days=300), 10)
        run = self._create_run()
        self.assertEqual(
            self._classes(
                run, one | one_lost | two | two_lost | none, "stage", "sales_count", "days_since_sale"
            ),
            [
                ("one_time", 1, 180),
                ("lost", 1, 181),
                ("regular", 2, 180),
                ("lost", 2, 181),
                ("potential", 0, False),
            ],
        )

    def test_stage_refunded_sales_do_not_count(self):
        linked, part, paid_back, unlinked, first_back = self._partners(5)
        origin = self._sell(linked, DATE_TO, 100)
        self._sell(linked, DATE_TO, -100, origin=origin)
        origin = self._sell(part, DATE_TO, 100)
        self._sell(part, DATE_TO, "-99.99", origin=origin)
        origin = self._sell(paid_back, DATE_TO - timedelta(days=5), 100)
        self._sell(paid_back, DATE_TO - timedelta(days=4), -60, origin=origin)
        self._sell(paid_back, DATE_TO - timedelta(days=3), -40, origin=origin)
        self._sell(paid_back, DATE_TO - timedelta(days=9), 10)
        self._sell(unlinked, DATE_TO, 100, payment_state="reversed")
        origin = self._sell(first_back, DATE_TO - timedelta(days=100), 100)
        self._sell(first_back, DATE_TO - timedelta(days=100), -100, origin=origin)
        self._sell(first_back, DATE_TO - timedelta(days=50), 100)
        # taken back after the day of the run: not yet known then
        origin = self._sell(first_back, DATE_TO - timedelta(days=40), 100)
        self._sell(first_back, DATE_TO + timedelta(days=1), -100, origin=origin)
        run = self._create_run()
        self.assertEqual(
            self._classes(
                run,
                linked | part | paid_back | unlinked | first_back,
                "stage",
                "sales_count",
                "first_sale_date",
            ),
            [
                ("potential", 0, False),
                ("one_time", 1, DATE_TO),
                ("one_time", 1, DATE_TO - timedelta(days=9)),
                ("potential", 0, False),
                ("regular", 2, DATE_TO - timedelta(days=50)),
            ],
        )

    def test_stage_refunded_at_another_rate(self):
        """A rate that changed in between takes nothing back, and leaves nothing."""
        dearer, cheaper, mixed = self._partners(3)
        for partner, rates, dollars in (
            (dearer, (28, 27), (100, -100)),
            (cheaper, (27, "29.5"), (100, -96)),
            # the credit note is in the company's own currency
            (mixed, (27, 1), (100, -2700)),
        ):
            sale, credit = (Decimal(rate) * amount for rate, amount in zip(rates, dollars, strict=True))
            origin = self._sell(partner, DATE_TO, sale)
            refund = self._sell(partner, DATE_TO, credit, origin=origin)
            foreign = [origin] if partner == mixed else [origin, refund]
            # SQL: as the documents are made
            self.env.cr.execute(
                """UPDATE account_move SET currency_id = %s, amount_untaxed_in_currency_signed = CASE id WHEN %s
                   THEN %s ELSE %s END WHERE id = ANY(%s)""",
                [self.usd.id, origin, *dollars, foreign],
            )
        run = self._create_run()
        self.assertEqual(
            self._classes(run, dearer | cheaper | mixed, "stage", "sales_count"),
            [("potential", 0), ("one_time", 1), ("potential", 0)],
        )

    def test_stage_sale_taken_back_by_credit_notes_with_and_without_origin(self):
        """Matched with both; a part that says so and is dated after the run is not known then."""
        both, later = self._partners(2)
        for partner, day in ((both, DATE_TO), (later, DATE_TO + timedelta(days=1))):
            origin = self._sell(partner, DATE_TO, 100, payment_state="reversed")
            self._sell(partner, day, -60, origin=origin)
            self._sell(partner, DATE_TO, -40)
        run = self._create_run()
        self.assertEqual(
            self._classes(run, both | later, "stage", "sales_count"), [("potential", 0), ("one_time", 1)]
        )

    def test_stage_own_rhythm(self):
        """Every 100 days: lost after 300, not after 180; three purchases have no rhythm yet."""
        rare, rare_lost, three = self._partners(3)
        for partner, last in ((rare, 300), (rare_lost, 301)):
            for number in range(4):
                self._sell(partner, DATE_TO - timedelta(days=last + 100 * number), 10)
        for number in range(3):
            self._sell(three, DATE_TO - timedelta(days=181 + 100 * number), 10)
        run = self._create_run(self._create_policy(lost_own_rhythm=True))
        self.assertEqual(
            self._classes(run, rare | rare_lost | three, "stage", "median_interval"),
            [("regular", 100), ("lost", 100), ("lost", 100)],
        )

    def test_stage_own_rhythm_without_what_was_taken_back(self):
        """What is sold and taken back in between makes nobody a frequent buyer."""
        partner = self._partners(1)
        for number in range(4):
            self._sell(partner, DATE_TO - timedelta(days=200 + 100 * number), 10)
            day = DATE_TO - timedelta(days=250 + 100 * number)
            self._sell(partner, day, -10, origin=self._sell(partner, day, 10))
        run = self._create_run(self._create_policy(lost_own_rhythm=True))
        self.assertEqual(self._classes(run, partner, "stage", "median_interval"), [("regular", 100)])

    def test_returned(self):
        back, still = self._partners(2)
        for partner in back | still:
            self._sell(partner, date(2026, 1, 10), 10)
        run = self._create_run(date_to=date(2026, 9, 30))
        self.assertEqual(self._classes(run, back | still, "stage"), ["lost", "lost"])
        run.action_post()
        self._sell(back, date(2026, 10, 10), 10)
        run = self._create_run()
        self.assertEqual(
            self._classes(run, back | still, "stage", "previous_stage", "is_returned"),
            [("regular", "lost", True), ("lost", "lost", False)],
        )
        self.assertIn("Returned: was lost in the run before", self._lines(run)[back].reason)

    def _get_returned(self, *gaps, origin=False, **values):
        """Whether a customer who bought in these intervals, lastly on 10 October, has returned since September."""
        partner = self._partners(1)
        day = date(2026, 10, 10)
        self._sell(partner, day, 10)
        for gap in gaps:
            if origin:
                # taken back, and so no purchase
                self._sell(partner, day, -10, origin=self._sell(partner, day - timedelta(days=5), 10))
            day -= timedelta(days=gap)
            self._sell(partner, day, 10)
        policy = self._create_policy(**values)
        self._create_run(policy, date_to=date(2026, 9, 30)).action_post()
        run = self._create_run(policy)
        [(returned, previous)] = self._classes(run, partner, "is_returned", "previous_stage")
        words = "Returned: had been lost since the run before" in self._lines(run)[partner].reason
        self.assertEqual((words, previous), (returned, "regular" if len(gaps) > 1 else "one_time"))
        return returned

    def test_returned_since_the_run_before(self):
        """Regular then, lost for some days, and bought again: no run says lost."""
        self.assertTrue(self._get_returned(181, 20))

    def test_returned_not_on_the_last_day(self):
        self.assertFalse(self._get_returned(180, 20))

    def test_returned_but_for_what_was_taken_back(self):
        self.assertTrue(self._get_returned(181, origin=True))

    def test_returned_only_since_the_run_before(self):
        """Who was lost years ago has not returned each time."""
        self.assertFalse(self._get_returned(30, 400))

    def test_returned_by_own_rhythm(self):
        """That of before: every 61 days, lost after 183."""
        self.assertTrue(self._get_returned(184, 61, 61, 61, lost_own_rhythm=True))

    def test_returned_not_by_own_rhythm(self):
        self.assertFalse(self._get_returned(183, 61, 61, 61, lost_own_rhythm=True))

    def test_returned_since_a_run_long_ago(self):
        """Also where the customer bought, was lost and bought again since."""
        partner = self._partners(1)
        for day in (date(2025, 5, 1), date(2025, 8, 1), date(2026, 3, 1), date(2026, 10, 10)):
            self._sell(partner, day, 10)
        self._create_run(date_to=date(2025, 6, 30)).action_post()
        self.assertEqual(self._classes(self._create_run(), partner, "is_returned"), [True])

    def test_reason(self):
        regular, lost, one, potential = self._partners(4)
        for number in range(12):
            self._sell(regular, DATE_TO - timedelta(days=41 + 30 * number), 100)
        self._sell(lost, DATE_TO - timedelta(days=200), 50)
        self._sell(one, DATE_TO - timedelta(days=3), 50)
        lines = self._lines(self._create_run())
        self.assertIn("12 purchases, the last 41 days ago", lines[regular].reason)
        # the first of the twelve lies before the window
        self.assertIn("A: 1,100.00\xa0€, 91.67% of the total", lines[regular].reason)
        self.assertIn("more than 180 days without a purchase", lines[lost].reason)
        self.assertIn("1 purchase, 3 days ago", lines[one].reason)
        self.assertEqual(lines[potential].reason, "Potential: no purchase yet.")

    # ------------------------------------------------------------------
    # Who counts
    # ------------------------------------------------------------------
    def test_potential_customers(self):
        partners = self._partners(3)
        contact, supplier, gone = partners
        supplier.supplier_rank = 1
        gone.active = False
        person = self._create_person("A Person", contact)
        run = self._create_run()
        shown = run.line_ids.partner_id
        self.assertIn(contact, shown)
        for nobody in (supplier, gone, person, self.company_eur.partner_id, self.user_sales.partner_id):
            self.assertNotIn(nobody, shown)
        run = self._create_run(self._create_policy(potential_scope="prospects"))
        self.assertNotIn(contact, run.line_ids.partner_id)
        self.env["crm.lead"].create(
            {"name": "Chairs", "partner_id": person.id, "company_id": self.company_eur.id}
        )
        run.action_compute()
        self.assertIn(contact, run.line_ids.partner_id)

    def test_archived_customer_keeps_its_sales(self):
        partner = self._partners(1)
        self._sell(partner, DATE_TO, 100)
        partner.active = False
        run = self._create_run()
        self.assertEqual(self._classes(run, partner, "abc_class", "stage"), [("a", "one_time")])

    def test_person_who_joined_a_company(self):
        """Invoices to somebody who is the contact of a company now are sales to the company."""
        company = self._partners(1)
        person = self._create_person("Came Later")
        for number in range(12):
            self._sell(person, months_back(number), 60)
            self._sell(company, months_back(number), 40)
        person.parent_id = company
        run = self._create_run()
        self.assertNotIn(person, run.line_ids.partner_id)
        self.assertEqual(
            self._classes(run, company, "revenue", "sales_count", "xyz_class", "cv"), [(1200, 24, "x", 0)]
        )
        # it stays so when computed again
        run.action_compute()
        self.assertEqual(self._classes(run, company, "revenue", "sales_count"), [(1200, 24)])

    def test_two_companies_with_different_currencies(self):
        partner, other = self._partners(2)
        self._sell(partner, DATE_TO, 100)
        self._sell(partner, DATE_TO, 7, company=self.company_usd)
        self._sell(other, DATE_TO, 993, company=self.company_usd)
        policy = self._create_policy(company_id=self.company_usd.id)
        self.assertEqual(
            self._classes(self._create_run(), partner | other, "abc_class", "revenue"),
            [("a", 100), (False, False)],
        )
        run = self._create_run(policy)
        self.assertEqual(run.currency_id, self.usd)
        self.assertEqual(self._classes(run, partner | other, "abc_class", "revenue"), [("c", 7), ("a", 993)])
        self.assertEqual(run.line_ids.currency_id, self.usd)

    def test_drafts_and_bills_do_not_count(self):
        partner = self._partners(1)
        self._sell(partner, DATE_TO, 100, move_type="in_invoice")
        self.env["account.move"].create({"move_type": "out_invoice", "partner_id": partner.id})
        run = self._create_run()
        self.assertEqual(self._classes(run, partner, "revenue", "stage"), [(False, "potential")])

    def test_suppliers_by_spend(self):
        large, small, back = self._partners(3)
        self._sell(large, DATE_TO, 950, move_type="in_invoice")
        self._sell(small, DATE_TO, 60, move_type="in_invoice")
        self._sell(small, DATE_TO, -10, move_type="in_refund")
        self._sell(back, DATE_TO, -10, move_type="in_refund")
        self._sell(large, DATE_TO, 5000)
        policy = self.env["partner.classification.policy"]._get_for(self.company_eur, "supplier")
        run = self._create_run(policy)
        self.assertEqual(run.kind, "supplier")
        self.assertEqual(
            self._classes(run, large | small | back, "abc_class", "revenue", "stage", "xyz_class", "profit"),
            [
                ("a", 950, False, False, False),
                ("c", 50, False, False, False),
                (False, -10, False, False, False),
            ],
        )
        # who buys sees all suppliers, whoever has them, and no more customers
        buyer = self._create_user(
            "classes_buyer",
            "partner_relations.group_user,purchase.group_purchase_user",
            company_id=self.company_eur.id,
            company_ids=[Command.set(self.company_eur.ids)],
        )
        sold = self._create_run()
        for user, seen in ((buyer, len(run.line_ids)), (self.user_sales2, 0)):
            lines = self.env["partner.classification.line"].with_user(user)
            lines = lines.with_context(allowed_company_ids=self.company_eur.ids)
            self.assertEqual(lines.search_count([("classification_id", "=", run.id)]), seen)
            self.assertFalse(lines.search_count([("classification_id", "=", sold.id)]))

    def test_confirmed_orders(self):
        """Orders by the day of the company's time zone, in its currency."""
        self.company_eur.partner_id.tz = "Asia/Ho_Chi_Minh"
        early, late = self._partners(2)
        for partner, moment in ((early, "2026-10-31 16:59:59"), (late, "2026-10-31 17:00:00")):
            order = self._create_order(
                [{"product_id": self.chair.id, "product_uom_qty": 10, "price_unit": 20}],
                partner=partner,
                currency=self.usd,
            )
            order.date_order = moment
        policy = self._create_policy(source="order")
        run = self._create_run(policy)
        # 200 dollars are 100 euro; ten chairs cost 10 euro each
        self.assertEqual(
            self._classes(run, early | late, "revenue", "profit", "stage"),
            [(100, 0, "one_time"), (False, False, "potential")],
        )
        run = self._create_run(policy, date_to=date(2026, 11, 30))
        self.assertEqual(self._classes(run, late, "revenue"), [100])

    def test_empty_database(self):
        self.env.cr.execute("UPDATE account_move SET state = 'draft' WHERE state = 'posted'")
        self.env["account.move"].invalidate_model()
        run = self._create_run(self._create_policy(potential_scope="prospects"))
        self.assertFalse(run.line_ids.filtered("revenue"))
        run.action_post()
        self.assertEqual((run.total_revenue, run.state), (False, "posted"))

    # ------------------------------------------------------------------
    # Against the reference
    # ------------------------------------------------------------------
    def _random_history(self, seed):
        rng = random.Random(seed)
        partners = self._partners(30)
        documents = []
        for partner in partners:
            for _number in range(rng.choice((0, 1, 1, 2, 3, 5, 8, 20))):
                day = DATE_TO - timedelta(
                    days=rng.choice((0, 1, 179, 180, 181, 364, 365, rng.randrange(700)))
                )
                amount = Decimal(rng.choice((rng.randrange(1, 5000), 1000, 1000, 5))) / rng.choice(
                    (1, 10, 100)
                )
                cost = (amount * rng.randrange(0, 120) / 100).quantize(Decimal("0.01"))
                quantity = Decimal(rng.randrange(1, 400)) / rng.choice((1, 1, 12))
                origin = self._sell(partner, day, amount, cost, quantity=quantity)
                document = Document(partner.id, day, amount, cost, quantity=quantity)
                documents.append(document)
                chance = rng.random()
                if chance < 0.15:
                    back = min(day + timedelta(days=rng.randrange(30)), DATE_TO)
                    part = amount if chance < 0.1 else (amount / 2).quantize(Decimal("0.01"))
                    self._sell(
                        partner,
                        back,
                        -part,
                        -cost,
                        origin=origin if chance < 0.1 else None,
                        quantity=-quantity,
                    )
                    documents.append(Document(partner.id, back, -part, -cost, quantity=-quantity))
                    document.refunded = chance < 0.1
        return documents

    def test_random_against_the_reference(self):
        documents = self._random_history(20261123)
        self.env.cr.execute(
            "UPDATE account_move SET state = 'draft' WHERE partner_id NOT IN %s AND state = 'posted'",
            [tuple({d.partner_id for d in documents})],
        )
        variants = itertools.product(
            ("revenue", "profit"),
            ("higher", "lower"),
            ("population", "sample"),
            (True, False),
            ("regular", "all"),
        )
        seen = set()
        for number, (measure, border, deviation, from_first, scope) in enumerate(variants):
            policy = self._create_policy(
                measure=measure,
                abc_border=border,
                abc_a=(70, 80, "33.33")[number % 3],
                abc_b=(20, 15, "33.33")[number % 3],
                xyz_deviation=deviation,
                xyz_from_first=from_first,
                xyz_scope=scope,
                xyz_measure=("revenue", "orders", "profit", "quantity", "quantity")[number % 5],
                xyz_period=("month", "quarter", "week")[number % 3],
                xyz_periods=(12, 4, 52)[number % 3],
                one_time_limit=number % 2 + 1,
                lost_own_rhythm=number % 2 == 1,
                months=(12, 6, 24)[number % 3],
            )
            with self.subTest(policy=policy._get_parameters()):
                run = self._create_run(policy)
                self._compare(run, documents, policy)
                seen.update(run.line_ids.mapped("abc_class"), run.line_ids.mapped("stage"))
        self.assertLessEqual({"a", "b", "c", "one_time", "regular", "lost"}, seen)

    def _read_rows(self, run):
        """The rows of the lines by id, with where they lie: a row that is written again moves."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                "SELECT id, ctid::text, line.* FROM partner_classification_line AS line"
                " WHERE classification_id = %s",
                run.id,
            )
        )
        return {line_id: (place, values) for line_id, place, *values in rows}

    def test_second_run_changes_nothing(self):
        self._random_history(7)
        run = self._create_run()
        before = self._read_rows(run)
        run.action_compute()
        self.assertEqual(self._read_rows(run), before)
        self.assertGreater(len(before), 20)

    def test_changed_history_changes_only_its_lines(self):
        documents = self._random_history(8)
        # bought nothing in the year, and so has no share of any sum
        lost, partner = self._partners(2)
        past = DATE_TO - timedelta(days=500)
        self._sell(lost, past, 50)
        documents.append(Document(lost.id, past, 50))
        run = self._create_run()
        before = self._read_rows(run)
        self._sell(partner, DATE_TO, 123)
        documents.append(Document(partner.id, DATE_TO, 123))
        run.action_compute()
        self._compare(run, documents, self.policy)
        after = self._read_rows(run)
        same = [line_id for line_id, (_place, values) in before.items() if after[line_id][1] == values]
        self.assertTrue(same)
        self.assertEqual([after[line_id] for line_id in same], [before[line_id] for line_id in same])

    def test_real_sales(self):
        """The CDNOW sample, where it is at hand; a history of its kind, with many ties, otherwise."""
        path = cases() / "sales" / "cdnow_sample_tidy.csv"
        if path.is_file():
            with path.open(encoding="utf-8") as file:
                rows = [
                    (row["customer"], parse_date(row["date"]), Decimal(row["amount"]))
                    for row in csv.DictReader(file)
                ]
        else:
            rng = random.Random(1)
            rows = [
                (
                    str(rng.randrange(800)),
                    date(1997, 1, 1) + timedelta(days=int(rng.triangular(0, 545, 0))),
                    Decimal(rng.choice((1149, 1199, 1477, 2954, 0, rng.randrange(500, 20000)))) / 100,
                )
                for _number in range(2500)
            ]
        names = sorted({name for name, _day, _amount in rows})
        partners = self.env["res.partner"].create([{"name": name, "is_company": True} for name in names])
        by_name = dict(zip(names, partners, strict=True))
        documents = [Document(by_name[name].id, day, amount) for name, day, amount in rows]
        self._insert_sales(documents)
        totals = defaultdict(Decimal)
        for document in documents:
            if date(1997, 7, 1) <= document.date <= date(1998, 6, 30):
                totals[document.partner_id] += document.amount
        for border, deviation in itertools.product(("higher", "lower"), ("population", "sample")):
            policy = self._create_policy(abc_border=border, xyz_deviation=deviation, xyz_scope="all")
            run = self._create_run(policy, date_to=date(1998, 6, 30))
            self._compare(run, documents, policy)
            self.assertEqual(Decimal(str(round(run.total_revenue, 2))), sum(totals.values()))

    def _insert_sales(self, documents):
        """Post many documents at once."""
        model = self.model_moves[self.company_eur.id, "out_invoice"]
        first = self._sell(self.customer2, date(1990, 1, 1), 1)
        names = [
            name
            for name, field in model._fields.items()
            if field.store
            and field.column_type
            and name
            not in {
                "id",
                "name",
                "partner_id",
                "commercial_partner_id",
                "invoice_date",
                "date",
                "amount_untaxed_signed",
            }
        ]
        columns = SQL(", ").join(map(SQL.identifier, names))
        rows = SQL(", ").join(
            SQL("(%s, %s::date, %s::numeric)", document.partner_id, document.date, document.amount)
            for document in documents
        )
        self.env.execute_query(
            SQL(
                """INSERT INTO account_move (name, partner_id, commercial_partner_id, invoice_date, date,
                                             amount_untaxed_signed, %(columns)s)
                   SELECT 'R/' || nextval('account_move_id_seq'), sale.partner_id, sale.partner_id, sale.day, sale.day,
                          sale.amount, %(columns)s
                     FROM account_move, (VALUES %(rows)s) AS sale (partner_id, day, amount)
                    WHERE account_move.id = %(first)s
                RETURNING account_move.id""",
                columns=columns,
                rows=rows,
                first=first,
            )
        )
        self.env["account.move"].browse(first).invalidate_recordset(flush=False)
        # what was inserted since the last statistics is no more to the planner than a row
        self.env.cr.execute("ANALYZE account_move, res_partner")
