"""IMAP servers that refuse, hang and cut off: a letter is registered once, and not marked as read before that."""

import email.message
import functools
import os

import fault_servers
import fault_workers
import pytest

BROKEN = os.environ["LIFE_SOUND"]  # in which each job has done its work
LETTERS, LIMIT = 6, 300
PATIENCE = 1  # seconds for a server that hangs; Odoo's own are 60, which one that answers gets, also late
do = functools.partial(fault_workers.run_within, LIMIT, BROKEN)


def letter(number):
    message = email.message.EmailMessage()
    message["Message-ID"] = f"<fault-{number}@customer.example>"
    message["From"] = "Customer <somebody@customer.example>"
    message["To"] = "inbox@faults.example"
    message["Subject"] = f"Fault {number}"
    message.set_content("Good day\n" * 50)
    return message.as_bytes().replace(b"\n", b"\r\n")


# ------------------------------------------------------------------------------
# what workers do
# ------------------------------------------------------------------------------
def prepare(env, port):
    env["fetchmail.server"].search([]).active = False
    mailbox = env["partner.mailbox"].create(
        {
            "name": "Faults, incoming",
            "email": "inbox@faults.example",
            "in_host": "127.0.0.1",
            "in_port": port,
            "in_ssl": False,
            "in_user": "inbox",
            "in_password": "secret",
        }
    )
    mailbox.action_test_incoming()
    env.cr.commit()


def fetch(env, patience=None):
    """Odoo's own job, and what the mailbox says afterwards."""
    from odoo.addons.mail.models import fetchmail

    fetchmail.MAIL_TIMEOUT = patience or fetchmail.MAIL_TIMEOUT
    failure = env.ref("mail.ir_cron_mail_gateway_action").method_direct_trigger()
    if isinstance(failure, dict):
        raise RuntimeError(failure["params"]["data"]["debug"])
    env.cr.commit()  # to see what the job has written
    env.invalidate_all()
    mailbox = env["partner.mailbox"].search([("email", "=", "inbox@faults.example")])
    letters = env["partner.letter"].search([("mailbox_id", "=", mailbox.id)])
    print("REGISTERED", *sorted(letters.mapped("name")), sep="|")
    print("ERROR", mailbox.fetchmail_server_id.error_message)


@pytest.fixture(scope="module")
def server():
    fault_workers.load(BROKEN)
    server = fault_servers.ImapServer([letter(number) for number in range(LETTERS)])
    do(prepare, server.port)
    yield server
    server.stop()


def registered(output):
    [line] = [line for line in output.splitlines() if line.startswith("REGISTERED")]
    return line.split("|")[1:]


@pytest.mark.parametrize(
    ("mode", "stuck", "there"),
    [
        ("refuses", 0, 0),
        ("hangs", 0, 0),
        ("cuts off", 0, 0),
        # the letters before are registered
        ("hangs with the letter", 2, 1),
        ("cuts off the letter", 4, 3),
    ],
)
def test_fetches(server, mode, stuck, there):
    server.mode, server.stuck = mode, stuck
    server.hung = 0
    output = do(fetch, PATIENCE if "hangs" in mode else None)
    # after the letter before it the job goes on once more
    assert server.hung == {"hangs": 1, "hangs with the letter": 2}.get(mode, 0), "it waits again and again"
    assert registered(output) == [f"Fault {number}" for number in range(there)]
    assert server.seen == set(range(1, there + 1)), output
    assert "ERROR False" not in output, "the mailbox does not show that its server fails"


def test_all_registered_once(server):
    server.mode = "well"
    output = do(fetch)
    assert registered(output) == [f"Fault {number}" for number in range(LETTERS)]
    assert len(server.seen) == LETTERS
    assert "ERROR False" in output
    assert registered(do(fetch)) == [f"Fault {number}" for number in range(LETTERS)]
