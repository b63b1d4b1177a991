from datetime import date, timedelta
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from ..jobs import run_job, run_without_time
from .sales_history import DATE_TO, TODAY, SalesHistoryCommon


@tagged("post_install", "-at_install")
class TestClassificationRuns(SalesHistoryCommon):
    """A run's life: computed, overridden, posted, reopened, scheduled; who may do and see what."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.eur_only = {"allowed_company_ids": cls.company_eur.ids}
        cls.large, cls.small, cls.none = cls.env["res.partner"].create(
            [
                {"name": "Large Customer", "is_company": True, "user_id": cls.user_sales.id},
                {"name": "Small Customer", "is_company": True, "user_id": cls.user_sales2.id},
                {"name": "No Customer Yet", "is_company": True},
            ]
        )
        cls._sell(cls.large, date(2026, 9, 10), 950)
        cls._sell(cls.small, date(2026, 9, 10), 50)
        cls.director = (
            cls.env["partner.classification"].with_user(cls.user_director).with_context(**cls.eur_only)
        )

    def _post(self, date_to=DATE_TO):
        run = self._create_run(date_to=date_to)
        run.action_post()
        return run

    # ------------------------------------------------------------------
    # Policy
    # ------------------------------------------------------------------
    def test_policy_presets(self):
        with Form(
            self.env["partner.classification.policy"]
            .with_user(self.user_director)
            .with_context(**self.eur_only)
        ) as form:
            self.assertEqual((form.abc_a, form.abc_b, form.abc_c), (70, 20, 10))
            self.assertEqual((form.abc_preset, form.xyz_preset), ("70_20_10", "50_100"))
            form.abc_preset = "80_15_5"
            self.assertEqual((form.abc_a, form.abc_b, form.abc_c), (80, 15, 5))
            form.abc_c = 10
            self.assertEqual((form.abc_b, form.abc_preset), (10, "own"))
            form.xyz_preset = "10_25"
            self.assertEqual((form.xyz_x, form.xyz_y), (10, 25))
            form.xyz_y = 30
            self.assertEqual(form.xyz_preset, "own")
        self.assertRecordValues(form.record, [{"abc_a": 80, "abc_b": 10, "xyz_x": 10, "xyz_y": 30}])

    def test_policy_refuses_what_is_not_possible(self):
        for values in (
            {"abc_a": 0},
            {"abc_a": 90, "abc_b": 11},
            {"abc_b": -1},
            {"xyz_x": 100, "xyz_y": 100},
            {"xyz_x": -1},
            {"xyz_periods": 2},
            {"xyz_min_periods": 2},
            {"xyz_periods": 6, "xyz_min_periods": 7},
            {"months": 0},
            {"months": 121},
            {"lost_days": 0},
            {"one_time_limit": -1},
            {"lost_rhythm_factor": 0},
            {"lost_rhythm_min": 1},
        ):
            with (
                self.subTest(values=values),
                self.assertRaisesRegex(ValidationError, "“Test”"),
            ):
                self._create_policy(**values)
        with self.assertRaisesRegex(ValidationError, "“Tight”.*A is 90"):
            self._create_policy(name="Tight", abc_a=90, abc_b=20)

    def test_policy_of_each_company(self):
        policies = self.env["partner.classification.policy"]
        policy = policies._get_for(self.company_usd)
        self.assertEqual(policy.company_id, self.company_usd)
        self.assertEqual(policies._get_for(self.company_usd), policy)
        policy.active = False
        self.assertFalse(policies._get_for(self.company_usd))
        with self.assertRaisesRegex(UserError, "Selling in Dollar|compan"):
            self.env["partner.classification"].create(
                {"policy_id": policy.id, "company_id": self.company_eur.id}
            )

    def test_policy_of_a_run_with_the_company_alone(self):
        """The default is that of the company which the run is for."""
        policies = self.env["partner.classification.policy"]
        runs = self.env["partner.classification"].with_company(self.company_eur)
        for kind in ("customer", "supplier"):
            run = runs.with_context(default_kind=kind).create({"company_id": self.company_usd.id})
            self.assertEqual(run.policy_id, policies._get_for(self.company_usd, kind))
        self.assertEqual(runs.create({}).policy_id, self.policy)

    def test_policy_with_runs_stays_where_it_is(self):
        """What its runs classify, and for whom, would change with it, also of those that are posted."""
        policy = self._create_policy()
        policy.write({"kind": "supplier", "company_id": self.company_usd.id})
        policy.write({"kind": "customer", "company_id": self.company_eur.id})
        run = self._create_run(policy)
        mine = policy.with_user(self.user_director).with_context(**self.eur_only)
        for values in ({"kind": "supplier"}, {"company_id": self.company_usd.id}):
            with self.assertRaisesRegex(UserError, "“Test” of .* has runs already.*Make a new policy"):
                mine.write(values)
        mine.write({"kind": "customer", "company_id": self.company_eur.id, "months": 6})
        self.assertEqual((run.kind, run.company_id, mine.months), ("customer", self.company_eur, 6))

    def test_preview(self):
        self._post()
        self.policy.write({"abc_border": "lower"})
        count = self.env["partner.classification.line"].search_count([])
        preview = (
            self.env["partner.classification.preview"]
            .with_user(self.user_director)
            .with_context(**self.eur_only)
            .create({"policy_id": self.policy.id})
        )
        # the large one crosses the border, and no longer keeps the higher class
        self.assertEqual((preview.changed_count, preview.abc_changed_count), (1, 1))
        self.assertEqual((preview.xyz_changed_count, preview.stage_changed_count), (0, 0))
        self.assertIn(["abc", "a", "c", 1], preview.table)
        self.assertEqual(self.env["partner.classification.line"].search_count([]), count)
        self.assertEqual(
            self.policy.with_user(self.user_director)
            .with_context(**self.eur_only)
            .action_preview()["target"],
            "new",
        )

    # ------------------------------------------------------------------
    # Posting
    # ------------------------------------------------------------------
    @freeze_time(TODAY)
    def test_default_dates(self):
        run = self.env["partner.classification"].create({"policy_id": self.policy.id})
        self.assertRecordValues(
            run,
            [
                {
                    "date_from": date(2025, 11, 1),
                    "date_to": date(2026, 10, 31),
                    "stage_date": date(2026, 10, 31),
                    "company_id": self.company_eur.id,
                    "kind": "customer",
                    "state": "draft",
                }
            ],
        )
        run.date_to = date(2026, 6, 30)
        self.assertEqual((run.date_from, run.stage_date), (date(2025, 7, 1), date(2026, 6, 30)))
        # up to the middle of a month, and where no month has that day
        for months, last, first in (
            (12, date(2026, 6, 15), date(2025, 6, 16)),
            (1, date(2026, 3, 30), date(2026, 2, 28)),
            (12, date(2024, 2, 29), date(2023, 3, 1)),
        ):
            run = self._create_run(self._create_policy(months=months), date_to=last, compute=False)
            self.assertEqual(run.date_from, first)

    def test_draft_that_is_deleted_leaves_no_lines(self):
        draft = self._create_run()
        lines = self.env["partner.classification.line"].search([("classification_id", "=", draft.id)])
        self.assertTrue(lines)
        draft.unlink()
        self.assertFalse(lines.exists())

    def test_posted_run_is_immutable(self):
        run = self._post()
        self.assertTrue(run.is_current)
        lines = run.line_ids
        for act in (
            run.action_compute,
            run.unlink,
            lambda: run.write({"date_to": TODAY}),
            lambda: run.write({"state": "draft"}),
            lambda: lines.write({"abc_class": "a"}),
            lines.unlink,
            lines[0].copy,
        ):
            with self.assertRaises(UserError):
                act()
        # nor by what the client sends
        with self.assertRaises(UserError):
            run.with_user(self.user_director).with_context(**self.eur_only).web_save(
                {"is_current": False}, {"id": {}}
            )
        forged = self.director.create(
            {"policy_id": self.policy.id, "state": "posted", "is_current": True, "is_live": True}
        )
        self.assertEqual((forged.state, forged.is_current, forged.is_live), ("draft", False, False))
        # a posted run keeps its parameters and classes whatever becomes of the policy
        self.policy.write({"abc_a": 10, "abc_b": 10, "months": 3})
        self._sell(self.small, date(2026, 9, 11), 5000)
        self.assertEqual(self._classes(run, self.large | self.small, "abc_class"), ["a", "c"])
        self.assertEqual(run.parameters["abc_a"], 70)
        self.assertEqual(run.date_from, date(2025, 11, 1))
        self.assertIn("A 70%", self._lines(run)[self.large].reason)

    def test_post_needs_classes(self):
        run = self._create_run(compute=False)
        with self.assertRaisesRegex(UserError, "Compute it first"):
            run.action_post()

    def test_post_needs_the_classes_of_its_days_and_policy(self):
        """What is posted stays: not the days of one window with the classes of another."""
        run = self._create_run()
        other = self._create_policy()
        for values in (
            {"date_to": date(2026, 9, 30)},
            {"date_from": date(2026, 1, 1)},
            {"policy_id": other.id},
        ):
            with self.subTest(values=values):
                run.write(values)
                with self.assertRaisesRegex(UserError, "Compute it again"):
                    run.action_post()
                run.action_compute()
        # a policy that asks for fewer months changes the days of its drafts
        other.months = 3
        self.assertEqual(run.date_from, date(2026, 7, 1))
        with self.assertRaisesRegex(UserError, "Compute it again"):
            run.action_post()
        run.action_compute()
        run.action_post()
        self.assertEqual(run.state, "posted")

    @freeze_time(TODAY)
    def test_post_needs_all_of_its_days(self):
        """Else the month would stay in the history without the rest of its sales, and no run of it follow."""
        run = self._create_run(date_to=date(2026, 11, 30))
        with self.assertRaisesRegex(UserError, "before its last day"):
            run.action_post()
        with freeze_time("2026-12-01 12:00:00"):
            with self.assertRaisesRegex(UserError, "before its last day"):
                run.action_post()
            run.action_compute()
            run.action_post()
            self.assertEqual(run.state, "posted")

    def test_post_in_order(self):
        self._post()
        earlier = self._create_run(date_to=date(2026, 9, 30))
        with self.assertRaisesRegex(UserError, "later run"):
            earlier.action_post()

    def test_reopen_only_the_last_by_a_director(self):
        first = self._post(date(2026, 9, 30))
        last = self._post()
        self.assertEqual((first.is_current, last.is_current), (False, True))
        self.assertEqual(last.previous_id, first)
        with self.assertRaisesRegex(UserError, "Only the last"):
            first.with_user(self.user_director).with_context(**self.eur_only).action_reopen()
        with self.assertRaisesRegex(UserError, "Only a director"):
            last.with_user(self.user_supervisor).with_context(**self.eur_only).action_reopen()
        last.with_user(self.user_director).with_context(**self.eur_only).action_reopen()
        self.assertEqual((last.state, last.is_current, first.is_current), ("draft", False, True))
        lines = last.line_ids
        last.with_user(self.user_director).with_context(**self.eur_only).unlink()
        self.assertFalse(lines.exists())
        self.assertTrue(first.line_ids)

    def test_previous_classes(self):
        self._post(date(2026, 9, 30))
        self._sell(self.none, date(2026, 10, 10), 99000)
        run = self._create_run()
        self.assertEqual(
            self._classes(
                run,
                self.large | self.small | self.none,
                "previous_abc_class",
                "abc_class",
                "previous_stage",
                "stage",
                "is_changed",
            ),
            [
                ("a", "c", "one_time", "one_time", True),
                ("c", "c", "one_time", "one_time", False),
                (False, "a", "potential", "one_time", True),
            ],
        )
        changed = run.line_ids.filtered("is_changed")
        found = run.line_ids.search([("classification_id", "=", run.id), ("is_changed", "=", True)])
        self.assertEqual(found, changed)
        self.assertEqual(changed.partner_id, self.large | self.none)

    # ------------------------------------------------------------------
    # Set by hand
    # ------------------------------------------------------------------
    def _override(self, run, partner, **values):
        line = self._lines(run)[partner].with_user(self.user_director).with_context(**self.eur_only)
        action = line.action_override()
        wizard = (
            self.env["partner.classification.override.wizard"]
            .with_user(self.user_director)
            .with_context(**self.eur_only)
            .with_context(**self.eur_only, **action["context"])
            .create({"abc_class": "a", "reason": "Key account", "date_until": date(2026, 12, 31), **values})
        )
        wizard.action_apply()
        return self.env["partner.classification.override"].search([("partner_id", "=", partner.id)])

    def test_override(self):
        run = self._create_run()
        override = self._override(run, self.small)
        self.assertEqual(override.user_id, self.user_director)
        self.assertEqual(
            self._classes(run, self.large | self.small, "abc_class", "computed_abc_class", "is_overridden"),
            [("a", False, False), ("a", "c", True)],
        )
        line = self._lines(run)[self.small]
        self.assertIn("Set by hand by", line.reason)
        self.assertIn("Key account", line.reason)
        # who sees the customer sees why, though not the entries
        self.assertIn("Key account", line.with_user(self.user_sales2).with_context(**self.eur_only).reason)
        run.action_post()
        # valid up to and including its last day
        valid = self._create_run(date_to=date(2026, 12, 31))
        self.assertEqual(self._classes(valid, self.small, "abc_class"), ["a"])
        expired = self._create_run(date_to=date(2027, 1, 31))
        self.assertEqual(self._classes(expired, self.small, "abc_class"), ["c"])

    def test_override_of_the_stage_counts_for_the_classes(self):
        self._sell(self.none, date(2026, 1, 10), 9000)
        run = self._create_run()
        self.assertEqual(self._classes(run, self.none, "stage", "abc_class"), [("lost", False)])
        self._override(run, self.none, abc_class=False, stage="regular")
        self.assertEqual(
            self._classes(run, self.none, "stage", "computed_stage", "abc_class"), [("regular", "lost", "a")]
        )
        # the words of a class are those of the stage that counts, of the stage those of the purchases
        self._sell(self.small, date(2026, 10, 10), 50)
        self._override(run, self.small, abc_class=False, stage="lost")
        run.action_compute()
        line = self._lines(run)[self.small]
        self.assertEqual((line.stage, line.computed_stage, line.xyz_class), ("lost", "regular", False))
        stage, abc, *others = line.reason.splitlines()
        self.assertIn("Regular: 2 purchases", stage)
        self.assertIn("No ABC class, because lost; 100.00", abc)
        self.assertEqual(["Set by hand" in words for words in others], [True])
        run = self._create_run(self._create_policy(months=1, xyz_periods=3), compute=False)
        run.action_compute()
        words = self._lines(run)[self.none].reason
        self.assertIn("Lost: 1 purchase", words)
        self.assertIn("No ABC class: no sales in the window.", words)
        self.assertIn("No XYZ class: the mean of the periods is not above zero.", words)

    def test_override_where_the_figures_give_no_class(self):
        """A class that was set by hand alone is not explained by figures, which gave none."""
        self._sell(self.none, date(2025, 1, 10), 500)
        run = self._create_run(self._create_policy(lost_days=3000))
        before = self._lines(run)[self.none]
        self.assertEqual((before.abc_class, before.xyz_class), (False, False))
        words = before.reason
        self.assertIn("No ABC class: no sales in the window.", words)
        self._override(run, self.none, xyz_class="x")
        run.action_compute()
        line = self._lines(run)[self.none]
        self.assertEqual((line.abc_class, line.xyz_class, line.computed_abc_class), ("a", "x", False))
        self.assertEqual(line.reason.splitlines()[:-1], words.splitlines())
        self.assertIn("Set by hand", line.reason.splitlines()[-1])

    def test_override_of_the_stage_is_no_return(self):
        """Who was lost, and is regular by hand alone, has not bought again."""
        self._sell(self.none, date(2026, 1, 10), 9000)
        self._post(date(2026, 9, 30))
        run = self._create_run()
        self._override(run, self.none, abc_class=False, stage="regular")
        self.assertEqual(
            self._classes(run, self.none, "previous_stage", "stage", "is_returned"),
            [("lost", "regular", False)],
        )

    def test_lost_by_hand_alone_is_no_return(self):
        """Who was lost, but regular by hand, has returned when it buys again; who was lost by hand alone has not."""
        self._sell(self.none, date(2026, 1, 10), 9000)
        before = self._create_run(date_to=date(2026, 9, 30))
        self._override(before, self.none, abc_class=False, stage="regular", date_until=date(2026, 9, 30))
        self._override(before, self.small, abc_class=False, stage="lost", date_until=date(2026, 9, 30))
        before.action_post()
        for partner in (self.none, self.small):
            self._sell(partner, date(2026, 10, 10), 50)
        run = self._create_run()
        self.assertEqual(
            self._classes(run, self.none | self.small, "previous_stage", "stage", "is_returned"),
            [("regular", "regular", True), ("lost", "regular", False)],
        )

    def test_override_taken_back(self):
        run = self._create_run()
        self._override(run, self.small)
        self._override(run, self.small, abc_class="b")
        self.assertEqual(self._classes(run, self.small, "abc_class"), ["b"])
        self._override(run, self.small, mode="reset")
        self.assertEqual(self._classes(run, self.small, "abc_class", "is_overridden"), [("c", False)])
        entries = self.env["partner.classification.override"].with_context(active_test=False)
        self.assertEqual(entries.search_count([("partner_id", "=", self.small.id)]), 2)

    def test_override_changed_by_somebody_else(self):
        """Its author is who said what it says now."""
        override = self._override(self._create_run(), self.small)
        other = new_test_user(
            self.env,
            "relations_other_director",
            "partner_relations.group_director",
            company_id=self.company_eur.id,
            company_ids=[Command.set(self.company_eur.ids)],
        )
        mine = override.with_user(other).with_context(**self.eur_only)
        mine.active = True
        self.assertEqual(override.user_id, self.user_director)
        mine.write({"abc_class": "b", "reason": "No longer"})
        self.assertEqual(override.user_id, other)
        with self.assertRaises(AccessError):
            mine.user_id = self.user_director

    def test_posted_run_keeps_what_was_said(self):
        """What is said anew, or deleted, changes no posted run: it says why as it did."""
        run = self._create_run()
        override = self._override(run, self.small)
        run.action_post()
        draft = self._create_run(date_to=date(2026, 12, 31))
        lines = [self._lines(one)[self.small].with_context(lang="en_US") for one in (run, draft)]
        before = lines[0].reason
        self.assertIn("Key account", before)
        mine = override.with_user(self.user_director).with_context(**self.eur_only)
        mine.active = True
        self.assertEqual(lines[0].override_id, override, "nothing new was said")
        with self.assertRaisesRegex(UserError, self.small.name), self.env.cr.savepoint():
            mine.unlink()
        mine.write({"reason": "Buys elsewhere", "abc_class": "b"})
        self.assertEqual(lines[0].reason, before)
        draft.action_compute()
        self.assertIn("Buys elsewhere", lines[1].reason)
        self.assertEqual(self._classes(draft, self.small, "abc_class"), ["b"])
        entries = self.env["partner.classification.override"].with_context(active_test=False)
        kept = entries.search([("partner_id", "=", self.small.id)]) - override
        self.assertRecordValues(
            kept,
            [{"active": False, "reason": "Key account", "abc_class": "a", "user_id": self.user_director.id}],
        )
        mine.write({"reason": "Buys again"})
        self.assertEqual(entries.search_count([("partner_id", "=", self.small.id)]), 2, "no draft keeps one")
        mine.unlink()
        self.assertEqual(lines[0].reason, before)
        with self.assertRaises(UserError):
            kept.with_user(self.user_director).with_context(**self.eur_only).unlink()

    def test_override_refused(self):
        run = self._create_run()
        for values, words in (
            ({"abc_class": False}, "at least one of ABC, XYZ and stage"),
            ({"reason": False}, "Enter the reason"),
            ({"reason": " "}, "Enter the reason"),
            (
                {"date_until": DATE_TO - timedelta(days=1)},
                r"is \d\d/\d\d/\d{4}, before the day of the run, \d\d/\d\d/\d{4}\.",
            ),
        ):
            with self.subTest(values=values), self.assertRaisesRegex(UserError, words), self.cr.savepoint():
                self._override(run, self.small, **values)
        with (
            self.assertRaisesRegex(ValidationError, r"from \d\d/\d\d/\d{4} to \d\d/\d\d/\d{4} ends before"),
            self.cr.savepoint(),
        ):
            run.date_from = run.date_to + timedelta(days=1)
        run.action_post()
        with self.assertRaisesRegex(UserError, "posted"):
            run.line_ids[0].action_override()
        person = self._create_person("A Person", self.small)
        with self.assertRaises(ValidationError):
            self.env["partner.classification.override"].create(
                {"partner_id": person.id, "abc_class": "a", "reason": "x", "date_until": TODAY}
            )

    @freeze_time(TODAY)
    def test_override_without_a_run(self):
        """In the form: a reason is asked for, and what is over makes room."""
        overrides = self.env["partner.classification.override"].with_user(self.user_director)
        overrides = overrides.with_context(**self.eur_only)
        values = {"partner_id": self.small.id, "abc_class": "a", "reason": "x", "date_until": TODAY}
        with (
            self.assertRaisesRegex(ValidationError, "Enter why the class of Small Customer"),
            self.cr.savepoint(),
        ):
            overrides.create({**values, "reason": " "})
        over = overrides.create({**values, "date_until": DATE_TO})
        valid = overrides.create(values)
        self.assertRecordValues(over | valid, [{"active": False}, {"active": True}])
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            overrides.create(values)

    @freeze_time(TODAY)
    def test_override_of_contacts_that_become_one(self):
        """What is valid goes on; a person has none of its own."""
        draft = self._create_run()
        overrides = self.env["partner.classification.override"]
        over, valid = overrides.create(
            [
                {
                    "partner_id": partner.id,
                    "company_id": self.company_eur.id,
                    "stage": stage,
                    "reason": "x",
                    **values,
                }
                for partner, stage, values in (
                    (self.large, "regular", {"date_until": DATE_TO}),
                    (self.small, "lost", {"date_until": TODAY}),
                )
            ]
        )
        merge = self.env["base.partner.merge.automatic.wizard"]
        merge.create({})._merge((self.large | self.small).ids, self.large)
        self.assertRecordValues(
            over | valid,
            [{"active": False, "partner_id": self.large.id}, {"active": True, "partner_id": self.large.id}],
        )
        self.large.write({"is_company": False, "parent_id": self.none.id})
        self.assertEqual((over | valid).partner_id, self.none)
        self.assertTrue(valid.active)
        draft.unlink()
        person = self._create_person("A Person", self.none)
        single = self.env["res.partner"].create({"name": "A Person Alone"})
        valid.active = False
        said = overrides.create(
            {"partner_id": single.id, "stage": "lost", "reason": "x", "date_until": TODAY}
        )
        merge.create({})._merge((person | single).ids, person)
        self.assertRecordValues(said, [{"active": True, "partner_id": self.none.id}])

    # ------------------------------------------------------------------
    # Scheduled
    # ------------------------------------------------------------------
    def _cron(self):
        with self.enter_registry_test_mode():
            run_job(self.env, "ir_cron_classify")
        self.env.invalidate_all()

    def _runs(self, company=None, kind="customer"):
        return self.env["partner.classification"].search(
            [("company_id", "=", (company or self.company_eur).id), ("kind", "=", kind)]
        )

    @freeze_time(TODAY)
    def test_cron(self):
        self._cron()
        runs = self._runs()
        live, month = runs.filtered("is_live"), runs.filtered(lambda run: run.state == "posted")
        self.assertEqual(len(runs), 2)
        self.assertRecordValues(
            live + month,
            [
                {"date_to": DATE_TO, "stage_date": TODAY, "is_current": True, "state": "draft"},
                {"date_to": DATE_TO, "stage_date": DATE_TO, "is_current": False, "state": "posted"},
            ],
        )
        self.assertEqual(len(self._runs(self.company_usd)), 2)
        self.assertEqual(len(self._runs(kind="supplier")), 2)
        self._cron()
        self.assertEqual(self._runs(), runs, "nothing is made twice")

    @freeze_time("2026-12-01 01:00:00")
    def test_cron_days_of_the_company(self):
        """Where the month is not over yet, no run of it is posted: it would stay without the rest of its sales."""
        november = date(2026, 11, 30)
        self.company_eur.partner_id.tz = "America/New_York"
        self.company_usd.partner_id.tz = "Asia/Ho_Chi_Minh"
        self._cron()
        for company, date_to, today in (
            (self.company_eur, DATE_TO, november),
            (self.company_usd, november, november + timedelta(days=1)),
        ):
            runs = self._runs(company)
            self.assertRecordValues(
                runs.filtered("is_live") + runs.filtered(lambda run: run.state == "posted"),
                [{"date_to": date_to, "stage_date": today}, {"date_to": date_to, "stage_date": date_to}],
            )

    @freeze_time(TODAY)
    def test_daily_run_stays_current(self):
        """Also where the run of the month comes after it, because it was stopped at first."""
        runs = self.env["partner.classification"].with_company(self.company_eur)
        live = runs._refresh_live(self.policy, DATE_TO, TODAY)
        month = runs._run_month(self.policy, DATE_TO)
        self.assertEqual(live.previous_id, month, "it compares with the run that came late")
        self.assertEqual((month.state, month.is_current, live.is_current), ("posted", False, True))
        self.policy.keep_fresh = False
        live.unlink()
        month.action_reopen()
        month.unlink()
        self.assertTrue(runs._run_month(self.policy, DATE_TO).is_current)

    @freeze_time(TODAY)
    def test_daily_run_knows_this_month(self):
        """Stages as of today, ABC and XYZ over the closed months."""
        self._cron()
        self._sell(self.none, TODAY - timedelta(days=1), 10**6)
        with freeze_time(TODAY + timedelta(days=1)):
            self._cron()
            live = self._runs().filtered("is_live")
            self.assertEqual(
                self._classes(live, self.none | self.large, "stage", "abc_class", "revenue"),
                [("one_time", False, False), ("one_time", "a", 950)],
            )
            self.assertEqual(self.none.with_company(self.company_eur).relation_stage, "one_time")

    @freeze_time(TODAY)
    def test_daily_run_keeps_its_window_until_it_is_computed_again(self):
        """A policy that asks for fewer months: the documents behind a line stay those of its amounts."""
        self._sell(self.large, date(2025, 12, 10), 70)
        self._cron()
        live = self._runs().filtered("is_live")
        self.policy.months = 3
        line = self._lines(live)[self.large]
        moves = self.env["account.move"].search(line.action_open_documents()["domain"])
        self.assertEqual((line.revenue, sum(moves.mapped("amount_untaxed_signed"))), (1020, 1020))
        self.assertEqual(live.date_from, date(2025, 11, 1))
        live.action_compute()
        self.assertEqual((live.date_from, self._lines(live)[self.large].revenue), (date(2026, 8, 1), 950))
        with freeze_time("2026-12-01 12:00:00"):
            self._cron()
            self.assertEqual((live.date_from, live.date_to), (date(2026, 9, 1), date(2026, 11, 30)))

    @freeze_time(TODAY)
    def test_cron_leaves_a_draft_alone(self):
        draft = self._create_run()
        self._cron()
        self.assertEqual(self._runs().filtered(lambda run: not run.is_live), draft)
        self.assertEqual(draft.state, "draft")

    @freeze_time(TODAY)
    def test_cron_beside_a_later_draft(self):
        """A draft with a later last day does not stop the runs of the months; a posted one does."""
        later = self._create_run(date_to=TODAY)
        runs = self.env["partner.classification"].with_company(self.company_eur)
        month = runs._run_month(self.policy, DATE_TO)
        self.assertRecordValues(month, [{"date_to": DATE_TO, "state": "posted", "is_current": True}])
        self.assertEqual(later.state, "draft")
        month.with_user(self.user_director).with_context(**self.eur_only).action_reopen()
        month.unlink()
        later.action_post()
        self.assertFalse(runs._run_month(self.policy, DATE_TO))

    @freeze_time(TODAY)
    def test_cron_without_schedule(self):
        self.policy.write({"auto_run": False, "keep_fresh": False})
        self._cron()
        self.assertFalse(self._runs())

    @freeze_time(TODAY)
    def test_cron_cut_off_goes_on(self):
        """Killed after the first company, the next run does the rest."""

        class Killed(BaseException):
            """Like a signal: nothing of the job goes on."""

        done = []
        original = type(self.env["partner.classification"])._run_month

        def fail_later(runs, policy, date_to):
            if done:
                raise Killed
            done.append(policy)
            return original(runs, policy, date_to)

        with (
            patch.object(type(self.env["partner.classification"]), "_run_month", fail_later),
            mute_logger("odoo.addons.base.models.ir_cron", "odoo.sql_db"),
            self.assertRaises(Killed),
            self.enter_registry_test_mode(),
            self.registry.cursor() as cr,
        ):
            self.env(cr=cr)["partner.classification"]._cron_classify()
        self._cron()
        self.assertEqual(len(self._runs()), 2)
        self.assertEqual(len(self._runs(self.company_usd)), 2)

    @freeze_time(TODAY)
    def test_cron_failure_of_one_company(self):
        """Costs that are still being frozen keep one company waiting, not those after it; time is up at once."""
        third = self._create_selling_company("Selling Later", self.eur)
        by_profit = self.env["partner.classification.policy"]._get_for(self.company_usd)
        by_profit.measure = "profit"
        sold = self._sell(self.large, date(2026, 9, 10), 100, company=self.company_usd)
        self.env.cr.execute("UPDATE account_move SET sale_cost = NULL WHERE id = %s", [sold])
        self.env["account.move"].invalidate_model()
        engine = "odoo.addons.partner_relations.models.customer.partner_classification_engine"
        companies = (self.company_eur + self.company_usd + third).sorted("id")
        with (
            patch(f"{engine}.FREEZE_BATCHES", 0),
            patch.object(type(companies), "search", lambda *args, **kwargs: companies),
        ):
            run_without_time(self, "ir_cron_classify")
        self.assertEqual(len(self._runs()), 2)
        self.assertFalse(self._runs(self.company_usd).filtered("date_computed"))
        self.assertEqual(len(self._runs(third)), 2)
        self._cron()
        self.assertEqual(len(self._runs(self.company_usd)), 2)

    def test_missing_costs(self):
        """Costs that are not frozen yet are frozen first; while many are missing the profit is unknown."""
        run = self._create_run()
        self.assertEqual(run.total_profit, 1000)
        self.env.cr.execute(
            "UPDATE account_move SET sale_cost = NULL WHERE commercial_partner_id = %s", [self.large.id]
        )
        self.env["account.move"].invalidate_model()
        missing = "odoo.addons.partner_relations.models.customer.partner_classification_engine.FREEZE_BATCHES"
        with patch(missing, 0):
            run.action_compute()
            self.assertEqual(self._classes(run, self.large, "revenue", "profit"), [(950, False)])
            self.policy.measure = "profit"
            with self.assertRaisesRegex(UserError, "still being read"):
                run.action_compute()
        run.action_compute()
        self.assertEqual(self._classes(run, self.large, "revenue", "profit"), [(950, 950)])

    def test_missing_quantities(self):
        """As missing costs; and costs that are known stay in use while only quantities are missing."""
        self.env.cr.execute(
            "UPDATE account_move SET sale_quantity = NULL WHERE commercial_partner_id = %s", [self.large.id]
        )
        self.env["account.move"].invalidate_model()
        by_quantity = self._create_policy(xyz_measure="quantity")
        missing = "odoo.addons.partner_relations.models.customer.partner_classification_engine.FREEZE_BATCHES"
        with patch(missing, 0):
            self.assertEqual(self._classes(self._create_run(), self.large, "revenue", "profit"), [(950, 950)])
            with self.assertRaisesRegex(UserError, "still being read"):
                self._create_run(by_quantity)
            # what is missing in one company keeps nobody waiting in another
            self._sell(self.large, DATE_TO, 10, company=self.company_usd, quantity=1)
            self._create_run(self._create_policy(xyz_measure="quantity", company_id=self.company_usd.id))
        self._create_run(by_quantity)
        self.assertFalse(self.env["account.move"]._count_missing_sale_costs())

    # ------------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------------
    def test_who_may_do_what(self):
        run = self._post()
        for user in (self.user_sales, self.user_supervisor):
            mine = run.with_user(user).with_context(**self.eur_only)
            self.assertEqual(mine.name, run.name)
            wizards = mine.env["partner.classification.override.wizard"]
            for act in (
                mine.action_compute,
                mine.action_post,
                lambda mine=mine: mine.create({"policy_id": self.policy.id}),
                mine.unlink,
                lambda mine=mine: mine.policy_id.write({"abc_a": 10}),
                lambda mine=mine: mine.policy_id.action_preview(),
                lambda wizards=wizards: wizards.create({"abc_class": "a", "reason": "Mine"}),
            ):
                # not that the run is posted, which is told to who may
                with self.assertRaises(AccessError):
                    act()
        plain = self._create_user("relations_plain", "base.group_user")
        for model in (
            "partner.classification",
            "partner.classification.line",
            "partner.classification.policy",
        ):
            with self.assertRaises(AccessError):
                self.env[model].with_user(plain).with_context(**self.eur_only).search([])
        with self.assertRaises(AccessError):
            self.large.with_user(plain).with_context(**self.eur_only).read(["abc_class"])
        with self.assertRaises(AccessError):
            self.env["res.partner"].with_user(plain).with_context(**self.eur_only).search(
                [("abc_class", "=", "a")]
            )

    def test_who_sees_whom(self):
        run = self._post()
        seen = {
            user: self.env["partner.classification.line"]
            .with_user(user)
            .with_context(**self.eur_only)
            .search([("classification_id", "=", run.id), ("revenue", "!=", False)])
            .partner_id
            for user in (
                self.user_sales,
                self.user_sales2,
                self.user_supervisor,
                self.user_sub,
                self.user_director,
            )
        }
        self.assertEqual(seen[self.user_sales], self.large)
        self.assertEqual(seen[self.user_sales2], self.small)
        self.assertEqual(seen[self.user_supervisor], self.large)
        self.assertFalse(seen[self.user_sub])
        self.assertEqual(seen[self.user_director], self.large | self.small)
        self.assertEqual(run.with_user(self.user_sales).with_context(**self.eur_only).total_revenue, 950)
        self.assertEqual(run.with_user(self.user_sales2).with_context(**self.eur_only).total_revenue, 50)
        # over the calls of the client
        lines = (
            self.env["partner.classification.line"].with_user(self.user_sales2).with_context(**self.eur_only)
        )
        domain = [("classification_id", "=", run.id)]
        listed = lines.web_search_read(domain, {"partner_id": {"fields": {"display_name": {}}}, "reason": {}})
        self.assertEqual([row["partner_id"]["display_name"] for row in listed["records"]], ["Small Customer"])
        groups = lines.formatted_read_group(domain, ["abc_class"], ["__count", "revenue:sum"])
        self.assertEqual([(group["abc_class"], group["revenue:sum"]) for group in groups], [("c", 50)])
        self.user_sales2.group_ids += self.env.ref("base.group_allow_export")
        exported = lines.search(domain).export_data(["partner_id/name", "revenue"])["datas"]
        self.assertEqual(exported, [["Small Customer", 50.0]])
        foreign = self._lines(run)[self.large].with_user(self.user_sales2).with_context(**self.eur_only)
        with self.assertRaises(AccessError):
            foreign.read(["revenue"])
        with self.assertRaises(AccessError):
            foreign.action_open_documents()

    def test_companies_are_apart(self):
        self._sell(self.large, date(2026, 9, 10), 1, company=self.company_usd)
        run_eur = self._post()
        run_usd = self._create_run(self.env["partner.classification.policy"]._get_for(self.company_usd))
        run_usd.action_post()
        self.assertTrue(run_eur.is_current and run_usd.is_current)
        self.assertEqual(
            self.director.search([]), run_eur.with_user(self.user_director).with_context(**self.eur_only)
        )
        with self.assertRaises(AccessError):
            run_usd.with_user(self.user_director).with_context(**self.eur_only).read(["date_to"])
        with self.assertRaises(AccessError):
            run_usd.line_ids.with_user(self.user_director).with_context(**self.eur_only).read(["revenue"])
        self.user_director.company_ids = [Command.link(self.company_usd.id)]
        both = (
            self.large.with_user(self.user_director)
            .with_context(**self.eur_only)
            .with_context(allowed_company_ids=[self.company_eur.id, self.company_usd.id])
        )
        self.assertEqual(both._get_current_classification(), run_eur)
        self.assertEqual(both.with_company(self.company_usd)._get_current_classification(), run_usd)

    def test_merged_contacts(self):
        run = self._post()
        draft = self._create_run(date_to=date(2026, 11, 30))
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.large | self.small).ids, self.large)
        self.assertFalse(self.small.exists())
        self.assertEqual(run.total_revenue, 1000, "a posted run keeps its totals")
        lines = run.line_ids.filtered(lambda line: line.partner_id == self.large)
        self.assertEqual(len(lines), 2)
        self.assertEqual(lines.filtered(lambda line: not line.is_merged).revenue, 950)
        self.assertEqual(self.large.with_company(self.company_eur).abc_class, "a")
        draft.action_compute()
        lines = draft.line_ids.filtered(lambda line: line.partner_id == self.large)
        self.assertEqual([(line.revenue, line.is_merged) for line in lines], [(1000, False)])

    def test_deleted_contact(self):
        run = self._post()
        self.assertIn(self.none, run.line_ids.partner_id)
        count = len(run.line_ids)
        self.none.unlink()
        run.invalidate_recordset(["line_ids"])
        self.assertEqual(len(run.line_ids), count - 1)

    def test_documents_behind_a_line(self):
        run = self._post()
        line = self._lines(run)[self.large]
        action = line.with_user(self.user_sales).with_context(**self.eur_only).action_open_documents()
        moves = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(sum(moves.mapped("amount_untaxed_signed")), line.revenue)
        order_run = self._create_run(self._create_policy(source="order"))
        action = order_run.line_ids.filtered(
            lambda line: line.partner_id == self.large
        ).action_open_documents()
        self.assertEqual(action["res_model"], "sale.order")
        self.assertFalse(self.env["sale.order"].search(action["domain"]))

    def test_names(self):
        run = self._post()
        self.assertIn(str(fields.Date.to_date("2026-10-31").year), run.display_name)
        self.assertEqual(self._lines(run)[self.large].display_name, "Large Customer")

    def test_totals_of_nothing_are_empty(self):
        run = self._create_run(
            self.env["partner.classification.policy"]._get_for(self.company_eur, "supplier")
        )
        self.assertEqual((run.total_revenue, run.total_profit), (False, False))

    def test_posted_run_is_immutable_whatever_a_client_sends(self):
        run = self._post()
        mine = run.with_user(self.user_director).with_context(**self.eur_only, relations_run_internal=True)
        with self.assertRaisesRegex(UserError, "posted"):
            mine.write({"state": "draft"})
