from odoo import models


class PurchaseOrder(models.Model):
    """Letters that belong to this order."""

    _name = "purchase.order"
    _inherit = ["purchase.order", "partner.letter.document.mixin"]
    _letter_field = "purchase_order_id"
