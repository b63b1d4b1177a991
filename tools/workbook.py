"""The builder of every Excel file of the addon, on XlsxWriter; knows neither Odoo nor what it writes.

    with Workbook(target, Style(title="Customers")) as book:
        summary = book.page("Summary")
        area = book.table("Customers", [Column("Name"), Column("Revenue", "money", total="sum")], rows)
        summary.facts([("Customers", area.count, "integer")])
        book.parameters([("Period", "2026")])

Rows come from any iterable, and each is on the disk when the next one comes: neither their number nor the
size of the file matters for the memory. ``None``, ``False`` in any but a boolean column, and numbers that are
none (NaN, infinite) are empty cells. A text is written as text, whatever it looks like.
"""

import datetime
import math
import tempfile
from dataclasses import dataclass, field, replace

import xlsxwriter

from .cells import cell_text, header_text, number_code, sheet_name, written_text
from .workbook_columns import DECIMALS, MOMENTS, Column, ColumnWriter, get_totals, set_apart
from .workbook_page import HEAD_HEIGHT, Page

# Rows of a sheet of Excel.
MAX_ROWS = 1_048_576
# Characters of a row that are still readable on one page.
PAPER_WIDTH = 230

DARK = "#2F4B5C"
LIGHT = "#EEF2F4"
LINE = "#B8C4CC"

__all__ = ["Area", "Column", "Style", "TooManyRows", "Workbook"]


class TooManyRows(ValueError):
    """More rows than a sheet of Excel holds."""


@dataclass(frozen=True)
class Style:
    """What the file is called, how its values look, and its own words in the reader's language.

    :param date_format, month_format, datetime_format: Excel's codes, see :func:`.cells.date_code`
    :param decimals: those of the currency
    :param timezone: the one moments are shown in
    :param created: the moment the file is made, in UTC; `created_text`: the same as it is printed
    """

    title: str = ""
    company: str = ""
    author: str = ""
    date_format: str = "yyyy-mm-dd"
    month_format: str = "yyyy-mm"
    datetime_format: str = "yyyy-mm-dd hh:mm:ss"
    decimals: int = 2
    timezone: datetime.tzinfo = datetime.UTC
    created: datetime.datetime = field(
        default_factory=lambda: datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
    )
    created_text: str = ""
    right_to_left: bool = False
    total: str = "Total"
    parameters: str = "Parameters"
    parameter: str = "Parameter"
    value: str = "Value"
    created_on: str = "Created on"
    page: str = "Page %(number)s of %(count)s"
    sheet: str = "Sheet"


@dataclass(frozen=True)
class Area:
    """Where the rows of a table stand, without head and totals; rows and columns count from 0.

    :param count: rows; where it is 0, nothing stands in `first_row`
    :param sums: {key of a column with total "sum": its sum, None if there was nothing to add}
    """

    sheet: str
    first_row: int
    last_row: int
    first_column: int
    last_column: int
    count: int
    sums: dict


