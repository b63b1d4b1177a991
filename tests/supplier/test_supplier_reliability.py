import doctest
from datetime import date, datetime, timedelta
from unittest.mock import patch

import pytz

from odoo import Command
from odoo.exceptions import UserError
from odoo.fields import Date
from odoo.tests import TransactionCase, freeze_time, tagged
from odoo.tools import SQL

from odoo.addons.partner_relations.models.supplier import supplier_delivery_facts, supplier_delivery_settings
from odoo.addons.partner_relations.models.supplier.supplier_delivery_settings import (
    CompanySettings,
    utc_distances,
)
from odoo.addons.partner_relations.tools import supplier_reliability

from .purchasing import CONFIRMED, NOW, PROMISED, TODAY, WINDOW, PurchasingCommon, Window

DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestReliabilityFunctions(TransactionCase):
    def test_examples_in_docstrings(self):
        for module in (supplier_reliability, supplier_delivery_settings):
            failures, count = doctest.testmod(module)
            self.assertGreater(count, 0)
            self.assertFalse(failures)

    def test_day_of_a_moment(self):
        """The day in SQL is that of Python, at each change of the clock and a second before."""
        for name in (
            "UTC",
            "Asia/Ho_Chi_Minh",
            "Asia/Kathmandu",
            "America/New_York",
            "Europe/Berlin",
            "Australia/Sydney",
        ):
            settings = CompanySettings(1, 1, name, TODAY, 0, 0, False, 2)
            tz = pytz.timezone(name)
            days = [datetime(2024, 1, 1) + timedelta(hours=5 * number) for number in range(2000)]
            changes = [change for change in utc_distances(name)[0] if change.year < 2030]
            moments = [moment - timedelta(seconds=back) for moment in (*days, *changes) for back in (0, 1)]
            rows = self.env.execute_query(
                SQL(
                    "SELECT moment, %s FROM unnest(%s::timestamp[]) AS moment",
                    settings.day_sql(SQL("moment")),
                    moments,
                )
            )
            self.assertEqual(len(rows), len(moments))
            for moment, day in rows:
                self.assertEqual(day, pytz.utc.localize(moment).astimezone(tz).date(), f"{name} {moment}")


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestSupplierReliability(PurchasingCommon):
    """The definitions, one test for each border, on documents."""

    # ------------------------------------------------------------------
    # Delivery
    # ------------------------------------------------------------------
    def test_worked_check(self):
        """600 of 2,000 came in time; Odoo's own button says 60 %, as it passes over what never came."""
        order = self._order({}, {"product_qty": 1, "price_unit": 1000})
        first, second = order.order_line
        first.date_planned = second.date_planned = self._moment(PROMISED)
        self._move((first, 6, PROMISED), (first, 4, PROMISED + 10 * DAY))
        card = self._card()
        self.assertEqual((card.on_time_rate, card.on_time_value, card.due_value), (0.3, 600, 2000))
        self.assertEqual((card.otif_rate, card.in_full_rate), (0, 0.5))
        self.assertEqual((card.due_line_count, card.overdue_line_count, card.overdue_value), (2, 1, 1000))
        self.assertEqual(self.supplier.on_time_rate, 60)
        self._assert_rows(order.order_line)

    def _rate(self, day=None, quantity=10, **line):
        """The on-time rate of one line with one receipt."""
        order = self._order(line)
        if day:
            self._move((order.order_line, quantity, day))
        card = self._card()
        self._assert_rows(order.order_line)
        return card.on_time_rate

    def test_border_promised_day_itself(self):
        self.assertEqual(self._rate(PROMISED), 1)

    def test_border_last_minute_of_the_promised_day(self):
        """The day is that of the company: 23:59 there is still the promised day, whatever hour was promised."""
        last_minute = self._moment(PROMISED, 23) + timedelta(minutes=59)
        self.assertEqual(self._rate(last_minute, promised_hour=0), 1)

    def test_border_first_minute_of_the_next_day(self):
        self.assertEqual(self._rate(self._moment(PROMISED + DAY, 0), promised_hour=23), 0)

    def test_border_day_after(self):
        self.assertEqual(self._rate(PROMISED + DAY), 0)

    def test_border_last_day_of_grace(self):
        self.policy.grace_days = 3
        self.assertEqual(self._rate(PROMISED + 3 * DAY), 1)

    def test_border_day_after_grace(self):
        self.policy.grace_days = 3
        self.assertEqual(self._rate(PROMISED + 4 * DAY), 0)

    def test_border_exactly_ordered(self):
        order = self._order({})
        self._move((order.order_line, 10, PROMISED))
        card = self._card()
        self.assertEqual((card.on_time_rate, card.otif_rate, card.in_full_rate), (1, 1, 1))

    def test_border_one_unit_less(self):
        order = self._order({})
        self._move((order.order_line, 9, PROMISED))
        card = self._card()
        self.assertEqual((card.on_time_rate, card.otif_rate, card.in_full_rate), (0.9, 0, 0))
        self.assertEqual(card.overdue_value, 100)

    def test_one_unit_more(self):
        """What is more than ordered makes nothing better, and late nothing worse."""
        order = self._order({})
        self._move((order.order_line, 10, PROMISED), (order.order_line, 2, PROMISED + 5 * DAY))
        card = self._card()
        self.assertEqual((card.on_time_rate, card.otif_rate), (1, 1))
        self.assertEqual(card.late_line_count, 0)
        self.assertIs(card.late_days_mean, False)

    def test_early_and_several_on_a_day(self):
        order = self._order({})
        line = order.order_line
        self._move((line, 3, PROMISED - 20 * DAY), (line, 3, PROMISED), (line, 4, PROMISED))
        card = self._card()
        self.assertEqual((card.on_time_rate, card.slippage_days_mean), (1, -6))
        self._assert_rows(line)

    def test_border_due_today(self):
        """What is promised for today is due, and not overdue before the day is over."""
        order = self._order({"promised": TODAY, "promised_hour": 23})
        card = self._card()
        self.assertEqual((card.due_line_count, card.on_time_rate, card.overdue_line_count), (1, 0, 0))
        [row] = self._rows(order.order_line)
        self.assertEqual((row.is_due, row.is_overdue, row.delivery_state), (True, False, "open"))

    def test_border_due_tomorrow(self):
        order = self._order({"promised": TODAY + DAY, "promised_hour": 0})
        self._move((order.order_line, 10, TODAY))
        self.assertFalse(self._card())
        [row] = self._rows(order.order_line)
        self.assertFalse(row.is_due)
        self.assertIs(row.on_time_rate, False)
        self.assertEqual(row.delivery_state, "on_time")

    def test_border_overdue_since_today(self):
        order = self._order({"promised": TODAY - DAY})
        self.assertEqual(self._card().overdue_line_count, 1)
        [row] = self._rows(order.order_line)
        self.assertEqual((row.delivery_state, row.days_overdue), ("overdue", 1))

    def test_grace_and_overdue(self):
        self.policy.grace_days = 2
        self._order({"promised": TODAY - 2 * DAY})
        self.assertEqual(self._card().overdue_line_count, 0)
        self.policy.grace_days = 1
        self.assertEqual(self._card().overdue_line_count, 1)

    def test_border_window(self):
        """The first and the last day of the window belong to it, the days beside them do not."""
        window = Window(date(2026, 4, 1), date(2026, 4, 30))
        for day, count in (
            (date(2026, 3, 31), 0),
            (date(2026, 4, 1), 1),
            (date(2026, 4, 30), 2),
            (date(2026, 5, 1), 2),
        ):
            self._order({"promised": day, "promised_hour": 23 if day.day > 29 and day.month < 5 else 0})
            with self.subTest(day=day):
                self.assertEqual(self._card(window=window).due_line_count, count)

    # ------------------------------------------------------------------
    # Who and what is measured
    # ------------------------------------------------------------------
    def test_not_measured(self):
        """Services, sections, RFQs, cancelled orders, no quantity and no promise: no line, so no card."""
        service = self._create_product("Service", type="service", is_storable=False)
        self._order({"product_id": service.id})
        self._order({"product_qty": 0})
        self._order({"promised": False})
        cancelled = self._order({})
        cancelled.button_cancel()
        rfq = self._order({})
        rfq.button_cancel()
        rfq.button_draft()
        self.assertFalse(self._card())

    def test_negative_quantity(self):
        order = self._order({}, {"product_qty": -3})
        self._move((order.order_line[0], 10, PROMISED))
        card = self._card()
        self.assertEqual((card.due_line_count, card.due_value, card.on_time_rate), (1, 1000, 1))

    def test_zero_price(self):
        """A present weighs nothing; of nothing but presents there is no rate."""
        order = self._order({"price_unit": 0})
        card = self._card()
        self.assertEqual((card.due_line_count, card.due_value), (1, 0))
        self.assertIs(card.on_time_rate, False)
        self.assertIs(card.otif_rate, False)
        paid = self._order({})
        self._move((paid.order_line, 10, PROMISED))
        self.assertEqual(self._card().on_time_rate, 1)
        self._assert_rows((order + paid).order_line)

    def test_archived_product_and_supplier(self):
        order = self._order({})
        self._move((order.order_line, 10, PROMISED))
        self.product.active = False
        self.supplier.active = False
        self.assertEqual(self._card().on_time_rate, 1)
        self.assertEqual(self._rows(order.order_line)[0].partner_id, self.supplier)

    def test_deleted_product(self):
        """Odoo archives what orders name instead of deleting it; with a product that goes, nothing breaks."""
        order = self._order({})
        self._move((order.order_line, 10, PROMISED))
        # as Odoo does with a variant whose attribute was taken away
        self.product._unlink_or_archive()
        self.assertEqual((self.product.exists().active, self._card().on_time_rate), (False, 1))
        self._assert_rows(order.order_line)
        # never ordered for good: it goes, with its vendor price, and with the lines of an RFQ that goes before it
        other = self._create_product("Gone Tomorrow")
        self.env["product.supplierinfo"].create(
            {"partner_id": self.supplier.id, "product_tmpl_id": other.product_tmpl_id.id, "price": 90}
        )
        rfq = self.env["purchase.order"].create(
            {
                "partner_id": self.supplier.id,
                "order_line": [Command.create({"product_id": other.id, "product_qty": 1, "price_unit": 90})],
            }
        )
        rfq.button_cancel()
        rfq.unlink()
        other._unlink_or_archive()
        self.assertFalse(other.exists())
        card = self._card()
        self.assertEqual((card.due_line_count, card.on_time_rate), (1, 1))

    def test_order_to_a_contact_person(self):
        person = self.env["res.partner"].create({"name": "Person", "parent_id": self.supplier.id})
        self._order({}, partner=person)
        self.assertEqual(self._card().due_line_count, 1)
        # the company it works for is as of today
        other = self._create_supplier("Other")
        person.parent_id = other
        self.env.flush_all()
        self.assertFalse(self._card())
        self.assertEqual(self._card(other).due_line_count, 1)

    def test_moved_date_keeps_the_promise(self):
        order = self._order({})
        self._move((order.order_line, 10, PROMISED + 5 * DAY))
        order.order_line.date_planned = self._moment(PROMISED + 30 * DAY)
        self.assertEqual(self._card().on_time_rate, 0)
        [row] = self._rows(order.order_line)
        self.assertEqual((row.date_promised, row.date_planned), (PROMISED, PROMISED + 30 * DAY))

    def test_cancelled_rest(self):
        """A rest that will not come is owed, until the buyer lowers the ordered quantity."""
        order = self._order({})
        line = order.order_line
        self._move((line, 6, PROMISED))
        line.move_ids.filtered(lambda move: move.state != "done")._action_cancel()
        card = self._card()
        self.assertEqual((card.on_time_rate, card.in_full_rate, card.overdue_line_count), (0.6, 0, 1))
        line.product_qty = 6
        card = self._card()
        self.assertEqual((card.on_time_rate, card.in_full_rate, card.overdue_line_count), (1, 1, 0))

    # ------------------------------------------------------------------
    # Receipts by other ways
    # ------------------------------------------------------------------
    def test_units_of_measure(self):
        order = self._order({"product_qty": 2, "product_uom_id": self.dozen.id, "price_unit": 120})
        line = order.order_line
        self._move((line, 1, PROMISED), (line, 6, PROMISED + DAY, {"product_uom": self.unit.id}))
        card = self._card()
        self.assertEqual((card.due_value, card.on_time_rate, card.overdue_value), (240, 0.5, 60))
        [row] = self._rows(line)
        self.assertEqual((row.quantity_ordered, row.quantity_received, row.quantity_open), (24, 18, 6))
        self.assertEqual(row.uom_id, self.unit)
        self._assert_rows(line)

    def test_return_and_replacement(self):
        order = self._order({})
        line = order.order_line
        first = self._move((line, 10, PROMISED))
        self._give_back(first, 4, PROMISED + 2 * DAY)
        card = self._card()
        self.assertEqual((card.on_time_rate, card.quality_rate), (1, 0.6))
        self.assertEqual((card.received_value, card.returned_value), (1000, 400))
        # what replaces it is a receipt like any other: 4 of 14 went back
        self._move((line, 4, PROMISED + 5 * DAY))
        card = self._card()
        self.assertEqual((card.on_time_rate, card.in_full_rate), (1, 1))
        self.assertAlmostEqual(card.quality_rate, 1 - 4 / 14, 9)
        self._assert_rows(line)

    def test_return_without_receipts_in_unit_of_purchase(self):
        order = self._order({"product_qty": 2, "product_uom_id": self.dozen.id})
        first = self._move((order.order_line, 2, PROMISED))
        self._give_back(first, 6, PROMISED + DAY, product_uom=self.unit.id)
        self.assertEqual(self._card().quality_rate, 0.75)

    def test_drop_shipment(self):
        order = self._order({})
        line = order.order_line
        customers = self.env.ref("stock.stock_location_customers")
        move = self._move((line, 10, PROMISED, {"location_dest_id": customers.id}))
        self._give_back(move, 2, PROMISED + DAY)
        card = self._card()
        self.assertEqual((card.on_time_rate, card.quality_rate), (1, 0.8))

    def test_drop_shipment_given_back_to_stock(self):
        """What the customer sends to the warehouse came from the supplier once, not twice."""
        order = self._order({})
        line = order.order_line
        customers = self.env.ref("stock.stock_location_customers")
        stock = order.picking_type_id.default_location_dest_id
        move = self._move((line, 10, PROMISED, {"location_dest_id": customers.id}))
        self._give_back(move, 3, PROMISED + DAY, location_dest_id=stock.id)
        card = self._card()
        self.assertEqual((card.on_time_rate, card.quality_rate), (1, 1))
        self.assertEqual(self._rows(line)[0].quantity_received, 10)

    def test_transit_between_companies(self):
        order = self._order({})
        line = order.order_line
        transit = self.env.ref("stock.stock_location_inter_company")
        transit.active = True
        move = self._move((line, 10, PROMISED, {"location_id": transit.id}))
        self._give_back(move, 5, PROMISED + DAY)
        card = self._card()
        self.assertEqual((card.on_time_rate, card.quality_rate), (1, 0.5))
        self._assert_rows(line)

    def test_subcontractor(self):
        """With mrp_subcontracting goods come from an internal location, and go back there."""
        stock = (
            self.env["stock.warehouse"].search([("company_id", "=", self.company.id)], limit=1).lot_stock_id
        )
        place = self.env["stock.location"].create(
            {
                "name": "Subcontractors",
                "usage": "internal",
                "location_id": stock.location_id.id,
                "company_id": self.company.id,
            }
        )
        self.env["stock.quant"]._update_available_quantity(self.product, place, 10)
        order = self._order({})
        line = order.order_line
        values = {"location_id": place.id}
        first = self._move((line, 6, PROMISED, values), (line, 4, PROMISED + DAY, values))[0]
        self._give_back(first, 3, PROMISED + 5 * DAY)
        with patch.object(
            supplier_delivery_facts, "_subcontracting_locations", lambda _env, _settings: place
        ):
            card = self._card()
            [row] = self._rows(line)
            self.assertEqual((card.on_time_rate, card.in_full_rate, card.quality_rate), (0.6, 1, 0.7))
            self.assertEqual(row.date_last_receipt, PROMISED + DAY)

    def test_receipt_in_steps(self):
        """The way from the gate to the shelf is the company's, not the supplier's."""
        warehouse = self.env["stock.warehouse"].search([("company_id", "=", self.company.id)], limit=1)
        warehouse.reception_steps = "three_steps"
        order = self._order({})
        picking = order.picking_ids
        picking.move_ids.quantity = 10
        picking.move_ids.picked = True
        picking.button_validate()
        following = order.order_line.move_ids.move_dest_ids
        self.assertTrue(following)
        order.order_line.move_ids.date = self._moment(PROMISED)
        following.quantity = 10
        following.picked = True
        following._action_done()
        following.date = self._moment(PROMISED + 9 * DAY)
        self.assertEqual(self._card().on_time_rate, 1)
        self.assertEqual(self._rows(order.order_line)[0].quantity_received, 10)

    def test_kit(self):
        """A kit is received as its components: as much as Odoo says, on the day of the last one."""
        order = self._order({}, {})
        component, other = self._create_product("Component"), self._create_product("Other component")
        for line, day in zip(order.order_line, (PROMISED, PROMISED + DAY), strict=True):
            self._move(
                (line, 20, PROMISED - DAY, {"product_id": component.id}),
                (line, 10, day, {"product_id": other.id}),
            )
        # what purchase_mrp computes from the bill of materials
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                "UPDATE purchase_order_line SET qty_received = 10 WHERE id IN %s RETURNING id",
                order.order_line._ids,
            )
        )
        self.env.invalidate_all()
        card = self._card()
        self.assertEqual((card.on_time_rate, card.in_full_rate, card.late_days_mean), (0.5, 1, 1))
        first, second = self._rows(order.order_line)
        self.assertEqual((first.delivery_state, second.delivery_state), ("on_time", "late"))
        self.assertEqual(second.date_last_receipt, PROMISED + DAY)
        self.assertEqual(second.slippage_days, 1)

    def test_scrapped(self):
        """What is scrapped after its receipt was received."""
        order = self._order({})
        move = self._move((order.order_line, 10, PROMISED))
        scrap = self.env["stock.scrap"].create(
            {
                "product_id": self.product.id,
                "scrap_qty": 4,
                "location_id": move.location_dest_id.id,
                "company_id": self.company.id,
            }
        )
        scrap.action_validate()
        card = self._card()
        self.assertEqual((card.on_time_rate, card.quality_rate), (1, 1))

    # ------------------------------------------------------------------
    # Times
    # ------------------------------------------------------------------
    def test_lead_time(self):
        order = self._order({}, {})
        first, second = order.order_line
        self._move(
            (first, 6, CONFIRMED + 10 * DAY),
            (first, 4, CONFIRMED + 20 * DAY),
            (second, 10, CONFIRMED + 20 * DAY),
        )
        card = self._card()
        self.assertEqual((card.lead_days_mean, card.lead_days_median, card.lead_days_deviation), (17, 17, 3))
        self.assertEqual(card.promised_lead_days_mean, (PROMISED - CONFIRMED).days)
        self.assertEqual(card.slippage_days_max, (CONFIRMED + 20 * DAY - PROMISED).days)
        self._assert_rows(order.order_line)

    def test_lead_time_of_a_reopened_order(self):
        """Odoo overwrites its confirmation: of what came before nobody knows how long it took, and it is no figure."""
        whole = self._order({})
        parts = self._order({}, confirmed=CONFIRMED + 5 * DAY)
        self._move(
            (whole.order_line, 10, CONFIRMED + 10 * DAY),
            (parts.order_line, 6, CONFIRMED + 2 * DAY),
            (parts.order_line, 4, CONFIRMED + 30 * DAY),
        )
        card = self._card()
        self.assertEqual((card.lead_days_mean, card.lead_days_median, card.lead_days_deviation), (10, 10, 0))
        self.assertEqual((card.received_line_count, card.due_line_count), (1, 2))
        self.assertEqual(card.slippage_line_count, 2)
        self.assertEqual([row.lead_days for row in self._rows(parts.order_line)], [False])
        self.assertTrue(card.slippage_days_mean)
        self._assert_rows(whole.order_line + parts.order_line)

    def test_lead_time_of_a_line_added_later(self):
        """It is ordered on the day it is added; what an import adds for a day that is over is as old as its order."""
        order = self._order({}, {})
        added, imported = order.order_line
        self._move((added, 10, PROMISED + 2 * DAY), (imported, 10, PROMISED + 2 * DAY))
        later = PROMISED - 9 * DAY
        self.env.flush_all()
        for records, day in ((order, CONFIRMED), (added, later), (imported, PROMISED + 3 * DAY)):
            # SQL: the ORM does not write it
            self.env.execute_query(
                SQL(
                    "UPDATE %s SET create_date = %s WHERE id = ANY(%s) RETURNING id",
                    SQL.identifier(records._table),
                    self._moment(day),
                    records.ids,
                )
            )
        self.env.invalidate_all()
        lead = (PROMISED - CONFIRMED).days
        rows = self._rows(added + imported)
        self.assertEqual([row.date_confirmed for row in rows], [later, CONFIRMED])
        self.assertEqual([row.lead_days for row in rows], [11, lead + 2])
        self.assertEqual([row.promised_lead_days for row in rows], [9, lead])
        card = self._card()
        self.assertEqual(card.lead_days_mean, (11 + lead + 2) / 2)
        self.assertEqual(card.promised_lead_days_mean, (9 + lead) / 2)

    def test_response(self):
        """RFQs sent in the window, whatever became of them; no answer is no time."""
        for sent, answered in (
            (WINDOW.first, WINDOW.first + 2 * DAY),
            (WINDOW.last, WINDOW.last + DAY),
            (date(2026, 5, 1), None),
            (WINDOW.first - DAY, WINDOW.first),
        ):
            self.env["purchase.order"].create(
                {
                    "partner_id": self.supplier.id,
                    "rfq_sent_date": self._moment(sent),
                    "rfq_answer_date": answered and self._moment(answered),
                }
            )
        card = self._card()
        self.assertEqual((card.rfq_count, card.answered_rfq_count, card.response_days), (3, 2, 1.5))
        # known, but not rated, and nothing is said of deliveries
        self.assertEqual((card.due_line_count, card.score, card.grade), (0, False, False))
        self.assertIs(card.on_time_rate, False)
        self.assertIs(card.due_value, False)
        self.assertEqual(card.line_ids.filtered("points").points, 95)

    # ------------------------------------------------------------------
    # Prices
    # ------------------------------------------------------------------
    def _compliance(self, price, agreed=100, **line):
        order = self._order({"price_unit": price, "agreed": agreed, **line})
        card = self._card()
        self._assert_rows(order.order_line)
        return card.price_compliance

    def test_border_price_exactly_at_the_tolerance(self):
        self.assertEqual(self._compliance(100.5), 1)

    def test_border_price_above_the_tolerance(self):
        self.assertEqual(self._compliance(100.51), 0)

    def test_border_low_price(self):
        self.assertEqual(self._compliance(10), 1)

    def test_border_low_price_where_both_count(self):
        self.policy.price_scope = "both"
        self.assertEqual(self._compliance(99.49), 0)

    def test_border_low_price_exactly_at_the_tolerance(self):
        self.policy.price_scope = "both"
        self.assertEqual(self._compliance(99.5), 1)

    def test_border_of_a_price_that_no_float_holds(self):
        self.assertEqual(self._compliance(1.10 * 1.005, 1.10), 1)

    def test_price_of_less_than_a_cent(self):
        """The exact price counts, not what the rounded subtotal would make of it."""
        self.assertEqual(self._compliance(0.0149, 0.0140, product_qty=1), 0)

    def test_discount_and_no_agreement(self):
        order = self._order({"price_unit": 125, "discount": 20, "agreed": 99}, {"price_unit": 500})
        card = self._card()
        self.assertEqual((card.price_line_count, card.price_value, card.price_compliance), (1, 1000, 0))
        self.assertEqual(card.price_variance, 10)
        self._assert_rows(order.order_line)

    def test_price_with_tax_within(self):
        tax = self.env["account.tax"].create(
            {
                "name": "Within",
                "amount": 25,
                "type_tax_use": "purchase",
                "price_include_override": "tax_included",
                "company_id": self.company.id,
                "country_id": self.company.country_id.id or self.env.ref("base.vn").id,
                "tax_group_id": self.env["account.tax.group"]
                .create({"name": "Group", "company_id": self.company.id})
                .id,
            }
        )
        order = self._order({"price_unit": 125, "agreed": 100, "tax_ids": [Command.set(tax.ids)]})
        self.assertEqual(order.order_line.price_subtotal, 1000)
        card = self._card()
        self.assertEqual((card.price_compliance, card.price_variance), (1, 0))

    def test_currency(self):
        """Weights and variances are at the rate of the order."""
        usd = self.env.ref("base.USD")
        usd.active = True
        self.env["res.currency.rate"].create(
            {
                "currency_id": usd.id,
                "name": Date.to_string(CONFIRMED),
                "rate": 1.25,
                "company_id": self.company.id,
            }
        )
        order = self._order({"price_unit": 110, "agreed": 100}, currency_id=usd.id)
        self._order({})
        self._move((order.order_line, 10, PROMISED))
        card = self._card()
        self.assertEqual((card.due_value, card.price_variance), (1880, 80))
        self.assertAlmostEqual(card.on_time_rate, 880 / 1880, 9)
        self._assert_rows(order.order_line)

    def _accounts(self):
        self.env["account.chart.template"].try_loading("generic_coa", self.company, install_demo=False)
        self.company.currency_id = self.env.ref("base.EUR")  # which the chart has changed

    def test_bills(self):
        """Bills against the order: dearer, in another unit, a refund, a draft that says nothing."""
        self._accounts()
        order = self._order({})
        line = order.order_line
        self._bill(line, 4, 105)
        self.assertEqual((self._card().bill_line_count, self._card().bill_variance), (1, 20))
        self._bill(line, 1, 105, kind="in_refund")
        self._bill(line, 5, 300, post=False)
        card = self._card()
        self.assertEqual((card.bill_line_count, card.bill_variance), (2, 15))
        self._assert_rows(line)

    def test_refund_of_money_alone(self):
        """A credit note on the price takes no pieces off, however many its line has; one for goods sent back does."""
        self._accounts()
        order = self._order(*[{"price_unit": 1000}] * 6)
        lines = order.order_line
        receipts = self._move(*[(line, 10, PROMISED) for line in lines[:5]])
        for line in lines:
            self._bill(line, 10, 1100)
        self._bill(lines[0], 10, 100, kind="in_refund")
        self._bill(lines[1], 1, 1000, kind="in_refund")
        self._give_back(receipts[2], 3, TODAY)
        self._bill(lines[2], 3, 1100, kind="in_refund")
        # as many as went back, and money for those that stay
        self._give_back(receipts[3], 3, TODAY)
        self._bill(lines[3], 10, 100, kind="in_refund")
        self._bill(lines[3], 3, 1000, kind="in_refund")
        # a wrong bill that was taken back; one for goods that never came
        self._bill(lines[4], 10, 1100, kind="in_refund")
        self._bill(lines[5], 4, 1100, kind="in_refund")
        variances = [row.bill_variance for row in self._rows(lines)]
        self.assertEqual(variances, [0, 0, 700, 0, 0, 600])
        self.assertEqual(self._card().bill_variance, 1300)
        self._assert_rows(lines)
        # the right bill
        self._bill(lines[4], 10, 1000)
        self.assertEqual(self._rows(lines[4])[0].bill_variance, 0)
        # as cards read it, for all suppliers at once
        expected = self._reference_cards(self.company, self.policy)[self.supplier]
        self.assertEqual(expected.figures["bill_variance"], 1300)
        self._assert_card(self._card(), expected)

    def test_bill_in_another_unit_and_currency(self):
        self._accounts()
        usd = self.env.ref("base.USD")
        usd.active = True
        for day, rate in ((CONFIRMED, 1.25), (PROMISED, 2.0)):
            self.env["res.currency.rate"].create(
                {"currency_id": usd.id, "name": day, "rate": rate, "company_id": self.company.id}
            )
        order = self._order({"product_qty": 2, "product_uom_id": self.dozen.id, "price_unit": 120})
        # 12 pieces at 22 dollars are 132 euros on the day of the bill, where a dozen was ordered at 120
        self._bill(order.order_line, 12, 22, currency_id=usd.id, line_values={"product_uom_id": self.unit.id})
        self.assertEqual(self._card().bill_variance, 12)
        # in the currency of the order, a rate that has moved since is nobody's fault
        order = self._order({"price_unit": 100}, currency_id=usd.id)
        self._bill(order.order_line, 10, 105)
        [row] = self._rows(order.order_line)
        self.assertEqual(row.bill_variance, 40)
        self._assert_rows(order.order_line)

    # ------------------------------------------------------------------
    # Score and grade
    # ------------------------------------------------------------------
    def _scored(self, good, bad, lines=3):
        """A card of ``lines`` lines of which delivery alone counts: ``good`` of the value in time."""
        self.policy.criterion_ids = [
            Command.clear(),
            Command.create({"name": "Delivery", "formula": "100 * on_time_rate", "weight": 1}),
        ]
        order = self._order(
            {"price_unit": good / 10},
            {"price_unit": bad / 10},
            *[{"price_unit": 0}] * (lines - 2),
        )
        self._move((order.order_line[0], 10, PROMISED))
        return self._card()

    def test_border_too_few_lines(self):
        card = self._scored(100, 0, lines=2)
        self.assertEqual((card.due_line_count, card.on_time_rate), (2, 1))
        self.assertIs(card.score, False)
        self.assertFalse(card.grade)

    def test_border_just_enough_lines(self):
        card = self._scored(100, 0, lines=3)
        self.assertEqual((card.score, card.grade), (100, "high"))

    def test_border_high(self):
        card = self._scored(80, 20)
        self.assertEqual((card.score, card.grade), (80, "high"))

    def test_border_below_high(self):
        card = self._scored(79.99, 20.01)
        self.assertEqual((card.score, card.grade), (79.99, "medium"))

    def test_border_medium(self):
        card = self._scored(50, 50)
        self.assertEqual((card.score, card.grade), (50, "medium"))

    def test_border_below_medium(self):
        card = self._scored(49.99, 50.01)
        self.assertEqual((card.score, card.grade), (49.99, "low"))

    def test_border_of_sums_that_no_float_holds(self):
        """0.1 + 0.7 of 1 is 80 %, though the sum of floats is a bit less."""
        self.policy.criterion_ids = [
            Command.clear(),
            Command.create({"name": "Delivery", "formula": "100 * on_time_rate", "weight": 1}),
        ]
        order = self._order(
            *[{"product_qty": 1, "price_unit": price} for price in (0.1, 0.7, 0.2)],
        )
        self._move(*[(line, 1, PROMISED) for line in order.order_line[:2]])
        card = self._card()
        self.assertEqual((card.score, card.grade), (80, "high"))

    def test_weights_without_data(self):
        """No agreed price and no RFQ: their weights do not count. Points are cut to 0 to 100."""
        order = self._order({}, {}, {})
        moves = self._move(*[(line, 10, PROMISED) for line in order.order_line[:2]])
        self._give_back(moves[0], 10, PROMISED)
        self.policy.criterion_ids = [
            Command.create({"name": "Far below", "formula": "0 - 500 * on_time_rate", "weight": 5}),
            Command.create({"name": "Far above", "formula": "500 * on_time_rate", "weight": 5}),
            Command.create({"name": "Weightless", "formula": "100", "weight": 0}),
        ]
        card = self._card()
        points = {line.criterion_id.name: line.points for line in card.line_ids}
        self.assertEqual(points["Price"], False)
        self.assertEqual(points["Response"], False)
        self.assertEqual((points["Quality"], points["Far below"], points["Far above"]), (50, 0, 100))
        expected = (40 * 100 * 2 / 3 + 25 * 50 + 5 * 0 + 5 * 100) / (40 + 25 + 5 + 5)
        self.assertAlmostEqual(card.score, expected, 5)

    def test_no_criteria(self):
        self.policy.criterion_ids.unlink()
        self._order({}, {}, {})
        card = self._card()
        self.assertEqual((card.due_line_count, card.score, card.grade), (3, False, False))
        self.assertFalse(card.line_ids)

    def test_broken_formula(self):
        """A formula that was not checked when it was saved is named, and nothing is written."""
        self._order({})
        criterion = self.policy.criterion_ids[0]
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                "UPDATE supplier_score_criterion SET formula = %s WHERE id = %s RETURNING id",
                "100 * on_tme_rate",
                criterion.id,
            )
        )
        self.env.invalidate_all()
        with self.assertRaisesRegex(UserError, r"Delivery.*on_tme_rate"):
            self._compute()
        self.assertFalse(self.cards.search([("company_id", "=", self.company.id)]))

    # ------------------------------------------------------------------
    # Writing
    # ------------------------------------------------------------------
    def test_only_what_differs_is_written(self):
        other = self._create_supplier("Other")
        order = self._order({}, {}, {})
        self._order({}, {}, {}, partner=other)
        self._move((order.order_line[0], 10, PROMISED))
        self.assertEqual(self._compute(), {"added": 2, "changed": 0, "removed": 0})
        cards = self.cards.search([("company_id", "=", self.company.id)])
        before = self._raw()
        self.assertEqual(self._compute(), {"added": 0, "changed": 0, "removed": 0})
        self.assertEqual(self._raw(), before)
        self._move((order.order_line[1], 10, PROMISED))
        self.assertEqual(self._compute(), {"added": 0, "changed": 1, "removed": 0})
        self.assertEqual(self.cards.search([("company_id", "=", self.company.id)]), cards)
        # what the server had in memory is new, too
        self.assertAlmostEqual(
            cards.filtered(lambda card: card.partner_id == self.supplier).on_time_rate, 2 / 3, 9
        )
        self.env["purchase.order"].search([("partner_id", "=", other.id)]).button_cancel()
        self.assertEqual(self._compute()["removed"], 1)
        self.assertEqual(self.cards.search([("company_id", "=", self.company.id)]).partner_id, self.supplier)

    def _raw(self):
        """Everything in both tables, with the place of each row: a row that was written has another one."""
        self.env.flush_all()
        return [
            self.env.execute_query(
                SQL("SELECT ctid::text, to_jsonb(t) FROM %s AS t ORDER BY id", SQL.identifier(table))
            )
            for table in ("supplier_scorecard", "supplier_scorecard_line")
        ]

    def test_criteria_that_changed(self):
        self._order({}, {}, {})
        card = self._card()
        first, second, *_rest = self.policy.criterion_ids
        first.weight = 80
        second.active = False
        self.policy.criterion_ids = [
            Command.create({"name": "New", "formula": "10", "weight": 1, "sequence": 9})
        ]
        self._compute()
        self.assertEqual(
            card.line_ids.mapped(lambda line: (line.criterion_id.name, line.weight, line.points)),
            [("Delivery", 80, 0), ("Price", 25, False), ("Response", 10, False), ("New", 1, 10)],
        )
        self.assertEqual(card.line_ids.company_id, self.company)
        self.assertAlmostEqual(card.score, 10 / 81, 5)

    def test_only_some_suppliers(self):
        other = self._create_supplier("Other")
        person = self.env["res.partner"].create({"name": "Person", "parent_id": self.supplier.id})
        self._order({}, partner=other)
        self._order({})
        self.assertEqual(self._compute(partners=person)["added"], 1)
        self.assertEqual(self.cards.search([("company_id", "=", self.company.id)]).partner_id, self.supplier)
        self._compute()
        self._order({}, partner=other)
        self._order({})
        self.assertEqual(self._compute(partners=other), {"added": 0, "changed": 1, "removed": 0})
        self.assertEqual(
            self._compute(partners=self.env["res.partner"]), {"added": 0, "changed": 0, "removed": 0}
        )

    def test_months_and_current(self):
        """A card a month beside the current one; the current one follows the window."""
        self._order({"promised": date(2026, 4, 10)}, {"promised": date(2026, 5, 10)})
        for month in (4, 5, 6):
            window = Window(date(2026, month, 1), date(2026, month, 30 if month != 5 else 31))
            self._compute(window=window, period="month", is_current=False)
        self.assertEqual(
            self.cards.search([("company_id", "=", self.company.id)], order="date_to").mapped("date_to"),
            [date(2026, 4, 30), date(2026, 5, 31)],
        )
        current = self._card()
        self.assertEqual(
            (current.date_from, current.date_to, current.due_line_count), (*vars(WINDOW).values(), 2)
        )
        self._compute(window=Window(date(2026, 5, 1), TODAY - DAY))
        self.assertEqual((current.date_to, current.due_line_count), (TODAY - DAY, 1))
        self.assertEqual(len(self.cards.search([("company_id", "=", self.company.id)])), 3)

    def test_score_of_the_supplier(self):
        self._order({}, {}, {})
        self.assertIs(self.supplier.supplier_score, False)
        self._compute()
        self.assertEqual((self.supplier.supplier_score, self.supplier.supplier_grade), (0, "low"))

    def test_settings_are_taken_back(self):
        before = self.env.execute_query(SQL("SELECT name, setting FROM pg_settings ORDER BY name"))
        self._compute()
        self.assertEqual(
            self.env.execute_query(SQL("SELECT name, setting FROM pg_settings ORDER BY name")), before
        )

    # ------------------------------------------------------------------
    # Companies and time zones
    # ------------------------------------------------------------------
    def test_two_companies_in_two_time_zones(self):
        """The same moments are in time where the day is not over yet, and late where the next one has begun."""
        tz = "America/New_York"
        other = self._create_company("Company in America", tz, "base.USD")
        self.env.user.company_ids |= other
        policy = self._create_policy(other)
        env = self.env(context={**self.env.context, "allowed_company_ids": other.ids})
        received = datetime(2026, 4, 10, 18, 0)  # the 11th in Vietnam, 2 p.m. of the 10th in New York
        mine = self._order({})
        self._move((mine.order_line, 10, received))
        there = type(self)
        original = there.env
        there.env = env
        try:
            theirs = self._order({"promised_hour": 12}, tz=tz, company_id=other.id)
            self._move((theirs.order_line, 10, received))
        finally:
            there.env = original
        self.assertEqual(self._card().on_time_rate, 0)
        card = self._card(company=other.with_env(self.env))
        self.assertEqual((card.on_time_rate, card.currency_id.name), (1, "USD"))
        self.assertEqual(self.cards.search_count([("partner_id", "=", self.supplier.id)]), 2)
        both = self.report.with_context(allowed_company_ids=(self.company + other).ids)
        rows = both.search([("partner_id", "=", self.supplier.id)])
        states = {row.company_id: row.delivery_state for row in rows}
        self.assertEqual(states, {self.company: "late", other: "on_time"})
        rates = both._read_group([("is_due", "=", True)], ["company_id"], ["on_time_rate:avg"])
        self.assertEqual(dict(rates), {self.company: 0, other: 1})
        policy.grace_days = 9
        self.policy.grace_days = 1
        rates = both._read_group([("is_due", "=", True)], ["company_id"], ["on_time_rate:avg"])
        self.assertEqual(dict(rates), {self.company: 1, other: 1})
