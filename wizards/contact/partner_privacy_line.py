from odoo import api, fields, models

from ...tools.personal_data import DELETED, PERSONAL


class PartnerPrivacyLine(models.TransientModel):
    """One kind of record that is linked with the person."""

    _name = "partner.privacy.line"
    _description = "Kind of Personal Data"
    _inherit = "partner.pointer.mixin"
    _rec_names_search = ["model"]

    privacy_id = fields.Many2one("partner.privacy", required=True, index=True, ondelete="cascade")
    model = fields.Char(required=True, readonly=True)
    name = fields.Char(string="Kind of Record", compute="_compute_name")
    is_shared = fields.Boolean(
        readonly=True,
        help="Found by an address or a number alone that another contact has, too.",
    )
    record_count = fields.Integer(string="Records", readonly=True)
    treatment = fields.Selection(
        [
            ("emptied", "Texts are emptied"),
            ("kept", "Stays, under the erased name"),
            ("signed", "Stays; signed contracts keep name and signature"),
            ("shared", "Stays; another contact has the address, too"),
        ],
        string="When Erased",
        compute="_compute_treatment",
        help="What an erasure does with these records; figures and links stay in any case.",
    )

    @api.depends("model")
    def _compute_name(self):
        for line in self:
            # sudo: the names of models are no secret
            line.name = self.env["ir.model"].sudo()._get(line.model).name or line.model

    @api.depends("model", "is_shared", "privacy_id.signed_count")
    def _compute_treatment(self):
        emptied = {
            *PERSONAL,
            *DELETED,
            "res.partner",
            "mail.message",
            "mail.activity",
            "mail.mail",
            "mail.scheduled.message",
        }
        emptied |= {"calendar.event", "calendar.attendee"}
        for line in self:
            if line.is_shared:
                line.treatment = "shared"
            elif line.model == "sale.order" and line.privacy_id.signed_count:
                line.treatment = "signed"
            else:
                line.treatment = "emptied" if line.model in emptied else "kept"
