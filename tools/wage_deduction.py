"""When wages are paid, and how much of them may be deducted; as plain functions.

An arrangement has a *cut-off day* and a *pay day*, days of the month; a month that is too short ends on its last day.
A list that is closed on a cut-off day is deducted on the next pay day: of the same month where the pay day comes after
the cut-off day, else of the following month.
"""

import calendar
import datetime
from collections import defaultdict


def day_of_month(month, day, months=0):
    """Return a day of a month, or of one so many months later; the last day of a shorter month.

    >>> day_of_month(datetime.date(2026, 1, 15), 31)
    datetime.date(2026, 1, 31)
    >>> day_of_month(datetime.date(2026, 1, 31), 31, 1)
    datetime.date(2026, 2, 28)
    >>> day_of_month(datetime.date(2026, 11, 30), 5, 2)
    datetime.date(2027, 1, 5)
    """
    year, index = divmod(month.year * 12 + month.month - 1 + months, 12)
    return datetime.date(year, index + 1, min(day, calendar.monthrange(year, index + 1)[1]))


def _months_to_pay(cutoff_day, pay_day):
    return 0 if pay_day > cutoff_day else 1


def next_cutoff(day, cutoff_day):
    """Return the first cut-off day on or after a day.

    >>> next_cutoff(datetime.date(2026, 3, 20), 20), next_cutoff(datetime.date(2026, 3, 21), 20)
    (datetime.date(2026, 3, 20), datetime.date(2026, 4, 20))
    """
    found = day_of_month(day, cutoff_day)
    return found if found >= day else day_of_month(day, cutoff_day, 1)


def next_pay_date(day, pay_day):
    """Return the first pay day on or after a day: what is due on the day is deducted then.

    >>> next_pay_date(datetime.date(2026, 2, 10), 31)
    datetime.date(2026, 2, 28)
    """
    return next_cutoff(day, pay_day)


def pay_date_of(cutoff, cutoff_day, pay_day):
    """Return when the list that is closed on a cut-off day is deducted.

    >>> pay_date_of(datetime.date(2026, 3, 20), 20, 25)
    datetime.date(2026, 3, 25)
    >>> pay_date_of(datetime.date(2026, 3, 20), 20, 5)
    datetime.date(2026, 4, 5)
    """
    return day_of_month(cutoff, pay_day, _months_to_pay(cutoff_day, pay_day))


def cutoff_of(pay_date, cutoff_day, pay_day):
    """Return the cut-off day of the list that is deducted on a pay day.

    >>> cutoff_of(datetime.date(2026, 4, 5), 20, 5)
    datetime.date(2026, 3, 20)
    """
    return day_of_month(pay_date, cutoff_day, -_months_to_pay(cutoff_day, pay_day))


def instalment_date(invoice_date, cutoff_day, pay_day, number):
    """Return when an instalment of an invoice is deducted; the first has number 0.

    The first is on the list that is closed next, on or after the day of the invoice.

    >>> [instalment_date(datetime.date(2026, 1, 20), 20, 31, number).isoformat() for number in range(3)]
    ['2026-01-31', '2026-02-28', '2026-03-31']
    >>> instalment_date(datetime.date(2026, 1, 21), 20, 31, 0).isoformat()
    '2026-02-28'
    """
    cutoff = next_cutoff(invoice_date, cutoff_day)
    return day_of_month(cutoff, pay_day, _months_to_pay(cutoff_day, pay_day) + number)


def percentages(number, digits=6):
    """Return the shares of equal instalments in percent; what rounding leaves is in the last.

    >>> percentages(3)
    [33.333333, 33.333333, 33.333334]
    """
    share = round(100 / number, digits)
    return [share] * (number - 1) + [round(100 - share * (number - 1), digits)]


def effective_limit(amount, percent, wage):
    """Return how much may be deducted on a pay day: the lower of an amount and a share of the wage.

    :param amount, percent: None: there is no such limit
    :param wage: None: not known
    :return: None without a limit
    :raise ValueError: if a share is agreed and the wage is not known

    >>> effective_limit(300, 20, 1000), effective_limit(150, 20, 1000), effective_limit(None, 20, 1000)
    (200.0, 150, 200.0)
    """
    if percent is None:
        return amount
    if wage is None:
        raise ValueError("wage")
    share = wage * percent / 100
    return share if amount is None else min(amount, share)


def share_out(amount, wanted, rounding=lambda value: round(value, 2)):
    """Share an amount out, the first wanted first.

    :return: what each gets, and what is left

    >>> share_out(50, [33.33, 33.33, 33.34])
    ([33.33, 16.67, 0.0], 0.0)
    >>> share_out(120, [33.33, 33.33, 33.34])
    ([33.33, 33.33, 33.34], 20.0)
    """
    got = []
    for one in wanted:
        taken = max(min(rounding(amount), one), 0)
        amount = rounding(amount - taken)
        got.append(taken)
    return got, amount


def exceeded(taken, added, limit, compare=lambda one, other: (one > other) - (one < other)):
    """Return the pay days on which more than the limit would be deducted, and how much.

    Only where something is added: what was agreed before is not asked again.

    :param taken, added: iterables of (pay day, amount)
    :return: [(pay day, taken before, sum)]

    >>> exceeded([("a", 60), ("b", 10)], [("a", 40), ("b", 90), ("b", 1)], 100)
    [('b', 10.0, 101.0)]
    """
    before, new = defaultdict(float), defaultdict(float)
    for sums, pairs in ((before, taken), (new, added)):
        for day, amount in pairs:
            sums[day] += amount
    return [
        (day, before[day], before[day] + amount)
        for day, amount in sorted(new.items())
        if compare(before[day] + amount, limit) > 0
    ]
