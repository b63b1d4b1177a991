from odoo import models
from odoo.tools import SQL


class PartnerClassification(models.Model):
    """The step of the statement that finds who was lost since the run before, and bought again."""

    _inherit = "partner.classification"

    def _returned_sql(self, values):
        """Customers who bought since the run before, after so long without a purchase that they were lost by then.

        Only of those who may be some, the documents are looked at once more: who bought nothing for so long around the
        day of that run, or has sales that were taken back; all, where that run is so long ago.
        """
        if not values["previous_day"] or self.kind == "supplier":
            return SQL("SELECT NULL::int AS partner_id WHERE FALSE")
        is_long_ago = (values["as_of"] - values["previous_day"]).days > values["lost_days"]
        limit = self._get_limit_sql(
            values,
            SQL("sales_count"),
            SQL("(SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY gap) FROM unnest(gaps) AS gap)"),
        )
        return SQL(
            """
            SELECT DISTINCT partner_id
              FROM (SELECT day.*, SUM(sales) OVER earlier AS sales_count, ARRAY_AGG(gap) OVER earlier AS gaps
                      FROM (SELECT document.partner_id, document.date, COUNT(*) AS sales,
                                   document.date - LAG(document.date) OVER (
                                       PARTITION BY document.partner_id ORDER BY document.date) AS gap
                              FROM (SELECT sold.partner_id
                                      FROM sold LEFT JOIN taken_back ON taken_back.partner_id = sold.partner_id
                                     WHERE sold.sales_count > 1 AND sold.last_date > %(previous_day)s
                                       AND sold.first_date < %(as_of)s - %(lost_days)s
                                       AND (%(is_long_ago)s OR taken_back.partner_id IS NOT NULL
                                            OR sold.first_since - sold.last_before > %(lost_days)s)) AS bought
                              JOIN document ON document.partner_id = bought.partner_id
                              LEFT JOIN refunded ON refunded.id = document.id
                             WHERE document.is_sale AND refunded.id IS NULL
                             GROUP BY document.partner_id, document.date) AS day
                    WINDOW earlier AS (
                           PARTITION BY partner_id ORDER BY date ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
                   ) AS purchase
             WHERE date > %(previous_day)s AND gap > %(lost_days)s AND gap > %(limit)s""",
            previous_day=SQL("%s::date", values["previous_day"]),
            as_of=SQL("%s::date", values["as_of"]),
            is_long_ago=is_long_ago,
            limit=limit,
            lost_days=values["lost_days"],
        )
