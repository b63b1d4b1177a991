import io
from contextlib import contextmanager
from datetime import date

import xlsxwriter
from psycopg2 import IntegrityError

from odoo import Command
from odoo.addons.base_import.models.base_import import ImportValidationError
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import file_path, mute_logger

from ...models.customer import partner_sales_plan_report, partner_sales_plan_report_excel
from .dealing import DealingCommon

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class PlanCommon(DealingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plans = cls.env["partner.sales.plan"].with_company(cls.company_eur)
        cls.team = cls.env["crm.team"].create(
            {"name": "North", "company_id": cls.company_eur.id, "user_id": cls.user_supervisor.id}
        )
        cls.rows = cls.env["partner.sales.plan.report"].with_context(allowed_company_ids=cls.company_eur.ids)

    @classmethod
    def _plan(cls, amount=1000, user=None, month="2025-03-01", **values):
        user = cls.user_sales if user is None else user
        return cls.plans.create(
            {"amount": amount, "user_id": user.id, "date": month, "company_id": cls.company_eur.id, **values}
        )

    @classmethod
    def _sell(cls, amount, user=None, day="2025-03-10", team=None, **values):
        line = {"product_id": cls.chair.id, "quantity": 1, "price_unit": amount}
        values = {"invoice_user_id": (user or cls.user_sales).id, "team_id": team and team.id, **values}
        return cls._create_invoice([line], date=day, **values)

    def _as(self, user, *companies, model="partner.sales.plan"):
        companies = companies or (self.company_eur,)
        self.env.flush_all()
        return self.env[model].with_user(user).with_context(allowed_company_ids=[c.id for c in companies])


@tagged("post_install", "-at_install")
class TestSalesPlan(PlanCommon):
    def test_excel_has_all_figures(self):
        """Those of teams as well as those of persons, of profit as well as of revenue."""
        report, file = partner_sales_plan_report, partner_sales_plan_report_excel
        self.assertEqual({*report.AMOUNTS, "gap"}, set(file.SUMS))
        self.assertEqual(set(report.SHARES), set(file.SHARES))

    @freeze_time("2025-03-15 12:00:00")
    def test_result(self):
        self._sell(400)
        self._sell(100, team=self.team)
        self._sell(100, move_type="out_refund")
        self._sell(7000, day="2025-04-01")
        self._sell(300, user=self.user_sub, team=self.team)
        mine, mine_in_team, profit = (
            self._plan(800),
            self._plan(200, team_id=self.team.id),
            self._plan(100, measure="profit"),
        )
        team = self._plan(1000, user=self.env["res.users"], team_id=self.team.id)
        none = self._plan(500, user=self.user_sales2)
        for plan, result, share in (
            (mine, 400.0, 0.5),
            (mine_in_team, 100.0, 0.5),
            (profit, 400.0 - 10, 3.9),
            (team, 400.0, 0.4),
            (none, 0.0, 0.0),
        ):
            self.assertEqual((plan.result, plan.fulfilled), (result, share), plan.display_name)
            self.assertEqual(plan.gap, plan.amount - result)
        self.assertIs(self._plan(0, user=self.user_sub).fulfilled, False)
        coming = self._plan(100, month="2025-05-31")
        self.assertEqual(coming.date, date(2025, 5, 1))
        self.assertEqual((coming.result, coming.fulfilled, coming.gap), (False, False, False))
        action = mine.action_open_invoices()
        [(revenue,)] = (
            self.env[action["res_model"]]
            .with_context(allowed_company_ids=self.company_eur.ids)
            ._read_group(action["domain"], [], ["revenue:sum"])
        )
        self.assertEqual(revenue, mine.result)

    @freeze_time("2025-03-15 12:00:00")
    def test_result_opens_in_the_currency_of_the_plan(self):
        """Also for who looks at it from a company with another currency."""
        self._sell(400)
        both = {"allowed_company_ids": (self.company_usd + self.company_eur).ids}
        plan = self._plan().with_context(**both)
        action = plan.action_open_invoices()
        rows = self.env[action["res_model"]].with_context(**both).with_context(**action["context"])
        [(revenue,)] = rows._read_group(action["domain"], [], ["revenue:sum"])
        self.assertEqual((revenue, plan.result), (400, 400))

    @freeze_time("2025-03-15 12:00:00")
    def test_forecast(self):
        self._create_lead(date_deadline="2025-03-31")
        self._create_lead(date_deadline="2025-04-30", probability=10)
        self._create_lead(date_deadline="2025-01-31", probability=1)
        order = self._order([(self.lamp, 2, 50)], commitment_date="2025-04-02 10:00:00")
        march, april = self._plan(), self._plan(month="2025-04-01")
        # what is overdue can close this month at the earliest
        self.assertEqual(march.forecast, 410.0)
        self.assertEqual(april.forecast, 200.0)
        self._deliver(order, 1)
        self._invoice(order, date="2025-03-15")
        self.env.invalidate_all()
        self.assertEqual((march.result, april.forecast), (50.0, 150.0))
        self.assertIs(self._plan(month="2025-02-01").forecast, False)
        self.assertIs(self._plan(measure="profit").forecast, False)

    @contextmanager
    def _violates(self, constraint):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaisesRegex(IntegrityError, constraint),
            self.cr.savepoint(),
        ):
            yield

    def test_one_per_month(self):
        self._plan()
        self._plan(measure="profit")
        self._plan(team_id=self.team.id)
        with self._violates("one_per_month"):
            self._plan(month="2025-03-31")
        with self._violates("has_owner"):
            self._plan(user=self.env["res.users"])
        with self._violates("amount_positive"):
            self._plan(-1, month="2025-07-01")

    def test_rights(self):
        own, colleague, sub = self._plan(), self._plan(user=self.user_sales2), self._plan(user=self.user_sub)
        chief = self._plan(user=self.user_supervisor)
        team = self._plan(user=self.env["res.users"], team_id=self.team.id)
        for user, expected in (
            (self.user_sales, own),
            (self.user_sub, sub),
            (self.user_supervisor, own + sub + chief + team),
            (self.user_director, own + colleague + sub + chief + team),
        ):
            plans = self._as(user)
            self.assertEqual(set(plans.search([]).ids), set(expected.ids), user.login)
            result = plans.web_search_read([], {"amount": {}, "result": {}, "fulfilled": {}, "forecast": {}})
            self.assertEqual({row["id"] for row in result["records"]}, set(expected.ids))
            [group] = plans.formatted_read_group([], [], ["amount:sum"])
            self.assertEqual(group["amount:sum"], 1000.0 * len(expected))
        with self.assertRaises(AccessError):
            own.with_env(self._as(self.user_sales).env).amount = 1
        supervisor = self._as(self.user_supervisor)
        own.with_env(supervisor.env).amount = 2000
        values = {"date": "2025-06-01", "amount": 10, "company_id": self.company_eur.id}
        supervisor.create({**values, "user_id": self.user_sub.id})
        supervisor.create({**values, "team_id": self.team.id})
        for user in (self.user_sales2, self.user_supervisor):
            with self.assertRaises(AccessError):
                supervisor.create({**values, "user_id": user.id})
        with self.assertRaises(AccessError):
            chief.with_env(supervisor.env).amount = 1
        outsider = self._create_user("plan_outsider", "sales_team.group_sale_manager")
        with self.assertRaises(AccessError):
            self.plans.with_user(outsider).search([])

    def test_companies(self):
        foreign = self._plan(user=self.user_director, company_id=self.company_usd.id)
        self.assertFalse(self._as(self.user_director).search([]))
        self.user_director.company_ids += self.company_usd
        self.assertEqual(self._as(self.user_director, self.company_usd).search([]), foreign)

    @freeze_time("2025-03-15 12:00:00")
    def test_two_companies_each_in_its_currency(self):
        """A plan is in the currency of its company, whichever company is the current one."""
        self._sell(400)
        self._sell(600, company=self.company_usd)
        eur, usd = self._plan(800), self._plan(800, company_id=self.company_usd.id)
        both = (eur + usd).with_context(allowed_company_ids=(self.company_eur + self.company_usd).ids)
        self.assertEqual(both.mapped("result"), [400.0, 600.0])

    @freeze_time("2025-03-15 12:00:00")
    def test_queries(self):
        def count(plans):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            plans.mapped("fulfilled")
            return self.env.cr.sql_log_count - before

        plans = self._plan()
        for month in range(1, 11):
            plans += self._plan(month=f"2024-{month:02}-01")
            plans += self._plan(month=f"2024-{month:02}-01", user=self.user_sub)
        count(plans)
        self.assertEqual(count(plans), count(plans[:1]))

    @freeze_time("2025-03-15 12:00:00")
    def test_result_in_a_form(self):
        """A form names anybody: it tells the result of none but those for whom the user plans."""
        self._sell(400)
        self._sell(300, user=self.user_sales2)
        plain = self._create_user("plan_plain", "base.group_user")
        users = self.user_sales | self.user_sales2 | self.user_supervisor | self.user_director | plain
        users.company_ids += self.company_eur
        spec = {name: {} for name in ("user_id", "company_id", "date", "measure", "amount", "result", "gap")}

        def ask(user, person):
            values = {
                "user_id": person.id,
                "company_id": self.company_eur.id,
                "date": "2025-03-01",
                "measure": "revenue",
                "amount": 1000,
            }
            self.env.invalidate_all()
            changed = self._as(user).onchange(values, ["user_id"], spec)["value"]
            return changed.get("result") or False, changed.get("gap") or False

        self.assertEqual(ask(self.user_supervisor, self.user_sales), (400, 600))
        self.assertEqual(ask(self.user_director, self.user_sales2), (300, 700))
        self.assertEqual(ask(self.user_supervisor, self.user_sales2), (False, False))
        for user in (self.user_sales, plain):
            with self.assertRaises(AccessError):
                ask(user, self.user_sales2)

    def test_plan_for_a_stranger(self):
        plan = self._plan()
        users = self.user_supervisor | self.user_sales | self.user_sales2
        users.company_ids += self.company_eur
        mine = self._as(self.user_supervisor).browse(plan.id)
        for values in (
            {"user_id": self.user_sales2.id},
            {"user_id": False, "team_id": self.env["crm.team"].create({"name": "South"}).id},
            {"company_id": self.company2.id},
        ):
            with self.assertRaises(AccessError):
                mine.write(values)
        mine.write({"user_id": self.user_sub.id})


