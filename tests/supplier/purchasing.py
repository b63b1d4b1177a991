"""Orders, receipts, returns and bills of suppliers, and the reference that the statement is compared with."""

from datetime import UTC, date, datetime, time, timedelta

import pytz

from odoo import Command
from odoo.tests import TransactionCase

from odoo.addons.partner_relations.models.supplier.supplier_scorecard_engine import FIGURES
from odoo.addons.partner_relations.tools.formula import Formula
from odoo.addons.partner_relations.tools.supplier_reliability import (
    Bill,
    Line,
    Receipt,
    Rules,
    Window,
    card_figures,
    line_figures,
    rate_card,
)

from .. import companies
from ..common import EmptyIsNotZero

NOW = "2026-06-15 05:00:00"  # noon in Vietnam
TODAY = date(2026, 6, 15)
CONFIRMED = date(2026, 3, 2)
PROMISED = date(2026, 4, 10)
WINDOW = Window(TODAY - timedelta(days=364), TODAY)
CRITERIA = [
    ("Delivery", "100 * on_time_rate", 40),
    ("Quality", "100 * quality_rate", 25),
    ("Price", "100 * price_compliance", 25),
    ("Response", "100 - 10 * max(response_days - 1, 0)", 10),
]


class PurchasingCommon(EmptyIsNotZero, TransactionCase):
    """A company in Vietnam with its policy and criteria, a supplier and a product."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(
            context={**cls.env.context, "tracking_disable": True, "mail_create_nosubscribe": True}
        )
        cls.tz = "Asia/Ho_Chi_Minh"
        cls.company = cls._create_company("Company of Suppliers", cls.tz)
        cls.env.user.company_ids |= cls.company
        cls.env.user.company_id = cls.company
        cls.env = cls.env(context={**cls.env.context, "allowed_company_ids": cls.company.ids})
        cls.company = cls.company.with_env(cls.env)
        cls.policy = cls._create_policy(cls.company)
        cls.supplier = cls._create_supplier("Supplier")
        cls.unit = cls.env.ref("uom.product_uom_unit")
        cls.dozen = cls.env.ref("uom.product_uom_dozen")
        cls.product = cls._create_product("Goods")
        cls.cards = cls.env["supplier.scorecard"]
        cls.report = cls.env["supplier.delivery.report"]

    @classmethod
    def _create_company(cls, name, tz, currency="base.EUR"):
        company = companies.take(cls.env, {"name": name, "currency_id": cls.env.ref(currency).id})
        company.partner_id.tz = tz
        return company

    @classmethod
    def _create_policy(cls, company, **values):
        policies = cls.env["supplier.score.policy"].sudo()
        policies.search([("company_id", "=", company.id)]).unlink()
        policy = policies.create({"company_id": company.id, **values})
        policy.criterion_ids.unlink()
        policy.criterion_ids = [
            Command.create({"name": name, "formula": formula, "weight": weight, "sequence": number})
            for number, (name, formula, weight) in enumerate(CRITERIA)
        ]
        return policy

    @classmethod
    def _create_supplier(cls, name, **values):
        return cls.env["res.partner"].create({"name": name, "is_company": True, **values})

    @classmethod
    def _create_product(cls, name, **values):
        return cls.env["product.product"].create(
            {"name": name, "type": "consu", "is_storable": True, "supplier_taxes_id": [], **values}
        )

    # ------------------------------------------------------------------
    # Documents
    # ------------------------------------------------------------------
    @classmethod
    def _moment(cls, day, hour=12, tz=None):
        """An hour of a day in the company's time zone, as Odoo stores it."""
        local = pytz.timezone(tz or cls.tz).localize(datetime.combine(day, time(hour)))
        return local.astimezone(UTC).replace(tzinfo=None)

    @classmethod
    def _order(cls, *lines, partner=None, confirmed=CONFIRMED, tz=None, **values):
        """A confirmed order; a line has the values of an order line, and ``promised``, ``agreed``, ``estimated``."""
        lines = [dict(line) for line in lines]
        kept = [
            {
                "promised_date": day and cls._moment(day, hour, tz),
                "promise_estimated": line.pop("estimated", False),
                "agreed_price": line.pop("agreed", False),
            }
            for line in lines
            for day, hour in [(line.pop("promised", PROMISED), line.pop("promised_hour", 12))]
        ]
        moment = cls._moment(confirmed, tz=tz)
        order = cls.env["purchase.order"].create(
            {
                "partner_id": (partner or cls.supplier).id,
                "date_order": moment,
                "order_line": [
                    Command.create(
                        {
                            "product_id": cls.product.id,
                            "product_qty": 10,
                            "price_unit": 100,
                            "tax_ids": [],
                            "date_planned": moment,
                            **line,
                        }
                    )
                    for line in lines
                ],
                **values,
            }
        )
        order.button_confirm()
        order.date_approve = moment
        # what confirmation freezes, as the test wants it
        for line, frozen in zip(order.order_line, kept, strict=True):
            line.write(
                {**frozen, "agreed_price_source": "vendor_price" if frozen["agreed_price"] else "none"}
            )
        return order

    @classmethod
    def _move(cls, *movements, tz=None):
        """Done movements of order lines: ``(line, quantity, day)`` and values of the movement that differ."""
        source = cls.env.ref("stock.stock_location_suppliers")
        moves = cls.env["stock.move"].create(
            [
                {
                    "product_id": line.product_id.id,
                    "product_uom": line.product_uom_id.id,
                    "product_uom_qty": quantity,
                    "purchase_line_id": line.id,
                    "company_id": line.company_id.id,
                    "location_id": source.id,
                    "location_dest_id": line.order_id.picking_type_id.default_location_dest_id.id,
                    **(values[0] if values else {}),
                }
                for line, quantity, _day, *values in movements
            ]
        )
        moves._action_confirm(merge=False)
        for move, (_line, quantity, *_rest) in zip(moves, movements, strict=True):
            move.quantity = quantity
        moves.picked = True
        done = moves._action_done()
        for move, (_line, _quantity, day, *_values) in zip(moves, movements, strict=True):
            move.date = day if isinstance(day, datetime) else cls._moment(day, tz=tz)
        return done and moves

    @classmethod
    def _give_back(cls, move, quantity, day, **values):
        """A return of a receipt to the supplier."""
        back = {
            "location_id": move.location_dest_id.id,
            "location_dest_id": move.location_id.id,
            "origin_returned_move_id": move.id,
            "to_refund": True,
            "product_uom": move.product_uom.id,
            **values,
        }
        return cls._move((move.purchase_line_id, quantity, day, back))

    @classmethod
    def _bill(cls, line, quantity, price, kind="in_invoice", post=True, **values):
        move = cls.env["account.move"].create(
            {
                "move_type": kind,
                "partner_id": line.order_id.partner_id.id,
                "invoice_date": PROMISED,
                "currency_id": line.currency_id.id,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": line.product_id.id,
                            "product_uom_id": line.product_uom_id.id,
                            "quantity": quantity,
                            "price_unit": price,
                            "tax_ids": [],
                            "purchase_line_id": line.id,
                            **values.pop("line_values", {}),
                        }
                    )
                ],
                **values,
            }
        )
        if post:
            move.action_post()
        return move

    # ------------------------------------------------------------------
    # Cards and rows
    # ------------------------------------------------------------------
    def _compute(self, company=None, window=WINDOW, **values):
        values = {"period": "year", "is_current": True, **values}
        return self.cards._compute_figures(company or self.company, window.first, window.last, **values)

    def _card(self, partner=None, company=None, **values):
        self._compute(company, **values)
        return self.cards.search(
            [
                ("partner_id", "=", (partner or self.supplier).id),
                ("company_id", "=", (company or self.company).id),
                ("is_current", "=", True),
            ]
        )

    def _rows(self, lines):
        rows = {row.order_line_id: row for row in self.report.search([("order_line_id", "in", lines.ids)])}
        return [rows[line] for line in lines]

    # ------------------------------------------------------------------
    # Reference
    # ------------------------------------------------------------------
    def _day(self, moment, tz=None):
        return moment and pytz.utc.localize(moment).astimezone(pytz.timezone(tz or self.tz)).date()

    def _reference_line(self, line, tz=None):
        """An order line as the plain functions take it, read by records."""
        order = line.order_id
        unit = line.product_id.uom_id
        receipts, returned = [], 0.0
        for move in line.move_ids.filtered(lambda move: move.state == "done"):
            quantity = move.product_uom._compute_quantity(move.quantity, unit, round=False)
            if move.product_id != line.product_id:
                continue
            if move._is_purchase_return():
                returned += quantity
            elif move.location_id.usage in ("supplier", "transit"):
                receipts.append(Receipt(self._day(move.date, tz), quantity))
        bills = []
        posted = line.invoice_lines.filtered(lambda bill: bill.parent_state == "posted")
        for bill in posted:
            sign = -1 if bill.move_id.move_type == "in_refund" else 1
            amount = sign * bill.price_subtotal
            if posted.currency_id != order.currency_id:
                amount = bill.balance * order.currency_rate
            quantity = bill.product_uom_id._compute_quantity(bill.quantity, line.product_uom_id, round=False)
            bills.append(Bill(amount, sign * quantity))
        return Line(
            ordered=line.product_uom_qty,
            value=line.price_subtotal / order.currency_rate,
            confirmed=self._day(order.date_approve, tz),
            promised=self._day(line.promised_date, tz),
            receipts=tuple(receipts),
            returned=returned,
            price=line.price_unit_discounted,
            price_quantity=line.product_qty,
            agreed_price=line.agreed_price or None,
            rate=order.currency_rate,
            bills=tuple(bills),
            estimated=line.promise_estimated,
        )

    def _rules(self, policy=None, today=TODAY):
        policy = policy or self.policy
        return Rules(
            today=today,
            grace_days=policy.grace_days,
            price_tolerance=policy.price_tolerance,
            price_scope=policy.price_scope,
            quantity_digits=self.env["decimal.precision"].precision_get("Product Unit"),
            money_digits=policy.company_id.currency_id.decimal_places,
        )

    def _reference_cards(self, company, policy, tz=None, today=TODAY, window=WINDOW):
        """The cards by supplier as the plain functions give them."""
        lines, responses = {}, {}
        for line in self.env["purchase.order.line"].search(
            [
                ("company_id", "=", company.id),
                ("order_id.state", "=", "purchase"),
                ("qty_received_method", "=", "stock_moves"),
                ("display_type", "=", False),
                ("product_uom_qty", ">", 0),
            ]
        ):
            partner = line.order_id.partner_id.commercial_partner_id
            lines.setdefault(partner, []).append(self._reference_line(line, tz))
        for order in self.env["purchase.order"].search(
            [("company_id", "=", company.id), ("rfq_sent_date", "!=", False)]
        ):
            if window.first <= self._day(order.rfq_sent_date, tz) <= window.last:
                days = None
                if order.rfq_answer_date:
                    days = (order.rfq_answer_date - order.rfq_sent_date).total_seconds() / 86400
                responses.setdefault(order.partner_id.commercial_partner_id, []).append(days)
        criteria = [
            (Formula(criterion.formula, FIGURES), criterion.weight) for criterion in policy.criterion_ids
        ]
        cards = {}
        for partner in {*lines, *responses}:
            figures = card_figures(
                lines.get(partner, []), self._rules(policy, today), window, responses.get(partner, [])
            )
            if figures["due_line_count"] or figures["rfq_count"]:
                cards[partner] = rate_card(
                    figures, criteria, policy.min_lines, policy.grade_high, policy.grade_medium
                )
        return cards

    def _assert_card(self, card, expected):
        """Every figure, point, score and grade of a card, empties included."""
        money = {name for name in FIGURES if card._fields[name].type == "monetary"}
        for name, value in expected.figures.items():
            with self.subTest(partner=card.partner_id.name, figure=name):
                if value is None:
                    self.assertIs(card[name], False)
                else:
                    self.assertIsNot(card[name], False)
                    # sums in another order differ in the last bit, which may round half a cent the other way
                    self.assertAlmostEqual(card[name], value, delta=0.01001 if name in money else 2e-6)
        points = [
            line.points for line in card.line_ids.sorted(lambda line: (line.sequence, line.criterion_id.id))
        ]
        self.assertEqual(len(points), len(expected.points))
        for point, value in zip(points, expected.points, strict=True):
            if value is None:
                self.assertIs(point, False)
            else:
                self.assertAlmostEqual(point, value, delta=1e-4)
        if expected.score is None:
            self.assertIs(card.score, False)
        else:
            self.assertAlmostEqual(card.score, expected.score, delta=1e-4)
        self.assertEqual(card.grade, expected.grade or False)

    def _assert_rows(self, lines, policy=None, tz=None, today=TODAY):
        """The rows of the report against the plain functions."""
        rules = self._rules(policy, today)
        for line, row in zip(lines, self._rows(lines), strict=True):
            figures = line_figures(self._reference_line(line, tz), rules)
            share = figures.on_time_share if figures.is_due else None
            expected = {
                "quantity_ordered": line.product_uom_qty,
                "quantity_received": figures.received,
                "quantity_open": figures.open,
                "value": figures.weight,
                "value_on_time": None if share is None else figures.weight * share,
                "on_time_rate": share,
                "date_last_receipt": figures.last_receipt,
                "date_promised": self._day(line.promised_date, tz) or None,
                "lead_days": figures.lead_days,
                "slippage_days": figures.slippage_days,
                "late_days": figures.late_days,
                "days_overdue": figures.days_overdue,
                "is_due": figures.is_due,
                "is_overdue": figures.is_overdue,
                "delivery_state": figures.state,
                "price_complies": bool(figures.price_complies),
                "price_variance": figures.price_variance,
                "bill_variance": figures.bill_variance,
            }
            for name, value in expected.items():
                with self.subTest(line=line.id, field=name):
                    if value is None:
                        self.assertIs(row[name], False)
                    elif isinstance(value, float):
                        self.assertAlmostEqual(row[name], value, delta=1e-6)
                    else:
                        self.assertEqual(row[name], value)
