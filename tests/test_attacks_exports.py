"""Texts that a spreadsheet program would take for formulas or links, in all rows: what stands in exported files."""

import csv
import io
import itertools
import json
import re
from base64 import b64decode
from zipfile import ZipFile

import openpyxl

from odoo import http
from odoo.tests import HttpCase, tagged

from odoo.addons.partner_relations.tools.cells import FORMULA_STARTS

from .hostile import HostileRows
from .rights_calling import CallRights
from .rights_dialogs import DialogFilling

MARK = "evil.example"
# Each way to begin a formula, or what a library that is handed a text makes a link of.
TEXTS = tuple(
    f"{start}{MARK}"
    for start in (
        "=1+", "=cmd|'/C calc'!A0&", "+cmd|'/C calc'!A0&", "@SUM(1+1)&", "-2+3&", "\t=1+", "\r=1+", "\n=1+", "{=1+",
        '=HYPERLINK("http://x";"x")&', " =1+", "\uff1d1+", "\uff0b1+", "\uff0d1+", "\uff20SUM(1)+",
        "http://", "mailto:x@", "internal:Sheet!", "external:c:\\", "file:///",
    )
)  # fmt: skip
# Of names of contacts, users and products, which stand in most files, those that a library would take for more.
NAMES = ("=1+", "{=1+", "@SUM(1)&", "external:\\\\")
ROLE = "general manager"
# Exports that give no file of the rows, and why.
SHUT = {
    # contacts are exported by core
    "res.partner.action_export_excel",
    # only who works in all companies may export what is stored of a person
    "partner.privacy.action_export",
}
# What core is asked to export: texts, and the names of what is pointed to.
KINDS = ("char", "text", "many2one", "selection")


