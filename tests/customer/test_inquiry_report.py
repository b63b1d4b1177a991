import doctest
from datetime import timedelta
from random import Random

from odoo import fields
from odoo.fields import Domain
from odoo.tests import BaseCase, freeze_time, tagged

from odoo.addons.partner_relations.tools import inquiries as reference

from .inquiring import TODAY, InquiringCommon


@tagged("post_install", "-at_install")
class TestInquiryFunctions(BaseCase):
    """The definition, as plain functions."""

    def test_examples_in_docstrings(self):
        failures, count = doctest.testmod(reference)
        self.assertGreater(count, 8)
        self.assertFalse(failures)


@tagged("post_install", "-at_install")
class TestInquiryReport(InquiringCommon):
    """The conversion of inquiries by the statement of the report."""

    def _partners(self, count, **values):
        return self.env["res.partner"].create(
            [{"name": f"Prospect {number}", "is_company": True, **values} for number in range(count)]
        )

    def test_worked_check(self):
        """20 inquiries, 15 mature of which 6 converted, 5 young of which 2: 40 %."""
        partners = self._partners(20)
        for number, partner in enumerate(partners):
            self._inquire(partner, 120 if number < 15 else 30)
            if number < 6 or number >= 18:
                self._buy(partner, 20 if number >= 18 else 100)
        self.env.flush_all()
        [figures] = self.report._read_group(
            [],
            [],
            [
                *("__count", "mature_count:sum", "converted_count:sum", "young_count:sum"),
                *("young_converted_count:sum", "conversion_rate:avg", "days_to_sale:avg", "sale_value:sum"),
            ],
        )
        self.assertEqual(figures, (20, 15, 6, 5, 2, 0.4, 17.5, 800))

    def test_total_is_ratio_of_sums(self):
        """Not the mean of the salespeople's rates: 1 of 1 and 0 of 3 are 25 %."""
        partners = self._partners(4)
        for number, partner in enumerate(partners):
            self._inquire(partner, 100, user_id=(self.user_sales2 if number else self.user_sales).id)
        self._buy(partners[0], 90)
        self.assertEqual(self._rate(), 0.25)
        rates = dict(self.report._read_group([], ["user_id"], ["conversion_rate:avg"]))
        self.assertEqual(rates, {self.user_sales: 1.0, self.user_sales2: 0.0})

    def test_no_mature_is_empty(self):
        partner = self._partners(1)
        lead = self._inquire(partner, 89)
        self._buy(partner, 80)
        self.assertFalse(self._rate())
        self.assertIsNot(self._rate(), 0.0)
        self.assertIs(self._row(lead).conversion_rate, False)
        self.assertEqual(self._row(lead).young_converted_count, 1)
        [group] = self.report.formatted_read_group([], ["user_id"], ["conversion_rate:avg"])
        self.assertIs(group["conversion_rate:avg"] or None, None)

    def test_mature_at_90_days(self):
        leads = [self._inquire(None, age) for age in (89, 90, 91)]
        self.assertEqual([self._row(lead).is_mature for lead in leads], [False, True, True])
        self.assertEqual([self._row(lead).result for lead in leads], ["young", "open", "open"])

    def test_converted_within_90_days(self):
        partners = self._partners(3)
        leads = [self._inquire(partner, 100) for partner in partners]
        orders = [
            self._buy(partner, 100 - days) for partner, days in zip(partners, (89, 90, 91), strict=True)
        ]
        rows = [self._row(lead) for lead in leads]
        self.assertEqual([row.is_converted for row in rows], [True, True, False])
        self.assertEqual([row.result for row in rows], ["converted", "converted", "late"])
        self.assertEqual([row.days_to_sale for row in rows], [89, 90, False])
        self.assertEqual([row.sale_value for row in rows], [100, 100, False])
        self.assertEqual([row.sale_order_id for row in rows], orders)
        self.assertIn("91", rows[2].reason)

    def test_days_are_a_setting_of_the_company(self):
        self.company_eur.inquiry_days = 30
        partner = self._partners(1)
        lead = self._inquire(partner, 30)
        self._buy(partner, 0)
        self.assertRecordValues(
            self._row(lead), [{"is_mature": True, "is_converted": True, "days_to_sale": 30}]
        )
        self.company_eur.inquiry_days = 29
        self.assertRecordValues(
            self._row(lead), [{"is_mature": True, "is_converted": False, "result": "late"}]
        )

    def test_same_day_counts_and_before_does_not(self):
        same, before = self._partners(2)
        lead_same, lead_before = self._inquire(same, 100), self._inquire(before, 100)
        self._buy(same, 100)
        self._buy(before, 101)
        self.assertRecordValues(self._row(lead_same), [{"is_converted": True, "days_to_sale": 0}])
        self.assertRecordValues(self._row(lead_before), [{"is_converted": False, "sale_order_id": False}])

    def test_sale_converts_the_last_inquiry_before_it_once(self):
        partner = self._partners(1)
        first, second, later = (self._inquire(partner, age) for age in (120, 110, 95))
        self._buy(partner, 100)
        self.assertEqual(
            [self._row(lead).is_converted for lead in (first, second, later)], [False, True, False]
        )
        self.assertEqual(self._rate(), 1 / 3)

    def test_sale_of_an_opportunity_converts_that_one(self):
        partner = self._partners(1)
        first, second = self._inquire(partner, 120), self._inquire(partner, 110)
        self._buy(partner, 100, lead=first)
        self.assertEqual([self._row(lead).is_converted for lead in (first, second)], [True, False])

    def test_sale_to_another_customer_of_the_opportunity(self):
        """The order tells who bought, where the lead does not know the customer."""
        lead = self._inquire(None, 100)
        self._buy(self._partners(1), 95, lead=lead)
        self.assertEqual(self._row(lead).days_to_sale, 5)

    def test_persons_count_for_their_company(self):
        company = self._partners(1)
        asks, buys = self._create_person("Asks", company), self._create_person("Buys", company)
        lead = self._inquire(asks, 100)
        self._buy(buys, 95)
        self.assertRecordValues(
            self._row(lead), [{"partner_id": company.id, "contact_id": asks.id, "is_converted": True}]
        )

    def test_two_companies(self):
        partner = self._partners(1)
        lead = self._inquire(partner, 100)
        self._buy(partner, 95, company=self.company_usd)
        both = self.report.with_context(allowed_company_ids=(self.company_eur + self.company_usd).ids)
        self.assertFalse(self._row(lead).is_converted)
        self.assertFalse(self._row(lead, both).is_converted)
        free = self._inquire(self._partners(1), 100, company=self.env["res.company"], user_id=False)
        self.assertFalse(free.company_id)
        self._buy(free.partner_id, 95, company=self.company_usd)
        self.assertTrue(self._row(free, both).is_converted)

    def test_currency(self):
        """100 dollars are 50 euros, in the currency of the current company."""
        partner = self._partners(1)
        lead = self._inquire(partner, 100, company=self.company_usd, user_id=False)
        self._buy(partner, 95, company=self.company_usd)
        both = self.report.with_context(allowed_company_ids=(self.company_eur + self.company_usd).ids)
        row = self._row(lead, both)
        self.assertEqual((row.sale_value, row.currency_id), (50, self.eur))
        both.invalidate_model()
        dollars = both.with_context(allowed_company_ids=(self.company_usd + self.company_eur).ids)
        row = self._row(lead, dollars)
        self.assertEqual((row.sale_value, row.currency_id), (100, self.usd))

    def test_time_zone_of_the_company(self):
        """At 18:00 in London it is the next day in Ho Chi Minh City, for the sale as for today."""
        partner = self._partners(1)
        lead = self._inquire(partner, 100)
        self._buy(partner, 10, hour=18)
        self.assertEqual(self._row(lead).days_to_sale, 90)
        self.company_eur.partner_id.tz = "Asia/Ho_Chi_Minh"
        self.assertEqual(self._row(lead).result, "late")
        young = self._inquire(None, 89)
        self.assertFalse(self._row(young).is_mature)
        with freeze_time(f"{TODAY} 18:00:00"):
            self.assertTrue(self._row(young).is_mature)

    def test_what_is_no_sale(self):
        partner = self._partners(1)
        lead = self._inquire(partner, 100)
        self._buy(partner, 99, state="draft")
        self._buy(partner, 98, state="cancel")
        self._buy(partner, 97, amount=0)
        self.assertRecordValues(
            self._row(lead), [{"is_converted": False, "sale_order_id": False, "quoted_count": 1}]
        )
        order = self._buy(partner, 96)
        self.assertTrue(self._row(lead).is_converted)
        order._action_cancel()
        self.assertFalse(self._row(lead).is_converted)

    def test_lost_and_archived_stay(self):
        lost, archived = self._inquire(None, 100), self._inquire(None, 100)
        reason = self.env["crm.lost.reason"].create({"name": "Too dear"})
        lost.action_set_lost(lost_reason_id=reason.id)
        archived.action_archive()
        self.assertRecordValues(self._row(lost), [{"result": "lost", "lost_count": 1, "mature_count": 1}])
        self.assertIn("Too dear", self._row(lost).reason)
        self.assertEqual(self._row(archived).mature_count, 1)
        self.assertEqual(self._rate(), 0.0)

    def test_lost_that_bought_is_a_customer(self):
        partner = self._partners(1)
        lead = self._inquire(partner, 100)
        lead.action_set_lost()
        self._buy(partner, 95)
        self.assertEqual(self._row(lead).result, "converted")

    def test_deals_of_customers_are_not_counted(self):
        partner = self._partners(1)
        self._buy(partner, 120)
        lead = self._inquire(partner, 100)
        self.assertFalse(lead.is_inquiry)
        self.assertFalse(self._row(lead))
        lead.action_set_inquiry()
        self.assertTrue(self._row(lead))

    def test_products_of_interest(self):
        """An inquiry about two products counts in each group, and once in the total."""
        products = self.chair.product_tmpl_id + self.table.product_tmpl_id
        lead = self._inquire(None, 100, interest_product_ids=products.ids)
        self._inquire(None, 100)
        self.env.flush_all()
        groups = dict(self.report._read_group([], ["product_ids"], ["inquiry_count:sum"]))
        self.assertEqual(groups, {products[0]: 1, products[1]: 1, products.browse(): 1})
        self.assertEqual(self.report._read_group([], [], ["inquiry_count:sum"]), [(2,)])
        self.assertEqual(self._row(lead).product_ids, products)
        self.assertEqual(self._row(lead).categ_ids, self.category + self.category2)
        self.assertEqual(self.report.search([("categ_ids", "in", self.category.ids)]).lead_id, lead)

    def test_source_and_region(self):
        heard = self.env["utm.source"].create({"name": "Test Radio"})
        partner = self._partners(1, country_id=self.env.ref("base.vn").id)
        lead = self._inquire(partner, 100, asked_source_id=heard.id)
        self.assertRecordValues(
            self._row(lead),
            [
                {
                    "source_id": heard.id,
                    "asked_source_id": heard.id,
                    "country_id": self.env.ref("base.vn").id,
                    "user_id": self.user_sales.id,
                }
            ],
        )

    def test_merged_leads_are_one_inquiry(self):
        partner = self._partners(1)
        first = self._inquire(partner, 120, inquiry_channel="fair", interest_product_ids=self.product.ids)
        second = self._inquire(partner, 95, inquiry_channel="phone", type="opportunity")
        self._buy(partner, 90)
        kept = (first + second).merge_opportunity()
        self.assertRecordValues(
            kept,
            [
                {
                    "is_inquiry": True,
                    "inquiry_by_hand": False,
                    "inquiry_date": TODAY - timedelta(days=120),
                    "inquiry_channel": "fair",
                    "inquiry_stage": "potential",
                    "interest_product_ids": self.product.ids,
                }
            ],
        )
        self.env.flush_all()
        self.assertEqual(self.report.search([]).mapped("days_to_sale"), [30])

    def test_merge_makes_the_customer_known(self):
        """The letter of somebody unknown, merged with a customer's deal: an inquiry if it was none yet on that day."""
        for bought, stage, is_inquiry in ((130, "one_time", False), (98, "potential", True)):
            with self.subTest(stage=stage):
                partner = self._partners(1)
                self._buy(partner, bought)
                letter, deal = self._inquire(age=100), self._inquire(partner, 95, type="opportunity")
                self.assertEqual((letter.is_inquiry, deal.is_inquiry), (True, False))
                self.assertRecordValues(
                    (letter + deal).merge_opportunity(),
                    [
                        {
                            "partner_id": partner.id,
                            "inquiry_date": TODAY - timedelta(days=100),
                            "inquiry_stage": stage,
                            "is_inquiry": is_inquiry,
                            "inquiry_by_hand": False,
                        }
                    ],
                )

    def test_merged_contacts_keep_their_inquiries(self):
        one, other = self._partners(2)
        lead = self._inquire(one, 100)
        self._buy(other, 95)
        self.env["base.partner.merge.automatic.wizard"]._merge((one + other).ids, other)
        self.assertRecordValues(self._row(lead), [{"partner_id": other.id, "is_converted": True}])

    def test_funnel_steps(self):
        partner = self._partners(1)
        lead = self._inquire(partner, 100, type="lead")
        steps = ("contacted_count", "opportunity_count", "quoted_count", "ordered_count", "paid_count")

        def read():
            row = self._row(lead)
            return [row[step] for step in steps]

        self.assertEqual(read(), [0, 0, 0, 0, 0])
        log = self.env["partner.contact.log"].create(
            {
                "name": "They call",
                "partner_id": partner.id,
                "direction": "in",
                "company_id": self.company_eur.id,
            }
        )
        self.assertEqual(read(), [0, 0, 0, 0, 0], "it was them who called")
        log.copy({"name": "We call", "direction": "out"})
        self.assertEqual(read(), [1, 0, 0, 0, 0])
        lead.convert_opportunity(partner)
        self.assertEqual(read(), [1, 1, 0, 0, 0])
        order = self._create_order(
            [{"product_id": self.chair.id, "product_uom_qty": 1, "price_unit": 10}], partner=partner
        )
        self.assertEqual(read(), [1, 1, 1, 1, 0])
        invoice = order._create_invoices()
        invoice.action_post()
        self.assertEqual(read(), [1, 1, 1, 1, 0])
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({})._create_payments()
        self.assertEqual(read(), [1, 1, 1, 1, 1])

    def test_queries_of_the_list(self):
        """Twenty rows with their words are read with as many queries as one."""
        partners = self._partners(20)
        for partner in partners:
            self._inquire(partner, 100, source_id=self.env.ref("utm.utm_source_search_engine").id)
            self._buy(partner, 95)
        fields_of_list = {
            **{name: {} for name in ("date", "name", "result", "reason", "sale_value")},
            **{name: {"fields": {"display_name": {}}} for name in ("partner_id", "source_id", "user_id")},
        }
        counts = []
        for limit in (1, 1, 20):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            rows = self.report.web_search_read([], fields_of_list, limit=limit)["records"]
            counts.append(self.cr.sql_log_count - before)
            self.assertEqual(len(rows), limit)
        self.assertEqual(counts[2], counts[1])
        self.assertLess(counts[2], 16)

    def test_random_against_definition(self):
        """The statement gives what the plain functions give, on 300 inquiries and 400 orders of 40 customers."""
        random = Random(20261125)
        companies = (self.company_eur, self.company_usd)
        partners = self._partners(40)
        persons = self.env["res.partner"].create(
            [{"name": f"Person of {partner.name}", "parent_id": partner.id} for partner in partners]
        )
        leads = self.env["crm.lead"].create(
            [
                {
                    "name": f"Inquiry {number}",
                    "partner_id": random.choice(partners + persons).id if random.random() < 0.9 else False,
                    "inquiry_date": TODAY - timedelta(days=random.randint(0, 200)),
                    "user_id": False,
                    "team_id": False,
                    "is_inquiry": True,
                }
                for number in range(300)
            ]
        )
        for lead in leads:
            lead.company_id = random.choice((*companies, self.env["res.company"]))
        orders = {}
        for _number in range(400):
            lead = random.choice(leads) if random.random() < 0.3 else None
            order = self._buy(
                random.choice(partners + persons),
                random.randint(0, 200),
                amount=random.choice((0, 10, 20.5)),
                company=random.choice(companies),
                lead=lead,
                state=random.choice(("sale", "sale", "sent", "cancel")),
                hour=random.randint(0, 23),
            )
            orders[order.id] = order
        self._check_random(leads, list(orders.values()), companies)
        self._check_random(leads, list(orders.values()), companies[:1])

    def _check_random(self, leads, orders, companies):
        ids = [company.id for company in companies]
        asked = [
            reference.Inquiry(
                lead.id,
                lead.partner_id.commercial_partner_id.id or None,
                lead.company_id.id or None,
                lead.inquiry_date,
            )
            for lead in leads
            if not lead.company_id or lead.company_id.id in ids
        ]
        bought = [
            reference.Order(
                order.id,
                order.partner_id.commercial_partner_id.id,
                order.company_id.id,
                order.date_order.date(),
                order.opportunity_id.id or None,
                order.state == "sale" and order.amount_untaxed > 0,
            )
            for order in orders
            if order.company_id.id in ids
        ]
        given = reference.attribute(asked, bought)
        expected, outcomes = {}, []
        for inquiry in asked:
            outcome = reference.outcome(inquiry.day, given.get(inquiry.id, []), TODAY)
            outcomes.append(outcome)
            expected[inquiry.id] = (
                outcome.is_mature,
                outcome.is_converted,
                outcome.order.id if outcome.order else False,
                outcome.days if outcome.is_converted else False,
                int(inquiry.id in given),
            )
        report = self.report.with_context(allowed_company_ids=ids)
        report.invalidate_model()
        names = ("is_mature", "is_converted", "sale_order_id", "days_to_sale", "quoted_count")
        found = {
            row.id: tuple(row[name].id if name == "sale_order_id" else row[name] for name in names)
            for row in report.search([])
        }
        self.assertEqual(found, expected)
        # a few at a time, they are put together without the others
        for first in range(0, len(asked), 30):
            ids = [inquiry.id for inquiry in asked[first : first + 3]]
            report.invalidate_model()
            self.assertEqual(
                {
                    row.id: tuple(row[name].id if name == "sale_order_id" else row[name] for name in names)
                    for row in report.search([("id", "in", ids)])
                },
                {lead_id: expected[lead_id] for lead_id in ids},
            )
        # of a period, they are put together without what was before it
        days = {inquiry.id: inquiry.day for inquiry in asked}
        for ages in ([0], [60], [199], [60, 30], [120, 90, 40, 0]):
            ages += [0] * (len(ages) % 2)
            periods = [
                (TODAY - timedelta(days=first), TODAY - timedelta(days=last))
                for first, last in zip(ages[::2], ages[1::2], strict=True)
            ]
            domain = Domain.OR(
                Domain("date", ">=", str(first)) & Domain("date", "<=", last) for first, last in periods
            )
            report.invalidate_model()
            rows = report.search_fetch(domain & Domain("inquiry_count", "=", 1), names)
            self.assertEqual(
                {
                    row.id: tuple(row[name].id if name == "sale_order_id" else row[name] for name in names)
                    for row in rows
                },
                {
                    lead_id: values
                    for lead_id, values in expected.items()
                    if any(first <= days[lead_id] <= last for first, last in periods)
                },
                periods,
            )
        self.assertEqual(set(report.search([("date", ">=", "0001-01-01")]).ids), set(days))
        first, *_rest = days
        self.assertEqual(report.search(["|", ("id", "=", first), ("id", "=", False)]).ids, [first])
        day = asked[0].day
        self.assertEqual(
            set(report.search([("date", "=", day)]).ids), {number for number in days if days[number] == day}
        )
        self.assertGreater(sum(outcome.is_converted for outcome in outcomes), 20)
        self.assertGreater(sum(bool(row[2]) and not row[1] for row in found.values()), 0)
        self.assertEqual(self._rate(report=report), reference.conversion_rate(outcomes))

    def test_who_runs_a_campaign_sees_whom_it_brought(self):
        """Marketing without customers of its own reads the conversion of its campaigns, and no other inquiry."""
        marketing = self._create_user(
            "inquiry_marketing",
            "partner_relations.group_user",
            company_id=self.company_eur.id,
            company_ids=self.company_eur.ids,
        )
        mine, other = self.env["utm.campaign"].create(
            [{"title": "Mine", "user_id": marketing.id}, {"title": "Other", "user_id": self.user_sales.id}]
        )
        inquiry = self._inquire(campaign_id=mine.id)
        self._inquire(campaign_id=other.id)
        self._inquire()
        self._inquire(campaign_id=mine.id, company=self.company_usd, user_id=False)
        self.env.flush_all()
        rows = self.report.with_user(marketing).search([])
        self.assertEqual(rows.lead_id.ids, inquiry.ids)
        self.assertTrue(rows.is_own)
        [found] = self.report.with_user(marketing).web_read_group([], ["campaign_id"], ["__count"])["groups"]
        self.assertEqual(found["__count"], 1)
        superior = self.report.with_user(self.user_sales2)
        self.assertFalse(superior.search([]))

    def test_today_of_the_reader_does_not_matter(self):
        self.assertEqual(fields.Date.context_today(self.report), TODAY)
        lead = self._inquire(None, 89)
        for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
            self.assertFalse(self._row(lead, self.report.with_context(tz=zone)).is_mature)
