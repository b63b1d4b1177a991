from odoo import fields, models


class ProductSupplierinfo(models.Model):
    """Vendor prices that the confirmation of an order wrote are told from those that were agreed."""

    _inherit = "product.supplierinfo"

    confirmed_order_id = fields.Many2one(
        "purchase.order",
        string="Written by Order",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The purchase order whose confirmation wrote this price. It is no agreement for that order itself.",
    )
