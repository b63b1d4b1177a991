from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """How long before blanket orders and quotations end somebody is reminded."""

    _inherit = "res.config.settings"

    blanket_order_reminder_days = fields.Integer(
        related="company_id.blanket_order_reminder_days", readonly=False
    )
    quotation_reminder_days = fields.Integer(related="company_id.quotation_reminder_days", readonly=False)
