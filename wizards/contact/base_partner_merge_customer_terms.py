from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Odoo's merge of contacts carries the individual terms over, without an overlap."""

    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        # Before core moves them by their foreign key, where an overlap would be an error of the database.
        target = dst_partner.commercial_partner_id
        if target in src_partners:
            target = dst_partner
        terms = self.env["partner.customer.terms"]
        terms._move_to_partner(src_partners | dst_partner, target)
        terms.flush_model()
        return super()._update_foreign_keys(src_partners, dst_partner)
