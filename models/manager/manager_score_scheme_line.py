from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...tools.internal import INTERNAL
from ...tools.number_words import format_number, format_percent

TARGET_KINDS = [
    ("fixed", "Fixed"),
    ("plan_share", "Share of the Sales Plan"),
    ("own_past", "Own Past"),
    ("team_median", "Median of the Team"),
]
POINTS_METHODS = [("linear", "In Proportion to the Target"), ("bands", "Bands")]
# The measure of partner.sales.plan that an indicator is planned by.
PLANNED = {"revenue": "revenue", "profit": "profit"}


class ManagerScoreSchemeLine(models.Model):
    """One indicator of a scheme: how much it counts, what is expected, and what points that gives."""

    _name = "manager.score.scheme.line"
    _description = "Indicator of a Score Scheme"
    _inherit = ["partner.guarded.mixin"]
    _placing_fields = ("scheme_id",)
    _order = "scheme_id, sequence, id"
    _rec_name = "indicator_id"

    scheme_id = fields.Many2one("manager.score.scheme", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="scheme_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    sequence = fields.Integer(default=10)
    indicator_id = fields.Many2one("manager.indicator", required=True, index=True, ondelete="restrict")
    code = fields.Char(related="indicator_id.code")
    unit = fields.Selection(related="indicator_id.unit")
    direction = fields.Selection(related="indicator_id.direction")
    description = fields.Text(related="indicator_id.description", string="What It Means")
    weight = fields.Float(
        default=10,
        required=True,
        aggregator=None,
        help="How much the points count beside those of the other indicators. With 0 they are shown, but do not count.",
    )
    share = fields.Float(
        string="Share of the Score",
        compute="_compute_share",
        aggregator=None,
        help="The weight ÷ all weights of the scheme, for a manager who has points for all indicators.",
    )
    target_kind = fields.Selection(
        TARGET_KINDS,
        string="Target",
        required=True,
        default="team_median",
        help="Fixed: the same value for everybody, for one period. Share of the sales plan: of the manager's own plan "
        "of revenue or profit, for all months of the period. Own past: of the manager's own value before. Median of "
        "the team: of the middle value of the managers of the scheme who have documents, at least two.",
    )
    target_value = fields.Float(string="Fixed Target", help="In the unit of the indicator, for one period.")
    target_share = fields.Float(
        default=1,
        help="How much of the plan, of the past or of the median is expected: 105% means five percent more.",
    )
    past_period = fields.Selection(
        [("year", "Same Period a Year Ago"), ("previous", "Period Before")],
        string="Past",
        required=True,
        default="year",
    )
    points_method = fields.Selection(
        POINTS_METHODS,
        string="Points",
        required=True,
        default="linear",
        help="In proportion: 100 × value ÷ target; where lower is better, 100 × (2 − value ÷ target). Bands: the "
        "points of the band that the value lies in.",
    )
    points_floor = fields.Float(
        string="At Least",
        default=0,
        help="Never fewer points than these, if there is a value and a target; with bands: below the lowest band.",
    )
    points_cap = fields.Float(string="At Most", default=120, help="Never more points than these.")
    band_basis = fields.Selection(
        [("value", "Value"), ("attainment", "Value ÷ Target")],
        string="Bands By",
        required=True,
        default="value",
        help="Value: borders in the unit of the indicator, no target needed. Value ÷ target: borders in percent of the "
        "target.",
    )
    band_ids = fields.One2many("manager.score.band", "line_id", string="Bands", copy=True)
    needs_target = fields.Boolean(compute="_compute_needs_target")

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------
    @api.depends("weight", "scheme_id.line_ids.weight")
    def _compute_share(self):
        for line in self:
            total = sum(each.weight for each in line.scheme_id.line_ids)
            line.share = line.weight / total if total else 0

    @api.depends("points_method", "band_basis")
    def _compute_needs_target(self):
        for line in self:
            line.needs_target = line.points_method == "linear" or line.band_basis == "attainment"

    @api.onchange("indicator_id")
    def _onchange_indicator_id(self):
        if self.target_kind == "plan_share" and self.code not in PLANNED:
            self.target_kind = "team_median"

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------
    @api.constrains("indicator_id", "weight")
    def _check_weight(self):
        for line in self:
            if line.weight < 0:
                raise ValidationError(
                    self.env._(
                        "The weight of “%(indicator)s” in “%(scheme)s” is %(weight)s. Enter 0 or more; with 0 its "
                        "points are shown but do not count.",
                        weight=format_number(self.env, line.weight),
                        **line._get_names(),
                    )
                )
        if self.env.context.get("relations_scheme_write") is not INTERNAL:
            self.scheme_id._check_lines()

    @api.constrains("points_floor", "points_cap")
    def _check_limits(self):
        for line in self:
            if line.points_floor > line.points_cap:
                raise ValidationError(
                    self.env._(
                        "“%(indicator)s” in “%(scheme)s” gives at least %(floor)s and at most %(cap)s points. Enter "
                        "not more for “At Least” than for “At Most”.",
                        floor=format_number(self.env, line.points_floor),
                        cap=format_number(self.env, line.points_cap),
                        **line._get_names(),
                    )
                )

    @api.constrains(
        "indicator_id", "target_kind", "target_value", "target_share", "points_method", "band_basis"
    )
    def _check_target(self):
        for line in self.filtered("needs_target"):
            if line.target_kind == "fixed" and line.target_value <= 0:
                raise ValidationError(
                    self.env._(
                        "“%(indicator)s” in “%(scheme)s” has no target. Enter a “Fixed Target” above 0, another kind "
                        "of target, or bands by value.",
                        **line._get_names(),
                    )
                )
            if line.target_kind != "fixed" and line.target_share <= 0:
                raise ValidationError(
                    self.env._(
                        "“%(indicator)s” in “%(scheme)s” expects %(share)s. Enter a “Target Share” above 0.",
                        share=format_percent(self.env, 100 * line.target_share),
                        **line._get_names(),
                    )
                )
            if line.target_kind == "plan_share" and line.code not in PLANNED:
                raise ValidationError(
                    self.env._(
                        "There is no sales plan for “%(indicator)s” in “%(scheme)s”: only revenue and profit are "
                        "planned. Choose another kind of target.",
                        **line._get_names(),
                    )
                )

    @api.constrains("points_method", "band_ids")
    def _check_bands(self):
        for line in self:
            if line.points_method == "bands" and not line.band_ids:
                raise ValidationError(
                    self.env._(
                        "“%(indicator)s” in “%(scheme)s” has no bands. Add at least one, or choose points in "
                        "proportion to the target.",
                        **line._get_names(),
                    )
                )

    def _get_names(self):
        self.ensure_one()
        return {"indicator": self.indicator_id.name, "scheme": self.scheme_id.name}

    # ------------------------------------------------------------------
    # Use
    # ------------------------------------------------------------------
    def _get_parameters(self):
        """The settings as plain values, for a line of a scorecard to keep and to explain itself by."""
        self.ensure_one()
        names = (
            "target_kind", "target_share", "past_period", "points_method", "points_floor", "points_cap", "band_basis",
        )  # fmt: skip
        return {
            **{name: self[name] for name in names},
            "higher_is_better": self.direction == "higher",
            "kind": self.indicator_id.kind,
            "credit": self.scheme_id.credit,
            "definition": self.indicator_id._get_definition(),
            "bands": [[band.value_from, band.points] for band in self.band_ids.sorted("value_from")]
            if self.points_method == "bands"
            else [],
        }
