"""A large sales history for benchmarks: customers and posted invoices, made by PostgreSQL in a few minutes.

Everything is drawn from hashes of running numbers, so the same sizes give the same history on every machine.
Odoo makes and posts one invoice and one credit note; all others are written after these two, so a column
that nothing is said about here has the value that Odoo gives it.
"""

from contextlib import contextmanager

import psycopg2
from dateutil.relativedelta import relativedelta

from odoo import Command, fields
from odoo.sql_db import connection_info_for
from odoo.tools import SQL

from house.sales_loader import insert_after_models

MONTHS = 36
SALESPEOPLE = 50
PRODUCTS = 40
CATEGORIES = 8
LINES_AT_MOST = 5  # from 1 on, so 3 on average
REFUNDS = 0.03
# Share of the invoices with a discount, on all their lines, which only says what the price was reduced by.
DISCOUNTED = 0.2
# Share of the customers by what they do; the rest buys until today.
POTENTIAL, ONE_TIME, LOST = 0.08, 0.28, 0.20
COUNTRIES = {
    "base.vn": 0.6,
    "base.us": 0.1,
    "base.jp": 0.08,
    "base.de": 0.08,
    "base.fr": 0.08,
    "base.sg": 0.06,
}

KINDS = ("out_invoice", "out_refund")


def make(env, customers=100_000, invoices=1_000_000, company=None):
    """Fill the company with that many customers and invoices (some of them credit notes), and commit.

    The invoices lie in the ``MONTHS`` calendar months up to the last closed one. What is paid has no payment: it
    is only marked so. Made for a database of its own: the company must not have invoices yet.
    """
    history = _History(env, company or env.company)
    history.load(customers, invoices)
    env.cr.commit()
    vacuum(env.cr.dbname, "res_partner", "account_move", "account_move_line")


def vacuum(database, *tables):
    """Statistics and visibility of these tables as a server at rest has them; outside of transactions."""
    _name, info = connection_info_for(database)
    connection = psycopg2.connect(**info)
    try:
        connection.autocommit = True
        with connection.cursor() as cr:
            cr.execute(f"VACUUM ANALYZE {', '.join(tables)}")
    finally:
        connection.close()


@contextmanager
def without_indexes(cr, *tables):
    """Take the indexes and foreign keys of the tables away and put the same ones back.

    Building them at once takes a fraction of the time, and a foreign key to a table that was small a moment
    ago is checked row by row with a plan made for a small table. It is one transaction: nobody ever sees the tables
    without, and every row is checked when they come back.
    """
    cr.execute(
        """
        SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)
          FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY(%s::regclass[]) ORDER BY conname
        """,
        [list(tables)],
    )
    keys = cr.fetchall()
    cr.execute(
        """
        SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid)
          FROM pg_index
         WHERE indrelid = ANY(%s::regclass[])
           AND indexrelid NOT IN (SELECT conindid FROM pg_constraint)
         ORDER BY 1
        """,
        [list(tables)],
    )
    indexes = cr.fetchall()
    for table, name, _definition in keys:
        cr.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    for name, _definition in indexes:
        cr.execute(f"DROP INDEX {name}")
    yield
    for _name, definition in indexes:
        cr.execute(definition)
    for table, name, definition in keys:
        cr.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


