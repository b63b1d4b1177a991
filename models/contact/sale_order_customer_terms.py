from odoo import api, fields, models
from odoo.tools import float_compare

from ...tools.number_words import format_percent
from ...tools.told import may_be_told


class SaleOrder(models.Model):
    """Quotations that give more discount than was agreed with the customer say so. Nothing is refused."""

    _inherit = "sale.order"

    discount_limit_warning = fields.Text(
        string="Discount Limit",
        compute="_compute_discount_limit_warning",
        # whoever sells to the customer is told of the limit, also who may not see its terms
        compute_sudo=True,
        groups="sales_team.group_sale_salesman",
        help="Lines whose discount is above the limit of the individual terms that hold on the order date.",
    )

    @api.depends(
        "state", "partner_id", "company_id", "date_order", "order_line.discount", "order_line.product_id"
    )
    @api.depends_context("lang", "tz")
    def _compute_discount_limit_warning(self):
        self.discount_limit_warning = False
        # most orders have no discount: they ask nothing
        concerned = self.filtered(
            lambda order: (
                order.state in ("draft", "sent")
                and order.partner_id
                and any(line.discount > 0 and not line.display_type for line in order.order_line)
            )
        )
        for (company, day), orders in concerned.grouped(
            lambda order: (order.company_id, order._get_discount_day())
        ).items():
            partners = orders.partner_id._origin.commercial_partner_id
            valid = self.env["partner.customer.terms"]._get_valid(partners, company, day)
            for order in orders:
                terms = valid.get(order.partner_id._origin.commercial_partner_id.id)
                if terms and terms.discount_limit is not False and may_be_told(order):
                    order.discount_limit_warning = order._get_discount_words(terms)

    def _get_discount_day(self):
        return fields.Datetime.context_timestamp(self, self.date_order or fields.Datetime.now()).date()

    def _get_discount_words(self, terms):
        """Name the lines above the limit of these terms; False if there is none."""
        digits = self.env["decimal.precision"].precision_get("Discount")
        words = [
            self.env._(
                "%(line)s: a discount of %(discount)s is above the %(limit)s agreed with %(customer)s: "
                "%(terms)s.",
                line=line.product_id.display_name or line.name,
                discount=format_percent(self.env, line.discount, digits=digits),
                limit=format_percent(self.env, terms.discount_limit, digits=digits),
                customer=terms.partner_id.name,
                terms=terms._get_words(),
            )
            for line in self.order_line
            if not line.display_type
            and float_compare(line.discount, terms.discount_limit, precision_digits=digits) > 0
        ]
        return "\n".join(words) or False
