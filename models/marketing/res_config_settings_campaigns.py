from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Settings of the campaign results."""

    _inherit = "res.config.settings"

    campaign_model = fields.Selection(related="company_id.campaign_model", readonly=False)
    campaign_days = fields.Integer(related="company_id.campaign_days", readonly=False)
    campaign_touch = fields.Selection(related="company_id.campaign_touch", readonly=False)
