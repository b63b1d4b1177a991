from datetime import date, timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ...tools.supplier_choice import Candidate, rank, share_points, total_points
from .choosing import ChoosingCommon

WEIGHTS = {"price": 50, "lead": 20, "reliability": 30}


@tagged("post_install", "-at_install")
class TestSupplierChoiceArithmetic(ChoosingCommon):
    """The ranking as plain functions."""

    def test_points(self):
        self.assertEqual(share_points(80, 100), 80)
        self.assertEqual(share_points(100, 100), 100)
        self.assertEqual(share_points(100, 90), 100)
        self.assertIsNone(share_points(None, 100))
        self.assertIsNone(share_points(80, None))
        self.assertIsNone(share_points(80, 0))

    def test_missing_criteria_leave_their_weight_out(self):
        self.assertAlmostEqual(
            total_points({"price": 80, "lead": 100, "reliability": 50}, WEIGHTS), (4000 + 2000 + 1500) / 100
        )
        self.assertAlmostEqual(
            total_points({"price": 80, "lead": None, "reliability": 50}, WEIGHTS), 5500 / 80
        )
        self.assertAlmostEqual(total_points({"price": None, "lead": None, "reliability": 50}, WEIGHTS), 50)
        self.assertIsNone(total_points({"price": None, "lead": None, "reliability": None}, WEIGHTS))
        self.assertIsNone(total_points({"price": 80}, {"price": 0, "lead": 20, "reliability": 30}))
        self.assertEqual(total_points({"price": 80, "lead": 0}, {"price": 1, "lead": 1}), 40, "0 is data")

    def test_order(self):
        def candidate(key, blocked=False, offered=1, cost=10, **points):
            return Candidate(key, blocked, offered, cost, points)

        ranked = rank(
            [
                candidate(1, blocked=True, price=100),
                candidate(2, offered=0, price=100),
                candidate(3, price=80),
                candidate(4, price=90, cost=12),
                candidate(5, price=90, cost=11),
                candidate(7, price=90, cost=11),
                candidate(6, price=90, cost=11),
                candidate(8),
            ],
            WEIGHTS,
        )
        self.assertEqual([item.key for item, _total in ranked], [5, 6, 7, 4, 3, 8, 2, 1])


