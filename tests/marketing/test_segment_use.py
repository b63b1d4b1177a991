from datetime import datetime, timedelta
from unittest.mock import patch

from psycopg2.errors import QueryCanceled

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..jobs import held_elsewhere, run_cron, run_job, run_without_time
from .segmenting import SegmentCommon


@tagged("post_install", "-at_install")
class TestSegmentActivities(SegmentCommon):
    """Activities and plans for everybody in a segment, each for its salesperson, in batches."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.segment = cls._segment([("industry_id", "=", cls.wood.id)], user_id=cls.user_marketing.id)
        cls.oak.user_id, cls.carl.user_id = cls.user_sales, cls.user_sales2
        (cls.anna | cls.binh).user_id = False
        cls.call = cls.env.ref("mail.mail_activity_data_call")

    def _wizard(self, **values):
        return self.env["partner.segment.activity"].with_user(self.user_marketing).create(
            {"segment_id": self.segment.id, "summary": "Collection", "date": "2030-01-15", **values}
        )  # fmt: skip

    def _schedule(self, **values):
        action = self._wizard(**values).action_schedule()
        return self.env["partner.segment.schedule"].with_user(self.user_marketing).browse(action["res_id"])

    def _activities(self):
        return self.env["mail.activity"].search(
            [
                ("res_model", "=", "res.partner"),
                ("res_id", "in", self.everybody.ids),
                ("summary", "=", "Collection"),
            ]
        )

    def test_for_the_salesperson(self):
        schedule = self._schedule()
        self.assertRecordValues(
            schedule, [{"state": "done", "total": 5, "done_count": 5, "skipped_count": 0}]
        )
        users = {activity.res_id: activity.user_id for activity in self._activities()}
        self.assertEqual(
            users,
            {
                self.oak.id: self.user_sales,
                self.anna.id: self.user_sales,
                self.binh.id: self.user_sales,
                self.carl.id: self.user_sales2,
                self.pine.id: self.user_marketing,
            },
        )
        self.assertEqual({str(day) for day in self._activities().mapped("date_deadline")}, {"2030-01-15"})

    def test_salesperson_who_left(self):
        self.user_sales.active = False
        self._schedule()
        users = {activity.res_id: activity.user_id for activity in self._activities()}
        self.assertEqual(users[self.oak.id], self.user_marketing)

    def test_plan(self):
        plan = self.env["mail.activity.plan"].create(
            {
                "name": "Fair",
                "res_model": "res.partner",
                "template_ids": [
                    Command.create(
                        {
                            "activity_type_id": self.call.id,
                            "summary": "Collection",
                            "responsible_type": "on_demand",
                        }
                    ),
                    Command.create(
                        {
                            "activity_type_id": self.call.id,
                            "summary": "Collection",
                            "responsible_type": "other",
                            "responsible_id": self.user_director.id,
                            "delay_count": 7,
                        }
                    ),
                ],
            }
        )
        self._schedule(kind="plan", plan_id=plan.id)
        self.assertEqual(len(self._activities()), 10)
        of_oak = self._activities().filtered(lambda activity: activity.res_id == self.oak.id)
        self.assertEqual(of_oak.user_id, self.user_sales | self.user_director)

    def _create_schedules(self, *summaries):
        schedules = self.env["partner.segment.schedule"].create(
            [
                {
                    "segment_id": self.segment.id,
                    "user_id": self.user_marketing.id,
                    "activity_type_id": self.call.id,
                    "summary": summary,
                    "date": "2030-01-15",
                    "fallback_user_id": self.user_marketing.id,
                }
                for summary in summaries
            ]
        )
        schedules._fix_contacts()
        return schedules

    def test_in_batches_after_an_interruption(self):
        schedule = self._create_schedules("Collection")
        self.assertEqual((schedule.state, len(schedule.todo_ids)), ("running", 5))
        self.anna.active = False
        with patch.object(self.registry["ir.cron"], "_commit_progress", return_value=0) as progress:
            schedule._cron_schedule(batch_size=2)
            progress.assert_called_with(1, remaining=1)
            self.assertEqual((schedule.state, len(self._activities())), ("running", 2))
            self.segment.exclude_ids = self.carl
            schedule._cron_schedule(batch_size=2)
            schedule._cron_schedule(batch_size=2)
            schedule._cron_schedule(batch_size=2)
        self.assertRecordValues(schedule, [{"state": "done", "done_count": 4, "skipped_count": 1}])
        self.assertEqual(
            len(self._activities()), 4, "those it began with, each once, without the archived one"
        )

    def test_contacts_of_another_company(self):
        """Who began it had both selected: the scheduler, who has none, goes on with the contacts of both."""
        self.user_marketing.company_ids += self.company2
        self.carl.user_id = False
        (self.pine | self.carl).company_id = self.company2
        self.segment.company_id = False
        schedule = self._create_schedules("Collection")
        self.assertEqual((schedule.company_id, schedule.total), (self.company, 5))
        with self.enter_registry_test_mode():
            run_job(self.env, "ir_cron_segment_schedule")
        self.assertRecordValues(schedule, [{"state": "done", "done_count": 5, "skipped_count": 0}])
        self.assertEqual({*self._activities().mapped("res_id")}, {*self.everybody.ids} - {self.iron.id})

    def test_one_that_breaks_off_keeps_no_other_back(self):
        """As a limit of the database's time does each time where a segment has too much."""
        first, second = self._create_schedules("First", "Second")
        schedules = self.registry["partner.segment.schedule"]
        schedule_some = schedules._schedule

        def fail(schedule, partners):
            if schedule == first:
                raise QueryCanceled("statement timeout")
            return schedule_some(schedule, partners)

        cron = self.env.ref("partner_relations.ir_cron_segment_schedule")
        triggers = self._get_triggers()
        muted = ("odoo.addons.base.models.ir_cron", "odoo.addons.partner_relations.models.ir_cron_progress")
        with (
            patch.object(schedules, "_schedule", fail),
            mute_logger(*muted),
            self.enter_registry_test_mode(),
        ):
            run_cron(cron, fails=True)
        self.assertEqual((first.state, second.state, second.done_count), ("running", "done", 5))
        self.assertFalse(self._get_triggers() - triggers, "it is left to the next day")
        with self.enter_registry_test_mode():
            run_cron(cron)
        self.assertEqual((first.state, first.done_count), ("done", 5))

    def _get_triggers(self):
        """When the job is called besides its days."""
        cron = self.env.ref("partner_relations.ir_cron_segment_schedule")
        return self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])

    def _note_kills(self, schedule):
        """Leave what three processes leave that were killed at work on a schedule."""
        cron = self.env.ref("partner_relations.ir_cron_segment_schedule")
        killed = {"cron_id": cron.id, "timed_out_counter": 1, "done": 1, "remaining": 1}
        self.env["ir.cron.progress"].create(
            [{**killed, "relations_begun": f"schedule {schedule.id}"} for _kill in range(3)]
        )

    def test_one_that_kills_the_server_is_left_to_the_next_day(self):
        """And not tried again every five minutes, each time until the server was killed three more times."""
        schedule = self._create_schedules("Collection")
        cron = self.env.ref("partner_relations.ir_cron_segment_schedule")
        triggers = self._get_triggers()
        self._note_kills(schedule)
        with (
            self.assertLogs("odoo.addons.partner_relations.models.ir_cron_progress", "ERROR") as caught,
            self.enter_registry_test_mode(),
        ):
            run_cron(cron)
        self.assertIn("was killed in it 3 times", caught.output[0])
        self.assertEqual((schedule.state, schedule.done_count), ("running", 0))
        self.assertFalse(self._get_triggers() - triggers)
        with self.enter_registry_test_mode():
            run_cron(cron)
        self.assertEqual((schedule.state, schedule.done_count), ("done", 5), "the next day")

    def test_resumed_while_another_is_at_work(self):
        """It had its turn in this round of the job: it gets another one in some minutes, not on the next day.

        Also where one more kills the server each time.
        """
        first, second, killing = self._create_schedules("First", "Second", "Killing")
        self._note_kills(killing)
        schedules = self.registry["partner.segment.schedule"]
        schedule_some = schedules._schedule

        def work(schedule, partners):
            if schedule.summary == "First":
                raise UserError("The plan is gone.")
            schedule.browse(first.id).write({"state": "running", "problem": False})
            return schedule_some(schedule, partners)

        cron = self.env.ref("partner_relations.ir_cron_segment_schedule")
        triggers = self._get_triggers()
        with (
            patch.object(schedules, "_schedule", work),
            mute_logger("odoo.addons.partner_relations.models.ir_cron_progress"),
            self.enter_registry_test_mode(),
        ):
            run_cron(cron)
        self.assertEqual((first.state, second.state, killing.state), ("running", "done", "running"))
        trigger = self._get_triggers() - triggers
        self.assertEqual(len(trigger), 1)
        self.assertLess(trigger.call_at, datetime.now() + timedelta(minutes=6))

    def test_ended_by_another_worker(self):
        """What another worker stopped before this one has the row is left as it is."""
        schedule = self._create_schedules("Collection")
        schedule.write({"state": "stopped", "problem": "By another worker"})
        self.assertFalse(schedule._do_batch(1))
        self.assertFalse(self._activities())
        self.assertRecordValues(schedule, [{"state": "stopped", "problem": "By another worker"}])

    def test_while_another_worker_is_at_it(self):
        first, second = self._create_schedules("First", "Second")
        with held_elsewhere(first), self.enter_registry_test_mode():
            run_job(self.env, "ir_cron_segment_schedule")
        self.assertEqual((first.state, second.state), ("running", "done"))
        self.assertEqual((first.done_count, second.done_count), (0, 5))

    def test_it_stops_with_a_reason(self):
        schedules = self.registry["partner.segment.schedule"]
        schedule_some = schedules._schedule

        def fail(self, partners):
            schedule_some(self, partners)
            raise UserError(self.env._("The plan is gone."))

        with patch.object(schedules, "_schedule", fail):
            schedule = self._schedule()
        self.assertRecordValues(
            schedule, [{"state": "stopped", "problem": "The plan is gone.", "done_count": 0, "total": 5}]
        )
        self.assertFalse(self._activities(), "all of a batch or nothing")
        with self.assertRaisesRegex(UserError, "relations_marketing"):
            schedule.with_user(self.user_director).action_resume()
        schedule.action_resume()
        with self.enter_registry_test_mode():
            run_job(self.env, "ir_cron_segment_schedule")
        self.assertRecordValues(schedule, [{"state": "done", "problem": False, "done_count": 5}])

    def test_one_that_fails_does_not_block_the_others(self):
        """The oldest was begun in a company that its user left; another one fails of something unforeseen."""
        values = {
            "segment_id": self.segment.id,
            "user_id": self.user_marketing.id,
            "company_id": self.company2.id,
            "activity_type_id": self.call.id,
            "summary": "Collection",
            "date": "2030-01-15",
            "fallback_user_id": self.user_marketing.id,
        }
        schedules = self.env["partner.segment.schedule"].create(
            [values, {**values, "summary": "Broken"}, {**values, "company_id": self.company.id}]
        )
        schedules._fix_contacts()
        self.assertNotIn(self.company2, self.user_marketing.company_ids)
        schedules[1].company_id = self.company
        model = self.registry["partner.segment.schedule"]
        schedule_some = model._schedule

        def fail(self, partners):
            if self.summary == "Broken":
                raise ZeroDivisionError("unforeseen")
            return schedule_some(self, partners)

        with patch.object(model, "_schedule", fail):
            run_without_time(self, "ir_cron_segment_schedule", 1, fails=True)
        self.assertEqual(schedules.mapped("state"), ["stopped", "stopped", "done"])
        self.assertIn("compan", schedules[0].problem)
        self.assertEqual(schedules[1].problem, "unforeseen")
        self.assertEqual(len(self._activities()), 5)
        # as the one who began it: the reason is read, and it goes on when that is mended
        self.user_marketing.company_ids += self.company2
        mine = schedules[0].with_user(self.user_marketing)
        self.assertTrue(mine.problem)
        mine.action_resume()
        run_without_time(self, "ir_cron_segment_schedule", 1)
        self.assertRecordValues(schedules[0], [{"state": "done", "problem": False, "done_count": 5}])

    def test_nobody(self):
        self.segment.domain = repr([("id", "=", 0)])
        with self.assertRaisesRegex(UserError, "Nobody.*Segment"):
            self._schedule()

    def test_rights(self):
        schedule = self._schedule()
        with self.assertRaises(AccessError):
            schedule.with_user(self.user_sales).read(["total"])
        with self.assertRaises(AccessError):
            schedule.write({"summary": "Other"})


