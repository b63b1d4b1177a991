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
from unittest.mock import patch
from urllib.parse import quote

import psycopg2.errors

from odoo.exceptions import MissingError, UserError
from odoo.service.model import call_kw
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .rights import NONE, RightsCommon
from .rights_calling import OURS, CallRights, is_caused_by, is_model_method
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
# Methods to which no role is let in for the rows of the places, and why.
ALL_COMPANIES = "the data of a person may lie in any company: only who works in all of them is let in"
SHUT = {
    "manager.scorecard.difference.line.action_open_document": "each sees what they compared themselves",
    "partner.mailbox.action_open_server": "wants the rights to settings and to relations at once",
    "partner.privacy.action_close": ALL_COMPANIES,
    "partner.privacy.action_erase": ALL_COMPANIES,
    "partner.privacy.action_export": ALL_COMPANIES,
}


@tagged("post_install", "-at_install")
class TestRightsCalls(CallRights, DialogRights, RightsCommon, HttpCase):
    maxDiff = None

    # ------------------------------------------------------------------
    # Records
    # ------------------------------------------------------------------
    def test_records(self):
        """Each way of the web client to a record gives what its rights say."""
        rows, wrong = [], []
        for name in self.models:
            for place in self.places.values():
                letters = []
                for role in self.users:
                    found, differing = self._reach(self._as(role, name), place.rows[name])
                    letters.append(found or NONE)
                    wrong += [(place.name, role, name, found, call) for call in differing]
                rows.append([place.name, name, *letters])
        self._check_table("rights_records.csv", ["whose", "model", *self.users], rows)
        self.assertEqual(wrong, [])

    def _reach(self, model, row_id):
        """The letters of what the user may do with the record, and the calls that do not agree with them."""
        domain = [("id", "=", row_id)]
        if not model.has_access("read"):
            return "", ["web_search_read"] if self._try(model, "web_search_read", domain, {}) else []
        letters, record = "", model.browse(row_id)
        # a report does not hold the rows of other companies at all
        with contextlib.suppress(MissingError):
            letters = "".join(operation[0] for operation in OPERATIONS if record.has_access(operation))
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
        return letters, wrong

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def _try(self, model, call, *args):
        """What the call returns, of an export its cells that are not empty; False where it is refused."""
        try:
            result = call_kw(model, call, list(args), {})
        except UserError:
            # AccessError and MissingError are kinds of it
            return False
        return [cell for row in result["datas"] for cell in row if cell] if call == "export_data" else result

    # ------------------------------------------------------------------
    # Methods
    # ------------------------------------------------------------------
    def test_routes(self):
        """Each address of the addon, asked for what is somebody else's, answers as the table says."""
        place = self.places["colleague"]
        ids = {"export_id": place.rows["partner.export"], "import_id": place.rows["partner.contact.import"]}
        # where a server keeps the name of the database of a request
        with patch.object(threading.current_thread(), "dbname", self.env.cr.dbname, create=True):
            rules = list(self.env["ir.http"].routing_map().iter_rules())
        found = sorted(
            {str(rule) for rule in rules if rule.endpoint.original_endpoint.__module__.startswith(OURS)}
        )
        partners = [str(one.records["res.partner"]) for one in self.places.values()]
        cards = f"?partner_ids={','.join(partners)}"
        rows = [[route] for route in found]
        for role, user in self.users.items():
            if role == "public":
                self.authenticate(None, None)
            else:
                self.authenticate(user.login, user.login)
            for number, route in enumerate(found):
                with mute_logger("odoo.http"):
                    address = re.sub(r"<int:(\w+)>", lambda match: str(ids[match[1]]), route)
                    address = re.sub(r"<model.*?:partner>", partners[-1], address)
                    answer = self.url_open(f"{address}{cards}", allow_redirects=False)
                    self.assertEqual(self._find_leaks(role, place, answer.text), [], (role, route))
                    if route.startswith("/partner_relations/"):
                        # nothing is sent to them, so that nothing can be forged
                        self.assertIn(
                            self.url_open(address, data={"x": "1"}).status_code, (400, 404, 405), route
                        )
                rows[number].append(answer.status_code)
        self._check_table("rights_routes.csv", ["route", *self.users], rows)

    def test_methods(self):
        """Each public method, called with the record of somebody else, does what the table says.

        A dialog is filled in by whoever calls it, about the records of somebody else. What comes of a call, errors and
        files that it leads to included, tells nothing of what the caller may not read.
        """
        rows, leaks, errors = [], [], []
        roles = [role for role in self.users if role != "public"]
        for name, attribute in self._get_methods():
            for place in self.places.values():
                letters = []
                for role in roles:
                    enter = self._get_dialog(name, attribute, place)
                    args = self._get_arguments(name, attribute, place)
                    letter, result = self._call(role, name, attribute, args, enter=enter)
                    if letter == "w" and place.name == "other company":
                        letter, result = self._call(role, name, attribute, args, read_only=False, enter=enter)
                        letter = "w" if letter == "+" else letter
                    if letter == "x":
                        errors.append((place.name, role, name, attribute, repr(result)[:300]))
                    leaks += [(role, name, attribute, leak) for leak in self._find_leaks(role, place, result)]
                    letters.append(letter)
                rows.append([place.name, f"{name}.{attribute}", *letters])
        self._check_table("rights_methods.csv", ["whose", "method", *roles], rows)
        self.assertEqual((leaks, errors), ([], []))
        self.assertEqual(self._get_shut(rows), SHUT.keys())

    def test_exports(self):
        """A file has no rows but those that whoever fetches it may read."""
        leaks, fetched = [], 0
        for name, attribute in self._get_methods():
            model = self.env[name]
            if attribute != "action_export_excel" or model._abstract:
                continue
            for role in self.users:
                # who has the same rows as others, and who has all of them
                if "manager" in role or not self._as(role, name).has_access("read"):
                    continue
                letter, result = self._call(
                    role, name, attribute, [[]], read_only=False, active_domain=[], active_test=False
                )
                if letter != "+":
                    # some are files of one record
                    self.assertIn(letter, ("!", "-"), (role, name, result))
                    continue
                fetched += 1
                leaks += [
                    (role, name, leak) for leak in self._find_leaks(role, self.places["colleague"], result)
                ]
                row = self._as(role, name).browse(self._get_id(name, self.places["colleague"]))
                if not row.has_access("read") and (leak := self.places["colleague"].find_rows(result[1])):
                    leaks.append((role, name, leak))
        self.assertGreater(fetched, 40)
        self.assertEqual(leaks, [])

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
        for name, attribute in self._get_methods():
            # what is hostile below reaches the code where what is not is let in
            enter, args = (
                function(name, attribute, colleague) for function in (self._get_dialog, self._get_arguments)
            )
            if self._call(STRONGEST, name, attribute, args, enter=enter)[0] not in "+w!":
                shut.add(f"{name}.{attribute}")
        self.assertEqual(shut, SHUT.keys())
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
