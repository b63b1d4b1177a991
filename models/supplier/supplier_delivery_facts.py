"""The SQL of one row per confirmed order line of goods: what was promised, what came, what it cost.

The report shows these rows and the scorecards sum them up, so evidence and figure cannot disagree.
``tools/supplier_reliability.py`` holds the same definitions as plain functions, which the tests compare with.
"""

from datetime import timedelta

from odoo.tools import SQL

from ...tools.supplier_reliability import BILL_SLACK, PRICE_SLACK

# The columns of a row, in the order in which they are selected.
COLUMNS = (
    "id", "order_line_id", "order_id", "partner_id", "product_id", "categ_id", "company_id", "currency_id",
    "user_id", "uom_id", "date_confirmed", "date_promised", "date_planned", "date_last_receipt",
    "quantity_ordered", "quantity_received", "quantity_on_time", "quantity_returned", "quantity_open",
    "value", "value_on_time", "value_otif", "value_in_full", "value_open", "value_received", "value_returned",
    "on_time_rate", "lead_days", "promised_lead_days", "slippage_days", "late_days", "days_overdue",
    "delivery_state", "is_due", "is_overdue", "promise_estimated", "price_net", "price_agreed", "price_complies",
    "price_variance", "value_priced", "value_compliant", "bill_line_count", "bill_variance",
)  # fmt: skip

# What is read of each model: for `_depends` of the report and to flush before a statement.
DEPENDS = {
    "account.move": ["currency_id", "move_type", "state"],
    "account.move.line": [
        "balance", "display_type", "move_id", "price_subtotal", "product_uom_id", "purchase_line_id", "quantity",
    ],
    "product.product": ["product_tmpl_id"],
    "product.template": ["categ_id", "uom_id"],
    "purchase.order": [
        "company_id", "currency_id", "currency_rate", "date_approve", "date_order", "partner_id", "state", "user_id",
    ],
    "purchase.order.line": [
        "agreed_price", "date_planned", "discount", "display_type", "is_downpayment", "order_id", "price_subtotal",
        "price_unit", "product_id", "product_qty", "product_uom_id", "product_uom_qty", "promise_estimated",
        "promised_date", "qty_received", "qty_received_method",
    ],
    "res.currency": ["rounding"],
    "res.partner": ["commercial_partner_id"],
    "stock.location": ["usage"],
    "stock.move": [
        "date", "location_dest_id", "location_id", "origin_returned_move_id", "product_id", "product_uom",
        "purchase_line_id", "quantity", "state",
    ],
    "supplier.score.policy": ["active", "company_id", "grace_days", "price_scope", "price_tolerance"],
    "uom.uom": ["factor"],
}  # fmt: skip

# What of a row a scorecard sums up; the rest is left out where all lines of a year are read.
CARD_COLUMNS = (
    "id", "partner_id", "value", "value_on_time", "value_otif", "value_in_full", "value_open", "value_received",
    "value_returned", "lead_days", "promised_lead_days", "slippage_days", "late_days", "is_overdue",
    "promise_estimated", "price_variance", "value_priced", "value_compliant", "bill_line_count", "bill_variance",
)  # fmt: skip

# What is known of a row before receipts and bills are read.
BASE_COLUMNS = (
    "id", "order_line_id", "order_id", "partner_id", "product_id", "categ_id", "company_id", "currency_id",
    "user_id", "uom_id", "date_confirmed", "date_promised", "date_planned", "quantity_ordered", "is_due",
    "promise_estimated", "price_agreed",
)  # fmt: skip
FEW_SUPPLIERS = 50  # up to so many, each of their lines looks for its own receipts and bills
SHARED_LINES = 20_000  # from so many on, a second processor takes half of the lines

_SETTING_COLUMNS = ("id", "currency_id", "today", "grace_days", "tolerance", "both_prices")


# ----------------------------------------------------------------------
# Statements
# ----------------------------------------------------------------------
# They bypass record rules, as all SQL does: who reads them restricts the rows.
#
# OFFSET '0' keeps PostgreSQL from taking a subquery apart, which would work out the same things several times. With
# quotes, as a bare 0 is a constant too late: a subquery that may be cut off is not left to another processor.
def base_rows_sql(settings):
    """Return the statement of what a row has of the order and its line, by the names of the report."""
    return SQL("SELECT %s FROM (%s) AS base", _columns_sql(BASE_COLUMNS, "base"), _base_sql(settings))


