from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_amount

from ...tools.empty_fields import EmptyFloat, EmptyMonetary

# Who plans and judges campaigns; everybody else uses them as tags, as in Odoo.
MARKETING = "mass_mailing.group_mass_mailing_user,partner_relations.group_director"


class UtmCampaign(models.Model):
    """A campaign with its period, what it may cost and is to bring, and what it cost and brought."""

    _inherit = "utm.campaign"

    date_from = fields.Date(string="Start", help="First day of the campaign. The payback counts from here.")
    date_to = fields.Date(string="End", help="Last day of the campaign.")
    budget = fields.Monetary(groups=MARKETING, help="What the campaign may cost, untaxed. 0: no budget set.")
    planned_cost = fields.Monetary(
        groups=MARKETING,
        help="What the campaign is expected to cost, untaxed, in the currency of its company.",
    )
    expected_responses = fields.Integer(groups=MARKETING, help="How many contacts are expected to respond.")
    expected_revenue = fields.Monetary(
        groups=MARKETING, help="Untaxed sales that are expected to be credited to the campaign."
    )
    focus_product_ids = fields.Many2many(
        "product.template", "utm_campaign_focus_product_rel", string="Products", help="What is advertised."
    )
    focus_categ_ids = fields.Many2many(
        "product.category",
        "utm_campaign_focus_categ_rel",
        string="Product Categories",
        help="What is advertised.",
    )
    segment_id = fields.Many2one(
        "partner.segment", string="Target Segment", groups=MARKETING, help="Whom the campaign is meant for."
    )
    cost_ids = fields.One2many("partner.campaign.cost", "campaign_id", groups=MARKETING)

    actual_cost = fields.Monetary(
        compute="_compute_results",
        groups=MARKETING,
        help="Entered costs and posted vendor bills, receipts and expense entries, untaxed, less refunds.",
    )
    bill_cost = fields.Monetary(string="Billed Cost", compute="_compute_results", groups=MARKETING)
    result_revenue = fields.Monetary(
        string="Credited Revenue",
        compute="_compute_results",
        groups=MARKETING,
        help="Posted customer invoices less credit notes credited to the campaign, untaxed.",
    )
    result_profit = EmptyMonetary(
        string="Profit of Sales",
        compute="_compute_results",
        groups=MARKETING,
        help="Revenue less the cost frozen at posting; the cost of the campaign is not deducted.",
    )
    roi = EmptyFloat(
        string="ROI",
        compute="_compute_results",
        groups=MARKETING,
        help="(Profit of sales − actual cost) ÷ actual cost. Empty without cost.",
    )
    response_count = fields.Integer(string="Responses", compute="_compute_results", groups=MARKETING)
    sent_count = fields.Integer(string="Sent", compute="_compute_results", groups=MARKETING)
    new_customer_count = fields.Integer(string="New Customers", compute="_compute_results", groups=MARKETING)
    budget_warning = fields.Char(compute="_compute_budget_warning", groups=MARKETING)

    _period_order = models.Constraint(
        "CHECK (date_to IS NULL OR date_from IS NULL OR date_to >= date_from)",
        "The end of a campaign cannot lie before its start.",
    )

    def _get_result_company(self):
        """The company whose figures and currency the form of the campaign shows."""
        self.ensure_one()
        return self.company_id or self.env.company

    @api.depends("cost_ids.cost")
    @api.depends_context("company", "allowed_company_ids")
    def _compute_results(self):
        empty = {
            "actual_cost": 0, "bill_cost": 0, "result_revenue": 0, "result_profit": False, "roi": False,
            "response_count": 0, "sent_count": 0, "new_customer_count": 0,
        }  # fmt: skip
        names = {
            "actual_cost": "cost", "bill_cost": "bill_cost", "result_revenue": "revenue", "result_profit": "profit",
            "roi": "roi", "response_count": "response_count", "sent_count": "sent_count",
            "new_customer_count": "new_customer_count",
        }  # fmt: skip
        self.update(empty)
        allowed = self.env.companies
        by_company = {}
        for campaign in self:
            company = campaign._get_result_company()
            if campaign._origin and company in allowed:
                by_company.setdefault(company, []).append(campaign)
        for company, campaigns in by_company.items():
            # each in its own currency, with the rights of the report
            report = self.env["partner.campaign.report"].with_company(company)
            ids = [campaign._origin.id for campaign in campaigns]
            # with its figures: each time the report is read, all sales are set against the touches of all campaigns
            found = report.search_fetch(
                [("campaign_id", "in", ids), ("company_id", "=", company.id)],
                ["campaign_id", *names.values()],
            )
            rows = {row.campaign_id.id: row for row in found}
            for campaign in campaigns:
                if row := rows.get(campaign._origin.id):
                    campaign.update({name: row[source] for name, source in names.items()})

    @api.depends("budget", "planned_cost", "cost_ids.cost", "date_to")
    @api.depends_context("company", "allowed_company_ids")
    def _compute_budget_warning(self):
        today = fields.Date.context_today(self)
        for campaign in self:
            warning, currency = False, campaign.currency_id or self.env.company.currency_id
            values = {
                "cost": format_amount(self.env, campaign.actual_cost, currency),
                "planned": format_amount(self.env, campaign.planned_cost, currency),
                "budget": format_amount(self.env, campaign.budget, currency),
            }
            if campaign.budget and currency.compare_amounts(campaign.actual_cost, campaign.budget) > 0:
                over = format_amount(self.env, campaign.actual_cost - campaign.budget, currency)
                warning = self.env._(
                    "The campaign cost %(cost)s, %(over)s more than its budget of %(budget)s.",
                    over=over,
                    **values,
                )
            elif (
                campaign.budget
                and (not campaign.date_to or campaign.date_to >= today)
                and currency.compare_amounts(campaign.planned_cost, campaign.budget) > 0
            ):
                warning = self.env._(
                    "The planned cost of %(planned)s is above the budget of %(budget)s.", **values
                )
            campaign.budget_warning = warning

    # ------------------------------------------------------------------
    # Documents behind the figures
    # ------------------------------------------------------------------
    @api.readonly
    def action_view_campaign_sales(self):
        """Open the sales credited to the campaigns, with why; only those that the user may see.

        Of each campaign those of the company whose figures its form shows.
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "partner_relations.partner_campaign_sale_action"
        )
        domain = Domain.OR(
            Domain("campaign_id", "=", campaign.id)
            # sudo: in which company a campaign runs that the user names
            & Domain("company_id", "=", campaign.sudo()._get_result_company().id)
            for campaign in self
        )
        return {**action, "domain": list(domain), "context": {}}

    @api.readonly
    def action_view_campaign_touches(self):
        """Open the touches of the campaigns."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "partner_relations.partner_campaign_touch_action"
        )
        return {**action, "domain": [("campaign_id", "in", self.ids)], "context": {}}

    @api.readonly
    def action_view_campaign_report(self):
        """Open the results of the campaigns."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "partner_relations.partner_campaign_report_action"
        )
        return {
            **action,
            "views": [(False, "list"), (False, "pivot"), (False, "graph")],
            "domain": [("campaign_id", "in", self.ids)],
            "context": {},
        }

    @api.readonly
    def action_view_campaign_bills(self):
        """Open the vendor bills that are a cost of the campaign.

        :raise UserError: if the user has no right to accounting
        """
        self.ensure_one()
        row = self.env["partner.campaign.report"].search_fetch(
            [("campaign_id", "=", self.id), ("company_id", "=", self._get_result_company().id)],
            ["campaign_id", "company_id"],
            limit=1,
        )
        if not row:
            raise UserError(
                self.env._(
                    "The campaign %s has no figures in the companies you have selected. Select the one in which it "
                    "runs.",
                    self.display_name,
                )
            )
        return row.action_open_bills()
