from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import formatLang

from ...tools.empty_fields import EmptyMonetary
from ...tools.internal import INTERNAL
from ...tools.readable_many2one import ReadableMany2one

# What people may change by hand while the list is sent and not paid.
EDITABLE = {"amount_paid", "note"}


class PartnerWageDeductionListLine(models.Model):
    """What is deducted from one employee on a pay day."""

    _name = "partner.wage.deduction.list.line"
    _description = "Employee on a Wage Deduction List"
    _order = "list_id desc, employee_name, id"
    _rec_name = "partner_id"

    list_id = ReadableMany2one(
        "partner.wage.deduction.list", required=True, readonly=True, index=True, ondelete="cascade"
    )
    state = fields.Selection(related="list_id.state")
    company_id = fields.Many2one(related="list_id.company_id", store=True)
    currency_id = fields.Many2one(related="list_id.currency_id")
    member_id = ReadableMany2one(
        "partner.wage.deduction.member", required=True, readonly=True, index=True, ondelete="restrict"
    )
    partner_id = fields.Many2one(
        "res.partner", string="Employee", required=True, readonly=True, index=True, ondelete="restrict"
    )
    employee_name = fields.Char(readonly=True, help="As on the day on which the list was made.")
    employee_number = fields.Char(string="Number", readonly=True)
    amount_due = EmptyMonetary(
        string="Due", readonly=True, help="Open instalments up to the pay day that are on no other list."
    )
    amount_carried = EmptyMonetary(
        string="From Earlier Lists",
        readonly=True,
        help="The part of it that was due on an earlier pay day. Empty: none.",
    )
    carry_reason = fields.Char(
        string="Carried because",
        readonly=True,
        help="What the employer told when less was withheld than was on the list before.",
    )
    amount = EmptyMonetary(
        string="To Be Deducted",
        readonly=True,
        help="What is due, at most the limit of the employee; the oldest first.",
    )
    amount_left = EmptyMonetary(
        string="Above the Limit", readonly=True, help="What is due and waits for the next list."
    )
    amount_paid = EmptyMonetary(
        string="Paid",
        help="What the employer withheld and paid for the employee. What was listed, unless it is changed.",
    )
    amount_settled = EmptyMonetary(
        string="Reconciled",
        readonly=True,
        help="What was reconciled with instalments of the employee: those listed, and in place of what was settled "
        "otherwise the next ones. What was paid beyond that is a credit of the employer.",
    )
    difference = EmptyMonetary(compute="_compute_difference", help="Paid less listed.")
    reason = fields.Char(
        string="What Becomes of It", compute="_compute_reason", help="What becomes of a difference, in words."
    )
    note = fields.Char(string="Employer's Reason", help="Why not all was withheld, as the employer tells it.")
    item_ids = fields.One2many("partner.wage.deduction.list.item", "line_id", string="Instalments")

    _one_per_member = models.UniqueIndex("(list_id, member_id)", "The employee is on this list already.")
    _paid_positive = models.Constraint(
        "CHECK (amount_paid >= 0)", "What the employer paid for an employee is not below zero."
    )

    @api.depends("amount", "amount_paid", "state")
    def _compute_difference(self):
        for line in self:
            line.difference = (
                line.currency_id.round((line.amount_paid or 0) - (line.amount or 0))
                if line.state != "draft"
                else False
            )

    @api.depends(
        "amount",
        "amount_paid",
        "amount_settled",
        "amount_left",
        "state",
        "member_id.state",
        "item_ids.amount_settled",
    )
    def _compute_reason(self):
        for line in self:
            line.reason = line._get_reason()

    def _get_reason(self):
        currency = self.currency_id
        money = lambda amount: formatLang(self.env, amount, currency_obj=currency)  # noqa: E731
        words = []
        if self.amount_left:
            words.append(
                self.env._("%s is above the limit and waits for the next list.", money(self.amount_left))
            )
        if self.state == "sent" and self.difference:
            words.append(
                self._tell_short(self.env._("%s less than listed: carried over.", money(-self.difference)))
                if self.difference < 0
                else self.env._(
                    "%s more than listed: stays a credit of the employer.", money(self.difference)
                )
            )
        if self.state in ("paid", "closed"):
            paid, settled = self.amount_paid or 0, self.amount_settled or 0
            short = currency.round((self.amount or 0) - paid)
            if currency.compare_amounts(short, 0) > 0:
                words.append(
                    self._tell_short(self.env._("%s was not withheld and is carried over.", money(short)))
                )
            listed = sum(item.amount_settled or 0 for item in self.item_ids)
            if currency.compare_amounts(listed, min(paid, self.amount or 0)) < 0:
                words.append(
                    self.env._("Less was open when it was paid: settled otherwise after the list was sent.")
                )
            if currency.compare_amounts(settled, listed) > 0:
                words.append(
                    self.env._("%s paid other instalments of the employee.", money(settled - listed))
                )
            if currency.compare_amounts(paid, settled) > 0:
                words.append(self.env._("%s is a credit of the employer.", money(paid - settled)))
        return " ".join(words) or False

    def _tell_short(self, carried):
        """Return what becomes of what was not withheld: of who was stopped by then nothing is carried over."""
        # sudo: only whether the membership of the line was stopped, and when
        member, paid = self.sudo().member_id, self.list_id.date_paid
        if member.state != "stopped" or (paid and member.date_stop and member.date_stop > paid):
            return carried
        return self.env._("%s pays the rest directly", self.employee_name)

    @api.model_create_multi
    def create(self, vals_list):
        self._check_internal()
        return super().create(vals_list)

    def write(self, vals):
        if self.env.context.get("relations_wage") is not INTERNAL:
            if vals.keys() - EDITABLE:
                self._check_internal()
            for line in self:
                if "amount_paid" in vals and line.state != "sent":
                    raise UserError(
                        self.env._(
                            "%(employee)s on %(list)s: what was paid is entered after the list was sent, and before "
                            "the payment is registered.",
                            employee=line.employee_name,
                            list=line.list_id.display_name,
                        )
                    )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        if self.env.context.get("relations_wage") is not INTERNAL:
            self._check_internal()

    def _check_internal(self):
        if self.env.context.get("relations_wage") is not INTERNAL:
            raise AccessError(
                self.env._("What is to be deducted is made from open instalments, not entered.")
            )

    def _internal(self):
        return self.with_context(relations_wage=INTERNAL)
