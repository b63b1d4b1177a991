from odoo import models


class StockPicking(models.Model):
    """A delivery that ends without a backorder leaves a rest for somebody to decide about."""

    _inherit = "stock.picking"

    def _action_done(self):
        result = super()._action_done()
        self._get_delivered_orders()._update_dropped_rests()
        return result

    def action_cancel(self):
        result = super().action_cancel()
        self._get_delivered_orders()._update_dropped_rests()
        return result

    def _get_delivered_orders(self):
        """The orders that these transfers deliver to customers."""
        # sudo: whoever delivers need not see orders
        deliveries = self.sudo().filtered(lambda one: one.picking_type_code in ("outgoing", "dropship"))
        return deliveries.move_ids.sale_line_id.order_id
