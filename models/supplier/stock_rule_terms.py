from odoo import models


class StockRule(models.Model):
    """Orders made by procurement take the terms of their supplier too."""

    _inherit = "stock.rule"

    def _prepare_purchase_order(self, company_id, origins, values):
        """Core gives the payment terms of the contact, and the terms go before them.

        The currency stays that of the vendor price, by which core finds the order for the next need.
        """
        vals = super()._prepare_purchase_order(company_id, origins, values)
        # sudo: a need may arise from what a user without purchase rights does; core makes the order as superuser
        terms_model = self.env["supplier.terms"].sudo()
        partner = self.env["res.partner"].browse(vals["partner_id"])
        terms = terms_model._get_valid(
            partner, company_id, terms_model._get_day(company_id, vals["date_order"])
        )
        # given, so that creating the order does not look for them again
        vals["supplier_terms_id"] = terms.id
        if terms.payment_term_id:
            vals["payment_term_id"] = terms.payment_term_id.id
        return vals
