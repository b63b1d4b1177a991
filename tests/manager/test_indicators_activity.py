"""Completeness of the own contact base, conversion of own inquiries and plan fulfilment, as indicators."""

from collections import defaultdict
from datetime import date, datetime, timedelta

from odoo.tests import tagged
from odoo.tests.common import freeze_time

from ..common import EmptyIsNotZero, RelationsCommon
from ..customer.inquiring import TODAY, InquiringCommon
from ..customer.invoicing import InvoicingCommon

MARCH = date(2025, 3, 1), date(2025, 3, 31)


class ValuesMixin:
    def _values(self, code, first, last, company=None, credit="owner"):
        """(numerator, denominator, value) by user."""
        indicator = self.env.ref(f"partner_relations.manager_indicator_{code}")
        found = indicator._compute_values(company or self.company, first, last, credit=credit)
        values = defaultdict(lambda: None)
        for (_indicator_id, user_id), value in found.items():
            values[self.env["res.users"].browse(user_id or ())] = (
                value.numerator,
                value.denominator,
                value.value,
            )
        return values


@tagged("post_install", "-at_install")
class TestCompletenessIndicator(EmptyIsNotZero, ValuesMixin, RelationsCommon):
    FULL = {
        "phone": "+84 24 3825 1234",
        "street": "1 Hang Bai",
        "city": "Hanoi",
        "vat": "0101234567",
    }

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.tz = "UTC"
        cls.today = date.today()
        cls.env["res.partner"].search([("user_id", "!=", False)]).user_id = False

    def _customer(self, name, user, persons=1, **values):
        partner = self._create_company_partner(
            name, user_id=user.id, country_id=self.env.ref("base.vn").id, **values
        )
        for number in range(persons):
            self._create_person(f"{name} {number}", partner, email=f"p{number}@example.com")
        return partner

    def _weights(self, partners):
        """Filled and all weights, from what the contacts' forms show and the items they have."""
        items = self.env["partner.completeness.item"]._get_items()
        filled = total = 0
        for partner in partners:
            kind = items["company" if partner.is_company else "person"]
            weight = sum(entry[2] for entry in kind)
            total += weight
            filled += round(partner.contact_completeness * weight / 100)
        return filled, total

    def test_sums_of_what_the_forms_show(self):
        one = self._customer("One", self.user_sales, persons=2, **self.FULL)
        two = self._customer("Two", self.user_sales, persons=0)
        three = self._customer("Three", self.user_sales2, email="three@example.com")
        self._create_person("Delivery", three, type="delivery")
        gone = self._create_person("Gone", three)
        gone.active = False
        values = self._values("completeness", self.today, self.today)
        base = one | one.child_ids | two
        filled, total = self._weights(base)
        self.assertEqual(values[self.user_sales], (filled, total, filled / total))
        filled, total = self._weights(three | three.child_ids.filtered(lambda p: p.type == "contact"))
        self.assertEqual(values[self.user_sales2], (filled, total, filled / total))
        self.assertFalse(values[self.user_sub])
        self.assertLess(values[self.user_sales][2], 1)
        self.assertGreater(values[self.user_sales][2], 0)

    def test_filling_raises_it(self):
        partner = self._customer("Rising", self.user_sales)
        before = self._values("completeness", self.today, self.today)[self.user_sales]
        partner.industry_id = self.env["res.partner.industry"].search([], limit=1)
        after = self._values("completeness", self.today, self.today)[self.user_sales]
        self.assertEqual((after[0] - before[0], after[1]), (1, before[1]))

    def test_owner_at_the_end_of_the_period(self):
        """Handed over at noon of the day after the period: the base of the period is that of the former owner."""
        partner = self._customer("Handed", self.user_sales)
        self.env.flush_all()
        end = self.today + timedelta(days=10)
        with freeze_time(datetime.combine(end, datetime.min.time()) + timedelta(days=1, hours=12)):
            partner.user_id = self.user_sales2
            self.env.flush_all()
            values = self._values("completeness", self.today, end)
            self.assertTrue(values[self.user_sales])
            self.assertFalse(values[self.user_sales2])
            later = end + timedelta(days=1)
            values = self._values("completeness", later, later)
            self.assertFalse(values[self.user_sales])
            self.assertTrue(values[self.user_sales2])
        # before the end of a period it is whoever is responsible now
        values = self._values("completeness", self.today, end + timedelta(days=30))
        self.assertTrue(values[self.user_sales])

    def test_left_out(self):
        """Archived customers, those of another company, suppliers, those of nobody."""
        self._customer("Supplier", self.user_sales, supplier_rank=1)
        self._customer("Archived", self.user_sales).active = False
        self._customer("Elsewhere", self.user_sales, company_id=self.company2.id, persons=0)
        self._create_company_partner("Of Nobody")
        self.assertFalse(self._values("completeness", self.today, self.today))
        self.assertTrue(
            self._values("completeness", self.today, self.today, company=self.company2)[self.user_sales]
        )

    def test_documents_are_contacts(self):
        partner = self._customer("Listed", self.user_sales)
        indicator = self.env.ref("partner_relations.manager_indicator_completeness")
        action = indicator._get_evidence_action(self.company, self.user_sales, self.today, self.today)
        self.assertEqual(action["res_model"], "res.partner")
        self.assertEqual(self.env["res.partner"].search(action["domain"]), partner | partner.child_ids)


