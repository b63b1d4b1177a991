import logging

from psycopg2.errors import SerializationFailure, UniqueViolation

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date, mute_logger

from ...tools.wage_deduction import day_of_month, next_cutoff, share_out

_logger = logging.getLogger(__name__)

BATCH_SIZE = 20
# Two workers that start together meet at each batch until one is ahead.
MAX_CONFLICTS = 20


class PartnerWageDeductionList(models.Model):
    """How lists are made: by the scheduler on the cut-off day, or by hand; and what is on them."""

    _inherit = "partner.wage.deduction.list"

    @api.model
    def _cron_make_lists(self, batch_size=BATCH_SIZE):
        """End memberships whose day has come, and make the lists of the arrangements whose cut-off day has come."""
        cron = self.env["ir.cron"]
        # sudo: as the scheduler, of all companies
        lists, conflicts = self.sudo(), 0
        while True:
            try:
                done, remaining = lists._make_due_lists(batch_size)
            except SerializationFailure:
                # another worker was at the same arrangements: look what is left
                self.env.cr.rollback()
                conflicts += 1
                if conflicts > MAX_CONFLICTS:
                    raise
                continue
            if not cron._commit_progress(done, remaining=remaining) or not done:
                return

    @api.model
    def _make_due_lists(self, batch_size):
        """Make some of the lists that are due, by the day of each company.

        :return: how many arrangements and memberships were looked at, and how many are left
        """
        groups = self.env["partner.wage.deduction"]._read_group([], ["company_id"])
        days = {company: company._get_day() for (company,) in groups}

        def get_domain(name):
            come = (
                Domain("company_id", "=", company.id) & Domain(name, "<=", day)
                for company, day in days.items()
            )
            return Domain("state", "=", "active") & Domain.OR(come)

        ending, due = get_domain("date_stop"), get_domain("next_cutoff")
        members = self.env["partner.wage.deduction.member"].search(ending, limit=batch_size)
        members = members.try_lock_for_update()
        members._end()
        arrangements = self.env["partner.wage.deduction"].search(due, limit=batch_size, order="id")
        arrangements = arrangements.try_lock_for_update()
        for arrangement in arrangements:
            # of months that were missed the last one counts: its list has what was due before, too
            cutoff, today = arrangement.next_cutoff, days[arrangement.company_id]
            while (later := next_cutoff(fields.Date.add(cutoff, days=1), arrangement.cutoff_day)) <= today:
                cutoff = later
            self._make_list(arrangement, arrangement._get_pay_date(cutoff))
            arrangement.next_cutoff = later
        done = len(members) + len(arrangements)
        remaining = 0
        if len(members) == batch_size or len(arrangements) == batch_size:
            remaining = self.env["partner.wage.deduction"].search_count(due) + self.env[
                "partner.wage.deduction.member"
            ].search_count(ending)
        return done, remaining

    @api.model
    def _make_list(self, arrangement, pay_date):
        """Return the draft of a list, made if there is none and something is due; empty if nothing is.

        Of two workers who make it at once one finds that the other has made it.
        """
        known = self.search([("arrangement_id", "=", arrangement.id), ("date_pay", "=", pay_date)])
        if not known:
            try:
                with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                    known = self._internal().create(
                        {
                            "arrangement_id": arrangement.id,
                            "date_pay": pay_date,
                            "date_cutoff": arrangement._get_cutoff(pay_date),
                        }
                    )
            except UniqueViolation:
                _logger.info("Another worker made the deduction list of %s for %s", arrangement.id, pay_date)
                return self.browse()
        if known.state == "draft":
            known._read_due()
            if not known.line_ids:
                known.unlink()
                return self.browse()
        return known.with_context(relations_wage=None)

    # ------------------------------------------------------------------
    # What is on it
    # ------------------------------------------------------------------
    def _read_due(self):
        """Write the lines of drafts anew: what is open up to the pay day, at most the limit of each employee."""
        for one in self:
            notes = {line.member_id: line.note for line in one.line_ids if line.note}
            one.line_ids._internal().unlink()
            vals_list = one._get_due_vals(notes)
            one.line_ids._internal().create(vals_list)
            one._internal().amount = one.currency_id.round(sum(vals["amount"] for vals in vals_list))
            one.invalidate_recordset(["line_ids"])

    def _get_due_vals(self, notes):
        self.ensure_one()
        arrangement = self.arrangement_id
        currency = self.currency_id
        today = self.company_id._get_day()
        members = arrangement.member_ids.filtered(
            lambda member: (
                member.state == "active" and not (member.date_stop and member.date_stop <= self.date_pay)
            )
        )
        earlier = self._get_earlier_pay_date()
        reasons = self._get_carry_reasons(members)
        vals_list = []
        for member, instalments in members._get_open_instalments(today).items():
            due = [one for one in instalments if one.free and one.item.date_maturity <= self.date_pay]
            if not due:
                continue
            total = currency.round(sum(one.amount for one in due))
            limit = member._get_limit()
            listed, _left = share_out(
                total if limit is None else min(limit, total), [one.amount for one in due], currency.round
            )
            amount = currency.round(sum(listed))
            carried = currency.round(sum(one.amount for one in due if one.item.date_maturity <= earlier))
            vals_list.append(
                {
                    "list_id": self.id,
                    "member_id": member.id,
                    "partner_id": member.partner_id.id,
                    "employee_name": member.partner_id.name,
                    "employee_number": member.employee_number,
                    "amount_due": total,
                    "amount_carried": carried or False,
                    "carry_reason": reasons.get(member) if carried else False,
                    "amount": amount,
                    "amount_left": currency.round(total - amount) or False,
                    "note": notes.get(member),
                    "item_ids": [
                        fields.Command.create(self._get_item_vals(one, part, earlier))
                        for one, part in zip(due, listed, strict=True)
                        if part
                    ],
                }
            )
        return vals_list

    def _get_earlier_pay_date(self):
        """Return the pay day of the month before: what was due then is carried over."""
        return day_of_month(self.date_pay, self.arrangement_id.pay_day, -1)

    def _get_carry_reasons(self, members):
        """Return {member: why less was withheld than was on the last list}."""
        lines = self.env["partner.wage.deduction.list.line"].search(
            [
                ("member_id", "in", members.ids),
                ("list_id.state", "in", ("paid", "closed")),
                ("list_id.date_pay", "<", self.date_pay),
            ],
            order="id",
        )
        reasons = {}
        for line in lines:
            # the last one counts
            short = line.currency_id.compare_amounts(line.amount_paid or 0, line.amount or 0) < 0
            reasons[line.member_id] = short and (
                f"{format_date(self.env, line.list_id.date_pay)}: {line.note or line.list_id.close_reason or ''}"
            )
        return reasons

    def _get_item_vals(self, instalment, part, earlier):
        """Values of an instalment of which a part is listed."""
        item = instalment.item
        if self.currency_id.compare_amounts(part, instalment.amount) == 0:
            in_currency = instalment.free
        else:
            in_currency = item.currency_id.round(instalment.free * part / instalment.amount)
        numbers = item.move_id._get_wage_instalments().ids
        return {
            "move_line_id": item.id,
            "move_id": item.move_id.id,
            "name": self.env._(
                "%(invoice)s, %(number)s of %(count)s",
                invoice=item.move_id.name,
                number=numbers.index(item.id) + 1,
                count=len(numbers),
            ),
            "date_due": item.date_maturity,
            "is_carried": item.date_maturity <= earlier,
            "currency_id": item.currency_id.id,
            "residual_currency": instalment.free,
            "amount_currency": in_currency,
            "amount": part,
        }