class Workbook:
    """An Excel file that is being written to ``target``, a path or a binary file.

    To be used in a `with` block, at whose end the file is complete. If the block is left by an error, no file
    is written. Temporary files are gone in either case.
    """

    def __init__(self, target, style=None):
        self.target = target
        self.style = style or Style()
        self._formats = {}
        self._names = []
        self._pages = []
        self._folder = None
        self._book = None

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="workbook_", ignore_cleanup_errors=True)
        self._book = xlsxwriter.Workbook(
            self.target,
            {
                # a row is written when the next one comes
                "constant_memory": True,
                "tmpdir": self._folder.name,
                # a text is a text, also where XlsxWriter chooses by itself
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        self._book.set_properties(
            {
                "title": cell_text(self.style.title),
                "author": cell_text(self.style.author),
                "company": cell_text(self.style.company),
                "created": self.style.created.replace(tzinfo=datetime.UTC),
            }
        )
        return self

    def __exit__(self, error, *_details):
        try:
            if not error:
                for page in self._pages:
                    page.finish()
                self._book.close()
        finally:
            self._folder.cleanup()

    # ------------------------------------------------------------------
    # Sheets
    # ------------------------------------------------------------------

    def table(self, title, columns, rows, *, frozen_columns=1):
        """Write a sheet with a table of any length and return its :class:`Area`.

        :param list columns: of :class:`Column`, at least one
        :param rows: iterable of sequences with a value for each column
        :param int frozen_columns: those that stay while the others are scrolled
        :raise TooManyRows: when the rows do not fit into a sheet
        """
        columns = set_apart(columns)
        sheet = self.add_sheet(title)
        # lines are printed, too
        sheet.hide_gridlines(0)
        head = self.write_head(sheet, 0, 0, columns)
        sheet.set_row(head, HEAD_HEIGHT)
        writers = [ColumnWriter(self, sheet, index, column) for index, column in enumerate(columns)]
        puts = [writer.put for writer in writers]
        first = number = head + 1
        for row in rows:
            # the last row is kept for the totals
            if number >= MAX_ROWS - 1:
                raise TooManyRows(title)
            for put, value in zip(puts, row, strict=True):
                put(number, value)
            number += 1
        last = max(first, number - 1)
        sums = {writer.column.key: writer.get_sum() for writer in writers if writer.column.total == "sum"}
        totals = get_totals(columns, sums)
        if any(total is not None for total in totals):
            self.write_totals(sheet, last + 1, 0, columns, totals)
        widths = [writer.get_width(total) for writer, total in zip(writers, totals, strict=True)]
        widths[0] = max(widths[0], len(self.style.total) + 2)
        for index, width in enumerate(widths):
            sheet.set_column(index, index, width)
        sheet.freeze_panes(head + 1, min(frozen_columns, len(columns) - 1))
        sheet.autofilter(head, 0, last, len(columns) - 1)
        sheet.repeat_rows(0, head)
        self._set_pages(sheet, last + 1, columns, widths, frozen_columns)
        return Area(sheet.get_name(), first, last, 0, len(columns) - 1, number - first, sums)

    def _set_pages(self, sheet, last_row, columns, widths, repeated):
        """Print what is to be printed, on as many pages beside each other as it takes to be readable."""
        printed = [index for index, column in enumerate(columns) if column.printed]
        last = printed[-1] if printed else len(columns) - 1
        # it also keeps the texts that run over the edge of the last column from further pages
        sheet.print_area(0, 0, last_row, last)
        pages = math.ceil(sum(widths[: last + 1]) / PAPER_WIDTH)
        sheet.fit_to_pages(pages, 0)
        if pages > 1:
            sheet.print_across()
            sheet.repeat_columns(0, max(0, repeated - 1))

    def page(self, title):
        """Return a new sheet that is laid out freely, a :class:`.workbook_page.Page`."""
        page = Page(self, self.add_sheet(title))
        self._pages.append(page)
        return page

    def parameters(self, facts, title=None):
        """Write a sheet that says what the figures were made with, and when.

        :param facts: of (text, value) or (text, value, kind)
        """
        style = self.style
        page = self.page(title or style.parameters)
        page.heading(style.title)
        page.facts(
            [*facts, (style.created_on, style.created, "datetime")], head=(style.parameter, style.value)
        )
        return page

    def add_sheet(self, title):
        """Return a new sheet of XlsxWriter, set up for printing."""
        style = self.style
        name = sheet_name(title, self._names, style.sheet)
        self._names.append(name)
        sheet = self._book.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.set_margins(left=0.4, right=0.4, top=0.75, bottom=0.6)
        sheet.fit_to_pages(1, 0)
        sheet.set_header(f"&L{header_text(style.title)}&R{header_text(style.company)}")
        pages = header_text(style.page).replace("%(number)s", "&P").replace("%(count)s", "&N")
        created = header_text(f"{style.created_on} {style.created_text or style.created}")
        sheet.set_footer(f"&L{header_text(name)}&C{pages}&R{created}")
        # a text that looks like a number is meant to be a text
        sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
        if style.right_to_left:
            sheet.right_to_left()
        return sheet

    def add_chart(self, options):
        return self._book.add_chart(options)

    # ------------------------------------------------------------------
    # Heads and totals
    # ------------------------------------------------------------------

    def write_head(self, sheet, row, column, columns):
        """Write the titles, below the groups if there are any, and return the row of the titles."""
        look = {"bold": True, "fill": DARK, "color": "white", "wrap": True}
        if any(item.group for item in columns):
            # on the left, where it is also seen if a printed page ends within the group
            form = self.format(**look, align="left", grid=True)
            start = 0
            for index, item in enumerate(columns):
                if index + 1 < len(columns) and columns[index + 1].group == item.group:
                    continue
                if start < index:
                    # the text comes after it: by itself, XlsxWriter would see a formula in {=1+1}
                    sheet.merge_range(row, column + start, row, column + index, "", form)
                if item.group:
                    sheet.write_string(row, column + start, written_text(item.group), form)
                else:
                    sheet.write_blank(row, column + start, None, form)
                start = index + 1
            row += 1
        for index, item in enumerate(columns):
            form = self.format(**look, align=item.side, **({"indent": 1} if item.indent else {}))
            sheet.write_string(row, column + index, written_text(item.title), form)
        return row

    def write_totals(self, sheet, row, column, columns, totals):
        """Write the last row of a table; its first cell says what the row is, unless it has a total itself."""
        look = {"bold": True, "fill": LIGHT, "top": True}
        for index, (item, total) in enumerate(zip(columns, totals, strict=True)):
            if total is None and not index:
                item, total = replace(item, kind="text"), self.style.total
            form = self.kind_format(item, **look)
            if total is None:
                sheet.write_blank(row, column + index, None, form)
            elif item.kind == "text":
                sheet.write_string(row, column + index, written_text(total), form)
            else:
                sheet.write_number(row, column + index, total, form)

    # ------------------------------------------------------------------
    # Formats
    # ------------------------------------------------------------------

    def kind_format(self, column, **look):
        """Return the format of the values of a column."""
        if column.kind in MOMENTS:
            look["code"] = getattr(self.style, f"{column.kind}_format")
        elif column.is_number:
            look["code"] = number_code(self.get_decimals(column), column.kind in ("percent", "points"))
        elif column.kind == "boolean":
            # Excel shows TRUE and FALSE in any format, others need to be told
            look["code"] = '"TRUE";"TRUE";"FALSE"'
        elif column.wrap:
            look["wrap"] = True
        if column.indent:
            look["indent"] = 1
        return self.format(**look, align=column.side)

    def get_decimals(self, column):
        """Return how many decimals the numbers of a column are shown with."""
        if column.decimals is not None:
            return column.decimals
        return self.style.decimals if column.kind == "money" else DECIMALS[column.kind]

    def format(self, **look):
        """Return the format with that look, the same one for the same look."""
        key = tuple(sorted(look.items()))
        if key not in self._formats:
            names = {"code": "num_format", "fill": "bg_color", "color": "font_color", "wrap": "text_wrap"}
            options = {"valign": "vcenter"}
            for name, value in look.items():
                if name == "grid":
                    options.update(border=1, border_color=LINE)
                elif name == "top":
                    options.update(top=1, top_color=DARK)
                else:
                    options[names.get(name, name)] = value
            self._formats[key] = self._book.add_format(options)
        return self._formats[key]
