"""Rules switched on and off, archived, that fail as a whole; the record by which they are tried; files and layout."""

from datetime import date, datetime, time, timedelta
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from ..jobs import LOGGERS
from .ruling import DAY, MORNING, RulingCommon

# Seven in the morning in Ho Chi Minh City: noted, and not sent yet.
EARLY = MORNING - timedelta(hours=2)


@tagged("post_install", "-at_install")
class TestMailRuleSwitch(RulingCommon):
    # ------------------------------------------------------------------
    # On and off
    # ------------------------------------------------------------------
    def test_archived_rule_is_off(self):
        """Taken out of the archive it does not mail what was noted, or due, meanwhile."""
        self._person()
        dated, event = self._rule("birthday"), self._rule("order_confirmed")
        with freeze_time(EARLY):
            self._quote().action_confirm()
        self._run(EARLY)
        self.assertEqual([self._log(rule).state for rule in (dated, event)], ["planned"] * 2)
        (dated + event).active = False
        self.assertEqual((dated.is_on, event.is_on), (False, False))
        (dated + event).active = True
        self.assertEqual((dated.is_on, event.is_on), (False, False))
        self._run()
        self.assertFalse(self._log(dated))
        self.assertEqual(self._states(event), [(DAY, "skipped", "stopped")])

    def test_what_was_planned_before_it_was_switched_off(self):
        """Is not sent when it is switched on again some day later."""
        self._person()
        rule = self._rule("birthday")
        self._run(EARLY)
        self.assertEqual(self._states(rule), [(DAY, "planned", False)])
        rule.is_on = False
        with freeze_time(MORNING + timedelta(days=1)):
            rule.is_on = True
        self._run(MORNING + timedelta(days=1))
        self.assertFalse(self._log(rule).mail_mail_id)

    def test_switched_on_twice(self):
        """Whoever saves it once more takes nothing from what is due since it was switched on."""
        self._person()
        rule = self._rule("birthday", since=date(2026, 11, 20))
        other = self._rule("birthday", is_on=False)
        with freeze_time(MORNING + timedelta(days=1)):
            (rule + other).is_on = True
        self.assertEqual((rule.date_start, other.date_start), (date(2026, 11, 20), DAY + timedelta(days=1)))
        self._run(MORNING + timedelta(days=1))
        self.assertEqual([self._log(each).mapped("state") for each in (rule, other)], [["queued"], []])

    # ------------------------------------------------------------------
    # As a whole
    # ------------------------------------------------------------------
    def test_rule_that_fails_takes_no_place(self):
        """Its mails are not counted: those of other rules go in the same run."""
        self.company_eur.relations_mail_limit = 1
        self._person()
        mailbox = self.env["partner.mailbox"].create(
            {"name": "Shop", "email": "shop@our.example.com", "company_id": self.company_eur.id}
        )
        failing = self._rule("birthday", mailbox_id=mailbox.id, sequence=1)
        mailbox.active = False
        other = self._rule("birthday", sequence=2)
        with self.assertLogs(LOGGERS[0], "WARNING"):
            self._run()
        self.assertEqual([self._log(rule).state for rule in (failing, other)], ["planned", "queued"])

    def test_long_errors_are_cut(self):
        self._person()
        failing, template = self._rule("birthday"), self._template("birthday")
        broken = self._rule("birthday", template_id=template.id)
        render = type(broken)._render
        words = "no such thing " * 100

        def fail(rule, asked, *args):
            if rule == broken:
                raise UserError(words)
            return render(rule, asked, *args)

        def forget(rule):
            if rule == failing:
                raise UserError(words)
            return None, self.env["ir.mail_server"]

        self.patch(type(broken), "_render", fail)
        self.patch(type(broken), "_get_sender", forget)
        with self.assertLogs(LOGGERS[0], "WARNING"):
            self._run()
        self.assertEqual(failing.problem, words[:500])
        self.assertEqual(self._log(broken).detail, words[:500])

    # ------------------------------------------------------------------
    # When
    # ------------------------------------------------------------------
    def test_how_far_it_is_looked_back(self):
        """Of 31 days what was missed is noted, as too late, and nothing of before."""
        for days in (31, 32):
            self._person(f"P{days}", DAY - timedelta(days=days + 365))
        rule = self._rule("birthday", since=date(2026, 1, 1))
        # by no clock on earth it is the next day
        self._run(MORNING)
        self.assertEqual(self._states(rule), [(date(2026, 10, 26), "skipped", "too_late")])

    def test_anniversaries_are_looked_for_once_a_day(self):
        """They read all invoices."""
        self._invoice_of(self.customer, DAY, invoice_date=date(2023, 11, 26))
        rule = self._rule("first_purchase")
        with freeze_time(MORNING):
            self.assertEqual((rule._plan(), rule._plan()), (1, 0))
            with patch.object(type(rule), "_find_due", side_effect=AssertionError):
                self.assertEqual(rule._plan(), 0)
        with (
            freeze_time(MORNING + timedelta(days=1)),
            patch.object(type(rule), "_find_due", return_value=[]) as find,
        ):
            rule._plan()
        find.assert_called_once()

    def test_due_again_when_it_is_too_late(self):
        """What was found no longer due stays so."""
        invoice = self._invoice_of(self.customer, DAY)
        rule = self._rule("invoice_due")
        self._run(EARLY)
        invoice.button_draft()
        self._run()
        invoice.action_post()
        self._run(MORNING + timedelta(days=5))
        self.assertEqual(self._states(rule), [(DAY, "skipped", "not_due")])

    def test_event_by_the_clock_of_the_recipient(self):
        """It is half past eight in Tokyo, where the mail leaves at once, and half past six here."""
        self.customer.tz = "Asia/Tokyo"
        theirs, ours = (
            self._rule("order_confirmed", tz_policy=policy) for policy in ("recipient", "company")
        )
        moment = MORNING - timedelta(hours=2, minutes=30)
        with freeze_time(moment):
            self._quote().action_confirm()
        self._run(moment)
        self.assertEqual([self._log(rule).state for rule in (theirs, ours)], ["queued", "planned"])

    def _close(self, first, last):
        """A public holiday on these days."""
        self.env["resource.calendar.leaves"].create(
            {
                "company_id": self.company_eur.id,
                "calendar_id": self.company_eur.resource_calendar_id.id,
                "date_from": datetime.combine(first - timedelta(days=1), time(17)),
                "date_to": datetime.combine(last, time(16, 59)),
            }
        )

    def test_too_late_is_told_at_once(self):
        """Where the next day on which it may leave is too late already."""
        self.company_eur.relations_mail_catch_up_days = 1
        self._person()
        self._close(DAY + timedelta(days=1), DAY + timedelta(days=1))
        rule = self._rule("birthday")
        self._run(MORNING + timedelta(hours=12))
        self.assertEqual(self._states(rule), [(DAY, "skipped", "too_late")])

    def test_no_day_to_leave_on(self):
        """The company is closed for longer than it is looked ahead."""
        self._person()
        self._close(DAY, DAY + timedelta(days=100))
        dated, event = self._rule("birthday"), self._rule("order_confirmed")
        with freeze_time(MORNING):
            self._quote().action_confirm()
        self._run()
        for rule in (dated, event):
            self.assertEqual(self._states(rule), [(DAY, "skipped", "quiet_day")])

    def test_record_that_was_deleted(self):
        """There is nothing to mail about any more; the others of the rule go."""
        rule = self._rule("opportunity_lost")
        leads = self._create_lead(email_from="a@example.com") + self._create_lead(email_from="b@example.com")
        with freeze_time(MORNING):
            leads.action_set_lost()
        self.assertEqual(len(self._log(rule)), 2)
        gone = leads[0].id
        leads[0].unlink()
        self._run()
        states = {log.res_id: (log.state, log.reason) for log in self._log(rule)}
        self.assertEqual(states.pop(leads[1].id), ("queued", False))
        self.assertIn(states.get(gone), (None, ("skipped", "not_due")))
        self.assertFalse(rule.problem)

    # ------------------------------------------------------------------
    # Files and layout
    # ------------------------------------------------------------------
    def test_files_and_layout(self):
        """Those of the template, as Odoo sends it, each record with its own report."""
        terms = self.env["ir.attachment"].create({"name": "terms.txt", "raw": b"Terms"})
        template = self._template(
            "order_confirmed",
            attachment_ids=terms.ids,
            report_template_ids=self.env.ref("sale.action_report_saleorder").ids,
            email_layout_xmlid="mail.mail_notification_light",
        )
        rule = self._rule("order_confirmed", template_id=template.id)
        with freeze_time(MORNING):
            orders = self._quote() + self._quote()
            orders.action_confirm()
        reports = type(self.env["ir.actions.report"])
        with patch.object(
            reports, "_render_qweb_pdf", lambda report, ref, ids, **data: (f"About {ids}".encode(), "pdf")
        ):
            self._run()
        for log in self._log(rule):
            mail = log.mail_mail_id
            own = mail.attachment_ids - terms
            self.assertEqual(mail.attachment_ids & terms, terms)
            self.assertEqual((len(own), own.raw), (1, f"About {[log.res_id]}".encode()))
            self.assertEqual((own.res_model, own.res_id), ("mail.message", mail.mail_message_id.id))
            self.assertIn("Powered by", mail.body_html)
        self.assertEqual(self._log(rule).mapped("res_id"), orders.ids)

    # ------------------------------------------------------------------
    # Trying
    # ------------------------------------------------------------------
    def test_sample_is_of_the_company_of_the_rule(self):
        """By what this company knows of a contact, wherever the user works."""
        ann, bob = self._person("Ann"), self._person("Bob")
        ann.with_company(self.company_eur).payment_reminder_excluded = True
        bob.with_company(self.company_usd).payment_reminder_excluded = True
        rule = self._rule("birthday", condition="[('payment_reminder_excluded', '=', True)]")
        self.assertEqual(rule.with_company(self.company_usd)._get_sample(), ann)

    def test_sample_of_what_is_archived(self):
        """A lost opportunity is; a person or a customer must not be, as nobody writes to them any more."""
        self._person("Ann")
        self._person("Bob").active = False
        closed = self._create_company_partner("Closed", ref="PROBE", active=False)
        self.customer.ref = "PROBE"
        lead = self._create_lead()
        lead.action_set_lost()
        risen = self._rule("class_up", condition="[('ref', '=', 'PROBE')]")
        self.assertGreater(closed.id, self.customer.id, "the latest one")
        self.assertEqual(risen._get_sample(), self.customer)
        self.assertEqual(self._rule("birthday")._get_sample().name, "Ann")
        self.assertEqual(self._rule("opportunity_lost")._get_sample(), lead)
