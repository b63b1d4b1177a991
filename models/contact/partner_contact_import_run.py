import logging

from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import email_normalize, escape_psql

from ...tools.names import fold, is_alike, name_key
from ...tools.passing_errors import is_passing
from ...tools.phones import phone_key
from .partner_contact_import_values import ADDRESS_FIELDS
from .res_partner_duplicates import NAME_LENGTH, national_vat_key

_logger = logging.getLogger(__name__)

BATCH = 250
# What is compared and put back when an import is undone.
SIMPLE = (
    "name",
    "function",
    "email",
    "phone",
    "website",
    "vat",
    "lang",
    "birthdate",
    "birth_year_known",
    "company_name",
)


# What Odoo takes from the company, or drops, when a contact becomes one of a company; beside these its terms.
MOVED = ("company_name", "lang", "user_id", *ADDRESS_FIELDS)


class PartnerContactImport(models.Model):
    """The work of an import, batch by batch."""

    _inherit = "partner.contact.import"

    def _import_batch(self):
        """Import the next contacts; return whether there are more."""
        self.ensure_one()
        line_model = self.env["partner.contact.import.line"]
        domain = Domain("import_id", "=", self.id) & Domain("state", "=", "new")
        lines = line_model.search(domain, order="number", limit=BATCH)
        left = lines
        while left:
            # what stands in the file before comes first, as it is the contact that is written to
            part = left.filtered(lambda line, left=left: line.duplicate_line_id not in left)
            self._import_lines(part)
            left -= part
        if len(lines) == BATCH:
            return True
        self.write({"state": "done", "date_done": self.env.cr.now()})
        return False

    def _import_lines(self, lines):
        # sudo: Odoo writes what a contact has of its company with sudo, in all companies
        companies = self.env["res.company"].sudo()
        companies = companies.search([]) | self.company_id  # pylint: disable=no-search-all
        context = {**self._get_read_context(), "tags": {}, "companies": companies}
        plans = self._plan(lines, context)
        new = [plan for plan in plans if plan["partner"] is None]
        self._do_together(new, self._create_contacts, self._create_one_by_one)
        known = [plan for plan in plans if plan["partner"] is not None]
        self._do_together(known, self._write_contacts, self._write_one_by_one)
        self._settle_companies(plans)

    def _do_together(self, plans, work, one_by_one):
        """Do the work of these contacts at once; where anything fails, one by one."""
        if not plans:
            return
        try:
            with self.env.cr.savepoint():
                work(plans)
        except Exception as error:
            if is_passing(error):
                # another transaction was in the way: the batch is done again
                raise
            # whatever a field or another addon objects to: find the contact that is at fault
            self.env.invalidate_all()
            one_by_one(plans)

    def _write_contacts(self, plans):
        for plan in plans:
            self._write_contact(plan)

    def _write_one_by_one(self, plans):
        for plan in plans:
            self._try(plan, lambda plan=plan: self._write_contact(plan))

    def _create_one_by_one(self, plans):
        """Make each contact by itself, organisations before their people."""
        nobody = self.env["res.partner"]
        for plan in plans:
            for person in plan.get("is_company_of", ()):
                # it was taken back with the rest
                person["company"] = nobody
        for plan in sorted(plans, key=lambda plan: "is_company_of" not in plan):
            if not self._try(plan, lambda plan=plan: self._create_contacts([plan])):
                # its people keep its name as text
                for person in plan.get("is_company_of", ()):
                    person["company"] = nobody

    def _try(self, plan, work):
        """Do the work of one contact; what it fails of is the reason of its rejection.

        :return: whether it was done
        """
        line = plan["line"]
        try:
            with self.env.cr.savepoint():
                work()
            return True
        except Exception as error:
            if is_passing(error):
                raise
            self.env.invalidate_all()
            if not isinstance(error, UserError):
                _logger.info("Contact %s of import %s is rejected", line.number, self.id, exc_info=True)
            line.write({"state": "error", "message": self._get_error_text(error)})
            return False

    def _get_error_text(self, error):
        """Return in one line why a contact was refused."""
        if isinstance(error, AccessError):
            return self.env._("You may not change this contact.")
        return " ".join(str(error.args[0] if error.args else error).split()) or type(error).__name__

    # ------------------------------------------------------------------
    # Planning
    # ------------------------------------------------------------------
    def _plan(self, lines, context):
        """Return what is to be done with each line: a dictionary with the contact, if it exists, and values."""
        # what was not known at the preview may have come since, by another file or by the batches before
        unknown = lines.filtered(lambda line: not line.is_known)
        found = self._get_known(unknown) if unknown else {}
        # also where the file names none: one that stands there all the same was chosen by hand
        companies = self._get_companies(
            lines.filtered(lambda line: not line.parent_id or not line.company_name)
        )
        nobody = self.env["res.partner"]
        # together: a whole file may be known
        present = nobody.union(
            lines.duplicate_id,
            lines.duplicate_line_id.partner_id,
            *(partner for partner, _why in found.values()),
        ).exists()
        booked = self._get_booked(present)
        plans = []
        for line in lines:
            partner, action = line.duplicate_id or line.duplicate_line_id.partner_id, line.action
            if line in found:
                partner, action = found[line][0], self.duplicate_action
                line.write({"duplicate_id": partner.id, "duplicate_reason": found[line][1], "is_known": True})
            if action != "create" and partner not in present:
                partner = nobody
            if action == "skip":
                line.write({"state": "done", "result": "skipped", "partner_id": partner.id})
                continue
            record = self._get_record(line)
            vals, notes, _warnings = self._read_values(record, context)
            plan = {
                "line": line,
                "partner": partner if partner and action != "create" else None,
                "action": action,
                "vals": vals,
                "notes": notes,
                "company": line.parent_id or companies.get(line, nobody),
                "chosen": line.parent_id - companies.get(line, nobody),
                "company_name": "" if record.is_company else record.company,
                "tags": self.category_ids,
                "is_booked": partner in booked,
                "companies": context["companies"],
            }
            if self._add_tags(plan, record, context):
                plans.append(plan)
        self._create_companies(plans)
        return [plan for plan in plans if plan["line"].state == "new"]

    def _create_companies(self, plans):
        """Make the companies that do not exist, each once, with the address of the first of its persons."""
        if self.company_mode != "create":
            return
        missing = {}
        for plan in plans:
            key = name_key(plan["company_name"][:NAME_LENGTH], True)
            # a dash, or the form of a company alone, names none
            if key and not plan["company"] and self._is_alone(plan):
                group = self._get_group(missing.setdefault(key, []), plan["company_name"])
                group.append(plan)
        # an organisation that stands in this batch itself is the company of its people
        for plan in plans:
            name = plan["vals"].get("name") or ""
            key = name_key(name[:NAME_LENGTH], True)
            if plan["vals"].get("is_company") and key in missing and not plan["partner"]:
                group = self._get_group(missing[key], name)
                if group:
                    plan["is_company_of"] = [*group]
                    group.clear()
        groups = [group for alike in missing.values() for group in alike if group]
        joining = ([plan for plan in group if self._may_join(plan)] for group in groups)
        self._make_companies([group for group in joining if group])

    @api.model
    def _get_group(self, groups, name):
        """Return which of these groups of plans, whose companies have the words of a name, is that company's."""
        for group in groups:
            if group and self._is_company_alike(group[0]["company_name"], name):
                return group
        groups.append([])
        return groups[-1]

    @api.model
    def _is_company_alike(self, name, other):
        """Whether two names of companies are one, as far as contacts are compared by their names."""
        name, other = (name or "")[:NAME_LENGTH], (other or "")[:NAME_LENGTH]
        return name_key(name, True) == name_key(other, True) and is_alike(name, other, True)

    def _make_companies(self, groups, with_number=True):
        """Make the company of each group of plans; the people of one that is refused are rejected with the reason.

        The tax ID that stands with its people is the company's, if it is one for Odoo.
        """
        if not groups:
            return
        vals_list = [
            {
                "name": group[0]["company_name"],
                "is_company": True,
                "company_id": self._get_new_company_id(),
                **group[0]["vals"].get("_address", {}),
            }
            for group in groups
        ]
        for vals, group in zip(vals_list, groups, strict=True):
            number = next((plan["vals"]["vat"] for plan in group if plan["vals"].get("vat")), "")
            if with_number and number:
                vals["vat"] = number
        try:
            with self.env.cr.savepoint():
                companies = self.env["res.partner"].create(vals_list)
        except Exception as error:
            if is_passing(error):
                raise
            self.env.invalidate_all()
            if len(groups) > 1:
                for group in groups:
                    self._make_companies([group])
                return
            [group] = groups
            if vals_list[0].get("vat"):
                self._make_companies(groups, with_number=False)
                return
            text = self.env._(
                "Its company %(company)s cannot be created: %(reason)s",
                company=group[0]["company_name"],
                reason=self._get_error_text(error),
            )
            for plan in group:
                plan["line"].write({"state": "error", "message": text})
            return
        for group, company in zip(groups, companies, strict=True):
            for plan in group:
                plan.update(company=company, made_for=group)
            group[0]["made_company"] = company

    def _settle_companies(self, plans):
        """Have a company that was made remembered with a contact that joined it; delete one that nobody has joined."""
        for plan in plans:
            company = plan.get("made_company")
            if not company:
                continue
            made = {"id": company.id, "name": company.name}
            lines = (other["line"] for other in plan["made_for"])
            heir = next((line for line in lines if line.partner_id.parent_id == company), None)
            if heir or self._delete(company):
                # with nobody it cannot be deleted now: undoing tries again
                line = heir or plan["line"]
                line.undo = {**(line.undo or {}), "company": made}

    def _get_new_company_id(self):
        return self.company_id.id if self.only_company else False

    def _add_tags(self, plan, record, context):
        """Add the tags of the file to a plan, made if need be; return whether that was possible."""
        names = [" ".join(name.split())[:200] for name in record.categories]
        keys = {fold(name): name for name in names if name}
        missing = {key: name for key, name in keys.items() if key not in context["tags"]}
        found = {}
        if missing and not self._try(plan, lambda: found.update(self._get_tags(missing))):
            return False
        context["tags"] |= found
        for key in keys:
            plan["tags"] |= context["tags"][key]
        return True

    def _get_tags(self, names):
        tags = self.env["res.partner.category"]
        return {
            key: tags.search([("name", "=ilike", escape_psql(name))], limit=1) or tags.create({"name": name})
            for key, name in names.items()
        }

    # ------------------------------------------------------------------
    # Writing
    # ------------------------------------------------------------------
    def _prepare_contact_vals(self, plan):
        """Return the values of a new contact."""
        read = plan["vals"]
        notes = list(plan["notes"])
        vals = {
            name: read[name]
            for name in SIMPLE
            if read.get(name) or (name == "birth_year_known" and name in read)
        }
        vals["is_company"] = read["is_company"]
        vals["company_id"] = self._get_new_company_id()
        company = plan["company"]
        address = read.get("_address", {})
        if company and not read["is_company"]:
            vals["parent_id"] = company.id
            # Odoo: a contact of a company has its address
            if address and not self._same_address(company, address):
                notes.insert(0, (self._get_note_labels()["address"], read["_note_address"]))
            if vals.get("vat"):
                # the number is the company's
                if national_vat_key(company.vat) != national_vat_key(vals["vat"]):
                    notes.append((self._get_note_labels()["vat"], vals["vat"]))
                del vals["vat"]
            notes += self._get_name_notes(plan, company)
        else:
            vals |= address
            if plan["company_name"]:
                vals["company_name"] = plan["company_name"]
        if notes:
            vals["comment"] = self._get_note_html(notes)
        if plan["tags"]:
            vals["category_id"] = [(6, 0, plan["tags"].ids)]
        # fetched one by one, so only where there is one
        photo = plan["line"].has_photo and plan["line"].photo
        if photo:
            vals["image_1920"] = photo
        return vals

    def _get_name_notes(self, plan, company):
        """Return what is noted of the company's name in the file, where it is known under another one by its tax ID."""
        name = plan["company_name"]
        if not name or self._is_company_alike(name, company.name):
            return []
        return [(self._get_note_labels()["company"], name)]

    def _same_address(self, partner, address):
        return all(
            (partner[name].id if name.endswith("_id") else partner[name] or False) == address.get(name, False)
            for name in ADDRESS_FIELDS
        )

    def _create_contacts(self, plans):
        organisations = [plan for plan in plans if plan.get("is_company_of")]
        for part in (organisations, [plan for plan in plans if not plan.get("is_company_of")]):
            vals_list = [self._prepare_contact_vals(plan) for plan in part]
            partners = self._create_partners(vals_list)
            checksums = self._get_photo_checksums(partners)
            for plan, vals, partner in zip(part, vals_list, partners, strict=True):
                for person in plan.get("is_company_of", ()):
                    person["company"] = partner
                # to be known later whether somebody changed it: what was written, as Odoo keeps it, which writes some
                # values in its own way, as its addons do, such as tax IDs without spaces
                undo = {
                    "id": partner.id,
                    "created": True,
                    "values": {
                        name: self._to_plain(partner, name)
                        for name in vals
                        if name in SIMPLE or name in ADDRESS_FIELDS
                    },
                    "comment_written": str(partner.comment or ""),
                    "photo_checksum": checksums.get(partner.id),
                }
                plan["line"].write(
                    {"state": "done", "result": "created", "partner_id": partner.id, "undo": undo}
                )

    def _write_contact(self, plan):
        """Fill the gaps of a contact that exists, or overwrite it; what does not fit goes into the note."""
        line, partner, read = plan["line"], plan["partner"], plan["vals"]
        partner.check_access("write")
        overwrite = plan["action"] == "update"
        labels = self._get_note_labels()
        notes, vals = list(plan["notes"]), {}
        is_alone = self._is_alone(plan)
        joined = plan["company"] if is_alone and plan["company"] and self._may_join(plan) else None
        company_name = plan["company_name"] or plan["chosen"].name or ""
        for name in SIMPLE:
            if not read.get(name) or name in ("birth_year_known", "company_name"):
                continue
            value = read[name]
            if name == "vat" and (company := joined or partner.parent_id) and not read["is_company"]:
                # the number is the company's
                if national_vat_key(company.vat) != national_vat_key(value):
                    notes.append((labels["vat"], value))
                continue
            current = partner[name].isoformat() if name == "birthdate" and partner[name] else partner[name]
            if name == "name" and value != read.get("email") and self._is_named_by_address(partner):
                current = False
            if current == value or self._is_same_value(partner, name, value, plan):
                continue
            if (
                not current
                or (overwrite and name != "name")
                or (overwrite and name == "name" and value != read.get("email"))
            ):
                vals[name] = value
            elif name == "name":
                if value != read.get("email") and not (
                    name_key(value) == name_key(current) and is_alike(value, current, read["is_company"])
                ):
                    notes.insert(0, (labels[name], value))
            elif name in labels:
                notes.insert(0, (labels[name], value))
        if "birthdate" in vals:
            vals["birth_year_known"] = read["birth_year_known"]
        if joined:
            vals["parent_id"] = joined.id
            notes += self._get_name_notes(plan, joined)
            if partner.vat and not joined.vat and partner.vat != read.get("vat"):
                notes.append((labels["vat"], partner.vat))
        elif is_alone and company_name and (overwrite or not partner.company_name):
            vals["company_name"] = company_name
        elif company_name and not self._is_company_alike(
            company_name, partner.parent_id.name or partner.company_name
        ):
            notes.insert(0, (labels["company"], company_name))
        address = read.get("_address", {})
        has_address = any(partner[name] for name in ("street", "street2", "city", "zip"))
        if address and not self._same_address(partner, address):
            if not partner.parent_id and "parent_id" not in vals and (overwrite or not has_address):
                vals |= {name: address.get(name, False) for name in ADDRESS_FIELDS}
            else:
                notes.insert(0, (labels["address"], read["_note_address"]))
        undo = {"id": partner.id, "values": {}}
        for name in vals:
            undo["values"][name] = [self._to_plain(partner, name), vals[name]]
        # Odoo gives a contact of a company what is the company's
        moved = {name: self._to_plain(partner, name) for name in MOVED if joined and name not in vals}
        terms = self._get_terms(partner, plan["companies"]) if joined else {}
        if joined:
            vals = self._get_joining_values(partner, joined) | vals
        keeps_address = "type" in vals
        comment = self._add_notes(partner, notes)
        if comment:
            undo["comment"] = str(partner.comment or "")
            vals["comment"] = comment
        tags = plan["tags"] - partner.category_id
        if tags:
            undo["tags"] = tags.ids
            vals["category_id"] = [(4, tag.id) for tag in tags]
        done = {"state": "done", "result": "updated", "partner_id": partner.id}
        if line.has_photo and (overwrite or not partner.image_1920):
            done["old_photo"] = partner.image_1920
            undo["photo"] = True
            vals["image_1920"] = line.photo
        if not partner.active:
            vals["active"] = undo["unarchived"] = True
        if vals:
            partner.write(vals)
        if keeps_address:
            partner.type = "contact"
        for name, pair in undo["values"].items():
            # see `_create_contacts`
            pair[1] = self._to_plain(partner, name)
        moved = {
            name: [old, new] for name, old in moved.items() if (new := self._to_plain(partner, name)) != old
        }
        undo["moved"] = list(moved)
        undo["values"] |= moved
        if joined:
            now = self._get_terms(partner, plan["companies"])
            # sudo: terms that whoever imports may perhaps not see are kept where only undoing reads them
            line.sudo().terms = [[*key, old, now[key]] for key, old in terms.items() if now[key] != old]
        if comment:
            undo["comment_written"] = str(partner.comment or "")
        if undo.get("photo"):
            undo["photo_checksum"] = self._get_photo_checksums(partner).get(partner.id)
        line.write({**done, "undo": undo})

    @api.model
    def _is_named_by_address(self, partner):
        """Whether a contact is called by its address, as it was imported or wrote without a name."""
        name = (partner.name or "").strip().lower()
        return bool(name) and name in ((partner.email or "").strip().lower(), partner.email_normalized)

    def _is_same_value(self, partner, name, value, plan):
        """Whether a contact has this phone, address or tax ID already, only written in another way."""
        if name == "email":
            return bool(partner.email_normalized) and email_normalize(value) == partner.email_normalized
        if name == "vat":
            return bool(partner.vat) and national_vat_key(value) == national_vat_key(partner.vat)
        # of several numbers in one field, or one with an extension, the key tells the first alone
        if name != "phone" or set(value) & set(",;|x#"):
            return False
        country = self.env["res.country"].browse(plan["vals"].get("_address", {}).get("country_id"))
        usual = self.company_id.country_id
        number = phone_key(value, (country or usual).phone_code)
        return bool(number) and number == phone_key(partner.phone, (partner.country_id or usual).phone_code)

    @api.model
    def _is_alone(self, plan):
        """Whether the contact of a plan is a person of no company."""
        partner = plan["partner"]
        return not plan["vals"]["is_company"] and not (partner and (partner.parent_id or partner.is_company))

    @api.model
    def _may_join(self, plan):
        """Whether a contact becomes one of a company: not where it would lose what it has for the company's.

        As long as a plan has no company, the one is meant that would be made, with the address that the file tells.
        """
        partner, company = plan["partner"], plan["company"]
        if not partner:
            return True
        if company == partner or plan["is_booked"]:
            return False
        if plan["action"] == "update":
            return True
        name = company.name if company else plan["company_name"]
        if partner.company_name and not self._is_company_alike(partner.company_name, name):
            return False
        address = plan["vals"].get("_address", {})
        own = [name for name in ("street", "street2", "city", "zip") if partner[name]]
        if any(partner[name] != (company[name] if company else address.get(name)) for name in own):
            return False
        return not self._loses_terms(partner, company, plan["companies"])

    @api.model
    def _get_booked(self, partners):
        """Return those of these contacts that have journal items, which Odoo gives to the company that they join."""
        alone = partners.filtered(lambda partner: not partner.is_company and not partner.parent_id)
        # sudo: that there are items, in whatever company, decides what is written, and is told nobody
        items = self.env["account.move.line"].sudo()
        groups = items._read_group([("partner_id", "in", alone.ids)], ["partner_id"])
        return partners.browse([partner.id for (partner,) in groups])

    def _loses_terms(self, partner, company, companies):
        """Whether a contact has terms of its own that Odoo replaces when it joins a company, or a new one.

        In other companies than the import's Odoo empties them where the company has none.
        """
        nobody = partner.browse()
        mine, theirs, usual = (self._get_terms(one, companies) for one in (partner, company, nobody))
        synced = partner._synced_commercial_fields()
        return any(
            value
            and value not in (usual[key], theirs[key])
            and (theirs[key] or key[0] != self.company_id.id or key[1] in synced)
            for key, value in mine.items()
        )

    def _get_terms(self, partner, companies):
        """Return {(id of a company, field): value} of what Odoo keeps as the company of a contact has it.

        Payment terms, accounts and the like differ between the companies of the database; what does not, such as the
        tax ID, stands with the import's. Of no contact, it is what one has to whom nothing was given.
        """
        terms = {}
        for company in companies:
            # sudo: what the caller keeps or compares, and tells nobody
            record = partner.sudo().with_company(company)
            for name in record._commercial_fields():
                field = record._fields[name]
                if field.type in ("one2many", "many2many") or not (
                    field.company_dependent or company == self.company_id
                ):
                    continue
                is_usual = field.company_dependent and not record
                value = field.get_company_dependent_fallback(record) if is_usual else record[name]
                terms[company.id, name] = self._get_plain(value)
        return terms

    @api.model
    def _get_joining_values(self, partner, company):
        """Return what is written with the company, so that the contact keeps its language, and the company what it has.

        Odoo gives a company that has none the address and the tax ID of who joins it, and all its people with it. The
        contact keeps its address all the same, and gives its number up, which is the company's.
        """
        # sudo: whose value is empty, as Odoo compares it with sudo
        mine, theirs = partner.sudo(), company.sudo()
        vals = {name: False for name in mine._synced_commercial_fields() if mine[name] and not theirs[name]}
        if partner.lang:
            vals["lang"] = partner.lang
        if partner.type == "contact" and partner._get_address_values() and not company._get_address_values():
            # addresses of other types stay where they are; it becomes a contact again once it has joined
            vals["type"] = "other"
        return vals

    @api.model
    def _get_photo_checksums(self, partners):
        """By the id of a contact, by what its photo is known again."""
        # sudo: of contacts that whoever imports has just read or written
        photos = (
            self.env["ir.attachment"]
            .sudo()
            .search_fetch(
                [
                    ("res_model", "=", "res.partner"),
                    ("res_field", "=", "image_1920"),
                    ("res_id", "in", partners.ids),
                ],
                ["res_id", "checksum"],
            )
        )
        return {photo.res_id: photo.checksum for photo in photos}
