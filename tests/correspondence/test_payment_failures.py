"""One payment reminder, or one company, that fails does not stop the others; a run goes on until all is done."""

import doctest
from datetime import datetime, time, timedelta
from unittest.mock import patch

from psycopg2.errors import QueryCanceled

from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from odoo.addons.partner_relations.tools import passing_errors

from ..jobs import held_elsewhere, run_job
from ..mail_servers import Inbox
from .reminding import TODAY, RemindingCommon

SEND = "odoo.addons.partner_relations.models.correspondence.partner_payment_reminder_send"
JOBS = "odoo.addons.base.models.ir_cron"
RENDER = "odoo.addons.mail.models.mail_render_mixin"


@tagged("post_install", "-at_install")
class TestPaymentFailures(RemindingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_sales.phone = "028 123"
        cls.user_sales2.phone = False

    def _break_template(self):
        """Somebody edits the letter, and one salesperson has no phone."""
        # core tries a template on one record when it is saved
        self.user_sales2.phone = "024"
        self.first.template_id.body_html = '<p t-out="object.user_id.phone[:3]"/>'
        self.user_sales2.phone = False

    def _run_job(self, times=1, fails=False):
        with self.enter_registry_test_mode():
            for _time in range(times):
                run_job(self.env, "ir_cron_payment_reminder", fails)

    def _get_states(self, company=None):
        found = self.reminders.search([("company_id", "=", (company or self.company_eur).id)])
        return {reminder.partner_id: reminder.state for reminder in found}

    def test_examples_in_docstrings(self):
        failures, count = doctest.testmod(passing_errors)
        self.assertFalse(failures)
        self.assertGreater(count, 3)

    # ------------------------------------------------------------------
    # A letter that cannot be written
    # ------------------------------------------------------------------
    def test_one_letter_cannot_be_written(self):
        self._owe(10)
        self._owe(10, partner=self.customer2)
        self._owe(10, company=self.company_usd)
        (self.company_eur + self.company_usd).payment_reminder_mode = "automatic"
        self._break_template()
        with mute_logger(SEND, RENDER):
            self._run_job()
        self.assertEqual(self._get_states(), {self.customer: "queued", self.customer2: "failed"})
        self.assertEqual(self._get_states(self.company_usd), {self.customer: "queued"})
        failed = self.reminders.search([("state", "=", "failed"), ("partner_id", "=", self.customer2.id)])
        self.assertIn("subscriptable", failed.problem)
        self.assertIn(self.first.template_id.name, failed.problem)
        self.assertNotIn("Traceback", failed.problem)
        self.assertFalse(failed.mail_id)
        # whoever reviews opens it, mends the cause, and sends it
        with mute_logger(RENDER):
            preview = failed.with_user(self.user_accountant).preview
        self.assertIn("subscriptable", preview)
        self.user_sales2.phone = "024 567"
        failed.with_user(self.user_accountant).action_approve()
        self.assertRecordValues(failed, [{"state": "queued", "problem": False}])
        self.assertIn("024", failed.mail_id.body_html)

    def test_letter_that_another_worker_queues(self):
        """It is left to that one; the others go."""
        self._owe(10)
        self._owe(10, partner=self.customer2)
        held = self._make().filtered(lambda reminder: reminder.partner_id == self.customer)
        self.company_eur.payment_reminder_mode = "automatic"
        with held_elsewhere(held):
            self._run_job()
        self.assertEqual(self._get_states(), {self.customer: "draft", self.customer2: "queued"})
        self.assertFalse(held.mail_id)
        self._run_job()
        self.assertEqual(held.state, "queued")

    def test_reviewer_sends_what_can_be_written(self):
        self._owe(10)
        self._owe(10, partner=self.customer2)
        reminders = self._make()
        self._break_template()
        with mute_logger(SEND, RENDER):
            reminders.with_user(self.user_accountant).action_approve()
        self.assertEqual(self._get_states(), {self.customer: "queued", self.customer2: "failed"})

    def test_letter_in_the_queue_that_cannot_be_written_anew(self):
        """It keeps back neither other letters nor any other mail."""
        moves = self._owe(10) + self._owe(10, partner=self.customer2)
        reminders = self._make()
        reminders.action_approve()
        other = self.env["mail.mail"].create(
            {"subject": "Hello", "body_html": "<p>Hi</p>", "email_to": "other@x.example", "email_from": "a@b.example"}
        )  # fmt: skip
        mails = reminders.mail_id | other
        for move in moves:
            self._pay(move, 30)
        self._break_template()
        inbox = Inbox.open_for(type(self))
        inbox.take_over(self.env)
        with inbox.sending(self.env), mute_logger(SEND, RENDER):
            self.env["mail.mail"].process_email_queue(email_ids=mails.ids)
        self.assertEqual(dict(inbox.received), {"pays@customer.example": 1, "other@x.example": 1})
        self.assertEqual(self._get_states(), {self.customer: "sent", self.customer2: "failed"})
        failed = reminders.filtered(lambda reminder: reminder.state == "failed")
        self.assertEqual(failed.mail_id.state, "cancel", "it does not go out with the old amount")
        self.assertIn("subscriptable", failed.problem)
        self.user_sales2.phone = "024 567"
        failed.with_user(self.user_accountant).action_approve()
        self.assertEqual((failed.state, failed.amount_open), ("queued", 70))

    # ------------------------------------------------------------------
    # What failed is tried again, once a day, where nobody reviews
    # ------------------------------------------------------------------
    def _run_on(self, day):
        """What the scheduler does, more than once, on a day so long after."""
        with freeze_time(datetime.combine(TODAY + timedelta(days=day), time(9))):
            for _time in range(2):
                left = {}
                while self.reminders._remind_batch(self.company_eur, 50, left):
                    pass

    def _get_told(self):
        return self.env["mail.activity"].search(
            [
                ("res_model", "=", "res.partner"),
                ("res_id", "=", self.customer.id),
                ("summary", "=", "Payment reminder not sent"),
            ]
        )

    def test_address_that_is_entered_later(self):
        self.company_eur.payment_reminder_mode = "automatic"
        self.customer.email = False
        self._owe(10)
        self._run_on(0)
        [reminder] = self.reminders.search([("partner_id", "=", self.customer.id)])
        self._run_on(1)
        self.assertEqual((reminder.state, reminder.date), ("failed", TODAY))
        told = self._get_told()
        self.assertEqual(told.user_id, self.user_sales, "told once")
        self.assertIn("no e-mail address", told.note)
        self.assertFalse(told.activity_type_id.contact_channel)
        self.customer.email = "found@customer.example"
        self.company_eur.payment_reminder_mode = "review"
        self._run_on(2)
        self.assertEqual(reminder.state, "failed", "it is reviewed")
        self.company_eur.payment_reminder_mode = "automatic"
        self._run_on(2)
        self.assertRecordValues(
            reminder, [{"state": "queued", "recipient_id": self.customer.id, "problem": False}]
        )
        self.assertEqual(reminder.date, TODAY + timedelta(days=2))

    @mute_logger("odoo.addons.mail.models.mail_mail")
    def test_two_failed_letters_of_one_customer(self):
        """One a day: the last, which tells all that is open; and none beside one that waits to be reviewed."""
        self.company_eur.payment_reminder_mode = "automatic"
        self._owe(10)
        self._owe(10, partner=self.customer2)
        self._run_on(0)
        # both waited for the mail server, which refuses them
        self._run_on(14)
        first, second = self.reminders.search([("partner_id", "=", self.customer.id)], order="id")
        self.assertEqual((first | second).mapped("state"), ["queued", "queued"])
        inbox = Inbox.open_for(type(self))
        inbox.take_over(self.env)
        inbox.refuses = True
        with inbox.sending(self.env):
            (first | second).mail_id.send()
        self.assertEqual((first | second).mapped("state"), ["failed", "failed"])
        today = TODAY + timedelta(days=15)
        for some in (first | second, second | first):
            self.assertEqual(some._filter_to_retry(self.company_eur, today), second)
        draft = self.reminders._internal().create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company_eur.id,
                "level_id": self.first.id,
                "date": TODAY + timedelta(days=13),
            }
        )
        self.assertFalse((first | second)._filter_to_retry(self.company_eur, today))
        draft.unlink()
        self._run_on(15)
        self.assertRecordValues(
            first | second, [{"state": "failed", "date": TODAY}, {"state": "queued", "date": today}]
        )
        self.assertEqual(second.amount_open, 100)
        # nor is the other one sent the day after, but when a customer may get a letter again
        interval = self.company_eur.payment_reminder_interval
        self.assertGreater(interval, 1)
        self._run_on(14 + interval)
        self.assertEqual((first.state, first.date), ("failed", TODAY))
        self._run_on(15 + interval)
        self.assertEqual((first.state, first.level_id), ("queued", self.second))

    def test_who_reviews_is_told_by_the_list(self):
        self.company_eur.payment_reminder_mode = "review"
        self.customer.email = False
        self._owe(10)
        self._run_on(0)
        self.assertEqual(self._get_states(), {self.customer: "failed"})
        self.assertFalse(self._get_told())

    def test_accountant_is_told_where_nobody_looks_after_the_customer(self):
        self.company_eur.payment_reminder_mode = "automatic"
        self.customer.write({"email": False, "user_id": False})
        self._owe(10)
        self._run_on(0)
        self.assertIn(self._get_told().user_id, self.env["res.users"]._get_accountants(self.company_eur))
        self.assertEqual(len(self._get_told()), 1)

    @mute_logger("odoo.addons.mail.models.mail_mail")
    def test_refused_letter_is_sent_once_a_day(self):
        self.company_eur.payment_reminder_mode = "automatic"
        move = self._owe(10)
        self._run_on(0)
        [reminder] = self.reminders.search([("partner_id", "=", self.customer.id)])
        inbox = Inbox.open_for(type(self))
        inbox.take_over(self.env)
        inbox.refuses = True
        mails = self.env["mail.mail"]
        with inbox.sending(self.env):
            for day in range(1, 4):
                mails |= reminder.mail_id
                reminder.mail_id.send()
                self.assertEqual(reminder.state, "failed")
                self._run_on(day - 1)
                self.assertEqual(reminder.state, "failed", "it was tried on this day")
                self._run_on(day)
                self.assertEqual(reminder.state, "queued")
            inbox.refuses = False
            reminder.mail_id.send()
            mails.filtered(lambda mail: mail.state == "outgoing").send()
        self.assertEqual(len(mails), 3)
        self.assertEqual(dict(inbox.received), {"pays@customer.example": 1})
        self.assertEqual(len(self._get_told()), 1)
        notes = move.message_ids.filtered(lambda message: "Payment reminder" in (message.body or ""))
        self.assertEqual(len(notes), 1, "the invoice says once that it was told at this level")

    def test_letter_that_may_have_arrived_is_not_sent_again(self):
        self.company_eur.payment_reminder_mode = "automatic"
        self._owe(10)
        self._run_on(0)
        [reminder] = self.reminders.search([("partner_id", "=", self.customer.id)])
        mail = reminder.mail_id
        for reason in ("The server was stopped while the letter was being given", "TimeoutError: timed out"):
            mail.write({"state": "exception", "failure_type": "unknown", "failure_reason": reason})
            mail._postprocess_sent_message([], [], failure_reason=reason, failure_type="unknown")
            self._run_on(3)
            self.assertEqual((reminder.state, reminder.mail_id), ("failed", mail))
        self.assertEqual(len(self._get_told()), 1)

    def test_letter_that_cannot_be_written_is_tried_once_a_day(self):
        self.company_eur.payment_reminder_mode = "automatic"
        self._owe(10, partner=self.customer2)
        self._break_template()
        queue = type(self.reminders)._queue_together
        tries = []

        def counting(reminders):
            tries.append(reminders)
            return queue(reminders)

        with (
            patch.object(type(self.reminders), "_queue_together", counting),
            mute_logger(SEND, RENDER),
        ):
            for day in range(3):
                self._run_on(day)
                self.assertEqual(len(tries), day + 1)
        self.assertEqual(self._get_states(), {self.customer2: "failed"})

    def test_one_company_fails(self):
        self._check_others_go_on(ValueError("broken"))

    def test_one_company_breaks_the_job_off(self):
        """As a limit of the database's time does each night where a company has too much."""
        self._check_others_go_on(QueryCanceled("statement timeout"))

    def _check_others_go_on(self, error):
        self._owe(10)
        self._owe(10, company=self.company_usd)
        (self.company_eur + self.company_usd).payment_reminder_mode = "review"
        self.company_eur.sequence, self.company_usd.sequence = -2, -1
        find = type(self.reminders)._find_due

        def failing(records, company, *args, **kwargs):
            if company == self.company_eur:
                raise error
            return find(records, company, *args, **kwargs)

        with patch.object(type(self.reminders), "_find_due", failing), mute_logger(SEND, JOBS):
            self._run_job(fails=True)
        self.assertEqual(self._get_states(self.company_usd), {self.customer: "draft"})

    def test_failing_costs_the_same_for_many(self):
        partners = self.env["res.partner"].create(
            [{"name": f"Owes {number}", "is_company": True} for number in range(21)]
        )
        letters = (
            self.reminders._internal()
            .sudo()
            .create(
                [
                    {
                        "partner_id": partner.id,
                        "company_id": self.company_eur.id,
                        "level_id": self.first.id,
                        "date": TODAY,
                    }
                    for partner in partners
                ]
            )
        )
        counts = []
        for failing in (letters[:1], letters[1:]):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            failing._mark_failed({letter: f"Problem {letter.id % 3}" for letter in failing})
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(set(failing.mapped("state")), {"failed"})
        self.assertLessEqual(counts[1], counts[0] + 1, counts)

    # ------------------------------------------------------------------
    # More than fits into the time of a run
    # ------------------------------------------------------------------
    def test_more_than_a_run_has_time_for(self):
        """The scheduler is told that there is more, and calls again until there is not."""
        partners = self.env["res.partner"].create(
            [
                {"name": f"Owes {number}", "is_company": True, "email": f"owes{number}@x.example"}
                for number in range(3)
            ]
        )
        companies = self.company_eur + self.company_usd
        for company in companies:
            for partner in partners:
                self._owe(10, partner=partner, company=company)
        cron = self.env.ref("partner_relations.ir_cron_payment_reminder")
        cron.code = "model._cron_remind(batch_size=1)"
        companies.payment_reminder_mode = "review"
        with patch("odoo.addons.base.models.ir_cron.MIN_TIME_PER_JOB", 0):
            self._run_job()
            for company in companies:
                self.assertEqual(self._get_states(company), dict.fromkeys(partners, "draft"))
            companies.payment_reminder_mode = "automatic"
            self._run_job()
        for company in companies:
            self.assertEqual(self._get_states(company), dict.fromkeys(partners, "queued"))
        progress = self.env["ir.cron.progress"].search([("cron_id", "=", cron.id)], order="id desc", limit=1)
        self.assertEqual(progress.remaining, 0)
        self.assertEqual(self.reminders.search_count([("date", "=", TODAY)]), 6, "each once")
