from odoo import fields, models


class ResCompany(models.Model):
    """How much mail goes by itself."""

    _inherit = "res.company"

    relations_mail_limit = fields.Integer(
        string="Mails a Day",
        default=3,
        help="An address gets at most so many mails by rules on a day; further ones wait for the next day. 0: no "
        "limit.",
        prefetch="relations",
        groups="base.group_user",
    )
    relations_mail_catch_up_days = fields.Integer(
        string="Catch Up Days",
        default=3,
        help="A mail that could not leave within so many days, such as while the server stood still, is left out as "
        "too late.",
        prefetch="relations",
        groups="base.group_user",
    )

    _relations_mail_positive = models.Constraint(
        "CHECK (relations_mail_limit >= 0 AND relations_mail_catch_up_days >= 0)",
        "The mails a day and the days to catch up cannot be below zero.",
    )
