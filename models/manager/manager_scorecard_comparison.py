from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Date, Domain

# Managers whose lines in a radar can be told apart.
MAX_COMPARED = 6
# Periods to choose from.
MAX_PERIODS = 24


class ManagerScorecard(models.Model):
    """Several managers of a period beside each other, of those that the user may see."""

    _inherit = "manager.scorecard"

    def action_compare(self):
        """Open the comparison of the managers whose scorecards are selected; of the best without any."""
        action = self.env["ir.actions.client"]._for_xml_id("partner_relations.manager_comparison_action")
        if not self:
            return action
        first = self[0]
        window = (first.company_id, first.date_from, first.date_to)
        if any((card.company_id, card.date_from, card.date_to) != window for card in self):
            raise UserError(self.env._("Select scorecards of one period and one company to compare them."))
        return {**action, "context": {"comparison_card_ids": self.ids[:MAX_COMPARED]}}

    @api.model
    @api.readonly
    def get_comparison(self, card_ids=None, window=None):
        """What the comparison shows: a fixed number of statements for any number of managers.

        :param list card_ids: scorecards to compare, at most six, of one period; without, the six best of the period,
            or for who sees one manager alone, that one's last two periods
        :param list window: first day, last day and id of the company of the period; without, that of the scorecards,
            else the last one
        :return: periods, managers to choose from, and the scorecards compared with their lines
        :rtype: dict
        """
        windows = self._get_comparison_windows()
        if not windows:
            return {"windows": [], "managers": [], "cards": [], "indicators": [], "window": False}
        cards = self.browse()
        if card_ids:
            ids = [one for one in card_ids if isinstance(one, int)][: 10 * MAX_COMPARED]
            # the search leaves out what the rules hide
            cards = self.search([("id", "in", ids)])[:MAX_COMPARED]
        if cards:
            chosen = (cards[0].date_from, cards[0].date_to, cards[0].company_id.id)
        else:
            chosen = self._read_comparison_window(window) or windows[0]
        domain = (
            Domain("date_from", "=", chosen[0])
            & Domain("date_to", "=", chosen[1])
            & Domain("company_id", "=", chosen[2])
        )
        period = self.search(domain, order="rank nulls last, user_id, id")
        cards = (cards & period) or period[:MAX_COMPARED]
        if len(period) == 1:
            cards |= self.search(
                [
                    ("user_id", "=", period.user_id.id),
                    ("company_id", "=", chosen[2]),
                    ("date_to", "<", chosen[0]),
                ],
                order="date_to desc, id desc",
                limit=1,
            )
        indicators = cards.line_ids.indicator_id.sorted(lambda indicator: (indicator.sequence, indicator.id))
        several = len(cards.user_id) > 1
        return {
            "windows": [
                {
                    "key": self._get_comparison_key(*each),
                    "name": self._name_period(each[0], each[1]),
                    "company": self.env["res.company"].browse(each[2]).name,
                }
                for each in windows
            ],
            "window": self._get_comparison_key(*chosen),
            # sudo: names of persons, as in every list of Odoo
            "managers": [
                {"id": card.id, "name": card.user_id.sudo().name, "rank": card.rank_name} for card in period
            ],
            "maximum": MAX_COMPARED,
            "indicators": [{"id": indicator.id, "name": indicator.name} for indicator in indicators],
            "cards": [
                {
                    "id": card.id,
                    "name": card.user_id.sudo().name if several else card.period_name,  # sudo: as above
                    "score": card.score,
                    "rank": card.rank_name,
                    "change": card.score_change,
                    "state": card.state,
                    "lines": {
                        line.indicator_id.id: {
                            "id": line.id,
                            "value": line._format_value("value"),
                            "target": line._format_value("target"),
                            "points": line.points,
                            "weight": line.weight,
                            "documents": line.document_count,
                            "reason": line.reason,
                        }
                        for line in card.line_ids
                    },
                }
                for card in cards
            ],
        }

    @api.model
    def _get_comparison_key(self, first, last, company_id):
        return f"{Date.to_string(first)}|{Date.to_string(last)}|{company_id}"

    @api.model
    def _read_comparison_window(self, window):
        """The days and the company of what the client sends; None where it is not a period."""
        if not isinstance(window, str):
            return None
        parts = window.split("|")
        try:
            return Date.to_date(parts[0]), Date.to_date(parts[1]), int(parts[2])
        except (ValueError, IndexError):
            return None

    @api.model
    def _get_comparison_windows(self):
        """The last periods that the user sees scorecards of, the last first."""
        groups = self._read_group(
            [("company_id", "in", self.env.companies.ids)],
            ["date_from:day", "date_to:day", "company_id"],
            order="date_to:day desc, date_from:day desc, company_id",
            limit=MAX_PERIODS,
        )
        return [(first, last, company.id) for first, last, company in groups]
