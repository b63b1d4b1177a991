from odoo import fields, models
from odoo.tools import SQL

from .manager_indicator import Facts


class ManagerIndicator(models.Model):
    """Result ÷ sales plan, of the months that a manager has a plan for.

    The plan is that of the person, in revenue; plans of whole teams are no one's. The result is the revenue of
    these months, credited as all sales of the scorecard are; of a plan for one team, only the revenue of that team.
    Where the person has a plan for all sales too, it alone counts: the plans for teams are parts of it.
    Months without plan count on neither side, so a plan of one month is not held against a quarter. Of a month that
    is not over, the result so far is held against the whole plan; who sold nothing of it has 0 %, as in Sales Plans.
    Before the month begins there is no data.
    """

    _inherit = "manager.indicator"

    source = fields.Selection(selection_add=[("plan", "Sales Plans")], ondelete={"plan": "cascade"})

    def _facts_plan(self, params):
        self.env["partner.sales.plan"].flush_model()
        self.env["account.move"].flush_model(["team_id"])
        sales = self._facts_sales(params._replace(codes=frozenset(["revenue"])))
        plans = SQL(
            """SELECT plan.id, plan.user_id, plan.team_id, plan.date, plan.amount
                 FROM partner_sales_plan AS plan
                WHERE plan.user_id IS NOT NULL AND plan.measure = 'revenue' AND plan.company_id = %s
                  AND plan.date BETWEEN date_trunc('month', %s::date) AND %s AND %s""",
            params.company.id,
            params.date_from,
            params.date_to,
            self.env["partner.sales.plan"]._get_counted_sql("plan"),
        )
        # A plan brings 0 of its own: without it, who sold nothing would have no data, and the weight not count.
        rows = SQL(
            """
            SELECT plan.user_id, 'partner.sales.plan' AS res_model, plan.id AS res_id, NULL::int4 AS partner_id,
                   GREATEST(plan.date, %(first)s) AS date,
                   CASE WHEN plan.date <= %(today)s THEN 0::numeric END AS result, plan.amount AS plan
              FROM (%(plans)s) AS plan
             UNION ALL
            SELECT sale.user_id, sale.res_model, sale.res_id, sale.partner_id, sale.date, sale.revenue, NULL
              FROM (%(sales)s) AS sale
             WHERE EXISTS (
                   SELECT FROM (%(plans)s) AS plan
                    WHERE plan.user_id = sale.user_id AND plan.date = date_trunc('month', sale.date)::date
                      -- looked up only for plans of one team
                      AND (plan.team_id IS NULL OR plan.team_id = (
                          SELECT document.team_id FROM account_move AS document WHERE document.id = sale.res_id)))""",
            first=params.date_from,
            today=self.env["manager.scorecard"]._get_today(params.company),
            plans=plans,
            sales=sales.rows,
        )
        return Facts(
            rows, {indicator.code: (SQL("fact.result"), SQL("fact.plan")) for indicator in params.indicators}
        )
