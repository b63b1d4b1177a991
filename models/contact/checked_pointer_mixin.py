from collections import defaultdict

from odoo import api, models
from odoo.fields import Command

from ...tools.arguments import with_plain_ids
from ...tools.internal import INTERNAL

# Key of the context, with INTERNAL: what code of the server has found for the user is not asked about again.
FOUND = "relations_found"


class PartnerPointerMixin(models.AbstractModel):
    """Records that are pointed at nothing which whoever writes them may not read.

    Core lets a client point a many2one at any id, and then tells its name, related fields and stored computed ones with
    all rights. Here what the record is pointed at by values, by defaults of the context or by an onchange is asked for
    with the rights of the user first. Each dialog of the addon inherits this.
    """

    _name = "partner.pointer.mixin"
    _description = "Points at What One May Read"
    # The fields that are asked about; empty: all.
    _pointers = ()

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        self._check_readable(values)
        return values

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [with_plain_ids(self, vals) for vals in vals_list]
        self._check_readable(*vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._check_readable(vals)
        return super().write(vals)

    def onchange(self, values, field_names, fields_spec):
        self._check_readable(values)
        return super().onchange(values, field_names, fields_spec)

    @api.model
    def _check_readable(self, *vals_list):
        """Raise unless the user may read all records that the values point to, in new and changed lines, too.

        :raises AccessError: for what one may not read
        """
        if self.env.su or self.env.context.get(FOUND) is INTERNAL:
            return
        pointed = defaultdict(set)
        for vals in vals_list:
            self._find_pointed(vals, pointed)
        for model, ids in pointed.items():
            self.env[model].browse(sorted(ids)).check_access("read")

    @api.model
    def _find_pointed(self, vals, pointed):
        """Add to ``pointed``, by models, the ids of what the values point to."""
        for name, value in vals.items():
            field = self._fields.get(name)
            if field is None or not field.relational or not value:
                continue
            if self._pointers and name not in self._pointers:
                continue
            comodel = self.env[field.comodel_name]
            if field.type == "one2many":
                if hasattr(comodel, "_find_pointed"):
                    for line in _get_lines(value):
                        comodel._find_pointed(line, pointed)
                continue
            if isinstance(value, dict) and hasattr(comodel, "_find_pointed"):
                # the record that a line is in, as the client has it
                comodel._find_pointed(value, pointed)
            # of a model of which there is none, nobody asks
            if ids := get_pointed_ids(value):
                pointed[comodel._name].update(ids)


def _get_lines(commands):
    """The values of new and changed lines among commands."""
    if not isinstance(commands, (list, tuple)):
        return []
    return [
        command[2]
        for command in commands
        if isinstance(command, (list, tuple))
        and len(command) > 2
        and command[0] in (Command.CREATE, Command.UPDATE)
        and isinstance(command[2], dict)
    ]


def get_pointed_ids(value):
    """The ids in the value of a many2one or in the commands of a many2many; new records have none."""
    if isinstance(value, models.BaseModel):
        return [record_id for record_id in value._ids if record_id and isinstance(record_id, int)]
    if isinstance(value, dict):
        value = value.get("id")
    if not isinstance(value, (list, tuple)):
        value = [value]
    ids = []
    for one in value:
        if isinstance(one, (list, tuple)) and one:
            if one[0] == Command.SET and len(one) > 2:
                ids += get_pointed_ids(one[2])
            elif one[0] in (Command.LINK, Command.UPDATE) and len(one) > 1:
                ids += get_pointed_ids(one[1])
        elif isinstance(one, int) and not isinstance(one, bool):
            ids.append(one)
        elif one and hasattr(one, "origin") and isinstance(one.origin, int):
            ids.append(one.origin)
    return ids
