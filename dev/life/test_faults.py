"""Each scheduled job is killed, loses its database, has a full disk, and is run twice at once.

They are those of the addon, and that of Odoo by which mailings to its segments go.

What it leaves is what one undisturbed run leaves on a copy of the same database: no row is lost, doubled or different.
"""

import contextlib
import multiprocessing
import os
import re
import subprocess
import time
from pathlib import Path

import fault_digest
import fault_workers
import psycopg2
import pytest

SOUND, FAULTY, STRUCK = os.environ["LIFE_SOUND"], os.environ["LIFE_FAULTY"], os.environ["LIFE_STRUCK"]
# How many records a batch has, where three are too few for the days of the demo company.
BATCHES = {"ir_cron_contact_history": 250, "ir_cron_owner_history": 40}
# Jobs of Odoo that do the addon's work.
CORE = ["mass_mailing.ir_cron_mass_mailing_queue"]
# What there is on the small disk beside the database.
ROOM = 40 * 2**20
# Seconds in which a job is broken, or all run once more, also on a slow machine.
LONGEST = 240
# Seconds until the next day begins for the scheduler, somebody or a company.
MIDNIGHT = """
    SELECT min(extract(epoch FROM date_trunc('day', here) + interval '1 day' - here))::float8
      FROM (SELECT now() AT TIME ZONE 'UTC' + utc_offset AS here
              FROM pg_timezone_names
             WHERE name = 'UTC'
                OR name IN (SELECT tz FROM res_partner)
                OR name IN (SELECT tz FROM resource_calendar)) AS clock
"""
# How PostgreSQL says so, to who connects just then, too.
FULL = "No space left on device|could not write init file"
# Jobs that may not meet the full disk, and why each needs no page that its tables do not have: see packed. On some days
# they do, as on the first of a month.
FITS = {
    "ir_cron_score_managers": "cards of the running month and their lines come last in their tables: see packed",
    "ir_cron_owner_history": "it counts in one row how far it is: a page has room for the next version of that",
}
# The import of contacts once more, taken back: another work of the same job.
UNDO = "ir_cron_contact_import:undo"
PREPARE = {UNDO: "UPDATE partner_contact_import SET state = 'undoing' WHERE filename = 'killed.csv'"}


def ask(database, query):
    connection = psycopg2.connect(os.environ["LIFE_SERVER"] + f" dbname={database}")
    connection.autocommit = True
    try:
        cursor = connection.cursor()
        cursor.execute(query)
        return cursor.fetchall() if cursor.description else cursor.rowcount
    finally:
        connection.close()


EVERY = [
    name
    for (name,) in ask(
        SOUND,
        "SELECT name FROM ir_model_data WHERE module = 'partner_relations' AND model = 'ir.cron' ORDER BY res_id",
    )
]
NAMES = [name for name in os.environ["LIFE_CRONS"].split(",") if name] or [*EVERY, *CORE]
WORKS = [
    work for name in NAMES for work in (name, *(each for each in PREPARE if each.startswith(f"{name}:")))
]


def pass_midnight():
    """Wait for the new day where it begins soon: a job has other work on it than on the day before."""
    [(left,)] = ask(SOUND, MIDNIGHT)
    if left < LONGEST:
        time.sleep(left + 1)


def as_root(*command):
    subprocess.run([*(["sudo", "-n"] if os.geteuid() else []), *map(str, command)], check=True)


