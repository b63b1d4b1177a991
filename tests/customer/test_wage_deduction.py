import doctest
import runpy
from datetime import date
from pathlib import Path

from psycopg2 import IntegrityError

from odoo import Command
from odoo.fields import Domain
from odoo.tests import Form, TransactionCase, freeze_time, tagged
from odoo.tools import mute_logger

from ...tools import wage_deduction
from ..jobs import run_job
from .deducting import PAPER, TODAY, DeductingCommon


@tagged("post_install", "-at_install")
class TestPayDays(TransactionCase):
    """When is deducted what; as plain functions."""

    def test_examples(self):
        failures, count = doctest.testmod(wage_deduction)
        self.assertEqual(failures, 0)
        self.assertGreater(count, 8)

    def test_days_follow_each_other(self):
        """Whatever the days: a pay day of each month, none twice, each after its cut-off day."""
        for cutoff_day in range(1, 32):
            for pay_day in range(1, 32):
                cutoff = date(2026, 1, 1)
                last = None
                for _month in range(14):
                    cutoff = wage_deduction.next_cutoff(cutoff, cutoff_day)
                    pay_date = wage_deduction.pay_date_of(cutoff, cutoff_day, pay_day)
                    self.assertGreaterEqual(pay_date, cutoff)
                    self.assertEqual(wage_deduction.cutoff_of(pay_date, cutoff_day, pay_day), cutoff)
                    self.assertEqual(wage_deduction.instalment_date(cutoff, cutoff_day, pay_day, 0), pay_date)
                    if last:
                        self.assertEqual(wage_deduction.day_of_month(last, pay_day, 1), pay_date)
                    last = pay_date
                    cutoff = date.fromordinal(cutoff.toordinal() + 1)


