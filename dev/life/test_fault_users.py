"""Sixteen users work in the web client while all scheduled jobs run; then PostgreSQL dies under them."""

import collections
import math
import os
import subprocess
import sys
import threading
import time

import fault_digest
import fault_workers
import psycopg2
import pytest
import requests
from test_faults import EVERY, pass_midnight

DATABASE = os.environ["LIFE_USERS"]
PORT = int(os.environ["LIFE_HTTP_PORT"])
URL = f"http://127.0.0.1:{PORT}"
USERS, SECONDS = 16, 45
PATIENCE = 180  # seconds until a job has ended that prints invoices beside all others
START = 240  # seconds until Odoo has started
SHARED = None  # a contact that all edit
SELLERS = """
    SELECT login FROM res_users AS u
     WHERE active AND NOT share AND login ~ '^[a-z]+$' AND login <> 'admin'
       AND EXISTS (SELECT FROM res_groups_users_rel AS rel
                     JOIN ir_model_data AS data
                       ON data.model = 'res.groups' AND data.res_id = rel.gid AND data.module = 'sales_team'
                    WHERE rel.uid = u.id)
     ORDER BY id
"""
JOBS = """
    SELECT id FROM ir_cron WHERE id IN (
        SELECT res_id FROM ir_model_data WHERE module = 'partner_relations' AND model = 'ir.cron')
"""
IDLE = f"SELECT cron_name FROM ir_cron WHERE lastcall IS NULL AND id IN ({JOBS})"
# What nobody may be told twice: each with its own row of what a user sees. Odoo's messages of one moment may be alike.
TWICE = {
    "activities": """
        SELECT res_model, res_id, user_id, summary, date_deadline FROM mail_activity
         WHERE active AND summary IS NOT NULL GROUP BY 1, 2, 3, 4, 5 HAVING count(*) > 1""",
    "reminders": """
        SELECT user_id, kind, res_model, res_id, day FROM partner_reminder
         GROUP BY 1, 2, 3, 4, 5 HAVING count(*) > 1""",
    "mails of rules": "SELECT mail_mail_id FROM partner_mail_rule_log GROUP BY 1 HAVING count(mail_mail_id) > 1",
    "contacts logged": """
        SELECT activity_id FROM partner_contact_log
         WHERE activity_id IS NOT NULL AND event_id IS NULL GROUP BY 1 HAVING count(*) > 1""",
}


class Failed(Exception):
    """A call was answered by an error."""


class Client:
    """A user's web client, which remembers what it was told is saved."""

    def __init__(self, login, number):
        self.session, self.login, self.number = requests.Session(), login, number
        self.done, self.saved, self.refused, self.errors = collections.Counter(), {}, [], []
        self.uid = self.rpc("/web/session/authenticate", db=DATABASE, login=login, password=login)["uid"]
        self.own = self.save("res.partner", [], name=f"Own {number}", is_company=True, user_id=self.uid)

    def rpc(self, path, **params):
        question = {"jsonrpc": "2.0", "method": "call", "params": params, "id": 1}
        answer = self.session.post(URL + path, json=question, timeout=90)
        answer.raise_for_status()
        answer = answer.json()
        if "error" in answer:
            raise Failed(answer["error"]["data"]["name"], answer["error"]["data"]["message"])
        return answer["result"]

    def call(self, model, method, *args, **kwargs):
        path = f"/web/dataset/call_kw/{model}/{method}"
        result = self.rpc(path, model=model, method=method, args=args, kwargs=kwargs)
        self.done[f"{model}.{method}"] += 1
        return result

    def save(self, model, ids, **values):
        return self.call(model, "web_save", ids, values, specification={"display_name": {}})[0]["id"]

    def work(self, until, since=0.0):
        """Go round and round; errors of before ``since`` are let go."""
        turn = 0
        while time.monotonic() < until:
            turn += 1
            mark = f"{self.login} {self.number} {turn} {since}"
            for step in (self.edit, self.edit_together, self.log, self.order, self.postpone):
                try:
                    step(mark)
                except Exception as error:
                    usual = error.args[0] in (
                        "odoo.exceptions.UserError",
                        "odoo.exceptions.ValidationError",
                    )
                    if time.monotonic() > since:
                        (self.refused if usual else self.errors).append(
                            (step.__name__, *map(str, error.args))
                        )

    def edit(self, mark):
        self.save("res.partner", [self.own], ref=mark)
        self.saved["ref", "res_partner", self.own] = mark

    def edit_together(self, mark):
        self.save("res.partner", [SHARED], comment=f"<p>{mark}</p>")

    def log(self, mark):
        log = self.save(
            "partner.contact.log", [], name=mark, agreement=mark, partner_id=self.own, state="planned"
        )
        self.saved["agreement", "partner_contact_log", log] = mark
        self.logged = log

    def order(self, mark):
        order = self.save("sale.order", [], partner_id=self.own, client_order_ref=mark)
        self.saved["client_order_ref", "sale_order", order] = mark

    def postpone(self, mark):
        self.call("partner.control.board", "get_board")
        self.call("partner.control.board", "move_contact", self.logged, 1)


def ask(query, values=(), database=DATABASE):
    connection = psycopg2.connect(os.environ["LIFE_SERVER"] + f" dbname={database}")
    connection.autocommit = True
    try:
        cursor = connection.cursor()
        cursor.execute(query, values)
        return cursor.fetchall() if cursor.description else cursor.rowcount
    finally:
        connection.close()


