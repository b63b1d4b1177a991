from odoo import api, fields, models

from ...tools.payment_levels import bucket

BUCKETS = [
    ("not_due", "Not Due"),
    ("days_30", "1–30 Days"),
    ("days_60", "31–60 Days"),
    ("days_90", "61–90 Days"),
    ("older", "Over 90 Days"),
]


class PartnerPaymentReminderLine(models.Model):
    """An open instalment as the letter tells it; or a payment or credit note that is deducted."""

    _name = "partner.payment.reminder.line"
    _description = "Open Instalment in a Payment Reminder"
    _order = "date_due, id"

    reminder_id = fields.Many2one("partner.payment.reminder", required=True, index=True, ondelete="cascade")
    move_line_id = fields.Many2one(
        "account.move.line", string="Journal Item", readonly=True, index=True, ondelete="set null"
    )
    move_id = fields.Many2one(
        "account.move", string="Document", readonly=True, index="btree_not_null", ondelete="set null"
    )
    name = fields.Char(string="Number", readonly=True)
    date = fields.Date(string="Dated", readonly=True)
    date_due = fields.Date(string="Due", readonly=True)
    days_overdue = fields.Integer(
        readonly=True, help="Days past the due date on the day of the letter; negative before it."
    )
    currency_id = fields.Many2one("res.currency", readonly=True)
    amount = fields.Monetary(
        string="Unpaid",
        readonly=True,
        help="What was open on the day of the letter; deductions are negative.",
    )
    company_currency_id = fields.Many2one(related="reminder_id.currency_id", string="Company Currency")
    amount_company = fields.Monetary(
        string="Unpaid in Company Currency", readonly=True, currency_field="company_currency_id"
    )
    level_id = fields.Many2one(
        "partner.payment.reminder.level",
        string="Told Level",
        readonly=True,
        ondelete="restrict",
        help="The level that this letter is for this instalment. Empty: it is listed for completeness.",
    )
    level_days = fields.Integer(readonly=True)
    bucket = fields.Selection(BUCKETS, string="Age", compute="_compute_bucket")

    @api.depends("days_overdue")
    def _compute_bucket(self):
        for line in self:
            line.bucket = bucket(line.days_overdue)
