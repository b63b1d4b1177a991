from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.internal import INTERNAL
from ...tools.order_failure import rate
from ...tools.statements import switch_jit_off
from ...tools.sums import known

# What only a failure has: groups by it are compared with the whole cohort.
FAILURE_FIELDS = {
    *("id", "failure_id", "order_id", "order_name", "reason_id", "fault", "failure_date", "closed_by_id"),
    *("failed_value", "failed_quantity"),
}
BASE_FIELDS = {"base_value", "rate"}
PRODUCT_FIELDS = {"product_id", "categ_id"}
CLASS_FIELDS = ("abc_class", "xyz_class", "stage")


def field_of(spec):
    """The field of a specification such as ``date:month`` or ``reason_id.fault``."""
    return spec.partition(":")[0].partition(".")[0]


class PartnerOrderFailureReport(models.Model):
    """The query of the report, which reads the cohorts only where a rate is asked for.

    The context key ``failure_rows`` says which rows the table has: ``failures`` (the default), ``all`` or
    ``base``; ``failure_by_line`` whether the cohort is read by product; the rest is the same for everybody, so a
    client that sets the keys learns nothing that the rules would not show.
    """

    _inherit = "partner.order.failure.report"
    # Figures of groups, which no single failure has.
    _grouped_fields = tuple(sorted(BASE_FIELDS))

    # ------------------------------------------------------------------
    # Groups
    # ------------------------------------------------------------------
    @api.model
    def _read_group(self, domain, groupby=(), aggregates=(), having=(), offset=0, limit=None, order=None):
        if self.env.context.get("failure_groups") is INTERNAL:
            # of the rows that were chosen already
            return super()._read_group(domain, groupby, aggregates, having, offset, limit, order)
        report = self.with_context(failure_rows="failures")
        names = {field_of(spec) for spec in aggregates}
        if not names & BASE_FIELDS:
            return super(PartnerOrderFailureReport, report)._read_group(
                domain, groupby, aggregates, having, offset, limit, order
            )
        domain = Domain(domain)
        if self._asks_for_failures(domain, groupby):
            return report._read_failure_groups(domain, groupby, aggregates, having, offset, limit, order)
        report = self._with_rows("all", domain, groupby)
        return super(PartnerOrderFailureReport, report)._read_group(
            domain, groupby, aggregates, having, offset, limit, order
        )

    @api.model
    def _read_grouping_sets(self, domain, grouping_sets, aggregates=(), order=None):
        report = self.with_context(failure_rows="failures")
        if not {field_of(spec) for spec in aggregates} & BASE_FIELDS:
            return super(PartnerOrderFailureReport, report)._read_grouping_sets(
                domain, grouping_sets, aggregates, order
            )
        domain = Domain(domain)
        specs = [spec for groupby in grouping_sets for spec in groupby]
        if self._asks_for_failures(domain, specs):
            # each level of a pivot by itself: its cohorts differ
            terms = [term.strip() for term in (order or "").split(",") if term.strip()]
            return [
                self._read_group(
                    domain,
                    groupby,
                    aggregates,
                    order=", ".join(
                        term for term in terms if term.split()[0] in (*groupby, *aggregates, "__count")
                    )
                    or None,
                )
                for groupby in grouping_sets
            ]
        report = self._with_rows("all", domain, specs)
        return super(PartnerOrderFailureReport, report)._read_grouping_sets(
            domain, grouping_sets, aggregates, order
        )

    @api.model
    def _asks_for_failures(self, domain, specs):
        names = {field_of(spec) for spec in specs}
        names.update(field_of(condition.field_expr) for condition in domain.iter_conditions())
        return bool(names & FAILURE_FIELDS)

    @api.model
    def _with_rows(self, rows, domain, specs):
        names = {field_of(spec) for spec in specs}
        names.update(field_of(condition.field_expr) for condition in domain.iter_conditions())
        return self.with_context(failure_rows=rows, failure_by_line=bool(names & PRODUCT_FIELDS))

    @api.model
    def _read_failure_groups(self, domain, groupby, aggregates, having, offset, limit, order):
        """Groups by what only failures have: of each its failures, with the cohort that they belong to.

        The cohort is that of the other groups and conditions, of one kind; conditions on failures leave it whole.
        """
        terms = [term.strip() for term in (order or "").split(",") if term.strip()]
        by_rate = [term for term in terms if field_of(term.split()[0]) in BASE_FIELDS]
        asked = [spec for spec in aggregates if field_of(spec) not in BASE_FIELDS]
        groups = self.with_context(failure_groups=INTERNAL)._read_group(
            domain,
            groupby,
            [*asked, "failed_value:sum", "kind:array_agg_distinct"],
            having,
            0 if by_rate else offset,
            None if by_rate else limit,
            ", ".join(term for term in terms if term not in by_rate) or None,
        )
        shared = [spec for spec in groupby if field_of(spec) not in FAILURE_FIELDS]
        cohort = domain.map_conditions(
            lambda condition: Domain.TRUE if field_of(condition.field_expr) in FAILURE_FIELDS else condition
        )
        report = self._with_rows("base", cohort, shared).with_context(failure_groups=INTERNAL)
        bases = {
            tuple(key): known(value)
            for *key, value in report._read_group(cohort, [*shared, "kind"], ["base_value:sum"])
        }
        places = [groupby.index(spec) for spec in shared]
        rows = []
        for group in groups:
            keys = group[: len(groupby)]
            *figures, failed, kinds = group[len(groupby) :]
            base = (
                bases.get((*(keys[place] for place in places), kinds[0])) if len(kinds or ()) == 1 else None
            )
            share = rate(known(failed) or 0, base)
            values = dict(zip(asked, figures, strict=True))
            # as the ORM gives what is not known
            values.update(
                base_value=False if base is None else base, rate=False if share is None else 100 * share
            )
            rows.append(
                (*keys, *(values[spec] if spec in asked else values[field_of(spec)] for spec in aggregates))
            )
        for term in reversed(by_rate):
            place = len(groupby) + list(aggregates).index(term.split()[0])
            descending = "desc" in term.lower().split()
            rows.sort(
                key=lambda row, place=place, descending=descending: (
                    (row[place] is False) != descending,
                    row[place] or 0,
                ),
                reverse=descending,
            )
        return rows[offset : offset + limit if limit else None] if by_rate else rows

    def _read_group_select(self, aggregate_spec, query):
        def column(name):
            return SQL.identifier(self._table, name)

        name, _separator, function = aggregate_spec.partition(":")
        if function == "sum_currency":
            # amounts are in the currency of the current company already
            return self._read_group_select(f"{name}:sum", query)
        if aggregate_spec == "__count":
            return SQL("COUNT(*) FILTER (WHERE NOT %s)", column("is_base"))
        if name in BASE_FIELDS and function in ("sum", "avg"):
            base = SQL(
                "CASE WHEN MIN(%(kind)s) = MAX(%(kind)s) THEN SUM(%(base)s) END",
                kind=column("kind"),
                base=column("base_value"),
            )
            if name == "base_value":
                return base
            return SQL("100 * COALESCE(SUM(%s), 0) / NULLIF(%s, 0)", column("failed_value"), base)
        if aggregate_spec == "currency_id:array_agg_distinct":
            # one and the same in every row: no need to sort them
            return SQL("ARRAY[%s]", self.env.company.currency_id.id)
        return super()._read_group_select(aggregate_spec, query)

    # ------------------------------------------------------------------
    # The table
    # ------------------------------------------------------------------
    @property
    def _table_query(self):
        # SQL: failures and cohorts are rows of one table, of which a list reads the failures only
        switch_jit_off(self.env.cr)
        rows = self.env.context.get("failure_rows")
        parts = []
        if rows != "base":
            parts.append(self._get_failures_sql())
        if rows in ("all", "base"):
            parts += self._get_cohorts_sql()
        factor, rate_join = self.env["partner.turnover.report"]._get_rate_sql()
        return SQL(
            """
    SELECT sale.id, sale.kind, sale.failure_id, sale.order_id, sale.order_name, sale.reason_id, sale.fault,
           sale.failure_date, sale.closed_by_id, sale.date, sale.partner_id, partner.country_id,
           class.abc_class, class.xyz_class, class.stage, sale.product_id, template.categ_id, sale.user_id,
           sale.team_id, sale.company_id, %(currency)s::int4 AS currency_id,
           sale.failed_value%(factor)s AS failed_value,
           COALESCE(sale.failed_quantity * line_uom.factor / product_uom.factor, sale.failed_quantity)
               AS failed_quantity,
           sale.base_value%(factor)s AS base_value, NULL::numeric AS rate, sale.is_base
      FROM (%(rows)s) AS sale
      LEFT JOIN res_partner AS partner ON partner.id = sale.partner_id
      LEFT JOIN product_product AS product ON product.id = sale.product_id
      LEFT JOIN product_template AS template ON template.id = product.product_tmpl_id
      LEFT JOIN uom_uom AS product_uom ON product_uom.id = template.uom_id
      LEFT JOIN uom_uom AS line_uom ON line_uom.id = sale.product_uom_id
      LEFT JOIN partner_classification AS run
             ON run.company_id = sale.company_id AND run.kind = 'customer' AND run.is_current
      LEFT JOIN partner_classification_line AS class
             ON class.classification_id = run.id AND class.partner_id = sale.partner_id
            AND class.is_merged IS NOT TRUE
           %(rate)s""",
            currency=self.env.company.currency_id.id,
            factor=factor,
            rows=SQL(" UNION ALL ").join(parts),
            rate=rate_join,
        )

    def _get_day_sql(self, moment):
        """The day of a moment in UTC, for the user."""
        return SQL(
            "(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)::date",
            moment,
            self.env["partner.contact.log"]._get_known_zone(self.env.tz.zone),
        )

    def _get_failures_sql(self):
        """What failed and counts, by line; a failure without any line is a row of its own."""
        return SQL(
            """
    SELECT CASE WHEN line.id IS NULL THEN failure.id::int8 * 8 + 4 ELSE line.id::int8 * 8 END AS id,
           failure.kind, failure.id AS failure_id, failure.order_id, failure.order_name,
           COALESCE(line.reason_id, failure.reason_id) AS reason_id,
           CASE WHEN line.reason_id IS NULL THEN failure.fault ELSE reason.fault END AS fault,
           %(failed)s AS failure_date, failure.user_id AS closed_by_id, %(cohort)s AS date,
           failure.partner_id, line.product_id, line.product_uom_id, failure.owner_id AS user_id, failure.team_id,
           failure.company_id, line.value_failed_company AS failed_value,
           line.quantity_failed::numeric AS failed_quantity, NULL::numeric AS base_value, FALSE AS is_base
      FROM partner_order_failure AS failure
      LEFT JOIN partner_order_failure_line AS line
             ON line.failure_id = failure.id AND line.quantity_failed > 0
      LEFT JOIN partner_order_failure_reason AS reason
             ON reason.id = COALESCE(line.reason_id, failure.reason_id)
     WHERE failure.state = 'active' AND failure.company_id = ANY(%(companies)s::int[])
       AND reason.is_counted IS NOT FALSE""",
            failed=self._get_day_sql(SQL("COALESCE(line.date, failure.date)")),
            cohort=self._get_day_sql(SQL("COALESCE(failure.date_confirmed, failure.date)")),
            companies=self.env.companies.ids,
        )

    def _get_cohorts_sql(self):
        """The values that failures are compared with: of orders confirmed, and of quotations decided.

        An order's value is what it was confirmed with: what it has now and what was given up of it; of a cancelled
        one what is frozen in its failure. What was dropped in the warehouse and is closed by nobody it still has. What
        is left of an order stays beside the rest, whose salesperson, team and day are frozen, when the order is
        handed over later. The ids are odd, apart by kind.
        """
        by_line = self.env.context.get("failure_by_line")
        columns = SQL(
            """NULL::int4 AS failure_id, NULL::int4 AS order_id, NULL::varchar AS order_name,
           NULL::int4 AS reason_id, NULL::varchar AS fault, NULL::date AS failure_date, NULL::int4 AS closed_by_id"""
        )
        none = SQL(
            "NULL::int4 AS product_uom_id, NULL::numeric AS failed_value, NULL::numeric AS failed_quantity"
        )
        confirmed = SQL(
            """
    SELECT %(id)s AS number, COALESCE(short.date_confirmed, o.date_order) AS moment,
           contact.commercial_partner_id AS partner_id, %(product)s AS product_id,
           CASE WHEN short.order_id IS NULL THEN o.user_id ELSE short.owner_id END AS user_id,
           CASE WHEN short.order_id IS NULL THEN o.team_id ELSE short.team_id END AS team_id, o.company_id,
           %(value)s / COALESCE(NULLIF(o.currency_rate, 0), 1) AS value
      FROM sale_order AS o
      JOIN res_partner AS contact ON contact.id = o.partner_id
      LEFT JOIN (SELECT DISTINCT ON (order_id) order_id, owner_id, team_id, date_confirmed
                   FROM partner_order_failure
                  WHERE kind = 'short' AND state = 'active' ORDER BY order_id, id) AS short
        ON short.order_id = o.id %(lines)s
     WHERE o.state = 'sale' AND o.company_id = ANY(%(companies)s::int[])""",
            id=SQL("line.id") if by_line else SQL("o.id"),
            product=SQL("line.product_id") if by_line else SQL("NULL::int4"),
            value=SQL("line.price_subtotal") if by_line else SQL("o.amount_untaxed"),
            lines=SQL("JOIN sale_order_line AS line ON line.order_id = o.id AND line.display_type IS NULL")
            if by_line
            else SQL(),
            companies=self.env.companies.ids,
        )

        def frozen(kind, value, where=None):
            return SQL(
                """
    SELECT line.id AS number, COALESCE(failure.date_confirmed, failure.date) AS moment, failure.partner_id,
           line.product_id, failure.owner_id AS user_id, failure.team_id, failure.company_id, %(value)s AS value
      FROM partner_order_failure AS failure
      JOIN partner_order_failure_line AS line ON line.failure_id = failure.id
      LEFT JOIN partner_order_failure_reason AS reason ON reason.id = failure.reason_id
     WHERE failure.state = 'active' AND failure.kind = %(kind)s AND reason.is_counted IS NOT FALSE
       AND failure.company_id = ANY(%(companies)s::int[]) %(where)s""",
                value=value,
                kind=kind,
                companies=self.env.companies.ids,
                where=where or SQL(),
            )

        # an order that was deleted was cancelled before, and what was given up of it was confirmed all the same
        short = SQL(
            """AND NOT EXISTS (SELECT FROM sale_order_line AS sold
                         WHERE sold.id = line.order_line_id
                           AND sold.product_uom_qty + line.quantity_failed > line.quantity_ordered + 0.000001)
          AND (failure.order_id IS NULL
            OR EXISTS (SELECT FROM sale_order AS o WHERE o.id = failure.order_id AND o.state = 'sale')
            OR EXISTS (SELECT FROM partner_order_failure AS other
                        WHERE other.order_id = failure.order_id AND other.kind = 'cancelled'
                          AND other.state = 'active'))"""
        )
        orders = [
            (1, confirmed),
            (2, frozen("short", SQL("line.value_failed_company"), short)),
            (3, frozen("cancelled", SQL("line.value_ordered_company"))),
        ]
        lost = (4, frozen("lost", SQL("line.value_ordered_company")))
        parts = []
        for number, kind in enumerate(("cancelled", "short", "lost")):
            for source, rows in [*orders, *([lost] if kind == "lost" else [])]:
                parts.append(
                    SQL(
                        """
    SELECT -(cohort.number::int8 * 16 + %(part)s) AS id, %(kind)s AS kind, %(columns)s, %(day)s AS date,
           cohort.partner_id, cohort.product_id, %(none)s, cohort.value AS base_value, TRUE AS is_base,
           cohort.user_id, cohort.team_id, cohort.company_id
      FROM (%(rows)s) AS cohort""",
                        part=number * 4 + source,
                        kind=kind,
                        columns=columns,
                        day=self._get_day_sql(SQL("cohort.moment")),
                        none=none,
                        rows=rows,
                    )
                )
        # the columns in the order of the failures
        return [
            SQL(
                """
    SELECT part.id, part.kind, part.failure_id, part.order_id, part.order_name, part.reason_id, part.fault,
           part.failure_date, part.closed_by_id, part.date, part.partner_id, part.product_id, part.product_uom_id,
           part.user_id, part.team_id, part.company_id, part.failed_value, part.failed_quantity, part.base_value,
           part.is_base
      FROM (%s) AS part""",
                SQL(" UNION ALL ").join(parts),
            )
        ]
