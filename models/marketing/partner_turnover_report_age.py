from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain


class PartnerTurnoverReport(models.Model):
    """How long ago a sale was, for rules that stay true as time goes by."""

    _inherit = "partner.turnover.report"

    months_ago = fields.Integer(
        compute="_compute_months_ago",
        search="_search_months_ago",
        aggregator=None,
        help="The number of months back from today that reach the day of the sale: 1 up to a month ago, 12 up to a "
        "year ago, 0 today.",
    )

    @api.depends("date")
    @api.depends_context("tz")
    def _compute_months_ago(self):
        today = fields.Date.context_today(self)
        for row in self:
            months = 0
            if row.date and row.date < today:
                months = (today.year - row.date.year) * 12 + today.month - row.date.month
                # the same day of the month belongs to the full months, as 31 March to one month before 30 April
                while months and row.date >= today - relativedelta(months=months - 1):
                    months -= 1
                if row.date < today - relativedelta(months=months):
                    months += 1
            row.months_ago = months

    def _search_months_ago(self, operator, value):
        today = fields.Date.context_today(self)

        def up_to(months):
            if months < 0:
                return Domain("date", ">", today)
            return Domain("date", ">=", today - relativedelta(months=months))

        match operator:
            case "<=":
                return up_to(int(value))
            case "<":
                return up_to(int(value) - 1)
            case ">":
                return ~up_to(int(value))
            case ">=":
                return ~up_to(int(value) - 1)
            case "in":
                return Domain.OR(up_to(int(one)) & ~up_to(int(one) - 1) for one in value)
        return NotImplemented
