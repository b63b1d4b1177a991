"""A column of a sheet: what it holds and how its values are written."""

import datetime
import math
from array import array
from collections.abc import Callable
from dataclasses import dataclass, replace

from .cells import cell_text, written_text

NUMBERS = ("integer", "float", "money", "percent", "points")
MOMENTS = ("date", "month", "datetime")
DECIMALS = {"integer": 0, "float": 2, "percent": 1, "points": 1}

# Widths in characters.
MIN_WIDTH = 6
MAX_WIDTH = 60
FILTER_ARROW = 3
WIDTHS = {"date": 12, "month": 10, "datetime": 20, "boolean": 9}

# Values kept with what is written for them: classes, salespeople, days return in row after row.
KNOWN_VALUES = 5_000

_EPOCH = datetime.datetime(1899, 12, 30)
# Excel's calendar has a 29th of February 1900; before that its days are not everybody's.
_FIRST_DAY = datetime.datetime(1900, 3, 1)


@dataclass(frozen=True)
class Column:
    """A column of a table.

    :param kind: text, integer, float, money, percent (0.5 shown as 50 %), points (50 shown as 50 %), date,
        month, datetime or boolean
    :param total: "sum", a value, or a function that makes it of the sums of the columns, {name: sum}
    :param name: what the sums know the column by, its title unless given
    :param group: a heading shared with the columns beside it
    :param decimals: other than usual for the kind
    :param own_decimals: each value is a pair of a number, or None, and the decimals it is shown with
    :param wrap: long texts go over several lines
    :param align: left, right or center, other than usual for the kind
    :param printed: if not, and nothing printed follows, the column is only for the screen
    :param indent: a text keeps a distance from the column before it
    """

    title: str
    kind: str = "text"
    total: str | float | Callable | None = None
    name: str = ""
    group: str = ""
    decimals: int | None = None
    own_decimals: bool = False
    max_width: int = MAX_WIDTH
    wrap: bool = False
    align: str = ""
    indent: bool = False
    printed: bool = True

    @property
    def key(self):
        return self.name or self.title

    @property
    def is_number(self):
        return self.kind in NUMBERS

    @property
    def side(self):
        """Where the values stand."""
        if self.align:
            return self.align
        return "right" if self.is_number else "left" if self.kind == "text" else "center"


def set_apart(columns):
    """Return the columns with a distance between numbers and the texts that follow them.

    >>> [column.indent for column in set_apart([Column("A"), Column("B", "money"), Column("C"), Column("D")])]
    [False, False, True, False]
    """
    return [
        replace(column, indent=before is not None and before.side == "right" and column.side == "left")
        for before, column in zip([None, *columns], columns, strict=False)
    ]


def get_totals(columns, sums):
    """Return the total of each column, None where it has none.

    :param dict sums: {key of a column: sum of its values}
    """

    def total(column):
        if column.total == "sum":
            return sums[column.key]
        return column.total(sums) if callable(column.total) else column.total

    return [total(column) for column in columns]


def serial_date(value, timezone):
    """Return a date or a moment as Excel counts it, in days; None before Excel's calendar is right.

    A moment without a time zone is in UTC, and is shown in ``timezone``.

    >>> serial_date(datetime.date(2026, 11, 23), datetime.UTC)
    46349.0
    """
    if isinstance(value, datetime.datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=datetime.UTC)
        moment = aware.astimezone(timezone).replace(tzinfo=None, microsecond=0)
    else:
        moment = datetime.datetime(value.year, value.month, value.day)
    if moment < _FIRST_DAY:
        return None
    return (moment - _EPOCH) / datetime.timedelta(days=1)


