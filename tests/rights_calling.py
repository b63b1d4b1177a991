"""The methods that a client may call, called as a client does, for the tests of rights and attacks."""

import inspect
import json
import re
from base64 import b64decode
from io import BytesIO
from zipfile import ZipFile

import openpyxl
from psycopg2.errors import ReadOnlySqlTransaction

from odoo.exceptions import AccessError, MissingError, RedirectWarning, UserError
from odoo.service.model import call_kw, get_public_method

from .rights import OUTSIDERS

OURS = "odoo.addons.partner_relations."
# What is read again and again, and has no secrets.
KEPT = {"res.users", "res.groups", "res.company", "res.currency", "res.lang", "ir.model", "ir.ui.view",
        "ir.actions.act_window", "ir.actions.act_window.view", "ir.actions.actions"}  # fmt: skip
# Records of core that no database has, and no place needs for anything else.
OTHERS = {
    "calendar.event": lambda env, place: {
        "name": place.secret,
        "start": "2025-03-03 10:00:00",
        "stop": "2025-03-03 11:00:00",
        "user_id": place.user.id,
        "partner_ids": [(6, 0, place.user.partner_id.ids)],
    },
    "calendar.attendee": lambda env, place: {
        "event_id": env["calendar.event"].create(OTHERS["calendar.event"](env, place)).id,
        "partner_id": place.records["res.partner"],
    },
    "fetchmail.server": lambda env, place: {"name": place.secret, "server_type": "imap"},
    "ir.mail_server": lambda env, place: {"name": place.secret, "smtp_host": "localhost"},
    "mail.alias.domain": lambda env, place: {"name": f"company{place.company.id}.example.com"},
    "purchase.requisition": lambda env, place: {
        "vendor_id": place.records["res.partner"],
        "company_id": place.company.id,
    },
    "hr.employee": lambda env, place: {"name": place.secret, "company_id": place.company.id},
    "mail.activity": lambda env, place: {
        "res_model_id": env["ir.model"]._get_id("sale.order"),
        "res_id": place.records["sale.order"],
        "user_id": place.user.id,
        "summary": place.secret,
    },
    "mail.mail": lambda env, place: {"subject": place.secret, "email_to": place.email},
    "stock.picking": lambda env, place: {
        "picking_type_id": env["stock.picking.type"]
        .search([("company_id", "=", place.company.id), ("code", "=", "outgoing")], limit=1)
        .id,
        "partner_id": place.records["res.partner"],
    },
    "sale.mass.cancel.orders": lambda env, place: {"sale_order_ids": [(6, 0, [place.records["sale.order"]])]},
}


