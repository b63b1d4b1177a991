"""Sixteen users of all kinds work in the web client while all scheduled jobs run; then PostgreSQL dies under them.

Salespeople, buyers, accountants, clerks and marketers; the jobs are those of the addon, and those of Odoo that send and
fetch mail, with mail servers on the loopback that count it.
"""

import collections
import math
import os
import subprocess
import sys
import threading
import time

import fault_digest
import fault_servers
import fault_workers
import psycopg2
import pytest
import requests
from test_fault_imap import fetch, letter
from test_fault_imap import prepare as prepare_imap
from test_faults import EVERY, pass_midnight

DATABASE = os.environ["LIFE_USERS"]
PORT = int(os.environ["LIFE_HTTP_PORT"])
URL = f"http://127.0.0.1:{PORT}"
USERS, SECONDS = 16, 45
LETTERS = 12  # that wait for the clerks
PATIENCE = 400  # seconds until a job has ended that prints invoices beside all others
START = 240  # seconds until Odoo has started
SHARED = PRODUCT = None  # a contact that all salespeople edit, what all buyers buy
PARTNERS = None  # the model of contacts
SELLERS = """
    SELECT login FROM res_users AS u
     WHERE active AND NOT share AND login ~ '^[a-z]+$' AND login <> 'admin'
       AND EXISTS (SELECT FROM res_groups_users_rel AS rel
                     JOIN ir_model_data AS data
                       ON data.model = 'res.groups' AND data.res_id = rel.gid AND data.module = 'sales_team'
                    WHERE rel.uid = u.id)
     ORDER BY id
"""
# Jobs of Odoo that send and fetch.
MAIL = (
    "mail.ir_cron_mail_scheduler_action",
    "mail.ir_cron_mail_gateway_action",
    "mass_mailing.ir_cron_mass_mailing_queue",
)
JOBS = f"""
    SELECT id FROM ir_cron WHERE id IN (
        SELECT res_id FROM ir_model_data
         WHERE model = 'ir.cron' AND (module = 'partner_relations' OR module || '.' || name IN {MAIL}))
"""
IDLE = f"SELECT cron_name FROM ir_cron WHERE lastcall IS NULL AND id IN ({JOBS})"
WAITING = """
    SELECT (SELECT count(*) FROM mail_mail
             WHERE state = 'outgoing' AND (scheduled_date IS NULL OR scheduled_date < now() AT TIME ZONE 'UTC')),
           (SELECT count(*) FROM mailing_mailing WHERE state IN ('in_queue', 'sending'))
"""
# Letters that are noted as sent, each with its receiver, since so many notes were there.
SENT = """
    SELECT lower(partner.email_normalized), message.message_id
      FROM mail_notification AS note
      JOIN mail_message AS message ON message.id = note.mail_message_id
      JOIN res_partner AS partner ON partner.id = note.res_partner_id
     WHERE note.notification_type = 'email' AND note.notification_status = 'sent' AND note.id > %s
    UNION ALL
    SELECT lower(trace.email), trace.message_id
      FROM mailing_trace AS trace
      JOIN mailing_mailing AS mailing ON mailing.id = trace.mass_mailing_id
     WHERE trace.trace_status = 'sent' AND mailing.subject ~ '^(News|Killed)'
"""
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
    """A user's web client, which remembers what it was told is saved, and what it was told goes by mail."""

    steps = ()

    def __init__(self, login, number):
        self.session, self.login, self.number = requests.Session(), login, number
        self.done, self.rounds = collections.Counter(), collections.Counter()
        self.saved, self.mailed, self.refused, self.errors = {}, [], [], []
        self.uid = self.rpc("/web/session/authenticate", db=DATABASE, login=login, password=login)["uid"]
        self.own = self.save(
            "res.partner",
            [],
            name=f"Own {number}",
            is_company=True,
            user_id=self.uid,
            email=f"own{number}@faults.example",
        )

    def rpc(self, path, **params):
        question = {"jsonrpc": "2.0", "method": "call", "params": params, "id": 1}
        answer = self.session.post(URL + path, json=question, timeout=PATIENCE)
        answer.raise_for_status()
        answer = answer.json()
        if "error" in answer:
            raise Failed(answer["error"]["data"]["name"], answer["error"]["data"]["message"])
        return answer.get("result")  # None has none

    def call(self, model, method, *args, **kwargs):
        path = f"/web/dataset/call_kw/{model}/{method}"
        result = self.rpc(path, model=model, method=method, args=args, kwargs=kwargs)
        self.done[f"{model}.{method}"] += 1
        return result

    def save(self, model, ids, context=None, **values):
        found = self.call(
            model, "web_save", ids, values, specification={"display_name": {}}, context=context or {}
        )
        return found[0]["id"]

    def read(self, model, record, name):
        return self.call(model, "web_read", [record], specification={name: {}})[0][name]

    def keep(self, table, record, name, value):
        self.saved[name, table, record] = value

    def work(self, until, since=0.0):
        """Go round and round; errors of before ``since`` are let go."""
        turn = 0
        while time.monotonic() < until:
            turn += 1
            mark = f"{self.login} {self.number} {turn} {since}"
            for name in self.steps:
                try:
                    self.rounds[name] += getattr(self, name)(mark) is not False
                except Exception as error:
                    usual = error.args[0] in (
                        "odoo.exceptions.UserError",
                        "odoo.exceptions.ValidationError",
                    )
                    if time.monotonic() > since:
                        (self.refused if usual else self.errors).append((name, *map(str, error.args)))

    def edit(self, mark):
        self.save("res.partner", [self.own], ref=mark)
        self.keep("res_partner", self.own, "ref", mark)


