from collections import Counter, defaultdict
from datetime import date, timedelta
from itertools import pairwise
from statistics import mean, pstdev

from odoo.tests import BaseCase, TransactionCase, tagged

from ..demo import load_base, names, plan, plan_relations, plan_reliability, plan_supply
from ..models.supplier.supplier_score_policy import DEFAULT_CRITERIA
from ..tools import supplier_reliability as reliability
from ..tools.formula import Formula

# a leap day, ends and beginnings of months and years, a Sunday, days within the month
DAYS = [
    date(2026, 11, 23),
    date(2026, 12, 31),
    date(2027, 1, 1),
    date(2027, 1, 3),
    date(2027, 2, 28),
    date(2027, 3, 1),
    date(2027, 7, 5),
    date(2028, 2, 29),
    date(2028, 4, 30),
    date(2029, 9, 14),
]


def classify(story):
    """Stage, XYZ and ABC of each customer, told from the planned invoices alone."""
    today = story.today
    months = [plan.month_start(today, number) for number in range(12, 0, -1)]
    stage, xyz, revenue = {}, {}, {}
    for customer in story.customers:
        documents, by_month = [], defaultdict(float)
        for sale in story.sales:
            if sale.customer != customer.key or not sale.invoiced:
                continue
            amount = sum(
                sale.invoiced_quantity(line) * line.price * (1 - line.discount / 100) for line in sale.lines
            ) * plan.rate(customer.currency, today, sale.invoiced)
            by_month[sale.invoiced.replace(day=1)] += amount
            if sale.credit:
                by_month[sale.credit[1].replace(day=1)] -= amount * sale.credit[2]
            if not sale.credit or sale.credit[0] != "full":
                documents.append(sale.invoiced)
        if not documents:
            stage[customer.key] = "potential"
        elif (today - max(documents)).days > 180:
            stage[customer.key] = "lost"
        else:
            stage[customer.key] = "one_time" if len(documents) == 1 else "regular"
        values = [by_month[month] for month in months]
        if stage[customer.key] == "regular":
            values = [by_month[month] for month in months if month >= min(documents).replace(day=1)]
            if len(values) >= 3 and mean(values) > 0:
                variation = 100 * pstdev(values) / mean(values)
                xyz[customer.key] = "x" if variation <= 50 else "y" if variation <= 100 else "z"
        if stage[customer.key] not in ("lost", "potential"):
            revenue[customer.key] = sum(values)
    abc, before, total = {}, 0, sum(value for value in revenue.values() if value > 0)
    for key in sorted(revenue, key=lambda key: (-revenue[key], key)):
        if revenue[key] > 0:
            abc[key] = "a" if before < 0.7 * total else "b" if before < 0.9 * total else "c"
            before += revenue[key]
    return stage, xyz, abc


@tagged("post_install", "-at_install")
class TestDemoCompany(TransactionCase):
    def test_warehouse_is_named_like_the_company(self):
        """No list of stock, and no route, has the name that the company had before."""
        company = self.env["res.company"].create({"name": "Before"})
        warehouse = self.env["stock.warehouse"].search([("company_id", "=", company.id)])
        company.name = "After"
        load_base.name_warehouse(company)
        told = [warehouse.name, *warehouse.route_ids.mapped("name")]
        self.assertGreater(len(told), 1)
        self.assertFalse([name for name in told if "Before" in name])
        self.assertEqual(warehouse.name, "After")