def let_jobs_run():
    """All jobs of the addon are due, but for those that are running; wake the scheduler."""
    ask(f"""
        UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' - interval '1 minute', active = TRUE
         WHERE id IN ({JOBS} FOR NO KEY UPDATE SKIP LOCKED)""")
    ask("SELECT pg_notify('cron_trigger', %s)", [DATABASE], "postgres")


def wait_for_jobs():
    """Wait until the jobs that are running have come to their end."""
    until = time.monotonic() + PATIENCE
    while ask(f"SELECT count(*) FROM ({JOBS} FOR NO KEY UPDATE SKIP LOCKED) AS idle") != [(len(EVERY),)]:
        assert time.monotonic() < until, "a job does not end"
        time.sleep(1)


def wait_for_first_calls():
    """Wait until each job that is due had its turn: on a slow machine some are still in line when users go home."""
    until = time.monotonic() + PATIENCE
    while ask(IDLE) and time.monotonic() < until:
        ask("SELECT pg_notify('cron_trigger', %s)", [DATABASE], "postgres")
        time.sleep(1)


def lost(clients):
    """What a user was told is saved, and is not there."""
    return [
        (table, row, mark)
        for client in clients
        for (column, table, row), mark in client.saved.items()
        if ask(f'SELECT "{column}" FROM "{table}" WHERE id = %s', [row]) != [(mark,)]
    ]


def work(clients, until, since=0.0, meanwhile=None):
    threads = [threading.Thread(target=client.work, args=(until, since)) for client in clients]
    for thread in threads:
        thread.start()
    while time.monotonic() < until:
        if meanwhile:
            meanwhile()
        time.sleep(2)
    for thread in threads:
        thread.join()


def wait_for_server(log):
    end = time.monotonic() + START
    while True:
        try:
            if requests.get(f"{URL}/web/health", {"db_server_status": "1"}, timeout=30).ok:
                return
        except requests.RequestException:
            pass
        assert time.monotonic() < end, log.read_text()[-3000:]
        time.sleep(0.2)


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    """The log of a server with the scheduler, in several processes."""
    path = tmp_path_factory.mktemp("server") / "odoo.log"
    # what a user was told is kept is kept: elsewhere tests give that up for speed
    ask(f'ALTER DATABASE "{DATABASE}" SET synchronous_commit = on')
    command = [
        *(sys.executable, "-m", "odoo", "server", "-c", os.environ["LIFE_CONFIG"], "-d", DATABASE),
        *(f"--http-port={PORT}", f"--gevent-port={PORT + 1}", "--workers=2", "--max-cron-threads=2"),
        *(f"--logfile={path}", "--log-level=warn", f"--db-filter=^{DATABASE}$"),
    ]
    ended, servers = threading.Event(), []

    def supervise():
        # as a service manager does: Odoo's main process ends if it looks for PostgreSQL while that is away
        while not ended.is_set():
            servers.append(subprocess.Popen(command))
            servers[-1].wait()
            time.sleep(0.5)

    supervisor = threading.Thread(target=supervise)
    supervisor.start()
    try:
        wait_for_server(path)
        yield path
    finally:
        ended.set()
        servers[-1].terminate()
        supervisor.join()


@pytest.fixture(scope="module")
def clients(log):
    global SHARED
    SHARED = ask("SELECT min(id) FROM res_partner WHERE is_company AND customer_rank > 0 AND active")[0][0]
    logins = [login for (login,) in ask(SELLERS)]
    return [Client(logins[number % len(logins)], number) for number in range(USERS)]


def test_users_beside_jobs(log, clients, capsys):
    twice = {name: set(ask(query)) for name, query in TWICE.items()}
    work(clients, time.monotonic() + SECONDS, meanwhile=let_jobs_run)
    errors = collections.Counter(error for client in clients for error in client.errors)
    refused = collections.Counter(error for client in clients for error in client.refused)
    done = sum((client.done for client in clients), collections.Counter())
    wait_for_first_calls()
    wait_for_jobs()
    idle = ask(IDLE)
    failed = ask(f"SELECT cron_name, failure_count FROM ir_cron WHERE failure_count > 0 AND id IN ({JOBS})")
    with capsys.disabled():
        print(f"\n    {dict(done)}\n    refused: {dict(refused)}\n    jobs that failed: {failed}")
        print([line[:200] for line in log.read_text().splitlines() if " ERROR " in line][:12])
    assert not errors
    assert not refused
    assert not lost(clients)
    assert not idle
    assert not failed
    assert min(done.values()) >= USERS
    more = {name: set(ask(query)) - twice[name] for name, query in TWICE.items()}
    assert not any(more.values()), more


def test_postgres_dies_under_users(log, clients):
    timer = threading.Timer(4, fault_workers.restart_postgres)
    timer.start()
    # for some seconds nobody can work, and is told so
    work(clients, time.monotonic() + 20, since=math.inf)
    timer.join()
    wait_for_server(log)
    # then all can again
    begin = time.monotonic()
    work(clients, begin + 15, since=begin)
    assert not [error for client in clients for error in client.errors]
    assert not lost(clients)
    for client in clients:
        client.edit("after it")
    assert not lost(clients)


def test_nothing_is_left_to_do(log):
    """After one more run of each job a further one changes nothing."""
    ask(f"UPDATE ir_cron SET active = FALSE WHERE id IN ({JOBS})")
    wait_for_jobs()
    fault_workers.load(DATABASE)
    pass_midnight()
    for _time in range(2):
        before = fault_digest.take(DATABASE)
        for name in EVERY:
            status, output = fault_workers.run(DATABASE, fault_workers.run_job, name, 1000)
            assert status == 0, f"{name}: {output[-3000:]}"
    assert fault_digest.changed(before, fault_digest.take(DATABASE)) == {}
