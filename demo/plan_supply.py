"""What is bought from whom, when it was promised and when it really came: pure data, without a registry."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from . import names
from .plan import BASE_RATES, SEED, workday

# habit: days of a receipt after the promise to draw from, share of orders that come in two parts
HABITS = {
    "early": ((-4, -2, -1, 0, 0), 0.0),
    "punctual": ((-1, 0, 0, 0, 0, 0, 0, 1), 0.05),
    "mixed": ((-2, 0, 0, 0, 3, 6, 8), 0.2),
    "late": ((0, 2, 4, 7, 9, 14), 0.2),
    "poor": ((8, 12, 17, 20, 26), 0.4),
    "rare": ((0, 1), 0.0),
}
ORDERS = {"rare": 2, "none": 0}
ORDERS_USUAL = 9


@dataclass(frozen=True)
class PurchaseLine:
    material: int
    quantity: int
    agreed: float  # both prices in the supplier's currency
    price: float


@dataclass(frozen=True)
class Purchase:
    """A purchase order. ``outcome``: done, open (not due yet or overdue), rfq, cancelled.

    ``receipts`` are (day, cumulative share of the ordered quantity), rounded down per line.
    ``returned`` is the share of the received quantity that went back.
    """

    supplier: int
    ordered: date
    promised: date
    lines: tuple
    outcome: str
    receipts: tuple = ()
    returned: float = 0.0
    billed: date | None = None
    paid: bool = False


def material_index(code):
    return next(index for index, material in enumerate(names.MATERIALS) if material[0] == code)


def agreed_price(supplier, code):
    """Price of the supplier's price list, in the supplier's currency."""
    currency = names.SUPPLIERS[supplier][6]
    price = names.MATERIALS[material_index(code)][4]
    return float(price) if currency == "VND" else round(price / BASE_RATES[currency], 2)


def build_purchases(today):
    """All purchase orders, oldest first."""
    purchases = []
    for supplier, (_name, _region, _codes, _lead, habit, *_rest) in enumerate(names.SUPPLIERS):
        random = Random(f"{SEED}-supplier-{supplier}")
        for number in range(ORDERS.get(habit, ORDERS_USUAL)):
            purchases.append(_purchase(today, supplier, number, random))
    return sorted(purchases, key=lambda purchase: (purchase.ordered, purchase.supplier))


def _purchase(today, supplier, number, random):
    _name, _region, codes, lead, habit, over, _currency = names.SUPPLIERS[supplier]
    # the first one is the youngest; the older ones lie about a month and a half apart
    ordered = workday(
        today - timedelta(days=(4 if number == 0 else 8 + lead + 43 * number) + random.randint(0, 9))
    )
    promised = workday(ordered + timedelta(days=lead))
    # the worst one never keeps a price
    often = 1.0 if habit == "poor" else 0.5
    lines = tuple(_line(supplier, code, over, often, random) for code in codes)
    if number == 0:
        outcome = ("open", "open", "rfq", "cancelled")[supplier % 4]
        return Purchase(supplier, ordered, promised, lines, outcome)
    delays, split_share = HABITS[habit]
    arrived = min(max(promised + timedelta(days=random.choice(delays)), ordered + timedelta(days=1)), today)
    if number == 1 and habit in ("late", "poor"):
        # promised and not here, or only in part
        receipts = ((arrived, 0.5),) if supplier % 2 else ()
        return Purchase(supplier, ordered, promised, lines, "open", receipts)
    receipts = ((arrived, 1.0),)
    if random.random() < split_share and (arrived - ordered).days > 4:
        receipts = ((arrived - timedelta(days=random.randint(1, 3)), 0.6), (arrived, 1.0))
    returned = (
        0.35
        if habit == "poor" and number in (2, 3, 5, 6)
        else 0.1
        if habit == "late" and number in (3, 5)
        else 0.04
        if supplier == 5 and number == 4
        else 0.0
    )
    billed = min(arrived + timedelta(days=random.randint(0, 4)), today)
    return Purchase(
        supplier,
        ordered,
        promised,
        lines,
        "done",
        receipts,
        returned,
        billed,
        paid=(today - billed).days > 65,
    )


def _line(supplier, code, over, often, random):
    index = material_index(code)
    agreed = agreed_price(supplier, code)
    price = agreed
    if over and random.random() < often:
        price = round(agreed * (1 + over), 2) if agreed < 1000 else float(round(agreed * (1 + over), -2))
    quantity = max(20, round(random.uniform(40_000_000, 90_000_000) / names.MATERIALS[index][4], -1))
    return PurchaseLine(index, int(quantity), agreed, price)
