"""A sheet that is laid out freely: headings, facts, small tables, matrices and charts below each other."""

import math
from dataclasses import dataclass, replace

from .cells import cell_text, written_text
from .workbook_columns import MAX_WIDTH, Column, ColumnWriter, get_totals, set_apart

# Points; two lines.
HEAD_HEIGHT = 32
# A page with no more rows than that is printed on one sheet of paper.
ROWS_ON_A_PAGE = 80
# Pixels.
ROW_HEIGHT = 20
CHART_WIDTH, CHART_HEIGHT = 800, 360
# From here on values are shown in millions.
MILLIONS = 10_000_000
FONT = {"size": 9, "color": "#44546A"}

DARK = "#2F4B5C"
MEDIUM = "#8FA9B8"
ACCENT = "#C8553D"
WEIGHT = "#7FB5A0"
GRID = "#E3E7EA"
PALETTE = (DARK, ACCENT, WEIGHT, "#E0A458", MEDIUM, "#6D597A")
# Lines differ by more than their colour.
MARKERS = ("circle", "square", "diamond", "triangle", "x", "star")


@dataclass(frozen=True)
class Block:
    """Where a small table stands: the cells of its rows without head and totals, counted from 0."""

    columns: tuple
    rows: tuple
    first_row: int
    first_column: int
    sums: dict

    @property
    def last_row(self):
        return self.first_row + max(len(self.rows), 1) - 1

    @property
    def next_column(self):
        """The first column that is free beside the block, with a gap."""
        return self.first_column + len(self.columns) + 1

    def get_values(self, column):
        return [row[column] for row in self.rows]


