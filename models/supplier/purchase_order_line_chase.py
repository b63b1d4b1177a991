from odoo import fields, models


class PurchaseOrderLine(models.Model):
    """When the supplier was last asked for the goods."""

    _inherit = "purchase.order.line"

    supplier_chase_date = fields.Datetime(
        string="Last Chased",
        readonly=True,
        copy=False,
        help="When the supplier was last asked by e-mail, from the coming deliveries, for what is open. Empty: "
        "never.",
        groups="base.group_user",
    )