def rows_sql(env, settings, names=COLUMNS, orders=None, lines=None):
    """Return the statement of the rows, to be read for some lines: each looks for its own receipts and bills.

    :param names: the columns that are wanted
    :param orders: further conditions on ``po``
    :param lines: further conditions on ``line``
    """
    deadline = SQL("base.date_promised + base.grace_days")
    kits, kit_join = _kits_join(env, settings, SQL("base.line_id"), SQL("= base.line_id"))
    return SQL(
        """
        SELECT %(columns)s
          FROM (%(base)s) AS base
         CROSS JOIN LATERAL (
               SELECT %(receipts)s
                 FROM (%(moves)s AND move.purchase_line_id = base.line_id OFFSET '0') AS move) AS receipt
          LEFT JOIN LATERAL (%(bills)s) AS bill ON TRUE
          %(kit_join)s
         CROSS JOIN LATERAL (%(fact)s) AS fact""",
        columns=_columns_sql(names, "base"),
        base=_base_sql(settings, orders, lines),
        receipts=_receipts_sql(SQL("base.product_id"), deadline),
        moves=_moves_sql(env, settings, SQL("base.company_id")),
        bills=_bills_sql(SQL("= base.line_id")),
        kit_join=kit_join,
        fact=_fact_sql(settings, kits),
    )


def all_rows_sql(env, settings):
    """Return the statement of the rows, to be read for all of them: receipts and bills are grouped once."""
    lines = SQL("AND line.company_id IN %s", tuple(company.id for company in settings))
    return _grouped_sql(env, settings, COLUMNS, SQL(), lines, SQL("IS NOT NULL"))


def window_ranges(env, settings, first, last, partner_ids=None):
    """Return the first and last number of the lines that were promised to a company in these days, as pairs.

    None for few suppliers. Many lines are two halves, for two processors.

    :param settings: those of the company
    :param partner_ids: commercial partners, all if None
    """
    if partner_ids is not None and len(partner_ids) <= FEW_SUPPLIERS:
        return None
    [[count, lowest, middle, highest]] = env.execute_query(
        SQL(
            """SELECT COUNT(*), COALESCE(MIN(id), 0), COALESCE(AVG(id), 0)::int, COALESCE(MAX(id), 0)
                 FROM purchase_order_line AS line WHERE TRUE %s""",
            _window_lines_sql(settings, first, last),
        )
    )
    if count < SHARED_LINES:
        return [(lowest, highest)]
    return [(lowest, middle), (middle + 1, highest)]


def _window_lines_sql(settings, first, last):
    """Conditions on lines promised in these days; a window with no day in it has no lines."""
    start, end = settings.utc_bounds(first, max(last, first - timedelta(days=1)))
    return SQL(
        "AND line.company_id = %s AND line.promised_date >= %s AND line.promised_date < %s",
        settings.id,
        start,
        end,
    )


def window_sql(env, settings, first, last, partner_ids=None, ranges=None):
    """Return the statement of the rows that were promised to a company in these days, with the columns of a card.

    For many suppliers all receipts and bills are read at once, for few each line looks for its own.

    :param settings: those of the company
    :param partner_ids: commercial partners, all if None
    :param ranges: result of :func:`window_ranges`; receipts and bills of other lines are passed over by these numbers
    """
    orders = SQL("AND po.company_id = %s", settings.id)
    lines = _window_lines_sql(settings, first, last)
    if ranges is None:
        orders = SQL(
            "%s AND po.partner_id IN (SELECT id FROM res_partner WHERE commercial_partner_id = ANY(%s))",
            orders,
            list(partner_ids),
        )
        return rows_sql(env, [settings], CARD_COLUMNS, orders, lines)
    if partner_ids is not None:
        orders = SQL("%s AND partner.commercial_partner_id = ANY(%s)", orders, list(partner_ids))
    return SQL(" UNION ALL ").join(
        SQL(
            "(%s)",
            _grouped_sql(
                env,
                [settings],
                CARD_COLUMNS,
                orders,
                SQL("%s AND line.id BETWEEN %s AND %s", lines, first_id, last_id),
                SQL("BETWEEN %s AND %s", first_id, last_id),
            ),
        )
        for first_id, last_id in ranges
    )


