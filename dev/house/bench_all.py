"""dev/bench all: every benchmark one after the other, in one table, with exponents and the slowest statements."""

import contextlib
import json
import math
import re
import time
import types
from datetime import datetime

from . import core

# Statements shorter than this are not among the slowest of a benchmark worth its name.
SLOW_MS = 100
SLOWEST = 10
REPORT = "bench-all.txt"
# What the machine is worth at the moment: times in milliseconds depend on it, ratios do not.
NUMBERS = 4_000_000
PACE_SQL = (
    "SET jit = off; SET max_parallel_workers_per_gather = 0; "
    f"SELECT SUM(n % 7) FROM generate_series(1, {NUMBERS}) AS n"
)
# What each benchmark measured last, at each size.
KEPT = "bench-all"
_PLAN = re.compile(
    r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+) UTC .*LOG:  duration: ([\d.]+) ms  plan:\n((?:\t.*\n)+)", re.M
)
_INCLUDE = "include_if_exists = 'bench.conf'"


def run_all(house, benches, traits, scales, run, tenfold, state, resume, measures=True):
    """Run each benchmark at each size, smallest first, and say what was held.

    :param dict benches: what each is about, by name
    :param function traits: of a name, what the benchmark says of itself
    :param list scales: factors of the sizes in the benchmarks' options
    :param function run: runs one, by name and options; returns medians by database, figures, when data were made
    :param bool tenfold: whether those that have data of ten times the size are run on it too
    :param function state: of a name, what changes with what the benchmark measures
    :param bool resume: whether what an earlier run measured in this state stands
    :param bool measures: whether what is missing is measured; else the table has what was measured last, also with
        the addon as it was then, and says so
    :return: exit status: 1 if a limit was missed or a benchmark failed
    """
    measured, failed = [], []
    for name in benches:
        for label, options in sizes(traits(name), scales, tenfold):
            core.say(f"\n== {name}, size {label}: {options}")
            file = core.LOGS / KEPT / f"{name}-{label}.json"
            wanted = {"name": name, "label": label, "options": options, "state": state(name)}
            kept = json.loads(file.read_text()) if resume and file.exists() else {}
            if is_same(kept, wanted, any_state=not measures):
                kept["older"] = (
                    ""
                    if kept["state"] == wanted["state"]
                    else ", with the addon or the benchmark as it was then"
                )
                core.say(f"  measured {kept['at']}{kept['older']}")
                measured.append(kept)
                continue
            if not measures:
                core.say("  not measured yet")
                continue
            began = time.monotonic()
            pace = measure_pace(house.cluster)
            try:
                with slow_statements(house.cluster) as slow:
                    results, figures, made = run(name, options)
                    slow.made = made
            except core.Failure as failure:
                core.say(f"  FAILED: {failure.what}")
                failed.append((name, label, str(failure.what).splitlines()[0]))
                continue
            core.say(f"  {time.monotonic() - began:.0f} s")
            at = f"{datetime.now():%Y-%m-%d %H:%M}"
            found = {"at": at, "pace": pace, "results": results, "figures": figures, "slow": slow.found}
            measured.append({**wanted, **found})
            file.parent.mkdir(parents=True, exist_ok=True)
            core.write(file, json.dumps(measured[-1], indent=1))
    lines = report(measured, failed)
    core.write(core.LOGS / REPORT, "\n".join(lines) + "\n")
    core.say("\n".join(["", *lines, "", f"The same is in {core.LOGS / REPORT}."]))
    held = [figure[-1] for one in measured for figure in one["figures"]]
    return 1 if failed or False in held else 0


def is_same(kept, wanted, any_state=False):
    """Whether what was kept of an earlier run is what is wanted: of the same benchmark and size, in the same state.

    >>> kept = {"name": "mail", "state": "a", "pace": {}, "options": {"messages": 9}}
    >>> is_same(kept, {"name": "mail", "state": "a", "options": {"messages": 9}})
    True
    >>> is_same(kept, {"name": "mail", "state": "b", "options": {"messages": 9}})
    False
    >>> is_same(kept, {"name": "mail", "state": "b", "options": {"messages": 9}}, any_state=True)
    True
    >>> is_same({}, {"name": "mail", "state": "b"}, any_state=True)
    False
    """
    keys = wanted.keys() - ({"state"} if any_state else set())
    return "pace" in kept and all(kept.get(key) == wanted[key] for key in keys)


