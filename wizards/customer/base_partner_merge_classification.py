from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Odoo's merge of contacts carries their place in the classifications over."""

    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        self.env["partner.classification.line"]._merge_partners(src_partners, dst_partner)
        overrides = self.env["partner.classification.override"].with_context(active_test=False)
        # sudo: one valid override remains, whoever merges; core moves all by their foreign key
        entries = overrides.sudo().search(
            [("partner_id", "in", (src_partners | dst_partner).ids), ("active", "=", True)]
        )
        kept = set()
        for entry in entries.sorted(lambda entry: (entry.partner_id != dst_partner, entry.id)):
            key = (entry.company_id, entry.kind)
            if key in kept:
                entry.active = False
            kept.add(key)
        entries.flush_recordset(["active"])
        return super()._update_foreign_keys(src_partners, dst_partner)
