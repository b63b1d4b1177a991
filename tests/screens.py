"""The addon's own screens, as tests that look at all of them open them."""

import ast
import json
import os
from pathlib import Path

from lxml import etree

from odoo.tests import HttpCase

SCRIPT = Path(__file__).with_name("screens.js")
PHONE = "375x812"
FOUND = ("What is wrong", "with these screens:")  # joined by the browser, so that the code does not have it
# What the dialogs that act on records are opened for: the model of those records.
ACTS_ON = {
    "partner_order_failure_dialog_action": "sale.order",
    "partner_order_failure_dialog_action_rest": "sale.order",
    "partner_reassign_action": "res.partner",
    "partner_segment_activity_action": "partner.segment",
    "partner_segment_add_action": "res.partner",
    "partner_wage_deduction_answer_action": "partner.wage.deduction.list",
    "purchase_promise_move_action": "purchase.order",
    "purchase_promise_move_action_lines": "purchase.order.line",
    "supplier_grade_wizard_action": "res.partner",
}
OWN_MODELS = ("partner.", "supplier.", "manager.", "purchase.promise.")
# Tabs of the addon on forms of Odoo; of these forms nothing else is judged.
TABS = {"res.partner": ["contact_log", "analysis"], "crm.lead": ["inquiry"]}


def list_screens(env):
    """Each view of each action of the addon that the user of ``env`` may open, with a record for forms and dialogs.

    What has no record to show opens as a new one.
    """
    data = env["ir.model.data"].sudo()
    screens = []
    for model in ("ir.actions.client", "ir.actions.act_window"):
        for entry in data.search([("module", "=", "partner_relations"), ("model", "=", model)], order="name"):
            action = env[model].sudo().browse(entry.res_id)
            groups = action.group_ids if "group_ids" in action else env["res.groups"]
            if groups and not groups & env.user.all_group_ids:
                continue
            if model == "ir.actions.client":
                menus = env["ir.ui.menu"].sudo().search([("action", "=", f"{model},{action.id}")])
                if menus and not set(menus.ids) & env["ir.ui.menu"]._visible_menu_ids():
                    continue
                screens.append({"name": entry.name, "action": entry.complete_name})
            elif env[action.res_model].has_access("read"):
                screens += _views(env, action, entry)
    company = env["res.partner"].search([("is_company", "=", True), ("customer_rank", ">", 0)], limit=1)
    screens.append(
        {
            "name": "contact",
            "action": "contacts.action_contacts",
            "view": "form",
            "record": company.id,
            "tabs": TABS["res.partner"],
        }
    )
    return screens


def _views(env, action, entry):
    base = {"name": entry.name, "action": entry.complete_name}
    if action.target == "new":
        context = _acting(env, entry.name)
        return [{**base, "context": context}] if all(context.values()) else []
    views = []
    for kind in action.view_mode.split(","):
        screen = {**base, "name": f"{entry.name} {kind}", "view": kind}
        if kind == "form":
            if not action.res_model.startswith(OWN_MODELS):
                if action.res_model not in (*TABS, "res.config.settings"):
                    continue
                if action.res_model == "res.config.settings":
                    screen["part"] = ".app_settings_block[data-key=partner_relations]"
                else:
                    screen["tabs"] = TABS[action.res_model]
            record = env[action.res_model].search(_domain(env, action), limit=1)
            screen["record"] = record.id
            if not record and not _can_be_new(env[action.res_model]):
                continue
        views.append(screen)
    return views


def _can_be_new(model):
    """Whether the form lets one make a new record."""
    form = etree.fromstring(model.get_view(view_type="form")["arch"])
    return model.has_access("create") and form.get("create", "1").lower() not in ("0", "false")


def _domain(env, action):
    """The action's domain where it is plain; those that ask the client for something show any record."""
    try:
        return ast.literal_eval(action.domain or "[]")
    except (ValueError, SyntaxError):
        return []


def _acting(env, name):
    model = ACTS_ON.get(name)
    if not model:
        return {}
    wanted = {
        "sale.order": [("state", "=", "sale")],
        "purchase.order": [("state", "=", "purchase")],
        "purchase.order.line": [("order_id.state", "=", "purchase")],
        "res.partner": [("is_company", "=", True)],
    }
    if name == "partner_order_failure_dialog_action_rest":
        wanted["sale.order"] += [("delivery_status", "in", ("started", "partial"))]
    record = env[model].search(wanted.get(model, []), limit=1)
    return {"active_model": model, "active_id": record.id, "active_ids": record.ids}


class ScreensCase(HttpCase):
    """Opens screens in the browser, one after the other, and judges each by what tests/screens.js has for it."""

    @staticmethod
    def _on_phone(screens):
        """A phone shows one of an action's views of many records, whichever is asked for: the first will do."""
        seen = set()
        for screen in screens:
            key = screen["action"], screen.get("view") == "form"
            if key not in seen:
                seen.add(key)
                yield screen

    def _judge(self, login, how, script="", only=lambda screen: True, leaving=0):
        """Open the screens in the browser and fail with all that is wrong with any of them."""
        user = self.users[login]
        screens = [screen for screen in list_screens(self.env(user=user)) if only(screen)]
        if self.browser_size == PHONE:
            screens = [*self._on_phone(screens)]
        self.assertGreater(len(screens), leaving, "screens to look at")
        self._open(login, screens, how, script)

    def _open(self, login, screens, how, script=""):
        """Open these screens as this user, and fail with what ``how`` finds wrong with any of them."""
        code = f"""
            {script}
            {SCRIPT.read_text()}
            judgeAll({json.dumps(screens)}, {how}).then((found) => {{
                if (found.length) {{
                    console.error([...{list(FOUND)}, ...found].join("\\n"));
                }} else {{
                    console.log("test successful");
                }}
            }});
        """
        # the first page takes long on a busy machine, and the browser waits ten seconds
        self.authenticate(login, login)
        self.url_open("/odoo/relations-board", timeout=120)
        problem = ""
        try:
            self.browser_js(
                "/odoo/relations-board",
                code,
                ready="Boolean(document.querySelector('.o_control_board .o_board_sections'))",
                login=login,
                timeout=900,
            )
        except AssertionError as error:
            # Odoo repeats all of the code, in which the names of faults stand too
            _code, mark, found = str(error).partition("\n".join(FOUND))
            problem = f"{len(screens)} screens{found}" if mark else str(error)[-3000:]
        if problem:
            self.fail(problem)

    def _axe(self):
        path = os.environ.get("AXE_CORE")
        if not path:
            self.skipTest("dev/test names axe's script in AXE_CORE")
        return Path(path).read_text()
