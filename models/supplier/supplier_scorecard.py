from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.empty_fields import EmptyFloat, EmptyMonetary
from ...tools.group_order import in_order

GRADES = [("high", "High"), ("medium", "Medium"), ("low", "Low")]
PRICE_GROUP = "purchase.group_purchase_user"


class SupplierScorecard(models.Model):
    """The reliability of one supplier in one month, or in the window of days up to ``date_to``.

    Rates are shares from 0 to 1, weighted by the value of the lines; empty where there is no data. Money is
    in the company's currency.
    """

    _name = "supplier.scorecard"
    _description = "Supplier Scorecard"
    _inherit = "partner.form.pointer.mixin"
    _order = "date_to desc, score desc nulls last, id"
    _rec_name = "partner_id"
    _check_company_auto = True

    partner_id = fields.Many2one(
        "res.partner", string="Supplier", required=True, index=True, ondelete="cascade", readonly=True
    )
    partner_active = fields.Boolean(related="partner_id.active", string="Contact Is Active")
    partner_state = fields.Char(
        string="Contact",
        compute="_compute_partner_state",
        help="Whether the contact of the supplier is archived.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, readonly=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    period = fields.Selection(
        [("month", "Month"), ("year", "Running Year"), ("days", "Chosen Days")],
        required=True,
        default="month",
        readonly=True,
        help="Month: the lines promised in one calendar month. Running year: those promised in the days measured, "
        "as the rating policy says, up to a day. Chosen days: those promised in any other days; such a scorecard "
        "is not part of the history.",
    )
    date_from = fields.Date(string="From", required=True, readonly=True)
    date_to = fields.Date(string="To", required=True, readonly=True)
    is_current = fields.Boolean(
        string="Current",
        readonly=True,
        help="The running year up to the last computation: its score and grade are the supplier's.",
    )
    date_computed = fields.Datetime(
        string="Last Changed On",
        readonly=True,
        help="When a computation last gave other figures than before.",
    )
    parameters = fields.Json(
        readonly=True,
        help="What the rating policy said when the scorecard was computed, so that it explains itself.",
    )
    line_ids = fields.One2many("supplier.scorecard.line", "scorecard_id", string="Criteria", readonly=True)

    # population
    due_line_count = fields.Integer(
        string="Due Lines",
        readonly=True,
        help="Confirmed order lines of goods promised in this time and not later than the day of the computation, "
        "received or not. All rates of delivery are shares of their value.",
    )
    estimated_line_count = fields.Integer(
        string="Estimated Promises",
        readonly=True,
        help="Due lines whose promise was not kept when the order was confirmed, but read from its history.",
    )
    due_value = EmptyMonetary(
        readonly=True,
        groups=PRICE_GROUP,
        help="Untaxed value of the due lines, by the rate of their orders. It is the weight of each line.",
    )
    # delivery
    on_time_value = EmptyMonetary(
        readonly=True,
        groups=PRICE_GROUP,
        help="Value of the quantity received by the promise, at most that ordered, over the due lines.",
    )
    on_time_rate = EmptyFloat(
        string="On Time",
        readonly=True,
        aggregator="avg",
        help="Value received by the promise ÷ value of the due lines. What came late or is overdue counts against "
        "it. Empty without due lines.",
    )
    otif_value = EmptyMonetary(
        string="On Time in Full Value",
        readonly=True,
        groups=PRICE_GROUP,
        help="Value of the due lines that were complete by the promise.",
    )
    otif_rate = EmptyFloat(
        string="On Time in Full",
        readonly=True,
        aggregator="avg",
        help="Value of the due lines complete by the promise ÷ value of the due lines. A line of which a part is "
        "missing counts nothing. Empty without due lines.",
    )
    in_full_value = EmptyMonetary(
        readonly=True,
        groups=PRICE_GROUP,
        help="Value of the due lines that were received completely, in time or not.",
    )
    in_full_rate = EmptyFloat(
        string="In Full",
        readonly=True,
        aggregator="avg",
        help="Value of the due lines received completely, in time or not ÷ value of the due lines. Empty without "
        "due lines.",
    )
    overdue_line_count = fields.Integer(
        string="Overdue Lines",
        readonly=True,
        help="Due lines past their promise of which something is still to come.",
    )
    overdue_value = EmptyMonetary(
        readonly=True, groups=PRICE_GROUP, help="Value of what is still to come of the overdue lines."
    )
    # lead time, in days
    received_line_count = fields.Integer(
        string="Lines with Receipts",
        readonly=True,
        help="Due lines of which something was received, and nothing before the order was confirmed (again).",
    )
    lead_days_mean = EmptyFloat(
        string="Lead Time (Mean)",
        readonly=True,
        aggregator="avg",
        help="Days from the confirmation of the order to the receipt, by quantity over the receipts of a line; the "
        "mean of the lines with receipts.",
    )
    lead_days_median = EmptyFloat(
        string="Lead Time (Median)",
        readonly=True,
        aggregator=None,
        help="Half of the lines with receipts took at most so many days.",
    )
    lead_days_deviation = EmptyFloat(
        string="Lead Time (Deviation)",
        readonly=True,
        aggregator=None,
        help="Standard deviation of the lead times of the lines (population), in days: how much they vary.",
    )
    promised_lead_days_mean = EmptyFloat(
        string="Promised Lead Time",
        readonly=True,
        aggregator="avg",
        help="Days from the confirmation of the order to the promise; the mean of the lines with receipts.",
    )
    slippage_line_count = fields.Integer(
        string="Lines with Slippage",
        readonly=True,
        help="Due lines of which something was received, also before the order was confirmed (again).",
    )
    slippage_days_mean = EmptyFloat(
        string="Slippage (Mean)",
        readonly=True,
        aggregator="avg",
        help="Days from the promise to the receipt, by quantity over the receipts of a line; the mean of the lines "
        "with receipts. Below 0: earlier than promised.",
    )
    slippage_days_median = EmptyFloat(
        string="Slippage (Median)",
        readonly=True,
        aggregator=None,
        help="Half of the lines with receipts came at most so many days after their promise.",
    )
    slippage_days_max = EmptyFloat(
        string="Slippage (Longest)",
        readonly=True,
        aggregator="max",
        help="Days from the promise to the receipt of the line that came latest.",
    )
    late_line_count = fields.Integer(
        string="Late Lines",
        readonly=True,
        help="Due lines of which something was received after the promise.",
    )
    late_days_mean = EmptyFloat(
        string="Delay of Late Lines",
        readonly=True,
        aggregator="avg",
        help="Mean slippage of the late lines, in days.",
    )
    # price
    price_line_count = fields.Integer(
        string="Lines with an Agreed Price",
        readonly=True,
        help="Due lines for which a price was agreed before: in a blanket order, or as a vendor price that was "
        "valid on the order date and older than the order. Other lines do not count for the price.",
    )
    price_value = EmptyMonetary(
        readonly=True, groups=PRICE_GROUP, help="Value of the lines with an agreed price."
    )
    price_compliant_value = EmptyMonetary(
        readonly=True,
        groups=PRICE_GROUP,
        help="Value of the lines with an agreed price that were ordered at it, within the tolerance.",
    )
    price_compliance = EmptyFloat(
        readonly=True,
        aggregator="avg",
        groups=PRICE_GROUP,
        help="Value ordered at the agreed price, within the tolerance of the policy ÷ value of the lines with an "
        "agreed price. Empty without agreed prices.",
    )
    price_variance = EmptyMonetary(
        readonly=True,
        groups=PRICE_GROUP,
        help="(Net price − agreed price) × ordered quantity, over the lines with an agreed price. Above 0: paid "
        "more than agreed.",
    )
    bill_line_count = fields.Integer(
        string="Bill Lines", readonly=True, help="Posted lines of vendor bills and refunds of the due lines."
    )
    bill_variance = EmptyMonetary(
        readonly=True,
        groups=PRICE_GROUP,
        help="Billed − net price of the order × billed quantity, over the bill lines; refunds negative. A refund "
        "takes quantity off for goods that went back or never came, else money alone. Above 0: billed more than "
        "ordered.",
    )
    # quality
    received_value = EmptyMonetary(
        readonly=True, groups=PRICE_GROUP, help="Value of what was received of the due lines."
    )
    returned_value = EmptyMonetary(
        readonly=True,
        groups=PRICE_GROUP,
        help="Value of what was sent back to the supplier of the due lines.",
    )
    quality_rate = EmptyFloat(
        string="Quality",
        readonly=True,
        aggregator="avg",
        help="1 − value returned ÷ value received. Empty while nothing was received.",
    )
    # response
    rfq_count = fields.Integer(
        string="RFQs Sent", readonly=True, help="Requests for quotation sent to the supplier in this time."
    )
    answered_rfq_count = fields.Integer(
        string="RFQs Answered",
        readonly=True,
        help="Those of the requests sent in this time that were answered.",
    )
    response_days = EmptyFloat(
        string="Response Time",
        readonly=True,
        aggregator="avg",
        help="Days from sending a request for quotation to its answer; the mean of those answered.",
    )

    score = EmptyFloat(
        readonly=True,
        aggregator="avg",
        help="0 to 100: Σ weight × points ÷ Σ weight over the criteria that have data. Empty: not rated, as there "
        "are fewer due lines than the policy needs. A total is the mean of the rated suppliers.",
    )
    is_rated = fields.Boolean(compute="_compute_is_rated", help="There is a score.")
    grade = fields.Selection(
        GRADES,
        string="Computed Grade",
        readonly=True,
        index=True,
        group_expand=in_order(GRADES),
        help="By the score and the limits of the policy. Empty: not rated.",
    )
    applied_grade = fields.Selection(
        GRADES,
        string="Grade",
        compute="_compute_applied_grade",
        search="_search_applied_grade",
        help="The grade that applies: on the current scorecard the one set by hand while it is valid, else the "
        "computed one.",
    )
    override_id = fields.Many2one(
        "supplier.grade.override", string="Set by Hand", compute="_compute_applied_grade"
    )
    override_until = fields.Date(
        string="By Hand Until",
        compute="_compute_applied_grade",
        help="The last day of a grade set by hand. Empty: the computed one applies.",
    )
    reason = fields.Text(
        compute="_compute_reason",
        help="How the score comes about, or why there is none; and who set the grade.",
    )

    _one_per_window = models.UniqueIndex(
        "(company_id, partner_id, period, date_from, date_to) WHERE NOT is_current",
        "Already computed for this period.",
    )
    _one_current = models.UniqueIndex(
        "(company_id, partner_id) WHERE is_current", "One current scorecard each."
    )

    @api.depends("partner_id.active")
    def _compute_partner_state(self):
        for card in self:
            card.partner_state = self.env._("Archived") if not card.partner_active else False

    @api.depends("score")
    def _compute_is_rated(self):
        for card in self:
            card.is_rated = card.score is not False

    # ------------------------------------------------------------------
    # The grade that applies
    # ------------------------------------------------------------------
    @api.depends("grade", "is_current", "partner_id", "company_id")
    def _compute_applied_grade(self):
        current = self.filtered("is_current")
        valid = self.env["supplier.grade.override"]._get_valid(current.partner_id, current.company_id)
        for card in self:
            override = (
                valid.get((card.partner_id.id, card.company_id.id)) if card.is_current else None
            ) or self.env["supplier.grade.override"]
            card.override_id = override
            card.override_until = override.date_until
            card.applied_grade = override.grade or card.grade

    def _search_applied_grade(self, operator, value):
        if operator != "in":
            return NotImplemented
        overrides = self.env["supplier.grade.override"]

        def overridden(domain):
            # a subselect over both keys, as a supplier may be set by hand in one company and not in another
            def to_sql(model, alias, query):
                inner = overrides._search(domain & overrides._get_valid_domain())
                return SQL(
                    "(COALESCE(%s, FALSE) AND (%s, %s) IN %s)",
                    SQL.identifier(alias, "is_current"),
                    SQL.identifier(alias, "partner_id"),
                    SQL.identifier(alias, "company_id"),
                    inner.subselect(
                        SQL.identifier(inner.table, "partner_id"), SQL.identifier(inner.table, "company_id")
                    ),
                )

            return Domain.custom(to_sql=to_sql)

        overrides.flush_model(["active", "partner_id", "company_id", "grade", "date_until"])
        self.flush_model(["is_current", "partner_id", "company_id"])
        wanted = [grade for grade in value if grade]
        return overridden(Domain("grade", "in", wanted)) | (
            Domain("grade", "in", list(value)) & ~overridden(Domain.TRUE)
        )

    # ------------------------------------------------------------------
    # Totals
    # ------------------------------------------------------------------
    @api.model
    def _read_group_select(self, aggregate_spec, query):
        """The total of rates is the ratio of the sums, that of means the mean over all lines.

        SQL without a check of the fields behind a ratio: amounts are for purchase users alone, the rates that
        they are made of for all who may read scorecards.
        """
        name, _, function = aggregate_spec.partition(":")

        def column(field):
            return SQL.identifier(self._table, field)

        if function == "avg" and name in RATIOS:
            field = self._fields[name]
            self._check_field_access(field, "read")
            part, whole = RATIOS[name]
            self.flush_model([part, whole])
            ratio = SQL("SUM(%s) / NULLIF(SUM(%s), 0)", column(part), column(whole))
            # amounts of two currencies have no sum, so the rate is empty
            return SQL(
                "CASE WHEN MIN(%(currency)s) = MAX(%(currency)s) THEN %(rate)s END",
                currency=self._field_to_sql(self._table, "currency_id", query),
                rate=SQL("(1 - %s)", ratio) if name == "quality_rate" else ratio,
            )
        if function == "avg" and name in WEIGHTED_MEANS:
            count = WEIGHTED_MEANS[name]
            self.flush_model([name, count])
            return SQL(
                "SUM(%(mean)s * %(count)s) / NULLIF(SUM(%(count)s) FILTER (WHERE %(mean)s IS NOT NULL), 0)",
                mean=column(name),
                count=column(count),
            )
        return super()._read_group_select(aggregate_spec, query)


# Rates that are ratios of two amounts; the quality is what is left of 1.
RATIOS = {
    "on_time_rate": ("on_time_value", "due_value"),
    "otif_rate": ("otif_value", "due_value"),
    "in_full_rate": ("in_full_value", "due_value"),
    "price_compliance": ("price_compliant_value", "price_value"),
    "quality_rate": ("returned_value", "received_value"),
}
# Means, by the number of what they are the mean of.
WEIGHTED_MEANS = {
    "lead_days_mean": "received_line_count",
    "promised_lead_days_mean": "received_line_count",
    "slippage_days_mean": "slippage_line_count",
    "late_days_mean": "late_line_count",
    "response_days": "answered_rfq_count",
}
