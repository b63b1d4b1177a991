from odoo import api, fields, models

from ...tools.internal import INTERNAL


class ManagerScorecard(models.Model):
    """The bonus comes when a scorecard is closed, and goes when it is reopened before it was approved."""

    _inherit = "manager.scorecard"

    bonus_ids = fields.One2many("manager.bonus", "scorecard_id", string="Bonuses", readonly=True)
    has_bonus = fields.Boolean(compute="_compute_has_bonus", help="There is a bonus that you may see.")

    @api.depends("bonus_ids")
    @api.depends_context("uid")
    def _compute_has_bonus(self):
        visible = self.env["manager.bonus"].search([("scorecard_id", "in", self.ids)]).scorecard_id
        for card in self:
            card.has_bonus = card._origin in visible

    def action_close(self):
        """Close the scorecards and make their bonuses, in one transaction."""
        still_open = self.filtered(lambda card: card.state == "open")
        result = super().action_close()
        self.env["manager.bonus"]._create_for(still_open)
        return result

    def _check_may_reopen(self):
        result = super()._check_may_reopen()
        # sudo: a bonus must not be lost, whoever may see it
        bonuses = self.env["manager.bonus"].sudo().search([("scorecard_id", "in", self.ids)])
        for bonus in bonuses:
            if bonus.state == "exported":
                bonus._raise_exported()
            if bonus.state == "approved":
                bonus._raise_approved()
        bonuses.with_context(relations_bonus=INTERNAL).unlink()
        return result

    def action_open_bonus(self):
        """Open the bonus that follows from this scorecard."""
        self.ensure_one()
        bonus = self.env["manager.bonus"].search([("scorecard_id", "=", self.id)], limit=1)
        return {
            "type": "ir.actions.act_window",
            "res_model": "manager.bonus",
            "res_id": bonus.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }
