"""Scheduled jobs as the scheduler runs them, for tests of what becomes of them."""

import logging
from contextlib import contextmanager
from unittest.mock import patch

from odoo.exceptions import LockError
from odoo.tools import mute_logger

# Of what fails as a user could be told, and of anything else that fails in a job.
LOGGERS = ("odoo.addons.partner_relations.tools.apart", "odoo.addons.base.models.ir_cron")


@contextmanager
def _logged():
    """Have failures logged, from which Odoo knows of them: pytest-odoo switches off all that is not critical."""
    logger = logging.getLogger(LOGGERS[-1])
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


@contextmanager
def held_elsewhere(records):
    """As if another worker had the rows of these records: who asks for their lock does not get it."""
    model = records.env.registry[records._name]
    lock, try_lock = model.lock_for_update, model.try_lock_for_update

    def refuse(asked, **options):
        if asked & records:
            raise LockError("held elsewhere")
        return lock(asked, **options)

    with (
        patch.object(model, "lock_for_update", refuse),
        patch.object(
            model,
            "try_lock_for_update",
            lambda asked, **options: try_lock(asked - records, **options),
        ),
    ):
        yield


def run_job(env, name, fails=False):
    """Run a scheduled job, see :func:`run_cron`; ``name``: its XML id, with the module if that is another one."""
    run_cron(env.ref(name if "." in name else f"partner_relations.{name}").sudo(), fails)


def run_cron(cron, fails=False):
    """Run a job as the scheduler does, and fail if it fails: Odoo only logs that, and returns a dialog that shows it.

    :param bool fails: the test has something fail in the job, which has to
    :raises AssertionError: with the traceback of the failure
    """
    failure = _run(cron)
    if bool(failure) != fails:
        raise AssertionError(f"{cron.name} failed: {failure}" if failure else f"{cron.name} does not fail")


def _run(cron):
    with _logged():
        result = cron.method_direct_trigger()
    if not isinstance(result, dict):
        return None
    data = result["params"]["data"]
    return data["debug"] or data["message"]


def run_all(test):
    """Run each job of the addon once; those that fail are told together.

    :return: the jobs
    """
    known = test.env["ir.model.data"].search(
        [("module", "=", "partner_relations"), ("model", "=", "ir.cron")]
    )
    jobs = test.env["ir.cron"].browse(known.mapped("res_id"))
    test.assertGreater(len(jobs), 15)
    with test.enter_registry_test_mode():
        for job in jobs:
            with test.subTest(job=job.name):
                run_cron(job)
    test.env.invalidate_all()
    return jobs


def run_without_time(test, name, most=12, fails=False):
    """Start a job again and again, as the scheduler does until nothing remains; fail where it never ends.

    Its time is up at its first commit, as after ten seconds of work. Failures of single records are not shown in the
    log.

    :param bool fails: the test has something fail in the job, which has to, once or more often
    """
    cron = test.env.ref(f"partner_relations.{name}").sudo()
    loops, failures = test.env["ir.cron.progress"].sudo(), []
    with (
        test.enter_registry_test_mode(),
        patch("odoo.addons.base.models.ir_cron.MIN_TIME_PER_JOB", 0),
        mute_logger(*LOGGERS, "odoo.sql_db"),
    ):
        for _start in range(most):
            failures += filter(None, [_run(cron)])
            last = loops.search([("cron_id", "=", cron.id)], order="id desc", limit=1)
            if not last.remaining:
                break
    test.env.invalidate_all()
    test.assertEqual(last.remaining, 0, "the job never ends")
    test.assertEqual(bool(failures), fails, failures)