def _grouped_sql(env, settings, names, orders, lines, line_ids):
    """All rows, in the order of their lines: receipts, bills and lines are each read once.

    The bills are one row for each line, so the smallest value of a column is the only one.
    """
    days = _days_sql(settings, SQL("line.company_id"))
    goods = SQL(
        """JOIN (SELECT product.id, template.categ_id, template.uom_id
                   FROM product_product AS product
                   JOIN product_template AS template ON template.id = product.product_tmpl_id
                 OFFSET '0') AS item ON item.id = line.product_id"""
    )
    if names == CARD_COLUMNS:
        goods = SQL()
        del days["date_planned"]
    days["added"] = _ADDED
    kits, kit_join = _kits_join(env, settings, SQL("line.line_id"), line_ids)
    return SQL(
        """
        SELECT %(columns)s FROM (
            %(fact)s
              FROM (
                SELECT line.*, po.*, line_uom.factor AS line_factor, %(kits)s AS kits,
                       CASE WHEN line.added > po.known_since THEN %(added)s
                            ELSE po.order_confirmed END AS date_confirmed %(item_columns)s
                  FROM (SELECT %(line_columns)s, %(receipts)s, %(bill_columns)s
                          FROM purchase_order_line AS line
                          LEFT JOIN (%(bills)s) AS bill ON bill.purchase_line_id = line.id
                          LEFT JOIN (%(moves)s AND move.purchase_line_id %(line_ids)s
                                     ORDER BY move.purchase_line_id OFFSET '0') AS move
                            ON move.purchase_line_id = line.id
                         WHERE %(is_goods)s %(lines)s
                         GROUP BY line.id
                        OFFSET '0') AS line
                  JOIN (%(orders)s OFFSET '0') AS po ON po.po_id = line.order_id
                  JOIN (SELECT id, factor::float8 AS factor FROM uom_uom OFFSET '0') AS line_uom
                    ON line_uom.id = line.line_uom_id
                  %(goods)s
                  %(kit_join)s
                ) AS base
            %(fact_end)s) AS fact""",
        columns=_columns_sql(names, "fact", all_due=names == CARD_COLUMNS),
        fact=_fact_start_sql(settings, SQL("base.*,"), SQL("kits")),
        fact_end=_FACT_END,
        kits=kits,
        kit_join=kit_join,
        added=_day_sql(settings, SQL("line.added"), SQL("po.company_id")),
        item_columns=SQL(", item.categ_id, item.uom_id") if names != CARD_COLUMNS else SQL(),
        line_columns=_line_columns_sql(days),
        receipts=_receipts_sql(
            SQL("line.product_id"), SQL("%s + %s", days["date_promised"], _grace_sql(settings))
        ),
        moves=_moves_sql(env, settings, SQL("move.company_id")),
        line_ids=line_ids,
        bill_columns=SQL(", ").join(
            SQL("MIN(%s) AS %s", SQL.identifier(name), SQL.identifier(name)) for name in BILL_COLUMNS
        ),
        is_goods=_IS_GOODS,
        lines=lines,
        orders=_orders_sql(settings, orders),
        goods=goods,
        bills=_bills_sql(line_ids),
    )


# ----------------------------------------------------------------------
# Days
# ----------------------------------------------------------------------
def _day_sql(settings, moment, company):
    """The day of a moment in the time zone of ``company``, a column."""
    if len(settings) == 1:
        return settings[0].day_sql(moment)
    cases = SQL(" ").join(SQL("WHEN %s THEN %s", setting.id, setting.day_sql(moment)) for setting in settings)
    return SQL("CASE %s %s END", company, cases)


def _days_sql(settings, company):
    return {
        name: _day_sql(settings, SQL.identifier("line", column), company)
        for name, column in (("date_promised", "promised_date"), ("date_planned", "date_planned"))
    }


def _grace_sql(settings):
    cases = SQL(" ").join(SQL("WHEN %s THEN %s", setting.id, setting.grace_days) for setting in settings)
    return SQL("CASE line.company_id %s END", cases)


