"""Who the customers are and what they order, get, are invoiced and pay: pure data, without a registry.

``build_plan(today)`` gives the same plan for the same day. Dates hang on ``today``, so that the story
stays true whenever it is loaded: every class of buyer (ABC, XYZ and stage) occurs on any day of the year.
"""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random

from . import names

SEED = "sao-viet"
MONTHS = 24
# VND for one unit, before the small monthly swing
BASE_RATES = {"USD": 25_400.0, "EUR": 27_600.0, "JPY": 168.0}
# prices went up by 5 % ten months ago, costs by 4 % a year ago
OLD_PRICE, OLD_PRICE_DAYS = 0.95, 300
OLD_COST, OLD_COST_DAYS = 0.96, 365

# buying habit: number of domestic and export customers, months back at which the history begins
HABITS = {
    "steady": (8, 3),
    "skipping": (12, 3),
    "episodic": (25, 2),
    "new": (2, 0),
    "once": (15, 0),
    "lost": (20, 1),
    "returned": (6, 0),
    "refunded": (1, 0),
    "potential": (21, 1),
}
# worth of one order in millions of VND: the sizes are dealt in turn within a habit
SIZES = {
    "steady": (420, 95, 330, 28, 120, 260, 70, 14, 150, 45, 380),
    "skipping": (360, 85, 22, 140, 60, 280, 33, 18, 75, 110, 48, 26, 230, 90, 40),
    "episodic": (950, 70, 24, 140, 18, 45, 210, 30, 12, 90, 700, 20, 36, 55, 15, 160, 26, 42, 11, 65),
    "new": (85, 30),
    "once": (60, 18, 120, 35, 9, 26, 75, 15, 48, 22),
    "lost": (240, 40, 90, 25, 140, 16, 55, 180, 30, 70),
    "returned": (160, 50, 85, 24, 110, 36),
    "refunded": (42,),
    "potential": (50,),
}


@dataclass(frozen=True)
class Customer:
    """One invented customer company."""

    key: int
    name: str
    habit: str
    region: str
    industry: str
    products: tuple  # (index in PRODUCTS, share of the order's value)
    worth: int  # typical value of an order in VND
    user: str
    discount: float
    late_payer: bool

    @property
    def currency(self):
        return names.REGIONS[self.region][5]


@dataclass(frozen=True)
class SaleLine:
    product: int
    quantity: int
    price: float  # in the customer's currency
    cost: int  # in VND
    discount: float

    @property
    def amount(self):
        return self.quantity * self.price * (1 - self.discount / 100)


@dataclass(frozen=True)
class Sale:
    """A sales order and what became of it.

    ``outcome``: done, late (after the promise), split (two deliveries), short (rest given up), partial
    (rest open), to_invoice, open, cancelled (after confirmation), quote_lost, draft, sent.
    ``deliveries`` are (day, cumulative share of the ordered quantity), rounded down per line.
    ``credit`` is (reason, day, share): reason is return (goods come back), discount or full.
    """

    customer: int
    user: str
    ordered: date
    promised: date
    lines: tuple
    outcome: str = "done"
    deliveries: tuple = ()
    invoiced: date | None = None
    paid: date | None = None
    credit: tuple | None = None
    campaign: str | None = None

    def invoiced_quantity(self, line):
        if not self.invoiced:
            return 0
        return int(line.quantity * self.deliveries[-1][1])


@dataclass
class Plan:
    today: date
    customers: list = field(default_factory=list)
    sales: list = field(default_factory=list)


def month_start(today, months_back):
    """First day of the month ``months_back`` months before the month of ``today``."""
    years, month = divmod(today.year * 12 + today.month - 1 - months_back, 12)
    return date(years, month + 1, 1)


def vat_number(number):
    """A tax number with a right check digit under a province prefix that is not given out."""
    while True:
        digits = f"99{number:07d}"
        weights = zip(digits, (31, 29, 23, 19, 17, 13, 7, 5, 3), strict=True)
        check = 10 - sum(int(digit) * weight for digit, weight in weights) % 11
        if check < 10:
            return f"{digits}{check}"
        number += 1000


def rate(currency, today, day):
    """VND for one unit of a currency on a day: a small, slow swing around the base rate."""
    if currency == "VND":
        return 1.0
    months_back = (today.year - day.year) * 12 + today.month - day.month
    swing = (0, 4, 9, 12, 9, 3, -2, -6, -8, -5, -3, -1)[(months_back + len(currency) + ord(currency[0])) % 12]
    return round(BASE_RATES[currency] * (1 + swing / 1000 - months_back / 2000), 2)


def build_plan(today):
    """The whole sales side of the story, seen on ``today``."""
    plan = Plan(today, customers=_customers(today))
    for customer in plan.customers:
        random = Random(f"{SEED}-sales-{customer.key}")
        for day in _invoice_days(today, customer, random):
            plan.sales.append(_finished_sale(plan, customer, day, random))
    _add_mishaps(plan)
    _add_open_sales(plan)
    plan.sales.sort(key=lambda sale: (sale.ordered, sale.customer))
    return plan


