from datetime import timedelta

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .manager_indicator import Facts


class ManagerIndicator(models.Model):
    """What became of the inquiries of a manager: those whose lead the manager is the salesperson of.

    What an inquiry is, when it is mature (90 days old unless the settings say otherwise) and what converts it (its
    first confirmed sale within these days) is as in Conversion of Inquiries.

    **Conversion** = mature inquiries converted ÷ mature inquiries, of those that came in the period. Of a period
    that ended less than 90 days ago only some are mature, or none: then it is empty, and the young ones stand apart.
    **Conversion when due** is of the inquiries that *became* mature in the period, whenever they came: each counts
    once, in a period that has all of them when it is over. It is the one for scorecards of months and quarters.
    **Young inquiries** came in the period and are not mature yet.
    """

    _inherit = "manager.indicator"

    source = fields.Selection(selection_add=[("inquiries", "Inquiries")], ondelete={"inquiries": "cascade"})

    def _facts_inquiries(self, params):
        company = params.company
        days = company.sudo().inquiry_days  # sudo: a setting, whoever computes
        report = (
            # the figures of one company, as for every indicator
            self.env["partner.inquiry.report"]
            .with_company(company)
            .with_context(allowed_company_ids=company.ids, active_test=False)
        )
        came = Domain("date", ">=", params.date_from) & Domain("date", "<=", params.date_to)
        due_from, due_to = (day - timedelta(days=days) for day in (params.date_from, params.date_to))
        due = Domain("date", ">=", due_from) & Domain("date", "<=", due_to) & Domain("is_mature", "=", True)
        query = report._search(came | due, order=None)

        def column(name):
            return report._field_to_sql(query.table, name, query)

        self.env["res.users"].flush_model(["company_id"])
        rows = SQL(
            """
            SELECT inquiry.*, 'partner.inquiry.report' AS res_model
              FROM (%(inquiries)s) AS inquiry
         LEFT JOIN res_users AS manager ON manager.id = inquiry.user_id
             WHERE COALESCE(inquiry.company_id, manager.company_id, %(company)s) = %(company)s""",
            inquiries=query.select(
                *(SQL("%s AS %s", column(name), SQL.identifier(name)) for name in (
                    "user_id", "partner_id", "date", "company_id", "is_mature", "is_converted",
                )),
                SQL("%s AS res_id", SQL.identifier(query.table, "id")),
            ),
            company=company.id,
        )  # fmt: skip

        def rate(first, last):
            mature = SQL("fact.is_mature AND fact.date BETWEEN %s AND %s", first, last)
            return (
                SQL("CASE WHEN %s THEN fact.is_converted::int END", mature),
                SQL("CASE WHEN %s THEN 1 END", mature),
            )

        return Facts(
            rows,
            {
                "inquiry_conversion": rate(params.date_from, params.date_to),
                "inquiry_conversion_due": rate(due_from, due_to),
                "young_inquiries": (
                    SQL(
                        "CASE WHEN NOT fact.is_mature AND fact.date BETWEEN %s AND %s THEN 1 END",
                        params.date_from,
                        params.date_to,
                    ),
                    None,
                ),
            },
        )
