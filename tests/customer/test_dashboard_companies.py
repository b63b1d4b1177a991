"""The dashboard of two companies with different currencies: each figure equals what the report behind it says."""

from dateutil.relativedelta import relativedelta

from odoo import Command, fields
from odoo.fields import Domain
from odoo.tests import freeze_time, tagged

from ...tools.rates import Rates
from .dashboarding import NOW, QUARTER, DashboardCommon

# Rows of these are in the currency of their own company; all other reports convert.
OWN_CURRENCY = {
    ("partner.sales.plan", "amount:sum"),
    ("partner.receivable.report", "amount:sum"),
    ("partner.classification.line", "revenue:sum"),
}
SHARES = {
    "plan": "fulfilled",
    "team_plan": "team_fulfilled",
    "profit_plan": "profit_fulfilled",
    "team_profit_plan": "team_profit_fulfilled",
}


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestDashboardCompanies(DashboardCommon):
    """Beside ``company_eur`` a company in dollars has something in each block. One dollar is half a euro."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.both = cls.company_eur + cls.company_usd
        cls.user_director.company_ids += cls.company_usd
        usd = {"company_id": cls.company_usd.id}
        cls._sell(cls.mid, 1000, "2025-02-05", company=cls.company_usd, invoice_date_due="2025-02-20")
        cls._sell(cls.mid, 800, "2024-02-05", company=cls.company_usd, invoice_date_due="2025-05-20")
        cls._plan(300, "2025-02-01", user_id=cls.user_sales.id, **usd)
        cls._plan(70, "2025-03-01", measure="profit", user_id=cls.user_sales.id, **usd)
        team = cls.env["crm.team"].create({"name": "Dollars", "user_id": False, **usd})
        cls._plan(600, "2025-02-01", team_id=team.id, **usd)
        cls.fair = cls.env["utm.campaign"].create({"name": "Dollar Fair", **usd})
        cls.env["partner.campaign.cost"].create(
            {
                "campaign_id": cls.fair.id,
                "date": "2025-02-01",
                "amount": 120,
                "currency_id": cls.usd.id,
                **usd,
            }
        )
        cls._sell(cls.mid, 500, "2025-03-20", company=cls.company_usd, campaign_id=cls.fair.id)
        cls._create_lead("Dollars", date_deadline="2025-05-11", user_id=False, **usd)
        cls._classify(cls.company_usd, "2025-03-31")
        cls.env.flush_all()

    def setUp(self):
        super().setUp()
        env = self.env(
            context=dict(self.env.context, allowed_company_ids=(self.company_usd + self.company_eur).ids)
        )
        pricelist = env["product.pricelist"].create(
            {"name": "Dollar", "currency_id": self.usd.id, "company_id": self.company_usd.id}
        )
        order = env["sale.order"].create(
            {
                "partner_id": self.small.id,
                "company_id": self.company_usd.id,
                "pricelist_id": pricelist.id,
                "user_id": False,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.advice.id,
                            "product_uom_qty": 4,
                            "price_unit": 100,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
            }
        )
        order._action_cancel()

    def _read_converted(self, model, data, block, figure, part, spec):
        """What is behind a figure, in euro."""
        action = model.action_open(data["options"], block, figure, part)
        records = model.env[action["res_model"]].with_context(**action["context"])
        if (records._name, spec) not in OWN_CURRENCY:
            return self._read_behind(model, data, block, figure, part, spec)
        groups = records._read_group(Domain(action["domain"]), ["company_id"], [spec])
        return sum(value * (0.5 if company == self.company_usd else 1) for company, value in groups)

    def _check(self, **options):
        model, data = self._dashboard(companies=self.both, **options)
        _model, one = self._dashboard(companies=self.company_eur, **options)
        alone = {
            (block, figure, str(part)): value for block, figure, part, _spec, value in self._figures(one)
        }
        checked, changed = 0, set()
        for block, figure, part, spec, value in self._figures(data):
            found = self._read_converted(model, data, block, figure, part, spec)
            with self.subTest(block=block, figure=figure, part=part, spec=spec):
                self.assertAlmostEqual(found or 0, value or 0, 2)
            checked += bool(value)
            if value != alone.get((block, figure, str(part))):
                changed.add(block)
        self.assertGreater(checked, 35)
        return changed

    def test_every_figure_equals_what_is_behind_it(self):
        changed = self._check()
        self.assertLessEqual(
            {"turnover", "forecast", "matrix", "campaigns", "receivables"},
            changed,
            "the dollars are in the figures, else the equality says nothing of them",
        )
        self.assertIn("failures", self._check(period="month"))

    def test_share_of_the_plan_is_that_of_plan_and_result(self):
        """Nothing sold in a month that has begun is 0 %, of one that is to come it is nothing."""
        team = self.env["crm.team"].search([("name", "=", "Dollars")])
        # nobody sold in dollars in January
        self._plan(100, "2025-01-01", measure="profit", company_id=self.company_usd.id, team_id=team.id)
        self._plan(40, "2025-06-01", company_id=self.company_usd.id, user_id=self.user_sales2.id)
        june = {"period": "custom", "date_from": "2025-06-01", "date_to": "2025-06-30"}
        january = {"period": "custom", "date_from": "2025-01-01", "date_to": "2025-01-31"}
        shares = self._compare_shares(**january, company_id=self.company_usd.id)
        self.assertEqual(shares, {"team_profit_plan": 0})
        self.assertEqual(self._compare_shares(**june), {})
        _model, data = self._dashboard(companies=self.both, **june)
        self.assertEqual(data["blocks"]["turnover"]["figures"]["plan"], 20)
        for options in ({}, {"company_id": self.company_usd.id}, {"period": "year"}):
            self.assertGreaterEqual(len(self._compare_shares(**options)), 3, options)

    def _compare_shares(self, **options):
        """The shares of the plans in percent, without those that are empty; each is that of Plan and Result."""
        shares = {}
        model, data = self._dashboard(companies=self.both, **options)
        company_ids = [options["company_id"]] if "company_id" in options else self.both.ids
        report = model.env["partner.sales.plan.report"].with_context(allowed_company_ids=company_ids)
        block = data["blocks"]["turnover"]
        first, last = (fields.Date.to_date(block["months"][index]["month"]) for index in (0, -1))
        domain = Domain("date", ">=", first) & Domain("date", "<", last + relativedelta(months=1))
        for plan, share in SHARES.items():
            [(fulfilled,)] = report._read_group(domain, [], [f"{share}:avg"])
            value = block["figures"][f"{plan}_share"]
            with self.subTest(options=options, plan=plan):
                # an empty one is no 0
                if fulfilled is None or fulfilled is False:
                    self.assertIsNone(value)
                else:
                    shares[plan] = value
                    self.assertAlmostEqual(value, 100 * float(fulfilled))
        return shares

    def test_roi_is_that_of_campaign_results(self):
        for options in ({}, {"company_id": self.company_usd.id}, {"period": "quarter"}):
            model, data = self._dashboard(companies=self.both, **options)
            block = data["blocks"]["campaigns"]
            compared = 0
            for part, figures in [(False, block["figures"]), *((row["id"], row) for row in block["rows"])]:
                for figure, spec, factor in (("roi", "roi:avg", 100), ("profit", "profit:sum", 1)):
                    found = self._read_behind(model, data, "campaigns", figure, part, spec)
                    with self.subTest(options=options, part=part, figure=figure):
                        if figures[figure] is not None:
                            compared += 1
                            self.assertAlmostEqual(figures[figure], factor * found)
            self.assertGreater(compared, 2, options)
        # 500 dollars with a cost of goods of 15, of an advertisement of 120
        [row] = [row for row in block["rows"] if row["id"] == self.fair.id]
        self.assertAlmostEqual(row["roi"], 100 * (485 - 120) / 120)
        self.assertAlmostEqual(row["cost"], 60)

    def test_receivables_are_the_ledger_in_euro(self):
        _model, data = self._dashboard(companies=self.both)
        lines = self.env["account.move.line"].search(
            [
                ("company_id", "in", self.both.ids),
                ("account_id.account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
                ("amount_residual", ">", 0),
                ("date_maturity", "<", "2025-04-15"),
            ]
        )
        self.assertEqual(lines.company_id, self.both)
        owed = sum(
            line.amount_residual * (0.5 if line.company_id == self.company_usd else 1) for line in lines
        )
        self.assertAlmostEqual(data["blocks"]["receivables"]["figures"]["overdue"], owed, 2)

    def test_without_companies_in_the_context(self):
        """A call from outside the client: the user's company is the main one, wherever it stands in their order."""
        user = self.user_supervisor
        user.write({"company_ids": [Command.set(self.both.ids)], "company_id": self.company_usd.id})
        user.group_ids += self.env.ref("base.group_allow_export")
        for company in self.both:
            user.company_id = company
            self.env.flush_all()
            model = self.env(user=user, context={})["partner.director.dashboard"]
            self.assertEqual(set(model.env.companies.ids), set(self.both.ids))
            data = model.get_dashboard(QUARTER)
            self.assertEqual(data["currency_id"], company.currency_id.id)
            self.assertEqual(
                data["blocks"]["turnover"]["figures"],
                self._dashboard(user, company | self.both)[1]["blocks"]["turnover"]["figures"],
            )
            wanted = (company | self.both).ids
            self.assertEqual(model.action_print(QUARTER)["context"]["allowed_company_ids"], wanted)
            opened = model.action_open(QUARTER, "turnover", "revenue")
            self.assertEqual(opened["context"]["allowed_company_ids"], wanted)
            for asked in (
                model.action_export_excel(QUARTER),
                model.env["partner.turnover.report"].action_export_excel(),
            ):
                export = self.env["partner.export"].browse(int(asked["url"].rsplit("/", 1)[1]))
                self.assertEqual(export.company_ids, wanted)

    # ------------------------------------------------------------------
    # Rates that were read once
    # ------------------------------------------------------------------
    def test_rates_are_those_that_reports_read_for_themselves(self):
        """With digits that do not end, rates of other companies and of none, and one that is still to come."""
        rates = self.env["res.currency.rate"]
        values = {"company_id": self.company_eur.id, "currency_id": self.usd.id}
        rates.create({"name": "2025-04-15", "rate": 1.0837, **values})
        rates.create({"name": "2025-04-16", "rate": 9, **values})
        vnd = self.env.ref("base.VND")
        vnd.active = True
        company_vnd = self.env["res.company"].create({"name": "Selling in Dong", "currency_id": vnd.id})
        companies = self.both + company_vnd
        currencies = self.env["res.currency"].with_context(allowed_company_ids=companies.ids)
        shared = {"name": "2024-01-01", "currency_id": vnd.id, "company_id": False, "rate": 27123.4567}
        for create in (
            lambda: None,
            lambda: rates.create(shared),
            lambda: rates.create({"name": "2025-01-01", "rate": 28999.1, **values, "currency_id": vnd.id}),
        ):
            create()
            self.env.flush_all()
            dashboard = self.env["partner.director.dashboard"].with_context(allowed_company_ids=companies.ids)
            read = dashboard._read_frame()["read_rates"]
            self.env.invalidate_all()
            conversions = currencies._get_company_conversions(companies)
            self.assertEqual(dict(read.conversions), conversions)
            rows = self.env.execute_query(currencies._get_company_factors_sql())
            self.assertEqual({key: float(text) for key, text in read.factors}, dict(rows))
            self.assertEqual(len(rows), 3)
        self.assertAlmostEqual(dict(rows)[company_vnd.id], 1 / 28999.1)

    def test_rates_shared_by_all_companies(self):
        """Amounts that no report converts take them as Odoo does; where Invoice Analysis does not, a note tells."""
        own = self.env["res.currency.rate"].search(
            [("company_id", "=", self.company_eur.id), ("currency_id", "=", self.usd.id)]
        )
        options = {"companies": self.both, "period": "year"}
        _model, before = self._dashboard(**options)
        self.assertFalse(any("Invoice Analysis" in note for note in before["notes"]))
        own.write({"company_id": False, "name": "2025-04-01"})
        _model, after = self._dashboard(**options)
        for block, figures in (
            ("receivables", ("overdue",)),
            ("turnover", ("plan", "team_plan", "profit_plan")),
            ("forecast", ("forecast",)),
            ("campaigns", ("cost",)),
        ):
            for name in figures:
                value = before["blocks"][block]["figures"][name]
                self.assertTrue(value, (block, name))
                self.assertEqual(after["blocks"][block]["figures"][name], value, (block, name))
        self.assertEqual(after["blocks"]["matrix"]["cells"], before["blocks"]["matrix"]["cells"])
        self.assertEqual(after["blocks"]["flow"]["moves"], before["blocks"]["flow"]["moves"])
        # 1,000 + 500 dollars, of which the Invoice Analysis of Odoo makes euro
        change = (
            after["blocks"]["turnover"]["figures"]["revenue"]
            - before["blocks"]["turnover"]["figures"]["revenue"]
        )
        self.assertAlmostEqual(change, 750)
        [note] = [note for note in after["notes"] if "Invoice Analysis" in note]
        self.assertIn("of Selling in Dollar are converted", note)
        self.assertIn("rate for Selling in Euro", note)

    def test_rates_cannot_be_sent(self):
        """A client's context holds no such object, and rates of other companies or another currency are none."""
        currencies = self.env["res.currency"].with_context(allowed_company_ids=self.both.ids)
        right = Rates(
            self.eur.id, tuple((key, "7") for key in self.both.ids), tuple((key, 7) for key in self.both.ids)
        )
        for sent, is_taken in (
            (right, True),
            ([self.eur.id, [], []], False),
            ({"currency_id": self.eur.id}, False),
            (Rates(self.usd.id, right.factors, right.conversions), False),
            (Rates(self.eur.id, right.factors[:1], right.conversions[:1]), False),
        ):
            found = currencies.with_context(relations_rates=sent)._get_company_conversions(self.both)
            self.assertEqual(found[self.company_usd.id], 7 if is_taken else 0.5)
