import threading
from datetime import date, timedelta
from unittest.mock import patch

from psycopg2.errors import LockNotAvailable, SerializationFailure

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..customer.test_two_workers import TwoWorkersCommon
from ..jobs import LOGGERS


class SupplierWorkersCommon(TwoWorkersCommon):
    """A supplier with an order of two lines that were promised ten days ago and never came."""

    def _prepare(self, env):
        company = env.company
        self.company_id = company.id
        supplier = env["res.partner"].create(
            {"name": "Two Workers", "is_company": True, "email": "workers@supplier.example.com"}
        )
        product = env["product.product"].create(
            {"name": "Two Workers", "type": "consu", "is_storable": True, "supplier_taxes_id": False}
        )
        order = env["purchase.order"].create(
            {
                "partner_id": supplier.id,
                "company_id": company.id,
                "order_line": [
                    Command.create({"product_id": product.id, "product_qty": 10, "price_unit": 20})
                    for _number in range(2)
                ],
            }
        )
        env.flush_all()
        self.order_id, self.line_ids = order.id, order.order_line.ids
        self.supplier_id, self.template_id = supplier.id, product.product_tmpl_id.id
        # SQL: confirmed, without the receipt that confirming makes
        env.cr.execute(
            "UPDATE purchase_order SET state = 'purchase', date_approve = now() - INTERVAL '30 days'"
            " WHERE id = %s",
            [order.id],
        )
        env.cr.execute(
            "UPDATE purchase_order_line SET promised_date = now() - INTERVAL '10 days' WHERE order_id = %s",
            [order.id],
        )

    def _remove(self, env):
        env.flush_all()
        env.cr.execute("UPDATE purchase_order SET state = 'cancel' WHERE id = %s", [self.order_id])
        env.invalidate_all()
        env["partner.contact.log"].search([("partner_id", "child_of", self.supplier_id)]).unlink()
        env["purchase.order"].browse(self.order_id).unlink()
        template = env["product.template"].browse(self.template_id)
        env["product.value"].search([("product_id", "in", template.product_variant_ids.ids)]).unlink()
        template.unlink()
        env["res.partner"].browse(self.supplier_id).unlink()

    def _at_the_same_moment(self, work):
        """Let both workers do it; who is in the way of the other starts anew, as Odoo lets a request do."""
        start = threading.Barrier(2)
        errors = []

        def run(env):
            start.wait(timeout=10)
            for _attempt in range(20):
                try:
                    work(env)
                    env.cr.commit()
                    return
                except (SerializationFailure, LockNotAvailable):
                    env.cr.rollback()
                    env.invalidate_all(flush=False)
                except Exception as error:
                    errors.append(error)
                    env.cr.rollback()
                    return

        threads = [threading.Thread(target=run, args=[env]) for env in self.workers]
        with mute_logger("odoo.sql_db"):
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(timeout=60)
        return errors


@tagged("post_install", "-at_install")
class TestHistoryInUse(SupplierWorkersCommon):
    """Promises and agreed prices of old orders are filled in around what somebody is working on."""

    def _read(self):
        """Which of the two lines have a promise, and which have an agreed price, as everybody sees it."""
        with self._committed() as env:
            lines = env["purchase.order.line"].browse(self.line_ids)
            return [bool(line.promised_date) for line in lines], [
                bool(line.agreed_price_source) for line in lines
            ]

    def test_promise_in_use(self):
        with self._committed() as env:
            env.cr.execute(
                "UPDATE purchase_order_line SET promised_date = NULL WHERE order_id = %s", [self.order_id]
            )
        user, scheduler = self.workers
        user.cr.execute("UPDATE purchase_order_line SET name = 'in use' WHERE id = %s", [self.line_ids[0]])
        for promises in ([False, True], [True, True]):
            scheduler["purchase.order.line"]._fill_missing_promises()
            scheduler.cr.commit()
            self.assertEqual(self._read()[0], promises)
            user.cr.rollback()

    def test_changed_in_between(self):
        """A line changed after the scheduler began to read: it looks again instead of failing."""
        with self._committed() as env:
            env.cr.execute(
                "UPDATE purchase_order_line SET promised_date = NULL WHERE order_id = %s", [self.order_id]
            )
        user, scheduler = self.workers
        scheduler.cr.execute("SELECT COUNT(*) FROM purchase_order_line")
        user.cr.execute("UPDATE purchase_order_line SET name = 'changed' WHERE id = %s", [self.line_ids[0]])
        user.cr.commit()
        with mute_logger("odoo.sql_db"):
            scheduler["purchase.order.line"]._cron_fill_promises()
        self.assertEqual(self._read()[0], [True, True])

    def test_agreed_price_in_use(self):
        with self._committed() as env:
            env.cr.execute(
                "UPDATE purchase_order_line SET agreed_price_source = NULL WHERE order_id = %s",
                [self.order_id],
            )
        user, scheduler = self.workers
        user.cr.execute("UPDATE purchase_order_line SET name = 'in use' WHERE id = %s", [self.line_ids[0]])
        for prices in ([False, True], [True, True]):
            scheduler["purchase.order.line"]._fill_missing_agreed_prices()
            scheduler.cr.commit()
            self.assertEqual(self._read()[1], prices)
            user.cr.rollback()


