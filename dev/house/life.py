"""The life of a database: before the addon, with its first landed version, upgraded, upgraded again, and without it.

All of it is one database after the other, each a copy of the one before; what was is kept in schemas of its own beside
`public`, where the checks find it.
"""

import copy
import io
import itertools
import os
import re
import shlex
import tarfile

from . import cluster, core, database

FOLDER = core.ROOT / "dev" / "life"
# The first version that landed, without what only developers and browsers need. To take another:
# git archive --prefix=partner_relations/ COMMIT models tools ... | xz
FIRST = FOLDER / "partner_relations-19.0.1.1.0.tar.xz"
# Business without the addon, then years with its first version: does not depend on the addon as it is now.
OLD = "template_first_version"
UPGRADED = "test_upgrade"
UNINSTALLED = "test_uninstalled"
BUSY = "test_busy"
FAULTS = [
    f"test_{name}.py" for name in ("faults", "fault_filestore", "fault_imap", "fault_mail", "fault_users")
]
# Upgraded through each version that landed, in turn.
STEPWISE = "test_stepwise"
# The demo company without the addon.
DEMO_UNINSTALLED = "test_demo_uninstalled"
# Installed after installations that were killed at these commits: table by table, and in the work that follows.
KILLED = "test_killed"
DIES_AT = (10, 100, "work")
# schemas that keep what was
BEFORE, FIRST_VERSION, UPDATED, WITH_ADDON = "before_addon", "first_version", "upgraded", "with_addon"
# tables as they are, and what PostgreSQL knows of them
KEEP = """
CREATE SCHEMA {schema};
DO $$
DECLARE name text;
BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public'
    LOOP
        EXECUTE format('CREATE TABLE {schema}.%I AS TABLE public.%I', name, name);
    END LOOP;
END $$;
CREATE TABLE {schema}._columns AS
    SELECT table_name::text, column_name::text, data_type::text, is_nullable::text, column_default::text
      FROM information_schema.columns
     WHERE table_schema = 'public';
CREATE TABLE {schema}._constraints AS
    SELECT conrelid::regclass::text AS table_name, conname::text, pg_get_constraintdef(oid) AS definition
      FROM pg_constraint
     WHERE connamespace = 'public'::regnamespace AND conrelid <> 0 AND contype <> 'n';
CREATE TABLE {schema}._indexes AS
    SELECT tablename::text AS table_name, indexname::text, indexdef::text AS definition
      FROM pg_indexes
     WHERE schemaname = 'public';
CREATE TABLE {schema}._others AS
    SELECT relkind::text, relname::text
      FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm', 'S')
    UNION ALL
    SELECT 'function', proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL
    SELECT 'trigger', tgname FROM pg_trigger WHERE NOT tgisinternal;
"""
UNINSTALL = """
env["ir.module.module"].search([("name", "=", "partner_relations")]).button_immediate_uninstall()
"""
# Odoo's own command line, which dies in the hand of the addon's installation.
DYING = """
import os, signal, sys
from odoo.sql_db import Cursor
dies_at, sys.argv[1:] = sys.argv[1], sys.argv[2:]
commit, commits, execute = Cursor.commit, [], Cursor.execute
def dying(cursor):
    commits.append(cursor)
    if str(len(commits)) == dies_at:
        os.kill(os.getpid(), signal.SIGKILL)
    return commit(cursor)
def working(cursor, query, *args, **kwargs):
    # the first of what the installation does when all records are there
    text = str(getattr(query, "code", query)).replace('"', "")
    if dies_at == "work" and "INSERT INTO partner_contact_history" in text:
        os.kill(os.getpid(), signal.SIGKILL)
    return execute(cursor, query, *args, **kwargs)
Cursor.commit, Cursor.execute = dying, working
import odoo.cli
odoo.cli.main()
"""
# What users do meanwhile with an Odoo that does not have the addon.
WITHOUT = """
partner = env["res.partner"].create({"name": "Customer of a day without the addon"})
product = env["product.product"].create({"name": "Chair", "type": "consu"})
order = env["sale.order"].create({"partner_id": partner.id, "order_line": [(0, 0, {"product_id": product.id})]})
order.action_confirm()
lead = env["crm.lead"].create({"name": "Chairs", "partner_id": partner.id})
lead.activity_schedule("mail.mail_activity_data_call")
user = env["res.users"].create({"name": "New Colleague", "login": "new_colleague"})
env["purchase.order"].create({"partner_id": partner.id, "order_line": [(0, 0, {"product_id": product.id})]})
partner.message_post(body="Called")
env["calendar.event"].create({"name": "Visit", "start": "2026-01-01 08:00:00", "stop": "2026-01-01 09:00:00"})
env.flush_all()
env.cr.rollback()
# these stay until the addon is there
env["res.company"].create({"name": f"Company {env['res.company'].search_count([])}"})
env["mailing.mailing"].create({"subject": "News", "mailing_model_id": env["ir.model"]._get_id("res.partner")})
env.cr.commit()
print("WORKS")
"""


