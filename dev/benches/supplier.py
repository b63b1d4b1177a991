"""Scorecards of 5,000 suppliers over 400,000 order lines, against Odoo's own on-time rate.

A full run computes all figures, points, scores and grades of a company and writes the cards; what it is compared
with reads the on-time rate of the same suppliers, all of them in one recordset, and nothing else. They take turns.
A second database with a sixteenth of the suppliers and lines shows how the cost grows.
"""

import datetime
import math

from benches import _purchase_history

from odoo import Command
from odoo.tools import SQL

DATABASES = ("full", "small")
OPTIONS = {
    "suppliers": (5_000, "suppliers of the full database; the small one has a sixteenth"),
    "lines": (400_000, "confirmed order lines of the full database, with their receipts, returns and bills"),
}
SMALLER = 16
CRITERIA = {
    "Delivery": ("100 * on_time_rate", 40),
    "Quality": ("100 * quality_rate", 25),
    "Price": ("100 * price_compliance", 25),
    "Response": ("100 - 10 * max(response_days - 1, 0)", 10),
}

CORE = "Odoo's on-time rate of all suppliers"
FULL, FULL_LIMIT = "all scorecards, from none", 0.25
AGAIN = "all scorecards again, nothing changed"
CHANGED = "all scorecards again, every one changed"
ONE = "scorecard of one supplier"
PAGE = "order lines of a supplier, a page of the list"
PIVOT = "pivot of all order lines, rates by supplier's category and month"
EXPONENT_LIMIT = 1.15


def prepare(env, label, options):
    share = SMALLER if label == "small" else 1
    if not env["purchase.order"].search_count([], limit=1):
        _purchase_history.make(env, options["suppliers"] // share, options["lines"] // share)
    policies = env["supplier.score.policy"]
    policy = policies._get_for(env.company)
    policy.criterion_ids = [
        Command.clear(),
        *[
            Command.create({"name": name, "formula": formula, "weight": weight, "sequence": number})
            for number, (name, (formula, weight)) in enumerate(CRITERIA.items())
        ],
    ]


def measure(env, timer, _options):
    cards = env["supplier.scorecard"]
    company = env.company
    env.cr.execute(SQL("SELECT DISTINCT partner_id FROM purchase_order ORDER BY 1"))
    suppliers = env["res.partner"].browse([partner_id for (partner_id,) in env.cr.fetchall()])
    today = env["supplier.delivery.report"].search([], limit=1) and datetime.date.today()
    first = today - datetime.timedelta(days=364)
    # those of an earlier run in databases that were kept
    env.cr.execute("DELETE FROM supplier_scorecard")
    env.cr.commit()

    def compute(partners=None):
        return cards._compute_figures(
            company, first, today, partners=partners, period="year", is_current=True
        )

    def from_none():
        assert compute()["added"] > len(suppliers) * 0.9

    timer.medians({CORE: lambda: suppliers.mapped("on_time_rate"), FULL: from_none}, rounds=5, warmup=1)
    compute()
    env.cr.commit()
    _purchase_history.vacuum(env.cr.dbname, "supplier_scorecard", "supplier_scorecard_line")

    def again():
        assert not any(compute().values())

    def changed():
        env["supplier.score.policy"].search([("company_id", "=", company.id)]).grace_days = 1
        env.cr.execute("UPDATE supplier_scorecard SET on_time_rate = 2")
        env.cr.execute("UPDATE supplier_scorecard_line SET points = -1")
        compute()

    report = env["supplier.delivery.report"]
    names = ("order_id", "date_promised", "quantity_ordered", "on_time_rate", "value", "delivery_state")
    middle = suppliers[len(suppliers) // 2]
    timer.medians(
        {
            AGAIN: again,
            CHANGED: changed,
            ONE: lambda: compute(middle),
            PAGE: lambda: report.web_search_read(
                [("partner_id", "=", middle.id)], {name: {} for name in names}, limit=80
            ),
        },
        rounds=5,
        warmup=1,
    )
    timer.median(
        PIVOT,
        lambda: report.formatted_read_grouping_sets(
            [("is_due", "=", True)],
            [[], ["categ_id"], ["date_promised:month"], ["categ_id", "date_promised:month"]],
            ["on_time_rate:avg", "value:sum"],
        ),
        rounds=1,
        warmup=0,
    )


def figures(results, _options):
    full, small = results["full"], results["small"]

    def row(text, value, limit):
        return text, f"{value:,.2f}", f"<= {limit:g}", value <= limit

    yield row(f"{FULL}, to {CORE}", full[FULL] / full[CORE], FULL_LIMIT)
    yield f"{AGAIN}, to {CORE}", f"{full[AGAIN] / full[CORE]:.2f}", "", None
    for name in (FULL, AGAIN):
        yield row(
            f"{name}, exponent of the cost", math.log(full[name] / small[name], SMALLER), EXPONENT_LIMIT
        )
