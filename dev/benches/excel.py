"""Excel files: 200,000 rows with the addon's builder and with a bare loop of XlsxWriter; a classification."""

import datetime
import random
import tempfile
from pathlib import Path

import xlsxwriter
from benches._partners import copy_partner

from odoo.tools import SQL

DATABASES = ("with",)
OPTIONS = {"rows": (200_000, "rows of each file")}
BARE, BUILT = "bare loop of XlsxWriter", "the builder"
CLASSIFICATION = "a classification, read and written"
MEMORY = {BUILT: "memory of the builder", CLASSIFICATION: "memory of a classification"}
LIMIT, MEMORY_LIMIT = 1.3, 300

KINDS = (
    *("text", "text", "text", "text", "text"),
    *("money", "money", "percent", "percent", "integer"),
    *("date", "date"),
)
NUMBER_FORMATS = {"money": "#,##0.00", "percent": "0.0%", "integer": "#,##0", "date": "dd/mm/yyyy"}


def _rows(count):
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
    for number in range(count):
        yield (f"Công ty TNHH số {number}", *models[number % 997])


def _write_bare(path, count):
    """The least that writes the same cells: no widths, filters, totals, nor care for what the texts are."""
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        writers = []
        for column, kind in enumerate(KINDS):
            write = {"text": sheet.write_string, "date": sheet.write_datetime}.get(kind, sheet.write_number)
            code = NUMBER_FORMATS.get(kind)
            writers.append((write, column, book.add_format({"num_format": code} if code else {})))
            sheet.write_string(0, column, kind)
        for number, row in enumerate(_rows(count), 1):
            for (write, column, form), value in zip(writers, row, strict=True):
                write(number, column, value, form)


def _write_built(path, count):
    from odoo.addons.partner_relations.tools.workbook import Column, Workbook

    columns = [
        Column(f"{kind} {number}", kind, total="sum" if kind == "money" else None)
        for number, kind in enumerate(KINDS)
    ]
    with Workbook(path) as book:
        book.table("Customers", columns, _rows(count))
        book.parameters([("Rows", count, "integer")])


def _get_memory(name):
    """Return the memory of this process in MB; VmRSS is what it has, VmHWM the most it had."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status[name].split()[0]) / 1024


def _make_run(env, count):
    """A classification of as many customers as rows, by SQL because only their number matters."""
    run = env["partner.classification"].create({})
    run.action_compute()
    env.flush_all()
    env.cr.execute("DELETE FROM partner_classification_line WHERE classification_id = %s", (run.id,))
    model = env["res.partner"].create({"name": "Model", "is_company": True, "user_id": env.uid})
    copy_partner(env, model, dict.fromkeys(("name", "complete_name"), SQL("'Bench ' || n")), count)
    env.cr.execute(
        SQL(
            """
            INSERT INTO partner_classification_line (
                   classification_id, company_id, currency_id, partner_id, revenue, profit, value, share,
                   cumulative_share, cv, xyz_periods, sales_count, first_sale_date, last_sale_date,
                   abc_class, xyz_class, stage)
            SELECT %(run)s, %(company)s, %(currency)s, id, 1e9 / n, 3e8 / n, 1e9 / n, 100.0 / n,
                   LEAST(100, n / 2000.0), n %% 180, 12, n %% 40, DATE '2025-01-01' + (n %% 300)::int,
                   DATE '2026-01-01' + (n %% 300)::int, (ARRAY['a', 'b', 'c'])[1 + n %% 3],
                   (ARRAY['x', 'y', 'z'])[1 + n %% 3], (ARRAY['regular', 'one_time', 'lost'])[1 + n %% 3]
              FROM (SELECT id, row_number() OVER (ORDER BY id) AS n
                      FROM res_partner WHERE id > %(model)s) AS partner""",
            run=run.id,
            company=run.company_id.id,
            currency=run.currency_id.id,
            model=model.id,
        )
    )
    env.cr.execute("ANALYZE res_partner, partner_classification_line")
    env.invalidate_all()
    return run


def _get_peak(function):
    """Return how many MB the process grew by while the function ran, at most."""
    Path("/proc/self/clear_refs").write_text("5")  # the peak is counted from here
    before = _get_memory("VmRSS")
    function()
    return _get_memory("VmHWM") - before


def measure(env, timer, options):
    count = options["rows"]
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/book.xlsx"
        timer.say("the builder and the bare loop")
        memory = {BUILT: _get_peak(lambda: _write_built(path, count))}
        timer.medians(
            {BARE: lambda: _write_bare(path, count), BUILT: lambda: _write_built(path, count)},
            rounds=3,
            warmup=0,
            undo=False,
        )
        timer.say("a classification")
        with timer.making():
            run = _make_run(env, count)
        export = env["partner.export"].browse(int(run.action_export_excel()["url"].rpartition("/")[2]))
        memory[CLASSIFICATION] = _get_peak(lambda: export._write_excel(path))
        timer.median(CLASSIFICATION, lambda: export._write_excel(path), rounds=1, warmup=0, undo=False)
    timer.results["memory"] = memory


def figures(results, options):
    """The table of the limits."""
    measured = results["with"]
    ratio = measured[BUILT] / measured[BARE]
    yield (
        f"{BUILT}, to the {BARE}, {options['rows']:,} rows",
        f"{ratio:.2f}",
        f"<= {LIMIT}",
        ratio <= LIMIT,
    )
    for what, text in MEMORY.items():
        used = measured["memory"][what]
        yield text, f"{used:.0f} MB", f"<= {MEMORY_LIMIT} MB", used <= MEMORY_LIMIT
