from odoo import api, models
from odoo.tools import SQL


class AccountMove(models.Model):
    """What an invoice with the payment state ``reversed`` was settled by."""

    _inherit = "account.move"

    @api.model
    def _get_settled_by_credit_sql(self, invoice, move_type="out_invoice"):
        """The condition that nothing but credit notes settled an invoice whose payment state is ``reversed``.

        Odoo gives that state also where a journal entry beside the credit notes settled the rest, such as one that
        nets the customer's debt with ours. The entry of a difference of exchange rates is none of those, nor is that of
        a tax that is due on payment, which settles no debt.

        SQL: for statements over all invoices; they look it up only for those few that have this payment state. It is a
        scalar subselect, as PostgreSQL would first make a table of all entries of NOT EXISTS.

        :param SQL invoice: id of the invoice
        :rtype: SQL
        """
        own, other = SQL("debit_move_id"), SQL("credit_move_id")
        if move_type == "in_invoice":
            own, other = other, own
        return SQL(
            """(SELECT TRUE FROM account_move_line AS settled
                  JOIN account_account AS account ON account.id = settled.account_id
                   AND account.account_type IN ('asset_receivable', 'liability_payable')
                  JOIN account_partial_reconcile AS part ON part.%(own)s = settled.id
                  JOIN account_move_line AS settling ON settling.id = part.%(other)s
                  JOIN account_move AS entry ON entry.id = settling.move_id
                 WHERE settled.move_id = %(invoice)s AND entry.move_type = 'entry'
                   AND NOT EXISTS (SELECT FROM account_partial_reconcile AS difference
                                    WHERE difference.exchange_move_id = entry.id)
                 LIMIT 1) IS NULL""",
            own=own,
            other=other,
            invoice=invoice,
        )