# ----------------------------------------------------------------------
# Orders and their lines
# ----------------------------------------------------------------------
_IS_GOODS = SQL(
    """line.display_type IS NULL AND line.is_downpayment IS NOT TRUE
       AND line.qty_received_method = 'stock_moves' AND line.product_uom_qty > 0"""
)


# When a line was added, where that counts: the order may have been confirmed long before. What is promised for a day
# before then was entered as it had been, as by an import.
_ADDED = SQL("CASE WHEN line.promised_date > line.create_date - INTERVAL '1 day' THEN line.create_date END")


def _line_columns_sql(days):
    days = SQL(", ").join(SQL("%s AS %s", day, SQL.identifier(name)) for name, day in days.items())
    return SQL(
        """line.id AS line_id, line.order_id, line.product_id, line.product_uom_id AS line_uom_id, %s,
           line.product_uom_qty AS ordered, line.product_qty::float8 AS line_quantity,
           line.qty_received AS core_received, line.price_subtotal::float8 AS subtotal,
           CASE WHEN line.discount <> 0 THEN line.price_unit::float8 * (1 - line.discount::float8 / 100)
                ELSE line.price_unit::float8 END AS listed_price,
           CASE WHEN line.agreed_price > 0 THEN line.agreed_price::float8 END AS agreed,
           COALESCE(line.promise_estimated, FALSE) AS promise_estimated""",
        days,
    )


def _orders_sql(settings, conditions=None, with_day=True):
    """Confirmed orders with what their company counts by, and ``rate``, which makes an amount one of the company.

    A line that was added after ``known_since`` counts from then on, any other one from ``order_confirmed`` on.
    """
    names = ("id", "currency_id", "today", "grace_days", "tolerance", "both_prices")
    values = SQL(", ").join(
        SQL("(%s, %s, %s::date, %s, %s::float8, %s)", *(getattr(company, name) for name in names))
        for company in settings
    )
    confirmed = SQL("COALESCE(po.date_approve, po.date_order)")
    if with_day:
        confirmed = _day_sql(settings, confirmed, SQL("po.company_id"))
    return SQL(
        """SELECT po.id AS po_id, partner.commercial_partner_id AS partner_id, po.company_id, po.user_id,
                  po.currency_id AS order_currency_id, %(confirmed)s AS order_confirmed,
                  GREATEST(COALESCE(po.date_approve, po.date_order), po.create_date) AS known_since,
                  company.currency_id, company.today, company.grace_days, company.tolerance, company.both_prices,
                  currency.rounding::float8 AS currency_rounding,
                  COALESCE(NULLIF(po.currency_rate, 0), 1)::float8 AS rate
             FROM purchase_order AS po
             JOIN (VALUES %(values)s) AS company(%(names)s) ON company.id = po.company_id
             JOIN res_partner AS partner ON partner.id = po.partner_id
             JOIN res_currency AS currency ON currency.id = po.currency_id
            WHERE po.state = 'purchase' %(conditions)s""",
        confirmed=confirmed,
        values=values,
        names=SQL(", ").join(map(SQL.identifier, names)),
        conditions=conditions or SQL(),
    )


def _base_sql(settings, orders=None, lines=None):
    """Confirmed lines of goods, to be read for some: conditions on them pick them before they are worked out.

    A day is computed once a row, and not wherever it is used.
    """
    days = _days_sql(settings, SQL("po.company_id"))
    confirmed = SQL(
        "CASE WHEN %(added)s > po.known_since THEN line.create_date ELSE po.order_confirmed END", added=_ADDED
    )
    days["date_confirmed"] = _day_sql(settings, confirmed, SQL("po.company_id"))
    return SQL(
        """
        SELECT %(line_columns)s, item.categ_id, item.uom_id, line_uom.factor::float8 AS line_factor,
               po.partner_id, po.company_id, po.currency_id, po.user_id, po.order_currency_id, po.today,
               po.grace_days, po.tolerance, po.both_prices, po.currency_rounding, po.rate
          FROM purchase_order_line AS line
          JOIN (%(orders)s) AS po ON po.po_id = line.order_id
          JOIN product_product AS product ON product.id = line.product_id
          JOIN product_template AS item ON item.id = product.product_tmpl_id
          JOIN uom_uom AS line_uom ON line_uom.id = line.product_uom_id
         CROSS JOIN LATERAL (SELECT %(days)s OFFSET '0') AS day
         WHERE %(is_goods)s %(lines)s""",
        line_columns=_line_columns_sql({name: SQL.identifier("day", name) for name in days}),
        orders=_orders_sql(settings, orders, with_day=False),
        days=SQL(", ").join(SQL("%s AS %s", day, SQL.identifier(name)) for name, day in days.items()),
        is_goods=_IS_GOODS,
        lines=lines or SQL(),
    )


