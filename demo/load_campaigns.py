"""Campaigns with their plan and what they cost; where the sources were paid for."""

from datetime import timedelta

from odoo.fields import Command

from . import names
from .plan import month_start

# key of the campaign: (what was paid for, days after the start, share of the budget, index of the source)
COSTS = {
    "expo": (("Thuê gian hàng", -20, 0.55, 0), ("Dựng gian hàng", -3, 0.25, 0), ("Báo ngành", 5, 0.12, 3)),
    "hotel": (("In catalogue khách sạn", 2, 0.35, 3), ("Quảng cáo tìm kiếm", 10, 0.4, 2)),
    "office": (("Quảng cáo tìm kiếm", 3, 0.7, 2), ("Gọi điện thuê ngoài", 20, 0.42, 4)),
    "yearend": (("Quảng cáo tìm kiếm", 1, 0.3, 2),),
}
# key: (planned cost as a share of the budget, responses, revenue as a multiple of the budget)
EXPECTED = {
    "expo": (0.95, 40, 12),
    "hotel": (0.9, 20, 10),
    "office": (1.0, 25, 10),
    "yearend": (0.8, 30, 8),
}
LENGTH_DAYS = 60


def load_campaigns(env, today, campaigns, sources, furniture):
    """Give the campaigns of the plan their period, budget, expectations and costs.

    :param dict campaigns: by their key in ``names.CAMPAIGNS``
    :return: number of costs
    """
    vals_list = []
    for number, (key, campaign) in enumerate(campaigns.items()):
        _name, months, budget = names.CAMPAIGNS[key]
        start = month_start(today, months)
        share, responses, multiple = EXPECTED[key]
        campaign.write(
            {
                "company_id": env.company.id,
                "date_from": start,
                "date_to": start + timedelta(days=LENGTH_DAYS),
                "budget": budget,
                "planned_cost": budget * share,
                "expected_responses": responses,
                "expected_revenue": budget * multiple,
                "focus_categ_ids": [Command.set(furniture[number].categ_id.ids)],
            }
        )
        for name, days, part, source in COSTS[key]:
            vals_list.append(
                {
                    "campaign_id": campaign.id,
                    "name": name,
                    "date": min(start + timedelta(days=days), today),
                    "amount": budget * part,
                    "currency_id": env.company.currency_id.id,
                    "company_id": env.company.id,
                    "source_id": sources[source].id,
                }
            )
    return len(env["partner.campaign.cost"].create(vals_list))
