from psycopg2.errors import SerializationFailure

from odoo import api, models
from odoo.tools import SQL

from ...tools.empty_fields import EmptyFloat, EmptyMonetary

# Invoices of history whose cost is frozen in one go. Writing one takes about a millisecond, most of it for
# the indexes of core, and nobody should wait longer than a tenth of a second for an invoice.
FREEZE_BATCH = 100
# Up to so many invoices of history are done at installation, more by the scheduler.
FREEZE_AT_ONCE = 20_000
SALE_TYPES = ("out_invoice", "out_refund")
# Written past the ORM alone, so whatever is given for them was not frozen.
FROZEN_FIELDS = frozenset({"sale_cost", "sale_quantity"})
# What is frozen of a line, in the order in which the statement returns it.
LINE_FIELDS = ("sale_unit_cost", "sale_cost", "sale_cost_product_id")


class AccountMove(models.Model):
    """Cost and quantity of a sale, frozen when its invoice is posted.

    So its profit never changes with today's cost, and an analysis of a whole history reads no lines.
    """

    _name = "account.move"
    _inherit = ["account.move", "partner.system.fields.mixin"]

    # Written by _freeze_sale_costs alone. NULL (not 0) is "not frozen yet".
    sale_cost = EmptyMonetary(
        string="Cost of Sale",
        readonly=True,
        copy=False,
        currency_field="company_currency_id",
        prefetch=False,
        groups="base.group_user",
        help="Sum of the costs of the lines, frozen when the customer invoice was posted, in the currency of "
        "the company; negative on credit notes. Empty while it is not yet computed.",
    )

    # Written together with the cost.
    sale_quantity = EmptyFloat(
        string="Quantity of Sale",
        readonly=True,
        copy=False,
        digits=0,
        min_display_digits="Product Unit",
        aggregator="sum",
        prefetch=False,
        groups="base.group_user",
        help="Sum of the quantities of the lines that have a product, each in the product's own unit of measure, "
        "without down payments, frozen when the customer invoice was posted; negative on credit notes. "
        "Empty while it is not yet computed.",
    )

    # What is still to be frozen: history, and invoices written past the ORM. Empty most of the time.
    _sale_cost_missing_idx = models.Index(
        "(invoice_date, id) WHERE state = 'posted' AND move_type IN ('out_invoice', 'out_refund')"
        " AND (sale_cost IS NULL OR sale_quantity IS NULL)"
    )

    @api.model
    def _get_system_fields(self):
        return super()._get_system_fields() | FROZEN_FIELDS

    def _post(self, soft=True):
        posted = super()._post(soft)
        posted.filtered(lambda move: move.move_type in SALE_TYPES)._freeze_sale_costs(with_others=True)
        return posted

    def _freeze_sale_costs(self, with_others=False):
        """Write cost and quantity of these customer invoices and credit notes, and the cost of their lines, as of now.

        The unit cost of a line is the first that is known of

        1. the one frozen before, if the product is still the same;
        2. on a credit note: the one of the reversed invoice, of lines of the same order line, else of the
           same product (several are weighted by quantity), so that a sale taken back leaves no profit;
        3. ``purchase_price`` of the linked order lines with the same product, weighted by quantity,
           from the order's currency and unit of measure;
        4. the product's cost in the company of the invoice.

        Lines without a product cost nothing. The cost of a line is rounded to the company's currency.
        The quantity is the sum over the lines with a product, in the product's unit; a down payment is none.
        Access is not checked: who may post an invoice freezes its cost.

        :param bool with_others: write the lines with whatever else Odoo writes of them, as when it posts them
        """
        if not self:
            return
        # SQL: one statement however many invoices are posted, the same for a batch of history.
        self._flush_for_sale_costs()
        rows = self.env.execute_query(self._get_freeze_sql(with_others))
        self.invalidate_recordset(["sale_cost", "sale_quantity"], flush=False)
        lines = self.env["account.move.line"]
        lines.invalidate_model(LINE_FIELDS, flush=False)
        if with_others:
            # sudo: who may post an invoice need not see its cost
            # together, as an amount reads the currency of its line
            lines = lines.sudo().browse([line_id for line_id, *_values in rows])
            for line, (_line_id, *values) in zip(lines, rows, strict=True):
                for name, value in zip(LINE_FIELDS, values, strict=True):
                    field = lines._fields[name]
                    field._update_cache(line, field.convert_to_cache(value, line), dirty=True)

    def _flush_for_sale_costs(self):
        for model, names in (
            ("account.move", ["state", "move_type", "company_id", "reversed_entry_id"]),
            (
                "account.move.line",
                [
                    "move_id",
                    "display_type",
                    "product_id",
                    "product_uom_id",
                    "quantity",
                    "is_downpayment",
                    "sale_cost_product_id",
                    "sale_line_ids",
                    "sale_unit_cost",
                ],
            ),
            (
                "sale.order.line",
                ["order_id", "product_id", "product_uom_id", "product_uom_qty", "purchase_price"],
            ),
            ("sale.order", ["currency_rate"]),
            ("product.product", ["product_tmpl_id", "standard_price"]),
            ("product.template", ["uom_id"]),
            ("uom.uom", ["factor"]),
            ("res.company", ["currency_id"]),
            ("res.currency", ["rounding"]),
        ):
            self.env[model].flush_model(names)

    def _get_standard_price_sql(self):
        """Cost of ``product`` in the company of ``move``; with the company's default as the ORM has it."""
        Product = self.env["product.product"]
        field = Product._fields["standard_price"]
        defaults = {
            company.id: default
            for company in self.company_id
            if (default := field.get_company_dependent_fallback(Product.with_company(company)))
        }
        fallback = SQL("0")
        if defaults:
            cases = SQL(" ").join(SQL("WHEN %s THEN %s", *item) for item in defaults.items())
            fallback = SQL("CASE move.company_id %s ELSE 0 END", cases)
        return SQL("COALESCE((product.standard_price ->> move.company_id::text)::numeric, %s)", fallback)

    def _get_freeze_sql(self, with_others=False):
        """Return the statement that writes the costs, those of the lines only where nothing else writes them.

        It returns id and ``LINE_FIELDS`` of each line.
        """
        origin, origin_join, origin_cost = SQL(), SQL(), SQL("NULL")
        written = SQL()
        if not with_others:
            written = SQL(
                """
    -- a line that has its cost already is not written again
    written AS (
        UPDATE account_move_line AS line
           SET sale_unit_cost = costed.unit_cost,
               sale_cost = costed.sale_cost,
               sale_cost_product_id = costed.product_id
          FROM costed
         WHERE line.id = costed.id
           AND (line.sale_unit_cost, line.sale_cost, line.sale_cost_product_id)
               IS DISTINCT FROM (costed.unit_cost, costed.sale_cost, costed.product_id)),"""
            )
        if any(move.move_type == "out_refund" and move.reversed_entry_id for move in self):
            # Left out for invoices: planning takes longer than doing.
            # Per line of a credit note: the lines of the reversed invoice, those of the same order line first.
            origin = SQL(
                """origin AS (
        SELECT DISTINCT ON (twin.id) twin.id,
               COALESCE(SUM(twin.unit_cost * twin.quantity) / NULLIF(SUM(twin.quantity), 0),
                        AVG(twin.unit_cost)) AS unit_cost
          FROM (SELECT back.id, sold.unit_cost, sold.quantity,
                       EXISTS (SELECT FROM sale_order_line_invoice_rel AS a
                                 JOIN sale_order_line_invoice_rel AS b ON b.order_line_id = a.order_line_id
                                WHERE a.invoice_line_id = back.id AND b.invoice_line_id = sold.id) AS is_linked
                  FROM target
                  JOIN known AS back ON back.move_id = target.id
                  JOIN known AS sold ON sold.move_id = target.origin_id AND sold.product_id = back.product_id
               ) AS twin
         GROUP BY twin.id, twin.is_linked
         ORDER BY twin.id, twin.is_linked DESC),"""
            )
            origin_join = SQL("LEFT JOIN origin ON origin.id = known.id")
            origin_cost = SQL("origin.unit_cost")
        return SQL(
            """
    WITH target AS (
        SELECT id, company_id, move_type, CASE WHEN move_type = 'out_refund' THEN reversed_entry_id END AS origin_id
          FROM account_move
         WHERE id = ANY(%(ids)s)),
    -- the lines of these invoices and of those they reverse, with quantities in the product's unit
    line AS (
        SELECT line.id, line.move_id, line.product_id, line.is_downpayment, uom.factor AS factor,
               COALESCE(line.quantity * line_uom.factor / uom.factor, line.quantity) AS quantity,
               CASE WHEN line.sale_cost_product_id = line.product_id THEN line.sale_unit_cost END AS frozen,
               %(standard_price)s AS standard_price
          FROM (SELECT id, company_id FROM target
                 UNION SELECT origin_id, company_id FROM target WHERE origin_id IS NOT NULL) AS move
          JOIN account_move_line AS line ON line.move_id = move.id AND line.display_type = 'product'
          LEFT JOIN product_product AS product ON product.id = line.product_id
          LEFT JOIN product_template AS template ON template.id = product.product_tmpl_id
          LEFT JOIN uom_uom AS uom ON uom.id = template.uom_id
          LEFT JOIN uom_uom AS line_uom ON line_uom.id = line.product_uom_id),
    ordered AS (
        SELECT cost.id, COALESCE(SUM(cost.unit_cost * cost.quantity) / NULLIF(SUM(cost.quantity), 0),
                                 AVG(cost.unit_cost)) AS unit_cost
          FROM (SELECT line.id,
                       order_line.product_uom_qty * COALESCE(uom.factor, 1) AS quantity,
                       order_line.purchase_price * COALESCE(line.factor / uom.factor, 1)
                       / COALESCE(NULLIF(sale.currency_rate, 0), 1) AS unit_cost
                  FROM line
                  JOIN sale_order_line_invoice_rel AS link ON link.invoice_line_id = line.id
                  JOIN sale_order_line AS order_line ON order_line.id = link.order_line_id
                   AND order_line.product_id = line.product_id
                  JOIN sale_order AS sale ON sale.id = order_line.order_id
                  LEFT JOIN uom_uom AS uom ON uom.id = order_line.product_uom_id) AS cost
         GROUP BY cost.id),
    known AS (
        SELECT line.*, COALESCE(line.frozen, ordered.unit_cost, line.standard_price) AS unit_cost
          FROM line LEFT JOIN ordered ON ordered.id = line.id),
    %(origin)s
    cost AS (
        SELECT known.id, known.move_id, known.product_id, known.is_downpayment, currency.rounding,
               CASE WHEN known.product_id IS NULL THEN 0
                    ELSE ROUND(COALESCE(known.frozen, %(origin_cost)s, known.unit_cost), 12) END AS unit_cost,
               known.quantity * CASE WHEN target.move_type = 'out_refund' THEN -1 ELSE 1 END AS quantity
          FROM target
          JOIN res_company AS company ON company.id = target.company_id
          JOIN res_currency AS currency ON currency.id = company.currency_id
          JOIN known ON known.move_id = target.id
          %(origin_join)s),
    costed AS (
        SELECT id, move_id, TRIM_SCALE(unit_cost) AS unit_cost, product_id, is_downpayment, quantity,
               ROUND(unit_cost * quantity / rounding) * rounding AS sale_cost
          FROM cost),
    %(written)s
    total AS (
        SELECT target.id, COALESCE(SUM(costed.sale_cost), 0) AS sale_cost,
               COALESCE(SUM(costed.quantity) FILTER (
                   WHERE costed.product_id IS NOT NULL AND costed.is_downpayment IS NOT TRUE), 0) AS quantity
          FROM target LEFT JOIN costed ON costed.move_id = target.id
         GROUP BY target.id),
    headed AS (
        UPDATE account_move AS move
           SET sale_cost = total.sale_cost,
               sale_quantity = TRIM_SCALE(ROUND(total.quantity, 12))
          FROM total
         WHERE move.id = total.id)
    SELECT id, unit_cost, sale_cost, product_id FROM costed""",
            ids=list(self.ids),
            standard_price=self._get_standard_price_sql(),
            origin=origin,
            origin_join=origin_join,
            origin_cost=origin_cost,
            written=written,
        )

    # ------------------------------------------------------------------
    # History
    # ------------------------------------------------------------------
    @api.model
    def _freeze_missing_sale_costs(self, company=None, limit=FREEZE_BATCH):
        """Freeze posted invoices that were not posted by this addon, the newest first.

        A credit note takes the invoice that it reverses with it. Invoices that somebody else changes at
        the moment are left for the next time.

        :param company: only invoices of this company
        :return: number of invoices done; 0 when none is left (or all are in use)
        :rtype: int
        """
        self.flush_model(["state", "move_type", "sale_cost", "sale_quantity", "invoice_date", "company_id"])
        # SQL: rows in use are skipped, which keeps users and this from waiting for each other.
        rows = self.env.execute_query(
            SQL(
                """
    SELECT id, reversed_entry_id FROM account_move
     WHERE state = 'posted' AND move_type IN ('out_invoice', 'out_refund')
       AND (sale_cost IS NULL OR sale_quantity IS NULL) AND %(company)s
     ORDER BY invoice_date DESC, id DESC LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED""",
                company=SQL("company_id = %s", company.id) if company else SQL("TRUE"),
                limit=limit,
            )
        )
        ids = {move_id for move_id, _origin in rows}
        if origins := {origin for _move, origin in rows if origin} - ids:
            rows = self.env.execute_query(
                SQL(
                    """
    SELECT id FROM account_move
     WHERE id = ANY(%s) AND state = 'posted' AND move_type = 'out_invoice'
       AND (sale_cost IS NULL OR sale_quantity IS NULL)
       FOR NO KEY UPDATE SKIP LOCKED""",
                    sorted(origins),
                )
            )
            ids.update(origin for (origin,) in rows)
        if not ids:
            return 0
        in_use = self.env.execute_query(
            SQL(
                """
      WITH line AS (SELECT id, move_id FROM account_move_line
                     WHERE move_id = ANY(%s) AND display_type = 'product'),
           locked AS (SELECT id FROM account_move_line WHERE id IN (SELECT id FROM line)
                         FOR NO KEY UPDATE SKIP LOCKED)
    SELECT DISTINCT move_id FROM line WHERE id NOT IN (SELECT id FROM locked)""",
                sorted(ids),
            )
        )
        moves = self.browse(sorted(ids - {move_id for (move_id,) in in_use}))
        moves.fetch(["company_id", "move_type", "reversed_entry_id"])
        moves._freeze_sale_costs()
        return len(moves)

    @api.model
    def _restart_sale_costs(self):
        """Freeze what is missing: at once if it is little, else by the scheduler."""
        if self._count_missing_sale_costs(FREEZE_AT_ONCE + 1) > FREEZE_AT_ONCE:
            self.env.ref("partner_relations.ir_cron_freeze_sale_costs")._trigger()
            return
        while self._freeze_missing_sale_costs(limit=2_000):
            continue

    @api.model
    def _count_missing_sale_costs(self, limit=None, names=("sale_cost", "sale_quantity"), company=None):
        """Count the posted customer invoices that lack one of these frozen figures, at most ``limit``.

        :param company: only invoices of this company
        """
        self.flush_model(["state", "move_type", "sale_cost", "sale_quantity", "company_id"])
        # SQL: "is NULL" and "is 0" are one for a domain
        [[count]] = self.env.execute_query(
            SQL(
                """
    SELECT COUNT(*) FROM (
        SELECT FROM account_move
         WHERE state = 'posted' AND move_type IN ('out_invoice', 'out_refund')
           AND (%(missing)s) AND %(company)s
         LIMIT %(limit)s) AS missing""",
                missing=SQL(" OR ").join(SQL("%s IS NULL", SQL.identifier(name)) for name in names),
                company=SQL("company_id = %s", company.id) if company else SQL("TRUE"),
                limit=limit,
            )
        )
        return count

    @api.model
    def _cron_freeze_sale_costs(self, batch_size=FREEZE_BATCH):
        """Freeze what is missing in batches; killed in between, the next run goes on where it ended."""
        remaining = self._count_missing_sale_costs()
        conflicts = 0
        while remaining > 0:
            try:
                done = self._freeze_missing_sale_costs(limit=batch_size)
            except SerializationFailure:
                # somebody changed one of the invoices between our look and our lock: look again
                self.env.cr.rollback()
                conflicts += 1
                if conflicts > 5:
                    raise
                continue
            remaining = max(0, remaining - done) if done else 0
            if not self.env["ir.cron"]._commit_progress(done, remaining=remaining):
                break