@tagged("post_install", "-at_install")
class TestInquiryIndicator(ValuesMixin, InquiringCommon):
    SPAN = (TODAY - timedelta(days=200), TODAY)

    def test_worked_check(self):
        """20 inquiries, 15 mature of which 6 converted, 5 young of which 2: 40 %."""
        for number in range(20):
            partner = self._create_company_partner(f"Prospect {number}")
            self._inquire(partner, 120 if number < 15 else 30)
            if number < 6 or number >= 18:
                self._buy(partner, 20 if number >= 18 else 100)
        self.env.flush_all()
        values = self._values("inquiry_conversion", *self.SPAN)
        self.assertEqual(values[self.user_sales], (6, 15, 0.4))
        self.assertEqual(self._values("young_inquiries", *self.SPAN)[self.user_sales], (5, None, 5))
        rates = dict(self.report._read_group([], ["user_id"], ["conversion_rate:avg"]))
        self.assertEqual(rates[self.user_sales], 0.4, "the report says the same")

    def test_in_the_period_by_day(self):
        """By the day it came; when due: by the day it became mature, 90 days after."""
        partner = self._create_company_partner("Prospect")
        self._inquire(partner, 120)
        came, due = TODAY - timedelta(days=120), TODAY - timedelta(days=30)
        for code, day in (("inquiry_conversion", came), ("inquiry_conversion_due", due)):
            for first, last, expected in (
                (day, day, (0, 1, 0.0)),
                (day - timedelta(days=5), day - timedelta(days=1), None),
                (day + timedelta(days=1), day + timedelta(days=5), None),
            ):
                self.assertEqual(self._values(code, first, last)[self.user_sales], expected, (code, first))

    def test_not_mature_is_no_data(self):
        partner = self._create_company_partner("Young")
        self._inquire(partner, 89)
        self._buy(partner, 80)
        self.assertIsNone(self._values("inquiry_conversion", *self.SPAN)[self.user_sales])
        self.assertIsNone(
            self._values("inquiry_conversion_due", TODAY, TODAY + timedelta(days=1))[self.user_sales]
        )
        self.company_eur.inquiry_days = 89
        self.assertEqual(self._values("inquiry_conversion", *self.SPAN)[self.user_sales], (1, 1, 1.0))

    def test_whose_inquiries(self):
        """The salesperson of the lead, whoever owns the customer and in both ways of crediting."""
        partner = self._create_company_partner("Shared", user_id=self.user_sales2.id)
        self._inquire(partner, 100)
        self._inquire(None, 100, user_id=False)
        for credit in ("owner", "document"):
            values = self._values("inquiry_conversion", *self.SPAN, credit=credit)
            self.assertEqual(values[self.user_sales], (0, 1, 0.0))
            self.assertFalse(values[self.user_sales2])
            self.assertEqual(values[self.env["res.users"]], (0, 1, 0.0), "nobody's")

    def test_two_companies(self):
        self.user_sales.company_ids |= self.company_usd
        partner = self._create_company_partner("Elsewhere")
        self._inquire(partner, 100, company=self.company_usd)
        everywhere = self._inquire(partner, 100)
        everywhere.company_id = False
        self.assertEqual(self._values("inquiry_conversion", *self.SPAN)[self.user_sales], (0, 1, 0.0))
        values = self._values("inquiry_conversion", *self.SPAN, company=self.company_usd)
        self.assertEqual(values[self.user_sales], (0, 1, 0.0))

    def test_documents(self):
        lead = self._inquire(self._create_company_partner("Prospect"), 100)
        indicator = self.env.ref("partner_relations.manager_indicator_inquiry_conversion")
        self.env.flush_all()
        action = indicator._get_evidence_action(self.company_eur, self.user_sales, *self.SPAN)
        rows = self.report.with_user(self.user_sales).search(action["domain"])
        self.assertEqual((rows._name, rows.lead_id), (action["res_model"], lead))