class _History:
    def __init__(self, env, company):
        context = dict(
            env.context, tracking_disable=True, no_reset_password=True, mail_create_nosubscribe=True
        )
        self.env = env(context=dict(context, allowed_company_ids=company.ids))
        self.company = self.env["res.company"].browse(company.id)
        self.cr = env.cr
        last_month = fields.Date.start_of(fields.Date.today(), "month")
        self.end = last_month - relativedelta(days=1)
        self.start = last_month - relativedelta(months=MONTHS)

    def load(self, customers, invoices):
        if not self.company.chart_template:
            self.env["account.chart.template"].try_loading("generic_coa", self.company, install_demo=False)
        if self.env["account.move"].search_count([("company_id", "=", self.company.id)], limit=1):
            raise ValueError(
                f"{self.company.name} has invoices already: a history needs a company without any"
            )
        if invoices < customers:
            raise ValueError("a history needs at least as many invoices as customers")
        self.cr.execute(
            "SET LOCAL jit = off; SET LOCAL work_mem = '256MB'; SET LOCAL maintenance_work_mem = '512MB'"
        )
        self._make_functions()
        self._make_people_and_goods()
        self._make_customers(customers)
        headers, lines, receivables = self._make_models()
        self._stage(invoices)
        with without_indexes(self.cr, "account_move", "account_move_line"):
            self._write_headers(headers)
            self._write_lines(lines)
            self._write_receivables(receivables)
        self.cr.execute(
            "DROP TABLE bench_customer, bench_head, bench_line, bench_product, bench_person, bench_place"
        )
        self.cr.execute("DROP FUNCTION pg_temp.normal, pg_temp.uniform")
        self.env.invalidate_all(flush=False)

    # -- chance ------------------------------------------------------------------

    def _make_functions(self):
        """Random numbers that are functions of a running number and of what they are drawn for."""
        self.cr.execute("""
            CREATE FUNCTION pg_temp.uniform(number bigint, purpose text) RETURNS float8
            IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$
                SELECT ((hashint8extended(number, hashtext(purpose)) & 4503599627370495) + 0.5) / 4503599627370496
            $$;
            CREATE FUNCTION pg_temp.normal(number bigint, purpose text) RETURNS float8
            IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$
                SELECT sqrt(-2 * ln(pg_temp.uniform(number, purpose)))
                       * cos(2 * pi() * pg_temp.uniform(number, purpose || ' angle'))
            $$;
        """)

    # -- who and what ------------------------------------------------------------

    def _make_people_and_goods(self):
        env = self.env
        users = env["res.users"].create(
            [
                {
                    "name": f"Salesperson {number}",
                    "login": f"salesperson{number}",
                    "company_id": self.company.id,
                    "company_ids": [Command.set(self.company.ids)],
                    "group_ids": [
                        Command.set(
                            [
                                env.ref("base.group_user").id,
                                env.ref("sales_team.group_sale_salesman_all_leads").id,
                            ]
                        )
                    ],
                }
                for number in range(1, SALESPEOPLE + 1)
            ]
        )
        categories = env["product.category"].create(
            [{"name": f"Product group {number}"} for number in range(1, CATEGORIES + 1)]
        )
        products = env["product.product"].create(
            [
                {
                    "name": f"Product {number:02}",
                    "type": "consu",
                    "categ_id": categories[number % CATEGORIES].id,
                    "list_price": 5 + 3 * number,
                    "standard_price": (5 + 3 * number) * (0.4 + 0.01 * (number * 7 % 41)),
                    "taxes_id": [],
                }
                for number in range(PRODUCTS)
            ]
        )
        env.flush_all()
        self.cr.execute(
            SQL(
                """CREATE TEMP TABLE bench_person AS
                   SELECT number - 1 AS number, id FROM unnest(%s) WITH ORDINALITY AS t(id, number)""",
                users.ids,
            )
        )
        self.cr.execute(
            SQL(
                """CREATE UNLOGGED TABLE bench_product AS
                   SELECT number - 1 AS number, id, uom_id, price::numeric, cost::numeric
                     FROM unnest(%s, %s, %s, %s) WITH ORDINALITY AS t(id, uom_id, price, cost, number)""",
                products.ids,
                [product.uom_id.id for product in products],
                products.mapped("list_price"),
                products.mapped("standard_price"),
            )
        )
        # A country's customers live evenly in its states.
        places, low = [], 0.0
        for xml_id, share in COUNTRIES.items():
            country = env.ref(xml_id)
            states = country.state_ids.sorted("code").ids or [None]
            for state in states:
                places.append((country.id, state, low))
                low += share / len(states)
        self.cr.execute(
            "CREATE TEMP TABLE bench_place AS SELECT *"
            " FROM unnest(%s::int[], %s::int[], %s::float8[]) WITH ORDINALITY"
            " AS t(country_id, state_id, low, number)",
            [list(column) for column in zip(*places, strict=True)],
        )

    def _make_customers(self, customers):
        """The customers, and in ``bench_customer`` how each of them buys."""
        model = self.env["res.partner"].create({"name": "Model", "is_company": True, "autopost_bills": "ask"})
        self.env.flush_all()
        self.cr.execute(SQL("SELECT to_jsonb(p) FROM res_partner p WHERE id = %s", model.id))
        row = self.cr.fetchone()[0]
        model.unlink()
        self.env.flush_all()
        industries = self.env["res.partner.industry"].search([]).ids or [None]
        self.cr.execute(
            SQL(
                """
            CREATE UNLOGGED TABLE bench_customer AS
            SELECT n, nextval('res_partner_id_seq')::int AS id, kind,
                   'Customer ' || lpad(n::text, 6, '0') AS name,
                   person.id AS user_id,
                   width_bucket(pg_temp.uniform(n, 'place'), (SELECT array_agg(low ORDER BY low) FROM bench_place))
                   AS place,
                   CASE kind WHEN 'regular' THEN CASE WHEN early < 0.5 THEN 0 ELSE (early - 0.5) * 66 END
                             WHEN 'lost' THEN early * 22
                             ELSE early * %(months)s END AS month_from,
                   CASE kind WHEN 'regular' THEN %(months)s
                             WHEN 'lost' THEN early * 22 + 1 + (28 - early * 22) * pg_temp.uniform(n, 'leaves')
                             ELSE early * %(months)s END AS month_to,
                   LEAST(exp(pg_temp.normal(n, 'rhythm')), 11) AS rhythm,
                   pg_temp.uniform(n, 'manner') AS manner,
                   ln(4) + pg_temp.normal(n, 'size') AS size,
                   0.1 + 0.6 * pg_temp.uniform(n, 'evenness') AS spread
              FROM (SELECT n::bigint AS n, pg_temp.uniform(n, 'start') AS early,
                           CASE WHEN chance < %(potential)s THEN 'potential'
                                WHEN chance < %(potential)s + %(one_time)s THEN 'one_time'
                                WHEN chance < %(potential)s + %(one_time)s + %(lost)s THEN 'lost'
                                ELSE 'regular' END AS kind
                      FROM (SELECT n, pg_temp.uniform(n, 'kind') AS chance FROM generate_series(1, %(customers)s) n) t
                   ) t
              JOIN bench_person person ON person.number = floor(%(people)s * pg_temp.uniform(n, 'salesperson'))
             ORDER BY n""",
                months=MONTHS,
                potential=POTENTIAL,
                one_time=ONE_TIME,
                lost=LOST,
                customers=customers,
                people=SALESPEOPLE,
            )
        )
        self.cr.execute("ALTER TABLE bench_customer ADD PRIMARY KEY (n); ANALYZE bench_customer")
        with without_indexes(self.cr, "res_partner"):
            insert_after_models(
                self.cr,
                "res_partner",
                [row],
                SQL("""
                    CROSS JOIN bench_customer c
                    JOIN bench_place place ON place.number = c.place
                """),
                {
                    **self._audit(),
                    "id": SQL("c.id"),
                    "commercial_partner_id": SQL("c.id"),
                    "name": SQL("c.name"),
                    "complete_name": SQL("c.name"),
                    "commercial_company_name": SQL("c.name"),
                    "email": SQL("'customer' || c.n || '@example.com'"),
                    "email_normalized": SQL("'customer' || c.n || '@example.com'"),
                    "phone": SQL("'+8490' || lpad(c.n::text, 7, '0')"),
                    "phone_sanitized": SQL("'+8490' || lpad(c.n::text, 7, '0')"),
                    "country_id": SQL("place.country_id"),
                    "state_id": SQL("place.state_id"),
                    "user_id": SQL("CASE WHEN pg_temp.uniform(c.n, 'owner') < 0.9 THEN c.user_id END"),
                    "industry_id": SQL(
                        "(%s::int[])[1 + floor(%s * pg_temp.uniform(c.n, 'industry'))]",
                        industries,
                        len(industries),
                    ),
                    "customer_rank": SQL("CASE WHEN c.kind = 'potential' THEN 0 ELSE 1 END"),
                },
            )

    # -- documents ---------------------------------------------------------------

    def _make_models(self):
        """Rows of an invoice and a credit note that Odoo posted, and of their lines; both are taken back."""
        headers, lines, receivables = [], [], []
        with self.cr.savepoint(flush=True) as savepoint:
            self.cr.execute("SELECT id FROM bench_customer ORDER BY n LIMIT 1")
            partner_id = self.cr.fetchone()[0]
            self.cr.execute("SELECT id FROM bench_product WHERE number = 0")
            product_id = self.cr.fetchone()[0]
            moves = self.env["account.move"].create(
                [
                    {
                        "move_type": kind,
                        "partner_id": partner_id,
                        "invoice_date": self.end,
                        "date": self.end,
                        "invoice_line_ids": [
                            Command.create(
                                {"product_id": product_id, "quantity": 1, "price_unit": 1, "tax_ids": []}
                            )
                        ],
                    }
                    for kind in KINDS
                ]
            )
            moves.action_post()
            self.env.flush_all()
            for move in moves:
                self.cr.execute(SQL("SELECT to_jsonb(m) FROM account_move m WHERE id = %s", move.id))
                headers.append(self.cr.fetchone()[0])
                self.cr.execute(
                    SQL(
                        "SELECT display_type, to_jsonb(l) FROM account_move_line l WHERE move_id = %s",
                        move.id,
                    )
                )
                by_type = dict(self.cr.fetchall())
                lines.append(by_type["product"])
                receivables.append(by_type["payment_term"])
            self.env.invalidate_all(flush=False)
            savepoint.rollback()
        self.env.invalidate_all(flush=False)
        return headers, lines, receivables

    def _stage(self, invoices):
        """Who buys when (``bench_head``) and what (``bench_line``)."""
        self.cr.execute(
            SQL(
                """
            CREATE UNLOGGED TABLE bench_head AS
            WITH counted AS (
                SELECT c.*, CASE kind
                            WHEN 'one_time' THEN 1
                            WHEN 'potential' THEN 0
                            ELSE floor(%(invoices)s * upto) - floor(%(invoices)s * (upto - part)) END::int AS documents
                  FROM (SELECT c.*, weight / total AS part, SUM(weight / total) OVER (ORDER BY n) AS upto
                          FROM (SELECT c.*, SUM(weight) OVER () AS total
                                  FROM (SELECT *, CASE WHEN kind IN ('lost', 'regular')
                                                       THEN rhythm * (month_to - month_from + 1) ELSE 0 END AS weight
                                          FROM bench_customer) c) c) c
            ),
            placed AS (
                SELECT n, k, documents, month_from, month_to, (n << 12) + k AS seed,
                       CASE WHEN manner < 0.4 THEN k - 0.5 + 0.3 * (chance - 0.5)
                            WHEN manner < 0.75 THEN k - 0.5 + 1.6 * (chance - 0.5)
                            ELSE 5 * floor((k - 1) / 5.0) + 1.5 * chance END / documents AS part
                  FROM (SELECT counted.*, k, pg_temp.uniform((n << 12) + k, 'date') AS chance
                          FROM counted, generate_series(1, documents) AS k) t
            ),
            dated AS (
                SELECT n, seed, pg_temp.uniform(seed, 'refund') < %(refunds)s AS chosen,
                       %(start)s::date + LEAST(GREATEST(0, (%(end)s::date - %(start)s::date) *
                       (month_from + part * (month_to - month_from)) / %(months)s), %(end)s::date - %(start)s::date
                       )::int AS date
                  FROM placed
            ),
            ordered AS (
                SELECT *, row_number() OVER customer AS number,
                       lag(chosen) OVER customer AS previous_chosen, lag(seed) OVER customer AS previous_seed
                  FROM dated
                WINDOW customer AS (PARTITION BY n ORDER BY date, seed)
            )
            SELECT nextval('account_move_id_seq')::int AS id, t.*,
                   row_number() OVER (PARTITION BY is_refund, date_part('year', date) ORDER BY date, seed) AS sequence
              FROM (SELECT n, seed, date, is_refund,
                           is_refund AND pg_temp.uniform(seed, 'reverses') < 0.5 AS is_reversal,
                           pg_temp.uniform(seed, 'whole') < 0.5 AS is_whole, previous_seed
                      FROM (SELECT *, chosen AND number > 1 AND (number = 2 OR NOT previous_chosen) AS is_refund
                              FROM ordered) t
                     ORDER BY date, seed) t""",
                # the sum of all kinds is what was asked for
                invoices=SQL(
                    "(%s - (SELECT count(*) FROM bench_customer WHERE kind = 'one_time'))::numeric", invoices
                ),
                refunds=REFUNDS,
                start=self.start,
                end=self.end,
                months=MONTHS,
            )
        )
        self.cr.execute("CREATE UNIQUE INDEX ON bench_head (seed); ANALYZE bench_head")
        # A reversal has the goods of its invoice: all of them, or the first line alone.
        self.cr.execute(
            SQL(
                """
            CREATE UNLOGGED TABLE bench_line AS
            SELECT t.id, sequence, product.id AS product_id, product.uom_id, sign, quantity,
                   round(product.price * (0.9 + 0.2 * pg_temp.uniform(line_seed, 'price'))::numeric, 2) AS price_unit,
                   round(product.cost * (0.9 + 0.2 * pg_temp.uniform(line_seed, 'cost'))::numeric, 2) AS unit_cost
              FROM (SELECT t.*, floor(%(products)s * pow(pg_temp.uniform(line_seed, 'product'), 1.5)) AS number,
                           GREATEST(1, round(exp(LEAST(size + spread * pg_temp.normal(line_seed, 'quantity'), 9))
                           ))::numeric AS quantity
                      FROM (SELECT h.id, g AS sequence, c.size, c.spread,
                                   CASE WHEN h.is_refund THEN -1 ELSE 1 END AS sign,
                                   (goods << 3) + g AS line_seed
                              FROM (SELECT *, CASE WHEN is_reversal THEN previous_seed ELSE seed END AS goods
                                      FROM bench_head) h
                              JOIN bench_customer c ON c.n = h.n,
                                   generate_series(1, CASE WHEN is_reversal AND NOT is_whole THEN 1
                                   ELSE 1 + floor(%(lines)s * pg_temp.uniform(goods, 'lines'))::int END) AS g
                           ) t
                   ) t
              JOIN bench_product product ON product.number = t.number
             ORDER BY t.id, sequence""",
                products=PRODUCTS,
                lines=LINES_AT_MOST,
            )
        )
        self.cr.execute("ANALYZE bench_line")

    def _audit(self):
        return {
            "create_uid": SQL("%s", self.env.uid),
            "create_date": SQL("now() AT TIME ZONE 'UTC'"),
            "write_uid": SQL("%s", self.env.uid),
            "write_date": SQL("now() AT TIME ZONE 'UTC'"),
        }

    def _numbering(self, models):
        """The prefix and the number of an invoice after those of the models, such as INV/2026/ and 00001."""
        parts = [model["sequence_prefix"].partition(str(self.end.year)) for model in models]
        prefix = SQL(
            "CASE m.model %s END || date_part('year', h.date) || CASE m.model %s END",
            SQL(" ").join(SQL("WHEN %s THEN %s", number, part[0]) for number, part in enumerate(parts)),
            SQL(" ").join(SQL("WHEN %s THEN %s", number, part[2]) for number, part in enumerate(parts)),
        )
        number = SQL("lpad(h.sequence::text, GREATEST(5, length(h.sequence::text)), '0')")
        return prefix, SQL("%s || %s", prefix, number)

    def _write_headers(self, models):
        # Old ones are paid, of the others some; the origin of a whole reversal is reversed.
        chance = SQL("pg_temp.uniform(h.seed, 'payment')")
        is_open = SQL(
            "(%s < CASE WHEN h.date < %s THEN 0.03 ELSE 0.6 END)", chance, self.end - relativedelta(days=45)
        )
        signed, unsigned = SQL("t.amount"), SQL("abs(t.amount)")
        prefix, name = self._numbering(models)
        insert_after_models(
            self.cr,
            "account_move",
            models,
            SQL("""
                JOIN bench_head h ON m.model = CASE WHEN h.is_refund THEN 1 ELSE 0 END
                JOIN bench_customer c ON c.n = h.n
                JOIN (SELECT id, SUM(quantity * price_unit * sign) AS amount,
                             SUM(quantity * unit_cost * sign) AS cost, SUM(quantity * sign) AS quantity
                        FROM bench_line GROUP BY id) t ON t.id = h.id
                LEFT JOIN bench_head origin ON origin.seed = h.previous_seed AND h.is_reversal
                LEFT JOIN bench_head reversal ON reversal.previous_seed = h.seed
                                             AND reversal.is_reversal AND reversal.is_whole
                ORDER BY h.id
            """),
            {
                **self._audit(),
                "id": SQL("h.id"),
                "sequence_prefix": prefix,
                "sequence_number": SQL("h.sequence"),
                "name": name,
                "payment_reference": SQL("CASE WHEN m.payment_reference IS NOT NULL THEN %s END", name),
                **dict.fromkeys(("date", "invoice_date"), SQL("h.date")),
                "invoice_date_due": SQL("h.date + 30"),
                **dict.fromkeys(("partner_id", "partner_shipping_id", "commercial_partner_id"), SQL("c.id")),
                "invoice_partner_display_name": SQL("c.name"),
                "invoice_user_id": SQL(
                    "CASE WHEN pg_temp.uniform(h.seed, 'seller') < 0.95 THEN c.user_id ELSE "
                    "(SELECT id FROM bench_person p WHERE p.number = h.seed %% %s) END",
                    SALESPEOPLE,
                ),
                "reversed_entry_id": SQL("origin.id"),
                "payment_state": SQL(
                    "CASE WHEN reversal.seed IS NOT NULL THEN 'reversed' WHEN %s THEN 'not_paid' ELSE 'paid' END",
                    is_open,
                ),
                **dict.fromkeys(("amount_untaxed", "amount_total"), unsigned),
                **dict.fromkeys(
                    (
                        "amount_untaxed_signed",
                        "amount_untaxed_in_currency_signed",
                        "amount_total_signed",
                        "amount_total_in_currency_signed",
                    ),
                    signed,
                ),
                "amount_residual": SQL(
                    "CASE WHEN %s AND reversal.seed IS NULL THEN %s ELSE 0 END", is_open, unsigned
                ),
                "amount_residual_signed": SQL(
                    "CASE WHEN %s AND reversal.seed IS NULL THEN %s ELSE 0 END", is_open, signed
                ),
                "access_token": SQL("NULL"),
                "sale_cost": SQL("t.cost"),
                "sale_quantity": SQL("t.quantity"),
            },
        )

    def _write_lines(self, models):
        insert_after_models(
            self.cr,
            "account_move_line",
            models,
            SQL("""
                JOIN account_move h ON h.move_type = CASE m.model WHEN 1 THEN 'out_refund' ELSE 'out_invoice' END
                JOIN bench_line l ON l.id = h.id
                JOIN product_product p ON p.id = l.product_id
                JOIN product_template pt ON pt.id = p.product_tmpl_id
                ORDER BY l.id, l.sequence
            """),
            {
                **self._booked(SQL("-l.quantity * l.price_unit * l.sign")),
                "product_id": SQL("l.product_id"),
                "product_uom_id": SQL("l.uom_id"),
                "name": SQL("pt.name->>'en_US'"),
                "quantity": SQL("l.quantity"),
                "discount": SQL(
                    "CASE WHEN pg_temp.uniform(l.id, 'cheaper') < %s THEN 5 + l.id %% 20 ELSE 0 END",
                    DISCOUNTED,
                ),
                "price_unit": SQL("l.price_unit"),
                **dict.fromkeys(("price_subtotal", "price_total"), SQL("l.quantity * l.price_unit")),
                "sale_cost": SQL("l.unit_cost * l.quantity * l.sign"),
                "sale_unit_cost": SQL("l.unit_cost"),
                "sale_cost_product_id": SQL("l.product_id"),
            },
        )

    def _write_receivables(self, models):
        insert_after_models(
            self.cr,
            "account_move_line",
            models,
            SQL("""
                JOIN account_move h ON h.move_type = CASE m.model WHEN 1 THEN 'out_refund' ELSE 'out_invoice' END
                JOIN bench_head ON bench_head.id = h.id
                ORDER BY h.id
            """),
            {
                **self._booked(SQL("h.amount_total_signed")),
                "name": SQL("CASE WHEN m.name IS NOT NULL THEN h.name END"),
                "date_maturity": SQL("h.invoice_date_due"),
                **dict.fromkeys(
                    ("amount_residual", "amount_residual_currency"), SQL("h.amount_residual_signed")
                ),
                "reconciled": SQL("h.amount_residual_signed = 0"),
            },
        )

    def _booked(self, balance):
        return {
            **self._audit(),
            "id": SQL("nextval('account_move_line_id_seq')"),
            "move_id": SQL("h.id"),
            "move_name": SQL("h.name"),
            "partner_id": SQL("h.partner_id"),
            **dict.fromkeys(("date", "invoice_date"), SQL("h.date")),
            **dict.fromkeys(("balance", "amount_currency"), balance),
            "debit": SQL("GREATEST(%s, 0)", balance),
            "credit": SQL("GREATEST(-(%s), 0)", balance),
        }