class Seller(Client):
    steps = ("edit", "edit_together", "log", "order", "postpone")

    def edit_together(self, mark):
        self.save("res.partner", [SHARED], comment=f"<p>{mark}</p>")

    def log(self, mark):
        log = self.save(
            "partner.contact.log", [], name=mark, agreement=mark, partner_id=self.own, state="planned"
        )
        self.keep("partner_contact_log", log, "agreement", mark)
        self.logged = log

    def order(self, mark):
        order = self.save("sale.order", [], partner_id=self.own, client_order_ref=mark)
        self.keep("sale_order", order, "client_order_ref", mark)

    def postpone(self, mark):
        self.call("partner.control.board", "get_board")
        self.call("partner.control.board", "move_contact", self.logged, 1)


class Buyer(Client):
    """They all buy the same product."""

    steps = ("edit", "buy", "receive")

    def buy(self, mark):
        line = {"product_id": PRODUCT, "product_qty": 3, "price_unit": 7}
        order = self.save(
            "purchase.order", [], partner_id=self.own, partner_ref=mark, order_line=[[0, 0, line]]
        )
        self.bought = None
        self.call("purchase.order", "button_confirm", [order])
        self.keep("purchase_order", order, "state", "purchase")
        self.bought = order

    def receive(self, mark):
        if not self.bought:
            return False
        [picking] = self.read("purchase.order", self.bought, "picking_ids")
        if self.call("stock.picking", "button_validate", [picking]) is not True:
            raise Failed("a dialog", "instead of what was received")
        self.keep("stock_picking", picking, "state", "done")
        return True


class Accountant(Client):
    steps = ("edit", "invoice", "pay")

    def invoice(self, mark):
        line = {"name": mark, "quantity": 1, "price_unit": 70}
        move = self.save(
            "account.move",
            [],
            {"default_move_type": "out_invoice"},
            partner_id=self.own,
            ref=mark,
            invoice_line_ids=[[0, 0, line]],
        )
        self.posted = None
        self.call("account.move", "action_post", [move])
        self.keep("account_move", move, "state", "posted")
        self.posted = move

    def pay(self, mark):
        if not self.posted:
            return False
        context = {"active_model": "account.move", "active_ids": [self.posted]}
        dialog = self.save("account.payment.register", [], context)
        self.call("account.payment.register", "action_create_payments", [dialog], context=context)
        self.keep("account_move", self.posted, "amount_residual", 0)
        return True


class Clerk(Client):
    """Each answers every second letter."""

    steps = ("edit", "answer")

    def answer(self, mark):
        domain = [
            ["mailbox_id.email", "=", "inbox@faults.example"],
            ["state", "!=", "done"],
            ["direction", "=", "in"],
        ]
        found = self.call("partner.letter", "web_search_read", domain, specification={"name": {}})["records"]
        mine = [each for each in found if each["id"] % KINDS[Clerk] == self.number % KINDS[Clerk]]
        if not mine:
            return False
        ids = [mine[0]["id"]]
        self.call("partner.letter", "action_take", ids)
        context = self.call("partner.letter", "action_reply", ids)["context"]
        dialog = self.save("mail.compose.message", [], context, body=f"<p>{mark}</p>")
        self.call("mail.compose.message", "action_send_mail", [dialog], context=context)
        self.mailed.append(("somebody@customer.example", f"Re: {mine[0]['name']}"))
        self.call("partner.letter", "action_done", ids)
        self.keep("partner_letter", ids[0], "state", "done")
        return True


