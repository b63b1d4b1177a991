from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .scoring import MARCH, ScoringCommon

APRIL = date(2025, 4, 1)


@tagged("post_install", "-at_install")
class TestManagerScorecards(ScoringCommon):
    """What managers get: values, targets, points, ranks, and who gets a scorecard."""

    # ------------------------------------------------------------------
    # Points and ranks
    # ------------------------------------------------------------------
    def test_card_explains_itself(self):
        self._sell(self.user_sales, 800)
        self._compute()
        card, line = self._card(self.user_sales), self._line(self.user_sales)
        self.assertRecordValues(
            line,
            [
                {
                    "value": 800,
                    "target": 1000,
                    "points": 80,
                    "weight": 60,
                    "document_count": 1,
                    "unit": "money",
                }
            ],
        )
        self.assertIn("= 80 points", line.reason)
        self.assertEqual(card.period_name, "March 2025")
        self.assertEqual(card.score, round(sum(each.points * each.weight for each in card.line_ids) / 100, 2))
        self.assertAlmostEqual(sum(card.line_ids.mapped("contribution")), card.score, 2)
        for each in card.line_ids:
            self.assertIn(f"{each.points:g} × {each.weight:g}", card.reason)

    def test_manager_without_sales_has_zero_and_no_rate(self):
        self._sell(self.user_sales, 800)
        self._compute()
        self.assertRecordValues(self._line(self.user_sub), [{"value": 0, "points": 0, "document_count": 0}])
        rate = self._line(self.user_sub, self.deduction)
        self.assertRecordValues(rate, [{"value": False, "points": False, "is_counted": False}])
        self.assertEqual(rate.reason.split(".")[0], "No data")
        self.assertEqual(self._card(self.user_sub).score, 0, "the rate does not count, nor its weight")

    def test_no_points_at_all_is_no_score_and_no_rank(self):
        self.scheme.line_ids.filtered(lambda line: line.indicator_id == self.revenue).weight = 0
        self._sell(self.user_sales, 800)
        self._compute()
        card = self._card(self.user_sub)
        self.assertRecordValues(card, [{"score": False, "rank": False, "rank_name": False}])
        self.assertIn("no indicator", card.reason)
        self.assertRecordValues(self._card(self.user_sales), [{"rank": 1, "rank_count": 1}])

    def test_ties_share_the_rank(self):
        self.scheme.line_ids.filtered(lambda line: line.indicator_id == self.deduction).unlink()
        for user, amount in ((self.user_sales, 500), (self.user_sales2, 500), (self.user_sub, 400)):
            self._sell(user, amount)
        self._compute()
        self.assertEqual(
            [self._card(user).rank for user in (self.user_sales, self.user_sales2, self.user_sub)], [1, 1, 3]
        )
        self.assertEqual(self._card(self.user_sub).rank_name, "3 of 3")

    def test_bands(self):
        line = self.scheme.line_ids.filtered(lambda line: line.indicator_id == self.revenue)
        line.write(
            {
                "points_method": "bands",
                "points_floor": 5,
                "band_ids": [
                    Command.create({"value_from": 100, "points": 50}),
                    Command.create({"value_from": 1000, "points": 90}),
                ],
            }
        )
        self._sell(self.user_sales, 1000)
        self._sell(self.user_sales2, 999.99)
        self._sell(self.user_sub, 99)
        self._compute()
        points = [self._line(user).points for user in (self.user_sales, self.user_sales2, self.user_sub)]
        self.assertEqual(points, [90, 50, 5])
        self.assertIn("band from", self._line(self.user_sales).reason)
        self.assertIn("below the lowest band", self._line(self.user_sub).reason)
        line.write(
            {
                "band_basis": "attainment",
                "band_ids": [Command.clear(), Command.create({"value_from": 1, "points": 70})],
            }
        )
        self._compute()
        self.assertEqual(self._line(self.user_sales).points, 70, "exactly on target")
        self.assertEqual(self._line(self.user_sales2).points, 5)

    def test_credit_note_lowers_the_sales(self):
        self._sell(self.user_sales, 1000)
        self._refund(self.user_sales, 300)
        self._compute()
        self.assertRecordValues(
            self._line(self.user_sales), [{"value": 700, "points": 70, "document_count": 2}]
        )

    # ------------------------------------------------------------------
    # Targets
    # ------------------------------------------------------------------
    def _set_target(self, **values):
        self.scheme.line_ids.filtered(lambda line: line.indicator_id == self.revenue).write(values)

    def test_median_of_those_with_documents(self):
        self._set_target(target_kind="team_median", target_share=1.1)
        self._sell(self.user_sales, 1000)
        self._compute()
        self.assertRecordValues(self._line(self.user_sales), [{"target": False, "points": False}])
        self.assertIn("1 manager has documents", self._line(self.user_sales).reason)
        self._sell(self.user_sales2, 500)
        self._compute()
        self.assertAlmostEqual(self._line(self.user_sales).target, 825)
        self.assertIn("the median of 2 managers", self._line(self.user_sales).reason)
        self.assertEqual(self._line(self.user_sub).points, 0)

    def test_negative_median_gives_no_points(self):
        self._set_target(target_kind="team_median")
        self._refund(self.user_sales, 100)
        self._refund(self.user_sales2, 200)
        self._compute()
        self.assertRecordValues(self._line(self.user_sales), [{"target": -150, "points": False}])
        self.assertIn("the target is not above 0", self._line(self.user_sales).reason)

    def test_own_past(self):
        self._set_target(target_kind="own_past", past_period="year", target_share=1.05)
        self._sell(self.user_sales, 1000, "2024-03-31")
        self._sell(self.user_sales, 5000, "2024-04-01")
        self._sell(self.user_sales, 1050)
        self._compute()
        self.assertRecordValues(self._line(self.user_sales), [{"target": 1050, "points": 100}])
        self.assertIn("a year ago", self._line(self.user_sales).reason)
        self.assertRecordValues(self._line(self.user_sales2), [{"target": False, "points": False}])
        self.assertIn("no data of the same period", self._line(self.user_sales2).reason)
        self._set_target(past_period="previous", target_share=1)
        self._sell(self.user_sales, 2100, "2025-02-28")
        self._compute()
        self.assertRecordValues(self._line(self.user_sales), [{"target": 2100, "points": 50}])

    def test_own_past_of_zero_is_data(self):
        self._set_target(target_kind="own_past", past_period="year", target_share=1.05)
        self._sell(self.user_sales, 1000, "2024-03-10")
        self._refund(self.user_sales, 1000, "2024-03-20")
        self._sell(self.user_sales, 1050)
        self._compute()
        line = self._line(self.user_sales)
        self.assertIs(line.points, False)
        self.assertIsNot(line.target, False)
        self.assertIn("the target is not above 0", line.reason)
        self.assertNotIn("no data", line.reason)

    def test_share_of_the_plan(self):
        self._set_target(target_kind="plan_share", target_share=0.5)
        plan = {"company_id": self.company_eur.id, "user_id": self.user_sales.id, "amount": 2000}
        self.env["partner.sales.plan"].create(
            [{**plan, "date": "2025-03-01"}, {**plan, "date": "2025-04-01"}]
        )
        self._sell(self.user_sales, 800)
        self._compute()
        self.assertRecordValues(self._line(self.user_sales), [{"target": 1000, "points": 80}])
        self.assertIn("no sales plan for March 2025", self._line(self.user_sales2).reason)
        self.scheme.period = "quarter"
        self._compute()
        quarter = self.cards.search(
            [
                ("user_id", "=", self.user_sales.id),
                ("date_to", "=", "2025-03-31"),
                ("date_from", "=", "2025-01-01"),
            ]
        )
        line = quarter.line_ids.filtered(lambda each: each.indicator_id == self.revenue)
        self.assertFalse(line.target, "a plan of one month of three is too easy to reach")
        self.assertIn("January 2025, February 2025", line.reason)

    # ------------------------------------------------------------------
    # Who and when
    # ------------------------------------------------------------------
    def test_who_left_is_listed_with_facts_alone(self):
        self._sell(self.user_sales2, 100)
        (self.user_sales2 + self.user_sub).active = False
        self._compute()
        self.assertTrue(self._card(self.user_sales2))
        self.assertFalse(self._card(self.user_sub))

    def test_scheme_for_all(self):
        """Who uses the addon or has sold: no buyers, whom customers write to as well, but those of a sales team."""
        self.scheme.write(
            {
                "user_ids": False,
                "line_ids": [
                    Command.create({"indicator_id": self._get_indicator("contacts").id, "weight": 1})
                ],
            }
        )
        self.user_supervisor.group_ids += self.env.ref("purchase.group_purchase_user")
        team = self.env["crm.team"].create({"name": "Team", "company_id": self.company_eur.id})
        self.env["crm.team.member"].create({"crm_team_id": team.id, "user_id": self.user_supervisor.id})
        self._sell(self.user_director, 100)
        self._sell(self.user_sales2, 100)
        buyer = self.user_sub
        buyer.group_ids += self.env.ref("purchase.group_purchase_user")
        self.env["partner.contact.log"].create(
            {
                "name": "Where is it?",
                "partner_id": self.customer.id,
                "user_id": buyer.id,
                "company_id": self.company_eur.id,
                "state": "done",
                "channel": "phone",
                "date": "2025-03-12 08:00:00",
            }
        )
        self._compute()
        users = self.cards.search([("company_id", "=", self.company_eur.id)]).user_id
        self.assertLessEqual(
            self.user_sales + self.user_sales2 + self.user_supervisor + self.user_director, users
        )
        self.assertNotIn(self.env.ref("base.user_admin"), users, "a director who sold nothing")
        self.assertNotIn(buyer, users)
        self.scheme.line_ids.filtered(lambda line: line.indicator_id.source != "contacts").unlink()
        self.assertIn(buyer, self.schemes._get_for(self.company_eur, MARCH[0]), "judged by contacts alone")

    def test_first_scheme_wins(self):
        first = self._create_scheme(
            [{"indicator_id": self.revenue.id, "weight": 1, "target_kind": "fixed", "target_value": 10}],
            name="Key accounts",
            sequence=1,
            user_ids=[Command.set(self.user_sales.ids)],
        )
        found = self.schemes._get_for(self.company_eur, MARCH[0])
        self.assertEqual(found[self.user_sales], first)
        self.assertEqual(found[self.user_sub], self.scheme)
        first.date_to = "2025-02-28"
        self.assertEqual(self.schemes._get_for(self.company_eur, MARCH[0])[self.user_sales], self.scheme)
        self.assertEqual(self.schemes._get_for(self.company_eur, date(2025, 2, 28))[self.user_sales], first)

    def test_team_and_job(self):
        team = self.env["crm.team"].create(
            {
                "name": "East",
                "company_id": self.company_eur.id,
                "member_ids": [Command.set(self.user_sub.ids)],
            }
        )
        job = self.env["hr.job"].create({"name": "Seller", "company_id": self.company_eur.id})
        (self.employee_sales + self.employee_sales2).company_id = self.company_eur
        self.employee_sales.job_id = job
        self.scheme.write({"user_ids": False, "team_ids": team.ids, "job_ids": job.ids})
        self.assertEqual(
            set(self.schemes._get_for(self.company_eur, MARCH[0])), set(self.user_sub + self.user_sales)
        )

    def test_team_changed_after_the_period(self):
        """March is judged as before the change of April 3; who left on April 20 by the team of then."""
        east, west = self.env["crm.team"].create(
            [{"name": name, "company_id": self.company_eur.id} for name in ("East", "West")]
        )
        self.scheme.write({"user_ids": False, "team_ids": east.ids})
        other = self._create_scheme(
            [{"indicator_id": self.revenue.id, "weight": 1, "target_kind": "fixed", "target_value": 10}],
            name="West",
            sequence=20,
            user_ids=[Command.clear()],
            team_ids=[Command.set(west.ids)],
        )
        user = self.user_sub
        for day in ("2025-03-10", "2025-04-10"):
            self._sell(user, 100, day)
        memberships = self.env["crm.team.member"]
        before = memberships.create({"crm_team_id": east.id, "user_id": user.id})
        after = memberships.create({"crm_team_id": west.id, "user_id": user.id})
        # as Odoo does, unless one may be in several teams
        before.active = False

        def keep(membership, created, written):
            # the ORM sets these moments itself
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE crm_team_member SET create_date = %s, write_date = %s WHERE id = %s",
                [created, written, membership.id],
            )
            self.env.invalidate_all()

        def judged(day):
            return self.schemes._get_for(self.company_eur, day).get(user)

        keep(before, "2024-01-01", "2025-04-03")
        keep(after, "2025-04-03", "2025-04-03")
        self.assertEqual((judged(MARCH[0]), judged(APRIL)), (self.scheme, other))
        user.active = after.active = False
        keep(after, "2025-04-03", "2025-04-20")
        self.assertEqual((judged(MARCH[0]), judged(APRIL)), (self.scheme, other))

    def test_open_card_goes_when_no_scheme_is_for_the_manager(self):
        self._compute()
        by_hand = self.cards.create(
            {
                "user_id": self.user_supervisor.id,
                "scheme_id": self.scheme.id,
                "company_id": self.company_eur.id,
                "date_from": MARCH[0],
                "date_to": MARCH[1],
            }
        )
        self.scheme.user_ids = self.user_sales
        self._compute()
        self.assertEqual(
            self.cards.search([("date_from", "=", MARCH[0])]).user_id, self.user_sales + self.user_supervisor
        )
        self.assertTrue(by_hand.exists())

    def test_card_by_hand_of_a_scheme_that_is_for_nobody(self):
        """It keeps its figures at night, also where the others are credited or judged in another way."""
        other = self._create_scheme(
            [{"indicator_id": self.deduction.id, "weight": 1, "target_kind": "fixed", "target_value": 0.1}],
            name="Quarterly",
            user_ids=[Command.set(self.user_supervisor.ids)],
            period="quarter",
        )
        self.scheme.line_ids.filtered(lambda line: line.indicator_id == self.deduction).unlink()
        self.scheme.user_ids = self.user_sales
        # without an owner both credits are to the salesperson of the invoice
        partner = self._create_company_partner("Of Nobody")
        self._sell(self.user_sales, 100, partner=partner)
        self._sell(self.user_supervisor, 80, partner=partner)
        self._refund(self.user_supervisor, 20, partner=partner)
        card = self._as(self.user_director, self.cards).create(
            {
                "user_id": self.user_supervisor.id,
                "scheme_id": other.id,
                "date_from": MARCH[0],
                "date_to": MARCH[1],
            }
        )
        for credit, others_credit in (("document", "document"), ("document", "owner"), ("owner", "document")):
            other.credit, self.scheme.credit = credit, others_credit
            for active in (True, False):
                other.active = active
                self._compute()
                with self.subTest(credit=credit, others_credit=others_credit, active=active):
                    self.assertEqual(self._line(self.user_supervisor, self.deduction).value, 0.25)
                    self.assertEqual(self._line(self.user_sales).value, 100)
                    self.assertEqual(card.scheme_id, other)

    def test_card_of_chosen_days(self):
        self._sell(self.user_sales, 250, "2025-03-10")
        self._sell(self.user_sales, 999, "2025-03-16")
        card = self._as(self.user_director, self.cards).create(
            {"user_id": self.user_sales.id, "date_from": "2025-03-10", "date_to": "2025-03-15"}
        )
        self.assertEqual(card.scheme_id, self.scheme)
        self.assertEqual(card.line_ids.filtered(lambda line: line.indicator_id == self.revenue).value, 250)
        self._sell(self.user_sales, 50, "2025-03-15")
        card.action_compute()
        self.assertEqual(card.line_ids.filtered(lambda line: line.indicator_id == self.revenue).value, 300)

    def test_previous_score_and_trend(self):
        self._sell(self.user_sales, 500, "2025-03-10")
        self._sell(self.user_sales, 900, "2025-04-10")
        self.scheme.line_ids.filtered(lambda line: line.indicator_id == self.deduction).unlink()
        self._compute()
        self._compute(APRIL)
        card = self._card(self.user_sales, APRIL)
        self.assertRecordValues(card, [{"score": 90, "previous_score": 50, "score_change": 40}])
        self.assertEqual([point["score"] for point in card.trend], [50, 90])
        self.assertFalse(self._card(self.user_sales).has_trend)
        self.assertFalse(self._card(self.user_sales).previous_score)

    # ------------------------------------------------------------------
    # Writing
    # ------------------------------------------------------------------
    def test_second_computation_changes_nothing(self):
        self._sell(self.user_sales, 800)
        self._compute()
        cards = self.cards.search([("date_from", "=", MARCH[0])])
        self.env.cr.execute(
            "UPDATE manager_scorecard SET date_computed = '2025-01-01' WHERE id = ANY(%s)", [cards.ids]
        )
        self.env.cr.execute(
            "UPDATE manager_scorecard_line SET write_date = '2025-01-01' WHERE scorecard_id = ANY(%s)",
            [cards.ids],
        )
        self.env.invalidate_all()
        self._compute()
        self.assertEqual({card.date_computed.year for card in cards}, {2025})
        self.assertEqual(len({line.write_date for line in cards.line_ids}), 1)
        self._sell(self.user_sales, 100)
        self._compute()
        changed = cards.filtered(lambda card: card.date_computed.date() != date(2025, 1, 1))
        self.assertEqual(changed.user_id, self.user_sales)

    def test_statements_do_not_depend_on_managers(self):
        def count(users):
            self.scheme.user_ids = users
            self._compute()
            for user in users:
                self._sell(user, 10)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._compute()
            return self.env.cr.sql_log_count - before

        few = count(self.user_sales + self.user_sales2)
        many = self._create_users(
            {f"scored_{number}": "partner_relations.group_user" for number in range(20)},
            company_id=self.company_eur.id,
            company_ids=[Command.set(self.company_eur.ids)],
        )
        self.assertEqual(count(self.env["res.users"].union(*many)), few)

    def test_reading_a_list_takes_the_same_statements(self):
        users = self.user_sales + self.user_sales2 + self.user_sub
        for user in users:
            self._sell(user, 100)
        cards = self._compute()
        fields = {
            name: {}
            for name in (
                "display_name",
                "rank_name",
                "period_name",
                "score_change",
                "summary",
                "trend",
                "reason",
            )
        }

        def count(records):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            records.web_read(fields)
            return self.env.cr.sql_log_count - before

        count(cards)
        self.assertEqual(count(cards[:1]), count(cards))

    # ------------------------------------------------------------------
    # Refusals
    # ------------------------------------------------------------------
    def test_figures_are_not_entered(self):
        self._compute()
        card = self._as(self.user_director, self._card(self.user_sales))
        with self.assertRaisesRegex(AccessError, "computed"):
            card.score = 120
        with self.assertRaisesRegex(AccessError, "computed"):
            card.with_context(relations_scorecard=True).rank = 1
        with self.assertRaises(AccessError):
            card.line_ids.points = 120
        with self.assertRaisesRegex(AccessError, "computed"):
            card.create(
                {"user_id": self.user_sub.id, "date_from": "2025-01-01", "date_to": "2025-01-31", "score": 5}
            )

    def test_scheme_is_checked(self):
        line = {"indicator_id": self.revenue.id, "weight": 10, "target_kind": "fixed", "target_value": 10}
        for values, message in (
            ({"weight": -1}, "Enter 0 or more"),
            ({"weight": 0}, "No indicator of the scheme “Salespeople” has a weight"),
            ({"target_value": 0}, "“Fixed Target” above 0"),
            ({"target_kind": "own_past", "target_share": 0}, "“Target Share” above 0"),
            ({"points_floor": 50, "points_cap": 40}, "“At Most”"),
            ({"points_method": "bands"}, "has no bands"),
            ({"indicator_id": self.deduction.id, "target_kind": "plan_share"}, "no sales plan for"),
        ):
            with self.subTest(values), self.assertRaisesRegex(ValidationError, message):
                self._create_scheme([{**line, **values}])
        with self.assertRaisesRegex(ValidationError, "twice"):
            self._create_scheme([line, line])
        self.scheme.line_ids[0].weight = 0
        with self.assertRaisesRegex(ValidationError, "has a weight"), self.env.cr.savepoint():
            self.scheme.line_ids[1].weight = 0
        self.env.invalidate_all()
        with self.assertRaisesRegex(ValidationError, "twice"), self.env.cr.savepoint():
            self.scheme.line_ids[0].copy()

    def test_scheme_with_cards_stays(self):
        self._compute()
        with self.assertRaisesRegex(UserError, "Archive it instead"):
            self.scheme.unlink()

    def test_default_scheme(self):
        self.assertTrue(self.schemes.search([("company_id", "=", self.env.ref("base.main_company").id)]))
        company = self.env["res.company"].create({"name": "New"})
        scheme = self.schemes._ensure_for(company)
        self.assertEqual(sum(scheme.line_ids.mapped("weight")), 100)
        self.assertLessEqual(
            {"revenue", "profit", "retention_rate", "fulfilled_orders", "contacts", "completeness"},
            set(scheme.line_ids.mapped("code")),
        )
        self.assertEqual(self.schemes._ensure_for(company), scheme)

    def test_preview_writes_no_scorecard(self):
        last = self.cards._get_window_before(
            *self.scheme._get_bounds(self.cards._get_today(self.company_eur))
        )
        self._sell(self.user_sales, 700, last[0])
        before = self.cards.search_count([])
        action = self._as(self.user_director, self.scheme).action_preview()
        preview = self.env["manager.score.preview"].browse(action["res_id"])
        self.assertEqual(self.cards.search_count([]), before)
        line = preview.line_ids.filtered(lambda each: each.user_id == self.user_sales)
        self.assertIn("70", line.details)
        self.assertEqual(preview.manager_count, 3)
        with self.assertRaises(AccessError):
            self._as(self.user_supervisor, self.scheme).action_preview()
