"""Dates and numbers within sentences, as the language of the reader writes them."""

import re
from datetime import date, datetime
from pathlib import Path

from markupsafe import Markup

from odoo import Command
from odoo.tests import HttpCase, TransactionCase, tagged

from ..tools.number_words import format_number, format_percent, format_price

SCREENS = Path(__file__).with_name("screens.js")


@tagged("post_install", "-at_install")
class TestFormats(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("vi_VN")
        cls.vietnamese = cls.env(context={**cls.env.context, "lang": "vi_VN", "tz": "Asia/Ho_Chi_Minh"})

    def test_numbers(self):
        for number, words in [
            (70.0, "70"),
            (33.5, "33,5"),
            (-1500000.0, "-1.500.000"),
            (1048574, "1.048.574"),
        ]:
            with self.subTest(number=number):
                self.assertEqual(format_number(self.vietnamese, number), words)
        english = self.env(context={**self.env.context, "lang": "en_US"})
        self.assertEqual(format_number(english, 1500.25), "1,500.25")

    def test_percent(self):
        """As the widgets of the screens, which write no space."""
        for number, options, words in [
            (18.2, {}, "18,2%"),
            (18.2, {"digits": 2}, "18,20%"),
            (100, {}, "100%"),
            (-0.5, {"digits": 1}, "-0,5%"),
            (1500, {"digits": 0}, "1.500%"),
        ]:
            with self.subTest(number=number, options=options):
                self.assertEqual(format_percent(self.vietnamese, number, **options), words)

    def test_percent_of_all_words(self):
        """Nor does any sentence, in either language."""
        text = (Path(__file__).parents[1] / "i18n" / "vi.po").read_text(encoding="utf-8")
        # lines that go on are one text
        text = text.replace('"\n"', "")
        found = re.findall(r"[^\n]*(?:\d|\)s|%s)[ \u00a0]%%?(?=[\s.,;:)\"]|$)[^\n]*", text)
        self.assertFalse(found)

    def test_prices(self):
        """Decimals of the currency, and more where the price has more; đồng have none."""
        self.env.ref("product.decimal_price").digits = 4
        dong = self.env["res.currency"].with_context(active_test=False).search([("name", "=", "VND")])
        for price, currency, words in [
            (100_000_000_000, dong, "100.000.000.000\N{NO-BREAK SPACE}₫"),
            (-0.0125, dong, "-0,0125\N{NO-BREAK SPACE}₫"),
            (12.5, self.env.ref("base.EUR"), "12,50\N{NO-BREAK SPACE}€"),
            (12.5001, self.env.ref("base.EUR"), "12,5001\N{NO-BREAK SPACE}€"),
        ]:
            with self.subTest(price=price, currency=currency.name):
                self.assertEqual(format_price(self.vietnamese, price, currency), words)

    def test_month_of_a_plan(self):
        plan = self.env["partner.sales.plan"].new({"date": date(2026, 11, 1), "measure": "revenue"})
        self.assertIn("11/2026", plan.display_name)

    def test_day_of_a_quoted_letter(self):
        letter = self.vietnamese["partner.letter"].new(
            {"body": "<p>?</p>", "date": datetime(2026, 11, 28, 18, 5), "email": "an@khach.example.com"}
        )
        body = letter._get_reply_body()
        self.assertRegex(
            body, "29/11/(20)?26", "in the reader's time zone; Babel writes it as it is used now"
        )
        self.assertIn("01:05", body)

    def test_plain_text_is_quoted_as_text(self):
        """A letter without formats is no code in the answer, and keeps its lines."""
        text = Markup("<PRE class='x'>Chào anh,\n&lt;b&gt; 2 ghế</pre>")
        letter = self.vietnamese["partner.letter"].new({"body": text, "date": datetime(2026, 11, 28)})
        body = letter._get_reply_body()
        self.assertNotIn("pre ", body.lower().replace("pre-wrap", ""))
        self.assertIn(
            '<div style="white-space: pre-wrap">Chào anh,\n&lt;b&gt; 2 ghế</div></blockquote>', body
        )


@tagged("post_install", "-at_install")
class TestDays(HttpCase):
    def test_days(self):
        """Tomorrow is tomorrow also on the last day of a month, and a month ahead is a number of days."""
        script = """
            const { DaysField } = odoo.loader.modules.get("@partner_relations/contact/days_field/days_field");
            const said = [-40, 1, 40].map((days) => {
                const day = luxon.DateTime.local().startOf("day").plus({ days });
                const field = Object.create(DaysField.prototype);
                field.props = { name: "day", record: { data: { day } } };
                return field.diffString;
            });
            const wanted = ["40 days ago", "Tomorrow", "In 40 days"];
            if (String(said) === String(wanted)) {
                console.log("test successful");
            } else {
                console.error(`said: ${said}`);
            }
        """
        # the first page takes long on a busy machine, and the browser waits ten seconds
        self.authenticate("admin", "admin")
        self.url_open("/odoo/relations-board", timeout=120)
        ready = "Boolean(document.querySelector('.o_control_board .o_board_sections'))"
        self.browser_js("/odoo/relations-board", script, ready=ready, login="admin", timeout=120)


@tagged("post_install", "-at_install")
class TestLongTitle(HttpCase):
    def test_excel_beside_a_long_title(self):
        """The icon stays beside its word: the title is cut off, and not the button broken in two lines."""
        script = """
            const button = document.querySelector(".o_control_panel button[name='action_export_excel']");
            const height = button.offsetHeight;
            const title = document.querySelector(".o_control_panel .o_last_breadcrumb_item span");
            title.textContent = "Doanh thu và lợi nhuận theo khách hàng ".repeat(20);
            if (height && button.offsetHeight === height) {
                console.log("test successful");
            } else {
                console.error(`${height} px high, then ${button.offsetHeight}`);
            }
        """
        self.authenticate("admin", "admin")
        self.url_open("/odoo/turnover?view_type=list", timeout=120)
        ready = "Boolean(document.querySelector(\".o_control_panel button[name='action_export_excel']\"))"
        self.browser_js("/odoo/turnover?view_type=list", script, ready=ready, login="admin", timeout=120)


@tagged("post_install", "-at_install")
class TestLongNumbers(HttpCase):
    def _assert_whole(self, path, condition):
        """No number of the list is cut off, once it has some of so many characters, in a row and in the total."""
        script = """
            const numbers = [...document.querySelectorAll(".o_list_renderer .o_list_number")];
            const long = numbers.filter((cell) => cell.textContent.length >= 17);
            const cut = long.filter((cell) => cell.scrollWidth > cell.clientWidth + 1);
            if (long.length < %s) {
                console.error(`${long.length} long numbers`);
            } else if (cut.length) {
                console.error(cut.map((cell) => `cut off: ${cell.textContent}`).join(", "));
            } else {
                console.log("test successful");
            }
        """
        ready = "Boolean(document.querySelector('.o_list_renderer .o_data_row'))"
        self.authenticate("admin", "admin")
        self.url_open(path, timeout=120)
        self.browser_js(path, script % condition, ready=ready, login="admin", timeout=120)

    def test_amounts_are_not_cut_off(self):
        """Columns of a width of their own and those of Odoo's get what trillions need, below zero, too."""
        admin = self.env.ref("base.user_admin")
        plans = self.env["partner.sales.plan"].create(
            [
                {"user_id": admin.id, "date": f"{date.today().year}-0{month}-01", "amount": amount}
                for month, amount in ((1, 1_234_567_890_123), (2, 987_654_321_098))
            ]
        )
        self.assertEqual(len(plans), 2)
        self._assert_whole("/odoo/sales-plans", 3)


@tagged("post_install", "-at_install")
class TestLook(HttpCase):
    def _look(self, script):
        # the first page takes long on a busy machine, and the browser waits ten seconds
        self.authenticate("admin", "admin")
        self.url_open("/odoo/relations-board", timeout=120)
        ready = "Boolean(document.querySelector('.o_control_board .o_board_sections'))"
        code = f"""
            {SCREENS.read_text()}
            const {{ action }} = odoo.__WOWL_DEBUG__.root.env.services;
            watchRequests();
            (async () => {{ {script} }})().then((found) => {{
                if (found.length) {{
                    console.error(found.join("; "));
                }} else {{
                    console.log("test successful");
                }}
            }});
        """
        self.browser_js("/odoo/relations-board", code, ready=ready, login="admin", timeout=120)

    def test_no_return_without_a_cost(self):
        """The card of a campaign does not begin to tell a return that it has not."""
        campaigns = self.env["utm.campaign"].create(
            [{"title": title, "user_id": self.env.ref("base.user_admin").id} for title in ("Costly", "Free")]
        )
        campaigns[0].cost_ids = [Command.create({"name": "Stand", "amount": 100, "date": date.today()})]
        self.env["crm.lead"].create([{"name": "Lead", "campaign_id": campaign.id} for campaign in campaigns])
        self._look(
            """
            await action.doAction("partner_relations.partner_campaign_report_action", { viewType: "kanban" });
            await settle();
            const cards = [...document.querySelectorAll(".o_kanban_record:not(.o_kanban_ghost)")];
            const told = cards.filter((card) => card.innerText.includes("ROI"));
            const words = told.map((card) => card.innerText.replaceAll("\\n", " ")).join("; ");
            return cards.length > told.length && told.length === 1 && words.includes("Costly")
                ? [] : [`${told.length} of ${cards.length}: ${words}`];
            """
        )

    def test_thousands_of_percent_have_a_separator(self):
        """As all numbers of the screens; a campaign that cost little has such a return."""
        self.env["res.lang"]._activate_lang("vi_VN")
        self.env.ref("base.user_admin").lang = "vi_VN"
        self._look(
            """
            const { formatShare } = odoo.loader.modules.get("@partner_relations/supplier/share_field/share_field");
            const { formatUnit } = odoo.loader.modules.get("@partner_relations/manager/unit_value/unit_value");
            const told = [
                formatShare(19.3001, { digits: [16, 2] }), formatShare(0.5), formatShare(0), formatShare(false),
                formatUnit(19.3001, "percent"), formatUnit(false, "percent"),
            ].join(" ");
            return told === "1.930,01% 50% 0%  1.930% " ? [] : [told];
            """
        )

    def test_names_of_groups_are_whole(self):
        """All Vietnamese companies begin with the same words: what tells them apart is not cut off."""
        admin = self.env.ref("base.user_admin")
        admin.name = "Công ty TNHH Thương mại Dịch vụ Xuất nhập khẩu Nội thất Phú Quý " * 4
        self.env["partner.sales.plan"].create(
            {"user_id": admin.id, "date": f"{date.today().year}-01-01", "amount": 1}
        )
        self._look(
            """
            const additionalContext = { group_by: ["user_id"] };
            await action.doAction("partner_relations.partner_sales_plan_action", { additionalContext });
            await settle();
            const names = [...document.querySelectorAll(".o_group_header .o_group_name")];
            const cut = names.filter((name) => name.scrollWidth > name.clientWidth + 1);
            return names.length ? cut.map((name) => `cut off: ${name.textContent}`) : ["no groups"];
            """
        )

    def test_words_of_a_state_stand_in_one_line(self):
        """Where the window is narrow, for which Odoo gives a state as little room as any word."""
        self.env["res.lang"]._activate_lang("vi_VN")
        self.env.ref("base.user_admin").lang = "vi_VN"
        supplier = self.env["res.partner"].create({"name": "Công ty TNHH Kim Khí Tân Thép"})
        self.env["supplier.grade.override"].create(
            {
                "partner_id": supplier.id,
                "grade": "high",
                "reason": "Giá cao hơn là do chúng ta duyệt thép loại mới, bảng giá mới đang được ký",
                "date_until": f"{date.today().year + 1}-12-31",
            }
        )
        self.browser_size = "1100x768"
        self._look(
            """
            await action.doAction("partner_relations.supplier_grade_override_action");
            await settle();
            const badges = [...document.querySelectorAll(".o_data_row td[name=state] .badge")];
            const size = (badge) => parseFloat(getComputedStyle(badge).fontSize);
            const high = badges.filter((badge) => badge.offsetHeight > 1.5 * size(badge) + 10);
            const told = high.map((badge) => `${badge.offsetHeight} px: ${badge.textContent}`);
            return badges.length ? told : ["no badges"];
            """
        )

    def test_groups_without_value_have_a_name(self):
        """Contacts without a class are told by a word, in lists and on boards, and not by their number alone."""
        self._look(
            """
            const found = [];
            for (const [viewType, selector] of [["list", ".o_group_name"], ["kanban", ".o_column_title"]]) {
                const additionalContext = { group_by: ["relation_stage"] };
                await action.doAction("contacts.action_contacts", { viewType, additionalContext });
                await settle();
                const names = [...document.querySelectorAll(selector)].map((name) => name.textContent.trim());
                if (!names.some((name) => name.startsWith("None"))) {
                    found.push(`${viewType}: ${names.join(", ") || "no groups"}`);
                }
            }
            return found;
            """
        )

    def test_missing_fields_are_named(self):
        """Who presses a button too early is told what is missing, in Vietnamese, of which core has no words."""
        self.env["res.lang"]._activate_lang("vi_VN")
        self.env.ref("base.user_admin").lang = "vi_VN"
        self._look(
            """
            const found = [];
            const told = async (name, press) => {
                await action.doAction(name);
                await settle();
                press();
                await settle();
                return document.querySelector(".o_notification:last-child")?.textContent.trim() || "nothing is told";
            };
            const own = await told("partner_relations.partner_reassign_action", () =>
                document.querySelector(".modal [name=action_reassign]").click()
            );
            for (const word of ["Trường bắt buộc còn thiếu", "Từ, Đến, Lý do"]) {
                if (!own.includes(word)) {
                    found.push(`no ${word} in: ${own}`);
                }
            }
            return found;
            """
        )

    def test_choices_of_settings_are_whole(self):
        """Vietnamese words are longer than the width that Odoo gives to a choice."""
        self.env["res.lang"]._activate_lang("vi_VN")
        self.env.ref("base.user_admin").lang = "vi_VN"
        self._look(
            """
            const block = ".app_settings_block[data-key=partner_relations]";
            await action.doAction("partner_relations.res_config_settings_action");
            await settle();
            const part = document.querySelector(block);
            return part?.querySelector("[name=campaign_touch] select, [name=campaign_touch] input")
                ? cutInFields(part)
                : ["no settings"];
            """
        )
