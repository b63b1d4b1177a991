from odoo import api, models
from odoo.fields import Domain


class PartnerControlBoard(models.AbstractModel):
    """What is late and stands in lists of its own: overdue needs, customers past their rhythm, overdue deals.

    How many they are, and the lists of them. The board does not wait for it: of a hundred thousand customers or deals
    the count takes as long as the board.
    """

    _inherit = "partner.control.board"

    @api.model
    @api.readonly
    def count_overdue_needs(self, scope="mine"):
        """Needs whose deadline has passed, of the owners that the scope tells."""
        return self.env["partner.requirement"].search_count(self._get_needs_domain(scope))

    @api.model
    @api.readonly
    def count_past_rhythm(self, scope="mine"):
        """Customers past their rhythm in the care of whom the scope tells, also where a contact is planned."""
        return self.env["partner.rhythm.report"].search_count(self._get_rhythm_domain(scope))

    @api.model
    @api.readonly
    def count_overdue_deals(self, scope="mine"):
        """Unfinished deals whose expected day has passed, also those with a next step."""
        return self.env["partner.deal.report"].search_count(self._get_deals_domain(scope))

    @api.model
    def _get_needs_domain(self, scope):
        return Domain("is_overdue", "=", True) & self._get_whose(scope, "user_id")

    @api.model
    def _get_rhythm_domain(self, scope):
        return Domain("is_past", "=", True) & self._get_whose(scope, "owner_id")

    @api.model
    def _get_deals_domain(self, scope):
        return Domain("is_overdue", "=", True) & self._get_whose(scope, "user_id")

    @api.model
    def _get_whose(self, scope, name):
        # a scope that somebody does not have is the own one
        user_ids = self._get_user_ids(scope if scope in self._get_scopes() else "mine")
        return Domain.TRUE if user_ids is False else Domain(name, "in", user_ids)

    @api.model
    @api.readonly
    def open_needs(self, scope="mine"):
        """The list of the overdue needs that the board counts."""
        name = self.env._("Overdue Needs")
        return self._get_list("partner_requirement_action", name, self._get_needs_domain(scope))

    @api.model
    @api.readonly
    def open_rhythm(self, scope="mine"):
        """The list of the customers past their rhythm that the board counts."""
        name = self.env._("Past Their Rhythm")
        return self._get_list("partner_rhythm_report_action", name, self._get_rhythm_domain(scope))

    @api.model
    @api.readonly
    def open_overdue_deals(self, scope="mine"):
        """The list of the overdue deals that the board counts."""
        name = self.env._("Overdue Deals")
        return self._get_list("partner_deal_report_action", name, self._get_deals_domain(scope))

    @api.model
    def _get_list(self, xmlid, name, domain):
        action = self.env["ir.actions.act_window"]._for_xml_id(f"partner_relations.{xmlid}")
        return {**action, "display_name": name, "domain": list(domain), "context": {}}
