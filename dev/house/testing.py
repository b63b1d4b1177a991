"""dev/test: lint, then the tests with pytest-odoo on a database of their own."""

import ast
import os
import re
import subprocess
from datetime import date
from pathlib import Path

from . import axe, core, database, linting, serving

TEMPLATE = "template_core"
DATABASE = "test"
# Modules that the addon works with and does not need: what is tested with them, on a database that has them all.
# Test classes that cannot do without name theirs (`beside = "mrp"`) and are left out of the other runs.
BESIDE = ("mrp", "stock_dropshipping", "mass_mailing_sms")
BESIDE_TESTS = [
    "tests/customer/test_beside_mrp.py",
    "tests/customer/test_beside_dropship.py",
    "tests/customer/test_closed_orders.py",
    "tests/marketing/test_beside_sms.py",
]
BESIDE_DATABASE = f"{DATABASE}_beside"
# All screens with the demo company in them, on a database of their own: loading it inside a test would leave the tables
# without the statistics that PostgreSQL plans by. Their classes say `beside = "screens"`.
SCREENS = "screens"
SCREENS_TESTS = ["tests/test_screens.py"]
SCREENS_DATABASE = f"{DATABASE}_screens"
# pytest options whose value is the next argument
TAKES_VALUE = re.compile(
    r"-[kmpncoWr]|--(maxfail|durations|tb|deselect|ignore|rootdir|junit-xml|log-level|odoo-extra|odoo-log-level)"
)
ASSETS = """
env["ir.qweb"]._pregenerate_assets_bundles()
env.cr.commit()
"""


def test(arguments):
    """All of it without arguments; with arguments, only what pytest is told to run."""
    if arguments in (["-h"], ["--help"]):
        core.say(
            "dev/test                      set up, lint, all tests\n"
            "dev/test ARGUMENTS            set up, then pytest with these arguments, for example\n"
            "  dev/test tests/contact/test_contact_log.py -k name -x\n"
            "  dev/test --lf\n"
            "dev/test --beside [ARGUMENTS]          on a database that has further modules: "
            + ", ".join(BESIDE)
            + "\ndev/test --screens [ARGUMENTS]         all screens with the demo company; not in dev/test"
        )
        return 0
    beside = arguments[:1] == ["--beside"]
    if beside:
        arguments = arguments[1:] or BESIDE_TESTS
    screens = arguments[:1] == ["--screens"]
    if screens:
        arguments = arguments[1:] or SCREENS_TESTS
    core.say("Setting up")
    house = database.House("test", with_browser=True)
    if screens or _used(arguments, r"_axe\(\)"):
        os.environ["AXE_CORE"] = str(axe.ensure())  # what may be missing shows before the long work
    status = 0
    if not arguments:
        status = linting.check(house)
    with core.Lock("test").take("another dev/test is running"):
        ensure_database(house, _used(arguments, r"browser_js|start_tour|_judge"))
        if beside:
            return _test_beside(house, arguments)
        if screens:
            return _test_screens(house, arguments)
        core.say("Testing" if arguments else "Testing: all")
        status = _pytest(house, arguments) or status
        if not arguments:
            status = _test_beside(house, BESIDE_TESTS) or status
    if status and not arguments:
        core.say("dev/test: FAILED (see above)")
    return status


def ensure_database(house, with_bundles=True):
    """The database `test`: a copy of a kept template, with the addon as it is now."""
    wanted = {"addon": database.fingerprint(house.tree.identity), "template": _template_key(house)}
    if house.cluster.exists(DATABASE):
        note = house.cluster.note(DATABASE) or {}
        if all(note.get(key) == value for key, value in wanted.items()):
            if with_bundles and not note.get("bundles"):
                _make_bundles(house, DATABASE, wanted)
            return
    ensure_template(house)
    half = f"{DATABASE}__half_made"
    with core.step("Copying the template database"):
        house.copy(TEMPLATE, half)
    log = house.install(half, [core.ADDON], "Installing the addon", languages=None)
    _check_log(log)
    house.cluster.set_note(half, wanted)
    if with_bundles:
        _make_bundles(house, half, wanted)
    house.rename(half, DATABASE)


def _test_beside(house, arguments):
    """Run tests on a copy of the database in which other modules of Odoo are installed too."""
    wanted = {"modules": list(BESIDE), **house.cluster.note(DATABASE)}

    def fill(half):
        _check_log(
            house.install(half, BESIDE, f"Installing {', '.join(BESIDE)} beside the addon", languages=None)
        )

    _ensure_copy(house, BESIDE_DATABASE, wanted, fill)
    core.say(f"Testing beside {', '.join(BESIDE)}")
    return _pytest(house, arguments, BESIDE_DATABASE, BESIDE)


def _test_screens(house, arguments):
    """Run tests on a copy of the database in which the demo company is, as of today.

    Loading takes some minutes, so on the same day a change of the addon is an update, if it is not one of the demo
    company itself.
    """
    demo = core.short_hash(*(path.read_text() for path in sorted(core.ROOT.glob("demo/*.py"))))
    wanted = {"demo": [str(date.today()), demo], **house.cluster.note(DATABASE)}
    there = house.cluster.exists(SCREENS_DATABASE) and house.cluster.note(SCREENS_DATABASE)
    if there and there != wanted and all(there.get(key) == wanted[key] for key in ("demo", "template")):
        house.update(SCREENS_DATABASE, [core.ADDON], "Updating the addon in the demo company")
        _make_bundles(house, SCREENS_DATABASE, wanted)
        house.cluster.set_note(SCREENS_DATABASE, wanted)

    def fill(half):
        house.shell(half, serving.DEMO, "Loading the demo company", log=f"demo-{half}")

    _ensure_copy(house, SCREENS_DATABASE, wanted, fill)
    core.say("Testing all screens")
    return _pytest(house, arguments, SCREENS_DATABASE, (SCREENS,))


