"""Scripts in Odoo processes of their own, for tests of what is killed or runs twice at once."""

import subprocess
import sys

from odoo.tests.common import get_db_name
from odoo.tools import config


def start(script):
    """Start a script in Odoo's shell, on the database of the tests.

    :rtype: subprocess.Popen
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "odoo", "shell", "-c", config["config"], "-d", get_db_name(), "--no-http"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    process.stdin.write(script)
    process.stdin.close()
    return process


def end(process):
    """Wait for a script.

    :return: its exit status, -9 if it was killed, and what it printed
    :rtype: tuple[int, str]
    """
    output = process.stdout.read()
    return process.wait(timeout=120), output


def run(script):
    """Run a script, see :func:`start` and :func:`end`."""
    return end(start(script))
