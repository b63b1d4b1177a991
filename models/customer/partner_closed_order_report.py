from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.empty_fields import EmptyFloat, EmptyMonetary

CLOSED_KINDS = [
    ("customer", "Customer"),
    ("supplier", "Supplier"),
    ("production", "Production"),
    ("internal", "Internal"),
]


class PartnerClosedOrderReport(models.Model):
    """The volume of closed orders, by kind. A record is a line of a closed order.

    - **Customer**: sales orders of which everything is delivered, or whose rest was closed. They close with the last
      delivery or the closing of the rest; an order without goods with its last invoice.
    - **Supplier**: purchase orders of which everything is received, or whose rest will not come. They close with the
      last receipt; an order without goods with its last bill.
    - **Production**: manufacturing orders that are done, where Manufacturing is installed.
    - **Internal**: transfers done between own warehouses, and between *departments*: locations marked as such. A
      transfer through a transit location counts once, when it arrives. Putting away, picking, packing and other
      steps within a warehouse are no orders, nor is what belongs to a purchase.

    Each order counts once, in the month in which it closed. Values are untaxed, at the rate of the order; those of
    production and internal orders are at cost. Amounts are in the currency of the current company, those of a
    foreign company at today's rate.
    """

    _name = "partner.closed.order.report"
    _description = "Closed Orders Analysis"
    _inherit = ["partner.report.care.mixin"]
    _auto = False
    _rec_name = "name"
    _order = "date desc, id desc"
    _care_user_fields = ("user_id",)
    _depends = {
        "account.move": ["invoice_date", "move_type", "state"],
        "account.move.line": ["move_id", "purchase_line_id", "sale_line_ids"],
        "partner.order.failure": ["date", "kind", "order_id", "state"],
        "partner.order.failure.line": ["date", "failure_id"],
        "product.product": ["product_tmpl_id", "standard_price"],
        "product.template": ["categ_id", "uom_id"],
        "purchase.order": [
            "company_id", "currency_rate", "name", "partner_id", "picking_type_id", "receipt_status", "state",
            "user_id",
        ],
        "purchase.order.line": [
            "date_planned", "display_type", "order_id", "price_subtotal", "product_id", "product_qty", "product_uom_id",
            "promised_date", "qty_received", "qty_received_method", "qty_to_invoice",
        ],
        "res.company": ["currency_id"],
        "res.currency.rate": ["company_id", "currency_id", "name", "rate"],
        "res.partner": ["commercial_partner_id"],
        "sale.order": [
            "commitment_date", "company_id", "currency_rate", "delivery_status", "name", "partner_id", "promised_date",
            "rest_closed", "state", "team_id", "user_id", "warehouse_id",
        ],
        "sale.order.line": [
            "display_type", "invoice_lines", "is_downpayment", "order_id", "price_subtotal", "product_id",
            "product_uom_id", "product_uom_qty", "qty_delivered", "qty_delivered_method", "qty_invoiced",
            "qty_to_invoice",
        ],
        "stock.location": ["company_id", "is_department", "parent_path", "usage", "warehouse_id"],
        "stock.move": [
            "company_id", "date", "date_deadline", "location_dest_id", "location_id", "picking_id", "product_id",
            "product_uom", "purchase_line_id", "quantity", "sale_line_id", "state", "value",
        ],
        "stock.picking": ["date_deadline", "date_done", "name", "partner_id", "state", "user_id"],
        "stock.picking.type": ["warehouse_id"],
        "uom.uom": ["factor"],
    }  # fmt: skip

    name = fields.Char(string="Order", readonly=True)
    kind = fields.Selection(CLOSED_KINDS, readonly=True)
    res_model = fields.Char(string="Document Model", readonly=True)
    res_id = fields.Many2oneReference(string="Document ID", model_field="res_model", readonly=True)
    date = fields.Date(string="Closed On", readonly=True)
    partner_id = fields.Many2one(
        "res.partner", string="Customer or Supplier", readonly=True, help="The company. Empty: an own order."
    )
    user_id = fields.Many2one("res.users", string="Responsible", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    warehouse_id = fields.Many2one(
        "stock.warehouse",
        readonly=True,
        help="That delivers, receives or produces; of an internal order where the goods arrive.",
    )
    source_warehouse_id = fields.Many2one(
        "stock.warehouse",
        string="From Warehouse",
        readonly=True,
        help="Of an internal order where the goods come from, if that is known.",
    )
    product_id = fields.Many2one("product.product", readonly=True)
    categ_id = fields.Many2one("product.category", string="Product Category", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    quantity = EmptyFloat(
        string="Volume",
        readonly=True,
        digits="Product Unit",
        help="Delivered, received, produced or transferred, in the unit of the product.",
    )
    value = EmptyMonetary(
        readonly=True,
        help="Untaxed value of the order; of production and internal orders the cost: what Odoo valued the "
        "production with, else quantity × the product's cost of today.",
    )
    line_count = fields.Integer(string="Lines", readonly=True)
    is_complete = fields.Boolean(
        string="Complete",
        readonly=True,
        help="Off: the rest was given up, and is not part of the order's value.",
    )
    in_time = fields.Boolean(
        string="Closed in Time",
        readonly=True,
        help="Closed on the promised day or before. Promised: the delivery date of a sales order before it was moved, "
        "the promise of a purchase order line when it was confirmed, the deadline of a transfer or a production.",
    )
    in_time_rate = EmptyFloat(
        string="In Time",
        readonly=True,
        aggregator="avg",
        help="Orders closed in time ÷ orders that had a promised day. Empty: none had one.",
    )
    is_own = fields.Boolean(
        help="You are responsible for the order, or for its customer or supplier.",
    )
    in_my_team = fields.Boolean(
        help="A subordinate of yours is responsible for the order, or for its customer or supplier.",
    )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------
    @api.readonly
    def action_open_document(self):
        """Open the order or transfer.

        :raise UserError: if the user may not read it
        """
        self.ensure_one()
        document = self.env[self.res_model].browse(self.res_id)
        if not document.has_access("read"):
            raise UserError(
                self.env._(
                    "You see the figures of %(document)s, but have no right to open it. Ask an administrator for the "
                    "right to see documents of the kind “%(kind)s”.",
                    document=self.name,
                    kind=self.env["ir.model"]._get(self.res_model).name,
                )
            )
        return document.get_formview_action()
