import doctest
import io
import json
import re
from datetime import date, timedelta

import openpyxl

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools.pdf import PdfReader

from odoo.addons.partner_relations.models.supplier.res_partner_supplier_file import PAGE_LINES

from ...tools import trend_chart
from ...tools.periods import add_months
from ..customer.test_classification import cases
from .deliveries import DeliveriesCommon

# Texts that a spreadsheet program would run, or that break its file.
PAYLOADS = (
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1)",
    '=HYPERLINK("http://example.com","x")',
    "{=1+1}",
    "_x003D_1+1",
    "<r><t>x</t></r>",
    "a\tb\nc",
)


class SupplierFileCommon(DeliveriesCommon):
    """The suppliers of the coming deliveries, with a current scorecard, six months and a grade set by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        export = Command.link(cls.env.ref("base.group_allow_export").id)
        for user in (cls.user_buyer, cls.user_plain_buyer, cls.user_director, cls.user_sales):
            user.group_ids = [export]
        cls.vendor.write(
            {"street": "1 Oak Street", "city": "Huế", "vat": False, "buyer_id": cls.user_buyer.id}
        )
        cls.card = cls._card(
            cls.vendor,
            score=71.5,
            grade="medium",
            due_line_count=9,
            due_value=2_000,
            on_time_value=600,
            on_time_rate=0.3,
            otif_value=400,
            otif_rate=0.2,
            received_line_count=6,
            slippage_line_count=7,
            received_value=1_600,
            returned_value=80,
            quality_rate=0.95,
            lead_days_mean=14.5,
            rfq_count=4,
            answered_rfq_count=3,
            response_days=2.5,
        )
        cls.card_mute = cls._card(
            cls.vendor_mute, due_line_count=2, due_value=500, on_time_value=500, on_time_rate=1
        )
        cls.months = cls.env["supplier.scorecard"]
        first = add_months(cls.today, 0)
        for number in range(6, 0, -1):
            start = add_months(first, -number)
            end = add_months(first, 1 - number) - timedelta(days=1)
            # nothing was due in one of them, and the year up to another is not rated
            figures = {"due_line_count": 2, "on_time_rate": number / 10} if number != 3 else {}
            values = {"is_current": False, "date_to": end}
            cls.months |= cls._card(
                cls.vendor, **values, period="month", date_from=start, late_line_count=1, **figures
            )
            cls._card(cls.vendor, **values, due_line_count=9, score=number != 5 and 50 + number)

    @classmethod
    def _card(cls, partner, **values):
        return cls.env["supplier.scorecard"].create(
            {
                "partner_id": partner.id,
                "company_id": cls.company.id,
                "period": "year",
                "is_current": True,
                "date_from": cls.today - timedelta(days=364),
                "date_to": cls.today,
                **values,
            }
        )

    def _file(self, partner, user=None):
        self.env.flush_all()
        [file] = partner.with_user(user or self.user_buyer)._get_supplier_files()
        return file


@tagged("post_install", "-at_install")
class TestSupplierFile(SupplierFileCommon):
    def test_geometry(self):
        failures, count = doctest.testmod(trend_chart)
        self.assertFalse(failures)
        self.assertGreater(count, 3)

    def test_content(self):
        file = self._file(self.contact)
        self.assertEqual(file["partner"], self.vendor, "the company of the person")
        self.assertEqual(file["card"], self.card)
        self.assertEqual(file["months"], self.months)
        self.assertEqual(file["deliveries"].order_line_id, self.line_late + self.line_soon)
        # confirming an order has written vendor prices of its own
        [item] = [item for item in file["items"] if item["code"]]
        self.assertEqual((item["code"], item["price"], item["origin"]), ("OB-77", 20, "Vendor price"))
        self.assertEqual(file["grade"], "Medium")
        self.assertIn("71.5 points", file["grade_reason"])
        figures = {
            text: (value, counted) for text, value, counted in self.vendor._get_supplier_file_figures(file)
        }
        self.assertEqual(figures["On time"], ("30.0%", "9 due lines"))
        self.assertEqual(figures["Quality"], ("95.0%", "7 lines with receipts"))
        self.assertEqual(figures["Lead time, mean"], ("14.5 days", "6 lines with receipts"))
        self.assertEqual(figures["Response to RFQs"], ("2.5 days", "3 of 4 answered"))
        self.assertEqual(figures["Price compliance"][0], "", "no data is empty")
        facts = dict(self.vendor._get_supplier_file_facts(file))
        self.assertEqual(facts["Contact persons"], "Olga Oak (Sales)")
        self.assertEqual(facts["Buyer"], self.user_buyer.name)

    def test_price_of_the_vendors_unit(self):
        """A price is that of the unit beside it, after the discount."""
        dozen = self.env.ref("uom.product_uom_dozen")
        self.env["product.supplierinfo"].create(
            {
                "partner_id": self.vendor.id,
                "product_tmpl_id": self.screw.product_tmpl_id.id,
                "product_code": "SC-12",
                "product_uom_id": dozen.id,
                "price": 240,
                "discount": 10,
            }
        )
        [item] = [item for item in self._file(self.vendor)["items"] if item["code"] == "SC-12"]
        self.assertEqual(item["uom"], dozen.name)
        self.assertAlmostEqual(item["price"], 216)

    def _blanket(self, product, price, **values):
        blanket = self.env["purchase.requisition"].create(
            {
                "vendor_id": self.vendor.id,
                "requisition_type": "blanket_order",
                "company_id": self.company.id,
                **values,
                "line_ids": [
                    Command.create({"product_id": product.id, "product_qty": 100, "price_unit": price})
                ],
            }
        )
        blanket.action_confirm()
        return blanket

    def test_blanket_orders(self):
        """Those that hold today, with their days; Odoo's vendor prices of them have none."""
        nail = self._create_product("Nail")
        ended = self.today - timedelta(days=1)
        self._blanket(nail, 3, date_end=ended)
        self._blanket(nail, 4, date_start=self.today + timedelta(days=1))
        valid = self._blanket(nail, 5, date_start=ended, date_end=self.today)
        self.env.invalidate_all()
        for user in (self.user_buyer, self.user_director):
            items = self._file(self.vendor, user)["items"]
            [item] = [item for item in items if "Nail" in item["product"]]
            self.assertEqual(item["origin"], f"Blanket order {valid.name}")
            self.assertEqual((item["date_from"], item["date_to"]), (ended, self.today))
            self.env.invalidate_all()
        valid.active = False
        self.env.invalidate_all()
        names = [item["product"] for item in self._file(self.vendor)["items"]]
        self.assertFalse([name for name in names if "Nail" in name], "nobody orders by an archived one")

    def test_archived_variant(self):
        nail = self._create_product("Nail")
        self.env["product.supplierinfo"].create(
            {
                "partner_id": self.vendor.id,
                "product_tmpl_id": nail.product_tmpl_id.id,
                "product_id": nail.id,
                "product_code": "NL-1",
                "price": 3,
            }
        )
        self.assertIn("NL-1", [item["code"] for item in self._file(self.vendor)["items"]])
        nail.active = False
        self.assertTrue(nail.product_tmpl_id.active)
        self.assertNotIn("NL-1", [item["code"] for item in self._file(self.vendor)["items"]])

    def test_product_that_went_to_another_company(self):
        nail = self._create_product("Nail")
        self.env["product.supplierinfo"].create(
            {
                "partner_id": self.vendor.id,
                "product_tmpl_id": nail.product_tmpl_id.id,
                "product_code": "NL-1",
                "price": 3,
            }
        )
        nail.product_tmpl_id.company_id = self.company2
        files = (self.vendor + self.vendor_mute).with_user(self.user_plain_buyer)._get_supplier_files()
        self.assertEqual(len(files), 2)
        codes = [item["code"] for item in files[0]["items"]]
        self.assertIn("OB-77", codes)
        self.assertNotIn("NL-1", codes)

    def test_month_without_data_interrupts_the_line(self):
        trend = self._file(self.vendor)["trend"]
        self.assertEqual([len(run) for run in trend.lines], [3, 2])
        self.assertEqual((len(trend.bars), len(trend.ticks)), (5, 6))
        self.assertEqual([label for *_place, label in trend.bars], ["56", "54", "53", "52", "51"])

    def test_month_without_a_scorecard_interrupts_the_line(self):
        """Nothing was due in it; the year up to its end has a score."""
        before = [text for _x, text in self._file(self.vendor)["trend"].ticks]
        self.months[4].sudo().unlink()
        trend = self._file(self.vendor)["trend"]
        self.assertEqual([text for _x, text in trend.ticks], before)
        self.assertEqual([len(run) for run in trend.lines], [3, 1])
        self.assertEqual([label for *_place, label in trend.bars], ["56", "54", "53", "52", "51"])

    def test_not_rated(self):
        file = self._file(self.vendor_mute)
        self.assertEqual(file["grade"], "Not rated")
        self.assertIn("2 due lines", file["grade_reason"])
        self.assertFalse(file["months"])
        newcomer = self._create_company_partner("Newcomer")
        file = self._file(newcomer)
        self.assertIn("no scorecard", file["grade_reason"])
        self.assertEqual(newcomer._get_supplier_file_figures(file), [])

    def test_terms(self):
        self.env["supplier.terms"].create(
            {
                "partner_id": self.vendor.id,
                "date_from": self.today,
                "incoterm_location": "Port of Huế",
                "lead_days": 0,
                "min_amount": 500,
                "transport_mode": "sea",
            }
        )
        for user, money in ((self.user_buyer, True), (self.user_director, False)):
            file = self._file(self.vendor, user)
            facts = dict(self.vendor.with_user(user)._get_supplier_file_term_facts(file))
            self.assertEqual((facts["Place of Delivery"], facts["Transport"]), ("Port of Huế", "Sea"))
            self.assertEqual(facts["Promised Lead Time (Days)"], 0)
            self.assertEqual("Minimum Order" in facts, money)
            for title in ("Warranty (Months)", "Carrier"):
                self.assertNotIn(title, facts, "not agreed")
        self.assertFalse(self._file(self.vendor_mute)["terms"])

    def test_set_by_hand(self):
        override = self.env["supplier.grade.override"].create(
            {
                "partner_id": self.vendor.id,
                "grade": "high",
                "reason": "Only source of oak",
                "date_until": self.today,
            }
        )
        self.assertIn("Only source of oak", self._file(self.vendor)["grade_reason"])
        override.action_take_back()
        self.assertNotIn("Only source of oak", self._file(self.vendor)["grade_reason"])

    def test_queries_do_not_grow(self):
        others = self.env["res.partner"]
        for number in range(10):
            other = self._create_company_partner(f"Other {number}")
            self._card(other, score=50, grade="medium", due_line_count=5)
            self._order(other, [(self.screw, 5, 1)], days=-3)
            others |= other
        self.env.flush_all()
        counts = []
        for partners in (others, others[:1], others):  # the first time fills caches
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            partners.with_user(self.user_buyer)._get_supplier_files()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[2], counts[1] + 1, counts)

    # ------------------------------------------------------------------
    # PDF
    # ------------------------------------------------------------------
    def _html(self, report, records, user):
        reports = self.env["ir.actions.report"].with_user(user)
        html, _kind = reports._render_qweb_html(f"partner_relations.{report}", records.ids)
        return html.decode()

    def test_page(self):
        html = self._html("report_supplier_file", self.vendor + self.vendor_mute, self.user_buyer)
        self.assertEqual(html.count('o_supplier_file"'), 2, "a page for each supplier")
        for text in (
            "Oak Timber",
            "Silent Screws",
            "30.0%",
            self.order_late.name,
            "OB-77",
            "<svg",
            "<polyline",
        ):
            self.assertIn(text, html)

    def test_price_below_a_cent(self):
        self.env.ref("product.decimal_price").digits = 4
        self.env["product.supplierinfo"].create(
            {
                "partner_id": self.vendor.id,
                "product_tmpl_id": self._create_product("Nail").product_tmpl_id.id,
                "price": 0.0125,
            }
        )
        self.assertIn("0.0125", self._html("report_supplier_file", self.vendor, self.user_buyer))

    def test_page_from_scorecards(self):
        html = self._html("report_supplier_file_scorecard", self.card + self.months, self.user_buyer)
        self.assertEqual(
            html.count('o_supplier_file"'), 1, "one page, however many scorecards of the supplier"
        )

    def test_page_without_prices(self):
        """A director without purchase rights reads the figures, and no price."""
        html = self._html("report_supplier_file", self.vendor, self.user_director)
        self.assertIn("30.0%", html)
        self.assertIn(self.order_late.name, html)
        for text in ("Value Open", "Price compliance", "120.00"):
            self.assertNotIn(text, html)
        self.assertIn("120.00", self._html("report_supplier_file", self.vendor, self.user_buyer))

    def test_grade_is_said_once(self):
        """The reason of a grade begins with it where it was set by hand, and where there is none."""
        html = self._html("report_supplier_file", self.vendor, self.user_buyer)
        self.assertRegex(html, r"<b>Medium:</b>\s*<span[^>]*>71.5 points")
        self.env["supplier.grade.override"].create(
            {"partner_id": self.vendor.id, "grade": "low", "reason": "Wet wood", "date_until": self.today}
        )
        for vendor, words in (
            (self.vendor, "Low, set by hand until"),
            (self.vendor_mute, "Not rated: 2 due"),
        ):
            html = self._html("report_supplier_file", vendor, self.user_buyer)
            self.assertIn(words, html)
            self.assertNotRegex(html, "<b>(Low|Not rated):</b>")

    def test_unknown_address(self):
        """What is left of the format of an address that is empty is no address."""
        facts = self.vendor_mute._get_supplier_file_facts(self._file(self.vendor_mute))
        self.assertNotIn("Address", dict(facts))
        self.vendor_mute.city = "Huế"
        facts = self.vendor_mute._get_supplier_file_facts(self._file(self.vendor_mute))
        self.assertEqual(dict(facts)["Address"], "Huế")

    def test_page_is_for_buyers_and_directors(self):
        with self.assertRaises(AccessError):
            self.vendor.with_user(self.user_sales)._get_supplier_files()

    def test_other_company(self):
        self._card(self.vendor, company_id=self.company2.id, score=1, grade="low", due_line_count=99)
        order = self._order(self.vendor, [(self.screw, 7, 1)], days=-1, company=self.company2)
        file = self._file(self.vendor, self.user_plain_buyer)
        self.assertEqual(file["card"], self.card)
        self.assertNotIn(order.order_line.id, file["deliveries"].order_line_id.ids)


