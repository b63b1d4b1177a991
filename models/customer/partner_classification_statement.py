from datetime import timedelta

from odoo import models
from odoo.tools import SQL

from ...tools.periods import closed_periods
from .partner_classification_engine import COLUMNS, MOVE_TYPES

_NO_DOCUMENTS = SQL("SELECT NULL::int AS id, NULL::int AS partner_id, NULL::date AS date WHERE FALSE")
_CHILDREN = SQL("SELECT id, commercial_partner_id FROM res_partner WHERE commercial_partner_id <> id")
# Customers who became the contact of a company after the invoice.
_CHILD_JOIN = SQL("LEFT JOIN (%s) AS child ON child.id = move.commercial_partner_id", _CHILDREN)

# The first or the last sale of a customer was taken back.
_IS_BORDER = SQL("(sold.first_date = ANY(taken_back.dates) OR sold.last_date = ANY(taken_back.dates))")

# What is ordered, in the unit of each product, without down payments; a combo stands beside its items.
_GOODS = SQL(
    """
    SELECT line.order_id AS id,
           SUM(line.product_uom_qty * COALESCE(uom.factor / NULLIF(own.factor, 0), 1)) AS quantity
      FROM sale_order_line AS line
      JOIN product_product AS product ON product.id = line.product_id
      JOIN product_template AS template ON template.id = product.product_tmpl_id
      LEFT JOIN uom_uom AS uom ON uom.id = line.product_uom_id
      LEFT JOIN uom_uom AS own ON own.id = template.uom_id
     WHERE line.display_type IS NULL AND line.is_downpayment IS NOT TRUE AND template.type <> 'combo'
     GROUP BY line.order_id"""
)