def _ensure_copy(house, name, wanted, fill):
    """A copy of the database `test` to which ``fill`` has done what the note ``wanted`` says."""
    if house.cluster.exists(name) and house.cluster.note(name) == wanted:
        return
    half = f"{name}__half_made"
    with core.step("Copying the database"):
        house.copy(DATABASE, half)
    fill(half)
    house.cluster.set_note(half, wanted)
    house.rename(half, name)


def _make_bundles(house, name, note):
    """Without them, each browser test would make them again, as a test keeps nothing."""
    house.shell(name, ASSETS, "Making the browser's bundles", log="assets")
    house.cluster.set_note(name, {**note, "bundles": True})


def _used(arguments, words):
    """Whether the tests that the arguments name use what the pattern finds; without a name, all may run."""
    paths, named = _map_paths(arguments)
    files = [Path(path.partition("::")[0]) for path in paths if path.startswith(str(core.LINK))]
    if not named or not all(path.is_file() for path in files):
        return True
    return any(re.search(words, path.read_text()) for path in files)


def _template_key(house):
    return core.short_hash(house.tree.identity, *database.modules(), database.LANGUAGES)


def ensure_template(house):
    """A database with the core modules, kept for the next time."""
    key = _template_key(house)
    if house.cluster.exists(TEMPLATE) and house.cluster.note(TEMPLATE) == {"key": key}:
        return
    half = f"{TEMPLATE}__half_made"
    house.drop(half)
    house.install(half, database.modules(), "Making the template database with Odoo's own modules")
    house.cluster.set_note(half, {"key": key})
    house.rename(half, TEMPLATE)


def _check_log(log):
    """An addon that installs with an error or a warning is not done."""
    text = Path(log).read_text(errors="replace")
    bad = [line for line in text.splitlines() if re.match(r"\S+ \S+ \d+ (ERROR|CRITICAL|WARNING) ", line)]
    if bad:
        raise core.Failure(
            f"the addon installs with complaints (whole log: {log}):\n"
            + "\n".join("    | " + line for line in bad[:20]),
            "Mend what they say, then run again.",
        )


def _pytest(house, arguments, name=DATABASE, beside=()):
    tests = core.LINK / "tests"
    mapped, has_path = _map_paths(arguments)
    command = [
        house.python,
        "-m",
        "pytest",
        "-p",
        "house.pytest_plugin",
        "--odoo-http",
        f"--odoo-config={house.config}",
        f"--odoo-database={name}",
        f"--rootdir={core.LINK}",
        f"--config-file={core.LINK}/pyproject.toml",
        *mapped,
        *([] if has_path else [tests]),
    ]
    if not list(core.ROOT.glob("tests/**/test_*.py")):
        raise core.Failure("there are no tests in tests/", "Write some: a run without tests proves nothing.")
    process = subprocess.Popen(
        list(map(str, command)),
        # the browser's sockets are closed at the end, in the middle of pytest's summary
        env=core.clean_env(
            PYTHONPATH=str(core.ROOT / "dev"),
            PYTHONWARNINGS="ignore::ResourceWarning",
            TESTED_BESIDE=",".join(beside),
        ),
        cwd=core.LINK,
        preexec_fn=core.die_with_parent,  # noqa: PLW1509 -- one thread only
    )
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue  # pytest got it too, and ends with its summary


def _map_paths(arguments):
    """Paths inside the checkout become paths through the link that gives the addon its name."""
    mapped, has_path, previous = [], False, ""
    for argument in arguments:
        path, colons, rest = argument.partition("::")
        if argument.startswith("-") or TAKES_VALUE.fullmatch(previous):
            mapped.append(argument)
        else:
            for base in (Path.cwd(), core.ROOT):
                place = Path(os.path.normpath(base / path))
                if place.exists() and place.resolve().is_relative_to(core.ROOT):
                    inside = place.resolve().relative_to(core.ROOT)
                    mapped.append(f"{core.LINK / inside}{colons}{rest}")
                    has_path = True
                    break
            else:
                if "/" in path or path.endswith(".py"):
                    raise core.Failure(
                        f"there is no {path}", "Name a path as seen from the root of the checkout."
                    )
                mapped.append(argument)
        previous = argument
    return mapped, has_path


def unlisted_tests():
    """Test modules that Odoo's own runner would not find, as tests/__init__.py does not import them."""
    folder = core.ROOT / "tests"
    modules = {path.relative_to(folder).with_suffix("") for path in folder.glob("**/test_*.py")}
    imported = set()
    init = folder / "__init__.py"
    if init.is_file():
        for node in ast.walk(ast.parse(init.read_text())):
            if isinstance(node, ast.ImportFrom):
                room = Path(*(node.module or "").split(".")) if node.module else Path()
                imported |= {room / alias.name for alias in node.names}
    return sorted(map(str, modules - imported))
