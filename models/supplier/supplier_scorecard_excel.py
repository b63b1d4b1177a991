from odoo import api, models
from odoo.fields import Domain
from odoo.tools import split_every

from ...tools.sums import known
from ...tools.workbook import Column

# The figures in the order of the file; what follows a rate is what it was made of.
FIGURES = (
    "score",
    "due_line_count", "estimated_line_count", "due_value",
    "on_time_rate", "on_time_value", "otif_rate", "otif_value", "in_full_rate", "in_full_value",
    "late_line_count", "late_days_mean", "overdue_line_count", "overdue_value",
    "received_line_count", "lead_days_mean", "lead_days_median", "lead_days_deviation", "promised_lead_days_mean",
    "slippage_line_count", "slippage_days_mean", "slippage_days_median", "slippage_days_max",
    "price_compliance", "price_compliant_value", "price_value", "price_line_count", "price_variance",
    "bill_variance", "bill_line_count",
    "quality_rate", "received_value", "returned_value",
    "response_days", "answered_rfq_count", "rfq_count",
)  # fmt: skip
# Their total is what the list shows, too: of rates the ratio of sums, of means the mean over all lines, of scores
# the mean of the rated suppliers. Medians and deviations have none.
TOTALS = {
    "score": "avg", "on_time_rate": "avg", "otif_rate": "avg", "in_full_rate": "avg", "quality_rate": "avg",
    "price_compliance": "avg", "late_days_mean": "avg", "lead_days_mean": "avg", "promised_lead_days_mean": "avg",
    "slippage_days_mean": "avg", "slippage_days_max": "max", "response_days": "avg",
}  # fmt: skip
POLICY_PARAMETERS = (
    "window_days", "min_lines", "grace_days", "price_tolerance", "price_scope", "grade_high", "grade_medium",
)  # fmt: skip
# Bars that are still readable.
CHART_ROWS = 30


