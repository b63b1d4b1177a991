# pylint: disable=translation-required
import runpy
from datetime import datetime, timedelta
from pathlib import Path
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import UserError
from odoo.fields import Datetime
from odoo.orm.environments import Environment
from odoo.tests import freeze_time, tagged, users
from odoo.tools import SQL, sql

from ...tools.internal import INTERNAL
from ..common import RelationsCommon
from ..jobs import held_elsewhere, run_cron, run_job, run_without_time

NOW = "2025-03-19 12:00:00"  # a Wednesday


@tagged("post_install", "-at_install")
class TestContactLogFeed(RelationsCommon):
    """Entries fed from messages, meetings and activities."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._create_company_partner(
            "Acacia", email="office@acacia.example", user_id=cls.user_sales.id
        )
        cls.person = cls._create_person("Lan", cls.customer, email="lan@acacia.example")
        cls.colleague = cls._create_person("Hoa", cls.customer, email="hoa@acacia.example")
        cls.other = cls._create_company_partner("Birch", email="office@birch.example")
        for user in (cls.user_sales, cls.user_sales2):
            user.group_ids += cls.env.ref("sales_team.group_sale_salesman")
            user.group_ids += cls.env.ref("purchase.group_purchase_user")
        cls.lead = cls.env["crm.lead"].create(
            {
                "name": "Chairs",
                "partner_id": cls.person.id,
                "user_id": cls.user_sales.id,
                "type": "opportunity",
            }
        )

    def logs(self, partner=None):
        return (partner or self.customer).sudo().contact_log_ids

    def post(self, record, **values):
        # records of the class belong to OdooBot, whose messages are no contacts
        record = record.with_env(self.env)
        return record.message_post(
            **{"body": "Text", "message_type": "comment", "subtype_xmlid": "mail.mt_comment", **values}
        )

    # ------------------------------------------------------------------
    # Messages
    # ------------------------------------------------------------------
    @users("relations_sales")
    def test_sent_email_is_one_entry(self):
        message = self.post(self.lead, subject="Offer", partner_ids=(self.person | self.colleague).ids)
        self.assertRecordValues(
            self.logs(),
            [
                {
                    "name": "Offer",
                    "partner_id": self.person.id,
                    "commercial_partner_id": self.customer.id,
                    "user_id": self.user_sales.id,
                    "channel": "email",
                    "direction": "out",
                    "state": "done",
                    "date": message.date,
                    "res_model": "crm.lead",
                    "res_id": self.lead.id,
                    "source_model": "mail.message",
                    "source_id": message.id,
                    "company_id": self.company.id,
                }
            ],
        )
        self._read_history()
        self.assertEqual(len(self.logs()), 1, "reading the history again doubles nothing")

    @users("relations_sales")
    def test_email_to_followers_and_to_two_customers(self):
        self.lead.message_subscribe(partner_ids=self.person.ids)
        self.post(self.lead)
        self.assertEqual(len(self.logs()), 1, "followers get it too")
        self.post(self.lead, partner_ids=self.other.ids)
        self.assertEqual((len(self.logs()), len(self.logs(self.other))), (2, 1))

    @users("relations_sales")
    def test_no_contact(self):
        """Notes, colleagues, system and automatic messages and mailings are none."""
        self.post(self.lead, subtype_xmlid="mail.mt_note")
        self.post(self.lead, partner_ids=self.user_sales2.partner_id.ids)
        self.post(self.lead, partner_ids=self.company.partner_id.ids)
        for message_type in ("notification", "auto_comment", "email_outgoing"):
            self.post(self.lead, message_type=message_type, partner_ids=self.person.ids)
        self.lead.message_post(body="Robot", partner_ids=self.person.ids, message_type="comment")
        lead = self.lead.with_env(self.env)
        lead.message_notify(body="Look", partner_ids=self.person.ids)
        lead.stage_id = self.env["crm.stage"].search([("id", "!=", self.lead.stage_id.id)], limit=1)
        self.assertFalse(self.logs())

    @users("relations_sales")
    def test_no_contact_of_ours(self):
        """Neither the anonymous visitor, written to or writing, nor our own companies and colleagues are contacts."""
        logs = self.env["partner.contact.log"].sudo()
        before = logs.search_count([])
        visitor = self.env.ref("base.public_partner")
        ours = self.company.partner_id | self.company2.partner_id | self.user_sales2.partner_id
        branch = self._create_person("Branch", self.company.partner_id, email="branch@our.example")
        self.post(self.lead, partner_ids=(visitor | ours | branch).ids)
        self.post(self.lead, message_type="email", author_id=visitor.id)
        self.assertEqual(logs.search_count([]), before)
        self._read_history()
        self.assertEqual(logs.search_count([]), before)

    @users("relations_sales")
    def test_contact_with_a_portal_login(self):
        """Is a contact as any other."""
        self._create_user("relations_portal", "base.group_portal", partner_id=self.person.id)
        self.post(self.lead, partner_ids=self.person.ids)
        self.assertEqual(self.logs().mapped("direction"), ["out"])
        self.post(self.lead, message_type="email", author_id=self.person.id)
        self.assertEqual(sorted(self.logs().mapped("direction")), ["in", "out"])

    @users("relations_sales")
    def test_person_of_the_document_stands_for_the_company(self):
        """Of several persons of a customer that get a message."""
        for person in (self.person, self.colleague):
            self.lead.partner_id = person
            self.logs().unlink()
            message = self.post(self.lead, partner_ids=(self.person | self.colleague).ids)
            self.assertEqual((self.logs().partner_id, self.logs().message_id), (person, message))

    @users("relations_sales")
    def test_mass_mail_is_no_contact(self):
        composer = self.env["mail.compose.message"].create(
            {
                "composition_mode": "mass_mail",
                "model": "res.partner",
                "res_ids": (self.person | self.other).ids,
                "subject": "To all",
                "body": "News",
            }
        )
        mails, _messages = composer._action_send_mail()
        self.assertEqual(len(mails), 2)
        self.assertFalse(self.logs() | self.logs(self.other))

    @users("relations_sales")
    def test_composer_on_one_document_is_a_contact(self):
        composer = self.env["mail.compose.message"].create(
            {
                "composition_mode": "comment",
                "model": "crm.lead",
                "res_ids": self.lead.ids,
                "subject": "Offer",
                "body": "Text",
                "partner_ids": [Command.set(self.person.ids)],
            }
        )
        composer._action_send_mail()
        self.assertEqual(self.logs().mapped("direction"), ["out"])

    def test_received_email(self):
        self.post(
            self.lead,
            message_type="email",
            author_id=self.colleague.id,
            email_from="hoa@acacia.example",
            partner_ids=self.user_sales.partner_id.ids,
        )
        self.assertRecordValues(
            self.logs(),
            [
                {
                    "partner_id": self.colleague.id,
                    "direction": "in",
                    "channel": "email",
                    "user_id": self.user_sales.id,
                    "state": "done",
                }
            ],
        )

    def test_answer_from_the_mail_program_of_a_user(self):
        self.post(
            self.lead,
            message_type="email",
            author_id=self.user_sales2.partner_id.id,
            partner_ids=self.person.ids,
        )
        self.assertRecordValues(self.logs(), [{"direction": "out", "user_id": self.user_sales2.id}])

    @users("relations_sales")
    def test_sms(self):
        self.person.phone = "+84 912 345 678"
        self.person.with_env(self.env)._message_sms("We deliver tomorrow")
        self.assertRecordValues(
            self.logs(), [{"channel": "chat", "direction": "out", "partner_id": self.person.id}]
        )

    @users("relations_sales")
    def test_message_goes_and_moves(self):
        first = self.post(self.lead, partner_ids=self.person.ids)
        second = self.post(self.lead, partner_ids=self.person.ids)
        self.logs().filtered(lambda log: log.sudo().message_id == second).agreement = "Agreed"
        target = self.lead.copy()
        (first | second).sudo().write({"res_id": target.id})
        self.assertEqual(set(self.logs().mapped("res_id")), {target.id})
        (first | second).sudo().unlink()
        self.assertRecordValues(self.logs(), [{"agreement": "Agreed", "state": "done"}])

    def test_colleague_who_left(self):
        """Core takes the contact of an archived user for one from outside; the log does not."""
        left = self._create_user(
            "relations_left", "partner_relations.group_user,sales_team.group_sale_salesman_all_leads"
        )
        lead = self.lead.with_user(left)
        lead.message_post(body="Ask Hoa", message_type="comment", subtype_xmlid="mail.mt_note")
        lead.message_post(body="Offer", message_type="comment", partner_ids=self.person.ids)
        meeting = self.meeting(
            start=Datetime.now() - timedelta(days=2),
            user_id=self.user_sales.id,
            partner_ids=[Command.set((left.partner_id | self.user_sales.partner_id).ids)],
        )
        left.active = False
        self.env.flush_all()
        self.assertTrue(left.partner_id.partner_share)
        self._read_history()
        meeting.stop += timedelta(minutes=30)
        answer = self.post(
            self.lead,
            message_type="email",
            author_id=left.partner_id.id,
            partner_ids=(self.person | self.user_sales.partner_id).ids,
        )
        self.env.invalidate_all()
        logs = self.env["partner.contact.log"]
        self.assertFalse(logs.search([("partner_id", "=", left.partner_id.id)]))
        self.assertEqual(self.logs().mapped("direction"), ["out"] * 2)
        self.assertEqual(self.logs().user_id, left)
        self.assertIn(answer, self.logs().message_id)

    @users("relations_sales")
    def test_upgrade_forgets_colleagues_who_left(self):
        """What earlier versions took of their messages, but for what somebody wrote about, or was before they came."""
        left = self._create_user("relations_left", "partner_relations.group_user")
        self.env.flush_all()
        for _number in range(3):
            self.post(self.lead, partner_ids=self.person.ids)
        gone, written, earlier = self.logs()
        written.agreement = "A discount"
        earlier.message_id.date = left.create_date - timedelta(days=1)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE partner_contact_log SET partner_id = %(left)s, commercial_partner_id = %(left)s"
            " WHERE id = ANY(%(ids)s)",
            {"left": left.partner_id.id, "ids": (gone | written | earlier).ids},
        )
        customers = self.post(self.lead, partner_ids=self.person.ids)
        script = Path(__file__).parents[2] / "migrations" / "19.0.1.15.0" / "post-colleagues_in_log.py"
        migrate = runpy.run_path(str(script))["migrate"]
        migrate(self.env.cr, None)
        self.assertTrue(gone.exists(), "a first installation has none")
        migrate(self.env.cr, "19.0.1.14.0")
        self.env.invalidate_all()
        self.assertFalse(gone.exists())
        self.assertEqual((written | earlier).exists(), written | earlier)
        self.assertIn(customers, self.logs().message_id)

    @users("relations_sales")
    def test_history_of_a_person_who_moved(self):
        """What was written to the person, and where the person was, stays with the former company, once."""
        message = self.post(self.lead, partner_ids=self.person.ids)
        meeting = self.meeting(start=Datetime.now() - timedelta(days=2))
        logs = self.logs()
        self.assertEqual(len(logs), 2)
        self.person.sudo().parent_id = self._create_company_partner("Cedar")
        self._read_history()
        meeting.partner_ids += self.user_sales2.partner_id
        self.env.flush_all()
        self.env.invalidate_all()
        found = self.env["partner.contact.log"].search(
            [
                "|",
                ("event_id", "=", meeting.id),
                ("source_id", "=", message.id),
                ("partner_id", "=", self.person.id),
            ]
        )
        self.assertEqual(found, logs)
        self.assertEqual(found.commercial_partner_id, self.customer)

    # ------------------------------------------------------------------
    # Meetings
    # ------------------------------------------------------------------
    def meeting(self, **values):
        start = values.pop("start", Datetime.now() + timedelta(days=2))
        return (
            self.env["calendar.event"]
            .with_context(no_mail_to_attendees=True, skip_attendee_notification=True)
            .create(
                {
                    "name": "Show room",
                    "start": start,
                    "stop": start + timedelta(hours=1.5),
                    "partner_ids": [Command.set((self.person | self.env.user.partner_id).ids)],
                    **values,
                }
            )
        )

    @users("relations_sales")
    def test_meeting_is_one_entry_and_kept_in_step(self):
        event = self.meeting()
        log = self.logs()
        self.assertRecordValues(
            log,
            [
                {
                    "name": "Show room",
                    "partner_id": self.person.id,
                    "user_id": self.user_sales.id,
                    "channel": "meeting",
                    "state": "planned",
                    "date": event.start,
                    "duration": 1.5,
                    "source_model": "calendar.event",
                    "source_id": event.id,
                }
            ],
        )
        event.write(
            {"start": event.start + timedelta(days=1), "stop": event.stop + timedelta(days=1), "name": "New"}
        )
        self.assertRecordValues(log, [{"date": event.start, "name": "New"}])
        log.date = event.start + timedelta(hours=2)
        self.assertEqual((event.start, event.duration), (log.date, 1.5), "moving the plan moves the meeting")
        log.user_id = self.user_sales2
        self.assertEqual(event.user_id, self.user_sales2, "handing the plan over hands the meeting over")
        event.user_id = self.user_sales
        event.partner_ids += self.other
        self.assertEqual(len(self.logs(self.other)), 1)
        event.partner_ids -= self.other
        self.assertFalse(self.logs(self.other))
        event.active = False
        self.assertEqual(log.state, "cancelled")
        event.active = True
        self.assertEqual(log.state, "planned")
        event.unlink()
        self.assertFalse(self.logs())

    @users("relations_sales")
    def test_meeting_on_opportunity_with_activity_is_one_entry(self):
        event = self.meeting(
            opportunity_id=self.lead.id,
            res_model_id=self.env["ir.model"]._get_id("crm.lead"),
            res_id=self.lead.id,
        )
        self.assertTrue(event.activity_ids, "core makes an activity of the meeting")
        log = self.logs()
        self.assertEqual(len(log), 1)
        self.assertEqual(log.sudo().activity_id.with_env(self.env), event.activity_ids)
        event.activity_ids.action_feedback(feedback="Liked the oak")
        self.assertRecordValues(log, [{"state": "done", "closed_by_id": self.user_sales.id}])
        self.assertEqual(self.logs(), log)

    @users("relations_sales")
    def test_activity_that_gets_a_meeting_stays_one_entry(self):
        activity = self.lead.activity_schedule("mail.mail_activity_data_meeting", user_id=self.env.uid)
        log = self.logs()
        self.assertEqual(log.sudo().activity_id.with_env(self.env), activity)
        event = self.meeting(
            activity_ids=[Command.set(activity.ids)],
            res_model_id=self.env["ir.model"]._get_id("crm.lead"),
            res_id=self.lead.id,
        )
        self.assertEqual(self.logs(), log)
        self.assertEqual(log.event_id, event)

    @users("relations_sales")
    def test_meeting_without_customers(self):
        before = self.env["partner.contact.log"].sudo().search_count([])
        self.meeting(partner_ids=[Command.set((self.env.user.partner_id | self.user_sales2.partner_id).ids)])
        self.meeting(partner_ids=[Command.clear()])
        self.assertEqual(self.env["partner.contact.log"].sudo().search_count([]), before)

    def _let_pass(self, event):
        """The meeting is over, and nothing was told of it."""
        event.flush_recordset()
        self.env.cr.execute(
            "UPDATE calendar_event SET stop = now() - interval '1 hour' WHERE id = %s", event.ids
        )
        event.invalidate_recordset()

    @users("relations_sales")
    def test_past_meeting_is_done_and_future_one_when_over(self):
        self.meeting(start=Datetime.now() - timedelta(days=2))
        self.assertEqual(self.logs().state, "done")
        event = self.meeting(partner_ids=[Command.set(self.other.ids)])
        log = self.logs(self.other)
        self._let_pass(event)
        company = self.company.sudo()
        with self.enter_registry_test_mode():
            company.relations_auto_close_meetings = False
            run_job(self.env, "ir_cron_close_meetings")
            self.assertEqual(log.state, "planned")
            company.relations_auto_close_meetings = True
            run_job(self.env, "ir_cron_close_meetings")
        self.assertRecordValues(log, [{"state": "done", "closed_by_id": False}])

    @users("relations_sales")
    def test_meeting_that_another_worker_is_at(self):
        """It is left to that one, by whom its entry may just become cancelled."""
        event = self.meeting(partner_ids=[Command.set(self.other.ids)])
        log = self.logs(self.other)
        self._let_pass(event)
        self.company.sudo().relations_auto_close_meetings = True
        with self.enter_registry_test_mode():
            with held_elsewhere(log):
                run_job(self.env, "ir_cron_close_meetings")
            self.assertEqual(log.state, "planned")
            run_job(self.env, "ir_cron_close_meetings")
        self.assertEqual(log.state, "done")

    @users("relations_sales")
    def test_meetings_in_batches(self):
        """The scheduler is told that there are more, and comes again."""
        events = self.meeting(partner_ids=[Command.set(self.other.ids)])
        events += self.meeting(partner_ids=[Command.set(self.other.ids)])
        events.flush_recordset()
        self.env.cr.execute(
            "UPDATE calendar_event SET stop = now() - interval '1 hour' WHERE id = ANY(%s)", [events.ids]
        )
        events.invalidate_recordset()
        self.company.sudo().relations_auto_close_meetings = True
        logs = self.logs(self.other)
        with patch.object(type(logs)._cron_close_meetings, "__defaults__", (1,)):
            run_without_time(self, "ir_cron_close_meetings", most=500)
        self.assertEqual(logs.mapped("state"), ["done"] * 2)

    @users("relations_sales")
    def test_declined_meeting_and_early_done(self):
        event = self.meeting()
        log = self.logs()
        event.attendee_ids.filtered(lambda att: att.partner_id == self.person).do_decline()
        self.assertEqual(log.state, "cancelled")
        event.attendee_ids.filtered(lambda att: att.partner_id == self.person).do_accept()
        self.assertEqual(log.state, "planned")
        log.action_done()
        self.assertEqual(log.state, "done")
        event.name = "Renamed"
        event.description = "Something"
        event.stop += timedelta(hours=1)
        self.assertEqual(log.state, "done", "closed by hand stays closed")
        self.assertEqual(log.duration, 2.5)

    @users("relations_sales")
    def test_cancel_from_the_log_archives_the_meeting(self):
        event = self.meeting()
        self.logs().action_cancel()
        self.assertFalse(event.active)
        self.assertEqual(self.logs().state, "cancelled")

    def test_meeting_that_goes_with_its_activity(self):
        """In whatever order PostgreSQL looks after references: it is that in which their constraints were made."""
        constraints = ("partner_contact_log", "event_id"), ("mail_activity", "calendar_event_id")
        for order in (constraints, constraints[::-1]):
            for table, column in order:
                sql.drop_constraint(self.cr, table, f"{table}_{column}_fkey")
                on_delete = "set null" if column == "event_id" else "cascade"
                sql.add_foreign_key(self.cr, table, column, "calendar_event", "id", on_delete)
            document = {"res_model_id": self.env["ir.model"]._get_id("crm.lead"), "res_id": self.lead.id}
            meeting = self.meeting(**document)
            self.env.flush_all()
            self.assertEqual(self.logs().activity_id, meeting.activity_ids)
            self.assertTrue(meeting.activity_ids)
            meeting.unlink()
            self.assertFalse(self.logs())

    def test_meetings_look_their_contacts_up(self):
        """However many contacts there are, those of a meeting alone are read, with a document and without."""
        self._multiply(self.other, 20_000, name=SQL("'Birch ' || each.number"))
        meeting, plans, execute = self.meeting(), [], Environment.execute_query

        def explain(env, query):
            if "INSERT INTO partner_contact_log" in query.code:
                plans.append("\n".join(row[0] for row in execute(env, SQL("EXPLAIN %s", query))))
            return execute(env, query)

        log = self.env["partner.contact.log"].sudo()
        with patch.object(Environment, "execute_query", explain):
            for model in (False, "crm.lead"):
                for is_new in (True, False):
                    log._feed_events(SQL("e.id = %s", meeting.id), model, is_new=is_new)
        self.assertEqual(len(plans), 4)
        for plan in plans:
            self.assertIn("res_partner_pkey", plan)
            self.assertNotIn("Seq Scan on res_partner", plan)

    def test_meetings_of_a_document_are_looked_up(self):
        """A lead that gets a customer, and a merge of contacts, do not read the meetings of all others."""
        lead = self.env["crm.lead"].create({"name": "Chairs", "user_id": self.env.uid})
        meeting = self.meeting(res_model_id=self.env["ir.model"]._get_id("crm.lead"), res_id=lead.id)
        self._multiply(meeting, 5000, res_id=SQL("1000000 + each.number"), access_token=SQL("NULL"))
        plans, execute = [], Environment.execute_query

        def explain(env, query):
            if "calendar_event" in f"{query.code} {query.params}" and "res_id" in query.code:
                plans.append("\n".join(row[0] for row in execute(env, SQL("EXPLAIN %s", query))))
            return execute(env, query)

        doubled = self.person.copy()
        with patch.object(Environment, "execute_query", explain):
            lead.partner_id = self.person
            self.env["base.partner.merge.automatic.wizard"]._relations_merge_contact_log(doubled, self.person)
        self.assertIn("Update on calendar_event", plans[-1])
        self.assertTrue([plan for plan in plans if "Insert on partner_contact_log" in plan])
        for plan in plans:
            self.assertNotIn("Seq Scan on calendar_event ", plan)

    def _make_weekly(self, start=None, *, day="mon", tz="UTC", **values):
        """Weekly meetings from three weeks ago, for eight weeks; on Mondays, unless told otherwise."""
        if not start:
            start = Datetime.now().replace(hour=3, minute=0, second=0, microsecond=0)
            start -= timedelta(days=start.weekday() + 21)
        self.meeting(
            start=start,
            recurrency=True,
            rrule_type="weekly",
            end_type="count",
            count=8,
            event_tz=tz,
            **{day: True},
            **values,
        )
        return self._get_series()

    def _get_series(self):
        return self.env["calendar.event"].search([("name", "=", "Show room")], order="start")

    def _change_series(self, event, shift, setting="all_events"):
        event.write({"recurrence_update": setting, "start": event.start + shift, "stop": event.stop + shift})
        self.env.flush_all()
        self.env.invalidate_all()

    def _check_series(self, done, dates, *, planned):
        """The contacts ``done`` are there once, on their dates, and stay so whatever is written afterwards."""

        def check():
            logs = self.logs()
            self.assertEqual(logs.filtered(lambda log: log.state == "done"), done)
            self.assertEqual(done.mapped("date"), dates)
            self.assertEqual(
                sorted(logs.mapped("state")),
                ["done"] * len(done) + ["planned"] * planned,
                logs.mapped("date"),
            )
            self.assertEqual(len(logs.event_id), len(logs))

        check()
        self._get_series().write({"user_id": self.user_sales2.id})
        self._get_series().attendee_ids.write({"state": "accepted"})
        self.env.flush_all()
        self.env.invalidate_all()
        check()
        self._read_history()
        self.env.invalidate_all()
        check()

    @freeze_time(NOW)
    def test_series_that_is_changed_from_a_later_meeting(self):
        """Core makes the series anew from its first meeting: what took place is told once, with its words."""
        events = self._make_weekly()
        done = self.logs().filtered(lambda log: log.state == "done").sorted("date")
        self.assertEqual(len(done), 4)
        done[1].agreement = "Prices"
        dates = done.mapped("date")
        self._change_series(events[3], timedelta(hours=1))
        self.assertTrue(all(done.event_id.mapped("active")))
        self._check_series(done, dates, planned=4)
        self.assertEqual(done[1].agreement, "Prices")
        # until a meeting is moved by itself
        done[2].event_id.start += timedelta(hours=2)
        self.assertEqual(done[2].date, dates[2] + timedelta(hours=3))

    @freeze_time(NOW)
    def test_series_with_a_past_meeting_that_was_tidied_away(self):
        """Core makes a meeting of that day anew, which is no second contact."""
        events = self._make_weekly()
        done = self.logs().filtered(lambda log: log.state == "done").sorted("date")
        dates = done.mapped("date")
        events[1].active = False
        self._change_series(events[3], timedelta(hours=1))
        self.assertEqual(len(self._get_series()), 8)
        self._check_series(done, dates, planned=4)

    @freeze_time(NOW)
    def test_series_with_past_meetings_that_were_refused(self):
        """Declined or cancelled until they were over: core makes them anew, and they become no contacts."""
        for setting, number in (("all_events", 4), ("future_events", 1)):
            with self.subTest(setting=setting):
                with freeze_time("2025-02-20 12:00:00"):
                    events = self._make_weekly(datetime(2025, 2, 24, 3))
                    declined = (events[0] | events[2]).attendee_ids
                    declined.filtered(lambda att: att.partner_id == self.person).write({"state": "declined"})
                    self.logs().filtered(lambda log, events=events: log.event_id == events[1]).action_cancel()
                self._read_history()
                self.env.invalidate_all()
                dates = self.logs().sorted("date")[:4].mapped("date")
                self._check_refused(dates)
                for _again in range(2):
                    self._change_series(self._get_series()[number], timedelta(hours=1), setting)
                    self._check_refused(dates)
                    self._get_series().write({"user_id": self.user_sales2.id})
                    self._read_history()
                    self.env.invalidate_all()
                    self._check_refused(dates)
                self._get_series().unlink()
                self.logs().unlink()

    def _check_refused(self, dates):
        logs = self.logs().sorted("date")
        self.assertEqual(logs.mapped("state"), ["cancelled"] * 3 + ["done"] + ["planned"] * 4)
        self.assertEqual(logs[:4].mapped("date"), dates)
        self.assertEqual(len(self._get_series()), 7, "nothing is on the day that was cancelled")

    @freeze_time(NOW)
    def test_series_that_is_moved_to_another_day(self):
        for number in (3, 0):
            with self.subTest(number=number):
                events = self._make_weekly()
                done = self.logs().filtered(lambda log: log.state == "done").sorted("date")
                dates = done.mapped("date")
                self._change_series(events[number], timedelta(days=1))
                self.assertEqual(self._get_series()[0].start, events[0].start)
                self.assertEqual(events[0].start, dates[0] + timedelta(days=1))
                self._check_series(done, dates, planned=4)
                self._get_series().unlink()
                self.logs().unlink()

    @freeze_time(NOW)
    def test_series_that_is_moved_over_midnight(self):
        """At half past seven in Vietnam, then at half past six, which is the day before in UTC."""
        events = self._make_weekly(datetime(2025, 2, 24, 0, 30), tz="Asia/Ho_Chi_Minh")
        done = self.logs().filtered(lambda log: log.state == "done").sorted("date")
        self.assertEqual(len(done), 4)
        dates = done.mapped("date")
        changed = events[3].with_context(tz="Asia/Ho_Chi_Minh")
        self._change_series(changed, timedelta(hours=-1))
        self.assertEqual(self._get_series()[3].start, datetime(2025, 3, 16, 23, 30))
        self._check_series(done, dates, planned=4)

    @freeze_time(NOW)
    def test_series_whose_weekday_is_changed(self):
        """Core leaves the first meeting out of the new series."""
        events = self._make_weekly()
        done = self.logs().filtered(lambda log: log.state == "done").sorted("date")
        dates = done.mapped("date")
        plan = self.logs().filtered(lambda log: log.event_id == events[5])
        plan.agreement = "Samples"
        events[3].write({"recurrence_update": "all_events", "mon": False, "tue": True})
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual({event.start.weekday() for event in self._get_series()}, {1})
        self._check_series(done, dates, planned=4)
        self.assertEqual((plan.state, plan.date), ("planned", datetime(2025, 4, 1, 3)))

    @freeze_time(NOW)
    def test_series_that_gets_further_days(self):
        """Core makes meetings of them from the first one on, but nobody met on those that are over."""
        for setting, number, planned in (("all_events", 3, 1), ("future_events", 1, 2)):
            with self.subTest(setting=setting):
                events = self._make_weekly()
                done = self.logs().filtered(lambda log: log.state == "done").sorted("date")
                dates = done.mapped("date")
                events[number].write({"recurrence_update": setting, "thu": True})
                self.env.flush_all()
                self.env.invalidate_all()
                starts = self._get_series().mapped("start")
                self.assertEqual(starts[:4], dates)
                self.assertEqual(starts[4], datetime(2025, 3, 20, 3))
                self._check_series(done, dates, planned=planned)
                self._get_series().unlink()
                self.logs().unlink()

    @freeze_time(NOW)
    def test_series_that_gets_further_days_after_one_was_cancelled(self):
        """Core applies the rule twice where what follows is changed: it counts and makes nothing twice."""
        with freeze_time("2025-02-20 12:00:00"):
            events = self._make_weekly(datetime(2025, 2, 24, 3))
            self.logs().filtered(lambda log: log.event_id == events[2]).action_cancel()
        self._read_history()
        self.env.invalidate_all()
        events[1].write({"recurrence_update": "future_events", "thu": True})
        self.env.flush_all()
        self.env.invalidate_all()
        logs = self.logs().sorted("date")
        self.assertEqual(logs.mapped("state"), ["done", "done", "cancelled", "done", "planned"])
        days = [datetime(2025, 2, 24, 3), *(datetime(2025, 3, day, 3) for day in (3, 10, 17, 20))]
        self.assertEqual(logs.mapped("date"), days)
        self.assertEqual(self._get_series().mapped("start"), [day for day in days if day.day != 10])

    @freeze_time(NOW)
    def test_series_of_colleagues_whose_weekday_is_changed(self):
        """Its past meetings have no entries, and stay in the calendar on their new day."""
        events = self._make_weekly(partner_ids=[Command.set(self.user_sales.partner_id.ids)])
        starts = [start + timedelta(days=1) for start in events.mapped("start")]
        events[3].write({"recurrence_update": "all_events", "mon": False, "tue": True})
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self._get_series().mapped("start"), starts)

    @freeze_time(NOW)
    def test_series_that_is_moved_there_and_back(self):
        """The contact of this morning is done, though its meeting is to be tomorrow, and is told once in the end."""
        events = self._make_weekly(datetime(2025, 2, 26, 3), day="wed")
        done = self.logs().filtered(lambda log: log.state == "done").sorted("date")
        self.assertEqual(len(done), 4)
        dates = done.mapped("date")
        self._change_series(events[4], timedelta(days=1))
        logs = self.logs()
        self.assertEqual(logs.filtered(lambda log: log.state == "done"), done)
        self.assertEqual(len(logs), 4 + 5)
        self._change_series(self._get_series()[4], timedelta(days=-1))
        self._check_series(done, dates, planned=4)

    @freeze_time(NOW)
    def test_series_of_a_lead_that_got_another_contact(self):
        """What took place stays with the former one, what is planned is with the new one."""
        events = self._make_weekly(
            res_model_id=self.env["ir.model"]._get_id("crm.lead"),
            res_id=self.lead.id,
            user_id=self.user_sales.id,
            partner_ids=[Command.set(self.user_sales.partner_id.ids)],
        )
        done = self.logs().filtered(lambda log: log.state == "done").sorted("date")
        self.assertEqual(len(done), 4)
        dates = done.mapped("date")
        self.lead.partner_id = self.other
        self._change_series(events[3], timedelta(hours=1))
        self._check_series(done, dates, planned=0)
        self.assertEqual(self.logs(self.other).mapped("state"), ["planned"] * 4)

    @freeze_time(NOW)
    def test_plan_with_words_in_a_series_that_is_changed(self):
        """It is planned at the new hour, with the activity of its new meeting, and closed when that is over."""
        for setting in ("all_events", "future_events"):
            for lead in (self.lead.browse(), self.lead):
                with self.subTest(setting=setting, lead=lead.name):
                    document = {"res_model_id": self.env["ir.model"]._get_id("crm.lead"), "res_id": lead.id}
                    events = self._make_weekly(**document if lead else {})
                    log = self.logs().filtered(lambda log, events=events: log.event_id == events[5])
                    log.agreement = "Samples"
                    date = log.date
                    self._change_series(events[4], timedelta(hours=1), setting)
                    self.assertRecordValues(
                        log,
                        [
                            {
                                "state": "planned",
                                "date": date + timedelta(hours=1),
                                "date_planned": date + timedelta(hours=1),
                                "agreement": "Samples",
                                "closed_by_id": False,
                            }
                        ],
                    )
                    self.assertTrue(log.event_id.active)
                    self.assertEqual(log.event_id.start, log.date)
                    self.assertEqual(log.source_id, log.event_id.id)
                    self.assertEqual(log.activity_id, log.event_id.activity_ids)
                    self.assertEqual(bool(log.activity_id), bool(lead))
                    self.assertEqual(sorted(self.logs().mapped("state")), ["done"] * 4 + ["planned"] * 4)
                    if not lead:
                        self.company.relations_auto_close_meetings = True
                        cron = self.env.ref("partner_relations.ir_cron_close_meetings")
                        with freeze_time("2025-05-01 12:00:00"), self.enter_registry_test_mode():
                            run_cron(cron)
                        self.assertEqual(log.state, "done")
                    self._get_series().unlink()
                    self.logs().unlink()

    @freeze_time(NOW)
    def test_early_contact_in_a_series_that_is_changed(self):
        """What a user closed by hand before its hour stays done, and is not planned again."""
        events = self._make_weekly()
        log = self.logs().filtered(lambda log: log.event_id == events[5])
        log.action_done()
        self._change_series(events[3], timedelta(hours=1))
        done = self.logs().filtered(lambda log: log.state == "done").sorted("date")
        self.assertIn(log, done)
        self.assertEqual(log.date, Datetime.to_datetime(NOW))
        self._check_series(done, done.mapped("date"), planned=3)

    @freeze_time(NOW)
    def test_series_that_is_changed(self):
        """All of it, or what follows: what took place stays with its words, nothing is there twice or cancelled."""
        for setting, number in (("all_events", 0), ("future_events", 4)):
            with self.subTest(setting=setting):
                events = self._make_weekly()
                logs = self.logs().sorted("date")
                self.assertEqual(len(logs), 8)
                done = logs.filtered(lambda log: log.state == "done")
                self.assertGreaterEqual(len(done), 3)
                done[1].agreement = "Prices"
                self._change_series(events[number], timedelta(hours=1), setting)
                after = self.logs()
                self.assertEqual(len(after), 8, after.mapped(lambda log: (log.state, log.date)))
                self.assertNotIn("cancelled", after.mapped("state"))
                self.assertEqual(after & done, done)
                self.assertEqual(done[1].agreement, "Prices")
                self.assertTrue(all(event.active for event in after.event_id))
                after.event_id.unlink()
                self.logs().sudo().unlink()

    def test_meeting_that_took_place_is_tidied_away(self):
        for tidy in ("archive", "unlink"):
            for words in (False, "Prices"):
                with self.subTest(tidy=tidy, words=words):
                    start = Datetime.now() - timedelta(days=2)
                    event = self.meeting(start=start, stop=start + timedelta(hours=1))
                    log = self.logs().filtered(lambda log, event=event: log.event_id == event)
                    self.assertEqual(log.state, "done")
                    log.agreement = words
                    if tidy == "archive":
                        event.active = False
                    else:
                        event.unlink()
                    self.env.flush_all()
                    self.env.invalidate_all()
                    self.assertEqual(log.exists().state, "done")

    def test_meeting_that_took_place_early_is_tidied_away(self):
        """A user closed it by hand before its hour: the contact stays done."""
        event = self.meeting()
        log = self.logs()
        log.action_done()
        date = log.date
        event.active = False
        self.assertRecordValues(self._logs_of(event), [{"id": log.id, "state": "done", "date": date}])

    def test_lead_gets_another_contact(self):
        """With whom past contacts were stays; planned ones are with the new contact."""
        call = "mail.mail_activity_data_call"
        done, planned = (
            self.lead.activity_schedule(call, user_id=self.user_sales.id) for _number in range(2)
        )
        done.action_feedback(feedback="Called")
        start = Datetime.now() - timedelta(days=2)
        meeting = self.env["calendar.event"].create(
            {
                "name": "Visit",
                "start": start,
                "stop": start + timedelta(hours=1),
                "res_model_id": self.env["ir.model"]._get_id("crm.lead"),
                "res_id": self.lead.id,
                "user_id": self.user_sales.id,
                "partner_ids": [Command.set(self.user_sales.partner_id.ids)],
            }
        )
        logs = self.logs().filtered(lambda log: log.res_model == "crm.lead")
        self.assertEqual(len(logs), 3)
        self.lead.partner_id = self.other
        self.env.invalidate_all()
        past = logs.filtered(lambda log: log.event_id == meeting or log.activity_id == done)
        self.assertEqual(len(past), 2)
        self.assertEqual(past.partner_id, self.person)
        self.assertEqual((logs - past).partner_id, self.other)
        self.assertEqual((logs - past).activity_id, planned)
        self.assertFalse(self.logs(self.other).filtered("event_id"), "nobody else was at the meeting")

    def _make_inquiry(self):
        """A lead without contact, with a mail of somebody unknown and one that answers it."""
        lead = self.env["crm.lead"].create({"name": "Tables", "user_id": self.user_sales.id})
        mails = [
            lead.with_user(self.user_sales).message_post(
                body="Text", subtype_xmlid="mail.mt_comment", author_id=False, **values
            )
            for values in (
                {"message_type": "email", "email_from": "Zed Ng <Zed@unknown.example>"},
                {"message_type": "email", "email_from": '"zed@unknown.example" <other@unknown.example>'},
            )
        ]
        answer = lead.with_user(self.user_sales).message_post(
            body="Text",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            outgoing_email_to="Zed Ng <zed@unknown.example>, copy@unknown.example",
        )
        return lead, mails[0], answer

    def _get_told(self, partner):
        return {(log.message_id, log.direction) for log in self.logs(partner) if log.message_id}

    def test_mails_of_an_inquiry_whose_contact_becomes_known(self):
        """The first mail and the first answer of an inquiry are contacts, too; those with other addresses are not."""
        lead, mail, answer = self._make_inquiry()
        self.assertFalse(mail.author_id)
        zed = self._create_company_partner("Zed", email="zed@unknown.example")
        lead.partner_id = zed
        self.env.invalidate_all()
        self.assertEqual(self._get_told(zed), {(mail, "in"), (answer, "out")})
        self.assertEqual(mail.author_id, zed)
        self.assertIn(zed, answer.partner_ids)
        lead.partner_id = self.other
        self.assertEqual(self._get_told(zed), {(mail, "in"), (answer, "out")})
        self.assertFalse(self._get_told(self.other))

    def test_mails_of_an_inquiry_in_the_history(self):
        lead, mail, answer = self._make_inquiry()
        zed = self._create_company_partner("Zed", email="zed@unknown.example")
        self.env.flush_all()
        # SQL: as earlier versions left it
        self.env.cr.execute("UPDATE crm_lead SET partner_id = %s WHERE id = %s", [zed.id, lead.id])
        self.env.invalidate_all()
        self._read_history()
        self.env.invalidate_all()
        self.assertEqual(self._get_told(zed), {(mail, "in"), (answer, "out")})

    def _make_past_meeting_of_lead(self, *attendees):
        """A meeting that took place yesterday, about the lead, with a colleague and ``attendees``."""
        return self.meeting(
            start=Datetime.now() - timedelta(days=1),
            res_model_id=self.env["ir.model"]._get_id("crm.lead"),
            res_id=self.lead.id,
            user_id=self.user_sales.id,
            partner_ids=[Command.set([self.user_sales.partner_id.id, *(each.id for each in attendees)])],
        )

    def _logs_of(self, meeting):
        self.env.invalidate_all()
        return self.env["partner.contact.log"].search([("event_id", "=", meeting.id)])

    @freeze_time(NOW)
    def test_past_meeting_stays_with_the_former_contact_of_its_lead(self):
        """Whatever is written afterwards; nobody is there in place of the former contact, or beside."""
        meeting = self._make_past_meeting_of_lead()
        log = self._logs_of(meeting)
        self.assertRecordValues(log, [{"partner_id": self.person.id, "state": "done"}])
        self.lead.partner_id = self.other
        self.assertEqual(self._logs_of(meeting), log)
        meeting.user_id = self.user_sales2
        self.assertEqual(self._logs_of(meeting), log)
        self.assertEqual(log.user_id, self.user_sales2, "the entry still follows its meeting")
        meeting.stop += timedelta(minutes=30)
        meeting.partner_ids += self.user_sales2.partner_id
        meeting.partner_ids -= self.user_sales2.partner_id
        self.person.parent_id = self._create_company_partner("Cedar")
        meeting.user_id = self.user_sales
        self._read_history()
        self.assertEqual(self._logs_of(meeting), log)
        self.assertRecordValues(
            log, [{"partner_id": self.person.id, "commercial_partner_id": self.customer.id, "duration": 2.0}]
        )

    @freeze_time(NOW)
    def test_past_meeting_is_corrected(self):
        """Who was forgotten, was not there, or the document that was a wrong one."""
        meeting = self._make_past_meeting_of_lead()
        third = self._create_company_partner("Cedar")
        meeting.partner_ids += third
        self.assertEqual(self._logs_of(meeting).partner_id, self.person | third)
        meeting.partner_ids -= third
        self.assertEqual(self._logs_of(meeting).partner_id, self.person)
        right = self.env["crm.lead"].create({"name": "Tables", "partner_id": self.other.id})
        meeting.res_id = right.id
        self.assertEqual(self._logs_of(meeting).partner_id, self.other)

    @freeze_time(NOW)
    def test_attendee_of_a_past_meeting_who_is_the_customer_of_its_lead(self):
        """Whoever is taken off the attendees, the meeting was with the customer of the lead."""
        meeting = self._make_past_meeting_of_lead(self.colleague, self.other)
        logs = self._logs_of(meeting)
        self.assertEqual(logs.commercial_partner_id, self.customer | self.other)
        meeting.partner_ids -= self.colleague
        self.assertEqual(self._logs_of(meeting), logs)

    @freeze_time(NOW)
    def test_past_meeting_of_a_lead_whose_customer_becomes_known(self):
        self.lead.partner_id = False
        meeting = self._make_past_meeting_of_lead()
        self.assertFalse(self._logs_of(meeting))
        self.lead.partner_id = self.other
        self.assertRecordValues(self._logs_of(meeting), [{"partner_id": self.other.id, "state": "done"}])

    @freeze_time(NOW)
    def test_planned_meeting_goes_with_the_contact_of_its_lead(self):
        meeting = self._make_past_meeting_of_lead()
        meeting.write({"start": "2025-03-20 09:00:00", "stop": "2025-03-20 10:00:00"})
        self.assertRecordValues(self._logs_of(meeting), [{"partner_id": self.person.id, "state": "planned"}])
        self.lead.partner_id = self.other
        self.assertRecordValues(self._logs_of(meeting), [{"partner_id": self.other.id, "state": "planned"}])

    def test_time_zone_that_the_database_does_not_know(self):
        """An old name of a zone: core takes the new one, and nobody's activity fails."""
        self.env.cr.execute(
            "UPDATE res_partner SET tz = 'Asia/Nowhere' WHERE id = %s", [self.user_sales.partner_id.id]
        )
        self.env.cr.execute(
            "UPDATE resource_calendar SET tz = 'Asia/Elsewhere' WHERE id = %s",
            [self.company.resource_calendar_id.id],
        )
        self.env.invalidate_all()
        self.patch(self.registry, "relations_unknown_zones", None)
        unknown = self.env["partner.contact.log"]._get_unknown_zones()
        self.assertEqual((unknown["Asia/Nowhere"], unknown["Asia/Elsewhere"]), ("UTC", "UTC"))
        activity = self.customer.activity_schedule(
            "mail.mail_activity_data_call", user_id=self.user_sales.id, date_deadline="2030-03-05"
        )
        log = self.logs().filtered(lambda log: log.activity_id == activity)
        self.assertEqual(str(log.date), "2030-03-05 12:00:00")

    @users("relations_sales")
    def test_recurring_meeting(self):
        """Whatever the day it is made for: core archives one that is not among the days of the recurrence."""
        for day in range(3, 10):
            with self.subTest(weekday=day):
                self.logs().sudo().unlink()
                self.env["calendar.event"].search([("name", "=", "Show room")]).unlink()
                self.meeting(
                    start=datetime(2035, 1, day, 9),
                    recurrency=True,
                    rrule_type="weekly",
                    end_type="count",
                    count=4,
                    mon=True,
                    wed=True,
                )
                events = self.env["calendar.event"].search([("name", "=", "Show room")])
                self.assertEqual(len(events), 4)
                self.assertEqual(self.logs().event_id, events)
                self.assertEqual(set(self.logs().mapped("state")), {"planned"})

    def test_private_meeting_hides_its_words(self):
        self.meeting(name="Secret plan", privacy="private", user_id=self.user_sales.id)
        log = self.logs()
        self.assertEqual(log.with_user(self.user_sales).name, "Secret plan")
        self.assertNotIn("Secret", log.with_user(self.user_director).name)
        copied = log.with_user(self.user_sales).copy()
        self.assertFalse(copied.source_model or copied.event_id)
        self.assertNotIn(
            "Secret", copied.with_user(self.user_director).name, "a copy tells everybody its words"
        )

    def test_private_meeting_is_found_by_who_sees_its_words(self):
        """Private in itself, or as the calendar of who organises it is."""
        self.user_sales2.with_user(self.user_sales2).calendar_default_privacy = "private"
        attendees = self.person | self.user_supervisor.partner_id
        for name, privacy in (
            ("Secret", "private"),
            ("Secret by default", False),
            ("Secret no more", "public"),
        ):
            self.meeting(
                name=name,
                privacy=privacy,
                user_id=self.user_sales2.id,
                partner_ids=[Command.set(attendees.ids)],
            )
        logs = self.env["partner.contact.log"]
        for user, count in (
            (self.user_sales2, 3),
            (self.user_supervisor, 3),
            (self.user_sales, 1),
            (self.user_director, 1),
        ):
            with self.subTest(user=user.login):
                visible = logs.with_user(user).search([("partner_id", "=", self.person.id)])
                self.assertEqual(len(visible), 3)
                self.assertEqual(len(visible.filtered(lambda log: "Secret" in log.name)), count)
                self.assertEqual(logs.with_user(user).search_count([("name", "ilike", "secret")]), count)

    # ------------------------------------------------------------------
    # Activities
    # ------------------------------------------------------------------
    @users("relations_sales")
    def test_activity_is_planned_then_done_once(self):
        activity = self.lead.activity_schedule(
            "mail.mail_activity_data_call", summary="Ring", user_id=self.env.uid
        )
        log = self.logs()
        self.assertRecordValues(
            log,
            [
                {
                    "name": "Ring",
                    "channel": "phone",
                    "state": "planned",
                    "all_day": True,
                    "user_id": self.env.uid,
                }
            ],
        )
        self.assertEqual(log.source_model, "mail.activity")
        activity.date_deadline += timedelta(days=3)
        self.assertEqual(log._get_local_day(), activity.date_deadline)
        log.action_done()
        self.assertFalse(activity.active)
        self.assertEqual((self.logs(), log.state), (log, "done"))
        self._read_history()
        self.assertEqual(self.logs(), log)

    @users("relations_sales")
    def test_activity_without_channel_or_partner(self):
        self.lead.activity_schedule("mail.mail_activity_data_upload_document", user_id=self.env.uid)
        empty = self.env["crm.lead"].create({"name": "Unknown", "user_id": self.env.uid})
        activity = empty.activity_schedule("mail.mail_activity_data_call", user_id=self.env.uid)
        self.assertFalse(self.logs())
        empty.partner_id = self.person
        self.assertEqual(
            self.logs().sudo().activity_id.with_env(self.env), activity, "the customer became known"
        )

    @users("relations_sales")
    def test_activity_that_is_no_contact_any_more(self):
        """Its type has no channel, or its lead no customer: the plan does not stay open for ever."""
        call = self.env.ref("mail.mail_activity_data_call")
        upload = self.env.ref("mail.mail_activity_data_upload_document")
        lead = self.lead.with_env(self.env)
        activity = lead.activity_schedule("mail.mail_activity_data_call", user_id=self.env.uid)
        log = self.logs()
        activity.activity_type_id = upload
        self.assertEqual(log.state, "cancelled")
        activity.activity_type_id = call
        self.assertEqual(log.state, "planned")
        lead.partner_id = False
        self.assertEqual(log.state, "cancelled")
        lead.partner_id = self.person
        self.assertEqual(log.state, "planned")
        # as it was left before
        activity.with_context(relations_feeding=INTERNAL).activity_type_id = upload
        activity.action_feedback(feedback="Called")
        self.assertRecordValues(log, [{"state": "done", "closed_by_id": self.env.uid, "all_day": False}])
        self.assertEqual(self.logs(), log)

    @users("relations_sales")
    def test_order_gets_another_contact(self):
        sale = self.env["sale.order"].create({"partner_id": self.person.id})
        purchase = self.env["purchase.order"].create({"partner_id": self.person.id})
        for order in (sale, purchase):
            order.activity_schedule("mail.mail_activity_data_call", user_id=self.env.uid)
        logs = self.logs()
        self.assertEqual(len(logs), 2)
        for order in (sale, purchase):
            order.partner_id = self.other
        self.env.invalidate_all()
        self.assertEqual(logs.partner_id, self.other)
        self.assertEqual(self.logs(self.other), logs)

    @users("relations_sales")
    def test_activity_removed_is_a_plan_cancelled(self):
        activity = self.lead.activity_schedule("mail.mail_activity_data_call", user_id=self.env.uid)
        activity.unlink()
        self.assertEqual(self.logs().state, "cancelled")

    @users("relations_sales")
    def test_email_sent_for_its_activity_is_one_entry(self):
        activity = self.lead.with_env(self.env).activity_schedule(
            "mail.mail_activity_data_email", summary="Send the offer", user_id=self.env.uid
        )
        message = self.post(self.lead, subject="Offer", partner_ids=self.person.ids)
        self.assertEqual(len(self.logs()), 2)
        activity.action_done()
        self.assertRecordValues(
            self.logs(),
            [{"state": "done", "channel": "email", "message_id": message.id, "date": message.date}],
        )
        self._read_history()
        self.assertEqual(len(self.logs()), 1)
        # another letter, and another activity, are contacts of their own
        self.post(self.lead, subject="Second", partner_ids=self.person.ids)
        self.assertEqual(len(self.logs()), 2)

    @users("relations_sales")
    def test_reopen(self):
        plan = self.env["partner.contact.log"].create(
            {"name": "Ring", "partner_id": self.person.id, "state": "planned", "date": "2030-05-05 08:00:00"}
        )
        activity = self.lead.with_env(self.env).activity_schedule(
            "mail.mail_activity_data_call", user_id=self.env.uid
        )
        event = self.meeting(partner_ids=[Command.set(self.other.ids)])
        fed = self.env["partner.contact.log"].search([("activity_ids", "in", activity.ids)])
        met = self.logs(self.other).with_env(self.env)
        self.assertEqual(len(plan | fed | met), 3)
        dates = (plan | fed | met).mapped("date")
        for close in ("action_done", "action_cancel"):
            getattr(plan | fed | met, close)()
            (plan | fed | met).action_reopen()
            self.assertEqual((plan | fed | met).mapped("state"), ["planned"] * 3)
            self.assertEqual((plan | fed | met).mapped("date"), dates)
            self.assertTrue(event.active)
            self.assertEqual((plan | fed).sudo().activity_id.mapped("active"), [True, True])
        with self.assertRaisesRegex(UserError, "was not planned before"):
            self.env["partner.contact.log"].create(
                {"name": "Call", "partner_id": self.person.id}
            ).action_reopen()

    @users("relations_sales")
    def test_purchase_and_sale_documents(self):
        order = self.env["sale.order"].create({"partner_id": self.person.id})
        purchase = self.env["purchase.order"].create({"partner_id": self.other.id})
        order.activity_schedule("mail.mail_activity_data_call", user_id=self.env.uid)
        self.post(purchase, partner_ids=self.other.ids)
        self.assertEqual(self.logs().res_model, "sale.order")
        self.assertEqual(self.logs(self.other).res_model, "purchase.order")

    def test_meeting_email_and_activity_each_once(self):
        self.meeting(start=Datetime.now() - timedelta(days=1))
        self.lead.with_user(self.user_sales).message_post(
            body="Text", message_type="comment", subtype_xmlid="mail.mt_comment", partner_ids=self.person.ids
        )
        self.lead.activity_schedule("mail.mail_activity_data_call").action_done()
        self.assertEqual(sorted(self.logs().mapped("channel")), ["email", "meeting", "phone"])
        self.assertEqual(set(self.logs().mapped("state")), {"done"})

    # ------------------------------------------------------------------
    # Companies
    # ------------------------------------------------------------------
    def test_company_of_an_entry(self):
        """The contact's own company, else that of the document, else that of the colleague."""
        user2 = self._create_user(
            "relations_feed2",
            "partner_relations.group_user,sales_team.group_sale_salesman_all_leads",
            company_id=self.company2.id,
            company_ids=[Command.set((self.company | self.company2).ids)],
        )
        own = self._create_company_partner("Own", company_id=self.company.id, email="own@own.example")
        lead2 = self.env["crm.lead"].create(
            {"name": "L", "partner_id": self.person.id, "company_id": self.company2.id}
        )
        mail = {"body": "Text", "message_type": "comment", "subtype_xmlid": "mail.mt_comment"}
        lead2.with_user(user2).message_post(partner_ids=self.person.ids, **mail)
        self.assertEqual(self.logs().company_id, self.company2, "of the document")
        own.with_user(user2).message_post(partner_ids=own.ids, **mail)
        self.assertEqual(self.logs(own).company_id, self.company, "of the contact")
        lead2.with_user(user2).message_post(partner_ids=own.ids, **mail)
        self.assertEqual(
            self.logs(own).mapped("company_id"), self.company, "also on a document of another one"
        )
        self.assertEqual(len(self.logs(own)), 2)
        self.other.with_user(user2).message_post(partner_ids=self.other.ids, **mail)
        live = {log.id: log.company_id for log in self.logs(self.other) | self.logs(own) | self.logs()}
        self.assertEqual(self.logs(self.other).company_id, self.company2, "of the colleague")
        messages = [log.source_id for log in self.env["partner.contact.log"].browse(live)]
        self.env["partner.contact.log"].browse(live).unlink()
        self._read_history()
        again = self.env["partner.contact.log"].search([("source_id", "in", messages)])
        self.assertEqual(
            sorted(log.company_id.id for log in again), sorted(company.id for company in live.values())
        )
