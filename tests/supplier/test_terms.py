"""Validity, overlap, renewal, reminders, rights and merge of supplier terms."""

import base64
from datetime import date, timedelta
from unittest.mock import patch

import psycopg2

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from .terms import TODAY, TermsCommon


@tagged("post_install", "-at_install")
@freeze_time(f"{TODAY} 09:00:00")
class TestTermsValidity(TermsCommon):
    def _valid(self, day, partner=None, company=None):
        return self.env["supplier.terms"]._get_valid(
            partner or self.supplier, company or self.company, date.fromisoformat(day)
        )

    def test_borders(self):
        terms = self._create_terms("2026-03-01", "2026-05-31")
        self.assertFalse(self._valid("2026-02-28"))
        self.assertEqual(self._valid("2026-03-01"), terms)
        self.assertEqual(self._valid("2026-05-31"), terms)
        self.assertFalse(self._valid("2026-06-01"))
        following = self._create_terms("2026-06-01", False)
        self.assertEqual(self._valid("2026-05-31"), terms)
        self.assertEqual(self._valid("2026-06-01"), following)
        self.assertEqual(self._valid("2126-06-01"), following)

    def test_one_day(self):
        terms = self._create_terms("2026-03-01", "2026-03-01")
        self.assertEqual(self._valid("2026-03-01"), terms)
        self.assertFalse(self._valid("2026-02-28"))
        self.assertFalse(self._valid("2026-03-02"))

    def test_archived_are_not_valid(self):
        terms = self._create_terms()
        terms.active = False
        self.assertFalse(self._valid("2026-03-01"))
        self.assertFalse(
            self.env["supplier.terms"]
            .with_context(active_test=False)
            ._get_valid(self.supplier, self.company, TODAY)
        )

    def test_persons_and_companies(self):
        terms = self._create_terms()
        in_second = self._create_terms(company=self.company2)
        self.assertEqual(self._valid("2026-03-01", self.person), terms)
        self.assertEqual(self._valid("2026-03-01", self.person, self.company2), in_second)
        self.assertFalse(self._valid("2026-03-01", self.other))
        self.assertFalse(self._valid("2026-03-01", self.env["res.partner"].new({"name": "Unsaved"})))

    def test_batch_in_one_query(self):
        terms = self._create_terms("2026-01-01", "2026-06-30")
        later = self._create_terms("2026-07-01", False)
        keys = [
            (partner, self.company, date(2026, month, 15))
            for month in range(1, 13)
            for partner in (self.supplier, self.person, self.other)
        ]
        model = self.env["supplier.terms"]
        for count in (1, len(keys)):
            self.env.flush_all()
            self.env.invalidate_all()
            (self.supplier | self.person | self.other).mapped("commercial_partner_id")
            with self.assertQueryCount(1):
                result = model._get_valid_batch(keys[:count])
        for partner, company, day in keys:
            expected = terms if day.month < 7 else later
            self.assertEqual(
                result[partner, company, day], model if partner == self.other else expected, (partner, day)
            )
        self.assertEqual(model._get_valid_batch([]), {})

    def test_states(self):
        """The state in words agrees with the search, and both with the borders."""
        yesterday, tomorrow = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
        expected = {
            self._create_terms(first, last, self._create_company_partner(f"S {first} {last}")): state
            for first, last, state in (
                ("2026-01-01", yesterday, "expired"),
                ("2026-01-01", TODAY, "valid"),
                (TODAY, TODAY, "valid"),
                (TODAY, False, "valid"),
                (tomorrow, False, "coming"),
                (tomorrow, "2026-12-31", "coming"),
            )
        }
        everything = self.env["supplier.terms"].concat(*expected)
        for terms, state in expected.items():
            self.assertEqual(terms.state, state, terms.display_name)
        for states in (["coming"], ["valid"], ["expired"], ["coming", "expired"]):
            found = everything.search([("id", "in", everything.ids), ("state", "in", states)])
            self.assertEqual(found, everything.filtered(lambda t, s=states: t.state in s).sorted(), states)
        others = everything.search([("id", "in", everything.ids), ("state", "!=", "valid")])
        self.assertEqual(set(others.mapped("state")), {"coming", "expired"})

    def test_ends_soon(self):
        in_30, in_31 = TODAY + timedelta(days=30), TODAY + timedelta(days=31)
        for values, soon in (
            ({"last": in_30}, True),
            ({"last": in_31}, False),
            ({"last": in_31, "reminder_days": 31}, True),
            ({"last": False}, False),
            ({"last": False, "contract_date_end": in_30}, True),
            ({"last": False, "contract_date_end": in_31}, False),
            ({"last": False, "contract_date_end": "2026-01-01"}, True),
            ({"last": "2026-06-14"}, False),
            ({"first": TODAY + timedelta(days=1), "last": in_30}, False),
        ):
            terms = self._create_terms(partner=self._create_company_partner("S"), **values)
            self.assertIs(terms.is_expiring, soon, values)
            own = [("id", "=", terms.id)]
            self.assertEqual(bool(terms.search([*own, ("is_expiring", "=", True)])), soon, values)
            self.assertEqual(bool(terms.search([*own, ("is_expiring", "=", False)])), not soon, values)

    def test_names(self):
        terms = self._create_terms(name="Contract 17")
        self.assertEqual(terms.display_name, "Steel Works: Contract 17 (01/01/2026 – 12/31/2026)")
        shown = terms.with_context(supplier_is_shown=True)
        self.assertEqual(shown.display_name, "Contract 17 (01/01/2026 – 12/31/2026)")
        terms.write({"name": False, "date_to": False})
        self.assertEqual(terms.display_name, "Steel Works: from 01/01/2026")
        self.assertIn(terms.id, [found for found, _name in terms.name_search("Steel")])

    def test_person_gives_its_company(self):
        self.assertEqual(self._create_terms(partner=self.person).partner_id, self.supplier)
        with Form(self.env["supplier.terms"].with_user(self.buyer)) as form:
            form.partner_id = self._create_person("Mr Other", self.other)
            self.assertEqual(form.partner_id, self.other)
            form.date_from = "2026-01-01"
        self.assertEqual(form.record.partner_id, self.other)
        form.record.partner_id = self._create_person("Mr Third", self._create_company_partner("Third"))
        self.assertEqual(form.record.partner_id.name, "Third")

    def test_empty_is_not_zero(self):
        terms = self._create_terms()
        for name in ("lead_days", "min_amount", "warranty_months", "return_days"):
            self.assertIs(terms[name], False, name)
        terms.lead_days = 0
        terms.invalidate_recordset()
        self.assertIs(type(terms.lead_days), int)

    def test_changes_are_logged(self):
        """From empty to a number and back, for the chatter."""
        terms = self._create_terms()
        self.env.flush_all()
        self.env.cr.precommit.run()
        for values in ({"lead_days": 5, "min_amount": 100}, {"lead_days": False, "min_amount": False}):
            terms.write(values)
            self.env.flush_all()
            self.env.cr.precommit.run()
        tracked = terms.message_ids.tracking_value_ids
        self.assertEqual(
            sorted(
                (value.field_id.name, value.old_value_integer, value.new_value_integer)
                for value in tracked
                if value.field_id.name == "lead_days"
            ),
            [("lead_days", 0, 5), ("lead_days", 5, 0)],
        )
        self.assertEqual(len(tracked), 4)

    def test_currency_of_the_supplier(self):
        self.supplier.with_company(self.company).property_purchase_currency_id = self.usd
        self.assertEqual(self._create_terms().currency_id, self.usd)
        self.assertEqual(self._create_terms(company=self.company2).currency_id, self.eur)

    def test_senseless_numbers(self):
        for values, constraint in (
            ({"lead_days": -1}, "numbers_positive"),
            ({"min_amount": -1}, "numbers_positive"),
            ({"reminder_days": -1}, "reminder_days_positive"),
            ({"last": "2025-12-31"}, "supplier_terms_period"),
        ):
            refused = self.assertRaisesRegex(psycopg2.IntegrityError, constraint)
            with refused, mute_logger("odoo.sql_db"), self.cr.savepoint():
                self._create_terms(**values)


