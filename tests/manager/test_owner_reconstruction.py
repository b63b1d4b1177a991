"""Who was responsible before owners were kept: from messages, orders and the salesperson at the installation."""

import doctest
import random
from datetime import date, datetime, timedelta
from unittest.mock import patch

import pytz

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tests.common import freeze_time

from odoo.addons.partner_relations.tools import owner_periods
from odoo.addons.partner_relations.tools.owner_periods import Period, from_changes, from_months, month_owners
from odoo.addons.partner_relations.tools.periods import add_months

from ..jobs import held_elsewhere, run_cron, run_without_time
from .owning import OwningCommon

INSTALLED = datetime(2026, 10, 15, 9)
MODULE = "odoo.addons.partner_relations.models.manager.partner_owner_history"


@tagged("post_install", "-at_install")
class TestOwnerReconstruction(OwningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.tz = "Asia/Ho_Chi_Minh"
        cls.company2.partner_id.tz = "America/New_York"
        cls.a, cls.b, cls.c = cls.user_sales, cls.user_sales2, cls.user_sub
        users = cls.a | cls.b | cls.c
        users.write({"company_ids": [(4, cls.company2.id)]})

    def _found(self, user):
        return Period(user.id, INSTALLED, None, None, False, "found")

    def test_definitions(self):
        failures, count = doctest.testmod(owner_periods)
        self.assertFalse(failures)
        self.assertGreater(count, 10)

    def test_nothing_told_of_it(self):
        """The salesperson at the installation, from the beginning: estimated until then, kept from then on."""
        partner = self._create_company_partner("Quiet", user_id=self.a.id)
        self._install(INSTALLED)
        self.assertEqual(
            self._values(partner),
            [Period(self.a.id, None, INSTALLED, None, True, "current"), self._found(self.a)],
        )

    def test_messages_tell(self):
        partner = self._create_company_partner("Told", user_id=self.c.id)
        march, may = datetime(2026, 3, 2, 10), datetime(2026, 5, 4, 11, 30)
        self._track(partner, may, self.b.id, self.c.id)
        self._track(partner, march, self.a.id, self.b.id)
        self._order_of(partner, datetime(2026, 1, 10), self.c)
        self._install(INSTALLED)
        self.assertEqual(
            self._values(partner),
            [
                Period(self.a.id, None, march, None, True, "tracking"),
                Period(self.b.id, march, may, None, True, "tracking"),
                Period(self.c.id, may, INSTALLED, None, True, "tracking"),
                self._found(self.c),
            ],
        )

    def test_real_messages(self):
        """What core itself writes when a salesperson changes, before the addon knows the contact."""
        partner = self._create_company_partner("Real", user_id=self.a.id)
        self.cr.precommit.run()
        with freeze_time("2026-06-01 07:00:00"):
            partner.user_id = self.b
            self.env.flush_all()
            self.cr.precommit.run()
        self._install(INSTALLED)
        values = self._values(partner)
        self.assertEqual([value.user for value in values], [self.a.id, self.b.id, self.b.id])
        self.assertEqual({value.origin for value in values if value.estimated}, {"tracking"})

    def test_nobody_after_a_change(self):
        partner = self._create_company_partner("Left Alone")
        march = datetime(2026, 3, 2, 10)
        self._track(partner, march, self.a.id, 0)
        self._install(INSTALLED)
        self.assertEqual(self._values(partner), [Period(self.a.id, None, march, None, True, "tracking")])

    def test_deleted_manager_is_left_out(self):
        partner = self._create_company_partner("Of a Deleted", user_id=self.a.id)
        march = datetime(2026, 3, 2, 10)
        self._track(partner, march, 2**30, self.a.id)
        self._install(INSTALLED)
        self.assertEqual(
            self._values(partner),
            [Period(self.a.id, march, INSTALLED, None, True, "tracking"), self._found(self.a)],
        )

    def test_orders_of_two_companies(self):
        """Each company by itself, in months of its own time zone, until the last one is handed over."""
        partner = self._create_company_partner("Of Two", user_id=self.c.id)
        # 2026-03-31 18:00 UTC is in April in Hanoi, and in March in New York
        self._order_of(partner, datetime(2026, 1, 10), self.a)
        self._order_of(partner, datetime(2026, 3, 31, 18), self.b)
        self._order_of(partner, datetime(2026, 3, 31, 18), self.a, self.company2)
        self._install(INSTALLED)
        april, may = datetime(2026, 3, 31, 17), datetime(2026, 4, 30, 17)
        april2 = datetime(2026, 4, 1, 4)
        self.assertEqual(
            self._values(partner),
            sorted(
                [
                    Period(self.a.id, None, april, self.company.id, True, "orders"),
                    Period(self.b.id, april, may, self.company.id, True, "orders"),
                    Period(self.a.id, None, april2, self.company2.id, True, "orders"),
                    Period(self.c.id, april2, may, self.company2.id, True, "orders"),
                    Period(self.c.id, may, INSTALLED, None, True, "current"),
                    self._found(self.c),
                ],
                key=self._order,
            ),
        )
        owners = self.periods._get_owners(partner, april, self.company)
        self.assertEqual(owners[partner], self.b)
        self.assertEqual(self.periods._get_owners(partner, april, self.company2)[partner], self.a)

    def test_stand_in_for_one_order(self):
        """Who helps out with one order of a month in which somebody else sold more is not responsible."""
        partner = self._create_company_partner("Helped", user_id=self.a.id)
        for day, user in ((1, self.a), (2, self.a), (3, self.b)):
            self._order_of(partner, datetime(2026, 2, day, 12), user)
        self._install(INSTALLED)
        self.assertEqual(self._values(partner)[0], Period(self.a.id, None, INSTALLED, None, True, "orders"))

    def test_archived_customer(self):
        partner = self._create_company_partner("Archived", user_id=self.a.id)
        partner.active = False
        self._install(INSTALLED)
        self.assertEqual(len(self._values(partner)), 2)

    def test_only_once_and_again_on_demand(self):
        partner = self._create_company_partner("Again", user_id=self.a.id)
        history = self._install(INSTALLED)
        before = self._values(partner)
        self.assertEqual(self.env["partner.owner.history"]._start(), history)
        self._order_of(partner, datetime(2026, 2, 1, 12), self.b)
        self.assertEqual(self._values(partner), before)
        with self.assertRaises(AccessError):
            history.with_user(self.user_supervisor).action_restart()
        history.with_user(self.user_director).action_restart()
        self.assertEqual(self._values(partner)[-1].user, self.b.id, "rows of a company sort last")
        self.assertEqual(history.progress, 100)

    def test_killed_run_goes_on(self):
        """The scheduler is stopped after each batch; what was read is not read again, and nothing is doubled."""
        partners = self.env["res.partner"].create(
            [{"name": f"P{n}", "is_company": True, "user_id": self.a.id} for n in range(40)]
        )
        self._install(INSTALLED)
        expected = [self._values(partner) for partner in partners]
        history = self.env["partner.owner.history"]._get()
        with self.enter_registry_test_mode(), patch(f"{MODULE}.BATCH_SIZE", 15):
            history._restart()
            self.assertTrue(history.next_id, "too many to be read at once")
            with patch.object(type(self.env["ir.cron"]), "_commit_progress", return_value=0):
                history._cron_fill()
            self.assertGreater(history.processed, 0)
            self.assertGreater(history.next_id, 0)
        with patch(f"{MODULE}.BATCH_SIZE", 15):
            run_without_time(self, "ir_cron_owner_history", most=500)
        self.assertFalse(history.next_id, "the scheduler is told what remains")
        self.assertEqual([self._values(partner) for partner in partners], expected)

    def test_what_another_worker_reads(self):
        """One reads the next customers at a time; a second one neither reads them nor counts them."""
        self._install(INSTALLED)
        history = self.env["partner.owner.history"]._get()
        cron = self.env.ref("partner_relations.ir_cron_owner_history")
        with self.enter_registry_test_mode(), patch(f"{MODULE}.BATCH_SIZE", 1):
            history._restart()
            before = (history.next_id, history.processed)
            with held_elsewhere(history):
                run_cron(cron)
            history.invalidate_recordset()
            self.assertEqual((history.next_id, history.processed), before)
            run_cron(cron)
            history.invalidate_recordset()
            self.assertGreater(history.processed, 0)

    def test_as_many_statements_for_many(self):
        self._install(INSTALLED)
        history = self.env["partner.owner.history"]._get()

        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            with freeze_time(INSTALLED):
                before = self.cr.sql_log_count
                history._restart()
                self.env.flush_all()
                return self.cr.sql_log_count - before

        count()
        few = count()
        partners = self.env["res.partner"].create(
            [{"name": f"P{n}", "is_company": True, "user_id": self.a.id} for n in range(60)]
        )
        for partner in partners:
            self._track(partner, datetime(2026, 2, 1), self.b.id, self.a.id)
        self.assertEqual(count(), few)

    def test_random(self):
        """The statement says the same as the definitions, whatever happened."""
        randomly = random.Random(20261015)
        users = [self.a, self.b, self.c]
        zones = {
            company.id: pytz.timezone(company.partner_id.tz) for company in (self.company, self.company2)
        }
        expected = {}
        partners = self.env["res.partner"].create(
            [
                {"name": f"R{n}", "is_company": True, "user_id": user and user.id}
                for n in range(60)
                for user in [randomly.choice([*users, None])]
            ]
        )
        start = datetime(2026, 4, 1)
        for partner in partners:
            owner = partner.user_id.id or None
            changes = []
            if randomly.random() < 0.4:
                for _number in range(randomly.randint(1, 4)):
                    moment = start + timedelta(hours=randomly.randint(0, 24 * 230))
                    before, after = (randomly.choice([0, *(user.id for user in users)]) for _side in "ab")
                    changes.append((moment, before, after))
                changes.sort(key=lambda change: change[0])
                for change in changes:
                    self._track(partner, *change)
            documents = {}
            for _number in range(randomly.randint(0, 8)):
                company = randomly.choice([self.company, self.company2])
                user = randomly.choice(users)
                moment = start + timedelta(hours=randomly.randint(0, 24 * 230))
                self._order_of(partner, moment, user, company)
                if moment < INSTALLED:
                    month = (
                        moment.replace(tzinfo=pytz.utc).astimezone(zones[company.id]).date().replace(day=1)
                    )
                    documents.setdefault(company.id, []).append((month, moment, user.id))
            periods = from_changes(changes, owner, INSTALLED)
            if not [change for change in changes if change[0] < INSTALLED]:
                months = {
                    company: [
                        (
                            self._utc(month, zones[company]),
                            self._utc(add_months(month, 1), zones[company]),
                            user,
                        )
                        for month, user in month_owners(entries).items()
                    ]
                    for company, entries in documents.items()
                }
                periods = from_months(months, owner, INSTALLED)
            if owner:
                periods.append(Period(owner, INSTALLED, None, None, False, "found"))
            expected[partner] = sorted(periods, key=self._order)
        self._install(INSTALLED)
        for partner in partners:
            self.assertEqual(self._values(partner), expected[partner], partner.name)
        found = [period for periods in expected.values() for period in periods]
        self.assertGreater(len([period for period in found if period.origin == "tracking"]), 20)
        self.assertGreater(len([period for period in found if period.company]), 40)
        self.assertGreater(len([period for period in found if period.origin == "current"]), 10)

    @staticmethod
    def _utc(day: date, zone):
        local = zone.localize(datetime(day.year, day.month, day.day))
        return local.astimezone(pytz.utc).replace(tzinfo=None)
