"""Odoo's source: the tree that ODOO_HOME names, or Debian's package, unpacked."""

import configparser
import os
import re
from dataclasses import dataclass
from pathlib import Path

from . import core, machine

KEYRINGS = (
    "/usr/share/keyrings/debian-archive-keyring.gpg",
    "/usr/share/keyrings/debian-archive-keyring.pgp",
)
OWN_TREE = (
    "If you have the source of Odoo 19, name its folder: ODOO_HOME=/path/to/odoo. Otherwise name a "
    "Debian archive that has it: DEBIAN_ARCHIVE=<address of a Debian mirror>."
)


@dataclass
class Tree:
    """Where Odoo's Python packages and addons are."""

    python_path: Path
    addons: list
    identity: str  # changes when another build is used


def locked(section="odoo"):
    """A section of versions.lock."""
    parser = configparser.ConfigParser()
    parser.read(core.ROOT / "dev" / "versions.lock")
    return parser[section]


def ensure():
    """The tree to use; fetched when there is none."""
    home = os.environ.get("ODOO_HOME")
    if home:
        return _given(Path(home).expanduser().resolve())
    lock = locked()
    folder = core.STATE / f"odoo-{lock['version']}"
    if not folder.is_dir():
        folder = _latest_other(lock) or _fetch(lock)
    version = folder.name.removeprefix("odoo-")
    if version != lock["version"]:
        core.say(
            f"  Warning: Odoo {version} is used; the house was tested with {lock['version']}, which Debian "
            f"no longer has."
        )
    packages = folder / "usr/lib/python3/dist-packages"
    return Tree(packages, [packages / "odoo/addons"], version)


def is_debian():
    """Whether Debian's package is used, which needs some of Debian's files beside it."""
    return not os.environ.get("ODOO_HOME")


def _given(home):
    for base in (home, home / "usr/lib/python3/dist-packages"):
        release = base / "odoo/release.py"
        if not release.is_file():
            continue
        found = re.search(r"^version_info\s*=\s*\(\s*'?(\d+)'?\s*,\s*(\d+)", release.read_text(), re.M)
        series = ".".join(found.groups()) if found else "unknown"
        if series != locked()["series"]:
            raise core.Failure(
                f"ODOO_HOME={home} holds Odoo {series}, not {locked()['series']}",
                "Name a source tree of Odoo 19.0, or unset ODOO_HOME to have it fetched.",
            )
        # In a git checkout most addons are beside the package, in an installed one inside it.
        addons = [path for path in (base / "addons", base / "odoo/addons") if path.is_dir()]
        if (base / "odoo/addons/sale/__manifest__.py").is_file():
            addons = [base / "odoo/addons"]
        if not any((path / "sale/__manifest__.py").is_file() for path in addons):
            raise core.Failure(
                f"ODOO_HOME={home} has no addon `sale`",
                "Name a complete tree: a git checkout with odoo/ and addons/, or a dist-packages folder.",
            )
        return Tree(base, addons, core.short_hash(base))
    raise core.Failure(
        f"ODOO_HOME={home} is no source tree of Odoo: it has no odoo/release.py",
        "Name the folder that holds odoo/ and addons/, or unset ODOO_HOME to have it fetched.",
    )


def _latest_other(lock):
    """A build fetched earlier, when the locked one was gone already."""
    others = [
        path
        for path in core.STATE.glob(f"odoo-{lock['series']}*")
        if path.is_dir() and not path.name.endswith(".new")
    ]
    return max(others, key=lambda path: path.stat().st_mtime, default=None)


def _fetch(lock):
    downloads = core.STATE / "download"
    downloads.mkdir(parents=True, exist_ok=True)
    for leftover in core.STATE.glob("odoo-*.new"):
        core.remove(leftover)
    deb = downloads / f"{lock['package']}_{lock['version']}_all.deb"
    version = lock["version"]
    if not (deb.is_file() and core.sha256(deb) == lock["sha256"]):
        core.remove(deb)
        version, deb = _download(lock, downloads)
    folder = core.STATE / f"odoo-{version}"
    temporary = core.STATE / f"odoo-{version}.new"
    with core.step(f"Unpacking Odoo {version}") as step:
        core.run(["dpkg-deb", "-x", deb, temporary], log="unpack", what=f"unpacking {deb} failed", step=step)
        _mend(temporary)
        os.rename(temporary, folder)
    return folder


def _mend(folder):
    """Give back what Debian keeps in other packages or strips."""
    share = folder / "usr/share"
    for name in ("javascript", "fonts", "fonts-font-awesome"):
        if not (share / name).exists():
            os.symlink(f"/usr/share/{name}", share / name)
    # A script without a free source: the mail client loads it, and its absence is an error in
    # the browser's console, which fails every tour.
    script = folder / (
        "usr/lib/python3/dist-packages/odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"
    )
    if not script.exists():
        script.parent.mkdir(parents=True, exist_ok=True)
        script.touch()