@pytest.fixture(scope="module", autouse=True)
def disk():
    """A small disk for the files of the struck database; and Odoo is loaded.

    The database goes with the disk: PostgreSQL is left without it.
    """
    [(oid, size)] = ask(
        STRUCK, "SELECT oid, pg_database_size(oid) FROM pg_database WHERE datname = current_database()"
    )
    files = Path(os.environ["LIFE_PG_DATA"], "base", str(oid))
    place = Path(os.environ["LIFE_PG_DATA"], "small_disk")
    fault_workers.control("-m", "fast", "stop")
    # of a run that was killed
    for link in files.parent.iterdir():
        if link.is_symlink():
            as_root("rm", link)
    if os.path.ismount(place):
        as_root("umount", "-l", place)
    as_root("mkdir", "-p", place)
    try:
        as_root("mount", "-t", "tmpfs", "-o", f"size={size + ROOM},mode=0777", "tmpfs", place)
    except (OSError, subprocess.CalledProcessError) as error:
        fault_workers.control("start")
        raise AssertionError("No small disk can be mounted here: this needs root, or sudo.") from error
    try:
        as_root("cp", "-a", files, place / "files")
        as_root("rm", "-r", files)
        as_root("ln", "-s", place / "files", files)
        fault_workers.control("start")
        # what a user was told is kept is kept: elsewhere tests give that up for speed
        ask(STRUCK, f'ALTER DATABASE "{STRUCK}" SET synchronous_commit = on')
        fault_workers.load(SOUND, FAULTY, STRUCK)
        yield place
    finally:
        # not by FORCE, which fails while PostgreSQL vacuums it
        ask(
            "postgres",
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            f"WHERE datname = '{STRUCK}' AND backend_type = 'client backend'",
        )
        ask("postgres", f'DROP DATABASE IF EXISTS "{STRUCK}"')
        as_root("umount", "-l", place)
        as_root("rm", "-rf", files)


@contextlib.contextmanager
def packed(tables):
    """Leave no room in the pages of the struck database's tables: a row that is new or grows needs a further page.

    All pages are full but the last of each table, whose room is for the rows that it has.
    """
    for table in tables:
        ask(STRUCK, f'VACUUM (FULL) "{table}"')
        ask(STRUCK, f'ALTER TABLE "{table}" SET (fillfactor = 10)')
    try:
        yield
    finally:
        for table in tables:
            ask(STRUCK, f'ALTER TABLE "{table}" RESET (fillfactor)')


def run(database, work, *arguments):
    name, _colon, _kind = work.partition(":")
    return fault_workers.run(database, fault_workers.run_job, name, BATCHES.get(name, 3), *arguments)


def take_told():
    """Take out of the administrators' channel what the struck job told there; an undisturbed one tells nothing."""
    texts = ask(
        STRUCK,
        "DELETE FROM mail_message WHERE model = 'discuss.channel' AND body LIKE '%Scheduled action%' RETURNING body",
    )
    return [text for (text,) in texts]