class ColumnWriter:
    """Writes the values of one column, and learns how wide they are and what they add up to.

    ``put(row, value)`` is made for the column's kind with everything it needs bound once, as it runs millions
    of times.
    """

    def __init__(self, book, sheet, index, column):
        self.book = book
        self.sheet = sheet
        self.index = index
        self.column = column
        self._numbers = array("d")
        self._longest = 0
        form = book.kind_format(column)
        if column.is_number:
            self.put = self._number_writer(form)
        elif column.kind in MOMENTS:
            self.put = self._moment_writer(form)
        elif column.kind == "boolean":
            self.put = self._boolean_writer(form)
        elif column.kind == "text":
            self.put = self._text_writer(form)
        else:
            raise ValueError(f"There is no kind of column {column.kind!r}.")

    def _text_writer(self, form):
        write, index, prepare = self.sheet.write_string, self.index, self._prepare_text
        # begins like a formula, and stays a text when somebody edits the cell
        marked = self.book.kind_format(self.column, quote_prefix=True)
        known = {}

        def put(row, value):
            if value is None or value is False:
                return
            text = known.get(value)
            if text is None:
                text = prepare(value)
                if len(known) < KNOWN_VALUES:
                    known[value] = text
            if text:
                write(row, index, text, marked if text[0] in "=+-@" else form)

        return put

    def _prepare_text(self, value):
        text = cell_text(value)
        if len(text) > self._longest:
            self._longest = max(self._longest, *map(len, text.split("\n")))
        return written_text(text)

    def _number_writer(self, form):
        write, index, remember = self.sheet.write_number, self.index, self._numbers.append

        def put(row, value):
            if value is None or value is False:
                return
            try:
                write(row, index, value, form)
            except TypeError:
                # neither NaN nor infinity is a number of Excel
                if not math.isfinite(value):
                    return
                raise
            remember(value)

        def put_points(row, value):
            put(row, round(value / 100, 10) if value else value)

        def put_own(row, value):
            nonlocal form
            number, decimals = value
            form = self.book.kind_format(replace(self.column, decimals=decimals))
            put(row, number)

        if self.column.own_decimals:
            return put_own
        return put_points if self.column.kind == "points" else put

    def _moment_writer(self, form):
        write, index = self.sheet.write_number, self.index
        write_text = self.sheet.write_string
        timezone = self.book.style.timezone
        known = {}

        def put(row, value):
            if not value:
                return
            number = known.get(value)
            if number is None:
                number = serial_date(value, timezone)
                if number is None:
                    write_text(row, index, value.isoformat(), form)
                    return
                if len(known) < KNOWN_VALUES:
                    known[value] = number
            write(row, index, number, form)

        return put

    def _boolean_writer(self, form):
        write, index = self.sheet.write_boolean, self.index

        def put(row, value):
            if value is not None:
                write(row, index, value, form)

        return put

    def get_sum(self):
        """Return the sum, of money rounded to the decimals it is shown with, in whatever order; None of nothing."""
        if not self._numbers:
            return None
        total = math.fsum(self._numbers)
        return round(total, self.book.get_decimals(self.column)) if self.column.kind == "money" else total

    def get_width(self, total=None, arrow=FILTER_ARROW):
        """Return the width that shows the title on two lines, and every value, within bounds."""
        column = self.column
        title = cell_text(column.title)
        words = title.split()
        # where the two lines part, words stay whole
        halves = ((" ".join(words[:place]), " ".join(words[place:])) for place in range(1, len(words)))
        head = max(
            min((max(map(len, half)) for half in halves), default=len(title)),
            math.ceil(len(title) * 0.6) if len(words) > 1 else 0,
        )
        if column.is_number:
            numbers = [*([total] if isinstance(total, (int, float)) else [])]
            if self._numbers:
                numbers += [max(self._numbers), min(self._numbers)]
            if column.kind in ("percent", "points"):
                numbers = [number * 100 for number in numbers]
            decimals = self.book.get_decimals(column)
            # bold totals and the percent sign take their room
            body = max((len(f"{number:,.{decimals}f}") + 2 for number in numbers), default=0)
        elif column.kind == "text":
            body = min(self._longest, column.max_width) + 2
        else:
            body = WIDTHS[column.kind]
        return max(MIN_WIDTH, min(head + arrow, MAX_WIDTH), min(body, 2 * MAX_WIDTH))
