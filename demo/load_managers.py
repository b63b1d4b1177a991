"""The scorecards of the salespeople: three closed months and the running one."""

from datetime import timedelta

from odoo import Command

from odoo.addons.partner_relations.tools.internal import INTERNAL
from odoo.addons.partner_relations.tools.periods import add_months

from .loading import at

CLOSED_MONTHS = 3
# A month is closed on this day of the next one.
CLOSING_DAY = 7
# What a bonus is a share of, a month; and the share from so many points on, in percent.
BASE_AMOUNT = 20_000_000
BONUS_BANDS = ((60, 5), (80, 10), (100, 15))


def load_scorecards(env, today, director):
    """Judge sales by a tenth more than a year ago, the rest by the median; close the months that are over.

    :return: how many scorecards there are
    """
    env.flush_all()
    company, cards = env.company, env["manager.scorecard"]
    scheme = env["manager.score.scheme"]._ensure_for(company)
    sellers = env["crm.team.member"].search([]).user_id.filtered("employee_ids")
    scheme.write({"name": "Salespeople", "director_id": director.id, "user_ids": [Command.set(sellers.ids)]})
    scheme.with_context(lang="vi_VN").name = "Nhân viên bán hàng"
    scheme.line_ids.filtered(lambda line: line.code in ("revenue", "profit")).write(
        {"target_kind": "own_past", "past_period": "year", "target_share": 1.1}
    )
    _load_bonus_terms(env, scheme, add_months(today, -CLOSED_MONTHS - 1))
    for number in range(CLOSED_MONTHS, 0, -1):
        month = add_months(today, -number)
        closed = cards._compute_period(company, month)
        closed.with_user(director).action_close()
        last = add_months(month, 1) - timedelta(days=1)
        day = min(last + timedelta(days=CLOSING_DAY), today)
        closed.sudo().with_context(relations_scorecard=INTERNAL).closed_on = at(day, 9)
        scheme.date_done = last
    # the last month waits for the director's approval
    bonuses = env["manager.bonus"].with_user(director)
    bonuses.search([("company_id", "=", company.id), ("scorecard_id.date_to", "<", last)]).action_approve()
    cards._compute_period(company, today)
    return cards.search_count([("company_id", "=", company.id)])


def _load_bonus_terms(env, scheme, day):
    """A bonus by table for all who are judged."""
    scheme.write(
        {
            "bonus_method": "table",
            "bonus_band_ids": [
                Command.create({"score_from": score, "kind": "percent", "number": percent})
                for score, percent in BONUS_BANDS
            ],
        }
    )
    env["manager.bonus.base"].create(
        [
            {"user_id": user.id, "company_id": env.company.id, "date_from": day, "amount": BASE_AMOUNT}
            for user in env["manager.score.scheme"]._get_for(env.company, day)
        ]
    )
