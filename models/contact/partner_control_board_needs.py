from odoo import api, models
from odoo.fields import Domain


class PartnerControlBoard(models.AbstractModel):
    """Overdue needs of customers on the board: how many, and the list of them."""

    _inherit = "partner.control.board"

    @api.model
    @api.readonly
    def count_overdue_needs(self, scope="mine"):
        """Needs whose deadline has passed, of the owners that the scope tells. The board does not wait for it."""
        return self.env["partner.requirement"].search_count(self._get_needs_domain(scope))

    @api.model
    def _get_needs_domain(self, scope):
        # a scope that somebody does not have is the own one
        user_ids = self._get_user_ids(scope if scope in self._get_scopes() else "mine")
        whose = Domain.TRUE if user_ids is False else Domain("user_id", "in", user_ids)
        return Domain("is_overdue", "=", True) & whose

    @api.model
    @api.readonly
    def open_needs(self, scope="mine"):
        """The list of the overdue needs that the board counts."""
        action = self.env["ir.actions.act_window"]._for_xml_id("partner_relations.partner_requirement_action")
        return {
            **action,
            "display_name": self.env._("Overdue Needs"),
            "domain": list(self._get_needs_domain(scope)),
            "context": {},
        }
