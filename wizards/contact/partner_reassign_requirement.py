from odoo import fields, models


class PartnerReassign(models.TransientModel):
    """Needs of customers go with the rest of the work."""

    _inherit = "partner.reassign"

    with_requirements = fields.Boolean(
        string="Needs of Customers",
        default=True,
        help="Open needs and requirements that the person owns.",
    )
