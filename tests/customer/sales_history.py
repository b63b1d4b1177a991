"""Sales histories for the tests of classifications, and the plain reference that they are compared with."""

import itertools
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

from odoo import fields
from odoo.tools import SQL

from odoo.addons.partner_relations.tools import classification as reference
from odoo.addons.partner_relations.tools.periods import closed_periods

from .invoicing import InvoicingCommon

TODAY = date(2026, 11, 23)
DATE_TO = date(2026, 10, 31)


class SalesHistoryCommon(InvoicingCommon):
    """Posted documents of any date and amount, copied in the database from one that Odoo posted."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.model_moves = {}
        for company in (cls.company_eur, cls.company_usd):
            for move_type in ("out_invoice", "out_refund", "in_invoice", "in_refund"):
                move = (
                    cls.env["account.move"]
                    .with_company(company)
                    .create({"move_type": move_type, "partner_id": cls.customer.id, "company_id": company.id})
                )
                cls.model_moves[company.id, move_type] = move
        cls.policy = cls.env["partner.classification.policy"]._get_for(cls.company_eur)

    @classmethod
    def _sell(
        cls,
        partner,
        day,
        amount,
        cost=0,
        company=None,
        move_type=None,
        origin=None,
        payment_state=None,
        quantity=0,
    ):
        """Post a document of ``amount``, untaxed and in the company's currency; below zero a credit note.

        :return: its id
        """
        company = company or cls.company_eur
        amount, cost = Decimal(str(amount)), Decimal(str(cost))
        move_type = move_type or ("out_invoice" if amount >= 0 else "out_refund")
        if move_type.startswith("in_"):
            amount = -amount
        values = {
            "partner_id": partner.id,
            "commercial_partner_id": partner.commercial_partner_id.id,
            "invoice_date": day,
            "date": day,
            "state": "posted",
            "amount_untaxed_signed": amount,
            "amount_untaxed_in_currency_signed": amount,
            "amount_untaxed": abs(amount),
            "amount_total_signed": amount,
            "sale_cost": cost,
            "sale_quantity": Decimal(str(quantity)),
            "reversed_entry_id": origin,
            "payment_state": payment_state or "not_paid",
        }
        model = cls.model_moves[company.id, move_type]
        columns = [
            SQL.identifier(name)
            for name, field in cls.env["account.move"]._fields.items()
            if field.store and field.column_type and name not in {"id", "name", *values}
        ]
        cls.env.flush_all()
        # SQL: posting a document takes a tenth of a second, and a history has hundreds
        [[move_id]] = cls.env.execute_query(
            SQL(
                "INSERT INTO account_move (name, %(names)s, %(columns)s) "
                "SELECT 'T/' || nextval('account_move_id_seq'), %(values)s, %(columns)s "
                "FROM account_move WHERE id = %(model)s RETURNING id",
                names=SQL(", ").join(map(SQL.identifier, values)),
                values=SQL(", ").join(SQL("%s", value) for value in values.values()),
                columns=SQL(", ").join(columns),
                model=model.id,
            )
        )
        cls.env["account.move"].invalidate_model(flush=False)
        return move_id

    @classmethod
    def _create_policy(cls, **values):
        return cls.env["partner.classification.policy"].create(
            {"name": "Test", "company_id": cls.company_eur.id, **values}
        )

    @classmethod
    def _create_run(cls, policy=None, date_to=DATE_TO, compute=True, **values):
        run = cls.env["partner.classification"].create(
            {"policy_id": (policy or cls.policy).id, "date_to": date_to, **values}
        )
        if compute:
            run.action_compute()
        return run

    @classmethod
    def _lines(cls, run):
        """The lines of a run by partner."""
        return {line.partner_id: line for line in run.line_ids}

    def _classes(self, run, partners, *names):
        """The values of ``names`` of each partner's line, as tuples, or single values of one name."""
        lines = self._lines(run)
        empty = self.env["partner.classification.line"]
        rows = [tuple(lines.get(partner, empty)[name] for name in names) for partner in partners]
        return [row[0] for row in rows] if len(names) == 1 else rows


