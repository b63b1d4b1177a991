import contextlib
import io
import random
from datetime import date, timedelta
from unittest.mock import patch

import openpyxl

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .dealing import DealingCommon

MONEY = ("value", "undelivered_value", "uninvoiced_value", "unpaid_value")


@tagged("post_install", "-at_install")
class TestDealDecisions(DealingCommon):
    """Opportunities and quotations: each deal once, with the value it has."""

    def test_opportunity(self):
        lead = self._create_lead(date_deadline="2025-03-31", create_date="2025-03-01 10:00:00")
        self.env.cr.execute("UPDATE crm_lead SET create_date = '2025-03-01 10:00' WHERE id = %s", [lead.id])
        with freeze_time("2025-03-20 12:00:00"):
            row = self.assertDeal(
                lead, kind="opportunity", waits_for="decision", value=1000.0, probability=40.0, weighted_value=400.0,
                forecast_value=400.0, date=date(2025, 3, 1), age_days=19, date_expected=date(2025, 3, 31),
                is_overdue=False, days_overdue=False, undelivered_value=False, uninvoiced_value=False,
                unpaid_value=False, partner_id=self.customer, user_id=self.user_sales, company_id=self.company_eur,
                currency_id=self.eur, stage=lead.stage_id.name,
            )  # fmt: skip
            self.assertEqual(row.reason, "No open quotation, expected to close on 03/31/2025")
        with freeze_time("2025-04-04 12:00:00"):
            row = self.assertDeal(lead, is_overdue=True, days_overdue=4)
            self.assertIn("4 days late", row.reason)

    def test_unknown_value_is_empty(self):
        self.assertDeal(self._create_lead(expected_revenue=0), value=False, weighted_value=False)

    def test_finished_opportunities(self):
        won, lost, archived, plain = (self._create_lead(name) for name in "abcd")
        won.action_set_won()
        lost.action_set_lost()
        archived.active = False
        plain.type = "lead"
        for lead in (won, lost, archived, plain):
            self.assertNoDeal(lead)
        # probability 100 without a won stage: decided
        sure = self._create_lead()
        self.env.cr.execute("UPDATE crm_lead SET probability = 100 WHERE id = %s", [sure.id])
        sure.invalidate_recordset()
        self.assertNoDeal(sure)

    def test_opportunity_absorbs_quotations(self):
        lead = self._create_lead()
        first = self._quote(opportunity_id=lead.id)
        second = self._quote(
            [(self.table, 2, 60)], opportunity_id=lead.id, sent=True, validity_date="2030-01-15"
        )
        first.validity_date = "2030-02-01"
        self.assertNoDeal(first + second)
        row = self.assertDeal(
            lead, value=1120.0, weighted_value=448.0, quotation_count=2, date_expected=date(2030, 1, 15)
        )
        self.assertIn("2 open quotations", row.reason)
        first.action_cancel()
        self.assertDeal(lead, value=120.0, quotation_count=1)
        second.action_cancel()
        self.assertDeal(lead, value=1000.0, quotation_count=0)

    def test_opportunity_and_order(self):
        """What is ordered is a deal of its own; the opportunity keeps what the orders leave."""
        lead = self._create_lead(expected_revenue=1500)
        order = self._order(opportunity_id=lead.id)
        row = self.assertDeal(lead, value=500.0, sold_value=1000.0)
        self.assertIn("1,000.00", row.reason)
        self.assertDeal(order, kind="order", value=1000.0)
        lead.expected_revenue = 1000
        self.assertNoDeal(lead)
        self.assertDeal(order, value=1000.0)
        quotation = self._quote([(self.table, 1, 60)], opportunity_id=lead.id)
        self.assertDeal(lead, value=60.0)
        self.assertNoDeal(quotation)

    def test_quotation_alone(self):
        quotation = self._quote(validity_date="2030-01-01")
        self.company_eur.quotation_probability = 30
        row = self.assertDeal(
            quotation, kind="quotation", phase="2_draft", value=1000.0, probability=30.0, weighted_value=300.0
        )
        self.assertIn("Not sent yet", row.reason)
        quotation.action_quotation_sent()
        with freeze_time("2030-01-05"):
            row = self.assertDeal(quotation, phase="3_sent", is_overdue=True, days_overdue=4)
            self.assertEqual(row.reason, "Sent, no answer yet, expired on 01/01/2030, 4 days late")
        quotation.action_cancel()
        self.assertNoDeal(quotation)

    def test_quotation_of_closed_opportunity(self):
        lead = self._create_lead()
        quotation = self._quote(opportunity_id=lead.id)
        lead.action_set_won()
        self.assertDeal(quotation, probability=100.0)
        lost = self._create_lead()
        quotation.opportunity_id = lost
        lost.action_set_lost()
        self.assertNoDeal(quotation)
        other = self._create_lead()
        quotation.opportunity_id = other
        other.active = False
        self.assertDeal(quotation, probability=50.0)

    def test_quotation_of_an_opportunity_that_left(self):
        """It moved to another company with its salesperson; the quotation is open here all the same."""
        lead = self._create_lead()
        quotation = self._quote(opportunity_id=lead.id)
        self.assertNoDeal(quotation)
        lead.write({"user_id": False, "company_id": self.company_usd.id})
        for companies, model in (
            (self.company_eur, "sale.order"),
            (self.company_usd, "crm.lead"),
            (self.company_eur + self.company_usd, "crm.lead"),
        ):
            self.env.flush_all()
            report = self.report.with_context(allowed_company_ids=companies.ids)
            rows = report.search([("name", "in", [lead.name, quotation.name])])
            self.assertEqual(rows.mapped("res_model"), [model])

    def test_customer_is_the_company(self):
        person = self._create_person("Buyer", self.customer)
        lead = self._create_lead(partner_id=person.id)
        self.assertDeal(lead, partner_id=self.customer, contact_id=person)
        person.active = False
        self.customer.active = False
        self.assertDeal(lead, partner_id=self.customer)
        nobody = self._create_lead(partner_id=False)
        self.assertDeal(nobody, partner_id=self.env["res.partner"])


