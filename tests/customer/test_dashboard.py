"""The director's dashboard: figures told by heart, what is behind them, who sees what, how much it takes."""

import doctest

from psycopg2.errors import ReadOnlySqlTransaction

from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, freeze_time, tagged
from odoo.tools import mute_logger

from ...tools import dashboard, rates
from .dashboarding import NOW, DashboardCommon


@tagged("post_install", "-at_install")
class TestDashboardPeriods(TransactionCase):
    def test_definitions(self):
        for module, least in ((dashboard, 5), (rates, 2)):
            failures, count = doctest.testmod(module)
            self.assertFalse(failures)
            self.assertGreater(count, least)


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestDashboard(DashboardCommon):
    # ------------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------------
    def test_turnover(self):
        _model, data = self._dashboard()
        block = data["blocks"]["turnover"]
        months = {row["month"]: row for row in block["months"]}
        self.assertEqual(
            [months[f"2025-0{number}-01"]["revenue"] for number in (1, 2, 3)], [1200, 1200, 3700]
        )
        self.assertEqual(
            [months[f"2025-0{number}-01"]["revenue_before"] for number in (1, 2, 3)], [None, 1000, None]
        )
        figures = block["figures"]
        self.assertEqual(figures["revenue"], 6100)
        self.assertEqual(figures["profit"], 6050)
        self.assertEqual(figures["revenue_before"], 1000)
        self.assertEqual(figures["profit_before"], 990)
        self.assertAlmostEqual(figures["revenue_change"], 510)
        self.assertAlmostEqual(figures["margin"], 100 * 6050 / 6100)
        self.assertEqual((figures["plan"], figures["team_plan"]), (4000, 5000))
        self.assertEqual((figures["profit_plan"], figures["team_profit_plan"]), (900, None))
        self.assertAlmostEqual(figures["plan_share"], 60, msg="January and February, which have a plan")
        self.assertAlmostEqual(figures["team_plan_share"], 24)
        self.assertIsNone(figures["team_profit_plan_share"])
        self.assertFalse(block["is_profit_partial"])

    def test_margin_of_what_has_a_cost(self):
        """An invoice of history without a cost yet has no profit, and lowers no margin."""
        _model, before = self._dashboard()
        move = self._sell(self.big, 1000, "2025-03-20")
        self.env.flush_all()
        for query in (
            "UPDATE account_move SET sale_cost = NULL WHERE id = %s",
            "UPDATE account_move_line SET sale_cost = NULL WHERE move_id = %s",
        ):
            self.env.cr.execute(query, [move.id])
        self.env.invalidate_all()
        _model, after = self._dashboard()
        figures = after["blocks"]["turnover"]["figures"]
        self.assertEqual(figures["revenue"], 7100)
        self.assertTrue(after["blocks"]["turnover"]["is_profit_partial"])
        self.assertAlmostEqual(figures["margin"], before["blocks"]["turnover"]["figures"]["margin"])

    def test_running_period_is_compared_up_to_today(self):
        self._sell(self.big, 50, "2024-04-14")
        self._sell(self.big, 70, "2024-04-16")
        _model, data = self._dashboard(period="month")
        self.assertEqual(
            (data["period"]["date_from"], data["period"]["date_to"]), ("2025-04-01", "2025-04-30")
        )
        figures = data["blocks"]["turnover"]["figures"]
        # 1,200 of the 15th and 2,000 of the 10th, not what came the day after
        self.assertEqual(figures["revenue_before"], 1200 + 2000 + 50)
        self.assertEqual(figures["revenue"], 320)
        self.assertEqual(figures["plan"], 7000)

    def test_forecast(self):
        _model, data = self._dashboard()
        block = data["blocks"]["forecast"]
        parts = {part["part"]: (part["count"], part["value"]) for part in block["parts"]}
        self.assertEqual(parts["2025-05-01"], (1, 400))
        self.assertEqual(parts["overdue"], (1, 300))
        self.assertEqual(parts["undated"], (1, 200))
        self.assertEqual(parts["later"], (1, 100))
        self.assertEqual(parts["2025-06-01"], (0, None), "nothing is empty, not zero")
        self.assertEqual(block["figures"]["forecast"], 1000)
        self.assertEqual(block["figures"]["no_next_step"], 3, "the customer of one has a planned contact")
        self.assertEqual(block["figures"]["no_next_step_customers"], 1)

    def test_forecast_leaves_payment_to_receivables(self):
        _model, before = self._dashboard()
        order = self._order([(self.advice, 1, 100)], partner_id=self.big.id)
        _model, during = self._dashboard()
        self.assertEqual(during["blocks"]["forecast"]["figures"]["deals"], 5, "to be invoiced")
        order.order_line.qty_delivered = 1
        self._invoice(order)
        deal = self.env["partner.deal.report"].search([("order_id", "=", order.id)])
        self.assertEqual(deal.waits_for, "payment")
        _model, after = self._dashboard()
        self.assertEqual(after["blocks"]["forecast"], before["blocks"]["forecast"])

    def test_matrix_and_flow(self):
        _model, data = self._dashboard()
        block = data["blocks"]["matrix"]
        cells = {(cell["abc"], cell["xyz"]): (cell["count"], cell["revenue"]) for cell in block["cells"]}
        self.assertEqual(cells["a", "x"], (1, 14400))
        self.assertEqual(cells["b", "z"], (1, 4000))
        stages = {stage["stage"]: stage["count"] for stage in block["stages"]}
        self.assertEqual((stages["regular"], stages["one_time"], stages["lost"]), (2, 1, 1))
        flow = data["blocks"]["flow"]
        moves = {(move["source"], move["target"]): (move["count"], move["trend"]) for move in flow["moves"]}
        # gone bought once in May 2024; mid bought once before and again in March
        self.assertEqual(moves["one_time", "lost"], (1, "worse"))
        self.assertEqual(moves["one_time", "regular"], (1, "better"))
        self.assertEqual((flow["figures"]["worse"], flow["figures"]["better"]), (1, 1 + self._found(moves)))

    def _found(self, moves):
        """Other moves for the better, such as a prospect's first purchase."""
        return sum(
            count
            for (source, target), (count, trend) in moves.items()
            if trend == "better" and (source, target) != ("one_time", "regular")
        )

    def test_failures(self):
        _model, data = self._dashboard(period="month")
        block = data["blocks"]["failures"]
        self.assertEqual(block["figures"]["cancelled"], 300)
        self.assertEqual(block["figures"]["lost"], 200)
        self.assertIsNone(block["figures"]["short"])
        self.assertEqual(
            [(row["name"], row["cancelled"], row["lost"]) for row in block["rows"]],
            [(self.price.name, 300, None), (False, None, 200)],
        )
        self.assertFalse(self._dashboard()[1]["blocks"]["failures"]["rows"], "none in the quarter before")

    def test_campaigns(self):
        _model, data = self._dashboard(period="quarter")
        block = data["blocks"]["campaigns"]
        rows = {row["name"]: row for row in block["rows"]}
        fair = rows["Spring Fair"]
        self.assertEqual((fair["cost"], fair["revenue"], fair["profit"]), (100, 260, 250))
        self.assertAlmostEqual(fair["roi"], 150)
        quiet = rows["Word of Mouth"]
        self.assertEqual((quiet["cost"], quiet["roi"]), (None, None), "no cost is no cost of zero")
        self.assertEqual(quiet["profit"], 50)

    def test_suppliers_managers_work_receivables(self):
        _model, data = self._dashboard(period="month")
        blocks = data["blocks"]
        suppliers = blocks["suppliers"]
        self.assertEqual(
            {name: suppliers["figures"][name] for name in ("count", "low", "worse", "overdue_lines")},
            {"count": 3, "low": 1, "worse": 1, "overdue_lines": 3},
        )
        self.assertEqual(
            [(row["name"], row["is_low"], row["is_worse"]) for row in suppliers["rows"]],
            [("Worse Supplier", True, True), ("Late Supplier", False, False)],
        )
        managers = blocks["managers"]["rows"]
        self.assertEqual(
            [(row["name"], row["score"], row["change"], row["rank"]) for row in managers],
            [(self.user_sales.name, 80, 10, 1), (self.user_sales2.name, None, None, None)],
        )
        self.assertEqual(blocks["work"]["figures"], {"contacts": 2, "letters": 1, "unassigned": 1})
        receivables = blocks["receivables"]
        self.assertEqual(receivables["figures"], {"count": 2, "overdue": 1260})
        self.assertEqual(
            [part["amount"] for part in receivables["parts"]], [260, None, None, 1000], "nothing is no zero"
        )

    def _managers(self, user=None, **options):
        """Names and periods of the scorecards, which are those behind the figure."""
        model, data = self._dashboard(user, **options)
        block = data["blocks"]["managers"]
        action = model.action_open(data["options"], "managers", "count")
        behind = model.env[action["res_model"]].search(action["domain"])
        self.assertEqual({row["id"] for row in block["rows"]}, set(behind.ids))
        self.assertEqual(block["figures"]["count"], len(behind))
        return {(row["name"], row["period"]) for row in block["rows"]}

    def test_managers_who_left(self):
        """Of a period they are told as long as it is the last one; for a period that is past they are told again."""
        gone = self._create_user("scored_once", "partner_relations.group_user")
        gone.active = False
        self._score(gone, "2023-05-01", "2023-05-31")
        self._score(self.user_sub, "2025-02-01", "2025-02-28")
        march = {(user.name, "March 2025") for user in (self.user_sales, self.user_sales2)}
        for options in ({"period": "year"}, {"period": "month"}, {}):
            self.assertEqual(self._managers(**options), march)
        year = {"period": "custom", "date_from": "2023-01-01", "date_to": "2023-12-31"}
        self.assertEqual(self._managers(**year), {(gone.name, "May 2023")})
        # whoever sees only some of them, or nobody but who left
        self.assertEqual(self._managers(self.user_supervisor), {(self.user_sales.name, "March 2025")})
        team = self.env["crm.team"].create(
            {"name": "Of Old", "company_id": self.company_eur.id, "user_id": self.user_sub.id}
        )
        self.assertFalse(self._managers(team_id=team.id))
        # who is judged anew has the running one
        self._score(self.user_sub, "2025-04-01", "2025-04-30", "open")
        self.assertEqual(self._managers(period="year"), march | {(self.user_sub.name, "April 2025")})

    def test_managers_of_months_quarters_and_other_days(self):
        """The last period of each counts, whichever ended later."""
        self._score(self.user_sub, "2025-01-01", "2025-03-31")
        self._score(self.user_supervisor, "2024-01-01", "2024-12-31")
        self._score(self.user_director, "2025-04-01", "2025-04-10")
        names = {
            (self.user_sales.name, "March 2025"),
            (self.user_sales2.name, "March 2025"),
            (self.user_sub.name, "Q1 2025"),
            (self.user_supervisor.name, "2024"),
            (self.user_director.name, "04/01/2025 – 04/10/2025"),
        }
        self.assertEqual(self._managers(period="year"), names)
        with freeze_time("2025-05-20 03:00:00"):
            self.assertEqual(
                self._managers(period="year"),
                {
                    (self.user_sales.name, "April 2025"),
                    (self.user_sub.name, "Q1 2025"),
                    (self.user_supervisor.name, "2024"),
                },
            )
        # a month within a quarter that is over as well
        other = self._create_user("scored_in_february", "partner_relations.group_user")
        self._score(other, "2025-02-01", "2025-02-28")
        found = self._managers(period="custom", date_from="2025-02-01", date_to="2025-02-28")
        self.assertLessEqual({(other.name, "February 2025"), (self.user_sub.name, "Q1 2025")}, found)

    def test_nothing_is_empty(self):
        _model, data = self._dashboard(companies=self.company_usd, user=self.env.user)
        blocks = data["blocks"]
        self.assertIsNone(blocks["turnover"]["figures"]["revenue"])
        self.assertIsNone(blocks["turnover"]["figures"]["revenue_change"])
        self.assertIsNone(blocks["forecast"]["figures"]["forecast"])
        self.assertIsNone(blocks["receivables"]["figures"]["overdue"])
        self.assertFalse(blocks["matrix"]["cells"])
        self.assertFalse(blocks["flow"]["moves"])
        self.assertFalse(blocks["failures"]["rows"])
        self.assertFalse(blocks["managers"]["rows"])

    # ------------------------------------------------------------------
    # What is behind the figures
    # ------------------------------------------------------------------
    def _check_behind(self, user=None, companies=None, **options):
        model, data = self._dashboard(user, companies, **options)
        checked = 0
        for block, figure, part, spec, value in self._figures(data):
            found = self._read_behind(model, data, block, figure, part, spec)
            with self.subTest(block=block, figure=figure, part=part, spec=spec):
                self.assertAlmostEqual(found or 0, value or 0, 2)
            checked += bool(value)
        return checked

    def test_behind_the_figures(self):
        self.assertGreater(self._check_behind(), 35)
        self.assertGreater(self._check_behind(period="quarter"), 35)

    def test_behind_the_figures_of_a_supervisor(self):
        self.assertGreater(self._check_behind(self.user_supervisor, period="year"), 20)

    def test_behind_the_figures_of_a_team(self):
        self.assertGreater(self._check_behind(team_id=self.team.id), 20)

    def test_nothing_else_can_be_opened(self):
        model, data = self._dashboard()
        for block, figure, part in (
            ("turnover", "salaries", False),
            ("turnover", "revenue", "no day"),
            ("wages", "revenue", False),
            ("flow", "move", ["regular", "rich"]),
            ("receivables", "overdue", "never"),
            ("flow", "move", [["regular"], "lost"]),
            ("matrix", "stage", [1]),
            ("matrix", "cell", [{}, "x"]),
            ("forecast", "forecast", {"a": 1}),
            ("work", ["contacts"], False),
        ):
            with self.assertRaises(UserError):
                model.action_open(data["options"], block, figure, part)
        for block, figure, part in (("suppliers", "card", "x"), ("campaigns", "count", {"a": 1})):
            action = model.action_open(data["options"], block, figure, part)
            records = model.env[action["res_model"]].with_context(**action["context"])
            self.assertFalse(records.search(action["domain"]))

    # ------------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------------
    def test_salespeople_have_none(self):
        for call in ("get_dashboard", "action_export_excel"):
            with self.assertRaises(AccessError):
                getattr(self.env["partner.director.dashboard"].with_user(self.user_sales), call)({})

    def test_supervisor_sees_the_own_team(self):
        _model, data = self._dashboard(self.user_supervisor)
        figures = data["blocks"]["turnover"]["figures"]
        self.assertEqual(figures["revenue"], 5600, "without the 500 of user_sales2")
        self.assertEqual(figures["plan"], 2000)
        self.assertEqual(data["blocks"]["work"]["figures"]["contacts"], 1)
        self.assertEqual([row["name"] for row in data["blocks"]["managers"]["rows"]], [self.user_sales.name])
        self.assertNotIn("suppliers", data["blocks"], "no right to purchases")
        self.assertNotIn("campaigns", data["blocks"], "no right to campaigns")
        self.assertIn("Only what is in the care of you or your team is counted.", data["notes"])

    def test_team(self):
        model, data = self._dashboard(team_id=self.team.id)
        self.assertIn("Chairs North", [team["name"] for team in data["teams"]])
        figures = data["blocks"]["turnover"]["figures"]
        self.assertEqual(figures["revenue"], 3600, "of user_sales alone")
        self.assertEqual((figures["plan"], figures["team_plan"]), (2000, 5000))
        self.assertNotIn("unassigned", data["blocks"]["work"]["figures"])
        with self.assertRaisesRegex(UserError, "none of yours"):
            model.get_dashboard({"team_id": 999_999_999})

    def test_options(self):
        model, _data = self._dashboard()
        for options in (
            {"period": "decade"},
            {"period": "custom"},
            {"period": "custom", "date_from": "x", "date_to": "2025-01-01"},
            {"period": "custom", "date_from": 5, "date_to": "2025-01-01"},
            "year",
            ["year"],
            {"period": "custom", "date_from": "2025-02-01", "date_to": "2025-01-01"},
            {"period": "custom", "date_from": "2005-02-01", "date_to": "2025-01-01"},
            {"company_id": self.company_usd.id},
        ):
            with self.assertRaises(UserError, msg=options):
                model.get_dashboard(options)

    # ------------------------------------------------------------------
    # Two companies
    # ------------------------------------------------------------------
    def test_two_companies(self):
        self.user_director.company_ids += self.company_usd
        self._sell(self.mid, 1000, "2025-02-05", company=self.company_usd)
        self.env["partner.sales.plan"].create(
            {
                "amount": 800,
                "date": "2025-02-01",
                "company_id": self.company_usd.id,
                "user_id": self.user_sales.id,
            }
        )
        both = self.company_eur + self.company_usd
        _model, data = self._dashboard(companies=both)
        figures = data["blocks"]["turnover"]["figures"]
        # one dollar is half a euro
        self.assertAlmostEqual(figures["revenue"], 6100 + 500)
        self.assertAlmostEqual(figures["plan"], 4000 + 400)
        self.assertEqual(data["currency_id"], self.eur.id)
        self.assertTrue(any("converted to EUR" in note for note in data["notes"]))
        _model, one = self._dashboard(companies=both, company_id=self.company_usd.id)
        self.assertEqual(one["blocks"]["turnover"]["figures"]["revenue"], 1000)
        self.assertEqual(one["blocks"]["turnover"]["figures"]["plan"], 800)
        self.assertEqual(one["currency_id"], self.usd.id)
        self.assertEqual([company["id"] for company in one["companies"]], both.ids)

    def test_behind_the_figures_of_two_companies(self):
        self.user_director.company_ids += self.company_usd
        self._sell(self.mid, 1000, "2025-02-05", company=self.company_usd)
        both = self.company_eur + self.company_usd
        self.assertGreater(self._check_behind(companies=both, company_id=self.company_usd.id), 3)

    # ------------------------------------------------------------------
    # What it takes
    # ------------------------------------------------------------------
    def _count_queries(self, user, companies=None, **options):
        """Queries of a whole request, with nothing in the caches that belong to it."""
        model, _data = self._dashboard(user, companies, **options)
        # what a server keeps between requests is kept
        for _turn in range(2):
            self.env.flush_all()
            self.env.cr.precommit.run()
            self.env.invalidate_all()
            model.get_dashboard(options)
        self.env.cr.precommit.run()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        model.get_dashboard(options)
        return self.env.cr.sql_log_count - before

    def test_queries(self):
        self.assertLessEqual(self._count_queries(self.user_director), 12)
        self.assertLessEqual(self._count_queries(self.user_supervisor), 12)
        self.assertLessEqual(self._count_queries(self.user_director, team_id=self.team.id), 12)
        self.user_supervisor.group_ids += self.env.ref("mass_mailing.group_mass_mailing_user")
        self.user_supervisor.group_ids += self.env.ref("purchase.group_purchase_user")
        self.assertLessEqual(self._count_queries(self.user_supervisor), 12)

    def test_queries_of_two_currencies(self):
        """As many as for one company: the rates are read once, with teams and classifications."""
        self.user_director.company_ids += self.company_usd
        both = self.company_eur + self.company_usd
        self.assertLessEqual(self._count_queries(self.user_director, companies=both), 12)

    def test_queries_do_not_grow(self):
        few = self._count_queries(self.user_director)
        users = self._create_users({f"dash{number}": "partner_relations.group_user" for number in range(8)})
        for number, user in enumerate(users):
            self.env["crm.team"].create(
                {"name": f"Team {number}", "company_id": self.company_eur.id, "user_id": user.id}
            )
            self._create_lead(f"Lead {number}", date_deadline="2025-05-10", user_id=user.id)
            self._sell(self._create_company_partner(f"C {number}"), 10, "2025-04-02")
        self.assertEqual(self._count_queries(self.user_director), few)

    def test_read_only(self):
        """A copy of the database that refuses to write is enough, for the action behind a figure too."""
        model, data = self._dashboard()
        for call in ("get_dashboard", "action_open", "action_print"):
            self.assertTrue(getattr(getattr(type(model), call), "_readonly", False), call)
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.env.invalidate_all()
        with self.env.cr.savepoint(flush=False):
            self.env.cr.execute("SET LOCAL transaction_read_only = on")
            with (
                self.assertRaises(ReadOnlySqlTransaction),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(
                    "CREATE TEMPORARY TABLE dashboard_probe (id int); DELETE FROM res_country"
                )
            again = model.get_dashboard(data["options"])
            model.action_open(data["options"], "suppliers", "worse")
            model.action_print(data["options"])
        self.assertEqual(again["blocks"].keys(), data["blocks"].keys())
