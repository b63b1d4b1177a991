from datetime import date, datetime, time, timedelta
from unittest.mock import Mock, patch

from psycopg2.errors import SerializationFailure

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import BaseCase, Form, freeze_time, tagged, users
from odoo.tools import SQL, mute_logger

from odoo.addons.partner_relations import hooks
from odoo.addons.partner_relations.demo.plan_inquiries import build_strangers

from .classified import ClassifiedCommon
from .inquiring import TODAY, InquiringCommon

MODULE = "odoo.addons.partner_relations.models.customer.crm_lead_inquiry"


@tagged("post_install", "-at_install")
class TestInquiries(InquiringCommon):
    """Registering inquiries: what counts as one, its contact and lead and entry of the log, each once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.salesman = cls.env.ref("sales_team.group_sale_salesman")
        (cls.user_sales + cls.user_sales2 + cls.user_sub).group_ids += cls.salesman
        cls.user_marketing = cls._create_user(
            "relations_marketing",
            "partner_relations.group_user,mass_mailing.group_mass_mailing_user",
            company_id=cls.company_eur.id,
            company_ids=[(6, 0, cls.company_eur.ids)],
        )

    def _wizard(self, user=None, **values):
        return (
            self.env["partner.inquiry.new"]
            .with_user(user or self.user_sales)
            .with_context(allowed_company_ids=self.company_eur.ids)
            .create(values)
        )

    def _register(self, user=None, **values):
        wizard = self._wizard(user, **values)
        wizard.action_register()
        return wizard.registered_lead_id.sudo()

    def _logs(self, lead):
        return self.env["partner.contact.log"].search(
            [("res_model", "=", "crm.lead"), ("res_id", "=", lead.id)]
        )

    # ------------------------------------------------------------------
    # What counts as an inquiry
    # ------------------------------------------------------------------
    def test_stage_at_that_moment(self):
        """By the sales before the day of the inquiry: none, one, several, none for more than 180 days."""
        partners = self.env["res.partner"].create([{"name": f"P{number}"} for number in range(5)])
        self._buy(partners[1], 101)
        self._buy(partners[2], 101), self._buy(partners[2], 150)
        self._buy(partners[3], 281)
        self._buy(partners[4], 280)
        for partner in partners:
            self._buy(partner, 100)
        self.assertRecordValues(
            self._inquire().concat(*(self._inquire(partner, 100) for partner in partners)),
            [
                {"inquiry_stage": False, "is_inquiry": True},
                {"inquiry_stage": "potential", "is_inquiry": True},
                {"inquiry_stage": "one_time", "is_inquiry": False},
                {"inquiry_stage": "regular", "is_inquiry": False},
                {"inquiry_stage": "lost", "is_inquiry": True},
                {"inquiry_stage": "one_time", "is_inquiry": False},
            ],
        )

    def test_invoices_count_too(self):
        line = {"product_id": self.chair.id, "quantity": 1, "price_unit": 10}
        self._create_invoice([line], partner=self.customer2, date=TODAY - timedelta(days=10))
        self.assertEqual(self._inquire(self.customer2, 5).inquiry_stage, "one_time")
        self.assertEqual(self._inquire(self.customer2, 10).inquiry_stage, "potential")

    def test_invoices_taken_back_do_not_count(self):
        """As for the stages and the managers: what a journal entry settled beside credit notes was bought."""
        tax = self._create_tax()
        for price_tax, credited, is_linked, stage in (
            (self.env["account.tax"], 1, False, "one_time"),
            (self.env["account.tax"], 1, True, "one_time"),
            (self.env["account.tax"], 9.99, False, "one_time"),
            (self.env["account.tax"], 10, False, "potential"),
            (self.env["account.tax"], 10, True, "potential"),
            # an entry settled the tax alone
            (tax, 10, True, "potential"),
            (tax, 9.99, True, "one_time"),
        ):
            with self.subTest(tax=price_tax.name, credited=credited, is_linked=is_linked):
                partner = self._create_company_partner("Took it back")
                line = {"product_id": self.chair.id, "quantity": 1}
                taxes = [Command.set(price_tax.ids)]
                date = TODAY - timedelta(days=10)
                invoice = self._create_invoice(
                    [{**line, "price_unit": 10, "tax_ids": taxes}], partner=partner, date=date
                )
                credit = self._create_invoice(
                    [{**line, "price_unit": credited}],
                    partner=partner,
                    date=date,
                    move_type="out_refund",
                    reversed_entry_id=invoice.id if is_linked else False,
                )
                rest = invoice.currency_id.round(invoice.amount_total - credit.amount_total)
                if rest:
                    self._settle_by_entry(invoice, credit, rest)
                else:
                    self._settle(invoice + credit)
                self.assertEqual(invoice.payment_state, "reversed")
                self.assertEqual(self._inquire(partner, 5).inquiry_stage, stage)

    def test_stage_follows_the_own_rhythm(self):
        """As in the classification: lost after three intervals, from four purchases on; an invoice is none beside."""
        self.env["partner.classification.policy"]._get_for(self.company_eur).lost_own_rhythm = True
        partners = self.env["res.partner"].create([{"name": f"P{number}"} for number in range(3)])
        for partner, last, count in zip(partners, (300, 301, 181), (4, 4, 3), strict=True):
            for number in range(count):
                self._buy(partner, 50 + last + 100 * number)
        line = {"product_id": self.chair.id, "quantity": 1, "price_unit": 10}
        self._create_invoice([line], partner=partners[0], date=TODAY - timedelta(days=400))
        stages = [self._inquire(partner, 50).inquiry_stage for partner in partners]
        self.assertEqual(stages, ["regular", "lost", "lost"])

    def test_invoice_that_is_taken_back_later(self):
        """As in a run of that day: it was a sale until then. One of nothing never is."""
        line = {"product_id": self.chair.id, "quantity": 1}
        kept, given = self.env["res.partner"].create([{"name": "Took it back"}, {"name": "Got a present"}])
        day = TODAY - timedelta(days=10)
        invoice = self._create_invoice([{**line, "price_unit": 10}], partner=kept, date=day)
        self._create_invoice(
            [{**line, "price_unit": 10}],
            partner=kept,
            date=day + timedelta(days=2),
            move_type="out_refund",
            reversed_entry_id=invoice.id,
        )
        self._create_invoice([{**line, "price_unit": 0}], partner=given, date=day)
        stages = [self._inquire(kept, age).inquiry_stage for age in (8, 7)]
        self.assertEqual(stages, ["one_time", "potential"])
        self.assertEqual(self._inquire(given, 5).inquiry_stage, "potential")

    def test_tax_that_is_due_on_payment(self):
        """Its entry, which Odoo matches with the line of the tax, settles no debt, nor where the tax is a deduction."""
        taxes = self._create_cash_basis_tax("A"), self._create_cash_basis_tax("B")
        partner = self._create_company_partner("Took it back")
        lines = [
            {"product_id": self.chair.id, "quantity": 1, "price_unit": price, "tax_ids": tax.ids}
            for price, tax in zip((20, -10), taxes, strict=True)
        ]
        date = TODAY - timedelta(days=10)
        invoice = self._create_invoice(lines, partner=partner, date=date)
        credit = self._create_invoice(lines, partner=partner, date=date, move_type="out_refund")
        self._settle(invoice + credit)
        self.assertEqual(invoice.payment_state, "reversed")
        matched = invoice.line_ids.matched_credit_ids.credit_move_id.move_id
        self.assertEqual(set(matched.mapped("move_type")), {"out_refund", "entry"})
        self.assertEqual(self._inquire(partner, 5).inquiry_stage, "potential")

    def test_customer_that_becomes_known(self):
        """A lead of an unknown sender that turns out to be a customer's is a deal."""
        self._buy(self.customer, 120)
        lead, by_hand = self._inquire(age=100), self._inquire(age=100)
        by_hand.action_set_inquiry()
        (lead + by_hand).partner_id = self.customer
        self.assertRecordValues(
            lead + by_hand,
            [
                {"is_inquiry": False, "inquiry_stage": "one_time", "inquiry_by_hand": False},
                {"is_inquiry": True, "inquiry_stage": "one_time", "inquiry_by_hand": True},
            ],
        )
        lead.partner_id = self.customer2
        self.assertRecordValues(lead, [{"is_inquiry": True, "inquiry_stage": "potential"}])

    def test_stage_stays_when_they_buy(self):
        lead = self._inquire(self.customer, 100)
        self._buy(self.customer, 90)
        lead.name = "Changed"
        lead.partner_id = self._create_person("Person", self.customer)
        self.assertRecordValues(lead, [{"is_inquiry": True, "inquiry_stage": "potential"}])

    def test_copy_is_decided_anew(self):
        self._buy(self.customer, 120)
        lead = self._inquire(self.customer, 150)
        copy = lead.copy()
        self.assertRecordValues(
            lead + copy,
            [
                {"is_inquiry": True, "inquiry_date": TODAY - timedelta(days=150)},
                {"is_inquiry": False, "inquiry_date": TODAY},
            ],
        )

    def test_channel_of_other_ways(self):
        lead = self.env["crm.lead"].message_new(
            {"subject": "Chairs", "from": "new@example.com", "to": "sales@x"}
        )
        self.assertRecordValues(
            lead, [{"inquiry_channel": "email", "is_inquiry": True, "inquiry_date": TODAY}]
        )
        website = self.env.ref("utm.utm_medium_website")
        self.assertEqual(self._inquire(medium_id=website.id).inquiry_channel, "web")
        self.assertFalse(self._inquire().inquiry_channel)
        public = self.env.ref("base.public_user")
        lead = self.env["crm.lead"].with_user(public).sudo().create({"name": "Form"})
        self.assertEqual(lead.inquiry_channel, "web")

    def test_asked_source_fills_the_source(self):
        radio, link = self.env["utm.source"].create([{"name": "Radio"}, {"name": "Link"}])
        leads = self._inquire(asked_source_id=radio.id) + self._inquire(
            asked_source_id=radio.id, source_id=link.id
        )
        self.assertEqual(leads.mapped("source_id.name"), ["Radio", "Link"])
        leads = self._inquire() + self._inquire(source_id=link.id)
        leads.asked_source_id = radio
        self.assertEqual([lead.source_id.name for lead in leads], ["Radio", "Link"])

    def test_old_leads_are_filled(self):
        self._buy(self.customer, 120)
        leads = (
            self._inquire(self.customer, 100) + self._inquire(self.customer2, 100) + self._inquire(age=100)
        )
        hand = self._inquire(self.customer, 100, is_inquiry=True)
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                "UPDATE crm_lead SET is_inquiry = NULL, inquiry_date = NULL, inquiry_stage = NULL, create_date = %s "
                "WHERE id = ANY(%s) RETURNING id",
                datetime.combine(TODAY - timedelta(days=60), time(9)),
                leads.ids,
            )
        )
        self.env.invalidate_all()
        self.assertEqual(self.env["crm.lead"].with_company(self.company_eur)._fill_inquiries(), 3)
        day = TODAY - timedelta(days=60)
        self.assertRecordValues(
            leads + hand,
            [
                {"is_inquiry": False, "inquiry_stage": "one_time", "inquiry_date": day},
                {"is_inquiry": True, "inquiry_stage": "potential", "inquiry_date": day},
                {"is_inquiry": True, "inquiry_stage": False, "inquiry_date": day},
                {
                    "is_inquiry": True,
                    "inquiry_stage": "one_time",
                    "inquiry_date": TODAY - timedelta(days=100),
                },
            ],
        )
        self.assertEqual(self.env["crm.lead"]._fill_inquiries(), 0)

    def test_many_old_leads_are_filled_in_batches(self):
        """An installation leaves many leads to the scheduler, which goes on where a killed run ended."""
        leads = self.env["crm.lead"].create([{"name": f"Old {number}"} for number in range(5)])
        self.env.flush_all()
        self.env.execute_query(
            SQL("UPDATE crm_lead SET is_inquiry = NULL WHERE id = ANY(%s) RETURNING id", leads.ids)
        )
        self.env.invalidate_all()

        def count():
            # SQL: "is NULL" and "is false" are one for a domain
            [[number]] = self.env.execute_query(SQL("SELECT COUNT(*) FROM crm_lead WHERE is_inquiry IS NULL"))
            return number

        model, cron = self.env["crm.lead"], self.env.ref("partner_relations.ir_cron_fill_inquiries")
        triggers = self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])
        with patch(f"{MODULE}.FILL_AT_ONCE", 2):
            model._restart_inquiries()
        self.assertEqual(count(), 5, "too many to be filled at once")
        self.assertEqual(self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)]), triggers + 1)
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", return_value=0) as progress:
            model._cron_fill_inquiries(2)
            self.assertEqual((count(), progress.call_args.kwargs), (3, {"remaining": 1}))
            model._cron_fill_inquiries(4)
            self.assertEqual((count(), progress.call_args.kwargs), (0, {"remaining": 0}))
        self.assertEqual(set(leads.mapped("is_inquiry")), {True})

    def test_installation_begins_anew_after_a_conflict(self):
        """Somebody saved one of the records at the same moment: what the installation did to it is done again."""
        calls = []

        def work(env):
            calls.append(env)
            if len(calls) < 3:
                raise SerializationFailure

        env = Mock()
        hooks._do(env, work)
        self.assertEqual((len(calls), env.cr.rollback.call_count), (3, 2))
        self.assertEqual(env.cr.commit.call_count, 2, "before, so that no lock is held, and after")
        with self.assertRaises(SerializationFailure), patch.object(hooks.time, "sleep"):
            hooks._do(env, Mock(side_effect=SerializationFailure))

    def test_queries_of_new_leads(self):
        """Deciding for twenty leads asks as often as deciding for one."""
        partners = self.env["res.partner"].create([{"name": f"P{number}"} for number in range(20)])
        medium = self.env.ref("utm.utm_medium_email")
        vals = [{"name": "A", "partner_id": partner.id, "medium_id": medium.id} for partner in partners]
        lead = self.env["crm.lead"].with_company(self.company_eur)
        lead._prepare_inquiry_vals(vals[:1])
        for some in (vals[:1], vals):
            self.env.flush_all()
            self.env.invalidate_all()
            # the customers, and what is known of their stage
            with self.assertQueryCount(2):
                lead._prepare_inquiry_vals(some)

    def test_company_of_the_team(self):
        """What is made in one company for a team of another has that one's day, and the stage of its customer there."""
        self.company_usd.partner_id.tz = "Asia/Ho_Chi_Minh"
        team = self.env["crm.team"].create({"name": "Dollar", "company_id": self.company_usd.id})
        partner = self._create_company_partner("Buys in Dollar")
        self._buy(partner, 10, company=self.company_usd)
        leads = self.env["crm.lead"].with_company(self.company_eur)
        with freeze_time(datetime(2026, 11, 25, 20)):
            lead = leads.create(
                {"name": "Letter", "partner_id": partner.id, "team_id": team.id, "user_id": False}
            )
        self.assertEqual((lead.company_id, lead.inquiry_date), (self.company_usd, date(2026, 11, 26)))
        self.assertEqual((lead.inquiry_stage, lead.is_inquiry), ("one_time", False))

    def test_day_of_the_company(self):
        """The day is that of the company, as in the reports, wherever who makes the lead is."""
        self.company_eur.partner_id.tz = "Asia/Ho_Chi_Minh"
        leads = self.env["crm.lead"].with_context(tz="America/New_York")
        values = {"name": "Late", "company_id": self.company_eur.id, "team_id": False}
        with freeze_time(datetime(2026, 11, 25, 20)):
            lead = leads.create(values)
        self.assertEqual(lead.inquiry_date, date(2026, 11, 26))
        self.assertEqual(
            leads.create({**values, "inquiry_date": "2026-11-01"}).inquiry_date, date(2026, 11, 1)
        )
        # an order of the day before in UTC is one of the same day, which does not make a customer of them
        partner = self._create_company_partner("Same Day")
        self._buy(partner, 11, hour=20)
        same, later = self._inquire(partner, age=10), self._inquire(partner, age=9)
        self.assertEqual((same.inquiry_stage, later.inquiry_stage), ("potential", "one_time"))
        # leads that were there before
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_lead SET is_inquiry = NULL, inquiry_date = NULL, create_date = %s WHERE id = %s",
            [datetime(2026, 11, 10, 20), lead.id],
        )
        self.env.invalidate_all(flush=False)
        self.env["crm.lead"]._fill_inquiries()
        self.assertEqual(lead.inquiry_date, date(2026, 11, 11))

    def test_nothing_asked_of_leads_without_change_of_customer(self):
        lead = self._inquire(self.customer)
        self.env.flush_all()
        self.env.invalidate_all()
        lead.mapped("name")
        # the update alone
        with self.assertQueryCount(1):
            lead.write({"inquiry_channel": "phone"})
            self.env.flush_all()

    # ------------------------------------------------------------------
    # The form
    # ------------------------------------------------------------------
    def test_register_a_stranger(self):
        """A lead, a company with a person, and an entry of the log about the lead."""
        fair, news = self.env["utm.source"].create([{"name": "Wood Fair"}, {"name": "Test Newspaper"}])
        medium = self.env.ref("utm.utm_medium_direct")
        campaign = self.env["utm.campaign"].create({"title": "Spring"})
        with Form(self._wizard().browse()) as form:
            form.partner_name = "Bamboo Works"
            form.contact_name = "Mai"
            form.phone = "+84 901 234 567"
            form.email_from = "mai@bamboo.example.com"
            form.vat = "0123456789"
            form.channel = "fair"
            form.source_id, form.asked_source_id = fair, news
            form.medium_id, form.campaign_id = medium, campaign
            form.name = "40 chairs"
            form.interest_product_ids = self.product
            form.note = "Before <b> New Year"
        wizard = form.record
        wizard.action_register()
        lead = wizard.registered_lead_id
        self.assertRecordValues(
            lead,
            [
                {
                    "name": "40 chairs",
                    "is_inquiry": True,
                    "inquiry_stage": "potential",
                    "inquiry_channel": "fair",
                    "inquiry_date": TODAY,
                    "inquiry_by_hand": False,
                    "source_id": fair.id,
                    "asked_source_id": news.id,
                    "medium_id": medium.id,
                    "campaign_id": campaign.id,
                    "user_id": self.user_sales.id,
                    "company_id": self.company_eur.id,
                    "interest_product_ids": self.product.ids,
                    "interest_categ_ids": self.category.ids,
                }
            ],
        )
        self.assertIn("Before &lt;b&gt; New Year", lead.description)
        person = lead.partner_id
        self.assertRecordValues(
            person, [{"name": "Mai", "email": "mai@bamboo.example.com", "is_company": False}]
        )
        self.assertRecordValues(person.parent_id, [{"name": "Bamboo Works", "vat": "0123456789"}])
        log = self._logs(lead)
        self.assertRecordValues(
            log,
            [
                {
                    "name": "40 chairs",
                    "partner_id": person.id,
                    "commercial_partner_id": person.parent_id.id,
                    "channel": "meeting",
                    "direction": "in",
                    "state": "done",
                    "user_id": self.user_sales.id,
                    "company_id": self.company_eur.id,
                }
            ],
        )
        self.assertEqual(lead.sudo().inquiry_log_id, log)

    def test_second_click_makes_nothing(self):
        wizard = self._wizard(partner_name="Once")
        wizard.action_register()
        wizard.action_register()
        wizard.action_register_open()
        self.assertEqual(self.env["crm.lead"].search_count([("partner_name", "=", "Once")]), 1)
        self.assertEqual(self.env["res.partner"].search_count([("name", "=", "Once")]), 1)
        self.assertEqual(len(self._logs(wizard.registered_lead_id)), 1)

    def test_known_contact(self):
        person = self._create_person("Known", self.customer, email="known@example.com")
        wizard = Form(self._wizard().browse())
        wizard.partner_id = person
        self.assertEqual(wizard.partner_name, self.customer.name)
        self.assertEqual(wizard.email_from, "known@example.com")
        before = self.env["res.partner"].search_count([])
        record = wizard.save()
        record.action_register()
        self.assertEqual(record.registered_lead_id.partner_id, person)
        self.assertEqual(record.registered_lead_id.name, f"Inquiry of {person.display_name}")
        self.assertEqual(self.env["res.partner"].search_count([]), before)
        self.assertFalse(person.phone, "of the company it stays the company's")

    def test_known_contact_keeps_what_was_typed(self):
        """Where the contact has nothing of its own; what it has stays as it is."""
        company = self._create_company_partner("Bamboo", email="office@bamboo.example.com")
        form = Form(self._wizard().browse())
        form.partner_name = "Bamboo Works"
        form.contact_name = "Anh Ba"
        form.phone = "0901 234 567"
        form.email_from = "ba@bamboo.example.com"
        form.vat = "0123456789"
        form.partner_id = company
        self.assertEqual(
            (form.partner_name, form.contact_name, form.phone, form.email_from, form.vat),
            ("Bamboo", "Anh Ba", "0901 234 567", "office@bamboo.example.com", "0123456789"),
        )
        with self.assertRaisesRegex(AssertionError, "readonly"):
            form.email_from = "other@bamboo.example.com"
        form.phone = "0901 234 568"
        wizard = form.save()
        wizard.action_register()
        self.assertRecordValues(
            wizard.registered_lead_id,
            [
                {
                    "partner_id": company.id,
                    "partner_name": "Bamboo",
                    "contact_name": "Anh Ba",
                    "phone": "0901 234 568",
                    "email_from": "office@bamboo.example.com",
                }
            ],
        )
        self.assertRecordValues(
            company,
            [{"name": "Bamboo", "email": "office@bamboo.example.com", "vat": "0123456789"}],
        )
        # called without the form, too
        self._register(partner_id=company.id, email_from="other@bamboo.example.com", vat="9876543210")
        self.assertEqual((company.email, company.vat), ("office@bamboo.example.com", "0123456789"))

    def test_another_known_contact(self):
        """What the first one has does not become the second one's."""
        first = self._create_company_partner("First", phone="0281234567", vat="0123456789")
        second = self._create_company_partner("Second")
        form = Form(self._wizard().browse())
        form.email_from = "ba@second.example.com"
        form.partner_id = first
        form.partner_id = second
        self.assertEqual(
            (form.partner_name, form.phone, form.vat, form.email_from),
            ("Second", False, False, "ba@second.example.com"),
        )
        form.save().action_register()
        self.assertRecordValues(second, [{"phone": False, "vat": False, "email": "ba@second.example.com"}])

    def test_known_contact_taken_back(self):
        """What was typed shows again, with another contact that has nothing of it, or with none."""
        first = self._create_company_partner("First", phone="0281234567", vat="0123456789")
        second = self._create_company_partner("Second")
        third = self._create_company_partner("Third", phone="0287654321")
        form = Form(self._wizard().browse())
        form.partner_name = "Third and Sons"
        form.phone = "0901 234 567"
        for partner, shown in (
            (first, ("First", "0281234567", "0123456789")),
            (third, ("Third", "0287654321", False)),
            (second, ("Second", "0901 234 567", False)),
            (first, ("First", "0281234567", "0123456789")),
            (first.browse(), ("Third and Sons", "0901 234 567", False)),
        ):
            form.partner_id = partner
            self.assertEqual((form.partner_name, form.phone, form.vat), shown)
        wizard = form.save()
        wizard.action_register()
        self.assertEqual(wizard.registered_lead_id.partner_name, "Third and Sons")

    def test_customer_that_buys_is_told(self):
        """The dialog says what the lead will be: by the current classes, else by the sales before its day."""
        line = {"product_id": self.chair.id, "quantity": 1, "price_unit": 10}
        self._create_invoice([line], partner=self.customer, date=TODAY - timedelta(days=60))
        self.env.flush_all()
        self.assertTrue(self._wizard(partner_id=self.customer.id).is_customer, "there are no classes")
        before = datetime.combine(TODAY - timedelta(days=61), time(12))
        self.assertFalse(self._wizard(partner_id=self.customer.id, date=before).is_customer)
        self.assertFalse(self._register(partner_id=self.customer.id).is_inquiry)
        policy = self.env["partner.classification.policy"]._get_for(self.company_eur)
        runs = self.env["partner.classification"].with_company(self.company_eur)
        run = runs.create({"policy_id": policy.id, "date_to": TODAY.replace(day=1) - timedelta(days=1)})
        run.action_compute()
        run.action_post()
        self.env.invalidate_all()
        self.assertTrue(self._wizard(partner_id=self.customer.id).is_customer)
        self.assertFalse(self._wizard(partner_id=self.customer2.id).is_customer)
        self.assertFalse(self._wizard(partner_name="Somebody").is_customer)
        lead = self._register(partner_id=self.customer.id)
        self.assertFalse(lead.is_inquiry)
        self.assertTrue(self._register(partner_id=self.customer2.id).is_inquiry)

    def test_nobody_asks(self):
        with self.assertRaisesRegex(UserError, "who asks"):
            self._wizard(name="40 chairs").action_register()

    def test_phone_is_enough(self):
        lead = self._register(phone="0901 234 567")
        self.assertEqual(lead.partner_id.phone, "0901 234 567")

    def test_for_a_colleague(self):
        """Who may see own leads only can hand an inquiry over; it is the colleague's then."""
        wizard = self._wizard(partner_name="For Two", user_id=self.user_sales2.id)
        self.assertEqual(wizard.action_register_open(), {"type": "ir.actions.act_window_close"})
        lead = wizard.registered_lead_id
        self.assertFalse(lead.has_access("read"))
        self.assertEqual(lead.sudo().user_id, self.user_sales2)
        self.assertEqual(lead.sudo().partner_id.user_id, self.user_sales2)
        self.assertTrue(lead.with_user(self.user_sales2).has_access("write"))
        nobody = self._register(partner_name="For Nobody", user_id=False)
        self.assertFalse(nobody.user_id)

    def test_of_an_entry_of_the_log(self):
        """No second entry is made, and asked again the lead that is there is opened."""
        log = (
            self.env["partner.contact.log"]
            .with_user(self.user_sales)
            .with_context(allowed_company_ids=self.company_eur.ids)
            .create(
                {
                    "name": "They called",
                    "partner_id": self.customer.id,
                    "channel": "visit",
                    "date": "2026-11-20 08:00:00",
                    "company_id": self.company_eur.id,
                    "agreement": "A price list",
                }
            )
        )
        action = log.action_make_inquiry()
        self.assertEqual(action["res_model"], "partner.inquiry.new")
        count = self.env["partner.contact.log"].search_count([])
        with Form(self._wizard().browse().with_context(**action["context"])) as form:
            self.assertEqual(form.partner_id, self.customer)
        form.record.action_register()
        lead = form.record.registered_lead_id
        self.assertRecordValues(
            lead.sudo(),
            [
                {
                    "name": "They called",
                    "inquiry_channel": "visit",
                    "inquiry_date": date(2026, 11, 20),
                    "inquiry_log_id": log.id,
                    "partner_id": self.customer.id,
                }
            ],
        )
        self.assertIn("A price list", lead.description)
        self.assertEqual(self._logs(lead), log)
        self.assertEqual(self.env["partner.contact.log"].search_count([]), count)
        self.assertEqual(log.action_make_inquiry()["res_id"], lead.id)
        lead.sudo().user_id = self.user_sales2
        with self.assertRaisesRegex(UserError, "colleague"):
            log.action_make_inquiry()

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_entry_that_one_may_not_read(self):
        """A lead names no entry of a colleague, whose subject core would show; nor does a default."""
        self.customer2.user_id = self.user_sales2
        only = {"allowed_company_ids": self.company_eur.ids}
        entry = {
            "name": "Secret",
            "partner_id": self.customer2.id,
            "date": "2026-11-20 08:00:00",
            "company_id": self.company_eur.id,
        }
        logs = self.env["partner.contact.log"].with_context(**only)
        secret = logs.with_user(self.user_sales2).create(entry)
        self.assertFalse(secret.with_user(self.user_sales).has_access("read"))
        leads = self.env["crm.lead"].with_user(self.user_sales).with_context(**only)
        values = {"name": "Mine", "company_id": self.company_eur.id, "team_id": False}
        lead = leads.create(values)
        with self.assertRaises(AccessError), self.cr.savepoint():
            lead.write({"inquiry_log_id": secret.id})
        with self.assertRaises(AccessError), self.cr.savepoint():
            leads.create({**values, "inquiry_log_id": secret.id})
        with self.assertRaises(AccessError), self.cr.savepoint():
            leads.with_context(default_inquiry_log_id=secret.id).create(values)
        defaults = self.env["ir.default"].with_user(self.user_sales).with_context(**only)
        defaults.set("crm.lead", "inquiry_log_id", secret.id, user_id=True)
        self.assertFalse(leads.create(values).sudo().inquiry_log_id)
        # nor where core makes a lead with all rights
        by_core = leads.sudo().with_context(default_inquiry_log_id=secret.id)
        self.assertFalse(by_core.create(values).inquiry_log_id)

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_entry_of_a_lead_is_not_told(self):
        """Core tells the name of what a lead, or the form of one, points to with all rights."""
        here = {"company_id": self.company_eur.id}
        seller = self._create_user(
            "inquiry_seller",
            "sales_team.group_sale_salesman",
            company_ids=[Command.set(self.company_eur.ids)],
            **here,
        )
        lead = self._register(partner_name="For Two", name="Secret")
        entry = lead.inquiry_log_id
        self.assertEqual(entry.name, "Secret")
        lead.user_id = seller
        leads = self.env["crm.lead"].with_user(seller).with_context(allowed_company_ids=self.company_eur.ids)
        self.assertEqual(leads.browse(lead.id).name, "Secret")
        asked = {"inquiry_log_id": {"fields": {"display_name": {}}}}
        for name, call in {
            "read": lambda: leads.browse(lead.id).read(["inquiry_log_id"]),
            "form": lambda: leads.browse(lead.id).web_read(asked),
            "new form": lambda: leads.onchange({"inquiry_log_id": entry.id}, [], asked),
            "changed form": lambda: leads.onchange({"inquiry_log_id": entry.id}, ["inquiry_log_id"], asked),
        }.items():
            self.env.flush_all()
            self.env.invalidate_all()
            with self.subTest(name), self.assertRaises(AccessError):
                call()

    def test_of_a_plan_or_of_several(self):
        logs = (
            self.env["partner.contact.log"]
            .with_user(self.user_sales)
            .with_context(allowed_company_ids=self.company_eur.ids)
            .create(
                [
                    {
                        "name": "Call",
                        "partner_id": self.customer.id,
                        "state": state,
                        "date": "2026-11-26 08:00:00",
                        "company_id": self.company_eur.id,
                    }
                    for state in ("planned", "done")
                ]
            )
        )
        with self.assertRaisesRegex(UserError, "has not taken place"):
            logs[0].action_make_inquiry()
        with self.assertRaisesRegex(UserError, "Select one"):
            logs.action_make_inquiry()

    def test_added_to_an_open_lead(self):
        lead = self._register(partner_name="Open")
        wizard = self._wizard(partner_name="Open", lead_id=lead.id, name="Asks again", note="Soon")
        wizard.action_register()
        self.assertEqual(wizard.registered_lead_id, lead)
        self.assertEqual(self._logs(lead).mapped("name"), ["Asks again", "Inquiry of Open"])
        self.assertEqual(self._logs(lead)[0].agreement, "Soon")
        self.assertEqual(lead.inquiry_log_id, self._logs(lead)[1])
        foreign = self._register(self.user_sales2, partner_name="Foreign")
        with self.assertRaises(AccessError):
            self._wizard(lead_id=foreign.id).action_register()

    def test_what_is_typed_reaches_the_open_lead(self):
        """Where it has nothing of it; and of a lead that has a contact the one who asks may be another."""
        fair, news = self.env["utm.source"].create([{"name": "Wood Fair"}, {"name": "Test Newspaper"}])
        typed = {"phone": "0901 234 567", "source_id": news.id, "asked_source_id": news.id}
        typed["interest_product_ids"] = self.product.ids
        lead = self._inquire(partner_name="Open", email_from="open@example.com", source_id=fair.id)
        self._wizard(
            partner_name="Other", email_from="other@example.com", lead_id=lead.id, **typed
        ).action_register()
        self.assertRecordValues(
            lead,
            [
                {
                    "partner_name": "Open",
                    "email_from": "open@example.com",
                    "phone": "0901 234 567",
                    "source_id": fair.id,
                    "asked_source_id": news.id,
                    "interest_product_ids": self.product.ids,
                }
            ],
        )
        person = self._create_person("Known", self.customer, user_id=self.user_sales.id)
        with_contact = self._inquire(person)
        self._wizard(partner_name="Known", lead_id=with_contact.id, **typed).action_register()
        self.assertEqual(
            (with_contact.asked_source_id, with_contact.interest_product_ids), (news, self.product)
        )
        self.assertFalse(person.phone)

    def test_known_contact_added_to_a_lead_without_one(self):
        """The lead gets the contact that was chosen, no second one."""
        person = self._create_person("Known", self.customer, user_id=self.user_sales.id)
        lead = self._inquire(partner_name="Letter", contact_name="Known", email_from="known@example.com")
        before = self.env["res.partner"].search_count([])
        self._wizard(partner_id=person.id, lead_id=lead.id, vat="0123456789").action_register()
        self.assertEqual(lead.partner_id, person)
        self.assertEqual(self._logs(lead).partner_id, person)
        self.assertEqual(self.env["res.partner"].search_count([]), before)

    def test_colleague_of_the_contact_of_a_lead_asks(self):
        """The log has who asked; whose lead it is stays."""
        first, second = (
            self._create_person(name, self.customer, user_id=self.user_sales.id) for name in ("A", "B")
        )
        lead = self._inquire(first)
        self._wizard(partner_id=second.id, lead_id=lead.id, name="Asks again").action_register()
        self.assertEqual((lead.partner_id, self._logs(lead).partner_id), (first, second))

    def test_who_may_not(self):
        for user in (self.user_marketing, self.user_director):
            with self.assertRaises(AccessError):
                self._wizard(user, partner_name="No")
        wizard = self._wizard(partner_name="Mine")
        with self.assertRaises(AccessError):
            wizard.with_user(self.user_sales2).action_register()

    def test_merged_log_follows(self):
        first, second = self._register(partner_name="A"), self._register(partner_name="A")
        logs = self._logs(first) + self._logs(second)
        kept = (first + second).merge_opportunity()
        self.assertEqual(self._logs(kept), logs.sorted(lambda log: (log.date, log.id), reverse=True))

    # ------------------------------------------------------------------
    # Who sees what
    # ------------------------------------------------------------------
    def _visible(self, user, companies=None):
        report = (
            self.env["partner.inquiry.report"]
            .with_user(user)
            .with_context(allowed_company_ids=(companies or self.company_eur).ids)
        )
        self.env.flush_all()
        self.env.invalidate_all()
        leads = {
            row["lead_id"]["id"] for row in report.web_search_read([], {"lead_id": {"fields": {}}})["records"]
        }
        # groups and exports show the same
        [[count]] = report._read_group([], [], ["inquiry_count:sum"])
        self.assertEqual(count or 0, len(leads))
        user.group_ids += self.env.ref("base.group_allow_export")
        exported = report.search([]).export_data(["lead_id/.id"])["datas"] if leads else []
        self.assertEqual({int(row[0]) for row in exported}, leads)
        return leads

    def test_rights(self):
        mine = self._inquire(self._create_company_partner("Mine"), user_id=self.user_sales.id)
        sub = self._inquire(self._create_company_partner("Sub"), user_id=self.user_sub.id)
        other = self._inquire(self._create_company_partner("Other"), user_id=self.user_sales2.id)
        cared = self._inquire(
            self._create_company_partner("Cared", user_id=self.user_sales.id), user_id=self.user_sales2.id
        )
        nobody = self._inquire(user_id=False)
        foreign = self._inquire(
            self._create_company_partner("Foreign"), company=self.company_usd, user_id=False
        )
        self.assertEqual(self._visible(self.user_sales), {mine.id, sub.id, cared.id} - {sub.id})
        self.assertEqual(self._visible(self.user_sub), {sub.id})
        self.assertEqual(self._visible(self.user_sales2), {other.id, cared.id})
        self.assertEqual(self._visible(self.user_supervisor), {mine.id, sub.id, cared.id})
        self.assertEqual(self._visible(self.user_director), {mine.id, sub.id, other.id, cared.id, nobody.id})
        self.assertEqual(self._visible(self.user_marketing), set())
        self.user_marketing.group_ids += self.env.ref("partner_relations.group_director")
        everything = {mine.id, sub.id, other.id, cared.id, nobody.id}
        self.assertEqual(self._visible(self.user_marketing), everything)
        self.user_director.company_ids += self.company_usd
        both = self.company_eur + self.company_usd
        self.assertEqual(self._visible(self.user_director, both), everything | {foreign.id})
        self.assertEqual(self._visible(self.user_director), everything)

    def test_sale_to_a_hidden_inquiry_does_not_convert_mine(self):
        """Whose sale it is does not depend on who looks."""
        partner = self._create_company_partner("Shared")
        mine = self._inquire(partner, 120, user_id=self.user_sales.id)
        self._inquire(partner, 110, user_id=self.user_sales2.id)
        self._buy(partner, 100)
        report = self.report.with_user(self.user_sales)
        self.assertEqual(self._visible(self.user_sales), {mine.id})
        self.assertEqual(self._rate(report=report), 0.0)

    def test_open_the_lead(self):
        lead = self._inquire(user_id=self.user_sales.id)
        self.assertEqual(self._row(lead).with_user(self.user_sales).action_open_lead()["res_id"], lead.id)
        with self.assertRaisesRegex(UserError, "no right to open"):
            self._row(lead).with_user(self.user_director).action_open_lead()

    @users("relations_sales")
    def test_form_of_a_lead(self):
        with Form(self.env["crm.lead"].with_context(allowed_company_ids=self.company_eur.ids)) as form:
            form.name = "Chairs"
        self.assertRecordValues(form.record, [{"is_inquiry": True, "inquiry_by_hand": False}])
        form.record.action_unset_inquiry()
        with Form(form.record) as again:
            again.name = "Chairs and tables"
        self.assertRecordValues(form.record, [{"is_inquiry": False, "inquiry_by_hand": True}])


