"""What a client puts into the context: each key that the code of the addon reads there, with hostile values.

The keys are read from the source, so that a new one is tried without a line here.
"""

import ast
import contextlib
import importlib
import json
import time
from unittest.mock import patch

import psycopg2

from odoo.tests import BaseCase, tagged
from odoo.tools import frozendict, mute_logger

from .rights import RightsCommon
from .rights_calling import CallRights, is_caused_by
from .rights_dialogs import DialogFilling
from .test_attacks import ROOMS, ROOT
from .test_rights_calls import CONTEXT, INJECTION, SLIPS

PACKAGE = "odoo.addons.partner_relations"
# Who is let in everywhere.
ROLE = "general manager"
# Of the calls that read a key, so many are tried with each value.
CALLS = 2
PLAIN = ("char", "integer", "float", "monetary", "date", "datetime", "boolean")
# Keys of which the code knows only when it runs what they are called.
CHOSEN = {"key": "those that an export keeps, each of which is read by its own name elsewhere"}
# Keys that are read where no client comes, and why.
SERVER = "of the mail gateway, mail servers and scheduled jobs, which no client calls"
ELEVATED = "read by code that has all rights alone"
INNER = "taken if it is INTERNAL, or an object of the server's, alone"
UNREAD = {
    "agreed_lead_days": INNER,
    "bypass_delay_description": "a yes or no, of core",
    "cron_id": SERVER,
    "ignore_vendor_lead_time": "a yes or no, of core",
    "import_file": "a yes or no, of core",
    "ir_cron_progress_id": SERVER,
    "module": "while the addon is installed",
    "morning_agendas": ELEVATED,
    "relations_auto_reply": INNER,
    "relations_fetching": SERVER,
    "relations_following_mailbox": SERVER,
    "relations_handing_over": SERVER,
    "relations_left_out": INNER,
    "relations_letter_posting": INNER,
    "relations_listed_persons": INNER,
    "relations_mailbox_id": SERVER,
    "relations_own_help": "a yes or no",
    "relations_policy_write": INNER,
    "relations_scheme_write": INNER,
    "relations_terms_operation": "a word, compared",
    "skip_supplier_check": ELEVATED,
    "turnover_days": "set anew by the report that reads it",
    "wage_posting": "a yes or no",
}


def find_keys(tree):
    """Yield the nodes of the keys that a program reads of the context."""
    for node in ast.walk(tree):
        yield from _get_keys(node)


def _is_context(node):
    return isinstance(node, ast.Attribute) and node.attr == "context"


def _get_keys(node):
    """The keys of ``….context.get(key)``, ``….context[key]`` and ``key in ….context``."""
    key = None
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
        key = node.args[0] if _is_context(node.func.value) else None
    elif isinstance(node, ast.Subscript) and _is_context(node.value):
        key = node.slice
    elif isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.In, ast.NotIn)):
        key = node.left if _is_context(node.comparators[0]) else None
    if isinstance(key, (ast.Constant, ast.Name)):
        yield key


class TestContextKeys(BaseCase):
    def test_keys_are_found(self):
        tree = ast.parse(
            "class X:\n def x(self):\n"
            "  self.env.context.get('a', 1), record.env.context['b'], 'c' in self.env.context, env.context.get(D)\n"
            "  values.get('e'), context_of['f'], 'g' not in self.env.context\n"
        )
        self.assertEqual(
            {getattr(key, "id", None) or key.value for key in find_keys(tree)}, {"a", "b", "c", "D", "g"}
        )


@contextlib.contextmanager
def _noting_keys():
    """The keys of contexts that are read meanwhile, as a set."""
    read = set()

    def get(context, key, default=None):
        read.add(key)
        return dict.get(context, key, default)

    def contains(context, key):
        read.add(key)
        return dict.__contains__(context, key)

    with patch.object(frozendict, "get", get), patch.object(frozendict, "__contains__", contains):
        yield read


