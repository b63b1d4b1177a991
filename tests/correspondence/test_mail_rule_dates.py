from datetime import date, datetime, timedelta

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .ruling import DAY, MORNING, RulingCommon


@tagged("post_install", "-at_install")
class TestMailRuleDates(RulingCommon):
    """Each date with its borders, and the quiet times."""

    def test_birthday_offsets(self):
        person = self._person()
        on_day = self._rule("birthday")
        before = self._rule("birthday", offset_days=-3)
        after = self._rule("birthday", offset_days=2)
        # the day before, nothing of the first and of the last one is due
        self._run(datetime(2026, 11, 25, 11))
        self.assertEqual(self._states(on_day), [(DAY, "planned", False)], "noted for tomorrow, east of here")
        self.assertEqual(self._states(before), [(date(2026, 11, 23), "queued", False)], "caught up")
        self._run()
        self.assertEqual(self._states(on_day), [(DAY, "queued", False)])
        self.assertFalse(self._log(after))
        self._run(MORNING + timedelta(days=4))
        self.assertEqual(self._states(after), [(date(2026, 11, 28), "queued", False)], "moved from Saturday")
        mail = self._log(on_day).mail_mail_id
        self.assertEqual((mail.recipient_ids, mail.state), (person, "outgoing"))
        self.assertEqual(mail.subject, f"About {person.display_name}")
        self.assertIn("auto-generated", mail.headers)

    def test_birthday_of_29_february_and_without_year(self):
        leap = self._person("Leap", date(2000, 2, 29))
        yearless = self._person("Nobody", date(1904, 2, 28), birth_year_known=False)
        rule = self._rule("birthday", since=date(2027, 2, 1), sat=True, sun=True)
        self._run(datetime(2027, 2, 27, 2))
        self.assertFalse(self._log(rule).filtered(lambda log: log.state == "queued"))
        self._run(datetime(2027, 2, 28, 2))
        self.assertEqual(self._log(rule).mapped("res_id"), [leap.id, yearless.id])
        self.assertEqual(set(self._log(rule).mapped("state")), {"queued"})
        self._run(datetime(2028, 2, 28, 2))
        self._run(datetime(2028, 2, 29, 2))
        days = [
            (log.res_id, log.due_date)
            for log in self._log(rule).filtered(lambda log: log.due_date.year == 2028)
        ]
        self.assertEqual(days, [(yearless.id, date(2028, 2, 28)), (leap.id, date(2028, 2, 29))])

    def test_time_of_day_in_two_zones(self):
        far = self._person("Far", tz="America/New_York")
        near = self._person("Near")
        rule = self._rule("birthday", tz_policy="recipient")
        # 7:59 in Ho Chi Minh City, then 8:00
        self._run(datetime(2026, 11, 26, 0, 59))
        self.assertEqual({log.state for log in self._log(rule)}, {"planned"})
        self._run(datetime(2026, 11, 26, 1, 0))
        states = {log.res_id: log.state for log in self._log(rule)}
        self.assertEqual(states, {near.id: "queued", far.id: "planned"})
        self._run(datetime(2026, 11, 26, 12, 59))
        self.assertEqual({log.res_id: log.state for log in self._log(rule)}[far.id], "planned")
        self._run(datetime(2026, 11, 26, 13, 0))
        self.assertEqual({log.res_id: log.state for log in self._log(rule)}[far.id], "queued")

    def test_quiet_hours(self):
        self._person()
        rule = self._rule("birthday")
        # 20:00 in Ho Chi Minh City: it waits for Friday, 8:00
        self._run(datetime(2026, 11, 26, 13, 0))
        self.assertRecordValues(
            self._log(rule), [{"state": "planned", "send_at": datetime(2026, 11, 27, 1, 0)}]
        )
        self._run(datetime(2026, 11, 27, 1, 0))
        self.assertEqual(self._states(rule), [(DAY, "queued", False)])

    def test_weekend_moved_or_dropped(self):
        self._person(day=date(1990, 11, 28))
        moved = self._rule("birthday")
        dropped = self._rule("birthday", quiet_policy="drop")
        open_on_saturday = self._rule("birthday", sat=True)
        self._run(datetime(2026, 11, 28, 2))
        self.assertRecordValues(
            self._log(moved), [{"state": "planned", "send_at": datetime(2026, 11, 30, 1, 0)}]
        )
        self.assertEqual(self._states(dropped), [(date(2026, 11, 28), "skipped", "quiet_day")])
        self.assertEqual(self._states(open_on_saturday), [(date(2026, 11, 28), "queued", False)])

    def test_public_holiday(self):
        self._person()
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "company_id": self.company_eur.id,
                "calendar_id": self.company_eur.resource_calendar_id.id,
                "date_from": datetime(2026, 11, 25, 17, 0),
                "date_to": datetime(2026, 11, 26, 16, 59),
            }
        )
        self.company_eur.resource_calendar_id.tz = "Asia/Ho_Chi_Minh"
        quiet = self._rule("birthday", quiet_policy="drop")
        loud = self._rule("birthday", skip_holidays=False)
        self._run()
        self.assertEqual(self._states(quiet), [(DAY, "skipped", "quiet_day")])
        self.assertEqual(self._states(loud), [(DAY, "queued", False)])

    def test_leaves_that_are_no_holiday_of_the_company(self):
        """Of a person, of another company or of other working hours; and a part of a day without its noon."""
        calendar, other = self.env["resource.calendar"].create(
            [
                {"name": name, "company_id": self.company_eur.id, "tz": "Asia/Ho_Chi_Minh"}
                for name in ("Hours", "Other hours")
            ]
        )
        self.company_eur.resource_calendar_id = calendar
        employee = self.env["hr.employee"].create({"name": "Away", "company_id": self.company_eur.id})
        # the whole of Thursday, here
        whole = {"date_from": datetime(2026, 11, 25, 17, 0), "date_to": datetime(2026, 11, 26, 16, 59)}
        leaves = self.env["resource.calendar.leaves"].create(
            [
                {**whole, "calendar_id": calendar.id, "resource_id": employee.resource_id.id},
                {**whole, "calendar_id": False},
                {**whole, "calendar_id": other.id},
                # until eleven, and from one on until Friday, eleven
                {
                    "calendar_id": calendar.id,
                    "date_from": datetime(2026, 11, 25, 17, 0),
                    "date_to": datetime(2026, 11, 26, 4, 0),
                },
                {
                    "calendar_id": calendar.id,
                    "date_from": datetime(2026, 11, 26, 6, 0),
                    "date_to": datetime(2026, 11, 27, 4, 0),
                },
            ]
        )
        # without working hours Odoo takes the company at hand
        leaves[1].company_id = self.company_usd
        self._person()
        rule = self._rule("birthday")
        self.assertEqual(rule._get_holidays(DAY, DAY), frozenset())
        self._run()
        self.assertEqual(self._states(rule), [(DAY, "queued", False)])
        # over the noon of Friday; and of all companies and hours
        leaves[-1].date_to = datetime(2026, 11, 27, 5, 1)
        self.assertEqual(rule._get_holidays(DAY, DAY), {date(2026, 11, 27)})
        leaves[1].company_id = False
        self.assertEqual(rule._get_holidays(DAY, DAY), {DAY, date(2026, 11, 27)})

    def test_invoice_due(self):
        due = self._invoice_of(self.customer, DAY + timedelta(days=3))
        self._invoice_of(self.customer, DAY + timedelta(days=5))
        rule = self._rule("invoice_due", offset_days=-3)
        self._run()
        self.assertEqual([(log.res_id, log.state) for log in self._log(rule)], [(due.id, "queued")])

    def test_invoice_in_instalments(self):
        """Due on the day of each that is open, as payment reminders tell of it; not on that of the last alone."""
        parts = [{"value": "percent", "value_amount": 50, "nb_days": days} for days in (25, 32)]
        terms = self.env["account.payment.term"].create(
            {
                "name": "In Two Parts",
                "company_id": self.company_eur.id,
                "line_ids": [Command.create(part) for part in parts],
            }
        )
        week = timedelta(days=7)
        both, one = (
            self._invoice_of(self.customer, DAY + week, invoice_payment_term_id=terms.id)
            for _number in range(2)
        )
        withheld = self._invoice_of(self.customer, DAY + week, invoice_payment_term_id=terms.id)
        withheld.no_followup = True
        rule = self._rule("invoice_due")
        self._run(datetime(2026, 11, 26, 0, 30))
        self.assertEqual(self._states(rule), [(DAY, "planned", False)] * 2)
        first = one.line_ids.filtered(lambda line: line.date_maturity == DAY)
        self._pay(one, first.balance, date="2026-11-25")
        self.assertTrue(first.reconciled)
        self._run()
        expected = [(both.id, DAY, "queued"), (one.id, DAY, "skipped")]
        self.assertEqual([(log.res_id, log.due_date, log.state) for log in self._log(rule)], expected)
        self._run(MORNING + week)
        expected += [(both.id, DAY + week, "queued"), (one.id, DAY + week, "queued")]
        self.assertEqual([(log.res_id, log.due_date, log.state) for log in self._log(rule)], expected)

    def test_paid_meanwhile(self):
        due = self._invoice_of(self.customer, DAY)
        rule = self._rule("invoice_due")
        self._run(datetime(2026, 11, 26, 0, 30))
        self.assertEqual(self._states(rule), [(DAY, "planned", False)])
        self._pay_all(due)
        self._run()
        self.assertEqual(self._states(rule), [(DAY, "skipped", "not_due")])

    def test_left_out_of_payment_reminders(self):
        """Who is not to be reminded of payments gets no mail that an invoice is due; our own people do."""
        self.customer2.email = "other@example.com"
        self.customer2.with_company(self.company_eur).payment_reminder_excluded = True
        disputed, paused, excluded, due = (
            self._invoice_of(partner, DAY)
            for partner in (self.customer, self.customer, self.customer2, self.customer)
        )
        disputed.reminder_dispute = "Broken leg"
        paused.reminder_pause_until = DAY
        rule, ours = self._rule("invoice_due"), self._rule("invoice_due", audience="salesperson")
        self._run()
        self.assertEqual([(log.res_id, log.state) for log in self._log(rule)], [(due.id, "queued")])
        self.assertEqual(self._log(ours).mapped("res_id"), (disputed + paused + excluded + due).ids)

    def test_disputed_meanwhile(self):
        """A mail that waits does not go while the invoice is disputed."""
        due = self._invoice_of(self.customer, DAY)
        rule = self._rule("invoice_due")
        self._run(datetime(2026, 11, 26, 0, 30))
        due.reminder_dispute = "Broken leg"
        self._run()
        self.assertEqual(self._states(rule), [(DAY, "skipped", "not_due")])
        due.reminder_dispute = False
        self._run(MORNING + timedelta(hours=1))
        self.assertEqual(self._states(rule), [(DAY, "queued", False)])

    def test_draft_for_an_hour(self):
        """An invoice that is posted again is due after all; its mail goes once."""
        due = self._invoice_of(self.customer, DAY)
        rule = self._rule("invoice_due")
        self._run(datetime(2026, 11, 26, 0, 30))
        due.button_draft()
        self._run()
        self.assertEqual(self._states(rule), [(DAY, "skipped", "not_due")])
        due.action_post()
        for hours in (1, 2):
            self._run(MORNING + timedelta(hours=hours))
            self.assertEqual(self._states(rule), [(DAY, "queued", False)])
        self.assertEqual(self.env["mail.mail"].search_count([("headers", "like", f"'{rule.id}'")]), 1)

    def _pay_all(self, move):
        wizard = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=move.ids)
            .create({})
        )
        wizard.action_create_payments()
        self.env["account.move"].invalidate_model()
        self.assertIn(move.payment_state, ("paid", "in_payment"))

    def test_contract_end(self):
        terms = self.env["supplier.terms"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company_eur.id,
                "date_from": date(2026, 1, 1),
                "date_to": date(2026, 12, 26),
            }
        )
        rule = self._rule("contract_end", offset_days=-30)
        self._run()
        self.assertEqual([(log.res_id, log.due_date) for log in self._log(rule)], [(terms.id, DAY)])

    def test_promised_sale_is_cut_in_the_zone_of_the_company(self):
        # 23:30 on the 25th in UTC is the 26th in Ho Chi Minh City
        order = self._quote(commitment_date=datetime(2026, 11, 25, 23, 30))
        order.action_confirm()
        rule = self._rule("promised_sale")
        self._run()
        self.assertEqual([(log.res_id, log.due_date) for log in self._log(rule)], [(order.id, DAY)])

    def test_promised_purchase(self):
        order = self.env["purchase.order"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company_eur.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.chair.id,
                            "product_qty": 2,
                            "price_unit": 10,
                            "date_planned": day,
                        }
                    )
                    for day in (
                        datetime(2026, 11, 26, 5),
                        datetime(2026, 11, 27, 5),
                        datetime(2026, 11, 26, 6),
                    )
                ],
            }
        )
        order.button_confirm()
        rule = self._rule("promised_purchase")
        self._run(MORNING + timedelta(days=1))
        self.assertEqual(
            [(log.res_id, log.due_date, log.state) for log in self._log(rule)],
            [(order.id, DAY, "queued"), (order.id, DAY + timedelta(days=1), "queued")],
            "one for each day, not for each line",
        )

    def test_promised_services_are_not_chased(self):
        """All goods are here; nobody enters that the freight was received."""
        order = self.env["purchase.order"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company_eur.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "product_qty": 1,
                            "price_unit": 10,
                            "date_planned": datetime(2026, 11, day, 5),
                        }
                    )
                    for product, day in ((self.lamp, 26), (self.advice, 26), (self.chair, 27))
                ],
            }
        )
        order.button_confirm()
        lamp = order.picking_ids.move_ids.filtered(lambda move: move.product_id == self.lamp)
        lamp.write({"quantity": 1, "picked": True})
        lamp._action_done()
        rule = self._rule("promised_purchase")
        self._run(MORNING + timedelta(days=1))
        self.assertEqual(
            [log.due_date for log in self._log(rule)], [DAY + timedelta(days=1)], "consumables are goods"
        )

    def test_birthday_of_a_contact_of_the_parent_company(self):
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company_eur.id})
        branch.partner_id.tz = "Asia/Ho_Chi_Minh"
        person = self._person(company_id=self.company_eur.id, parent_id=False)
        rule = self._rule("birthday", company_id=branch.id)
        self._run()
        self.assertEqual(self._log(rule).mapped("res_id"), person.ids)

    def test_first_purchase(self):
        self._invoice_of(self.customer, DAY, invoice_date=date(2023, 11, 26))
        self._invoice_of(self.customer, DAY, invoice_date=date(2024, 12, 1))
        fresh = self._create_company_partner("Fresh", email="fresh@example.com")
        self._invoice_of(fresh, DAY, invoice_date=DAY)
        rule = self._rule("first_purchase")
        self._run()
        self.assertEqual([(log.res_id, log.due_date) for log in self._log(rule)], [(self.customer.id, DAY)])

    def test_next_contact(self):
        contact = self.env["partner.contact.log"].create(
            {
                "name": "Call",
                "partner_id": self.customer.id,
                "company_id": self.company_eur.id,
                "user_id": self.user_sales.id,
                "state": "planned",
                "date": datetime(2026, 11, 27, 3),
            }
        )
        rule = self._rule("next_contact", offset_days=-1)
        self._run()
        self.assertEqual([(log.res_id, log.state) for log in self._log(rule)], [(contact.id, "queued")])

    def test_condition(self):
        self._person("Ann")
        bob = self._person("Bob")
        rule = self._rule("birthday", condition="[('name', '=', 'Bob')]")
        self._run()
        self.assertEqual(self._log(rule).mapped("res_id"), bob.ids)

    def test_switched_on_does_not_mail_the_past(self):
        self._person(day=date(1990, 11, 25))
        today = self._person("Today")
        rule = self._rule("birthday", since=DAY)
        self._run()
        self.assertEqual(self._log(rule).mapped("res_id"), today.ids)

    def test_catch_up(self):
        self._person("Fresh", date(1990, 11, 23))
        self._person("Stale", date(1990, 11, 22))
        self._person("Old", date(1990, 11, 20))
        rule = self._rule("birthday", sat=True, sun=True)
        # the server stood still until Thursday, 7:50; three days are caught up
        self._run(datetime(2026, 11, 26, 1, 0))
        self.assertEqual(
            self._states(rule),
            [
                (date(2026, 11, 20), "skipped", "too_late"),
                (date(2026, 11, 22), "skipped", "too_late"),
                (date(2026, 11, 23), "queued", False),
            ],
        )
        self._run(datetime(2026, 11, 26, 5, 0))
        self.assertEqual(len(self._log(rule)), 3, "a further run notes nothing twice")

    def test_no_days_to_catch_up(self):
        """A mail leaves on its day, whenever the scheduler comes, and on no later one."""
        self.company_eur.relations_mail_catch_up_days = 0
        self._person()
        self._person("Yesterday", date(1990, 11, 25))
        rule = self._rule("birthday")
        self._run(MORNING + timedelta(hours=5, minutes=7))
        expected = [(date(2026, 11, 25), "skipped", "too_late"), (DAY, "queued", False)]
        self.assertEqual(self._states(rule), expected)

    def test_what_was_due_before_cannot_be_mailed(self):
        """Not by a call that writes the day from which a rule mails."""
        rule = self._rule("birthday").with_user(self.user_director)
        rule = rule.with_context(allowed_company_ids=self.company_eur.ids)
        model = rule.with_context(default_date_start="2020-01-01", default_planned_until="2020-01-01")
        for values in ({"date_start": "2020-01-01"}, {"planned_until": "2020-01-01"}):
            with self.assertRaises(AccessError), self.cr.savepoint():
                rule.write(values)
            with self.assertRaises(AccessError), self.cr.savepoint():
                model.create({"name": "x", "template_id": rule.template_id.id, **values})
        new = model.create(
            {
                "name": "x",
                "company_id": self.company_eur.id,
                "trigger": "birthday",
                "template_id": rule.template_id.id,
            }
        )
        self.assertRecordValues(new, [{"date_start": False, "planned_until": False}])
        rule.is_on = False
        rule.is_on = True
        self.assertEqual(rule.date_start, rule._get_today(), "switching it on is what sets it")

    def test_not_moved_into_another_company(self):
        """Where it would mail the customers of that company."""
        rule = self._rule("birthday").with_user(self.user_director)
        rule = rule.with_context(allowed_company_ids=self.company_eur.ids)
        other = self.env["res.company"].create({"name": "Mailed by Others"})
        with self.assertRaises(AccessError):
            rule.company_id = other
