"""Opens all screens of the addon as the web client does, without a browser: views, records, groups, filters."""

import contextlib
import datetime
import time

from dateutil.relativedelta import relativedelta
from lxml import etree

from odoo import fields
from odoo.exceptions import UserError
from odoo.tools.safe_eval import safe_eval

LISTED = ("list", "kanban", "form", "calendar", "activity")


def open_all(env, only=None):
    """Open each window action of the addon that the user may open.

    :param only: a function of the action that says whether it is opened; all are without it
    :return: ``(opened, faults)``: how many views were opened, and what failed
    """
    opened, faults = 0, []
    # sudo: which actions there are; what they show is read as the user of ``env``
    entries = (
        env["ir.model.data"]
        .sudo()
        .search([("module", "=", "partner_relations"), ("model", "=", "ir.actions.act_window")], order="name")
    )
    for entry in entries:
        action = env["ir.actions.act_window"].sudo().browse(entry.res_id)
        if action.group_ids and not action.group_ids & env.user.all_group_ids:
            continue
        if not env[action.res_model].has_access("read") or (only and not only(action)):
            continue
        try:
            with env.cr.savepoint():
                opened += _open(env, action)
        except Exception as error:
            faults.append(f"{entry.name} ({action.res_model}): {type(error).__name__}: {error}")
    return opened, faults


def _evaluate(env, text, default):
    names = {
        "uid": env.uid,
        "user": env.user,
        "context_today": lambda: fields.Date.context_today(env.user),
        "relativedelta": relativedelta,
        "datetime": datetime,
        "time": time,
        "active_id": 0,
        "active_ids": [],
        "active_model": False,
        "allowed_company_ids": env.companies.ids,
        "current_date": fields.Date.to_string(fields.Date.context_today(env.user)),
        "context": {},
        "True": True,
        "False": False,
    }
    try:
        return safe_eval(text or repr(default), names)
    except Exception:
        return default  # what asks the client for more than that: any record will do


def _open(env, action):
    context = _evaluate(env, action.context, {})
    model = env[action.res_model].with_context(**{**env.context, **context})
    kinds = [kind for kind in action.view_mode.split(",") if kind]
    views = dict(action.views)
    found = model.get_views([*((views.get(kind) or False, kind) for kind in kinds), (False, "search")])
    domain = _evaluate(env, action.domain, [])
    if model._transient:
        if "form" in kinds:
            with contextlib.suppress(UserError):  # a dialog that says which records it wants
                model.default_get(list(_spec(found, "form")))
        return len(kinds)
    for kind in kinds:
        if kind in LISTED:
            model.web_search_read(domain, _spec(found, kind), limit=80)
        elif kind in ("pivot", "graph"):
            _read_groups(model, found, kind, domain)
    for node in etree.fromstring(found["views"]["search"]["arch"]).iter("filter"):
        if node.get("domain"):
            model.search_count([*domain, *_evaluate(env, node.get("domain"), [])], limit=1)
    return len(kinds)


def _spec(found, kind):
    """What the client asks for: the fields of the view, with the names of records."""
    view = found["views"][kind]
    known = found["models"][action_model(found, kind)]["fields"]
    spec = {}
    for node in etree.fromstring(view["arch"]).iter("field"):
        name = node.get("name")
        if any(parent.tag == "field" for parent in node.iterancestors()) or name not in known:
            continue
        spec[name] = {"fields": {"display_name": {}}} if known[name]["type"] == "many2one" else {}
    return spec


def action_model(found, kind):
    return found["views"][kind].get("model") or next(iter(found["models"]))


def _read_groups(model, found, kind, domain):
    groupby, aggregates = [], ["__count"]
    for node in etree.fromstring(found["views"][kind]["arch"]).iter("field"):
        if node.get("type") == "measure":
            field = model._fields[node.get("name")]
            if field.aggregator:
                aggregates.append(f"{field.name}:{field.aggregator}")
        else:
            interval = node.get("interval") or (
                "month" if model._fields[node.get("name")].type in ("date", "datetime") else None
            )
            groupby.append(node.get("name") + (f":{interval}" if interval else ""))
    for name in groupby:
        model.formatted_read_group(domain, [name], aggregates)
