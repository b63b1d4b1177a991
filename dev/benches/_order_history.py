"""Three years of orders for benchmarks: quotations lost, orders cancelled, short-closed and delivered, and inquiries.

Made by PostgreSQL after one order of each kind that Odoo made, with its delivery, its failure and its invoice; drawn
from hashes of running numbers, so the same sizes give the same history on every machine. Of twenty orders two are lost
as quotations, one is cancelled, one is short-closed and sixteen are delivered in full and invoiced. Every second order
comes from an inquiry, and every third of those from one of a hundred campaigns; for ten such inquiries there are four
that no order was made of.
"""

from benches._sales_history import vacuum, without_indexes

from odoo import Command, fields
from odoo.tools import SQL

from house.sales_loader import insert_after_models

DAYS = 1095
CAMPAIGNS = 100
USERS = 30
# the kinds of an order, with what each of them has
LOST, CANCELLED, DELIVERED, SHORT = range(4)
FAILED, SHIPPED = (LOST, CANCELLED, SHORT), (DELIVERED, SHORT)
TABLES = (
    "res_partner",
    "crm_lead",
    "sale_order",
    "sale_order_line",
    "stock_picking",
    "stock_move",
    "partner_order_failure",
    "partner_order_failure_line",
    "account_move",
    "account_move_line",
    "sale_order_line_invoice_rel",
)
LOGIN = "order_director"


def make(env, orders=200_000):
    """Fill the main company with that many orders and half as many inquiries and more, and commit."""
    _History(env).load(orders)
    env.cr.commit()
    vacuum(env.cr.dbname, *TABLES)


