import doctest
from datetime import datetime, time
from io import BytesIO
from random import Random
from unittest.mock import patch

from openpyxl import load_workbook

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import BaseCase, tagged
from odoo.tools import SQL

from odoo.addons.partner_relations.tools import attribution as reference

from .campaigning import CampaigningCommon


@tagged("post_install", "-at_install")
class TestCampaignFunctions(BaseCase):
    """The definition, as plain functions."""

    def test_examples_in_docstrings(self):
        failures, count = doctest.testmod(reference)
        self.assertGreater(count, 15)
        self.assertFalse(failures)


@tagged("post_install", "-at_install")
class TestCampaignResults(CampaigningCommon):
    """What a campaign cost and brought."""

    def test_worked_check(self):
        """Cost 11,400, profit 20,000: 75.4 %."""
        self._spend(5_400, self.spring)
        self._bill(6_000, self.spring)
        self._sell(self.customer, 5, 50_000, cost=30_000, campaign_id=self.spring.id)
        row = self._row(self.spring)
        self.assertRecordValues(
            row,
            [
                {
                    "cost": 11_400,
                    "entered_cost": 5_400,
                    "bill_cost": 6_000,
                    "revenue": 50_000,
                    "profit": 20_000,
                    "result": "earns",
                    "payback_days": 5,
                }
            ],
        )
        self.assertEqual(round(row.roi, 3), 0.754)
        self.assertAlmostEqual(self.spring.with_company(self.company_eur).roi, row.roi)

    def test_without_cost_is_empty(self):
        self._sell(self.customer, 5, campaign_id=self.spring.id)
        row = self._row(self.spring)
        self.assertEqual((row.cost, row.revenue, row.result), (0, 100, "unknown"))
        for name in (
            "roi",
            "payback_days",
            "cost_per_customer",
            "cost_per_lead",
            "response_rate",
            "budget_use",
        ):
            self.assertIs(row[name], False, name)
        [[roi]] = self.report._read_group([("id", "in", row.ids)], [], ["roi:avg"])
        self.assertIsNot(roi, 0.0)
        self.assertFalse(roi)

    def test_total_is_ratio_of_sums(self):
        self._spend(100, self.spring)
        self._spend(900, self.autumn)
        self._sell(self.customer, 5, 310, campaign_id=self.spring.id)
        ids = (self._row(self.spring) + self._row(self.autumn)).ids
        [[roi, cost, profit]] = self.report._read_group(
            [("id", "in", ids)], [], ["roi:avg", "cost:sum", "profit:sum"]
        )
        self.assertEqual((roi, cost, profit), (-0.7, 1000, 300))
        self.assertEqual(self._row(self.autumn).roi, -1)
        self.assertEqual(self._row(self.autumn).result, "loses")

    def test_bills(self):
        """Posted ones, untaxed, less refunds, and by line; drafts and customer invoices are no cost."""
        tax = self.env["account.tax"].with_company(self.company_eur).search(
            [("company_id", "=", self.company_eur.id), ("type_tax_use", "=", "purchase")], limit=1
        )  # fmt: skip
        bill = self._bill(100, self.spring, post=False)
        bill.invoice_line_ids.tax_ids = [Command.set(tax.ids)]
        bill.action_post()
        self.assertGreater(bill.amount_total, 100)
        self._bill(30, self.spring, move_type="in_refund")
        self._bill(7, self.spring, move_type="in_receipt")
        self._bill(1_000, self.spring, post=False)
        self._bill(20, self.spring, line=self.autumn)
        self._bill(5, line=self.autumn)
        row = self._row(self.spring)
        self.assertEqual((row.bill_cost, row.revenue, row.profit), (77, 0, 0), "bills are never revenue")
        self.assertEqual(self._row(self.autumn).bill_cost, 25)
        lines = self.env["account.move.line"].search(row.action_open_bills()["domain"])
        self.assertEqual(sum(lines.mapped("balance")), 77)

    def test_expense_entry(self):
        accounts = self.env["account.account"].with_company(self.company_eur)
        expense = accounts.search([("account_type", "=", "expense")], limit=1)
        cash = accounts.search([("account_type", "=", "asset_current")], limit=1)
        self.env["account.move"].with_company(self.company_eur).create(
            {
                "move_type": "entry",
                "campaign_id": self.spring.id,
                "line_ids": [
                    Command.create({"account_id": expense.id, "debit": 40}),
                    Command.create({"account_id": cash.id, "credit": 40}),
                ],
            }
        ).action_post()
        self.assertEqual(self._row(self.spring).bill_cost, 40)

    def test_more_refunded_than_spent(self):
        """A cost below zero pays nothing back: there is no return on it, alone and in a total."""
        self._bill(30, self.spring, move_type="in_refund")
        self._sell(self.customer, 5, campaign_id=self.spring.id)
        row = self._row(self.spring)
        self.assertEqual((row.cost, row.revenue, row.result), (-30, 100, "unknown"))
        names = ("roi", "cost_per_lead", "cost_per_customer", "payback_days")
        self.assertEqual([row[name] for name in names], [False] * 4)
        [[total]] = self.report._read_group([("campaign_id", "=", self.spring.id)], [], ["roi:avg"])
        self.assertFalse(total)

    def test_cost_in_another_currency(self):
        self._spend(100, self.spring, currency_id=self.usd.id)
        self.assertEqual(self._row(self.spring).cost, 50)

    def test_cost_of_a_company_that_is_not_the_current_one(self):
        """Where no currency is entered, as in a file, it is in that of its own company."""
        costs = self.env["partner.campaign.cost"].with_company(self.company_usd)
        values = {"campaign_id": self.spring.id, "company_id": self.company_eur.id, "amount": 100}
        cost = costs.create(values)
        self.assertEqual((cost.currency_id, self._row(self.spring).cost), (self.eur, 100))
        cost.company_id = self.company_usd
        self.assertEqual((cost.currency_id, cost.cost), (self.eur, 200), "still 100 euro")

    def test_first_sale_is_a_new_customer_once(self):
        self._spend(90, self.spring)
        self._sell(self.customer2, 400)
        self._sell(self.customer2, 3, campaign_id=self.spring.id)
        self._sell(self.customer, 3, campaign_id=self.spring.id)
        self._sell(self.customer, 2, campaign_id=self.autumn.id)
        row = self._row(self.spring)
        self.assertEqual((row.new_customer_count, row.cost_per_customer), (1, 90))
        self.assertEqual(self._row(self.autumn).new_customer_count, 0)

    def test_first_sale_that_was_taken_back(self):
        """As for the stage, it is none; part of it taken back is one."""
        whole = self._sell(self.customer, 9, campaign_id=self.spring.id)
        self._sell(self.customer, 3, campaign_id=self.autumn.id)
        part = self._sell(self.customer2, 9, campaign_id=self.spring.id)
        self.assertEqual(self._row(self.spring).new_customer_count, 2)
        whole._reverse_moves([{"invoice_date": self._day(8)}]).action_post()
        credit = part._reverse_moves([{"invoice_date": self._day(8)}])
        credit.invoice_line_ids.price_unit = 40
        credit.action_post()
        self.assertEqual(self._row(self.spring).new_customer_count, 1)
        self.assertEqual(self._row(self.autumn).new_customer_count, 1, "the first that stays")

    def test_first_sale_settled_by_a_credit_note_of_its_own(self):
        sale = self._sell(self.customer, 9, campaign_id=self.spring.id)
        credit = self._sell(self.customer, 8, move_type="out_refund")
        self._settle(sale + credit)
        self.assertEqual(sale.payment_state, "reversed")
        self.assertEqual(self._row(self.spring).new_customer_count, 0)

    def test_letters_and_responses_once_per_person(self):
        people = self.env["res.partner"].create(
            [{"name": str(number), "email": f"r{number}@example.com"} for number in range(4)]
        )
        moment = datetime.combine(self._day(8), time(9))
        for _mailing in range(2):
            for partner in people:
                self._trace(partner, self.spring, sent_datetime=moment)
        self._trace(people[0], self.spring, sent_datetime=moment, reply_datetime=moment, open_datetime=moment)
        self._trace(people[1], self.spring, sent_datetime=moment, links_click_datetime=moment)
        self._inquire(people[0], 8, campaign_id=self.spring.id)
        self._inquire(None, 8, campaign_id=self.spring.id, email_from="stranger@example.com")
        # by a form that knows no contacts: the first of them again
        self._inquire(None, 8, campaign_id=self.spring.id, email_from="r0@example.com")
        self._contact(people[2], self.spring, 8, direction="in")
        self._contact(people[3], self.spring, 8, direction="out")
        self._spend(60, self.spring)
        self.assertRecordValues(
            self._row(self.spring),
            [
                {
                    "sent_count": 4,
                    "opened_count": 2,
                    "clicked_count": 1,
                    "response_count": 3,
                    "response_rate": 0.75,
                    "lead_count": 3,
                    "inquiry_count": 3,
                    "cost_per_lead": 20,
                }
            ],
        )

    def test_payback(self):
        self.spring.date_from = self._day(20)
        self._spend(100, self.spring)
        self._sell(self.customer, 15, 60, cost=0, campaign_id=self.spring.id)
        self.assertIs(self._row(self.spring).payback_days, False)
        sale = self._sell(self.customer, 12, 40, campaign_id=self.spring.id)
        self.assertEqual(self._row(self.spring).payback_days, 8)
        sale._reverse_moves([{"invoice_date": self._day(2)}]).action_post()
        self.assertIs(self._row(self.spring).payback_days, False, "taken back since")
        self.assertEqual(self._row(self.spring).result, "running")

    def test_paid_back_before_the_bill(self):
        self._spend(100, self.spring, age=10)
        self._sell(self.customer, 25, 120, cost=0, campaign_id=self.spring.id)
        row = self._row(self.spring)
        self.assertEqual(row.payback_days, 0, "no less than none")
        self.assertIsNot(row.payback_days, False)

    def test_expected_against_actual(self):
        self.spring.write({"budget": 50, "expected_revenue": 400, "expected_responses": 5})
        self._spend(60, self.spring)
        self._sell(self.customer, 1, 100, campaign_id=self.spring.id)
        self.assertRecordValues(
            self._row(self.spring),
            [{"budget_use": 1.2, "revenue_share": 0.25, "expected_responses": 5, "result": "earns"}],
        )
        campaign = self.spring.with_context(allowed_company_ids=self.company_eur.ids)
        self.assertIn("10.00", campaign.budget_warning)
        self.assertIn("50.00", campaign.budget_warning)
        campaign.budget = 60
        self.assertFalse(campaign.budget_warning)

    def test_asked_source_measures_advertising_without_links(self):
        radio = self.env["utm.source"].create({"name": "Radio"})
        lead = self._inquire(self.customer, 20, asked_source_id=radio.id)
        lead.source_id = False
        self._spend(50, source_id=radio.id)
        self._sell(self.customer, 5, 85)
        self.env.flush_all()
        row = self.sources.search([("source_id", "=", radio.id)])
        self.assertEqual((sum(row.mapped("cost")), sum(row.mapped("profit"))), (50, 75))
        [[roi]] = self.sources._read_group([("source_id", "=", radio.id)], [], ["roi:avg"])
        self.assertEqual(roi, 0.5)
        self.assertEqual(sum(row.mapped("lead_count")), 1)

    def test_leads_of_a_source_are_those_that_were_counted(self):
        """A row is of a medium and a company, too; the leads behind it were those of all."""
        radio = self.env["utm.source"].create({"name": "Radio"})
        media = self.env["utm.medium"].create([{"name": "Spot"}, {"name": "Interview"}])
        values = {"source_id": radio.id, "user_id": False}
        for medium, company in (
            (media[0], self.company_eur),
            (media[0], self.env["res.company"]),
            (media[1], self.company_eur),
            (media[1], self.company_usd),
            (media[:0], self.company_eur),
        ):
            self._inquire(self.customer, 20, medium_id=medium.id, company_id=company.id, **values)
        self.env.flush_all()
        counts = {}
        for row in self.sources.search([("source_id", "=", radio.id)]):
            action = row.action_open_leads()
            leads = self.env["crm.lead"].with_context(**action["context"]).search(action["domain"])
            self.assertEqual(len(leads), row.lead_count, row.medium_id.name)
            counts[row.medium_id] = row.lead_count
        self.assertEqual(counts, {media[0]: 2, media[1]: 1, media[:0]: 1})

    def test_queries(self):
        """A list of campaigns asks once however many there are."""
        campaigns = self.env["utm.campaign"].create(
            [{"name": f"Many {number}", "company_id": self.company_eur.id} for number in range(20)]
        )
        campaigns = campaigns.with_context(allowed_company_ids=self.company_eur.ids)
        counts = []
        for some in (campaigns, campaigns[0], campaigns):  # the first time fills caches
            self.env.flush_all()
            self.env.invalidate_all()
            some.mapped("name")
            before = self.env.cr.sql_log_count
            some.mapped("roi")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[2], counts[1] + 1, counts)


