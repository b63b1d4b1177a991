from odoo import api, models

from ...tools.given_values import without_fields
from ...tools.internal import INTERNAL


class PartnerSystemFieldsMixin(models.AbstractModel):
    """Fields on a model of core that only the code of the addon writes.

    What a caller gives for them is not taken, with all rights neither: core makes its documents so where values and
    context are still those of a call. It is no error, as programs write back what they have read.
    """

    _name = "partner.system.fields.mixin"
    _description = "Fields Set by the System"

    @api.model
    def _get_system_fields(self):
        """The names of the fields that are written by SQL, or by :meth:`_as_system` alone."""
        return frozenset()

    @api.model
    def _get_fields_without_default(self):
        """The names of the fields for which no default counts, whoever has set it; others may write some of them."""
        return self._get_system_fields()

    def _as_system(self):
        """Return the records as the code of the addon writes them."""
        return self.with_context(relations_system_fields=INTERNAL)

    @api.model
    def default_get(self, fields):
        closed = self._get_fields_without_default()
        return super().default_get([name for name in fields if name not in closed])

    @api.model_create_multi
    def create(self, vals_list):
        closed = self._get_system_fields()
        return super().create([without_fields(vals, closed) for vals in vals_list])

    def write(self, vals):
        if self.env.context.get("relations_system_fields") is not INTERNAL:
            vals = without_fields(vals, self._get_system_fields())
        return super().write(vals)