class Document:
    """A sales document of the reference."""

    def __init__(self, partner_id, day, amount, cost=0, refunded=False, quantity=0):
        self.partner_id = partner_id
        self.date = day
        self.amount = Decimal(str(amount))
        self.cost = Decimal(str(cost))
        self.refunded = refunded
        self.quantity = Decimal(str(quantity))

    @property
    def is_sale(self):
        return self.amount > 0 and not self.refunded


def classify(documents, parameters, date_from, date_to, stage_date=None):
    """Classify by the pure functions, one customer after the other.

    :return: values of a line by partner id
    :rtype: dict
    """
    stage_date = stage_date or date_to
    starts, end = closed_periods(date_to, parameters["xyz_period"], parameters["xyz_periods"])
    by_partner = defaultdict(list)
    for document in documents:
        if document.date <= stage_date:
            by_partner[document.partner_id].append(document)
    result = {}
    for partner_id, history in by_partner.items():
        inside = [document for document in history if date_from <= document.date <= date_to]
        revenue = sum((document.amount for document in inside), Decimal()) if inside else None
        profit = revenue - sum(document.cost for document in inside) if inside else None
        sales = sorted(document.date for document in history if document.is_sale)
        interval = reference.median_interval(sales) if parameters["lost_own_rhythm"] else None
        limit = (
            reference.lost_limit(
                len(sales),
                interval,
                parameters["lost_days"],
                parameters["lost_rhythm_factor"],
                parameters["lost_rhythm_min"],
            )
            if parameters["lost_own_rhythm"]
            else parameters["lost_days"]
        )
        stage = reference.stage(
            len(sales),
            (stage_date - sales[-1]).days if sales else None,
            parameters["one_time_limit"],
            limit,
        )
        bounds = [*starts, end + timedelta(days=1)]
        sums = []
        for first, after in itertools.pairwise(bounds):
            part = [document for document in history if first <= document.date < after]
            measure = parameters["xyz_measure"]
            if measure == "orders":
                sums.append(sum(document.is_sale for document in part))
            elif measure == "profit":
                sums.append(sum((document.amount - document.cost for document in part), Decimal()))
            elif measure == "quantity":
                sums.append(sum((document.quantity for document in part), Decimal()))
            else:
                sums.append(sum((document.amount for document in part), Decimal()))
        if parameters["xyz_from_first"]:
            # none without a purchase that counts
            skipped = sum(after <= sales[0] for after in bounds[1:]) if sales else len(sums)
            sums = sums[skipped:]
        cv = None
        if len(sums) >= parameters["xyz_min_periods"]:
            cv = reference.variation(sums, parameters["xyz_deviation"])
        in_scope = stage == "regular" if parameters["xyz_scope"] == "regular" else bool(sales)
        result[partner_id] = {
            "revenue": revenue,
            "profit": profit,
            "sales_count": len(sales),
            "first_sale_date": sales[0] if sales else False,
            "last_sale_date": sales[-1] if sales else False,
            "stage": stage,
            "cv": cv if in_scope else None,
            "xyz_periods": len(sums),
            "xyz_class": (in_scope and reference.xyz_class(cv, parameters["xyz_x"], parameters["xyz_y"]))
            or False,
        }
    values = {
        partner_id: line["revenue"] if parameters["measure"] == "revenue" else line["profit"]
        for partner_id, line in result.items()
    }
    classes = reference.abc_classes(
        values, parameters["abc_a"], parameters["abc_b"], parameters["abc_border"]
    )
    for partner_id, line in result.items():
        first, last = line["first_sale_date"], line["last_sale_date"]
        is_sold = first and first <= date_to and last >= date_from
        line["abc_class"] = (is_sold and line["stage"] != "lost" and classes[partner_id]) or False
    return result


def parse_date(text):
    return fields.Date.to_date(text)
