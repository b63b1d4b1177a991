"""What changes the past: merged contacts and corrections by a director; and who sees it."""

import random
from datetime import datetime, timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tests.common import freeze_time

from odoo.addons.partner_relations.tools.owner_periods import Period, carve, merge, overlap, owner_at

from .owning import OwningCommon

INSTALLED = datetime(2026, 10, 15, 9)
MARCH, MAY = datetime(2026, 3, 2, 10), datetime(2026, 5, 4, 10)


@tagged("post_install", "-at_install")
class TestOwnerChanges(OwningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.a, cls.b, cls.c = cls.user_sales, cls.user_sales2, cls.user_sub

    def _customer(self, name, user):
        return self._create_company_partner(name, user_id=user and user.id)

    def _owner(self, partner, moment, company=None):
        return self.periods._get_owners(partner, moment, company or self.company)[partner]

    def _merge(self, source, target):
        self.env["base.partner.merge.automatic.wizard"].create({})._merge((source | target).ids, target)

    # ------------------------------------------------------------------
    # Merging
    # ------------------------------------------------------------------
    def test_merged_history_fills_the_gaps(self):
        target, source = self._customer("Stays", self.b), self._customer("Goes", self.c)
        self._track(target, MAY, 0, self.b.id)
        self._track(source, MARCH, self.a.id, self.c.id)
        self._install(INSTALLED)
        self._merge(source, target)
        self.assertFalse(source.exists())
        self.assertFalse(self.periods.search([("partner_id", "=", source.id)]))
        self.assertEqual(
            self._values(target)[:3],
            [
                Period(self.a.id, None, MARCH, None, True, "tracking"),
                Period(self.c.id, MARCH, MAY, None, True, "tracking"),
                Period(self.b.id, MAY, INSTALLED, None, True, "tracking"),
            ],
        )
        self.assertEqual(self._owner(target, datetime(2100, 1, 1)), self.b)

    def test_merged_with_an_equal_history(self):
        """Contacts that were imported together have the same owner since the same moment."""
        self._install(INSTALLED)
        with freeze_time("2026-11-01 09:00:00"):
            target, source = self._customer("Stays", self.a), self._customer("Goes", self.a)
            self.env.flush_all()
        for contact in (target, source):
            self.assertEqual(len(self.periods.search([("partner_id", "=", contact.id)])), 1)
        with freeze_time("2026-11-05 09:00:00"):
            self._merge(source, target)
            self.env.flush_all()
        self.assertEqual(self.periods.search([("partner_id", "=", target.id)]).user_id, self.a)
        self.assertEqual(self._owner(target, datetime(2026, 11, 2)), self.a)
        self.assertEqual(self._owner(target, datetime(2100, 1, 1)), self.a)

    def test_merged_into_one_that_nobody_owns(self):
        target, source = self._customer("Of Nobody", None), self._customer("Of Somebody", self.a)
        self._install(INSTALLED)
        with freeze_time("2026-11-01 09:00:00"):
            self._merge(source, target)
            self.env.flush_all()
        self.assertEqual(target.user_id, self.a)
        self.assertEqual(
            [(period.user, period.start, period.end) for period in self._values(target)],
            [(self.a.id, None, INSTALLED), (self.a.id, INSTALLED, None)],
            "goes on",
        )

    def test_merged_with_those_of_several(self):
        """As with core's fields the last one goes first; whose customer it was already gets no e-mail."""
        target = self._customer("Of Nobody", None)
        sources = self._customer("First", self.a) | self._customer("Last", self.b)
        self.env.flush_all()
        told = [("partner_ids", "in", self.b.partner_id.ids)]
        before = self.env["mail.message"].search_count(told)
        self._merge(sources, target)
        self.assertEqual(target.user_id, self.b)
        self.assertEqual(self.env["mail.message"].search_count(told), before)
        target.user_id = self.a
        target.user_id = self.b
        self.assertGreater(self.env["mail.message"].search_count(told), before, "as it does otherwise")

    def test_merged_into_a_new_contact(self):
        """Somebody who entered a contact anew is not credited for what a colleague did before."""
        source = self._customer("Old", self.a)
        self._track(source, MARCH, self.b.id, self.a.id)
        self._install(INSTALLED)
        with freeze_time("2026-11-01 09:00:00"):
            target = self._customer("New", self.c)
            target.flush_recordset()
        with freeze_time("2026-11-05 09:00:00"):
            self._merge(source, target)
            self.env.flush_all()
        moments = [datetime(2026, 2, 1), datetime(2026, 6, 1), datetime(2026, 10, 20), datetime(2026, 11, 6)]
        self.assertEqual(
            [self._owner(target, moment) for moment in moments],
            [self.b, self.a, self.a, self.c],
        )

    def test_merge_at_random(self):
        """Nothing overlaps, what is known of either is kept where only one knows, and the rest follows the rank."""
        randomly = random.Random(5)
        start = datetime(2026, 1, 1)

        def history():
            days = sorted(randomly.sample(range(60), randomly.choice([0, 2, 4, 6])))
            return [
                Period(
                    randomly.randint(1, 4),
                    start + timedelta(days=first) if first > 10 else None,
                    start + timedelta(days=last) if last < 50 or index < len(days) // 2 - 1 else None,
                    None,
                    last < 40,
                )
                for index, (first, last) in enumerate(zip(days[::2], days[1::2], strict=True))
            ]

        def fits(periods):
            return not any(overlap(p, q) for n, p in enumerate(periods) for q in periods[:n])

        now, compared = start + timedelta(days=55), 0
        for _round in range(300):
            kept, merged = history(), history()
            if not (fits(kept) and fits(merged)):
                continue
            result = merge(kept, merged, now)
            self.assertTrue(fits(result))
            for day in range(0, 70):
                moment = start + timedelta(days=day, hours=12)
                one, other = owner_at(kept, moment, 1), owner_at(merged, moment, 1) if moment < now else None
                found = owner_at(result, moment, 1)
                self.assertIn(found, {one or other, other or one})
                self.assertEqual(found is None, one is None and other is None)
                compared += bool(one and other and one != other)
        self.assertGreater(compared, 200)

    # ------------------------------------------------------------------
    # Correcting
    # ------------------------------------------------------------------
    def _correct(self, partner, user, date_from=False, date_to=False, company=None, by=None):
        periods = self.periods.with_user(by or self.user_director)
        company = company or self.env["res.company"]
        return periods._correct(partner, user, date_from, date_to, company, "As the minutes say")

    def test_correction_takes_the_place_of_an_estimate(self):
        partner = self._customer("Corrected", self.a)
        self._install(INSTALLED)
        trace = self._correct(partner, self.b, MARCH, MAY)
        self.assertEqual(
            self._values(partner),
            [
                Period(self.a.id, None, MARCH, None, True, "current"),
                Period(self.b.id, MARCH, MAY, None, False, "corrected"),
                Period(self.a.id, MAY, INSTALLED, None, True, "current"),
                Period(self.a.id, INSTALLED, None, None, False, "found"),
            ],
        )
        self.assertRecordValues(
            trace,
            [
                {
                    "create_uid": self.user_director.id,
                    "user_id": self.b.id,
                    "date_from": MARCH,
                    "date_to": MAY,
                    "reason": "As the minutes say",
                }
            ],
        )
        self.assertIn(self.a.name, trace.before)
        corrected = self.periods.search([("partner_id", "=", partner.id), ("origin", "=", "corrected")])
        self.assertEqual(corrected.reason, "As the minutes say")
        # corrected again, to nobody
        self._correct(partner, self.env["res.users"], MARCH, MAY)
        self.assertFalse(self._owner(partner, MARCH))
        self.assertEqual(
            self.env["partner.owner.correction"].search_count([("partner_id", "=", partner.id)]), 2
        )

    def test_correction_in_one_company(self):
        partner = self._customer("In One", self.a)
        self._install(INSTALLED)
        self._correct(partner, self.b, False, MAY, self.company)
        self.assertEqual(self._owner(partner, MARCH), self.b)
        self.assertEqual(self._owner(partner, MARCH, self.company2), self.a)
        self.assertEqual(self._owner(partner, MAY), self.a)

    def test_correction_survives_a_reconstruction(self):
        partner = self._customer("Survives", self.a)
        history = self._install(INSTALLED)
        self._correct(partner, self.b, MARCH, MAY)
        before = self._values(partner)
        history._restart()
        self.assertEqual(self._values(partner), before)

    def test_what_is_known_cannot_be_corrected(self):
        partner = self._customer("Known", self.a)
        self._install(INSTALLED)
        with self.assertRaisesRegex(UserError, "Known"):
            self._correct(partner, self.b, MARCH, INSTALLED + timedelta(seconds=1))
        with self.assertRaisesRegex(UserError, "before it begins"):
            self._correct(partner, self.b, MAY, MARCH)
        with self.assertRaisesRegex(UserError, "Reason"):
            self.periods.with_user(self.user_director)._correct(
                partner, self.b, MARCH, MAY, self.env["res.company"], " "
            )
        self._correct(partner, self.b)
        self.assertEqual(self._owner(partner, INSTALLED - timedelta(seconds=1)), self.b)
        self.assertEqual(self._owner(partner, INSTALLED), self.a)

    def test_before_a_customer_was_entered(self):
        """A customer that came with older invoices: who was responsible before it was entered can be said."""
        self._install(INSTALLED)
        entered = INSTALLED + timedelta(days=10)
        with freeze_time(entered):
            partner = self._customer("Came Later", self.a)
            partner.flush_recordset()
        self._correct(partner, self.b)
        self.assertEqual(self._owner(partner, entered - timedelta(seconds=1)), self.b)
        self.assertEqual(self._owner(partner, entered), self.a)
        with self.assertRaisesRegex(UserError, "cannot be corrected"):
            self._correct(partner, self.b, False, entered + timedelta(days=1))

    def test_only_a_director_corrects(self):
        partner = self._customer("Mine", self.a)
        self._install(INSTALLED)
        for user in (self.a, self.user_supervisor):
            with self.assertRaises(AccessError):
                self._correct(partner, self.b, MARCH, MAY, by=user)
            with self.assertRaises(AccessError):
                self.env["partner.owner.correct"].with_user(user).create(
                    {"partner_id": partner.id, "reason": "Mine"}
                )

    def test_dialog(self):
        partner = self._customer("By Dialog", self.a)
        self._install(INSTALLED)
        period = self.periods.with_user(self.user_director).search(
            [("partner_id", "=", partner.id), ("estimated", "=", True)]
        )
        context = period.action_correct()["context"]
        with Form(
            self.env["partner.owner.correct"].with_user(self.user_director).with_context(**context)
        ) as form:
            self.assertEqual(form.kept_from, INSTALLED)
            form.user_id = self.b
            form.date_to = MARCH
            form.reason = "Handed over in March"
        form.record.action_apply()
        self.assertEqual(self._owner(partner, MARCH - timedelta(seconds=1)), self.b)
        self.assertEqual(self._owner(partner, MARCH), self.a)

    def test_correction_at_random(self):
        randomly = random.Random(6)
        day = [datetime(2026, 1, 1) + timedelta(days=number) for number in range(40)]
        for _round in range(300):
            cuts = sorted(randomly.sample(range(1, 39), 3))
            bounds = [None, *(day[cut] for cut in cuts), None]
            periods = [
                Period(randomly.randint(1, 3), bounds[n], bounds[n + 1], None)
                for n in range(4)
                if randomly.random() < 0.8
            ]
            first, last = sorted(randomly.sample(range(40), 2))
            company = randomly.choice([None, 1])
            new = Period(
                9 if randomly.random() < 0.7 else None,
                randomly.choice([day[first], None]),
                day[last],
                company,
            )
            result = carve(periods, (new, [2, 3] if company else []))
            self.assertFalse(any(overlap(p, q) for n, p in enumerate(result) for q in result[:n]))
            for number in range(40):
                moment = day[number] + timedelta(hours=1)
                for asked in (1, 2):
                    inside = (new.start is None or new.start <= moment) and moment < new.end
                    expected = (
                        new.user if inside and company in (None, asked) else owner_at(periods, moment, asked)
                    )
                    self.assertEqual(owner_at(result, moment, asked), expected)

    # ------------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------------
    def _seen(self, user, **context):
        """The customers whose owners a user sees, by each way of reading."""
        periods = self.periods.with_user(user).with_context(**context)
        domain = [("partner_id", "in", self.shown.ids)]
        read = {
            values["partner_id"]["id"]
            for values in periods.web_search_read(domain, {"partner_id": {"fields": {}}})["records"]
        }
        grouped = {
            group["partner_id"][0]
            for group in periods.formatted_read_group(domain, ["partner_id"], ["__count"])
        }
        exported = periods.search(domain).export_data(["partner_id/.id"])["datas"]
        self.assertEqual(read, grouped)
        self.assertEqual(read, {int(row[0]) for row in exported})
        return self.env["res.partner"].browse(read)

    def test_rights(self):
        mine, others, left = (self._customer(name, self.a) for name in ("Mine", "Other", "Left"))
        others.user_id = self.b
        left.flush_recordset()
        with freeze_time("2036-01-01 00:00:00"):
            left.user_id = self.b
            self.env.flush_all()
        foreign = self._create_company_partner("Foreign", user_id=self.a.id, company_id=self.company2.id)
        shared = self._customer("Shared", self.b)
        shared.responsible_user_ids = self.a
        self.shown = mine | others | left | foreign | shared
        self.env.flush_all()
        users = self.a | self.b | self.c | self.user_supervisor | self.user_director
        users.write({"group_ids": [Command.link(self.env.ref("base.group_allow_export").id)]})
        self.assertEqual(self._seen(self.a), mine | left | shared, "own periods and own customers")
        self.assertEqual(self._seen(self.b), others | left | shared)
        self.assertFalse(self._seen(self.c))
        self.assertEqual(self._seen(self.user_supervisor), mine | left | shared, "of subordinates")
        self.assertEqual(
            self._seen(self.user_director), mine | others | left | shared, "foreign is elsewhere"
        )
        self.user_director.company_ids = [Command.link(self.company2.id)]
        companies = {"allowed_company_ids": (self.company | self.company2).ids}
        self.assertEqual(self._seen(self.user_director, **companies), self.shown)
        nobody = self._create_user("relations_nobody", "base.group_user")
        with self.assertRaises(AccessError):
            self.periods.with_user(nobody).search([])

    def test_rows_of_another_company(self):
        partner = self._customer("Of Two", self.a)
        self._order_of(partner, datetime(2026, 2, 1, 12), self.b, self.company2)
        self._install(INSTALLED)
        domain = [("partner_id", "=", partner.id), ("user_id", "=", self.b.id)]
        self.assertTrue(self.periods.sudo().search(domain).company_id)
        self.assertFalse(self.periods.with_user(self.user_director).search(domain))

    # ------------------------------------------------------------------
    # On the contact
    # ------------------------------------------------------------------
    def test_responsible_since(self):
        partner, other = self._customer("Since", self.a), self._customer("Ever", self.a)
        self._track(partner, MARCH, self.b.id, self.a.id)
        self._install(INSTALLED)
        person = self._create_person("Person", partner)
        self.assertEqual(partner.with_user(self.a).owner_since, MARCH)
        self.assertEqual(person.with_user(self.a).owner_since, MARCH)
        self.assertFalse(other.with_user(self.a).owner_since)
        self.assertFalse(partner.with_user(self.c).owner_since, "not theirs")
        [stat] = [
            stat
            for stat in partner.with_user(self.user_supervisor).get_contact_stats()
            if stat["action"] == "action_open_owners"
        ]
        self.assertEqual((stat["label"], stat["value"]), ("Responsible Since", "03/02/2026"))
        action = partner.with_user(self.a).action_open_owners()
        self.assertEqual(len(self.periods.with_user(self.a).search(action["domain"])), 3)

    def test_query_counts(self):
        """The figure on the contact costs one query for any number; writing costs two when the owner changes."""
        partners = self.env["res.partner"].create(
            [{"name": f"Q{n}", "is_company": True, "user_id": self.a.id} for n in range(20)]
        )
        self.env.flush_all()

        def reading(records):
            self.env.flush_all()
            self.env.invalidate_all()
            records = records.with_user(self.user_director)
            records.mapped("commercial_partner_id")
            self.periods.with_user(self.user_director).search([("partner_id", "=", partners[0].id)])
            self.periods.invalidate_model()
            before = self.cr.sql_log_count
            records.mapped("owner_since")
            return self.cr.sql_log_count - before

        reading(partners)
        self.assertEqual(reading(partners), reading(partners[:1]))

        def writing(records, values):
            self.env.flush_all()
            before = self.cr.sql_log_count
            statements = type(self.periods)._keep
            calls = []

            def keep(self, ids):
                calls.append(list(ids))
                start = self.env.cr.sql_log_count
                statements(self, ids)
                calls[-1] = self.env.cr.sql_log_count - start

            self.patch(type(self.periods), "_keep", keep)
            records.write(values)
            self.env.flush_all()
            self.patch(type(self.periods), "_keep", statements)
            return self.cr.sql_log_count - before, calls

        writing(partners, {"comment": "warm"})
        self.assertFalse(writing(partners, {"comment": "new"})[1], "nothing for other fields")
        self.assertEqual(writing(partners, {"user_id": self.b.id})[1], [2], "two statements for twenty")
        self.assertEqual(writing(partners[:1], {"user_id": self.a.id})[1], [2], "and for one")
        self.assertFalse(writing(partners[:1], {"user_id": self.a.id})[1], "none for the same owner")

    def test_creating_many(self):
        """A contact without salesperson costs nothing; many with one cost what one costs."""
        calls = []
        keep = type(self.periods)._keep

        def counted(self, ids):
            calls.append(len(ids))
            keep(self, ids)

        self.patch(type(self.periods), "_keep", counted)
        self.env["res.partner"].create([{"name": f"N{n}", "is_company": True} for n in range(20)])
        self.env.flush_all()
        self.assertFalse(calls)
        self.env["res.partner"].create(
            [{"name": f"M{n}", "is_company": True, "user_id": self.a.id} for n in range(60)]
        )
        self.env.flush_all()
        self.assertEqual(calls, [60])

    def test_import(self):
        """Core's import of a file: all rows of it in two statements."""
        calls = []
        keep = type(self.periods)._keep

        def counted(self, ids):
            calls.append(len(ids))
            keep(self, ids)

        self.patch(type(self.periods), "_keep", counted)
        result = self.env["res.partner"].load(
            ["name", "is_company", "user_id/.id"],
            [[f"Imported {number}", "1", str(self.a.id)] for number in range(100)],
        )
        self.assertFalse(result["messages"])
        self.env.flush_all()
        self.assertLessEqual(len(calls), 1)
        partners = self.env["res.partner"].browse(result["ids"])
        self.assertEqual(self.periods.search_count([("partner_id", "in", partners.ids)]), 100)