@tagged("post_install", "-at_install")
@freeze_time(f"{TODAY} 09:00:00")
class TestTermsOverlap(TermsCommon):
    def _refused(self, *pattern, **values):
        with self.assertRaises(ValidationError) as caught:
            self._create_terms(**values)
        for words in pattern:
            self.assertIn(words, str(caught.exception))

    def test_overlaps_are_refused(self):
        self._create_terms("2026-03-01", "2026-05-31", name="Contract 17")
        self._refused(
            "Steel Works",
            "Contract 17 (03/01/2026 – 05/31/2026)",
            "05/31/2026 – 12/31/2026",
            first="2026-05-31",
        )
        for first, last in (
            ("2026-01-01", "2026-03-01"),
            ("2026-01-01", False),
            ("2026-04-01", "2026-04-02"),
            ("2026-03-01", "2026-05-31"),
            ("2026-01-01", "2026-12-31"),
        ):
            self._refused("Contract 17", first=first, last=last)
        self._create_terms("2026-06-01", False)
        self._create_terms("2026-01-01", "2026-02-28")
        self._refused("from 06/01/2026", first="2030-01-01", last="2030-01-01")

    def test_elsewhere_is_no_overlap(self):
        terms = self._create_terms()
        self._create_terms(company=self.company2)
        self._create_terms(partner=self.other)
        archived = self._create_terms(active=False)
        with self.assertRaises(ValidationError):
            archived.active = True
        terms.active = False
        archived.active = True

    def test_changes_are_checked(self):
        terms = self._create_terms("2026-01-01", "2026-05-31")
        later = self._create_terms("2026-06-01", False)
        with self.assertRaises(ValidationError):
            terms.date_to = "2026-06-01"
        with self.assertRaises(ValidationError):
            later.date_from = "2026-05-31"
        elsewhere = self._create_terms(partner=self.other)
        with self.assertRaises(ValidationError):
            elsewhere.partner_id = self.person
        abroad = self._create_terms(company=self.company2)
        with self.assertRaises(ValidationError):
            abroad.company_id = self.company
        # both at once, whichever is first
        later.date_from = "2026-08-01"
        terms.date_to = "2026-07-31"

    def test_two_at_once_are_refused(self):
        with self.assertRaises(ValidationError):
            self.env["supplier.terms"].create(
                [
                    {"partner_id": self.supplier.id, "date_from": "2026-01-01"},
                    {"partner_id": self.person.id, "date_from": "2026-02-01"},
                ]
            )

    def test_database_refuses_too(self):
        """As when two people save at once, where neither constraint in Python sees the other's terms."""
        terms = self._create_terms("2026-01-01", "2026-05-31")
        for company, first, refused in (
            (self.company, "2026-05-31", True),
            (self.company, "2026-06-01", False),
            (self.company2, "2026-05-31", False),
        ):
            try:
                with mute_logger("odoo.sql_db"), self.cr.savepoint():
                    self.cr.execute("SET CONSTRAINTS supplier_terms_no_overlap DEFERRED")
                    self.cr.execute(
                        """INSERT INTO supplier_terms (partner_id, company_id, currency_id, date_from,
                                                       reminder_days, active)
                           VALUES (%s, %s, %s, %s, 30, TRUE)""",
                        [terms.partner_id.id, company.id, self.eur.id, first],
                    )
                    terms._raise_overlaps()
                self.assertFalse(refused, first)
            except psycopg2.errors.ExclusionViolation as error:
                self.assertTrue(refused, first)
                self.assertIn("Somebody else", terms._sql_error_to_message(error))


