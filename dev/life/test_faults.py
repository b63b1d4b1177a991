"""Each scheduled job of the addon is killed in the middle, then run by two workers at the same moment.

What it leaves is what one undisturbed run leaves on a copy of the same database: no row is lost, doubled or different.
"""

import os
import re

import fault_digest
import fault_workers
import psycopg2
import pytest

SOUND, FAULTY = os.environ["LIFE_SOUND"], os.environ["LIFE_FAULTY"]
# How many records a batch has, where three are too few for the days of the demo company.
BATCHES = {"ir_cron_contact_history": 250, "ir_cron_owner_history": 40}


@pytest.fixture(scope="module", autouse=True)
def loaded():
    fault_workers.load(SOUND, FAULTY)


def ask(database, query):
    connection = psycopg2.connect(os.environ["LIFE_SERVER"] + f" dbname={database}")
    try:
        cursor = connection.cursor()
        cursor.execute(query)
        return cursor.fetchall()
    finally:
        connection.close()


EVERY = [
    name
    for (name,) in ask(
        SOUND,
        "SELECT name FROM ir_model_data WHERE module = 'partner_relations' AND model = 'ir.cron' ORDER BY res_id",
    )
]
NAMES = [name for name in os.environ["LIFE_CRONS"].split(",") if name] or EVERY


def test_all_jobs_are_killed():
    assert len(EVERY) > 15
    assert set(NAMES) <= set(EVERY)
    before = fault_digest.take(SOUND)
    assert before == fault_digest.take(FAULTY)


@pytest.mark.parametrize("name", NAMES)
def test_killed_and_doubled(name, capsys):
    batch = BATCHES.get(name, 3)
    before, began = fault_digest.take(SOUND), fault_digest.take(FAULTY)
    status, output = fault_workers.run(SOUND, fault_workers.run_job, name, batch)
    assert (status, "Traceback" in output) == (0, False), f"an undisturbed run fails: {output[-3000:]}"
    commits = int(re.search(r"COMMITS (\d+)", output)[1])
    sound = fault_digest.take(SOUND)
    killed = []
    # with the first work in its hands, then in the middle of it; after a third time Odoo would count it as failed
    for dies_at in (2, max(3, commits // 2)):
        status, output = fault_workers.run(FAULTY, fault_workers.run_job, name, batch, dies_at, fault_workers.die)
        assert status in (0, -9), output[-3000:]
        killed.append((status == -9, fault_digest.take(FAULTY)))
    workers = [
        fault_workers.Worker(FAULTY, fault_workers.run_job, name, batch) for _number in range(2)
    ]
    for worker in workers:
        status, output = worker.end()
        # Odoo turns the second one away where both begin in the same moment
        if "already executing" not in output:
            assert (status, "Traceback" in output) == (0, False), f"two workers: {output[-3000:]}"
    work = fault_digest.changed(before, sound)
    middle = [died and digest not in (began, sound) for died, digest in killed]
    with capsys.disabled():
        print(f"\n    {name}: {commits} commits, killed {[died for died, _digest in killed]}, in the middle {middle}, {work}")
    differ = fault_digest.differ(SOUND, FAULTY, [(before, sound), (began, fault_digest.take(FAULTY))])
    assert not differ, differ
    assert work, "it had nothing to do"
    assert killed[0][0], "nothing was killed"
    assert any(middle), "nothing was half done when it was killed"
