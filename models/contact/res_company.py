from odoo import fields, models


class ResCompany(models.Model):
    """Settings of the contact log that each company decides."""

    _inherit = "res.company"

    relations_auto_close_meetings = fields.Boolean(
        string="Close Past Meetings Automatically",
        default=True,
        help="A meeting counts as a done contact when it is over. Off: somebody has to mark it as done, "
        "and until then it is overdue.",
        prefetch="relations",
        groups="base.group_user",
    )
