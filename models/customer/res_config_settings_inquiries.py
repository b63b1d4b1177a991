from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Settings of the inquiries."""

    _inherit = "res.config.settings"

    inquiry_days = fields.Integer(related="company_id.inquiry_days", readonly=False)