@tagged("post_install", "-at_install")
@freeze_time(f"{TODAY} 09:00:00")
class TestTermsRenewal(TermsCommon):
    def _renew(self, terms):
        action = terms.with_user(self.buyer).action_renew()
        return self.env["supplier.terms"].browse(action["res_id"])

    def test_following_periods(self):
        for first, last, new_first, new_last in (
            ("2026-01-01", "2026-12-31", "2027-01-01", "2027-12-31"),
            ("2026-02-01", "2026-07-31", "2026-08-01", "2027-01-31"),
            ("2025-07-01", "2026-06-30", "2026-07-01", "2027-06-30"),
            # not of whole months: as many days
            ("2026-06-01", "2026-06-20", "2026-06-21", "2026-07-10"),
            # the following period would be over: from today
            ("2020-01-01", "2020-12-31", "2026-06-15", "2027-06-14"),
            ("2026-01-01", False, "2026-06-15", False),
        ):
            terms = self._create_terms(first, last, self._create_company_partner(f"S {first}"), lead_days=7)
            new = self._renew(terms)
            self.assertEqual(new.date_from, date.fromisoformat(new_first), first)
            self.assertEqual(new.date_to, new_last and date.fromisoformat(new_last), first)
            self.assertEqual(new.lead_days, 7)
            if not last:
                self.assertEqual(terms.date_to, TODAY - timedelta(days=1))

    def test_what_goes_along(self):
        document = self.env["ir.attachment"].create({"name": "contract.pdf", "raw": b"x"})
        terms = self._create_terms(
            name="Contract 17",
            payment_term_id=self.days30.id,
            price_valid_until="2026-12-31",
            contract_date_end="2027-06-30",
            contract_document_ids=[Command.link(document.id)],
            line_ids=[Command.create({"product_id": self.bolt.id, "multiple": 10})],
        )
        new = self._renew(terms)
        self.assertEqual(new.name, "Contract 17")
        self.assertEqual(new.payment_term_id, self.days30)
        self.assertEqual(new.line_ids.multiple, 10)
        self.assertFalse(new.price_valid_until)
        self.assertEqual(new.contract_date_end, date(2027, 6, 30))
        self.assertEqual(new.contract_document_ids.res_id, new.id)
        self.assertEqual(terms.contract_document_ids.res_id, terms.id)
        last = self._renew(new)
        self.assertFalse(last.contract_date_end)
        self.assertFalse(last.contract_document_ids)

    def test_twice_is_an_overlap(self):
        terms = self._create_terms()
        self._renew(terms)
        with self.assertRaisesRegex(ValidationError, "already has terms"):
            terms.action_renew()

    def test_terms_that_begin_today(self):
        terms = self._create_terms(TODAY, False)
        new = self._renew(terms)
        self.assertEqual((terms.date_to, new.date_from), (TODAY, TODAY + timedelta(days=1)))

    def test_duplicate_is_for_the_following_period(self):
        self.assertEqual(self._create_terms().copy().date_from, date(2027, 1, 1))

    def test_duplicate_of_terms_with_an_open_end(self):
        """It is archived: nothing follows them until somebody enters their end."""
        terms = self._create_terms(last=False).with_user(self.buyer)
        copy = terms.copy()
        self.assertEqual((terms.active, copy.active), (True, False))
        self.assertGreater(copy.date_from, terms.date_from)
        self.assertFalse(terms.date_to)
        terms.date_to = copy.date_from - timedelta(days=1)
        copy.action_unarchive()
        self.assertTrue(copy.active)
        # for other days that somebody names, there is nothing to tell apart
        self.assertTrue(copy.copy({"date_from": date(2020, 1, 1), "date_to": date(2020, 12, 31)}).active)


