"""The SQL of one row per confirmed order line of goods: what was promised, what came, what it cost.

The report shows these rows and the scorecards sum them up, so evidence and figure cannot disagree.
``tools/supplier_reliability.py`` holds the same definitions as plain functions, which the tests compare with.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import pytz

from odoo import fields
from odoo.tools import SQL

from ...tools.supplier_reliability import PRICE_SLACK

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

_SETTING_COLUMNS = ("id", "currency_id", "today", "grace_days", "tolerance", "both_prices")
_EPOCH = datetime(1990, 1, 1)  # changes of the clock before are of no interest


@dataclass(frozen=True)
class CompanySettings:
    """What the rows of a company depend on beside its documents."""

    id: int
    currency_id: int
    tz: str
    today: date
    grace_days: int
    tolerance: float  # a share
    both_prices: bool
    quantity_digits: int

    def utc_bounds(self, first, last):
        """The moments between which the company's days from ``first`` to ``last`` lie, in UTC."""
        tz = pytz.timezone(self.tz)
        return tuple(
            tz.localize(datetime.combine(day, time())).astimezone(pytz.utc).replace(tzinfo=None)
            for day in (first, last + timedelta(days=1))
        )

    def day_sql(self, moment):
        """The company's day of a moment in UTC.

        By the distance to UTC as Python knows it: for half a million moments that takes a third of the time of
        PostgreSQL's own conversion.
        """
        changes, distances = utc_distances(self.tz)
        if not changes:
            return SQL("(%s + %s::interval)::date", moment, distances[0])
        return SQL(
            "(%(moment)s + (%(distances)s::interval[])[1 + width_bucket(%(moment)s, %(changes)s::timestamp[])])::date",
            moment=moment,
            distances=distances,
            changes=changes,
        )


def utc_distances(name):
    """Return when the clock of a time zone changes, in UTC, and the distances before and after each change.

    >>> changes, distances = utc_distances("Asia/Ho_Chi_Minh")
    >>> changes, str(distances[0])
    ([], '7:00:00')
    >>> changes, distances = utc_distances("Europe/Berlin")
    >>> len(distances) - len(changes), str(changes[0]), str(distances[0]), str(distances[1])
    (1, '1990-03-25 01:00:00', '1:00:00', '2:00:00')
    """
    tz = pytz.timezone(name)
    changes = [moment for moment in getattr(tz, "_utc_transition_times", ()) if moment >= _EPOCH]
    moments = [_EPOCH, *changes]
    return changes, [pytz.utc.localize(moment).astimezone(tz).utcoffset() for moment in moments]


def company_settings(companies):
    """Return the settings of companies; one without a policy has the defaults, and none is made."""
    env = companies.env
    # sudo: only the rules of counting, for rows that are restricted by themselves
    model = env["supplier.score.policy"].sudo()
    policies = {
        policy.company_id.id: policy for policy in model.search([("company_id", "in", companies.ids)])
    }
    default = model.new({"company_id": False})
    digits = env["decimal.precision"].precision_get("Product Unit")
    settings = []
    for company in companies.sudo():  # sudo: time zone and currency of the company
        tz = company.partner_id.tz or company.resource_calendar_id.tz or "UTC"
        now = pytz.utc.localize(fields.Datetime.now()).astimezone(pytz.timezone(tz))
        policy = policies.get(company.id, default)
        settings.append(
            CompanySettings(
                company.id,
                company.currency_id.id,
                tz,
                now.date(),
                policy.grace_days,
                policy.price_tolerance / 100,
                policy.price_scope == "both",
                digits,
            )
        )
    return settings


def base_rows_sql(settings):
    """Return the statement of what a row has of the order and its line, by the names of the report."""
    columns = _columns_sql(BASE_COLUMNS, "base")
    return SQL("SELECT %s FROM (%s) AS base", columns, _base_sql(settings, each=True))


def all_rows_sql(env, settings):
    """Return the statement of the rows, to be read for all of them: receipts and bills are grouped once."""
    lines = SQL("AND line.company_id IN %s", tuple(company.id for company in settings))
    return SQL(
        "WITH receipt AS (%s), bill AS (%s) SELECT %s FROM (%s) AS fact",
        _receipt_sql(env, settings, lines),
        _bill_sql(lines),
        _columns_sql(COLUMNS, "fact"),
        _fact_sql(settings, _base_sql(settings, SQL(), lines, planned=True)),
    )


