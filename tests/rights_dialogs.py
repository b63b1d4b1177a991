"""Dialogs, filled in over RPC by each role: about what it may read, and about what it may not."""

import json

from odoo import Command
from odoo.exceptions import UserError
from odoo.service.model import call_kw

from .rights import CODED, OVERRIDES

# Pointers of records, other than dialogs, that a client may aim at what it may not read, and why.
AIMED = {
    ("partner.segment", "snapshot_ids"): "read back by the rules of contacts, so that nothing is told",
    ("partner.work.plan.line", "partner_id"): "the name of a contact, as core tells it of each many2one",
}
# How core ends its error about records of two companies, which names what the client has sent.
MESS = "To avoid a mess"
# Dialogs that code of the server makes and no client.
MADE = {"manager.indicator.document"}
TEXTS = ("char", "text", "html")
AUTOMATIC = {"id", "display_name", "create_uid", "create_date", "write_uid", "write_date", "parent_path"}


class DialogFilling:
    """Dialogs filled in, for classes of ``RightsCommon``."""

    def _get_dialog(self, name, attribute, place):
        """The function that fills in a dialog about the records of the place and returns its ids; None for the rest."""
        model = self.env[name]
        if not model._transient or name not in self.models:
            return None
        if getattr(getattr(model, attribute), "_api_model", False):
            return None
        if name in MADE:
            return lambda model: [self._insert(model.sudo(), place, model.env.user)]
        return lambda model: self._enter(model, self._get_dialog_values(model, place))

    def _enter(self, model, values):
        return [call_kw(model, "create", [values], {})]

    def _get_dialog_values(self, model, place, readable=False, but=None):
        """What a client fills in: what is required, and what may point to records of the place.

        :param readable: leave out what the user may not read
        :param but: a field that is left out
        :raises UserError: when the user may not read what is required
        """
        values = {}
        for field in model._fields.values():
            if not self._is_filled_in(field) or field.name == but:
                continue
            if field.type not in ("many2one", "many2many"):
                value = self._get_plain_value(model, field, place)
            elif field.comodel_name in self.models and model.env[field.comodel_name]._transient:
                owner = model.env[field.comodel_name]
                value = self._enter(owner, self._get_dialog_values(owner, place, readable))[0]
            elif field.required or self._is_of_place(field, place):
                value = self._point(field.comodel_name, place)
                if readable and not model.env[field.comodel_name].browse(value).has_access("read"):
                    if field.required:
                        raise UserError("There is nothing that could be pointed to.")
                    continue
            else:
                continue
            if value is not None:
                values[field.name] = self._get_pointer(field, value)
        return values

    def _is_filled_in(self, field):
        return (
            field.store
            and not field.related
            and field.name not in AUTOMATIC
            and field.type != "one2many"
            and (field.required or not field.compute)
        )

    def _is_of_place(self, field, place):
        comodel = self.env[field.comodel_name]
        ours = field.comodel_name in self.models and not comodel._transient
        return field.comodel_name in place.records or (ours and field.comodel_name != field.model_name)

    def _get_pointer(self, field, value):
        return [Command.set([value])] if field.type == "many2many" else value

    def _get_plain_value(self, model, field, place):
        """A value of the client's own: with a secret in it, one would be found in each answer."""
        if field.name in OVERRIDES.get(model._name, {}) or (field.required and field.type not in TEXTS):
            value = self._get_value(model, field, place)
            return value.decode() if isinstance(value, bytes) else value
        if field.required:
            return self._get_value(model, field, place) if field.name in CODED else "x"
        return None


