from odoo import api, fields, models
from odoo.tools import clean_context

from ...tools.wage_deduction import percentages


class AccountPaymentTerm(models.Model):
    """Terms of payment by wage deduction: equal instalments, one on each pay day of the employer.

    They are made when an invoice first needs them and used again by all invoices with the same number of instalments
    and the same days, so core itself splits the invoice. They are archived, as nobody is to choose them by hand.
    """

    _inherit = "account.payment.term"

    wage_cutoff_day = fields.Integer(
        string="Cut-off Day",
        readonly=True,
        copy=False,
        help="Terms of payment by wage deduction: invoices up to this day of the month are on the next list.",
        groups="base.group_user",
    )
    wage_pay_day = fields.Integer(
        string="Pay Day",
        readonly=True,
        copy=False,
        help="Terms of payment by wage deduction: instalments are due on this day of the month.",
        groups="base.group_user",
    )

    _wage_days_idx = models.Index("(company_id, wage_cutoff_day, wage_pay_day) WHERE wage_pay_day > 0")

    @api.model
    def _get_wage_term(self, company, instalments, cutoff_day, pay_day):
        """Return the terms with so many instalments on these days, made if there are none yet."""
        # sudo: who may write an invoice need not be allowed to make terms of payment by hand; these have no choices
        terms = self.sudo().with_context(active_test=False)
        found = terms.search(
            [
                ("company_id", "=", company.id),
                ("wage_cutoff_day", "=", cutoff_day),
                ("wage_pay_day", "=", pay_day),
            ],
            order="id",
        ).filtered(lambda term: len(term.line_ids) == instalments)[:1]
        if not found:
            # nor does a default of a call choose, such as a discount
            terms = terms.with_context(clean_context(terms.env.context))  # pylint: disable=context-overridden
            found = terms.create(
                {
                    "name": self.env._(
                        "Wage deduction ×%(count)s, pay day %(pay)s, cut-off day %(cutoff)s",
                        count=instalments,
                        pay=pay_day,
                        cutoff=cutoff_day,
                    ),
                    "company_id": company.id,
                    "active": False,
                    "wage_cutoff_day": cutoff_day,
                    "wage_pay_day": pay_day,
                    "line_ids": [
                        fields.Command.create(
                            {
                                "value": "percent",
                                "value_amount": share,
                                "delay_type": "wage_pay_day",
                                "nb_days": 0,
                                "wage_month": number,
                            }
                        )
                        for number, share in enumerate(percentages(instalments))
                    ],
                }
            )
        return self.browse(found.id)
