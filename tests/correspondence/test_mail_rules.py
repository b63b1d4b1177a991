import errno
import runpy
from collections import Counter
from datetime import date, datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from ..headers import EVIL, build, find_forged
from ..jobs import LOGGERS, held_elsewhere, run_without_time
from .ruling import DAY, MORNING, RulingCommon


@tagged("post_install", "-at_install")
class TestMailRules(RulingCommon):
    """To whom, in which language, how much, once; and what cannot be entered."""

    # ------------------------------------------------------------------
    # Once
    # ------------------------------------------------------------------
    def test_once(self):
        self._person()
        rule = self._rule("birthday")
        for _run in range(3):
            self._run()
        self.assertEqual(len(self._log(rule)), 1)
        self.assertEqual(self.env["mail.mail"].search_count([("headers", "like", f"'{rule.id}'")]), 1)

    def test_other_days_are_no_second_mail(self):
        """Who had the mail about a date gets none when the days of the rule change, later or earlier."""
        self._person("Ann")
        late = self._person("Bob", date(1990, 11, 27))
        rule = self._rule("birthday")
        self._run()
        self.assertEqual(self._mailed(rule), ["Ann"])
        rule.offset_days = 1
        self._run(MORNING + timedelta(days=1))
        self.assertEqual(self._mailed(rule), ["Ann"], "not the day after her birthday, too")
        rule.offset_days = -1
        self._run(MORNING + timedelta(days=1))
        self.assertEqual(self._mailed(rule), ["Ann", "Bob"], "his was not yet")
        # a birthday is in each year once, also where its day was wrong
        late.birthdate += timedelta(days=4)
        self._run(MORNING + timedelta(days=4))
        self.assertEqual(self._mailed(rule), ["Ann", "Bob"])

    def test_date_that_moved_is_another_one(self):
        """A planned contact that is put off is announced again."""
        entry = self.env["partner.contact.log"].create(
            {
                "name": "Visit",
                "partner_id": self.customer.id,
                "channel": "visit",
                "state": "planned",
                "date": datetime(2026, 11, 26, 3, 0),
                "company_id": self.company_eur.id,
            }
        )
        rule = self._rule("next_contact")
        self._run()
        entry.date += timedelta(days=4)
        self._run(MORNING + timedelta(days=4))
        self.assertEqual([log.state for log in self._log(rule)], ["queued", "queued"])

    def test_corrected_birthday(self):
        """Once a year: not twice, and not left out in the next year."""
        person = self._person("Ann")
        other = self._person("Ben", date(1990, 12, 30))
        rule = self._rule("birthday", sat=True, sun=True)
        self._run()
        person.birthdate = date(1990, 12, 10)
        for day in (datetime(2026, 12, 10, 2, 0), datetime(2026, 12, 30, 2, 0)):
            self._run(day)
        self.assertEqual(self._mailed(rule), ["Ann", "Ben"])
        # back to the day of the greeting; and over New Year
        person.birthdate = date(1990, 11, 26)
        other.birthdate = date(1990, 1, 3)
        self._run(datetime(2027, 1, 3, 2, 0))
        self.assertEqual(self._mailed(rule), ["Ann", "Ben"])
        # the preview says the same
        with freeze_time(datetime(2027, 1, 3, 0, 30)):
            preview = self.env["partner.mail.rule.preview"].create(
                {"rule_id": rule.id, "day": date(2027, 1, 3)}
            )
            preview.action_show()
        self.assertFalse(preview.line_ids.filtered(lambda line: line.status == "going"))
        person.birthdate = date(1990, 11, 1)
        for day in (datetime(2027, 11, 1, 2, 0), datetime(2028, 1, 3, 2, 0)):
            self._run(day)
        self.assertEqual(self._mailed(rule), ["Ann", "Ann", "Ben", "Ben"])

    def test_planned_by_the_former_days(self):
        """What was planned and did not leave yet goes by the new days, once."""
        self._person("Ann")
        rule = self._rule("birthday")
        self._run(MORNING - timedelta(hours=12))
        self.assertEqual(self._states(rule), [(DAY, "planned", False)])
        rule.offset_days = 1
        self._run()
        self._run(MORNING + timedelta(days=1))
        self.assertEqual(
            sorted(self._states(rule)),
            [(DAY, "skipped", "not_due"), (DAY + timedelta(days=1), "queued", False)],
        )

    def _mailed(self, rule):
        mailed = self._log(rule).filtered(lambda log: log.state == "queued")
        return sorted(log.record_name.split(", ")[-1] for log in mailed)

    def test_colleagues_and_people_of_archived_companies_are_not_greeted(self):
        """Core takes those of them who left, and employees who are no users, for contact persons."""
        ann = self._person("Ann")
        closed = self._create_company_partner("Closed", active=False)
        self._person("Bob", parent_id=closed.id)
        employee = self.env["hr.employee"].create({"name": "Without a user"})
        colleagues = self.user_sub.partner_id | employee.work_contact_id
        colleagues.write({"birthdate": date(1990, 11, 26), "email": "colleague@example.com"})
        self.user_sub.active = False
        self.assertEqual(colleagues.mapped("partner_share"), [True] * 2)
        rule = self._rule("birthday")
        self._run()
        self.assertEqual(self._log(rule).mapped("res_id"), ann.ids)

    def test_no_program_answers(self):
        """An automatic mail says that it is one (RFC 3834), as it goes to the mail server."""
        self._person()
        rule = self._rule("birthday", email_from="shop@example.com")
        self._run()
        [source] = build(self._log(rule).mail_mail_id)
        self.assertEqual(message_from_bytes(source)["Auto-Submitted"], "auto-generated")

    def test_unique_in_the_database(self):
        person = self._person()
        rule = self._rule("birthday")
        self._run()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.logs.create(
                {
                    "rule_id": rule.id,
                    "company_id": self.company_eur.id,
                    "res_model": "res.partner",
                    "res_id": person.id,
                    "due_date": DAY,
                    "send_at": MORNING,
                }
            )

    def test_merged_contact_is_not_mailed_again(self):
        person = self._person("Ann")
        rule = self._rule("birthday")
        self._run()
        double = self._person("Anna", email="ann@example.com")
        self.env["base.partner.merge.automatic.wizard"]._merge([person.id, double.id], double, False)
        self._run(MORNING + timedelta(hours=1))
        self.assertEqual([(log.res_id, log.state) for log in self._log(rule)], [(double.id, "queued")])

    def test_merged_contacts_that_were_both_mailed(self):
        """For the same day: the note of the one that remains stands."""
        persons = self._person("Ann") + self._person("Anna")
        rule = self._rule("birthday")
        self._run()
        self.assertEqual(self._log(rule).mapped("res_id"), persons.ids)
        kept = self._log(rule)[1]
        self.env["base.partner.merge.automatic.wizard"]._merge(persons.ids, persons[1], False)
        self._run(MORNING + timedelta(hours=1))
        self.assertEqual(self._log(rule).filtered(lambda log: log.res_id == persons[1].id), kept)
        self.assertFalse(self._log(rule).filtered(lambda log: log.state == "planned"))

    def test_upgrade_tells_what_a_mail_was_about(self):
        """The date of the event, in notes from before it was kept: the due day less the days of the rule."""
        self._person()
        before, order = self._rule("birthday", offset_days=-3), self._rule("order_confirmed")
        self._run(MORNING - timedelta(days=3))
        with freeze_time(MORNING):
            self._quote().action_confirm()
        notes = self._log(before) + self._log(order)
        dates = notes.mapped("event_date")
        self.assertEqual([bool(date) for date in dates], [True, False])
        notes.event_date = False
        self.env.flush_all()
        script = Path(__file__).parents[2] / "migrations" / "19.0.1.12.0" / "post-event_date.py"
        runpy.run_path(str(script))["migrate"](self.env.cr, "19.0.1.9.0")
        self.env.invalidate_all()
        self.assertEqual(notes.mapped("event_date"), dates)

    def test_company_that_another_worker_sends_for(self):
        """All rules of a company are one worker's: a second one would not know how many mails an address got."""
        self._person()
        rule, other = self._rule("birthday"), self._rule("birthday")
        with held_elsewhere(other):
            self._run()
        self.assertEqual([self._log(each).state for each in (rule, other)], ["planned"] * 2)
        self._run()
        self.assertEqual([self._log(each).state for each in (rule, other)], ["queued"] * 2)

    def test_note_that_another_worker_is_at(self):
        """Such as one that somebody has tried again at this moment."""
        self._person("Ann")
        self._person("Bob")
        rule = self._rule("birthday")
        with freeze_time(MORNING):
            rule._plan()
        held, free = self._log(rule)
        with held_elsewhere(held):
            self._run()
        self.assertEqual((held.state, free.state), ("planned", "queued"))
        self._run()
        self.assertEqual(held.state, "queued")

    def test_mail_that_leaves_while_its_rule_is_stopped(self):
        """It is with the mail server already: it is not called cancelled."""
        self._person("Ann")
        self._person("Bob")
        rule = self._rule("birthday")
        self._run()
        leaving, waiting = self._log(rule).mail_mail_id
        with held_elsewhere(leaving):
            rule.action_stop()
        self.assertEqual((leaving.state, waiting.state), ("outgoing", "cancel"))

    def test_full_disk_is_no_failure_of_a_mail(self):
        self._person()
        rule = self._rule("birthday")
        with freeze_time(MORNING):
            rule._plan()
            full = OSError(errno.ENOSPC, "No space left on device")
            with patch.object(type(rule), "_render", side_effect=full), self.assertRaises(OSError):
                self.rules._send_due(self.company_eur, 50)
            # what fails in a template Odoo raises anew as an error of the template
            render = "odoo.addons.mail.models.mail_render_mixin.render_inline_template"
            with (
                patch(render, side_effect=full),
                self.assertRaisesRegex(UserError, "render"),
                mute_logger("odoo.addons.mail.models.mail_render_mixin"),
            ):
                self.rules._send_due(self.company_eur, 50)
        self.assertEqual(self._log(rule).mapped("state"), ["planned"])
        self._run()
        self.assertEqual(self._log(rule).mapped("state"), ["queued"])

    def test_failing_template_fails_alone(self):
        self._person("Ann")
        self._person("Bob")
        template = self._template("birthday", subject="{{ 1 / (object.name != 'Bob') }}")
        rule = self._rule("birthday", template_id=template.id)
        with mute_logger("odoo.addons.mail.models.mail_render_mixin"):
            self._run()
        states = {log.record_name: log.state for log in self._log(rule)}
        self.assertEqual(sorted(states.values()), ["failed", "queued"])
        failed = self._log(rule).filtered(lambda log: log.state == "failed")
        self.assertIn("Bob", failed.record_name)
        self.assertTrue(failed.detail)
        # tried again when the template is mended
        template.subject = "Fine"
        with self.assertRaises(UserError):
            failed.with_user(self.user_sales).action_retry()
        failed = failed.with_context(allowed_company_ids=self.company_eur.ids)
        with freeze_time(MORNING):
            failed.with_user(self.user_director).action_retry()
        self._run(MORNING)
        self.assertEqual(failed.state, "queued")

    def test_rotten_rule_fails_alone(self):
        """A condition on a field that is gone: the rule says so, and the others send; in both companies."""
        self._person()
        bad_date, good_date = self._rule("birthday"), self._rule("birthday")
        bad_event, good_event = self._rule("order_confirmed"), self._rule("order_confirmed")
        self.company_usd.partner_id.tz = "Asia/Ho_Chi_Minh"
        self.company_usd.relations_mail_limit = 0
        elsewhere = self._rule("birthday", company_id=self.company_usd.id)
        with freeze_time(MORNING):
            for _number in range(3):
                self._quote().action_confirm()
        rotten = bad_date + bad_event
        self.env.flush_all()
        # SQL: as when a field of a customization was deleted since
        self.env.cr.execute(
            "UPDATE partner_mail_rule SET condition = %s WHERE id IN %s",
            ["[('no_such', '=', 1)]", rotten._ids],
        )
        self.env.invalidate_all()
        with (
            freeze_time(MORNING),
            patch.object(self.registry[self.rules._name]._cron_run, "__defaults__", (2,)),
        ):
            run_without_time(self, "ir_cron_mail_rules", fails=True)
        for rule, count in ((good_date, 1), (good_event, 3), (elsewhere, 1)):
            self.assertEqual(self._log(rule).mapped("state"), ["queued"] * count)
        self.assertEqual(self._log(bad_event).mapped("state"), ["planned"] * 3)
        self.assertFalse(self._log(bad_date))
        for rule in rotten:
            self.assertIn("no_such", rule.problem)
        self.assertFalse((good_date + good_event + elsewhere).filtered("problem"))
        # left alone for an hour, then tried again; mended, at once
        with self.assertNoLogs(LOGGERS[1], "ERROR"):
            self._run(MORNING + timedelta(minutes=15))
        with mute_logger(*LOGGERS):
            self._run(MORNING + timedelta(minutes=61), fails=True)
        self.assertEqual(bad_event.problem_on, MORNING + timedelta(minutes=61))
        director = rotten.with_user(self.user_director).with_context(allowed_company_ids=self.company_eur.ids)
        director.condition = "[]"
        self._run(MORNING + timedelta(minutes=75))
        self.assertEqual(self._log(bad_event).mapped("state"), ["queued"] * 3)
        self.assertEqual(self._log(bad_date).mapped("state"), ["queued"])
        self.assertFalse(rotten.filtered("problem"))

    # ------------------------------------------------------------------
    # To whom
    # ------------------------------------------------------------------
    def test_audience(self):
        buyer_role, payer_role = self.env["partner.contact.role"].create(
            [{"name": "Test Buyer"}, {"name": "Test Payer"}]
        )
        first = self._person("First", False)
        buyer = self._person(
            "Buyer", False, contact_role_id=buyer_role.id, contact_role_more_ids=payer_role.ids
        )
        self._invoice_of(self.customer, DAY)
        told = {
            "customer": self._rule("invoice_due"),
            "first": self._rule("invoice_due", audience="contact"),
            "role": self._rule("invoice_due", audience="contact", contact_role_id=buyer_role.id),
            "further": self._rule("invoice_due", audience="contact", contact_role_id=payer_role.id),
            "ours": self._rule("invoice_due", audience="salesperson"),
        }
        self.user_sales.email = "sales@example.com"
        self.env["account.move"].search(
            [("partner_id", "=", self.customer.id)]
        ).invoice_user_id = self.user_sales
        self._run()
        self.assertEqual(
            {name: self._log(rule).partner_id for name, rule in told.items()},
            {
                "customer": self.customer,
                "first": first,
                "role": buyer,
                "further": buyer,
                "ours": self.user_sales.partner_id,
            },
        )
        self.assertEqual(set(self.logs.search([]).mapped("state")), {"queued"})

    def test_person_of_another_company(self):
        """Whom another company has entered for itself is not told of the invoices of this one."""
        foreign = self._person("Abroad", False)
        foreign.company_id = self.company_usd
        own = self._person("Own", False)
        self._invoice_of(self.customer, DAY)
        rule = self._rule("invoice_due", audience="contact")
        self._run()
        self.assertEqual(self._log(rule).partner_id, own)

    def test_who_left_gets_nothing(self):
        """For an archived person the company is told, for an archived salesperson who has the customer."""
        leaver = self._create_user("rule_leaver", "partner_relations.group_user", email="left@example.com")
        self.user_sales.email = "sales@example.com"
        self.customer.user_id = self.user_sales
        person = self._person("Gone", False, user_id=leaver.id)
        closed = self._create_company_partner("Closed", email="closed@example.com")
        lead = self._create_lead(email_from="closed@example.com", partner_id=closed.id)
        invoice = self._invoice_of(person, DAY)
        invoice.invoice_user_id = leaver
        without = self._invoice_of(closed, DAY)
        leaver.active = False
        (person + closed).active = False
        customers, ours = self._rule("invoice_due"), self._rule("invoice_due", audience="salesperson")
        lost = self._rule("opportunity_lost")
        with freeze_time(MORNING):
            lead.action_set_lost()
        self._run()
        logs = {(log.rule_id, log.res_id): log for log in self._log(customers) + self._log(ours)}
        self.assertEqual(logs[customers, invoice.id].partner_id, self.customer)
        self.assertEqual(logs[ours, invoice.id].partner_id, self.user_sales.partner_id)
        for log in logs[customers, without.id] + self._log(lost):
            self.assertEqual((log.state, log.reason), ("skipped", "no_recipient"))

    def test_nobody_to_send_to(self):
        self._person("Mute", email=False)
        self._person("Broken", email="broken at example")
        rule = self._rule("birthday")
        no_role = self.env["partner.contact.role"].create({"name": "Nobody Has It"})
        nobody = self._rule("birthday", audience="contact", contact_role_id=no_role.id)
        self._run()
        self.assertEqual({log.reason for log in self._log(rule)}, {"no_email"})
        self.assertEqual({log.reason for log in self._log(nobody)}, {"no_recipient"})

    def test_nobody_is_greeted_for_a_colleague(self):
        role, other_role = self.env["partner.contact.role"].create(
            [{"name": "Test Boss"}, {"name": "Test Aide"}]
        )
        mute = self._person("Mute", email=False, contact_role_id=role.id)
        self._person("Colleague", False, contact_role_id=other_role.id)
        ann = self._person(contact_role_id=role.id)
        rule = self._rule("birthday", audience="contact")
        with_role = self._rule("birthday", audience="contact", contact_role_id=other_role.id)
        self._run()
        logs = {log.res_id: log for log in self._log(rule)}
        self.assertEqual((logs[ann.id].state, logs[ann.id].partner_id), ("queued", ann))
        self.assertEqual((logs[mute.id].state, logs[mute.id].reason), ("skipped", "no_email"))
        self.assertEqual({log.reason for log in self._log(with_role)}, {"no_recipient"})

    def test_blacklist(self):
        self._person()
        commercial = self._rule("birthday", purpose="commercial")
        transactional = self._rule("birthday")
        self.env["mail.blacklist"]._add("ANN@example.com")
        self._run()
        self.assertEqual(self._states(commercial), [(DAY, "skipped", "blacklisted")])
        self.assertEqual(self._states(transactional), [(DAY, "queued", False)])

    def test_limit(self):
        self.company_eur.relations_mail_limit = 2
        self._person()
        rules = [self._rule("birthday", sequence=number, name=f"R{number}") for number in range(3)]
        self._run()
        self.assertEqual([self._log(rule).state for rule in rules], ["queued", "queued", "planned"])
        self._run(MORNING + timedelta(hours=3))
        self.assertEqual(self._log(rules[2]).state, "planned", "the day is not over")
        self._run(MORNING + timedelta(days=1))
        self.assertEqual(self._log(rules[2]).state, "queued", "it waited for the next day")

    def test_language(self):
        self.env["res.lang"]._activate_lang("vi_VN")
        template = self._template("birthday")
        template.with_context(lang="vi_VN").subject = "Chúc mừng {{ object.name }}"
        self._person("Ann", lang="en_US")
        self._person("Vi", lang="vi_VN")
        rule = self._rule("birthday", template_id=template.id)
        self._run()
        subjects = {log.subject for log in self._log(rule)}
        self.assertIn("Chúc mừng Vi", subjects)
        self.assertTrue(any(subject.startswith("About") for subject in subjects))

    # ------------------------------------------------------------------
    # What the mail says
    # ------------------------------------------------------------------
    def test_names_are_no_templates(self):
        self._person("<script>alert(1)</script> {{ 7 * 7 }} ${6*7}", email="eve@example.com")
        template = self._template(
            "birthday", subject="For {{ object.name }}", body_html='<p><t t-out="object.name"/></p>'
        )
        rule = self._rule("birthday", template_id=template.id)
        self._run()
        mail = self._log(rule).mail_mail_id
        self.assertIn("{{ 7 * 7 }}", mail.subject)
        self.assertNotIn("49", mail.subject)
        self.assertNotIn("<script>", mail.body_html)
        self.assertIn("&lt;script&gt;", mail.body_html)
        self.assertIn("{{ 7 * 7 }}", mail.body_html)

    def test_sender(self):
        self._person()
        rule = self._rule("birthday", email_from="Shop <shop@example.com>")
        self._run()
        mail = self._log(rule).mail_mail_id
        self.assertEqual((mail.email_from, mail.reply_to), ("Shop <shop@example.com>",) * 2)

    def test_sender_mailbox(self):
        self._person()
        mailbox = self.env["partner.mailbox"].create(
            {"name": "Shop", "email": "shop@our.example.com", "company_id": self.company_eur.id}
        )
        rule = self._rule("birthday", mailbox_id=mailbox.id, email_from="ignored@example.com")
        before = self.env["partner.contact.log"].search_count([])
        self._run()
        mail = self._log(rule).mail_mail_id
        self.assertEqual(mail.email_from, '"Shop" <shop@our.example.com>')
        self.assertEqual(mail.mail_server_id, mailbox.mail_server_id)
        self._read_history()
        self.assertEqual(self.env["partner.contact.log"].search_count([]), before, "no contact")
        own = self.env["partner.mailbox"].create(
            {
                "name": "Own",
                "kind": "personal",
                "user_id": self.user_sales.id,
                "email": "own@our.example.com",
                "company_id": self.company_eur.id,
            }
        )
        with self.assertRaises(ValidationError):
            rule.mailbox_id = own

    def test_archived_mailbox(self):
        """Nothing is sent from it; the rule says so, and the note waits until there is another one."""
        self._person()
        old, new = self.env["partner.mailbox"].create(
            [
                {"name": name, "email": f"{name}@our.example.com", "company_id": self.company_eur.id}
                for name in ("old", "new")
            ]
        )
        rule = self._rule("birthday", mailbox_id=old.id)
        old.active = False
        with self.assertLogs("odoo.addons.partner_relations.tools.apart", "WARNING"):
            self._run()
        self.assertFalse(self._log(rule).mail_mail_id)
        self.assertEqual(self._log(rule).state, "planned")
        self.assertIn("“old” cannot be the sender", rule.problem)
        rule.mailbox_id = new
        self.assertFalse(rule.problem)
        self._run()
        self.assertEqual(self._log(rule).mail_mail_id.email_from, '"new" <new@our.example.com>')

    def test_header_injection(self):
        """Neither a sender, nor the name of a mailbox or of a person makes a header of its own."""
        rule = self._rule("birthday")
        for sender in (f"Shop {EVIL} <shop@example.com>", "shop@example.com\nBcc: victim@else.example.net"):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                rule.email_from = sender
        mailbox = self.env["partner.mailbox"].create(
            {
                "name": EVIL,
                "sender_name": "mailbox",
                "email": "shop@our.example.com",
                "company_id": self.company_eur.id,
            }
        )
        rule.write({"mailbox_id": mailbox.id, "name": EVIL})
        self._person().name = EVIL
        self._run()
        self.assertEqual(find_forged(self._log(rule).mail_mail_id), (set(), 1))

    def test_two_mailboxes_do_not_write_to_each_other(self):
        """A rule's mail to another mailbox of ours is a loop there: no work, and nothing goes out because of it."""
        ours, other = self.env["partner.mailbox"].create(
            [
                {
                    "name": name,
                    "email": f"{name}@our.example.com",
                    "company_id": self.company_eur.id,
                    "partner_policy": "create",
                    "distribution": "executor",
                    "default_user_id": self.user_sales.id,
                }
                for name in ("ours", "other")
            ]
        )
        self.user_sales.company_ids += self.company_eur
        self._person("First", email=other.email)
        self._person("Second", email=ours.email)
        rules = self._rule("birthday", mailbox_id=ours.id), self._rule("birthday", mailbox_id=other.id)
        self._run()
        mails = self._log(rules[0]).mail_mail_id + self._log(rules[1]).mail_mail_id
        self.assertEqual(len(mails), 4, "each rule writes to both")
        before = self.env["mail.mail"].search_count([])
        letters = self.env["partner.letter"]
        for mail, source in zip(mails, build(mails), strict=True):
            receiver = other if mail.recipient_ids.email == other.email else ours
            letter_id = self.env["mail.thread"].message_process(
                "partner.letter", source, custom_values={"mailbox_id": receiver.id}
            )
            letters += letters.browse(letter_id or [])
        self.assertGreaterEqual(len(letters), 2, "from the one to the other")
        for letter in letters:
            self.assertEqual((letter.kind, letter.state), ("loop", "done"))
            self.assertFalse(letter.user_id or letter.date_deadline)
        self._run()
        self.assertEqual(self.env["mail.mail"].search_count([]), before)

    def test_no_contact(self):
        self._person()
        rule = self._rule("birthday")
        before = self.env["partner.contact.log"].search_count([])
        self._run()
        self.assertEqual(self._log(rule).state, "queued")
        self._read_history()
        self.assertEqual(self.env["partner.contact.log"].search_count([]), before)

    # ------------------------------------------------------------------
    # What became of it
    # ------------------------------------------------------------------
    def test_outcome(self):
        self._person()
        rule = self._rule("birthday")
        self._run()
        log = self._log(rule)
        log.mail_mail_id._postprocess_sent_message([], [], failure_reason="refused", failure_type="mail_smtp")
        self.assertEqual((log.state, log.reason), ("failed", "error"))
        log.mail_mail_id.mark_outgoing()
        self.assertEqual(log.state, "queued")
        log.mail_mail_id._postprocess_sent_message([], [])
        self.assertEqual(log.state, "sent")
        self.assertTrue(log.date_sent)

    def test_stop_all(self):
        self._person()
        rule = self._rule("birthday")
        self._run()
        rules = self.rules.with_user(self.user_director).with_context(
            allowed_company_ids=self.company_eur.ids
        )
        rules.action_stop_all()
        self.assertFalse(rule.is_on)
        log = self._log(rule)
        self.assertEqual((log.state, log.reason, log.mail_mail_id.state), ("skipped", "stopped", "cancel"))
        rule.is_on = True
        rule.date_start = date(2026, 11, 1)
        self._run()
        self.assertEqual(len(self._log(rule)), 1, "what was stopped does not go after all")

    # ------------------------------------------------------------------
    # What cannot be entered
    # ------------------------------------------------------------------
    def test_checks(self):
        rule = self._rule("birthday")
        for values in (
            {"condition": "[('no_field', '=', 1)]"},
            {"condition": "nonsense("},
            {"template_id": self._template("invoice_due").id},
            {"email_from": "nobody"},
        ):
            with self.subTest(values=values), self.assertRaises(ValidationError):
                rule.write(values)
        with self.assertRaises(ValidationError):
            self._rule("order_confirmed", offset_days=-1)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            rule.write({"hour_from": 20, "hour_to": 8})
        self._person()
        self._run()
        with self.assertRaises(UserError):
            rule.unlink()
        with self.assertRaises(UserError):
            rule.write({"trigger": "first_purchase", "template_id": self._template("birthday").id})

    def test_condition_asks_only_for_what_its_writer_may_read(self):
        """Who gets a mail would tell a director of fields and models that are kept from directors."""
        director = self.user_director
        self.assertFalse(director.has_group("hr.group_hr_user") or director.has_group("base.group_system"))
        own = self.rules.with_user(director).with_context(
            allowed_company_ids=(self.company_eur + director.company_id).ids
        )
        values = {
            "name": "Probe",
            "company_id": self.company_eur.id,
            "trigger": "birthday",
            "template_id": self._template("birthday").id,
        }
        rule = own.create({**values, "condition": "[('parent_id.name', 'ilike', 'oak')]"})
        for condition in (
            "[('user_ids.partner_id.employee_ids.ssnid', '=like', '1%')]",
            "[('employee_ids.bank_account_ids.acc_number', '=like', '1%')]",
            "['|', ('name', '=', 'x'), '!', ('employee_ids', 'any', [('ssnid', '!=', False)])]",
            self._get_closed_path(director),
        ):
            for company in self.company_eur, director.company_id:
                with (
                    self.subTest(condition=condition, company=company.name),
                    mute_logger("odoo.orm.models", "odoo.addons.base.models.ir_model"),
                ):
                    with (
                        self.assertRaisesRegex(AccessError, "“Probe” asks for something"),
                        self.cr.savepoint(),
                    ):
                        rule.condition = condition
                    with (
                        self.assertRaisesRegex(AccessError, "“Probe” asks for something"),
                        self.cr.savepoint(),
                    ):
                        own.create({**values, "company_id": company.id, "condition": condition})
            # who may read it enters it
            self._rule("birthday", condition=condition)
        self.assertEqual(rule.condition, "[('parent_id.name', 'ilike', 'oak')]")

    def _get_closed_path(self, user):
        """A condition through a model that the user may not read."""
        partners = self.env["res.partner"]
        closed = [
            name
            for name, field in sorted(partners._fields.items())
            if field.type == "one2many"
            and field.store
            and not field.groups
            and not self.env[field.comodel_name].with_user(user).has_access("read")
        ]
        self.assertTrue(closed)
        return repr([(f"{closed[0]}.create_date", "!=", False)])

    def test_condition_stays_in_the_company(self):
        """A path from a common contact leads to documents of the rule's company alone."""
        self._person()
        path = "[('parent_id.invoice_ids.ref', '=', 'SECRET')]"
        rule = self._rule("birthday", condition=path)
        inside = self._rule("birthday", condition=path.replace("SECRET", "OWN"))
        nested = self._rule(
            "birthday", condition="['!', ('parent_id', 'any', [('invoice_ids.ref', 'in', ['SECRET'])])]"
        )
        self._invoice_of(self.customer, DAY, ref="OWN")
        self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "company_id": self.company_usd.id,
                "ref": "SECRET",
            }
        )
        self._run()
        self.assertEqual((len(self._log(rule)), len(self._log(inside)), len(self._log(nested))), (0, 1, 1))

    def test_closed_company_mails_no_more(self):
        """What its rules have noted waits, and they note nothing; until it is opened again."""
        self.company_usd.partner_id.tz = "Asia/Ho_Chi_Minh"
        self.company_usd.relations_mail_limit = 0
        rule = self._rule("order_confirmed", company_id=self.company_usd.id)
        birthday = self._rule("birthday", company_id=self.company_usd.id)
        self._person()
        with freeze_time(MORNING):
            order = self._quote(company=self.company_usd)
            order.action_confirm()
        self.assertEqual(self._log(rule).mapped("state"), ["planned"])
        self.company_usd.active = False
        self._run()
        self.assertEqual(self._log(rule).mapped("state"), ["planned"])
        self.assertFalse(self._log(birthday))
        self.company_usd.active = True
        self._run()
        self.assertEqual(self._log(rule).mapped("state"), ["queued"])
        self.assertTrue(self._log(birthday))

    # ------------------------------------------------------------------
    # Preview
    # ------------------------------------------------------------------
    def test_preview(self):
        self._person("Ann")
        self._person("Black")
        self._person("Mute", email=False)
        self.env["mail.blacklist"]._add("black@example.com")
        rule = self._rule("birthday", purpose="commercial")
        rule.is_on = False
        director = self.user_director
        with freeze_time(MORNING):
            preview = (
                self.env["partner.mail.rule.preview"]
                .with_user(director)
                .with_context(allowed_company_ids=self.company_eur.ids)
                .create({"rule_id": rule.id, "day": DAY})
            )
            preview.action_show()
        self.assertEqual((preview.going_count, preview.out_count), (1, 2))
        going = preview.line_ids.filtered(lambda line: line.status == "going")
        self.assertIn("Ann", going.subject)
        self.assertIn("Ann", going.body)
        self.assertEqual(
            set((preview.line_ids - going).mapped("reason")), {"Blacklisted", "No valid e-mail address"}
        )
        self.assertFalse(self._log(rule), "a preview notes nothing")
        # what is sent is what was shown
        rule.is_on = True
        rule.date_start = DAY
        self._run()
        queued = self._log(rule).filtered(lambda log: log.state == "queued")
        self.assertEqual((queued.res_id, queued.subject), (going.res_id, going.subject))
        with freeze_time(MORNING):
            preview.action_show()
        self.assertEqual((preview.going_count, preview.out_count, preview.done_count), (0, 2, 1))

    def test_send_to_me(self):
        self._person()
        rule = self._rule("birthday")
        self.user_director.email = "director@example.com"
        # of somebody else, so that a director may not read it
        secret = self.env["ir.attachment"].create({"name": "secret.txt", "raw": b"Secret"})
        rule.with_user(self.user_director).with_context(
            allowed_company_ids=self.company_eur.ids, default_attachment_ids=secret.ids
        ).action_send_test()
        mail = self.env["mail.mail"].search([("email_to", "like", "director@example.com")])
        self.assertEqual(len(mail), 1)
        self.assertFalse(mail.attachment_ids)
        self.assertIn("[Test]", mail.subject)
        self.assertFalse(self._log(rule))

    # ------------------------------------------------------------------
    # Two companies, and the number of queries
    # ------------------------------------------------------------------
    def test_two_companies(self):
        other = self.env["res.partner"].create(
            {"name": "Other", "company_id": self.company2.id, "birthdate": date(1990, 11, 26),
             "email": "other@example.com"}
        )  # fmt: skip
        self._person("Ann")
        rule = self._rule("birthday")
        rule2 = self._rule("birthday", company_id=self.company2.id, name="Second")
        self._run()
        self.assertNotIn(other.id, self._log(rule).mapped("res_id"))
        self.assertIn(other.id, self._log(rule2).mapped("res_id"))
        director = self.env["partner.mail.rule"].with_user(self.user_director)
        seen = director.with_context(allowed_company_ids=self.company_eur.ids).search([])
        self.assertIn(rule, seen)
        self.assertNotIn(rule2, seen)

    def _count_queries(self, number):
        self.env["res.partner"].search([("birthdate", "!=", False)]).birthdate = False
        for index in range(number):
            self._person(f"P{number}x{index}")
        rule = self._rule("birthday", name=f"Count {number}")
        (self.rules.search([]) - rule).is_on = False
        self.env.flush_all()
        self.env.invalidate_all()
        with freeze_time(MORNING):
            start = self.cr.sql_log_count
            rule._plan()
            planned = self.cr.sql_log_count
            decided = rule._decide(
                [(log.res_id, log.due_date, log.date_latest) for log in self._log(rule)], MORNING, Counter()
            )
            end = self.cr.sql_log_count
        self.assertEqual([row["reason"] for row in decided], [None] * number)
        return planned - start, end - planned

    def test_queries(self):
        self._count_queries(2)
        few, many = self._count_queries(1), self._count_queries(20)
        self.assertLessEqual(many[0], few[0] + 1)
        self.assertLessEqual(many[1], few[1] + 1)


