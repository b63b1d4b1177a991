import itertools
from datetime import date, datetime, timedelta
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import freeze_time, tagged

from ...tools.internal import INTERNAL
from .sales_history import TODAY
from .test_partner_classes import ClassesCommon


class EffortCommon(ClassesCommon):
    """The customers of ``ClassesCommon``, with the policy that a new company gets."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.effort = cls.env["partner.effort.policy"]._get_for(cls.company_eur)
        # contacts made on the day of the test are no customers of long ago
        cls.env.flush_all()
        cls.env.cr.execute(
            "UPDATE res_partner SET create_date = %s WHERE id = ANY(%s)",
            [datetime(2026, 1, 15, 8), cls.partners.ids],
        )
        cls.env.invalidate_all()

    @classmethod
    def _contact(cls, partner, days, state="done", user=None, **values):
        return (
            cls.env["partner.contact.log"]
            .with_company(cls.company_eur)
            .create(
                {
                    "name": "Talk",
                    "partner_id": partner.id,
                    "channel": "phone",
                    "state": state,
                    "date": datetime.combine(TODAY, datetime.min.time())
                    - timedelta(days=days)
                    + timedelta(hours=7),
                    "user_id": (user or cls.user_sales).id,
                    "company_id": cls.company_eur.id,
                    **values,
                }
            )
        )

    def _report(self, user=None, company=None):
        return self._as(user or self.user_director, company).env["partner.rhythm.report"]

    def _refuse(self, pattern):
        """Like ``assertRaisesRegex`` for a ValidationError, with what was written undone."""
        test = self

        class Refusal:
            def __enter__(self):
                self.caught = test.assertRaises(ValidationError)
                self.context = self.caught.__enter__()

            def __exit__(self, *exception):
                handled = self.caught.__exit__(*exception)
                test.assertRegex(str(self.context.exception), pattern)
                return handled

        return Refusal()

    def _row(self, partner, user=None, **context):
        self.env.flush_all()
        self.env.invalidate_all()
        return self._report(user).with_context(**context).search([("partner_id", "=", partner.id)])

    def _remind(self, **values):
        self.env.flush_all()
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            self.env(cr=cr, context={})["partner.effort.reminder"]._cron_remind(**values)
        self.env.invalidate_all()

    def _activities(self, partners=None):
        return self.env["mail.activity"].search(
            [
                ("activity_type_id", "=", self.env.ref("partner_relations.mail_activity_type_rhythm").id),
                ("res_model", "=", "res.partner"),
                ("res_id", "in", (partners or self.partners).ids),
            ],
            order="id",
        )


@tagged("post_install", "-at_install")
@freeze_time(f"{TODAY} 09:00:00")
class TestEffortPolicy(EffortCommon):
    def test_defaults(self):
        self.assertEqual(self.env["partner.effort.policy"]._get_for(self.company_eur), self.effort)
        self.assertTrue(self.effort.make_activities)
        self.assertEqual(self.effort.activity_limit, 5)
        self.assertFalse(any(self.effort.rule_ids.mapped("is_unreachable")))
        days = {
            partner: self._row(partner).contact_days
            for partner in self.alpha + self.beta + self.gamma + self.delta + self.omega
        }
        self.assertEqual(
            days, {self.alpha: 14, self.beta: 30, self.gamma: 60 - 15, self.delta: 90, self.omega: 90}
        )

    def test_one_time_before_c(self):
        """Gamma is one-time and C: the rule of one-time customers stands first."""
        self.assertEqual(self._row(self.gamma).rule_id.stage, "one_time")
        rules = self.effort.rule_ids
        rules.filtered(lambda rule: rule.abc_class == "c").sequence = 1
        self.assertEqual(self._row(self.gamma).contact_days, 60)

    def test_first_rule_wins(self):
        """Against the plain walk through the rules, for every combination of classes and ties of the order."""
        self.effort.rule_ids.write({"sequence": 5})
        rules, found = self.effort._get_rules_by_classes(), self.env["partner.effort.rule"]
        stages = ("", "potential", "one_time", "regular", "lost")
        for classes in itertools.product(("", "a", "b", "c"), ("", "x", "y", "z"), stages):
            expected = self.env["partner.effort.rule"]
            for each in self.effort.rule_ids.sorted(lambda rule: (rule.sequence, rule.id)):
                wanted = (each.abc_class, each.xyz_class, each.stage)
                if all(not w or w == c for w, c in zip(wanted, classes, strict=True)):
                    expected = each
                    break
            self.assertEqual(rules.get(classes, expected.browse()), expected, classes)
            found |= expected
        self.assertGreater(len(found), 3)
        for partner in self.partners - self.alpha_person:
            row = self._row(partner)
            key = (row.abc_class or "", row.xyz_class or "", row.stage or "")
            self.assertEqual(row.rule_id, self.effort._get_rules_by_classes()[key])

    def test_no_rule(self):
        """Customers that no rule fits are not in the list; without a rhythm they are, and never late."""
        self.effort.rule_ids.filtered(lambda rule: rule.stage == "potential").unlink()
        self.assertFalse(self._row(self.omega))
        rule = self._row(self.alpha).rule_id
        rule.contact_days = 0
        row = self._row(self.alpha)
        self.assertEqual(row.rule_id, rule)
        for name in ("contact_days", "days_overdue", "due_date", "is_past"):
            self.assertIs(row[name], False)
        self.effort.action_archive()
        self.assertFalse(self._report().search([]))
        self.assertFalse(self.env["partner.effort.policy"]._get_for(self.company_eur))

    def test_unreachable_rule(self):
        rules = self.effort.rule_ids
        rules[0].sequence = 1000  # A X regular after A
        self.assertEqual(rules.filtered("is_unreachable"), rules[0])
        everybody = self.env["partner.effort.rule"].create({"policy_id": self.effort.id, "sequence": 0})
        self.assertEqual(self.effort.rule_ids.filtered("is_unreachable"), rules)
        self.assertFalse(everybody.is_unreachable)

    def test_customer_counts(self):
        counts = {rule: rule.customer_count for rule in self.effort.rule_ids}
        rows = self._report().search([])
        self.assertGreaterEqual(len(rows), 5)
        for rule, count in counts.items():
            self.assertEqual(count, len(rows.filtered(lambda row, rule=rule: row.rule_id == rule)))
        self.assertGreaterEqual(sum(counts.values()), 5)

    def test_validation(self):
        rule = self.effort.rule_ids[0]
        for days in (-1, 3651):
            with self._refuse("A, X, Regular.*Standard"):
                rule.contact_days = days
        rule.contact_days = 3650
        rule.contact_days = 1
        with self._refuse("fixed person"):
            rule.owner_type = "user"
        elsewhere = self._create_user("relations_elsewhere", "partner_relations.group_user", name="Elsewhere")
        elsewhere.write({"company_ids": [Command.set(self.company2.ids)], "company_id": self.company2.id})
        with self._refuse("Elsewhere.*Selling in Euro"):
            rule.write({"owner_type": "user", "owner_id": elsewhere.id})
        for limit in (0, 101):
            with self._refuse("Standard"):
                self.effort.activity_limit = limit
        with self._refuse("Selling in Euro.*Standard"):
            self.env["partner.effort.policy"].create({"name": "Second", "company_id": self.company_eur.id})
        self.effort.active = False
        second = self.env["partner.effort.policy"].create(
            {"name": "Second", "company_id": self.company_eur.id}
        )
        second.active = False
        # also for a caller who looks at archived ones
        self.effort.with_context(active_test=False).active = True
        with self._refuse("Selling in Euro.*Standard"):
            second.with_context(active_test=False).active = True

    def test_rights(self):
        for user in (self.user_sales, self.user_supervisor):
            policy = self.effort.with_env(self._as(user).env)
            self.assertEqual(policy.name, "Standard")
            with self.assertRaises(AccessError):
                policy.activity_limit = 9
            with self.assertRaises(AccessError):
                policy.rule_ids[0].contact_days = 9
        self.effort.with_env(self._as(self.user_director).env).rule_ids[0].contact_days = 9
        other = self.env["partner.effort.policy"]._get_for(self.company_usd)
        with self.assertRaises(AccessError):
            other.with_user(self.user_director).with_context(allowed_company_ids=self.company_eur.ids).read(
                ["name"]
            )


@tagged("post_install", "-at_install")
@freeze_time(f"{TODAY} 09:00:00")
class TestRhythmReport(EffortCommon):
    def test_borders(self):
        """On the last day of the rhythm a customer is not late, on the next one it is."""
        for days, overdue in ((0, False), (13, False), (14, False), (15, 1), (35, 21)):
            with self.subTest(days=days):
                log = self._contact(self.alpha, days)
                row = self._row(self.alpha)
                self.assertEqual(row.days_since, days)
                self.assertEqual(row.days_overdue, overdue)
                self.assertIs(row.is_past, bool(overdue))
                self.assertEqual(row.due_date, TODAY - timedelta(days=days) + timedelta(days=14))
                self.assertEqual(row.last_contact_date, log.date)
                log.sudo().unlink()

    def test_whose_contacts_count(self):
        """Of anybody, with any person of the customer; not planned, cancelled or of another company."""
        self._contact(self.alpha_person, 5, user=self.user_sales2)
        self.assertEqual(self._row(self.alpha, self.user_sales).days_since, 5)
        self._contact(self.alpha, 3, state="cancelled")
        self._contact(self.alpha, -3, state="planned")
        self._contact(self.alpha, 2, company_id=self.company_usd.id)
        row = self._row(self.alpha, self.user_sales)
        self.assertEqual(row.days_since, 5)
        self.assertEqual(row.next_contact_date.date(), TODAY + timedelta(days=3))
        self._contact(self.alpha, 1)
        self.assertEqual(self._row(self.alpha).days_since, 1)

    def test_no_contact_ever(self):
        """Counted from the first sale; a customer without one from the day it was created."""
        row = self._row(self.gamma)
        self.assertFalse(row.last_contact_date)
        self.assertEqual(row.since_date, date(2026, 8, 10))
        self.assertEqual(row.days_since, (TODAY - date(2026, 8, 10)).days)
        row = self._row(self.omega)
        self.assertEqual(row.since_date, date(2026, 1, 15))
        self.assertTrue(row.is_past)

    def test_day_of_the_user(self):
        """A contact late in the evening falls on the day it has where the user works."""
        self._contact(self.alpha, 0, date=datetime(2026, 11, 10, 20))
        self.assertEqual(self._row(self.alpha, tz="UTC").since_date, date(2026, 11, 10))
        self.assertEqual(self._row(self.alpha, tz="Asia/Ho_Chi_Minh").since_date, date(2026, 11, 11))

    def test_figures(self):
        row = self._row(self.alpha)
        line = self.run_eur.line_ids.filtered(lambda line: line.partner_id == self.alpha)
        self.assertEqual((row.id, row.line_id, row.revenue), (line.id, line, 9600))
        self.assertEqual((row.abc_class, row.xyz_class, row.stage, row.priority), ("a", "x", "regular", "3"))
        self.assertIs(self._row(self.omega).revenue, False)
        totals = self._report().formatted_read_group(
            [("partner_id", "in", self.partners.ids), ("is_past", "=", True)],
            ["owner_id"],
            ["__count", "revenue:sum", "days_overdue:avg"],
        )
        rows = self._report().search([("partner_id", "in", self.partners.ids), ("is_past", "=", True)])
        self.assertTrue(totals)
        for total in totals:
            mine = rows.filtered(lambda row: row.owner_id.id == (total["owner_id"] or [False])[0])  # noqa: B023
            self.assertEqual(total["__count"], len(mine))
            self.assertAlmostEqual(total["days_overdue:avg"], sum(mine.mapped("days_overdue")) / len(mine))
        self.assertEqual(sum(total["__count"] for total in totals), len(rows))
        action = row.action_open_partner()
        self.assertEqual((action["res_model"], action["res_id"]), ("res.partner", self.alpha.id))

    def test_order(self):
        rows = self._report().search([("partner_id", "in", self.partners.ids)])
        self.assertEqual(rows[0].partner_id, self.alpha)
        priorities = [row.priority for row in rows]
        self.assertEqual(priorities, sorted(priorities, reverse=True))

    def test_owner(self):
        """The salesperson, the leader of the team, a fixed person; in place of who is gone the salesperson."""
        rule = self._row(self.alpha).rule_id
        self.assertEqual(self._row(self.alpha).owner_id, self.user_sales)
        rule.owner_type = "leader"
        self.assertEqual(self._row(self.alpha).owner_id, self.user_sales, "a team without a leader")
        team = self.env["crm.team"].create(
            {
                "name": "Euro",
                "company_id": self.company_eur.id,
                "user_id": self.user_supervisor.id,
                "member_ids": [Command.set(self.user_sales.ids)],
            }
        )
        self.assertEqual(self._row(self.alpha).owner_id, self.user_supervisor)
        self.user_supervisor.active = False
        self.assertEqual(self._row(self.alpha).owner_id, self.user_sales, "a leader who left")
        self.user_supervisor.active = True
        (self.user_sales + self.user_supervisor).write({"company_ids": [Command.link(self.company_usd.id)]})
        team.company_id = self.company_usd
        self.assertEqual(self._row(self.alpha).owner_id, self.user_sales, "a team of another company")
        rule.write({"owner_type": "user", "owner_id": self.user_sales2.id})
        self.assertEqual(self._row(self.alpha).owner_id, self.user_sales2)
        self.user_sales2.active = False
        self.assertEqual(self._row(self.alpha).owner_id, self.user_sales, "a fixed person who left")
        self.user_sales.active = False
        self.assertFalse(self._row(self.alpha).owner_id)
        self.beta.user_id = False
        self.assertFalse(self._row(self.beta).owner_id)
        self.assertIn(self.beta, self._report().search([("owner_id", "=", False)]).partner_id)

    def test_on_the_board(self):
        """Customers past their rhythm are counted beside the sections, reminded of or not, planned or not."""
        self._contact(self.alpha, 5)  # within the rhythm
        self._contact(self.beta, -400, state="planned")
        for user, scope, partners in (
            (self.user_sales, "mine", self.beta + self.omega),
            (self.user_supervisor, "mine", self.beta.browse()),
            (self.user_supervisor, "team", self.beta + self.delta + self.omega),
            (self.user_director, "all", self.beta + self.gamma + self.delta + self.omega),
        ):
            board = self._as(user).env["partner.control.board"]
            with self.subTest(user=user.login, scope=scope):
                action = board.open_rhythm(scope)
                found = board.env[action["res_model"]].search(action["domain"])
                self.assertEqual(found.partner_id & self.partners, partners)
                self.assertEqual(board.count_past_rhythm(scope), len(found))

    def test_rights(self):
        def seen(user):
            self.env.flush_all()
            return self._report(user).search([("partner_id", "in", self.partners.ids)]).partner_id

        self.assertEqual(seen(self.user_sales), self.alpha + self.beta + self.omega)
        self.assertEqual(seen(self.user_sales2), self.gamma)
        self.assertEqual(seen(self.user_supervisor), self.alpha + self.beta + self.delta + self.omega)
        self.assertEqual(seen(self.user_director), self.partners - self.alpha_person)
        self.gamma.responsible_user_ids = self.user_sales
        self.assertIn(self.gamma, seen(self.user_sales))
        # whom a rule names sees the customers it gives
        self._row(self.alpha).rule_id.write({"owner_type": "user", "owner_id": self.user_sales2.id})
        self.assertEqual(set(seen(self.user_sales2).ids), {self.alpha.id, self.gamma.id})
        self.user_sales.group_ids += self.env.ref("base.group_allow_export")
        rows = self._report(self.user_sales).web_search_read([], {"partner_id": {}})["records"]
        self.assertEqual(len(rows), 4)
        exported = self._row(self.alpha, self.user_sales).export_data(["partner_id", "contact_days"])["datas"]
        self.assertEqual(exported, [["Alpha", 14]])
        with self.assertRaises(AccessError):
            self._report(self.user_sales).create({})

    def test_companies(self):
        policy = self.env["partner.classification.policy"]._get_for(self.company_usd)
        self._sell(self.gamma, "2026-10-01", 1000, company=self.company_usd)
        self._create_run(policy).action_post()
        usd = self.env["partner.effort.policy"]._get_for(self.company_usd)
        usd.rule_ids.contact_days = 7
        self.user_director.company_ids = self.company_eur + self.company_usd
        in_usd = self._report(self.user_director, self.company_usd).search(
            [("partner_id", "=", self.gamma.id)]
        )
        self.assertEqual((in_usd.company_id, in_usd.contact_days), (self.company_usd, 7))
        in_eur = self._report(self.user_director, self.company_eur).search(
            [("partner_id", "=", self.gamma.id)]
        )
        self.assertEqual((in_eur.company_id, in_eur.contact_days), (self.company_eur, 45))
        both = self._report().with_context(allowed_company_ids=(self.company_eur + self.company_usd).ids)
        self.assertEqual(both.search([("partner_id", "=", self.gamma.id)]), in_usd + in_eur)

    def test_archived_and_merged(self):
        self.omega.action_archive()
        self.assertFalse(self._row(self.omega))
        self._contact(self.gamma, 2)
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            (self.alpha + self.gamma).ids, self.alpha
        )
        row = self._row(self.alpha)
        self.assertEqual(len(row), 1)
        self.assertEqual((row.days_since, row.contact_days), (2, 14))
        self.assertFalse(self._row(self.gamma))

    def test_few_queries(self):
        report = self._report(self.user_sales)
        specification = {
            "partner_id": {"fields": {"display_name": {}}}, "days_overdue": {}, "company_id": {},
            "owner_id": {"fields": {"display_name": {}}},
        }  # fmt: skip

        def count(limit):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            report.web_search_read([], specification, limit=limit)
            return self.env.cr.sql_log_count - before

        count(3)
        self.assertLessEqual(count(3), count(1) + 1)


@tagged("post_install", "-at_install")
@freeze_time(f"{TODAY} 09:00:00")
class TestEffortReminders(EffortCommon):
    def test_activity(self):
        self._contact(self.alpha, 35)
        self._remind()
        activity = self._activities(self.alpha)
        self.assertRecordValues(
            activity,
            [
                {
                    "user_id": self.user_sales.id,
                    "date_deadline": TODAY,
                    "summary": "Class AX, regular: no contact for 35 days, wanted every 14",
                    "active": True,
                }
            ],
        )
        # it is a planned contact
        row = self._row(self.alpha, self.user_sales)
        self.assertEqual(row.next_contact_date.date(), TODAY)
        self.assertEqual(self._activities(self.gamma).summary[:33], "Class C, one-time: no contact so ")
        activity.with_env(self._as(self.user_sales).env).action_feedback(feedback="Called")
        row = self._row(self.alpha)
        self.assertEqual((row.days_since, row.is_past, row.next_contact_date), (0, False, False))

    def test_who_is_reminded_of(self):
        self._contact(self.alpha, 14)  # within the rhythm
        self._contact(self.beta, 90)
        self._contact(self.beta, -1, state="planned")  # planned already
        self.gamma.user_id = False  # nobody's
        self.omega.action_archive()
        self._remind()
        self.assertEqual(self._activities().mapped("res_id"), self.delta.ids)

    def test_once(self):
        """Not on the next run or day, nor when the activity was deleted; again after a contact and a lapse."""
        self._remind()
        first = self._activities()
        self.assertEqual(len(first), 5)
        self._remind()
        self.assertEqual(self._activities(), first)
        first.filtered(lambda activity: activity.res_id == self.alpha.id).unlink()
        with freeze_time("2026-11-24 03:00:00"):
            self._remind()
        self.assertFalse(self._activities(self.alpha))
        self._contact(self.alpha, 0)
        with freeze_time("2026-12-07 09:00:00"):
            self._remind()
            self.assertFalse(self._activities(self.alpha))
        with freeze_time("2026-12-08 09:00:00"):
            self._remind()
            self.assertEqual(len(self._activities(self.alpha)), 1)

    def test_handed_over(self):
        """Whoever gets the customer is reminded of the lapse; what somebody planned who left is no contact to come."""
        self._remind()
        before = self._activities(self.alpha)
        self._contact(self.alpha, -5, state="planned")
        self.alpha.user_id = self.user_sales2
        self._remind()
        self.assertEqual(self._activities(self.alpha), before, "somebody is at it")
        self.user_sales.active = False
        self.assertFalse(self._row(self.alpha).next_contact_date)
        self._remind()
        after = self._activities(self.alpha)
        self.assertEqual(after.user_id, self.user_sales2)
        self.assertFalse(before.exists())
        after.unlink()
        self._remind()
        self.assertFalse(self._activities(self.alpha), "once")

    def test_open_activity(self):
        """An open activity stands for the next lapse too, even where its type is no contact."""
        self._remind()
        self.env.ref("partner_relations.mail_activity_type_rhythm").contact_channel = False
        activity = self._activities(self.alpha)
        self._contact(self.alpha, 20)
        self.env["partner.contact.log"].search(
            [("partner_id", "=", self.alpha.id), ("state", "=", "planned")]
        ).with_context(relations_feeding=INTERNAL).sudo().write({"state": "cancelled"})
        self.assertFalse(self._row(self.alpha).next_contact_date)
        self._remind()
        self.assertEqual(self._activities(self.alpha), activity)

    def test_limit(self):
        """So many for each person and day, the highest priority and then the largest revenue first."""
        self.effort.activity_limit = 2
        self.delta.user_id = self.user_sales
        self._remind()
        self.assertEqual(
            self._activities().filtered(lambda act: act.user_id == self.user_sales).mapped("res_id"),
            [self.alpha.id, self.beta.id],
        )
        self.assertEqual(len(self._activities(self.gamma)), 1, "each person has an own limit")
        self._remind()
        self.assertEqual(len(self._activities()), 3)
        # the others follow on the next day
        with freeze_time("2026-11-24 09:00:00"):
            self._remind()
        self.assertEqual(
            self._activities().filtered(lambda act: act.user_id == self.user_sales).mapped("res_id"),
            [self.alpha.id, self.beta.id, self.delta.id, self.omega.id],
        )

    def test_batches(self):
        """In batches of one it makes the same; each is committed with what keeps it from being made again."""
        self._remind(batch_size=1)
        self.assertEqual(len(self._activities()), 5)
        reminders = self.env["partner.effort.reminder"].search([("partner_id", "in", self.partners.ids)])
        self.assertEqual(len(reminders), 5)
        self.assertEqual(reminders.sudo().activity_id, self._activities().sorted("id"))

    def test_cut_off(self):
        """A run that dies goes on where it ended: what was committed is kept, nothing comes twice."""
        reminders = self.env["partner.effort.reminder"].with_company(self.company_eur)
        due = reminders._get_due(self.effort, 2)
        self.assertEqual(len(due), 2)
        reminders._remind(due)
        self._remind()
        self.assertEqual(
            sorted(self._activities().mapped("res_id")), sorted((self.partners - self.alpha_person).ids)
        )

    def test_two_workers(self):
        """What another worker made in between is left out, by the index and not by luck."""
        reminders = self.env["partner.effort.reminder"].with_company(self.company_eur)
        first = reminders._get_due(self.effort, 200)
        second = reminders._get_due(self.effort, 200)
        self.assertEqual(first, second)
        self.assertEqual(len(reminders._remind(first)), 5)
        self.assertFalse(reminders._remind(second))
        self.assertEqual(len(self._activities()), 5)

    def test_one_company_fails(self):
        """A company that comes before, and fails each time, keeps nobody else from being reminded."""
        before = self.env.ref("base.main_company")
        self.assertLess(before.id, self.company_eur.id)
        self.env["partner.effort.policy"]._get_for(before).make_activities = True
        model, failed = type(self.env["partner.effort.reminder"]), []
        get_due = model._get_due

        def failing(reminders, policy, *args):
            if policy.company_id == before:
                failed.append(policy)
                raise ValueError("broken")
            return get_due(reminders, policy, *args)

        with (
            patch.object(model, "_get_due", failing),
            self.assertLogs("odoo.addons.partner_relations.tools.apart", "ERROR") as log,
        ):
            self._remind()
        self.assertEqual(len(failed), 1)
        self.assertIn(before.name, log.output[0])
        self.assertEqual(len(self._activities()), 5)

    def test_off(self):
        self.effort.make_activities = False
        self._remind()
        self.assertFalse(self._activities())
        self.effort.write({"make_activities": True, "active": False})
        self._remind()
        self.assertFalse(self._activities())

    def test_owner_without_access(self):
        """Whoever may not read the contact, or does not work in the company, gets no activity on it."""
        self.alpha.company_id = self.company_eur
        rule = self._row(self.alpha).rule_id
        rule.write({"owner_type": "user", "owner_id": self.user_sales2.id})
        self.user_sales2.write(
            {"company_ids": [Command.set(self.company_usd.ids)], "company_id": self.company_usd.id}
        )
        self._remind()
        self.assertFalse(self._activities(self.alpha))
        self.assertFalse(self._activities(self.gamma))
        self.assertEqual(len(self._activities()), 3)

    def test_contacts_that_their_owner_may_not_read(self):
        """They do not use up what a person gets in a day."""
        self.effort.activity_limit = 1
        self.env["ir.rule"].create(
            {
                "name": "Not everybody's",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": repr([("id", "!=", self.alpha.id)]),
            }
        )
        for batch_size in (1, 200):
            with self.subTest(batch_size=batch_size):
                self._activities().unlink()
                self.env["partner.effort.reminder"].sudo().search([]).unlink()
                self._remind(batch_size=batch_size)
                mine = self._activities().filtered(lambda act: act.user_id == self.user_sales)
                self.assertEqual(mine.mapped("res_id"), [self.beta.id])

    def test_many_contacts_that_their_owner_may_not_read(self):
        """However many there are, the report is asked once more."""
        self.effort.activity_limit = 1
        self.env["ir.rule"].create(
            {
                "name": "Not everybody's",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": repr([("id", "not in", (self.alpha + self.beta).ids)]),
            }
        )
        model, passes = type(self.env["partner.effort.reminder"]), []
        get_due = model._get_due

        def counted(reminders, policy, *args):
            passes.append(policy.id)
            return get_due(reminders, policy, *args)

        with patch.object(model, "_get_due", counted):
            self._remind()
        mine = self._activities().filtered(lambda act: act.user_id == self.user_sales)
        self.assertEqual(mine.mapped("res_id"), [self.omega.id])
        self.assertEqual(passes.count(self.effort.id), 2)

    def test_turn_done_anew(self):
        """What was made in a turn that met another worker, and was undone, is made in the next one."""
        reminders = self.env["partner.effort.reminder"].with_company(self.company_eur)
        unreadable = set()
        for _attempt in range(2):
            with self.cr.savepoint() as savepoint:
                reminders._remind_batch(self.effort, 200, unreadable)
                self.assertEqual(len(self._activities()), 5)
                savepoint.rollback()

    def test_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.user_sales.lang = "fr_FR"
        stage = self.env["ir.model.fields.selection"].search(
            [
                ("field_id.model", "=", "partner.classification.line"),
                ("field_id.name", "=", "stage"),
                ("value", "=", "regular"),
            ]
        )
        stage.with_context(lang="fr_FR").name = "Régulier"
        self._remind()
        self.assertIn("régulier", self._activities(self.alpha).summary)

    def test_note(self):
        self._row(self.alpha).rule_id.note = "Ask <about> plans"
        self._remind()
        self.assertIn("Ask &lt;about&gt; plans", self._activities(self.alpha).note)

    def test_deleted_type(self):
        self.env.ref("partner_relations.mail_activity_type_rhythm").unlink()
        self._remind()
        reminders = self.env["partner.effort.reminder"].search([("partner_id", "in", self.partners.ids)])
        self.assertEqual(len(reminders.sudo().activity_id), 5)

    def test_merged(self):
        """Merged contacts keep their reminders and are not reminded of twice."""
        self._remind()
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            (self.alpha + self.gamma).ids, self.alpha
        )
        before = len(self._activities())
        self._remind()
        self.assertEqual(len(self._activities()), before)

    def test_merged_with_lapses_of_one_day(self):
        """Two contacts that were last reached on the same day are merged all the same."""
        day = TODAY - timedelta(days=35)
        reminders = self.env["partner.effort.reminder"].create(
            [
                {
                    "company_id": self.company_eur.id,
                    "partner_id": partner.id,
                    "user_id": self.user_sales.id,
                    "since_date": day,
                    "date": TODAY,
                }
                for partner in (self.alpha, self.gamma)
            ]
        )
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            (self.alpha + self.gamma).ids, self.alpha
        )
        self.assertEqual(reminders.exists(), reminders[0])
        self.assertEqual(reminders[0].partner_id, self.alpha)

    def test_no_mail(self):
        """The activities stand in the top bar; they send no e-mail each."""
        before = self.env["mail.mail"].search_count([])
        self._remind()
        self.assertEqual(self.env["mail.mail"].search_count([]), before)
