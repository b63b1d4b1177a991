from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.empty_fields import EmptyFloat, EmptyMonetary

AMOUNTS = (
    *("plan", "team_plan", "result", "forecast"),
    *("profit_plan", "team_profit_plan", "profit"),
)
# share: (part, whole)
SHARES = {
    "fulfilled": ("result", "plan"),
    "team_fulfilled": ("result", "team_plan"),
    "profit_fulfilled": ("profit", "profit_plan"),
    "team_profit_fulfilled": ("profit", "team_profit_plan"),
}


class PartnerSalesPlanReport(models.Model):
    """Plan against result and forecast: a row for each plan, invoice and unfinished deal, in its month.

    Groups set them against each other: a salesperson without plan shows with the result alone, one without sales
    with the plan alone. Plans of persons and plans of teams are different figures, since one would count twice
    with the other; the result is held against both. So would a person's plan for one team beside the person's plan
    for all sales: it has no row.

    Of a group, shares and gap count the results of the months in which it has a plan: the others have nothing to reach.
    """

    _name = "partner.sales.plan.report"
    _description = "Plan and Result"
    _auto = False
    _rec_name = "name"
    _rec_names_search = ["user_id", "team_id"]
    _order = "date desc, id desc"
    _depends = {
        "crm.team": ["company_id"],
        "crm.team.member": ["active", "crm_team_id", "user_id"],
        "partner.deal.report": ["date_expected", "forecast_value", "user_id", "team_id"],
        "partner.sales.plan": ["amount", "company_id", "date", "measure", "team_id", "user_id"],
        "partner.turnover.report": ["date", "profit", "revenue", "user_id", "team_id"],
    }

    name = fields.Char(string="Document", readonly=True, compute="_compute_name")
    date = fields.Date(
        string="Month",
        readonly=True,
        help="Of the plan, of the invoice, or in which the deal is expected to close; an overdue one counts today.",
    )
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    team_id = fields.Many2one(
        "crm.team",
        string="Sales Team",
        readonly=True,
        help="Of the plan or document; of a person's plan without team the team that the person belongs to.",
    )
    res_model = fields.Selection(
        [
            ("partner.sales.plan", "Plan"),
            ("account.move", "Invoice"),
            ("partner.deal.report", "Unfinished Deal"),
        ],
        string="Kind",
        readonly=True,
    )
    res_id = fields.Many2oneReference(string="Document ID", model_field="res_model", readonly=True)
    plan = EmptyMonetary(readonly=True, help="Planned revenue of the salespeople.")
    team_plan = EmptyMonetary(readonly=True, help="Planned revenue of whole teams.")
    result = EmptyMonetary(
        readonly=True, help="Revenue of posted invoices less credit notes, as in Turnover and Profit."
    )
    forecast = EmptyMonetary(
        readonly=True,
        help="Revenue still to be expected of the unfinished deals: value times probability, of orders what is not "
        "invoiced.",
    )
    expected = EmptyMonetary(readonly=True, help="Result and forecast.")
    amount = EmptyMonetary(
        readonly=True,
        help="Planned revenue of the salespeople, result or forecast: by kind, they stand beside each other.",
    )
    gap = EmptyMonetary(
        readonly=True,
        help="Planned revenue of the salespeople less result of the months that have such a plan. Negative: more than "
        "planned. Empty without plan.",
    )
    fulfilled = EmptyFloat(
        readonly=True,
        aggregator="avg",
        help="Result of the months that have a plan of the salespeople, divided by it. Empty without plan and before "
        "its month has begun.",
    )
    team_fulfilled = EmptyFloat(
        readonly=True,
        aggregator="avg",
        help="Result of the months that have a plan of the teams, divided by it. Empty without plan and before its "
        "month has begun.",
    )
    profit_plan = EmptyMonetary(readonly=True, help="Planned profit of the salespeople.")
    team_profit_plan = EmptyMonetary(readonly=True, help="Planned profit of whole teams.")
    profit = EmptyMonetary(readonly=True, help="Revenue less cost at the time of the sale.")
    profit_fulfilled = EmptyFloat(
        readonly=True,
        aggregator="avg",
        help="Profit of the months that have a profit plan of the salespeople, divided by it.",
    )
    team_profit_fulfilled = EmptyFloat(
        readonly=True,
        aggregator="avg",
        help="Profit of the months that have a profit plan of the teams, divided by it.",
    )
    in_my_team = fields.Boolean(
        compute="_compute_in_my_team",
        search="_search_in_my_team",
        help="Of a subordinate of yours, or of a team that you lead.",
    )

    def _compute_name(self):
        for model, rows in self.grouped("res_model").items():
            # sudo: the name of a document whose figure the user sees
            records = self.env[model].sudo().browse(rows.mapped("res_id")).exists()
            names = {record.id: record.display_name for record in records}
            for row in rows:
                row.name = names.get(row.res_id)

    @api.depends_context("uid")
    def _compute_in_my_team(self):
        team = set(self.env.user._get_subordinate_user_ids())
        for row in self:
            # sudo: only ids are compared, and this field decides on access to the row itself
            shown = row.sudo()
            row.in_my_team = shown.user_id.id in team or shown.team_id.user_id.id == self.env.uid

    def _search_in_my_team(self, operator, value):
        if operator != "in":
            return NotImplemented
        # sudo: which teams one leads
        led = self.env["crm.team"].sudo().search([("user_id", "=", self.env.uid)])
        team = self.env.user._get_subordinate_user_ids()
        return Domain("user_id", "in", team) | Domain("team_id", "in", led.ids)

    # ------------------------------------------------------------------
    # Groups
    # ------------------------------------------------------------------
    def _read_group_select(self, aggregate_spec, query):
        name, _separator, function = aggregate_spec.partition(":")
        if function == "sum_currency":
            # amounts are in the currency of the current company already
            return self._read_group_select(f"{name}:sum", query)
        if name in SHARES and function:
            # ratio of sums: no mean of ratios; nothing sold is 0 of it, once the month of a plan has begun
            return self._get_planned_months_sql(
                SQL(
                    """CASE WHEN SUM(whole) > 0 AND MIN(month) <= %s
                       THEN COALESCE(SUM(part), CASE WHEN SUM(sold) IS NULL THEN 0 END) / SUM(whole) END""",
                    self.env["partner.deal.report"]._get_today_sql(),
                ),
                *SHARES[name],
                query,
            )
        if aggregate_spec == "gap:sum":
            return self._get_planned_months_sql(
                SQL("SUM(whole) - COALESCE(SUM(part), 0)"), "result", "plan", query
            )
        if aggregate_spec == "currency_id:array_agg_distinct":
            return SQL("ARRAY[%s]", self.env.company.currency_id.id)
        return super()._read_group_select(aggregate_spec, query)

    def _get_planned_months_sql(self, figure, part, whole, query):
        """SQL: a figure of the months of a group that have a plan, from ``part``, ``whole`` and ``sold``."""
        # SQL: which months these are differs from group to group, and aggregates cannot be nested but by arrays
        return SQL(
            """(SELECT %(figure)s
                  FROM (SELECT month, SUM(part) AS part, SUM(whole) AS whole, SUM(sold) AS sold
                          FROM unnest(%(arrays)s) AS row (month, part, whole, sold)
                         GROUP BY month HAVING COUNT(whole) > 0) AS planned)""",
            figure=figure,
            arrays=SQL(", ").join(
                SQL("ARRAY_AGG(%s)", column)
                for column in (
                    SQL("date_trunc('month', %s)::date", self._field_to_sql(self._table, "date", query)),
                    *(self._field_to_sql(self._table, name, query) for name in (part, whole, "result")),
                )
            ),
        )

    # ------------------------------------------------------------------
    # The table
    # ------------------------------------------------------------------
    @property
    def _table_query(self):
        """SQL: plans, invoices and deals under each other."""
        # sudo: this model's own rules decide which of the rows are seen
        deals = self.env["partner.deal.report"].sudo()
        turnover = self.env["partner.turnover.report"].sudo()
        turnover = turnover._with_used_fields([], ["date", "user_id", "team_id", "revenue", "profit"])
        rate = deals._get_rate_sql()
        today = deals._get_today_sql()
        parts = [
            self._get_part_sql(
                0,
                "partner.sales.plan",
                SQL(
                    """partner_sales_plan AS item
      LEFT JOIN LATERAL (
           SELECT home.id FROM crm_team_member AS member JOIN crm_team AS home ON home.id = member.crm_team_id
            WHERE member.user_id = item.user_id AND member.active
              AND (home.company_id IS NULL OR home.company_id = item.company_id)
            ORDER BY member.id LIMIT 1) AS team ON TRUE
     WHERE item.company_id = ANY(%s::int[]) AND %s""",
                    self.env.companies.ids,
                    self.env["partner.sales.plan"]._get_counted_sql("item"),
                ),
                team_id=SQL("COALESCE(item.team_id, team.id)"),
                **{
                    name: SQL(
                        "CASE WHEN item.measure = %s AND item.user_id IS %s NULL THEN item.amount%s END",
                        measure,
                        SQL("NOT") if is_person else SQL(),
                        rate(SQL("item.company_id")),
                    )
                    for name, measure, is_person in (
                        ("plan", "revenue", True),
                        ("team_plan", "revenue", False),
                        ("profit_plan", "profit", True),
                        ("team_profit_plan", "profit", False),
                    )
                },
            ),
            self._get_part_sql(
                1,
                "account.move",
                SQL("%s AS item", turnover._table_sql),
                res_id=SQL("item.move_id"),
                result=SQL("item.revenue"),
                profit=SQL("item.profit"),
            ),
            self._get_part_sql(
                2,
                "partner.deal.report",
                SQL(
                    "%s AS item WHERE item.date_expected IS NOT NULL AND item.forecast_value <> 0",
                    deals._table_sql,
                ),
                date=SQL("GREATEST(item.date_expected, %s)", today),
                forecast=SQL("item.forecast_value"),
            ),
        ]
        return SQL(
            """
    SELECT row.*, %(currency)s::int4 AS currency_id,
           COALESCE(row.result, row.forecast) AS expected,
           COALESCE(row.plan, row.result, row.forecast) AS amount,
           row.plan - COALESCE(row.result, 0) AS gap,
           NULL::numeric AS fulfilled, NULL::numeric AS team_fulfilled, NULL::numeric AS profit_fulfilled,
           NULL::numeric AS team_profit_fulfilled
      FROM (%(parts)s) AS row""",
            currency=self.env.company.currency_id.id,
            parts=SQL(" UNION ALL ").join(parts),
        )

    def _get_part_sql(self, number, model, table, **columns):
        amounts = {name: SQL("NULL::numeric") for name in AMOUNTS}
        columns = {
            "id": SQL("item.id::bigint * 3 + %s", number),
            "res_model": SQL("%s::varchar", model),
            "res_id": SQL("item.id"),
            "date": SQL("item.date"),
            "company_id": SQL("item.company_id"),
            "user_id": SQL("item.user_id"),
            "team_id": SQL("item.team_id"),
            **amounts,
            **columns,
        }
        return SQL(
            "SELECT %s FROM %s",
            SQL(", ").join(SQL("%s AS %s", sql, SQL.identifier(name)) for name, sql in columns.items()),
            table,
        )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------
    @api.readonly
    def action_open_document(self):
        """Open the plan, the invoice or the deal's document.

        :raise UserError: if the user may not read it
        """
        self.ensure_one()
        record = self.env[self.res_model].browse(self.res_id)
        if not record.has_access("read"):
            raise UserError(
                self.env._(
                    "You see the figure of %(document)s, but have no right to open it. Ask an administrator for "
                    "the right to see invoices.",
                    document=self.name,
                )
            )
        if self.res_model == "partner.deal.report":
            return record.action_open_document()
        return record.get_formview_action()
