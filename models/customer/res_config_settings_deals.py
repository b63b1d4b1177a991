from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Settings of the unfinished deals."""

    _inherit = "res.config.settings"

    quotation_probability = fields.Float(related="company_id.quotation_probability", readonly=False)
