from odoo import models


class PurchaseOrder(models.Model):
    """Planned contacts of an order are with the supplier that it has now."""

    _inherit = "purchase.order"

    def write(self, vals):
        result = super().write(vals)
        if "partner_id" in vals:
            # sudo: activities of colleagues, too; the feed moves entries that the rules of the log then hide or show
            self.sudo().activity_ids._relations_feed()
        return result
