from odoo import models
from odoo.tools import SQL

from ...tools.attribution import KINDS

# Digit that makes the id of a touch unique among the tables it comes from.
TOUCH_CODES = {"reply": 1, "click": 2, "inquiry": 3, "contact": 4, "open": 5, "sent": 6, "clicked": 7}
# The figures that are added up; what is derived of them is computed by the reports.
COUNTS = (
    *("sent_count", "opened_count", "clicked_count", "response_count", "lead_count", "inquiry_count"),
    *("order_count", "new_customer_count"),
)
AMOUNTS = ("entered_cost", "bill_cost", "revenue", "profit")


class PartnerCampaignQuery(models.AbstractModel):
    """The statements that campaigns and sources are measured by.

    SQL: each sale is set against all touches of its customer in one pass and given to one of them, and the figures
    come from seven tables that nothing but the campaign links. Defined by `tools/attribution.py`.

    An axis is what sales are credited to: ``campaign`` or ``source``. The source of a lead is what the prospect
    answered when asked, where nothing else tells it.
    """

    _name = "partner.campaign.query"
    _description = "Statements of Campaign Results"
    _depends = {
        "account.account": ["account_type"],
        "account.move": [
            "amount_untaxed_in_currency_signed", "amount_untaxed_signed", "campaign_id", "commercial_partner_id",
            "company_id", "currency_id", "date", "invoice_date", "medium_id", "move_type",
            "partner_id", "payment_state", "replaced_move_id", "reversed_entry_id", "source_id", "state",
        ],
        "account.move.line": [
            "account_id", "balance", "cost_campaign_id", "display_type", "move_id", "sale_cost", "sale_line_ids",
        ],
        "account.partial.reconcile": ["credit_move_id", "debit_move_id", "exchange_move_id"],
        "crm.lead": [
            "asked_source_id", "campaign_id", "company_id", "email_normalized", "inquiry_date", "is_inquiry",
            "medium_id", "partner_id", "source_id",
        ],
        "link.tracker.click": ["create_date", "mailing_trace_id"],
        "mailing.mailing": ["medium_id", "source_id"],
        "mailing.trace": [
            "campaign_id", "email", "is_test_trace", "links_click_datetime", "mass_mailing_id", "model",
            "open_datetime", "reply_datetime", "res_id", "sent_datetime",
        ],
        "partner.campaign.cost": ["campaign_id", "company_id", "cost", "date", "medium_id", "source_id"],
        "partner.contact.log": [
            "campaign_id", "commercial_partner_id", "company_id", "date", "direction", "mailing_id", "partner_id",
            "state",
        ],
        "res.company": ["campaign_days", "campaign_model", "campaign_touch", "currency_id"],
        "res.partner": ["active", "commercial_partner_id", "email_normalized"],
        "sale.order": [
            "campaign_id", "company_id", "date_order", "medium_id", "opportunity_id", "partner_id",
            "partner_invoice_id", "source_id", "state",
        ],
        "sale.order.line": ["invoice_lines", "order_id"],
        "utm.campaign": ["company_id"],
    }  # fmt: skip

    def _get_companies_sql(self):
        """The active companies with time zone, settings and rate into the current currency."""
        main = self.env.company
        # sudo: time zone, settings and currency of companies that the user has chosen
        companies = (self.env.companies | main).sudo()
        rates = self.env["res.currency"]._get_company_conversions(companies)
        rows = []
        for company in companies:
            rows.append(
                SQL(
                    "(%s, %s, %s::numeric, %s, %s, %s::text[], %s)",
                    company.id,
                    # SQL: the time zone is read in the statement, not in two before it
                    companies._get_zone_sql(SQL("%s", company.id)),
                    rates[company.id],
                    company.campaign_days,
                    company.campaign_model or "last",
                    [*KINDS[company.campaign_touch or "response"]],
                    1 if company.campaign_model == "first" else -1,
                )
            )
        return SQL(
            "SELECT * FROM (VALUES %s) AS company (id, tz, rate, window_days, model, kinds, direction)",
            SQL(", ").join(rows),
        )

    def _get_touch_kinds(self):
        """The kinds of touches that count in any of the active companies."""
        # sudo: settings of companies that the user has chosen
        companies = (self.env.companies | self.env.company).sudo()
        return {kind for company in companies for kind in KINDS[company.campaign_touch or "response"]}

    def _get_touches_sql(self, axis="campaign"):
        """Everything that linked a customer with a campaign (or a source), with its day if only that is known."""
        kinds = self._get_touch_kinds()
        has_key = {
            "campaign": SQL("touch.campaign_id IS NOT NULL"),
            "source": SQL("touch.source_id IS NOT NULL"),
        }[axis]

        def letters(kind, moment, join=None, touch_id=None):
            # A letter to a lead, an order or an invoice is one to its contact; one to anything else, such as the
            # address of a mailing list, to whoever has the address.
            return SQL(
                """
    SELECT %(touch_id)s AS id, %(kind)s AS kind, 'mailing.trace' AS res_model, trace.id AS res_id,
           person.id AS partner_id, person.commercial_partner_id AS customer, campaign.company_id,
           trace.campaign_id, mailing.source_id, mailing.medium_id, %(moment)s AS moment, NULL::date AS day
      FROM mailing_trace AS trace
      JOIN mailing_mailing AS mailing ON mailing.id = trace.mass_mailing_id
      LEFT JOIN utm_campaign AS campaign ON campaign.id = trace.campaign_id
      LEFT JOIN crm_lead AS lead ON trace.model = 'crm.lead' AND lead.id = trace.res_id
      LEFT JOIN sale_order AS ordered ON trace.model = 'sale.order' AND ordered.id = trace.res_id
      LEFT JOIN account_move AS billed ON trace.model = 'account.move' AND billed.id = trace.res_id
      %(join)s
      JOIN res_partner AS person
        ON person.id = CASE trace.model WHEN 'res.partner' THEN trace.res_id
                       ELSE COALESCE(lead.partner_id, ordered.partner_id, billed.partner_id) END
     WHERE %(moment)s IS NOT NULL AND trace.is_test_trace IS NOT TRUE
     UNION ALL
    SELECT %(touch_id)s, %(kind)s, 'mailing.trace', trace.id,
           person.id, person.commercial_partner_id, campaign.company_id,
           trace.campaign_id, mailing.source_id, mailing.medium_id, %(moment)s, NULL
      FROM mailing_trace AS trace
      JOIN mailing_mailing AS mailing ON mailing.id = trace.mass_mailing_id
      LEFT JOIN utm_campaign AS campaign ON campaign.id = trace.campaign_id
      %(join)s
      JOIN LATERAL (SELECT found.id, found.commercial_partner_id FROM res_partner AS found
                     WHERE found.email_normalized = trace.email AND found.active
                     ORDER BY found.id LIMIT 1) AS person ON TRUE
     WHERE trace.model NOT IN ('res.partner', 'crm.lead', 'sale.order', 'account.move')
       AND %(moment)s IS NOT NULL AND trace.is_test_trace IS NOT TRUE""",
                touch_id=touch_id or SQL("trace.id::int8 * 10 + %s", TOUCH_CODES[kind]),
                kind=kind,
                moment=moment,
                join=join or SQL(),
            )

        parts = [
            letters("reply", SQL("trace.reply_datetime")),
            letters(
                "click",
                SQL("COALESCE(click.create_date, trace.links_click_datetime)"),
                # each click is a touch; of a click that is known by its letter alone, that one
                join=SQL("LEFT JOIN link_tracker_click AS click ON click.mailing_trace_id = trace.id"),
                touch_id=SQL(
                    "COALESCE(click.id::int8 * 10 + %s, trace.id::int8 * 10 + %s)",
                    TOUCH_CODES["click"],
                    TOUCH_CODES["clicked"],
                ),
            ),
            SQL(
                """
    SELECT lead.id::int8 * 10 + %s, 'inquiry', 'crm.lead', lead.id, person.id, person.commercial_partner_id,
           lead.company_id, lead.campaign_id, COALESCE(lead.source_id, lead.asked_source_id), lead.medium_id,
           -- the day is one of the company, noon as well
           CASE WHEN lead.inquiry_date IS NULL
                  OR (lead.create_date AT TIME ZONE 'UTC' AT TIME ZONE company.tz)::date = lead.inquiry_date
                THEN lead.create_date
                ELSE (lead.inquiry_date + TIME '12:00') AT TIME ZONE company.tz AT TIME ZONE 'UTC' END,
           lead.inquiry_date
      FROM crm_lead AS lead
      JOIN res_partner AS person ON person.id = lead.partner_id
      JOIN company ON company.id = COALESCE(lead.company_id, %s)
     WHERE COALESCE(lead.campaign_id, lead.source_id, lead.asked_source_id) IS NOT NULL""",
                TOUCH_CODES["inquiry"],
                self.env.company.id,
            ),
            SQL(
                """
    SELECT log.id::int8 * 10 + %s, 'contact', 'partner.contact.log', log.id, log.partner_id,
           log.commercial_partner_id, log.company_id, log.campaign_id, mailing.source_id, mailing.medium_id,
           log.date, NULL
      FROM partner_contact_log AS log
      LEFT JOIN mailing_mailing AS mailing ON mailing.id = log.mailing_id
     WHERE log.campaign_id IS NOT NULL AND log.state = 'done'""",
                TOUCH_CODES["contact"],
            ),
        ]
        if "open" in kinds:
            parts.append(letters("open", SQL("trace.open_datetime")))
        if "sent" in kinds:
            parts.append(letters("sent", SQL("trace.sent_datetime")))
        return SQL(
            """SELECT touch.* FROM (%s) AS touch
                WHERE %s AND touch.customer IS NOT NULL
                  AND (touch.company_id IS NULL OR touch.company_id IN (SELECT company.id FROM company))""",
            SQL(" UNION ALL ").join(parts),
            has_key,
        )

    def _get_attribution_sql(self, axis="campaign"):
        """Common table expressions: ``company``, ``touch``, ``chosen`` (documents) and ``sale`` (parts of
        invoices that are credited to a campaign or source).

        A part of an invoice is what it has of one order, or of none. An order decides for its parts, an invoice for
        what it has of no order; a credit note follows what it reverses, and an invoice that replaces a reversed one is
        decided by the touches before that.
        """
        own, lead = {
            "campaign": (SQL("document.campaign_id"), SQL("lead.campaign_id")),
            "source": (SQL("document.source_id"), SQL("COALESCE(lead.source_id, lead.asked_source_id)")),
        }[axis]
        key = {"campaign": SQL("touch.campaign_id"), "source": SQL("touch.source_id")}[axis]
        moves = self.env["account.move"]
        return SQL(
            """
    company AS MATERIALIZED (%(companies)s),
    touch AS MATERIALIZED (%(touches)s),
    orders AS MATERIALIZED (
        SELECT document.id, document.company_id, document.state, person.commercial_partner_id AS customer,
               payer.commercial_partner_id AS payer,
               (document.date_order AT TIME ZONE 'UTC' AT TIME ZONE company.tz)::date AS day,
               %(own)s AS own, %(lead)s AS lead_key, document.medium_id AS own_medium, lead.medium_id AS lead_medium
          FROM sale_order AS document
          JOIN company ON company.id = document.company_id
          JOIN res_partner AS person ON person.id = document.partner_id
          LEFT JOIN res_partner AS payer ON payer.id = document.partner_invoice_id
          LEFT JOIN crm_lead AS lead ON lead.id = document.opportunity_id
         WHERE %(own)s IS NOT NULL OR %(lead)s IS NOT NULL
            OR person.commercial_partner_id IN (SELECT touch.customer FROM touch)),
    moves AS MATERIALIZED (
        SELECT document.id, document.company_id, document.move_type, document.commercial_partner_id AS customer,
               document.invoice_date AS day, document.reversed_entry_id, %(own)s AS own,
               document.medium_id AS own_medium, COALESCE(replaced.invoice_date, document.invoice_date) AS sold_on
          FROM account_move AS document
          LEFT JOIN account_move AS replaced ON replaced.id = document.replaced_move_id
          JOIN (SELECT document.id FROM account_move AS document WHERE %(own)s IS NOT NULL
                 UNION
                SELECT document.id
                  FROM (SELECT customer FROM touch UNION SELECT payer FROM orders UNION SELECT customer FROM orders)
                    AS met
                  JOIN account_move AS document ON document.commercial_partner_id = met.customer
                   AND document.state = 'posted' AND document.move_type IN ('out_invoice', 'out_refund')
                   AND document.company_id IN (SELECT company.id FROM company)
                 UNION
                -- who pays may have become another one on the invoice
                SELECT line.move_id
                  FROM orders
                  JOIN sale_order_line AS item ON item.order_id = orders.id
                  JOIN sale_order_line_invoice_rel AS rel ON rel.order_line_id = item.id
                  JOIN account_move_line AS line ON line.id = rel.invoice_line_id) AS wanted
            ON wanted.id = document.id
         WHERE document.state = 'posted' AND document.move_type IN ('out_invoice', 'out_refund')
           AND document.company_id IN (SELECT company.id FROM company)),
    document AS MATERIALIZED (
        SELECT 'order' AS kind, id, company_id, customer, day, own, lead_key, own_medium, lead_medium FROM orders
         UNION ALL
        SELECT 'move', id, company_id, customer, sold_on, own, NULL::int4, own_medium, NULL::int4 FROM moves
         WHERE move_type = 'out_invoice' OR own IS NOT NULL),
    waiting AS MATERIALIZED (
        SELECT document.kind, document.id, document.company_id, document.customer, document.day, company.tz,
               company.kinds, company.window_days, company.direction
          FROM document
          JOIN company ON company.id = document.company_id
         WHERE document.own IS NULL AND document.lead_key IS NULL AND company.model != 'explicit'),
    -- A full join cannot compare each document with each touch, which the planner chooses where it takes either for a
    -- few; the conditions are a CASE lest it sees that nothing without a partner passes.
    matched AS MATERIALIZED (
        SELECT DISTINCT ON (waiting.kind, waiting.id) waiting.kind, waiting.id, touch.id AS touch_id,
               %(key)s AS key, touch.medium_id
          FROM waiting
          FULL JOIN touch ON touch.customer = waiting.customer
         CROSS JOIN LATERAL (
               SELECT COALESCE(touch.day, (touch.moment AT TIME ZONE 'UTC' AT TIME ZONE waiting.tz)::date)) AS at (day)
         WHERE CASE WHEN waiting.id IS NULL OR touch.id IS NULL THEN FALSE
                    ELSE touch.kind = ANY(waiting.kinds)
                     AND (touch.company_id IS NULL OR touch.company_id = waiting.company_id)
                     AND waiting.day - at.day BETWEEN 0 AND waiting.window_days END
         ORDER BY waiting.kind, waiting.id, (at.day - DATE '2000-01-01') * waiting.direction,
                  EXTRACT(EPOCH FROM touch.moment) * waiting.direction, touch.id * waiting.direction),
    chosen AS MATERIALIZED (
        SELECT document.kind, document.id, document.company_id, document.customer, document.day,
               COALESCE(document.own, document.lead_key, matched.key) AS key,
               CASE WHEN document.own IS NOT NULL THEN document.own_medium
                    WHEN document.lead_key IS NOT NULL THEN document.lead_medium
                    ELSE matched.medium_id END AS medium_id,
               CASE WHEN document.own IS NOT NULL THEN 'document' WHEN document.lead_key IS NOT NULL THEN 'lead'
                    WHEN matched.key IS NOT NULL THEN 'touch' END AS how,
               matched.touch_id
          FROM document
          LEFT JOIN matched ON matched.kind = document.kind AND matched.id = document.id),
    part AS MATERIALIZED (
        SELECT MIN(line.id) AS id, line.move_id, line.order_id, SUM(-line.balance) AS revenue,
               CASE WHEN COUNT(*) = COUNT(line.sale_cost) THEN SUM(-line.balance - line.sale_cost) END AS profit
          FROM (SELECT line.id, line.move_id, line.balance, line.sale_cost, MIN(item.order_id) AS order_id
                  FROM moves
                  JOIN account_move_line AS line ON line.move_id = moves.id AND line.display_type = 'product'
                  LEFT JOIN sale_order_line_invoice_rel AS rel ON rel.invoice_line_id = line.id
                  LEFT JOIN sale_order_line AS item ON item.id = rel.order_line_id
                 GROUP BY line.id) AS line
         GROUP BY line.move_id, line.order_id),
    root AS MATERIALIZED (
        SELECT move_id, MIN(order_id) AS order_id, MIN(id) AS part_id FROM part GROUP BY move_id),
    credit AS MATERIALIZED (
        SELECT reversed_entry_id AS id, %(credited)s
          FROM account_move
         WHERE state = 'posted' AND move_type = 'out_refund' AND reversed_entry_id IS NOT NULL
           AND company_id IN (SELECT company.id FROM company)
         GROUP BY reversed_entry_id),
    -- as the stage counts: not what was taken back in full
    first_sale AS MATERIALIZED (
        SELECT DISTINCT ON (move.company_id, move.commercial_partner_id) move.id, root.part_id
          FROM account_move AS move
          LEFT JOIN root ON root.move_id = move.id
          LEFT JOIN credit ON credit.id = move.id
         WHERE move.state = 'posted' AND move.move_type = 'out_invoice' AND move.amount_untaxed_signed > 0
           AND move.company_id IN (SELECT company.id FROM company)
           AND move.commercial_partner_id IN (SELECT moves.customer FROM moves)
           AND CASE WHEN %(left)s <= 0 THEN FALSE
                    WHEN move.payment_state = 'reversed' THEN NOT %(by_credit)s ELSE TRUE END
         ORDER BY move.company_id, move.commercial_partner_id, move.invoice_date, move.id),
    sale AS MATERIALIZED (
        SELECT part.id, part.move_id, decided.order_id, moves.company_id, moves.customer AS partner_id,
               moves.day AS date, chosen.key, chosen.medium_id, chosen.how, chosen.touch_id, chosen.day AS decided_on,
               part.revenue, part.profit, moves.move_type = 'out_refund' AS is_refund,
               (first_sale.id IS NOT NULL AND part.id = first_sale.part_id) AS is_new
          FROM part
          JOIN moves ON moves.id = part.move_id
          LEFT JOIN root ON root.move_id = moves.reversed_entry_id
          LEFT JOIN first_sale ON first_sale.id = moves.id
         CROSS JOIN LATERAL (SELECT COALESCE(part.order_id, root.order_id) AS order_id) AS decided
          JOIN chosen ON chosen.kind = CASE WHEN decided.order_id IS NULL THEN 'move' ELSE 'order' END
           AND chosen.id = COALESCE(decided.order_id, moves.reversed_entry_id, moves.id)
           AND chosen.key IS NOT NULL)""",
            companies=self._get_companies_sql(),
            touches=self._get_touches_sql(axis),
            own=own,
            lead=lead,
            key=key,
            credited=moves._get_credit_columns_sql(),
            left=moves._get_left_after_credit_sql(SQL("move"), SQL("credit")),
            by_credit=moves._get_settled_by_credit_sql(SQL("move.id")),
        )

    def _get_results_sql(self, axis="campaign"):
        """The figures of each campaign, or of each source and medium, in each company, in its currency.

        ``start`` is the first day with a cost, for the payback.
        """
        # Where the two axes differ, by table.
        campaign = axis == "campaign"
        trace_key = SQL("trace.campaign_id") if campaign else SQL("mailing.source_id")
        lead_key = (
            SQL("lead.campaign_id") if campaign else SQL("COALESCE(lead.source_id, lead.asked_source_id)")
        )
        cost_key = SQL("cost.campaign_id") if campaign else SQL("cost.source_id")
        bill_key = (
            SQL("COALESCE(line.cost_campaign_id, move.campaign_id)") if campaign else SQL("move.source_id")
        )
        touch_key = SQL("touch.campaign_id") if campaign else SQL("touch.source_id")

        def medium(column):
            # A campaign is one row however many media it uses.
            return SQL("NULL::int4") if campaign else SQL.identifier(*column.split("."))

        def fact(key, medium_sql, company, figures, source, start=None):
            columns = [
                SQL("%s AS %s", figures.get(name, SQL("NULL::numeric")), SQL.identifier(name))
                for name in (*COUNTS, *AMOUNTS)
            ]
            return SQL(
                "SELECT %s AS key, %s AS medium_id, %s AS company_id, %s AS start, %s %s",
                key, medium_sql, company, start or SQL("NULL::date"), SQL(", ").join(columns), source,
            )  # fmt: skip

        facts = [
            fact(
                cost_key,
                medium("cost.medium_id"),
                SQL("cost.company_id"),
                {"entered_cost": SQL("SUM(cost.cost)")},
                SQL(
                    """FROM partner_campaign_cost AS cost
                WHERE %s IS NOT NULL AND cost.company_id IN (SELECT company.id FROM company) GROUP BY 1, 2, 3""",
                    cost_key,
                ),
                SQL("MIN(cost.date)"),
            ),
            fact(
                bill_key,
                medium("move.medium_id"),
                SQL("move.company_id"),
                {"bill_cost": SQL("SUM(line.balance)")},
                self._get_bills_sql(bill_key, SQL("GROUP BY 1, 2, 3")),
                SQL("MIN(move.date)"),
            ),
            # once per address and campaign, however many mailings it had
            fact(
                trace_key,
                medium("mailing.medium_id"),
                SQL("COALESCE(campaign.company_id, %s)", self.env.company.id),
                {
                    "sent_count": SQL("COUNT(DISTINCT trace.email)"),
                    "opened_count": SQL(
                        "COUNT(DISTINCT trace.email) FILTER (WHERE trace.open_datetime IS NOT NULL"
                        " OR trace.links_click_datetime IS NOT NULL)"
                    ),
                    "clicked_count": SQL(
                        "COUNT(DISTINCT trace.email) FILTER (WHERE trace.links_click_datetime IS NOT NULL)"
                    ),
                },
                SQL(
                    """FROM mailing_trace AS trace
                JOIN mailing_mailing AS mailing ON mailing.id = trace.mass_mailing_id
                LEFT JOIN utm_campaign AS campaign ON campaign.id = trace.campaign_id
               WHERE %s IS NOT NULL AND trace.sent_datetime IS NOT NULL AND trace.is_test_trace IS NOT TRUE
               GROUP BY 1, 2, 3""",
                    trace_key,
                ),
            ),
            fact(
                lead_key,
                medium("lead.medium_id"),
                SQL("COALESCE(lead.company_id, %s)", self.env.company.id),
                {
                    "lead_count": SQL("COUNT(*)"),
                    "inquiry_count": SQL("COUNT(*) FILTER (WHERE lead.is_inquiry)"),
                },
                SQL("FROM crm_lead AS lead WHERE %s IS NOT NULL GROUP BY 1, 2, 3", lead_key),
            ),
            fact(
                SQL("response.key"),
                SQL("response.medium_id"),
                SQL("response.company_id"),
                {"response_count": SQL("COUNT(DISTINCT response.who)")},
                SQL(
                    "FROM (%s) AS response GROUP BY 1, 2, 3",
                    self._get_responses_sql(touch_key, lead_key, trace_key, medium),
                ),
            ),
            fact(
                SQL("chosen.key"),
                medium("chosen.medium_id"),
                SQL("chosen.company_id"),
                {"order_count": SQL("COUNT(*)")},
                SQL(
                    """FROM chosen JOIN orders ON orders.id = chosen.id AND orders.state = 'sale'
               WHERE chosen.kind = 'order' AND chosen.key IS NOT NULL GROUP BY 1, 2, 3"""
                ),
            ),
            fact(
                SQL("sale.key"),
                medium("sale.medium_id"),
                SQL("sale.company_id"),
                {
                    "new_customer_count": SQL("COUNT(*) FILTER (WHERE sale.is_new)"),
                    "revenue": SQL("SUM(sale.revenue)"),
                    # not known as long as the cost of a sale is not
                    "profit": SQL(
                        "CASE WHEN COUNT(*) = COUNT(sale.profit) THEN SUM(sale.profit) ELSE 'NaN'::numeric END"
                    ),
                },
                SQL("FROM sale WHERE sale.key IS NOT NULL GROUP BY 1, 2, 3"),
            ),
        ]
        totals = [
            SQL("COALESCE(SUM(fact.%s), 0) AS %s", SQL.identifier(name), SQL.identifier(name))
            for name in (*COUNTS, *AMOUNTS)
        ]
        return SQL(
            """SELECT fact.key, fact.medium_id, fact.company_id, MIN(fact.start) AS start, %s
                 FROM (%s) AS fact
                WHERE fact.company_id IN (SELECT company.id FROM company)
                GROUP BY fact.key, fact.medium_id, fact.company_id""",
            SQL(", ").join(totals),
            SQL(" UNION ALL ").join(facts),
        )

    def _get_bills_sql(self, key, tail):
        """The lines of posted bills, refunds, receipts and expense entries that are a cost, untaxed."""
        return SQL(
            """FROM account_move_line AS line
                JOIN account_move AS move ON move.id = line.move_id
                JOIN account_account AS account ON account.id = line.account_id
               WHERE %(key)s IS NOT NULL AND move.state = 'posted'
                 AND move.company_id IN (SELECT company.id FROM company)
                 AND (move.move_type IN ('in_invoice', 'in_refund', 'in_receipt') AND line.display_type = 'product'
                      OR move.move_type = 'entry' AND account.account_type LIKE 'expense%%')
               %(tail)s""",
            key=key,
            tail=tail,
        )

    def _get_responses_sql(self, touch_key, lead_key, trace_key, medium):
        """Who answered, wrote, called or asked: a contact, else an address, else the inquiry itself.

        An address is none beside the contact that has it, where that one responded.
        """
        return SQL(
            """
          WITH answered AS (
        SELECT %(touch_key)s AS key, %(touch_medium)s AS medium_id, COALESCE(touch.company_id, %(main)s) AS company_id,
               touch.partner_id, partner.email_normalized AS email
          FROM touch
          LEFT JOIN partner_contact_log AS log ON touch.kind = 'contact' AND log.id = touch.res_id
          LEFT JOIN res_partner AS partner ON partner.id = touch.partner_id
         WHERE touch.kind IN ('reply', 'inquiry') OR log.direction = 'in')
        SELECT key, medium_id, company_id, 'p' || partner_id AS who FROM answered
         UNION ALL
        SELECT address.key, address.medium_id, address.company_id,
               COALESCE('e' || address.email, 'l' || address.lead_id)
          FROM (SELECT %(lead_key)s AS key, %(lead_medium)s AS medium_id,
                       COALESCE(lead.company_id, %(main)s) AS company_id, lead.email_normalized AS email,
                       lead.id AS lead_id
                  FROM crm_lead AS lead
                 WHERE lead.partner_id IS NULL AND %(lead_key)s IS NOT NULL
                 UNION ALL
                SELECT %(trace_key)s, %(trace_medium)s, COALESCE(campaign.company_id, %(main)s), trace.email, NULL
                  FROM mailing_trace AS trace
                  JOIN mailing_mailing AS mailing ON mailing.id = trace.mass_mailing_id
                  LEFT JOIN utm_campaign AS campaign ON campaign.id = trace.campaign_id
                 WHERE trace.reply_datetime IS NOT NULL AND %(trace_key)s IS NOT NULL
                   AND trace.id NOT IN (SELECT touch.res_id FROM touch WHERE touch.kind = 'reply')) AS address
         WHERE NOT EXISTS (SELECT FROM answered
                            WHERE answered.key = address.key AND answered.company_id = address.company_id
                              AND answered.medium_id IS NOT DISTINCT FROM address.medium_id
                              AND answered.email = address.email)""",
            touch_key=touch_key,
            touch_medium=medium("touch.medium_id"),
            lead_key=lead_key,
            lead_medium=medium("lead.medium_id"),
            trace_key=trace_key,
            trace_medium=medium("mailing.medium_id"),
            main=self.env.company.id,
        )

    def _get_earned_sql(self, axis="campaign"):
        """What the sales of a campaign, or of a source and medium, brought in a company, added up day by day."""
        medium = SQL("NULL::int4") if axis == "campaign" else SQL("sale.medium_id")
        return SQL(
            """
        SELECT day.key, day.medium_id, day.company_id, day.date,
               SUM(day.profit) OVER (PARTITION BY day.key, day.medium_id, day.company_id ORDER BY day.date) AS total
          FROM (SELECT sale.key, %s AS medium_id, sale.company_id, sale.date, SUM(sale.profit) AS profit
                  FROM sale WHERE sale.key IS NOT NULL GROUP BY 1, 2, 3, 4) AS day""",
            medium,
        )
