from odoo import fields, models

from ...tools.inquiries import WINDOW


class ResCompany(models.Model):
    """Settings of the inquiries that each company decides."""

    _inherit = "res.company"

    inquiry_days = fields.Integer(
        string="Days to Convert an Inquiry",
        default=WINDOW,
        help="An inquiry is mature when it is at least so many days old, and converted by a first confirmed sale "
        "within so many days. Younger inquiries are shown apart.",
        prefetch="relations",
        groups="base.group_user",
    )

    _inquiry_days_positive = models.Constraint(
        "CHECK (inquiry_days BETWEEN 1 AND 3650)",
        "The days to convert an inquiry must lie between 1 and 3650.",
    )
