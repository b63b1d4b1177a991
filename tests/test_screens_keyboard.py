import json
from pathlib import Path
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tests.common import ChromeBrowser

from .screens import FOUND, SCRIPT, ScreensCase

KEYBOARD = Path(__file__).with_name("screens_keyboard.js")
# Keys by their names: code for Windows, and what they type.
KEYS = {
    "Tab": (9, ""),
    "Enter": (13, "\r"),
    "Escape": (27, ""),
    "ArrowLeft": (37, ""),
    "ArrowUp": (38, ""),
    "ArrowRight": (39, ""),
    "ArrowDown": (40, ""),
}


class PressingBrowser(ChromeBrowser):
    """Presses the keys that the page asks for, as a keyboard would: events that scripts make do not move the focus."""

    def _handle_console(self, type, args=None, stackTrace=None, **kw):  # noqa: A002
        word, _colon, key = str(args[0].get("value", "")).partition(":") if args else ("", "", "")
        if word != "press":
            return super()._handle_console(type, args, stackTrace, **kw)
        code, text = KEYS[key]
        event = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        down = {**event, "type": "keyDown" if text else "rawKeyDown", **({"text": text} if text else {})}
        self._websocket_send("Input.dispatchKeyEvent", params=down)
        self._websocket_send("Input.dispatchKeyEvent", params={**event, "type": "keyUp"})


@tagged("post_install", "-at_install")
class TestScreensKeyboard(ScreensCase):
    """Everything that the mouse does on the addon's own components, the keyboard does too."""

    beside = "screens"

    def _walk(self, login, stations):
        code = f"""
            {SCRIPT.read_text()}
            {KEYBOARD.read_text()}
            walkAll({stations}).then((found) => {{
                if (found.length) {{
                    console.error([...{list(FOUND)}, ...found].join("\\n"));
                }} else {{
                    console.log("test successful");
                }}
            }});
        """
        self.authenticate(login, login)
        self.url_open("/odoo/relations-board", timeout=120)
        problem = ""
        try:
            with patch("odoo.tests.common.ChromeBrowser", PressingBrowser):
                self.browser_js(
                    "/odoo/relations-board",
                    code,
                    ready="Boolean(document.querySelector('.o_control_board .o_board_sections'))",
                    login=login,
                    timeout=300,
                )
        except AssertionError as error:
            _code, mark, found = str(error).partition("\n".join(FOUND))
            problem = found if mark else str(error)[-3000:]
        if problem:
            self.fail(problem)

    def _partner(self):
        """A customer of the demo company with much to show."""
        return self.env["partner.contact.log"]._read_group(
            [("state", "=", "planned"), ("commercial_partner_id.customer_rank", ">", 0)],
            ["commercial_partner_id"],
            ["__count"],
            order="__count desc, commercial_partner_id",
            limit=1,
        )[0][0]

    def test_keyboard(self):
        partner = self._partner()
        for number in range(3):
            self.env["partner.contact.log"].create(
                {"title": f"Ask again ({number})", "partner_id": partner.id, "state": "planned"}
            )
        card = {
            "type": "ir.actions.client",
            "tag": "partner_relations.relationship_card",
            "context": {"active_id": partner.id},
        }
        action = "partner_relations.{}"
        self._walk(
            "giamdoc",
            f"""[
            {{
                label: "board",
                screen: {{ action: "{action.format("partner_control_board_action")}" }},
                part: ".o_control_board",
                then: async () => {{
                    await opensDialog(".o_board_plan");
                    await opensMenu(".o_board_more");
                    await staysAfter(".o_board_done", ".o_control_board", (element) => !element.isConnected);
                }},
            }},
            {{
                label: "card",
                screen: {{ action: {json.dumps(card)} }},
                part: ".o_relationship_card .o_card_grid",
                then: async () => {{
                    select(".o_card_buttons button").focus();
                    await opensDialog(".o_card_log");
                    await staysAfter(".o_card_done", ".o_relationship_card", (element) => !element.isConnected);
                }},
            }},
            {{
                label: "time line",
                screen: {{
                    action: "contacts.action_contacts",
                    view: "form",
                    record: {partner.id},
                    clicks: [".o_notebook_headers .nav-link[name=contact_log]"],
                }},
                part: ".o_contact_timeline",
                then: async () => {{
                    await staysAfter(
                        ".o_contact_timeline_done",
                        ".o_contact_timeline",
                        (element) => !element.isConnected
                    );
                }},
            }},
            {{
                label: "team board",
                screen: {{ action: "{action.format("partner_team_board_action")}" }},
                part: ".o_team_board",
                then: async () => {{
                    await staysAfter(".o_team_board_next", ".o_team_board_next", () => true);
                    await opensDialog(".o_team_board_reassign");
                }},
            }},
            {{
                label: "funnel",
                screen: {{ action: "{action.format("partner_inquiry_report_action_funnel")}" }},
                part: ".o_inquiry_funnel",
                then: async () => {{
                    await tabTo(".o_inquiry_funnel_count");
                    await press("Enter");
                    await waitFor(() => select(".o_list_view, .o_kanban_view"), "a figure opens its inquiries");
                }},
            }},
            {{
                label: "matrix",
                screen: {{ action: "{action.format("partner_classification_action_matrix")}" }},
                part: ".o_classification_matrix",
                then: async () => {{
                    const first = await tabTo(".o_cross_table_button");
                    await press("ArrowDown");
                    await waitFor(() => focused(".o_cross_table_button") !== first, "an arrow moves");
                    const key = document.activeElement.dataset.cell;
                    await press("Enter");
                    await waitFor(() => select(".o_list_view"), "a cell opens its customers");
                    // the way back is Odoo's
                    select(".o_back_button a, .breadcrumb-item a").focus();
                    await press("Enter");
                    await waitFor(() => focused(`[data-cell="${{key}}"]`), "the focus is back on the cell");
                }},
            }},
            {{
                label: "comparison",
                screen: {{ action: "{action.format("manager_comparison_action")}" }},
                part: ".o_manager_comparison",
                then: async () => {{
                    await staysAfter(".o_comparison_manager", ".o_comparison_manager", () => true);
                }},
            }},
            {{
                label: "dashboard",
                screen: {{ action: "{action.format("partner_director_dashboard_action")}" }},
                part: ".o_director_dashboard .o_dashboard_grid",
                then: async () => {{
                    await tabTo("summary");
                    await press("Enter");
                    await waitFor(() => select(".o_director_dashboard details[open]"), "Enter shows the months");
                    await tabTo("details .o_dashboard_figure");
                    await press("Enter");
                    await waitFor(() => !select(".o_director_dashboard"), "a figure opens what it is made of");
                }},
            }},
            ]""",
        )

    def test_keyboard_judge(self):
        """What only the mouse reaches, and a focus that nobody sees, are found."""
        with self.assertRaises(AssertionError) as raised:
            self._walk(
                "giamdoc",
                """[{
                    label: "board",
                    screen: { action: "partner_relations.partner_control_board_action" },
                    part: ".o_broken",
                    before: () => {
                        const broken = document.createElement("div");
                        broken.className = "o_broken";
                        broken.innerHTML = `<div style="cursor: pointer">Mouse only</div>
                            <button>Seen</button><button style="all: unset">Unseen</button>`;
                        select(".o_control_board").append(broken);
                    },
                }]""",
            )
        self.assertIn("only the mouse reaches", str(raised.exception))
        self.assertIn("the focus is not to be seen", str(raised.exception))
