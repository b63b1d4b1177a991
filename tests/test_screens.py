import json
import os
from pathlib import Path

from odoo.tests import HttpCase, tagged

from ..demo import furniture
from .screens import list_screens

SCRIPT = Path(__file__).with_name("screens.js")
PHONE = "375x812"


@tagged("post_install", "-at_install")
class TestScreens(HttpCase):
    """All screens of the addon, filled with the demo company: for those who cannot see them, and on a phone."""

    beside = "screens"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        furniture.load(cls.env, commit=False)
        users = cls.env["res.users"].search([("email", "like", "@saoviet.example.com")])
        users.lang = "en_US"  # the bundles of this language are there already
        cls.users = {user.login: user for user in users}

    def _judge(self, login, how, script="", only=lambda screen: True, leaving=0):
        """Open the screens in the browser and fail with all that is wrong with any of them."""
        user = self.users[login]
        screens = [screen for screen in list_screens(self.env(user=user)) if only(screen)]
        self.assertGreater(len(screens), leaving, "screens to look at")
        code = f"""
            {script}
            {SCRIPT.read_text()}
            judgeAll({json.dumps(screens)}, {how}).then((found) => {{
                if (found.length) {{
                    console.error(found.join("\\n"));
                }} else {{
                    console.log("test successful");
                }}
            }});
        """
        # the first page takes long on a busy machine, and the browser waits ten seconds
        self.authenticate(login, login)
        self.url_open("/odoo/relations-board", timeout=120)
        self.browser_js(
            "/odoo/relations-board",
            code,
            ready="Boolean(document.querySelector('.o_control_board .o_board_sections'))",
            login=login,
            timeout=900,
        )

    def _axe(self):
        path = os.environ.get("AXE_CORE")
        if not path:
            self.skipTest("dev/test names axe's script in AXE_CORE")
        return Path(path).read_text()

    # ------------------------------------------------------------------
    # Accessibility: what axe calls serious or critical
    # ------------------------------------------------------------------
    def test_accessible_director(self):
        self._judge("giamdoc", "faults", self._axe(), leaving=150)

    def test_accessible_buyer(self):
        """Purchase screens, of which a buyer sees other buttons than a director."""
        self._judge(
            "quang",
            "faults",
            self._axe(),
            lambda screen: screen["name"].startswith(("supplier", "purchase", "contact")),
            leaving=15,
        )

    def test_axe_finds_faults(self):
        """The judge is none that lets everything pass."""
        broken = 'shown().append(Object.assign(document.createElement("button"), { className: "o_broken" }));'
        with self.assertRaisesRegex(AssertionError, "button-name"):
            self._judge(
                "giamdoc",
                f"(part) => {{ {broken} return faults(part); }}",
                self._axe(),
                lambda screen: screen["name"] == "partner_market_action list",
            )

    # ------------------------------------------------------------------
    # Phone: nothing reaches beyond the window
    # ------------------------------------------------------------------
    def test_phone_width(self):
        self.browser_size, self.touch_enabled = PHONE, True
        self._judge("giamdoc", "tooWide", leaving=150)

    def _tour(self, name, login, path):
        """The daily path of a role, as who has it in the demo company."""
        self.browser_size, self.touch_enabled = PHONE, True
        self.authenticate(login, login)
        self.url_open(f"/odoo/{path}", timeout=120)
        self.start_tour(f"/odoo/{path}", f"partner_relations_phone_{name}", login=login, timeout=180)

    def test_phone_salesperson(self):
        done = [("user_id", "=", self.users["minh"].id), ("state", "=", "done")]
        logs = self.env["partner.contact.log"]
        before = logs.search(done)
        self._tour("salesperson", "minh", "relations-board")
        self.env.invalidate_all()
        self.assertEqual(len(logs.search(done) - before), 1)

    def test_phone_supervisor(self):
        self._tour("supervisor", "lan", "team-board")

    def test_phone_director(self):
        self._tour("director", "giamdoc", "customer-matrix")

    def test_phone_buyer(self):
        self._tour("buyer", "quang", "coming-deliveries")

    def test_phone_marketing(self):
        self._tour("marketing", "mai", "segments")

    def test_phone_clerk(self):
        self._tour("clerk", "ngoc", "letters-to-assign")

    def test_phone_accountant(self):
        self._tour("accountant", "hoa", "payment-reminders")

    def test_phone_width_finds_faults(self):
        self.browser_size, self.touch_enabled = PHONE, True
        wide = 'shown().append(Object.assign(document.createElement("p"), { style: "width: 900px", innerText: "-" }));'
        with self.assertRaisesRegex(AssertionError, "px"):
            self._judge(
                "giamdoc",
                f"(part) => {{ {wide} return tooWide(part); }}",
                only=lambda screen: screen["name"] == "partner_market_action list",
            )
