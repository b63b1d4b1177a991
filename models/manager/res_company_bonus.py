from odoo import fields, models


class ResCompany(models.Model):
    """Who may see pay."""

    _inherit = "res.company"

    supervisors_see_bonus = fields.Boolean(
        string="Supervisors See Bonuses",
        help="Supervisors see the bonuses of their subordinates. Off: only the managers themselves and directors do.",
        prefetch="relations",
        groups="base.group_user",
    )
