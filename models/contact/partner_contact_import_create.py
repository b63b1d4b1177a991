from collections import defaultdict

from odoo import models


class PartnerContactImport(models.Model):
    """New contacts of an import, made together."""

    _inherit = "partner.contact.import"

    def _create_partners(self, vals_list):
        """Create contacts; persons have the address and the terms of their company, as if made one by one.

        Odoo carries these over for each person by itself, in several writes each. Here they are written once for all
        who get the same. What Odoo would carry from a person to the company is left to it.

        :return: the contacts, in the order of the values
        """
        model = self.env["res.partner"]
        vals_list = self._with_languages(vals_list)
        partners = model.with_context(_partners_skip_fields_sync=True).create(vals_list).with_env(model.env)
        self._take_over_from_companies(partners.filtered("parent_id"))
        for partner, vals in zip(partners, vals_list, strict=True):
            if partner.parent_id and self._has_more_than_company(partner):
                partner._fields_sync(model._add_missing_default_values(vals))
        return partners

    def _with_languages(self, vals_list):
        """The values with the language that Odoo gives to persons of a company, which it writes one by one."""
        model = self.env["res.partner"]
        usual = model.default_get(["lang"]).get("lang") or self.env.lang
        companies = {vals["parent_id"] for vals in vals_list if vals.get("parent_id")}
        languages = {company.id: company.lang or usual for company in model.browse(companies)}
        return [
            {"lang": languages[vals["parent_id"]], **vals} if vals.get("parent_id") else vals
            for vals in vals_list
        ]

    def _take_over_from_companies(self, persons):
        """Give new persons what Odoo's ``_fields_sync`` takes from their companies."""
        # sudo: as Odoo itself does; the persons are new, and belong to whoever imports
        persons = persons.sudo()
        members = persons.filtered(lambda person: person.commercial_partner_id != person)
        terms = self._group_by_values(
            members,
            lambda person: person.commercial_partner_id,
            lambda company: company._get_commercial_values(),
        )
        for group, values in terms:
            group.write(values)
        self._take_over_elsewhere(members)
        addresses = self._group_by_values(
            persons.filtered(lambda person: person.type == "contact"),
            lambda person: person.parent_id,
            lambda parent: parent._get_address_values(),
        )
        for group, values in addresses:
            group._update_address(values)

    def _take_over_elsewhere(self, members):
        """Give new persons the terms that their companies have in other companies of the database."""
        names = members._company_dependent_commercial_fields()
        if not names or not members:
            return
        # sudo: as Odoo does; terms of all companies follow, whichever of them the user sees
        for company in members.env["res.company"].sudo().search([]) - self.env.company:  # pylint: disable=no-search-all
            groups = self._group_by_values(
                members.with_company(company),
                lambda person: person.commercial_partner_id,
                lambda partner: partner._convert_fields_to_values(names),
            )
            for group, values in groups:
                group.write(values)

    def _group_by_values(self, persons, get_source, get_values):
        """Return pairs of persons and the values that they take over, of those that take over any."""
        found, groups = {}, defaultdict(list)
        for person in persons:
            source = get_source(person)
            if source not in found:
                values = get_values(source)
                found[source] = repr(sorted(values.items(), key=lambda item: item[0])), values
            groups[found[source][0]].append((person.id, found[source][1]))
        return [
            (persons.browse([person_id for person_id, _values in group]), group[0][1])
            for group in groups.values()
            if group[0][1]
        ]

    def _has_more_than_company(self, person):
        """Whether Odoo would carry something from a person to its company, or has not yet carried all from it."""
        # sudo: what differs, as Odoo compares it
        person = person.sudo()
        names = person._address_fields() if person.type == "contact" else []
        if person.commercial_partner_id != person:
            names = [*names, *person._synced_commercial_fields()]
        return any(person[name] != person.parent_id[name] for name in names)
