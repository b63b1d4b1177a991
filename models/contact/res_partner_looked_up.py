from odoo import models, tools

# What the figures of a contact that are looked up may depend on, of the contact itself or of its company or persons.
SOURCES = frozenset(
    (
        "active",
        "birthdate",
        "child_ids",
        "city",
        "commercial_partner_id",
        "country_id",
        "email_normalized",
        "function",
        "industry_id",
        "is_company",
        "name",
        "parent_id",
        "phone",
        "phone_sanitized",
        "street",
        "type",
        "user_id",
        "vat",
    )
)


class ResPartner(models.Model):
    """Figures of a contact that are looked up when somebody asks, and stored nowhere.

    With ``@api.depends`` each of them would be a node in the triggers of a dozen fields of core, once on the contact
    and once more on the user that inherits it, walked through by each form, import and save of contacts: a twentieth
    of their time. A field with ``looked_up=True`` declares no dependencies; its values are forgotten, those of all
    contacts, when one of :data:`SOURCES`, or what that is computed from, changes on any contact.
    """

    _inherit = "res.partner"

    def _valid_field_parameter(self, field, name):
        return name == "looked_up" or super()._valid_field_parameter(field, name)

    @tools.ormcache()
    def _get_looked_up_fields(self):
        """Return the names of these fields, and those of the fields that may change them."""
        names = tuple(name for name, field in self._fields.items() if getattr(field, "looked_up", False))
        sources, left = set(), set(SOURCES)
        while left:
            # what a source is computed from changes it without a word
            sources |= left
            depends = (path for name in left for path in self.pool.field_depends[self._fields[name]])
            left = {path.partition(".")[0] for path in depends} - sources
        return names, frozenset(sources)

    def modified(self, fnames, create=False, before=False):
        names, sources = self._get_looked_up_fields()
        if not sources.isdisjoint(fnames):
            for name in names:
                field = self._fields[name]
                # what is being computed at this moment reads the change itself
                if not self.env.protected(field):
                    field._invalidate_cache(self.env)
        return super().modified(fnames, create, before)
