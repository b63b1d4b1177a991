import json
from pathlib import Path

import polib

from odoo.tests import tagged

from .screens import PHONE, ScreensCase

TRANSLATIONS = Path(__file__).parents[1] / "i18n" / "vi.po"


@tagged("post_install", "-at_install")
class TestScreens(ScreensCase):
    """All screens of the addon with the demo company in them: for those who cannot see them, and on a phone.

    The demo company is in the database already (dev/test --screens).
    """

    beside = "screens"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        users = cls.env["res.users"].search([("email", "like", "@saoviet.example.com")])
        cls.users = {user.login: user for user in users}

    def _cut_off(self):
        """The judge of words that are cut off; those of Vietnamese are longer."""
        words = sorted({entry.msgstr for entry in polib.pofile(TRANSLATIONS) if entry.msgstr})
        self.assertGreater(len(words), 1000)
        return f"cutOff({json.dumps(words)})"

    # ------------------------------------------------------------------
    # What axe calls serious or critical, and words that are cut off
    # ------------------------------------------------------------------
    def test_accessible_director(self):
        self.users["giamdoc"].lang = "vi_VN"
        how = f"allOf(faults, cutInFields, {self._cut_off()})"
        self._judge("giamdoc", how, self._axe(), leaving=150)

    def test_accessible_buyer(self):
        """Purchase screens, of which a buyer sees other buttons than a director."""
        self._judge(
            "quang",
            "faults",
            self._axe(),
            lambda screen: screen["name"].startswith(("supplier", "purchase", "contact")),
            leaving=15,
        )

    def test_badges_on_one_line(self):
        self.users["giamdoc"].lang = "vi_VN"
        self._judge("giamdoc", "brokenBadges", only=lambda screen: screen.get("view") == "list", leaving=30)

    def test_names_on_a_small_screen(self):
        """Who a line is about can be read in Vietnamese on a small screen, and the title beside the buttons."""
        self.browser_size = "1200x800"
        self.users["giamdoc"].lang = "vi_VN"
        actions = (
            "manager_scorecard_action",
            "partner_classification_line_action_current",
            "partner_letter_action",
            "partner_order_failure_action_untold",
            "partner_requirement_action",
            "partner_rhythm_report_action",
            "partner_sales_plan_action",
            "purchase_promise_change_action",
        )
        lists = {f"{name} list" for name in actions}
        self._judge("giamdoc", "cutNames", only=lambda screen: screen["name"] in lists, leaving=7)

    def test_judges_find_faults(self):
        """The judges are none that let everything pass."""
        self.users["giamdoc"].lang = "vi_VN"
        broken = """
            const broken = document.createElement("div");
            broken.innerHTML = `<button class="o_broken"></button>
                <label class="d-block text-truncate" style="width: 20px">Nobody can read this</label>
                <p class="text-truncate" style="width: 20px">Bảng kiểm soát</p>
                <p style="width: 9000px">-</p>`;
            shown().append(broken);
        """
        how = f"allOf(faults, tooWide, {self._cut_off()})"
        with self.assertRaises(AssertionError) as raised:
            self._judge(
                "giamdoc",
                f"(part) => {{ {broken} return {how}(part); }}",
                self._axe(),
                lambda screen: screen["name"] == "partner_market_action list",
            )
        for fault in (
            "button-name",
            "9000 px",
            'cut off: "Nobody can read this"',
            'cut off: "Bảng kiểm soát"',
        ):
            self.assertIn(fault, str(raised.exception))

    # ------------------------------------------------------------------
    # Phone: nothing reaches beyond the screen
    # ------------------------------------------------------------------
    def test_phone_width(self):
        self.browser_size, self.touch_enabled = PHONE, True
        self.users["giamdoc"].lang = "vi_VN"
        self._judge("giamdoc", "allOf(tooWide, cutInFields)", leaving=100)

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
