from odoo import api, fields, models

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

    @api.model
    def _hand_entries_on(self, logs, closed, heirs):
        """What was done in a week, too, is told once, where core makes the meetings of a series anew."""
        result = super()._hand_entries_on(logs, closed, heirs)
        now = fields.Datetime.now()
        over = {event: heir for event, heir in heirs.items() if heir.stop <= now}
        # sudo: as below
        lines = self.env["partner.work.plan.line"].sudo().with_context(work_plan_sync=INTERNAL)
        done = lines.search([("event_id", "in", [event.id for event in over]), ("state", "=", "done")])
        lines.search([("event_id", "in", [over[event].id for event in done.event_id])]).unlink()
        for event, some in done.grouped("event_id").items():
            some.write({"event_id": over[event].id})
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
