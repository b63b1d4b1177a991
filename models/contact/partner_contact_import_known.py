from odoo import api, models
from odoo.addons.iap.tools.iap_tools import mail_prepare_for_domain_search
from odoo.addons.phone_validation.models.mail_thread_phone import PHONE_REGEX_PATTERN
from odoo.fields import Domain
from odoo.tools import SQL, email_normalize, split_every

from ...tools.contact_country import country_code
from ...tools.names import is_alike, name_key
from ...tools.phones import phone_key, phone_spellings
from .res_partner_duplicates import (
    MAX_CANDIDATES,
    NAME_LENGTH,
    name_words_sql,
    national_vat_key,
    vat_key,
    vat_key_sql,
)

SEARCHED = 500
# what is compared of a contact that is known
COMPARED = (
    "name",
    "is_company",
    "email_normalized",
    "phone",
    "country_id",
    "parent_id",
    "company_name",
    "vat",
)


class PartnerContactImport(models.Model):
    """Contacts and companies that exist already, as far as whoever imports may see them."""

    _inherit = "partner.contact.import"

    def _find_known(self):
        """Mark the lines whose contacts exist, or stand in the file before; and find their companies."""
        self.ensure_one()
        worker = self._as_worker(self.env.user)
        seen = {}
        for ids in split_every(SEARCHED, self.line_ids.filtered(lambda line: line.state == "new").ids, list):
            lines = worker.env["partner.contact.import.line"].browse(ids)
            known = worker._get_known(lines)
            companies = worker._get_companies(lines)
            codes = worker._get_calling_codes(lines)
            for line in lines:
                facts = worker._get_line_facts(line, codes[line])
                keys = worker._get_keys(facts)
                vals = {}
                if line in known:
                    partner, reason = known[line]
                    vals = {"duplicate_id": partner.id, "duplicate_reason": reason}
                elif first := next(
                    (
                        earlier
                        for key in worker._get_sought_keys(line, keys)
                        for earlier, theirs in seen.get(key, ())
                        if worker._is_same(key[0], facts, theirs)
                    ),
                    None,
                ):
                    vals = {"duplicate_line_id": first, "duplicate_reason": "file"}
                if vals:
                    vals |= {"is_known": True, "action": self.duplicate_action}
                if line in companies:
                    vals["parent_id"] = companies[line].id
                contact, _reason = known.get(line, (None, None))
                if texts := worker._get_archived_texts(contact, companies.get(line)):
                    vals["message"] = " ".join(filter(None, (line.message, *texts)))
                if vals:
                    line.write(vals)
                for key in worker._get_shown_keys(line, keys):
                    alike = seen.setdefault(key, [])
                    # whoever has an address is one: the first; a file of namesakes must not take for ever
                    if len(alike) < (1 if key[0] == "email" else MAX_CANDIDATES):
                        alike.append((line.id, facts))

    @api.model
    def _get_archived_texts(self, contact=None, company=None):
        """Return what the preview says of a known contact, and of the company of a person, that are archived."""
        texts = []
        if contact and not contact.active:
            texts.append(
                self.env._(
                    "%s is archived, and is active again if it is filled or updated.", contact.display_name
                )
            )
        if company and not company.active:
            texts.append(
                self.env._(
                    "The company %s is archived and stays so; the person is put under it. Choose another one, or "
                    "restore it.",
                    company.display_name,
                )
            )
        return texts

    def _get_calling_codes(self, lines):
        """Return {line: calling code} of the country of its address, as of a contact, else of the company."""
        codes = {
            line: next(
                (country_code(one.get("country")) for one in (line.data or {}).get("addresses", ())), ""
            )
            for line in lines
        }
        countries = self.env["res.country"].search([("code", "in", [*filter(None, set(codes.values()))])])
        numbers = {country.code: country.phone_code for country in countries}
        usual = self.company_id.country_id.phone_code
        return {line: numbers.get(code, usual) for line, code in codes.items()}

    @api.model
    def _get_keys(self, facts):
        """Return the keys of equal contacts: tax ID of companies, email, phone with name, name with company."""
        keys = []
        if facts["is_company"] and facts["vat"]:
            keys.append(("vat", facts["vat"]))
        words, company = name_key(facts["name"]), name_key(facts["company"], True)
        if facts["email"]:
            keys.append(("email", facts["email"]))
        if facts["phone"]:
            keys.append(("phone", facts["phone"], words))
        if words and (company or facts["is_company"]):
            keys.append(("name", words, company))
        return keys

    @api.model
    def _get_line_facts(self, line, code):
        """Return what a line is compared by.

        :param code: the calling code of the line, as of :meth:`_get_calling_codes`
        """
        return {
            "name": (line.name or "")[:NAME_LENGTH],
            "company": (line.company_name or "")[:NAME_LENGTH],
            "is_company": bool((line.data or {}).get("is_company")),
            "email": email_normalize(line.email or "") or (line.email or "").strip().lower(),
            "phone": phone_key(line.phone, code),
            "vat": national_vat_key((line.data or {}).get("vat")),
            "country": next(
                (country_code(one.get("country")) for one in (line.data or {}).get("addresses", ())), ""
            ),
        }

    def _get_partner_facts(self, partner):
        """As :meth:`_get_line_facts`, of a contact that exists."""
        code = (partner.country_id or self.company_id.country_id).phone_code
        return {
            "name": (partner.name or "")[:NAME_LENGTH],
            "company": (partner.parent_id.name or partner.company_name or "")[:NAME_LENGTH],
            "is_company": partner.is_company,
            "email": partner.email_normalized or (partner.email or "").strip().lower(),
            "phone": phone_key(partner.phone, code),
            "vat": national_vat_key(partner.vat),
            "country": partner.country_id.code or "",
        }

    @api.model
    def _is_same(self, reason, ours, theirs):
        """Whether two contacts with the same key are one: by an address always, else as duplicates are.

        Keys have no accents, and of companies no order: An Bình, Bình An and Bình Ân are three.
        """
        if reason == "email":
            return True
        if reason == "vat":
            # two countries may give the same number
            return not (ours["country"] and theirs["country"]) or ours["country"] == theirs["country"]
        is_company = ours["is_company"] and theirs["is_company"]
        differing = {
            name
            for name in ("email", "phone", "vat")
            if ours[name] and theirs[name] and ours[name] != theirs[name]
        }
        if (is_company and "vat" in differing) or {"email", "phone"} <= differing:
            return False
        return is_alike(ours["name"], theirs["name"], is_company) and (
            reason == "phone" or is_alike(ours["company"], theirs["company"], True)
        )

    @api.model
    def _get_shown_keys(self, line, keys):
        """Return the keys under which later lines of the file find a line.

        An address counts with the name, and with whether it is a company, as :meth:`_get_most_alike` compares contacts.
        """
        shown = list(keys)
        for key in keys:
            if key[0] == "email":
                words, is_company, _has_name = self._get_identity(line, key[1])
                shown += [(*key, words), (*key, is_company)]
        return shown

    @api.model
    def _get_sought_keys(self, line, keys):
        """Return the keys under which a line looks for an earlier one of the file, the most alike first."""
        sought = []
        for key in keys:
            if key[0] == "email":
                words, is_company, has_name = self._get_identity(line, key[1])
                sought += [(*key, words), (*key, is_company) if has_name else key]
            else:
                sought.append(key)
        return sought

    @api.model
    def _get_identity(self, line, email):
        """Return the words of a line's name, whether it is a company, and whether the name is more than its address."""
        words = name_key((line.name or "")[:NAME_LENGTH])
        has_name = bool(words) and (line.name or "").strip().lower() != email
        return words, bool((line.data or {}).get("is_company")), has_name

    def _get_known(self, lines):
        """Return {line: (contact, reason)} of the contacts that exist, the oldest of those most alike.

        One search for all lines, under the access rules of whoever imports: who may not see a contact is not told
        of it, and the file makes another one.
        """
        codes = self._get_calling_codes(lines)
        ours = {line: self._get_line_facts(line, codes[line]) for line in lines}
        wanted = {line: dict.fromkeys(self._get_keys(ours[line])) for line in lines}
        emails = {key[1] for keys in wanted.values() for key in keys if key[0] == "email"}
        phones = {
            spelling for line in lines if line.phone for spelling in phone_spellings(line.phone, codes[line])
        }
        numbers = {
            spelling
            for line in lines
            if ours[line]["is_company"]
            for spelling in self._get_vat_spellings(line)
        }
        names = {line.name[:NAME_LENGTH] for line in lines if any(key[0] == "name" for key in wanted[line])}
        conditions = []
        if emails:
            conditions.append(Domain("email_normalized", "in", list(emails)))
        if numbers:
            conditions.append(Domain("is_company", "=", True) & self._get_vat_domain(numbers))
        if phones:
            conditions.append(self._get_phone_domain(phones))
        if names:
            conditions.append(self._get_name_domain(names))
        if not conditions:
            return {}
        partner_model = self.env["res.partner"].with_context(active_test=False)
        partners = partner_model
        for condition in conditions:
            # one by one: each has an index of its own
            partners |= partner_model.search(Domain("type", "=", "contact") & condition, order="id")
        theirs = {partner: self._get_partner_facts(partner) for partner in partners}
        by_key = {}
        for partner in partners.sorted(lambda partner: (not partner.active, partner.id)):
            for key in self._get_keys(theirs[partner]):
                by_key.setdefault(key, []).append(partner)
        found = {}
        for line, keys in wanted.items():
            for key in keys:
                same = [one for one in by_key.get(key, ()) if self._is_same(key[0], ours[line], theirs[one])]
                if best := self._get_most_alike(line, key, same):
                    found[line] = (best, key[0])
                    break
        return found

    @api.model
    def _get_most_alike(self, line, key, partners):
        """Of contacts that share a key with a line, the one most like it.

        A company and its people often share an address; a person is not the company, and who has its name is most
        like it.
        """
        if key[0] == "vat":
            # branches may have the number of their company: the one that is meant, else the company itself
            email = email_normalize(line.email or "")
            return min(
                partners,
                key=lambda partner: (
                    not is_alike(line.name or "", partner.name or "", True),
                    not email or partner.email_normalized != email,
                    bool(partner.parent_id),
                ),
                default=None,
            )
        if key[0] != "email":
            # a name without accents may be that of several: who is written as in the file comes first
            name = line.name.lower()
            return min(partners, key=lambda partner: partner.name.lower() != name, default=None)
        words, is_company, has_name = self._get_identity(line, key[1])

        def same_name(partner):
            return name_key((partner.name or "")[:NAME_LENGTH]) == words

        alike = [
            partner
            for partner in partners
            if not has_name or partner.is_company == is_company or same_name(partner)
        ]
        return min(alike, key=lambda partner: not same_name(partner), default=None)

    def _get_vat_spellings(self, line):
        """Return how the tax ID of a line may stand in a contact, as the index on tax IDs has it."""
        vat = vat_key((line.data or {}).get("vat"))
        if not vat:
            return set()
        national, codes = national_vat_key(vat), {self.company_id.country_id.code or ""}
        codes.update(country_code(one.get("country")) for one in line.data.get("addresses", ()))
        return {vat, national, *(f"{code}{national}" for code in codes if code)}

    @api.model
    def _get_vat_domain(self, numbers):
        return self._look_up("vat", numbers, vat_key_sql, lambda wanted: wanted)

    @api.model
    def _get_phone_domain(self, spellings):
        # the expression of phone_validation's index
        return self._look_up(
            "phone",
            spellings,
            lambda column: SQL(
                "regexp_replace((%s::text), %s::text, ''::text, 'g'::text)", column, PHONE_REGEX_PATTERN
            ),
            lambda wanted: wanted,
        )

    @api.model
    def _get_name_domain(self, names):
        # the expression of the index on the words of a name
        return self._look_up("name", names, name_words_sql, name_words_sql)

    @api.model
    def _look_up(self, name, texts, key, wanted_key):
        """Return the domain of the contacts that have one of these texts in a field, as an index of it says.

        :param texts: what is looked for, hundreds at a time
        :param key: function of the column to the expression of the index
        :param wanted_key: function of a text to what the index has for it
        """
        partner_model = self.env["res.partner"]
        partner_model.flush_model([name])
        # SQL: PostgreSQL rather computes the expression for each contact than look hundreds of texts up in the index,
        # as long as there are some ten thousand, or as it has not counted them yet; so each is looked up by itself.
        # What is found is searched for under the rules of whoever imports.
        rows = self.env.execute_query(
            SQL(
                """
    SELECT DISTINCT found.id
      FROM unnest(%(texts)s::text[]) AS wanted(text)
     CROSS JOIN LATERAL (
           SELECT partner.id FROM res_partner AS partner
            WHERE %(key)s = %(wanted)s AND %(column)s IS NOT NULL
           OFFSET 0) AS found""",
                texts=sorted(texts),
                key=key(SQL.identifier("partner", name)),
                wanted=wanted_key(SQL("wanted.text")),
                column=SQL.identifier("partner", name),
            )
        )
        return Domain("id", "in", [partner_id for (partner_id,) in rows])

    # ------------------------------------------------------------------
    # Companies
    # ------------------------------------------------------------------
    def _get_companies(self, lines):
        """Return {line: company} of the persons whose company exists: by tax ID, by name, else by email domain.

        An archived one, too, where there is no other: a second one would be made of it.
        """
        if self.company_mode == "text":
            return {}
        persons = lines.filtered(lambda line: not (line.data or {}).get("is_company"))
        company_model = self.env["res.partner"].with_context(active_test=False)
        order = "active DESC, id"
        is_company = Domain("is_company", "=", True) & Domain("type", "=", "contact")
        numbers = {
            line: number for line in persons if (number := national_vat_key((line.data or {}).get("vat")))
        }
        named = {line: name_key((line.company_name or "")[:NAME_LENGTH], True) for line in persons}
        # A name that differs says more than the domain, which a group of companies shares; and no index has domains.
        domains = {
            line: domain
            for line in persons
            if not named[line] and (domain := self._get_mail_domain(line.email))
        }
        names = {line.company_name[:NAME_LENGTH] for line in persons if line.company_name}
        by_vat, by_name, by_domain = {}, {}, {}
        if numbers:
            spellings = {text for line in numbers for text in self._get_vat_spellings(line)}
            for company in company_model.search(is_company & self._get_vat_domain(spellings), order=order):
                by_vat.setdefault(national_vat_key(company.vat), []).append(company)
        if names:
            for company in company_model.search(is_company & self._get_name_domain(names), order=order):
                by_name.setdefault(name_key(company.name[:NAME_LENGTH], True), []).append(company)
        if domains:
            condition = Domain.custom(
                # SQL: the domain of an address is no column
                to_sql=lambda model, alias, query: SQL(
                    "split_part(%s, '@', 2) IN %s",
                    model._field_to_sql(alias, "email_normalized", query),
                    tuple(set(domains.values())),
                )
            )
            # an address alone puts nobody under a company that is archived
            for company in self.env["res.partner"].search(is_company & condition, order="id"):
                by_domain.setdefault(company.email_normalized.partition("@")[2], company)
        found = {}
        for line in persons:
            company = (
                self._get_owner_of_number(line, by_vat.get(numbers.get(line), ()))
                or (named[line] and self._get_namesake(line, by_name.get(named[line], ())))
                or by_domain.get(domains.get(line))
            )
            if company:
                found[line] = company
        return found

    @api.model
    def _get_owner_of_number(self, line, companies):
        """Of companies that have the tax ID of a person's company, the one that is named so, else no branch."""
        country = self._get_line_facts(line, "")["country"]
        # two countries may give the same number
        same = [
            company
            for company in companies
            if not (country and company.country_id) or company.country_id.code == country
        ]
        name = (line.company_name or "")[:NAME_LENGTH]
        return min(
            same,
            key=lambda company: (
                not company.active,
                not is_alike(name, company.name[:NAME_LENGTH], True),
                bool(company.parent_id),
            ),
            default=None,
        )

    @api.model
    def _get_namesake(self, line, companies):
        """Of companies whose names have the words of a person's company, the first that is meant."""
        name, vat = line.company_name[:NAME_LENGTH], national_vat_key((line.data or {}).get("vat"))
        same = (
            company
            for company in companies
            if is_alike(name, company.name[:NAME_LENGTH], True)
            and not (vat and (theirs := national_vat_key(company.vat)) and theirs != vat)
        )
        return min(same, key=lambda company: company.name.lower() != name.lower(), default=None)

    @api.model
    def _get_mail_domain(self, email):
        """Return the domain of an address, "" for those of providers that serve everybody."""
        email = email_normalize(email or "")
        domain = mail_prepare_for_domain_search(email) if email else ""
        return domain[1:] if domain and domain.startswith("@") else ""
