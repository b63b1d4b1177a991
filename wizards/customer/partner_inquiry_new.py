from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import plaintext2html

from ...tools.channels import CHANNELS
from ...tools.inquiries import INQUIRY_CHANNELS, LOG_CHANNELS, is_inquiry
from ...tools.notification import notify

LEAD_FIELDS = ("source_id", "medium_id", "campaign_id", "asked_source_id", "country_id")
# Who asks, as the contact has it or as it is typed.
WHO_FIELDS = ("partner_name", "contact_name", "phone", "email_from", "vat")
# The key beside them of what was typed where the contact has something else.
TYPED = "typed"


class PartnerInquiryNew(models.TransientModel):
    """The first contact of a prospect, registered in one small form.

    It makes the contact, if it is not known, the lead, and the entry of the contact log, each once. Made of an
    entry of the log it makes no second one; added to an open lead it makes no second lead.
    """

    _name = "partner.inquiry.new"
    _description = "New Inquiry"
    _inherit = "partner.pointer.mixin"

    # Who
    partner_id = fields.Many2one(
        "res.partner",
        string="Known Contact",
        domain="['|', ('company_id', '=', False), ('company_id', '=', company_id)]",
        help="Who asks, if the contacts have it already. Empty: a new contact is made.",
    )
    partner_name = fields.Char(string="Company Name")
    contact_name = fields.Char(string="Person")
    phone = fields.Char()
    email_from = fields.Char(string="Email")
    vat = fields.Char(string="Tax ID")
    country_id = fields.Many2one("res.country")
    contact_values = fields.Json(
        help="Technical: what the known contact has of the fields above, which cannot be changed here, and what was "
        "typed there before."
    )
    # How
    channel = fields.Selection(
        INQUIRY_CHANNELS, required=True, default="phone", help="How the contact came in."
    )
    date = fields.Datetime(required=True, default=fields.Datetime.now, help="When they asked.")
    source_id = fields.Many2one("utm.source", help="Where a link or an advertisement led them here from.")
    medium_id = fields.Many2one("utm.medium", string="Marketing Medium")
    campaign_id = fields.Many2one("utm.campaign")
    asked_source_id = fields.Many2one(
        "utm.source",
        string="How Did You Hear of Us?",
        help="The answer of the prospect, for advertising without links: press, radio, fairs.",
    )
    # What
    name = fields.Char(string="Subject", help="One sentence: what they want.")
    interest_product_ids = fields.Many2many("product.template", string="Interested in")
    interest_categ_ids = fields.Many2many("product.category", string="Categories")
    note = fields.Text()
    # Whose
    user_id = fields.Many2one(
        "res.users",
        string="Salesperson",
        default=lambda self: self.env.user,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Who takes care of the inquiry. Empty: nobody yet.",
    )
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    log_id = fields.Many2one(
        "partner.contact.log",
        string="Contact",
        readonly=True,
        help="The contact that the inquiry began with.",
    )
    lead_id = fields.Many2one(
        "crm.lead",
        string="Add to",
        domain="[('won_status', '=', 'pending')]",
        help="An open lead that this contact belongs to. No further inquiry is made then.",
    )
    is_customer = fields.Boolean(
        compute="_compute_is_customer",
        help="The contact buys already: the lead is a deal and does not count as an inquiry.",
    )
    registered_lead_id = fields.Many2one("crm.lead", readonly=True)

    @api.depends("partner_id", "company_id", "date")
    def _compute_is_customer(self):
        known = self.filtered(lambda wizard: wizard.partner_id and wizard.company_id and wizard.date)
        # as the lead decides it: yes or no, whoever may see the figures of the customer
        stages = self.env["crm.lead"]._get_inquiry_stages(
            [
                (
                    number,
                    wizard.partner_id._origin.id,
                    wizard.company_id._origin.id,
                    wizard.company_id._origin._get_day(wizard.date),
                )
                for number, wizard in enumerate(known)
            ]
        )
        self.is_customer = False
        for number, wizard in enumerate(known):
            wizard.is_customer = not is_inquiry(stages.get(number))

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        log = self.env["partner.contact.log"].browse(values.get("log_id") or [])
        if log:
            values.update(
                partner_id=log.partner_id.id,
                channel=log.channel,
                date=log.date,
                name=log.name,
                note=log.agreement,
            )
            if log.company_id in self.env.companies:
                values["company_id"] = log.company_id.id
        return values

    @api.onchange("partner_id")
    def _onchange_partner_id(self):
        """Show what the contact has; what was typed stays where it has nothing, and shows again without it."""
        former = self.contact_values if isinstance(self.contact_values, dict) else {}
        hidden = former.get(TYPED) if isinstance(former.get(TYPED), dict) else {}
        known = self._get_contact_values() if self.partner_id else {}
        typed = {}
        for name in WHO_FIELDS:
            # what another contact had, who was chosen before, nobody typed
            was_typed = self[name] != former.get(name)
            typed[name] = (self[name] if was_typed else hidden.get(name)) or False
            self[name] = known.get(name) or typed[name]
        if self.partner_id:
            self.country_id = self.partner_id.commercial_partner_id.country_id or self.country_id
        typed = {name: value for name, value in typed.items() if value and name in known}
        self.contact_values = {**known, **({TYPED: typed} if typed else {})}

    def _get_contact_values(self):
        """What the known contact and its company have of :data:`WHO_FIELDS`."""
        partner, company = self.partner_id, self.partner_id.commercial_partner_id
        values = {
            "partner_name": company.is_company and company.name,
            "contact_name": not partner.is_company and partner.name,
            "phone": partner.phone,
            "email_from": partner.email,
            "vat": company.vat,
        }
        return {name: value for name, value in values.items() if value}

    # ------------------------------------------------------------------
    # Registering
    # ------------------------------------------------------------------
    def action_register(self):
        """Register the inquiry and close the form.

        :raise UserError: if nothing says who asks
        """
        lead = self._register_inquiry()
        # sudo: it may be a colleague's now
        return notify(self.env._("Registered: %s", lead.sudo().name), then="close")

    def action_register_open(self):
        """Register the inquiry and open its lead.

        :raise UserError: if nothing says who asks, or the lead is a colleague's now
        """
        lead = self._register_inquiry()
        return (
            lead.get_formview_action() if lead.has_access("read") else {"type": "ir.actions.act_window_close"}
        )

    def _register_inquiry(self):
        """Return the lead; made at the first call, so that a second click makes nothing."""
        self.ensure_one()
        self.check_access("write")
        self.lock_for_update()
        if not self.registered_lead_id:
            lead, company = self.lead_id, self.partner_id.commercial_partner_id
            if lead:
                lead.check_access("write")
                self._fill_lead(lead)
            else:
                lead = self.env["crm.lead"].with_company(self.company_id).create(self._prepare_lead_vals())
            if not lead.partner_id:
                # an open lead that it is added to may not know yet who asks
                lead.with_context(default_user_id=self.user_id.id)._handle_partner_assignment(
                    self.partner_id.id
                )
                company = company or lead.partner_id.commercial_partner_id
            if company and self.vat and not company.vat and company.has_access("write"):
                company.vat = self.vat
            self._log_first_contact(lead)
            self.registered_lead_id = lead
            if not self.lead_id and self.user_id != lead.user_id:
                # sudo: who registers an inquiry may hand it to a colleague, whose lead it is from then on
                lead.sudo().user_id = self.user_id
        return self.registered_lead_id

    def _prepare_lead_vals(self):
        who = self.partner_id.display_name or (self.partner_name or self.contact_name or "").strip()
        who = who or self.email_from or self.phone
        if not who:
            raise UserError(
                self.env._(
                    "Nothing says who asks. Enter the company, the person, a phone number or an email, or choose a "
                    "known contact."
                )
            )
        values = {
            "name": (self.name or "").strip() or self.env._("Inquiry of %s", who),
            "company_id": self.company_id.id,
            # to hand it over at once would need the right to everybody's leads
            "user_id": self.env.uid if self.user_id else False,
            "inquiry_channel": self.channel,
            "inquiry_date": self.company_id._get_day(self.date),
            "description": plaintext2html(self.note) if self.note else False,
            "interest_product_ids": self.interest_product_ids.ids,
            "interest_categ_ids": self.interest_categ_ids.ids,
            **{name: self[name].id for name in LEAD_FIELDS if self[name]},
        }
        values.update(self._get_typed_values())
        if self.partner_id:
            values["partner_id"] = self.partner_id.id
        elif not self.partner_name:
            values.setdefault("contact_name", who)
        return values

    def _get_typed_values(self):
        """What was typed of who asks, for a lead; what the contact has itself would be changed by the lead."""
        known = self._get_contact_values() if self.partner_id else {}
        return {name: self[name] for name in WHO_FIELDS if name != "vat" and self[name] and name not in known}

    def _fill_lead(self, lead):
        """Give the open lead that the inquiry is added to what was typed and it does not have; what it has stays."""
        values = {name: self[name].id for name in LEAD_FIELDS if self[name]}
        if not lead.partner_id:
            # else it may be a colleague of its contact who asks
            values |= self._get_typed_values()
        values = {name: value for name, value in values.items() if not lead[name]}
        for name in ("interest_product_ids", "interest_categ_ids"):
            if more := self[name] - lead[name]:
                values[name] = [Command.link(one.id) for one in more]
        if values:
            lead.write(values)

    def _log_first_contact(self, lead):
        """Put the contact into the log, as one about the lead; one that is there already is not made again."""
        log = self.log_id
        if not log:
            log = self.env["partner.contact.log"].create(self._prepare_log_vals(lead))
        elif not log.source_model and not log.res_model:
            log.write({"res_model": lead._name, "res_id": lead.id})
        if not self.lead_id:
            # sudo: a field closed to users; the entry was just made, or chosen by who may read it
            lead.sudo().inquiry_log_id = log

    def _prepare_log_vals(self, lead):
        channel = LOG_CHANNELS.get(self.channel, self.channel)
        return {
            "name": (self.name or "").strip() or lead.name,
            # who asked, also about an open lead of another contact
            "partner_id": (self.partner_id or lead.partner_id).id,
            "company_id": self.company_id.id,
            "channel": channel if channel in dict(CHANNELS) else "other",
            "direction": "in",
            "date": self.date,
            "user_id": self.env.uid,
            "res_model": lead._name,
            "res_id": lead.id,
            **({"agreement": self.note} if self.lead_id and self.note else {}),
        }
