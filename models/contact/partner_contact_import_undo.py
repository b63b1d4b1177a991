import logging
from datetime import date

from odoo import models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL, mute_logger

from ...tools.batches import write_each
from ...tools.id_sets import in_none
from ...tools.passing_errors import is_passing
from .partner_contact_import_run import MOVED, SIMPLE
from .partner_contact_import_values import ADDRESS_FIELDS

_logger = logging.getLogger(__name__)

BATCH = 500
# What an import writes, and so all that is put back, whatever is stored with a line; imports of before kept the
# industry with it.
UNDOABLE = frozenset({*SIMPLE, *ADDRESS_FIELDS, *MOVED, "parent_id", "industry_id"})
# What hangs on every contact, or belongs to it, and is no use that somebody has made of it.
_OWN = frozenset(
    {
        ("res.partner", "commercial_partner_id"),
        ("mail.followers", "partner_id"),
        ("partner.contact.import.line", "partner_id"),
        ("partner.contact.import.line", "duplicate_id"),
        ("partner.contact.import.line", "parent_id"),
        ("partner.owner.period", "partner_id"),
        # each night all contacts are classified
        ("partner.classification.line", "partner_id"),
    }
)
# Lists of contacts that somebody keeps by hand.
_LISTS = frozenset({("partner.segment", "include_ids"), ("partner.segment", "exclude_ids")})


def _is_created(line):
    return line.result == "created"


