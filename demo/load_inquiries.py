"""Inquiries: how those of the customers came in, and strangers who asked."""

from random import Random

from odoo.fields import Command

from .loading import at, backdate
from .plan import SEED
from .plan_inquiries import CHANNEL_OF_SOURCE, CHANNELS, build_strangers


def load_inquiries(env, plan, today, leads, users, sources, furniture):
    """Give the leads of the plan their day, channel and interest, and add those of strangers.

    :return: number of inquiries
    """
    for lead, record in leads.values():
        channel = CHANNEL_OF_SOURCE[lead.source]
        product = furniture[plan.customers[lead.customer].products[0][0]].product_tmpl_id
        record.write(
            {
                "inquiry_date": lead.created,
                "inquiry_channel": channel,
                "asked_source_id": sources[lead.source].id if channel != "web" else False,
                "interest_product_ids": [Command.set(product.ids)],
            }
        )
    # customers who had bought by then have deals, not inquiries
    env["crm.lead"].concat(*(record for _lead, record in leads.values()))._decide_inquiries()
    strangers = build_strangers(today)
    random = Random(f"{SEED}-load-strangers")
    reasons, stage = env["crm.lost.reason"].search([]), env["crm.stage"].search([], limit=1)
    vals_list = []
    for stranger in strangers:
        source, is_asked = CHANNELS[stranger.channel]
        product = furniture[stranger.product].product_tmpl_id
        vals_list.append(
            {
                "name": stranger.wish,
                "type": "lead",
                "contact_name": stranger.name,
                "email_from": stranger.email,
                "phone": stranger.phone,
                "user_id": users[stranger.user].id if stranger.user else False,
                "company_id": env.company.id,
                "stage_id": stage.id,
                "inquiry_date": stranger.day,
                "inquiry_channel": stranger.channel,
                "source_id": sources[source].id,
                "asked_source_id": sources[source].id if is_asked else False,
                "interest_product_ids": [Command.set(product.ids)],
                # invented people are looked up nowhere
                **({"iap_enrich_done": True} if "iap_enrich_done" in env["crm.lead"]._fields else {}),
            }
        )
    records = env["crm.lead"].create(vals_list)
    for stranger, record in zip(strangers, records, strict=True):
        if stranger.is_lost:
            record.write({"lost_reason_id": random.choice(reasons).id, "active": False, "probability": 0})
    backdate(records, [at(stranger.day, 9) for stranger in strangers])
    return len(leads) + len(records)
