from collections import defaultdict

from odoo import api, models
from odoo.fields import Command

from ...tools.arguments import as_id, as_ids
from .checked_pointer_mixin import get_pointed_ids


class PartnerFormPointerMixin(models.AbstractModel):
    """Forms that name nothing which whoever edits them may not read.

    Core answers an onchange, also the one that opens a new form, with the names of what the values and the defaults of
    the context point to, whatever that is: by counting through ids, a client would read the subjects of all letters.
    What a record points to already is shown, as in each form of Odoo; and what code has computed is not asked about.
    """

    _name = "partner.form.pointer.mixin"
    _description = "Forms That Name What One May Read"

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        if self.env.su:
            return values
        return {
            name: value
            for name, value in values.items()
            if f"default_{name}" not in self.env.context or self._is_named_in_form(name, value)
        }

    def onchange(self, values, field_names, fields_spec):
        if not self.env.su:
            pointed = defaultdict(set)
            self._find_form_pointers(values, pointed)
            for model, ids in pointed.items():
                self.env[model].browse(sorted(ids)).check_access("read")
        return super().onchange(values, field_names, fields_spec)

    @api.model
    def _is_named_in_form(self, name, value):
        """Whether a default points to nothing that the user may not read."""
        field = self._fields.get(name)
        if field is None or field.type != "many2one":
            return True
        linked = self.env[field.comodel_name].browse(as_ids(get_pointed_ids(value))).exists()
        return not linked or linked.has_access("read")

    def _find_form_pointers(self, values, pointed):
        """Add to ``pointed``, by models, the ids of what a form is newly pointed at, in its lines, too."""
        for name, value in values.items():
            field = self._fields.get(name)
            if field is None or not value or field.related or (field.compute and field.readonly):
                continue
            if field.type == "many2one":
                # sudo: which record it points to already
                new = set(as_ids(get_pointed_ids(value))) - set(self.sudo()[name]._ids)
                if new:
                    pointed[field.comodel_name] |= new
            elif field.type == "one2many" and isinstance(value, (list, tuple)):
                lines = self.env[field.comodel_name]
                if not hasattr(lines, "_find_form_pointers"):
                    continue
                for command in value:
                    if not isinstance(command, (list, tuple)) or len(command) < 3:
                        continue
                    if command[0] in (Command.CREATE, Command.UPDATE) and isinstance(command[2], dict):
                        # of a new line it is a number of the client's own
                        line_id = as_id(command[1]) if command[0] == Command.UPDATE else 0
                        lines.browse(line_id or ()).exists()._find_form_pointers(command[2], pointed)