# ----------------------------------------------------------------------
# Receipts and returns
# ----------------------------------------------------------------------
def _moves_sql(env, settings, company, columns=None):
    """Done movements of order lines; quantities in the reference unit, days counted from 2000 on.

    What comes from the supplier, from a subcontractor, or from the transit between companies, is a delivery, wherever
    it goes: to the warehouse, in several steps of which only the first one belongs to the line, or to a customer. What
    goes to the supplier comes back, and what goes back to a subcontractor or into the transit.
    """
    # sudo: which locations are whose, for all companies
    locations = env["stock.location"].sudo().with_context(active_test=False)
    suppliers = locations.search([("usage", "=", "supplier")])
    subcontractors = _subcontracting_locations(env, settings)
    sources = suppliers + subcontractors + locations.search([("usage", "=", "transit")])
    transit = env.ref("stock.stock_location_inter_company", raise_if_not_found=False)
    back = SQL(
        """(move.location_dest_id = ANY(%(suppliers)s::int[])
            OR (move.origin_returned_move_id IS NOT NULL AND move.location_dest_id = ANY(%(others)s::int[])
                AND move.location_id <> ALL(%(suppliers)s::int[])))""",
        suppliers=suppliers.ids,
        others=[*subcontractors.ids, *(transit.ids if transit else ())],
    )
    return SQL(
        """SELECT move.purchase_line_id, move.product_id, %(day)s - DATE '2000-01-01' AS day, %(back)s AS is_back,
                  move.location_id = ANY(%(sources)s::int[]) AND NOT %(back)s AS is_delivery,
                  move.quantity::float8 * uom.factor AS quantity %(columns)s
             FROM stock_move AS move
             JOIN (SELECT id, factor::float8 AS factor FROM uom_uom OFFSET '0') AS uom ON uom.id = move.product_uom
            WHERE move.state = 'done' AND move.quantity > 0""",
        day=_day_sql(settings, SQL("move.date"), company),
        back=back,
        sources=sources.ids,
        columns=columns or SQL(),
    )


def _subcontracting_locations(env, settings):
    """Where subcontractors of these companies deliver from: with mrp_subcontracting, internal locations."""
    # sudo: as above
    companies = env["res.company"].sudo().browse(company.id for company in settings)
    locations = env["stock.location"].sudo().with_context(active_test=False)
    if "subcontracting_location_id" not in companies._fields:
        return locations
    return locations.search([("id", "child_of", companies.subcontracting_location_id.ids)])


def _receipts_sql(product, deadline):
    """What came and what went back, of the movements of a line; a receipt is a delivery of the line's product."""
    receipt = SQL("move.is_delivery AND move.product_id = %s", product)
    late = SQL("%s AND move.day > %s - DATE '2000-01-01'", receipt, deadline)
    return SQL(
        """SUM(move.quantity) FILTER (WHERE %(receipt)s) AS came,
           SUM(move.quantity * move.day) FILTER (WHERE %(receipt)s) AS came_days,
           MIN(move.day) FILTER (WHERE %(receipt)s) AS came_first,
           MAX(move.day) FILTER (WHERE %(receipt)s) AS came_last,
           SUM(move.quantity) FILTER (WHERE %(late)s) AS came_late,
           SUM(move.quantity * move.day) FILTER (WHERE %(late)s) AS came_late_days,
           SUM(move.quantity) FILTER (WHERE move.is_back AND move.product_id = %(product)s) AS went,
           MAX(move.day) FILTER (WHERE NOT move.is_back AND NOT (%(receipt)s)) AS other_day""",
        receipt=receipt,
        late=late,
        product=product,
    )