@tagged("post_install", "-at_install")
class TestCampaignAttribution(CampaigningCommon):
    """Which campaign a sale is credited to."""

    def test_document_before_lead_before_touch(self):
        self._contact(self.customer2, self.autumn, 3)
        lead = self._inquire(self.customer2, 100, campaign_id=self.spring.id)
        order = self._create_order(
            [{"product_id": self.chair.id, "product_uom_qty": 1, "price_unit": 100}],
            opportunity_id=lead.id,
            partner=self.customer2,
        )
        move = order._create_invoices()
        move.campaign_id = False
        move.action_post()
        self.assertEqual(self._credited(move), self.spring)
        self.assertEqual(self.sales.search([("move_id", "=", move.id)]).how, "lead")
        order.campaign_id = self.autumn
        self.assertEqual(self._credited(move), self.autumn)
        self.assertEqual(self._row(self.autumn).order_count, 1)
        self.assertEqual(self._row(self.spring).order_count, 0)
        order.campaign_id = lead.campaign_id = False
        self.assertEqual(self._credited(move), self.autumn)
        row = self.sales.search([("move_id", "=", move.id)])
        self.assertEqual((row.how, row.touch_kind), ("touch", "contact"))
        self.assertIn("Logged Contact", row.reason)
        self.assertIn("3 days before", row.reason)

    def test_invoice_that_somebody_else_pays(self):
        """Such as a leasing company that the customer became on the draft: the sale is that of the order."""
        lead = self._inquire(self.customer, 100, campaign_id=self.spring.id)
        order = self._create_order(
            [{"product_id": self.chair.id, "product_uom_qty": 1, "price_unit": 100}], opportunity_id=lead.id
        )
        move = order._create_invoices()
        move.campaign_id = False
        move.partner_id = self._create_company_partner("Leasing")
        move.action_post()
        self.assertEqual(self._credited(move), self.spring)
        row = self._row(self.spring)
        self.assertEqual((row.order_count, row.revenue), (1, 100))
        move._reverse_moves([{"invoice_date": self._day(1)}]).action_post()
        self.assertEqual(self._row(self.spring).revenue, 0)

    def test_invoice_of_two_orders(self):
        """Each order's part goes to its own campaign; the parts are the invoice."""
        orders = self.env["sale.order"]
        for campaign, price in ((self.spring, 100), (self.autumn, 70)):
            orders += self._create_order(
                [{"product_id": self.chair.id, "product_uom_qty": 1, "price_unit": price}],
                campaign_id=campaign.id,
            )
        move = orders._create_invoices()
        move.action_post()
        self.assertEqual(len(move), 1)
        self.assertEqual((self._row(self.spring).revenue, self._row(self.autumn).revenue), (100, 70))
        self.assertEqual(sum(self.sales.search([("move_id", "=", move.id)]).mapped("revenue")), 170)
        new = self._row(self.spring).new_customer_count + self._row(self.autumn).new_customer_count
        self.assertEqual(new, 1)

    def test_window(self):
        self._contact(self.customer, self.spring, 40)
        for age, campaign in ((41, False), (40, self.spring), (10, self.spring), (9, False)):
            move = self._sell(self.customer, age)
            self.assertEqual(self._credited(move), campaign or self.env["utm.campaign"], age)
        self.company_eur.campaign_days = 31
        self.assertEqual(self._credited(move), self.spring)

    def test_models(self):
        self._contact(self.customer, self.spring, 20)
        self._contact(self.customer, self.autumn, 10)
        move = self._sell(self.customer, 5)
        self.assertEqual(self._credited(move), self.autumn)
        self.company_eur.campaign_model = "first"
        self.assertEqual(self._credited(move), self.spring)
        self.company_eur.campaign_model = "explicit"
        self.assertFalse(self._credited(move))

    def test_a_mere_sending_is_no_touch(self):
        moment = datetime.combine(self._day(8), time(9))
        trace = self._trace(self.customer, self.spring, sent_datetime=moment)
        move = self._sell(self.customer, 5)
        self.assertFalse(self._credited(move))
        self.company_eur.campaign_touch = "sent"
        self.assertEqual(self._credited(move), self.spring)
        self.company_eur.campaign_touch = "open"
        self.assertFalse(self._credited(move))
        trace.open_datetime = moment
        self.assertEqual(self._credited(move), self.spring)
        self.company_eur.campaign_touch = "response"
        self.assertFalse(self._credited(move))
        trace.links_click_datetime = moment
        self.assertEqual(self._credited(move), self.spring)
        self.assertEqual(self.sales.search([("move_id", "=", move.id)]).touch_kind, "click")

    def test_letters_to_orders_and_invoices(self):
        """They are letters to the contact of the document; those to anything else to whoever has the address."""
        moment = datetime.combine(self._day(8), time(9))
        person = self._create_person("Buyer", self.customer)
        self.customer2.email = "two@campaign.example"
        for document, customer in (
            (self.env["sale.order"].create({"partner_id": person.id}), self.customer),
            (self.env["account.move"].create({"partner_id": person.id}), self.customer),
            (self.env["purchase.order"].create({"partner_id": self.customer.id}), self.customer2),
        ):
            with self.subTest(model=document._name):
                trace = self._trace(
                    self.customer2,
                    self.spring,
                    model=document._name,
                    res_id=document.id,
                    email="two@campaign.example",
                    reply_datetime=moment,
                )
                move = self._sell(customer, 5)
                self.assertEqual(self._credited(move), self.spring)
                other = self._sell(self.customer + self.customer2 - customer, 5)
                self.assertFalse(self._credited(other))
                trace.unlink()

    def test_letters_to_a_lead_that_was_merged(self):
        moment = datetime.combine(self._day(8), time(9))
        leads = self._inquire(self.customer, 20, user_id=self.user_sales.id) + self._inquire(
            self.customer, 20, user_id=self.user_sales.id
        )
        for lead, campaign in zip(leads, (self.spring, self.autumn), strict=True):
            self._trace(
                self.customer, campaign, model="crm.lead", res_id=lead.id, links_click_datetime=moment
            )
        before = self.touches.search([("contact_id", "=", self.customer.id)])
        self.assertEqual(len(before), 2)
        self.user_sales.group_ids += self.env.ref("sales_team.group_sale_salesman")
        company = {"allowed_company_ids": self.company_eur.ids}
        merged = leads.with_user(self.user_sales).with_context(**company).merge_opportunity()
        self.assertEqual(leads.exists().ids, merged.ids)
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self.touches.search([("contact_id", "=", self.customer.id)]), before)

    def test_each_click_is_a_touch(self):
        """A click before the sale decides also where the letter was clicked on again after it."""
        ages = (40, 2)
        moments = [datetime.combine(self._day(age), time(9)) for age in ages]
        trace = self._trace(self.customer, self.spring, links_click_datetime=moments[-1])
        link = self.env["link.tracker"].create({"url": "https://www.example.com/chairs", "title": "Chairs"})
        clicks = self.env["link.tracker.click"].create(
            [{"link_id": link.id, "mailing_trace_id": trace.id} for _age in ages]
        )
        self.env.flush_all()
        for click, moment in zip(clicks, moments, strict=True):
            # the ORM sets the day itself
            self.env.cr.execute(
                "UPDATE link_tracker_click SET create_date = %s WHERE id = %s", [moment, click.id]
            )
        self.env.invalidate_all()
        touches = self.touches.search([("contact_id", "=", self.customer.id), ("kind", "=", "click")])
        self.assertEqual(sorted(touches.mapped("moment")), moments)
        self.assertEqual(self._credited(self._sell(self.customer, 20)), self.spring)

    def test_inquiry_of_an_evening(self):
        """By the clock of the company: west of Greenwich it is the next day already in UTC."""
        self.company_eur.partner_id.tz = "America/Los_Angeles"
        self._contact(self.customer, self.spring, 5, hour=22)
        lead = self._inquire(self.customer, 5, campaign_id=self.autumn.id)
        noted_later = self._inquire(self.customer2, 5, campaign_id=self.autumn.id)
        evening = datetime.combine(self._day(4), time(2))
        self.env.flush_all()
        for record, moment in ((lead, evening), (noted_later, datetime.combine(self._day(1), time(2)))):
            # the ORM sets the moment itself
            self.env.cr.execute("UPDATE crm_lead SET create_date = %s WHERE id = %s", [moment, record.id])
        self.env.invalidate_all()
        moments = [
            self.touches.search([("res_model", "=", "crm.lead"), ("res_id", "=", record.id)]).moment
            for record in (lead, noted_later)
        ]
        self.assertEqual(moments, [evening, datetime.combine(self._day(5), time(20))])
        self.assertEqual(self._credited(self._sell(self.customer, 2)), self.autumn)

    def test_reason_by_the_clock_of_the_company(self):
        """The days that decided, not those of whoever looks: of 30 days one read 31 elsewhere."""
        self.company_eur.partner_id.tz = "America/Los_Angeles"
        self._contact(self.customer, self.spring, 4, hour=3)
        move = self._sell(self.customer, 3)
        self.env.flush_all()
        for zone in ("UTC", "America/Los_Angeles", "Asia/Ho_Chi_Minh"):
            sale = self.sales.with_context(tz=zone).search([("move_id", "=", move.id)])
            self.assertIn("2 days before", sale.reason, zone)

    def test_credit_note_follows_its_invoice(self):
        self._contact(self.customer, self.spring, 20)
        move = self._sell(self.customer, 15)
        self._contact(self.customer, self.autumn, 10)
        refund = move._reverse_moves([{"invoice_date": self._day(1)}])
        refund.action_post()
        self.assertEqual(self._credited(refund), self.spring)
        self.assertEqual((self._row(self.spring).revenue, self._row(self.spring).profit), (0, 0))
        self.assertEqual(self._row(self.autumn).revenue, 0)

    def test_replaced_invoice_is_the_same_sale(self):
        """*Reverse and Create Invoice*: what was credited stays so, however late the new invoice is made."""
        source, medium = self.env.ref("utm.utm_source_newsletter"), self.env.ref("utm.utm_medium_email")
        self._contact(self.customer, self.spring, 80)
        by_touch = self._sell(self.customer, 70)
        entered = self._sell(
            self.customer2, 70, campaign_id=self.autumn.id, source_id=source.id, medium_id=medium.id
        )
        for move, campaign in ((by_touch, self.spring), (entered, self.autumn)):
            # and once more
            for age in (30, 3):
                wizard = self.env["account.move.reversal"].with_context(
                    active_model="account.move", active_ids=move.ids
                )
                wizard = wizard.create({"journal_id": move.journal_id.id, "date": self._day(age)})
                wizard.modify_moves()
                move = wizard.new_move_ids
                move.invoice_date = self._day(age)
                move.invoice_line_ids.price_unit = 90
                move.action_post()
                self.assertEqual(self._credited(move), campaign)
                self.assertEqual(self._row(campaign).revenue, 90)
        self.assertRecordValues(
            move, [{"campaign_id": self.autumn.id, "source_id": source.id, "medium_id": medium.id}]
        )
        self.assertFalse(move.copy().replaced_move_id, "a copy is a sale of its own")

    def test_person_and_company_are_one_customer(self):
        person = self._create_person("Buyer", self.customer)
        self._contact(person, self.spring, 5)
        self.assertEqual(self._credited(self._sell(self.customer, 2)), self.spring)

    def test_another_company(self):
        self._contact(self.customer, self.spring, 5)
        move = self._sell(self.customer, 2, company=self.company_usd)
        both = self.sales.with_context(allowed_company_ids=(self.company_eur + self.company_usd).ids)
        self.env.flush_all()
        self.assertFalse(both.search([("move_id", "=", move.id)]))
        move.campaign_id = self.spring
        self.env.flush_all()
        self.assertEqual(both.search([("move_id", "=", move.id)]).revenue, 50, "in euro")
        self.assertFalse(self._credited(move), "not an active company")

    def test_sales_opened_are_those_counted(self):
        """With several companies selected, a row and the form of the campaign open those of their company."""
        self._sell(self.customer, 2, campaign_id=self.spring.id)
        self._sell(self.customer, 2, 300, company=self.company_usd, campaign_id=self.spring.id)
        both = {"allowed_company_ids": (self.company_eur + self.company_usd).ids}
        sales = self.sales.with_context(**both)
        rows = self._row(self.spring, self.report.with_context(**both))
        self.assertEqual(rows.company_id, self.company_eur + self.company_usd)
        for row in rows:
            found = sales.search(row.action_open_sales()["domain"])
            self.assertEqual(found.company_id, row.company_id)
            self.assertEqual(sum(found.mapped("revenue")), row.revenue)
        campaign = self.spring.with_context(**both)
        found = sales.search(campaign.action_view_campaign_sales()["domain"])
        self.assertEqual(sum(found.mapped("revenue")), campaign.result_revenue)
        self.assertEqual(campaign.result_revenue, 100)

    def test_unposted_is_no_sale(self):
        move = self._sell(self.customer, 2, campaign_id=self.spring.id, post=False)
        self.assertEqual(self._row(self.spring).revenue, 0)
        move.action_post()
        self.assertEqual(self._row(self.spring).revenue, 100)

    def test_random_against_the_definition(self):
        random = Random(1911)
        partners = self.env["res.partner"].create([{"name": f"C{n}", "is_company": True} for n in range(6)])
        campaigns = self.env["utm.campaign"].create(
            [{"name": f"R{number}", "company_id": False} for number in range(4)]
        )
        touches = []
        for _number in range(60):
            partner, campaign = random.choice(partners), random.choice(campaigns)
            company = random.choice((self.company_eur, self.company_usd, None))
            age, kind = random.randrange(3, 90), random.choice(("inquiry", "contact", "reply", "sent"))
            hour = random.choice((8, 12, 15))
            company_id = company.id if company else False
            if kind == "inquiry":
                record = self._inquire(
                    partner, age, campaign_id=campaign.id, company_id=company_id, user_id=False
                )
                code, hour = 3, 12
            elif kind == "contact":
                values = {"company_id": company_id, "user_id": False}
                record, code = self._contact(partner, campaign, age, hour, **values), 4
                # the log always knows one
                company = record.company_id
            else:
                moment = datetime.combine(self._day(age), time(hour))
                name = {"reply": "reply_datetime", "sent": "sent_datetime"}[kind]
                record, company = self._trace(partner, campaign, **{name: moment}), None
                code = {"reply": 1, "sent": 6}[kind]
            touches.append(
                reference.Touch(
                    record.id * 10 + code,
                    partner.id,
                    company.id if company else None,
                    self._day(age),
                    campaign.id,
                    kind,
                    hour * 60,
                )
            )
        leads = {}
        for campaign in campaigns:
            lead = self._inquire(None, 95, campaign_id=campaign.id)
            leads[lead] = campaign
        sales = {}
        for _number in range(150):
            partner, age = random.choice(partners), random.randrange(0, 90)
            company = random.choice((self.company_eur, self.company_usd))
            lead = random.choice((*leads, *[None] * 12))
            order = self._buy(partner, age, company=company, lead=lead)
            own = random.choice((*campaigns, *[None] * 20))
            if own:
                order.campaign_id = own
            sales[order.id] = reference.Sale(
                partner.id,
                company.id,
                self._day(age),
                own.id if own else None,
                leads[lead].id if lead else None,
            )
        companies = self.company_eur + self.company_usd
        report = self.env["partner.campaign.report"].with_context(allowed_company_ids=companies.ids)
        seen = set()
        for model, days, setting in (
            ("last", 30, "response"),
            ("first", 30, "response"),
            ("last", 7, "sent"),
            ("first", 60, "sent"),
            ("explicit", 30, "response"),
        ):
            companies.write({"campaign_model": model, "campaign_days": days, "campaign_touch": setting})
            self.env.flush_all()
            found = {
                order_id: (key, how, touch_id)
                for order_id, key, how, touch_id in self.env.execute_query(
                    SQL(
                        "WITH %s SELECT id, key, how, touch_id FROM chosen WHERE kind = 'order'",
                        report._get_attribution_sql(),
                    )
                )
            }
            for order_id, sale in sales.items():
                expected = reference.attribute(sale, touches, model, days, setting)
                self.assertEqual(found.get(order_id, (None, None, None)), expected, (model, days, sale))
                seen.add(expected[1])
        self.assertEqual(seen, {None, "document", "lead", "touch"})

    def test_reconciles_with_the_invoices(self):
        """Where every sale has a campaign, the report equals Odoo's untaxed amounts and the turnover report."""
        for number in range(6):
            move = self._sell(
                (self.customer, self.customer2)[number % 2],
                number * 20,
                33.33 + number,
                campaign_id=(self.spring, self.autumn)[number % 3 == 0].id,
            )
        move._reverse_moves([{"invoice_date": self._day(1)}]).action_post()
        self.env.flush_all()
        [[revenue, profit]] = self.report._read_group([], [], ["revenue:sum", "profit:sum"])
        [[turnover, earned]] = (
            self.env["partner.turnover.report"]
            .with_context(allowed_company_ids=self.company_eur.ids)
            ._read_group([], [], ["revenue:sum", "profit:sum"])
        )
        self.assertAlmostEqual(revenue, turnover, 2)
        self.assertAlmostEqual(profit, earned, 2)
        [[single]] = self.sales._read_group([], [], ["revenue:sum"])
        self.assertAlmostEqual(single, revenue, 2)


