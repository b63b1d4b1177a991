from odoo import models


class PurchaseOrder(models.Model):
    """Planned contacts of an order follow its supplier."""

    _name = "purchase.order"
    _inherit = ["purchase.order", "partner.order.contacts.mixin"]
