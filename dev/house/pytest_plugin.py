"""Makes a skipped test fail the run: a test that does not run proves nothing.

Odoo skips browser tests by itself when it finds no browser, and one would not notice.
"""

NOT_RUN = {"skipped": "skipped", "xfailed": "expected to fail", "xpassed": "passed though expected to fail"}


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
