"""axe-core, which judges the accessibility of screens: a locked npm package, verified by its checksum."""

import os
import shutil
import tarfile
from pathlib import Path

from . import core, machine, tree

WANTED = ("package/axe.min.js", "package/LICENSE")


REMEDY = (
    "Check the network and npm's configuration, then run again; or name a copy that you have: "
    "AXE_CORE=/path/to/axe.min.js dev/test --screens"
)


def ensure():
    """Path of axe's script: the one that AXE_CORE names, or else fetched when it is not there."""
    given = os.environ.get("AXE_CORE")
    if given:
        path = Path(given).expanduser().resolve()
        if not path.is_file():
            raise core.Failure(f"AXE_CORE names {path}, which is no file", "Name axe-core's axe.min.js.")
        return path
    lock = tree.locked("axe")
    folder = core.STATE / f"{lock['package']}-{lock['version']}"
    if not folder.is_dir():
        if not shutil.which("npm"):
            machine.install(["npm"])
        _fetch(lock, folder)
    return folder / "package" / "axe.min.js"


def _fetch(lock, folder):
    downloads = core.STATE / "download"
    downloads.mkdir(parents=True, exist_ok=True)
    packed = downloads / f"{lock['package']}-{lock['version']}.tgz"
    temporary = folder.with_name(f"{folder.name}.new")
    core.remove(temporary)
    with core.step(f"Fetching {lock['package']} {lock['version']}") as step:
        if not (packed.is_file() and core.sha256(packed) == lock["sha256"]):
            core.remove(packed)
            core.run(
                ["npm", "pack", f"{lock['package']}@{lock['version']}", "--loglevel=error"],
                log="axe",
                what=f"npm could not fetch {lock['package']} {lock['version']}",
                remedy=REMEDY,
                step=step,
                cwd=downloads,
            )
        actual = core.sha256(packed)
        if actual != lock["sha256"]:
            core.remove(packed)
            raise core.Failure(
                f"npm's {lock['package']} {lock['version']} is not the expected file: its SHA-256 is {actual} "
                f"instead of {lock['sha256']}",
                "Nothing of it was kept. Run again; if it stays so, the registry or dev/versions.lock was "
                "changed: find out why before you use it.",
            )
        with tarfile.open(packed) as archive:
            for name in WANTED:
                archive.extract(name, temporary, filter="data")
        os.rename(temporary, folder)