def _customers(today):
    """The customers, dealt evenly over businesses, regions, sizes and salespeople."""
    categories = {}
    for index, product in enumerate(names.PRODUCTS):
        categories.setdefault(product[1], []).append(index)
    customers, exports, domestic = [], iter(names.EXPORT_NAMES), 0
    for habit, (domestic_count, export_count) in HABITS.items():
        for number in range(domestic_count + export_count):
            key = len(customers)
            random = Random(f"{SEED}-customer-{key}")
            if number % 4 == 1 and number // 4 < export_count:
                name, region, business = next(exports)
            else:
                business = domestic % len(names.BUSINESSES)
                proper = names.PROPER_NAMES[domestic % len(names.PROPER_NAMES)]
                name = f"{names.BUSINESSES[business][0]} {proper}"
                region = names.REGION_DEAL[domestic % len(names.REGION_DEAL)]
                domestic += 1
            _label, industry, wanted = names.BUSINESSES[business]
            worth = SIZES[habit][number % len(SIZES[habit])] * 1_000_000
            pool = [index for category in wanted for index in categories[category]]
            chosen = random.sample(pool, 1 if worth < 20_000_000 else random.randint(2, 3))
            shares = [random.uniform(1, 3) for _index in chosen]
            customers.append(
                Customer(
                    key=key,
                    name=name,
                    habit=habit,
                    region=region,
                    industry=industry,
                    products=tuple(
                        (index, share / sum(shares)) for index, share in zip(chosen, shares, strict=True)
                    ),
                    worth=worth,
                    # the head of sales keeps the export and the two largest accounts
                    user="lan" if worth >= 700_000_000 else names.REGIONS[region][4],
                    discount=random.choice((5, 8, 10))
                    if worth >= 200_000_000
                    else random.choice((0, 0, 0, 3, 5)),
                    late_payer=key % 9 == 4,
                )
            )
    return customers


def workday(day):
    """The day itself, or the Saturday before a Sunday: never leaves the month for days after the first."""
    return day - timedelta(days=1) if day.weekday() == 6 and day.day > 1 else day


def _invoice_days(today, customer, random):
    """Days on which a customer is invoiced, by habit. Every month counted back is a closed one."""

    def in_month(months_back):
        if months_back:
            return workday(month_start(today, months_back) + timedelta(days=random.randint(2, 26)))
        return workday(today.replace(day=random.randint(min(3, today.day), today.day)))

    if customer.habit == "steady":
        months = range(0 if today.day > 4 else 1, random.choice((24, 22, 18, 15, 12)) + 1)
        days = [in_month(month) for month in months]
    elif customer.habit == "skipping":
        # eight or nine of the twelve closed months, and as sparsely before; the last of the twelve holds one,
        # so that the history reaches over all of them
        months = {12, *random.sample(range(1, 12), random.choice((7, 7, 8)))}
        months.update(random.sample(range(13, MONTHS), random.randint(3, 7)))
        days = [in_month(month) for month in sorted(months)]
    elif customer.habit == "episodic":
        months = {
            random.randint(1, 4),
            random.randint(14, MONTHS - 1),
            *random.sample(range(5, 14), random.randint(0, 2)),
        }
        days = [in_month(month) for month in sorted(months)]
    elif customer.habit == "new":
        days = [today - timedelta(days=random.randint(30, 50)), today - timedelta(days=random.randint(5, 25))]
    elif customer.habit in ("once", "refunded"):
        days = [today - timedelta(days=random.randint(12, 160))]
    elif customer.habit == "lost":
        last = today - timedelta(days=random.randint(195, 420))
        days = [
            last - timedelta(days=random.randint(40, 70) * step)
            for step in range(random.choice((1, 2, 3, 4)))
        ]
    elif customer.habit == "returned":
        last = today - timedelta(days=random.randint(10, 90))
        before = last - timedelta(days=random.randint(240, 330))
        days = [last, before, before - timedelta(days=random.randint(30, 90))]
        if random.random() < 0.5:
            days.append(last - timedelta(days=random.randint(20, 60)))
    else:
        days = []
    return sorted(days)


def make_lines(plan, customer, ordered, random, factor=1.0):
    """Order lines worth about ``factor`` times the customer's usual order."""
    days_ago = (plan.today - ordered).days
    lines = []
    for index, share in customer.products:
        _code, _category, _english, _vietnamese, price, cost = names.PRODUCTS[index]
        if days_ago > OLD_PRICE_DAYS:
            price = round(price * OLD_PRICE, -4)
        if days_ago > OLD_COST_DAYS:
            cost = round(cost * OLD_COST, -4)
        quantity = max(1, round(customer.worth * share * factor * random.uniform(0.88, 1.12) / price))
        if customer.currency != "VND":
            price = round(price / BASE_RATES[customer.currency], 0 if customer.currency == "JPY" else 2)
        lines.append(SaleLine(index, quantity, price, cost, customer.discount))
    return tuple(lines)


