"""Reliability of suppliers as plain functions: what the statement of the scorecards computes, line by line.

Days are calendar days of the company, quantities are in the unit of the product, values untaxed in the
company's currency at the rate of the order. What has no data is None.
"""

import statistics
from dataclasses import dataclass, field
from datetime import date

GRADES = ("high", "medium", "low")
# What a figure is rounded to, so that borders do not depend on the last bit of a sum.
RATE_DIGITS, DAY_DIGITS, POINT_DIGITS = 9, 6, 6
PRICE_SLACK = 1e-9  # of the agreed price: what floating point may add to it
BILL_SLACK = 1e-4  # of amounts and quantities: what is less is nothing


@dataclass(frozen=True)
class Receipt:
    """What came on a day, of one movement of goods."""

    day: date
    quantity: float


@dataclass(frozen=True)
class Bill:
    """A posted bill line: untaxed amount and quantity in the unit of the order line, refunds negative."""

    amount: float
    quantity: float


@dataclass(frozen=True)
class Line:
    """A confirmed order line of goods.

    ``receipts`` of a kit is one: all that is received, on the day of the last component. ``price`` and
    ``agreed_price`` are per ``price_quantity`` unit of the line, in the order's currency, of which ``rate``
    make one of the company's.
    """

    ordered: float
    value: float
    confirmed: date
    promised: date | None
    receipts: tuple[Receipt, ...] = ()
    returned: float = 0.0
    price: float = 0.0
    price_quantity: float = 0.0
    agreed_price: float | None = None
    rate: float = 1.0
    bills: tuple[Bill, ...] = ()
    estimated: bool = False


@dataclass(frozen=True)
class Rules:
    """The policy, and the day on which is counted."""

    today: date
    grace_days: int = 0
    price_tolerance: float = 0.5
    price_scope: str = "over"
    quantity_digits: int = 2
    money_digits: int = 2


@dataclass
class LineFigures:
    """What is said of one line."""

    is_due: bool = False
    is_overdue: bool = False
    weight: float = 0.0
    received: float = 0.0
    in_time: float = 0.0
    open: float = 0.0
    on_time_share: float = 0.0
    in_full: bool = False
    otif: bool = False
    last_receipt: date | None = None
    lead_days: float | None = None
    promised_lead_days: int | None = None
    slippage_days: float | None = None
    late_days: float | None = None
    days_overdue: int | None = None
    state: str = "open"
    price_complies: bool | None = None
    price_variance: float | None = None
    bill_variance: float | None = None


@dataclass(frozen=True)
class Window:
    """First and last promised day of what a card covers."""

    first: date
    last: date


@dataclass
class Card:
    """The figures of a supplier, by the name they have in a formula."""

    figures: dict = field(default_factory=dict)
    points: list = field(default_factory=list)
    score: float | None = None
    grade: str | None = None


def rounded(value, digits):
    """Return a figure at so many digits, by the operations of PostgreSQL's ``float8``; None stays None.

    >>> rounded(0.1 + 0.7, 9), rounded(None, 9)
    (0.8, None)
    """
    return None if value is None else round(value * 10.0**digits) / 10.0**digits


def is_complete(received, ordered, digits=2):
    """Whether it is all there, at the precision of quantities.

    >>> is_complete(10, 10), is_complete(9, 10), is_complete(9.996, 10), is_complete(12, 10)
    (True, False, True, True)
    """
    return ordered - received < 0.5 * 10**-digits


def price_complies(price, agreed, tolerance=0.5, scope="over"):
    """Whether a price keeps what was agreed, within a tolerance in percent; None if nothing was.

    >>> price_complies(100.5, 100), price_complies(100.51, 100), price_complies(90, 100)
    (True, False, True)
    >>> price_complies(99.5, 100, scope="both"), price_complies(99.49, 100, scope="both")
    (True, False)
    >>> price_complies(5, None) is None, price_complies(5, 0) is None
    (True, True)
    """
    if not agreed or agreed < 0:
        return None
    slack = agreed * PRICE_SLACK
    if price > agreed * (1 + tolerance / 100) + slack:
        return False
    return scope != "both" or price >= agreed * (1 - tolerance / 100) - slack


