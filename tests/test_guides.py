import re
from html import unescape
from pathlib import Path

from odoo.tests import TransactionCase, tagged
from odoo.tools.translate import PoFileReader

ROOT = Path(__file__).parents[1]
LANGUAGES = {"en": "en_US", "vi": "vi_VN"}
GUIDES = (
    *("accountant", "administrator", "buyer", "clerk", "director", "extend", "figures", "marketing"),
    *("salesperson", "supervisor"),
)
ROLES = {
    "accountant": "hoa",
    "administrator": "admin",
    "buyer": "quang",
    "clerk": "ngoc",
    "director": "giamdoc",
    "marketing": "mai",
    "salesperson": "minh",
    "supervisor": "lan",
}


def read(path):
    """The text of a page, without code and with the lines of a paragraph joined."""
    return re.sub(r"\s*\n\s*", " ", re.sub(r"`[^`]*`", "", path.read_text()))


def bold(path):
    return re.findall(r"\*\*(.+?)\*\*", read(path))


@tagged("post_install", "-at_install")
class TestGuides(TransactionCase):
    """What the guides name is there: menus in the language of the guide, words of the screens, pictures, pages."""

    def _menu_paths(self, language):
        menus = self.env["ir.ui.menu"].with_context(lang=LANGUAGES[language], active_test=False).search([])
        paths = set()
        for menu in menus:
            names = []
            while menu:
                names.insert(0, menu.name)
                menu = menu.parent_id
            paths.add(" / ".join(names))
        return paths

    def _words(self, language):
        """What the addon's screens say, in a language."""
        words = set()
        for entry in PoFileReader(str(ROOT / "i18n" / "vi.po")):
            text = entry["value"] if language == "vi" else entry["src"]
            words.add(" ".join(unescape(re.sub(r"<[^>]+>", "", text)).split()))
        return words

    def test_each_guide_in_both_languages(self):
        for language in LANGUAGES:
            pages = {path.stem for path in (ROOT / "docs" / language).glob("*.md")}
            self.assertEqual(pages, set(GUIDES), language)

    def test_same_pictures_and_headings_in_both_languages(self):
        for guide in GUIDES:
            with self.subTest(guide=guide):
                english, vietnamese = (
                    (ROOT / "docs" / language / f"{guide}.md").read_text() for language in LANGUAGES
                )
                shown = [
                    re.findall(r"\(\.\./pictures/\w+/(\w+)\.png\)", text) for text in (english, vietnamese)
                ]
                self.assertEqual(*shown)
                self.assertEqual(*(len(re.findall(r"^## ", text, re.M)) for text in (english, vietnamese)))

    def test_login_of_the_demo_company(self):
        for guide, login in ROLES.items():
            for language in LANGUAGES:
                text = (ROOT / "docs" / language / f"{guide}.md").read_text()
                self.assertIn(f"`{login}`", text, f"{language}/{guide}")

    def test_menus(self):
        for language in LANGUAGES:
            paths, named = self._menu_paths(language), 0
            for guide in GUIDES:
                for text in bold(ROOT / "docs" / language / f"{guide}.md"):
                    if " / " in text:
                        named += 1
                        with self.subTest(guide=f"{language}/{guide}", menu=text):
                            self.assertIn(text, paths)
            self.assertGreater(named, 50)

    def test_words_of_the_screens(self):
        """Bold words are those of buttons, fields and filters; in the definitions they are no more than emphasis."""
        for language in LANGUAGES:
            words = self._words(language)
            for guide in set(GUIDES) - {"figures", "extend"}:
                for text in bold(ROOT / "docs" / language / f"{guide}.md"):
                    if " / " not in text:
                        with self.subTest(guide=f"{language}/{guide}", words=text):
                            self.assertIn(text, words)

    def test_links_and_pictures(self):
        pages = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
        pages += sorted((ROOT / "docs").glob("**/*.md"))
        followed = 0
        for page in pages:
            if not page.is_file():
                continue  # parts of the repository that an installation leaves out
            for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text()):
                if not re.match(r"\w+:", target):
                    followed += 1
                    with self.subTest(page=str(page.relative_to(ROOT)), target=target):
                        self.assertTrue((page.parent / target).resolve().is_file())
        self.assertGreater(followed, 60)

    def test_pictures_are_taken_by_the_script(self):
        taken = set(re.findall(r'^name = "(\w+)"', (ROOT / "dev" / "screens.toml").read_text(), re.M))
        for language in LANGUAGES:
            for guide in GUIDES:
                text = (ROOT / "docs" / language / f"{guide}.md").read_text()
                shown = set(re.findall(r"\(\.\./pictures/(\w+)/(\w+)\.png\)", text))
                self.assertLessEqual({name for _folder, name in shown}, taken, f"{language}/{guide}")
                self.assertLessEqual({folder for folder, _name in shown}, {language}, f"{language}/{guide}")
