from odoo import api, fields, models

from ...tools.empty_fields import EmptyFloat

UNITS = [
    ("money", "Money"),
    ("percent", "Percent"),
    ("count", "Number"),
    ("hours", "Hours"),
    ("days", "Days"),
]


class ManagerScorecardLine(models.Model):
    """One indicator of a scorecard: value, target and points, and the settings they come from, as they were."""

    _name = "manager.scorecard.line"
    _description = "Indicator of a Sales Manager's Scorecard"
    _order = "scorecard_id, sequence, id"
    _rec_name = "indicator_id"

    scorecard_id = fields.Many2one("manager.scorecard", required=True, index=True, ondelete="cascade")
    # As on the scorecard, for the rules and to group by.
    user_id = fields.Many2one("res.users", string="Manager", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_from = fields.Date(string="From")
    date_to = fields.Date(string="To")
    sequence = fields.Integer()
    indicator_id = fields.Many2one("manager.indicator", required=True, index=True, ondelete="restrict")
    unit = fields.Selection(UNITS, help="In what the value and the target are counted.")
    value = EmptyFloat(
        digits=0,
        aggregator=None,
        help="What the documents of the period say. Empty: no data. Open the documents to see what it is made of.",
    )
    numerator = EmptyFloat(digits=0, aggregator="sum", help="The sum of the documents.")
    denominator = EmptyFloat(
        digits=0, aggregator="sum", help="For a rate or mean: what the sum is divided by."
    )
    document_count = fields.Integer(string="Documents", help="How many documents the value is made of.")
    target = EmptyFloat(digits=0, aggregator=None, help="What gives 100 points. Empty: there is no target.")
    attainment = EmptyFloat(
        compute="_compute_attainment", string="Of Target", help="Value ÷ target. Empty without one of them."
    )
    points = EmptyFloat(
        aggregator="avg", help="100: on target. Empty: no data or no target, so the weight does not count."
    )
    weight = fields.Float(aggregator=None, help="The weight in the scheme, as it was.")
    is_counted = fields.Boolean(compute="_compute_contribution", help="It has points, so its weight counts.")
    share = EmptyFloat(
        string="Share of the Score",
        compute="_compute_contribution",
        help="The weight ÷ the weights of all indicators that have points. Empty: no points.",
    )
    contribution = EmptyFloat(
        string="Adds",
        compute="_compute_contribution",
        help="Points × share: what the indicator adds to the score. All together are the score.",
    )
    parameters = fields.Json(help="The settings of the scheme as they were, and what the target was made of.")
    reason = fields.Char(compute="_compute_reason", help="How the target and the points come about.")

    _one_per_indicator = models.UniqueIndex("(scorecard_id, indicator_id)", "One line for each indicator.")

    @api.depends("value", "target")
    def _compute_attainment(self):
        for line in self:
            known = line.value is not False and line.target is not False and line.target > 0
            line.attainment = line.value / line.target if known else False

    @api.depends("points", "weight", "scorecard_id.line_ids.points", "scorecard_id.line_ids.weight")
    def _compute_contribution(self):
        for line in self:
            total = sum(other.weight for other in line.scorecard_id.line_ids if other.points is not False)
            line.is_counted = line.points is not False and line.weight > 0
            if line.points is False or not total:
                line.share = line.contribution = False
            else:
                line.share = line.weight / total
                line.contribution = line.points * line.share
