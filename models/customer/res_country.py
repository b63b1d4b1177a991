from odoo import models


class ResCountry(models.Model):
    _inherit = "res.country"

    def write(self, vals):
        result = super().write(vals)
        if "country_group_ids" in vals:
            self.env["partner.market"]._clear_defaults()
        return result
