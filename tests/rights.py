"""One row of each model of the addon in each of two companies, for the tests of rights and attacks.

Rows are written into the tables, not created: what is asked is who may reach a record, not whether it makes sense,
and so a new model needs no line here unless its table has a constraint that the values by type do not meet.
"""

import contextlib
import csv
import os
import re
from datetime import date, datetime, time
from io import StringIO
from pathlib import Path

import psycopg2
from psycopg2.extras import Json

from odoo import Command
from odoo.tools import SQL, mute_logger, sql

from .customer.invoicing import InvoicingCommon

ROLES = {
    "public": "base.group_public",
    "portal": "base.group_portal",
    "internal": "base.group_user",
    "salesperson": "partner_relations.group_user",
    "supervisor": "partner_relations.group_supervisor",
    "director": "partner_relations.group_director",
    "buyer": "base.group_user,purchase.group_purchase_user",
    "accountant": "base.group_user,account.group_account_invoice",
    "marketing": "base.group_user,mass_mailing.group_mass_mailing_user",
    "administrator": "base.group_system",
    # who sells and keeps relations, and those who lead a department of core and keep none
    "seller": "partner_relations.group_user,sales_team.group_sale_salesman",
    "sales manager": "base.group_user,sales_team.group_sale_manager",
    "purchase manager": "base.group_user,purchase.group_purchase_manager",
    "accounting manager": "base.group_user,account.group_account_manager",
    # of all rooms at once, so that no code stays behind a right that nobody has
    "general manager": "partner_relations.group_director,sales_team.group_sale_manager,"
    "purchase.group_purchase_manager,account.group_account_manager,mass_mailing.group_mass_mailing_user",
}
OUTSIDERS = ("public", "portal")
NONE = "-"
SECURITY = Path(__file__).parents[1] / "security"
# What every text of the rows holds, with whose row it is; who may not read it must never see it.
SECRET = "Zweiundvierzig"
# What every number of the rows is, and three times that what the documents come to.
NUMBERS = {"colleague": 535353.13, "other company": 424242.12}
# Texts that say what something is, or that code reads: with a text in them, it would not be that any more.
CODED = {
    "bonus_formula", "code", "condition", "domain", "formula", "found_date_order", "found_encoding", "found_separator",
    "found_target", "kind", "lang", "message_id", "model", "res_model", "source_model", "subject_key", "vat",
}  # fmt: skip
# Numbers that have a limit in the database.
LIMITED = {"discount_limit", "hour_from", "hour_to", "limit_percent", "probability"}
# a Monday
DAY = date(2025, 3, 3)
LATER = date(2025, 3, 9)
# What the values by type do not meet: {model: {field: value, or function of the place where the row stands}}.
OVERRIDES = {
    "manager.bonus": {"date_to": LATER},
    "manager.scorecard": {"date_to": LATER},
    "partner.campaign.cost": {"campaign_id": lambda place: place.records["utm.campaign"]},
    "partner.classification": {"is_current": True, "kind": "customer", "state": "draft"},
    "partner.classification.line": {"kind": "customer", "stage": "regular", "abc_class": "a"},
    "partner.letter": {"direction": "in"},
    "partner.order.failure": {"order_id": lambda place: place.records["sale.order"]},
    "partner.mailbox": {
        "kind": "shared",
        "user_id": None,
        "email": lambda place: f"box.{place.email}",
    },
    "partner.mailing.answer": {"message_id": lambda place: f"<{place.company.id}@example.com>"},
    "partner.reassignment": {"date_from": DAY, "date_until": LATER},
    "partner.work.plan": {"date_to": LATER},
    "partner.sales.plan": {"date": DAY.replace(day=1)},
    "partner.wage.deduction.list": {
        "date_pay": LATER,
        "currency_id": lambda place: place.records["res.currency"],
    },
    "partner.wage.deduction.answer": {"file": b"eA=="},
    "supplier.scorecard": {"date_to": LATER, "period": "year"},
}
# Of these everybody has the same rows, or Odoo has made those of the place already.
FOUND = {
    "partner.completeness.item": lambda place: [],
    "partner.contact.history": lambda place: [],
    "manager.indicator": lambda place: [("code", "=", "revenue")],
    "partner.deal.report": lambda place: [
        ("company_id", "=", place.company.id),
        ("res_model", "=", "crm.lead"),
    ],
    "partner.owner.period": lambda place: [("partner_id", "=", place.records["res.partner"])],
    "supplier.score.policy": lambda place: [("company_id", "=", place.company.id)],
}
LOUD = ("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model", "odoo.sql_db", "odoo.models")
# Where a document says whose it is.
OWNERS = {
    "account.move": "invoice_user_id",
    "crm.lead": "user_id",
    "purchase.order": "user_id",
    "res.partner": "user_id",
    "sale.order": "user_id",
}


