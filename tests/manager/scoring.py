"""A company with managers who sell, and a scheme, for the tests of scorecards."""

from datetime import date

from odoo import Command

from ..customer.invoicing import InvoicingCommon

MARCH = date(2025, 3, 1), date(2025, 3, 31)


class ScoringCommon(InvoicingCommon):
    """``scheme`` judges the salespeople of ``company_eur`` by revenue and the deduction rate, month by month.

    Sales are credited to the salesperson of the invoice. ``_sell`` posts an invoice of March 2025.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cards = cls.env["manager.scorecard"]
        cls.schemes = cls.env["manager.score.scheme"]
        cls.revenue = cls._get_indicator("revenue")
        cls.deduction = cls._get_indicator("deduction_rate")
        cls.scheme = cls._create_scheme(
            [
                {"indicator_id": cls.revenue.id, "weight": 60, "target_kind": "fixed", "target_value": 1000},
                {"indicator_id": cls.deduction.id, "weight": 40, "target_kind": "fixed", "target_value": 0.1},
            ]
        )

    @classmethod
    def _get_indicator(cls, code):
        return cls.env["manager.indicator"].search([("code", "=", code)])

    @classmethod
    def _create_scheme(cls, lines, **values):
        return cls.env["manager.score.scheme"].create(
            {
                "name": "Salespeople",
                "company_id": cls.company_eur.id,
                "credit": "document",
                "user_ids": [Command.set((cls.user_sales + cls.user_sales2 + cls.user_sub).ids)],
                "line_ids": [Command.create(line) for line in lines],
                **values,
            }
        )

    @classmethod
    def _sell(cls, user, amount, day="2025-03-10", **values):
        line = {"product_id": cls.chair.id, "quantity": 1, "price_unit": amount}
        return cls._create_invoice([line], date=day, invoice_user_id=user.id, **values)

    @classmethod
    def _refund(cls, user, amount, day="2025-03-20", **values):
        return cls._sell(user, amount, day, move_type="out_refund", **values)

    @classmethod
    def _compute(cls, day=MARCH[0], company=None):
        return cls.cards._compute_period(company or cls.company_eur, day)

    @classmethod
    def _card(cls, user, first=MARCH[0]):
        company = cls.company_eur
        return cls.cards.search(
            [("user_id", "=", user.id), ("company_id", "=", company.id), ("date_from", "=", first)]
        )

    @classmethod
    def _line(cls, user, indicator=None, first=MARCH[0]):
        lines = cls._card(user, first).line_ids
        return lines.filtered(lambda line: line.indicator_id == (indicator or cls.revenue))

    @classmethod
    def _as(cls, user, records):
        """These records for a user who works in the first company alone."""
        return records.with_user(user).with_context(allowed_company_ids=cls.company_eur.ids)
