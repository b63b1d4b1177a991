from odoo import models


class SaleOrder(models.Model):
    """Letters that belong to this order."""

    _name = "sale.order"
    _inherit = ["sale.order", "partner.letter.document.mixin"]
    _letter_field = "sale_order_id"