class SupplierScorecard(models.Model):
    """A comparison of suppliers as an Excel file: a row for each scorecard."""

    _name = "supplier.scorecard"
    _inherit = ["supplier.scorecard", "partner.excel.mixin"]

    def action_export_supplier_files(self):
        """Return the download of the files of the suppliers whose scorecards are selected."""
        return self.partner_id.action_export_supplier_file()

    def _get_excel_title(self, domain, kind):
        return self.env._("Comparison of Suppliers")

    def _get_excel_company(self, domain, kind):
        companies = self._get_excel_companies(domain)
        return companies if len(companies) == 1 else super()._get_excel_company(domain, kind)

    def _get_excel_companies(self, domain):
        groups = self._read_group(domain, ["company_id"])
        return self.env["res.company"].union(*(company for (company,) in groups))

    # ------------------------------------------------------------------
    # Columns
    # ------------------------------------------------------------------

    @api.model
    def _get_excel_figures(self):
        """Return the names of the figures that the user may read."""
        return [name for name in FIGURES if self._has_field_access(self._fields[name], "read")]

    @api.model
    def _get_excel_figure_columns(self, names, totals=None):
        """Return the columns of figures.

        :param dict totals: see :meth:`_get_excel_totals`; None: the rows are not added up
        """
        columns = []
        for name in names:
            options = {}
            if name.endswith("_rate") or name == "price_compliance":
                options["kind"] = "percent"
            elif name.endswith("_count"):
                options["kind"] = "integer"
            elif self._fields[name].type != "monetary":
                options["decimals"] = 1
            if totals is not None:
                options["total"] = totals.get(name) if name in TOTALS else self._get_excel_sum(name)
            columns.append(self._get_excel_column(name, **options))
        return columns

    @api.model
    def _get_excel_sum(self, name):
        return "sum" if name.endswith("_count") or self._fields[name].type == "monetary" else None

    @api.model
    def _get_excel_totals(self, domain, names):
        """Return {figure: total} of those that are no sums, as the list adds them up."""
        names = [name for name in names if name in TOTALS]
        [values] = self._read_group(domain, [], [f"{name}:{TOTALS[name]}" for name in names])
        return {name: known(value) for name, value in zip(names, values, strict=True)}

    def _is_excel_additive(self, domain):
        """Whether no order line is behind two of the scorecards: one window each, or months."""
        current = self.search_count(Domain(domain) & Domain("is_current", "!=", True), limit=1) == 0
        months = self.search_count(Domain(domain) & Domain("period", "!=", "month"), limit=1) == 0
        return current or months

    # ------------------------------------------------------------------
    # Sheets
    # ------------------------------------------------------------------

    def _build_excel(self, book, domain, kind):
        companies = self._get_excel_companies(domain)
        self._write_excel_score_page(book, domain)
        several = len(companies) > 1
        heads = ["partner_id", *(["company_id", "currency_id"] if several else [])]
        heads += ["period", "date_from", "date_to", "applied_grade", "override_until"]
        figures = self._get_excel_figures()
        totals = None
        if not several and self._is_excel_additive(domain):
            totals = self._get_excel_totals(domain, figures)
        columns = self._get_excel_columns(heads) + self._get_excel_figure_columns(figures, totals)
        book.table(self.env._("Comparison"), columns, self._get_excel_rows(domain, columns))
        self._write_excel_criteria(book, domain)
        facts = [(self.env._("Scorecards"), self.search_count(domain), "integer")]
        facts += self._get_excel_filter_facts(domain)
        for company in companies:
            facts += self._get_excel_policy_facts(company)
        facts.append((self.env._("Exported By"), self.env.user.name))
        book.parameters(facts)

    def _write_excel_score_page(self, book, domain):
        """Write the grades with their number, and a chart of the best scores."""
        page = book.page(self.env._("Summary"))
        page.heading(self.env._("Comparison of Suppliers"))
        labels = dict(self._fields["applied_grade"]._description_selection(self.env))
        page.block(
            [Column(self.env._("Grade")), Column(self.env._("Scorecards"), "integer", total="sum")],
            [
                (
                    labels.get(grade) or self.env._("Not rated"),
                    self.search_count(Domain(domain) & Domain("applied_grade", "=", grade)),
                )
                # the grade that applies is not stored: a count for each of the few
                for grade in (*labels, False)
            ],
        )
        scored = Domain(domain) & Domain("score", "!=", False)
        best = self.search(scored, order="score desc, id", limit=CHART_ROWS + 1)
        if not best:
            page.note(self.env._("None of them has a score."))
            return
        if len(best) > CHART_ROWS:
            best = best[:CHART_ROWS]
            page.note(self.env._("The %s best scores; all are on the next sheet.", CHART_ROWS))
        rows = [(card.partner_id.display_name, card.score, card.due_line_count) for card in best]
        block = page.block(
            [
                Column(self.env._("Supplier")),
                Column(self.env._("Score"), "float", decimals=1),
                Column(self.env._("Due Lines"), "integer"),
            ],
            rows,
        )
        page.bars(self.env._("Score"), block, 0, [1], height=120 + 22 * len(rows))

    def _write_excel_criteria(self, book, domain):
        """Write the points and weights behind each score."""
        lines = self.env["supplier.scorecard.line"]
        found = lines.search([("scorecard_id", "any", list(domain))])
        columns = [
            Column(self.env._("Supplier")),
            Column(self.env._("To"), "date"),
            Column(self.env._("Criterion")),
            Column(self.env._("Formula")),
            Column(self.env._("Points"), "float", decimals=1),
            Column(self.env._("Weight"), "float", decimals=1),
        ]

        def rows():
            for batch in split_every(5_000, found.ids, lines.browse):
                for line in batch:
                    card = line.scorecard_id
                    points = None if line.points is False else line.points
                    yield card.partner_id.name, card.date_to, line.name, line.formula, points, line.weight
                self.env.invalidate_all()

        book.table(self.env._("Criteria"), columns, rows())

    @api.model
    def _get_excel_policy_facts(self, company):
        """Return what the scorecards of a company are measured by, as the policy is now."""
        policies = self.env["supplier.score.policy"].with_context(active_test=True)
        policy = policies.search([("company_id", "=", company.id)], limit=1)
        if not policy:
            return []
        facts = []
        for name, description in policy.fields_get(
            POLICY_PARAMETERS, ["string", "type", "selection"]
        ).items():
            value, kind = policy[name], "text"
            if description["type"] == "selection":
                value = dict(description["selection"]).get(value)
            else:
                kind = "integer" if value == int(value) else "float"
            facts.append((f"{company.name}: {description['string']}", value, kind))
        facts += [
            (
                self.env._("%(company)s: criterion %(name)s", company=company.name, name=criterion.name),
                self.env._(
                    "weight %(weight)g: %(formula)s", weight=criterion.weight, formula=criterion.formula
                ),
            )
            for criterion in policy.criterion_ids.filtered("active")
        ]
        return facts
