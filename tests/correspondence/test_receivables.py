from datetime import timedelta
from io import BytesIO

from openpyxl import load_workbook

from odoo.tests import tagged

from .reminding import TODAY, RemindingCommon


@tagged("post_install", "-at_install")
class TestReceivables(RemindingCommon):
    """Receivables by age, and their Excel file, reconcile with the ledger to the cent."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.report = cls.env["partner.receivable.report"]
        for overdue, amount in ((-5, 1.11), (0, 2.22), (1, 3.33), (30, 4.44), (31, 5.55), (60, 6.66)):
            cls._owe(overdue, amount)
        for overdue, amount in ((61, 7.77), (90, 8.88), (91, 9.99), (400, 10.1)):
            cls._owe(overdue, amount, partner=cls.customer2)
        cls.foreign = cls._owe(10, 33.33, currency_id=cls.usd.id)
        cls.part = cls._owe(10, 100, partner=cls.customer2)
        cls._pay(cls.part, 33.34)
        cls.credit = cls._create_invoice(
            [{"product_id": cls.chair.id, "quantity": 1, "price_unit": 7.07}],
            date=TODAY - timedelta(days=200),
            move_type="out_refund",
        )
        cls._owe(50, 1000, company=cls.company_usd)
        cls.env.flush_all()
        # with the rights of who works with it
        cls.report = cls.report.with_user(cls.user_accountant)

    def test_reconciles_with_the_ledger(self):
        balance = sum(
            self.env["account.move.line"]
            .search(
                [
                    ("account_id.account_type", "=", "asset_receivable"),
                    ("account_id.non_trade", "=", False),
                    ("parent_state", "=", "posted"),
                    ("company_id", "=", self.company_eur.id),
                ]
            )
            .mapped("balance")
        )
        names = ("amount", "not_due", "days_30", "days_60", "days_90", "older", "overdue")
        [sums] = self.report._read_group([], [], [f"{name}:sum" for name in names])
        amounts = dict(zip(names, sums, strict=True))
        self.assertAlmostEqual(amounts["amount"], balance, 2)
        self.assertAlmostEqual(sum(amounts[name] for name in names[1:-1]), balance, 2)
        self.assertAlmostEqual(amounts["overdue"], balance - amounts["not_due"], 2)

    def test_borders_of_the_ages(self):
        found = {
            (row.days_overdue, row.amount): row.bucket
            for row in self.report.search([("kind", "=", "invoice")])
        }
        for key, bucket in {
            (-5, 1.11): "not_due",
            (0, 2.22): "not_due",
            (1, 3.33): "days_30",
            (30, 4.44): "days_30",
            (31, 5.55): "days_60",
            (60, 6.66): "days_60",
            (61, 7.77): "days_90",
            (90, 8.88): "days_90",
            (91, 9.99): "older",
            (400, 10.1): "older",
        }.items():
            self.assertEqual(found[key], bucket, key)

    def test_currencies_and_deductions(self):
        row = self.report.search([("move_id", "=", self.foreign.id)])
        self.assertEqual((row.amount_currency, row.currency_id, row.amount), (33.33, self.usd, 16.67))
        row = self.report.search([("move_id", "=", self.credit.id)])
        self.assertEqual((row.amount, row.bucket, row.kind), (-7.07, "not_due", "credit"))
        row = self.report.search([("move_id", "=", self.part.id)])
        self.assertEqual(row.amount, 66.66)
        self.assertEqual(row.action_open_document()["res_id"], self.part.id)

    def test_found_by_the_document(self):
        """Also by who sees the items of the own customers and may not read entries; nothing of others."""
        mine = self.report.search([("partner_id", "=", self.customer.id), ("kind", "=", "credit")])
        other = self.report.search([("partner_id", "=", self.customer2.id)], limit=1)
        report = self.report.with_user(self.user_sales)
        self.assertFalse(self.env["account.move"].with_user(self.user_sales).has_access("read"))
        for row, found in ((mine, mine.ids), (other, [])):
            name = row.sudo().move_id.name
            self.assertEqual(report.search([("display_name", "=", name)]).ids, found)
        name = mine.sudo().move_id.name
        shown = mine.sudo().move_id.display_name
        self.env.invalidate_all()
        self.assertEqual(report.browse(mine.id).display_name, shown)
        self.assertEqual(report.name_search(name), [(mine.id, shown)])

    def test_whose(self):
        for user, seen in (
            (self.user_sales, self.customer),
            (self.user_director, self.customer + self.customer2),
            (self.user_accountant, self.customer + self.customer2),
        ):
            groups = self.report.with_user(user).formatted_read_group([], ["partner_id"], ["amount:sum"])
            self.assertEqual({group["partner_id"][0] for group in groups}, set(seen.ids))

    def test_excel(self):
        action = self.report.with_user(self.user_accountant).action_export_excel()
        export = self.env["partner.export"].browse(int(action["url"].rsplit("/", 1)[1]))
        file = BytesIO()
        export.with_user(self.user_accountant)._write_excel(file)
        book = load_workbook(BytesIO(file.getvalue()))
        self.assertEqual(len(book.sheetnames), 4)
        [[total]] = self.report._read_group([], [], ["amount:sum"])
        for sheet, axis in zip(book.worksheets[:2], ("partner_id", "user_id"), strict=True):
            written = {row[0]: row[1] for row in sheet.iter_rows(values_only=True)}
            groups = self.report._read_group([], [axis], ["amount:sum"])
            for group, amount in groups:
                self.assertAlmostEqual(written[group.sudo().display_name or "None"], amount, 2)
            self.assertAlmostEqual(sum(amount for _group, amount in groups), total, 2)

    def test_excel_of_companies_with_different_currencies(self):
        both = self.company_eur + self.company_usd
        self.user_accountant.company_ids = both
        report = self.report.with_context(allowed_company_ids=both.ids)
        action = report.action_export_excel()
        export = self.env["partner.export"].browse(int(action["url"].rsplit("/", 1)[1]))
        file = BytesIO()
        export.with_user(self.user_accountant)._write_excel(file)
        book = load_workbook(BytesIO(file.getvalue()))
        for sheet, axis in zip(book.worksheets[:2], ("partner_id", "user_id"), strict=True):
            written = {row[0]: row[1:] for row in sheet.iter_rows(values_only=True)}
            names = ("amount", "not_due", "days_30", "days_60", "days_90", "older")
            groups = report._read_group([], [axis], [f"{name}:sum_currency" for name in names])
            for group, *amounts in groups:
                for value, amount in zip(written[group.sudo().display_name or "None"], amounts, strict=True):
                    self.assertAlmostEqual(value, amount, 2)
        [dollars] = report.search([("company_id", "=", self.company_usd.id)])
        titles, *rows = book.worksheets[2].iter_rows(values_only=True)
        column, currency = titles.index("Unpaid"), titles.index("Company Currency")
        found = {row[currency]: row[column] for row in rows if row[column] == dollars.amount}
        self.assertEqual(found, {"USD": 1000})
        self.assertEqual(sum(row[column] is not None for row in rows), report.search_count([]), "no total")
