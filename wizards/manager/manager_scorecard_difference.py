from odoo import api, fields, models
from odoo.tools import SQL

from ...models.manager.manager_scorecard_line import UNITS
from ...tools.empty_fields import EmptyFloat

KINDS = [("added", "Added"), ("gone", "Gone"), ("changed", "Changed")]
# Below what two sums of a document are the same.
TOLERANCE = 1e-6


class ManagerScorecardDifference(models.TransientModel):
    """What a closed scorecard would be by the documents of today; the scorecard stays as it is."""

    _name = "manager.scorecard.difference"
    _description = "Difference to a Closed Scorecard"

    scorecard_id = fields.Many2one("manager.scorecard", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="scorecard_id.currency_id")
    score = EmptyFloat(string="Closed Score", readonly=True)
    score_now = EmptyFloat(
        string="Score Today",
        readonly=True,
        help="By the scheme as it is today, and the documents of all managers today.",
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
        """Compare a closed scorecard with the documents of today.

        :raises AccessError: for who may not read the scorecard
        """
        card.check_access("read")
        # sudo: the figures of the manager's own scorecard as of today, for who may see it; medians need those of the
        # others, who are not shown. The dialog is readable by its author alone.
        cards, frozen = self.env["manager.scorecard"].sudo(), card.sudo()
        managers = {each.user_id.id: each.scheme_id for each in frozen._get_window_cards()}
        found = cards._evaluate(frozen.company_id, frozen.date_from, frozen.date_to, managers)[
            frozen.user_id.id
        ]
        today = {line["indicator_id"]: line for line in found["lines"]}

        def empty(number):
            return False if number is None else number

        difference = self.create(
            {
                "scorecard_id": card.id,
                "score": frozen.score,
                "score_now": empty(found["score"]),
                "value_ids": [
                    fields.Command.create(
                        {
                            "indicator_id": line.indicator_id.id,
                            "unit": line.unit,
                            "value": line.value,
                            "points": line.points,
                            "value_now": empty(today[line.indicator_id.id]["value"]),
                            "points_now": empty(today[line.indicator_id.id]["points"]),
                        }
                    )
                    for line in frozen.line_ids
                    if line.indicator_id.id in today
                ],
            }
        )
        difference._list_documents(frozen)
        difference.document_count = len(difference.line_ids)
        return difference

    def _list_documents(self, card):
        """Write a line for each document that differs.

        SQL: the frozen rows against the engine's facts, of which there may be many and few differ.
        """
        lines = self.env["manager.scorecard.difference.line"]
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                """
                WITH facts AS (%(facts)s),
                today AS (
                    SELECT indicator_id, res_model, res_id, MIN(partner_id) AS partner_id, MIN(date::date) AS date,
                           SUM(numerator) AS numerator, SUM(denominator) AS denominator
                      FROM facts WHERE user_id = %(user)s
                  GROUP BY indicator_id, res_model, res_id),
                frozen AS (
                    SELECT indicator_id, res_model, res_id, MIN(partner_id) AS partner_id, MIN(date) AS date,
                           SUM(numerator) AS numerator, SUM(denominator) AS denominator
                      FROM manager_scorecard_evidence WHERE scorecard_id = %(card)s
                  GROUP BY indicator_id, res_model, res_id)
                INSERT INTO manager_scorecard_difference_line (
                       difference_id, indicator_id, kind, res_model, res_id, partner_id, date,
                       numerator, denominator, numerator_now, denominator_now,
                       create_uid, create_date, write_uid, write_date)
                SELECT %(difference)s, indicator_id,
                       CASE WHEN frozen.res_model IS NULL THEN 'added'
                            WHEN today.res_model IS NULL THEN 'gone' ELSE 'changed' END,
                       res_model, res_id, COALESCE(today.partner_id, frozen.partner_id),
                       COALESCE(today.date, frozen.date), frozen.numerator, frozen.denominator,
                       today.numerator, today.denominator,
                       %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
                  FROM frozen FULL JOIN today USING (indicator_id, res_model, res_id)
                 WHERE frozen.res_model IS NULL OR today.res_model IS NULL
                    OR ABS(COALESCE(frozen.numerator, 0) - COALESCE(today.numerator, 0)) > %(tolerance)s
                    OR ABS(COALESCE(frozen.denominator, 0) - COALESCE(today.denominator, 0)) > %(tolerance)s
              ORDER BY indicator_id, 9, res_model, res_id
             RETURNING 1""",
                facts=card.line_ids.indicator_id._get_evidence(
                    card.company_id,
                    card.date_from,
                    card.date_to,
                    users=card.user_id,
                    credit=card.scheme_id.credit,
                ),
                user=card.user_id.id,
                card=card.id,
                difference=self.id,
                uid=self.env.uid,
                tolerance=TOLERANCE,
            )
        )
        lines.invalidate_model(flush=False)
        self.invalidate_recordset(["line_ids"], flush=False)


class ManagerScorecardDifferenceValue(models.TransientModel):
    """One indicator then and now."""

    _name = "manager.scorecard.difference.value"
    _description = "Value of a Closed Scorecard and Today"
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
