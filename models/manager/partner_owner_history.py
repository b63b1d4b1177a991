from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

# Customers reconstructed in one go. A batch reads the orders of all, so many small ones would take longer.
BATCH_SIZE = 20_000


class PartnerOwnerHistory(models.Model):
    """Since when owners are kept, and how far what was before is reconstructed.

    There is one record. What was before its ``date`` is read from what the database holds, by the definitions in
    ``tools/owner_periods.py``, and marked as estimated:

    - from the changes of the salesperson that the contact's messages tell;
    - where there are none: from confirmed orders and posted invoices, of each company by itself. Responsible in a
      month was the salesperson of most of them, and remained it until somebody else sold most, at the end until the
      end of the month of the last sale;
    - from then on the salesperson at the installation; from the beginning, if nothing tells of anybody else.

    The newest customers are read first. A run that is killed goes on where its last batch ended, and a customer
    read twice is the same as read once.
    """

    _name = "partner.owner.history"
    _description = "Reconstruction of Owners"
    _inherit = ["partner.guarded.mixin"]
    _guarded_fields = ("date", "next_id", "total", "processed")
    _rec_name = "date"
    _order = "id"

    date = fields.Datetime(
        string="Kept From",
        required=True,
        readonly=True,
        help="From this moment on owners are kept as they change. What was before is estimated.",
    )
    next_id = fields.Integer(readonly=True, help="Customers up to this id are still to be read.")
    total = fields.Integer(string="To Read", readonly=True, help="Customers there were when it began.")
    processed = fields.Integer(string="Read", readonly=True)
    progress = fields.Float(
        compute="_compute_progress", help="Customers read as a share of those to be read, in percent."
    )

    @api.depends("total", "processed", "next_id")
    def _compute_progress(self):
        for history in self:
            done = not history.next_id or not history.total
            history.progress = 100.0 if done else min(100.0, 100.0 * history.processed / history.total)

    @api.model
    def _get(self):
        return self.search([], limit=1)

    def action_restart(self):
        """Reconstruct everything again, such as after older orders were imported. Corrected customers stay."""
        self.browse().check_access("write")
        # sudo: the batches write periods, which nobody may do otherwise
        self.sudo()._restart()
        return True

    @api.model
    def _start(self):
        """Keep owners from now on, unless they are kept already, and reconstruct what was before."""
        if self._get():
            return self._get()
        history = self.create({"date": fields.Datetime.now()})
        self.env["partner.owner.period"]._flush_owners()
        # SQL: all customers of the database in one statement; the lock is that of a foreign key, so that no
        # customer is deleted meanwhile
        self.env.cr.execute(
            SQL(
                """
    INSERT INTO partner_owner_period (
        partner_id, user_id, date_from, estimated, origin, create_uid, create_date, write_uid, write_date)
    SELECT partner.id, partner.user_id, %(now)s, FALSE, 'found', %(uid)s, %(now)s, %(uid)s, %(now)s
      FROM res_partner AS partner
     WHERE partner.commercial_partner_id = partner.id AND partner.user_id IS NOT NULL
       AND NOT EXISTS (SELECT FROM partner_owner_period AS period WHERE period.partner_id = partner.id)
       FOR KEY SHARE OF partner""",
                now=history.date,
                uid=self.env.uid,
            )
        )
        history._restart()
        return history

    @api.model
    def _restart(self):
        """Begin to reconstruct: few customers at once, many by the scheduler."""
        history = self._get()
        if not history:
            raise UserError(self.env._("Owners are not kept yet: update the addon."))
        self.env["res.partner"].flush_model(["commercial_partner_id"])
        # SQL: all customers, archived ones included, whatever the rights of whoever installed
        [(last_id, total)] = self.env.execute_query(
            SQL("SELECT COALESCE(MAX(id), 0), COUNT(*) FROM res_partner WHERE commercial_partner_id = id")
        )
        history.write({"next_id": last_id, "total": total, "processed": 0})
        if total <= BATCH_SIZE:
            while history.next_id:
                history._read_batch(BATCH_SIZE)
        else:
            self.env.ref("partner_relations.ir_cron_owner_history")._trigger()
        return history

    @api.model
    def _cron_fill(self, batch_size=None):
        """Reconstruct one batch of customers; the scheduler calls again while some remain."""
        history = self._get().try_lock_for_update()
        done = history._read_batch(batch_size or BATCH_SIZE)
        self.env["ir.cron"]._commit_progress(done, remaining=history.next_id)

    def _read_batch(self, size):
        """Reconstruct the next customers.

        :return: number of customers read
        """
        if not self.next_id:
            return 0
        self.env["res.partner"].flush_model(["user_id", "commercial_partner_id"])
        # SQL: customers by their id, archived ones included
        ids = self.env.execute_query(
            SQL(
                """SELECT id FROM res_partner WHERE id <= %s AND commercial_partner_id = id
                    ORDER BY id DESC LIMIT %s""",
                self.next_id,
                size,
            )
        )
        if not ids:
            self.next_id = 0
            return 0
        first, last = ids[-1][0], ids[0][0]
        self._reconstruct(first, last)
        self.write({"next_id": first - 1, "processed": self.processed + len(ids)})
        return len(ids)

    # ------------------------------------------------------------------
    # The statement
    # ------------------------------------------------------------------
    def _reconstruct(self, first_id, last_id):
        """Estimate the periods of customers from ``first_id`` to ``last_id``, in place of earlier estimates."""
        self._flush_for_history()
        self.env.cr.execute("SET LOCAL jit = off")  # compiling takes longer than reading
        values = {
            "customers": self._get_customers_sql(first_id, last_id),
            "date": self.date,
            "uid": self.env.uid,
            "root": SUPERUSER_ID,
            "field": self.env["ir.model.fields"]._get("res.partner", "user_id").id,
            "zones": self._get_zones_sql(),
        }
        # SQL: set-based, as there may be years of orders of hundreds of thousands of customers
        self.env.cr.execute(
            SQL(
                """DELETE FROM partner_owner_period AS period USING (%(customers)s) AS customer
                    WHERE period.partner_id = customer.id AND period.estimated""",
                **values,
            )
        )
        self.env.cr.execute(
            SQL(
                """
    WITH customer AS MATERIALIZED (%(customers)s),
    change AS MATERIALIZED (
        SELECT message.res_id AS partner_id, message.date, value.id,
               value.old_value_integer AS before, value.new_value_integer AS after
          FROM customer
          JOIN mail_message AS message ON message.model = 'res.partner' AND message.res_id = customer.id
          JOIN mail_tracking_value AS value
            ON value.mail_message_id = message.id AND value.field_id = %(field)s
         WHERE message.date < %(date)s),
    zone AS (%(zones)s),
    document AS (
        SELECT customer.id AS partner_id, customer.owner_id, sold.company_id, zone.tz, sold.user_id, sold.moment,
               date_trunc('month', sold.moment AT TIME ZONE 'UTC' AT TIME ZONE zone.tz) AS month
          FROM (SELECT contact.commercial_partner_id AS partner_id, o.company_id, o.user_id,
                       o.date_order AS moment
                  FROM sale_order AS o
                  JOIN res_partner AS contact ON contact.id = o.partner_id
                 WHERE o.state = 'sale' AND o.user_id IS NOT NULL
                 UNION ALL
                SELECT move.commercial_partner_id, move.company_id, move.invoice_user_id,
                       move.invoice_date::timestamp AT TIME ZONE zone.tz AT TIME ZONE 'UTC'
                  FROM account_move AS move
                  JOIN zone ON zone.company_id = move.company_id
                 WHERE move.move_type = 'out_invoice' AND move.state = 'posted'
                   AND move.invoice_user_id IS NOT NULL AND move.invoice_date IS NOT NULL) AS sold
          JOIN customer ON customer.id = sold.partner_id
          JOIN zone ON zone.company_id = sold.company_id
         WHERE sold.moment < %(date)s AND sold.user_id <> %(root)s
           AND customer.id NOT IN (SELECT partner_id FROM change)),
    seller AS (
        SELECT DISTINCT ON (partner_id, company_id, month) *
          FROM (SELECT partner_id, owner_id, company_id, tz, month, user_id, COUNT(*) AS count,
                       MAX(moment) AS latest
                  FROM document
                 GROUP BY partner_id, owner_id, company_id, tz, month, user_id) AS counted
         ORDER BY partner_id, company_id, month, count DESC, latest DESC, user_id DESC),
    numbered AS (
        SELECT *, SUM(is_new) OVER (PARTITION BY partner_id, company_id ORDER BY month) AS number
          FROM (SELECT *, (user_id IS DISTINCT FROM LAG(user_id) OVER (
                               PARTITION BY partner_id, company_id ORDER BY month))::int AS is_new
                  FROM seller) AS compared),
    run AS (
        SELECT *, LEAD(date_from) OVER (PARTITION BY partner_id, company_id ORDER BY number) AS next_from
          FROM (SELECT partner_id, owner_id, company_id, number, user_id,
                       MIN(month AT TIME ZONE tz AT TIME ZONE 'UTC') AS date_from,
                       LEAST(MAX((month + interval '1 month') AT TIME ZONE tz AT TIME ZONE 'UTC'), %(date)s)
                           AS last_to
                  FROM numbered
                 GROUP BY partner_id, owner_id, company_id, number, user_id) AS grouped),
    handed_over AS (
        SELECT partner_id,
               MAX(CASE WHEN user_id = owner_id THEN CASE WHEN number > 1 THEN date_from END ELSE last_to END)
                   AS common_from
          FROM run WHERE next_from IS NULL
         GROUP BY partner_id),
    estimate AS (
        SELECT DISTINCT ON (partner_id) partner_id, before AS user_id, NULL::int4 AS company_id,
               NULL::timestamp AS date_from, date AS date_to, 'tracking' AS origin
          FROM (SELECT * FROM change ORDER BY partner_id, date, id) AS ordered
         ORDER BY partner_id, date, id)
    INSERT INTO partner_owner_period (
        partner_id, user_id, company_id, date_from, date_to, estimated, origin,
        create_uid, create_date, write_uid, write_date)
    SELECT row.partner_id, row.user_id, row.company_id, row.date_from, row.date_to, TRUE, row.origin,
           %(uid)s, %(date)s, %(uid)s, %(date)s
      FROM (SELECT * FROM estimate
             UNION ALL
            SELECT change.partner_id,
                   CASE WHEN LEAD(change.id) OVER later IS NULL THEN customer.owner_id ELSE change.after END,
                   NULL, change.date, COALESCE(LEAD(change.date) OVER later, %(date)s), 'tracking'
              FROM change JOIN customer ON customer.id = change.partner_id
            WINDOW later AS (PARTITION BY change.partner_id ORDER BY change.date, change.id)
             UNION ALL
            SELECT run.partner_id, run.user_id, run.company_id, CASE WHEN run.number > 1 THEN run.date_from END,
                   CASE WHEN run.next_from IS NOT NULL THEN run.next_from
                        WHEN run.user_id = run.owner_id THEN handed_over.common_from ELSE run.last_to END, 'orders'
              FROM run JOIN handed_over ON handed_over.partner_id = run.partner_id
             UNION ALL
            SELECT run.partner_id, run.owner_id, run.company_id, run.last_to, handed_over.common_from, 'orders'
              FROM run JOIN handed_over ON handed_over.partner_id = run.partner_id
             WHERE run.next_from IS NULL AND run.user_id <> run.owner_id
             UNION ALL
            SELECT customer.id, customer.owner_id, NULL, handed_over.common_from, %(date)s,
                   CASE WHEN handed_over.partner_id IS NOT NULL AND handed_over.common_from IS NULL
                        THEN 'orders' ELSE 'current' END
              FROM customer LEFT JOIN handed_over ON handed_over.partner_id = customer.id
             WHERE customer.id NOT IN (SELECT partner_id FROM change)) AS row
      JOIN res_users AS known ON known.id = row.user_id
     WHERE row.date_to IS NOT NULL AND (row.date_from IS NULL OR row.date_from < row.date_to)""",
                **values,
            )
        )
        self.env["partner.owner.period"].invalidate_model(flush=False)

    def _get_customers_sql(self, first_id, last_id):
        """Customers to reconstruct, with who was responsible when owners began to be kept.

        Not those that were created later or whose owner was corrected. Locked as by a foreign key.
        """
        return SQL(
            """
        SELECT partner.id, found.user_id AS owner_id
          FROM res_partner AS partner
     LEFT JOIN partner_owner_period AS found
            ON found.partner_id = partner.id AND found.origin = 'found' AND found.date_from = %(date)s
         WHERE partner.id BETWEEN %(first)s AND %(last)s AND partner.commercial_partner_id = partner.id
           AND NOT EXISTS (
               SELECT FROM partner_owner_period AS kept
                WHERE kept.partner_id = partner.id AND NOT kept.estimated
                  AND (kept.date_from IS NULL OR kept.date_from < %(date)s OR kept.origin = 'corrected'))
           FOR KEY SHARE OF partner""",
            date=self.date,
            first=first_id,
            last=last_id,
        )

    def _get_zones_sql(self):
        """The time zone of each company, whose months those of its documents are."""
        # sudo: the history of all companies is read, whoever installs
        companies = self.env["res.company"].sudo().with_context(active_test=False)
        companies = companies.search([])  # pylint: disable=no-search-all
        return SQL(
            "SELECT * FROM (VALUES %s) AS zone (company_id, tz)",
            SQL(", ").join(SQL("(%s, %s)", company.id, company._get_zone()) for company in companies),
        )

    def _flush_for_history(self):
        self.env["partner.owner.period"]._flush_owners()
        self.env["sale.order"].flush_model(["state", "partner_id", "user_id", "company_id", "date_order"])
        self.env["account.move"].flush_model(
            ["state", "move_type", "commercial_partner_id", "invoice_user_id", "invoice_date", "company_id"]
        )
        self.env["mail.message"].flush_model(["model", "res_id", "date"])
        self.env["mail.tracking.value"].flush_model()
