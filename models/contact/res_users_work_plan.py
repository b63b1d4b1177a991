from odoo import fields, models


class ResUsers(models.Model):
    """Who has a work plan."""

    _inherit = "res.users"

    relations_work_plan = fields.Boolean(
        string="Weekly Work Plan",
        default=True,
        help="A work plan of each week is made and filled by itself for this person.",
        prefetch="relations",
        groups="base.group_user",
    )
