from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date, formatLang

from ...tools.internal import INTERNAL
from ...tools.readable_many2one import ReadableMany2one
from ...tools.some import has_some
from ...tools.wage_deduction import exceeded, instalment_date, next_pay_date, percentages


class AccountMove(models.Model):
    """Customer invoices that are paid in instalments withheld from the wage.

    The instalments are those that core makes of the terms of payment. The limit is asked when the invoice is marked and
    once more when it is posted, as its amount and its day may have changed.
    """

    _name = "account.move"
    _inherit = ["account.move", "partner.system.fields.mixin"]

    wage_member_id = ReadableMany2one(
        "partner.wage.deduction.member",
        string="Wage Deduction",
        index="btree_not_null",
        ondelete="restrict",
        readonly=True,
        copy=False,
        prefetch="relations",
        tracking=True,
        groups="account.group_account_readonly,account.group_account_invoice",
        help="The membership by which the invoice is paid in instalments withheld from the wage of the customer.",
    )
    wage_deduction_possible = fields.Boolean(
        compute="_compute_wage_deduction_possible",
        groups="account.group_account_invoice",
        help="The customer is an active member of a wage deduction, and the invoice is not paid yet.",
    )

    @api.depends("partner_id", "state", "move_type", "payment_state", "wage_member_id")
    def _compute_wage_deduction_possible(self):
        asked = self.filtered(
            lambda move: (
                move.move_type == "out_invoice"
                and move.partner_id
                and not move.wage_member_id
                and (
                    move.state == "draft"
                    or (move.state == "posted" and move.payment_state in ("not_paid", "partial"))
                )
            )
        )
        found = asked._find_wage_members()
        for move in self:
            move.wage_deduction_possible = move in found

    def _find_wage_members(self, by_default=False):
        """Return {invoice: active membership of its customer in its company}, of those that have one."""
        # sudo: whether the customer is a member does not depend on who writes the invoice
        members = self.env["partner.wage.deduction.member"].sudo()
        if not has_some(members, self.commercial_partner_id.ids, "partner_id"):
            return {}
        domain = [
            ("partner_id", "in", self.commercial_partner_id.ids),
            ("company_id", "in", self.company_id.ids),
            ("state", "=", "active"),
        ]
        if by_default:
            domain.append(("by_default", "=", True))
        members = members.search(domain)
        known = {(member.company_id, member.partner_id): member.sudo(False) for member in members}
        found = (
            {move: known.get((move.company_id, move.commercial_partner_id)) for move in self} if known else {}
        )
        return {move: member for move, member in found.items() if member}

    # ------------------------------------------------------------------
    # Life of an invoice
    # ------------------------------------------------------------------
    @api.model
    def _get_fields_without_default(self):
        return super()._get_fields_without_default() | {"wage_member_id"}

    @api.model_create_multi
    def create(self, vals_list):
        moves = super().create(vals_list)
        if any(vals.get("wage_member_id") for vals in vals_list):
            moves._check_wage_member()
        moves.filtered(
            lambda move: (
                move.move_type == "out_invoice"
                and move.state == "draft"
                and move.partner_id
                # core makes a credit note of it
                and move.amount_total >= 0
            )
        )._take_wage_default()
        return moves

    def _take_wage_default(self):
        """Let new invoices of members who want that be paid by wage deduction, if the limit allows it."""
        notes = {}
        for move, member in self._find_wage_members(by_default=True).items():
            # sudo: the terms of a new invoice, by what the accountant decided for the member
            problem = move.sudo()._set_wage_deduction(member.sudo(), refuse=False)
            if problem:
                notes[move.id] = self.env._("Not paid by wage deduction: %s", problem)
        if notes:
            self.browse(notes)._message_log_batch(notes)

    def write(self, vals):
        if "wage_member_id" in vals:
            self._check_wage_entry(vals)
        result = super().write(vals)
        if vals.get("wage_member_id"):
            self._check_wage_member()
        if not vals.keys().isdisjoint(("partner_id", "company_id", "journal_id", "move_type")):
            # sudo: only compared; the membership belongs to the customer and the company that it was
            moves = self.sudo().filtered(
                lambda move: (
                    move.wage_member_id
                    and move.state == "draft"
                    and (
                        # what is due of an order may turn out to be a credit note
                        move.move_type != "out_invoice"
                        or move.wage_member_id.partner_id != move.commercial_partner_id
                        or move.wage_member_id.company_id != move.company_id
                    )
                )
            )
            moves.wage_member_id = False
            moves._leave_wage_terms()
        return result

    def _leave_wage_terms(self):
        """Give drafts that were split into instalments the terms and the due date that they would have without it."""
        for move in self:
            if move.state != "draft" or not move.invoice_payment_term_id.wage_pay_day:
                continue
            terms = move._get_terms_without_wage()
            move.invoice_payment_term_id = terms
            if not terms:
                # core keeps the day it had
                move.invoice_date_due = move.invoice_date or fields.Date.context_today(move)

    def _get_terms_without_wage(self):
        """The terms that were agreed in the order, else those of the customer in the company of the invoice."""
        self.ensure_one()
        # sudo: who changes an invoice need not see its order, whose terms core wrote into it
        orders = self.sudo().invoice_line_ids.sale_line_ids.order_id
        orders = orders.filtered(
            lambda order: order.partner_id.commercial_partner_id == self.commercial_partner_id
        )
        partner = self.partner_id.with_company(self.company_id)
        return orders.payment_term_id[:1].sudo(False) or partner.property_payment_term_id

    def _check_wage_entry(self, vals):
        """Refuse a membership that a caller gives to an invoice in the books, where nothing asks for the limit."""
        if self.env.su or self.env.context.get("relations_wage") is INTERNAL:
            return
        if vals.get("state") == "posted" or any(move.state == "posted" for move in self):
            self.env["partner.guarded.mixin"]._refuse_entry(self, "wage_member_id")

    def _check_wage_member(self):
        """Refuse memberships of another company, and those that the writer may not read.

        Core shows the name of whatever an invoice points to.
        """
        if self.env.su or self.env.context.get("relations_wage") is INTERNAL:
            return
        # sudo: which memberships there are, and of which company; whether they may be read is asked of them
        marked = self.sudo().filtered("wage_member_id")
        marked.wage_member_id.sudo(False).check_access("read")
        if any(move.wage_member_id.company_id != move.company_id for move in marked):
            self.env["partner.guarded.mixin"]._refuse_entry(self, "wage_member_id")

    def _set_wage_member(self, member):
        """Write the membership as the buttons do, which looked at it."""
        self.with_context(relations_wage=INTERNAL).wage_member_id = member

    def copy_data(self, default=None):
        data = super().copy_data(default)
        if "invoice_payment_term_id" in (default or {}):
            return data
        for move, vals in zip(self, data, strict=True):
            # sudo: only compared; whether the copy is paid so too is decided anew
            if move.sudo().invoice_payment_term_id.wage_pay_day:
                partner = move.partner_id.with_company(move.company_id)
                vals["invoice_payment_term_id"] = partner.property_payment_term_id.id
        return data

    def _post(self, soft=True):
        posted = super()._post(soft)
        # sudo: who may post the invoice need not see the membership
        for move in posted.sudo().filtered(
            lambda move: move.wage_member_id and move.move_type == "out_invoice"
        ):
            move.with_context(wage_posting=True)._check_wage_deduction()
            move._keep_wage_limit()
            move.no_followup = True
        return posted

    def button_draft(self):
        self._check_no_wage_list()
        return super().button_draft()

    def _keep_wage_limit(self):
        """Write to the membership, so that of two invoices posted at once one waits, and is asked again by itself.

        Both would find the limit not reached: neither sees the other.
        """
        # sudo: a moment that nobody enters, on the membership that the invoice was given
        member = self.sudo().wage_member_id
        member.date_checked = fields.Datetime.now()
        member.flush_recordset(["date_checked"])

    def _check_no_wage_list(self):
        """Instalments that the employer was told of are not changed."""
        # sudo: only the names, to tell what is in the way
        marked = self.sudo().filtered("wage_member_id")
        if not marked:
            return
        items = self.env["partner.wage.deduction.list.item"].sudo()
        domain = [("move_id", "in", marked.ids), ("list_id.state", "=", "sent")]
        if item := items.search(domain, limit=1):
            raise UserError(
                self.env._(
                    "%(invoice)s is on the deduction list %(list)s, which was sent. Take the list back to draft, "
                    "or register its payment first.",
                    invoice=item.move_id.display_name,
                    list=item.list_id.display_name,
                )
            )

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------
    def action_pay_by_wage_deduction(self, instalments=None):
        """Let these invoices be paid by wage deduction.

        A draft is split into instalments; of a posted invoice the due dates stay as they are.

        :param int instalments: how many; empty: as many as the arrangement says
        :raise UserError: if a customer is no active member, or the limit would be exceeded
        """
        self._check_wage_right()
        found = self._find_wage_members()
        for move in self:
            if move.move_type != "out_invoice" or move.state == "cancel":
                raise UserError(
                    self.env._(
                        "%s is no customer invoice that can be paid by wage deduction.", move.display_name
                    )
                )
            if move not in found:
                raise UserError(move._get_words_no_member())
            move._set_wage_deduction(found[move], instalments)
        return True

    def _get_words_no_member(self):
        return self.env._(
            "%(customer)s is no active member of a wage deduction in %(company)s. Add the customer to the "
            "arrangement with the employer, with a consent.",
            customer=self.partner_id.display_name or self.display_name,
            company=self.company_id.name,
        )

    def action_choose_wage_instalments(self):
        """Ask into how many instalments a draft is split; of a posted invoice the due dates stay as they are."""
        self.ensure_one()
        self._check_wage_right()
        found = self._find_wage_members()
        if self.state != "draft" or self not in found:
            return self.action_pay_by_wage_deduction()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "partner_relations.partner_wage_deduction_choice_action"
            ),
            "context": {"default_move_id": self.id, "default_member_id": found[self].id},
        }

    def action_pay_otherwise(self):
        """Take these invoices out of the wage deduction; the customer pays them."""
        self._check_wage_right()
        self._check_no_wage_list()
        for move in self.filtered("wage_member_id"):
            move._set_wage_member(False)
            move._leave_wage_terms()
            if move.state == "posted":
                move.no_followup = False
        return True

    def _check_wage_right(self):
        if not (self.env.su or self.env.user.has_group("account.group_account_invoice")):
            raise AccessError(
                self.env._("Only accountants decide which invoices are paid by wage deduction.")
            )
        self.check_access("write")

    def _set_wage_deduction(self, member, instalments=None, refuse=True):
        """Mark the invoice and split it.

        :param refuse: False: leave it as it was where it cannot be
        :return: why it cannot be, without any amount; False if it can
        """
        self.ensure_one()
        arrangement = member.arrangement_id
        if instalments and not 1 <= instalments <= arrangement.instalments_max:
            raise UserError(
                self.env._(
                    "%(invoice)s: %(count)s instalments were asked for. Choose from 1 to %(most)s.",
                    invoice=self.display_name,
                    count=instalments,
                    most=arrangement.instalments_max,
                )
            )
        before = self.invoice_payment_term_id
        if self.state == "draft":
            self.invoice_payment_term_id = arrangement._get_terms(instalments)
        self._set_wage_member(member)
        problem = self._check_wage_deduction(refuse)
        if problem:
            self._set_wage_member(False)
            if self.state == "draft":
                self.invoice_payment_term_id = before
        elif self.state == "posted":
            self._keep_wage_limit()
            self.no_followup = True
        return problem

    # ------------------------------------------------------------------
    # The limit
    # ------------------------------------------------------------------
    def _get_wage_instalments(self):
        """Return the items of the books that are the instalments of the invoice."""
        self.ensure_one()
        return self.line_ids.filtered(lambda line: line.account_id.account_type == "asset_receivable").sorted(
            lambda line: (line.date_maturity or line.date, line.id)
        )

    def _check_wage_deduction(self, refuse=True):
        """Raise an error, or say why, if the invoice cannot be paid by wage deduction.

        :return: the reason without amounts, as it may be read by who does not see wages; False if all is well
        """
        self.ensure_one()
        member = self.wage_member_id
        day = self.invoice_date or fields.Date.context_today(self)
        if member.company_id != self.company_id:
            problem = self._get_words_no_member()
        else:
            problem = member._is_valid_on(day)
        if not problem and member.partner_id != self.commercial_partner_id:
            problem = self.env._(
                "%(invoice)s is of %(customer)s, and the wage deduction of %(member)s. Choose “Pay Otherwise”.",
                invoice=self.display_name,
                customer=self.commercial_partner_id.name,
                member=member.display_name,
            )
        if not problem:
            problem = self._get_late_instalment(member)
        if problem and refuse:
            raise UserError(problem)
        return problem or self._check_wage_limit(member, day, refuse)

    def _get_late_instalment(self, member):
        """Say that the membership ends before the last instalment is due; False if it does not."""
        last = self._get_wage_instalments()[-1:].date_maturity
        if member.date_stop and last and last >= member.date_stop:
            return self.env._(
                "The membership of %(member)s ends on %(day)s, before the last instalment is due. Choose fewer "
                "instalments.",
                member=member.display_name,
                day=format_date(self.env, member.date_stop),
            )
        return False

    def _check_wage_limit(self, member, day, refuse):
        limit = member._get_limit() if refuse else self._get_known_wage_limit(member)
        if limit is None:
            return False
        if limit is False:
            return self.env._("the limit is not known yet.")
        arrangement = member.arrangement_id
        currency = arrangement.currency_id
        first = arrangement._get_next_pay_date()

        taken = self._get_taken_wage(member, day, first)
        added = [
            (
                self._get_wage_pay_date(item, arrangement, first),
                member._convert(
                    item,
                    item.amount_residual_currency if self.state == "posted" else item.amount_currency,
                    day,
                ),
            )
            for item in self._get_wage_instalments()
        ]
        over = exceeded(taken, added, limit, currency.compare_amounts)
        if not over:
            return False
        pay_date, before, total = over[0]
        if not refuse:
            return self.env._(
                "the limit would be exceeded on the pay day %s.", format_date(self.env, pay_date)
            )
        money = lambda amount: formatLang(self.env, amount, currency_obj=currency)  # noqa: E731
        raise UserError(
            self.env._(
                "%(invoice)s cannot be paid by wage deduction: on the pay day %(day)s %(total)s would be deducted from "
                "%(member)s, %(before)s of it already agreed, and the limit is %(limit)s. %(remedy)s",
                invoice=self.display_name,
                day=format_date(self.env, pay_date),
                total=money(total),
                member=member.display_name,
                before=money(before),
                limit=money(limit),
                remedy=self._get_wage_remedy(member, day, taken, limit, first),
            )
        )

    def _get_known_wage_limit(self, member):
        try:
            return member._get_limit()
        except UserError:
            return False

    @staticmethod
    def _get_wage_pay_date(item, arrangement, first):
        """What is overdue is deducted on the next pay day whose list is not sent yet."""
        return max(next_pay_date(item.date_maturity or item.date, arrangement.pay_day), first)

    def _get_taken_wage(self, member, day, first):
        """Return [(pay day, amount)] of what is open of the member's other invoices and on no list that was sent."""
        return [
            (self._get_wage_pay_date(one.item, member.arrangement_id, first), one.amount)
            for one in member._get_open_instalments(day, but_moves=self.ids).get(member, ())
            if one.free
        ]

    def _get_wage_remedy(self, member, day, taken, limit, first):
        """Say with how many instalments the invoice would stay within the limit."""
        # an invoice that is refused while it is posted stays a draft
        if self.state != "draft" and not self.env.context.get("wage_posting"):
            return self.env._("Reset the invoice to draft to split it.")
        for count in range(1, member.arrangement_id.instalments_max + 1):
            added = self._get_wage_shares(member, count, day, first)
            if not exceeded(taken, added, limit, member.currency_id.compare_amounts):
                return self.env._("With %s instalments it can.", count)
        return self.env._("Let a part of it be paid otherwise.")

    def _get_wage_shares(self, member, count, day, first):
        """Return [(pay day, amount)] of so many instalments, in the currency of the arrangement."""
        arrangement, total = member.arrangement_id, self.amount_total
        shares = [self.currency_id.round(total * share / 100) for share in percentages(count)[:-1]]
        return [
            (
                max(instalment_date(day, arrangement.cutoff_day, arrangement.pay_day, number), first),
                self.currency_id._convert(amount, arrangement.currency_id, self.company_id, day),
            )
            for number, amount in enumerate([*shares, total - sum(shares)])
        ]

    def _get_wage_forecast(self, member, count):
        """Return what would be deducted with so many instalments, and the limit.

        :return: [(pay day, already agreed, of this invoice, together)], and the limit, None without one
        """
        self.ensure_one()
        day = self.invoice_date or fields.Date.context_today(self)
        first = member.arrangement_id._get_next_pay_date()
        taken = self._get_taken_wage(member, day, first)
        before, added = defaultdict(float), defaultdict(float)
        for sums, pairs in ((before, taken), (added, self._get_wage_shares(member, count, day, first))):
            for pay_date, amount in pairs:
                sums[pay_date] += amount
        rows = [
            (pay_date, before[pay_date], amount, before[pay_date] + amount)
            for pay_date, amount in sorted(added.items())
        ]
        return rows, member._get_limit()

    def _get_fewest_instalments(self, member):
        """Return the fewest instalments within the limit; None if there are none."""
        compare = member.currency_id.compare_amounts
        for count in range(1, member.arrangement_id.instalments_max + 1):
            rows, limit = self._get_wage_forecast(member, count)
            if limit is None or all(compare(row[3], limit) <= 0 for row in rows):
                return count
        return None
