"""A many2one that a form points only to what its user may read."""

from odoo import fields, models
from odoo.orm.identifiers import NewId


class ReadableMany2one(fields.Many2one):
    """A many2one whose new records, as a form has them, are pointed at nothing out of their user's reach.

    Core tells the name of whatever a record points to with all rights, also of one that a client made up for an
    onchange: of this model, or of any other whose records are in one of this model. What is written is for the model to
    look at.
    """

    def convert_to_cache(self, value, record, validate=True):
        cached = super().convert_to_cache(value, record, validate)
        # a recordset is from the server, as a client sends ids
        if isinstance(value, models.BaseModel) or record.env.su or any(record._ids):
            return cached
        known_id = cached.origin if isinstance(cached, NewId) else cached
        if known_id and not record.env[self.comodel_name].browse(known_id).has_access("read"):
            return None
        return cached
