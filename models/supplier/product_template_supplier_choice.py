from odoo import models


class ProductTemplate(models.Model):
    """The suppliers of a product are compared."""

    _inherit = "product.template"

    def action_compare_suppliers(self):
        """Compare the suppliers of this product; with several variants, first of the first one."""
        self.ensure_one()
        return self.env["supplier.choice"]._open_for(product_template=self)
