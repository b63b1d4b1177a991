"""Mail servers that refuse, hang and cut off: all that the addon sends, and the letters that it fetches.

A letter goes out exactly once, or stands there as failed with the reason until somebody sends it again; no job waits
for ever; the next run goes on.
"""

import os
import time
from collections import Counter

import fault_servers
import fault_workers
import pytest

BROKEN = os.environ["LIFE_SOUND"]  # in which each job has done its work
PATIENCE = 1  # seconds; Odoo's own are 60
# Each job may wait for each server once and has its own work to do.
LIMIT = 60


def do(work, *arguments):
    begin = time.monotonic()
    status, output = fault_workers.run(BROKEN, work, *arguments)
    assert status == 0, output[-4000:]
    assert time.monotonic() - begin < LIMIT, "it waits too long"
    return output


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


def send(env):
    """Odoo's own two jobs that send."""
    from odoo.addons.base.models import ir_mail_server

    ir_mail_server.SMTP_TIMEOUT = PATIENCE
    for name in ("mass_mailing.ir_cron_mass_mailing_queue", "mail.ir_cron_mail_scheduler_action"):
        failure = env.ref(name).method_direct_trigger()
        if isinstance(failure, dict):
            # Odoo logs a letter that was not sent as an error, which this is not
            print("LOGGED", failure["params"]["data"]["message"])
        env.cr.commit()


def show(env):
    mails = env["mail.mail"].search([])
    logs = env["partner.mail.rule.log"].search([("mail_mail_id", "!=", False)])
    print("STATES", dict(Counter(mails.mapped("state"))))
    print("IN DOUBT", len(mails.filtered("date_handed_over")))
    print("LOGS", dict(Counter(logs.mapped("state"))))
    print("REMINDERS", dict(Counter(env["partner.payment.reminder"].search([]).mapped("state"))))
    print("TRACES", dict(Counter(env["mailing.trace"].search([]).mapped("trace_status"))))
    print("KINDS", dict(Counter(mails.mapped("model"))))
    for mail in mails.filtered(lambda mail: mail.state == "exception"):
        print("WHY", mail.model, mail.failure_type, (mail.failure_reason or "")[:150])


def retry(env):
    """Somebody looks at the failed ones and sends them again."""
    env["mail.mail"].search([("state", "=", "exception")]).mark_outgoing()
    env.cr.commit()


@pytest.fixture(scope="module")
def server():
    fault_workers.load(BROKEN)
    server = fault_servers.MailServer()
    print(do(prepare, server.port))
    yield server
    server.stop()


MODES = (
    "refuses for ever",
    "refuses for now",
    "hangs",
    "cuts off",
    "hangs with the letter",
    "cuts off the letter",
)


@pytest.mark.parametrize("mode", MODES)
def test_sends(server, mode, capsys):
    server.mode = mode
    output = do(send)
    with capsys.disabled():
        print("\n", mode, output[-300:], do(show))
        server.tried.clear()
    assert not server.taken
    do(retry)


def test_all_sent_once(server, capsys):
    server.mode = "well"
    output = do(send)
    with capsys.disabled():
        print("\n", output[-300:], do(show), server.taken)
    assert server.taken
    assert set(server.taken.values()) == {1}
