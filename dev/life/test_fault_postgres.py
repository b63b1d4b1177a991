"""PostgreSQL dies, and its disk is full, in the middle of each scheduled job; the next run ends what was begun.

What is left then is what one undisturbed run of each job leaves on a copy of the same database.
"""

import os
import shlex
import subprocess
from pathlib import Path

import fault_digest
import fault_workers
import psycopg2
import pytest
from test_faults import BATCHES, NAMES

CALM, STRUCK = os.environ["LIFE_CALM"], os.environ["LIFE_STRUCK"]
# More than any of these jobs writes.
ROOM = 40 * 2**20
# These write much: there is no room for it in what PostgreSQL has of its files already.
HUNGRY = {"ir_cron_classify", "ir_cron_score_suppliers", "ir_cron_contact_history", "ir_cron_contact_import"}


def control(*words):
    subprocess.run(
        [*shlex.split(os.environ["LIFE_PG_CTL"]), *words],
        check=True,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def as_root(*command):
    return subprocess.run([*([] if not os.geteuid() else ["sudo", "-n"]), *map(str, command)], check=True)


@pytest.fixture(scope="module", autouse=True)
def disk(tmp_path_factory):
    """A small disk of its own for the files of the database."""
    connection = psycopg2.connect(os.environ["LIFE_SERVER"] + f" dbname={STRUCK}")
    connection.autocommit = True
    cursor = connection.cursor()
    # what a user was told is kept is kept: elsewhere tests give that up for speed
    cursor.execute(f'ALTER DATABASE "{STRUCK}" SET synchronous_commit = on')
    cursor.execute("SELECT oid, pg_database_size(oid) FROM pg_database WHERE datname = %s", [STRUCK])
    oid, size = cursor.fetchone()
    connection.close()
    files = Path(os.environ["LIFE_PG_DATA"], "base", str(oid))
    place = Path(os.environ["LIFE_PG_DATA"], "small_disk")
    control("-m", "fast", "stop")
    place.mkdir(exist_ok=True)
    try:
        as_root("mount", "-t", "tmpfs", "-o", f"size={size + ROOM},mode=0777", "tmpfs", place)
    except (OSError, subprocess.CalledProcessError) as error:
        control("start")
        raise AssertionError("No small disk can be mounted here: this test needs root, or sudo.") from error
    try:
        as_root("cp", "-a", files, place / "files")
        as_root("rm", "-r", files)
        as_root("ln", "-s", place / "files", files)
        control("start")
        fault_workers.load(CALM, STRUCK)
        yield place
    finally:
        # the database is gone with its disk; it was a copy
        control("-m", "immediate", "stop")
        as_root("umount", place)
        as_root("rm", "-f", files)
        as_root("mkdir", files)
        as_root("chown", f"--reference={place}", files)
        control("start")


@pytest.mark.parametrize("name", NAMES)
def test_struck(name, disk, capsys):
    batch = BATCHES.get(name, 3)
    before, began = fault_digest.take(CALM), fault_digest.take(STRUCK)
    status, output = fault_workers.run(CALM, fault_workers.run_job, name, batch)
    assert status == 0, output[-3000:]
    commits = int(output.rpartition("COMMITS")[2].split()[0])
    sound = fault_digest.take(CALM)
    status, output = fault_workers.run(
        STRUCK, fault_workers.run_job, name, batch, max(3, commits // 3), fault_workers.restart_postgres
    )
    assert status, "the job lost its database and did not notice"
    restarted = fault_digest.take(STRUCK)
    status, output = fault_workers.run(STRUCK, fault_workers.run_job, name, batch, 2, fault_workers.fill, disk)
    (disk / "filler").unlink(missing_ok=True)
    full = "No space left on device" in output
    assert full == bool(status), output[-3000:]
    assert full or name not in HUNGRY, "its disk was not full"
    filled = fault_digest.take(STRUCK)
    status, output = fault_workers.run(STRUCK, fault_workers.run_job, name, batch)
    assert status == 0, output[-3000:]
    with capsys.disabled():
        half = [found not in (before, sound) for found in (restarted, filled)]
        print(f"\n    {name}: {commits} commits, half done after the restart, the full disk: {half}; was full: {full}")
    differ = fault_digest.differ(CALM, STRUCK, [(before, sound), (began, fault_digest.take(STRUCK))])
    assert not differ, differ