def with_addons(house, name, addons):
    """The same house with other addons, in a configuration of its own."""
    other = copy.copy(house)
    other.config = core.STATE / "etc" / f"{name}.conf"
    other.configure(addons)
    return other


def ensure(house, template, fingerprint):
    """The databases with the addon upgraded, and with it uninstalled; made when they are not there."""
    wanted = {"addon": fingerprint, "old": _old_key(template)}
    if all((house.cluster.note(name) or {}) == wanted for name in (UPGRADED, UNINSTALLED)):
        return
    _ensure_old(house, template)
    half = f"{UPGRADED}__half_made"
    with core.step("Copying the database with the first version"):
        house.copy(OLD, half)
    complaints(house.update(half, [core.ADDON], "Upgrading the addon from its first version"))
    keep(house, half, UPDATED)
    complaints(house.update(half, [core.ADDON], "Updating the addon again"))
    gone = f"{UNINSTALLED}__half_made"
    house.copy(half, gone)
    complaints(house.shell(gone, UNINSTALL, "Uninstalling the addon", log=f"uninstall-{gone}"))
    for name, final in ((half, UPGRADED), (gone, UNINSTALLED)):
        house.cluster.set_note(name, wanted)
        house.rename(name, final)


def test_steps(house, template, fresh):
    """Upgrade the database with the first version to each version that landed, in turn, and compare the last one."""
    versions = _landed_versions()
    _ensure_old(house, template)
    half = f"{STEPWISE}__half_made"
    with core.step("Copying the database with the first version"):
        house.copy(OLD, half)
    for number, (version, commit) in enumerate(versions):
        step = with_addons(house, f"version-{number}", [*house.tree.addons, _version(commit)])
        # what a later version mended may be told in its log: what counts is the database at the end
        step.update(half, [core.ADDON], f"Upgrading to {version}")
    complaints(house.update(half, [core.ADDON], "Upgrading to the version of this checkout"))
    house.rename(half, STEPWISE)
    core.say(
        f"Comparing with what was, after upgrades to {', '.join(version for version, _commit in versions)}"
    )
    addresses = {
        f"LIFE_{key}": f"{_server(house)} dbname={name}"
        for key, name in (("FRESH", fresh), ("UPGRADED", STEPWISE))
    }
    # of the step before the last nothing was kept
    left_out = "--deselect=test_upgrade.py::test_a_second_update_changes_nothing"
    with house.in_use(fresh):
        return _plain_pytest(house, ["test_upgrade.py"], left_out, **addresses)


def _landed_versions():
    """Each version after the first that landed, with the last commit it had; not that of this checkout."""
    history = _git("log", "--first-parent", "--reverse", "--format=%H", "--", "__manifest__.py", check=False)
    commits = history.decode().split()
    found = {}
    for commit in commits:
        text = _git("show", f"{commit}:__manifest__.py").decode()
        version = re.search(r'"version": "([\d.]+)"', text)[1]
        found.setdefault(version, commit)
    versions = [version for version in found if version > "19.0.1.1.0"]
    if "19.0.1.1.0" not in found or not versions:
        raise core.Failure(
            "the versions between the first and this one are not tested: they are read from git's history, which this "
            "checkout does not have",
            "Run it in a complete clone: git fetch --unshallow",
        )
    # the last commit of a version is the one before the next version's first
    last = {version: f"{found[following]}^1" for version, following in itertools.pairwise([*found])}
    if versions[-1] != database.manifest()["version"]:
        last[versions[-1]] = "HEAD"
    return [(version, commit) for version, commit in last.items() if version in versions]


