"""Indicators of 50 sales managers over 1,000,000 invoices, against bare grouped queries.

The bare queries are what somebody would write by hand for the same figures: one GROUP BY for the sums of invoices, one
for the discounts of their lines, one for the customers kept and one for those won. They know nothing of rounding to
cash. For sales by the salesperson of the document they group by that; for sales by who was responsible they have the
plainest join with the history of owners, too. Each is compared with its own, and they take turns; both leave PostgreSQL
at the same settings. The overdue receivables take turns with a query of their own, which nets what each customer owes
and has paid; in the history what is paid is only marked so. A second database has the same customers and invoices with
a tenth of the managers. A third one has the orders with their deliveries, the contact log and the letters, whose
indicators are compared with bare queries, too; what all indicators take together is the sum of both.
"""

from benches import _order_history, _sales_history
from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.tools import SQL

from odoo.addons.partner_relations.tools import completeness

DATABASES = ("full", "few", "work")
OPTIONS = {
    "customers": (100_000, "customers of each database"),
    "invoices": (1_000_000, "invoices of each database, with three lines on average"),
    "orders": (200_000, "orders with deliveries, in the third database"),
    "contacts": (500_000, "done contacts of the third database"),
    "letters": (300_000, "letters of the third database"),
}
TENFOLD = {"customers": 333_333, "invoices": 3_333_333, "contacts": 5_000_000}
HISTORY = ("full",)
MANAGERS = {"full": 50, "few": 5}
# Share of the customers who were handed over.
HANDED_OVER = 30
CODES = (
    "revenue", "profit", "margin_rate", "deduction_rate", "retention_rate", "money_retention_rate",
    "new_customers", "returned_customers",
)  # fmt: skip
SPANS = {"a year": 12, "a month": 1}
CREDITS = {"document": "by salesperson", "owner": "by owner"}
EVIDENCE = "evidence of one manager's revenue, a year, by owner"
PLAN, BARE_PLAN = "plan fulfilment", "bare query of it"
PLANNED_MONTHS = 24
DEBTS, BARE_DEBTS = "overdue receivables, at the end of last month", "bare query of them"
WORK_CODES = {
    "orders": ("fulfilled_orders", "fulfilled_on_time_rate"),
    "contacts": ("contacts", "contacts_phone", "contact_minutes", "customers_reached"),
    "completeness": ("completeness",),
    "letters": ("letter_response", "letters_in_time"),
    "inquiries": ("inquiry_conversion", "inquiry_conversion_due", "young_inquiries"),
}
LIMIT = 1.2
# What the indicators set, for the bare queries too.
SETTINGS = "SET LOCAL jit = off; SET LOCAL work_mem = '64MB'"
# How much longer ten times the managers may take: the chance of two databases.
MANAGERS_LIMIT = 1.15
# With more customers, whether 50 managers take longer than 5 is left out.
FEW_UP_TO = 150_000


def prepare(env, label, options):
    if label == "work":
        _prepare_work(env, options)
        return
    left_out = label == "few" and options["customers"] > FEW_UP_TO
    if left_out or env["partner.sales.plan"].search_count([], limit=1):
        return
    if not env["account.move"].search_count([("move_type", "in", _sales_history.KINDS)], limit=1):
        _sales_history.SALESPEOPLE = MANAGERS[label]
        _sales_history.make(env, options["customers"], options["invoices"])
    # Whoever is responsible now has always been, or since some day of the last three years somebody else was before.
    env.cr.execute("DELETE FROM partner_owner_period")
    with _sales_history.without_indexes(env.cr, "partner_owner_period"):
        env.cr.execute(
            SQL(
                """
            WITH person AS (SELECT row_number() OVER (ORDER BY id) - 1 AS number, id, COUNT(*) OVER () AS people
                              FROM res_users WHERE login LIKE 'salesperson%%'),
                 customer AS (SELECT partner.id, partner.user_id, previous.id AS previous_id,
                                     CASE WHEN partner.id %% 100 < %(share)s
                                          THEN now() AT TIME ZONE 'UTC' - INTERVAL '1 day' * (partner.id * 7 %% 1095)
                                     END AS moment
                                FROM res_partner AS partner
                                JOIN person AS previous ON previous.number = partner.id * 13 %% previous.people
                               WHERE partner.user_id IS NOT NULL AND partner.commercial_partner_id = partner.id)
            INSERT INTO partner_owner_period (partner_id, user_id, date_from, date_to, estimated, origin)
            SELECT id, user_id, moment, NULL::timestamp, FALSE, 'changed' FROM customer
             UNION ALL
            SELECT id, previous_id, NULL, moment, FALSE, 'created' FROM customer WHERE moment IS NOT NULL""",
                share=HANDED_OVER,
            )
        )
    month = fields.Date.start_of(fields.Date.today(), "month")
    env["partner.sales.plan"].create(
        [
            {
                "user_id": user.id,
                "date": month - relativedelta(months=number),
                "amount": 1_000_000 + 1_000 * number,
            }
            for user in env["res.users"].search([("login", "like", "salesperson")])
            for number in range(PLANNED_MONTHS)
        ]
    )
    env.cr.commit()
    _sales_history.vacuum(env.cr.dbname, "partner_owner_period", "partner_sales_plan")


