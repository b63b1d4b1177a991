from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.statements import switch_jit_off

# What only the lines of an invoice tell. Everything else is on the invoice itself, read five times as fast.
LINE_FIELDS = {"id", "product_id", "categ_id", "quantity"}
# Conditions on these are about a line, too, however the lines are grouped.
LINE_MEASURES = {"revenue", "cost", "profit", "margin_percent"}
COMPARED_FIELDS = {"revenue_before", "profit_before", "revenue_change"}
CLASS_FIELDS = ("abc_class", "xyz_class", "stage")
# Days by which a date some months earlier and later again may differ.
LEEWAY = timedelta(days=4)
SPANS = {"year": relativedelta(years=1), "quarter": relativedelta(months=3), "month": relativedelta(months=1)}


class PartnerTurnoverReport(models.Model):
    """The query of the report, which reads no more than its groups ask for."""

    _inherit = "partner.turnover.report"

    @api.model
    @api.readonly
    def search_count(self, domain, limit=None):
        # A list counts up to a limit: in the order of dates PostgreSQL stops there, else it reads everything.
        if limit:
            report = self.with_context(turnover_rows=True)._with_used_fields(domain, ["date"])
            return len(report._search(domain, limit=limit, order="date desc"))
        return super().search_count(domain, limit)

    # ------------------------------------------------------------------
    # Groups
    # ------------------------------------------------------------------
    @api.model
    @api.readonly
    def web_read_group(self, domain, groupby, *args, **kwargs):
        # The groups of a list count and open lines.
        return super(PartnerTurnoverReport, self.with_context(turnover_rows=True)).web_read_group(
            domain, groupby, *args, **kwargs
        )

    @api.model
    def _read_group(self, domain, groupby=(), aggregates=(), having=(), offset=0, limit=None, order=None):
        report = self._with_used_fields(
            domain, [*groupby, *aggregates, *self._get_order_specs(order)], having
        )
        rows = super(PartnerTurnoverReport, report)._read_group(
            domain, groupby, aggregates, having, offset, limit, order
        )
        return self._with_own_records(rows, [*groupby, *aggregates])

    @api.model
    def _read_grouping_sets(self, domain, grouping_sets, aggregates=(), order=None):
        specs = [spec for groupby in grouping_sets for spec in groupby]
        report = self._with_used_fields(domain, [*specs, *aggregates, *self._get_order_specs(order)])
        groups = super(PartnerTurnoverReport, report)._read_grouping_sets(
            domain, grouping_sets, aggregates, order
        )
        return [
            self._with_own_records(rows, [*groupby, *aggregates])
            for rows, groupby in zip(groups, grouping_sets, strict=True)
        ]

    @api.model
    def _with_own_records(self, rows, specs):
        """Return groups with their records in the context of the caller, who may read anything of them later."""
        places = {place for place, spec in enumerate(specs) if spec.partition(":")[0] == "id"}
        if not places:
            return rows
        return [
            tuple(
                value.with_env(self.env) if place in places and isinstance(value, models.BaseModel) else value
                for place, value in enumerate(row)
            )
            for row in rows
        ]

    @api.model
    def _get_order_specs(self, order):
        return [term.split()[0] for term in (order or "").split(",") if term.strip()]

    @api.model
    def _with_used_fields(self, domain, specs, having=()):
        """Return the model with the context of a table that has what these groups need and no more."""
        # A rule may have been added: what it asks for has to be there as well.
        rules = Domain.TRUE if self.env.su else self.env["ir.rule"]._compute_domain(self._name, "read")
        conditions = [*Domain(domain).iter_conditions(), *rules.iter_conditions()]
        names = {condition.field_expr.partition(".")[0] for condition in conditions}
        used = {spec.partition(":")[0].partition(".")[0] for spec in specs}
        used.update(
            condition.field_expr.partition(":")[0] for condition in Domain(list(having)).iter_conditions()
        )
        rows = "id" in used or self.env.context.get("turnover_rows", False)
        lines = bool(rows or (names | used) & LINE_FIELDS or names & LINE_MEASURES)
        # PostgreSQL compiles these statements for longer than it runs them.
        switch_jit_off(self.env.cr)
        return self.with_context(
            turnover_fields=frozenset(names | used),
            turnover_days=self._get_days(Domain(domain)),
            turnover_lines=lines,
            turnover_rows=rows,
        )

    @api.model
    def _get_days(self, domain):
        """The first and the last day that a domain leaves, None where it sets no bound.

        Only conditions that all have to hold count; the domain may leave fewer days.
        """
        first = last = None
        conditions = domain.children if getattr(domain, "OPERATOR", None) == "&" else [domain]
        for condition in conditions:
            if getattr(condition, "field_expr", None) != "date" or condition.operator[0] not in "<>":
                continue
            try:
                day = fields.Date.to_date(condition.value)
            except (TypeError, ValueError):
                continue
            if day and condition.operator[0] == ">":
                first = max(first, day) if first else day
            elif day:
                last = min(last, day) if last else day
        return first, last

    def _read_group_groupby(self, alias, groupby_spec, query):
        if groupby_spec == "date:day":
            # it is one already
            return self._field_to_sql(alias, "date", query)
        return super()._read_group_groupby(alias, groupby_spec, query)

    def _read_group_select(self, aggregate_spec, query):
        def column(name):
            return self._field_to_sql(self._table, name, query)

        if aggregate_spec == "__count":
            # Invoices, whether read from invoices or from lines; in a list, which pages through them, lines.
            count = SQL("COUNT(*)")
            if self._is_by_line() and not self.env.context.get("turnover_rows"):
                count = SQL("COUNT(DISTINCT %s)", column("move_id"))
            if self._is_compared():
                count = SQL("%s FILTER (WHERE NOT %s)", count, SQL.identifier(self._table, "is_before"))
            return count
        name, _separator, function = aggregate_spec.partition(":")
        if function == "sum_currency":
            # amounts are in the currency of the current company already
            return super()._read_group_select(f"{name}:sum", query)
        if name == "margin_percent":
            return SQL(
                "100 * SUM(%(profit)s) / NULLIF(SUM(%(revenue)s) FILTER (WHERE %(profit)s IS NOT NULL), 0)",
                profit=column("profit"),
                revenue=column("revenue"),
            )
        if name == "revenue_change":
            return SQL(
                "100 * (COALESCE(SUM(%(now)s), 0) - SUM(%(before)s)) / NULLIF(ABS(SUM(%(before)s)), 0)",
                now=column("revenue"),
                before=column("revenue_before"),
            )
        if aggregate_spec == "currency_id:array_agg_distinct":
            # one and the same in every row: no need to sort them
            return SQL("ARRAY[%s]", self.env.company.currency_id.id)
        return super()._read_group_select(aggregate_spec, query)

    # ------------------------------------------------------------------
    # The table
    # ------------------------------------------------------------------
    def _is_used(self, *names):
        used = self.env.context.get("turnover_fields")
        return used is None or not used.isdisjoint(names)

    def _is_compared(self):
        used = self.env.context.get("turnover_fields")
        return used is not None and not used.isdisjoint(COMPARED_FIELDS)

    def _is_by_line(self):
        return self.env.context.get("turnover_fields") is None or self.env.context.get("turnover_lines")

    @property
    def _table_query(self):
        # SQL: what is joined depends on what is asked for
        columns, joins = self._get_columns_and_joins()
        select = SQL(", ").join(SQL("%s AS %s", sql, SQL.identifier(name)) for name, sql in columns.items())
        return SQL("SELECT %s FROM (%s) AS sale %s", select, self._get_base_sql(), SQL(" ").join(joins))

    def _get_columns_and_joins(self):
        """Return the columns by name, of those that are used, and the joins they need."""
        columns = {
            name: SQL.identifier("sale", name)
            for name in (
                "id",
                "move_id",
                "company_id",
                "partner_id",
                "user_id",
                "team_id",
                "date",
                "product_id",
                "is_before",
            )
        }
        joins = []
        columns["currency_id"] = SQL("%s::int4", self.env.company.currency_id.id)
        rate, rate_join = self._get_rate_sql()
        joins.append(rate_join)
        for name in ("revenue", "cost", "revenue_before", "profit_before"):
            columns[name] = SQL("%s%s", SQL.identifier("sale", name), rate)
        columns["profit"] = SQL("(sale.revenue - sale.cost)%s", rate)
        columns["margin_percent"] = SQL("100 * (sale.revenue - sale.cost) / NULLIF(sale.revenue, 0)")
        columns["revenue_change"] = SQL("NULL::numeric")
        if self._is_used("categ_id", "quantity"):
            joins.append(
                SQL(
                    "LEFT JOIN product_product AS product ON product.id = sale.product_id"
                    " LEFT JOIN product_template AS template ON template.id = product.product_tmpl_id"
                )
            )
            columns["categ_id"] = SQL("template.categ_id")
        if self._is_used("quantity"):
            joins.append(
                SQL(
                    "LEFT JOIN uom_uom AS product_uom ON product_uom.id = template.uom_id"
                    " LEFT JOIN uom_uom AS line_uom ON line_uom.id = sale.product_uom_id"
                )
            )
            columns["quantity"] = SQL(
                "COALESCE(sale.quantity * line_uom.factor / product_uom.factor, sale.quantity)"
            )
        if self._is_used("country_id", "state_id", "industry_id", "market_id"):
            joins.append(SQL("LEFT JOIN res_partner AS partner ON partner.id = sale.partner_id"))
            for name in ("country_id", "state_id", "industry_id"):
                columns[name] = SQL.identifier("partner", name)
        if self._is_used("market_id"):
            terms = [SQL("partner.own_market_id")]
            tables = self.env["partner.market"]._get_default_tables()
            for column, table in zip(("industry_id", "country_id"), tables, strict=True):
                if table:
                    alias = SQL.identifier(f"market_by_{column}")
                    joins.append(
                        SQL(
                            "LEFT JOIN %(table)s AS %(alias)s ON %(alias)s.key = %(column)s",
                            table=table,
                            alias=alias,
                            column=SQL.identifier("partner", column),
                        )
                    )
                    terms.append(SQL("%s.market_id", alias))
            columns["market_id"] = SQL("COALESCE(%s)", SQL(", ").join(terms))
        if self._is_used(*CLASS_FIELDS):
            # a customer has one line in a run, beside those that came to it by a merge
            joins.append(
                SQL(
                    "LEFT JOIN partner_classification AS run"
                    " ON run.company_id = sale.company_id AND run.kind = 'customer' AND run.is_current"
                    " LEFT JOIN partner_classification_line AS class"
                    " ON class.classification_id = run.id AND class.partner_id = sale.partner_id"
                    " AND class.is_merged IS NOT TRUE"
                )
            )
            columns.update({name: SQL.identifier("class", name) for name in CLASS_FIELDS})
        return columns, joins

    def _get_rate_sql(self):
        """Return the factor into the currency of the current company and the join it needs, as SQL.

        The rates are those of today, as in Invoice Analysis.
        """
        currencies = self.env["res.currency"]
        if currencies._check_currency_table_monocurrency(self.env.companies):
            return SQL(), SQL()
        return SQL(" * rate.rate"), SQL(
            "JOIN (%s) AS rate(company_id, rate) ON rate.company_id = sale.company_id",
            currencies._get_company_factors_sql(),
        )

    def _get_base_sql(self):
        if not self._is_compared():
            return self._get_sales_sql()
        return SQL("%s UNION ALL %s", self._get_sales_sql(), self._get_sales_sql(before=True))

    def _get_sales_sql(self, before=False):
        """Return the statement of the sales; with ``before`` of those a span ago, dated as of now."""
        by_line = self._is_by_line()
        if by_line:
            revenue, cost = SQL("-line.balance"), SQL("line.sale_cost")
        else:
            # Invoices have in their untaxed amount what rounds them to cash, which is no sale.
            revenue, cost = (
                # adding nothing to a million amounts takes its time
                SQL(
                    "CASE WHEN other.balance IS NULL THEN move.amount_untaxed_signed"
                    " ELSE move.amount_untaxed_signed + other.balance END"
                ),
                SQL("move.sale_cost"),
            )
        date, where = SQL("move.invoice_date"), SQL()
        quantity = SQL("CASE move.move_type WHEN 'out_refund' THEN -line.quantity ELSE line.quantity END")
        amounts = {
            "revenue": revenue,
            "cost": cost,
            "revenue_before": SQL("NULL::numeric"),
            "profit_before": SQL("NULL::numeric"),
        }
        if before:
            span = SPANS[self._get_span()]
            quantity = SQL("NULL::numeric")
            date = SQL("(move.invoice_date + %s)::date", self._get_interval_sql())
            # up to the same day: what is still to come this year has nothing to be compared with
            where = SQL("AND move.invoice_date <= %s", fields.Date.context_today(self) - span)
            # What the days asked for leave, once more for an index of days. A month is at most three days shorter
            # than another, so some days more than needed.
            first, last = self.env.context.get("turnover_days") or (None, None)
            if first:
                where = SQL("%s AND move.invoice_date >= %s", where, first - span - LEEWAY)
            if last:
                where = SQL("%s AND move.invoice_date <= %s", where, last - span + LEEWAY)
            amounts = {
                "revenue": SQL("NULL::numeric"),
                "cost": SQL("NULL::numeric"),
                "revenue_before": revenue,
                "profit_before": SQL("%s - %s", revenue, cost),
            }
        return SQL(
            """
    SELECT %(id)s AS id, move.id AS move_id, move.company_id, move.commercial_partner_id AS partner_id,
           move.invoice_user_id AS user_id, move.team_id, %(date)s AS date, %(line)s,
           %(amounts)s, %(before)s AS is_before
      FROM %(table)s
     WHERE move.state = 'posted' AND move.move_type IN ('out_invoice', 'out_refund')
       AND move.company_id IN %(companies)s %(where)s""",
            id=SQL("line.id") if by_line else SQL("move.id"),
            line=SQL("line.product_id, line.product_uom_id, %s AS quantity", quantity)
            if by_line
            else SQL("NULL::int4 AS product_id"),
            date=date,
            amounts=SQL(", ").join(
                SQL("%s AS %s", sql, SQL.identifier(name)) for name, sql in amounts.items()
            ),
            before=SQL("TRUE") if before else SQL("FALSE"),
            table=SQL(
                "account_move_line AS line JOIN account_move AS move ON move.id = line.move_id"
                " AND line.display_type = 'product'"
            )
            if by_line
            else SQL(
                """account_move AS move
      LEFT JOIN (SELECT move_id, SUM(balance) AS balance FROM account_move_line
                  WHERE display_type IN ('rounding', 'non_deductible_product', 'non_deductible_product_total')
                    AND tax_repartition_line_id IS NULL
                  GROUP BY move_id) AS other ON other.move_id = move.id"""
            ),
            companies=tuple(self.env.companies.ids),
            where=where,
        )

    def _get_span(self):
        span = self.env.context.get("turnover_compare")
        return span if span in SPANS else "year"

    def _get_interval_sql(self):
        return {
            "year": SQL("INTERVAL '1 year'"),
            "quarter": SQL("INTERVAL '3 months'"),
            "month": SQL("INTERVAL '1 month'"),
        }[self._get_span()]