def billed_quantity(bills, kept):
    """Return the pieces that bills ask for. A refund takes pieces off that went back or never came, else money alone.

    10 were billed and are here; some were made cheaper, or 3 went back:

    >>> billed_quantity([Bill(11000, 10), Bill(-1000, -10)], 10), billed_quantity([Bill(11000, 10), Bill(-3300, -3)], 7)
    (10.0, 7.0)

    A bill that was taken back as a whole asks for nothing:

    >>> billed_quantity([Bill(11000, 10), Bill(-11000, -10)], 10)
    0.0

    :param kept: what was received and did not go back, in the unit of the bills
    """
    invoiced = sum(max(bill.quantity, 0.0) for bill in bills)
    refunded = sum(max(-bill.quantity, 0.0) for bill in bills)
    if abs(sum(bill.amount for bill in bills)) < BILL_SLACK and abs(invoiced - refunded) < BILL_SLACK:
        return 0.0
    return float(max(invoiced - refunded, min(invoiced, kept)))


def line_figures(line, rules):
    """Return what is said of a line on ``rules.today``.

    In time is what came up to the promised day and the days of grace:

    >>> promised, rules = date(2026, 3, 10), Rules(today=date(2026, 3, 31), grace_days=1)
    >>> receipts = (Receipt(date(2026, 3, 11), 6), Receipt(date(2026, 3, 12), 4))
    >>> figures = line_figures(Line(10, 1000, date(2026, 3, 1), promised, receipts), rules)
    >>> figures.on_time_share, figures.in_full, figures.otif, figures.state
    (0.6, True, False, 'late')

    The lead time and the slippage are the mean over the receipts, weighted by quantity:

    >>> round(figures.lead_days, 6), round(figures.slippage_days, 6), figures.late_days
    (10.4, 1.4, 2.0)
    """
    figures = LineFigures(weight=max(line.value, 0.0))
    receipts = [receipt for receipt in line.receipts if receipt.quantity > 0]
    received = figures.received = sum(receipt.quantity for receipt in receipts)
    figures.open = max(line.ordered - received, 0.0)
    figures.in_full = is_complete(received, line.ordered, rules.quantity_digits)
    if figures.in_full:
        figures.open = 0.0
    if receipts:
        figures.last_receipt = max(receipt.day for receipt in receipts)
        # what came before the confirmation is of an order that was reopened since: how long it took is not known
        if min(receipt.day for receipt in receipts) >= line.confirmed:
            figures.lead_days = _mean_days(receipts, line.confirmed)
    if line.promised:
        _promise_figures(figures, line, receipts, rules)
    elif figures.in_full:
        figures.state = "received"
    elif received:
        figures.state = "partial"
    figures.price_complies = price_complies(
        line.price, line.agreed_price, rules.price_tolerance, rules.price_scope
    )
    if figures.price_complies is not None:
        figures.price_variance = (line.price - line.agreed_price) * line.price_quantity / line.rate
    if line.bills:
        kept = (received - line.returned) * line.price_quantity / line.ordered
        amount = sum(bill.amount for bill in line.bills)
        figures.bill_variance = (amount - line.price * billed_quantity(line.bills, kept)) / line.rate
    return figures


def _promise_figures(figures, line, receipts, rules):
    late = [receipt for receipt in receipts if (receipt.day - line.promised).days > rules.grace_days]
    figures.in_time = figures.received - sum(receipt.quantity for receipt in late)
    figures.is_due = line.promised <= rules.today
    figures.otif = is_complete(figures.in_time, line.ordered, rules.quantity_digits)
    figures.on_time_share = 1.0 if figures.otif else figures.in_time / line.ordered
    figures.promised_lead_days = (line.promised - line.confirmed).days
    if receipts:
        figures.slippage_days = _mean_days(receipts, line.promised)
    if late and not figures.otif:
        figures.late_days = _mean_days(late, line.promised)
    past = (rules.today - line.promised).days
    figures.is_overdue = not figures.in_full and past > rules.grace_days
    if figures.is_overdue:
        figures.days_overdue = past
        figures.state = "overdue"
    elif figures.in_full:
        figures.state = "on_time" if figures.otif else "late"
    elif figures.received:
        figures.state = "partial"


