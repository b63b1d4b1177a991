from datetime import date, datetime

from odoo import SUPERUSER_ID, Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..customer.invoicing import InvoicingCommon

MARCH = date(2025, 3, 1), date(2025, 3, 31)


@tagged("post_install", "-at_install")
class TestManagerIndicators(InvoicingCommon):
    """Each indicator from sales at its borders: whom it is credited to, what counts, and what it adds up to."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.indicators = cls.env["manager.indicator"]
        cls.periods = cls.env["partner.owner.period"].sudo()
        cls.company_eur.partner_id.tz = "Asia/Ho_Chi_Minh"

    @classmethod
    def _own(cls, partner, *spans):
        """Let the customer's owners be these: (user, UTC moment from, to)."""
        cls.env.flush_all()
        cls.periods.search([("partner_id", "=", partner.id)]).unlink()
        cls.periods.create(
            [
                {
                    "partner_id": partner.id,
                    "user_id": user.id,
                    "date_from": first,
                    "date_to": last,
                    "origin": "changed",
                }
                for user, first, last in spans
            ]
        )

    @classmethod
    def _sell(cls, amount, day="2025-03-10", user=None, partner=None, **values):
        line = {"product_id": cls.chair.id, "quantity": 1, "price_unit": amount, **values.pop("line", {})}
        return cls._create_invoice(
            [line], partner=partner, date=day, invoice_user_id=(user or cls.user_sales).id, **values
        )

    def _values(self, code, credit="document", company=None, days=MARCH, users=None):
        """{user: value} of an indicator."""
        indicator = self.indicators.search([("code", "=", code)])
        indicator.ensure_one()
        found = indicator._compute_values(company or self.company_eur, *days, users=users, credit=credit)
        return {user: value for (_indicator, user), value in found.items()}

    def _value(self, code, user=None, **options):
        value = self._values(code, **options).get((user or self.user_sales).id)
        return value and value.value

    # ------------------------------------------------------------------
    # Sales
    # ------------------------------------------------------------------
    def test_days_belong_to_the_period(self):
        for day in ("2025-02-28", "2025-03-01", "2025-03-31", "2025-04-01"):
            self._sell(100, day)
        value = self._values("revenue")[self.user_sales.id]
        self.assertEqual((value.value, value.count), (200, 2))

    def test_credit_notes_are_negative_and_drafts_do_not_count(self):
        self._sell(100)
        self._sell(30, move_type="out_refund")
        self._sell(70, post=False)
        self._sell(500, user=self.user_sales2, move_type="out_refund")
        self.assertEqual(self._value("revenue"), 70)
        self.assertEqual(self._value("profit"), 70, "sold and taken back at the same cost")
        self.assertEqual(self._value("revenue", self.user_sales2), -500)
        self.assertIsNone(self._value("margin_rate", self.user_sales2), "no rate of less than nothing")

    def test_margin(self):
        self._sell(100)
        self.assertEqual(self._value("profit"), 90)
        self.assertAlmostEqual(self._value("margin_rate"), 0.9)

    def test_currency_and_company(self):
        self._sell(100, currency_id=self.usd.id)
        self._sell(100, company=self.company_usd)
        self.assertEqual(self._value("revenue"), 50)
        self.assertEqual(self._value("revenue", company=self.company_usd), 100)

    def test_customer_handed_over_within_the_period(self):
        # on the 15th at midnight in Vietnam
        moment = datetime(2025, 3, 14, 17)
        self._own(self.customer, (self.user_sales, None, moment), (self.user_sub, moment, None))
        for day, amount in (("2025-03-14", 1), ("2025-03-15", 10), ("2025-03-31", 100)):
            self._sell(amount, day, user=self.user_sales2)
        by_owner = {user: value.value for user, value in self._values("revenue", "owner").items()}
        self.assertEqual(by_owner, {self.user_sales.id: 1, self.user_sub.id: 110})
        by_document = {user: value.value for user, value in self._values("revenue").items()}
        self.assertEqual(by_document, {self.user_sales2.id: 111})

    def test_handed_over_during_the_day_belongs_to_who_had_it_in_the_morning(self):
        moment = datetime(2025, 3, 15, 5)
        self._own(self.customer, (self.user_sales, None, moment), (self.user_sub, moment, None))
        self._sell(10, "2025-03-15")
        self.assertEqual(set(self._values("revenue", "owner")), {self.user_sales.id})

    def test_without_owner_the_document_decides(self):
        self._own(self.customer)
        self._sell(10, user=self.user_sales2)
        self.assertEqual(set(self._values("revenue", "owner")), {self.user_sales2.id})
        self._sell(20).invoice_user_id = False
        self.assertEqual(self._values("revenue", "owner")[False].value, 20)

    def test_manager_who_left(self):
        self._own(self.customer, (self.user_sub, None, None))
        self._sell(10)
        self.user_sub.active = False
        self.assertEqual(self._value("revenue", self.user_sub, credit="owner"), 10)

    def test_totals_are_those_of_turnover_and_profit(self):
        self._own(self.customer, (self.user_sub, None, datetime(2025, 3, 10)))
        for number, user in enumerate((self.user_sales, self.user_sales2, self.env["res.users"])):
            self._sell(33.33 + number, f"2025-03-{9 + number:02}").invoice_user_id = user
        self._sell(12.34, move_type="out_refund", partner=self.customer2)
        self._sell(99, line={"discount": 12.5})
        turnover = self.env["partner.turnover.report"].with_context(allowed_company_ids=self.company_eur.ids)
        [(revenue, profit)] = turnover._read_group(
            [("date", ">=", MARCH[0]), ("date", "<=", MARCH[1])], [], ["revenue:sum", "profit:sum"]
        )
        for credit in ("owner", "document"):
            for code, total in (("revenue", revenue), ("profit", profit)):
                values = self._values(code, credit)
                self.assertEqual(
                    self.company_eur.currency_id.round(sum(value.value for value in values.values())), total
                )

    # ------------------------------------------------------------------
    # Deductions
    # ------------------------------------------------------------------
    def test_deduction_rate(self):
        self._sell(100, line={"discount": 10})
        self._sell(100)
        self._sell(20, move_type="out_refund")
        value = self._values("deduction_rate")[self.user_sales.id]
        self.assertAlmostEqual(value.numerator, 30)
        self.assertAlmostEqual(value.denominator, 200)
        self.assertAlmostEqual(value.value, 0.15)

    def test_free_goods_and_negative_lines_are_deductions_and_down_payments_are_not(self):
        lines = [
            {"product_id": self.chair.id, "quantity": 1, "price_unit": 100},
            {"product_id": self.table.id, "quantity": 2, "price_unit": 30, "discount": 100},
            {"name": "Rebate", "quantity": 1, "price_unit": -15},
            {"name": "Down payment", "quantity": -1, "price_unit": 40, "is_downpayment": True},
        ]
        self._create_invoice(lines, date="2025-03-10", invoice_user_id=self.user_sales.id)
        value = self._values("deduction_rate")[self.user_sales.id]
        self.assertAlmostEqual(value.numerator, 75)
        self.assertAlmostEqual(value.denominator, 45 + 75)

    def test_free_goods_with_the_tax_within_the_price(self):
        """What was given away is worth its price without tax, as what was sold is."""
        taxes = self.env["account.tax"].create(
            [
                {
                    "name": f"Tax {override}",
                    "amount": 10,
                    "company_id": self.company_eur.id,
                    "country_id": self.company_eur.account_fiscal_country_id.id,
                    "price_include_override": override,
                }
                for override in ("tax_included", "tax_excluded", False)
            ]
        )
        self.company_eur.account_price_include = "tax_included"
        for tax, given in zip(taxes, (100, 110, 100), strict=True):
            line = {
                "product_id": self.chair.id,
                "quantity": 2,
                "price_unit": 55,
                "tax_ids": [Command.set(tax.ids)],
            }
            partner = self._create_company_partner(tax.name)
            invoice = self._create_invoice(
                [{**line, "discount": 100}, line],
                partner=partner,
                date="2025-03-10",
                invoice_user_id=self.user_sales.id,
            )
            self.assertEqual(invoice.amount_untaxed, given)
            value = self._values("deduction_rate")[self.user_sales.id]
            self.assertAlmostEqual(value.value, 0.5)
            invoice.button_draft()

    def test_deductions_without_sales_have_no_rate(self):
        self._sell(20, move_type="out_refund")
        value = self._values("deduction_rate")[self.user_sales.id]
        self.assertEqual((value.numerator, value.value, value.count), (20, None, 1))

    # ------------------------------------------------------------------
    # Customers kept
    # ------------------------------------------------------------------
    def _sell_to_many(self, partners, day, amount=10):
        moves = self.env["account.move"].create(
            [
                {
                    "move_type": "out_invoice",
                    "company_id": self.company_eur.id,
                    "partner_id": partner.id,
                    "invoice_date": day,
                    "invoice_user_id": self.user_sales.id,
                    "invoice_line_ids": [
                        Command.create({"name": "Sale", "price_unit": amount, "tax_ids": [Command.clear()]})
                    ],
                }
                for partner in partners
            ]
        )
        moves.action_post()
        return moves

    def test_worked_check_of_retention(self):
        """40 in the base, 31 of them bought, 12 new: 77.5 %."""
        partners = self.env["res.partner"].create(
            [{"name": f"Base {number}", "is_company": True} for number in range(52)]
        )
        self._sell_to_many(partners[:40], "2024-06-10")
        self._sell_to_many(partners[:31] + partners[40:], "2025-03-10")
        value = self._values("retention_rate")[self.user_sales.id]
        self.assertEqual((value.numerator, value.denominator), (31, 40))
        self.assertAlmostEqual(value.value, 0.775)
        self.assertEqual(self._value("new_customers"), 12)

    def test_base_is_the_year_before(self):
        partners = self.env["res.partner"].create(
            [{"name": f"Base {number}", "is_company": True} for number in range(4)]
        )
        for partner, day in zip(
            partners, ("2024-02-29", "2024-03-01", "2025-02-28", "2025-03-01"), strict=True
        ):
            self._sell_to_many(partner, day)
        value = self._values("retention_rate")[self.user_sales.id]
        self.assertEqual((value.numerator, value.denominator), (0, 2))

    def test_wholly_credited_sales_do_not_count(self):
        self._sell(10, "2024-06-10")
        bought = self._sell(10, "2025-03-10")
        reversal = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=bought.ids)
            .create({"journal_id": bought.journal_id.id, "date": "2025-03-12"})
        )
        self.assertEqual(self._value("retention_rate"), 1)
        reversal.refund_moves()
        bought.reversal_move_ids.action_post()
        if bought.payment_state != "reversed":
            receivable = (bought + bought.reversal_move_ids).line_ids.filtered(
                lambda line: line.account_type == "asset_receivable"
            )
            receivable.reconcile()
        self.assertEqual(bought.payment_state, "reversed")
        self.assertEqual(self._value("retention_rate"), 0)

    def test_credit_notes_that_add_up_take_a_sale_back(self):
        """As for the stages: whoever the payments are matched with, and to the cent."""
        self._sell(10, "2024-06-10")
        bought = self._sell(10, "2025-03-10")
        for amount, kept in ((6, 1), (3.99, 1), (0.01, 0)):
            self._sell(amount, "2025-03-12", move_type="out_refund", reversed_entry_id=bought.id)
            self.assertEqual(self._value("retention_rate"), kept)
        bought.line_ids.remove_move_reconcile()
        self.assertEqual((bought.payment_state, self._value("retention_rate")), ("not_paid", 0))
        other = self._sell(10, "2025-03-20")
        self.assertEqual(self._value("retention_rate"), 1)
        self._sell(10, "2025-03-21", move_type="out_refund", reversed_entry_id=other.id, post=False)
        self.assertEqual(self._value("retention_rate"), 1, "a draft takes nothing back")

    def test_credit_notes_with_and_without_origin_take_a_sale_back(self):
        """One made by *Reverse*, another one by hand that is matched with the rest."""
        self._sell(10, "2024-06-10")
        bought = self._sell(10, "2025-03-10")
        linked = self._sell(6, "2025-03-12", move_type="out_refund", reversed_entry_id=bought.id)
        by_hand = self._sell(4, "2025-03-13", move_type="out_refund")
        self.assertEqual(self._value("retention_rate"), 1)
        self._settle(bought + linked + by_hand)
        self.assertEqual(bought.payment_state, "reversed")
        self.assertEqual(self._value("retention_rate"), 0)

    def test_sale_settled_by_an_entry_stays_one(self):
        """A discount by credit note, the rest netted with what we owe: Odoo calls that reversed."""
        self._check_netted(is_linked=True)

    def test_sale_settled_by_an_entry_and_an_unlinked_credit_note_stays_one(self):
        self._check_netted(is_linked=False)

    def _check_netted(self, is_linked):
        self._sell(10, "2024-06-10")
        bought = self._sell(10, "2025-03-10")
        values = {"reversed_entry_id": bought.id} if is_linked else {}
        credit = self._sell(1, "2025-03-12", move_type="out_refund", **values)
        self._settle_by_entry(bought, credit, 9)
        self.assertEqual(bought.payment_state, "reversed")
        self.assertEqual(self._value("retention_rate"), 1)
        self.assertEqual(self._count_sales(), (2, "2025-03-10"))

    def test_credit_note_of_all_but_the_tax_takes_a_sale_back(self):
        """The credit note says so; that an entry settled the tax does not make it a sale again."""
        self._sell(10, "2024-06-10")
        tax = self._create_tax()
        bought = self._sell(10, "2025-03-10", line={"tax_ids": [Command.set(tax.ids)]})
        self.assertEqual(bought.amount_total, 11)
        credit = self._sell(10, "2025-03-12", move_type="out_refund", reversed_entry_id=bought.id)
        self._settle_by_entry(bought, credit, 1)
        self.assertEqual(bought.payment_state, "reversed")
        self.assertEqual(self._value("retention_rate"), 0)
        self.assertEqual(self._count_sales(), (1, "2024-06-10"))

    def _count_sales(self):
        """Number and last day of the customer's sales, as the classification counts them."""
        policy = self.env["partner.classification.policy"]._get_for(self.company_eur)
        run = self.env["partner.classification"].create({"policy_id": policy.id, "date_to": "2025-03-31"})
        run.action_compute()
        line = run.line_ids.filtered(lambda line: line.partner_id == self.customer)
        return line.sales_count, str(line.last_sale_date)

    def test_customer_kept_belongs_to_the_owner_when_the_period_began(self):
        moment = datetime(2025, 2, 28, 17)
        self._sell(10, "2024-06-10", user=self.user_sales2)
        self._own(self.customer, (self.user_sales, None, moment), (self.user_sub, moment, None))
        for credit in ("owner", "document"):
            self.assertEqual(set(self._values("retention_rate", credit)), {self.user_sub.id})
        self._own(self.customer, (self.user_sales, None, datetime(2025, 2, 28, 17, 0, 1)))
        self.assertEqual(set(self._values("retention_rate")), {self.user_sales.id})
        self._own(self.customer)
        self.assertEqual(set(self._values("retention_rate")), {self.user_sales2.id})

    def test_money_retention(self):
        # the same month a year before: 100 and 50; now 80 and 70
        for partner, then, now in ((self.customer, 100, 80), (self.customer2, 50, 70)):
            self._sell(then, "2024-03-05", partner=partner)
            self._sell(999, "2024-07-05", partner=partner)
            self._sell(now, "2025-03-05", partner=partner)
        value = self._values("money_retention_rate")[self.user_sales.id]
        self.assertEqual((value.numerator, value.denominator), (130, 150))
        year = self._values("money_retention_rate", days=(date(2025, 1, 1), date(2025, 12, 31)))
        self.assertEqual(year[self.user_sales.id].denominator, 150 + 2 * 999, "of a year: the whole base")
        # February of the year before had a day more
        self._sell(1000, "2024-02-29")
        self._sell(500, "2025-02-10")
        february = self._values("money_retention_rate", days=(date(2025, 2, 1), date(2025, 2, 28)))
        value = february[self.user_sales.id]
        self.assertEqual((value.numerator, value.denominator), (500, 1000))

    # ------------------------------------------------------------------
    # Customers won
    # ------------------------------------------------------------------
    def test_new_and_returned(self):
        policy = self.env["partner.classification.policy"]._get_for(self.company_eur)
        policy.lost_days = 180
        # 181 days, and 180 days, before the 10th of March
        self._sell(10, "2024-09-10")
        self._sell(10, "2024-09-11", partner=self.customer2)
        third = self._create_company_partner("Third")
        for partner in (self.customer, self.customer2, third):
            self._sell(10, "2025-03-10", partner=partner)
            self._sell(10, "2025-03-20", partner=partner, user=self.user_sales2)
        self.assertEqual(self._value("returned_customers"), 1)
        self.assertEqual(self._value("new_customers"), 1)
        self.assertIsNone(self._value("new_customers", self.user_sales2))

    def test_returned_later_in_the_period(self):
        """Not only by its first purchase, and once."""
        self.env["partner.classification.policy"]._get_for(self.company_eur).lost_days = 100
        year = date(2025, 1, 1), date(2025, 12, 31)
        # within the rhythm, then back after 101 days, then after 102; and new, then back after 100 and 101
        for day in ("2024-12-20", "2025-01-05", "2025-04-16", "2025-07-27"):
            self._sell(10, day, user=self.user_sales2 if day == "2025-04-16" else None)
        for day in ("2025-01-10", "2025-04-20", "2025-07-30"):
            self._sell(10, day, partner=self.customer2)
        self.assertEqual(self._value("returned_customers", self.user_sales2, days=year), 1)
        self.assertEqual(self._value("returned_customers", days=year), 1, "the other customer alone")
        self.assertEqual(self._value("new_customers", days=year), 1)

    def test_sales_of_another_company_do_not_make_a_customer_old(self):
        self._sell(10, "2024-09-10", company=self.company_usd)
        self._sell(10)
        self.assertEqual(self._value("new_customers"), 1)

    # ------------------------------------------------------------------
    # Evidence
    # ------------------------------------------------------------------
    def test_evidence_is_what_the_values_are_made_of(self):
        self._own(self.customer, (self.user_sub, None, datetime(2025, 3, 10)))
        self._sell(100, "2024-06-10")
        for number in range(4):
            self._sell(100 + number, f"2025-03-0{number + 6}", line={"discount": number})
        self._sell(5, partner=self.customer2, move_type="out_refund")
        indicators = self.indicators.search([("source", "in", ("sales", "retention", "arrivals"))])
        self.assertEqual(len(indicators), 8)
        for credit in ("owner", "document"):
            values = indicators._compute_values(self.company_eur, *MARCH, credit=credit)
            sums = {}
            for user, indicator, *_document, numerator, denominator in self.env.execute_query(
                indicators._get_evidence(self.company_eur, *MARCH, credit=credit)
            ):
                known = sums.setdefault((indicator, user or False), [0, 0, 0])
                known[0] += numerator or 0
                known[1] += denominator or 0
                known[2] += 1
            self.assertEqual(set(sums), set(values))
            for key, value in values.items():
                self.assertAlmostEqual(sums[key][0], value.numerator or 0, 6)
                self.assertAlmostEqual(sums[key][1], value.denominator or 0, 6)
                self.assertEqual(sums[key][2], value.count)

    def test_documents_of_a_value(self):
        invoice = self._sell(100)
        self._sell(50, user=self.user_sales2)
        indicator = self.indicators.search([("code", "=", "revenue")])
        action = indicator._get_evidence_action(self.company_eur, self.user_sales, *MARCH, "document")
        self.assertEqual(action["res_model"], "account.move")
        self.assertEqual(self.env["account.move"].search(action["domain"]), invoice)
        with self.assertRaisesRegex(UserError, "no documents"):
            indicator._get_evidence_action(self.company_eur, self.user_sub, *MARCH, "document")

    def test_same_number_of_statements_for_any_number_of_managers(self):
        indicators = self.indicators.search([])
        counts = []
        for number in (1, 12):
            users = self.env["res.users"].create(
                [
                    {"name": f"Seller {number} {index}", "login": f"seller_{number}_{index}"}
                    for index in range(number)
                ]
            )
            for user in users:
                self._sell(10, user=user)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            indicators._compute_values(self.company_eur, *MARCH)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])

    # ------------------------------------------------------------------
    # One's own
    # ------------------------------------------------------------------
    def _field(self, model, name):
        return self.env["ir.model.fields"]._get(model, name).id

    def _create_own(self, **values):
        model = "partner.turnover.report"
        return self.indicators.create(
            {
                "name": "Chairs",
                "code": "chairs",
                "source": "report",
                "model_id": self.env["ir.model"]._get_id(model),
                "measure_field_id": self._field(model, "revenue"),
                "user_field_id": self._field(model, "user_id"),
                "date_field_id": self._field(model, "date"),
                "domain": f"[('categ_id', '=', {self.category.id})]",
                **values,
            }
        )

    def test_indicator_of_a_report(self):
        self._create_own()
        self._sell(100)
        self._sell(40, line={"product_id": self.table.id})
        self._sell(7, "2025-04-01")
        value = self._values("chairs")[self.user_sales.id]
        self.assertEqual((value.value, value.count), (100, 1))
        self.assertFalse(self._values("chairs", company=self.company_usd))

    def test_rate_mean_and_count_of_a_report(self):
        model = "partner.turnover.report"
        self._create_own(
            code="margin_of_chairs",
            kind="ratio",
            measure_field_id=self._field(model, "profit"),
            denominator_field_id=self._field(model, "revenue"),
        )
        self._create_own(code="mean_line", kind="mean")
        self._create_own(code="lines", measure_field_id=False)
        self._sell(100)
        self._sell(20)
        self.assertAlmostEqual(self._value("margin_of_chairs"), 100 / 120)
        self.assertEqual(self._value("mean_line"), 60)
        self.assertEqual(self._value("lines"), 2)

    def test_days_of_moments_are_those_of_the_company(self):
        model = "partner.contact.log"
        self._create_own(
            code="calls",
            model_id=self.env["ir.model"]._get_id(model),
            measure_field_id=False,
            user_field_id=self._field(model, "user_id"),
            date_field_id=self._field(model, "date"),
            domain="[('channel', '=', 'phone')]",
        )
        self.env["partner.contact.log"].create(
            [
                {
                    "title": "Call",
                    "partner_id": self.customer.id,
                    "user_id": self.user_sales.id,
                    "company_id": self.company_eur.id,
                    "channel": "phone",
                    "state": "done",
                    "date": moment,
                }
                for moment in ("2025-02-28 16:59:59", "2025-02-28 17:00:00", "2025-03-31 17:00:00")
            ]
        )
        self.assertEqual(self._value("calls"), 1)

    def test_report_is_the_same_whoever_computes(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.chair.with_context(lang="fr_FR").name = "Chaise"
        own = self._create_own(domain="[('product_id.name', '=', 'Chair')]")
        self._sell(100)
        french = own.with_context(lang="fr_FR")
        for reader in (own, french, french.with_user(self.user_director)):
            found = reader._compute_values(self.company_eur, *MARCH, credit="document")
            self.assertEqual(found[own.id, self.user_sales.id].value, 100)
        report = french.with_user(self.user_director)._get_report(self.company_eur)
        self.assertEqual((report.env.uid, report.env.lang), (SUPERUSER_ID, "en_US"))

    def test_duplicate(self):
        """With a code of its own; a built-in one, which its code makes what it is, is not copied."""
        self._sell(100)
        indicators = self.indicators.with_user(self.user_director).with_context(
            allowed_company_ids=self.user_director.company_id.ids
        )
        own = indicators.browse(self._create_own().id)
        first, second = own.copy(), own.copy()
        first.active = False
        third = own.copy()
        self.assertEqual(
            [one.code for one in (first, second, third, first.copy())],
            ["chairs_copy", "chairs_copy2", "chairs_copy3", "chairs_copy_copy"],
        )
        self.assertEqual(second.name, "Chairs (copy)")
        self.assertEqual(self._value("chairs_copy2"), 100)
        contacts = indicators.search([("source", "=", "contacts")], limit=1)
        self.assertEqual(contacts.copy({"contact_channel": "meeting"}).code, f"{contacts.code}_copy")
        revenue = indicators.search([("code", "=", "revenue")])
        with self.assertRaisesRegex(UserError, "“Revenue” is built in.*“A Report” instead"):
            revenue.copy()

    def test_filter_keeps_the_language_it_was_written_in(self):
        """Whoever made the indicator, and whatever language its writers have afterwards."""
        self.env["res.lang"]._activate_lang("fr_FR")
        self.chair.with_context(lang="fr_FR").name = "Chaise"
        self._sell(100)
        director, companies = self.user_director, self.user_director.company_id.ids

        def speaking(lang):
            return self.indicators.with_user(director).with_context(allowed_company_ids=companies, lang=lang)

        values = self._create_own().copy_data()[0]
        own = speaking("en_US").create(
            {**values, "code": "spoken", "domain": "[('product_id.name', '=', 'Chair')]"}
        )
        english, french = own, speaking("fr_FR").browse(own.id)

        def check(lang):
            self.assertEqual(own.domain_lang, lang)
            found = own._compute_values(self.company_eur, *MARCH, credit="document")
            self.assertEqual(found[own.id, self.user_sales.id].value, 100)

        self.assertEqual(own.create_uid, director)
        for lang in ("en_US", "fr_FR"):
            director.lang = lang
            check("en_US")
        french.domain = "[('product_id.name', '=', 'Chaise')]"
        for lang in ("en_US", "fr_FR"):
            director.lang = lang
            check("fr_FR")
        # as an import does, which has all columns
        english.write({"name": "Seats", "domain": own.domain})
        check("fr_FR")
        self.assertEqual(english.copy({"code": "copied"}).domain_lang, "fr_FR")
        self.assertEqual(english.copy({"code": "rewritten", "domain": "[]"}).domain_lang, "en_US")
        with self.assertRaises(AccessError):
            english.domain_lang = "en_US"
        # written before it was kept
        own._guard_off().domain_lang = False
        director.lang = "fr_FR"
        check(False)

    def test_what_cannot_be_computed_is_refused(self):
        for values, words in (
            ({"domain": "[('nothing', '=', 1)]"}, "cannot be used"),
            ({"domain": "[("}, "cannot be used"),
            ({"domain": "[('is_own', '=', True)]"}, "each user"),
            ({"domain": "[('partner_id', 'any', [('in_my_team', '=', True)])]"}, "each user"),
            ({"domain": "[('partner_id.message_is_follower', '=', True)]"}, "each user"),
            ({"domain": "[('partner_id.my_activity_date_deadline', '<', 'today')]"}, "each user"),
            ({"domain": "[('partner_id.segment_ids.can_edit', '=', True)]"}, "each user"),
            (
                {"domain": "[('partner_id', 'any', [('message_ids', 'any', [('starred', '=', True)])])]"},
                "each user",
            ),
            ({"domain": "__import__('os').system('true')"}, "cannot be used"),
            ({"kind": "ratio"}, "Divided by"),
            ({"user_field_id": False}, "Credited to"),
            ({"model_id": self.env["ir.model"]._get_id("res.users")}, "one of the reports"),
            ({"user_field_id": self._field("account.move", "invoice_user_id")}, "not one of the report's"),
            (
                {"measure_field_id": self._field("partner.turnover.report", "months_ago")},
                "not one of the report's",
            ),
            ({"code": "Base!"}, "small letters"),
            ({"code": "score"}, "small letters"),
        ):
            with self.subTest(values), self.assertRaisesRegex(ValidationError, words), self.cr.savepoint():
                self._create_own(**values)

    def test_share_of_failed_orders_is_refused(self):
        """No single failure has the value of its cohort: the indicator would never have a figure."""
        model = "partner.order.failure.report"
        fields = {"measure": "failed_value", "denominator": "base_value", "user": "user_id", "date": "date"}
        values = {f"{kind}_field_id": self._field(model, name) for kind, name in fields.items()}
        values |= {"model_id": self.env["ir.model"]._get_id(model), "domain": "[('kind', '=', 'cancelled')]"}
        with self.assertRaisesRegex(ValidationError, "a figure of groups"), self.cr.savepoint():
            self._create_own(kind="ratio", **values)
        values["measure_field_id"] = self._field(model, "rate")
        with self.assertRaisesRegex(ValidationError, "a figure of groups"), self.cr.savepoint():
            self._create_own(kind="mean", **{**values, "denominator_field_id": False})
        self.assertTrue(
            self._create_own(**{**values, "measure_field_id": self._field(model, "failed_value")})
        )

    def test_problem_of_what_was_saved_before(self):
        """Earlier versions took filters such as *Mine*, by which nothing counts; nobody would be told."""
        own, other = self._create_own(), self._create_own(code="others")
        self.assertFalse((own + other).filtered("problem"))
        self.env.flush_all()
        for domain, words in (("[('is_own', '=', True)]", "each user"), ("[('gone', '=', 1)]", "gone")):
            self.env.cr.execute("UPDATE manager_indicator SET domain = %s WHERE id = %s", [domain, own.id])
            self.env.invalidate_all()
            with self.subTest(domain=domain):
                self.assertIn(words, own.with_user(self.user_sales).problem)
                self.assertFalse(other.problem)
        # it has no figures, and keeps nobody else's
        self._sell(100)
        values = (own + other)._compute_values(self.company_eur, *MARCH)
        self.assertEqual({indicator_id for indicator_id, _user_id in values}, set(other.ids))
        cards = self.env["manager.scorecard"]
        self.assertEqual(cards._get_value(values, own, self.user_sales.id)["value"], None, "not 0 either")
        self.assertEqual(cards._get_value(values, other, self.user_sales2.id)["value"], 0)
        own.domain = "[]"
        self.assertFalse(own.problem)
        self.assertFalse(self.indicators.new({"source": "report"}).problem, "not finished yet")

    def test_what_is_stored_is_the_same_for_all(self):
        own = self._create_own(
            domain="[('product_id.is_favorite', '=', True), ('date.month_number', '=', 3)]"
        )
        self._sell(100)
        self.assertFalse(self._values("chairs"))
        own.domain = "[('product_id', 'any', [('is_favorite', '=', False)])]"
        self.assertEqual(self._value("chairs"), 100)

    def test_indicator_asks_only_for_what_its_writer_may_read(self):
        """Its figures would tell a director of fields that are kept from directors."""
        own = self._create_own()
        theirs = own.with_user(self.user_director).with_context(
            allowed_company_ids=self.user_director.company_id.ids
        )
        theirs.domain = "[('categ_id.name', '=', 'Chairs')]"
        for domain in (
            "[('user_id.employee_ids.ssnid', '=like', '1%')]",
            "[('partner_id', 'any', [('employee_ids.bank_account_ids.acc_number', '=like', '1%')])]",
        ):
            with (
                self.subTest(domain=domain),
                mute_logger("odoo.orm.models", "odoo.addons.base.models.ir_model"),
            ):
                with self.assertRaisesRegex(AccessError, "“Chairs” asks for something"), self.cr.savepoint():
                    theirs.domain = domain
                values = own.copy_data()[0]
                with self.assertRaisesRegex(AccessError, "asks for something"), self.cr.savepoint():
                    theirs.create({**values, "code": "probe", "domain": domain})
            own.domain = domain
        self.assertEqual(theirs.with_user(self.user_sales).name, "Chairs")

    def test_filter_stays_in_the_company(self):
        """A path from a common contact leads to documents of the company alone."""
        own = self._create_own(domain="[('partner_id.invoice_ids.ref', '=', 'SECRET')]")
        move = self._sell(100)
        self.assertFalse(self._values("chairs"))
        other = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "company_id": self.company_usd.id,
                "ref": "SECRET",
            }
        )
        self.assertEqual(other.partner_id, move.partner_id)
        self.assertFalse(self._values("chairs"))
        move.ref = "SECRET"
        self.assertEqual(self._values("chairs")[self.user_sales.id].value, 100)
        own.domain = "['!', ('partner_id.invoice_ids.ref', '=', 'SECRET')]"
        self.assertFalse(self._values("chairs"))

    def test_used_indicator_is_archived_not_deleted(self):
        self.env["manager.score.scheme"]._ensure_for(self.company_eur)
        with self.assertRaisesRegex(UserError, "Archive it"):
            self.indicators.search([("code", "=", "revenue")]).unlink()
        own = self._create_own()
        own.unlink()
        self.assertFalse(own.exists())
