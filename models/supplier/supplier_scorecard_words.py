from odoo import api, fields, models
from odoo.tools import formatLang
from odoo.tools.misc import format_date

from ...tools.periods import add_months

# Closed months of the trend.
TREND_MONTHS = 12


class SupplierScorecard(models.Model):
    """A scorecard in words: how its score comes about, what its figures mean, how they went before."""

    _inherit = "supplier.scorecard"

    trend = fields.Json(
        compute="_compute_trend",
        help="The scores of the running year at the end of each of the last months, and this one.",
    )
    trend_ids = fields.Many2many(
        "supplier.scorecard",
        string="Last Months",
        compute="_compute_trend",
        help="The supplier's scorecards of the last twelve closed months, each with the lines promised in that month.",
    )
    has_trend = fields.Boolean(compute="_compute_trend")

    # ------------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------------
    @api.model
    def _get_figure_names(self):
        """The figures that the formula of a criterion may use, in the order of the scorecard."""
        return list(self._get_formula_names())

    @api.model
    def _describe_figures(self):
        """Name, label, meaning and unit of each figure, for who writes a formula."""
        names = self._get_figure_names()
        # sudo: what the fields are called and mean, those of amounts too; no figure is read
        described = self.sudo().fields_get(names, ["string", "help"])
        return [
            (name, described[name]["string"], described[name].get("help") or "", self._get_unit(name))
            for name in names
        ]

    @api.model
    def _get_unit(self, name):
        field = self._fields[name]
        if field.type == "monetary":
            return self.env._("company currency")
        if field.type == "integer":
            return self.env._("number")
        if "days" in name:
            return self.env._("days")
        return self.env._("share, 0 to 1")

    # ------------------------------------------------------------------
    # Reason
    # ------------------------------------------------------------------
    def _get_parameter(self, name):
        """What the policy said when the scorecard was computed; what it says now for one from before that was kept."""
        self.ensure_one()
        if self.parameters and name in self.parameters:
            return self.parameters[name]
        # sudo: a limit, for who may read the scorecard
        policy = (
            self.env["supplier.score.policy"]
            .sudo()
            .with_context(active_test=True)
            .search([("company_id", "=", self.company_id.id)], limit=1)
        )
        return policy[name] if policy else 0

    @api.depends(
        "score", "due_line_count", "line_ids.points", "line_ids.weight", "applied_grade", "parameters"
    )
    @api.depends_context("lang")
    def _compute_reason(self):
        for card in self:
            words = [card._explain_score()]
            if card.override_id:
                words.append(card.override_id._explain())
            card.reason = "\n".join(words)

    def _explain_score(self):
        """The score with its arithmetic, or why there is none."""
        self.ensure_one()
        if self.score is False:
            if self.due_line_count < self._get_parameter("min_lines"):
                return self.env._(
                    "Not rated: %(count)s due lines, %(needed)s needed.",
                    count=self.due_line_count,
                    needed=self._get_parameter("min_lines"),
                )
            return self.env._("Not rated: no criterion has data.")
        counted = self.line_ids.filtered(lambda line: line.points is not False and line.weight > 0)
        empty = self.line_ids.filtered(lambda line: line.points is False and line.weight > 0)
        if not counted:
            # its criteria are gone
            return self.env._(
                "%(score)s points; %(count)s due lines.",
                score=formatLang(self.env, self.score, digits=1),
                count=self.due_line_count,
            )

        def weigh(weight):
            return formatLang(self.env, weight, digits=0 if weight == round(weight) else 2)

        text = self.env._(
            "%(score)s points: %(sum)s, divided by %(weight)s; %(count)s due lines.",
            score=formatLang(self.env, self.score, digits=1),
            sum=" + ".join(
                f"{line.name} {formatLang(self.env, line.points, digits=1)} × {weigh(line.weight)}"
                for line in counted
            ),
            weight=weigh(sum(counted.mapped("weight"))),
            count=self.due_line_count,
        )
        if empty:
            text += " " + self.env._("Without data, so not counted: %s.", ", ".join(empty.mapped("name")))
        return text

    # ------------------------------------------------------------------
    # Trend
    # ------------------------------------------------------------------
    @api.depends("partner_id", "company_id", "date_to", "is_current", "score")
    @api.depends_context("lang")
    def _compute_trend(self):
        dated = self.filtered("date_to")
        history = self.browse()
        if dated:
            history = self.search(
                [
                    ("partner_id", "in", dated.partner_id.ids),
                    ("company_id", "in", dated.company_id.ids),
                    ("is_current", "=", False),
                    ("period", "!=", "days"),
                    ("date_to", "<=", max(dated.mapped("date_to"))),
                    ("date_to", ">=", add_months(min(dated.mapped("date_to")), -TREND_MONTHS)),
                ],
                order="date_to",
            )
        by_supplier = history.grouped(lambda each: (each.partner_id, each.company_id))
        for card in self:
            first = card.date_to and add_months(card.date_to, -TREND_MONTHS)
            months, years = self.browse(), self.browse()
            for each in by_supplier.get((card.partner_id, card.company_id), self.browse()):
                if not first or not first <= each.date_to <= card.date_to or each == card._origin:
                    continue
                if each.period == "month":
                    months = each + months  # the latest first
                else:
                    years += each
            card.trend_ids = months
            if card.period == "year":
                years += card
            points = [
                {
                    "label": format_date(self.env, each.date_to, date_format="MMM yy"),
                    "score": each.score is not False and round(each.score, 1),
                    "grade": each.grade,
                }
                for each in years
            ]
            card.has_trend = len(points) > 1
            card.trend = points
