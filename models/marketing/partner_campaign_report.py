from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...tools.empty_fields import EmptyFloat, EmptyMonetary
from ...tools.statements import switch_jit_off
from .partner_campaign_figures import RATIOS


class PartnerCampaignReport(models.Model):
    """What a campaign cost and brought: one row for each campaign and company.

    Defined by `tools/attribution.py`. Sales are posted invoices less credit notes; each is credited to one campaign
    at most, in the way the company has set. The single sales stand in ``partner.campaign.sale``.
    """

    _name = "partner.campaign.report"
    _description = "Campaign Results"
    _inherit = ["partner.campaign.figures"]
    _auto = False
    _rec_name = "campaign_id"
    _order = "date_from desc, id desc"
    _depends = {
        "utm.campaign": [
            "active", "budget", "date_from", "date_to", "expected_responses", "expected_revenue", "is_auto_campaign",
            "planned_cost", "user_id",
        ],
    }  # fmt: skip

    campaign_id = fields.Many2one("utm.campaign", readonly=True)
    user_id = fields.Many2one("res.users", string="Responsible", readonly=True)
    date_from = fields.Date(string="Start", readonly=True)
    date_to = fields.Date(string="End", readonly=True)
    is_archived = fields.Boolean(string="Archived", readonly=True)
    budget = EmptyMonetary(readonly=True, help="Budget of the campaign. Empty if none is set.")
    planned_cost = EmptyMonetary(readonly=True)
    budget_use = EmptyFloat(
        string="Budget Used",
        readonly=True,
        aggregator="avg",
        help="Actual cost ÷ budget. Empty without budget. Of a total: of the campaigns with a budget.",
    )
    budgeted_cost = EmptyMonetary(
        string="Cost of Budgeted", readonly=True, help="Actual cost of the campaigns that have a budget."
    )
    expected_responses = EmptyFloat(string="Expected Responses", readonly=True, digits=(16, 0))
    expected_revenue = EmptyMonetary(readonly=True)
    revenue_share = EmptyFloat(
        string="Revenue of Expected",
        readonly=True,
        aggregator="avg",
        help="Revenue ÷ expected revenue. Empty without expectation. Of a total: of the campaigns that have one.",
    )
    expecting_revenue = EmptyMonetary(
        string="Revenue of Expecting",
        readonly=True,
        help="Revenue of the campaigns that have an expected revenue.",
    )

    def _get_ratios(self):
        return {
            **RATIOS,
            "budget_use": ("%(budgeted_cost)s", "budget", ("budgeted_cost",)),
            "revenue_share": ("%(expecting_revenue)s", "expected_revenue", ("expecting_revenue",)),
        }

    def _get_excel_names(self):
        return (
            *("campaign_id", "company_id", "user_id", "date_from", "date_to", "budget", "planned_cost", "budget_use"),
            *("expected_responses", "expected_revenue", "revenue_share"),
            *super()._get_excel_names(),
        )  # fmt: skip

    @property
    def _table_query(self):
        # A second of compiling for a tenth of a second of reading.
        switch_jit_off(self.env.cr)
        # What is expected is told of the campaign's own company alone, so that it counts once.
        return SQL(
            """
    WITH %(attribution)s,
    result AS MATERIALIZED (%(results)s),
    earned AS MATERIALIZED (%(earned)s)
    SELECT pair.campaign_id::int8 * 10000 + pair.company_id AS id, pair.campaign_id, pair.company_id,
           campaign.user_id, campaign.date_from, campaign.date_to, NOT campaign.active AS is_archived,
           plan.budget * company.rate AS budget, plan.planned_cost * company.rate AS planned_cost,
           plan.expected_responses::float8 AS expected_responses,
           plan.expected_revenue * company.rate AS expected_revenue,
           (amount.cost / plan.budget)::float8 AS budget_use,
           CASE WHEN plan.budget IS NOT NULL THEN amount.cost * company.rate END AS budgeted_cost,
           (COALESCE(fact.revenue, 0) / plan.expected_revenue)::float8 AS revenue_share,
           CASE WHEN plan.expected_revenue IS NOT NULL
                THEN COALESCE(fact.revenue, 0) * company.rate END AS expecting_revenue,
           %(figures)s
      FROM (SELECT result.key AS campaign_id, result.company_id FROM result
             UNION
            SELECT campaign.id, COALESCE(campaign.company_id, %(main)s) FROM utm_campaign AS campaign
             WHERE campaign.is_auto_campaign IS NOT TRUE) AS pair
      JOIN utm_campaign AS campaign ON campaign.id = pair.campaign_id
      JOIN company ON company.id = pair.company_id
      LEFT JOIN result AS fact ON fact.key = pair.campaign_id AND fact.company_id = pair.company_id
      LEFT JOIN LATERAL (
           SELECT NULLIF(campaign.budget, 0) AS budget, NULLIF(campaign.planned_cost, 0) AS planned_cost,
                  NULLIF(campaign.expected_responses, 0) AS expected_responses,
                  NULLIF(campaign.expected_revenue, 0) AS expected_revenue
            WHERE COALESCE(campaign.company_id, %(main)s) = pair.company_id) AS plan ON TRUE
      %(amounts)s""",
            attribution=self._get_attribution_sql(),
            results=self._get_results_sql(),
            earned=self._get_earned_sql(),
            figures=self._get_figure_columns(),
            amounts=self._get_amounts_sql(SQL("COALESCE(campaign.date_from, fact.start)")),
            main=self.env.company.id,
        )

    @api.readonly
    def action_open_campaign(self):
        """Open the campaign."""
        self.ensure_one()
        return self.campaign_id.get_formview_action()

    @api.readonly
    def action_open_sales(self):
        """Open the sales that the row counts, of its campaign and company, of those that the user may see.

        :raise UserError: if the user may see no single sales
        """
        self.ensure_one()
        return {
            **self.campaign_id.action_view_campaign_sales(),
            "domain": [("campaign_id", "=", self.campaign_id.id), ("company_id", "=", self.company_id.id)],
        }

    @api.readonly
    def action_open_bills(self):
        """Open the lines of vendor bills and expense entries that are a cost of the campaign.

        :raise UserError: if the user has no right to accounting
        """
        self.ensure_one()
        self.check_access("read")
        lines = self.env["account.move.line"]
        if not lines.has_access("read"):
            raise UserError(
                self.env._(
                    "You see what the campaign %(campaign)s was billed in total, but have no right to the bills. Ask "
                    "an administrator for the right to accounting, or a colleague there for the list.",
                    campaign=self.campaign_id.display_name,
                )
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Billed Cost of %s", self.campaign_id.display_name),
            "res_model": "account.move.line",
            "view_mode": "list",
            "views": [(self.env.ref("account.view_move_line_tree").id, "list")],
            "domain": [("id", "in", self._get_bill_line_ids())],
            "context": {"create": False},
        }

    def _get_bill_line_ids(self):
        lines = self.env["account.move.line"]
        lines.flush_model()
        self.env["account.move"].flush_model()
        key = SQL("COALESCE(line.cost_campaign_id, move.campaign_id)")
        rows = self.env.execute_query(
            SQL(
                "WITH company AS (%s) SELECT line.id %s",
                self._get_companies_sql(),
                self._get_bills_sql(
                    key,
                    SQL("AND %s = %s AND move.company_id = %s", key, self.campaign_id.id, self.company_id.id),
                ),
            )
        )
        return [line_id for (line_id,) in rows]
