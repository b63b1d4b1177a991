"""Companies that a whole run of the tests keeps ready: Odoo takes a second to make one with a chart of accounts.

They are archived, so that no test meets one that it did not ask for. A database without them, as that of Odoo's own
runner or of a single file, makes what is asked for.
"""

PLAIN, WITH_CHART = "Kept Ready", "Kept Ready with Chart"
COUNTS = {PLAIN: 3, WITH_CHART: 2}


def keep(env):
    """Make the companies that tests ask for; the caller commits."""
    user = env.user
    before = user.company_ids
    for kind, count in COUNTS.items():
        for number in range(1, count + 1):
            values = {"name": f"{kind} {number}"}
            if kind == WITH_CHART:
                values |= {"country_id": env.ref("base.us").id, "currency_id": env.ref("base.USD").id}
            _make(env, values, kind)
    user.company_ids = before
    (env["res.company"].search([]) - before).active = False
    env.flush_all()
    # else Odoo loads the charts of companies with a country once more, as it does after their creation
    env.cr.precommit.clear()


def take(env, values, with_chart=False):
    """Give a company that is new to the test, one that is kept if there is one.

    :param dict values: of the company; with_chart: country and currency too
    :param bool with_chart: whether the generic chart of accounts is loaded
    """
    kind = WITH_CHART if with_chart else PLAIN
    companies = env["res.company"].with_context(active_test=False)
    names = [("name", "=like", f"{kind} %"), ("active", "=", False)]
    kept = companies.search(names if with_chart else [*names, ("name", "not like", WITH_CHART)], limit=1)
    if not kept:
        return _make(env, values, kind)
    company = kept.with_env(env)
    company.active = True
    company.write(values)
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
        company.currency_id = values.get("currency_id", company.currency_id)
    return company
