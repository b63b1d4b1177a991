"""dev/i18n: the translation template anew, and the translations with it."""

import argparse

from . import core, database, testing

SCRIPT = """
import polib
from odoo.addons.partner_relations.tests.translations import export_terms
from pathlib import Path

folder = Path({folder!r})
template = export_terms(env)
template.save(str(folder / "partner_relations.pot"))
for path in sorted(folder.glob("*.po")):
    translation = polib.pofile(str(path))
    # Without polib's guesses: what was similar before is no translation of what is there now.
    translation.merge(template)
    for entry in translation.obsolete_entries():
        translation.remove(entry)
    translation.sort(key=lambda entry: entry.msgid)
    translation.save(str(path))
    for entry in translation.untranslated_entries():
        print("UNTRANSLATED", path.name, repr(entry.msgid))
print("TERMS", len(template))
"""


def translate(arguments):
    argparse.ArgumentParser(
        prog="dev/i18n",
        description="Write i18n/partner_relations.pot from the addon as it is, take new terms into each "
        ".po file, remove those no longer used, and list what is still to be translated.",
    ).parse_args(arguments)
    core.say("Setting up")
    house = database.House("test")
    with core.Lock("test").take("a dev/test is running"):
        testing.ensure_database(house, with_bundles=False)
        script = SCRIPT.format(folder=str(core.ROOT / "i18n"))
        log = house.shell(testing.DATABASE, script, "Reading all terms", log="i18n")
    lines = log.read_text().splitlines()
    for line in lines:
        if line.startswith(("UNTRANSLATED", "TERMS")):
            core.say(line)
    if any(line.startswith("UNTRANSLATED") for line in lines):
        raise core.Failure(
            "terms are not translated yet (above)", "Fill them in in i18n/, then run dev/test."
        )
    return 0
