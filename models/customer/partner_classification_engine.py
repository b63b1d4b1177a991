from contextlib import contextmanager
from datetime import datetime, time, timedelta

import pytz

from odoo import fields, models
from odoo.exceptions import LockError, UserError
from odoo.tools import SQL

from ...tools.classification import lost_limit

# What a line holds, in the order of the statement that computes it.
COLUMNS = (
    "partner_id",
    "revenue",
    "profit",
    "value",
    "share",
    "cumulative_share",
    "cv",
    "xyz_periods",
    "sales_count",
    "first_sale_date",
    "last_sale_date",
    "median_interval",
    "abc_class",
    "xyz_class",
    "stage",
    "is_returned",
    "previous_abc_class",
    "previous_xyz_class",
    "previous_stage",
    "computed_abc_class",
    "computed_xyz_class",
    "computed_stage",
    "override_id",
)
MOVE_TYPES = {"customer": ("out_invoice", "out_refund"), "supplier": ("in_invoice", "in_refund")}


# So many batches of missing costs are frozen before a run gives up on the profit.
FREEZE_BATCHES = 20


class PartnerClassification(models.Model):
    """Computing a run: what it needs, its settings, and the lines that it writes.

    The statement itself is in ``partner_classification_statement.py``.
    """

    _inherit = "partner.classification"

    # ------------------------------------------------------------------
    # Parameters
    # ------------------------------------------------------------------
    def _get_parameter(self, name):
        """A parameter as it was when the run was computed, else that of the policy."""
        self.ensure_one()
        return (self.parameters or {}).get(name, self.policy_id[name])

    def _get_window(self):
        """What, beside the parameters of the policy, the lines of a run depend on: policy and days, as plain values."""
        self.ensure_one()
        days = (self.date_from, self.date_to, self.stage_date)
        return [self.policy_id.id, *map(fields.Date.to_string, days)]

    def _get_move_types(self):
        self.ensure_one()
        return MOVE_TYPES[self.kind]

    def _get_lost_limit(self, count, interval):
        """Days without a purchase after which a customer with that history is lost."""
        self.ensure_one()
        if not self._get_parameter("lost_own_rhythm"):
            return self._get_parameter("lost_days")
        names = ("lost_days", "lost_rhythm_factor", "lost_rhythm_min")
        return lost_limit(count, interval, *map(self._get_parameter, names))

    def _get_tz(self):
        """The time zone in which the company's orders have their day."""
        self.ensure_one()
        return self.company_id._get_zone()

    def _get_utc_bounds(self, first, last):
        """The moments between which the company's days from ``first`` to ``last`` lie, in UTC."""
        tz = pytz.timezone(self._get_tz())
        return tuple(
            tz.localize(datetime.combine(day, time())).astimezone(pytz.utc).replace(tzinfo=None)
            for day in (first, last + timedelta(days=1))
        )

    # ------------------------------------------------------------------
    # Computing
    # ------------------------------------------------------------------
    def _compute_lines(self):
        """Compute the lines of one run, and write those that changed."""
        self.ensure_one()
        try:
            self.lock_for_update()
        except LockError as error:
            raise UserError(
                self.env._("“%s” is being computed by somebody else. Try again in a moment.", self.name)
            ) from error
        costs_known = self._freeze_costs()
        if self.is_live:
            self._internal().date_from = self._get_window_start()
        self._internal().write(
            {
                "parameters": {**self.policy_id._get_parameters(), "window": self._get_window()},
                "previous_id": self._get_previous().id,
                "date_computed": fields.Datetime.now(),
                "computed_by_id": self.env.uid,
            }
        )
        lines = self.env["partner.classification.line"]
        self.env.flush_all()
        with self._analysis_settings():
            # most companies have none, and joining them costs a third of the time
            moved = (self.previous_id.parameters or {}).get("moved", False)
            self._write_lines(costs_known, moved)
            if not moved and self._has_moved_customers():
                moved = True
                self._write_lines(costs_known, moved)
            self._internal().parameters = {**self.parameters, "moved": moved}
        lines.invalidate_model(flush=False)
        if self.is_current:
            self.env["res.partner"].invalidate_model(self.env["res.partner"]._get_class_fields(), flush=False)
        self.invalidate_recordset(["line_ids", "line_count", "total_revenue", "total_profit"], flush=False)

    def _write_lines(self, costs_known, moved):
        """Insert the lines of a run that has none; else insert, change and remove those that differ."""
        new_lines = self._new_lines_sql(costs_known, moved)
        insert = SQL(
            """
            INSERT INTO partner_classification_line (classification_id, company_id, currency_id, %(columns)s)
            SELECT %(run)s, %(company)s, %(currency)s, %(columns)s FROM """,
            columns=SQL(", ").join(map(SQL.identifier, COLUMNS)),
            run=self.id,
            company=self.company_id.id,
            currency=self.company_id.currency_id.id,
        )
        [[known]] = self.env.execute_query(
            SQL(
                "SELECT EXISTS (SELECT FROM partner_classification_line WHERE classification_id = %s)",
                self.id,
            )
        )
        if not known:
            # in the order of the index, which then grows at its end: half the time of writing
            self.env.cr.execute(SQL("WITH %s %s new ORDER BY partner_id", new_lines, insert))
            return
        # The differences, mostly few, are found by a full join, which cannot compare each row with each, and
        # then have statistics, without which all lines of all runs may be read to find them.
        self.env.cr.execute(self._differences_sql(new_lines))
        columns = [SQL.identifier(name) for name in COLUMNS[1:]]
        self.env.cr.execute(
            SQL(
                """
                ANALYZE partner_classification_difference (id);
                DELETE FROM partner_classification_line AS line
                 USING partner_classification_difference AS new
                 WHERE line.id = new.id AND new.partner_id IS NULL;
                UPDATE partner_classification_line AS line SET %s
                  FROM partner_classification_difference AS new
                 WHERE line.id = new.id AND new.partner_id IS NOT NULL;
                %s partner_classification_difference AS new WHERE new.id IS NULL;
                DROP TABLE partner_classification_difference""",
                SQL(", ").join(SQL("%s = new.%s", column, column) for column in columns),
                insert,
            )
        )

    def _differences_sql(self, new_lines):
        """Lines that are gone (without partner), changed, or new (without id)."""
        columns = [SQL.identifier(name) for name in COLUMNS[1:]]
        return SQL(
            """
            CREATE TEMPORARY TABLE partner_classification_difference ON COMMIT DROP AS
              WITH %(new_lines)s
            SELECT line.id, new.*
              FROM (SELECT *, CASE WHEN is_merged THEN NULL ELSE partner_id END AS key
                      FROM partner_classification_line
                     WHERE classification_id = %(run)s) AS line
              FULL JOIN new ON new.partner_id = line.key
             WHERE line.id IS NULL OR new.partner_id IS NULL OR (%(old)s) IS DISTINCT FROM (%(new)s)""",
            new_lines=new_lines,
            run=self.id,
            old=SQL(", ").join(SQL("line.%s", column) for column in columns),
            new=SQL(", ").join(SQL("new.%s", column) for column in columns),
        )

    def _has_moved_customers(self):
        """Whether a line is on a contact that now belongs to another company."""
        return bool(
            self.env.execute_query(
                SQL(
                    """
                    SELECT 1 FROM partner_classification_line AS line
                      JOIN res_partner AS partner ON partner.id = line.partner_id
                     WHERE line.classification_id = %s AND partner.commercial_partner_id <> partner.id
                     LIMIT 1""",
                    self.id,
                )
            )
        )

    def _freeze_costs(self):
        """Freeze costs and quantities of sales that are still missing, a few; return whether the costs are known.

        :raises UserError: when many are missing and the policy needs them
        """
        self.ensure_one()
        if self.kind != "customer" or self.policy_id.source != "invoice":
            return True
        moves = self.env["account.move"].sudo()  # sudo: costs are frozen whoever computes
        measures = {self.policy_id.measure, self.policy_id.xyz_measure}
        names = ("sale_cost", "sale_quantity") if "quantity" in measures else ("sale_cost",)
        for _batch in range(FREEZE_BATCHES):
            if not moves._count_missing_sale_costs(1, names, self.company_id):
                return True
            if not moves._freeze_missing_sale_costs(self.company_id):
                break
        count = moves._count_missing_sale_costs(None, names, self.company_id)
        if count and measures & {"profit", "quantity"}:
            raise UserError(
                self.env._(
                    "The costs and quantities of %(count)s earlier invoices are still being read, so profit and "
                    "quantity are not known yet. The scheduled action “Customer invoices: freeze the cost of "
                    "sales” does it in the background; compute again when it is done, or classify by revenue.",
                    count=count,
                )
            )
        return not count

    @contextmanager
    def _analysis_settings(self):
        """Settings of PostgreSQL for a statement over the whole history, taken back afterwards.

        Compiling such a statement takes longer than running it, and so does sorting on disk. The documents come
        from an index by customer: summing them in that order takes half the time of a table in memory, which
        the planner prefers because it takes the periods for unordered; reading the months of the window from the
        index by day and sorting them by customer takes longer, too, which pages of a disk with a head would hide.
        """
        wanted = {"jit": "off", "work_mem": "256MB", "enable_hashagg": "off", "random_page_cost": "1.1"}
        before = {
            name: self.env.execute_query(SQL("SELECT current_setting(%s)", name))[0][0] for name in wanted
        }
        for name, value in wanted.items():
            self.env.execute_query(SQL("SELECT set_config(%s, %s, true)", name, value))
        yield
        for name, value in before.items():
            self.env.execute_query(SQL("SELECT set_config(%s, %s, true)", name, value))
