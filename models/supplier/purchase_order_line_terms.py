from datetime import timedelta

from odoo import api, models


class PurchaseOrderLine(models.Model):
    """Lines whose vendor price states no lead time are planned by the one that the supplier promised."""

    _inherit = "purchase.order.line"

    @api.model
    def _get_date_planned(self, seller, po=False):
        planned = super()._get_date_planned(seller, po=po)
        if seller and seller.delay:
            return planned
        days = (po or self.order_id)._get_terms().lead_days
        return planned + timedelta(days=days) if days else planned
