from odoo import models, tools


class ResPartner(models.Model):
    """Figures of a contact that are looked up when somebody asks, and stored nowhere.

    With ``@api.depends`` each of them would be a node in the triggers of a dozen fields of core, once on the contact
    and once more on the user that inherits it, walked through by each form, import and save of contacts: a twentieth
    of their time. Such a field declares no dependencies, but by ``looked_up=("name", ...)`` what it is looked up by,
    on the contact, its company or its persons. Its values are forgotten, those of all contacts, when one of these, or
    what they are computed from, changes on any contact; and they are read together with the field.
    """

    _inherit = "res.partner"

    def _valid_field_parameter(self, field, name):
        return name == "looked_up" or super()._valid_field_parameter(field, name)

    @tools.ormcache()
    def _get_looked_up_fields(self):
        """Return {name of such a field: what is read with it}, the names of the fields that may change them, and the
        fields themselves.
        """
        found = {
            name: field.looked_up for name, field in self._fields.items() if getattr(field, "looked_up", ())
        }
        sources, left = set(), {name for names in found.values() for name in names}
        while left:
            # what a source is computed from changes it without a word
            sources |= left
            depends = (path for name in left for path in self.pool.field_depends[self._fields[name]])
            left = {path.partition(".")[0] for path in depends} - sources

        def is_read(name):
            field = self._fields[name]
            return field.store and field.prefetch is True and not field.groups

        return (
            {name: tuple(filter(is_read, names)) for name, names in found.items()},
            frozenset(sources),
            tuple(self._fields[name] for name in found),
        )

    @tools.ormcache()
    def _get_fields_of_users_alone(self):
        """The names of the addon's fields on which nothing depends but what refers to the contact from other models.

        Such are most: users inherit them from their contact.
        """

        def is_one(field):
            tree = self.pool.get_field_trigger_tree(field)
            return not tree.root and all(
                key.type == "many2one" and key.model_name != self._name for key in tree
            )

        return frozenset(
            name
            for name, field in self._fields.items()
            if field._modules == ("partner_relations",) and is_one(field)
        )

    def modified(self, fnames, create=False, before=False):
        if create or not any(self._ids):
            # nothing refers to a new contact yet, so there is no need to look for it, field by field
            idle = self._get_fields_of_users_alone()
            fnames = [name for name in fnames if name not in idle]
        _names, sources, looked_up = self._get_looked_up_fields()
        if not sources.isdisjoint(fnames):
            known = self.env.transaction.field_data
            for field in looked_up:
                # what is being computed at this moment reads the change itself
                if field in known and not self.env.protected(field):
                    field._invalidate_cache(self.env)
        return super().modified(fnames, create, before)

    def _determine_fields_to_fetch(self, field_names=None, ignore_when_in_cache=False):
        if field_names:
            looked_up, _sources, _fields = self._get_looked_up_fields()
            for name in looked_up.keys() & field_names:
                field_names = [*field_names, *looked_up[name]]
        return super()._determine_fields_to_fetch(field_names, ignore_when_in_cache)
