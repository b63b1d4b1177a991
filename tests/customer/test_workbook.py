"""The builder of Excel files: every text stays a text, every figure a figure, and the sheets can be handed on."""

import datetime
import doctest
import functools
import io
import operator
import os
import re
import tempfile
import zipfile
from zoneinfo import ZoneInfo

import openpyxl

from odoo.tests import TransactionCase, tagged

from ...tools import cells, workbook, workbook_columns
from ...tools import sums as sums_module
from ...tools.cells import cell_text, date_code, sheet_name
from ...tools.workbook import Column, Style, TooManyRows, Workbook

# Texts that a spreadsheet would take for something else, or that break a file made without care.
FORMULAS = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1:A9)",
    '=HYPERLINK("http://example.com/?x="&A1,"click")',
    "=cmd|' /C calc'!A0",
    "\t=1+1",
    "\n=1+1",
    "{=1+1}",
    "＝1+1",
    "=?utf-8?b?name?=",
]
LITERAL = [
    *FORMULAS,
    "=",
    "-",
    "+84 901 234 567",
    "- Nguyễn Văn A",
    "00123",
    "1E5",
    "1-2",
    "12345678901234567890",
    "TRUE",
    "#N/A",
    "https://example.com",
    "mailto:a@example.com",
    "internal:Sheet1!A1",
    "http://example.com/" + "a" * 3_000,
    "_x000D_",
    "a_x0041_b_x005F_",
    "<r>x</r>",
    "<r><t>x</t></r>",
    "<b>&amp;</b>",
    '"quoted" & <tagged>',
    "  spaces  ",
    "Công ty TNHH Đồ gỗ Hoà Phát",
    "😀 emoji",
    "two\nlines",
    "x" * 32_767,
]
# text: what becomes of it
CLEANED = {
    "a\x00b": "ab",
    "kr 4\x1600": "kr 400",
    "\x00=1+1": "=1+1",
    "\r=1+1": "\n=1+1",
    "a\r\nb": "a\nb",
    "a\x0bb": "a\nb",
    "\x1b[32mgreen": "[32mgreen",
    "a\x7fb\x9fc": "abc",
    "a\ufffeb\uffffc": "abc",
    "a\ud800b": "a\ufffdb",
    "x" * 32_768: "x" * 32_766 + "…",
    # 32,767 counts what UTF-16 needs
    "😀" * 16_384: "😀" * 16_383 + "…",
    "y\n" * 300: "y\n" * 253 + "y " * 47,
}