@tagged("post_install", "-at_install")
class TestMailRuleEvents(RulingCommon):
    """Each event, and what it costs where no rule wants it."""

    def test_order_confirmed(self):
        rule = self._rule("order_confirmed")
        with freeze_time(MORNING):
            order = self._quote()
            order.action_confirm()
        self.assertEqual(self._states(rule), [(DAY, "planned", False)], "noted, nothing is rendered yet")
        self.assertFalse(self._log(rule).mail_mail_id)
        self._run()
        self.assertEqual(self._states(rule), [(DAY, "queued", False)])
        self.assertEqual(self._log(rule).partner_id, self.customer)

    def test_moment_by_the_clock_of_the_company(self):
        """One o'clock in the morning in Ho Chi Minh City is the day before for the scheduler."""
        template = self._template(
            "order_confirmed", body_html='<p><t t-out="format_date(object.commitment_date)"/></p>'
        )
        rule = self._rule("order_confirmed", template_id=template.id)
        with freeze_time(MORNING):
            self._quote(commitment_date=datetime(2026, 12, 9, 18, 0)).action_confirm()
        self._run()
        self.assertIn("12/10/2026", self._log(rule).mail_mail_id.body_html)

    def test_broken_template_breaks_no_order(self):
        rule = self._rule(
            "order_confirmed", template_id=self._template("order_confirmed", subject="{{ 1 / object.id }}").id
        )
        rule.template_id.sudo().subject = (
            "{{ 1 / (object.id - object.id) if object.state == 'sale' else '' }}"
        )
        with freeze_time(MORNING):
            order = self._quote()
            order.action_confirm()
        self.assertEqual(order.state, "sale")
        with mute_logger("odoo.addons.mail.models.mail_render_mixin"):
            self._run()
        self.assertEqual(self._log(rule).state, "failed")

    def test_cancelled_before_it_went(self):
        rule = self._rule("order_confirmed")
        with freeze_time(MORNING):
            order = self._quote()
            order.action_confirm()
            order.action_cancel()
        self._run()
        self.assertEqual(self._states(rule), [(DAY, "skipped", "not_due")])

    def test_delivered_with_the_last_delivery(self):
        rule = self._rule("order_delivered", offset_days=2, sat=True)
        with freeze_time(MORNING):
            order = self._quote()
            order.action_confirm()
            self._deliver(order, 4)
            self.assertFalse(self._log(rule))
            self._deliver(order, 6)
        self.assertEqual(self._states(rule), [(date(2026, 11, 28), "planned", False)])
        self._run()
        self.assertEqual(self._log(rule).state, "planned", "two days later")
        self._run(MORNING + timedelta(days=2))
        self.assertEqual(self._log(rule).state, "queued")

    def test_delivered_by_the_supplier(self):
        """Dropshipping is an addon of Odoo that may be missing; what it ships has a code of its own."""
        rule = self._rule("order_delivered")
        picking = type(self.env["stock.picking"])
        with freeze_time(MORNING), patch.object(picking, "picking_type_code", "dropship"):
            order = self._quote()
            order.action_confirm()
            self._deliver(order, 10)
        self.assertEqual(self._states(rule), [(DAY, "planned", False)])

    def test_event_that_waited_too_long(self):
        """As a date: what could not leave within the days to catch up, as the mailbox was archived, is too late."""
        mailbox = self.env["partner.mailbox"].create(
            {"name": "Shop", "email": "shop@our.example.com", "company_id": self.company_eur.id}
        )
        rule = self._rule("order_confirmed", mailbox_id=mailbox.id)
        old, new = self._quote(), self._quote()
        with freeze_time(MORNING):
            old.action_confirm()
        mailbox.active = False
        with self.assertLogs("odoo.addons.partner_relations.tools.apart", "WARNING"):
            self._run()
        self.assertEqual(self._states(rule), [(DAY, "planned", False)])
        later = MORNING + timedelta(days=7)
        with freeze_time(later):
            new.action_confirm()
        rule.mailbox_id = False
        self._run(later)
        states = {log.res_id: (log.state, log.reason) for log in self._log(rule)}
        self.assertEqual(states, {old.id: ("skipped", "too_late"), new.id: ("queued", False)})

    def test_opportunity_lost(self):
        rule = self._rule("opportunity_lost")
        with freeze_time(MORNING):
            lead = self._create_lead(email_from="lead@example.com", partner_id=False)
            lead.action_set_lost()
        self._run()
        self.assertEqual(
            [(log.res_id, log.email) for log in self._log(rule)], [(lead.id, "lead@example.com")]
        )
        self.assertEqual(self._log(rule).mail_mail_id.email_to, "lead@example.com")

    def test_order_failed(self):
        rule = self._rule("order_failed")
        with freeze_time(MORNING):
            order = self._quote()
            order.action_confirm()
            order.action_cancel()
        self._run()
        self.assertEqual(self._states(rule), [(DAY, "queued", False)])

    def test_classes(self):
        up, lost = self._rule("class_up"), self._rule("stage_lost")
        risen, fallen, gone = (
            self._create_company_partner(name, email=f"{name.lower()}@example.com")
            for name in ("Risen", "Fallen", "Gone")
        )
        for customer, day, amount in (
            (fallen, date(2026, 8, 10), 3000),
            (risen, date(2026, 8, 11), 10),
            (risen, date(2026, 10, 11), 20000),
            (gone, date(2026, 4, 20), 2000),
        ):
            self._invoice_of(customer, DAY, amount=amount, invoice_date=day)
        policy = self.env["partner.classification.policy"]._get_for(self.company_eur, "customer")
        for day in (date(2026, 9, 30), date(2026, 10, 31)):
            self.assertFalse(self._log(up) + self._log(lost), "a first run is no news")
            run = self.env["partner.classification"].create({"policy_id": policy.id, "date_to": day})
            run.action_compute()
            with freeze_time(MORNING):
                run.action_post()
        lines = {
            line.partner_id: (line.previous_abc_class, line.abc_class, line.previous_stage, line.stage)
            for line in run.line_ids
        }
        self.assertEqual(lines[risen][:2], ("c", "a"))
        self.assertEqual(lines[fallen][0], "a")
        self.assertNotEqual(lines[fallen][1], "a")
        self.assertEqual(lines[gone][3], "lost")
        self._run()
        self.assertEqual([(log.res_id, log.state) for log in self._log(up)], [(risen.id, "queued")])
        self.assertEqual([(log.res_id, log.state) for log in self._log(lost)], [(gone.id, "queued")])

    def test_lost_customer_who_came_back(self):
        """Who has bought again before the mail leaves is not told of being missed."""
        rule = self._rule("stage_lost", offset_days=10)
        gone, back = (
            self._create_company_partner(name, email=f"{name.lower()}@example.com")
            for name in ("Gone", "Back")
        )
        for customer in (gone, back):
            self._invoice_of(customer, DAY, amount=2000, invoice_date=date(2026, 4, 20))
        self._invoice_of(self.customer, DAY, invoice_date=date(2026, 8, 10))
        policy = self.env["partner.classification.policy"]._get_for(self.company_eur, "customer")
        for number, day in enumerate((date(2026, 9, 30), date(2026, 10, 31), date(2026, 11, 30))):
            if number == 2:
                self.assertEqual(self._log(rule).mapped("res_id"), [gone.id, back.id])
                self._invoice_of(back, DAY, amount=2000, invoice_date=date(2026, 11, 20))
            run = self.env["partner.classification"].create({"policy_id": policy.id, "date_to": day})
            with freeze_time(MORNING + timedelta(days=7) if number == 2 else MORNING):
                run.action_compute()
                run.action_post()
        self._run(MORNING + timedelta(days=11))
        states = {log.res_id: (log.state, log.reason) for log in self._log(rule)}
        self.assertEqual(states, {gone.id: ("queued", False), back.id: ("skipped", "not_due")})

    def test_no_rule_no_query(self):
        order = self._quote()
        self.rules._fire("order_confirmed", order)
        with self.assertQueryCount(0):
            self.rules._fire("order_confirmed", order)
        rule = self._rule("order_confirmed")
        self.rules._fire("order_confirmed", order)
        self.assertEqual(len(self._log(rule)), 1, "the cache knows of the new rule")
        rule.is_on = False
        other = self._quote()
        self.rules._fire("order_confirmed", other)
        self.assertEqual(len(self._log(rule)), 1)
        self.assertEqual(self._log(rule).reason, "stopped")

    def test_quiet_day_of_an_event(self):
        dropped = self._rule("order_confirmed", quiet_policy="drop")
        moved = self._rule("order_confirmed")
        saturday = MORNING + timedelta(days=2)
        with freeze_time(saturday):
            self._quote().action_confirm()
        self._run(saturday)
        self.assertEqual(self._log(dropped).reason, "quiet_day")
        self.assertEqual(self._log(moved).state, "planned")
        self._run(saturday + timedelta(days=2))
        self.assertEqual(self._log(moved).state, "queued")


