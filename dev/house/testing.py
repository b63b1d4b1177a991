"""dev/test: lint, then the tests with pytest-odoo on a database of their own."""

import ast
import concurrent.futures
import contextlib
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from datetime import date
from pathlib import Path

from . import axe, cluster, core, database, life, oca, replica, serving

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
# Processes among which the classes of a whole run are shared out, each with a database of its own.
WORKERS = min(os.cpu_count() or 1, 4)
# Minutes that all tests may take on two processors or more.
LIMIT = 30
RANDOM_ORDER = ["--random-order-bucket=class"]
# All screens with the demo company in them. Their classes say `beside = "screens"`.
SCREENS = "screens"
SCREENS_TESTS = ["tests/test_screens.py", "tests/test_screens_keyboard.py"]
# The same before there is anything to show, without the demo company. The class says `beside = "empty"`. It has a
# database of its own: what runs at the same time copies `test`, which takes everybody out of it.
EMPTY = "empty"
EMPTY_TESTS = ["tests/test_screens_empty.py"]
EMPTY_DATABASE = f"{DATABASE}_empty"
# Each guide clicked through, in both languages, as the person it is for; the same kind of database.
GUIDES_TESTS = ["tests/test_guides_clicked.py"]
# Reports and screens on a streaming replica, with the demo company. The class says `beside = "replica"`.
REPLICA = "replica"
REPLICA_TESTS = ["tests/test_replica.py"]
# What happens to a database that has the addon: upgrades, and its end; see life.py. Classes say `beside = "upgrade"`.
UPGRADE = "upgrade"
LIFE_TESTS = ["tests/life/test_upgrade.py"]
# What happens to contacts, users and companies, on the demo company's data.
DEMO = "demo"
DEMO_TESTS = ["tests/life/test_changes.py"]
# The demo company on a database of its own: loading it inside a test would leave the tables without the statistics
# that PostgreSQL plans by.
DEMO_DATABASE = f"{DATABASE}_demo"
# Another one, for what runs at the same time.
DEMO_COPY = f"{DATABASE}_demo_copy"
# Beside addons of the Odoo Community Association, installed before the addon and after it.
OCA = "oca"
OCA_TESTS = ["tests/life/test_beside_oca.py"]
OCA_DATABASES = ("test_oca_first", "test_oca_last")
# pytest options whose value is the next argument
TAKES_VALUE = re.compile(
    r"-[kmpncoWr]|--(maxfail|durations|tb|deselect|ignore|rootdir|junit-xml|log-level|odoo-extra|odoo-log-level)"
)
ASSETS = """
env["ir.qweb"]._pregenerate_assets_bundles()
env.cr.commit()
"""


# Ready made ones save a long run seconds for each class.
COMPANIES = """
from odoo.addons.partner_relations.tests import companies
companies.keep(env(context={}))
env.cr.commit()
"""


def test(arguments):
    """All tests of the addon without arguments, with ``--all`` the modes, too; else what pytest is told to run."""
    if arguments in (["-h"], ["--help"]):
        lines = [f"dev/test {mode + ' [ARGUMENTS]':24}{text}" for mode, (text, _tests, _run) in MODES.items()]
        core.say(
            "dev/test                      set up, lint, all tests of the addon\n"
            "dev/test --all                the same, then the modes below: everything that has to be green\n"
            "dev/test ARGUMENTS            set up, then pytest with these arguments, for example\n"
            "  dev/test tests/contact/test_contact_log.py -k name -x\n"
            "  dev/test --lf\n" + "\n".join(lines)
        )
        return 0
    everything = arguments == ["--all"]
    if everything:
        arguments = []
    _text, tests, run = MODES.get(arguments[0] if arguments else "", ("", [], None))
    if run:
        arguments = arguments[1:] or tests
    core.say("Setting up")
    began = time.monotonic()
    house = database.House("test", with_browser=True)
    without_own_database = run in (None, _test_shared, _test_shuffled)
    if run in (_test_screens, _test_guides) or (without_own_database and _used(arguments, r"_axe\(\)")):
        os.environ["AXE_CORE"] = str(axe.ensure())  # what may be missing shows before the long work
    status = 0
    if PART in os.environ:
        core.die_with_parent()
    with (
        contextlib.nullcontext()
        if PART in os.environ
        else core.Lock("test").take("another dev/test is running")
    ):
        # the database takes one processor for minutes
        with contextlib.nullcontext() if arguments or run else _linted() as lint:
            ensure_database(house, _used(arguments, r"browser_js|start_tour|_judge"))
        if run:
            return run(house, arguments)
        if lint:
            status = lint.returncode
        if arguments:
            core.say("Testing")
            status = _pytest(house, arguments)
        else:
            status = _test_all(house, status, began, is_judged=not everything)
        if everything:
            status = _run_lanes() or status
    if status and not arguments:
        core.say("dev/test: FAILED (see above)")
    return status


