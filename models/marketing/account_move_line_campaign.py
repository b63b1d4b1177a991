from odoo import fields, models


class AccountMoveLine(models.Model):
    """A bill may be split among campaigns line by line."""

    _inherit = "account.move.line"

    # A nullable column: adding it rewrites nothing.
    cost_campaign_id = fields.Many2one(
        "utm.campaign",
        string="Cost of Campaign",
        copy=True,
        index="btree_not_null",
        ondelete="set null",
        help="Campaign that this line of a vendor bill, refund, receipt or expense entry is a cost of. Empty: the "
        "campaign of the bill.",
        groups="base.group_user",
    )
