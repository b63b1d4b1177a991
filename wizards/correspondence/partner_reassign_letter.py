from odoo import fields, models


class PartnerReassign(models.TransientModel):
    """Letters go with the rest of the work."""

    _inherit = "partner.reassign"

    with_letters = fields.Boolean(
        string="Open Letters", default=True, help="Letters of shared mailboxes whose executor the person is."
    )