def _prepare_work(env, options):
    if env["sale.order"].search_count([], limit=1):
        return
    _order_history.make(env, options["orders"])
    mailbox = env["partner.mailbox"].create({"name": "Letters", "email": "letters@our.example.com"})
    env.flush_all()
    parameters = {"company": env.company.id, "mailbox": mailbox.id}
    # who sold first has always been the owner
    env.cr.execute(
        """DELETE FROM partner_owner_period;
           INSERT INTO partner_owner_period (partner_id, user_id, estimated, origin)
           SELECT partner_id, MIN(user_id), FALSE, 'created' FROM sale_order GROUP BY partner_id;
           UPDATE res_partner SET email_normalized = CASE WHEN id % 3 > 0 THEN 'a@example.com' END,
                  phone_sanitized = CASE WHEN id % 5 > 0 THEN '+84901234567' END, street = '1 Street', city = 'Hue'
            WHERE id IN (SELECT partner_id FROM sale_order);
           CREATE TEMP TABLE bench_owner ON COMMIT DROP AS
           SELECT (ROW_NUMBER() OVER (ORDER BY partner_id) - 1)::int AS number, partner_id, user_id
             FROM partner_owner_period;
           ALTER TABLE bench_owner ADD PRIMARY KEY (number);
           ANALYZE bench_owner"""
    )
    env.cr.execute("SELECT COUNT(*) FROM bench_owner")
    [parameters["many"]] = env.cr.fetchone()
    for table, statement, count in (
        (
            "partner_contact_log",
            """INSERT INTO partner_contact_log (partner_id, commercial_partner_id, user_id, company_id, channel,
                                                direction, state, date, duration, title)
               SELECT owner.partner_id, owner.partner_id, owner.user_id, %(company)s,
                      (ARRAY['phone', 'email', 'meeting'])[1 + n %% 3], 'out', 'done',
                      now() AT TIME ZONE 'UTC' - INTERVAL '1 minute' * (n * 7919::bigint %% 1576800), 0.25 * (n %% 5),
                      'Contact'
                 FROM generate_series(1, %(count)s) AS n
                 JOIN bench_owner AS owner ON owner.number = n %% %(many)s""",
            options["contacts"],
        ),
        (
            "partner_letter",
            """INSERT INTO partner_letter (name, mailbox_id, company_id, direction, date, kind, state, importance,
                                           user_id, partner_id, commercial_partner_id, date_deadline, date_answered,
                                           response_hours)
               SELECT 'Letter', %(mailbox)s, %(company)s, CASE WHEN n %% 3 = 0 THEN 'out' ELSE 'in' END, moment,
                      'letter', 'done', '0', owner.user_id, owner.partner_id, owner.partner_id,
                      moment + INTERVAL '1 day', moment + INTERVAL '1 hour' * (n %% 40), n %% 40
                 FROM generate_series(1, %(count)s) AS n
                 JOIN bench_owner AS owner ON owner.number = n %% %(many)s
           CROSS JOIN LATERAL (SELECT now() AT TIME ZONE 'UTC'
                                      - INTERVAL '1 minute' * (n * 104729::bigint %% 1576800) AS moment) AS past""",
            options["letters"],
        ),
    ):
        with _sales_history.without_indexes(env.cr, table):
            env.cr.execute(SQL(statement, count=count, **parameters))
    env.cr.commit()
    _sales_history.vacuum(
        env.cr.dbname, "partner_owner_period", "partner_contact_log", "partner_letter", "res_partner"
    )