@tagged("post_install", "-at_install")
class TestChaseOfTwoWorkers(SupplierWorkersCommon):
    """Two colleagues ask for the same deliveries: the supplier is asked once."""

    def _remove(self, env):
        env["supplier.chase"].browse(self.chase_ids).unlink()
        messages = env["mail.message"].search(
            [("model", "=", "purchase.order"), ("res_id", "=", self.order_id)]
        )
        env["mail.mail"].search([("mail_message_id", "in", messages.ids)]).unlink()
        return super()._remove(env)

    def _prepare(self, env):
        self.chase_ids = []
        return super()._prepare(env)

    def _open_dialog(self, env):
        """The dialog of a colleague, with the mail as it would be sent; mails stay in the queue."""
        colleague = env.ref("base.user_admin")  # what the superuser writes is no contact
        chases = env["supplier.chase"].with_user(colleague).with_context(mail_notify_force_send=False)
        action = chases._open(env["purchase.order.line"].browse(self.line_ids))
        env.cr.commit()
        self.chase_ids.append(action["res_id"])
        chase = chases.browse(action["res_id"])
        self.assertEqual(chase.mail_ids.mapped("state"), ["ready"])
        return chase

    def _get_sent(self):
        """How many mails wait to be sent, messages were written and lines marked, as everybody sees it."""
        with self._committed() as env:
            messages = env["mail.message"].search(
                [
                    ("model", "=", "purchase.order"),
                    ("res_id", "=", self.order_id),
                    ("message_type", "=", "comment"),
                ]
            )
            lines = env["purchase.order.line"].browse(self.line_ids).filtered("supplier_chase_date")
            logs = env["partner.contact.log"].search([("partner_id", "child_of", self.supplier_id)])
            return len(messages.mail_ids), len(messages), len(lines), len(logs)

    def test_while_a_colleague_sends(self):
        """What a colleague is sending at this moment is not sent, and told so; nor is it sent by trying again."""
        first, second = (self._open_dialog(env) for env in self.workers)
        first.action_send()
        with mute_logger("odoo.sql_db"):
            second.action_send()
        self.assertEqual(second.mail_ids.state, "failed")
        self.assertEqual(self._get_sent(), (0, 0, 0, 0), "nothing is committed yet")
        first.env.cr.commit()
        second.env.cr.commit()
        self.assertEqual(self._get_sent(), (1, 1, 2, 1))
        second.env.invalidate_all()
        second.action_send()
        second.env.cr.commit()
        self.assertEqual(second.mail_ids.state, "failed")
        self.assertIn("was asked for Two Workers", second.mail_ids.problem)
        self.assertEqual(self._get_sent(), (1, 1, 2, 1))

    def test_read_before_the_colleague_sent(self):
        """Who read before the other committed starts anew and finds that the supplier was asked."""
        first, second = (self._open_dialog(env) for env in self.workers)
        second.env.cr.execute("SELECT COUNT(*) FROM purchase_order_line")
        first.action_send()
        first.env.cr.commit()
        with mute_logger("odoo.sql_db"), self.assertRaises(SerializationFailure):
            second.action_send()
        second.env.cr.rollback()
        second.env.invalidate_all(flush=False)
        second.action_send()
        second.env.cr.commit()
        self.assertEqual(second.mail_ids.state, "failed")
        self.assertEqual(self._get_sent(), (1, 1, 2, 1))

    def test_at_the_same_moment(self):
        chases = {env: self._open_dialog(env) for env in self.workers}
        errors = self._at_the_same_moment(lambda env: chases[env].action_send())
        self.assertFalse(errors)
        self.assertEqual(self._get_sent(), (1, 1, 2, 1))
        for env in self.workers:
            env.invalidate_all()
        states = sorted(chase.mail_ids.state for chase in chases.values())
        self.assertEqual(states, ["failed", "sent"])


