from odoo import models


class StockMove(models.Model):
    """The moves of a rest, and what they have picked already."""

    _inherit = "stock.move"

    def _filter_rest(self):
        """Those that are still to be done with own goods on their way to the customer."""
        return self.filtered(
            lambda move: (
                move.state not in ("done", "cancel")
                and move.location_id.usage in ("internal", "transit")
                and not move.purchase_line_id
                and not move.origin_returned_move_id
            )
        )

    def _get_picked_goods(self):
        """Return the values of moves that put back what is reserved for these in between shelf and customer."""
        vals_list = []
        for move in self:
            warehouse = move.location_id.warehouse_id
            shelf = warehouse.lot_stock_id
            if not move.quantity or not shelf or move.location_id._child_of(shelf):
                continue
            vals_list.append(
                {
                    "company_id": move.company_id.id,
                    "location_dest_id": shelf.id,
                    "location_final_id": shelf.id,
                    "location_id": move.location_id.id,
                    "origin": move.origin,
                    "picking_type_id": warehouse.int_type_id.id,
                    "product_id": move.product_id.id,
                    "product_uom": move.product_uom.id,
                    "product_uom_qty": move.quantity,
                    "reference_ids": move.reference_ids.ids,
                    "sale_line_id": move.sale_line_id.id,
                    "warehouse_id": warehouse.id,
                }
            )
        return vals_list
