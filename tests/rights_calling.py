"""The methods that a client may call, called as a client does, for the tests of rights and attacks."""

import inspect
import json
import re
from base64 import b64decode
from io import BytesIO
from zipfile import ZipFile

from psycopg2.errors import ReadOnlySqlTransaction

from odoo.exceptions import AccessError, MissingError, RedirectWarning, UserError
from odoo.service.model import call_kw

from .rights import OUTSIDERS

OURS = "odoo.addons.partner_relations."
# What is read again and again, and has no secrets.
KEPT = {"res.users", "res.groups", "res.company", "res.currency", "res.lang", "ir.model", "ir.ui.view",
        "ir.actions.act_window", "ir.actions.act_window.view", "ir.actions.actions"}  # fmt: skip


class CallRights:
    """For classes of ``RightsCommon`` and ``DialogFilling``."""

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
                if getattr(method, "_api_private", False) or (
                    model._abstract and not is_model_method(method)
                ):
                    continue
                yield name, attribute

    def _find_leaks(self, role, place, result):
        """What a result tells of the other company; of the colleague, to who has no right to relations at all."""
        text = result if isinstance(result, str) else json.dumps(result, default=str, ensure_ascii=False)
        leaks = [self.places["other company"].find(text)]
        if role in (*OUTSIDERS, "internal"):
            leaks.append(place.find_rows(text))
        return [leak for leak in leaks if leak]

    def _get_id(self, name, place):
        return place.rows.get(name) or place.records[name]

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
        args = [] if is_model_method(method) else [[place.rows.get(name) or place.records.get(name)]]
        for parameter in list(inspect.signature(method).parameters.values())[1:]:
            if parameter.name in known:
                args.append(known[parameter.name])
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
            return name + read_zip(stream)
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
        transaction.clear()
        transaction.field_data.update(kept)


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