@tagged("post_install", "-at_install")
class TestSalesPlanCopy(PlanCommon):
    def _copy(self, user=None, **values):
        wizard = self._as(user or self.user_director, model="partner.sales.plan.copy").create(
            {"date_from": "2025-01-01", "date_to": "2025-12-01", "company_id": self.company_eur.id, **values}
        )
        counts = (wizard.create_count, wizard.existing_count)
        action = wizard.action_copy()
        return counts, self.plans.search(action["domain"])

    def test_copy(self):
        self._plan(100, month="2024-02-01")
        self._plan(200, month="2024-12-01", measure="profit", user=self.user_sub)
        self._plan(1, month="2023-12-01")
        kept = self._plan(70, month="2025-02-01")
        counts, plans = self._copy(factor=1.1)
        self.assertEqual(counts, (1, 1))
        self.assertRecordValues(
            plans,
            [{"date": date(2025, 12, 1), "amount": 220.0, "measure": "profit", "user_id": self.user_sub.id}],
        )
        self.assertEqual(kept.amount, 70)
        counts, plans = self._copy(factor=1.1, existing="replace", measure="revenue")
        self.assertEqual((counts, plans, kept.amount), ((0, 1), kept, 110.0))

    def test_copy_results(self):
        self._sell(300, day="2024-05-10")
        self._sell(100, day="2024-05-20", user=self.user_sub)
        self._sell(100, day="2024-06-20", move_type="out_refund")
        counts, plans = self._copy(source="result", measure="revenue", factor=2)
        self.assertEqual(counts, (2, 0))
        self.assertEqual(
            {(plan.user_id, plan.date, plan.amount) for plan in plans},
            {(self.user_sales, date(2025, 5, 1), 600.0), (self.user_sub, date(2025, 5, 1), 200.0)},
        )

    def test_copy_of_a_supervisor(self):
        """Only plans of subordinates: others, and the own one, are not there to be made."""
        for user in (self.user_sales, self.user_sales2, self.user_supervisor):
            self._plan(100, month="2024-02-01", user=user)
            self._sell(100, day="2024-03-05", user=user)
        _counts, plans = self._copy(self.user_supervisor)
        self.assertEqual(plans.user_id, self.user_sales)
        _counts, plans = self._copy(self.user_supervisor, source="result", measure="revenue")
        self.assertEqual(plans.user_id, self.user_sales)

    def test_copy_of_who_left(self):
        """A person or team that was archived gets no plan, neither of results nor of plans."""
        self._plan(100, month="2024-02-01")
        self._plan(200, month="2024-02-01", user=self.user_sub)
        self._plan(300, month="2024-02-01", user=self.env["res.users"], team_id=self.team.id)
        self._sell(50, day="2024-03-05", user=self.user_sub)
        self.user_sub.active = False
        self.team.active = False
        counts, plans = self._copy()
        self.assertEqual(
            (counts, plans.user_id, plans.team_id), ((1, 0), self.user_sales, self.team.browse())
        )
        with self.assertRaisesRegex(UserError, "nothing to copy"):
            self._copy(source="result")

    def test_mistakes(self):
        with self.assertRaisesRegex(UserError, "01/2025"):
            self._copy()
        self._plan(100, month="2024-02-01")
        with self.assertRaisesRegex(UserError, "later month"):
            self._copy(date_to="2024-12-01")
        with self.assertRaisesRegex(UserError, "above zero"):
            self._copy(factor=0)


