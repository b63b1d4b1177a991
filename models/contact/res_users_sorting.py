from odoo import models


class ResUsers(models.Model):
    """Users are sorted and grouped by what their contact computes, as Odoo's description of the fields promises."""

    _inherit = "res.users"

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        if not self._is_computed_by_contact(field_name.partition(".")[0]):
            return super()._order_field_to_sql(alias, field_name, direction, nulls, query)
        contacts, field, alias = self._traverse_related_sql(alias, self._fields[field_name], query)
        return contacts._order_field_to_sql(alias, field.name, direction, nulls, query)

    def _read_group_groupby(self, alias, groupby_spec, query):
        name = groupby_spec.partition(":")[0]
        if not self._is_computed_by_contact(name):
            return super()._read_group_groupby(alias, groupby_spec, query)
        contacts, _field, alias = self._traverse_related_sql(alias, self._fields[name], query)
        return contacts._read_group_groupby(alias, groupby_spec, query)

    def _is_computed_by_contact(self, name):
        """Whether a field is one of the contact's that no column holds: the contact's model knows its SQL.

        Of this addon: what Odoo's own modules group by knows of the table of contacts alone.
        """
        field = self._fields.get(name)
        if not field or not field.inherited or field.store or field.inherited_field.store:
            return False
        return "partner_relations" in field.inherited_field._modules
