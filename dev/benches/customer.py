"""Classification, matrix and turnover of 100,000 customers, against a raw scan and Invoice Analysis.

The raw scan is the sum by customer and month of all the documents that a run reads, from the headers of invoices,
without the index that the addon adds: what plain Odoo takes to read them once. The data spans three years; the scan
of the last twelve closed months is shown beside it.
What has a limit as a ratio to it takes turns with it. A second database with a sixteenth of the customers and
invoices shows how the cost grows.
"""

import math
import statistics
import tempfile
import threading
import time

from benches import _sales_history
from benches._sales_history import KINDS
from dateutil.relativedelta import relativedelta

from odoo import Command, api, fields
from odoo.modules.registry import Registry
from odoo.tools import SQL

DATABASES = ("full", "small")
OPTIONS = {
    "customers": (100_000, "customers of the full database; the small one has a sixteenth"),
    "invoices": (1_000_000, "invoices of the full database, with three lines on average"),
}
TENFOLD = {"customers": 333_333, "invoices": 3_333_333}
HISTORY = ("full",)
SMALLER = 16
ORDERS = 50
IDLE_SECONDS = 6
LOGIN = "bench_director"
GROUPS = (
    "partner_relations.group_director",
    "base.group_allow_export",
    "account.group_account_invoice",
    "sales_team.group_sale_manager",
    "base.group_partner_manager",
)
# What the classification sets for its statement and what helps the raw scan as well: it gets the same.
SETTINGS = {"jit": "off", "work_mem": "256MB"}
LINES = ("partner_classification", "partner_classification_line")
RAW = "raw scan"
RAW_YEAR = "raw scan of the last 12 months"
RAW_INDEX = "raw scan with the addon's index"

# Complete runs: what their policy has beside the defaults, and the limit as a ratio to the raw scan.
BY_REVENUE = "run by revenue, from headers"
RUNS = {
    BY_REVENUE: ({}, 2.0),
    "run by profit, from headers": ({"measure": "profit"}, 3.3),
    "run by revenue, XYZ by quantity, from headers": ({"xyz_measure": "quantity"}, 3.3),
}
AGAIN, AGAIN_LIMIT = "the same again, nothing changed", 1.9
EXPONENT_LIMIT = 1.1
MATRIX, MATRIX_LIMIT = "matrix ABC x XYZ", 300
# The pivot of Odoo's own report by customer and month asks for more memory than Odoo allows itself beyond this.
ANALYSED = 150_000
ANALYSIS = "Invoice Analysis by customer and month"
TURNOVER, TURNOVER_LIMIT = "turnover by class and month", 5
EXCEL = "Excel of the run"
EDIT, EDIT_LIMIT = "edit of a contact or order", 100