@tagged("post_install", "-at_install")
class TestSupplierPdf(SupplierFileCommon, HttpCase):
    def test_one_page_for_each_supplier(self):
        """Of a supplier with all terms, a trend and more lines and products than are printed, too."""
        reports = self.env["ir.actions.report"]
        if reports.get_wkhtmltopdf_state() in ("install", "broken"):
            return  # nothing here prints PDF; test_page has the page as HTML
        self.vendor.name = (
            "Oak Timber Production, Trading, Import and Export Limited Liability Company of Huế City"
        )
        for number in range(3):
            self._create_person(f"Person {number} of Oak", self.vendor, function="Head of Sales and Exports")
        for number in range(PAGE_LINES + 2):
            board = self._create_product(f"Oak board, sawn and dried, {20 + number} mm, length 2,400 mm")
            self.env["product.supplierinfo"].create(
                {
                    "partner_id": self.vendor.id,
                    "product_tmpl_id": board.product_tmpl_id.id,
                    "product_code": f"OB-LONG-{number}",
                    "price": 123456.78,
                    "date_start": "2026-01-01",
                    "date_end": "2027-12-31",
                }
            )
            self._order(self.vendor, [(board, 1000, 123456.78)], days=-number)
        self.env["supplier.terms"].create(
            {
                "partner_id": self.vendor.id,
                "name": "Frame contract 0123",
                "date_from": self.today,
                "date_to": self.today,
                "incoterm_id": self.env.ref("account.incoterm_EXW").id,
                "incoterm_location": "Port of Đà Nẵng",
                "carrier_id": self.vendor_mute.id,
                "transport_mode": "road",
                "lead_days": 21,
                "min_amount": 50_000,
                "payment_term_id": self.env.ref("account.account_payment_term_30days").id,
                "price_valid_until": self.today,
                "warranty_months": 24,
                "return_days": 14,
                "return_conditions": "Faulty goods are replaced within 14 days of the receipt, in their packing, "
                "with a report; the supplier bears the cost of both transports.",
                "contract_date_end": self.today,
            }
        )
        self.env["supplier.grade.override"].create(
            {
                "partner_id": self.vendor.id,
                "grade": "low",
                "reason": "Late all through the third quarter, and the faults named on 12 October are not mended",
                "date_until": self.today,
            }
        )
        self.env.flush_all()
        self.authenticate(self.user_buyer.login, self.user_buyer.login)
        pdf, _kind = (
            reports.with_user(self.user_buyer)
            .with_context(force_report_rendering=True)
            ._render_qweb_pdf("partner_relations.report_supplier_file", (self.vendor + self.vendor_mute).ids)
        )
        self.assertEqual(len(PdfReader(io.BytesIO(pdf)).pages), 2)


