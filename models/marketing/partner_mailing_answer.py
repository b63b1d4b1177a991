from odoo import api, fields, models
from odoo.tools import email_normalize


class PartnerMailingAnswer(models.Model):
    """A letter that answered a mailing, and what became of it.

    One row for each Message-ID: of two workers that fetch the same letter at once, one is refused by the index
    and finds the letter done when it tries again.
    """

    _name = "partner.mailing.answer"
    _description = "Answer to a Mailing"
    _order = "date desc, id desc"
    _rec_name = "email_from"

    mailing_id = fields.Many2one(
        "mailing.mailing", required=True, index=True, readonly=True, ondelete="cascade"
    )
    trace_id = fields.Many2one(
        "mailing.trace", index="btree_not_null", readonly=True, ondelete="set null", string="Letter Answered"
    )
    campaign_id = fields.Many2one(
        related="mailing_id.campaign_id", store=True, index="btree_not_null", string="Campaign"
    )
    message_id = fields.Char(string="Message-ID", required=True, readonly=True)
    email_from = fields.Char(string="From", readonly=True)
    subject = fields.Char(readonly=True)
    date = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    partner_id = fields.Many2one("res.partner", string="Contact", index="btree_not_null", readonly=True)
    lead_id = fields.Many2one(
        "crm.lead", string="Inquiry", index="btree_not_null", readonly=True, ondelete="set null"
    )
    log_id = fields.Many2one(
        "partner.contact.log", string="Log Entry", index="btree_not_null", readonly=True, ondelete="set null"
    )

    _message_id_uniq = models.UniqueIndex("(message_id)", "This answer was taken in already.")

    @api.model
    def _find_trace(self, references):
        """Return the trace of the letter that a letter with these references answers, of a mailing that asks for it.

        Empty if the conversation went on in another document since: Odoo finds that by itself.
        """
        traces = self.env["mailing.trace"]
        if not references:
            return traces
        # sudo: the mail gateway, which may be run by any user
        traces = traces.sudo().search([("message_id", "in", references)])
        asked = traces.filtered(lambda trace: trace.mass_mailing_id.answer_mode in ("inquiry", "log"))
        if not asked:
            return asked
        others = self.env["mail.message"].sudo()
        others = others.search_count(
            [
                ("message_id", "in", [one for one in references if one not in traces.mapped("message_id")]),
                ("model", "!=", False),
                ("res_id", "!=", False),
            ],
            limit=1,
        )
        return asked.browse() if others else asked[:1]

    @api.model
    def _find_partner(self, trace, message_dict):
        """Return who answers: the contact written to if the address is theirs, else whom Odoo finds by it."""
        # sudo: the mail gateway
        partners = self.env["res.partner"].sudo()
        written_to = partners.browse(trace.res_id).exists() if trace.model == "res.partner" else partners
        email_from = message_dict["email_from"] or ""
        if written_to and written_to.email_normalized == email_normalize(email_from, strict=False):
            return written_to
        if message_dict.get("author_id"):
            return partners.browse(message_dict["author_id"])
        return self.env["mail.thread"]._partner_find_from_emails_single([email_from], no_create=True).sudo()

    @api.model
    def _prepare_lead(self, trace, partner):
        """Return the values of the inquiry of this contact, beside those that the letter gives."""
        mailing = trace.mass_mailing_id
        values = {
            "campaign_id": mailing.campaign_id.id,
            "source_id": mailing.source_id.id,
            "medium_id": mailing.medium_id.id,
            "partner_id": partner.id,
        }
        salesperson = partner.user_id or partner.commercial_partner_id.user_id
        if salesperson.active:
            values["user_id"] = salesperson.id
        company = partner.company_id or mailing.segment_id.company_id
        if company and (not salesperson or company in salesperson.company_ids):
            values["company_id"] = company.id
        return values

    @api.model
    def _find_lead(self, trace):
        """Return the open inquiry that an earlier answer to the same letter became."""
        # sudo: the mail gateway
        before = self.sudo().search([("trace_id", "=", trace.id), ("lead_id.active", "=", True)], limit=1)
        return before.lead_id.filtered(lambda lead: lead.won_status == "pending")
