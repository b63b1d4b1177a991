from datetime import date, datetime

import pytz

from odoo import fields, models
from odoo.fields import Domain
from odoo.orm.domains import DomainAnd, DomainCondition, DomainOr
from odoo.tools import SQL, Query

from ...tools.arguments import as_ids

# A day and an id in one number: so many days after this one in the upper half, the id in the lower one.
FIRST_DAY, ID_MASK = SQL("DATE '0001-01-01'"), SQL("4294967295")


class PartnerInquiryReport(models.Model):
    """The statement of the inquiries.

    SQL: every inquiry is set against all orders of its customer in one pass, and each order given to one of them,
    which no grouping of the ORM can do.
    """

    _inherit = "partner.inquiry.report"

    def _search(self, domain, *args, **kwargs):
        # A page of the list is put together without the inquiries of other customers, a period without what was before.
        domain = Domain(domain).optimize(self)
        report = self.with_context(
            inquiry_ids=self._get_limit(domain), inquiry_first_day=self._get_first_day(domain)
        )
        return super(PartnerInquiryReport, report)._search(domain, *args, **kwargs)

    def _get_limit(self, domain):
        """Return the ids that a domain limits the rows to; None without limit."""
        if isinstance(domain, DomainAnd):
            limits = [self._get_limit(child) for child in domain.children]
            return min((limit for limit in limits if limit is not None), key=len, default=None)
        if not isinstance(domain, DomainCondition) or domain.field_expr != "id":
            return None
        values = [domain.value] if domain.operator == "=" else domain.value
        if domain.operator not in ("in", "=") or isinstance(values, (str, SQL, Query)):
            return None
        ids = [value for value in values if value is not False]
        return ids if all(isinstance(value, int) for value in ids) else None

    def _get_first_day(self, domain):
        """Return the day before which a domain leaves no rows; None without such a day."""
        if isinstance(domain, DomainAnd):
            days = [self._get_first_day(child) for child in domain.children]
            return max((day for day in days if day), default=None)
        if isinstance(domain, DomainOr):
            days = [self._get_first_day(child) for child in domain.children]
            return min(days) if all(days) else None
        if not isinstance(domain, DomainCondition) or domain.field_expr != "date":
            return None
        days = domain.value if domain.operator == "in" else [domain.value]
        if domain.operator not in (">", ">=", "in") or not all(isinstance(day, date) for day in days):
            return None
        return min(map(fields.Date.to_date, days), default=None)

    @property
    def _table_query(self):
        # A second of compiling for a tenth of a second of reading.
        self.env.cr.execute("SET LOCAL jit = off")
        return SQL(
            """
    WITH company AS MATERIALIZED (%(companies)s),
    inquiry AS MATERIALIZED (
        SELECT lead.id, lead.company_id, lead.inquiry_date AS day, person.commercial_partner_id AS customer
          FROM crm_lead AS lead
          LEFT JOIN res_partner AS person ON person.id = lead.partner_id
         WHERE lead.is_inquiry AND lead.inquiry_date IS NOT NULL
           AND (lead.company_id IS NULL OR lead.company_id IN (SELECT company.id FROM company)) %(scope)s),
    document AS MATERIALIZED (%(documents)s),
    bought AS MATERIALIZED (
        SELECT document.inquiry_id, MIN(%(first_sale)s) FILTER (WHERE document.is_sale) AS first_sale,
               ARRAY_AGG(document.order_id) FILTER (WHERE document.is_sale) AS order_ids
          FROM document
         GROUP BY document.inquiry_id),
    -- joined before a period is asked for, whose few rows the planner would compare with each sale
    result AS MATERIALIZED (
        SELECT inquiry.*, bought.inquiry_id, (bought.first_sale & %(mask)s)::int4 AS order_id,
               %(first_day)s + (bought.first_sale >> 32)::int4 AS sale_day, bought.order_ids
          FROM inquiry
          LEFT JOIN bought ON bought.inquiry_id = inquiry.id)
    SELECT row.*, %(currency)s::int4 AS currency_id, 1 AS inquiry_count,
           row.is_mature::int AS mature_count, (row.is_mature AND row.is_converted)::int AS converted_count,
           CASE WHEN row.is_mature THEN row.is_converted::int::float8 END AS conversion_rate,
           (NOT row.is_mature)::int AS young_count,
           (NOT row.is_mature AND row.is_converted)::int AS young_converted_count,
           row.is_lost::int AS lost_count,
           CASE WHEN row.is_converted THEN 'converted' WHEN row.sale_date IS NOT NULL THEN 'late'
                WHEN row.is_lost THEN 'lost' WHEN row.is_mature THEN 'open' ELSE 'young' END AS result,
           CASE WHEN row.is_converted THEN row.sale_date - row.date END AS days_to_sale,
           CASE WHEN row.is_converted THEN row.first_value END AS sale_value,
           (row.has_quote OR row.is_opportunity OR %(contacted)s)::int AS contacted_count,
           (row.has_quote OR row.is_opportunity)::int AS opportunity_count,
           row.has_quote::int AS quoted_count, (row.sale_date IS NOT NULL)::int AS ordered_count,
           %(paid)s::int AS paid_count
      FROM (SELECT lead.id, lead.id AS lead_id, lead.name, result.day AS date, result.customer AS partner_id,
                   lead.partner_id AS contact_id, lead.inquiry_stage, lead.inquiry_channel AS channel,
                   COALESCE(lead.source_id, lead.asked_source_id) AS source_id, lead.asked_source_id, lead.medium_id,
                   lead.campaign_id, lead.user_id, lead.team_id, lead.lost_reason_id, lead.company_id,
                   COALESCE(lead.country_id, customer.country_id) AS country_id,
                   CASE WHEN lead.country_id IS NULL THEN COALESCE(lead.state_id, customer.state_id)
                        ELSE lead.state_id END AS state_id,
                   lead.type = 'opportunity' AS is_opportunity, lead.won_status IS NOT DISTINCT FROM 'lost' AS is_lost,
                   company.tz, company.window_days, company.today - result.day AS age_days,
                   company.today - result.day >= company.window_days AS is_mature,
                   COALESCE(result.sale_day - result.day <= company.window_days, FALSE) AS is_converted,
                   result.inquiry_id IS NOT NULL AS has_quote, result.order_id AS sale_order_id,
                   result.sale_day AS sale_date, result.order_ids,
                   ROUND((first.amount_untaxed / COALESCE(NULLIF(first.currency_rate, 0), 1)
                          * COALESCE((SELECT seller.rate FROM company AS seller
                                       WHERE seller.id = first.company_id), 1))::numeric, %(decimals)s) AS first_value
              FROM result
              JOIN crm_lead AS lead ON lead.id = result.id
              JOIN company ON company.id = COALESCE(lead.company_id, %(main)s)
              LEFT JOIN res_partner AS customer ON customer.id = result.customer
              LEFT JOIN sale_order AS first ON first.id = result.order_id) AS row""",
            companies=self._get_companies_sql(),
            scope=self._get_scope_sql(),
            documents=self._get_documents_sql(),
            first_sale=self._get_day_and_id_sql(SQL("document.day"), SQL("document.order_id")),
            mask=ID_MASK,
            first_day=FIRST_DAY,
            currency=self.env.company.currency_id.id,
            decimals=self.env.company.currency_id.decimal_places,
            main=self.env.company.id,
            **self._get_step_columns(),
        )

    def _get_companies_sql(self):
        """The active companies with time zone, today, days of the settings and rate into the current currency."""
        main, now = self.env.company, pytz.utc.localize(fields.Datetime.now())
        # sudo: time zone, setting and currency of companies that the user has chosen
        companies = (self.env.companies | main).sudo()
        rows = []
        for company in companies:
            zone = company._get_zone()
            today: datetime = now.astimezone(pytz.timezone(zone))
            rate = self.env["res.currency"]._get_conversion_rate(
                company.currency_id, main.currency_id, main, fields.Date.context_today(self)
            )
            rows.append(
                SQL(
                    "(%s, %s, %s::date, %s, %s::numeric)",
                    company.id,
                    zone,
                    today.date(),
                    company.inquiry_days,
                    rate,
                )
            )
        return SQL(
            "SELECT * FROM (VALUES %s) AS company (id, tz, today, window_days, rate)", SQL(", ").join(rows)
        )

    def _get_asked_day(self):
        first_day = self.env.context.get("inquiry_first_day")
        # a day comes from no client
        return first_day if isinstance(first_day, date) else None

    def _get_scope_sql(self):
        """Limit the inquiries to those asked for, and to those that may take an order from them.

        Those are the others of the same customers, and those from which orders of these customers were made; of a
        period, those that came since it began, and those from which later orders were made.
        """
        ids, first_day = as_ids(self.env.context.get("inquiry_ids")), self._get_asked_day()
        if ids is None and first_day:
            return SQL(
                """AND (lead.inquiry_date >= %(day)s OR lead.id IN (
                   SELECT o.opportunity_id FROM sale_order AS o
                    WHERE o.opportunity_id IS NOT NULL AND %(orders)s))""",
                day=first_day,
                orders=self._get_orders_sql(),
            )
        if ids is None:
            return SQL()
        return SQL(
            """AND lead.id IN (
               WITH own AS MATERIALIZED (
                    SELECT person.id
                      FROM crm_lead AS wanted
                      JOIN res_partner AS customer ON customer.id = wanted.partner_id
                      JOIN res_partner AS person
                        ON person.commercial_partner_id = customer.commercial_partner_id
                     WHERE wanted.id = ANY(%(ids)s::int[]))
               SELECT UNNEST(%(ids)s::int[])
                UNION SELECT other.id FROM own JOIN crm_lead AS other ON other.partner_id = own.id
                UNION SELECT o.opportunity_id FROM own JOIN sale_order AS o ON o.partner_id = own.id)""",
            ids=ids,
        )

    def _get_orders_sql(self):
        """Whether an order ``o`` may belong to inquiries of the period that is asked for."""
        first_day = self._get_asked_day()
        if not first_day:
            return SQL("TRUE")
        # whatever the time zone
        return SQL("o.date_order >= %s::date - 1", first_day)

    def _get_documents_sql(self):
        """Each order and quotation with the one inquiry it belongs to.

        The last inquiry of a customer up to the day of an order is a running maximum over days and ids in one number,
        so inquiries and orders are sorted once, and no order is set against all inquiries of its customer.
        """
        is_sale = SQL("o.state = 'sale' AND o.amount_untaxed > 0")
        day = SQL("(o.date_order AT TIME ZONE 'UTC' AT TIME ZONE company.tz)::date")
        return SQL(
            """
        WITH linked AS MATERIALIZED (
            SELECT o.id AS order_id, inquiry.id AS inquiry_id, %(is_sale)s AS is_sale, %(day)s AS day
              FROM inquiry
              JOIN sale_order AS o ON o.opportunity_id = inquiry.id
              JOIN company ON company.id = o.company_id
             WHERE (inquiry.company_id IS NULL OR inquiry.company_id = o.company_id) AND inquiry.day <= %(day)s
               AND %(orders)s)
        SELECT * FROM linked
         UNION ALL
        SELECT event.order_id, (event.last_inquiry & %(mask)s)::int4, event.is_sale, event.day
          FROM (SELECT moment.order_id, moment.is_sale, moment.day,
                       MAX(moment.inquiry) OVER (PARTITION BY moment.customer, moment.company_id ORDER BY moment.day)
                       AS last_inquiry
                  FROM (SELECT inquiry.customer, company.id AS company_id, inquiry.day, NULL::int4 AS order_id,
                               NULL::boolean AS is_sale, %(inquiry)s AS inquiry
                          FROM inquiry
                          JOIN company ON inquiry.company_id IS NULL OR inquiry.company_id = company.id
                         WHERE inquiry.customer IS NOT NULL
                         UNION ALL
                        SELECT person.commercial_partner_id, company.id, %(day)s, o.id, %(is_sale)s, NULL
                          FROM sale_order AS o
                          JOIN company ON company.id = o.company_id
                          JOIN res_partner AS person ON person.id = o.partner_id
                         WHERE person.commercial_partner_id IN (SELECT inquiry.customer FROM inquiry)
                           AND %(orders)s) AS moment
               ) AS event
     LEFT JOIN linked ON linked.order_id = event.order_id
         WHERE event.order_id IS NOT NULL AND event.last_inquiry IS NOT NULL AND linked.order_id IS NULL""",
            is_sale=is_sale,
            day=day,
            orders=self._get_orders_sql(),
            mask=ID_MASK,
            inquiry=self._get_day_and_id_sql(SQL("inquiry.day"), SQL("inquiry.id")),
        )

    def _get_day_and_id_sql(self, day, number):
        """A number that is the greater the later the day, and of one day the greater the id; `ID_MASK` gives the id."""
        return SQL("((%s - %s)::int8 << 32 | %s)", day, FIRST_DAY, number)

    def _get_step_columns(self):
        """Return the steps that need a look elsewhere.

        They stand as subselects in the list of columns, so that only who asks for them waits for them.
        """
        return {
            "contacted": SQL(
                """EXISTS (
               SELECT FROM partner_contact_log AS log
                WHERE log.commercial_partner_id = row.partner_id AND log.state = 'done' AND log.direction = 'out'
                  AND log.date >= row.date::timestamp AT TIME ZONE row.tz AT TIME ZONE 'UTC'
                  AND (row.company_id IS NULL OR log.company_id IS NULL OR log.company_id = row.company_id))"""
            ),
            "paid": SQL(
                """EXISTS (
               SELECT FROM sale_order_line AS line
                 JOIN sale_order_line_invoice_rel AS rel ON rel.order_line_id = line.id
                 JOIN account_move_line AS item ON item.id = rel.invoice_line_id
                 JOIN account_move AS move ON move.id = item.move_id
                WHERE line.order_id = ANY(row.order_ids) AND move.move_type = 'out_invoice'
                  AND move.state = 'posted' AND move.payment_state IN ('paid', 'in_payment'))"""
            ),
        }
