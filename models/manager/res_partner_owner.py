from odoo import api, models

from .partner_owner_period import NEW_PARTNERS


class ResPartner(models.Model):
    """Keeps who is responsible for a customer from when on."""

    _inherit = "res.partner"

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        # Their columns are written after this. Whoever is the first to own a contact that this transaction created
        # was so from the beginning.
        self.env.cr.precommit.data.setdefault(NEW_PARTNERS, set()).update(partners.ids)
        return partners

    def _write_multi(self, vals_list):
        # The one place that every change of a column passes, core's own computes included: the salesperson that
        # a person takes over from a company, and who becomes a customer or is none any more.
        super()._write_multi(vals_list)
        owners = self._fields["user_id"]._get_cache(self.env)
        concerned = [
            partner_id
            for partner_id, vals in zip(self._ids, vals_list, strict=True)
            # a contact that has no salesperson, and had none before, has no periods
            if "user_id" in vals or ("commercial_partner_id" in vals and owners.get(partner_id, True))
        ]
        if concerned:
            self.env["partner.owner.period"]._keep(concerned)

    @api.ondelete(at_uninstall=False)
    def _unlink_owner_periods(self):
        """The periods have no foreign key to the contact."""
        self.env["partner.owner.period"]._forget_partners(self.ids)
