"""What a client sends as an argument of a public method, as the code behind it can use it."""

from collections.abc import Set
from datetime import MAXYEAR

from odoo.fields import Date

MAX_ID = 2**31 - 1


def as_id(value):
    """An id that a client sent, or 0, which no record has, for what is none.

    PostgreSQL refuses a number that does not fit into its column, with an error that tells a user nothing.

    >>> as_id(7), as_id("7")
    (7, 7)
    >>> as_id(None), as_id("7; --"), as_id(True), as_id(2**40), as_id(-1), as_id([7]), as_id(1e308)
    (0, 0, 0, 0, 0, 0, 0)
    """
    number = as_number(value, MAX_ID + 1)
    return number if number <= MAX_ID else 0


def as_ids(value, highest=MAX_ID):
    """The ids of a list that may have come with the context of a client; None for what is no list.

    >>> as_ids([7, 8]), as_ids([7, "8", True, 2**40, -1, [9]]), as_ids("7"), as_ids(None)
    ([7, 8], [7], None, None)
    """
    if not isinstance(value, (list, tuple, Set)):
        return None
    return [one for one in value if type(one) is int and 0 < one <= highest]


def with_plain_ids(model, values):
    """The values of a new record, with the ids of its many2one fields as numbers.

    PostgreSQL takes "7" and 7.0 for 7, where the ORM, of which rights and companies are asked afterwards, sees none.
    """
    odd = {
        name: as_id(value) or False
        for name, value in values.items()
        if isinstance(value, (str, float))
        and name in model._fields
        and model._fields[name].type == "many2one"
    }
    return {**values, **odd} if odd else values


def as_day(value):
    """A day that a client sent, or None for what is none, or the last year of all, which has no next one.

    >>> as_day("2026-11-29"), as_day(False), as_day("junk"), as_day(5), as_day({"a": 1}), as_day("9999-12-31")
    (datetime.date(2026, 11, 29), None, None, None, None, None)
    """
    try:
        day = Date.to_date(value)
    except (KeyError, TypeError, ValueError):
        return None
    return day if day and day.year < MAXYEAR else None


def as_number(value, highest):
    """A number of rows that a client sent, from 0 to ``highest``; 0 for what is none.

    >>> as_number("20", 100), as_number(500, 100), as_number(-1, 100), as_number(None, 100), as_number({}, 100)
    (20, 100, 0, 0, 0)
    """
    if isinstance(value, bool) or not isinstance(value, (int, str, float)):
        return 0
    try:
        return max(0, min(int(value), highest))
    except (ValueError, OverflowError):
        return 0