@tagged("post_install", "-at_install")
class TestWorkbook(TransactionCase):
    def _build(self, build, style=None):
        """Return the file that `build(book)` makes, as openpyxl reads it, and its parts {name: text}."""
        target = io.BytesIO()
        with Workbook(target, style) as book:
            self.result = build(book)
        with zipfile.ZipFile(target) as archive:
            parts = {
                name: archive.read(name).decode()
                for name in archive.namelist()
                if name.endswith((".xml", ".rels"))
            }
        return openpyxl.load_workbook(target), parts

    def _table(self, columns, rows, style=None):
        book, parts = self._build(lambda book: book.table("Table", columns, rows), style)
        return book["Table"], parts

    def test_examples_in_docstrings(self):
        for module in (cells, sums_module, workbook_columns):
            failures, count = doctest.testmod(module)
            self.assertGreater(count, 0)
            self.assertFalse(failures)

    # Texts

    def test_texts_stay_as_they_are(self):
        sheet, parts = self._table([Column("Text")], [[text] for text in LITERAL])
        for row, text in enumerate(LITERAL, 2):
            cell = sheet.cell(row, 1)
            self.assertEqual((cell.data_type, cell.value), ("s", text))
        self.assertNotRegex(parts["xl/worksheets/sheet1.xml"], "<f[ >]|<hyperlink")

    def test_texts_stay_as_they_are_wherever_they_stand(self):
        """In titles, groups, totals, headings, facts, blocks, matrices and the workbook's own words."""
        for text in [*FORMULAS, "_x000D_", "<r>x</r>", "a\x00b"]:
            clean = cell_text(text)

            def build(book, text=text):
                columns = [Column(text, group=text), Column("B", total=text, group=text)]
                book.table("Table", columns, [[text, text]])
                page = book.page("Page")
                page.heading(text)
                page.note(text)
                page.facts([(text, text)], head=(text, text))
                block = page.block([Column(text), Column("N", "integer")], [(text, 1)], title=text)
                page.matrix([text], [(text, [1])], corner=text, title=text)
                for chart in (page.pie, page.pareto, page.bars):
                    values = {page.pie: [1], page.pareto: [1, 1], page.bars: [[1]]}[chart]
                    chart(text, block, 0, *values)
                book.parameters([(text, text)])

            words = Style(title=text, company=text, author=text, total=text, created_on=text, page=text)
            book, parts = self._build(build, words)
            table, page = book["Table"], book["Page"]
            values = [cell.value for row in table.iter_rows() for cell in row]
            # the group over both, two titles, two cells, the word for the total and the total
            self.assertEqual(values, [clean, None, clean, "B", clean, clean, clean, clean])
            texts = [cell.value for row in page.iter_rows() for cell in row if isinstance(cell.value, str)]
            self.assertEqual(texts.count(clean), 15)
            for name, part in parts.items():
                if "worksheets" in name:
                    self.assertNotRegex(part, "<f[ >]|<hyperlink", text)

    def test_texts_that_no_file_can_hold_are_cleaned(self):
        sheet, _parts = self._table([Column("Text")], [[text] for text in CLEANED])
        for row, (text, expected) in enumerate(CLEANED.items(), 2):
            self.assertEqual(sheet.cell(row, 1).value, expected, ascii(text)[:40])

    def test_marked_as_text(self):
        """Excel keeps the text when somebody edits the cell."""
        sheet, _parts = self._table([Column("Text")], [["=1+1"], ["plain"], ["-5"]])
        self.assertEqual([sheet.cell(row, 1).quotePrefix for row in (2, 3, 4)], [True, False, True])

    def test_not_only_texts_in_a_column_of_texts(self):
        sheet, _parts = self._table([Column("Text")], [[12], [None], [False], [""], ["a"], [0]])
        self.assertEqual(
            [sheet.cell(row, 1).value for row in range(2, 8)], ["12", None, None, None, "a", "0"]
        )

    # Figures

    def test_total_of_other_decimals(self):
        """Money of another currency than the company's is neither shown nor added up with its decimals."""
        column = Column("Dollar", "money", total="sum", decimals=2)
        sheet, _parts = self._table([Column("Name"), column], [["a", 33.33], ["b", 33.34]], Style(decimals=0))
        self.assertEqual([sheet.cell(row, 2).value for row in (2, 3, 4)], [33.33, 33.34, 66.67])
        self.assertEqual({sheet.cell(row, 2).number_format for row in (2, 4)}, {"#,##0.00"})

    def test_types_and_formats(self):
        style = Style(
            date_format="dd/mm/yyyy",
            month_format="mm/yyyy",
            datetime_format="dd/mm/yyyy hh:mm:ss",
            decimals=0,
            timezone=ZoneInfo("Asia/Ho_Chi_Minh"),
        )
        day = datetime.date(2026, 11, 23)
        # late in the evening in UTC: the next day in Vietnam
        moment = datetime.datetime(2026, 11, 22, 18, 30, 15, 999_999)
        local = datetime.datetime(2026, 11, 23, 1, 30, 15)
        values = {
            "text": ("5", "5", "General"),
            "integer": (1_234_567, 1_234_567, "#,##0"),
            "float": (-1234.5, -1234.5, "#,##0.00"),
            "money": (98_765_432, 98_765_432, "#,##0"),
            "percent": (0.577, 0.577, "0.0%"),
            "points": (57.7, 0.577, "0.0%"),
            "date": (day, datetime.datetime(2026, 11, 23), "dd/mm/yyyy"),
            "month": (day.replace(day=1), datetime.datetime(2026, 11, 1), "mm/yyyy"),
            "datetime": (moment, local, "dd/mm/yyyy hh:mm:ss"),
            "boolean": (True, True, None),
        }
        rows = [[value[0] for value in values.values()], [None] * len(values), [False] * len(values)]
        sheet, _parts = self._table([Column(kind, kind) for kind in values], rows, style)
        for index, (kind, (_value, expected, code)) in enumerate(values.items(), 1):
            cell = sheet.cell(2, index)
            self.assertEqual(cell.value, expected, kind)
            self.assertIs(type(cell.value), type(expected), kind)
            if code:
                self.assertEqual(cell.number_format, code, kind)
            self.assertIsNone(sheet.cell(3, index).value, f"no data is no value: {kind}")
            self.assertEqual(sheet.cell(4, index).value, False if kind == "boolean" else None, kind)
        self.assertEqual(sheet.cell(2, 10).data_type, "b")

    def test_zero_is_a_value(self):
        kinds = ["integer", "float", "money", "percent", "points"]
        sheet, _parts = self._table([Column(kind, kind) for kind in kinds], [[0] * 5, [0.0] * 5])
        self.assertEqual([cell.value for row in sheet["A2:E3"] for cell in row], [0] * 10)

    def test_no_number_is_an_empty_cell(self):
        nothing = [float("nan"), float("inf"), float("-inf")]
        kinds = ["float", "money", "percent", "points"]
        columns = [Column(kind, kind, total="sum" if kind == "money" else None) for kind in kinds]
        sheet, _parts = self._table(columns, [[value] * 4 for value in nothing] + [[1] * 4])
        self.assertEqual({cell.value for row in sheet["A2:D4"] for cell in row}, {None})
        self.assertEqual(sheet["B6"].value, 1)

        def build(book):
            page = book.page("Page")
            page.block([Column("N", "float")], [[value] for value in nothing])
            page.matrix(["X"], [("A", [float("nan")])])

        book, _parts = self._build(build)
        numbers = [
            cell.value for row in book["Page"].iter_rows() for cell in row if isinstance(cell.value, float)
        ]
        self.assertFalse(numbers)

    def test_a_text_among_figures_is_a_fault(self):
        with self.assertRaises(TypeError):
            self._table([Column("N", "integer")], [["5"]])
        with self.assertRaisesRegex(ValueError, "number"):
            self._table([Column("N", "number")], [[5]])
        with self.assertRaises(ValueError):
            self._table([Column("A"), Column("B")], [["only one value"]])

    def test_days_before_the_calendar_of_excel(self):
        days = [datetime.date(1899, 12, 31), datetime.date(1900, 2, 28), datetime.date(1900, 3, 1)]
        sheet, _parts = self._table([Column("Day", "date")], [[day] for day in days])
        self.assertEqual(
            [sheet.cell(row, 1).value for row in (2, 3, 4)],
            ["1899-12-31", "1900-02-28", datetime.datetime(1900, 3, 1)],
        )

    def test_date_codes(self):
        for pattern, code in [
            ("%d/%m/%Y", "dd/mm/yyyy"),
            ("%m/%d/%Y", "mm/dd/yyyy"),
            ("%Y-%m-%d", "yyyy-mm-dd"),
            ("%d.%m.%Y %H:%M:%S", "dd.mm.yyyy hh:mm:ss"),
            ("%I:%M:%S %p", "hh:mm:ss AM/PM"),
        ]:
            self.assertEqual(date_code(pattern), code)

    # Totals

    def test_totals(self):
        columns = [
            Column("Name"),
            Column("Revenue", "money", total="sum", name="revenue"),
            Column("Profit", "money", total="sum", name="profit"),
            Column("Margin", "percent", total=lambda sums: sums["profit"] / sums["revenue"]),
            Column("Note", total="all of them"),
            Column("Nothing", "float"),
        ]
        rows = [["a", 0.1, 0.05, 0.5, "", None], ["b", 0.2, None, None, "", 1.5], ["c", 1e9, 1, 1e-9, "", 1]]
        sheet, _parts = self._table(columns, rows)
        total = [cell.value for cell in sheet[5]]
        self.assertEqual(total, ["Total", 1_000_000_000.3, 1.05, 1.05 / 1_000_000_000.3, "all of them", None])
        self.assertTrue(sheet["B5"].font.bold)
        self.assertEqual(sheet["B5"].number_format, "#,##0.00")
        self.assertEqual(self.result.sums, {"revenue": 1_000_000_000.3, "profit": 1.05})
        self.assertEqual(sheet.auto_filter.ref, "A1:F4", "the totals are not filtered away")

    def test_a_total_of_nothing_is_empty(self):
        columns = [
            Column("Name"),
            Column("Revenue", "money", total="sum"),
            Column("Profit", "money", total="sum"),
            Column(
                "Margin", "percent", total=lambda sums: sums_module.ratio(sums["Profit"], sums["Revenue"])
            ),
        ]
        sheet, _parts = self._table(columns, [["a", 5, None, None], ["b", 0, None, None]])
        self.assertEqual([cell.value for cell in sheet[4]], ["Total", 5, None, None])

    def test_a_sum_of_many_cents_is_exact(self):
        """Cents that add up to more than a plain sum of floats can tell apart."""
        amounts = [0.01, 1e13, -1e13] * 3_000
        self._table([Column("N"), Column("Sum", "money", total="sum")], [["a", amount] for amount in amounts])
        self.assertEqual(self.result.sums, {"Sum": 30.0})
        # not by sum(), which is exact itself in newer versions of Python
        self.assertNotEqual(round(functools.reduce(operator.add, amounts), 2), 30.0)

    # Sheets

    def test_set_up_of_a_table(self):
        columns = [
            Column("Customer"),
            Column("ABC", group="Class"),
            Column("XYZ", group="Class"),
            Column("Revenue", "money", group="Money"),
        ]
        style = Style(title="Customers & more", company="A & B", page="Trang %(number)s / %(count)s")
        sheet, parts = self._table(columns, [["a", "a", "x", 1.0]] * 3, style)
        self.assertEqual([cell.value for cell in sheet[1]], [None, "Class", None, "Money"])
        self.assertEqual([cell.value for cell in sheet[2]], ["Customer", "ABC", "XYZ", "Revenue"])
        self.assertEqual(sheet.merged_cells.ranges.pop().coord, "B1:C1")
        self.assertEqual(sheet.freeze_panes, "B3")
        self.assertEqual(sheet.auto_filter.ref, "A2:D5")
        self.assertEqual(sheet.print_title_rows, "$1:$2")
        self.assertEqual(sheet.print_area, "'Table'!$A$1:$D$6")
        self.assertEqual(sheet.page_setup.orientation, "landscape")
        self.assertEqual(sheet.page_setup.paperSize, 9)
        self.assertTrue(sheet.sheet_properties.pageSetUpPr.fitToPage)
        self.assertEqual(int(sheet.page_setup.fitToHeight), 0, "as many pages as it takes, one page wide")
        self.assertEqual(sheet.oddFooter.center.text, "Trang &P / &N")
        part = parts["xl/worksheets/sheet1.xml"]
        self.assertIn("&amp;LCustomers &amp;&amp; more&amp;RA &amp;&amp; B", part, "& is a command there")
        self.assertIn("numberStoredAsText", part)
        self.assertTrue(sheet["A2"].font.bold)

    def test_widths_follow_the_content_within_bounds(self):
        def widths(rows, **options):
            columns = [Column("T", **options), Column("N", "money", total="sum"), Column("D", "date")]
            sheet, _parts = self._table(columns, rows)
            return [round(sheet.column_dimensions[letter].width) for letter in "ABC"]

        day = datetime.date(2026, 1, 1)
        short = widths([["a", 1, day]])
        self.assertLess(short[0], 10)
        long = widths([["a" * 30, 123_456_789_012.5, day]])
        self.assertGreaterEqual(long[0], 30)
        self.assertGreaterEqual(long[1], len("123,456,789,012.50"))
        self.assertGreaterEqual(long[2], len("01/01/2026"))
        self.assertLessEqual(widths([["a" * 5_000, 1, day]])[0], 64)
        self.assertLessEqual(widths([["a" * 5_000, 1, day]], max_width=20)[0], 23)
        # nine values of eleven digits make a total of twelve
        self.assertGreater(
            widths([["a", 90_000_000_000, day]] * 12)[1], widths([["a", 90_000_000_000, day]])[1]
        )
        self.assertLess(widths([["a\n" * 100, 1, day]])[0], 10, "a line counts, not the text")

    def test_wide_tables_are_printed_on_pages_beside_each_other(self):
        columns = [Column(f"Column {number}") for number in range(12)]
        columns.append(Column("Only on the screen", printed=False))
        sheet, _parts = self._table(columns, [["a" * 40] * 13])
        self.assertEqual(sheet.page_setup.fitToWidth, 3)
        self.assertEqual(sheet.page_setup.pageOrder, "overThenDown")
        self.assertEqual(sheet.print_title_cols, "$A:$A", "the first column on each of them")
        self.assertEqual(sheet.print_area, "'Table'!$A$1:$L$3")

    def test_numbers_do_not_touch_the_text_after_them(self):
        columns = [Column("A"), Column("B", "integer"), Column("C"), Column("D")]
        sheet, _parts = self._table(columns, [["a", 1, "c", "d"]])
        self.assertEqual([cell.alignment.indent for cell in sheet[2]], [0, 0, 1, 0])
        self.assertEqual([cell.alignment.horizontal for cell in sheet[2]], ["left", "right", "left", "left"])

    def test_empty_table(self):
        columns = [Column("Customer"), Column("Revenue", "money", total="sum")]
        sheet, _parts = self._table(columns, [])
        self.assertEqual(self.result.count, 0)
        self.assertEqual([[cell.value for cell in row] for row in sheet], [["Customer", "Revenue"]])
        self.assertEqual(self.result.sums, {"Revenue": None})
        self.assertEqual(sheet.freeze_panes, "B2")
        self.assertEqual(sheet.auto_filter.ref, "A1:B2")

    def test_names_of_sheets(self):
        for title, name in [
            ("Khách hàng", "Khách hàng"),
            ("A/B", "A-B"),
            ("Клиенты: A", "Клиенты A"),
            ("[a]*?\\:", "a"),
            ("'x'", "x"),
            ("' ' x", "x"),
            ("", "Sheet"),
            (":/?", "Sheet"),
            ("history", "history (1)"),
            ("'History'", "History (1)"),
            ("a" * 40, "a" * 31),
            ("a" * 30 + "'b", "a" * 30),
            ("😀" * 20, "😀" * 15),
            # names that a formula has to quote
            ("2026", "2026."),
            ("Q1", "Q1."),
            ("R1C1", "R1C1."),
            ("a\x00\nb", "a-b"),
            ("a\ud800b", "ab"),
        ]:
            self.assertEqual(sheet_name(title), name)
        self.assertEqual(sheet_name("a" * 31, ["A" * 31]), "a" * 27 + " (2)")
        # the same letters, composed in another way
        self.assertEqual(sheet_name("Khách"), sheet_name("Kha\u0301ch"))

    def test_sheets_of_any_name(self):
        titles = [
            "Table",
            "table",
            "History",
            "HISTORY",
            "2026",
            "Q1",
            "'x'",
            "X",
            "",
            "a" * 40,
            "A" * 40,
            "A/B",
        ]

        def build(book):
            for title in titles:
                book.table(title, [Column("A"), Column("B", "money")], [["a", 1]])
            book.page("Table").pie(
                "Pie", book.page("2026").block([Column("A"), Column("B", "money")], [["a", 1]]), 0, 1
            )

        book, parts = self._build(build)
        self.assertEqual(len(book.sheetnames), len(titles) + 2)
        self.assertEqual(book.sheetnames[:5], ["Table", "table (2)", "History (1)", "HISTORY (2)", "2026."])
        self.assertIn("'2026.'!$1:$1", parts["xl/workbook.xml"])
        self.assertIn("'Table (3)'!$", parts["xl/charts/chart1.xml"])

    def test_too_many_rows(self):
        self.patch(workbook, "MAX_ROWS", 10)
        self._table([Column("A"), Column("N", "integer", total="sum")], [["a", 1]] * 8)
        with self.assertRaises(TooManyRows):
            self._table([Column("A")], [["a"]] * 9)

    def test_an_error_leaves_no_file_behind(self):
        folder = tempfile.mkdtemp()
        self.addCleanup(os.rmdir, folder)
        self.patch(tempfile, "tempdir", folder)
        with self.assertRaises(ZeroDivisionError), Workbook(os.path.join(folder, "book.xlsx")) as book:
            book.table("Table", [Column("N", "float")], ([1 / (5 - n)] for n in range(10)))
        self.assertFalse(os.listdir(folder))
        path = os.path.join(folder, "book.xlsx")
        with Workbook(path) as book:
            book.table("Table", [Column("N", "float")], [[1]])
        self.assertEqual(os.listdir(folder), ["book.xlsx"])
        os.remove(path)

    # Pages

    def test_facts_and_parameters(self):
        style = Style(
            title="Classes",
            parameters="Tham số",
            created_on="Tạo lúc",
            created=datetime.datetime(2026, 11, 23, 8, 0),
            timezone=ZoneInfo("Asia/Ho_Chi_Minh"),
        )

        def build(book):
            book.parameters(
                [("Share of A", 0.7, "percent"), ("Measure", "Doanh thu"), ("Limit", None, "integer")]
            )

        book, _parts = self._build(build, style)
        sheet = book["Tham số"]
        rows = [[cell.value for cell in row[:2]] for row in sheet.iter_rows()]
        self.assertEqual(rows[0][0], "Classes")
        self.assertIn(["Share of A", 0.7], rows)
        self.assertIn(["Measure", "Doanh thu"], rows)
        self.assertIn(["Limit", None], rows)
        self.assertIn(["Tạo lúc", datetime.datetime(2026, 11, 23, 15, 0)], rows)

    def test_matrix(self):
        def build(book):
            lines = [("A", [3, None]), ("B", [2, 5]), ("-", [None, None])]
            return book.page("Page").matrix(["X", "Y"], lines, corner="Class", title="Customers")

        book, _parts = self._build(build)
        sheet = book["Page"]
        self.assertEqual(
            [[cell.value for cell in row] for row in sheet.iter_rows(max_row=6)],
            [
                ["Customers", None, None, None],
                ["Class", "X", "Y", "Total"],
                ["A", 3, None, 3],
                ["B", 2, 5, 7],
                ["-", None, None, None],
                ["Total", 5, 5, 10],
            ],
        )
        [area] = sheet.conditional_formatting
        self.assertEqual(str(area.sqref), "B3:C5", "the totals have no colour")
        self.assertEqual(self.result.next_column, 5)

    def test_charts(self):
        def build(book):
            page = book.page("Page")
            columns = [Column("Group"), Column("Revenue", "money"), Column("Share", "percent")]
            block = page.block(columns, [("a", 70.0, 0.7), ("b", 20.0, 0.9), ("c", None, 1.0)])
            page.pareto("Pareto", block, 0, 1, 2)
            page.pie("Pie", block, 0, 1)
            page.bars("Bars", block, 0, [1], kind="column")
            return page.row

        book, parts = self._build(build)
        self.assertEqual(len(book["Page"]._charts), 3)
        pareto = parts["xl/charts/chart1.xml"]
        self.assertIn("<c:barChart>", pareto)
        self.assertIn("<c:lineChart>", pareto)
        self.assertIn("'Page'!$C$2:$C$4" if "'Page'" in pareto else "Page!$C$2:$C$4", pareto)
        self.assertEqual(len(re.findall("<c:valAx>", pareto)), 2, "the share has an axis of its own")
        # the figures are within the chart, too, for programs that only show
        self.assertIn("<c:v>0.9</c:v>", pareto)
        self.assertGreater(self.result, 54, "what follows does not lie below a chart")