def measure(env, timer, options):
    if timer.label == "work":
        _measure_work(env, timer)
        return
    if timer.label == "few" and options["customers"] > FEW_UP_TO:
        return
    indicators = env["manager.indicator"].search([("code", "in", CODES)])
    assert len(indicators) == len(CODES), indicators.mapped("code")
    last = fields.Date.start_of(fields.Date.today(), "month") - relativedelta(days=1)
    for span, months in SPANS.items():
        first = last + relativedelta(days=1) - relativedelta(months=months)
        functions = {}
        for credit, words in CREDITS.items():
            _check(env, indicators, first, last, credit, MANAGERS[timer.label])
            functions[f"bare queries, {span}, {words}"] = lambda first=first, credit=credit: _bare(
                env, first, last, credit
            )
            functions[f"all indicators, {span}, {words}"] = lambda first=first, credit=credit: (
                indicators._compute_values(env.company, first, last, credit=credit)
            )
        timer.medians(functions, rounds=7, warmup=1)
    first = last + relativedelta(days=1) - relativedelta(years=1)
    user = env["res.users"].search([("login", "=", "salesperson1")])
    revenue = indicators.filtered(lambda indicator: indicator.code == "revenue")
    timer.medians(
        {EVIDENCE: lambda: env.execute_query(revenue._get_evidence(env.company, first, last, user))},
        rounds=3,
        warmup=1,
    )
    plan = env["manager.indicator"].search([("code", "=", "plan_fulfilment")])
    functions = {}
    for span, months in SPANS.items():
        since = last + relativedelta(days=1) - relativedelta(months=months)
        values = plan._compute_values(env.company, since, last)
        rows = _bare_plan(env, since, last)
        assert len(rows) >= MANAGERS[timer.label], rows
        for user_id, result, planned in rows:
            found = values[plan.id, user_id]
            assert abs(found[0] - float(result)) < 0.01 and abs(found[1] - float(planned)) < 0.01, found
        functions[f"{BARE_PLAN}, {span}"] = lambda since=since: _bare_plan(env, since, last)
        functions[f"{PLAN}, {span}"] = lambda since=since: plan._compute_values(env.company, since, last)
    timer.medians(functions, rounds=7, warmup=1)
    debts = env["manager.indicator"].search([("code", "=", "overdue_receivables")])
    # of today, for which the bare query needs no look at what was matched later
    last = fields.Date.today()
    found = debts._compute_values(env.company, first, last)
    mine, theirs = (
        sum(float(amount) for amount in amounts)
        for amounts in ([each.value for each in found.values()], [row[1] for row in _bare_debts(env, last)])
    )
    assert theirs > 0 and abs(mine - theirs) < 0.01, (mine, theirs)
    timer.medians(
        {
            BARE_DEBTS: lambda: _bare_debts(env, last),
            DEBTS: lambda: debts._compute_values(env.company, first, last),
        },
        rounds=7,
        warmup=1,
    )


def _bare_plan(env, first, last):
    """By manager the revenue of the months that have a plan, and the plan."""
    env.cr.execute(SETTINGS)
    return env.execute_query(
        SQL(
            """
            SELECT plan.user_id, SUM(COALESCE(sale.revenue, 0)), SUM(plan.amount)
              FROM partner_sales_plan AS plan
         LEFT JOIN (SELECT COALESCE(owner.user_id, move.invoice_user_id) AS user_id,
                           date_trunc('month', move.invoice_date)::date AS month,
                           SUM(move.amount_untaxed_signed) AS revenue
                      FROM account_move AS move
                 LEFT JOIN partner_owner_period AS owner ON owner.partner_id = move.commercial_partner_id
                       AND (owner.date_from IS NULL OR owner.date_from <= move.invoice_date)
                       AND (owner.date_to IS NULL OR owner.date_to > move.invoice_date)
                     WHERE move.state = 'posted' AND move.move_type IN ('out_invoice', 'out_refund')
                       AND move.company_id = %(company)s AND move.invoice_date BETWEEN %(first)s AND %(last)s
                     GROUP BY 1, 2) AS sale ON sale.user_id = plan.user_id AND sale.month = plan.date
             WHERE plan.company_id = %(company)s AND plan.date BETWEEN %(first)s AND %(last)s
             GROUP BY 1""",
            company=env.company.id,
            first=first,
            last=last,
        )
    )


