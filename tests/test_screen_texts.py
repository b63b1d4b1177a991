"""What a screen says in words: the help of one that is empty, the names of buttons that are only an icon."""

import re
from collections import defaultdict
from pathlib import Path

from lxml import etree, html

from odoo.tests import TransactionCase, tagged

SOURCE = Path(__file__).parents[1] / "static" / "src"
NAMES = ("string", "title", "aria-label", "data-tooltip")
# A directive that gives an element words, or what stands in its place
SAYS = ("t-out", "t-esc", "t-call", "t-slot", "t-component", "t-raw")
WORDED = {"field", "widget"}
PRESSED = {"button", "a", "DropdownItem"}
ICON = re.compile(r"\b(fa|oi) ")
CLASSES = ("class", "t-attf-class", "t-att-class")
# Views that show the help of their action when they have nothing to show
SHOWS_HELP = {"list", "kanban", "pivot", "graph", "calendar", "activity"}


def find_nameless(root):
    """Buttons and links of a view or template that show an icon at most and have no name in words.

    Children with a ``position`` only tell where to put something; a component (capital letter) is judged by itself.
    """
    for element in root.iter("button", "a"):
        if element.get("position") or element.get("t-call"):
            continue
        if any(element.get(name) or _bound(element, name) for name in NAMES):
            continue
        if not any(_has_words(part) for part in element.iter()):
            yield element


def find_nameless_icons(root):
    """Icons that say something by themselves, with neither a name nor a mark that they are decoration.

    Those in a button or link are covered by its name.
    """
    for element in root.iter("i", "span"):
        if element.get("position") or not any(ICON.search(element.get(name, "")) for name in CLASSES):
            continue
        if element.get("aria-hidden") == "true" or element.get("role") == "presentation":
            continue
        if any(element.get(name) or _bound(element, name) for name in NAMES):
            continue
        if not any(parent.tag in PRESSED for parent in element.iterancestors()):
            yield element


def _bound(element, name):
    """Whether the attribute is given a value by QWeb or OWL."""
    return element.get(f"t-att-{name}") or element.get(f"t-attf-{name}")


def _has_words(part):
    if not isinstance(part.tag, str):
        return False
    return bool(
        (part.text or "").strip()
        or any((child.tail or "").strip() for child in part)
        or part.tag in WORDED
        or part.tag[:1].isupper()
        or any(part.get(name) for name in SAYS)
        or (
            part.tag in ("button", "a", "img")
            and any(part.get(name) or _bound(part, name) for name in (*NAMES, "alt"))
        )
    )


