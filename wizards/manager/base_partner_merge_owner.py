from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Odoo's merge of contacts carries who is responsible for them, and the history of that, over."""

    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        # core leaves the salesperson out, as a computed field; as in core, the last of the others goes first
        heir = src_partners[::-1].filtered("user_id")[:1]
        if dst_partner.user_id:
            heir = heir.browse()
        self.env["partner.owner.period"]._merge_partners(src_partners, dst_partner, heir)
        if heir:
            # whose it was already needs no e-mail
            dst_partner.with_context(mail_auto_subscribe_no_notify=True).user_id = heir.user_id
        return super()._update_foreign_keys(src_partners, dst_partner)
