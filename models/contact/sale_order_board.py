from odoo import models
from odoo.exceptions import AccessError


class SaleOrder(models.Model):
    """A quotation or order that is confirmed, cancelled, moved or given away enters or leaves boards."""

    _name = "sale.order"
    _inherit = ["sale.order", "partner.board.document.mixin"]
    _board_fields = frozenset(
        {"commitment_date", "invoice_status", "partner_id", "state", "user_id", "validity_date"}
    )

    def write(self, vals):
        users = self.user_id if vals.get("user_id") else self.env["res.users"]
        try:
            return super().write(vals)
        except AccessError as error:
            # core tells the new salesperson of a quotation, in the name of who cannot read it any more
            self._raise_given_away(vals, users, error)