class Page:
    """A sheet whose parts come in any order; it is written when the workbook is complete.

    Whatever is added goes below the last part, at ``row``; a part with a ``column`` of its own stands beside
    what is there. Cells are kept until the end as the file has to be written row by row, so this is no place
    for thousands of rows.
    """

    def __init__(self, book, sheet):
        self.book = book
        self.name = sheet.get_name()
        self.row = 0
        self._sheet = sheet
        self._cells = {}
        self._widths = {}
        self._heads = []
        self._alike = []
        sheet.hide_gridlines(2)

    # What columns and heads are written into, as if it were a sheet of XlsxWriter; kept until the end.

    def _keep(self, method, row, column, *arguments):
        # a merged range before the text that stands in it
        self._cells[row, method != "merge_range", column] = (method, (row, column, *arguments))

    def write_string(self, row, column, text, form=None):
        self._keep("write_string", row, column, text, form)

    def write_number(self, row, column, number, form=None):
        if not math.isfinite(number):
            raise TypeError("not a number of Excel")
        self._keep("write_number", row, column, number, form)

    def write_boolean(self, row, column, value, form=None):
        self._keep("write_boolean", row, column, value, form)

    def write_blank(self, row, column, blank, form=None):
        self._keep("write_blank", row, column, blank, form)

    def merge_range(self, first_row, first_column, last_row, last_column, text, form=None):
        self._keep("merge_range", first_row, first_column, last_row, last_column, text, form)

    def finish(self):
        """Write the sheet; called by the workbook."""
        for columns in self._alike:
            widest = max(self._widths[column] for column in columns)
            self._widths.update(dict.fromkeys(columns, widest))
        for row, titles in self._heads:
            if any(len(title) + 1 > self._widths.get(column, 0) for column, title in titles):
                self._sheet.set_row(row, HEAD_HEIGHT)
        if self.row <= ROWS_ON_A_PAGE:
            self._sheet.fit_to_pages(1, 1)
        for _place, (method, arguments) in sorted(self._cells.items(), key=lambda item: item[0]):
            getattr(self._sheet, method)(*arguments)
        for column, width in self._widths.items():
            self._sheet.set_column(column, column, width)

    def set_width(self, column, width):
        """Make a column at least that many characters wide."""
        self._widths[column] = max(width, self._widths.get(column, 0))

    def _write_text(self, row, column, text, **look):
        if text:
            self.write_string(row, column, written_text(text), self.book.format(**look))

    # ------------------------------------------------------------------
    # Parts
    # ------------------------------------------------------------------

    def heading(self, text, level=1, column=0):
        """Add a heading; those of level 1 are for the whole sheet, those of level 2 for a part of it."""
        if level > 1 and self.row:
            self.row += 1
        self._write_text(self.row, column, text, bold=True, font_size=16 if level == 1 else 12, color=DARK)
        if level == 1:
            self._sheet.set_row(self.row, 26)
        self.row += 1

    def note(self, text, column=0):
        """Add a line of explanation."""
        self._write_text(self.row, column, text, italic=True, color="#5F6B73")
        self.row += 1

    def skip(self, rows=1):
        self.row += rows

    def facts(self, facts, head=None, column=0):
        """Add lines of a text and its value.

        :param facts: of (text, value), (text, value, kind) or (text, value, a :class:`Column`)
        :param head: the titles of both columns
        """
        width = 0
        if head:
            self._write_head(self.row, column, [Column(title) for title in head])
            self.row += 1
        for text, value, *kind in facts:
            kind = kind[0] if kind else "text"
            item = kind if isinstance(kind, Column) else Column("", kind, wrap=True)
            item = replace(item, align="left")
            self._write_text(self.row, column, text, bold=True, color=DARK)
            width = max(width, len(text))
            writer = ColumnWriter(self.book, self, column + 1, item)
            writer.put(self.row, value)
            self.set_width(column + 1, writer.get_width(arrow=0))
            self.row += 1
        self.set_width(column, min(width, MAX_WIDTH) + 2)
        self.row += 1

    def block(self, columns, rows, *, title="", row=None, column=0):
        """Add a small table.

        :param list columns: of :class:`.workbook_columns.Column`
        :param rows: sequences with a value for each column
        :param row: the row to begin at, the next free one unless given
        :return: :class:`Block`
        """
        top = self.row if row is None else row
        columns = set_apart(columns)
        rows = tuple(tuple(values) for values in rows)
        if title:
            self._write_text(top, column, title, bold=True, font_size=12, color=DARK)
            top += 1
        head = self._write_head(top, column, columns)
        writers = [ColumnWriter(self.book, self, column + index, item) for index, item in enumerate(columns)]
        for number, values in enumerate(rows, head + 1):
            for writer, value in zip(writers, values, strict=True):
                writer.put(number, value)
        sums = {writer.column.key: writer.get_sum() for writer in writers if writer.column.total == "sum"}
        block = Block(tuple(columns), rows, head + 1, column, sums)
        totals = get_totals(columns, sums)
        bottom = block.last_row + 1
        if any(total is not None for total in totals):
            self.book.write_totals(self, bottom, column, columns, totals)
            bottom += 1
            self.set_width(column, len(self.book.style.total) + 2)
        for index, writer in enumerate(writers):
            self.set_width(column + index, writer.get_width(totals[index], arrow=0))
        self.row = max(self.row, bottom + 1)
        return block

    def matrix(self, titles, lines, *, corner="", kind="integer", title="", sums=True, row=None, column=0):
        """Add a table with heads on two sides, its cells coloured by their weight.

        :param list titles: of the columns
        :param lines: of (title, values), a value for each column; None is an empty cell
        :param kind: of the values, or a :class:`Column` that says how they look
        :param bool sums: whether what rows and columns add up to is shown
        :return: :class:`Block`, whose last column are the sums of the rows if there are any
        """
        look = kind if isinstance(kind, Column) else Column("", kind)
        columns = [
            Column(corner),
            *(
                replace(look, title=text, name=str(i), total="sum" if sums else None)
                for i, text in enumerate(titles)
            ),
        ]
        rows = []
        for text, values in lines:
            known = [value for value in values if value is not None]
            total = [math.fsum(known) if known else None] if sums else []
            rows.append((text, *values, *total))
        if sums:
            columns.append(replace(look, title=self.book.style.total, name="sum", total="sum"))
        block = self.block(columns, rows, title=title, row=row, column=column)
        self._alike.append(range(column + 1, column + len(columns)))
        if rows:
            first = column + 1
            self._sheet.conditional_format(
                block.first_row,
                first,
                block.last_row,
                first + len(titles) - 1,
                {
                    "type": "2_color_scale",
                    "min_type": "num",
                    "min_value": 0,
                    "min_color": "#FFFFFF",
                    "max_color": WEIGHT,
                },
            )
        return block

    def _write_head(self, row, column, columns):
        row = self.book.write_head(self, row, column, columns)
        self._heads.append((row, [(column + index, item.title) for index, item in enumerate(columns)]))
        return row

    # ------------------------------------------------------------------
    # Charts
    # ------------------------------------------------------------------

    def pareto(self, title, block, category, value, cumulative, **place):
        """Add a chart of values in falling order, with the share accumulated on an axis of its own.

        :param Block block: where the figures stand
        :param int category, value, cumulative: columns of the block, counted from 0
        """
        chart = self.book.add_chart({"type": "column"})
        chart.add_series({**self._series(block, category, value), "fill": {"color": MEDIUM}, "gap": 30})
        line = self.book.add_chart({"type": "line"})
        line.add_series(
            {
                **self._series(block, category, cumulative),
                "y2_axis": True,
                "line": {"color": ACCENT, "width": 2},
                "marker": {
                    "type": "circle",
                    "size": 4,
                    "fill": {"color": ACCENT},
                    "border": {"color": ACCENT},
                },
            }
        )
        line.set_y2_axis({"min": 0, "max": 1, "num_format": "0%", "num_font": FONT, "line": {"none": True}})
        chart.combine(line)
        self._set_value_axis(chart.set_y_axis, block, [value])
        chart.set_x_axis({"num_font": FONT})
        self._add_chart(chart, title, **place)

    def bars(self, title, block, category, values, kind="bar", stacked=False, **place):
        """Add a chart of bars (``bar``: lying, ``column``: standing), one series for each of ``values``."""
        chart = self.book.add_chart({"type": kind, **({"subtype": "stacked"} if stacked else {})})
        for index, value in enumerate(values):
            color = PALETTE[index % len(PALETTE)]
            chart.add_series({**self._series(block, category, value), "fill": {"color": color}, "gap": 50})
        if kind == "bar":
            # the first row on top
            chart.set_y_axis({"num_font": FONT, "reverse": True})
            self._set_value_axis(chart.set_x_axis, block, values)
        else:
            chart.set_x_axis({"num_font": FONT})
            self._set_value_axis(chart.set_y_axis, block, values)
        self._add_chart(chart, title, **place)

    def pie(self, title, block, category, value, **place):
        """Add a chart of shares."""
        chart = self.book.add_chart({"type": "pie"})
        points = [{"fill": {"color": PALETTE[index % len(PALETTE)]}} for index in range(len(block.rows))]
        labels = {"percentage": True, "font": {"color": "white", "bold": True}}
        chart.add_series({**self._series(block, category, value), "points": points, "data_labels": labels})
        self._add_chart(chart, title, **place)

    def radar(self, title, block, category, values, **place):
        """Add a chart with an axis for each row of the block and a line for each of ``values``."""
        chart = self.book.add_chart({"type": "radar", "subtype": "with_markers"})
        for index, value in enumerate(values):
            color = PALETTE[index % len(PALETTE)]
            marker = {
                "type": MARKERS[index % len(MARKERS)],
                "fill": {"color": color},
                "border": {"color": color},
            }
            chart.add_series(
                {
                    **self._series(block, category, value),
                    "line": {"color": color, "width": 2},
                    "marker": marker,
                }
            )
        chart.set_x_axis({"num_font": FONT})
        chart.set_y_axis(
            {"num_font": FONT, "min": 0, "major_gridlines": {"visible": True, "line": {"color": GRID}}}
        )
        self._add_chart(chart, title, **place)

    def _series(self, block, category, value):
        def cells(column):
            place = block.first_column + column
            return [self.name, block.first_row, place, block.last_row, place]

        # What a program shows before it has read the sheet.
        return {
            "name": cell_text(block.columns[value].title).replace("!", "! "),
            "categories": cells(category),
            "values": cells(value),
            "categories_data": [
                cell_text(item) if item is not None else "" for item in block.get_values(category)
            ],
            "values_data": [
                item if isinstance(item, (int, float)) else 0 for item in block.get_values(value)
            ],
        }

    def _set_value_axis(self, set_axis, block, values):
        numbers = [number for value in values for number in block.get_values(value) if number]
        axis = {
            "num_font": FONT,
            "num_format": "#,##0",
            "major_gridlines": {"visible": True, "line": {"color": GRID}},
        }
        if all(number > 0 for number in numbers):
            # the length of a bar is its value, whatever range the program would choose
            axis["min"] = 0
        if max(map(abs, numbers), default=0) >= MILLIONS:
            # the program writes the unit beside the axis, in its own language
            axis.update({"display_units": "millions", "display_units_visible": True})
        set_axis({**axis, "line": {"none": True}})

    def _add_chart(self, chart, title, *, row=None, column=0, width=None, height=None):
        width, height = width or CHART_WIDTH, height or CHART_HEIGHT
        top = self.row if row is None else row
        name_font = {"size": 12, "color": DARK}
        # "!" within a title would make it a reference
        chart.set_title(
            {"name": cell_text(title).replace("!", "! "), "name_font": name_font, "overlay": False}
        )
        chart.set_legend({"position": "bottom", "font": FONT})
        chart.set_size({"width": width, "height": height})
        chart.set_chartarea({"border": {"color": "#D9D9D9"}})
        self._sheet.insert_chart(top, column, chart, {"x_offset": 4, "y_offset": 4})
        self.row = max(self.row, top + math.ceil(height / ROW_HEIGHT) + 1)
