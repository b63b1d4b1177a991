"""Birthdays as activities and the morning e-mail: whom, when, in which language, and never twice."""

from contextlib import suppress
from datetime import date, datetime, timedelta
from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged

from ..common import RelationsCommon
from ..jobs import run_job, run_without_time

NOW = "2025-03-11 01:00:00"  # 8:00 in Ho Chi Minh City, the 10th 21:00 in New York


class RemindersCommon(RelationsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("vi_VN")
        users = cls.user_sales | cls.user_supervisor | cls.user_director | cls.user_sub
        users.write({"tz": "Asia/Ho_Chi_Minh"})
        cls.user_sales2.tz = "America/New_York"
        # others of the database (demo data) stay out of what is counted
        others = cls.env.ref("partner_relations.group_user").all_user_ids - users - cls.user_sales2
        others.relations_morning_mail = False
        cls.customer = cls._create_company_partner("Customer", user_id=cls.user_sales.id)
        cls.reminders = cls.env["partner.reminder"]

    def _person(self, birthdate, **values):
        values.setdefault("parent_id", self.customer.id)
        return self.env["res.partner"].create({"name": "Ms. Hoa", "birthdate": birthdate, **values})

    def _counting_commits(self):
        """A cron that is called directly commits nothing in a test: count where it would."""
        return patch.object(type(self.env["ir.cron"]), "_commit_progress", return_value=60.0)

    def _remind(self):
        with self.enter_registry_test_mode():
            run_job(self.env, "ir_cron_birthdays")

    def _activities(self, person):
        return self.env["mail.activity"].search(
            [("res_model", "=", "res.partner"), ("res_id", "=", person.id)]
        )


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestBirthdayReminders(RemindersCommon):
    def test_activity(self):
        person = self._person("1980-03-14")
        self._remind()
        self.assertRecordValues(
            self._activities(person),
            [
                {
                    "user_id": self.user_sales.id,
                    "date_deadline": date(2025, 3, 14),
                    "summary": "Birthday of Ms. Hoa: 45 years",
                }
            ],
        )

    def test_days_ahead_border(self):
        near, far = self._person("1980-03-14"), self._person("1980-03-15")
        own, never = (
            self._person("1980-03-21", birthday_days_ahead=10),
            self._person("1980-03-11", birthday_days_ahead=-1),
        )
        today = self._person("1980-03-11", birthday_days_ahead=0)
        tomorrow = self._person("1980-03-12", birthday_days_ahead=0)
        self._remind()
        self.assertEqual(
            [len(self._activities(person)) for person in (near, far, own, never, today, tomorrow)],
            [1, 0, 1, 0, 1, 0],
        )

    def test_day_of_each_user(self):
        """It is the 11th in Ho Chi Minh City and the 10th in New York."""
        person = self._person(
            "1980-03-14", user_id=self.user_sales2.id, responsible_user_ids=[Command.set(self.user_sales.ids)]
        )
        self._remind()
        self.assertEqual(self._activities(person).user_id, self.user_sales)
        with freeze_time("2025-03-11 05:00:00"):  # the 11th in New York
            self._remind()
        self.assertEqual(self._activities(person).user_id, self.user_sales | self.user_sales2)

    def test_everybody_responsible(self):
        self.customer.responsible_user_ids = self.user_sub
        person = self._person("1980-03-12", responsible_user_ids=[Command.set(self.user_supervisor.ids)])
        self._remind()
        self.assertEqual(
            self._activities(person).user_id, self.user_sales | self.user_sub | self.user_supervisor
        )

    def test_salesperson_who_left(self):
        """The company's is reminded instead."""
        left = self._create_user("relations_left", "partner_relations.group_user")
        person = self._person("1980-03-12", user_id=left.id)
        left.active = False
        self._remind()
        self.assertEqual(self._activities(person).user_id, self.user_sales)

    def test_who_is_responsible_costs_the_same_for_many(self):
        counts = []
        for size in (1, 20):
            names = {f"cares{size}_{number}": "partner_relations.group_user" for number in range(size)}
            users = self._create_users(names)
            persons = self.env["res.partner"].create(
                [{"name": user.name, "user_id": user.id, "parent_id": self.customer.id} for user in users]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            found = [person._get_birthday_users() for person in persons]
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(found, users)
        self.assertEqual(counts[0], counts[1])

    def test_salesperson_who_changes(self):
        """The activity that is open goes to the new one, and back; it is the first one's no more."""
        person, kept = self._person("1980-03-12"), self._person("1980-03-12", name="Mr. Kept")
        kept.responsible_user_ids = self.user_sales
        self._remind()
        activity = self._activities(person)
        for user in (self.user_sub, self.user_sales):
            self.customer.user_id = user
            self._remind()
            self.assertEqual(self._activities(person), activity)
            self.assertEqual(activity.user_id, user)
        self.assertEqual(self._activities(kept).user_id, self.user_sales | self.user_sub)
        self.assertEqual(len(self._activities(kept)), 2)

    def test_people_of_an_archived_company(self):
        person = self._person("1980-03-12")
        self.customer.active = False
        self.assertTrue(person.active)
        self._remind()
        self.assertFalse(self._activities(person))

    def test_birthday_that_is_corrected(self):
        """What was to be done on the wrong day is taken back, and comes again if that was right after all."""
        self.user_sub.group_ids += self.env.ref("base.group_partner_manager")
        person = self._person("1980-03-12", parent_id=False, user_id=self.user_sub.id)
        own = self.env["partner.contact.log"].create(
            {"name": "Visit", "partner_id": person.id, "state": "planned", "date": "2025-03-12 05:00:00"}
        )
        self.customer.responsible_user_ids = self.user_sales
        person.responsible_user_ids = self.user_sales
        planned = own.sudo().activity_id
        self._remind()
        made = self._activities(person) - planned
        self.assertEqual(made.user_id, self.user_sub | self.user_sales)
        edited = person.with_user(self.user_sub)
        edited.birthdate = "1981-03-12"
        self.assertEqual(made.exists(), made, "the day is right")
        for day in (13, 12):
            edited.birthdate = date(1981, 3, day)
            self.assertEqual(self._activities(person), planned)
            self._remind()
            self.assertEqual(
                (self._activities(person) - planned).mapped("date_deadline"), [date(2025, 3, day)] * 2
            )
        edited.birthdate = False
        self.assertEqual(self._activities(person), planned)

    def test_not_twice(self):
        person = self._person("1980-03-12")
        self._remind()
        self._remind()
        self.assertEqual(len(self._activities(person)), 1)
        self._activities(person).unlink()
        with freeze_time("2025-03-12 01:00:00"):
            self._remind()
        self.assertFalse(self._activities(person), "whoever deletes it has decided")
        with freeze_time("2026-03-12 01:00:00"):
            self._remind()
        self.assertEqual(len(self._activities(person)), 1, "the next year is another birthday")

    def test_not_again_after_a_merge(self):
        kept, *twins = [self._person(born) for born in (False, "1980-03-12", "1980-03-12")]
        twins = twins[0] | twins[1]
        self._remind()
        for twin in twins:
            self._activities(twin).unlink()
        self.env["base.partner.merge.automatic.wizard"]._merge((twins | kept).ids, kept, extra_checks=False)
        kept.invalidate_recordset()
        self.assertEqual(kept.birthdate, date(1980, 3, 12))
        self._remind()
        self.assertFalse(self._activities(kept), "the congratulation was done before")
        rows = self.reminders.search([("kind", "=", "birthday"), ("res_id", "in", (twins | kept).ids)])
        self.assertEqual(rows.mapped("res_id"), kept.ids)

    def test_not_when_planned_already(self):
        person = self._person("1980-03-12")
        planned = (
            self.env["partner.contact.log"]
            .with_user(self.user_sales)
            .create(
                {
                    "title": "Congratulate",
                    "partner_id": person.id,
                    "state": "planned",
                    "date": "2025-03-12 04:00:00",
                }
            )
        )
        self._remind()
        self.assertEqual(self._activities(person), planned.activity_ids)

    def test_leap_day_and_unknown_year(self):
        leap = self._person("2000-02-29")
        yearless = self._person("1990-02-28", birth_year_known=False)
        with freeze_time("2025-02-27 03:00:00"):
            self._remind()
        self.assertEqual(self._activities(leap).date_deadline, date(2025, 2, 28))
        self.assertEqual(self._activities(leap).summary, "Birthday of Ms. Hoa: 25 years")
        self.assertEqual(self._activities(yearless).summary, "Birthday of Ms. Hoa")

    def test_around_the_new_year(self):
        person = self._person("1980-01-02")
        with freeze_time("2025-12-30 03:00:00"):
            self._remind()
        self.assertEqual(self._activities(person).date_deadline, date(2026, 1, 2))

    def test_missed_days_are_caught_up_once(self):
        person, over = self._person("1980-03-13"), self._person("1980-03-10")
        with freeze_time("2025-03-13 03:00:00"):
            self._remind()
        self.assertEqual(len(self._activities(person)), 1)
        self.assertFalse(self._activities(over), "a birthday that is over is not told")

    def test_who_is_left_out(self):
        archived = self._person("1980-03-12", active=False)
        nobody = self._person("1980-03-12", parent_id=False)
        gone = self._person("1980-03-12", parent_id=False, user_id=self.user_sub.id)
        self.user_sub.active = False
        colleagues = self.user_supervisor.partner_id | self.user_sub.partner_id
        for active in (True, False):
            employee = self.env["hr.employee"].create({"name": "Without a user", "active": active})
            colleagues |= employee.work_contact_id
        self.assertEqual(len(colleagues), 4)
        colleagues.write({"birthdate": "1980-03-12", "user_id": self.user_sales.id})
        told = self._person("1980-03-12")
        self._remind()
        self.assertTrue(self._activities(told))
        for person in (archived, nobody, gone, *colleagues):
            self.assertFalse(self._activities(person), person.name)
        agenda = self.user_sales._get_morning_agendas()[self.user_sales.id]
        self.assertEqual([row["url"] for row in agenda["birthdays"]], [f"/odoo/res.partner/{told.id}"])

    def test_other_company(self):
        """Whoever may not read the person is not told of it."""
        person = self._person("1980-03-12", parent_id=False, company_id=self.company2.id, user_id=False)
        of_all = self._person("1980-03-12", parent_id=False, user_id=False)
        (person | of_all).responsible_user_ids = self.user_sales
        self._remind()
        self.assertFalse(self._activities(person))
        self.assertEqual(self._activities(of_all).user_id, self.user_sales)

    def test_enters_the_contact_log(self):
        person = self._person("1980-03-12")
        self._remind()
        logs = self.env["partner.contact.log"].search([("partner_id", "=", person.id)])
        self.assertRecordValues(logs, [{"state": "planned", "user_id": self.user_sales.id}])

    def test_batches(self):
        persons = [self._person("1980-03-12") for _number in range(5)]
        with self._counting_commits() as commits:
            self.reminders._cron_birthdays(batch_size=2)
        self.assertEqual(commits.call_count, 3)
        self.assertEqual([len(self._activities(person)) for person in persons], [1] * 5)

    def test_without_time(self):
        """Where the time is up after each batch, the scheduler is told what remains, and comes again."""
        persons = [self._person("1980-03-12") for _number in range(3)]
        with patch.object(type(self.reminders)._cron_birthdays, "__defaults__", (1,)):
            run_without_time(self, "ir_cron_birthdays")
        self.assertEqual([len(self._activities(person)) for person in persons], [1] * 3)

    def _conflict(self, conflicts):
        """Do three in batches of two, of which the first meets so many conflicts; return the batches as tried."""
        calls = []

        def remind(batch):
            calls.append(batch)
            if len(calls) <= conflicts:
                raise SerializationFailure

        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            self.reminders.with_env(self.env(cr=cr))._remind_in_batches([1, 2, 3], remind, 2)
        return calls

    def test_conflict_with_another_worker(self):
        """The batch begins anew; after some times the job is left to the next run."""
        self.assertEqual(self._conflict(1), [[1, 2], [1, 2], [3]])
        with self.assertRaises(SerializationFailure):
            self._conflict(99)


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestMorningMail(RemindersCommon):
    def _send(self):
        with self.enter_registry_test_mode():
            run_job(self.env, "ir_cron_morning")
        return self._mails()

    def _mails(self):
        return self.env["mail.mail"].sudo().search([("model", "=", "res.users")])

    def _activity(self, day, user=None, record=None):
        record = record or self.customer
        return self.env["mail.activity"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id(record._name),
                "res_id": record.id,
                "activity_type_id": self.env.ref("mail.mail_activity_data_call").id,
                "user_id": (user or self.user_sales).id,
                "date_deadline": day,
                "summary": f"Call of {day}",
            }
        )

    def test_content(self):
        self._activity("2025-03-07")
        self._activity("2025-03-11")
        self._activity("2025-03-12")
        self.env["calendar.event"].create(
            {
                "name": "Factory tour",
                "start": "2025-03-11 02:30:00",
                "stop": "2025-03-11 03:30:00",
                "user_id": self.user_sales.id,
                "partner_ids": [Command.set(self.user_sales.partner_id.ids)],
            }
        )
        person = self._person("1980-03-13")
        mail = self._send()
        self.assertEqual(mail.res_id, self.user_sales.id)
        self.assertEqual(mail.recipient_ids, self.user_sales.partner_id)
        for words in ("Call of 2025-03-07", "Call of 2025-03-11", "Factory tour", "9:30", "Ms. Hoa"):
            self.assertIn(words, mail.body_html)
        self.assertNotIn("Call of 2025-03-12", mail.body_html)
        self.assertIn(f"/odoo/res.partner/{person.id}", mail.body_html)

    def test_birthday_is_told_once(self):
        person = self._person("1980-03-11")
        self._person("1980-03-10", name="Mr. Nam")
        with freeze_time("2025-03-10 01:00:00"):
            self._remind()
        agenda = self.user_sales.with_user(self.user_sales)._get_morning_agenda()
        self.assertEqual([row["name"] for row in agenda["birthdays"]], [person.name])
        self.assertFalse(agenda["today"])
        self.assertEqual(
            [row["about"] for row in agenda["overdue"]], ["Customer, Mr. Nam"], "who was forgotten"
        )

    def test_hour_of_each_user(self):
        self._activity("2025-03-10")
        self._activity("2025-03-10", user=self.user_sales2)
        self.user_sales.relations_morning_hour = 9
        self.assertFalse(self._send().filtered(lambda mail: mail.res_id == self.user_sales.id), "8:00 there")
        with freeze_time("2025-03-11 02:00:00"):
            mails = self._send()
        self.assertEqual(mails.mapped("res_id").count(self.user_sales.id), 1, "9:00 there")
        sent = self.reminders.search([("kind", "=", "morning"), ("user_id", "=", self.user_sales2.id)])
        self.assertEqual(sent.day, date(2025, 3, 10), "the day where its reader lives")

    def test_today_is_the_readers(self):
        """At 1:00 UTC the 11th has begun in Ho Chi Minh City only."""
        self._activity("2025-03-11")
        self._activity("2025-03-11", user=self.user_sales2)
        self.assertEqual(self._send().mapped("res_id"), self.user_sales.ids)

    def test_once_a_day(self):
        self._activity("2025-03-10")
        self.assertEqual(len(self._send()), 1)
        with freeze_time("2025-03-11 09:00:00"):
            self.assertEqual(len(self._send()), 1)
        with freeze_time("2025-03-14 09:00:00"):
            self.assertEqual(len(self._send()), 2, "three missed days are caught up by one e-mail")

    def test_sent_again(self):
        self._activity("2025-03-10")
        self.assertTrue(self.reminders._send_morning(self.user_sales))
        self.assertFalse(self.reminders._send_morning(self.user_sales))

    def test_whose_document(self):
        """The contact is told where the name of the document does not tell it, and nothing is told twice."""
        orders = self.env["sale.order"].create([{"partner_id": self.customer.id}] * 2)
        names = [orders[0].name, "Call of 2025-03-10"]
        orders[1].name = names[1]
        for order in orders:
            self._activity("2025-03-10", record=order)
        self.user_sales.group_ids += self.env.ref("sales_team.group_sale_salesman_all_leads")
        agenda = self.user_sales.with_user(self.user_sales)._get_morning_agenda()
        self.assertEqual(
            [row["about"] for row in agenda["overdue"]],
            [f"{self.customer.name}: {names[0]}", self.customer.name],
        )

    def test_nothing_to_tell(self):
        self.assertFalse(self._send())
        self._activity("2025-03-11")
        with freeze_time("2025-03-11 02:00:00"):
            self.assertFalse(self._send(), "the morning is over; the activity stands in the top bar")

    def test_switched_off(self):
        self._activity("2025-03-10")
        self.user_sales.with_user(self.user_sales).relations_morning_mail = False
        self.assertFalse(self._send())

    def test_language_of_the_reader(self):
        self.user_sales.lang = "vi_VN"
        template = self.env.ref("partner_relations.mail_template_morning").with_context(lang="vi_VN")
        template.subject = "Ngày của bạn"
        self._activity("2025-03-10")
        self.assertEqual(self._send().subject, "Ngày của bạn")

    def test_documents_that_may_not_be_read(self):
        hidden = self._create_company_partner("Hidden Customer", company_id=self.company2.id)
        self._activity("2025-03-10", record=hidden)
        self.assertFalse(self._send())

    def test_long_lists(self):
        for _number in range(12):
            self._activity("2025-03-10")
        body = self._send().body_html
        self.assertEqual(body.count("Call of 2025-03-10"), 10)
        self.assertIn("2 more", " ".join(body.split()))

    def test_long_lists_of_birthdays_and_plans(self):
        """What is left out is told of each part."""
        for number in range(11):
            self._person("1980-03-13", name=f"Ms. Number {number}")
        for user in self._create_users({f"many{n}": "partner_relations.group_user" for n in range(12)}):
            user.relations_morning_mail = False
            self._create_employee(user, self.employee_supervisor)
            plan = self.env["partner.work.plan"].with_user(user).create({"date_from": "2025-03-10"})
            plan.line_ids.create({"plan_id": plan.id, "name": "Report", "date": "2025-03-12"})
            plan.action_submit()
        mails = {mail.res_id: " ".join(mail.body_html.split()) for mail in self._send()}
        own, superior = mails[self.user_sales.id], mails[self.user_supervisor.id]
        self.assertEqual((own.count("Ms. Number"), own.count("and 1 more")), (10, 1))
        self.assertIn("/odoo/birthdays", own)
        self.assertEqual(superior.count("/odoo/work-plans/"), 10)
        self.assertEqual(superior.count("and 2 more"), 2, "of the plans, and of the activities for them")

    def test_meeting_until_midnight_is_none_of_the_next_day(self):
        """It ended at 0:00 of the 11th in Ho Chi Minh City."""
        self._activity("2025-03-11")
        self.env["calendar.event"].create(
            {
                "name": "Dinner with the owner",
                "start": "2025-03-10 13:00:00",
                "stop": "2025-03-10 17:00:00",
                "user_id": self.user_sales.id,
                "partner_ids": [Command.set(self.user_sales.partner_id.ids)],
            }
        )
        self.assertNotIn("Dinner with the owner", self._send().body_html)

    def test_plans_to_approve(self):
        self._activity("2025-03-12")
        plan = self.env["partner.work.plan"].with_user(self.user_sales).create({"date_from": "2025-03-10"})
        plan.action_fill()
        plan.action_submit()
        mail = self._send().filtered(lambda mail: mail.res_id == self.user_supervisor.id)
        self.assertIn(f"/odoo/work-plans/{plan.id}", mail.body_html)

    def test_text_is_escaped(self):
        activity = self._activity("2025-03-10")
        activity.summary = "<img src=x onerror=alert(1)>"
        body = self._send().body_html
        self.assertNotIn("<img src=x", body)
        self.assertIn("&lt;img src=x", body)

    def test_killed_in_the_middle(self):
        """What was committed stays, the rest is done by the next run, nothing twice."""
        for user in (self.user_sales, self.user_sub, self.user_supervisor):
            self._activity("2025-03-10", user=user)
        send, calls = type(self.reminders)._send_morning, []

        def dying(reminders, users):
            calls.append(users)
            if len(calls) > 1:
                raise KeyboardInterrupt
            return send(reminders, users)

        # suppress, not assertRaises, which would take back what the first batch has done
        dies = patch.object(type(self.reminders), "_send_morning", dying)
        with self._counting_commits() as commits, dies, suppress(KeyboardInterrupt):
            self.reminders._cron_morning(batch_size=1)
        self.assertEqual(commits.call_count, 1)
        self.assertEqual(len(self.reminders.search([("kind", "=", "morning")])), 1)
        mails = self._send()
        self.assertEqual(
            sorted(mails.mapped("res_id")),
            sorted((self.user_sales | self.user_sub | self.user_supervisor).ids),
        )

    def test_one_that_fails_keeps_nobody_waiting(self):
        for user in (self.user_sales, self.user_sub, self.user_supervisor):
            self._activity("2025-03-10", user=user)
        users, tried = type(self.env["res.users"]), []
        get_agendas = users._get_morning_agendas

        def failing(some):
            if self.user_sales in some:
                tried.append(some)
                raise ValueError("broken")
            return get_agendas(some)

        with (
            patch.object(users, "_get_morning_agendas", failing),
            patch.object(type(self.reminders)._cron_morning, "__defaults__", (1,)),
        ):
            run_without_time(self, "ir_cron_morning", fails=True)
        others = self.user_sub | self.user_supervisor
        self.assertEqual(set(self._mails().mapped("res_id")), set(others.ids))
        self.assertLessEqual(len(tried), 2, "together, and by itself")
        self.assertEqual(
            set(self._send().mapped("res_id")), {*others.ids, self.user_sales.id}, "in the next run, once"
        )

    def test_queries_do_not_grow(self):
        counts = []
        for size in (1, 10):
            names = {f"morning{size}_{number}": "partner_relations.group_user" for number in range(size)}
            users = self.env["res.users"].union(*self._create_users(names, tz="UTC"))
            for user in users:
                self._activity("2025-03-10", user=user)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            users._get_morning_agendas()
            counts.append(self.env.cr.sql_log_count - before)
        # the rights of each reader on the documents are checked as that reader
        self.assertLessEqual(counts[1], counts[0] + 6 * 9, counts)

    def test_settings(self):
        self.user_sales.with_user(self.user_sales).relations_morning_hour = 6
        with self.assertRaisesRegex(ValidationError, "hour 24"):
            self.user_sales.with_user(self.user_sales).relations_morning_hour = 24
        with self.assertRaises(AccessError):
            self.user_sales2.with_user(self.user_sales).relations_morning_mail = False

    def test_log_is_for_directors(self):
        with self.assertRaises(AccessError):
            self.reminders.with_user(self.user_sales).web_search_read([], {"day": {}})
        self.reminders.with_user(self.user_director).web_search_read([], {"day": {}})

    def test_claim(self):
        row = (self.user_sales.id, "res.users", self.user_sales.id, date(2025, 3, 11))
        self.assertEqual(self.reminders._claim("morning", [row, row]), [row])
        self.assertEqual(self.reminders._claim("morning", [row]), [])

    def test_old_rows_are_forgotten(self):
        rows = [
            (self.user_sales.id, "res.users", self.user_sales.id, day)
            for day in (date(2025, 3, 11), date(2025, 3, 11) - timedelta(days=401))
        ]
        self.reminders._claim("morning", rows)
        self.reminders._gc_reminders()
        self.assertEqual(
            self.reminders.search([("user_id", "=", self.user_sales.id)]).day, datetime(2025, 3, 11).date()
        )

    def test_agenda_is_for_its_person_alone(self):
        """Who renders the template for a colleague, as any employee may, learns nothing."""
        self._activity("2025-03-10")
        for user in (self.user_sales2, self.user_supervisor):
            colleague = self.user_sales.with_user(user)
            for context in ({}, {"morning_agendas": {self.user_sales.id: {"count": 1}}}):
                with self.assertRaises(AccessError):
                    colleague.with_context(**context)._get_morning_agenda()
            template = self.env.ref("partner_relations.mail_template_morning").with_user(user)
            with self.assertRaisesRegex(UserError, "Failed to render"):
                template.send_mail(self.user_sales.id, email_values={"email_to": "spy@example.com"})
        own = self.user_sales.with_user(self.user_sales)
        own = own.with_context(morning_agendas={self.user_sales.id: {"count": 7}})
        self.assertEqual(own._get_morning_agenda()["count"], 1)

    def test_log_of_other_companies(self):
        stranger = self._create_user(
            "stranger",
            "partner_relations.group_user",
            company_id=self.company2.id,
            company_ids=[(6, 0, self.company2.ids)],
        )
        users = stranger | self.user_sales
        self.reminders._claim(
            "morning", [(user.id, "res.users", user.id, date(2025, 3, 11)) for user in users]
        )
        seen = self.reminders.with_user(self.user_director).search([("user_id", "in", users.ids)])
        self.assertEqual(seen.user_id, self.user_sales)
