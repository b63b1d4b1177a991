from datetime import timedelta
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.partner_relations.models.supplier import purchase_order_line_history

from ..jobs import run_job
from .promising import MOVED, ORDERED, PLANNED, PromisingCommon


@tagged("post_install", "-at_install")
class TestPromiseHistory(PromisingCommon):
    """Orders that were confirmed before the addon was there."""

    def _create_history(self, *args, **values):
        order = self._create_order(*args, confirm=True, **values)
        self._forget(order)
        return order

    def _forget(self, orders):
        self.env.flush_all()
        lines = orders.order_line
        self.env.execute_query(
            SQL(
                "UPDATE purchase_order_line SET promised_date = NULL, promise_estimated = NULL, agreed_price = NULL,"
                " agreed_price_source = NULL, agreed_price_origin = NULL WHERE id = ANY(%s) RETURNING id",
                list(lines.ids),
            )
        )
        self.env.invalidate_all()

    def _track(self, record, old, new, moment):
        """What tracking leaves when ``date_planned`` of an order or a line is changed."""
        message = self.env["mail.message"].create(
            {"model": record._name, "res_id": record.id, "date": moment, "message_type": "notification"}
        )
        self.env["mail.tracking.value"].create(
            {
                "field_id": self.env["ir.model.fields"]._get(record._name, "date_planned").id,
                "mail_message_id": message.id,
                "old_value_datetime": old,
                "new_value_datetime": new,
            }
        )

    def _fill(self):
        self.env["purchase.order.line"]._restart_promises()
        self.env.flush_all()
        self.env.invalidate_all()

    def test_planned_date(self):
        self._create_price(9.5, created=ORDERED - timedelta(days=30))
        order = self._create_history()
        self._fill()
        self.assertRecordValues(
            order.order_line,
            [
                {
                    "promised_date": PLANNED,
                    "promise_estimated": True,
                    "agreed_price": 9.5,
                    "agreed_price_source": "vendor_price",
                }
            ],
        )
        self.assertIn("as it is today", order.order_line.agreed_price_origin)
        self.assertFalse(order.promise_change_count)

    def test_tracked_on_the_order(self):
        order = self._create_history([{"date_planned": MOVED}, {"date_planned": MOVED + timedelta(days=30)}])
        order.date_approve = ORDERED
        self._track(order, PLANNED - timedelta(days=9), PLANNED, ORDERED - timedelta(days=1))
        self._track(order, PLANNED, PLANNED + timedelta(days=2), ORDERED + timedelta(days=1))
        self._track(order, PLANNED + timedelta(days=2), MOVED, ORDERED + timedelta(days=2))
        self._fill()
        # the second line is not planned for the order's date: it did not move with it
        self.assertEqual(order.order_line.mapped("promised_date"), [PLANNED, MOVED + timedelta(days=30)])

    def test_tracked_on_the_line(self):
        order = self._create_history([{"date_planned": MOVED}, {"date_planned": MOVED}])
        order.date_approve = ORDERED
        self._track(order, PLANNED, MOVED, ORDERED + timedelta(days=1))
        earlier = PLANNED - timedelta(days=1)
        self._track(order.order_line[1], earlier, MOVED, ORDERED + timedelta(days=1))
        self._fill()
        self.assertEqual(order.order_line.mapped("promised_date"), [PLANNED, earlier])

    def test_what_is_left_alone(self):
        draft, cancelled = self._create_order(), self._create_history()
        cancelled.button_cancel()
        self._forget(cancelled)
        order = self._create_history(
            [{"display_type": "line_note", "name": "Dry ones", "product_qty": 0}, {}]
        )
        kept = self._create_order(confirm=True)
        kept.order_line.date_planned = MOVED
        self._fill()
        self.assertFalse(any((draft + cancelled).order_line.mapped("promised_date")))
        self.assertEqual(order.order_line.mapped("promised_date"), [False, PLANNED])
        self.assertFalse(order.order_line.sudo()[0].agreed_price_source)
        self.assertRecordValues(kept.order_line, [{"promised_date": PLANNED, "promise_estimated": False}])

    def test_price_of_the_order_itself(self):
        """The confirmation, in those days, wrote a vendor price that nothing marks."""
        order = self._create_history()
        self.assertTrue(self.oak.seller_ids)
        self.oak.seller_ids.confirmed_order_id = False
        self._fill()
        self.assertRecordValues(order.order_line, [{"agreed_price": False, "agreed_price_source": "none"}])

    def test_moved_before_it_was_filled(self):
        order = self._create_history()
        order.order_line.date_planned = MOVED
        self.assertRecordValues(order.order_line, [{"promised_date": PLANNED, "promise_estimated": True}])
        self._fill()
        self.assertEqual(order.order_line.promised_date, PLANNED)
        self.assertEqual(order.order_line.agreed_price_source, "none")

    def test_second_run_changes_nothing(self):
        order = self._create_history()
        self._fill()
        self.assertFalse(self.env["purchase.order.line"]._count_missing_promises())
        order.order_line.date_planned = MOVED
        self._fill()
        self.assertEqual(order.order_line.promised_date, PLANNED)

    def test_much_is_left_to_the_scheduler(self):
        order = self._create_history([{}] * 3)
        self._fill_others(order)
        cron = self.env.ref("partner_relations.ir_cron_fill_promises")
        triggers = self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])
        with patch.object(purchase_order_line_history, "FILL_AT_ONCE", 2):
            self._fill()
        self.assertFalse(any(order.order_line.mapped("promised_date")))
        self.assertEqual(self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)]), triggers + 1)
        Line = self.env["purchase.order.line"]
        progress = []

        def commit_progress(_cron, processed=0, *, remaining=None):
            self.env.flush_all()
            progress.append((processed, remaining))
            # killed after the first batch, and after the second of the next run
            return 0 if len(progress) in (1, 3) else 60

        with patch.object(type(self.env["ir.cron"]), "_commit_progress", commit_progress):
            Line._cron_fill_promises(promise_batch=2, price_batch=2)
            self.assertEqual(progress, [(2, 4)])
            self.assertEqual(Line._count_missing_promises(), 4)
            for _run in range(2):
                Line._cron_fill_promises(promise_batch=2, price_batch=2)
        self.assertEqual(progress[-1][1], 0)
        self.assertEqual(sum(done for done, _remaining in progress), 6)
        self.env.invalidate_all()
        self.assertEqual(order.order_line.mapped("promised_date"), [PLANNED] * 3)
        self.assertEqual(order.order_line.sudo().mapped("agreed_price_source"), ["none"] * 3)

    def test_scheduler(self):
        order = self._create_history()
        with self.enter_registry_test_mode():
            run_job(self.env, "ir_cron_fill_promises")
        self.env.invalidate_all()
        self.assertEqual(order.order_line.promised_date, PLANNED)

    def _fill_others(self, order):
        """Nothing but this order is missing, whatever the database holds."""
        self._fill()
        self._forget(order)

    def test_resumed_after_a_stop(self):
        order = self._create_history([{}] * 5)
        self._fill_others(order)
        Line = self.env["purchase.order.line"]
        done, last_id = Line._fill_missing_promises(limit=2)
        self.assertEqual((done, last_id), (2, order.order_line[3].id))
        self.assertEqual(
            order.order_line.mapped(lambda line: bool(line.promised_date)), [False] * 3 + [True] * 2
        )
        done, last_id = Line._fill_missing_agreed_prices(limit=2)
        self.assertEqual((done, last_id), (2, order.order_line[3].id))
        # the next run begins anew and finds the rest
        self._fill()
        self.assertTrue(all(order.order_line.mapped("promised_date")))
        self.assertTrue(all(order.order_line.sudo().mapped("agreed_price_source")))
