"""Work plans: filled from what is planned elsewhere, submitted, approved, closed and carried over."""

import contextlib
import runpy
import time
from datetime import date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

from lxml import etree
from psycopg2 import IntegrityError
from psycopg2.errors import QueryCanceled

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger, safe_eval

from ...tools.internal import INTERNAL
from ..common import EmptyIsNotZero, RelationsCommon
from ..jobs import run_cron, run_job, run_without_time

MONDAY = date(2025, 3, 10)
NOW = "2025-03-11 03:00:00"  # Tuesday, 10:00 in Ho Chi Minh City


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestWorkPlan(EmptyIsNotZero, RelationsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.user_sales | cls.user_supervisor).write({"tz": "Asia/Ho_Chi_Minh"})
        cls.customer = cls._create_company_partner("Customer", user_id=cls.user_sales.id)
        cls.call = cls.env.ref("mail.mail_activity_data_call")
        cls.todo = cls.env.ref("mail.mail_activity_data_todo")

    def _activity(self, day, user=None, record=None, activity_type=None, **values):
        record = record or self.customer
        return self.env["mail.activity"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id(record._name),
                "res_id": record.id,
                "activity_type_id": (activity_type or self.call).id,
                "user_id": (user or self.user_sales).id,
                "date_deadline": day,
                "summary": "Talk",
                **values,
            }
        )

    def _event(self, start, hours=1.0, user=None, **values):
        user = user or self.user_sales
        start = datetime.fromisoformat(start)
        return (
            self.env["calendar.event"]
            .with_user(user)
            .create(
                {
                    "name": "Visit of the factory",
                    "start": start,
                    "stop": start + timedelta(hours=hours),
                    "user_id": user.id,
                    "partner_ids": [Command.set((user.partner_id | self.customer).ids)],
                    **values,
                }
            )
        )

    def _plan(self, user=None, monday=MONDAY, fill=True):
        plan = self.env["partner.work.plan"].with_user(user or self.user_sales).create({"date_from": monday})
        if fill:
            plan.action_fill()
        return plan

    def test_week_is_told_by_any_of_its_days(self):
        """The last day follows from the first; who gives it too, as an import does, is not refused for that."""
        plans = self.env["partner.work.plan"].with_user(self.user_sales)
        for week, vals in enumerate(
            (
                {"date_from": "2025-03-10", "date_to": "2025-03-16"},
                {"date_from": "2025-03-17", "date_to": "2025-03-21"},
                {"date_from": "2025-03-26", "date_to": date(2025, 3, 30)},
                {"date_to": "2025-04-06"},
            )
        ):
            monday = MONDAY + timedelta(weeks=week)
            self.assertRecordValues(
                plans.create(vals), [{"date_from": monday, "date_to": monday + timedelta(days=6)}]
            )
        for vals in (
            {"date_from": "2025-05-05", "date_to": "2025-05-12"},
            {"date_from": "2025-05-05", "date_to": "2025-05-04"},
        ):
            with self.assertRaisesRegex(UserError, "of one week"):
                plans.create(vals)
            with self.assertRaisesRegex(UserError, "of one week"):
                plans.sudo().create(vals)
        with self.assertRaises(AccessError):
            plans.search([], limit=1).date_to = "2025-03-15"

    def test_line_without_a_day_lies_in_its_plan(self):
        """A line that a call adds to the plan of another week is on its first day, as in the form of that plan."""
        lines = self.env["partner.work.plan.line"].with_user(self.user_sales)
        plan, following = self._plan(fill=False), self._plan(monday=MONDAY + timedelta(weeks=1), fill=False)
        made = lines.create(
            [
                {"plan_id": plan.id, "name": "Order"},
                {"plan_id": following.id, "name": "Tidy", "hours": 2},
                {"plan_id": following.id, "name": "Call", "weekday": "3"},
                {"plan_id": following.id, "name": "Sort", "date": "2025-03-19"},
            ]
        )
        self.assertEqual(
            made.mapped("date"), [date(2025, 3, 11), date(2025, 3, 17), date(2025, 3, 20), date(2025, 3, 19)]
        )
        third = self.env["partner.work.plan"].with_user(self.user_sales)
        third = third.create(
            {"date_from": "2025-03-24", "line_ids": [Command.create({"name": "Tidy", "hours": 2})]}
        )
        self.assertEqual((third.line_ids.date, third.planned_hours), (date(2025, 3, 24), 2))

    def test_day_of_a_calendar(self):
        """A bare date, as Odoo's calendar sends it, is that day wherever the person is."""
        for zone in ("America/New_York", "Asia/Ho_Chi_Minh"):
            with self.subTest(zone=zone):
                self.user_sales.tz = zone
                plan = self._plan(fill=False)
                lines = self.env["partner.work.plan.line"].with_user(self.user_sales)
                monday = fields.Date.to_string(MONDAY)
                line = lines.create({"name": "Order", "plan_id": plan.id, "date_start": monday})
                self.assertEqual(line.date, MONDAY)
                line.write({"date_start": "2025-03-12"})
                self.assertEqual(line.date, date(2025, 3, 12))
                line.write({"date_start": monday})
                self.assertEqual(line.date, MONDAY)
                other = lines.create({"name": "Tidy", "date_start": monday})
                self.assertEqual((other.plan_id, other.date), (plan, MONDAY))
                default = lines.with_context(default_date_start=monday).default_get(["date_start"])
                self.assertEqual(default["date_start"], line.date_start)
                plan.unlink()

    # -- words of documents ------------------------------------------------------
    def test_document_shows_to_who_may_read_it(self):
        """The superior sees that there is work on a document, and its name only with the right to read it."""
        lead = self.env["crm.lead"].create(
            {"name": "Chairs", "type": "opportunity", "user_id": self.user_sales2.id}
        )
        self._activity("2025-03-12", record=lead)
        self._activity("2025-03-13")
        plan = self._plan()
        line = plan.line_ids.filtered(lambda line: line.res_model == "crm.lead")
        self.assertEqual(line.name, "Talk")
        for user, name in ((self.user_sales, "not open to you"), (self.user_supervisor, "not open to you")):
            seen = line.with_user(user)
            self.assertFalse(self.env["crm.lead"].with_user(user).has_access("read"))
            self.assertEqual((seen.document_name, seen.display_name), (name, f"Talk: {name}"))
        self.env.ref("sales_team.group_sale_salesman_all_leads").user_ids = [
            Command.link(self.user_supervisor.id)
        ]
        line.invalidate_recordset()
        self.assertEqual(line.with_user(self.user_supervisor).document_name, "Chairs")
        other = (plan.line_ids - line).with_user(self.user_supervisor)
        self.assertEqual(other.display_name, "Talk: Customer")

    def test_document_names_take_one_query(self):
        for number in range(20):
            self._activity("2025-03-12", record=self._create_company_partner(f"Customer {number}"))
        lines = self._plan().line_ids.with_user(self.user_supervisor)
        lines.mapped("document_name")
        for size in (1, 20):
            lines.invalidate_recordset(["document_name"])
            with self.assertQueryCount(1):
                lines[:size].mapped("document_name")

    def test_contacts_of_many_activities(self):
        """Of a batch of the scheduler in a time that grows with their number, not with its square."""
        model = self.env["mail.activity"]
        values = {"res_model": "res.partner", "res_id": self.customer.id}
        activities = model.concat(*(model.new(values) for _number in range(3000)))
        started = time.process_time()
        partners = self.env["partner.work.plan"]._get_activity_partners(activities)
        self.assertLess(time.process_time() - started, 1)
        self.assertEqual(partners, dict.fromkeys(activities, self.customer))

    def test_lines_of_an_approved_plan_stay(self):
        plan = self._plan(fill=False)
        lines = self.env["partner.work.plan.line"].with_user(self.user_sales)
        line = lines.create({"plan_id": plan.id, "name": "Report", "date": "2025-03-12", "hours": 1})
        plan.action_submit()
        plan.with_user(self.user_supervisor).action_approve()
        for user in (self.user_sales, self.user_supervisor):
            with self.assertRaisesRegex(UserError, "Report.*cannot be deleted.*Cancel the line"):
                line.with_user(user).unlink()
        self.assertTrue(plan.approved_by_id)
        following = self._plan(monday=MONDAY + timedelta(days=7), fill=False)
        for values in (
            {"hours": 3},
            {"has_hour": True, "duration": 3},
            {"plan_id": following.id, "date": "2025-03-19"},
        ):
            with (
                self.assertRaisesRegex(UserError, "Report.*2025.*as .*approved it.*hours done"),
                self.cr.savepoint(),
            ):
                line.write(values)
        # another day of the week, and what it took
        line.write({"has_hour": True, "duration": 1, "date": "2025-03-13", "hours_done": 3})
        line.with_user(self.user_supervisor).hours = 2
        self.assertEqual(line.hours, 2)
        added = lines.create({"plan_id": plan.id, "name": "Added", "date": "2025-03-12", "hours": 1})
        added.hours = 4
        self.assertEqual(plan.planned_hours, 6)
        line.action_cancel()
        self.assertEqual(line.state, "cancelled")

    def test_plans_that_were_decided_on_stay(self):
        """Approved and closed ones are the record of what was planned and done; their person may delete a draft."""
        self._activity("2025-03-13")
        plan = self._plan()
        plan.action_submit()
        plan.with_user(self.user_supervisor).action_approve()
        for state in ("approved", "closed"):
            if state == "closed":
                plan.sudo()._close()
            self.assertEqual(plan.state, state)
            for user in (self.user_sales, self.user_supervisor):
                with self.assertRaisesRegex(UserError, "approved and stays"), self.cr.savepoint():
                    plan.with_user(user).unlink()
        draft = self._plan(monday=MONDAY + timedelta(days=14), fill=False)
        draft.unlink()
        self.assertFalse(draft.exists())

    def test_person_of_decided_plans_is_archived(self):
        """Deleting the person would delete the plans with it; a draft, or an empty plan, goes."""
        leaver = self._create_user("relations_leaver", "partner_relations.group_user")
        plans = self.env["partner.work.plan"].sudo()
        plans.create({"user_id": leaver.id, "date_from": "2025-03-10"})._close()
        plans.create(
            {
                "user_id": leaver.id,
                "date_from": "2025-03-24",
                "line_ids": [
                    Command.create({"name": "Report", "date_start": "2025-03-25 08:00:00", "hours": 1})
                ],
            }
        )
        leaver.unlink()
        self._activity("2025-03-13")
        plan = self._plan()
        plan.action_submit()
        for decide in (lambda: None, plan.with_user(self.user_supervisor).action_approve, plan.sudo()._close):
            decide()
            with self.assertRaisesRegex(UserError, "relations_sales.*such as.*Archive"), self.cr.savepoint():
                (self.user_sales + self.user_sales2).unlink()
        self.assertEqual(plan.exists().state, "closed")
        self.user_sales.action_archive()
        self.assertFalse(self.user_sales.active)

    def test_lines_of_a_submitted_plan_stay(self):
        """What was submitted stays planned: a line by hand and a cancelled one; what came later was not planned."""
        plan = self._plan(fill=False)
        self._activity("2025-03-13")
        plan.action_fill()
        lines = self.env["partner.work.plan.line"].with_user(self.user_sales)
        values = {"plan_id": plan.id, "date": "2025-03-12", "hours": 1}
        line, wrong = lines.create([{**values, "name": "Report"}, {**values, "name": "Mistake"}])
        wrong.unlink()
        plan.action_submit()
        cancelled = plan.line_ids.filtered(lambda one: one.kind == "contact")
        cancelled.action_cancel()
        for user in (self.user_sales, self.user_supervisor):
            for one in (line, cancelled):
                with (
                    self.assertRaisesRegex(UserError, f"{one.name}.*cannot be deleted.*Cancel the line"),
                    self.cr.savepoint(),
                ):
                    one.with_user(user).unlink()
            with self.assertRaisesRegex(UserError, "submitted and stays"), self.cr.savepoint():
                plan.with_user(user).unlink()
        with self.assertRaisesRegex(UserError, "Report.*cannot be deleted"), self.cr.savepoint():
            plan.line_ids = [Command.delete(line.id)]
        following = self._plan(monday=MONDAY + timedelta(days=7), fill=False)
        for one, changed in (
            (line, {"hours": 0}),
            (line, {"has_hour": True, "duration": 3}),
            (line, {"plan_id": following.id, "date": "2025-03-19"}),
            (cancelled, {"hours": 0}),
        ):
            with (
                self.assertRaisesRegex(UserError, f"{one.name}.*submitted it.*hours done.*return"),
                self.cr.savepoint(),
            ):
                one.write(changed)
        # another day of the week, what it took, and what was added later
        line.write({"has_hour": True, "duration": 1, "date": "2025-03-13", "hours_done": 3})
        added = lines.create({**values, "name": "Added"})
        added.hours = 2
        added.unlink()
        self.assertEqual((plan.planned_count, plan.planned_hours), (2, 1.25))
        line.with_user(self.user_supervisor).hours = 2
        self.assertEqual(plan.planned_hours, 2.25)
        plan.with_user(self.user_supervisor).action_return("Without the report")
        line.hours = 1
        line.unlink()
        self.assertEqual(plan.line_ids, cancelled)

    def test_hours_that_no_week_has(self):
        """More than its days have, or less than nothing: refused with the line, the field and what to do."""
        plan = self._plan(fill=False)
        lines = self.env["partner.work.plan.line"].with_user(self.user_sales)
        values = {"plan_id": plan.id, "name": "Report", "date": "2025-03-12"}
        line = lines.create({**values, "hours": 168, "hours_done": 168})
        for changed, field in (
            ({"hours": 300}, "Planned Hours"),
            ({"hours": -1}, "Planned Hours"),
            ({"hours_done": 168.5}, "Hours Done"),
            ({"hours_done": -0.5}, "Hours Done"),
            ({"has_hour": True, "duration": 169}, "Planned Hours"),
            ({"hours": 1e308}, "Planned Hours"),
            ({"hours_done": float("inf")}, "Hours Done"),
            ({"has_hour": True, "duration": float("inf")}, "Planned Hours"),
        ):
            wanted = f"“Report”: “{field}” cannot be .*from 0 to 168"
            for change in (line.write, lambda vals: lines.create({**values, **vals})):
                with self.assertRaisesRegex(UserError, wanted), self.cr.savepoint():
                    change(changed)
        with self.assertRaisesRegex(UserError, "“Planned Hours” cannot be 300"), self.cr.savepoint():
            lines.with_context(default_hours=300).create(values)
        with Form(line) as form:
            for hours in (1e308, -1e308, float("inf")):
                form.hours = hours
            form.hours = 4
        self._event("2025-03-12 02:00:00")
        plan.action_fill()
        meeting = plan.line_ids - line
        with self.assertRaisesRegex(UserError, "“Planned Hours” cannot be inf"):
            meeting.with_user(self.user_sales).hours = float("inf")
        # a type of activities that said more before there was a limit does not stop the filling
        activity_type = self._activity("2025-03-13").activity_type_id
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE mail_activity_type SET planned_hours = 200 WHERE id = %s", [activity_type.id]
        )
        activity_type.invalidate_recordset(["planned_hours"])
        plan.action_fill()
        plan.line_ids.filtered(lambda one: one.kind == "contact").action_done()

    def test_form_offers_to_delete_what_may_be_deleted(self):
        """In each state of a plan, of lines by hand and of activities: planned, cancelled, added later."""
        plan = self._plan(fill=False)
        for summary in ("Talk", "Cancelled talk"):
            self._activity("2025-03-13", summary=summary)
        plan.action_fill()
        lines = self.env["partner.work.plan.line"].with_user(self.user_sales)
        values = {"plan_id": plan.id, "date": "2025-03-12", "hours": 1}
        lines.create([{**values, "name": "Report"}, {**values, "name": "Cancelled"}])
        arch = etree.fromstring(plan.get_view(view_type="form")["arch"])
        [button] = arch.xpath("//field[@name='line_ids']/list/control/delete")

        def get_offered():
            shown = {"parent": SimpleNamespace(state=plan.state)}
            return {
                line.name
                for line in plan.line_ids
                if not safe_eval.safe_eval(
                    button.get("invisible"),
                    {**shown, **{name: line[name] for name in ("id", "is_added", "kind", "state")}},
                )
            }

        def get_deletable():
            found = set()
            for line in plan.line_ids:
                with contextlib.suppress(UserError), self.cr.savepoint() as savepoint:
                    name = line.name
                    line.unlink()
                    found.add(name)
                    savepoint.rollback()
                    self.env.invalidate_all(flush=False)
            return found

        offered = [get_offered()]
        self.assertEqual(offered[-1], get_deletable())
        plan.line_ids.filtered(lambda line: "Cancelled" in line.name).action_cancel()
        offered.append(get_offered())
        self.assertEqual(offered[-1], get_deletable())
        plan.action_submit()
        lines.create({**values, "name": "Added"})
        offered.append(get_offered())
        self.assertEqual(offered[-1], get_deletable())
        plan.with_user(self.user_supervisor).action_approve()
        offered.append(get_offered())
        self.assertEqual(offered[-1], get_deletable())
        self.assertEqual(offered[0], {"Report", "Cancelled"})
        # what was cancelled before was not submitted
        self.assertEqual(offered[2:], [{"Cancelled", "Cancelled talk", "Added"}, set()])

    def test_cancelled_after_submission_stays_planned(self):
        """Taking lines out is not doing them; what had been cancelled before, or came later, was not planned."""
        plan = self._plan(fill=False)
        lines = self.env["partner.work.plan.line"].with_user(self.user_sales)

        sums = ("planned_hours", "done_hours", "planned_count", "done_count")
        shares = ["completion:avg", "load:avg"]

        def create(*hours):
            values = {"plan_id": plan.id, "name": "Report", "date": "2025-03-12"}
            return lines.create([{**values, "hours": number} for number in hours])

        def check(planned, completion):
            self.assertEqual((plan.planned_hours, plan.completion), (planned, completion))
            [total] = plan.formatted_read_group(
                [("id", "=", plan.id)], [], [f"{name}:sum" for name in sums] + shares
            )
            self.assertEqual([total[f"{name}:sum"] for name in sums], [plan[name] for name in sums])
            self.assertAlmostEqual(total["completion:avg"], completion)
            self.assertEqual(total["load:avg"] or False, plan.load or False)
            counted = lines.search(
                [("plan_id", "=", plan.id), *safe_eval.safe_eval(filters["counted"].get("domain"))]
            )
            self.assertEqual(sum(counted.mapped("hours")), planned)

        arch = lines.get_view(view_type="search")["arch"]
        filters = {node.get("name"): node for node in etree.fromstring(arch).iter("filter")}
        before, done, taken_out = create(2, 4, 6)
        before.action_cancel()
        check(10, 0)
        plan.action_submit()
        added = create(3)
        added.action_cancel()
        taken_out.action_cancel()
        done.action_done()
        check(10, 0.4)
        self.assertEqual(plan.planned_count, 2)
        plan.sudo().capacity_hours = 8
        self.assertEqual(plan.load, 0.5)
        plan.with_user(self.user_supervisor).action_return("More visits")
        check(4, 1)
        added.write({"state": "planned"})
        plan.action_submit()
        added.action_cancel()
        check(7, 4 / 7)
        done.with_context(work_plan_sync=INTERNAL).sudo().write(
            {"state": "carried", "moved_to": "2025-03-19"}
        )
        check(7, 0)
        added.with_context(work_plan_sync=INTERNAL).sudo().write(
            {"is_added": True, "state": "carried", "moved_to": "2025-03-19"}
        )
        check(4, 0)

    def test_totals_of_a_person(self):
        """Of several weeks hours are added up, and shares are ratios of the sums; who planned nothing has none."""
        plans = self._plan(fill=False), self._plan(monday=MONDAY + timedelta(days=7), fill=False)
        empty = self._plan(self.user_sub, fill=False)
        lines = self.env["partner.work.plan.line"].with_user(self.user_sales)
        for plan, hours in zip(plans, ((2, 2), (1, 5)), strict=True):
            made = lines.create([{"plan_id": plan.id, "name": "Report", "hours": number} for number in hours])
            made[0].action_done()
        (plans[0] | plans[1] | empty).sudo().capacity_hours = 10
        plans[1].sudo().capacity_hours = False
        every = self.env["partner.work.plan"].with_user(self.user_director)
        groups = every.formatted_read_group(
            [("id", "in", [*(plan.id for plan in plans), empty.id])],
            ["user_id"],
            ["planned_hours:sum", "done_hours:sum", "completion:avg", "load:avg"],
        )
        totals = {
            group["user_id"][0]: (
                group["planned_hours:sum"], group["done_hours:sum"], group["completion:avg"], group["load:avg"],
            )
            for group in groups
        }  # fmt: skip
        self.assertEqual(totals[self.user_sales.id], (10, 3, 0.3, 0.4))
        self.assertEqual(totals[self.user_sub.id][:2], (0, 0))
        self.assertFalse(totals[self.user_sub.id][2], "no lines, no share")
        made = lines.with_user(self.user_sub).create([{"plan_id": empty.id, "name": name} for name in "ABCD"])
        made[0].action_done()
        [total] = every.formatted_read_group([("id", "=", empty.id)], [], ["completion:avg"])
        self.assertEqual((total["completion:avg"], empty.completion), (0.25, 0.25), "by lines without hours")
        described = every.fields_get(["planned_hours", "completion"], ["aggregator"])
        self.assertEqual(
            [described[name]["aggregator"] for name in ("planned_hours", "completion")], ["sum", "avg"]
        )

    # -- filling ---------------------------------------------------------------
    def test_filled_from_activities_and_meetings(self):
        self._activity("2025-03-12")
        lead = self.env["crm.lead"].create(
            {"name": "Chairs", "type": "opportunity", "partner_id": self.customer.id}
        )
        self._activity("2025-03-16", record=lead, activity_type=self.todo)
        self._activity("2025-03-17")  # the Monday after
        self._activity("2025-03-12", user=self.user_sales2)
        self._event("2025-03-13 02:00:00", 2.5)
        plan = self._plan()
        self.assertRecordValues(
            plan.line_ids.sorted("date"),
            [
                {"date": date(2025, 3, 12), "kind": "contact", "hours": 0.25, "partner_id": self.customer.id},
                {"date": date(2025, 3, 13), "kind": "meeting", "hours": 2.5, "partner_id": self.customer.id},
                {"date": date(2025, 3, 16), "kind": "deal", "hours": 0.5, "partner_id": self.customer.id},
            ],
        )
        self.assertEqual((plan.planned_count, plan.planned_hours, plan.meeting_hours), (3, 3.25, 2.5))
        self.assertFalse(plan.done_count)

    def test_filling_again_changes_nothing(self):
        self._activity("2025-03-12")
        self._event("2025-03-13 02:00:00")
        plan = self._plan()
        lines = plan.line_ids
        plan.action_fill()
        self.assertEqual(plan.line_ids, lines)

    def test_a_planned_contact_is_one_line(self):
        """Its entry in the log and its activity are one thing to do."""
        self.env["partner.contact.log"].with_user(self.user_sales).create(
            {
                "title": "Ring about the offer",
                "partner_id": self.customer.id,
                "state": "planned",
                "date": "2025-03-13 05:00:00",
            }
        )
        plan = self._plan()
        self.assertEqual(plan.line_ids.mapped("kind"), ["contact"])

    def test_a_meeting_planned_as_activity_is_one_line(self):
        event = self._event("2025-03-13 02:00:00")
        self._activity(
            "2025-03-13",
            activity_type=self.env.ref("mail.mail_activity_data_meeting"),
            calendar_event_id=event.id,
        )
        self.assertEqual(self._plan().line_ids.mapped("kind"), ["meeting"])

    def test_day_of_a_meeting_is_the_persons(self):
        """Sunday 18:00 UTC is Monday in Ho Chi Minh City and still Sunday in New York."""
        self.user_sales2.tz = "America/New_York"
        event = self._event("2025-03-16 18:00:00")
        event.sudo().partner_ids = [Command.link(self.user_sales2.partner_id.id)]
        self.assertFalse(self._plan().line_ids)
        self.assertEqual(self._plan(monday=MONDAY + timedelta(days=7)).line_ids.date, date(2025, 3, 17))
        self.assertEqual(self._plan(self.user_sales2).line_ids.date, date(2025, 3, 16))

    def test_done_meeting_of_a_series_that_is_changed(self):
        """Core makes the meeting of Monday anew: the hour is done once, with a customer or among colleagues."""
        colleagues = {"partner_ids": [Command.set(self.user_sales.partner_id.ids)]}
        for values in ({}, colleagues):
            with self.subTest(values=values):
                weekly = {"recurrency": True, "rrule_type": "weekly", "end_type": "count", "count": 3}
                first = self._event("2025-03-03 01:00:00", mon=True, event_tz="UTC", **weekly, **values)
                events = first.recurrence_id.calendar_event_ids.sorted("start")
                plan = self._plan()
                self.assertRecordValues(plan.line_ids, [{"state": "done", "hours_done": 1}])
                line, hour = plan.line_ids, timedelta(hours=1)
                events[2].write(
                    {
                        "recurrence_update": "all_events",
                        "start": events[2].start + hour,
                        "stop": events[2].stop + hour,
                    }
                )
                self.env.flush_all()
                self.assertFalse(events[1].active)
                plan.action_fill()
                self.assertEqual(plan.line_ids, line)
                self.assertEqual((plan.done_hours, plan.planned_hours), (1, 1))
                self.assertEqual(line.sudo().event_id.start, datetime(2025, 3, 10, 2))
                plan.sudo().unlink()
                first.recurrence_id.calendar_event_ids.sudo().unlink()

    def test_declined_and_free(self):
        declined = self._event("2025-03-13 02:00:00")
        declined.attendee_ids.filtered(
            lambda attendee: attendee.partner_id == self.user_sales.partner_id
        ).sudo().state = "declined"
        self._event("2025-03-14 02:00:00", 8, show_as="free")
        plan = self._plan()
        self.assertEqual(len(plan.line_ids), 1)
        self.assertEqual(plan.line_ids.hours, 0)

    def _full_time(self):
        schedule = self.env["resource.calendar"].create(
            {"name": "40 hours", "tz": "Asia/Ho_Chi_Minh", "hours_per_day": 8}
        )
        self.employee_sales.write({"resource_calendar_id": schedule.id, "tz": "Asia/Ho_Chi_Minh"})
        return schedule

    def _half_time(self):
        mornings = [
            Command.create({"name": "Morning", "dayofweek": str(day), "hour_from": 8, "hour_to": 12})
            for day in range(5)
        ]
        return self.env["resource.calendar"].create(
            {"name": "20 hours", "tz": "Asia/Ho_Chi_Minh", "attendance_ids": mornings}
        )

    def test_meeting_over_days(self):
        """It counts in each week that it touches: on each day at most what is worked there."""
        self._full_time()
        plans = self._plan(fill=False) | self._plan(monday=MONDAY + timedelta(days=7), fill=False)
        thursday_to_wednesday = {"allday": True, "start_date": "2025-03-13", "stop_date": "2025-03-19"}
        saturday = {"allday": True, "start_date": "2025-03-15", "stop_date": "2025-03-15"}
        for start, hours, values, wanted in (
            ("2025-03-12 01:00:00", 33, {}, [16]),  # Wednesday 8:00 to Thursday 17:00
            ("2025-03-16 02:00:00", 56, {}, [8, 16]),  # Sunday 9:00 to Tuesday 17:00
            ("2025-03-16 15:00:00", 5, {}, [2, 3]),  # a call from Sunday 22:00 on
            ("2025-03-16 15:00:00", 2, {}, [2]),  # until midnight
            ("2025-03-13 08:00:00", 154, thursday_to_wednesday, [16, 24]),
            ("2025-03-15 08:00:00", 10, saturday, [8]),
        ):
            with self.subTest(start=start, hours=hours):
                event = self._event(start, hours, **values)
                # each by itself: the other one does not find it
                for plan in plans:
                    plan.action_fill()
                self.assertEqual(plans.line_ids.sorted("date").mapped("hours"), wanted)
                event.sudo().unlink()
                self.assertFalse(plans.line_ids)
        self.employee_sales.resource_calendar_id = self._half_time()
        self._event("2025-03-16 02:00:00", 56)
        plans.action_fill()
        self.assertEqual(plans.line_ids.sorted("date").mapped("hours"), [8, 8], "four on Monday and Tuesday")

    def test_meeting_goes_on_in_the_next_week(self):
        """Its part of a week is over with the week; it is moved where it began."""
        self._full_time()
        event = self._event("2025-03-16 02:00:00", 56)
        plan, following = self._plan(), self._plan(monday=MONDAY + timedelta(days=7))
        with self.assertRaisesRegex(UserError, "began in an earlier week"), self.cr.savepoint():
            following.line_ids.weekday = "2"
        plan.line_ids.weekday = "5"
        self.assertEqual(event.start, datetime(2025, 3, 15, 2))
        self.assertEqual(following.line_ids.hours, 8, "from Saturday to Monday 17:00")
        with freeze_time("2025-03-16 18:00:00"):
            (plan | following).action_fill()
            self.assertEqual((plan | following).line_ids.mapped("state"), ["done", "planned"])

    def test_private_meeting_shows_no_words(self):
        self._event("2025-03-13 02:00:00", privacy="private", name="Doctor")
        plan = self._plan()
        seen = plan.with_user(self.user_supervisor).line_ids
        self.assertEqual(seen.mapped("name"), ["Private meeting"])
        self.assertFalse(seen.partner_id)

    def test_overdue_comes_into_the_current_week(self):
        self._activity("2025-03-05")
        plan = self._plan()
        self.assertRecordValues(
            plan.line_ids, [{"date": MONDAY, "is_carried": True, "state": "planned", "is_overdue": True}]
        )
        self.assertFalse(self._plan(monday=MONDAY + timedelta(days=7)).line_ids)

    @freeze_time("2025-03-16 20:00:00")
    def test_current_week_is_the_persons(self):
        """For the scheduler it is still Sunday when the Monday of the person begins."""
        self._activity("2025-03-12")
        plan = self._plan(monday=MONDAY + timedelta(days=7))
        for zone in ("Asia/Ho_Chi_Minh", "UTC"):
            plan.sudo().with_context(tz=zone)._sync()
            self.assertRecordValues(plan.line_ids, [{"date": date(2025, 3, 17), "is_carried": True}])

    # -- following -------------------------------------------------------------
    def test_done_elsewhere_is_done_here(self):
        activity = self._activity("2025-03-12")
        plan = self._plan()
        activity.with_user(self.user_sales).action_feedback(feedback="Agreed")
        self.assertRecordValues(plan.line_ids, [{"state": "done", "hours_done": 0.25}])
        self.assertEqual((plan.done_count, plan.done_hours, plan.completion), (1, 0.25, 1.0))

    def test_day_on_which_it_was_done_is_the_persons(self):
        """Odoo keeps the day in UTC: until 7:00 on Monday it is still Sunday there."""
        activity = self._activity("2025-03-12")
        plan = self._plan()
        following = self._plan(monday=MONDAY + timedelta(days=7), fill=False)
        for moment, done, carried in (
            ("2025-03-16 16:59:00", plan, following.browse()),
            ("2025-03-16 17:00:00", following, plan),
            ("2025-03-17 00:00:00", following, plan),
        ):
            with (
                self.subTest(moment),
                freeze_time(moment),
                patch.object(type(self.env.cr), "now", lambda _cr: datetime.now()),
                self.env.cr.savepoint() as savepoint,
            ):
                following.sudo()._sync()
                activity.action_feedback()
                (plan | following).sudo()._sync()
                self.assertEqual((plan | following).filtered("done_count"), done)
                self.assertEqual((plan | following).filtered("carried_count"), carried)
                savepoint.close(rollback=True)
                self.env.invalidate_all()

    def test_week_written_up_after_its_end(self):
        """What the person calls done in last week's plan on Monday was done in that week, and in no other."""
        activity = self._activity("2025-03-12")
        plan = self._plan()
        with freeze_time("2025-03-17 03:00:00"):
            following = self._plan(monday=MONDAY + timedelta(days=7))
            self.assertEqual(following.line_ids.state, "planned")
            plan.line_ids.action_done()
            self.assertFalse(activity.active)
            for _again in range(2):
                self.assertRecordValues(plan.line_ids, [{"state": "done", "hours_done": 0.25}])
                self.assertFalse(following.line_ids)
                (plan | following).sudo()._sync()

    def test_done_before_it_was_due(self):
        """It is done once: in the week in which it was done, and what was submitted for a later week says so."""
        following = MONDAY + timedelta(days=7)
        for submitted, ahead in (((), ()), (("now",), ()), (("now", "next"), ()), (("now",), (14,))):
            with self.subTest(submitted=submitted, ahead=ahead), self.env.cr.savepoint() as savepoint:
                # due in a week of which there is no plan yet, or next week
                day = following + timedelta(days=(ahead or (2,))[0])
                activity = self._activity(day)
                self._activity("2025-03-13", summary="This week")
                self._activity("2025-03-20", summary="Next week")
                plan, later = self._plan(), self._plan(monday=following)
                if "now" in submitted:
                    plan.action_submit()
                if "next" in submitted:
                    later.action_submit()
                activity.with_user(self.user_sales).action_feedback()
                if not ahead:
                    self.assertEqual(plan.done_count, 1, "at once, without filling")
                for again in ((later, plan), (later | plan,)):
                    for some in again:
                        some.action_fill()
                    done = plan.line_ids.filtered(lambda line: line.state == "done")
                    self.assertRecordValues(
                        done,
                        [
                            {
                                "date": date(2025, 3, 11),
                                "hours_done": 0.25,
                                "is_added": "now" in submitted,
                                "is_carried": False,
                                "moved_from": day if "next" in submitted else False,
                            }
                        ],
                    )
                    self.assertEqual((plan.done_count, later.done_count), (1, 0))
                    left = later.line_ids - later.line_ids.filtered(lambda line: line.name == "Next week")
                    self.assertEqual(
                        [(line.state, line.date, line.moved_to) for line in left],
                        [("carried", day, date(2025, 3, 11))] if "next" in submitted else [],
                    )
                with freeze_time("2025-03-20 03:00:00"):
                    plan.action_close()
                    later.action_fill()
                    self.assertEqual((plan.done_count, later.done_count), (1, 0))
                savepoint.close(rollback=True)
                self.env.invalidate_all()

    def test_called_done_in_the_plan_of_a_later_week(self):
        """What the person called done in next week's plan already is done there, and in no other."""
        activity = self._activity("2025-03-19")
        self._activity("2025-03-13", summary="This week")
        plan, later = self._plan(), self._plan(monday=MONDAY + timedelta(days=7))
        later.line_ids.action_done()
        self.assertFalse(activity.active)
        for some in (plan, later, plan | later):
            some.action_fill()
            self.assertEqual((plan.done_count, later.done_count), (0, 1))

    def test_document_of_a_merged_contact(self):
        """Lines, those of closed plans too, open the contact that is left."""
        double = self._create_company_partner("Double", user_id=self.user_sales.id)
        self._activity("2025-03-12", record=double)
        plan = self._plan()
        plan.action_close()
        self.env["base.partner.merge.automatic.wizard"]._merge((double | self.customer).ids, self.customer)
        self.assertRecordValues(plan.line_ids, [{"partner_id": self.customer.id, "res_id": self.customer.id}])
        self.assertEqual(plan.line_ids.document_name, "Customer")
        self.assertEqual(plan.line_ids.action_open_document()["res_id"], self.customer.id)

    def test_document_of_a_merged_lead(self):
        leads = self.env["crm.lead"].create(
            [
                {
                    "name": name,
                    "partner_id": self.customer.id,
                    "user_id": self.user_sales.id,
                    "probability": number,
                }
                for number, name in enumerate(("Double", "Machine"), start=10)
            ]
        )
        done, _open = (
            self._activity("2025-03-12", record=leads[0], summary=name) for name in ("Done", "Open")
        )
        plan = self._plan()
        done.action_feedback()
        kept = leads.merge_opportunity()
        self.assertEqual(kept, leads[1])
        self.assertEqual(plan.line_ids.mapped("res_id"), [kept.id] * 2)
        self.assertRecordValues(
            plan.line_ids.sorted("name"),
            [{"name": "Done", "state": "done"}, {"name": "Open", "state": "planned"}],
        )

    def test_done_here_is_done_elsewhere(self):
        activity = self._activity("2025-03-12")
        plan = self._plan()
        plan.line_ids.action_done()
        self.assertFalse(activity.active)
        self.assertEqual(plan.line_ids.state, "done")
        log = self.env["partner.contact.log"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual(log.state, "done")

    def test_moving_moves_the_activity(self):
        activity = self._activity("2025-03-12")
        plan = self._plan()
        plan.line_ids.weekday = "4"
        self.assertEqual(activity.date_deadline, date(2025, 3, 14))
        plan.line_ids.date = date(2025, 3, 13)
        self.assertEqual(activity.date_deadline, date(2025, 3, 13))
        self.assertEqual(plan.line_ids.weekday, "3")

    def test_dragging_in_a_calendar_keeps_the_hours(self):
        """The calendar tells a length of nothing for what is planned for the day."""
        self._activity("2025-03-11")
        self._event("2025-03-12 03:00:00")
        call, meeting = self._plan().line_ids.sorted("has_hour")
        hours = call.hours
        self.assertTrue(hours)
        call.write({"date_start": "2025-03-13 05:00:00", "duration": 0})
        self.assertEqual(call.hours, hours)
        meeting.write({"date_start": "2025-03-13 03:00:00", "duration": 1})
        self.assertEqual((meeting.hours, meeting.date), (1, date(2025, 3, 13)))
        for values in ({"date_start": meeting.date_start, "duration": 2}, {"hours": 2}):
            with self.assertRaisesRegex(UserError, "Visit of the factory.*follow the meeting"):
                meeting.write(values)

    def test_moving_moves_the_meeting_at_its_hour(self):
        event = self._event("2025-03-13 02:00:00", 1.5)
        plan = self._plan()
        plan.line_ids.weekday = "4"
        self.assertEqual(event.start, datetime(2025, 3, 14, 2))
        self.assertEqual(event.stop, datetime(2025, 3, 14, 3, 30))

    def test_moving_an_all_day_meeting_keeps_its_days(self):
        """Noon in America is the evening in UTC: ten hours later, it would end a day later."""
        for zone in ("America/Los_Angeles", "Asia/Ho_Chi_Minh", "Pacific/Auckland"):
            with self.subTest(zone=zone):
                self.user_sales.tz = zone
                event = self._event(
                    "2025-03-12 08:00:00", 10, allday=True, start_date="2025-03-12", stop_date="2025-03-12"
                )
                plan = self._plan()
                self.assertEqual(plan.line_ids.date, date(2025, 3, 12))
                plan.line_ids.weekday = "4"
                self.assertRecordValues(
                    event,
                    [
                        {
                            "start": datetime(2025, 3, 14, 8),
                            "start_date": date(2025, 3, 14),
                            "stop_date": date(2025, 3, 14),
                        }
                    ],
                )
                self.assertEqual(plan.line_ids.date, date(2025, 3, 14))
                plan.sudo().unlink()
                event.sudo().unlink()

    def test_what_is_over_moves_nothing(self):
        """Cards are dragged by weekday whatever their state: no meeting that took place, nor what goes on later."""
        event = self._event("2025-03-10 02:00:00")
        activity = self._activity("2025-03-12")
        plan = self._plan()
        plan.action_submit()
        activity.date_deadline = "2025-03-19"
        carried, done = plan.line_ids.sorted(lambda line: line.state)
        self.assertEqual((carried.state, done.state), ("carried", "done"))
        for line in (carried, done):
            line.weekday = "4"
        self.assertEqual(activity.date_deadline, date(2025, 3, 19))
        self.assertEqual(event.start, datetime(2025, 3, 10, 2))

    def test_moved_elsewhere_moves_here(self):
        activity = self._activity("2025-03-12")
        event = self._event("2025-03-13 02:00:00")
        plan = self._plan()
        activity.date_deadline = "2025-03-14"
        event.write({"start": "2025-03-15 02:00:00", "stop": "2025-03-15 04:00:00"})
        self.assertRecordValues(
            plan.line_ids.sorted("date"),
            [{"date": date(2025, 3, 14), "hours": 0.25}, {"date": date(2025, 3, 15), "hours": 2}],
        )

    def test_leaving_the_week(self):
        """It leaves a draft; in a submitted plan it stays as carried over, a deleted one as cancelled."""
        moved, deleted = self._activity("2025-03-12"), self._activity("2025-03-13")
        plan = self._plan()
        moved.date_deadline = "2025-03-19"
        self.assertEqual(len(plan.line_ids), 1)
        moved.date_deadline = "2025-03-12"
        plan.action_fill()
        plan.action_submit()
        moved.date_deadline = "2025-03-19"
        deleted.unlink()
        self.assertEqual(sorted(plan.line_ids.mapped("state")), ["cancelled", "carried"])
        self.assertEqual(plan.planned_count, 2)

    def test_moved_after_the_submission(self):
        """It stays planned where it was submitted, says so, and takes no time of that week any more."""
        event = self._event("2025-03-13 02:00:00", 2)
        call, late = self._activity("2025-03-12"), self._activity("2025-03-12", summary="Late")
        plan = self._plan()
        plan.action_submit()
        plan.sudo().capacity_hours = 10
        self.assertEqual((plan.load, plan.has_moved), (0.25, False))
        event.write({"start": "2025-03-20 02:00:00", "stop": "2025-03-20 04:00:00"})
        call.date_deadline = "2025-03-18"
        meeting, moved, stays = (
            plan.line_ids.filtered(
                lambda line, source=source: line.sudo()[source._name.split(".")[1] + "_id"] == source
            )
            for source in (event, call, late)
        )
        self.assertRecordValues(
            meeting | moved | stays,
            [
                {"state": "carried", "moved_to": date(2025, 3, 20), "moved": "to 03/20/2025"},
                {"state": "carried", "moved_to": date(2025, 3, 18), "moved": "to 03/18/2025"},
                {"state": "planned", "moved_to": False, "moved": False},
            ],
        )
        self.assertEqual((plan.planned_hours, plan.planned_count, plan.carried_count), (2.5, 3, 2))
        self.assertEqual((plan.meeting_hours, plan.available_hours, plan.load), (0, 10, 0.025))
        self.assertTrue(plan.has_moved)
        following = self._plan(monday=MONDAY + timedelta(days=7))
        self.assertRecordValues(
            following.line_ids,
            [
                {"moved_from": date(2025, 3, 12), "moved": "from 03/12/2025", "is_carried": False},
                {"moved_from": date(2025, 3, 13), "moved": "from 03/13/2025", "is_carried": False},
            ],
        )
        self.assertTrue(following.has_moved)
        # further, and back
        call.date_deadline = "2025-03-27"
        event.write({"start": "2025-03-14 02:00:00", "stop": "2025-03-14 04:00:00"})
        plan.action_fill()
        self.assertRecordValues(
            meeting | moved,
            [
                {"state": "planned", "date": date(2025, 3, 14), "moved_to": False},
                {"state": "carried", "date": date(2025, 3, 12), "moved_to": date(2025, 3, 27)},
            ],
        )
        self.assertEqual((plan.meeting_hours, plan.planned_count), (2, 3))
        self.assertFalse(following.line_ids, "what leaves a week leaves a draft")
        # done in the week it was moved out of, after all
        with self.env.cr.savepoint() as savepoint:
            call.with_user(self.user_sales).action_feedback()
            plan.action_fill()
            self.assertRecordValues(
                moved, [{"state": "done", "date": date(2025, 3, 11), "moved_to": False, "is_added": False}]
            )
            savepoint.close(rollback=True)
        self.env.invalidate_all()
        # done elsewhere, and what is only late
        with freeze_time("2025-03-26 03:00:00"):
            call.with_user(self.user_sales).action_feedback()
        plan.action_fill()
        self.assertRecordValues(moved, [{"state": "carried", "moved_to": date(2025, 3, 27)}])
        with freeze_time("2025-03-17 03:00:00"):
            following.action_fill()
            self.assertRecordValues(following.line_ids, [{"is_carried": True, "moved_from": False}])
            following.action_submit()
        with freeze_time("2025-03-24 03:00:00"):
            following.action_fill()
            self.assertRecordValues(following.line_ids, [{"state": "carried", "moved_to": False}])

    def test_moved_before_or_without_the_submission(self):
        """As what was cancelled before, or came later, it was not planned; a draft is left by it."""
        early = self._activity("2025-03-12")
        self._activity("2025-03-13", summary="Stays")
        plan = self._plan()
        plan.action_submit()
        added = self._activity("2025-03-14", summary="Added")
        plan.action_fill()
        added.date_deadline = "2025-03-21"
        early.date_deadline = "2025-03-20"
        self.assertEqual((plan.planned_count, plan.carried_count), (2, 2), "the added one was not submitted")
        plan.with_user(self.user_supervisor).action_return("More visits")
        self.assertEqual(plan.planned_count, 1)
        plan.action_submit()
        self.assertEqual(plan.planned_count, 1, "what was moved by then is not submitted")
        plan.with_user(self.user_supervisor).action_return("More visits")
        plan.action_fill()
        self.assertEqual(plan.line_ids.mapped("name"), ["Stays"])

    def test_no_longer_the_persons(self):
        """A meeting that is declined and an activity that a colleague takes are not carried over, but cancelled."""
        activity, event = self._activity("2025-03-12"), self._event("2025-03-13 02:00:00")
        self._activity("2025-03-14", summary="Stays")
        plan = self._plan()
        plan.action_submit()
        activity.user_id = self.user_sales2
        attendee = event.sudo().attendee_ids.filtered(
            lambda one: one.partner_id == self.user_sales.partner_id
        )
        attendee.do_decline()
        plan.action_fill()
        self.assertEqual(plan.line_ids.sorted("date").mapped("state"), ["cancelled", "cancelled", "planned"])
        self.assertEqual((plan.meeting_hours, plan.carried_count), (0, 0))
        attendee.do_accept()
        activity.user_id = self.user_sales
        plan.action_fill()
        self.assertEqual(set(plan.line_ids.mapped("state")), {"planned"})

    def test_meeting_taken_out_stays_out(self):
        """Until it is moved; a meeting cannot be cancelled for all the others from here."""
        event = self._event("2025-03-13 02:00:00")
        plan = self._plan()
        plan.line_ids.action_cancel()
        for moment in (NOW, "2025-03-14 03:00:00"):
            with freeze_time(moment):
                plan.action_fill()
                self.assertEqual(plan.line_ids.state, "cancelled")
        event.write({"start": "2025-03-14 02:00:00", "stop": "2025-03-14 03:00:00"})
        plan.action_fill()
        self.assertRecordValues(
            plan.line_ids, [{"state": "planned", "date": date(2025, 3, 14), "date_done": False}]
        )

    def test_meeting_done_before_its_end_stays_done(self):
        self._event("2025-03-11 02:00:00", 2)
        plan = self._plan()
        self.assertEqual(plan.line_ids.state, "planned")
        plan.line_ids.action_done()
        plan.action_fill()
        self.assertRecordValues(plan.line_ids, [{"state": "done", "hours_done": 2}])

    def test_meeting_cancelled_and_restored(self):
        """What its organiser cancelled comes back with the meeting."""
        event = self._event("2025-03-13 02:00:00")
        plan = self._plan()
        plan.action_submit()
        event.active = False
        self.assertEqual(plan.line_ids.state, "cancelled")
        event.active = True
        plan.action_fill()
        self.assertEqual(plan.line_ids.state, "planned")

    def test_names_are_in_the_language_of_the_person(self):
        """Whoever fills the plan: the scheduler has English, a superior the own language."""
        self.env["res.lang"]._activate_lang("vi_VN")
        self.call.update_field_translations("name", {"en_US": "Ring Up", "vi_VN": "Gọi lại"})
        self.user_sales.lang = "vi_VN"
        self._activity("2025-03-13", summary=False)
        self._event("2025-03-14 02:00:00", privacy="private")
        plan = self._plan(fill=False)
        for user in (self.env.user, self.user_supervisor, self.user_sales):
            filling = plan.with_user(user).with_context(lang=user.lang)
            filling.action_fill()
            self.assertEqual(
                plan.line_ids.sorted("date").mapped("name"), ["Gọi lại", "Cuộc họp riêng tư"], user.name
            )

    def test_private_meeting_of_a_subordinate_is_not_moved(self):
        self._event("2025-03-13 02:00:00", privacy="private")
        plan = self._plan()
        with self.assertRaisesRegex(UserError, "Private meeting.*cannot be moved"):
            plan.with_user(self.user_supervisor).line_ids.weekday = "4"

    # -- by hand ---------------------------------------------------------------
    def test_by_hand(self):
        plan = self._plan(fill=False)
        line = (
            self.env["partner.work.plan.line"]
            .with_user(self.user_sales)
            .create(
                {
                    "plan_id": plan.id,
                    "name": "Price list",
                    "hours": 3,
                    "date": "2025-03-12",
                    "kind": "meeting",
                }
            )
        )
        self.assertRecordValues(line, [{"kind": "manual", "date": date(2025, 3, 12), "is_added": False}])
        with self.assertRaisesRegex(ValidationError, "Price list.*03/17/2025"):
            line.date = date(2025, 3, 17)

    def test_state_by_hand(self):
        """A card that is dragged to another state, or made in it, is as if the buttons had been pressed."""
        plan = self._plan(fill=False)
        lines = self.env["partner.work.plan.line"].with_user(self.user_sales)
        values = {"plan_id": plan.id, "name": "Report", "date": "2025-03-12", "hours": 4}
        line = lines.create({**values, "state": "done"})
        done_on = fields.Datetime.now()
        self.assertRecordValues(line, [{"hours_done": 4, "date_done": done_on}])
        line.state = "planned"
        self.assertRecordValues(line, [{"hours_done": 0, "date_done": False}])
        line.write({"state": "done", "hours_done": 3})
        self.assertRecordValues(line, [{"hours_done": 3, "date_done": done_on}])
        line.write({"state": "planned"})
        for write in (
            lambda: line.write({"state": "carried"}),
            lambda: lines.create({**values, "state": "carried"}),
            lambda: lines.with_context(default_state="carried").create(values),
        ):
            with self.assertRaisesRegex(UserError, "Report.*carried over by itself"), self.cr.savepoint():
                write()
        self.assertEqual((line.state, len(plan.line_ids)), ("planned", 1))

    def test_what_is_done_elsewhere_is_not_reopened(self):
        """The next filling would call it done again, without the hours that somebody had entered."""
        self._activity("2025-03-12")
        self._event("2025-03-11 02:00:00", 2)
        plan = self._plan()
        call, meeting = plan.line_ids.sorted("has_hour")
        (call | meeting).action_done()
        meeting.state = "planned"
        self.assertEqual(meeting.state, "planned", "the meeting goes on")
        with freeze_time("2025-03-11 05:00:00"):
            plan.action_fill()
            for line in (call, meeting):
                with self.assertRaisesRegex(UserError, "stays done"):
                    line.state = "planned"

    def test_first_and_last_day_of_the_week(self):
        plan = self._plan(fill=False)
        for day in ("2025-03-10", "2025-03-16"):
            self.env["partner.work.plan.line"].with_user(self.user_sales).create(
                {"plan_id": plan.id, "name": day, "date": day}
            )
        self.assertEqual(plan.line_ids.sorted("date").mapped("weekday"), ["0", "6"])

    def test_any_day_means_its_week(self):
        plan = self.env["partner.work.plan"].with_user(self.user_sales).create({"date_from": "2025-03-16"})
        self.assertEqual((plan.date_from, plan.date_to), (MONDAY, date(2025, 3, 16)))

    # -- capacity --------------------------------------------------------------
    def test_capacity_is_schedule_less_leave(self):
        self._full_time()
        plan = self._plan()
        self.assertEqual(plan.capacity_hours, 40)
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Leave",
                "resource_id": self.employee_sales.resource_id.id,
                "calendar_id": self.employee_sales.resource_calendar_id.id,
                "date_from": "2025-03-12 17:00:00",  # Thursday 0:00 there
                "date_to": "2025-03-13 16:59:59",
            }
        )
        self._event("2025-03-11 02:00:00", 2)
        plan.action_fill()
        self.assertEqual((plan.capacity_hours, plan.meeting_hours, plan.available_hours), (32, 2, 30))
        self.assertAlmostEqual(plan.load, 2 / 32)

    def test_capacity_within_a_contract(self):
        """Who comes, goes or changes the schedule within the week works in a part of it, or by two schedules."""
        employee, half = self.employee_sales, self._half_time()
        self._full_time()
        plans = (self._plan(fill=False) | self._plan(monday=MONDAY + timedelta(days=7), fill=False)).sudo()
        self.assertEqual(
            plans.mapped("capacity_hours"), [40, 40], "without a contract the schedule holds always"
        )
        version = employee.version_ids
        version.write({"date_version": "2025-03-12", "contract_date_start": "2025-03-12"})
        plans._refresh_capacity()
        self.assertEqual(plans.mapped("capacity_hours"), [24, 40])
        version.write({"date_version": "2025-01-01", "contract_date_start": "2025-01-01"})
        employee.create_version({"date_version": "2025-03-12", "resource_calendar_id": half.id})
        plans._refresh_capacity()
        self.assertEqual(plans.mapped("capacity_hours"), [28, 20])
        employee.version_ids.contract_date_end = "2025-03-13"
        plans._refresh_capacity()
        self.assertEqual(plans.mapped("capacity_hours"), [24, 0])

    def test_no_employee_no_capacity(self):
        self.employee_sales.unlink()
        plan = self._plan()
        self.assertIs(plan.capacity_hours, False)
        self.assertIs(plan.load, False)
        self.assertIs(plan.completion, False)

    # -- approval --------------------------------------------------------------
    def test_submit_approve(self):
        self._activity("2025-03-12")
        plan = self._plan()
        plan.action_submit()
        self.assertEqual(plan.state, "submitted")
        todo = self.env["mail.activity"].search([("res_model", "=", plan._name), ("res_id", "=", plan.id)])
        self.assertEqual(todo.user_id, self.user_supervisor)
        with self.assertRaises(AccessError):
            plan.action_approve()
        plan.with_user(self.user_supervisor).action_approve()
        self.assertRecordValues(plan, [{"state": "approved", "approved_by_id": self.user_supervisor.id}])
        self.assertFalse(todo.exists().active)

    def test_return_with_a_remark(self):
        self._activity("2025-03-12")
        plan = self._plan()
        plan.action_submit()
        superior = plan.with_user(self.user_supervisor)
        dialog = superior.action_return()
        self.assertEqual(dialog["res_model"], "partner.work.plan.return")
        self.assertEqual(plan.state, "submitted")
        wizard = (
            self.env["partner.work.plan.return"]
            .with_user(self.user_supervisor)
            .with_context(**dialog["context"])
            .create({"remark": "More visits"})
        )
        wizard.action_return()
        self.assertRecordValues(plan, [{"state": "draft", "remark": "More visits"}])
        self.assertIn(self.user_sales.partner_id, plan.message_ids[0].notified_partner_ids)
        plan.action_submit()
        self.assertFalse(plan.remark)

    def test_state_is_not_written_directly(self):
        plan = self._plan(fill=False)
        with self.assertRaises(AccessError):
            plan.write({"state": "approved"})
        with self.assertRaises(AccessError):
            plan.write({"user_id": self.user_sales2.id})
        with self.assertRaises(AccessError):
            self.env["partner.work.plan"].with_user(self.user_sales).create(
                {"date_from": MONDAY + timedelta(days=7), "state": "approved"}
            )

    def test_empty_plan_is_not_submitted(self):
        with self.assertRaisesRegex(UserError, "empty"):
            self._plan().action_submit()

    def test_without_superior_it_is_approved(self):
        self._activity("2025-03-12", user=self.user_sales2)
        plan = self._plan(self.user_sales2)
        plan.action_submit()
        self.assertEqual(plan.state, "approved")

    def test_superior_who_cannot_approve(self):
        """Who left, has no user or may approve nothing is passed over for the next one above."""
        plan = self._plan(self.user_sub, fill=False)
        self.assertEqual(plan.superior_id, self.user_supervisor, "the manager may approve nothing")
        right = self.env.ref("partner_relations.group_supervisor")
        self.user_sales.group_ids = [Command.link(right.id)]
        plan.invalidate_recordset(["superior_id"])
        self.assertEqual(plan.superior_id, self.user_sales)
        self.employee_sales.user_id = False
        plan.invalidate_recordset(["superior_id"])
        self.assertEqual(plan.superior_id, self.user_supervisor)
        self.user_supervisor.active = False
        plan.invalidate_recordset(["superior_id"])
        self.assertEqual(plan.superior_id, self.user_director)

    def _asked(self, plan):
        todo = self.env["mail.activity"].search([("res_model", "=", plan._name), ("res_id", "=", plan.id)])
        return todo.user_id

    def test_superior_who_left_after_the_submission(self):
        """The scheduler asks the next one above who may approve, and nobody twice."""
        plan = self._plan(self.user_sub, fill=False)
        self.env["partner.work.plan.line"].with_user(self.user_sub).create(
            {"plan_id": plan.id, "name": "Report", "date": "2025-03-12"}
        )
        plan.action_submit()
        self.assertEqual(self._asked(plan), self.user_supervisor)
        self.user_supervisor.active = False
        self._only(self.user_sub)
        self.env.invalidate_all()
        for _again in range(2):
            plan.sudo()._fill(self.user_sub, MONDAY)
            self.assertEqual((self._asked(plan), plan.state), (self.user_director, "submitted"))
        self.assertEqual(len(plan.sudo().activity_ids), 1)
        plan.with_user(self.user_director).action_approve()
        plan.sudo()._fill(self.user_sub, MONDAY)
        self.assertFalse(self._asked(plan))

    def test_superior_who_is_archived(self):
        """The next one above is asked at once: core deletes the activity by which the one who left was asked."""
        colleague = self._create_user("sub2", "partner_relations.group_user")
        self._create_employee(colleague, self.employee_sales)
        plan, decided = self._plan(self.user_sub, fill=False), self._plan(colleague, fill=False)
        for one in (plan, decided):
            self.env["partner.work.plan.line"].with_user(one.user_id).create(
                {"plan_id": one.id, "name": "Report", "date": "2025-03-12"}
            )
            one.with_user(one.user_id).action_submit()
        decided.with_user(self.user_supervisor).sudo().activity_ids.unlink()
        self.assertEqual(self._asked(plan), self.user_supervisor)
        self.user_supervisor.action_archive()
        self.assertEqual(self._asked(plan), self.user_director)
        self.assertFalse(self._asked(decided), "who had no activity any more knew of the plan")
        self.assertEqual(plan.state, "submitted")

    def test_superior_who_is_another_one_now(self):
        """Whoever changes the manager of a person, or of one above, passes the submitted plans on."""
        plan = self._plan(self.user_sub, fill=False)
        self.env["partner.work.plan.line"].with_user(self.user_sub).create(
            {"plan_id": plan.id, "name": "Report", "date": "2025-03-12"}
        )
        plan.action_submit()
        officer = self._create_user("officer", "hr.group_hr_user")
        self.employee_sales.with_user(officer).parent_id = self.employee_director
        self.assertEqual(self._asked(plan), self.user_director)
        self.assertEqual(len(plan.sudo().activity_ids), 1)

    def test_superior_of_another_company(self):
        """Who may not open the plan is not asked: the next one above is."""
        self.user_supervisor.write(
            {"company_id": self.company2.id, "company_ids": [Command.set(self.company2.ids)]}
        )
        self.assertEqual(self._plan(self.user_sub, fill=False).superior_id, self.user_director)

    def test_no_superior_may_approve(self):
        """The directors are asked, and not a manager who cannot open the plan; each of them until one approves."""
        self.employee_sub.parent_id.parent_id = False
        other = self._create_user("director2", "partner_relations.group_director")
        abroad = self._create_user(
            "director3",
            "partner_relations.group_director",
            company_id=self.company2.id,
            company_ids=[Command.set(self.company2.ids)],
        )
        plan = self._plan(self.user_sub, fill=False)
        self.assertFalse(plan.superior_id)
        self.env["partner.work.plan.line"].with_user(self.user_sub).create(
            {"plan_id": plan.id, "name": "Report", "date": "2025-03-12"}
        )
        plan.action_submit()
        asked = self._asked(plan)
        self.assertLessEqual(self.user_director | other, asked)
        self.assertFalse(asked & (abroad | self.user_sales))
        [approval] = other._get_morning_agendas()[other.id]["approvals"]
        self.assertEqual(approval["url"], f"/odoo/work-plans/{plan.id}")
        plan.with_user(other).action_approve()
        self.assertFalse(self._asked(plan))

    def test_added_after_submission_is_marked(self):
        self._activity("2025-03-12")
        plan = self._plan()
        plan.action_submit()
        self._activity("2025-03-13")
        plan.action_fill()
        self.assertEqual(plan.line_ids.sorted("date").mapped("is_added"), [False, True])

    # -- closing ---------------------------------------------------------------
    def test_closing_carries_over(self):
        activity = self._activity("2025-03-12")
        plan = self._plan()
        self.env["partner.work.plan.line"].with_user(self.user_sales).create(
            [
                {"plan_id": plan.id, "name": "Price list", "hours": 3, "date": "2025-03-14"},
                {
                    "plan_id": plan.id,
                    "name": "Report",
                    "hours": 1,
                    "date": "2025-03-10",
                    "state": "done",
                    "hours_done": 1,
                },
            ]
        )
        with freeze_time("2025-03-17 03:00:00"):
            plan.action_close()
            self.assertEqual(plan.state, "closed")
            self.assertEqual((plan.planned_count, plan.done_count, plan.carried_count), (3, 1, 2))
            following = self.env["partner.work.plan"].search(
                [("user_id", "=", self.user_sales.id), ("date_from", "=", MONDAY + timedelta(days=7))]
            )
            self.assertRecordValues(
                following.line_ids.sorted("name"),
                [
                    {"name": "Price list", "is_carried": True, "date": date(2025, 3, 17), "hours": 3},
                    {"name": "Talk", "is_carried": True, "date": date(2025, 3, 17), "hours": 0.25},
                ],
            )
            with self.assertRaisesRegex(UserError, "closed"):
                plan.line_ids[0].with_user(self.user_sales).name = "Other"
            activity.action_feedback()
            self.assertEqual(plan.carried_count, 2, "a closed plan stays as it was")
            self.assertEqual(following.done_count, 1)

    def test_scheduler(self):
        """Makes the plans of two weeks, closes those that are over, and changes nothing when run again."""
        self._activity("2025-03-12")
        users = self.env.ref("partner_relations.group_user").all_user_ids
        users.relations_work_plan = False
        self.user_sales.relations_work_plan = True
        old = self._plan(monday=MONDAY - timedelta(days=14), fill=False)
        yesterday = self._plan(monday=MONDAY - timedelta(days=7), fill=False)
        plans = self.env["partner.work.plan"]
        with self.enter_registry_test_mode():
            cron = self.env.ref("partner_relations.ir_cron_work_plan")
            run_cron(cron)
            mine = plans.search([("user_id", "=", self.user_sales.id), ("state", "!=", "closed")])
            self.assertEqual(
                mine.sorted("date_from").mapped("date_from"),
                [MONDAY - timedelta(days=7), MONDAY, MONDAY + timedelta(days=7)],
            )
            self.assertEqual(old.state, "closed")
            self.assertEqual(yesterday.state, "draft", "two days to write the week up")
            lines = mine.line_ids
            self.assertEqual(len(lines), 1)
            run_cron(cron)
            self.assertEqual(
                plans.search([("user_id", "=", self.user_sales.id), ("state", "!=", "closed")]).line_ids,
                lines,
            )
        self.assertFalse(plans.search([("user_id", "=", self.user_sales2.id)]))

    def _only(self, *users):
        """Let the scheduler plan for these users alone."""
        self.env.ref("partner_relations.group_user").all_user_ids.relations_work_plan = False
        self.env["res.users"].union(*users).relations_work_plan = True

    def test_scheduler_without_time(self):
        """Where the time is up after each batch, everybody comes, and the job ends."""
        people = (self.user_sales, self.user_sales2, self.user_sub, self.user_supervisor)
        self._only(*people)
        for user in people:
            self._activity("2025-03-12", user=user)
        old = self._plan(monday=MONDAY - timedelta(days=14), fill=False)
        plans = self.env["partner.work.plan"]
        with patch.object(type(plans)._cron_fill, "__defaults__", (1,)):
            run_without_time(self, "ir_cron_work_plan")
        found = plans.search([("date_from", "=", MONDAY), ("line_ids", "!=", False)])
        self.assertEqual(found.user_id, self.env["res.users"].union(*people))
        self.assertEqual(old.state, "closed")

    def test_scheduler_failure_of_one_person(self):
        """What fails for one person leaves the plans of the others alone, filled and closed."""
        self._only(self.user_sales, self.user_sales2)
        for user in (self.user_sales, self.user_sales2):
            self._activity("2025-03-12", user=user)
        bad, good = (
            self._plan(user, MONDAY - timedelta(days=14), fill=False)
            for user in (self.user_sales, self.user_sales2)
        )
        plans = self.env["partner.work.plan"]
        collect = type(plans)._collect_activities

        def failing(plans, wanted):
            if self.user_sales in plans.user_id:
                raise ZeroDivisionError("of one person")
            return collect(plans, wanted)

        with patch.object(type(plans), "_collect_activities", failing):
            run_without_time(self, "ir_cron_work_plan", fails=True)
        self.assertEqual((bad.state, good.state), ("draft", "closed"))
        filled = plans.search([("date_from", "=", MONDAY), ("line_ids", "!=", False)])
        self.assertEqual(filled.user_id, self.user_sales2)

    def test_scheduler_stopped_by_one_person(self):
        """A limit of the database's time that one person meets each time keeps nobody else of the batch waiting."""
        self._only(self.user_sales, self.user_sales2)
        for user in (self.user_sales, self.user_sales2):
            self._activity("2025-03-12", user=user)
        plans = self.env["partner.work.plan"]
        collect = type(plans)._collect_activities

        def stopping(plans, wanted):
            if self.user_sales in plans.user_id:
                raise QueryCanceled("statement timeout")
            return collect(plans, wanted)

        muted = ("odoo.addons.base.models.ir_cron", "odoo.addons.partner_relations.models.ir_cron_progress")
        with (
            patch.object(type(plans), "_collect_activities", stopping),
            mute_logger(*muted),
            self.enter_registry_test_mode(),
        ):
            run_job(self.env, "ir_cron_work_plan", fails=True)
        filled = plans.search([("date_from", "=", MONDAY), ("line_ids", "!=", False)])
        self.assertEqual(filled.user_id, self.user_sales2)
        told = self.env.ref("mail.channel_admin").message_ids[0].body
        self.assertIn(self.user_sales.login, told)
        self.assertNotIn(self.user_sales2.login, told)

    def test_hours_below_zero(self):
        """They are refused where they are entered: a line of a plan cannot have them."""
        with self.assertRaisesRegex(IntegrityError, "planned_hours_positive"), mute_logger("odoo.sql_db"):
            self.call.planned_hours = -1
            self.env.flush_all()

    def test_hours_beyond_a_week(self):
        """No line of a plan can have them either."""
        with self.assertRaisesRegex(
            UserError, "“Call”: “Hours in Work Plans” cannot be 168.5.* from 0 to 168"
        ):
            self.call.planned_hours = 168.5
        with self.assertRaisesRegex(UserError, "“Hours in Work Plans” cannot be inf"):
            self.call.planned_hours = float("inf")
        self.call.planned_hours = 168

    def test_next_week_closed_early(self):
        """What is left of this week goes into the first plan that is not closed."""
        self._plan(monday=MONDAY + timedelta(days=7), fill=False).action_close()
        plan = self._plan(fill=False)
        self.env["partner.work.plan.line"].with_user(self.user_sales).create(
            {"plan_id": plan.id, "name": "Price list", "hours": 3, "date": "2025-03-14"}
        )
        plan.action_close()
        line = self.env["partner.work.plan.line"].search(
            [("name", "=", "Price list"), ("state", "=", "planned")]
        )
        self.assertRecordValues(line.plan_id, [{"date_from": MONDAY + timedelta(days=14), "state": "draft"}])
        self.assertEqual(line.date, MONDAY + timedelta(days=14))

    def test_done_after_an_early_closing(self):
        """It counts in the first plan that is not closed, once; what the closed plan has as done stays there alone."""
        done, late = (
            self._activity("2025-03-12", summary="Done"),
            self._activity("2025-03-14", summary="Late"),
        )
        called_off = self._activity("2025-03-14", summary="Called off")
        self._event("2025-03-10 02:00:00", name="Past")
        self._event("2025-03-13 02:00:00", name="Meeting")
        self._event("2025-03-13 06:00:00", name="Declined for the plan")
        plan = self._plan()
        done.with_user(self.user_sales).action_feedback()
        plan.line_ids.filtered(
            lambda line: line.name in ("Called off", "Declined for the plan")
        ).action_cancel()
        self.assertFalse(called_off.exists())
        plan.action_close()
        self.assertEqual(plan.done_count, 2)
        following = self.env["partner.work.plan"].search(
            [("user_id", "=", self.user_sales.id), ("date_from", "=", MONDAY + timedelta(days=7))]
        )
        self.assertFalse(following.line_ids)
        following.with_user(self.user_sales).write(
            {"line_ids": [Command.create({"name": "Report", "hours": 4})]}
        )
        following.with_user(self.user_sales).action_submit()
        with (
            freeze_time("2025-03-15 03:00:00"),
            patch.object(type(self.env.cr), "now", lambda _cr: datetime.now()),
        ):
            new = self._activity("2025-03-15", summary="New")
            (late | new).with_user(self.user_sales).action_feedback()
            for _again in range(2):
                self.env["partner.work.plan"]._fill(self.user_sales, MONDAY)
                self.assertEqual(
                    sorted(following.line_ids.filtered("is_added").mapped("name")), ["Late", "Meeting", "New"]
                )
        for line in following.line_ids.filtered("is_added"):
            self.assertRecordValues(
                line, [{"state": "done", "date": MONDAY + timedelta(days=7), "is_carried": True}]
            )
        self.assertEqual((following.done_hours, following.planned_hours), (1.5, 5.5))
        # the week after that one closes early, too: into the one after it
        with freeze_time("2025-03-18 03:00:00"):
            following.with_user(self.user_sales).action_close()
            last = following._get_following()[following]
            last.sudo().action_fill()
            self.assertEqual((last.date_from, last.done_count), (MONDAY + timedelta(days=14), 0))
            with freeze_time("2025-03-18 04:00:00"):
                self._activity("2025-03-18", summary="Newest").with_user(self.user_sales).action_feedback()
            # both plans that the scheduler makes are closed
            self.env["partner.work.plan"]._fill(self.user_sales, MONDAY)
            self.assertEqual(last.line_ids.filtered("date_done").mapped("name"), ["Newest"])

    def test_meeting_of_weeks_of_which_some_were_closed_early(self):
        """Its hours in them count in the first plan that is not closed, once it is over."""
        plans = self.env["partner.work.plan"]

        def fill(moment):
            with freeze_time(moment):
                for _again in range(2):
                    plans._fill(self.user_sales, plans._get_monday(fields.Date.context_today(plans)))
                self.env.flush_all()

        # from Wednesday to Tuesday of the next week
        self._event("2025-03-12 01:00:00", 6 * 24 + 9, name="Fair")
        plan, following = self._plan(), self._plan(monday=MONDAY + timedelta(weeks=1))
        self.assertEqual([one.line_ids.hours for one in (plan, following)], [24, 16])
        plan.action_close()
        following.action_submit()
        fill("2025-03-17 03:00:00")
        self.assertEqual((following.done_hours, following.planned_hours), (0, 16))
        fill("2025-03-18 12:00:00")
        self.assertRecordValues(
            following.line_ids, [{"state": "done", "hours": 16, "hours_done": 40, "name": "Fair"}]
        )
        self.assertEqual((following.done_hours, following.planned_hours), (40, 16))
        # of two weeks that were closed early
        user = self.user_sales2
        user.tz = "Asia/Ho_Chi_Minh"
        self._event("2025-03-13 01:00:00", 8 * 24 + 9, user=user, name="Journey")
        (self._plan(user) | self._plan(user, MONDAY + timedelta(weeks=1))).action_close()
        third = plans.search([("user_id", "=", user.id), ("state", "!=", "closed")])
        for moment, hours in (("2025-03-17 03:00:00", 0), ("2025-03-21 12:00:00", 16 + 40)):
            with freeze_time(moment):
                for _again in range(2):
                    plans._fill(user, plans._get_monday(fields.Date.context_today(plans)))
            self.assertEqual((third.date_from, third.done_hours), (MONDAY + timedelta(weeks=2), hours))

    def test_meeting_that_began_before_the_weeks_looked_back_at(self):
        """All its hours count: it hands them on once it is over, also at midnight of the second Sunday or later."""
        plans = self.env["partner.work.plan"]
        # from Thursday to the end of the second Sunday, and to Tuesday after it
        for user, length, hours in (
            (self.user_sales, 10 * 24 + 16, 16 + 40),
            (self.user_sales2, 12 * 24 + 9, 16 + 40 + 16),
        ):
            user.tz = "Asia/Ho_Chi_Minh"
            self._event("2025-03-13 01:00:00", length, user=user, name="Journey")
            (self._plan(user) | self._plan(user, MONDAY + timedelta(weeks=1))).action_close()
            third = plans.search([("user_id", "=", user.id), ("state", "!=", "closed")])
            for moment in ("2025-03-24 03:00:00", "2025-03-25 12:00:00"):
                with self.subTest(hours, moment=moment), freeze_time(moment):
                    for _again in range(2):
                        plans._fill(user, plans._get_monday(fields.Date.context_today(plans)))
                    if third.line_ids.state == "done":
                        self.assertEqual(third.done_hours, hours)
            self.assertEqual((third.date_from, third.done_hours), (MONDAY + timedelta(weeks=2), hours))

    def test_hours_handed_on_to_what_was_marked_done(self):
        """By hand, before or after the end of the meeting; what the person enters afterwards stays."""
        plans = self.env["partner.work.plan"]
        for user, moment in (
            (self.user_sales, "2025-03-18 03:00:00"),
            (self.user_sales2, "2025-03-18 11:00:00"),
        ):
            user.tz = "Asia/Ho_Chi_Minh"
            self._event("2025-03-12 01:00:00", 6 * 24 + 9, user=user, name="Fair")
            plan, following = self._plan(user), self._plan(user, MONDAY + timedelta(weeks=1))
            plan.action_close()
            following.action_submit()
            with freeze_time(moment):
                following.line_ids.with_user(user).action_done()
            self.assertEqual(following.line_ids.hours_done, 16)
            with freeze_time("2025-03-18 12:00:00"):
                for _again in range(2):
                    plans._fill(user, MONDAY + timedelta(weeks=1))
                    self.assertRecordValues(
                        following.line_ids, [{"state": "done", "hours": 16, "hours_done": 40}]
                    )
                following.line_ids.with_user(user).hours_done = 12
                plans._fill(user, MONDAY + timedelta(weeks=1))
            self.assertEqual(following.line_ids.hours_done, 12)

    def test_two_weeks_closed_at_once(self):
        """What is left of the first one goes past the second one, which is closed with it."""
        plan, later = self._plan(fill=False), self._plan(monday=MONDAY + timedelta(days=7), fill=False)
        line = {"name": "Price list", "hours": 3, "date": "2025-03-14"}
        self.env["partner.work.plan.line"].with_user(self.user_sales).create({"plan_id": plan.id, **line})
        (plan | later).action_close()
        line = self.env["partner.work.plan.line"].search(
            [("name", "=", "Price list"), ("state", "=", "planned")]
        )
        self.assertEqual(line.plan_id.date_from, MONDAY + timedelta(days=14))
        self.assertEqual(line.plan_id.state, "draft")

    def test_who_left_gets_no_more_plans(self):
        """But for what is left over, which a superior finds there and gives to somebody else."""
        self._only(self.user_sales)
        old, plans = MONDAY - timedelta(days=14), self.env["partner.work.plan"]
        empty, full = (
            self._plan(self.user_sub, old, fill=False),
            self._plan(self.user_sales2, old, fill=False),
        )
        self.env["partner.work.plan.line"].with_user(self.user_sales2).create(
            {"plan_id": full.id, "name": "Price list", "date_start": f"{old} 05:00:00"}
        )
        (self.user_sub | self.user_sales2).active = False
        run_without_time(self, "ir_cron_work_plan")
        self.assertEqual((empty.state, full.state), ("closed", "closed"))
        self.assertFalse(plans.search([("user_id", "=", self.user_sub.id), ("state", "!=", "closed")]))
        left = plans.search([("user_id", "=", self.user_sales2.id), ("state", "!=", "closed")])
        self.assertEqual(left.line_ids.mapped("name"), ["Price list"])

    # -- rights ----------------------------------------------------------------
    def test_rights(self):
        plan, other = self._plan(), self._plan(self.user_sales2)
        deep = self._plan(self.user_sub)

        def seen(user):
            plans = self.env["partner.work.plan"].with_user(user)
            found = plans.web_search_read(
                [("id", "in", (plan | other | deep).ids)], {"planned_hours": {}, "state": {}}
            )
            return sorted(record["id"] for record in found["records"])

        self.assertEqual(seen(self.user_sales), [plan.id])
        self.assertEqual(seen(self.user_supervisor), sorted((plan | deep).ids))
        self.assertEqual(seen(self.user_director), sorted((plan | other | deep).ids))
        self.assertEqual(seen(self.user_sub), [deep.id])
        plain = self._create_user("plain", "base.group_user")
        with self.assertRaises(AccessError):
            seen(plain)
        with self.assertRaises(AccessError):
            other.with_user(self.user_sales).line_ids.mapped("name") or other.with_user(
                self.user_sales
            ).write({"line_ids": [Command.create({"name": "x"})]})
        lines = self.env["partner.work.plan.line"].with_user(self.user_sales)
        with self.assertRaises(AccessError):
            lines.create({"plan_id": other.id, "name": "Not mine"})

    def test_second_company(self):
        stranger = self._create_user(
            "stranger",
            "partner_relations.group_director",
            company_id=self.company2.id,
            company_ids=[Command.set(self.company2.ids)],
        )
        plan = self._plan()
        self.assertFalse(self.env["partner.work.plan"].with_user(stranger).search([("id", "=", plan.id)]))

    def test_sources_are_closed_to_clients(self):
        """An activity or meeting is read with its own rights, not through the line."""
        self._activity("2025-03-12")
        line = self._plan().line_ids
        for name in ("activity_id", "event_id"):
            with self.assertRaises(AccessError):
                line.with_user(self.user_sales).read([name])

    # -- speed -----------------------------------------------------------------
    def test_queries_do_not_grow(self):
        plans = self.env["partner.work.plan"].sudo()
        counts = []
        for size in (1, 20):
            users = self._create_users(
                {f"many{size}_{n}": "partner_relations.group_user" for n in range(size)}
            )
            for user in users:
                self._activity("2025-03-12", user=user)
                self._create_employee(user)
            # of everybody, over days: it asks for the schedules
            everybody = [Command.set(self.env["res.users"].union(*users).partner_id.ids)]
            self._event("2025-03-13 02:00:00", 30, partner_ids=everybody)
            made = plans.create([{"user_id": user.id, "date_from": MONDAY} for user in users])
            made._sync()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            made._refresh_capacity()
            made._sync()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 2, counts)

    def test_ending_lines_costs_the_same_for_many(self):
        counts = []
        for size in (1, 20):
            plan = self._plan(fill=False)
            plan.line_ids.unlink()
            lines = plan.line_ids.create(
                [{"plan_id": plan.id, "name": f"Order {size} {number}", "hours": 1} for number in range(size)]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            lines.action_done()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(set(lines.mapped("hours_done")), {1})
            plan.sudo().unlink()
        self.assertLessEqual(counts[1], counts[0] + 1, counts)

    def test_figures_in_a_list(self):
        users = self._create_users({f"list{n}": "partner_relations.group_user" for n in range(20)})
        for user in users:
            self._activity("2025-03-12", user=user)
        made = (
            self.env["partner.work.plan"]
            .sudo()
            .create([{"user_id": user.id, "date_from": MONDAY} for user in users])
        )
        made._sync()
        self.env.flush_all()
        for group in (made[:1], made):
            self.env.invalidate_all()
            with self.assertQueryCount(3):
                group.mapped("planned_hours")

    def test_other_activities_cost_one_query(self):
        activities = self.env["mail.activity"].union(*(self._activity("2025-03-12") for _number in range(5)))
        for some in (activities[:1], activities):
            some.invalidate_recordset()
            with self.assertQueryCount(1):
                some._work_plan_lines()

    # -- what a client may not do --------------------------------------------------
    def test_defaults_of_a_client(self):
        """Nobody approves the own plan by what is sent with the context."""
        plans = self.env["partner.work.plan"].with_user(self.user_sales)
        plan = plans.with_context(
            default_state="approved",
            default_approved_by_id=self.user_supervisor.id,
            default_remark="Well done",
            default_company_id=self.company2.id,
        ).create({"date_from": MONDAY})
        self.assertRecordValues(
            plan,
            [{"state": "draft", "approved_by_id": False, "remark": False, "company_id": self.company.id}],
        )
        for vals in (
            {"approved_by_id": self.user_supervisor.id},
            {"state": "approved"},
            {"company_id": self.company2.id},
            {"capacity_hours": 80},
        ):
            with self.assertRaises(AccessError):
                plans.create({"date_from": MONDAY + timedelta(days=7), **vals})
            with self.assertRaises(AccessError):
                plan.write(vals)

    def test_defaults_when_the_next_plan_is_made(self):
        """Nor does who closes a plan say what the next one is, or its lines stand for: the system makes them."""
        event = self._event("2025-03-20 02:00:00", user=self.user_sales2, privacy="private")
        plans = self.env["partner.work.plan"].with_user(self.user_sales)
        self._plan(fill=False).with_context(
            default_state="approved",
            default_approved_by_id=self.user_supervisor.id,
            default_remark="Well done",
        ).action_close()
        following = plans.search([("date_from", "=", MONDAY + timedelta(days=7))])
        self.assertRecordValues(
            following,
            [{"user_id": self.user_sales.id, "state": "draft", "approved_by_id": False, "remark": False}],
        )
        following.line_ids.create({"plan_id": following.id, "name": "Mine", "date": "2025-03-18"})
        following.with_context(
            default_event_id=event.id, default_res_model="res.users", default_res_id=self.user_sales2.id
        ).action_close()
        carried = plans.search([("date_from", "=", MONDAY + timedelta(days=14))]).line_ids.sudo()
        self.assertRecordValues(
            carried,
            [{"name": "Mine", "is_carried": True, "event_id": False, "res_model": False, "res_id": 0}],
        )

    def test_line_into_the_plan_of_somebody_else(self):
        other, own = self._plan(self.user_sales2), self._plan()
        lines = self.env["partner.work.plan.line"].with_user(self.user_sales)
        line = lines.create({"plan_id": own.id, "name": "Mine", "date": "2025-03-12"})
        for values in ({"plan_id": other.id}, {"plan_id": other.id, "state": "done"}):
            with self.assertRaises(AccessError):
                line.write(values)
        with self.assertRaises(AccessError):
            lines.create({"plan_id": other.id, "name": "Yours", "date": "2025-03-12"})
        with self.assertRaises(AccessError):
            lines.with_context(work_plan_sync=True).create(
                {"plan_id": other.id, "name": "Yours", "date_start": "2025-03-12 05:00:00"}
            )
        theirs = lines.with_user(self.user_sales2).create(
            {"plan_id": other.id, "name": "Theirs", "date": "2025-03-12"}
        )
        with self.assertRaises(AccessError):
            own.line_ids = [Command.link(theirs.id)]

    def test_what_a_line_stands_for(self):
        self._activity("2025-03-12")
        plan = self._plan()
        for values in ({"kind": "manual"}, {"is_added": True}, {"res_model": "res.users", "res_id": 1}):
            for context in ({}, {"work_plan_sync": True}):
                with self.assertRaises(AccessError):
                    plan.line_ids.with_context(**context).write(values)
        line = plan.line_ids.with_context(
            work_plan_sync=True, default_is_carried=True, default_res_model="res.users"
        ).create({"plan_id": plan.id, "name": "Mine", "kind": "meeting", "date": "2025-03-12", "res_id": 1})
        self.assertRecordValues(
            line, [{"kind": "manual", "is_carried": False, "res_model": False, "res_id": 0}]
        )

    def test_lines_of_a_closed_plan(self):
        plan = self._plan()
        line = plan.line_ids.create({"plan_id": plan.id, "name": "Mine", "date": "2025-03-12", "hours": 2})
        line.action_done()
        plan.action_close()
        for values in ({"hours_done": 9}, {"hours": 9}, {"state": "planned"}):
            with self.assertRaisesRegex(UserError, "closed"):
                line.with_context(work_plan_sync=True).write(values)
        for command in (Command.delete(line.id), Command.update(line.id, {"hours_done": 9}), Command.clear()):
            with self.assertRaisesRegex(UserError, "closed"):
                plan.line_ids = [command]
        with self.assertRaisesRegex(UserError, "closed"):
            line.with_context(work_plan_sync=True).create(
                {"plan_id": plan.id, "name": "Late", "date": "2025-03-12"}
            )
        self.assertEqual(line.hours_done, 2)

    def test_meeting_becomes_private(self):
        event = self._event("2025-03-13 02:00:00")
        plan = self._plan()
        self.assertEqual(plan.line_ids.name, "Visit of the factory")
        event.privacy = "private"
        self.assertEqual(plan.line_ids.name, "Private meeting")
        self.assertFalse(plan.line_ids.partner_id)

    def test_upgrade_tells_what_had_been_cancelled_before(self):
        plan = self._plan(fill=False)
        returned = self._plan(monday=MONDAY + timedelta(days=7), fill=False)
        lines = self.env["partner.work.plan.line"].with_user(self.user_sales)
        before, after = lines.create(
            [{"plan_id": plan.id, "name": name, "date": "2025-03-12", "hours": 1} for name in ("Old", "New")]
        )
        left, _still = lines.create(
            [
                {"plan_id": returned.id, "name": name, "date": "2025-03-19", "hours": 1}
                for name in ("Old", "New")
            ]
        )
        (plan | returned).action_submit()
        (before | after | left).action_cancel()
        before.sudo().date_done = "2025-03-10 03:00:00"
        # as earlier versions left it
        returned.sudo().state = "draft"
        self.assertEqual((plan | returned).mapped("planned_hours"), [2, 2])
        self.env.flush_all()
        script = Path(__file__).parents[2] / "migrations" / "19.0.1.16.0" / "post-cancelled_lines.py"
        runpy.run_path(str(script))["migrate"](self.env.cr, "19.0.1.15.0")
        self.env.invalidate_all()
        self.assertEqual((plan | returned).mapped("planned_hours"), [1, 1], "a returned plan is a draft")

    def test_upgrade_takes_documents_out_of_closed_plans(self):
        """The names of documents that earlier versions wrote into the lines."""
        self._activity("2025-03-12", self.user_sub)
        plan = self._plan(self.user_sub)
        own = self.env["partner.work.plan.line"].with_user(self.user_sub)
        own.create({"plan_id": plan.id, "name": "Report: sales", "date": "2025-03-12", "hours": 1})
        line = plan.line_ids.filtered(lambda line: line.kind != "manual").sudo()
        line.with_context(work_plan_sync=INTERNAL).name = "Talk: Customer"
        script = Path(__file__).parents[2] / "migrations" / "19.0.1.4.0" / "end-plan_words.py"
        migrate = runpy.run_path(str(script))["migrate"]
        for state, name in (("draft", "Talk: Customer"), ("closed", "Talk")):
            plan.sudo().state = state
            self.env.flush_all()
            migrate(self.env.cr, "19.0.1.2.0")
            self.env.invalidate_all()
            self.assertEqual(sorted(plan.sudo().line_ids.mapped("name")), sorted(["Report: sales", name]))
