from odoo import models
from odoo.tools import SQL


class PartnerClassification(models.Model):
    """The step of the statement that finds who was lost since the run before, and bought again."""

    _inherit = "partner.classification"

    def _looks_for_returned(self, values):
        return bool(values["previous_day"]) and self.kind == "customer"

    def _last_before_sql(self, values):
        """The last sale up to the day of the run before, of the rows of a customer's documents."""
        if not self._looks_for_returned(values) or self._is_long_ago(values):
            return SQL("NULL::date")
        return SQL("MAX(sale_date) FILTER (WHERE sale_date <= %s::date)", values["previous_day"])

    def _is_long_ago(self, values):
        """Whether somebody may have bought, been lost and returned since the run before."""
        return (values["as_of"] - values["previous_day"]).days > values["lost_days"]

    def _may_return_sql(self, values):
        """The condition of those who may have been lost and bought again since the run before.

        Who bought nothing for so long around the day of that run, also where the last sale before it was taken back;
        everybody, where that run is so long ago.
        """
        if not self._looks_for_returned(values):
            return SQL("FALSE")
        reasons = SQL()
        if not self._is_long_ago(values):
            reasons = SQL(
                "AND (sold.last_date - sold.last_before > %s OR sold.last_before = ANY(taken_back.dates))",
                values["lost_days"],
            )
        return SQL(
            """(sold.sales_count > 1 AND sold.last_date > %(previous_day)s::date
                AND sold.first_date < %(as_of)s::date - %(lost_days)s %(reasons)s)""",
            previous_day=values["previous_day"],
            as_of=values["as_of"],
            lost_days=values["lost_days"],
            reasons=reasons,
        )

    def _returned_sql(self, values):
        """Customers who bought since the run before, after so long without a purchase that they were lost by then."""
        if not self._looks_for_returned(values):
            return SQL("SELECT NULL::int AS partner_id WHERE FALSE")
        limit = self._get_limit_sql(
            values,
            SQL("sales_count"),
            SQL("(SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY gap) FROM unnest(gaps) AS gap)"),
        )
        return SQL(
            """
            SELECT DISTINCT partner_id
              FROM (SELECT day.*, SUM(sales) OVER earlier AS sales_count, ARRAY_AGG(gap) OVER earlier AS gaps
                      FROM (SELECT partner_id, date, COUNT(*) AS sales,
                                   date - LAG(date) OVER (PARTITION BY partner_id ORDER BY date) AS gap
                              FROM again
                             WHERE is_kept
                             GROUP BY partner_id, date) AS day
                    WINDOW earlier AS (
                           PARTITION BY partner_id ORDER BY date ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
                   ) AS purchase
             WHERE date > %(previous_day)s::date AND gap > %(lost_days)s AND gap > %(limit)s""",
            previous_day=values["previous_day"],
            limit=limit,
            lost_days=values["lost_days"],
        )
