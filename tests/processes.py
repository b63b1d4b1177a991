"""Scripts in Odoo processes of their own, for tests of what is killed or runs twice at once."""

import functools
import json
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


# For the slowest machine: loading the models, and the longest script.
PATIENCE = 300
# A process that has loaded the models doubles itself for each script, which is spared the many seconds of loading.
# It is asked in lines of JSON, for a script or for the end of one, and ends with the socket.
NURSERY = """
import json, os, socket, sys, traceback

from odoo import api, sql_db
from odoo.modules.registry import Registry

dbname, uid, context = env.cr.dbname, env.uid, dict(env.context)
channel = socket.socket(fileno=FD)
reader, writer = channel.makefile("r"), channel.makefile("w")

def work(script, output):
    for each in (reader, writer, channel):
        each.close()
    with open(output, "w") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    status = 0
    try:
        registry = Registry(dbname).check_signaling()
        # tests do not tell other processes what they commit
        registry.clear_all_caches()
        with registry.cursor() as cr:
            exec(script, {"__name__": "__main__", "env": api.Environment(cr, uid, context)})
            cr.rollback()
    except BaseException:
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)

# two processes cannot share a connection
env.cr.close()
sql_db.close_all()
for line in reader:
    request = json.loads(line)
    if "wait" in request:
        answer = os.waitstatus_to_exitcode(os.waitpid(request["wait"], 0)[1])
    else:
        sys.stdout.flush()
        sys.stderr.flush()
        answer = os.fork()
        if not answer:
            work(**request)
    print(json.dumps(answer), file=writer, flush=True)
os._exit(0)
"""


class _Nursery:
    """The process of :data:`NURSERY`, on the database of the tests; no child of this one, as Odoo's tests end those."""

    def __init__(self):
        ours, theirs = socket.socketpair()
        odoo = [
            sys.executable,
            "-m",
            "odoo",
            "shell",
            "-c",
            config["config"],
            "-d",
            get_db_name(),
            "--no-http",
        ]
        self.output = tempfile.TemporaryFile("w+")  # noqa: SIM115 -- read if it fails
        with theirs:
            subprocess.run(
                ["sh", "-c", 'input=$(cat); printf %s "$input" | "$@" &', "sh", *odoo],
                input=f"FD = {theirs.fileno()}\n{NURSERY}",
                stdout=self.output,
                stderr=subprocess.STDOUT,
                text=True,
                pass_fds=[theirs.fileno()],
                check=True,
            )
        ours.settimeout(PATIENCE)
        self.reader, self.writer = ours.makefile("r"), ours.makefile("w")

    def ask(self, **request):
        try:
            self.writer.write(json.dumps(request) + "\n")
            self.writer.flush()
            return json.loads(self.reader.readline())
        except (OSError, ValueError) as error:
            _get_nursery.cache_clear()
            self.output.seek(0)
            raise AssertionError(self.output.read()[-2000:]) from error


@functools.cache
def _get_nursery():
    return _Nursery()


def start(script):
    """Start a script as in Odoo's shell, in a process of its own, on the database of the tests.

    :return: the process, for :func:`end`
    """
    handle, output = tempfile.mkstemp()
    os.close(handle)
    return _get_nursery().ask(script=script, output=output), Path(output)


def end(process):
    """Wait for a script.

    :return: its exit status, -9 if it was killed, and what it printed
    :rtype: tuple[int, str]
    """
    number, output = process
    try:
        return _get_nursery().ask(wait=number), output.read_text(errors="replace")
    finally:
        output.unlink()


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
