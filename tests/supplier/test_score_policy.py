from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged

from .rated import TODAY, RatedCommon


@tagged("post_install", "-at_install")
@freeze_time(f"{TODAY} 09:00:00")
class TestScorePolicy(RatedCommon):
    def _check_refused(self, values, *words, policy=None):
        with self.assertRaises(ValidationError) as caught, self.env.cr.savepoint():
            (policy or self.policy).write(values)
        for word in words:
            self.assertIn(word, str(caught.exception))

    # ------------------------------------------------------------------
    # The policy of a company
    # ------------------------------------------------------------------
    def test_defaults(self):
        """A company created later has its policy at once, with the criteria of the brief."""
        self.assertEqual(len(self.policy), 1)
        self.assertRecordValues(
            self.policy.criterion_ids,
            [
                {"name": "Delivery", "formula": "100 * on_time_rate", "weight": 40, "share": 40},
                {"name": "Quality", "formula": "100 * quality_rate", "weight": 25, "share": 25},
                {"name": "Price", "formula": "100 * price_compliance", "weight": 25, "share": 25},
                {
                    "name": "Response",
                    "formula": "100 - 10 * max(response_days - 1, 0)",
                    "weight": 10,
                    "share": 10,
                },
            ],
        )
        self.assertRecordValues(
            self.policy,
            [
                {
                    "name": "Standard",
                    "window_days": 365,
                    "min_lines": 3,
                    "grade_high": 80,
                    "grade_medium": 50,
                    "use_warning": False,
                    "use_block": False,
                }
            ],
        )

    def test_every_company(self):
        """Also one from before the addon, for whoever needs it first; one that archived it rates nobody."""
        policies = self.env["supplier.score.policy"]
        self.policy.unlink()
        found = policies.with_user(self.user_buyer).with_company(self.company)._get_for(self.company)
        self.assertEqual(found.company_id, self.company)
        self.assertEqual(found.env.uid, self.user_buyer.id, "with the rights of who asked")
        self.assertEqual(policies._get_for(self.company), found.with_env(self.env))
        found.with_env(self.env).active = False
        self.assertFalse(policies._get_for(self.company))
        with self._refused(UserError, "Rating Company"):
            self.cards.with_company(self.company).action_compute_now()

    def test_one_active(self):
        with self._refused(ValidationError, "Rating Company has .*“Standard” already"):
            self.env["supplier.score.policy"].create({"name": "Second", "company_id": self.company.id})
        copy = self.policy.copy()
        self.assertFalse(copy.active)
        self.assertEqual(copy.criterion_ids.mapped("formula"), self.policy.criterion_ids.mapped("formula"))
        self._check_refused({"active": True}, "Rating Company", "Standard", policy=copy)
        self.policy.active = False
        # also for a caller who looks at archived ones
        copy.with_context(active_test=False).active = True
        self.assertEqual(self.env["supplier.score.policy"]._get_for(self.company), copy)

    def test_limits(self):
        """Each limit, on its border and beyond it."""
        for field, good, bad, words in (
            ("window_days", 30, 29, ["29 days", "Days Measured"]),
            ("min_lines", 1, 0, ["0 due lines", "Due Lines Needed"]),
            ("grace_days", 0, -1, ["-1 grace days"]),
            ("price_tolerance", 100, 100.5, ["100.5%"]),
            ("price_tolerance", 0, -0.5, ["-0.5%"]),
            ("grade_high", 100, 101, ["101", "overlap"]),
            ("grade_medium", 1, 0, ["overlap"]),
            ("grade_high", 51, 50, ["High from 50, Medium from 50"]),
            ("warn_below", 50, 29, ["warns below 29", "blocks below 30"]),
            ("block_below", 0, -1, ["blocks below -1"]),
        ):
            with self.subTest(field=field, bad=bad):
                self.policy.write({"grade_high": 80, "grade_medium": 50, "warn_below": 50, "block_below": 30})
                self.policy.write({field: good})
                self._check_refused({field: bad}, "“Standard”", *words)

    def test_weights(self):
        criteria = self.policy.criterion_ids
        criteria[1:].weight = 0
        self.assertEqual(criteria[0].share, 100)
        with self._refused(ValidationError, "“Standard” has a weight"):
            criteria[0].weight = 0
        with self._refused(ValidationError, "“Standard” has a weight"):
            criteria[0].active = False
        with self._refused(ValidationError, "“Standard” has a weight"):
            self.policy.criterion_ids = [Command.delete(criteria[0].id)]
        with self._refused(ValidationError, "“Quality” is -1"):
            criteria[1].weight = -1
        # all of them replaced in one go
        self.policy.criterion_ids = [
            *(Command.delete(criterion.id) for criterion in criteria),
            Command.create({"name": "Only", "formula": "100 * otif_rate", "weight": 1}),
        ]
        self.assertEqual(self.policy.criterion_ids.mapped("name"), ["Only"])

    def test_translated(self):
        """The names of what is made by itself stand in each language that is installed."""
        self.env["res.lang"]._activate_lang("fr_FR")
        self.policy.unlink()
        policy = self.env["supplier.score.policy"]._get_for(self.company)
        self.assertTrue(policy.criterion_ids)
        for criterion in policy.criterion_ids:
            names = criterion.get_field_translations("name")[0]
            installed = {code for code, _name in self.env["res.lang"].get_installed()}
            self.assertLessEqual({"en_US", "fr_FR"}, installed)
            self.assertEqual({each["lang"] for each in names}, installed)

    # ------------------------------------------------------------------
    # Formulas
    # ------------------------------------------------------------------
    def test_formula_refused(self):
        """By the part that is wrong, with the figures there are."""
        for formula, part in (
            ("100 * on_time", "on_time"),
            ("100 * (on_time_rate", "on_time_rate"),
            ("__import__('os')", "'"),
            ("sqrt(on_time_rate)", "sqrt"),
            ("partner_id + 1", "partner_id"),
            ("score / 2", "score"),
            ("on_time_rate >= 0.9", "on_time_rate >= 0.9"),
        ):
            with self.subTest(formula=formula), self.assertRaises(ValidationError) as caught:
                self.policy.criterion_ids[0].formula = formula
            self.assertIn("“Delivery”", str(caught.exception))
            self.assertIn(part, str(caught.exception))
            self.assertIn("otif_rate", str(caught.exception))
        with self.assertRaises(ValidationError):
            self.policy.criterion_ids[0].formula = "  "

    def test_formula_kept(self):
        """A criterion over any figure, and a condition."""
        for name in self.cards._get_figure_names():
            self.policy.criterion_ids[0].formula = f"100 - {name} if {name} > 0 else 50"

    def test_figures_described(self):
        """Each figure that a formula may use is explained, in the words of the scorecard."""
        described = self.cards.with_user(self.user_boss)._describe_figures()
        self.assertEqual([row[0] for row in described], self.cards._get_figure_names())
        for name, label, meaning, unit in described:
            with self.subTest(figure=name):
                self.assertTrue(label and meaning and unit)
        units = {row[0]: row[3] for row in described}
        self.assertEqual(units["on_time_rate"], "share, 0 to 1")
        self.assertEqual(units["price_compliance"], "share, 0 to 1")
        self.assertEqual(units["lead_days_mean"], "days")
        self.assertEqual(units["due_line_count"], "number")
        self.assertEqual(units["price_variance"], "company currency")
        html = self.policy.criterion_ids[0].figures
        self.assertIn("late_days_mean", html)
        self.assertIn("Mean slippage of the late lines", html)

    def test_sample(self):
        """What is entered is tried on suppliers before it is saved."""
        good = self._create_supplier("Good Supplier")
        late = self._create_supplier("Late <Supplier>")
        self._create_card(good, 90, on_time_rate=0.95)
        self._create_card(late, None, rfq_count=1)
        criterion = self.policy.with_user(self.user_manager).criterion_ids[0]
        with Form(criterion) as form:
            self.assertIn("95.0", form.sample)
            self.assertIn("no data", form.sample)
            self.assertIn("Late &lt;Supplier&gt;", form.sample)
            form.formula = "200 * on_time_rate"
            self.assertIn("100.0", form.sample)
            form.formula = "200 * on_tim_rate"
            self.assertIn("on_tim_rate", form.sample)
            form.formula = "100 * on_time_rate"

    def test_sample_of_a_company_that_is_not_ones_own(self):
        """A client may make up the policy of a form, and its company: it learns nothing of that one's suppliers."""
        hidden = self._create_supplier("Hidden Supplier")
        self._create_card(hidden, 90, company=self.company2, on_time_rate=0.95)
        self._create_card(hidden, 80, on_time_rate=0.85)
        criteria = self.env["supplier.score.criterion"].with_user(self.user_manager)
        for company, points in ((self.company, "85.0"), (self.company2, "95.0")):
            values = {"policy_id": {"company_id": company.id}, "formula": "100 * on_time_rate"}
            told = criteria.onchange(values, ["formula"], {"sample": {}})["value"]
            self.assertEqual(points in told["sample"], company == self.company)

    # ------------------------------------------------------------------
    # What would change
    # ------------------------------------------------------------------
    def _rate_three(self):
        """``good`` always in time, ``half`` every other line, ``few`` with two lines."""
        suppliers = {}
        for name, times in (("good", "1111"), ("half", "1010"), ("few", "11")):
            suppliers[name] = self._create_supplier(name)
            for number, in_time in enumerate(times):
                self._buy(
                    suppliers[name],
                    f"2026-10-0{number + 1}",
                    received=10,
                    received_on=None if in_time == "1" else "2026-10-20",
                )
        self.cards.with_company(self.company).action_compute_now()
        return suppliers

    def test_preview(self):
        suppliers = self._rate_three()
        cards = {name: self.cards.search([("partner_id", "=", suppliers[name].id)]) for name in suppliers}
        self.assertEqual(cards["good"].score, 100)
        self.assertEqual(cards["good"].grade, "high")
        # delivery 50 × 40 and quality 100 × 25, over 65
        self.assertAlmostEqual(cards["half"].score, (50 * 40 + 100 * 25) / 65, 4)
        self.assertEqual(cards["half"].grade, "medium")
        self.assertFalse(cards["few"].grade)
        before = {name: (cards[name].score, cards[name].date_computed) for name in cards}

        policy = self.policy.with_user(self.user_manager)
        policy.write({"grade_medium": 75, "min_lines": 2})
        action = policy.action_preview()
        preview = self.env["supplier.score.preview"].with_user(self.user_manager).browse(action["res_id"])
        self.assertRecordValues(
            preview,
            [
                {
                    "supplier_count": 3,
                    "changed_count": 2,
                    "up_count": 0,
                    "down_count": 1,
                    "gained_count": 1,
                    "lost_count": 0,
                }
            ],
        )
        self.assertEqual(
            [(line.partner_id.name, line.grade_now, line.grade_then) for line in preview.line_ids],
            [("half", "medium", "low"), ("few", False, "high")],
        )
        # nothing of it is kept
        self.env.invalidate_all()
        self.assertEqual({name: (cards[name].score, cards[name].date_computed) for name in cards}, before)
        self.assertEqual(cards["half"].grade, "medium")

    def test_preview_of_archived(self):
        """A copy is tried before it takes the place of the other."""
        self._rate_three()
        copy = self.policy.copy({"name": "Stricter", "grade_medium": 75})
        preview = self.env["supplier.score.preview"].browse(copy.action_preview()["res_id"])
        self.assertEqual((preview.changed_count, preview.down_count), (1, 1))
        self.assertFalse(copy.active)
        self.assertTrue(self.policy.active)

    # ------------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------------
    def test_rights(self):
        self.assertEqual(self.policy.with_user(self.user_buyer).window_days, 365)
        with self.assertRaises(AccessError):
            self.policy.with_user(self.user_buyer).window_days = 300
        with self.assertRaises(AccessError):
            self.policy.criterion_ids[0].with_user(self.user_buyer).weight = 10
        with self.assertRaises(AccessError):
            self.policy.with_user(self.user_buyer).action_preview()
        with self.assertRaises(AccessError):
            self.policy.with_user(self.user_buyer).action_compute_now()
        for user in (self.user_manager, self.user_boss):
            policy = self.policy.with_user(user)
            policy.criterion_ids[0].weight = 41
            policy.action_compute_now()
            policy.action_preview()
        with self.assertRaises(AccessError):
            self.policy.with_user(self.user_seller).read(["window_days"])
        # the policy of another company is out of reach
        other = self.env["supplier.score.policy"]._get_for(self.company2)
        with self.assertRaises(AccessError):
            other.with_user(self.user_manager).window_days = 300

    def test_weights_are_checked_whatever_a_client_sends(self):
        criteria = self.policy.with_user(self.user_manager).criterion_ids
        with self.assertRaises(ValidationError):
            criteria.with_context(relations_policy_write=True).write({"weight": 0})

    def test_preview_is_ones_own(self):
        action = self.policy.with_user(self.user_manager).action_preview()
        preview = self.env["supplier.score.preview"].browse(action["res_id"])
        preview.with_user(self.user_manager).read(["supplier_count"])
        mine = preview.with_user(self.user_manager).sudo()
        mine.line_ids = [Command.create({"partner_id": self.env.user.partner_id.id})]
        self.env.flush_all()
        for records in (preview, preview.line_ids):
            self.assertTrue(records)
            self.assertEqual(
                records.with_user(self.user_manager).search([("id", "in", records.ids)]), records
            )
            self.assertFalse(records.with_user(self.user_boss).search([("id", "in", records.ids)]))
