from odoo import api, fields, models
from odoo.exceptions import UserError


class ResUsers(models.Model):
    """Who has a work plan; the plans that somebody was to approve who leaves."""

    _inherit = "res.users"

    relations_work_plan = fields.Boolean(
        string="Weekly Work Plan",
        default=True,
        help="A work plan of each week is made and filled by itself for this person.",
        prefetch="relations",
        groups="base.group_user",
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_work_plans(self):
        # the database would delete the plans with the person, past what keeps them
        # sudo: whoever deletes users; plans of all companies stay
        plan = (
            self.env["partner.work.plan"]
            .sudo()
            .search(
                [("user_id", "in", self.ids), ("state", "!=", "draft"), ("line_ids", "!=", False)], limit=1
            )
        )
        if plan:
            raise UserError(
                self.env._(
                    "%(user)s has work plans that were submitted, approved or closed, such as %(plan)s. They stay. "
                    "Archive the user instead.",
                    user=plan.user_id.display_name,
                    plan=plan.display_name,
                )
            )

    def action_archive(self):
        """Ask others to approve the work plans these users were asked for; core deletes their activities."""
        # sudo: whoever archives users; their plans are passed on
        plans = self.env["partner.work.plan"].sudo()
        asked = plans._get_approvals([("user_id", "in", self.ids)])
        plans = plans.browse(set(asked.mapped("res_id"))).exists()
        result = super().action_archive()
        plans._pass_on(is_lost=True)
        return result
