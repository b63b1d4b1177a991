"""A large purchase history for benchmarks: suppliers, confirmed orders, receipts, returns and bills.

Made by PostgreSQL after one order that Odoo confirmed, received, gave back and billed; drawn from hashes of
running numbers, so the same sizes give the same history on every machine. What a measurement does not read is
left out: transfers around the movements, and of a bill all but its product lines.
"""

from benches._sales_history import vacuum, without_indexes

from odoo import Command, fields
from odoo.tools import SQL

from house.sales_loader import insert_after_models

PRODUCTS = 40
LINES_OF_AN_ORDER = 5
DAYS = 364  # the orders lie in the year up to today, as both measurements look at one
TABLES = ("purchase_order", "purchase_order_line", "stock_move", "account_move", "account_move_line")


def make(env, suppliers=5_000, lines=400_000):
    """Fill the main company with that many suppliers and order lines, and commit."""
    history = _History(env)
    history.load(suppliers, lines)
    env.cr.commit()
    vacuum(env.cr.dbname, "res_partner", *TABLES)


class _History:
    def __init__(self, env):
        self.env = env(
            context=dict(
                env.context, tracking_disable=True, mail_create_nosubscribe=True, no_reset_password=True
            )
        )
        self.cr = env.cr
        self.company = env.company

    def load(self, suppliers, lines):
        if not self.company.chart_template:
            self.env["account.chart.template"].try_loading("generic_coa", self.company, install_demo=False)
        self.cr.execute("SET LOCAL jit = off; SET LOCAL work_mem = '256MB'")
        self.cr.execute("""
            CREATE FUNCTION pg_temp.uniform(number bigint, purpose text) RETURNS float8
            IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$
                SELECT ((hashint8extended(number, hashtext(purpose)) & 4503599627370495) + 0.5) / 4503599627370496
            $$
        """)
        self._make_products()
        models = self._make_models()
        self._make_suppliers(models, suppliers)
        self._stage(suppliers, lines)
        with without_indexes(self.cr, *TABLES):
            self._write_orders(models)
            self._write_lines(models)
            self._write_moves(models)
            self._write_bills(models)
        self.cr.execute("DROP TABLE bench_order, bench_line, bench_product, bench_supplier")
        self.cr.execute("DROP FUNCTION pg_temp.uniform")
        self.env.invalidate_all(flush=False)

    def _make_products(self):
        products = self.env["product.product"].create(
            [
                {
                    "name": f"Material {number:02}",
                    "type": "consu",
                    "is_storable": True,
                    "supplier_taxes_id": [],
                }
                for number in range(PRODUCTS)
            ]
        )
        self.products = products
        self.env.flush_all()
        self.cr.execute(
            SQL(
                """CREATE TEMP TABLE bench_product AS
                   SELECT number - 1 AS number, id FROM unnest(%s) WITH ORDINALITY AS t(id, number)""",
                products.ids,
            )
        )

    def _make_models(self):
        """Rows of one order with its line, receipt, return and bill, as Odoo makes them; all are taken back.

        The supplier stays, without an order: what is said nothing about refers to it.
        """
        rows = {}
        supplier = self.env["res.partner"].create({"name": "Model", "is_company": True, "supplier_rank": 1})
        with self.cr.savepoint(flush=True) as savepoint:
            order = self.env["purchase.order"].create(
                {
                    "partner_id": supplier.id,
                    "user_id": self.env.uid,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": self.products[0].id,
                                "product_qty": 1,
                                "price_unit": 1,
                                "tax_ids": [],
                            }
                        )
                    ],
                }
            )
            order.button_confirm()
            receipt = order.picking_ids.move_ids
            receipt.quantity = 1
            receipt.picked = True
            receipt._action_done()
            back = receipt.copy(
                {
                    "location_id": receipt.location_dest_id.id,
                    "location_dest_id": receipt.location_id.id,
                    "origin_returned_move_id": receipt.id,
                    "to_refund": False,
                    "purchase_line_id": order.order_line.id,
                    "picking_id": False,
                }
            )
            back._action_confirm(merge=False)
            back.quantity = 1
            back.picked = True
            back._action_done()
            order.action_create_invoice()
            bill = order.invoice_ids
            bill.invoice_date = fields.Date.today()
            bill.action_post()
            self.env.flush_all()
            for name, record in (
                ("supplier", supplier),
                ("order", order),
                ("line", order.order_line),
                ("receipt", receipt),
                ("back", back),
                ("bill", bill),
                ("bill_line", bill.invoice_line_ids),
            ):
                self.cr.execute(
                    SQL(
                        "SELECT to_jsonb(t) FROM %s AS t WHERE id = %s",
                        SQL.identifier(record._table),
                        record.id,
                    )
                )
                rows[name] = self.cr.fetchone()[0]
            self.env.invalidate_all(flush=False)
            savepoint.rollback()
        self.env.invalidate_all(flush=False)
        return rows

    def _make_suppliers(self, models, suppliers):
        self.cr.execute(
            SQL(
                """CREATE UNLOGGED TABLE bench_supplier AS
                   SELECT n - 1 AS n, nextval('res_partner_id_seq')::int AS id FROM generate_series(1, %s) AS n""",
                suppliers,
            )
        )
        name = SQL("'Supplier ' || lpad(s.n::text, 5, '0')")
        insert_after_models(
            self.cr,
            "res_partner",
            [models["supplier"]],
            SQL("CROSS JOIN bench_supplier AS s"),
            {
                "id": SQL("s.id"),
                "commercial_partner_id": SQL("s.id"),
                **dict.fromkeys(("name", "complete_name", "commercial_company_name"), name),
            },
        )

    def _stage(self, suppliers, lines):
        """Who supplies what and when: a few have most of the orders."""
        orders = max(lines // LINES_OF_AN_ORDER, 1)
        self.cr.execute(
            SQL(
                """
            CREATE UNLOGGED TABLE bench_order AS
            SELECT t.n, nextval('purchase_order_id_seq')::int AS id, nextval('account_move_id_seq')::int AS bill_id,
                   supplier.id AS partner_id, confirmed,
                   confirmed - INTERVAL '1 day' * floor(1 + 9 * pg_temp.uniform(t.n, 'asked')) AS sent,
                   pg_temp.uniform(t.n, 'rfq') < 0.5 AS is_asked, pg_temp.uniform(t.n, 'answer') * 5 AS answer_days,
                   CASE WHEN pg_temp.uniform(t.n, 'currency') < 0.2 THEN 0.9 ELSE 1 END AS rate
              FROM (SELECT n, floor(%(suppliers)s * pow(pg_temp.uniform(n, 'supplier'), 1.3))::int AS who,
                           date_trunc('day', now() AT TIME ZONE 'UTC') - INTERVAL '1 day' * floor(%(days)s
                           * pg_temp.uniform(n, 'day')) + INTERVAL '1 hour' * floor(24 * pg_temp.uniform(n, 'hour'))
                           AS confirmed
                      FROM generate_series(1, %(orders)s) AS n) AS t
              JOIN bench_supplier AS supplier ON supplier.n = t.who
             ORDER BY confirmed, t.n""",
                suppliers=suppliers,
                days=DAYS,
                orders=orders,
            )
        )
        self.cr.execute(
            SQL(
                """
            CREATE UNLOGGED TABLE bench_line AS
            SELECT *, CASE WHEN is_dozen THEN 12 ELSE 1 END * quantity AS unit_quantity,
                   CASE WHEN promised + delay * INTERVAL '1 day' > now() AT TIME ZONE 'UTC' OR chance > 0.95 THEN 0
                        WHEN chance > 0.8 THEN 0.5 ELSE 1 END AS first_share,
                   CASE WHEN chance > 0.83 THEN 0.5 ELSE 0 END AS second_share
              FROM (SELECT o.id AS order_id, nextval('purchase_order_line_id_seq')::int AS id, product.id AS product_id,
                           o.n * 8 + g AS seed, o.partner_id, o.bill_id, o.rate, g AS sequence,
                           1 + floor(50 * pg_temp.uniform(o.n * 8 + g, 'quantity'))::int AS quantity,
                           round((1 + 200 * pow(pg_temp.uniform(o.n * 8 + g, 'price'), 3))::numeric, 2) AS price,
                           pg_temp.uniform(o.n * 8 + g, 'unit') < 0.1 AS is_dozen,
                           o.confirmed + INTERVAL '1 day' * floor(5 + 40 * pg_temp.uniform(o.n * 8 + g, 'promise'))
                           AS promised,
                           CASE WHEN pg_temp.uniform(o.n * 8 + g, 'late') < 0.3
                                THEN floor(1 + 20 * pg_temp.uniform(o.n * 8 + g, 'delay'))
                                ELSE -floor(5 * pg_temp.uniform(o.n * 8 + g, 'early')) END AS delay,
                           pg_temp.uniform(o.n * 8 + g, 'outcome') AS chance,
                           CASE WHEN pg_temp.uniform(o.n * 8 + g, 'agreed') < 0.6
                                THEN CASE WHEN pg_temp.uniform(o.n * 8 + g, 'kept') < 0.75 THEN 1 ELSE 0.98 END END
                           AS agreed_share
                      FROM bench_order AS o
                     CROSS JOIN generate_series(1, %(lines)s) AS g
                      JOIN bench_product AS product
                        ON product.number = floor(%(products)s * pg_temp.uniform(o.n * 8 + g, 'product'))
                     ORDER BY o.id, g) AS t""",
                lines=LINES_OF_AN_ORDER,
                products=PRODUCTS,
            )
        )
        self.cr.execute("ANALYZE bench_order; ANALYZE bench_line; ANALYZE bench_supplier")

    def _audit(self):
        return dict.fromkeys(("create_date", "write_date"), SQL("now() AT TIME ZONE 'UTC'"))

    def _write_orders(self, models):
        insert_after_models(
            self.cr,
            "purchase_order",
            [models["order"]],
            SQL("CROSS JOIN bench_order AS o"),
            {
                **self._audit(),
                "id": SQL("o.id"),
                "name": SQL("'B' || lpad(o.n::text, 7, '0')"),
                "partner_id": SQL("o.partner_id"),
                **dict.fromkeys(("date_order", "date_approve", "date_calendar_start"), SQL("o.confirmed")),
                "currency_rate": SQL("o.rate"),
                "rfq_sent_date": SQL("CASE WHEN o.is_asked THEN o.sent END"),
                "rfq_answer_date": SQL(
                    "CASE WHEN o.is_asked THEN o.sent + o.answer_days * INTERVAL '1 day' END"
                ),
                "access_token": SQL("NULL"),
            },
        )

    def _write_lines(self, models):
        dozen = self.env.ref("uom.product_uom_dozen").id
        insert_after_models(
            self.cr,
            "purchase_order_line",
            [models["line"]],
            SQL("CROSS JOIN bench_line AS l"),
            {
                **self._audit(),
                "id": SQL("l.id"),
                "order_id": SQL("l.order_id"),
                "partner_id": SQL("l.partner_id"),
                "product_id": SQL("l.product_id"),
                "sequence": SQL("l.sequence"),
                "product_qty": SQL("l.quantity"),
                "product_uom_qty": SQL("l.unit_quantity"),
                "product_uom_id": SQL("CASE WHEN l.is_dozen THEN %s ELSE m.product_uom_id END", dozen),
                **dict.fromkeys(("price_unit", "technical_price_unit"), SQL("l.price")),
                **dict.fromkeys(("price_subtotal", "price_total"), SQL("l.price * l.quantity")),
                **dict.fromkeys(
                    ("qty_received", "qty_invoiced"),
                    SQL(
                        "l.quantity * CASE WHEN l.first_share = 0.5 THEN 0.5 + l.second_share ELSE l.first_share END"
                    ),
                ),
                **dict.fromkeys(("date_planned", "promised_date"), SQL("l.promised")),
                "agreed_price": SQL("l.price * l.agreed_share"),
                "agreed_price_source": SQL(
                    "CASE WHEN l.agreed_share IS NULL THEN 'none' ELSE 'vendor_price' END"
                ),
            },
        )

    def _write_moves(self, models):
        """A receipt or two of each line, all in the unit of the product; some go back."""
        for model, share, days, where in (
            ("receipt", SQL("l.first_share"), 0, SQL("l.first_share > 0")),
            ("receipt", SQL("l.second_share"), 6, SQL("l.first_share = 0.5 AND l.second_share > 0")),
            ("back", SQL("l.first_share * 0.2"), 3, SQL("l.first_share > 0 AND l.chance < 0.02")),
        ):
            amount = SQL("round((l.unit_quantity * %s)::numeric, 2)", share)
            insert_after_models(
                self.cr,
                "stock_move",
                [models[model]],
                SQL("JOIN bench_line AS l ON %s", where),
                {
                    **self._audit(),
                    "id": SQL("nextval('stock_move_id_seq')"),
                    "purchase_line_id": SQL("l.id"),
                    "product_id": SQL("l.product_id"),
                    "date": SQL("l.promised + (l.delay + %s) * INTERVAL '1 day'", days),
                    **dict.fromkeys(("product_qty", "product_uom_qty", "quantity"), amount),
                    **dict.fromkeys(
                        ("picking_id", "origin_returned_move_id", "account_move_id"), SQL("NULL")
                    ),
                },
            )

    def _write_bills(self, models):
        """A posted bill of each order, with a line for each that was received."""
        insert_after_models(
            self.cr,
            "account_move",
            [models["bill"]],
            SQL("CROSS JOIN bench_order AS o"),
            {
                **self._audit(),
                "id": SQL("o.bill_id"),
                "name": SQL("'BILL/B/' || lpad(o.n::text, 7, '0')"),
                "sequence_prefix": SQL("'BILL/B/'"),
                "sequence_number": SQL("o.n"),
                **dict.fromkeys(
                    ("partner_id", "commercial_partner_id", "partner_shipping_id"), SQL("o.partner_id")
                ),
                "access_token": SQL("NULL"),
            },
        )
        insert_after_models(
            self.cr,
            "account_move_line",
            [models["bill_line"]],
            SQL("JOIN bench_line AS l ON l.first_share > 0"),
            {
                **self._audit(),
                "id": SQL("nextval('account_move_line_id_seq')"),
                "move_id": SQL("l.bill_id"),
                "move_name": SQL("'BILL/B'"),
                "partner_id": SQL("l.partner_id"),
                "product_id": SQL("l.product_id"),
                "purchase_line_id": SQL("l.id"),
                "product_uom_id": SQL(
                    "CASE WHEN l.is_dozen THEN %s ELSE m.product_uom_id END",
                    self.env.ref("uom.product_uom_dozen").id,
                ),
                "quantity": SQL("l.quantity"),
                "price_unit": SQL("l.price"),
                **dict.fromkeys(
                    ("price_subtotal", "price_total", "balance", "amount_currency", "debit"),
                    SQL("l.price * l.quantity"),
                ),
            },
        )
