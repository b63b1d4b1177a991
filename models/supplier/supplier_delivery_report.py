from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.empty_fields import EmptyFloat, EmptyInteger, EmptyMonetary
from . import supplier_delivery_facts as facts
from .supplier_delivery_settings import company_settings

DELIVERY_STATES = [
    ("open", "Open"),
    ("partial", "Partly Received"),
    ("overdue", "Overdue"),
    ("on_time", "On Time"),
    ("late", "Late"),
    ("received", "Received, No Promise"),
]
# The total of a rate is the ratio of two sums: of these, over the rows that have both.
RATES = {
    "on_time_rate": ("value_on_time", "value"),
    "otif_rate": ("value_otif", "value"),
    "in_full_rate": ("value_in_full", "value"),
    "price_compliance": ("value_compliant", "value_priced"),
}
BUYER = "purchase.group_purchase_user"


class SupplierDeliveryReport(models.Model):
    """Each confirmed order line of goods: what was promised, what came and at which price.

    These rows are the evidence behind the scorecards, which sum up the very same statement. Days are those of
    the company, quantities are in the unit of the product, values untaxed in the company's currency at the
    rate of the order. The id of a row is that of the order line.
    """

    _name = "supplier.delivery.report"
    _description = "Reliability of Suppliers: Order Lines"
    _auto = False
    _order = "date_promised desc nulls last, id desc"
    _depends = facts.DEPENDS

    order_line_id = fields.Many2one("purchase.order.line", readonly=True)
    order_id = fields.Many2one("purchase.order", readonly=True)
    partner_id = fields.Many2one(
        "res.partner", string="Supplier", readonly=True, help="The company, also for orders to its persons."
    )
    product_id = fields.Many2one("product.product", readonly=True)
    categ_id = fields.Many2one("product.category", string="Product Category", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    user_id = fields.Many2one("res.users", string="Buyer", readonly=True)
    uom_id = fields.Many2one("uom.uom", string="Unit", readonly=True)
    date_confirmed = fields.Date(
        string="Confirmed",
        readonly=True,
        help="Day on which the order was confirmed; of a line that was added later the day on which that was done.",
    )
    date_promised = fields.Date(
        string="Promised",
        readonly=True,
        help="Day promised when the order was confirmed; it stays when the arrival is planned anew. "
        "Empty: no promise is known, so the line is not measured.",
    )
    date_planned = fields.Date(string="Planned", readonly=True, help="Day of arrival as it is planned now.")
    date_last_receipt = fields.Date(string="Last Receipt", readonly=True, help="Empty: nothing came yet.")
    promise_estimated = fields.Boolean(
        string="Promise Is Estimated",
        readonly=True,
        help="The order was confirmed before promises were kept: this one was read from its history.",
    )
    quantity_ordered = fields.Float(string="Ordered", digits="Product Unit", readonly=True)
    quantity_received = fields.Float(
        string="Received",
        digits="Product Unit",
        readonly=True,
        help="All that came from the supplier, also more than was ordered; returns are not taken off.",
    )
    quantity_on_time = EmptyFloat(
        string="Received in Time",
        digits="Product Unit",
        readonly=True,
        help="What came up to the promised day and the days of grace of the company's policy. "
        "Empty: no promise is known.",
    )
    quantity_returned = fields.Float(string="Sent Back", digits="Product Unit", readonly=True)
    quantity_open = fields.Float(
        string="Still Owed",
        digits="Product Unit",
        readonly=True,
        help="Ordered less received. A rest that will not come is owed until the ordered quantity is lowered.",
    )
    value = EmptyMonetary(
        readonly=True,
        groups=BUYER,
        help="Untaxed amount of the line in the company's currency at the rate of the order: its weight in all "
        "rates. A negative price counts as 0.",
    )
    value_on_time = EmptyMonetary(
        string="Value in Time",
        readonly=True,
        groups=BUYER,
        help="Value × received in time ÷ ordered, at most the value. Empty: not due yet.",
    )
    value_otif = EmptyMonetary(
        string="Value in Time in Full",
        readonly=True,
        groups=BUYER,
        help="Value of lines that were complete by the promise. Empty: not due yet.",
    )
    value_in_full = EmptyMonetary(
        string="Value in Full",
        readonly=True,
        groups=BUYER,
        help="Value of lines that are complete, whenever that was. Empty: not due yet.",
    )
    value_open = EmptyMonetary(
        string="Value Still Owed", readonly=True, groups=BUYER, help="Value × still owed ÷ ordered."
    )
    value_received = EmptyMonetary(
        readonly=True, groups=BUYER, help="Value × received ÷ ordered. Empty: nothing came yet."
    )
    value_returned = EmptyMonetary(
        readonly=True, groups=BUYER, help="Value × returned ÷ ordered. Empty: nothing came yet."
    )
    on_time_rate = EmptyFloat(
        string="On Time",
        readonly=True,
        aggregator="avg",
        help="Share of the ordered quantity that came in time, of several lines weighted by value. "
        "Empty: not due yet.",
    )
    otif_rate = EmptyFloat(
        string="On Time in Full",
        readonly=True,
        aggregator="avg",
        help="Share of lines, weighted by value, that were complete by the promise. Empty: not due yet.",
    )
    in_full_rate = EmptyFloat(
        string="In Full",
        readonly=True,
        aggregator="avg",
        help="Share of lines, weighted by value, that are complete, whenever that was. Empty: not due yet.",
    )
    quality_rate = EmptyFloat(
        string="Quality",
        readonly=True,
        aggregator="avg",
        help="1 − returned ÷ received, of several lines weighted by value. Empty: nothing came yet.",
    )
    lead_days = EmptyFloat(
        string="Lead Time (Days)",
        readonly=True,
        digits=(16, 1),
        aggregator="avg",
        help="Days from confirmation to receipt, of several receipts weighted by quantity. Empty: nothing came yet, "
        "or something before the order was confirmed (again).",
    )
    promised_lead_days = EmptyInteger(
        string="Promised Lead Time (Days)",
        readonly=True,
        aggregator="avg",
        help="Days from confirmation to the promised day.",
    )
    slippage_days = EmptyFloat(
        string="Slippage (Days)",
        readonly=True,
        digits=(16, 1),
        aggregator="avg",
        help="Days from the promised day to receipt, of several receipts weighted by quantity; negative: early.",
    )
    late_days = EmptyFloat(
        string="Delay (Days)",
        readonly=True,
        digits=(16, 1),
        aggregator="avg",
        help="Days past the promised day of what came late, weighted by quantity. Empty: nothing came late, or "
        "only what is more than ordered.",
    )
    days_overdue = EmptyInteger(
        readonly=True,
        aggregator="max",
        help="Days past the promise of lines that are still open. Empty: not overdue.",
    )
    delivery_state = fields.Selection(
        DELIVERY_STATES,
        string="Delivery",
        readonly=True,
        help="On time: complete by the promise. Late: complete, but not by then. Overdue: a part is still open "
        "after the promise and the days of grace.",
    )
    is_due = fields.Boolean(
        string="Due", readonly=True, help="Promised for today or earlier, received or not."
    )
    is_overdue = fields.Boolean(
        string="Overdue", readonly=True, help="Open after the promised day and the days of grace."
    )
    price_net = EmptyFloat(
        string="Net Price",
        readonly=True,
        aggregator=None,
        min_display_digits="Product Price",
        groups=BUYER,
        help="Price of one unit of the line in the order's currency, after discount, without tax.",
    )
    price_agreed = EmptyFloat(
        string="Agreed Price",
        readonly=True,
        aggregator=None,
        min_display_digits="Product Price",
        groups=BUYER,
        help="The agreed net price when the order was confirmed. Empty: nothing was agreed, so the price is "
        "not measured.",
    )
    price_complies = fields.Boolean(
        string="Price as Agreed",
        readonly=True,
        groups=BUYER,
        help="The net price keeps the agreed one within the tolerance of the company's policy.",
    )
    price_compliance = EmptyFloat(
        readonly=True,
        aggregator="avg",
        groups=BUYER,
        help="Share of lines with an agreed price, weighted by value, whose price keeps it.",
    )
    price_variance = EmptyMonetary(
        readonly=True,
        groups=BUYER,
        help="(Net price − agreed price) × ordered quantity, in the company's currency at the rate of the order.",
    )
    value_priced = EmptyMonetary(
        string="Value with an Agreed Price", readonly=True, groups=BUYER, help="Empty: nothing was agreed."
    )
    value_compliant = EmptyMonetary(
        string="Value as Agreed", readonly=True, groups=BUYER, help="Value of lines whose price is as agreed."
    )
    bill_line_count = fields.Integer(string="Bill Lines", readonly=True, groups=BUYER)
    bill_variance = EmptyMonetary(
        readonly=True,
        groups=BUYER,
        help="What posted bills ask more than billed quantity × net price of the order, refunds taken off, at "
        "the rate of the order. Empty: not billed yet.",
    )

    @api.depends("order_id", "product_id")
    def _compute_display_name(self):
        # sudo: the number of the order is in the row, also for who may not open orders
        for row, known in zip(self, self.sudo(), strict=True):
            row.display_name = f"{known.order_id.name}: {known.product_id.display_name}"

    # ------------------------------------------------------------------
    # The table: as much of it as is asked for
    # ------------------------------------------------------------------
    @property
    def _table_query(self):
        # SQL: receipts, returns and bills of any number of lines in one statement
        self.env.cr.execute("SET LOCAL jit = off")  # compiling takes longer than reading a page
        settings = company_settings(self.env.companies)
        extent = self.env.context.get("delivery_extent")
        if extent == "base":
            return facts.base_rows_sql(settings)
        return SQL(
            """
            SELECT fact.*, fact.value_otif / NULLIF(fact.value, 0) AS otif_rate,
                   fact.value_in_full / NULLIF(fact.value, 0) AS in_full_rate,
                   GREATEST(1 - fact.value_returned / NULLIF(fact.value_received, 0), 0)
                   * CASE WHEN fact.value_received > 0 THEN 1 END AS quality_rate,
                   fact.value_compliant / NULLIF(fact.value_priced, 0) AS price_compliance
              FROM (%s) AS fact""",
            facts.all_rows_sql(self.env, settings) if extent == "all" else facts.rows_sql(self.env, settings),
        )

    @api.model
    def _get_conditions(self, domain):
        """The conditions on rows, those of the record rules included."""
        # A rule may have been added: what it asks for has to be there as well.
        rules = Domain.TRUE if self.env.su else self.env["ir.rule"]._compute_domain(self._name, "read")
        return [*Domain(domain).iter_conditions(), *rules.iter_conditions()]

    @api.model
    def _with_base(self, domain, order=None):
        """Return the model with the context of the table that tells which rows.

        It is one without receipts and bills if that is enough, and that of all rows if nothing of the lines themselves
        picks some of them: line by line, a list of what is still owed would look up those of each line there ever was.
        """
        base = {*facts.BASE_COLUMNS}
        asked = {condition.field_expr.partition(".")[0] for condition in self._get_conditions(domain)}
        ordered = {
            term.split()[0].partition(":")[0] for term in (order or self._order).split(",") if term.strip()
        }
        if asked | ordered <= base:
            return self.with_context(delivery_extent="base")
        if asked - {"company_id"} <= {*facts.COLUMNS} - base:
            return self.with_context(delivery_extent="all")
        return self

    @api.model
    @api.readonly
    def search_fetch(self, domain, field_names=None, offset=0, limit=None, order=None):
        # which rows are on a page first; their receipts and bills only for them
        query = self._with_base(domain, order)._search(
            domain, offset=offset, limit=limit, order=order or self._order
        )
        rows = self.browse(query.get_result_ids())
        if rows and field_names:
            rows.fetch(field_names)
        return rows

    @api.model
    @api.readonly
    def search_count(self, domain, limit=None):
        report = self._with_base(domain, "id")
        return super(SupplierDeliveryReport, report).search_count(domain, limit)

    @api.model
    def _with_extent(self, domain):
        """Return the model with the context of a table for groups: of all rows, unless few are picked."""
        few = any(
            condition.field_expr in ("id", "order_id", "order_line_id", "partner_id")
            and condition.operator in ("=", "in")
            for condition in self._get_conditions(domain)
        )
        return self.with_context(delivery_extent="few" if few else "all")

    @api.model
    def _read_group(self, domain, groupby=(), aggregates=(), having=(), offset=0, limit=None, order=None):
        report = self._with_extent(domain)
        return super(SupplierDeliveryReport, report)._read_group(
            domain, groupby, aggregates, having, offset, limit, order
        )

    @api.model
    def _read_grouping_sets(self, domain, grouping_sets, aggregates=(), order=None):
        report = self._with_extent(domain)
        return super(SupplierDeliveryReport, report)._read_grouping_sets(
            domain, grouping_sets, aggregates, order
        )

    def _read_group_select(self, aggregate_spec, query):
        name, _separator, function = aggregate_spec.partition(":")

        def column(column_name):
            return SQL.identifier(self._table, column_name)

        if function not in ("avg", "sum") or (name not in RATES and name != "quality_rate"):
            return super()._read_group_select(aggregate_spec, query)
        # what a rate is made of is not asked for: a share of money is shown to who may not see the money
        self._check_field_access(self._fields[name], "read")
        if name in RATES:
            part, whole = map(column, RATES[name])
            ratio = SQL("SUM(%s) / NULLIF(SUM(CASE WHEN %s IS NOT NULL THEN %s END), 0)", part, part, whole)
        else:
            ratio = SQL(
                "CASE WHEN SUM(%(came)s) > 0 THEN GREATEST(1 - SUM(%(went)s) / NULLIF(SUM(%(came)s), 0), 0) END",
                came=column("value_received"),
                went=column("value_returned"),
            )
        # amounts of two currencies have no sum, so the rate is empty
        return SQL(
            "CASE WHEN MIN(%(currency)s) = MAX(%(currency)s) THEN %(ratio)s END",
            currency=column("currency_id"),
            ratio=ratio,
        )

    @api.readonly
    def action_open_order(self):
        """Open the purchase order of the line.

        :raises UserError: for somebody who may not read orders
        """
        self.ensure_one()
        if not self.env["purchase.order"].has_access("read"):
            raise UserError(
                self.env._(
                    "You see the deliveries of %s, but have no right to open purchase orders. Ask a buyer, or an "
                    "administrator for the right.",
                    self.sudo().order_id.name,  # sudo: its number, which the row shows
                )
            )
        return {
            "type": "ir.actions.act_window",
            "res_model": "purchase.order",
            "res_id": self.order_id.id,
            "views": [(False, "form")],
            "view_mode": "form",
        }
