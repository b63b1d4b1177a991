from odoo import api, fields, models
from odoo.fields import Domain

from ...tools import manager_score


class ManagerScorecard(models.Model):
    """The rank that a closed scorecard would have today, as others were closed after it or reopened.

    The closed rank stays as it is, as a bonus may follow from it.
    """

    _inherit = "manager.scorecard"

    rank_now_name = fields.Char(
        string="Rank Today",
        compute="_compute_rank_now_name",
        help="The rank of the closed score among the scores of the scheme and period as they are today, where it is "
        "another one than on closing: other scorecards were created, closed or reopened since. The closed rank stays; "
        "to correct it, and a bonus by it, reopen this scorecard and close it again.",
    )

    @api.depends("state", "score", "rank", "rank_count", "scheme_id", "company_id", "date_from", "date_to")
    @api.depends_context("lang")
    def _compute_rank_now_name(self):
        self.rank_now_name = False
        closed = self.filtered(lambda card: card.state == "closed" and card.score is not False)
        if not closed:
            return
        scores = closed._get_scores_beside()
        placed = {key: manager_score.ranks(alike) for key, alike in scores.items()}
        for card in closed:
            places = placed[card._get_rank_key()]
            rank, count = places[card._origin.id], sum(place is not None for place in places.values())
            if (rank, count) != (card.rank, card.rank_count):
                card.rank_now_name = card._name_rank(rank, count)

    def _get_rank_key(self):
        """Those with the same are ranked together."""
        self.ensure_one()
        return self.scheme_id.id, self.date_from, self.date_to

    def _get_scores_beside(self):
        """The scores that these scorecards are ranked among, their own included, by key and id.

        :rtype: dict[tuple, dict[int, float | None]]
        """
        windows = {card._get_rank_key() for card in self}
        domain = Domain.OR(
            Domain("scheme_id", "=", scheme_id)
            & Domain("date_from", "=", first)
            & Domain("date_to", "=", last)
            for scheme_id, first, last in sorted(windows)
        )
        scores = {}
        # sudo: the place among all managers, which each of them is told; no score of another one
        for card in self.sudo().search_fetch(domain, ["scheme_id", "date_from", "date_to", "score"]):
            score = None if card.score is False else card.score
            scores.setdefault(card._get_rank_key(), {})[card.id] = score
        return scores
