from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

# first, as the file after it extends it
from .partner_deal_report import PartnerDealReport  # noqa: F401
from .partner_deal_report_query import UNDELIVERED

COLUMNS = (
    *(
        "id",
        "document",
        "kind",
        "res_model",
        "res_id",
        "name",
        "partner_id",
        "user_id",
        "team_id",
        "warehouse_id",
    ),
    *(
        "source_warehouse_id",
        "moment",
        "day",
        "in_time",
        "is_complete",
        "product_id",
        "uom_id",
        "quantity",
        "value",
    ),
    "company_id",
)
# Of the lines of a sales order ``o``: which count, whether everything was delivered, whether something is waited for.
COUNTED = SQL("line.display_type IS NULL AND line.is_downpayment IS NOT TRUE")
DELIVERED = SQL(
    "(line.qty_delivered >= line.product_uom_qty OR line.qty_delivered_method IS NOT DISTINCT FROM 'manual')"
)
OPEN = SQL(
    "((%s) > 0 AND NOT (o.delivery_status IS NOT DISTINCT FROM 'full'"
    " AND line.qty_delivered_method IS NOT DISTINCT FROM 'stock_move'))",
    UNDELIVERED,
)
# Whether a service was invoiced as ordered; goods are closed by their delivery.
BILLED = SQL(
    "(line.qty_delivered_method IS NOT DISTINCT FROM 'stock_move' OR line.qty_invoiced >= line.product_uom_qty)"
)


