import doctest
import random
import runpy
from collections import defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path

from odoo import Command
from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.partner_relations.tools import manager_receivables as reference

from ..customer.invoicing import InvoicingCommon

SEEDS = (5, 60)
DAYS = (date(2025, 3, 31), date(2025, 4, 30), date(2025, 6, 30))
START, SPAN = date(2025, 2, 1), 140
BILLS, MONEY, ENTRIES = 24, 22, 8


@tagged("post_install", "-at_install")
class TestReceivablesRandom(InvoicingCommon):
    """Random invoices, credit notes and payments, matched or not: the statement and its definition agree."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.indicator = cls.env["manager.indicator"].search([("code", "=", "overdue_receivables")])
        cls.periods = cls.env["partner.owner.period"].sudo()
        cls.users = cls.user_sales, cls.user_sales2, cls.user_sub

    def test_definition(self):
        failures, count = doctest.testmod(reference)
        self.assertFalse(failures)
        self.assertGreater(count, 4)

    def test_random(self):
        compared = defaultdict(int)
        for seed in SEEDS:
            with self.subTest(seed=seed), self.env.cr.savepoint() as savepoint:
                rng = random.Random(seed)
                owners = self._make(rng)
                for day in DAYS:
                    self._compare(day, owners, compared)
                self.env.invalidate_all(flush=False)
                savepoint.rollback()
        self.assertGreater(compared["values"], 10)
        self.assertGreater(compared["deducted"], 10)
        self.assertGreater(compared["nobody"], 0)

    def _compare(self, day, owners, compared):
        expected = reference.overdue(self._read_entries(), day, owners)
        first = day.replace(day=1)
        for credit in ("owner", "document"):
            values = self.indicator._compute_values(self.company_eur, first, day, credit=credit)
            rows = defaultdict(list)
            for (
                user_id,
                _indicator,
                _model,
                move_id,
                _partner,
                _date,
                amount,
                _none,
            ) in self.env.execute_query(
                self.indicator._get_evidence(self.company_eur, first, day, credit=credit)
            ):
                rows[user_id].append((move_id, amount))
            self.assertEqual(set(rows), set(expected))
            for user_id, facts in expected.items():
                found = values[self.indicator.id, user_id or False]
                self.assertEqual(found.count, len(facts))
                self.assertAlmostEqual(found.value, sum(amount for _move, amount in facts), 2)
                for (move, amount), (other, shown) in zip(sorted(facts), sorted(rows[user_id]), strict=True):
                    self.assertEqual(move, other)
                    self.assertAlmostEqual(amount, shown, 2)
                    compared["deducted"] += amount < 0
                compared["values"] += 1
                compared["nobody"] += user_id is None

    def _read_entries(self):
        lines = self.env["account.move.line"].search(
            [
                ("account_type", "=", "asset_receivable"),
                ("account_id.non_trade", "=", False),
                ("company_id", "=", self.company_eur.id),
                ("parent_state", "=", "posted"),
                ("balance", "!=", 0),
            ]
        )
        return [
            reference.Entry(
                line.move_id.id,
                line.partner_id.commercial_partner_id.id,
                line.move_id.invoice_user_id.id or None,
                line.date,
                line.date_maturity or None,
                line.balance,
                [
                    (match.max_date, match.amount)
                    for match in (line.matched_credit_ids if line.balance > 0 else line.matched_debit_ids)
                ],
            )
            for line in lines
        ]

    def _make(self, rng):
        """Documents of five customers, of whom two have an owner; the owners are returned."""
        partners = [self._create_company_partner(f"Debtor {number}") for number in range(5)]
        self.env.flush_all()
        self.periods.search([("partner_id", "in", [partner.id for partner in partners])]).unlink()
        owners = {}
        for partner in partners[:2]:
            user = rng.choice(self.users)
            owners[partner.id] = user.id
            self.periods.create(
                {
                    "partner_id": partner.id,
                    "user_id": user.id,
                    "origin": "changed",
                    "date_from": datetime(2020, 1, 1),
                }
            )
        documents = defaultdict(lambda: self.env["account.move"])
        for number in range(BILLS + MONEY):
            partner, day = rng.choice(partners), START + timedelta(days=rng.randrange(SPAN))
            amount = round(rng.uniform(1, 300), 2)
            if number >= BILLS and rng.random() < 0.6:
                payment = self.env["account.payment"].create(
                    {
                        "amount": amount,
                        "date": day,
                        "payment_type": "inbound",
                        "partner_type": "customer",
                        "partner_id": partner.id,
                        "company_id": self.company_eur.id,
                    }
                )
                payment.action_post()
                documents[partner] |= payment.move_id
                continue
            documents[partner] |= self._create_invoice(
                [{"product_id": self.chair.id, "quantity": 1, "price_unit": amount}],
                partner=partner,
                date=day,
                move_type="out_invoice" if number < BILLS else "out_refund",
                invoice_date_due=day + timedelta(days=rng.choice((0, 10, 30))),
                invoice_payment_term_id=False,
                invoice_user_id=rng.choice((*self.users, self.env["res.users"])).id,
                currency_id=rng.choice((self.eur, self.usd)).id,
            )
        trade = partners[0].with_company(self.company_eur).property_account_receivable_id
        other = trade.copy({"non_trade": True})
        for number in range(ENTRIES):
            partner, day = rng.choice(partners), START + timedelta(days=rng.randrange(SPAN))
            amount = round(rng.uniform(1, 300), 2)
            entry = self._enter(partner, amount, day, other if number < ENTRIES / 4 else trade)
            if number >= ENTRIES / 4:
                documents[partner] |= entry
        # some of a customer's documents are matched: the oldest with the oldest, as Odoo does it
        for partner in partners[1:4]:
            some = documents[partner].filtered(lambda move: rng.random() < 0.6)
            some.line_ids.filtered(lambda line: line.account_type == "asset_receivable").reconcile()
        return owners

    def _enter(self, partner, amount, day, account):
        """A journal entry that nobody gave a due date."""
        income = self.env["account.account"].search(
            [("account_type", "=", "income"), ("company_ids", "in", self.company_eur.ids)], limit=1
        )
        move = (
            self.env["account.move"]
            .with_company(self.company_eur)
            .create(
                {
                    "move_type": "entry",
                    "date": day,
                    "line_ids": [
                        Command.create({"account_id": account.id, "partner_id": partner.id, "debit": amount}),
                        Command.create({"account_id": income.id, "credit": amount}),
                    ],
                }
            )
        )
        move.action_post()
        return move

    def test_upgrade_describes_it_anew(self):
        """Unless somebody wrote a description of the own."""
        script = Path(__file__).parents[2] / "migrations" / "19.0.1.4.0" / "pre-indicator_words.py"
        module = runpy.run_path(str(script))
        self.assertEqual(self.indicator.with_context(lang="en_US").description, module["NEW"])
        for before, after in ((module["OLD"], module["NEW"]), ("My own words", "My own words")):
            self.env.cr.execute(
                SQL(
                    "UPDATE manager_indicator SET description = jsonb_build_object('en_US', %s::text) WHERE id = %s",
                    before,
                    self.indicator.id,
                )
            )
            module["migrate"](self.env.cr, "19.0.1.3.0")
            self.env.invalidate_all(flush=False)
            self.assertEqual(self.indicator.description, after)
