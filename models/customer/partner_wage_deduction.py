from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from ...tools.empty_fields import EmptyFloat, EmptyMonetary
from ...tools.wage_deduction import cutoff_of, day_of_month, next_cutoff, next_pay_date, pay_date_of

STATES = [("draft", "Draft"), ("active", "Active"), ("stopped", "Stopped")]
# Agreed with the employer in writing: not changed while the arrangement is in use.
AGREED = {"employer_id", "company_id", "currency_id"}


class PartnerWageDeduction(models.Model):
    """What is agreed with an employer: its employees buy from us, and it withholds the instalments from their wages.

    Invoices of its members are split into instalments that are due on its pay days. On each cut-off day a list of what
    is to be deducted is made; what the employer pays for it is reconciled with the instalments.
    """

    _name = "partner.wage.deduction"
    _description = "Wage Deduction"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "partner.care.mixin",
        "partner.guarded.mixin",
        "partner.pointer.mixin",
    ]
    _guarded_fields = ("state", "date_stop", "stop_reason")
    _order = "state, employer_id, id desc"
    _rec_name = "employer_id"
    _pointers = ("employer_id", "contact_id")
    _check_company_auto = True
    _care_partner_fields = ("employer_id",)

    employer_id = fields.Many2one(
        "res.partner",
        required=True,
        index=True,
        ondelete="restrict",
        tracking=True,
        check_company=True,
        domain="[('is_company', '=', True), ('parent_id', '=', False)]",
        help="The company that withholds the instalments from the wages and pays them to us.",
    )
    contact_id = fields.Many2one(
        "res.partner",
        string="List Goes to",
        ondelete="set null",
        check_company=True,
        domain="[('commercial_partner_id', '=', employer_id)]",
        help="Who gets the deduction lists by e-mail, such as the payroll clerk. Empty: the employer.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
        help="Of the limits, of the lists and of the payments of the employer.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        default=lambda self: self.env.user,
        tracking=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Is told what is to be done, such as when an employee leaves before everything is paid.",
    )
    state = fields.Selection(STATES, required=True, default="draft", readonly=True, copy=False, tracking=True)

    cutoff_day = fields.Integer(
        string="Cut-off Day",
        required=True,
        default=20,
        tracking=True,
        help="Day of the month on which the list is made. Invoices up to this day are on it. 31: the last day.",
    )
    pay_day = fields.Integer(
        required=True,
        default=25,
        tracking=True,
        help="Day of the month on which wages are paid and instalments are due: in the month of the cut-off day if it "
        "comes after it, else in the following month. 31: the last day.",
    )
    instalments = fields.Integer(
        required=True,
        default=3,
        tracking=True,
        help="Into how many instalments an invoice is split unless told otherwise.",
    )
    instalments_max = fields.Integer(
        string="At Most",
        required=True,
        default=12,
        tracking=True,
        help="The highest number of instalments that may be chosen for an invoice.",
    )
    limit_amount = EmptyMonetary(
        string="Limit per Pay Day",
        tracking=True,
        help="The most that is deducted from one employee on one pay day. A member may have a limit of its own.",
    )
    limit_percent = EmptyFloat(
        string="Limit in % of Wage",
        digits=(5, 2),
        tracking=True,
        help="The most that is deducted on one pay day, in percent of the wage stated for the member. With an amount "
        "as well, the lower one counts.",
    )

    contract_file = fields.Binary(string="Contract", attachment=True, copy=False)
    contract_filename = fields.Char(copy=False)
    contract_date = fields.Date(string="Signed on", copy=False, tracking=True)
    date_from = fields.Date(
        string="Valid from", required=True, default=fields.Date.context_today, tracking=True
    )
    date_to = fields.Date(
        string="Valid until",
        copy=False,
        tracking=True,
        help="The last day on which invoices may be dated. What is open then is still deducted.",
    )
    date_stop = fields.Date(string="Stopped on", readonly=True, copy=False, tracking=True)
    stop_reason = fields.Char(readonly=True, copy=False, tracking=True)
    next_cutoff = fields.Date(
        string="Next List on",
        compute="_compute_next_cutoff",
        store=True,
        readonly=True,
        help="The day on which the next list is made by itself.",
    )
    journal_id = fields.Many2one(
        "account.journal",
        string="Transfer Journal",
        check_company=True,
        domain="[('type', '=', 'general')]",
        groups="account.group_account_invoice",
        help="Where the entries are kept that turn what the employer paid into payments of its employees. Empty: the "
        "first miscellaneous journal.",
    )
    note = fields.Html(string="Notes")
    member_ids = fields.One2many("partner.wage.deduction.member", "arrangement_id", string="Members")
    list_ids = fields.One2many("partner.wage.deduction.list", "arrangement_id", string="Lists")
    member_count = fields.Integer(string="Active Members", compute="_compute_member_count")
    amount_open = EmptyMonetary(
        string="Still to Be Paid",
        compute="_compute_amount_open",
        help="Open instalments of all members, in the currency of the arrangement at today's rate.",
    )
    is_own = fields.Boolean(compute="_compute_is_own", search="_search_is_own", help="Of your own customers.")

    _one_active = models.UniqueIndex(
        "(company_id, employer_id) WHERE state = 'active'",
        "The employer has an active arrangement already. Stop that one first.",
    )
    _days = models.Constraint(
        "CHECK (cutoff_day BETWEEN 1 AND 31 AND pay_day BETWEEN 1 AND 31)",
        "Cut-off day and pay day are days of the month, from 1 to 31.",
    )
    _instalments_range = models.Constraint(
        "CHECK (instalments BETWEEN 1 AND instalments_max AND instalments_max <= 60)",
        "Enter a number of instalments from 1 to the most that may be chosen, which is 60 or less.",
    )
    _limit_amount_positive = models.Constraint(
        "CHECK (limit_amount > 0)", "The limit per pay day is an amount above zero. Leave it empty for none."
    )
    _limit_percent_range = models.Constraint(
        "CHECK (limit_percent > 0 AND limit_percent <= 100)",
        "The limit in percent of the wage lies above 0 and at most at 100. Leave it empty for none.",
    )
    _validity = models.Constraint(
        "CHECK (date_to >= date_from)", "The arrangement ends before it begins. Enter a later day."
    )
    _due_idx = models.Index("(next_cutoff) WHERE state = 'active'")

    @api.depends("cutoff_day", "state", "date_from")
    def _compute_next_cutoff(self):
        """Begin anew when the day changes; lists move it on, see ``_make_due_lists``."""
        for arrangement in self:
            if arrangement.state == "draft" or not 1 <= arrangement.cutoff_day <= 31:
                arrangement.next_cutoff = False
            elif arrangement.state == "active":
                today = arrangement.company_id._get_day()
                arrangement.next_cutoff = next_cutoff(
                    max(today, arrangement.date_from or today), arrangement.cutoff_day
                )
            else:
                arrangement.next_cutoff = False

    def _compute_member_count(self):
        counts = dict(
            self.env["partner.wage.deduction.member"]._read_group(
                [("arrangement_id", "in", self.ids), ("state", "=", "active")],
                ["arrangement_id"],
                ["__count"],
            )
        )
        for arrangement in self:
            arrangement.member_count = counts.get(arrangement._origin, 0)

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_amount_open(self):
        members = self.env["partner.wage.deduction.member"].search([("arrangement_id", "in", self.ids)])
        sums = {}
        for member in members:
            if member.amount_open is not False:
                key = member.arrangement_id.id
                sums[key] = sums.get(key, 0.0) + member.amount_open
        for arrangement in self:
            arrangement.amount_open = sums.get(arrangement._origin.id, False)

    @api.depends("employer_id", "date_from", "state")
    def _compute_display_name(self):
        for arrangement in self:
            # sudo: the name of the employer, as in every list of Odoo
            arrangement.display_name = arrangement.sudo().employer_id.name or self.env._("New Wage Deduction")

    @api.constrains("employer_id")
    def _check_employer(self):
        for arrangement in self:
            employer = arrangement.employer_id
            if employer.commercial_partner_id != employer:
                raise ValidationError(
                    self.env._(
                        "%(contact)s belongs to %(company)s. Enter that company as the employer.",
                        contact=employer.display_name,
                        company=employer.commercial_partner_id.display_name,
                    )
                )

    @api.constrains("limit_percent", "state")
    def _check_wages_known(self):
        """A limit in percent needs the wage of every active member."""
        self.filtered("limit_percent").member_ids._check_wage_known()

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------
    def write(self, vals):
        if AGREED & vals.keys():
            for arrangement in self.filtered(lambda one: one.state != "draft"):
                changed = [
                    name
                    for name in AGREED & vals.keys()
                    if vals[name] != arrangement[name].id
                    # core moves the employer when contacts are merged, past this method
                ]
                if changed:
                    raise UserError(
                        self.env._(
                            "%(arrangement)s is in use: employer, company and currency stay. Stop it and make a new "
                            "one.",
                            arrangement=arrangement.display_name,
                        )
                    )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        for arrangement in self:
            if arrangement.state != "draft" or arrangement.member_ids:
                raise UserError(
                    self.env._(
                        "%s has members or was in use. Stop it instead of deleting it.",
                        arrangement.display_name,
                    )
                )

    # ------------------------------------------------------------------
    # States
    # ------------------------------------------------------------------
    def action_activate(self):
        """Put the arrangement to use.

        :raise UserError: if the contract, its date or every limit is missing
        """
        for arrangement in self:
            missing = []
            if not arrangement.contract_file:
                missing.append(self.env._("the contract with the employer"))
            if not arrangement.contract_date:
                missing.append(self.env._("the day on which it was signed"))
            if arrangement.limit_amount is False and arrangement.limit_percent is False:
                missing.append(self.env._("a limit per pay day, as an amount or in percent of the wage"))
            if missing:
                raise UserError(
                    self.env._(
                        "The wage deduction of %(employer)s cannot be activated. Enter: %(missing)s.",
                        employer=arrangement.employer_id.display_name,
                        missing=", ".join(missing),
                    )
                )
        self._guard_off().write({"state": "active", "date_stop": False, "stop_reason": False})

    def action_stop(self):
        """Ask for the day and the reason."""
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "partner_relations.partner_wage_deduction_stop_action"
            ),
            "context": {"default_arrangement_id": self.id},
        }

    def _stop(self, day, reason):
        """Stop the arrangement: all members are stopped, their open instalments are theirs to pay."""
        self._guard_off().write({"state": "stopped", "date_stop": day, "stop_reason": reason})
        self.member_ids.filtered(lambda member: member.state != "stopped")._stop(day, reason)

    # ------------------------------------------------------------------
    # Days
    # ------------------------------------------------------------------
    def _get_pay_date(self, cutoff):
        """Return the pay day of the list that is closed on a cut-off day."""
        self.ensure_one()
        return pay_date_of(cutoff, self.cutoff_day, self.pay_day)

    def _get_cutoff(self, pay_date):
        self.ensure_one()
        return cutoff_of(pay_date, self.cutoff_day, self.pay_day)

    def _get_next_pay_date(self, day=None):
        """Return the first pay day from a day on whose list is not sent yet: what is added now is deducted then."""
        self.ensure_one()
        found = next_pay_date(day or self.company_id._get_day(), self.pay_day)
        # sudo: whether a list was sent, of the own arrangement
        closed = set(
            self.env["partner.wage.deduction.list"]
            .sudo()
            .search(
                Domain("arrangement_id", "=", self.id)
                & Domain("state", "!=", "draft")
                & Domain("date_pay", ">=", found)
            )
            .mapped("date_pay")
        )
        while found in closed:
            found = day_of_month(found, self.pay_day, 1)
        return found

    def _get_terms(self, instalments=None):
        """Return the terms of payment of an invoice."""
        self.ensure_one()
        return self.env["account.payment.term"]._get_wage_term(
            self.company_id, instalments or self.instalments, self.cutoff_day, self.pay_day
        )

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------
    def action_make_list(self):
        """Make the list of the next pay day whose list was not sent yet, and open it.

        :raise UserError: if the arrangement is not active or nothing is due
        """
        self.ensure_one()
        self.check_access("write")
        if self.state != "active":
            raise UserError(
                self.env._("The wage deduction of %s is not active. Activate it first.", self.display_name)
            )
        pay_date = self._get_next_pay_date()
        made = self.env["partner.wage.deduction.list"]._make_list(self, pay_date)
        if not made:
            raise UserError(
                self.env._(
                    "Nothing is due from the employees of %(employer)s up to %(day)s.",
                    employer=self.display_name,
                    day=format_date(self.env, pay_date),
                )
            )
        return {
            "type": "ir.actions.act_window",
            "res_model": made._name,
            "res_id": made.id,
            "views": [(False, "form")],
        }

    @api.readonly
    def action_view_members(self):
        """Open the members of the arrangement."""
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "partner_relations.partner_wage_deduction_member_action"
            ),
            "domain": [("arrangement_id", "=", self.id)],
            "context": {"default_arrangement_id": self.id},
        }

    @api.readonly
    def action_view_instalments(self):
        """Open the open instalments of all members."""
        return self.member_ids.action_view_instalments()

    @api.readonly
    def action_view_lists(self):
        """Open the lists of the arrangement."""
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "partner_relations.partner_wage_deduction_list_action"
            ),
            "domain": [("arrangement_id", "=", self.id)],
            "context": {},
        }