def _kits_join(env, settings, line, line_ids):
    """Return how many kits came of a line whose components went back, NULL of any other, and the join it needs.

    Odoo takes what went back with a refund off what was received of a kit, and no movement has the kit itself. How
    many came follows from its components, as Odoo counts them; of kits made of kits its own quantity is taken.

    :param line: the id of the line
    :param line_ids: the condition on it
    """
    if "bom_line_id" not in env["stock.move"]._fields:
        return SQL("NULL::float8"), SQL()
    moves = _moves_sql(env, settings, SQL("move.company_id"), SQL(", move.bom_line_id"))
    kits = SQL(
        """
        SELECT part.purchase_line_id,
               FLOOR(MIN(COALESCE(part.came, 0) * bom.product_qty::float8 / (need.product_qty::float8 * uom.factor))
                     + 1e-6) AS kits
          FROM (SELECT move.purchase_line_id, move.bom_line_id,
                       SUM(move.quantity) FILTER (WHERE move.is_delivery) AS came
                  FROM (%(moves)s AND move.bom_line_id IS NOT NULL
                        AND move.purchase_line_id IN (
                            SELECT back.purchase_line_id FROM stock_move AS back
                             WHERE back.origin_returned_move_id IS NOT NULL AND back.state = 'done'
                               AND back.purchase_line_id %(line_ids)s)) AS move
                 GROUP BY move.purchase_line_id, move.bom_line_id) AS part
          JOIN mrp_bom_line AS need ON need.id = part.bom_line_id AND need.product_qty > 0
          JOIN mrp_bom AS bom ON bom.id = need.bom_id
          JOIN (SELECT id, factor::float8 AS factor FROM uom_uom) AS uom ON uom.id = need.product_uom_id
          JOIN purchase_order_line AS kit_line ON kit_line.id = part.purchase_line_id
          JOIN product_product AS kit_product ON kit_product.id = kit_line.product_id
         GROUP BY part.purchase_line_id
        HAVING BOOL_AND(bom.product_tmpl_id = kit_product.product_tmpl_id)""",
        moves=moves,
        line_ids=line_ids,
    )
    join = SQL("LEFT JOIN LATERAL (%s) AS kit ON kit.purchase_line_id = %s", kits, line)
    return SQL("kit.kits"), join


# ----------------------------------------------------------------------
# Bills
# ----------------------------------------------------------------------
BILL_COLUMNS = (
    "bill_count", "bill_currency_min", "bill_currency_max", "bill_amount", "bill_balance", "bill_quantity",
    "refund_quantity",
)  # fmt: skip


def _bills_sql(condition):
    """What posted bills ask for each line, refunds negative.

    The amount in the currency of the bills and in the company's; the quantities of bills and of refunds, both
    positive, in the reference unit.
    """
    return SQL(
        """SELECT purchase_line_id, COUNT(*)::int AS bill_count,
                  MIN(currency_id) AS bill_currency_min, MAX(currency_id) AS bill_currency_max,
                  SUM(sign * amount) AS bill_amount, SUM(balance) AS bill_balance,
                  SUM(CASE WHEN sign * quantity > 0 THEN sign * quantity * factor ELSE 0 END) AS bill_quantity,
                  SUM(CASE WHEN sign * quantity < 0 THEN -sign * quantity * factor ELSE 0 END) AS refund_quantity
             FROM (SELECT bill.purchase_line_id, move.currency_id, uom.factor,
                          CASE move.move_type WHEN 'in_refund' THEN -1::float8 ELSE 1::float8 END AS sign,
                          bill.price_subtotal::float8 AS amount, bill.balance::float8 AS balance,
                          bill.quantity::float8 AS quantity
                     FROM account_move_line AS bill
                     JOIN account_move AS move ON move.id = bill.move_id
                     LEFT JOIN (SELECT id, factor::float8 AS factor FROM uom_uom OFFSET '0') AS uom
                       ON uom.id = bill.product_uom_id
                    WHERE move.state = 'posted' AND move.move_type IN ('in_invoice', 'in_refund')
                      AND bill.display_type = 'product' AND bill.purchase_line_id %s
                   OFFSET '0') AS bill
            GROUP BY purchase_line_id""",
        condition,
    )


