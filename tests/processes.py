"""Scripts in Odoo processes of their own, for tests of what is killed or runs twice at once."""

import subprocess
import sys

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tests.common import BaseCase, get_db_name
from odoo.tools import config

from .mail_servers import Inbox

# Sends what is in the queue of e-mails.
SEND = """
env["mail.mail"].process_email_queue()
env.cr.commit()
"""


def dying_send(sent, run='env["mail.mail"].process_email_queue()'):
    """A script that dies with a letter in the hand, when so many are with the mail server."""
    return f"""
import os, signal
model = type(env["mail.mail"])
prepare, calls = model._prepare_outgoing_list, []

def dying(mails, *args, **kwargs):
    calls.append(mails)
    if len(calls) > {sent}:
        os.kill(os.getpid(), signal.SIGKILL)
    return prepare(mails, *args, **kwargs)

model._prepare_outgoing_list = dying
{run}
"""


def dying_with_the_answer(taken, run='env["mail.mail"].process_email_queue()'):
    """A script that dies when the mail server has taken so many letters, before it notes the last of them as sent."""
    return f"""
import os, signal, smtplib
send, calls = smtplib.SMTP.data, []

def dying(smtp, message):
    answer = send(smtp, message)
    calls.append(answer)
    if len(calls) == {taken}:
        os.kill(os.getpid(), signal.SIGKILL)
    return answer

smtplib.SMTP.data = dying
{run}
"""


# As if the sending had been broken off long ago.
LATER = """
env.cr.execute("UPDATE mail_mail SET date_handed_over = date_handed_over - interval '11 minutes'")
"""


def start(script):
    """Start a script in Odoo's shell, on the database of the tests.

    :rtype: subprocess.Popen
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "odoo", "shell", "-c", config["config"], "-d", get_db_name(), "--no-http"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    process.stdin.write(script)
    process.stdin.close()
    return process


def end(process):
    """Wait for a script.

    :return: its exit status, -9 if it was killed, and what it printed
    :rtype: tuple[int, str]
    """
    output = process.stdout.read()
    return process.wait(timeout=120), output


def run(script):
    """Run a script, see :func:`start` and :func:`end`."""
    return end(start(script))


class CommittingCase(BaseCase):
    """Tests whose work is committed for real, with a real mail server; each takes back by hand what it made."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.inbox = Inbox.open_for(cls)
        cls.registry = Registry(get_db_name())

    def setUp(self):
        super().setUp()
        self.inbox.clear()

    def _env(self, cr):
        return api.Environment(cr, SUPERUSER_ID, {})

    def _run(self, script, status=0):
        """Run a script that has to end with this status."""
        result, output = run(script)
        self.assertEqual(result, status, output[-2000:])

    def _run_twice_at_once(self, script):
        workers = [start(script), start(script)]
        for worker in workers:
            status, output = end(worker)
            self.assertEqual(status, 0, output[-2000:])
