from odoo import api, models
from odoo.fields import Domain


class PartnerControlBoard(models.AbstractModel):
    """Overdue needs of customers on the board: how many, and the list of them."""

    _inherit = "partner.control.board"

    @api.model
    @api.readonly
    def get_board(self, scope="mine", section=False, limit=20):
        """Add ``overdue_needs``: needs whose deadline has passed, of the owners that the scope tells."""
        board = super().get_board(scope=scope, section=section, limit=limit)
        needs = self.env["partner.requirement"]
        board["overdue_needs"] = (
            needs.search_count(self._get_needs_domain(board["user_ids"])) if needs.has_access("read") else 0
        )
        return board

    @api.model
    def _get_needs_domain(self, user_ids):
        whose = Domain.TRUE if user_ids is False else Domain("user_id", "in", user_ids)
        return Domain("is_overdue", "=", True) & whose

    @api.model
    @api.readonly
    def open_needs(self, scope="mine"):
        """The list of the overdue needs that the board counts."""
        if scope not in self._get_scopes():
            scope = "mine"
        action = self.env["ir.actions.act_window"]._for_xml_id("partner_relations.partner_requirement_action")
        return {
            **action,
            "display_name": self.env._("Overdue Needs"),
            "domain": list(self._get_needs_domain(self._get_user_ids(scope))),
            "context": {},
        }
