from odoo import fields, models


class SupplierScoreCriterion(models.Model):
    """One criterion of the score: a formula over the figures of a scorecard, 0 to 100, and its weight."""

    _name = "supplier.score.criterion"
    _description = "Criterion of the Supplier Rating"
    _order = "policy_id, sequence, id"

    policy_id = fields.Many2one("supplier.score.policy", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    formula = fields.Char(
        required=True,
        help="Points from 0 to 100 as a formula over the figures of the scorecard, for example "
        "100 * on_time_rate. Where a figure has no data, the criterion has none and its weight does not count.",
    )
    weight = fields.Float(required=True, default=10)
