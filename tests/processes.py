"""Scripts in Odoo processes of their own, for tests of what is killed or runs twice at once."""

import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

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


_servers = {}


def _get_server():
    """The address of the forking shell of the database of the tests, which is started by the first script.

    :return: the address, and the file with what it printed
    """
    database = get_db_name()
    if database not in _servers:
        address = f"{tempfile.mkdtemp()}/shell"
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(address)
        listener.listen()
        # closed with this process, however it ends
        lifeline, _kept = os.pipe()
        output = tempfile.TemporaryFile("w+")  # noqa: SIM115 -- read if it fails
        process = subprocess.Popen(
            [sys.executable, "-m", "odoo", "shell", "-c", config["config"], "-d", database, "--no-http"],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            pass_fds=(listener.fileno(), lifeline),
            env={
                **os.environ,
                "SHELL_LISTENER": str(listener.fileno()),
                "SHELL_LIFELINE": str(lifeline),
            },
        )
        process.stdin.write(Path(__file__).with_name("forking_shell.py").read_text())
        process.stdin.close()
        listener.close()
        os.close(lifeline)
        _servers[database] = (address, output)
    return _servers[database]


def start(script):
    """Start a script as in Odoo's shell, in a process of its own, on the database of the tests.

    :rtype: socket.socket
    """
    address, _output = _get_server()
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(120)
    connection.connect(address)
    connection.sendall(script.encode())
    connection.shutdown(socket.SHUT_WR)
    return connection


def end(connection):
    """Wait for a script.

    :return: its exit status, -9 if it was killed, and what it printed
    :rtype: tuple[int, str]
    """
    answer = b""
    with connection:
        while part := connection.recv(65536):
            answer += part
    output, zero, status = answer.rpartition(b"\0")
    if not zero:
        _address, output = _get_server()
        output.seek(0)
        raise RuntimeError(f"The shell that forks has ended:\n{output.read()[-4000:]}")
    return int(status), output.decode(errors="replace")


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
