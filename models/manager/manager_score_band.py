from odoo import api, fields, models


class ManagerScoreBand(models.Model):
    """The points of a value from a border on, up to the border of the next band."""

    _name = "manager.score.band"
    _description = "Band of Points"
    _inherit = ["partner.guarded.mixin"]
    _placing_fields = ("line_id",)
    _order = "line_id, value_from, id"
    _rec_name = "value_from"

    line_id = fields.Many2one("manager.score.scheme.line", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="line_id.company_id", store=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    unit = fields.Char(compute="_compute_unit")
    value_from = fields.Float(
        string="From",
        required=True,
        digits=0,
        aggregator=None,
        help="The lowest value of the band, in the unit of the indicator; by value ÷ target: of the target.",
    )
    points = fields.Float(required=True, aggregator=None)

    _one_per_border = models.UniqueIndex(
        "(line_id, value_from)", "Two bands begin at the same value. Delete one of them."
    )

    @api.depends("line_id.band_basis", "line_id.unit")
    def _compute_unit(self):
        for band in self:
            line = band.line_id
            band.unit = "percent" if line.band_basis == "attainment" else line.unit
