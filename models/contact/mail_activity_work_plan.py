from odoo import models


class MailActivity(models.Model):
    """What happens to an activity shows at once on the lines of work plans that stand for it."""

    _inherit = "mail.activity"

    def write(self, vals):
        result = super().write(vals)
        if {"active", "date_deadline", "user_id"} & vals.keys() and not self.env.context.get(
            "work_plan_sync"
        ):
            self._work_plan_lines().plan_id._sync()
        return result

    def unlink(self):
        lines = self._work_plan_lines()
        result = super().unlink()
        if lines and not self.env.context.get("work_plan_sync"):
            lines = lines.with_context(work_plan_sync=True)
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
