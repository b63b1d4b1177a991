# pylint: disable=translation-required
from datetime import datetime, timedelta

from psycopg2 import IntegrityError

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Datetime
from odoo.tests import Form, freeze_time, tagged, users
from odoo.tools import mute_logger

from ..common import RelationsCommon


@tagged("post_install", "-at_install")
class TestContactLog(RelationsCommon):
    """Entries written by hand, and contacts planned by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._create_company_partner("Acacia", user_id=cls.user_sales.id)
        cls.person = cls._create_person("Lan", cls.customer)
        cls.user_sales.tz = "Asia/Ho_Chi_Minh"

    def log(self, **values):
        return self.env["partner.contact.log"].create(
            {"name": "Call", "partner_id": self.person.id, **values}
        )

    def activities(self, user):
        return self.env["mail.activity"].search([("user_id", "=", user.id)])

    @users("relations_sales")
    def test_dialog_one_sentence_and_next_contact(self):
        form = Form(
            self.env["partner.contact.log"].with_context(default_partner_id=self.person.id),
            view="partner_relations.partner_contact_log_view_form_dialog",
        )
        self.assertFalse(form.name, "nothing has to be wiped out before writing")
        form.name = "Asked for the oak catalogue"
        form.next_date = datetime(2030, 5, 6, 2, 0)
        self.assertEqual((form.next_channel, form.next_user_id), ("phone", self.env.user))
        form.next_name = "Send it"
        log = form.save()
        self.assertRecordValues(
            log,
            [
                {
                    "name": "Asked for the oak catalogue",
                    "channel": "phone",
                    "state": "done",
                    "user_id": self.user_sales.id,
                    "commercial_partner_id": self.customer.id,
                    "closed_by_id": self.user_sales.id,
                }
            ],
        )
        planned = self.env["partner.contact.log"].search([("previous_log_id", "=", log.id)])
        self.assertRecordValues(
            planned, [{"name": "Send it", "state": "planned", "date": datetime(2030, 5, 6, 2, 0)}]
        )
        self.assertEqual(planned.sudo().activity_id.with_env(self.env), self.activities(self.user_sales))
        self.assertEqual(planned.activity_ids, planned.sudo().activity_id.with_env(self.env))
        self.assertEqual(self.person.next_contact_date, datetime(2030, 5, 6, 2, 0))
        self.assertEqual(self.customer.next_contact_date, datetime(2030, 5, 6, 2, 0))
        self.assertEqual(self.customer.last_contact_date, log.date)

    @users("relations_sales")
    def test_a_plan_starts_at_nine_of_the_next_working_day(self):
        view = "partner_relations.partner_contact_log_view_form_dialog"
        for now, expected in (
            ("2026-05-14 18:00:00", "2026-05-18 02:00:00"),  # Friday 01:00 in Ho Chi Minh City: Monday
            ("2026-05-14 10:00:00", "2026-05-15 02:00:00"),  # Thursday afternoon: Friday
            ("2026-05-16 10:00:00", "2026-05-18 02:00:00"),  # Saturday: Monday
        ):
            with freeze_time(now):
                log = self.env["partner.contact.log"].with_context(default_partner_id=self.person.id)
                form = Form(log.with_context(default_state="planned"), view=view)
                self.assertEqual(str(form.date), expected)
                form = Form(log, view=view)
                form.state = "planned"
                self.assertEqual(str(form.date), expected)
                form.state = "done"
                self.assertEqual(str(form.date), now)

    @users("relations_sales")
    def test_planned_from_opportunity_is_its_activity(self):
        lead = (
            self.env["crm.lead"]
            .sudo()
            .create(
                {
                    "name": "Chairs",
                    "partner_id": self.customer.id,
                    "user_id": self.env.uid,
                    "type": "opportunity",
                }
            )
        )
        self.env.user.sudo().group_ids += self.env.ref("sales_team.group_sale_salesman")
        defaults = self.env["partner.contact.log"].with_context(
            default_res_model="crm.lead", default_res_id=lead.id
        )
        self.assertEqual(
            defaults.default_get(["partner_id", "res_model", "res_id"])["partner_id"], self.customer.id
        )
        log = defaults.create(
            {"partner_id": self.customer.id, "name": "Visit", "channel": "visit", "state": "planned"}
        )
        self.assertEqual(log.sudo().activity_id.with_env(self.env), lead.activity_ids)
        self.assertEqual(log.document_name, "Chairs")
        lead.activity_ids.action_feedback(feedback="Went well")
        self.assertRecordValues(
            log, [{"state": "done", "channel": "visit", "name": "Visit", "source_model": False}]
        )
        self.assertEqual(self.customer.contact_log_ids, log, "the activity is the planned entry, not another")

    @users("relations_sales")
    def test_done_from_the_log_closes_the_activity_once(self):
        log = self.log(state="planned", date=Datetime.now() + timedelta(days=3))
        activity = log.sudo().activity_id.with_env(self.env)
        messages = len(self.person.message_ids)
        log.agreement = "They take 40 chairs"
        log.action_done()
        self.assertFalse(activity.active)
        self.assertEqual(activity.feedback, "They take 40 chairs")
        self.assertEqual(log.state, "done")
        self.assertLessEqual(log.date, Datetime.now())
        self.assertGreater(log.date_planned, Datetime.now())
        self.assertEqual(len(self.person.message_ids), messages + 1)
        self.assertEqual(len(self.customer.contact_log_ids), 1, "its chatter message is the same contact")
        log.action_done()
        self.assertEqual(len(self.person.message_ids), messages + 1, "done again changes nothing")

    @users("relations_sales")
    def test_done_from_the_activity_closes_the_log(self):
        log = self.log(state="planned", date=Datetime.now() - timedelta(days=1))
        self.assertTrue(log.is_overdue)
        log.sudo().activity_id.with_env(self.env).action_done()
        self.assertEqual((log.state, log.is_overdue), ("done", False))
        self.assertEqual(log.closed_by_id, self.env.user)

    @users("relations_sales")
    def test_cancel_from_either_side(self):
        one, two = self.log(state="planned"), self.log(state="planned")
        activity = one.sudo().activity_id.with_env(self.env)
        one.action_cancel()
        self.assertFalse(activity.exists())
        self.assertEqual(one.state, "cancelled")
        two.sudo().activity_id.with_env(self.env).action_cancel()
        self.assertEqual(two.state, "cancelled")
        with self.assertRaisesRegex(UserError, "Call.*Lan.*cancelled"):
            one.action_done()
        done = self.log()
        with self.assertRaisesRegex(UserError, "done and cannot be cancelled"):
            done.action_cancel()

    @users("relations_sales")
    def test_moved_from_either_side_keeps_the_hour(self):
        # 06:30 in Ho Chi Minh City is still the day before in UTC
        log = self.log(state="planned", date=datetime(2030, 3, 4, 23, 30))
        self.assertEqual(str(log.sudo().activity_id.with_env(self.env).date_deadline), "2030-03-05")
        log.date = datetime(2030, 3, 10, 23, 30)
        self.assertEqual(str(log.sudo().activity_id.with_env(self.env).date_deadline), "2030-03-11")
        log.sudo().activity_id.with_env(self.env).date_deadline = "2030-03-20"
        self.assertEqual(log.date, datetime(2030, 3, 19, 23, 30))
        self.assertEqual(log.date_planned, datetime(2030, 3, 19, 23, 30))
        log.sudo().activity_id.with_env(self.env).summary = "Another name"
        log.sudo().activity_id.with_env(self.env).user_id = self.user_sales2
        self.assertEqual(log.user_id, self.user_sales2)
        self.assertEqual(log.sudo().date, datetime(2030, 3, 19, 23, 30))

    def test_state_by_the_date(self):
        """Where nobody says the state, what is to come is planned and has its activity; what was is done."""
        self.user_sales.tz = "Asia/Ho_Chi_Minh"
        logs = self.env["partner.contact.log"].with_user(self.user_sales)
        values = {"name": "Visit", "partner_id": self.customer.id}
        with freeze_time("2030-03-04 20:00:00"):  # three o'clock on the 5th in Vietnam
            for moment, state in (
                ("2030-03-04 19:59:00", "done"),
                (False, "done"),
                ("2030-03-04 20:30:00", "planned"),
                (datetime(2030, 5, 1, 8), "planned"),
                ("2030-03-05", "done"),
                ("2030-03-06", "planned"),
            ):
                entry = logs.create({**values, "date": moment} if moment else values)
                self.assertEqual(entry.state, state, moment)
                self.assertEqual(bool(entry.sudo().activity_id), state == "planned", moment)
            with self.assertRaisesRegex(UserError, "Plan it instead"), self.cr.savepoint():
                logs.with_context(default_state="done").create({**values, "date": "2030-05-01 08:00:00"})
            form = Form(logs)
            form.name, form.partner_id = "Visit", self.customer.with_env(logs.env)
            self.assertEqual(form.state, "done")
            form.date = datetime(2030, 5, 1, 8)
            self.assertEqual(form.state, "planned")
            form.state = "done"
            self.assertEqual(form.date, datetime(2030, 3, 4, 20))

    def test_done_before_its_time(self):
        """Nothing that is still to come is done; a plan that is dragged to Done ahead of its time was done now."""
        logs = self.env["partner.contact.log"].with_user(self.user_sales)
        now = Datetime.now()
        values = {"name": "Visit", "partner_id": self.customer.id}
        with self.assertRaisesRegex(UserError, "“Visit” with .* is still to come"), self.cr.savepoint():
            logs.create({**values, "state": "done", "date": now + timedelta(days=2)})
        done = logs.create({**values, "state": "done", "date": now + timedelta(hours=14)})
        with self.assertRaisesRegex(UserError, "Plan it instead"), self.cr.savepoint():
            done.date = now + timedelta(days=40)
        plan = logs.create({**values, "state": "planned", "date": now + timedelta(days=40)})
        with self.assertRaisesRegex(UserError, "Plan it instead"), self.cr.savepoint():
            plan.write({"state": "done", "date": now + timedelta(days=40)})
        (plan | done).write({"state": "done"})
        self.assertLess(plan.date, now + timedelta(hours=1))
        self.assertEqual(done.date, now + timedelta(hours=14))

    @users("relations_sales")
    def test_day_of_a_calendar(self):
        """A bare date, as Odoo's calendar sends it, is that day wherever the user is."""
        for zone in ("America/New_York", "Asia/Ho_Chi_Minh", "Pacific/Auckland"):
            with self.subTest(zone=zone):
                self.env.user.sudo().tz = zone
                log = self.log(state="planned", date="2030-12-21", all_day=True)
                activity = log.sudo().activity_id
                self.assertEqual(str(activity.date_deadline), "2030-12-21")
                log.write({"date": "2030-12-23", "all_day": True})
                self.assertEqual(str(activity.date_deadline), "2030-12-23")
                self.assertEqual(log._get_local_day(), activity.date_deadline)
                other = self.log(date="2030-12-21", state="cancelled")
                (log | other).write({"date": "2030-12-24"})
                self.assertEqual({str(each._get_local_day()) for each in log | other}, {"2030-12-24"})
                default = self.env["partner.contact.log"].with_context(default_date="2030-12-21")
                self.assertEqual(default.default_get(["date"])["date"], log.date - timedelta(days=3))

    @users("relations_sales")
    def test_contact_and_channel_of_a_plan_are_corrected(self):
        """Its activity is on the right contact then, and of the type of the channel."""
        colleague, stranger = (
            self._create_person("Hoa", self.customer),
            self._create_company_partner("Birch"),
        )
        log = self.log(state="planned", res_model="res.partner", res_id=self.person.id)
        activity = log.sudo().activity_id
        for partner in (colleague, stranger):
            log.partner_id = partner
            self.assertEqual((activity.res_model, activity.res_id), ("res.partner", partner.id))
        log.channel = "email"
        self.assertEqual(activity.activity_type_id, self.env.ref("mail.mail_activity_data_email"))
        activity.date_deadline += timedelta(days=1)
        self.assertRecordValues(log, [{"partner_id": stranger.id, "channel": "email", "res_id": stranger.id}])

    @users("relations_sales")
    def test_document_that_is_gone(self):
        lead = self.env["crm.lead"].sudo().create({"name": "Chairs", "partner_id": self.person.id})
        log = self.log(res_model="crm.lead", res_id=lead.id)
        self.assertEqual(log.action_open_document()["res_model"], "crm.lead")
        lead.unlink()
        action = log.action_open_document()
        self.assertEqual((action["res_model"], action["res_id"]), ("res.partner", self.person.id))

    @users("relations_sales")
    def test_many_plans_moved_at_once(self):
        logs = self.env["partner.contact.log"].create(
            [
                {"name": f"Plan {number}", "partner_id": self.person.id, "state": "planned"}
                for number in range(20)
            ]
        )
        counts = []
        for few, day in ((logs[:1], 4), (logs[:1], 5), (logs, 6)):  # the first time fills caches
            self.env.flush_all()
            before = self.cr.sql_log_count
            few.write({"date": datetime(2030, 6, day, 3, 0)})
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual({str(act.date_deadline) for act in logs.activity_ids}, {"2030-06-06"})
        self.assertEqual(set(logs.mapped("date")), {datetime(2030, 6, 6, 3, 0)})
        self.assertLessEqual(counts[2], counts[1] + 3, "20 plans are moved in as many queries as one")

    @users("relations_sales")
    def test_deleting_a_plan_takes_its_activity(self):
        log = self.log(state="planned")
        activity = log.sudo().activity_id.with_env(self.env)
        self.assertTrue(activity)
        log.unlink()
        self.assertFalse(activity.exists())

    def test_overdue_borders(self):
        with freeze_time("2026-05-10 08:00:00"):
            now = Datetime.now()
            late = self.log(state="planned", date=now - timedelta(seconds=1))
            due = self.log(state="planned", date=now)
            today = self.log(state="planned", date=now - timedelta(hours=5), all_day=True)
            yesterday = self.log(state="planned", date=now - timedelta(hours=20), all_day=True)
            done = self.log(date=now - timedelta(days=9))
            logs = (late | due | today | yesterday | done).with_context(tz="UTC")
            self.assertEqual(logs.filtered("is_overdue"), late | yesterday)
            found = logs.search([("is_overdue", "=", True), ("id", "in", logs.ids)])
            self.assertEqual(found, late | yesterday)
            found = logs.search([("is_overdue", "=", False), ("id", "in", logs.ids)])
            self.assertEqual(found, due | today | done)
            groups = logs.formatted_read_group([("id", "in", logs.ids)], ["is_overdue"], ["__count"])
            self.assertEqual({group["is_overdue"]: group["__count"] for group in groups}, {True: 2, False: 3})
            for group in groups:
                found = logs.search([("id", "in", logs.ids), *group["__extra_domain"]])
                self.assertEqual(
                    found, logs.filtered(lambda log, group=group: log.is_overdue == group["is_overdue"])
                )

    def test_overdue_follows_the_users_day(self):
        with freeze_time("2026-05-10 18:00:00"):  # 01:00 on the 11th in Ho Chi Minh City
            log = self.log(state="planned", date=datetime(2026, 5, 10, 5, 0), all_day=True)
            self.assertTrue(log.with_context(tz="Asia/Ho_Chi_Minh").is_overdue)
            self.assertFalse(log.with_context(tz="America/New_York").is_overdue)

    @users("relations_sales")
    def test_without_next_contact(self):
        other = self.env["res.partner"].create({"name": "Birch", "user_id": self.env.uid})
        first = self.log()
        second = self.log(partner_id=other.id)
        self.log(state="planned")
        logs = first | second
        self.assertEqual(logs.filtered("has_next_contact"), first)
        self.assertEqual(logs.search([("has_next_contact", "=", False), ("id", "in", logs.ids)]), second)
        self.assertEqual(logs.search([("has_next_contact", "=", True), ("id", "in", logs.ids)]), first)

    @users("relations_sales")
    def test_views_open_for_a_user(self):
        Log = self.env["partner.contact.log"]
        for view in ("list", "kanban", "calendar", "activity", "pivot", "graph", "form", "search"):
            with self.subTest(view):
                self.assertTrue(Log.get_view(view_type=view)["arch"])
        log = self.log(state="planned")
        data = self.env["mail.activity"].get_activity_data("partner.contact.log", [("id", "=", log.id)])
        self.assertEqual(data["activity_res_ids"], [log.id])
        [cell] = data["grouped_activities"][log.id].values()
        self.assertEqual(cell["ids"], log.sudo().activity_id.with_env(self.env).ids)

    @users("relations_sales")
    def test_activity_scheduled_on_an_entry_is_on_its_contact(self):
        log = self.log()
        activity = log.activity_schedule("mail.mail_activity_data_call", summary="Again")
        self.assertEqual((activity.res_model, activity.res_id), ("res.partner", self.person.id))
        self.assertEqual(
            self.person.contact_log_ids - log, log.search([("activity_ids", "in", activity.ids)])
        )

    # ------------------------------------------------------------------
    # Bad input
    # ------------------------------------------------------------------
    @users("relations_sales")
    def test_duration_below_zero(self):
        with self.assertRaisesRegex(ValidationError, "Call.*Lan.*below zero"):
            self.log(duration=-0.5)
        log = self.log(duration=0)
        with self.assertRaisesRegex(ValidationError, "Call.*Lan.*below zero"):
            log.duration = -1
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.env.cr.execute("UPDATE partner_contact_log SET duration = -1 WHERE id = %s", log.ids)

    @users("relations_sales")
    def test_impossible_dates(self):
        for year in (1899, 2201):
            with self.assertRaisesRegex(ValidationError, rf"{year}.*Call.*Lan.*between 1900 and 2200"):
                self.log(date=datetime(year, 6, 1))
        self.log(date=datetime(1900, 1, 1))
        with self.assertRaises(ValueError):
            self.log(date="2026-02-30 10:00:00")

    @users("relations_sales")
    def test_contact_of_another_company(self):
        foreign = self.customer.sudo().copy({"company_id": self.company2.id, "name": "Foreign"})
        with self.assertRaises(UserError):
            self.env["partner.contact.log"].create(
                {"name": "Call", "partner_id": foreign.id, "company_id": self.company.id}
            )

    @users("relations_sales")
    def test_text_is_text(self):
        log = self.log(name="<b>Bold</b>", agreement="<img src=x onerror=alert(1)>\nsecond", state="planned")
        activity = log.sudo().activity_id
        self.assertEqual((log.name, activity.summary), ("<b>Bold</b>", "<b>Bold</b>"))
        self.assertNotIn("<img", activity.note)
        log.action_done()
        self.assertNotIn("<img", self.person.message_ids[0].body)

    @users("relations_sales")
    def test_long_text_and_control_characters(self):
        text = "a" * 100_000
        log = self.log(name=text, state="planned")
        self.assertEqual(len(log.name), 200)
        self.assertEqual(log.agreement, text, "nothing of what was written is lost")
        log = self.log(name="Ring\x00 the\x07 bell\r\nsecond line", agreement="x\x00y\u202ez")
        self.assertEqual((log.name, log.agreement), ("Ring the bell", "second line\n\nxyz"))

    @users("relations_sales")
    def test_archived_partner(self):
        self.person.sudo().active = False
        self.assertEqual(self.log().state, "done", "what happened may be written down")
        with self.assertRaisesRegex(UserError, "Lan is archived"):
            self.log(state="planned")

    def test_queries_of_new_entries(self):
        """Twenty entries at once, as of an import, read their contacts together."""
        partners = self.env["res.partner"].create([{"name": f"P{number}"} for number in range(20)])
        counts = []
        for some in (partners[:1], partners[:1], partners):  # the first time fills caches
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["partner.contact.log"].create(
                [{"title": "Call", "partner_id": partner.id} for partner in some]
            )
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLess(counts[2] - counts[1], 10, counts)

    @users("relations_sales")
    def test_entry_of_a_message_is_not_changed_by_hand(self):
        self.customer.with_env(self.env).message_post(
            body="Offer", partner_ids=self.person.ids, message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        log = self.customer.with_env(self.env).contact_log_ids
        with self.assertRaisesRegex(UserError, "cannot be deleted"):
            log.unlink()
        with self.assertRaisesRegex(UserError, "cannot be changed"):
            log.date = Datetime.now()
        with self.assertRaisesRegex(UserError, "Change its contact"):
            log.channel = "phone"
        log.agreement = "They will answer by Friday"
        self.assertEqual(log.preview, "They will answer by Friday")
        log.sudo().message_id.unlink()
        log.unlink()
        self.assertFalse(log.exists(), "what is left of a deleted message can be deleted")