def prepare(env, label, options):
    """Customers and invoices; a director, and orders for somebody to edit."""
    share = SMALLER if label == "small" else 1
    if not env["account.move"].search_count([("move_type", "in", KINDS)], limit=1):
        _sales_history.make(env, options["customers"] // share, options["invoices"] // share)
    if not env["res.users"].search_count([("login", "=", LOGIN)]):
        groups = [env.ref(group).id for group in GROUPS]
        env["res.users"].create({"name": "Director", "login": LOGIN, "group_ids": [Command.set(groups)]})
    if not env["sale.order"].search_count([], limit=1):
        product = env["product.product"].search([("type", "=", "consu")], limit=1)
        customers = env["res.partner"].search([("customer_rank", ">", 0)], limit=ORDERS)
        env["sale.order"].create(
            [
                {
                    "partner_id": customer.id,
                    "order_line": [Command.create({"product_id": product.id, "product_uom_qty": 1})],
                }
                for customer in customers
            ]
        )


def measure(env, timer, options):
    session = _Session(env, timer)
    session.make_history()
    _measure_runs(session)
    share = SMALLER if timer.label == "small" else 1
    _measure_screens(session, options["customers"] // share)
    if timer.label == "full":
        _measure_edits(session)


class _Session:
    """One database and its director: the statements and methods that are measured."""

    def __init__(self, env, timer):
        self.cr = env.cr
        self.timer = timer
        self.env = env(user=env["res.users"].search([("login", "=", LOGIN)]).id)
        self.runs = self.env["partner.classification"]
        self.end = fields.Date.start_of(fields.Date.today(), "month") - relativedelta(days=1)
        self.start = self.end + relativedelta(days=1) - relativedelta(years=1)
        self.done = []

    def make_history(self):
        """What stands beside a run in real life: the one of the month before, posted; and a draft."""
        self.timer.say("the run of the month before")
        policies = self.env["partner.classification.policy"]
        for run in self.runs.search([], order="date_to desc, id desc"):  # of kept databases
            run.action_reopen()
            run.unlink()
        policies.search([("name", "in", list(RUNS))]).unlink()
        self.policies = {
            name: policies.create({"name": name, "sequence": 100, **values})
            for name, (values, _limit) in RUNS.items()
        }
        policy = self.policies[BY_REVENUE]
        before = self.runs.create(
            {"policy_id": policy.id, "date_to": self.end.replace(day=1) - relativedelta(days=1)}
        )
        before.action_compute()
        before.action_post()
        self.draft = self.runs.create({"policy_id": policy.id, "date_to": self.end})
        self.draft.action_compute()
        self.cr.commit()
        _sales_history.vacuum(self.cr.dbname, *LINES)

    def raw_scan(self, start=None, **settings):
        """Read on the server: nothing is handed over but a count.

        The addon's index serves by holding all columns; without such scans it is out of the way.
        """
        for name, value in {"enable_indexonlyscan": "off", **SETTINGS, **settings}.items():
            self.cr.execute(SQL("SELECT set_config(%s, %s, TRUE)", name, value))
        self.cr.execute(
            SQL(
                """
                SELECT count(*)
                  FROM (SELECT commercial_partner_id, date_trunc('month', invoice_date), SUM(amount_untaxed_signed)
                          FROM account_move
                         WHERE state = 'posted' AND move_type IN %s AND company_id = %s
                           AND (%s OR invoice_date >= %s) AND invoice_date <= %s
                         GROUP BY 1, 2) AS sums
                """,
                KINDS,
                self.env.company.id,
                SQL("FALSE") if start else SQL("TRUE"),
                start or self.start,
                self.end,
            )
        )
        self.cr.commit()

    def run(self, name):
        """A complete run as the scheduler makes it for a month, until it is committed."""
        run = self.runs.create({"policy_id": self.policies[name].id, "date_to": self.end})
        run.action_compute()
        run.action_post()
        self.cr.commit()
        self.done.append(run)

    def run_again(self):
        self.draft.action_compute()
        self.cr.commit()

    def write_excel(self):
        """The file of all lines, as the route of the download writes it."""
        url = self.runs.search([("is_current", "=", True)]).action_export_excel()["url"]
        with tempfile.TemporaryFile() as file:
            self.env["partner.export"].browse(int(url.rpartition("/")[2]))._write_excel(file)

    def forget(self):
        """Take finished runs away, so that the next one finds what they found."""
        while self.done:
            run = self.done.pop()
            run.action_reopen()
            run.unlink()
            self.cr.commit()
            _sales_history.vacuum(self.cr.dbname, *LINES)

    def pivot(self, model, date, row, measures, domain=()):
        """What the pivot of the web client asks for: ``row`` by month, with all totals."""
        period = [(date, ">=", self.start), (date, "<=", self.end), *domain]
        month = f"{date}:month"
        sets = [[], [row], [month], [row, month]]
        return lambda: self.env[model].formatted_read_grouping_sets(period, sets, measures)


def _measure_runs(session):
    session.timer.say("runs")
    session.timer.medians(
        {
            RAW: session.raw_scan,
            RAW_YEAR: lambda: session.raw_scan(session.start),
            RAW_INDEX: lambda: session.raw_scan(enable_indexonlyscan="on"),
            **{name: lambda name=name: session.run(name) for name in RUNS},
            AGAIN: session.run_again,
        },
        rounds=5,
        warmup=1,
        undo=False,
        after=session.forget,
    )


def _measure_screens(session, customers):
    session.timer.say("matrix and pivots")
    session.run(BY_REVENUE)
    screens = {
        MATRIX: session.runs.get_matrix,
        TURNOVER: session.pivot(
            "partner.turnover.report",
            "date",
            "abc_class",
            ["revenue:sum", "profit:sum", "margin_percent:avg"],
        ),
    }
    session.timer.medians(screens, rounds=9, undo=False)
    analysis = session.pivot(
        "account.invoice.report",
        "invoice_date",
        "commercial_partner_id",
        ["price_subtotal:sum"],
        [("state", "=", "posted"), ("move_type", "in", KINDS)],
    )
    if customers <= ANALYSED:
        # a quarter of a minute: one round tells enough about a limit of this size
        session.timer.median(ANALYSIS, analysis, rounds=1, warmup=0, undo=False)
    if session.timer.label == "full":
        session.timer.say("Excel")
        session.timer.median(EXCEL, session.write_excel, rounds=1, warmup=0)
    session.forget()


def _measure_edits(session):
    """What a user feels who edits contacts and orders while runs are computed, and while none is."""
    session.timer.say("edits while nothing is computed")
    with _Editor(session) as idle:
        time.sleep(IDLE_SECONDS)
    session.timer.say("edits while runs are computed")
    with _Editor(session) as busy:
        for name in RUNS:
            session.run(name)
            session.run_again()
    session.forget()
    for when, editor in (("idle", idle), ("during runs", busy)):
        session.timer.note(f"{EDIT}, {when}", statistics.median(editor.waits))
        session.timer.note(f"{EDIT}, {when}, longest", max(editor.waits))
    session.timer.results["edits"] = len(busy.waits)
    session.timer.results["errors"] = idle.errors + busy.errors


class _Editor(threading.Thread):
    """A user who edits a contact and an order in turn, each time in a transaction without a second try."""

    PAUSE = 0.02

    def __init__(self, session):
        super().__init__(daemon=True)
        self.database = session.cr.dbname
        self.uid = session.env.uid
        self.partner_ids = session.env["res.partner"].search([("customer_rank", ">", 0)], limit=500).ids
        self.order_ids = session.env["sale.order"].search([]).ids
        self.ended = threading.Event()
        self.waits = []
        self.errors = []
        session.cr.commit()
        self._edit(0)  # what a server has done long ago, such as reading its caches

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_error):
        self.ended.set()
        self.join()

    def run(self):
        while not self.ended.wait(self.PAUSE):
            start = time.perf_counter()
            try:
                self._edit(len(self.waits))
            except Exception as error:  # whatever happens to the user counts
                self.errors.append(repr(error))
            self.waits.append((time.perf_counter() - start) * 1000)

    def _edit(self, number):
        with Registry(self.database).cursor() as cr:
            env = api.Environment(cr, self.uid, {})
            partner = env["res.partner"].browse(self.partner_ids[number % len(self.partner_ids)])
            order = env["sale.order"].browse(self.order_ids[number % len(self.order_ids)])
            if number % 2:
                partner.write({"phone": f"+8491{number:07}", "user_id": self.uid})
            else:
                order.order_line.write({"product_uom_qty": 1 + number % 50})


def figures(results, _options):
    """The table of the limits, from the medians of both databases."""
    full, small = results["full"], results["small"]
    limits = {**{name: limit for name, (_values, limit) in RUNS.items()}, AGAIN: AGAIN_LIMIT}

    def row(text, value, limit, *, at_least=False, digits=2):
        held = value >= limit if at_least else value <= limit
        return text, f"{value:,.{digits}f}", f"{'>=' if at_least else '<='} {limit:g}", held

    for name, limit in limits.items():
        yield row(f"{name}, to the {RAW}", full[name] / full[RAW], limit)
    for name in limits:
        yield f"{name}, to the {RAW_YEAR}", f"{full[name] / full[RAW_YEAR]:.2f}", "", None
    for name in limits:
        exponent = math.log(full[name] / small[name], SMALLER)
        yield row(f"{name}, exponent of the cost", exponent, EXPONENT_LIMIT)
    yield row(f"{MATRIX}, ms", full[MATRIX], MATRIX_LIMIT, digits=0)
    for label, measured in results.items():
        if ANALYSIS not in measured:
            continue
        faster = measured[ANALYSIS] / measured[TURNOVER]
        yield row(f"{TURNOVER}, times faster, {label}", faster, TURNOVER_LIMIT, at_least=True, digits=1)
    wait = full[f"{EDIT}, during runs, longest"] - full[f"{EDIT}, idle"]
    yield row(f"{EDIT} during runs: longest wait, ms", wait, EDIT_LIMIT, digits=0)
    errors = full["errors"]
    yield row(f"errors in {full['edits']} edits {'; '.join(sorted(set(errors)))}", len(errors), 0, digits=0)
