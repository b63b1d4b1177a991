"""What runs in Odoo's shell to fork a process for each script, so that none has to wait until an Odoo has started.

See processes.py, which reads this file: importing it would import all tests.
"""

import os
import select
import signal
import socket
import sys
import traceback

from odoo import SUPERUSER_ID, api, sql_db
from odoo.modules.registry import Registry


def serve(database):
    """Serve scripts until whoever started this is gone."""
    sql_db.close_all()  # forks would share the connections
    listener = socket.socket(fileno=int(os.environ["SHELL_LISTENER"]))
    lifeline = int(os.environ["SHELL_LIFELINE"])
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the keepers
    while True:
        ready, _write, _except = select.select([listener, lifeline], [], [])
        if lifeline in ready:
            os._exit(0)
        connection, _address = listener.accept()
        if not os.fork():
            _keep(connection, database)
        connection.close()


def _keep(connection, database):
    """Fork the process of a script, and tell its exit status behind what it printed."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    script = b""
    while part := connection.recv(65536):
        script += part
    pid = os.fork()
    if not pid:
        _work(connection, database, script)
    _pid, status = os.waitpid(pid, 0)
    connection.sendall(b"\0%d" % os.waitstatus_to_exitcode(status))
    os._exit(0)


def _work(connection, database, script):
    status = 1
    try:
        for number in (1, 2):
            os.dup2(connection.fileno(), number)
        sys.stdout = sys.stderr = open(2, "w", buffering=1, closefd=False)  # noqa: SIM115 -- the process's
        with Registry(database).check_signaling().cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env = env(context=env["res.users"].context_get())
            cr.rollback()
            exec(script, {"__name__": "__main__", "env": env, "self": env.user})
            cr.rollback()
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    serve(env.cr.dbname)  # noqa: F821 -- the shell's
