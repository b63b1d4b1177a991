from odoo import models


class ResPartner(models.Model):
    """The contact of a company says in which time zone that company counts its days."""

    _inherit = "res.partner"

    def write(self, vals):
        result = super().write(vals)
        # sudo: whether these are the contacts of companies
        if "tz" in vals and self.env["res.company"].sudo().search_count(
            [("partner_id", "in", self.ids)], limit=1
        ):
            self.env.registry.clear_cache()
        return result
