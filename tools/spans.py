"""Spans of calendars: when something that has a start and a length in hours ends, and what is on a day alone."""

from odoo.fields import Domain
from odoo.tools import SQL

# as Odoo writes dates
DAY_LENGTH = len("2025-03-19")
OPERATORS = {"<": SQL("<"), "<=": SQL("<="), ">": SQL(">"), ">=": SQL(">=")}
# Longer ones are few, and have an index of their own where there are many records.
DAY_HOURS = 24


def is_day(value):
    """Tell whether a moment is given as a bare date, as Odoo's calendar does with what has no hour there.

    >>> is_day("2025-03-19"), is_day("2025-03-19 12:00:00"), is_day(False)
    (True, False, False)
    """
    return isinstance(value, str) and len(value) == DAY_LENGTH


def search_end(start, hours, operator, moment):
    """Return the domain of what ends before, at or after a moment, for a field that is not stored.

    What begins later ends later, and of what began before, only the last day has to be read, and what is longer than
    that: an index of the start serves. What ended before began before.

    :param str start: name of the stored field with the start
    :param str hours: name of the stored field with the length in hours, none is 0
    :param str operator: of an inequality, or ``in`` for what has no end; Odoo makes inequalities of all others
    :param datetime moment: in UTC
    :return: the domain, or NotImplemented
    """
    if operator == "in" and moment == {False}:
        return Domain(start, "=", False)
    if operator not in OPERATORS or not moment:
        return NotImplemented

    def to_sql(model, alias, query):
        columns = {
            "start": model._field_to_sql(alias, start, query),
            "hours": model._field_to_sql(alias, hours, query),
            "operator": OPERATORS[operator],
            "moment": SQL("%s::timestamp", moment),
        }
        # SQL: a sum of two columns
        stop = SQL("%(start)s + COALESCE(%(hours)s, 0) * INTERVAL '1 hour'", **columns)
        if operator[0] == "<":
            return SQL(
                "(%(start)s %(operator)s %(moment)s AND %(stop)s %(operator)s %(moment)s)",
                stop=stop,
                **columns,
            )
        return SQL(
            """(%(start)s %(operator)s %(moment)s
                OR (%(start)s >= %(moment)s - INTERVAL '1 day' AND %(stop)s %(operator)s %(moment)s)
                OR (%(hours)s > %(day)s AND %(stop)s %(operator)s %(moment)s))""",
            stop=stop,
            day=DAY_HOURS,
            **columns,
        )

    return Domain.custom(to_sql=to_sql)
