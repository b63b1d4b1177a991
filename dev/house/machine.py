"""Packages of the machine: only what is missing is installed."""

import glob
import importlib.util
import os
import shutil
import sys
from pathlib import Path

from . import core

BROWSERS = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")  # as Odoo looks


def _exists(pattern):
    return bool(glob.glob(pattern))


def _has_venv():
    return bool(importlib.util.find_spec("ensurepip") and importlib.util.find_spec("venv"))


# package: how to see that what it brings is there, by whatever way it came
BASE = {
    "postgresql": lambda: _exists("/usr/lib/postgresql/*/bin/initdb"),
    "postgresql-contrib": lambda: _exists("/usr/share/postgresql/*/extension/unaccent.control"),
    "libmagic1": lambda: _exists("/usr/lib/*/libmagic.so.1") or _exists("/usr/lib*/libmagic.so.1"),
    "fonts-dejavu-core": lambda: _exists("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"),
}
# What the tests need beside a browser: a real IMAP server, which starts no service when it is installed.
FOR_TESTS = {
    "dovecot-imapd": lambda: _exists("/usr/lib/dovecot/imap") or _exists("/usr/libexec/dovecot/imap"),
}
# The Debian package of Odoo links to these instead of bringing its own copies.
FOR_DEBIAN_ODOO = {
    "libjs-jquery": lambda: _exists("/usr/share/javascript/jquery/jquery.js"),
    "libjs-jquery-form": lambda: _exists("/usr/share/javascript/jquery-form/jquery.form.js"),
    "libjs-underscore": lambda: _exists("/usr/share/javascript/underscore/underscore.js"),
    "fonts-font-awesome": lambda: _exists("/usr/share/fonts-font-awesome/fonts/*"),
    "fonts-roboto-unhinted": lambda: _exists("/usr/share/fonts/truetype/roboto/unhinted/RobotoTTF/*"),
    "fonts-inconsolata": lambda: _exists("/usr/share/fonts/truetype/inconsolata/*"),
}


def browser():
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def ensure(debian_odoo, with_browser):
    """Install the packages whose contents are not there."""
    needs = dict(BASE)
    if debian_odoo:
        needs.update(FOR_DEBIAN_ODOO)
        # Fetching that package needs Debian's keys, which Ubuntu does not have by itself.
        needs["debian-archive-keyring"] = lambda: _exists("/usr/share/keyrings/debian-archive-keyring.*")
    if with_browser:
        needs.update(FOR_TESTS)
    if not _has_venv():
        own = Path(os.path.realpath(sys.executable)).parent == Path("/usr/bin")
        if not own:
            raise core.Failure(
                f"the Python at {sys.executable} has no venv and no ensurepip",
                "Run with another Python, for example: /usr/bin/python3 dev/run",
            )
        needs[f"python3.{sys.version_info.minor}-venv"] = lambda: False
    missing = [package for package, there in needs.items() if not there()]
    if with_browser and not browser():
        missing.append(_browser_package())
    optional = []
    if not shutil.which("wkhtmltopdf") and _candidate("wkhtmltopdf"):
        optional.append("wkhtmltopdf")  # prints PDF; gone from newer Debian releases
    if missing:
        install(missing + optional)
        still = [package for package in missing if package in needs and not needs[package]()]
        still = [package for package in still if not package.endswith("-venv")]
        if still:
            raise core.Failure(
                f"what these packages should bring is still not there: {', '.join(still)}",
                f"Reinstall them: apt-get install --reinstall {' '.join(still)}",
            )
        if with_browser and not browser():
            raise core.Failure(
                "no Chromium or Chrome was found after its installation",
                f"Install one so that it is on the PATH under one of these names: {', '.join(BROWSERS)}.",
            )


def _candidate(package):
    policy = core.capture(["apt-cache", "policy", package]) or ""
    return "Candidate:" in policy and "Candidate: (none)" not in policy


def _browser_package():
    """`chromium` on Debian; Ubuntu's package of that kind is `chromium-browser`."""
    if not _candidate("chromium") and _candidate("chromium-browser"):
        return "chromium-browser"
    return "chromium"


def _as_root(what):
    if core.is_root():
        return []
    if not shutil.which("sudo"):
        raise core.Failure(f"{what} needs root, and there is no sudo", f"Run as root: {what}")
    if not sys.stdin.isatty() and core.capture(["sudo", "-n", "true"]) is None:
        raise core.Failure(f"{what} needs root, and sudo wants a password", f"Run yourself: sudo {what}")
    if core.capture(["sudo", "-n", "true"]) is None:
        core.say(f"  sudo will ask for your password, for: {what}")
        os.system("sudo -v")
    return ["sudo"]


def install(packages):
    """apt-get install, with the package lists refreshed when that is what is missing."""
    what = f"apt-get install {' '.join(packages)}"
    if not shutil.which("apt-get"):
        raise core.Failure(
            f"these packages are missing, and there is no apt-get: {', '.join(packages)}",
            "Install what they bring with your own package manager, then run again.",
        )
    prefix = [*_as_root(what), "env", "DEBIAN_FRONTEND=noninteractive"]
    options = ["-o", "DPkg::Lock::Timeout=600", "-o", "Acquire::Retries=3"]
    if core.capture(["dpkg", "--audit"]):
        with core.step("Finishing an interrupted package installation") as step:
            core.run(
                [*prefix, "dpkg", "--configure", "-a"],
                log="dpkg",
                what="dpkg --configure -a failed",
                step=step,
                detached=True,
                own_session=False,
            )
    command = [*prefix, "apt-get", *options, "install", "-y", "--no-install-recommends", *packages]
    with core.step(f"Installing {', '.join(packages)}") as step:
        if all(map(_candidate, packages)):
            try:
                core.run(
                    command, log="apt", what=f"{what} failed", step=step, detached=True, own_session=False
                )
                return
            except core.Failure:
                # Old lists name versions that the archive no longer has.
                step.note("refreshing the package lists")
        refresh(prefix, options, step)
        core.run(
            command,
            log="apt",
            what=f"{what} failed",
            remedy="Check the network and the machine's apt sources, then run again.",
            step=step,
            detached=True,
            own_session=False,
        )


def refresh(prefix=None, options=(), step=None):
    """apt-get update."""
    if prefix is None:
        prefix = _as_root("apt-get update")
    core.run(
        [*prefix, "apt-get", *options, "update"],
        log="apt-update",
        what="apt-get update failed",
        remedy="Check the network and the machine's apt sources, then run again.",
        step=step,
        detached=True,
        own_session=False,
    )
