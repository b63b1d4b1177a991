from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Odoo's merge of contacts carries their needs over; those of what is now a person go to its company."""

    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        self.env["partner.requirement"].flush_model()
        result = super()._update_foreign_keys(src_partners, dst_partner)
        requirements = self.env["partner.requirement"]
        requirements.invalidate_model(["partner_id", "contact_id"], flush=False)
        requirements._follow_partners(dst_partner)
        return result
