"""Rows with scripts, formulas and templates in all their texts, for the tests of attacks."""

import re

from lxml import html as lxml_html

from odoo.tools import html_sanitize

from .rights import OVERRIDES, RightsCommon

SCRIPT = '<img src=x onerror="alert(1)"><script>alert(1)</script>'
OURS = "partner_relations"
# A formula, a script, the end of an attribute and of a text, and a template.
TEXT = f'=1+1\'">{SCRIPT}</textarea></style>{{{{7*191}}}}<t t-out="7*191"/>'
# What the expressions of the text would give.
EVALUATED = "1337"
# Texts by which the addon or Odoo finds something; others in them are an error, which is tried elsewhere.
TECHNICAL = {
    "bonus_formula", "code", "condition", "context", "domain", "email", "email_from", "email_normalized", "expression",
    "field_name", "formula", "lang", "message_id", "model", "period", "phone", "res_model", "subject_key", "tz",
}  # fmt: skip
ROLES = (
    "portal", "internal", "salesperson", "buyer", "accountant", "marketing", "supervisor", "director", "administrator",
)  # fmt: skip


def get_dangers(text):
    """What a browser would run of HTML, but for the scripts of Odoo's own pages."""
    found = []
    if not str(text or "").strip():
        return found
    for node in lxml_html.fragments_fromstring(f"<div>{text}</div>")[0].iter():
        if not isinstance(node.tag, str):
            continue
        if node.tag in ("iframe", "object", "embed", "base") or (
            node.tag == "script" and "alert" in (node.text or "")
        ):
            found.append(node.tag)
        for name, value in node.attrib.items():
            # how Odoo's pages tell that one of their own scripts was not loaded
            if (name.startswith("on") and not value.startswith("__odooAssetError")) or name == "srcdoc":
                found.append(f"{node.tag} {name}")
            if name in ("href", "src", "action", "formaction", "xlink:href", "data"):
                if re.match(r"[\s\x00-\x1f]*(javascript|vbscript|data:text)", value, re.IGNORECASE):
                    found.append(f"{node.tag} {name}={value[:40]}")
    return found


class HostileRows(RightsCommon):
    """The rows of the tests of rights, and what they point to, with ``text`` for all their texts."""

    text = TEXT

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # what the rows point to
        for place in cls.places.values():
            for name in (
                "res.partner",
                "res.users",
                "crm.lead",
                "utm.campaign",
                "product.product",
                "res.company",
            ):
                record = cls.env[name].browse(place.records[name])
                record.name = f"{cls.text} {name} {record.id}"
                if name == "utm.campaign":
                    record.title = record.name
            cls.env["crm.lead"].browse(place.records["crm.lead"]).source_id.name = f"{cls.text} {place.name}"
        cls.env.flush_all()
        cls.env.invalidate_all()

    @classmethod
    def _get_value(cls, model, field, place):
        value = super()._get_value(model, field, place)
        if field.name in TECHNICAL or field.name in OVERRIDES.get(model._name, {}) or value == "res.partner":
            return value
        if field.type in ("char", "text"):
            return cls._translate(field, cls.text)
        if field.type == "many2one" and field.comodel_name == "res.currency":
            return place.records["res.currency"]
        if field.type == "html":
            # as the ORM would have cleaned it
            return cls._translate(field, str(html_sanitize(f"<p>{cls.text}</p>", sanitize_attributes=False)))
        return value

    def _read_as_least(self, name, row_id):
        """The record, of the first role that may read it; None if nobody may."""
        for role in ROLES:
            record = self._as(role, name).browse(row_id)
            if record.has_access("read"):
                return role, record
        return None, None