def _measure_work(env, timer):
    last = fields.Date.start_of(fields.Date.today(), "month") - relativedelta(days=1)
    for span, months in SPANS.items():
        first = last + relativedelta(days=1) - relativedelta(months=months)
        functions = {}
        for source, codes in WORK_CODES.items():
            indicators = env["manager.indicator"].search([("code", "in", codes)])
            assert len(indicators) == len(codes), codes
            _check_work(env, indicators, source, first, last)
            functions[f"bare query of {source}, {span}"] = lambda first=first, source=source: _bare_work(
                env, source, first, last
            )
            functions[f"{source}, {span}"] = lambda first=first, indicators=indicators: (
                indicators._compute_values(env.company, first, last)
            )
        timer.medians(functions, rounds=7, warmup=1)


def _check_work(env, indicators, source, first, last):
    """Both find the same of each manager."""
    by_code = {indicator.code: indicator.id for indicator in indicators}
    values = indicators._compute_values(env.company, first, last)
    rows = _bare_work(env, source, first, last)
    assert len(rows) > 10, (source, rows)
    for user_id, *sums in rows:
        for code, pair in zip(WORK_CODES[source], sums, strict=True):
            found = values.get((by_code[code], user_id or False))
            for mine, theirs in zip(found[:2] if found else (0, 0), pair, strict=True):
                assert abs(float(mine or 0) - float(theirs or 0)) < 0.01, (code, user_id, found, pair)