@tagged("post_install", "-at_install")
class TestDealOrders(DealingCommon):
    """Orders: what they wait for, and how much of them."""

    def test_life(self):
        """Each step of an order with partial deliveries, invoices and payments, to the cent."""
        tax = {"tax_ids": [Command.set(self.tax.ids)]}
        order = self._order(
            [(self.lamp, 10, 33.33, tax), (self.lamp, 3, 19.99, {**tax, "discount": 7.5})],
            commitment_date="2025-11-12 10:00:00",
        )
        # 333.30 and 55.4723 rounded
        self.assertEqual(order.amount_untaxed, 388.77)
        self.assertDeal(
            order, waits_for="delivery", phase="4_delivery", value=388.77, undelivered_value=388.77,
            uninvoiced_value=388.77, to_invoice_value=0.0, unpaid_value=False, forecast_value=388.77,
            date_expected=date(2025, 11, 12),
        )  # fmt: skip
        self._deliver(order, 3, 1)
        with freeze_time("2025-11-16 12:00:00"):
            row = self.assertDeal(
                order, waits_for="delivery", undelivered_value=270.29, uninvoiced_value=388.77,
                to_invoice_value=118.48, days_overdue=4, is_overdue=True,
            )  # fmt: skip
            self.assertIn("4 of 13 delivered, promised for 11/12/2025, 4 days late", row.reason)
        invoice = self._invoice(order)
        self.assertEqual(invoice.amount_untaxed, 118.48)
        self.assertDeal(
            order, undelivered_value=270.29, uninvoiced_value=270.29, to_invoice_value=0.0,
            unpaid_value=invoice.amount_total, forecast_value=270.29, invoice_count=1, invoice_name=invoice.name,
        )  # fmt: skip
        self._pay(invoice, 42.17)
        self.assertDeal(order, unpaid_value=round(invoice.amount_total - 42.17, 2))
        self._pay(invoice)
        self.assertDeal(order, unpaid_value=False, waits_for="delivery")
        self._deliver(order)
        row = self.assertDeal(
            order, waits_for="invoicing", phase="5_invoicing", undelivered_value=0.0, uninvoiced_value=270.29
        )
        self.assertIn("270.29", row.reason)
        draft = self._invoice(order, post=False)
        row = self.assertDeal(order, waits_for="invoicing", uninvoiced_value=270.29, has_draft_invoice=True)
        self.assertIn("a draft invoice waits to be posted", row.reason)
        draft.invoice_date_due = "2025-12-01"
        draft.action_post()
        self.assertEqual(draft.amount_untaxed, 270.29)
        with freeze_time("2025-12-02 12:00:00"):
            due = draft.invoice_date_due
            row = self.assertDeal(
                order, waits_for="payment", phase="6_payment", uninvoiced_value=0.0,
                unpaid_value=draft.amount_total, date_expected=due,
            )  # fmt: skip
            self.assertIn(draft.name, row.reason)
        self._pay(draft, 100)
        self.assertDeal(order, waits_for="payment", unpaid_value=draft.amount_residual)
        self._pay(draft)
        self.assertEqual(draft.amount_residual, 0)
        self.assertNoDeal(order)

    def test_cancelled(self):
        order = self._order()
        self.assertDeal(order, waits_for="delivery")
        order._action_cancel()
        self.assertNoDeal(order)

    def test_ordered_policy_before_delivery(self):
        """Invoiced and paid in advance, the order waits for its delivery."""
        order = self._order()
        self.assertDeal(order, waits_for="delivery", to_invoice_value=1000.0)
        self._pay(self._invoice(order))
        self.assertDeal(order, waits_for="delivery", undelivered_value=1000.0, uninvoiced_value=0.0)
        self._deliver(order)
        self.assertNoDeal(order)

    def test_without_backorder(self):
        """What is not delivered any more is neither waited for nor invoiced."""
        for product in (self.chair, self.lamp):
            order = self._order([(product, 10, 100)])
            self._deliver(order, 7, backorder=False)
            self.assertDeal(order, waits_for="invoicing", undelivered_value=0.0, uninvoiced_value=700.0)
            order.order_line.product_uom_qty = 7
            self._pay(self._invoice(order))
            self.assertNoDeal(order)

    def test_returned_goods(self):
        for product in (self.chair, self.lamp):
            order = self._order([(product, 10, 100)])
            picking = self._deliver(order)
            invoice = self._invoice(order)
            self._pay(invoice)
            self.assertNoDeal(order)
            wizard = (
                self.env["stock.return.picking"]
                .with_context(active_id=picking.id, active_ids=picking.ids, active_model="stock.picking")
                .create({})
            )
            wizard.product_return_moves.quantity = 3
            back = wizard._create_return()
            back.move_ids.write({"quantity": 3, "picked": True})
            back.button_validate()
            self.assertEqual(order.order_line.qty_delivered, 7)
            refund = invoice._reverse_moves([{"invoice_date": "2025-04-01"}])
            refund.invoice_line_ids.quantity = 3
            refund.action_post()
            # what the customer gets back is nothing to wait for
            self.assertNoDeal(order)

    def test_down_payment(self):
        order = self._order()
        wizard = self.env["sale.advance.payment.inv"].with_context(
            active_model="sale.order", active_ids=order.ids, active_id=order.id
        )
        wizard.create({"advance_payment_method": "percentage", "amount": 30}).create_invoices()
        down = order.invoice_ids
        self.assertDeal(order, undelivered_value=1000.0, uninvoiced_value=1000.0, unpaid_value=False)
        down.action_post()
        self.assertDeal(order, undelivered_value=1000.0, uninvoiced_value=700.0, unpaid_value=300.0)
        self._pay(down, 100)
        self.assertDeal(order, unpaid_value=200.0)
        self._deliver(order)
        self.assertDeal(order, waits_for="invoicing", uninvoiced_value=700.0)
        final = order._create_invoices(final=True)
        self.assertDeal(order, uninvoiced_value=700.0, has_draft_invoice=True)
        final.action_post()
        self.assertEqual(final.amount_total, 700)
        self.assertDeal(order, waits_for="payment", uninvoiced_value=0.0, unpaid_value=900.0, invoice_count=2)
        self._pay(final)
        self.assertDeal(order, waits_for="payment", unpaid_value=200.0, invoice_count=1)
        self._pay(down)
        self.assertNoDeal(order)

    def test_sections_notes_and_discounts(self):
        order = self._quote([(self.chair, 2, 100)])
        order.order_line = [
            Command.create({"display_type": "line_section", "name": "Furniture"}),
            Command.create({"display_type": "line_note", "name": "Thank you"}),
            Command.create(
                {
                    "product_id": self.advice.id,
                    "product_uom_qty": 1,
                    "price_unit": -50,
                    "tax_ids": [Command.clear()],
                }
            ),
        ]
        order.action_confirm()
        self.assertDeal(order, value=150.0, undelivered_value=200.0, uninvoiced_value=150.0)
        self._deliver(order)
        self.assertDeal(order, waits_for="invoicing", uninvoiced_value=150.0)
        self._pay(self._invoice(order))
        self.assertNoDeal(order)

    def test_services(self):
        """A service counts as not delivered if somebody keeps its delivered quantity."""
        order = self._order([(self.repair, 5, 40)])
        self.assertDeal(order, waits_for="delivery", undelivered_value=200.0, to_invoice_value=0.0)
        order.order_line.qty_delivered = 2
        row = self.assertDeal(order, undelivered_value=120.0, to_invoice_value=80.0, uninvoiced_value=200.0)
        self.assertIn("2 of 5 delivered", row.reason)
        order.order_line.qty_delivered = 5
        self.assertDeal(order, waits_for="invoicing", to_invoice_value=200.0)
        self._pay(self._invoice(order))
        self.assertNoDeal(order)
        # invoiced as ordered, nobody enters what is delivered
        order = self._order([(self.advice, 2, 30), (self.chair, 1, 100)])
        self.assertDeal(order, waits_for="delivery", undelivered_value=100.0)
        self._deliver(order)
        self.assertDeal(order, waits_for="invoicing", uninvoiced_value=160.0)
        order.order_line[0].qty_delivered = 1
        self.assertDeal(order, waits_for="delivery", undelivered_value=30.0)
        order.order_line[0].qty_delivered = 2
        self._pay(self._invoice(order))
        self.assertNoDeal(order)

    def test_combo(self):
        """It is delivered by its items."""
        combo = self.env["product.combo"].create(
            {"name": "Seat", "combo_item_ids": [Command.create({"product_id": self.chair.id})]}
        )
        product = self._create_product(
            "Set", self.category, 0.0, 0.0, type="combo", combo_ids=[Command.set(combo.ids)]
        )
        order = self._order([(product, 2, 0), (self.chair, 2, 100)])
        self.assertIn("0 of 2 delivered", self._read(order).reason)

    def test_free_goods(self):
        order = self._order([(self.lamp, 4, 0)])
        self.assertDeal(order, waits_for="delivery", undelivered_value=0.0, uninvoiced_value=0.0)
        self._deliver(order)
        self.assertNoDeal(order)

    def test_more_delivered_than_ordered(self):
        order = self._order([(self.lamp, 10, 100)])
        self._deliver(order, 12)
        self.assertDeal(order, waits_for="invoicing", undelivered_value=0.0, uninvoiced_value=1200.0)

    def test_added_at_the_delivery(self):
        """What was not ordered has core's net price, also where its tax is included."""
        order = self._order([(self.lamp, 1, 100)])
        tax = self.tax.copy({"price_include_override": "tax_included", "name": "Included"})
        picking = order.picking_ids
        picking.move_ids.quantity = 1
        picking.move_ids = [
            Command.create(
                {
                    "product_id": self._create_lamp(tax).id,
                    "product_uom_qty": 3,
                    "quantity": 3,
                    "location_id": picking.location_id.id,
                    "location_dest_id": picking.location_dest_id.id,
                }
            )
        ]
        picking.move_ids.write({"picked": True})
        picking.button_validate()
        added = order.order_line.filtered(lambda line: not line.product_uom_qty)
        added.write({"price_unit": 240, "tax_ids": [Command.set(tax.ids)]})
        self.assertEqual(added.untaxed_amount_to_invoice, 600)
        self.assertDeal(order, to_invoice_value=700.0, uninvoiced_value=700.0)

    def _create_lamp(self, tax):
        return self._create_product(
            "Other Lamp", self.category, 5.0, 7.0, invoice_policy="delivery", taxes_id=[Command.set(tax.ids)]
        )

    def test_other_price_on_the_invoice(self):
        """All invoiced at a lower price: nothing is left to invoice."""
        order = self._order()
        self._deliver(order)
        draft = self._invoice(order, post=False)
        draft.invoice_line_ids.price_unit = 90
        self.assertDeal(order, waits_for="invoicing", uninvoiced_value=1000.0)
        draft.action_post()
        self.assertDeal(order, waits_for="payment", uninvoiced_value=0.0, unpaid_value=900.0)

    def test_credit_note(self):
        """An open credit note is deducted; one for the whole invoice brings the invoicing back, as in Odoo."""
        order = self._order([(self.lamp, 10, 100)])
        self._deliver(order)
        invoice = self._invoice(order)
        refund = invoice._reverse_moves([{"invoice_date": "2025-04-01"}])
        refund.invoice_line_ids.quantity = 4
        self.assertDeal(order, unpaid_value=1000.0)
        refund.action_post()
        self.assertEqual(order.order_line.qty_to_invoice, 4)
        self.assertDeal(order, waits_for="invoicing", uninvoiced_value=400.0, unpaid_value=600.0)

    def test_shared_invoice(self):
        """An invoice of two orders and a line of none: each has its share, and the shares add up to the residual."""
        orders = self._order([(self.chair, 1, 100)]) + self._order([(self.chair, 1, 50)])
        self._deliver(orders[0])
        self._deliver(orders[1])
        invoice = orders._create_invoices()
        self.assertEqual(len(invoice), 1)
        invoice.invoice_line_ids = [
            Command.create({"name": "Freight", "price_unit": 25, "quantity": 1, "tax_ids": [Command.clear()]})
        ]
        invoice.action_post()
        self.assertDeal(orders[0], unpaid_value=100.0)
        self.assertDeal(orders[1], unpaid_value=50.0)
        self._pay(invoice, 75)
        self.assertDeal(orders[0], unpaid_value=57.14)
        self.assertDeal(orders[1], unpaid_value=28.57)
        invoice2 = (
            self._order([(self.advice, 1, 10)]) + self._order([(self.advice, 2, 10)])
        )._create_invoices()
        invoice2.action_post()
        self._pay(invoice2, 0.01)
        shares = self._read(invoice2.invoice_line_ids.sale_line_ids.order_id).mapped("unpaid_value")
        self.assertEqual(round(sum(shares), 2), invoice2.amount_residual)

    def test_payment_in_instalments(self):
        """An invoice in instalments is overdue when its first open one is, not only when the last is."""
        parts = [{"value": "percent", "value_amount": 50, "nb_days": days} for days in (10, 60)]
        terms = self.env["account.payment.term"].create(
            {
                "name": "In Two Parts",
                "company_id": self.company_eur.id,
                "line_ids": [Command.create(part) for part in parts],
            }
        )
        order = self._order([(self.advice, 1, 1000)], payment_term_id=terms.id)
        invoice = self._invoice(order)
        self.assertEqual(invoice.invoice_date_due, date(2025, 5, 9))
        with freeze_time("2025-03-25 12:00:00"):
            self.assertDeal(
                order,
                waits_for="payment",
                unpaid_value=1000.0,
                date_expected=date(2025, 3, 20),
                days_overdue=5,
            )
        self._pay(invoice, 500)
        with freeze_time("2025-03-25 12:00:00"):
            self.assertDeal(order, unpaid_value=500.0, date_expected=date(2025, 5, 9), is_overdue=False)

    def test_payment_without_entry(self):
        """A payment under way that is not in Odoo's residual counts, alone or for several invoices."""
        order, other = self._order([(self.advice, 1, 100)]), self._order([(self.advice, 1, 300)])
        invoice, other_invoice = self._invoice(order), self._invoice(other)
        payment = self._pay(invoice, 40, outstanding=False)
        self.assertFalse(payment.move_id)
        self.assertEqual(invoice.amount_residual, 100)
        self.assertDeal(order, waits_for="payment", unpaid_value=60.0)
        self._pay(invoice, 60, outstanding=False)
        self.assertNoDeal(order)
        third = self._invoice(self._order([(self.advice, 1, 100)]))
        self._pay(other_invoice + third, 200, outstanding=False)
        self.assertDeal(other, unpaid_value=150.0)
        self.assertDeal(third.invoice_line_ids.sale_line_ids.order_id, unpaid_value=50.0)

    def test_foreign_currency(self):
        """Orders at their own rate, invoices as accounting has them."""
        order = self._order([(self.lamp, 10, 33.33)], currency=self.usd)
        self.assertDeal(order, value=166.65, undelivered_value=166.65, uninvoiced_value=166.65)
        self._deliver(order, 3)
        self.assertDeal(order, undelivered_value=116.66, to_invoice_value=50.0)
        invoice = self._invoice(order)
        self.assertDeal(order, unpaid_value=invoice.amount_residual_signed, uninvoiced_value=116.66)
        self._pay(invoice, 10)
        self.assertDeal(order, unpaid_value=invoice.amount_residual_signed)
        self.assertLess(invoice.amount_residual_signed, 50)

    def test_two_companies(self):
        order = self._order()
        foreign = self._order(company=self.company_usd)
        lead = self._create_lead(company_id=False, user_id=False)
        report = self.report.with_context(allowed_company_ids=self.company_eur.ids)
        self.assertEqual(self._read(report=report).mapped("res_id"), [*order.ids, *lead.ids])
        both = self.report.with_context(allowed_company_ids=(self.company_eur + self.company_usd).ids)
        rows = self._read(foreign, both)
        self.assertEqual(rows.value, 500.0)
        self.assertEqual(rows.currency_id, self.eur)
        usd = self.report.with_context(allowed_company_ids=(self.company_usd + self.company_eur).ids)
        self.assertEqual(self._read(order + foreign, usd).mapped("value"), [2000.0, 1000.0])

    def test_opportunity_of_all_companies(self):
        """Nothing is told of quotations and orders of a company that is not active."""
        quoted, ordered, more = (
            self._create_lead(name, company_id=False) for name in ("Quoted", "Ordered", "More")
        )
        self._quote(company=self.company_usd, opportunity_id=quoted.id)
        self._order(company=self.company_usd, opportunity_id=ordered.id)
        self._order([(self.chair, 1, 200)], opportunity_id=more.id)
        self._order(company=self.company_usd, opportunity_id=more.id)
        (quoted + ordered + more).expected_revenue = 1000
        self.user_sales.company_ids += self.company_eur + self.company_usd
        user = self.env["partner.deal.report"].with_user(self.user_sales)

        def amounts(companies):
            report = user.with_context(allowed_company_ids=companies.ids)
            rows = {row.res_id: row for row in self._read(quoted + ordered + more, report)}
            return [
                (row.value, row.quotation_count, row.sold_value)
                for row in (rows[lead.id] for lead in (quoted, ordered, more))
            ]

        self.assertEqual(
            amounts(self.company_eur), [(1000.0, 0, False), (False, 0, False), (False, 0, 200.0)]
        )
        # 1,000 $ are 500 €
        self.assertEqual(
            amounts(self.company_eur + self.company_usd),
            [(500.0, 1, False), (500.0, 0, 500.0), (300.0, 0, 700.0)],
        )

    def test_random(self):
        """Random orders through random steps: the amounts are those of orders, deliveries and invoices."""
        generator = random.Random(20261125)
        products = [self.chair, self.lamp, self.repair]
        orders = self.env["sale.order"]
        for number in range(16):
            orders += self._order(
                [
                    (
                        generator.choice(products),
                        generator.randint(1, 9),
                        round(generator.uniform(1, 99), 2),
                        {
                            "discount": generator.choice([0, 0, 7.5]),
                            "tax_ids": [Command.set(generator.choice([[], self.tax.ids]))],
                        },
                    )
                    for _line in range(generator.randint(1, 3))
                ],
                currency=generator.choice([self.eur, self.usd]),
                partner_id=(self.customer, self.customer2)[number % 2].id,
            )
        for _round in range(2):
            for order in orders:
                if generator.random() < 0.6:
                    moves = order.picking_ids.filtered(lambda p: p.state not in ("done", "cancel")).move_ids
                    if moves:
                        self._deliver(
                            order, *[generator.randint(1, int(move.product_uom_qty)) for move in moves]
                        )
                for line in order.order_line.filtered(lambda line: line.product_id == self.repair):
                    line.qty_delivered = generator.randint(0, int(line.product_uom_qty))
                if generator.random() < 0.6 and order.invoice_status == "to invoice":
                    invoice = self._invoice(order)
                    if generator.random() < 0.7 and invoice.amount_total > 1:
                        self._pay(invoice, round(invoice.amount_residual * generator.uniform(0.1, 1), 2))
        rows = {row.res_id: row for row in self._read(orders)}
        self.assertEqual(len(rows), len(self._read(orders)))
        finished = 0
        for order in orders:
            invoices = order.invoice_ids
            rate = order.currency_rate
            undelivered = sum(
                order.currency_id.round(
                    line.price_subtotal * (1 - min(line.qty_delivered / line.product_uom_qty, 1))
                )
                for line in order.order_line
            )
            uninvoiced = sum(
                max(line.price_subtotal - line.untaxed_amount_invoiced, 0) for line in order.order_line
            )
            expected = {
                "undelivered_value": undelivered / rate,
                "uninvoiced_value": uninvoiced / rate,
                "unpaid_value": sum(invoices.mapped("amount_residual_signed")),
            }
            if order.id not in rows:
                finished += 1
                self.assertTrue(all(round(value, 2) <= 0 for value in expected.values()), expected)
                continue
            for name, value in expected.items():
                self.assertAlmostEqual(
                    rows[order.id][name] or 0, self.eur.round(value), 2, f"{order.name} {name}"
                )
        self.assertLess(finished, len(orders) - 5)
        # one statement or page by page: the same
        by_id = self.report.browse([row.id for row in rows.values()])
        self.env["partner.deal.report"].invalidate_model()
        totals = [sum(row[name] or 0 for row in by_id) for name in MONEY]
        [sums] = self.report._read_group(
            [("res_model", "=", "sale.order"), ("res_id", "in", orders.ids)],
            [],
            [f"{name}:sum" for name in MONEY],
        )
        for total, found in zip(totals, sums, strict=True):
            self.assertAlmostEqual(total, found or 0, 2)

    def test_without_payment(self):
        """What leaves the invoices unread tells the same of orders that wait for more than their payment."""
        orders = self.env["sale.order"]
        for delivered, invoiced in ((0, False), (2, True), (2, False), (5, True), (5, False), (5, True)):
            order = self._order([(self.repair, 5, 50)])
            order.order_line.qty_delivered = delivered
            if invoiced:
                self._invoice(order)
            orders += order
        report = self.report
        domain = [("res_model", "=", "sale.order"), ("res_id", "in", orders.ids)]
        rows = report.search(domain)
        waiting = rows.filtered(lambda row: row.waits_for != "payment")
        self.assertEqual((len(waiting), len(rows)), (4, 6))
        self.assertTrue(any(waiting.mapped("unpaid_value")))
        to_come = [*domain, ("waits_for", "in", ("decision", "delivery", "invoicing"))]
        figures = ("forecast_value:sum", "uninvoiced_value:sum", "__count")
        with self.assertNotReadingInvoices():
            [[[*sums]]] = report._read_grouping_sets(to_come, [[]], figures)
        self.assertAlmostEqual(sums[0], sum(waiting.mapped("forecast_value")), 2)
        self.assertAlmostEqual(sums[1], sum(waiting.mapped("uninvoiced_value")), 2)
        self.assertEqual(sums[2], len(waiting))
        # whoever asks for what is unpaid gets it
        [[[unpaid]]] = report._read_grouping_sets(to_come, [[]], ["unpaid_value:sum"])
        self.assertAlmostEqual(unpaid or 0, sum(waiting.mapped("unpaid_value")), 2)
        self.assertEqual(report.search(to_come).mapped("unpaid_value"), waiting.mapped("unpaid_value"))

    @contextlib.contextmanager
    def assertNotReadingInvoices(self):
        limits = []
        original = type(self.report)._get_unpaid_sql

        def get_unpaid_sql(report, move_ids):
            limits.append(move_ids)
            return original(report, move_ids)

        with patch.object(type(self.report), "_get_unpaid_sql", get_unpaid_sql):
            yield
        self.assertEqual(limits, [[]])


