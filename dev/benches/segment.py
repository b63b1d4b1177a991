"""A segment of 200,000 contacts by five criteria: its count against the same query written by hand.

A quarter of the contacts are companies, with three persons each. The criteria: country of the contact, industry of
its company, ABC class A or B, no contact for 90 days, bought of a product category within twelve months. The query by
hand is what somebody writes who knows the tables and sees everything; the segment is counted as a director sees it,
rules and all. They take turns.
"""

from benches import _sales_history
from benches._partners import copy_partners

from odoo import Command, fields
from odoo.tools import SQL

DATABASES = ("full",)
OPTIONS = {
    "contacts": (200_000, "companies and persons"),
    "invoices": (150_000, "posted invoices of the companies, of three lines on average"),
    "entries": (400_000, "entries of the contact log"),
}
TENFOLD = {"contacts": 1_000_000, "invoices": 750_000, "entries": 5_000_000}
LOGIN = "segment_director"
TABLES = ("res_partner", "partner_contact_log", "partner_classification", "partner_classification_line")
PERSONS = 3

BY_HAND = "the query by hand"
COUNT, LIMIT = "the segment, counted", 1.5
SAMPLE = "the first ten of it"
SIMPLE_BY_HAND, SIMPLE = "five fields of the contact by hand", "five fields of the contact, counted"
SNAPSHOT = "a snapshot of it"
NESTED = "it, without another segment, and with added and excluded contacts, counted"


def prepare(env, _label, options):
    if env["res.users"].search_count([("login", "=", LOGIN)]):
        return
    companies = options["contacts"] // (1 + PERSONS)
    if not env["account.move"].search_count([("move_type", "=", "out_invoice")], limit=1):
        _sales_history.make(env, companies, max(options["invoices"], companies))
    env["res.users"].create(
        {
            "name": "Director",
            "login": LOGIN,
            "company_id": env.company.id,
            "company_ids": [Command.set(env.company.ids)],
            "group_ids": [Command.set(env.ref("partner_relations.group_director").ids)],
        }
    )
    env.flush_all()
    _make_persons(env)
    _make_log(env, options["entries"])
    policy = env["partner.classification.policy"]._get_for(env.company)
    last = fields.Date.start_of(fields.Date.today(), "month")
    run = env["partner.classification"].create(
        {"policy_id": policy.id, "date_to": fields.Date.subtract(last, days=1)}
    )
    run.action_compute()
    run.action_post()
    env.cr.commit()
    _sales_history.vacuum(env.cr.dbname, *TABLES)


def _make_persons(env):
    """Persons of each company, by SQL because only their number matters."""
    own = {
        "is_company": SQL("FALSE"),
        "parent_id": SQL("model.id"),
        "commercial_partner_id": SQL("model.id"),
        "name": SQL("'Person ' || n"),
        "complete_name": SQL("model.name || ', Person ' || n"),
        "email": SQL("'person' || n || model.email"),
        "email_normalized": SQL("'person' || n || model.email"),
        "function": SQL("(ARRAY['Buyer', 'Director', 'Engineer'])[n]"),
    }
    which = SQL("model.name LIKE 'Customer %%'")
    copy_partners(env, own, SQL("generate_series(1, %s) AS n", PERSONS), which)


def _make_log(env, entries):
    """Contacts of the last two years with companies and persons."""
    env.cr.execute(
        """
    CREATE TEMP TABLE bench_contact ON COMMIT DROP AS
    SELECT row_number() OVER (ORDER BY id) AS number, id, commercial_partner_id
      FROM res_partner WHERE name LIKE 'Customer %' OR name LIKE 'Person %';
    ALTER TABLE bench_contact ADD PRIMARY KEY (number);
    ANALYZE bench_contact"""
    )
    env.cr.execute("SELECT COUNT(*) FROM bench_contact")
    [total] = env.cr.fetchone()
    with _sales_history.without_indexes(env.cr, "partner_contact_log"):
        env.cr.execute(
            SQL(
                """
    INSERT INTO partner_contact_log (title, partner_id, commercial_partner_id, user_id, company_id, channel, direction,
                                     state, date, duration, all_day, create_uid)
    SELECT 'Entry ' || n, contact.id, contact.commercial_partner_id, 1, %(company)s, 'phone', 'out',
           CASE WHEN n %% 20 = 0 THEN 'planned' ELSE 'done' END,
           now() - (hashint8(n) & 1023) * INTERVAL '17 hours', 0.25, FALSE, 1
      FROM (SELECT n, 1 + (hashint8(n * 7) & 2147483647) %% %(total)s AS number
              FROM generate_series(1, %(entries)s) AS n) AS drawn
      JOIN bench_contact AS contact USING (number)""",
                company=env.company.id,
                entries=entries,
                total=total,
            )
        )