class Marketer(Client):
    """Each mails to a segment of three contacts."""

    steps = ("edit", "mail")

    def __init__(self, login, number):
        super().__init__(login, number)
        self.addresses = [f"news{number}.{each}@faults.example" for each in range(3)]
        people = [
            self.save("res.partner", [], name=address, email=address, parent_id=self.own)
            for address in self.addresses
        ]
        self.segment = self.save(
            "partner.segment", [], name=f"News {number}", domain=repr([("id", "in", people)])
        )

    def mail(self, mark):
        mailing = self.save(
            "mailing.mailing",
            [],
            subject=f"News {mark}",
            body_html="<p>News for <t t-out='object.name'/></p>",
            mailing_model_id=PARTNERS,
            segment_id=self.segment,
        )
        self.call("mailing.mailing", "action_put_in_queue", [mailing])
        self.mailed += [(address, f"News {mark}") for address in self.addresses]


# How many there are of each kind, and who they are; salespeople are those that SELLERS finds.
KINDS = {Seller: 8, Buyer: 2, Accountant: 2, Clerk: 2, Marketer: 2}
LOGINS = {Buyer: "quang", Accountant: "hoa", Clerk: "ngoc", Marketer: "mai"}


# ------------------------------------------------------------------------------
# what workers do
# ------------------------------------------------------------------------------
def prepare(env, smtp_port, imap_port):
    """Mail servers, a mailbox with letters that were fetched, a product, and the rights of the people."""
    env["ir.mail_server"].search([]).active = False
    env["ir.mail_server"].create(
        {"name": "Faults", "smtp_host": "127.0.0.1", "smtp_port": smtp_port, "smtp_encryption": "none"}
    )
    users = {user.login: user for user in env["res.users"].search([("login", "in", [*LOGINS.values()])])}
    groups = env.ref("base.group_partner_manager")
    for user in users.values():
        user.group_ids += groups
    users["quang"].group_ids += env.ref("stock.group_stock_user")
    env["product.product"].create({"name": "Bought by all", "type": "consu", "is_storable": True})
    prepare_imap(env, imap_port)
    mailbox = env["partner.mailbox"].search([("email", "=", "inbox@faults.example")])
    mailbox.access_ids = [(0, 0, {"user_id": users["ngoc"].id, "level": "reply"})]
    env.cr.commit()
    fetch(env)


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
    until, number = time.monotonic() + PATIENCE, len(EVERY) + len(MAIL)
    while ask(f"SELECT count(*) FROM ({JOBS} FOR NO KEY UPDATE SKIP LOCKED) AS idle") != [(number,)]:
        assert time.monotonic() < until, "a job does not end"
        time.sleep(1)


def wait_for_first_calls():
    """Wait until each job that is due had its turn: on a slow machine some are still in line when users go home."""
    until = time.monotonic() + PATIENCE
    while ask(IDLE) and time.monotonic() < until:
        ask("SELECT pg_notify('cron_trigger', %s)", [DATABASE], "postgres")
        time.sleep(1)


def wait_for_mail():
    """Wait until nothing is in the queues: what the users wrote, and what jobs did beside them."""
    until = time.monotonic() + PATIENCE
    while ask(WAITING) != [(0, 0)]:
        assert time.monotonic() < until, ask(WAITING)
        # not the others, which could write more
        ask(f"""
            UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' - interval '1 minute'
             WHERE id IN ({JOBS} AND cron_name ~* 'queue' FOR NO KEY UPDATE SKIP LOCKED)""")
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
def mail():
    """Servers that take letters, and have some; as users and jobs know them."""
    smtp = fault_servers.MailServer()
    imap = fault_servers.ImapServer([letter(number) for number in range(LETTERS)])
    fault_workers.load(DATABASE)
    status, output = fault_workers.run(DATABASE, prepare, smtp.port, imap.port)
    assert status == 0, output[-3000:]
    yield smtp, imap
    smtp.stop()
    imap.stop()


