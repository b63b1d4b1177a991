"""A many2one without a foreign key in the database."""

from odoo import fields


class LooseMany2one(fields.Many2one):
    """A many2one of a table that is written in bulk.

    Checking a foreign key costs a statement and a lock on the row it points to for each row written, which
    took longer than classifying a hundred thousand customers, and made those wait who delete a contact
    meanwhile. The model that uses it has to follow deletion and merging of what it points to.
    """

    def update_db_foreign_key(self, model, column):
        """Leave the column without a foreign key."""
