from odoo import models


class SaleOrderLine(models.Model):
    """An index for finding what is not delivered or not invoiced without reading the lines of years.

    Its condition is repeated in ``partner.deal.report``. A service that is invoiced as ordered and whose delivered
    quantity nobody enters is not waited for once it is invoiced.
    """

    _inherit = "sale.order.line"

    _open_deal_idx = models.Index(
        "(order_id) WHERE state = 'sale' AND display_type IS NULL"
        " AND (qty_to_invoice <> 0 OR product_uom_qty > qty_delivered"
        " AND (qty_delivered_method IS DISTINCT FROM 'manual' OR qty_delivered <> 0 OR qty_invoiced = 0))"
    )
