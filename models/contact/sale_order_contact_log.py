from odoo import models


class SaleOrder(models.Model):
    """Planned contacts of an order follow its customer."""

    _name = "sale.order"
    _inherit = ["sale.order", "partner.order.contacts.mixin"]
