from dateutil.relativedelta import relativedelta

from odoo import models
from odoo.tools import SQL

from ...tools.manager_indicators import year_before
from .manager_indicator import Facts

# How long before the period a customer must have bought to count as one.
BASE = relativedelta(years=1)


class ManagerIndicator(models.Model):
    """Which customers stayed, and which came.

    A customer bought where there is a posted invoice above 0 that credit notes did not wholly take back, as the
    stages of customers count it.

    **Retention** = customers of the base, the 12 months before the period, who bought in the period ÷ all of the
    base. **Money retention** = Σ min(now, then) ÷ Σ then over the customers with sales then: *now* is the net sales
    of the period, *then* those of the same days a year before (for a period of a year: the base). Both belong to
    who was responsible when the period began, else to the salesperson of the last invoice of the base.

    **New** customers bought for the first time ever in the period, **returned** ones after more days without a sale
    than the company's classification takes to call a customer lost. Each counts once, and belongs to whom the invoice
    that won it is credited to; who was new and returned within one period is both.
    """

    _inherit = "manager.indicator"

    def _facts_retention(self, params):
        self._flush_sales()
        user, join = self._get_credit_sql(
            params._replace(credit="owner"),
            SQL("customer.partner_id"),
            SQL("%s::date", params.date_from),
            SQL("customer.user_id"),
        )
        rows = SQL(
            """
            SELECT %(user)s AS user_id, 'res.partner' AS res_model, customer.partner_id AS res_id,
                   customer.partner_id, %(first)s::date AS date, customer.bought_before, customer.bought_now,
                   customer.revenue_now, NULLIF(GREATEST(customer.revenue_then, 0), 0) AS revenue_then
              FROM (SELECT move.commercial_partner_id AS partner_id,
                           BOOL_OR(move.is_sale AND move.invoice_date < %(first)s) AS bought_before,
                           BOOL_OR(move.is_sale AND move.invoice_date >= %(first)s) AS bought_now,
                           SUM(move.amount_untaxed_signed) FILTER (WHERE move.invoice_date >= %(first)s) AS revenue_now,
                           SUM(move.amount_untaxed_signed) FILTER (WHERE move.invoice_date <= %(then)s) AS revenue_then,
                           (ARRAY_AGG(move.invoice_user_id ORDER BY move.invoice_date DESC, move.id DESC)
                            FILTER (WHERE move.is_sale AND move.invoice_date < %(first)s))[1] AS user_id
                      FROM (SELECT move.id, move.commercial_partner_id, move.invoice_date, move.invoice_user_id,
                                   move.amount_untaxed_signed, %(is_sale)s AS is_sale
                              FROM account_move AS move
                             WHERE move.state = 'posted' AND move.move_type IN ('out_invoice', 'out_refund')
                               AND move.company_id = %(company)s
                               AND move.invoice_date BETWEEN %(base)s AND %(last)s
                            OFFSET 0) AS move
                  GROUP BY move.commercial_partner_id) AS customer
              %(join)s
             WHERE customer.bought_before""",
            user=user,
            join=join,
            is_sale=self._get_is_sale_sql(params),
            company=params.company.id,
            base=params.date_from - BASE,
            then=year_before(params.date_to),
            first=params.date_from,
            last=params.date_to,
        )
        then = SQL("fact.revenue_then")
        return Facts(
            rows,
            {
                "retention_rate": (
                    SQL("CASE WHEN fact.bought_now THEN 1 ELSE 0 END"),
                    SQL("1"),
                ),
                "money_retention_rate": (
                    SQL(
                        "CASE WHEN %s IS NOT NULL THEN LEAST(GREATEST(COALESCE(fact.revenue_now, 0), 0), %s) END",
                        then,
                        then,
                    ),
                    then,
                ),
            },
        )

    def _facts_arrivals(self, params):
        self._flush_sales()
        user, join = self._get_credit_sql(
            params,
            SQL("won.commercial_partner_id"),
            SQL("won.invoice_date"),
            SQL("won.invoice_user_id"),
        )
        policy = self.env["partner.classification.policy"].search(
            [("company_id", "=", params.company.id), ("kind", "=", "customer")], limit=1
        )
        lost_days = policy.lost_days or policy._fields["lost_days"].default(policy)
        rows = SQL(
            """
            SELECT %(user)s AS user_id, 'account.move' AS res_model, won.id AS res_id,
                   won.commercial_partner_id AS partner_id, won.invoice_date AS date, won.is_new, won.is_returned
              FROM (SELECT sale.*, before.date IS NULL AND sale.number = 1 AS is_new,
                           -- only the first return within the period counts
                           sale.invoice_date - COALESCE(sale.previous, before.date) > %(lost)s
                           AND ROW_NUMBER() OVER (
                               PARTITION BY sale.commercial_partner_id,
                                            sale.invoice_date - COALESCE(sale.previous, before.date) > %(lost)s
                               ORDER BY sale.number) = 1 AS is_returned
                      FROM (SELECT move.id, move.commercial_partner_id, move.invoice_date, move.invoice_user_id,
                                   LAG(move.invoice_date) OVER by_customer AS previous,
                                   ROW_NUMBER() OVER by_customer AS number
                              FROM account_move AS move
                             WHERE move.state = 'posted' AND %(is_sale)s AND move.company_id = %(company)s
                               AND move.invoice_date BETWEEN %(first)s AND %(last)s
                            WINDOW by_customer AS (
                                   PARTITION BY move.commercial_partner_id ORDER BY move.invoice_date, move.id)
                           ) AS sale
              JOIN LATERAL (
                   SELECT MAX(move.invoice_date) AS date
                     FROM account_move AS move
                    WHERE sale.number = 1 AND move.state = 'posted' AND %(is_sale)s
                      AND move.company_id = %(company)s
                      AND move.commercial_partner_id = sale.commercial_partner_id
                      AND move.invoice_date < %(first)s) AS before ON TRUE
                     WHERE sale.number = 1 OR sale.invoice_date - sale.previous > %(lost)s) AS won
              %(join)s
             WHERE won.is_new OR won.is_returned""",
            user=user,
            join=join,
            is_sale=self._get_is_sale_sql(params),
            lost=lost_days,
            company=params.company.id,
            first=params.date_from,
            last=params.date_to,
        )
        return Facts(
            rows,
            {
                "new_customers": (SQL("CASE WHEN fact.is_new THEN 1 END"), None),
                "returned_customers": (SQL("CASE WHEN fact.is_returned THEN 1 END"), None),
            },
        )

    def _get_is_sale_sql(self, params):
        """Whether ``move`` is an invoice that somebody bought by, as the stages of customers count them.

        It was taken back if the credit notes that say so reach its amount, or if it is reconciled with one that does
        not say what it reverses, which has the payment state ``reversed``, also beside others. The list of those is
        made once a statement.
        """
        moves = self.env["account.move"]
        return SQL(
            """(move.move_type = 'out_invoice' AND move.amount_untaxed_signed > 0 AND move.id NOT IN (
                WITH credit AS MATERIALIZED (
                    SELECT reversed_entry_id AS id, %(credited)s
                      FROM account_move
                     WHERE company_id = %(company)s AND state = 'posted' AND move_type = 'out_refund'
                       AND reversed_entry_id IS NOT NULL
                  GROUP BY reversed_entry_id)
                SELECT invoice.id
                  FROM credit
                  JOIN account_move AS invoice ON invoice.id = credit.id
                 WHERE %(left)s <= 0
             UNION ALL
                SELECT invoice.id
                  FROM account_move AS invoice
                  LEFT JOIN credit ON credit.id = invoice.id
                 WHERE invoice.company_id = %(company)s AND invoice.state = 'posted'
                   AND invoice.move_type = 'out_invoice' AND invoice.payment_state = 'reversed'
                   AND CASE WHEN %(left)s <= 0 THEN FALSE
                            ELSE %(by_credit)s END))""",
            credited=moves._get_credit_columns_sql(),
            left=moves._get_left_after_credit_sql(SQL("invoice"), SQL("credit")),
            by_credit=moves._get_settled_by_credit_sql(SQL("invoice.id")),
            company=params.company.id,
        )
