"""Excel files: 200,000 rows of 12 columns with the addon's builder and with a bare loop of XlsxWriter."""

import datetime
import random
import tempfile
from pathlib import Path

import xlsxwriter

ROWS = 200_000
KINDS = (
    *("text", "text", "text", "text", "text"),
    *("money", "money", "percent", "percent", "integer"),
    *("date", "date"),
)
NUMBER_FORMATS = {"money": "#,##0.00", "percent": "0.0%", "integer": "#,##0", "date": "dd/mm/yyyy"}


def _rows():
    """Rows as of a classification: a name of its own in each, the other texts out of a few."""
    chance = random.Random(19)
    first = datetime.date(2024, 1, 1)
    models = [
        (
            chance.choice("ABC"),
            chance.choice("XYZ"),
            chance.choice(("Potential", "One-time", "Regular", "Lost")),
            f"Nguyễn Văn {chance.randrange(30)}",
            round(chance.lognormvariate(12, 1.5), 2),
            round(chance.lognormvariate(11, 1.5), 2),
            chance.random(),
            chance.random(),
            chance.randrange(60),
            first + datetime.timedelta(days=chance.randrange(1_000)),
            first + datetime.timedelta(days=chance.randrange(1_000)),
        )
        for _number in range(997)
    ]
    for number in range(ROWS):
        yield (f"Công ty TNHH số {number}", *models[number % 997])


def _write_bare(path):
    """The least that writes the same cells: no widths, filters, totals, nor care for what the texts are."""
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        writers = []
        for column, kind in enumerate(KINDS):
            write = {"text": sheet.write_string, "date": sheet.write_datetime}.get(kind, sheet.write_number)
            code = NUMBER_FORMATS.get(kind)
            writers.append((write, column, book.add_format({"num_format": code} if code else {})))
            sheet.write_string(0, column, kind)
        for number, row in enumerate(_rows(), 1):
            for (write, column, form), value in zip(writers, row, strict=True):
                write(number, column, value, form)


def _write_built(path):
    from odoo.addons.partner_relations.tools.workbook import Column, Workbook

    columns = [
        Column(f"{kind} {number}", kind, total="sum" if kind == "money" else None)
        for number, kind in enumerate(KINDS)
    ]
    with Workbook(path) as book:
        book.table("Customers", columns, _rows())
        book.parameters([("Rows", ROWS, "integer")])


def _get_memory(name):
    """Return the memory of this process in MB; VmRSS is what it has, VmHWM the most it had."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status[name].split()[0]) / 1024


def measure(env, timer, _arguments):
    if "partner.export" not in env:
        return
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/book.xlsx"
        # the peak is counted from here
        Path("/proc/self/clear_refs").write_text("5")
        before = _get_memory("VmRSS")
        _write_built(path)
        used = _get_memory("VmHWM") - before
        print(f"MEASURED {timer.label} MB of memory for {ROWS:,} rows (limit 300): {used:.1f}", flush=True)
        times = {"bare": [], "built": []}
        for _round in range(3):
            # in turn, so that whatever else the machine does meets both
            for name, write in (("bare", _write_bare), ("built", _write_built)):
                times[name].append(
                    timer.median(f"{name}, {_round}", lambda write=write: write(path), 1, 0, undo=False)
                )
        ratio = sorted(times["built"])[1] / sorted(times["bare"])[1]
        print(f"MEASURED {timer.label} builder / bare loop (limit 1.3): {ratio:.3f}", flush=True)