@pytest.fixture(scope="module")
def log(mail, tmp_path_factory):
    """The log of a server with the scheduler, in several processes."""
    path = tmp_path_factory.mktemp("server") / "odoo.log"
    # what a user was told is kept is kept: elsewhere tests give that up for speed
    ask(f'ALTER DATABASE "{DATABASE}" SET synchronous_commit = on')
    command = [
        *(sys.executable, "-m", "odoo", "server", "-c", os.environ["LIFE_CONFIG"], "-d", DATABASE),
        *(f"--http-port={PORT}", f"--gevent-port={PORT + 1}", "--workers=2", "--max-cron-threads=2"),
        "--limit-time-real-cron=600",  # letters are printed, which takes its time on a slow machine
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
    global SHARED, PRODUCT, PARTNERS
    SHARED = ask("SELECT min(id) FROM res_partner WHERE is_company AND customer_rank > 0 AND active")[0][0]
    PRODUCT = ask("SELECT max(id) FROM product_product")[0][0]
    PARTNERS = ask("SELECT id FROM ir_model WHERE model = 'res.partner'")[0][0]
    sellers = [login for (login,) in ask(SELLERS)]
    logins = [
        (kind, LOGINS.get(kind) or sellers[number % len(sellers)])
        for kind, count in KINDS.items()
        for number in range(count)
    ]
    assert len(logins) == USERS
    return [kind(login, number) for number, (kind, login) in enumerate(logins)]


def test_users_beside_jobs(log, mail, clients, capsys):
    smtp, imap = mail
    twice = {name: set(ask(query)) for name, query in TWICE.items()}
    [(noted,)] = ask("SELECT max(id) FROM mail_notification")

    def go_on():
        let_jobs_run()
        imap.letters.append(letter(len(imap.letters)))

    work(clients, time.monotonic() + SECONDS, meanwhile=go_on)
    errors = collections.Counter(error for client in clients for error in client.errors)
    refused = collections.Counter(error for client in clients for error in client.refused)
    done = sum((client.done for client in clients), collections.Counter())
    rounds = {client.number: dict(client.rounds) for client in clients}
    wait_for_first_calls()
    wait_for_jobs()
    idle = ask(IDLE)
    wait_for_mail()
    wait_for_jobs()
    failed = ask(f"SELECT cron_name, failure_count FROM ir_cron WHERE failure_count > 0 AND id IN ({JOBS})")
    with capsys.disabled():
        print(
            f"\n    {dict(done)}\n    {rounds}\n    refused: {dict(refused)}\n    jobs that failed: {failed}"
        )
        print(f"    {smtp.taken.total()} letters sent, {len(imap.seen)} of {len(imap.letters)} fetched")
        print([line[:200] for line in log.read_text().splitlines() if " ERROR " in line][:12])
    assert not errors
    assert not refused
    assert not lost(clients)
    assert not idle
    assert not failed
    for client in clients:
        assert set(client.steps) == {name for name, times in client.rounds.items() if times}, rounds
    more = {name: set(ask(query)) - twice[name] for name, query in TWICE.items()}
    assert not any(more.values()), more
    check_mail(smtp, imap, clients, noted)


def check_mail(smtp, imap, clients, noted):
    """Each letter went to each of its receivers once, and each that came is registered once."""
    mailed = collections.Counter(each for client in clients for each in client.mailed)
    assert set(mailed.values()) == {1}
    assert {each: smtp.taken[each] for each in mailed} == mailed
    assert {each: times for each, times in smtp.known.items() if times > 1} == {}
    sent = collections.Counter(ask(SENT, [noted]))
    # how much the jobs mail depends on the hour and the day of the week
    assert {address for address, _id in sent} & {address for address, _subject in mailed}, "nothing is noted"
    assert {each: (times, smtp.known[each]) for each, times in sent.items() if smtp.known[each] != 1} == {}
    assert ask("SELECT count(*) FROM mail_mail WHERE state = 'exception'") == [(0,)]
    fetched = ask(
        "SELECT name FROM partner_letter WHERE direction = 'in' AND email = 'somebody@customer.example'"
    )
    assert sorted(fetched) == sorted((f"Fault {number - 1}",) for number in imap.seen)
    assert len(fetched) > LETTERS, "none was fetched beside the users"


def test_postgres_dies_under_users(log, mail, clients):
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
    # a mailing, as Odoo sends it, may go twice where the answer of the mail server could not be noted
    wait_for_mail()
    smtp, _imap = mail
    answers = {each: times for each, times in smtp.taken.items() if each[1].startswith("Re: Fault ")}
    assert set(answers.values()) == {1}


def test_nothing_is_left_to_do(log):
    """After one more run of each job a further one changes nothing."""
    ask(f"UPDATE ir_cron SET active = FALSE WHERE id IN ({JOBS})")
    wait_for_jobs()
    fault_workers.load(DATABASE)
    pass_midnight()
    for _time in range(2):
        before = fault_digest.take(DATABASE)
        for name in (*EVERY, *MAIL):
            status, output = fault_workers.run(DATABASE, fault_workers.run_job, name, 1000)
            assert status == 0, f"{name}: {output[-3000:]}"
    assert fault_digest.changed(before, fault_digest.take(DATABASE)) == {}
