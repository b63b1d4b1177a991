"""Installation where years of business are: how much longer than on an empty database, and how long users wait.

The addon is installed by the ordinary command, while one user each reads and writes contacts, orders and invoices ten
times a second, as an Odoo that was started before does. Before it, in the same database and in the same way, an app of
Odoo's own is installed that adds to the same documents: what Odoo's installing costs users anyhow.
"""

import subprocess
import sys
import threading
import time

import psycopg2
from benches import _sales_history
from psycopg2.errors import DeadlockDetected, SerializationFailure

from odoo import SUPERUSER_ID, Command, api, fields
from odoo.modules.registry import Registry
from odoo.sql_db import connection_info_for
from odoo.tools import SQL, config

from house.sales_loader import insert_after_models

ADDON = False  # the databases are those of a company that does not have it yet
DATABASES = ("empty", "full")
OPTIONS = {
    "documents": (1_000_000, "contacts, invoices, orders, purchase orders and leads of the full database"),
}
# Shares of the documents.
CONTACTS, INVOICES, ORDERS, PURCHASES, LEADS = 0.15, 0.4, 0.15, 0.15, 0.15
LINES = 3
TABLES = ("crm_lead", "sale_order", "sale_order_line", "purchase_order", "purchase_order_line")
# An app of Odoo's own that adds fields to orders, invoices and contacts.
CORE, ADDON_NAME = "event_sale", "partner_relations"
PAUSE = 0.1
MODELS = {
    "contacts": ("res.partner", "comment"),
    "orders": ("sale.order", "note"),
    "invoices": ("account.move", "narration"),
}
EXTRA_LIMIT, WAIT_LIMIT = 30, 3


def prepare(env, label, options):
    """Documents for the full database; a few of each for the other, so that its users have something to do."""
    count = options["documents"] if label == "full" else 200
    _sales_history.make(env, int(count * CONTACTS), int(count * INVOICES))
    _make_orders(env, count)
    env.cr.commit()
    _sales_history.vacuum(env.cr.dbname, *TABLES)


def _make_orders(env, count):
    """Confirmed orders and purchase orders, each with some lines, and leads."""
    env = env(context=dict(env.context, tracking_disable=True, mail_create_nosubscribe=True))
    cr = env.cr
    cr.execute("SET LOCAL jit = off; SET LOCAL work_mem = '256MB'")
    product = env["product.product"].search([("type", "=", "consu")], limit=1)
    partners = env["res.partner"].search([("customer_rank", ">", 0)], limit=5000).ids
    line = {"product_id": product.id, "price_unit": 10}
    sale = env["sale.order"].create(
        {"partner_id": partners[0], "order_line": [Command.create({**line, "product_uom_qty": 1})]}
    )
    sale.action_confirm()
    purchase = env["purchase.order"].create(
        {"partner_id": partners[0], "order_line": [Command.create({**line, "product_qty": 1})]}
    )
    purchase.button_confirm()
    lead = env["crm.lead"].create({"name": "Model", "type": "opportunity", "partner_id": partners[0]})
    env.flush_all()
    parts = (
        ("sale_order", sale, "sale_order_line", sale.order_line, ORDERS),
        ("purchase_order", purchase, "purchase_order_line", purchase.order_line, PURCHASES),
        ("crm_lead", lead, None, None, LEADS),
    )
    for table, model, line_table, line_model, share in parts:
        number = int(count * share)
        rows = {}
        for name, record in ((table, model), (line_table, line_model)):
            if name:
                cr.execute(SQL("SELECT to_jsonb(m) FROM %s m WHERE id = %s", SQL.identifier(name), record.id))
                rows[name] = cr.fetchone()[0]
        cr.execute(SQL("SELECT nextval(%s)", f"{table}_id_seq"))
        first = cr.fetchone()[0]
        cr.execute(SQL("SELECT setval(%s, %s)", f"{table}_id_seq", first + number))
        moment = SQL("%s::timestamp - n * interval '1 day' * %s", fields.Datetime.now(), 1000 / number)
        with _sales_history.without_indexes(cr, *filter(None, (table, line_table))):
            insert_after_models(
                cr,
                table,
                [rows[table]],
                SQL("CROSS JOIN generate_series(0, %s) n", number - 1),
                {
                    "id": SQL("%s + n", first),
                    "name": SQL("'N' || n"),
                    "partner_id": SQL("(%s::int[])[1 + n %% %s]", partners, len(partners)),
                    "date_order": moment,
                    "create_date": moment,
                    "access_token": SQL("NULL"),
                },
            )
            if line_table:
                insert_after_models(
                    cr,
                    line_table,
                    [rows[line_table]],
                    SQL("CROSS JOIN generate_series(0, %s) n", number * LINES - 1),
                    {"id": SQL("nextval(%s)", f"{line_table}_id_seq"), "order_id": SQL("%s + n / %s", first, LINES)},
                )  # fmt: skip
    env.invalidate_all(flush=False)


