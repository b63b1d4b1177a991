"""The dashboard as an Excel file and on paper: the same figures for the same filters."""

from io import BytesIO

from lxml import html
from openpyxl import load_workbook

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .dashboarding import NOW, QUARTER, DashboardCommon

REPORT = "partner_relations.report_director_dashboard"


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestDashboardOutputs(DashboardCommon):
    def _export(self, user=None, **options):
        user = user or self.user_director
        model, _data = self._dashboard(user)
        action = model.action_export_excel({**QUARTER, **options})
        export = self.env["partner.export"].browse(int(action["url"].rsplit("/", 1)[1]))
        file = BytesIO()
        name = export.with_user(user)._write_excel(file)
        return name, load_workbook(BytesIO(file.getvalue()))

    def _print(self, user=None, **options):
        model, _data = self._dashboard(user)
        action = model.action_print({**QUARTER, **options})
        self.assertEqual(action["report_name"], REPORT)
        report = self.env["ir.actions.report"].with_user(user or self.user_director)
        report = report.with_context(**model.env.context)
        content, _kind = report._render_qweb_html(REPORT, [], data=action["data"])
        return html.fromstring(content)

    def _words(self, sheet):
        return [[cell.value for cell in row if cell.value is not None] for row in sheet.iter_rows()]

    def test_excel(self):
        name, book = self._export()
        self.assertEqual(name, "Dashboard 2025-01-01 - 2025-03-31.xlsx")
        self.assertEqual(
            book.sheetnames,
            [
                "Turnover and Profit",
                "Forecast",
                "Customers by Class",
                "Moves Between Stages",
                "Failed Orders",
                "Managers",
                "Late Work",
                "Overdue Receivables",
                "Suppliers",
                "Campaigns",
                "Parameters",
            ],
        )
        _model, data = self._dashboard()
        figures = data["blocks"]["turnover"]["figures"]
        rows = self._words(book["Turnover and Profit"])
        self.assertIn(["Revenue", 6100, 1000, 510], rows)
        self.assertIn(["Profit", 6050, 990, figures["profit_change"]], rows)
        self.assertIn(["Plan of Salespeople", 4000, 60], rows)
        receivables = self._words(book["Overdue Receivables"])
        self.assertIn(["Over 90 Days", 1, 1000], receivables)
        self.assertIn(["No data"], self._words(book["Failed Orders"]))
        parameters = dict(row for row in self._words(book["Parameters"]) if len(row) == 2)
        self.assertEqual(parameters["Currency"], "EUR")
        self.assertEqual(parameters["Companies"], "Selling in Euro")

    def test_excel_of_a_supervisor(self):
        _name, book = self._export(self.user_supervisor)
        self.assertNotIn("Suppliers", book.sheetnames)
        self.assertIn(["Revenue", 5600, 1000, 460], self._words(book["Turnover and Profit"]))

    def test_excel_needs_the_right(self):
        self.user_supervisor.group_ids -= self.env.ref("base.group_allow_export")
        model, data = self._dashboard(self.user_supervisor)
        with self.assertRaisesRegex(UserError, "may not export"):
            model.action_export_excel(data["options"])
        with self.assertRaises(AccessError):
            self.env["partner.director.dashboard"].with_user(self.user_sales).action_export_excel({})

    def test_paper(self):
        page = self._print()
        blocks = {one.get("data-block"): one for one in page.xpath("//*[@data-block]")}
        _model, data = self._dashboard()
        self.assertEqual([*blocks], [*data["blocks"]])
        rows = [
            [cell.text_content().replace("€", "").strip() for cell in row.xpath("td")]
            for row in blocks["turnover"].xpath(".//tr[td]")
        ]
        self.assertIn(["Revenue", "6,100.00", "1,000.00", "510.0"], rows)
        expected = [
            row.xpath("td")[0].text_content() for row in blocks["forecast"].xpath(".//table[1]//tr[td]")
        ]
        self.assertIn("May 2025", expected)
        self.assertIn("Worse Supplier", blocks["suppliers"].text_content())
        self.assertIn("No data", blocks["failures"].text_content())

    def test_paper_of_a_team(self):
        page = self._print(team_id=self.team.id)
        self.assertIn("Chairs North", page.text_content())
        self.assertIn("3,600.00", page.text_content())

    def test_paper_is_for_superiors(self):
        with self.assertRaises(AccessError):
            self._print(self.user_sales)
        report = self.env["ir.actions.report"].with_user(self.user_sales)
        with self.assertRaises(AccessError):
            report._render_qweb_html(REPORT, [], data={"options": QUARTER})
