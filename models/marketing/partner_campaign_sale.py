from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from ...tools.empty_fields import EmptyMonetary
from .partner_campaign_touch import TOUCH_KINDS

HOW = [
    ("document", "Entered on the document"),
    ("lead", "Campaign of its lead"),
    ("touch", "By a touch"),
]


class PartnerCampaignSale(models.Model):
    """The sales that are credited to a campaign, and why.

    One row for what an invoice or credit note has of one order, or of none. The id is that of its first line.
    """

    _name = "partner.campaign.sale"
    _description = "Sale of a Campaign"
    _inherit = ["partner.campaign.query", "partner.care.mixin", "partner.report.page.mixin"]
    _care_user_fields = ("user_id",)
    _auto = False
    _rec_name = "move_id"
    _order = "date desc, id desc"
    _depends = {"account.move": ["invoice_user_id"]}

    campaign_id = fields.Many2one("utm.campaign", readonly=True)
    move_id = fields.Many2one("account.move", string="Invoice", readonly=True)
    order_id = fields.Many2one("sale.order", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    date = fields.Date(readonly=True, help="Date of the invoice.")
    decided_on = fields.Date(
        string="Day of the Sale",
        readonly=True,
        help="Date of the order, or of an invoice without order: the day that touches are counted back from.",
    )
    is_refund = fields.Boolean(string="Credit Note", readonly=True)
    is_new = fields.Boolean(
        string="New Customer", readonly=True, help="First sale to this customer ever in the company."
    )
    revenue = EmptyMonetary(readonly=True, help="Untaxed, in the currency of the current company.")
    profit = EmptyMonetary(
        readonly=True, help="Revenue less the cost frozen at posting. Empty while it is not known."
    )
    how = fields.Selection(HOW, string="Credited", readonly=True)
    touch_kind = fields.Selection(TOUCH_KINDS, string="Touch", readonly=True)
    touch_moment = fields.Datetime(string="Touch Date", readonly=True)
    reason = fields.Char(
        string="Why", compute="_compute_reason", help="Why the sale is credited to the campaign."
    )
    is_own = fields.Boolean(
        string="Mine",
        compute="_compute_is_own",
        search="_search_is_own",
        help="An invoice of yours, or of a customer that you are responsible for.",
    )

    @property
    def _table_query(self):
        # A second of compiling for a tenth of a second of reading.
        self.env.cr.execute("SET LOCAL jit = off")
        return SQL(
            """
    WITH %(attribution)s
    SELECT sale.id, sale.key AS campaign_id, sale.move_id, sale.order_id, sale.partner_id,
           move.invoice_user_id AS user_id, sale.company_id, %(currency)s::int4 AS currency_id,
           sale.date, sale.decided_on, sale.is_refund, sale.is_new,
           sale.revenue * company.rate AS revenue, sale.profit * company.rate AS profit, sale.how,
           touch.kind AS touch_kind, touch.moment AS touch_moment
      FROM sale
      JOIN company ON company.id = sale.company_id
      JOIN account_move AS move ON move.id = sale.move_id
      LEFT JOIN touch ON touch.id = sale.touch_id
     WHERE sale.key IS NOT NULL""",
            attribution=self._get_attribution_sql(),
            currency=self.env.company.currency_id.id,
        )

    @api.depends("how", "touch_kind", "touch_moment", "order_id", "decided_on", "is_refund", "company_id")
    @api.depends_context("lang")
    def _compute_reason(self):
        kinds = dict(self._fields["touch_kind"]._description_selection(self.env))
        for sale in self:
            # sudo: the number of the order, which the row shows anyway
            document = sale.sudo().order_id.name or sale.sudo().move_id.name
            if sale.how == "document":
                reason = self.env._("Entered on %(document)s", document=document)
            elif sale.how == "lead":
                reason = self.env._("Campaign of the lead of %(document)s", document=document)
            else:
                # by the clock that decided, whoever looks
                day = sale.company_id._get_day(sale.touch_moment)
                words = {
                    "touch": kinds.get(sale.touch_kind),
                    "date": format_date(self.env, day),
                    "document": document,
                }
                days = max((sale.decided_on - day).days, 0)
                if days == 1:
                    reason = self.env._("%(touch)s on %(date)s, 1 day before %(document)s", **words)
                else:
                    reason = self.env._(
                        "%(touch)s on %(date)s, %(days)s days before %(document)s", days=days, **words
                    )
            if sale.is_refund:
                reason = self.env._("Credit note: %(reason)s", reason=reason)
            sale.reason = reason

    @api.readonly
    def action_open_touches(self):
        """Open all touches of the customer, to see those that did not decide."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "partner_relations.partner_campaign_touch_action"
        )
        return {**action, "domain": [("partner_id", "=", self.partner_id.id)], "context": {}}

    @api.readonly
    def action_open_move(self):
        """Open the invoice, in a form that salespeople may see.

        :raise UserError: if the user may not read it
        """
        self.ensure_one()
        if not self.move_id.has_access("read"):
            raise UserError(
                self.env._(
                    "You see the figures of the invoice %(invoice)s, but have no right to open it. Ask an "
                    "administrator for the right to see invoices, or a colleague in accounting for a copy.",
                    # sudo: the number of the invoice, which the row shows
                    invoice=self.move_id.sudo().display_name,
                )
            )
        action = self.move_id.get_formview_action()
        if not self.env.user.has_groups("account.group_account_readonly,account.group_account_invoice"):
            action["views"] = [(self.env.ref("partner_relations.account_move_view_form_sale").id, "form")]
        return action
