import base64
import io
import json
import zipfile

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import json_default

from ...tools.personal_data import ABOUT_LEADS, PERSONAL, THROUGH, UNTOLD, UNTOLD_FIELDS

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

    shared_addresses = fields.Char(
        readonly=True,
        help="Email addresses and telephone numbers of the contact that other contacts have, too.",
    )
    shared_count = fields.Integer(
        string="Records of Shared Addresses",
        readonly=True,
        help="Records that bear such an address alone: they are neither handed out nor erased.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        privacies = super().create(vals_list)
        for privacy in privacies:
            privacy._check_may()
            person = privacy._get_person()
            found = privacy._find(person)
            shared = privacy._find_shared(person, found)
            privacy.line_ids = [
                Command.create({"model": model, "record_count": len(ids), "is_shared": records is shared})
                for records in (found, shared)
                for model, ids in records.items()
            ]
            privacy.signed_count = len(
                privacy._find_signed(person).filtered(lambda order: order.state == "sale")
            )
            privacy.shared_addresses = ", ".join(person.shared_emails + person.shared_numbers)
            privacy.shared_count = sum(map(len, shared.values()))
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
        texts = dict(PERSONAL)
        links, of_token = texts["payment.token"]
        # what the providers that are installed keep of a card: a customer's number, an address
        of_providers = (
            field.name
            for field in self.env["payment.token"]._fields.values()
            if field.type == "char" and (field._module or "").startswith("payment_")
        )
        texts["payment.token"] = (links, (*of_token, *of_providers))
        return texts

    def _find(self, person):
        """All records that point to the contact, or to an address of it, or bear its email.

        :return: ids by model, the contact first; what an installation adds is found by its fields
        :rtype: dict[str, list[int]]
        """
        self.ensure_one()
        found = {"res.partner": person.contacts.ids}
        for model in self._get_models():
            domain = self._get_domain(model, person)
            if domain is not None and (ids := self._find_ids(model, domain)):
                found[model._name] = ids
        return found

    @api.model
    def _get_models(self):
        """Yield the models whose records may be about a person."""
        for name in sorted(self.env.registry):
            model = self.env[name]
            if model._abstract or model._transient or not model._auto or name in PLUMBING:
                continue
            if name.startswith(STAFF) and not model.has_access("read"):
                continue
            yield model

    @api.model
    def _find_ids(self, model, domain):
        # sudo: the person's data of all rooms and companies; `_check_may` lets in who works in all of them
        return model.sudo().with_context(active_test=False).search(domain, order="id").ids

    def _find_signed(self, person):
        """Quotations and orders of the contact with a name or a signature under them."""
        # sudo: see `_find_ids`
        orders = self.env["sale.order"].sudo()
        return orders.search(
            Domain("partner_id", "in", person.contacts.ids)
            & (Domain("signed_by", "!=", False) | Domain("signature", "!=", False))
        )

    @api.model
    def _get_domain(self, model, person):
        """Return the domain of what has to do with the person; None for a model without."""
        if link := THROUGH.get(model._name):
            about = self._get_domain(self.env[model._fields[link].comodel_name], person)
            return None if about is None else Domain(link, "any", about)
        domains = []
        for field in model._fields.values():
            if not field.store or field.inherited:
                continue
            if field.type in ("many2one", "many2many") and field.comodel_name == "res.partner":
                domains.append(Domain(field.name, "in", person.contacts.ids))
            elif field.type == "many2one" and field.comodel_name == "mail.guest" and person.guests:
                domains.append(Domain(field.name, "in", person.guests.ids))
            elif field.type == "many2one_reference" and field.model_field in model._fields:
                holder = model._fields[field.model_field]
                if holder.store and holder.type in ("char", "selection"):
                    domains.append(self._get_reference_domain(model, field.name, person.contacts))
        domains.append(self._get_address_domain(model, person.emails, person.numbers))
        domains.append(self._get_lead_domain(model, person.leads))
        if model._name == "discuss.channel":
            domains.append(self._get_chat_domain(person))
        domains = [domain for domain in domains if domain is not None]
        return Domain.OR(domains) if domains else None

    @api.model
    def _get_reference_domain(self, model, name, records):
        """Return the domain of what points to these records by a field that may point to any model."""
        holder = model._fields[name].model_field
        return Domain(holder, "=", records._name) & Domain(name, "in", records.ids)

    @api.model
    def _get_lead_domain(self, model, leads):
        """Return the domain of what is about these leads and about no contact; None for models without."""
        if not leads or model._name not in ABOUT_LEADS:
            return None
        about = self._get_reference_domain(model, "res_id", leads)
        if model._name == "calendar.event":
            return about | Domain("opportunity_id", "in", leads.ids)
        link = ABOUT_LEADS[model._name]
        return about & Domain(link, "=", False) if link else about

    # ------------------------------------------------------------------
    # Handing out
    # ------------------------------------------------------------------
    def action_export(self):
        """Make a ZIP of JSON files, one for each kind of record, and offer it."""
        self._check_may()
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for model, ids in self._find(self._get_person()).items():
                # sudo: see `_find_ids`; secrets are left out
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
            and str(field) not in UNTOLD_FIELDS
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
