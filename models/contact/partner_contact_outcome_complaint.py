from odoo import fields, models


class PartnerContactOutcome(models.Model):
    """Contacts that were complaints show on the relationship card."""

    _inherit = "partner.contact.outcome"

    is_complaint = fields.Boolean(
        string="Complaint",
        help="On for outcomes by which a customer complained: such contacts show on the relationship card.",
    )
