"""Which inquiry a sale belongs to, and what became of an inquiry: the definition of the conversion.

Plain Python over days, which are calendar days of the company. The statement of the report is held against it
on random data.
"""

from dataclasses import dataclass
from datetime import date  # noqa: F401 - for the examples

from .channels import CHANNELS

INQUIRY_CHANNELS = [*CHANNELS[:-1], ("web", "Web Form"), ("fair", "Fair"), CHANNELS[-1]]
"""How an inquiry came in: the channels of the contact log, web forms and fairs."""

LOG_CHANNELS = {"web": "other", "fair": "meeting"}
"""Under which channel the contact log keeps those that it does not know."""

PROSPECT_STAGES = ("potential", "lost")
"""Stages whose first contact is an inquiry; of the others it is a deal."""

WINDOW = 90
"""Days after which an inquiry is mature, and within which a sale converts it."""


@dataclass(frozen=True)
class Inquiry:
    """One inquiry; ``customer`` is None while it is not known who asks, ``company`` where it may be any."""

    id: int
    customer: int | None
    company: int | None
    day: object


@dataclass(frozen=True)
class Order:
    """One order or quotation; ``inquiry`` is the lead it was made from. Confirmed and above zero it is a sale."""

    id: int
    customer: int
    company: int
    day: object
    inquiry: int | None = None
    is_sale: bool = True


@dataclass(frozen=True)
class Outcome:
    """What became of an inquiry until ``today``."""

    is_mature: bool
    is_converted: bool
    order: object = None
    days: int | None = None


def is_inquiry(stage):
    """Tell whether a lead is an inquiry: of somebody unknown, who never bought, or not for a long time.

    >>> [is_inquiry(stage) for stage in (None, "potential", "lost", "one_time", "regular")]
    [True, True, True, False, False]
    """
    return not stage or stage in PROSPECT_STAGES


def attribute(inquiries, orders):
    """Give each order to one inquiry of its customer and company, so that it counts once.

    It goes to the inquiry it was made from, else to the last one on or before its day; of several on one day
    to the one entered last. Inquiries after the order's day never get it.

    :return: {id of the inquiry: [order, ...]}, the earliest first

    >>> first, second = Inquiry(1, 7, 1, date(2026, 1, 1)), Inquiry(2, 7, 1, date(2026, 1, 20))
    >>> attribute([first, second], [Order(5, 7, 1, date(2026, 1, 25))])[2][0].id
    5
    >>> attribute([first, second], [Order(5, 7, 1, date(2026, 1, 25), inquiry=1)])[1][0].id
    5
    >>> attribute([first], [Order(5, 7, 1, date(2025, 12, 31)), Order(6, 7, 2, date(2026, 1, 2))])
    {}
    """
    result = {}
    for order in sorted(orders, key=lambda order: (order.day, order.id)):
        candidates = [
            inquiry
            for inquiry in inquiries
            if inquiry.day <= order.day
            and inquiry.company in (None, order.company)
            and (inquiry.id == order.inquiry or inquiry.customer == order.customer)
        ]
        if candidates:
            chosen = max(
                candidates, key=lambda inquiry: (inquiry.id == order.inquiry, inquiry.day, inquiry.id)
            )
            result.setdefault(chosen.id, []).append(order)
    return result


def outcome(day, orders, today, window=WINDOW):
    """Return what became of an inquiry.

    :param day: of the inquiry
    :param orders: those that :func:`attribute` gave to it
    :param int window: at least so many days old it is mature; a first sale within so many days converts it

    >>> day, sale = date(2026, 1, 1), Order(5, 7, 1, date(2026, 4, 1))
    >>> (sale.day - day).days, outcome(day, [sale], sale.day).is_converted
    (90, True)
    >>> outcome(day, [Order(5, 7, 1, date(2026, 4, 2))], date(2026, 4, 2)).is_converted
    False
    >>> [outcome(day, [], today).is_mature for today in (date(2026, 3, 31), date(2026, 4, 1))]
    [False, True]
    """
    sale = min(
        (order for order in orders if order.is_sale), key=lambda order: (order.day, order.id), default=None
    )
    days = (sale.day - day).days if sale else None
    return Outcome(
        is_mature=(today - day).days >= window,
        is_converted=days is not None and days <= window,
        order=sale,
        days=days,
    )


def conversion_rate(outcomes):
    """Return the share of the mature inquiries that were converted; None without mature ones.

    >>> old, young = Outcome(True, True), Outcome(False, True)
    >>> conversion_rate([old] * 6 + [Outcome(True, False)] * 9 + [young] * 2 + [Outcome(False, False)] * 3)
    0.4
    >>> conversion_rate([young]) is None
    True
    """
    mature = [one for one in outcomes if one.is_mature]
    return sum(one.is_converted for one in mature) / len(mature) if mature else None
