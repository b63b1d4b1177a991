from odoo import fields, models


class ManagerScorecardReopen(models.TransientModel):
    """Asks for the reason before closed scorecards are opened again."""

    _name = "manager.scorecard.reopen"
    _description = "Reopen Scorecards"
    _inherit = "partner.pointer.mixin"

    card_ids = fields.Many2many("manager.scorecard", string="Scorecards", required=True)
    reason = fields.Char(required=True, help="Why the closed scorecard must change. It stays in its log.")

    def action_reopen(self):
        """Reopen the scorecards with the reason that was entered."""
        self.ensure_one()
        self.card_ids.action_reopen(self.reason)
        return {"type": "ir.actions.act_window_close"}
