"""Reports of failed orders, closed orders, conversion and campaigns over 200,000 orders, against Odoo's own.

As a director reads them: grouped as their screens open, and the first page of their lists with all columns. What they
are compared with is Odoo's Sales Analysis by salesperson and month over the same orders, taken in turn with them.
"""

from benches import _order_history
from benches._forms import specification

DATABASES = ("full",)
OPTIONS = {"orders": (200_000, "quotations and orders of three years")}

CORE = "Odoo's Sales Analysis, by salesperson and month"
REPORTS = {
    "failed orders, causes with their rates": (
        "partner.order.failure.report",
        ["reason_id"],
        ["failed_value:sum", "rate:avg"],
    ),
    "failed orders, by salesperson and month": (
        "partner.order.failure.report",
        ["user_id", "date:month"],
        ["failed_value:sum", "base_value:sum", "rate:avg"],
    ),
    "closed orders, by kind and month": (
        "partner.closed.order.report",
        ["kind", "date:month"],
        ["__count", "quantity:sum", "value:sum", "in_time_rate:avg"],
    ),
    "conversion, by source and month": (
        "partner.inquiry.report",
        ["source_id", "date:month"],
        ["inquiry_count:sum", "mature_count:sum", "converted_count:sum", "conversion_rate:avg"],
    ),
    "conversion, by campaign": (
        "partner.inquiry.report",
        ["campaign_id"],
        ["inquiry_count:sum", "conversion_rate:avg", "sale_value:sum"],
    ),
    "campaign results": (
        "partner.campaign.report",
        ["campaign_id"],
        ["cost:sum", "lead_count:sum", "new_customer_count:sum", "revenue:sum", "profit:sum", "roi:avg"],
    ),
}
PAGES = {
    "a page of failed orders": "partner.order.failure.report",
    "a page of closed orders": "partner.closed.order.report",
    "a page of inquiries": "partner.inquiry.report",
}
# As a multiple of Odoo's report: how long somebody waits who opens ours instead.
LIMIT = 4


def prepare(env, _label, options):
    if not env["sale.order"].search_count([], limit=1):
        _order_history.make(env, options["orders"])


def measure(env, timer, _options):
    director = env["res.users"].search([("login", "=", _order_history.LOGIN)])
    own = env(user=director.id, context={"lang": "en_US", "tz": "Asia/Ho_Chi_Minh"})
    _check(own)
    functions = {
        CORE: lambda: own["sale.report"].formatted_read_group(
            [("state", "=", "sale")], ["user_id", "date:month"], ["price_subtotal:sum", "__count"]
        )
    }
    for name, (model, groupby, aggregates) in REPORTS.items():
        functions[name] = lambda model=model, groupby=groupby, aggregates=aggregates: own[
            model
        ].formatted_read_group([], groupby, aggregates)
    for name, model in PAGES.items():
        columns = specification(own[model], "list")
        functions[name] = lambda model=model, columns=columns: own[model].web_search_read(
            [], columns, limit=80, count_limit=10_001
        )
    timer.medians(functions, rounds=5, warmup=1)


def _check(env):
    """What is measured has to be there: each figure against the documents it comes from."""
    env.cr.execute(
        "SELECT kind, COUNT(*), SUM(value_failed_company) FROM partner_order_failure GROUP BY kind"
    )
    expected = {kind: (count, float(value)) for kind, count, value in env.cr.fetchall()}
    groups = env["partner.order.failure.report"]._read_group(
        [], ["kind"], ["failure_id:count_distinct", "failed_value:sum"]
    )
    found = {kind: (count, value) for kind, count, value in groups if count}
    assert set(found) == set(expected) == {"lost", "cancelled", "short"}, (found, expected)
    env.cr.execute("SELECT COUNT(DISTINCT sale_line_id) FROM stock_move WHERE state = 'done'")
    [delivered] = env.cr.fetchone()
    [[closed]] = env["partner.closed.order.report"]._read_group(
        [("kind", "=", "customer")], [], ["res_id:count_distinct"]
    )
    assert closed == delivered, (closed, delivered)
    [[inquiries, converted]] = env["partner.inquiry.report"]._read_group(
        [], [], ["inquiry_count:sum", "converted_count:sum"]
    )
    assert inquiries and converted, (inquiries, converted)
    [[revenue, profit]] = env["partner.campaign.report"]._read_group([], [], ["revenue:sum", "profit:sum"])
    assert revenue and profit, (revenue, profit)


def figures(results, _options):
    full = results["full"]
    yield CORE, f"{full[CORE]:.0f} ms", "", None
    for name in (*REPORTS, *PAGES):
        ratio = full[name] / full[CORE]
        yield name, f"{full[name]:.0f} ms, {ratio:.1f} of Odoo's", f"<= {LIMIT}", ratio <= LIMIT
