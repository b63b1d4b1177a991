"""Addons of the Odoo Community Association: locked packages, verified by their hashes, in a folder of their own."""

import os
import zipfile

from . import core

LOCK_FILE = core.ROOT / "dev" / "oca.lock"
# Those that the tests install; what they depend on is in the lock too.
MODULES = ("partner_contact_birthdate", "partner_stage", "sale_cancel_reason", "mass_mailing_list_dynamic")

# What a company has entered when it installs the addon.
BIRTHDAYS = """
env["res.partner"].create(
    [
        {"name": "Born Before", "birthdate_date": "1980-03-14"},
        {"name": "Born on a Leap Day", "birthdate_date": "1992-02-29"},
        {"name": "Born Unknown"},
    ]
)
env.cr.commit()
"""


def ensure(house):
    """Path of a folder of addons; fetched when it is not there."""
    folder = core.STATE / f"oca-{core.sha256(LOCK_FILE)[:12]}"
    addons = folder / "odoo" / "addons"
    if not folder.is_dir():
        temporary = folder.with_name(f"{folder.name}.new")
        core.remove(temporary)
        wheels = temporary / "wheels"
        wheels.mkdir(parents=True)
        with core.step("Fetching addons of the community") as step:
            core.run(
                [
                    *(house.python, "-m", "pip", "download", "--disable-pip-version-check", "--no-input"),
                    *("--no-deps", "--only-binary=:all:", "--require-hashes", "-r", LOCK_FILE, "-d", wheels),
                ],
                log="oca",
                what="pip could not fetch the addons",
                remedy="Check the network and pip's configuration, then run again.",
                step=step,
            )
        for wheel in sorted(wheels.glob("*.whl")):
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(temporary)
        core.remove(wheels)
        os.rename(temporary, folder)
    return addons