class TakenBack(Exception):
    """Ends a savepoint."""


class Place:
    """Where a row stands: its company, whose it is, and what it may point to."""

    def __init__(self, name, company, user):
        self.name, self.company, self.user = name, company, user
        self.records, self.rows, self.others = {}, {}, {}
        self.secret, self.number = f"{SECRET} {name}", NUMBERS[name]
        self.contact = f"Customer of {name}"
        self.email = f"{SECRET.lower()}.{company.id}@example.com"
        self.phone = f"+1212{round(self.number * 10)}"
        numbers = (f"{number:,.2f}".split(".")[0] for number in (self.number, 3 * self.number))
        # however many decimals are shown and whatever stands between the thousands
        spellings = (number.replace(",", r"[,.\s]?") for number in numbers)
        marks = [self.secret, *(rf"(?<![0-9A-Za-z]){number}(?![0-9A-Za-z])" for number in spellings)]
        self._row_marks = re.compile("|".join(marks), re.IGNORECASE)
        contact_marks = map(re.escape, (self.contact, self.email, self.phone))
        self._marks = re.compile("|".join([*marks, *contact_marks]), re.IGNORECASE)

    def find(self, text):
        """What of the place a text tells, with what stands around it."""
        return self._find(self._marks, text)

    def find_rows(self, text):
        """The same, but for the contact itself, which everybody in the company may read."""
        return self._find(self._row_marks, text)

    def _find(self, marks, text):
        mark = marks.search(text)
        return mark and text[max(mark.start() - 80, 0) : mark.end() + 40]


class TableCommon:
    """For classes of tests that compare what they find with a table of the folder ``security``."""

    def _check_table(self, filename, head, rows):
        """Compare rows with a table of the folder `security`; RELATIONS_WRITE_RIGHTS=1 writes it anew."""
        stream = StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerows([head, *rows])
        path = SECURITY / filename
        if os.environ.get("RELATIONS_WRITE_RIGHTS"):
            path.write_text(stream.getvalue(), encoding="utf-8")
        self.assertMultiLineEqual(
            path.read_text(encoding="utf-8") if path.exists() else "", stream.getvalue()
        )

    def _read_table(self, filename):
        """A table as {(whose, name): {role: what stands there}}."""
        with (SECURITY / filename).open(encoding="utf-8") as file:
            head, *rows = csv.reader(file)
        return {(whose, name): dict(zip(head[2:], row, strict=True)) for whose, name, *row in rows}