@tagged("post_install", "-at_install")
class TestScoringOfTwoWorkers(SupplierWorkersCommon):
    """However many workers rate the suppliers, each supplier has one card of a kind, with its criteria."""

    def _prepare(self, env):
        env.cr.execute("SELECT id FROM supplier_scorecard")
        self.known_ids = [card_id for (card_id,) in env.cr.fetchall()]
        env.cr.execute("SELECT id, date_scored, date_history FROM supplier_score_policy")
        self.policies = env.cr.fetchall()
        return super()._prepare(env)

    def _remove(self, env):
        env["supplier.scorecard"].search([("id", "not in", self.known_ids)]).unlink()
        env["supplier.score.policy"].with_context(active_test=False).search(
            [("id", "not in", [policy_id for policy_id, *_dates in self.policies])]
        ).unlink()
        for policy_id, date_scored, date_history in self.policies:
            env["supplier.score.policy"].browse(policy_id).write(
                {"date_scored": date_scored, "date_history": date_history}
            )
        return super()._remove(env)

    def _get_cards(self):
        """How many current cards, monthly ones and years of months the supplier has; and criteria of a card."""
        with self._committed() as env:
            cards = env["supplier.scorecard"].search([("partner_id", "=", self.supplier_id)])
            current = cards.filtered("is_current")
            criteria = {len(card.line_ids) for card in cards}
            policy = env["supplier.score.policy"]._get_for(env["res.company"].browse(self.company_id))
            self.assertEqual(criteria, {len(policy.criterion_ids)})
            kinds = [(card.period, card.is_current, card.date_from, card.date_to) for card in cards]
            self.assertEqual(len(kinds), len(set(kinds)))
            return len(current), current.due_line_count

    def _policy(self, env):
        return env["supplier.score.policy"]._get_for(env["res.company"].browse(self.company_id))

    def test_cron_at_the_same_moment(self):
        errors = self._at_the_same_moment(lambda env: env["supplier.scorecard"]._cron_score())
        self.assertFalse(errors)
        self.assertEqual(self._get_cards(), (1, 2))

    def test_while_another_rates(self):
        """A company that one worker is at is left to it; who asks for it is told so, and nobody waits."""
        first, second = self.workers
        self._policy(second)
        second.cr.commit()
        first["supplier.scorecard"]._score_current(self._policy(first))
        cards = second["supplier.scorecard"]
        with (
            patch.object(type(cards), "_get_missing_months", lambda *_args: [date(2016, 1, 1)]),
            patch.object(type(cards), "_score_month") as score_month,
            self.assertNoLogs(LOGGERS[0], "WARNING"),
        ):
            cards._score_night(self._policy(second))
            self.assertFalse(cards._keep_night(self._policy(second)))
        score_month.assert_not_called()
        with mute_logger("odoo.sql_db"):
            with self.assertNoLogs(LOGGERS[0], "WARNING"):
                cards._cron_score()
            with self.assertRaisesRegex(UserError, "being rated right now"):
                second["supplier.scorecard"].action_compute_now()
            second.cr.rollback()
            with self.assertRaisesRegex(UserError, "computed by somebody else"):
                second["supplier.scorecard"]._compute_figures(
                    second["res.company"].browse(self.company_id),
                    date.today() - timedelta(days=364),
                    date.today(),
                    period="year",
                    is_current=True,
                )
            second.cr.rollback()
        first.cr.commit()
        self.assertEqual(self._get_cards(), (1, 2))
        second["supplier.scorecard"].action_compute_now()
        second.cr.commit()
        self.assertEqual(self._get_cards(), (1, 2))

    def test_read_before_the_other_wrote(self):
        """Who read before the other committed fails, and starts anew, instead of adding the same cards."""
        first, second = self.workers
        second.cr.execute("SELECT COUNT(*) FROM supplier_scorecard")
        first["supplier.scorecard"]._score_current(self._policy(first))
        first.cr.commit()
        with mute_logger("odoo.sql_db"), self.assertRaises(SerializationFailure):
            second["supplier.scorecard"].action_compute_now()
        second.cr.rollback()
        second.invalidate_all(flush=False)
        second["supplier.scorecard"].action_compute_now()
        second.cr.commit()
        self.assertEqual(self._get_cards(), (1, 2))

    def test_buttons_at_the_same_moment(self):
        errors = self._at_the_same_moment(lambda env: env["supplier.scorecard"].action_compute_now())
        # the slower one is told that it is being done, or did it again
        self.assertTrue(all("being rated right now" in str(error) for error in errors), errors)
        self.assertLessEqual(len(errors), 1)
        self.assertEqual(self._get_cards(), (1, 2))

    def test_cards_of_one_supplier_at_the_same_moment(self):
        """Both open the scorecard of the same days: there is one."""
        today = fields.Date.today()

        def create(env):
            env["supplier.scorecard"].create(
                {
                    "partner_id": self.supplier_id,
                    "company_id": self.company_id,
                    "date_from": today - timedelta(days=40),
                    "date_to": today,
                }
            )

        errors = self._at_the_same_moment(create)
        self.assertTrue(all("computed by somebody else" in str(error) for error in errors), errors)
        self.assertLessEqual(len(errors), 1)
        self.assertEqual(self._get_cards(), (1, 2))
