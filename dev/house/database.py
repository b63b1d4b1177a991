"""Odoo's configuration and databases: made under another name and renamed when complete."""

import contextlib
import hashlib
import os
import re
import shutil
import sys
from ast import literal_eval
from pathlib import Path

from . import cluster, core, machine, tree, venv

# What a company that uses the addon has beside the modules the addon needs.
COMPANY_MODULES = [
    "sale_management",
    "sale_stock",
    "sale_margin",
    "purchase_stock",
    "l10n_vn",
    "hr_org_chart",
]
# The first is that of a new database: named alone, another language would take English's place.
LANGUAGES = "en_US,vi_VN"
# Files whose change does not need an update of a database.
NOT_IN_FINGERPRINT = ("tests", "dev", "docs", "static/src", "static/tests")


class House:
    """Everything an Odoo command needs: tree, environment, cluster and configuration."""

    def __init__(self, name, with_browser=False):
        core.STATE.mkdir(exist_ok=True)
        self.name = name
        with core.Lock("setup").take("another set-up is going on"):
            machine.ensure(tree.is_debian(), with_browser)
            self.tree = tree.ensure()
            self.venv = venv.ensure(self.tree)
            core.link(core.LINK, "../..")
            self.cluster = cluster.Cluster(name).ensure()
        self.data = core.STATE / "data" / name
        self.config = core.STATE / "etc" / f"{name}.conf"
        self.configure([*self.tree.addons, core.LINK.parent])

    def configure(self, addons):
        """Write the configuration; ``addons`` are the folders with addons."""
        options = {
            "addons_path": ",".join(map(str, addons)),
            "data_dir": self.data,
            "db_host": "127.0.0.1",
            "db_port": self.cluster.port,
            "db_user": cluster.ROLE,
            "db_password": self.cluster.settings["password"],
            "http_interface": "127.0.0.1",
            "list_db": False,
            "admin_passwd": self.cluster.settings["password"],
            "max_cron_threads": 1 if self.name == "run" else 0,
            "screenshots": core.LOGS / "screenshots",
        }
        text = "[options]\n" + "".join(f"{key} = {value}\n" for key, value in options.items())
        core.write(self.config, text, mode=0o600)
        self.data.mkdir(parents=True, exist_ok=True)

    @property
    def python(self):
        return venv.python(self.venv)

    def odoo(self, *arguments):
        """The command line of an Odoo command."""
        return [str(part) for part in (self.python, "-m", "odoo", *arguments)]

    def become(self, command):
        """Replace this process by `command`."""
        sys.stdout.flush()
        os.chdir(core.STATE)
        os.execve(command[0], command, core.clean_env())

    # -- databases ---------------------------------------------------------------

    def install(self, database, modules, what, languages=LANGUAGES):
        """Install modules into a database, which is made if it does not exist."""
        with core.step(what) as step:
            options = ["-c", self.config, "-d", database, "-i", ",".join(modules)]
            options += ["--stop-after-init", "--no-http", "--max-cron-threads=0"]
            log = core.run(
                self.odoo(*options, *([f"--load-language={languages}"] if languages else [])),
                log=f"install-{database}",
                what=f"{what} failed",
                step=step,
                hint=core.odoo_hint,
            )
        self._check_states(database, modules, log)
        return log

    def update(self, database, modules, what, *more):
        with core.step(what) as step:
            options = ["-c", self.config, "-d", database, "-u", ",".join(modules), *more]
            log = core.run(
                self.odoo(*options, "--stop-after-init", "--no-http", "--max-cron-threads=0"),
                log=f"update-{database}",
                what=f"{what} failed",
                step=step,
                hint=core.odoo_hint,
            )
        self._check_states(database, modules, log)
        return log

    def _check_states(self, database, modules, log):
        """Odoo leaves out a module it cannot install and ends as if all were well."""
        names = ", ".join(f"'{module}'" for module in modules)
        rows = self.cluster.sql(
            f"SELECT name FROM ir_module_module WHERE state = 'installed' AND name IN ({names})", database
        )
        missing = sorted(set(modules) - {row[0] for row in rows})
        if missing:
            raise core.Failure(
                f"not installed in `{database}`: {', '.join(missing)}. The end of {log}:\n{core.tail(log)}",
                "Mend what the log says, then run again.",
            )

    def shell(self, database, script, what, log):
        """Run a script in Odoo's shell; it commits what it wants to keep."""
        with core.step(what) as step:
            return core.run(
                self.odoo("shell", "-c", self.config, "-d", database, "--no-http"),
                log=log,
                what=f"{what} failed",
                stdin=script,
                step=step,
            )

    def filestore(self, database):
        return self.data / "filestore" / database

    def drop(self, database):
        self.cluster.drop(database)
        core.remove(self.filestore(database))

    def copy(self, template, database):
        """A copy of a database; attachments are shared, as Odoo never changes a stored file."""
        self.drop(database)
        with self.in_use(template):
            self.cluster.copy(template, database)
        self.copy_files(self.filestore(template), database)

    @contextlib.contextmanager
    def in_use(self, *names):
        """Keep other commands from copying these databases, which takes everybody out of them."""
        with contextlib.ExitStack() as stack:
            for name in sorted(names):
                stack.enter_context(core.Lock(f"use-{name}").take(f"the database {name} is in use"))
            yield

    def copy_files(self, filestore, database):
        """Share the attachments in a folder with a database."""
        if filestore.is_dir():
            shutil.copytree(filestore, self.filestore(database), copy_function=os.link)

    def rename(self, old, new):
        """Give a complete database its name; what had that name is dropped."""
        self.drop(new)
        if self.filestore(old).is_dir():
            os.rename(self.filestore(old), self.filestore(new))
        self.cluster.rename(old, new)  # last: a database of the final name is complete


def check_log(log, but=None):
    """An addon that installs with an error or a warning is not done; ``but``: what is no fault, as a pattern."""
    text = Path(log).read_text(errors="replace")
    bad = [
        line
        for line in text.splitlines()
        if re.match(r"\S+ \S+ \d+ (ERROR|CRITICAL|WARNING) ", line) and not (but and re.search(but, line))
    ]
    if bad:
        raise core.Failure(
            f"the addon installs with complaints (whole log: {log}):\n"
            + "\n".join("    | " + line for line in bad[:20]),
            "Mend what they say, then run again.",
        )


def manifest():
    return literal_eval((core.ROOT / "__manifest__.py").read_text())


def modules():
    """The core modules of a database to work or test with."""
    return sorted({*manifest()["depends"], *COMPANY_MODULES})


def fingerprint(identity):
    """Changes when a database with the addon has to be made again or updated."""
    digest = hashlib.sha256(identity.encode())
    for folder, names, files in os.walk(core.ROOT):
        inside = Path(folder).relative_to(core.ROOT)
        names[:] = sorted(
            name
            for name in names
            if not name.startswith(".")
            and name != "__pycache__"
            and (inside / name).as_posix() not in NOT_IN_FINGERPRINT
        )
        for name in sorted(files):
            if re.search(r"^\.|~$|\.(md|pyc|orig|rej|swp)$", name):
                continue
            digest.update(f"\0{inside / name}\0".encode())
            digest.update((Path(folder) / name).read_bytes())
    return digest.hexdigest()
