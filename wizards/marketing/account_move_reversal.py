from odoo import models


class AccountMoveReversal(models.TransientModel):
    """*Reverse and Create Invoice* tells the new invoice which one it replaces."""

    _inherit = "account.move.reversal"

    def _modify_default_reverse_values(self, origin_move):
        values = super()._modify_default_reverse_values(origin_move)
        if origin_move.move_type == "out_invoice":
            values["replaced_move_id"] = (origin_move.replaced_move_id or origin_move).id
        return values
