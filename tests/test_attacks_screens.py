"""Scripts in all texts of records, and what a browser makes of them on the screens and papers of the addon."""

import json
from pathlib import Path
from urllib.parse import quote

from odoo import Command
from odoo.tests import tagged

from .hostile import OURS, HostileRows
from .rights import ROLES
from .screens import ScreensCase, list_screens

SCRIPT = Path(__file__).with_name("intruders.js")
# Each runs where it is put into a page unchanged: in a text, an attribute, a style, a comment, as a link.
TEXT = (
    '<img src=x onerror="top.__xss=1"><script>top.__xss=2</script>"\'><svg onload="top.__xss=3"></svg></textarea>'
    '</style></title>--><details open ontoggle="top.__xss=4"><a href="javascript:top.__xss=5">x</a></details>'
)
# Screens that show no text of a record: figures alone, or nothing that is due.
SILENT = {
    "partner_classification_action_matrix",
    "partner_rhythm_report_action kanban",
    "manager_indicator_action form",
}
TABS = ["contact_log", "relationship"]
# Of these the list is looked at, too: it has cells of the addon's own.
LISTS = ("partner.contact.log", "partner.deal.report", "partner.letter")


@tagged("post_install", "-at_install")
class TestAttackScreens(HostileRows, ScreensCase):
    text = TEXT

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.place = cls.places["colleague"]
        groups = [cls.env.ref(name).id for name in ROLES["general manager"].split(",")]
        # whose the rows are sees most of them
        cls.place.user.group_ids = [Command.link(group) for group in groups]
        imports = cls.env["partner.contact.import"].browse(cls.place.rows["partner.contact.import"])
        imports._guard_off().state = "ready"

    def _as_owner(self):
        return self.env(user=self.place.user, context={"allowed_company_ids": self.place.company.ids})

    def _get_screens(self):
        """The boards, and a screen of each kind of each model, with the hostile row."""
        screens, seen = [], set()
        for screen in list_screens(self._as_owner()):
            action = self.env.ref(screen["action"])
            model, view = getattr(action, "res_model", None), screen.get("view")
            if screen["name"] == "contact":
                screen |= {"record": self.place.records["res.partner"], "tabs": TABS}
            elif action._name == "ir.actions.client":
                # what one of them is about
                screen["context"] = {"active_id": self.place.records["res.partner"]}
            elif model not in self.models or (model, view) in seen:
                continue
            elif view == "form":
                screen["record"] = self.place.rows[model]
            elif view != "kanban" and (view != "list" or model not in LISTS):
                continue
            seen.add((model, view))
            screens.append({**screen, "told": screen["name"] not in SILENT})
        return screens

    def _get_papers(self):
        """The addresses of the reports as pages."""
        for report in self.env["ir.actions.report"].search([("report_name", "=like", f"{OURS}.%")]):
            row_id = self.place.rows.get(report.model) or self.place.records.get(report.model)
            tail = f"/{row_id}" if row_id else "?options=" + quote(json.dumps({"options": {}}))
            yield f"/report/html/{report.report_name}{tail}"

    def test_scripts_in_the_browser(self):
        """No text of a record becomes part of a screen or of a paper; where one is put there, that is found."""
        screens, papers = self._get_screens(), [*self._get_papers()]
        self.assertGreater(len(screens), 40)
        self.assertGreater(len(papers), 4)
        first = {"name": "control", "action": "partner_relations.partner_market_action", "view": "list"}
        script = f"""
            const open_screens = judgeAll;
            judgeAll = async (screens, how) => [
                ...(await open_screens(screens, how)), ...(await judgePages({json.dumps(papers)})),
            ];
        """
        how = f"(part, screen) => screen.name === 'control' ? control({json.dumps(TEXT)}) : intruders(part, screen)"
        self._open(self.place.user.login, [first, *screens], how, SCRIPT.read_text() + script)
