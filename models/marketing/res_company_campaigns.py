from odoo import fields, models

from ...tools.attribution import MODELS, TOUCHES, WINDOW


class ResCompany(models.Model):
    """How each company finds the campaign of a sale."""

    _inherit = "res.company"

    campaign_model = fields.Selection(
        MODELS,
        string="Attribution of Sales",
        default="last",
        help="The campaign entered on an order decides, else that of its lead. Where none is entered: the last touch "
        "of the customer within the days below, the first one, or none.",
        groups="base.group_user",
    )
    campaign_days = fields.Integer(
        string="Days a Touch Counts",
        default=WINDOW,
        help="A touch on the day of the sale or up to so many days before it may decide its campaign.",
        groups="base.group_user",
    )
    campaign_touch = fields.Selection(
        TOUCHES,
        string="What Is a Touch",
        default="response",
        help="Answers to mailings, clicks, inquiries and logged contacts with a campaign are touches. A letter that "
        "was only opened, or only sent, is none unless chosen here.",
        groups="base.group_user",
    )

    _campaign_days_positive = models.Constraint(
        "CHECK (campaign_days BETWEEN 0 AND 3650)",
        "The days that a touch counts must lie between 0 and 3650.",
    )