def _mean_days(receipts, since):
    """Days from ``since`` to the receipts, weighted by quantity."""
    return sum(receipt.quantity * (receipt.day - since).days for receipt in receipts) / sum(
        receipt.quantity for receipt in receipts
    )


def card_figures(lines, rules, window, responses=()):
    """Return the figures of a supplier by name: of the lines that were due in the window.

    The worked check: 6 of 10 pieces at 100 in time, and one at 1,000 that never came, make 600 of 2,000:

    >>> day = date(2026, 3, 10)
    >>> receipts = (Receipt(day, 6), Receipt(date(2026, 3, 20), 4))
    >>> lines = [Line(10, 1000, date(2026, 3, 1), day, receipts), Line(1, 1000, date(2026, 3, 1), day)]
    >>> window = Window(date(2026, 1, 1), date(2026, 3, 31))
    >>> figures = card_figures(lines, Rules(today=date(2026, 3, 31)), window)
    >>> figures["on_time_rate"], figures["in_full_rate"], figures["otif_rate"], figures["overdue_line_count"]
    (0.3, 0.5, 0.0, 1)

    No lines are no data, not a rate of 0:

    >>> card_figures([], Rules(today=date(2026, 3, 31)), window)["on_time_rate"] is None
    True

    :param responses: for each RFQ sent in the window the days until its answer, None if there was none
    """
    pairs = [
        (line, line_figures(line, rules))
        for line in lines
        if line.promised and line.ordered > 0 and window.first <= line.promised <= window.last
    ]
    pairs = [(line, figures) for line, figures in pairs if figures.is_due]
    result = {
        "due_line_count": len(pairs),
        "estimated_line_count": sum(line.estimated for line, _figures in pairs),
        **_delivery(pairs),
        **_times([figures for _line, figures in pairs]),
        **_prices(pairs),
        **_quality(pairs),
    }
    answers = [max(days, 0.0) for days in responses if days is not None]
    result.update(
        rfq_count=len(responses),
        answered_rfq_count=len(answers),
        response_days=rounded(_mean(answers), DAY_DIGITS),
    )
    # amounts in whole cents, as a card stores them; rates are made of the exact ones
    return {
        name: rounded(value, rules.money_digits) if name.endswith(("_value", "_variance")) else value
        for name, value in result.items()
    }


def _delivery(pairs):
    weight = sum(figures.weight for _line, figures in pairs)
    on_time = sum(figures.weight * figures.on_time_share for _line, figures in pairs)
    otif = sum(figures.weight for _line, figures in pairs if figures.otif)
    in_full = sum(figures.weight for _line, figures in pairs if figures.in_full)
    overdue = [figures.weight * figures.open / line.ordered for line, figures in pairs if figures.is_overdue]
    return {
        "due_value": weight if pairs else None,
        "on_time_value": on_time if pairs else None,
        "on_time_rate": _rate(on_time, weight),
        "otif_value": otif if pairs else None,
        "otif_rate": _rate(otif, weight),
        "in_full_value": in_full if pairs else None,
        "in_full_rate": _rate(in_full, weight),
        "overdue_line_count": len(overdue),
        "overdue_value": sum(overdue) if pairs else None,
    }


