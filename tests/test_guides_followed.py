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
    "partner.wage.deduction.member",
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
        groups = dict.fromkeys(ROLES.values(), load_base.SALES_GROUPS)
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
            # the administrator's guide says where developer mode is needed
            menus = self.env["ir.ui.menu"].with_user(self.users[login])
            self.visible[login] = menus._visible_menu_ids(debug=login == "admin")
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
                for arch in records.get_views([*{kind: (view, kind) for view, kind in views}.values()])[
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

    def _get_logins(self, guide, section=""):
        return {ROLES[guide], *(login for login in self.users if f"`{login}`" in section)}

    def _get_screen(self, path):
        """The model of the screen of a menu, and its action; none for a screen of its own kind."""
        action = self.menus[path].action
        if action and action._name == "ir.actions.act_window":
            return action.res_model, action
        if action and action._name == "ir.actions.server":
            # it opens a record of its model
            return action.model_id.model, None
        return None

    def test_menus_show_and_their_screens_open(self):
        opened, wrong = 0, []
        for guide in PAGES:
            for section, menus, _words in get_sections("en", guide):
                logins = self._get_logins(guide, section)
                for path in menus:
                    who = {login for login in logins if self._is_visible(login, path)}
                    screen = self._get_screen(path)
                    if not who:
                        wrong.append(f"{guide}: “{path}” does not show for {sorted(logins)}")
                    elif screen:
                        opened += 1
                        if not any(self._open(login, *screen) for login in who):
                            wrong.append(f"{guide}: “{path}” does not open for {sorted(who)}")
        self.assertFalse(wrong, "\n".join(wrong))
        self.assertGreater(opened, 70)

    def test_words_are_on_the_screens_of_the_role(self):
        wrong = []
        for guide in PAGES:
            sections = list(get_sections("en", guide))
            logins = self._get_logins(guide, " ".join(section for section, *_names in sections))
            models = {*DOCUMENTS, *self.dialogs}
            # under the gear of a form stand actions and reports; whose they are, test_guides_clicked shows
            bound = self.env["ir.actions.actions"].search([("binding_model_id", "!=", False)])
            words = {"Relations", "Save", *bound.with_context(lang="en_US").mapped("name")}
            if "admin" in logins:
                # rights of a user have no fields: they are groups
                words.update(self.env["res.groups"].search([]).mapped("name"))
            for path in {path for _section, menus, _words in sections for path in menus}:
                screen = self._get_screen(path)
                for login in logins if screen else ():
                    if self._is_visible(login, path):
                        models.add(screen[0])
                        words |= self._open(login, *screen)
            for login in logins:
                for model in models:
                    words |= self._open(login, model)
            wrong += [
                f"{guide}: “{word}” is on no screen of {sorted(logins)}"
                for _section, _menus, named in sections
                for word in named
                if word not in words and f">{word}<" not in self.scripts and f'"{word}"' not in self.scripts
            ]
        self.assertFalse(wrong, "\n".join(wrong))

    def test_both_languages_name_the_same(self):
        """What is bold in one language is bold in the other, as it is called there."""
        translations, wrong = {}, []
        for entry in PoFileReader(str(ROOT / "i18n" / "vi.po")):
            translations.setdefault(entry["src"], set()).add(entry["value"])
        menus_vi = self.env["ir.ui.menu"].with_context(lang="vi_VN")
        for guide in PAGES:
            sections = zip(get_sections("en", guide), get_sections("vi", guide), strict=True)
            for (_section, menus, words), (_section_vi, paths, words_vi) in sections:
                called = {
                    " / ".join(
                        step.name
                        for step in menus_vi.browse(map(int, self.menus[path].parent_path.split("/")[:-1]))
                    )
                    for path in menus
                }
                wrong += [f"{guide}: {path} in one language only" for path in called ^ {*paths}]
                wrong += [
                    f"{guide}: {word} is not among {words_vi}"
                    for word in words
                    if not translations.get(word, {word}) & {*words_vi}
                ]
        self.assertFalse(wrong, "\n".join(wrong))