@tagged("post_install", "-at_install")
class TestSegmentElsewhere(SegmentCommon):
    """Segments in reassignment, lists and by hand."""

    def test_reassign_takes_the_persons_along(self):
        """A segment of companies: their persons go with them, and back, as if nobody had asked for a segment."""
        persons = self.anna | self.binh
        persons.user_id = self.oak.user_id = self.user_sales
        segment = self._segment([("id", "=", self.oak.id)], user_id=self.user_supervisor.id)
        wizard = self.env["partner.reassign"].with_user(self.user_supervisor).create(
            {
                "user_from_id": self.user_sales.id,
                "user_to_id": self.user_sub.id,
                "reason": "Ill",
                "with_contacts": True,
                "segment_id": segment.id,
            }
        )  # fmt: skip
        trace = self.env["partner.reassignment"].browse(wizard.action_reassign()["res_id"])
        self.assertEqual((self.oak | persons).user_id, self.user_sub)
        trace.with_user(self.user_supervisor).action_give_back()
        self.assertEqual((self.oak | persons).user_id, self.user_sales)

    def test_reassign_only_in_segment(self):
        self.oak.user_id = self.iron.user_id = self.user_sales
        segment = self._segment([("industry_id", "=", self.wood.id)], user_id=self.user_supervisor.id)
        leads = self.env["crm.lead"].create(
            [
                {"name": f"Deal of {partner.name}", "type": "opportunity", "partner_id": partner.id,
                 "user_id": self.user_sales.id}
                for partner in (self.anna, self.iron)
            ]
        )  # fmt: skip
        for record in (self.oak, self.iron, *leads):
            record.activity_schedule(
                "mail.mail_activity_data_call", user_id=self.user_sales.id, summary="Moved"
            )
        meetings = self.env["calendar.event"].with_user(self.user_sales).create(
            [
                {
                    "name": "Visit",
                    "start": datetime.now() + timedelta(days=1),
                    "stop": datetime.now() + timedelta(days=1, hours=1),
                    "partner_ids": [Command.set((self.user_sales.partner_id | partner).ids)],
                }
                for partner in (self.anna, self.iron)
            ]
        )  # fmt: skip
        plan = self.env["partner.work.plan"].with_user(self.user_sales).create({})
        lines = self.env["partner.work.plan.line"].with_user(self.user_sales).create(
            [
                {"plan_id": plan.id, "name": "Offer", "partner_id": partner.id}
                for partner in (self.oak, self.iron)
            ]
        )  # fmt: skip
        wizard = self.env["partner.reassign"].with_user(self.user_supervisor).create(
            {
                "user_from_id": self.user_sales.id,
                "user_to_id": self.user_sub.id,
                "reason": "Region",
                "with_contacts": True,
                "segment_id": segment.id,
            }
        )  # fmt: skip
        self.assertIn("customers: 1", wizard.summary)
        self.assertIn("inquiries and opportunities: 1", wizard.summary)
        self.assertIn("activities: 2", wizard.summary)
        self.assertIn("meetings: 1", wizard.summary)
        self.assertIn("lines of work plans: 1", wizard.summary)
        wizard.action_reassign()
        for records in (meetings, lines.sudo()):
            self.assertEqual([one.user_id for one in records], [self.user_sub, self.user_sales])
        self.assertEqual((self.oak.user_id, self.iron.user_id), (self.user_sub, self.user_sales))
        self.assertEqual(leads.mapped("user_id"), self.user_sub | self.user_sales)
        self.assertEqual(leads[0].user_id, self.user_sub)
        activities = self.env["mail.activity"].search([("summary", "=", "Moved")])
        moved = activities.filtered(lambda activity: activity.user_id == self.user_sub)
        self.assertEqual({(one.res_model, one.res_id) for one in moved},
                         {("res.partner", self.oak.id), ("crm.lead", leads[0].id)})  # fmt: skip

    def test_add_and_exclude_from_a_list(self):
        segment = self._segment(user_id=self.user_marketing.id)
        wizards = self.env["partner.segment.add"].with_user(self.user_marketing)
        wizards = wizards.with_context(active_model="res.partner", active_ids=(self.oak | self.anna).ids)
        wizards.create({"segment_id": segment.id}).action_apply()
        self.assertSegment(segment.with_user(self.user_marketing), self.oak | self.anna)
        wizards = wizards.with_context(active_ids=self.anna.ids)
        wizards.create({"segment_id": segment.id, "operation": "exclude"}).action_apply()
        self.assertEqual((segment.include_ids, segment.exclude_ids), (self.oak, self.anna))
        wizards.create({"segment_id": segment.id}).action_apply()
        self.assertFalse(segment.exclude_ids)
        strange = self._segment(user_id=self.user_sales.id)
        with self.assertRaises(AccessError):
            wizards.create({"segment_id": strange.id}).action_apply()

    def test_list_of_the_contacts(self):
        segment = self._segment([("industry_id", "=", self.metal.id)], user_id=self.user_marketing.id)
        action = segment.with_user(self.user_marketing).action_view_partners()
        partners = self.env["res.partner"].with_user(self.user_marketing)
        self.assertEqual(partners.search(action["domain"]), self.iron)
