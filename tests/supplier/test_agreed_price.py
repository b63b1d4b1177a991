from datetime import date, datetime, timedelta

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import Form, tagged, users

from .promising import ORDERED, PLANNED, PromisingCommon


@tagged("post_install", "-at_install")
class TestAgreedPrice(PromisingCommon):
    """Which agreement counts for a line, and its price in the line's own terms."""

    def test_vendor_price(self):
        self._create_price(9.5, min_qty=5, discount=10)
        order = self._create_order()
        origin = self.assertAgreed(order.order_line, 8.55, "vendor_price")
        self.assertIn("9.50", origin)
        self.assertIn("less 10.00%", origin)
        self.assertIn("from 5.00 Units", origin)

    def test_nothing_agreed(self):
        self._create_price(9.5, partner=self.supplier2)
        self._create_price(9.5, product=self.pine)
        self.assertAgreed(self._create_order().order_line, None, "none")

    def test_contact_person(self):
        self._create_price(9.5)
        order = self._create_order(partner=self.person)
        self.assertAgreed(order.order_line, 9.5, "vendor_price")

    def test_deeper_contact_person(self):
        office = self._create_person("Oak Mill South", self.supplier, type="other")
        self._create_price(9.5)
        order = self._create_order(partner=self._create_person("Bea Oak", office))
        self.assertAgreed(order.order_line, 9.5, "vendor_price")

    def test_validity(self):
        self._create_price(7, date_end=date(2026, 3, 1))
        self._create_price(8, date_start=date(2026, 3, 3))
        order = self._create_order()
        self.assertAgreed(order.order_line, None, "none")
        self._create_price(9, date_start=date(2026, 3, 2), date_end=date(2026, 3, 2))
        self.assertAgreed(order.order_line, 9, "vendor_price")

    def test_minimum_quantity(self):
        self._create_price(9, min_qty=1)
        self._create_price(8, min_qty=10)
        self._create_price(7, min_qty=11)
        line = self._create_order().order_line
        self.assertAgreed(line, 8, "vendor_price")
        line.product_qty = 9
        self.assertAgreed(line, 9, "vendor_price")
        line.product_qty = 0
        self.assertAgreed(line, None, "none")

    def test_minimum_quantity_in_its_unit(self):
        self._create_price(100, min_qty=2, product_uom_id=self.dozen.id)
        line = self._create_order([{"product_qty": 23}]).order_line
        self.assertAgreed(line, None, "none")
        line.product_qty = 24
        self.assertAgreed(line, 100 / 12, "vendor_price")

    def test_price_of_a_unit_for_dozens(self):
        self._create_price(9.5, min_qty=24)
        line = self._create_order([{"product_qty": 2, "product_uom_id": self.dozen.id}]).order_line
        self.assertAgreed(line, 114, "vendor_price")

    def test_unit_of_the_line_or_product_first(self):
        self._create_price(12, product_uom_id=self.dozen.id)
        self._create_price(9.5)
        self.assertAgreed(self._create_order().order_line, 9.5, "vendor_price")

    def test_same_as_core_proposes(self):
        self._create_price(9.5, sequence=2)
        self._create_price(9.4, sequence=1, discount=2)
        self._create_price(18, sequence=3, currency_id=self.usd.id, discount=35)
        self._create_price(9.1, min_qty=100)
        for quantity in (1, 100):
            order = self.env["purchase.order"].create(
                {
                    "partner_id": self.supplier.id,
                    "company_id": self.company.id,
                    "date_order": ORDERED,
                    "order_line": [Command.create({"product_id": self.oak.id, "product_qty": quantity})],
                }
            )
            line = order.order_line
            line.product_qty = quantity
            self.assertTrue(line.selected_seller_id)
            self.assertAgreed(line, line.price_unit_discounted, "vendor_price")

    def test_currency(self):
        self._create_price(10, currency_id=self.usd.id)
        self.assertAgreed(self._create_order().order_line, 8, "vendor_price")
        earlier = self._create_order(date_order=datetime(2026, 2, 1))
        self.assertAgreed(earlier.order_line, 5, "vendor_price")
        dollars = self._create_order(currency_id=self.usd.id)
        self.assertAgreed(dollars.order_line, 10, "vendor_price")

    def test_currency_of_the_order_alone(self):
        self._create_price(8)
        dollars = self._create_order(currency_id=self.usd.id)
        self.assertAgreed(dollars.order_line, 10, "vendor_price")

    def test_company(self):
        self._create_price(7, company_id=self.company2.id)
        line = self._create_order().order_line
        self.assertAgreed(line, None, "none")
        self._create_price(9, company_id=False)
        self.assertAgreed(line, 9, "vendor_price")
        line2 = self._create_order(company=self.company2).order_line
        self.assertAgreed(line2, 7, "vendor_price")
        found = (line + line2)._get_agreed_prices()
        self.assertEqual([found[line][0], found[line2][0]], [9, 7])

    def test_variant(self):
        attribute = self.env["product.attribute"].create(
            {
                "name": "Length",
                "value_ids": [Command.create({"name": "1 m"}), Command.create({"name": "2 m"})],
            }
        )
        template = self.env["product.template"].create(
            {
                "name": "Beam",
                "attribute_line_ids": [
                    Command.create(
                        {
                            "attribute_id": attribute.id,
                            "value_ids": [Command.set(attribute.value_ids.ids)],
                        }
                    )
                ],
            }
        )
        short, long = template.product_variant_ids
        self._create_price(20, product=long, product_id=long.id)
        order = self._create_order([{"product_id": short.id}, {"product_id": long.id}])
        self.assertAgreed(order.order_line[0], None, "none")
        self.assertAgreed(order.order_line[1], 20, "vendor_price")

    def test_zero_price_was_never_entered(self):
        self._create_price(0)
        line = self._create_order().order_line
        self.assertAgreed(line, None, "none")
        self._create_price(9)
        self.assertAgreed(line, 9, "vendor_price")

    def test_free_line(self):
        self._create_price(9)
        order = self._create_order([{"price_unit": 0}], confirm=True)
        self.assertRecordValues(
            order.order_line, [{"agreed_price": 9, "agreed_price_source": "vendor_price"}]
        )

    def test_archived_product(self):
        self._create_price(9)
        order = self._create_order()
        self.oak.product_tmpl_id.action_archive()
        order.button_confirm()
        self.assertEqual(order.order_line.agreed_price, 9)

    def test_included_tax(self):
        tax = self.env["account.tax"].create(
            {
                "name": "20 % included",
                "amount": 20,
                "type_tax_use": "purchase",
                "price_include_override": "tax_included",
                "company_id": self.company.id,
            }
        )
        self.oak.supplier_taxes_id = tax
        self._create_price(12)
        taxed = self._create_order([{"tax_ids": [Command.set(tax.ids)], "price_unit": 12}]).order_line
        self.assertAgreed(taxed, 10, "vendor_price")
        self.assertAlmostEqual(taxed.price_subtotal / taxed.product_qty, 10)
        free = self._create_order([{"tax_ids": [Command.clear()], "price_unit": 10}]).order_line
        self.assertAgreed(free, 10, "vendor_price")

    def test_younger_than_the_order(self):
        order = self._create_order()
        self._create_price(9, created=order.create_date + timedelta(seconds=1))
        self.assertAgreed(order.order_line, None, "none")
        self._create_price(9.5, created=order.create_date)
        self.assertAgreed(order.order_line, 9.5, "vendor_price")
        found = order.order_line._get_agreed_prices(history=True)
        self.assertEqual(found[order.order_line], (None, "none", ""))
        self._create_price(9.6, created=order.create_date - timedelta(seconds=1))
        found = order.order_line._get_agreed_prices(history=True)
        self.assertAlmostEqual(found[order.order_line][0], 9.6)

    # blanket orders ---------------------------------------------------
    def test_own_blanket_order(self):
        self._create_price(7)
        blanket = self._create_blanket(8, date_end=date(2026, 1, 31))
        order = self._create_order(requisition_id=blanket.id)
        origin = self.assertAgreed(order.order_line, 8, "blanket")
        self.assertIn(blanket.name, origin)

    def test_product_beside_the_blanket_order(self):
        blanket = self._create_blanket(8)
        self._create_price(4, product=self.pine)
        order = self._create_order([{}, {"product_id": self.pine.id}], requisition_id=blanket.id)
        self.assertAgreed(order.order_line[0], 8, "blanket")
        self.assertAgreed(order.order_line[1], 4, "vendor_price")

    def test_open_blanket_order(self):
        self._create_price(7)
        self._create_blanket(8, date_start=date(2026, 1, 1), date_end=date(2026, 12, 31))
        self.assertAgreed(self._create_order().order_line, 8, "blanket")
        self.assertAgreed(self._create_order(partner=self.person).order_line, 8, "blanket")
        late = self._create_order(date_order=datetime(2027, 1, 1))
        self.assertAgreed(late.order_line, 7, "vendor_price")

    def test_blanket_order_by_the_day_of_the_company(self):
        self.company.partner_id.tz = "Asia/Ho_Chi_Minh"
        self._create_price(7)
        self._create_blanket(8, date_start=date(2026, 3, 3), date_end=date(2026, 3, 3))
        for moment, price in (
            (datetime(2026, 3, 2, 16, 59), 7),
            (datetime(2026, 3, 2, 17), 8),
            (datetime(2026, 3, 3, 17), 7),
        ):
            source = "blanket" if price == 8 else "vendor_price"
            self.assertAgreed(self._create_order(date_order=moment).order_line, price, source)

    def test_blanket_orders_that_do_not_count(self):
        self._create_blanket(1, confirm=False)
        self._create_blanket(2, vendor_id=self.supplier2.id)
        self._create_blanket(3, company_id=self.company2.id)
        self._create_blanket(4, requisition_type="purchase_template")
        closed = self._create_blanket(5)
        closed.action_done()
        line = self._create_order().order_line
        self.assertAgreed(line, None, "none")

    def test_prices_of_somebody_elses_blanket_order(self):
        """A blanket order also writes vendor prices: they are those of its own orders."""
        blanket = self._create_blanket(8, date_start=date(2026, 6, 1))
        self.assertTrue(blanket.line_ids.supplier_info_ids)
        self.assertAgreed(self._create_order().order_line, None, "none")

    def test_blanket_order_in_another_unit_and_currency(self):
        self._create_blanket(120, currency_id=self.usd.id, line={"product_uom_id": self.dozen.id})
        self.assertAgreed(self._create_order().order_line, 8, "blanket")

    def test_latest_blanket_order(self):
        self._create_blanket(8, date_start=date(2026, 2, 1))
        self._create_blanket(7, date_start=date(2026, 1, 1))
        self.assertAgreed(self._create_order().order_line, 8, "blanket")

    def test_closed_blanket_order_in_history(self):
        blanket = self._create_blanket(8, date_start=date(2026, 1, 1), date_end=date(2026, 12, 31))
        self._set_created(blanket, datetime(2026, 1, 1))
        blanket.action_done()
        line = self._create_order().order_line
        self.assertAgreed(line, None, "none")
        self.assertEqual(line._get_agreed_prices(history=True)[line][:2], (8, "blanket"))

    # lines without a price --------------------------------------------
    def test_sections_and_down_payments(self):
        self._create_price(9)
        order = self._create_order(
            [
                {"display_type": "line_section", "name": "Boards", "product_qty": 0},
                {},
                {"display_type": "line_note", "name": "Dry ones", "product_qty": 0},
            ]
        )
        order._create_downpayments(
            [
                {
                    "name": "Advance",
                    "product_qty": 0,
                    "price_unit": 100,
                    "is_downpayment": True,
                    "order_id": order.id,
                }
            ]
        )
        order.button_confirm()
        self.assertEqual(len(order.order_line), 5)
        for line in order.order_line:
            goods = bool(line.product_id)
            self.assertEqual(bool(line.promised_date), goods)
            self.assertEqual(line.agreed_price, 9 if goods else False)
            self.assertEqual(line.agreed_price_source, "vendor_price" if goods else False)

    # live, in a form --------------------------------------------------
    def test_unsaved_lines(self):
        self._create_price(9.5, min_qty=10)
        self._create_blanket(3, product=self.pine)
        for order in (self.env["purchase.order"], self._create_order()):
            draft = order.new(
                {
                    "partner_id": self.supplier.id,
                    "company_id": self.company.id,
                    "currency_id": self.eur.id,
                    "date_order": ORDERED,
                    "order_line": [
                        Command.create({"product_id": self.oak.id, "product_qty": 10}),
                        Command.create({"product_id": self.oak.id, "product_qty": 9}),
                        Command.create({"product_id": self.pine.id, "product_qty": 1}),
                        Command.create({"display_type": "line_note", "name": "Dry ones", "product_qty": 0}),
                    ],
                },
                origin=order,
            )
            found = draft.order_line._get_agreed_prices()
            self.assertEqual(
                [found[line][:2] for line in draft.order_line[-4:]],
                [(9.5, "vendor_price"), (None, "none"), (3, "blanket"), (None, "none")],
            )

    def test_changed_lines_in_a_form(self):
        self._create_price(9.5)
        order = self._create_order()
        values = {"order_line": [Command.update(order.order_line.id, {"product_uom_id": self.dozen.id})]}
        draft = order.new(values, origin=order)
        found = draft.order_line._get_agreed_prices()
        self.assertAlmostEqual(found[draft.order_line][0], 114)

    def test_no_lines(self):
        self.assertEqual(self.env["purchase.order.line"]._get_agreed_prices(), {})

    def test_queries(self):
        """As many queries for 20 lines of 10 orders in two currencies as for one."""
        products = self.env["product.product"].concat(*(self._create_product(f"P{i}") for i in range(20)))
        for product in products:
            self._create_price(10, product=product, currency_id=self.usd.id)
            self._create_price(9, product=product)
        blanket = self._create_blanket(8, product=products[0])
        orders = self.env["purchase.order"].concat(
            *(
                self._create_order(
                    [{"product_id": product.id} for product in pair],
                    date_order=ORDERED - timedelta(days=day),
                    requisition_id=blanket.id if day == 0 else False,
                )
                for day, pair in enumerate(zip(products[::2], products[1::2], strict=True))
            )
        )

        def count(lines):
            self.env.flush_all()
            self.env.invalidate_all()
            lines.fetch()
            before = self.env.cr.sql_log_count
            found = lines._get_agreed_prices()
            self.assertNotIn("none", {source for _price, source, _origin in found.values()})
            return self.env.cr.sql_log_count - before

        count(orders.order_line)
        many, one = count(orders.order_line), count(orders[0].order_line)
        self.assertLessEqual(many, one)
        self.assertLessEqual(many, 25)

    # rights -----------------------------------------------------------
    @users("promise_plain")
    def test_hidden_from_a_plain_user(self):
        self._check_hidden()

    @users("promise_accountant")
    def test_hidden_from_others_who_read_orders(self):
        [line] = self._check_hidden()
        self.assertEqual(line.web_read({"product_qty": {}})[0]["product_qty"], 10)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # accountants read orders, but agreements are none of theirs
        cls._create_user(
            "promise_accountant",
            "account.group_account_readonly,base.group_allow_export",
            company_ids=cls.both,
        )

    def _check_hidden(self):
        order = self._create_order(confirm=True)
        lines = order.order_line.with_env(self.env)
        names = ["agreed_price", "agreed_price_source", "agreed_price_origin"]
        for name in names:
            with self.assertRaises(AccessError):
                lines.web_read({name: {}})
            with self.assertRaises(AccessError):
                lines.web_search_read([("id", "in", lines.ids)], {name: {}})
            with self.assertRaises(AccessError):
                lines.search([(name, "!=", False)])
            with self.assertRaises(AccessError):
                lines.sudo(False).export_data([name])
            with self.assertRaises(AccessError):
                lines.formatted_read_group([], [name], ["__count"])
        self.assertFalse(set(names) & set(lines.fields_get()))
        return lines

    @users("promise_buyer")
    def test_buyer_sees_it(self):
        self._create_price(9)
        order = self._create_order(confirm=True)
        line = order.order_line.with_env(self.env)
        self.assertEqual(line.web_read({"agreed_price": {}})[0]["agreed_price"], 9)
        with Form(order.with_env(self.env)) as form:
            self.assertEqual(form.order_line.edit(0).agreed_price_source, "vendor_price")
        self.assertEqual(line.promised_date, PLANNED)

    def test_blanket_order_of_another_company(self):
        """Core lets an order name it; its price is not for a buyer of this company."""
        blanket = self._create_blanket(3, company_id=self.company2.id)
        order = self._create_order()
        order.with_user(self.buyer).with_context(
            allowed_company_ids=self.company.ids
        ).requisition_id = blanket.id
        self.assertEqual(order.order_line._get_agreed_prices()[order.order_line][:2], (None, "none"))
        values = {
            "partner_id": self.supplier.id,
            "company_id": self.company.id,
            "requisition_id": blanket.id,
            "lines": [{"key": "a", "product_id": self.oak.id, "product_qty": 10, "price_unit": 100}],
        }
        hints = self.env["purchase.order"].with_user(self.buyer)
        hints = hints.with_context(allowed_company_ids=self.company.ids).get_supplier_hints(False, values)
        self.assertFalse(hints["prices"])
