from odoo import api, fields, models
from odoo.fields import Domain
from odoo.orm.domains import DomainAnd, DomainCondition, DomainOr
from odoo.tools import SQL, Query

from ...tools.arguments import MAX_ID, as_ids
from ...tools.leavers import planned_by_active

OPEN_LEAD = SQL(
    "lead.type = 'opportunity' AND lead.active AND lead.won_status = 'pending'"
    " AND lead.probability IS DISTINCT FROM 100"
)
# Quantities of an order line. To be delivered: not of a service whose delivered quantity nobody keeps, which
# shows by its being invoiced as ordered while nothing is delivered.
UNDELIVERED = SQL(
    "CASE WHEN line.product_uom_qty > line.qty_delivered"
    " AND (line.qty_delivered_method IS DISTINCT FROM 'manual' OR line.qty_delivered <> 0"
    " OR line.qty_invoiced + line.qty_to_invoice = 0)"
    " THEN line.product_uom_qty - GREATEST(line.qty_delivered, 0) ELSE 0 END"
)
# To be invoiced by the policy of the product, today, with what is invoiced already.
BILLABLE = SQL("(line.qty_invoiced + line.qty_to_invoice)")
# Condition of the index _open_deal_idx
OPEN_LINE = SQL(
    "line.state = 'sale' AND line.display_type IS NULL"
    " AND (line.qty_to_invoice <> 0 OR line.product_uom_qty > line.qty_delivered"
    " AND (line.qty_delivered_method IS DISTINCT FROM 'manual' OR line.qty_delivered <> 0 OR line.qty_invoiced = 0))"
)

# What is read from the invoices of an order.
PAYMENT_FIELDS = {"invoice_count", "invoice_name", "unpaid_value"}


