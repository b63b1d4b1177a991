from odoo import api, fields, models
from odoo.tools import SQL, clean_context

from ...models.manager.manager_scorecard_difference import TOLERANCE
from ...models.manager.manager_scorecard_line import UNITS
from ...tools import manager_score
from ...tools.empty_fields import EmptyFloat

KINDS = [("added", "Added"), ("gone", "Gone"), ("changed", "Changed")]


class ManagerScorecardDifference(models.TransientModel):
    """What a closed scorecard would be by the documents of now, by its own settings and targets; it stays as it is."""

    _name = "manager.scorecard.difference"
    _description = "Difference to a Closed Scorecard"
    _inherit = "partner.pointer.mixin"

    scorecard_id = fields.Many2one("manager.scorecard", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="scorecard_id.currency_id")
    score = EmptyFloat(string="Closed Score", readonly=True)
    score_now = EmptyFloat(
        string="Score Today",
        readonly=True,
        help="The documents of today, by the weights, targets and points as they were on closing.",
    )
    document_count = fields.Integer(
        string="Documents That Differ",
        readonly=True,
        help="Documents that count today and did not on closing, or the other way round, or with other amounts.",
    )
    value_ids = fields.One2many("manager.scorecard.difference.value", "difference_id", readonly=True)
    line_ids = fields.One2many("manager.scorecard.difference.line", "difference_id", readonly=True)

    @api.model
    def _compare(self, card):
        """Compare a closed scorecard with the documents of now.

        :raises AccessError: for who may not read the scorecard
        """
        card.check_access("read")
        # sudo: the figures of a scorecard as of now, for who may see it; the dialog is readable by its author alone
        frozen = card.sudo()
        cards = frozen.browse()
        indicators = frozen._get_indicators()
        found = indicators._compute_values(
            frozen.company_id,
            frozen.date_from,
            frozen.date_to,
            users=frozen.user_id,
            credit=frozen._get_credit(),
        )

        def empty(number):
            return False if number is None else number

        as_closed = dict(zip(indicators.ids, indicators, strict=True))
        values, parts = [], []
        for line in frozen.line_ids:
            value = cards._get_value(found, as_closed[line.indicator_id.id], frozen.user_id.id)["value"]
            target = None if line.target is False else line.target
            points = cards._get_points(value, target, line.parameters)
            parts.append((points, line.weight))
            values.append(
                {
                    "indicator_id": line.indicator_id.id,
                    "unit": line.unit,
                    "value": line.value,
                    "points": line.points,
                    "value_now": empty(value),
                    "points_now": empty(points),
                }
            )
        # a client's defaults, of its call or its own ones, would point rows at any document
        comparisons = self.with_context(clean_context(self.env.context))  # pylint: disable=context-overridden
        # sudo: nobody else writes a row, for it tells the name of whatever document it is pointed at
        difference = comparisons.sudo().create(
            {
                "scorecard_id": card.id,
                "score": frozen.score,
                "score_now": empty(manager_score.score(parts)),
                "document_count": 0,
                "value_ids": [fields.Command.create(vals) for vals in values],
                "line_ids": [],
            }
        )
        difference._list_documents(frozen)
        lines = difference.line_ids
        difference.document_count = len({(line.res_model, line.res_id) for line in lines})
        return difference.sudo(False)

    def _list_documents(self, card):
        """Write a line for each document that differs. SQL, see ``_get_difference_sql``."""
        lines = self.env["manager.scorecard.difference.line"]
        self.env.execute_query(
            SQL(
                """
                INSERT INTO manager_scorecard_difference_line (
                       difference_id, indicator_id, kind, res_model, res_id, partner_id, date,
                       numerator, denominator, numerator_now, denominator_now,
                       create_uid, create_date, write_uid, write_date)
                SELECT %(difference)s, indicator_id, kind, res_model, res_id,
                       (SELECT id FROM res_partner WHERE id = differing.partner_id), date,
                       numerator, denominator, numerator_now, denominator_now,
                       %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
                  FROM (%(differing)s) AS differing
              ORDER BY indicator_id, date, res_model, res_id
             RETURNING 1""",
                differing=card._get_difference_sql(),
                difference=self.id,
                uid=self.env.uid,
            )
        )
        lines.invalidate_model(flush=False)
        self.invalidate_recordset(["line_ids"], flush=False)


class ManagerScorecardDifferenceValue(models.TransientModel):
    """One indicator then and now."""

    _name = "manager.scorecard.difference.value"
    _description = "Value of a Closed Scorecard and Today"
    _inherit = "partner.pointer.mixin"
    _order = "id"

    difference_id = fields.Many2one("manager.scorecard.difference", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="difference_id.currency_id")
    indicator_id = fields.Many2one("manager.indicator", readonly=True, ondelete="cascade")
    unit = fields.Selection(UNITS, readonly=True)
    value = EmptyFloat(digits=0, string="Closed Value", readonly=True)
    value_now = EmptyFloat(digits=0, string="Value Today", readonly=True)
    points = EmptyFloat(string="Closed Points", readonly=True)
    points_now = EmptyFloat(string="Points Today", readonly=True)
    is_different = fields.Boolean(compute="_compute_is_different")

    @api.depends("value", "value_now", "points", "points_now")
    def _compute_is_different(self):
        for each in self:
            each.is_different = (
                (each.value is False) != (each.value_now is False)
                or abs((each.value or 0) - (each.value_now or 0)) > TOLERANCE
                or each.points != each.points_now
            )


class ManagerScorecardDifferenceLine(models.TransientModel):
    """A document that counts otherwise than on closing."""

    _name = "manager.scorecard.difference.line"
    _description = "Document That Differs"
    _inherit = "partner.pointer.mixin"
    _order = "id"

    difference_id = fields.Many2one(
        "manager.scorecard.difference", required=True, index=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="difference_id.currency_id")
    indicator_id = fields.Many2one("manager.indicator", readonly=True, ondelete="cascade")
    unit = fields.Char(compute="_compute_unit")
    kind = fields.Selection(
        KINDS,
        string="What Happened",
        readonly=True,
        help="Added: counts today, did not on closing. Gone: the other way round, deleted, cancelled, or of somebody "
        "else now. Changed: counts with another amount.",
    )
    res_model = fields.Char(readonly=True)
    res_id = fields.Many2oneReference(model_field="res_model", readonly=True)
    document = fields.Char(compute="_compute_document")
    partner_id = fields.Many2one("res.partner", string="Contact", readonly=True, ondelete="set null")
    date = fields.Date(readonly=True)
    numerator = EmptyFloat(digits=0, string="Counted Then", readonly=True)
    denominator = EmptyFloat(digits=0, string="Divided by Then", readonly=True)
    numerator_now = EmptyFloat(digits=0, string="Counts Today", readonly=True)
    denominator_now = EmptyFloat(digits=0, string="Divided by Today", readonly=True)

    @api.depends("indicator_id.unit")
    def _compute_unit(self):
        for row in self:
            row.unit = "count" if row.indicator_id.unit == "percent" else row.indicator_id.unit

    @api.depends("res_model", "res_id")
    def _compute_document(self):
        self.env["manager.scorecard.evidence"]._name_documents(self)

    @api.readonly
    def action_open_document(self):
        """Open the document as it is today."""
        self.ensure_one()
        return self.env["manager.scorecard.evidence"]._open_document(self.res_model, self.res_id)
