"""The director's dashboard over years of sales: how long one request takes, and how many queries.

It is read as a client reads it, with a cursor and an environment of its own, for a director over everything and for a
supervisor over the own team, of several periods. The database has a sales history (`_sales_history`), open items
(`_open_items`) and two runs of the classification.
"""

from benches import _open_items, _sales_history
from benches.boards import _as_request
from dateutil.relativedelta import relativedelta

from odoo import fields

DATABASES = ("dashboard",)
OPTIONS = {
    "customers": (100_000, "customers with a sales history"),
    "invoices": (1_000_000, "invoices, with three lines on average"),
    "items": (50_000, "open items: planned contacts, activities, opportunities, quotations and orders"),
    "users": (50, "people who share the open items"),
}
TENFOLD = {"customers": 333_333, "invoices": 3_333_333}
HISTORY = ("dashboard",)
LIMIT_MS, LIMIT_QUERIES = 500, 12
PERIODS = ("month", "year", "last_12")
ROLES = ("director", "supervisor")


def prepare(env, label, options):
    if not env["account.move"].search_count([("move_type", "in", _sales_history.KINDS)], limit=1):
        _sales_history.make(env, options["customers"], options["invoices"])
    if not env["crm.lead"].search_count([], limit=1):
        _open_items.make(env, options["users"], options["items"])
    runs = env["partner.classification"]
    if not runs.search_count([("state", "=", "posted")], limit=1):
        end = fields.Date.today().replace(day=1) - relativedelta(days=1)
        policy = env["partner.classification.policy"]._get_for(env.company)
        for day in (end - relativedelta(months=6), end):
            run = runs.create({"policy_id": policy.id, "date_to": day})
            run.action_compute()
            run.action_post()
        env.cr.commit()
        _sales_history.vacuum(env.cr.dbname, "partner_classification", "partner_classification_line")


def measure(env, timer, options):
    functions, queries, cpu = {}, {}, {}
    people = _open_items.get_people(env)
    for role in ROLES:
        for period in PERIODS:
            key = f"dashboard, {period}, {role}"
            functions[key] = _as_request(env, people[role], _get_reading(period), queries, cpu, key)
    timer.medians(functions, rounds=7, warmup=2, undo=False)
    for key, count in queries.items():
        timer.note(f"{key}: queries", count)


def _get_reading(period):
    def read(env):
        data = env["partner.director.dashboard"].get_dashboard({"period": period})
        return {"rows": data["blocks"]["turnover"]["months"]}

    return read


def figures(results, _options):
    for name, value in results["dashboard"].items():
        if name.endswith(": queries"):
            yield name, f"{value:.0f}", f"<= {LIMIT_QUERIES}", value <= LIMIT_QUERIES
        else:
            yield name, f"{value:.0f} ms", f"<= {LIMIT_MS} ms", value <= LIMIT_MS
