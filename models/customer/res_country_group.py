from odoo import api, fields, models


class ResCountryGroup(models.Model):
    _inherit = "res.country.group"

    market_id = fields.Many2one(
        "partner.market",
        index="btree_not_null",
        groups="base.group_user",
        help="Market of the customers of these countries, if neither the contact nor its industry has one.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        groups = super().create(vals_list)
        if any(vals.get("market_id") for vals in vals_list):
            self.env["partner.market"]._clear_defaults()
        return groups

    def write(self, vals):
        result = super().write(vals)
        if {"market_id", "country_ids"} & vals.keys():
            self.env["partner.market"]._clear_defaults()
        return result

    def unlink(self):
        result = super().unlink()
        self.env["partner.market"]._clear_defaults()
        return result
