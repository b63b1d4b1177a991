"""10,000 letters through the mail gateway, as core makes leads of them and as letters; the list of 500,000 letters.

The same sources are processed in a database without the addon, by core into leads, and in one with it, by a mailbox
into letters, in turn and with a commit after each, as the fetching of mail does. A part of them answers earlier ones,
some have a file, some are newsletters. The list is read as a clerk of one of the mailboxes reads it, with its count.
"""

import math
import random
import statistics
import time
from email.message import EmailMessage

from benches._sales_history import without_indexes

from odoo import Command, api
from odoo.modules.registry import Registry
from odoo.tools import SQL

DATABASES = ("without", "with", "list")
OPTIONS = {
    "messages": (10_000, "messages that go through the gateway"),
    "letters": (500_000, "letters of the list"),
    "contacts": (2_000, "contacts who write"),
}
BATCH = 200
LIMIT_RATIO, LIMIT_MS = 1.2, 300
GATEWAY, LIST = f"{BATCH} messages", "list of letters"
MAILBOXES = 10


def _get_address(number):
    return f"writer{number}@customer{number % 500}.example.com"


def prepare(env, label, options):
    partners = env["res.partner"]
    if partners.search_count([("ref", "=", "bench-mail")], limit=1):
        return
    partners.with_context(tracking_disable=True).create(
        [
            {"name": f"Writer {number}", "email": _get_address(number), "ref": "bench-mail"}
            for number in range(options["contacts"])
        ]
    )
    if label == "without":
        return
    user = env["res.users"].create(
        {
            "name": "Clerk",
            "login": "bench_clerk",
            "email": "clerk@our.example.com",
            "group_ids": [Command.set(env.ref("partner_relations.group_user").ids)],
        }
    )
    mailboxes = env["partner.mailbox"].create(
        [
            {"name": f"Mailbox {number}", "email": f"box{number}@our.example.com"}
            for number in range(MAILBOXES if label == "list" else 1)
        ]
    )
    mailboxes[:2].access_ids = [Command.create({"user_id": user.id, "level": "reply"})]
    if label == "list":
        _fill(env, mailboxes, user, options["letters"])


def _fill(env, mailboxes, user, count):
    env.flush_all()
    # SQL: half a million letters with a thread for each third, most of them done, as years of business leave them
    with without_indexes(env.cr, "partner_letter"):
        env.cr.execute(
            SQL(
                """
INSERT INTO partner_letter (name, mailbox_id, company_id, direction, date, kind, state, importance, user_id,
                            date_deadline, email, email_normalized, email_from, message_id, subject_key,
                            create_uid, write_uid, create_date, write_date)
SELECT 'Letter about order ' || n, (%(mailboxes)s)[1 + n %% %(many)s], %(company)s,
       CASE WHEN n %% 3 = 0 THEN 'out' ELSE 'in' END,
       now() at time zone 'UTC' - n * interval '3 minutes', 'letter',
       CASE WHEN n %% 3 > 0 AND n < 20000 THEN 'assigned' ELSE 'done' END, '0', %(user)s,
       now() at time zone 'UTC' - (n - 2000) * interval '3 minutes',
       'writer' || n %% 2000 || '@example.com', 'writer' || n %% 2000 || '@example.com',
       'Writer <writer' || n %% 2000 || '@example.com>', '<bench-' || n || '@example.com>',
       'letter about order ' || n, 1, 1, now() at time zone 'UTC', now() at time zone 'UTC'
  FROM generate_series(1, %(count)s) AS n""",
                mailboxes=mailboxes.ids,
                many=len(mailboxes),
                company=env.company.id,
                user=user.id,
                count=count,
            )
        )
    env.cr.commit()
    env.cr.execute("ANALYZE partner_letter")


def _make_sources(count, contacts):
    """The same in every database and each run."""
    chance = random.Random(7)
    for number in range(count):
        message = EmailMessage()
        message["Message-ID"] = f"<bench-mail-{number}@customer.example.com>"
        message["From"] = f"Writer <{_get_address(chance.randrange(contacts))}>"
        message["To"] = "box0@our.example.com"
        message["Date"] = "Mon, 02 Nov 2026 10:00:00 +0700"
        message["Subject"] = f"Question {number} on an order"
        if number and chance.random() < 0.4:
            answered = f"<bench-mail-{chance.randrange(number)}@customer.example.com>"
            message["In-Reply-To"] = message["References"] = answered
            message.replace_header("Subject", f"Re: Question {number} on an order")
        if chance.random() < 0.05:
            message["List-Unsubscribe"] = "<https://shop.example.com/u>"
        message.set_content("Good day,\n\nwhen does the order arrive?\n" * 10)
        message.add_alternative("<p>Good day,</p><p>when does the order arrive?</p>" * 10, subtype="html")
        if chance.random() < 0.1:
            message.add_attachment(
                b"%PDF-1.4 " * 2000, maintype="application", subtype="pdf", filename="a.pdf"
            )
        yield message.as_bytes()


def measure(env, timer, options):
    if timer.label == "list":
        _measure_list(env, timer)
        return
    sources = _make_sources(options["messages"], options["contacts"])
    threads = env["mail.thread"]
    if timer.label == "without":
        model, values = "crm.lead", None
    else:
        model = "partner.letter"
        values = {"mailbox_id": env["partner.mailbox"].search([("email", "=", "box0@our.example.com")]).id}

    def process():
        for _number in range(BATCH):
            threads.message_process(model, next(sources), custom_values=values)
            env.cr.commit()

    rounds = max(options["messages"] // BATCH - 1, 1)
    # all of them, however long it takes: the last meet the threads of those before
    timer.median(GATEWAY, process, rounds=rounds, warmup=1, undo=False, enough=math.inf)
    found = env[model].search_count([])
    assert found >= BATCH * (1 + rounds) * 0.5, found  # core posts answers on the lead they answer


def _measure_list(env, timer):
    user = env["res.users"].search([("login", "=", "bench_clerk")])
    view = env["partner.letter"].with_user(user).get_view(view_type="list")
    names = view["models"]["partner.letter"]
    names = names["fields"] if isinstance(names, dict) else names
    fields = env["partner.letter"]._fields
    specification = {
        name: {"fields": {"display_name": {}}} if fields[name].type == "many2one" else {}
        for name in names
        if name in fields and fields[name].type not in ("one2many", "many2many", "reference")
    }
    domains = {
        "all": [],
        "mine": [("user_id", "=", user.id), ("state", "!=", "done")],
        "overdue": [("is_overdue", "=", True)],
        "by words": [("name", "ilike", "order 4711")],
    }
    for name, domain in domains.items():
        times = []
        for _round in range(9):
            # as a request: a cursor and an environment of its own
            with Registry(env.cr.dbname).cursor() as cr:
                own = api.Environment(cr, user.id, {"allowed_company_ids": user.company_ids.ids})
                began = time.perf_counter()
                result = own["partner.letter"].web_search_read(
                    domain, specification, limit=80, count_limit=10_001
                )
                times.append((time.perf_counter() - began) * 1000)
                assert result["length"], name
        timer.note(f"{LIST}: {name}", statistics.median(times))


def figures(results, _options):
    ratio = results["with"][GATEWAY] / results["without"][GATEWAY]
    yield "letters / leads", f"{ratio:.2f}", f"<= {LIMIT_RATIO}", ratio <= LIMIT_RATIO
    for name, value in results["list"].items():
        yield name, f"{value:.0f} ms", f"<= {LIMIT_MS} ms", value <= LIMIT_MS
