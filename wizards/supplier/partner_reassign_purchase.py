from odoo import fields, models


class PartnerReassign(models.TransientModel):
    """Purchase orders go with the rest of the work."""

    _inherit = "partner.reassign"

    with_purchases = fields.Boolean(
        string="Requests for Quotation and Open Purchase Orders",
        default=True,
        help="Those whose buyer the person is and that are not sent, received or billed yet.",
    )
