from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError


class PartnerLetterWrite(models.TransientModel):
    """Write a new letter from a mailbox."""

    _name = "partner.letter.write"
    _description = "Write Letter"
    _inherit = "partner.pointer.mixin"

    mailbox_id = fields.Many2one(
        "partner.mailbox",
        string="From",
        required=True,
        default=lambda self: self.env["partner.letter"]._default_mailbox_id(),
        domain="[('may_reply', '=', True), ('company_id', 'in', allowed_company_ids)]",
    )
    partner_ids = fields.Many2many("res.partner", string="To", required=True)
    subject = fields.Char(required=True)
    body = fields.Html(
        string="Text", compute="_compute_body", store=True, readonly=False, precompute=True, sanitize=True
    )
    attachment_ids = fields.Many2many("ir.attachment", string="Attachments")

    @api.depends("mailbox_id")
    def _compute_body(self):
        for wizard in self:
            if not wizard.body:
                # sudo: who may answer from the mailbox sends its signature
                signature = wizard.mailbox_id.sudo()._get_signature() if wizard.mailbox_id.may_reply else ""
                wizard.body = Markup("<p><br></p>%s") % signature

    def action_send(self):
        """Send the letter and open it.

        :raises UserError: without the right to answer from the mailbox, or for receivers without address
        """
        self.ensure_one()
        missing = self.partner_ids.filtered(lambda partner: not partner.email)
        if missing:
            raise UserError(
                self.env._(
                    "%s has no e-mail address. Enter it on the contact, or leave the contact out.",
                    ", ".join(missing.mapped("display_name")),
                )
            )
        letter = self.env["partner.letter"]._send_new(
            self.mailbox_id, self.partner_ids, self.subject, self.body, attachments=self.attachment_ids
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": letter._name,
            "res_id": letter.id,
            "views": [(False, "form")],
        }
