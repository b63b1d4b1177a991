from odoo import models


class ProductProduct(models.Model):
    """The suppliers of a variant are compared."""

    _inherit = "product.product"

    def action_compare_suppliers(self):
        """Compare the suppliers of this variant."""
        self.ensure_one()
        return self.env["supplier.choice"]._open_for(product=self)
