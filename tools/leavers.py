"""What people planned who have left is made by nobody."""

from odoo import SUPERUSER_ID
from odoo.tools import SQL


def planned_by_active(column):
    """Return the condition that the user in a column has not been archived; true where there is none.

    OdooBot is archived, and has not left. The few who did are read once, into a table in memory: a look at the user of
    each row takes longer.
    """
    return SQL(
        "(%s IN (SELECT leaver.id FROM res_users AS leaver"
        " WHERE leaver.active IS NOT TRUE AND leaver.id <> %s)) IS NOT TRUE",
        column,
        SUPERUSER_ID,
    )