def rows_sql(env, settings, names=COLUMNS, orders=None, lines=None):
    """Return the statement of the rows, to be read for some lines: each looks for its own receipts and bills.

    It bypasses record rules, as all SQL does: who reads it restricts the rows.

    :param orders: further conditions on ``po``
    :param lines: further conditions on ``line``
    """
    return SQL(
        """
        SELECT %(columns)s
          FROM (%(base)s) AS base
          LEFT JOIN LATERAL (%(receipt)s) AS receipt ON TRUE
          LEFT JOIN LATERAL (%(bill)s) AS bill ON TRUE
         CROSS JOIN LATERAL (%(fact)s) AS fact""",
        columns=_columns_sql(names, "base"),
        base=_base_sql(settings, orders, lines, each=True),
        receipt=_receipt_sql(env, settings),
        bill=_bill_sql(),
        fact=_fact_sql(settings),
    )


def window_steps(env, settings, first, last, partner_ids=None):
    """Return common table expressions, of which ``promised_line`` has the rows promised to a company in these days.

    For many suppliers all receipts and bills are read at once, for few each line looks for its own. A window with
    no day in it has no rows.

    :param settings: those of the company, in a list
    :param partner_ids: commercial partners, all if None
    """
    [company] = settings
    start, end = company.utc_bounds(first, max(last, first - timedelta(days=1)))
    orders = SQL("AND po.company_id = %s", company.id)
    lines = SQL(
        "AND line.company_id = %s AND line.promised_date >= %s AND line.promised_date < %s",
        company.id,
        start,
        end,
    )
    if partner_ids is not None and len(partner_ids) <= FEW_SUPPLIERS:
        orders = SQL(
            "%s AND po.partner_id IN (SELECT id FROM res_partner WHERE commercial_partner_id = ANY(%s))",
            orders,
            list(partner_ids),
        )
        return [("promised_line", False, rows_sql(env, settings, CARD_COLUMNS, orders, lines))]
    if partner_ids is not None:
        orders = SQL("%s AND partner.commercial_partner_id = ANY(%s)", orders, list(partner_ids))
    return [
        ("receipt", False, _receipt_sql(env, settings, lines)),
        ("bill", False, _bill_sql(lines)),
        (
            "promised_line",
            False,
            SQL(
                "SELECT %s FROM (%s) AS fact",
                _columns_sql(CARD_COLUMNS, "fact"),
                _fact_sql(settings, _base_sql(settings, orders, lines)),
            ),
        ),
    ]


def _day_sql(settings, moment, company):
    """The day of a moment in the time zone of ``company``, a column."""
    if len(settings) == 1:
        return settings[0].day_sql(moment)
    return SQL(
        "CASE %s %s END",
        company,
        SQL(" ").join(SQL("WHEN %s THEN %s", setting.id, setting.day_sql(moment)) for setting in settings),
    )


def _grace_sql(settings):
    cases = SQL(" ").join(SQL("WHEN %s THEN %s", setting.id, setting.grace_days) for setting in settings)
    return SQL("CASE line.company_id %s END", cases)


