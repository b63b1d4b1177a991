import random
from collections import defaultdict
from datetime import timedelta
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from odoo import Command
from odoo.modules.module import get_module_path
from odoo.tests import tagged
from odoo.tools import SQL

from .sales_history import DATE_TO, Document, SalesHistoryCommon
from .test_classification import ClassificationCompare, months_back


@tagged("post_install", "-at_install")
class TestFrozenQuantity(ClassificationCompare, SalesHistoryCommon):
    """The quantity of a sale stands on its invoice, in the units of its products."""

    def _read(self, move):
        """Return the frozen quantity as the database has it."""
        self.env.flush_all()
        [[quantity]] = self.env.execute_query(
            SQL("SELECT sale_quantity FROM account_move WHERE id = %s", move.id)
        )
        return quantity if quantity is None else float(quantity)

    def _forget(self, moves):
        """Make invoices as the version before had left them: with a cost, without a quantity."""
        self.env.flush_all()
        self.env.cr.execute("UPDATE account_move SET sale_quantity = NULL WHERE id = ANY(%s)", [moves.ids])
        self.env.invalidate_all()

    def _chairs(self, quantity, **values):
        line = {"product_id": self.chair.id, "quantity": quantity, "price_unit": 25}
        return self._create_invoice([line], **values)

    def _migrate(self, version="19.0.1.1.0"):
        path = (
            Path(get_module_path("partner_relations"))
            / "migrations"
            / "19.0.1.2.0"
            / "post-freeze_quantities.py"
        )
        spec = spec_from_file_location("freeze_quantities", path)
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        module.migrate(self.env.cr, version)
        self.env.invalidate_all()

    # ------------------------------------------------------------------
    # What it is
    # ------------------------------------------------------------------
    def test_units(self):
        """Each line in the unit of its product: 3 pieces, 2 dozens and half a dozen; what is no product is none."""
        dozens = self._create_product("Screws", self.category, 1.0, 1.0, uom_id=self.dozen.id)
        move = self._create_invoice(
            [
                {"name": "Goods", "display_type": "line_section"},
                {"product_id": self.chair.id, "quantity": 3, "price_unit": 25},
                {
                    "product_id": self.chair.id,
                    "quantity": 2,
                    "product_uom_id": self.dozen.id,
                    "price_unit": 9,
                },
                {"product_id": dozens.id, "quantity": 6, "product_uom_id": self.unit.id, "price_unit": 1},
                {"product_id": self.table.id, "quantity": -1, "price_unit": 9},
                {"name": "Freight", "quantity": 7, "price_unit": 5},
            ]
        )
        self.assertEqual(self._read(move), 3 + 24 + 0.5 - 1)
        self.assertEqual(move.sale_quantity, 26.5)

    def test_thirds(self):
        """Parts of a unit that do not end add up."""
        dozens = self._create_product("Screws", self.category, 1.0, 1.0, uom_id=self.dozen.id)
        line = {"product_id": dozens.id, "quantity": 4, "product_uom_id": self.unit.id, "price_unit": 1}
        self.assertEqual(self._read(self._create_invoice([line, line, line])), 1.0)

    def test_life_cycle(self):
        """None in a draft; kept when set back to draft; new when posted again; not copied."""
        move = self._chairs(3, post=False)
        self.assertIsNone(self._read(move))
        self.assertIs(move.sale_quantity, False)
        move.action_post()
        self.assertEqual(self._read(move), 3)
        move.button_draft()
        self.assertEqual(self._read(move), 3)
        move.invoice_line_ids.quantity = 5
        move.action_post()
        self.assertEqual(self._read(move), 5)
        copy = move.copy({"invoice_date": "2025-04-01"})
        self.assertIsNone(self._read(copy))
        copy.action_post()
        self.assertEqual(self._read(copy), 5)

    def test_credit_notes(self):
        move = self._chairs(3)
        refund = move._reverse_moves([{"invoice_date": "2025-03-20"}], cancel=True)
        self.assertEqual(self._read(refund), -3)
        self.assertEqual(self._read(self._chairs(2, move_type="out_refund")), -2)

    def test_both_companies(self):
        self.assertEqual(self._read(self._chairs(2, company=self.company_usd)), 2)

    def test_other_documents(self):
        for move_type in ("out_receipt", "in_invoice", "in_refund"):
            move = self._chairs(2, move_type=move_type)
            self.assertEqual(move.state, "posted")
            self.assertIsNone(self._read(move), move_type)

    def test_down_payment(self):
        """A down payment is no quantity, and none is taken back for it on the final invoice."""
        order = self._create_order([{"product_id": self.chair.id, "product_uom_qty": 4, "price_unit": 25}])
        wizard = self.env["sale.advance.payment.inv"].with_context(
            active_model="sale.order", active_ids=order.ids, active_id=order.id
        )
        wizard.create({"advance_payment_method": "percentage", "amount": 50}).create_invoices()
        advance = order.invoice_ids
        # with a product too, as some set up their down payments
        advance.invoice_line_ids.filtered("is_downpayment").product_id = self.table
        advance.invoice_date = "2025-03-01"
        advance.action_post()
        self.assertEqual(self._read(advance), 0)
        final = order._create_invoices(final=True)
        final.invoice_date = "2025-03-10"
        final.action_post()
        self.assertEqual(self._read(final), 4)

    # ------------------------------------------------------------------
    # History
    # ------------------------------------------------------------------
    def _create_mixed(self):
        lines = [
            {"product_id": self.chair.id, "quantity": 2, "price_unit": 25},
            {"product_id": self.table.id, "quantity": 1, "price_unit": 125, "product_uom_id": self.dozen.id},
            {"name": "Freight", "quantity": 1, "price_unit": 5},
        ]
        invoice = self._create_invoice(lines)
        refund = invoice._reverse_moves([{"invoice_date": "2025-05-05"}])
        refund.action_post()
        return (
            invoice
            + refund
            + self._create_invoice(lines, company=self.company_usd)
            + self._create_invoice(lines, move_type="out_refund", date="2025-06-01")
        )

    def test_upgrade(self):
        """Quantities are filled in; the costs, frozen before, stay, and their lines are not written again."""
        moves = self._create_mixed()
        while self.env["account.move"]._freeze_missing_sale_costs():
            continue
        costs = [self._read_costs(move) for move in moves]
        query = SQL(
            "SELECT id, xmin::text, ctid::text FROM account_move_line WHERE move_id = ANY(%s) ORDER BY id",
            moves.ids,
        )
        for limit in (1, 2, 100, None):
            self._forget(moves)
            self.assertEqual(self.env["account.move"]._count_missing_sale_costs(), 4)
            self.assertEqual(self.env["account.move"]._count_missing_sale_costs(names=("sale_cost",)), 0)
            self.chair.with_company(self.company_eur).standard_price += 1
            self.env.flush_all()
            before = self.env.execute_query(query)
            if limit:
                while self.env["account.move"]._freeze_missing_sale_costs(limit=limit):
                    continue
            else:
                self._migrate()
            self.assertEqual([self._read(move) for move in moves], [14, -14, 14, -14], limit)
            self.assertEqual([self._read_costs(move) for move in moves], costs)
            self.assertEqual(self.env.execute_query(query), before)
            self.assertEqual(self.env["account.move"]._count_missing_sale_costs(), 0)

    def test_migration_of_a_new_database(self):
        moves = self._create_mixed()
        self._forget(moves)
        self._migrate(version=None)
        self.assertEqual(self._read(moves[0]), None)

    # ------------------------------------------------------------------
    # XYZ by quantity
    # ------------------------------------------------------------------
    def test_unit_does_not_matter(self):
        """12 pieces, a dozen and 12 pieces in three months are even, whatever they cost."""
        for number, (quantity, unit) in enumerate(((12, self.unit), (1, self.dozen), (12, self.unit))):
            line = {"product_id": self.chair.id, "quantity": quantity, "product_uom_id": unit.id}
            self._create_invoice([{**line, "price_unit": 1 + number}], date=months_back(number))
        policy = self._create_policy(xyz_measure="quantity", xyz_periods=3)
        run = self._create_run(policy)
        self.assertEqual(self._classes(run, self.customer, "xyz_class", "cv"), [("x", 0)])

    def test_random_lines_against_the_reference(self):
        """Posted documents of random lines: as the plain functions say of the quantities of their lines."""
        rng = random.Random(20261125)
        partners = self.env["res.partner"].create(
            [{"name": f"Customer {number}", "is_company": True} for number in range(6)]
        )
        products = self.chair + self.table
        products += self._create_product("Screws", self.category, 1.0, 1.0, uom_id=self.dozen.id)
        moves = self.env["account.move"]
        for _number in range(40):
            lines = [
                {
                    "product_id": rng.choice(products).id,
                    "quantity": rng.choice((1, 2, 5, 7.5, 12)),
                    "product_uom_id": rng.choice((self.unit, self.dozen)).id,
                    "price_unit": rng.randrange(1, 90),
                }
                for _line in range(rng.randrange(1, 4))
            ]
            if rng.random() < 0.3:
                lines.append({"name": "Freight", "quantity": 3, "price_unit": 5})
            moves += self._create_invoice(
                lines,
                partner=rng.choice(partners),
                date=DATE_TO - timedelta(days=rng.randrange(400)),
                move_type="out_refund" if rng.random() < 0.15 else "out_invoice",
                post=False,
            )
        moves.action_post()
        documents = []
        for move in moves:
            sign = -1 if move.move_type == "out_refund" else 1
            quantity = sum(
                line.product_uom_id._compute_quantity(line.quantity, line.product_id.uom_id, round=False)
                for line in move.invoice_line_ids.filtered("product_id")
            )
            documents.append(
                Document(
                    move.commercial_partner_id.id,
                    move.invoice_date,
                    sign * move.amount_untaxed,
                    move.sale_cost,
                    quantity=sign * quantity,
                )
            )
        classes = defaultdict(int)
        for period, periods in (("month", 12), ("quarter", 4), ("week", 52)):
            policy = self._create_policy(
                xyz_measure="quantity",
                xyz_period=period,
                xyz_periods=periods,
                xyz_scope="all",
                potential_scope="prospects",
            )
            run = self._create_run(policy)
            self._compare(run, documents, policy)
            for line in run.line_ids:
                classes[line.xyz_class] += 1
        self.assertGreater(len(set(classes) - {False}), 1, "the classes differ, or nothing is compared")

    def test_orders(self):
        """From orders: the lines' quantities in the products' units, without down payments."""
        for number, (quantity, unit) in enumerate(((24, self.unit), (2, self.dozen), (1, self.dozen))):
            order = self._create_order(
                [
                    {
                        "product_id": self.chair.id,
                        "product_uom_qty": quantity,
                        "product_uom_id": unit.id,
                        "price_unit": 1 + number,
                    },
                    {"name": "Hints", "display_type": "line_note"},
                ]
            )
            order.date_order = months_back(number)
            order.write(
                {
                    "order_line": [
                        Command.create(
                            {
                                "product_id": self.table.id,
                                "product_uom_qty": 100,
                                "price_unit": 0,
                                "is_downpayment": True,
                                "tax_ids": [Command.clear()],
                            }
                        )
                    ]
                }
            )
        policy = self._create_policy(source="order", xyz_measure="quantity", xyz_periods=3)
        [(xyz_class, cv)] = self._classes(self._create_run(policy), self.customer, "xyz_class", "cv")
        # 24, 24, 12: mean 20, deviation √32
        self.assertEqual(xyz_class, "x")
        self.assertAlmostEqual(cv, 100 * 32**0.5 / 20, places=5)