def measure_pace(cluster):
    """How long PostgreSQL and Python take to sum the same numbers now: milliseconds, the best of three."""
    works = {
        "PostgreSQL": lambda: cluster.sql(PACE_SQL),
        "Python": lambda: sum(n % 7 for n in range(NUMBERS)),
    }
    return {name: min(_time(work) for _try in range(3)) for name, work in works.items()}


def _time(work):
    began = time.perf_counter()
    work()
    return round((time.perf_counter() - began) * 1000)


def sizes(traits, scales, tenfold):
    """What a benchmark is run with: pairs of a label and its options, smallest first.

    >>> list(sizes({"OPTIONS": {"orders": (50, "orders")}, "TENFOLD": {"orders": 400}}, [1, 0.1], True))
    [('0.1', {'orders': 5}), ('1', {'orders': 50}), ('tenfold', {'orders': 400})]
    """
    for scale in sorted(scales):
        yield f"{scale:g}", scaled(traits["OPTIONS"], scale)
    if tenfold and traits["TENFOLD"]:
        yield "tenfold", {**scaled(traits["OPTIONS"], 1), **traits["TENFOLD"]}


def scaled(options, scale):
    """The sizes of a benchmark at a scale; none is below 1.

    >>> scaled({"orders": (1000, "orders"), "users": (3, "users")}, 0.1)
    {'orders': 100, 'users': 1}
    """
    return {
        name: max(round(default * scale), 1) if isinstance(default, int) else default
        for name, (default, _text) in options.items()
    }


def exponents(measured):
    """How each time grows with the size: (benchmark, database, what, exponent) between the two largest sizes.

    An exponent of 1 is time in proportion to the size, 0 a time that does not depend on it. Where not all of the data
    grows alike, what grows least is taken for the size.

    >>> small = {"name": "a", "options": {"n": 10}, "results": {"db": {"x": 10.0}}}
    >>> exponents([small, {"name": "a", "options": {"n": 100, "m": 1}, "results": {"db": {"x": 100.0}}}])
    [('a', 'db', 'x', 1.0)]
    """
    by_name = {}
    for one in measured:
        by_name.setdefault(one["name"], []).append((one["options"], one["results"]))
    found = []
    for name, sizes_of_it in by_name.items():
        if len(sizes_of_it) < 2:
            continue
        (less, before), (more, after) = sizes_of_it[-2:]
        growth = min((more[key] / less[key] for key in less if more[key] > less[key]), default=1)
        if growth == 1:
            continue
        for label, times in after.items():
            for what, value in times.items():
                first = before.get(label, {}).get(what)
                if first and value:
                    exponent = math.log(value / first) / math.log(growth)
                    found.append((name, label, what, round(exponent, 2)))
    return found


def report(measured, failed):
    """The lines of the table: what was measured, how it grows, and the slowest statements."""
    lines = [f"{'benchmark':16}{'size':>8}  {'figure':76}{'value':>24}  {'limit':12}"]
    for one in measured:
        for text, value, limit, held in one["figures"]:
            mark = {True: "held", False: "MISSED", None: ""}[held]
            line = f"{one['name']:16}{one['label']:>8}  {text:76}{value:>24}  {limit:12}{mark}"
            lines.append(line.rstrip())
    limits = [figure[-1] for one in measured for figure in one["figures"] if figure[-1] is not None]
    lines += ["", f"{sum(limits)} of {len(limits)} limits are held."]
    lines += [f"FAILED: {name} at size {size}: {what}" for name, size, what in failed]
    growth = exponents(measured)
    if growth:
        lines += ["", f"{'benchmark':16}{'database':12}{'time of':76}{'exponent':>9}"]
        lines += [f"{name:16}{label:12}{what:76}{value:9.2f}" for name, label, what, value in growth]
    lines += ["", f"The machine before each of them: milliseconds to sum {NUMBERS:,} numbers"]
    for one in measured:
        times = ", ".join(f"{name} {value}" for name, value in one["pace"].items())
        lines.append(
            f"{one['name']:16}{one['label']:>8}  {times}; measured {one['at']}{one.get('older', '')}"
        )
    slow = slowest_of_all(measured)
    lines += ["", f"The {len(slow)} slowest statements, with their plans:"]
    for milliseconds, text, where in slow:
        lines += ["", f"-- {milliseconds:.0f} ms, {where}", text]
    return lines