@tagged("post_install", "-at_install")
class TestInquiryStages(ClassifiedCommon):
    """The stage of today's inquiry is the one that the contact shows, whoever registers it."""

    def test_current_classification(self):
        self.user_sales2.group_ids += self.env.ref("sales_team.group_sale_salesman")
        leads = self.env["crm.lead"].with_user(self.user_sales2)
        leads = leads.with_context(allowed_company_ids=self.company_eur.ids)
        partners = self.big + self.small + self.gone + self.prospect
        self.assertFalse(partners[0].with_env(leads.env).relation_stage, "the line is not for these eyes")
        made = leads.create([{"name": partner.name, "partner_id": partner.id} for partner in partners])
        self.assertEqual(
            [(lead.inquiry_stage, lead.is_inquiry) for lead in made],
            [("regular", False), ("one_time", False), ("lost", True), ("potential", True)],
        )


@tagged("post_install", "-at_install")
class TestDemoInquiries(BaseCase):
    """Strangers of the demo company: the same on the same day, and obviously nobody."""

    def test_strangers(self):
        strangers = build_strangers(TODAY)
        self.assertEqual(strangers, build_strangers(TODAY))
        self.assertTrue(all(one.email or one.phone for one in strangers))
        self.assertTrue(all(not one.email or one.email.endswith(".example.com") for one in strangers))
        self.assertTrue(all(not one.phone or one.phone.startswith("+84 900 950") for one in strangers))
        self.assertTrue(all(one.day < TODAY for one in strangers))
        self.assertEqual(
            {one.channel for one in strangers}, {"web", "email", "phone", "fair", "visit", "chat"}
        )
