from odoo import fields, models


class PartnerWorkPlanReturn(models.TransientModel):
    """Why a work plan goes back to its person."""

    _name = "partner.work.plan.return"
    _description = "Return a Work Plan"
    _inherit = "partner.pointer.mixin"

    plan_ids = fields.Many2many("partner.work.plan", required=True)
    remark = fields.Text(required=True, help="What is to be changed; the person reads it on the plan.")

    def action_return(self):
        """Return the plans with the remark."""
        self.ensure_one()
        return self.plan_ids.action_return(self.remark)
