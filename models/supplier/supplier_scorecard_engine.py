from contextlib import contextmanager
from datetime import date

from odoo import api, models
from odoo.exceptions import LockError, UserError
from odoo.tools import SQL

from ...tools.formula import Formula, FormulaError
from ...tools.supplier_reliability import DAY_DIGITS, POINT_DIGITS, RATE_DIGITS
from . import supplier_delivery_facts as facts
from .supplier_delivery_settings import company_settings


def _rounded(value, digits):
    factor = SQL("%s::float8", 10.0**digits)
    return SQL("ROUND((%s) * %s) / %s", value, factor, factor)


def _rate(part, whole):
    return _rounded(SQL("SUM(%s) / NULLIF(SUM(%s), 0)", SQL(part), SQL(whole)), RATE_DIGITS)


def _days(value):
    return _rounded(SQL(value), DAY_DIGITS)


# The figures of a card, and how each is summed up over the rows of a supplier. The order of the rows is fixed, so
# that the same documents give the same sums to the last bit.
DELIVERY_FIGURES = {
    "due_line_count": SQL("COUNT(*)::int"),
    "estimated_line_count": SQL("COUNT(*) FILTER (WHERE promise_estimated)::int"),
    "due_value": SQL("SUM(value)"),
    "on_time_value": SQL("SUM(value_on_time)"),
    "on_time_rate": _rate("value_on_time", "value"),
    "otif_value": SQL("SUM(value_otif)"),
    "otif_rate": _rate("value_otif", "value"),
    "in_full_value": SQL("SUM(value_in_full)"),
    "in_full_rate": _rate("value_in_full", "value"),
    "overdue_line_count": SQL("COUNT(*) FILTER (WHERE is_overdue)::int"),
    "overdue_value": SQL("SUM(CASE WHEN is_overdue THEN value_open ELSE 0 END)"),
    "received_line_count": SQL("COUNT(lead_days)::int"),
    "lead_days_mean": _days("AVG(lead_days)"),
    "lead_days_median": _days("percentile_cont(0.5) WITHIN GROUP (ORDER BY lead_days)"),
    "lead_days_deviation": _days("stddev_pop(lead_days)"),
    "promised_lead_days_mean": _days("AVG(promised_lead_days::float8) FILTER (WHERE lead_days IS NOT NULL)"),
    "slippage_line_count": SQL("COUNT(slippage_days)::int"),
    "slippage_days_mean": _days("AVG(slippage_days)"),
    "slippage_days_median": _days("percentile_cont(0.5) WITHIN GROUP (ORDER BY slippage_days)"),
    "slippage_days_max": _days("MAX(slippage_days)"),
    "late_line_count": SQL("COUNT(late_days)::int"),
    "late_days_mean": _days("AVG(late_days)"),
    "price_line_count": SQL("COUNT(value_priced)::int"),
    "price_value": SQL("SUM(value_priced)"),
    "price_compliant_value": SQL("SUM(value_compliant)"),
    "price_compliance": _rate("value_compliant", "value_priced"),
    "price_variance": SQL("SUM(price_variance)"),
    "bill_line_count": SQL("SUM(bill_line_count)::int"),
    "bill_variance": SQL("SUM(bill_variance)"),
    "received_value": SQL("SUM(value_received)"),
    "returned_value": SQL("SUM(value_returned)"),
    "quality_rate": SQL(
        "CASE WHEN SUM(value_received) > 0 THEN GREATEST(%s, 0) END",
        _rounded(SQL("1 - SUM(value_returned) / NULLIF(SUM(value_received), 0)"), RATE_DIGITS),
    ),
}
RESPONSE_FIGURES = {
    "rfq_count": SQL("COUNT(*)::int"),
    "answered_rfq_count": SQL("COUNT(days)::int"),
    "response_days": _days("AVG(days)"),
}
FIGURES = (*DELIVERY_FIGURES, *RESPONSE_FIGURES)
COUNTS = {name for name in FIGURES if name.endswith("_count")}


