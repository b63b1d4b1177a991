"""dev/run, dev/shell and dev/stop."""

import argparse
import http.client
import os
import re
import sys
import time

from . import cluster, core, database

DATABASE = "relations"
DEMO = """
from odoo.addons.partner_relations.demo import furniture
furniture.load(env)
env.cr.commit()
"""
# Odoo asks its maker once a week for news and reports on the database; a demo company does not.
QUIET = """
cron = env.ref("mail.ir_cron_module_update_notification", raise_if_not_found=False)
if cron:
    cron.active = False
    env.cr.commit()
"""


def ensure_database(house, name=DATABASE, fresh=False, demo=True):
    """The database with the addon, made or brought up to date when needed.

    Returns the lock that shows that the database is in use.
    """
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,50}", name):
        raise core.Failure(
            f"`{name}` cannot be the name of a database",
            "Use letters, digits, _, . and -, beginning with a letter or digit.",
        )
    lock = core.Lock(f"database-{name}")
    mine = lock.try_take()
    note = house.cluster.note(name)
    there = house.cluster.exists(name)
    current = {"tree": house.tree.identity, "addon": database.fingerprint(house.tree.identity)}
    if there and not fresh and note and all(note.get(key) == value for key, value in current.items()):
        return lock
    if not mine:
        raise core.Failure(
            f"the database `{name}` must be {'made' if fresh or not there else 'updated'}, but process "
            f"{lock.holder()} works with it",
            f"Stop that process first (Ctrl+C where it runs, or: kill {lock.holder()}), then run again.",
        )
    if fresh or not there:
        _create(house, name, demo, current)
    elif note and note.get("tree") != house.tree.identity:
        house.update(name, ["base"], "Updating all modules, as Odoo itself is another build")
        house.cluster.set_note(name, {**note, **current})
    else:
        installed = house.cluster.sql(
            f"SELECT 1 FROM ir_module_module WHERE name = '{core.ADDON}' AND state <> 'uninstalled'", name
        )
        if installed:
            house.update(name, [core.ADDON], f"Updating the addon in `{name}`", "--i18n-overwrite")
        else:
            house.install(name, [core.ADDON], f"Installing the addon in `{name}`", languages=None)
        house.cluster.set_note(name, {**(note or {}), **current})
    return lock


def _create(house, name, demo, current):
    half = f"{name}__half_made"
    house.drop(half)
    house.install(half, [*database.modules(), core.ADDON], f"Making the database `{name}`")
    house.shell(half, QUIET, "Switching off calls to the outside", log=f"quiet-{name}")
    if demo:
        house.shell(half, DEMO, "Loading the demo company", log=f"demo-{name}")
    house.cluster.set_note(half, {**current, "demo": demo})
    house.rename(half, name)


def run(arguments):
    parser = argparse.ArgumentParser(
        prog="dev/run", description="Set up everything and serve the web client with a demo company."
    )
    parser.add_argument("--setup-only", action="store_true", help="stop before serving")
    parser.add_argument("--fresh", action="store_true", help="make the database anew; its contents are lost")
    parser.add_argument("--port", type=int, default=8069, help="port of the web client (default: 8069)")
    parser.add_argument("--no-demo", action="store_true", help="make the database without the demo company")
    parser.add_argument("-d", dest="database", default=DATABASE, help=f"database (default: {DATABASE})")
    options = parser.parse_args(arguments)
    if not 0 < options.port < 65536:
        parser.error(f"--port {options.port}: a port is a number from 1 to 65535")
    if not options.setup_only:
        _check_port(options.port)
    core.say("Setting up")
    house = database.House("run")
    lock = ensure_database(house, options.database, options.fresh, not options.no_demo)
    note = house.cluster.note(options.database) or {}
    if options.no_demo and note.get("demo"):
        core.say(
            f"  The database `{options.database}` has the demo company; --fresh --no-demo makes it anew."
        )
    if options.setup_only:
        core.say(f"Ready. Serve it with: dev/run{_non_default(options)}")
        return 0
    if not lock.try_take():
        raise core.Failure(
            f"the database `{options.database}` is being served already, by process {lock.holder()}",
            "Use that one, or stop it first (Ctrl+C where it runs).",
        )
    _check_port(options.port)
    core.say(f"Serving on http://127.0.0.1:{options.port} (Ctrl+C stops) ...")
    _announce(options.port)
    lock.hand_over()
    command = ["-c", house.config, "-d", options.database, "--db-filter", f"^{re.escape(options.database)}$"]
    house.become(house.odoo(*command, "--http-port", options.port, "--log-handler=werkzeug:WARNING"))


def _non_default(options):
    return "".join(
        [
            f" -d {options.database}" if options.database != DATABASE else "",
            f" --port {options.port}" if options.port != 8069 else "",
        ]
    )


def _check_port(port):
    try:
        free = cluster.is_free(port, wait=1.0)
    except PermissionError:
        free = False
    if not free:
        raise core.Failure(
            f"port {port} is taken by another program (perhaps another dev/run)",
            f"Stop that one, or choose another port: dev/run --port {port + 1}",
        )


def _announce(port):
    """Say so when the web client answers, from a child, as this process becomes Odoo."""
    parent = os.getpid()
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    if os.fork():  # a grandchild, so that Odoo finds no child of its own that it does not know
        os._exit(0)
    try:
        for _ in range(600):
            time.sleep(0.2)
            os.kill(parent, 0)  # raises when Odoo has ended
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
                connection.request("GET", "/web/login")
                if connection.getresponse().status == 200:
                    core.say(f"\nReady: http://127.0.0.1:{port}  (user admin, password admin)\n")
                    break
            except OSError:
                continue
    except ProcessLookupError:
        pass
    finally:
        os._exit(0)


def shell(arguments):
    parser = argparse.ArgumentParser(
        prog="dev/shell",
        description="Odoo's shell with the addon. A script on standard input is run; what it does not "
        "commit (env.cr.commit()) is not kept; an uncaught exception makes the exit status 1.",
    )
    parser.add_argument("-d", dest="database", default=DATABASE, help=f"database (default: {DATABASE})")
    options = parser.parse_args(arguments)
    house = open_database(options.database)
    command = ["shell", "-c", house.config, "-d", options.database, "--no-http", "--max-cron-threads=0"]
    if not sys.stdin.isatty():
        command.append("--log-level=warn")  # the output of a script is its own
    house.become(house.odoo(*command))


def open_database(name, create=False):
    """The house whose cluster has the database; `relations` is made when it is not there."""
    stdout = sys.stdout
    sys.stdout = sys.stderr  # the output of what follows belongs to the caller
    try:
        house = database.House("run")
        if not house.cluster.exists(name):
            if name == DATABASE or create:
                ensure_database(house, name, demo=name == DATABASE)
            elif cluster.Cluster("test").settings:
                tests = database.House("test")
                if tests.cluster.exists(name):
                    return tests
        if not house.cluster.exists(name):
            raise core.Failure(
                f"there is no database `{name}`; there are: "
                + ", ".join(n for n in house.cluster.databases() if n != "postgres"),
                f"Make it first: dev/run --setup-only --no-demo -d {name}",
            )
        return house
    finally:
        sys.stdout = stdout


def stop(arguments):
    argparse.ArgumentParser(prog="dev/stop", description="Stop the private PostgreSQL clusters.").parse_args(
        arguments
    )
    for name in ("run", "test", "faults"):
        stopped = cluster.Cluster(name).stop()
        core.say(f"Cluster `{name}`: {'stopped' if stopped else 'was not running'}.")
    return 0
