"""Sixteen users work in the web client while all scheduled jobs run; then PostgreSQL dies under them."""

import collections
import os
import re
import subprocess
import sys
import threading
import time

import fault_digest
import fault_workers
import psycopg2
import pytest
import requests
from test_faults import EVERY

DATABASE = os.environ["LIFE_USERS"]
PORT = int(os.environ["LIFE_HTTP_PORT"])
URL = f"http://127.0.0.1:{PORT}"
USERS = 16
SECONDS = 45


class Failed(Exception):
    """A call was answered by an error."""


class Client:
    """A user's web client."""

    def __init__(self, login):
        self.session, self.login, self.done = requests.Session(), login, collections.Counter()
        self.kept, self.refused, self.errors = [], [], []
        self.uid = self.rpc("/web/session/authenticate", db=DATABASE, login=login, password=login)["uid"]

    def rpc(self, path, **params):
        answer = self.session.post(
            URL + path, json={"jsonrpc": "2.0", "method": "call", "params": params, "id": 1}, timeout=60
        )
        answer.raise_for_status()
        answer = answer.json()
        if "error" in answer:
            raise Failed(answer["error"]["data"]["name"], answer["error"]["data"]["message"])
        return answer["result"]

    def call(self, model, method, *args, **kwargs):
        self.done[f"{model}.{method}"] += 1
        return self.rpc(f"/web/dataset/call_kw/{model}/{method}", model=model, method=method, args=args, kwargs=kwargs)

    def work(self, number, until):
        """Edit an own contact, one that all edit, an own order and letter, write log entries, act on the board."""
        [own] = self.call("res.partner", "search", [["user_id", "=", self.uid], ["is_company", "=", True]], limit=1) or [None]
        round_ = 0
        while time.monotonic() < until:
            round_ += 1
            mark = f"{self.login}-{number}-{round_}"
            for step in (self.edit_own, self.edit_shared, self.log, self.plan, self.board):
                try:
                    step(mark, number)
                except Failed as failed:
                    name, message = failed.args
                    usual = name in ("odoo.exceptions.UserError", "odoo.exceptions.ValidationError")
                    (self.refused if usual else self.errors).append((step.__name__, name, message))
                except Exception as error:  # noqa: BLE001 -- all of it is what a user would see
                    self.errors.append((step.__name__, type(error).__name__, str(error)))

    def edit_own(self, mark, number):
        if not hasattr(self, "own"):
            self.own = self.call("res.partner", "web_save", [], {"name": f"Own {number}"}, specification={"name": {}})[0]["id"]
        self.call("res.partner", "web_save", [self.own], {"ref": mark}, specification={"ref": {}})
        self.kept.append(("SELECT count(*) FROM res_partner WHERE id = %s AND ref IS NOT NULL", [self.own]))

    def edit_shared(self, mark, number):
        self.call("res.partner", "web_save", [SHARED["id"]], {"comment": f"<p>{mark}</p>"}, specification={"comment": {}})

    def log(self, mark, number):
        self.call(
            "partner.contact.log",
            "web_save",
            [],
            {"name": mark, "partner_id": self.own, "kind": "call", "state": "done", "user_id": self.uid},
            specification={"name": {}},
        )
        self.kept.append(("SELECT count(*) FROM partner_contact_log WHERE name = %s", [mark]))

    def plan(self, mark, number):
        self.call(
            "res.partner", "activity_schedule", [self.own], act_type_xmlid="mail.mail_activity_data_call",
            summary=mark, date_deadline=time.strftime("%Y-%m-%d"),
        ) if False else None
        self.call(
            "sale.order", "web_save", [], {"partner_id": self.own, "client_order_ref": mark}, specification={"name": {}}
        )
        self.kept.append(("SELECT count(*) FROM sale_order WHERE client_order_ref = %s", [mark]))

    def board(self, mark, number):
        self.call("partner.control.board", "get_board")


SHARED = {}


def ask(query, values=()):
    connection = psycopg2.connect(os.environ["LIFE_SERVER"] + f" dbname={DATABASE}")
    connection.autocommit = True
    try:
        cursor = connection.cursor()
        cursor.execute(query, values)
        return cursor.fetchall() if cursor.description else cursor.rowcount
    finally:
        connection.close()


