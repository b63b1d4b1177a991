# Run in Odoo's shell on that database with the first landed version of the addon: its users have worked with all
# that it had.
# ruff: noqa: F821 -- `env` is the shell's
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from odoo.fields import Command, Date, Datetime

today = Date.today()
seller = env["res.users"].search([("login", "=", "life_seller")])
leaver = env["res.users"].search([("login", "=", "life_leaver")])
seller.group_ids += env.ref("partner_relations.group_supervisor")
leaver.group_ids += env.ref("partner_relations.group_user")
customers = env["res.partner"].search([("name", "like", "Life Customer")], order="id")
suppliers = env["res.partner"].search([("name", "like", "Life Supplier")], order="id")
persons = customers.child_ids.sorted("id")

# contact base
role = env["partner.contact.role"].create({"name": "Own Role", "description": "Made by the company"})
persons[0].write({"birthdate": date(1980, 3, 14), "contact_role_id": role.id, "preferred_channel": "phone"})
persons[1].write({"birth_year_known": False, "birth_day": "29", "birth_month": "02"})
customers[0].responsible_user_ids = leaver
env.ref("partner_relations.contact_role_pays").name = "Renamed Role"
outcome = env["partner.contact.outcome"].create({"name": "Own Outcome"})
env.ref("partner_relations.outcome_thinking").active = False
env["partner.completeness.item"].search([], limit=1).weight = 7
env.company.relations_auto_close_meetings = True

# contact log
histories = env["partner.contact.history"]._restart()
while histories.filtered("next_id"):
    histories._read_batch(100_000)
logs = env["partner.contact.log"]
done = logs.create(
    [
        {
            "name": f"Call {number}",
            "agreement": "Prices until Friday",
            "partner_id": person.id,
            "user_id": (seller, leaver)[number % 2].id,
            "channel": ("phone", "visit", "chat")[number % 3],
            "direction": ("out", "in")[number % 2],
            "date": Datetime.now() - timedelta(days=number * 9 + 1),
            "outcome_id": outcome.id,
        }
        for number, person in enumerate(persons)
    ]
)
planned = logs.create(
    [
        {
            "name": f"Plan {number}",
            "partner_id": person.id,
            "user_id": seller.id,
            "state": "planned",
            "date": Datetime.now() + timedelta(days=number - 3),
        }
        for number, person in enumerate(persons)
    ]
)

# analysis
market = env["partner.market"].create({"name": "Own Market"})
env.ref("base.res_partner_industry_C").market_id = market
policy = env["partner.classification.policy"]._get_for(env.company, "customer")
policy.write({"abc_a": 60, "abc_b": 25, "abc_c": 15, "lost_days": 120})
for kind in ("customer", "supplier"):
    policy = env["partner.classification.policy"]._get_for(env.company, kind)
    for months in (2, 1, 0):
        date_to = today.replace(day=1) - relativedelta(months=months) - timedelta(days=1)
        run = env["partner.classification"].create({"policy_id": policy.id, "date_to": date_to})
        run.action_compute()
        if months:
            run.action_post()
env["partner.classification.override"].create(
    {
        "partner_id": customers[2].id,
        "abc_class": "a",
        "reason": "Opens a factory",
        "user_id": leaver.id,
        "date_until": today + timedelta(days=90),
    }
)
effort = env["partner.effort.policy"]._get_for(env.company)
effort.write(
    {
        "activity_limit": 7,
        "make_activities": True,
        "rule_ids": [Command.create({"contact_days": 1, "note": "Visit them"})],
    }
)
leaver.active = False
env.cr.commit()  # crons work with a connection of their own
for cron in env["ir.cron"].search([("model_id.model", "like", "partner%")]):
    failure = cron.method_direct_trigger()
    assert not isinstance(failure, dict), failure
env.cr.commit()
