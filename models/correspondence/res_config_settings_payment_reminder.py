from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    payment_reminder_mode = fields.Selection(related="company_id.payment_reminder_mode", readonly=False)
    payment_reminder_minimum = fields.Monetary(
        string="Reminders from",
        related="company_id.payment_reminder_minimum",
        readonly=False,
        currency_field="company_currency_id",
    )
    payment_reminder_interval = fields.Integer(related="company_id.payment_reminder_interval", readonly=False)
