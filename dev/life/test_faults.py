"""Each scheduled job of the addon is killed in the middle, then run by two workers at the same moment.

What it leaves is what one undisturbed run leaves on a copy of the same database: no row is lost or doubled.
"""

import json
import os
import subprocess
import sys

import psycopg2
import pytest

# Runs a job; dies just before the commit of that number, counted from its start (0: never).
RUN = """
import os, signal
from odoo.sql_db import Cursor
cron = env.ref("partner_relations.{cron}")
commit, calls = Cursor.commit, []
def dying(cursor):
    calls.append(cursor)
    if len(calls) == {dies_at}:
        os.kill(os.getpid(), signal.SIGKILL)
    return commit(cursor)
Cursor.commit = dying
env["ir.cron"].flush_model()
commit(env.cr)
cron.method_direct_trigger()
"""
CRONS = """
import json
known = env["ir.model.data"].search([("module", "=", "partner_relations"), ("model", "=", "ir.cron")], order="id")
print("CRONS", json.dumps(known.mapped("name")))
"""
# What counts: how many rows there are, by what users see of them.
DIGEST = """
    SELECT table_name FROM information_schema.tables
     WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
       AND (table_name ~ '^(partner|supplier|manager)_' OR table_name IN (
            'mail_activity', 'mail_message', 'mail_mail', 'crm_lead', 'purchase_promise_change'))
     ORDER BY 1
"""
# Who is told, and what shows the time of the run.
TECHNICAL = {"partner_contact_history"}


def shell(database, script):
    return subprocess.Popen(
        [sys.executable, "-m", "odoo", "shell", "-c", os.environ["LIFE_CONFIG"], "-d", database, "--no-http"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ), script


def finish(started):
    process, script = started
    try:
        output, _none = process.communicate(script, timeout=300)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    return process.returncode, output


def counts(database):
    connection = psycopg2.connect(os.environ["LIFE_SERVER"] + f" dbname={database}")
    try:
        cursor = connection.cursor()
        cursor.execute(DIGEST)
        found = {}
        for (table,) in cursor.fetchall():
            if table not in TECHNICAL:
                cursor.execute(f'SELECT count(*) FROM "{table}"')
                found[table] = cursor.fetchone()[0]
        return found
    finally:
        connection.close()


def crons():
    _status, output = finish(shell(os.environ["LIFE_FAULTY"], CRONS))
    [line] = [line for line in output.splitlines() if "CRONS [" in line]
    return json.loads(line.partition("CRONS ")[2])


def test_killed_and_doubled():
    before = counts(os.environ["LIFE_FAULTY"])
    assert before == counts(os.environ["LIFE_SOUND"])
    every = crons()
    assert len(every) > 15
    names = [name for name in os.environ["LIFE_CRONS"].split(",") if name] or every
    assert set(names) <= set(every)
    wrong, killed = [], 0
    for name in names:
        status, output = finish(shell(os.environ["LIFE_SOUND"], RUN.format(cron=name, dies_at=0)))
        if status or "Traceback" in output:
            wrong.append(f"{name}: an undisturbed run fails: {output[-1500:]}")
        for dies_at in (2, 4):
            status, output = finish(shell(os.environ["LIFE_FAULTY"], RUN.format(cron=name, dies_at=dies_at)))
            killed += status == -9
            if status not in (0, -9):
                wrong.append(f"{name}: killed at commit {dies_at}: {status} {output[-1500:]}")
        workers = [shell(os.environ["LIFE_FAULTY"], "") for _number in range(2)]
        workers = [(process, RUN.format(cron=name, dies_at=0)) for process, _none in workers]
        for process, script in workers:
            process.stdin.write(script)
            process.stdin.close()
        for process, _script in workers:
            output = process.stdout.read()
            status = process.wait(timeout=300)
            # Odoo turns the second one away where both begin in the same moment
            if (status or "Traceback" in output) and "already executing" not in output:
                wrong.append(f"{name}: two workers: {output[-1500:]}")
        sound, faulty = counts(os.environ["LIFE_SOUND"]), counts(os.environ["LIFE_FAULTY"])
        differ = {table: (sound[table], faulty[table]) for table in sound if sound[table] != faulty[table]}
        if differ:
            wrong.append(f"{name}: rows (sound, killed): {differ}")
            pytest.fail("\n".join(wrong))
    assert killed >= len(names) / 2
    assert not wrong, "\n".join(wrong)
