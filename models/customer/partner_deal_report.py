from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.empty_fields import EmptyFloat, EmptyInteger, EmptyMonetary

KINDS = [("opportunity", "Opportunity"), ("quotation", "Quotation"), ("order", "Sales Order")]
WAITS_FOR = [
    ("decision", "Decision"),
    ("delivery", "Delivery"),
    ("invoicing", "Invoicing"),
    ("payment", "Payment"),
]
# The numbers put the groups of a graph in the order of a deal's life.
PHASES = [
    ("1_opportunity", "Opportunity"),
    ("2_draft", "Quotation to Send"),
    ("3_sent", "Quotation Sent"),
    ("4_delivery", "To Deliver"),
    ("5_invoicing", "To Invoice"),
    ("6_payment", "To Be Paid"),
]

OPEN_QUOTATION = [("state", "in", ("draft", "sent"))]


class PartnerDealReport(models.Model):
    """The unfinished deals: each opportunity, quotation and order that still waits for something, once.

    - An open opportunity stands for its open quotations, whose value it then has. If orders of it are confirmed
      already, its value is what they leave of the expected revenue, and with nothing left the orders stand alone.
    - An open quotation is a row of its own when its opportunity is not: there is none, or it is won or archived.
      With a lost opportunity the deal is lost.
    - A confirmed order waits for delivery, else for invoicing, else for payment, and is finished after that.

    Amounts are in the currency of the current company, those of a foreign company at today's rate. Values are
    untaxed; what is not paid is the residual of the invoices, with taxes, as in accounting.

    The id of a row is twice that of the order, and one more than twice that of the opportunity.
    """

    _name = "partner.deal.report"
    _description = "Unfinished Deals"
    _inherit = ["partner.report.care.mixin"]
    _auto = False
    _rec_name = "name"
    _order = "is_overdue desc, date_expected, value desc nulls last, id"
    _care_user_fields = ("user_id",)
    _depends = {
        "account.move": [
            "amount_residual", "amount_residual_signed", "amount_total", "invoice_date_due", "invoice_payment_term_id",
            "matched_payment_ids", "move_type", "name", "state",
        ],
        "account.move.line": [
            "amount_residual", "date_maturity", "display_type", "move_id", "price_total", "sale_line_ids",
        ],
        "account.payment": ["amount_company_currency_signed", "move_id", "state"],
        "account.payment.term.line": ["payment_id"],
        "crm.lead": [
            "active", "company_id", "create_date", "date_deadline", "expected_revenue", "name", "partner_id",
            "probability", "stage_id", "team_id", "type", "user_id", "won_status",
        ],
        "mail.activity": ["active", "date_deadline", "res_id", "res_model", "user_id"],
        "partner.contact.log": ["commercial_partner_id", "company_id", "date", "state", "user_id"],
        "res.company": ["currency_id", "quotation_probability"],
        "res.partner": ["commercial_partner_id"],
        "res.users": ["active"],
        "sale.order": [
            "amount_untaxed", "commitment_date", "company_id", "create_date", "currency_rate", "date_order", "name",
            "opportunity_id", "partner_id", "state", "team_id", "user_id", "validity_date",
        ],
        "sale.order.line": [
            "customer_lead", "discount", "display_type", "invoice_lines", "is_downpayment", "order_id",
            "price_subtotal", "price_unit", "product_uom_qty", "qty_delivered", "qty_delivered_method",
            "qty_invoiced", "qty_to_invoice", "state", "untaxed_amount_invoiced", "untaxed_amount_to_invoice",
        ],
    }  # fmt: skip

    # What it is
    name = fields.Char(string="Deal", readonly=True)
    kind = fields.Selection(KINDS, readonly=True)
    phase = fields.Selection(
        PHASES, readonly=True, help="How far the deal has come, in the order of its life."
    )
    waits_for = fields.Selection(
        WAITS_FOR,
        readonly=True,
        help="The next thing that has to happen: the customer decides; then the order is delivered, invoiced, paid.",
    )
    stage = fields.Char(
        compute="_compute_stage",
        help="Stage of the opportunity; of quotations and orders what they wait for.",
    )
    crm_stage_id = fields.Many2one("crm.stage", string="Stage of Opportunity", readonly=True)
    reason = fields.Char(
        string="Why It Waits", compute="_compute_reason", help="What is still missing, in words."
    )
    res_model = fields.Char(string="Document Model", readonly=True)
    res_id = fields.Many2oneReference(string="Document ID", model_field="res_model", readonly=True)
    lead_id = fields.Many2one("crm.lead", string="Opportunity", readonly=True)
    order_id = fields.Many2one("sale.order", readonly=True)
    # Whose it is
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        readonly=True,
        help="The company, also for documents of its persons.",
    )
    contact_id = fields.Many2one("res.partner", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    # Time
    date = fields.Date(
        string="Opened",
        readonly=True,
        help="Day on which the opportunity or quotation was created or the order confirmed.",
    )
    age_days = EmptyInteger(
        string="Age (Days)", readonly=True, aggregator="avg", help="Days since it was opened."
    )
    last_contact_date = fields.Datetime(
        string="Last Contact",
        readonly=True,
        help="Of anybody with the customer or one of its persons. Empty: there was none.",
    )
    days_without_contact = EmptyInteger(
        readonly=True,
        aggregator="avg",
        help="Days since the last contact with the customer; if there was none, since the deal was opened.",
    )
    next_step_date = fields.Date(
        string="Next Step",
        readonly=True,
        help="The earliest activity on the document or on its quotations, or planned contact with the customer. "
        "Those of people who left do not count.",
    )
    has_next_step = fields.Boolean(
        readonly=True,
        help="There is an activity on the document, or a contact with the customer is planned, by somebody who works "
        "here.",
    )
    date_expected = fields.Date(
        string="Expected",
        readonly=True,
        help="Day on which what the deal waits for is due. Decision: expected closing of the opportunity, else end of "
        "validity of the quotation. Delivery and invoicing: promised date of the order, else its date and the lead "
        "time of what is not delivered. Payment: earliest due date of its unpaid invoices.",
    )
    timing = fields.Selection(
        [("overdue", "Overdue"), ("in_time", "In Time"), ("undated", "Without Date")], readonly=True
    )
    is_overdue = fields.Boolean(string="Overdue", readonly=True, help="The expected day has passed.")
    days_overdue = EmptyInteger(
        readonly=True, aggregator="avg", help="Days since the expected day. Empty if it has not passed."
    )
    # Money
    value = EmptyMonetary(
        readonly=True,
        help="Untaxed. Opportunity: sum of its open quotations, else its expected revenue less what is ordered "
        "already; empty where a company that is not active has orders of it. Quotation and order: the whole document.",
    )
    probability = EmptyFloat(
        string="Probability (%)",
        readonly=True,
        digits=(16, 1),
        aggregator="avg",
        help="Of the opportunity. A quotation without one has the probability of the settings, of a won one 100; "
        "an order has 100. Of a total: weighted value divided by value.",
    )
    weighted_value = EmptyMonetary(readonly=True, help="Value times probability.")
    forecast_value = EmptyMonetary(
        string="Forecast",
        readonly=True,
        help="Revenue that is still to be expected: the weighted value, of an order what is not invoiced.",
    )
    undelivered_value = EmptyMonetary(
        string="Not Delivered",
        readonly=True,
        help="Ordered less delivered quantities at the prices of the order, untaxed. What will not be delivered any "
        "more does not count, once all transfers are done or cancelled. Services count if somebody keeps their "
        "delivered quantity, or if they are invoiced by it.",
    )
    uninvoiced_value = EmptyMonetary(
        string="Not Invoiced",
        readonly=True,
        help="Value of the order less what posted invoices and credit notes have of it, untaxed. Down payments are "
        "deducted. Where more was delivered than ordered and the product is invoiced by delivery, that counts.",
    )
    to_invoice_value = EmptyMonetary(
        string="Can Be Invoiced",
        readonly=True,
        help="The part of the value not invoiced that the invoicing policy of the products allows to invoice today.",
    )
    unpaid_value = EmptyMonetary(
        string="Not Paid",
        readonly=True,
        help="Residual of the posted invoices and credit notes, with taxes. If an invoice has several orders or other "
        "lines, each has the share of its lines.",
    )
    # For the words
    quotation_count = fields.Integer(readonly=True, help="Open quotations of an opportunity.")
    invoice_count = fields.Integer(readonly=True, help="Posted invoices that are not paid.")
    invoice_name = fields.Char(readonly=True)
    has_draft_invoice = fields.Boolean(readonly=True)
    sold_value = EmptyMonetary(
        string="Ordered Already", readonly=True, help="Value of the confirmed orders of an opportunity."
    )
    # Rights
    is_own = fields.Boolean(
        help="You are the salesperson, also of a quotation within it, or the customer is in your care.",
    )
    in_my_team = fields.Boolean(
        help="A subordinate of yours is the salesperson, or the customer is in the care of one.",
    )

    # ------------------------------------------------------------------
    # Whose deals they are
    # ------------------------------------------------------------------
    @api.model
    def _get_care_domain(self, user_ids):
        contacts = self.env["res.partner"]
        # sudo: whose quotation it is does not depend on the right to read it
        quotations = (
            self.env["sale.order"]
            .sudo()
            ._search([*OPEN_QUOTATION, ("user_id", "in", user_ids), ("opportunity_id", "!=", False)])
        )
        lead = SQL.identifier(quotations.table, "opportunity_id")
        return Domain.OR(
            [
                Domain("user_id", "in", user_ids),
                contacts._get_care_of_domain("partner_id", user_ids),
                Domain("lead_id", "in", quotations.subselect(lead)),
            ]
        )

    # ------------------------------------------------------------------
    # Groups
    # ------------------------------------------------------------------
    def _read_group_select(self, aggregate_spec, query):
        name, _separator, function = aggregate_spec.partition(":")
        if function == "sum_currency":
            # amounts are in the currency of the current company already
            return super()._read_group_select(f"{name}:sum", query)
        if name == "probability" and function == "avg":
            value, weighted = (
                self._field_to_sql(self._table, field, query) for field in ("value", "weighted_value")
            )
            return SQL(
                "100 * SUM(%(weighted)s) / NULLIF(SUM(%(value)s) FILTER (WHERE %(weighted)s IS NOT NULL), 0)",
                weighted=weighted,
                value=value,
            )
        if aggregate_spec == "currency_id:array_agg_distinct":
            # one and the same in every row: no need to sort them
            return SQL("ARRAY[%s]", self.env.company.currency_id.id)
        return super()._read_group_select(aggregate_spec, query)

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------
    @api.readonly
    def action_open_document(self):
        """Open the opportunity, quotation or order.

        :raise UserError: if the user may not read it
        """
        self.ensure_one()
        document = self.env[self.res_model].browse(self.res_id)
        if not document.has_access("read"):
            raise UserError(
                self.env._(
                    "You see the deal %(deal)s, but have no right to open it. Ask an administrator for the right "
                    "to see opportunities and sales orders, or the salesperson %(user)s for a look.",
                    deal=self.name,
                    # sudo: the name that the list shows
                    user=self.sudo().user_id.name or self.env._("(none)"),
                )
            )
        return document.get_formview_action()

    def action_log_contact(self):
        """Open the dialog that logs a contact with the customer about the document."""
        return self._open_contact_dialog("partner_relations.partner_contact_log_action_new")

    def action_plan_contact(self):
        """Open the dialog that plans the next contact with the customer about the document."""
        return self._open_contact_dialog("partner_relations.partner_contact_log_action_plan", state="planned")

    def _open_contact_dialog(self, xmlid, **values):
        self.ensure_one()
        values.update(
            partner_id=self.contact_id.id,
            company_id=self.company_id.id or self.env.company.id,
            res_model=self.res_model,
            res_id=self.res_id,
        )
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        return {
            **action,
            "context": {f"default_{field}": value for field, value in values.items() if value},
        }
