from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .classified import ClassifiedCommon

BOUGHT = ["regular", "one_time", "lost"]  # contacts of the database without a sale are potential too


@tagged("post_install", "-at_install")
class TestMatrix(ClassifiedCommon):
    """The matrix ABC × XYZ and the lists behind its cells."""

    def _cells(self, matrix):
        return {
            (cell["abc"], cell["xyz"]): (cell["count"], cell["revenue"], cell["profit"])
            for cell in matrix["cells"]
        }

    def test_cells(self):
        matrix = self._as(self.user_director).get_matrix(stages=BOUGHT)
        self.assertEqual(matrix["run"]["id"], self.run2.id)
        self.assertEqual(
            self._cells(matrix),
            {
                ("a", "x"): (1, 14400.0, 14280.0),
                ("b", "z"): (1, 4000.0, 3980.0),
                ("c", False): (1, 500.0, 490.0),
                (False, False): (1, 700.0, 690.0),
            },
        )
        self.assertEqual(matrix["total"], {"count": 4, "revenue": 19600.0, "profit": 19440.0})
        shares = {(cell["abc"], cell["xyz"]): cell["share"] for cell in matrix["cells"]}
        self.assertAlmostEqual(shares["a", "x"], 100 * 14400 / 19600)
        for name in ("share", "profit_share", "count_share"):
            self.assertAlmostEqual(sum(cell[name] for cell in matrix["cells"]), 100, msg=name)

    def test_stage_filter(self):
        matrix = self._as(self.user_director).get_matrix(stages=["regular"])
        self.assertEqual(set(self._cells(matrix)), {("a", "x"), ("b", "z")})
        self.assertEqual(matrix["total"]["revenue"], 18400.0)
        stages = {row["stage"]: row for row in matrix["stages"]}
        self.assertEqual(stages["regular"]["count"], 2)
        self.assertEqual(stages["lost"], {"stage": "lost", "count": 1, "revenue": 700.0, "profit": 690.0})

    def test_nothing_sold_is_empty(self):
        matrix = self._as(self.user_director).get_matrix(stages=["potential"])
        [cell] = matrix["cells"]
        self.assertEqual((cell["abc"], cell["xyz"]), (False, False))
        self.assertGreaterEqual(cell["count"], 1)
        for name in ("revenue", "profit", "share", "profit_share"):
            self.assertIs(cell[name], False, name)
        self.assertIs(matrix["total"]["revenue"], False)
        stage = next(row for row in matrix["stages"] if row["stage"] == "potential")
        self.assertIs(stage["revenue"], False)

    def test_share_of_a_total_below_zero(self):
        customer = self._create_company_partner("Credit Customer", user_id=self.user_sales2.id)
        self._sell(customer, 900, "2025-03-12", move_type="out_refund")
        self._classify(self.company_eur, "2025-03-31")
        matrix = self._as(self.user_sales2).get_matrix()
        self.assertEqual(matrix["total"]["revenue"], -400.0)
        self.assertEqual({cell["share"] for cell in matrix["cells"]}, {False})
        self.assertEqual(sum(cell["count_share"] for cell in matrix["cells"]), 100)

    def test_cell_opens_what_it_counts(self):
        for user in (self.user_director, self.user_supervisor, self.user_sales, self.user_sales2):
            runs = self._as(user)
            lines = runs.env["partner.classification.line"]
            for stages in ([], ["regular"], ["one_time", "lost"], ["potential"]):
                matrix = runs.get_matrix(stages=stages)
                run_id = matrix["run"]["id"]
                for cell in matrix["cells"]:
                    action = runs.action_open_cell(run_id, cell["abc"], cell["xyz"], stages)
                    found = lines.search(action["domain"])
                    self.assertEqual(len(found), cell["count"])
                    amounts = [line.revenue for line in found if line.revenue is not False]
                    self.assertAlmostEqual(sum(amounts), cell["revenue"] or 0.0)
                for abc in ("a", "b", "c", False):
                    action = runs.action_open_cell(run_id, abc, None, stages)
                    self.assertEqual(
                        lines.search_count(action["domain"]),
                        sum(cell["count"] for cell in matrix["cells"] if cell["abc"] == abc),
                    )

    def test_rights(self):
        expected = {
            self.user_sales: ({"a", False}, 15100.0, True),
            self.user_sales2: ({"c"}, 500.0, True),
            self.user_sub: ({"b"}, 4000.0, True),
            self.user_supervisor: ({"a", "b", False}, 19100.0, True),
            self.user_director: ({"a", "b", "c", False}, 19600.0, False),
        }
        for user, (classes, revenue, is_partial) in expected.items():
            matrix = self._as(user).get_matrix(stages=BOUGHT)
            self.assertEqual({cell["abc"] for cell in matrix["cells"]}, classes, user.login)
            self.assertEqual(matrix["total"]["revenue"], revenue, user.login)
            self.assertEqual(matrix["is_partial"], is_partial, user.login)
            self.assertEqual(matrix["can_compute"], user == self.user_director, user.login)

    def test_outsider(self):
        user = self._create_user("relations_outsider", "base.group_user")
        user.write({"company_ids": [Command.set(self.company_eur.ids)], "company_id": self.company_eur.id})
        with self.assertRaises(AccessError):
            self._as(user).get_matrix()
        with self.assertRaises(AccessError):
            self._as(user).get_migrations()

    def test_companies(self):
        self._sell(self.big, 300, "2025-02-01", company=self.company_usd)
        run = self._classify(self.company_usd, "2025-03-31")
        self.user_director.company_ids = self.company_eur + self.company_usd
        runs = self._as(self.user_director, self.company_eur, self.company_usd)
        matrix = runs.get_matrix(company_id=self.company_usd.id, stages=BOUGHT)
        self.assertEqual(matrix["run"]["id"], run.id)
        self.assertEqual(matrix["currency_id"], self.usd.id)
        self.assertEqual(matrix["total"], {"count": 1, "revenue": 300.0, "profit": 285.0})
        self.assertEqual([one["id"] for one in matrix["runs"]], run.ids)
        matrix = runs.get_matrix(stages=BOUGHT)
        self.assertEqual(matrix["currency_id"], self.eur.id)
        self.assertEqual(matrix["total"]["revenue"], 19600.0)
        self.assertEqual(
            {one["id"] for one in matrix["companies"]}, {self.company_eur.id, self.company_usd.id}
        )
        with self.assertRaisesRegex(UserError, "not among those you have selected"):
            self._as(self.user_director, self.company_eur).get_matrix(company_id=self.company_usd.id)
        with self.assertRaisesRegex(UserError, "not among those you have selected"):
            self._as(self.user_sales).get_matrix(company_id=self.company_usd.id)

    def test_no_run(self):
        self.user_director.company_ids = self.company_eur + self.company_usd
        runs = self._as(self.user_director, self.company_usd)
        matrix = runs.get_matrix()
        self.assertIsNone(matrix["run"])
        self.assertEqual((matrix["cells"], matrix["stages"], matrix["runs"]), ([], [], []))
        self.assertEqual(matrix["total"], {"count": 0, "revenue": False, "profit": False})
        migrations = runs.get_migrations()
        self.assertIsNone(migrations["run_from"])
        self.assertIsNone(migrations["run_to"])

    def test_other_runs(self):
        """An earlier run shows its own figures; one that cannot be shown gives way to the current one."""
        matrix = self._as(self.user_director).get_matrix(run_id=self.run1.id, stages=BOUGHT)
        self.assertEqual(matrix["run"]["id"], self.run1.id)
        self.assertEqual(matrix["total"]["revenue"], 9900.0)
        self._sell(self.big, 300, "2025-02-01", company=self.company_usd)
        foreign = self._classify(self.company_usd, "2025-03-31")
        draft = self._classify(self.company_eur, "2025-04-30", post=False)
        removed = self._classify(self.company_eur, "2025-05-31", post=False)
        removed.unlink()
        runs = self._as(self.user_sales)
        for run_id in (foreign.id, removed.id, draft.id, -1):
            self.assertEqual(runs.get_matrix(run_id=run_id)["run"]["id"], self.run2.id)
        self.assertEqual([run["id"] for run in runs.get_matrix()["runs"]], [self.run2.id, self.run1.id])
        # who may post the draft may look at it
        self.assertEqual(self._as(self.user_director).get_matrix(run_id=draft.id)["run"]["id"], draft.id)

    def test_suppliers_apart(self):
        run = self._classify(self.company_eur, "2025-03-31", kind="supplier")
        runs = self._as(self.user_director)
        self.assertEqual(runs.get_matrix(run_id=run.id)["run"]["id"], self.run2.id)
        self.assertEqual(runs.get_matrix(kind="supplier")["run"]["id"], run.id)

    def test_queries(self):
        runs = self._as(self.user_supervisor)

        def count(method):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            method()
            return self.env.cr.sql_log_count - before

        def open_matrix():
            return runs.get_matrix()

        def open_migrations():
            return runs.get_migrations(with_absent=True)

        count(open_matrix), count(open_migrations)  # what is read once and kept
        few = count(open_matrix), count(open_migrations)
        partners = self.env["res.partner"].create(
            [{"name": f"More {number}", "user_id": self.user_sales.id} for number in range(20)]
        )
        for number, partner in enumerate(partners[:5]):
            self._sell(partner, 100 * (number + 1), "2025-03-20")
        self._as(self.user_director).browse(self.run2.id).action_reopen()
        self.run2.action_compute()
        self.run2.action_post()
        self.assertEqual((count(open_matrix), count(open_migrations)), few)
        self.assertEqual(open_matrix()["total"]["revenue"], 19100.0 + 1500.0)