class SupplierScorecard(models.Model):
    """The statement that measures the suppliers of a company.

    SQL because it reads every line that is due, its receipts, returns and bills once and writes a card for each
    supplier; by records it takes a hundred times as long. ``tools/supplier_reliability.py`` holds the same
    definitions as plain functions, which the tests compare it with.

    It reads the whole company and writes without asking for rights, so it bypasses access rights and record
    rules by design: who may compute is decided by who calls it, and what of the cards somebody sees by the rules
    on them. Raw SQL runs no computes and no tracking; scorecards have none that depend on what is written.
    """

    _inherit = "supplier.scorecard"

    @api.model
    def _get_formula_names(self):
        """The names that the formula of a criterion may use: all figures of a card."""
        return FIGURES

    @api.model
    def _get_criteria(self, policy):
        """The criteria of a policy with their formulas, as pairs.

        :raises UserError: when a formula cannot be read, with its name and what is wrong
        """
        pairs = []
        for criterion in policy.criterion_ids.filtered("active").sorted(
            lambda record: (record.sequence, record.id)
        ):
            try:
                pairs.append((criterion, Formula(criterion.formula, FIGURES)))
            except FormulaError as error:
                raise UserError(
                    self.env._(
                        "The formula of the criterion “%(criterion)s” in the policy “%(policy)s” cannot be used: "
                        "%(error)s",
                        criterion=criterion.name,
                        policy=policy.name,
                        error=error,
                    )
                ) from error
        return pairs

    @api.model
    def _compute_figures(
        self,
        company,
        date_from: date,
        date_to: date,
        partners=None,
        period="month",
        is_current=False,
        keep_empty=False,
    ):
        """Measure suppliers: write the cards of a company and a window, and their criteria, in one statement.

        Cards and criteria that stay the same are not touched (``date_computed`` is when a card last changed);
        those of suppliers without a due line and without an RFQ in the window are removed. Receipts, bills and
        the day up to which a line is due are those of now, also for a month that is over.

        :param company: the company whose orders are read
        :param date_from: first promised day, and first day on which RFQs were sent
        :param date_to: last one; what is promised after today is not due yet
        :param partners: only these suppliers (their commercial partners); all if None
        :param period: ``month``, or ``year`` for the running year
        :param keep_empty: each of ``partners`` has a card, without data an empty one
        :param is_current: the cards whose score and grade are those of the suppliers: one each, whatever the window
        :return: how many cards were added, changed and removed, by these names
        :raises UserError: when somebody else computes the company, or a formula cannot be read
        """
        company.ensure_one()
        # sudo: the parameters of the computation, whoever may start it
        policy = self.env["supplier.score.policy"].sudo()._get_for(company)
        self._lock_policy(policy)
        criteria = self._get_criteria(policy)
        [settings] = company_settings(company)
        key = {
            "company": company.id,
            "partners": None if partners is None else partners.commercial_partner_id.ids,
            "period": period,
            "date_from": date_from,
            "date_to": date_to,
            "is_current": is_current,
            "asked": partners.commercial_partner_id.ids if keep_empty and partners else [],
        }
        self.env.flush_all()
        key["suppliers"] = self._count_suppliers(key)
        window = (settings, date_from, min(date_to, settings.today), key["partners"])
        ranges = facts.window_ranges(self.env, *window)
        figures = self._figure_steps(policy, settings, key, facts.window_sql(self.env, *window, ranges))
        shared = ranges is not None and len(ranges) > 1
        with self._computing_settings(many=ranges is not None):
            if shared:
                self.env.cr.execute(self._measure_sql(figures))
                figures = [self._measured_step(key)]
            [[added, changed, removed]] = self.env.execute_query(
                self._statement_sql(policy, criteria, key, figures)
            )
            if shared:
                self.env.cr.execute("DROP TABLE partner_relations_figure")
        self.invalidate_model(flush=False)
        self.env["supplier.scorecard.line"].invalidate_model(flush=False)
        if is_current:
            names = [
                name
                for name in ("supplier_score", "supplier_grade")
                if name in self.env["res.partner"]._fields
            ]
            self.env["res.partner"].invalidate_model(names, flush=False)
        return {"added": added, "changed": changed, "removed": removed}

    @api.model
    def _lock_policy(self, policy):
        """One computation of a company at a time: two would write the same cards.

        Whoever read before another one committed starts anew: the policy is written, as a mere lock would let
        him go on and add the cards that he does not see.
        """
        try:
            policy.lock_for_update(allow_referencing=True)
            # SQL: nothing changes
            self.env.cr.execute(
                SQL(
                    "UPDATE supplier_score_policy SET date_scored = date_scored WHERE id = ANY(%s)",
                    policy.ids,
                )
            )
        except LockError as error:
            raise UserError(
                self.env._(
                    "The scorecards of %s are being computed by somebody else. Try again in a moment.",
                    policy.company_id.name,
                )
            ) from error

    @api.model
    def _count_suppliers(self, key):
        """How many cards there may be, at most."""
        if key["partners"] is not None:
            return len(key["partners"])
        # SQL: persons of a supplier count as well, archived ones too
        [[count]] = self.env.execute_query(
            SQL("SELECT COUNT(DISTINCT partner_id) FROM purchase_order WHERE company_id = %s", key["company"])
        )
        return count

    @contextmanager
    def _computing_settings(self, many):
        """Settings of PostgreSQL for such a statement, taken back afterwards.

        Compiling such a statement takes longer than running it, and so does sorting on disk. If many suppliers
        are measured, nothing is grouped in hash tables of as many entries as there are lines: receipts and bills
        mostly lie in the order of their lines, and sorting them takes half the time. Nor is each row compared
        with each, which the planner may choose as it does not know how many rows its steps have. And each
        processor takes a half of the lines from beginning to end; that they share in reading each table, which
        saves less, would rule it out.
        """
        wanted = {"jit": "off", "work_mem": "256MB"}
        if many:
            wanted.update(enable_nestloop="off", enable_hashagg="off")
            wanted.update(parallel_setup_cost="0", parallel_tuple_cost="0")
            wanted.update(min_parallel_table_scan_size="1TB", min_parallel_index_scan_size="1TB")
        before = {
            name: self.env.execute_query(SQL("SELECT current_setting(%s)", name))[0][0] for name in wanted
        }
        for name, value in wanted.items():
            self.env.execute_query(SQL("SELECT set_config(%s, %s, true)", name, value))
        yield
        for name, value in before.items():
            self.env.execute_query(SQL("SELECT set_config(%s, %s, true)", name, value))

    # ------------------------------------------------------------------
    # The statement, from the order lines to the cards
    # ------------------------------------------------------------------
    @api.model
    def _measure_sql(self, figures):
        """All figures into a table of this transaction: no statement that writes rows is shared by processors.

        Only for many lines, as PostgreSQL keeps the lock of such a table until the end of the transaction.
        """
        return SQL(
            "CREATE TEMP TABLE partner_relations_figure ON COMMIT DROP AS WITH %s SELECT * FROM figure",
            self._with_sql(figures),
        )

    @api.model
    def _measured_step(self, key):
        return "figure", True, SQL("SELECT * FROM partner_relations_figure LIMIT %s", key["suppliers"])

    @api.model
    def _statement_sql(self, policy, criteria, key, figures):
        """Write the cards.

        :param figures: the steps up to ``figure``
        """
        steps = [
            *figures,
            ("points", True, self._points_sql(criteria)),
            ("score", False, self._score_sql(policy)),
            ("new", True, self._new_sql(policy, key)),
            *self._card_steps(key),
            *self._line_steps(key, len(criteria)),
        ]
        return SQL(
            """
            WITH %s
            SELECT (SELECT COUNT(*) FROM added), (SELECT COUNT(*) FROM changed), (SELECT COUNT(*) FROM gone)""",
            self._with_sql(steps),
        )

    @api.model
    def _with_sql(self, steps):
        return SQL(", ").join(
            SQL("%s AS %s (%s)", SQL.identifier(name), SQL("MATERIALIZED" if once else ""), step)
            for name, once, step in steps
        )

    @api.model
    def _figure_steps(self, policy, settings, key, promised_lines):
        """From the order lines to all figures of each supplier."""
        return [
            ("promised_line", False, promised_lines),
            ("delivery", False, self._delivery_sql()),
            ("response", False, self._response_sql(settings, key)),
            ("figure", True, self._figure_sql(policy, key)),
        ]

    @api.model
    def _delivery_sql(self):
        return SQL(
            """
            SELECT partner_id, %s
              FROM (SELECT * FROM promised_line ORDER BY partner_id, id) AS line
             GROUP BY partner_id""",
            SQL(", ").join(
                SQL("%s AS %s", sql, SQL.identifier(name)) for name, sql in DELIVERY_FIGURES.items()
            ),
        )

    @api.model
    def _response_sql(self, settings, key):
        """RFQs that were sent in the window, whatever became of them, and the days until they were answered."""
        start, end = settings.utc_bounds(key["date_from"], key["date_to"])
        where = SQL()
        if key["partners"] is not None:
            where = SQL("AND partner.commercial_partner_id = ANY(%s)", key["partners"])
        return SQL(
            """
            SELECT partner_id, %(figures)s
              FROM (SELECT partner.commercial_partner_id AS partner_id,
                           GREATEST(EXTRACT(EPOCH FROM po.rfq_answer_date - po.rfq_sent_date), 0)::float8 / 86400
                           * CASE WHEN po.rfq_answer_date IS NOT NULL THEN 1 END AS days
                      FROM purchase_order AS po
                      JOIN res_partner AS partner ON partner.id = po.partner_id
                     WHERE po.company_id = %(company)s
                       AND po.rfq_sent_date >= %(start)s AND po.rfq_sent_date < %(end)s %(where)s
                     ORDER BY 1, po.id) AS rfq
             GROUP BY partner_id""",
            figures=SQL(", ").join(
                SQL("%s AS %s", sql, SQL.identifier(name)) for name, sql in RESPONSE_FIGURES.items()
            ),
            company=key["company"],
            start=start,
            end=end,
            where=where,
        )

    @api.model
    def _figure_sql(self, policy, key):
        """All figures of a supplier, as a card stores them: money in whole cents."""
        digits = policy.company_id.currency_id.decimal_places
        columns = []
        for name in FIGURES:
            value = SQL.identifier(name)
            if name in COUNTS:
                value = SQL("COALESCE(%s, 0)", value)
            elif self._fields[name].type == "monetary":
                value = SQL("ROUND(%s::numeric, %s)", value, digits)
            columns.append(SQL("%s AS %s", value, SQL.identifier(name)))
        asked = SQL()
        if key["asked"]:
            asked = SQL("FULL JOIN unnest(%s::int[]) AS asked (partner_id) USING (partner_id)", key["asked"])
        # the limit cuts nothing off: it tells the planner how many there may be, which it takes for millions
        return SQL(
            "SELECT partner_id, %s FROM delivery FULL JOIN response USING (partner_id) %s LIMIT %s",
            SQL(", ").join(columns),
            asked,
            key["suppliers"],
        )

    @api.model
    def _points_sql(self, criteria):
        """The points of each criterion, within 0 to 100."""
        if not criteria:
            return SQL(
                """SELECT 0 AS partner_id, 0 AS criterion_id, 0 AS sequence, '' AS formula, 0::float8 AS weight,
                          NULL::float8 AS points WHERE FALSE"""
            )
        columns = {name: SQL.identifier("figure", name) for name in FIGURES}
        rows = [
            SQL(
                "(%s, %s, %s, %s::float8, %s)",
                criterion.id,
                criterion.sequence,
                criterion.formula,
                criterion.weight,
                formula.to_sql(columns),
            )
            for criterion, formula in criteria
        ]
        return SQL(
            """
            SELECT figure.partner_id, criterion.criterion_id, criterion.sequence, criterion.formula, criterion.weight,
                   CASE WHEN raw IS NOT NULL THEN %(points)s END AS points
              FROM figure
             CROSS JOIN LATERAL (VALUES %(rows)s) AS criterion(criterion_id, sequence, formula, weight, raw)""",
            points=_rounded(SQL("LEAST(GREATEST(raw, 0), 100)"), POINT_DIGITS),
            rows=SQL(", ").join(rows),
        )

    @api.model
    def _score_sql(self, policy):
        known = SQL("FILTER (WHERE points IS NOT NULL AND weight > 0)")
        return SQL(
            """
            SELECT partner_id, %(score)s AS score
              FROM points JOIN figure USING (partner_id)
             WHERE due_line_count >= %(min_lines)s
             GROUP BY partner_id""",
            score=_rounded(SQL("SUM(weight * points) %s / SUM(weight) %s", known, known), POINT_DIGITS),
            min_lines=policy.min_lines,
        )

    @api.model
    def _new_sql(self, policy, key):
        return SQL(
            """
            SELECT figure.*, %(date_from)s::date AS date_from, %(date_to)s::date AS date_to, %(period)s AS period,
                   score,
                   CASE WHEN score >= %(high)s THEN 'high' WHEN score >= %(medium)s THEN 'medium'
                        WHEN score IS NOT NULL THEN 'low' END AS grade
              FROM figure LEFT JOIN score USING (partner_id)""",
            date_from=key["date_from"],
            date_to=key["date_to"],
            period=key["period"],
            high=policy.grade_high,
            medium=policy.grade_medium,
        )

    # ------------------------------------------------------------------
    # Writing what differs
    # ------------------------------------------------------------------
    @api.model
    def _card_steps(self, key):
        columns = ("date_from", "date_to", "period", *FIGURES, "score", "grade")
        names = [SQL.identifier(name) for name in columns]
        if key["is_current"]:
            where = SQL("company_id = %s AND is_current", key["company"])
        else:
            where = SQL(
                "company_id = %s AND is_current IS NOT TRUE AND period = %s AND date_to = %s",
                key["company"],
                key["period"],
                key["date_to"],
            )
            if key["period"] == "days":
                where = SQL("%s AND date_from = %s", where, key["date_from"])
        if key["partners"] is not None:
            where = SQL("%s AND partner_id = ANY(%s)", where, key["partners"])
        now = SQL("now() AT TIME ZONE 'UTC'")
        values = {
            "columns": SQL(", ").join(names),
            "old": SQL(", ").join(SQL("card.%s", name) for name in names),
            "fresh": SQL(", ").join(SQL("new.%s", name) for name in names),
            "set": SQL(", ").join(SQL("%s = new.%s", name, name) for name in names),
            "uid": self.env.uid,
            "now": now,
            "where": where,
            "company": key["company"],
            "is_current": key["is_current"],
        }
        return [
            ("known", True, SQL("SELECT id, partner_id FROM supplier_scorecard WHERE %s", where)),
            (
                "gone",
                False,
                SQL(
                    """
                    DELETE FROM supplier_scorecard AS card USING known
                     WHERE card.id = known.id
                       AND NOT EXISTS (SELECT FROM new WHERE new.partner_id = known.partner_id)
                    RETURNING card.id"""
                ),
            ),
            (
                "changed",
                False,
                SQL(
                    """
                    UPDATE supplier_scorecard AS card
                       SET %(set)s, date_computed = %(now)s, write_uid = %(uid)s, write_date = %(now)s
                      FROM known JOIN new ON new.partner_id = known.partner_id
                     WHERE card.id = known.id AND (%(old)s) IS DISTINCT FROM (%(fresh)s)
                    RETURNING card.id""",
                    **values,
                ),
            ),
            (
                "added",
                False,
                SQL(
                    """
                    INSERT INTO supplier_scorecard (company_id, partner_id, is_current, %(columns)s, date_computed,
                                                    create_uid, create_date, write_uid, write_date)
                    SELECT %(company)s, partner_id, %(is_current)s, %(columns)s, %(now)s,
                           %(uid)s, %(now)s, %(uid)s, %(now)s
                      FROM new
                     WHERE NOT EXISTS (SELECT FROM known WHERE known.partner_id = new.partner_id)
                     ORDER BY partner_id
                    RETURNING id, partner_id""",
                    **values,
                ),
            ),
        ]

    @api.model
    def _line_steps(self, key, criteria):
        names = [SQL.identifier(name) for name in ("sequence", "formula", "weight", "points")]
        values = {
            "columns": SQL(", ").join(names),
            "old": SQL(", ").join(SQL("line.%s", name) for name in names),
            "fresh": SQL(", ").join(SQL("new_line.%s", name) for name in names),
            "set": SQL(", ").join(SQL("%s = new_line.%s", name, name) for name in names),
            "company": key["company"],
        }
        return [
            (
                "new_line",
                True,
                SQL(
                    """
                    SELECT card.id AS scorecard_id, points.*
                      FROM points
                      JOIN (SELECT id, partner_id FROM known UNION ALL SELECT id, partner_id FROM added) AS card
                        ON card.partner_id = points.partner_id
                     LIMIT %s""",
                    key["suppliers"] * criteria,
                ),
            ),
            (
                "old_line",
                True,
                SQL(
                    """
                    SELECT line.* FROM known
                      JOIN supplier_scorecard_line AS line ON line.scorecard_id = known.id"""
                ),
            ),
            (
                "line_gone",
                False,
                SQL(
                    """
                    DELETE FROM supplier_scorecard_line AS line USING old_line
                     WHERE line.id = old_line.id AND NOT EXISTS (
                           SELECT FROM new_line WHERE new_line.scorecard_id = old_line.scorecard_id
                              AND new_line.criterion_id = old_line.criterion_id)"""
                ),
            ),
            (
                "line_changed",
                False,
                SQL(
                    """
                    UPDATE supplier_scorecard_line AS line
                       SET %(set)s
                      FROM old_line JOIN new_line ON new_line.scorecard_id = old_line.scorecard_id
                                                 AND new_line.criterion_id = old_line.criterion_id
                     WHERE line.id = old_line.id AND (%(old)s) IS DISTINCT FROM (%(fresh)s)""",
                    **values,
                ),
            ),
            (
                "line_added",
                False,
                SQL(
                    """
                    INSERT INTO supplier_scorecard_line (scorecard_id, criterion_id, company_id, %(columns)s)
                    SELECT new_line.scorecard_id, new_line.criterion_id, %(company)s, %(fresh)s
                      FROM new_line
                     WHERE NOT EXISTS (
                           SELECT FROM old_line WHERE old_line.scorecard_id = new_line.scorecard_id
                              AND old_line.criterion_id = new_line.criterion_id)
                     ORDER BY new_line.scorecard_id, new_line.sequence, new_line.criterion_id""",
                    **values,
                ),
            ),
        ]
