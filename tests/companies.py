"""Companies that a whole run of the tests keeps ready: Odoo takes a second to make one with a chart of accounts.

They are archived, so that no test meets one that it did not ask for. A database without them, as that of Odoo's own
runner or of a single file, makes what is asked for.
"""

PLAIN, WITH_CHART = "Kept Ready", "Ready with Chart"
# Of each kind, the currencies of those that a class asks for at once; the main company's first.
KEPT = {PLAIN: ("USD", "USD", "EUR", "EUR"), WITH_CHART: ("EUR", "USD", "EUR")}


def keep(env):
    """Make the companies that tests ask for; the caller commits."""
    user = env.user
    before = user.company_ids
    for kind, currencies in KEPT.items():
        for number, currency in enumerate(currencies):
            values = {"name": f"{kind} {number}", "currency_id": env.ref(f"base.{currency}").id}
            if kind == WITH_CHART:
                values["country_id"] = env.ref("base.us").id
            _make(env, values, kind)
    user.company_ids = before
    (env["res.company"].search([]) - before).active = False
    env.flush_all()
    # else Odoo loads the charts of companies with a country once more, as it does after their creation
    env.cr.precommit.clear()


def take(env, values, with_chart=False):
    """Give a company that is new to the test, one that is kept if there is one.

    :param dict values: of the company: its name and currency, and with a chart the country
    :param bool with_chart: whether the generic chart of accounts is loaded
    """
    kind = WITH_CHART if with_chart else PLAIN
    companies = env["res.company"].with_context(active_test=False)
    currency_id = values.get("currency_id") or companies.default_get(["currency_id"])["currency_id"]
    company = companies.search(
        [("name", "=like", f"{kind} %"), ("active", "=", False), ("currency_id", "=", currency_id)], limit=1
    ).with_env(env)
    if not company:
        return _make(env, values, kind)
    company.write({"name": values["name"], "active": True})
    env["stock.warehouse"].search([("company_id", "=", company.id)]).write(
        {"name": company.name, "code": company.name[:5]}
    )
    env.user.company_ids += company
    return company


def _make(env, values, kind):
    company = env["res.company"].create(values)
    warehouses = env["stock.warehouse"]
    if not warehouses.search([("company_id", "=", company.id)], limit=1):  # Odoo makes one only inside a test
        warehouses.create({"company_id": company.id})
    if kind == WITH_CHART:
        env.user.company_ids += company
        env["account.chart.template"].try_loading("generic_coa", company, install_demo=False)
        company.currency_id = values["currency_id"]
    return company
