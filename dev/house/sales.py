"""dev/load_sales: reading and checking the file; sales_loader.py does the loading."""

import argparse
import csv
import datetime
import io
import json
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from . import core, serving

COLUMNS = ("customer", "date", "amount", "order")
SHOWN = 10  # complaints at once
LIMIT = Decimal("1e12")

# Amounts with a decimal point and no thousands separator; those with a decimal comma, such as 1.234,56; and of
# these the ones that others write for thousands.
POINT = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)
COMMA = re.compile(r"[+-]?((\d{1,3}(\.\d{3})+|\d+)(,\d*)?|,\d+)", re.ASCII)
UNSURE = re.compile(r"[+-]?\d{1,3},\d{3}", re.ASCII)

SCRIPT = """
from house import sales_loader
sales_loader.main(env, {path!r})
"""


@dataclass(frozen=True)
class Row:
    """One line of the file."""

    line: int
    customer: str
    date: datetime.date
    amount: Decimal
    order: str


def load_sales(arguments):
    parser = argparse.ArgumentParser(
        prog="dev/load_sales",
        description="Load a sales history as posted customer invoices, to try the analysis on. The columns "
        "are customer, date (2026-01-31), amount (untaxed, in the company's currency; below zero makes a "
        "credit note) and order; rows of the same order become one invoice. Amounts have a decimal point and no "
        "thousands separator (1234.50), or all of them are written as 1.234,50. A second load adds only what is new.",
    )
    parser.add_argument("file", metavar="FILE.csv")
    parser.add_argument(
        "-d", dest="database", default=serving.DATABASE, help="database, made without demo company if missing"
    )
    options = parser.parse_args(arguments)
    path = Path(options.file).resolve()
    rows = read(path)
    house = serving.open_database(options.database, create=True)
    orders = len({row.order for row in rows})
    with core.step(f"Loading {orders} orders into `{options.database}`") as step:
        log = core.run(
            house.odoo("shell", "-c", house.config, "-d", options.database, "--no-http", "--log-level=error"),
            log="load-sales",
            what=f"loading {path.name} failed; nothing of it was kept",
            stdin=SCRIPT.format(path=str(path)),
            env=core.clean_env(PYTHONPATH=str(core.ROOT / "dev")),
            step=step,
            hint=lambda text: text.splitlines()[-1][:80] if text else "",
        )
    result = json.loads(re.findall(r"^RESULT (.*)$", log.read_text(), re.M)[-1])
    if "error" in result:
        raise core.Failure(result["error"], result["remedy"])
    core.say(
        f"  {result['customers']} new customers, {result['invoices']} invoices, "
        f"{result['refunds']} credit notes, {result['total']} {result['currency']}; "
        f"already loaded: {result['already']}"
    )
    if result["rounded"]:
        core.say(
            f"  Warning: {result['currency']} has {result['decimals']} decimals, so {result['rounded']} "
            f"amounts were rounded; the total changed by {result['rounding']}."
        )
    return 0


def read(path):
    """The rows of a file; every fault is named with its line and column."""
    try:
        text = Path(path).read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise core.Failure(f"{path} cannot be read: {error.strerror}", "Name a CSV file.") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise core.Failure(f"{path}, line {line}: not UTF-8", "Save the file as CSV UTF-8.") from None
    header = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        names = [name.strip().lower() for name in next(reader, [])]
        for column in COLUMNS:
            if names.count(column) != 1:
                raise core.Failure(
                    f"{path}, line 1: the column `{column}` is "
                    f"{'there twice' if column in names else 'missing'} "
                    f"(found: {', '.join(filter(None, names)) or 'nothing'})",
                    f"The first line must name the columns {', '.join(COLUMNS)}.",
                )
        rows, faults = _parse(reader, names)
    except csv.Error as error:
        raise core.Failure(
            f"{path}, line {reader.line_num}: {error}",
            "Mend the quotes in this line, or save it again as CSV.",
        ) from None
    faults += _contradictions(rows)
    if faults:
        more = f"\n    ... and {len(faults) - SHOWN} more" if len(faults) > SHOWN else ""
        raise core.Failure(
            f"{path} has {len(faults)} faults:\n    " + "\n    ".join(faults[:SHOWN]) + more,
            "Mend these lines and run again; nothing was loaded.",
        )
    if not rows:
        raise core.Failure(f"{path} has no rows below its header", "Add rows: one for each sale.")
    return rows


def _parse(reader, names):
    lines, faults = [], []
    for cells in reader:
        line = reader.line_num
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(names):
            faults.append(
                f"line {line}: {len(cells)} cells where the header has {len(names)}; quote a text that has "
                "the separator in it"
            )
            continue
        lines.append((line, {column: cells[names.index(column)].strip() for column in COLUMNS}))
    has_comma = _has_comma([cell["amount"] for _line, cell in lines])
    rows = []
    for line, cell in lines:
        if has_comma and COMMA.fullmatch(cell["amount"]):
            cell["amount"] = cell["amount"].replace(".", "").replace(",", ".")
        bad = {column: fault for column, check in CHECKS.items() if (fault := check(cell[column]))}
        if bad:
            faults += [f"line {line}, {column}: {fault}" for column, fault in bad.items()]
            continue
        rows.append(
            Row(
                line,
                unicodedata.normalize("NFC", cell["customer"]),
                datetime.date.fromisoformat(cell["date"]),
                Decimal(cell["amount"]),
                unicodedata.normalize("NFC", cell["order"]),
            )
        )
    return rows, faults


def _has_comma(amounts):
    """Whether all amounts of the file may have a decimal comma, and one of them cannot be read in another way."""
    readable = [value for value in amounts if POINT.fullmatch(value) or COMMA.fullmatch(value)]
    return all(map(COMMA.fullmatch, readable)) and not all(
        POINT.fullmatch(value) or UNSURE.fullmatch(value) for value in readable
    )


def _text(value):
    if not value:
        return "is empty; give every row one"
    if len(value) > 200:
        return f"has {len(value)} characters; shorten it to 200"
    if any(unicodedata.category(char) in ("Cc", "Cs") for char in value):
        return "has control characters; remove them"
    return None


def _date(value):
    try:
        date = datetime.date.fromisoformat(value)
    except ValueError:
        date = None
    if date is None or not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return f"`{value}` is no date; write it as year-month-day, such as 2026-01-31"
    if date > datetime.date.today():
        return f"{value} lies in the future; a sales history ends today"
    if date.year < 1900:
        return f"{value} lies before 1900; correct the year"
    return None


def _amount(value):
    if not POINT.fullmatch(value):
        return (
            f"`{value}` is no amount; write digits with a decimal point, without thousands separator and "
            "currency, such as 1234.50, or all amounts of the file with a decimal comma, such as 1.234,50"
        )
    if abs(Decimal(value)) >= LIMIT:
        return f"{value} is too large; amounts stay below {LIMIT:,.0f}"
    return None


CHECKS = {"customer": _text, "date": _date, "amount": _amount, "order": _text}


def _contradictions(rows):
    """An order has one customer and one date."""
    faults, first = [], {}
    for row in rows:
        known = first.setdefault(row.order, row)
        for column in ("customer", "date"):
            if getattr(known, column) != getattr(row, column):
                faults.append(
                    f"line {row.line}, {column}: {getattr(row, column)}, but line {known.line} gives the "
                    f"same order {row.order} to {getattr(known, column)}; give it another order number"
                )
    return faults
