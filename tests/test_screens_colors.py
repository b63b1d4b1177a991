"""Colours: none that only a light background bears, and none that alone says something."""

import re
from pathlib import Path

from lxml import etree

from odoo.tests import TransactionCase, tagged

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "static" / "src"
CHART_COLORS = SOURCE / "look" / "chart_colors.js"
FIXED = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl)a?\(\s*\d|:\s*(?:white|black|red|green|blue|gr[ae]y)\b")
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/|<!--.*?-->", re.DOTALL)
STYLE = re.compile(r"style=\"([^\"]*)\"")
# The backgrounds of Odoo's screens: light, and those that its dark scheme has.
BACKGROUNDS = ("#FFFFFF", "#262A36", "#1B1D26")
NAME = re.compile(r"[a-z_]\w*")
# A colour that says nothing which does not stand in the row: what says it.
SAID = {
    "manager_indicator_preview_view_form": {"user_id": "the name, which is “nobody”"},
    "manager_indicator_view_list": {"active": "the filter by which archived ones show"},
    "manager_score_scheme_view_list": {"active": "the filter by which archived ones show"},
    "manager_scorecard_difference_view_form": {"is_different": "the two figures beside each other"},
    "manager_scorecard_view_form": {"is_counted": "the reason"},
    "manager_scorecard_view_list": {"rank": "the name of the rank"},
    "partner_classification_override_view_list": {"is_expired": "the day on which it ended"},
    "partner_contact_import_line_view_list": {"state": "the message", "is_doubtful": "why it is a duplicate"},
    "partner_contact_import_view_form": {"state": "the message", "is_doubtful": "why it is a duplicate"},
    "partner_contact_log_view_list": {"is_overdue": "the status", "state": "the status"},
    "partner_contact_log_view_list_planned": {"is_overdue": "the status", "state": "the status"},
    "partner_effort_policy_view_list": {"active": "the filter by which archived ones show"},
    "partner_letter_view_list": {"is_overdue": "the deadline: so many days ago"},
    "partner_requirement_view_list": {"is_overdue": "the deadline: so many days ago"},
    "partner_rhythm_report_view_list": {"is_past": "the number of days"},
    "partner_segment_view_list": {"active": "the filter by which archived ones show"},
    "supplier_choice_view_form": {
        "is_blocked": "the button: Take Anyway",
        "is_current": "no button to take it",
        "grade": "the rating in words",
        "is_reached": "the smallest quantity",
    },
    "supplier_delivery_open_view_list": {"is_overdue": "the number of days overdue"},
    "supplier_scorecard_view_form": {"is_counted": "no contribution"},
    "supplier_scorecard_view_list": {"partner_active": "a badge: Archived"},
    "supplier_scorecard_view_list_history": {"partner_active": "a badge: Archived"},
    "supplier_terms_view_list": {"active": "the filter", "is_expiring": "the day on which they end"},
}


def find_fixed_colors(path):
    """Colours that a dark scheme cannot change."""
    text = COMMENT.sub("", path.read_text())
    if path.suffix == ".xml":
        text = "\n".join(STYLE.findall(text))
    return FIXED.findall(text)


def contrast(one, other):
    """Contrast of two colours (#RRGGBB), from 1 to 21: WCAG 2.2, definition of contrast ratio."""

    def luminance(color):
        parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def find_colors_alone(root):
    """Decorations of lists and of their cells whose reason does not stand in the row: (list, names of the reason)."""
    for view in root.iter("list"):
        cells = [field for field in view.iter("field") if _list_of(field) is view]
        shown = {
            field.get("name")
            for field in cells
            if field.get("column_invisible") not in ("1", "True") and field.get("optional") != "hide"
        }
        for element in (view, *cells):
            for key, condition in element.items():
                if key.startswith("decoration-"):
                    names = set(NAME.findall(re.sub(r"'[^']*'", "", condition)))
                    names -= {"and", "or", "not", "in"}
                    # what is compared with a limit says it itself
                    if not names & shown and element.get("name") not in names:
                        yield element, names


def _list_of(field):
    return next((parent for parent in field.iterancestors() if parent.tag == "list"), None)


@tagged("post_install", "-at_install")
class TestScreensColors(TransactionCase):
    def test_no_fixed_colors(self):
        """Odoo's dark scheme compiles the same sources with other variables; a fixed colour would stay light."""
        paths = [path for path in SOURCE.rglob("*") if path.suffix in (".scss", ".js", ".xml")]
        paths += [path for folder in ("views", "wizards") for path in (ROOT / folder).rglob("*.xml")]
        self.assertGreater(len(paths), 150)
        fixed = {}
        for path in paths:
            if path != CHART_COLORS and (found := find_fixed_colors(path)):
                fixed[str(path.relative_to(ROOT))] = found
        self.assertFalse(
            fixed, "take a variable ($o-gray-700, var(--border-color)), a class, or CHART_COLORS"
        )

    def test_judge_finds_fixed_colors(self):
        for text in ("a { color: #fff; }", "a { color: rgba(0, 0, 0, 0.5); }", "a { background: white; }"):
            self.assertTrue(FIXED.search(text), text)
        for text in ("a { color: $o-gray-700; }", "a { color: rgba($primary, 0.1); white-space: nowrap; }"):
            self.assertFalse(FIXED.search(text), text)

    def test_chart_colors_bear_both_backgrounds(self):
        colors = re.findall(r"(\w+): \"(#[0-9A-F]{6})\"", CHART_COLORS.read_text())
        self.assertGreater(len(colors), 5)
        for name, color in colors:
            for background in BACKGROUNDS:
                with self.subTest(color=name, background=background):
                    self.assertGreaterEqual(contrast(color, background), 3)

    def test_contrast(self):
        self.assertAlmostEqual(contrast("#FFFFFF", "#000000"), 21)
        self.assertAlmostEqual(contrast("#777777", "#FFFFFF"), 4.478, 3)

    def test_colors_are_not_alone(self):
        """Who cannot tell red from green reads in the row why it is red."""
        entries = self.env["ir.model.data"].search(
            [("module", "=", "partner_relations"), ("model", "=", "ir.ui.view")]
        )
        alone, seen = [], 0
        for entry in entries:
            view = self.env["ir.ui.view"].browse(entry.res_id)
            if view.inherit_id and view.mode != "primary":
                continue  # judged where its columns are, if that is the addon's own view
            root = etree.fromstring(view.get_combined_arch())
            seen += len(root.findall(".//list")) + (root.tag == "list")
            for element, names in find_colors_alone(root):
                if not names & set(SAID.get(entry.name, ())):
                    alone.append(f"{entry.name}: {element.get('name') or 'row'}: {', '.join(sorted(names))}")
        self.assertGreater(seen, 80)
        self.assertFalse(alone, "show the field, or a sign of it (relations_flag), or say in SAID what does")

    def test_problems_are_signs(self):
        """Nothing is wrong as a rule: a column of reasons would be empty, and in a hidden one nobody would see them."""
        entries = self.env["ir.model.data"].search(
            [
                ("module", "=", "partner_relations"),
                ("model", "=", "ir.ui.view"),
                ("name", "=like", "%_view_list"),
            ]
        )
        signs = {}
        for entry in entries:
            root = etree.fromstring(self.env["ir.ui.view"].browse(entry.res_id).get_combined_arch())
            for field in root.iter("field") if root.tag == "list" else ():
                if field.get("name") == "problem":
                    signs[entry.name] = field.get("widget"), field.get("nolabel"), field.get("optional")
        self.assertIn("partner_mail_rule_view_list", signs)
        self.assertEqual(set(signs.values()), {("relations_flag", "1", None)}, signs)

    def test_judge_finds_colors_alone(self):
        def judge(text):
            return [names for _element, names in find_colors_alone(etree.fromstring(text))]

        hidden = '<list decoration-danger="is_late"><field name="is_late" column_invisible="1"/></list>'
        self.assertEqual(judge(hidden), [{"is_late"}])
        self.assertEqual(judge(hidden.replace('column_invisible="1"', 'optional="hide"')), [{"is_late"}])
        self.assertFalse(judge(hidden.replace(' column_invisible="1"', "")))
        self.assertEqual(
            judge('<list><field name="day" decoration-danger="late and x == \'day\'"/></list>'),
            [{"late", "x"}],
        )
        self.assertFalse(judge('<list><field name="state" decoration-danger="state == \'lost\'"/></list>'))