class PartnerContactImport(models.Model):
    """Taking an import back: what was made and not used since goes, what was changed gets its old values."""

    _inherit = "partner.contact.import"

    def _undo_batch(self):
        """Take back the next contacts, people first, the last ones first; return whether there may be more."""
        self.ensure_one()
        line_model = self.env["partner.contact.import.line"]
        domain = (
            Domain("import_id", "=", self.id)
            & Domain("state", "=", "done")
            & Domain("result", "in", ("created", "updated"))
        )
        # those that were known first: they let go of companies that were made
        order = "result desc, number desc"
        # all people before any company, which goes only if nobody stays in it
        # any!: who is a company does not depend on the right to read it
        person = Domain("partner_id", "any!", [("is_company", "=", False)])
        people = line_model.search(domain & person, order=order, limit=BATCH)
        lines = people or line_model.search(domain, order=order, limit=BATCH)
        created = lines.filtered(_is_created)
        reasons = self._undo_all_updated(lines - created)
        used = self._get_used(created.partner_id)
        checksums = self._get_photo_checksums(created.partner_id)
        reasons |= {line: self._get_reason_to_keep(line, used, checksums) for line in created}
        self._keep_companies(created, reasons)
        self._delete_lines(created.filtered(lambda line: not reasons[line]), reasons)
        write_each(
            {
                line: {"result": "kept" if reason else "undone", "message": reason}
                for line, reason in reasons.items()
            }
        )
        if people or len(lines) == BATCH or self._undo_companies():
            return True
        self.state = "undone"
        return False

    def _keep_companies(self, lines, reasons):
        """Have the company of a person that stays stay, too."""
        while True:
            staying = self.env["res.partner"].union(*(line.partner_id for line in lines if reasons[line]))
            more = lines.filtered(lambda line: not reasons[line] and line.partner_id in staying.parent_id)  # noqa: B023
            if not more:
                return
            name = self.env["ir.model"].sudo()._get("res.partner").name
            reasons.update(dict.fromkeys(more, self.env._("It is used since: %s.", name)))

    def _get_used(self, partners):
        """Return {id of a contact: the name of the model that refers to it}, one query for each such field."""
        used = {}
        if not partners:
            return used
        lines = self.env["partner.contact.import.line"]
        query = lines._search([("import_id", "=", self.id), ("result", "=", "created")])
        query.order = None
        made = query.select(lines._field_to_sql(query.table, "partner_id", query))
        # sudo: that a contact is used is said, not by which record; whoever undoes must not delete what others need
        for model_field in (
            self.env["ir.model.fields"]
            .sudo()
            .search(
                [
                    ("relation", "=", "res.partner"),
                    ("ttype", "in", ("many2one", "many2many")),
                    ("store", "=", True),
                ]
            )
        ):
            name, field = model_field.model, model_field.name
            model = self.env.get(name)
            if (
                model is None
                or model._abstract
                or model._transient
                or not model._auto
                or (name, field) in _OWN
            ):
                continue
            model = model.sudo().with_context(active_test=False)
            if not model._fields.get(field) or not (
                model._fields[field].column_type or (name, field) in _LISTS
            ):
                continue
            domain = [(field, "in", partners.ids)]
            if (name, field) == ("res.partner", "parent_id"):
                # people of the same import go, too
                domain = Domain(domain) & in_none([made])
            for (partner,) in model._read_group(domain, [field]):
                used.setdefault(partner.id, self.env["ir.model"].sudo()._get(name).name)
        # what hangs on a contact by its model and id; activities that nobody planned go with it
        for name, model_field, domain in (
            ("mail.message", "model", [("message_type", "in", ("comment", "email", "email_outgoing"))]),
            ("mail.activity", "res_model", [("automated", "=", False)]),
            ("ir.attachment", "res_model", [("res_field", "=", False)]),
        ):
            # sudo: as above
            model = self.env[name].sudo()
            found = model.search_fetch(
                [(model_field, "=", "res.partner"), ("res_id", "in", partners.ids), *domain], ["res_id"]
            )
            label = self.env._("Messages") if name == "mail.message" else self.env["ir.model"]._get(name).name
            for record in found:
                used.setdefault(record.res_id, label)
        return used

    def _get_undo_partner(self, line):
        undo = line.undo or {}
        # a contact that was merged into another one since is not the one that was written
        return line.partner_id if line.partner_id.id == undo.get("id") else self.env["res.partner"]

    def _get_reason_to_keep(self, line, used, checksums):
        """Return why a contact that was made stays, or False."""
        partner = self._get_undo_partner(line)
        if not partner.exists():
            return self.env._("It was merged into another contact.") if line.partner_id else False
        if partner.id in used:
            return self.env._("It is used since: %s.", used[partner.id])
        try:
            changed = self._get_changed(partner, line.undo, checksums)
        except AccessError as error:
            return self._get_error_text(error)
        return self.env._("It was changed since: %s.", ", ".join(changed)) if changed else False

    def _delete_lines(self, lines, reasons):
        """Delete the contacts of these lines at once, or one by one where the database objects."""
        partners = {line: self._get_undo_partner(line) for line in lines if line.partner_id}
        if self._delete_together(self.env["res.partner"].union(*partners.values())):
            return
        # people before the companies that the file holds, too
        for line in sorted(partners, key=lambda line: bool((line.data or {}).get("is_company"))):
            reasons[line] = self._delete(partners[line])

    def _delete_together(self, partners):
        """Delete contacts at once; return whether that was possible, else nothing was done."""
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                partners.unlink()
            return True
        except Exception as error:
            if is_passing(error):
                raise
            self.env.invalidate_all()
            return False

    def _delete(self, partner):
        """Delete the contact, or archive it where the database objects; return why neither is possible, or False."""
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                partner.unlink()
            return False
        except Exception as error:
            if is_passing(error):
                raise
            self.env.invalidate_all()
        try:
            with self.env.cr.savepoint():
                partner.active = False
            return False
        except Exception as error:
            if is_passing(error):
                raise
            self.env.invalidate_all()
            return self._get_error_text(error)

    def _get_changed(self, partner, undo, checksums):
        """Return the labels of the fields that no longer hold what was written."""
        changed = [
            name
            for name, value in undo.get("values", {}).items()
            if name in UNDOABLE and not self._is_as_written(partner, name, value)
        ]
        if "comment_written" in undo and str(partner.comment or "") != undo["comment_written"]:
            changed.append("comment")
        if "photo_checksum" in undo and checksums.get(partner.id) != undo["photo_checksum"]:
            changed.append("image_1920")
        return [partner._fields[name]._description_string(self.env) for name in changed]

    def _is_as_written(self, partner, name, value):
        if name == "website" and value:
            # Odoo writes it with its scheme
            value = partner._clean_website(value)
        return self._to_plain(partner, name) == (value or False)

    def _to_plain(self, partner, name):
        return self._get_plain(partner[name])

    @staticmethod
    def _get_plain(value):
        """Return the value of a field as it can be stored, and written again."""
        if isinstance(value, models.BaseModel):
            return value.id or False
        if isinstance(value, date):
            return value.isoformat()
        return value or False

    def _undo_all_updated(self, lines):
        """Return {line: why its old values could not be put back, or False}, at once or one by one where one fails."""
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                return {line: self._undo_updated(line) for line in lines}
        except Exception as error:
            if is_passing(error):
                raise
            self.env.invalidate_all()
        return {line: self._undo_or_keep(line) for line in lines}

    def _undo_or_keep(self, line):
        """Put the old values back; return why that is not possible, or only in part, or False."""
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                return self._undo_updated(line)
        except Exception as error:
            if is_passing(error):
                raise
            self.env.invalidate_all()
            _logger.info("Contact %s of import %s is not undone", line.number, self.id, exc_info=True)
            return self._get_error_text(error)

    def _undo_updated(self, line):
        """Put the old values back where the new ones still stand; return what could not be put back, or False."""
        partner = self._get_undo_partner(line)
        if not partner.exists():
            return self.env._("It was merged into another contact or deleted.")
        undo, vals, kept = line.undo, {}, []
        moved = undo.get("moved", ())
        for name, (old, new) in undo.get("values", {}).items():
            if name not in UNDOABLE:
                continue
            if name == "lang" and old and old not in dict(self.env["res.lang"].get_installed()):
                # core refuses to switch off a language that a contact has
                kept.append(partner._fields[name]._description_string(self.env))
            elif self._is_as_written(partner, name, new):
                vals[name] = old
            else:
                kept.append(partner._fields[name]._description_string(self.env))
        if "parent_id" in undo.get("values", {}) and "parent_id" not in vals:
            # it stays one of a company, whose these are
            vals = {name: value for name, value in vals.items() if name not in moved}
        if "comment" in undo:
            if str(partner.comment or "") == undo.get("comment_written"):
                vals["comment"] = undo["comment"] or False
            else:
                kept.append(partner._fields["comment"]._description_string(self.env))
        if undo.get("tags"):
            vals["category_id"] = [(3, tag) for tag in undo["tags"]]
        if undo.get("photo"):
            checksum = self._get_photo_checksums(partner).get(partner.id)
            if checksum == undo.get("photo_checksum", checksum):
                vals["image_1920"] = line.old_photo
            else:
                kept.append(partner._fields["image_1920"]._description_string(self.env))
        if undo.get("unarchived"):
            vals["active"] = False
        partner.write(vals)
        if "parent_id" in vals:
            kept += [label for label in self._undo_terms(line, partner) if label not in kept]
        return self.env._("Changed since and left: %s.", ", ".join(kept)) if kept else False

    def _undo_terms(self, line, partner):
        """Put back what joining a company replaced of the terms of a contact that has left it.

        :return: the labels of those that were changed since
        """
        # sudo: Odoo has replaced them with sudo; whoever undoes has just written the contact, and only an import wrote
        # what stood there
        line, partner = line.sudo(), partner.sudo()
        terms = line.terms or ()
        companies = (
            self.env["res.company"].sudo().browse({company_id for company_id, *_rest in terms}).exists()
        )
        fields_of_terms = frozenset(partner._commercial_fields())
        vals, kept = {company.id: {} for company in companies}, []
        for company_id, name, old, new in terms:
            if company_id not in vals or name not in fields_of_terms:
                continue
            if self._to_plain(partner.with_company(company_id), name) == new:
                vals[company_id][name] = old
            else:
                kept.append(partner._fields[name]._description_string(self.env))
        for company_id, values in vals.items():
            if values:
                partner.with_company(company_id).write(values)
        return list(dict.fromkeys(kept))

    def _undo_companies(self):
        """Delete the next companies that were made for persons and have nobody left; say which stay.

        :return: whether there may be more
        """

        def has_company(model, alias, query):
            # SQL: what was written is no field of its own
            return SQL("jsonb_exists(%s, 'company')", model._field_to_sql(alias, "undo", query))

        lines = self.env["partner.contact.import.line"].search(
            Domain("import_id", "=", self.id) & Domain.custom(to_sql=has_company), limit=BATCH
        )
        made = {line.undo["company"]["id"]: line for line in lines}
        partners = self.env["res.partner"].with_context(active_test=False).browse(made).exists()
        used = self._get_used(partners)
        reasons = {}
        for partner in partners:
            if partner.id in used:
                reasons[partner] = self.env._("It is used since: %s.", used[partner.id])
            elif partner.name != made[partner.id].undo["company"]["name"]:
                reasons[partner] = self.env._("It was renamed.")
        unused = partners.filtered(lambda partner: partner not in reasons)
        if not self._delete_together(unused):
            reasons |= {partner: reason for partner in unused if (reason := self._delete(partner))}
        written = {}
        for partner, reason in reasons.items():
            line = made[partner.id]
            text = self.env._("Company %(company)s stays. %(reason)s", company=partner.name, reason=reason)
            written[line] = {"result": "kept", "message": " ".join(filter(None, (line.message, text)))}
        write_each(written)
        lines.flush_recordset(["undo"])
        # SQL: each line keeps the rest, which is another one for each
        self.env.cr.execute(
            SQL(
                "UPDATE partner_contact_import_line SET undo = undo - 'company' WHERE id = ANY(%s)",
                list(lines.ids),
            )
        )
        lines.invalidate_recordset(["undo"], flush=False)
        return len(lines) == BATCH
