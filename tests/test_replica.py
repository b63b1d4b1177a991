"""Reports and screens on a streaming replica: a real standby server, a real Odoo server, the client's own calls."""

import base64
import os
import subprocess
import sys
import tempfile
import time

import psycopg2
import requests

from odoo import SUPERUSER_ID, api
from odoo.http import Controller
from odoo.modules.registry import Registry
from odoo.tests import tagged
from odoo.tests.common import BaseCase, get_db_name
from odoo.tools import config

# The first answer waits for the registry, which takes long beside the other modes; so may the end.
PATIENCE = 240
# Who reads what with which arguments; every read-only method of the addon has a row, or a test fails.
# The arguments are made of ids of the demo company.
CALLS = {
    ("crm.lead", "get_inquiry_duplicates"): lambda ids: ([{"email_from": "a@example.com"}], {}),
    ("mail.activity", "get_activity_data"): lambda ids: (["res.partner", []], {}),
    ("manager.scorecard", "get_comparison"): lambda ids: ([], {}),
    ("partner.classification", "get_cell_domain"): lambda ids: ([ids["run"]], {}),
    ("partner.classification", "get_matrix"): lambda ids: ([], {}),
    ("partner.classification", "get_migrations"): lambda ids: ([], {}),
    ("partner.contact.log", "get_timeline"): lambda ids: ([ids["partner"]], {}),
    ("partner.control.board", "count_overdue_deals"): lambda ids: ([], {}),
    ("partner.control.board", "count_overdue_needs"): lambda ids: ([], {}),
    ("partner.control.board", "count_past_rhythm"): lambda ids: ([], {}),
    ("partner.control.board", "get_board"): lambda ids: ([], {}),
    ("partner.control.board", "open_needs"): lambda ids: ([], {}),
    ("partner.control.board", "open_overdue_deals"): lambda ids: ([], {}),
    ("partner.control.board", "open_rhythm"): lambda ids: ([], {}),
    ("partner.director.dashboard", "get_dashboard"): lambda ids: ([], {}),
    ("partner.inquiry.report", "get_inquiry_funnel"): lambda ids: ([], {}),
    ("partner.relationship.card", "get_card"): lambda ids: ([ids["partner"]], {}),
    ("partner.relationship.card", "get_timeline"): lambda ids: ([ids["partner"]], {}),
    ("partner.relationship.card", "open_documents"): lambda ids: ([ids["partner"], "needs"], {}),
    ("partner.segment", "get_criteria"): lambda ids: ([], {}),
    ("partner.team.board", "get_team_board"): lambda ids: ([], {}),
    ("purchase.order", "get_supplier_hints"): lambda ids: ([ids["purchase"]], {}),
    ("res.partner", "get_contact_stats"): lambda ids: ([[ids["partner"]]], {}),
    ("res.partner", "get_duplicate_contacts"): lambda ids: (
        [[], {"name": "A", "email": "a@example.com"}],
        {},
    ),
    ("res.partner", "get_relation_analysis"): lambda ids: ([[ids["partner"]]], {}),
    ("res.partner", "get_supplier_rating"): lambda ids: ([[ids["supplier"]]], {}),
}
# The same of methods of every list, which the addon says again for some models.
LISTS = {
    "search_count": lambda: ([[]], {}),
    "web_read_group": lambda: ([[], ["company_id"], ["__count"]], {}),
    "web_search_read": lambda: ([[], {"display_name": {}}], {"limit": 5}),
}
# What writes while it is being printed; the report that a test plants.
PLANTED = "partner_relations.planted_report"
PLANTED_ARCH = """<t t-name="{name}"><t t-call="web.html_container"><t t-foreach="docs" t-as="o">
    <p t-out="o.write({{'ref': 'planted'}})"/></t></t></t>"""


