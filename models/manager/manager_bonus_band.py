from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...tools.number_words import format_number

BAND_KINDS = [("percent", "Percent of the Base"), ("amount", "Amount")]


class ManagerBonusBand(models.Model):
    """The bonus of a score from a border on, up to the border of the next band."""

    _name = "manager.bonus.band"
    _description = "Band of the Bonus Table"
    _inherit = ["partner.guarded.mixin"]
    _placing_fields = ("scheme_id",)
    _order = "scheme_id, score_from, id"
    _rec_name = "score_from"

    scheme_id = fields.Many2one("manager.score.scheme", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="scheme_id.company_id", store=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    score_from = fields.Float(
        string="Score from", required=True, aggregator=None, help="The lowest score of the band."
    )
    kind = fields.Selection(BAND_KINDS, required=True, default="percent")
    number = fields.Float(
        string="Bonus",
        required=True,
        digits=0,
        aggregator=None,
        help="Percent of the manager's base amount, or an amount in the company's currency.",
    )

    _one_per_border = models.UniqueIndex(
        "(scheme_id, score_from)", "Two bands begin at the same score. Delete one of them."
    )

    @api.constrains("number")
    def _check_number(self):
        for band in self:
            if band.number < 0:
                raise ValidationError(
                    self.env._(
                        "The bonus of the band from %(score)s points of “%(scheme)s” is %(number)s. Enter 0 or more.",
                        score=format_number(self.env, band.score_from),
                        scheme=band.scheme_id.name,
                        number=format_number(self.env, band.number),
                    )
                )
