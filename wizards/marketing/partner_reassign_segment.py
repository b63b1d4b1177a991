from odoo import api, fields, models
from odoo.fields import Domain

# How a document belongs to a contact, by kind of work.
CONTACT_FIELDS = {
    "contacts": ("id",),
    "suppliers": ("id",),
    "opportunities": ("partner_id", "partner_id.commercial_partner_id"),
    "orders": ("partner_id", "partner_id.commercial_partner_id"),
    "letters": ("partner_id", "commercial_partner_id"),
}


class PartnerReassign(models.TransientModel):
    """Reassignment of the work for the contacts of a segment only."""

    _inherit = "partner.reassign"

    segment_id = fields.Many2one(
        "partner.segment",
        string="Only in Segment",
        help="Only contacts in this segment, of those you may see, and what there is with them: opportunities, "
        "quotations, orders, and activities on contacts, opportunities and orders. Empty: all.",
    )

    @api.depends("segment_id")
    def _compute_summary(self):
        return super()._compute_summary()

    def _get_domains(self):
        domains = super()._get_domains()
        if not self.segment_id:
            return domains
        # of the superior who looks, while the work itself is counted and moved with all rights
        ids = list(self.segment_id._get_partner_query())
        for kind, (model, domain) in domains.items():
            if kind in CONTACT_FIELDS:
                inside = Domain.OR(Domain(name, "in", ids) for name in CONTACT_FIELDS[kind])
            else:
                inside = self._get_segment_activity_domain(ids)
            domains[kind] = (model, domain & inside)
        return domains

    def _get_segment_activity_domain(self, partner_ids):
        """Return the domain of the activities on these contacts, their opportunities and orders."""
        inside = Domain("res_model", "=", "res.partner") & Domain("res_id", "in", partner_ids)
        for model in ("crm.lead", "sale.order"):
            # sudo: as the work itself, which the caller has checked
            documents = self.env[model].sudo().with_context(active_test=False)
            found = documents._search(
                Domain("partner_id", "in", partner_ids)
                | Domain("partner_id.commercial_partner_id", "in", partner_ids)
            )
            inside |= Domain("res_model", "=", model) & Domain("res_id", "in", found)
        return inside
