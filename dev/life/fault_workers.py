"""Workers that are forked from a process with Odoo in it: a killed one costs a moment, not the start of an Odoo."""

import faulthandler
import inspect
import logging
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback

import fault_digest

PATIENCE = 600  # seconds that a worker may take, also on a slow machine
AGAIN = 20  # times that the scheduler comes to a job that is not done


def load(*databases):
    """Load Odoo and the registries of databases into this process.

    No connection is left open: it would be shared.
    """
    from odoo import sql_db
    from odoo.modules.registry import Registry
    from odoo.tools import config

    config.parse_config(
        ["-c", os.environ["LIFE_CONFIG"], "--no-http", "--max-cron-threads=0"], setup_logging=False
    )
    logging.getLogger("odoo").setLevel(logging.WARNING)
    for database in databases:
        Registry(database)
    sql_db.close_all()


class Worker:
    """A function in a process of its own, which is given the environment of a database and arguments."""

    def __init__(self, database, work, *arguments, user=1):
        self.output = tempfile.TemporaryFile("w+")  # noqa: SIM115 -- read at the end
        self.status = None
        self.pid = os.fork()
        if not self.pid:
            self._work(database, user, work, arguments)

    def _work(self, database, user, work, arguments):
        status = 1
        try:
            os.dup2(self.output.fileno(), 1)
            os.dup2(self.output.fileno(), 2)
            sys.stdout = sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False)
            faulthandler.register(signal.SIGALRM, file=2, chain=True)
            signal.alarm(PATIENCE)
            logging.basicConfig(level=logging.WARNING, stream=sys.stderr, force=True)
            from odoo import api
            from odoo.modules.registry import Registry

            with Registry(database).check_signaling().cursor() as cr:
                work(api.Environment(cr, user, {}), *arguments)
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(status)

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)

    def is_running(self):
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
        return self.status is None

    def end(self, patience=PATIENCE + 10):
        """Wait for it.

        :return: the status, -9 if it was killed, and what it printed
        :rtype: tuple[int, str]
        """
        until = time.monotonic() + patience
        while self.is_running():
            if time.monotonic() > until:
                self.kill()
            time.sleep(0.01)
        self.output.seek(0)
        return self.status, self.output.read()


def run(database, work, *arguments):
    return Worker(database, work, *arguments).end()


def run_within(seconds, database, work, *arguments):
    """Run it and have it succeed in time.

    :return: what it printed
    """
    begin = time.monotonic()
    status, output = run(database, work, *arguments)
    assert status == 0, output[-4000:]
    assert time.monotonic() - begin < seconds, "it waits too long"
    return output


# ------------------------------------------------------------------------------
# what workers do
# ------------------------------------------------------------------------------
def run_job(env, name, batch=3, at=0, disturb=None, *arguments):
    """Run a scheduled job in small batches, as the scheduler does; print how many commits it made, and which with work.

    On a slow machine Odoo breaks it off after ten seconds; the scheduler comes again at once.

    ``at``: see :func:`disturb_commit`
    """
    cron = _get_job(env, name)
    _shrink(env, cron, batch)
    commits = disturb_commit(at, disturb, *arguments)
    for _again in range(AGAIN):
        failure = cron.method_direct_trigger()
        if isinstance(failure, dict):
            raise RuntimeError(failure["params"]["data"]["debug"] or failure["params"]["data"]["message"])
        env.cr.commit()
        last = env["ir.cron.progress"].search([("cron_id", "=", cron.id)], order="id desc", limit=1)
        if not (last.done and last.remaining):
            break
    print("COMMITS", len(commits), "WITH WORK", sum(commits))


def run_methods(env, name, batch, meeting):
    """Run the methods of a job as soon as the other worker is at the meeting, too.

    It is without the lock by which the scheduler keeps a second one away. So they run beside the scheduler when
    somebody presses a button, or on servers whose clocks or versions differ.
    """
    from odoo.service.model import retrying

    cron = _get_job(env, name)
    _shrink(env, cron, batch)
    action = cron.ir_actions_server_id
    action.read()
    meeting.wait(PATIENCE)
    retrying(action.run, env)
    print("RAN")


def disturb_commit(at, disturb, *arguments):
    """Let something happen just before a commit, counted from now on.

    :param at: before which of those that keep rows that :mod:`fault_digest` compares, with the work of a batch in its
        hands; -1: before the first of all; 0: never
    :return: a list that has for each commit whether it keeps such rows
    """
    from odoo.sql_db import Cursor

    commit, commits = Cursor.commit, []

    def disturbed(cursor):
        cursor.flush()
        cursor.execute(fault_digest.WORK)
        work = cursor.fetchone()[0]
        commits.append(work)
        if (work and sum(commits) == at) or len(commits) == -at:
            disturb(*arguments)
        return commit(cursor)

    Cursor.commit = disturbed
    return commits


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def control(*words):
    """Start or stop PostgreSQL."""
    subprocess.run(
        [*shlex.split(os.environ["LIFE_PG_CTL"]), *words],
        check=True,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def restart_postgres():
    """As after a crash: what was not committed is gone, and all connections."""
    control("-m", "immediate", "restart")


def fill(folder):
    """Leave no room in a folder."""
    with open(os.path.join(folder, "filler"), "ab", buffering=0) as file:
        for size in (2**20, 2**12):
            try:
                while True:
                    file.write(b"0" * size)
            except OSError:
                pass


def keep_full(folder):
    """Leave no room in a folder, neither what is freed while this process lives, as by temporary tables."""
    fill(folder)

    def refill():
        while True:
            time.sleep(0.005)
            fill(folder)

    threading.Thread(target=refill, daemon=True).start()


def _get_job(env, name):
    return env.ref(name if "." in name else f"partner_relations.{name}")


def _shrink(env, cron, batch):
    """Let the method of a job take so many records at a time."""
    for name in re.findall(r"model\.(\w+)\(", cron.code):
        function = inspect.unwrap(getattr(type(env[cron.model_id.model]), name))
        with_default = [
            parameter
            for parameter in inspect.signature(function).parameters.values()
            if parameter.default is not parameter.empty
        ]
        function.__defaults__ = tuple(
            batch if "batch" in parameter.name else parameter.default for parameter in with_default
        )
    for kind in ("run", "undo"):
        sys.modules[
            f"odoo.addons.partner_relations.models.contact.partner_contact_import_{kind}"
        ].BATCH = batch
