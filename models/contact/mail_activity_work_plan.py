from odoo import api, models

from ...tools.internal import INTERNAL


class MailActivity(models.Model):
    """What happens to an activity shows at once on the work plans and boards that tell of it."""

    _inherit = "mail.activity"

    @api.model_create_multi
    def create(self, vals_list):
        activities = super().create(vals_list)
        self.env["partner.control.board"]._notify(activities.user_id)
        return activities

    def write(self, vals):
        users = self.user_id
        result = super().write(vals)
        if {"active", "date_deadline", "user_id"} & vals.keys():
            if self.env.context.get("work_plan_sync") is not INTERNAL:
                plans = self._work_plan_lines().plan_id
                if "active" in vals and not vals["active"]:
                    plans = plans._add_current()
                plans._sync()
            self.env["partner.control.board"]._notify(users | self.user_id)
        return result

    def unlink(self):
        lines, users = self._work_plan_lines(), self.user_id
        result = super().unlink()
        self.env["partner.control.board"]._notify(users)
        if lines and self.env.context.get("work_plan_sync") is not INTERNAL:
            lines = lines.with_context(work_plan_sync=INTERNAL)
            submitted = lines.filtered(lambda line: line.plan_id.state != "draft")
            submitted.write({"state": "cancelled"})
            (lines - submitted).unlink()
        return result

    def _work_plan_lines(self):
        """Open lines of these activities: one query by an index, for most activities all there is to do."""
        # sudo: an activity that changes moves its line, whoever may see the plan
        return (
            self.env["partner.work.plan.line"]
            .sudo()
            .search(
                [
                    ("activity_id", "in", self.ids),
                    ("state", "=", "planned"),
                    ("plan_id.state", "!=", "closed"),
                ]
            )
        )
