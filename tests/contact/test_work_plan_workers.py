from datetime import date
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import ConcurrencyError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..customer.test_two_workers import TwoWorkersCommon

MONDAY = date(2016, 3, 7)


@tagged("post_install", "-at_install")
class TestWorkPlanOfTwoWorkers(TwoWorkersCommon):
    """A person opens the week while the job makes its plan: there is one, and neither of them fails."""

    def _prepare(self, env):
        user = env["res.users"].create(
            {
                "name": "Planned Twice",
                "login": "planned_twice",
                "group_ids": [Command.set(env.ref("partner_relations.group_user").ids)],
            }
        )
        self.user_id, self.partner_id = user.id, user.partner_id.id
        self.key = (user.id, MONDAY)

    def _remove(self, env):
        env["partner.work.plan"].search([("user_id", "=", self.user_id)]).unlink()
        env["res.users"].browse(self.user_id).unlink()
        env["res.partner"].browse(self.partner_id).unlink()

    def _ensure(self, env):
        return env["partner.work.plan"]._ensure({self.key})[self.key].id

    def test_person_begins_anew(self):
        """Odoo repeats a request that raises this, and does not repeat one that breaks a unique index."""
        job, person = self.workers
        person = person(user=self.user_id)
        person["partner.work.plan"].search_count([])
        made = self._ensure(job)
        job.cr.commit()
        with mute_logger("odoo.sql_db"), self.assertRaises(ConcurrencyError):
            self._ensure(person)
        person.cr.rollback()
        person.invalidate_all()
        self.assertEqual(self._ensure(person), made)

    def test_job_begins_anew(self):
        job, person = self.workers
        made, found = [], []

        def work():
            job["partner.work.plan"].search_count([])
            if not made:
                made.append(self._ensure(person))
                person.cr.commit()
            found.append(self._ensure(job))

        with mute_logger("odoo.sql_db"):
            job["ir.cron.progress"]._take_turns([(["fill"], "Work plans", work)])
        self.assertEqual(found, made)

    def test_job_leaves_what_a_person_is_at(self):
        """Nobody waits: the plan that a person is writing is filled, and closed, by the next run."""
        with self._committed() as env:
            plan_id = self._ensure(env)
        job, person = self.workers
        plan = job["partner.work.plan"].browse(plan_id)
        person.cr.execute("UPDATE partner_work_plan SET remark = 'mine' WHERE id = %s", [plan_id])
        with patch.object(type(plan), "_sync", autospec=True) as sync:
            plan._fill(job["res.users"].browse(self.user_id), MONDAY)
            self.assertNotIn(plan, sync.call_args.args[0])
        job.cr.rollback()
        plan._close_each(plan)
        self.assertNotEqual(plan.state, "closed")
        job.cr.rollback()
        person.cr.rollback()
        plan._close_each(plan)
        self.assertEqual(plan.state, "closed")
        job.cr.rollback()
