"""The Python environment: locked versions, verified by their hashes."""

import fcntl
import os
import re
import sys
import tempfile
from pathlib import Path

from . import core

LOCK_FILE = core.ROOT / "dev" / "requirements.lock"
BUILD_TOOLS = ("setuptools", "wheel", "packaging")


def ensure(tree):
    """Path of an environment with every locked package, and Odoo's tree on its path."""
    text = LOCK_FILE.read_text()
    base = os.path.realpath(sys.executable)
    # The path counts, as an environment cannot be moved.
    name = f"venv-{core.short_hash(text, base, sys.version, core.STATE)}"
    folder = core.STATE / name
    stamp = folder / "complete"
    if not stamp.is_file():
        core.remove(folder)
        _build(folder, text)
        core.remove(folder / "tmp")
        stamp.touch()
    site = folder / f"lib/python3.{sys.version_info.minor}/site-packages"
    core.write(site / "odoo_tree.pth", f"{tree.python_path}\n")
    core.link(core.STATE / "env", name)
    _hold(folder)
    _prune(folder)
    return folder


def _build(folder, text):
    with core.step("Making the Python environment") as step:
        core.run(
            [sys.executable, "-m", "venv", folder],
            log="venv",
            what="the Python environment could not be made",
            step=step,
        )
    pip = [
        folder / "bin/python",
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--no-input",
        "--require-hashes",
    ]
    remedy = (
        "Check the network and pip's configuration, then run again. A hash that does not match means that "
        "the package index serves another file than the locked one: find out why before you use it."
    )
    env = core.clean_env()
    del env["PYTHONSAFEPATH"]  # old setup.py files import from their own folder
    env["TMPDIR"] = str(folder / "tmp")  # what a killed pip leaves goes with the folder
    os.mkdir(env["TMPDIR"])
    packages = re.findall(r"^\S.*(?:\n\s+.*)*", text, re.M)
    build = [entry for entry in packages if entry.split("==")[0] in BUILD_TOOLS]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as first:
        first.write("\n".join(build) + "\n")
        first.flush()
        with core.step("Installing the tools that build packages") as step:
            core.run(
                [*pip, "-r", first.name],
                log="pip-build",
                what="pip failed",
                remedy=remedy,
                env=env,
                step=step,
            )
    with core.step(f"Installing {len(packages)} Python packages") as step:
        core.run(
            # built with the tools above, not with unlocked ones fetched for the occasion
            [*pip, "--no-build-isolation", "-r", LOCK_FILE],
            log="pip",
            what="installing the Python packages failed",
            remedy=remedy,
            env=env,
            step=step,
            hint=lambda output: " ".join(
                (re.findall(r"^(?:Collecting|Installing) .*", output, re.M) or [""])[-1:]
            ),
        )


def _hold(folder):
    """Mark the environment as in use until this process, or the one it becomes, ends."""
    fd = os.open(folder / "in-use", os.O_RDWR | os.O_CREAT, 0o644)
    os.set_inheritable(fd, True)
    fcntl.flock(fd, fcntl.LOCK_SH)


def _prune(current):
    """Remove environments of older locks that nobody uses."""
    for folder in core.STATE.glob("venv-*"):
        if folder == current:
            continue
        try:
            with open(folder / "in-use", "a") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                core.remove(folder)
        except (BlockingIOError, FileNotFoundError):
            continue


def python(folder):
    return Path(folder) / "bin/python"