def slowest_of_all(measured, count=SLOWEST):
    """The slowest statements of all benchmarks, each form once: milliseconds, text with plan, benchmark and size.

    >>> slowest_of_all([
    ...     {"name": "mail", "label": "1", "slow": [[7.5, "Query Text: SELECT 2\\nResult"]]},
    ...     {"name": "mail", "label": "tenfold", "slow": [[9.5, "Query Text: SELECT 10\\nResult"]]},
    ... ])
    [(9.5, 'Query Text: SELECT 10\\nResult', 'mail, size tenfold')]
    """
    rows = [
        (milliseconds, text, f"{one['name']}, size {one['label']}")
        for one in measured
        for milliseconds, text in one["slow"]
    ]
    by_form = {}
    for row in sorted(rows):
        by_form[_form(row[1])] = row
    return sorted(by_form.values(), reverse=True)[:count]


@contextlib.contextmanager
def slow_statements(cluster):
    """Have PostgreSQL write down the plans of slow statements.

    :return: an object whose ``made`` takes the spans in which data were made, which do not count, and whose
        ``found`` has the slowest when the block has ended: milliseconds, text with plan
    """
    slow = types.SimpleNamespace(made=(), found=[])
    settings, log = cluster.data / "bench.conf", cluster.data / "server.log"
    main = cluster.data / "postgresql.conf"
    if _INCLUDE not in main.read_text():
        with open(main, "a") as file:
            file.write(_INCLUDE + "\n")
    settings.write_text(
        "session_preload_libraries = 'auto_explain'\n"
        f"auto_explain.log_min_duration = {SLOW_MS}\n"
        "auto_explain.log_nested_statements = off\n"
        "log_line_prefix = '%m [%p] '\n"
        "log_timezone = 'UTC'\n"
    )
    settings.chmod(0o644)
    cluster.reload()
    start = log.stat().st_size
    try:
        yield slow
    finally:
        settings.unlink()
        cluster.reload()
        with open(log, errors="replace") as file:
            file.seek(start)
            slow.found = slowest(file.read(), slow.made)


def slowest(text, made=(), count=SLOWEST):
    """The slowest statements of a log, each form once, without those that ended while data were made.

    >>> log = "2026-11-28 09:00:00.5 UTC [7] LOG:  duration: 5.0 ms  plan:\\n\\tQuery Text: SELECT 1\\n\\tResult\\n"
    >>> log += log.replace("5.0", "7.5").replace("SELECT 1", "SELECT 2")
    >>> slowest(log + log.replace(":00.5", ":10.0").replace("7.5", "9.5"), [(0.0, 5.0), (1795856405, 1795856411)])
    [(7.5, 'Query Text: SELECT 2\\nResult')]
    """
    by_form = {}
    for at, milliseconds, plan in _PLAN.findall(text):
        ended = datetime.fromisoformat(f"{at}+00:00").timestamp()
        if any(first <= ended <= last for first, last in made):
            continue
        plan = "\n".join(line[1:] for line in plan.splitlines())
        form = _form(plan)
        if by_form.get(form, (0,))[0] < float(milliseconds):
            by_form[form] = (float(milliseconds), plan)
    return sorted(by_form.values(), reverse=True)[:count]


def _form(text):
    """A statement without its values and its plan.

    >>> _form("Query Text: SELECT 'a'\\n  FROM  t WHERE id = 5\\nSeq Scan on t  (cost=0.00..1.01 rows=1 width=4)")
    'Query Text: SELECT ? FROM t WHERE id = ?'
    """
    query = re.split(r"\n(?=[^\n]*\(cost=)", text, maxsplit=1)[0]
    return " ".join(re.sub(r"'[^']*'|\d+", "?", query).split())
