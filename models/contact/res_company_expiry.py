from odoo import fields, models


class ResCompany(models.Model):
    """How long before blanket orders and quotations end somebody is reminded."""

    _inherit = "res.company"

    blanket_order_reminder_days = fields.Integer(
        string="Remind of Blanket Orders",
        default=14,
        help="Days before the end of a confirmed blanket order on which its buyer gets an activity. -1: never.",
        prefetch="relations",
        groups="base.group_user",
    )
    quotation_reminder_days = fields.Integer(
        string="Remind of Quotations",
        default=3,
        help="Days before the end of validity of a sent quotation on which its salesperson gets an activity, unless "
        "one is planned on it. -1: never.",
        prefetch="relations",
        groups="base.group_user",
    )
