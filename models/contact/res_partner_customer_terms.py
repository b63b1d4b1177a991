from odoo import api, models


class ResPartner(models.Model):
    """The individual terms of a customer follow its contact."""

    _inherit = "res.partner"

    def _follow_company(self):
        # sudo: whoever may change what a contact belongs to; which terms it has is seen by others
        terms = self.env["partner.customer.terms"].sudo().with_context(active_test=False)
        for partner in terms.search([("partner_id", "in", self.ids)]).partner_id:
            if partner.commercial_partner_id != partner:
                terms._move_to_partner(partner, partner.commercial_partner_id)
        return super()._follow_company()

    @api.readonly
    def action_open_customer_terms(self):
        """Open the individual terms of the company that the contact belongs to."""
        self.ensure_one()
        partner = self.commercial_partner_id
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "partner_relations.partner_customer_terms_action"
        )
        return {
            **action,
            # sudo: the name alone, of the company that a readable person belongs to
            "display_name": self.env._("Terms of %s", partner.sudo().display_name),
            "domain": [("partner_id", "=", partner.id)],
            "context": {"default_partner_id": partner.id},
        }
