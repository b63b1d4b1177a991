from odoo import api, models
from odoo.tools import SQL


class AccountMove(models.Model):
    """Whether credit notes took an invoice back."""

    _inherit = "account.move"

    @api.model
    def _get_credit_columns_sql(self, condition=None):
        """What of the credit notes of one invoice ``_get_left_after_credit_sql`` asks for; grouped by the invoice.

        :param SQL condition: which of them count
        :rtype: SQL
        """
        only = SQL("FILTER (WHERE %s)", condition) if condition else SQL()
        return SQL(
            """SUM(amount_untaxed_signed) %(only)s AS amount,
               SUM(amount_untaxed_in_currency_signed) %(only)s AS amount_currency,
               MIN(currency_id) %(only)s AS currency_id, MAX(currency_id) %(only)s AS last_currency_id""",
            only=only,
        )

    @api.model
    def _get_left_after_credit_sql(self, invoice, credit):
        """What credit notes that say so left of an invoice; NULL if there are none.

        In the currency of the document: a rate that changed in between takes nothing back, and leaves nothing. Where a
        credit note is in another currency, in that of the company.

        :param SQL invoice: alias of the invoice
        :param SQL credit: alias of what was read with ``_get_credit_columns_sql``
        :rtype: SQL
        """
        return SQL(
            """COALESCE(
                CASE WHEN %(credit)s.currency_id = %(invoice)s.currency_id
                      AND %(credit)s.last_currency_id = %(invoice)s.currency_id
                     THEN %(credit)s.amount_currency + %(invoice)s.amount_untaxed_in_currency_signed END,
                %(credit)s.amount + %(invoice)s.amount_untaxed_signed)""",
            invoice=invoice,
            credit=credit,
        )

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
