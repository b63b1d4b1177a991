from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import formatLang

from ...models.supplier.supplier_scorecard import GRADES
from ...tools.empty_fields import EmptyFloat, EmptyMonetary


class SupplierChoiceLine(models.TransientModel):
    """One supplier in a comparison: its price, lead time and reliability, and the total they make."""

    _name = "supplier.choice.line"
    _description = "Supplier in a Comparison"
    _inherit = "partner.pointer.mixin"
    _order = "choice_id, rank, id"
    _rec_name = "partner_id"

    choice_id = fields.Many2one("supplier.choice", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="choice_id.company_id")
    currency_id = fields.Many2one(related="choice_id.currency_id")
    uom_id = fields.Many2one(related="choice_id.uom_id")
    selected = fields.Boolean(string="Alternative", help="Gets an alternative RFQ by “Make Alternatives”.")
    rank = fields.Integer(readonly=True)
    partner_id = fields.Many2one("res.partner", string="Supplier", required=True, readonly=True)
    is_current = fields.Boolean(string="Vendor of the RFQ", readonly=True)
    offer_ids = fields.One2many("supplier.choice.offer", "line_id", string="Prices", readonly=True)
    wanted_count = fields.Integer(string="Lines Wanted", readonly=True)
    offered_count = fields.Integer(
        string="Lines Offered",
        readonly=True,
        help="For so many of the wanted lines there is a price at the quantity.",
    )
    price_unit = EmptyFloat(
        string="Price",
        readonly=True,
        min_display_digits="Product Price",
        help="Net price of one wanted unit at the wanted quantity, without taxes, in the currency of the comparison: "
        "that of the blanket order, else the vendor price after discount.",
    )
    blanket_price = EmptyFloat(
        readonly=True,
        min_display_digits="Product Price",
        help="Price of the valid blanket order with this supplier; empty: there is none.",
    )
    amount = EmptyMonetary(
        string="Cost",
        readonly=True,
        help="Price × quantity over all wanted lines that are offered at the quantity.",
    )
    remark = fields.Char(readonly=True, help="Why the price does not apply to this quantity or day.")
    lead_days = EmptyFloat(
        string="Real Lead Time",
        readonly=True,
        digits=(16, 1),
        help="Days from the confirmation of an order to its receipt: the median of the deliveries of these products, "
        "else of all deliveries of the supplier. Empty: nothing was delivered yet.",
    )
    lead_count = fields.Integer(string="Deliveries", readonly=True)
    lead_of_products = fields.Boolean(string="Deliveries of These Products", readonly=True)
    promised_lead_days = EmptyFloat(
        string="Promised Lead Time",
        readonly=True,
        digits=(16, 0),
        help="Lead time of the vendor price, in days; the longest of the wanted lines.",
    )
    score = EmptyFloat(readonly=True, digits=(16, 1), help="0 to 100; empty: not rated.")
    grade = fields.Selection(GRADES, readonly=True)
    rating = fields.Char(
        string="Reliability", readonly=True, help="Grade and score of the supplier's reliability."
    )
    rating_reason = fields.Char(readonly=True)
    is_blocked = fields.Boolean(string="Blocked", readonly=True)
    block_reason = fields.Char(readonly=True)
    price_points = EmptyFloat(readonly=True, digits=(16, 1), help="Cheapest price ÷ price × 100.")
    lead_points = EmptyFloat(
        string="Lead Time Points", readonly=True, digits=(16, 1), help="Shortest lead time ÷ lead time × 100."
    )
    reliability_points = EmptyFloat(readonly=True, digits=(16, 1), help="The supplier's score.")
    total = EmptyFloat(readonly=True, digits=(16, 1), help="Σ weight × points ÷ Σ weight of what has data.")
    arithmetic = fields.Text(string="How the Total Comes About", readonly=True)

    # ------------------------------------------------------------------
    # Arithmetic
    # ------------------------------------------------------------------
    def _get_points(self):
        """Points by criterion; None without data."""
        self.ensure_one()
        return {
            name: None if self[f"{name}_points"] is False else self[f"{name}_points"]
            for name in ("price", "lead", "reliability")
        }

    def _describe_total(self, weights, total):
        """The total as arithmetic: (50 × 100 price + 30 × 80 reliability) ÷ 80 = 92.5."""
        if total is None:
            return "; ".join(filter(None, [self.env._("No data"), self.remark]))
        names = {
            "price": self.env._("price"),
            "lead": self.env._("lead time"),
            "reliability": self.env._("reliability"),
        }
        points = self._get_points()
        counted = [name for name in names if points[name] is not None and weights[name]]
        missing = [names[name] for name in names if points[name] is None and weights[name]]

        def number(value):
            value = round(value, 1)
            return formatLang(self.env, value, digits=0 if value == round(value) else 1)

        text = self.env._(
            "(%(terms)s) ÷ %(weight)s = %(total)s",
            terms=" + ".join(
                f"{number(weights[name])} × {number(points[name])} {names[name]}" for name in counted
            ),
            weight=number(sum(weights[name] for name in counted)),
            total=number(total),
        )
        if missing:
            text += self.env._("; no data: %s", ", ".join(missing))
        return "; ".join(filter(None, [text, self.remark]))

    # ------------------------------------------------------------------
    # Taking a supplier
    # ------------------------------------------------------------------
    def action_take(self):
        """Order from this supplier.

        The vendor of the RFQ changes if this supplier offers all of its lines; else the lines that it offers move
        to an RFQ of their own. Without an RFQ one is made.

        :raises UserError: the order is no RFQ any more, or the supplier offers nothing at this quantity
        """
        self.ensure_one()
        choice = self.choice_id
        choice._check_open()
        if not choice.order_id:
            return choice._show_orders(self._create_order())
        offers = self.offer_ids
        if len(offers) > 1:
            offers = offers.filtered("is_reached")
            if not offers:
                raise UserError(
                    self.env._(
                        "%s has no price for any of the lines at these quantities. Take another supplier, or compare a "
                        "single line.",
                        self.partner_id.display_name,
                    )
                )
        order = self._take_lines(offers)
        return choice._show_orders(order)

    def _take_lines(self, offers):
        choice, order = self.choice_id, self.choice_id.order_id
        lines = offers.order_line_id
        if choice._takes_all_lines(lines):
            order._change_supplier(self.partner_id, self._get_requisition(offers))
            target = order
        elif order.partner_id == self.partner_id:
            return order
        else:
            target = order._move_lines_to_supplier(lines, self.partner_id, self._get_requisition(offers))
        offers._apply_prices(target)
        target.message_post(
            body=self.env._(
                "Supplier chosen by comparison: %(supplier)s, number %(rank)s of %(count)s. %(arithmetic)s",
                supplier=self.partner_id.display_name,
                rank=self.rank,
                count=len(choice.line_ids),
                arithmetic=self.arithmetic,
            )
        )
        return target

    def _get_requisition(self, offers):
        """The blanket order of the prices; an order can name one only."""
        return offers.requisition_line_id.requisition_id[:1]

    def _create_order(self):
        """Make an RFQ to this supplier for the compared product."""
        choice = self.choice_id
        orders = self.env["purchase.order"].with_company(choice.company_id)
        order = orders.create({"partner_id": self.partner_id.id, "company_id": choice.company_id.id})
        order.onchange_partner_id()
        order.requisition_id = self._get_requisition(self.offer_ids)
        offer = self.offer_ids
        offer.order_line_id = self.env["purchase.order.line"].create(
            {
                "order_id": order.id,
                "product_id": offer.product_id.id,
                "product_qty": offer.quantity,
                "product_uom_id": offer.uom_id.id,
            }
        )
        offer._apply_prices(order)
        return order
