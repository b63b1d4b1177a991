from odoo import models

from ...tools.internal import INTERNAL
from ...tools.order_failure import SHORT


class SaleOrder(models.Model):
    """What the warehouse does not deliver, without a backorder, is a failure whose reason is still to be told.

    It is made when the last open delivery ends. The ordered quantity stays as it was: whoever looks after the order
    closes the rest, which lowers it, or delivers it after all, which takes the failure back. What a customer has sent
    back was delivered.
    """

    _inherit = "sale.order"

    def _action_cancel(self):
        # the deliveries end with the order, which fails as a whole
        return super(SaleOrder, self.with_context(relations_giving_up=INTERNAL))._action_cancel()

    def _update_dropped_rests(self, only_less=False):
        """Bring the failures of these orders in line with what was dropped of them.

        :param only_less: take back what is delivered after all, or to be; nothing new has ended
        """
        if self.env.context.get("relations_giving_up") is INTERNAL:
            return
        # sudo: whoever delivers or changes what is ordered; see `_internal`
        orders = self.sudo().filtered(lambda order: order.state == "sale")
        failures = self.env["partner.order.failure"]
        known = failures._find_short(orders).grouped("order_id")
        if only_less:
            orders = orders.filtered(lambda order: order in known)
        rests = {order: order._get_dropped_rest() for order in orders}
        failures._internal().union(*known.values())._lower_dropped(
            {line: rest for dropped, _back in rests.values() for line, rest in dropped.items()},
            self.env["sale.order.line"].union(*(sent_back for _dropped, sent_back in rests.values())),
        )
        prepared = {}
        for order, (dropped, _back) in rests.items():
            failure = known.get(order, failures)
            told = failure.filtered(lambda one: one.state == "active").line_ids._filter_still_ordered()
            missing = {line.id for line in dropped.keys() - set(told.order_line_id)}
            if missing and not only_less:
                [values] = failures._prepare(order, kind=SHORT).values()
                values["line_ids"] = [
                    command for command in values["line_ids"] if command[2]["order_line_id"] in missing
                ]
                prepared[order] = values
        if prepared:
            failures._record(prepared)

    def _get_dropped_rest(self):
        """Return what is not delivered of goods when all deliveries have ended, and the lines that were sent back."""
        self.ensure_one()
        lines = self.order_line._get_failing_lines().filtered(
            lambda line: line.qty_delivered_method == "stock_move" and line.product_uom_qty > 0
        )
        sent_back = lines.filtered(
            lambda line: any(
                move.state == "done" and move.location_id.usage == "customer" for move in line.move_ids
            )
        )
        if self.delivery_status != "full":
            return {}, sent_back
        rests = {line: line._get_rest() for line in lines - sent_back}
        return {line: rest for line, rest in rests.items() if rest}, sent_back

    def _forget_dropped_rests(self):
        """Take back what was dropped of orders that are cancelled: they fail as a whole."""
        self.env["partner.order.failure"]._find_short(self)._lower_dropped({}, self.env["sale.order.line"])