# ----------------------------------------------------------------------
# Figures of a line
# ----------------------------------------------------------------------
def _fact_sql(settings, kits):
    """What follows for a row of ``base``, with ``receipt`` and ``bill`` beside it, step by step."""
    return SQL("%s %s", _fact_start_sql(settings, SQL(), kits), _FACT_END)


_FACT_END = SQL("OFFSET '0') AS came OFFSET '0'")


def _fact_start_sql(settings, repeated, kits):
    """The steps up to the tables they read; ``repeated`` are columns that are handed on, ``kits`` see _kits_join.

    What came is counted in the unit of the line and brought into that of the product by the ordered quantity,
    which Odoo keeps in both, so that what was ordered is complete to the last bit.
    """
    # a kit is received as its components, which Odoo's own quantity knows: all on the day of the last one
    kits_received = SQL("GREATEST(core_received::float8, %s)", kits)
    is_kit = SQL("came IS NULL AND %s > 0", kits_received)
    kit = SQL("CASE WHEN %s THEN %s * ordered / line_quantity ELSE 0 END", is_kit, kits_received)
    per_unit = SQL("ordered / (line_factor * line_quantity)")
    deadline = SQL("date_promised + grace_days - DATE '2000-01-01'")
    return SQL(
        """
        SELECT *,
               ordered - received < %(half_unit)s AS in_full,
               -- without a promise nothing is in time
               promised IS NOT NULL AND ordered - (received - late) < %(half_unit)s AS otif,
               CASE WHEN promised IS NOT NULL THEN received - late END AS in_time,
               CASE WHEN agreed IS NOT NULL THEN
                    price <= agreed * (1 + tolerance) + agreed * %(slack)s
                    AND (NOT both_prices OR price >= agreed * (1 - tolerance) - agreed * %(slack)s)
               END AS complies,
               -- a refund takes pieces off that went back or never came, or with the whole bill; else money alone
               CASE WHEN ABS(amount) < %(bill_slack)s AND ABS(invoiced - refunded) < %(bill_slack)s THEN 0
                    WHEN invoiced IS NOT NULL THEN
                    GREATEST(invoiced - refunded, LEAST(invoiced, (received - returned) * line_quantity / ordered))
               END AS billed
          FROM (
            SELECT %(repeated)s
                   date_promised - DATE '2000-01-01' AS promised,
                   date_confirmed - DATE '2000-01-01' AS confirmed,
                   COALESCE(came * %(per_unit)s, %(kit)s) AS received,
                   CASE WHEN came IS NOT NULL THEN COALESCE(came_late * %(per_unit)s, 0)
                        WHEN other_day <= %(deadline)s THEN 0
                        ELSE %(kit)s END AS late,
                   COALESCE(came_days / came, CASE WHEN %(is_kit)s THEN other_day END) AS mean_day,
                   CASE WHEN came IS NOT NULL THEN came_late_days / came_late
                        WHEN %(is_kit)s AND other_day > %(deadline)s THEN other_day END AS late_day,
                   COALESCE(came_last, CASE WHEN %(is_kit)s THEN other_day END) AS last_day,
                   COALESCE(went * %(per_unit)s,
                            CASE WHEN %(is_kit)s AND %(kits)s > core_received
                                 THEN (%(kits)s - core_received::float8) * ordered / line_quantity END,
                            0) AS returned,
                   GREATEST(subtotal, 0) / rate AS value,
                   -- the exact price, unless taxes are within it; the subtotal is rounded
                   CASE WHEN ABS(listed_price * line_quantity - subtotal) <= currency_rounding THEN listed_price
                        ELSE subtotal / line_quantity END AS price,
                   CASE WHEN bill_currency_min = order_currency_id AND bill_currency_max = order_currency_id
                        THEN bill_amount ELSE bill_balance * rate END AS amount,
                   bill_quantity / line_factor AS invoiced,
                   refund_quantity / line_factor AS refunded""",
        repeated=repeated,
        is_kit=is_kit,
        kit=kit,
        kits=kits,
        per_unit=per_unit,
        deadline=deadline,
        half_unit=SQL("%s::float8", 0.5 * 10 ** -settings[0].quantity_digits if settings else 0.005),
        slack=SQL("%s::float8", PRICE_SLACK),
        bill_slack=SQL("%s::float8", BILL_SLACK),
    )