def _test_all(house, status, began, is_judged):
    """Run all tests, those that take long first, in an order that the day decides; ``status`` is that of lint.

    That it takes no longer than the limit is told, and judged in a run of its own: in one that goes on with all modes,
    what they find counts for more than a slow machine.
    """
    seed = date.today().strftime("%Y%m%d")
    core.say(f"Testing: all, in the order of the seed {seed}")
    status = _pytest_shared(house, [*RANDOM_ORDER, f"--random-order-seed={seed}"], SLOW_FIRST="1") or status
    minutes = (time.monotonic() - began) / 60
    core.say(
        f"All tests, with set-up and lint: {minutes:.1f} minutes on {WORKERS} processors (limit {LIMIT})"
    )
    return status or int(is_judged and WORKERS > 1 and minutes > LIMIT)


@contextlib.contextmanager
def _linted():
    """Lint in a process beside the block, and show at its end what was found."""
    with tempfile.TemporaryFile("w+") as output:
        lint = subprocess.Popen(
            [sys.executable, core.ROOT / "dev" / "lint"],
            stdout=output,
            stderr=subprocess.STDOUT,
            preexec_fn=core.die_with_parent,  # noqa: PLW1509 -- one thread only
        )
        try:
            yield lint
            lint.wait()
        finally:
            lint.kill()
            output.seek(0)
            core.say(output.read().rstrip())


def ensure_database(house, with_bundles=True):
    """The database `test`: a copy of a kept template, with the addon as it is now."""
    lock = core.Lock("database").take("the database is being made")
    try:
        _make_database(house, with_bundles)
    finally:
        lock.release()


def _make_database(house, with_bundles):
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
    database.check_log(log)
    house.cluster.set_note(half, wanted)
    if with_bundles:
        _make_bundles(house, half, wanted)
    house.rename(half, DATABASE)


def _run_lanes():
    """Run the other modes, as many lanes at a time as there are processors, and show what each printed at its end."""
    stopped, day = threading.Event(), str(date.today())

    def run(lane):
        status = 0
        for mode in lane:
            if stopped.is_set():
                return 1
            began = time.monotonic()
            command = [sys.executable, core.ROOT / "dev" / "test", mode]
            done = subprocess.run(
                list(map(str, command)),
                stdout=-1,
                stderr=subprocess.STDOUT,
                text=True,
                env={**os.environ, PART: mode, DAY: day},
                check=False,
            )
            status = done.returncode or status
            verdict = f"FAILED ({done.returncode})" if done.returncode else "passed"
            core.say(f"\n== dev/test {mode}: {verdict} in {time.monotonic() - began:.0f} s\n{done.stdout}")
        return status

    core.say("Testing the other modes")
    with concurrent.futures.ThreadPoolExecutor(min(WORKERS, len(LANES))) as pool:
        try:
            return int(any([*pool.map(run, LANES)]))
        except BaseException:
            stopped.set()
            raise


def _test_shuffled(house, arguments):
    """Run all tests with their classes, and the tests of each, in an order that the seed decides.

    The arguments are a seed, and how many times: again on the same databases, with the seeds that follow.
    """
    numbers = [int(argument) for argument in arguments if argument.isdigit()]
    seed = numbers[0] if numbers else random.randrange(10_000)
    status = 0
    with _workers(house) as names:
        for number in range(seed, seed + (numbers[1] if len(numbers) > 1 else 1)):
            core.say(f"Testing all, in the order of the seed {number}")
            order = [*RANDOM_ORDER, f"--random-order-seed={number}"]
            status = _pytest_shared(house, order, names) or status
    return status


def _test_shared(house, arguments):
    return _pytest_shared(house, arguments, SLOW_FIRST="1")


def _pytest_shared(house, arguments, names=None, **settings):
    """Run tests shared out among processes that work at the same time, each on a database of these names."""
    if WORKERS == 1:
        return _pytest(house, arguments, **settings)
    with contextlib.nullcontext(names) if names else _workers(house) as names:
        shared = ["-n", str(WORKERS), "--dist", "loadscope", "--no-loadscope-reorder", *arguments]
        return _pytest(house, shared, TEST_DATABASES=",".join(names), **settings)


