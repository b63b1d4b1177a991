from odoo import api, fields, models
from odoo.tools import SQL

# Rows of a source taken in one go. 20,000 messages take about a second.
BATCH_SIZE = 20_000

SOURCES = [
    ("mail.activity", "Activities"),
    ("calendar.event", "Meetings"),
    ("mail.message", "E-mails and SMS"),
]


class PartnerContactHistory(models.Model):
    """How far the contact log has been filled from what the database held before.

    One record for each source. The history is read from the newest to the oldest row, so the
    log is useful at once, and a run that is killed goes on where its last batch ended.
    """

    _name = "partner.contact.history"
    _description = "Contact Log History"
    _inherit = ["partner.guarded.mixin"]
    _guarded_fields = ("source", "next_id", "total", "processed")
    _order = "id"

    source = fields.Selection(SOURCES, required=True, readonly=True)
    next_id = fields.Integer(readonly=True, help="Rows up to this id are still to be read.")
    total = fields.Integer(string="To Read", readonly=True, help="Rows there were when the filling began.")
    processed = fields.Integer(string="Read", readonly=True)
    progress = fields.Float(
        compute="_compute_progress", help="Rows read as a share of the rows there were, in percent."
    )

    _source_uniq = models.UniqueIndex("(source)", "Every source is filled once.")

    @api.depends("total", "processed", "next_id")
    def _compute_progress(self):
        for history in self:
            done = not history.next_id or not history.total
            history.progress = 100.0 if done else min(100.0, 100.0 * history.processed / history.total)

    @api.model
    def _get_all(self):
        return self.search([("source", "in", [source for source, _label in SOURCES])])

    def action_restart(self):
        """Read all history again. Entries that exist are brought up to date, none is doubled."""
        self.browse().check_access("write")
        self._guard_off()._restart()
        return True

    @api.model
    def _restart(self):
        """Begin anew: a small history is read at once, a large one by the scheduler."""
        self._get_all().unlink()
        histories = self.create(
            [
                # The planner's own count, for the progress shown, spares counting millions of rows.
                {"source": source, "next_id": last_id, "total": last_id}
                for source, _label in SOURCES
                for last_id in [self._get_last_id(source)]
            ]
        )
        if sum(histories.mapped("total")) <= BATCH_SIZE:
            while histories.filtered("next_id"):
                histories._read_batch(BATCH_SIZE)
        else:
            self.env.ref("partner_relations.ir_cron_contact_history")._trigger()
        return histories

    def _get_last_id(self, source):
        self.env[source].flush_model()
        # SQL: the highest id of all rows, archived ones included, read from the primary key.
        [(last_id,)] = self.env.execute_query(
            SQL("SELECT COALESCE(MAX(id), 0) FROM %s", SQL.identifier(self.env[source]._table))
        )
        return last_id

    def _read_batch(self, size):
        """Read the next rows of the first source that is not read to its end.

        :return: number of rows read
        """
        history = self.filtered("next_id")[:1]
        if not history:
            return 0
        self.env[history.source].flush_model()
        table = SQL.identifier(self.env[history.source]._table)
        # SQL: rows by their id, whatever the rights of whoever installed.
        ids = self.env.execute_query(
            SQL("SELECT id FROM %s WHERE id <= %s ORDER BY id DESC LIMIT %s", table, history.next_id, size)
        )
        logs = self.env["partner.contact.log"]
        if not ids:
            history.next_id = 0
            logs._merge_sent_emails()
            # the scheduler takes a batch of nothing for the end of all
            return self._read_batch(size)
        first, last = ids[-1][0], ids[0][0]
        alias, column, feed = {
            "mail.message": ("m", "model", logs._feed_messages),
            "calendar.event": ("e", "res_model", logs._feed_events),
            "mail.activity": ("a", "res_model", logs._feed_activities),
        }[history.source]
        models_found = self.env.execute_query(
            SQL(
                "SELECT DISTINCT %s FROM %s WHERE id BETWEEN %s AND %s",
                SQL.identifier(column),
                table,
                first,
                last,
            )
        )
        excluded = logs._get_excluded_models()
        for (model,) in models_found:
            if model in excluded and history.source != "calendar.event":
                continue
            condition = SQL(
                "%s BETWEEN %s AND %s AND %s IS NOT DISTINCT FROM %s",
                SQL.identifier(alias, "id"),
                first,
                last,
                SQL.identifier(alias, column),
                model,
            )
            if history.source == "mail.message" and model == "crm.lead":
                logs._know_lead_messages(condition)
            feed(condition, model or False)
        history.next_id = first - 1 if len(ids) == size else 0
        if not history.search_count([("next_id", ">", 0)]):
            logs._merge_sent_emails()
        history.processed += len(ids)
        return len(ids)

    @api.model
    def _cron_fill(self, batch_size=None):
        """Read one batch of history; the scheduler calls again while rows remain."""
        batch_size = batch_size or BATCH_SIZE
        histories = self._get_all().try_lock_for_update()
        done = histories._read_batch(batch_size)
        remaining = sum(histories.mapped("next_id"))
        self.env["ir.cron"]._commit_progress(done, remaining=remaining)