@tagged("post_install", "-at_install")
class TestAttackExports(CallRights, DialogFilling, HostileRows, HttpCase):
    @classmethod
    def setUpClass(cls):
        # another in each column, the same in each run
        cls.texts = itertools.cycle(TEXTS)
        super().setUpClass()
        place = cls.places["colleague"]
        bonus, run = (place.rows[name] for name in ("manager.bonus", "partner.classification"))
        cls.env.cr.execute("UPDATE manager_bonus SET state = 'approved' WHERE id = %s", [bonus])
        # each row points to itself where it may: a segment would be part of itself
        cls.env.cr.execute("DELETE FROM partner_segment_part")
        cls.env.cr.execute("UPDATE partner_classification SET is_current = FALSE WHERE id = %s", [run])
        before = cls._insert(cls.env["partner.classification"], place)
        cls.env.cr.execute("UPDATE partner_classification SET previous_id = %s WHERE id = %s", [before, run])
        cls.env.invalidate_all()

    @classmethod
    def _get_value(cls, model, field, place):
        cls.text = next(cls.texts)
        return super()._get_value(model, field, place)

    def _name(self, *starts):
        names = itertools.cycle(starts)
        for model in (
            "res.partner",
            "res.users",
            "product.product",
            "crm.lead",
            "utm.campaign",
            "res.company",
        ):
            record = self.env[model].browse(self.places["colleague"].records[model])
            record.name = f"{next(names)}{MARK}{record.id}"
        self.env.flush_all()
        self.env.invalidate_all()

    def _fetch(self, role, action):
        """The file that an action leads to, as bytes."""
        number = int(re.search(r"/(\d+)", action["url"])[1])
        if action["url"].startswith("/web/content/partner.privacy/"):
            return b64decode(self._as(role, "partner.privacy").browse(number).file)
        export = self._as(role, "partner.export")._get_own(number)
        if action["url"].startswith("/partner_relations/export_csv/"):
            return export._get_records()._build_csv(export.domain)
        target = io.BytesIO()
        export._write_excel(target)
        return target.getvalue()

    def _check_workbook(self, content, links="(?!)"):
        """Return how many hostile texts stand in a file; none of them is anything but a text.

        :param links: expression of what may be a link, as core makes one of what begins like a page's address
        """
        told = 0
        for sheet in openpyxl.load_workbook(io.BytesIO(content)):
            for cell in itertools.chain.from_iterable(sheet.iter_rows()):
                if MARK in str(cell.value):
                    self.assertIn(
                        cell.data_type, ("s", "inlineStr"), (sheet.title, cell.coordinate, cell.value)
                    )
                    told += 1
                link = cell.hyperlink
                for address in filter(None, (link.target, link.location) if link else ()):
                    self.assertRegex(address, links, (sheet.title, cell.coordinate))
                self.assertNotIn(MARK, str(cell.comment and cell.comment.author))
            for validation in sheet.data_validations.dataValidation:
                self.assertNotIn(MARK, f"{validation.formula1} {validation.formula2}")
            for rules in sheet.conditional_formatting:
                self.assertNotIn(MARK, str([rule.formula for rule in rules.rules]))
        with ZipFile(io.BytesIO(content)) as archive:
            self.assertFalse([name for name in archive.namelist() if "externalLink" in name])
            for name in archive.namelist():
                text = archive.read(name).decode(errors="replace")
                self.assertFalse(re.search(rf"<f>[^<]*{MARK}", text), name)
                if name.endswith(".rels") or name == "xl/workbook.xml":
                    for address in re.findall(rf'Target="([^"]*{MARK}[^"]*)"', text):
                        self.assertRegex(address, links, name)
        return told

    def _check_csv(self, content):
        told = 0
        for row in csv.reader(io.StringIO(content.decode().removeprefix("\ufeff"), newline="")):
            for cell in row:
                if MARK in cell:
                    self.assertFalse(cell.startswith(FORMULA_STARTS), cell)
                    told += 1
        return told

    def test_exports(self):
        """Each file of the addon, of the row of a colleague by itself and of all."""
        place, told, silent = self.places["colleague"], {}, {}
        methods = [one for one in self._get_methods() if one[1].startswith("action_export")]
        self.assertGreater(len(methods), 20)
        for turn, starts in enumerate((NAMES, NAMES[::-1])):
            self._name(*starts)
            for name, attribute in methods:
                args = self._get_arguments(name, attribute, place)
                enter = self._get_dialog(name, attribute, place)
                if turn and not enter and args and isinstance(args[0], list):
                    # all that a list shows, instead of what is selected
                    args = [[], *args[1:]]
                letter, result = self._call(
                    ROLE, name, attribute, args, read_only=False, enter=enter, active_domain=[]
                )
                self.assertIn(letter, "+!-", (name, attribute, result))
                if letter == "+":
                    with self.subTest(f"{name}.{attribute} {turn}"):
                        check = self._check_workbook if result[1].startswith(b"PK") else self._check_csv
                        told[f"{name}.{attribute}"] = check(result[1])
                else:
                    silent[f"{name}.{attribute}"] = result
        self.assertEqual(silent.keys() - told.keys(), SHUT)
        self.assertEqual({name for name, count in told.items() if not count}, set())

    def test_payroll(self):
        """The file for the payroll in CSV: names of whatever kind are texts."""
        bonus = self.places["colleague"].rows["manager.bonus"]
        for start in (*FORMULA_STARTS, *NAMES):
            self._name(start)
            letter, result = self._call(
                ROLE, "manager.bonus", "action_export_payroll_csv", [[bonus]], read_only=False
            )
            self.assertEqual(letter, "+", result)
            self.assertGreater(self._check_csv(result[1]), 1)

    def test_exports_of_core(self):
        """Odoo's own exports, to Excel and CSV, of each model of the addon."""
        user, place = self.users[ROLE], self.places["colleague"]
        self.authenticate(user.login, user.login)
        token = http.Request.csrf_token(self)
        told = {}
        for name in self.models:
            model = self._as(ROLE, name)
            row = place.rows[name]
            if model._transient or not model.has_access("read") or not model.search_count([("id", "=", row)]):
                continue
            fields = [
                {"name": field.name, "label": f"{next(self.texts)} {field.name}", "type": field.type}
                for field in model._fields.values()
                if field.type in KINDS and field.exportable and model._has_field_access(field, "read")
            ]
            params = {
                "model": name,
                "fields": fields,
                "ids": [],
                "domain": [("id", "=", row)],
                "import_compat": False,
                "context": {"allowed_company_ids": place.company.ids},
                "groupby": [],
            }
            grouped = next((one["name"] for one in fields if model._fields[one["name"]].store), None)
            # in turn, as each of them takes as long as all else of a model
            for address, groupby in (("csv", []), ("xlsx", [] if len(told) % 2 else [grouped])):
                with self.subTest(f"{name} {address} {groupby}"):
                    data = {"data": json.dumps({**params, "groupby": groupby}), "csrf_token": token}
                    answer = self.url_open(f"/web/export/{address}", data=data)
                    self.assertEqual(answer.status_code, 200, answer.text[:500])
                    if address == "csv":
                        found = self._check_csv(answer.content)
                    else:
                        found = self._check_workbook(answer.content, r"^(http://|mailto:)")
                    told[name] = told.get(name, 0) + found
        self.assertGreater(len(told), 50)
        self.assertGreater(sum(map(bool, told.values())), 50, "hostile texts stand in most of them")
