"""Periods of the dashboard, and what is compared with them; plain Python."""

from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from .periods import add_months, closed_periods, period_start, shift_period

CUSTOM = "custom"
PERIODS = ("month", "quarter", "year", "last_month", "last_quarter", "last_year", "last_12", CUSTOM)
YEAR = relativedelta(years=1)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Scope:
    """What a dashboard is about: days from ``date_from`` to ``date_to``, read on ``today``.

    :param people: ids of the users whose documents and customers count, None for all
    :param team_id: the sales team that they are, False for all
    :param company_ids: the companies, the one whose currency the amounts are in first
    """

    date_from: date
    date_to: date
    today: date
    company_ids: tuple
    people: tuple | None = None
    team_id: int | bool = False

    @property
    def months(self):
        return get_months(self.date_from, self.date_to)


def get_period(period, today):
    """Return the first and the last day of a period; of a running one the last is still to come.

    >>> [day.isoformat() for day in get_period("quarter", date(2026, 11, 26))]
    ['2026-10-01', '2026-12-31']
    >>> [day.isoformat() for day in get_period("last_month", date(2026, 1, 31))]
    ['2025-12-01', '2025-12-31']
    >>> [day.isoformat() for day in get_period("last_12", date(2026, 11, 26))]
    ['2025-11-01', '2026-10-31']
    """
    if period == "last_12":
        starts, end = closed_periods(today - DAY, "month", 12)
        return starts[0], end
    unit = period.removeprefix("last_")
    start = period_start(today, unit)
    if unit != period:
        start = shift_period(start, unit, -1)
    return start, shift_period(start, unit, 1) - DAY


def get_months(first, last):
    """Return the first days of the months that the days from ``first`` to ``last`` lie in.

    >>> [month.isoformat() for month in get_months(date(2026, 11, 26), date(2027, 1, 1))]
    ['2026-11-01', '2026-12-01', '2027-01-01']
    """
    months, month = [], first.replace(day=1)
    while month <= last:
        months.append(month)
        month = add_months(month, 1)
    return months


def get_year_before(first, last, today):
    """Return the days whose sales are compared: those a year before, up to the same day as today.

    The last day lies before the first one where nothing is compared yet.

    >>> [day.isoformat() for day in get_year_before(date(2026, 1, 1), date(2026, 12, 31), date(2026, 11, 26))]
    ['2025-01-01', '2025-11-26']
    >>> [day.isoformat() for day in get_year_before(date(2025, 2, 1), date(2025, 2, 28), date(2026, 1, 1))]
    ['2024-02-01', '2024-02-29']
    >>> [day.isoformat() for day in get_year_before(date(2024, 2, 29), date(2024, 2, 29), date(2026, 1, 1))]
    ['2023-03-01', '2023-02-28']
    """
    start, end = first - YEAR, last - YEAR
    # a day counts where it lands a year later, the 29th of February on the 28th
    if start + YEAR < first:
        start += DAY
    if end + DAY + YEAR <= last:
        end += DAY
    return start, min(end, today - YEAR)


def get_change(now, before):
    """Return the change in percent of what was before; None where there is nothing to compare.

    >>> get_change(150, 100), get_change(-50, -100), get_change(None, 100), get_change(5, None), get_change(5, 0)
    (50.0, 50.0, None, None, None)
    """
    if now is None or not before:
        return None
    return 100.0 * (now - before) / abs(before)


def get_share(part, whole):
    """Return a share in percent; None where there is no whole above zero.

    >>> get_share(25, 50), get_share(None, 50), get_share(5, 0), get_share(5, None)
    (50.0, None, None, None)
    """
    if part is None or not whole or whole < 0:
        return None
    return 100.0 * part / whole


def add(first, second):
    """Return the sum of two figures, of which one that is None is not known.

    >>> add(None, None), add(1, None), add(1.1, 2.2)
    (None, 1, 3.3)
    """
    if first is None or second is None:
        return second if first is None else first
    # what floats leave behind the sixth digit is no money
    return round(first + second, 6)
