import re

from odoo import api, fields, models
from odoo.addons.phone_validation.models.mail_thread_phone import PHONE_REGEX_PATTERN
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.names import SQL_FROM, SQL_NOISE, SQL_TO, name_key
from ...tools.phones import phone_key, phone_spellings

# Names longer than this are compared by their beginning: the index must not refuse what core accepts.
NAME_LENGTH = 300
MAX_SHOWN = 10
MAX_CANDIDATES = 60
# What makes two contacts look alike, the strongest first.
REASONS = ("vat", "email", "phone", "name")
# What the form sends of the contact being entered.
TYPED = ("name", "email", "phone", "vat", "country_id", "is_company", "type", "parent_id")

# What is read of a candidate.
COMPARED = (
    "name",
    "complete_name",
    "active",
    "is_company",
    "parent_id",
    "commercial_partner_id",
    "country_id",
    "email_normalized",
    "phone",
    "vat",
)

# the country in front of a tax id: written by some, left out by others
_VAT_COUNTRY = re.compile(r"^[A-Z]{2}(?=[0-9A-Z]?[0-9]{4})")


def vat_key(vat):
    """The characters of a tax id that are compared, "" if it is none."""
    vat = "".join(char for char in (vat or "").upper() if char.isascii() and char.isalnum())
    # core: one character ("/") is no number
    return vat if len(vat) > 1 else ""


def national_vat_key(vat):
    """As :func:`vat_key`, without the country."""
    return _VAT_COUNTRY.sub("", vat_key(vat))


def vat_key_sql(column):
    """As :func:`vat_key`, the expression of the index."""
    return SQL("upper(regexp_replace(%s, '[^0-9A-Za-z]', '', 'g'))", column)


def name_words_sql(text):
    """The words of a name as the index on names has them: without accents, case, order and kind of company."""
    return SQL(
        "tsvector_to_array(ts_delete(to_tsvector('simple'::regconfig,"
        " translate(left(%s, %s), %s, %s)), %s::text[]))",
        text,
        NAME_LENGTH,
        SQL_FROM,
        SQL_TO,
        SQL_NOISE,
    )