def kill(name, working):
    """Kill it in the middle, and again with the next work in its hands; a third time Odoo would count as a failure.

    ``working``: how many commits have work in an undisturbed run; what was killed comes last in the next one
    """
    for at in (working // 2 + 1, 1):
        status, output = run(FAULTY, name, at, fault_workers.die)
        assert status in (0, -9), output[-3000:]
        yield status == -9


def run_twice_at_once(name):
    """Once as the scheduler does, which turns a second one away, and twice past it."""
    # not the moment, but the other: loading takes longer on a slow machine
    meeting = multiprocessing.get_context("fork").Barrier(2)
    workers = [
        fault_workers.Worker(
            FAULTY, fault_workers.run_methods, name.partition(":")[0], BATCHES.get(name, 3), meeting
        )
        for _number in range(2)
    ]
    for status, output in [worker.end() for worker in workers]:
        assert (status, "RAN" in output) == (0, True), output[-3000:]
    # the first ends the round that was killed; a month that the two left to each other is of the next one
    for _round in range(2):
        status, output = run(FAULTY, name)
        assert (status, "Traceback" in output) == (0, False), output[-3000:]


def test_all_jobs_are_broken():
    assert len(EVERY) > 15
    assert set(NAMES) <= {*EVERY, *CORE}
    assert {*EVERY, *CORE} >= {name.partition(":")[0] for name in (*BATCHES, *FITS, *PREPARE)}
    before = fault_digest.take(SOUND)
    assert before == fault_digest.take(FAULTY)
    assert before == fault_digest.take(STRUCK)


def test_an_activity_of_another_contact_is_seen():
    [(activity, partner)] = ask(
        FAULTY, "SELECT id, res_id FROM mail_activity WHERE res_model = 'res.partner' ORDER BY id LIMIT 1"
    )
    # contacts are compared by their names
    [(other,)] = ask(
        FAULTY,
        "SELECT other.id FROM res_partner AS other JOIN res_partner AS its ON its.name <> other.name "
        f"WHERE its.id = {partner} AND other.is_company ORDER BY other.id LIMIT 1",
    )
    before = fault_digest.take(FAULTY)
    for target, table in ((other, {"mail_activity": (before["mail_activity"][0],) * 2}), (partner, {})):
        ask(FAULTY, f"UPDATE mail_activity SET res_id = {target} WHERE id = {activity}")
        assert fault_digest.changed(before, fault_digest.take(FAULTY)) == table


@pytest.mark.parametrize("name", WORKS)
def test_broken(name, disk, capsys):
    pass_midnight()
    for database in (SOUND, FAULTY, STRUCK) if name in PREPARE else ():
        assert ask(database, PREPARE[name]), "there is nothing to prepare"
    began = {database: fault_digest.take(database) for database in (SOUND, FAULTY, STRUCK)}
    status, output = run(SOUND, name)
    assert (status, "Traceback" in output) == (0, False), f"an undisturbed run fails: {output[-3000:]}"
    commits, working = map(int, re.search(r"COMMITS (\d+) WITH WORK (\d+)", output).groups())
    assert working, "it had nothing to do"
    sound = fault_digest.take(SOUND)

    killed, half = [], []
    for died in kill(name, working):
        found = fault_digest.take(FAULTY)
        killed.append(died)
        half.append(died and found not in (began[FAULTY], sound))
    run_twice_at_once(name)

    status, output = run(STRUCK, name, working // 3 + 1, fault_workers.restart_postgres)
    assert status, "the job lost its database and did not notice"
    half.append(fault_digest.take(STRUCK) not in (began[STRUCK], sound))
    work = fault_digest.changed(began[SOUND], sound)
    with packed(work):
        status, output = run(STRUCK, name, -1, fault_workers.keep_full, disk)
        (disk / "filler").unlink(missing_ok=True)
    full = bool(re.search(FULL, output))
    # a part of the job that the full disk broke off twice is left to the next run, and the others had their turn
    left = "left to the next round" in output
    assert full or not status, output[-3000:]
    assert status or left or not full, output[-3000:]
    # the full disk may have kept it from telling, too
    is_untold = status or "Telling that" in output
    half.append(full and fault_digest.take(STRUCK) not in (began[STRUCK], sound))
    # the first ends the round that the full disk broke off; what was left in it, or waits for that, is of the next one
    for _round in range(2):
        status, output = run(STRUCK, name)
        assert status == 0, f"does not go on when PostgreSQL is back and the disk has room: {output[-3000:]}"
    told = take_told()
    assert all(re.search(FULL, text) for text in told), told
    assert bool(told) == left or is_untold, (told, output[-3000:])

    with capsys.disabled():
        print(
            f"\n    {name}: {commits} commits, {working} with work, killed {killed}, disk full {full},",
            end=" ",
        )
        print(f"half done {half}: {work}")
    for database in (FAULTY, STRUCK):
        changes = [(began[SOUND], sound), (began[database], fault_digest.take(database))]
        differ = fault_digest.differ(SOUND, database, changes)
        assert not differ, differ
    assert work, "it had nothing to do"
    assert killed[0], "nothing was killed"
    assert any(half[:2]), "nothing was half done when it was killed"
    assert full or name in FITS, "the full disk did not disturb it"
