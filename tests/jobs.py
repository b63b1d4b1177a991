"""Scheduled jobs as the scheduler runs them, for tests of what becomes of them."""

from unittest.mock import patch

from odoo.tools import mute_logger

# Of what fails as a user could be told, and of anything else that fails in a job.
LOGGERS = ("odoo.addons.partner_relations.tools.apart", "odoo.addons.base.models.ir_cron")


def run_without_time(test, name, most=12):
    """Start a job again and again, as the scheduler does until nothing remains; fail where it never ends.

    Its time is up at its first commit, as after ten seconds of work. Failures of single records are not shown in the
    log.
    """
    cron = test.env.ref(f"partner_relations.{name}")
    loops = test.env["ir.cron.progress"].sudo()
    with (
        test.enter_registry_test_mode(),
        patch("odoo.addons.base.models.ir_cron.MIN_TIME_PER_JOB", 0),
        mute_logger(*LOGGERS, "odoo.sql_db"),
    ):
        for _start in range(most):
            cron.method_direct_trigger()
            last = loops.search([("cron_id", "=", cron.id)], order="id desc", limit=1)
            if not last.remaining:
                break
    test.env.invalidate_all()
    test.assertEqual(last.remaining, 0, "the job never ends")
