from datetime import timedelta

from odoo import models


class SaleOrderLine(models.Model):
    """Services that are bought when they are sold take the terms of their supplier, too."""

    _inherit = "sale.order.line"

    def _purchase_service_prepare_order_values(self, supplierinfo):
        """Core gives payment terms and currency of the contact, and the terms go before them."""
        vals = super()._purchase_service_prepare_order_values(supplierinfo)
        # sudo: who sells need not see what was agreed with suppliers; core makes the order with all rights
        terms_model = self.env["supplier.terms"].sudo()
        company = self.env["res.company"].browse(vals["company_id"])
        partner = self.env["res.partner"].browse(vals["partner_id"])
        terms = terms_model._get_valid(partner, company, terms_model._get_day(company, vals["date_order"]))
        for name in ("payment_term_id", "currency_id"):
            if terms[name]:
                vals[name] = terms[name].id
        return vals

    def _purchase_service_prepare_line_values(self, purchase_order, quantity=False):
        """Plan by the lead time of the terms where the vendor price states none."""
        vals = super()._purchase_service_prepare_line_values(purchase_order, quantity=quantity)
        days = purchase_order._get_terms().lead_days
        if days and vals["date_planned"] == purchase_order.date_order:
            vals["date_planned"] += timedelta(days=days)
        return vals
