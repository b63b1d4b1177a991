from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import SQL, format_amount

from ...tools.empty_fields import EmptyFloat, EmptyInteger, EmptyMonetary

# What is divided by what; of a total, the sums are divided.
RATIOS = {
    "roi": ("(%(profit)s - %(cost)s)", "cost", ("profit", "cost")),
    "response_rate": ("%(response_count)s", "sent_count", ("response_count",)),
    "cost_per_lead": ("NULLIF(GREATEST(%(cost)s, 0), 0)", "lead_count", ("cost",)),
    "cost_per_customer": ("NULLIF(GREATEST(%(cost)s, 0), 0)", "new_customer_count", ("cost",)),
}


class PartnerCampaignFigures(models.AbstractModel):
    """The figures that campaigns and sources have in common, and what is derived of them."""

    _name = "partner.campaign.figures"
    _description = "Figures of Campaign Results"
    _inherit = ["partner.campaign.query", "partner.report.page.mixin"]

    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    sent_count = fields.Integer(
        string="Sent", readonly=True, help="Addresses that letters of mailings went to, each counted once."
    )
    opened_count = fields.Integer(
        string="Opened", readonly=True, help="Addresses that opened a letter. Not a response."
    )
    clicked_count = fields.Integer(
        string="Clicked", readonly=True, help="Addresses that clicked on a link. Not a response."
    )
    response_count = fields.Integer(
        string="Responses",
        readonly=True,
        help="Contacts who answered a mailing, asked (any lead), or came to us in a contact that was logged; each "
        "counted once.",
    )
    response_rate = EmptyFloat(
        string="Responses per Sent",
        readonly=True,
        aggregator="avg",
        help="Responses ÷ addresses written to. Empty where nothing was sent; above 100% where others asked too.",
    )
    lead_count = fields.Integer(
        string="Leads", readonly=True, help="All leads and opportunities, lost ones included."
    )
    inquiry_count = fields.Integer(
        string="Inquiries", readonly=True, help="Leads that are the first contact of a prospect."
    )
    cost = EmptyMonetary(
        string="Actual Cost", readonly=True, help="Entered costs and vendor bills, untaxed, less refunds."
    )
    entered_cost = EmptyMonetary(readonly=True, help="Cost lines entered by hand.")
    bill_cost = EmptyMonetary(
        string="Billed Cost",
        readonly=True,
        help="Posted vendor bills, receipts and expense entries with this campaign or source, untaxed, less refunds.",
    )
    cost_per_lead = EmptyMonetary(
        readonly=True, aggregator="avg", help="Actual cost ÷ leads. Empty without cost or without leads."
    )
    order_count = fields.Integer(
        string="Orders", readonly=True, help="Confirmed orders credited here, invoiced or not."
    )
    new_customer_count = fields.Integer(
        string="New Customers",
        readonly=True,
        help="Customers whose first sale ever in the company is credited here.",
    )
    cost_per_customer = EmptyMonetary(
        string="Cost per New Customer",
        readonly=True,
        aggregator="avg",
        help="Actual cost ÷ new customers. Empty without cost or without new customers.",
    )
    revenue = EmptyMonetary(
        readonly=True,
        help="Posted customer invoices less credit notes that are credited here, untaxed, in the currency of the "
        "current company. Vendor bills are never in it.",
    )
    profit = EmptyMonetary(
        readonly=True,
        help="Revenue less the cost frozen when the invoice was posted; the cost of the campaign is not deducted. "
        "Empty while an old invoice is still to be read.",
    )
    roi = EmptyFloat(
        string="ROI",
        readonly=True,
        aggregator="avg",
        help="Return on investment: (profit − actual cost) ÷ actual cost. Empty without cost, and where more was "
        "refunded than spent. Of a total: its profit and its cost are compared.",
    )
    payback_days = EmptyInteger(
        string="Payback (Days)",
        readonly=True,
        aggregator="avg",
        help="Days from the start until the profit of the sales added up to the actual cost. Empty while it does "
        "not, and without cost. The start is that of the period, else the first day with a cost.",
    )
    result = fields.Selection(
        [
            ("earns", "Earns"),
            ("running", "Not Paid Back"),
            ("loses", "No Sales"),
            ("unknown", "No Cost Entered"),
        ],
        readonly=True,
        help="Earns: the profit covers the cost. Not paid back: it does not yet. No sales: it costs and brought no "
        "revenue. No cost entered: there is nothing to compare the profit with.",
    )

    chart = fields.Html(
        compute="_compute_chart",
        sanitize=False,
        help="Cost, revenue and profit as bars, in one scale for all that are shown together.",
    )

    @api.depends("cost", "revenue", "profit")
    def _compute_chart(self):
        """Bars with their names and amounts, so that nothing is told by colour alone."""
        names = ("cost", "revenue", "profit")
        labels = {name: self._fields[name].get_description(self.env, ["string"])["string"] for name in names}
        colours = {"cost": "bg-warning", "revenue": "bg-info", "profit": "bg-success"}
        top = max((abs(row[name] or 0) for row in self for name in names), default=0) or 1
        bar = Markup(
            '<div class="d-flex align-items-center small"><span class="text-truncate" style="width:35%%">%s</span>'
            '<span class="flex-grow-1 bg-light rounded-1"><span class="d-block rounded-1 %s" '
            'style="height:10px;width:%.1f%%"></span></span>'
            '<span class="text-end text-nowrap" style="width:35%%">%s</span></div>'
        )
        for row in self:
            bars = Markup()
            for name in names:
                value = row[name]
                known = value is not False and value is not None
                bars += bar % (
                    labels[name],
                    "bg-danger" if known and value < 0 else colours[name],
                    100 * abs(value or 0) / top,
                    format_amount(self.env, value, row.currency_id) if known else self.env._("not known"),
                )
            row.chart = bars

    # ------------------------------------------------------------------
    # Groups
    # ------------------------------------------------------------------
    def _get_ratios(self):
        return RATIOS

    def _read_group_select(self, aggregate_spec, query):
        name, _separator, function = aggregate_spec.partition(":")
        if function == "sum_currency":
            # amounts are in the currency of the current company already
            return super()._read_group_select(f"{name}:sum", query)
        ratios = self._get_ratios()
        if name in ratios and function == "avg":
            part, whole, names = ratios[name]
            sums = {one: SQL("SUM(%s)", self._field_to_sql(self._table, one, query)) for one in names}
            whole = SQL("SUM(%s)", self._field_to_sql(self._table, whole, query))
            # a total with an unknown profit is unknown
            known = SQL("TRUE")
            if "profit" in names:
                known = SQL("COUNT(*) = COUNT(%s)", self._field_to_sql(self._table, "profit", query))
            return SQL(
                "CASE WHEN %s THEN (%s)::float8 / NULLIF(GREATEST(%s, 0), 0) END",
                known,
                SQL(part, **sums),
                whole,
            )
        return super()._read_group_select(aggregate_spec, query)

    # ------------------------------------------------------------------
    # The table
    # ------------------------------------------------------------------
    def _get_figure_columns(self):
        """The columns that the facts of a row (``fact``) give, in the currency of the current company."""
        counts = (
            *("sent_count", "opened_count", "clicked_count", "response_count", "lead_count", "inquiry_count"),
            *("order_count", "new_customer_count"),
        )
        return SQL(
            """%(currency)s::int4 AS currency_id, %(counts)s,
               COALESCE(fact.entered_cost, 0) * company.rate AS entered_cost,
               COALESCE(fact.bill_cost, 0) * company.rate AS bill_cost,
               amount.cost * company.rate AS cost, COALESCE(fact.revenue, 0) * company.rate AS revenue,
               amount.profit * company.rate AS profit,
               ((amount.profit - amount.cost) / NULLIF(GREATEST(amount.cost, 0), 0))::float8 AS roi,
               fact.response_count::float8 / NULLIF(fact.sent_count, 0) AS response_rate,
               NULLIF(GREATEST(amount.cost, 0), 0) * company.rate / NULLIF(fact.lead_count, 0) AS cost_per_lead,
               NULLIF(GREATEST(amount.cost, 0), 0) * company.rate
               / NULLIF(fact.new_customer_count, 0) AS cost_per_customer,
               CASE WHEN amount.cost > 0 AND amount.profit >= amount.cost THEN (
                    SELECT MIN(GREATEST(earned.date - amount.start, 0)) FROM earned
                     WHERE earned.key = fact.key AND earned.medium_id IS NOT DISTINCT FROM fact.medium_id
                       AND earned.company_id = fact.company_id AND earned.total >= amount.cost) END AS payback_days,
               CASE WHEN amount.cost <= 0 THEN 'unknown' WHEN amount.profit >= amount.cost THEN 'earns'
                    WHEN COALESCE(fact.revenue, 0) = 0 THEN 'loses' ELSE 'running' END AS result""",
            currency=self.env.company.currency_id.id,
            counts=SQL(", ").join(
                SQL("COALESCE(fact.%s, 0)::int4 AS %s", SQL.identifier(name), SQL.identifier(name))
                for name in counts
            ),
        )

    def _get_amounts_sql(self, start):
        """What several columns are made of: ``amount`` with cost, profit (NULL: unknown) and the start."""
        return SQL(
            """CROSS JOIN LATERAL (
               SELECT COALESCE(fact.entered_cost, 0) + COALESCE(fact.bill_cost, 0) AS cost,
                      COALESCE(NULLIF(fact.profit, 'NaN'::numeric),
                               CASE WHEN fact.profit IS NULL THEN 0 END) AS profit,
                      %s AS start) AS amount""",
            start,
        )
