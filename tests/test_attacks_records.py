"""Hostile texts in every column, and hostile values in every search: what screens, papers and files make of them.

The rows are those of the tests of rights, with scripts and formulas in all their texts. Everything is read by the role
with the fewest rights that may read it.
"""

import csv
import io
import json
import re
from unittest.mock import patch

import openpyxl
import psycopg2

from odoo import http
from odoo.exceptions import UserError
from odoo.service.model import call_kw
from odoo.sql_db import Cursor
from odoo.tests import HttpCase, tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.partner_relations.tools.cells import FORMULA_STARTS
from odoo.addons.partner_relations.tools.contact_file import read_contacts

from .hostile import EVALUATED, OURS, ROLES, SCRIPT, TEXT, HostileRows, get_dangers
from .test_attacks import find_changed_routes
from .test_rights_calls import MISTYPED, SLIPS

# Whatever stands in a statement as a text, and not as a value, is found in it.
HOSTILE = "x' OR 1=1; DROP TABLE res_users; --"
VALUES = (HOSTILE, [HOSTILE, True, None], [[["x"]]], {"x": [[]]}, 2**70)
OPERATORS = ("in", "not in", "<", "ilike", "any", f"= {HOSTILE}")


@tagged("post_install", "-at_install")
class TestAttackRecords(HostileRows, HttpCase):
    maxDiff = None

    # ------------------------------------------------------------------
    # Scripts
    # ------------------------------------------------------------------
    def test_the_sign_of_a_script(self):
        self.assertEqual(get_dangers(SCRIPT), ["img onerror", "script"])
        self.assertEqual(get_dangers("<a href=' JavaScript:x'>x</a>"), ["a href= JavaScript:x"])
        self.assertEqual(get_dangers("<p>&lt;script&gt; onerror=</p>"), [])

    def test_scripts_in_html_fields(self):
        """No field of HTML, of ours or in a model of core, has something that a browser would run."""
        rows = {name: self.places["colleague"].rows.get(name) for name in self.models}
        rows |= {
            name: row_id
            for name, row_id in self.places["colleague"].records.items()
            if any(OURS in (field._modules or ()) for field in self.env[name]._fields.values())
        }
        seen, wrong = set(), []
        for name, row_id in rows.items():
            names = [field.name for field in self.env[name]._fields.values() if field.type == "html"]
            role, record = self._read_as_least(name, row_id)
            for field in names if record else ():
                if not record._has_field_access(record._fields[field], "read"):
                    continue
                try:
                    text = record[field]
                except UserError:
                    continue
                seen.add(f"{name}.{field}")
                if get_dangers(text) or EVALUATED in str(text):
                    wrong.append((role, name, field, str(text)[:300]))
        self.assertEqual(wrong, [])
        self.assertGreater(len(seen), 20, seen)

    @mute_logger("odoo.addons.base.models.ir_actions_report")
    def test_scripts_on_paper(self):
        """The reports, read as a page, as the role with the fewest rights that may print them."""
        reports = self.env["ir.actions.report"].search([("report_name", "=like", f"{OURS}.%")])
        self.assertGreater(len(reports), 4)
        told = 0
        for report in reports:
            row_id = self.places["colleague"].rows.get(report.model) or self.places["colleague"].records.get(
                report.model
            )
            data = {"options": {}} if not row_id else None
            for role in ROLES:
                model = self._as(role, "ir.actions.report")
                try:
                    with self.env.cr.savepoint():
                        page, _kind = model._render_qweb_html(
                            report.report_name, [row_id] if row_id else [], data=data
                        )
                except UserError:
                    continue
                page = page.decode()
                self.assertEqual(get_dangers(page), [], report.report_name)
                self.assertNotIn(EVALUATED, page)
                told += "&lt;script" in page
                break
            else:
                self.fail(f"Nobody may print {report.report_name}")
        self.assertGreater(told, 3, "the hostile texts stand on most of them")

    def test_scripts_in_mails(self):
        """Each mail that the addon writes by a template of its own; they are sent without being cleaned."""
        found = self.env["ir.model.data"].search([("module", "=", OURS), ("model", "=", "mail.template")])
        templates = self.env["mail.template"].browse(found.mapped("res_id"))
        self.assertGreaterEqual(len(templates), 9)
        place = self.places["colleague"]
        for template in templates:
            row_id = place.rows.get(template.model) or place.records[template.model]
            with self.subTest(template.name):
                body = template._render_field("body_html", [row_id])[row_id]
                self.assertEqual(get_dangers(body), [], str(body)[:900])
                self.assertIn("&lt;script", str(body), "a hostile text stands in it")
                self.assertNotIn(EVALUATED, str(body))
                subject = template._render_field("subject", [row_id])[row_id]
                self.assertNotIn(EVALUATED, subject)
                self.assertNotRegex(subject, r"[\r\n]")

    # ------------------------------------------------------------------
    # Names that a filter asks for
    # ------------------------------------------------------------------
    def test_parameters_of_an_excel_file_name_nobody(self):
        """A filter by ids tells the names of records that its user may read, and of the others nothing."""
        own = self.env["res.partner"].create(
            {"name": "Customer of my own", "company_id": self.company_eur.id, "user_id": self.users["salesperson"].id,
             "active": False}
        )  # fmt: skip
        hidden = [
            (name, place.records[model])
            for place in self.places.values()
            for name, model in (("partner_id", "res.partner"), ("move_id", "account.move"))
            if not self._as("salesperson", model).browse(place.records[model]).has_access("read")
        ]
        self.assertGreater(len(hidden), 2)
        self.authenticate(self.users["salesperson"].login, self.users["salesperson"].login)
        texts = []
        for name, record_id in (*hidden, ("partner_id", own.id)):
            reports = self._as("salesperson", "partner.turnover.report")
            context = {**reports.env.context, "active_domain": [[name, "in", [record_id, 1]]]}
            action = call_kw(reports, "action_export_excel", [[]], {"context": context})
            self.env.flush_all()
            answer = self.url_open(action["url"])
            self.assertEqual(answer.status_code, 200)
            texts.append(self._read_cells(answer.content))
        self.assertIn("Customer of my own", texts[-1][-900:])
        texts.pop()
        names = [
            self.env[model].browse(place.records[model]).sudo().name
            for place in self.places.values()
            for model in ("res.partner", "account.move")
        ]
        for text in texts:
            self.assertFalse([name for name in names if name in text])
            self.assertTrue(re.search(r" in .*\d", text), "the filter is told by its numbers")

    def test_the_rule_of_a_segment_names_nobody(self):
        other = self.places["other company"].records["res.partner"]
        segment = self._as("salesperson", "partner.segment").create(
            {"name": "All of them", "domain": f"[('parent_id', 'in', [{other}])]"}
        )
        contacts = segment._get_evaluator()
        facts = contacts._get_excel_filter_facts(segment._parse_rule())
        self.assertNotIn("alert", repr(facts))
        self.assertIn(str(other), repr(facts))

    # ------------------------------------------------------------------
    # Formulas
    # ------------------------------------------------------------------
    def _read_cells(self, content):
        book = openpyxl.load_workbook(io.BytesIO(content))
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
        self.assertEqual([cell.value for cell in cells if cell.data_type == "f"], [])
        return " ".join(str(cell.value) for cell in cells)

    def test_forged_requests(self):
        """Of the routes of core whose answer is changed, none takes what another site has a browser send."""
        routes = find_changed_routes()
        self.assertLessEqual({"/web/export/csv", "/web/export/xlsx", "/web/pivot/export_xlsx"}, routes)
        self.authenticate(self.users["director"].login, self.users["director"].login)
        data = json.dumps({})
        for route in sorted(routes):
            address = re.sub("<.*?>", str(self.places["colleague"].records["res.partner"]), route)
            for forged in ({}, {"csrf_token": "x"}, {"csrf_token": ""}):
                with self.subTest(route), mute_logger("odoo.http"):
                    answer = self.url_open(address, data={"data": data, "x": "1", **forged})
                    self.assertEqual(answer.status_code, 400)
                    self.assertIn("CSRF", answer.text)

    def test_formulas_in_exports_of_core(self):
        """Odoo's own exports of our rows: CSV, Excel, grouped, and the pivot table."""
        names = {
            "partner.requirement": "name",
            "partner.sales.plan.report": "name",
            "partner.contact.log": "title",
        }
        self.authenticate(self.users["director"].login, self.users["director"].login)
        token = http.Request.csrf_token(self)
        for model, name in names.items():
            if name not in self.env[model]._fields:
                name = self.env[model]._rec_name
            params = {
                "model": model,
                "fields": [{"name": one, "label": TEXT, "type": "char"} for one in (name, "display_name")],
                "ids": [],
                "domain": [("id", "=", self.places["colleague"].rows[model])],
                "import_compat": False,
                "context": {"allowed_company_ids": self.company_eur.ids},
                "groupby": [],
            }
            with self.subTest(model):
                data = {"data": json.dumps(params), "csrf_token": token}
                answer = self.url_open("/web/export/csv", data=data)
                self.assertEqual(answer.status_code, 200)
                rows = list(csv.reader(io.StringIO(answer.text)))
                self.assertEqual(len(rows), 2)
                self.assertFalse([cell for cell in rows[1] if cell.startswith(FORMULA_STARTS)])
                answer = self.url_open("/web/export/xlsx", data=data)
                self.assertEqual(answer.status_code, 200, answer.text[:900])
                self.assertIn("'=1+1", self._read_cells(answer.content))
                if not self.env[model]._fields[name].store:
                    continue
                params["groupby"] = [name]
                data["data"] = json.dumps(params)
                answer = self.url_open("/web/export/xlsx", data=data)
                self.assertEqual(answer.status_code, 200, answer.text[:900])
                self.assertIn("'=1+1", self._read_cells(answer.content))
        table = {
            "title": "Sales",
            "model": "partner.turnover.report",
            "measure_count": 1,
            "origin_count": 1,
            "col_group_headers": [[{"title": TEXT, "width": 1, "height": 1}]],
            "measure_headers": [{"title": TEXT, "width": 1, "height": 1, "is_bold": False}],
            "origin_headers": [],
            "rows": [{"title": TEXT, "indent": 0, "values": [{"value": 1.5}]}],
        }
        answer = self.url_open(
            "/web/pivot/export_xlsx", data={"data": json.dumps(table), "csrf_token": token}
        )
        self.assertIn("'=1+1", self._read_cells(answer.content))

    def test_lines_in_cards(self):
        """A line break in a name makes no property of its own in a vCard."""
        partner = self.env["res.partner"].create(
            {
                "name": "A\r\nEMAIL:evil@example.com\nEND:VCARD\rBEGIN:VCARD",
                "function": "x\nTEL:666",
                "street": "x\r\nNOTE:evil",
                "city": "y\nNOTE:evil",
                "email": "a@example.com",
                "category_id": [(0, 0, {"name": "c\nNOTE:evil"})],
                "company_id": self.company_eur.id,
            }
        )
        partner = self._as("internal", "res.partner").browse(partner.id)
        [record] = read_contacts(partner._get_vcard_files(), "a.vcf").records
        self.assertEqual(
            ([mail for _kind, mail in record.emails], record.phones, record.notes),
            (["a@example.com"], [], []),
        )

    # ------------------------------------------------------------------
    # Statements
    # ------------------------------------------------------------------
    def test_hostile_searches(self):
        """Each way to search, group and sort a report, and each field with a search of its own."""
        wrong, calls = [], 0
        executed = Cursor.execute

        def execute(cursor, query, params=None, *args, **kwargs):
            code = query.code if isinstance(query, SQL) else str(query)
            if "DROP TABLE" in code:
                wrong.append(("in the statement", code[:300]))
            return executed(cursor, query, params, *args, **kwargs)

        with patch.object(Cursor, "execute", execute), mute_logger("odoo.sql_db", "odoo.domains"):
            for role, name, method, args, kwargs in self._get_searches():
                calls += 1
                error = self._attack(self._as(role, name), method, args, kwargs)
                if error:
                    wrong.append((role, name, method, repr(args)[:200], repr(kwargs)[:200], error))
        self.assertGreater(calls, 1_000, "reports and fields with a search of their own")
        self.assertEqual(wrong, [])

    def _attack(self, model, method, args, kwargs):
        """Call and undo; return what is wrong with the answer, None if it is one of those that tell nothing."""
        cr = self.env.cr
        cr.execute("SAVEPOINT attack")
        try:
            result = call_kw(model, method, args, kwargs)
        except (UserError, *SLIPS):
            return None
        except psycopg2.Error as error:
            # a value that is no number reached the database as a value; a dictionary did not even do that
            known = isinstance(error, MISTYPED) or "can't adapt type" in str(error)
            return None if known else repr(error)[:300]
        except Exception as error:
            return repr(error)[:300]
        else:
            found = self.places["other company"].find(json.dumps(result, default=str, ensure_ascii=False))
            return "secret" if found else None
        finally:
            cr.execute("ROLLBACK TO SAVEPOINT attack")

    def _get_searches(self):
        for name in self.models:
            model = self.env[name]
            fields = [field for field in model._fields.values() if field.type != "binary"]
            day = next(
                (field.name for field in fields if field.type in ("date", "datetime") and field.store), None
            )
            own = [
                field
                for field in fields
                if field.search and not field.store and not field.related and OURS in (field._modules or ())
            ]
            if not model._auto:
                number = next(
                    (one.name for one in fields if one.type in ("float", "monetary") and one.store), None
                )
                for role in ("salesperson",):
                    for args, kwargs in self._get_groupings(day, number):
                        yield role, name, "formatted_read_group", args, kwargs
                    for groupings, order in (
                        ([[HOSTILE]], None),
                        ([["company_id"]], HOSTILE),
                        ([[f"{day}:{HOSTILE}"]], None),
                    ):
                        yield (
                            role,
                            name,
                            "formatted_read_grouping_sets",
                            [[], groupings, ["__count"]],
                            {"order": order},
                        )
                    bar = {"field": HOSTILE, "colors": {HOSTILE: "danger"}}
                    yield role, name, "read_progress_bar", [[], HOSTILE, bar], {}
                    yield role, name, "read_progress_bar", [[], "company_id", bar], {}
                    for method in ("search_panel_select_range", "search_panel_select_multi_range"):
                        yield role, name, method, [HOSTILE], {}
                        yield role, name, method, ["company_id"], {"search_domain": [(HOSTILE, "=", 1)]}
                        yield role, name, method, ["company_id"], {"comodel_domain": [("name", "=", HOSTILE)]}
                        yield (
                            role,
                            name,
                            method,
                            ["company_id"],
                            {"group_by": HOSTILE, "enable_counters": True},
                        )
                    for path in (
                        f"company_id.{HOSTILE}",
                        f"{day}.{HOSTILE}",
                        f"company_id.properties.{HOSTILE}",
                        HOSTILE,
                    ):
                        yield role, name, "search_count", [[(path, "=", HOSTILE)]], {}
                        yield role, name, "web_search_read", [[], {}], {"order": path}
                        yield role, name, "search_read", [[], [path]], {"limit": 1}
            for field in own:
                for operator in OPERATORS:
                    for value in VALUES:
                        yield "salesperson", name, "search_count", [[(field.name, operator, value)]], {}
        for name in (
            "res.partner",
            "sale.order",
            "purchase.order",
            "crm.lead",
            "stock.picking",
            "account.move",
        ):
            for field in self.env[name]._fields.values():
                if field.search and not field.store and OURS in (field._modules or ()):
                    for operator in OPERATORS:
                        for value in VALUES:
                            yield "director", name, "search_count", [[(field.name, operator, value)]], {}

    def _get_groupings(self, day, number):
        aggregates = ["__count", *([f"{number}:sum"] if number else [])]
        for groupby in (HOSTILE, f"{day}:month'--", f"{day}:{HOSTILE}", f"{day}.{HOSTILE}", f"company_id.{HOSTILE}",
                        f"company_id:{HOSTILE}"):  # fmt: skip
            yield [[], [groupby], aggregates], {}
        for having in (
            [(HOSTILE, ">", 1)],
            [("__count", HOSTILE, 1)],
            [("__count", ">", HOSTILE)],
            [(f"{number}:{HOSTILE}", ">", 1)],
            [(f"{number}:sum", "=", HOSTILE)],
            [HOSTILE],
        ):
            yield [[], ["company_id"], aggregates], {"having": having}
        for order in (HOSTILE, f"__count {HOSTILE}", f"company_id {HOSTILE}", f"{number}:sum {HOSTILE}"):
            yield [[], ["company_id"], aggregates], {"order": order}
        yield [[], ["company_id"], [f"{number}:{HOSTILE}"]], {}
        yield [[], ["company_id"], aggregates], {"limit": HOSTILE}
        yield [[], ["company_id"], aggregates], {"offset": HOSTILE}
