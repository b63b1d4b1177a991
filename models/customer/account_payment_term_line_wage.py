from odoo import fields, models

from ...tools.wage_deduction import instalment_date


class AccountPaymentTermLine(models.Model):
    """An instalment that is due on a pay day of the employer."""

    _inherit = "account.payment.term.line"

    delay_type = fields.Selection(
        selection_add=[("wage_pay_day", "Pay day of the employer")], ondelete={"wage_pay_day": "set default"}
    )
    wage_month = fields.Integer(
        string="Pay Days Later",
        readonly=True,
        help="Terms of payment by wage deduction: so many pay days after the first one.",
    )

    def _get_due_date(self, date_ref):
        # sudo: only which days it is due on, whoever has an invoice computed
        term = self.payment_id.sudo()
        # terms that somebody made by hand know no pay day: the instalment is due as many days later as they say
        if self.delay_type != "wage_pay_day" or not term.wage_pay_day:
            return super()._get_due_date(date_ref)
        return instalment_date(
            fields.Date.to_date(date_ref) or fields.Date.context_today(self),
            term.wage_cutoff_day,
            term.wage_pay_day,
            self.wage_month,
        )
