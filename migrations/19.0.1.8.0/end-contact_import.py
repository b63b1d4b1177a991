"""Imports that run go on with the rights of who made them, as it was when they were started."""

from odoo.tools import SQL


def migrate(cr, version):
    """Whoever starts an import is kept with it since this version; before, it was whoever had made it."""
    if not version:
        return
    # SQL: no rule or log has to do with it, and files are not read
    cr.execute(
        SQL(
            """
            UPDATE partner_contact_import
               SET starter_id = create_uid
             WHERE state IN ('running', 'undoing') AND starter_id IS NULL
            """
        )
    )
