from odoo import models


class AccountMove(models.Model):
    """An index for finding the customer invoices that wait for posting or payment."""

    _inherit = "account.move"

    _open_sale_idx = models.Index(
        "(company_id, state) WHERE move_type IN ('out_invoice', 'out_refund')"
        " AND (state = 'draft' OR state = 'posted' AND amount_residual <> 0)"
    )