class ResPartner(models.Model):
    _inherit = "res.partner"

    duplicate_contact_ids = fields.Many2many(
        "res.partner",
        string="Likely Duplicates",
        compute="_compute_duplicate_contact_ids",
        looked_up=(
            "name",
            "email_normalized",
            "phone",
            "vat",
            "country_id",
            "is_company",
            "type",
            "parent_id",
        ),
        context={"active_test": False},
        groups="base.group_user",
        help="Contacts with the same tax ID, email, phone number or name (without accents, case, word order "
        "and legal form), archived ones included, as far as you may see them.",
    )

    # Hash indexes: looked up by equality only, small, and without the length limit of a btree.
    _email_normalized_idx = models.Index("USING hash (email_normalized) WHERE email_normalized IS NOT NULL")
    _vat_key_idx = models.Index(
        "USING hash (upper(regexp_replace(vat, '[^0-9A-Za-z]', '', 'g'))) WHERE vat IS NOT NULL"
    )
    _name_key_idx = models.Index(
        "USING hash (tsvector_to_array(ts_delete(to_tsvector('simple'::regconfig, "
        f"translate(left(name, {NAME_LENGTH}), '{SQL_FROM}', '{SQL_TO}')), '{SQL_NOISE}'::text[])))"
    )

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_duplicate_contact_ids(self):
        found = self._find_duplicates()
        for partner in self:
            duplicates = found.get(partner, {})
            partner.duplicate_contact_ids = self.browse([duplicate.id for duplicate in duplicates])

    @api.readonly
    def get_duplicate_contacts(self, values):
        """Return what the contact form shows while a contact is being entered.

        The form asks for it by itself, so that opening and saving a contact do not wait for the search.

        :param dict values: the contact as it stands in the form; `self` is the saved contact, if there is one
        :return: {"duplicates": [{"id", "name", "reasons", "archived"}, ...], "more": bool}
        """
        self.check_access("read")
        typed = {name: values[name] for name in TYPED if name in values}
        # what the form does not show is as it was saved
        partner = self.new(typed, origin=self[:1])
        found = partner._find_duplicates().get(partner, {})
        named_by_core = [
            duplicate
            for duplicate, reasons in found.items()
            if reasons == ["vat"] and duplicate.vat == partner.vat and not partner.parent_id
        ]
        if len(named_by_core) == 1:
            # core's own warning shows this one
            del found[named_by_core[0]]
        labels = {
            "vat": self.env._("same tax ID"),
            "email": self.env._("same email"),
            "phone": self.env._("same phone"),
            "name": self.env._("same name"),
        }
        return {
            "duplicates": [
                {
                    "id": duplicate.id,
                    "name": duplicate.display_name,
                    "reasons": ", ".join(labels[reason] for reason in reasons),
                    "archived": not duplicate.active,
                }
                for duplicate, reasons in list(found.items())[:MAX_SHOWN]
            ],
            "more": len(found) > MAX_SHOWN,
        }

    def _find_duplicates(self):
        """Return {partner: {duplicate: [reason, ...]}}, the most alike first.

        One search for all of ``self``, new records included, under the access rules of the user.
        """
        contacts = self.filtered(lambda partner: partner.type in ("contact", False))
        keys = {partner: partner._get_duplicate_keys() for partner in contacts}
        strong, namesakes = [], []
        for partner, partner_keys in keys.items():
            for reason, condition in partner._get_duplicate_conditions(partner_keys).items():
                (namesakes if reason == "name" else strong).append(condition)
        if not strong and not namesakes:
            return {}

        def any_of(conditions):
            # SQL: equality with expressions that are indexed; the ORM knows columns only
            return lambda model, alias, query: SQL(
                "(%s)", SQL(" OR ").join(condition(model, alias, query) for condition in conditions)
            )

        domain = Domain("type", "=", "contact") & Domain.custom(to_sql=any_of(strong + namesakes))
        # Archived ones, too: better to bring one back than to enter it again without its history.
        query = self.with_context(active_test=False)._search(domain, limit=MAX_CANDIDATES * len(keys))
        # where a full base holds hundreds of people of that name, they must not crowd out the rest
        query.order = SQL("id")
        if strong and namesakes:
            query.order = SQL("%s IS TRUE DESC, id", any_of(strong)(self, query.table, query))
        # no more than is compared and shown: a contact has well over a hundred columns
        candidates = self._fetch_query(query, [self._fields[name] for name in COMPARED])
        candidate_keys = {candidate: candidate._get_duplicate_keys() for candidate in candidates}
        by_key = {}
        for candidate in candidates:
            for key in candidate_keys[candidate].items():
                by_key.setdefault(key, []).append(candidate)
        result = {}
        for partner, partner_keys in keys.items():
            reasons = {}
            for reason in REASONS:
                if not partner_keys.get(reason):
                    continue
                same = by_key.get((reason, partner_keys[reason]), [])
                if reason == "phone":
                    # written alike, though nothing says of which country either of them is
                    same = {*same, *by_key.get(("digits", partner_keys["digits"]), ())}
                for candidate in same:
                    if partner._may_duplicate(candidate, reason, partner_keys, candidate_keys[candidate]):
                        reasons.setdefault(candidate, []).append(reason)
            result[partner] = {
                candidate: reasons[candidate]
                for candidate in sorted(
                    reasons,
                    key=lambda found: (
                        -len(reasons[found]),
                        REASONS.index(reasons[found][0]),
                        not found.active,
                        found.id,
                    ),
                )
            }
        return result

    def _may_duplicate(self, candidate, reason, ours, theirs):
        """Tell whether the same key means anything between this contact and the candidate.

        :param ours, theirs: the keys of both, as of :meth:`_get_duplicate_keys`
        """
        if candidate == self._origin:
            return False
        # a company and its own contacts share what belongs to the company
        if (self._origin and candidate.parent_id == self._origin) or candidate == self.parent_id._origin:
            return False
        if reason == "name":
            # namesakes only, if the tax ids, or both email and phone, say that these are two
            differing = {key for key in REASONS if ours[key] and theirs[key] and ours[key] != theirs[key]}
            return not ((self.is_company and "vat" in differing) or {"email", "phone"} <= differing)
        countries = self.country_id | candidate.country_id
        if reason == "vat" and len(countries) > 1:
            # two countries may give the same number
            return False
        # colleagues share the tax id and the switchboard of their company
        related = candidate.commercial_partner_id == self.commercial_partner_id._origin
        return not related or reason == "email"

    def _get_duplicate_keys(self):
        """Return {reason: comparable value} of one contact; empty values stand for nothing to compare."""
        self.ensure_one()
        words = name_key((self.name or "")[:NAME_LENGTH], self.is_company)
        return {
            "vat": national_vat_key(self.vat),
            "email": self.email_normalized or "",
            "phone": phone_key(self.phone, self._get_calling_code()),
            "digits": "".join(char for char in self.phone or "" if char.isdigit()),
            "name": (bool(self.is_company), words) if words else "",
        }

    def _get_calling_code(self):
        return (self.country_id or self.env.company.country_id).phone_code

    def _get_duplicate_conditions(self, keys):
        """Return {reason: function (model, alias, query) -> SQL} that find the contacts with these keys.

        They may find a few more, so the keys of what was found are compared once again. The expressions
        are spelled as in the indexes: here, and for phones in the index of `phone_validation`.
        """

        def phone(model, alias, query):
            return SQL(
                "regexp_replace((%s::text), %s::text, ''::text, 'g'::text) IN %s",
                model._field_to_sql(alias, "phone", query),
                PHONE_REGEX_PATTERN,
                tuple(phone_spellings(self.phone, self._get_calling_code())),
            )

        def vat(model, alias, query):
            column = model._field_to_sql(alias, "vat", query)
            country = self.country_id or self.env.company.country_id
            spellings = {vat_key(self.vat), keys["vat"], f"{country.code or ''}{keys['vat']}"}
            return SQL(
                "(%s)",
                SQL(" OR ").join(
                    SQL("%s = %s", vat_key_sql(column), spelling) for spelling in sorted(spellings)
                ),
            )

        def email(model, alias, query):
            return SQL("%s = %s", model._field_to_sql(alias, "email_normalized", query), keys["email"])

        def name(model, alias, query):
            return SQL(
                "%s = %s",
                name_words_sql(model._field_to_sql(alias, "name", query)),
                name_words_sql(self.name),
            )

        builders = {"vat": vat, "email": email, "phone": phone, "name": name}
        return {reason: builders[reason] for reason in REASONS if keys[reason]}
