from odoo import api, fields, models


class ResPartnerIndustry(models.Model):
    _inherit = "res.partner.industry"

    market_id = fields.Many2one(
        "partner.market",
        index="btree_not_null",
        help="Market of the customers of this industry, unless another is chosen on the contact.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        industries = super().create(vals_list)
        if any(vals.get("market_id") for vals in vals_list):
            self.env["partner.market"]._clear_defaults()
        return industries

    def write(self, vals):
        result = super().write(vals)
        if "market_id" in vals:
            self.env["partner.market"]._clear_defaults()
        return result

    def unlink(self):
        result = super().unlink()
        self.env["partner.market"]._clear_defaults()
        return result
