from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL

from .manager_indicator import Facts


class ManagerIndicator(models.Model):
    """Overdue receivables at the end of the period, or today if that is earlier.

    Of each posted entry on a receivable account that fell due before that day: its amount less what was paid or
    credited against it up to then, in the currency of the company. Payments that nobody matched yet are not
    deducted. They belong to who is the customer's owner at that moment, else to the salesperson of the invoice.
    """

    _inherit = "manager.indicator"

    source = fields.Selection(
        selection_add=[("receivables", "Receivables")], ondelete={"receivables": "cascade"}
    )

    def _facts_receivables(self, params):
        for model, names in (
            ("account.move", ["commercial_partner_id", "invoice_user_id"]),
            ("account.account", ["account_type"]),
            (
                "account.move.line",
                ["account_id", "balance", "company_id", "date", "date_maturity", "parent_state"],
            ),
            ("account.partial.reconcile", ["amount", "debit_move_id", "max_date"]),
        ):
            self.env[model].flush_model(names)
        today = self.env["manager.scorecard"]._get_today(params.company)
        day = min(params.date_to, today)
        user, join = self._get_credit_sql(
            params._replace(credit="owner"),
            SQL("due.partner_id"),
            # the last moment of the day counts, not the first
            SQL("%s::date", day + timedelta(days=1)),
            SQL("due.user_id"),
        )
        rows = SQL(
            """
            SELECT %(user)s AS user_id, 'account.move' AS res_model, due.move_id AS res_id, due.partner_id,
                   due.date, due.residual
              FROM (SELECT move.id AS move_id, move.commercial_partner_id AS partner_id,
                           move.invoice_user_id AS user_id, MIN(line.date_maturity) AS date,
                           SUM(line.balance - COALESCE(paid.amount, 0)) AS residual
                      -- those open now, which have an index of their own, and those that were paid after that day
                      FROM (SELECT id FROM account_move_line
                             WHERE reconciled IS NOT TRUE AND parent_state = 'posted'
                             UNION
                            SELECT debit_move_id FROM account_partial_reconcile WHERE max_date > %(day)s) AS open
                      JOIN account_move_line AS line ON line.id = open.id
                      JOIN account_account AS account ON account.id = line.account_id
                       AND account.account_type = 'asset_receivable'
                      JOIN account_move AS move ON move.id = line.move_id
         LEFT JOIN LATERAL (
                           SELECT SUM(partial.amount) AS amount
                             FROM account_partial_reconcile AS partial
                            WHERE partial.debit_move_id = line.id AND partial.max_date <= %(day)s) AS paid ON TRUE
                     WHERE line.parent_state = 'posted' AND line.company_id = %(company)s AND line.balance > 0
                       AND line.date <= %(day)s AND line.date_maturity < %(day)s
                  GROUP BY move.id
                    HAVING SUM(line.balance - COALESCE(paid.amount, 0)) > 0) AS due
              %(join)s""",
            user=user,
            join=join,
            day=day,
            company=params.company.id,
        )
        return Facts(rows, {"overdue_receivables": (SQL("fact.residual"), None)})
