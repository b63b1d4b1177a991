from odoo import api, models
from odoo.fields import Domain


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Odoo's merge of contacts leaves one active membership, and one active arrangement, of each company."""

    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        partners = src_partners | dst_partner
        reason = self.env._("Merged with %s", dst_partner.name)
        for model, name in (
            ("partner.wage.deduction", "employer_id"),
            ("partner.wage.deduction.member", "partner_id"),
        ):
            # sudo: one remains, whoever merges; core moves all by their foreign key
            found = (
                self.env[model]
                .sudo()
                .search(Domain(name, "in", partners.ids) & Domain("state", "=", "active"))
            )
            kept = set()
            for record in found.sorted(lambda one, name=name: (one[name] != dst_partner, one.id)):
                if record.company_id in kept:
                    # stopped without the work of a stop: the debts are those of the contact that remains
                    record.write({"state": "stopped", "stop_reason": reason})
                kept.add(record.company_id)
        self.env.flush_all()
        return super()._update_foreign_keys(src_partners, dst_partner)
