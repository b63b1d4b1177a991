"""Mail servers that refuse, hang and cut off: all that the addon sends, and the letters that it fetches.

A letter goes out exactly once, or stands there as failed with the reason until somebody sends it again; no job waits
for ever; the next run goes on.
"""

import functools
import json
import os
from collections import Counter

import fault_servers
import fault_workers
import pytest

BROKEN = os.environ["LIFE_SOUND"]  # in which each job has done its work
PATIENCE = 1  # seconds for a server that hangs; Odoo's own are 60, which one that answers gets, also late
LIMIT = 300
WAITS = 8  # the jobs may wait for the server: once for each sender and the mailing, not for each letter
RUNS = 6
do = functools.partial(fault_workers.run_within, LIMIT, BROKEN)


# ------------------------------------------------------------------------------
# what workers do
# ------------------------------------------------------------------------------
def prepare(env, port):
    """Queue mails of all kinds: by rules, reminders, in the morning, written by people, and a mailing."""
    env["ir.mail_server"].search([]).active = False
    env["ir.mail_server"].create(
        {"name": "Faults", "smtp_host": "127.0.0.1", "smtp_port": port, "smtp_encryption": "none"}
    )
    for company in env["res.company"].search([]):
        company.email = company.email or f"company{company.id}@faults.example"
    # the jobs have queued the mails of rules, reminders and mornings
    mailbox = env["partner.mailbox"].create({"name": "Faults", "email": "box@faults.example"})
    partners = env["res.partner"].create(
        [{"name": f"Written to {n}", "email": f"written{n}@faults.example"} for n in range(3)]
    )
    letters = env["partner.letter"].with_context(mail_notify_force_send=False)
    for partner in partners:
        letters._send_new(mailbox, partner, "Written", "<p>By somebody</p>")
    mailing_list = env["mailing.list"].create({"name": "Faults"})
    env["mailing.contact"].create(
        [
            {"name": f"Many {n}", "email": f"many{n}@faults.example", "list_ids": [(4, mailing_list.id)]}
            for n in range(6)
        ]
    )
    env["mailing.mailing"].create(
        {
            "subject": "To many",
            "body_html": "<p>News</p>",
            "mailing_model_id": env["ir.model"]._get_id("mailing.list"),
            "contact_list_ids": [(4, mailing_list.id)],
            "email_from": "news@faults.example",
        }
    ).action_put_in_queue()
    env.cr.commit()


def send(env, patience=None):
    """Odoo's own two jobs that send."""
    from odoo.addons.base.models import ir_mail_server

    ir_mail_server.SMTP_TIMEOUT = patience or ir_mail_server.SMTP_TIMEOUT
    for name in ("mass_mailing.ir_cron_mass_mailing_queue", "mail.ir_cron_mail_scheduler_action"):
        failure = env.ref(name).method_direct_trigger()
        if isinstance(failure, dict):
            # Odoo logs a letter that was not sent as an error, which this is not
            print("LOGGED", failure["params"]["data"]["message"])
        env.cr.commit()


def show(env):
    """What users see: the states of mails, of rules' logs, of reminders and of a mailing, and what is in doubt."""
    mails = env["mail.mail"].search([])
    states = {
        "mails": mails.mapped("state"),
        "waiting": [True for mail in mails if mail.is_sent_once and mail.scheduled_date],
        "handed over": [True for mail in mails if mail.date_handed_over],
        "unexplained": [True for mail in mails if mail.state == "exception" and not mail.failure_reason],
        "rules": env["partner.mail.rule.log"].search([("mail_mail_id", "!=", False)]).mapped("state"),
        "reminders": env["partner.payment.reminder"].search([("mail_id", "!=", False)]).mapped("state"),
        "mailing": env["mailing.trace"].search([]).mapped("trace_status"),
        "once": mails.filtered("is_sent_once").mapped("model"),
    }
    print("STATES", json.dumps({what: Counter(map(str, found)) for what, found in states.items()}))


def retry(env):
    """Time passes; somebody looks at the failed ones and sends them again."""
    env["mail.mail"].search([("state", "=", "exception")]).mark_outgoing()
    env["mail.mail"].search([("state", "=", "outgoing")]).scheduled_date = False
    env.cr.commit()


def states():
    [line] = [line for line in do(show).splitlines() if line.startswith("STATES")]
    return json.loads(line.removeprefix("STATES "))


@pytest.fixture(scope="module")
def server():
    fault_workers.load(BROKEN)
    server = fault_servers.MailServer()
    do(prepare, server.port)
    # by people, by reminders, by rules, and in the morning
    assert {"partner.letter", "partner.payment.reminder", "res.partner", "res.users"} <= set(states()["once"])
    yield server
    server.stop()


@pytest.mark.parametrize("mode", ["refuses for ever", "refuses for now"])
def test_refuses(server, mode):
    server.mode = mode
    do(send)
    assert not server.taken
    found = states()
    assert set(found["mails"]) == {"exception"}, "each failure is shown"
    assert not found["handed over"] and not found["unexplained"]
    assert set(found["rules"]) == set(found["reminders"]) == {"failed"}
    assert set(found["mailing"]) == {"error"}
    do(retry)


@pytest.mark.parametrize("mode", ["hangs", "cuts off"])
def test_is_not_reached(server, mode):
    server.mode, server.hung = mode, 0
    do(send, PATIENCE)
    assert not server.taken
    assert server.hung <= WAITS * (mode == "hangs"), "a job waits again and again"
    found = states()
    # what goes by itself waits for the server; the mailing's failure is shown, as Odoo has it
    assert found["waiting"] == {"True": sum(found["once"].values())}
    assert not found["handed over"] and not found["unexplained"]
    assert "failed" not in found["rules"]
    assert set(found["mailing"]) == {"error"}
    do(retry)


@pytest.mark.parametrize("mode", ["hangs with the letter", "cuts off the letter"])
def test_fails_with_the_letter(server, mode):
    """Whether it was taken nobody knows: one letter a run is in doubt, the others stay in the queue."""
    server.mode, server.hung = mode, 0
    before = states()["mails"]["outgoing"]
    for _run in range(RUNS):
        do(send, PATIENCE)
    assert server.hung <= WAITS * RUNS * (mode == "hangs with the letter"), "a job waits again and again"
    assert not server.taken
    found = states()
    assert found["mails"]["exception"] + found["mails"]["outgoing"] == before
    assert 1 <= found["mails"]["exception"] <= 2 * RUNS
    assert found["handed over"], "none that is sent once was met"
    assert not found["unexplained"]
    do(retry)


def test_all_sent_once(server):
    server.mode = "well"
    wanted = states()["mails"]
    assert set(wanted) == {"outgoing"}
    do(send)
    assert len(server.taken) == wanted["outgoing"]
    assert set(server.taken.values()) == {1}
    found = states()
    assert set(found["rules"]) == set(found["reminders"]) == set(found["mailing"]) == {"sent"}
    assert set(found["mails"]) <= {"sent"}
    do(send)
    assert len(server.taken) == wanted["outgoing"], "a further run sends nothing"
