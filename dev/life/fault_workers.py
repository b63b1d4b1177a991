"""Workers that are forked from a process with Odoo in it: a killed one costs a moment, not the start of an Odoo."""

import faulthandler
import inspect
import logging
import os
import re
import signal
import sys
import tempfile
import time
import traceback

PATIENCE = 120  # seconds that a worker may take


def load(*databases):
    """Load Odoo and the registries of databases into this process; no connection is left open, as it would be shared."""
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
        self.output = tempfile.TemporaryFile("w+")
        self.status = None
        self.pid = os.fork()
        if not self.pid:
            self._work(database, user, work, arguments)

    def _work(self, database, user, work, arguments):
        status = 1
        try:
            os.dup2(self.output.fileno(), 1)
            os.dup2(self.output.fileno(), 2)
            sys.stdout = sys.stderr = open(2, "w", buffering=1, closefd=False)
            faulthandler.register(signal.SIGALRM, file=2, chain=True)
            signal.alarm(PATIENCE)
            logging.basicConfig(level=logging.WARNING, stream=sys.stderr, force=True)
            from odoo import api
            from odoo.modules.registry import Registry

            with Registry(database).check_signaling().cursor() as cr:
                work(api.Environment(cr, user, {}), *arguments)
            status = 0
        except BaseException:  # noqa: BLE001 -- the child ends here whatever it was
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


# ------------------------------------------------------------------------------
# what workers do
# ------------------------------------------------------------------------------
def run_job(env, name, batch, dies_at):
    """Run a scheduled job of the addon in small batches, as the scheduler does; print how many commits it made.

    ``dies_at``: it dies just before the commit of that number, with the work of a batch in its hands; 0: never
    """
    from odoo.sql_db import Cursor

    cron = env.ref(f"partner_relations.{name}")
    _shrink(env, cron, batch)
    commit, calls = Cursor.commit, []

    def dying(cursor):
        calls.append(cursor)
        if len(calls) == dies_at:
            cursor.flush()
            os.kill(os.getpid(), signal.SIGKILL)
        return commit(cursor)

    Cursor.commit = dying
    failure = cron.method_direct_trigger()
    if isinstance(failure, dict):
        raise RuntimeError(failure["params"]["data"]["debug"] or failure["params"]["data"]["message"])
    print("COMMITS", len(calls))


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
    importing = sys.modules["odoo.addons.partner_relations.models.contact.partner_contact_import_run"]
    importing.BATCH = batch
