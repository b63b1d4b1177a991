from odoo import api, models


class ResCompany(models.Model):
    """A new company rates its suppliers by the default policy."""

    _inherit = "res.company"

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        for company in companies:
            self.env["supplier.score.policy"]._get_for(company)
        return companies
