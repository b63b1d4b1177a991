"""An employer whose employees pay from their wages, for the tests of wage deduction."""

import base64
from contextlib import contextmanager
from datetime import date, datetime, time

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import freeze_time

from .invoicing import InvoicingCommon

TODAY = date(2026, 3, 10)
PAPER = base64.b64encode(b"signed")


class DeductingCommon(InvoicingCommon):
    """It is March 10. Cut-off day 20, pay day 25, three instalments, at most 100 euro on a pay day.

    ``anna`` and ``ben`` are active members; ``user_accountant`` does invoicing in ``company_eur`` and nothing else.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_clock(TODAY)
        cls.env = cls.env(context=dict(cls.env.context, allowed_company_ids=cls.company_eur.ids))
        cls.company_eur = cls.company_eur.with_env(cls.env)
        cls.user_accountant = cls._create_user(
            "wage_accountant",
            "account.group_account_invoice,base.group_allow_export",
            company_id=cls.company_eur.id,
            company_ids=[Command.set(cls.company_eur.ids)],
        )
        cls.employer = cls._create_company_partner("Steel Works", email="payroll@steel.example")
        cls.arrangement = cls._create_arrangement(limit_amount=100)
        cls.anna = cls._create_member("Anna", employee_number="007", by_default=False)
        cls.ben = cls._create_member("Ben", by_default=False)
        cls.anna.partner_id.user_id = cls.user_sales
        cls.lists = cls.env["partner.wage.deduction.list"]
        cls.bank = cls.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", cls.company_eur.id)], limit=1
        )

    @classmethod
    def _set_clock(cls, day):
        clock = freeze_time(datetime.combine(day, time(9)))
        clock.start()
        cls.addClassCleanup(clock.stop)

    @classmethod
    def _create_arrangement(cls, employer=None, activate=True, **values):
        arrangement = cls.env["partner.wage.deduction"].create(
            {
                "employer_id": (employer or cls.employer).id,
                "company_id": cls.company_eur.id,
                "currency_id": cls.eur.id,
                "contract_file": PAPER,
                "contract_date": "2026-01-02",
                "date_from": "2026-01-02",
                "user_id": cls.user_accountant.id,
                **values,
            }
        )
        if activate:
            arrangement.action_activate()
        return arrangement

    @classmethod
    def _create_member(cls, name, arrangement=None, activate=True, **values):
        partner = values.pop("partner", None) or cls._create_person(name)
        member = cls.env["partner.wage.deduction.member"].create(
            {
                "arrangement_id": (arrangement or cls.arrangement).id,
                "partner_id": partner.id,
                "consent_file": PAPER,
                "consent_date": "2026-01-05",
                "date_from": "2026-01-05",
                **values,
            }
        )
        if activate:
            member.action_activate()
        return member

    @classmethod
    def _sell(cls, member, amount, instalments=None, post=True, deduct=True, **values):
        """An invoice of today to a member, paid by wage deduction."""
        move = cls._create_invoice(
            [{"product_id": cls.chair.id, "quantity": 1, "price_unit": amount}],
            partner=member.partner_id,
            date=values.pop("date", TODAY),
            post=False,
            **values,
        )
        if deduct:
            move.action_pay_by_wage_deduction(instalments)
        if post:
            move.action_post()
        return move

    @classmethod
    def _instalments(cls, move):
        """(due, amount) of each."""
        return [
            (item.date_maturity.isoformat(), item.amount_currency) for item in move._get_wage_instalments()
        ]

    @contextmanager
    def _refused(self, words):
        """What is done within raises an error with these words, and leaves nothing behind."""
        with self.assertRaisesRegex(UserError, words), self.env.cr.savepoint():
            yield

    def _make_list(self, send=True):
        found = self.lists.browse(self.arrangement.action_make_list()["res_id"])
        if send:
            found.action_mark_sent()
        return found

    def _pay(self, paid, reason=None, amount=None, **amounts):
        """Register a new payment of a list; ``amounts``: what differs, by the employee's name."""
        for line in paid.line_ids:
            if line.employee_name in amounts:
                line.amount_paid = amounts[line.employee_name]
        dialog = self.env["partner.wage.deduction.payment"].create(
            {
                "list_id": paid.id,
                "mode": "new",
                "journal_id": self.bank.id,
                "reason": reason,
                "amount": sum(paid.line_ids.mapped("amount_paid")) if amount is None else amount,
            }
        )
        dialog.action_register()
        return paid

    def _residuals(self, move):
        return [item.amount_residual_currency for item in move._get_wage_instalments()]

    def _balance(self, partner):
        """What the contact owes by the books."""
        items = self.env["account.move.line"].search(
            [
                ("partner_id", "=", partner.id),
                ("account_id.account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
            ]
        )
        return self.company_eur.currency_id.round(sum(items.mapped("balance")))
