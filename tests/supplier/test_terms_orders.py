"""What purchase orders take of the terms of their supplier, and what they warn of."""

from datetime import date, datetime, timedelta
from unittest.mock import patch

from odoo import SUPERUSER_ID, Command
from odoo.exceptions import AccessError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import SQL

from .terms import TODAY, TermsCommon


class TermsOrdersCommon(TermsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.terms = cls._create_terms(
            incoterm_id=cls.exw.id,
            incoterm_location="Hai Phong",
            payment_term_id=cls.days30.id,
            lead_days=20,
        )
        cls.supplier.with_company(cls.company).property_supplier_payment_term_id = cls.immediate

    def _form(self, user=None):
        return Form(self.env["purchase.order"].with_user(user or self.buyer))

    def _add_line(self, form, product, quantity=None):
        with form.order_line.new() as line:
            line.product_id = product
            if quantity is not None:
                line.product_qty = quantity

    def _set_vendor_price(self, delay, partner=None, product=None, **values):
        return self.env["product.supplierinfo"].create(
            {
                "partner_id": (partner or self.supplier).id,
                "product_tmpl_id": (product or self.bolt).product_tmpl_id.id,
                "price": 3,
                "delay": delay,
                **values,
            }
        )


@tagged("post_install", "-at_install")
@freeze_time(f"{TODAY} 09:00:00")
class TestTermsFill(TermsOrdersCommon):
    def _taken(self, order):
        return (order.supplier_terms_id, order.incoterm_id, order.incoterm_location, order.payment_term_id)

    @property
    def _expected(self):
        return (self.terms, self.exw, "Hai Phong", self.days30)

    def test_form(self):
        with self._form() as form:
            form.partner_id = self.supplier
            self.assertEqual(self._taken(form), self._expected)
            self._add_line(form, self.bolt, 3)
        order = form.record
        self.assertEqual(self._taken(order), self._expected)
        self.assertEqual(order.order_line.date_planned, order.date_order + timedelta(days=20))

    def test_code(self):
        order = self._create_order((self.bolt, 3), user=self.buyer)
        self.assertEqual(self._taken(order), self._expected)
        self.assertEqual(order.order_line.date_planned, order.date_order + timedelta(days=20))
        self.assertEqual(order.date_planned, order.order_line.date_planned)

    def test_terms_are_not_chosen(self):
        """Which terms an order has is found out; no call enters others."""
        theirs = self._create_terms(partner=self.other)
        order = self._create_order((self.bolt, 1), user=self.buyer, supplier_terms_id=theirs.id)
        self.assertEqual(order.supplier_terms_id, self.terms)
        orders = self.env["purchase.order"].with_user(self.buyer)
        sent = orders.with_context(default_supplier_terms_id=theirs.id)
        self.assertEqual(sent.create({"partner_id": self.supplier.id}).supplier_terms_id, self.terms)
        by_core = sent.with_user(SUPERUSER_ID)
        self.assertEqual(by_core.create({"partner_id": self.supplier.id}).supplier_terms_id, self.terms)
        self.env["ir.default"].with_user(self.buyer).set(
            "purchase.order", "supplier_terms_id", theirs.id, user_id=True
        )
        self.assertEqual(orders.create({"partner_id": self.supplier.id}).supplier_terms_id, self.terms)
        with self.assertRaises(AccessError):
            order.write({"supplier_terms_id": theirs.id})
        order.write({"partner_id": self.other.id})
        self.assertEqual(order.supplier_terms_id, theirs)

    def test_many_by_code(self):
        """Each order its own, with and without terms."""
        second = self._create_terms(partner=self.other, payment_term_id=self.days15.id)
        orders = self.env["purchase.order"].create(
            [
                {"partner_id": self.other.id},
                {"partner_id": self.person.id, "payment_term_id": self.days15.id},
                {"partner_id": self._create_company_partner("Nobody").id},
            ]
        )
        self.assertEqual(
            [self._taken(order) for order in orders],
            [
                (second, self.env["account.incoterms"], False, self.days15),
                (self.terms, self.exw, "Hai Phong", self.days15),
                (second.browse(), self.env["account.incoterms"], False, self.env["account.payment.term"]),
            ],
        )

    def test_given_values_stay(self):
        order = self._create_order((self.bolt, 1), payment_term_id=self.days15.id, incoterm_id=self.fob.id)
        self.assertEqual(self._taken(order), (self.terms, self.fob, False, self.days15))
        order = self._create_order(payment_term_id=False, incoterm_id=False, incoterm_location=False)
        self.assertEqual(
            self._taken(order),
            (self.terms, self.env["account.incoterms"], False, self.env["account.payment.term"]),
        )
        planned = datetime(2026, 7, 1, 12)
        order = self._create_order({"product_id": self.bolt.id, "product_qty": 1, "date_planned": planned})
        self.assertEqual(order.order_line.date_planned, planned)

    def test_person(self):
        self.assertEqual(self._taken(self._create_order(partner=self.person)), self._expected)

    def test_borders_of_the_order_date(self):
        for day, taken in (
            (date(2025, 12, 31), False),
            (date(2026, 1, 1), True),
            (date(2026, 12, 31), True),
            (date(2027, 1, 1), False),
        ):
            order = self._create_order(day=day)
            self.assertEqual(bool(order.supplier_terms_id), taken, day)
            self.assertEqual(bool(order.incoterm_id), taken, day)

    def test_day_in_the_time_zone_of_the_company(self):
        """23:30 UTC on the last day is the next day in Vietnam, and 2:00 UTC the day before in New York."""
        for tz, moment, taken in (
            ("Asia/Ho_Chi_Minh", datetime(2026, 12, 31, 16, 59), True),
            ("Asia/Ho_Chi_Minh", datetime(2026, 12, 31, 17, 0), False),
            ("Asia/Ho_Chi_Minh", datetime(2025, 12, 31, 17, 0), True),
            ("America/New_York", datetime(2027, 1, 1, 4, 59), True),
            ("America/New_York", datetime(2027, 1, 1, 5, 0), False),
            ("America/New_York", datetime(2026, 1, 1, 4, 59), False),
        ):
            self.company.partner_id.tz = tz
            # the zone of the user does not count
            self.env.user.tz = "Pacific/Auckland"
            order = self.env["purchase.order"].create({"partner_id": self.supplier.id, "date_order": moment})
            self.assertEqual(bool(order.supplier_terms_id), taken, (tz, moment))

    def test_companies(self):
        second = self._create_terms(company=self.company2, payment_term_id=self.days15.id)
        order = self.env["purchase.order"].create(
            {"partner_id": self.supplier.id, "company_id": self.company2.id}
        )
        self.assertEqual((order.supplier_terms_id, order.payment_term_id), (second, self.days15))
        with Form(self.env["purchase.order"].with_user(self.buyer2)) as form:
            form.partner_id = self.supplier
        self.assertEqual(form.record.supplier_terms_id, second)

    def test_form_of_a_company_that_is_not_ones_own(self):
        """A client may name any company in the values of a form: it learns nothing of what was agreed there."""
        terms = self._create_terms(
            company=self.company2,
            incoterm_id=self.fob.id,
            incoterm_location="Secret Harbour",
            payment_term_id=self.days15.id,
            currency_id=self.usd.id,
            min_amount=7,
        )
        # nothing that would ask for the terms themselves
        names = ["currency_id", "incoterm_id", "incoterm_location", "payment_term_id"]
        given = ["partner_id", "company_id", "date_order"]
        orders = self.env["purchase.order"].with_user(self.buyer)
        values = {
            "partner_id": self.supplier.id,
            "company_id": self.company2.id,
            "date_order": "2026-06-15 12:00:00",
        }
        mine = self._create_order().with_user(self.buyer)
        by_default = orders.with_context(
            default_company_id=self.company2.id, default_partner_id=self.supplier.id
        )
        calls = {
            "supplier": lambda spec: orders.onchange(values, ["partner_id"], spec),
            "company": lambda spec: orders.onchange(values, ["company_id"], spec),
            "date": lambda spec: orders.onchange(
                {**values, "supplier_terms_id": False}, ["date_order"], spec
            ),
            "former terms": lambda spec: orders.onchange(
                {**values, "supplier_terms_id": terms.id}, ["date_order"], spec
            ),
            "new": lambda spec: orders.onchange(values, [], spec),
            "default": lambda spec: by_default.onchange({}, [], spec),
            "company of an order": lambda spec: mine.onchange(
                {"company_id": self.company2.id}, ["company_id"], spec
            ),
            "date of an order": lambda spec: mine.onchange(
                {"company_id": self.company2.id, "date_order": "2026-06-16 12:00:00"}, ["date_order"], spec
            ),
        }
        for wanted in (names, *([name] for name in names)):
            for name, call in calls.items():
                with self.subTest(name, wanted=wanted):
                    self.env.flush_all()
                    self.env.invalidate_all()
                    with self.assertRaises(AccessError):
                        call({field: {} for field in given + wanted})
        # nor by naming the terms themselves
        own = {
            "partner_id": self.supplier.id,
            "company_id": self.company.id,
            "date_order": "2026-06-15 12:00:00",
        }
        self.env.invalidate_all()
        told = orders.onchange(
            {**own, "supplier_terms_id": terms.id},
            ["supplier_terms_id", "company_id"],
            {"incoterm_location": {}},
        )["value"]
        self.assertNotEqual(told.get("incoterm_location"), "Secret Harbour")
        # who works there, though another company is switched on, gets them
        both = self.env["purchase.order"].with_user(self.buyer_both).with_company(self.company)
        self.env.invalidate_all()
        spec = {name: {} for name in given + names}
        result = both.onchange(values, ["partner_id"], spec)["value"]
        self.assertEqual(result["incoterm_location"], "Secret Harbour")

    def test_currency(self):
        self.terms.currency_id = self.usd
        self.assertEqual(self._create_order().currency_id, self.usd)
        self.assertEqual(self._create_order(currency_id=self.eur.id).currency_id, self.eur)
        self.supplier.with_company(self.company).property_purchase_currency_id = self.eur
        self.assertEqual(self._create_order().currency_id, self.usd)
        self.buyer.group_ids += self.env.ref("base.group_multi_currency")
        with self._form() as form:
            self.assertEqual(form.currency_id, self.eur)
            form.partner_id = self.supplier
            self.assertEqual(form.currency_id, self.usd)
            form.partner_id = self.other
            self.assertEqual(form.currency_id, self.eur)
            form.partner_id = self.person
            form.currency_id = self.eur
            self._add_line(form, self.bolt)
        self.assertEqual(form.record.currency_id, self.eur)

    def test_price_in_the_currency_of_the_terms(self):
        self.terms.currency_id = self.usd
        self._set_vendor_price(5, currency_id=self.eur.id)
        order = self._create_order((self.bolt, 1))
        self.assertEqual(order.order_line.price_unit, 6)

    # ------------------------------------------------------------------
    # Changes
    # ------------------------------------------------------------------
    def test_another_supplier_in_the_form(self):
        other = self._create_terms(
            partner=self.other, incoterm_id=self.fob.id, payment_term_id=self.days15.id
        )
        nobody = self._create_company_partner("Nobody")
        form = self._form()
        form.partner_id = self.supplier
        form.partner_id = self.other
        self.assertEqual(self._taken(form), (other, self.fob, False, self.days15))
        form.partner_id = self.supplier
        self.assertEqual(self._taken(form), self._expected)
        form.partner_id = nobody
        self.assertEqual(
            self._taken(form),
            (other.browse(), self.env["account.incoterms"], False, self.env["account.payment.term"]),
        )
        form.partner_id = self.supplier
        order = form.save()
        with Form(order.with_user(self.buyer)) as form:
            form.partner_id = nobody
            form.partner_id = self.other
        self.assertEqual(self._taken(order), (other, self.fob, False, self.days15))

    def test_hand_entered_values_stay(self):
        """In the form: after the supplier is chosen, when the date moves within other terms, and when saved."""
        self.terms.date_to = "2026-06-30"
        later = self._create_terms(
            "2026-07-01", False, incoterm_id=self.fob.id, payment_term_id=self.days15.id, lead_days=40
        )
        form = self._form()
        form.partner_id = self.supplier
        form.incoterm_location = "Da Nang"
        form.payment_term_id = self.immediate
        self._add_line(form, self.bolt, 3)
        order = form.save()
        self.assertEqual(self._taken(order), (self.terms, self.exw, "Da Nang", self.immediate))
        with Form(order.with_user(self.buyer)) as form:
            form.date_order = datetime(2026, 7, 1, 8)
            self.assertEqual(form.supplier_terms_id, later)
        self.assertEqual(order.supplier_terms_id, later)
        self.assertEqual((order.incoterm_id, order.incoterm_location), (self.exw, "Da Nang"))
        # what the contact says is no value entered by hand
        self.assertEqual(order.payment_term_id, self.immediate)

    def test_values_of_the_terms_follow_the_date(self):
        self.terms.date_to = "2026-06-30"
        later = self._create_terms("2026-07-01", "2026-07-31", incoterm_id=self.fob.id)
        order = self._create_order((self.bolt, 1), user=self.buyer)
        with Form(order) as form:
            form.date_order = datetime(2026, 7, 1, 8)
            # these terms say nothing of payment: the contact does
            self.assertEqual(self._taken(form), (later, self.fob, False, self.immediate))
        self.assertEqual(self._taken(order), (later, self.fob, False, self.immediate))
        order.date_order = datetime(2026, 6, 1, 8)
        self.assertEqual(self._taken(order), self._expected)
        order.date_order = datetime(2026, 8, 1, 8)
        self.assertEqual(self._taken(order)[:3], (later.browse(), self.env["account.incoterms"], False))

    def test_another_supplier_by_code(self):
        other = self._create_terms(
            partner=self.other, incoterm_id=self.fob.id, payment_term_id=self.days15.id, lead_days=7
        )
        order = self._create_order((self.bolt, 1))
        order.partner_id = self.other
        self.assertEqual(self._taken(order), (other, self.fob, False, self.days15))
        self.assertEqual(order.order_line.date_planned, order.date_order + timedelta(days=7))
        order.write({"partner_id": self.person.id, "incoterm_id": self.fob.id, "payment_term_id": False})
        self.assertEqual(order.incoterm_id, self.fob)
        self.assertFalse(order.payment_term_id)
        self.assertEqual(order.supplier_terms_id, self.terms)

    def test_saved_choice_that_equals_the_former_terms(self):
        """The buyer moves to a supplier with FOB, and sets EXW again by hand before saving."""
        self._create_terms(partner=self.other, incoterm_id=self.fob.id, incoterm_location="Hue")
        order = self._create_order(user=self.buyer)
        with Form(order) as form:
            form.partner_id = self.other
            self.assertEqual(form.incoterm_id, self.fob)
            form.incoterm_id = self.exw
            form.incoterm_location = "Hai Phong"
        self.assertEqual((order.incoterm_id, order.incoterm_location), (self.exw, "Hai Phong"))

    def test_confirmed_orders_keep_their_terms(self):
        order = self._create_order((self.bolt, 1))
        order.button_confirm()
        self._create_terms("2027-01-01", False, incoterm_id=self.fob.id)
        order.write({"date_order": datetime(2027, 2, 1)})
        self.assertEqual(self._taken(order), self._expected)
        self.terms.active = False
        order.invalidate_recordset()
        self.assertEqual(order.supplier_terms_id, self.terms)

    def test_currency_of_an_order_with_lines_stays_when_the_date_moves(self):
        self.terms.date_to = "2026-06-30"
        self._create_terms("2026-07-01", False, currency_id=self.usd.id)
        order, empty = self._create_order((self.bolt, 1)), self._create_order()
        (order | empty).write({"date_order": datetime(2026, 7, 1, 8)})
        self.assertEqual(order.currency_id, self.eur)
        self.assertEqual(empty.currency_id, self.usd)

    def test_copy(self):
        """A copy keeps what its original says, and is planned by the terms that hold now."""
        order = self._create_order((self.bolt, 1), incoterm_id=self.fob.id)
        with freeze_time("2026-12-30 10:00:00"):
            copy = order.copy()
        self.assertEqual((copy.supplier_terms_id, copy.incoterm_id), (self.terms, self.fob))
        self.assertEqual(copy.order_line.date_planned, copy.date_order + timedelta(days=20))
        with freeze_time("2027-01-02 10:00:00"):
            self.assertFalse(order.copy().supplier_terms_id)

    def test_copy_of_an_order_with_other_terms(self):
        """What came from terms that are over, or from none, follows those that hold now; what was entered stays."""
        order = self._create_order((self.bolt, 1), user=self.buyer)
        by_hand = self._create_order(
            (self.bolt, 1), incoterm_location="Da Nang", payment_term_id=self.immediate.id
        )
        before = self._create_order((self.bolt, 1), day=date(2025, 12, 1), payment_term_id=self.immediate.id)
        self.assertFalse(before.supplier_terms_id)
        with freeze_time("2027-01-02 10:00:00"):
            nothing = order.copy()
            later = self._create_terms(
                "2027-01-01", False, incoterm_id=self.fob.id, payment_term_id=self.days15.id, lead_days=5
            )
            copies = order.copy() + before.copy()
            stays = by_hand.copy()
            given = order.copy({"payment_term_id": self.immediate.id})
        # no terms: the contact's
        self.assertEqual(
            self._taken(nothing), (later.browse(), self.env["account.incoterms"], False, self.immediate)
        )
        for copy in copies:
            self.assertEqual(self._taken(copy), (later, self.fob, False, self.days15))
            self.assertEqual(copy.order_line.date_planned, copy.date_order + timedelta(days=5))
        self.assertEqual(self._taken(stays), (later, self.exw, "Da Nang", self.immediate))
        self.assertEqual(self._taken(given), (later, self.fob, False, self.immediate))

    # ------------------------------------------------------------------
    # Lead time
    # ------------------------------------------------------------------
    def test_vendor_price_with_lead_time_goes_first(self):
        self._set_vendor_price(5)
        order = self._create_order((self.bolt, 1), (self.sheet, 1))
        days = [(line.date_planned - order.date_order).days for line in order.order_line]
        self.assertEqual(days, [5, 20])

    def test_vendor_price_without_lead_time(self):
        self._set_vendor_price(0)
        order = self._create_order((self.bolt, 1))
        self.assertEqual((order.order_line.date_planned - order.date_order).days, 20)
        self.terms.lead_days = False
        order = self._create_order((self.bolt, 1))
        self.assertEqual((order.order_line.date_planned - order.date_order).days, 0)

    def test_supplier_chosen_after_the_lines(self):
        order = self._create_order((self.bolt, 1), (self.sheet, 1), partner=self.other, user=self.buyer)
        by_hand = order.date_order + timedelta(days=3)
        order.order_line[1].date_planned = by_hand
        order.partner_id = self.supplier
        self.assertEqual(order.order_line[0].date_planned, order.date_order + timedelta(days=20))
        self.assertEqual(order.order_line[1].date_planned, by_hand)

    def test_supplier_chosen_after_the_lines_in_the_form(self):
        form = self._form()
        form.partner_id = self.other
        self._add_line(form, self.bolt)
        self._add_line(form, self.sheet)
        form.partner_id = self.supplier
        order = form.save()
        self.assertEqual(len(order.order_line), 2)
        for line in order.order_line:
            self.assertEqual(line.date_planned, order.date_order + timedelta(days=20))

    # ------------------------------------------------------------------
    # Orders that others make
    # ------------------------------------------------------------------
    def _procure(self, product, quantity=4, day=date(2026, 7, 30)):
        buy = self.env.ref("purchase_stock.route_warehouse0_buy", raise_if_not_found=False)
        product.route_ids = buy
        warehouse = self.env["stock.warehouse"].search([("company_id", "=", self.company.id)], limit=1)
        self.env["stock.rule"].run(
            [
                self.env["stock.rule"].Procurement(
                    product,
                    quantity,
                    product.uom_id,
                    warehouse.lot_stock_id,
                    "Need",
                    "Need",
                    self.company,
                    {
                        "warehouse_id": warehouse,
                        "date_planned": datetime.combine(day, datetime.min.time()).replace(hour=9),
                    },
                )
            ]
        )
        return self.env["purchase.order.line"].search([("product_id", "=", product.id)]).order_id

    def test_procurement(self):
        self._set_vendor_price(5, self.person)
        order = self._procure(self.bolt)
        self.assertEqual(order.partner_id, self.person)
        self.assertEqual(self._taken(order), self._expected)
        # the currency stays that of the vendor price, by which the next need finds the order
        self.terms.currency_id = self.usd
        self._set_vendor_price(5, self.person, self.sheet, currency_id=self.eur.id)
        self.assertEqual(self._procure(self.sheet).currency_id, self.eur)

    def test_procurement_plans_by_the_lead_time(self):
        """Where the vendor price states none; what is needed later is ordered in time."""
        self._set_vendor_price(0)
        order = self._procure(self.bolt, day=TODAY)
        self.assertEqual(order.date_order.date(), TODAY)
        self.assertEqual(order.order_line.date_planned, order.date_order + timedelta(days=20))
        self._set_vendor_price(0, product=self.sheet)
        order.button_confirm()
        later = self._procure(self.sheet)
        self.assertEqual(later.order_line.date_planned, datetime(2026, 7, 30, 9))
        self.assertEqual(later.date_order, datetime(2026, 7, 10, 9))
        # a price that states one goes first
        nuts = self._create_product("Nut", self.uom_unit)
        self._set_vendor_price(5, product=nuts)
        nut_line = self._procure(nuts, day=TODAY).order_line.filtered(lambda line: line.product_id == nuts)
        self.assertEqual(nut_line.date_planned.date(), TODAY)

    def test_reordering_rules_plan_by_the_lead_time(self):
        stock = self._create_user("terms_stock", "stock.group_stock_manager")
        warehouse = self.env["stock.warehouse"].search([("company_id", "=", self.company.id)], limit=1)
        products = self.bolt + self.sheet + self._create_product("Nut", self.uom_unit)
        buy = self.env.ref("purchase_stock.route_warehouse0_buy")
        products.route_ids = buy
        for product, delay in zip(products, (0, 3, 0), strict=True):
            partner = self.other if product == products[2] else self.supplier
            self._set_vendor_price(delay, partner, product)
        rules = self.env["stock.warehouse.orderpoint"].create(
            [
                {
                    "product_id": product.id,
                    "product_min_qty": 5,
                    "product_max_qty": 5,
                    "warehouse_id": warehouse.id,
                    "location_id": warehouse.lot_stock_id.id,
                    "route_id": buy.id,
                    "trigger": "manual",
                }
                for product in products
            ]
        )
        self.env.flush_all()
        self.env.invalidate_all()
        rules = rules.with_user(stock)
        with patch.object(
            type(self.terms), "_get_valid_batch", autospec=True, side_effect=type(self.terms)._get_valid_batch
        ) as looked_up:
            self.assertEqual(rules.mapped("lead_days"), [20, 3, 0])
        self.assertEqual(looked_up.call_count, 1)
        rules.action_replenish()
        lines = self.env["purchase.order.line"].search([("product_id", "in", products.ids)])
        self.assertEqual(len(lines), 3)
        for line in lines:
            days = {self.bolt: 20, self.sheet: 3}.get(line.product_id, 0)
            self.assertEqual(line.date_planned.date(), TODAY + timedelta(days=days))
            if line.product_id == self.bolt:
                line.order_id.with_user(self.buyer).button_confirm()
                self.assertEqual(line.promised_date.date(), TODAY + timedelta(days=20))

    def test_goods_bought_for_moves_are_looked_up_together(self):
        """However many moves have their goods bought: one look-up for all, and two for the order that is made."""
        warehouse = self.env["stock.warehouse"].search([("company_id", "=", self.company.id)], limit=1)
        mto = warehouse.mto_pull_id.route_id
        mto.active = True
        products = self.bolt + self.sheet + self._create_product("Nut", self.uom_unit)
        products.route_ids = mto + self.env.ref("purchase_stock.route_warehouse0_buy")
        for product in products:
            self._set_vendor_price(0, product=product)
        customers = self.env.ref("stock.stock_location_customers")
        moves = self.env["stock.move"].create(
            [
                {
                    "product_id": product.id,
                    "product_uom_qty": 1,
                    "product_uom": product.uom_id.id,
                    "location_id": warehouse.lot_stock_id.id,
                    "location_dest_id": customers.id,
                    "company_id": self.company.id,
                    "warehouse_id": warehouse.id,
                    "procure_method": "make_to_order",
                    "date": datetime.combine(TODAY + timedelta(days=40), datetime.min.time()),
                }
                for product in products
            ]
        )
        model = type(self.terms)
        with patch.object(
            model, "_get_valid_batch", autospec=True, side_effect=model._get_valid_batch
        ) as looked_up:
            confirmed = moves._action_confirm()
        self.assertNotIn("agreed_lead_days", confirmed.env.context)
        lines = self.env["purchase.order.line"].search([("product_id", "in", products.ids)])
        self.assertEqual(len(lines), 3)
        self.assertEqual(len(lines.order_id), 1)
        self.assertEqual(looked_up.call_count, 3)
        for line in lines:
            self.assertEqual(line.date_planned - line.date_order, timedelta(days=20))

    def test_lead_time_of_a_forged_context(self):
        self._set_vendor_price(0)
        buy = self.env.ref("purchase_stock.route_warehouse0_buy").rule_ids.filtered(
            lambda rule: rule.action == "buy" and rule.company_id == self.company
        )[:1]
        for forged in ("x", [1], {"1": 5}):
            delays, _words = buy.with_context(agreed_lead_days=forged)._get_lead_days(self.bolt)
            self.assertEqual(delays["purchase_delay"], 20)

    def test_terms_without_lead_time(self):
        """They, and no terms at all, add no day and no word; and are not asked for again once they were looked up."""
        self._set_vendor_price(0)
        buy = self.env.ref("purchase_stock.route_warehouse0_buy").rule_ids.filtered(
            lambda rule: rule.action == "buy" and rule.company_id == self.company
        )[:1]
        agreed, words = buy._get_lead_days(self.bolt)
        for _time in range(2):
            # they have none, then there are none
            self.terms.lead_days = False
            known = self.env["stock.rule"]._get_agreed_lead_days(self.supplier, self.company)
            self.assertEqual(known, {(self.supplier.id, self.company.id): 0})
            with patch.object(type(self.terms), "_get_valid_batch") as looked_up:
                self.assertEqual(
                    buy.with_context(agreed_lead_days=known)._get_lead_days(self.bolt)[0]["purchase_delay"],
                    agreed["purchase_delay"] - 20,
                )
            looked_up.assert_not_called()
            delays, fewer_words = buy._get_lead_days(self.bolt)
            for name in ("total_delay", "purchase_delay"):
                self.assertEqual(delays[name], agreed[name] - 20)
            self.assertEqual(len(fewer_words), len(words) - 1)
            self.terms.active = False
        order = self._procure(self.bolt)
        self.assertEqual(order.order_line.date_planned, order.date_order)

    def test_procurement_without_terms(self):
        self.other.with_company(self.company).property_supplier_payment_term_id = self.days15
        self._set_vendor_price(5, self.other)
        order = self._procure(self.bolt)
        self.assertEqual(order.payment_term_id, self.days15)
        self.assertFalse(order.supplier_terms_id)

    def test_service_bought_for_a_sale(self):
        """Also where the salesperson sees neither the terms nor the order."""
        self.terms.currency_id = self.usd
        seller = self._create_user("terms_seller", "sales_team.group_sale_salesman")
        service = self._create_product("Assembly", self.uom_unit, type="service", is_storable=False)
        price = self._set_vendor_price(0, product=service, currency_id=self.eur.id)
        service.service_to_purchase = True

        def sell():
            sale = self.env["sale.order"].with_user(seller)
            sale = sale.create(
                {
                    "partner_id": self.other.id,
                    "order_line": [
                        Command.create({"product_id": service.id, "product_uom_qty": 2, "price_unit": 10})
                    ],
                }
            )
            sale.action_confirm()
            return self.env["purchase.order"].search([("origin", "=", sale.name)])

        order = sell()
        self.assertEqual(self._taken(order), self._expected)
        self.assertEqual((order.currency_id, order.order_line.price_unit), (self.usd, 6))
        self.assertEqual(order.order_line.date_planned, order.date_order + timedelta(days=20))
        price.delay = 5
        order = sell()
        self.assertEqual(order.order_line.date_planned, order.date_order + timedelta(days=5))
        self.terms.active = False
        order = sell()
        self.assertFalse(order.supplier_terms_id)
        self.assertEqual((order.currency_id, order.payment_term_id), (self.eur, self.immediate))

    def test_alternatives(self):
        self.terms.currency_id = self.usd
        origin = self._create_order((self.bolt, 3), partner=self.other, user=self.buyer)
        wizard = (
            self.env["purchase.requisition.create.alternative"]
            .with_user(self.buyer)
            .create({"origin_po_id": origin.id, "partner_ids": [Command.set(self.person.ids)]})
        )
        order = self.env["purchase.order"].browse(wizard.action_create_alternative()["res_id"])
        self.assertEqual(self._taken(order), self._expected)
        self.assertEqual(order.currency_id, self.usd)

    def test_blanket_order(self):
        requisition = self.env["purchase.requisition"].create(
            {
                "vendor_id": self.supplier.id,
                "requisition_type": "blanket_order",
                "line_ids": [
                    Command.create({"product_id": self.bolt.id, "product_qty": 10, "price_unit": 2})
                ],
            }
        )
        requisition.action_confirm()
        self.buyer.group_ids += self.env.ref("purchase_requisition.group_purchase_alternatives")
        with self._form() as form:
            form.requisition_id = requisition
            self.assertEqual(self._taken(form), self._expected)
        self.assertEqual(self._taken(form.record), self._expected)

    def test_rights(self):
        """An accountant edits orders without seeing the terms."""
        order = self._create_order((self.bolt, 1))
        accountant = self._create_user("terms_accountant", "account.group_account_invoice")
        as_accountant = order.with_user(accountant)
        self.assertNotIn("supplier_terms_id", as_accountant.fields_get())
        with self.assertRaises(AccessError):
            as_accountant.read(["supplier_terms_warning"])
        as_accountant.date_order = datetime(2027, 3, 1)
        self.assertFalse(order.supplier_terms_id)

    def test_cost_without_terms(self):
        """Orders to suppliers without terms: at most one query more for each."""
        partners = [self._create_company_partner(f"P{number}") for number in range(6)]
        asked = []
        execute = type(self.env.cr).execute

        def count(cr, query, *args, **kwargs):
            text = query.code if isinstance(query, SQL) else query
            if "supplier_terms" in text and text.lstrip().startswith("SELECT"):
                asked.append(text)
            return execute(cr, query, *args, **kwargs)

        with patch.object(type(self.env.cr), "execute", count):
            orders = self.env["purchase.order"].create([{"partner_id": partner.id} for partner in partners])
            self.env.flush_all()
            self.assertEqual(len(asked), len(partners))
            asked.clear()
            orders.write({"date_order": datetime(2026, 7, 1)})
            orders.write({"partner_ref": "X"})
            self.env.flush_all()
            self.assertEqual(len(asked), 1)


@tagged("post_install", "-at_install")
@freeze_time(f"{TODAY} 09:00:00")
class TestTermsWarnings(TermsOrdersCommon):
    def _warnings(self, order):
        self.env.flush_all()
        self.env.invalidate_all()
        return order.with_user(self.buyer)._get_terms_warnings()

    def test_nothing_to_say(self):
        order = self._create_order((self.bolt, 3))
        self.assertEqual(self._warnings(order), [])
        self.assertIs(order.with_user(self.buyer).supplier_terms_warning, False)
        self.assertEqual(self._warnings(self._create_order((self.bolt, 3), partner=self.other)), [])

    def test_minimum_amount(self):
        self.terms.min_amount = 100
        for quantity, words in (
            (49, "The order of €\xa098.00 is below the minimum of €\xa0100.00: €\xa02.00 are missing."),
            (50, None),
            (51, None),
        ):
            warnings = self._warnings(self._create_order((self.bolt, quantity)))
            plain = [text.replace("98.00\xa0€", "€\xa098.00") for text in warnings]
            if words:
                self.assertEqual(len(plain), 1)
                for part in ("98.00", "100.00", "2.00", "below the minimum"):
                    self.assertIn(part, plain[0])
            else:
                self.assertEqual(plain, [])
        # an order that is being entered is not below anything
        self.assertEqual(self._warnings(self._create_order()), [])

    def test_minimum_amount_in_another_currency(self):
        self.terms.write({"min_amount": 100, "currency_id": self.usd.id})
        order = self._create_order((self.bolt, 24), currency_id=self.eur.id)
        [text] = self._warnings(order)
        self.assertIn("48.00", text)
        self.assertIn("96.00", text)
        self.assertIn("4.00", text)
        self.assertEqual(self._warnings(self._create_order((self.bolt, 25), currency_id=self.eur.id)), [])

    def _set_steps(self, *lines):
        self.terms.line_ids = [Command.clear(), *(Command.create(line) for line in lines)]

    def test_quantities(self):
        self._set_steps({"product_id": self.bolt.id, "min_quantity": 20, "multiple": 8})
        for quantity, words in (
            (1, "Bolt: 1 Units is below the minimum of 20 Units. Nearest: 24 Units."),
            (20, "Bolt: 20 Units is not a multiple of 8 Units. Nearest: 24 Units."),
            (24, None),
            (25, "Bolt: 25 Units is not a multiple of 8 Units. Nearest: 24 Units or 32 Units."),
            (31.5, "Bolt: 31.5 Units is not a multiple of 8 Units. Nearest: 24 Units or 32 Units."),
            (32, None),
        ):
            warnings = self._warnings(self._create_order((self.bolt, quantity)))
            self.assertEqual(warnings, [words] if words else [], quantity)

    def test_fractions(self):
        """8 is five times 1.6, although 8 % 1.6 is not 0 in floating point."""
        self._set_steps({"multiple": 1.6})
        for count in range(1, 40):
            self.assertEqual(self._warnings(self._create_order((self.sheet, round(count * 1.6, 2)))), [])
        self.assertEqual(
            self._warnings(self._create_order((self.sheet, 8.01))),
            ["Sheet: 8.01 kg is not a multiple of 1.6 kg. Nearest: 8 kg or 9.6 kg."],
        )

    def test_only_a_minimum(self):
        self._set_steps({"product_id": self.bolt.id, "min_quantity": 5})
        self.assertEqual(self._warnings(self._create_order((self.bolt, 5))), [])
        self.assertEqual(
            self._warnings(self._create_order((self.bolt, 4.99))),
            ["Bolt: 4.99 Units is below the minimum of 5 Units. Nearest: 5 Units."],
        )

    def test_units(self):
        """The step is in pieces and the order in dozens: what can be ordered is said in dozens."""
        self._set_steps({"product_id": self.bolt.id, "multiple": 24, "product_uom_id": self.uom_unit.id})

        def order(quantity):
            return self._create_order(
                {"product_id": self.bolt.id, "product_qty": quantity, "product_uom_id": self.dozen.id}
            )

        self.assertEqual(self._warnings(order(4)), [])
        self.assertEqual(
            self._warnings(order(3)),
            [
                "Bolt: 3 Dozens is not a multiple of 2 Dozens (24 Units). "
                "Nearest: 2 Dozens (24 Units) or 4 Dozens (48 Units)."
            ],
        )
        # a quantity that cannot be written in the unit of the line is said in that of the step
        self._set_steps({"product_id": self.bolt.id, "multiple": 10, "product_uom_id": self.uom_unit.id})
        self.assertEqual(
            self._warnings(order(1)),
            ["Bolt: 1 Dozens is not a multiple of 10 Units. Nearest: 10 Units or 20 Units."],
        )
        self._set_steps({"product_id": self.sheet.id, "multiple": 0.5, "product_uom_id": self.tonne.id})
        self.assertEqual(
            self._warnings(self._create_order((self.sheet, 700))),
            [
                "Sheet: 700 kg is not a multiple of 500 kg (0.5 Ton). Nearest: 500 kg (0.5 Ton) or 1,000 kg (1 Ton)."
            ],
        )

    def test_which_steps_count(self):
        everything = {"multiple": 2}
        metals = {"categ_id": self.metals.id, "multiple": 3}
        sheets = {"categ_id": self.sheets.id, "multiple": 5}
        sheet = {"product_id": self.sheet.id, "multiple": 7}
        elsewhere = {"categ_id": self.env["product.category"].create({"name": "Wood"}).id, "multiple": 11}
        lines = [elsewhere, everything]
        for more, expected in ((None, 2), (metals, 3), (sheets, 5), (sheet, 7)):
            lines += [more] if more else []
            for order in (lines, lines[::-1]):
                self._set_steps(*order)
                self.assertEqual(self.terms.line_ids._select(self.sheet).multiple, expected)
        self.assertEqual(self.terms.line_ids._select(self.bolt).multiple, 3)
        # a unit that pieces have nothing in common with is passed over
        self._set_steps({"multiple": 2, "product_uom_id": self.kg.id})
        self.assertFalse(self.terms.line_ids._select(self.bolt))
        self.assertTrue(self.terms.line_ids._select(self.sheet))

    def test_lines_without_quantity(self):
        self._set_steps({"min_quantity": 5})
        order = self._create_order(
            (self.bolt, 0),
            {"display_type": "line_section", "name": "Section", "product_qty": 0},
        )
        self.assertEqual(self._warnings(order), [])

    def test_ends(self):
        """Order date and today: whichever is later is compared."""
        order = self._create_order((self.bolt, 1))
        for values, words in (
            ({"date_to": "2026-07-16"}, []),
            ({"date_to": "2026-07-15"}, ["The terms of Steel Works end on 07/15/2026."]),
            ({"date_to": "2026-06-15"}, ["The terms of Steel Works end on 06/15/2026."]),
            ({"date_to": False, "contract_date_end": "2026-07-16"}, []),
            ({"contract_date_end": "2026-07-15"}, ["The contract with Steel Works ends on 07/15/2026."]),
            ({"contract_date_end": "2026-06-15"}, ["The contract with Steel Works ends on 06/15/2026."]),
            ({"contract_date_end": "2026-06-14"}, ["The contract with Steel Works ended on 06/14/2026."]),
            ({"contract_date_end": False, "price_valid_until": "2026-06-15"}, []),
            ({"price_valid_until": "2026-06-14"}, ["The prices of Steel Works were held until 06/14/2026."]),
        ):
            self.terms.write(values)
            self.assertEqual(self._warnings(order), words, values)

    def test_old_draft_and_order_ahead(self):
        order = self._create_order((self.bolt, 1))
        ahead = self._create_order((self.bolt, 1), day=date(2026, 9, 1))
        self.terms.write({"price_valid_until": "2026-08-31"})
        self.assertEqual(self._warnings(order), [])
        self.assertEqual(self._warnings(ahead), ["The prices of Steel Works were held until 08/31/2026."])
        with freeze_time("2027-01-01 09:00:00"):
            self.assertEqual(
                self._warnings(order),
                [
                    "The terms of Steel Works ended on 12/31/2026.",
                    "The prices of Steel Works were held until 08/31/2026.",
                ],
            )

    def test_no_terms_but_earlier_ones(self):
        order = self._create_order((self.bolt, 1), partner=self.person, day=date(2027, 1, 1))
        words = "No terms of Steel Works hold on 01/01/2027. The last ones ended on 12/31/2026."
        self.assertEqual(self._warnings(order), [words])
        self.assertEqual(order.with_user(self.buyer).supplier_terms_warning, words)
        self.assertFalse(order.with_user(self.buyer).supplier_terms_missed)
        # before the first ones there is nothing to say, and archived ones are past
        self.assertEqual(self._warnings(self._create_order((self.bolt, 1), day=date(2025, 1, 1))), [])
        self.terms.active = False
        self.assertEqual(self._warnings(order), [])
        self.assertEqual(self._warnings(order.with_context(active_test=False)), [])

    def test_terms_that_are_younger_than_the_order(self):
        order = self._create_order((self.bolt, 1), partner=self.other, user=self.buyer)
        by_hand = self._create_order((self.bolt, 1), partner=self.other, payment_term_id=self.days15.id)
        self._create_terms(
            partner=self.other, incoterm_id=self.fob.id, lead_days=9, payment_term_id=self.days30.id
        )
        [text] = self._warnings(order)
        self.assertIn("hold on the order date", text)
        self.assertTrue(order.supplier_terms_missed)
        (order | by_hand).with_user(self.buyer).action_take_supplier_terms()
        self.assertEqual(order.incoterm_id, self.fob)
        self.assertEqual(order.payment_term_id, self.days30)
        self.assertEqual(order.order_line.date_planned, order.date_order + timedelta(days=9))
        self.assertEqual(by_hand.payment_term_id, self.days15)
        self.assertEqual(self._warnings(order), [])
        self.assertFalse(order.supplier_terms_missed)

    def test_confirmed_orders_are_not_warned_of(self):
        self.terms.min_amount = 100
        order = self._create_order((self.bolt, 1))
        self.assertTrue(self._warnings(order))
        order.button_confirm()
        self.assertEqual(order.state, "purchase")
        self.assertEqual(self._warnings(order), [])

    def test_form_warns_while_it_is_edited(self):
        self._set_steps({"multiple": 10})
        form = self._form()
        form.partner_id = self.supplier
        self._add_line(form, self.bolt, 7)
        self.assertIn("Nearest: 10 Units", form.supplier_terms_warning)
        with form.order_line.edit(0) as line:
            line.product_qty = 10
        self.assertFalse(form.supplier_terms_warning)

    def test_queries(self):
        """Orders without terms: one query for all of them; confirmed ones none."""
        orders = self.env["purchase.order"].concat(
            *(self._create_order(partner=self._create_company_partner(f"P{n}")) for n in range(20))
        )
        for some in (orders[:1], orders):
            self.env.flush_all()
            self.env.invalidate_all()
            some.mapped("partner_id.commercial_partner_id.name")
            some.mapped("company_id.partner_id.tz")
            some.mapped("company_id.resource_calendar_id.tz")
            some.mapped("order_line")
            some.mapped("supplier_terms_id")  # a form reads it with its other fields
            with self.assertQueryCount(1):
                some.mapped("supplier_terms_warning")
