"""Closed calendar periods: weeks from Monday, months, quarters, years."""

from datetime import date, timedelta

MONTHS = {"month": 1, "quarter": 3, "year": 12}


def add_months(day, months):
    """Return the first day of the month ``months`` after that of ``day``.

    >>> add_months(date(2026, 1, 31), 1), add_months(date(2026, 1, 1), -1)
    (datetime.date(2026, 2, 1), datetime.date(2025, 12, 1))
    """
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def period_start(day, period):
    """Return the first day of the week, month, quarter or year that ``day`` lies in.

    >>> [period_start(date(2026, 11, 23), period).isoformat() for period in ("week", "month", "quarter", "year")]
    ['2026-11-23', '2026-11-01', '2026-10-01', '2026-01-01']
    """
    if period == "week":
        return day - timedelta(days=day.weekday())
    return date(day.year, (day.month - 1) // MONTHS[period] * MONTHS[period] + 1, 1)


def shift_period(start, period, count):
    """Return the start of the period ``count`` periods after the one that starts on ``start``.

    >>> shift_period(date(2026, 10, 1), "quarter", -4)
    datetime.date(2025, 10, 1)
    """
    if period == "week":
        return start + timedelta(weeks=count)
    return add_months(start, MONTHS[period] * count)


def closed_periods(last_day, period, count):
    """Return the starts of the last ``count`` periods that are over on ``last_day``, and the end of the last.

    A period is over when ``last_day`` is its last day or later.

    >>> starts, end = closed_periods(date(2026, 10, 31), "month", 3)
    >>> [start.isoformat() for start in starts], end.isoformat()
    (['2026-08-01', '2026-09-01', '2026-10-01'], '2026-10-31')
    >>> closed_periods(date(2026, 10, 30), "month", 1)[1].isoformat()
    '2026-09-30'
    """
    after = period_start(last_day + timedelta(days=1), period)
    starts = [shift_period(after, period, -number) for number in range(count, 0, -1)]
    return starts, after - timedelta(days=1)
