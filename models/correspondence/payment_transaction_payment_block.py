from odoo import models


class PaymentTransaction(models.Model):
    """Online payments of orders that a payment block stands in the way of: the money is booked all the same."""

    _inherit = "payment.transaction"

    def _check_amount_and_confirm_order(self):
        quotations = self.env["sale.order"].union(
            *(payment.sale_order_ids for payment in self if len(payment.sale_order_ids) == 1)
        )
        # those that core is about to confirm
        left = quotations.filtered(
            lambda order: order.state in ("draft", "sent") and order._is_confirmation_amount_reached()
        )._leave_unconfirmed()
        others = self.filtered(lambda payment: not payment.sale_order_ids & left)
        return super(PaymentTransaction, others)._check_amount_and_confirm_order()