class CallRights:
    """For classes of ``RightsCommon`` and ``DialogFilling``."""

    def setUp(self):
        super().setUp()
        for place in self.places.values():
            # made in a test, and gone with it
            place.others = {}

    def _get_methods(self, core=False):
        """(model, method) of all that a client may call because of the addon.

        :param core: also those of core that the addon changes: ``button_confirm``, and ``write`` on a model of core
        """
        basic = {
            attribute
            for base in self.env.registry["base"].mro()
            if not base.__module__.startswith(OURS)
            for attribute in vars(base)
        }
        mixins = {
            name
            for name, model in self.env.registry.items()
            if model._abstract and model._original_module == "partner_relations"
        }
        for name, model in sorted(self.env.registry.items()):
            ours, theirs = {}, set()
            for base in model.mro():
                if base in self.env.registry.models.values():
                    continue
                if not base.__module__.startswith(OURS):
                    theirs |= vars(base).keys()
                    continue
                for attribute, value in vars(base).items():
                    if inspect.isfunction(value) and not attribute.startswith("_"):
                        ours.setdefault(attribute, set()).add(base._name)
            for attribute, definers in sorted(ours.items()):
                is_core = model._original_module != "partner_relations"
                if attribute in basic and not is_core:
                    continue
                # a method of core has a row where the addon changes it, there or in a model of the addon that it
                # inherits, and not for each model that inherits it
                changed = name in definers or (is_core and not definers.isdisjoint(mixins))
                if attribute in theirs and not (core and changed):
                    continue
                if self._is_private(name, attribute):
                    continue
                if model._abstract and not is_model_method(getattr(model, attribute)):
                    continue
                yield name, attribute

    def _is_private(self, name, attribute):
        try:
            get_public_method(self.env[name], attribute)
        except AccessError:
            return True
        return False

    def _find_leaks(self, role, place, result):
        """What a result tells of the other company; of the colleague, to who has no right to relations at all."""
        text = result if isinstance(result, str) else json.dumps(result, default=str, ensure_ascii=False)
        leaks = [self.places["other company"].find(text)]
        if role in (*OUTSIDERS, "internal"):
            leaks.append(place.find_rows(text))
        return [leak for leak in leaks if leak]

    def _get_id(self, name, place):
        return place.rows.get(name) or place.records[name]

    def _get_plain_values(self, name):
        """What is written into a record of core: a text, if it has one that is not required."""
        return next(
            (
                {field.name: "x"}
                for field in self.env[name]._fields.values()
                if field.store and field.type == "char" and not field.required and not field.groups
            ),
            {},
        )

    def _get_core_id(self, name, place):
        """The id of a record of the place; of a model of core whose records no place has, of any of its company."""
        row_id = place.rows.get(name) or place.records.get(name)
        if row_id or name in self.models or self.env[name]._abstract:
            return row_id
        if name not in place.others:
            model = self.env[name].sudo().with_context(active_test=False)
            domain = [("company_id", "=", place.company.id)] if "company_id" in model._fields else []
            if name in OTHERS:
                record = model.create(OTHERS[name](self.env, place))
            else:
                record = model.search(domain, limit=1) or model.search([], limit=1)
            self.env.flush_all()
            place.others[name] = record.id
        return place.others[name]

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
            "values": {
                "partner_id": place.records["res.partner"],
                "name": place.contact,
                "partner_name": place.contact,
                "email_from": place.email,
                "email": place.email,
            },
            "options": {"company_id": place.company.id},
            "filters": {},
            "days": 1,
            "dimension": "abc_class",
            "what": "deals",
            "block": "turnover",
            "figure": "revenue",
        }
        # of what core has and the addon changes
        core = {
            "vals": self._get_plain_values(name),
            "vals_list": [{}],
            "fields": ["display_name"],
            "fields_list": ["display_name"],
            "res_model": "res.partner",
            "model": "res.partner",
            "domain": [],
            "message": "x",
            "message_dict": {},
            "msg_dict": {},
            "field_names": ["partner_id"],
            "fields_spec": {"partner_id": {}},
            "specification": {"display_name": {}},
            "help_message": "x",
        }
        if attribute == "onchange":
            known["values"] = {"partner_id": place.records["res.partner"]}
        args = [] if is_model_method(method) else [[self._get_core_id(name, place)]]
        for parameter in list(inspect.signature(method).parameters.values())[1:]:
            if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                continue
            if parameter.name in known:
                args.append(known[parameter.name])
            elif parameter.default is parameter.empty and parameter.name in core:
                args.append(core[parameter.name])
            elif parameter.default is parameter.empty:
                raise AssertionError(f"No value for {parameter.name} of {name}.{attribute}: give it one here")
            else:
                args.append(parameter.default)
        return args

    def _call(self, role, name, attribute, args, read_only=True, enter=None, **context):
        """Call a method and undo what it did. Return a letter and the result.

        ``+`` it answers, ``w`` it would write, ``-`` the user may not, ``!`` it tells what is wrong.

        :param read_only: else the result is a pair: with the text of the file that it leads to
        :param enter: function that fills in a dialog, and returns its ids, for the first of the arguments
        """
        cr = self.env.cr
        cr.execute("SAVEPOINT rights")
        try:
            model = self._as(role, name, **context)
            if enter:
                args = [enter(model), *args[1:]]
                self.env.flush_all()
            if read_only:
                cr.execute("SET TRANSACTION READ ONLY")
            # as a request does: `call_kw` takes the context from there
            result = call_kw(model, attribute, args, {"context": dict(model.env.context)})
            self.env.flush_all()
            return "+", result if read_only else (result, self._fetch(role, result))
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

    def _fetch(self, role, action):
        """The text of the file that an action leads to, made with the rights of the user."""
        if not isinstance(action, dict) or action.get("type") != "ir.actions.act_url":
            return ""
        url = action["url"]
        number = int(re.search(r"/(\d+)", url)[1])
        if url.startswith("/partner_relations/export/"):
            stream = BytesIO()
            name = self._as(role, "partner.export")._get_own(number)._write_excel(stream)
            return name + read_book(stream)
        if url.startswith("/partner_relations/export_csv/"):
            export = self._as(role, "partner.export")._get_own(number)
            records = export._get_records()
            records._check_export_right()
            return records._build_csv(export.domain or []).decode()
        if url.startswith("/partner_relations/contact_import/"):
            name, data = self._as(role, "partner.contact.import").browse(number)._get_rejected_file()
            return name + (data if isinstance(data, str) else data.decode())
        if url.startswith("/web/content/partner.privacy/"):
            return read_zip(BytesIO(b64decode(self._as(role, "partner.privacy").browse(number).file)))
        raise AssertionError(f"How is {url} fetched? Say it here")

    def _forget(self):
        """Forget what the call has read or was about to write, but for what the rights of users are made of."""
        transaction = self.env.transaction
        kept = {field: data for field, data in transaction.field_data.items() if field.model_name in KEPT}
        # with what environments keep: their users hold them, and each new one is looked for among all
        transaction.reset()
        transaction.field_data.update(kept)


def read_answer(answer):
    """The text of an answer, of a file of Excel its cells."""
    if answer.content.startswith(b"PK"):
        return read_book(BytesIO(answer.content))
    return answer.text


def read_book(stream):
    """The texts of a file of Excel: its cells as a program shows them, and all that else is in it."""
    book = openpyxl.load_workbook(stream)
    cells = (str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell)
    return "\n".join((*cells, read_zip(stream)))


def read_zip(stream):
    with ZipFile(stream) as archive:
        return "\n".join(archive.read(name).decode(errors="replace") for name in archive.namelist())


def is_caused_by(error, kind):
    while error is not None:
        if isinstance(error, kind):
            return True
        error = error.__context__
    return False


def is_model_method(method):
    return getattr(method, "_api_model", False)
