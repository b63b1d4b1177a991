"""Who may reach which record and call which method, as ``security/rights_*.csv`` say, and what hostile calls end in.

Everything is called as a client calls it (``call_kw``). To write the tables anew after a change that is meant, and read
the difference::

    RELATIONS_WRITE_RIGHTS=1 dev/test tests/test_rights_calls.py && git diff security
"""

import contextlib
import inspect
import json
import time

import psycopg2
from psycopg2.errors import ReadOnlySqlTransaction

from odoo.exceptions import AccessError, MissingError, RedirectWarning, UserError
from odoo.service.model import call_kw
from odoo.tests import tagged
from odoo.tools import mute_logger

from .rights import NONE, RightsCommon

OURS = "odoo.addons.partner_relations."
# What is read again and again, and has no secrets.
KEPT = {"res.users", "res.groups", "res.company", "res.currency", "res.lang", "ir.model", "ir.ui.view",
        "ir.actions.act_window", "ir.actions.act_window.view", "ir.actions.actions"}  # fmt: skip
INJECTION = "x' OR 1=1; DROP TABLE res_users; --"
HOSTILE = (INJECTION, None, -1, 2**31 - 1, 2**70, True, [], [[["x"]]], {"x": [[]]}, "\x00", "%s%(x)s", 1e308)
HOSTILE_IDS = ([2**31 - 1], [INJECTION], [None], [[1]], [2**70], "x", {"a": 1}, [True])
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
            "failure_groups", "order_failure_write", "relations_bonus", "relations_feeding", "relations_inquiry",
            "relations_letter_activity", "relations_letter_posting", "relations_letter_sending",
            "relations_policy_write", "relations_reminder", "relations_run_internal", "relations_scheme_write",
            "relations_scorecard", "relations_wage", "work_plan_sync",
        ),
        "INTERNAL",
    ),
}  # fmt: skip
# How Python tells that an argument is of the wrong kind: an answer like any other, in which nothing is told.
SLIPS = (TypeError, ValueError, KeyError, AttributeError, IndexError, OverflowError)
OPERATIONS = ("read", "write", "unlink")


