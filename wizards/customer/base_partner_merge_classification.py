from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Odoo's merge of contacts carries their place in the classifications over."""

    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        self.env["partner.classification.line"]._merge_partners(src_partners, dst_partner)
        # a person has none of its own: its company gets them
        target = dst_partner.commercial_partner_id
        if target in src_partners:
            target = dst_partner
        overrides = self.env["partner.classification.override"]
        overrides._move_to_partner(src_partners | dst_partner, target)
        return super()._update_foreign_keys(src_partners, dst_partner)
