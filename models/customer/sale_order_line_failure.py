from odoo import models
from odoo.tools import float_compare

from ...tools.order_failure import delivered_of, failed_quantity, net_price


class SaleOrderLine(models.Model):
    """What of a line failed, and the giving up of its rest."""

    _inherit = "sale.order.line"

    def _get_failing_lines(self):
        """The lines that stand for something ordered."""
        return self.filtered(
            lambda line: not line.display_type and not line.is_downpayment and line.product_uom_qty
        )

    def _is_delivery_counted(self):
        """Return whether anything keeps the delivered quantity.

        Nobody does for a service that is invoiced as ordered while nothing of it is delivered, as in the list of
        unfinished deals.
        """
        self.ensure_one()
        return bool(
            self.qty_delivered_method != "manual"
            or self.qty_delivered
            or not self.qty_invoiced + self.qty_to_invoice
        )

    def _get_delivered_quantity(self):
        """The quantity that counts as delivered; see :func:`~...tools.order_failure.delivered_of`."""
        self.ensure_one()
        return delivered_of(
            self.product_uom_qty, self.qty_delivered, self.qty_invoiced, self._is_delivery_counted()
        )

    def _get_rest(self):
        """Ordered less delivered quantity, at least 0."""
        self.ensure_one()
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        rest = failed_quantity(self.product_uom_qty, self._get_delivered_quantity())
        return rest if float_compare(rest, 0, precision_digits=digits) > 0 else 0.0

    def _prepare_failure_line(self, now):
        """Return the values of what fails of the line now, in the currency of the order."""
        self.ensure_one()
        price = net_price(self.price_subtotal, self.product_uom_qty, self.price_unit, self.discount)
        rest = self._get_rest()
        # of a line of which nothing was delivered its whole value, to the cent
        failed = self.price_subtotal if rest == self.product_uom_qty else self.currency_id.round(price * rest)
        return {
            "order_line_id": self.id,
            "date": now,
            "name": self.name,
            "product_id": self.product_id.id,
            "product_uom_id": self.product_uom_id.id,
            "quantity_ordered": self.product_uom_qty,
            "quantity_delivered": self._get_delivered_quantity(),
            "quantity_failed": rest,
            "price_net": price,
            "value_ordered": self.price_subtotal,
            "value_failed": failed,
        }

    # ------------------------------------------------------------------
    # The rest
    # ------------------------------------------------------------------
    def _get_rest_moves(self):
        """The stock moves that would deliver the rest, with those before them that serve nothing else.

        Not among them: what a supplier ships (the purchase order would still wait for it), what is produced, and
        what the customer sends back.
        """
        moves = level = self.move_ids._filter_rest()
        while level:
            known = moves
            level = level.move_orig_ids._filter_rest().filtered(
                lambda move, known=known: move not in known and move.move_dest_ids <= known
            )
            moves |= level
        return moves

    def _put_back(self, picked, quantities):
        """Make transfers that put goods back on the shelf that were picked for a rest which is given up.

        :param picked: of :meth:`~StockMove._get_picked_goods`
        :param quantities: {line: what will be ordered of it}
        :return: the moves
        """
        vals_list = []
        for line in self:
            goods = [vals for vals in picked if vals["sale_line_id"] == line.id]
            if not goods:
                continue
            # Where the first step of the delivery stands for all of it, core counts what was picked as under way to
            # the customer: its return is marked so that it takes that back.
            first = line.move_ids.sorted("id")[:1]
            is_counted = float_compare(line._get_qty_procurement(), quantities[line], precision_digits=6) > 0
            marks = {"rule_id": first.rule_id.id, "to_refund": True} if is_counted else {}
            vals_list += [vals | marks for vals in goods]
        moves = self.env["stock.move"].create(vals_list)
        if moves:
            moves = moves._action_confirm(merge=False)
            moves._action_assign()
        return moves

    def _get_qty_procurement(self, previous_product_uom_qty=False):
        # What was picked for a rest that was given up is not on its way any more, also if its return was cancelled:
        # core would have the customer send it back.
        quantity = super()._get_qty_procurement(previous_product_uom_qty)
        if (
            quantity > self.product_uom_qty
            and self.order_id.rest_closed
            and all(move.state in ("done", "cancel") for move in self.move_ids)
        ):
            return self.product_uom_qty
        return quantity

    def write(self, vals):
        if "product_uom_qty" not in vals:
            return super().write(vals)
        # sudo: whoever changes what is ordered takes back what of it was given up
        ordered = self.sudo().filtered(
            lambda line: line.order_id.state == "sale" or line.order_id.rest_closed
        )
        before = {line: line.product_uom_qty for line in ordered}
        closed = (
            self.env["partner.order.failure"]._find_short(ordered.order_id.filtered("rest_closed")).line_ids
        )
        closed -= closed._filter_still_ordered()
        result = super().write(vals)
        raised = {
            line: line.product_uom_qty - quantity
            for line, quantity in before.items()
            if line.product_uom_qty > quantity
        }
        if raised:
            closed._take_up(raised)
            self.browse(line.id for line in raised).order_id._update_dropped_rests(only_less=True)
        return result

    def _set_ordered_quantity(self, quantity):
        """Change the ordered quantity at the price that was agreed, where core would look for a new one."""
        self.ensure_one()
        self.write({"product_uom_qty": quantity, "price_unit": self.price_unit, "discount": self.discount})