@contextlib.contextmanager
def _workers(house):
    """Names of a database for each process, with companies ready; they go at the end."""
    names = [f"{DATABASE}_{number + 1}" for number in range(WORKERS)]
    try:
        with core.step("Copying the database"):
            house.copy(DATABASE, names[0])
        house.shell(names[0], COMPANIES, "Making companies for the tests", log="companies")
        with core.step("Copying it"):
            for name in names[1:]:
                house.copy(names[0], name)
        yield names
    finally:
        for name in names:
            house.drop(name)


def _test_beside(house, arguments):
    """Run tests on a copy of the database in which other modules of Odoo are installed too."""
    wanted = {"modules": list(BESIDE), **house.cluster.note(DATABASE)}

    def fill(half):
        database.check_log(
            house.install(half, BESIDE, f"Installing {', '.join(BESIDE)} beside the addon", languages=None)
        )

    _ensure_copy(house, BESIDE_DATABASE, wanted, fill)
    core.say(f"Testing beside {', '.join(BESIDE)}")
    return _pytest(house, arguments, BESIDE_DATABASE, BESIDE)


def _test_life(house, arguments):
    """Run the tests of upgraded and uninstalled databases."""
    ensure_template(house)
    life.ensure(house, _template_key(house), database.fingerprint(house.tree.identity))
    core.say("Testing what was upgraded, and what is left after uninstallation")
    status = _pytest(house, arguments, life.UPGRADED, (UPGRADE,))
    status = life.check(house, DATABASE) or status
    return life.check_killed(house, TEMPLATE, DATABASE) or status


def _test_screens(house, arguments):
    _ensure_demo(house)
    core.say("Testing all screens")
    status = _pytest(house, arguments, DEMO_DATABASE, (SCREENS,))
    if arguments == SCREENS_TESTS:
        status = _test_empty_screens(house) or status
    return status


def _test_empty_screens(house):
    try:
        with core.step("Copying the database"):
            house.copy(DATABASE, EMPTY_DATABASE)
        core.say("Testing empty screens")
        return _pytest(house, EMPTY_TESTS, EMPTY_DATABASE, (EMPTY,))
    finally:
        house.drop(EMPTY_DATABASE)


def _test_guides(house, arguments):
    _ensure_demo(house)
    core.say("Testing the guides")
    return _pytest(house, arguments, DEMO_COPY, (SCREENS,))


def _test_replica(house, arguments):
    """Run tests beside a server whose read-only requests go to a replica."""
    _ensure_demo(house)
    with replica.Replica(house.cluster).running() as standby:
        core.say("Testing on a replica")
        return _pytest(
            house,
            arguments,
            DEMO_DATABASE,
            (REPLICA,),
            REPLICA_PORT=str(standby.port),
            REPLICA_HTTP_PORT=str(cluster.free_port("replica-http")),
        )


def _test_changes(house, arguments):
    """Run tests on a database with the demo company."""
    _ensure_demo(house)
    core.say("Testing on the demo company")
    status = _pytest(house, arguments, DEMO_DATABASE, (DEMO,))
    return life.test_demo_uninstalled(house, DEMO_DATABASE, TEMPLATE) or status


def _test_upgrades(house, _arguments):
    """Upgrade through all versions that landed."""
    ensure_template(house)
    return life.test_steps(house, _template_key(house), DATABASE)


def _test_faults(house, arguments):
    """The arguments are names of scheduled jobs (ir_cron_classify); without, all of the addon."""
    _ensure_demo(house)
    core.say("Killing scheduled jobs")
    return life.test_faults(house, DEMO_DATABASE, [name for name in arguments if "ir_cron" in name])


def _ensure_demo(house):
    """Two copies of the database in which the demo company is, as of today.

    Loading takes some minutes, so on the same day a change of the addon is an update, if it is not one of the demo
    company itself. The day is that on which a whole run began: made anew at midnight, they would be taken away from
    the other lane.
    """
    lock = core.Lock("demo").take("the demo company is being loaded")
    try:
        _load_demo(house)
        note = house.cluster.note(DEMO_DATABASE)
        if house.cluster.note(DEMO_COPY) != note:
            with core.step("Copying the demo company"):
                house.copy(DEMO_DATABASE, DEMO_COPY)
            house.cluster.set_note(DEMO_COPY, note)
    finally:
        lock.release()


