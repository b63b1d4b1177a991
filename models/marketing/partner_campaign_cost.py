from odoo import api, fields, models


class PartnerCampaignCost(models.Model):
    """A cost of a campaign or source that no vendor bill in Odoo stands for."""

    _name = "partner.campaign.cost"
    _description = "Cost of a Campaign"
    _inherit = ["partner.guarded.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True

    campaign_id = fields.Many2one("utm.campaign", index="btree_not_null", ondelete="cascade")
    date = fields.Date(required=True, default=fields.Date.context_today)
    name = fields.Char(string="Note", help="What was paid for.")
    source_id = fields.Many2one(
        "utm.source",
        index="btree_not_null",
        ondelete="restrict",
        help="Where it was advertised: the paper, the station, the fair. The cost counts for this source too.",
    )
    medium_id = fields.Many2one(
        "utm.medium",
        string="Marketing Medium",
        ondelete="restrict",
        help="Press, radio, fair, letter and so on.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    amount = fields.Monetary(
        required=True, help="Untaxed, in the currency of the line. Negative for money that came back."
    )
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company Currency")
    cost = fields.Monetary(
        compute="_compute_cost",
        store=True,
        currency_field="company_currency_id",
        help="The amount in the currency of the company, at the rate of the day of the cost.",
    )

    _has_subject = models.Constraint(
        "CHECK (campaign_id IS NOT NULL OR source_id IS NOT NULL)",
        "A cost belongs to a campaign or to a source: choose at least one.",
    )

    @api.depends("company_id")
    def _compute_currency_id(self):
        for line in self:
            # an amount that was entered stays what it is
            line.currency_id = line.currency_id or (line.company_id or self.env.company).currency_id

    @api.depends("amount", "currency_id", "company_id", "date")
    def _compute_cost(self):
        for line in self:
            company = line.company_id or self.env.company
            line.cost = (line.currency_id or company.currency_id)._convert(
                line.amount, company.currency_id, company, line.date or fields.Date.context_today(line)
            )
