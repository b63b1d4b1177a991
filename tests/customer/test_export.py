"""Excel files as their users fetch them: with their rights, in their language, equal to the ledger."""

import datetime
import io
import os
import tempfile

import openpyxl
from lxml import etree

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from ...models.customer import partner_classification_line_excel, partner_turnover_report_excel
from .sales_history import DATE_TO, SalesHistoryCommon

MIMETYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ExcelCommon(SalesHistoryCommon, HttpCase):
    """A few customers with invoices, credit notes and a foreign currency; a run of each month end."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        export = Command.link(cls.env.ref("base.group_allow_export").id)
        for user in (cls.user_director, cls.user_sales, cls.user_supervisor):
            user.group_ids = [export]
        cls.formula = cls._create_company_partner("=1+1", user_id=cls.user_sales.id)
        cls.own = cls._create_company_partner("Công ty Hoà Phát", user_id=cls.user_sales.id)
        cls.other = cls._create_company_partner("Other & Co", user_id=cls.user_sales2.id)
        cls.early = cls._create_company_partner("Early Bird", user_id=cls.user_sales2.id)
        invoices = [
            (cls.own, "2026-02-10", 1_000.10, {}),
            (cls.own, "2026-03-10", 2_000.20, {}),
            (cls.own, "2026-10-31", 0.01, {}),
            (cls.formula, "2026-05-05", 333.33, {}),
            (cls.other, "2025-11-01", 5_000, {}),
            (cls.other, "2026-06-01", 50.55, {"move_type": "out_refund"}),
            (cls.other, "2026-07-07", 200, {"currency_id": cls.usd.id}),
            # before the window
            (cls.early, "2025-10-31", 700, {}),
            # another company
            (cls.other, "2026-04-04", 77, {"company": cls.company_usd}),
        ]
        for partner, date, price, values in invoices:
            cls._create_invoice(
                [{"product_id": cls.chair.id, "quantity": 1, "price_unit": price}], partner, date, **values
            )
        cls.first_run = cls._create_run(date_to=datetime.date(2026, 3, 31))
        cls.first_run.action_post()
        cls.last_run = cls._create_run()

    def _ledger(self, first="2025-11-01", last="2026-10-31", company=None, partners=None):
        """Return what the books say was sold: the balance of the lines with products."""
        domain = [
            ("parent_state", "=", "posted"),
            ("move_id.move_type", "in", ("out_invoice", "out_refund")),
            ("display_type", "=", "product"),
            ("move_id.invoice_date", ">=", first),
            ("move_id.invoice_date", "<=", last),
            ("company_id", "=", (company or self.company_eur).id),
        ]
        if partners:
            domain.append(("move_id.commercial_partner_id", "in", partners.ids))
        return -sum(self.env["account.move.line"].search(domain).mapped("balance"))

    def _fetch(self, action, login):
        self.authenticate(login, login)
        return self.url_open(action["url"])

    def _open(self, action, user):
        """Return the file that the user gets, as openpyxl reads it."""
        response = self._fetch(action, user.login)
        self.assertEqual(response.status_code, 200, response.text[:500])
        self.assertEqual(response.headers["Content-Type"], MIMETYPE)
        self.assertEqual(int(response.headers["Content-Length"]), len(response.content))
        return openpyxl.load_workbook(io.BytesIO(response.content))

    def _table(self, sheet):
        """Return the rows of a table as {title: value}, and the row of its totals."""
        head = sheet.auto_filter.ref.split(":")[0]
        number = sheet[head].row
        titles = [cell.value for cell in sheet[number]]
        rows = [
            dict(zip(titles, values, strict=True))
            for values in sheet.iter_rows(min_row=number + 1, values_only=True)
        ]
        return rows[:-1], rows[-1]

    def _run_of(self, user, run=None):
        return (run or self.last_run).with_user(user).with_context(allowed_company_ids=user.company_ids.ids)


@tagged("post_install", "-at_install")
class TestClassificationExcel(ExcelCommon):
    def test_file_of_a_run(self):
        book = self._open(self._run_of(self.user_director).action_export_excel(), self.user_director)
        self.assertEqual(book.sheetnames, ["Summary", "Customers", "Migrations", "Parameters"])
        rows, total = self._table(book["Customers"])
        by_name = {row["Customer"]: row for row in rows}
        self.assertEqual(len(rows), len(self.last_run.line_ids))
        self.assertEqual(round(total["Revenue"], 2), round(self._ledger(), 2))
        for partner in (self.own, self.formula, self.other):
            revenue = by_name[partner.name]["Revenue"]
            self.assertAlmostEqual(revenue, self._ledger(partners=partner), places=7, msg=partner.name)
            line = self._lines(self.last_run)[partner]
            row = by_name[partner.name]
            self.assertEqual(row["ABC"], line.abc_class.upper())
            self.assertEqual(row["Stage"], dict(line._fields["stage"].selection)[line.stage])
            self.assertEqual(row["Profit"], line.profit)
            self.assertAlmostEqual(row["Margin"], line.profit / line.revenue)
            self.assertAlmostEqual(row["Share"], line.share / 100)
            self.assertEqual(row["Sales"], line.sales_count)
            self.assertEqual(row["Last Sale"].date(), line.last_sale_date)
            self.assertEqual(row["Days Since"], line.days_since_sale)
            self.assertEqual(row["Reason"], line.reason.replace("\n", " "))
        # no sales in the window: not the amount 0, but none
        self.assertIsNone(by_name["Early Bird"]["Revenue"])
        self.assertEqual(by_name["Early Bird"]["Stage"], "Lost")
        self.assertEqual([row["Customer"] for row in rows][:2], ["Other & Co", "Công ty Hoà Phát"])
        self.assertAlmostEqual(total["Margin"], total["Profit"] / total["Revenue"])

    def test_texts_of_users_are_no_formulas(self):
        book = self._open(self._run_of(self.user_director).action_export_excel(), self.user_director)
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
        self.assertFalse([cell.coordinate for cell in cells if cell.data_type == "f"])
        self.assertIn("=1+1", [cell.value for cell in cells])

    def test_summary_adds_up(self):
        book = self._open(self._run_of(self.user_director).action_export_excel(), self.user_director)
        sheet = book["Summary"]
        cells = {cell.value: cell for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)}
        # the matrices' totals, and those of classes and stages
        totals = [
            [cell.value for cell in row if isinstance(cell.value, (int, float))]
            for row in sheet.iter_rows()
            if any(cell.value == "Total" for cell in row[:1])
        ]
        count, revenue = len(self.last_run.line_ids), round(self._ledger(), 2)
        # customers and share; revenue and profit; ABC and stage
        self.assertIn(count, totals[0])
        self.assertAlmostEqual(totals[0][-1], 1.0)
        self.assertIn(revenue, [round(value, 2) for value in totals[1]])
        self.assertEqual([round(value, 2) for value in totals[2]].count(revenue), 2)
        self.assertEqual(totals[2].count(count), 2)
        self.assertEqual(len(sheet._charts), 1)
        self.assertIn("Pareto: Revenue", cells)
        self.assertIn(self.own.name, cells, "few customers stand by their name")

    def test_pareto_of_many(self):
        """Beyond some customers, groups of equal size take their place."""
        self.patch(partner_classification_line_excel, "MAX_BARS", 2)
        rows, grouped = self.env["partner.classification.line"]._get_excel_pareto(
            [("classification_id", "=", self.last_run.id)]
        )
        self.assertTrue(grouped)
        self.assertEqual([label for label, _amount, _share in rows], ["0–5%", "5–10%", "10–15%"])
        self.assertAlmostEqual(sum(amount for _label, amount, _share in rows), self._ledger())
        self.assertEqual(rows[-1][2], 1.0)
        self.assertEqual(sorted(rows, key=lambda row: -row[1]), rows)

    def test_parameters(self):
        self.policy.write({"abc_a": 80, "abc_b": 15})
        book = self._open(self._run_of(self.user_director).action_export_excel(), self.user_director)
        facts = {row[0]: row[1] for row in book["Parameters"].iter_rows(values_only=True)}
        self.assertEqual(facts["ABC: Share of A"], 0.7, "as of the day the run was computed")
        self.assertEqual(facts["From"], datetime.datetime(2025, 11, 1))
        self.assertEqual(facts["To"], datetime.datetime(2026, 10, 31))
        self.assertEqual(facts["Company"], "Selling in Euro")
        self.assertEqual(facts["Currency"], "EUR")
        self.assertEqual(facts["Lost after (days)"], 180)
        self.assertEqual(facts["ABC by"], "Revenue")
        self.assertEqual(facts["Exported By"], self.user_director.name)
        self.assertIsInstance(facts["Created on"], datetime.datetime)

    def test_migrations(self):
        runs = self._run_of(self.user_director, self.first_run | self.last_run)
        book = self._open(runs.action_export_migrations(), self.user_director)
        self.assertEqual(book.sheetnames, ["Migrations", "Changes", "Parameters"])
        rows, total = self._table(book["Changes"])
        by_name = {row["Customer"]: row for row in rows}
        first, last = self._lines(self.first_run), self._lines(self.last_run)
        names = ("abc_class", "xyz_class", "stage")
        changed = [
            partner
            for partner in last
            if partner not in first or any(first[partner][name] != last[partner][name] for name in names)
        ]
        self.assertEqual(set(by_name), {partner.display_name for partner in changed})
        self.assertEqual(by_name["=1+1"]["Revenue after"], 333.33)
        self.assertIsNone(by_name["=1+1"]["Revenue before"])
        self.assertEqual(by_name["=1+1"]["ABC before"], "–")
        self.assertAlmostEqual(total["Revenue after"], sum(last[partner].revenue or 0 for partner in changed))
        # one run is compared with the one before it
        self.assertEqual(self.last_run.previous_id, self.first_run)
        one = self._open(self._run_of(self.user_director).action_export_migrations(), self.user_director)
        self.assertEqual(
            [*one["Migrations"].iter_rows(values_only=True)],
            [*book["Migrations"].iter_rows(values_only=True)],
        )

    def test_what_cannot_be_compared(self):
        other = self._create_run(self.env["partner.classification.policy"]._get_for(self.company_usd))
        with self.assertRaisesRegex(UserError, "cannot be compared"):
            (self.last_run | other).action_export_migrations()
        with self.assertRaisesRegex(UserError, "two runs"):
            self.first_run.action_export_migrations()
        with self.assertRaisesRegex(UserError, "one run"):
            (self.last_run | self.first_run).action_export_excel()

    def test_suppliers(self):
        vendor = self._create_company_partner("Vendor")
        self._sell(vendor, "2026-05-05", 900, move_type="in_invoice")
        self._sell(vendor, "2026-06-05", -100.5, move_type="in_refund")
        run = self._create_run(
            self.env["partner.classification.policy"]._get_for(self.company_eur, "supplier")
        )
        book = self._open(self._run_of(self.user_director, run).action_export_excel(), self.user_director)
        rows, total = self._table(book["Suppliers"])
        self.assertEqual([(row["Supplier"], row["Revenue"]) for row in rows], [("Vendor", 799.5)])
        self.assertEqual(total["Revenue"], 799.5)
        self.assertNotIn("Stage", rows[0])
        self.assertNotIn("Lost after (days)", {row[0].value for row in book["Parameters"].iter_rows()})

    def test_nothing_to_export(self):
        action = self._lines_of(self.user_director, active_domain=[("id", "=", 0)]).action_export_excel()
        book = self._open(action, self.user_director)
        self.assertEqual(book.sheetnames, ["Summary", "Customers", "Parameters"])
        self.assertEqual(book["Customers"].max_row, 2, "groups and titles; a total of nothing is no 0")

    # Lists

    def _lines_of(self, user, lines=None, **context):
        model = self.env["partner.classification.line"] if lines is None else lines
        return model.with_user(user).with_context(allowed_company_ids=user.company_ids.ids, **context)

    def test_selected_lines(self):
        lines = self._lines(self.last_run)
        selected = lines[self.own] | lines[self.formula]
        action = self._lines_of(
            self.user_director, selected, active_domain=[("abc_class", "=", "a")]
        ).action_export_excel()
        rows, total = self._table(self._open(action, self.user_director)["Customers"])
        self.assertEqual([row["Customer"] for row in rows], [self.own.name, "=1+1"])
        self.assertAlmostEqual(total["Revenue"], self._ledger(partners=self.own | self.formula))

    def test_filtered_lines(self):
        domain = [("classification_id", "=", self.last_run.id), ("stage", "=", "regular")]
        action = self._lines_of(self.user_director, active_domain=domain).action_export_excel()
        rows, _total = self._table(self._open(action, self.user_director)["Customers"])
        expected = self.last_run.line_ids.filtered(lambda line: line.stage == "regular")
        self.assertTrue(expected)
        self.assertEqual({row["Customer"] for row in rows}, set(expected.mapped("partner_id.name")))

    def test_everything_selected(self):
        """The web client hands over the ids of a part only; all that are filtered are meant."""
        self.env["ir.config_parameter"].set_param("web.active_ids_limit", "2")
        domain = [("classification_id", "=", self.last_run.id)]
        some = self._lines_of(self.user_director, self.last_run.line_ids[:2], active_domain=domain)
        rows, _total = self._table(self._open(some.action_export_excel(), self.user_director)["Customers"])
        self.assertEqual(len(rows), len(self.last_run.line_ids))

    def test_lines_of_several_runs(self):
        domain = [("classification_id", "in", (self.last_run | self.first_run).ids)]
        action = self._lines_of(self.user_director, active_domain=domain).action_export_excel()
        rows, _total = self._table(self._open(action, self.user_director)["Customers"])
        self.assertEqual({row["Run"] for row in rows}, {self.last_run.name, self.first_run.name})

    def test_several_currencies_are_not_added_up(self):
        other = self._create_run(self.env["partner.classification.policy"]._get_for(self.company_usd))
        lines = self.env["partner.classification.line"].with_context(
            active_domain=[("classification_id", "in", (self.last_run | other).ids)]
        )
        with self.assertRaisesRegex(UserError, "EUR, USD|USD, EUR"):
            lines.action_export_excel()

    def test_batches(self):
        """Whatever is read at a time, the rows are the same, each once."""
        lines = self.env["partner.classification.line"]
        names = ["partner_id", "partner_user_id", "abc_class", "revenue", "cv", "is_returned", "reason"]
        columns = [lines._get_excel_column(name) for name in names]
        domain = [("classification_id", "=", self.last_run.id)]
        whole = [*map(list, lines._get_excel_rows(domain, columns, order="id"))]
        pieces = [*map(list, lines._get_excel_rows(domain, columns, order="id", batch_size=2))]
        self.assertEqual(whole, pieces)
        self.assertEqual(len(whole), len(self.last_run.line_ids))
        self.assertIn(
            [self.early.name, self.user_sales2.name, None, None, None, False], [r[:-1] for r in whole]
        )

    def test_reasons_of_many_are_left_out(self):
        self.patch(partner_classification_line_excel, "MAX_REASONS", 1)
        book = self._open(self._run_of(self.user_director).action_export_excel(), self.user_director)
        rows, _total = self._table(book["Customers"])
        self.assertNotIn("Reason", rows[0])

    def test_too_many_rows(self):
        self.patch(type(self.env["partner.classification.line"]), "_check_excel_size", _refuse)
        with self.assertRaisesRegex(UserError, "too many"):
            self.last_run.action_export_excel()

    # Rights

    def test_own_customers_only(self):
        book = self._open(self._run_of(self.user_sales).action_export_excel(), self.user_sales)
        rows, total = self._table(book["Customers"])
        self.assertEqual({row["Customer"] for row in rows}, {self.own.name, "=1+1"})
        self.assertAlmostEqual(total["Revenue"], self._ledger(partners=self.own | self.formula))
        texts = {cell.value for sheet in book for row in sheet.iter_rows() for cell in row}
        self.assertFalse(texts & {self.other.name, self.early.name})
        self.assertNotIn(round(self._ledger(), 2), {round(t, 2) for t in texts if isinstance(t, float)})

    def test_foreign_files_do_not_exist(self):
        action = self._run_of(self.user_sales).action_export_excel()
        unknown = {"url": "/partner_relations/export/2147483647"}
        admin = self.env.ref("base.user_admin")
        admin.password = admin.login
        plain = new_test_user(self.env, "excel_plain")
        with mute_logger("odoo.http"):
            for user in (self.user_director, self.user_sub, admin, plain):
                foreign = self._fetch(action, user.login)
                missing = self._fetch(unknown, user.login)
                self.assertEqual((foreign.status_code, missing.status_code), (404, 404), user.login)
                self.assertEqual(foreign.text, missing.text)
            self.authenticate(None, None)
            response = self.url_open(action["url"], allow_redirects=False)
            self.assertEqual(response.status_code, 303)
            self.assertIn("/web/login", response.headers["Location"])
        self._open(action, self.user_sales)

    def test_without_the_right_to_export(self):
        group = self.env.ref("base.group_allow_export")
        action = self._run_of(self.user_sales).action_export_excel()
        self.user_sales.group_ids -= group
        with self.assertRaisesRegex(UserError, "may not export"):
            self._run_of(self.user_sales).action_export_excel()
        with mute_logger("odoo.http"):
            response = self._fetch(action, self.user_sales.login)
        self.assertEqual(response.status_code, 422)
        self.assertIn("may not export", response.text)
        for model, view_type in (
            ("partner.classification", "form"),
            ("partner.classification", "list"),
            ("partner.classification.line", "list"),
            ("partner.turnover.report", "list"),
        ):
            for user, shown in ((self.user_sales, False), (self.user_supervisor, True)):
                arch = self.env[model].with_user(user).get_view(view_type=view_type)["arch"]
                buttons = etree.fromstring(arch).xpath("//button[@name='action_export_excel']")
                self.assertEqual(bool(buttons), shown, (model, view_type, user.login))

    def test_without_the_right_to_read(self):
        stranger = new_test_user(self.env, "excel_stranger", groups="base.group_user,base.group_allow_export")
        with self.assertRaises(AccessError):
            self.last_run.with_user(stranger).action_export_excel()
        with self.assertRaises(AccessError):
            self.env["partner.export"].with_user(stranger).create({"res_model": "partner.classification"})

    def test_a_request_made_by_hand_gives_no_rights(self):
        """What a user could write into a request is read with the rights of that user."""
        exports = self.env["partner.export"].with_user(self.user_sales)
        exports = exports.with_context(allowed_company_ids=self.company_eur.ids)
        domain = [("classification_id", "=", self.last_run.id)]
        values = {
            "res_model": "partner.classification.line",
            "domain": domain,
            "company_ids": (self.company_eur | self.company_usd).ids,
            "context": {"uid": 1, "su": True, "active_test": False},
        }
        book = self._open({"url": f"/partner_relations/export/{exports.create(values).id}"}, self.user_sales)
        rows, _total = self._table(book["Customers"])
        self.assertEqual({row["Customer"] for row in rows}, {self.own.name, "=1+1"})
        with mute_logger("odoo.http"):
            for wrong in ({"res_model": "res.partner"}, {"res_model": "no.model"}, {"company_ids": None}):
                export = exports.create({**values, **wrong})
                response = self._fetch(
                    {"url": f"/partner_relations/export/{export.id}"}, self.user_sales.login
                )
                self.assertEqual(response.status_code, 422, wrong)
        with self.assertRaises(AccessError):
            exports.create(values).write({"domain": []})
        self.assertFalse(exports.with_user(self.user_director).search([]))

    def test_companies(self):
        """Those that were active when the file was asked for, as far as they are still the user's."""
        policy = self.env["partner.classification.policy"]._get_for(self.company_usd)
        other = self._create_run(policy)
        user = self.user_director
        user.company_ids = self.company_eur | self.company_usd
        lines = self.env["partner.classification.line"].with_user(user)
        domain = [("classification_id", "in", (self.last_run | other).ids)]

        def ask(companies):
            return lines.with_context(
                allowed_company_ids=companies.ids, active_domain=domain
            ).action_export_excel()

        dollars = ask(self.company_usd)
        euros = ask(self.company_eur)
        rows, total = self._table(self._open(dollars, user)["Customers"])
        self.assertEqual(len(rows), len(other.line_ids))
        self.assertEqual(total["Revenue"], 77)
        rows, total = self._table(self._open(euros, user)["Customers"])
        self.assertAlmostEqual(total["Revenue"], self._ledger())
        # taken from the user before the file is fetched
        user.company_ids = self.company_eur
        with mute_logger("odoo.http"):
            response = self._fetch(dollars, user.login)
        self.assertEqual(response.status_code, 422)
        self.assertIn("companies", response.text)
        self._open(euros, user)

    # Language, formats, transport

    def test_in_vietnamese(self):
        self.env["res.lang"]._activate_lang("vi_VN")
        self.env["res.lang"]._get_data(code="vi_VN")
        self.env["res.lang"].search([("code", "=", "vi_VN")]).write(
            {"date_format": "%d/%m/%Y", "time_format": "%H:%M:%S"}
        )
        names = {"revenue": "Doanh thu", "partner_user_id": "Nhân viên kinh doanh"}
        for name, words in names.items():
            field = self.env["ir.model.fields"]._get("partner.classification.line", name)
            field.update_field_translations("field_description", {"vi_VN": words})
        self.env.ref("base.de").update_field_translations("name", {"vi_VN": "Đức"})
        self.own.country_id = self.env.ref("base.de")
        self.user_director.write({"lang": "vi_VN", "tz": "Asia/Ho_Chi_Minh"})
        run = self._run_of(self.user_director).with_context(lang="vi_VN", tz="Asia/Ho_Chi_Minh")
        response = self._fetch(run.action_export_excel(), self.user_director.login)
        self.assertIn("31-10-2026", response.headers["Content-Disposition"])
        book = openpyxl.load_workbook(io.BytesIO(response.content))
        table = next(sheet for sheet in book if sheet.auto_filter.ref)
        rows, _total = self._table(table)
        self.assertLessEqual(set(names.values()), set(rows[0]))
        self.assertIn("Đức", [cell.value for row in table.iter_rows() for cell in row])
        dates = {
            cell.number_format for row in table.iter_rows() for cell in row if cell.value and cell.is_date
        }
        self.assertEqual(dates, {"dd/mm/yyyy"})
        moments = [
            cell for row in book.worksheets[-1].iter_rows() for cell in row if cell.value and cell.is_date
        ]
        computed = self.last_run.date_computed + datetime.timedelta(hours=7)
        self.assertIn(computed.replace(microsecond=0), [cell.value for cell in moments])
        self.assertIn("dd/mm/yyyy hh:mm:ss", [cell.number_format for cell in moments])

    def test_decimals_of_the_currency(self):
        # SQL: the ORM refuses to change a currency that was used
        self.env.cr.execute("UPDATE res_currency SET rounding = 1, decimal_places = 0 WHERE name = 'EUR'")
        self.env["res.currency"].invalidate_model()
        book = self._open(self._run_of(self.user_director).action_export_excel(), self.user_director)
        head = {cell.value: cell.column for cell in book["Customers"][2]}
        self.assertEqual(book["Customers"].cell(3, head["Revenue"]).number_format, "#,##0")
        self.assertEqual(book["Customers"].cell(3, head["Share"]).number_format, "0.00%")

    def test_nothing_is_left_behind(self):
        folder = tempfile.mkdtemp()
        self.addCleanup(os.rmdir, folder)
        self.patch(tempfile, "tempdir", folder)
        action = self._run_of(self.user_director).action_export_excel()
        response = self._fetch(action, self.user_director.login)
        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.headers["Cache-Control"], "private, no-store")
        self.assertEqual(response.headers["X-Content-Type-Options"], "nosniff")
        self.assertFalse(os.listdir(folder))
        # not even when it fails
        self.patch(type(self.env["partner.classification"]), "_write_excel_parameters", _refuse)
        with mute_logger("odoo.http"):
            self.assertEqual(self._fetch(action, self.user_director.login).status_code, 422)
        self.assertFalse(os.listdir(folder))

    def test_a_run_that_is_gone(self):
        draft = self._create_run(date_to=datetime.date(2026, 9, 30))
        action = self._run_of(self.user_director, draft).action_export_excel()
        draft.unlink()
        with mute_logger("odoo.http"):
            response = self._fetch(action, self.user_director.login)
        self.assertEqual(response.status_code, 422)
        self.assertIn("gone", response.text)