class PartnerDealReport(models.Model):
    """The statement of the unfinished deals.

    The three kinds of rows have columns of the same types, to the difference of text and varchar: else PostgreSQL
    computes all columns of all rows, also for a count.

    SQL: it joins six tables into rows of three kinds, and stays within the open ones by partial indexes, so that
    its time grows with what is open and not with the history.
    """

    _inherit = "partner.deal.report"

    def _search(self, domain, *args, bypass_access=False, **kwargs):
        # The deals of a person, or a page of the list, are put together without those of all others.
        whole = Domain(domain)
        if not (self.env.su or bypass_access):
            whole &= self.env["ir.rule"]._compute_domain(self._name, "read")
        report = self.with_context(
            deal_ids=self._get_limit(whole, "id"),
            deal_users=self._get_limit(whole, "users"),
            deal_owners=self._get_limit(whole, "owners"),
            deal_without_payment=self._is_without_payment(whole),
        )
        return super(PartnerDealReport, report)._search(domain, *args, bypass_access=bypass_access, **kwargs)

    def _get_limit(self, domain, what):
        """Return what a domain limits the rows to: to these ids, or to those that somebody of these users has.

        :param str what: ``id``, ``users`` (theirs and their customers'), or ``owners`` (salespeople)
        :return: frozenset of ids, None without limit
        """
        if isinstance(domain, (DomainAnd, DomainOr)):
            limits = [self._get_limit(child, what) for child in domain.children]
            if isinstance(domain, DomainAnd):
                return min((limit for limit in limits if limit is not None), key=len, default=None)
            return None if None in limits else frozenset().union(*limits)
        if not isinstance(domain, DomainCondition) or domain.operator not in ("in", "="):
            return None
        field, values = domain.field_expr, domain.value
        if domain.operator == "=" or isinstance(values, (str, SQL, Query)):
            values = [values]
        values = [*values]
        if what == "id":
            if field == "id" and all(isinstance(value, int) for value in values):
                return frozenset(values)
        elif field == "user_id":
            if values and all(isinstance(value, int) and value for value in values):
                return frozenset(values)
        elif what == "owners":
            return None
        elif field == "is_own" and values == [True]:
            return frozenset((self.env.uid,))
        elif field == "in_my_team" and values == [True]:
            return frozenset(self.env.user._get_subordinate_user_ids())
        return None

    @api.model
    def _read_grouping_sets(self, domain, grouping_sets, aggregates=(), order=None):
        specs = [*(spec for groupby in grouping_sets for spec in groupby), *aggregates]
        report = self.with_context(deal_fields=frozenset(spec.partition(":")[0] for spec in specs))
        return super(PartnerDealReport, report)._read_grouping_sets(domain, grouping_sets, aggregates, order)

    def _is_without_payment(self, domain):
        """Whether nothing is asked of unpaid invoices: neither what they tell, nor orders that wait for them alone."""
        used = self.env.context.get("deal_fields")
        # a frozenset comes from no client
        if not isinstance(used, frozenset):
            return False
        asked = used.union(condition.field_expr.partition(".")[0] for condition in domain.iter_conditions())
        conditions = domain.children if isinstance(domain, DomainAnd) else [domain]
        return asked.isdisjoint(PAYMENT_FIELDS) and any(
            isinstance(condition, DomainCondition)
            and condition.field_expr == "waits_for"
            and condition.operator == "in"
            and "payment" not in condition.value
            for condition in conditions
        )

    @property
    def _table_query(self):
        if settings := self._get_settings_sql():
            self.env.execute_query(SQL("SELECT %s", SQL(", ").join(settings)))
        lead_ids, order_ids, move_ids = self._get_scope() or (None, None, None)
        rate = self._get_rate_sql()
        return SQL(
            """%(common)s
    SELECT deal.*, %(currency)s::int4 AS currency_id, %(today)s - deal.date AS age_days,
           deal.date_expected < %(today)s AND deal.date_expected IS NOT NULL AS is_overdue,
           CASE WHEN deal.date_expected < %(today)s THEN %(today)s - deal.date_expected END AS days_overdue,
           CASE WHEN deal.date_expected < %(today)s THEN 'overdue' WHEN deal.date_expected IS NULL THEN 'undated'
                ELSE 'in_time' END AS timing,
           deal.value * deal.probability / 100 AS weighted_value,
           COALESCE(deal.uninvoiced_value, deal.value * deal.probability / 100) AS forecast_value,
           %(last_contact)s AS last_contact_date,
           %(today)s - COALESCE((%(last_contact)s AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date, deal.date)
               AS days_without_contact,
           LEAST(%(next_contact)s, %(next_activity)s) AS next_step_date,
           (%(next_contact)s IS NOT NULL OR %(next_activity)s IS NOT NULL) AS has_next_step
      FROM (%(leads)s UNION ALL %(quotations)s UNION ALL %(orders)s) AS deal""",
            common=self._get_common_tables(lead_ids, order_ids, move_ids),
            currency=self.env.company.currency_id.id,
            today=self._get_today_sql(),
            tz=self._get_tz_name(),
            leads=self._get_leads_sql(rate, lead_ids),
            quotations=self._get_quotations_sql(rate, order_ids),
            orders=self._get_orders_sql(rate, *self._get_waiting_orders(order_ids, move_ids)),
            **self._get_step_columns(),
        )

    @api.model
    def _get_settings_sql(self):
        """Columns of a statement that set, for the transaction, what the statement of the deals wants; once.

        A second of compiling for a tenth of a second of reading; and enough memory to group without the disk.
        """
        done = self.env.cr.precommit.data.setdefault("partner_relations.deal_settings", [])
        if done:
            return []
        done.append(True)
        # what is open is a small and much used part of all documents, and in memory: found by index, not by reading all
        return [
            SQL("set_config(%s, %s, TRUE)", *setting)
            for setting in (("jit", "off"), ("work_mem", "64MB"), ("random_page_cost", "1.1"))
        ]

    # ------------------------------------------------------------------
    # Parts
    # ------------------------------------------------------------------
    def _get_scope(self):
        """Return the opportunities, orders and unpaid invoices to look at, as lists of ids; None without limit.

        It may hold more than is asked for, which the conditions of the statement then leave out.
        """
        # the context of a report that reads this one may be a client's
        ids = as_ids(self.env.context.get("deal_ids"), 2 * MAX_ID + 1)
        users = as_ids(self.env.context.get("deal_users"))
        if ids is None and users is None:
            return None
        self._flush_scope()
        if ids is not None:
            leads, orders = ([one // 2 for one in sorted(ids) if one % 2 == kind] for kind in (1, 0))
            own = SQL("(SELECT UNNEST(%s::int[]) AS id)", orders)
            return leads, orders, SQL("(%s)", self._get_open_moves_sql(own)) if orders else []
        leads, orders = self._get_user_scope_sql(sorted(users))
        # SQL: known as values, the planner of the statement of the deals sees how few they are
        [scope] = self.env.execute_query(
            SQL(
                """
    WITH own AS MATERIALIZED (%(orders)s)
    SELECT ARRAY(%(leads)s), ARRAY(SELECT id FROM own), ARRAY(%(moves)s)""",
                leads=leads,
                orders=orders,
                moves=self._get_open_moves_sql(SQL("own")),
            )
        )
        return scope

    def _get_open_moves_sql(self, own):
        """The open customer invoices and credit notes of the orders of a table."""
        return SQL(
            """SELECT DISTINCT item.move_id
                 FROM %s AS own
                 JOIN sale_order_line AS sold ON sold.order_id = own.id
                 JOIN sale_order_line_invoice_rel AS rel ON rel.order_line_id = sold.id
                 JOIN account_move_line AS item ON item.id = rel.invoice_line_id
                 JOIN account_move AS move ON move.id = item.move_id
                WHERE move.move_type IN ('out_invoice', 'out_refund')
                  AND (move.state = 'draft' OR move.state = 'posted' AND move.amount_residual <> 0)""",
            own,
        )

    def _flush_scope(self):
        for model, names in (
            ("crm.lead", ["user_id", "partner_id"]),
            ("sale.order", ["user_id", "partner_id", "opportunity_id", "state"]),
            ("sale.order.line", ["order_id", "invoice_lines"]),
            ("account.move.line", ["move_id"]),
            ("account.move", ["company_id", "move_type", "state", "amount_residual"]),
            ("res.partner", ["user_id", "buyer_id", "responsible_user_ids", "commercial_partner_id"]),
        ):
            self.env[model].flush_model(names)

    def _get_user_scope_sql(self, users):
        """The opportunities and orders of users or of their customers, as two statements."""
        mine = SQL("= ANY(%s::int[])", users)
        partners = SQL(
            """(SELECT partner.id FROM res_partner AS partner
                WHERE partner.commercial_partner_id IN (
                      SELECT owned.id FROM res_partner AS owned WHERE owned.user_id %(mine)s OR owned.buyer_id %(mine)s
                       UNION
                      SELECT other.partner_id FROM res_partner_responsible_user_rel AS other
                       WHERE other.user_id %(mine)s))""",
            mine=mine,
        )
        orders = SQL(
            """SELECT own.id FROM sale_order AS own WHERE own.user_id %(mine)s AND own.state <> 'cancel'
                UNION
               SELECT own.id FROM sale_order AS own WHERE own.partner_id IN %(partners)s AND own.state <> 'cancel'""",
            mine=mine,
            partners=partners,
        )
        leads = SQL(
            """SELECT lead.id FROM crm_lead AS lead WHERE lead.user_id %(mine)s AND %(open)s
                UNION
               SELECT lead.id FROM crm_lead AS lead WHERE lead.partner_id IN %(partners)s AND %(open)s
                UNION
               SELECT quotation.opportunity_id FROM sale_order AS quotation
                WHERE quotation.user_id %(mine)s AND quotation.state IN ('draft', 'sent')
                  AND quotation.opportunity_id IS NOT NULL""",
            mine=mine,
            partners=partners,
            open=OPEN_LEAD,
        )
        return leads, orders

    def _get_tz_name(self):
        return self.env["partner.contact.log"]._get_known_zone(self.env.tz.zone)

    def _get_today_sql(self):
        return SQL("%s::date", fields.Date.context_today(self))

    def _get_day_sql(self, moment):
        """The day of a moment in UTC, for the user."""
        return SQL("(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", moment, self._get_tz_name())

    def _get_rate_sql(self):
        """Return a function that makes the factor into the currency of the current company of a company's column.

        Rates are those of today. None, if all companies have the same currency.
        """
        # sudo: the currencies of companies that the user has chosen
        companies = self.env.companies.sudo()
        if companies.currency_id == self.env.company.currency_id:
            return lambda company: SQL()
        rates = self.env["res.currency"]._get_company_conversions(companies)
        cases = SQL(" ").join(SQL("WHEN %s THEN %s::numeric", key, rate) for key, rate in rates.items())
        return lambda company: SQL(" * (CASE %s %s ELSE 1 END)", company, cases)

    def _get_step_columns(self):
        """Return last contact and next step of a row.

        They stand as subselects in the list of columns, so that a page of the list looks them up for its rows only.
        """
        company = SQL(
            "AND (deal.company_id IS NULL OR log.company_id IS NULL OR log.company_id = deal.company_id)"
        )
        return {
            "last_contact": SQL(
                """(SELECT log.date FROM partner_contact_log AS log
             WHERE log.commercial_partner_id = deal.partner_id AND log.state = 'done' %s
             ORDER BY log.date DESC LIMIT 1)""",
                company,
            ),
            "next_contact": SQL(
                """(SELECT %s FROM partner_contact_log AS log
             WHERE log.commercial_partner_id = deal.partner_id AND log.state = 'planned' AND %s %s
             ORDER BY log.date LIMIT 1)""",
                self._get_day_sql(SQL("log.date")),
                planned_by_active(SQL("log.user_id")),
                company,
            ),
            # of the document, and of the quotations that the opportunity stands for
            "next_activity": SQL(
                """LEAST((SELECT MIN(activity.date_deadline) FROM mail_activity AS activity
             WHERE activity.res_id = deal.res_id AND activity.res_model = deal.res_model AND activity.active
               AND %(present)s),
            (SELECT MIN(activity.date_deadline)
               FROM sale_order AS quotation
               JOIN mail_activity AS activity
                 ON activity.res_id = quotation.id AND activity.res_model = 'sale.order' AND activity.active
              WHERE deal.quotation_count > 0 AND quotation.opportunity_id = deal.lead_id
                AND quotation.state IN ('draft', 'sent') AND %(present)s))""",
                present=planned_by_active(SQL("activity.user_id")),
            ),
        }

    def _get_ids_sql(self, column, ids):
        """The condition that limits a column to ids: a list, a subselect, or None for no limit."""
        if ids is None:
            return SQL()
        return (
            SQL("AND %s IN %s", column, ids)
            if isinstance(ids, SQL)
            else SQL("AND %s = ANY(%s::int[])", column, ids)
        )

    # What narrows the statement, see partner_deal_report_step
    def _get_common_tables(self, lead_ids, order_ids, move_ids):
        """Tables before the statement that its parts share."""
        return SQL()

    def _get_waiting_orders(self, order_ids, move_ids):
        """The orders and invoices to look at, as lists of ids or as subselects."""
        return order_ids, move_ids

    def _get_quotation_tables(self, ids):
        """The tables `o` of quotations and `contact` of their customers."""
        return SQL("sale_order AS o JOIN res_partner AS contact ON contact.id = o.partner_id")

    def _get_order_tables(self):
        """The tables `o` of orders and `contact` of their customers, joined to those that are `open`."""
        return SQL(
            "sale_order AS o ON o.id = open.order_id JOIN res_partner AS contact ON contact.id = o.partner_id"
        )

    def _get_step_join(self):
        return SQL()

    def _get_step_condition(self, model, res_id, company):
        return SQL()

    def _get_leads_sql(self, rate, ids):
        """Open opportunities, with the value of their quotations or of what is not ordered yet.

        An opportunity without a company may have documents of companies that are not active: their quotations are
        left out, and with orders of theirs nobody can say here what they leave of the expected revenue.

        Which customer a person belongs to is read of persons alone, from an index, instead of all contacts.
        """
        return SQL(
            """
    SELECT lead.id * 2 + 1 AS id, lead.name, 'opportunity' AS kind, '1_opportunity' AS phase,
           'decision' AS waits_for, lead.stage_id AS crm_stage_id, 'crm.lead' AS res_model, lead.id AS res_id,
           lead.id AS lead_id, NULL::int4 AS order_id, contact.commercial_partner_id AS partner_id,
           lead.partner_id AS contact_id, lead.user_id, lead.team_id, lead.company_id,
           %(created)s AS date, COALESCE(lead.date_deadline, quote.validity_date) AS date_expected,
           COALESCE(quote.value, CASE WHEN sold.is_partial IS NOT TRUE THEN
                    NULLIF(GREATEST(ROUND(COALESCE(lead.expected_revenue, 0)%(rate)s, %(decimals)s)
                                    - COALESCE(sold.value, 0), 0), 0) END) AS value,
           lead.probability::numeric AS probability,
           NULL::numeric AS undelivered_value, NULL::numeric AS uninvoiced_value,
           NULL::numeric AS to_invoice_value, NULL::numeric AS unpaid_value,
           COALESCE(quote.count, 0)::int4 AS quotation_count, 0 AS invoice_count, NULL::varchar AS invoice_name,
           FALSE AS has_draft_invoice, sold.value AS sold_value
      FROM crm_lead AS lead
      LEFT JOIN (SELECT id, commercial_partner_id FROM res_partner WHERE commercial_partner_id <> id) AS member
        ON member.id = lead.partner_id
     CROSS JOIN LATERAL (
           SELECT COALESCE(member.commercial_partner_id, lead.partner_id) AS commercial_partner_id) AS contact
        %(planned)s
      LEFT JOIN (SELECT o.opportunity_id, SUM(%(order_value)s) AS value, COUNT(*) AS count,
                        MIN(o.validity_date) AS validity_date
                   FROM sale_order AS o
                  WHERE o.state IN ('draft', 'sent') AND o.opportunity_id IS NOT NULL AND %(active)s %(quoted)s
                  GROUP BY o.opportunity_id) AS quote ON quote.opportunity_id = lead.id
      LEFT JOIN (SELECT o.opportunity_id, SUM(%(order_value)s) FILTER (WHERE %(active)s) AS value,
                        BOOL_OR(NOT %(active)s) AS is_partial
                   FROM sale_order AS o
                   JOIN crm_lead AS lead ON lead.id = o.opportunity_id AND %(open)s
                  WHERE o.state = 'sale' %(quoted)s
                  GROUP BY o.opportunity_id) AS sold ON sold.opportunity_id = lead.id
     WHERE %(open)s AND (lead.company_id IS NULL OR lead.company_id = ANY(%(companies)s::int[])) %(ids)s
       AND (quote.opportunity_id IS NOT NULL OR sold.opportunity_id IS NULL
            OR lead.expected_revenue%(rate)s > COALESCE(sold.value, 0)) %(step)s""",
            open=OPEN_LEAD,
            active=SQL("(o.company_id = ANY(%s::int[]))", self.env.companies.ids),
            planned=self._get_step_join(),
            step=self._get_step_condition("crm.lead", SQL("lead.id"), SQL("lead.company_id")),
            created=self._get_day_sql(SQL("lead.create_date")),
            rate=rate(SQL("lead.company_id")),
            decimals=self.env.company.currency_id.decimal_places,
            order_value=self._get_order_value_sql(SQL("o.amount_untaxed"), rate),
            companies=self.env.companies.ids,
            ids=self._get_ids_sql(SQL("lead.id"), ids),
            quoted=self._get_ids_sql(SQL("o.opportunity_id"), ids),
        )

    def _get_order_value_sql(self, amount, rate):
        """An amount of the order `o` in the currency of the current company."""
        return SQL(
            "ROUND((%s / COALESCE(NULLIF(o.currency_rate, 0), 1)%s)::numeric, %s)",
            amount,
            rate(SQL("o.company_id")),
            self.env.company.currency_id.decimal_places,
        )

    def _get_quotations_sql(self, rate, ids):
        """Open quotations whose opportunity is none of the open ones, nor lost."""
        return SQL(
            """
    SELECT o.id * 2 AS id, o.name, 'quotation' AS kind,
           CASE o.state WHEN 'sent' THEN '3_sent' ELSE '2_draft' END AS phase, 'decision' AS waits_for,
           NULL::int4 AS crm_stage_id, 'sale.order' AS res_model, o.id AS res_id, NULL::int4 AS lead_id,
           o.id AS order_id, contact.commercial_partner_id AS partner_id, o.partner_id AS contact_id, o.user_id,
           o.team_id, o.company_id, %(created)s AS date, o.validity_date AS date_expected, %(value)s AS value,
           (CASE lead.won_status WHEN 'won' THEN 100 ELSE company.quotation_probability END)::numeric AS probability,
           NULL::numeric AS undelivered_value, NULL::numeric AS uninvoiced_value,
           NULL::numeric AS to_invoice_value, NULL::numeric AS unpaid_value,
           0 AS quotation_count, 0 AS invoice_count, NULL::varchar AS invoice_name, FALSE AS has_draft_invoice,
           NULL::numeric AS sold_value
      FROM %(quotations)s
      JOIN res_company AS company ON company.id = o.company_id
      LEFT JOIN crm_lead AS lead ON lead.id = o.opportunity_id
     WHERE o.state IN ('draft', 'sent') AND o.company_id = ANY(%(companies)s::int[]) %(ids)s
       -- an opportunity of a company that is not read does not stand for it
       AND (lead.id IS NULL OR lead.company_id <> ALL(%(companies)s::int[])
            OR NOT (%(open)s) AND lead.won_status IS DISTINCT FROM 'lost')""",
            open=OPEN_LEAD,
            quotations=self._get_quotation_tables(ids),
            created=self._get_day_sql(SQL("o.create_date")),
            value=self._get_order_value_sql(SQL("o.amount_untaxed"), rate),
            companies=self.env.companies.ids,
            ids=self._get_ids_sql(SQL("o.id"), ids),
        )

    def _get_orders_sql(self, rate, ids, move_ids):
        """Confirmed orders of which something is not delivered, not invoiced or not paid."""
        return SQL(
            """
    SELECT o.id * 2 AS id, o.name, 'order' AS kind,
           CASE WHEN amount.is_undelivered THEN '4_delivery' WHEN amount.uninvoiced > 0 THEN '5_invoicing'
                ELSE '6_payment' END AS phase,
           CASE WHEN amount.is_undelivered THEN 'delivery' WHEN amount.uninvoiced > 0 THEN 'invoicing'
                ELSE 'payment' END AS waits_for,
           NULL::int4 AS crm_stage_id, 'sale.order' AS res_model, o.id AS res_id, NULL::int4 AS lead_id,
           o.id AS order_id, contact.commercial_partner_id AS partner_id, o.partner_id AS contact_id, o.user_id,
           o.team_id, o.company_id, %(confirmed)s AS date,
           CASE WHEN amount.is_undelivered OR amount.uninvoiced > 0
                THEN COALESCE(%(promised)s, %(confirmed)s + CEIL(COALESCE(open.lead_days, 0))::int)
                ELSE open.due_date END AS date_expected,
           %(value)s AS value, 100::numeric AS probability, amount.undelivered AS undelivered_value,
           amount.uninvoiced AS uninvoiced_value, amount.to_invoice AS to_invoice_value,
           ROUND(open.unpaid%(rate)s, %(decimals)s) AS unpaid_value,
           0 AS quotation_count, open.invoice_count, open.invoice_name,
           open.has_draft AS has_draft_invoice, NULL::numeric AS sold_value
      FROM (%(open)s) AS open
      JOIN %(orders)s
     CROSS JOIN LATERAL (
           SELECT %(is_undelivered)s AS is_undelivered,
                  %(undelivered)s AS undelivered,
                  GREATEST(%(uninvoiced)s, 0) AS uninvoiced,
                  GREATEST(%(to_invoice)s, 0) AS to_invoice) AS amount
     WHERE o.state = 'sale' AND o.company_id = ANY(%(companies)s::int[])
       AND (amount.is_undelivered OR amount.uninvoiced > 0 OR open.unpaid > 0)""",
            open=self._get_open_sql(ids, move_ids),
            orders=self._get_order_tables(),
            confirmed=self._get_day_sql(SQL("o.date_order")),
            promised=self._get_day_sql(SQL("o.commitment_date")),
            value=self._get_order_value_sql(SQL("o.amount_untaxed"), rate),
            rate=rate(SQL("o.company_id")),
            decimals=self.env.company.currency_id.decimal_places,
            companies=self.env.companies.ids,
            **self._get_open_amounts(rate),
        )

    def _get_open_amounts(self, rate):
        """Return the amounts of an order, of the sums of its lines.

        Where all transfers are done or cancelled, what was not delivered will not be: it is neither waited for
        nor invoiced.
        """
        amounts = {
            "is_undelivered": (SQL("open.is_undelivered_other"), SQL("open.is_undelivered")),
            "undelivered": (SQL("open.undelivered_other"), SQL("open.undelivered")),
            "uninvoiced": (SQL("open.uninvoiced_closed"), SQL("open.uninvoiced")),
            "to_invoice": (SQL("open.to_invoice_closed"), SQL("open.to_invoice")),
        }
        if "delivery_status" in self.env["sale.order"]._fields:
            amounts = {
                name: SQL("CASE WHEN o.delivery_status = 'full' THEN %s ELSE %s END", *variants)
                for name, variants in amounts.items()
            }
        else:
            amounts = {name: variants[1] for name, variants in amounts.items()}
        return {
            name: SQL("COALESCE(%s, FALSE)", sql)
            if name == "is_undelivered"
            else self._get_order_value_sql(SQL("COALESCE(%s, 0)", sql), rate)
            for name, sql in amounts.items()
        }

    def _get_open_sql(self, ids, move_ids):
        """Sums by order over its open lines, in the order's currency, and over its open invoices, in the company's."""
        return SQL(
            """
    SELECT COALESCE(open_line.order_id, invoice.order_id) AS order_id,
           open_line.undelivered, open_line.undelivered_other,
           open_line.is_undelivered, open_line.is_undelivered_other,
           open_line.uninvoiced, open_line.uninvoiced_closed,
           open_line.to_invoice, open_line.to_invoice_closed, open_line.lead_days,
           COALESCE(open_line.has_draft, FALSE) AS has_draft, invoice.unpaid, invoice.due_date,
           COALESCE(invoice.count, 0)::int4 AS invoice_count, invoice.name::varchar AS invoice_name
      FROM (SELECT part.order_id,
                   SUM(part.undelivered) AS undelivered, SUM(part.undelivered_other) AS undelivered_other,
                   BOOL_OR(part.is_undelivered) AS is_undelivered,
                   BOOL_OR(part.is_undelivered_other) AS is_undelivered_other,
                   SUM(part.uninvoiced) AS uninvoiced, SUM(part.uninvoiced_closed) AS uninvoiced_closed,
                   SUM(part.to_invoice) AS to_invoice, SUM(part.to_invoice_closed) AS to_invoice_closed,
                   MAX(part.lead_days) AS lead_days, BOOL_OR(part.has_draft) AS has_draft
              FROM (%s) AS part GROUP BY part.order_id) AS open_line
      FULL JOIN (SELECT part.order_id, SUM(part.unpaid) AS unpaid,
                        MIN(part.due_date) FILTER (WHERE part.unpaid > 0) AS due_date,
                        COUNT(*) FILTER (WHERE part.unpaid > 0) AS count,
                        MIN(part.name) FILTER (WHERE part.unpaid > 0) AS name
                   FROM (%s) AS part GROUP BY part.order_id) AS invoice ON invoice.order_id = open_line.order_id""",
            self._get_open_lines_sql(ids, move_ids),
            self._get_unpaid_sql([] if self.env.context.get("deal_without_payment") else move_ids),
        )

    def _get_open_lines_sql(self, ids, move_ids):
        """Per order line, what is not delivered and not invoiced, in the order's currency.

        - Not delivered: the share of the line's value that the quantity not delivered is.
        - Not invoiced: the value of the quantity to invoice, less what posted invoices have of the line. With all
          of the quantity invoiced nothing is left, also at another price. A down payment that is not deducted yet
          counts against it. Draft invoices count as not invoiced.
        """

        def left(quantity):
            # rounded as the line of an invoice would be; never past nothing, also where the line is negative
            return SQL(
                """CASE WHEN line.is_downpayment THEN -COALESCE(line.untaxed_amount_invoiced, 0)
                WHEN NOT line.has_draft AND ABS(line.qty_invoiced) >= ABS(%(quantity)s) THEN 0
                WHEN line.unit * %(quantity)s < 0
                THEN LEAST(ROUND(line.unit * %(quantity)s, currency.decimal_places)
                           - COALESCE(line.untaxed_amount_invoiced, 0), 0)
                ELSE GREATEST(ROUND(line.unit * %(quantity)s, currency.decimal_places)
                              - COALESCE(line.untaxed_amount_invoiced, 0), 0) END""",
                quantity=quantity,
            )

        drafts = SQL(
            """
            SELECT rel.order_line_id
              FROM account_move AS move
              JOIN account_move_line AS item ON item.move_id = move.id
              JOIN sale_order_line_invoice_rel AS rel ON rel.invoice_line_id = item.id
             WHERE move.move_type = 'out_invoice' AND move.move_type IN ('out_invoice', 'out_refund')
               AND move.state = 'draft'
               AND (move.state = 'draft' OR move.state = 'posted' AND move.amount_residual <> 0)
               AND move.company_id = ANY(%(companies)s::int[]) %(invoiced)s""",
            companies=self.env.companies.ids,
            invoiced=self._get_ids_sql(SQL("move.id"), move_ids),
        )
        columns = SQL(
            """line.order_id, line.is_downpayment, line.qty_invoiced, line.qty_delivered, line.product_uom_qty,
                   line.untaxed_amount_invoiced, line.currency_id, line.customer_lead,
                   line.qty_delivered_method IS NOT DISTINCT FROM 'stock_move' AND line.product_uom_qty > 0 AS is_goods,
                   %(billable)s AS billable, %(undelivered)s AS undelivered,
                   CASE WHEN line.product_uom_qty <> 0 THEN line.price_subtotal / line.product_uom_qty
                        -- added at the delivery: what core counts of it, without taxes that are included
                        ELSE COALESCE((COALESCE(line.untaxed_amount_invoiced, 0)
                                       + COALESCE(line.untaxed_amount_to_invoice, 0))
                                      / NULLIF(%(billable)s, 0), 0) END AS unit""",
            billable=BILLABLE,
            undelivered=UNDELIVERED,
        )
        value = SQL("ROUND(line.unit * line.undelivered, currency.decimal_places)")
        ordered = SQL(
            "CASE WHEN line.product_uom_qty > 0 THEN GREATEST(line.billable, line.product_uom_qty)"
            " ELSE line.billable END"
        )
        delivered = SQL("LEAST(line.billable, line.qty_delivered)")

        def when_closed(otherwise):
            return SQL("CASE WHEN line.is_goods THEN %s ELSE %s END", delivered, otherwise)

        return SQL(
            """
    SELECT line.order_id, %(value)s AS undelivered, CASE WHEN NOT line.is_goods THEN %(value)s END AS undelivered_other,
           line.undelivered > 0 AS is_undelivered, line.undelivered > 0 AND NOT line.is_goods AS is_undelivered_other,
           %(uninvoiced)s AS uninvoiced, %(uninvoiced_closed)s AS uninvoiced_closed,
           %(to_invoice)s AS to_invoice, %(to_invoice_closed)s AS to_invoice_closed,
           CASE WHEN line.undelivered > 0 THEN line.customer_lead::numeric END AS lead_days, line.has_draft
      FROM (SELECT %(columns)s, FALSE AS has_draft
              FROM sale_order_line AS line
             WHERE %(open)s %(ids)s AND line.id NOT IN (%(drafts)s)
             UNION ALL
            SELECT %(columns)s, TRUE AS has_draft
              FROM sale_order_line AS line
             WHERE line.state = 'sale' AND line.display_type IS NULL %(ids)s AND line.id IN (%(drafts)s)) AS line
      JOIN res_currency AS currency ON currency.id = line.currency_id""",
            value=value,
            uninvoiced=left(ordered),
            uninvoiced_closed=left(when_closed(ordered)),
            to_invoice=left(SQL("line.billable")),
            to_invoice_closed=left(when_closed(SQL("line.billable"))),
            columns=columns,
            open=OPEN_LINE,
            ids=self._get_ids_sql(SQL("line.order_id"), ids),
            drafts=drafts,
        )

    def _get_unpaid_sql(self, move_ids):
        """Per unpaid invoice and order, its share of the residual, in the currency of the invoice's company.

        Payments that are under way and have no journal entry are not in Odoo's residual: they are deducted. The
        shares go by the lines' amounts with taxes; rounded as they add up, their sum is the residual to the cent.
        Odoo's due date of an invoice in instalments is that of the last one: here the earliest that is open counts.
        """
        due_date = SQL(
            """CASE WHEN move.invoice_payment_term_id IN (SELECT term.payment_id FROM account_payment_term_line AS term
                                                           GROUP BY term.payment_id HAVING COUNT(*) > 1)
                    THEN (SELECT MIN(due.date_maturity) FROM account_move_line AS due
                           WHERE due.move_id = move.id AND due.display_type = 'payment_term'
                             AND due.amount_residual <> 0)
                    END"""
        )
        return SQL(
            """
    SELECT share.order_id, share.due_date, share.name,
           ROUND(open.unpaid * share.until / NULLIF(share.total, 0), currency.decimal_places)
             - ROUND(open.unpaid * (share.until - share.part) / NULLIF(share.total, 0), currency.decimal_places)
               AS unpaid
      FROM (WITH billed AS MATERIALIZED (
                SELECT move.id, move.company_id, move.name,
                       COALESCE(%(due_date)s, move.invoice_date_due) AS due_date,
                       move.amount_residual_signed AS residual, MIN(sold.order_id) AS order_id,
                       MIN(sold.order_id) = MAX(sold.order_id) AND COUNT(*) = COUNT(sold.order_id) AS is_of_one,
                       SUM(item.price_total) AS total
                  FROM account_move AS move
                  JOIN account_move_line AS item ON item.move_id = move.id AND item.display_type = 'product'
                  LEFT JOIN sale_order_line_invoice_rel AS rel ON rel.invoice_line_id = item.id
                  LEFT JOIN sale_order_line AS sold ON sold.id = rel.order_line_id
                 WHERE %(unpaid)s %(invoiced)s
                 GROUP BY move.id
                HAVING COUNT(sold.order_id) > 0)
            SELECT billed.id, billed.company_id, billed.name, billed.due_date, billed.residual, billed.order_id,
                   billed.total AS part, billed.total, billed.total AS until
              FROM billed WHERE billed.is_of_one
             UNION ALL
            SELECT part.*, SUM(part.part) OVER (PARTITION BY part.id) AS total,
                   SUM(part.part) OVER (PARTITION BY part.id ORDER BY part.order_id) AS until
              FROM (SELECT billed.id, billed.company_id, billed.name, billed.due_date, billed.residual,
                           sold.order_id, SUM(item.price_total) AS part
                      FROM billed
                      JOIN account_move_line AS item ON item.move_id = billed.id AND item.display_type = 'product'
                      LEFT JOIN sale_order_line_invoice_rel AS rel ON rel.invoice_line_id = item.id
                      LEFT JOIN sale_order_line AS sold ON sold.id = rel.order_line_id
                     WHERE NOT billed.is_of_one
                     GROUP BY billed.id, billed.company_id, billed.name, billed.due_date, billed.residual,
                              sold.order_id) AS part) AS share
      JOIN res_company AS company ON company.id = share.company_id
      JOIN res_currency AS currency ON currency.id = company.currency_id
      LEFT JOIN (%(payments)s) AS paid ON paid.invoice_id = share.id
     CROSS JOIN LATERAL (SELECT ROUND(share.residual * GREATEST(1 - COALESCE(paid.ratio, 0), 0),
                                      currency.decimal_places) AS unpaid) AS open
     WHERE share.order_id IS NOT NULL AND open.unpaid <> 0""",
            # looking for those of many invoices costs more than reading all that are under way
            payments=self._get_payments_sql(None if self.env.context.get("deal_without_step") else move_ids),
            due_date=due_date,
            unpaid=self._get_unpaid_condition(),
            invoiced=self._get_ids_sql(SQL("move.id"), move_ids),
        )

    def _get_unpaid_condition(self):
        # with the condition of the index _open_sale_idx
        return SQL(
            """move.move_type IN ('out_invoice', 'out_refund')
               AND (move.state = 'draft' OR move.state = 'posted' AND move.amount_residual <> 0)
               AND move.state = 'posted' AND move.company_id = ANY(%s::int[])""",
            self.env.companies.ids,
        )

    def _get_payments_sql(self, move_ids):
        """Per invoice, the share of its residual that payments without journal entry pay.

        Like Odoo's payment status, a payment that is paid counts as long as the invoice is not reconciled with
        anything. A payment of several invoices pays the same share of each.
        """
        return SQL(
            """
    SELECT payment.invoice_id, SUM(payment.amount / NULLIF(payment.residual, 0)) AS ratio
      FROM (SELECT link.invoice_id,
                   CASE WHEN payment.currency_id = move.currency_id THEN payment.amount
                        ELSE ABS(payment.amount_company_currency_signed) END AS amount,
                   SUM(CASE WHEN payment.currency_id = move.currency_id THEN ABS(move.amount_residual)
                            ELSE ABS(move.amount_residual_signed) END) OVER (PARTITION BY payment.id) AS residual
              FROM account_payment AS payment
              JOIN account_move__account_payment AS link ON link.payment_id = payment.id
              JOIN account_move AS move ON move.id = link.invoice_id
             WHERE payment.move_id IS NULL
               AND (payment.state = 'in_process'
                    OR payment.state = 'paid' AND move.amount_residual_signed = move.amount_total_signed)
               AND %(unpaid)s %(paid)s) AS payment
     GROUP BY payment.invoice_id""",
            unpaid=self._get_unpaid_condition(),
            # with all the invoices of those payments
            paid=SQL()
            if move_ids is None
            else SQL(
                """AND payment.id IN (SELECT link.payment_id FROM account_move__account_payment AS link
                                       WHERE TRUE %s)""",
                self._get_ids_sql(SQL("link.invoice_id"), move_ids),
            ),
        )