@tagged("post_install", "-at_install")
class TestPlanIndicator(ValuesMixin, InvoicingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_eur
        cls.company.partner_id.tz = "UTC"
        cls.team = cls.env["crm.team"].create({"name": "Team", "company_id": cls.company.id})
        (cls.customer | cls.customer2).user_id = False

    def _plan(self, amount, month=3, user=None, **values):
        return self.env["partner.sales.plan"].create(
            {
                "date": date(2025, month, 1),
                "user_id": (self.user_sales if user is None else user).id,
                "company_id": self.company.id,
                "amount": amount,
                **values,
            }
        )

    def _sell(self, amount, day="2025-03-10", user=None, **values):
        return self._create_invoice(
            [{"product_id": self.chair.id, "quantity": 1, "price_unit": amount}],
            date=day,
            invoice_user_id=(user or self.user_sales).id,
            team_id=False,
            **values,
        )

    def test_result_by_plan(self):
        self._plan(1000)
        self._sell(300)
        self._sell(500)
        self._sell(50, move_type="out_refund")
        self.assertEqual(self._values("plan_fulfilment", *MARCH)[self.user_sales], (750, 1000, 0.75))
        report = self.env["partner.sales.plan.report"].with_context(allowed_company_ids=self.company.ids)
        self.env.flush_all()
        [[fulfilled]] = report._read_group(
            [("user_id", "=", self.user_sales.id), ("date", ">=", MARCH[0]), ("date", "<=", MARCH[1])],
            [],
            ["fulfilled:avg"],
        )
        self.assertEqual(fulfilled, 0.75, "the report says the same")

    def test_without_plan_is_no_data(self):
        self._sell(300)
        self.assertIsNone(self._values("plan_fulfilment", *MARCH)[self.user_sales])
        self._plan(0)
        self.assertIsNone(self._values("plan_fulfilment", *MARCH)[self.user_sales][2])

    def test_without_result_is_zero(self):
        """Who sold nothing of a plan has 0 % and not "no data", which would leave the weight out of the score."""
        self._plan(1000)
        self.assertEqual(self._values("plan_fulfilment", *MARCH)[self.user_sales], (0, 1000, 0))
        with freeze_time("2025-02-28 12:00:00"):
            self.assertIsNone(self._values("plan_fulfilment", *MARCH)[self.user_sales][2], "not begun yet")

    def test_only_months_with_a_plan(self):
        """A plan of one month is not held against the sales of a quarter."""
        self._plan(1000)
        self._sell(300)
        self._sell(400, day="2025-02-28")
        self._sell(400, day="2025-01-01")
        self.assertEqual(
            self._values("plan_fulfilment", date(2025, 1, 1), MARCH[1])[self.user_sales], (300, 1000, 0.3)
        )
        self._plan(1000, month=2)
        self.assertEqual(
            self._values("plan_fulfilment", date(2025, 1, 1), MARCH[1])[self.user_sales], (700, 2000, 0.35)
        )

    def test_plan_for_a_team(self):
        """A person's plan for a team: only the person's sales of that team; a team's own plan is no one's."""
        self._plan(1000, team_id=self.team.id)
        self._plan(9000, user=self.env["res.users"], team_id=self.team.id)
        self._sell(300)
        self._sell(200).team_id = self.team
        values = self._values("plan_fulfilment", *MARCH)
        self.assertEqual(values[self.user_sales], (200, 1000, 0.2))
        self.assertEqual(len(values), 1)

    def test_plan_for_all_sales_holds_those_for_teams(self):
        """A person's plans for teams are parts of the plan without a team: added to it, nobody could reach it."""
        south = self.env["crm.team"].create({"name": "South", "company_id": self.company.id})
        self._plan(1000)
        self._plan(600, team_id=self.team.id)
        self._plan(400, team_id=south.id)
        # without a whole they are added up
        self._plan(600, user=self.user_sub, team_id=self.team.id)
        self._plan(400, user=self.user_sub, team_id=south.id)
        for user in (self.user_sales, self.user_sub):
            for team, amount in ((self.team, 600), (south, 400)):
                self._sell(amount, user=user).team_id = team
        for credit in ("owner", "document"):
            values = self._values("plan_fulfilment", *MARCH, credit=credit)
            for user in (self.user_sales, self.user_sub):
                self.assertEqual(values[user], (1000, 1000, 1.0))

    def test_profit_plan_is_another(self):
        self._plan(100, measure="profit")
        self._sell(300)
        self.assertIsNone(self._values("plan_fulfilment", *MARCH)[self.user_sales])
        self._plan(200)
        self.assertEqual(self._values("plan_fulfilment", *MARCH)[self.user_sales], (300, 200, 1.5))

    def test_credit(self):
        """To the owner at the moment, handed over at noon: that day is still the former owner's."""
        self._plan(1000)
        self._plan(1000, user=self.user_sales2)
        partner = self._create_company_partner("Handed")
        self.env.cr.precommit.run()
        with freeze_time("2025-01-01 08:00:00"):
            partner.user_id = self.user_sales
            partner.flush_recordset()
        with freeze_time("2025-03-10 12:00:00"):
            partner.user_id = self.user_sales2
            partner.flush_recordset()
        self._sell(300, partner=partner, user=self.user_sub)
        self._sell(200, partner=partner, user=self.user_sub, day="2025-03-11")
        values = self._values("plan_fulfilment", *MARCH)
        self.assertEqual([values[user][0] for user in (self.user_sales, self.user_sales2)], [300, 200])
        values = self._values("plan_fulfilment", *MARCH, credit="document")
        self.assertEqual([values[user][0] or 0 for user in (self.user_sales, self.user_sales2)], [0, 0])

    def test_two_companies(self):
        self._plan(1000)
        self._sell(300)
        self._create_invoice(
            [{"product_id": self.chair.id, "quantity": 1, "price_unit": 77}],
            company=self.company_usd,
            invoice_user_id=self.user_sales.id,
        )
        self.assertEqual(self._values("plan_fulfilment", *MARCH)[self.user_sales][0], 300)
        self.assertFalse(self._values("plan_fulfilment", *MARCH, company=self.company_usd))

    def test_documents(self):
        plan = self._plan(1000)
        moves = self._sell(300) | self._sell(200)
        indicator = self.env.ref("partner_relations.manager_indicator_plan_fulfilment")
        self.env.flush_all()
        action = indicator._get_evidence_action(self.company, self.user_sales, *MARCH)
        rows = self.env[action["res_model"]].search(action["domain"])
        found = {(row.res_model, row.res_id) for row in rows}
        self.assertEqual(
            found, {("partner.sales.plan", plan.id), *(("account.move", move.id) for move in moves)}
        )

    def test_all_indicators_at_once(self):
        """Every built-in indicator of activity gives values and evidence that agree, whoever asks."""
        self._plan(1000)
        self._sell(300)
        indicators = self.env["manager.indicator"].search(
            [("source", "in", ("contacts", "completeness", "inquiries", "plan"))]
        )
        self.assertGreater(len(indicators), 12)
        plan = self.env.ref("partner_relations.manager_indicator_plan_fulfilment")
        self.env.flush_all()
        for user in (self.env.user, self.user_sales):
            found = indicators.with_user(user)._compute_values(self.company, *MARCH)
            self.assertIn((plan.id, self.user_sales.id), found)
            sums = defaultdict(lambda: [None, None])
            for row in self.env.execute_query(indicators.with_user(user)._get_evidence(self.company, *MARCH)):
                for number, figure in enumerate(row[-2:]):
                    if figure is not None:
                        sums[row[1], row[0] or False][number] = (
                            sums[row[1], row[0] or False][number] or 0
                        ) + figure
            self.assertEqual(
                {key: [value.numerator, value.denominator] for key, value in found.items()}, dict(sums)
            )