# ----------------------------------------------------------------------
# Order lines
# ----------------------------------------------------------------------
def _base_sql(settings, orders=None, lines=None, each=False, planned=False):
    """Confirmed lines of goods, with their days.

    :param each: for a statement that reads some rows: a day is computed once a row and not wherever it is used.
        Else what belongs to an order or a product is joined once, before the lines.
    :param planned: with the planned day, which the scorecards do not need
    """
    values = SQL(", ").join(
        SQL(
            "(%s, %s, %s::date, %s, %s::float8, %s)",
            *(getattr(company, name) for name in _SETTING_COLUMNS),
        )
        for company in settings
    )
    days = {"date_promised": _day_sql(settings, SQL("line.promised_date"), SQL("po.company_id"))}
    lateral = SQL()
    if each or planned:
        days["date_planned"] = _day_sql(settings, SQL("line.date_planned"), SQL("po.company_id"))
    if each:
        days["date_confirmed"] = _day_sql(settings, SQL("po.confirmed"), SQL("po.company_id"))
        lateral = SQL(
            "CROSS JOIN LATERAL (SELECT %s OFFSET 0) AS day",
            SQL(", ").join(SQL("%s AS %s", day, SQL.identifier(name)) for name, day in days.items()),
        )
        days = {name: SQL.identifier("day", name) for name in days}
    columns = [SQL("%s AS %s", day, SQL.identifier(name)) for name, day in days.items()]
    moment = SQL("COALESCE(po.date_approve, po.date_order)")
    return SQL(
        """
        SELECT line.id AS line_id, line.order_id, po.partner_id, line.product_id, item.categ_id, po.company_id,
               po.currency_id, po.user_id, item.uom_id, po.today, po.grace_days, po.tolerance, po.both_prices,
               po.order_currency_id, %(days)s, po.rate, po.currency_rounding,
               line.product_uom_qty AS ordered,
               CASE WHEN line.product_uom_id = item.uom_id THEN line.product_uom_qty
                    ELSE line.product_qty::float8 END AS line_quantity,
               line.product_uom_id AS line_uom_id, line_uom.factor AS line_factor, item.factor AS unit_factor,
               line.qty_received AS core_received, line.price_subtotal::float8 AS subtotal,
               CASE WHEN line.discount <> 0 THEN line.price_unit * (1 - line.discount::float8 / 100)
                    ELSE line.price_unit END AS listed_price,
               CASE WHEN line.agreed_price > 0 THEN line.agreed_price END AS agreed,
               COALESCE(line.promise_estimated, FALSE) AS promise_estimated
          FROM purchase_order_line AS line
          JOIN (SELECT po.id, partner.commercial_partner_id AS partner_id, po.company_id, po.user_id,
                       po.currency_id AS order_currency_id, %(confirmed)s AS confirmed,
                       company.currency_id, company.today, company.grace_days, company.tolerance,
                       company.both_prices, currency.rounding::float8 AS currency_rounding,
                       COALESCE(NULLIF(po.currency_rate, 0), 1)::float8 AS rate
                  FROM purchase_order AS po
                  JOIN (VALUES %(values)s) AS company(%(names)s) ON company.id = po.company_id
                  JOIN res_partner AS partner ON partner.id = po.partner_id
                  JOIN res_currency AS currency ON currency.id = po.currency_id
                 WHERE po.state = 'purchase' %(orders)s
                %(fence)s) AS po ON po.id = line.order_id
          JOIN (SELECT product.id, template.categ_id, template.uom_id, unit.factor
                  FROM product_product AS product
                  JOIN product_template AS template ON template.id = product.product_tmpl_id
                  JOIN uom_uom AS unit ON unit.id = template.uom_id
                %(fence)s) AS item ON item.id = line.product_id
          JOIN uom_uom AS line_uom ON line_uom.id = line.product_uom_id
          %(lateral)s
         WHERE line.display_type IS NULL AND line.is_downpayment IS NOT TRUE
           AND line.qty_received_method = 'stock_moves' AND line.product_uom_qty > 0
           %(lines)s""",
        days=SQL(", ").join(columns if each else [*columns, SQL("po.confirmed AS date_confirmed")]),
        confirmed=moment if each else _day_sql(settings, moment, SQL("po.company_id")),
        values=values,
        names=SQL(", ").join(map(SQL.identifier, _SETTING_COLUMNS)),
        orders=orders or SQL(),
        lines=lines or SQL(),
        fence=SQL("" if each else "OFFSET 0"),
        lateral=lateral,
    )