@tagged("post_install", "-at_install")
class TestDealTime(DealingCommon):
    """Contacts, next steps, days; and how the screens read them."""

    def test_contact_and_next_step(self):
        lead = self._create_lead()
        order = self._order(partner_id=self.customer2.id)
        self.env.cr.execute(
            "UPDATE crm_lead SET create_date = now() - interval '50 days' WHERE id = %s", [lead.id]
        )
        self.assertDeal(lead, last_contact_date=False, days_without_contact=50, has_next_step=False)
        log = self.env["partner.contact.log"].create(
            {
                "title": "Call",
                "partner_id": self._create_person("Buyer", self.customer).id,
                "company_id": self.company_eur.id,
                "date": self.env.cr.now() - timedelta(days=20),
            }
        )
        self.assertDeal(lead, last_contact_date=log.date, days_without_contact=20, age_days=50)
        self.assertDeal(order, last_contact_date=False, has_next_step=False)
        today = self.env.cr.now().date()
        lead.activity_schedule(
            "mail.mail_activity_data_call", today + timedelta(days=9), user_id=self.env.uid
        )
        self.assertDeal(lead, has_next_step=True, next_step_date=today + timedelta(days=9))
        quotation = self._quote(opportunity_id=lead.id)
        quotation.activity_schedule(
            "mail.mail_activity_data_call", today + timedelta(days=4), user_id=self.env.uid
        )
        self.assertDeal(lead, next_step_date=today + timedelta(days=4))
        self.env["partner.contact.log"].create(
            {
                "title": "Visit",
                "partner_id": self.customer2.id,
                "company_id": self.company_eur.id,
                "state": "planned",
                "date": self.env.cr.now() + timedelta(days=2),
            }
        )
        self.assertDeal(order, has_next_step=True, next_step_date=today + timedelta(days=2))
        found = self._read(domain=[("has_next_step", "=", False)])
        self.assertFalse(found)
        self.assertEqual(self._read(domain=[("days_without_contact", ">=", 20)]).lead_id, lead)

    @freeze_time("2025-11-12 20:00:00")
    def test_day_of_the_user(self):
        """Promised for the 12th: late in Saigon, where the 13th has begun, and not in New York."""
        order = self._order(commitment_date="2025-11-12 10:00:00")
        for tz, late in (("Asia/Ho_Chi_Minh", True), ("America/New_York", False)):
            self.env.flush_all()
            self.report.invalidate_model()
            row = self.report.with_context(tz=tz).search([("order_id", "=", order.id)])
            self.assertEqual((row.is_overdue, row.date_expected), (late, date(2025, 11, 12)), tz)

    def test_promised_by_lead_time(self):
        self.lamp.sale_delay = 7
        order = self._order([(self.lamp, 1, 10), (self.chair, 1, 10)], commitment_date=False)
        self.assertDeal(order, date_expected=order.date_order.date() + timedelta(days=7))

    def test_probability_of_a_total(self):
        self._create_lead(expected_revenue=1000, probability=10)
        self._create_lead(expected_revenue=3000, probability=50)
        self._create_lead(expected_revenue=0, probability=90)
        [(value, weighted, probability)] = self.report._read_group(
            [], [], ["value:sum", "weighted_value:sum", "probability:avg"]
        )
        self.assertEqual((value, weighted), (4000.0, 1600.0))
        self.assertAlmostEqual(probability, 40.0)

    def test_queries(self):
        """A page of the list costs the same for 1 and for 20 deals."""
        fields = [
            "name",
            "reason",
            "stage",
            "value",
            "last_contact_date",
            "has_next_step",
            "days_without_contact",
        ]
        specification = {field: {} for field in fields}
        self._order(user_id=self.user_sales.id)
        self._create_lead()
        self.customer.user_id = False
        # the web client sends the time zone, so that nobody reads it from the user
        report = self.report.with_user(self.user_sales).with_context(
            allowed_company_ids=self.company_eur.ids, tz="Asia/Ho_Chi_Minh"
        )

        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            result = report.web_search_read([], specification, limit=40)
            return result["length"], self.env.cr.sql_log_count - before

        count()
        _one, few = count()
        for _number in range(10):
            self._order()
            self._create_lead()
        number, many = count()
        self.assertEqual(number, 22)
        self.assertEqual(many, few)

    def test_open(self):
        order = self._order(user_id=self.user_sales.id)
        row = self._read(order).with_user(self.user_sales)
        row = row.with_context(allowed_company_ids=self.company_eur.ids)
        with self.assertRaisesRegex(UserError, order.name):
            row.action_open_document()
        self.user_sales.group_ids += self.env.ref("sales_team.group_sale_salesman")
        action = row.action_open_document()
        self.assertEqual((action["res_model"], action["res_id"]), ("sale.order", order.id))
        action = row.action_log_contact()
        self.assertEqual(action["res_model"], "partner.contact.log")
        self.assertEqual(action["context"]["default_partner_id"], self.customer.id)
        self.assertEqual(action["context"]["default_res_id"], order.id)
        self.assertEqual(row.action_plan_contact()["context"]["default_state"], "planned")

    def test_views_and_export(self):
        order = self._order()
        report = self.report.with_user(self.user_sales).with_context(allowed_company_ids=self.company_eur.ids)
        for view in ("list", "kanban", "graph", "pivot", "search"):
            report.get_view(view_type=view)
        self.user_sales.group_ids += self.env.ref("base.group_allow_export")
        rows = report.search([]).export_data(["name", "partner_id/name", "value", "unpaid_value"])
        self.assertEqual(rows["datas"], [[order.name, self.customer.name, 1000.0, ""]])
        groups = report.formatted_read_group([], ["phase"], ["value:sum", "__count"])
        self.assertEqual([(group["phase"], group["value:sum"]) for group in groups], [("4_delivery", 1000.0)])
        columns = report.web_read_group([], ["phase"], ["value:sum"])
        self.assertEqual(columns["length"], 1)

    def test_excel(self):
        """The file has the deals with their reasons, and the sums that the list has."""
        self._order()
        self._create_lead()
        self.user_sales.group_ids += self.env.ref("base.group_allow_export")
        report = self.report.with_user(self.user_sales).with_context(allowed_company_ids=self.company_eur.ids)
        for model, words in (
            (report, {"Office", "No open quotation, no expected closing", 2000}),
            (report.env["partner.sales.plan.report"], {self.user_sales.name}),
        ):
            action = model.action_export_excel()
            export = model.env["partner.export"].browse(int(action["url"].rsplit("/", 1)[1]))
            target = io.BytesIO()
            export._write_excel(target)
            book = openpyxl.load_workbook(target)
            cells = {cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row}
            self.assertLessEqual(words, cells)


