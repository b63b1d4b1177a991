"""Which campaign brought a sale, and what the campaign was worth: the definition of the campaign results.

Plain Python over days, which are calendar days of the company. The statement of the reports is held against it
on random data.
"""

from dataclasses import dataclass
from datetime import date  # noqa: F401 - for the examples

WINDOW = 30
"""Days that a touch is remembered."""

MODELS = [
    ("last", "Last touch"),
    ("first", "First touch"),
    ("explicit", "Only what is entered"),
]

TOUCHES = [
    ("response", "Answers, clicks, inquiries and logged contacts"),
    ("open", "These, and opened letters"),
    ("sent", "These, and every letter sent"),
]

KINDS = {
    "response": ("reply", "click", "inquiry", "contact"),
    "open": ("reply", "click", "inquiry", "contact", "open"),
    "sent": ("reply", "click", "inquiry", "contact", "open", "sent"),
}
"""Which kinds of touches count under each setting. A mere sending is none unless the setting says so."""


@dataclass(frozen=True)
class Touch:
    """Something that linked a customer with a campaign; ``company`` is None where it may be any."""

    id: int
    customer: int
    company: int | None
    day: object
    campaign: int
    kind: str = "reply"
    minute: int = 0


@dataclass(frozen=True)
class Sale:
    """An order, or an invoice without order, with the campaign entered on it and on its lead."""

    customer: int
    company: int
    day: object
    own: int | None = None
    lead: int | None = None


def attribute(sale, touches, model="last", window=WINDOW, setting="response"):
    """Return the campaign of a sale, how it was found, and the touch that decided, if one did.

    The campaign entered on the document comes first, then the one of its lead, then that of a touch on the day of
    the sale or up to `window` days before it. Every sale has one campaign at most, so it counts once.

    >>> touches = [Touch(1, 7, None, date(2026, 3, 2), 50), Touch(2, 7, None, date(2026, 3, 20), 60)]
    >>> day = date(2026, 4, 1)
    >>> attribute(Sale(7, 1, day, own=40, lead=45), touches)
    (40, 'document', None)
    >>> attribute(Sale(7, 1, day, lead=45), touches)
    (45, 'lead', None)
    >>> attribute(Sale(7, 1, day), touches)
    (60, 'touch', 2)
    >>> attribute(Sale(7, 1, day), touches, model="first")
    (50, 'touch', 1)
    >>> attribute(Sale(7, 1, date(2026, 4, 2)), touches, model="first")
    (60, 'touch', 2)
    >>> attribute(Sale(7, 1, day), touches, model="explicit")
    (None, None, None)
    >>> attribute(Sale(7, 1, date(2026, 4, 20)), touches)
    (None, None, None)
    >>> attribute(Sale(7, 1, day), [Touch(1, 7, None, day, 50, "sent")])
    (None, None, None)
    >>> attribute(Sale(7, 1, day), [Touch(1, 7, None, day, 50, "sent")], setting="sent")
    (50, 'touch', 1)
    """
    if sale.own:
        return sale.own, "document", None
    if sale.lead:
        return sale.lead, "lead", None
    candidates = [
        touch
        for touch in touches
        if touch.customer == sale.customer
        and touch.company in (None, sale.company)
        and touch.kind in KINDS[setting]
        and 0 <= (sale.day - touch.day).days <= window
    ]
    if model == "explicit" or not candidates:
        return None, None, None
    choose = min if model == "first" else max
    touch = choose(candidates, key=lambda one: (one.day, one.minute, one.id))
    return touch.campaign, "touch", touch.id


def roi(profit, cost):
    """Return the return on investment as a share; None without cost, or where more was refunded than spent.

    >>> round(roi(20_000, 11_400), 3)
    0.754
    >>> roi(20_000, 0) is None
    True
    >>> roi(0, 100)
    -1.0
    >>> roi(500, -100) is None
    True
    """
    return (profit - cost) / cost if cost > 0 else None


def payback(start, cost, profits):
    """Return the days from the start until the profit added up to the cost; None if it does not, or without cost.

    The first day it did counts; but where credit notes took the profit back since, it is not paid back. Where it did
    before the start, as with a bill that comes at the end of the month, it took no day.

    :param profits: (day, profit) of each sale, in any order

    >>> start = date(2026, 3, 1)
    >>> payback(start, 100, [(date(2026, 3, 11), 60), (date(2026, 3, 21), 40)])
    20
    >>> payback(start, 100, [(date(2026, 3, 11), 99)]) is None
    True
    >>> payback(start, 100, [(date(2026, 3, 11), 120), (date(2026, 3, 12), -30)]) is None
    True
    >>> payback(start, 0, [(date(2026, 3, 11), 99)]) is None
    True
    >>> payback(start, 100, [(date(2026, 2, 20), 120)])
    0
    """
    if not cost or cost < 0 or sum(profit for _day, profit in profits) < cost:
        return None
    total = 0
    by_day = {}
    for day, profit in profits:
        by_day[day] = by_day.get(day, 0) + profit
    for day, profit in sorted(by_day.items()):
        total += profit
        if total >= cost:
            return max((day - start).days, 0)
    return None
