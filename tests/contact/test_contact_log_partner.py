# pylint: disable=translation-required
import random
from datetime import datetime, timedelta

from odoo import Command
from odoo.fields import Datetime
from odoo.tests import tagged, users
from odoo.tools import SQL

from ..common import RelationsCommon


@tagged("post_install", "-at_install")
class TestContactLogPartner(RelationsCommon):
    """The log on contacts: whose it is, and where it goes when contacts move or are merged."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company_a = cls._create_company_partner("Acacia", user_id=cls.user_sales.id)
        cls.company_b = cls._create_company_partner("Birch", user_id=cls.user_sales.id)
        cls.person = cls._create_person("Lan", cls.company_a)

    def log(self, partner, **values):
        return self.env["partner.contact.log"].create({"name": "Call", "partner_id": partner.id, **values})

    @users("relations_sales")
    def test_person_moves_with_the_log(self):
        old = self.log(self.person, date=datetime(2024, 1, 5))
        plan = self.log(self.person, state="planned", date=datetime(2040, 1, 5))
        self.person.parent_id = self.company_b
        new = self.log(self.person, date=datetime(2024, 2, 5))
        person, a, b = (record.with_env(self.env) for record in (self.person, self.company_a, self.company_b))
        self.assertEqual(person.contact_log_ids, old | plan | new)
        self.assertEqual(a.contact_log_ids, old | plan, "what happened at the old company stays its history")
        self.assertEqual(b.contact_log_ids, old | plan | new)
        self.assertEqual((a.last_contact_date, b.last_contact_date), (old.date, new.date))
        self.assertEqual(b.next_contact_date, plan.date)

    def test_person_went_where_one_may_not_look(self):
        """The log of the customer that a person left for another company of ours is still read."""
        entry = self.log(self.person, date=datetime(2024, 1, 5))
        self.person.write({"parent_id": False, "company_id": self.company2.id})
        self.env.flush_all()
        self.env.invalidate_all()
        customer = self.company_a.with_user(self.user_director)
        self.assertFalse(self.person.with_user(self.user_director).has_access("read"))
        self.assertEqual((customer.contact_log_count, customer.last_contact_date), (1, entry.date))
        self.assertEqual(customer.contact_log_ids, entry)

    @users("relations_sales")
    def test_compute_and_search_agree_on_random_logs(self):
        rng = random.Random(7)
        partners = self.company_a | self.company_b | self.person
        partners |= self.env["res.partner"].create(
            [
                {"name": f"P{number}", "parent_id": rng.choice([False, self.company_a.id, self.company_b.id])}
                for number in range(12)
            ]
        )
        start = datetime(2024, 6, 1)
        self.env["partner.contact.log"].create(
            [
                {
                    "name": "x",
                    "partner_id": rng.choice(partners).id,
                    "date": start + timedelta(hours=rng.randrange(5000)),
                    "state": rng.choice(["done", "done", "planned", "cancelled"]),
                }
                for _number in range(60)
            ]
        )
        for person in rng.sample(list(partners - self.company_a - self.company_b), 4):
            person.parent_id = rng.choice([self.company_a, self.company_b])
        limit = start + timedelta(hours=2500)
        # the border itself, which chance does not meet
        exact = self._create_company_partner("Exactly Then")
        self.env["partner.contact.log"].create(
            [
                {"name": "x", "partner_id": exact.id, "date": limit, "state": state}
                for state in ("done", "planned")
            ]
        )
        partners = (partners | exact).with_env(self.env)
        for field, state, pick in (("last_contact_date", "done", max), ("next_contact_date", "planned", min)):
            for partner in partners:
                dates = partner.contact_log_ids.filtered(lambda log, state=state: log.state == state).mapped(
                    "date"
                )
                self.assertEqual(partner[field], pick(dates) if dates else False)
            within = [("id", "in", partners.ids)]
            for operator, expected in (
                ("<", lambda date: date and date < limit),
                (">=", lambda date: date and date >= limit),
                ("=", lambda date: date == limit),
            ):
                found = partners.search([*within, (field, operator, limit)])
                self.assertTrue(found, (field, operator))
                self.assertEqual(
                    found,
                    partners.search(
                        [
                            (
                                "id",
                                "in",
                                partners.filtered(
                                    lambda partner, expected=expected, field=field: expected(partner[field])
                                ).ids,
                            )
                        ]
                    ),
                )
            self.assertEqual(
                set(partners.search([*within, (field, "=", False)]).ids),
                set(partners.filtered(lambda partner, field=field: not partner[field]).ids),
            )
            self.assertEqual(
                set(partners.search([*within, (field, "!=", False)]).ids), set(partners.filtered(field).ids)
            )
        with_log = partners.search([("id", "in", partners.ids), ("contact_log_ids.channel", "=", "phone")])
        self.assertEqual(set(with_log.ids), set(partners.filtered("contact_log_ids").ids))

    @users("relations_sales")
    def test_query_counts(self):
        partners = self.env["res.partner"].create(
            [{"name": f"P{number}", "is_company": True} for number in range(20)]
        )
        for partner in partners:
            self.log(partner, name=f"About {partner.name}")
        fields = ["last_contact_date", "next_contact_date", "contact_log_count"]
        counts = []
        for records in (partners[:1], partners[:1], partners):  # the first time fills caches
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            records.read(fields)
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])
        self.assertLessEqual(counts[1], 5)
        self.env.invalidate_all()
        with self.assertQueryCount(4):
            partners.mapped("last_contact_date")

    def test_entries_about_documents_are_found_by_an_index(self):
        """The last contact about orders, and what a merge moves, without reading the entries of all others."""
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        for model in ("crm.lead", "purchase.order", "res.partner"):
            rows = self.env.execute_query(
                SQL(
                    "EXPLAIN SELECT id FROM partner_contact_log WHERE res_model = %s AND res_id IN %s",
                    model,
                    (self.company_a + self.company_b)._ids,
                )
            )
            self.assertIn("partner_contact_log_document_idx", "\n".join(row[0] for row in rows), model)

    @users("relations_sales")
    def test_log_list_query_counts(self):
        Log = self.env["partner.contact.log"]
        lead = self.env["res.partner"].create({"name": "Thread"})
        for number in range(20):
            self.log(self.person, name=f"By hand {number}")
            lead.message_post(
                body="Letter",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                partner_ids=self.person.ids,
            )
            lead.activity_schedule("mail.mail_activity_data_call", user_id=self.env.uid)
            self.env["calendar.event"].create(
                {
                    "name": "Meeting",
                    "start": Datetime.now(),
                    "stop": Datetime.now(),
                    "partner_ids": [Command.set(self.person.ids)],
                }
            )
        specification = {
            name: {}
            for name in ("name", "preview", "date", "channel", "state", "is_overdue", "document_name")
        }
        specification["partner_id"] = {"fields": {"display_name": {}}}
        domain = [("partner_id", "in", (self.person | lead).ids)]
        every = Log.search(domain, limit=80)
        # every fourth has all kinds of sources, whatever the time of day puts on top
        samples = (every, every[::4], every)
        counts = []
        for sample in samples:  # the first time fills caches
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            result = Log.web_search_read([*domain, ("id", "in", sample.ids)], specification, limit=80)
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(len(result["records"]), 80)
        self.assertLessEqual(
            counts[2], counts[1] + 3, "the number of queries does not follow the number of rows"
        )

    # ------------------------------------------------------------------
    # Merge
    # ------------------------------------------------------------------
    def merge(self, source, target):
        wizard = self.env["base.partner.merge.automatic.wizard"].create(
            {"partner_ids": [Command.set((source | target).ids)], "dst_partner_id": target.id}
        )
        wizard.action_merge()

    @users("relations_sales")
    def test_merge_carries_the_log_over(self):
        own = self.log(self.company_a, name="With A", agreement="Kept")
        other = self.log(self.company_b, name="With B")
        plan = self.log(self.company_b, name="Plan", state="planned")
        letters = self.env["partner.contact.log"]
        for _number in range(2):
            self.company_a.with_env(self.env).message_post(
                body="To both",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                partner_ids=(self.company_a | self.company_b).ids,
            )
        letters = (
            (self.company_a | self.company_b)
            .with_env(self.env)
            .contact_log_ids.filtered(lambda log: log.source_model == "mail.message")
        )
        self.assertEqual(len(letters), 4)
        activity = plan.sudo().activity_id.with_env(self.env)
        commented = letters.filtered(lambda log: log.partner_id == self.company_b)[0]
        commented.agreement = "B says yes"
        self.env.user.sudo().group_ids += self.env.ref("base.group_partner_manager")
        source, target = self.company_b.with_env(self.env), self.company_a.with_env(self.env)
        self.merge(source, target)
        self.assertFalse(source.exists())
        logs = target.contact_log_ids
        self.assertLessEqual(own | other | plan, logs)
        self.assertEqual(set(logs.commercial_partner_id.ids), set(target.ids))
        self.assertEqual(
            len(logs.filtered(lambda log: log.source_model == "mail.message")),
            2,
            "a letter to both is one entry now",
        )
        self.assertIn("B says yes", logs.mapped("agreement"))
        self.assertEqual((activity.res_model, activity.res_id), ("res.partner", target.id))
        self.assertEqual(plan.state, "planned")
        plan.action_done()
        self.assertFalse(activity.active)

    def _meeting(self, attendees=None, **values):
        start = Datetime.now().replace(microsecond=0) + timedelta(days=2)
        attendees = self.env.user.partner_id | (attendees or self.env["res.partner"])
        event = self.env["calendar.event"].create(
            {
                "name": "Visit",
                "start": start,
                "stop": start + timedelta(hours=1),
                "partner_ids": [Command.set(attendees.ids)],
                **values,
            }
        )
        return event, self.env["partner.contact.log"].search([("event_id", "=", event.id)])

    @users("relations_sales")
    def test_merge_carries_meetings_over(self):
        """A meeting on a contact that is merged, and that does not attend it."""
        self.env.user.sudo().group_ids += self.env.ref("base.group_partner_manager")
        event, log = self._meeting(
            res_model_id=self.env["ir.model"]._get_id("res.partner"), res_id=self.company_b.id
        )
        self.assertEqual(log.partner_id, self.company_b)
        self.assertRecordValues(log, [{"res_model": "res.partner", "res_id": self.company_b.id}])
        self.merge(self.company_b.with_env(self.env), self.company_a.with_env(self.env))
        self.assertEqual(event.res_id, self.company_a.id)
        self.assertRecordValues(log, [{"res_model": "res.partner", "res_id": self.company_a.id}])
        event.write({"start": event.start + timedelta(hours=2), "stop": event.stop + timedelta(hours=2)})
        self.assertRecordValues(
            log.exists(),
            [{"commercial_partner_id": self.company_a.id, "date": event.start, "state": "planned"}],
        )

    @users("relations_sales")
    def test_merge_of_two_who_are_to_meet(self):
        """What is agreed with both stands in the one entry that moves with the meeting."""
        self.env.user.sudo().group_ids += self.env.ref("base.group_partner_manager")
        event, logs = self._meeting(self.company_a | self.company_b)
        for log in logs:
            log.agreement = f"Samples for {log.partner_id.name}"
        self.assertEqual(len(logs), 2)
        self.merge(self.company_b.with_env(self.env), self.company_a.with_env(self.env))
        event.write({"start": event.start + timedelta(hours=2), "stop": event.stop + timedelta(hours=2)})
        self.assertRecordValues(
            self.company_a.with_env(self.env).contact_log_ids,
            [
                {
                    "event_id": event.id,
                    "date": event.start,
                    "state": "planned",
                    "agreement": "Samples for Acacia\n\nSamples for Birch",
                }
            ],
        )

    @users("relations_sales")
    def test_merge_of_two_who_have_met(self):
        """What was agreed with each of them is an entry of its own."""
        self.env.user.sudo().group_ids += self.env.ref("base.group_partner_manager")
        _event, logs = self._meeting(self.company_a | self.company_b)
        for log in logs:
            log.agreement = f"Samples for {log.partner_id.name}"
        logs.action_done()
        self.merge(self.company_b.with_env(self.env), self.company_a.with_env(self.env))
        entries = self.company_a.with_env(self.env).contact_log_ids
        self.assertEqual(sorted(entries.mapped("agreement")), ["Samples for Acacia", "Samples for Birch"])

    def test_deleting_a_contact_takes_its_log(self):
        person = self._create_person("Gone", self.company_a)
        log = self.log(person)
        person.unlink()
        self.assertFalse(log.exists())
        self.assertEqual(
            self.env.execute_query(SQL("SELECT 1 FROM partner_contact_log WHERE id = %s", log.id)), []
        )
