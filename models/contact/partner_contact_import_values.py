import re
from datetime import date

from markupsafe import Markup

from odoo import api, models
from odoo.tools import html2plaintext

from ...tools.birthday_parse import EMPTY, parse_birthday
from ...tools.birthdays import NO_YEAR
from ...tools.contact_country import country_code
from ...tools.contact_record import MAX_TEXT, ContactRecord, best_phones, is_page
from ...tools.names import fold
from ...tools.phone_import import normalise_phone, split_phones, split_remark

ADDRESS_FIELDS = ("street", "street2", "city", "zip", "state_id", "country_id")


class PartnerContactImport(models.Model):
    """From what a program wrote to the fields of a contact; what has no field goes into the note."""

    _inherit = "partner.contact.import"

    def _get_read_context(self):
        """Return what all contacts of the file are read with, looked up once."""
        countries = self.env["res.country"].search([("code", "!=", False)])
        return {
            "country": self.company_id.country_id,
            "languages": {code: code for code, _name in self.env["res.lang"].get_installed()},
            "countries": {country.code: country for country in countries},
            "countries_by_id": {country.id: country for country in countries},
            "states": {},
        }

    def _read_values(self, record, context):
        """Return (values of the contact, [(label, value) for the note], [(doubt, value)]).

        The address is given apart, as ``_address`` (values) and ``_note_address`` (text), because a contact of a
        company has the company's address.
        """
        notes, warnings = [], list(record.warnings)
        name = record.full_name()
        if len(name) > MAX_TEXT:
            # its parts are not too long, all of them are
            notes.append(("", name))
        website = next(filter(is_page, record.websites), "")
        vals = {
            "name": name[:MAX_TEXT],
            "is_company": record.is_company,
            "function": record.function,
            "vat": record.vat,
            "website": website,
        }
        self._read_emails(record, vals, notes, warnings)
        addresses = [address for address in record.addresses if address]
        if addresses:
            vals["_address"], left = self._read_address(addresses[0], context)
            vals["_note_address"] = addresses[0].one_line()
            notes += left
        self._read_phones(record, vals, notes, warnings, context)
        self._read_birthday(record, vals, notes, warnings)
        self._read_language(record, vals, notes, context)
        labels = self._get_note_labels()
        notes += [(labels["website"], other) for other in record.websites if other != website]
        notes += [(labels["address"], address.one_line()) for address in addresses[1:]]
        notes += [
            (labels[name], value)
            for name, value in (
                ("given", record.given if not _has_words(vals["name"], record.given) else ""),
                ("family", record.family if not _has_words(vals["name"], record.family) else ""),
                ("prefix", record.prefix if fold(record.prefix) not in fold(vals["name"]) else ""),
                ("middle", record.middle if not _has_words(vals["name"], record.middle) else ""),
                ("suffix", record.suffix if not _has_words(vals["name"], record.suffix) else ""),
                ("nickname", record.nickname if record.nickname != vals["name"] else ""),
                ("department", record.department),
            )
            if value
        ]
        notes += list(record.extras)
        notes += [("", note) for note in record.notes]
        return vals, [tuple(note) for note in notes], warnings

    @api.model
    def _get_note_labels(self):
        return {
            "name": self.env._("Name"),
            "email": self.env._("Email"),
            "phone": self.env._("Phone"),
            "website": self.env._("Website"),
            "address": self.env._("Address"),
            "given": self.env._("First name"),
            "family": self.env._("Last name"),
            "prefix": self.env._("Form of address"),
            "middle": self.env._("Middle name"),
            "suffix": self.env._("Name suffix"),
            "nickname": self.env._("Nickname"),
            "department": self.env._("Department"),
            "birthday": self.env._("Birthday"),
            "language": self.env._("Language"),
            "state": self.env._("Region (state)"),
            "country": self.env._("Country"),
            "function": self.env._("Job position"),
            "company": self.env._("Company"),
            "vat": self.env._("Tax ID"),
            "fax": self.env._("Fax"),
            "pager": self.env._("Pager"),
            "work": self.env._("work"),
            "home": self.env._("home"),
            "mobile": self.env._("mobile"),
            "other": self.env._("other"),
            "main": self.env._("main"),
        }

    def _label(self, name, kind):
        """Return ``Phone (home)``."""
        labels = self._get_note_labels()
        for machine in ("fax", "pager"):
            if machine in kind:
                name, kind = machine, kind.replace(machine, "").strip()
        if not kind or kind == "pref":
            return labels[name]
        return f"{labels[name]} ({labels.get(kind, kind)})"

    def _read_emails(self, record, vals, notes, warnings):
        for kind, address in record.emails:
            readable = "@" in address.strip("@") and not any(char.isspace() for char in address)
            if readable and not vals.get("email"):
                vals["email"] = address
                continue
            notes.append((self._label("email", kind), address))
            if not readable:
                warnings.append(("email", address))

    def _read_phones(self, record, vals, notes, warnings, context):
        country = vals.get("_address", {}).get("country_id")
        calling_code = (context["countries_by_id"][country] if country else context["country"]).phone_code
        seen = set()
        phones = [(kind, part) for kind, text in best_phones(record.phones) for part in split_phones(text)]
        for kind, text in phones:
            number = normalise_phone(text, calling_code)
            has_remark, is_known = bool(number) and split_remark(text)[1], number in seen
            seen.add(number)
            if not number:
                warnings.append(("phone", text))
            elif is_known and not has_remark:
                continue
            elif not vals.get("phone") and "fax" not in kind and "pager" not in kind:
                vals["phone"] = number
                if not has_remark:
                    continue
            notes.append((self._label("phone", kind), number if number and not has_remark else text))

    def _read_birthday(self, record, vals, notes, warnings):
        if not record.birthday:
            return
        birthday = parse_birthday(record.birthday, self.date_order or self.found_date_order)
        label = self._get_note_labels()["birthday"]
        if birthday:
            known = bool(birthday.year and birthday.year > NO_YEAR)
            vals["birthdate"] = date(
                birthday.year if known else NO_YEAR, birthday.month, birthday.day
            ).isoformat()
            vals["birth_year_known"] = known
            if birthday.year and not known:
                notes.append((label, record.birthday))
                warnings.append(("birthday_old", record.birthday))
        elif birthday.problem != EMPTY:
            notes.append((label, record.birthday))
            warnings.append((f"birthday_{birthday.problem}", record.birthday))

    def _read_language(self, record, vals, notes, context):
        if not record.language:
            return
        code = record.language.replace("-", "_")
        for installed in context["languages"]:
            if installed.lower() == code.lower() or installed.split("_")[0].lower() == code.lower():
                vals["lang"] = installed
                return
        notes.append((self._get_note_labels()["language"], record.language))

    def _read_address(self, address, context):
        """Return (values, what goes into the note) of an address."""
        labels = self._get_note_labels()
        vals = {name: getattr(address, name) for name in ("street", "street2", "city", "zip")}
        notes = []
        country = context["countries"].get(country_code(address.country))
        if country:
            vals["country_id"] = country.id
        elif address.country:
            notes.append((labels["country"], address.country))
        if address.state:
            state = self._find_state(address.state, country or context["country"], context)
            if state:
                vals["state_id"] = state.id
                vals["country_id"] = state.country_id.id
            else:
                notes.append((labels["state"], address.state))
        return {key: value for key, value in vals.items() if value}, notes

    def _find_state(self, text, country, context):
        if country.id not in context["states"]:
            states = (
                self.env["res.country.state"].search([("country_id", "=", country.id)]) if country else []
            )
            names = {}
            for state in states:
                names[fold(state.code)] = names[_state_key(state.name)] = state
            context["states"][country.id] = names
        names = context["states"][country.id]
        return names.get(_state_key(text)) or names.get(fold(text))

    @api.model
    def _get_note_html(self, notes):
        """Return the lines of the note as HTML; whatever the file holds stays text."""
        lines = [
            Markup("%s: %s") % (label, value) if label else Markup("%s") % value for label, value in notes
        ]
        return Markup("").join(Markup("<p>%s</p>") % Markup("<br/>").join(line.split("\n")) for line in lines)

    @api.model
    def _add_notes(self, partner, notes):
        """Return the note of a contact with the lines that do not stand in it yet; False if there are none."""
        known = html2plaintext(partner.comment or "")
        squeezed = " ".join(known.split())
        new = [
            (label, value)
            for label, value in notes
            if " ".join((f"{label}: {value}" if label else value).split()) not in squeezed
        ]
        if not new:
            return False
        return (partner.comment or Markup("")) + self._get_note_html(new)

    @api.model
    def _get_record(self, line):
        return ContactRecord.from_dict(line.data or {})


def _has_words(name, part):
    """Tell whether a name has the words of a part of it; East Asian names have no blanks."""
    words = re.findall(r"\w+", fold(part))
    return set(words) <= set(re.findall(r"\w+", fold(name))) or (" " not in name and fold(part) in fold(name))


def _state_key(text):
    """Return a state's name without the word for it."""
    key = fold(text)
    for word in ("thanh pho ", "tinh ", "tp ", "province of ", "state of ", "land "):
        key = key.removeprefix(word)
    return key.removesuffix(" province").removesuffix(" state").removesuffix(" city")