@tagged("post_install", "-at_install")
class TestTermsReminder(TermsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.supplier.buyer_id = cls.buyer

    def _create_at(self, day, *args, **values):
        """Create terms as of a day."""
        terms = self._create_terms(*args, **values)
        self.env.flush_all()
        self.env.cr.execute("UPDATE supplier_terms SET create_date = %s WHERE id = %s", [day, terms.id])
        self.env.invalidate_all()
        return terms

    def _run(self, day, **values):
        self.env.flush_all()
        with freeze_time(f"{day} 03:30:00"), self.enter_registry_test_mode(), self.registry.cursor() as cr:
            self.env(cr=cr, context={})["supplier.terms"]._cron_remind(**values)
        self.env.invalidate_all()

    def _activities(self, terms):
        return self.env["mail.activity"].search(
            [("res_model", "=", "supplier.terms"), ("res_id", "in", terms.ids)], order="id"
        )

    def test_once_for_an_end(self):
        terms = self._create_at("2026-01-01", user_id=self.manager.id)
        self._run("2026-11-30")
        self.assertFalse(self._activities(terms))
        self._run("2026-12-01")
        activity = self._activities(terms)
        self.assertEqual(len(activity), 1)
        self.assertEqual(activity.user_id, self.buyer)
        self.assertEqual(activity.summary, "The terms end on 12/31/2026")
        self.assertEqual(activity.date_deadline, date(2026, 12, 1))
        self._run("2026-12-02")
        self.assertEqual(self._activities(terms), activity)
        activity.unlink()
        self._run("2026-12-31")
        self.assertFalse(self._activities(terms))
        # another end is another reminder
        terms.date_to = "2027-01-31"
        self._run("2027-01-01")
        self.assertEqual(self._activities(terms).summary, "The terms end on 01/31/2027")

    def test_contract_and_terms_each(self):
        terms = self._create_at("2026-01-01", contract_date_end="2026-12-24")
        self._run("2026-12-05")
        self.assertEqual(
            self._activities(terms).mapped("summary"),
            ["The terms end on 12/31/2026", "The contract ends on 12/24/2026"],
        )

    def test_caught_up_once(self):
        """The scheduler stood still over the end."""
        terms = self._create_at("2026-01-01", contract_date_end="2027-06-30")
        self._run("2027-03-01")
        self.assertEqual(self._activities(terms).mapped("summary"), ["The terms ended on 12/31/2026"])
        self._run("2027-03-02")
        self.assertEqual(len(self._activities(terms)), 1)

    def test_past_terms_entered_later(self):
        """Who enters the terms of last year as a record is not reminded."""
        self.assertFalse(self._activities(self._create_at("2027-02-01")))
        self._run("2027-02-02")
        self.assertFalse(self._activities(self.env["supplier.terms"].search([])))

    def test_renewed_terms(self):
        terms = self._create_at("2026-01-01", contract_date_end="2027-12-31")
        later = self._create_at("2026-01-01", "2027-01-01", False, contract_date_end="2027-12-31")
        self._run("2026-12-15")
        self.assertFalse(self._activities(terms | later))
        self._run("2027-12-15")
        self.assertEqual(self._activities(terms | later).res_id, later.id)

    def test_renewal_closes_the_reminder(self):
        terms = self._create_at("2026-01-01")
        self._run("2026-12-15")
        self.assertEqual(len(self._activities(terms)), 1)
        with freeze_time("2026-12-16"):
            terms.with_user(self.buyer).action_renew()
        self.assertFalse(self._activities(terms))

    def test_archived_and_open_ends(self):
        terms = self._create_at("2026-01-01", active=False)
        terms |= self._create_at("2026-01-01", last=False, partner=self.other)
        self._run("2026-12-15")
        self.assertFalse(self._activities(terms))

    def test_who_is_reminded(self):
        no_buyer = self._create_at("2026-01-01", partner=self.other, user_id=self.manager.id)
        self._run("2026-12-15")
        self.assertEqual(self._activities(no_buyer).user_id, self.manager)
        # a buyer of another company cannot see them
        self.other.buyer_id = self.buyer2
        no_buyer.date_to = "2027-01-10"
        self._run("2026-12-16")
        self.assertEqual(self._activities(no_buyer).mapped("user_id"), self.manager)
        self.assertEqual(len(self._activities(no_buyer)), 2)

    def test_batches(self):
        terms = self.env["supplier.terms"]
        for number in range(5):
            terms |= self._create_at("2026-01-01", partner=self._create_company_partner(f"S{number}"))
        terms |= self._create_at(
            "2026-01-01", partner=self.other, company=self.company2, user_id=self.buyer2.id
        )
        terms[:5].user_id = self.buyer
        # one call, however many batches: the time of a run without a scheduler has no end
        self._run("2026-12-15", batch_size=2)
        self.assertEqual(len(self._activities(terms)), 6)
        self._run("2026-12-15", batch_size=2)
        self.assertEqual(len(self._activities(terms)), 6)

    def test_one_company_fails(self):
        """A company that comes before, and fails each time, keeps no other buyer from being reminded."""
        companies = [self.company, self.company2]
        here, there = (
            self._create_at("2026-01-01", partner=self.other, company=company, user_id=self.buyer2.id)
            for company in companies
        )
        self.assertLess(self.company.id, self.company2.id)
        model = type(self.env["supplier.terms"])
        get_due = model._get_due

        def failing(terms, company, limit):
            if company == self.company:
                raise ValueError("broken")
            return get_due(terms, company, limit)

        with (
            patch.object(model, "_get_due", failing),
            self.assertLogs("odoo.addons.partner_relations.tools.apart", "ERROR") as log,
        ):
            self._run("2026-12-15")
        self.assertEqual(len(log.output), 1)
        self.assertIn(self.company.name, log.output[0])
        self.assertFalse(self._activities(here))
        self.assertEqual(len(self._activities(there)), 1)

    def test_two_workers(self):
        """What another worker has locked is left to it, and the run ends."""
        terms = self._create_at("2026-01-01")
        model = type(self.env["supplier.terms"])
        with patch.object(model, "try_lock_for_update", lambda records, **_values: records.browse()):
            self._run("2026-12-15", batch_size=1)
        self.assertFalse(self._activities(terms))
        self.assertFalse(terms.reminded_date_to)
        self._run("2026-12-15", batch_size=1)
        self.assertEqual(len(self._activities(terms)), 1)

    def test_day_of_the_company(self):
        """At 03:30 UTC it is still the day before in New York."""
        self.company.partner_id.tz = "America/New_York"
        terms = self._create_at("2026-01-01")
        self._run("2026-12-01")
        self.assertFalse(self._activities(terms))
        self._run("2026-12-02")
        self.assertEqual(len(self._activities(terms)), 1)

    def test_no_contact_is_logged(self):
        terms = self._create_at("2026-01-01")
        self._run("2026-12-15")
        activities = self._activities(terms)
        self.assertTrue(activities)
        self.assertFalse(self.env["partner.contact.log"].search([("activity_id", "in", activities.ids)]))


@tagged("post_install", "-at_install")
@freeze_time(f"{TODAY} 09:00:00")
class TestTermsRights(TermsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.terms = cls._create_terms(
            name="First", line_ids=[Command.create({"product_id": cls.bolt.id, "multiple": 10})]
        )
        cls.terms2 = cls._create_terms(
            name="Second",
            company=cls.company2,
            line_ids=[Command.create({"product_id": cls.bolt.id, "multiple": 20})],
        )

    def _read(self, user, model="supplier.terms", companies=None):
        records = self.env[model].with_user(user)
        companies = companies or user.company_ids
        records = records.with_context(allowed_company_ids=companies.ids)
        domain = []
        if model == "supplier.terms":
            domain = [("id", "in", (self.terms | self.terms2).ids)]
        found = records.web_search_read(domain, {"display_name": {}})["records"]
        exported = records.browse([row["id"] for row in found]).export_data(["id"])["datas"]
        self.assertEqual(len(exported), len(found))
        grouped = records._read_group(domain, [], ["__count"])
        self.assertEqual(grouped[0][0], len(found))
        return records.browse([row["id"] for row in found])

    def test_each_company_its_own(self):
        self.buyer.group_ids += self.env.ref("base.group_allow_export")
        self.buyer2.group_ids += self.env.ref("base.group_allow_export")
        self.buyer_both.group_ids += self.env.ref("base.group_allow_export")
        self.user_director.group_ids += self.env.ref("base.group_allow_export")
        self.assertEqual(self._read(self.buyer), self.terms)
        self.assertEqual(self._read(self.buyer2), self.terms2)
        self.assertEqual(self._read(self.buyer_both), self.terms | self.terms2)
        self.assertEqual(self._read(self.buyer_both, companies=self.company), self.terms)
        self.assertEqual(self._read(self.user_director), self.terms)
        lines = self._read(self.buyer, "supplier.terms.line")
        self.assertEqual(set(lines.mapped("multiple")), {10})
        with self.assertRaises(AccessError):
            self.terms2.with_user(self.buyer).read(["name"])

    def test_overlap_tells_nothing_of_another_company(self):
        with self.assertRaises(AccessError) as caught, self.cr.savepoint():
            self.env["supplier.terms"].with_user(self.buyer).create(
                {
                    "partner_id": self.supplier.id,
                    "company_id": self.company2.id,
                    "date_from": self.terms2.date_from,
                }
            )
        self.assertNotIn("Second", str(caught.exception))

    def test_without_purchase_rights_nothing(self):
        for user in (self.user_sales, self.user_supervisor):
            for model in ("supplier.terms", "supplier.terms.line"):
                with self.assertRaises(AccessError):
                    self._read(user, model)
            fields = self.env["res.partner"].with_user(user).fields_get()
            self.assertNotIn("supplier_terms_text", fields)
            with self.assertRaises(AccessError):
                self.supplier.with_user(user).action_open_supplier_terms()

    def test_director_sees_no_amount(self):
        """The minimum of an order is an amount: as in the supplier's file, it is for those who purchase."""
        self.user_director.group_ids += self.env.ref("base.group_allow_export")
        self.buyer.write({"group_ids": [Command.link(self.env.ref("base.group_allow_export").id)]})
        self.terms.min_amount = 4321
        self.env.flush_all()

        def calls(user):
            terms = self.env["supplier.terms"].with_user(user)
            terms = terms.with_context(allowed_company_ids=self.company.ids)
            mine = terms.browse(self.terms.id)
            return (
                lambda: terms.web_search_read([("id", "=", mine.id)], {"min_amount": {}}),
                lambda: mine.export_data(["min_amount"]),
                lambda: terms.formatted_read_group([("id", "=", mine.id)], [], ["min_amount:sum"]),
                lambda: terms.web_read_group([], ["partner_id"], ["min_amount:max"]),
                lambda: terms.search([("min_amount", ">", 4000)]).web_read({"min_amount": {}}),
            )

        for call in calls(self.buyer):
            self.assertIn("4321", str(call()))
        for call in calls(self.user_director):
            with self.assertRaises(AccessError):
                call()
        mine = self.terms.with_user(self.user_director)
        self.assertNotIn("min_amount", mine.fields_get())
        for view_type in ("form", "list"):
            self.assertNotIn("min_amount", mine.get_view(view_type=view_type)["arch"])
        self.assertEqual(mine.web_read({"lead_days": {}, "currency_id": {}})[0]["lead_days"], False)

    def test_who_writes_and_deletes(self):
        self.terms.with_user(self.buyer).write({"lead_days": 5, "line_ids": [Command.clear()]})
        self.assertFalse(self.terms.line_ids)
        self._create_terms(partner=self.other).with_user(self.buyer).action_archive()
        with self.assertRaises(AccessError):
            self.terms.with_user(self.buyer).unlink()
        with self.assertRaises(AccessError):
            self.terms.with_user(self.user_director).write({"lead_days": 5})
        with self.assertRaises(AccessError):
            self.terms.with_user(self.user_director).action_renew()
        self.terms.with_user(self.manager).unlink()

    def test_applied_terms_stay(self):
        order = self._create_order((self.bolt, 1))
        order.button_confirm()
        with self.assertRaisesRegex(UserError, order.name):
            self.terms.with_user(self.manager).unlink()

    def test_documents(self):
        """A document uploaded by a buyer is seen by those who see the terms, not by others."""
        as_buyer = self.env["ir.attachment"].with_user(self.buyer)
        document = as_buyer.create(
            {
                "name": "contract.pdf",
                "datas": base64.b64encode(b"secret"),
                "res_model": "supplier.terms",
                "res_id": 0,
            }
        )
        self.terms.with_user(self.buyer).contract_document_ids = [Command.link(document.id)]
        self.assertEqual((document.res_model, document.res_id), ("supplier.terms", self.terms.id))
        self.env.invalidate_all()
        self.assertEqual(document.with_user(self.manager).raw, b"secret")
        self.assertEqual(document.with_user(self.user_director).raw, b"secret")
        for user in (self.user_sales, self.buyer2):
            with self.assertRaises(AccessError):
                document.with_user(user).read(["raw"])
            self.assertFalse(document.with_user(user).search([("id", "=", document.id)]))
        # one of another document is not taken away from it
        other = self.env["ir.attachment"].create(
            {"name": "x", "raw": b"x", "res_model": "res.partner", "res_id": self.other.id}
        )
        self.terms.contract_document_ids = [Command.link(other.id)]
        self.assertEqual(other.res_id, self.other.id)

    def test_contact(self):
        partner = self.person.with_user(self.buyer)
        self.assertEqual(partner.supplier_terms_text, "01/01/2026 – 12/31/2026")
        action = partner.action_open_supplier_terms()
        found = self.env[action["res_model"]].with_user(self.buyer).search(action["domain"])
        self.assertEqual(found, self.terms)
        self.assertEqual(self.other.with_user(self.buyer).supplier_terms_text, "None valid")
        price = self.env["product.supplierinfo"].create(
            {"partner_id": self.person.id, "product_tmpl_id": self.bolt.product_tmpl_id.id, "price": 3}
        )
        action = partner.action_open_supplier_prices()
        found = self.env[action["res_model"]].with_user(self.buyer).search(action["domain"])
        self.assertEqual(found, price)
        view = self.env["res.partner"].with_user(self.user_sales).get_view(view_type="form")["arch"]
        self.assertNotIn("action_open_supplier", view)
        view = self.env["res.partner"].with_user(self.buyer).get_view(view_type="form")["arch"]
        self.assertIn("action_open_supplier_prices", view)

    def test_contacts_in_a_constant_number_of_queries(self):
        partners = (
            self.supplier
            | self.person
            | self.env["res.partner"].create([{"name": f"P{number}"} for number in range(20)])
        )
        counts = []
        for some in (partners[:1], partners):
            self.env.flush_all()
            self.env.invalidate_all()
            some.mapped("commercial_partner_id.name")
            before = self.cr.sql_log_count
            some.mapped("supplier_terms_text")
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])