@tagged("post_install", "-at_install")
class TestSupplierChoice(ChoosingCommon):
    """Comparing the suppliers of a product and of an RFQ, and taking one."""

    def _open(self, record, user=None):
        action = record.with_user(user or self.buyer).with_company(self.company).action_compare_suppliers()
        return self.env["supplier.choice"].with_user(user or self.buyer).browse(action["res_id"])

    def _compare(self, quantity=10, uom=None, product=None):
        choice = self._open(product or self.oak)
        choice.write({"quantity": quantity, "uom_id": (uom or self.unit).id})
        choice.action_refresh()
        return choice

    def _row(self, choice, partner):
        return choice.line_ids.filtered(lambda line: line.partner_id == partner)

    # ------------------------------------------------------------------
    # Prices
    # ------------------------------------------------------------------
    def test_ranked(self):
        self._price(self.cheap, 80)
        self._price(self.fast, 100)
        self._price(self.good, 160)
        self._rate(self.cheap, 40, lead_days_median=20, received_line_count=4)
        self._rate(self.fast, 60, lead_days_median=5, received_line_count=3)
        self._rate(self.good, 90)
        choice = self._compare()
        self.assertEqual(
            [(line.rank, line.partner_id, round(line.total, 2)) for line in choice.line_ids.sorted("rank")],
            [
                # (50 · 80 + 20 · 100 + 30 · 60) ÷ 100
                (1, self.fast, 78.0),
                # (50 · 100 + 20 · 25 + 30 · 40) ÷ 100
                (2, self.cheap, 67.0),
                # (50 · 50 + 30 · 90) ÷ 80
                (3, self.good, 65.0),
            ],
        )
        self.assertEqual(
            self._row(choice, self.fast).arithmetic,
            "(50 × 80 price + 20 × 100 lead time + 30 × 60 reliability) ÷ 100 = 78",
        )
        self.assertEqual(
            self._row(choice, self.good).arithmetic,
            "(50 × 50 price + 30 × 90 reliability) ÷ 80 = 65; no data: lead time",
        )
        self.assertIs(self._row(choice, self.good).lead_days, False)
        self.assertRecordValues(
            self._row(choice, self.cheap),
            [{"price_unit": 80, "amount": 800, "grade": "low", "is_blocked": False}],
        )

    def test_weights(self):
        self._price(self.cheap, 80)
        self._price(self.good, 160)
        self._rate(self.cheap, 40)
        self._rate(self.good, 90)
        choice = self._compare()
        self.assertEqual(self._row(choice, self.cheap).rank, 1)
        choice.write({"price_weight": 0, "lead_weight": 0, "reliability_weight": 1})
        self.assertEqual(self._row(choice, self.good).rank, 1)
        self.assertEqual(self._row(choice, self.good).total, 90)
        self.assertEqual(self._open(self.oak).price_weight, 50, "of this comparison only")
        with self.assertRaises(AccessError):
            choice.action_keep_weights()
        theirs = self._open(self.oak, self.manager)
        theirs.write({"price_weight": 10, "lead_weight": 20, "reliability_weight": 70})
        theirs.action_keep_weights()
        self.assertEqual(self._open(self.oak).reliability_weight, 70)
        self.assertEqual(self.company2.supplier_choice_reliability_weight, 30)

    def test_supplier_sees_no_weights(self):
        """A supplier with a portal login may read the company by a call, and not what counts how much."""
        portal = self._create_user("weighed_portal", "base.group_portal")
        names = ["name", *(f"supplier_choice_{name}_weight" for name in WEIGHTS)]
        self.assertEqual([*self.env["res.company"].with_user(portal).fields_get(names)], ["name"])

    def test_ties_by_price_then_id(self):
        self._price(self.good, 100)
        self._price(self.cheap, 100)
        self._price(self.fast, 100)
        choice = self._compare()
        self.assertEqual(
            choice.line_ids.sorted("rank").partner_id.ids, sorted((self.cheap + self.fast + self.good).ids)
        )

    def test_unit_currency_and_discount(self):
        self._price(self.cheap, 1200, product_uom_id=self.dozen.id, discount=10)
        self._price(self.fast, 150, currency_id=self.usd.id)
        choice = self._compare(quantity=24)
        self.assertAlmostEqual(self._row(choice, self.cheap).price_unit, 90)
        self.assertAlmostEqual(self._row(choice, self.fast).price_unit, 75)
        choice = self._compare(quantity=2, uom=self.dozen)
        self.assertAlmostEqual(self._row(choice, self.cheap).price_unit, 1080)
        self.assertAlmostEqual(self._row(choice, self.fast).price_unit, 900)
        self.assertAlmostEqual(self._row(choice, self.fast).amount, 1800)

    def test_minimum_quantity(self):
        self._price(self.cheap, 50, min_qty=100)
        self._price(self.cheap, 90, min_qty=10)
        self._price(self.fast, 40, min_qty=11)
        self._price(self.good, 100)
        choice = self._compare(quantity=10)
        cheap, fast, good = (self._row(choice, partner) for partner in (self.cheap, self.fast, self.good))
        self.assertEqual((cheap.price_unit, cheap.price_points), (90, 100), "the minimum is reached exactly")
        self.assertFalse(cheap.remark)
        self.assertEqual((fast.price_unit, fast.amount), (40, False))
        self.assertIn("11", fast.remark)
        self.assertEqual(good.price_points, 90, "measured against what can be had")
        self.assertEqual([cheap.rank, good.rank, fast.rank], [1, 2, 3])
        choice = self._compare(quantity=100)
        self.assertEqual(self._row(choice, self.cheap).price_unit, 50)
        self.assertEqual(self._row(choice, self.fast).rank, 1)

    def test_minimum_in_the_unit_of_the_price(self):
        self._price(self.cheap, 1200, product_uom_id=self.dozen.id, min_qty=2)
        self.assertTrue(self._row(self._compare(quantity=23), self.cheap).remark)
        self.assertFalse(self._row(self._compare(quantity=24), self.cheap).remark)

    def test_validity(self):
        today = date.today()
        day = timedelta(days=1)
        self._price(self.cheap, 50, date_end=today - day)
        self._price(self.fast, 60, date_end=today)
        self._price(self.good, 70, date_start=today + day)
        choice = self._compare()
        cheap, fast, good = (self._row(choice, partner) for partner in (self.cheap, self.fast, self.good))
        self.assertIs(cheap.price_unit, False)
        self.assertIn("expired", cheap.remark)
        self.assertEqual(fast.price_unit, 60)
        self.assertIn("valid from", good.remark)
        self.assertEqual((fast.rank, fast.price_points), (1, 100))
        self.assertIs(cheap.total, False)
        self.assertIn("No data", cheap.arithmetic)
        self.assertIn("expired", cheap.arithmetic)

    def test_price_of_zero_is_none(self):
        self._price(self.cheap, 0)
        self._price(self.good, 70)
        choice = self._compare()
        self.assertIs(self._row(choice, self.cheap).price_unit, False)
        self.assertEqual(self._row(choice, self.good).price_points, 100)

    def _tax(self, name, amount, included):
        country = self.env.ref("base.fr")
        self.company.account_fiscal_country_id = country
        group = self.env["account.tax.group"].create(
            {"name": name, "company_id": self.company.id, "country_id": country.id}
        )
        return self.env["account.tax"].create(
            {
                "name": name,
                "amount": amount,
                "type_tax_use": "purchase",
                "price_include_override": "tax_included" if included else "tax_excluded",
                "company_id": self.company.id,
                "country_id": country.id,
                "tax_group_id": group.id,
            }
        )

    def test_included_taxes(self):
        """Prices are compared without taxes, whoever has them in the price; the order line has them as entered."""
        self.oak.supplier_taxes_id = self._tax("20 % included", 20, True)
        abroad = self.env["account.fiscal.position"].create(
            {"name": "Abroad", "company_id": self.company.id, "auto_apply": False}
        )
        # a foreign vendor charges none, so Odoo takes the tax out of its price already
        self.good.with_company(self.company).property_account_position_id = abroad
        self.oak.supplier_taxes_id.fiscal_position_ids = False
        self._tax("None abroad", 0, False).write(
            {
                "fiscal_position_ids": [Command.set(abroad.ids)],
                "original_tax_ids": [Command.set(self.oak.supplier_taxes_id.ids)],
            }
        )
        self._price(self.cheap, 120)
        self._price(self.good, 108)
        self._blanket(self.fast, 132)
        order = self._order(self.cheap, (self.oak, 10))
        self.assertAlmostEqual(order.order_line.price_subtotal, 1000)
        for choice in (self._compare(), self._open(order)):
            prices = {line.partner_id: round(line.price_unit, 6) for line in choice.line_ids}
            self.assertEqual(prices, {self.cheap: 100, self.good: 90, self.fast: 110})
        self._row(choice, self.fast).action_take()
        self.assertRecordValues(order.order_line, [{"price_unit": 132, "price_subtotal": 1100}])
        self._row(self._open(order), self.good).action_take()
        self.assertRecordValues(order.order_line, [{"price_unit": 90, "price_subtotal": 900}])

    def test_included_tax_of_a_price_that_odoo_does_not_find(self):
        self.oak.supplier_taxes_id = self._tax("20 % included", 20, True)
        self._price(self.cheap, 80)
        self._price(self.good, 720, product_uom_id=self.dozen.id)
        order = self._order(self.cheap, (self.oak, 24))
        self._row(self._open(order), self.good).action_take()
        self.assertRecordValues(order.order_line, [{"price_unit": 60, "price_subtotal": 1200}])

    def test_blanket_order(self):
        self._price(self.cheap, 90)
        self._price(self.good, 80)
        self._blanket(self.cheap, 70)
        self._blanket(self.fast, 60, confirm=False)
        self._blanket(self.fast, 65, date_end=date.today() - timedelta(days=1))
        choice = self._compare()
        self.assertEqual(choice.line_ids.partner_id, self.cheap + self.good, "no draft, no expired one")
        self.assertRecordValues(self._row(choice, self.cheap), [{"price_unit": 70, "blanket_price": 70}])
        self.assertIs(self._row(choice, self.good).blanket_price, False)
        offer = self._row(choice, self.cheap).offer_ids
        self.assertEqual((offer.vendor_price, offer.price_unit), (90, 70))
        self.assertIn("Blanket order", offer.origin)

    def test_blanket_order_alone(self):
        self._blanket(self.fast, 60)
        choice = self._compare()
        self.assertRecordValues(choice.line_ids, [{"partner_id": self.fast.id, "price_unit": 60, "rank": 1}])

    def test_archived_blanket_order(self):
        """Its price holds for nobody but the RFQ that names it, as the agreed price of an order line has it."""
        blanket = self._blanket(self.cheap, 70)
        order = self._order(self.cheap, requisition_id=blanket.id)
        blanket.active = False
        self._price(self.good, 80)
        self.assertEqual(self._compare().line_ids.partner_id, self.good)
        self.assertEqual(self._open(order).line_ids.partner_id, self.cheap + self.good)

    # ------------------------------------------------------------------
    # Who is a supplier
    # ------------------------------------------------------------------
    def test_variants(self):
        attribute = self.env["product.attribute"].create(
            {"name": "Size", "value_ids": [Command.create({"name": "S"}), Command.create({"name": "L"})]}
        )
        template = self.env["product.template"].create(
            {
                "name": "Beam",
                "attribute_line_ids": [
                    Command.create(
                        {"attribute_id": attribute.id, "value_ids": [Command.set(attribute.value_ids.ids)]}
                    )
                ],
            }
        )
        small, large = template.product_variant_ids
        self._price(self.cheap, 10, small, product_id=False)
        self._price(self.fast, 20, small, product_id=small.id)
        self._price(self.good, 30, small, product_id=large.id)
        self.assertEqual(self._compare(product=small).line_ids.partner_id, self.cheap + self.fast)
        self.assertEqual(self._compare(product=large).line_ids.partner_id, self.cheap + self.good)
        choice = self._open(template)
        self.assertEqual(choice.product_id, small)
        choice.product_id = large
        choice.action_refresh()
        self.assertEqual(choice.line_ids.partner_id, self.cheap + self.good)

    def test_persons_and_archived(self):
        person = self._create_person("Ann", self.cheap)
        lone = self._create_person("Lone Carpenter")
        gone = self._create_company_partner("Gone Mill", active=False)
        self._price(person, 10)
        self._price(lone, 20)
        self._price(gone, 5)
        self._rate(self.cheap, 60)
        choice = self._compare()
        self.assertEqual(choice.line_ids.partner_id, person + lone)
        self.assertEqual(self._row(choice, person).score, 60, "the rating is that of the company")
        self.assertEqual(self._row(choice, person).price_points, 100)

    def test_companies(self):
        self._price(self.cheap, 10, company_id=self.company2.id)
        self._price(self.fast, 20, company_id=False)
        self._price(self._create_company_partner("Theirs", company_id=self.company2.id), 5, company_id=False)
        self._rate(self.fast, 90, company=self.company2)
        choice = self._compare()
        self.assertEqual(choice.line_ids.partner_id, self.fast)
        self.assertIs(choice.line_ids.score, False, "rated elsewhere")

    def test_blocked_are_last(self):
        self.policy.write({"use_block": True})
        self._price(self.cheap, 10)
        self._price(self.good, 100)
        self._rate(self.cheap, 29)
        choice = self._compare()
        self.assertRecordValues(self._row(choice, self.cheap), [{"is_blocked": True, "rank": 2}])
        self.assertEqual(self._row(choice, self.good).rank, 1)

    def test_no_supplier(self):
        choice = self._compare()
        self.assertFalse(choice.line_ids)
        with self.assertRaisesRegex(UserError, "Tick the suppliers"):
            choice.action_make_alternatives()

    def test_own_comparisons_only(self):
        self._price(self.cheap, 10)
        choice = self._compare()
        with self.assertRaises(AccessError):
            choice.with_user(self.manager).read(["price_weight"])
        with self.assertRaises(AccessError):
            choice.line_ids.with_user(self.manager).read(["price_unit"])
        with self.assertRaises(AccessError):
            choice.line_ids.offer_ids.with_user(self.manager).read(["price_unit"])

    # ------------------------------------------------------------------
    # Lead times
    # ------------------------------------------------------------------
    def _deliver(self, partner, product, days):
        """Order and receive something ``days`` after the confirmation."""
        order = self._order(partner, (product, 1, 10))
        order.button_confirm()
        order.picking_ids.move_ids.write({"quantity": 1, "picked": True})
        order.picking_ids._action_done()
        order.date_approve = order.picking_ids.move_ids.date - timedelta(days=days)

    def test_lead_time_by_the_policy_in_force(self):
        self._price(self.cheap, 10)
        self._deliver(self.cheap, self.oak, 60)
        self.policy.write({"active": False, "window_days": 30})
        self.policy.create({"company_id": self.company.id})
        self.env.flush_all()
        choice = self._compare().with_context(active_test=False)
        self.assertEqual(
            choice._find_lead_times(self.cheap, self.oak), {self.cheap.id: (60, 1, True)}, "of a year"
        )

    def test_lead_time(self):
        self._price(self.cheap, 10, delay=3)
        self._price(self.fast, 10)
        self._rate(self.cheap, 60, lead_days_median=50, received_line_count=9)
        self._rate(self.fast, 60, lead_days_median=50, received_line_count=9)
        for days in (4, 8, 30):
            self._deliver(self.cheap, self.oak, days)
        self._deliver(self.cheap, self.pine, 70)
        self.env.flush_all()
        choice = self._compare()
        self.assertRecordValues(
            self._row(choice, self.cheap),
            [
                {
                    "lead_days": 8,
                    "lead_count": 3,
                    "lead_of_products": True,
                    "promised_lead_days": 3,
                    "lead_points": 100,
                }
            ],
        )
        self.assertRecordValues(
            self._row(choice, self.fast), [{"lead_days": 50, "lead_of_products": False, "lead_points": 16}]
        )

    def test_same_day_is_one_day(self):
        self._price(self.cheap, 10)
        self._price(self.fast, 10)
        self._rate(self.cheap, 60, lead_days_median=0)
        self._rate(self.fast, 60, lead_days_median=4)
        choice = self._compare()
        self.assertEqual(self._row(choice, self.cheap).lead_days, 0)
        self.assertEqual(self._row(choice, self.cheap).lead_points, 100)
        self.assertEqual(self._row(choice, self.fast).lead_points, 25)

    # ------------------------------------------------------------------
    # Taking one
    # ------------------------------------------------------------------
    def test_take_for_rfq(self):
        self._price(self.cheap, 80, delay=4)
        self._price(self.good, 100, currency_id=self.usd.id)
        self.good.with_company(self.company).property_purchase_currency_id = self.usd
        order = self._order(self.cheap, (self.oak, 10, 500))
        order.state = "sent"
        choice = self._open(order)
        self.assertTrue(self._row(choice, self.cheap).is_current)
        action = self._row(choice, self.good).action_take()
        self.assertEqual((action["res_model"], action["res_id"]), ("purchase.order", order.id))
        self.assertRecordValues(
            order, [{"partner_id": self.good.id, "currency_id": self.usd.id, "state": "draft"}]
        )
        self.assertEqual(
            order.order_line.price_unit, 100, "not the price that was typed for the other vendor"
        )
        self.assertTrue(
            any("Good Mill" in body and "number" in body for body in order.message_ids.mapped("body"))
        )

    def test_take_under_blanket_order(self):
        self._price(self.cheap, 80)
        self._price(self.good, 100)
        blanket = self._blanket(self.good, 70)
        order = self._order(self.cheap, (self.oak, 10))
        self._row(self._open(order), self.good).action_take()
        self.assertRecordValues(order, [{"partner_id": self.good.id, "requisition_id": blanket.id}])
        self.assertEqual(order.order_line.price_unit, 70)

    def test_take_leaves_old_blanket_order(self):
        self._price(self.good, 100)
        blanket = self._blanket(self.cheap, 70)
        order = self._order(self.cheap, (self.oak, 10), requisition_id=blanket.id)
        self._row(self._open(order), self.good).action_take()
        self.assertFalse(order.requisition_id)
        self.assertEqual(order.order_line.price_unit, 100)

    def test_take_price_that_odoo_does_not_find(self):
        """A price in a unit that is not the line's: the compared one is taken over."""
        self._price(self.cheap, 80)
        self._price(self.good, 600, product_uom_id=self.dozen.id)
        order = self._order(self.cheap, (self.oak, 24))
        self._row(self._open(order), self.good).action_take()
        self.assertAlmostEqual(order.order_line.price_unit, 50)

    def test_take_lead_time_of_a_price_that_odoo_does_not_find(self):
        """The line is planned by the price that was taken, not by that of the vendor before."""
        self._price(self.cheap, 800, delay=5)
        self._price(self.good, 9000, product_uom_id=self.dozen.id, discount=10, delay=9)
        order = self._order(self.cheap, (self.oak, 24))
        line = order.order_line
        line.date_planned = order.date_order + timedelta(days=5)
        self._row(self._open(order), self.good).action_take()
        self.assertAlmostEqual(line.price_unit, 675)
        self.assertEqual(line.date_planned, order.date_order + timedelta(days=9))

    def test_take_for_one_line(self):
        """A line of several moves to an RFQ of its own, with all that hangs on it."""
        self._price(self.cheap, 80)
        self._price(self.good, 100)
        order = self._order(self.cheap, (self.oak, 10), (self.pine, 5), origin="S00042")
        line = order.order_line[0]
        choice = self._open(line)
        self.assertTrue(choice.is_single)
        action = self._row(choice, self.good).action_take()
        target = self.env["purchase.order"].browse(action["res_id"])
        self.assertNotEqual(target, order)
        self.assertRecordValues(
            target,
            [
                {
                    "partner_id": self.good.id,
                    "company_id": self.company.id,
                    "picking_type_id": order.picking_type_id.id,
                    "origin": "S00042",
                    "state": "draft",
                }
            ],
        )
        self.assertEqual(target.order_line, line, "the very line, with its links")
        self.assertEqual((line.price_unit, line.product_qty), (100, 10))
        self.assertEqual(order.order_line.product_id, self.pine)
        self.assertEqual(order.partner_id, self.cheap)
        self.assertFalse(order.alternative_po_ids, "it does not compete with the rest of the order")
        for record in (order, target):
            self.assertTrue(any("Oak Board" in body for body in record.message_ids.mapped("body")))

    def test_take_for_one_line_extends_alternative(self):
        self._price(self.cheap, 80)
        self._price(self.good, 100)
        order = self._order(self.cheap, (self.oak, 10), (self.pine, 5))
        choice = self._open(order.order_line[0])
        self._row(choice, self.good).selected = True
        action = choice.action_make_alternatives()
        alternative = self.env["purchase.order"].browse(action["res_id"])
        self.assertEqual(alternative.order_line.product_id, self.oak, "of the compared line only")
        line = order.order_line[0]
        self._row(self._open(line), self.good).action_take()
        self.assertEqual(alternative.order_line, line, "asked for once, not twice")

    def test_take_for_the_only_line(self):
        self._price(self.cheap, 80)
        self._price(self.good, 100)
        order = self._order(self.cheap, (self.oak, 10))
        order.order_line = [
            Command.create({"display_type": "line_note", "name": "By rail", "product_qty": 0})
        ]
        self._row(self._open(order.order_line[0]), self.good).action_take()
        self.assertEqual(order.partner_id, self.good)

    def test_take_for_several_lines(self):
        """Who offers all lines comes first; of one who offers some, only these move."""
        self._price(self.cheap, 100)
        self._price(self.cheap, 100, self.pine)
        self._price(self.fast, 50)
        order = self._order(self.cheap, (self.oak, 10), (self.pine, 5))
        choice = self._open(order)
        self.assertFalse(choice.is_single)
        cheap, fast = self._row(choice, self.cheap), self._row(choice, self.fast)
        self.assertEqual((cheap.offered_count, fast.offered_count, cheap.wanted_count), (2, 1, 2))
        self.assertEqual((cheap.amount, fast.amount), (1500, 500))
        # cheap: (50 · 10 + 100 · 5) ÷ 1,500; fast: the cheapest of what it offers
        self.assertAlmostEqual(cheap.price_points, 66.7)
        self.assertEqual(fast.price_points, 100)
        self.assertEqual((cheap.rank, fast.rank), (1, 2))
        target = self.env["purchase.order"].browse(fast.action_take()["res_id"])
        self.assertEqual(target.order_line.product_id, self.oak)
        self.assertEqual(order.order_line.product_id, self.pine)

    def test_take_for_product(self):
        self._price(self.cheap, 80)
        blanket = self._blanket(self.good, 70)
        choice = self._compare(quantity=7)
        order = self.env["purchase.order"].browse(self._row(choice, self.good).action_take()["res_id"])
        self.assertRecordValues(
            order, [{"partner_id": self.good.id, "company_id": self.company.id, "requisition_id": blanket.id}]
        )
        self.assertRecordValues(
            order.order_line, [{"product_id": self.oak.id, "product_qty": 7, "price_unit": 70}]
        )

    def test_take_for_confirmed_order(self):
        self._price(self.cheap, 80)
        self._price(self.good, 100)
        order = self._order(self.cheap)
        choice = self._open(order)
        order.button_confirm()
        with self.assertRaisesRegex(UserError, "not a request for quotation any more"):
            self._row(choice, self.good).action_take()

    # ------------------------------------------------------------------
    # Alternatives
    # ------------------------------------------------------------------
    def test_alternatives(self):
        self._price(self.cheap, 80)
        self._price(self.good, 100)
        self._price(self.fast, 120)
        order = self._order(self.cheap, (self.oak, 10), (self.pine, 5))
        choice = self._open(order)
        with self.assertRaisesRegex(UserError, "Tick the suppliers"):
            choice.action_make_alternatives()
        choice.line_ids.selected = True
        action = choice.action_make_alternatives()
        created = self.env["purchase.order"].search(action["domain"])
        self.assertEqual(created.partner_id, self.good + self.fast, "its own vendor needs none")
        self.assertEqual(order.alternative_po_ids - order, created)
        for alternative in created:
            self.assertEqual(alternative.order_line.mapped("product_qty"), [10, 5])
        self.assertEqual(
            set(created.order_line.filtered(lambda line: line.product_id == self.oak).mapped("price_unit")),
            {100, 120},
        )

    def test_alternatives_for_product(self):
        self._price(self.cheap, 80)
        self._price(self.good, 100)
        choice = self._compare()
        choice.line_ids.selected = True
        created = self.env["purchase.order"].search(choice.action_make_alternatives()["domain"])
        self.assertEqual(created.partner_id, self.cheap + self.good)
        self.assertEqual(created[0].alternative_po_ids, created)
        self.assertEqual(created.order_line.mapped("product_qty"), [10, 10])

    # ------------------------------------------------------------------
    # Speed
    # ------------------------------------------------------------------
    def test_queries(self):
        """The search of suppliers takes the same number of queries for one and for 20 of them."""
        counts = []
        narrow, wide = (self._create_product(f"{width} Board") for width in ("Narrow", "Wide"))
        # the first fills what is kept for all
        for product, count in ((narrow, 1), (self.oak, 1), (wide, 20)):
            for number in range(count):
                self._price(self._create_company_partner(f"{product.name} {number}"), 10 + number, product)
            choice = self._open(product)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            choice._find_suppliers()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(len(choice.line_ids), count)
        self.assertLessEqual(counts[2], counts[1] + 1, counts)
