from odoo import api, models

# Periods of the trend, this one included.
TREND_LENGTH = 12


class ManagerScorecard(models.Model):
    """A scorecard in words, and how it went before."""

    _inherit = "manager.scorecard"

    @api.depends("score", "line_ids.points", "line_ids.weight")
    @api.depends_context("lang")
    def _compute_reason(self):
        for card in self:
            card.reason = card._explain_score()

    def _explain_score(self):
        """The score with its arithmetic, or why there is none."""
        if self.score is False:
            if not self.line_ids:
                return self.env._("Not computed yet.")
            return self.env._("No score: no indicator with a weight has points.")
        counted = self.line_ids.filtered("is_counted")
        empty = self.line_ids.filtered(lambda line: line.points is False and line.weight > 0)
        number = self.line_ids._format_number
        text = self.env._(
            "%(score)s points: (%(sum)s) ÷ %(weight)s.",
            score=number(self.score),
            sum=" + ".join(
                f"{line.indicator_id.name} {number(line.points)} × {number(line.weight)}" for line in counted
            ),
            weight=number(sum(counted.mapped("weight"))),
        )
        if empty:
            text += " " + self.env._(
                "Without points, so not counted: %s.", ", ".join(empty.mapped("indicator_id.name"))
            )
        return text

    @api.depends("line_ids.value", "line_ids.points", "line_ids.weight")
    @api.depends_context("lang")
    def _compute_summary(self):
        for card in self:
            card.summary = [
                {
                    "name": line.indicator_id.name,
                    "value": line._format_value("value"),
                    "points": line.points,
                    "counted": line.is_counted,
                }
                for line in card.line_ids
            ]

    @api.depends("user_id", "company_id", "date_from", "date_to", "score")
    @api.depends_context("lang")
    def _compute_trend(self):
        """The last scorecards of the manager with periods of the same kind, the oldest first."""
        dated = self.filtered("date_to")
        history = self.browse()
        if dated:
            history = self.search(
                [
                    ("user_id", "in", dated.user_id.ids),
                    ("company_id", "in", dated.company_id.ids),
                    ("date_to", "<=", max(dated.mapped("date_to"))),
                ],
                order="date_to desc, id desc",
                limit=TREND_LENGTH * max(len(dated.user_id), 1) * 4,
            )
        by_manager = history.grouped(
            lambda card: (card.user_id, card.company_id, self._get_window_kind(card.date_from, card.date_to))
        )
        for card in self:
            kind = self._get_window_kind(card.date_from, card.date_to) if card.date_to else None
            found = by_manager.get((card.user_id, card.company_id, kind), self.browse())
            before = found.filtered(lambda each, card=card: card.date_to and each.date_to < card.date_to)
            points = [
                {
                    "label": each.period_name,
                    "score": each.score is not False and round(each.score, 1),
                    "rank": each.rank_name,
                    "grade": "high" if each.score >= 100 else "medium" if each.score >= 50 else "low",
                }
                for each in [*before[: TREND_LENGTH - 1].sorted("date_to"), card]
            ]
            card.has_trend = len(points) > 1
            card.trend = points