class PartnerClassification(models.Model):
    """The statement that classifies a company.

    SQL because it reads every sales document of a company's history once and writes a row for each
    customer; by records it takes some hundred times as long. ``tools/classification.py`` holds the same
    definitions as plain functions, which the tests compare it with. It reads the whole company and so
    bypasses record rules: who may compute a run is decided by the rights on the run, and what of its lines
    somebody sees by the rules on the lines.
    """

    _inherit = "partner.classification"

    # ------------------------------------------------------------------
    # The statement, from the documents to the classes
    # ------------------------------------------------------------------
    def _new_lines_sql(self, costs_known=True, moved=True):
        """Common table expressions, the last of which is ``new`` with the columns of a line.

        :param bool costs_known: off: the profit is left empty
        :param bool moved: whether to look for customers who became the contact of another company
        """
        self.ensure_one()
        values = self._prepare_sql_values(self.policy_id._get_parameters())
        values.update(costs_known=costs_known, moved=moved)
        steps = [
            *self._documents_sql(values),
            ("sold", self._sold_sql(values)),
            ("taken_back", self._taken_back_sql(values)),
            ("again", self._again_sql(values)),
            ("history", self._history_sql(values)),
            ("returned", self._returned_sql(values)),
            ("period_sum", self._period_sum_sql(values)),
            ("window_sum", self._window_sum_sql(values)),
            ("customer", self._customer_sql(values)),
            ("staged", self._staged_sql(values)),
            ("total", SQL("SELECT COALESCE(SUM(GREATEST(value, 0)), 0) AS value FROM staged")),
            ("ranked", self._ranked_sql(values)),
            ("classed", self._classed_sql(values)),
            ("entry", self._all_sql(values)),
            ("new", self._final_sql(values)),
        ]
        # read more than once
        once = {"refunded", "sold", "taken_back", "again", "history", "staged", "total"}
        return SQL(", ").join(
            SQL(
                "%s AS %s (%s)",
                SQL.identifier(name),
                SQL("MATERIALIZED" if name in once else "NOT MATERIALIZED"),
                step,
            )
            for name, step in steps
        )

    def _prepare_sql_values(self, parameters):
        starts, end = self._get_periods(parameters)
        previous = self._get_previous()
        return {
            **parameters,
            "company": self.company_id.id,
            "run": self.id or 0,
            "kind": self.kind,
            "types": MOVE_TYPES[self.kind],
            "sale_type": MOVE_TYPES[self.kind][0],
            "date_from": self.date_from,
            "date_to": self.date_to,
            "stage_date": max(self.stage_date, self.date_to),
            "as_of": self.stage_date,
            "digits": self.company_id.currency_id.decimal_places,
            "borders": [*starts, end + timedelta(days=1)],
            "periods": len(starts),
            "tz": self._get_tz(),
            "previous": previous.id or 0,
            "previous_day": previous.stage_date or None,
            # numbers with the exact value of their decimal notation
            **{name: SQL("%s::numeric", str(parameters[name])) for name in ("abc_a", "abc_b")},
        }

    def _get_periods(self, parameters):
        # a period that is still running is none of them, also where somebody asks for the days up to its end
        over = min(self.date_to, self.company_id._get_day() - timedelta(days=1))
        return closed_periods(over, parameters["xyz_period"], parameters["xyz_periods"])

    def _documents_sql(self, values):
        """The steps up to ``document``: partner, date, revenue, cost, quantity and whether it is a sale.

        From invoices, PostgreSQL reads it from one index that has the documents of each customer together,
        by date, so that nothing is sorted and no table grouped in memory. Therefore it joins nothing: full
        refunds are taken off afterwards, and customers who became the contact of another company are looked
        for afterwards too, and only if there are any, with ``moved``, the documents are joined with them.
        """
        if values["source"] == "order" and self.kind == "customer":
            return [("refunded", _NO_DOCUMENTS), ("document", self._order_documents_sql(values))]
        return [
            ("refunded", self._refunded_sql(values)),
            ("document", self._invoice_documents_sql(values)),
        ]

    def _order_documents_sql(self, values):
        quantity, lines = SQL("NULL::numeric"), SQL()
        if values["xyz_measure"] == "quantity":
            # read from the lines: orders change until they are delivered, nothing of them is frozen
            quantity, lines = (
                SQL("goods.quantity"),
                SQL("LEFT JOIN (%s) AS goods ON goods.id = sale.id", _GOODS),
            )
        return SQL(
            """
            SELECT sale.id, partner.commercial_partner_id AS partner_id,
                   (sale.date_order AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date AS date,
                   ROUND(sale.amount_untaxed
                         / COALESCE(NULLIF(sale.currency_rate, 0), 1)::numeric, %(digits)s) AS revenue,
                   ROUND((sale.amount_untaxed - sale.margin)
                         / COALESCE(NULLIF(sale.currency_rate, 0), 1)::numeric, %(digits)s) AS cost,
                   %(quantity)s AS quantity, sale.amount_untaxed > 0 AS is_sale
              FROM sale_order AS sale
              JOIN res_partner AS partner ON partner.id = sale.partner_id
              %(lines)s
             WHERE sale.company_id = %(company)s AND sale.state = 'sale'
               AND (sale.date_order AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date <= %(stage_date)s""",
            quantity=quantity,
            lines=lines,
            **_pick(values, "tz", "digits", "company", "stage_date"),
        )

    def _refunded_sql(self, values):
        """Invoices whose credit notes, up to the day of the run, take back all of them.

        An invoice that is reconciled with a credit note which does not say what it reverses has the payment
        state ``reversed``, also beside others that say so, but not because of later ones.
        """
        moves = self.env["account.move"]
        partner, child = SQL("invoice.commercial_partner_id"), SQL()
        if values["moved"]:
            partner = SQL("COALESCE(child.commercial_partner_id, invoice.commercial_partner_id)")
            child = SQL("LEFT JOIN (%s) AS child ON child.id = invoice.commercial_partner_id", _CHILDREN)
        return SQL(
            """
            WITH credit AS MATERIALIZED (
                SELECT reversed_entry_id AS id, MAX(invoice_date) AS last_date, %(credited)s
                  FROM account_move
                 WHERE company_id = %(company)s AND state = 'posted' AND move_type = %(refund_type)s
                   AND reversed_entry_id IS NOT NULL
                 GROUP BY reversed_entry_id)
            SELECT invoice.id, %(partner)s AS partner_id, invoice.invoice_date AS date
              FROM account_move AS invoice
              %(child)s
              JOIN credit ON credit.id = invoice.id
             WHERE invoice.company_id = %(company)s AND invoice.state = 'posted'
               AND invoice.move_type = %(sale_type)s AND invoice.invoice_date <= %(stage_date)s
               AND %(sign)s * invoice.amount_untaxed_signed > 0
               AND %(sign)s * %(left)s <= 0
             UNION
            SELECT invoice.id, %(partner)s, invoice.invoice_date
              FROM account_move AS invoice
              %(child)s
              LEFT JOIN credit ON credit.id = invoice.id
             WHERE invoice.company_id = %(company)s AND invoice.state = 'posted'
               AND invoice.move_type = %(sale_type)s AND invoice.payment_state = 'reversed'
               AND invoice.invoice_date <= %(stage_date)s AND %(sign)s * invoice.amount_untaxed_signed > 0
               AND CASE WHEN credit.last_date > %(stage_date)s THEN FALSE
                        WHEN %(sign)s * %(left)s <= 0 THEN FALSE
                        ELSE %(by_credit)s END""",
            credited=moves._get_credit_columns_sql(SQL("invoice_date <= %s", values["stage_date"])),
            left=moves._get_left_after_credit_sql(SQL("invoice"), SQL("credit")),
            by_credit=moves._get_settled_by_credit_sql(SQL("invoice.id"), values["sale_type"]),
            partner=partner,
            child=child,
            sign=SQL("(-1)") if self.kind == "supplier" else SQL("1"),
            refund_type=values["types"][1],
            **_pick(values, "company", "stage_date", "sale_type"),
        )

    def _invoice_documents_sql(self, values):
        joins, amount = [], SQL("move.amount_untaxed_signed")
        partner = SQL("move.commercial_partner_id")
        if values["moved"]:
            partner = SQL("COALESCE(child.commercial_partner_id, move.commercial_partner_id)")
            joins.append(_CHILD_JOIN)
        # core writes cash rounding into the untaxed amount of the invoice, but it is no sale
        if self.env["account.cash.rounding"].sudo().search_count([], limit=1):  # sudo: whether there is any
            joins.append(
                SQL(
                    """
              LEFT JOIN (SELECT line.move_id, SUM(line.balance) AS balance
                      FROM account_move AS move
                      JOIN account_move_line AS line ON line.move_id = move.id
                       AND line.display_type = 'rounding' AND line.tax_repartition_line_id IS NULL
                     WHERE move.company_id = %(company)s AND move.invoice_cash_rounding_id IS NOT NULL
                       AND move.move_type IN %(types)s
                     GROUP BY line.move_id) AS rounding ON rounding.move_id = move.id""",
                    **_pick(values, "company", "types"),
                )
            )
            amount = SQL("(move.amount_untaxed_signed + COALESCE(rounding.balance, 0))")
        if self.kind == "supplier":
            amount = SQL("-%s", amount)
        unknown = self.kind == "supplier" or not values["costs_known"]
        return SQL(
            """
            SELECT move.id, %(partner)s AS partner_id, move.invoice_date AS date, %(amount)s AS revenue,
                   %(cost)s AS cost, %(quantity)s AS quantity,
                   %(amount)s > 0 AND move.move_type = %(sale_type)s AS is_sale
              FROM account_move AS move
              %(joins)s
             WHERE move.company_id = %(company)s AND move.state = 'posted' AND move.move_type IN %(types)s
               AND move.invoice_date <= %(stage_date)s AND move.commercial_partner_id IS NOT NULL""",
            partner=partner,
            amount=amount,
            cost=SQL("NULL::numeric") if unknown else SQL("move.sale_cost"),
            quantity=SQL("NULL::numeric") if unknown else SQL("move.sale_quantity"),
            joins=SQL(" ").join(joins),
            **_pick(values, "company", "types", "sale_type", "stage_date"),
        )

    def _sold_sql(self, values):
        """Sales of the whole history of each customer, those taken back in full included.

        OFFSET keeps PostgreSQL from asking more than once whether a document is a sale.
        """
        return SQL(
            """
            SELECT partner_id, COUNT(sale_date) AS sales_count, MIN(sale_date) AS first_date,
                   MAX(sale_date) AS last_date, MIN(date) AS first_document_date,
                   %(last_before)s AS last_before
              FROM (SELECT partner_id, date, CASE WHEN is_sale THEN date END AS sale_date
                      FROM document ORDER BY partner_id OFFSET 0) AS dated
             GROUP BY partner_id""",
            last_before=self._last_before_sql(values),
        )

    def _taken_back_sql(self, values):
        """The sales of each customer that were taken back in full."""
        return SQL(
            """
            SELECT partner_id, COUNT(*) AS count, ARRAY_AGG(date) AS dates
              FROM refunded
             GROUP BY partner_id"""
        )

    def _again_sql(self, values):
        """The documents of the few customers of whom the sums of all documents do not tell enough, read once more.

        Those whose first or last sale was taken back; who had a document without a sale in an earlier period of XYZ
        than the first sale; and who may have returned. As an array they make PostgreSQL look up each customer in the
        index, where its guess of their number would make it read all documents.
        """
        reasons = [_IS_BORDER, self._may_return_sql(values)]
        if values["xyz_from_first"] and self.kind == "customer":
            reasons.append(
                SQL(
                    """(sold.first_date >= %(first)s AND sold.first_document_date < sold.first_date
                        AND width_bucket(sold.first_document_date, %(borders)s::date[])
                            < width_bucket(sold.first_date, %(borders)s::date[]))""",
                    borders=values["borders"],
                    first=values["borders"][0],
                )
            )
        few = SQL(
            """
            SELECT sold.partner_id
              FROM sold LEFT JOIN taken_back ON taken_back.partner_id = sold.partner_id
             WHERE %s""",
            SQL(" OR ").join(reasons),
        )
        looked_up = not values["moved"] and (self.kind == "supplier" or values["source"] == "invoice")
        return SQL(
            """
            SELECT document.*,
                   document.is_sale AND document.id NOT IN (SELECT refunded.id FROM refunded) AS is_kept
              FROM document
             WHERE document.partner_id %s""",
            SQL("= ANY(ARRAY(%s))", few) if looked_up else SQL("IN (%s)", few),
        )

    def _history_sql(self, values):
        """Sales of the whole history of each customer without those taken back in full."""
        return SQL(
            """
            SELECT sold.partner_id, sold.first_document_date,
                   GREATEST(sold.sales_count - COALESCE(taken_back.count, 0), 0) AS sales_count,
                   CASE WHEN %(is_border)s THEN kept.first_date ELSE sold.first_date END AS first_sale_date,
                   CASE WHEN %(is_border)s THEN kept.last_date ELSE sold.last_date END AS last_sale_date
              FROM sold
              LEFT JOIN taken_back ON taken_back.partner_id = sold.partner_id
              LEFT JOIN (
                SELECT partner_id, MIN(date) AS first_date, MAX(date) AS last_date
                  FROM again
                 WHERE is_kept
                 GROUP BY partner_id) AS kept ON kept.partner_id = sold.partner_id""",
            is_border=_IS_BORDER,
        )

    def _get_limit_sql(self, values, count, interval):
        """Days without a purchase after which a customer with that history is lost, as :meth:`_get_lost_limit`."""
        if not values["lost_own_rhythm"]:
            return SQL("%s", values["lost_days"])
        return SQL(
            """CASE WHEN %(count)s >= %(minimum)s
                    THEN GREATEST(%(days)s, %(factor)s * %(interval)s) ELSE %(days)s END""",
            count=count,
            interval=interval,
            minimum=values["lost_rhythm_min"],
            days=values["lost_days"],
            factor=values["lost_rhythm_factor"],
        )

    def _period_sum_sql(self, values):
        """Sums by customer and period of XYZ; period 0 lies before the first.

        In the order of the customers the documents come from the index, and those of a customer are sorted by period
        alone; by date PostgreSQL would read them from the table and sort all of them.
        """
        first = min(values["borders"][0], values["date_from"])
        last = max(values["borders"][-1] - timedelta(days=1), values["date_to"])
        inside = SQL()
        if (values["date_from"], values["date_to"]) != (first, last):
            inside = SQL(
                "FILTER (WHERE document.date BETWEEN %(date_from)s AND %(date_to)s)",
                **_pick(values, "date_from", "date_to"),
            )
        return SQL(
            """
            SELECT document.partner_id, width_bucket(document.date, %(borders)s::date[]) AS period,
                   SUM(revenue) %(inside)s AS revenue, SUM(cost) %(inside)s AS cost, %(amount)s AS amount
              FROM (SELECT * FROM document WHERE document.date BETWEEN %(first)s AND %(last)s
                     ORDER BY document.partner_id OFFSET 0) AS document
              %(refunded)s
             GROUP BY 1, 2""",
            inside=inside,
            first=first,
            last=last,
            borders=values["borders"],
            amount=self._get_amount_sql(values, SQL("is_sale AND refunded.id IS NULL")),
            refunded=SQL("LEFT JOIN refunded ON refunded.id = document.id")
            if values["xyz_measure"] == "orders"
            else SQL(),
        )

    def _get_amount_sql(self, values, is_kept):
        """What XYZ compares, summed over documents."""
        amounts = {
            "revenue": SQL("SUM(revenue)"),
            "profit": SQL("SUM(revenue - cost)"),
            "orders": SQL("COUNT(*) FILTER (WHERE %s)", is_kept),
            "quantity": SQL("SUM(quantity)"),
        }
        return amounts[values["xyz_measure"]]

    def _window_sum_sql(self, values):
        """The sums of the ABC window, and Σx and Σx² over the periods of XYZ, of each customer."""
        amount = SQL("amount")
        inside = SQL("FILTER (WHERE period BETWEEN 1 AND %s)", values["periods"])
        window = (values["borders"][0], values["borders"][-1] - timedelta(days=1))
        if values["date_from"] >= window[0] and values["date_to"] <= window[1]:
            inside = SQL()
        if values["xyz_measure"] == "revenue" and (values["date_from"], values["date_to"]) == window:
            amount = SQL("revenue")  # the same sum, computed once
        return SQL(
            """
            SELECT partner_id, SUM(revenue) AS revenue, SUM(revenue) - SUM(cost) AS profit,
                   SUM(%(amount)s) %(inside)s AS amount, SUM(%(amount)s * %(amount)s) %(inside)s AS square
              FROM period_sum
             GROUP BY partner_id""",
            amount=amount,
            inside=inside,
        )

    def _customer_sql(self, values):
        """One row a customer: history and window.

        XYZ from the first purchase on leaves out what lies in earlier periods, such as a sale that was taken back, or
        an invoice of zero.
        """
        amount, square, early = SQL("window_sum.amount"), SQL("window_sum.square"), SQL()
        if values["xyz_from_first"] and self.kind == "customer":
            amount = SQL("window_sum.amount - COALESCE(early.amount, 0)")
            square = SQL("window_sum.square - COALESCE(early.square, 0)")
            early = SQL(
                """
              LEFT JOIN (
                SELECT partner_id, SUM(amount) AS amount, SUM(amount * amount) AS square
                  FROM (SELECT again.partner_id, width_bucket(again.date, %(borders)s::date[]) AS period,
                               %(amount)s AS amount
                          FROM again
                          JOIN history AS late ON late.partner_id = again.partner_id
                         WHERE late.first_sale_date >= %(first)s AND late.first_document_date < late.first_sale_date
                           AND again.date >= %(first)s
                           AND width_bucket(again.date, %(borders)s::date[])
                               < width_bucket(late.first_sale_date, %(borders)s::date[])
                         GROUP BY 1, 2) AS early_sum
                 GROUP BY partner_id) AS early ON early.partner_id = history.partner_id""",
                borders=values["borders"],
                first=values["borders"][0],
                amount=self._get_amount_sql(values, SQL("is_kept")),
            )
        return SQL(
            """
            SELECT history.partner_id, window_sum.revenue, window_sum.profit,
                   history.sales_count::int AS sales_count, history.first_sale_date, history.last_sale_date,
                   width_bucket(history.first_sale_date, %(borders)s::date[]) AS first_period,
                   %(amount)s AS amount, %(square)s AS square
              FROM history LEFT JOIN window_sum ON window_sum.partner_id = history.partner_id
              %(early)s""",
            borders=values["borders"],
            amount=amount,
            square=square,
            early=early,
        )

    def _staged_sql(self, values):
        """Stage, measure and variation of each customer."""
        if self.kind == "supplier":
            return SQL(
                """
                SELECT customer.*, NULL::float8 AS median_interval, NULL::varchar AS stage,
                       NULL::int AS xyz_periods, revenue AS value
                  FROM customer"""
            )
        rhythm, interval = SQL(), SQL("NULL::float8")
        if values["lost_own_rhythm"]:
            interval = SQL("rhythm.median_interval")
            rhythm = SQL(
                """
                LEFT JOIN (SELECT partner_id, percentile_cont(0.5) WITHIN GROUP (ORDER BY gap) AS median_interval
                      FROM (SELECT partner_id, date - lag(date) OVER (PARTITION BY partner_id ORDER BY date) AS gap
                              FROM (SELECT DISTINCT document.partner_id, document.date
                                      FROM document LEFT JOIN refunded ON refunded.id = document.id
                                     WHERE document.is_sale AND refunded.id IS NULL) AS day) AS gaps
                     GROUP BY partner_id) AS rhythm ON rhythm.partner_id = customer.partner_id"""
            )
        periods = SQL("%s", values["periods"])
        if values["xyz_from_first"]:
            # none without a purchase that counts
            periods = SQL(
                "CASE WHEN first_period IS NULL THEN 0 ELSE GREATEST(%s - GREATEST(first_period, 1) + 1, 0) END",
                periods,
            )
        measure = SQL("revenue") if values["measure"] == "revenue" else SQL("profit")
        return SQL(
            """
            SELECT customer.*, %(measure)s AS value, %(interval)s AS median_interval,
                   %(periods)s AS xyz_periods,
                   CASE WHEN sales_count = 0 THEN 'potential'
                        WHEN %(as_of)s - last_sale_date > %(limit)s THEN 'lost'
                        WHEN sales_count <= %(one_time_limit)s THEN 'one_time'
                        ELSE 'regular' END AS stage
              FROM customer
              %(rhythm)s""",
            measure=measure,
            interval=interval,
            periods=periods,
            limit=self._get_limit_sql(values, SQL("sales_count"), interval),
            rhythm=rhythm,
            as_of=SQL("%s::date", values["as_of"]),
            one_time_limit=values["one_time_limit"],
        )

    def _ranked_sql(self, values):
        """The amounts that stand before each customer, the largest first, ties by id; what is set by hand."""
        return SQL(
            """
            SELECT staged.*,
                   COALESCE(override.stage, staged.stage) AS final_stage,
                   override.id AS override_id,
                   override.abc_class AS override_abc_class,
                   override.xyz_class AS override_xyz_class,
                   override.stage AS override_stage,
                   GREATEST(value, 0) AS positive,
                   CASE WHEN value IS NOT NULL THEN SUM(GREATEST(value, 0)) OVER (
                       ORDER BY value DESC NULLS LAST, staged.partner_id ROWS UNBOUNDED PRECEDING)
                   END AS including
              FROM staged
              LEFT JOIN (%s) AS override ON override.partner_id = staged.partner_id""",
            self._override_sql(values),
        )

    def _override_sql(self, values):
        """What is set by hand and still valid on the day of the run."""
        return SQL(
            """
            SELECT * FROM partner_classification_override
             WHERE company_id = %(company)s AND kind = %(kind)s AND active AND date_until >= %(as_of)s""",
            **_pick(values, "company", "kind", "as_of"),
        )

    def _classed_sql(self, values):
        # what lies before a border is compared with a product of the whole: a quotient would not be exact
        accumulated, compare = SQL("including - positive"), SQL("<")
        if values["abc_border"] == "lower":
            accumulated, compare = SQL("including"), SQL("<=")
        in_scope = (
            SQL("final_stage = 'regular'") if values["xyz_scope"] == "regular" else SQL("sales_count > 0")
        )
        if self.kind == "supplier":
            in_scope = SQL("FALSE")
        # exact up to the root, as tools.classification.variation
        variance = SQL("xyz_periods * square - amount * amount")
        if values["xyz_deviation"] == "sample":
            variance = SQL("(%s) * xyz_periods / (xyz_periods - 1)", variance)
        # OFFSET keeps PostgreSQL from computing the variation anew for each class.
        # neither an invoice of zero, nor one that was taken back in full, nor a credit note is a sale of the window
        is_unsold = SQL(
            "(sales_count = 0 OR last_sale_date < %(date_from)s OR first_sale_date > %(date_to)s)",
            **_pick(values, "date_from", "date_to"),
        )
        return SQL(
            """
            SELECT varied.*,
                   CASE WHEN value IS NULL OR final_stage = 'lost' OR %(is_unsold)s THEN NULL
                        WHEN value <= 0 THEN 'c'
                        WHEN (%(accumulated)s) %(compare)s (SELECT value * %(abc_a)s * 0.01 FROM total) THEN 'a'
                        WHEN (%(accumulated)s) %(compare)s
                             (SELECT value * (%(abc_a)s + %(abc_b)s) * 0.01 FROM total) THEN 'b'
                        ELSE 'c' END AS abc_class,
                   CASE WHEN cv <= %(xyz_x)s THEN 'x' WHEN cv <= %(xyz_y)s THEN 'y' WHEN cv > %(xyz_y)s THEN 'z'
                   END AS xyz_class
              FROM (
                SELECT ranked.*,
                       CASE WHEN %(in_scope)s AND amount > 0 AND xyz_periods >= %(minimum)s
                            THEN ROUND(1e8::float8 * sqrt((%(variance)s)::float8) / amount::float8) / 1e6::float8
                       END AS cv
                  FROM ranked OFFSET 0) AS varied""",
            minimum=values["xyz_min_periods"],
            variance=variance,
            accumulated=accumulated,
            compare=compare,
            in_scope=in_scope,
            is_unsold=is_unsold,
            **_pick(values, "abc_a", "abc_b", "xyz_x", "xyz_y"),
        )

    def _all_sql(self, values):
        """Customers with their classes, and potential customers."""
        customers = SQL(
            """
            SELECT partner_id, revenue, profit, value,
                   CASE WHEN value >= 0 THEN 100 * positive::float8 / (SELECT NULLIF(value, 0)::float8 FROM total)
                   END AS share,
                   CASE WHEN value >= 0 THEN 100 * including::float8 / (SELECT NULLIF(value, 0)::float8 FROM total)
                   END AS cumulative_share,
                   cv, xyz_periods, sales_count, first_sale_date, last_sale_date, median_interval,
                   COALESCE(override_abc_class, abc_class) AS abc_class,
                   COALESCE(override_xyz_class, xyz_class) AS xyz_class,
                   final_stage AS stage,
                   CASE WHEN override_abc_class IS NOT NULL THEN abc_class END AS computed_abc_class,
                   CASE WHEN override_xyz_class IS NOT NULL THEN xyz_class END AS computed_xyz_class,
                   CASE WHEN override_stage IS NOT NULL THEN stage END AS computed_stage,
                   override_id
              FROM classed"""
        )
        if self.kind == "supplier":
            return customers
        return SQL(
            """%(customers)s
             UNION ALL
            SELECT partner.id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL,
                   override.abc_class, override.xyz_class, COALESCE(override.stage, 'potential'),
                   NULL, NULL, CASE WHEN override.stage IS NOT NULL THEN 'potential' END, override.id
              FROM res_partner AS partner
              LEFT JOIN (%(override)s) AS override ON override.partner_id = partner.id
             WHERE partner.commercial_partner_id = partner.id AND partner.active
               AND (partner.company_id IS NULL OR partner.company_id = %(company)s)
               AND NOT EXISTS (SELECT FROM sold WHERE sold.partner_id = partner.id)
               AND NOT EXISTS (SELECT FROM res_company WHERE res_company.partner_id = partner.id)
               AND NOT EXISTS (
                   SELECT FROM res_users WHERE res_users.partner_id = partner.id AND res_users.share IS NOT TRUE)
               AND NOT EXISTS (SELECT FROM hr_employee WHERE hr_employee.work_contact_id = partner.id)
               AND (%(scope)s)""",
            customers=customers,
            override=self._override_sql(values),
            scope=self._potential_sql(values),
            company=values["company"],
        )

    def _final_sql(self, values):
        """All columns of a line, with the classes of the run before."""
        ours = {
            # who is regular, or was lost, by hand alone has not bought again
            "is_returned": SQL(
                """(COALESCE(previous.computed_stage, previous.stage) = 'lost'
                    OR entry.partner_id IN (SELECT partner_id FROM returned))
                   AND entry.stage IN ('one_time', 'regular')
                   AND COALESCE(entry.computed_stage, entry.stage) IN ('one_time', 'regular')"""
            ),
            "previous_abc_class": SQL("previous.abc_class"),
            "previous_xyz_class": SQL("previous.xyz_class"),
            "previous_stage": SQL("previous.stage"),
        }
        return SQL(
            """
            SELECT %(columns)s
              FROM entry
              LEFT JOIN partner_classification_line AS previous
                ON previous.classification_id = %(previous)s AND previous.partner_id = entry.partner_id
               AND previous.is_merged IS NOT TRUE""",
            columns=SQL(", ").join(
                SQL("%s AS %s", ours.get(name, SQL.identifier("entry", name)), SQL.identifier(name))
                for name in COLUMNS
            ),
            previous=values["previous"],
        )

    def _potential_sql(self, values):
        """Which contacts without a sale count as potential customers."""
        if values["potential_scope"] == "contacts":
            return SQL("COALESCE(partner.supplier_rank, 0) = 0 OR COALESCE(partner.customer_rank, 0) > 0")
        return SQL(
            """
            partner.id IN (
                SELECT person.commercial_partner_id FROM crm_lead AS lead
                  JOIN res_partner AS person ON person.id = lead.partner_id
                 WHERE lead.company_id IS NULL OR lead.company_id = %(company)s
                 UNION
                SELECT person.commercial_partner_id FROM sale_order AS sale
                  JOIN res_partner AS person ON person.id = sale.partner_id
                 WHERE sale.company_id = %(company)s)""",
            company=values["company"],
        )


def _pick(values, *names):
    return {name: values[name] for name in names}
