"""Birthday arithmetic on plain dates.

A birthday without a year is stored in :data:`NO_YEAR`, a leap year, so 29 February fits. In other
years those born on 29 February are congratulated on the 28th: a day early rather than late.
"""

import calendar
from datetime import date, timedelta

NO_YEAR = 1904


def month_day_key(day):
    """Return month and day as one number that sorts like the calendar.

    >>> month_day_key(date(1980, 3, 14))
    314
    """
    return day.month * 100 + day.day


def birthday_in(birthdate, year):
    """Return the day on which ``birthdate`` is celebrated in ``year``.

    >>> birthday_in(date(2000, 2, 29), 2027)
    datetime.date(2027, 2, 28)
    """
    if (birthdate.month, birthdate.day) == (2, 29) and not calendar.isleap(year):
        return date(year, 2, 28)
    return birthdate.replace(year=year)


def next_birthday(birthdate, today):
    """Return the first birthday on or after ``today``.

    >>> next_birthday(date(1980, 3, 14), date(2026, 3, 14))
    datetime.date(2026, 3, 14)
    >>> next_birthday(date(1980, 3, 14), date(2026, 3, 15))
    datetime.date(2027, 3, 14)
    """
    this_year = birthday_in(birthdate, today.year)
    return this_year if this_year >= today else birthday_in(birthdate, today.year + 1)


def age_on(birthdate, today):
    """Return the number of completed years; never negative.

    >>> age_on(date(2000, 2, 29), date(2027, 2, 27)), age_on(date(2000, 2, 29), date(2027, 2, 28))
    (26, 27)
    """
    return max(0, today.year - birthdate.year - (birthday_in(birthdate, today.year) > today))


def key_ranges(first, last, today):
    """Return the ranges of :func:`month_day_key` whose next birthday lies from ``first`` to ``last``.

    At most two ranges (low, high), both ends included: birthdays still to come this year, and those
    that are over and come again next year. So "next birthday between" is answered by an index on the
    month and day of birth, whatever today is.

    >>> key_ranges(date(2026, 12, 30), date(2027, 1, 2), date(2026, 12, 28))
    [(1230, 1231), (101, 102)]
    >>> key_ranges(date(2027, 2, 28), date(2027, 2, 28), date(2027, 2, 1))
    [(228, 229)]
    """
    ranges = []
    today_key = month_day_key(today)
    for year in (today.year, today.year + 1):
        low = max(first, date(year, 1, 1), today)
        high = min(last, date(year, 12, 31))
        if low > high:
            continue
        low_key, high_key = month_day_key(low), month_day_key(high)
        if high_key == 228 and not calendar.isleap(year):
            high_key = 229
        if year > today.year:
            # whoever has a birthday left this year does not have the next one in that year
            high_key = min(high_key, today_key - 1)
        if low_key <= high_key:
            ranges.append((low_key, high_key))
    return ranges


def next_birthday_range(operator, value, today):
    """Return (first, last) of the next birthdays that satisfy ``operator value``, or None if none can."""
    first, last = today, today + timedelta(days=366)
    # dates far away, even the first and the last one there is, say no more than those just outside
    value = min(max(value, first - timedelta(days=1)), last + timedelta(days=1))
    if operator == "<":
        last = min(last, value - timedelta(days=1))
    elif operator == "<=":
        last = min(last, value)
    elif operator == ">":
        first = max(first, value + timedelta(days=1))
    elif operator == ">=":
        first = max(first, value)
    else:  # "="
        first, last = max(first, value), min(last, value)
    return (first, last) if first <= last else None
