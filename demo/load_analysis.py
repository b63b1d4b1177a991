"""Markets and the classifications of the past months, so that trends and migrations have something to show."""

from datetime import timedelta

from odoo.addons.partner_relations.tools.periods import add_months

MONTHS = 6
# market: industries whose customers belong to it
MARKETS = {
    "Homes": ("base.res_partner_industry_G", "base.res_partner_industry_L"),
    "Hotels and restaurants": ("base.res_partner_industry_I",),
    "Offices and schools": (
        "base.res_partner_industry_J",
        "base.res_partner_industry_K",
        "base.res_partner_industry_M",
        "base.res_partner_industry_P",
    ),
    "Builders": ("base.res_partner_industry_F",),
}
VIETNAMESE = {
    "Homes": "Nhà ở",
    "Hotels and restaurants": "Khách sạn và nhà hàng",
    "Offices and schools": "Văn phòng và trường học",
    "Builders": "Xây dựng",
}


def load_markets(env):
    """Markets by industry."""
    markets = env["partner.market"].create([{"name": name} for name in MARKETS])
    for market in markets:
        for xmlid in MARKETS[market.name]:
            industry = env.ref(xmlid, raise_if_not_found=False)
            if industry:
                industry.market_id = market
        market.with_context(lang="vi_VN").name = VIETNAMESE[market.name]


def load_classifications(env, today):
    """Post the runs of the last closed months, and make today's."""
    env.flush_all()
    for kind in ("customer", "supplier"):
        policy = env["partner.classification.policy"]._get_for(env.company, kind)
        runs = env["partner.classification"]
        for number in range(MONTHS - 1, -1, -1):
            date_to = add_months(today, -number) - timedelta(days=1)
            run = runs.create({"policy_id": policy.id, "date_to": date_to})
            run.action_compute()
            run.action_post()
        runs._refresh_live(policy, add_months(today, 0) - timedelta(days=1), today)


def load_sales_plans(env, today):
    """Plans of this year's months: what each salesperson sold a year earlier, and a tenth more."""
    env.flush_all()
    env["partner.sales.plan.copy"].create(
        {
            "date_from": today.replace(month=1, day=1),
            "date_to": today.replace(month=12, day=1),
            "source": "result",
            "measure": "revenue",
            "factor": 1.1,
        }
    ).action_copy()
