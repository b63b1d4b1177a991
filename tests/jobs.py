"""Scheduled jobs as the scheduler runs them, for tests of what becomes of them."""

from contextlib import contextmanager
from unittest.mock import patch

from odoo.tools import mute_logger

# Of what fails as a user could be told, and of anything else that fails in a job.
LOGGERS = ("odoo.addons.partner_relations.tools.apart", "odoo.addons.base.models.ir_cron")


@contextmanager
def no_time():
    """The time of a job is up at its first commit, as after ten seconds of work."""
    with patch("odoo.addons.base.models.ir_cron.MIN_TIME_PER_JOB", 0):
        yield


def run_to_the_end(test, name, most=12):
    """Start a job, as the scheduler does until nothing remains; fail where it never ends.

    Failures of single records are not shown in the log.
    """
    cron = test.env.ref(f"partner_relations.{name}")
    loops = test.env["ir.cron.progress"].sudo()
    with (
        test.enter_registry_test_mode(),
        mute_logger(*LOGGERS, "odoo.sql_db"),
    ):
        for _start in range(most):
            cron.method_direct_trigger()
            last = loops.search([("cron_id", "=", cron.id)], order="id desc", limit=1)
            if not last.remaining:
                break
    test.env.invalidate_all()
    test.assertEqual(last.remaining, 0, "the job never ends")
