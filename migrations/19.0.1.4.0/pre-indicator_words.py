"""The overdue receivables count money on account too: their description says so, unless somebody wrote another."""

from odoo.tools import SQL
from odoo.tools.sql import table_exists

OLD = (
    "What the manager's customers owed at the end of the period, or owe today, and should have paid before: less "
    "payments and credit notes matched with it up to then."
)
NEW = (
    "What the manager's customers owed at the end of the period, or owe today, and should have paid before: less "
    "payments and credit notes up to then, those too that nobody matched yet. The own customers count, whoever is the "
    "salesperson of the invoice."
)


def migrate(cr, version):
    """The other languages are loaded with the translations of the addon."""
    if not version or not table_exists(cr, "manager_indicator"):
        return  # before 19.0.1.3.0 there were no indicators
    cr.execute(
        SQL(
            "UPDATE manager_indicator SET description = jsonb_build_object('en_US', %s::text)"
            " WHERE code = 'overdue_receivables' AND description->>'en_US' = %s",
            NEW,
            OLD,
        )
    )
