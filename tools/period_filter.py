"""Days in a filter that follow the period it is used for, such as ``period_end -3m``."""

import re

from dateutil.relativedelta import relativedelta

START, END = "period_start", "period_end"
_WORD = re.compile(rf"\s*({START}|{END})((?:\s*[+-]\s*\d+\s*[dwmy])*)\s*")
_OFFSET = re.compile(r"([+-])\s*(\d+)\s*([dwmy])")
_UNITS = {"d": "days", "w": "weeks", "m": "months", "y": "years"}


def resolve(value, first, last):
    """The day that a value of a filter means for the period from ``first`` to ``last``; other values as they are.

    >>> from datetime import date
    >>> march = date(2025, 3, 1), date(2025, 3, 31)
    >>> resolve("period_start", *march).isoformat(), resolve("period_end", *march).isoformat()
    ('2025-03-01', '2025-03-31')
    >>> resolve("period_end -1m", *march).isoformat(), resolve("period_start - 1y +2d", *march).isoformat()
    ('2025-02-28', '2024-03-03')
    >>> resolve("2025-01-01", *march), resolve("period", *march), resolve(["period_start", False], *march)
    ('2025-01-01', 'period', [datetime.date(2025, 3, 1), False])
    """
    if isinstance(value, (list, tuple, set)):
        return [resolve(each, first, last) for each in value]
    match = _WORD.fullmatch(value) if isinstance(value, str) else None
    if not match:
        return value
    day = first if match[1] == START else last
    for sign, number, unit in _OFFSET.findall(match[2]):
        day += relativedelta(**{_UNITS[unit]: int(f"{sign}{number}")})
    return day
