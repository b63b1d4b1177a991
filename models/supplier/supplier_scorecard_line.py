from odoo import api, fields, models

from ...tools.empty_fields import EmptyFloat
from ...tools.loose_many2one import LooseMany2one


class SupplierScorecardLine(models.Model):
    """One criterion of a scorecard: its points and weight as they were.

    There are tens of thousands when all suppliers of a company are rated, and checking the references of each row
    took a tenth of that. So it keeps no author and time of its own, which are those of the scorecard, and has a
    foreign key to the scorecard alone, with which it goes.
    """

    _name = "supplier.scorecard.line"
    _description = "Criterion of a Supplier Scorecard"
    _rec_names_search = ["criterion_id", "formula"]
    _order = "scorecard_id, sequence, id"
    _log_access = False

    scorecard_id = fields.Many2one("supplier.scorecard", required=True, index=True, ondelete="cascade")
    criterion_id = LooseMany2one("supplier.score.criterion")
    name = fields.Char(
        compute="_compute_name",
        help="As the rating policy calls it; the formula of a criterion that is gone.",
    )
    company_id = LooseMany2one("res.company", required=True)
    sequence = fields.Integer()
    formula = fields.Char(readonly=True, help="The formula over the figures of the scorecard, as it was.")
    points = EmptyFloat(
        readonly=True, aggregator="avg", help="0 to 100; empty: no data, so the weight does not count."
    )
    weight = fields.Float(readonly=True, aggregator=None, help="The weight in the rating policy, as it was.")
    is_counted = fields.Boolean(compute="_compute_contribution", help="It has data, so its weight counts.")
    share = EmptyFloat(
        string="Share of the Score",
        compute="_compute_contribution",
        help="The weight ÷ the weights of all criteria that have data. Empty: no data.",
    )
    contribution = EmptyFloat(
        string="Adds",
        compute="_compute_contribution",
        help="Points × share: what the criterion adds to the score. All together are the score.",
    )

    @api.depends("criterion_id.name", "formula")
    @api.depends_context("lang")
    def _compute_name(self):
        # sudo: the names alone, of the criteria of scorecards that the user may see
        criteria = self.criterion_id.sudo().exists()
        for line in self:
            line.name = (line.criterion_id.sudo() & criteria).name or line.formula

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
