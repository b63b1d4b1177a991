from odoo import fields, models

from ...tools.empty_fields import EmptyFloat


class SupplierChoiceOffer(models.TransientModel):
    """The price of one supplier for one wanted line in a comparison, and where it comes from."""

    _name = "supplier.choice.offer"
    _description = "Price in a Comparison of Suppliers"
    _inherit = "partner.pointer.mixin"
    _order = "choice_id, product_id, line_id, id"
    _rec_name = "product_id"

    line_id = fields.Many2one("supplier.choice.line", required=True, index=True, ondelete="cascade")
    choice_id = fields.Many2one(related="line_id.choice_id", store=True, index=True)
    partner_id = fields.Many2one(related="line_id.partner_id", string="Supplier")
    company_id = fields.Many2one(related="line_id.company_id")
    currency_id = fields.Many2one(related="line_id.currency_id")
    order_line_id = fields.Many2one("purchase.order.line", readonly=True, ondelete="cascade")
    product_id = fields.Many2one("product.product", readonly=True)
    quantity = fields.Float(digits="Product Unit", readonly=True)
    uom_id = fields.Many2one("uom.uom", string="Unit", readonly=True)
    seller_id = fields.Many2one("product.supplierinfo", string="Vendor Price Record", readonly=True)
    requisition_line_id = fields.Many2one(
        "purchase.requisition.line", string="Blanket Order Line", readonly=True
    )
    price_unit = EmptyFloat(
        string="Price",
        readonly=True,
        min_display_digits="Product Price",
        help="Net price of one wanted unit in the currency of the comparison, without taxes.",
    )
    line_price = EmptyFloat(
        string="Price on the Order Line",
        readonly=True,
        min_display_digits="Product Price",
        help="The price as an order line has it: with the taxes that are included in it, after discount.",
    )
    vendor_price = EmptyFloat(readonly=True, min_display_digits="Product Price")
    blanket_price = EmptyFloat(readonly=True, min_display_digits="Product Price")
    discount = fields.Float(string="Discount (%)", digits="Discount", readonly=True)
    min_qty = fields.Float(
        string="Minimum Quantity",
        digits="Product Unit",
        readonly=True,
        help="In the unit of the vendor price.",
    )
    date_end = fields.Date(string="Valid Until", readonly=True)
    promised_lead_days = fields.Integer(string="Promised Lead Time", readonly=True)
    is_reached = fields.Boolean(
        string="Applies", readonly=True, help="The price is valid on the day and at the wanted quantity."
    )
    remark = fields.Char(readonly=True)
    origin = fields.Char(string="Where the Price Comes From", readonly=True)

    def _apply_prices(self, order):
        """Give the lines the prices that were compared, where Odoo did not arrive at them by itself.

        That is the case of a second blanket order (an order names one only), and of a price of another contact
        of the supplier.
        """
        for offer in self:
            line = offer.order_line_id
            if offer.requisition_line_id:
                known = offer.requisition_line_id.requisition_id == order.requisition_id
            else:
                known = not offer.is_reached or line.selected_seller_id == offer.seller_id
            if line.order_id == order and not known:
                # the lead time is that of the price
                planned = {}
                if not offer.requisition_line_id:
                    planned["date_planned"] = line._get_date_planned(offer.seller_id)
                line.write(
                    {
                        **planned,
                        "price_unit": offer.currency_id._convert(
                            offer.line_price,
                            order.currency_id,
                            order.company_id,
                            order.date_order.date(),
                            round=False,
                        ),
                        "discount": 0,
                    }
                )