@tagged("post_install", "-at_install")
class TestMailRuleRights(RulingCommon):
    """The log tells a salesperson of the own customers; rules are for directors."""

    def test_log(self):
        mine = self._create_company_partner("Mine", email="mine@example.com", user_id=self.user_sales.id)
        other = self._create_company_partner("Other", email="other@example.com", user_id=self.user_sales2.id)
        for user in (self.user_sales, self.user_sales2, self.user_supervisor, self.user_director):
            user.company_ids = [Command.link(self.company_eur.id)]
        for partner in (mine, other):
            self._invoice_of(partner, DAY, invoice_user_id=partner.user_id.id)
        rule = self._rule("invoice_due")
        self._run()
        self.assertEqual(len(self._log(rule)), 2)
        seen = {
            user: self.logs.with_user(user)
            .with_context(allowed_company_ids=self.company_eur.ids)
            .search([("rule_id", "=", rule.id)])
            .customer_id
            for user in (self.user_sales, self.user_sales2, self.user_supervisor, self.user_director)
        }
        self.assertEqual(
            seen,
            {
                self.user_sales: mine,
                self.user_sales2: other,
                self.user_supervisor: mine,
                self.user_director: mine + other,
            },
        )

    def test_web_calls(self):
        """What the web client asks, as users without the right, also in another company."""
        mine = self._create_company_partner("Mine", email="mine@example.com", user_id=self.user_sales.id)
        other = self._create_company_partner("Other", email="other@example.com", user_id=self.user_sales2.id)
        for user in (self.user_sales, self.user_director):
            user.company_ids = [Command.link(self.company_eur.id)]
        for partner in (mine, other):
            self._invoice_of(partner, DAY, invoice_user_id=partner.user_id.id)
        rule = self._rule("invoice_due")
        self._run()
        domain = [("rule_id", "=", rule.id)]
        fields = {"record_name": {}, "partner_id": {"fields": {"display_name": {}}}, "rule_id": {}}
        export = self.env.ref("base.group_allow_export")
        self.user_sales.group_ids += export

        def logs(user, companies):
            return self.logs.with_user(user).with_context(allowed_company_ids=companies.ids)

        sales = logs(self.user_sales, self.company_eur)
        found = sales.web_search_read(domain, fields)
        self.assertEqual([row["partner_id"]["id"] for row in found["records"]], mine.ids)
        self.assertEqual(found["length"], 1)
        self.assertEqual(sales.formatted_read_group(domain, ["state"], ["__count"])[0]["__count"], 1)
        self.assertEqual(len(sales.search(domain).export_data(["record_name"])["datas"]), 1)
        with self.assertRaises(AccessError):
            sales.browse(self._log(rule).filtered(lambda log: log.customer_id == other).id).read(["email"])
        # nobody writes the log, and only directors change rules or look ahead
        for user in (self.user_sales, self.user_supervisor, self.user_director):
            with self.assertRaises(AccessError):
                logs(user, self.company_eur).browse(self._log(rule).ids).write({"state": "planned"})
            with self.assertRaises(AccessError):
                logs(user, self.company_eur).browse(self._log(rule).ids).unlink()
        for user in (self.user_sales, self.user_supervisor):
            with self.assertRaises(AccessError):
                rule.with_user(user).write({"is_on": False})
            with self.assertRaises(AccessError):
                rule.with_user(user).action_stop()
            with self.assertRaises(AccessError):
                rule.with_user(user).action_send_test()
            with self.assertRaises(AccessError):
                self.env["partner.mail.rule.preview"].with_user(user).create({})
        self.assertTrue(rule.is_on)
        # in another company nothing is to be seen
        self.user_director.company_ids += self.company2
        director = logs(self.user_director, self.company2)
        self.assertEqual(director.web_search_read(domain, fields)["length"], 0)
        # who is no user of the addon sees nothing at all
        with self.assertRaises(AccessError):
            self.logs.with_user(self.user_seller_of_core()).search(domain)

    def user_seller_of_core(self):
        return self._create_user("rule_seller", "sales_team.group_sale_salesman")

    def test_preview_of_another_director_is_hidden(self):
        rule = self._rule("birthday")
        self._person()
        second = self._create_user("second_director", "partner_relations.group_director")
        second.company_ids += self.company_eur
        previews = self.env["partner.mail.rule.preview"].with_context(
            allowed_company_ids=self.company_eur.ids
        )
        with freeze_time(MORNING):
            mine = previews.with_user(self.user_director).create({"rule_id": rule.id, "day": DAY})
            mine.action_show()
        self.assertTrue(mine.line_ids)
        self.assertFalse(previews.with_user(second).search([("id", "=", mine.id)]))
        with self.assertRaises(AccessError):
            mine.line_ids.with_user(second).read(["subject"])
