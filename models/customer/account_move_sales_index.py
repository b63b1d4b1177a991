from odoo import models


class AccountMove(models.Model):
    """Indexes for statements over a company's whole sales history."""

    _inherit = "account.move"

    # Everything the classification and the turnover by month read of an invoice, in the order of the former, so that
    # they need no other page; whose invoice it is decides who sees it.
    _customer_sales_idx = models.Index(
        "(company_id, commercial_partner_id, invoice_date)"
        " INCLUDE (id, move_type, amount_untaxed_signed, sale_cost, sale_quantity, invoice_user_id, team_id)"
        " WHERE state = 'posted' AND move_type IN ('out_invoice', 'out_refund')"
    )
    # The same by day, for figures of a month or a year: what was sold before is not read at all.
    _sale_day_idx = models.Index(
        "(company_id, invoice_date)"
        " INCLUDE (id, move_type, amount_untaxed_signed, sale_cost, invoice_user_id, team_id, commercial_partner_id)"
        " WHERE state = 'posted' AND move_type IN ('out_invoice', 'out_refund')"
    )
    # Invoices that a credit note took back without saying so.
    _sale_reversed_idx = models.Index(
        "(company_id) WHERE state = 'posted' AND payment_state = 'reversed' AND move_type = 'out_invoice'"
    )