@tagged("post_install", "-at_install")
class TestAttackContext(CallRights, DialogFilling, RightsCommon):
    maxDiff = None

    def _find_keys(self):
        """The keys that the source reads."""
        found = set()
        for path in sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py")):
            dotted = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            for key in find_keys(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(key, ast.Name):
                    module = importlib.import_module(f"{PACKAGE}.{dotted}")
                    found.add(getattr(module, key.id, None) or key.id)
                else:
                    found.add(key.value)
        return found - CHOSEN.keys()

    def _get_values(self, key):
        """What a client may send as the value of a key."""
        if key in CONTEXT:
            # what is INTERNAL or nothing: `test_hostile_calls` sends it to all methods
            return (True,)
        other = self.places["other company"]
        ids = sorted({one for one in (*other.records.values(), *other.rows.values()) if one})
        return (
            INJECTION, [INJECTION], {INJECTION: [[INJECTION]]}, [2**70], ["2025-01-01", "2025-12-31"], ids,
        )  # fmt: skip

    def _get_calls(self):
        """(model, method, arguments) of what a client may do with the rows of the colleague."""
        place = self.places["colleague"]
        for name in sorted({*self.models, *place.records}):
            model = self._as(ROLE, name)
            row = place.rows.get(name) or place.records.get(name)
            fields = self._get_plain_fields(model)
            yield name, "web_search_read", [[], {field: {} for field in fields}]
            yield name, "formatted_read_group", [[], fields[:1], ["__count"]]
            if row:
                yield name, "web_read", [[row], {field: {} for field in fields}]
                yield name, "write", [[row], {}]
            yield name, "default_get", [[*model.fields_get(attributes=[])]]
        order = {"partner_id": place.records["res.partner"], "date_order": "2025-03-03 12:00:00"}
        names = {"partner_id": {}, "payment_term_id": {}, "incoterm_location": {}}
        for changed in order:
            yield "purchase.order", "onchange", [[place.records["purchase.order"]], order, [changed], names]
            yield "purchase.order", "onchange", [[], order, [changed], names]
        for name, attribute in self._get_methods():
            yield name, attribute, self._get_arguments(name, attribute, place)

    def _get_plain_fields(self, model):
        return [
            field.name
            for field in model._fields.values()
            if field.type in PLAIN and field.store and model._has_field_access(field, "read")
        ]

    def _try(self, name, attribute, args, **context):
        enter = self._get_dialog(name, attribute, self.places["colleague"])
        return self._call(ROLE, name, attribute, args, read_only=False, enter=enter, **context)

    def _find_readers(self, keys):
        """{key: the quickest calls that read it}."""
        readers = {key: [] for key in keys}
        for call in self._get_calls():
            started = time.process_time()
            with _noting_keys() as read:
                letter, _result = self._try(*call)
            if letter in "+!":
                for key in read & keys:
                    readers[key].append((time.process_time() - started, call))
        return {
            key: [call for _seconds, call in sorted(calls, key=lambda one: one[0])][:CALLS]
            for key, calls in readers.items()
        }

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model", "odoo.sql_db")
    def test_hostile_context(self):
        """Nothing that a client sends there gets into a statement, or shows what is another company's."""
        keys = self._find_keys()
        self.assertGreater(len(keys), 60)
        readers = self._find_readers(keys)
        self.assertEqual({key for key, calls in readers.items() if not calls}, UNREAD.keys())
        other = self.places["other company"]
        wrong = []
        for key, calls in readers.items():
            for call in calls:
                for value in self._get_values(key):
                    letter, result = self._try(*call, **{key: value})
                    text = (
                        json.dumps(result, default=str, ensure_ascii=False) if letter != "x" else str(result)
                    )
                    if (
                        (letter == "x" and is_caused_by(result, psycopg2.Error))
                        or (letter == "x" and not is_caused_by(result, SLIPS))
                        or other.find(text)
                    ):
                        wrong.append((key, repr(value)[:60], *call[:2], letter, repr(result)[:200]))
        self.assertEqual(wrong, [])
