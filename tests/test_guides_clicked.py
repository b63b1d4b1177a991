"""Each guide followed in the browser, on the demo company, as the person whom it tells to log in as.

Menus and words come from the guide, in its language. Each menu is opened, each word that stands in bold is looked for
on the screen that the guide has led to, and what it asks to do is done as ``guide_steps`` says.
"""

import base64
import io
import json
import re
from collections import Counter
from pathlib import Path

import xlsxwriter

from odoo.tests import tagged
from odoo.tools.translate import PoFileReader

from .guide_steps import LOGINS, LOOK, STEPS
from .screens import SCRIPT, ScreensCase
from .test_guides import LANGUAGES, ROLES, ROOT
from .test_guides_followed import BOLD, PAGES, get_sections

FOLLOW = Path(__file__).with_name("guides.js")
FOUND = ("What is not as the guide", "says:")  # joined by the browser, so that the code does not have it


@tagged("post_install", "-at_install")
class TestGuidesClicked(ScreensCase):
    beside = "screens"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        users = cls.env["res.users"].search([("email", "like", "@saoviet.example.com")])
        cls.users = {user.login: user for user in users | cls.env.ref("base.user_admin")}
        cls.translations = {}
        for entry in PoFileReader(str(ROOT / "i18n" / "vi.po")):
            cls.translations.setdefault(entry["src"], set()).add(entry["value"])

    def _translate(self, word, words):
        """What a word is called in the guide of the other language: one of ``words``."""
        for called in self.translations.get(word, {word}):
            if called in words:
                return called
        return self.fail(f"{word} is not among {words}")

    def _menu_names(self, path, language):
        menus, names = self.env["ir.ui.menu"], []
        parent = menus
        for name in path.split(" / "):
            domain = [("name", "=", name), ("parent_id", "=", parent.id)]
            parent = menus.with_context(lang="en_US").search(domain, limit=1)
            names.append(parent.with_context(lang=language).name)
        return names

    def _get_steps(self, guide, language):
        """``(login, step)`` for each bold word of a guide, as ``follow`` of guides.js takes it."""
        steps = []
        sections = zip(get_sections("en", guide), get_sections(language, guide), strict=True)
        for number, ((text, _menus, _words), (_text, paths, words)) in enumerate(sections):
            known, seen = STEPS.get((guide, number), {}), Counter()
            for word in BOLD.findall(re.sub(r"`[^`]*`", "", text)):
                seen[word] += 1
                names = None
                if " / " in word:
                    names = self._menu_names(word, LANGUAGES[language])
                    self.assertIn(" / ".join(names), paths)
                ops = known.get((word, seen[word])) or known.get(word, [] if names else [LOOK])
                login = LOGINS.get((guide, number, word)) or LOGINS.get((guide, number)) or ROLES[guide]
                called = word if language == "en" or names else self._translate(word, words)
                steps.append(
                    (
                        login,
                        {"where": f"{language}/{guide} {number}", "word": called, "names": names, "ops": ops},
                    )
                )
        return steps

    def _resolve(self, login, op):
        """A record is told by a domain, which is searched as the one who follows the guide."""
        if op[0] not in ("record", "menu", "answer"):
            return op
        if op[0] == "answer":
            return ("upload", "file", "tra-loi.xlsx", self._make_answer(login))
        if op[0] == "menu":
            return ("menu", self._menu_names(op[1], self.users[login].lang))
        _op, model, domain, *rest = op
        record = self.env[model].with_user(self.users[login]).search(domain, limit=1)
        self.assertTrue(record, f"{login} has no {model} with {domain}")
        return ("record", model, record.id, *rest)

    def _make_answer(self, login):
        """The Excel file that the employer sends back: one employee had less withheld than the list says."""
        lists = self.env["partner.wage.deduction.list"].with_user(self.users[login])
        lines = lists.search([("state", "=", "draft")], limit=1).line_ids
        names = ("employee_name", "amount_paid", "note")
        titles = lines.fields_get(names, ["string"])
        stream = io.BytesIO()
        with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, [titles[name]["string"] for name in names])
            for number, line in enumerate(lines, 1):
                short = number == 1
                sheet.write_row(
                    number,
                    0,
                    [line.employee_name, line.amount - short * 1000, "Nghỉ ốm" if short else ""],
                )
        self.assertTrue(lines)
        return base64.b64encode(stream.getvalue()).decode()

    def _follow(self, guide, language):
        for user in self.users.values():
            user.lang = LANGUAGES[language]
        steps, problems = self._get_steps(guide, language), []
        self.assertGreater(len(steps), 5)
        for login in dict.fromkeys(login for login, _step in steps):
            problems += self._run(
                login,
                [
                    {**step, "ops": [self._resolve(login, op) for op in step["ops"]]}
                    for who, step in steps
                    if who == login
                ],
            )
        self.assertFalse(problems, "\n".join(problems))

    def test_finds_what_is_not_there(self):
        """The follower is none that let everything pass."""
        self.users["minh"].lang = "en_US"

        def step(word, *ops, names=None):
            return {"where": "en/none 0", "word": word, "names": names, "ops": ops}

        problems = self._run(
            "minh",
            [
                step("No Menu", names=["Relations", "No Menu"]),
                step("Team Board", names=["Relations", "My Work", "Team Board"]),
                step("Board", ("look",), names=["Relations", "Board"]),
                step("No Such Word", ("look",)),
                step("Overdue", ("look",), ("press",), ("shows", ".o_no_such_class")),
                step("Today", ("record", "res.partner", 999_999_999), ("look",)),
            ],
        )
        found = "\n".join(problems)
        for words in (
            "“No Menu”: there is no such menu",
            # of superiors only
            "“Team Board”: there is no such menu",
            "“No Such Word”: is not on the screen",
            "“Overdue”: .o_no_such_class does not show",
            "“Today”: ",
        ):
            self.assertIn(words, found)
        self.assertEqual(len(problems), 5, found)

    def _run(self, login, steps):
        code = f"""
            {SCRIPT.read_text()}
            {FOLLOW.read_text()}
            followAll({json.dumps(steps)}, {json.dumps(login == "admin")}).then((found) => {{
                if (found.length) {{
                    console.error([{list(FOUND)}.join(" "), ...found].join("\\n"));
                }} else {{
                    console.log("test successful");
                }}
            }});
        """
        start = "/odoo/res.country"  # a small list; who may not see it lands elsewhere
        self.authenticate(login, login)
        self.url_open(start, timeout=120)
        try:
            try:
                self._browse(login, start, code)
            except TimeoutError:
                # the page was not there in the ten seconds that Odoo waits: nothing was followed yet
                self._browse(login, start, code)
        except AssertionError as error:
            # Odoo repeats all of the code, in which the words stand too
            _code, mark, found = str(error).partition(" ".join(FOUND) + "\n")
            if not mark:
                return [str(error)[-2000:]]
            return [line for line in found.splitlines() if line.startswith(("en/", "vi/"))]
        return []

    def _browse(self, login, start, code):
        self.browser_js(
            start,
            code,
            ready="Boolean(document.querySelector('.o_action_manager > *'))",
            login=login,
            timeout=600,
        )


def _make(guide, language):
    def test(self):
        self._follow(guide, language)

    return test


for _guide in PAGES:
    for _language in LANGUAGES:
        setattr(TestGuidesClicked, f"test_{_guide}_{_language}", _make(_guide, _language))
