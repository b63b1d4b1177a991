from odoo import fields, models

from ...tools.empty_fields import EmptyFloat, EmptyMonetary

GRADES = [("high", "High"), ("medium", "Medium"), ("low", "Low")]


class SupplierScorecard(models.Model):
    """The reliability of one supplier in one month, or in the window of days up to ``date_to``.

    Rates are shares from 0 to 1, weighted by the value of the lines; empty where there is no data. Money is
    in the company's currency.
    """

    _name = "supplier.scorecard"
    _description = "Supplier Scorecard"
    _order = "date_to desc, score desc nulls last, id"
    _rec_name = "partner_id"
    _check_company_auto = True

    partner_id = fields.Many2one(
        "res.partner", string="Supplier", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, readonly=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    period = fields.Selection(
        [("month", "Month"), ("year", "Running Year")], required=True, default="month", readonly=True
    )
    date_from = fields.Date(string="From", required=True, readonly=True)
    date_to = fields.Date(string="To", required=True, readonly=True)
    is_current = fields.Boolean(
        readonly=True,
        help="The running year up to the last computation: its score and grade are the supplier's.",
    )
    date_computed = fields.Datetime(string="Computed On", readonly=True)
    line_ids = fields.One2many("supplier.scorecard.line", "scorecard_id", string="Criteria", readonly=True)

    # population
    due_line_count = fields.Integer(string="Due Lines", readonly=True)
    estimated_line_count = fields.Integer(string="Estimated Promises", readonly=True)
    due_value = EmptyMonetary(readonly=True, groups="purchase.group_purchase_user")
    # delivery
    on_time_value = EmptyMonetary(readonly=True, groups="purchase.group_purchase_user")
    on_time_rate = EmptyFloat(string="On Time", readonly=True, aggregator="avg")
    otif_value = EmptyMonetary(
        string="On Time in Full Value", readonly=True, groups="purchase.group_purchase_user"
    )
    otif_rate = EmptyFloat(string="On Time in Full", readonly=True, aggregator="avg")
    in_full_value = EmptyMonetary(readonly=True, groups="purchase.group_purchase_user")
    in_full_rate = EmptyFloat(string="In Full", readonly=True, aggregator="avg")
    overdue_line_count = fields.Integer(string="Overdue Lines", readonly=True)
    overdue_value = EmptyMonetary(readonly=True, groups="purchase.group_purchase_user")
    # lead time, in days
    received_line_count = fields.Integer(string="Lines with Receipts", readonly=True)
    lead_days_mean = EmptyFloat(string="Lead Time (Mean)", readonly=True, aggregator="avg")
    lead_days_median = EmptyFloat(string="Lead Time (Median)", readonly=True, aggregator="avg")
    lead_days_deviation = EmptyFloat(string="Lead Time (Deviation)", readonly=True, aggregator="avg")
    promised_lead_days_mean = EmptyFloat(string="Promised Lead Time", readonly=True, aggregator="avg")
    slippage_days_mean = EmptyFloat(string="Slippage (Mean)", readonly=True, aggregator="avg")
    slippage_days_median = EmptyFloat(string="Slippage (Median)", readonly=True, aggregator="avg")
    slippage_days_max = EmptyFloat(string="Slippage (Longest)", readonly=True, aggregator="max")
    late_line_count = fields.Integer(string="Late Lines", readonly=True)
    late_days_mean = EmptyFloat(string="Delay of Late Lines", readonly=True, aggregator="avg")
    # price
    price_line_count = fields.Integer(string="Lines with an Agreed Price", readonly=True)
    price_value = EmptyMonetary(readonly=True, groups="purchase.group_purchase_user")
    price_compliant_value = EmptyMonetary(readonly=True, groups="purchase.group_purchase_user")
    price_compliance = EmptyFloat(readonly=True, aggregator="avg", groups="purchase.group_purchase_user")
    price_variance = EmptyMonetary(readonly=True, groups="purchase.group_purchase_user")
    bill_line_count = fields.Integer(string="Bill Lines", readonly=True)
    bill_variance = EmptyMonetary(readonly=True, groups="purchase.group_purchase_user")
    # quality
    received_value = EmptyMonetary(readonly=True, groups="purchase.group_purchase_user")
    returned_value = EmptyMonetary(readonly=True, groups="purchase.group_purchase_user")
    quality_rate = EmptyFloat(string="Quality", readonly=True, aggregator="avg")
    # response
    rfq_count = fields.Integer(string="RFQs Sent", readonly=True)
    answered_rfq_count = fields.Integer(string="RFQs Answered", readonly=True)
    response_days = EmptyFloat(string="Response Time", readonly=True, aggregator="avg")

    score = EmptyFloat(readonly=True, aggregator="avg", help="0 to 100; empty: not rated.")
    grade = fields.Selection(GRADES, readonly=True, index=True)

    _one_per_window = models.UniqueIndex(
        "(company_id, partner_id, period, date_to) WHERE NOT is_current", "Already computed for this period."
    )
    _one_current = models.UniqueIndex(
        "(company_id, partner_id) WHERE is_current", "One current scorecard each."
    )