@tagged("post_install", "-at_install")
class TestTurnoverExcel(ExcelCommon):
    def _ask(self, user, records=None, **context):
        model = self.env["partner.turnover.report"] if records is None else records
        return (
            model.with_user(user)
            .with_context(allowed_company_ids=user.company_ids.ids, **context)
            .action_export_excel()
        )

    def test_file_of_a_period(self):
        domain = [("date", ">=", "2025-11-01"), ("date", "<=", DATE_TO)]
        book = self._open(
            self._ask(self.user_director, active_domain=[*map(_plain, domain)]), self.user_director
        )
        self.assertEqual(book.sheetnames, ["Summary", "Customers", "Invoice Lines", "Parameters"])
        expected = round(self._ledger(), 2)
        lines, total = self._table(book["Invoice Lines"])
        self.assertEqual(round(total["Revenue"], 2), expected)
        self.assertEqual(round(sum(row["Revenue"] for row in lines), 2), expected)
        self.assertAlmostEqual(total["Margin"], total["Profit"] / total["Revenue"])
        self.assertEqual(len(lines), 7)
        self.assertEqual(lines[0]["Date"], datetime.datetime(2026, 10, 31), "the last ones first")
        customers, total = self._table(book["Customers"])
        self.assertEqual(round(total["Revenue"], 2), expected)
        self.assertEqual(
            {row["Customer"]: round(row["Revenue"], 2) for row in customers},
            {
                partner.name: round(self._ledger(partners=partner), 2)
                for partner in (self.own, self.formula, self.other)
            },
        )
        facts = {row[0]: row[1] for row in book["Parameters"].iter_rows(values_only=True)}
        self.assertEqual(facts["Invoice Lines"], 7)
        self.assertEqual(facts["Currency"], "EUR")

    def test_summary_adds_up_on_every_axis(self):
        book = self._open(self._ask(self.user_director, active_domain=[]), self.user_director)
        sheet = book["Summary"]
        revenue = round(self._ledger("1900-01-01", "2999-12-31"), 2)
        totals = [
            cell.offset(column=1).value for row in sheet.iter_rows() for cell in row if cell.value == "Total"
        ]
        self.assertGreaterEqual(len(totals), 4, "month, category, salesperson, team…")
        self.assertEqual({round(total, 2) for total in totals}, {revenue})
        months = [cell.value for cell in sheet["A"] if isinstance(cell.value, datetime.datetime)]
        self.assertEqual(len(months), 8)
        self.assertEqual(months, sorted(months))

    def test_the_others_are_taken_together(self):
        self.patch(partner_turnover_report_excel, "MAX_ROWS", 1)
        report = self.env["partner.turnover.report"].with_company(self.company_eur)
        report = report.with_context(allowed_company_ids=self.company_eur.ids, turnover_compare="year")
        total = report._get_excel_total([])
        rows = report._get_excel_axis([], "partner_id", total)
        self.assertEqual([row[0] for row in rows], [self.other.name, "3 others"])
        self.assertAlmostEqual(sum(row[1] for row in rows), total[0])
        self.assertAlmostEqual(sum(row[3] for row in rows), total[2])
        rest = report._get_excel_total([("partner_id", "!=", self.other.id)])
        self.assertAlmostEqual(rows[1][4], rest[3] / 100)
        self.assertAlmostEqual(rows[1][6], rest[4])
        self.assertAlmostEqual(rows[1][7], rest[5] / 100)
        # a group with an invoice whose cost is not known yet: 30 was sold at a cost that is
        part = report._add_excel_figures([[1030.0, 20.0, 10.0, 100 / 3, 0.0, None]])
        self.assertAlmostEqual(part[3], 100 / 3)
        # before, more was taken back than sold: as the statement of the report has it
        loss = report._add_excel_figures([[10.0, None, None, None, -20.0, 150.0]])
        self.assertEqual(loss[4:], [-20.0, 150.0])

    def test_compared_with_the_year_before(self):
        domain = [["date", ">=", "2026-01-01"], ["date", "<=", "2026-12-31"]]
        action = self._ask(self.user_director, active_domain=domain, turnover_compare="year")
        book = self._open(action, self.user_director)
        rows, total = self._table(book["Customers"])
        self.assertAlmostEqual(total["Revenue Before"], self._ledger("2025-01-01", "2025-12-31"))
        before = {row["Customer"]: row["Revenue Before"] for row in rows}
        self.assertEqual(before[self.early.name], 700)
        self.assertEqual(before[self.other.name], 5_000)
        self.assertIsNone(before[self.own.name])

    def test_selected_lines(self):
        report = self.env["partner.turnover.report"].with_context(allowed_company_ids=self.company_eur.ids)
        selected = report.search([("partner_id", "=", self.own.id)])
        action = self._ask(self.user_director, selected[:2])
        book = self._open(action, self.user_director)
        rows, total = self._table(book["Invoice Lines"])
        self.assertEqual(len(rows), 2)
        self.assertAlmostEqual(total["Revenue"], sum(selected[:2].mapped("revenue")))
        self.assertEqual(round(self._table(book["Customers"])[1]["Revenue"], 2), round(total["Revenue"], 2))

    def test_many_lines_are_left_out(self):
        self.patch(partner_turnover_report_excel, "MAX_LINES", 2)
        book = self._open(self._ask(self.user_director, active_domain=[]), self.user_director)
        self.assertEqual(book.sheetnames, ["Summary", "Customers", "Parameters"])
        facts = {row[0]: row[1] for row in book["Parameters"].iter_rows(values_only=True)}
        self.assertIn("more than 2", facts["Invoice Lines"])

    def test_own_customers_only(self):
        book = self._open(self._ask(self.user_sales, active_domain=[]), self.user_sales)
        expected = round(self._ledger("1900-01-01", "2999-12-31", partners=self.own | self.formula), 2)
        for name in ("Customers", "Invoice Lines"):
            rows, total = self._table(book[name])
            self.assertEqual({row["Customer"] for row in rows}, {self.own.name, "=1+1"})
            self.assertEqual(round(total["Revenue"], 2), expected)
        texts = {cell.value for sheet in book for row in sheet.iter_rows() for cell in row}
        self.assertNotIn(self.other.name, texts)

    def test_two_companies(self):
        """Each in its currency, together in the first one's, as the report shows them."""
        user = self.user_director
        user.company_ids = self.company_eur | self.company_usd
        both = self._open(self._ask(user, active_domain=[]), user)
        report = self.env["partner.turnover.report"].with_user(user)
        report = report.with_context(allowed_company_ids=user.company_ids.ids)
        [(revenue,)] = report._read_group([], [], ["revenue:sum"])
        rows, total = self._table(both["Invoice Lines"])
        self.assertEqual(round(total["Revenue"], 2), round(revenue, 2))
        self.assertEqual({row["Company"] for row in rows}, {"Selling in Euro", "Selling in Dollar"})

    def test_nothing_to_export(self):
        book = self._open(self._ask(self.user_director, active_domain=[["id", "=", 0]]), self.user_director)
        self.assertEqual(book.sheetnames, ["Summary", "Customers", "Invoice Lines", "Parameters"])

    def test_filters_in_words(self):
        report = self.env["partner.turnover.report"]
        facts = report._get_excel_filter_facts(
            [("date", ">=", "2026-01-01"), ("partner_id", "in", [self.own.id]), ("revenue", ">", 0)]
        )
        words = [fact[1] for fact in facts]
        self.assertIn("Date >= 2026-01-01", words)
        self.assertIn(f"Customer in {self.own.name}", words)
        self.assertIn("Revenue > 0", words)
        [fact] = report._get_excel_filter_facts(["|", ("date", ">=", "2026-01-01"), ("revenue", ">", 0)])
        self.assertIn("'|'", fact[1])
        self.assertEqual([fact[1] for fact in report._get_excel_filter_facts([])], ["none"])


def _plain(condition):
    return [*condition[:2], str(condition[2])]


def _refuse(*_arguments):
    raise UserError("These are too many.")
