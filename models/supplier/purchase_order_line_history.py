import logging

from psycopg2.errors import SerializationFailure

from odoo import api, models
from odoo.tools import SQL

from .purchase_order_line_promise import AGREED_FIELDS

_logger = logging.getLogger(__name__)

# Lines of history filled in one go. A batch of promises holds its lines for a tenth of a second, one of prices
# for less: they are found before anything is locked.
PROMISE_BATCH = 1_000
PRICE_BATCH = 500
# Up to so many lines of history are filled at installation, more by the scheduler.
FILL_AT_ONCE = 5_000


class PurchaseOrderLine(models.Model):
    """Promises and agreed prices of orders that were confirmed before they were kept.

    Each kind is filled from the newest line to the oldest. What is filled leaves the index of missing ones, so
    a run that was stopped, or left lines that somebody else was changing, goes on with the next.
    """

    _inherit = "purchase.order.line"

    # What is still to be filled: lines of orders confirmed before the addon was there, and of RFQs.
    _promise_missing_idx = models.Index("(id) WHERE promised_date IS NULL AND display_type IS NULL")
    _agreed_missing_idx = models.Index("(id) WHERE agreed_price_source IS NULL AND display_type IS NULL")

    @api.model
    def _restart_promises(self):
        """Fill what is missing: at once if it is little, else by the scheduler."""
        if self._count_missing_promises(FILL_AT_ONCE + 1) > FILL_AT_ONCE:
            self.env.ref("partner_relations.ir_cron_fill_promises")._trigger()
            return
        for fill in (self._fill_missing_promises, self._fill_missing_agreed_prices):
            last_id = None
            while True:
                _done, last_id = fill(before_id=last_id)
                if not last_id:
                    break

    @api.model
    def _count_missing_promises(self, limit=None):
        """Count the confirmed lines that lack a promise or the look-up of their agreed price."""
        self._flush_for_history()
        # SQL: counts no further than the limit
        [[count]] = self.env.execute_query(
            SQL(
                """
    SELECT (SELECT COUNT(*) FROM (SELECT %(lines)s AND line.promised_date IS NULL LIMIT %(limit)s) AS a)
         + (SELECT COUNT(*) FROM (SELECT %(lines)s AND line.agreed_price_source IS NULL LIMIT %(limit)s) AS b)""",
                lines=self._get_confirmed_lines_sql(),
                limit=limit,
            )
        )
        return count

    def _flush_for_history(self):
        self.flush_model(
            [
                "order_id", "display_type", "product_id", "is_downpayment", "date_planned", "promised_date",
                "agreed_price_source",
            ]
        )  # fmt: skip
        self.env["purchase.order"].flush_model(["state", "date_planned", "date_approve"])

    def _get_confirmed_lines_sql(self):
        return SQL(
            """FROM purchase_order_line AS line
               JOIN purchase_order AS purchase ON purchase.id = line.order_id AND purchase.state = 'purchase'
              WHERE line.display_type IS NULL AND line.product_id IS NOT NULL
                AND line.is_downpayment IS NOT TRUE AND line.date_planned IS NOT NULL"""
        )

    @api.model
    def _fill_missing_promises(self, limit=PROMISE_BATCH, before_id=None):
        """Estimate the promise of confirmed lines that have none, the newest first.

        The first date that the history of the line tells it was moved from after the confirmation (where a
        customisation tracks it); else that of the order, for a line that is planned for the order's date, so
        that it moved with it; else the planned date. Lines in use are left for the next time.

        :param int before_id: go on below this line
        :return: number of lines filled, and the last line looked at (0 if there are no more)
        :rtype: tuple
        """
        self._flush_for_history()
        # SQL: one statement for a batch; rows in use are skipped, which keeps users and this from waiting
        rows = self.env.execute_query(
            SQL(
                """
    WITH missing AS MATERIALIZED (
        SELECT line.id, line.order_id, line.date_planned,
               purchase.date_planned IS NULL OR purchase.date_planned = line.date_planned AS with_order,
               COALESCE(purchase.date_approve, purchase.create_date) AS date_confirmed
          %(lines)s AND line.promised_date IS NULL AND %(before)s
         ORDER BY line.id DESC LIMIT %(limit)s
           FOR NO KEY UPDATE OF line SKIP LOCKED),
    tracked AS MATERIALIZED (
        SELECT message.model, message.res_id, message.date, tracking.id, tracking.old_value_datetime
          FROM (SELECT DISTINCT 'purchase.order' AS model, order_id AS res_id FROM missing
                 UNION ALL SELECT 'purchase.order.line', id FROM missing) AS target
          JOIN mail_message AS message ON message.model = target.model AND message.res_id = target.res_id
          JOIN mail_tracking_value AS tracking ON tracking.mail_message_id = message.id
         WHERE tracking.field_id = ANY(%(fields)s) AND tracking.old_value_datetime IS NOT NULL),
    first AS (
        SELECT DISTINCT ON (moved.id) moved.id, moved.old_value_datetime AS date
          FROM (SELECT missing.id, 1 AS rank, tracked.date, tracked.id AS tracking_id, tracked.old_value_datetime
                  FROM tracked
                  JOIN missing ON missing.id = tracked.res_id
                 WHERE tracked.model = 'purchase.order.line' AND tracked.date >= missing.date_confirmed
                 UNION ALL
                SELECT missing.id, 2, tracked.date, tracked.id, tracked.old_value_datetime
                  FROM tracked
                  JOIN missing ON missing.order_id = tracked.res_id AND missing.with_order
                 WHERE tracked.model = 'purchase.order' AND tracked.date >= missing.date_confirmed) AS moved
         ORDER BY moved.id, moved.rank, moved.date, moved.tracking_id),
    filled AS (
        UPDATE purchase_order_line AS line
           SET promised_date = COALESCE(first.date, missing.date_planned), promise_estimated = TRUE
          FROM missing LEFT JOIN first ON first.id = missing.id
         WHERE line.id = missing.id
     RETURNING line.id)
    SELECT COUNT(*), COALESCE(MIN(id), 0) FROM filled""",
                lines=self._get_confirmed_lines_sql(),
                fields=[
                    self.env["ir.model.fields"]._get(model, "date_planned").id
                    for model in ("purchase.order", "purchase.order.line")
                ],
                before=SQL("line.id < %s", before_id) if before_id else SQL("TRUE"),
                limit=limit,
            )
        )
        self.invalidate_model(["promised_date", "promise_estimated", "promise_shift_days"], flush=False)
        return rows[0]

    @api.model
    def _fill_missing_agreed_prices(self, limit=PRICE_BATCH, before_id=None):
        """Find the agreed price of confirmed lines that were not looked up yet, the newest first.

        It is that of agreements older than the order, as they are today.

        :param int before_id: go on below this line
        :return: number of lines filled, and the last line looked at (0 if there are no more)
        :rtype: tuple
        """
        self._flush_for_history()
        rows = self.env.execute_query(
            SQL(
                "SELECT line.id %s AND line.agreed_price_source IS NULL AND %s ORDER BY line.id DESC LIMIT %s",
                self._get_confirmed_lines_sql(),
                SQL("line.id < %s", before_id) if before_id else SQL("TRUE"),
                limit,
            )
        )
        if not rows:
            return 0, 0
        lines = self.browse(line_id for (line_id,) in rows)
        prices = lines._get_agreed_prices(history=True)
        words = {
            origin: self.env._("%s, as it is today", origin) for _p, _s, origin in prices.values() if origin
        }
        prices = {
            line: (price, source, words.get(origin)) for line, (price, source, origin) in prices.items()
        }
        return self._write_missing_agreed_prices(prices), min(lines.ids)

    @api.model
    def _write_missing_agreed_prices(self, prices):
        """Write the agreed prices of lines that still have none, and that nobody else changes at the moment.

        SQL: one statement for a batch; rows in use are skipped, which keeps users and this from waiting.

        :param dict prices: as ``_get_agreed_prices`` returns them
        :return: number of lines written
        """
        lines = self.browse(line.id for line in prices)
        lines.flush_recordset(AGREED_FIELDS)
        rows = self.env.execute_query(
            SQL(
                """
    UPDATE purchase_order_line AS line
       SET agreed_price = agreed.price, agreed_price_source = agreed.source, agreed_price_origin = agreed.origin
      FROM unnest(%(ids)s::int[], %(prices)s::float8[], %(sources)s::varchar[], %(origins)s::varchar[])
           AS agreed (id, price, source, origin)
     WHERE line.id = agreed.id
       AND line.id IN (
           SELECT id
             FROM purchase_order_line
            WHERE id = ANY(%(ids)s) AND agreed_price_source IS NULL
              FOR NO KEY UPDATE SKIP LOCKED
       )
 RETURNING line.id""",
                ids=list(lines.ids),
                prices=[price for price, _source, _origin in prices.values()],
                sources=[source for _price, source, _origin in prices.values()],
                origins=[origin or None for _price, _source, origin in prices.values()],
            )
        )
        lines.invalidate_recordset(AGREED_FIELDS, flush=False)
        return len(rows)

    @api.model
    def _cron_fill_promises(self, promise_batch=PROMISE_BATCH, price_batch=PRICE_BATCH):
        """Fill what is missing in batches: first the promises, then the agreed prices.

        Killed in between, the next run goes on where it ended.
        """
        remaining = self._count_missing_promises()
        for fill, limit in (
            (self._fill_missing_promises, promise_batch),
            (self._fill_missing_agreed_prices, price_batch),
        ):
            last_id, conflicts = None, 0
            while remaining > 0:
                try:
                    done, last_id = fill(limit=limit, before_id=last_id)
                except SerializationFailure:
                    # somebody changed one of the lines between our look and our lock: look again
                    self.env.cr.rollback()
                    conflicts += 1
                    if conflicts > 5:
                        raise
                    continue
                remaining = max(0, remaining - done)
                # many lines: what was read for a batch is of no use for the next
                self.env.invalidate_all()
                if not self.env["ir.cron"]._commit_progress(done, remaining=remaining):
                    return
                if not last_id:
                    break
        if remaining:
            _logger.info(
                "%s lines of confirmed orders are in use: their promises are read next time.", remaining
            )
