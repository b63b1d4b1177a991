"""Conditions on ids by subselects that stay quick however large the sets are.

PostgreSQL makes joins of ``id IN (SELECT …)`` and of ``NOT EXISTS``, but neither of ``NOT IN`` nor of an ``IN`` within
an ``OR``: those it compares row by row once a set is larger than the memory of a sort (``work_mem``), which takes
hours with a million contacts.
"""

from odoo.fields import Domain
from odoo.tools import SQL


def in_any(selects):
    """Return the domain of the records whose id any of the statements selects; of none without statements."""
    if not selects:
        return Domain.FALSE
    return Domain("id", "in", SQL("(%s)", SQL(" UNION ALL ").join(selects)))


def in_none(selects, column="id"):
    """Return the domain of the records whose id none of the statements selects; or the id in another stored field."""
    return Domain.AND(_outside(select, column) for select in selects)


def _outside(select, column):
    def to_sql(model, alias, query):
        return SQL(
            "NOT EXISTS (SELECT FROM (%s) AS listed (listed_id) WHERE listed.listed_id = %s)",
            select,
            model._field_to_sql(alias, column, query),
        )

    return Domain.custom(to_sql=to_sql)