@tagged("post_install", "-at_install")
class TestSalesPlanImport(PlanCommon):
    def _import(self, rows, user=None):
        target = io.BytesIO()
        with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
            sheet, days = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
            for column, title in enumerate(("Month", "Salesperson", "Sales Team", "Measure", "Plan")):
                sheet.write(0, column, title)
            for number, row in enumerate(rows, 1):
                for column, value in enumerate(row):
                    if isinstance(value, date):
                        sheet.write_datetime(number, column, value, days)
                    else:
                        sheet.write(number, column, value)
        wizard = self._as(user or self.user_director, model="base_import.import").create(
            {
                "res_model": "partner.sales.plan",
                "file": target.getvalue(),
                "file_type": XLSX,
                "file_name": "p.xlsx",
            }
        )
        options = {
            "has_headers": True,
            "quoting": '"',
            "date_format": "%Y-%m-%d",
            "float_decimal_separator": ".",
        }
        preview = wizard.parse_preview(dict(options))
        self.assertNotIn("error", preview)
        matches = [path and path[0] for path in (preview["matches"].get(i) for i in range(5))]
        self.assertEqual(matches, ["date", "user_id", "team_id", "measure", "amount"])
        return wizard.execute_import(matches, preview["headers"], options)

    def test_import(self):
        result = self._import(
            [
                (date(2026, 1, 15), self.user_sales.name, "", "Revenue", 1000),
                (date(2026, 2, 1), "", "North", "Profit", 250.5),
            ]
        )
        self.assertFalse(result["messages"])
        self.assertRecordValues(
            self.plans.browse(result["ids"]),
            [
                {
                    "date": date(2026, 1, 1),
                    "user_id": self.user_sales.id,
                    "measure": "revenue",
                    "amount": 1000,
                },
                {"date": date(2026, 2, 1), "user_id": False, "measure": "profit", "amount": 250.5},
            ],
        )

    @mute_logger("odoo.sql_db")
    def test_errors_name_the_row(self):
        self._plan(month="2026-01-01")
        good = (date(2026, 1, 15), self.user_sub.name, "", "Revenue", 1000)
        for bad, *words in (
            ((date(2026, 1, 1), self.user_sales.name, "", "Revenue", 1), "already", "month, salesperson"),
            ((date(2026, 1, 1), "", "", "Revenue", 1), "neither a salesperson nor a team"),
            ((date(2026, 1, 1), "Nobody Known", "", "Revenue", 1), "Nobody Known", "Salesperson"),
            ((date(2026, 1, 1), self.user_sales2.name, "Nowhere", "Revenue", 1), "Nowhere", "Sales Team"),
            ((date(2026, 1, 1), self.user_sales2.name, "", "Turnover", 1), "Turnover", "Measure"),
            ((date(2026, 1, 1), self.user_sales2.name, "", "Revenue", -1), "below zero", "plan"),
            (("", self.user_sales2.name, "", "Revenue", 1), "Month"),
        ):
            result = self._import([good, bad])
            self.assertFalse(result["ids"])
            messages = [
                message for message in result["messages"] if all(word in message["message"] for word in words)
            ]
            self.assertTrue(messages, result["messages"])
            self.assertEqual({message["rows"]["from"] for message in messages}, {1}, words)

    def test_what_is_no_number_or_day(self):
        """Told for all rows at once, as they are numbered in the sheet, whose first row is the header."""
        name = self.user_sub.name
        rows = [(date(2026, month, 1), name, "", "Revenue", 1000) for month in range(1, 13)]
        for column, values, words in (
            (4, {2: "a lot", 5: "?"}, ["Row 4, column “Plan”: “a lot”", "Row 7, column “Plan”: “?”"]),
            (4, {1: "9" * 400}, ["Row 3, column “Plan”: “999"]),
            (0, {0: "soon"}, ["Row 2, column “Month”: “soon”"]),
            (4, dict.fromkeys(range(12), "none"), ["Row 2,", "Row 11,", "And 2 more rows"]),
        ):
            sheet = [[*row] for row in rows]
            for number, value in values.items():
                sheet[number][column] = value
            [message] = self._import(sheet)["messages"]
            for word in words:
                self.assertIn(word, message["message"])
            self.assertEqual(len(message["message"].splitlines()), min(len(values), 11))
        self.assertFalse(self.plans.search([("date", ">=", "2026-01-01")]))

    def test_other_imports_are_as_before(self):
        wizard = self.env["base_import.import"].create({"res_model": "crm.lead"})
        with self.assertRaises(ImportValidationError) as caught:
            wizard._parse_float_from_data([["a lot"]], 0, "expected_revenue", {})
        self.assertIn("Column expected_revenue contains incorrect values", caught.exception.message)

    def test_of_a_supervisor(self):
        """The plans of subordinates are taken, those of others are not."""
        for user, is_taken in ((self.user_sub, True), (self.user_sales2, False)):
            result = self._import([(date(2026, 1, 1), user.name, "", "Revenue", 1)], self.user_supervisor)
            self.assertEqual(bool(result["ids"]), is_taken, user.login)
            self.assertEqual(bool(result["messages"]), not is_taken, user.login)
            self.assertEqual(self.plans.search_count([("user_id", "=", user.id)]), int(is_taken))

    def test_template(self):
        [template] = self.plans.get_import_templates()
        self.assertTrue(file_path(template["template"].lstrip("/")))


