from collections import Counter
from datetime import date, timedelta

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from .rated import TODAY, RatedCommon


class GradesCommon(RatedCommon):
    """``high`` 90 points, ``medium`` 72, ``low`` 10, ``unrated`` with two lines, ``stranger`` never bought from."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.high = cls._create_supplier("High Supplier")
        cls.medium = cls._create_supplier("Medium Supplier")
        cls.low = cls._create_supplier("Low Supplier")
        cls.unrated = cls._create_supplier("Unrated Supplier")
        cls.stranger = cls._create_supplier("Stranger")
        cls.person = cls._create_person("Mai of Medium", cls.medium)
        cls.suppliers = cls.high + cls.medium + cls.low + cls.unrated + cls.stranger + cls.person
        cls._create_card(cls.high, 90)
        cls.card = cls._create_card(cls.medium, 72)
        cls._create_card(cls.low, 10)
        cls._create_card(cls.unrated, None, due_line_count=2)
        # history and other companies do not count
        cls._create_card(cls.high, 20, is_current=False, date_to=date(2026, 10, 31))
        cls._create_card(cls.stranger, 60, is_current=False, date_to=date(2026, 10, 31))
        cls._create_card(cls.low, 99, company=cls.company2)

    @classmethod
    def _set_grade(cls, partner, grade, user=None, company=None, **values):
        overrides = cls.env["supplier.grade.override"]
        return overrides.with_user(user or cls.user_manager).create(
            {
                "partner_id": partner.id,
                "company_id": (company or cls.company).id,
                "grade": grade,
                "reason": "We know them better",
                "date_until": cls.today + timedelta(days=10),
                **values,
            }
        )

    def _as(self, user, company=None):
        company = company or self.company
        return self.env["res.partner"].with_user(user).with_context(allowed_company_ids=company.ids)

    def _get_ratings(self, user=None, company=None):
        partners = self.suppliers.with_env(self._as(user or self.user_buyer, company).env)
        return [(partner.supplier_score, partner.supplier_grade) for partner in partners]


@tagged("post_install", "-at_install")
@freeze_time(f"{TODAY} 09:00:00")
class TestSupplierGrades(GradesCommon):
    # ------------------------------------------------------------------
    # Rating of contacts
    # ------------------------------------------------------------------
    def test_ratings(self):
        expected = [
            (90, "high"), (72, "medium"), (10, "low"), (False, False), (False, False), (72, "medium"),
        ]  # fmt: skip
        for user in (self.user_buyer, self.user_manager, self.user_boss):
            self.assertEqual(self._get_ratings(user), expected)

    def test_by_hand_wins(self):
        """At once, without a computation; from the day after its last one the score decides again."""
        partners = self.medium.with_env(self._as(self.user_buyer).env)
        self.assertEqual(partners.supplier_grade, "medium")
        override = self._set_grade(self.medium, "low")
        self._set_grade(self.stranger, "high")
        self.assertEqual(
            self._get_ratings(),
            [(90, "high"), (72, "low"), (10, "low"), (False, False), (False, "high"), (72, "low")],
        )
        self.assertEqual(self.card.applied_grade, "low")
        self.assertEqual(self.card.grade, "medium")
        self.assertEqual(self.card.override_id, override)
        for now, grade, state in (
            ("2026-12-05 23:00:00", "low", "valid"),
            ("2026-12-06 00:30:00", "medium", "expired"),
        ):
            with freeze_time(now):
                self.env.invalidate_all()
                self.assertEqual(self._get_ratings()[1], (72, grade))
                self.assertEqual(self.card.applied_grade, grade)
                self.assertEqual(override.state, state)
        override.action_take_back()
        self.assertEqual(self._get_ratings()[1], (72, "medium"))
        self.assertEqual(self.card.applied_grade, "medium")

    def test_reason(self):
        self.env["supplier.scorecard.line"].create(
            {
                "scorecard_id": self.card.id,
                "company_id": self.company.id,
                "criterion_id": self.policy.criterion_ids[0].id,
                "points": 72,
                "weight": 40,
            }
        )
        partners = self._as(self.user_buyer)
        score = "72.0 points: Delivery 72.0 × 40, divided by 40; 25 due lines."
        self.assertEqual(self.medium.with_env(partners.env).supplier_grade_reason, score)
        self.assertEqual(
            self.unrated.with_env(partners.env).supplier_grade_reason,
            "Not rated: 2 due lines, 3 needed.",
        )
        self.assertIs(self.stranger.with_env(partners.env).supplier_grade_reason, False)
        self._set_grade(self.medium, "high")
        words = f"High, set by hand until 12/05/2026 by {self.user_manager.name}: We know them better"
        self.assertEqual(self.medium.with_env(partners.env).supplier_grade_reason, f"{words}\n{score}")
        self.assertEqual(self.card.reason, f"{score}\n{words}")

    def _check_searches(self, user):
        model = self._as(user)
        partners = self.suppliers.with_env(model.env)
        mine = ("id", "in", partners.ids)
        grades = {partner.id: partner.supplier_grade for partner in partners}
        self.assertLessEqual({"high", "medium", "low"}, set(grades.values()), "the test compares nothing")
        conditions = []
        for wanted in ("high", "medium", "low", False):
            conditions += [
                (("supplier_grade", "=", wanted), lambda p, w=wanted: p.supplier_grade == w),
                (("supplier_grade", "!=", wanted), lambda p, w=wanted: p.supplier_grade != w),
                (
                    ("supplier_grade", "in", [wanted, False]),
                    lambda p, w=wanted: p.supplier_grade in (w, False),
                ),
                (("supplier_grade", "not in", [wanted]), lambda p, w=wanted: p.supplier_grade != w),
                (
                    ("supplier_grade", "not in", [wanted, "low"]),
                    lambda p, w=wanted: p.supplier_grade not in (w, "low"),
                ),
            ]
        for limit in (10, 50, 72, 90):
            for operator, compare in (
                ("=", lambda score, limit: score == limit),
                ("<", lambda score, limit: score < limit),
                ("<=", lambda score, limit: score <= limit),
                (">", lambda score, limit: score > limit),
                (">=", lambda score, limit: score >= limit),
            ):
                conditions.append(
                    (
                        ("supplier_score", operator, limit),
                        lambda p, c=compare, n=limit: (
                            p.supplier_score is not False and c(p.supplier_score, n)
                        ),
                    )
                )
        conditions += [
            (("supplier_score", "=", False), lambda p: p.supplier_score is False),
            (("supplier_score", "!=", False), lambda p: p.supplier_score is not False),
            (("supplier_score", "in", [10, False]), lambda p: p.supplier_score in (10, False)),
            (("supplier_score", "=", 0), lambda p: p.supplier_score == 0 and p.supplier_score is not False),
        ]
        for condition, expected in conditions:
            with self.subTest(user=user.login, condition=condition):
                found = model.search([mine, condition])
                self.assertEqual(found, partners.filtered(expected).sorted())
                inverse = model.search([mine, "!", condition])
                self.assertEqual(set((found | inverse).ids), set(partners.ids))
                self.assertFalse(found & inverse)

    def test_search(self):
        self._check_searches(self.user_buyer)
        # with grades set by hand: valid, expired, taken back, in another company
        self._set_grade(self.high, "medium")
        self._set_grade(self.unrated, "low")
        with freeze_time("2026-10-01"):
            self._set_grade(self.medium, "high", date_until=date(2026, 10, 2))
        self._set_grade(self.low, "high").action_take_back()
        self.user_boss.company_ids += self.company2
        self._set_grade(self.stranger, "high", self.env.user, self.company2)
        self._set_grade(self.stranger, "high")
        self.env["supplier.grade.override"].search(
            [("partner_id", "=", self.stranger.id), ("company_id", "=", self.company.id)]
        ).active = False
        self.assertEqual(
            [grade for _score, grade in self._get_ratings()],
            ["medium", "medium", "low", "low", False, "medium"],
        )
        self._set_grade(self.stranger, "high")
        self._check_searches(self.user_buyer)
        self._check_searches(self.user_boss)
        cards = self.env["supplier.scorecard"].search([("is_current", "=", True)])
        for grade in ("high", "medium", "low", False):
            with self.subTest(grade=grade):
                found = cards.search([("is_current", "=", True), ("applied_grade", "=", grade)])
                self.assertEqual(found, cards.filtered(lambda card, g=grade: card.applied_grade == g))
                rest = cards.search([("is_current", "=", True), ("applied_grade", "!=", grade)])
                self.assertEqual(found | rest, cards.search([("is_current", "=", True)]))
                self.assertFalse(found & rest)

    def test_groups(self):
        """Contacts are grouped by the grade that they show, and a group opens its contacts."""
        self._set_grade(self.high, "medium")
        self._set_grade(self.unrated, "low")
        with freeze_time("2026-10-01"):
            self._set_grade(self.medium, "high", date_until=date(2026, 10, 2))
        self._set_grade(self.low, "high").action_take_back()
        self.user_boss.company_ids += self.company2
        self._set_grade(self.stranger, "high", self.env.user, self.company2)
        mine = [("id", "in", self.suppliers.ids)]
        for user, company in (
            (self.user_buyer, None),
            (self.user_boss, None),
            (self.user_boss, self.company2),
        ):
            partners = self._as(user, company)
            expected = Counter(grade for _score, grade in self._get_ratings(user, company))
            groups = partners.formatted_read_group(mine, ["supplier_grade"], ["__count"])
            self.assertEqual({group["supplier_grade"]: group["__count"] for group in groups}, expected)
            for group in groups:
                domain = [*mine, *group["__extra_domain"]]
                self.assertEqual(partners.search_count(domain), group["__count"])
        buyer = self._as(self.user_buyer)
        for model, name in ((buyer, "supplier_grade"), (buyer.env["supplier.scorecard"], "grade")):
            groups = model.with_context(read_group_expand=True).formatted_read_group([], [name], ["__count"])
            grades = [group[name] for group in groups if group[name]]
            self.assertEqual(grades, [grade for grade in ("high", "medium", "low") if grade in grades])
            self.assertLessEqual({"medium", "low"}, set(grades))
        self.assertTrue(partners.fields_get(["supplier_grade"])["supplier_grade"]["groupable"])
        with self.assertRaises(AccessError):
            self._as(self.user_seller)._read_group([], ["supplier_grade"], ["__count"])

    def test_order(self):
        """Contacts are sorted by the score and the grade that they show, the unrated last in either direction."""
        self._set_grade(self.high, "low")
        self._set_grade(self.stranger, "high")
        self.user_boss.company_ids += self.company2
        mine = [("id", "in", self.suppliers.ids)]
        for user, company in ((self.user_buyer, None), (self.user_boss, self.company2)):
            partners = self._as(user, company)
            ratings = self._get_ratings(user, company)
            scores = sorted(score for score, _grade in ratings if score)
            ranks = sorted(["high", "medium", "low"].index(grade) for _score, grade in ratings if grade)
            for name, shown in (
                ("supplier_score", scores),
                ("supplier_grade", [["high", "medium", "low"][rank] for rank in ranks]),
            ):
                self.assertTrue(shown)
                empty = [False] * (len(ratings) - len(shown))
                found = partners.search(mine, order=f"{name}, id")
                self.assertEqual([partner[name] for partner in found], shown + empty)
                found = partners.search(mine, order=f"{name} desc, id")
                self.assertEqual([partner[name] for partner in found], shown[::-1] + empty)
                self.assertTrue(partners.fields_get([name])[name]["sortable"])
                with self.assertRaises(AccessError):
                    self._as(self.user_seller).search(mine, order=name)

    def test_companies(self):
        """The current company decides."""
        self.user_buyer.company_ids += self.company2
        self._set_grade(self.high, "low", self.env.user, self.company2)
        self.assertEqual(self._get_ratings()[0], (90, "high"))
        ratings = self._get_ratings(company=self.company2)
        self.assertEqual(ratings[0], (False, "low"))
        self.assertEqual(ratings[2], (99, "high"))
        found = self._as(self.user_buyer, self.company2).search([("supplier_grade", "=", "high")])
        self.assertEqual(found & self.suppliers, self.low)

    def test_without_purchase_rights(self):
        """A salesperson neither reads nor searches a rating, in no way."""
        partners = self._as(self.user_seller)
        high = self.high.with_env(partners.env)
        names = ("supplier_score", "supplier_grade", "supplier_grade_reason")
        self.assertFalse(set(names) & set(partners.fields_get()))
        for name in names:
            for call in (
                lambda name=name: high.read([name]),
                lambda name=name: partners.web_search_read([], {name: {}}),
                lambda name=name: high.export_data([name]),
                lambda name=name: partners.search([(name, "!=", False)]),
                lambda name=name: partners.search([("parent_id." + name, "!=", False)]),
            ):
                with self.assertRaises(AccessError):
                    call()
        self.assertFalse(high.get_supplier_rating())
        with self.assertRaises(AccessError):
            high.action_open_supplier_scorecard()
        for view, kind in (
            ("base.view_partner_form", "form"),
            ("base.view_partner_tree", "list"),
            ("base.view_res_partner_filter", "search"),
        ):
            arch = partners.get_view(self.env.ref(view).id, kind)["arch"]
            self.assertNotIn("supplier_grade", arch)
            self.assertNotIn("supplier_rating", arch)
            mine = self._as(self.user_buyer).get_view(self.env.ref(view).id, kind)["arch"]
            self.assertIn("supplier_rating" if kind == "form" else "supplier_grade", mine)

    def test_button(self):
        partners = self._as(self.user_buyer)
        rating = self.person.with_env(partners.env).get_supplier_rating()
        self.assertEqual((rating["score"], rating["grade"], rating["label"]), (72, "medium", "Medium"))
        self.assertFalse(rating["is_overridden"])
        self.assertFalse(self.stranger.with_env(partners.env).get_supplier_rating())
        unrated = self.unrated.with_env(partners.env).get_supplier_rating()
        self.assertEqual((unrated["score"], unrated["label"]), (False, "Not rated"))
        action = self.person.with_env(partners.env).action_open_supplier_scorecard()
        self.assertEqual(action["res_id"], self.card.id)
        self._set_grade(self.stranger, "low")
        rating = self.stranger.with_env(partners.env).get_supplier_rating()
        self.assertEqual((rating["label"], rating["is_overridden"]), ("Low", True))
        action = self.stranger.with_env(partners.env).action_open_supplier_scorecard()
        self.assertEqual(action["res_model"], "supplier.grade.override")

    def test_new_contact(self):
        partners = self._as(self.user_buyer)
        self.assertFalse(partners.new({"name": "New"}).supplier_grade)
        self.assertEqual(partners.new({"name": "New", "parent_id": self.high.id}).supplier_grade, "high")

    def test_query_counts(self):
        """Twenty contacts cost the queries of one; a list without the columns costs none."""
        more = self.env["res.partner"].create([{"name": f"P{number}"} for number in range(20)])
        for number, partner in enumerate(more):
            self._create_card(partner, number * 5)
            if number % 2:
                self._set_grade(partner, "low")
        self.env.flush_all()
        env = self._as(self.user_buyer).env

        def count(records, names):
            self.env.invalidate_all()
            records = records.with_env(env)
            env.user.has_group("purchase.group_purchase_user")
            for model in ("supplier.scorecard", "supplier.grade.override"):
                env["ir.rule"]._compute_domain(model)
            before = self.env.cr.sql_log_count
            records.web_read({name: {} for name in names})
            return self.env.cr.sql_log_count - before

        for names in (["name", "supplier_score", "supplier_grade"], ["name", "supplier_grade_reason"]):
            count(more, names)
            self.assertEqual(count(more[1:2], names), count(more, names))
            self.assertLess(count(more, ["name"]), count(more, names))
        # the suppliers of the contacts, their scorecards, the grades set by hand
        self.assertLessEqual(
            count(more, ["name", "supplier_score", "supplier_grade"]), count(more, ["name"]) + 3
        )

        cards = self.env["supplier.scorecard"].search([("partner_id", "in", more.ids)])

        def count_cards(records):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            records.with_env(env).web_read(
                {"partner_id": {}, "applied_grade": {}, "reason": {}, "partner_state": {}}
            )
            return self.env.cr.sql_log_count - before

        count_cards(cards)
        self.assertEqual(count_cards(cards[:1]), count_cards(cards))

    # ------------------------------------------------------------------
    # Set by hand
    # ------------------------------------------------------------------
    def test_author(self):
        """Who sets it is the author, whatever is sent; and so is who changes it."""
        override = self._set_grade(self.medium, "low", user_id=self.user_boss.id, computed_grade="high")
        self.assertRecordValues(override, [{"user_id": self.user_manager.id, "computed_grade": "medium"}])
        override.with_user(self.user_boss).reason = "The director knows better"
        self.assertEqual(override.user_id, self.user_boss)
        for values in ({}, {"reason": "Seen again"}):
            override.with_user(self.user_boss).write({"user_id": self.user_manager.id, **values})
            self.assertEqual(override.user_id, self.user_boss)
        self.env.flush_all()
        self.env.cr.precommit.run()  # which ends the transaction that made it, whose changes are not tracked
        tracked = override.with_context(tracking_disable=False)
        tracked.grade = "high"
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.env.invalidate_all()
        values = override.message_ids.sudo().tracking_value_ids
        self.assertEqual(
            [(value.old_value_char, value.new_value_char) for value in values], [("Low", "High")]
        )

    def test_history(self):
        """A new one takes the place of the one before, which stays; nothing is deleted."""
        first = self._set_grade(self.medium, "low")
        second = self._set_grade(self.medium, "high")
        self.assertFalse(first.active)
        self.assertEqual(first.state, "replaced")
        self.assertEqual(self._get_ratings()[1], (72, "high"))
        with freeze_time("2027-01-15"):
            third = self._set_grade(self.medium, "low", date_until=date(2027, 1, 20))
        self.assertFalse(second.active)
        self.assertTrue(third.active)
        with self._refused(UserError, "Medium Supplier"):
            first.unlink()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaisesRegex(IntegrityError, "one_active"),
            freeze_time("2026-11-25"),
        ):
            first.active = True
            first.flush_recordset()

    def test_refused(self):
        with self._refused(ValidationError, "Medium Supplier is 11/24/2026"):
            self._set_grade(self.medium, "low", date_until=self.today - timedelta(days=1))
        self._set_grade(self.medium, "low", date_until=self.today)
        with self._refused(ValidationError, "why the grade of Medium Supplier"):
            self._set_grade(self.medium, "low", reason="  ")
        with self._refused(ValidationError, "Mai of Medium belongs to Medium Supplier"):
            self._set_grade(self.person, "low")

    def test_rights(self):
        """Purchase managers and directors set grades, buyers read them, others see none."""
        override = self._set_grade(self.high, "low", self.user_boss)
        by_manager = self._set_grade(self.low, "high", self.user_manager)
        buyer = override.with_user(self.user_buyer)
        self.assertEqual(buyer.reason, "We know them better")
        for call in (
            lambda: self._set_grade(self.medium, "low", self.user_buyer),
            lambda: buyer.write({"reason": "No"}),
            buyer.action_take_back,
            lambda: override.with_user(self.user_seller).read(["grade"]),
            lambda: override.with_user(self.user_seller).web_search_read([], {"grade": {}}),
            lambda: self.env["supplier.grade.wizard"].with_user(self.user_buyer).create({}),
        ):
            with self.assertRaises(AccessError):
                call()
        foreign = self._set_grade(self.high, "low", self.env.user, self.company2)
        self.assertFalse(foreign.with_user(self.user_manager).search([("id", "=", foreign.id)]))
        with self.assertRaises(AccessError):
            foreign.with_user(self.user_boss).read(["grade"])
        with self.assertRaises(AccessError):
            self._set_grade(self.medium, "low", self.user_manager, self.company2)
        with self.assertRaises(AccessError):
            by_manager.with_user(self.user_manager).write({"company_id": self.company2.id})

    def test_wizard(self):
        """From the card, and from the contact, a person of it or several."""
        wizards = self.env["supplier.grade.wizard"].with_user(self.user_manager)
        action = self.card.with_user(self.user_manager).action_set_grade()
        with Form(wizards.with_context(**action["context"])) as form:
            self.assertIn("72.0 points", form.now)
            form.grade = "low"
            form.reason = "Strike at the plant"
            form.date_until = date(2026, 12, 31)
        form.record.action_apply()
        self.assertEqual(self._get_ratings()[1], (72, "low"))
        contacts = (self.person + self.high).ids
        wizards = wizards.with_context(
            active_model="res.partner", active_ids=contacts, allowed_company_ids=self.company.ids
        )
        with Form(wizards) as form:
            form.mode = "reset"
        form.record.action_apply()
        self.assertEqual(self._get_ratings()[1], (72, "medium"))
        wizard = wizards.create({"grade": "high", "reason": "Audit", "date_until": "2026-12-31"})
        self.assertEqual(wizard.partner_ids, self.medium + self.high)
        wizard.action_apply()
        self.assertEqual([grade for _score, grade in self._get_ratings()[:2]], ["high", "high"])
        with self._refused(UserError, "Enter the grade"):
            wizards.create({"grade": "high", "date_until": "2026-12-31"}).action_apply()
        both = self.card + self.env["supplier.scorecard"].search([("company_id", "=", self.company2.id)])
        with self._refused(UserError, "Second Company"):
            both.action_set_grade()

    def test_merged(self):
        """Of the grades set by hand the newest remains."""
        older = self._set_grade(self.high, "low")
        newer = self._set_grade(self.low, "medium")
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            (self.high + self.low).ids, self.high
        )
        self.env.invalidate_all()
        self.assertEqual((older + newer).partner_id, self.high)
        self.assertEqual((older.active, newer.active), (False, True))
        self.assertEqual(self.high.with_env(self._as(self.user_buyer).env).supplier_grade, "medium")

    def test_merged_with_an_expired_one(self):
        """A grade whose last day is over does not take the place of one that is valid."""
        valid = self._set_grade(self.high, "low")
        expired = self._set_grade(self.low, "medium", date_until=self.today + timedelta(days=1))
        with freeze_time("2026-11-27 09:00:00"):
            self.env.invalidate_all()
            self.assertEqual((valid.state, expired.state), ("valid", "expired"))
            self.env["base.partner.merge.automatic.wizard"].create({})._merge(
                (self.high + self.low).ids, self.high
            )
            self.env.invalidate_all()
            self.assertEqual((valid.active, expired.active), (True, False))
            self.assertEqual(self.high.with_env(self._as(self.user_buyer).env).supplier_grade, "low")

    def test_put_under_a_company(self):
        """The company gets grade and scorecards at once; of two grades the newest valid one counts."""
        holding = self._create_supplier("Holding")
        override = self._set_grade(self.unrated, "low")
        taken_back = self._set_grade(self.unrated, "high")
        taken_back.action_take_back()
        self.env.flush_all()
        override.active = True
        seller = self.user_seller
        seller.group_ids += self.env.ref("base.group_partner_manager")
        self.unrated.with_user(seller).write({"is_company": False, "parent_id": holding.id})
        self.assertEqual((override + taken_back).partner_id, holding)
        company = holding.with_env(self._as(self.user_buyer).env)
        self.assertEqual(company.supplier_grade, "low")
        newer = self._set_grade(self.stranger, "medium")
        self.stranger.with_user(seller).write({"is_company": False, "parent_id": holding.id})
        self.env.invalidate_all()
        self.assertEqual(newer.partner_id, holding)
        self.assertEqual((override.active, newer.active), (False, True))
        self.assertEqual(company.supplier_grade, "medium")
        branch = self._create_supplier("Branch")
        branch.parent_id = holding
        newest = self._set_grade(branch, "high")
        branch.with_user(seller).is_company = False
        self.assertEqual(newest.partner_id, holding)

    def test_merged_into_a_person(self):
        """The grade is that of the person's company."""
        override = self._set_grade(self.low, "low")
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            (self.low + self.person).ids, self.person
        )
        self.env.invalidate_all()
        self.assertEqual(override.partner_id, self.medium)
        self.assertEqual(self.medium.with_env(self._as(self.user_buyer).env).supplier_grade, "low")

    def test_deleted(self):
        override = self._set_grade(self.stranger, "low")
        self.stranger.unlink()
        self.assertFalse(override.exists())
