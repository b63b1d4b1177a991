from odoo import models


class SaleOrder(models.Model):
    """Planned contacts of an order are with the customer that it has now."""

    _inherit = "sale.order"

    def write(self, vals):
        result = super().write(vals)
        if "partner_id" in vals:
            # sudo: activities of colleagues, too; the feed moves entries that the rules of the log then hide or show
            self.sudo().activity_ids._relations_feed()
        return result
