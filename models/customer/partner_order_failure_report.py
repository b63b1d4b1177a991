from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.empty_fields import EmptyFloat, EmptyMonetary
from ...tools.order_failure import FAULTS, KINDS
from .partner_classification_line import ABC_CLASSES, STAGES, XYZ_CLASSES


class PartnerOrderFailureReport(models.Model):
    """Failed orders by reason, fault, customer, product, manager and month, and their rate.

    A record is a line of a failed order, at the rate of the order, that was not taken up again; failures whose
    reason does not count (entered by mistake, replaced) are left out. The three kinds are never mixed in a rate:

    - *cancelled* and *short-closed*: failed value ÷ value of the orders confirmed in the month in which the failed
      one was confirmed, as they were confirmed: those that were cancelled, and what was given up, included;
    - *quotation lost*: lost value ÷ value of the quotations decided, lost or confirmed, in the month of the decision.

    The values of the cohort are rows of their own, which only groups that ask for them read: a list shows failures
    only. A group by reason, fault or anything else that only a failure has is compared with the whole cohort.
    Orders that were cancelled before the addon was installed are in neither.

    Amounts are in the currency of the current company, those of a foreign company at today's rate.
    """

    _name = "partner.order.failure.report"
    _description = "Failed Orders Analysis"
    _inherit = ["partner.report.care.mixin"]
    _auto = False
    _rec_name = "order_name"
    _order = "failure_date desc, id desc"
    _care_user_fields = ("user_id",)
    _depends = {
        "partner.classification": ["company_id", "is_current", "kind"],
        "partner.classification.line": [
            "abc_class", "classification_id", "is_merged", "partner_id", "stage", "xyz_class",
        ],
        "partner.order.failure": [
            "company_id", "date", "date_confirmed", "fault", "kind", "order_id", "order_name", "owner_id", "partner_id",
            "reason_id", "state", "team_id", "user_id",
        ],
        "partner.order.failure.line": [
            "date", "failure_id", "order_line_id", "product_id", "product_uom_id", "quantity_failed",
            "quantity_ordered", "reason_id", "value_failed_company", "value_ordered_company",
        ],
        "partner.order.failure.reason": ["fault", "is_counted"],
        "product.product": ["product_tmpl_id"],
        "product.template": ["categ_id", "uom_id"],
        "res.company": ["currency_id"],
        "res.currency.rate": ["company_id", "currency_id", "name", "rate"],
        "res.partner": ["commercial_partner_id", "country_id"],
        "sale.order": [
            "amount_untaxed", "company_id", "currency_rate", "date_order", "partner_id", "state", "team_id", "user_id",
        ],
        "sale.order.line": ["display_type", "order_id", "price_subtotal", "product_id", "product_uom_qty"],
        "uom.uom": ["factor"],
    }  # fmt: skip

    # What failed
    kind = fields.Selection(KINDS, readonly=True)
    failure_id = fields.Many2one("partner.order.failure", string="Failed Orders", readonly=True)
    order_id = fields.Many2one("sale.order", readonly=True)
    order_name = fields.Char(string="Number", readonly=True)
    reason_id = fields.Many2one(
        "partner.order.failure.reason",
        readonly=True,
        help="Of the line, else of the order. Empty: not told yet.",
    )
    fault = fields.Selection(FAULTS, readonly=True, help="On whose side the cause lies.")
    failure_date = fields.Date(
        string="Failed On", readonly=True, help="When it was lost, cancelled or closed."
    )
    closed_by_id = fields.Many2one("res.users", readonly=True)
    # Whose it was
    date = fields.Date(
        string="Cohort",
        readonly=True,
        help="When the order was confirmed; of a lost quotation when it was lost. Rates compare the failures of a "
        "month with the orders confirmed, or quotations decided, in that month.",
    )
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    country_id = fields.Many2one("res.country", readonly=True, help="Country of the customer.")
    abc_class = fields.Selection(
        ABC_CLASSES,
        string="ABC Class",
        readonly=True,
        help="Class of the customer in the company's current classification.",
    )
    xyz_class = fields.Selection(
        XYZ_CLASSES,
        string="XYZ Class",
        readonly=True,
        help="Class of the customer in the company's current classification.",
    )
    stage = fields.Selection(
        STAGES, readonly=True, help="Stage of the customer in the company's current classification."
    )
    product_id = fields.Many2one("product.product", readonly=True)
    categ_id = fields.Many2one("product.category", string="Product Category", readonly=True)
    user_id = fields.Many2one(
        "res.users", string="Salesperson", readonly=True, help="Salesperson of the order when it failed."
    )
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    # Figures
    failed_value = EmptyMonetary(
        readonly=True, help="(Ordered − delivered) × net price, untaxed, at the rate of the order."
    )
    failed_quantity = EmptyFloat(
        readonly=True,
        digits="Product Unit",
        help="Ordered less delivered, in the unit of the product.",
    )
    base_value = EmptyMonetary(
        string="Value of the Cohort",
        readonly=True,
        help="Untaxed value of the orders confirmed, or of the quotations decided, that the failures are compared "
        "with. Empty where several kinds of failure come together.",
    )
    rate = EmptyFloat(
        string="Failed (%)",
        readonly=True,
        digits=(16, 1),
        aggregator="avg",
        help="Failed value as a share of the value of the cohort, in percent. Of a total: its sums divided. Empty "
        "without a cohort, and where several kinds of failure come together.",
    )
    is_own = fields.Boolean(
        help="An order of yours, or of a customer that you are responsible for.",
    )
    in_my_team = fields.Boolean(
        help="An order of a subordinate of yours, or of a customer that one is responsible for.",
    )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------
    @api.readonly
    def action_open_order(self):
        """Open the order of the line.

        :raise UserError: if it was deleted, or the user may not read it
        """
        self.ensure_one()
        self.check_access("read")
        # sudo: the failure of the row, which the user sees
        failure = self.sudo().failure_id
        if not failure:
            raise UserError(self.env._("The order is not there any more. Load the list again."))
        return failure.with_env(self.env).action_open_order()
