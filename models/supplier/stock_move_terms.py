from odoo import models


class StockMove(models.Model):
    """Moves that have their goods bought look the agreed lead times of all their suppliers up at once."""

    _inherit = "stock.move"

    def _action_confirm(self, merge=True, merge_into=False, create_proc=True):
        ordering = self.browse()
        if create_proc:
            ordering = self.filtered(
                lambda move: (
                    move.state == "draft"
                    and (
                        move.procure_method == "make_to_order"
                        or move.rule_id.procure_method == "mts_else_mto"
                    )
                )
            )
        moves = self
        if len(ordering) > 1:
            days = self.env["stock.rule"]._get_product_lead_days(ordering.product_id, ordering.company_id)
            moves = self.with_context(agreed_lead_days=days)
        confirmed = super(StockMove, moves)._action_confirm(
            merge=merge, merge_into=merge_into, create_proc=create_proc
        )
        return confirmed.with_env(self.env)