@tagged("post_install", "-at_install")
class TestWageDeduction(DeductingCommon):
    """Arrangements, members, and invoices that are split into instalments within the limits."""

    # ------------------------------------------------------------------
    # Arrangement and members
    # ------------------------------------------------------------------
    def test_activation_needs_contract_and_limit(self):
        draft = self._create_arrangement(
            self._create_company_partner("Mill"), activate=False, contract_file=False, contract_date=False
        )
        with self._refused("Mill.*the contract.*signed.*a limit"):
            draft.action_activate()
        draft.write({"contract_file": PAPER, "contract_date": "2026-03-01", "limit_percent": 20})
        draft.action_activate()
        self.assertEqual(draft.state, "active")

    def test_member_needs_consent(self):
        cleo = self._create_member("Cleo", activate=False, consent_file=False, consent_date=False)
        with self._refused(r"Cleo.*consent.*signed"):
            cleo.action_activate()
        self.assertEqual(cleo.state, "draft")
        move = self._sell(cleo, 30, post=False, deduct=False)
        with self._refused("Cleo is no active member"):
            move.action_pay_by_wage_deduction()

    def test_employee_of_the_employer_as_contact_is_refused(self):
        inside = self._create_person("Inside", self.employer)
        with self._refused("the debt of Steel Works"):
            self._create_member("Inside", partner=inside)

    def test_one_active_membership(self):
        other = self._create_arrangement(self._create_company_partner("Mill"), limit_amount=50)
        second = self._create_member("Anna", other, activate=False, partner=self.anna.partner_id)
        with (
            self.assertRaisesRegex(IntegrityError, "one_active"),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            second.action_activate()
            second.flush_recordset()
        self.anna._stop(date(2026, 3, 10), "Changes the employer")
        second.action_activate()
        self.assertEqual(second.state, "active")

    def test_percent_needs_the_wage(self):
        mill = self._create_arrangement(
            self._create_company_partner("Mill"), limit_percent=10, limit_amount=90
        )
        dora = self._create_member("Dora", mill, activate=False)
        with self._refused("enter the wage"):
            dora.action_activate()
        dora.wage = 800
        dora.action_activate()
        self.assertEqual(dora.limit, 80)
        dora.wage = 1000
        self.assertEqual(dora.limit, 90, "the lower of amount and share")
        dora.limit_amount = 200
        self.assertEqual(dora.limit, 100, "the member's own amount in place of that of the arrangement")
        with self._refused("wage of Dora"):
            dora.wage = False

    # ------------------------------------------------------------------
    # Instalments
    # ------------------------------------------------------------------
    def test_hundred_in_three(self):
        move = self._sell(self.anna, 100)
        self.assertEqual(
            self._instalments(move),
            [("2026-03-25", 33.33), ("2026-04-25", 33.33), ("2026-05-25", 33.34)],
        )
        self.assertTrue(move.no_followup, "payment reminders leave it out")

    def test_terms_are_used_again(self):
        first, second = self._sell(self.anna, 30), self._sell(self.ben, 60)
        self.assertEqual(first.invoice_payment_term_id, second.invoice_payment_term_id)
        self.assertFalse(first.invoice_payment_term_id.active, "nobody is to choose it by hand")
        other = self._sell(self.anna, 30, 2)
        self.assertNotEqual(other.invoice_payment_term_id, first.invoice_payment_term_id)
        self.assertEqual([amount for _due, amount in self._instalments(other)], [15, 15])
        terms = self.env["account.payment.term"].with_context(default_early_discount=True)
        self.assertFalse(terms._get_wage_term(self.company, 1, 3, 4).early_discount, "by a default of a call")

    def test_after_the_cutoff_day(self):
        self.assertEqual(self._instalments(self._sell(self.anna, 30, date="2026-03-20"))[0][0], "2026-03-25")
        self.assertEqual(self._instalments(self._sell(self.anna, 30, date="2026-03-21"))[0][0], "2026-04-25")

    def test_draft_follows_its_date(self):
        move = self._sell(self.anna, 90, post=False)
        move.invoice_date = "2026-03-21"
        self.assertEqual(self._instalments(move)[0][0], "2026-04-25")
        move.action_post()
        self.assertEqual([amount for _due, amount in self._instalments(move)], [30, 30, 30])

    # ------------------------------------------------------------------
    # Limits
    # ------------------------------------------------------------------
    def test_limit_border(self):
        self._sell(self.anna, 300)
        with self._refused(r"100\.01.*Anna.*100\.00.*already agreed.*limit.*100\.00"):
            self._sell(self.anna, 0.01, 1)
        self._sell(self.ben, 300)

    def test_limit_names_the_remedy(self):
        with self._refused(r"With 5 instalments it can"):
            self._sell(self.anna, 450)
        move = self._sell(self.anna, 450, 5)
        self.assertEqual([amount for _due, amount in self._instalments(move)], [90] * 5)

    def test_dialog_of_instalments(self):
        self._sell(self.anna, 60, 1)
        move = self._sell(self.anna, 250, post=False, deduct=False).with_user(self.user_accountant)
        action = move.action_choose_wage_instalments()
        dialog = self.env[action["res_model"]].with_user(self.user_accountant)
        with Form(dialog.with_context(**action["context"])) as form:
            self.assertEqual(form.instalments, 7, "60 are agreed, 35.71 fit")
            self.assertTrue(form.fits)
            form.instalments = 6
            self.assertFalse(form.fits)
            self.assertIn("101.67", form.preview)
            form.instalments = 7
        form.record.action_choose()
        self.assertEqual([amount for _due, amount in self._instalments(move)], [35.71] * 6 + [35.74])
        move.action_post()

    def test_limit_of_a_later_pay_day(self):
        """The first pay days are free, one later is not."""
        self._sell(self.anna, 100, 1, date="2026-04-21")  # due on May 25
        with self._refused(r"05/25/2026.*133\.34"):
            self._sell(self.anna, 100)

    def test_drafts_are_asked_when_posted(self):
        first, second = self._sell(self.anna, 200, post=False), self._sell(self.anna, 200, post=False)
        first.action_post()
        with self._refused(r"133\.34.*With 6 instalments"):
            second.action_post()
        self.assertEqual(first.state, "posted")

    def test_limit_grows_in_the_draft(self):
        move = self._sell(self.anna, 300, post=False)
        move.invoice_line_ids.price_unit = 300.01
        with self._refused("the limit is"):
            move.action_post()

    def test_stopped_member(self):
        move = self._sell(self.anna, 30, post=False)
        self.anna._stop(date(2026, 3, 10), "Asked for it")
        with self._refused("Anna.*not active"):
            move.action_post()
        move.action_pay_otherwise()
        self.assertFalse(move.invoice_payment_term_id.wage_pay_day)
        move.action_post()
        self.assertEqual(len(move._get_wage_instalments()), 1)

    def test_ends_before_the_last_instalment(self):
        self.anna._stop(date(2026, 5, 1), "Leaves in May")
        self.assertEqual(self.anna.state, "active")
        with self._refused("ends on 05/01/2026"):
            self._sell(self.anna, 30)
        self._sell(self.anna, 30, 2)

    def test_validity(self):
        self.arrangement.date_to = "2026-03-09"
        with self._refused("until 03/09/2026"):
            self._sell(self.anna, 30)

    def test_other_currency(self):
        """One dollar is half a euro: 600 dollars are 300 euros."""
        move = self._sell(self.anna, 600, currency_id=self.usd.id)
        self.assertEqual([amount for _due, amount in self._instalments(move)], [200, 200, 200])
        self.assertEqual(self.anna.amount_open, 300)
        with self._refused("the limit is"):
            self._sell(self.anna, 0.02, 1, currency_id=self.usd.id)

    def test_arrangement_in_a_third_currency(self):
        """The limit is in pounds, invoices in dollar and euro, the company's books in euro."""
        pound = self.env.ref("base.GBP")
        pound.active = True
        self.env["res.currency.rate"].create(
            {"name": "2000-01-01", "currency_id": pound.id, "company_id": self.company_eur.id, "rate": 0.8}
        )
        mill = self._create_arrangement(
            self._create_company_partner("Mill"), currency_id=pound.id, limit_amount=80
        )
        emil = self._create_member("Emil", mill, by_default=False)
        self._sell(emil, 150)  # 40 pounds a month
        self._sell(emil, 300, currency_id=self.usd.id)  # 40 pounds a month
        self.assertEqual(emil.amount_open, 240)
        with self._refused("the limit is"):
            self._sell(emil, 0.05, 1)

    def test_limit_follows_the_rate_of_the_day(self):
        self.env["res.currency.rate"].create(
            {
                "name": "2026-03-01",
                "currency_id": self.usd.id,
                "company_id": self.company_eur.id,
                "rate": 1.0,
            }
        )
        with self._refused("the limit is"):
            self._sell(self.anna, 600, currency_id=self.usd.id)
        self._sell(self.anna, 300, currency_id=self.usd.id)

    def test_posted_invoice(self):
        """Of an invoice that is in the books already the due date stays."""
        move = self._sell(self.anna, 80, deduct=False, invoice_date_due="2026-03-15")
        move.action_pay_by_wage_deduction()
        self.assertEqual(move.wage_member_id, self.anna)
        self.assertEqual(self._instalments(move), [("2026-03-15", 80)])
        big = self._sell(self.anna, 80, deduct=False, invoice_date_due="2026-03-15")
        with self._refused("Reset the invoice to draft"):
            big.action_pay_by_wage_deduction()

    def test_credit_note_reduces_the_next_instalments(self):
        move = self._sell(self.anna, 100)
        refund = move._reverse_moves([{"invoice_date": "2026-03-12"}])
        refund.invoice_line_ids.price_unit = 40
        refund.action_post()
        self.assertEqual(self._residuals(move), [0, 26.66, 33.34])
        self.assertEqual(self.anna.amount_open, 60)
        self.assertEqual(refund.amount_residual, 0)

    def test_credit_note_is_due_at_once(self):
        """As core makes it, whatever the customer's own terms are."""
        line = {"value": "percent", "value_amount": 100, "delay_type": "days_after", "nb_days": 30}
        terms = self.env["account.payment.term"].create({"name": "30", "line_ids": [Command.create(line)]})
        self.anna.partner_id.property_payment_term_id = terms
        move = self._sell(self.anna, 90)
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=move.ids)
            .create({"journal_id": move.journal_id.id, "date": TODAY})
        )
        refund = self.env["account.move"].browse(wizard.refund_moves()["res_id"])
        self.assertFalse(refund.invoice_payment_term_id)
        self.assertEqual(refund.invoice_date_due, TODAY)
        copied = move.copy()
        self.assertEqual(copied.invoice_payment_term_id, terms)

    def test_pay_day_in_terms_made_by_hand(self):
        """They know no pay day: the instalment is due as many days later as they say."""
        line = {"value": "percent", "value_amount": 100, "delay_type": "wage_pay_day", "nb_days": 10}
        terms = self.env["account.payment.term"].create(
            {"name": "By Hand", "line_ids": [Command.create(line)]}
        )
        self.assertEqual(terms.line_ids._get_due_date(date(2026, 3, 10)), date(2026, 3, 20))
        move = self._sell(self.anna, 90, deduct=False, invoice_payment_term_id=terms.id)
        self.assertEqual(self._instalments(move), [("2026-03-20", 90)])

    # ------------------------------------------------------------------
    # By default, copies, other customers
    # ------------------------------------------------------------------
    def test_by_default(self):
        self.anna.by_default = True
        move = self._sell(self.anna, 90, deduct=False, post=False)
        self.assertEqual(move.wage_member_id, self.anna)
        self.assertEqual(len(self._instalments(move)), 3)
        big = self._sell(self.anna, 900, deduct=False, post=False)
        self.assertFalse(big.wage_member_id)
        self.assertFalse(big.invoice_payment_term_id)
        note = big.message_ids.filtered(lambda message: "Not paid by wage deduction" in message.body)
        self.assertTrue(note)
        self.assertNotIn("100", note.body, "no amount of the limit, which may tell of the wage")

    def test_by_default_of_a_sale_order(self):
        self.anna.by_default = True
        order = self._create_order(
            [{"product_id": self.chair.id, "product_uom_qty": 1, "price_unit": 90}], self.anna.partner_id
        )
        move = order._create_invoices()
        self.assertEqual(move.wage_member_id, self.anna)

    def test_copy_and_other_customer(self):
        move = self._sell(self.anna, 90, post=False)
        copied = move.copy()
        self.assertFalse(copied.wage_member_id)
        self.assertFalse(copied.invoice_payment_term_id)
        with Form(move.with_user(self.user_accountant)) as form:
            form.partner_id = self.customer
        self.assertFalse(move.wage_member_id)
        self.assertFalse(move.invoice_payment_term_id.wage_pay_day)

    # ------------------------------------------------------------------
    # Paid otherwise
    # ------------------------------------------------------------------
    def _agree(self, days, company=None):
        """Terms of so many days, agreed with Anna in a company."""
        line = {"value": "percent", "value_amount": 100, "delay_type": "days_after", "nb_days": days}
        terms = self.env["account.payment.term"].create(
            {"name": f"{days}", "line_ids": [Command.create(line)]}
        )
        if company:
            self.anna.partner_id.with_company(company).property_payment_term_id = terms
        return terms

    def _pay_otherwise(self, move):
        """The instalments of a draft after all: as an accountant, whatever company the accountant is in."""
        user = self.user_accountant
        user.company_ids += self.company_usd
        user.company_id = self.company_usd
        companies = [self.company_usd.id, self.company_eur.id]
        move.with_user(user).with_context(allowed_company_ids=companies).action_pay_otherwise()
        move.action_post()
        return self._instalments(move)

    def test_paid_otherwise_is_due_as_any_invoice(self):
        self._agree(45, self.company_usd)
        move = self._sell(self.anna, 90, post=False)
        self.assertEqual(move.invoice_date_due, date(2026, 5, 25))
        self.assertEqual(self._pay_otherwise(move), [("2026-03-10", 90)])
        self.assertEqual(move.invoice_date_due, TODAY)

    def test_paid_otherwise_by_the_terms_of_the_customer(self):
        self._agree(45, self.company_usd)
        self._agree(30, self.company_eur)
        move = self._sell(self.anna, 90, post=False)
        self.assertEqual(self._pay_otherwise(move), [("2026-04-09", 90)])
        copied = move.with_company(self.company_usd).copy()
        self.assertEqual(copied.invoice_payment_term_id.name, "30")

    def test_paid_otherwise_by_the_terms_of_the_order(self):
        self._agree(30, self.company_eur)
        line = {"product_id": self.chair.id, "product_uom_qty": 1, "price_unit": 90}
        order = self._create_order([line], self.anna.partner_id, payment_term_id=self._agree(14).id)
        move = order._create_invoices()
        move.invoice_date = TODAY
        move.action_pay_by_wage_deduction()
        self.assertEqual(self._pay_otherwise(move), [("2026-03-24", 90)])

    def test_credit_note_of_an_order(self):
        """Core makes an invoice below zero, and a credit note of it, which is due at once, also after a stop."""
        self.anna.by_default = True
        order = self._create_order(
            [{"product_id": self.chair.id, "product_uom_qty": 10, "price_unit": 9}], self.anna.partner_id
        )
        order._create_invoices().action_post()
        order.order_line.product_uom_qty = 7
        refund = order._create_invoices(final=True)
        self.assertRecordValues(refund, [{"move_type": "out_refund", "wage_member_id": False}])
        self.assertFalse(refund.invoice_payment_term_id.wage_pay_day)
        self.anna._stop(TODAY, "Left")
        refund.action_post()
        self.assertEqual(self._instalments(refund), [("2026-03-10", -27)])

    def test_invoice_that_becomes_a_credit_note(self):
        move = self._sell(self.anna, 90, post=False)
        move.action_switch_move_type()
        self.assertFalse(move.wage_member_id)
        self.assertFalse(move.invoice_payment_term_id)
        self.assertEqual(move.invoice_date_due, TODAY)

    # ------------------------------------------------------------------
    # Stopping
    # ------------------------------------------------------------------
    def test_stop_makes_the_rest_the_employees_own(self):
        move = self._sell(self.anna, 90)
        due = self._instalments(move)
        dialog = self.env["partner.wage.deduction.stop"].create(
            {"member_id": self.anna.id, "reason": "Asked for it"}
        )
        self.assertIn("90.00", dialog.summary)
        self.assertIn(move.name, dialog.summary)
        dialog.action_stop()
        self.assertRecordValues(
            self.anna, [{"state": "stopped", "amount_direct": 90, "stop_reason": "Asked for it"}]
        )
        self.assertEqual(self._instalments(move), due, "due dates of posted invoices stay")
        self.assertFalse(move.no_followup, "payment reminders tell of it again")
        activity = self.anna.activity_ids
        self.assertEqual(activity.user_id, self.user_accountant)
        self.assertEqual(activity.date_deadline, date(2026, 3, 25))
        self.assertIn("90.00", activity.note)
        logs = self.env["partner.contact.log"].search([("partner_id", "=", self.anna.partner_id.id)])
        self.assertFalse(logs, "what the accountant has to do is no contact with the employee")

    def test_upgrade_forgets_contacts_of_a_stop(self):
        self._sell(self.anna, 90)
        self.anna._stop(TODAY, "Left")
        told = self.anna.activity_ids
        rest, todo = told.activity_type_id, self.env.ref("mail.mail_activity_data_todo")
        # as earlier versions left it
        told.activity_type_id = todo
        by_hand = self.anna.activity_schedule("mail.mail_activity_data_todo", automated=False)
        logs = self.env["partner.contact.log"]
        self.assertEqual(len(logs.search([("activity_id", "in", (told | by_hand).ids)])), 2)
        self.env.flush_all()
        script = Path(__file__).parents[2] / "migrations" / "19.0.1.16.0" / "post-wage_rest_in_log.py"
        runpy.run_path(str(script))["migrate"](self.env.cr, "19.0.1.15.0")
        self.env.invalidate_all()
        self.assertEqual((told.activity_type_id, by_hand.activity_type_id), (rest, todo))
        self.assertEqual(logs.search([("activity_id", "in", (told | by_hand).ids)]).activity_id, by_hand)

    def test_stop_on_a_later_day(self):
        self.anna._stop(date(2026, 3, 15), "Leaves")
        self.assertEqual(self.anna.state, "active")
        with freeze_time("2026-03-15 09:00:00"), self.enter_registry_test_mode():
            run_job(self.env, "ir_cron_wage_deduction")
        self.assertEqual(self.anna.state, "stopped")

    def test_consent_after_a_stop(self):
        self.anna._stop(date(2026, 3, 10), "Asked for it")
        with self._refused("a new consent"):
            self.anna.action_activate()
        self.anna.consent_date = "2026-03-10"
        self.anna.action_activate()
        self.assertFalse(self.anna.date_stop)

    def test_stop_of_the_arrangement(self):
        self._sell(self.anna, 90)
        self.arrangement._stop(date(2026, 3, 10), "Contract ended")
        self.assertEqual((self.anna + self.ben).mapped("state"), ["stopped", "stopped"])
        self.assertFalse(self.arrangement.next_cutoff)

    def test_queries_of_a_stop(self):
        """Who is responsible is told of all employees of an employer at once."""
        counts = []
        for turn, number in enumerate((2, 2, 20)):  # the first time fills caches
            employer = self._create_company_partner(f"Mill {turn}")
            arrangement = self._create_arrangement(employer, limit_amount=100)
            members = self.env["partner.wage.deduction.member"]
            for each in range(number):
                members += self._create_member(f"M{turn} {each}", arrangement, by_default=False)
                self._sell(members[-1], 90)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            members.with_user(self.user_accountant)._tell_rest()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(members.activity_ids.user_id, self.user_accountant)
            self.assertEqual(len(members.activity_ids), number)
            self.assertIn("90.00", members[-1].activity_ids.note)
        self.assertLess(counts[2] - counts[1], 6 * 18, counts)

    def test_merged_contacts(self):
        """Two contacts of one person, both with an active membership."""
        self._sell(self.anna, 90)
        twin = self._create_arrangement(self._create_company_partner("Mill"), limit_amount=50)
        double = self._create_member("Anna", twin, by_default=False)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.anna.partner_id + double.partner_id).ids, self.anna.partner_id)
        self.assertEqual(self.anna.state, "active")
        self.assertRecordValues(double, [{"state": "stopped", "partner_id": self.anna.partner_id.id}])

    def test_merged_contacts_with_one_employer(self):
        """Invoices of both are paid by the membership that remains."""
        double = self._create_member("Anna again", by_default=False)
        self._sell(self.anna, 30, 1)
        self._sell(double, 60, 1)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.anna.partner_id + double.partner_id).ids, self.anna.partner_id)
        self.assertEqual((self.anna.state, double.state), ("active", "stopped"))
        self.env.invalidate_all()
        self.assertEqual(self.anna.amount_open, 90)
        self.assertFalse(double.amount_open)

    def test_merged_employers(self):
        mill = self._create_arrangement(self._create_company_partner("Mill"), limit_amount=50)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        with self._refused("Stop one of them"):
            wizard._merge((self.employer + mill.employer_id).ids, self.employer)

    def test_activated_again(self):
        """The to-do of what was to be paid directly goes: the next list deducts it again."""
        self._sell(self.anna, 90)
        self.anna._stop(TODAY, "Left")
        self.assertTrue(self.anna.activity_ids)
        self.anna.write({"consent_date": "2026-03-11"})
        self.anna.action_activate()
        self.assertFalse(self.anna.activity_ids)

    def test_nobody_responsible_any_more(self):
        """The scheduler, which is nobody who reads, tells an accountant of the company."""
        self._sell(self.anna, 90)
        self.arrangement.user_id = self._create_user("wage_left", "account.group_account_invoice")
        self.arrangement.user_id.active = False
        self.anna._stop(date(2026, 3, 11), "Left")
        with freeze_time("2026-03-11 09:00:00"), self.enter_registry_test_mode():
            run_job(self.env, "ir_cron_wage_deduction")
        user = self.anna.activity_ids.user_id
        self.assertTrue(user.active, user.login)
        self.assertTrue(user.has_group("account.group_account_invoice"))
        self.assertIn(self.company_eur, user.company_ids)

    def test_what_the_employer_withholds_is_asked_of_nobody_else(self):
        """What is on a list that was sent, after a stop: no reminder, no rule."""
        move = self._sell(self.anna, 90)
        reminders = self.env["partner.payment.reminder"].sudo()
        rule = self.env["partner.mail.rule"].sudo()
        rule = rule.new({"company_id": self.company_eur.id, "trigger": "invoice_due", "audience": "customer"})
        with freeze_time("2026-03-20 09:00:00"):
            wage_list = self._make_list()
            self.assertEqual(wage_list.line_ids.filtered(lambda line: line.member_id == self.anna).amount, 30)
            self.anna._stop(date(2026, 3, 20), "Left")
        with freeze_time("2026-06-10 09:00:00"):
            self.env.flush_all()
            letter = reminders._find_due(self.company_eur)[self.anna.partner_id.id]
            self.assertEqual((letter["amount_open"], len(letter["lines"])), (60, 2))
            due = rule._find_invoice_due(Domain("id", "=", move.id), date(2026, 3, 1), date(2026, 6, 1))
            self.assertEqual(sorted(due), [(move.id, date(2026, 4, 25)), (move.id, date(2026, 5, 25))])
            # what is paid of it otherwise is not asked for either; a part that nobody withholds is
            item = move._get_wage_instalments()[0]
            wage_list.line_ids.item_ids.filtered(
                lambda one: one.move_line_id == item
            )._internal().amount_currency = 20
            self.env.flush_all()
            letter = reminders._find_due(self.company_eur)[self.anna.partner_id.id]
            self.assertEqual((letter["amount_open"], letter["lines"][0]["amount"]), (70, 10))
            wage_list.action_draft()
            self.env.flush_all()
            letter = reminders._find_due(self.company_eur)[self.anna.partner_id.id]
            self.assertEqual(letter["amount_open"], 90)

    def test_payment_reminders_leave_it_out(self):
        self._sell(self.anna, 90)
        reminders = self.env["partner.payment.reminder"].sudo()
        with freeze_time("2026-06-10 09:00:00"):
            self.env.flush_all()
            self.assertNotIn(self.anna.partner_id.id, reminders._find_due(self.company_eur))
            self.anna._stop(date(2026, 6, 10), "Left")
            self.env.flush_all()
            self.assertIn(self.anna.partner_id.id, reminders._find_due(self.company_eur))
