import json

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .manager_indicator import CURRENT_SOURCES

# Below what two sums of a document are the same.
TOLERANCE = 1e-6


class ManagerScorecard(models.Model):
    """What the documents say since a scorecard was closed."""

    _inherit = "manager.scorecard"

    difference_count = fields.Integer(
        string="Changed Since Closing",
        readonly=True,
        aggregator=None,
        copy=False,
        help="Documents that count otherwise than when the scorecard was closed: added, gone, or with other amounts. "
        "Contacts that were edited since, which completeness is of, are none. As of last night; open the difference to "
        "see it as of now. The closed figures stay.",
    )

    def _get_credit(self):
        """Whom sales were for on closing; today's setting for a scorecard that was closed before that was kept."""
        self.ensure_one()
        return (self.line_ids[:1].parameters or {}).get("credit") or self.scheme_id.credit

    def _get_changed_definitions(self):
        """Those on closing of the indicators that are defined otherwise today, by their ids."""
        self.ensure_one()
        kept = ((line.indicator_id, (line.parameters or {}).get("definition")) for line in self.line_ids)
        return {
            indicator.id: definition
            for indicator, definition in kept
            if definition and definition != indicator._get_definition()
        }

    def _get_indicators(self):
        """The indicators of these scorecards as they were on closing; a change since is for what comes."""
        changed = self[:1]._get_changed_definitions()
        indicators = self.line_ids.indicator_id
        return indicators.browse().union(*(each._as_defined(changed.get(each.id)) for each in indicators))

    def _get_difference_sql(self):
        """A query of the documents that differ of these closed scorecards, which have the same days and settings.

        Rows: scorecard_id, indicator_id, kind (added, gone, changed), res_model, res_id, partner_id, date, and
        numerator and denominator on closing and now. SQL, as there may be many documents and few differ: the frozen
        rows against the engine's facts. Those of indicators that say how contacts are now differ by nature.
        """
        self.env["manager.scorecard.line"].flush_model()
        self.env["manager.scorecard.evidence"].flush_model()
        first = self[:1]
        indicators = self._get_indicators()
        current = indicators.filtered(lambda each: each.source in CURRENT_SOURCES)
        facts = (indicators - current)._get_evidence(
            first.company_id,
            first.date_from,
            first.date_to,
            users=self.user_id,
            credit=first._get_credit(),
        )
        return SQL(
            """
            WITH facts AS (%(facts)s),
            today AS (
                SELECT line.scorecard_id, facts.indicator_id, facts.res_model, facts.res_id,
                       MIN(facts.partner_id) AS partner_id, MIN(facts.date) AS date,
                       SUM(facts.numerator) AS numerator, SUM(facts.denominator) AS denominator
                  FROM facts
                  JOIN manager_scorecard_line AS line
                    ON line.indicator_id = facts.indicator_id AND line.user_id = facts.user_id
                   AND line.scorecard_id = ANY(%(cards)s)
              GROUP BY line.scorecard_id, facts.indicator_id, facts.res_model, facts.res_id),
            frozen AS (
                SELECT scorecard_id, indicator_id, res_model, res_id,
                       MIN(partner_id) AS partner_id, MIN(date) AS date,
                       SUM(numerator) AS numerator, SUM(denominator) AS denominator
                  FROM manager_scorecard_evidence
                 WHERE scorecard_id = ANY(%(cards)s) AND indicator_id <> ALL(%(current)s)
              GROUP BY scorecard_id, indicator_id, res_model, res_id)
            SELECT scorecard_id, indicator_id,
                   CASE WHEN frozen.date IS NULL AND frozen.numerator IS NULL THEN 'added'
                        WHEN today.date IS NULL AND today.numerator IS NULL THEN 'gone'
                        ELSE 'changed' END AS kind,
                   res_model, res_id, COALESCE(today.partner_id, frozen.partner_id) AS partner_id,
                   COALESCE(today.date, frozen.date) AS date,
                   frozen.numerator AS numerator, frozen.denominator AS denominator,
                   today.numerator AS numerator_now, today.denominator AS denominator_now
              FROM frozen FULL JOIN today USING (scorecard_id, indicator_id, res_model, res_id)
             WHERE ABS(COALESCE(frozen.numerator, 0) - COALESCE(today.numerator, 0)) > %(tolerance)s
                OR ABS(COALESCE(frozen.denominator, 0) - COALESCE(today.denominator, 0)) > %(tolerance)s""",
            facts=facts,
            cards=self.ids,
            current=current.ids,
            tolerance=TOLERANCE,
        )

    def _refresh_differences(self):
        """Count the documents that differ, for closed scorecards of the same company and days.

        SQL: one statement for all managers, which touches only the rows whose number is another.
        """
        # sudo: whether documents changed, those too that the reader of the scorecard may not open
        for cards in (
            self.sudo()
            .grouped(
                lambda card: (
                    card._get_credit(),
                    json.dumps(card._get_changed_definitions(), sort_keys=True),
                )
            )
            .values()
        ):
            self.flush_model(["difference_count"])
            self.env.execute_query(
                SQL(
                    """
                    WITH differing AS (%(differing)s),
                    counted AS (
                        SELECT scorecard_id, COUNT(DISTINCT (res_model, res_id)) AS number
                          FROM differing GROUP BY scorecard_id)
                    UPDATE manager_scorecard AS card
                       SET difference_count = COALESCE(counted.number, 0)
                      FROM unnest(%(cards)s) AS asked (id) LEFT JOIN counted ON counted.scorecard_id = asked.id
                     WHERE card.id = asked.id AND card.state = 'closed'
                       AND COALESCE(card.difference_count, 0) <> COALESCE(counted.number, 0)
                 RETURNING 1""",
                    differing=cards._get_difference_sql(),
                    cards=cards.ids,
                )
            )
        self.invalidate_model(["difference_count"], flush=False)

    def action_view_difference(self):
        """Show what the documents of a closed scorecard say now, and which of them differ."""
        self.ensure_one()
        self.check_access("read")
        if self.state != "closed":
            raise UserError(
                self.env._(
                    "The scorecard “%s” is open, so it says what the documents say. Compute it again.",
                    self.display_name,
                )
            )
        difference = self.env["manager.scorecard.difference"]._compare(self)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Since Closing: %s", self.display_name),
            "res_model": "manager.scorecard.difference",
            "res_id": difference.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    @api.model
    def _get_closed_windows(self, company, since):
        """First and last days of the periods that ended since then and have closed scorecards."""
        return [
            (first, last)
            for first, last in self.sudo()._read_group(  # sudo: days alone
                [("company_id", "=", company.id), ("state", "=", "closed"), ("date_to", ">=", since)],
                ["date_from:day", "date_to:day"],
            )
        ]
