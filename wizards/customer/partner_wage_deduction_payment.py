from odoo import api, fields, models
from odoo.exceptions import UserError


class PartnerWageDeductionPayment(models.TransientModel):
    """Asks how the employer paid a deduction list. What was paid for whom is entered on the list."""

    _name = "partner.wage.deduction.payment"
    _description = "Payment of a Wage Deduction List"
    _inherit = "partner.pointer.mixin"

    list_id = fields.Many2one("partner.wage.deduction.list", required=True, readonly=True)
    company_id = fields.Many2one(related="list_id.company_id")
    currency_id = fields.Many2one(related="list_id.currency_id")
    employer_id = fields.Many2one(related="list_id.employer_id")
    mode = fields.Selection(
        [
            ("new", "A new payment"),
            ("existing", "A payment or bank item that is in the books"),
            ("none", "Nothing was paid"),
        ],
        string="Paid by",
        required=True,
        compute="_compute_mode",
        store=True,
        precompute=True,
        readonly=False,
    )
    date = fields.Date(required=True, default=fields.Date.context_today)
    journal_id = fields.Many2one(
        "account.journal",
        string="Bank",
        compute="_compute_journal",
        store=True,
        readonly=False,
        domain="[('type', 'in', ('bank', 'cash')), ('company_id', '=', company_id)]",
    )
    amount = fields.Monetary(
        compute="_compute_amount",
        store=True,
        readonly=False,
        help="What the employer transferred. What is more than the employees' amounts stays its credit.",
    )
    credit_ids = fields.Many2many(
        "account.move.line",
        string="Items",
        domain="[('partner_id', 'child_of', employer_id), ('company_id', '=', company_id), "
        "('parent_state', '=', 'posted'), ('account_id.account_type', '=', 'asset_receivable'), "
        "('reconciled', '=', False), ('amount_residual_currency', '<', 0), ('currency_id', '=', currency_id)]",
        help="Open credits of the employer: payments, or bank statement lines booked to its receivable.",
    )
    memo = fields.Char(help="Such as the reference of the bank transfer.")
    amount_listed = fields.Monetary(string="Listed", compute="_compute_sums")
    amount_employees = fields.Monetary(string="Paid for Employees", compute="_compute_sums")
    amount_short = fields.Monetary(string="For the Next List", compute="_compute_sums")
    reason = fields.Char(
        string="Reason of the Difference",
        help="Why less was withheld than listed. It stands on the next list.",
    )

    @api.depends("list_id")
    def _compute_mode(self):
        for dialog in self:
            found = dialog.list_id and self.env["account.move.line"].search_count(
                dialog._get_credit_domain(), limit=1
            )
            dialog.mode = "existing" if found else "new"

    def _get_credit_domain(self):
        return [
            ("partner_id", "child_of", self.employer_id.id),
            ("company_id", "=", self.company_id.id),
            ("parent_state", "=", "posted"),
            ("account_id.account_type", "=", "asset_receivable"),
            ("reconciled", "=", False),
            ("amount_residual_currency", "<", 0),
            ("currency_id", "=", self.currency_id.id),
        ]

    @api.depends("company_id")
    def _compute_journal(self):
        for dialog in self:
            dialog.journal_id = self.env["account.journal"].search(
                [("type", "=", "bank"), ("company_id", "=", dialog.company_id.id)], limit=1
            )

    @api.depends("list_id")
    def _compute_amount(self):
        for dialog in self:
            dialog.amount = sum(dialog.list_id.line_ids.mapped("amount_paid"))

    @api.depends("list_id", "mode")
    def _compute_sums(self):
        for dialog in self:
            lines, currency = dialog.list_id.line_ids, dialog.currency_id
            is_none = dialog.mode == "none"
            dialog.amount_listed = sum(lines.mapped("amount"))
            dialog.amount_employees = 0 if is_none else sum(lines.mapped("amount_paid"))
            dialog.amount_short = sum(
                max(currency.round((line.amount or 0) - (0 if is_none else line.amount_paid or 0)), 0)
                for line in lines
            )

    def action_register(self):
        """Register the payment and reconcile it.

        :raise UserError: if the bank, the items or the reason of a difference are missing
        """
        self.ensure_one()
        paid = self.list_id
        if self.mode == "none":
            paid.line_ids.amount_paid = 0
            paid._register_payment(self.date, reason=self.reason)
        elif self.mode == "existing":
            if not self.credit_ids:
                raise UserError(
                    self.env._("Choose the payment of %s, or register a new one.", self.employer_id.name)
                )
            paid._register_payment(self.date, credits_=self.credit_ids, reason=self.reason)
        else:
            if not self.journal_id:
                raise UserError(self.env._("Choose the bank to which %s paid.", self.employer_id.name))
            paid._register_payment(
                self.date, journal=self.journal_id, amount=self.amount, memo=self.memo, reason=self.reason
            )
