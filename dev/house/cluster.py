"""Private PostgreSQL clusters: loopback only, own port, own passwords."""

import contextlib
import glob
import json
import os
import pwd
import re
import secrets
import shutil
import socket
import tempfile
import time
from pathlib import Path

from . import core

ROLE = "odoo"
# A test that calls all methods holds, in one transaction, what a hundred requests of users would.
LOCKS = "-c max_locks_per_transaction=512"
# What a test analyses and rolls back stays as large as it was for the planner: PostgreSQL would compile statements for
# up to a second that then take one millisecond.
QUICK = "-c jit=off"


class Cluster:
    """`run` for the databases a person works with, `test` for those that can be made again."""

    def __init__(self, name):
        self.name = name
        self.durable = name == "run"
        self.folder = core.STATE / "pg" / name
        self.settings_file = self.folder / "cluster.json"
        self.settings = core.read_json(self.settings_file) or {}
        self.port = self.settings.get("port")

    # -- where and who ---------------------------------------------------------

    @property
    def data(self):
        return Path(os.path.normpath(self.folder / self.settings["data"]))

    def _as_owner(self, command):
        """PostgreSQL refuses to run as root: there it runs as the owner of its data."""
        if not core.is_root():
            return command
        owner = pwd.getpwuid(self.data.stat().st_uid).pw_name
        return ["runuser", "-u", owner, "--", *command]

    def _bin(self, program):
        """A program of the version the data was made with, else of the newest one."""
        versions = {int(path.split("/")[-3]): path for path in glob.glob("/usr/lib/postgresql/*/bin/initdb")}
        with contextlib.suppress(OSError, KeyError):
            wanted = int((self.data / "PG_VERSION").read_text())
            if wanted not in versions:
                raise core.Failure(
                    f"the databases in {self.data} are of PostgreSQL {wanted}, which is not installed now",
                    f"Install postgresql-{wanted}, or move {self.folder} away to start with new databases.",
                )
            versions = {wanted: versions[wanted]}
        if not versions:
            raise core.Failure("no PostgreSQL server was found", "Install it: apt-get install postgresql")
        return Path(versions[max(versions)]).with_name(program)

    # -- making and starting ---------------------------------------------------

    def ensure(self):
        """Make the cluster if it is not there, and start it if it does not run."""
        if not self.settings or not (self.data / "PG_VERSION").is_file():
            self._create()
        self.port = self._running_port()
        if self.port:
            return self
        try:
            self._start()
        except core.Failure:
            if self.durable:
                raise
            # Without fsync a power cut may leave it broken; nothing in it is worth keeping.
            core.say("  The test cluster does not start; making it again.")
            self._create()
            self._start()
        return self

    def _create(self):
        with core.step(f"Making the PostgreSQL cluster `{self.name}`") as step:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.settings_file.unlink(missing_ok=True)
            data, owner = self._place()
            self.settings = {"data": os.path.relpath(data, self.folder)}
            if not data.is_relative_to(core.STATE):
                self.settings["data"] = str(data)
            self.stop("immediate")  # a server on data that nobody knows the password of
            core.remove(data)
            data.mkdir(parents=True)
            if owner:
                shutil.chown(data, owner.pw_uid, owner.pw_gid)
            data.chmod(0o700)
            initdb = [self._bin("initdb"), "-D", data, "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8"]
            initdb += ["--auth-host=scram-sha-256", "--auth-local=peer"]
            core.run(
                self._as_owner(initdb + ([] if self.durable else ["--no-sync"])),
                log=f"initdb-{self.name}",
                what="initdb failed",
                step=step,
                cwd="/",
            )
            settings = ["listen_addresses = '127.0.0.1'", "unix_socket_directories = ''"]
            # so that large loads are not held up by a checkpoint a second
            settings.append("max_wal_size = '8GB'")
            if not self.durable:
                settings += ["fsync = off", "synchronous_commit = off", "full_page_writes = off"]
            with open(data / "postgresql.conf", "a") as file:
                file.write("\n# what dev/ sets\n" + "\n".join(settings) + "\n")
            password = secrets.token_urlsafe(24)
            core.run(
                self._as_owner([self._bin("postgres"), "--single", "-D", data, "postgres"]),
                log=f"roles-{self.name}",
                what="the database role could not be made",
                stdin=f"CREATE ROLE {ROLE} LOGIN CREATEDB REPLICATION PASSWORD '{password}'\n",
                step=step,
                cwd="/",
            )
            self.settings.update(password=password, port=free_port(self.name))
            self._save()  # last: without it the cluster counts as not made

    def _place(self):
        """The data folder and, for root, the user who will own it."""
        if not core.is_root():
            return self.folder / "data", None
        try:
            user = pwd.getpwnam("postgres")
        except KeyError:
            raise core.Failure(
                "there is no user `postgres` to run PostgreSQL as",
                "Install Debian's package `postgresql`, or run as a normal user.",
            ) from None
        reachable = ["runuser", "-u", "postgres", "--", "test", "-x", str(self.folder)]
        if core.capture(reachable, cwd="/") is not None:
            return self.folder / "data", user
        place = Path(user.pw_dir) / f"{core.ADDON}-{core.short_hash(core.ROOT)}" / self.name
        core.say(f"    the user postgres cannot reach {self.folder}, so its data goes to {place}")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.chown(place.parent, user.pw_uid, user.pw_gid)
        return place, user

    def _save(self):
        core.write(self.settings_file, json.dumps(self.settings), mode=0o600)

    def _running_port(self):
        """The port of the running server, or None; a process of the same number is no server."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            pid, port = int(lines[0]), int(lines[3])
            if os.path.samefile(f"/proc/{pid}/cwd", self.data) and "ready" in lines[7]:
                return port
        except (OSError, ValueError, IndexError):
            pass
        return None

    def _start(self):
        with core.step(f"Starting the PostgreSQL cluster `{self.name}`") as step:
            for attempt in range(5):
                port = self.settings["port"]
                if attempt or not _is_free(port):
                    port = free_port(self.name, offset=attempt + 1)
                log = self.data / "server.log"
                command = [self._bin("pg_ctl"), "-D", self.data, "-l", log, "-w", "-t", "120"]
                try:
                    core.run(
                        self._as_owner([*command, "-o", self._options(port), "start"]),
                        log=f"pg-{self.name}",
                        what=f"PostgreSQL did not start; the end of {log}:\n{core.tail(log, 12)}",
                        remedy=f"Mend what the log says, or remove {self.folder} with all its databases.",
                        step=step,
                        cwd="/",
                        detached=True,  # the server goes on after the command
                    )
                except core.Failure:
                    if attempt < 4 and "could not bind" in core.tail(log, 12):
                        continue
                    raise
                break
            self.port = port
            if port != self.settings["port"]:
                self.settings["port"] = port
                self._save()

    def _options(self, port):
        return f"-p {port} {LOCKS}" + ("" if self.durable else f" {QUICK}")

    def stop(self, mode="fast"):
        """Stop the server if it runs; True when it did."""
        if not self.settings or not self._running_port():
            return False
        command = [self._bin("pg_ctl"), "-D", self.data, "-w", "-m", mode, "stop"]
        core.run(self._as_owner(command), log=f"pg-{self.name}", what="PostgreSQL did not stop", cwd="/")
        return True

    def control(self):
        """The start of a command that stops and starts the server by hand."""
        log = self.data / "server.log"
        options = ["-D", self.data, "-l", log, "-w", "-o", self._options(self.port)]
        return self._as_owner([self._bin("pg_ctl"), *options])

    def reload(self):
        """Let the server read its settings anew."""
        command = [self._bin("pg_ctl"), "-D", self.data, "reload"]
        core.run(
            self._as_owner(command),
            log=f"pg-{self.name}",
            what="PostgreSQL did not read its settings",
            cwd="/",
        )

    # -- databases ---------------------------------------------------------------

    def sql(self, statement, database="postgres", check=True):
        """Rows of the last statement, each a list of texts."""
        psql = [self._bin("psql"), "-XAtq", "-F", "\x1f", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1"]
        psql += ["-p", str(self.port), "-U", ROLE, "-d", database, "-c", statement]
        with tempfile.TemporaryFile("w+") as errors:
            env = core.clean_env(
                PGPASSWORD=self.settings["password"], PGOPTIONS="--client-min-messages=error"
            )
            done = core.subprocess.run(
                list(map(str, psql)), stdout=-1, stderr=errors, text=True, env=env, cwd="/", check=False
            )
            if done.returncode and check:
                errors.seek(0)
                raise core.Failure(
                    f"PostgreSQL refused a statement on `{database}`: {errors.read().strip()}",
                    f"See {self.data}/server.log",
                )
        return [line.split("\x1f") for line in done.stdout.splitlines()]

    def databases(self):
        return [
            row[0] for row in self.sql("SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY 1")
        ]

    def exists(self, database):
        return database in self.databases()

    def drop(self, database):
        self._disconnect(database)
        # FORCE would end a vacuum of PostgreSQL's own too, and fail, as only a superuser may do that
        self.sql(f'DROP DATABASE IF EXISTS "{database}"')

    def copy(self, template, database):
        self._disconnect(template)
        # Copying the files at once is several times faster than through the write-ahead log.
        version = int(re.match(r"\d+", (self.data / "PG_VERSION").read_text())[0])
        how = " STRATEGY file_copy" if version >= 15 else ""
        self.sql(f'CREATE DATABASE "{database}" TEMPLATE "{template}"{how}')

    def send(self, database, other, name):
        """Copy a database into another cluster."""
        other.sql(f'CREATE DATABASE "{name}"')
        file = self.folder / f"{database}.dump"
        try:
            for one, base, program, arguments in (
                (self, database, "pg_dump", ["-Fc", "-Z0", "-f", file]),
                (other, name, "pg_restore", ["-j2", "--no-owner", "--no-comments", file]),
            ):
                core.run(
                    [
                        one._bin(program),
                        "-h",
                        "127.0.0.1",
                        "-p",
                        one.port,
                        "-U",
                        ROLE,
                        "-d",
                        base,
                        *arguments,
                    ],
                    log=f"{program}-{database}",
                    what=f"{program} failed",
                    env=core.clean_env(PGPASSWORD=one.settings["password"]),
                )
        finally:
            file.unlink(missing_ok=True)

    def rename(self, old, new):
        self._disconnect(old)
        self.sql(f'ALTER DATABASE "{old}" RENAME TO "{new}"')

    def _disconnect(self, database):
        self.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            # PostgreSQL itself stops a vacuum, which only a superuser may do
            f"WHERE datname = '{database}' AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )

    def note(self, database):
        """What dev/ wrote down about a database: it goes with the database, and is None without."""
        rows = self.sql(
            f"SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '{database}'"
        )
        try:
            return json.loads(rows[0][0])
        except (IndexError, ValueError):
            return None

    def set_note(self, database, values):
        text = json.dumps(values).replace("'", "''")
        self.sql(f"COMMENT ON DATABASE \"{database}\" IS '{text}'")


def _is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port(name, offset=0):
    """A port that another checkout is unlikely to take, below those that clients get."""
    start = int(core.short_hash(core.ROOT, name), 16) + offset * 101
    for number in range(1000):
        port = 15432 + (start + number) % 10000
        if _is_free(port):
            return port
    raise core.Failure("no free port between 15432 and 25432", "End some of the programs that listen there.")


def is_free(port, wait=0.0):
    """Whether a port of the loopback can be listened on, trying for a while."""
    end = time.monotonic() + wait
    while not _is_free(port):
        if time.monotonic() >= end:
            return False
        time.sleep(0.2)
    return True