def due():
    """Let all jobs of the addon be due at once, but for those that are running, and wake the scheduler."""
    ask(
        """
        UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' - interval '1 minute', active = TRUE
         WHERE id IN (SELECT id FROM ir_cron WHERE id = ANY(%s) FOR NO KEY UPDATE SKIP LOCKED)""",
        [JOB_IDS],
    )
    connection = psycopg2.connect(os.environ["LIFE_SERVER"] + " dbname=postgres")
    connection.autocommit = True
    connection.cursor().execute("SELECT pg_notify('cron_trigger', %s)", [DATABASE])
    connection.close()


JOB_IDS = []


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    log = tmp_path_factory.mktemp("server") / "odoo.log"
    ask(f'ALTER DATABASE "{DATABASE}" SET synchronous_commit = on')
    JOB_IDS.extend(
        res_id for (res_id,) in ask(
            "SELECT res_id FROM ir_model_data WHERE module = 'partner_relations' AND model = 'ir.cron'")
    )
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "odoo", "server", "-c", os.environ["LIFE_CONFIG"], "-d", DATABASE),
            *(f"--http-port={PORT}", f"--gevent-port={PORT + 1}", "--workers=2", "--max-cron-threads=2"),
            *(f"--logfile={log}", "--log-level=warn", f"--db-filter=^{DATABASE}$", "--db_maxconn=16"),
        ],
    )
    try:
        end = time.monotonic() + 60
        while True:
            try:
                if requests.get(f"{URL}/web/health", timeout=5).ok:
                    break
            except requests.RequestException:
                assert time.monotonic() < end, log.read_text()[-3000:]
                time.sleep(0.2)
        yield log
    finally:
        process.terminate()
        process.wait(timeout=60)


@pytest.fixture(scope="module")
def clients(server):
    logins = [login for (login,) in ask(
        """SELECT login FROM res_users AS u WHERE active AND NOT share AND login ~ '^[a-z]+$' AND login <> 'admin'
             AND EXISTS (SELECT FROM res_groups_users_rel AS rel JOIN ir_model_data AS data
                           ON data.model = 'res.groups' AND data.res_id = rel.gid AND data.module = 'sales_team'
                          WHERE rel.uid = u.id) ORDER BY id""")]
    SHARED["id"] = ask("SELECT min(id) FROM res_partner WHERE is_company AND customer_rank > 0 AND active")[0][0]
    return [Client(logins[number % len(logins)]) for number in range(USERS)]


def test_users_beside_jobs(server, clients, capsys):
    until = time.monotonic() + SECONDS
    threads = [threading.Thread(target=client.work, args=(number, until)) for number, client in enumerate(clients)]
    for thread in threads:
        thread.start()
    while time.monotonic() < until:
        due()
        time.sleep(2)
    for thread in threads:
        thread.join()
    errors = collections.Counter(error for client in clients for error in client.errors)
    refused = collections.Counter(error for client in clients for error in client.refused)
    done = sum((client.done for client in clients), collections.Counter())
    ran = dict(ask("SELECT d.name, c.lastcall IS NOT NULL FROM ir_cron c JOIN ir_model_data d ON d.res_id = c.id "
                   "AND d.model = 'ir.cron' AND d.module = 'partner_relations'"))
    lost = [kept for client in clients for kept in client.kept if ask(*kept)[0][0] != 1]
    log = server.read_text()
    with capsys.disabled():
        print("\n   ", dict(done), "refused", refused.most_common(5), "errors", errors.most_common(5), "lost", lost[:5],
              "not run", [name for name, was in ran.items() if not was])
        print(re.findall(r"^.*(?:ERROR|WARNING).*$", log, re.M)[:15])
    assert not errors
    assert not lost
    assert all(ran.values())
    assert min(done.values()) >= USERS


def test_nothing_is_left_to_do(server):
    """All queues empty: after one more run of each job, a further one changes nothing."""
    ask("UPDATE ir_cron SET active = FALSE WHERE id = ANY(%s)", [JOB_IDS])