def _bare_work(env, source, first, last):
    """By manager a pair of numerator and denominator for each code of a source."""
    env.cr.execute(SETTINGS)
    tz = env.company.partner_id.tz or "UTC"
    statement = {
        "orders": """
            SELECT COALESCE(owner.user_id, o.user_id), COUNT(*),
                   COUNT(*) FILTER (WHERE closed.day <= (COALESCE(o.promised_date, o.commitment_date, closed.promised)
                                                         AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date),
                   COUNT(*) FILTER (WHERE COALESCE(o.promised_date, o.commitment_date, closed.promised) IS NOT NULL)
              FROM (SELECT line.order_id, (MAX(move.date) AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date AS day,
                           MAX(move.date_deadline) AS promised
                      FROM stock_move AS move
                      JOIN stock_location AS place ON place.id = move.location_dest_id AND place.usage = 'customer'
                      JOIN sale_order_line AS line ON line.id = move.sale_line_id
                     WHERE move.state = 'done' AND move.company_id = %(company)s
                     GROUP BY line.order_id) AS closed
              JOIN sale_order AS o ON o.id = closed.order_id AND o.state = 'sale' AND o.rest_closed IS NOT TRUE
              JOIN res_partner AS customer ON customer.id = o.partner_id
         LEFT JOIN partner_owner_period AS owner ON owner.partner_id = customer.commercial_partner_id
               AND (owner.date_from IS NULL OR owner.date_from <= closed.day)
               AND (owner.date_to IS NULL OR owner.date_to > closed.day)
             WHERE closed.day BETWEEN %(first)s AND %(last)s AND o.company_id = %(company)s
               AND NOT EXISTS (SELECT FROM sale_order_line AS open
                                WHERE open.order_id = o.id AND open.display_type IS NULL
                                  AND open.qty_delivered < open.product_uom_qty)
             GROUP BY 1""",
        "contacts": """
            SELECT log.user_id, COUNT(*), COUNT(*) FILTER (WHERE log.channel = 'phone'),
                   SUM(60 * log.duration) FILTER (WHERE log.duration > 0), COUNT(DISTINCT log.commercial_partner_id)
              FROM partner_contact_log AS log
              JOIN res_partner AS customer ON customer.id = log.commercial_partner_id AND customer.partner_share
             WHERE log.state = 'done' AND log.company_id = %(company)s
               AND (COALESCE(customer.supplier_rank, 0) = 0 OR customer.customer_rank > 0)
               AND (log.date AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date BETWEEN %(first)s AND %(last)s
             GROUP BY 1""",
        "completeness": """
            SELECT owner.user_id,
                   SUM(CASE WHEN contact.is_company
                            THEN 2 * (COALESCE(contact.phone_sanitized ~ %(phone)s, FALSE))::int
                                 + 2 * (COALESCE(contact.email_normalized ~ %(email)s, FALSE))::int
                                 + 2 * (contact.street ~ %(text)s AND contact.city ~ %(text)s
                                        AND contact.country_id IS NOT NULL)::int
                                 + (COALESCE(contact.vat ~ %(vat)s, FALSE))::int
                                 + (contact.industry_id IS NOT NULL)::int + (contact.user_id IS NOT NULL)::int
                                 + 2 * (EXISTS (SELECT FROM res_partner AS person
                                                 WHERE person.parent_id = contact.id AND person.active
                                                   AND person.type = 'contact' AND NOT person.is_company))::int
                            ELSE (COALESCE(contact.name ~ %(text)s, FALSE))::int
                                 + 2 * (COALESCE(contact.phone_sanitized ~ %(phone)s, FALSE))::int
                                 + 2 * (COALESCE(contact.email_normalized ~ %(email)s, FALSE))::int
                                 + 2 * (COALESCE(contact.function ~ %(text)s, FALSE))::int
                                 + (contact.birthdate IS NOT NULL)::int END),
                   SUM(CASE WHEN contact.is_company THEN 11 ELSE 8 END)
              FROM res_partner AS contact
              JOIN res_partner AS customer ON customer.id = contact.commercial_partner_id AND customer.active
              JOIN partner_owner_period AS owner ON owner.partner_id = customer.id
               AND owner.user_id IS NOT NULL AND (owner.date_to IS NULL OR owner.date_to > now() AT TIME ZONE 'UTC')
             WHERE contact.active AND (contact.type = 'contact' OR contact.parent_id IS NULL)
               AND (COALESCE(customer.supplier_rank, 0) = 0 OR customer.customer_rank > 0)
             GROUP BY 1""",
        "letters": """
            SELECT user_id, SUM(hours), COUNT(hours), COUNT(*) FILTER (WHERE in_time), COUNT(in_time)
              FROM (SELECT letter.user_id,
                           CASE WHEN (date_answered AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date
                                     BETWEEN %(first)s AND %(last)s THEN response_hours END AS hours,
                           CASE WHEN (date_deadline AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date
                                     BETWEEN %(first)s AND %(last)s
                                THEN COALESCE(date_answered <= date_deadline, FALSE) END AS in_time
                      FROM partner_letter AS letter
                      JOIN res_partner AS customer ON customer.id = letter.commercial_partner_id
                     WHERE direction = 'in' AND kind = 'letter' AND letter.company_id = %(company)s
                       AND is_junk IS NOT TRUE
                       AND (COALESCE(customer.supplier_rank, 0) = 0 OR customer.customer_rank > 0)) AS letter
             WHERE hours IS NOT NULL OR in_time IS NOT NULL
             GROUP BY 1""",
        # an order belongs to the inquiry it is made of, else to the last one of its customer before it
        "inquiries": """
            SELECT user_id, COUNT(*) FILTER (WHERE is_mature AND is_converted AND day BETWEEN %(first)s AND %(last)s),
                   COUNT(*) FILTER (WHERE is_mature AND day BETWEEN %(first)s AND %(last)s),
                   COUNT(*) FILTER (WHERE is_mature AND is_converted
                                      AND day BETWEEN %(first)s - %(days)s AND %(last)s - %(days)s),
                   COUNT(*) FILTER (WHERE is_mature AND day BETWEEN %(first)s - %(days)s AND %(last)s - %(days)s),
                   COUNT(*) FILTER (WHERE NOT is_mature AND day BETWEEN %(first)s AND %(last)s)
              FROM (SELECT lead.user_id, lead.inquiry_date AS day,
                           (now() AT TIME ZONE %(tz)s)::date - lead.inquiry_date >= %(days)s AS is_mature,
                           COALESCE(sale.day - lead.inquiry_date <= %(days)s, FALSE) AS is_converted
                      FROM crm_lead AS lead
                 LEFT JOIN (SELECT lead_id, MIN(day) AS day
                              FROM (SELECT DISTINCT ON (o.id) o.id, lead.id AS lead_id, o.state, o.amount_untaxed,
                                           (o.date_order AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date AS day
                                      FROM sale_order AS o
                                      JOIN res_partner AS buyer ON buyer.id = o.partner_id
                                      JOIN (SELECT lead.id, lead.inquiry_date, customer.commercial_partner_id
                                              FROM crm_lead AS lead
                                         LEFT JOIN res_partner AS customer ON customer.id = lead.partner_id
                                             WHERE lead.is_inquiry) AS lead
                                        ON lead.commercial_partner_id = buyer.commercial_partner_id
                                       AND lead.inquiry_date
                                           <= (o.date_order AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date
                                     ORDER BY o.id, (o.opportunity_id = lead.id) IS TRUE DESC,
                                              lead.inquiry_date DESC, lead.id DESC) AS belonging
                             WHERE state = 'sale' AND amount_untaxed > 0
                             GROUP BY lead_id) AS sale ON sale.lead_id = lead.id
                     WHERE lead.is_inquiry AND lead.inquiry_date BETWEEN %(first)s - %(days)s AND %(last)s) AS inquiry
             GROUP BY 1""",
    }[source]
    rows = env.execute_query(
        SQL(
            statement,
            days=env.company.inquiry_days,
            company=env.company.id,
            first=first,
            last=last,
            tz=tz,
            email=completeness.EMAIL,
            phone=completeness.PHONE,
            text=completeness.TEXT,
            vat=completeness.TAX_ID,
        )
    )
    if source == "orders":
        return [(user, (count, None), (in_time, promised)) for user, count, in_time, promised in rows]
    if source == "contacts":
        return [(user, *((figure, None) for figure in figures)) for user, *figures in rows]
    if source == "inquiries":
        return [(user, *zip(rest[:4:2], rest[1:4:2], strict=True), (rest[4], None)) for user, *rest in rows]
    return [(user, *zip(figures[::2], figures[1::2], strict=True)) for user, *figures in rows]


