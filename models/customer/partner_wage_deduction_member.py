from collections import defaultdict
from typing import Any, NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date, formatLang

from ...tools.empty_fields import EmptyMonetary
from ...tools.number_words import format_percent
from ...tools.readable_many2one import ReadableMany2one
from ...tools.wage_deduction import effective_limit

# Without a channel: what the accountant has to do is no contact with the employee.
REST_TYPE = "partner_relations.mail_activity_type_wage_rest"
STATES = [("draft", "Draft"), ("active", "Active"), ("stopped", "Stopped")]


class Instalment(NamedTuple):
    """An open instalment; amounts are above zero.

    ``listed`` is on a list that was sent and is not paid yet, ``free`` is the rest; ``amount`` is the rest in the
    currency of the arrangement.
    """

    item: Any
    residual: float
    listed: float
    free: float
    amount: float


class PartnerWageDeductionMember(models.Model):
    """An employee who agreed that instalments are withheld from the wage, and how much at most."""

    _name = "partner.wage.deduction.member"
    _description = "Member of a Wage Deduction"
    _inherit = ["mail.thread", "mail.activity.mixin", "partner.care.mixin", "partner.guarded.mixin"]
    _guarded_fields = ("state", "date_stop", "stop_reason", "date_checked")
    _placing_fields = ("arrangement_id",)
    _order = "state, partner_id, id desc"
    _rec_name = "partner_id"
    _rec_names_search = ["partner_id", "employee_number"]
    _check_company_auto = True
    _care_partner_fields = ("partner_id", "employer_id")

    arrangement_id = ReadableMany2one(
        "partner.wage.deduction",
        string="Wage Deduction",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    employer_id = fields.Many2one(related="arrangement_id.employer_id", store=True, index=True)
    company_id = fields.Many2one(related="arrangement_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="arrangement_id.currency_id")
    partner_id = fields.Many2one(
        "res.partner",
        string="Employee",
        required=True,
        index=True,
        ondelete="restrict",
        tracking=True,
        check_company=True,
        domain="[('is_company', '=', False), ('parent_id', '=', False)]",
        help="A person who is a customer of their own. Invoices to a contact of a company are that company's debt.",
    )
    employee_number = fields.Char(
        string="Number",
        help="The employee's number in the payroll of the employer. It stands on the lists.",
    )
    state = fields.Selection(STATES, required=True, default="draft", readonly=True, copy=False, tracking=True)
    consent_file = fields.Binary(
        string="Consent", attachment=True, copy=False, groups="account.group_account_invoice"
    )
    consent_filename = fields.Char(copy=False, groups="account.group_account_invoice")
    consent_date = fields.Date(
        string="Consent of",
        copy=False,
        tracking=True,
        help="The day on which the employee signed that instalments may be withheld.",
    )
    wage = EmptyMonetary(
        string="Wage per Pay Day",
        groups="account.group_account_invoice",
        help="As stated by the employee or the employer; for limits in percent of the wage. Only accountants see it.",
    )
    limit_amount = EmptyMonetary(
        string="Own Limit",
        groups="account.group_account_invoice",
        help="In place of the amount that the arrangement has for everybody.",
    )
    limit = EmptyMonetary(
        compute="_compute_limit",
        groups="account.group_account_invoice",
        help="The most that is deducted on one pay day: the lower of the amount (the member's own, else that of the "
        "arrangement) and the share of the wage. Empty: the wage it depends on is not stated.",
    )
    date_from = fields.Date(string="Since", required=True, default=fields.Date.context_today, tracking=True)
    date_stop = fields.Date(
        string="Stopped on",
        readonly=True,
        copy=False,
        tracking=True,
        help="Nothing is deducted on pay days from this day on.",
    )
    stop_reason = fields.Char(readonly=True, copy=False, tracking=True)
    by_default = fields.Boolean(
        string="All New Invoices",
        default=True,
        tracking=True,
        help="New invoices of the employee are paid by wage deduction unless they are changed. Where the limit does "
        "not allow it, the invoice says so.",
    )
    amount_open = EmptyMonetary(
        string="Still to Be Paid",
        compute="_compute_amount_open",
        help="Open instalments, in the currency of the arrangement at today's rate. Empty: none is open.",
    )
    amount_direct = EmptyMonetary(
        string="Owed Directly",
        compute="_compute_amount_open",
        help="Of a member who was stopped: what is open and on no list that was sent. The employee pays it.",
    )
    next_due = fields.Date(
        string="First Due",
        compute="_compute_amount_open",
        help="When the first open instalment that is on no list yet was or is due.",
    )
    date_checked = fields.Datetime(
        readonly=True, copy=False, help="When the limit was last asked about an invoice that was posted."
    )
    move_ids = fields.One2many("account.move", "wage_member_id", string="Invoices")
    is_own = fields.Boolean(compute="_compute_is_own", search="_search_is_own", help="Of your own customers.")

    _one_active = models.UniqueIndex(
        "(company_id, partner_id) WHERE state = 'active'",
        "The employee is an active member of a wage deduction already. Stop that membership first.",
    )
    _wage_positive = models.Constraint(
        "CHECK (wage > 0)", "The wage is an amount above zero. Leave it empty if it is not known."
    )
    _limit_positive = models.Constraint(
        "CHECK (limit_amount > 0)",
        "The member's own limit is an amount above zero. Leave it empty for the limit of the arrangement.",
    )

    # sudo in the computes of limits: the wage is read to compare with, and shown to accountants only
    @api.depends("wage", "limit_amount", "arrangement_id.limit_amount", "arrangement_id.limit_percent")
    def _compute_limit(self):
        for member in self:
            try:
                member.limit = member._get_limit()
            except UserError:
                member.limit = False

    @api.depends("state", "move_ids")
    def _compute_amount_open(self):
        found = self._get_open_instalments()
        for member in self:
            instalments = found.get(member._origin, ())
            free = [one for one in instalments if one.free]
            member.amount_open = (
                sum(member._convert(one.item, one.residual) for one in instalments) if instalments else False
            )
            member.amount_direct = (
                sum(one.amount for one in free) if free and member.state == "stopped" else False
            )
            member.next_due = free[0].item.date_maturity if free else False

    @api.depends("partner_id", "employer_id")
    def _compute_display_name(self):
        for member in self:
            # sudo: names, as in every list of Odoo
            known = member.sudo()
            member.display_name = (
                f"{known.partner_id.name} ({known.employer_id.name})"
                if known.partner_id
                else self.env._("New Member")
            )

    @api.constrains("partner_id")
    def _check_person(self):
        for member in self:
            partner = member.partner_id
            if partner.is_company or partner.commercial_partner_id != partner:
                raise ValidationError(
                    self.env._(
                        "Invoices to %(contact)s are the debt of %(company)s. Make the employee a customer of their "
                        "own: a person without a company.",
                        contact=partner.name,
                        company=partner.commercial_partner_id.name,
                    )
                )

    @api.constrains("wage", "state")
    def _check_wage_known(self):
        for member in self:
            if member.state == "active" and member.arrangement_id.limit_percent and not member.wage:
                raise ValidationError(
                    self.env._(
                        "The limit is a share of the wage: enter the wage of %s in the membership.",
                        member.display_name,
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------
    def write(self, vals):
        if {"partner_id", "arrangement_id"} & vals.keys():
            for member in self.filtered(lambda one: one.state != "draft"):
                raise UserError(
                    self.env._(
                        "The membership of %s is in use: employee and arrangement stay. Stop it and make a new one.",
                        member.display_name,
                    )
                )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        for member in self:
            if member.state != "draft" or member.move_ids:
                raise UserError(
                    self.env._(
                        "The membership of %s was in use. Stop it instead of deleting it.",
                        member.display_name,
                    )
                )

    # ------------------------------------------------------------------
    # Limits and what is open
    # ------------------------------------------------------------------
    def _get_limit(self):
        """Return the most that may be deducted on one pay day; None without a limit.

        :raise UserError: if it depends on a wage that is not stated
        """
        self.ensure_one()
        # sudo: the wage is compared with, not shown
        known = self.sudo()
        arrangement = known.arrangement_id
        amount = known.limit_amount or arrangement.limit_amount or None
        try:
            return effective_limit(amount, arrangement.limit_percent or None, known.wage or None)
        except ValueError as error:
            raise UserError(
                self.env._(
                    "The limit of %(member)s is %(percent)s of the wage, and the wage is not stated. Enter it in "
                    "the membership.",
                    member=self.display_name,
                    percent=format_percent(self.env, arrangement.limit_percent, digits=2),
                )
            ) from error

    def _convert(self, item, amount, day=None):
        """Return an amount in the currency of an instalment in that of the arrangement, at a day's rate."""
        target = self.currency_id
        if item.currency_id == target:
            return amount
        return item.currency_id._convert(
            amount, target, item.company_id, day or fields.Date.context_today(self)
        )

    def _get_open_instalments(self, day=None, but_moves=(), but_list=None):
        """Return what is open of the posted invoices, in the order in which it is due.

        :param day: of the rates; empty: today
        :param but_moves: ids of invoices that are left out
        :param but_list: a list that was sent, and of which what it has listed counts as free
        :return: {member: [:class:`Instalment`]}
        :rtype: dict
        """
        domain = (
            Domain("move_id.wage_member_id", "in", self.ids)
            & Domain("move_id", "not in", list(but_moves))
            & Domain("parent_state", "=", "posted")
            & Domain("account_id.account_type", "=", "asset_receivable")
            & Domain("reconciled", "=", False)
            & Domain("amount_residual", ">", 0)
        )
        # sudo: sums of a membership that the reader may read, who need not be an accountant
        items = self.env["account.move.line"].sudo().search(domain, order="date_maturity, id")
        listed = self.env["partner.wage.deduction.list.item"]._get_withheld(items, but_list)
        found = defaultdict(list)
        for item in items:
            member = self.browse(item.move_id.wage_member_id.id)
            residual = item.amount_residual_currency
            waiting = min(listed.get(item, 0.0), residual)
            free = item.currency_id.round(residual - waiting)
            found[member].append(
                Instalment(item, residual, waiting, free, member._convert(item, free, day) if free else 0.0)
            )
        return found

    # ------------------------------------------------------------------
    # States
    # ------------------------------------------------------------------
    def action_activate(self):
        """Let invoices of the employee be paid by wage deduction.

        :raise UserError: if the arrangement is not active, or the consent, its date or the wage is missing
        """
        for member in self:
            problems = []
            if member.arrangement_id.state != "active":
                problems.append(self.env._("activate the arrangement with the employer"))
            if not member.consent_file:
                problems.append(self.env._("add the consent of the employee"))
            if not member.consent_date:
                problems.append(self.env._("enter the day on which the employee signed it"))
            elif member.date_stop and member.consent_date < member.date_stop:
                problems.append(
                    self.env._(
                        "get a new consent, as the one of %(signed)s was ended on %(stopped)s",
                        signed=format_date(self.env, member.consent_date),
                        stopped=format_date(self.env, member.date_stop),
                    )
                )
            if member.arrangement_id.limit_percent and not member.wage:
                problems.append(self.env._("enter the wage, as the limit is a share of it"))
            if problems:
                raise UserError(
                    self.env._(
                        "The membership of %(member)s cannot be activated. First: %(problems)s.",
                        member=member.display_name,
                        problems="; ".join(problems),
                    )
                )
        self._guard_off().write({"state": "active", "date_stop": False, "stop_reason": False})
        self._set_followup(False)
        # what was to be paid directly is deducted again
        self.activity_unlink([REST_TYPE])

    def action_stop(self):
        """Ask for the day and the reason."""
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "partner_relations.partner_wage_deduction_stop_action"
            ),
            "context": {"default_member_id": self.id},
        }

    def _stop(self, day, reason):
        """Stop the membership on a day; on or before today at once, else by the scheduler on that day."""
        self._guard_off().write({"date_stop": day, "stop_reason": reason})
        if day <= fields.Date.context_today(self):
            self._end()

    def _end(self):
        """Make what is open the employees' own to pay, and tell who is responsible."""
        self._guard_off().write({"state": "stopped"})
        self._set_followup(True)
        self._tell_rest()

    def _tell_rest(self):
        """Give who is responsible an activity for what these members pay directly, in place of an earlier one."""
        self.activity_unlink([REST_TYPE])
        found = self._get_open_instalments()
        today = fields.Date.context_today(self)
        type_id = self.env["ir.model.data"]._xmlid_to_res_id(REST_TYPE, raise_if_not_found=False)
        told = self._get_told()
        vals_list = []
        for member in self:
            free = [one for one in found.get(member, ()) if one.free]
            if not free:
                continue
            vals_list.append(
                {
                    "activity_type_id": type_id,
                    "automated": True,
                    "res_model_id": self.env["ir.model"]._get_id(self._name),
                    "res_id": member.id,
                    "date_deadline": max(free[0].item.date_maturity, today),
                    "summary": self.env._("%s pays the rest directly", member.partner_id.name),
                    "note": member._get_rest_words(free),
                    "user_id": told[member.arrangement_id].id,
                }
            )
        # together: an employer whose contract ends has hundreds of employees
        self.env["mail.activity"].create(vals_list)

    def _tell_rest_anew(self):
        """Tell again what these members pay directly, where who was told of it has not seen to it yet."""
        self.filtered(
            lambda member: member.state == "stopped" and any(member.activity_ids.mapped("automated"))
        )._tell_rest()

    def _get_told(self):
        """``{arrangement: who is told of it}``: who left has no activities, and nobody reads those of the scheduler."""
        told = {one: one.user_id if one.user_id.active else self.env.user for one in self.arrangement_id}
        unread = self.arrangement_id.filtered(lambda one: not told[one].active)
        if unread:
            accountants = self.env["res.users"]._get_accountants(unread.company_id)
            for one in unread:
                found = accountants.filtered(lambda user, company=one.company_id: company in user.company_ids)
                told[one] = found[:1] or self.env.user
        return told

    def _get_rest_words(self, instalments):
        """Say what is open and on no list that was sent."""
        self.ensure_one()
        return self.env._(
            "Wage deduction was stopped (%(reason)s). %(open)s",
            reason=self.stop_reason or "",
            open=self._get_open_words(instalments),
        )

    def _get_open_words(self, instalments):
        return self.env._(
            "%(amount)s in %(count)s instalments of %(invoices)s is open and on no list that was sent. The employee "
            "pays it, each instalment on its due date, and payment reminders include it.",
            amount=formatLang(
                self.env, sum(one.amount for one in instalments), currency_obj=self.currency_id
            ),
            count=len(instalments),
            invoices=", ".join(dict.fromkeys(one.item.move_id.name or "" for one in instalments)),
        )

    def _set_followup(self, wanted):
        """Whether payment reminders and core's follow-up include the open invoices of these members."""
        # sudo: a flag of invoices of the members, whoever stops them; nothing is read
        moves = (
            self.env["account.move"]
            .sudo()
            .search(
                [
                    ("wage_member_id", "in", self.ids),
                    ("state", "=", "posted"),
                    ("payment_state", "not in", ("paid", "reversed")),
                ]
            )
        )
        for move in moves:
            if move.no_followup == wanted:
                move.no_followup = not wanted

    def _is_valid_on(self, day):
        """Say why invoices of a day cannot be paid by wage deduction; False if they can."""
        self.ensure_one()
        arrangement = self.arrangement_id
        if self.state != "active":
            return self.env._(
                "The membership of %s is not active. Activate it with the consent of the employee.",
                self.display_name,
            )
        if arrangement.state != "active":
            return self.env._(
                "The wage deduction of %s is not active. Activate the arrangement.", arrangement.display_name
            )
        first = max(self.date_from, arrangement.date_from)
        if day < first:
            return self.env._(
                "%(member)s pays by wage deduction from %(day)s on. Take a later invoice date.",
                member=self.display_name,
                day=format_date(self.env, first),
            )
        if arrangement.date_to and day > arrangement.date_to:
            return self.env._(
                "The wage deduction of %(employer)s was agreed until %(day)s. Extend it, or let the invoice be paid "
                "otherwise.",
                employer=arrangement.display_name,
                day=format_date(self.env, arrangement.date_to),
            )
        return False

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------
    @api.readonly
    def action_view_invoices(self):
        """Open the invoices that are paid by wage deduction."""
        return {
            **self.env["ir.actions.act_window"]._for_xml_id("account.action_move_out_invoice_type"),
            "domain": [("wage_member_id", "in", self.ids)],
            "context": {"default_move_type": "out_invoice"},
        }

    @api.readonly
    def action_view_instalments(self):
        """Open the open instalments, as the items of the books that they are."""
        items = [one.item.id for rows in self._get_open_instalments().values() for one in rows]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Open Instalments"),
            "res_model": "account.move.line",
            "views": [
                (self.env.ref("partner_relations.account_move_line_view_list_wage").id, "list"),
                (False, "form"),
            ],
            "domain": [("id", "in", items)],
            "context": {},
        }
