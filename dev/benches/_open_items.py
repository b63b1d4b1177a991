"""The open work of a sales force for benchmarks: planned contacts, activities, deals and work plans.

Made by PostgreSQL after one record of each kind that Odoo made; drawn from hashes of running numbers, so the same
sizes give the same work on every machine. Of a hundred open items forty are planned contacts and activities (three
in ten overdue), thirty-five open opportunities, twelve open quotations (half of them of opportunities) and thirteen
orders that wait for delivery, invoicing or payment. Four customers in ten have no contact planned, so that many deals
stand without a next step. Besides, as many contacts are done as items are open.
"""

from datetime import timedelta

from benches._sales_history import vacuum, without_indexes

from odoo import Command, fields
from odoo.tools import SQL

from house.sales_loader import insert_after_models

CUSTOMERS_PER_ITEM = 0.1
SALESPEOPLE_PER_SUPERVISOR = 10
TABLES = (
    "res_partner",
    "mail_activity",
    "partner_contact_log",
    "crm_lead",
    "sale_order",
    "sale_order_line",
    "account_move",
    "account_move_line",
    "sale_order_line_invoice_rel",
    "partner_work_plan_line",
)


def make(env, users=50, items=200_000):
    """Fill the main company with that many users in a hierarchy and open items, and commit."""
    work = _Work(env)
    work.load(users, items)
    env.cr.commit()
    vacuum(env.cr.dbname, "partner_work_plan", "hr_employee", "res_users", *TABLES)


def get_people(env):
    """``{role: user}`` of a salesperson, a supervisor and the director."""
    logins = {"salesperson": "sales001", "supervisor": "supervisor001", "director": "director001"}
    found = {user.login: user for user in env["res.users"].search([("login", "in", [*logins.values()])])}
    return {role: found[login] for role, login in logins.items()}