def _git(*arguments, check=True):
    command = ["git", "-C", core.ROOT, *arguments]
    return core.subprocess.run(command, capture_output=True, check=check).stdout


def _version(commit):
    """Folder with the addon as it was at a commit."""
    commit = _git("rev-parse", commit).decode().strip()
    folder = core.STATE / "versions" / commit[:12]
    if not folder.is_dir():
        temporary = folder.with_name(f"{folder.name}.new")
        core.remove(temporary)
        with tarfile.open(fileobj=io.BytesIO(_git("archive", f"--prefix={core.ADDON}/", commit))) as archive:
            archive.extractall(temporary, filter="data")
        os.rename(temporary, folder)
    return folder


def test_demo_uninstalled(house, demo, core_only):
    """Uninstall the addon from a copy of the demo company, and compare with what was and with Odoo without it."""
    half = f"{DEMO_UNINSTALLED}__half_made"
    try:
        with core.step("Copying the demo company"):
            house.copy(demo, half)
        keep(house, half, WITH_ADDON)
        complaints(house.shell(half, UNINSTALL, "Uninstalling the addon", log=f"uninstall-{half}"))
        addresses = {
            f"LIFE_{key}": f"{_server(house)} dbname={name}"
            for key, name in (("CORE", core_only), ("UNINSTALLED", half))
        }
        with house.in_use(core_only):
            return _plain_pytest(house, ["test_uninstall_demo.py"], **addresses)
    finally:
        house.drop(half)


def _old_key(template):
    texts = [path.read_text() for path in sorted(FOLDER.glob("*.py")) if not path.name.startswith("test_")]
    return core.short_hash(template, core.sha256(FIRST), KEEP, *texts)


def _ensure_old(house, template):
    key = _old_key(template)
    if house.cluster.note(OLD) == {"key": key}:
        return
    half = f"{OLD}__half_made"
    with core.step("Copying the template database"):
        house.copy("template_core", half)
    business = (FOLDER / "business.py").read_text()
    house.shell(half, business, "Filling it with business", log="life-business")
    keep(house, half, BEFORE)
    first = with_addons(house, "first-version", [*house.tree.addons, _first_version()])
    complaints(first.install(half, [core.ADDON], "Installing the first version of the addon", languages=None))
    script = (FOLDER / "first_version.py").read_text()
    first.shell(half, script, "Working with the first version", log="life-first-version")
    keep(house, half, FIRST_VERSION)
    house.cluster.set_note(half, {"key": key})
    house.rename(half, OLD)


def _first_version():
    """Folder with the addon as it first landed."""
    folder = core.STATE / f"first-version-{core.sha256(FIRST)[:12]}"
    if not folder.is_dir():
        temporary = folder.with_name(f"{folder.name}.new")
        core.remove(temporary)
        with tarfile.open(FIRST) as archive:
            archive.extractall(temporary, filter="data")
        os.rename(temporary, folder)
    return folder


def keep(house, name, schema):
    """Keep all tables of a database as they are now, in a schema of their own."""
    house.cluster.sql(KEEP.format(schema=schema), name)


def complaints(log):
    database.check_log(log)


def check_killed(house, template, fresh):
    """Install the addon after installations that were killed: Odoo works meanwhile, and the addon is complete then."""
    half = f"{KILLED}__half_made"
    plain = with_addons(house, "without-addon", house.tree.addons)
    try:
        with core.step("Copying the template database"):
            house.copy(template, half)
        for dies_at in DIES_AT:
            with core.step(f"Killing an installation at {dies_at}"):
                options = ["-c", house.config, "-d", half, "-i", core.ADDON, "--stop-after-init", "--no-http"]
                command = [house.python, "-c", DYING, dies_at, *options, "--max-cron-threads=0"]
                done = core.subprocess.run(
                    list(map(str, command)),
                    env=core.clean_env(),
                    cwd=core.STATE,
                    capture_output=True,
                    check=False,
                )
            if done.returncode != -9:
                raise core.Failure(
                    f"the installation was not killed at {dies_at}: {done.returncode} "
                    + done.stderr.decode(errors="replace")[-1500:],
                    "See DYING in dev/house/life.py: it may do less, or other work, than when that was written.",
                )
            log = plain.shell(half, WITHOUT, "Working without the addon", log="life-without")
            if "WORKS" not in log.read_text():
                raise core.Failure(
                    f"Odoo does not work after a killed installation (whole log: {log})", core.tail(log)
                )
        complaints(house.install(half, [core.ADDON], "Installing the addon after all", languages=None))
        addresses = {
            f"LIFE_{key}": f"{_server(house)} dbname={name}"
            for key, name in (("FRESH", fresh), ("UPGRADED", half))
        }
        with house.in_use(fresh):
            return _plain_pytest(house, ["test_upgrade.py"], "-k", "new_installation", **addresses)
    finally:
        house.drop(half)