def _columns_sql(names, line, all_due=False):
    """The columns of a row; those of the order line from the table ``line``.

    :param all_due: only lines are read that were promised up to today
    """
    due = SQL("TRUE") if all_due else SQL("date_promised <= today")
    share = SQL("CASE WHEN fact.otif THEN 1 ELSE fact.in_time / ordered END")
    still_open = SQL("CASE WHEN fact.in_full THEN 0 ELSE ordered - fact.received END")
    overdue = SQL("NOT fact.in_full AND today - date_promised > grace_days")
    columns = {
        **{
            name: SQL.identifier(line, name)
            for name in COLUMNS
            if name.endswith("_id") or name in ("date_confirmed", "date_promised", "date_planned")
        },
        "id": SQL.identifier(line, "line_id"),
        "order_line_id": SQL.identifier(line, "line_id"),
        "date_last_receipt": SQL("DATE '2000-01-01' + fact.last_day"),
        "quantity_ordered": SQL.identifier(line, "ordered"),
        "quantity_received": SQL("fact.received"),
        "quantity_on_time": SQL("fact.in_time"),
        "quantity_returned": SQL("fact.returned"),
        "quantity_open": still_open,
        "value": SQL("fact.value"),
        "value_on_time": SQL("CASE WHEN %s THEN fact.value * %s END", due, share),
        "value_otif": SQL("CASE WHEN %s THEN CASE WHEN fact.otif THEN fact.value ELSE 0 END END", due),
        "value_in_full": SQL("CASE WHEN %s THEN CASE WHEN fact.in_full THEN fact.value ELSE 0 END END", due),
        "value_open": SQL("fact.value * %s / ordered", still_open),
        "value_received": SQL("CASE WHEN fact.received > 0 THEN fact.value * fact.received / ordered END"),
        "value_returned": SQL("CASE WHEN fact.received > 0 THEN fact.value * fact.returned / ordered END"),
        "on_time_rate": SQL("CASE WHEN %s THEN %s END", due, share),
        # what came before the confirmation is of an order that was reopened since: how long it took is not known
        "lead_days": SQL(
            "CASE WHEN COALESCE(came_first, fact.mean_day) >= fact.confirmed"
            " THEN fact.mean_day - fact.confirmed END"
        ),
        "promised_lead_days": SQL("fact.promised - fact.confirmed"),
        "slippage_days": SQL("fact.mean_day - fact.promised"),
        "late_days": SQL("CASE WHEN NOT fact.otif THEN fact.late_day - fact.promised END"),
        "days_overdue": SQL("CASE WHEN %s THEN today - date_promised END", overdue),
        "delivery_state": SQL(
            """CASE WHEN %s THEN 'overdue'
                    WHEN fact.in_full AND fact.promised IS NULL THEN 'received'
                    WHEN fact.in_full AND fact.otif THEN 'on_time'
                    WHEN fact.in_full THEN 'late'
                    WHEN fact.received > 0 THEN 'partial'
                    ELSE 'open' END""",
            overdue,
        ),
        "is_due": SQL("COALESCE(date_promised <= today, FALSE)"),
        "is_overdue": SQL("COALESCE(%s, FALSE)", overdue),
        "promise_estimated": SQL.identifier(line, "promise_estimated"),
        "price_net": SQL("fact.price"),
        "price_agreed": SQL("agreed"),
        "price_complies": SQL("fact.complies"),
        "price_variance": SQL("(fact.price - agreed) * line_quantity / rate"),
        "value_priced": SQL("CASE WHEN agreed IS NOT NULL THEN fact.value END"),
        "value_compliant": SQL("CASE fact.complies WHEN TRUE THEN fact.value WHEN FALSE THEN 0 END"),
        "bill_line_count": SQL("COALESCE(bill_count, 0)"),
        "bill_variance": SQL("(amount - fact.price * billed) / rate"),
    }
    return SQL(", ").join(SQL("%s AS %s", columns[name], SQL.identifier(name)) for name in names)
