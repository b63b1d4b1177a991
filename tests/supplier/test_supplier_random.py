import random
from datetime import timedelta
from unittest.mock import patch

from odoo import Command
from odoo.tests import freeze_time, tagged

from odoo.addons.partner_relations.models.supplier import supplier_delivery_facts

from .purchasing import CRITERIA, NOW, TODAY, PurchasingCommon

SEEDS = (4, 19, 2026)
SUPPLIERS, ORDERS = 5, 14


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestSupplierRandom(PurchasingCommon):
    """Random documents: the statement, the report and the plain functions agree on every figure."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["account.chart.template"].try_loading("generic_coa", cls.company, install_demo=False)
        cls.company.currency_id = cls.env.ref("base.EUR")
        cls.usd = cls.env.ref("base.USD")
        cls.usd.active = True
        cls.env["res.currency.rate"].create(
            [
                {
                    "currency_id": cls.usd.id,
                    "name": TODAY - timedelta(days=days),
                    "rate": rate,
                    "company_id": cls.company.id,
                }
                for days, rate in ((900, 1.1), (300, 1.234567), (90, 0.97))
            ]
        )
        cls.products = cls.product + cls._create_product("By the dozen") + cls._create_product("Other")
        cls.customers = cls.env.ref("stock.stock_location_customers")

    def _make(self, rng):
        suppliers = self.env["res.partner"].create(
            [{"name": f"Random supplier {number}", "is_company": True} for number in range(SUPPLIERS)]
        )
        persons = self.env["res.partner"].create(
            [{"name": f"Person of {partner.name}", "parent_id": partner.id} for partner in suppliers]
        )
        partners = [*suppliers, *persons]
        orders = self.env["purchase.order"]
        for _number in range(ORDERS):
            confirmed = TODAY - timedelta(days=rng.randrange(5, 450))
            orders += self._order(
                *[self._line(rng, confirmed) for _line in range(rng.randrange(1, 4))],
                partner=rng.choice(partners),
                confirmed=confirmed,
                currency_id=rng.choice((self.usd, self.company.currency_id)).id,
            )
        self._ask(rng, partners)
        receipts = self._receive(rng, orders.order_line)
        returns = [
            (move.purchase_line_id, quantity, day, values)
            for move in receipts
            if rng.random() < 0.25
            for quantity, day, values in [self._return(rng, move)]
        ]
        if returns:
            self._move(*returns)
        for line in orders.order_line:
            if rng.random() < 0.5 and line.product_qty > 0:
                bill = self._bill(
                    line,
                    rng.randrange(1, 20),
                    round(line.price_unit * rng.choice((1, 1, 1.02, 0.9)), 2),
                    kind=rng.choice(("in_invoice", "in_invoice", "in_refund")),
                    post=rng.random() < 0.8,
                    currency_id=rng.choice((self.usd, self.company.currency_id, line.currency_id)).id,
                    line_values={"product_uom_id": rng.choice((self.unit, self.dozen)).id},
                )
                if rng.random() < 0.5:
                    self._refund(rng, bill.invoice_line_ids)
        return suppliers, orders

    def _refund(self, rng, billed):
        """Take a bill back: as a whole, some of its pieces, or a part of the price of all."""
        self._bill(
            billed.purchase_line_id,
            rng.choice((billed.quantity, billed.quantity, 1, 2.5)),
            billed.price_unit * rng.choice((1, 1, 0.1)),
            kind="in_refund",
            currency_id=billed.currency_id.id,
            line_values={"product_uom_id": billed.product_uom_id.id},
        )

    def _line(self, rng, confirmed):
        price = rng.choice((0, 1, 3.333, 99.99, round(rng.uniform(0.5, 500), 2)))
        discount = rng.choice((0, 0, 12.5))
        net = price * (1 - discount / 100)
        return {
            "product_id": rng.choice(self.products).id,
            "product_qty": rng.choice((0, 1, 3, 7, 12, 2.5, -2)),
            "product_uom_id": rng.choice((self.unit, self.unit, self.dozen)).id,
            "price_unit": price,
            "discount": discount,
            "promised": rng.choice(
                (None, *[confirmed + timedelta(days=rng.randrange(0, 60)) for _choice in range(9)])
            ),
            "promised_hour": rng.randrange(24),
            "estimated": rng.random() < 0.2,
            "agreed": rng.choice((False, net, net / 1.005, net * 0.9, net * 1.1)),
        }

    def _ask(self, rng, partners):
        for _number in range(10):
            sent = self._moment(TODAY - timedelta(days=rng.randrange(0, 400)), rng.randrange(24))
            self.env["purchase.order"].create(
                {
                    "partner_id": rng.choice(partners).id,
                    "rfq_sent_date": sent,
                    "rfq_answer_date": rng.choice((False, sent + timedelta(hours=rng.randrange(0, 200)))),
                }
            )

    def _receive(self, rng, lines):
        movements = []
        for line in lines.filtered(lambda line: line.product_qty > 0):
            for _number in range(rng.choice((0, 1, 1, 1, 2, 3))):
                base = line.promised_date or line.order_id.date_approve
                moment = base + timedelta(hours=rng.choice((-300, -24, -2, 0, 2, 24, 72, 500)))
                values = {"product_uom": rng.choice((line.product_uom_id, line.product_uom_id, self.unit)).id}
                if rng.random() < 0.2:
                    values["location_dest_id"] = self.customers.id
                quantity = rng.choice((line.product_qty, line.product_qty / 2, 1, line.product_qty + 1))
                movements.append((line, quantity, moment, values))
        return self._move(*movements)

    def _return(self, rng, move):
        quantity = rng.choice((move.quantity, move.quantity / 2, 1))
        values = {
            "location_id": move.location_dest_id.id,
            "location_dest_id": move.location_id.id,
            "origin_returned_move_id": move.id,
            "to_refund": rng.random() < 0.5,
            "product_uom": move.product_uom.id,
        }
        return quantity, move.date + timedelta(days=3), values

    def _check(self, suppliers, orders):
        self._compute()
        expected = self._reference_cards(self.company, self.policy)
        cards = self.cards.search([("company_id", "=", self.company.id), ("is_current", "=", True)])
        self.assertEqual(set(cards.partner_id), set(expected))
        for card in cards:
            self._assert_card(card, expected[card.partner_id])
        measured = orders.order_line.filtered(lambda line: line.product_uom_qty > 0)
        self._assert_rows(measured)
        self.assertFalse(self.report.search([("order_line_id", "in", (orders.order_line - measured).ids)]))
        self._check_groups(measured)
        return cards

    def _check_groups(self, lines):
        """Groups are read in another way where all rows are asked for: with the same totals."""
        sums = ["value:sum", "value_on_time:sum", "bill_variance:sum", "price_variance:sum", "late_days:avg"]
        rates = [
            "on_time_rate:avg",
            "quality_rate:avg",
            "price_compliance:avg",
            "quantity_open:sum",
            "__count",
        ]
        by_partner = []
        for domain in ([("quantity_ordered", ">", 0)], [("order_line_id", "in", lines.ids)]):
            groups = self.report._read_group(domain, ["partner_id"], [*sums, *rates])
            by_partner.append({partner: figures for partner, *figures in groups})
        self.assertTrue(by_partner[1])
        for partner, figures in by_partner[1].items():
            for figure, same in zip(figures, by_partner[0][partner], strict=True):
                self.assertAlmostEqual(figure, same, 6) if same else self.assertEqual(figure, same)

    def test_random(self):
        seen = set()
        for seed in SEEDS:
            rng = random.Random(seed)
            with self.subTest(seed=seed):
                suppliers, orders = self._make(rng)
                self.policy.write(
                    {
                        "grace_days": rng.choice((0, 2)),
                        "price_tolerance": rng.choice((0, 0.5, 5)),
                        "price_scope": rng.choice(("over", "both")),
                        "min_lines": rng.choice((1, 3)),
                    }
                )
                cards = self._check(suppliers, orders)
                seen.update(card.grade for card in cards)
                for name in (
                    "quality_rate",
                    "price_compliance",
                    "late_days_mean",
                    "bill_variance",
                    "response_days",
                ):
                    self.assertTrue(any(card[name] is not False for card in cards), name)
                # everything again, and in two halves as many lines are: not a row is written
                unchanged = {"added": 0, "changed": 0, "removed": 0}
                self.assertEqual(self._compute(), unchanged)
                with patch.object(supplier_delivery_facts, "SHARED_LINES", 0):
                    self.assertEqual(self._compute(), unchanged)
        self.assertGreater(len(seen), 2)

    def test_random_formulas(self):
        """Criteria over any figures: the points are those of the plain evaluation."""
        rng = random.Random(7)
        suppliers, orders = self._make(rng)
        names = sorted(self.cards._get_formula_names())
        self.policy.criterion_ids = [
            Command.clear(),
            *[
                Command.create(
                    {
                        "name": f"Criterion {number}",
                        "weight": rng.randrange(1, 9),
                        "sequence": number,
                        "formula": f"max(0, {rng.choice(names)}) / {rng.choice(names)} * 50 + "
                        f"(10 if {rng.choice(names)} > {rng.choice(names)} else min({rng.choice(names)}, 5))",
                    }
                )
                for number in range(len(CRITERIA) * 3)
            ],
        ]
        self._check(suppliers, orders)
