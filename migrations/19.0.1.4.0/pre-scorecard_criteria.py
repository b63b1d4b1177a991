"""Criteria of scorecards keep no author and no reference of their own, see ``supplier.scorecard.line``."""


def migrate(cr, version):
    """Drop what Odoo leaves behind: columns, with their foreign keys, and indexes that each row was entered in."""
    if not version:
        return
    cr.execute(
        """
        ALTER TABLE IF EXISTS supplier_scorecard_line
         DROP CONSTRAINT IF EXISTS supplier_scorecard_line_criterion_id_fkey,
         DROP COLUMN IF EXISTS create_uid, DROP COLUMN IF EXISTS create_date,
         DROP COLUMN IF EXISTS write_uid, DROP COLUMN IF EXISTS write_date
        """
    )
    cr.execute("DROP INDEX IF EXISTS supplier_scorecard_line__criterion_id_index")
    cr.execute("DROP INDEX IF EXISTS supplier_scorecard_line__company_id_index")
