from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Odoo's merge of contacts carries their payment reminders over, of which a customer has one on a day."""

    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        # sudo: what was told to them, whoever merges; core moves all by their foreign key
        self.env["partner.payment.reminder"].sudo()._free_days(src_partners, dst_partner)
        return super()._update_foreign_keys(src_partners, dst_partner)