class PartnerClosedOrderReport(models.Model):
    """The statement of the closed orders: four kinds of documents in one table."""

    _inherit = "partner.closed.order.report"

    # ------------------------------------------------------------------
    # Groups
    # ------------------------------------------------------------------
    @api.model
    @api.readonly
    def web_read_group(self, domain, groupby, *args, **kwargs):
        # The groups of a list count and open lines.
        return super(PartnerClosedOrderReport, self.with_context(closed_order_rows=True)).web_read_group(
            domain, groupby, *args, **kwargs
        )

    def _read_group_select(self, aggregate_spec, query):
        def column(name):
            return SQL.identifier(self._table, name)

        if aggregate_spec == "__count":
            # orders; in a list, which pages through them, lines
            if self.env.context.get("closed_order_rows"):
                return SQL("COUNT(*)")
            return SQL("COUNT(DISTINCT %s)", column("document"))
        name, _separator, function = aggregate_spec.partition(":")
        if function == "sum_currency":
            # amounts are in the currency of the current company already
            return super()._read_group_select(f"{name}:sum", query)
        if name == "in_time_rate":
            # of orders, however many lines they have
            return SQL(
                "COUNT(DISTINCT %(document)s) FILTER (WHERE %(in_time)s)::numeric"
                " / NULLIF(COUNT(DISTINCT %(document)s) FILTER (WHERE %(in_time)s IS NOT NULL), 0)",
                document=column("document"),
                in_time=column("in_time"),
            )
        if aggregate_spec == "currency_id:array_agg_distinct":
            # one and the same in every row: no need to sort them
            return SQL("ARRAY[%s]", self.env.company.currency_id.id)
        return super()._read_group_select(aggregate_spec, query)

    # ------------------------------------------------------------------
    # The table
    # ------------------------------------------------------------------
    @property
    def _table_query(self):
        # SQL: documents of four models in one table
        self.env.cr.execute("SET LOCAL jit = off")  # compiling takes longer than reading
        parts = [self._get_customer_sql(), self._get_supplier_sql(), self._get_internal_sql()]
        # the module may be installed later: asked when the report is read
        if "mrp.production" in self.env:
            parts.append(self._get_production_sql())
            self.env["mrp.production"].flush_model()
        factor, rate_join = self.env["partner.turnover.report"]._get_rate_sql()
        return SQL(
            """
    SELECT sale.id, sale.document, sale.kind, sale.res_model, sale.res_id, sale.name, sale.partner_id, sale.user_id,
           sale.team_id, sale.warehouse_id, sale.source_warehouse_id,
           COALESCE(sale.day, %(day)s) AS date, sale.in_time,
           CASE WHEN sale.in_time IS NOT NULL THEN sale.in_time::int::numeric END AS in_time_rate,
           sale.is_complete, sale.product_id, template.categ_id, sale.company_id, %(currency)s::int4 AS currency_id,
           COALESCE(sale.quantity::numeric * uom.factor / product_uom.factor, sale.quantity::numeric) AS quantity,
           sale.value%(factor)s AS value, 1 AS line_count
      FROM (%(rows)s) AS sale
      LEFT JOIN product_product AS product ON product.id = sale.product_id
      LEFT JOIN product_template AS template ON template.id = product.product_tmpl_id
      LEFT JOIN uom_uom AS product_uom ON product_uom.id = template.uom_id
      LEFT JOIN uom_uom AS uom ON uom.id = sale.uom_id
           %(rate)s""",
            day=self._get_day_sql(SQL("sale.moment")),
            currency=self.env.company.currency_id.id,
            factor=factor,
            rows=SQL(" UNION ALL ").join(parts),
            rate=rate_join,
        )

    def _get_day_sql(self, moment):
        """The day of a moment in UTC, for the user."""
        return SQL(
            "(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)::date",
            moment,
            self.env["partner.contact.log"]._get_known_zone(self.env.tz.zone),
        )

    def _select(self, number, table, **columns):
        """Return a SELECT with all columns in their order; those not given are NULL.

        :param number: of the kind, which makes the ids unique
        """
        types = {"partner_id": "int4", "user_id": "int4", "team_id": "int4", "warehouse_id": "int4"}
        types |= {"source_warehouse_id": "int4", "moment": "timestamp", "day": "date", "in_time": "boolean"}
        columns["id"] = SQL("%s::int8 * 4 + %s", columns["id"], number)
        columns["document"] = SQL("%s::int8 * 4 + %s", columns["res_id"], number)
        return SQL(
            "SELECT %s FROM %s",
            SQL(", ").join(
                SQL("%s AS %s", columns.get(name) or SQL("NULL::" + types[name]), SQL.identifier(name))
                for name in COLUMNS
            ),
            table,
        )

    def _get_fulfilled_sql(self, start, end):
        """Return sales orders of which the last was delivered, or invoiced where there are no goods, in a period.

        The same as the report's orders of customers that are complete and closed in the period, without their lines.

        :param date start: first day, of the time zone of the context
        :param date end: last day
        :return: columns res_id, partner_id, user_id, day, in_time; one row an order
        :rtype: SQL
        """
        # Those closed in the period come first, as looking at the lines of all orders takes the longest: by the moment,
        # as the day of each takes time, too; but a midnight may come twice, where clocks are set back to it.
        return SQL(
            """WITH delivered AS MATERIALIZED (%(deliveries)s),
               delivery AS MATERIALIZED (
                   SELECT delivered.order_id, delivered.date, delivered.promised, %(day)s AS day FROM delivered
                    WHERE delivered.date >= %(begin)s - INTERVAL '1 day'
                      AND delivered.date < %(finish)s + INTERVAL '1 day' AND %(day)s BETWEEN %(start)s AND %(end)s
                    UNION ALL
                   SELECT o.id, NULL, NULL, billing.date
                     FROM sale_order AS o
                     JOIN LATERAL (%(billing)s) AS billing ON billing.date BETWEEN %(start)s AND %(end)s
                    WHERE o.state = 'sale' AND o.company_id = ANY(%(companies)s::int[])
                      AND NOT EXISTS (SELECT FROM delivered WHERE delivered.order_id = o.id))
               SELECT o.id AS res_id, contact.commercial_partner_id AS partner_id, o.user_id, delivery.day,
                      %(in_time)s AS in_time
                 FROM delivery
                 JOIN sale_order AS o ON o.id = delivery.order_id
                 JOIN res_partner AS contact ON contact.id = o.partner_id
                WHERE o.state = 'sale' AND o.company_id = ANY(%(companies)s::int[]) AND o.rest_closed IS NOT TRUE
                  AND (SELECT BOOL_AND((NOT %(delivered)s OR %(open)s) IS NOT TRUE
                                       AND (delivery.date IS NOT NULL OR %(billed)s))
                         FROM sale_order_line AS line
                        WHERE line.order_id = delivery.order_id AND %(counted)s)""",
            deliveries=self._get_deliveries_sql(),
            billing=self._get_billing_sql(),
            day=self._get_day_sql(SQL("delivered.date")),
            in_time=self._get_in_time_sql(),
            companies=self.env.companies.ids,
            start=start,
            end=end,
            begin=self._get_moment_sql(start),
            finish=self._get_moment_sql(end + timedelta(days=1)),
            counted=COUNTED,
            delivered=DELIVERED,
            open=OPEN,
            billed=BILLED,
        )

    def _get_moment_sql(self, day):
        """The moment in UTC at which a day of the user begins."""
        zone = self.env["partner.contact.log"]._get_known_zone(self.env.tz.zone)
        return SQL("(%s::timestamp AT TIME ZONE %s AT TIME ZONE 'UTC')", day, zone)

    def _get_deliveries_sql(self):
        """By sales order the last delivery and the last day it was promised for."""
        return SQL(
            """SELECT line.order_id, MAX(move.date) AS date, MAX(move.date_deadline) AS promised
                 FROM stock_move AS move
                 JOIN stock_location AS place ON place.id = move.location_dest_id
                 JOIN sale_order_line AS line ON line.id = move.sale_line_id
                WHERE move.state = 'done' AND move.company_id = ANY(%(companies)s::int[])
                  AND (place.usage = 'customer' OR place.usage = 'transit' AND place.company_id IS NULL)
                GROUP BY line.order_id""",
            companies=self.env.companies.ids,
        )

    def _get_billing_sql(self):
        """The last invoice of the sales order ``o``, none while one is a draft; a further condition may follow."""
        return SQL(
            """SELECT CASE WHEN BOOL_AND(invoice.state = 'posted') THEN MAX(invoice.invoice_date) END AS date
                 FROM sale_order_line AS sold
                 JOIN sale_order_line_invoice_rel AS rel ON rel.order_line_id = sold.id
                 JOIN account_move_line AS item ON item.id = rel.invoice_line_id
                 JOIN account_move AS invoice ON invoice.id = item.move_id
                WHERE sold.order_id = o.id AND sold.is_downpayment IS NOT TRUE
                  AND invoice.state IN ('posted', 'draft') AND invoice.move_type = 'out_invoice'"""
        )

    def _get_in_time_sql(self):
        # what was promised first: whoever is late could move the date
        return SQL(
            "%s <= %s",
            self._get_day_sql(SQL("delivery.date")),
            self._get_day_sql(SQL("COALESCE(o.promised_date, o.commitment_date, delivery.promised)")),
        )

    def _get_customer_sql(self):
        """Lines of sales orders of which nothing is waited for any more.

        Where all transfers are done or cancelled, goods that were not delivered will not be, as in the list of
        unfinished deals: they have no value.
        """
        table = SQL(
            """
           (SELECT o.id, BOOL_AND(%(delivered)s) AS is_delivered, BOOL_AND(%(billed)s) AS is_billed
              FROM sale_order AS o
              JOIN sale_order_line AS line ON line.order_id = o.id AND %(counted)s
             WHERE o.state = 'sale' AND o.company_id = ANY(%(companies)s::int[])
             GROUP BY o.id
            HAVING NOT BOOL_OR(%(open)s)) AS closed
      JOIN sale_order AS o ON o.id = closed.id
      JOIN res_partner AS contact ON contact.id = o.partner_id
      LEFT JOIN (%(deliveries)s) AS delivery ON delivery.order_id = o.id
      LEFT JOIN (SELECT failure.order_id, MAX(part.date) AS date
                   FROM partner_order_failure AS failure
                   JOIN partner_order_failure_line AS part ON part.failure_id = failure.id
                  WHERE failure.kind = 'short' AND failure.state = 'active'
                  GROUP BY failure.order_id) AS rest ON rest.order_id = o.id
      LEFT JOIN LATERAL (%(billing)s AND delivery.order_id IS NULL) AS billing ON TRUE
      JOIN sale_order_line AS line ON line.order_id = o.id AND %(counted)s
     WHERE delivery.date IS NOT NULL OR billing.date IS NOT NULL AND closed.is_billed""",
            companies=self.env.companies.ids,
            deliveries=self._get_deliveries_sql(),
            billing=self._get_billing_sql(),
            counted=COUNTED,
            delivered=DELIVERED,
            open=OPEN,
            billed=BILLED,
        )
        return self._select(
            0,
            table,
            id=SQL("line.id"),
            kind=SQL("'customer'"),
            res_model=SQL("'sale.order'"),
            res_id=SQL("o.id"),
            name=SQL("o.name"),
            partner_id=SQL("contact.commercial_partner_id"),
            user_id=SQL("o.user_id"),
            team_id=SQL("o.team_id"),
            warehouse_id=SQL("o.warehouse_id"),
            moment=SQL("GREATEST(delivery.date, rest.date)"),
            day=SQL("CASE WHEN delivery.date IS NULL THEN billing.date END"),
            in_time=self._get_in_time_sql(),
            is_complete=SQL("closed.is_delivered AND o.rest_closed IS NOT TRUE"),
            product_id=SQL("line.product_id"),
            uom_id=SQL("line.product_uom_id"),
            quantity=SQL("line.qty_delivered"),
            value=SQL(
                """CASE WHEN line.qty_delivered_method = 'stock_move' AND line.product_uom_qty > 0
                        THEN line.price_subtotal * GREATEST(line.qty_delivered, 0) / line.product_uom_qty
                        -- added at the delivery: core has no net price of what was not ordered
                        WHEN line.qty_delivered_method = 'stock_move' AND line.product_uom_qty = 0
                        THEN line.untaxed_amount_invoiced + line.untaxed_amount_to_invoice
                        ELSE line.price_subtotal END / COALESCE(NULLIF(o.currency_rate, 0), 1)"""
            ),
            company_id=SQL("o.company_id"),
        )

    def _get_supplier_sql(self):
        """Lines of purchase orders of which nothing is to come any more; without goods, nor to be billed.

        Odoo leaves the ordered quantity as it is where a rest will not come: only what was received has a value.
        """
        table = SQL(
            """
           (SELECT po.id, BOOL_AND(line.qty_received >= line.product_qty
                                   OR line.qty_received_method IS DISTINCT FROM 'stock_moves') AS is_received,
                   BOOL_OR(line.qty_to_invoice > 0) AS is_to_bill
              FROM purchase_order AS po
              JOIN purchase_order_line AS line ON line.order_id = po.id AND line.display_type IS NULL
             WHERE po.state = 'purchase' AND po.company_id = ANY(%(companies)s::int[])
             GROUP BY po.id, po.receipt_status
            HAVING NOT BOOL_OR(line.product_qty > line.qty_received
                               AND line.qty_received_method IS NOT DISTINCT FROM 'stock_moves'
                               AND po.receipt_status IS DISTINCT FROM 'full')) AS closed
      JOIN purchase_order AS po ON po.id = closed.id
      JOIN res_partner AS contact ON contact.id = po.partner_id
      LEFT JOIN stock_picking_type AS operation ON operation.id = po.picking_type_id
      LEFT JOIN (SELECT part.order_id, MAX(part.date) AS date, BOOL_AND(%(received)s <= %(promised)s) AS in_time
                   FROM (SELECT line.order_id, MAX(move.date) AS date,
                                COALESCE(line.promised_date, line.date_planned) AS promised
                           FROM stock_move AS move
                           JOIN stock_location AS place ON place.id = move.location_id
                           JOIN purchase_order_line AS line ON line.id = move.purchase_line_id
                          WHERE move.state = 'done' AND move.company_id = ANY(%(companies)s::int[])
                            AND (place.usage = 'supplier' OR place.usage = 'transit' AND place.company_id IS NULL
                                 OR place.id = ANY(%(subcontractors)s::int[]))
                          GROUP BY line.id) AS part
                  GROUP BY part.order_id) AS receipt ON receipt.order_id = po.id
      LEFT JOIN LATERAL (
           SELECT MAX(bill.invoice_date) AS date
             FROM purchase_order_line AS bought
             JOIN account_move_line AS item ON item.purchase_line_id = bought.id
             JOIN account_move AS bill ON bill.id = item.move_id
            WHERE bought.order_id = po.id AND bill.state = 'posted' AND bill.move_type = 'in_invoice') AS billing
        ON receipt.order_id IS NULL
      JOIN purchase_order_line AS line ON line.order_id = po.id AND line.display_type IS NULL
     WHERE receipt.date IS NOT NULL OR billing.date IS NOT NULL AND closed.is_to_bill IS NOT TRUE""",
            companies=self.env.companies.ids,
            subcontractors=self._get_subcontracting_locations().ids,
            received=self._get_day_sql(SQL("part.date")),
            promised=self._get_day_sql(SQL("part.promised")),
        )
        return self._select(
            1,
            table,
            id=SQL("line.id"),
            kind=SQL("'supplier'"),
            res_model=SQL("'purchase.order'"),
            res_id=SQL("po.id"),
            name=SQL("po.name"),
            partner_id=SQL("contact.commercial_partner_id"),
            user_id=SQL("po.user_id"),
            warehouse_id=SQL("operation.warehouse_id"),
            moment=SQL("receipt.date"),
            day=SQL("CASE WHEN receipt.date IS NULL THEN billing.date END"),
            in_time=SQL("receipt.in_time"),
            is_complete=SQL("closed.is_received"),
            product_id=SQL("line.product_id"),
            uom_id=SQL("line.product_uom_id"),
            quantity=SQL("line.qty_received"),
            value=SQL(
                """CASE WHEN line.qty_received_method = 'stock_moves' AND line.product_qty > 0
                        THEN line.price_subtotal * GREATEST(line.qty_received, 0) / line.product_qty
                        ELSE line.price_subtotal END / COALESCE(NULLIF(po.currency_rate, 0), 1)"""
            ),
            company_id=SQL("po.company_id"),
        )

    def _get_subcontracting_locations(self):
        """Where subcontractors deliver from: with mrp_subcontracting, internal locations."""
        # sudo: which locations are whose; the rows of the report are restricted by themselves
        companies = self.env.companies.sudo()
        locations = self.env["stock.location"].sudo().with_context(active_test=False)
        if "subcontracting_location_id" not in companies._fields:
            return locations
        return locations.search([("id", "child_of", companies.subcontracting_location_id.ids)])

    def _get_cost_sql(self):
        """The cost of a move's quantity, today's of the product in the move's company."""
        return SQL(
            """ROUND((move.quantity * uom.factor / product_uom.factor)::numeric
                 * COALESCE((product.standard_price ->> move.company_id::text)::numeric, 0),
                 company_currency.decimal_places)"""
        )

    def _get_move_joins_sql(self):
        return SQL(
            """
      JOIN res_company AS company ON company.id = move.company_id
      JOIN res_currency AS company_currency ON company_currency.id = company.currency_id
      JOIN product_product AS product ON product.id = move.product_id
      JOIN product_template AS template ON template.id = product.product_tmpl_id
      JOIN uom_uom AS product_uom ON product_uom.id = template.uom_id
      JOIN uom_uom AS uom ON uom.id = move.product_uom"""
        )

    def _get_production_sql(self):
        """What manufacturing orders that are done made, by-products included."""
        table = SQL(
            """mrp_production AS mo
      JOIN stock_move AS move ON move.production_id = mo.id AND move.state = 'done'
      JOIN stock_location AS place ON place.id = move.location_dest_id AND place.usage <> 'inventory'
      LEFT JOIN stock_picking_type AS operation ON operation.id = mo.picking_type_id %(joins)s
     WHERE mo.state = 'done' AND mo.company_id = ANY(%(companies)s::int[])""",
            joins=self._get_move_joins_sql(),
            companies=self.env.companies.ids,
        )
        return self._select(
            2,
            table,
            id=SQL("move.id"),
            kind=SQL("'production'"),
            res_model=SQL("'mrp.production'"),
            res_id=SQL("mo.id"),
            name=SQL("mo.name"),
            user_id=SQL("mo.user_id"),
            warehouse_id=SQL("operation.warehouse_id"),
            moment=SQL("mo.date_finished"),
            in_time=SQL(
                "%s <= %s",
                self._get_day_sql(SQL("mo.date_finished")),
                self._get_day_sql(SQL("mo.date_deadline")),
            ),
            is_complete=SQL("TRUE"),
            product_id=SQL("move.product_id"),
            uom_id=SQL("move.product_uom"),
            quantity=SQL("move.quantity"),
            value=SQL("COALESCE(NULLIF(move.value, 0)::numeric, %s)", self._get_cost_sql()),
            company_id=SQL("mo.company_id"),
        )

    def _get_internal_sql(self):
        """Moves of transfers from one own warehouse or department to another.

        A place is the innermost department that a location lies in, else its warehouse. What leaves for a transit
        location is still under way; what comes from one has arrived, wherever it came from, unless it was bought.
        Subcontractors are suppliers.
        """
        table = SQL(
            """stock_picking AS picking
      JOIN stock_move AS move ON move.picking_id = picking.id AND move.state = 'done'
      JOIN (%(places)s) AS source ON source.id = move.location_id
      JOIN (%(places)s) AS target ON target.id = move.location_dest_id %(joins)s
      LEFT JOIN LATERAL (
           SELECT MIN(place.warehouse_id) AS warehouse_id
             FROM stock_move_move_rel AS rel
             JOIN stock_move AS before ON before.id = rel.move_orig_id AND before.state = 'done'
             JOIN stock_location AS place ON place.id = before.location_id
            WHERE rel.move_dest_id = move.id AND source.usage = 'transit') AS sender ON TRUE
     WHERE picking.state = 'done' AND picking.company_id = ANY(%(companies)s::int[])
       AND target.usage = 'internal' AND move.purchase_line_id IS NULL
       AND (source.usage = 'transit'
            OR source.usage = 'internal' AND (source.warehouse_id, source.department_id)
                                             IS DISTINCT FROM (target.warehouse_id, target.department_id))""",
            places=SQL(
                """SELECT place.id, place.usage, place.warehouse_id,
                  (SELECT mark.id FROM stock_location AS mark
                    WHERE mark.is_department AND place.parent_path LIKE mark.parent_path || '%%'
                    ORDER BY LENGTH(mark.parent_path) DESC LIMIT 1) AS department_id
             FROM stock_location AS place
            WHERE place.usage IN ('internal', 'transit') AND place.id <> ALL(%s::int[])""",
                self._get_subcontracting_locations().ids,
            ),
            joins=self._get_move_joins_sql(),
            companies=self.env.companies.ids,
        )
        return self._select(
            3,
            table,
            id=SQL("move.id"),
            kind=SQL("'internal'"),
            res_model=SQL("'stock.picking'"),
            res_id=SQL("picking.id"),
            name=SQL("picking.name"),
            user_id=SQL("picking.user_id"),
            warehouse_id=SQL("target.warehouse_id"),
            source_warehouse_id=SQL("COALESCE(source.warehouse_id, sender.warehouse_id)"),
            moment=SQL("picking.date_done"),
            in_time=SQL(
                "%s <= %s",
                self._get_day_sql(SQL("picking.date_done")),
                self._get_day_sql(SQL("picking.date_deadline")),
            ),
            is_complete=SQL("TRUE"),
            product_id=SQL("move.product_id"),
            uom_id=SQL("move.product_uom"),
            quantity=SQL("move.quantity"),
            value=self._get_cost_sql(),
            company_id=SQL("picking.company_id"),
        )
