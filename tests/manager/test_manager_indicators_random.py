import doctest
import itertools
import random
from collections import defaultdict
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.partner_relations.tools import manager_indicators as reference

from ..customer.sales_history import SalesHistoryCommon

SEEDS = (6, 77, 2026)
ZONE = "Asia/Ho_Chi_Minh"
FIRST, LAST = date(2022, 1, 1), date(2025, 12, 31)
PERIODS = (
    (date(2025, 1, 1), date(2025, 12, 31)),
    (date(2025, 3, 1), date(2025, 3, 31)),
    (date(2024, 2, 1), date(2024, 2, 29)),
    (date(2025, 2, 1), date(2025, 2, 28)),
    (date(2024, 7, 1), date(2024, 9, 30)),
    (date(2025, 5, 17), date(2025, 5, 17)),
    (date(2022, 1, 1), date(2022, 12, 31)),
)
# Days that documents and handovers fall on more often than by chance: the borders of the periods.
BORDERS = tuple(
    day + timedelta(days=shift) for period in PERIODS for day in period for shift in (-366, -365, -1, 0, 1)
)
CUSTOMERS, DOCUMENTS, INVOICES = 25, 260, 25


@tagged("post_install", "-at_install")
class TestManagerIndicatorsRandom(SalesHistoryCommon):
    """Random documents and owners: the statements and the definitions in plain Python agree on every figure."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.companies = cls.company_eur + cls.company_usd
        cls.companies.partner_id.tz = ZONE
        cls.indicators = cls.env["manager.indicator"].search([("code", "in", reference.INDICATORS)])
        cls.gone = cls.user_sub
        cls.gone.active = False
        cls.users = cls.user_sales + cls.user_sales2 + cls.user_supervisor + cls.gone
        for company in cls.companies:
            cls.env["partner.classification.policy"]._get_for(company).lost_days = 200

    def test_definitions(self):
        failures, count = doctest.testmod(reference)
        self.assertFalse(failures)
        self.assertGreater(count, 10)

    def test_all_are_held_against_the_reference(self):
        self.assertEqual(set(self.indicators.mapped("code")), set(reference.INDICATORS))

    def test_random(self):
        compared = defaultdict(int)
        for seed in SEEDS:
            with self.subTest(seed=seed), self.env.cr.savepoint() as savepoint:
                rng = random.Random(seed)
                owners = self._make(rng)
                for company in self.companies:
                    documents = self._read_documents(company)
                    for first, last in PERIODS:
                        for credit in ("owner", "document"):
                            self._compare(company, documents, owners, first, last, credit, compared)
                self.env.invalidate_all(flush=False)
                savepoint.rollback()
        # of every indicator there was something to compare, also of nobody and of who left
        for code in reference.INDICATORS:
            self.assertGreater(compared[code], 30, code)
        self.assertGreater(compared[None], 5)
        self.assertGreater(compared[self.gone.id], 5)

    # ------------------------------------------------------------------
    # What is compared
    # ------------------------------------------------------------------
    def _compare(self, company, documents, owners, first, last, credit, compared):
        facts = reference.compute(documents, first, last, owners, company.id, ZONE, credit, 200)
        values = self.indicators._compute_values(company, first, last, credit=credit)
        evidence = defaultdict(list)
        for user_id, indicator_id, *_document, numerator, denominator in self.env.execute_query(
            self.indicators._get_evidence(company, first, last, credit=credit)
        ):
            evidence[indicator_id, user_id].append((numerator, denominator))
        count = 0
        for indicator in self.indicators:
            for user_id, expected in facts[indicator.code].items():
                what = indicator.code, company.name, str(first), str(last), credit, user_id
                found = values[indicator.id, user_id or False]
                self.assertEqual(found.count, len(expected), what)
                rows = evidence[indicator.id, user_id]
                for index, total in ((0, found.numerator), (1, found.denominator)):
                    numbers = [float(fact[index]) for fact in expected if fact[index] is not None]
                    self.assertEqual(total is None, not numbers, what)
                    self.assertAlmostEqual(total or 0, sum(numbers), 6, what)
                    shown = [row[index] for row in rows if row[index] is not None]
                    self.assertEqual(len(shown), len(numbers), what)
                    for one, other in zip(sorted(shown), sorted(numbers), strict=True):
                        self.assertAlmostEqual(one, other, 6, what)
                value = reference.value(
                    [tuple(None if each is None else float(each) for each in fact) for fact in expected],
                    indicator.kind == "sum",
                )
                self.assertEqual(found.value is None, value is None, what)
                self.assertAlmostEqual(found.value or 0, value or 0, 6, what)
                count += 1
                compared[indicator.code] += 1
                compared[user_id] += 1
        self.assertEqual(len(values), count, "the engine has values that the definitions do not have")
        if last.year == 2025:
            some = self.users[:2]
            self.assertEqual(
                self.indicators._compute_values(company, first, last, users=some, credit=credit),
                {key: value for key, value in values.items() if key[1] in some.ids},
            )
        self._check_turnover(company, first, last, values)

    def _check_turnover(self, company, first, last, values):
        """The sums over all managers and nobody are those of Turnover and Profit, to the cent."""
        report = self.env["partner.turnover.report"].with_company(company)
        [[revenue, profit]] = report.with_context(allowed_company_ids=company.ids)._read_group(
            [("date", ">=", first), ("date", "<=", last)], [], ["revenue:sum", "profit:sum"]
        )
        for code, total in (("revenue", revenue), ("profit", profit)):
            indicator = self.indicators.filtered(lambda each, code=code: each.code == code)
            mine = sum(value.value for key, value in values.items() if key[0] == indicator.id)
            self.assertAlmostEqual(mine, float(total or 0), 2, (code, company.name, str(first)))

    # ------------------------------------------------------------------
    # Chance
    # ------------------------------------------------------------------
    def _day(self, rng):
        if rng.random() < 0.3:
            return min(max(rng.choice(BORDERS), FIRST), LAST)
        return FIRST + timedelta(days=rng.randrange((LAST - FIRST).days + 1))

    def _make(self, rng):
        """Documents of both companies; the owners are returned."""
        customers = self.env["res.partner"].create(
            [{"name": f"Random customer {number}", "is_company": True} for number in range(CUSTOMERS)]
        )
        persons = self.env["res.partner"].create(
            [{"name": "Person", "parent_id": customer.id} for customer in customers[:8]]
        )
        partners = [*customers, *persons]
        # those of Odoo first, as it numbers them after the last ones
        moves = [self._invoice(rng, rng.choice(partners)).id for _number in range(INVOICES)]
        for _number in range(DOCUMENTS):
            partner = rng.choice(partners)
            amount = rng.choice((0, 10, 33.33, 1234.5, -5.55, -700, round(rng.uniform(1, 900), 2)))
            move_id = self._sell(
                partner,
                self._day(rng),
                amount,
                cost=round(amount * rng.uniform(0.3, 1.2), 2),
                company=rng.choice(self.companies),
                payment_state="reversed" if amount > 0 and rng.random() < 0.1 else None,
            )
            moves.append(move_id)
            if amount > 0 and rng.random() < 0.15:
                moves += self._take_back(rng, partner, move_id, amount)
        self.env.flush_all()
        # SQL: as the history itself; some have no salesperson, some no known cost
        for move_id in moves:
            self.env.execute_query(
                SQL(
                    "UPDATE account_move SET invoice_user_id = %s, sale_cost = CASE WHEN %s THEN sale_cost END"
                    " WHERE id = %s RETURNING 1",
                    rng.choice((*self.users.ids, None)),
                    rng.random() < 0.9,
                    move_id,
                )
            )
        self.env.invalidate_all(flush=False)
        owners = self._make_owners(rng, customers)
        # for the planner there would be a row of each otherwise
        self.env.cr.execute("ANALYZE account_move, account_move_line, partner_owner_period, res_partner")
        return owners

    def _take_back(self, rng, partner, move_id, amount):
        """One or two credit notes that say what they reverse: part of it, all, or more."""
        parts = rng.choice(((amount,), (amount / 2,), (amount / 4, amount - amount / 4), (amount, 1)))
        company = self.env["account.move"].browse(move_id).company_id
        return [
            self._sell(partner, self._day(rng), -round(part, 2), company=company, origin=move_id)
            for part in parts
        ]

    def _invoice(self, rng, partner):
        """An invoice or credit note of lines with discounts, given away, below zero, in either currency."""
        company = rng.choice(self.companies)
        kind = rng.choice(("out_invoice", "out_invoice", "out_invoice", "out_refund"))
        lines = [
            {
                "product_id": rng.choice((self.chair, self.table)).id,
                "quantity": rng.choice((1, 3, 7)),
                "price_unit": rng.choice((100, 19.99, 333.33)),
                "discount": rng.choice((0, 0, 5, 12.5, 33.33, 100)),
            }
            for _line in range(rng.randrange(1, 4))
        ]
        lines[0]["discount"] = min(lines[0]["discount"], 50)
        if rng.random() < 0.3:
            lines.append({"name": "Bonus goods", "quantity": 1, "price_unit": -7.77})
        return self._create_invoice(
            lines,
            partner=partner,
            date=self._day(rng),
            company=company,
            move_type=kind,
            currency_id=rng.choice((self.eur, self.usd)).id,
        )

    def _make_owners(self, rng, customers):
        """Who was responsible when, of most customers, with gaps, borders at midnight and rows of one company."""
        self.env["partner.owner.period"].sudo().search([]).unlink()
        owners = []
        for customer in customers:
            if rng.random() < 0.2:
                continue
            companies = (None,) if rng.random() < 0.7 else (rng.choice(self.companies).id,)
            moments = sorted({self._moment(rng) for _number in range(rng.randrange(4))})
            bounds = [None, *moments, None]
            for start, end in itertools.pairwise(bounds):
                if rng.random() < 0.85:
                    owners += [
                        reference.Owner(customer.id, rng.choice(self.users.ids), start, end, company_id)
                        for company_id in companies
                    ]
        for owner in owners:
            self.env.execute_query(
                SQL(
                    "INSERT INTO partner_owner_period"
                    " (partner_id, user_id, date_from, date_to, company_id, estimated, origin)"
                    " VALUES (%s, %s, %s, %s, %s, FALSE, 'changed') RETURNING 1",
                    *owner,
                )
            )
        return owners

    def _moment(self, rng):
        """A moment in UTC; often the first or last second of a day in the company's time zone."""
        midnight = datetime.combine(self._day(rng), time(), ZoneInfo(ZONE))
        moment = midnight.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)
        return moment + timedelta(seconds=rng.choice((0, 0, 1, -1, rng.randrange(86_400))))

    def _read_documents(self, company):
        """The documents as the reference has them, read from invoices and their lines one by one."""
        documents = []
        for move in (
            self.env["account.move"]
            .with_context(active_test=False)
            .search(
                [
                    ("company_id", "=", company.id),
                    ("state", "=", "posted"),
                    ("move_type", "in", ("out_invoice", "out_refund")),
                ],
                order="id",
            )
        ):
            [[cost]] = self.env.execute_query(
                SQL("SELECT sale_cost FROM account_move WHERE id = %s", move.id)
            )
            discount = 0
            for line in self._product_lines(move) if move.move_type == "out_invoice" else ():
                # without a rate, price × quantity of what is given away is in the company's currency
                discount += reference.line_deduction(
                    -line.balance,
                    line.discount,
                    line.price_unit * line.quantity / move.invoice_currency_rate,
                    line.is_downpayment,
                )
            documents.append(
                reference.Document(
                    move.id,
                    move.commercial_partner_id.id,
                    move.invoice_date,
                    move.invoice_user_id.id or None,
                    move.amount_untaxed_signed,
                    None if cost is None else float(cost),
                    discount,
                    move.move_type == "out_refund",
                    self._is_taken_back(move),
                )
            )
        return documents

    def _is_taken_back(self, move):
        """By credit notes that say so and reach its amount, else by what it is reconciled with."""
        reversals = self.env["account.move"].search(
            [("reversed_entry_id", "=", move.id), ("state", "=", "posted"), ("move_type", "=", "out_refund")]
        )
        taken = sum(round(100 * credit.amount_untaxed_signed) for credit in reversals)
        if reversals and taken + round(100 * move.amount_untaxed_signed) <= 0:
            return True
        return move.payment_state == "reversed"
