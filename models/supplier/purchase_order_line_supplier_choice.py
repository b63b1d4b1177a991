from odoo import models


class PurchaseOrderLine(models.Model):
    """The supplier of one line is compared with others, and the line moved to another one."""

    _inherit = "purchase.order.line"

    def action_compare_suppliers(self):
        """Compare the suppliers of this line."""
        self.ensure_one()
        return self.env["supplier.choice"]._open_for(order=self.order_id, order_lines=self)

    def _forget_price(self):
        """Drop prices that were typed for the vendor before, so that those of the next one are looked up."""
        self.write({"price_unit": 0, "technical_price_unit": 0, "discount": 0})

    def _look_up_price(self):
        """Look up price, arrival and taxes for the vendor of the order."""
        self.invalidate_recordset(["selected_seller_id"])
        self._compute_tax_id()  # first: prices may include tax
        self._compute_price_unit_and_date_planned_and_name()