def measure(env, timer, _options):
    director = env["res.users"].search([("login", "=", LOGIN)])
    own = env(user=director.id)
    company = env.company
    countries = env.ref("base.vn") | env.ref("base.de")
    industries = env["res.partner.industry"].search([], limit=8, order="id")
    category = env["product.category"].search([("name", "=", "Product group 1")], limit=1)
    segments = own["partner.segment"]

    def criterion(key, **values):
        domain = next(
            one for group in segments.get_criteria() for one in group["criteria"] if one["key"] == key
        )
        return [
            (leaf[0], leaf[1], values.get(leaf[0].rpartition(".")[2], leaf[2])) if len(leaf) == 3 else leaf
            for leaf in domain["domain"]
        ]

    bought = [
        ("categ_id", "child_of", category.ids) if leaf[0] == "categ_id" else leaf
        for leaf in criterion("bought")[0][2]
    ]
    rule = [
        ("country_id", "in", countries.ids),
        ("commercial_partner_id.industry_id", "in", industries.ids),
        *criterion("abc"),
        *criterion("not_contacted"),
        ("turnover_ids", "any", bought),
    ]
    segment = segments.create({"name": "Five criteria", "domain": repr(rule)})
    simple_rule = [
        ("country_id", "in", countries.ids),
        ("industry_id", "in", industries.ids),
        ("email_normalized", "!=", False),
        ("function", "ilike", "director"),
        ("is_company", "=", False),
    ]
    simple = segments.create({"name": "Simple", "domain": repr(simple_rule)})
    nested = segments.create(
        {
            "name": "Nested",
            "domain": repr(rule),
            "part_ids": [Command.create({"operator": "not", "part_id": simple.id})],
            "include_ids": own["res.partner"].search([("is_company", "=", True)], limit=100).ids,
            "exclude_ids": own["res.partner"].search([("is_company", "=", False)], limit=100).ids,
        }
    )
    by_hand = SQL(
        """
    SELECT COUNT(*)
      FROM res_partner AS contact
      JOIN res_partner AS company ON company.id = contact.commercial_partner_id
     WHERE contact.active
       AND contact.country_id = ANY(%(countries)s)
       AND company.industry_id = ANY(%(industries)s)
       AND contact.commercial_partner_id IN (
            SELECT line.partner_id
              FROM partner_classification_line AS line
              JOIN partner_classification AS run ON run.id = line.classification_id
             WHERE run.is_current AND run.kind = 'customer' AND run.company_id = %(company)s
               AND line.abc_class IN ('a', 'b'))
       AND NOT EXISTS (
            SELECT FROM partner_contact_log AS log
             WHERE log.partner_id = contact.id AND log.state = 'done' AND log.date >= %(since)s)
       AND NOT EXISTS (
            SELECT FROM partner_contact_log AS log
             WHERE log.commercial_partner_id = contact.id AND log.state = 'done' AND log.date >= %(since)s)
       AND contact.commercial_partner_id IN (
            SELECT move.commercial_partner_id
              FROM account_move AS move
              JOIN account_move_line AS line ON line.move_id = move.id
              JOIN product_product AS product ON product.id = line.product_id
              JOIN product_template AS template ON template.id = product.product_tmpl_id
             WHERE move.state = 'posted' AND move.move_type IN ('out_invoice', 'out_refund')
               AND move.company_id = %(company)s AND line.display_type = 'product' AND line.balance < 0
               AND template.categ_id = %(category)s AND move.invoice_date >= %(from)s)""",
        countries=countries.ids,
        industries=industries.ids,
        company=company.id,
        category=category.id,
        since=fields.Datetime.to_datetime(fields.Date.subtract(fields.Date.today(), days=90)),
        **{"from": fields.Date.subtract(fields.Date.today(), months=12)},
    )
    simple_by_hand = SQL(
        """
    SELECT COUNT(*) FROM res_partner
     WHERE active AND country_id = ANY(%s) AND industry_id = ANY(%s) AND email_normalized IS NOT NULL
       AND function ILIKE '%%director%%' AND NOT is_company""",
        countries.ids,
        industries.ids,
    )

    def ask(query):
        env.cr.execute(query)
        return env.cr.fetchone()[0]

    timer.say(f"{segment.partner_count:,} of {env['res.partner'].search_count([]):,} contacts")
    assert segment.partner_count == ask(by_hand) > 0, (segment.partner_count, ask(by_hand))
    assert simple.partner_count == ask(simple_by_hand) > 0
    timer.medians(
        {
            BY_HAND: lambda: ask(by_hand),
            COUNT: lambda: segment.partner_count,
            SIMPLE_BY_HAND: lambda: ask(simple_by_hand),
            SIMPLE: lambda: simple.partner_count,
            NESTED: lambda: nested.partner_count,
            SAMPLE: lambda: segment.sample_ids.ids,
            SNAPSHOT: segment._take_snapshot,
        },
        rounds=9,
        warmup=2,
    )


def figures(results, _options):
    full = results["full"]
    for name, reference in ((COUNT, BY_HAND), (SIMPLE, SIMPLE_BY_HAND)):
        ratio = full[name] / full[reference]
        yield f"{name}, to {reference}", f"{ratio:.2f}", f"<= {LIMIT:g}", ratio <= LIMIT