def _bare_debts(env, day):
    """What the customers of each owner owe overdue, less what they have paid or been credited without a match."""
    env.cr.execute(SETTINGS)
    return env.execute_query(
        SQL(
            """
            SELECT owner.user_id, SUM(GREATEST(customer.debt - customer.money, 0))
              FROM (SELECT line.partner_id, SUM(line.amount_residual) FILTER (WHERE line.balance > 0) AS debt,
                           COALESCE(-SUM(line.amount_residual) FILTER (WHERE line.balance < 0), 0) AS money
                      FROM account_move_line AS line
                      JOIN account_account AS account ON account.id = line.account_id
                       AND account.account_type = 'asset_receivable' AND account.non_trade IS NOT TRUE
                     WHERE line.reconciled IS NOT TRUE AND line.parent_state = 'posted'
                       AND line.company_id = %(company)s AND line.date <= %(day)s
                       AND (line.balance < 0 OR COALESCE(line.date_maturity, line.date) < %(day)s)
                     GROUP BY line.partner_id) AS customer
         LEFT JOIN partner_owner_period AS owner ON owner.partner_id = customer.partner_id
               AND (owner.date_from IS NULL OR owner.date_from <= %(day)s)
               AND (owner.date_to IS NULL OR owner.date_to > %(day)s)
             WHERE customer.debt > 0
             GROUP BY 1""",
            company=env.company.id,
            day=day,
        )
    )


def _check(env, indicators, first, last, credit, managers):
    """What is compared has to be the same: the sums of both by manager, and of everybody."""
    by_code = {indicator.code: indicator.id for indicator in indicators}
    values = indicators._compute_values(env.company, first, last, credit=credit)
    for code, rows in _bare(env, first, last, credit).items():
        assert len(rows) >= managers, (code, len(rows))
        for user_id, numerator, denominator in rows:
            found = values.get((by_code[code], user_id or False))
            for mine, theirs in zip((numerator, denominator), found[:2] if found else (0, 0), strict=True):
                assert abs(float(mine or 0) - (theirs or 0)) < 0.01, (
                    code,
                    credit,
                    first,
                    user_id,
                    mine,
                    theirs,
                )


