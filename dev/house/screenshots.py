"""dev/screenshots: pictures of the addon's screens, out of the demo company."""

import argparse
import json
import re
import subprocess
import tempfile
import time
import tomllib
from pathlib import Path
from urllib.request import urlopen

from . import cluster, core, database, machine, serving

SCREENS = core.ROOT / "dev" / "screens.toml"
LANGUAGES = {"en": "en_US", "vi": "vi_VN"}


def screenshots(arguments):
    parser = argparse.ArgumentParser(
        prog="dev/screenshots",
        description="Take the pictures of dev/screens.toml from the demo company. It is made when it is not "
        "there; what the screens show depends on the day.",
    )
    parser.add_argument("names", nargs="*", help="only these screens (default: all)")
    parser.add_argument("--language", choices=sorted(LANGUAGES), help="only this language (default: all)")
    parser.add_argument("--out", type=Path, default=core.ROOT / "docs" / "pictures", help="where they go")
    parser.add_argument(
        "-d", dest="database", default=serving.DATABASE, help=f"database (default: {serving.DATABASE})"
    )
    parser.add_argument("--width", type=int, help="width of the window, instead of what the screen names")
    options = parser.parse_args(arguments)
    screens = tomllib.loads(SCREENS.read_text())["screen"]
    unknown = set(options.names) - {screen["name"] for screen in screens}
    if unknown:
        parser.error(f"no screen is called {', '.join(sorted(unknown))}; see {SCREENS.name}")
    if options.names:
        screens = [screen for screen in screens if screen["name"] in options.names]
    core.say("Setting up")
    house = database.House("run")
    lock = serving.ensure_database(house, options.database)
    core.say("Taking pictures")
    port = cluster.free_port("screenshots")
    server = subprocess.Popen(
        house.odoo(
            *("-c", house.config, "-d", options.database),
            *("--db-filter", f"^{re.escape(options.database)}$", "--http-port", port),
            *("--max-cron-threads=0", "--log-level=error"),
        ),
        cwd=core.STATE,
        env=core.clean_env(),
    )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(address, server)
        failed = _take(house, address, screens, options)
    finally:
        server.terminate()
        server.wait(20)
        lock.release()
    if failed:
        raise core.Failure(
            f"{len(failed)} pictures show not what they should: {', '.join(failed)}",
            "Look at them, and at their entries in dev/screens.toml.",
        )
    return 0


def _wait_for(address, server):
    for _ in range(300):
        if server.poll() is not None:
            break
        try:
            with urlopen(f"{address}/web/login", timeout=60):
                return
        except OSError:
            time.sleep(0.3)
    raise core.Failure("the web client does not answer", "See the lines above.")


def _take(house, address, screens, options):
    """Let the environment's Python drive the browser; returns the pictures that failed."""
    languages = {options.language: LANGUAGES[options.language]} if options.language else LANGUAGES
    orders = {
        "address": address,
        "browser": machine.browser(),
        "languages": languages,
        "screens": screens,
        "out": str(options.out.resolve()),
        "width": options.width,
    }
    with tempfile.NamedTemporaryFile("r") as failures:
        subprocess.run(
            [str(house.python), str(Path(__file__).with_name("screenshots_browser.py"))],
            input=json.dumps({**orders, "failures": failures.name}),
            text=True,
            check=True,
        )
        return failures.read().split()
