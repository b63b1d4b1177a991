import doctest
from unittest.mock import patch

from odoo import Command
from odoo.tests import tagged
from odoo.tools import SQL

from ...tools import given_values
from ..jobs import run_job
from .invoicing import InvoicingCommon


@tagged("post_install", "-at_install")
class TestFrozenCost(InvoicingCommon):
    """The cost of a sale is that of the day it was posted."""

    def _forget(self, moves):
        """Make posted invoices as if they came from before the addon, or past the ORM."""
        self.env.flush_all()
        self.env.execute_query(
            SQL("UPDATE account_move SET sale_cost = NULL WHERE id = ANY(%s) RETURNING id", moves.ids)
        )
        self.env.execute_query(
            SQL(
                "UPDATE account_move_line SET sale_cost = NULL, sale_unit_cost = NULL, sale_cost_product_id = NULL"
                " WHERE move_id = ANY(%s) RETURNING id",
                moves.ids,
            )
        )
        self.env.invalidate_all()

    def _invoice_order(self, order, post=True, date="2025-03-10"):
        move = order._create_invoices()
        move.invoice_date = date
        if post:
            move.action_post()
        return move

    def _refund(self, move, post=True, **values):
        refund = move._reverse_moves([{"invoice_date": "2025-03-20", **values}])
        if post:
            refund.action_post()
        return refund

    # ------------------------------------------------------------------
    # Where the unit cost comes from
    # ------------------------------------------------------------------
    def test_product_cost(self):
        """Without an order: the product's cost of the day; nothing changes it later."""
        move = self._create_invoice([{"product_id": self.chair.id, "quantity": 3, "price_unit": 25}])
        self.assertEqual(self._read_costs(move), (30.0, [(10.0, 30.0)]))
        self.assertEqual(move.sale_cost, 30.0)
        self.assertEqual(self._product_lines(move).sale_cost_product_id, self.chair)
        self.chair.with_company(self.company_eur).standard_price = 99.0
        self.env.invalidate_all()
        self.assertEqual(self._read_costs(move), (30.0, [(10.0, 30.0)]))

    def test_draft_has_no_cost(self):
        move = self._create_invoice(
            [{"product_id": self.chair.id, "quantity": 3, "price_unit": 25}], post=False
        )
        self.assertEqual(self._read_costs(move), (None, [(None, None)]))

    def test_order_cost(self):
        """The cost written on the order line wins, whatever the product costs when it is invoiced."""
        order = self._create_order([{"product_id": self.chair.id, "product_uom_qty": 4, "price_unit": 25}])
        order.order_line.purchase_price = 7.25
        self.chair.with_company(self.company_eur).standard_price = 99.0
        move = self._invoice_order(order)
        self.assertEqual(self._read_costs(move), (29.0, [(7.25, 29.0)]))
        order.order_line.purchase_price = 1.0
        self.assertEqual(self._read_costs(move), (29.0, [(7.25, 29.0)]))

    def test_order_cost_zero(self):
        """A cost of 0 on the order line is a cost, not the lack of one."""
        order = self._create_order([{"product_id": self.chair.id, "product_uom_qty": 4, "price_unit": 25}])
        order.order_line.purchase_price = 0.0
        self.assertEqual(self._read_costs(self._invoice_order(order)), (0.0, [(0.0, 0.0)]))

    def test_order_currency_and_unit(self):
        """An order in dollars and dozens: 60 dollars a dozen is 30 euro a dozen, 2.50 euro a piece."""
        order = self._create_order(
            [
                {
                    "product_id": self.chair.id,
                    "product_uom_qty": 2,
                    "product_uom_id": self.dozen.id,
                    "price_unit": 100,
                }
            ],
            currency=self.usd,
        )
        self.assertAlmostEqual(order.currency_rate, 2.0)
        order.order_line.purchase_price = 60.0
        move = self._invoice_order(order)
        self.assertEqual(move.currency_id, self.usd)
        self.assertEqual(self._read_costs(move), (60.0, [(2.5, 60.0)]))

    def test_invoice_unit_other_than_order(self):
        """The unit of the invoice line may be changed: the cost follows the quantity in pieces."""
        order = self._create_order([{"product_id": self.chair.id, "product_uom_qty": 24, "price_unit": 25}])
        order.order_line.purchase_price = 3.0
        move = self._invoice_order(order, post=False)
        move.invoice_line_ids.write({"product_uom_id": self.dozen.id, "quantity": 2})
        move.action_post()
        self.assertEqual(self._read_costs(move), (72.0, [(3.0, 72.0)]))

    def test_unit_cost_that_does_not_end(self):
        """10 a dozen sold by the dozen costs 10.00, not 9.96."""
        order = self._create_order(
            [
                {
                    "product_id": self.chair.id,
                    "product_uom_qty": 3,
                    "product_uom_id": self.dozen.id,
                    "price_unit": 20,
                }
            ]
        )
        order.order_line.purchase_price = 10.0
        total, [(unit, cost)] = self._read_costs(self._invoice_order(order))
        self.assertEqual((total, cost), (30.0, 30.0))
        self.assertAlmostEqual(unit, 10 / 12, 10)

    def test_several_order_lines(self):
        """One invoice line for several order lines: their costs weighted by quantity."""
        order = self._create_order(
            [
                {"product_id": self.chair.id, "product_uom_qty": 1, "price_unit": 25},
                {"product_id": self.chair.id, "product_uom_qty": 3, "price_unit": 25},
            ]
        )
        order.order_line[0].purchase_price = 8.0
        order.order_line[1].purchase_price = 4.0
        move = self._create_invoice(
            [
                {
                    "product_id": self.chair.id,
                    "quantity": 4,
                    "price_unit": 25,
                    "sale_line_ids": [Command.set(order.order_line.ids)],
                }
            ]
        )
        self.assertEqual(self._read_costs(move), (20.0, [(5.0, 20.0)]))

    def test_rounding(self):
        """Lines are rounded half up to the currency; the invoice is the sum of its lines."""
        self.chair.with_company(self.company_eur).standard_price = 0.335
        move = self._create_invoice(
            [
                {"product_id": self.chair.id, "quantity": 1, "price_unit": 1},
                {"product_id": self.chair.id, "quantity": 1, "price_unit": 1},
            ]
        )
        self.assertEqual(self._read_costs(move), (0.68, [(0.335, 0.34), (0.335, 0.34)]))

    def test_currency_without_decimals(self):
        self.eur.rounding = 1.0
        self.chair.with_company(self.company_eur).standard_price = 1234.5
        move = self._create_invoice([{"product_id": self.chair.id, "quantity": 3, "price_unit": 5000}])
        self.assertEqual(self._read_costs(move), (3704.0, [(1234.5, 3704.0)]))

    def test_line_without_product(self):
        """No product, no cost: 0. Sections and notes have none at all."""
        move = self._create_invoice(
            [
                {"name": "Things", "display_type": "line_section"},
                {"name": "Consulting", "quantity": 1, "price_unit": 100},
                {"product_id": self.chair.id, "quantity": 1, "price_unit": 25},
                {"name": "Thanks", "display_type": "line_note"},
            ]
        )
        self.assertEqual(self._read_costs(move), (10.0, [(0.0, 0.0), (10.0, 10.0)]))
        rows = self.env.execute_query(
            SQL(
                "SELECT COUNT(*) FROM account_move_line WHERE move_id = %s AND sale_cost IS NOT NULL", move.id
            )
        )
        self.assertEqual(rows, [(2,)])

    def test_negative_quantity(self):
        """A line taken back on an invoice takes its cost back."""
        move = self._create_invoice(
            [
                {"product_id": self.table.id, "quantity": 2, "price_unit": 100},
                {"product_id": self.chair.id, "quantity": -1, "price_unit": 25},
            ]
        )
        self.assertEqual(self._read_costs(move), (70.0, [(40.0, 80.0), (10.0, -10.0)]))

    def test_two_companies(self):
        """Each company has its own cost of the same product, in its own currency."""
        lines = [{"product_id": self.chair.id, "quantity": 2, "price_unit": 25}]
        move_eur = self._create_invoice(lines)
        move_usd = self._create_invoice(lines, company=self.company_usd)
        self.assertEqual(self._read_costs(move_eur), (20.0, [(10.0, 20.0)]))
        self.assertEqual(self._read_costs(move_usd), (30.0, [(15.0, 30.0)]))

    def test_default_cost_of_company(self):
        """A product without a cost has the default that the company set, as the ORM shows it."""
        product = self.env["product.product"].create({"name": "New", "taxes_id": [Command.clear()]})
        self.env["ir.default"].set("product.product", "standard_price", 6.0, company_id=self.company_eur.id)
        self.assertEqual(product.with_company(self.company_eur).standard_price, 6.0)
        lines = [{"product_id": product.id, "quantity": 2, "price_unit": 25}]
        move = self._create_invoice(lines)
        self.assertEqual(self._read_costs(move), (12.0, [(6.0, 12.0)]))
        move = self._create_invoice(lines, company=self.company_usd)
        self.assertEqual(self._read_costs(move), (0.0, [(0.0, 0.0)]))

    def test_other_documents(self):
        """Receipts, bills and entries are no sales of the analysis and have no cost."""
        lines = [{"product_id": self.chair.id, "quantity": 2, "price_unit": 25}]
        for move_type in ("out_receipt", "in_invoice", "in_refund"):
            move = self._create_invoice(lines, move_type=move_type)
            self.assertEqual(move.state, "posted")
            self.assertEqual(self._read_costs(move), (None, [(None, None)]), move_type)

    def test_down_payment(self):
        """A down payment costs nothing, and nothing is taken back for it on the final invoice."""
        order = self._create_order([{"product_id": self.chair.id, "product_uom_qty": 4, "price_unit": 25}])
        order.order_line.purchase_price = 7.0
        wizard = self.env["sale.advance.payment.inv"].with_context(
            active_model="sale.order", active_ids=order.ids, active_id=order.id
        )
        wizard.create({"advance_payment_method": "percentage", "amount": 50}).create_invoices()
        advance = order.invoice_ids
        advance.invoice_date = "2025-03-01"
        advance.action_post()
        self.assertEqual(self._read_costs(advance)[0], 0.0)
        final = order._create_invoices(final=True)
        final.invoice_date = "2025-03-10"
        final.action_post()
        self.assertAlmostEqual(final.amount_untaxed, 50.0)
        self.assertEqual(self._read_costs(final)[0], 28.0)

    # ------------------------------------------------------------------
    # Credit notes
    # ------------------------------------------------------------------
    def test_credit_note_of_invoice(self):
        """A credit note takes back the cost of the invoice, not that of today."""
        move = self._create_invoice([{"product_id": self.chair.id, "quantity": 3, "price_unit": 25}])
        self.chair.with_company(self.company_eur).standard_price = 99.0
        refund = self._refund(move, post=False)
        refund.invoice_line_ids.quantity = 2
        refund.action_post()
        self.assertEqual(self._read_costs(refund), (-20.0, [(10.0, -20.0)]))

    def test_credit_note_of_order(self):
        """The invoice's frozen cost counts even if the order line's was changed since: profit 0 remains."""
        order = self._create_order([{"product_id": self.chair.id, "product_uom_qty": 4, "price_unit": 25}])
        order.order_line.purchase_price = 7.0
        move = self._invoice_order(order)
        order.order_line.purchase_price = 8.0
        refund = self._refund(move)
        self.assertEqual(refund.invoice_line_ids.sale_line_ids, order.order_line)
        self.assertEqual(self._read_costs(refund), (-28.0, [(7.0, -28.0)]))

    def test_credit_note_same_product_twice(self):
        """The same product at two costs: the line of the same order line counts; without one, the average."""
        order = self._create_order(
            [
                {"product_id": self.chair.id, "product_uom_qty": 1, "price_unit": 25},
                {"product_id": self.chair.id, "product_uom_qty": 3, "price_unit": 25},
            ]
        )
        order.order_line[0].purchase_price = 8.0
        order.order_line[1].purchase_price = 4.0
        move = self._invoice_order(order)
        refund = self._refund(move, post=False)
        self._product_lines(refund)[0].unlink()
        refund.action_post()
        self.assertEqual(self._read_costs(refund), (-12.0, [(4.0, -12.0)]))
        other = self._create_invoice(
            [{"product_id": self.chair.id, "quantity": 2, "price_unit": 25}],
            move_type="out_refund",
            reversed_entry_id=move.id,
        )
        self.assertEqual(self._read_costs(other), (-10.0, [(5.0, -10.0)]))

    def test_credit_note_other_product(self):
        """A product that was not on the invoice costs what it costs now."""
        move = self._create_invoice([{"product_id": self.chair.id, "quantity": 3, "price_unit": 25}])
        refund = self._create_invoice(
            [{"product_id": self.table.id, "quantity": 1, "price_unit": 25}],
            move_type="out_refund",
            reversed_entry_id=move.id,
        )
        self.assertEqual(self._read_costs(refund), (-40.0, [(40.0, -40.0)]))

    def test_credit_note_alone(self):
        refund = self._create_invoice(
            [{"product_id": self.chair.id, "quantity": 3, "price_unit": 25}], move_type="out_refund"
        )
        self.assertEqual(self._read_costs(refund), (-30.0, [(10.0, -30.0)]))

    def test_cancelling_credit_note(self):
        """A reversal that cancels is posted by itself and takes back the same cost."""
        move = self._create_invoice([{"product_id": self.chair.id, "quantity": 3, "price_unit": 25}])
        self.chair.with_company(self.company_eur).standard_price = 99.0
        refund = move._reverse_moves([{"invoice_date": "2025-03-20"}], cancel=True)
        self.assertEqual(refund.state, "posted")
        self.assertEqual(self._read_costs(refund), (-30.0, [(10.0, -30.0)]))

    # ------------------------------------------------------------------
    # Posted again
    # ------------------------------------------------------------------
    def test_posted_again(self):
        """Back to draft and posted again: same unit cost, total by the new quantity."""
        move = self._create_invoice([{"product_id": self.chair.id, "quantity": 3, "price_unit": 25}])
        self.chair.with_company(self.company_eur).standard_price = 99.0
        move.button_draft()
        move.invoice_line_ids.quantity = 5
        move.action_post()
        self.assertEqual(self._read_costs(move), (50.0, [(10.0, 50.0)]))

    def test_frozen_again_before_anything_is_written(self):
        """The costs of lines wait in the cache to be written with them; they are frozen all the same."""
        move = self._create_invoice(
            [{"product_id": self.chair.id, "quantity": 3, "price_unit": 25}], post=False
        )
        self.env.flush_all()
        move.action_post()
        self.chair.with_company(self.company_eur).standard_price = 99.0
        move._freeze_sale_costs()
        self.assertEqual(self._read_costs(move), (30.0, [(10.0, 30.0)]))

    def test_posted_again_other_product(self):
        """Another product, or a line added, in draft has its own cost of now."""
        move = self._create_invoice([{"product_id": self.chair.id, "quantity": 3, "price_unit": 25}])
        self.table.with_company(self.company_eur).standard_price = 44.0
        move.button_draft()
        move.write(
            {
                "invoice_line_ids": [
                    Command.update(move.invoice_line_ids.id, {"product_id": self.table.id}),
                    Command.create({"product_id": self.chair.id, "quantity": 1, "price_unit": 5}),
                ]
            }
        )
        move.invoice_line_ids[0].quantity = 2
        move.action_post()
        self.assertEqual(self._read_costs(move), (98.0, [(44.0, 88.0), (10.0, 10.0)]))

    def test_posted_again_product_removed(self):
        move = self._create_invoice(
            [{"product_id": self.chair.id, "quantity": 3, "price_unit": 25, "name": "Chairs"}]
        )
        move.button_draft()
        move.invoice_line_ids.product_id = False
        move.action_post()
        self.assertEqual(self._read_costs(move), (0.0, [(0.0, 0.0)]))

    def test_copy(self):
        """A copy is a new sale: it takes the cost of the day it is posted."""
        move = self._create_invoice([{"product_id": self.chair.id, "quantity": 3, "price_unit": 25}])
        self.chair.with_company(self.company_eur).standard_price = 12.0
        copy = move.copy({"invoice_date": "2025-04-01"})
        self.assertEqual(self._read_costs(copy), (None, [(None, None)]))
        copy.action_post()
        self.assertEqual(self._read_costs(copy), (36.0, [(12.0, 36.0)]))

    def test_deleted_product(self):
        """The product whose cost was frozen may be deleted after it was taken off a draft."""
        product = self._create_product("Gone", self.category, 3.0, 3.0)
        move = self._create_invoice([{"product_id": product.id, "quantity": 3, "price_unit": 25}])
        move.button_draft()
        move.invoice_line_ids.product_id = self.chair
        product.unlink()
        move.action_post()
        self.assertEqual(self._read_costs(move), (30.0, [(10.0, 30.0)]))

    # ------------------------------------------------------------------
    # Many at once, history
    # ------------------------------------------------------------------
    def _create_mixed(self):
        """Invoices and credit notes of every kind above, in both companies."""
        lines = [
            {"product_id": self.chair.id, "quantity": 2, "price_unit": 25},
            {"product_id": self.table.id, "quantity": 1, "price_unit": 125, "product_uom_id": self.dozen.id},
            {"name": "Freight", "quantity": 1, "price_unit": 5},
        ]
        order = self._create_order(
            [{"product_id": self.chair.id, "product_uom_qty": 4, "price_unit": 25}], currency=self.usd
        )
        order.order_line.purchase_price = 7.0
        invoice = self._create_invoice(lines)
        moves = invoice + self._create_invoice(lines, company=self.company_usd) + self._invoice_order(order)
        moves += self._refund(moves[2]) + self._refund(invoice, invoice_date="2025-05-05")
        return moves + self._create_invoice(lines, move_type="out_refund", date="2025-06-01")

    def test_one_statement(self):
        """However many invoices are posted, one statement freezes their cost."""
        self._create_invoice([{"product_id": self.chair.id, "quantity": 1, "price_unit": 1}])  # fills caches
        moves = self.env["account.move"]
        for _number in range(20):
            moves += self._create_invoice(
                [{"product_id": self.chair.id, "quantity": 3, "price_unit": 25}], post=False
            )
        statements = []
        freeze = type(moves)._freeze_sale_costs

        def counted(records, **options):
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            freeze(records, **options)
            statements.append((len(records), self.env.cr.sql_log_count - before))

        with patch.object(type(moves), "_freeze_sale_costs", counted):
            moves.action_post()
        self.assertEqual(statements, [(20, 1)])
        self.assertEqual({self._read_costs(move) == (30.0, [(10.0, 30.0)]) for move in moves}, {True})

    def test_many_lines_take_no_more_queries(self):
        """Also when nothing of them has been read, as in a worker that has forgotten what it knew."""

        def post_forgetful(count):
            moves = self.env["account.move"]
            for _number in range(count):
                lines = [{"product_id": self.chair.id, "quantity": 3, "price_unit": 25}] * 2
                moves += self._create_invoice(lines, post=False)
            moves.action_post()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            moves._freeze_sale_costs(with_others=True)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        post_forgetful(1)  # fills caches
        self.assertEqual(post_forgetful(1), post_forgetful(20))

    def test_history(self):
        """What history is given equals what posting had frozen, in batches of any size."""
        moves = self._create_mixed()
        expected = [self._read_costs(move) for move in moves]
        self.assertTrue(all(cost is not None for cost, _lines in expected))
        for limit in (1, 2, 100):
            self._forget(moves)
            self.assertEqual(self._read_costs(moves[0]), (None, [(None, None)] * 3))
            done = 0
            while count := self.env["account.move"]._freeze_missing_sale_costs(self.company_eur, limit):
                done += count
            self.assertEqual(done, 5)
            self.assertEqual(self._read_costs(moves[1])[0], None, "the other company is left alone")
            self.assertEqual(self.env["account.move"]._freeze_missing_sale_costs(self.company_usd, limit), 1)
            self.assertEqual([self._read_costs(move) for move in moves], expected, limit)

    def test_history_that_was_read_before(self):
        """What the cache has of a line is what the database has."""
        move = self._create_invoice([{"product_id": self.chair.id, "quantity": 3, "price_unit": 25}])
        self._forget(move)
        line = self._product_lines(move)
        self.assertFalse(line.sale_unit_cost or line.sale_cost or line.sale_cost_product_id)
        move._freeze_sale_costs()
        self.assertEqual((line.sale_unit_cost, line.sale_cost), (10.0, 30.0))
        self.assertEqual(line.sale_cost_product_id, self.chair)

    def test_history_newest_first(self):
        lines = [{"product_id": self.chair.id, "quantity": 2, "price_unit": 25}]
        moves = self.env["account.move"]
        for date in ("2025-02-01", "2025-04-01", "2025-03-01"):
            moves += self._create_invoice(lines, date=date)
        self._forget(moves)
        for expected in ([None, 20.0, None], [None, 20.0, 20.0], [20.0, 20.0, 20.0]):
            self.env["account.move"]._freeze_missing_sale_costs(self.company_eur, 1)
            self.assertEqual([self._read_costs(move)[0] for move in moves], expected)

    def test_history_credit_note_takes_its_invoice(self):
        """A credit note read before its invoice: both get the same cost, though today's changes meanwhile."""
        move = self._create_invoice([{"product_id": self.chair.id, "quantity": 2, "price_unit": 25}])
        refund = self._refund(move)
        self._forget(move + refund)
        self.assertEqual(self.env["account.move"]._freeze_missing_sale_costs(self.company_eur, 1), 2)
        self.assertEqual(self._read_costs(move)[0], 20.0)
        self.assertEqual(self._read_costs(refund)[0], -20.0)

    def test_cron(self):
        """The scheduler's job works in batches, goes on after a break and ends when nothing is left."""
        moves = self._create_mixed()
        expected = [self._read_costs(move) for move in moves]
        Move = self.env["account.move"]
        while Move._freeze_missing_sale_costs(limit=1000):
            continue
        self._forget(moves)
        self.assertEqual(Move._count_missing_sale_costs(), 6)
        self.assertEqual(Move._count_missing_sale_costs(4), 4)
        progress = []

        def killed(cron, processed=0, *, remaining=None, deactivate=False):
            progress.append((processed, remaining))
            return 0 if len(progress) == 2 else 60

        with patch.object(type(self.env["ir.cron"]), "_commit_progress", killed):
            Move._cron_freeze_sale_costs(batch_size=1)
            self.assertEqual(len(progress), 2)
            left = Move._count_missing_sale_costs()
            self.assertTrue(0 < left < 6)
            self.assertEqual(progress[-1][1], left, "the scheduler is told, and comes again")
            Move._cron_freeze_sale_costs(batch_size=1)
            self.assertEqual(Move._count_missing_sale_costs(), 0)
            self.assertEqual(sum(processed for processed, _remaining in progress), 6)
            self.assertEqual(progress[-1][1], 0)
            before = len(progress)
            Move._cron_freeze_sale_costs(batch_size=1)
            self.assertEqual(len(progress), before, "nothing left, nothing done")
        self.assertEqual([self._read_costs(move) for move in moves], expected)

    def test_cron_record(self):
        moves = self._create_mixed()
        self._forget(moves)
        self.assertGreaterEqual(self.env["account.move"]._count_missing_sale_costs(), 6)
        with self.enter_registry_test_mode():
            run_job(self.env, "ir_cron_freeze_sale_costs")
        self.assertEqual(self.env["account.move"]._count_missing_sale_costs(), 0)

    def test_installation(self):
        """A small history is done at once, a large one is left to the scheduler."""
        moves = self._create_mixed()
        Move = self.env["account.move"]
        path = "odoo.addons.partner_relations.models.customer.account_move.FREEZE_AT_ONCE"
        Trigger = self.env["ir.cron.trigger"]
        triggers = [("cron_id", "=", self.env.ref("partner_relations.ir_cron_freeze_sale_costs").id)]
        while Move._freeze_missing_sale_costs():
            continue
        self._forget(moves)
        before = Trigger.search_count(triggers)
        with patch(path, 5):
            Move._restart_sale_costs()
        self.assertEqual(Trigger.search_count(triggers), before + 1)
        self.assertEqual(Move._count_missing_sale_costs(), 6)
        with patch(path, 6):
            Move._restart_sale_costs()
        self.assertEqual(Trigger.search_count(triggers), before + 1)
        self.assertEqual(Move._count_missing_sale_costs(), 0)

    # ------------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------------
    def test_posted_by_invoicing_user(self):
        """Whoever may post an invoice freezes its cost, without any right of ours or to products."""
        user = self._create_user(
            "invoicing_only",
            "account.group_account_invoice",
            company_id=self.company_eur.id,
            company_ids=[Command.set(self.company_eur.ids)],
        )
        move = self._create_invoice(
            [{"product_id": self.chair.id, "quantity": 3, "price_unit": 25}], post=False
        )
        move.with_user(user).with_context(allowed_company_ids=self.company_eur.ids).action_post()
        self.assertEqual(self._read_costs(move), (30.0, [(10.0, 30.0)]))

    def test_call_gives_no_cost(self):
        """Neither a value nor a default that a call gives is taken for what was frozen."""
        failures, count = doctest.testmod(given_values)
        self.assertTrue(count)
        self.assertFalse(failures)
        of_line = {"sale_unit_cost": 1, "sale_cost": 1, "sale_cost_product_id": self.chair.id}
        of_move = {"sale_cost": 1, "sale_quantity": 1}
        line = {"product_id": self.chair.id, "quantity": 3, "price_unit": 25}
        given = self._create_invoice([{**line, **of_line}], post=False, **of_move)
        defaults = {f"default_{name}": value for name, value in (of_line | of_move).items()}
        defaulted = (
            self.env["account.move"]
            .with_company(self.company_eur)
            .with_context(**defaults)
            .create(
                {
                    "move_type": "out_invoice",
                    "partner_id": self.customer.id,
                    "invoice_line_ids": [Command.create({**line, "tax_ids": [Command.clear()]})],
                }
            )
        )
        given.write({"invoice_line_ids": [Command.update(self._product_lines(given).id, of_line)]})
        for move in (given, defaulted):
            self.assertEqual(self._read_costs(move), (None, [(None, None)]))
            self.assertFalse(move.sale_quantity)
        given.action_post()
        given.write(of_move)
        self._product_lines(given).write(of_line)
        self.assertEqual(self._read_costs(given), (30.0, [(10.0, 30.0)]))
        self.assertEqual(given.sale_quantity, 3)

    def test_portal_user_sees_no_cost(self):
        user = self._create_user(
            "portal_customer",
            "base.group_portal",
            company_id=self.company_eur.id,
            company_ids=[Command.set(self.company_eur.ids)],
        )
        for model, costs in (
            ("account.move", {"sale_cost"}),
            ("account.move.line", {"sale_cost", "sale_unit_cost", "sale_cost_product_id"}),
        ):
            self.assertLessEqual(costs, self.env[model].fields_get().keys())
            self.assertFalse(costs & self.env[model].with_user(user).fields_get().keys())
