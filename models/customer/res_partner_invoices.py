from odoo import models
from odoo.addons.account.models.account_move import BYPASS_LOCK_CHECK


class ResPartner(models.Model):
    """Invoices to the addresses of a customer who joins a company are that company's, as their entries are."""

    _inherit = "res.partner"

    def _follow_company(self):
        result = super()._follow_company()
        joined = self.filtered(lambda partner: partner.commercial_partner_id != partner)
        if joined:
            joined._give_invoices_to_company()
        return result

    def _give_invoices_to_company(self):
        """Make the company the customer of invoices to addresses of these contacts, whose entries it has got.

        Odoo gives all entries of who joins a company to the company, but makes it the customer of the invoices to the
        contact itself alone: those to its addresses would count for the contact by customer, and for the company in
        Invoice Analysis.
        """
        # sudo: as Odoo gives it the entries, whoever may change what the contact belongs to
        contacts = self.sudo().with_context(active_test=False)
        addresses = contacts.search([("parent_id", "child_of", self.ids)])
        if not addresses:
            return
        moves = contacts.env["account.move"].search(
            [("partner_id", "in", addresses.ids), ("commercial_partner_id", "in", self.ids)]
        )
        given = moves.filtered(lambda move: move.line_ids.partner_id == move.partner_id.commercial_partner_id)
        for company, alike in given.grouped(lambda move: move.partner_id.commercial_partner_id).items():
            alike.with_context(bypass_lock_check=BYPASS_LOCK_CHECK).commercial_partner_id = company
