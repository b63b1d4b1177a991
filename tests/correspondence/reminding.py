"""Invoices of any due date, for the tests of payment reminders."""

from datetime import date, datetime, time, timedelta

from odoo import Command
from odoo.tests import freeze_time

from ..customer.invoicing import InvoicingCommon

TODAY = date(2026, 6, 15)


class RemindingCommon(InvoicingCommon):
    """It is June 15. Levels 3 days before, 7, 21 and 35 days after the due date; ``user_accountant`` does invoicing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        clock = freeze_time(datetime.combine(TODAY, time(9)))
        clock.start()
        cls.addClassCleanup(clock.stop)
        cls.env = cls.env(context=dict(cls.env.context, allowed_company_ids=cls.company_eur.ids))
        cls.company_eur = cls.company_eur.with_env(cls.env)
        cls.company_eur.partner_id.tz = "UTC"
        cls.company_eur.email = "books@our-company.example"
        cls.company_eur.payment_reminder_mode = "review"
        cls.reminders = cls.env["partner.payment.reminder"]
        cls.levels = cls.env["partner.payment.reminder.level"].search(
            [("company_id", "=", cls.company_eur.id)], order="days"
        )
        cls.soon, cls.first, cls.second, cls.last = cls.levels
        cls.levels.attach_invoices = False
        cls.user_accountant = cls._create_user(
            "reminder_accountant",
            "account.group_account_invoice,base.group_allow_export",
            company_id=cls.company_eur.id,
            company_ids=[Command.set(cls.company_eur.ids)],
        )
        cls.customer.write({"email": "pays@customer.example", "user_id": cls.user_sales.id})
        cls.customer2.write({"email": "other@customer.example", "user_id": cls.user_sales2.id})

    @classmethod
    def _owe(cls, overdue, amount=100, partner=None, **values):
        """An invoice that has been due for so many days."""
        due = TODAY - timedelta(days=overdue)
        line = {"product_id": cls.chair.id, "quantity": 1, "price_unit": amount}
        return cls._create_invoice(
            [line],
            partner=partner,
            date=min(due, TODAY) - timedelta(days=1),
            invoice_date_due=due,
            invoice_payment_term_id=False,
            **values,
        )

    @classmethod
    def _pay(cls, move, amount=None):
        """Register a payment, now."""
        wizard = (
            cls.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=move.ids)
            .create({"payment_date": TODAY, **({"amount": amount} if amount else {})})
        )
        return wizard._create_payments()

    def _make(self, company=None):
        self.env.flush_all()
        return self.reminders.sudo()._make_due(company or self.company_eur)

    def _due(self, partner=None):
        """The level that the customer would be told now; none without a letter."""
        self.env.flush_all()
        letters = self.reminders.sudo()._find_due(self.company_eur)
        found = letters.get((partner or self.customer).id)
        return self.levels.browse(found and found["level_id"])

    def _told(self, move, level, days_ago):
        """A letter that told an invoice at a level, so many days ago."""
        reminder = (
            self.reminders._internal()
            .sudo()
            .create(
                {
                    "partner_id": move.commercial_partner_id.id,
                    "company_id": move.company_id.id,
                    "level_id": level.id,
                    "date": TODAY - timedelta(days=days_ago),
                    "state": "sent",
                }
            )
        )
        item = move.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        self.env["partner.payment.reminder.line"].create(
            {
                "reminder_id": reminder.id,
                "move_line_id": item.id,
                "move_id": move.id,
                "level_id": level.id,
                "level_days": level.days,
            }
        )
        return reminder