def _load_demo(house):
    demo = core.short_hash(*(path.read_text() for path in sorted(core.ROOT.glob("demo/*.py"))))
    wanted = {"demo": [os.environ.get(DAY) or str(date.today()), demo], **house.cluster.note(DATABASE)}
    there = house.cluster.exists(DEMO_DATABASE) and house.cluster.note(DEMO_DATABASE)
    if there and there != wanted and all(there.get(key) == wanted[key] for key in ("demo", "template")):
        # else Odoo keeps the translations that there were
        what = "Updating the addon in the demo company"
        house.update(DEMO_DATABASE, [core.ADDON], what, "--i18n-overwrite")
        _make_bundles(house, DEMO_DATABASE, wanted)
        house.cluster.set_note(DEMO_DATABASE, wanted)

    def fill(half):
        house.shell(half, serving.DEMO, "Loading the demo company", log=f"demo-{half}")

    _ensure_copy(house, DEMO_DATABASE, wanted, fill)


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


def _test_oca(house, arguments):
    """Run tests on a database that had the community's addons before this one, and on one that got them later."""
    folder = oca.ensure(house)
    house = life.with_addons(house, "oca", [*house.tree.addons, folder, core.LINK.parent])
    ensure_template(house)
    wanted = {
        "oca": core.short_hash(core.sha256(oca.LOCK_FILE), oca.BIRTHDAYS),
        **house.cluster.note(DATABASE),
    }
    status = 0
    for name in OCA_DATABASES:
        if not house.cluster.exists(name) or house.cluster.note(name) != wanted:
            _make_oca(house, name, wanted)
        core.say(f"Testing on {name}")
        came = "first" if name == OCA_DATABASES[0] else "last"
        status = _pytest(house, arguments, name, (OCA,), OCA_CAME=came) or status
    return status


def _make_oca(house, name, wanted):
    half = f"{name}__half_made"
    first, _last = OCA_DATABASES
    with core.step("Copying the database"):
        house.copy(TEMPLATE if name == first else DATABASE, half)
    log = house.install(half, oca.MODULES, f"Installing {', '.join(oca.MODULES)}", languages=None)
    if name == first:
        house.shell(half, oca.BIRTHDAYS, "Entering birthdays", log="oca-birthdays")
        log = house.install(half, [core.ADDON], "Installing the addon beside them", languages=None)
    # both call a field by the plain word for it: "Stage", "Age", "Reason"
    database.check_log(log, but="have the same label")
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


def _pytest(house, arguments, name=DATABASE, beside=(), **settings):
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
    # browsers leave theirs behind when they are killed
    temporary = tempfile.mkdtemp(prefix="relations_")
    os.chmod(temporary, 0o755)  # the mail server of the tests works as nobody
    try:
        process = subprocess.Popen(
            list(map(str, command)),
            # the browser's sockets are closed at the end, in the middle of pytest's summary
            env=core.clean_env(
                PYTHONPATH=str(core.ROOT / "dev"),
                PYTHONWARNINGS="ignore::ResourceWarning",
                TESTED_BESIDE=",".join(beside),
                TMPDIR=temporary,
                **settings,
            ),
            cwd=core.LINK,
            preexec_fn=core.die_with_parent,  # noqa: PLW1509 -- one thread only
        )
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue  # pytest got it too, and ends with its summary
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


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


# Set in a run that is a part of the whole one, which holds the lock.
PART = "DEV_TEST_PART"
# The day on which the whole run began.
DAY = "DEV_TEST_DAY"
# The modes of the whole run: those of a lane follow one another, and share what they make.
LANES = (
    ("--beside", "--life", "--oca", "--guides"),
    ("--screens", "--replica", "--changes", "--faults"),
)
# What is run apart from the whole, or as a part of it: what it is, the tests without further arguments, how it runs.
MODES = {
    "--beside": (f"on a database that has further modules: {', '.join(BESIDE)}", BESIDE_TESTS, _test_beside),
    "--life": (
        "upgrade from the first version, uninstallation, killed installations",
        LIFE_TESTS,
        _test_life,
    ),
    "--upgrades": ("upgrade through each version that landed, from git's history", [], _test_upgrades),
    "--changes": ("contacts merged, users and companies gone, addon uninstalled", DEMO_TESTS, _test_changes),
    "--faults": ("scheduled jobs, mail servers and users while something breaks", DEMO_TESTS, _test_faults),
    "--oca": (f"beside community addons: {', '.join(oca.MODULES)}", OCA_TESTS, _test_oca),
    "--replica": ("reports on a streaming replica", REPLICA_TESTS, _test_replica),
    "--guides": ("each guide clicked through in both languages", GUIDES_TESTS, _test_guides),
    "--shared": (
        "as in the whole run: shared out among processes, with companies kept ready",
        [],
        _test_shared,
    ),
    "--shuffled": (
        "all tests in random order; SEED repeats one, SEED TIMES goes on with more on the same databases",
        [],
        _test_shuffled,
    ),
    "--screens": ("accessibility of all screens, and phones", SCREENS_TESTS, _test_screens),
}