def _bare(env, first, last, credit):
    """By code the rows of manager, numerator and denominator, of those figures that are read alone."""
    env.cr.execute(SETTINGS)
    parameters = {"company": env.company.id, "first": first, "last": last}
    by_document = credit == "document"

    def owner(partner, day):
        return SQL(
            """LEFT JOIN partner_owner_period AS owner ON owner.partner_id = %(partner)s
                AND (owner.company_id IS NULL OR owner.company_id = %(company)s)
                AND (owner.date_from IS NULL OR owner.date_from <= %(day)s)
                AND (owner.date_to IS NULL OR owner.date_to > %(day)s)""",
            partner=SQL(partner),
            day=day,
            company=env.company.id,
        )

    by_day = SQL() if by_document else owner("move.commercial_partner_id", SQL("move.invoice_date"))
    user = (
        SQL("move.invoice_user_id") if by_document else SQL("COALESCE(owner.user_id, move.invoice_user_id)")
    )
    period = SQL(
        """move.state = 'posted' AND move.move_type IN ('out_invoice', 'out_refund')
           AND move.company_id = %(company)s AND move.invoice_date BETWEEN %(first)s AND %(last)s""",
        **{name: parameters[name] for name in ("company", "first", "last")},
    )
    # credit notes that say so took back all of it, or it is reconciled with one that does not say so
    taken_back = SQL(
        """(SELECT invoice.id FROM account_move AS invoice
              JOIN (SELECT reversed_entry_id AS id, SUM(amount_untaxed_signed) AS amount FROM account_move
                     WHERE company_id = %(company)s AND state = 'posted' AND move_type = 'out_refund'
                       AND reversed_entry_id IS NOT NULL GROUP BY 1) AS credit ON credit.id = invoice.id
             WHERE credit.amount + invoice.amount_untaxed_signed <= 0
             UNION ALL
            SELECT id FROM account_move AS invoice
             WHERE company_id = %(company)s AND state = 'posted' AND move_type = 'out_invoice'
               AND payment_state = 'reversed')""",
        company=env.company.id,
    )
    is_sale = SQL(
        "(move.move_type = 'out_invoice' AND move.amount_untaxed_signed > 0 AND move.id NOT IN %s)",
        taken_back,
    )
    sums = env.execute_query(
        SQL(
            """SELECT %s, SUM(move.amount_untaxed_signed), SUM(move.amount_untaxed_signed - move.sale_cost),
                      -SUM(move.amount_untaxed_signed) FILTER (WHERE move.move_type = 'out_refund'),
                      SUM(move.amount_untaxed_signed) FILTER (WHERE move.move_type = 'out_invoice')
                 FROM account_move AS move %s WHERE %s GROUP BY 1""",
            user,
            by_day,
            period,
        )
    )
    discounts = dict(
        env.execute_query(
            SQL(
                """SELECT %s, SUM(-line.balance * line.discount / (100 - line.discount))
                     FROM account_move_line AS line JOIN account_move AS move ON move.id = line.move_id %s
                    WHERE %s AND move.move_type = 'out_invoice' AND line.display_type = 'product'
                      AND line.discount <> 0 GROUP BY 1""",
                user,
                by_day,
                period,
            )
        )
    )
    kept = env.execute_query(
        SQL(
            """SELECT COALESCE(owner.user_id, customer.user_id), COUNT(*) FILTER (WHERE now), COUNT(*),
                      SUM(LEAST(GREATEST(revenue, 0), revenue_then)) FILTER (WHERE revenue_then > 0),
                      SUM(revenue_then) FILTER (WHERE revenue_then > 0)
                 FROM (SELECT commercial_partner_id AS id,
                              BOOL_OR(is_sale AND invoice_date >= %(first)s) AS now,
                              BOOL_OR(is_sale AND invoice_date < %(first)s) AS before,
                              COALESCE(SUM(amount_untaxed_signed)
                                       FILTER (WHERE invoice_date >= %(first)s), 0) AS revenue,
                              SUM(amount_untaxed_signed) FILTER (WHERE invoice_date <= %(then)s) AS revenue_then,
                              (ARRAY_AGG(invoice_user_id ORDER BY invoice_date DESC, id DESC)
                               FILTER (WHERE is_sale AND invoice_date < %(first)s))[1] AS user_id
                         FROM (SELECT id, commercial_partner_id, invoice_date, invoice_user_id,
                                      amount_untaxed_signed, %(is_sale)s AS is_sale
                                 FROM account_move AS move
                                WHERE state = 'posted' AND move_type IN ('out_invoice', 'out_refund')
                                  AND company_id = %(company)s AND invoice_date BETWEEN %(base)s AND %(last)s
                               OFFSET 0) AS sale
                        GROUP BY 1) AS customer %(owner)s
                WHERE before GROUP BY 1""",
            is_sale=is_sale,
            owner=owner("customer.id", SQL("%s::timestamp", first)),
            base=first - relativedelta(years=1),
            then=last - relativedelta(years=1),
            **{name: parameters[name] for name in ("company", "first", "last")},
        )
    )
    policy = env["partner.classification.policy"].search([("kind", "=", "customer")], limit=1)
    won = env.execute_query(
        SQL(
            """SELECT %(user)s, COUNT(*) FILTER (WHERE gap IS NULL), COUNT(*) FILTER (WHERE gap IS NOT NULL)
                 FROM (SELECT DISTINCT ON (commercial_partner_id, gap IS NULL)
                              commercial_partner_id, invoice_date, invoice_user_id, gap
                         FROM (SELECT sale.*, invoice_date - COALESCE(previous, before) AS gap
                                 FROM (SELECT id, commercial_partner_id, invoice_date, invoice_user_id,
                                              LAG(invoice_date) OVER (PARTITION BY commercial_partner_id
                                                                      ORDER BY invoice_date, id) AS previous
                                         FROM account_move AS move WHERE %(period)s AND %(is_sale)s) AS sale
                                 JOIN LATERAL (
                                      SELECT MAX(earlier.invoice_date) AS before FROM account_move AS earlier
                                       WHERE sale.previous IS NULL
                                         AND earlier.commercial_partner_id = sale.commercial_partner_id
                                         AND earlier.state = 'posted' AND earlier.company_id = %(company)s
                                         AND earlier.move_type = 'out_invoice' AND earlier.amount_untaxed_signed > 0
                                         AND earlier.id NOT IN %(taken_back)s
                                         AND earlier.invoice_date < %(first)s) AS last ON TRUE) AS spaced
                        WHERE gap IS NULL OR gap > %(lost)s
                        ORDER BY commercial_partner_id, gap IS NULL, invoice_date, id) AS move
            %(owner)s GROUP BY 1""",
            user=user,
            owner=SQL() if by_document else owner("move.commercial_partner_id", SQL("move.invoice_date")),
            period=period,
            is_sale=is_sale,
            taken_back=taken_back,
            lost=policy.lost_days,
            company=env.company.id,
            first=first,
        )
    )
    return {
        "revenue": [(user_id, revenue, None) for user_id, revenue, *_rest in sums],
        "profit": [(user_id, profit, None) for user_id, _revenue, profit, *_rest in sums],
        "margin_rate": [(user_id, profit, revenue) for user_id, revenue, profit, *_rest in sums],
        "deduction_rate": [
            (
                user_id,
                (refunds or 0) + (discounts.get(user_id) or 0),
                (gross or 0) + (discounts.get(user_id) or 0),
            )
            for user_id, _revenue, _profit, refunds, gross in sums
        ],
        "retention_rate": [row[:3] for row in kept],
        "money_retention_rate": [(row[0], *row[3:]) for row in kept],
        "new_customers": [(user_id, new, None) for user_id, new, _returned in won],
        "returned_customers": [(user_id, returned, None) for user_id, _new, returned in won],
    }