class DialogRights(DialogFilling):
    """For classes of ``RightsCommon`` that have ``_call``."""

    def test_dialogs(self):
        """A dialog cannot be pointed at what one may not read: when it is opened, changed or saved."""
        taken, leaks, refused = [], [], 0
        for name in self.models:
            if not self.env[name]._transient or name in MADE:
                continue
            for role in self.users:
                model = self._as(role, name)
                if not model.has_access("create"):
                    continue
                spec = self._get_spec(model)
                for place, field, value in self._get_hidden(model):
                    for way, attribute, args, enter, context in self._get_ways(place, field, value, spec):
                        letter, result = self._call(
                            role, name, attribute, args, read_only=False, enter=enter, **context
                        )
                        refused += letter == "-"
                        if letter not in ("-", "!") and way != "default":
                            taken.append((role, place.name, name, field.name, way, repr(result)[:200]))
                        # who may read the contact is told its name, as when a colleague's data is asked for
                        find = place.find if place.name == "other company" else place.find_rows
                        if leak := find(self._tell(result)):
                            leaks.append((role, place.name, name, field.name, way, leak))
        self.assertGreater(refused, 300)
        self.assertEqual((leaks, taken), ([], []))

    def _get_creating(self):
        """Who may make a record of which model: (role, name, model)."""
        for name in self.models:
            if self.env[name]._transient or not self.env[name]._auto:
                continue
            for role in self.users:
                model = self._as(role, name)
                if model.has_access("create"):
                    yield role, name, model

    def test_creates(self):
        """A new record is not pointed at another company's, whose name it would tell, by values or by defaults."""
        other, found, tried = self.places["other company"], [], set()
        for role, name, model in self._get_creating():
            hidden = [field for place, field, _id in self._get_hidden(model) if place is other]
            spec = self._get_spec(model)
            if not hidden or self._create_record(role, name, spec, {})[0] != "+":
                continue
            for field in hidden:
                pointer = self._get_pointer(field, self._point(field.comodel_name, other))
                default = pointer if field.type == "many2one" else pointer[0][2]
                for way, values, context in (
                    ("value", {field.name: pointer}, {}),
                    ("default", {field.name: None}, {f"default_{field.name}": default}),
                ):
                    letter, result = self._create_record(role, name, spec, values, **context)
                    tried.add((name, field.name))
                    if (name, field.name) in AIMED or MESS in self._tell(result):
                        continue
                    leak = other.find(self._tell(result))
                    # what code keeps to itself is left out of what a client sends
                    pointed = letter == "+" and result[0][0].get(field.name)
                    if leak or (way == "value" and (letter == "x" or pointed)):
                        found.append((role, name, field.name, way, letter, leak))
        self.assertGreater(len(tried), 20)
        self.assertEqual(found, [])

    def test_onchanges(self):
        """A form that is not saved yet tells no name of another company either, whatever it is pointed at."""
        other, found, tried = self.places["other company"], [], set()
        for role, name, model in self._get_creating():
            spec = self._get_spec(model)
            for place, field, value in self._get_hidden(model):
                if place is not other or (name, field.name) in AIMED:
                    continue
                for way, attribute, args, enter, context in self._get_ways(place, field, value, spec):
                    if attribute != "onchange":
                        continue
                    letter, result = self._call(
                        role, name, attribute, args, read_only=False, enter=enter, **context
                    )
                    tried.add((name, field.name))
                    if leak := other.find(self._tell(result)):
                        found.append((role, name, field.name, way, letter, leak))
        self.assertGreater(len(tried), 20)
        self.assertEqual(found, [])

    def _create_record(self, role, name, spec, values, **context):
        """Create a record of the colleague's customer with other values; read it as a form does."""

        def enter(model):
            base = self._get_dialog_values(model, self.places["colleague"], readable=True)
            # what code keeps to itself is not entered
            guarded = getattr(model, "_is_guarded", lambda name: False)
            base = {key: value for key, value in base.items() if not guarded(key)} | values
            return self._enter(model, {key: value for key, value in base.items() if value is not None})

        return self._call(role, name, "web_read", [None, spec], read_only=False, enter=enter, **context)

    def _tell(self, result):
        return result if isinstance(result, str) else json.dumps(result, default=str, ensure_ascii=False)

    def _get_spec(self, model):
        """All fields that the user may read, as a form asks for them; one level of lines."""
        spec = {}
        for field in model._fields.values():
            if not model._has_field_access(field, "read"):
                continue
            spec[field.name] = {}
            if field.type in ("one2many", "many2many"):
                comodel = model.env[field.comodel_name]
                names = (
                    [
                        line.name
                        for line in comodel._fields.values()
                        if comodel._has_field_access(line, "read")
                    ]
                    if comodel._name in self.models
                    else ["display_name"]
                )
                spec[field.name] = {"fields": {line: {} for line in names}}
            elif field.type == "many2one":
                spec[field.name] = {"fields": {"display_name": {}}}
        return spec

    def _get_hidden(self, model):
        """(place, field, id) of what a dialog could be pointed at, and the user may not read."""
        for place in self.places.values():
            for field in model._fields.values():
                if field.type not in ("many2one", "many2many") or not self._is_filled_in(field):
                    continue
                # a line goes into somebody else's dialog, too
                if self._is_of_place(field, place) or field.comodel_name in self.models:
                    value = self._point(field.comodel_name, place)
                    if not model.env[field.comodel_name].browse(value).has_access("read"):
                        yield place, field, value

    def _get_ways(self, place, field, value, spec):
        """(what it is, method, arguments, function that fills in a dialog, context) of the ways to point at it."""
        pointer = self._get_pointer(field, value)
        colleague = self.places["colleague"]

        def create(model):
            values = self._get_dialog_values(model, colleague, readable=True, but=field.name)
            return self._enter(model, {**values, field.name: pointer})

        def create_other(model):
            values = self._get_dialog_values(model, colleague, readable=True)
            return self._enter(model, values)

        yield "create", "web_read", [None, spec], create, {}
        if place.name == "colleague":
            # how it is refused is the same for both
            return
        changed = [[4, value]] if field.type == "many2many" else value
        yield "onchange", "onchange", [[], {field.name: changed}, [field.name], spec], None, {}
        default = [value] if field.type == "many2many" else value
        context = {f"default_{field.name}": default, "active_model": field.comodel_name,
                   "active_id": value, "active_ids": [value]}  # fmt: skip
        yield "default", "onchange", [[], {}, [], spec], None, context
        yield "write", "web_save", [None, {field.name: pointer}, spec], create_other, {}