class _Work:
    def __init__(self, env):
        self.env = env(
            context=dict(
                env.context, tracking_disable=True, mail_create_nosubscribe=True, no_reset_password=True
            )
        )
        self.cr = env.cr
        self.company = env.company

    def load(self, users, items):
        if not self.company.chart_template:
            self.env["account.chart.template"].try_loading("generic_coa", self.company, install_demo=False)
        self.cr.execute("SET LOCAL jit = off; SET LOCAL work_mem = '256MB'")
        self.cr.execute("""
            CREATE FUNCTION pg_temp.uniform(number bigint, purpose text) RETURNS float8
            IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$
                SELECT ((hashint8extended(number, hashtext(purpose)) & 4503599627370495) + 0.5) / 4503599627370496
            $$
        """)
        people = self._make_people(users)
        models = self._make_models(people[-1])
        self._stage(people, items)
        with without_indexes(self.cr, *TABLES):
            self._write_customers(models)
            self._write_leads(models)
            self._write_orders(models)
            self._write_activities(models)
            self._write_history(models, items)
        self._write_plans(people, models)
        self.cr.execute(
            "DROP TABLE bench_user, bench_customer, bench_lead, bench_order, bench_activity;"
            "DROP FUNCTION pg_temp.uniform"
        )
        self.env.invalidate_all(flush=False)

    def _make_people(self, count):
        """One director, a supervisor for each ten, and salespeople below them; the last ones are salespeople."""
        supervisors = max(1, (count - 1) // (SALESPEOPLE_PER_SUPERVISOR + 1))
        logins = [("director001", "director")]
        logins += [(f"supervisor{n + 1:03}", "supervisor") for n in range(supervisors)]
        logins += [(f"sales{n + 1:03}", "user") for n in range(count - 1 - supervisors)]
        people = self.env["res.users"].create(
            [
                {
                    "name": login.title(),
                    "login": login,
                    "email": f"{login}@example.com",
                    "tz": ("Asia/Ho_Chi_Minh", "Europe/Berlin", "America/New_York")[number % 3],
                    "group_ids": [
                        Command.link(self.env.ref(f"partner_relations.group_{role}").id),
                        Command.link(self.env.ref("sales_team.group_sale_salesman").id),
                    ],
                }
                for number, (login, role) in enumerate(logins)
            ]
        )
        employees = self.env["hr.employee"].create(
            [{"name": user.name, "user_id": user.id, "company_id": self.company.id} for user in people]
        )
        employees[1 : 1 + supervisors].parent_id = employees[0]
        for number, employee in enumerate(employees[1 + supervisors :]):
            employee.parent_id = employees[1 + number % supervisors]
        self.env.flush_all()
        return people

    def _make_models(self, user):
        """Rows of one record of each kind, as Odoo makes them; all but the customer are taken back."""
        env = self.env
        rows = {}
        customer = env["res.partner"].create(
            {"name": "Model", "is_company": True, "user_id": user.id, "phone": "+84281234567"}
        )
        product = env["product.product"].create({"name": "Chair", "type": "consu", "is_storable": True})
        with self.cr.savepoint(flush=True) as savepoint:
            lead = env["crm.lead"].create(
                {
                    "name": "Model",
                    "type": "opportunity",
                    "partner_id": customer.id,
                    "user_id": user.id,
                    "expected_revenue": 1000,
                }
            )
            order = env["sale.order"].create(
                {
                    "partner_id": customer.id,
                    "user_id": user.id,
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
            self._keep(rows, quotation=order, quotation_line=order.order_line)
            order.action_confirm()
            self._keep(rows, order=order, line=order.order_line)
            order.order_line.qty_delivered = 10
            invoice = order._create_invoices()
            invoice.invoice_date = fields.Date.today()
            invoice.action_post()
            self._keep(rows, paying=order, paying_line=order.order_line)
            self._keep(rows, invoice=invoice, invoice_line=invoice.invoice_line_ids)
            activities = self.env["mail.activity"]
            for name, record in (("customer", customer), ("lead", lead)):
                activity = record.activity_schedule(
                    "mail.mail_activity_data_call", summary="Call", user_id=user.id
                )
                activities |= activity
                log = env["partner.contact.log"].sudo().search([("activity_id", "=", activity.id)])
                self._keep(rows, **{f"{name}_activity": activity, f"{name}_log": log})
            done = env["partner.contact.log"].create(
                {
                    "title": "Talked about chairs",
                    "partner_id": customer.id,
                    "user_id": user.id,
                    "state": "done",
                }
            )
            plan = env["partner.work.plan"].create({"user_id": user.id, "date_from": self._get_monday()})
            plan._sync()
            line = plan.line_ids.filtered(lambda line: line.sudo().activity_id)[:1]
            self._keep(rows, customer=customer, lead=lead, done=done, plan_line=line)
            self.env.invalidate_all(flush=False)
            savepoint.rollback()
        self.env.invalidate_all(flush=False)
        return rows

    def _keep(self, rows, **records):
        self.env.flush_all()
        for name, record in records.items():
            self.cr.execute(
                SQL(
                    "SELECT to_jsonb(t) FROM %s AS t WHERE id = %s",
                    SQL.identifier(record._table),
                    record[:1].id,
                )
            )
            rows[name] = self.cr.fetchone()[0]

    def _get_monday(self):
        today = fields.Date.today()
        return today - timedelta(days=today.weekday())

    def _stage(self, people, items):
        """Ids of everything, and whose it is."""
        customers = max(int(items * CUSTOMERS_PER_ITEM), 10)
        leads, orders = items * 35 // 100, items * 25 // 100
        sellers = people.filtered(lambda user: user.login != "director001")
        self.cr.execute(
            SQL(
                """
    CREATE TEMP TABLE bench_user AS
    SELECT number - 1 AS n, id FROM unnest(%(users)s) WITH ORDINALITY AS t(id, number);
    CREATE UNLOGGED TABLE bench_customer AS
    SELECT t.n - 1 AS n, nextval('res_partner_id_seq')::int AS id, u.id AS user_id
      FROM generate_series(1, %(customers)s) AS t(n) JOIN bench_user AS u ON u.n = t.n %% %(count)s;
    CREATE UNLOGGED TABLE bench_lead AS
    SELECT t.n, nextval('crm_lead_id_seq')::int AS id, c.id AS partner_id, c.user_id
      FROM generate_series(1, %(leads)s) AS t(n)
      JOIN bench_customer AS c ON c.n = floor(%(customers)s * pg_temp.uniform(t.n, 'lead'));
    CREATE UNLOGGED TABLE bench_order AS
    SELECT t.n, nextval('sale_order_id_seq')::int AS id, nextval('sale_order_line_id_seq')::int AS line_id,
           nextval('account_move_id_seq')::int AS move_id, nextval('account_move_line_id_seq')::int AS item_id,
           COALESCE(l.partner_id, c.id) AS partner_id, COALESCE(l.user_id, c.user_id) AS user_id,
           l.id AS opportunity_id,
           CASE WHEN t.n %% 100 < 48 THEN 0 WHEN t.n %% 100 < 85 THEN 1 ELSE 2 END AS kind
      FROM generate_series(1, %(orders)s) AS t(n)
      JOIN bench_customer AS c ON c.n = floor(%(customers)s * pg_temp.uniform(t.n, 'order'))
      LEFT JOIN bench_lead AS l ON t.n %% 100 < 24 AND l.n = 1 + floor(%(leads)s * pg_temp.uniform(t.n, 'of lead'));
    CREATE UNLOGGED TABLE bench_activity AS
    SELECT t.n, nextval('mail_activity_id_seq')::int AS id, nextval('partner_contact_log_id_seq')::int AS log_id,
           CASE WHEN t.n %% 5 < 3 THEN 0 ELSE 1 END AS kind, c.id AS partner_id, c.user_id,
           l.id AS lead_id,
           (now() AT TIME ZONE 'UTC')::date + CASE WHEN pg_temp.uniform(t.n, 'late') < 0.3
                THEN -1 - floor(40 * pg_temp.uniform(t.n, 'day')) ELSE floor(60 * pg_temp.uniform(t.n, 'day')) END::int
           AS day
      FROM generate_series(1, %(activities)s) AS t(n)
      JOIN bench_lead AS l ON l.n = 1 + t.n %% %(leads)s
      JOIN bench_customer AS c ON c.n = floor(0.6 * %(customers)s * pg_temp.uniform(t.n, 'customer'));
    UPDATE bench_activity AS a SET partner_id = l.partner_id, user_id = l.user_id
      FROM bench_lead AS l JOIN bench_customer AS c ON c.id = l.partner_id
     WHERE a.kind = 1 AND l.id = a.lead_id AND c.n < 0.6 * %(customers)s;
    -- an activity on an opportunity of a customer for whom nothing is to be planned goes to the customer beside it
    UPDATE bench_activity AS a SET kind = 0
      FROM bench_lead AS l JOIN bench_customer AS c ON c.id = l.partner_id
     WHERE a.kind = 1 AND l.id = a.lead_id AND c.n >= 0.6 * %(customers)s;
    ANALYZE bench_customer, bench_lead, bench_order, bench_activity""",
                users=sellers.ids,
                count=len(sellers),
                customers=customers,
                leads=leads,
                orders=orders,
                activities=items - leads - orders,
            )
        )

    def _write_customers(self, models):
        name = SQL("'Customer ' || lpad(s.n::text, 6, '0')")
        insert_after_models(
            self.cr,
            "res_partner",
            [models["customer"]],
            SQL("CROSS JOIN bench_customer AS s"),
            {
                "id": SQL("s.id"),
                "commercial_partner_id": SQL("s.id"),
                "user_id": SQL("s.user_id"),
                **dict.fromkeys(("name", "complete_name", "commercial_company_name"), name),
            },
        )

    def _write_leads(self, models):
        insert_after_models(
            self.cr,
            "crm_lead",
            [models["lead"]],
            SQL("CROSS JOIN bench_lead AS s"),
            {
                "id": SQL("s.id"),
                "name": SQL("'Opportunity ' || s.n"),
                "partner_id": SQL("s.partner_id"),
                "user_id": SQL("s.user_id"),
                "expected_revenue": SQL("100 * (1 + floor(500 * pg_temp.uniform(s.n, 'revenue')))"),
                "probability": SQL("5 + floor(90 * pg_temp.uniform(s.n, 'chance'))"),
                "date_deadline": SQL("now()::date - 60 + floor(180 * pg_temp.uniform(s.n, 'deadline'))::int"),
            },
        )

    def _write_orders(self, models):
        person = {
            name: SQL("s.partner_id") for name in ("partner_id", "partner_invoice_id", "partner_shipping_id")
        }
        insert_after_models(
            self.cr,
            "sale_order",
            [models["quotation"], models["order"], models["paying"]],
            SQL("JOIN bench_order AS s ON s.kind = m.model"),
            {
                "id": SQL("s.id"),
                "name": SQL("'B' || lpad(s.n::text, 6, '0')"),
                "access_token": SQL("NULL"),
                "user_id": SQL("s.user_id"),
                "opportunity_id": SQL("s.opportunity_id"),
                "state": SQL(
                    "CASE WHEN s.kind > 0 THEN 'sale' WHEN s.n %% 2 = 0 THEN 'sent' ELSE 'draft' END"
                ),
                "validity_date": SQL("now()::date - 10 + floor(60 * pg_temp.uniform(s.n, 'valid'))::int"),
                **person,
            },
        )
        insert_after_models(
            self.cr,
            "sale_order_line",
            [models["quotation_line"], models["line"], models["paying_line"]],
            SQL("JOIN bench_order AS s ON s.kind = m.model"),
            {
                "id": SQL("s.line_id"),
                "order_id": SQL("s.id"),
                "order_partner_id": SQL("s.partner_id"),
                "salesman_id": SQL("s.user_id"),
            },
        )
        billed = SQL("JOIN bench_order AS s ON s.kind = 2")
        number = SQL("'B/INV/' || lpad(s.n::text, 6, '0')")
        insert_after_models(
            self.cr,
            "account_move",
            [models["invoice"]],
            billed,
            {
                "id": SQL("s.move_id"),
                **dict.fromkeys(("name", "payment_reference"), number),
                "sequence_number": SQL("s.n + 1000"),
                "invoice_user_id": SQL("s.user_id"),
                "access_token": SQL("NULL"),
                "partner_id": SQL("s.partner_id"),
                "commercial_partner_id": SQL("s.partner_id"),
                "partner_shipping_id": SQL("s.partner_id"),
            },
        )
        insert_after_models(
            self.cr,
            "account_move_line",
            [models["invoice_line"]],
            billed,
            {
                "id": SQL("s.item_id"),
                "move_id": SQL("s.move_id"),
                "move_name": number,
                "partner_id": SQL("s.partner_id"),
            },
        )
        self.cr.execute(
            "INSERT INTO sale_order_line_invoice_rel (order_line_id, invoice_line_id)"
            " SELECT line_id, item_id FROM bench_order WHERE kind = 2"
        )

    def _write_activities(self, models):
        lead_model = self.env["ir.model"]._get_id("crm.lead")
        partner_model = self.env["ir.model"]._get_id("res.partner")
        document = SQL("CASE WHEN s.kind = 1 THEN s.lead_id ELSE s.partner_id END")
        document_model = SQL("CASE WHEN s.kind = 1 THEN 'crm.lead' ELSE 'res.partner' END")
        insert_after_models(
            self.cr,
            "mail_activity",
            [models["customer_activity"], models["lead_activity"]],
            SQL("JOIN bench_activity AS s ON s.kind = m.model"),
            {
                "id": SQL("s.id"),
                "res_id": document,
                "res_model": document_model,
                "res_model_id": SQL("CASE WHEN s.kind = 1 THEN %s ELSE %s END", lead_model, partner_model),
                "user_id": SQL("s.user_id"),
                "date_deadline": SQL("s.day"),
            },
        )
        insert_after_models(
            self.cr,
            "partner_contact_log",
            [models["customer_log"], models["lead_log"]],
            SQL("JOIN bench_activity AS s ON s.kind = m.model"),
            {
                "id": SQL("s.log_id"),
                "activity_id": SQL("s.id"),
                "activity_day": SQL("s.day"),
                "date": SQL("s.day + INTERVAL '12 hours'"),
                "date_planned": SQL("s.day + INTERVAL '12 hours'"),
                "partner_id": SQL("s.partner_id"),
                "commercial_partner_id": SQL("s.partner_id"),
                "user_id": SQL("s.user_id"),
                "res_id": document,
                "res_model": document_model,
                "source_id": SQL("s.id"),
            },
        )

    def _write_history(self, models, items):
        insert_after_models(
            self.cr,
            "partner_contact_log",
            [models["done"]],
            SQL(
                """CROSS JOIN (SELECT t.n, c.id AS partner_id, c.user_id FROM generate_series(1, %(items)s) AS t(n)
                                 JOIN bench_customer AS c
                                   ON c.n = t.n %% (SELECT COUNT(*) FROM bench_customer)) AS s""",
                items=items,
            ),
            {
                "id": SQL("nextval('partner_contact_log_id_seq')::int"),
                "date": SQL(
                    "now() AT TIME ZONE 'UTC' - INTERVAL '1 day' * (400 * pg_temp.uniform(s.n, 'done'))"
                ),
                "partner_id": SQL("s.partner_id"),
                "commercial_partner_id": SQL("s.partner_id"),
                "user_id": SQL("s.user_id"),
            },
        )

    def _write_plans(self, people, models):
        """Each person's plan of this week, with its activities of the week and those that are late."""
        monday = self._get_monday()
        plans = self.env["partner.work.plan"].create(
            [{"user_id": user.id, "date_from": monday} for user in people]
        )
        plans.line_ids.with_context(force_delete=True).sudo().unlink()
        plans.capacity_hours = 40
        self.env.flush_all()
        insert_after_models(
            self.cr,
            "partner_work_plan_line",
            [models["plan_line"]],
            SQL(
                """CROSS JOIN (SELECT a.*, plan.id AS plan_id, GREATEST(a.day, %(monday)s::date) AS shown
                                 FROM bench_activity AS a JOIN partner_work_plan AS plan
                                   ON plan.user_id = a.user_id AND plan.date_from = %(monday)s
                                WHERE a.day <= %(monday)s::date + 6) AS s""",
                monday=monday,
            ),
            {
                "id": SQL("nextval('partner_work_plan_line_id_seq')::int"),
                "plan_id": SQL("s.plan_id"),
                "user_id": SQL("s.user_id"),
                "activity_id": SQL("s.id"),
                "partner_id": SQL("s.partner_id"),
                "date_start": SQL("s.shown + INTERVAL '5 hours'"),
                "date": SQL("s.shown"),
                "weekday": SQL("(EXTRACT(isodow FROM s.shown)::int - 1)::text"),
                "is_carried": SQL("s.day < %s::date", monday),
            },
        )
