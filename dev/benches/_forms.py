"""What the web client reads for a view of a document, its lines and tags with it; and who works with them."""

from lxml import etree

from odoo import Command

SKIPPED_TYPES = ("properties", "reference", "many2one_reference")


def specification(model, view_type="form"):
    """The fields of the default view of ``model`` with what the web client reads of each."""
    arch = etree.fromstring(model.get_view(view_type=view_type)["arch"])
    return _fields_of(model, arch)


def _fields_of(model, arch):
    found = {}
    for node in arch.iter("field"):
        name = node.get("name")
        inside = any(parent.tag == "field" for parent in node.iterancestors() if parent is not arch)
        if inside or name not in model._fields or node.get("optional") == "hide" or node is arch:
            continue
        field = model._fields[name]
        if field.type in SKIPPED_TYPES:
            continue
        found[name] = {}
        if field.type == "many2one":
            found[name] = {"fields": {"display_name": {}}}
        elif field.type in ("one2many", "many2many"):
            child = node.find("list")
            shown = {} if child is None else _fields_of(model.env[field.comodel_name], child)
            found[name] = {"fields": shown or {"display_name": {}}, "limit": 40}
    return found


def make_user(env, groups):
    """Who works with the documents: these groups, and the addon's where it is."""
    if "partner.contact.log" in env:
        groups = [*groups, "partner_relations.group_user"]
    return env["res.users"].create(
        {
            "name": "Bench",
            "login": "bench",
            "email": "bench@example.com",
            "group_ids": [Command.set([env.ref(group).id for group in groups])],
        }
    )
