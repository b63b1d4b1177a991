"""dev/bench: the frame of the benchmarks in dev/benches/, each a file with a function `measure`."""

import argparse
import ast
import json
import re
from datetime import date

from . import bench_all, core, database

FOLDER = core.ROOT / "dev" / "benches"
HISTORY = """
import sys
sys.path.insert(0, {dev!r})
from benches import _sales_history
_sales_history.make(env, {customers}, {invoices})
"""
SCRIPT = """
from house import bench_runner
bench_runner.main({path!r}, {databases!r}, {options!r})
"""
HELP = ("-h", "--help")
ALL = "all"


def benches():
    """Name and first line of the description of every benchmark."""
    return {path.stem: _literals(path)["doc"].split("\n")[0] for path in sorted(FOLDER.glob("[!_]*.py"))}


def _literals(path):
    """What a benchmark says about itself, read without running it, as it needs Odoo."""
    tree = ast.parse(path.read_text())
    found = {
        "doc": ast.get_docstring(tree) or "",
        "DATABASES": ("without", "with"),
        "OPTIONS": {},
        "TENFOLD": {},
        "ADDON": True,
        "HISTORY": (),
    }
    for node in tree.body:
        name = getattr(node.targets[0], "id", None) if isinstance(node, ast.Assign) else None
        if name in found:
            found[name] = ast.literal_eval(node.value)
    return found


def bench(arguments):
    parser = argparse.ArgumentParser(
        prog="dev/bench",
        description="Measure the addon side by side with a plain Odoo, or with the limits set for it, in one run.",
        add_help=False,
    )
    parser.add_argument("name", nargs="?", help=f"benchmark to run, or `{ALL}`: each, in one table")
    parser.add_argument("--list", action="store_true", help="list the benchmarks")
    parser.add_argument(
        "--keep",
        action="store_true",
        help="keep the databases of the benchmark, and measure on those kept by an earlier run",
    )
    parser.add_argument(
        "--scales",
        type=float,
        nargs="+",
        default=[1.0],
        help=f"of `{ALL}`: factors of all sizes; with two or more, how the times grow is shown (0.1 1)",
    )
    parser.add_argument(
        "--tenfold",
        action="store_true",
        help=f"of `{ALL}`: also on up to 1 million contacts, 10 million invoice lines, 5 million contacts of the log",
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        help=f"of `{ALL}`: what an earlier run measured, with the addon and the benchmarks as they are, stands",
    )
    parser.add_argument(
        "--report",
        action="store_true",
        help=f"of `{ALL}`: run nothing, write the table of what was measured last, and what of it with other code",
    )
    parser.add_argument("--only", nargs="+", metavar="NAME", help=f"of `{ALL}`: these benchmarks alone")
    known = benches()
    chosen, _rest = parser.parse_known_args([argument for argument in arguments if argument not in HELP])
    if chosen.name == ALL:
        options = parser.parse_args(arguments)
        unknown = set(options.only or ()) - set(known)
        if unknown:
            raise core.Failure(f"there is no benchmark `{min(unknown)}`", f"Choose among {', '.join(known)}.")
        core.say("Setting up")
        house = database.House("run")
        try:
            return bench_all.run_all(
                house,
                options.only or known,
                lambda name: _literals(FOLDER / f"{name}.py"),
                options.scales,
                lambda name, sizes: _run(
                    name, _literals(FOLDER / f"{name}.py")["DATABASES"], sizes, options.keep, shared=True
                ),
                options.tenfold,
                lambda name: _state(house, FOLDER / f"{name}.py"),
                options.resume or options.report,
                not options.report,
            )
        finally:
            if not options.report:
                _drop_histories(house)
    if chosen.name and chosen.name not in known:
        raise core.Failure(
            f"there is no benchmark `{chosen.name}`",
            f"Choose one of: {', '.join(known) or '(none yet)'}; dev/bench --list describes them.",
        )
    traits = _literals(FOLDER / f"{chosen.name}.py") if chosen.name else {"OPTIONS": {}}
    for name, (default, text) in traits["OPTIONS"].items():
        parser.add_argument(
            f"--{name}", type=type(default), default=default, help=f"{text} (else {default:,})"
        )
    parser.add_argument(*HELP, action="help", help="show this text")
    options = parser.parse_args(arguments)
    if options.list or not options.name:
        for name, text in known.items():
            core.say(f"{name:12} {text}")
        if not known:
            core.say("There are no benchmarks yet.")
        return 0
    core.say("Setting up")
    values = {name: getattr(options, name) for name in traits["OPTIONS"]}
    _results, figures, _made = _run(options.name, traits["DATABASES"], values, options.keep)
    return int(any(figure[-1] is False for figure in figures))


