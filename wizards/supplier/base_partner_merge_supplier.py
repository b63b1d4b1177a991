from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Odoo's merge of contacts carries their rating as suppliers over."""

    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Rate the remaining supplier anew: it has the orders of the others from now on.

        One scorecard of each company and window remains, one grade set by hand of each company. A person has none of
        its own: its company gets them.
        """
        target = dst_partner.commercial_partner_id
        if target in src_partners:
            target = dst_partner
        partners = src_partners | dst_partner
        cards = self.env["supplier.scorecard"]._move_to_partner(partners, target)
        self.env["supplier.grade.override"]._move_to_partner(partners, target)
        self.env.flush_all()
        result = super()._update_foreign_keys(src_partners, dst_partner)
        cards._score_moved()
        return result
