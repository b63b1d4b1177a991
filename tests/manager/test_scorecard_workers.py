from datetime import date
from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from ..customer.test_two_workers import TwoWorkersCommon
from ..jobs import LOGGERS, held_elsewhere

DAY = date(2016, 3, 1)
NOW = "2016-04-10 12:00:00"


class Killed(BaseException):
    """What no code catches, as little as it catches the end of its process."""


@tagged("post_install", "-at_install")
class TestScorecardsOfTwoWorkers(TwoWorkersCommon):
    """Scorecards with real commits: two workers at once, and one that dies."""

    def _prepare(self, env):
        user = env["res.users"].create(
            {
                "name": "Scored Twice",
                "login": "scored_twice",
                "group_ids": [Command.set(env.ref("partner_relations.group_user").ids)],
            }
        )
        self.user_id, self.partner_id = user.id, user.partner_id.id
        schemes = env["manager.score.scheme"].search([])
        self.scheme_ids = schemes.ids
        schemes.active = False
        indicator = env["manager.indicator"].search([("code", "=", "revenue")])
        scheme = env["manager.score.scheme"].create(
            {
                "name": "Two workers",
                "user_ids": [Command.set(user.ids)],
                "grace_days": 30,
                "line_ids": [
                    Command.create(
                        {"indicator_id": indicator.id, "weight": 1, "target_kind": "fixed", "target_value": 5}
                    )
                ],
            }
        )
        self.scheme_id = scheme.id
        self.card_id = env["manager.scorecard"]._compute_period(env.company, DAY).id

    def _remove(self, env):
        env.cr.execute("UPDATE manager_scorecard SET state = 'open' WHERE user_id = %s", [self.user_id])
        env.invalidate_all()
        env["manager.scorecard"].search([("user_id", "=", self.user_id)]).unlink()
        env["manager.score.scheme"].browse(self.scheme_id).unlink()
        env["manager.score.scheme"].browse(self.scheme_ids).active = True
        env["res.users"].browse(self.user_id).unlink()
        env["res.partner"].browse(self.partner_id).unlink()

    def _read(self):
        """State and number of entries in the log of the scorecard, as everybody sees them."""
        with self._committed() as env:
            card = env["manager.scorecard"].browse(self.card_id)
            return card.state, len(card.message_ids)

    def test_closing_at_the_same_time(self):
        first, second = (env["manager.scorecard"].browse(self.card_id) for env in self.workers)
        first.action_close()
        with mute_logger("odoo.sql_db"), self.assertRaisesRegex(UserError, "right now"):
            second.action_close()
        second.env.cr.rollback()
        first.env.cr.commit()
        second.env.invalidate_all()
        with self.assertRaisesRegex(UserError, "closed and does not change"):
            second.action_close()
        second.env.cr.rollback()
        self.assertEqual(self._read(), ("closed", 1))

    def test_read_before_the_other_closed(self):
        """Who read before the other committed fails, starts anew and finds it closed."""
        first, second = (env["manager.scorecard"].browse(self.card_id) for env in self.workers)
        second.env.cr.execute("SELECT COUNT(*) FROM manager_scorecard")
        first.action_close()
        first.env.cr.commit()
        with mute_logger("odoo.sql_db"), self.assertRaises(SerializationFailure):
            second.action_close()
        second.env.cr.rollback()
        second.env.invalidate_all()
        with self.assertRaisesRegex(UserError, "closed and does not change"):
            second.action_close()
        second.env.cr.rollback()
        self.assertEqual(self._read(), ("closed", 1))

    def test_card_that_somebody_else_closes_or_reopens(self):
        with self._committed() as env:
            card = env["manager.scorecard"].browse(self.card_id)
            with held_elsewhere(card), self.assertRaisesRegex(UserError, "right now"):
                card.action_close()
            self.assertEqual(card.state, "open")
            card.action_close()
            with held_elsewhere(card), self.assertRaisesRegex(UserError, "right now"):
                card.action_reopen("Too early")
            self.assertEqual(card.state, "closed")

    def test_computing_at_the_same_time(self):
        """While one worker is at a company, the nightly run leaves it alone, and a button says so."""
        first, second = self.workers
        first["manager.scorecard"]._lock_schemes(first.company)
        # no failure, of which the administrators would be told
        with freeze_time(NOW), self.assertNoLogs(LOGGERS[0], "WARNING"):
            second["manager.scorecard"]._cron_score()
        with mute_logger("odoo.sql_db"), self.assertRaisesRegex(UserError, "being computed right now"):
            second["manager.scorecard"].action_compute_now()
        second.cr.rollback()
        first.cr.rollback()
        self.assertEqual(self._count_cards(), 1)
        with freeze_time(NOW):
            second["manager.scorecard"]._cron_score()
        self.assertEqual(self._count_cards(), 2)

    def _count_cards(self):
        with self._committed() as env:
            return env["manager.scorecard"].search_count([("user_id", "=", self.user_id)])

    def test_run_that_dies_goes_on(self):
        """What was computed before stays, the rest follows with the next run."""
        with self._committed() as env:
            env["manager.scorecard"].browse(self.card_id).unlink()
        worker = self.workers[0]
        model = type(worker["manager.scorecard"])
        compute = model._compute_period

        def dying(cards, company, day, period=None):
            result = compute(cards, company, day, period)
            if day.month == 4:
                raise Killed
            return result

        with freeze_time(NOW), patch.object(model, "_compute_period", dying), self.assertRaises(Killed):
            worker["manager.scorecard"]._cron_score()
        worker.cr.rollback()
        worker.invalidate_all()
        self.assertEqual(self._get_days(), [DAY])
        with freeze_time(NOW):
            worker["manager.scorecard"]._cron_score()
        self.assertEqual(self._get_days(), [DAY, date(2016, 4, 1)])

    def test_failure_leaves_the_others_alone(self):
        """What one company and period fails of is undone; the others are computed, and the log tells."""
        with self._committed() as env:
            env["manager.scorecard"].browse(self.card_id).unlink()
        worker = self.workers[0]
        model = type(worker["manager.scorecard"])
        compute = model._compute_period

        def failing(cards, company, day, period=None):
            result = compute(cards, company, day, period)
            if day.month == 3:
                raise KeyError("document")
            return result

        with (
            freeze_time(NOW),
            patch.object(model, "_compute_period", failing),
            patch("odoo.addons.partner_relations.tools.apart._logger.exception") as told,
        ):
            worker["manager.scorecard"]._cron_score()
        self.assertRegex(told.call_args.args[1], f"{worker.company.name}, .*2016")
        self.assertEqual(self._get_days(), [date(2016, 4, 1)])
        with freeze_time(NOW):
            worker["manager.scorecard"]._cron_score()
        self.assertEqual(self._get_days(), [DAY, date(2016, 4, 1)])

    def _get_days(self):
        with self._committed() as env:
            cards = env["manager.scorecard"].search([("user_id", "=", self.user_id)], order="date_from")
            return cards.mapped("date_from")
