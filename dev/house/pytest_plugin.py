"""Makes a skipped test fail the run: a test that does not run proves nothing.

Odoo skips browser tests by itself when it finds no browser, and one would not notice. Classes that need a module which
the addon does not need (``beside = "mrp"``) belong to the run that has it, and are not collected in others.

Workers of pytest-xdist have a database each, made before; pytest-odoo's own copies know neither our cluster's password
nor Odoo 19's list of databases.
"""

import atexit
import functools
import os
import re
import shutil
import tempfile
import time

import freezegun
import pytest

# Classes with one long test each: begun last, they would keep one process busy while the others have nothing left.
SLOW = re.compile(r"screens|tour|kill|worker|rights_calls|attacks|imap|smtp|test_demo|random|replica|guides")

# Seconds that a class takes to its last test, also on a slow machine; and by how many hours the people of the tests are
# ahead of the clock of this machine.
LONGEST, AHEAD = 180, (0, 7)
# How many times as long as Odoo a run waits for a browser.
PATIENCE = 3
# What a browser answers when its page is ready, and seconds until it is asked again when it is not.
READY = {"result": {"type": "boolean", "value": True}}
INTERVAL = 0.03

# Else pytest's own clock stands still with that of the tests, and --durations tells nothing.
freezegun.configure(extend_ignore_list=["_pytest.timing"])

NOT_RUN = {"skipped": "skipped", "xfailed": "expected to fail", "xpassed": "passed though expected to fail"}


@pytest.hookimpl(tryfirst=True, wrapper=True)
def pytest_cmdline_main(config):
    worker = os.environ.pop("PYTEST_XDIST_WORKER", None)
    if worker:
        config.option.odoo_database = os.environ["TEST_DATABASES"].split(",")[int(worker.removeprefix("gw"))]
    return (yield)


def pytest_collection_finish():
    _keep_caches()
    _wait_for_browsers()
    _ask_browsers_at_intervals()
    _keep_browsers_files()


def _wait_for_browsers():
    """Let a slow machine have the time that its browser needs to start, to show the first page and to be answered.

    Odoo waits ten seconds, or twenty, and skips or fails the test of a browser that is late. What a test waits for
    stays the same, and a step of a tour that does not come fails it as soon as before.
    """
    from odoo.tests import common

    common.CHECK_BROWSER_ITERATIONS *= PATIENCE
    common.BaseCase.test_cursor_lock_timeout *= PATIENCE
    start = common.ChromeBrowser.__init__

    @functools.wraps(start)
    def start_patiently(browser, *args, **kwargs):
        start(browser, *args, **kwargs)
        # by which Odoo multiplies what it waits for a browser that was slowed down on purpose
        browser.throttling_factor = PATIENCE

    common.ChromeBrowser.__init__ = start_patiently


def _ask_browsers_at_intervals():
    """Ask a browser whether its page is ready some times a second, instead of hundreds of times.

    Odoo asks again as soon as it is answered, and what that takes goes off the page that is being loaded.
    """
    from odoo.tests import common

    wait_ready = common.ChromeBrowser._wait_ready

    @functools.wraps(wait_ready)
    def wait_at_intervals(browser, *args, **kwargs):
        request = browser._websocket_request

        def ask(*args, **kwargs):
            answer = request(*args, **kwargs)
            if answer != READY:
                time.sleep(INTERVAL)
            return answer

        browser._websocket_request = ask
        try:
            return wait_ready(browser, *args, **kwargs)
        finally:
            del browser._websocket_request

    common.ChromeBrowser._wait_ready = wait_at_intervals


def _keep_browsers_files():
    """Let a browser find what the one before it, of the same process, was sent, and what it made of Odoo's scripts.

    Each test has a browser of its own. Odoo's pages say which of their files stay as they are; reading them anew is
    half of what a short tour takes.
    """
    from odoo.tests import common

    folder = tempfile.mkdtemp(prefix="relations_browser_")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    spawn = common.ChromeBrowser._spawn_chrome

    @functools.wraps(spawn)
    def spawn_with_files(browser, command):
        return spawn(browser, [*command[:-1], f"--disk-cache-dir={folder}", command[-1]])

    common.ChromeBrowser._spawn_chrome = spawn_with_files


def _keep_caches():
    """Empty after a test those of Odoo's caches in which something changed, instead of all of them.

    Most tests change nothing that is cached, and the next one would read views, rights and rules again. What a class
    made before its tests is emptied with the class, as ever.
    """
    from odoo.orm.registry import Registry
    from odoo.tests.common import TransactionCase

    clear_cache, set_up = Registry.clear_cache, TransactionCase.setUp

    def clear(registry, *names):
        vars(registry).setdefault("_changed_caches", set()).update(names or ("default",))
        clear_cache(registry, *names)

    def prepare(test):
        set_up(test)
        registry = test.registry
        vars(registry)["_changed_caches"] = changed = set()

        def clear_changed():
            if changed:
                clear_cache(registry, *changed)

        test._cleanups = [
            (clear_changed, (), {})
            if getattr(work, "__wrapped__", None) == registry.clear_all_caches
            else (work, *rest)
            for work, *rest in test._cleanups
        ]

    Registry.clear_cache, TransactionCase.setUp = clear, prepare


@pytest.hookimpl(trylast=True)  # after the random order
def pytest_collection_modifyitems(config, items):
    present = os.environ.get("TESTED_BESIDE", "").split(",")
    elsewhere = [item for item in items if getattr(item.cls, "beside", None) not in (None, *present)]
    if elsewhere:
        items[:] = [item for item in items if item not in elsewhere]
        config.hook.pytest_deselected(items=elsewhere)
    if "SLOW_FIRST" in os.environ:
        items.sort(key=lambda item: not SLOW.search(item.nodeid))


# The class whose tests are being run.
_begun = None


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    global _begun
    if item.cls is not _begun:
        _begun = item.cls
        _pass_midnight()


def _pass_midnight():
    """Wait for a new day that begins soon, here or in Vietnam: what a class has made would be of the day before."""
    for hours in AHEAD:
        left = 86_400 - (time.time() + hours * 3600) % 86_400
        if left < LONGEST:
            time.sleep(left + 1)


def _not_run(config):
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    stats = reporter.stats if reporter else {}
    return {key: stats[key] for key in NOT_RUN if stats.get(key)}


def pytest_sessionfinish(session, exitstatus):
    if exitstatus == 0 and _not_run(session.config):
        session.exitstatus = 1


def pytest_terminal_summary(terminalreporter):
    for key, reports in _not_run(terminalreporter.config).items():
        terminalreporter.section(f"{len(reports)} {NOT_RUN[key]}: this fails the run", red=True)
        for report in reports:
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr or ""
            terminalreporter.line(f"{report.nodeid}: {reason}".rstrip(": "))