# ----------------------------------------------------------------------
# Receipts and returns
# ----------------------------------------------------------------------
def _receipt_sql(env, settings, lines=None):
    """What came and what went back, of each line: of all ``lines``, or of the row of ``base`` it stands beside.

    A receipt is a done movement of the line's product from the supplier, or from the transit between
    companies, wherever it goes: to the warehouse, in several steps of which only the first one belongs to the
    line, or to a customer. What goes to the supplier is a return. Days are counted from 2000 on.
    """
    # sudo: which locations are whose, for all companies
    locations = env["stock.location"].sudo().with_context(active_test=False)
    suppliers = locations.search([("usage", "=", "supplier")])
    sources = suppliers + locations.search([("usage", "=", "transit")])
    transit = env.ref("stock.stock_location_inter_company", raise_if_not_found=False)
    table = SQL()
    if lines:
        table = SQL(
            """(SELECT line.id AS line_id, line.product_id, line.company_id, %(day)s AS date_promised,
                       %(grace)s AS grace_days, template.uom_id
                  FROM purchase_order_line AS line
                  JOIN product_product AS product ON product.id = line.product_id
                  JOIN product_template AS template ON template.id = product.product_tmpl_id
                 WHERE TRUE %(lines)s) AS base JOIN""",
            day=_day_sql(settings, SQL("line.promised_date"), SQL("line.company_id")),
            grace=_grace_sql(settings),
            lines=lines,
        )
    return SQL(
        """
        SELECT line_id,
               SUM(quantity) FILTER (WHERE is_receipt) AS received,
               SUM(quantity * day) FILTER (WHERE is_receipt) AS received_days,
               MAX(day) FILTER (WHERE is_receipt) AS last_day,
               SUM(quantity) FILTER (WHERE is_receipt AND day > deadline) AS late,
               SUM(quantity * day) FILTER (WHERE is_receipt AND day > deadline) AS late_days,
               SUM(quantity) FILTER (WHERE is_return AND is_own) AS returned,
               MAX(day) FILTER (WHERE NOT is_receipt AND NOT is_return) AS other_day
          FROM (
            SELECT line_id, day, deadline, quantity, is_return, is_own,
                   is_own AND is_from AND NOT is_return AS is_receipt
              FROM (
                SELECT move.purchase_line_id AS line_id, %(day)s - DATE '2000-01-01' AS day,
                       base.date_promised + base.grace_days - DATE '2000-01-01' AS deadline,
                       move.product_id = base.product_id AS is_own,
                       move.location_id = ANY(%(sources)s::int[]) AS is_from,
                       (move.location_dest_id = ANY(%(suppliers)s::int[])
                        OR (move.origin_returned_move_id IS NOT NULL AND move.location_dest_id = %(transit)s)
                       ) AS is_return,
                       CASE WHEN move.product_uom = base.uom_id THEN move.quantity::float8
                            ELSE (move.quantity * (SELECT factor FROM uom_uom WHERE id = move.product_uom)
                                  / (SELECT factor FROM uom_uom WHERE id = base.uom_id))::float8 END AS quantity
                  FROM %(table)s stock_move AS move %(link)s base.line_id = move.purchase_line_id
                   AND move.state = 'done' AND move.quantity > 0
                OFFSET 0) AS moved) AS kind
         GROUP BY line_id""",
        day=_day_sql(settings, SQL("move.date"), SQL("base.company_id")),
        sources=sources.ids,
        suppliers=suppliers.ids,
        transit=transit.id if transit else 0,
        table=table,
        link=SQL("ON") if lines else SQL("WHERE"),
    )


# ----------------------------------------------------------------------
# Bills
# ----------------------------------------------------------------------
def _bill_sql(lines=None):
    """What posted bills ask for each line, in the order's currency, and the quantity in the line's unit.

    Of all ``lines``, or of the row of ``base`` it stands beside. A bill in another currency is taken at its
    amount in the company's currency and the rate of the order.
    """
    table = SQL("WHERE")
    if lines:
        table = SQL(
            """JOIN (SELECT line.id AS line_id, line.product_uom_id AS line_uom_id, po.currency_id AS order_currency_id,
                       COALESCE(NULLIF(po.currency_rate, 0), 1) AS rate
                  FROM purchase_order_line AS line
                  JOIN purchase_order AS po ON po.id = line.order_id
                 WHERE TRUE %s) AS base ON""",
            lines,
        )
    return SQL(
        """
        SELECT line_id, COUNT(*)::int AS bill_count, SUM(amount) AS amount, SUM(quantity) AS billed
          FROM (
            SELECT bill.purchase_line_id AS line_id,
                   CASE WHEN move.currency_id <> base.order_currency_id THEN (bill.balance * base.rate)::float8
                        WHEN move.move_type = 'in_refund' THEN -bill.price_subtotal::float8
                        ELSE bill.price_subtotal::float8 END AS amount,
                   CASE WHEN bill.product_uom_id = base.line_uom_id OR bill.product_uom_id IS NULL
                        THEN bill.quantity::float8
                        ELSE (bill.quantity * (SELECT factor FROM uom_uom WHERE id = bill.product_uom_id)
                              / (SELECT factor FROM uom_uom WHERE id = base.line_uom_id))::float8 END
                   * CASE move.move_type WHEN 'in_refund' THEN -1 ELSE 1 END AS quantity
              FROM account_move AS move
              JOIN account_move_line AS bill ON bill.move_id = move.id AND bill.display_type = 'product'
              %(table)s base.line_id = bill.purchase_line_id
               AND move.state = 'posted' AND move.move_type IN ('in_invoice', 'in_refund')
            ) AS billed
         GROUP BY line_id""",
        table=table,
    )


