from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.empty_fields import EmptyFloat, EmptyInteger, EmptyMonetary
from ...tools.inquiries import INQUIRY_CHANNELS
from .partner_classification_line import STAGES

RESULTS = [
    ("converted", "Customer"),
    ("young", "Young"),
    ("late", "Bought Later"),
    ("lost", "Lost"),
    ("open", "Not Bought"),
]
# The steps of the funnel, in their order; who reached one reached those before it.
STEPS = (
    *("inquiry_count", "contacted_count", "opportunity_count"),
    *("quoted_count", "ordered_count", "paid_count"),
)


class PartnerInquiryReport(models.Model):
    """What became of the inquiries: one row for each, archived and lost ones included.

    Defined by `tools/inquiries.py`. A sale is a confirmed order above zero, on the day of its order date in the time
    zone of its company. It belongs to the inquiry it was made from, else to the last inquiry of the customer on or
    before that day, and counts once. The first of an inquiry's sales converts it if it comes within the days of the
    settings, 90 unless changed. The conversion rate is of mature inquiries alone, which are at least so many days
    old; younger ones are counted apart.

    The id of a row is the id of the lead. Leads that were merged are one inquiry, of the earliest day.
    """

    _name = "partner.inquiry.report"
    _description = "Conversion of Inquiries"
    _inherit = ["partner.care.mixin", "partner.report.page.mixin"]
    _auto = False
    _rec_name = "name"
    _order = "date desc, id desc"
    _care_user_fields = ("user_id",)
    _depends = {
        "account.move": ["move_type", "payment_state", "state"],
        "account.move.line": ["move_id", "sale_line_ids"],
        "crm.lead": [
            "asked_source_id", "campaign_id", "company_id", "country_id", "inquiry_channel", "inquiry_date",
            "inquiry_stage", "interest_categ_ids", "interest_product_ids", "is_inquiry", "lost_reason_id", "medium_id",
            "name", "partner_id", "source_id", "state_id", "team_id", "type", "user_id", "won_status",
        ],
        "partner.contact.log": ["commercial_partner_id", "company_id", "date", "direction", "state"],
        "res.company": ["currency_id", "inquiry_days"],
        "res.partner": ["commercial_partner_id", "country_id", "state_id"],
        "sale.order": [
            "amount_untaxed", "company_id", "currency_rate", "date_order", "opportunity_id", "partner_id", "state",
        ],
        "sale.order.line": ["invoice_lines", "order_id"],
    }  # fmt: skip

    # What it is
    lead_id = fields.Many2one("crm.lead", readonly=True)
    name = fields.Char(string="Inquiry", readonly=True)
    date = fields.Date(string="Inquiry Date", readonly=True)
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        readonly=True,
        help="The company, also for inquiries of its persons. Empty while it is not known who asks.",
    )
    contact_id = fields.Many2one("res.partner", readonly=True)
    inquiry_stage = fields.Selection(
        STAGES, string="Stage at the Inquiry", readonly=True, help="Stage of the customer on that day."
    )
    channel = fields.Selection(INQUIRY_CHANNELS, readonly=True, help="How the first contact came in.")
    source_id = fields.Many2one(
        "utm.source", readonly=True, help="Source of the lead, else what the prospect answered when asked."
    )
    asked_source_id = fields.Many2one("utm.source", string="Heard of Us Through", readonly=True)
    medium_id = fields.Many2one("utm.medium", string="Marketing Medium", readonly=True)
    campaign_id = fields.Many2one("utm.campaign", readonly=True)
    user_id = fields.Many2one(
        "res.users", string="Salesperson", readonly=True, help="Salesperson of the lead."
    )
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    country_id = fields.Many2one(
        "res.country", readonly=True, help="Country of the lead, else of its customer."
    )
    state_id = fields.Many2one(
        "res.country.state",
        string="State of Customer",
        readonly=True,
        help="State of the lead, else of its customer.",
    )
    product_ids = fields.Many2many(
        "product.template",
        "crm_lead_interest_product_rel",
        "lead_id",
        "product_tmpl_id",
        string="Products of Interest",
        readonly=True,
        help="An inquiry about several products counts in the group of each, and once in the total.",
    )
    categ_ids = fields.Many2many(
        "product.category",
        "crm_lead_interest_categ_rel",
        "lead_id",
        "categ_id",
        string="Categories of Interest",
        readonly=True,
        help="An inquiry about several categories counts in the group of each, and once in the total.",
    )
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    # What became of it
    result = fields.Selection(
        RESULTS,
        readonly=True,
        help="Customer: bought within the days of the settings. Young: not that old yet. Bought later: the first sale "
        "came after those days. Lost: the lead was marked as lost. Not bought: none of these.",
    )
    reason = fields.Char(string="Why", compute="_compute_reason", help="What became of it, in words.")
    is_mature = fields.Boolean(
        string="Mature",
        readonly=True,
        help="At least as many days old as the settings say, 90 unless changed.",
    )
    is_converted = fields.Boolean(
        string="Converted", readonly=True, help="The first sale came within the days of the settings."
    )
    window_days = fields.Integer(string="Days to Convert", readonly=True, aggregator=None)
    age_days = fields.Integer(string="Age (Days)", readonly=True, aggregator="avg")
    sale_order_id = fields.Many2one(
        "sale.order",
        string="First Sale",
        readonly=True,
        help="First confirmed order that belongs to the inquiry.",
    )
    sale_date = fields.Date(string="Date of First Sale", readonly=True)
    days_to_sale = EmptyInteger(
        string="Days to First Sale",
        readonly=True,
        aggregator="avg",
        help="Days from the inquiry to the first sale of those who were converted. Of a total: the mean.",
    )
    sale_value = EmptyMonetary(
        string="Value of First Sale",
        readonly=True,
        help="Untaxed value of the first sale of those who were converted, in the currency of the current company.",
    )
    lost_reason_id = fields.Many2one("crm.lost.reason", readonly=True)
    # Counts
    inquiry_count = fields.Integer(string="Inquiries", readonly=True)
    mature_count = fields.Integer(string="Mature Inquiries", readonly=True)
    converted_count = fields.Integer(
        string="Mature Converted", readonly=True, help="Mature inquiries that were converted."
    )
    conversion_rate = EmptyFloat(
        string="Conversion",
        readonly=True,
        aggregator="avg",
        help="Mature inquiries that were converted ÷ mature inquiries. Empty without mature ones.",
    )
    young_count = fields.Integer(
        string="Young Inquiries", readonly=True, help="Not mature yet, and not in the conversion."
    )
    young_converted_count = fields.Integer(string="Young Converted", readonly=True)
    lost_count = fields.Integer(string="Lost Inquiries", readonly=True, help="Whose lead was marked as lost.")
    # Funnel
    contacted_count = fields.Integer(
        string="Contacted",
        readonly=True,
        help="We called, wrote to or visited the customer on or after that day, or came further.",
    )
    opportunity_count = fields.Integer(
        string="Opportunities", readonly=True, help="The lead is an opportunity, or came further."
    )
    quoted_count = fields.Integer(
        string="Quoted",
        readonly=True,
        help="A quotation or order, whatever became of it, belongs to the inquiry.",
    )
    ordered_count = fields.Integer(
        string="Ordered", readonly=True, help="A confirmed order belongs to the inquiry, whenever it came."
    )
    paid_count = fields.Integer(
        string="Paid", readonly=True, help="An invoice of an order that belongs to the inquiry is paid."
    )
    # Rights
    is_own = fields.Boolean(
        string="Mine",
        compute="_compute_is_own",
        search="_search_is_own",
        help="You are the salesperson, the customer is in your care, or you run the campaign that brought it.",
    )

    # ------------------------------------------------------------------
    # Whose inquiries they are
    # ------------------------------------------------------------------
    @api.model
    def _get_care_domain(self, user_ids):
        contacts = self.env["res.partner"]
        # sudo: who runs a campaign sees whom it brought
        campaigns = self.env["utm.campaign"].sudo()._search([("user_id", "in", user_ids)])
        return (
            Domain("user_id", "in", user_ids)
            | contacts._get_care_of_domain("partner_id", user_ids)
            | Domain("campaign_id", "in", campaigns)
        )

    def _is_in_care_of(self, user_ids):
        # sudo: as for the search
        return super()._is_in_care_of(user_ids) or self.sudo().campaign_id.user_id.id in user_ids

    # ------------------------------------------------------------------
    # Groups
    # ------------------------------------------------------------------
    def _read_group_select(self, aggregate_spec, query):
        name, _separator, function = aggregate_spec.partition(":")
        if function == "sum_currency":
            # amounts are in the currency of the current company already
            return super()._read_group_select(f"{name}:sum", query)
        if name == "conversion_rate" and function == "avg":
            converted, mature = (
                self._field_to_sql(self._table, field, query) for field in ("converted_count", "mature_count")
            )
            return SQL("SUM(%s)::float / NULLIF(SUM(%s), 0)", converted, mature)
        return super()._read_group_select(aggregate_spec, query)

    # ------------------------------------------------------------------
    # Words and documents
    # ------------------------------------------------------------------
    @api.depends(
        "result", "date", "age_days", "window_days", "sale_order_id.name", "sale_date", "lost_reason_id.name"
    )
    def _compute_reason(self):
        # sudo: the numbers of the orders and the reasons, which the row shows anyway
        rows = self.sudo()
        for row in rows:
            days = (row.sale_date - row.date).days if row.sale_date else 0
            values = {
                "order": row.sale_order_id.name,
                "days": days,
                "window": row.window_days,
                "age": row.age_days,
                "reason": row.lost_reason_id.name,
            }
            if row.result == "converted":
                row.reason = self.env._("Bought after %(days)s days: %(order)s", **values)
            elif row.result == "late":
                row.reason = self.env._(
                    "Bought after %(days)s days, more than %(window)s: %(order)s", **values
                )
            elif row.result == "lost":
                row.reason = (
                    self.env._("Lost: %(reason)s", **values) if values["reason"] else self.env._("Lost")
                )
            elif row.result == "young":
                row.reason = self.env._("%(age)s of %(window)s days old", **values)
            else:
                row.reason = self.env._("No sale in %(age)s days", **values)

    @api.readonly
    def action_open_lead(self):
        """Open the lead.

        :raise UserError: if the user may not read it
        """
        self.ensure_one()
        lead = self.lead_id
        if not lead.has_access("read"):
            raise UserError(
                self.env._(
                    "You see what became of the inquiry %(inquiry)s, but have no right to open it. Ask an "
                    "administrator for the right to see leads, or the salesperson %(user)s for a look.",
                    inquiry=self.name,
                    # sudo: the name that the list shows
                    user=self.sudo().user_id.name or self.env._("(none)"),
                )
            )
        return lead.get_formview_action()
