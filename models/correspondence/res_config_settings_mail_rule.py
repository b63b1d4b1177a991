from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    relations_mail_limit = fields.Integer(related="company_id.relations_mail_limit", readonly=False)
    relations_mail_catch_up_days = fields.Integer(
        related="company_id.relations_mail_catch_up_days", readonly=False
    )
