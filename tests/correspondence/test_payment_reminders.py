import doctest
from ast import literal_eval
from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.partner_relations.tools import payment_levels

from ..headers import EVIL, find_forged
from ..jobs import run_job
from ..mail_servers import Inbox
from .reminding import TODAY, RemindingCommon


@tagged("post_install", "-at_install")
class TestPaymentReminders(RemindingCommon):
    """Who is reminded of what, at which level; every border."""

    def test_examples_in_docstrings(self):
        failures, count = doctest.testmod(payment_levels)
        self.assertFalse(failures)
        self.assertGreater(count, 5)

    def test_letter_of_a_new_reminder(self):
        """A form without a level has no template to show."""
        self.assertFalse(self.env["partner.payment.reminder"].new({}).preview)

    # ------------------------------------------------------------------
    # Attacks
    # ------------------------------------------------------------------
    def test_header_injection(self):
        """A customer whose name has a line break: the letter has no header of it."""
        self.customer.name = EVIL
        self._owe(10)
        reminder = self._make()
        self.assertEqual(reminder.partner_id, self.customer)
        reminder._queue()
        self.assertEqual(reminder.recipient_id.name, EVIL)
        self.assertEqual(find_forged(reminder.mail_id), (set(), 1))

    def test_templates(self):
        """Who may not write templates puts no expression into the letter of a level, which the system renders."""
        self.env["res.config.settings"].create({"restrict_template_rendering": True}).execute()
        level = self.first.with_user(self.user_accountant)
        for user in (self.user_accountant, self.user_director):
            self.assertFalse(user.has_group("mail.group_mail_template_editor"))
            for values in (
                {"subject": "{{ object.env.user.password }}"},
                {"body_html": "<p><t t-out=\"object.env['res.users'].sudo().search([])\"/></p>"},
                {"email_from": "{{ object.company_id.email }}"},
            ):
                with (
                    self.subTest(user=user.login, values=values),
                    self.assertRaises(AccessError),
                    self.env.cr.savepoint(),
                ):
                    level.template_id.with_user(user).write(values)

    # ------------------------------------------------------------------
    # Levels
    # ------------------------------------------------------------------
    def test_borders_of_the_first_letter(self):
        for overdue, level in (
            (-4, self.levels.browse()),
            (-3, self.soon),
            (0, self.soon),
            (1, self.levels.browse()),
            (6, self.levels.browse()),
            (7, self.first),
            (200, self.first),
        ):
            with self.subTest(overdue=overdue):
                move = self._owe(overdue)
                self.assertEqual(self._due(), level)
                move.button_draft()

    def test_levels_rise_one_at_a_time(self):
        move = self._owe(100)
        self._told(move, self.first, 30)
        self.assertEqual(self._due(), self.second)
        self._told(move, self.second, 20)
        self.assertEqual(self._due(), self.last)
        self._told(move, self.last, 10)
        self.assertFalse(self._due(), "after the last level nothing more")

    def test_next_level_waits_for_its_day(self):
        move = self._owe(20)
        self._told(move, self.first, 10)
        self.assertFalse(self._due())
        second = self._owe(21, partner=self.customer2)
        self._told(second, self.first, 10)
        self.assertEqual(self._due(self.customer2), self.second)

    def test_days_between_letters(self):
        move = self._owe(100)
        told = self._told(move, self.first, 6)
        self.assertFalse(self._due(), "six days after the last letter")
        told._internal().sudo().date = TODAY - timedelta(days=7)
        self.assertEqual(self._due(), self.second)

    def test_the_letter_has_the_highest_level_and_all_that_is_open(self):
        old, new, future = self._owe(30), self._owe(8), self._owe(-20)
        self._told(old, self.first, 10)
        [reminder] = self._make()
        self.assertRecordValues(
            reminder,
            [
                {
                    "partner_id": self.customer.id,
                    "recipient_id": self.customer.id,
                    "user_id": self.user_sales.id,
                    "level_id": self.second.id,
                    "date": TODAY,
                    "state": "draft",
                    "amount_open": 300,
                    "amount_overdue": 200,
                    "days_overdue": 30,
                }
            ],
        )
        self.assertRecordValues(
            reminder.line_ids,
            [
                {"move_id": old.id, "days_overdue": 30, "bucket": "days_30", "level_id": self.second.id},
                {"move_id": new.id, "days_overdue": 8, "bucket": "days_30", "level_id": self.first.id},
                {"move_id": future.id, "days_overdue": -20, "bucket": "not_due", "level_id": False},
            ],
        )

    def test_instalments_by_their_own_dates(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "Halves",
                "company_id": self.company_eur.id,
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": days})
                    for days in (0, 60)
                ],
            }
        )
        self._create_invoice(
            [{"product_id": self.chair.id, "quantity": 1, "price_unit": 200}],
            date=TODAY - timedelta(days=10),
            invoice_payment_term_id=term.id,
        )
        [reminder] = self._make()
        self.assertRecordValues(
            reminder.line_ids,
            [
                {"days_overdue": 10, "amount": 100, "level_id": self.first.id},
                {"days_overdue": -50, "amount": 100, "level_id": False},
            ],
        )
        self.assertEqual((reminder.amount_overdue, reminder.amount_open), (100, 200))

    # ------------------------------------------------------------------
    # Who is left alone
    # ------------------------------------------------------------------
    def test_minimum_amount(self):
        self._owe(10, 100)
        self.company_eur.payment_reminder_minimum = 100.01
        self.assertFalse(self._due())
        self.company_eur.payment_reminder_minimum = 100
        self.assertEqual(self._due(), self.first)

    def test_unmatched_payments_and_credit_notes_are_deducted(self):
        self._owe(10, 100)
        self._create_invoice(
            [{"product_id": self.chair.id, "quantity": 1, "price_unit": 40}],
            date=TODAY,
            move_type="out_refund",
        )
        [reminder] = self._make()
        self.assertEqual((reminder.amount_open, reminder.amount_overdue), (60, 100))
        self.assertEqual(sorted(reminder.line_ids.mapped("amount")), [-40, 100])
        reminder.sudo().action_cancel()
        self._create_invoice(
            [{"product_id": self.chair.id, "quantity": 1, "price_unit": 60}],
            date=TODAY,
            move_type="out_refund",
        )
        self.assertFalse(self._due(), "nothing is owed in all")

    def test_partial_payment(self):
        move = self._owe(10, 100)
        self._pay(move, 30)
        [reminder] = self._make()
        self.assertEqual(reminder.line_ids.amount, 70)
        self._pay(move)
        self.assertFalse(self._due())

    def test_pauses_disputes_and_exclusions(self):
        move = self._owe(10)
        partner = self.customer.with_company(self.company_eur)
        for record, field, value, free in (
            (move, "reminder_dispute", "Broken leg", False),
            (move, "reminder_dispute", "Broken leg", ""),
            (move, "reminder_pause_until", TODAY, TODAY - timedelta(days=1)),
            (partner, "payment_reminder_pause_until", TODAY, TODAY - timedelta(days=1)),
            (partner, "payment_reminder_excluded", True, False),
            (partner, "active", False, True),
        ):
            with self.subTest(field):
                record[field] = value
                self.assertFalse(self._due())
                record[field] = free
                self.assertEqual(self._due(), self.first)
        move.no_followup = True
        self.assertFalse(self._due(), "Odoo's own mark counts too")

    def test_blocked_invoice(self):
        """Odoo says that it is not to be paid: nobody is reminded of it, and no order waits for it."""
        move = self._owe(60)
        move.action_toggle_block_payment()
        self.assertFalse(self._due())
        move.action_toggle_block_payment()
        self.assertEqual(self._due(), self.first)
        self._told(move, self.last, 10)
        self.assertEqual([*self.customer._get_payment_blocks(self.company_eur)], [self.customer])
        move.action_toggle_block_payment()
        self.assertFalse(self.customer._get_payment_blocks(self.company_eur))

    def test_exclusion_is_of_one_company(self):
        self._owe(10)
        self.customer.with_company(self.company_usd).payment_reminder_excluded = True
        self.assertEqual(self._due(), self.first)

    def test_two_companies_and_currencies(self):
        self._owe(10, 100, currency_id=self.usd.id)
        self._owe(10, 999, company=self.company_usd)
        [reminder] = self._make()
        self.assertEqual((reminder.company_id, reminder.amount_open), (self.company_eur, 50))
        self.assertEqual((reminder.line_ids.currency_id, reminder.line_ids.amount), (self.usd, 100))
        letter = reminder._get_letter()
        self.assertEqual([total["currency"] for total in letter["totals"]], ["USD"])

    def test_person_and_invoice_address(self):
        """One letter to the company, at the address of its invoices."""
        person = self._create_person("Person", self.customer, email="person@customer.example")
        books = self._create_person("Books", self.customer, email="books@customer.example", type="invoice")
        self._owe(10, partner=person)
        self._owe(20)
        [reminder] = self._make()
        self.assertEqual((reminder.partner_id, reminder.recipient_id), (self.customer, books))
        self.assertEqual(len(reminder.line_ids), 2)

    def test_invoice_address_of_another_company(self):
        """It is not told what is owed to this one."""
        books = self._create_person("Books", self.customer, email="books@customer.example", type="invoice")
        books.company_id = self.company_usd
        self._owe(10)
        self._owe(10, company=self.company_usd)
        self.assertEqual(self._make().recipient_id, self.customer)
        self.assertEqual(self._make(self.company_usd).recipient_id, books)

    def test_without_address(self):
        self.customer.email = False
        self._owe(10)
        [reminder] = self._make()
        self.assertEqual(reminder.state, "failed")
        self.assertIn(self.customer.name, reminder.problem)
        self.customer.email = "found@customer.example"
        reminder.with_user(self.user_accountant).action_approve()
        self.assertEqual((reminder.state, reminder.recipient_id), ("queued", self.customer))

    # ------------------------------------------------------------------
    # Review and sending
    # ------------------------------------------------------------------
    def test_once_a_day(self):
        self._owe(10)
        [reminder] = self._make()
        self.assertFalse(self._make())
        reminder.with_user(self.user_accountant).action_cancel()
        self.assertFalse(self._make(), "who was left out today is not asked about again today")

    def test_accountant_finds_reviews_and_sends(self):
        move = self._owe(10)
        self._owe(40, partner=self.customer2)
        accountant = self.reminders.with_user(self.user_accountant)
        action = accountant.action_find_due()
        self.assertEqual(action["res_model"], "partner.payment.reminder")
        mine = accountant.search([("state", "=", "draft")])
        self.assertEqual(mine.partner_id, self.customer + self.customer2)
        one = mine.filtered(lambda reminder: reminder.partner_id == self.customer)
        one.note = "Please call <b>me</b>"
        self.assertIn("Please call &lt;b&gt;me&lt;/b&gt;", one.preview)
        self.assertIn(move.name, one.preview)
        one.action_approve()
        mail = one.sudo().mail_id
        self.assertEqual((one.state, mail.state), ("queued", "outgoing"))
        self.assertEqual(mail.recipient_ids, self.customer)
        self.assertEqual(mail.email_from, self.company_eur.email_formatted)
        self.assertIn("Please call", mail.body_html)
        self.assertEqual(move.reminder_level_id, self.first)
        self.assertIn("First Reminder", " ".join(move.message_ids.mapped("body")))
        self.assertEqual(self.customer.payment_reminder_count, 1)
        with self.assertRaises(UserError):
            one.note = "Too late"
        with self.assertRaises(UserError):
            one.unlink()
        with self.assertRaisesRegex(UserError, "was used in reminders"):
            self.first.unlink()

    def test_paid_before_the_approval(self):
        move, other = self._owe(10), self._owe(12, 50)
        [reminder] = self._make()
        self._pay(move)
        reminder.action_approve()
        self.assertEqual((reminder.state, reminder.amount_open), ("queued", 50))
        self.assertEqual(reminder.line_ids.move_id, other)
        paid = self._owe(10, partner=self.customer2)
        [reminder] = self._make()
        self._pay(paid)
        reminder.action_approve()
        self.assertEqual(reminder.state, "cancelled")
        self.assertFalse(reminder.mail_id)

    def test_excluded_before_the_approval_and_while_the_letter_waits(self):
        """Who is paused, excluded or archived meanwhile is not sent what was written before."""
        partner = self.customer.with_company(self.company_eur)
        for field, value, free in (
            ("payment_reminder_pause_until", TODAY, False),
            ("payment_reminder_excluded", True, False),
            ("active", False, True),
        ):
            for waits in (False, True):
                with self.subTest(field=field, waits=waits):
                    move = self._owe(10)
                    [reminder] = self._make()
                    if waits:
                        reminder.action_approve()
                    partner[field] = value
                    self.env.flush_all()
                    if waits:
                        mail = reminder.mail_id
                        self.assertEqual(mail._cancel_settled(), mail)
                        self.assertEqual(mail.state, "cancel")
                    else:
                        reminder.action_approve()
                        self.assertFalse(reminder.mail_id)
                    self.assertEqual(reminder.state, "cancelled")
                    self.assertIn("no payment reminders", reminder.problem)
                    partner[field] = free
                    move.button_draft()
                    reminder.unlink()

    def test_paid_while_the_letter_waits(self):
        """Between the queue and the mail server: a letter about what is paid is not sent, others are written anew."""
        move, other = self._owe(10), self._owe(12, 50)
        gone = self._owe(10, partner=self.customer2)
        reminders = self._make()
        reminders.action_approve()
        mails = reminders.mail_id
        self.assertEqual(len(mails), 2)
        self._pay(move)
        self._pay(gone)
        mine = reminders.filtered(lambda reminder: reminder.partner_id == self.customer)
        self.assertIn(move.name, mine.mail_id.body_html)
        inbox = Inbox.open_for(type(self))
        inbox.take_over(self.env)
        with inbox.sending(self.env):
            mails.send()
        self.assertEqual((mine.state, (reminders - mine).state), ("sent", "cancelled"))
        self.assertNotIn(move.name, mine.mail_id.body_html)
        self.assertIn(other.name, mine.mail_id.body_html)
        self.assertEqual(dict(inbox.received), {"pays@customer.example": 1})

    @mute_logger("odoo.addons.mail.models.mail_mail")
    def test_mail_server_that_is_away(self):
        """It is tried again for a day, and told as failed then."""
        self._owe(10)
        [reminder] = self._make()
        reminder.action_approve()
        inbox = Inbox()  # nobody listens there
        inbox.take_over(self.env)
        mail = reminder.mail_id
        with inbox.sending(self.env):
            mail.send()
        self.assertEqual((reminder.state, mail.state), ("queued", "outgoing"))
        # SQL: the moment of writing is not written by the ORM
        self.env.cr.execute(
            "UPDATE mail_mail SET create_date = %s WHERE id = %s",
            [fields.Datetime.now() - timedelta(hours=25), mail.id],
        )
        mail.invalidate_recordset(["create_date"])
        with inbox.sending(self.env):
            mail.send()
        self.assertEqual(reminder.state, "failed")
        self.assertTrue(reminder.problem)
        self.assertEqual(self._due(), self.levels.browse(), "it waits to be tried again")
        reminder.action_approve()
        self.assertEqual(reminder.state, "queued")

    def test_language_of_the_recipient(self):
        self.env["res.lang"]._activate_lang("vi_VN")
        self.customer.lang = "vi_VN"
        template = self.first.template_id
        template.with_context(lang="vi_VN").subject = "Nhắc thanh toán {{ object.partner_id.name }}"
        self.first.with_context(lang="vi_VN").name = "Nhắc lần một"
        self._owe(10)
        [reminder] = self._make()
        template.with_context(lang="vi_VN").body_html = "<p>Kính gửi</p>"
        self.assertEqual(reminder.preview, "<p>Kính gửi</p>", "in the language it will be sent in")
        reminder.action_approve()
        self.assertEqual(reminder.mail_id.subject, f"Nhắc thanh toán {self.customer.name}")

    def test_activity(self):
        self.last.activity_user_id = self.user_accountant
        for partner, level in ((self.customer, self.second), (self.customer2, self.second)):
            move = self._owe(60, partner=partner)
            self._told(move, level, 20)
        self._make().action_approve()
        activities = self.env["mail.activity"].search([("res_model", "=", "res.partner")])
        mine = activities.filtered(lambda activity: activity.res_id in (self.customer + self.customer2).ids)
        self.assertEqual(mine.user_id, self.user_accountant)
        self.assertEqual(len(mine), 2)

    def test_activity_of_a_letter_that_is_sent_again(self):
        self.last.activity_user_id = self.user_accountant
        self._told(self._owe(60), self.second, 20)
        [reminder] = self._make()
        for _time in range(2):
            reminder.action_approve()
            self.assertEqual((reminder.state, reminder.level_id), ("queued", self.last))
            reminder._mark_sent("refused")
        domain = [("res_model", "=", "res.partner"), ("res_id", "=", self.customer.id)]
        self.assertEqual(len(self.env["mail.activity"].search(domain)), 1)

    def test_refused_letter_is_replaced(self):
        """Core's button on the mail that failed sends nothing beside the letter that was approved again."""
        self._owe(60)
        [reminder] = self._make()
        reminder.action_approve()
        refused = reminder.mail_id
        refused.state = "exception"
        reminder._mark_sent("refused")
        reminder.action_approve()
        self.assertEqual((refused.state, reminder.mail_id.state), ("cancel", "outgoing"))
        self.assertNotEqual(refused, reminder.mail_id)

    def test_attached_invoices(self):
        self.levels.attach_invoices = True
        move, future = self._owe(10), self._owe(-20)
        attachment = self.env["ir.attachment"].create(
            {
                "name": "invoice.pdf",
                "raw": b"%PDF-1.4",
                "res_model": "account.move",
                "res_id": move.id,
                "res_field": "invoice_pdf_report_file",
            }
        )
        move.invalidate_recordset(["invoice_pdf_report_id"])
        [reminder] = self._make()
        reminder.action_approve()
        self.assertEqual(reminder.mail_id.attachment_ids, attachment)
        self.assertEqual(
            literal_eval(reminder.mail_id.headers),
            {"Auto-Submitted": "auto-generated"},
            "no program answers it",
        )
        self.assertIn(future, reminder.line_ids.move_id, "listed, not attached")

    def test_attached_invoice_that_is_paid_while_the_letter_waits(self):
        """The letter that is written anew has the files of what is open still."""
        self.levels.attach_invoices = True
        paid, other = self._owe(10), self._owe(12, 50)
        attachments = self.env["ir.attachment"].create(
            [
                {
                    "name": "invoice.pdf",
                    "raw": b"%PDF-1.4",
                    "res_model": "account.move",
                    "res_id": move.id,
                    "res_field": "invoice_pdf_report_file",
                }
                for move in (paid, other)
            ]
        )
        (paid + other).invalidate_recordset(["invoice_pdf_report_id"])
        [reminder] = self._make()
        reminder.action_approve()
        mail = reminder.mail_id
        self.assertEqual(mail.attachment_ids, attachments)
        self._pay(paid)
        self.env.flush_all()
        self.assertFalse(mail._cancel_settled())
        self.assertNotIn(paid.name, mail.body_html)
        self.assertEqual(mail.attachment_ids, attachments[1])

    def test_receiver_archived_before_the_letter_goes(self):
        """The customer gets it, as one made now."""
        books = self._create_person("Books", self.customer, email="books@customer.example", type="invoice")
        self._owe(10)
        [reminder] = self._make()
        self.assertEqual(reminder.recipient_id, books)
        books.active = False
        reminder.action_approve()
        self.assertEqual((reminder.state, reminder.recipient_id), ("queued", self.customer))
        self.assertEqual(reminder.mail_id.recipient_ids, self.customer)

    def test_receiver_who_is_no_longer_told(self):
        """Who went to another customer, or was given to another company, while the letter was under review."""
        for values in {"parent_id": self.customer2.id}, {"company_id": self.company_usd.id}:
            with self.subTest(values=values):
                books = self._create_person(
                    "Books", self.customer, email="books@customer.example", type="invoice"
                )
                self._owe(10)
                [reminder] = self._make()
                self.assertEqual(reminder.recipient_id, books)
                books.write(values)
                reminder.action_approve()
                self.assertEqual((reminder.state, reminder.recipient_id), ("queued", self.customer))
                self.assertEqual(reminder.mail_id.recipient_ids, self.customer)
                reminder.action_cancel()
                reminder._internal().date -= timedelta(days=1)

    @mute_logger("odoo.addons.mail.models.mail_mail")
    def test_receiver_deleted_while_the_letter_waits(self):
        """It is told as failed, not as sent."""
        books = self._create_person("Books", self.customer, email="books@customer.example", type="invoice")
        self._owe(10)
        [reminder] = self._make()
        reminder.action_approve()
        self.assertEqual(reminder.recipient_id, books)
        books.unlink()
        inbox = Inbox.open_for(type(self))
        inbox.take_over(self.env)
        with inbox.sending(self.env):
            reminder.mail_id.send()
        self.assertFalse(inbox.received)
        self.assertEqual(reminder.state, "failed")
        self.assertTrue(reminder.problem)
        reminder.action_approve()
        self.assertEqual((reminder.state, reminder.recipient_id), ("queued", self.customer))

    def test_printed_invoices_of_a_letter_that_is_written_anew(self):
        """What was printed for it goes with it; nothing is left that belongs to no letter."""
        self.levels.attach_invoices = True
        paid = self._owe(12)
        self._owe(12, 50)
        self._owe(12, partner=self.customer2)
        files = self.env["ir.attachment"]
        reports = self.registry["ir.actions.report"]
        with patch.object(reports, "_render_qweb_pdf", return_value=(b"%PDF-1.4", "pdf")):
            reminders = self._make()
            reminders.action_approve()
            reminder = reminders.filtered(lambda one: one.partner_id == self.customer)
            other = (reminders - reminder).mail_id.attachment_ids
            self.assertEqual(len(reminder.mail_id.attachment_ids), 2)
            self._pay(paid)
            self.env.flush_all()
            self.assertFalse(reminder.mail_id._cancel_settled())
        mine = [("res_model", "=", reminder._name), ("res_id", "=", reminder.id)]
        self.assertEqual(len(reminder.mail_id.attachment_ids), 1)
        self.assertEqual(files.search(mine), reminder.mail_id.attachment_ids)
        self.assertEqual(len(other.exists()), 1)
        self.assertFalse(files.search([("res_model", "=", reminder._name), ("res_id", "=", 0)]))

    def test_merged_customers_with_letters_of_one_day(self):
        """They are merged all the same: what was sent stays told, and of what waits one letter tells all."""
        move, other = self._owe(40), self._owe(40, partner=self.customer2)
        kept, moved = self._told(move, self.first, 8), self._told(other, self.second, 8)
        drafts = self._make()
        self.assertEqual(drafts.partner_id, self.customer + self.customer2)
        double = drafts.filtered(lambda reminder: reminder.partner_id == self.customer2)
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            (self.customer + self.customer2).ids, self.customer
        )
        self.assertEqual((kept + moved + drafts).partner_id, self.customer)
        self.assertEqual((kept.date, moved.date), (TODAY - timedelta(days=8), TODAY - timedelta(days=9)))
        self.assertEqual((kept + moved).mapped("state"), ["sent", "sent"])
        self.assertEqual((double.state, (drafts - double).state), ("cancelled", "draft"))
        self.assertEqual(other.reminder_level_id, self.second)
        (drafts - double).action_approve()
        self.assertRecordValues(
            (drafts - double).line_ids,
            [
                {"move_id": move.id, "level_id": self.second.id},
                {"move_id": other.id, "level_id": self.last.id},
            ],
        )

    def test_merged_customers_with_letters_that_wait(self):
        """Of letters that wait since different days one is left, which tells all: a customer has one on a day."""
        moves = self._owe(10) + self._owe(10, partner=self.customer2)
        drafts = self._make()
        double = drafts.filtered(lambda reminder: reminder.partner_id == self.customer2)
        double._internal().date = TODAY - timedelta(days=1)
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            (self.customer + self.customer2).ids, self.customer
        )
        self.assertEqual((double.state, (drafts - double).state), ("cancelled", "draft"))
        (drafts - double).action_approve()
        self.assertEqual((drafts - double).state, "queued")
        self.assertEqual((drafts - double).line_ids.move_id, moves)

    def test_merged_customers_of_whom_one_has_a_letter_of_today(self):
        """What waits since yesterday for the other cannot go today either: it would be a second one of the day."""
        self._owe(10, partner=self.customer2)
        [double] = self._make()
        double._internal().date = TODAY - timedelta(days=1)
        sent = self._told(self._owe(40), self.first, 0)
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            (self.customer + self.customer2).ids, self.customer
        )
        self.assertEqual((sent.state, sent.date, double.state), ("sent", TODAY, "cancelled"))

    def test_merged_customers_whose_letters_are_queued(self):
        """One of the letters goes, about all that is open; the other is taken out of the queue."""
        for partner in (self.customer, self.customer2):
            self._owe(10, partner=partner)
        reminders = self._make()
        reminders.action_approve()
        gone = reminders.filtered(lambda reminder: reminder.partner_id == self.customer2)
        mail = gone.mail_id
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            (self.customer + self.customer2).ids, self.customer
        )
        self.assertEqual((gone.state, mail.state), ("cancelled", "cancel"))
        self.assertEqual(((reminders - gone).state, (reminders - gone).mail_id.state), ("queued", "outgoing"))

    # ------------------------------------------------------------------
    # Scheduler
    # ------------------------------------------------------------------
    def test_scheduler_by_mode(self):
        self._owe(10)
        for mode, states in (("off", []), ("review", ["draft"]), ("automatic", ["queued"])):
            with self.subTest(mode), self.enter_registry_test_mode():
                self.company_eur.payment_reminder_mode = mode
                run_job(self.env, "ir_cron_payment_reminder")
                found = self.reminders.search([("company_id", "=", self.company_eur.id)])
                self.assertEqual(found.mapped("state"), states)

    def test_statements_do_not_depend_on_customers(self):
        partners = self.env["res.partner"].create(
            [
                {"name": f"Owes {number}", "is_company": True, "email": f"o{number}@x.example"}
                for number in range(20)
            ]
        )
        self._owe(10, partner=partners[0])
        self.env.flush_all()
        self.env.invalidate_all()
        self.reminders.sudo()._find_due(self.company_eur)
        with self.assertQueryCount(12):
            self.env.invalidate_all()
            self.reminders.sudo()._find_due(self.company_eur)
        for partner in partners[1:]:
            self._owe(10, partner=partner)
        self.env.flush_all()
        with self.assertQueryCount(12):
            self.env.invalidate_all()
            self.assertEqual(len(self.reminders.sudo()._find_due(self.company_eur)), 20)

    # ------------------------------------------------------------------
    # Orders
    # ------------------------------------------------------------------
    def test_orders_are_warned_about_and_blocked(self):
        salesman = self.env.ref("sales_team.group_sale_salesman")
        self.user_sales.group_ids += salesman
        manager = self._create_user(
            "reminder_manager",
            "sales_team.group_sale_manager",
            company_id=self.company_eur.id,
            company_ids=[Command.set(self.company_eur.ids)],
        )
        move = self._owe(60)
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "user_id": self.user_sales.id,
                "order_line": [Command.create({"product_id": self.chair.id, "product_uom_qty": 1})],
            }
        )
        self.assertFalse(order.payment_block)
        self._told(move, self.second, 20)
        order.invalidate_recordset()
        self.assertEqual(order.payment_block, "warn")
        self._told(move, self.last, 10)
        order.invalidate_recordset()
        self.assertEqual(order.payment_block, "block")
        mine = order.with_user(self.user_sales)
        with self.assertRaisesRegex(UserError, self.customer.name):
            mine.action_confirm()
        with self.assertRaises(AccessError):
            mine.payment_block_override = "I want to"
        by_default = mine.with_context(default_payment_block_override="I want to").create(
            {"partner_id": self.customer.id, "user_id": self.user_sales.id}
        )
        self.assertFalse(by_default.payment_block_override)
        for past_the_button in (
            lambda: mine.write({"state": "sale"}),
            lambda: mine.write({"state": "cancel"}) and mine.write({"state": "sale"}),
            lambda: mine.create(
                {
                    "partner_id": self.customer.id,
                    "user_id": self.user_sales.id,
                    "company_id": order.company_id.id,
                    "state": "sale",
                }
            ),
        ):
            with self.assertRaisesRegex(UserError, self.customer.name), self.env.cr.savepoint():
                past_the_button()
        self.assertEqual(order.state, "draft")
        order.with_user(manager).payment_block_override = "Pays tomorrow"
        self.assertIn("Pays tomorrow", " ".join(order.message_ids.mapped("body")))
        mine.action_confirm()
        self.assertEqual(order.state, "sale")
        other = order.copy()
        self._pay(move)
        other.invalidate_recordset()
        self.assertFalse(other.payment_block, "paid: nothing stands in the way")
        other.with_user(self.user_sales).action_confirm()

    def _pay_without_entry(self, move, amount=None):
        """As where an accounting application matches payments: there is no journal entry until then."""
        journal = self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", move.company_id.id)], limit=1
        )
        journal.inbound_payment_method_line_ids.payment_account_id = False
        with patch.object(
            type(self.env["account.move"]), "_get_invoice_in_payment_state", lambda move: "in_payment"
        ):
            payment = self._pay(move, amount)
            self.assertEqual((payment.state, move.payment_state), ("in_process", "in_payment"))
        self.assertFalse(payment.move_id)

    def test_payments_without_entry_are_deducted(self):
        move = self._owe(60, 100)
        self.assertEqual(self._due(), self.first)
        self._told(move, self.last, 10)
        self.assertTrue(self.customer._get_payment_blocks(self.company_eur))
        self._owe(60, 30, partner=self.customer2)
        self._pay_without_entry(move)
        self.assertFalse(self._due())
        self.env.flush_all()
        self.assertFalse(self.customer._get_payment_blocks(self.company_eur))
        self._owe(5, 30)
        self.env.flush_all()
        self.assertFalse(self.customer._get_payment_blocks(self.company_eur), "what was told is paid")
        self.assertEqual(self._due(self.customer2), self.first)

    def test_part_paid_without_entry(self):
        move = self._owe(60, 100)
        self._pay_without_entry(move, 40)
        self.env.flush_all()
        letters = self.reminders.sudo()._find_due(self.company_eur)
        self.assertEqual(letters[self.customer.id]["amount_overdue"], 60)
        self._told(move, self.last, 10)
        [(_level, _letter, amount)] = self.customer._get_payment_blocks(self.company_eur).values()
        self.assertEqual(amount, 60)

    def test_payment_without_entry_pays_the_first_instalment(self):
        terms = self.env["account.payment.term"].create(
            {
                "name": "Halves",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": days})
                    for days in (0, 30)
                ],
            }
        )
        line = {"product_id": self.chair.id, "quantity": 1, "price_unit": 100}
        move = self._create_invoice(
            [line], date=TODAY - timedelta(days=20), invoice_payment_term_id=terms.id, currency_id=self.usd.id
        )
        self.assertEqual(self._due(), self.first)
        self._pay_without_entry(move, 50)
        self.assertFalse(self._due())
        [items] = self.reminders.sudo()._read_open_items(self.company_eur).values()
        self.assertEqual([(item["amount"], item["amount_company"]) for item in items], [(50, 25)])

    def test_level_is_told_once_though_its_days_change(self):
        move = self._owe(16)
        self._told(move, self.first, 9)
        self.assertFalse(self._due())
        self.first.days = 10
        self.assertFalse(self._due())
        self.first.days = 5
        self.assertFalse(self._due())
        self.second.days = 15
        self.assertEqual(self._due(), self.second)

    def test_levels_told_are_swapped(self):
        self._told(self._owe(30), self.first, 20)
        self.first.days = 22
        self.second.days = 8
        self.assertFalse(self._due(), "no level comes after a later one")

    def _order_online(self, **values):
        """A quotation in the portal, of a customer who was told the last level."""
        self._told(self._owe(60), self.last, 10)
        return self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "user_id": self.user_sales.id,
                "company_id": self.company_eur.id,
                "state": "sent",
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.chair.id,
                            "product_uom_qty": 1,
                            "price_unit": 70,
                            "tax_ids": False,
                        }
                    )
                ],
                **values,
            }
        )

    def _pay_online(self, order, is_reserved=False):
        """Core's end of an online payment, as its scheduled job has it; reserved first and received afterwards."""
        provider = self.env["payment.provider"].create(
            {"name": "Test", "code": "none", "state": "test", "company_id": order.company_id.id}
        )
        method = self.env.ref("payment.payment_method_unknown")
        payment = self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": method.id,
                "reference": order.name,
                "amount": order.amount_total,
                "currency_id": order.currency_id.id,
                "partner_id": order.partner_id.id,
                "operation": "online_direct",
                "state": "done",
                "sale_order_ids": [Command.set(order.ids)],
            }
        )
        if is_reserved:
            # SQL: providers that reserve come with addons of their own
            self.env.flush_all()
            self.env.execute_query(
                SQL(
                    "UPDATE payment_transaction SET state = 'authorized' WHERE id = %s RETURNING id",
                    payment.id,
                )
            )
            payment.invalidate_recordset(["state"])

        def book(payment):
            payment.payment_id = self.env["account.payment"].create(
                {
                    "amount": payment.amount,
                    "partner_id": payment.partner_id.id,
                    "payment_type": "inbound",
                    "company_id": payment.company_id.id,
                }
            )

        with patch.object(type(payment), "_create_payment", book):
            payment._post_process()
            if is_reserved:
                payment.state = "done"
                payment._post_process()
        return payment

    def assertLeftUnconfirmed(self, order):
        self.assertEqual(order.state, "sent")
        notes = order.message_ids.filtered(lambda message: self.last.name in (message.body or ""))
        self.assertEqual(notes.subtype_id, self.env.ref("mail.mt_note"))
        self.assertEqual(order.activity_ids.user_id, self.user_sales)
        told = self.env["partner.contact.log"].search([("activity_id", "in", order.activity_ids.ids)])
        self.assertFalse(told, "that somebody is to look at it is no contact")
        for customer in order.website_message_ids:
            self.assertNotRegex(customer.body, "100|overdue|manager")
        self.assertIn("get in touch", "".join(order.website_message_ids.mapped("body")))

    def test_online_payment_of_a_blocked_order_is_booked(self):
        order = self._order_online()
        payment = self._pay_online(order)
        self.assertTrue(payment.payment_id)
        self.assertTrue(payment.is_post_processed)
        self.assertLeftUnconfirmed(order)

    def test_online_payment_is_told_once(self):
        """Also where it is reserved first and received afterwards."""
        order = self._order_online()
        self.assertTrue(self._pay_online(order, is_reserved=True).payment_id)
        self.assertLeftUnconfirmed(order)
        self.assertEqual("".join(order.website_message_ids.mapped("body")).count("get in touch"), 1)
        self.assertEqual("".join(order.message_ids.mapped("body")).count("ordered online"), 1)

    def test_online_payment_confirms_other_orders(self):
        order = self._order_online(partner_id=self.customer2.id)
        self.assertTrue(self._pay_online(order).payment_id)
        self.assertEqual(order.state, "sale")
        self.assertFalse(order.activity_ids)

    def test_signature_of_a_blocked_order_is_kept(self):
        order = self._order_online(require_signature=True, require_payment=False)
        public = self.env.ref("base.public_user")
        order.with_user(public).sudo().write(
            {"signed_by": "Mai", "signature": b"R0lGODlhAQABAAD/ACwAAAAAAQABAAACADs="}
        )
        order.with_user(public).sudo()._validate_order()
        self.assertTrue(order.signature)
        self.assertLeftUnconfirmed(order)

    def test_unmatched_payments_lift_the_block(self):
        """Who paid may order before the accountant has matched it; what is due besides is still told."""

        def get_amount():
            self.env.flush_all()
            block = self.customer._get_payment_blocks(self.company_eur).get(self.customer)
            return block and block[2]

        def take_back(amount):
            line = {"product_id": self.chair.id, "quantity": 1, "price_unit": amount}
            self._create_invoice([line], date=TODAY, move_type="out_refund")

        self._told(self._owe(60, 100), self.last, 10)
        self.assertEqual(get_amount(), 100)
        take_back(40)
        self.assertEqual(get_amount(), 60)
        self._owe(5, 30)
        self.assertEqual(get_amount(), 90, "for which invoice it was, nobody said")
        self._owe(1, 500)
        self.assertEqual(get_amount(), 100, "not more than what was told")
        self._owe(0, 500)
        self.assertEqual(get_amount(), 100)
        take_back(589.99)
        self.assertAlmostEqual(get_amount(), 0.01)
        take_back(0.01)
        self.assertIsNone(get_amount())

    def test_open_items_are_read_once_for_all_blocks(self):
        partners = self.env["res.partner"].create([{"name": f"Owes {number}"} for number in range(20)])
        for partner in partners:
            self._told(self._owe(60, partner=partner), self.last, 10)
        counts = []
        for part in (partners[:1], partners):
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            self.assertEqual(len(part._get_payment_blocks(self.company_eur)), len(part))
            counts.append(self.env.cr.sql_log_count - start)
        self.assertEqual(*counts)

    def test_form_of_a_company_that_is_not_ones_own(self):
        """A client may name any customer and company in a form: it is told what is owed to the own companies alone."""
        self._told(self._owe(60), self.last, 10)
        seller = "sales_team.group_sale_salesman_all_leads"
        colleague, stranger = (
            self._create_user(
                f"reminder_seller_{company.id}",
                seller,
                company_id=company.id,
                company_ids=[Command.set(company.ids)],
            )
            for company in (self.company_eur, self.company_usd)
        )
        for user, block in ((colleague, "block"), (stranger, False)):
            orders = self.env["sale.order"].with_user(user)
            orders = orders.with_context(allowed_company_ids=user.company_ids.ids)
            form = orders.new({"partner_id": self.customer.id, "company_id": self.company_eur.id})
            self.assertEqual(form.payment_block, block)
            self.assertEqual(bool(form.payment_block_words), bool(block))
            if block:
                self.assertRegex(
                    form.payment_block_words, r"on \d\d/\d\d/\d{4} and", "as its reader writes days"
                )

    # ------------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------------
    def test_portal_user_sees_no_notes(self):
        """The customer may read own documents, contact and company by a call, and not what colleagues set there."""
        portal = self._create_user(
            "reminded_portal",
            "base.group_portal",
            company_id=self.company_eur.id,
            company_ids=[Command.set(self.company_eur.ids)],
        )
        for model, names in (
            ("account.move", {"reminder_dispute", "reminder_pause_until", "reminder_level_id"}),
            (
                "res.partner",
                {
                    "payment_reminder_excluded",
                    "payment_reminder_pause_until",
                    "payment_reminder_pause_reason",
                },
            ),
            ("sale.order", {"payment_block", "payment_block_words", "payment_block_override"}),
            (
                "res.company",
                {"payment_reminder_mode", "payment_reminder_minimum", "payment_reminder_interval"},
            ),
        ):
            self.assertLessEqual(names, self.env[model]._fields.keys())
            self.assertFalse(self.env[model].with_user(portal).fields_get(names))
        self.customer.payment_reminder_pause_reason = "Cannot pay"
        portal.partner_id.parent_id = self.customer
        self.env.invalidate_all()
        mine = self.customer.with_user(portal).with_context(allowed_company_ids=self.company_eur.ids)
        self.assertEqual(mine.read(["name"])[0]["name"], self.customer.name)
        with self.assertRaises(AccessError):
            mine.read(["payment_reminder_pause_reason"])

    def test_whose_letters(self):
        self._owe(10)
        self._owe(10, partner=self.customer2)
        self._owe(10, company=self.company_usd)
        both = self._make() | self._make(self.company_usd)
        for user, seen in (
            (self.user_sales, self.customer),
            (self.user_sales2, self.customer2),
            (self.user_supervisor, self.customer),
            (self.user_director, self.customer + self.customer2),
            (self.user_accountant, self.customer + self.customer2),
        ):
            with self.subTest(user.login):
                records = self.reminders.with_user(user)
                found = records.web_search_read(
                    [], {"partner_id": {}, "line_ids": {"fields": {"amount": {}}}}
                )
                self.assertEqual({row["partner_id"] for row in found["records"]}, set(seen.ids))
                self.assertEqual(found["length"], len(seen))
                self.assertEqual(records.search_count([]), len(seen))
                groups = records.formatted_read_group([], ["level_id"], ["__count"])
                self.assertEqual(sum(group["__count"] for group in groups), len(seen))
                lines = self.env["partner.payment.reminder.line"].with_user(user).search([])
                self.assertEqual(lines.reminder_id, both.filtered(
                    lambda one, seen=seen: one.partner_id in seen and one.company_id == self.company_eur
                ))  # fmt: skip
        stranger = self._create_user("reminder_stranger", "base.group_user")
        for model in (
            "partner.payment.reminder",
            "partner.payment.reminder.line",
            "partner.receivable.report",
        ):
            with self.assertRaises(AccessError):
                self.env[model].with_user(stranger).search([])

    def test_salespeople_neither_make_nor_send(self):
        self._owe(10)
        [reminder] = self._make()
        mine = reminder.with_user(self.user_sales)
        for call in (
            mine.action_approve,
            mine.action_cancel,
            mine.action_find_due,
            lambda: mine.write({"note": "x"}),
            mine.unlink,
        ):
            with self.assertRaises(AccessError):
                call()

    def test_nobody_enters_what_a_letter_tells(self):
        self._owe(10)
        [reminder] = self._make()
        accountant = reminder.with_user(self.user_accountant)
        for call in (
            lambda: accountant.write({"amount_open": 1}),
            lambda: accountant.write({"state": "sent"}),
            lambda: accountant.with_context(relations_reminder=True).write({"state": "sent"}),
            lambda: accountant.create(
                {"partner_id": self.customer.id, "company_id": self.company_eur.id, "date": TODAY}
            ),
            lambda: accountant.line_ids.write({"amount": 1}),
        ):
            with self.assertRaises(AccessError):
                call()

    def test_names_do_not_run(self):
        """Neither markup nor expressions in the name of a customer do anything in a letter."""
        self.customer.name = "<script>alert(1)</script> {{ object.env }} <t t-out='1+1'/>"
        self._owe(10)
        [reminder] = self._make()
        reminder.action_approve()
        body = str(reminder.mail_id.body_html)
        self.assertNotIn("<script>", body)
        self.assertIn("{{ object.env }}", body)
