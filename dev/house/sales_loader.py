"""Runs inside Odoo's shell: a sales history becomes posted customer invoices, in bulk.

Posting 25,000 invoices through the ORM takes most of an hour. So Odoo itself makes and posts a few
model invoices (one for each kind, month and accounting setting that occurs), their rows are read and
taken back, and the invoices of the file are written after these models in a few statements: every
column has the value that Odoo gives it, and only what differs between two invoices is filled in.
"""

import json
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal

from odoo.tools import SQL

from house import core, sales

KINDS = ("out_invoice", "out_refund")
BATCH = 1000


def main(env, path):
    """Load the file in one transaction and print what was done."""
    try:
        result = Loader(env, sales.read(path)).load()
        env.cr.commit()
    except core.Failure as failure:
        env.cr.rollback()
        result = {"error": failure.what, "remedy": failure.remedy}
    print("RESULT " + json.dumps(result), flush=True)


class Loader:
    """One load: customers, models, invoices."""

    def __init__(self, env, rows):
        self.company = env.company
        # a history is no news: no tracking, no followers, no mails
        self.env = env(context=dict(env.context, tracking_disable=True, mail_create_nosubscribe=True))
        self.cr = env.cr
        self.rows = rows

    def load(self):
        self._ensure_chart()
        currency = self.company.currency_id
        unit = Decimal(1).scaleb(-currency.decimal_places)
        orders = defaultdict(list)
        rounded, rounding = 0, Decimal(0)
        for row in self.rows:
            amount = row.amount.quantize(unit, ROUND_HALF_UP)
            rounded += amount != row.amount
            rounding += amount - row.amount
            orders[row.order].append((row, amount))
        already = self._already_loaded(orders)
        for order in already:
            del orders[order]
        print("customers", flush=True)
        partners, created = self._partners({lines[0][0].customer for lines in orders.values()})
        result = {
            "customers": created,
            "already": len(already),
            "currency": currency.name,
            "decimals": currency.decimal_places,
            "rounded": rounded,
            "rounding": str(rounding),
            "invoices": 0,
            "refunds": 0,
            "total": "0",
        }
        if not orders:
            return result
        documents = []
        for order, lines in orders.items():
            total = sum(amount for _row, amount in lines)
            kind = "out_refund" if total < 0 else "out_invoice"
            documents.append((order, partners[lines[0][0].customer], lines[0][0].date, kind, total, lines))
        documents.sort(key=lambda document: (document[2], document[0]))
        self._write(documents)
        result["refunds"] = sum(document[3] == "out_refund" for document in documents)
        result["invoices"] = len(documents) - result["refunds"]
        result["total"] = str(sum(document[4] for document in documents))
        return result

    def _ensure_chart(self):
        if not self.company.chart_template:
            print("chart of accounts", flush=True)
            self.env["account.chart.template"].try_loading("generic_coa", self.company, install_demo=False)
        self.journal = self.env["account.journal"].search(
            [("type", "=", "sale"), ("company_id", "=", self.company.id)], limit=1
        )
        if not self.journal.default_account_id:
            raise core.Failure(
                f"{self.company.name} has no sales journal with an income account",
                "Make one in Accounting, or load into another database: -d NAME",
            )

    def _already_loaded(self, orders):
        """Orders of the file that are there; one that is there with other contents is a fault."""
        moves = self.env["account.move"].search_fetch(
            [
                ("ref", "in", list(orders)),
                ("move_type", "in", KINDS),
                ("state", "=", "posted"),
                ("company_id", "=", self.company.id),
            ],
            ["ref", "invoice_date", "amount_total_signed", "commercial_partner_id"],
        )
        for move in moves:
            row = orders[move.ref][0][0]
            total = sum(amount for _row, amount in orders[move.ref])
            same = (
                move.commercial_partner_id.name == row.customer
                and move.invoice_date == row.date
                and self.company.currency_id.compare_amounts(move.amount_total_signed, float(total)) == 0
            )
            if not same:
                raise core.Failure(
                    f"line {row.line}, order: {move.ref} is already the reference of {move.name} "
                    f"({move.commercial_partner_id.name}, {move.invoice_date}, {move.amount_total_signed})",
                    "Give the order another number, or load into another database: -d NAME",
                )
        return set(moves.mapped("ref"))

    def _partners(self, names):
        """The customer of each name; one that is there already is used."""
        Partner = self.env["res.partner"]
        domain = [
            ("name", "in", list(names)),
            ("parent_id", "=", False),
            ("company_id", "in", (False, self.company.id)),
        ]
        known = {partner.name: partner for partner in Partner.search_fetch(domain, ["name"], order="id desc")}
        new = sorted(names - known.keys())
        for start in range(0, len(new), BATCH):
            print(f"customers {start} of {len(new)}", flush=True)
            batch = Partner.create(
                [
                    {"name": name, "is_company": True, "autopost_bills": "ask"}
                    for name in new[start : start + BATCH]
                ]
            )
            known.update(zip(new[start:], batch, strict=False))
        return known, len(new)

    # -- models ------------------------------------------------------------------

    def _traits(self, partner):
        return partner.property_account_receivable_id.id, partner.property_account_position_id.id

    def _models(self, documents):
        """Rows of model invoices, and the name that the first invoice of each month would get."""
        wanted = {}
        for _order, partner, date, kind, total, _lines in documents:
            example = (partner, date, kind, total)
            wanted.setdefault(("model", kind, not total, self.traits[partner.id]), example)
            wanted.setdefault(("name", kind, date.year, date.month), example)
        Move = self.env["account.move"].with_context(default_journal_id=self.journal.id)
        models, names = {}, {}
        savepoint = self.cr.savepoint(flush=True)
        moves = Move.create(
            [
                {
                    "move_type": kind,
                    "journal_id": self.journal.id,
                    "partner_id": partner.id,
                    "invoice_date": date,
                    "date": date,
                    "ref": "model",
                    "invoice_user_id": False,
                    "invoice_payment_term_id": False,
                    "invoice_line_ids": [
                        (
                            0,
                            0,
                            {"name": "model", "quantity": 1, "price_unit": float(abs(total)), "tax_ids": []},
                        )
                    ],
                }
                for partner, date, kind, total in wanted.values()
            ]
        )
        moves.action_post()
        self.env.flush_all()
        for key, (_partner, date, *_), move in zip(wanted, wanted.values(), moves, strict=True):
            if move.state != "posted" or move.date != date:
                raise core.Failure(
                    f"Odoo does not post an invoice of {date} (it would be dated {move.date})",
                    "Lift the lock date in the accounting settings, or load into another database: -d NAME",
                )
            if key[0] == "model":
                models[key[1:]] = self._row_of(move)
            # Numbers begin after those in use: the lowest of the models, whose numbers are taken back.
            prefix, number = move.sequence_prefix, move.sequence_number
            digits = len(move.name) - len(prefix) - len(self._suffix(move))
            first = min(number, names.get(prefix, (number,))[0])
            names[prefix] = (first, digits, self._suffix(move))
            if key[0] == "name":
                self.prefixes[key[1:]] = prefix
        savepoint.rollback()
        savepoint.close(rollback=False)
        self.env.invalidate_all(flush=False)
        return models, names

    @staticmethod
    def _suffix(move):
        rest = move.name[len(move.sequence_prefix) :]
        return rest.lstrip("0123456789")

    def _row_of(self, move):
        self.cr.execute(SQL("SELECT to_jsonb(m) FROM account_move m WHERE id = %s", move.id))
        header = self.cr.fetchone()[0]
        self.cr.execute(
            SQL("SELECT display_type, to_jsonb(l) FROM account_move_line l WHERE move_id = %s", move.id)
        )
        lines = self.cr.fetchall()
        if sorted(kind for kind, _line in lines) != ["payment_term", "product"]:
            raise core.Failure(
                f"Odoo books more than a receivable and income ({', '.join(kind for kind, _l in lines)})",
                "Load into another database: -d NAME",
            )
        return header, dict(lines)

    # -- invoices ----------------------------------------------------------------

    def _write(self, documents):
        """Write all documents; SQL, as a post through the ORM costs some 50 ms each."""
        print(f"invoices: {len(documents)}", flush=True)
        partners = self.env["res.partner"].union(*(document[1] for document in documents))
        self.traits = {partner.id: self._traits(partner) for partner in partners}
        self.prefixes = {}
        models, names = self._models(documents)
        numbers = {prefix: first for prefix, (first, _digits, _suffix) in names.items()}
        model_keys = list(models)
        heads, lines = [], []
        for index, (order, partner, date, kind, total, rows) in enumerate(documents):
            prefix = self.prefixes[kind, date.year, date.month]
            _first, digits, suffix = names[prefix]
            number = numbers[prefix]
            numbers[prefix] += 1
            model = model_keys.index((kind, not total, self.traits[partner.id]))
            name = f"{prefix}{number:0{digits}d}{suffix}"
            heads.append((index, model, partner.id, date, order, name, prefix, number, total))
            lines += [
                (index, sequence, f"{order} / {sequence}" if len(rows) > 1 else order, amount)
                for sequence, (_row, amount) in enumerate(rows, 1)
            ]
        self._stage(heads, lines)
        sign = SQL("CASE WHEN m.move_type = 'out_refund' THEN -1 ELSE 1 END")

        def where_set(column, value):
            """Only where Odoo fills the column in: it may depend on the kind, or on other addons."""
            return SQL("CASE WHEN %s IS NOT NULL THEN %s END", SQL.identifier("m", column), value)

        audit = {
            "create_uid": SQL("%s", self.env.uid),
            "create_date": SQL("now() AT TIME ZONE 'UTC'"),
            "write_uid": SQL("%s", self.env.uid),
            "write_date": SQL("now() AT TIME ZONE 'UTC'"),
        }
        self._insert(
            "account_move",
            [header for header, _lines in models.values()],
            SQL("JOIN sales_head h ON h.model = m.model JOIN res_partner p ON p.id = h.partner_id"),
            {
                **audit,
                "id": SQL("h.id"),
                "name": SQL("h.name"),
                "sequence_prefix": SQL("h.prefix"),
                "sequence_number": SQL("h.number"),
                "payment_reference": where_set("payment_reference", SQL("h.name")),
                "ref": SQL("h.ref"),
                **dict.fromkeys(("date", "invoice_date", "invoice_date_due"), SQL("h.date")),
                **{
                    column: where_set(column, SQL("h.date"))
                    for column in ("delivery_date", "taxable_supply_date")
                },
                **dict.fromkeys(
                    ("partner_id", "partner_shipping_id", "commercial_partner_id"), SQL("h.partner_id")
                ),
                "invoice_partner_display_name": SQL("p.complete_name"),
                **dict.fromkeys(
                    ("amount_untaxed", "amount_total", "amount_residual"), SQL("h.total * %s", sign)
                ),
                **dict.fromkeys(
                    (
                        "amount_untaxed_signed",
                        "amount_untaxed_in_currency_signed",
                        "amount_total_signed",
                        "amount_total_in_currency_signed",
                        "amount_residual_signed",
                    ),
                    SQL("h.total"),
                ),
                "access_token": SQL("NULL"),
            },
        )
        common = {
            **audit,
            "id": SQL("nextval('account_move_line_id_seq')"),
            "move_id": SQL("h.id"),
            "move_name": SQL("h.name"),
            "ref": SQL("h.ref"),
            "partner_id": SQL("h.partner_id"),
            **dict.fromkeys(("date", "invoice_date"), SQL("h.date")),
        }

        def booked(balance):
            return {
                **dict.fromkeys(("balance", "amount_currency"), balance),
                "debit": SQL("GREATEST(%s, 0)", balance),
                "credit": SQL("GREATEST(-(%s), 0)", balance),
            }

        self._insert(
            "account_move_line",
            [rows["product"] for _header, rows in models.values()],
            SQL("JOIN sales_head h ON h.model = m.model JOIN sales_line l ON l.head = h.head"),
            {
                **common,
                **booked(SQL("-l.amount")),
                "name": SQL("l.label"),
                "sequence": SQL("m.sequence + l.sequence - 1"),
                **dict.fromkeys(
                    ("price_unit", "price_subtotal", "price_total"),
                    SQL("l.amount * CASE WHEN h.kind = 'out_refund' THEN -1 ELSE 1 END"),
                ),
            },
        )
        self._insert(
            "account_move_line",
            [rows["payment_term"] for _header, rows in models.values()],
            SQL("JOIN sales_head h ON h.model = m.model"),
            {
                **common,
                **booked(SQL("h.total")),
                **dict.fromkeys(("amount_residual", "amount_residual_currency"), SQL("h.total")),
                "name": where_set("name", SQL("h.ref || ' - ' || h.name")),
                "date_maturity": SQL("h.date"),
            },
        )
        self._finish()

    def _stage(self, heads, lines):
        self.cr.execute("""
            CREATE TEMP TABLE sales_head (head int PRIMARY KEY, model int, partner_id int, date date,
                ref varchar, name varchar, prefix varchar, number int, total numeric,
                kind varchar, id int) ON COMMIT DROP;
            CREATE TEMP TABLE sales_line (head int, sequence int, label varchar, amount numeric)
                ON COMMIT DROP;
        """)
        columns = [list(column) for column in zip(*heads, strict=True)]
        self.cr.execute(
            "INSERT INTO sales_head SELECT *, NULL, nextval('account_move_id_seq') FROM unnest(%s::int[], "
            "%s::int[], %s::int[], %s::date[], %s::varchar[], %s::varchar[], %s::varchar[], "
            "%s::int[], %s::numeric[])",
            columns,
        )
        self.cr.execute(
            "UPDATE sales_head SET kind = CASE WHEN total < 0 THEN 'out_refund' ELSE 'out_invoice' END"
        )
        self.cr.execute(
            "INSERT INTO sales_line SELECT * FROM unnest(%s::int[], %s::int[], %s::varchar[], %s::numeric[])",
            [list(column) for column in zip(*lines, strict=True)],
        )
        self.cr.execute("ANALYZE sales_head; ANALYZE sales_line")

    def _insert(self, table, rows, join, values):
        insert_after_models(self.cr, table, rows, join, values)

    def _finish(self):
        """What posting does beside the invoice itself, and a last check."""
        self.cr.execute("""
            UPDATE res_partner p SET customer_rank = COALESCE(p.customer_rank, 0) + n.count
              FROM (SELECT partner_id, count(*) FROM sales_head GROUP BY partner_id) n
             WHERE n.partner_id = p.id
        """)
        self.cr.execute("SELECT id FROM sales_head ORDER BY id")
        moves = self.env["account.move"].browse([row[0] for row in self.cr.fetchall()])
        self.env.invalidate_all(flush=False)
        self._recompute(moves)
        self._recompute(moves.line_ids)
        self.env.flush_all()
        self.cr.execute("""
            SELECT h.name FROM sales_head h JOIN account_move_line l ON l.move_id = h.id JOIN account_move m
                ON m.id = h.id GROUP BY h.name, h.total, m.amount_total_signed
            HAVING SUM(l.balance) <> 0 OR SUM(l.debit) <> SUM(l.credit) OR m.amount_total_signed <> h.total
             LIMIT 5
        """)
        wrong = [row[0] for row in self.cr.fetchall()]
        if wrong:
            raise core.Failure(
                f"the invoices would not balance: {', '.join(wrong)}", "Please report it, with the file."
            )

    def _recompute(self, records):
        """Stored fields that this addon computes on accounting records differ between the invoices."""
        for field in records._fields.values():
            if field.store and field.compute and core.ADDON in field._modules:
                self.env.add_to_compute(field, records)


def insert_after_models(cr, table, rows, join, values):
    """INSERT one row per joined row: `values` where given, else what its model (`m`) of `rows` has.

    `values` of columns that the database does not have are left out.
    """
    cr.execute(
        SQL(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s "
            "AND table_schema = 'public' AND is_generated = 'NEVER'",
            table,
        )
    )
    columns = [column for (column,) in cr.fetchall()]
    models = json.dumps([{**row, "model": number} for number, row in enumerate(rows)])
    cr.execute(
        SQL(
            "INSERT INTO %(table)s (%(columns)s) SELECT %(values)s FROM "
            "(SELECT (j->>'model')::int AS model, r.* FROM jsonb_array_elements(%(models)s::jsonb) j, "
            "jsonb_populate_record(NULL::%(table)s, j) r) m %(join)s",
            table=SQL.identifier(table),
            columns=SQL(", ").join(map(SQL.identifier, columns)),
            values=SQL(", ").join(
                values[column] if column in values else SQL.identifier("m", column) for column in columns
            ),
            models=models,
            join=join,
        )
    )
