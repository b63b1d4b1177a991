from datetime import datetime

from odoo.tests import tagged

from .scoring import MARCH, ScoringCommon

# Midnight of March 16 in the company's time zone.
HANDOVER = datetime(2025, 3, 15, 17)


@tagged("post_install", "-at_install")
class TestScorecardHandover(ScoringCommon):
    """A customer goes from one manager to another in the middle of the month: both cards, whomever sales are for."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company_eur.partner_id.tz = "Asia/Ho_Chi_Minh"
        cls.codes = ("revenue", "retention_rate", "new_customers", "contacts", "overdue_receivables")
        cls.scheme.line_ids.unlink()
        cls.scheme.write(
            {
                "line_ids": [
                    (
                        0,
                        0,
                        {
                            "indicator_id": cls._get_indicator(code).id,
                            "weight": 20,
                            "target_kind": "fixed",
                            "target_value": 1,
                        },
                    )
                    for code in cls.codes
                ]
            }
        )
        cls.old = cls._own(cls._create_company_partner("Handed Over"))
        cls.new = cls._own(cls._create_company_partner("New"))

    @classmethod
    def _own(cls, partner):
        """Until the handover ``user_sales`` is responsible, ``user_sub`` afterwards."""
        cls.env.flush_all()
        periods = cls.env["partner.owner.period"].sudo()
        periods.search([("partner_id", "=", partner.id)]).unlink()
        periods.create(
            [
                {
                    "partner_id": partner.id,
                    "user_id": cls.user_sales.id,
                    "date_to": HANDOVER,
                    "origin": "changed",
                },
                {
                    "partner_id": partner.id,
                    "user_id": cls.user_sub.id,
                    "date_from": HANDOVER,
                    "origin": "changed",
                },
            ]
        )
        return partner

    def _fill(self):
        """All invoices name a third salesperson, so that it shows whom each figure follows."""
        third = self.user_sales2
        self._sell(third, 500, "2024-05-05", partner=self.old)
        self._sell(third, 100, "2025-03-15", partner=self.old, invoice_date_due="2025-03-20")
        self._sell(third, 30, "2025-03-16", partner=self.old, invoice_date_due="2025-03-31")
        self._sell(third, 7, "2025-03-20", partner=self.new, invoice_date_due="2025-03-30")
        for user, day in ((self.user_sales, 15), (self.user_sales, 17), (self.user_sub, 18)):
            self.env["partner.contact.log"].create(
                {
                    "name": "Call",
                    "partner_id": self.old.id,
                    "user_id": user.id,
                    "company_id": self.company_eur.id,
                    "channel": "phone",
                    "state": "done",
                    "date": datetime(2025, 3, day, 3),
                }
            )

    def _figures(self, user):
        """{code: value} of the card of March; None where there is nothing to judge."""
        return {
            line.indicator_id.code: None if line.value is False else line.value
            for line in self._card(user).line_ids
        }

    def test_by_owner(self):
        """Each sale belongs to who had the customer that day, retention to who had it when the month began."""
        self.scheme.credit = "owner"
        self._fill()
        self._compute()
        self.assertEqual(
            self._figures(self.user_sales),
            {
                "revenue": 100,
                "retention_rate": 1,
                "new_customers": 0,
                "contacts": 2,
                "overdue_receivables": 0,
            },
        )
        # due on the last day is not overdue on it; what is overdue follows the owner at the end
        self.assertEqual(
            self._figures(self.user_sub),
            {
                "revenue": 37,
                "retention_rate": None,
                "new_customers": 1,
                "contacts": 1,
                "overdue_receivables": 107,
            },
        )
        third = self._figures(self.user_sales2)
        self.assertEqual((third["revenue"], third["new_customers"]), (0, 0), "nobody's sales count twice")

    def test_by_document(self):
        """Sales belong to the salesperson of the invoice; customers and their debts still to who has them."""
        self._fill()
        self._compute()
        self.assertEqual(
            self._figures(self.user_sales2),
            {
                "revenue": 137,
                "retention_rate": None,
                "new_customers": 1,
                "contacts": 0,
                "overdue_receivables": 0,
            },
        )
        first, second = self._figures(self.user_sales), self._figures(self.user_sub)
        self.assertEqual((first["revenue"], first["retention_rate"], first["contacts"]), (0, 1, 2))
        self.assertEqual((second["revenue"], second["retention_rate"], second["contacts"]), (0, None, 1))
        self.assertEqual(second["overdue_receivables"], 107)

    def test_totals_do_not_depend_on_whom_sales_are_for(self):
        self._fill()
        totals = []
        for credit in ("document", "owner"):
            self.scheme.credit = credit
            self._compute()
            cards = [self._figures(user) for user in (self.user_sales, self.user_sub, self.user_sales2)]
            totals.append([sum(card[code] or 0 for card in cards) for code in self.codes])
        self.assertEqual(totals[0], totals[1])
        self.assertEqual(totals[0], [137, 1, 1, 3, 107])

    def test_who_had_it_first_left(self):
        """The card of somebody who left stays, with what was theirs until then."""
        self.scheme.credit = "owner"
        self._fill()
        self.user_sales.active = False
        self._compute()
        card = self._card(self.user_sales)
        self.assertEqual((card.date_from, card.date_to), MARCH)
        self.assertEqual(self._figures(self.user_sales)["revenue"], 100)
        self.assertEqual(self._figures(self.user_sub)["revenue"], 37)

    def test_another_company_has_cards_of_its_own(self):
        self.scheme.credit = "owner"
        self._fill()
        self._sell(self.user_sales2, 1000, "2025-03-15", partner=self.old, company=self.company_usd)
        self._compute()
        self.assertEqual(self._figures(self.user_sales)["revenue"], 100)
        self._create_scheme(
            [{"indicator_id": self.revenue.id, "weight": 1, "target_kind": "fixed", "target_value": 1}],
            company_id=self.company_usd.id,
            credit="owner",
        )
        self._compute(company=self.company_usd)
        other = self.cards.search(
            [
                ("user_id", "=", self.user_sales.id),
                ("company_id", "=", self.company_usd.id),
                ("date_from", "=", MARCH[0]),
            ]
        )
        revenue = other.line_ids.filtered(lambda line: line.indicator_id.code == "revenue")
        self.assertEqual(revenue.value, 1000)
        self.assertEqual(self._figures(self.user_sales)["revenue"], 100)

    def test_credit_note_after_closing(self):
        """The closed card stays as it was; the difference says which document and by how much."""
        self.scheme.credit = "owner"
        self._fill()
        self._compute()
        card = self._card(self.user_sales)
        card.with_user(self.user_director).with_context(
            allowed_company_ids=self.company_eur.ids
        ).action_close()
        before = self._figures(self.user_sales), card.score
        credit = self._refund(self.user_sales2, 40, "2025-03-15", partner=self.old)
        self._compute()
        self.assertEqual((self._figures(self.user_sales), card.score), before)
        dialog = self.env["manager.scorecard.difference"].browse(card.action_view_difference()["res_id"])
        changed = dialog.value_ids.filtered(lambda each: each.indicator_id.code == "revenue")
        self.assertEqual((changed.value, changed.value_now), (100, 60))
        self.assertIn(credit.name, " ".join(dialog.line_ids.mapped("document")))

    def test_closed_card_stays_with_whom_sales_were_for(self):
        """Another setting of the scheme is for what comes, and makes no difference of closed scorecards."""
        self._fill()
        self._compute()
        card = self._card(self.user_sales2)
        card.with_user(self.user_director).with_context(
            allowed_company_ids=self.company_eur.ids
        ).action_close()
        for credit in ("document", "owner"):
            self.scheme.credit = credit
            dialog = self.env["manager.scorecard.difference"].browse(card.action_view_difference()["res_id"])
            self.assertFalse(dialog.document_count)
            self.assertAlmostEqual(dialog.score_now, dialog.score, 6)
            card._refresh_differences()
            self.assertFalse(card.difference_count)
        self._refund(self.user_sales2, 40, "2025-03-15", partner=self.old)
        card._refresh_differences()
        self.assertTrue(card.difference_count)

    def _add_calls(self):
        """Let the scheme judge by phone calls, too: as an indicator over a report, and of the contact log itself."""

        def field(name):
            return self.env["ir.model.fields"]._get("partner.contact.log", name).id

        own, calls = self.env["manager.indicator"].create(
            [
                {
                    "name": "Calls in the Log",
                    "code": "calls_in_the_log",
                    "source": "report",
                    "unit": "count",
                    "model_id": self.env["ir.model"]._get_id("partner.contact.log"),
                    "user_field_id": field("user_id"),
                    "date_field_id": field("date"),
                    "domain": "[('channel', '=', 'phone')]",
                },
                {
                    "name": "Phone Calls",
                    "code": "phone_calls",
                    "source": "contacts",
                    "unit": "count",
                    "contact_channel": "phone",
                },
            ]
        )
        self.scheme.write(
            {
                "line_ids": [
                    (0, 0, {"indicator_id": each.id, "target_kind": "fixed", "target_value": 1})
                    for each in (own, calls)
                ]
            }
        )
        return own, calls, field

    def test_closed_card_stays_with_what_its_indicators_were(self):
        """Another filter, owner or kind of an indicator is for what comes, as another setting of the scheme is."""
        own, calls, field = self._add_calls()
        self._fill()
        self._compute()
        figures = self._figures(self.user_sales)
        self.assertEqual((figures[own.code], figures[calls.code]), (2, 2))
        card = self._as(self.user_director, self._card(self.user_sales))
        card.action_close()
        for indicator, values in (
            (own, {"domain": "[('channel', '=', 'meeting')]"}),
            (own, {"user_field_id": field("closed_by_id")}),
            (own, {"kind": "mean", "measure_field_id": field("duration")}),
            (calls, {"contact_channel": "meeting"}),
            (calls, {"contact_measure": "minutes"}),
        ):
            indicator.write(values)
            with self.subTest(values=values):
                card._refresh_differences()
                self.assertFalse(card.difference_count)
                dialog = self.env["manager.scorecard.difference"].browse(
                    card.action_view_difference()["res_id"]
                )
                self.assertFalse(dialog.document_count)
                self.assertFalse(any(dialog.value_ids.mapped("is_different")))
        self._call(self.user_sales, self.old)
        card._refresh_differences()
        self.assertEqual(card.difference_count, 1)
        # what it was made of is no more: it is compared with what the indicator is now
        line = card.sudo().line_ids.filtered(lambda each: each.indicator_id == own)
        parameters = line.parameters
        parameters["definition"]["user_field_id"] = 2**31 - 1
        line.parameters = parameters
        self.assertIn(own, card.sudo()._get_indicators())
        card._refresh_differences()
        self.assertEqual(card.difference_count, 3)

    def _call(self, user, partner):
        self.env["partner.contact.log"].create(
            {
                "name": "Call",
                "partner_id": partner.id,
                "user_id": user.id,
                "company_id": self.company_eur.id,
                "channel": "phone",
                "state": "done",
                "date": datetime(2025, 3, 12, 3),
            }
        )

    def test_shared_customer(self):
        """Two who sell to and talk with one customer: each the own talks, and the sales once, whomever they are for."""
        shared = self._create_company_partner("Shared")
        periods = self.env["partner.owner.period"].sudo()
        periods.search([("partner_id", "=", shared.id)]).unlink()
        periods.create({"partner_id": shared.id, "user_id": self.user_sales.id, "origin": "changed"})
        self._sell(self.user_sub, 40, "2025-03-10", partner=shared, invoice_date_due="2025-03-20")
        self._sell(self.user_sales, 100, "2025-03-12", partner=shared, invoice_date_due="2025-04-20")
        for user in (self.user_sales, self.user_sub):
            self._call(user, shared)
        figures = {}
        for credit in ("document", "owner"):
            self.scheme.credit = credit
            self._compute()
            for user in (self.user_sales, self.user_sub):
                card = self._figures(user)
                figures[credit, user] = [
                    card[code] for code in ("revenue", "new_customers", "contacts", "overdue_receivables")
                ]
        self.assertEqual(figures["document", self.user_sales], [100, 0, 1, 40])
        self.assertEqual(figures["document", self.user_sub], [40, 1, 1, 0])
        self.assertEqual(figures["owner", self.user_sales], [140, 1, 1, 40])
        self.assertEqual(figures["owner", self.user_sub], [0, 0, 1, 0])

    def test_customer_of_one_manager_in_each_company(self):
        """Shared by two companies: each has an owner of its own, and judges by its own documents."""
        periods = self.env["partner.owner.period"].sudo()
        periods.search([("partner_id", "=", self.old.id)]).unlink()
        self.env.flush_all()
        periods.create(
            [
                {
                    "partner_id": self.old.id,
                    "user_id": user.id,
                    "company_id": company.id,
                    "origin": "orders",
                    "estimated": True,
                }
                for user, company in (
                    (self.user_sales, self.company_eur),
                    (self.user_sub, self.company_usd),
                )
            ]
        )
        lines = [
            {
                "indicator_id": self._get_indicator(code).id,
                "weight": 1,
                "target_kind": "fixed",
                "target_value": 1,
            }
            for code in self.codes
        ]
        self.scheme.credit = "owner"
        self._create_scheme(lines, company_id=self.company_usd.id, credit="owner")
        for company, amount in ((self.company_eur, 100), (self.company_usd, 70)):
            self._sell(self.user_sales2, 5, "2024-06-10", partner=self.old, company=company)
            self._sell(
                self.user_sales2, amount, partner=self.old, company=company, invoice_date_due="2025-03-20"
            )
            self._compute(company=company)

        def figures(user, company):
            card = self.cards.search(
                [
                    ("user_id", "=", user.id),
                    ("company_id", "=", company.id),
                    ("date_from", "=", MARCH[0]),
                ]
            )
            by_code = {line.indicator_id.code: line.value for line in card.line_ids}
            return [by_code[code] for code in ("revenue", "retention_rate", "new_customers")]

        self.assertEqual(figures(self.user_sales, self.company_eur), [100, 1, 0])
        self.assertEqual(figures(self.user_sub, self.company_usd), [70, 1, 0])
        self.assertEqual(figures(self.user_sub, self.company_eur), [0, False, 0])
        self.assertEqual(figures(self.user_sales, self.company_usd), [0, False, 0])