# ----------------------------------------------------------------------
# Figures of a line
# ----------------------------------------------------------------------
def _fact_sql(settings, base=None):
    """What follows from ``base``, ``receipt`` and ``bill`` for a line, step by step.

    Without the SQL of ``base`` it stands beside a row of it, whose columns it does not repeat: a condition on
    them then picks the lines before anything else is read.
    """
    repeated, tables = SQL(), SQL()
    if base:
        repeated = SQL("base.*, bill.bill_count, bill.amount, bill.billed,")
        tables = SQL(
            """FROM (%s) AS base
               LEFT JOIN receipt ON receipt.line_id = base.line_id
               LEFT JOIN bill ON bill.line_id = base.line_id""",
            base,
        )
    # a kit is received as its components, which only Odoo's own quantity knows: all on the day of the last one
    kit = SQL(
        """CASE WHEN base.core_received > 0 AND receipt.received IS NULL
                THEN (base.core_received * base.line_factor / base.unit_factor)::float8 ELSE 0 END"""
    )
    deadline = SQL("(base.date_promised + base.grace_days - DATE '2000-01-01')")
    return SQL(
        """
        SELECT *, date_promised <= today AS is_due,
               ordered - received < %(half_unit)s AS in_full,
               -- without a promise nothing is in time
               promised IS NOT NULL AND ordered - (received - late) < %(half_unit)s AS otif,
               CASE WHEN promised IS NOT NULL THEN received - late END AS in_time,
               CASE WHEN agreed IS NOT NULL THEN
                    price <= agreed * (1 + tolerance) + agreed * %(slack)s
                    AND (NOT both_prices OR price >= agreed * (1 - tolerance) - agreed * %(slack)s)
               END AS complies
          FROM (
            SELECT %(repeated)s
                   base.date_promised - DATE '2000-01-01' AS promised,
                   base.date_confirmed - DATE '2000-01-01' AS confirmed,
                   COALESCE(receipt.received, %(kit)s) AS received,
                   CASE WHEN receipt.received IS NOT NULL THEN COALESCE(receipt.late, 0)
                        WHEN receipt.other_day <= %(deadline)s THEN 0 ELSE %(kit)s END AS late,
                   COALESCE(receipt.received_days / receipt.received,
                            CASE WHEN base.core_received > 0 THEN receipt.other_day END) AS mean_day,
                   CASE WHEN receipt.received IS NOT NULL THEN receipt.late_days / receipt.late
                        WHEN base.core_received > 0 AND receipt.other_day > %(deadline)s THEN receipt.other_day
                   END AS late_day,
                   COALESCE(receipt.last_day, CASE WHEN base.core_received > 0 THEN receipt.other_day END) AS last_day,
                   COALESCE(receipt.returned, 0) AS returned,
                   GREATEST(base.subtotal, 0) / base.rate AS value,
                   -- the exact price, unless taxes are within it; the subtotal is rounded
                   CASE WHEN ABS(base.listed_price * base.line_quantity - base.subtotal) <= base.currency_rounding
                        THEN base.listed_price
                        ELSE base.subtotal / base.line_quantity END AS price
              %(tables)s
            OFFSET 0) AS came
        OFFSET 0""",
        repeated=repeated,
        tables=tables,
        kit=kit,
        deadline=deadline,
        half_unit=SQL("%s::float8", 0.5 * 10 ** -settings[0].quantity_digits if settings else 0.005),
        slack=SQL("%s::float8", PRICE_SLACK),
    )


def _columns_sql(names, line):
    """The columns of a row; those of the order line from the table ``line``."""
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
        "value_on_time": SQL("CASE WHEN fact.is_due THEN fact.value * %s END", share),
        "value_otif": SQL("CASE WHEN fact.is_due THEN CASE WHEN fact.otif THEN fact.value ELSE 0 END END"),
        "value_in_full": SQL(
            "CASE WHEN fact.is_due THEN CASE WHEN fact.in_full THEN fact.value ELSE 0 END END"
        ),
        "value_open": SQL("fact.value * %s / ordered", still_open),
        "value_received": SQL("CASE WHEN fact.received > 0 THEN fact.value * fact.received / ordered END"),
        "value_returned": SQL("CASE WHEN fact.received > 0 THEN fact.value * fact.returned / ordered END"),
        "on_time_rate": SQL("CASE WHEN fact.is_due THEN %s END", share),
        "lead_days": SQL("fact.mean_day - fact.confirmed"),
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
