from odoo import api, fields, models
from odoo.exceptions import AccessError

from ...tools.empty_fields import EmptyMonetary
from ...tools.internal import INTERNAL
from ...tools.readable_many2one import ReadableMany2one


class PartnerWageDeductionListItem(models.Model):
    """An instalment, or a part of one, that is on a list. It stays as it was listed."""

    _name = "partner.wage.deduction.list.item"
    _description = "Instalment on a Wage Deduction List"
    _order = "line_id, date_due, id"

    line_id = ReadableMany2one(
        "partner.wage.deduction.list.line", required=True, readonly=True, index=True, ondelete="cascade"
    )
    list_id = fields.Many2one(related="line_id.list_id", store=True, index=True)
    company_id = fields.Many2one(related="line_id.company_id", store=True)
    partner_id = fields.Many2one(related="line_id.partner_id")
    list_currency_id = fields.Many2one(related="list_id.currency_id", string="Currency of the List")
    move_line_id = fields.Many2one(
        "account.move.line", readonly=True, ondelete="set null", index="btree_not_null"
    )
    move_id = fields.Many2one(
        "account.move", string="Invoice", readonly=True, ondelete="set null", index="btree_not_null"
    )
    name = fields.Char(string="Document", readonly=True)
    date_due = fields.Date(string="Due", readonly=True)
    is_carried = fields.Boolean(string="From Earlier Lists", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    residual_currency = fields.Monetary(
        string="Still to Be Paid",
        readonly=True,
        help="What was open of the instalment, in the currency of the invoice.",
    )
    amount_currency = fields.Monetary(
        string="Listed in Currency",
        readonly=True,
        help="What is listed of it, in the currency of the invoice.",
    )
    amount = fields.Monetary(
        string="To Be Deducted",
        readonly=True,
        currency_field="list_currency_id",
        help="The same in the currency of the list, at the rate of the day on which the list was made or sent.",
    )
    amount_settled = EmptyMonetary(
        string="Reconciled",
        readonly=True,
        currency_field="list_currency_id",
        help="What was reconciled with it. Empty until the payment is registered.",
    )

    @api.model
    def _get_withheld(self, move_lines, but_list=None):
        """What employers were told to withhold of items of the books, and have not paid yet.

        :param but_list: a list that is left out
        :return: ``{item of the books: amount in its currency}``, of those that are on a list that was sent
        :rtype: dict
        """
        # sudo: sums of what the caller reads; who is told what is open need not see the lists
        rows = self.sudo()._read_group(
            [
                ("move_line_id", "in", move_lines.ids),
                ("list_id.state", "=", "sent"),
                ("list_id", "not in", but_list.ids if but_list else []),
            ],
            ["move_line_id"],
            ["amount_currency:sum"],
        )
        return dict(rows)

    @api.model_create_multi
    def create(self, vals_list):
        self._check_internal()
        return super().create(vals_list)

    def write(self, vals):
        self._check_internal()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_internal(self):
        self._check_internal()

    def _check_internal(self):
        if self.env.context.get("relations_wage") is not INTERNAL:
            raise AccessError(
                self.env._("What is to be deducted is made from open instalments, not entered.")
            )

    def _internal(self):
        return self.with_context(relations_wage=INTERNAL)
