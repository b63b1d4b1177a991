from odoo import fields, models
from odoo.tools import SQL

from .manager_indicator import Facts


class ManagerIndicator(models.Model):
    """Fulfilled orders: confirmed orders whose last delivery fell in the period and that were delivered whole.

    As *Closed Orders* tells them: an order whose rest was closed is not fulfilled; one of services alone is, when
    the last of it was invoiced. On time: the last delivery was on the promised day or before, in the company's time
    zone; orders that nobody promised a day for are in no rate. They belong to the customer's owner on the day of
    the last delivery, else to the salesperson of the order.
    """

    _inherit = "manager.indicator"

    source = fields.Selection(selection_add=[("orders", "Delivered Orders")], ondelete={"orders": "cascade"})

    def _facts_orders(self, params):
        self.env.flush_all()
        report = (
            self.env["partner.closed.order.report"]
            .sudo()  # sudo: the figures of the company, as for every indicator; see _get_facts
            .with_company(params.company)
            .with_context(allowed_company_ids=params.company.ids, tz=params.tz)
        )
        user, join = self._get_credit_sql(
            params, SQL("closed.partner_id"), SQL("closed.day"), SQL("closed.user_id")
        )
        rows = SQL(
            """
            SELECT %(user)s AS user_id, 'sale.order' AS res_model, closed.res_id, closed.partner_id, closed.day AS date,
                   closed.in_time
              FROM (%(orders)s) AS closed
              %(join)s""",
            user=user,
            join=join,
            orders=report._get_fulfilled_sql(params.date_from, params.date_to),
        )
        return Facts(
            rows,
            {
                "fulfilled_orders": (SQL("1"), None),
                "fulfilled_on_time_rate": (
                    SQL("CASE WHEN fact.in_time IS NOT NULL THEN fact.in_time::int END"),
                    SQL("CASE WHEN fact.in_time IS NOT NULL THEN 1 END"),
                ),
            },
        )
