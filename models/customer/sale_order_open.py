from odoo import models


class SaleOrder(models.Model):
    """An index for reading the open quotations of opportunities without the orders of years."""

    _inherit = "sale.order"

    _open_quotation_idx = models.Index("(opportunity_id) WHERE state IN ('draft', 'sent')")
