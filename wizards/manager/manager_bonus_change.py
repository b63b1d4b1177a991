from odoo import fields, models


class ManagerBonusChange(models.TransientModel):
    """Asks for another amount than the computed one, and why."""

    _name = "manager.bonus.change"
    _description = "Change a Bonus"
    _inherit = "partner.pointer.mixin"

    bonus_id = fields.Many2one(
        "manager.bonus", string="Bonus of", required=True, readonly=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="bonus_id.currency_id")
    amount = fields.Monetary(string="Bonus", required=True)
    reason = fields.Char(required=True, help="Why it is another amount. The manager and directors see it.")

    def action_change(self):
        """Change the bonus."""
        self.ensure_one()
        self.bonus_id._change(self.amount, self.reason)
        return {"type": "ir.actions.act_window_close"}
