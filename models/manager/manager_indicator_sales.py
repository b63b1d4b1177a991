from odoo import models
from odoo.tools import SQL

from .manager_indicator import Facts


class ManagerIndicator(models.Model):
    """Revenue, profit, margin and deductions: of posted customer invoices and credit notes, untaxed.

    In the currency of the company, by the day of the invoice; credit notes are negative. The sums over all managers
    and nobody are those of Turnover and Profit.

    A *deduction* is what an invoice was less than at full price: the discounts of its lines, lines with a negative
    amount other than down payments, and all credit notes. The rate divides it by the gross sales: invoices before
    discounts, without credit notes. A line with a discount of 100 % is taken at price ×
    quantity, less the taxes in percent that its price includes.
    """

    _inherit = "manager.indicator"

    def _facts_sales(self, params):
        self._flush_sales()
        user, join = self._get_credit_sql(
            params, SQL("move.commercial_partner_id"), SQL("move.invoice_date"), SQL("move.invoice_user_id")
        )
        discount, discount_join = SQL("NULL::numeric"), SQL()
        if "deduction_rate" in params.codes:
            discount = SQL("CASE move.move_type WHEN 'out_invoice' THEN COALESCE(discount.amount, 0) END")
            discount_join = SQL(
                """LEFT JOIN (
                    SELECT line.move_id,
                           SUM(CASE WHEN line.balance > 0 THEN line.balance
                                    WHEN line.discount >= 100
                                    THEN line.price_unit * line.quantity
                                         / COALESCE(NULLIF(m.invoice_currency_rate, 0), 1)
                                         -- such a line has no amounts that tell the taxes within its price
                                         / (1 + COALESCE((
                                            SELECT SUM(tax.amount) / 100
                                              FROM account_move_line_account_tax_rel AS of_line
                                              JOIN account_tax AS tax ON tax.id = of_line.account_tax_id
                                             WHERE of_line.account_move_line_id = line.id
                                               AND tax.amount_type = 'percent'
                                               AND COALESCE(tax.price_include_override, %(tax_within)s)
                                                   = 'tax_included'), 0))
                                    ELSE -line.balance * line.discount / (100 - line.discount) END) AS amount
                      FROM account_move AS m
                      JOIN account_move_line AS line ON line.move_id = m.id
                     WHERE m.state = 'posted' AND m.move_type = 'out_invoice' AND m.company_id = %(company)s
                       AND m.invoice_date BETWEEN %(first)s AND %(last)s
                       AND line.display_type = 'product' AND line.is_downpayment IS NOT TRUE
                       AND (line.discount <> 0 OR line.price_subtotal < 0)
                  GROUP BY line.move_id) AS discount ON discount.move_id = move.id""",
                # sudo: how the company enters prices
                tax_within=params.company.sudo().account_price_include,
                company=params.company.id,
                first=params.date_from,
                last=params.date_to,
            )
        rows = SQL(
            """
            SELECT %(user)s AS user_id, 'account.move' AS res_model, move.id AS res_id,
                   move.commercial_partner_id AS partner_id, move.invoice_date AS date,
                   move.move_type = 'out_refund' AS is_refund,
                   move.amount_untaxed_signed + COALESCE(other.balance, 0) AS revenue, move.sale_cost AS cost,
                   %(discount)s AS discount
              FROM account_move AS move
         LEFT JOIN (SELECT move_id, SUM(balance) AS balance FROM account_move_line
                     WHERE display_type IN ('rounding', 'non_deductible_product', 'non_deductible_product_total')
                       AND tax_repartition_line_id IS NULL
                  GROUP BY move_id) AS other ON other.move_id = move.id
              %(discount_join)s %(join)s
             WHERE move.state = 'posted' AND move.move_type IN ('out_invoice', 'out_refund')
               AND move.company_id = %(company)s AND move.invoice_date BETWEEN %(first)s AND %(last)s
            OFFSET 0""",  # else PostgreSQL computes each column again for every sum that it is in
            user=user,
            join=join,
            discount=discount,
            discount_join=discount_join,
            company=params.company.id,
            first=params.date_from,
            last=params.date_to,
        )
        revenue, profit = SQL("fact.revenue"), SQL("(fact.revenue - fact.cost)")
        return Facts(
            rows,
            {
                "revenue": (revenue, None),
                "profit": (profit, None),
                "margin_rate": (profit, SQL("CASE WHEN fact.cost IS NOT NULL THEN fact.revenue END")),
                "deduction_rate": (
                    SQL("CASE WHEN fact.is_refund THEN -fact.revenue ELSE fact.discount END"),
                    SQL("CASE WHEN NOT fact.is_refund THEN fact.revenue + fact.discount END"),
                ),
            },
        )

    def _flush_sales(self):
        self.env["account.move"].flush_model(
            [
                "amount_untaxed_in_currency_signed", "amount_untaxed_signed", "commercial_partner_id", "company_id",
                "currency_id", "invoice_currency_rate", "invoice_date", "invoice_user_id", "move_type",
                "payment_state", "reversed_entry_id", "sale_cost", "state",
            ]
        )  # fmt: skip
        self.env["account.partial.reconcile"].flush_model(
            ["credit_move_id", "debit_move_id", "exchange_move_id"]
        )
        self.env["account.move.line"].flush_model(
            [
                "account_id", "balance", "discount", "display_type", "is_downpayment", "move_id", "price_subtotal",
                "price_unit", "quantity", "tax_repartition_line_id",
            ]
        )  # fmt: skip