def measure(env, timer, _options):
    database = env.cr.dbname
    # an Odoo that was started before the installation and does not know of it
    registry = Registry(database)
    env.cr.rollback()
    for module in (CORE, ADDON_NAME):
        timer.say(f"installing {module}")
        users = [_User(registry, name, *MODELS[name]) for name in MODELS]
        watcher = _Watcher(database)
        for thread in (*users, watcher):
            thread.start()
        time.sleep(1)
        try:
            began = time.monotonic()
            _install(database, module)
            timer.note(f"installing {module}", 1000 * (time.monotonic() - began))
        finally:
            for thread in (*users, watcher):
                thread.stop()
        for user in users:
            for what, (seconds, after) in user.longest.items():
                timer.note(f"{module}: longest {what} of {user.name}", 1000 * seconds)
                print(
                    f"LONGEST {module} {what} {user.name}: {seconds:.2f} s, begun after {after - began:.1f} s"
                )
            print(f"{module}: {user.rounds} rounds of {user.name}, {user.repeated} repeated")
            timer.note(f"{module}: errors of {user.name}", len(user.errors))
            for error in user.errors[:3]:
                print(f"ERROR {user.name}: {error}")
        for text, seconds in watcher.longest():
            print(f"WAITED FOR {module} {seconds:.2f} s: {text}")


def _install(database, module):
    command = [sys.executable, "-m", "odoo", "-c", config["config"], "-d", database, "-i", module]
    command += ["--stop-after-init", "--no-http", "--max-cron-threads=0", "--log-level=info"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    print(done.stderr)
    if done.returncode or f"Module {module} loaded" not in done.stderr:
        raise RuntimeError(f"{module} was not installed")


class _Thread(threading.Thread):
    def __init__(self):
        super().__init__(daemon=True)
        self._stopping = threading.Event()

    def stop(self):
        self._stopping.set()
        self.join()

    def run(self):
        while not self._stopping.wait(PAUSE):
            self.work()


class _User(_Thread):
    """Somebody who opens a list and changes one of its records, again and again."""

    def __init__(self, registry, name, model, field):
        super().__init__()
        self.registry, self.name, self.model, self.field = registry, name, model, field
        self.longest, self.errors, self.rounds, self.repeated = {}, [], 0, 0

    def work(self):
        self.rounds += 1
        try:
            with self.registry.cursor() as cr:
                model = api.Environment(cr, SUPERUSER_ID, {})[self.model]
                names = [name for name in ("display_name", "partner_id", "state") if name in model._fields]
                records = self._time(
                    "reading", lambda: model.search_fetch([], names, limit=40, order="id desc")
                )
                self._time("writing", lambda: self._write(records[self.rounds % len(records)]))
        except (SerializationFailure, DeadlockDetected):
            self.repeated += 1  # as Odoo repeats a request, without telling its user
        except psycopg2.Error as error:
            self.errors.append(str(error))

    def _write(self, record):
        record[self.field] = f"<p>{self.rounds}</p>"
        record.env.cr.commit()

    def _time(self, what, function):
        began = time.monotonic()
        try:
            return function()
        finally:
            self.longest[what] = max(self.longest.get(what, (0, 0)), (time.monotonic() - began, began))


class _Watcher(_Thread):
    """What the installation was doing while somebody waited for it."""

    def __init__(self, database):
        super().__init__()
        _name, info = connection_info_for(database)
        self.connection = psycopg2.connect(**info)
        self.connection.autocommit = True
        self.seen = {}

    def work(self):
        with self.connection.cursor() as cr:
            cr.execute("""
                SELECT wanted.relation::regclass::text || ' ' || wanted.mode, left(blocker.query, 150), blocker.state
                  FROM pg_locks AS wanted
                  JOIN pg_stat_activity AS waiting ON waiting.pid = wanted.pid
             LEFT JOIN pg_stat_activity AS blocker ON blocker.pid = (pg_blocking_pids(waiting.pid))[1]
                 WHERE NOT wanted.granted AND waiting.datname = current_database()
            """)
            for lock, query, _state in cr.fetchall():
                key = f"{lock}, behind {' '.join((query or '').split())}"
                self.seen[key] = self.seen.get(key, 0) + PAUSE

    def stop(self):
        super().stop()
        self.connection.close()

    def longest(self, count=25):
        return sorted(self.seen.items(), key=lambda item: -item[1])[:count]


def figures(results, _options):
    """The addon on the full database against the empty one, and the waits."""
    rows = []
    for module in (CORE, ADDON_NAME):
        empty, full = (results[label][f"installing {module}"] / 1000 for label in DATABASES)
        limit = EXTRA_LIMIT if module == ADDON_NAME else None
        rows.append(_row(f"{module}: seconds beyond those on an empty database", full - empty, limit))
        waits = [
            value / 1000 for what, value in results["full"].items() if what.startswith(f"{module}: longest")
        ]
        limit = WAIT_LIMIT if module == ADDON_NAME else None
        rows.append(_row(f"{module}: longest wait of a user, seconds", max(waits), limit))
        errors = sum(value for what, value in results["full"].items() if what.startswith(f"{module}: errors"))
        rows.append(_row(f"{module}: errors of users", errors, 0 if module == ADDON_NAME else None))
    return rows


def _row(text, value, limit):
    if limit is None:
        return [text, f"{value:.1f}", "", None]
    return [text, f"{value:.1f}", f"<= {limit}", value <= limit]
