from odoo import models


class SaleOrder(models.Model):
    """A quotation or order that is confirmed, cancelled, moved or given away enters or leaves boards."""

    _name = "sale.order"
    _inherit = ["sale.order", "partner.board.document.mixin"]
    _board_fields = frozenset(
        {"commitment_date", "invoice_status", "partner_id", "state", "user_id", "validity_date"}
    )
