from collections import Counter
from typing import Any, NamedTuple

from markupsafe import Markup

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, formatLang

from ...tools.batches import write_each
from ...tools.wage_deduction import share_out


class Settlement(NamedTuple):
    """What is reconciled with an instalment.

    ``part`` is in the currency of the list, ``in_currency`` in that of ``booked``, the item of the books. ``item`` is
    where it is on the list, empty for one that is not.
    """

    line: Any
    item: Any
    booked: Any
    part: float
    in_currency: float


class PartnerWageDeductionList(models.Model):
    """What the employer pays, reconciled with the instalments of its employees.

    The payment is a receivable of the employer, the instalments are receivables of the employees. Core would reconcile
    them across contacts, but then the books of each contact would show what is not so: the employer a credit, the
    employees debts. So an entry transfers what was paid from the employer to the employees, on whatever accounts they
    have, in the currency of each instalment; both its sides are reconciled. What was withheld for an instalment that
    was settled otherwise goes to the next ones of the same employee. What is not transferred stays the credit of the
    employer.
    """

    _inherit = "partner.wage.deduction.list"

    def _register_payment(self, date, journal=None, amount=None, credits_=None, memo=None, reason=None):
        """Reconcile a payment of the employer, by the amounts entered for the employees.

        :param journal, amount, memo: of a new payment
        :param credits_: items of the books in place of it: open credits of the employer
        :param reason: why less was paid than listed
        :raise UserError: if the amounts do not fit together
        """
        self.ensure_one()
        self.check_access("write")
        self._check_state("sent")
        self.lock_for_update()
        self._check_short_reasons(reason)
        wanted = self.currency_id.round(sum(self.line_ids.mapped("amount_paid")))
        payment = self.env["account.payment"]
        if credits_:
            self._check_credits(credits_)
            self._check_enough(wanted, -sum(credits_.mapped("amount_residual_currency")))
            payment = credits_.move_id.origin_payment_id[:1]
        else:
            self._check_enough(wanted, amount or 0)
            if amount:
                payment = self._create_payment(date, journal, amount, memo)
            credits_ = payment.move_id.line_ids.filtered(
                lambda line: line.account_id.account_type == "asset_receivable"
            )
        plan = self._plan_settlement(date)
        transfer = self._transfer(date, plan, credits_)
        settled = Counter()
        for one in plan:
            settled[one.line] += one.part
            settled[one.item] += one.part
        for records in (self.line_ids.item_ids, self.line_ids):
            write_each(
                {
                    record: {"amount_settled": self.currency_id.round(settled[record])}
                    for record in records._internal()
                }
            )
        short = self.line_ids.filtered(
            lambda line: self.currency_id.compare_amounts(line.amount_paid or 0, line.amount or 0) < 0
        )
        self._internal().write(
            {
                "state": "closed" if short else "paid",
                "date_paid": date,
                "payment_id": payment.id,
                "transfer_id": transfer.id,
                "close_reason": reason if short else False,
            }
        )
        self._tell_payment()
        # who was stopped is on no further list, and it was told that what is listed is still deducted
        short.member_id.filtered(lambda member: member.state == "stopped")._tell_rest()
        # of the others it was told what they pay directly, of which a part may be settled now
        elsewhere = {one.line for one in plan if not one.item}
        (self.line_ids - short).filtered(lambda line: line in elsewhere).member_id._tell_rest_anew()
        # what is carried over shows on the next list at once
        self.search([("arrangement_id", "=", self.arrangement_id.id), ("state", "=", "draft")])._read_due()

    # ------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------
    def _check_short_reasons(self, reason):
        short = self.line_ids.filtered(
            lambda line: (
                self.currency_id.compare_amounts(line.amount_paid or 0, line.amount or 0) < 0
                and not line.note
            )
        )
        if short and not reason:
            raise UserError(
                self.env._(
                    "%(list)s: less was paid than listed for %(employees)s. Enter the reason; it stands "
                    "on the next list.",
                    list=self.display_name,
                    employees=", ".join(short.mapped("employee_name")),
                )
            )

    def _check_enough(self, wanted, amount):
        currency = self.currency_id
        if currency.compare_amounts(amount, wanted) < 0:
            money = lambda value: formatLang(self.env, value, currency_obj=currency)  # noqa: E731
            raise UserError(
                self.env._(
                    "%(list)s: the amounts of the employees add up to %(wanted)s, the payment is %(amount)s. Lower "
                    "what was paid for some of them.",
                    list=self.display_name,
                    wanted=money(wanted),
                    amount=money(amount),
                )
            )

    def _check_credits(self, items):
        for item in items:
            problem = False
            if item.partner_id.commercial_partner_id != self.employer_id:
                problem = self.env._("it is not of %s", self.employer_id.display_name)
            elif item.company_id != self.company_id:
                problem = self.env._("it is of the company %s", item.company_id.display_name)
            elif item.parent_state != "posted":
                problem = self.env._("it is not posted")
            elif item.account_id.account_type != "asset_receivable":
                problem = self.env._("its account is no receivable")
            elif item.reconciled or item.amount_residual_currency >= 0:
                problem = self.env._("it is no open credit")
            elif item.currency_id != self.currency_id:
                problem = self.env._("its currency is not %s", self.currency_id.name)
            if problem:
                raise UserError(
                    self.env._(
                        "%(item)s cannot pay the list %(list)s: %(problem)s. Choose another item.",
                        item=item.display_name,
                        list=self.display_name,
                        problem=problem,
                    )
                )

    # ------------------------------------------------------------------
    # Entries
    # ------------------------------------------------------------------
    def _create_payment(self, date, journal, amount, memo):
        """Return the posted payment of the employer, with an entry also where payments usually have none."""
        payment = (
            self.env["account.payment"]
            .with_company(self.company_id)
            .with_context(force_payment_move=True)
            .create(
                {
                    "payment_type": "inbound",
                    "partner_type": "customer",
                    "partner_id": self.employer_id.id,
                    "amount": amount,
                    "currency_id": self.currency_id.id,
                    "journal_id": journal.id,
                    "date": date,
                    "memo": memo or self._get_reference(),
                }
            )
        )
        payment.action_post()
        return payment

    def _get_reference(self):
        self.ensure_one()
        return self.env._(
            "Wage deduction %(employer)s %(day)s",
            employer=self.employer_id.name,
            day=fields.Date.to_string(self.date_pay),
        )

    def _plan_settlement(self, date):
        """Return what is reconciled with which instalments, as a list of :class:`Settlement`.

        What is open now counts. An instalment that was settled otherwise since the list was sent takes no more: what
        was withheld for it pays the others of the employee, the first due first.
        """
        plan, rests = [], {}
        for line in self.line_ids:
            items = line.item_ids.sorted(lambda item: (item.date_due, item.id))
            parts, _more = share_out(line.amount_paid or 0, items.mapped("amount"), self.currency_id.round)
            taken = [self._settle_item(item, part) for item, part in zip(items, parts, strict=True)]
            plan += [
                Settlement(line, item, item.move_line_id, *one)
                for item, one in zip(items, taken, strict=True)
            ]
            rest = self.currency_id.round(sum(parts) - sum(part for part, _in_currency in taken))
            if rest > 0:
                rests[line] = rest
        return plan + self._plan_rests(date, rests, plan)

    def _plan_rests(self, date, rests, plan):
        """Spend what listed instalments do not take any more on what else is open of the same employees.

        :param rests: ``{line: amount}``
        :param plan: what the listed instalments take
        """
        if not rests:
            return []
        planned = Counter()
        for one in plan:
            planned[one.booked] += one.in_currency
        members = self.env["partner.wage.deduction.member"].union(*(line.member_id for line in rests))
        # what this list holds is free for it
        found = members._get_open_instalments(date, but_list=self)
        more = []
        for line, rest in rests.items():
            member = line.member_id
            booked = {
                one.item.with_env(self.env): one.item.currency_id.round(one.free - planned[one.item])
                for one in found.get(member, ())
            }
            booked = {item: free for item, free in booked.items() if free > 0}
            wanted = [
                self.currency_id.round(member._convert(item, free, date)) for item, free in booked.items()
            ]
            parts, _left = share_out(rest, wanted, self.currency_id.round)
            for (item, free), whole, part in zip(booked.items(), wanted, parts, strict=True):
                if part:
                    in_currency = free if part == whole else item.currency_id.round(free * part / whole)
                    listed = line.item_ids.filtered(lambda one, item=item: one.move_line_id == item)
                    more.append(Settlement(line, listed, item, part, in_currency))
        return more

    def _settle_item(self, item, part):
        booked, currency = item.move_line_id, item.currency_id
        is_open = booked and booked.parent_state == "posted" and not booked.reconciled
        residual = max(booked.amount_residual_currency, 0) if is_open else 0
        whole = self.currency_id.compare_amounts(part, item.amount) == 0
        wanted = item.amount_currency if whole else currency.round(item.amount_currency * part / item.amount)
        taken = min(wanted, residual)
        if currency.compare_amounts(taken, wanted) < 0:
            part = self.currency_id.round(part * taken / wanted)
        return part, taken

    def _transfer(self, date, plan, credits_):
        """Post the entry from the employer to the employees and reconcile both its sides.

        :return: the entry; none if there is nothing to transfer
        """
        company_currency = self.company_id.currency_id
        plan = [one for one in plan if one.booked and not one.booked.currency_id.is_zero(one.in_currency)]
        if not plan:
            return self.env["account.move"]
        credit_vals, balance = [], 0
        for one in plan:
            booked, in_currency = one.booked, one.in_currency
            if booked.currency_id == company_currency:
                value = in_currency
            else:
                value = self.currency_id._convert(one.part, company_currency, self.company_id, date)
            balance += value
            credit_vals.append(
                {
                    "name": one.item.name or booked.name or booked.move_id.name,
                    "account_id": booked.account_id.id,
                    "partner_id": booked.partner_id.id,
                    "currency_id": booked.currency_id.id,
                    "amount_currency": -in_currency,
                    "balance": -value,
                }
            )
        debit_vals, used = self._get_transfer_debits(
            date,
            self.currency_id.round(sum(one.part for one in plan)),
            company_currency.round(balance),
            credits_,
        )
        transfer = (
            self.env["account.move"]
            .with_company(self.company_id)
            .create(
                {
                    "move_type": "entry",
                    "journal_id": self._get_transfer_journal().id,
                    "date": date,
                    "ref": self._get_reference(),
                    "line_ids": [fields.Command.create(vals) for vals in (*debit_vals, *credit_vals)],
                }
            )
        )
        transfer.action_post()
        lines = transfer.line_ids.sorted("id")
        debits, settled = lines[: len(debit_vals)], lines[len(debit_vals) :]
        self.env["account.move.line"]._reconcile_plan(
            [
                *(debit + credit for debit, credit in zip(debits, used, strict=True)),
                *(credit + one.booked for credit, one in zip(settled, plan, strict=True)),
            ]
        )
        return transfer

    def _get_transfer_debits(self, date, amount, balance, credits_):
        """Return values of the employer's side, one for each credit that is used, and these credits."""
        currency, company_currency = self.currency_id, self.company_id.currency_id
        available = [-credit.amount_residual_currency for credit in credits_.sorted("id")]
        taken, _rest = share_out(amount, available, currency.round)
        used = [(credit, part) for credit, part in zip(credits_.sorted("id"), taken, strict=True) if part]
        debit_vals = []
        for credit, part in used:
            is_last = credit == used[-1][0]
            value = (
                balance
                if is_last
                else min(currency._convert(part, company_currency, self.company_id, date), balance)
            )
            balance = company_currency.round(balance - value)
            debit_vals.append(
                {
                    "name": self._get_reference(),
                    "account_id": credit.account_id.id,
                    "partner_id": credit.partner_id.id,
                    "currency_id": currency.id,
                    "amount_currency": part,
                    "balance": value,
                }
            )
        return debit_vals, [credit for credit, _part in used]

    def _get_transfer_journal(self):
        journal = self.arrangement_id.journal_id or self.env["account.journal"].search(
            [*self.env["account.journal"]._check_company_domain(self.company_id), ("type", "=", "general")],
            limit=1,
        )
        if not journal:
            raise UserError(
                self.env._(
                    "%s has no miscellaneous journal for the transfer. Make one, or choose one in the arrangement.",
                    self.company_id.name,
                )
            )
        return journal

    # ------------------------------------------------------------------
    # Traces
    # ------------------------------------------------------------------
    def _tell_payment(self):
        """Say in the chatter what was paid, and what differs for whom."""
        money = lambda value: formatLang(self.env, value, currency_obj=self.currency_id)  # noqa: E731
        rows = [
            Markup("<li>%s: %s</li>") % (line.employee_name, line.reason)
            for line in self.line_ids
            if line.reason
        ]
        self.message_post(
            body=Markup("<p>%s</p><ul>%s</ul>")
            % (
                self.env._(
                    "%(paid)s of %(listed)s was paid on %(day)s, %(settled)s was reconciled.",
                    paid=money(self.amount_paid or 0),
                    listed=money(self.amount or 0),
                    day=format_date(self.env, self.date_paid),
                    settled=money(self.amount_settled or 0),
                ),
                Markup("").join(rows),
            )
        )

    def action_undo_payment(self):
        """Take the transfer back: the instalments are open again, and the payment is a credit of the employer."""
        self.ensure_one()
        self.check_access("write")
        if self.state not in ("paid", "closed"):
            raise UserError(self.env._("No payment of %s was registered.", self.display_name))
        later = self.search(
            [
                ("arrangement_id", "=", self.arrangement_id.id),
                ("date_pay", ">", self.date_pay),
                ("state", "!=", "draft"),
            ],
            limit=1,
        )
        if later:
            raise UserError(
                self.env._(
                    "%(later)s was sent after %(list)s, and has what was carried over. Take that one back first.",
                    later=later.display_name,
                    list=self.display_name,
                )
            )
        transfer = self.transfer_id
        if transfer.state == "posted":
            transfer.button_draft()
        if transfer:
            transfer.button_cancel()
        for line in self.line_ids:
            line._internal().amount_settled = False
            line.item_ids._internal().amount_settled = False
        self._internal().write(
            {
                "state": "sent",
                "date_paid": False,
                "payment_id": False,
                "transfer_id": False,
                "close_reason": False,
            }
        )
        self.search([("arrangement_id", "=", self.arrangement_id.id), ("state", "=", "draft")])._read_due()
        # what was told of a stopped member counts what is on this list again; what somebody saw to stays so
        self.line_ids.member_id._tell_rest_anew()