def _finished_sale(plan, customer, invoiced, random):
    """An order that was delivered and invoiced; its other dates lie around the invoice date."""
    delivered = invoiced - timedelta(days=random.randint(0, 1))
    ordered = workday(delivered - timedelta(days=random.randint(4, 16)))
    outcome, promised = "done", delivered + timedelta(days=random.randint(0, 3))
    deliveries = ((delivered, 1.0),)
    lines = make_lines(plan, customer, ordered, random)
    draw = random.random()
    if draw < 0.13:
        outcome, promised = (
            "late",
            max(ordered + timedelta(days=1), delivered - timedelta(days=random.randint(2, 9))),
        )
    elif draw < 0.20 and max(line.quantity for line in lines) > 1 and (delivered - ordered).days > 5:
        outcome = "split"
        deliveries = ((delivered - timedelta(days=random.randint(2, 4)), 0.6), (delivered, 1.0))
    due = invoiced + timedelta(days=30)
    paid = due + timedelta(days=random.randint(20, 55) if customer.late_payer else random.randint(-20, 6))
    if paid > plan.today or (customer.late_payer and random.random() < 0.15):
        paid = None
    return Sale(
        customer.key,
        customer.user,
        ordered,
        promised,
        lines,
        outcome,
        deliveries,
        invoiced,
        max(paid, invoiced) if paid else None,
    )


def _add_mishaps(plan):
    """Credit notes, short-closed, cancelled and lost orders among the finished ones."""
    random = Random(f"{SEED}-mishaps")
    for index, sale in enumerate(plan.sales):
        habit = plan.customers[sale.customer].habit
        if habit == "refunded":
            day = min(sale.invoiced + timedelta(days=6), plan.today)
            plan.sales[index] = replace(
                sale, outcome="done", deliveries=sale.deliveries[-1:], credit=("full", day, 1.0), paid=None
            )
        elif habit in ("once", "new"):
            continue
        elif index % 23 == 5:
            day = min(sale.invoiced + timedelta(days=random.randint(5, 25)), plan.today)
            reason = random.choice(("return", "discount"))
            if reason == "return" and max(line.quantity for line in sale.lines) < 5:
                reason = "discount"
            plan.sales[index] = replace(
                sale,
                credit=(reason, day, 0.2 if reason == "return" else 0.1),
                paid=sale.paid and max(sale.paid, day),
            )
        elif index % 31 == 11 and max(line.quantity for line in sale.lines) > 3:
            plan.sales[index] = replace(sale, outcome="short", deliveries=((sale.deliveries[-1][0], 0.7),))
    buyers = [customer for customer in plan.customers if customer.habit in ("steady", "skipping", "episodic")]
    prospects = [customer for customer in plan.customers if customer.habit == "potential"]
    for number in range(14):
        customer = buyers[number * 5 % len(buyers)]
        ordered = workday(plan.today - timedelta(days=35 + number * 43))
        plan.sales.append(
            Sale(
                customer.key,
                customer.user,
                ordered,
                ordered + timedelta(days=12),
                make_lines(plan, customer, ordered, random, 0.5),
                "cancelled",
            )
        )
    for number in range(18):
        customer = (prospects if number % 2 else buyers)[number * 3 % 21]
        ordered = workday(plan.today - timedelta(days=25 + number * 31))
        plan.sales.append(
            Sale(
                customer.key,
                customer.user,
                ordered,
                ordered + timedelta(days=14),
                make_lines(plan, customer, ordered, random, 0.8),
                "quote_lost",
            )
        )


def _add_open_sales(plan):
    """What is under way today: quotations, orders not or partly delivered, deliveries not yet invoiced."""
    random = Random(f"{SEED}-open")
    today = plan.today
    buyers = [customer for customer in plan.customers if customer.habit in ("steady", "skipping", "episodic")]
    prospects = [customer for customer in plan.customers if customer.habit == "potential"]
    for number in range(32):
        outcome = ("open", "draft", "partial", "sent", "to_invoice", "open", "draft", "sent")[number % 8]
        pool = prospects if outcome in ("draft", "sent") and number % 3 else buyers
        customer = pool[(number * 7 + 3) % len(pool)]
        ordered = workday(today - timedelta(days=random.randint(6, 38)))
        # every fourth promise is already broken
        promised = today + timedelta(days=random.randint(2, 20) if number % 4 else -random.randint(1, 5))
        lines = make_lines(plan, customer, ordered, random, random.uniform(0.4, 1.1))
        sale = Sale(customer.key, customer.user, ordered, promised, lines, outcome)
        if outcome == "to_invoice":
            sale = replace(sale, deliveries=((today - timedelta(days=random.randint(0, 3)), 1.0),))
        elif outcome == "partial":
            if max(line.quantity for line in lines) < 2:
                sale = replace(sale, outcome="open")
            else:
                day = today - timedelta(days=random.randint(1, 4))
                sale = replace(sale, deliveries=((day, 0.5),), invoiced=day)
        plan.sales.append(sale)
