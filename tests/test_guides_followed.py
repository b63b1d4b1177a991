"""Each guide as the person of the demo company whom it tells to log in as: what it names is on that person's screens.

A section may name somebody else, by the login; then the screens of both count.
"""

import re

from lxml import etree

from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools.translate import PoFileReader

from odoo.addons.partner_relations.demo import load_base, load_office

from .test_guides import GUIDES, ROLES, ROOT

# What is on screens that no menu of the guide opens: the documents of Odoo that the addon adds to.
DOCUMENTS = (
    *(
        "account.move",
        "crm.lead",
        "product.template",
        "purchase.order",
        "res.partner",
        "res.users",
        "sale.order",
    ),
    *("utm.campaign", "purchase.order.line", "res.config.settings", "base.partner.merge.automatic.wizard"),
)
BOLD = re.compile(r"\*\*(.+?)\*\*")
# Defined elsewhere, for they are words of a figure and not of a screen.
PAGES = sorted(set(GUIDES) - {"figures", "extend"})


def get_sections(language, guide):
    """[(text, menus, words)] of a guide, each without the breaks of lines."""
    text = re.sub(
        r"\s*\n\s*", " ", (ROOT / "docs" / language / f"{guide}.md").read_text().replace("\n## ", "\n\0")
    )
    for section in text.split("\0"):
        names = BOLD.findall(re.sub(r"`[^`]*`", "", section))
        yield (
            section,
            [name for name in names if " / " in name],
            [name for name in names if " / " not in name],
        )


@tagged("post_install", "-at_install")
class TestGuidesFollowed(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = {login: load_base.SALES_GROUPS for login in ROLES.values()}
        groups.update(load_base.GROUPS)
        groups.update({login: values[-1] for login, values in load_office.OFFICE.items()})
        cls.users = {
            login: cls.env.ref("base.user_admin")
            if login == "admin"
            else new_test_user(cls.env, f"guide_{login}", groups=",".join(groups[login]))
            for login in sorted({*ROLES.values()})
        }
        cls.scripts = " ".join(
            re.sub(r"\s+", " ", path.read_text())
            for path in (ROOT / "static" / "src").glob("**/*")
            if path.suffix in (".js", ".xml")
        )
        cls.menus = {}
        for menu in cls.env["ir.ui.menu"].with_context(lang="en_US").search([]):
            names, upper = [], menu
            while upper:
                names.insert(0, upper.name)
                upper = upper.parent_id
            cls.menus[" / ".join(names)] = menu
        cls.dialogs = [
            name
            for name, model in cls.env.registry.items()
            if model._original_module == "partner_relations" and model._transient
        ]
        cls.visible, cls.shown = {}, {}

    def _is_visible(self, login, path):
        if login not in self.visible:
            menus = self.env["ir.ui.menu"].with_user(self.users[login])
            self.visible[login] = menus.with_context(**{"ir.ui.menu.full_list": False})._visible_menu_ids()
        menu = self.menus[path]
        return all(int(step) in self.visible[login] for step in menu.parent_path.strip("/").split("/"))

    def _open(self, login, model, action=None):
        """The words of the screens of a model, or of an action, as somebody sees them."""
        key = (login, model, action and action.id)
        if key not in self.shown:
            records = self.env[model].with_user(self.users[login]).with_context(lang="en_US")
            words = set()
            if records.has_access("read") or records.has_access("create"):
                views = [(False, "form"), (False, "search")]
                if not records._transient:
                    views.append((False, "list"))
                if action:
                    views = [*action.views, (action.search_view_id.id, "search"), *views[:1]]
                for arch in records.get_views([*dict((kind, (view, kind)) for view, kind in views).values()])[
                    "views"
                ].values():
                    for node in etree.fromstring(arch["arch"]).iter(etree.Element):
                        words.update(node.get(name) for name in ("string", "title", "placeholder", "help"))
                        words.update((node.text, node.tail))
                words.update(field["string"] for field in records.fields_get(attributes=["string"]).values())
                for field in records.fields_get(attributes=["selection"]).values():
                    words.update(label for _key, label in field.get("selection", ()))
            self.shown[key] = {" ".join(word.split()).strip(":") for word in words if word}
        return self.shown[key]

    def test_menus_show_and_their_screens_open(self):
        opened = 0
        for guide in PAGES:
            for section, menus, _words in get_sections("en", guide):
                logins = {ROLES[guide], *(login for login in self.users if f"`{login}`" in section)}
                for path in menus:
                    with self.subTest(guide=guide, menu=path):
                        who = {login for login in logins if self._is_visible(login, path)}
                        self.assertTrue(who, f"the menu does not show for {logins}")
                        action = self.menus[path].action
                        if action and action._name == "ir.actions.act_window":
                            opened += 1
                            self.assertTrue(any(self._open(login, action.res_model, action) for login in who))
        self.assertGreater(opened, 70)

    def test_words_are_on_the_screens_of_the_role(self):
        for guide in PAGES:
            logins, paths = {ROLES[guide]}, set()
            for section, menus, _words in get_sections("en", guide):
                logins |= {login for login in self.users if f"`{login}`" in section}
                paths.update(menus)
            words = set()
            for login in logins:
                for model in {*DOCUMENTS, *self.dialogs}:
                    words |= self._open(login, model)
                for path in paths:
                    action = self.menus[path].action
                    if action and action._name == "ir.actions.act_window" and self._is_visible(login, path):
                        words |= self._open(login, action.res_model, action) | self._open(
                            login, action.res_model
                        )
            for section, _menus, named in get_sections("en", guide):
                for word in named:
                    with self.subTest(guide=guide, section=section[:40], word=word):
                        self.assertTrue(
                            word in words or f">{word}<" in self.scripts or f'"{word}"' in self.scripts,
                            f"“{word}” is on no screen of {sorted(logins)}",
                        )

    def test_both_languages_name_the_same(self):
        """What is bold in one language is bold in the other, as it is called there."""
        translations = {}
        for entry in PoFileReader(str(ROOT / "i18n" / "vi.po")):
            translations.setdefault(entry["src"], set()).add(entry["value"])
        vietnamese = {
            path: " / ".join(
                menu.with_context(lang="vi_VN").name
                for menu in self.env["ir.ui.menu"].browse(
                    map(int, self.menus[path].parent_path.strip("/").split("/"))
                )
            )
            for path, menu in self.menus.items()
        }
        for guide in PAGES:
            for (section, menus, words), (_text, menus_vi, words_vi) in zip(
                get_sections("en", guide), get_sections("vi", guide), strict=True
            ):
                with self.subTest(guide=guide, section=section[:40]):
                    self.assertEqual({vietnamese[path] for path in menus}, {*menus_vi})
                    for word in words:
                        self.assertTrue(translations.get(word, {word}) & {*words_vi}, f"{word} in {words_vi}")
