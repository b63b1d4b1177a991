from dateutil.relativedelta import relativedelta

from odoo import models
from odoo.tools import SQL

from .manager_indicator import Facts

# How long before the period a customer must have bought to count as one.
BASE = relativedelta(years=1)


class ManagerIndicator(models.Model):
    """Which customers stayed, and which came.

    A customer bought where there is a posted invoice above 0 that was not wholly credited.

    **Retention** = customers of the base, the 12 months before the period, who bought in the period ÷ all of the
    base. **Money retention** = Σ min(now, then) ÷ Σ then over the customers with sales then: *now* is the net sales
    of the period, *then* those of the same days a year before (for a period of a year: the base). Both belong to
    who was responsible when the period began, else to the salesperson of the last invoice of the base.

    **New** customers bought for the first time ever in the period, **returned** ones for the first time after more
    days than the company's classification takes to call a customer lost. Both belong to whom that first invoice is
    credited to.
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
                           BOOL_OR(%(is_sale)s AND move.invoice_date < %(first)s) AS bought_before,
                           BOOL_OR(%(is_sale)s AND move.invoice_date >= %(first)s) AS bought_now,
                           SUM(move.amount_untaxed_signed) FILTER (WHERE move.invoice_date >= %(first)s) AS revenue_now,
                           SUM(move.amount_untaxed_signed) FILTER (WHERE move.invoice_date <= %(then)s) AS revenue_then,
                           (ARRAY_AGG(move.invoice_user_id ORDER BY move.invoice_date DESC, move.id DESC)
                            FILTER (WHERE %(is_sale)s AND move.invoice_date < %(first)s))[1] AS user_id
                      FROM account_move AS move
                     WHERE move.state = 'posted' AND move.move_type IN ('out_invoice', 'out_refund')
                       AND move.company_id = %(company)s
                       AND move.invoice_date BETWEEN %(base)s AND %(last)s
                  GROUP BY move.commercial_partner_id) AS customer
              %(join)s
             WHERE customer.bought_before""",
            user=user,
            join=join,
            is_sale=self._get_is_sale_sql(),
            company=params.company.id,
            base=params.date_from - BASE,
            then=params.date_to - BASE,
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
            SQL("first.commercial_partner_id"),
            SQL("first.invoice_date"),
            SQL("first.invoice_user_id"),
        )
        policy = self.env["partner.classification.policy"].search(
            [("company_id", "=", params.company.id), ("kind", "=", "customer")], limit=1
        )
        lost_days = policy.lost_days or policy._fields["lost_days"].default(policy)
        rows = SQL(
            """
            SELECT %(user)s AS user_id, 'account.move' AS res_model, first.id AS res_id,
                   first.commercial_partner_id AS partner_id, first.invoice_date AS date,
                   before.date IS NULL AS is_new, first.invoice_date - before.date > %(lost)s AS is_returned
              FROM (SELECT DISTINCT ON (move.commercial_partner_id)
                           move.id, move.commercial_partner_id, move.invoice_date, move.invoice_user_id
                      FROM account_move AS move
                     WHERE move.state = 'posted' AND %(is_sale)s AND move.company_id = %(company)s
                       AND move.invoice_date BETWEEN %(first)s AND %(last)s
                  ORDER BY move.commercial_partner_id, move.invoice_date, move.id) AS first
              JOIN LATERAL (
                   SELECT MAX(move.invoice_date) AS date
                     FROM account_move AS move
                    WHERE move.state = 'posted' AND %(is_sale)s AND move.company_id = %(company)s
                      AND move.commercial_partner_id = first.commercial_partner_id
                      AND move.invoice_date < %(first)s) AS before ON TRUE
              %(join)s
             WHERE before.date IS NULL OR first.invoice_date - before.date > %(lost)s""",
            user=user,
            join=join,
            is_sale=self._get_is_sale_sql(),
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

    def _get_is_sale_sql(self):
        """Whether ``move`` is an invoice that somebody bought by, as the stages of customers count them."""
        return SQL(
            "(move.move_type = 'out_invoice' AND move.amount_untaxed_signed > 0"
            " AND move.payment_state IS DISTINCT FROM 'reversed')"
        )
