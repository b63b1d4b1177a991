"""The terms of the addon to be translated, as Odoo itself exports them; used by dev/i18n and the tests."""

import io
import os
from unittest.mock import patch

import polib

import odoo.addons
from odoo.tools.translate import trans_export

MODULE = "partner_relations"
WALK = os.walk


def _walk(top, **options):
    """As os.walk, but of all addons only this one, and of it no hidden folder.

    A checkout keeps Odoo itself in such a folder, with a link back to the addon: the export, which follows
    links, would read it dozens of times.
    """
    for root, names, files in WALK(top, **options):
        if root in odoo.addons.__path__:
            names[:] = [MODULE] if MODULE in names else []
        names[:] = sorted(name for name in names if not name.startswith("."))
        yield root, names, files


def export_terms(env):
    """All terms of the addon in this database and its source, as a polib file without translations."""
    target = io.BytesIO()
    with patch.object(os, "walk", _walk):
        trans_export(None, [MODULE], target, "po", env)
    terms = polib.pofile(target.getvalue().decode())
    terms.extend(_manifest_terms(env))
    return terms


def _manifest_terms(env):
    """Name and summary in the list of apps, which Odoo's export counts to the module `base`."""
    module = env.ref(f"base.module_{MODULE}").with_context(lang="en_US")
    for field in ("shortdesc", "summary"):
        yield polib.POEntry(
            msgid=module[field],
            comment="module: base",
            occurrences=[(f"model:ir.module.module,{field}:base.module_{MODULE}", "")],
        )
