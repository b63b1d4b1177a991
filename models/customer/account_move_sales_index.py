from odoo import models


class AccountMove(models.Model):
    """Indexes for statements over a company's whole sales history."""

    _inherit = "account.move"

    # Everything the classification reads of an invoice, in its order, so that it needs no other page.
    _customer_sales_idx = models.Index(
        "(company_id, commercial_partner_id, invoice_date)"
        " INCLUDE (id, move_type, amount_untaxed_signed, sale_cost, sale_quantity)"
        " WHERE state = 'posted' AND move_type IN ('out_invoice', 'out_refund')"
    )
    # Invoices that a credit note took back without saying so.
    _sale_reversed_idx = models.Index(
        "(company_id) WHERE state = 'posted' AND payment_state = 'reversed' AND move_type = 'out_invoice'"
    )