def _run(name, labels, options, keep, shared=False):
    """Run a benchmark on databases of its own, in the cluster that keeps its data like a real one.

    :param bool shared: whether databases with the same history of sales are copies of one
    :return: medians by database, the figures derived from them, and when data were made (:func:`_get_made`)
    """
    house = database.House("run")
    path = FOLDER / f"{name}.py"
    databases = {label: f"bench_{name}_{label}" for label in labels}
    addon = _literals(path)["ADDON"]
    with core.Lock("bench").take("another dev/bench is running"):
        note = {"benchmark": _fingerprint(path, options), "addon": database.fingerprint("")}
        try:
            if addon:
                histories = _literals(path)["HISTORY"] if shared else ()
                sizes = (options.get("customers"), options.get("invoices"))
                _make(house, databases, note, keep, dict.fromkeys(histories, sizes))
            else:
                _make_plain(house, databases)
            log = _measure(house, databases, path, options).read_text()
            for database_name in databases.values():
                house.cluster.set_note(database_name, note)
            return *_report(labels, log), _get_made(log)
        finally:
            if not keep:
                for database_name in databases.values():
                    house.drop(database_name)


def _state(house, *files):
    """Changes with the addon, Odoo, and the benchmark's files with those that all share."""
    texts = [file.read_text() for file in sorted({*files, *FOLDER.glob("_*.py")})]
    return core.short_hash(database.fingerprint(house.tree.identity), *texts)


def _fingerprint(path, options):
    """Changes with what lies in a kept database."""
    texts = [file.read_text() for file in sorted({path, *FOLDER.glob("_*.py")})]
    return core.short_hash(*texts, *options.items(), f"{date.today():%Y-%m}")


def _make(house, databases, note, keep, histories):
    """The databases, copies of kept templates; with `keep` those of an earlier run if they fit.

    :param dict histories: number of customers and of invoices of those that begin with a history of sales, by label
    """
    notes = {name: house.cluster.note(name) or {} for name in databases.values()}
    if keep and all(kept.get("benchmark") == note["benchmark"] for kept in notes.values()):
        for name, kept in notes.items():
            if kept["addon"] != note["addon"] and name != databases.get("without"):
                house.update(name, [core.ADDON], f"Bringing `{name}` up to date")
        return
    for name in databases.values():
        house.drop(name)
    plain = databases.get("without")
    for label, name in databases.items():
        if label in histories:
            house.copy(_ensure_history(house, *histories[label]), name)
        else:
            house.copy(_ensure_template(house, with_addon=name != plain), name)


def _ensure_history(house, customers, invoices):
    """Name of a database with the addon and that many customers and invoices."""
    name = f"bench_history_{customers}_{invoices}"
    key = [_state(house), f"{date.today():%Y-%m}"]
    if house.cluster.note(name) == {"key": key}:
        return name
    half = f"{name}__half_made"
    house.copy(_ensure_template(house, with_addon=True), half)
    script = HISTORY.format(dev=str(core.ROOT / "dev"), customers=customers, invoices=invoices)
    house.shell(half, script, f"Making {customers:,} customers with {invoices:,} invoices", log=name)
    house.cluster.set_note(half, {"key": key})
    house.rename(half, name)
    return name


def _drop_histories(house):
    for name in house.cluster.databases():
        if name.startswith("bench_history_"):
            house.drop(name)


