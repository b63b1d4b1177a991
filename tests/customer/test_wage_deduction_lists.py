import base64
import io
import zipfile
from collections import Counter
from datetime import date, datetime
from random import Random
from unittest.mock import patch

import openpyxl
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, LockError, UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from ..headers import EVIL, find_forged
from ..jobs import held_elsewhere, run_cron, run_without_time
from .deducting import PAPER, TODAY, DeductingCommon


@tagged("post_install", "-at_install")
class TestWageDeductionLists(DeductingCommon):
    """Deduction lists: what is on them, that they stay as sent, and the payment of the employer to the cent."""

    def _lines(self, one):
        return [
            (line.employee_name, line.amount_due, line.amount_carried, line.amount, line.amount_left)
            for line in one.line_ids
        ]

    # ------------------------------------------------------------------
    # Making
    # ------------------------------------------------------------------
    def test_list(self):
        self._sell(self.anna, 100)
        self._sell(self.anna, 50, 1)
        self._sell(self.ben, 10, 1, date="2026-03-21")  # on the list of April
        one = self._make_list(send=False)
        self.assertEqual((one.date_cutoff, one.date_pay), (date(2026, 3, 20), date(2026, 3, 25)))
        self.assertEqual(self._lines(one), [("Anna", 83.33, False, 83.33, False)])
        self.assertEqual(one.amount, 83.33)
        self.assertEqual(
            sum(one.item_ids.mapped("amount")), 83.33, "the instalments add up to what is to be deducted"
        )
        self.assertIn("1 of 3", one.item_ids.sorted("id")[0].name + one.item_ids.sorted("id")[1].name)

    def test_draft_follows_the_books_and_what_is_sent_does_not(self):
        self._sell(self.anna, 90)
        one = self._make_list(send=False)
        self._sell(self.anna, 60)
        self.assertEqual(one.amount, 30)
        one.action_update()
        self.assertEqual(one.amount, 50)
        self._sell(self.ben, 30)
        one.action_mark_sent()
        self.assertEqual(self._lines(one), [("Anna", 50, False, 50, False), ("Ben", 10, False, 10, False)])
        self._sell(self.ben, 3, 1)
        self.assertEqual(one.amount, 60)
        with self._refused("only while the list is in the state “Draft”"):
            one.action_update()
        for record in (one, one.line_ids[0], one.item_ids[0]):
            with self.assertRaises(AccessError):
                record.amount = 1
        with self._refused("was sent and stays"):
            one.unlink()

    def test_what_was_in_use_is_not_deleted(self):
        """Not by the accountant either, who may delete what is a draft."""
        self._sell(self.anna, 90)
        one = self._make_list()
        for record in (one.line_ids[0], one.item_ids[0]):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                record.with_user(self.user_accountant).unlink()
        for record in (self.anna, self.ben, self.arrangement):
            with self._refused("was in use"):
                record.with_user(self.user_accountant).unlink()
        draft = self._create_arrangement(self._create_company_partner("Copper Works"), activate=False)
        member = self._create_member("Cleo", draft, activate=False).with_user(self.user_accountant)
        draft = draft.with_user(self.user_accountant)
        with self._refused("has members"):
            draft.unlink()
        member.unlink()
        draft.unlink()
        self.assertFalse(member.exists() or draft.exists())

    def test_what_is_sent_is_not_listed_again(self):
        self._sell(self.anna, 90)
        self._make_list()
        with freeze_time("2026-04-10 09:00:00"):
            second = self._make_list()
            self.assertEqual(second.date_pay, date(2026, 4, 25))
            self.assertEqual(self._lines(second), [("Anna", 30, False, 30, False)])

    def test_limit_of_the_list(self):
        """What was carried over does not raise what is deducted above the limit."""
        self._sell(self.anna, 270)
        first = self._make_list()
        self._pay(first, reason="Sick", Anna=0)
        with freeze_time("2026-04-10 09:00:00"):
            second = self._make_list()
            self.assertEqual(self._lines(second), [("Anna", 180, 90, 100, 80)])
            self.assertEqual(second.line_ids.carry_reason, "03/25/2026: Sick")
            self.assertEqual(
                second.item_ids.sorted("date_due").mapped("amount"), [90, 10], "the oldest first"
            )
            self.assertIn("80.00", second.line_ids.reason)

    def test_cron_makes_each_list_once(self):
        self._sell(self.anna, 90)
        cron = self.env.ref("partner_relations.ir_cron_wage_deduction")
        for day, expected in (("2026-03-19", 0), ("2026-03-20", 1), ("2026-03-21", 1), ("2026-06-22", 2)):
            with freeze_time(f"{day} 09:00:00"), self.enter_registry_test_mode():
                run_cron(cron)
                self.assertEqual(self.lists.search_count([]), expected, day)
        last = self.lists.search([], limit=1)
        # months that were missed are on the last list
        self.assertEqual((last.date_pay, last.amount), (date(2026, 6, 25), 90))
        self.assertEqual(last.line_ids.amount_carried, 90)
        self.assertEqual(self.arrangement.next_cutoff, date(2026, 7, 20))

    def test_what_another_worker_makes(self):
        """Arrangements and members that another worker is at are left to it."""
        self._sell(self.anna, 90)
        self.ben._stop(date(2026, 3, 20), "Leaves")
        with freeze_time("2026-03-20 09:00:00"):
            with held_elsewhere(self.arrangement), held_elsewhere(self.ben):
                self.lists._make_due_lists(20)
            self.assertFalse(self.lists.search_count([]))
            self.assertEqual(self.ben.state, "active")
            self.lists._make_due_lists(20)
        self.assertEqual(self.lists.search_count([]), 1)
        self.assertEqual(self.ben.state, "stopped")

    def test_cron_without_time(self):
        """Where the time is up after each membership, all of them end."""
        for member in (self.anna, self.ben):
            member._stop(date(2026, 3, 20), "Leaves")
        with (
            freeze_time("2026-03-20 09:00:00"),
            patch.object(type(self.lists)._cron_make_lists, "__defaults__", (1,)),
        ):
            run_without_time(self, "ir_cron_wage_deduction")
        self.assertEqual((self.anna + self.ben).mapped("state"), ["stopped"] * 2)

    def test_cron_with_time(self):
        """Where there is time, one start ends all memberships, and does not wait for what a colleague has in hand."""
        for member in (self.anna, self.ben):
            member._stop(date(2026, 3, 20), "Leaves")
        with (
            freeze_time("2026-03-20 09:00:00"),
            patch.object(type(self.env["ir.cron"]), "_commit_progress", side_effect=[60.0] * 9),
        ):
            with held_elsewhere(self.anna + self.ben):
                self.lists._cron_make_lists(batch_size=1)
            self.assertEqual((self.anna + self.ben).mapped("state"), ["active"] * 2)
            self.lists._cron_make_lists(batch_size=1)
        self.assertEqual((self.anna + self.ben).mapped("state"), ["stopped"] * 2)

    def test_list_in_the_hands_of_a_colleague(self):
        """What a colleague sends or settles at this moment is not sent or settled by a second one."""
        self._sell(self.anna, 90)
        one = self._make_list(send=False)
        with held_elsewhere(one), self.assertRaises(LockError):
            one.action_mark_sent()
        self.assertEqual(one.state, "draft")
        one.action_mark_sent()
        with held_elsewhere(one), self.assertRaises(LockError):
            self._pay(one)
        self.assertEqual(one.state, "sent")
        self._pay(one)
        self.assertEqual(one.state, "paid")

    def test_cut_off_day_of_the_company(self):
        """At 18:00 UTC of the 19th the 20th has begun in Ho Chi Minh City."""
        self._sell(self.anna, 90)
        self.ben._stop(date(2026, 3, 20), "Leaves")
        for tz, count, state in (("UTC", 0, "active"), ("Asia/Ho_Chi_Minh", 1, "stopped")):
            self.company_eur.partner_id.tz = tz
            with freeze_time("2026-03-19 18:00:00"), self.subTest(tz):
                self.lists._make_due_lists(20)
                self.assertEqual(self.lists.search_count([]), count)
                self.assertEqual(self.ben.state, state)

    def test_nothing_due(self):
        with self._refused("Nothing is due from the employees of Steel Works"):
            self.arrangement.action_make_list()
        self.assertFalse(self.lists.search_count([]))

    def test_one_list_in_the_database(self):
        self._sell(self.anna, 90)
        one = self._make_list()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.lists._internal().create(
                {
                    "arrangement_id": self.arrangement.id,
                    "date_pay": one.date_pay,
                    "date_cutoff": one.date_cutoff,
                }
            )

    def test_invoice_on_a_sent_list_stays(self):
        move = self._sell(self.anna, 90)
        one = self._make_list()
        for action in (move.button_draft, move.action_pay_otherwise):
            with self._refused("Take the list back"):
                action()
        one.action_draft()
        move.button_draft()
        one.action_update()
        self.assertFalse(one.line_ids)

    def test_stopped_member_is_on_no_further_list(self):
        self._sell(self.anna, 90)
        self._sell(self.ben, 30)
        first = self._make_list()
        self.anna._stop(date(2026, 3, 10), "Asked for it")
        self.assertEqual(self.anna.amount_open, 90)
        self.assertEqual(self.anna.amount_direct, 60, "what is on the list that was sent is still deducted")
        self._pay(first)
        self.anna.invalidate_recordset()
        self.assertEqual((self.anna.amount_open, self.anna.amount_direct), (60, 60))
        with freeze_time("2026-04-10 09:00:00"):
            second = self._make_list()
        self.assertEqual(second.line_ids.mapped("employee_name"), ["Ben"])

    def test_nothing_of_a_stopped_member_is_carried_over(self):
        """What the employer did not withhold any more is the employee's to pay, and who is responsible is told."""
        self._sell(self.anna, 90)
        self._sell(self.ben, 60)
        first = self._make_list()
        self.anna._stop(date(2026, 3, 10), "Left the company")
        self.assertIn("60.00", self.anna.activity_ids.note)
        self._pay(first, reason="Gone, and sick", Anna=0, Ben=0)
        self.env.invalidate_all()
        self.assertEqual(self.anna.amount_direct, 90)
        self.assertTrue(any("90.00" in activity.note for activity in self.anna.activity_ids))
        self.assertFalse(self.ben.activity_ids)
        anna, ben = first.line_ids
        self.assertEqual(anna.reason, "Anna pays the rest directly")
        self.assertIn("carried over", ben.reason)
        # of who is stopped later it was carried over
        self.ben._stop(date(2026, 3, 11), "Left the company")
        with freeze_time("2026-03-11 09:00:00"):
            self.ben._end()
        self.assertEqual(self.ben.state, "stopped")
        self.assertIn("carried over", ben.reason)

    # ------------------------------------------------------------------
    # Payment
    # ------------------------------------------------------------------
    def test_payment_to_the_cent(self):
        move, other = self._sell(self.anna, 100), self._sell(self.ben, 70)
        one = self._make_list()
        self.assertEqual(one.amount, 56.66)
        self._pay(one)
        self.assertRecordValues(
            one, [{"state": "paid", "amount_paid": 56.66, "amount_settled": 56.66, "difference": 0}]
        )
        self.assertEqual(self._residuals(move), [0, 33.33, 33.34])
        self.assertEqual(self._residuals(other), [0, 23.33, 23.34])
        self.assertEqual(self._balance(self.anna.partner_id), 66.67)
        self.assertEqual(self._balance(self.ben.partner_id), 46.67)
        self.assertEqual(self._balance(self.employer), 0, "the books of the employer are even")
        self.assertEqual(one.payment_id.amount, 56.66)
        self.assertEqual(one.payment_id.partner_id, self.employer)
        self.assertTrue(all(one.transfer_id.line_ids.mapped("reconciled")))
        self.assertEqual(one.payment_id.move_id.line_ids.filtered("reconciled").partner_id, self.employer)

    def test_what_is_settled_alike_is_written_once(self):
        for member in (self.anna, self.ben):
            self._sell(member, 90)
        one = self._make_list()
        items = self.registry["partner.wage.deduction.list.item"]
        with patch.object(items, "write", autospec=True, side_effect=items.write) as write:
            self._pay(one)
        self.assertEqual(len(write.mock_calls), 1)
        self.assertEqual(one.item_ids.mapped("amount_settled"), [30, 30])

    def test_shortfall(self):
        move, other = self._sell(self.anna, 100), self._sell(self.ben, 60)
        one = self._make_list()
        with self._refused("less was paid than listed for Anna"):
            self._pay(one, Anna=10)
        self._pay(one, reason="Unpaid leave", Anna=10)
        self.assertRecordValues(
            one,
            [{"state": "closed", "amount_settled": 30, "difference": -23.33, "close_reason": "Unpaid leave"}],
        )
        self.assertIn("23.33", one.line_ids[0].reason)
        self.assertEqual(self._residuals(move), [23.33, 33.33, 33.34])
        self.assertEqual(self._residuals(other), [0, 20, 20])
        with freeze_time("2026-04-10 09:00:00"):
            second = self._make_list()
        self.assertEqual(
            self._lines(second), [("Anna", 56.66, 23.33, 56.66, False), ("Ben", 20, False, 20, False)]
        )
        self.assertEqual(second.line_ids[0].carry_reason, "03/25/2026: Unpaid leave")

    def test_overpayment(self):
        move = self._sell(self.anna, 90)
        one = self._make_list()
        self._pay(one, amount=50, Anna=40)
        self.assertRecordValues(one, [{"state": "paid", "amount_paid": 40, "amount_settled": 30}])
        self.assertEqual(self._residuals(move), [0, 30, 30])
        self.assertEqual(self._balance(self.employer), -20, "what is too much is a credit of the employer")
        self.assertIn("10.00", one.line_ids.reason)

    def test_payment_below_the_sum(self):
        self._sell(self.anna, 90)
        one = self._make_list()
        with self._refused(r"30\.00.*29\.99"):
            self._pay(one, amount=29.99)

    def test_nothing_paid(self):
        move = self._sell(self.anna, 90)
        one = self._make_list()
        dialog = self.env["partner.wage.deduction.payment"].create({"list_id": one.id, "mode": "none"})
        self.assertEqual(dialog.amount_short, 30)
        with self._refused("Enter the reason"):
            dialog.action_register()
        dialog.reason = "Insolvent"
        dialog.action_register()
        self.assertRecordValues(one, [{"state": "closed", "amount_paid": 0, "amount_settled": 0}])
        self.assertFalse(one.payment_id)
        self.assertEqual(self._residuals(move), [30, 30, 30])

    def test_payment_that_is_in_the_books(self):
        move = self._sell(self.anna, 90)
        one = self._make_list()
        payment = (
            self.env["account.payment"]
            .with_context(force_payment_move=True)
            .create(
                {
                    "payment_type": "inbound",
                    "partner_type": "customer",
                    "partner_id": self.employer.id,
                    "amount": 45,
                    "journal_id": self.bank.id,
                }
            )
        )
        payment.action_post()
        credit = payment.move_id.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        dialog = self.env["partner.wage.deduction.payment"].create({"list_id": one.id})
        self.assertEqual(dialog.mode, "existing")
        dialog.credit_ids = credit
        dialog.action_register()
        self.assertEqual(one.payment_id, payment)
        self.assertEqual(self._residuals(move), [0, 30, 30])
        self.assertEqual(credit.amount_residual, -15)
        self.assertEqual(self._balance(self.employer), -15)

    def test_bank_statement(self):
        move = self._sell(self.anna, 90)
        one = self._make_list()
        statement = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "date": "2026-03-10",
                "payment_ref": "Wages",
                "amount": 30,
                "partner_id": self.employer.id,
            }
        )
        suspense = statement.move_id.line_ids.filtered(
            lambda line: line.account_id == self.bank.suspense_account_id
        )
        suspense.account_id = self.employer.with_company(self.company_eur).property_account_receivable_id
        dialog = self.env["partner.wage.deduction.payment"].create({"list_id": one.id, "mode": "existing"})
        dialog.credit_ids = suspense
        dialog.action_register()
        self.assertEqual(self._residuals(move), [0, 30, 30])
        self.assertTrue(suspense.reconciled)

    def test_foreign_credit_is_refused(self):
        self._sell(self.anna, 90)
        one = self._make_list()
        refund = self._create_invoice(
            [{"product_id": self.chair.id, "quantity": 1, "price_unit": 50}],
            partner=self.customer,
            move_type="out_refund",
        )
        credit = refund.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        dialog = self.env["partner.wage.deduction.payment"].create({"list_id": one.id, "mode": "existing"})
        dialog.credit_ids = credit
        with self._refused("not of Steel Works"):
            dialog.action_register()

    def test_other_account_of_the_employee(self):
        """The accounts of employer and employee differ."""
        receivable = self.anna.partner_id.with_company(self.company_eur).property_account_receivable_id
        own = receivable.copy({"code": "121777", "name": "Receivable of employees"})
        self.anna.partner_id.with_company(self.company_eur).property_account_receivable_id = own
        move = self._sell(self.anna, 90)
        self.assertEqual(move._get_wage_instalments().account_id, own)
        self._pay(self._make_list())
        self.assertEqual(self._residuals(move), [0, 30, 30])
        self.assertEqual(self._balance(self.employer), 0)

    def test_paid_otherwise_meanwhile(self):
        """The employee paid a part of the listed instalment directly, and the employer paid all of it: the rest of what
        was withheld pays the next instalment, and is not withheld again."""
        move = self._sell(self.anna, 90)
        one = self._make_list()
        self._pay_directly(move, 20)
        self.assertEqual(self._residuals(move), [10, 30, 30])
        self._pay(one)
        self.assertRecordValues(one, [{"state": "paid", "amount_paid": 30, "amount_settled": 30}])
        self.assertEqual(one.item_ids.mapped("amount_settled"), [10])
        self.assertEqual(self._residuals(move), [0, 10, 30])
        self.assertEqual(self._balance(self.employer), 0)
        self.assertIn("settled otherwise", one.line_ids.reason)
        self.assertRegex(one.line_ids.reason, r"20\.00.€ paid other instalments")
        with freeze_time("2026-04-10 09:00:00"):
            self.assertEqual(self._make_list(send=False).amount, 10)
        one.action_undo_payment()
        self.assertEqual(self._residuals(move), [10, 30, 30])
        self.assertEqual(self._balance(self.employer), -30)

    def test_what_nothing_is_open_for(self):
        """What another list holds is left to it, and what no instalment takes is a credit of the employer."""
        move = self._sell(self.anna, 90)
        one = self._make_list()
        with freeze_time("2026-04-10 09:00:00"):
            second = self._make_list()
        self._pay_directly(move, 30)
        self._pay(one)
        self.assertEqual(self._residuals(move), [0, 30, 0])
        self.assertEqual(self._balance(self.employer), 0)
        self._pay_directly(move, 10)
        self._pay(second)
        self.assertRecordValues(second, [{"state": "paid", "amount_paid": 30, "amount_settled": 20}])
        self.assertEqual(self._residuals(move), [0, 0, 0])
        self.assertEqual(self._balance(self.employer), -10)
        self.assertRegex(second.line_ids.reason, r"10\.00.€ is a credit of the employer")

    def test_rest_in_another_currency(self):
        """The rest of what was withheld for an invoice in euro pays one in dollars, two of which are a euro."""
        move, other = self._sell(self.anna, 90), self._sell(self.anna, 120, currency_id=self.usd.id)
        one = self._make_list()
        self.assertEqual(one.amount, 50)
        self._pay_directly(move, 90)
        self._pay(one)
        self.assertEqual(self._residuals(other), [0, 0, 20])
        self.assertEqual((one.amount_settled, self._balance(self.employer)), (50, 0))

    def test_rest_pays_what_the_list_has_first(self):
        """What the list holds and was not withheld for comes before what is on no list."""
        move, other = self._sell(self.anna, 90), self._sell(self.anna, 60)
        one = self._make_list()
        self._pay_directly(move, 30)
        self._pay(one, reason="Sick", Anna=40)
        self.assertEqual((self._residuals(move), self._residuals(other)), ([0, 10, 30], [0, 20, 20]))
        self.assertEqual(one.item_ids.sorted("id").mapped("amount_settled"), [0, 20])
        self.assertEqual((one.amount_settled, self._balance(self.employer)), (40, 0))

    def test_rest_of_a_stopped_member(self):
        """Of what was told to be paid directly, less is left where the rest of the list pays it."""
        move = self._sell(self.anna, 90)
        one = self._make_list()
        self.anna._stop(TODAY, "Left")
        self.assertIn("60.00", self.anna.activity_ids.note)
        self._pay_directly(move, 30)
        self._pay(one)
        self.assertEqual(self._residuals(move), [0, 0, 30])
        self.assertIn("30.00", self.anna.activity_ids.note)
        self.assertNotIn("60.00", self.anna.activity_ids.note)

    def _pay_directly(self, move, amount):
        wizard = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=move.ids)
            .create({"payment_date": "2026-03-10", "amount": amount})
        )
        wizard._create_payments()

    def test_other_currency(self):
        """Invoices in dollars, the list in euro; the rate changes before the employer pays."""
        move = self._sell(self.anna, 300, currency_id=self.usd.id)
        mixed = self._sell(self.anna, 90)
        one = self._make_list()
        self.assertEqual(one.amount, 80)
        self.env["res.currency.rate"].create(
            {
                "name": "2026-03-11",
                "currency_id": self.usd.id,
                "company_id": self.company_eur.id,
                "rate": 2.5,
            }
        )
        with freeze_time("2026-03-26 09:00:00"):
            self._pay(one)
        self.assertEqual(self._residuals(move), [0, 100, 100])
        self.assertEqual(self._residuals(mixed), [0, 30, 30])
        self.assertEqual(self._balance(self.employer), 0)
        self.assertEqual(one.amount_settled, 80)

    def test_part_of_an_instalment_in_another_currency(self):
        move = self._sell(self.anna, 100, currency_id=self.usd.id)
        one = self._make_list()
        self.assertEqual((one.amount, one.item_ids.amount_currency), (16.67, 33.33))
        self._pay(one, reason="Sick", Anna=10)
        # 10 of 16.67 euro are 19.99 of 33.33 dollars
        self.assertEqual(self._residuals(move), [13.34, 33.33, 33.34])
        self.assertEqual(self._balance(self.employer), 0)

    def test_list_in_another_currency_than_the_books(self):
        mill = self._create_arrangement(
            self._create_company_partner("Mill"), currency_id=self.usd.id, limit_amount=200
        )
        dora = self._create_member("Dora", mill, by_default=False)
        in_euro, in_dollar = self._sell(dora, 100), self._sell(dora, 100, currency_id=self.usd.id)
        one = self.lists.browse(mill.action_make_list()["res_id"])
        one.action_mark_sent()
        self.assertEqual(one.amount, 99.99)
        with freeze_time("2026-03-26 09:00:00"):
            self.env["res.currency.rate"].create(
                {
                    "name": "2026-03-20",
                    "currency_id": self.usd.id,
                    "company_id": self.company_eur.id,
                    "rate": 1.9,
                }
            )
            self._pay(one)
        self.assertEqual(self._residuals(in_euro), [0, 33.33, 33.34])
        self.assertEqual(self._residuals(in_dollar), [0, 33.33, 33.34])
        self.assertEqual(self._balance(mill.employer_id), 0)
        self.assertTrue(all(one.transfer_id.line_ids.mapped("reconciled")))

    def test_undo(self):
        move = self._sell(self.anna, 90)
        one = self._make_list()
        self._pay(one)
        payment = one.payment_id
        one.action_undo_payment()
        self.assertEqual(one.state, "sent")
        self.assertEqual(self._residuals(move), [30, 30, 30])
        self.assertEqual(self._balance(self.employer), -30)
        credit = payment.move_id.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        dialog = self.env["partner.wage.deduction.payment"].create({"list_id": one.id})
        dialog.credit_ids = credit
        dialog.action_register()
        self.assertEqual(self._residuals(move), [0, 30, 30])
        self.assertEqual(self._balance(self.employer), 0)

    def test_undo_takes_back_what_was_told(self):
        """Who is responsible has one activity of a stopped member, with what it pays directly now."""
        self._sell(self.anna, 90)
        self._sell(self.ben, 60)
        one = self._make_list()
        self.anna._stop(TODAY, "Left the company")
        self.assertIn("60.00", self.anna.activity_ids.note)
        by_hand = self.anna.activity_schedule(
            "mail.mail_activity_data_todo", automated=False, user_id=self.user_accountant.id
        )
        for turn in range(2):
            self._pay(one, reason="Gone", Anna=0, Ben=20)
            self.env.invalidate_all()
            told = self.anna.activity_ids - by_hand
            self.assertEqual(len(told), 1, turn)
            self.assertIn("90.00", told.note)
            one.action_undo_payment()
            self.env.invalidate_all()
            told = self.anna.activity_ids - by_hand
            self.assertEqual(len(told), 1, turn)
            self.assertIn("60.00", told.note)
        self.assertTrue(by_hand.exists())

    def test_taking_a_list_back_tells_of_who_was_stopped(self):
        """Who was stopped is not on the list any more: what was listed is paid directly, too."""
        self._sell(self.anna, 90)
        self._sell(self.ben, 60)
        one = self._make_list()
        self.anna._stop(TODAY, "Left the company")
        self.assertIn("60.00", self.anna.activity_ids.note)
        one.action_draft()
        self.env.invalidate_all()
        self.assertEqual(one.line_ids.mapped("employee_name"), ["Ben"])
        self.assertEqual(self.anna.amount_direct, 90)
        self.assertEqual(len(self.anna.activity_ids), 1)
        self.assertIn("90.00", self.anna.activity_ids.note)
        self.assertFalse(self.ben.activity_ids)

    def test_only_once(self):
        self._sell(self.anna, 90)
        one = self._make_list()
        self._pay(one)
        with self._refused("in the state “Sent”"):
            one._register_payment(date(2026, 3, 10), journal=self.bank, amount=30)
        with self._refused("before the payment is registered"):
            one.line_ids.amount_paid = 1

    def test_random_months(self):
        """Half a year of sales, credit notes, lists and payments that differ: the books of everybody stay even."""
        rng = Random(20260310)
        members = self.anna + self.ben
        for name in ("Cleo", "Dora"):
            members += self._create_member(name, by_default=False)
        owed, refused, carried, received, settled = Counter(), 0, 0, 0, 0
        moves = []
        for month in range(3, 9):
            with freeze_time(datetime(2026, month, 10, 9)):
                today = date(2026, month, 10)
                for member in members:
                    for _number in range(rng.randint(0, 2)):
                        amount = rng.randint(1, 20_000) / 100
                        try:
                            with self.env.cr.savepoint():
                                moves.append(self._sell(member, amount, rng.randint(1, 5), date=today))
                        except UserError:
                            refused += 1
                        else:
                            owed[member] += amount
                move = rng.choice(moves)
                back = round(move.amount_residual / 3, 2)
                if back:
                    refund = move._reverse_moves([{"invoice_date": today}])
                    refund.invoice_line_ids.price_unit = back
                    refund.action_post()
                    owed[move.wage_member_id] -= back
                one = self._make_list()
                for line in one.line_ids:
                    self.assertLessEqual(line.amount, 100)
                    self.assertAlmostEqual(sum(line.item_ids.mapped("amount")), line.amount, 2)
                    self.assertAlmostEqual((line.amount or 0) + (line.amount_left or 0), line.amount_due, 2)
                    carried += line.amount_carried or 0
                    share = rng.choice((0, 0.37, 1, 1, 1, 1.2))
                    line.amount_paid = round(line.amount * share, 2)
                amount = round(sum(one.line_ids.mapped("amount_paid")) + rng.choice((0, 5)), 2)
                self._pay(one, reason="Differs", amount=amount)
                received += amount
                settled += one.amount_settled
                for line in one.line_ids:
                    owed[line.member_id] -= line.amount_settled or 0
                    self.assertLessEqual(line.amount_settled or 0, min(line.amount_paid, line.amount))
                if one.transfer_id:
                    self.assertTrue(all(one.transfer_id.line_ids.mapped("reconciled")))
            self.env.invalidate_all()
            for member in members:
                self.assertAlmostEqual(self._balance(member.partner_id), owed[member], 2)
                self.assertAlmostEqual(member.amount_open or 0, owed[member], 2)
            self.assertAlmostEqual(self._balance(self.employer), settled - received, 2)
        self.assertTrue(refused and carried and settled, "the months had all of it")

    # ------------------------------------------------------------------
    # Files
    # ------------------------------------------------------------------
    def test_excel(self):
        self._sell(self.anna, 100)
        self._sell(self.ben, 30)
        one = self._make_list().with_user(self.user_accountant)
        export = self.env["partner.export"].browse(int(one.action_export_excel()["url"].rsplit("/", 1)[1]))
        target = io.BytesIO()
        name = export.with_user(self.user_accountant)._write_excel(target)
        self.assertIn("Steel Works", name)
        book = openpyxl.load_workbook(target)
        rows = [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]
        self.assertEqual(rows[0][0], "Number")
        self.assertEqual(rows[1][:5], ["007", "Anna", 33.33, None, 33.33])
        self.assertEqual(rows[2][1:5], ["Ben", 10, None, 10])
        self.assertEqual(
            [row[1] for row in book.worksheets[1].iter_rows(values_only=True)][1:3], ["Anna", "Ben"]
        )

    def test_excel_of_two_currencies(self):
        """Amounts of several currencies are not added up, and each row tells its own."""
        mill = self._create_arrangement(
            self._create_company_partner("Mill"), currency_id=self.usd.id, limit_amount=200
        )
        dora = self._create_member("Dora", mill, by_default=False)
        self._sell(self.anna, 30, 1)
        self._sell(dora, 60, 1, currency_id=self.usd.id)
        lists = self._make_list() + self.lists.browse(mill.action_make_list()["res_id"])
        action = lists.with_user(self.user_accountant).action_export_excel()
        export = self.env["partner.export"].browse(int(action["url"].rsplit("/", 1)[1]))
        target = io.BytesIO()
        export.with_user(self.user_accountant)._write_excel(target)
        book = openpyxl.load_workbook(target)
        names, *rows = book.worksheets[1].iter_rows(values_only=True)
        self.assertEqual(
            sorted((row[0], row[2], row[4], row[8]) for row in rows),
            [("Mill", self.usd.name, "Dora", 60), ("Steel Works", self.eur.name, "Anna", 30)],
            "instalments tell the list and the currency, too",
        )
        names, *rows = book.worksheets[0].iter_rows(values_only=True)
        self.assertEqual(names[2], "Currency")
        # employee and amount to be deducted
        self.assertEqual(
            sorted((row[2], row[4], row[7]) for row in rows),
            [(self.eur.name, "Anna", 30), (self.usd.name, "Dora", 60)],
        )

    def test_answer_in_excel(self):
        """The file of the list comes back filled in."""
        self._sell(self.anna, 100)
        self._sell(self.ben, 60)
        one = self._make_list().with_user(self.user_accountant)
        target = io.BytesIO()
        export = self.env["partner.export"].browse(int(one.action_export_excel()["url"].rsplit("/", 1)[1]))
        export.with_user(self.user_accountant)._write_excel(target)

        def answer(raw=None, **cells):
            book = openpyxl.load_workbook(io.BytesIO(target.getvalue()))
            for cell, value in cells.items():
                book.worksheets[0][cell] = value
            filled = io.BytesIO()
            book.save(filled)
            if raw:
                filled = self._replace_in_parts(filled, *raw)
            dialog = self.env["partner.wage.deduction.answer"].with_user(self.user_accountant)
            dialog.create(
                {"list_id": one.id, "file": base64.b64encode(filled.getvalue()), "filename": "back.xlsx"}
            ).action_read()

        # Number, Employee, Due, From Earlier Lists, To Be Deducted, Above the Limit, Paid, Employer's Reason
        answer(G2=10.5, H2="Sick")
        self.assertRecordValues(
            one.line_ids, [{"amount_paid": 10.5, "note": "Sick"}, {"amount_paid": 20, "note": False}]
        )
        with self._refused("back.xlsx was not read: row 3: “twenty” of Ben is no amount"):
            answer(G2=1, G3="twenty")
        for number, shown in (("1e999", "inf"), ("9" * 400, "9+"), ("1e15", "1[0.]+")):
            with self._refused(f"row 3: “{shown}” of Ben is no amount"):
                answer(raw=(b"<v>4321</v>", f"<v>{number}</v>".encode()), G3=4321)
        with self._refused("row 3 is of nobody on the list"):
            answer(B3="Somebody")
        with self._refused("row 3 has Anna again"):
            answer(A3="007", B3="Anna")
        with self._refused("no columns"):
            answer(G1="Something")
        dialog = self.env["partner.wage.deduction.answer"].create(
            {"list_id": one.id, "file": PAPER, "filename": "back.doc"}
        )
        with self._refused("back.doc is no Excel file"):
            dialog.action_read()
        self.assertEqual(one.line_ids.mapped("amount_paid"), [10.5, 20], "nothing was half read")

    def _replace_in_parts(self, file, old, new):
        """The Excel file with other bytes in its parts."""
        changed = io.BytesIO()
        with zipfile.ZipFile(file) as source, zipfile.ZipFile(changed, "w") as target:
            for name in source.namelist():
                target.writestr(name, source.read(name).replace(old, new))
        return changed

    def test_pdf_and_mail(self):
        self._sell(self.anna, 100)
        one = self._make_list(send=False)
        action = one.action_send()
        self.assertEqual(one.state, "sent")
        html = (
            self.env["ir.actions.report"]
            ._render_qweb_html("partner_relations.report_wage_deduction_list", one.ids)[0]
            .decode()
        )
        for word in ("Steel Works", "Anna", "007", "33.33", "1 of 3"):
            self.assertIn(word, html)
        composer = self.env["mail.compose.message"].with_context(**action["context"]).create({})
        self.assertEqual(composer.partner_ids, self.employer)
        self.assertIn("33.33", composer.body)

    def test_header_injection(self):
        """An employer whose name has a line break, and a subject with one: the e-mail has no header of them."""
        self._sell(self.anna, 100)
        self.employer.name = EVIL
        action = self._make_list(send=False).action_send()
        composer = self.env["mail.compose.message"].with_context(**action["context"]).create({})
        self.assertEqual(composer.partner_ids, self.employer)
        composer.subject = EVIL
        _mails, messages = composer._action_send_mail()
        mails = self.env["mail.mail"].sudo().search([("mail_message_id", "in", messages.ids)])
        forged, count = find_forged(mails)
        self.assertFalse(forged)
        self.assertTrue(count)
