from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools.empty_fields import EmptyFloat, EmptyMonetary
from .partner_classification_line import ABC_CLASSES, STAGES, XYZ_CLASSES


class PartnerTurnoverReport(models.Model):
    """Revenue and profit of posted customer invoices and credit notes, line by line.

    Revenue is what Odoo's Invoice Analysis calls untaxed amount, of the same documents. Profit takes the
    cost that was frozen at posting. A record is an invoice line; groups that ask for nothing of a line are
    read from the invoices, with the same totals.

    With the context key ``turnover_compare`` (``year``, which is the default, ``quarter`` or ``month``) the
    measures of the period before take what was sold that span earlier, up to the same day. Their rows are
    read only if such a measure is asked for.
    """

    _name = "partner.turnover.report"
    _description = "Turnover and Profit"
    _inherit = ["partner.care.mixin"]
    _auto = False
    _rec_name = "move_id"
    _care_user_fields = ("user_id",)
    _order = "date desc, id desc"
    _depends = {
        "account.move": [
            "state",
            "move_type",
            "company_id",
            "commercial_partner_id",
            "invoice_user_id",
            "team_id",
            "invoice_date",
            "amount_untaxed_signed",
            "sale_cost",
        ],
        "account.move.line": [
            "move_id",
            "display_type",
            "balance",
            "product_id",
            "product_uom_id",
            "quantity",
            "sale_cost",
            "tax_repartition_line_id",
        ],
        "partner.classification": ["company_id", "is_current", "kind"],
        "partner.classification.line": [
            "classification_id",
            "partner_id",
            "abc_class",
            "xyz_class",
            "stage",
            "is_merged",
        ],
        "product.product": ["product_tmpl_id"],
        "product.template": ["categ_id", "uom_id"],
        "uom.uom": ["factor"],
        "res.company": ["currency_id"],
        "res.currency.rate": ["company_id", "currency_id", "name", "rate"],
        "res.partner": ["country_id", "state_id", "industry_id", "own_market_id"],
    }

    move_id = fields.Many2one("account.move", string="Invoice", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    partner_id = fields.Many2one(
        "res.partner", string="Customer", readonly=True, help="The company, also for invoices of its persons."
    )
    country_id = fields.Many2one("res.country", readonly=True, help="Country of the customer.")
    state_id = fields.Many2one(
        "res.country.state", string="State of Customer", readonly=True, help="State of the customer."
    )
    industry_id = fields.Many2one("res.partner.industry", readonly=True, help="Industry of the customer.")
    market_id = fields.Many2one(
        "partner.market",
        readonly=True,
        help="Market of the customer: chosen by hand, else by industry, else by country.",
    )
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
    categ_id = fields.Many2one("product.category", string="Product Category", readonly=True)
    product_id = fields.Many2one("product.product", readonly=True)
    user_id = fields.Many2one(
        "res.users", string="Salesperson", readonly=True, help="Salesperson of the invoice."
    )
    team_id = fields.Many2one(
        "crm.team", string="Sales Team", readonly=True, help="Sales team of the invoice."
    )
    date = fields.Date(readonly=True, help="Date of the invoice.")
    quantity = fields.Float(
        readonly=True,
        digits="Product Unit",
        help="Sold less taken back, in the unit of the product.",
    )
    revenue = EmptyMonetary(
        readonly=True,
        help="Invoiced less credit notes, untaxed, in the currency of the company. Equals the untaxed amount of "
        "Odoo's Invoice Analysis.",
    )
    cost = EmptyMonetary(
        string="Cost of Sale",
        readonly=True,
        help="Cost at the time of the sale, as it was frozen when the invoice was posted. Empty while an old "
        "invoice is still to be read.",
    )
    profit = EmptyMonetary(readonly=True, help="Revenue less cost at the time of the sale.")
    margin_percent = EmptyFloat(
        string="Margin (%)",
        readonly=True,
        digits=(16, 1),
        aggregator="avg",
        help="Profit as a share of revenue, in percent. Of a total: its profit divided by its revenue. Empty "
        "without revenue.",
    )
    revenue_before = EmptyMonetary(
        string="Revenue Before",
        readonly=True,
        help="Revenue one year earlier, or one quarter or month as chosen in the filters, up to the same day.",
    )
    profit_before = EmptyMonetary(
        string="Profit Before",
        readonly=True,
        help="Profit one year earlier, or one quarter or month as chosen in the filters, up to the same day.",
    )
    revenue_change = EmptyFloat(
        string="Change of Revenue (%)",
        readonly=True,
        digits=(16, 1),
        aggregator="avg",
        help="Revenue less revenue before, as a share of revenue before, in percent. Empty if there was none "
        "before.",
    )
    is_own = fields.Boolean(
        string="Mine",
        compute="_compute_is_own",
        search="_search_is_own",
        help="An invoice of yours, or of a customer that you are responsible for.",
    )

    # ------------------------------------------------------------------
    # Whose figures they are
    # ------------------------------------------------------------------
    @api.model
    def _get_care_domain(self, user_ids):
        contacts = self.env["res.partner"]
        return Domain("user_id", "in", user_ids) | contacts._get_care_of_domain("partner_id", user_ids)

    def action_open_move(self):
        """Open the invoice that the line stands on.

        Who has no right to accounting sees it in a form of its own, as the one of accounting needs that right.

        :raise UserError: if the user may not read the invoice
        """
        self.ensure_one()
        move = self.move_id
        if not move.has_access("read"):
            # sudo: the name of the invoice, which the line shows
            raise UserError(
                self.env._(
                    "You see the figures of the invoice %(invoice)s, but have no right to open it. "
                    "Ask an administrator for the right to see invoices, or a colleague in accounting for a copy.",
                    invoice=move.sudo().display_name,
                )
            )
        action = move.get_formview_action()
        if not self.env.user.has_group("account.group_account_readonly") and not self.env.user.has_group(
            "account.group_account_invoice"
        ):
            action["views"] = [(self.env.ref("partner_relations.account_move_view_form_sale").id, "form")]
        return action