class RightsCommon(TableCommon, InvoicingCommon):
    """``users`` by role, all in ``company_eur``; ``places``: a colleague's rows there, and rows of ``company_usd``."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        users = cls._create_users(
            {
                # export is a right of its own: without it, nothing would be asked of the records
                f"rights_{role.replace(' ', '_')}": f"{groups},base.group_allow_export"
                if role not in OUTSIDERS
                else groups
                for role, groups in ROLES.items()
            },
            company_id=cls.company_eur.id,
            company_ids=[Command.set(cls.company_eur.ids)],
        )
        cls.users = dict(zip(ROLES, users, strict=True))
        cls.places = {
            name: cls._create_place(name, company)
            for name, company in (
                ("colleague", cls.company_eur),
                ("other company", cls.company_usd),
            )
        }
        cls.models, cls._columns = cls._get_models(), {}
        for place in cls.places.values():
            for name in cls.models:
                cls._build(name, place)
        cls.env.invalidate_all()

    @classmethod
    def _get_models(cls):
        """The models of the addon that have records."""
        return sorted(
            name
            for name, model in cls.env.registry.items()
            if model._original_module == "partner_relations" and not model._abstract
        )

    @classmethod
    def _create_place(cls, name, company):
        user = cls._create_user(
            f"rights_of_{company.id}",
            "partner_relations.group_director",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        place = Place(name, company, user)
        secret, price = place.secret, place.number
        env = cls.env(context={**cls.env.context, "allowed_company_ids": company.ids})
        partner = env["res.partner"].create(
            {
                "name": place.contact,
                "is_company": True,
                "company_id": company.id,
                "user_id": user.id,
                "email": place.email,
                "phone": place.phone,
            }
        )
        campaign = env["utm.campaign"].create({"name": f"Campaign of {name}", "company_id": company.id})
        utm = {
            "campaign_id": campaign.id,
            "source_id": env["utm.source"].create({"name": f"{secret} source"}).id,
        }
        order = cls._create_order(
            [{"product_id": cls.chair.id, "product_uom_qty": 3, "price_unit": price}],
            partner=partner,
            company=company,
            user_id=user.id,
            client_order_ref=secret,
            **utm,
        )
        move = cls._create_invoice(
            [{"product_id": cls.chair.id, "quantity": 3, "price_unit": price}],
            partner=partner,
            company=company,
            invoice_user_id=user.id,
            **utm,
        )
        lead = env["crm.lead"].create(
            {
                "name": secret,
                "type": "opportunity",
                "partner_id": partner.id,
                "company_id": company.id,
                "user_id": user.id,
                "is_inquiry": True,
                **utm,
            }
        )
        purchase = cls._create_purchase(env, partner, user, price)
        # a closed order beside the open one
        received = cls._create_purchase(env, partner, user, price)
        moves = received.picking_ids.move_ids
        moves.write({"quantity": 3, "picked": True})
        moves._action_done()
        template = env["mail.template"].create(
            {"name": secret, "model_id": env["ir.model"]._get_id("res.partner"), "subject": secret}
        )
        mailing = env["mailing.mailing"].create(
            {"subject": secret, "mailing_model_id": env["ir.model"]._get_id("res.partner")}
        )
        place.records = {
            "res.company": company.id,
            "res.users": user.id,
            "res.partner": partner.id,
            "res.currency": company.currency_id.id,
            "sale.order": order.id,
            "sale.order.line": order.order_line.id,
            "account.move": move.id,
            "crm.lead": lead.id,
            "purchase.order": purchase.id,
            "purchase.order.line": purchase.order_line.id,
            "product.product": cls.chair.id,
            "mail.template": template.id,
            "utm.campaign": campaign.id,
            "mailing.mailing": mailing.id,
        }
        return place

    @classmethod
    def _create_purchase(cls, env, partner, user, price):
        line = {"product_id": cls.chair.id, "product_qty": 3, "price_unit": price}
        order = env["purchase.order"].create(
            {
                "partner_id": partner.id,
                "company_id": env.company.id,
                "user_id": user.id,
                "date_planned": "2025-03-03 12:00:00",
                "order_line": [Command.create(line)],
            }
        )
        order.button_confirm()
        return order

    # ------------------------------------------------------------------
    # Rows
    # ------------------------------------------------------------------
    @classmethod
    def _build(cls, name, place):
        """Return the id of the row of a model in a place; it is made when it is asked for first."""
        if name not in place.rows:
            model = cls.env[name].sudo()
            if name in FOUND:
                place.rows[name] = cls._find(model, FOUND[name](place))
            elif model._auto:
                place.rows[name] = cls._insert(model, place)
            else:
                company = model.with_context(allowed_company_ids=place.company.ids)
                place.rows[name] = cls._find(company, [("company_id", "=", place.company.id)])
        return place.rows[name]

    @classmethod
    def _find(cls, model, domain):
        """The row of a report, which the documents of the place give; or one that Odoo has made."""
        cls.env.flush_all()
        row = model.search(domain, limit=1)
        if not row:
            raise AssertionError(f"{model._name} has no row of {domain}: give its documents to a place")
        return row.id

    @classmethod
    def _insert(cls, model, place, user=None):
        values = {}
        if model._log_access:
            moment = datetime.combine(DAY, time())
            values = {
                "create_uid": (user or place.user).id,
                "write_uid": (user or place.user).id,
                "create_date": moment,
                "write_date": moment,
            }
        columns = set(sql.table_columns(cls.env.cr, model._table))
        for field in model._fields.values():
            if field.name in columns and field.name not in (*values, "id", "parent_path"):
                value = cls._get_value(model, field, place)
                if value is not None:
                    values[field.name] = value
        names = SQL(", ").join(SQL.identifier(column) for column in values)
        [[row_id]] = cls.env.execute_query(
            SQL(
                "INSERT INTO %s (%s) VALUES (%s) RETURNING id",
                SQL.identifier(model._table),
                names,
                SQL(", ").join(SQL("%s", value) for value in values.values()),
            )
        )
        for field in model._fields.values():
            if field.type == "many2many" and field.store and field.required:
                cls.env.execute_query(
                    SQL(
                        "INSERT INTO %s (%s, %s) VALUES (%s, %s) RETURNING 1",
                        SQL.identifier(field.relation),
                        SQL.identifier(field.column1),
                        SQL.identifier(field.column2),
                        row_id,
                        cls._point(field.comodel_name, place),
                    )
                )
        return row_id

    @classmethod
    def _get_value(cls, model, field, place):
        """What stands in a column: what is required, whose it is, and a text."""
        override = OVERRIDES.get(model._name, {})
        if field.name in override:
            value = override[field.name]
            return value(place) if callable(value) else value
        if field.name == "active":
            return True
        if field.type == "many2one":
            whose = field.comodel_name in ("res.company", "res.users", "res.partner")
            ours = field.required and field.comodel_name != model._name
            if ours or (whose and field.name != "manager_id"):
                return cls._point(field.comodel_name, place)
            return None
        if field.company_dependent:
            return None
        if field.type in ("char", "text", "html") and field.name not in CODED:
            texts = {"email": place.email, "phone": place.phone}
            return cls._translate(field, texts.get(field.name.partition("_")[0], place.secret))
        if field.type in ("float", "monetary") and field.name not in LIMITED:
            return place.number
        if not field.required:
            return None
        default = field.default(model) if field.default else None
        if default not in (None, False):
            if field.type == "selection" or field.type in ("integer", "float", "monetary", "boolean"):
                return default
        if field.type == "selection":
            return next(iter(field.get_values(cls.env)))
        if field.type in ("char", "text", "html"):
            return "res.partner" if field.name == "res_model" else cls._translate(field, place.secret)
        if field.type == "many2one_reference":
            return place.records["res.partner"]
        return {
            "integer": 1, "float": 1, "monetary": 1, "date": DAY, "datetime": datetime.combine(DAY, time()),
            "boolean": False,
        }.get(field.type)  # fmt: skip

    @classmethod
    def _translate(cls, field, text):
        return Json({"en_US": text}) if field.translate else text

    @classmethod
    def _point(cls, model_name, place):
        """The id that a row of the place points to."""
        if model_name in place.records:
            return place.records[model_name]
        if cls.env.registry[model_name]._original_module == "partner_relations":
            return cls._build(model_name, place)
        record = cls.env[model_name].sudo().search([], limit=1)
        if not record:
            raise AssertionError(f"No record of {model_name} to point to: give one to a place")
        return record.id

    # ------------------------------------------------------------------
    # Calls
    # ------------------------------------------------------------------
    def _as(self, role, model, **context):
        """The model as the web client of a user with the role has it."""
        user = self.users[role]
        env = self.env(
            user=user, su=False, context={"lang": "en_US", "tz": "Asia/Ho_Chi_Minh", "uid": user.id,
                                          "allowed_company_ids": self.company_eur.ids, **context}
        )  # fmt: skip
        return env[model]

    @contextlib.contextmanager
    def _owning(self, role, names, documents=None):
        """Make the colleague's records of these models, and documents, those of the user of a role, for so long."""
        place, user_id = self.places["colleague"], self.users[role].id
        with contextlib.suppress(TakenBack), self.cr.savepoint():
            self.env.flush_all()
            for name in OWNERS if documents is None else documents:
                self._own(name, OWNERS[name], place.records[name], user_id)
            for name in names:
                for column in {"create_uid", "user_id"} & self._get_columns(name):
                    with contextlib.suppress(psycopg2.Error), mute_logger(*LOUD), self.cr.savepoint():
                        self._own(name, column, place.rows[name], user_id)
            self.env.invalidate_all()
            yield
            raise TakenBack
        self.env.invalidate_all()

    def _get_columns(self, name):
        if name not in self._columns:
            self._columns[name] = {*sql.table_columns(self.cr, self.env[name]._table)}
        return self._columns[name]

    def _own(self, name, column, row_id, user_id):
        self.env.execute_query(
            SQL(
                "UPDATE %s SET %s = %s WHERE id = %s RETURNING id",
                SQL.identifier(self.env[name]._table),
                SQL.identifier(column),
                user_id,
                row_id,
            )
        )

    def _get_shut(self, rows):
        """What no role is let in to, of rows of a table: what it is about in the second column, letters behind it."""
        found = {}
        for _kind, name, *letters in rows:
            found.setdefault(name, set()).update(letters)
        return {name for name, letters in found.items() if letters == {NONE}}