class _History:
    def __init__(self, env):
        self.env = env(
            context=dict(
                env.context, tracking_disable=True, mail_create_nosubscribe=True, no_reset_password=True
            )
        )
        self.cr, self.company = env.cr, env.company

    def load(self, orders):
        if not self.company.chart_template:
            self.env["account.chart.template"].try_loading("generic_coa", self.company, install_demo=False)
        self.cr.execute("SET LOCAL jit = off; SET LOCAL work_mem = '256MB'")
        self.cr.execute("""
            CREATE FUNCTION pg_temp.uniform(number bigint, purpose text) RETURNS float8
            IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$
                SELECT ((hashint8extended(number, hashtext(purpose)) & 4503599627370495) + 0.5) / 4503599627370496
            $$
        """)
        self._make_people()
        rows = self._make_models()
        self._stage(orders)
        with without_indexes(self.cr, *TABLES):
            self._write_customers_and_leads(rows)
            self._write_orders(rows)
            self._write_deliveries(rows)
            self._write_failures(rows)
            self._write_invoices(rows)
        self.cr.execute("DROP TABLE bench_order, bench_lead; DROP FUNCTION pg_temp.uniform")
        self.env.invalidate_all(flush=False)

    def _make_people(self):
        env = self.env
        self.users = env["res.users"].create(
            [
                {
                    "name": f"Seller {number}",
                    "login": f"order_seller{number}",
                    "group_ids": [
                        Command.link(env.ref("partner_relations.group_user").id),
                        Command.link(env.ref("sales_team.group_sale_salesman").id),
                    ],
                }
                for number in range(USERS)
            ]
        )
        env["res.users"].create(
            {
                "name": "Director",
                "login": LOGIN,
                "group_ids": [
                    Command.link(env.ref("partner_relations.group_director").id),
                    Command.link(env.ref("sales_team.group_sale_manager").id),
                ],
            }
        )
        self.campaigns = env["utm.campaign"].create(
            [{"name": f"Campaign {number}", "user_id": self.users[0].id} for number in range(CAMPAIGNS)]
        )
        self.reasons = env["partner.order.failure.reason"].search([])
        env["partner.campaign.cost"].create(
            [
                {
                    "campaign_id": campaign.id,
                    "amount": 1_000 + 100 * number,
                    "date": fields.Date.subtract(fields.Date.today(), days=DAYS * number // CAMPAIGNS),
                    "name": "Advertisements",
                }
                for number, campaign in enumerate(self.campaigns)
            ]
        )
        env.flush_all()

    # -- one of each, made by Odoo -------------------------------------------------

    def _make_models(self):
        env = self.env
        rows = {}
        self.customer = env["res.partner"].create({"name": "Model", "is_company": True})
        product = env["product.product"].create({"name": "Chair", "type": "consu", "is_storable": True})
        warehouse = env["stock.warehouse"].search([("company_id", "=", self.company.id)], limit=1)
        env["stock.quant"]._update_available_quantity(product, warehouse.lot_stock_id, 1000)
        env.flush_all()
        with self.cr.savepoint(flush=True) as savepoint:
            lead = env["crm.lead"].create({"name": "Model", "partner_id": self.customer.id, "type": "lead"})
            self._keep(rows, customer=self.customer, lead=lead)
            for kind in (LOST, CANCELLED, DELIVERED, SHORT):
                order = env["sale.order"].create(
                    {
                        "partner_id": self.customer.id,
                        "order_line": [
                            Command.create(
                                {
                                    "product_id": product.id,
                                    "product_uom_qty": 10,
                                    "price_unit": 100,
                                    "tax_ids": [],
                                }
                            )
                        ],
                    }
                )
                self._close(order, kind)
                self._keep(rows, **{f"order{kind}": order, f"line{kind}": order.order_line})
                if kind in FAILED:
                    failure = order.sudo().failure_ids
                    self._keep(rows, **{f"failure{kind}": failure, f"part{kind}": failure.line_ids})
                if kind in SHIPPED:
                    move = order.order_line.move_ids.filtered(lambda move: move.state == "done")
                    self._keep(rows, **{f"move{kind}": move, f"picking{kind}": move.picking_id})
                if kind == DELIVERED:
                    invoice = order._create_invoices()
                    invoice.invoice_date = fields.Date.today()
                    invoice.action_post()
                    self._keep(rows, **{f"line{kind}": order.order_line, f"order{kind}": order})
                    self._keep(rows, invoice=invoice, item=invoice.invoice_line_ids)
            env.invalidate_all(flush=False)
            savepoint.rollback()
        env.invalidate_all(flush=False)
        return rows

    def _close(self, order, kind):
        if kind == LOST:
            order._action_cancel()
            return
        order.action_confirm()
        if kind == CANCELLED:
            order._action_cancel()
            return
        order.order_line.move_ids.write({"quantity": 7 if kind == SHORT else 10, "picked": True})
        order.picking_ids.with_context(cancel_backorder=False)._action_done()
        if kind == SHORT:
            order._close_rest()

    def _keep(self, rows, **records):
        self.env.flush_all()
        for name, record in records.items():
            record.ensure_one()
            self.cr.execute(
                SQL(
                    "SELECT to_jsonb(t) FROM %s AS t WHERE id = %s",
                    SQL.identifier(record._table),
                    record.id,
                )
            )
            rows[name] = self.cr.fetchone()[0]

    # -- all others, made by PostgreSQL ---------------------------------------------

    def _stage(self, orders):
        """Ids and days of everything, and whose it is."""
        self.cr.execute(
            SQL(
                """
    CREATE UNLOGGED TABLE bench_order AS
    SELECT t.n, nextval('sale_order_id_seq')::int AS id, nextval('sale_order_line_id_seq')::int AS line_id,
           nextval('stock_picking_id_seq')::int AS picking_id, nextval('stock_move_id_seq')::int AS stock_move_id,
           nextval('partner_order_failure_id_seq')::int AS failure_id,
           nextval('account_move_id_seq')::int AS move_id, nextval('account_move_line_id_seq')::int AS item_id,
           customer.id AS partner_id,
           (%(users)s::int[])[1 + t.n %% %(user_count)s] AS user_id,
           CASE WHEN t.n %% 20 < 2 THEN 0 WHEN t.n %% 20 = 2 THEN 1 WHEN t.n %% 20 = 3 THEN 3 ELSE 2 END AS kind,
           CASE WHEN t.n %% 6 = 0 THEN (%(campaigns)s::int[])[1 + t.n %% %(campaign_count)s] END AS campaign_id,
           (%(reasons)s::int[])[1 + t.n %% %(reason_count)s] AS reason_id,
           CASE WHEN t.n %% 2 = 0 THEN nextval('crm_lead_id_seq')::int END AS lead_id,
           date_trunc('second', now() AT TIME ZONE 'UTC')
               - INTERVAL '1 day' * (%(days)s * pg_temp.uniform(t.n, 'ordered')) AS moment
      FROM generate_series(1, %(orders)s) AS t(n)
      JOIN (SELECT k.n, nextval('res_partner_id_seq')::int AS id
              FROM generate_series(0, GREATEST(%(orders)s / 10, 10) - 1) AS k(n)) AS customer
        ON customer.n = floor(GREATEST(%(orders)s / 10, 10) * pg_temp.uniform(t.n, 'customer'));
    CREATE UNLOGGED TABLE bench_lead AS
    SELECT lead_id AS id, n, partner_id, user_id, campaign_id,
           moment - INTERVAL '1 day' * floor(120 * pg_temp.uniform(n, 'asked')) AS moment
      FROM bench_order WHERE lead_id IS NOT NULL
     UNION ALL
    SELECT nextval('crm_lead_id_seq')::int, n, partner_id, user_id, campaign_id,
           moment + INTERVAL '200 days' * pg_temp.uniform(n, 'later')
      FROM bench_order WHERE n %% 5 = 1;
    ANALYZE bench_order, bench_lead""",
                users=self.users.ids,
                user_count=len(self.users),
                campaigns=self.campaigns.ids,
                campaign_count=len(self.campaigns),
                reasons=self.reasons.ids,
                reason_count=len(self.reasons),
                orders=orders,
                days=DAYS,
            )
        )

    def _write_customers_and_leads(self, rows):
        name = SQL("'Customer ' || lpad(s.id::text, 7, '0')")
        insert_after_models(
            self.cr,
            "res_partner",
            [rows["customer"]],
            SQL("CROSS JOIN (SELECT DISTINCT partner_id AS id FROM bench_order) AS s"),
            {
                "id": SQL("s.id"),
                "commercial_partner_id": SQL("s.id"),
                **dict.fromkeys(("name", "complete_name", "commercial_company_name"), name),
            },
        )
        insert_after_models(
            self.cr,
            "crm_lead",
            [rows["lead"]],
            SQL("CROSS JOIN bench_lead AS s"),
            {
                "id": SQL("s.id"),
                "name": SQL("'Inquiry ' || s.n"),
                "partner_id": SQL("s.partner_id"),
                "user_id": SQL("s.user_id"),
                "campaign_id": SQL("s.campaign_id"),
                "is_inquiry": SQL("TRUE"),
                "inquiry_date": SQL("s.moment::date"),
                "create_date": SQL("s.moment"),
            },
        )

    def _write_orders(self, rows):
        person = {
            name: SQL("s.partner_id") for name in ("partner_id", "partner_invoice_id", "partner_shipping_id")
        }
        kinds = (LOST, CANCELLED, DELIVERED, SHORT)
        join = SQL("JOIN bench_order AS s ON s.kind = m.model")
        insert_after_models(
            self.cr,
            "sale_order",
            [rows[f"order{kind}"] for kind in kinds],
            join,
            {
                "id": SQL("s.id"),
                "name": SQL("'B' || lpad(s.n::text, 7, '0')"),
                "access_token": SQL("NULL"),
                "user_id": SQL("s.user_id"),
                "opportunity_id": SQL("s.lead_id"),
                "campaign_id": SQL("s.campaign_id"),
                "date_order": SQL("s.moment"),
                "create_date": SQL("s.moment"),
                **person,
            },
        )
        insert_after_models(
            self.cr,
            "sale_order_line",
            [rows[f"line{kind}"] for kind in kinds],
            join,
            {
                "id": SQL("s.line_id"),
                "order_id": SQL("s.id"),
                "order_partner_id": SQL("s.partner_id"),
                "salesman_id": SQL("s.user_id"),
            },
        )

    def _join(self, kinds):
        """The orders of these kinds beside their models."""
        return SQL("JOIN bench_order AS s ON s.kind = (%s::int[])[m.model + 1]", list(kinds))

    def _write_deliveries(self, rows):
        done = SQL("s.moment + INTERVAL '1 day' * floor(20 * pg_temp.uniform(s.n, 'delivered'))")
        due = SQL("s.moment + INTERVAL '14 days'")
        insert_after_models(
            self.cr,
            "stock_picking",
            [rows[f"picking{kind}"] for kind in SHIPPED],
            self._join(SHIPPED),
            {
                "id": SQL("s.picking_id"),
                "name": SQL("'B/OUT/' || lpad(s.n::text, 7, '0')"),
                "partner_id": SQL("s.partner_id"),
                "sale_id": SQL("s.id"),
                "user_id": SQL("s.user_id"),
                "date_done": done,
                "date_deadline": due,
                "scheduled_date": due,
            },
        )
        insert_after_models(
            self.cr,
            "stock_move",
            [rows[f"move{kind}"] for kind in SHIPPED],
            self._join(SHIPPED),
            {
                "id": SQL("s.stock_move_id"),
                "picking_id": SQL("s.picking_id"),
                "sale_line_id": SQL("s.line_id"),
                "partner_id": SQL("s.partner_id"),
                "date": done,
                "date_deadline": due,
            },
        )

    def _write_failures(self, rows):
        failed = SQL("s.moment + INTERVAL '10 days'")
        insert_after_models(
            self.cr,
            "partner_order_failure",
            [rows[f"failure{kind}"] for kind in FAILED],
            self._join(FAILED),
            {
                "id": SQL("s.failure_id"),
                "order_id": SQL("s.id"),
                "order_name": SQL("'B' || lpad(s.n::text, 7, '0')"),
                "date": failed,
                "date_confirmed": SQL("CASE WHEN s.kind > 0 THEN s.moment END"),
                "partner_id": SQL("s.partner_id"),
                "owner_id": SQL("s.user_id"),
                "reason_id": SQL("s.reason_id"),
                "fault": SQL(
                    "(SELECT reason.fault FROM partner_order_failure_reason AS reason WHERE reason.id = s.reason_id)"
                ),
            },
        )
        insert_after_models(
            self.cr,
            "partner_order_failure_line",
            [rows[f"part{kind}"] for kind in FAILED],
            self._join(FAILED),
            {
                "id": SQL("nextval('partner_order_failure_line_id_seq')::int"),
                "failure_id": SQL("s.failure_id"),
                "order_line_id": SQL("s.line_id"),
                "date": failed,
            },
        )

    def _write_invoices(self, rows):
        number = SQL("'B/INV/' || lpad(s.n::text, 7, '0')")
        day = SQL("(s.moment + INTERVAL '2 days')::date")
        insert_after_models(
            self.cr,
            "account_move",
            [rows["invoice"]],
            self._join([DELIVERED]),
            {
                "id": SQL("s.move_id"),
                **dict.fromkeys(("name", "payment_reference"), number),
                **dict.fromkeys(("date", "invoice_date", "invoice_date_due"), day),
                "sequence_number": SQL("s.n + 1000"),
                "invoice_user_id": SQL("s.user_id"),
                "access_token": SQL("NULL"),
                "campaign_id": SQL("s.campaign_id"),
                **dict.fromkeys(
                    ("partner_id", "commercial_partner_id", "partner_shipping_id"), SQL("s.partner_id")
                ),
            },
        )
        insert_after_models(
            self.cr,
            "account_move_line",
            [rows["item"]],
            self._join([DELIVERED]),
            {
                "id": SQL("s.item_id"),
                "move_id": SQL("s.move_id"),
                "move_name": number,
                "partner_id": SQL("s.partner_id"),
                **dict.fromkeys(("date", "invoice_date"), day),
            },
        )
        self.cr.execute(
            SQL(
                "INSERT INTO sale_order_line_invoice_rel (order_line_id, invoice_line_id)"
                " SELECT line_id, item_id FROM bench_order WHERE kind = %s",
                DELIVERED,
            )
        )
