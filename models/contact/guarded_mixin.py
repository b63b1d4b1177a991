from odoo import api, models
from odoo.exceptions import AccessError

from ...tools.arguments import with_plain_ids
from ...tools.internal import INTERNAL

X2MANY = ("one2many", "many2many")


class PartnerGuardedMixin(models.AbstractModel):
    """Records of which a call writes no more than a screen does.

    ``readonly`` holds for screens alone. ``_guarded_fields`` names fields that only the code of the addon writes,
    with :meth:`_guard_off` or with sudo, and stored fields that are computed count among them; ``create`` and
    ``write`` of everybody else are refused, and defaults that a client sends with the context do not count for them.

    Odoo asks the rules before ``write`` alone, for the record as it was: a record could be moved into a company or a
    document that its writer has no access to, and take effect there. ``_placing_fields`` say where a record belongs;
    when one of them is written, the rules are asked for the record as it is then, too. Who it is assigned to is not
    among them where handing something over is daily work. ``_linked_fields`` point to records that the writer must be
    allowed to read, where ``check_company`` does not fit. Defaults that a user has set count for none of those fields,
    nor do they point to what the user may not read.
    """

    _name = "partner.guarded.mixin"
    _description = "Records Guarded against Calls"
    _inherit = "partner.form.pointer.mixin"
    _guarded_fields = ()
    _placing_fields = ("company_id",)
    _linked_fields = ()
    # Refused as defaults, too; as values they are looked at by the model itself.
    _no_defaults = ()

    @api.model
    def _is_guarded(self, name):
        field = self._fields.get(name)
        return name in self._guarded_fields or bool(
            field and field.store and field.compute and field.readonly and not field.inverse
        )

    def _is_guard_off(self):
        return self.env.su or self.env.context.get("relations_guard") is INTERNAL

    def _guard_off(self):
        """Return the records as the code of the addon writes them."""
        return self.with_context(relations_guard=INTERNAL)

    def _check_guard(self, vals):
        """Refuse values that a caller may not give."""
        if self._is_guard_off():
            return
        for name in vals:
            if self._is_guarded(name):
                self._refuse_entry(self, name)

    @api.model
    def _refuse_entry(self, records, name):
        """Say that a field is not for a caller to write, also of a model of core."""
        raise AccessError(
            self.env._(
                "“%(field)s” of “%(model)s” is set by the system and cannot be entered.",
                field=records._fields[name]._description_string(self.env),
                model=self.env["ir.model"]._get(records._name).name,
            )
        )

    def _without_defaults(self, names=()):
        """Return the records without defaults of the context for guarded fields, and for others of these names.

        With all rights no lines are taken from it either: they would be any record of their model.
        """
        forged = [
            key
            for key in self.env.context
            if key.startswith("default_")
            and (
                (name := key.removeprefix("default_")) in names
                or name in self._no_defaults
                or self._is_guarded(name)
                or (self.env.su and name in self._fields and self._fields[name].type in X2MANY)
            )
        ]
        if not forged:
            return self
        context = {key: value for key, value in self.env.context.items() if key not in forged}
        return self.with_context(context)  # pylint: disable=context-overridden

    @api.model
    def _takes_default(self, name, value):
        """Whether a default that a user or an administrator has set counts: see ``ir.default``."""
        field = self._fields.get(name)
        user = self.sudo(False)
        if field is None or name in self._no_defaults or self._is_guarded(name):
            return False
        if not user._has_field_access(field, "write"):
            return False
        if field.type == "many2one" and value:
            record = user.env[field.comodel_name].browse(value).exists()
            return bool(record) and record.has_access("read")
        return field.type not in (*X2MANY, "many2one_reference")

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [with_plain_ids(self, vals) for vals in vals_list]
        for vals in vals_list:
            self._check_guard(vals)
        records = super(PartnerGuardedMixin, self._without_defaults()).create(vals_list)
        if not self.env.su:
            for name in self._linked_fields:
                records._get_linked(name).check_access("read")
        return records

    def write(self, vals):
        self._check_guard(vals)
        if self.env.su:
            return super().write(vals)
        before = {name: self._get_linked(name) for name in self._linked_fields if name in vals}
        result = super().write(vals)
        for name, linked in before.items():
            (self._get_linked(name) - linked).check_access("read")
        if not vals.keys().isdisjoint(self._placing_fields):
            self.check_access("write")
        return result

    def _get_linked(self, name):
        # sudo: which records there are; whether they may be read is asked of them
        return self.sudo().mapped(name).sudo(False)
