from odoo import fields, models

from ...tools.empty_fields import EmptyFloat


class SupplierScorecardLine(models.Model):
    """One criterion of a scorecard: its points and weight as they were."""

    _name = "supplier.scorecard.line"
    _description = "Criterion of a Supplier Scorecard"
    _order = "scorecard_id, sequence, id"

    scorecard_id = fields.Many2one("supplier.scorecard", required=True, index=True, ondelete="cascade")
    criterion_id = fields.Many2one("supplier.score.criterion", ondelete="set null", index="btree_not_null")
    company_id = fields.Many2one("res.company", required=True, index=True)
    sequence = fields.Integer()
    formula = fields.Char(readonly=True)
    points = EmptyFloat(readonly=True, help="0 to 100; empty: no data, so the weight does not count.")
    weight = fields.Float(readonly=True)
