import threading
from contextlib import contextmanager
from datetime import date
from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, Command, api
from odoo.tests import TransactionCase, tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.partner_relations.models import ir_cron_progress

from ..common import EmptyIsNotZero

# Notifications for browsers, which core deletes by itself after a day.
PASSING = {"bus_bus"}


class TwoWorkersCommon(EmptyIsNotZero, TransactionCase):
    """Several connections with real commits: what they leave is deleted, and counted table by table.

    ``workers`` are environments with a cursor each. A statement that waits for another connection fails after a
    second instead of hanging.
    """

    # What the last test of the class has left: all tables take a second to count.
    _rows = None

    def setUp(self):
        super().setUp()
        self.env.cr.execute("SELECT 1")
        self.addCleanup(self._check_rows, self._rows or self._count_rows())
        self.workers = []
        with self._committed() as env:
            self._prepare(env)
        self.addCleanup(self._clean_up)
        self.workers = [self._open() for _number in range(2)]

    def _open(self):
        cr = self.registry.cursor()
        cr.execute("SET lock_timeout = '1s'")
        cr.commit()  # pylint: disable=invalid-commit
        return api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True, "mail_create_nolog": True})

    @contextmanager
    def _committed(self):
        env = self._open()
        try:
            yield env
            env.cr.commit()
        finally:
            env.cr.close()

    def _clean_up(self):
        for env in self.workers:
            env.cr.rollback()
            env.cr.close()
        with self._committed() as env:
            self._remove(env)

    def _check_rows(self, before):
        type(self)._rows = after = self._count_rows()
        self.assertEqual(after, before, "rows are left behind")

    def _count_rows(self):
        with self._committed() as env:
            env.cr.execute(
                "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            )
            tables = sorted(name for (name,) in env.cr.fetchall() if name not in PASSING)
            counts = SQL(" UNION ALL ").join(
                SQL("SELECT %s, COUNT(*) FROM %s", name, SQL.identifier(name)) for name in tables
            )
            env.cr.execute(counts)
            return dict(env.cr.fetchall())

    def _prepare(self, env):
        """Make the records of the test, which are committed."""
        raise NotImplementedError

    def _remove(self, env):
        """Delete them."""
        raise NotImplementedError


@tagged("post_install", "-at_install")
class TestFreezingInUse(TwoWorkersCommon):
    """Costs are frozen around what somebody is working on, and nobody waits."""

    def _prepare(self, env):
        self.company_id = env.company.id
        journal = env["account.journal"].create({"name": "Two workers", "code": "2WORK", "type": "general"})
        account = env["account.account"].create(
            {"code": "2WORK", "name": "Two workers", "account_type": "asset_fixed"}
        )
        moves = env["account.move"].create(
            [
                {
                    "journal_id": journal.id,
                    "date": date(2016, 1, 1),
                    "line_ids": [Command.create({"name": "Goods", "account_id": account.id})],
                }
            ]
            * 3
        )
        env.flush_all()
        # SQL: posted sales as they were before the addon, without the chart of accounts that posting wants
        env.cr.execute(
            "UPDATE account_move SET move_type = 'out_invoice', state = 'posted', invoice_date = date,"
            " sale_cost = NULL, sale_quantity = NULL WHERE id = ANY(%s)",
            [moves.ids],
        )
        env.cr.execute(
            "UPDATE account_move_line SET display_type = 'product' WHERE move_id = ANY(%s)", [moves.ids]
        )
        self.journal_id, self.account_id, self.move_ids = journal.id, account.id, moves.ids

    def _remove(self, env):
        env.cr.execute(
            "UPDATE account_move SET move_type = 'entry', state = 'draft', name = NULL, posted_before = FALSE"
            " WHERE id = ANY(%s)",
            [self.move_ids],
        )
        env["account.move"].browse(self.move_ids).unlink()
        env["account.journal"].browse(self.journal_id).unlink()
        env["account.account"].browse(self.account_id).unlink()

    def _get_frozen(self):
        """Which of the three invoices have a cost, as everybody sees it."""
        with self._committed() as env:
            env.cr.execute(
                "SELECT id FROM account_move"
                " WHERE id = ANY(%s) AND sale_cost IS NOT NULL AND sale_quantity IS NOT NULL",
                [self.move_ids],
            )
            ids = {move_id for (move_id,) in env.cr.fetchall()}
        return [move_id in ids for move_id in self.move_ids]

    def _freeze(self, env):
        done = env["account.move"]._freeze_missing_sale_costs(env.company)
        env.cr.commit()
        return done

    def test_invoice_in_use(self):
        """An invoice that somebody writes is left for the next time."""
        user, scheduler = self.workers
        user.cr.execute("UPDATE account_move SET ref = 'in use' WHERE id = %s", [self.move_ids[1]])
        self.assertEqual(self._freeze(scheduler), 2)
        self.assertEqual(self._get_frozen(), [True, False, True])
        self.assertEqual(self._freeze(scheduler), 0, "it is still in use")
        user.cr.commit()
        self.assertEqual(self._freeze(scheduler), 1)
        self.assertEqual(self._get_frozen(), [True, True, True])

    def test_line_in_use(self):
        """So is one with a line that somebody writes."""
        user, scheduler = self.workers
        user.cr.execute("UPDATE account_move_line SET name = 'in use' WHERE move_id = %s", [self.move_ids[0]])
        self.assertEqual(self._freeze(scheduler), 2)
        self.assertEqual(self._get_frozen(), [False, True, True])
        user.cr.rollback()
        self.assertEqual(self._freeze(scheduler), 1)

    def test_invoice_of_a_credit_note_in_use(self):
        """The invoice that a credit note takes with it is in use: it is left for the next time, too."""
        with self._committed() as env:
            env.cr.execute(
                "UPDATE account_move SET move_type = 'out_refund', reversed_entry_id = %s WHERE id = %s",
                self.move_ids[:2],
            )
        user, scheduler = self.workers
        user.cr.execute("UPDATE account_move SET ref = 'in use' WHERE id = %s", [self.move_ids[0]])
        # the newest first: the last one and the credit note, which brings the invoice along
        scheduler["account.move"]._freeze_missing_sale_costs(scheduler.company, limit=2)
        scheduler.cr.commit()
        self.assertEqual(self._get_frozen(), [False, True, True])

    def test_nobody_waits(self):
        """While a batch is frozen and not committed, other invoices and the partner can be written."""
        user, scheduler = self.workers
        scheduler["account.move"]._freeze_missing_sale_costs(scheduler.company, limit=1)
        # the newest first, so the last one is in the batch
        user.cr.execute("UPDATE account_move SET ref = 'mine' WHERE id = %s", [self.move_ids[0]])
        user.cr.commit()
        scheduler.cr.commit()
        self.assertEqual(self._get_frozen(), [False, False, True])

    def test_changed_in_between(self):
        """An invoice changed after the scheduler began to read: it looks again instead of failing."""
        user, scheduler = self.workers
        scheduler.cr.execute("SELECT COUNT(*) FROM account_move")
        user.cr.execute("UPDATE account_move SET ref = 'changed' WHERE id = %s", [self.move_ids[1]])
        user.cr.commit()
        with mute_logger("odoo.sql_db"):
            scheduler["account.move"]._cron_freeze_sale_costs()
        self.assertEqual(self._get_frozen(), [True, True, True])

    def test_two_schedulers(self):
        """Two at the same moment take different invoices."""
        first, second = self.workers
        moves = first["account.move"]
        self.assertEqual(moves._freeze_missing_sale_costs(first.company, limit=2), 2)
        self.assertEqual(second["account.move"]._freeze_missing_sale_costs(second.company), 1)
        first.cr.commit()
        second.cr.commit()
        self.assertEqual(self._get_frozen(), [True, True, True])


@tagged("post_install", "-at_install")
class TestRemindersOfTwoWorkers(TwoWorkersCommon):
    """However many workers run the reminders, each customer gets one activity, and each person not too many."""

    CUSTOMERS = 6
    LIMIT = 4

    def _prepare(self, env):
        self.user_id = env["res.users"].create(
            {
                "name": "Two Workers",
                "login": "two_workers",
                "group_ids": [Command.set(env.ref("partner_relations.group_user").ids)],
            }
        )
        self.user_id, self.user_partner_id = self.user_id.id, self.user_id.partner_id.id
        policy = env["partner.effort.policy"]._get_for(env.company)
        self.policy_id = policy.id
        self.policy_was = {name: policy[name] for name in ("activity_limit", "make_activities")}
        self.date_was = policy.date_activities
        policy.write({"activity_limit": self.LIMIT, "make_activities": True})
        partners = env["res.partner"].create(
            [
                {"name": f"Past Its Rhythm {number}", "is_company": True, "user_id": self.user_id}
                for number in range(self.CUSTOMERS)
            ]
        )
        self.partner_ids = partners.ids
        classifications = env["partner.classification.policy"]
        self.own_policy = classifications.create({"name": "Two workers"}).id
        run = env["partner.classification"].create(
            {"policy_id": self.own_policy, "date_to": date(2016, 1, 31)}
        )
        self.run_id = run.id
        env.flush_all()
        # SQL: the current classes, without the sales that would give them
        env.cr.execute("UPDATE partner_classification SET is_current = TRUE WHERE id = %s", [self.run_id])
        for partner_id in self.partner_ids:
            env.cr.execute(
                "INSERT INTO partner_classification_line (classification_id, company_id, currency_id,"
                " partner_id, abc_class, stage, first_sale_date, revenue)"
                " VALUES (%s, %s, %s, %s, 'a', 'regular', '2015-01-01', 100)",
                [self.run_id, env.company.id, env.company.currency_id.id, partner_id],
            )

    def _remove(self, env):
        activities = env["mail.activity"].search(
            [("res_model", "=", "res.partner"), ("res_id", "in", self.partner_ids)]
        )
        env["partner.effort.reminder"].search([("partner_id", "in", self.partner_ids)]).unlink()
        activities.unlink()
        env["partner.contact.log"].search([("partner_id", "in", self.partner_ids)]).unlink()
        env.cr.execute("DELETE FROM partner_classification_line WHERE classification_id = %s", [self.run_id])
        env.cr.execute("UPDATE partner_classification SET is_current = FALSE WHERE id = %s", [self.run_id])
        env.invalidate_all()
        env["partner.classification"].browse(self.run_id).unlink()
        env["partner.classification.policy"].browse(self.own_policy).unlink()
        env["res.partner"].browse(self.partner_ids).unlink()
        env["res.users"].browse(self.user_id).unlink()
        env["res.partner"].browse(self.user_partner_id).unlink()
        env["partner.effort.policy"].browse(self.policy_id).write(
            {**self.policy_was, "date_activities": self.date_was}
        )

    def _get_made(self):
        """How many activities and reminders there are, and for how many customers, as everybody sees it."""
        with self._committed() as env:
            activities = env["mail.activity"].search(
                [("res_model", "=", "res.partner"), ("res_id", "in", self.partner_ids)]
            )
            reminders = env["partner.effort.reminder"].search([("partner_id", "in", self.partner_ids)])
            return len(activities), len(set(activities.mapped("res_id"))), len(reminders)

    def test_policy_in_use(self):
        """While one worker is at a company, another leaves it alone and does not wait."""
        first, second = self.workers
        self.assertTrue(first["partner.effort.policy"].browse(self.policy_id).try_lock_for_update())
        # nor does it try again and again
        with self.assertNoLogs(ir_cron_progress.__name__, "WARNING"):
            second["partner.effort.reminder"]._cron_remind()
        self.assertEqual(self._get_made(), (0, 0, 0))
        first["partner.effort.reminder"]._cron_remind()
        self.assertEqual(self._get_made(), (self.LIMIT,) * 3)

    def test_read_before_the_other_wrote(self):
        """Who read before the other committed fails, starts anew and finds nothing left for today."""
        first, second = self.workers
        model = type(second["partner.effort.reminder"])
        work, conflicts = model._remind_batch, []

        def late(reminders, policy, *args):
            if reminders.env.cr is not second.cr or policy.id != self.policy_id or conflicts:
                return work(reminders, policy, *args)
            second.cr.execute("SELECT COUNT(*) FROM partner_effort_reminder")
            first["partner.effort.reminder"]._cron_remind()
            try:
                return work(reminders, policy, *args)
            except SerializationFailure as error:
                conflicts.append(error)
                raise

        with mute_logger("odoo.sql_db"), patch.object(model, "_remind_batch", late):
            second["partner.effort.reminder"]._cron_remind()
        self.assertEqual(len(conflicts), 1)
        self.assertEqual(self._get_made(), (self.LIMIT,) * 3)

    def test_at_the_same_moment(self):
        """Two threads, in batches of one: as the scheduler does, a worker that fails tries again."""
        start = threading.Barrier(2)
        errors = []

        def work(env):
            start.wait(timeout=10)
            for _attempt in range(20):
                try:
                    env["partner.effort.reminder"]._cron_remind(batch_size=1)
                    return
                except SerializationFailure:
                    env.cr.rollback()
                    env.invalidate_all()
                except Exception as error:
                    errors.append(error)
                    raise

        threads = [threading.Thread(target=work, args=[env]) for env in self.workers]
        with mute_logger("odoo.sql_db"):
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(timeout=60)
        self.assertFalse(errors)
        self.assertEqual(self._get_made(), (self.LIMIT,) * 3)


@tagged("post_install", "-at_install")
class TestOldInquiriesOfTwoWorkers(TwoWorkersCommon):
    """Leads from before the addon are decided around what somebody is working on, and nobody waits."""

    def _prepare(self, env):
        self.trigger_ids = env["ir.cron.trigger"].search([]).ids
        leads = env["crm.lead"].create([{"name": f"Two Workers {number}"} for number in range(2)])
        env.flush_all()
        env.cr.execute("UPDATE crm_lead SET is_inquiry = NULL WHERE id = ANY(%s)", [leads.ids])
        self.lead_ids = leads.ids

    def _remove(self, env):
        env["crm.lead"].browse(self.lead_ids).unlink()
        env["ir.cron.trigger"].search([("id", "not in", self.trigger_ids)]).unlink()

    def _fill(self, env):
        done = env["crm.lead"]._fill_inquiries()
        env.cr.commit()
        return done

    def test_lead_in_use(self):
        user, scheduler = self.workers
        user.cr.execute("UPDATE crm_lead SET name = 'in use' WHERE id = %s", [self.lead_ids[0]])
        self.assertEqual(self._fill(scheduler), 1)
        user.cr.rollback()
        self.assertEqual(self._fill(scheduler), 1)
        self.assertEqual(self._fill(scheduler), 0)