@tagged("post_install", "-at_install")
class TestSupplierExcel(SupplierFileCommon, HttpCase):
    def _open(self, action, user):
        self.authenticate(user.login, user.login)
        response = self.url_open(action["url"])
        self.assertEqual(response.status_code, 200, response.text[:500])
        return openpyxl.load_workbook(io.BytesIO(response.content))

    def _table(self, sheet):
        """Return the rows of a table as {title: value}, and the row of its totals if it has one."""
        titles = [cell.value for cell in sheet[1]]
        return [
            dict(zip(titles, values, strict=True)) for values in sheet.iter_rows(min_row=2, values_only=True)
        ]

    def _payloads(self):
        """The texts above, and those kept beside the project if they are there."""
        path = cases() / "cells/payloads.json"
        if not path.is_file():
            return PAYLOADS
        found = [cell["payload"] for cell in json.loads(path.read_text())["cells"]]
        # what a product's name can hold: PostgreSQL refuses NUL and halves of surrogate pairs
        return *PAYLOADS, *(
            text
            for text in found
            if isinstance(text, str) and text.strip() and not re.search("[\0\ud800-\udfff]", text)
        )

    # ------------------------------------------------------------------
    # The file of a supplier
    # ------------------------------------------------------------------
    def test_file(self):
        book = self._open(
            self.vendor.with_user(self.user_buyer).action_export_supplier_file(), self.user_buyer
        )
        self.assertEqual(
            book.sheetnames,
            [
                "Oak Timber",
                "Suppliers",
                "Months",
                "Terms Valid Today",
                "Agreed Prices",
                "Open Deliveries",
                "Parameters",
            ],
        )
        self.assertEqual(len(book["Oak Timber"]._charts), 1)
        [row, _total] = self._table(book["Suppliers"])
        self.assertEqual((row["Supplier"], row["Grade"], row["Score"]), ("Oak Timber", "Medium", 71.5))
        self.assertAlmostEqual(row["On Time"], 0.3)
        self.assertIsNone(row["Price Compliance"], "no data is empty")
        months = self._table(book["Months"])
        self.assertEqual([month["Month"].date() for month in months], self.months.mapped("date_to"))
        scores = [month["Score of the Year up to Then"] for month in months]
        self.assertEqual(scores, [56, None, 54, 53, 52, 51])
        self.assertEqual([month["On Time"] for month in months], [0.6, 0.5, 0.4, None, 0.2, 0.1])
        *lines, total = self._table(book["Open Deliveries"])
        self.assertEqual(
            [(line["Order"], line["Still Owed"], line["Days Overdue"]) for line in lines],
            [(self.order_late.name, 6, 12), (self.order_soon.name, 100, None)],
        )
        self.assertEqual(lines[0]["Promised"].date(), self.today - timedelta(days=12))
        self.assertEqual(total["Value Open"], sum(line["Value Open"] for line in lines))
        self.assertEqual(total["Value Open"], 6 * 20 + 100 * 1)
        [price] = [row for row in self._table(book["Agreed Prices"]) if row["Supplier's Code"]]
        self.assertEqual((price["Price"], price["Supplier's Code"]), (20, "OB-77"))
        self.assertIsInstance(price["Price"], (int, float))

    def test_prices_with_the_decimals_of_their_currency(self):
        """A price in đồng has no cents, beside one in euros; that of a screw may have more than its currency."""
        dong = self.env.ref("base.VND")
        dong.active = True
        self.assertEqual(dong.decimal_places, 0)
        self.env["decimal.precision"].search([("name", "=", "Product Price")]).digits = 3
        euro = self.env.ref("base.EUR")
        euro.active = True
        for code, price, currency in (
            ("D", 125_000, dong),
            ("D2", 12.5, dong),
            ("E", 7, euro),
            ("E2", 0.125, euro),
        ):
            self.env["product.supplierinfo"].create(
                {
                    "partner_id": self.vendor.id,
                    "product_tmpl_id": self._create_product(code).product_tmpl_id.id,
                    "product_code": code,
                    "price": price,
                    "currency_id": currency.id,
                }
            )
        self.env["supplier.terms"].create(
            {
                "partner_id": self.vendor.id,
                "date_from": self.today,
                "currency_id": dong.id,
                "min_amount": 5_000_000,
            }
        )
        book = self._open(
            self.vendor.with_user(self.user_buyer).action_export_supplier_file(), self.user_buyer
        )

        def get_formats(sheet, key, title):
            titles = [cell.value for cell in sheet[1]]
            return {
                row[titles.index(key)].value: (
                    row[titles.index(title)].value,
                    row[titles.index(title)].number_format,
                )
                for row in sheet.iter_rows(min_row=2)
            }

        formats = get_formats(book["Agreed Prices"], "Supplier's Code", "Price")
        self.assertEqual(formats["D"], (125_000, "#,##0"))
        self.assertEqual(formats["D2"], (12.5, "#,##0.000"))
        self.assertEqual(formats["E"], (7, "#,##0.00"))
        self.assertEqual(formats["E2"], (0.125, "#,##0.000"))
        terms = get_formats(book["Terms Valid Today"], "Supplier", "Minimum Order")
        self.assertEqual(terms["Oak Timber"], (5_000_000, "#,##0"))

    def test_several_suppliers(self):
        suppliers = (self.vendor + self.vendor_mute).with_user(self.user_buyer)
        book = self._open(suppliers.action_export_supplier_file(), self.user_buyer)
        self.assertEqual(book.sheetnames[:3], ["Oak Timber", "Silent Screws", "Suppliers"])
        self.assertEqual(
            {line["Supplier"] for line in self._table(book["Open Deliveries"])[:-1]},
            set(suppliers.mapped("name")),
        )

    def test_texts_of_users_are_no_formulas(self):
        self.vendor.name = "=1+1"
        for text in self._payloads():
            product = self._create_product(text)
            self.env["product.supplierinfo"].create(
                {
                    "partner_id": self.vendor.id,
                    "product_tmpl_id": product.product_tmpl_id.id,
                    "product_code": text,
                    "product_name": text,
                }
            )
        self.env["supplier.grade.override"].create(
            {"partner_id": self.vendor.id, "grade": "high", "reason": PAYLOADS[4], "date_until": self.today}
        )
        for action in (
            self.vendor.with_user(self.user_buyer).action_export_supplier_file(),
            self.card.with_user(self.user_buyer).action_export_excel(),
        ):
            book = self._open(action, self.user_buyer)
            cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
            self.assertFalse([(cell.value, cell.coordinate) for cell in cells if cell.data_type == "f"])
            self.assertFalse([cell.coordinate for cell in cells if cell.hyperlink])
            values = {cell.value for cell in cells}
            self.assertIn("=1+1", values)
        book = self._open(
            self.vendor.with_user(self.user_buyer).action_export_supplier_file(), self.user_buyer
        )
        codes = {row["Supplier's Code"] for row in self._table(book["Agreed Prices"])}
        self.assertTrue(set(PAYLOADS) - {PAYLOADS[-1]} <= codes, codes)

    def test_file_without_prices(self):
        book = self._open(
            self.vendor.with_user(self.user_director).action_export_supplier_file(), self.user_director
        )
        titles = {cell.value for sheet in book for row in sheet.iter_rows() for cell in row}
        self.assertIn("Products", book.sheetnames)
        for title in ("Price", "Value Open", "Price Compliance", "Due Value"):
            self.assertNotIn(title, titles)

    def test_rights(self):
        with self.assertRaises(AccessError):
            self.vendor.with_user(self.user_sales).action_export_supplier_file()
        with self.assertRaisesRegex(UserError, "export"):
            self.vendor.with_user(self.user_buyer2).action_export_supplier_file()

    # ------------------------------------------------------------------
    # The comparison
    # ------------------------------------------------------------------
    def test_comparison(self):
        cards = (self.card + self.card_mute).with_user(self.user_buyer)
        book = self._open(cards.action_export_excel(), self.user_buyer)
        self.assertEqual(book.sheetnames, ["Summary", "Comparison", "Criteria", "Parameters"])
        self.assertEqual(len(book["Summary"]._charts), 1)
        first, second, total = self._table(book["Comparison"])
        self.assertEqual((first["Supplier"], first["Grade"], first["Due Lines"]), ("Oak Timber", "Medium", 9))
        self.assertEqual(
            (second["Supplier"], second["Grade"], second["Score"]), ("Silent Screws", None, None)
        )
        # a total of rates is the ratio of sums, not the mean of 30 % and 100 %
        self.assertAlmostEqual(total["On Time"], (600 + 500) / (2_000 + 500))
        self.assertAlmostEqual(total["Quality"], 1 - 80 / 1_600)
        self.assertEqual(total["Due Lines"], 11)
        self.assertEqual(total["Score"], 71.5, "the mean of the rated")
        self.assertIsNone(total["Lead Time (Median)"], "medians do not add up")
        self.assertIsInstance(first["From"], date)

    def test_no_total_over_periods(self):
        """The running year holds the lines of its months: their sum would count them twice."""
        cards = (self.card + self.months).with_user(self.user_buyer)
        book = self._open(cards.action_export_excel(), self.user_buyer)
        rows = self._table(book["Comparison"])
        self.assertEqual(len(rows), 7)
        self.assertNotIn("Total", [row["Supplier"] for row in rows])

    def test_comparison_of_the_filter(self):
        cards = self.env["supplier.scorecard"].with_user(self.user_buyer)
        domain = [("partner_id", "=", self.vendor.id), ("is_current", "=", True)]
        action = cards.with_context(active_domain=domain).action_export_excel()
        [row, _total] = self._table(self._open(action, self.user_buyer)["Comparison"])
        self.assertEqual(row["Supplier"], "Oak Timber")

    def test_comparison_without_prices(self):
        book = self._open(self.card.with_user(self.user_director).action_export_excel(), self.user_director)
        [row] = self._table(book["Comparison"])[:1]
        self.assertAlmostEqual(row["On Time"], 0.3)
        for title in ("Due Value", "Price Compliance", "Price Variance"):
            self.assertNotIn(title, row)

    def test_comparison_of_the_own_company(self):
        other = self._card(self.vendor, company_id=self.company2.id, score=1, grade="low", due_line_count=99)
        cards = (self.card + other).with_user(self.user_plain_buyer)
        action = cards.with_context(active_domain=[("partner_id", "=", self.vendor.id)])[
            :0
        ].action_export_excel()
        rows = self._table(self._open(action, self.user_plain_buyer)["Comparison"])
        self.assertIn(9, [row["Due Lines"] for row in rows])
        self.assertNotIn(99, [row["Due Lines"] for row in rows])
        with self.assertRaises(AccessError):
            other.with_user(self.user_plain_buyer).check_access("read")
