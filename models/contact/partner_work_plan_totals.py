from odoo import models
from odoo.tools import SQL

DONE = SQL("line.state = 'done'")
STAYING = SQL("line.state <> 'cancelled' AND line.moved_to IS NULL")
# What a total needs of the lines of each plan: the sum of a field, or their number, and which lines.
SUMS = {
    "planned_hours": ("hours", "planned"),
    "done_hours": ("hours_done", "done"),
    "planned_count": (None, "planned"),
    "done_count": (None, "done"),
}


class PartnerWorkPlanTotals(models.Model):
    """The figures of several plans together, such as what a person planned and did in a quarter."""

    _inherit = "partner.work.plan"

    def _read_group_select(self, aggregate_spec, query):
        """Hours and lines are added up; the total of shares is the ratio of the sums, not the mean of ratios.

        SQL: the figures of a plan are no columns; they are read from its lines, as ``_compute_figures`` defines them.
        """
        name, _, function = aggregate_spec.partition(":")
        if function == "sum" and name in SUMS:
            return SQL("SUM(%s)", self._get_lines_sql(*SUMS[name]))
        if function == "avg" and name == "completion":
            planned = SQL("SUM(%s)", self._get_lines_sql("hours", "planned"))
            return SQL(
                "COALESCE(LEAST(SUM(%s), %s) / NULLIF(%s, 0), SUM(%s)::float8 / NULLIF(SUM(%s), 0))",
                self._get_lines_sql("hours", "done"),
                planned,
                planned,
                self._get_lines_sql(None, "done"),
                self._get_lines_sql(None, "planned"),
            )
        if function == "avg" and name == "load":
            capacity = SQL("NULLIF(%s, 0)", self._field_to_sql(self._table, "capacity_hours", query))
            return SQL(
                "SUM(%s) FILTER (WHERE %s IS NOT NULL) / SUM(%s)",
                self._get_lines_sql("hours", "staying"),
                capacity,
                capacity,
            )
        return super()._read_group_select(aggregate_spec, query)

    def _get_lines_sql(self, name, which):
        """The sum of a field of a plan's lines, or how many there are; 0 without any."""
        self.env["partner.work.plan.line"].flush_model()
        self.flush_model(["submitted_on"])
        plan = SQL.identifier(self._table)
        # as _filter_planned has it
        planned = SQL("(%s OR %s.submitted_on IS NOT NULL AND line.is_added IS NOT TRUE)", STAYING, plan)
        return SQL(
            "(SELECT COALESCE(SUM(%s), 0) FROM partner_work_plan_line AS line WHERE line.plan_id = %s.id AND %s)",
            SQL.identifier("line", name) if name else SQL("1"),
            plan,
            {"planned": planned, "done": DONE, "staying": STAYING}[which],
        )