@tagged("post_install", "-at_install")
class TestDealRights(DealingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.user_id = False
        cls.deals = {}
        for user in (cls.user_sales, cls.user_sales2, cls.user_sub, cls.user_supervisor):
            cls.deals[user] = cls._create_lead(user.name, user_id=user.id) + cls._create_lead(
                f"{user.name} 2", user_id=user.id
            )
        owned = cls._create_company_partner("Owned", user_id=cls.user_sub.id)
        cls.owned = cls._order(partner_id=owned.id, user_id=cls.user_sales2.id)
        cls.nobody = cls._create_lead("Nobody's", user_id=False)

    def _read_as(self, user, *companies):
        companies = companies or (self.company_eur,)
        self.env.flush_all()
        return self.report.with_user(user).with_context(allowed_company_ids=[c.id for c in companies])

    def _expect(self, user):
        documents = {
            self.user_sales: self.deals[self.user_sales],
            self.user_sales2: self.deals[self.user_sales2],
            self.user_sub: self.deals[self.user_sub],
            self.user_supervisor: self.deals[self.user_supervisor]
            + self.deals[self.user_sales]
            + self.deals[self.user_sub],
            self.user_director: self.nobody.concat(*self.deals.values()),
        }[user]
        names = [lead.name for lead in documents]
        if user != self.user_sales:
            names.append(self.owned.name)
        return sorted(names)

    def test_who_sees_what(self):
        """Own deals, those of subordinates at any depth, never a colleague's; by list, groups and export."""
        for user in (
            self.user_sales,
            self.user_sales2,
            self.user_sub,
            self.user_supervisor,
            self.user_director,
        ):
            report, expected = self._read_as(user), self._expect(user)
            result = report.web_search_read([], {"name": {}, "value": {}, "reason": {}})
            self.assertEqual(sorted(row["name"] for row in result["records"]), expected, user.login)
            groups = report.formatted_read_group([], ["user_id"], ["__count"])
            self.assertEqual(sum(group["__count"] for group in groups), len(expected))
            [[total]] = report.formatted_read_grouping_sets([], [[]], ["value:sum", "__count"])
            self.assertEqual(total["__count"], len(expected))
            user.group_ids += self.env.ref("base.group_allow_export")
            exported = report.search([]).export_data(["name"])["datas"]
            self.assertEqual(sorted(name for (name,) in exported), expected)

    def test_filters(self):
        supervisor = self._read_as(self.user_supervisor)
        team = supervisor.search([("in_my_team", "=", True)])
        self.assertEqual(set(team.mapped("in_my_team")), {True})
        self.assertEqual(
            sorted(team.mapped("name")),
            sorted(
                [*(self.deals[self.user_sales] + self.deals[self.user_sub]).mapped("name"), self.owned.name]
            ),
        )
        own = self._read_as(self.user_director).search([("is_own", "=", True)])
        self.assertFalse(own)
        sub = self._read_as(self.user_sub).search([("is_own", "=", True)])
        self.assertEqual(set(sub.mapped("is_own")), {True})
        self.assertEqual(len(sub), 3)

    def test_quotation_within_anothers_opportunity(self):
        lead = self.deals[self.user_sales2][0]
        self._quote(opportunity_id=lead.id, user_id=self.user_sales.id)
        self.assertIn(lead.name, self._read_as(self.user_sales).search([]).mapped("name"))
        self.assertNotIn(lead.name, self._read_as(self.user_sub).search([]).mapped("name"))

    def test_by_id(self):
        row = self._read(self.deals[self.user_sales2][0])
        with self.assertRaisesRegex(AccessError, "access|permi|allowed"):
            row.with_env(self._read_as(self.user_sales).env).read(["name"])

    def test_companies(self):
        foreign = self._order(company=self.company_usd, user_id=self.user_director.id)
        self.assertNotIn(foreign.name, self._read_as(self.user_director).search([]).mapped("name"))
        with self.assertRaisesRegex(AccessError, "company|companies|access"):
            self._read_as(self.user_director, self.company_usd).search([])
        self.user_director.company_ids += self.company_usd
        self.assertEqual(
            self._read_as(self.user_director, self.company_usd).search([]).mapped("name"), [foreign.name]
        )

    def test_salesperson_who_left(self):
        """Deals of somebody who left stay in the team."""
        self.user_sub.active = False
        names = self._read_as(self.user_supervisor).search([]).mapped("name")
        self.assertTrue(set(self.deals[self.user_sub].mapped("name")) <= set(names))

    def test_outsider(self):
        for number, groups in enumerate(("base.group_user", "sales_team.group_sale_manager")):
            user = self._create_user(
                f"deal_outsider_{number}", groups, company_ids=[Command.set(self.company_eur.ids)],
                company_id=self.company_eur.id,
            )  # fmt: skip
            with self.assertRaises(AccessError):
                self._read_as(user).search([])

    def test_own_rule(self):
        """A rule that somebody adds widens what is seen, also past the deals of one's own."""
        self.env["ir.rule"].create(
            {
                "name": "Everybody sees what is nobody's",
                "model_id": self.env["ir.model"]._get_id("partner.deal.report"),
                "domain_force": "[('user_id', '=', False)]",
                "groups": [Command.link(self.env.ref("partner_relations.group_user").id)],
            }
        )
        self.assertIn(self.nobody.name, self._read_as(self.user_sales).search([]).mapped("name"))