@tagged("post_install", "-at_install")
class TestScreenTexts(TransactionCase):
    """No screen leaves its reader alone: not when it is empty, and not when it is read aloud."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.data = cls.env["ir.model.data"].search([("module", "=", "partner_relations")])

    def _own(self, model):
        return {
            entry.name: self.env[model].browse(entry.res_id) for entry in self.data if entry.model == model
        }

    def test_empty_screens_have_help(self):
        actions = self._own("ir.actions.act_window")
        self.assertGreater(len(actions), 90)
        silent = [
            name
            for name, action in actions.items()
            if action.target != "new"
            and SHOWS_HELP & set(action.view_mode.split(","))
            and not _plain(action.help)
        ]
        self.assertFalse(silent, "actions that say nothing when there is nothing to show")

    def test_help_is_the_addons(self):
        """What core tells on all lists of a model does not take the place of what the addon's screen says."""
        for name, action in self._own("ir.actions.act_window").items():
            if not _plain(action.help) or action.target == "new":
                continue
            shown = action.read(["help", "res_model", "context"])[0]["help"]
            self.assertIn(_plain(action.help), _plain(shown), name)

    def test_fields_beside_groups_have_labels(self):
        """In a group of groups a field stands without its label, and nobody knows what to enter there."""
        nameless, seen = [], 0
        for name, view in self._own("ir.ui.view").items():
            for outer in etree.fromstring(view.arch_db.encode()).iter("group"):
                if outer.find("group") is None:
                    continue
                seen += 1
                nameless += [
                    f"{name}: {field.get('name')}"
                    for field in outer.findall("field")
                    if not field.get("nolabel") and field.get("invisible") != "1"
                ]
        self.assertGreater(seen, 50)
        self.assertFalse(nameless, "put them into a group of their own")

    def test_buttons_of_views_have_names(self):
        views = self._own("ir.ui.view")
        self.assertGreater(len(views), 200)
        nameless = []
        for name, view in views.items():
            root = etree.fromstring(view.arch_db.encode())
            for element in (*find_nameless(root), *find_nameless_icons(root)):
                nameless.append(
                    f"{name}: {etree.tostring(element, encoding='unicode', with_tail=False)[:200]}"
                )
        self.assertFalse(nameless, "say what they do: string, title or aria-label")

    def test_buttons_of_components_have_names(self):
        paths = sorted(SOURCE.rglob("*.xml"))
        self.assertGreater(len(paths), 20)
        nameless = []
        for path in paths:
            root = etree.parse(path).getroot()
            for element in (*find_nameless(root), *find_nameless_icons(root)):
                text = etree.tostring(element, encoding="unicode", with_tail=False)[:200]
                nameless.append(f"{path.relative_to(SOURCE)}:{element.sourceline}: {text}")
        self.assertFalse(
            nameless, "say what they do: title or aria-label, in words for those who cannot see the icon"
        )

    def test_shares_are_shares_in_every_view(self):
        """What a list shows in percent, and empty without data, no pivot shows as 0.25, or as 0 %."""
        widgets = defaultdict(lambda: defaultdict(set))
        for name, view in self._own("ir.ui.view").items():
            for field in etree.fromstring(view.arch_db.encode()).iter("field"):
                widgets[view.model, field.get("name")][field.get("widget")].add((view.type, name))
        shares = [used for used in widgets.values() if "relations_share" in used]
        self.assertGreater(len(shares), 20)
        others = [
            place
            for used in shares
            for widget, places in used.items()
            for place in places
            if widget != "relations_share" and place[0] in ("list", "kanban", "pivot", "graph")
        ]
        self.assertFalse(others, "views that show a share as another number")

    def test_names_in_narrow_columns_are_whole(self):
        """All companies of Vietnam begin alike: where there is no room for a name, it takes two lines."""
        for view, names in (
            ("supplier_choice_view_form", ["partner_id"]),
            ("partner_contact_import_view_form", ["name", "company_name", "duplicate_id", "parent_id"]),
        ):
            form = etree.fromstring(self.env.ref(f"partner_relations.{view}").arch_db.encode())
            for name in names:
                column = form.find(f".//field[@name='line_ids']/list/field[@name='{name}']")
                self.assertEqual(column.get("class"), "text-wrap", f"{view}: {name}")

    def test_dialogs_say_what_is_missing(self):
        """Who may write from no mailbox is told whom to ask, instead of an empty choice that is required."""
        form = etree.fromstring(self.env["partner.letter.write"].get_view(view_type="form")["arch"])
        hint = form.find(".//div[@role='status']")
        self.assertEqual(hint.get("invisible"), "mailbox_id")
        self.assertIn("ask", hint.text)

    def test_dialogs_name_what_they_are_about(self):
        """Suppliers are called suppliers, and to give up a dialog does not read as cancelling the orders."""
        form = etree.fromstring(
            self.env["partner.classification.override.wizard"].get_view(view_type="form")["arch"]
        )
        labels = {label.get("string"): label.get("invisible") for label in form.iter("label")}
        self.assertIn("kind != 'supplier'", labels["Suppliers"])
        self.assertIn("kind == 'supplier'", labels["Customers"])
        form = etree.fromstring(self.env["partner.order.failure.dialog"].get_view(view_type="form")["arch"])
        leaving = {
            button.get("string"): button.get("invisible")
            for button in form.iterfind(".//footer/button[@special='cancel']")
        }
        self.assertIn("has_cancelled", leaving["Discard"])
        self.assertIn("not has_cancelled", leaving["Keep the Orders"])
        owners = self.env["partner.owner.period"].action_new_correction()
        self.assertEqual(owners["name"], "Correct the Owner of a Customer")

    def test_days_are_told_as_days(self):
        """Odoo's widget says “next month” of the day after tomorrow."""
        views = self._own("ir.ui.view")
        using = {
            widget: [name for name, view in views.items() if f'widget="{widget}"' in view.arch_db]
            for widget in ("relations_days", "remaining_days")
        }
        self.assertGreater(len(using["relations_days"]), 4)
        self.assertFalse(using["remaining_days"], "views that are to use relations_days")

    def test_suppliers_are_no_customers(self):
        """The list of suppliers by spend has no columns of customers, which stay empty there."""
        action = self.env.ref("partner_relations.partner_classification_line_action_suppliers")
        lines = self.env["partner.classification.line"]
        columns = etree.fromstring(lines.get_view(action.view_id.id, "list")["arch"]).iter("field")
        labels = {column.get("name"): column.get("string") for column in columns}
        self.assertFalse(labels.keys() & {"profit", "xyz_class", "stage", "cv", "previous_stage"})
        self.assertEqual((labels["partner_id"], labels["revenue"]), ("Supplier", "Spend"))

    def test_judge_finds_what_is_nameless(self):
        """The judge is none that lets everything pass."""

        def judge(text):
            root = etree.fromstring(text)
            return len([*find_nameless(root)]), len([*find_nameless_icons(root)])

        self.assertEqual(judge('<p><button icon="fa-times" name="x"/></p>'), (1, 0))
        self.assertEqual(judge('<p><button name="x"><i class="fa fa-times"/></button></p>'), (1, 0))
        self.assertEqual(
            judge('<p><button title="Close"><i class="fa fa-times" aria-hidden="true"/></button></p>'), (0, 0)
        )
        self.assertEqual(judge('<p><button icon="fa-times" string="Close"/></p>'), (0, 0))
        self.assertEqual(
            judge('<p><a t-att-title="title"><i class="fa fa-phone" title="Phone"/></a></p>'), (0, 0)
        )
        self.assertEqual(judge('<p><a><i class="fa fa-phone"/> <field name="phone"/></a></p>'), (0, 0))
        self.assertEqual(judge('<p><i class="fa fa-warning"/></p>'), (0, 1))
        self.assertEqual(judge('<p><i class="fa fa-warning"/> <field name="late"/></p>'), (0, 1))
        self.assertEqual(
            judge('<p><button name="x" position="after"><button icon="fa-x"/></button></p>'), (1, 0)
        )


def _plain(text):
    """The words of a help text."""
    return " ".join(html.fromstring(f"<div>{text}</div>").text_content().split()) if text else ""