def check(house, fresh):
    """Compare the databases with what was, and with a new installation; plain SQL, as the addon is gone from one."""
    databases = (("FRESH", fresh), ("UPGRADED", UPGRADED), ("UNINSTALLED", UNINSTALLED))
    addresses = {f"LIFE_{key}": f"{_server(house)} dbname={name}" for key, name in databases}
    with house.in_use(fresh):
        return _plain_pytest(house, ["test_upgrade.py", "test_uninstall.py"], **addresses)


def test_faults(house, demo, crons):
    """Break what scheduled jobs and users need, in a cluster of its own, with copies of the demo company.

    ``crons``: names of the jobs that are killed; without, all of the addon
    """
    own = copy.copy(house)
    own.cluster, own.name, own.data = cluster.Cluster("faults"), "faults", core.STATE / "data" / "faults"
    own.cluster.stop("immediate")  # of a run that was killed, perhaps with a full disk
    own.cluster.ensure()
    own.config = core.STATE / "etc" / "faults.conf"
    own.configure([*house.tree.addons, core.LINK.parent])
    kinds = ("sound", "faulty", "struck", "users")
    copies = {f"LIFE_{kind.upper()}": f"test_{kind}" for kind in kinds}
    try:
        _ensure_business(house, own, demo)
        with core.step("Copying the demo company"):
            for name in copies.values():
                own.copy(BUSY, name)
        return _plain_pytest(
            own,
            FAULTS[:1] if crons else FAULTS,
            LIFE_SERVER=_server(own),
            LIFE_CONFIG=str(own.config),
            LIFE_PG_DATA=str(own.cluster.data),
            LIFE_PG_CTL=shlex.join(map(str, own.cluster.control())),
            LIFE_CRONS=",".join(crons),
            LIFE_HTTP_PORT=str(cluster.free_port("faults-http")),
            **copies,
        )
    finally:
        own.cluster.stop("immediate")


def _ensure_business(house, own, demo):
    """The demo company in a cluster of its own, with work for each scheduled job."""
    script = (FOLDER / "fault_business.py").read_text()
    wanted = {**house.cluster.note(demo), "business": core.short_hash(script)}
    if own.cluster.exists(BUSY) and own.cluster.note(BUSY) == wanted:
        return
    half = f"{BUSY}__half_made"
    own.drop(half)
    with core.step("Copying the demo company into a cluster of its own"):
        house.cluster.send(demo, own.cluster, half)
        own.copy_files(house.filestore(demo), half)
    own.shell(half, script, "Giving the scheduled jobs work", log="fault-business")
    own.cluster.set_note(half, wanted)
    own.rename(half, BUSY)


def _server(house):
    return f"host=127.0.0.1 port={house.cluster.port} user={cluster.ROLE} password={house.cluster.settings['password']}"


def _plain_pytest(house, names, *options, **environment):
    """pytest without Odoo and without the addon, whose folder is around these tests."""
    command = [house.python, "-m", "pytest", "-q", "-p", "no:odoo", "-p", "no:cacheprovider"]
    command += [f"--rootdir={FOLDER}", f"--confcutdir={FOLDER}", "--config-file=/dev/null"]
    command += [*options, *(FOLDER / name for name in names)]
    return core.subprocess.call(list(map(str, command)), env=core.clean_env(**environment), cwd=FOLDER)
