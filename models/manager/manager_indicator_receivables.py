from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL

from .manager_indicator import Facts


class ManagerIndicator(models.Model):
    """Overdue receivables at the end of the period, or today if that is earlier.

    Of each customer's entries on trade receivable accounts that fell due before that day (an entry without due date on
    the day it was made): the amount less what was paid or credited against it up to then, in the currency of the
    company. Payments and credit notes of the customer that nobody matched by then are deducted too, the oldest from
    what is overdue longest, until nothing is overdue: what somebody has paid on account is not owed, and what it is
    more than overdue is no merit.

    They are the debts of the *own customers*, so they belong to who is the customer's owner at that moment, also
    where sales are credited to the salesperson of the document: whoever sold once does not chase the debts of a
    customer handed over long ago. Without an owner they belong to the salesperson of the invoice, or without one
    to that of the invoice that is overdue longest; what is not matched is deducted from whose debts it covers.
    """

    _inherit = "manager.indicator"

    source = fields.Selection(
        selection_add=[("receivables", "Receivables")], ondelete={"receivables": "cascade"}
    )

    def _facts_receivables(self, params):
        for model, names in (
            ("account.move", ["commercial_partner_id", "invoice_user_id"]),
            ("res.partner", ["commercial_partner_id"]),
            (
                "account.move.line",
                [
                    "account_id",
                    "amount_residual",
                    "balance",
                    "company_id",
                    "date",
                    "date_maturity",
                    "parent_state",
                    "partner_id",
                    "reconciled",
                ],
            ),
            ("account.partial.reconcile", ["amount", "credit_move_id", "debit_move_id", "max_date"]),
        ):
            self.env[model].flush_model(names)  # fmt: skip
        # ids, so that the index of what is open serves: each account's lines that nobody reconciled
        accounts = self.env["account.account"].with_context(active_test=False)
        accounts = accounts.search([("account_type", "=", "asset_receivable"), ("non_trade", "=", False)]).ids
        today = self.env["manager.scorecard"]._get_today(params.company)
        day = min(params.date_to, today)
        user, join = self._get_credit_sql(
            params._replace(credit="owner"),
            SQL("open.partner_id"),
            # the last moment of the day counts, not the first
            SQL("%s::date", day + timedelta(days=1)),
            SQL("open.user_id"),
        )
        rows = SQL(
            """
            WITH later AS (
                -- what was matched after that day was open on it
                SELECT line_id, SUM(amount) AS amount
                  FROM (SELECT debit_move_id AS line_id, amount FROM account_partial_reconcile WHERE max_date > %(day)s
                         UNION ALL
                        SELECT credit_move_id, amount FROM account_partial_reconcile WHERE max_date > %(day)s) AS part
              GROUP BY line_id),
            candidate AS (
                SELECT id, move_id, partner_id, balance, date, date_maturity, parent_state, company_id,
                       ABS(amount_residual) AS residual
                  FROM account_move_line
                 WHERE reconciled IS NOT TRUE AND account_id = ANY(%(accounts)s)
                   AND NOT EXISTS (SELECT FROM later WHERE later.line_id = account_move_line.id)
                 UNION ALL
                SELECT line.id, line.move_id, line.partner_id, line.balance, line.date, line.date_maturity,
                       line.parent_state, line.company_id, ABS(line.amount_residual) + later.amount
                  FROM later
                  JOIN account_move_line AS line ON line.id = later.line_id AND line.account_id = ANY(%(accounts)s)),
            entry AS (
                SELECT line.move_id, COALESCE(contact.commercial_partner_id, move.commercial_partner_id) AS partner_id,
                       move.invoice_user_id AS user_id, line.balance > 0 AS is_debt,
                       CASE WHEN line.balance > 0 THEN COALESCE(line.date_maturity, line.date)
                            ELSE line.date END AS date, line.residual
                  FROM candidate AS line
                  JOIN account_move AS move ON move.id = line.move_id
             LEFT JOIN res_partner AS contact ON contact.id = line.partner_id
                 WHERE line.parent_state = 'posted' AND line.company_id = %(company)s AND line.date <= %(day)s
                   AND (line.balance < 0
                        OR line.balance > 0 AND COALESCE(line.date_maturity, line.date) < %(day)s)),
            document AS (
                SELECT move_id, partner_id, MIN(user_id) AS user_id, is_debt, MIN(date) AS date,
                       SUM(residual) AS residual
                  FROM entry
              GROUP BY move_id, partner_id, is_debt
                HAVING SUM(residual) > 0),
            open AS (
                SELECT move_id, partner_id, is_debt, date, residual,
                       CASE WHEN user_id IS NOT NULL OR partner_id IS NULL THEN user_id
                            ELSE FIRST_VALUE(user_id) OVER (
                                 PARTITION BY partner_id ORDER BY is_debt DESC, date, move_id) END AS user_id
                  FROM document),
            owed AS (
                SELECT %(user)s AS user_id, open.move_id, open.partner_id, open.is_debt, open.date, open.residual,
                       SUM(open.residual) OVER (
                           PARTITION BY open.partner_id, open.is_debt ORDER BY open.date, open.move_id) AS reached,
                       -- the same for debts of one user that follow each other
                       ROW_NUMBER() OVER (
                           PARTITION BY open.partner_id, open.is_debt ORDER BY open.date, open.move_id)
                       - ROW_NUMBER() OVER (
                           PARTITION BY open.partner_id, open.is_debt, %(user)s
                               ORDER BY open.date, open.move_id) AS run
                  FROM open %(join)s),
            debt AS (
                -- an entry without a contact is nobody's money on account
                SELECT user_id, partner_id, MIN(reached - residual) AS start, MAX(reached) AS reached
                  FROM owed
                 WHERE is_debt AND partner_id IS NOT NULL
              GROUP BY user_id, partner_id, run)
            SELECT user_id, 'account.move' AS res_model, move_id AS res_id, partner_id, date, residual
              FROM owed
             WHERE is_debt
             UNION ALL
            SELECT debt.user_id, 'account.move', money.move_id, money.partner_id, money.date,
                   -SUM(LEAST(debt.reached, money.reached) - GREATEST(debt.start, money.reached - money.residual))
              FROM owed AS money
              JOIN debt ON debt.partner_id = money.partner_id
               AND debt.start < money.reached AND debt.reached > money.reached - money.residual
             WHERE NOT money.is_debt
          GROUP BY debt.user_id, money.move_id, money.partner_id, money.date""",
            user=user,
            join=join,
            day=day,
            accounts=accounts,
            company=params.company.id,
        )
        return Facts(rows, {"overdue_receivables": (SQL("fact.residual"), None)})
