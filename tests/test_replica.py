"""Reports and screens on a streaming replica: a real standby server, a real Odoo server, the client's own calls."""

import os
import subprocess
import sys
import tempfile
import time

import psycopg2
import requests

from odoo import SUPERUSER_ID, api
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
    ("partner.control.board", "count_overdue_needs"): lambda ids: ([], {}),
    ("partner.control.board", "get_board"): lambda ids: ([], {}),
    ("partner.control.board", "open_needs"): lambda ids: ([], {}),
    ("partner.director.dashboard", "get_dashboard"): lambda ids: ([], {}),
    ("partner.inquiry.report", "get_inquiry_funnel"): lambda ids: ([], {}),
    ("partner.relationship.card", "get_card"): lambda ids: ([ids["partner"]], {}),
    ("partner.relationship.card", "get_timeline"): lambda ids: ([ids["partner"]], {}),
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
# Read-only methods that belong to a list and are tested with each report, and buttons that open something.
GENERAL = {
    "search_count",
    "search_fetch",
    "web_read_group",
    "web_search_read",
    "read_group",
    "open_documents",
}


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
                    if getattr(function, "_readonly", False) and not method.startswith(("_", "action_")):
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
        own = {(model, method) for model, method in self.methods if method not in GENERAL}
        self.assertEqual(own - set(CALLS), set(), "a read-only method without a row in CALLS")
        self._read(
            "res.partner", "web_search_read", [[], {"id": {}}], {"limit": 1}
        )  # what a first call fills
        for (model, method), make in sorted(CALLS.items()):
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

    def test_a_write_is_seen(self):
        """The check itself: a call that writes asks the primary."""
        _result, asked = self._read(
            "res.users", "write", [[self.director.id], {"signature": "<p>Signed</p>"}]
        )
        self.assertIn("primary", asked)