@tagged("post_install", "-at_install")
@freeze_time("2025-03-15 12:00:00")
class TestSalesPlanReport(PlanCommon):
    FIGURES = ["plan:sum", "result:sum", "fulfilled:avg", "gap:sum", "forecast:sum"]

    def _groups(self, groupby, figures=None, rows=None, domain=()):
        rows = self.rows if rows is None else rows
        self.env.flush_all()
        return {
            (key.id if hasattr(key, "_name") else key): values
            for key, *values in rows._read_group(list(domain), [groupby], figures or self.FIGURES)
        }

    def test_plan_against_result(self):
        self._plan(1000)
        self._plan(3000, user=self.user_sub)
        self._plan(5000, user=self.env["res.users"], team_id=self.team.id)
        self._plan(90, measure="profit")
        self._sell(500)
        self._sell(3300, user=self.user_sub)
        self._sell(50, user=self.user_sales2)
        self._create_lead(date_deadline="2025-03-31")
        groups = self._groups("user_id")
        self.assertEqual(groups[self.user_sales.id], [1000, 500, 0.5, 500, 400])
        self.assertEqual(groups[self.user_sub.id][:4], [3000, 3300, 1.1, -300])
        # without a plan there is no share and no gap
        self.assertEqual(
            [bool(value) for value in groups[self.user_sales2.id]], [False, True, False, False, False]
        )
        self.assertIn(groups[self.user_sales2.id][2], (None, False))
        # a total is the ratio of sums, and a team's plan is not added to those of its people
        [total] = self.rows._read_group([], [], [*self.FIGURES, "team_plan:sum", "team_fulfilled:avg"])
        self.assertEqual(total[:2], (4000, 3850))
        self.assertAlmostEqual(total[2], 3850 / 4000)
        self.assertEqual(total[3], 150)
        self.assertEqual(total[5], 5000)
        self.assertAlmostEqual(total[6], 0.77)
        profit = self._groups("user_id", ["profit_plan:sum", "profit:sum", "profit_fulfilled:avg"])
        self.assertEqual(profit[self.user_sales.id][:2], [90, 490])
        self.assertEqual(
            self._groups("res_model", ["amount:sum"]),
            {"partner.sales.plan": [4000], "account.move": [3850], "partner.deal.report": [400]},
        )
        months = self._groups("date:month")
        self.assertEqual([*months], [date(2025, 3, 1)])
        pivot = self.rows.formatted_read_grouping_sets(
            [],
            [[], ["user_id"]],
            ["plan:sum", "fulfilled:avg", "currency_id:array_agg_distinct", "plan:sum_currency"],
        )
        self.assertEqual(pivot[0][0]["plan:sum_currency"], 4000)

    def test_only_months_with_a_plan(self):
        """What was sold in months without a plan, here or in another group, reaches nothing of it."""
        self._plan(1000)
        self._plan(200, month="2025-02-01", user=self.user_sub)
        self._plan(800, user=self.env["res.users"], team_id=self.team.id)
        self._plan(90, measure="profit")
        for month in (1, 2, 3):
            self._sell(100 * month, day=f"2025-0{month}-10", team=self.team)
        figures = ["result:sum", "fulfilled:avg", "gap:sum", "team_fulfilled:avg", "profit_fulfilled:avg"]
        groups = self._groups("user_id", figures)
        self.assertEqual(groups[self.user_sales.id][:3], [600, 0.3, 700])
        self.assertAlmostEqual(float(groups[self.user_sales.id][4]), 290 / 90)
        self.assertEqual(self._groups("team_id", figures)[self.team.id][3], 0.375)
        [total] = self.rows._read_group([], [], figures)
        self.assertEqual(total[:4], (600, 500 / 1200, 700, 0.375))
        months = self._groups("date:month", figures)
        self.assertEqual(months[date(2025, 3, 1)][1:3], [0.3, 700])
        self.assertEqual(months[date(2025, 2, 1)][1:3], [1.0, 0])
        self.assertEqual([self._known(value) for value in months[date(2025, 1, 1)]], [100, *[None] * 4])

    def test_share_of_a_plan_without_sales(self):
        """It is 0 in months that have begun, and empty in those to come, as in the plan itself."""
        plans = self._plan(1000) + self._plan(500, month="2025-04-01")
        plans += self._plan(300, user=self.user_sub, month="2025-05-01")
        self._plan(50, measure="profit")
        self._sell(200, day="2025-02-10")
        figures = ["fulfilled:avg", "profit_fulfilled:avg"]
        months = self._groups("date:month", figures)
        self.assertEqual(
            {month: [self._known(value) for value in values] for month, values in months.items()},
            {
                date(2025, 2, 1): [None, None],
                date(2025, 3, 1): [0, 0],
                date(2025, 4, 1): [None, None],
                date(2025, 5, 1): [None, None],
            },
        )
        self.assertEqual([self._known(plan.fulfilled) for plan in plans], [0, None, None])
        groups = self._groups("user_id", figures)
        self.assertIsNone(self._known(groups[self.user_sub.id][0]))
        # a profit that is not known is not 0
        invoice = self._sell(200)
        self.env.flush_all()
        self.env.cr.execute("UPDATE account_move SET sale_cost = NULL WHERE id = %s", [invoice.id])
        self.env.invalidate_all()
        months = self._groups("date:month", figures)
        self.assertEqual([self._known(value) for value in months[date(2025, 3, 1)]], [0.2, None])

    def _known(self, value):
        """The number, None if it is empty; to Python False is 0."""
        return None if value is None or value is False else float(value)

    def test_plan_for_all_sales_holds_those_for_teams(self):
        """Plans for teams are parts of the same person's plan without a team, and added up only without it."""
        self._sell(1000)
        self._sell(1000, user=self.user_sub)
        south = self.env["crm.team"].create({"name": "South", "company_id": self.company_eur.id})
        whole = self._plan(1000)
        parts = self._plan(600, team_id=self.team.id) + self._plan(400, team_id=south.id)
        alone = self._plan(600, user=self.user_sub, team_id=self.team.id)
        alone += self._plan(400, user=self.user_sub, team_id=south.id)
        # wholes of another month, measure and company
        alone += self._plan(70, user=self.user_sub, month="2025-02-01")
        alone += self._plan(20, user=self.user_sub, measure="profit")
        alone += self._plan(30, user=self.user_sub, company_id=self.company_usd.id)
        team = self._plan(5000, user=self.env["res.users"], team_id=self.team.id)
        self._plan(10, user=self.env["res.users"], team_id=south.id)
        march = [("date", ">=", "2025-03-01")]
        groups = self._groups("user_id", domain=march)
        for user in (self.user_sales, self.user_sub):
            self.assertEqual(groups[user.id][:4], [1000, 1000, 1.0, 0])
        total = self._groups("date:month", ["plan:sum", "profit_plan:sum", "team_plan:sum"])
        self.assertEqual(total[date(2025, 3, 1)], [2000, 20, 5010])
        self.assertEqual(total[date(2025, 2, 1)][0], 70)
        # as a salesperson and as the superior, each sees it in the same way
        for user, mine in ((self.user_sales, whole + parts), (self.user_supervisor, whole + parts + team)):
            plans = self._as(user)
            found = plans.search([("is_counted", "=", True), ("id", "in", mine.ids)])
            self.assertEqual(set(found.ids), set((mine - parts).ids))
            self.assertEqual(set(plans.search([("is_counted", "=", False)]).ids), set(parts.ids))
            shown = plans.browse(mine.ids)
            shown.invalidate_recordset()
            self.assertEqual(set(shown.filtered("is_counted").ids), set(found.ids))
        self.assertTrue(all(alone.mapped("is_counted")))

    def test_queries_of_what_is_counted(self):
        def count(plans):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            plans.mapped("is_counted")
            return self.env.cr.sql_log_count - before

        plans = self.plans
        for month in range(1, 11):
            plans += self._plan(month=f"2024-{month:02}-01", team_id=self.team.id)
            plans += self._plan(month=f"2024-{month:02}-01")
        self.assertEqual(count(plans), count(plans[:1]))

    def test_equals_turnover(self):
        for number, user in enumerate((self.user_sales, self.user_sub, self.user_sales)):
            self._sell(100.01 * (number + 1), user=user, day=f"2025-0{number + 1}-05")
        self._sell(33, move_type="out_refund")
        report = self.env["partner.turnover.report"].with_context(allowed_company_ids=self.company_eur.ids)
        for groupby in ("user_id", "date:month"):
            theirs = {
                (key.id if hasattr(key, "_name") else key): values
                for key, *values in report._read_group([], [groupby], ["revenue:sum", "profit:sum"])
            }
            self.assertEqual(self._groups(groupby, ["result:sum", "profit:sum"]), theirs)

    def test_rows_lead_to_documents(self):
        plan, invoice, lead = self._plan(), self._sell(10), self._create_lead(date_deadline="2025-03-20")
        self.env.flush_all()
        opened = {}
        for row in self.rows.search([]):
            action = row.action_open_document()
            opened[action["res_model"], action["res_id"]] = row.name
        self.assertEqual(
            opened,
            {
                ("partner.sales.plan", plan.id): plan.display_name,
                ("account.move", invoice.id): invoice.display_name,
                ("crm.lead", lead.id): lead.name,
            },
        )

    def test_team_of_a_plan(self):
        """A person's plan stands in the team that the person belongs to."""
        self.team.member_ids = [Command.link(self.user_sales.id)]
        self._plan(1000)
        self._sell(500, team=self.team)
        groups = self._groups("team_id")
        self.assertEqual(groups[self.team.id][:3], [1000, 500, 0.5])

    def test_team_of_a_plan_in_two_companies(self):
        """A person who is in a team of each company has in each the plan of that company."""
        self.env["ir.config_parameter"].set_param("sales_team.membership_multi", True)
        self.user_sales.company_ids = self.company_usd + self.company_eur
        other = self.env["crm.team"].create({"name": "South", "company_id": self.company_usd.id})
        other.member_ids = [Command.link(self.user_sales.id)]
        self.team.member_ids = [Command.link(self.user_sales.id)]
        self._plan(1000)
        rows = self.rows.search(
            [("user_id", "=", self.user_sales.id), ("res_model", "=", "partner.sales.plan")]
        )
        self.assertEqual(rows.team_id, self.team)

    def test_currencies(self):
        self._plan(1000)
        self._plan(1000, company_id=self.company_usd.id)
        self._sell(1000, company=self.company_usd)
        rows = self.rows.with_context(allowed_company_ids=(self.company_eur + self.company_usd).ids)
        groups = self._groups("user_id", rows=rows)
        self.assertEqual(groups[self.user_sales.id][:3], [1500, 500, 500 / 1500])

    def test_rights(self):
        users = (self.user_sales, self.user_sales2, self.user_sub, self.user_supervisor)
        for user in users:
            self._plan(100, user=user)
            self._sell(50, user=user)
        self._plan(1000, user=self.env["res.users"], team_id=self.team.id)
        self._sell(7, user=self.user_sales2, team=self.team)
        for user, expected in (
            (self.user_sales, {self.user_sales}),
            (self.user_sub, {self.user_sub}),
            # with what others sold for the team that one leads
            (self.user_supervisor, {self.user_sales, self.user_sub, self.user_supervisor, self.user_sales2}),
            (self.user_director, set(users)),
        ):
            rows = self._as(user, model="partner.sales.plan.report")
            groups = self._groups("user_id", rows=rows)
            groups.pop(False, None)
            self.assertEqual(set(groups), {one.id for one in expected}, user.login)
            found = rows.web_search_read([], {"plan": {}, "result": {}, "user_id": {}})["records"]
            self.assertEqual({row["user_id"] for row in found} - {False}, set(groups))
        supervisor = self._groups(
            "user_id", rows=self._as(self.user_supervisor, model="partner.sales.plan.report")
        )
        self.assertEqual(supervisor[self.user_sales2.id][1], 7)
        team = self._as(self.user_supervisor, model="partner.sales.plan.report")
        [(plan, result)] = team._read_group(
            [("team_id", "=", self.team.id)], [], ["team_plan:sum", "result:sum"]
        )
        self.assertEqual((plan, result), (1000, 7))
