from odoo import models

from .short_locks import release_locks


class IrModelConstraint(models.Model):
    """Foreign keys: each keeps writers from both of its tables, so none waits for the next one."""

    _inherit = "ir.model.constraint"

    def _reflect_constraint(self, model, conname, type, *args, **kwargs):  # noqa: A002 -- Odoo's name
        record = super()._reflect_constraint(model, conname, type, *args, **kwargs)
        if type == "f":
            release_locks(model)
        return record
