import base64
import io
import json
import zipfile

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import email_normalize, escape_psql, json_default

from ...tools.personal_data import ABOUT_LEADS, PERSONAL, UNTOLD

BATCH = 1000
# Files of employees, who are contacts too: who has no right to them gets no copy of them.
STAFF = "hr."
# What points to the contact and goes with it, or says nothing of its own.
PLUMBING = ("res.partner", "ir.model.data", "mail.followers", "mail.notification", "discuss.channel.member")


class PartnerPrivacy(models.TransientModel):
    """All that the database holds about a person, to hand it out or to erase it.

    An erasure keeps the contact under another name, so that documents and every sum stay; texts, addresses, letters
    and files are emptied for good. Invoices, orders and payments stay, as the law wants them kept.
    """

    _name = "partner.privacy"
    _description = "Personal Data of a Contact"
    _inherit = "partner.pointer.mixin"

    partner_id = fields.Many2one(
        "res.partner",
        string="Contact",
        required=True,
        readonly=True,
        ondelete="cascade",
        default=lambda self: self.env.context.get("active_id"),
    )
    line_ids = fields.One2many("partner.privacy.line", "privacy_id", readonly=True)
    file = fields.Binary(attachment=False, readonly=True)
    filename = fields.Char(readonly=True)
    is_erased = fields.Boolean(readonly=True)
    signed_count = fields.Integer(
        string="Signed Orders",
        readonly=True,
        help="Confirmed orders of the contact with a name or a signature under them, which stay as evidence.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        privacies = super().create(vals_list)
        for privacy in privacies:
            privacy._check_may()
            privacy.line_ids = [
                Command.create({"model": model, "record_count": len(ids)})
                for model, ids in privacy._find().items()
            ]
            privacy.signed_count = len(privacy._find_signed().filtered(lambda order: order.state == "sale"))
        return privacies

    def _check_may(self):
        """Raise unless the user may see the contact and works in every company: the data may lie in any of them."""
        self.ensure_one()
        self.partner_id.check_access("read")
        # sudo: only how many companies there are
        companies = self.env["res.company"].sudo().with_context(active_test=False)
        own = self.env.user.with_context(active_test=False).company_ids
        if companies.search_count([("id", "not in", own.ids)], limit=1):
            raise AccessError(
                self.env._(
                    "Personal data of %s may lie in companies that you have no access to. Ask an administrator "
                    "who has access to all companies.",
                    self.partner_id.display_name,
                )
            )

    # ------------------------------------------------------------------
    # Finding
    # ------------------------------------------------------------------
    @api.model
    def _get_personal_texts(self):
        """Which texts an erasure empties, see ``PERSONAL``; modules that keep more extend it."""
        return dict(PERSONAL)

    def _find(self):
        """All records that point to the contact, or to an address of it, or bear its email.

        :return: ids by model, the contact first; what an installation adds is found by its fields
        :rtype: dict[str, list[int]]
        """
        self.ensure_one()
        contacts = self._get_contacts()
        email = email_normalize(self.partner_id.email)
        leads = self._find_leads(contacts, email)
        found = {"res.partner": contacts.ids}
        for name in sorted(self.env.registry):
            model = self.env[name]
            if model._abstract or model._transient or not model._auto or name in PLUMBING:
                continue
            if name.startswith(STAFF) and not model.has_access("read"):
                continue
            domains = self._get_domains(model, contacts, email)
            if about := self._get_lead_domain(name, leads):
                domains.append(about)
            if domains:
                # sudo: the person's data of all rooms and companies; `_check_may` lets in who works in all of them
                ids = model.sudo().with_context(active_test=False).search(Domain.OR(domains), order="id").ids
                if ids:
                    found[name] = ids
        return found

    def _find_signed(self):
        """Quotations and orders of the contact with a name or a signature under them."""
        # sudo: see `_find`
        orders = self.env["sale.order"].sudo()
        return orders.search(
            Domain("partner_id", "in", self._get_contacts().ids)
            & (Domain("signed_by", "!=", False) | Domain("signature", "!=", False))
        )

    def _get_contacts(self):
        """The contact and its addresses that are no persons: for invoices, deliveries and others."""
        # sudo: see `_find`
        partner = self.partner_id.sudo()
        # archived ones too, which core's `child_ids` leaves out
        contacts = partner.with_context(active_test=False)
        addresses = contacts.search([("parent_id", "=", partner.id)], order="id")
        return partner | addresses.filtered(lambda child: child.type != "contact" and not child.user_ids)

    @api.model
    def _find_leads(self, contacts, email):
        """Leads of the person, also of a time when it was no contact."""
        # sudo: see `_find`
        leads = self.env["crm.lead"].sudo().with_context(active_test=False)
        domains = [Domain("partner_id", "in", contacts.ids)]
        if email:
            domains.append(self._get_address_domain(leads, contacts, email))
        return leads.search(Domain.OR(domains))

    @api.model
    def _get_lead_domain(self, name, leads):
        """Return the domain of what is about these leads and about no contact; None for models without."""
        if not leads or name not in ABOUT_LEADS:
            return None
        about = Domain("res_model", "=", leads._name) & Domain("res_id", "in", leads.ids)
        return about & Domain(ABOUT_LEADS[name], "=", False)

    @api.model
    def _get_domains(self, model, contacts, email):
        domains = []
        for field in model._fields.values():
            if not field.store or field.inherited:
                continue
            if field.type in ("many2one", "many2many") and field.comodel_name == "res.partner":
                domains.append(Domain(field.name, "in", contacts.ids))
            elif field.type == "many2one_reference" and field.model_field in model._fields:
                holder = model._fields[field.model_field]
                if holder.store and holder.type in ("char", "selection"):
                    domains.append(
                        Domain(field.model_field, "=", "res.partner") & Domain(field.name, "in", contacts.ids)
                    )
        if email and (same := self._get_address_domain(model, contacts, email)):
            domains.append(same)
        return domains

    @api.model
    def _get_address_domain(self, model, contacts, email):
        """Return the domain of what bears an address and is known to be nobody else's; None if nothing does."""
        same = None
        if model._name == "account.move":
            # the bill is the supplier's; of an address that others have, too, nobody knows who has mailed it
            if self._find_sharing(contacts, email):
                return None
            return Domain("invoice_source_email", "=ilike", escape_psql(email))
        if "email_normalized" in model._fields and model._fields["email_normalized"].store:
            same = Domain("email_normalized", "=", email)
        elif model._name in ("mail.message", "partner.mailing.answer"):
            # with or without the name before it
            same = Domain("email_from", "=ilike", escape_psql(email))
            same |= Domain("email_from", "=ilike", f"%<{escape_psql(email)}>")
        elif model._name in (
            "mail.blacklist",
            "mailing.trace",
            "partner.contact.import.line",
            "partner.mail.rule.log",
        ):
            same = Domain("email", "=ilike", escape_psql(email))
        if same and model._name == "mailing.trace":
            others = self._find_sharing(contacts, email)
            return same & (Domain("model", "!=", "res.partner") | Domain("res_id", "not in", others.ids))
        for link in ("partner_id", "duplicate_id", "author_id"):
            if same and link in model._fields and model._fields[link].store:
                # an address may be shared: what is known to be another contact's is not touched
                same &= Domain(link, "=", False)
        return same

    @api.model
    def _find_sharing(self, contacts, *emails):
        """Other contacts of these email addresses."""
        # sudo: see `_find`
        others = self.env["res.partner"].sudo().with_context(active_test=False)
        return others.search([("email_normalized", "in", emails), ("id", "not in", contacts.ids)])

    # ------------------------------------------------------------------
    # Handing out
    # ------------------------------------------------------------------
    def action_export(self):
        """Make a ZIP of JSON files, one for each kind of record, and offer it."""
        self._check_may()
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for model, ids in self._find().items():
                # sudo: see `_find`; secrets are left out
                records = self.env[model].sudo().browse(ids)
                with archive.open(f"{model}.json", "w") as file:
                    file.write(b"[")
                    for start in range(0, len(records), BATCH):
                        rows = self._read_texts(records[start : start + BATCH])
                        text = json.dumps(rows, default=json_default, ensure_ascii=False, indent=1)
                        file.write((b"," if start else b"") + text[1:-1].encode())
                    file.write(b"]")
        self.file = base64.b64encode(stream.getvalue())
        self.filename = f"personal-data-{self.partner_id.id}.zip"
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/partner.privacy/{self.id}/file/{self.filename}?download=true",
            "target": "download",
        }

    @api.model
    def _read_texts(self, records):
        user = self.env[records._name]
        names = [
            field.name
            for field in records._fields.values()
            if field.store
            and field.type not in ("binary", "image", "one2many")
            and not any(word in field.name for word in UNTOLD)
            and not (records._name.startswith(STAFF) and not user._has_field_access(field, "read"))
        ]
        return records.read(names)

    # ------------------------------------------------------------------
    # The dialog
    # ------------------------------------------------------------------
    def action_close(self):
        """Close the dialog and show the contact as it is now."""
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _get_action(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
            "name": self.env._("Personal Data"),
        }