def figures(results, _options):
    full, few = results["full"], results["few"]

    def row(text, value, limit):
        return text, f"{value:,.2f}", f"<= {limit:g}", value <= limit

    for span in SPANS:
        for words in CREDITS.values():
            mine, bare = f"all indicators, {span}, {words}", f"bare queries, {span}, {words}"
            yield row(f"{mine}, to bare queries", full[mine] / full[bare], LIMIT)
            if few:
                yield row(f"{mine}, 50 managers to 5", full[mine] / few[mine], MANAGERS_LIMIT)
    yield row(f"{DEBTS}, to {BARE_DEBTS}", full[DEBTS] / full[BARE_DEBTS], LIMIT)
    if few:
        yield row(f"{DEBTS}, 50 managers to 5", full[DEBTS] / few[DEBTS], MANAGERS_LIMIT)
    work = results["work"]
    for span in SPANS:
        for source in WORK_CODES:
            mine, bare = f"{source}, {span}", f"bare query of {source}, {span}"
            yield f"{mine}, to {bare}", f"{work[mine] / work[bare]:.2f}", "", None
        yield (
            f"{PLAN}, {span}, to {BARE_PLAN}",
            f"{full[f'{PLAN}, {span}'] / full[f'{BARE_PLAN}, {span}']:.2f}",
            "",
            None,
        )
        mine = full[f"all indicators, {span}, by owner"] + full[DEBTS] + full[f"{PLAN}, {span}"]
        bare = full[f"bare queries, {span}, by owner"] + full[BARE_DEBTS] + full[f"{BARE_PLAN}, {span}"]
        mine += sum(work[f"{source}, {span}"] for source in WORK_CODES)
        bare += sum(work[f"bare query of {source}, {span}"] for source in WORK_CODES)
        yield row(f"all sources together, {span}, by owner, to bare queries", mine / bare, LIMIT)
    mine, bare = "all indicators, a year, by owner", "bare queries, a year, by salesperson"
    yield f"{mine}, to {bare}", f"{full[mine] / full[bare]:.2f}", "", None