@tagged("post_install", "-at_install")
class TestCampaignRights(CampaigningCommon):
    """Totals for marketing, single sales for those responsible."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.user_id = cls.user_sales2
        cls._spend(50, cls.spring)
        cls._bill(10, cls.spring)
        cls.move = cls._sell(
            cls.customer, 2, 200, campaign_id=cls.spring.id, invoice_user_id=cls.user_sales2.id
        )
        cls.foreign = cls.env["utm.campaign"].create({"name": "Foreign", "company_id": cls.company_usd.id})
        cls._spend(70, cls.foreign, company_id=cls.company_usd.id, currency_id=cls.usd.id)
        cls.env.flush_all()

    def _as(self, model, user):
        return self.env[model].with_user(user).with_context(allowed_company_ids=self.company_eur.ids)

    def test_marketing_sees_totals_only(self):
        self.user_marketing.group_ids += self.env.ref("base.group_allow_export")
        report = self._as("partner.campaign.report", self.user_marketing)
        found = report.web_search_read(
            [("campaign_id", "in", (self.spring + self.foreign).ids)],
            {"campaign_id": {}, "cost": {}, "revenue": {}},
        )
        self.assertEqual([(row["cost"], row["revenue"]) for row in found["records"]], [(60, 200)])
        [group] = report.formatted_read_group(
            [("campaign_id", "=", self.spring.id)], ["campaign_id"], ["revenue:sum", "roi:avg"]
        )
        self.assertEqual(group["revenue:sum"], 200)
        names = report.search([("campaign_id", "=", self.spring.id)]).export_data(["revenue"])["datas"]
        self.assertEqual(names, [[200]])
        sales = self._as("partner.campaign.sale", self.user_marketing)
        self.assertFalse(sales.web_search_read([], {"revenue": {}})["records"])
        [[total]] = sales._read_group([], [], ["revenue:sum"])
        self.assertFalse(total)
        row = report.search([("campaign_id", "=", self.spring.id)])
        with self.assertRaises(UserError):
            row.action_open_bills()
        costs = self._as("partner.campaign.cost", self.user_marketing).search([])
        self.assertEqual(costs.campaign_id.ids, self.spring.ids)
        self.assertEqual(self.foreign.cost_ids.mapped("amount"), [70], "there is something to hide")

    def test_foreign_company_is_refused(self):
        report = self.env["partner.campaign.report"].with_user(self.user_marketing)
        self.assertFalse(
            report.with_context(allowed_company_ids=self.company_eur.ids).search(
                [("campaign_id", "=", self.foreign.id)]
            )
        )
        with self.assertRaises(AccessError):
            report.with_context(allowed_company_ids=self.company_usd.ids).search([]).mapped("cost")

    def test_salespeople(self):
        with self.assertRaises(AccessError):
            self._as("partner.campaign.report", self.user_sales).search([])
        for user, count in (
            (self.user_sales, 0),
            (self.user_sales2, 1),
            (self.user_supervisor, 0),
            (self.user_director, 1),
        ):
            sales = self._as("partner.campaign.sale", user)
            self.assertEqual(len(sales.search([])), count, user.login)
            [[rows]] = sales._read_group([], [], ["__count"])
            self.assertEqual(rows, count, user.login)
        self.customer.user_id = self.user_sales
        self.env.flush_all()
        self.assertEqual(len(self._as("partner.campaign.sale", self.user_supervisor).search([])), 1)

    def test_touches_of_own_customers(self):
        self._contact(self.customer, self.spring, 5, user_id=self.user_sales2.id)
        self.env.flush_all()
        self.assertFalse(self._as("partner.campaign.touch", self.user_sales).search([]))
        touch = self._as("partner.campaign.touch", self.user_sales2).search([])
        self.assertEqual(touch.mapped("kind"), ["contact"])
        self.assertEqual(touch.action_open_document()["res_model"], "partner.contact.log")

    def test_fields_of_the_campaign(self):
        campaign = self.spring.with_user(self.user_sales).with_context(
            allowed_company_ids=self.company_eur.ids
        )
        with self.assertRaises(AccessError):
            campaign.read(["budget"])
        with self.assertRaises(AccessError):
            campaign.read(["roi"])
        self.assertEqual(
            campaign.with_user(self.user_marketing).read(["result_revenue"])[0]["result_revenue"], 200
        )

    def test_form_reads_the_report_once(self):
        """It works out to whom every sale is credited, whichever campaign is asked for."""
        names = ["actual_cost", "bill_cost", "result_revenue", "result_profit", "roi", "response_count"]
        campaign = self.spring.with_user(self.user_marketing).with_context(
            allowed_company_ids=self.company_eur.ids
        )
        cursor, asked = type(self.env.cr), []
        execute = cursor.execute

        def spy(cr, query, *args, **kwargs):
            asked.append("matched AS MATERIALIZED" in str(getattr(query, "code", query)))
            return execute(cr, query, *args, **kwargs)

        self.env.flush_all()
        self.env.invalidate_all()
        with patch.object(cursor, "execute", spy):
            [values] = campaign.read(names)
        self.assertEqual((values["result_revenue"], values["actual_cost"]), (200, 60))
        self.assertEqual(sum(asked), 1)

    def _excel(self, model, user):
        """The first sheet as the user gets it: the rows of values."""
        action = self._as(model, user).with_context(active_domain=[]).action_export_excel()
        export = self.env["partner.export"].browse(int(action["url"].rsplit("/", 1)[1]))
        file = BytesIO()
        export.with_user(user).with_context(allowed_company_ids=self.company_eur.ids)._write_excel(file)
        book = load_workbook(BytesIO(file.getvalue()))
        return [[*row] for sheet in book.worksheets for row in sheet.iter_rows(values_only=True)]

    def test_excel(self):
        for user in (self.user_marketing, self.user_sales2):
            user.group_ids += self.env.ref("base.group_allow_export")
        rows = self._excel("partner.campaign.report", self.user_marketing)
        [title] = [row for row in rows if row[0] == "Campaign"]
        [spring] = [row for row in rows if row[0] == self.spring.display_name]
        figures = dict(zip(title, spring, strict=True))
        self.assertEqual(
            (figures["Actual Cost"], figures["Revenue"], round(figures["ROI"], 3)), (60, 200, 2.167)
        )
        self.assertNotIn(self.foreign.display_name, [row[0] for row in rows])
        self.assertTrue(self._excel("partner.source.report", self.user_marketing))
        rows = self._excel("partner.campaign.sale", self.user_sales2)
        self.assertIn(200, [value for row in rows for value in row])
        with self.assertRaises(UserError):
            self._excel("partner.campaign.report", self.user_director)

    def test_excel_asks_for_all_totals_at_once(self):
        self.user_marketing.group_ids += self.env.ref("base.group_allow_export")
        report = self.registry["partner.campaign.report"]
        with patch.object(report, "_read_group", autospec=True, side_effect=report._read_group) as ask:
            rows = self._excel("partner.campaign.report", self.user_marketing)
        self.assertEqual(ask.call_count, 1)
        [title] = [row for row in rows if row[0] == "Campaign"]
        [total] = [row for row in rows if row[0] == "Total"]
        figures = dict(zip(title, total, strict=True))
        self.assertEqual(
            (figures["Actual Cost"], figures["Revenue"], round(figures["ROI"], 3)), (60, 200, 2.167)
        )
