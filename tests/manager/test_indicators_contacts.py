"""Contacts, their minutes and the customers reached, as indicators of sales managers."""

import random
from collections import defaultdict
from datetime import date, datetime, timedelta

import pytz

from odoo import Command
from odoo.tests import tagged

from ..common import EmptyIsNotZero, RelationsCommon
from ..jobs import run_job

FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)
ZONE = "Asia/Ho_Chi_Minh"
CHANNELS = ("phone", "meeting", "visit", "email", "chat", "letter", "other")


@tagged("post_install", "-at_install")
class TestContactIndicators(EmptyIsNotZero, RelationsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.tz = ZONE
        cls.customer = cls._create_company_partner("Customer", user_id=cls.user_sales.id)
        cls.person = cls._create_person("Person", cls.customer)
        cls.other = cls._create_company_partner("Other", user_id=cls.user_sales2.id)
        cls.logs = cls.env["partner.contact.log"]

    def _indicator(self, code):
        return self.env.ref(f"partner_relations.manager_indicator_{code}")

    def _values(self, *codes, first=FIRST, last=LAST, company=None, users=None, credit="owner"):
        """Values by code and user; of the users of this test and nobody."""
        indicators = self.env["manager.indicator"].concat(*(self._indicator(code) for code in codes))
        found = indicators._compute_values(company or self.company, first, last, users, credit)
        codes = {indicator.id: indicator.code for indicator in indicators}
        values = defaultdict(lambda: None)
        for (indicator_id, user_id), value in found.items():
            values[codes[indicator_id], self.env["res.users"].browse(user_id or ())] = value.value
        return values

    def _log(self, partner=None, day=10, user=None, **values):
        values = {"channel": "phone", "state": "done", "date": datetime(2026, 3, day, 5), **values}
        return self.logs.create(
            {
                "title": "Talk",
                "partner_id": (partner or self.person).id,
                "user_id": (user or self.user_sales).id,
                "company_id": self.company.id,
                **values,
            }
        )

    def _post(self, document, **values):
        message = document.message_post(
            body="Hello", message_type="comment", subtype_xmlid="mail.mt_comment", **values
        )
        self.env.flush_all()
        logs = self.logs.search([("message_id", "=", message.id)])
        logs.sudo().write({"date": datetime(2026, 3, 10, 5)})
        return logs

    def _close_meetings(self):
        with self.enter_registry_test_mode():
            run_job(self.env, "ir_cron_close_meetings")
        self.env.invalidate_all()

    # ------------------------------------------------------------------
    # What is one
    # ------------------------------------------------------------------
    def test_only_done_ones(self):
        self._log()
        self._log(state="planned", date=datetime(2026, 3, 11, 5))
        self._log(state="cancelled")
        self.assertEqual(self._values("contacts")["contacts", self.user_sales], 1)

    def test_activity_meeting_and_message_are_one(self):
        """A meeting planned as an activity on an opportunity: the meeting, its activity and the chatter's message."""
        lead = self.env["crm.lead"].create(
            {"name": "Chairs", "partner_id": self.person.id, "type": "opportunity"}
        )
        activity = lead.activity_schedule(
            "mail.mail_activity_data_meeting", user_id=self.user_sales.id, summary="Show the samples"
        )
        event = self.env["calendar.event"].create(
            {
                "name": "Show the samples",
                "start": datetime(2026, 3, 10, 5),
                "stop": datetime(2026, 3, 10, 6, 30),
                "user_id": self.user_sales.id,
                "partner_ids": [Command.set([self.person.id, self.user_sales.partner_id.id])],
                "res_model_id": self.env["ir.model"]._get_id("crm.lead"),
                "res_id": lead.id,
                "activity_ids": [Command.set(activity.ids)],
            }
        )
        self.env.flush_all()
        activity.with_user(self.user_sales).action_feedback(feedback="They like them")
        self._close_meetings()
        self.env.flush_all()
        logs = self.logs.search([("commercial_partner_id", "=", self.customer.id)])
        self.assertEqual(logs.event_id, event)
        logs.sudo().date = datetime(2026, 3, 10, 5)
        values = self._values("contacts", "contacts_meeting", "contact_minutes", "customers_reached")
        self.assertEqual(
            [
                values[code, self.user_sales]
                for code in ("contacts", "contacts_meeting", "contact_minutes", "customers_reached")
            ],
            [1, 1, 90, 1],
        )

    def test_mass_mail_never(self):
        self.person.email, self.other.email = "person@example.com", "other@example.com"
        composer = (
            self.env["mail.compose.message"]
            .with_user(self.user_sales)
            .create(
                {
                    "composition_mode": "mass_mail",
                    "model": "res.partner",
                    "res_ids": (self.person | self.other).ids,
                    "subject": "To all",
                    "body": "News",
                }
            )
        )
        mails, _messages = composer._action_send_mail()
        self.assertEqual(len(mails), 2)
        mailing = self.env["mailing.mailing"].create(
            {
                "subject": "News",
                "name": "News",
                "mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
                "mailing_domain": [("id", "in", (self.person | self.other).ids)],
                "body_html": "<p>News</p>",
                "user_id": self.user_sales.id,
                "keep_archives": True,
            }
        )
        mailing.action_send_mail()
        self.assertEqual(len(mailing.mailing_trace_ids), 2)
        self.assertLessEqual({*mailing.mailing_trace_ids.mapped("trace_status")}, {"outgoing", "sent"})
        self.env.flush_all()
        today = date.today()
        values = self._values("contacts", first=today - timedelta(days=1), last=today + timedelta(days=1))
        self.assertFalse(values["contacts", self.user_sales])

    def test_nobody_and_the_system_write_nothing(self):
        """Automatic messages are none; a letter of a customer that nobody is named for is nobody's."""
        self.env["res.partner"].browse(self.person.id).message_post(
            body="Robot", message_type="comment", subtype_xmlid="mail.mt_comment", partner_ids=self.person.ids
        )
        self._log(user=self.env.ref("base.user_root"))
        self.env.flush_all()
        today = date.today()
        for first, last in ((FIRST, LAST), (today - timedelta(days=1), today + timedelta(days=1))):
            self.assertFalse(self._values("contacts", first=first, last=last))

    def test_written_and_received(self):
        document = self.person.with_user(self.user_sales)
        self.assertEqual(len(self._post(document, partner_ids=self.person.ids)), 1)
        self.assertEqual(self._values("contacts_email")["contacts_email", self.user_sales], 1)
        received = self._post(
            self.person.with_user(self.user_sales), author_id=self.person.id, email_from="person@example.com"
        )
        self.assertEqual(received.direction, "in")
        self.assertEqual(self._values("contacts")["contacts", self.user_sales], 2)

    def test_one_letter_to_two_customers(self):
        """One contact, two customers reached: who writes to many at once does not count more."""
        logs = self._post(self.person.with_user(self.user_sales), partner_ids=(self.person | self.other).ids)
        self.assertEqual(len(logs), 2)
        values = self._values("contacts", "customers_reached", "contacts_email")
        self.assertEqual(values["contacts", self.user_sales], 1)
        self.assertEqual(values["contacts_email", self.user_sales], 1)
        self.assertEqual(values["customers_reached", self.user_sales], 2)

    def test_minutes_of_a_meeting_with_two_customers(self):
        self.env["calendar.event"].create(
            {
                "name": "Together",
                "start": datetime(2026, 3, 10, 5),
                "stop": datetime(2026, 3, 10, 6),
                "user_id": self.user_sales.id,
                "partner_ids": [Command.set((self.person | self.other | self.user_sales.partner_id).ids)],
            }
        )
        # how long of these two days they met nobody has said
        self.env["calendar.event"].create(
            {
                "name": "Fair",
                "allday": True,
                "start": datetime(2026, 3, 9),
                "stop": datetime(2026, 3, 10),
                "user_id": self.user_sales.id,
                "partner_ids": [Command.set((self.person | self.user_sales.partner_id).ids)],
            }
        )
        self._log(duration=0.5)
        self._log(duration=0)
        self._close_meetings()
        values = self._values("contact_minutes", "contacts", "customers_reached")
        self.assertEqual(values["contact_minutes", self.user_sales], 90)
        self.assertEqual(values["contacts", self.user_sales], 4)
        self.assertEqual(values["customers_reached", self.user_sales], 2)

    def test_suppliers_and_colleagues_are_no_customers(self):
        supplier = self._create_company_partner("Supplier", supplier_rank=1)
        both = self._create_company_partner("Both", supplier_rank=1, customer_rank=1)
        assigned = self._create_company_partner("Assigned", supplier_rank=1, user_id=self.user_sales.id)
        for partner in (supplier, both, assigned, self.user_sales2.partner_id, self.company.partner_id):
            self._log(partner)
        values = self._values("contacts", "customers_reached")
        self.assertEqual(values["contacts", self.user_sales], 1)
        self.assertEqual(values["customers_reached", self.user_sales], 1)

    # ------------------------------------------------------------------
    # Borders
    # ------------------------------------------------------------------
    def test_days_of_the_company(self):
        """Half past five in the evening in UTC is the next day in Hanoi."""
        self._log(date=datetime(2026, 2, 28, 16, 59, 59))
        self._log(date=datetime(2026, 2, 28, 17))
        self._log(date=datetime(2026, 3, 31, 16, 59, 59))
        self._log(date=datetime(2026, 3, 31, 17))
        self.assertEqual(self._values("contacts")["contacts", self.user_sales], 2)
        self.company.partner_id.tz = "UTC"
        self.assertEqual(self._values("contacts")["contacts", self.user_sales], 2)
        self.assertEqual(
            self._values("contacts", first=LAST, last=LAST)["contacts", self.user_sales], 2, "both in UTC"
        )

    def test_two_companies(self):
        self._log()
        self._log(company_id=self.company2.id)
        nowhere = self._log()
        nowhere.company_id = False
        self.assertEqual(self._values("contacts")["contacts", self.user_sales], 2)
        self.assertEqual(self._values("contacts", company=self.company2)["contacts", self.user_sales], 1)

    def test_whose_it_is(self):
        """Who made it, not who is responsible; shared customers are reached by each who did; who left keeps theirs."""
        self.customer.responsible_user_ids = self.user_sub
        self._log()
        self._log(user=self.user_sub)
        self._log(user=self.user_sales2)
        self.customer.user_id = self.user_sales2
        self.user_sub.active = False
        for credit in ("owner", "document"):
            values = self._values("contacts", "customers_reached", credit=credit)
            for user in (self.user_sales, self.user_sub, self.user_sales2):
                self.assertEqual(values["contacts", user], 1)
                self.assertEqual(values["customers_reached", user], 1)

    def test_merged_customers_are_reached_once(self):
        twin = self._create_company_partner("Twin")
        self._log()
        self._log(twin)
        self.assertEqual(self._values("customers_reached")["customers_reached", self.user_sales], 2)
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            (twin | self.customer).ids, self.customer
        )
        self.env.flush_all()
        values = self._values("customers_reached", "contacts")
        self.assertEqual(values["customers_reached", self.user_sales], 1)
        self.assertEqual(values["contacts", self.user_sales], 2)

    def test_archived_customer(self):
        self._log()
        self.customer.active = False
        self.assertEqual(self._values("contacts")["contacts", self.user_sales], 1)

    def test_who_has_none(self):
        self.assertFalse(self._values("contacts", "contact_minutes", "customers_reached"))

    # ------------------------------------------------------------------
    # Own ones, evidence, random
    # ------------------------------------------------------------------
    def test_own_indicator_of_a_channel(self):
        own = self.env["manager.indicator"].create(
            {
                "name": "Visited",
                "code": "visited",
                "source": "contacts",
                "unit": "count",
                "contact_measure": "customers",
                "contact_channel": "visit",
            }
        )
        for channel in ("visit", "visit", "phone"):
            self._log(channel=channel)
        self._log(self.other, channel="phone")
        [value] = own._compute_values(self.company, FIRST, LAST, self.user_sales).values()
        self.assertEqual((value.value, value.count), (1, 1))

    def test_documents(self):
        log = self._log()
        self._log(user=self.user_sales2)
        action = self._indicator("contacts")._get_evidence_action(self.company, self.user_sales, FIRST, LAST)
        self.assertEqual(action["res_model"], "partner.contact.log")
        self.assertEqual(self.logs.with_user(self.user_sales).search(action["domain"]), log)

    def test_random(self):
        """Values, evidence and a plain count agree."""
        randomly = random.Random(9)
        users = [self.user_sales, self.user_sales2, self.user_sub]
        partners = [
            self._create_company_partner(f"C{number}", supplier_rank=int(number == 3)) for number in range(5)
        ]
        zone = pytz.timezone(ZONE)
        contacts, minutes, reached = defaultdict(int), defaultdict(float), defaultdict(set)
        for _number in range(200):
            moment = datetime(2026, 2, 25) + timedelta(minutes=randomly.randint(0, 40 * 24 * 60))
            user, partner = randomly.choice(users), randomly.choice(partners)
            channel, length = randomly.choice(CHANNELS), randomly.choice([0, 0.25, 0.5, 1])
            state = randomly.choice(["done", "done", "cancelled"])
            self._log(partner, user=user, date=moment, channel=channel, duration=length, state=state)
            day = moment.replace(tzinfo=pytz.utc).astimezone(zone).date()
            if state == "done" and FIRST <= day <= LAST and not partner.supplier_rank:
                contacts["contacts", user] += 1
                contacts[f"contacts_{channel}", user] += 1
                minutes[user] += 60 * length
                reached[user].add(partner)
        codes = ["contacts", *(f"contacts_{channel}" for channel in CHANNELS)]
        values = self._values(*codes, "contact_minutes", "customers_reached")
        for user in users:
            for code in codes:
                self.assertEqual(values[code, user] or 0, contacts[code, user])
            self.assertAlmostEqual(values["contact_minutes", user] or 0, minutes[user])
            self.assertEqual(values["customers_reached", user] or 0, len(reached[user]))
        self.assertGreater(sum(contacts.values()), 100)
        indicators = self.env["manager.indicator"].search([("source", "=", "contacts")])
        rows = self.env.execute_query(indicators._get_evidence(self.company, FIRST, LAST))
        sums = defaultdict(float)
        for user_id, indicator_id, _model, _id, _partner, _date, numerator, _denominator in rows:
            sums[indicator_id, user_id] += numerator
        found = indicators._compute_values(self.company, FIRST, LAST)
        self.assertEqual({key: value.value for key, value in found.items()}, dict(sums))

    def test_statements_do_not_grow_with_managers(self):
        indicators = self.env["manager.indicator"].search([("source", "=", "contacts")])

        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            indicators._compute_values(self.company, FIRST, LAST)
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            indicators._compute_values(self.company, FIRST, LAST)
            return self.cr.sql_log_count - before

        self._log()
        few = count()
        users = {f"manager_{number}": "partner_relations.group_user" for number in range(10)}
        for user in self._create_users(users):
            self._log(user=user)
        self.assertEqual(count(), few)
        self.assertEqual(len(self._values("contacts")), 11)