def _archives():
    """Addresses of the Debian archives that the machine's own apt uses."""
    if os.environ.get("DEBIAN_ARCHIVE"):
        return [os.environ["DEBIAN_ARCHIVE"]]
    command = [
        "apt-get",
        "indextargets",
        "--format",
        "$(REPO_URI)|$(LABEL)",
        "Created-By: Packages",
        "Origin: Debian",
    ]
    found = core.capture(command)
    if not found and core.capture(["apt-get", "indextargets", "--format", "$(ORIGIN)"]) is not None:
        # A fresh machine has no lists yet, so apt does not know whose archives they are.
        with core.step("Refreshing the machine's package lists") as step:
            machine.refresh(step=step)
        found = core.capture(command)
    pairs = [line.split("|") for line in (found or "").splitlines()]
    return list(dict.fromkeys(uri for uri, label in pairs if label == "Debian"))


def _download(lock, downloads):
    """Fetch the package with a private apt: signed by Debian, the system's own state untouched."""
    archives = _archives()
    if not archives:
        raise core.Failure("this machine's apt sources name no Debian archive to take Odoo 19 from", OWN_TREE)
    keyring = next(filter(os.path.exists, KEYRINGS), None)
    if not keyring:
        raise core.Failure(
            "Debian's archive keys are not on this machine, so a download cannot be verified",
            "Install them: apt-get install debian-archive-keyring. " + OWN_TREE,
        )
    private = core.STATE / "apt"
    core.remove(private)
    for name in ("lists/partial", "cache/archives/partial", "get"):
        (private / name).mkdir(parents=True)
    sources = "".join(f"deb [signed-by={keyring}] {uri} {lock['suite']} main\n" for uri in archives)
    core.write(private / "sources.list", sources)
    settings = {
        "Dir::Etc::sourcelist": private / "sources.list",
        "Dir::Etc::sourceparts": "-",
        "Dir::State::Lists": private / "lists",
        "Dir::Cache": private / "cache",
        "Acquire::Languages": "none",
        "Acquire::PDiffs": "false",
        "Acquire::Retries": "3",
        # A list that is older than it should be (a snapshot, a slow mirror) does no harm: it is signed,
        # and the file taken by it must have the locked checksum.
        "Acquire::Check-Valid-Until": "false",
        "Acquire::AllowInsecureRepositories": "false",
        "Acquire::AllowWeakRepositories": "false",
        "APT::Get::AllowUnauthenticated": "false",
        "APT::Get::List-Cleanup": "false",
    }
    if core.is_root():
        settings["APT::Sandbox::User"] = "root"  # the checkout may be closed to apt's own user
    options = [part for key, value in settings.items() for part in ("-o", f"{key}={value}")]
    with core.step(f"Reading the package list of Debian {lock['suite']}") as step:
        core.run(
            ["apt-get", *options, "update", "--error-on=any"],
            log="odoo-list",
            what=f"the package list of Debian {lock['suite']} could not be read or verified",
            remedy="Check the network and the clock, then run again. " + OWN_TREE,
            step=step,
        )
        known = _known_versions(options, lock)
    version = lock["version"]
    if version not in known:
        usable = [name for name in known if name.startswith(lock["series"])]
        if not usable:
            raise core.Failure(
                f"Debian {lock['suite']} no longer has {lock['package']} {lock['series']} "
                f"(it has: {', '.join(known) or 'none'})",
                OWN_TREE,
            )
        version = usable[0]
        core.say(f"  Warning: Odoo {lock['version']} is gone from Debian; taking {version} instead.")
    expected = lock["sha256"] if version == lock["version"] else known[version]["SHA256"]
    size = int(known[version]["Size"])
    with core.step(f"Downloading Odoo {version}, {size / 1e6:.0f} MB") as step:

        def progress(_text):
            return f"{sum(f.stat().st_size for f in (private / 'get').rglob('*')) * 100 // size} %"

        core.run(
            ["apt-get", *options, "download", f"{lock['package']}={version}"],
            log="odoo-download",
            what=f"downloading Odoo {version} failed",
            remedy="Check the network and the free disk space, then run again. " + OWN_TREE,
            step=step,
            hint=progress,
            cwd=private / "get",
        )
        got = next((private / "get").glob("*.deb"))
        actual = core.sha256(got)
        if actual != expected:
            raise core.Failure(
                f"the download of Odoo {version} is not the expected file: its SHA-256 is {actual} instead "
                f"of {expected}",
                "Nothing of it was kept. Run again; if it stays so, the archive or dev/versions.lock was "
                "changed: find out why before you use it.",
            )
        deb = downloads / f"{lock['package']}_{version}_all.deb"
        os.replace(got, deb)
    core.remove(private)
    return version, deb


def _known_versions(options, lock):
    """The versions in the private lists, newest first, each with the fields of its record."""
    text = core.capture(["apt-cache", *options, "show", "--all-versions", lock["package"]]) or ""
    records = {}
    for block in text.split("\n\n"):
        fields = dict(re.findall(r"^(Version|SHA256|Size): (\S+)", block, re.M))
        if len(fields) == 3:
            records[fields["Version"]] = fields
    return records
