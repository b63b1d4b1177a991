from datetime import timedelta

from odoo import api, fields, models

from ...tools.empty_fields import EmptyFloat, EmptyInteger


class ManagerScorePreview(models.TransientModel):
    """What a scheme would give in the last period that is over; no scorecard is written."""

    _name = "manager.score.preview"
    _description = "Preview of a Score Scheme"
    _inherit = "partner.pointer.mixin"

    scheme_id = fields.Many2one("manager.score.scheme", required=True, readonly=True, ondelete="cascade")
    period_name = fields.Char(string="Period", readonly=True)
    manager_count = fields.Integer(string="Managers", readonly=True)
    scored_count = fields.Integer(
        string="With a Score", readonly=True, help="Managers for whom at least one indicator gives points."
    )
    score_mean = EmptyFloat(string="Mean Score", readonly=True)
    line_ids = fields.One2many("manager.score.preview.line", "preview_id", readonly=True)

    @api.model
    def _preview(self, scheme):
        """Evaluate the last period that is over by ``scheme`` as it is saved, for all whom it is for.

        Other schemes and the days of validity are left aside, so a scheme can be tried before it is used.

        :raises AccessError: for who may not change schemes
        """
        scheme.check_access("write")
        cards = self.env["manager.scorecard"]
        # sudo: figures of all managers of the company, for who may change the scheme that they are judged by; the
        # dialog is readable by its author alone
        trial = scheme.sudo()
        running = trial._get_bounds(cards._get_today(trial.company_id))
        first, last = trial._get_bounds(running[0] - timedelta(days=1))
        values = trial._compute_values(first, last, trial.credit)
        managers = dict.fromkeys(sorted(trial._get_candidates(values, last)), trial)
        found = cards._evaluate(trial.company_id, first, last, managers, {trial.credit: values})
        cards._rank(found, cards)
        kept = cards.sudo().search(
            [("company_id", "=", trial.company_id.id), ("date_from", "=", first), ("date_to", "=", last)]
        )
        scores = {card.user_id.id: card.score for card in kept}
        names = {indicator.id: indicator.name for indicator in scheme.line_ids.indicator_id}
        line_model = self.env["manager.scorecard.line"]

        def describe(line):
            if line["points"] is None:
                return self.env._("%s: no points", names[line["indicator_id"]])
            return self.env._(
                "%(indicator)s %(value)s: %(points)s",
                indicator=names[line["indicator_id"]],
                value=line_model._format(line["value"], line["unit"], scheme.company_id.currency_id),
                points=line_model._format_number(line["points"]),
            )

        ordered = sorted(found, key=lambda user_id: (found[user_id]["rank"] or len(found) + 1, user_id))
        with_score = [each["score"] for each in found.values() if each["score"] is not None]
        return self.create(
            {
                "scheme_id": scheme.id,
                "period_name": cards._name_period(first, last),
                "manager_count": len(found),
                "scored_count": len(with_score),
                "score_mean": sum(with_score) / len(with_score) if with_score else False,
                "line_ids": [
                    fields.Command.create(
                        {
                            "user_id": user_id,
                            "rank": found[user_id]["rank"],
                            "score": found[user_id]["score"],
                            "score_now": scores.get(user_id, False),
                            "details": " · ".join(describe(line) for line in found[user_id]["lines"]),
                        }
                    )
                    for user_id in ordered
                ],
            }
        )


class ManagerScorePreviewLine(models.TransientModel):
    """What one manager would get."""

    _name = "manager.score.preview.line"
    _description = "Manager in a Preview"
    _inherit = "partner.pointer.mixin"

    preview_id = fields.Many2one("manager.score.preview", required=True, ondelete="cascade")
    user_id = fields.Many2one("res.users", string="Manager", readonly=True, ondelete="cascade")
    rank = EmptyInteger(readonly=True)
    score = EmptyFloat(readonly=True)
    score_now = EmptyFloat(
        string="Scorecard", readonly=True, help="The score of the scorecard that there is for this period."
    )
    details = fields.Char(string="Indicators and Points", readonly=True)