@tagged("post_install", "-at_install")
class TestMigrations(ClassifiedCommon):
    """Who went from which class of one run to which class of another."""

    def _cells(self, migrations, sources=None):
        return {
            (cell["source"], cell["target"]): (
                cell["count"],
                cell["revenue_from"],
                cell["revenue_to"],
                cell["trend"],
            )
            for cell in migrations["cells"]
            if sources is None or cell["source"] in sources
        }

    def test_classes(self):
        migrations = self._as(self.user_director).get_migrations(self.run1.id, self.run2.id)
        self.assertEqual(
            self._cells(migrations, ("a", "b", "c")),
            {
                ("a", "a"): (1, 7200.0, 14400.0, False),
                ("b", "b"): (1, 2000.0, 4000.0, False),
                ("c", False): (1, 700.0, 700.0, "worse"),
            },
        )
        self.assertEqual(
            self._cells(migrations)[False, "c"], (1, False, 500.0, "better"), "bought for the first time"
        )
        self.assertEqual([(cell["source"], cell["target"]) for cell in migrations["worst"]], [("c", False)])

    def test_class_to_stage(self):
        migrations = self._as(self.user_director).get_migrations(self.run1.id, self.run2.id, "abc_to_stage")
        self.assertEqual(
            self._cells(migrations, ("a", "b", "c")),
            {
                ("a", "regular"): (1, 7200.0, 14400.0, False),
                ("b", "regular"): (1, 2000.0, 4000.0, False),
                ("c", "lost"): (1, 700.0, 700.0, "worse"),
            },
        )
        [worst] = migrations["worst"]
        self.assertEqual((worst["source"], worst["target"], worst["count"]), ("c", "lost", 1))

    def test_stage(self):
        migrations = self._as(self.user_director).get_migrations(self.run1.id, self.run2.id, "stage")
        cells = self._cells(migrations)
        self.assertEqual(cells["regular", "regular"][3], False)
        self.assertEqual(cells["one_time", "regular"], (1, 2000.0, 4000.0, "better"))
        self.assertEqual(cells["one_time", "lost"], (1, 700.0, 700.0, "worse"))
        self.assertEqual(cells["potential", "one_time"], (1, False, 500.0, "better"))

    def test_worst_by_money(self):
        """Of several moves for the worse, the one that cost the most stands first."""
        run = self._classify(self.company_eur, "2026-02-28")
        migrations = self._as(self.user_director).get_migrations(self.run2.id, run.id, "abc_to_stage")
        self.assertEqual(
            [(cell["source"], cell["target"], cell["revenue_from"]) for cell in migrations["worst"]],
            [("a", "lost", 14400.0), ("b", "lost", 4000.0), ("c", "lost", 500.0)],
        )

    def test_defaults(self):
        migrations = self._as(self.user_sales).get_migrations()
        self.assertEqual(migrations["run_from"]["id"], self.run1.id)
        self.assertEqual(migrations["run_to"]["id"], self.run2.id)
        # the daily run has the window of the last posted one, with which there is little to compare
        live = (
            self.env["partner.classification"]
            .with_company(self.company_eur)
            ._refresh_live(self.run2.policy_id, self.run2.date_to, self.run2.date_to)
        )
        migrations = self._as(self.user_sales).get_migrations()
        self.assertEqual(migrations["run_to"]["id"], live.id)
        self.assertEqual(migrations["run_from"]["id"], self.run1.id)
        first = self._as(self.user_sales).get_migrations(run_to_id=self.run1.id)
        self.assertIsNone(first["run_from"])
        self.assertEqual(first["cells"], [])

    def test_absent(self):
        """Who has no line in one of the runs is told from who has no class."""
        late = self._create_company_partner("Late Customer", user_id=self.user_sales.id)
        self._sell(late, 50, "2026-02-10")
        former = self._create_company_partner("Former Prospect", user_id=self.user_sales.id)
        before = self._classify(self.company_eur, "2025-12-31")
        newcomer = self._create_company_partner("Newcomer", user_id=self.user_sales.id)
        self._sell(newcomer, 40, "2026-02-11")
        self.run2.policy_id.potential_scope = "prospects"
        after = self._classify(self.company_eur, "2026-02-28")
        runs = self._as(self.user_sales)
        found = runs.get_migrations(before.id, after.id, "stage", with_absent=True)
        cells = {(cell["source"], cell["target"]): cell["count"] for cell in found["cells"]}
        self.assertEqual(cells["new", "one_time"], 1)
        self.assertEqual(cells["potential", "gone"], 1)
        self.assertEqual(cells["potential", "one_time"], 1)
        self.assertFalse(
            any(
                cell["trend"] for cell in found["cells"] if {"new", "gone"} & {cell["source"], cell["target"]}
            )
        )
        lines = runs.env["partner.classification.line"]

        def opened(source, target):
            action = runs.action_open_migration(before.id, after.id, "stage", source, target)
            return lines.search(action["domain"]).partner_id

        self.assertEqual(opened("new", "one_time"), newcomer)
        self.assertEqual(opened("potential", "gone"), former)
        self.assertEqual(opened("potential", "one_time"), late)
        merged = runs.get_migrations(before.id, after.id, "stage")
        cells = {(cell["source"], cell["target"]): cell["count"] for cell in merged["cells"]}
        self.assertEqual((cells[False, "one_time"], cells["potential", False]), (1, 1))

    def test_cell_opens_what_it_counts(self):
        for user in (self.user_director, self.user_supervisor, self.user_sales):
            runs = self._as(user)
            lines = runs.env["partner.classification.line"]
            for dimension in ("abc_class", "xyz_class", "stage", "abc_to_stage"):
                found = runs.get_migrations(self.run1.id, self.run2.id, dimension, with_absent=True)
                self.assertTrue(found["cells"])
                for cell in found["cells"]:
                    action = runs.action_open_migration(
                        self.run1.id, self.run2.id, dimension, cell["source"], cell["target"]
                    )
                    self.assertEqual(lines.search_count(action["domain"]), cell["count"], cell)
                for side, other in (("source", "target"), ("target", "source")):
                    for value in {cell[side] for cell in found["cells"]}:
                        action = runs.action_open_migration(
                            self.run1.id, self.run2.id, dimension, **{side: value, other: None}
                        )
                        self.assertEqual(
                            lines.search_count(action["domain"]),
                            sum(cell["count"] for cell in found["cells"] if cell[side] == value),
                        )

    def test_rights(self):
        expected = {self.user_sub: {"b"}, self.user_sales2: set(), self.user_supervisor: {"a", "b", "c"}}
        for user, classes in expected.items():
            found = self._as(user).get_migrations(self.run1.id, self.run2.id)
            self.assertEqual(
                {cell["source"] for cell in found["cells"] if cell["source"]}, classes, user.login
            )

    def test_refused(self):
        self._sell(self.big, 300, "2025-02-01", company=self.company_usd)
        foreign = self._classify(self.company_usd, "2025-03-31")
        with self.assertRaises(AccessError):
            self._as(self.user_director).get_migrations(foreign.id, self.run2.id)
        self.user_director.company_ids = self.company_eur + self.company_usd
        runs = self._as(self.user_director, self.company_eur, self.company_usd)
        with self.assertRaisesRegex(UserError, "cannot be compared"):
            runs.get_migrations(foreign.id, self.run2.id)
        suppliers = self._classify(self.company_eur, "2025-03-31", kind="supplier")
        with self.assertRaisesRegex(UserError, "cannot be compared"):
            runs.get_migrations(suppliers.id, self.run2.id)
        with self.assertRaisesRegex(UserError, "no dimension “colour”"):
            runs.get_migrations(self.run1.id, self.run2.id, "colour")
        with self.assertRaisesRegex(UserError, "no dimension “colour”"):
            runs.action_open_migration(self.run1.id, self.run2.id, "colour")
        for source in (5, {}, ["a"]):
            with self.assertRaisesRegex(UserError, "no class"):
                runs.action_open_migration(self.run1.id, self.run2.id, "abc_class", source)
        with self.assertRaisesRegex(UserError, "no dimension"):
            runs.action_open_migration(self.run1.id, self.run2.id, ["abc_class"])
