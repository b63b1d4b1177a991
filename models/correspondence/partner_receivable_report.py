from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.arguments import as_ids
from .partner_payment_reminder_line import BUCKETS

KINDS = [("invoice", "Invoice"), ("credit", "Credit Note"), ("payment", "Payment"), ("entry", "Other Entry")]


class PartnerReceivableReport(models.Model):
    """Open receivables by age, as of today: each open item on a trade receivable account, once.

    Payments and credit notes that nobody matched yet are negative, and stand with what is not due. The total is the
    balance of the receivable accounts, to the cent. The id of a row is that of its journal item.
    """

    _name = "partner.receivable.report"
    _description = "Overdue Receivables by Age"
    _inherit = ["partner.report.care.mixin"]
    _auto = False
    _order = "date_due, id"
    _rec_name = "move_id"
    _care_user_fields = ("user_id",)
    _depends = {
        "account.account": ["account_type", "non_trade"],
        "account.move": ["invoice_user_id", "move_type", "reminder_dispute"],
        "account.move.line": [
            "account_id", "amount_residual", "amount_residual_currency", "company_id", "currency_id", "date",
            "date_maturity", "move_id", "parent_state", "partner_id", "reconciled",
        ],
        "res.company": ["currency_id"],
        "res.partner": ["commercial_partner_id", "user_id"],
    }  # fmt: skip

    move_id = fields.Many2one("account.move", string="Document", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    user_id = fields.Many2one(
        "res.users",
        string="Salesperson",
        readonly=True,
        help="Of the invoice; of anything else that of the customer.",
    )
    company_id = fields.Many2one("res.company", readonly=True)
    company_currency_id = fields.Many2one("res.currency", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    kind = fields.Selection(KINDS, readonly=True)
    date = fields.Date(readonly=True)
    date_due = fields.Date(string="Due", readonly=True)
    days_overdue = fields.Integer(
        readonly=True, aggregator="max", help="Days past the due date, today; negative before it."
    )
    bucket = fields.Selection(BUCKETS, string="Age", readonly=True)
    is_disputed = fields.Boolean(string="Disputed", readonly=True)
    amount_currency = fields.Monetary(
        string="Unpaid in Currency", readonly=True, currency_field="currency_id", aggregator=None
    )
    amount = fields.Monetary(
        string="Unpaid",
        readonly=True,
        currency_field="company_currency_id",
        help="What is not paid yet, in company currency; unmatched payments and credit notes are negative.",
    )
    not_due = fields.Monetary(readonly=True, currency_field="company_currency_id")
    days_30 = fields.Monetary(string="1–30 Days", readonly=True, currency_field="company_currency_id")
    days_60 = fields.Monetary(string="31–60 Days", readonly=True, currency_field="company_currency_id")
    days_90 = fields.Monetary(string="61–90 Days", readonly=True, currency_field="company_currency_id")
    older = fields.Monetary(string="Over 90 Days", readonly=True, currency_field="company_currency_id")
    overdue = fields.Monetary(
        readonly=True, currency_field="company_currency_id", help="What is past its due date; no deductions."
    )

    def _search(self, domain, *args, bypass_access=False, **kwargs):
        # What is in the care of few is found before the items of all others are put together.
        whole = Domain(domain)
        if not (self.env.su or bypass_access):
            whole &= self.env["ir.rule"]._compute_domain(self._name, "read")
        report = self.with_context(receivable_users=self._get_care_limit(whole))
        return super(PartnerReceivableReport, report)._search(
            domain, *args, bypass_access=bypass_access, **kwargs
        )

    @api.depends("move_id")
    def _compute_display_name(self):
        # sudo: the name of the document, as the list shows it
        for item, record in zip(self, self.sudo(), strict=True):
            item.display_name = record.move_id.display_name

    @api.model
    def _search_display_name(self, operator, value):
        # sudo: by the name of the document, which the list shows to who may read no entries, too
        moves = self.env["account.move"].sudo()
        return Domain("move_id", "in", moves._search(Domain("display_name", operator, value)))

    def _get_care_sql(self):
        """Return the condition on items that leaves at least those in the care of the users of the context."""
        users = as_ids(self.env.context.get("receivable_users"))
        if users is None or self.env["res.partner"]._are_many():
            return SQL()
        return SQL(
            """AND (move.invoice_user_id = ANY(%s::int[])
                OR line.partner_id IN (SELECT own.id FROM res_partner AS own WHERE own.commercial_partner_id IN %s))""",
            sorted(users),
            self.env["res.partner"]._get_responsible_query(users).subselect(),
        )

    @property
    def _table_query(self):
        """SQL: read from the open items by their index; nothing is stored.

        Every item has a document and a company; where nothing of these is asked for, PostgreSQL leaves them out of an
        outer join.
        """
        today = fields.Date.context_today(self)
        return SQL(
            """
    SELECT item.*,
           CASE WHEN item.bucket = 'not_due' THEN item.amount ELSE 0 END AS not_due,
           CASE WHEN item.bucket = 'days_30' THEN item.amount ELSE 0 END AS days_30,
           CASE WHEN item.bucket = 'days_60' THEN item.amount ELSE 0 END AS days_60,
           CASE WHEN item.bucket = 'days_90' THEN item.amount ELSE 0 END AS days_90,
           CASE WHEN item.bucket = 'older' THEN item.amount ELSE 0 END AS older,
           CASE WHEN item.bucket <> 'not_due' THEN item.amount ELSE 0 END AS overdue
      FROM (
        SELECT line.id, line.move_id, partner.commercial_partner_id AS partner_id, line.company_id,
               company.currency_id AS company_currency_id, line.currency_id,
               COALESCE(CASE WHEN move.move_type <> 'entry' THEN move.invoice_user_id END, customer.user_id) AS user_id,
               CASE WHEN move.move_type = 'out_invoice' THEN 'invoice'
                    WHEN move.move_type = 'out_refund' THEN 'credit'
                    WHEN move.origin_payment_id IS NOT NULL OR move.statement_line_id IS NOT NULL THEN 'payment'
                    ELSE 'entry' END AS kind,
               line.date, COALESCE(line.date_maturity, line.date) AS date_due,
               %(today)s - COALESCE(line.date_maturity, line.date) AS days_overdue,
               CASE WHEN line.amount_residual < 0 THEN 'not_due'
                    WHEN %(today)s - COALESCE(line.date_maturity, line.date) > 90 THEN 'older'
                    WHEN %(today)s - COALESCE(line.date_maturity, line.date) > 60 THEN 'days_90'
                    WHEN %(today)s - COALESCE(line.date_maturity, line.date) > 30 THEN 'days_60'
                    WHEN %(today)s - COALESCE(line.date_maturity, line.date) > 0 THEN 'days_30'
                    ELSE 'not_due' END AS bucket,
               COALESCE(move.reminder_dispute, '') <> '' AS is_disputed,
               line.amount_residual_currency AS amount_currency, line.amount_residual AS amount
          FROM account_move_line AS line
          JOIN account_account AS account ON account.id = line.account_id
           AND account.account_type = 'asset_receivable' AND account.non_trade IS NOT TRUE
     LEFT JOIN account_move AS move ON move.id = line.move_id
     LEFT JOIN res_company AS company ON company.id = line.company_id
     LEFT JOIN res_partner AS partner ON partner.id = line.partner_id
     LEFT JOIN res_partner AS customer ON customer.id = partner.commercial_partner_id
         WHERE line.reconciled IS NOT TRUE AND line.parent_state = 'posted' AND line.amount_residual <> 0 %(care)s
      ) AS item""",
            care=self._get_care_sql(),
            today=SQL("%s::date", today),
        )

    @api.readonly
    def action_open_document(self):
        """Open the invoice, credit note or entry."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": self.move_id.id,
            "views": [(False, "form")],
        }