def _times(all_figures):
    received = [figures for figures in all_figures if figures.lead_days is not None]
    leads = [figures.lead_days for figures in received]
    slippages = [figures.slippage_days for figures in all_figures if figures.slippage_days is not None]
    late = [figures.late_days for figures in all_figures if figures.late_days is not None]
    numbers = {
        "lead_days_mean": _mean(leads),
        "lead_days_median": statistics.median(leads) if leads else None,
        "lead_days_deviation": statistics.pstdev(leads) if leads else None,
        "promised_lead_days_mean": _mean([figures.promised_lead_days for figures in received]),
        "slippage_days_mean": _mean(slippages),
        "slippage_days_median": statistics.median(slippages) if slippages else None,
        "slippage_days_max": max(slippages, default=None),
        "late_days_mean": _mean(late),
    }
    return {
        "received_line_count": len(received),
        "slippage_line_count": len(slippages),
        "late_line_count": len(late),
        **{name: rounded(value, DAY_DIGITS) for name, value in numbers.items()},
    }


def _prices(pairs):
    priced = [(line, figures) for line, figures in pairs if figures.price_complies is not None]
    weight = sum(figures.weight for _line, figures in priced)
    compliant = sum(figures.weight for _line, figures in priced if figures.price_complies)
    billed = [figures.bill_variance for _line, figures in pairs if figures.bill_variance is not None]
    return {
        "price_line_count": len(priced),
        "price_value": weight if priced else None,
        "price_compliant_value": compliant if priced else None,
        "price_compliance": _rate(compliant, weight),
        "price_variance": sum(figures.price_variance for _line, figures in priced) if priced else None,
        "bill_line_count": sum(len(line.bills) for line, _figures in pairs),
        "bill_variance": sum(billed) if billed else None,
    }


def _quality(pairs):
    received = [(line, figures) for line, figures in pairs if figures.received]
    came = sum(figures.weight * figures.received / line.ordered for line, figures in received)
    went = sum(figures.weight * line.returned / line.ordered for line, figures in received)
    rate = _rate(went, came)
    return {
        "received_value": came if received else None,
        "returned_value": went if received else None,
        "quality_rate": None if rate is None else max(rounded(1 - went / came, RATE_DIGITS), 0.0),
    }


def _rate(part, whole):
    return rounded(part / whole, RATE_DIGITS) if whole else None


def _mean(values):
    return sum(values) / len(values) if values else None


def cut_points(points):
    """Return points within 0 to 100; None where there are none.

    >>> cut_points(-5), cut_points(130), cut_points(99.9999999), cut_points(None)
    (0.0, 100.0, 100.0, None)
    """
    return None if points is None else rounded(min(max(points, 0.0), 100.0), POINT_DIGITS)


def score(criteria):
    """Return Σ weight · points ÷ Σ weight over the criteria that have points; None if there are none.

    >>> score([(40, 90), (20, 80), (20, 75), (20, 85)])
    84.0
    >>> score([(40, 50), (25, None)]), score([(40, None)]), score([])
    (50.0, None, None)
    """
    known = [(weight, points) for weight, points in criteria if points is not None and weight > 0]
    total = sum(weight for weight, _points in known)
    if not total:
        return None
    return rounded(sum(weight * points for weight, points in known) / total, POINT_DIGITS)


def grade(value, high=80, medium=50):
    """Return the grade of a score; a border belongs to the better grade.

    >>> [grade(value) for value in (100, 80, 79.999999, 50, 49.999999, 0, None)]
    ['high', 'high', 'medium', 'medium', 'low', 'low', None]
    """
    if value is None:
        return None
    return "high" if value >= high else "medium" if value >= medium else "low"


def rate_card(figures, criteria, min_lines=3, high=80, medium=50):
    """Return the card of figures: points of each ``(formula, weight)``, score and grade.

    With fewer than ``min_lines`` due lines a supplier is not rated.
    """
    points = [cut_points(formula.evaluate(figures)) for formula, _weight in criteria]
    value = None
    if figures["due_line_count"] >= min_lines:
        value = score([(weight, point) for (_formula, weight), point in zip(criteria, points, strict=True)])
    return Card(figures, points, value, grade(value, high, medium))
