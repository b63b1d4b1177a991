from odoo import fields, models


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

    def action_archive(self):
        """Ask others to approve the work plans these users were asked for; core deletes their activities."""
        # sudo: whoever archives users; their plans are passed on
        plans = self.env["partner.work.plan"].sudo()
        asked = plans._get_approvals([("user_id", "in", self.ids)])
        plans = plans.browse(set(asked.mapped("res_id"))).exists()
        result = super().action_archive()
        plans._pass_on(is_lost=True)
        return result
