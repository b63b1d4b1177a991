from odoo import fields, models

from ...tools.empty_fields import EmptyFloat

AGREED_PRICE_SOURCES = [
    ("blanket", "Blanket Order"),
    ("vendor_price", "Vendor Price"),
    ("none", "No Agreement"),
]


class PurchaseOrderLine(models.Model):
    """What the supplier promised and what was agreed, frozen when the order is confirmed."""

    _inherit = "purchase.order.line"

    promised_date = fields.Datetime(
        readonly=True,
        copy=False,
        help="The expected arrival when the order was confirmed. It stays when the arrival is planned anew, and "
        "reliability is measured against it.",
    )
    promise_estimated = fields.Boolean(
        string="Promise Is Estimated",
        readonly=True,
        copy=False,
        help="The order was confirmed before the promise was kept: this one was read from its history.",
    )
    agreed_price = EmptyFloat(
        readonly=True,
        copy=False,
        min_display_digits="Product Price",
        groups="purchase.group_purchase_user",
        help="The agreed net price of one unit of the line, in the order's currency, when the order was "
        "confirmed: that of the blanket order, else the vendor price that was valid on the order date and "
        "older than the order. Empty: nothing was agreed.",
    )
    agreed_price_source = fields.Selection(
        AGREED_PRICE_SOURCES,
        readonly=True,
        copy=False,
        groups="purchase.group_purchase_user",
        help="Where the agreed price comes from. Empty: the order is not confirmed yet.",
    )
    agreed_price_origin = fields.Char(
        string="Agreed In",
        readonly=True,
        copy=False,
        groups="purchase.group_purchase_user",
        help="The agreement in words: the blanket order, or the vendor price with its quantity and validity.",
    )
