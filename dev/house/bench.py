"""dev/bench: the frame of the benchmarks in dev/benches/, each a file with a function `measure`."""

import argparse
import ast
import re

from . import core, database

FOLDER = core.ROOT / "dev" / "benches"
SCRIPT = """
from house import bench_runner
bench_runner.main({path!r}, {databases!r}, {arguments!r})
"""


def benches():
    """Name and first line of the description of every benchmark."""
    found = {}
    for path in sorted(FOLDER.glob("[!_]*.py")):
        doc = ast.get_docstring(ast.parse(path.read_text())) or ""
        found[path.stem] = doc.split("\n")[0]
    return found


def bench(arguments):
    parser = argparse.ArgumentParser(
        prog="dev/bench", description="Measure the addon side by side with a plain Odoo, in one run."
    )
    parser.add_argument("name", nargs="?", help="benchmark to run")
    parser.add_argument("--list", action="store_true", help="list the benchmarks")
    parser.add_argument("--keep", action="store_true", help="keep the databases of the benchmark")
    options, rest = parser.parse_known_args(arguments)
    known = benches()
    if options.list or not options.name:
        for name, text in known.items():
            core.say(f"{name:12} {text}")
        if not known:
            core.say("There are no benchmarks yet.")
        return 0
    if options.name not in known:
        raise core.Failure(
            f"there is no benchmark `{options.name}`",
            f"Choose one of: {', '.join(known) or '(none yet)'}; dev/bench --list describes them.",
        )
    core.say("Setting up")
    return _run(options.name, rest, options.keep)


def _run(name, arguments, keep):
    """Run a benchmark on databases of its own, in the cluster that keeps its data like a real one."""
    house = database.House("run")
    path = FOLDER / f"{name}.py"
    plain, extended = f"bench_{name}_plain", f"bench_{name}_addon"
    with core.Lock("bench").take("another dev/bench is running"):
        house.drop(plain)
        house.drop(extended)
        try:
            house.install(plain, database.modules(), f"Making the database `{plain}`")
            house.copy(plain, extended)
            house.install(extended, [core.ADDON], f"Installing the addon in `{extended}`", languages=None)
            log = _measure(house, {"without": plain, "with": extended}, path, arguments)
            results = {label: {} for label in ("without", "with")}
            for label, what, value in re.findall(r"^MEASURED (\w+) (.+): ([\d.]+)$", log.read_text(), re.M):
                results[label][what] = value
            _report(results)
        finally:
            if not keep:
                house.drop(plain)
                house.drop(extended)
    return 0


def _measure(house, databases, path, arguments):
    with core.step("Measuring with and without the addon, in turn") as step:
        return core.run(
            house.odoo(
                "shell", "-c", house.config, "-d", databases["with"], "--no-http", "--log-level=error"
            ),
            log=f"bench-{path.stem}",
            what="measuring failed",
            stdin=SCRIPT.format(path=str(path), databases=databases, arguments=arguments),
            env=core.clean_env(PYTHONPATH=str(core.ROOT / "dev")),
            step=step,
        )


def _report(results):
    core.say(f"\n{'median, ms':44}{'without':>10}{'with':>10}{'ratio':>8}")
    for name in results["with"]:
        new = float(results["with"][name])
        old = results["without"].get(name)
        columns = f"{float(old):10.2f}{new:10.2f}{new / float(old):8.2f}" if old else f"{'':10}{new:10.2f}"
        core.say(f"{name:44}{columns}")