@tagged("post_install", "-at_install", "-standard", "beside")
class TestReplica(BaseCase):
    """The director reads everything; nothing of it is asked of the primary, and nothing of it writes."""

    beside = "replica"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.log = cls.enterClassContext(tempfile.NamedTemporaryFile("r", suffix=".log"))
        cls.port = int(os.environ["REPLICA_HTTP_PORT"])
        cls.server = subprocess.Popen(
            [
                *(sys.executable, "-m", "odoo", "server", "-c", config["config"], "-d", get_db_name()),
                *("--db_replica_host=127.0.0.1", f"--db_replica_port={os.environ['REPLICA_PORT']}"),
                *(
                    f"--http-port={cls.port}",
                    "--http-interface=127.0.0.1",
                    "--max-cron-threads=0",
                    "--workers=0",
                ),
                *(f"--logfile={cls.log.name}", "--log-level=info", f"--db-filter=^{get_db_name()}$"),
            ],
        )
        cls.addClassCleanup(cls._end)
        cls.url = f"http://127.0.0.1:{cls.port}"
        cls.session = requests.Session()
        cls._wait()
        with Registry(get_db_name()).cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            cls.director = env["res.users"].search([("login", "=", "giamdoc")])
            suppliers = env["res.partner"].search([("supplier_rank", ">", 0)], limit=1)
            cls.ids = {
                "partner": env["res.partner"].search([("customer_rank", ">", 0)], limit=1).id,
                "supplier": suppliers.id,
                "purchase": env["purchase.order"].search([], limit=1).id,
                "run": env["partner.classification"].search([("state", "=", "posted")], limit=1).id,
                "segment": env["partner.segment"].search([], limit=1).id,
            }
            cls.reports = sorted(
                name
                for name, model in env.registry.items()
                if not model._auto
                and not model._abstract
                and env["ir.model"]._get(name).modules == "partner_relations"
            )
            cls.methods = cls._find_readonly(env)
        cls._call(
            "/web/session/authenticate", {"db": get_db_name(), "login": "giamdoc", "password": "giamdoc"}
        )

    @classmethod
    def _end(cls):
        cls.server.terminate()
        cls.server.wait(timeout=PATIENCE)

    @classmethod
    def _wait(cls):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and cls.server.poll() is None:
            try:
                if requests.get(f"{cls.url}/web/health", timeout=30).ok:
                    return
            except requests.RequestException:
                time.sleep(0.3)
        raise AssertionError("the server did not start: " + cls.log.read()[-2000:])

    @staticmethod
    def _find_readonly(env):
        """(model, method) of the addon's own methods that say they only read, buttons left out."""
        found = set()
        for name, model in env.registry.items():
            for each in type(env[name]).mro():
                if "partner_relations" not in each.__module__ or model._transient:
                    continue
                for method, function in vars(each).items():
                    if (
                        getattr(function, "_readonly", False)
                        and not any(
                            getattr(getattr(one, method, None), "_api_private", False) for one in model.mro()
                        )
                        and not method.startswith(("_", "action_"))
                        and not (model._abstract and method in LISTS)  # a mixin has no rows
                    ):
                        found.add((name, method))
        return found

    @classmethod
    def _call(cls, path, params):
        answer = cls.session.post(
            cls.url + path, json={"jsonrpc": "2.0", "id": 1, "method": "call", "params": params}, timeout=120
        ).json()
        assert "error" not in answer, (params, answer["error"]["data"]["message"])
        return answer["result"]

    def _read(self, model, method, args=(), kwargs=None):
        """The result of a call, and which of the two servers it asked anything."""
        before = self._clock()
        result = self._call(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": list(args), "kwargs": kwargs or {}},
        )
        return result, self._asked_since(before)

    def _open(self, path):
        """The answer of a route, and which of the two servers it asked anything."""
        before = self._clock()
        answer = self.session.get(self.url + path, timeout=120)
        return answer, self._asked_since(before)

    def _commit(self, change):
        """What ``change(env)`` does, committed in the primary and there in the replica; returns what it returns."""
        with Registry(get_db_name()).cursor() as cr:
            result = change(api.Environment(cr, SUPERUSER_ID, {}))
        self._follow()
        return result

    def _follow(self):
        """Wait until the replica has what the primary has, what it has not written to its log yet included."""
        self.cursors["primary"].execute("SELECT pg_current_wal_insert_lsn()")
        [position] = self.cursors["primary"].fetchone()
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            self.cursors["replica"].execute("SELECT pg_last_wal_replay_lsn() >= %s", (position,))
            if self.cursors["replica"].fetchone()[0]:
                return
            time.sleep(0.05)
        raise AssertionError("the replica stays behind")

    def _connect(self, port):
        connection = psycopg2.connect(
            host="127.0.0.1",
            port=port,
            user=config["db_user"],
            password=config["db_password"],
            dbname=get_db_name(),
        )
        connection.autocommit = True
        self.addCleanup(connection.close)
        return connection.cursor()

    def setUp(self):
        super().setUp()
        self.cursors = {
            "primary": self._connect(config["db_port"]),
            "replica": self._connect(os.environ["REPLICA_PORT"]),
        }

    def _clock(self):
        self.cursors["primary"].execute("SELECT clock_timestamp()")
        return self.cursors["primary"].fetchone()[0]

    def _asked_since(self, moment):
        asked = set()
        for name, cursor in self.cursors.items():
            cursor.execute(
                "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = %s AND query_start > %s"
                " AND pid <> pg_backend_pid() AND backend_type = 'client backend'",
                (get_db_name(), moment),
            )
            if cursor.fetchone()[0]:
                asked.add(name)
        return asked

    def _check_log(self):
        said = [line for line in self.log.read().splitlines() if "retrying with a read/write cursor" in line]
        self.assertFalse(said, "what says it only reads has written")

    def test_it_is_a_replica(self):
        self.cursors["replica"].execute("SELECT pg_is_in_recovery()")
        self.assertTrue(self.cursors["replica"].fetchone()[0])
        with self.assertRaises(psycopg2.errors.ReadOnlySqlTransaction):
            self.cursors["replica"].execute("DELETE FROM res_lang")

    def test_every_method_that_reads(self):
        lists = {(model, method) for model, method in self.methods if method in LISTS}
        self.assertEqual(
            self.methods - lists - set(CALLS), set(), "a read-only method without a row in CALLS or LISTS"
        )
        calls = {
            **CALLS,
            **{(model, method): lambda _ids, make=LISTS[method]: make() for model, method in lists},
        }
        self._read(
            "res.partner", "web_search_read", [[], {"id": {}}], {"limit": 1}
        )  # what a first call fills
        for (model, method), make in sorted(calls.items(), key=lambda item: item[0]):
            with self.subTest(model=model, method=method):
                args, kwargs = make(self.ids)
                self._read(model, method, args, kwargs)  # caches of the server
                _result, asked = self._read(model, method, args, kwargs)
                self.assertEqual(asked, {"replica"})
        self._check_log()

    def test_every_report(self):
        self.assertGreater(len(self.reports), 5)
        for model in self.reports:
            with self.subTest(model=model):
                found, asked = self._read(model, "web_search_read", [[], {"id": {}}], {"limit": 5})
                self.assertEqual(asked, {"replica"})
                self.assertIn("records", found)
                groups, asked = self._read(model, "formatted_read_group", [[], [], ["__count"]])
                self.assertEqual(asked, {"replica"})
                self.assertEqual(len(groups), 1)
        self._check_log()

    def test_every_printed_report(self):
        """The route of each report of the addon, with a record that the director reads."""
        with Registry(get_db_name()).cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            reports = env["ir.actions.report"].search([("report_name", "=like", "partner\\_relations.%")])
            paths = {}
            for report in reports:
                model = env[report.model].with_user(self.director)
                record = model.browse() if model._abstract else model.search([], limit=1)
                self.assertTrue(record or model._abstract, f"the demo company has no {report.model}")
                ids = f"/{record.id}" if record else ""
                paths[report.report_name] = f"/report/html/{report.report_name}{ids}"
        self.assertGreater(len(paths), 4)
        for name, path in paths.items():
            with self.subTest(report=name):
                self._open(path)  # caches, and styles that core compiles and keeps
                self._follow()
                self.log.read()
                answer, asked = self._open(path)
                self.assertEqual(answer.status_code, 200)
                self.assertIn("article", answer.text)
                self.assertEqual(asked, {"replica"})
                self._check_log()

    def test_every_file(self):
        """The routes of files that say they only read: an Excel export, what an import rejected."""
        export, _asked = self._read("partner.classification", "action_export_excel", [[self.ids["run"]]])
        rejected = self._commit(self._make_import)
        paths = {
            export["url"]: b"PK",
            f"/partner_relations/contact_import/{rejected}/rejected": b"Name,Email,Birthday",
        }
        routes = self._find_readonly_routes()
        self.assertEqual(len(routes), len(paths), f"a route without a row here: {routes}")
        for path, beginning in paths.items():
            with self.subTest(path=path):
                self._open(path)
                self.log.read()
                answer, asked = self._open(path)
                self.assertEqual(answer.status_code, 200)
                self.assertTrue(answer.content.startswith(beginning), answer.content[:50])
                self.assertEqual(asked, {"replica"})
                self._check_log()

    def _make_import(self, env):
        contact_import = (
            env["partner.contact.import"]
            .with_user(self.director)
            .create({"filename": "a.csv", "file": base64.b64encode(b"Name,Email,Birthday\n,,1980-01-01\n")})
        )
        contact_import.action_preview()
        assert contact_import.error_count, "nothing was rejected"
        self.addCleanup(self._commit, lambda env: contact_import.with_env(env).unlink())
        return contact_import.id

    @staticmethod
    def _find_readonly_routes():
        """The routes of the addon's own that say they only read."""
        classes, found = [Controller], set()
        while classes:
            controller = classes.pop()
            classes += controller.__subclasses__()
            if "partner_relations" in controller.__module__:
                for function in vars(controller).values():
                    routing = getattr(function, "original_routing", {})
                    if routing.get("readonly") is True:
                        found.update(routing["routes"])
        return found

    def test_a_report_that_writes_is_seen(self):
        """The check itself: a write on a route that says it only reads is in the log, and asks the primary."""

        def plant(env):
            env["ir.ui.view"].create(
                {"name": PLANTED, "key": PLANTED, "type": "qweb", "arch": PLANTED_ARCH.format(name=PLANTED)}
            )
            env["ir.actions.report"].create(
                {"name": PLANTED, "report_name": PLANTED, "model": "res.partner", "report_type": "qweb-html"}
            )

        def remove(env):
            env["ir.actions.report"].search([("report_name", "=", PLANTED)]).unlink()
            env["ir.ui.view"].search([("key", "=", PLANTED)]).unlink()
            env["res.partner"].browse(self.ids["partner"]).ref = False

        self.addCleanup(self._commit, remove)
        self._commit(plant)
        self.log.read()
        answer, asked = self._open(f"/report/html/{PLANTED}/{self.ids['partner']}")
        self.assertEqual(answer.status_code, 200)
        self.assertIn("primary", asked)
        with self.assertRaisesRegex(AssertionError, "what says it only reads has written"):
            self._check_log()

    def test_a_write_is_seen(self):
        """The check itself: a call that writes asks the primary."""
        _result, asked = self._read(
            "res.users", "write", [[self.director.id], {"signature": "<p>Signed</p>"}]
        )
        self.assertIn("primary", asked)