def _ensure_template(house, *, with_addon):
    """Name of a kept database without contents, with the addon as it is now or without it."""
    core_key = core.short_hash(house.tree.identity, *database.modules(), database.LANGUAGES)
    name, key = ("bench_template", core_key)
    if with_addon:
        name, key = ("bench_template_addon", [core_key, database.fingerprint(house.tree.identity)])
    if house.cluster.note(name) == {"key": key}:
        return name
    half = f"{name}__half_made"
    house.drop(half)
    if with_addon:
        house.copy(_ensure_template(house, with_addon=False), half)
        house.install(half, [core.ADDON], "Installing the addon", languages=None)
    else:
        house.install(half, database.modules(), "Making a database with Odoo's own modules")
    house.cluster.set_note(half, {"key": key})
    house.rename(half, name)
    return name


def _make_plain(house, databases):
    """Databases without the addon, always new, as the benchmark may install it."""
    for name in databases.values():
        house.copy(_ensure_template(house, with_addon=False), name)


def _measure(house, databases, path, options):
    with core.step(
        f"Measuring {' and '.join(databases)}" + (", in turn" if len(databases) > 1 else "")
    ) as step:
        return core.run(
            house.odoo(
                "shell",
                "-c",
                house.config,
                "--no-http",
                "--log-level=error",
            ),
            log=f"bench-{path.stem}",
            what="measuring failed",
            stdin=SCRIPT.format(path=str(path), databases=databases, options=options),
            env=core.clean_env(PYTHONPATH=str(core.ROOT / "dev")),
            step=step,
            hint=_hint,
        )


def _get_made(log):
    """Spans in which data were made: pairs of seconds since 1970; the first is all before the measuring.

    >>> _get_made("MAKING 3.0 7.5\\nfilling a ...\\nBEGUN 8.000\\nMAKING 9.250 9.500\\n")
    [(0.0, 8.0), (9.25, 9.5)]
    """
    begun = float(re.search(r"^BEGUN ([\d.]+)$", log, re.M)[1])
    spans = [tuple(map(float, span)) for span in re.findall(r"^MAKING ([\d.]+) ([\d.]+)$", log, re.M)]
    return [(0.0, begun), *(span for span in spans if span[1] > begun)]


def _hint(text):
    """What a benchmark says it is doing, in a line that ends with three dots."""
    found = re.findall(r"^(.+) \.\.\.$", text, re.M)
    return found[-1] if found else ""


def _report(labels, log):
    """A table of medians, then one of the figures that the benchmark derives from them, with their limits."""
    results = {label: {} for label in labels}
    for label, what, value in re.findall(r"^MEASURED (\w+) (.+): ([\d.]+)$", log, re.M):
        results[label][what] = float(value)
    names = list(dict.fromkeys(what for measured in results.values() for what in measured))
    ratio = {"without", "with"} == set(labels)
    core.say(f"\n{'median, ms':44}" + "".join(f"{label:>10}" for label in labels) + f"{'ratio':>8}" * ratio)
    for name in names:
        values = [results[label].get(name) for label in labels]
        line = f"{name:44}" + "".join(f"{'':10}" if value is None else f"{value:10.2f}" for value in values)
        if ratio and None not in values:
            line += f"{results['with'][name] / results['without'][name]:8.2f}"
        core.say(line)
    figures = [json.loads(text) for text in re.findall(r"^FIGURE (.+)$", log, re.M)]
    if not figures:
        return results, figures
    core.say(f"\n{'figure':64}{'value':>10}  {'limit':10}")
    for text, value, limit, held in figures:
        mark = {True: "held", False: "MISSED", None: ""}[held]
        core.say(f"{text:64}{value:>10}  {limit:10}{mark}".rstrip())
    missed = sum(held is False for _text, _value, _limit, held in figures)
    limits = sum(held is not None for _text, _value, _limit, held in figures)
    core.say(f"\n{limits - missed} of {limits} limits are held." if limits else "")
    return results, figures
