from odoo import models

from ...tools.internal import INTERNAL

MOVED = {
    "active",
    "allday",
    "duration",
    "name",
    "partner_ids",
    "attendee_ids",
    "privacy",
    "start",
    "start_date",
    "stop",
    "stop_date",
}


class CalendarEvent(models.Model):
    """What happens to a meeting shows at once on the lines of work plans that stand for it."""

    _inherit = "calendar.event"

    def write(self, vals):
        result = super().write(vals)
        if MOVED & vals.keys():
            self._work_plan_lines().plan_id._sync()
        return result

    def unlink(self):
        lines = self._work_plan_lines()
        result = super().unlink()
        if lines:
            lines = lines.with_context(work_plan_sync=INTERNAL)
            submitted = lines.filtered(lambda line: line.plan_id.state != "draft")
            submitted.write({"state": "cancelled"})
            (lines - submitted).unlink()
        return result

    def _work_plan_lines(self):
        # sudo: a meeting that changes moves its line, whoever may see the plan
        return (
            self.env["partner.work.plan.line"]
            .sudo()
            .search(
                [("event_id", "in", self.ids), ("state", "=", "planned"), ("plan_id.state", "!=", "closed")]
            )
        )