@tagged("post_install", "-at_install")
class TestRightsCalls(RightsCommon):
    maxDiff = None

    # ------------------------------------------------------------------
    # Records
    # ------------------------------------------------------------------
    def test_records(self):
        """Each way of the web client to a record gives what its rights say."""
        t = time.time()
        rows = []
        for name in self.models:
            for place in self.places.values():
                letters = {role: self._reach(role, name, place.rows[name]) for role in self.users}
                rows.append([place.name, name, *(letters[role] or NONE for role in self.users)])
        print("RECORDS", time.time() - t)
        self._check_table("rights_records.csv", ["whose", "model", *self.users], rows)

    def _reach(self, role, name, row_id):
        """The letters of what the user may do with the record; all calls must agree with them."""
        model = self._as(role, name)
        if not model.has_access("read"):
            with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
                call_kw(model, "web_search_read", [[("id", "=", row_id)], {}], {})
            return ""
        record = model.browse(row_id)
        letters = "".join(operation[0] for operation in OPERATIONS if record.has_access(operation))
        domain = [("id", "=", row_id)]
        count = 1 if "r" in letters else 0
        what = (role, name, row_id)
        self.assertEqual(call_kw(model, "web_search_read", [domain, {}], {})["length"], count, what)
        self.assertEqual(call_kw(model, "search_count", [domain], {}), count, what)
        [group] = call_kw(model, "formatted_read_group", [domain, [], ["__count"]], {})
        self.assertEqual(group["__count"], count, what)
        self.assertEqual(len(call_kw(model, "name_search", ["", domain], {})), count, what)
        for call, args in (("read", [["display_name"]]), ("export_data", [["id"]])):
            with mute_logger("odoo.addons.base.models.ir_rule"), self._refused(not count, what):
                call_kw(model, call, [[row_id], *args], {})
        for call, args in (("write", [{}]), ("unlink", [])):
            if call[0] not in letters and model.has_access(call):
                with mute_logger("odoo.addons.base.models.ir_rule"), self._refused(True, what):
                    call_kw(model, call, [[row_id], *args], {})
        return letters

    def _refused(self, refused, what):
        return self.assertRaises(AccessError, msg=what) if refused else contextlib.nullcontext()

    # ------------------------------------------------------------------
    # Methods
    # ------------------------------------------------------------------
    def _get_methods(self):
        """(model, method) of all that a client may call because of the addon; what core has is core's."""
        for name, model in sorted(self.env.registry.items()):
            classes = model.mro()
            theirs = {
                attribute
                for base in classes
                if not base.__module__.startswith(OURS) and base not in self.env.registry.models.values()
                for attribute in vars(base)
            }
            ours = {
                attribute
                for base in classes
                if base.__module__.startswith(OURS) and base not in self.env.registry.models.values()
                for attribute, value in vars(base).items()
                if inspect.isfunction(value) and not attribute.startswith("_")
            }
            for attribute in sorted(ours - theirs):
                method = getattr(model, attribute)
                if getattr(method, "_api_private", False) or (model._abstract and not is_model_method(method)):
                    continue
                yield name, attribute

    def test_methods(self):
        """Each public method, called with the record of somebody else, does what the table says."""
        t = time.time()
        rows, leaks, errors = [], [], []
        roles = [role for role in self.users if role != "public"]
        for name, attribute in self._get_methods():
            for place in self.places.values():
                secret, letters = self._get_secret(place.name), []
                for role in roles:
                    args = self._get_arguments(name, attribute, place)
                    letter, result = self._call(role, name, attribute, args)
                    if letter == "w" and place.name == "other company":
                        letter, result = self._call(role, name, attribute, args, read_only=False)
                        letter = "w" if letter == "+" else letter
                    if letter == "x":
                        errors.append((place.name, role, name, attribute, repr(result)[:300]))
                    if secret in json.dumps(result, default=str) and (
                        place.name == "other company" or role in ("portal", "internal")
                    ):
                        leaks.append((role, name, attribute, str(result)[:300]))
                    letters.append(letter)
                rows.append([place.name, f"{name}.{attribute}", *letters])
        print("METHODS", time.time() - t, len(rows))
        for w in leaks: print("LEAK", w)
        for w in errors: print("ERROR", w)
        self._check_table("rights_methods.csv", ["whose", "method", *roles], rows)
        self.assertEqual((leaks, errors), ([], []))

    def test_hostile_calls(self):
        """Whatever a client sends: no error of the database, no secret, and who may do nothing changes nothing."""
        t = time.time(); count = 0; import collections; kinds = collections.Counter()
        wrong = []
        colleague, other = self.places.values()
        for name, attribute in self._get_methods():
            for role, args, context in self._get_attacks(name, attribute, colleague, other):
                letter, result = self._call(role, name, attribute, args, **context)
                count += 1; kinds[letter, type(result).__name__ if letter == "x" else ""] += 1
                text = json.dumps(result, default=str) if letter != "x" else ""
                if (
                    is_caused_by(letter == "x" and result or None, psycopg2.Error)
                    or (letter == "x" and not isinstance(result, SLIPS))
                    or self._get_secret(other.name) in text
                    or (role == "portal" and (letter == "w" or self._get_secret(colleague.name) in text))
                ):
                    wrong.append((role, name, attribute, repr(args)[:120], list(context), letter, repr(result)[:300]))
        print("HOSTILE", time.time() - t, count, kinds)
        for w in wrong: print("WRONG", w)
        self.assertEqual(wrong, [])

    def _get_attacks(self, name, attribute, colleague, other):
        """(role, arguments, context) of hostile calls: wrong ids, each argument hostile, a forged context."""
        method = getattr(self.env.registry[name], attribute)
        valid = self._get_arguments(name, attribute, colleague)
        yield "director", valid, CONTEXT
        yield "portal", valid, CONTEXT
        yield "director", self._get_arguments(name, attribute, other), CONTEXT
        first = 0 if is_model_method(method) else 1
        if first:
            for ids in HOSTILE_IDS:
                yield "director", [ids, *valid[1:]], {}
                yield "portal", [ids, *valid[1:]], {}
        for place in range(first, len(valid)):
            for value in HOSTILE:
                args = [*valid[:place], value, *valid[place + 1 :]]
                yield "director", args, {}
                yield "salesperson", args, {}
            yield "portal", [*valid[:place], HOSTILE[0], *valid[place + 1 :]], {}

    def _get_arguments(self, name, attribute, place):
        """What the web client would send for a record of the place."""
        method = getattr(self.env.registry[name], attribute)
        known = {
            "log_id": place.rows["partner.contact.log"],
            "deal_id": place.rows["partner.deal.report"],
            "run_id": place.rows["partner.classification"],
            "run_from_id": place.rows["partner.classification"],
            "run_to_id": place.rows["partner.classification"],
            "card_ids": [place.rows["manager.scorecard"]],
            "partner_id": place.records["res.partner"],
            "user_id": place.user.id,
            "company_id": place.company.id,
            "order_id": place.records["purchase.order"],
            "lead_id": place.records["crm.lead"],
            "values": {"partner_id": place.records["res.partner"], "name": self._get_secret(place.name)},
            "options": {"company_id": place.company.id},
            "filters": {},
            "days": 1,
            "dimension": "abc_class",
            "what": "deals",
            "block": "turnover",
            "figure": "revenue",
        }
        args = [] if is_model_method(method) else [[place.rows.get(name) or place.records.get(name)]]
        for parameter in list(inspect.signature(method).parameters.values())[1:]:
            if parameter.name in known:
                args.append(known[parameter.name])
            elif parameter.default is parameter.empty:
                raise AssertionError(f"No value for {parameter.name} of {name}.{attribute}: give it one here")
            else:
                args.append(parameter.default)
        return args

    def _call(self, role, name, attribute, args, read_only=True, **context):
        """Call a method and undo what it did. Return a letter and the result.

        ``+`` it answers, ``w`` it would write, ``-`` the user may not, ``!`` it tells what is wrong.
        """
        cr = self.env.cr
        cr.execute("SAVEPOINT rights")
        if read_only:
            cr.execute("SET TRANSACTION READ ONLY")
        try:
            result = call_kw(self._as(role, name, **context), attribute, args, {})
            self.env.flush_all()
            return "+", result
        except (AccessError, MissingError) as error:
            return "-", str(error)
        except (UserError, RedirectWarning) as error:
            return "!", str(error)
        except Exception as error:
            if read_only and is_caused_by(error, ReadOnlySqlTransaction):
                return "w", None
            return "x", error
        finally:
            cr.execute("ROLLBACK TO SAVEPOINT rights")
            cr.precommit.clear()
            self._forget()

    def _forget(self):
        """Forget what the call has read or was about to write, but for what the rights of users are made of."""
        transaction = self.env.transaction
        transaction.tocompute.clear()
        transaction.field_dirty.clear()
        for field in [field for field in transaction.field_data if field.model_name not in KEPT]:
            del transaction.field_data[field]


def is_caused_by(error, kind):
    while error is not None:
        if isinstance(error, kind):
            return True
        error = error.__context__
    return False


def is_model_method(method):
    return getattr(method, "_api_model", False)
