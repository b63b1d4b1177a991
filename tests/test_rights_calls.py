"""Who may reach which record and call which method, as ``security/rights_*.csv`` say, and what hostile calls end in.

Everything is called as a client calls it (``call_kw``). To write the tables anew after a change that is meant, and read
the difference::

    RELATIONS_WRITE_RIGHTS=1 dev/test tests/test_rights_calls.py && git diff security
"""

import contextlib
import inspect
import json
import re
import threading
from base64 import b64encode
from unittest.mock import patch
from urllib.parse import quote

import psycopg2.errors
from psycopg2.extras import Json

from odoo import http
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.service.model import call_kw
from odoo.tests import HttpCase, tagged
from odoo.tools import SQL, mute_logger

from .rights import NONE, OUTSIDERS, RightsCommon
from .rights_calling import OURS, CallRights, is_caused_by, is_model_method, read_answer
from .rights_dialogs import DialogRights

INJECTION = "x' OR 1=1; DROP TABLE res_users; --"
HOSTILE = (INJECTION, None, 2**70, [[["x"]]], {"x": [[]]}, True, -1, 1e308, "\x00")
HOSTILE_IDS = ([2**31 - 1], [INJECTION], [None], [], "x")
# What the dictionaries among the arguments have.
KEYS = {
    "options": ("period", "date_from", "date_to", "company_id", "team_id"),
    "filters": ("months", "is_mature", "source_id", "campaign_id", "user_id"),
    "values": ("partner_id", "company_id", "currency_id", "date_order", "requisition_id", "lines", "name", "email",
               "phone", "vat", "country_id", "is_company", "type", "parent_id", "partner_name", "email_from"),
}  # fmt: skip
# What a client may put into the context: keys by which the code of the addon talks to itself among them.
CONTEXT = {
    "tz": INJECTION,
    "active_domain": [["id", "=", INJECTION]],
    "active_ids": [INJECTION],
    "active_id": INJECTION,
    "active_model": INJECTION,
    "group_by": [INJECTION],
    "orderedBy": [{"name": INJECTION, "asc": True}],
    "active_test": False,
    "su": True,
    "uid": 1,
    **dict.fromkeys(
        (
            "failure_groups", "order_failure_write", "relations_bonus", "relations_feeding", "relations_found",
            "relations_guard", "relations_inquiry",
            "relations_letter_activity", "relations_letter_posting", "relations_letter_sending",
            "relations_policy_write", "relations_reminder", "relations_run_internal", "relations_scheme_write",
            "relations_scorecard", "relations_wage", "work_plan_sync",
        ),
        "INTERNAL",
    ),
}  # fmt: skip
# Whose fields are asked for.
OURS_NAME = "partner_relations"
# How Python tells that an argument is of the wrong kind: an answer like any other, in which nothing is told.
SLIPS = (TypeError, ValueError, KeyError, AttributeError, IndexError, OverflowError)
# What core's own methods end in for ids that are no numbers: the value reached PostgreSQL as a value.
MISTYPED = (
    psycopg2.errors.InvalidTextRepresentation,
    psycopg2.errors.UndefinedFunction,
    psycopg2.errors.DatatypeMismatch,
    psycopg2.errors.NumericValueOutOfRange,
)
# The role that most methods let in.
STRONGEST = "general manager"
OPERATIONS = ("read", "write", "unlink")
WHOSE = ("own", "colleague", "other company")
# What the addresses of the addon give, besides contacts.
FILES = ("partner.export", "partner.contact.import", "partner.contact.import.line")
REFUSED = ("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
# Who has the turnover of one's own customers only.
SELLING = ("salesperson", "seller")
# Whose rows a file shows that has none of its own.
SHOWING = {"partner.director.dashboard": "partner.deal.report"}
# What the web client sends of a pivot table: all that is in the file comes from there.
PIVOT = {
    "title": "Turnover",
    "model": "partner.turnover.report",
    "measure_count": 1,
    "origin_count": 1,
    "col_group_headers": [[{"title": "Total", "width": 1, "height": 1}]],
    "measure_headers": [{"title": "Amount", "width": 1, "height": 1, "is_bold": False}],
    "origin_headers": [],
    "rows": [{"title": "Total", "indent": 0, "values": [{"value": 1.5}]}],
}
# Methods to which no role is let in for the rows of the places, and why.
ALL_COMPANIES = "the data of a person may lie in any company: only who works in all of them is let in"
SHUT = {
    "hr.employee.write": "wants the rights of the personnel department, as core's employees do",
    "mail.message.unlink": "core lets in the author alone",
    "mail.message.write": "core lets in the author alone",
    "sale.mass.cancel.orders.action_mass_cancel": "core's dialog of somebody else",
    "manager.scorecard.difference.line.action_open_document": "each sees what they compared themselves",
    "partner.mailbox.action_open_server": "wants the rights to settings and to relations at once",
    "partner.privacy.action_close": ALL_COMPANIES,
    "partner.privacy.action_erase": ALL_COMPANIES,
    "partner.privacy.action_export": ALL_COMPANIES,
    "res.partner.action_relations_privacy": ALL_COMPANIES,
}
# Files that nobody gets for the rows of the places, and why.
UNFETCHED = {
    ("partner.privacy", "action_export"): ALL_COMPANIES,
    ("res.partner", "action_export_excel"): "contacts have the file of a supplier alone",
}


@tagged("post_install", "-at_install")
class TestRightsCalls(CallRights, DialogRights, RightsCommon, HttpCase):
    maxDiff = None

    # ------------------------------------------------------------------
    # Records
    # ------------------------------------------------------------------
    def test_records(self):
        """Each way of the web client to a record gives what its rights say, whosever it is."""
        found, wrong = {}, []
        for role in self.users:
            for whose, name, row_id in self._get_whose(role):
                model = self._as(role, name)
                letters = self._get_letters(model, row_id)
                # what is one's own is asked for where it is more than a colleague's
                if whose != "own" or letters != found["colleague", name][-1]:
                    wrong += [
                        (whose, role, name, letters, call) for call in self._reach(model, row_id, letters)
                    ]
                found.setdefault((whose, name), []).append(letters)
        self._check_table(
            "rights_records.csv",
            ["whose", "model", *self.users],
            [
                [whose, name, *(letters or NONE for letters in found[whose, name])]
                for name in self.models
                for whose in WHOSE
            ],
        )
        self.assertEqual(wrong, [])
        # somebody has more of what is theirs, and nobody less
        less = [
            (name, role)
            for name in self.models
            for role, own, letters in zip(
                self.users, found["own", name], found["colleague", name], strict=True
            )
            if not set(letters) <= set(own)
        ]
        self.assertEqual(less, [])
        self.assertGreater(sum(found["own", name] != found["colleague", name] for name in self.models), 20)

    def _get_whose(self, role):
        """(whose, model, id) of the records; while its own are yielded, the colleague's belong to the user."""
        for place in self.places.values():
            for name in self.models:
                yield place.name, name, place.rows[name]
        stored = [name for name in self.models if self.env[name]._auto]
        with self._owning(role, stored):
            for name in self.models:
                yield "own", name, self.places["colleague"].rows[name]

    def _get_letters(self, model, row_id):
        """The letters of what the user may do with the record."""
        if not model.has_access("read"):
            return ""
        # a report does not hold the rows of other companies at all
        with contextlib.suppress(MissingError):
            return "".join(
                operation[0] for operation in OPERATIONS if model.browse(row_id).has_access(operation)
            )
        return ""

    def _reach(self, model, row_id, letters):
        """The calls that do not agree with the letters."""
        # what a refusal tells takes longer than to refuse, and is looked at with the methods
        refuse = {"_make_access_error": lambda *args: AccessError("Refused.")}
        with (
            patch.multiple(type(self.env["ir.rule"]), **refuse),
            patch.multiple(type(self.env["ir.model.access"]), **refuse),
        ):
            return self._find_reached(model, row_id, letters)

    def _find_reached(self, model, row_id, letters):
        domain = [("id", "=", row_id)]
        if not model.has_access("read"):
            return ["web_search_read"] if self._try(model, "web_search_read", domain, {}) else []
        found = {
            "web_search_read": self._try(model, "web_search_read", domain, {})["length"],
            "search_count": self._try(model, "search_count", domain),
            "formatted_read_group": self._try(model, "formatted_read_group", domain, [], ["__count"])[0][
                "__count"
            ],
            "name_search": len(self._try(model, "name_search", "", domain)),
            "read": self._try(model, "read", [row_id], ["display_name"]),
            # of each row, one of them has a value
            "export_data": self._try(
                model, "export_data", [row_id], ["create_date" if model._log_access else "company_id"]
            ),
        }
        wrong = [call for call, result in found.items() if bool(result) != ("r" in letters)]
        plain = next(
            (
                field.name
                for field in model._fields.values()
                if field.store
                and field.type in ("char", "integer", "boolean", "date", "float")
                and field.name != "id"
            ),
            None,
        )
        for call, args in (("write", [{plain: False}]), ("unlink", [])):
            if call[0] not in letters and plain and model.has_access(call):
                wrong += [call] if self._try(model, call, [row_id], *args) else []
        return wrong

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def _try(self, model, call, *args):
        """What the call returns, of an export its cells that are not empty; False where it is refused."""
        try:
            result = call_kw(model, call, list(args), {})
        except UserError:
            # AccessError and MissingError are kinds of it
            return False
        return [cell for row in result["datas"] for cell in row if cell] if call == "export_data" else result

    def test_fields_that_one_may_not_read(self):
        """No way to ask for such a field is answered: not by a condition, a total, a group, an order or an export."""
        answered, refused, found = [], 0, set()
        models = {
            name
            for name, model in self.env.registry.items()
            if not model._abstract
            and any(OURS_NAME in (field._modules or ()) for field in model._fields.values())
        }
        for role in self.users:
            for name in sorted(models):
                model = self._as(role, name)
                if role in OUTSIDERS or not model.has_access("read"):
                    continue
                for field in model._fields.values():
                    if OURS_NAME not in (field._modules or ()) or model._has_field_access(field, "read"):
                        continue
                    found.add(f"{name}.{field.name}")
                    for call, args in self._get_questions(model, field):
                        letter, result = self._call(role, name, call, args)
                        refused += letter == "-"
                        # what asks for nothing that is stored is an error of the caller
                        if letter in "+w":
                            answered.append(
                                (role, name, field.name, call, repr(args)[:80], repr(result)[:120])
                            )
        self.assertEqual(answered, [])
        self.assertGreater(len(found), 20)
        self.assertGreater(refused, 1_000)

    def _get_questions(self, model, field):
        """(method, arguments) of the ways to ask for a field."""
        name = field.name
        if field.type not in ("binary", "image"):
            # core leaves out a condition on those that compares with a value
            place = self.places["colleague"]
            value = (place.rows | place.records).get(field.comodel_name) if field.relational else 1
            yield "search_count", [[(name, "=", value or 1)]]
        if not field.required:
            yield "search_count", [[(name, "=", False)]]
        if field.relational:
            yield "search_count", [[(f"{name}.id", ">", 0)]]
            yield "formatted_read_group", [[], [f"{name}.create_uid"], ["__count"]]
            yield "web_search_read", [[], {"id": {}}, 0, 5, f"{name}.id"]
        group = next(
            (
                one.name
                for one in model._fields.values()
                if one.type == "many2one" and one.store and model._has_field_access(one, "read")
            ),
            None,
        )
        for function in ("sum", "max", "array_agg"):
            yield "formatted_read_group", [[], [], [f"{name}:{function}"]]
            if group:
                yield "formatted_read_group", [[], [group], ["__count"], [(f"{name}:{function}", ">", 0)]]
        suffix = ":month" if field.type in ("date", "datetime") else ""
        yield "formatted_read_group", [[], [f"{name}{suffix}"], ["__count"]]
        yield "web_read_group", [[], [f"{name}{suffix}"], ["__count"]]
        yield "read_progress_bar", [[], f"{name}{suffix}", {"field": name, "colors": {"x": "danger"}}]
        yield "web_search_read", [[], {"id": {}}, 0, 5, name]
        yield "web_search_read", [[], {name: {}}]
        yield "search_read", [[], [name]]
        if row_id := self.places["colleague"].rows.get(model._name):
            yield "export_data", [[row_id], [name]]

    # ------------------------------------------------------------------
    # Routes
    # ------------------------------------------------------------------
    def test_routes(self):
        """Each address of the addon answers as the table says: for one's own, a colleague's and another company's.

        What is refused to some is given to others, so that it is they who are refused.
        """
        self._fill_files()
        self._prepare_exports()
        rows = {(route, whose): [] for route in self._get_routes() for whose in WHOSE}
        colleague, other = self.places.values()
        leaks = []
        for role, user in self.users.items():
            self.authenticate(*((None, None) if role == "public" else (user.login, user.login)))
            token = http.Request.csrf_token(self)
            reads_turnover = self._as(role, "partner.turnover.report").has_access("read")
            for route, whose in rows:
                place = other if whose == "other company" else colleague
                owning = contextlib.nullcontext()
                if whose == "own":
                    owning = self._owning(role, FILES, ["res.partner"] if "vcard" in route else [])
                with owning, mute_logger("odoo.http", *REFUSED):
                    answer = self._ask(route, place, token, user)
                text = read_answer(answer)
                rows[route, whose].append(answer.status_code)
                found = [*self._find_leaks(role, colleague, text)]
                # the contact itself is for everybody in the company, the documents are not
                found += [colleague.find_rows(text)] if not reads_turnover or role in SELLING else []
                leaks += [(role, route, whose, leak) for leak in found if leak]
        self._check_table(
            "rights_routes.csv",
            ["whose", "route", *self.users],
            [[whose, route, *statuses] for (route, whose), statuses in rows.items()],
        )
        self.assertEqual(leaks, [])
        for route in self._get_routes():
            self.assertIn(200, {status for whose in WHOSE for status in rows[route, whose]}, route)

    def _get_routes(self):
        # where a server keeps the name of the database of a request
        with patch.object(threading.current_thread(), "dbname", self.env.cr.dbname, create=True):
            rules = list(self.env["ir.http"].routing_map().iter_rules())
        return sorted(
            {str(rule) for rule in rules if rule.endpoint.original_endpoint.__module__.startswith(OURS)}
        )

    def _fill_files(self):
        """Give the import of each place a rejected contact, so that there is something to refuse."""
        for place in self.places.values():
            contact_import = self.env["partner.contact.import"].browse(place.rows["partner.contact.import"])
            file = f"Name,E-mail 1 - Value\n{place.secret},{place.email}\n"
            contact_import.sudo().write({"file": b64encode(file.encode()), "filename": "contacts.csv"})
            self.env.execute_query(
                SQL(
                    "UPDATE partner_contact_import_line SET import_id = %s, number = 1, state = 'error' WHERE id = %s"
                    " RETURNING id",
                    contact_import.id,
                    place.rows["partner.contact.import.line"],
                )
            )
            self.env.flush_all()

    def _ask(self, route, place, token, user):
        """Ask for an address with the record of the place, as the web client does."""
        partner_id = place.records["res.partner"]
        export_id = place.rows["partner.export"]
        ids = {"export_id": export_id, "import_id": place.rows["partner.contact.import"]}
        kind = ("manager.bonus", "payroll_csv") if "_csv" in route else ("partner.turnover.report", None)
        self.env.execute_query(
            SQL(
                "UPDATE partner_export SET res_model = %s, kind = %s, domain = %s, company_ids = %s WHERE id = %s"
                " RETURNING id",
                *kind,
                Json([]),
                Json(place.company.ids),
                export_id,
            )
        )
        address = re.sub(r"<int:(\w+)>", lambda match: str(ids[match[1]]), route)
        address = re.sub(r"<model.*?:partner>", str(partner_id), address)
        if route == "/web/pivot/export_xlsx":
            return self.url_open(
                route, data={"data": json.dumps(PIVOT), "csrf_token": token}, allow_redirects=False
            )
        if address.startswith("/partner_relations/"):
            # nothing is sent to them, so that nothing can be forged
            self.assertIn(self.url_open(address, data={"x": "1"}).status_code, (400, 404, 405), route)
        if route == "/web/partner/vcard":
            # several at once, of which one is the user's own
            address += f"?partner_ids={user.partner_id.id},{partner_id}"
        return self.url_open(address, allow_redirects=False)

    # ------------------------------------------------------------------
    # Methods
    # ------------------------------------------------------------------
    def test_methods(self):
        """Each public method, called with the record of somebody else, does what the table says.

        A dialog is filled in by whoever calls it, about the records of somebody else. What comes of a call, errors and
        files that it leads to included, tells nothing of what the caller may not read.
        """
        rows, leaks, errors = [], [], []
        for name, attribute in self._get_methods(core=True):
            for place in self.places.values():
                letters = []
                for role in self.users:
                    enter = self._get_dialog(name, attribute, place)
                    args = self._get_arguments(name, attribute, place)
                    letter, result = self._call_fully(role, name, attribute, args, enter, place)
                    if letter == "x":
                        errors.append((place.name, role, name, attribute, repr(result)[:300]))
                    leaks += [(role, name, attribute, leak) for leak in self._find_leaks(role, place, result)]
                    letters.append(letter)
                rows.append([place.name, f"{name}.{attribute}", *letters])
        self._check_table("rights_methods.csv", ["whose", "method", *self.users], rows)
        self.assertEqual((leaks, errors), ([], []))
        self.assertEqual(self._get_shut(rows), SHUT.keys())

    def _call_fully(self, role, name, attribute, args, enter, place):
        """Call a method; of the other company, what would be written is written, to see whether it is refused."""
        letter, result = self._call(role, name, attribute, args, enter=enter)
        # core often writes before it refuses
        if letter == "w" and (place.name == "other company" or name not in self.models):
            letter, result = self._call(role, name, attribute, args, read_only=False, enter=enter)
            letter = "w" if letter == "+" else letter
        if (
            letter == "x"
            and name not in self.models
            and isinstance(result, (*SLIPS, psycopg2.IntegrityError))
        ):
            # core takes what it cannot read as an error of the caller, and Odoo tells what the values do not meet
            letter, result = "!", str(result)
        return letter, result

    def test_company_that_is_not_active(self):
        """Who works in two companies has of the one that is not active as little as who works in one only."""
        other = self.places["other company"]
        for user in self.users.values():
            user.company_ids += other.company
        self.env.flush_all()
        table = self._read_table("rights_records.csv")
        found = {
            (role, name): self._get_letters(self._as(role, name), other.rows[name])
            for role in self.users
            for name in self.models
        }
        self.assertEqual(
            {key: letters or NONE for key, letters in found.items()},
            {(role, name): table["other company", name][role] for role, name in found},
        )
        wrong = []
        # of all rooms, so that it is the company that keeps the user out
        role = "general manager"
        for name in self.models:
            letters = found[role, name]
            wrong += [(name, call) for call in self._reach(self._as(role, name), other.rows[name], letters)]
        table = self._read_table("rights_methods.csv")
        for name, attribute in self._get_methods(core=True):
            enter = self._get_dialog(name, attribute, other)
            args = self._get_arguments(name, attribute, other)
            letter, result = self._call_fully(role, name, attribute, args, enter, other)
            if letter != table["other company", f"{name}.{attribute}"][role] or self._find_leaks(
                role, other, result
            ):
                wrong.append((name, attribute, letter, repr(result)[:300]))
        for name, attribute in self._get_exports():
            wrong += [
                (name, attribute, leak)
                for text in self._export(role, name, attribute)
                if (leak := other.find(text))
            ]
        self.assertEqual(wrong, [])

    def _get_exports(self):
        return [
            (name, attribute)
            for name, attribute in self._get_methods()
            if attribute.startswith("action_export")
        ]

    def test_exports(self):
        """A file has no rows but those that whoever fetches it may read, and has them."""
        self._prepare_exports()
        leaks, fetched, shown = [], {}, set()
        colleague = self.places["colleague"]
        for name, attribute in self._get_exports():
            for role in self.users:
                if not self.env[name]._abstract and not self._as(role, name).has_access("read"):
                    continue
                for text in self._export(role, name, attribute):
                    fetched.setdefault((name, attribute), set()).add(role)
                    found = self._find_leaks(role, colleague, text)
                    if colleague.find_rows(text):
                        shown.add((name, attribute))
                        found += [] if self._may_see(role, name) else [colleague.find_rows(text)]
                    leaks += [(role, name, attribute, leak) for leak in found]
        self.assertEqual(leaks, [])
        self.assertEqual({*self._get_exports()} - fetched.keys(), UNFETCHED.keys())
        # that what is looked for is in them
        self.assertGreater(len(shown), 15, fetched.keys() - shown)

    def _prepare_exports(self):
        """What some files want: approved bonuses, two runs to compare, a segment that is none of its own parts."""
        for place in self.places.values():
            run = self.env["partner.classification"].browse(place.rows["partner.classification"])
            self._multiply(run, 1, is_current="FALSE")
            self.env.execute_query(
                SQL(
                    "UPDATE partner_classification SET previous_id = (SELECT MAX(id) FROM partner_classification)"
                    " WHERE id = %s RETURNING id",
                    run.id,
                )
            )
            segment_id = place.rows["partner.segment"]
            # its part is itself
            self.env.cr.execute(SQL("DELETE FROM partner_segment_part WHERE segment_id = %s", segment_id))
            self.env.cr.execute(SQL("UPDATE partner_segment SET domain = '[]' WHERE id = %s", segment_id))
        ids = [place.rows["manager.bonus"] for place in self.places.values()]
        self.env.execute_query(
            SQL("UPDATE manager_bonus SET state = 'approved' WHERE id IN %s RETURNING id", tuple(ids))
        )

    def _may_see(self, role, name):
        """Whether what the colleague has may stand in a file of the model."""
        name = SHOWING.get(name, name)
        return self._as(role, name).browse(self._get_id(name, self.places["colleague"])).has_access("read")

    def _export(self, role, name, attribute):
        """Yield the texts of the files that a method gives a user: for all that a list shows, else for each place."""
        model = self.env[name]
        asked = [([[]], None)] if attribute == "action_export_excel" and not model._abstract else []
        for place in self.places.values():
            asked.append(
                (self._get_arguments(name, attribute, place), self._get_dialog(name, attribute, place))
            )
        for args, enter in asked:
            letter, result = self._call(
                role, name, attribute, args, read_only=False, enter=enter, active_domain=[], active_test=False
            )
            self.assertIn(letter, ("+", "!", "-"), (role, name, attribute, result))
            if letter == "+":
                yield json.dumps(result, default=str, ensure_ascii=False)
                if args == [[]]:
                    # each record is among them
                    return

    def test_reports(self):
        """Each report, asked for at its address, answers as the table says and tells nothing of other companies."""
        reports = self.env["ir.actions.report"].search(
            [("report_name", "=like", "partner_relations.%")], order="report_name"
        )
        rows = {(place.name, report.report_name): [] for report in reports for place in self.places.values()}
        leaks = []
        # styles, which would be compiled for a minute, tell nothing
        with (
            patch.object(type(self.env["ir.qweb"]), "_get_asset_nodes", lambda *args, **kwargs: []),
            mute_logger("odoo.http", "odoo.addons.base.models.ir_rule"),
        ):
            for role, user in self.users.items():
                self.authenticate(*((None, None) if role == "public" else (user.login, user.login)))
                for report in reports:
                    for place in self.places.values():
                        address = f"/report/html/{report.report_name}"
                        if self.env[report.model]._abstract:
                            options = json.dumps({"options": {"company_id": place.company.id}})
                            address += f"?options={quote(options)}"
                        else:
                            address += f"/{self._get_id(report.model, place)}"
                        answer = self.url_open(address, allow_redirects=False)
                        rows[place.name, report.report_name].append(answer.status_code)
                        leaks += [
                            (role, place.name, report.report_name, leak)
                            for leak in self._find_leaks(role, place, answer.text)
                        ]
                        self.assertTrue(answer.status_code == 200 or not place.find(answer.text), address)
        self._check_table(
            "rights_reports.csv",
            ["whose", "report", *self.users],
            [[*key, *statuses] for key, statuses in rows.items()],
        )
        self.assertEqual(leaks, [])
        for report in reports:
            self.assertIn(200, rows["colleague", report.report_name], report.report_name)

    def test_hostile_calls(self):
        """Whatever a client sends: no error of the database, no secret, and who may do nothing changes nothing."""
        wrong, shut = [], set()
        colleague, other = self.places.values()
        own = {f"{name}.{attribute}" for name, attribute in self._get_methods()}
        for name, attribute in self._get_methods():
            # what is hostile below reaches the code where what is not is let in
            enter, args = (
                function(name, attribute, colleague) for function in (self._get_dialog, self._get_arguments)
            )
            if self._call_fully(STRONGEST, name, attribute, args, enter, colleague)[0] not in "+w!":
                shut.add(f"{name}.{attribute}")
        self.assertEqual(shut, own & SHUT.keys())
        attacks = [
            (name, attribute, attack)
            for name, attribute in self._get_methods()
            for attack in self._get_attacks(name, attribute, colleague, other)
        ]
        attacks += self._get_report_attacks()
        self.assertGreater(len(attacks), 500)
        for name, attribute, (role, args, context, ids) in attacks:
            enter = None if ids else self._get_dialog(name, attribute, colleague)
            letter, result = self._call(role, name, attribute, args, enter=enter, **context)
            text = json.dumps(result, default=str, ensure_ascii=False) if letter != "x" else str(result)
            if (
                (
                    letter == "x"
                    and is_caused_by(result, psycopg2.Error)
                    and not (ids and isinstance(result, MISTYPED))
                )
                or (letter == "x" and not isinstance(result, (*SLIPS, psycopg2.Error)))
                or other.find(text)
                or (role == "portal" and (letter == "w" or colleague.find(text)))
            ):
                wrong.append(
                    (role, name, attribute, repr(args)[:120], list(context), letter, repr(result)[:300])
                )
        self.assertEqual(wrong, [])

    def _get_attacks(self, name, attribute, colleague, other):
        """(role, arguments, context) of hostile calls: wrong ids, each argument hostile, a forged context."""
        method = getattr(self.env.registry[name], attribute)
        valid = self._get_arguments(name, attribute, colleague)
        yield "director", valid, CONTEXT, False
        yield STRONGEST, valid, CONTEXT, False
        yield "portal", valid, CONTEXT, False
        yield "director", self._get_arguments(name, attribute, other), CONTEXT, False
        first = 0 if is_model_method(method) else 1
        if first:
            for ids in HOSTILE_IDS:
                yield "director", [ids, *valid[1:]], {}, True
                yield STRONGEST, [ids, *valid[1:]], {}, True
            for ids in ([None], []):
                yield "portal", [ids, *valid[1:]], {}, True
        for place in range(first, len(valid)):
            for value in HOSTILE:
                args = [*valid[:place], value, *valid[place + 1 :]]
                yield "director", args, {}, False
                yield STRONGEST, args, {}, False
            for value in HOSTILE[:4]:
                yield "salesperson", [*valid[:place], value, *valid[place + 1 :]], {}, False
            if isinstance(valid[place], dict):
                parameter = list(inspect.signature(method).parameters)[place + 1 - first]
                for key in KEYS[parameter]:
                    for value in (INJECTION, 2**70, True, [[["x"]]]):
                        args = [*valid[:place], {key: value}, *valid[place + 1 :]]
                        yield "director", args, {}, False
                        yield STRONGEST, args, {}, False
            yield "portal", [*valid[:place], HOSTILE[0], *valid[place + 1 :]], {}, False

    def test_forged_time_zone(self):
        """A time zone that is none is taken for UTC, instead of being handed to the database."""
        for name in self.models:
            if not self.env[name]._auto:
                model = self._as("director", name, tz=INJECTION)
                names = self._get_plain_fields(model)
                rows = call_kw(model, "search_read", [[], names], {"limit": 5})
                self.assertTrue(rows, name)

    def _get_plain_fields(self, model):
        """The columns of a report that are no names of other records, which not everybody may read."""
        kinds = ("date", "datetime", "integer", "boolean", "float")
        return [
            field.name
            for field in model._fields.values()
            if field.store and field.type in kinds and model._has_field_access(field, "read")
        ]

    def _get_report_attacks(self):
        """Each report read in full in a forged context, ordered and grouped by what is no field."""
        for name in self.models:
            if self.env[name]._auto:
                continue
            fields = {field: {} for field in self._get_plain_fields(self._as("director", name))}
            for attribute, args in (
                ("web_search_read", [[], fields]),
                ("web_search_read", [[], {}, 0, 80, INJECTION]),
                ("web_search_read", [[("id", "=", INJECTION)], {}]),
                ("formatted_read_group", [[], [INJECTION], ["__count"]]),
                ("formatted_read_group", [[], [], [INJECTION, f"id:{INJECTION}"]]),
                ("web_read_group", [[], ["company_id"], ["__count"], 80, 0, INJECTION]),
            ):
                yield name, attribute, ("director", args, CONTEXT, True)
