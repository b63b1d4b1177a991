from odoo import models


class PurchaseRequisitionCreateAlternative(models.TransientModel):
    """Alternative orders take the terms of their own supplier."""

    _inherit = "purchase.requisition.create.alternative"

    def _get_alternative_values(self):
        """Core gives currency and payment terms of the contact, and the terms go before them."""
        vals_list = super()._get_alternative_values()
        terms_model = self.env["supplier.terms"]
        company = self.env.company
        partners = self.env["res.partner"].browse(vals["partner_id"] for vals in vals_list)
        keys = [
            (partner, company, terms_model._get_day(company, vals["date_order"]))
            for partner, vals in zip(partners, vals_list, strict=True)
        ]
        valid = terms_model._get_valid_batch(keys)
        for key, vals in zip(keys, vals_list, strict=True):
            if terms := valid[key]:
                vals["currency_id"] = terms.currency_id.id
                if terms.payment_term_id:
                    vals["payment_term_id"] = terms.payment_term_id.id
        return vals_list
