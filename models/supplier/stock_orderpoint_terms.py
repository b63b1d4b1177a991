from odoo import models


class StockWarehouseOrderpoint(models.Model):
    """Reordering rules look the agreed lead times of all their suppliers up at once."""

    _inherit = "stock.warehouse.orderpoint"

    def _compute_lead_days(self):
        # sudo: who delivers, whatever prices the user sees
        orderpoints = self.sudo()
        sellers = orderpoints.product_id.seller_ids | orderpoints.supplier_id
        days = self.env["stock.rule"]._get_agreed_lead_days(
            sellers.filtered(lambda seller: not seller.delay).partner_id,
            orderpoints.company_id | orderpoints.rule_ids.company_id,
        )
        return super(StockWarehouseOrderpoint, self.with_context(agreed_lead_days=days))._compute_lead_days()