@tagged("post_install", "-at_install")
@freeze_time(f"{TODAY} 09:00:00")
class TestTermsMerge(TermsCommon):
    def _merge(self, sources, target):
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((sources | target).ids, target)
        self.env.invalidate_all()

    def test_shortened(self):
        older = self._create_terms("2026-01-01", False, self.other)
        newer = self._create_terms("2026-04-01", "2026-12-31")
        elsewhere = self._create_terms("2026-01-01", False, self.other, self.company2)
        self._merge(self.other, self.supplier)
        self.assertEqual((older | newer | elsewhere).partner_id, self.supplier)
        self.assertEqual(older.date_to, date(2026, 3, 31))
        self.assertTrue(older.active and newer.active)
        self.assertEqual(newer.date_to, date(2026, 12, 31))
        self.assertFalse(elsewhere.date_to)
        note = older.message_ids[0].body
        self.assertIn("from 01/01/2026", note)
        self.assertIn("overlapped", note)

    def test_same_start(self):
        first = self._create_terms("2026-01-01", "2026-06-30", self.other)
        second = self._create_terms("2026-01-01", False)
        self._merge(self.other, self.supplier)
        self.assertEqual((first.active, second.active), (False, True))
        self.assertEqual((first | second).partner_id, self.supplier)

    def test_chain_of_three(self):
        third = self._create_company_partner("Third")
        a = self._create_terms("2026-01-01", False, self.other)
        b = self._create_terms("2026-03-01", "2026-08-31")
        c = self._create_terms("2026-03-01", False, third)
        d = self._create_terms("2026-09-01", "2026-12-31")
        self._merge(self.other | third, self.supplier)
        self.assertEqual(
            [(terms.active, terms.date_to) for terms in (a, b, c, d)],
            [
                (True, date(2026, 2, 28)),
                (False, date(2026, 8, 31)),
                (True, date(2026, 8, 31)),
                (True, date(2026, 12, 31)),
            ],
        )
        self.assertEqual((a | b | c | d).partner_id, self.supplier)

    def test_agreed_currency_stays(self):
        terms = self._create_terms(partner=self.other, currency_id=self.usd.id)
        self._merge(self.other, self.supplier)
        self.assertEqual((terms.partner_id, terms.currency_id), (self.supplier, self.usd))

    def test_into_a_person(self):
        terms = self._create_terms(partner=self.other)
        self._merge(self.other, self.person)
        self.assertEqual(terms.partner_id, self.supplier)

    def test_without_overlap_nothing_is_said(self):
        terms = self._create_terms("2026-01-01", "2026-03-31", self.other)
        self._create_terms("2026-04-01", False)
        messages = terms.message_ids
        self._merge(self.other, self.supplier)
        self.assertEqual(terms.message_ids, messages)
        self.assertEqual(terms.date_to, date(2026, 3, 31))

    def test_person_that_joins_a_company(self):
        """Terms of a person on its own go to the company that it gets."""
        alone = self._create_person("Mr Alone")
        terms = self._create_terms("2026-01-01", False, alone)
        of_company = self._create_terms("2026-06-01", False)
        alone.parent_id = self.supplier
        self.assertEqual(terms.partner_id, self.supplier)
        self.assertEqual(terms.date_to, date(2026, 5, 31))
        self.assertEqual(self.env["supplier.terms"]._get_valid(alone, self.company, TODAY), of_company)

    def test_branch_that_becomes_a_person(self):
        branch = self._create_company_partner("Branch", parent_id=self.supplier.id)
        terms = self._create_terms("2026-01-01", False, branch)
        editor = self._create_user("terms_editor", "base.group_user,base.group_partner_manager")
        branch.with_user(editor).is_company = False
        self.assertEqual(terms.partner_id, self.supplier)