@tagged("post_install", "-at_install")
class TestDemoPlan(BaseCase):
    """The story of the demo company is the same for the same day, and holds on every day."""

    def test_same_day_same_plan(self):
        first, second = plan.build_plan(DAYS[0]), plan.build_plan(DAYS[0])
        self.assertEqual(first, second)
        self.assertNotEqual(first.sales, plan.build_plan(DAYS[-1]).sales)
        self.assertEqual(plan_supply.build_purchases(DAYS[0]), plan_supply.build_purchases(DAYS[0]))

    def test_every_class_occurs(self):
        for today in DAYS:
            with self.subTest(today=today):
                story = plan.build_plan(today)
                stage, xyz, abc = classify(story)
                stages = Counter(stage.values())
                self.assertEqual(len(story.customers), 120)
                self.assertGreaterEqual(min(stages[key] for key in ("potential", "one_time", "lost")), 10)
                self.assertGreaterEqual(stages["regular"], 50)
                for classes, wanted in ((xyz, "xyz"), (abc, "abc")):
                    counts = Counter(classes.values())
                    self.assertGreaterEqual(min(counts[key] for key in wanted), 8, counts)
                # large and small buyers buy in all rhythms
                cells = {abc[key] + xyz[key] for key in xyz if key in abc}
                self.assertTrue({"ax", "ay", "az", "bx", "by", "bz", "cy", "cz"} <= cells, cells)

    def test_habits_give_their_class(self):
        expected = {"steady": "x", "skipping": "y", "episodic": "z"}
        for today in DAYS:
            with self.subTest(today=today):
                story = plan.build_plan(today)
                stage, xyz, _abc = classify(story)
                for customer in story.customers:
                    if customer.habit in expected:
                        self.assertEqual(xyz.get(customer.key), expected[customer.habit], customer.name)
                    if customer.habit in ("lost", "potential"):
                        self.assertEqual(stage[customer.key], customer.habit)
                    if customer.habit == "returned":
                        self.assertEqual(stage[customer.key], "regular")
                        days = sorted(
                            sale.invoiced
                            for sale in story.sales
                            if sale.customer == customer.key and sale.invoiced
                        )
                        gaps = [(late - early).days for early, late in pairwise(days)]
                        self.assertGreater(max(gaps), 180)

    def test_dates_in_order(self):
        for today in DAYS:
            with self.subTest(today=today):
                story = plan.build_plan(today)
                oldest = today - timedelta(days=800)
                for sale in story.sales:
                    days = [sale.ordered, *(day for day, _share in sale.deliveries)]
                    days += [day for day in (sale.invoiced, sale.paid) if day]
                    self.assertEqual(days, sorted(days), sale)
                    self.assertTrue(oldest < sale.ordered <= sale.promised, sale)
                    self.assertLessEqual(days[-1], today)
                    if sale.credit:
                        self.assertTrue(sale.invoiced <= sale.credit[1] <= today, sale)
                for purchase in plan_supply.build_purchases(today):
                    days = [purchase.ordered, *(day for day, _share in purchase.receipts)]
                    days += [purchase.billed] if purchase.billed else []
                    self.assertEqual(days, sorted(days), purchase)
                    self.assertTrue(oldest < purchase.ordered <= purchase.promised, purchase)
                    self.assertLessEqual(days[-1], today)

    def test_every_outcome_occurs(self):
        for today in DAYS:
            with self.subTest(today=today):
                story = plan.build_plan(today)
                self.assertEqual(
                    {sale.outcome for sale in story.sales},
                    {
                        "done",
                        "late",
                        "split",
                        "short",
                        "partial",
                        "to_invoice",
                        "open",
                        "cancelled",
                        "quote_lost",
                    }
                    | {"draft", "sent"},
                )
                self.assertEqual(
                    {sale.credit[0] for sale in story.sales if sale.credit}, {"return", "discount", "full"}
                )
                overdue = [
                    sale
                    for sale in story.sales
                    if sale.invoiced and not sale.paid and (today - sale.invoiced).days > 30
                ]
                self.assertGreaterEqual(len(overdue), 5)
                leads = plan_relations.build_leads(story)
                self.assertEqual({lead.outcome for lead in leads}, {"won", "lost", "open", "new"})
                self.assertTrue(all(lead.created <= (lead.closed or today) <= today for lead in leads))

    def test_suppliers_differ_in_reliability(self):
        for today in DAYS:
            with self.subTest(today=today):
                due, on_time = Counter(), Counter()
                for purchase in plan_supply.build_purchases(today):
                    if purchase.outcome in ("done", "open") and purchase.promised <= today:
                        due[purchase.supplier] += 1
                        complete = [day for day, share in purchase.receipts if share == 1]
                        on_time[purchase.supplier] += bool(complete) and complete[0] <= purchase.promised
                rates = [on_time[key] / due[key] for key in due if due[key] >= 3]
                self.assertTrue(
                    any(rate >= 0.8 for rate in rates) and any(rate < 0.5 for rate in rates), rates
                )
                self.assertLess(len(due), len(names.SUPPLIERS))  # one never got an order

    def test_requests_and_moves_in_order(self):
        for today in DAYS:
            with self.subTest(today=today):
                requests, moves = [], 0
                for purchase in plan_supply.build_purchases(today):
                    asked = plan_reliability.request(purchase)
                    requests.append(asked.answer_days)
                    if purchase.outcome != "rfq":
                        self.assertLess(
                            asked.answer_days, asked.asked_days + 1, "answered before it is ordered"
                        )
                    moved = plan_reliability.move(purchase, today)
                    if moved:
                        moves += 1
                        self.assertTrue(purchase.ordered < moved.day <= today, purchase)
                        self.assertGreater(moved.date, purchase.promised)
                        self.assertIn(purchase.outcome, ("done", "open"))
                self.assertGreaterEqual(moves, 3)
                self.assertTrue(all(days is None or days > 0 for days in requests))

    def test_one_supplier_would_be_blocked(self):
        """By the reference functions of the score, on every day the story is told."""
        figures = ("on_time_rate", "quality_rate", "price_compliance", "response_days")
        criteria = [(Formula(formula, figures), weight) for _key, formula, weight in DEFAULT_CRITERIA]
        for today in DAYS:
            with self.subTest(today=today):
                cards = {}
                for supplier in range(len(names.SUPPLIERS)):
                    lines, answers = [], []
                    for purchase in plan_supply.build_purchases(today):
                        if purchase.supplier == supplier and purchase.outcome in ("done", "open"):
                            lines += [self._reliability_line(purchase, line) for line in purchase.lines]
                            answers.append(plan_reliability.request(purchase).answer_days)
                    window = reliability.Window(today - timedelta(days=364), today)
                    figures = reliability.card_figures(lines, reliability.Rules(today=today), window, answers)
                    cards[supplier] = reliability.rate_card(figures, criteria)
                habits = {key: supplier[4] for key, supplier in enumerate(names.SUPPLIERS)}
                for key, card in cards.items():
                    if habits[key] == "poor":
                        self.assertLess(card.score, 30, card.figures)
                    elif card.score is not None:
                        self.assertGreater(card.score, 30, names.SUPPLIERS[key])
                self.assertEqual({card.grade for card in cards.values()}, {"high", "medium", "low", None})

    def _reliability_line(self, purchase, line):
        before, receipts = 0, []
        for day, share in purchase.receipts:
            quantity = int(line.quantity * share)
            receipts.append(reliability.Receipt(day, quantity - before))
            before = quantity
        return reliability.Line(
            ordered=line.quantity,
            value=line.quantity * line.price,
            confirmed=purchase.ordered,
            promised=purchase.promised,
            receipts=tuple(receipts),
            returned=int(before * purchase.returned),
            price=line.price,
            price_quantity=line.quantity,
            agreed_price=line.agreed,
        )

    def test_contact_data_is_fictional_and_distinct(self):
        today = DAYS[0]
        story = plan.build_plan(today)
        self.assertEqual(len({customer.name for customer in story.customers}), 120)
        persons = [
            person
            for customer in story.customers
            for person in plan_relations.people(today, customer.key, customer.name, customer.region)
        ]
        emails = [person.email for person in persons if person.email]
        phones = [person.phone for person in persons if person.phone]
        self.assertEqual(len(set(emails)), len(emails))
        self.assertEqual(len(set(phones)), len(phones))
        self.assertTrue(all(email.endswith(".example.com") and email.isascii() for email in emails))
        self.assertIn(date(1988, 2, 29), [person.birthdate for person in persons])
        for number in range(300):
            vat = plan.vat_number(number)
            self.assertRegex(vat, r"^99\d{8}$")
            weights = (31, 29, 23, 19, 17, 13, 7, 5, 3)
            total = sum(int(digit) * weight for digit, weight in zip(vat, weights, strict=False))
            self.assertEqual(int(vat[-1]), 10 - total % 11)
