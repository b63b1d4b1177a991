from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Who may see pay."""

    _inherit = "res.config.settings"

    supervisors_see_bonus = fields.Boolean(related="company_id.supervisors_see_bonus", readonly=False)
