from datetime import date, datetime, timedelta
from unittest.mock import patch

from psycopg2.errors import QueryCanceled

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.sql_db import db_connect
from odoo.tests import freeze_time, tagged

from odoo.addons.partner_relations.models.supplier.supplier_scorecard import RATIOS

from ..jobs import run_job, run_without_time
from .rated import TODAY, RatedCommon

MONEY = {
    "due_value", "on_time_value", "otif_value", "in_full_value", "overdue_value", "price_value",
    "price_compliant_value", "price_compliance", "price_variance", "bill_variance", "received_value",
    "returned_value",
}  # fmt: skip


@tagged("post_install", "-at_install")
@freeze_time(f"{TODAY} 09:00:00")
class TestScorecards(RatedCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.supplier = cls._create_supplier("Bamboo Works")
        cls.other = cls._create_supplier("Cedar House")

    def _as(self, user):
        return self.cards.with_user(user).with_context(allowed_company_ids=self.company.ids)

    # ------------------------------------------------------------------
    # Computing
    # ------------------------------------------------------------------
    def _buy_worked_check(self):
        """Ten at 100 of which six in time and four late; one at 1,000, overdue."""
        line = self._buy(self.supplier, "2026-11-10", received=6)
        rest = line.move_ids.filtered(lambda move: move.state not in ("done", "cancel"))
        if not rest:
            rest = line.move_ids.filtered(lambda move: move.state == "done").copy(
                {"product_uom_qty": 4, "quantity": 4, "picked": True, "purchase_line_id": line.id}
            )
            rest._action_confirm()
        rest.quantity = 4
        rest.picked = True
        rest._action_done()
        rest.date = datetime(2026, 11, 20, 10)
        return line + self._buy(self.supplier, "2026-11-12", quantity=1, price=1000)

    def test_created_by_code(self):
        """A card of a supplier and some days is computed at once: the worked check of 30 %."""
        self._buy_worked_check()
        card = self.cards.create(
            {"partner_id": self.supplier.id, "date_from": "2026-11-01", "date_to": "2026-11-30"}
        )
        self.assertRecordValues(
            card,
            [
                {
                    "partner_id": self.supplier.id,
                    "company_id": self.company.id,
                    "period": "month",
                    "is_current": False,
                    "due_line_count": 2,
                    "due_value": 2000,
                    "on_time_value": 600,
                    "on_time_rate": 0.3,
                    "overdue_line_count": 1,
                    "overdue_value": 1000,
                    "score": False,
                    "grade": False,
                }
            ],
        )
        self.assertEqual(card.reason, "Not rated: 2 due lines, 3 needed.")
        self.assertEqual(card.parameters["min_lines"], 3)
        self.assertEqual(len(card.line_ids), 4)

    def test_created_for_person(self):
        person = self._create_person("Binh of Bamboo", self.supplier)
        card = self.cards.create(
            {"partner_id": person.id, "date_from": "2026-10-01", "date_to": "2026-10-31", "period": "year"}
        )
        self.assertEqual(card.partner_id, self.supplier)

    def test_created_without_data(self):
        """No order, no figure: empty, never 0 or 100."""
        card = self.cards.create(
            {"partner_id": self.other.id, "date_from": "2026-10-01", "date_to": "2026-10-31"}
        )
        for name in self.cards._get_figure_names():
            expected = 0 if name.endswith("_count") else False
            self.assertIs(card[name] if expected is False else bool(card[name]), False, name)
        self.assertIs(card.score, False)
        self.assertEqual(card.reason, "Not rated: 0 due lines, 3 needed.")

    def test_created_wrongly(self):
        values = {"partner_id": self.supplier.id, "date_from": "2026-10-01", "date_to": "2026-10-31"}
        with self._refused(ValidationError, "Bamboo Works ends on"):
            self.cards.create({**values, "date_from": "2026-11-01"})

    def test_compute_again(self):
        """A card follows its documents and the policy, and keeps what it was computed with."""
        line = self._buy(self.supplier, "2026-10-05", received=10, received_on="2026-10-06")
        self._buy(self.supplier, "2026-10-07", received=10)
        self._buy(self.supplier, "2026-10-08", received=10)
        card = self.cards.create(
            {"partner_id": self.supplier.id, "date_from": "2026-10-01", "date_to": "2026-10-31"}
        )
        self.assertAlmostEqual(card.on_time_rate, 2 / 3, 5)
        self.policy.grace_days = 1
        self.assertAlmostEqual(card.on_time_rate, 2 / 3, 5)
        self.assertEqual(card.parameters["grace_days"], 0)
        card.with_user(self.user_manager).action_compute()
        self.assertEqual(card.on_time_rate, 1)
        self.assertEqual(card.parameters["grace_days"], 1)
        self.assertEqual(card.score, 100)
        line.promised_date = datetime(2026, 9, 5, 12)
        card.action_compute()
        self.assertEqual(card.due_line_count, 2)
        self.assertIs(card.score, False)

    def test_current_by_hand(self):
        """The current one is of the policy's days, whatever is asked for, and defaults give it no figures."""
        self._buy(self.supplier, "2026-10-05", received=10)
        mine = self._as(self.user_manager).with_context(default_score=100, default_grade="high")
        window = {"period": "year", "date_from": self.today - timedelta(days=364), "date_to": self.today}
        current = {"partner_id": self.supplier.id, "is_current": True}
        chosen = {"period": "days", "date_from": "2026-11-01", "date_to": "2026-11-02"}
        for days in (chosen, {}):
            with self.subTest(days):
                card = mine.create({**current, **days})
                self.assertRecordValues(card, [{**window, "due_line_count": 1, "score": False}])
        self.env["ir.default"].with_user(self.user_manager).set(
            "supplier.scorecard", "due_line_count", 50, user_id=True
        )
        card = mine.create({**current, **chosen, "partner_id": self.other.id})
        self.assertRecordValues(card, [{**window, "due_line_count": 0, "score": False, "grade": False}])

    def test_nothing_left(self):
        """A card whose last line goes away is empty; the current one goes away and leads back to the list."""
        line = self._buy(self.supplier, "2026-10-05", received=10)
        card = self.cards.create(
            {"partner_id": self.supplier.id, "date_from": "2026-10-01", "date_to": "2026-10-31"}
        )
        self.assertEqual(card.on_time_rate, 1)
        current = self.cards.search([("partner_id", "=", self.supplier.id), ("is_current", "=", True)])
        self.assertEqual(current.due_line_count, 1)
        line.promised_date = datetime(2025, 9, 5, 12)
        self.assertEqual(current.action_compute()["res_model"], "supplier.scorecard")
        card.action_compute()
        self.assertTrue(card.exists())
        for name in self.cards._get_figure_names():
            expected = 0 if name.endswith("_count") else False
            self.assertIs(card[name] if expected is False else bool(card[name]), False, name)
        self.assertIs(card.score, False)
        self.assertFalse(card.grade)
        self.assertEqual([line.points for line in card.line_ids], [False] * 4)
        card.action_compute()
        self.assertTrue(card.exists())
        self.assertFalse(
            self.cards.search([("partner_id", "=", self.supplier.id), ("is_current", "=", True)])
        )

    def test_created_again(self):
        """The same supplier and days: the scorecard that is there, computed again."""
        values = {"partner_id": self.supplier.id, "date_from": "2026-10-01", "date_to": "2026-10-31"}
        card = self.cards.create(values)
        self._buy(self.supplier, "2026-10-05", received=10)
        self.assertEqual(self.cards.create([values, {**values, "partner_id": self.other.id}])[0], card)
        self.assertEqual(card.due_line_count, 1)

    def test_created_for_other_days(self):
        """Days that are no month stand apart from months that end on the same day, and from the history."""
        self._buy(self.supplier, "2026-09-20", received=10)
        self._buy(self.supplier, "2026-10-20", received=10)
        values = {"partner_id": self.supplier.id, "date_to": "2026-10-31"}
        cards = self.cards.create(
            [{**values, "date_from": day} for day in ("2026-10-01", "2026-09-01", "2026-10-21", "2025-11-01")]
        )
        self.assertEqual(cards.mapped("period"), ["month", "days", "days", "days"])
        self.assertEqual(cards.mapped("due_line_count"), [1, 2, 0, 2])
        self.policy.grace_days = 1
        cards[1].action_compute()
        self.assertEqual([card.parameters["grace_days"] for card in cards], [0, 1, 0, 0])
        current = self.cards.search([("partner_id", "=", self.supplier.id), ("is_current", "=", True)])
        self.assertEqual(current.trend_ids, cards[0])
        self.assertEqual(len(current.trend), 1)

    def test_rating_follows(self):
        """The supplier's score and grade are up to date after any of its scorecards is computed."""
        for day in ("2026-10-05", "2026-10-06", "2026-11-07"):
            self._buy(self.supplier, day, received=10)
        supplier = self.supplier.with_company(self.company)
        self.assertIs(supplier.supplier_score, False)
        card = self.cards.create(
            {"partner_id": self.supplier.id, "date_from": "2026-10-01", "date_to": "2026-10-31"}
        )
        self.assertIs(card.score, False)
        self.assertEqual((supplier.supplier_score, supplier.supplier_grade), (100, "high"))
        self._buy(self.supplier, "2026-11-08", quantity=90)
        card.action_compute()
        self.assertEqual(supplier.supplier_grade, "medium")

    def test_history_of_one_by_hand(self):
        """A month of one supplier computed by hand does not keep the history from the others."""
        self._buy(self.supplier, "2026-10-05", received=10)
        self._buy(self.other, "2026-10-05", received=10)
        self.cards.create(
            {"partner_id": self.supplier.id, "date_from": "2026-10-01", "date_to": "2026-10-31"}
        )
        self.assertEqual(self.cards._get_missing_months(self.policy), [date(2026, 10, 1)])
        self.cards._score_month(self.policy, date(2026, 10, 1))
        months = self.cards.search([("company_id", "=", self.company.id), ("period", "=", "month")])
        self.assertEqual(months.partner_id, self.supplier + self.other)
        self.assertFalse(self.cards._get_missing_months(self.policy))

    def test_compute_now(self):
        """The window is so many days up to and including today."""
        self.policy.window_days = 30
        for day in ("2026-10-26", "2026-10-27", "2026-11-25", "2026-11-26"):
            self._buy(self.supplier, day)
        action = self._as(self.user_manager).action_compute_now()
        self.assertIn("1 suppliers of Rating Company", action["params"]["message"])
        card = self.cards.search([("partner_id", "=", self.supplier.id)])
        self.assertRecordValues(
            card,
            [
                {
                    "is_current": True,
                    "period": "year",
                    "date_from": date(2026, 10, 27),
                    "date_to": date(2026, 11, 25),
                    "due_line_count": 2,
                    "on_time_rate": 0,
                }
            ],
        )
        self.assertEqual(self.policy.date_scored, fields.Datetime.now())
        # the company's day, not that of UTC: in Kiritimati it is the 26th already at noon
        self.company.partner_id.tz = "Pacific/Kiritimati"
        with freeze_time("2026-11-25 12:00:00"):
            self.cards.with_company(self.company).action_compute_now()
        self.assertEqual(card.date_to, date(2026, 11, 26))

    # ------------------------------------------------------------------
    # Nightly and monthly
    # ------------------------------------------------------------------
    def _run_cron(self):
        with self.enter_registry_test_mode():
            run_job(self.env, "ir_cron_score_suppliers")
        self.env.invalidate_all()

    def _get_history(self):
        return [
            (card.period, card.date_from, card.date_to)
            for card in self.cards.search(
                [("partner_id", "=", self.supplier.id), ("is_current", "=", False)], order="date_to, period"
            )
        ]

    def test_cron(self):
        """The running year as of today; each closed month since the first promise, once, with its running year."""
        self._buy(self.supplier, "2026-09-15", received=10)
        self._buy(self.supplier, "2026-11-15")
        self._run_cron()
        current = self.cards.search([("partner_id", "=", self.supplier.id), ("is_current", "=", True)])
        self.assertEqual((current.due_line_count, current.date_to), (2, self.today))
        september = ("month", date(2026, 9, 1), date(2026, 9, 30))
        self.assertEqual(
            self._get_history(),
            [
                september,
                ("year", date(2025, 10, 1), date(2026, 9, 30)),
                # nothing was due in October
                ("year", date(2025, 11, 1), date(2026, 10, 31)),
            ],
        )
        self.assertEqual(self.policy.date_history, date(2026, 10, 31))
        # the second run adds nothing and leaves history alone
        changed = self.cards.search([("partner_id", "=", self.supplier.id)]).mapped("write_date")
        self._run_cron()
        self.assertEqual(
            self.cards.search([("partner_id", "=", self.supplier.id)]).mapped("write_date"), changed
        )
        with freeze_time("2026-12-01 03:00:00"):
            self._run_cron()
        self.assertEqual(
            self._get_history()[3:],
            [
                ("month", date(2026, 11, 1), date(2026, 11, 30)),
                ("year", date(2025, 12, 1), date(2026, 11, 30)),
            ],
        )

    def test_cron_catches_up(self):
        """Two years back at most, and not before the first promise."""
        self._buy(self.supplier, "2024-10-31")
        self._buy(self.supplier, "2024-11-01")
        self._run_cron()
        months = [last for period, _first, last in self._get_history() if period == "month"]
        self.assertEqual(months, [date(2024, 11, 30)])
        self.assertEqual(self.policy.date_history, date(2026, 10, 31))
        missing = self.cards._get_missing_months(self.policy)
        self.assertFalse(missing)
        # a month is kept with the running year that ends with it
        self.policy.date_history = False
        missing = self.cards._get_missing_months(self.policy)
        self.assertEqual((missing[0], missing[-1], len(missing)), (date(2025, 11, 1), date(2026, 10, 1), 12))

    def test_cron_stops_in_time(self):
        """What a run that is cut off did is kept, and the next one goes on."""
        self._buy(self.supplier, "2026-08-15")
        crons = type(self.env["ir.cron"])
        with (
            patch.object(crons, "_commit_progress", lambda *args, **kwargs: 0),
            patch.object(
                type(self.env["res.company"]), "search", lambda companies, *args, **kwargs: self.company
            ),
        ):
            self.cards._cron_score()
            self.assertEqual(self._get_history(), [])
            self.assertTrue(self.cards.search_count([("partner_id", "=", self.supplier.id)]))
        self._run_cron()
        self.assertEqual(len([1 for period, *_days in self._get_history() if period == "month"]), 1)

    def test_cron_without_time(self):
        """Where the time is up after each part, the last company and month come all the same, each once."""
        self._buy(self.supplier, "2026-09-15", received=10)
        second = self.env["supplier.score.policy"]._get_for(self.company2)
        self._buy(self.supplier, "2026-10-15", company=self.company2)
        scored, score = [], type(self.cards)._score_current

        def counted(cards, policy):
            scored.append(policy.id)
            return score(cards, policy)

        with patch.object(type(self.cards), "_score_current", counted):
            run_without_time(self, "ir_cron_score_suppliers")
        self.assertLessEqual({self.policy.id, second.id}, set(scored))
        self.assertEqual(len(scored), len(set(scored)))
        for policy in self.policy + second:
            self.assertEqual(policy.date_history, date(2026, 10, 31))
            cards = self.cards.search([("company_id", "=", policy.company_id.id), ("is_current", "=", True)])
            self.assertEqual(cards.partner_id, self.supplier)

    def test_cron_failure_of_one_company(self):
        """What fails in one company leaves the others alone, and its history goes on where it failed."""
        self._buy(self.supplier, "2026-09-15", received=10)
        second = self.env["supplier.score.policy"]._get_for(self.company2)
        self._buy(self.supplier, "2026-10-15", company=self.company2)
        kept = [("company_id", "=", self.company.id), ("is_current", "=", False)]
        compute = type(self.cards)._score

        def failing(cards, policy, date_from, *args, **kwargs):
            if policy == self.policy and date_from == date(2026, 9, 1):
                raise ZeroDivisionError("of this company")
            return compute(cards, policy, date_from, *args, **kwargs)

        with patch.object(type(self.cards), "_score", failing):
            run_without_time(self, "ir_cron_score_suppliers", fails=True)
        self.assertFalse(self.policy.date_history)
        self.assertFalse(self.cards.search_count(kept))
        self.assertEqual(second.date_history, date(2026, 10, 31))
        self._run_cron()
        self.assertEqual(self.policy.date_history, date(2026, 10, 31))
        self.assertEqual(self.cards.search_count(kept), 3)

    def test_cron_month_that_breaks_it_off_once(self):
        """As where the disk is full for a moment: the month and those after it are kept in the same night."""
        self._buy(self.supplier, "2026-08-15", received=10)
        compute, broken = type(self.cards)._score, []

        def failing(cards, policy, date_from, *args, **kwargs):
            if policy == self.policy and date_from == date(2026, 9, 1) and not broken:
                broken.append(date_from)
                raise QueryCanceled("statement timeout")
            return compute(cards, policy, date_from, *args, **kwargs)

        with patch.object(type(self.cards), "_score", failing):
            run_without_time(self, "ir_cron_score_suppliers", fails=True)
        self.assertTrue(broken)
        self.assertEqual(self.policy.date_history, date(2026, 10, 31))

    def test_archived_policy(self):
        self.policy.active = False
        self._buy(self.supplier, "2026-11-15")
        self._run_cron()
        self.assertFalse(self.cards.search([("company_id", "=", self.company.id)]))

    def test_two_workers(self):
        """A company that another worker is at is left to it; who presses the button reads why."""
        # that of the database, which another connection sees too
        main = self.env.ref("base.main_company")
        policy = self.env["supplier.score.policy"]._get_for(main)
        before = policy.date_scored
        self._buy(self.supplier, "2026-11-15")
        self.env.flush_all()
        locked = self._lock_elsewhere(policy)
        try:
            with self._refused(UserError, "being rated right now"):
                self.cards.with_company(main).action_compute_now()
            self._run_cron()
        finally:
            locked.close()
        self.assertEqual(policy.date_scored, before)
        # the others were rated all the same
        self.assertEqual(self.policy.date_scored, fields.Datetime.now())
        self.cards.with_company(main).action_compute_now()
        self.assertEqual(policy.date_scored, fields.Datetime.now())

    def _lock_elsewhere(self, policy):
        cursor = db_connect(self.env.cr.dbname).cursor()
        cursor.execute("SELECT id FROM supplier_score_policy WHERE id = %s FOR UPDATE NOWAIT", [policy.id])
        self.assertTrue(cursor.fetchall(), "the policy is made by the installation")
        return cursor

    # ------------------------------------------------------------------
    # Explaining itself
    # ------------------------------------------------------------------
    def _create_lines(self, card, *lines):
        self.env["supplier.scorecard.line"].create(
            [
                {
                    "scorecard_id": card.id,
                    "company_id": card.company_id.id,
                    "criterion_id": criterion.id,
                    "sequence": criterion.sequence,
                    "formula": criterion.formula,
                    "points": points,
                    "weight": weight,
                }
                for criterion, (points, weight) in zip(self.policy.criterion_ids, lines, strict=False)
            ]
        )

    def test_arithmetic(self):
        """72 points: what each criterion adds, with the weight of one without data left out."""
        card = self._create_card(self.supplier, 82.5)
        self._create_lines(card, (80, 40), (100, 25), (70, 25), (False, 10))
        lines = card.line_ids
        self.assertEqual(lines.mapped("name"), ["Delivery", "Quality", "Price", "Response"])
        self.assertEqual([round(line.share, 4) for line in lines[:3]], [0.4444, 0.2778, 0.2778])
        self.assertIs(lines[3].share, False)
        self.assertIs(lines[3].contribution, False)
        self.assertAlmostEqual(sum(lines[:3].mapped("contribution")), (80 * 40 + 100 * 25 + 70 * 25) / 90)
        self.assertEqual(
            card.reason,
            "82.5 points: Delivery 80.0 × 40 + Quality 100.0 × 25 + Price 70.0 × 25, divided by 90; 25 due lines. "
            "Without data, so not counted: Response.",
        )
        self.env["res.lang"]._activate_lang("vi_VN")
        self.assertRegex(
            card.with_context(lang="vi_VN").reason, r"^82,5 .* 80,0 × 40 \+ .* 70,0 × 25, .* 90; 25 "
        )
        # a criterion that goes leaves its formula
        self.policy.criterion_ids[2].unlink()
        self.assertEqual(lines[2].name, "100 * price_compliance")
        self.policy.unlink()
        self.assertFalse(lines.criterion_id)
        self.assertEqual(lines[0].name, "100 * on_time_rate")

    def test_parameters_of_then(self):
        """A card explains itself by the policy that it was computed with."""
        card = self._create_card(self.supplier, None, due_line_count=2, parameters={"min_lines": 5})
        self.policy.min_lines = 2
        self.assertEqual(card.reason, "Not rated: 2 due lines, 5 needed.")

    def test_zero_points(self):
        """0 is a score; it is not the same as none."""
        card = self._create_card(self.supplier, 0)
        self.assertIs(card.is_rated, True)
        self.assertEqual(card.grade, "low")
        self.assertIn("0.0 points", card.reason)

    def test_trend(self):
        card = self._create_card(self.supplier, 90)
        for number, score in enumerate((60, None, 80)):
            first = date(2026, 8 + number, 1)
            last = date(2026, 9 + number, 1) - timedelta(days=1)
            for period, begin in (("month", first), ("year", last - timedelta(days=364))):
                self._create_card(
                    self.supplier, score, period=period, is_current=False, date_from=begin, date_to=last
                )
        self._create_card(self.supplier, 10, period="month", is_current=False, date_to=date(2025, 10, 31),
                          date_from=date(2025, 10, 1))  # fmt: skip
        self.assertEqual(
            card.trend_ids.mapped("date_to"), [date(2026, 10, 31), date(2026, 9, 30), date(2026, 8, 31)]
        )
        self.assertTrue(card.has_trend)
        self.assertEqual(
            [(point["score"], point["grade"]) for point in card.trend],
            [(60, "medium"), (False, False), (80, "high"), (90, "high")],
        )
        action = card.action_open_history()
        self.assertEqual(self.cards.search_count(action["domain"]), 7)

    def test_evidence(self):
        """Each figure leads to the lines it counts, no more and no fewer."""
        good = self._buy(self.supplier, "2026-11-02", received=10)
        late = self._buy(self.supplier, "2026-11-03", received=10, received_on="2026-11-09")
        part = self._buy(self.supplier, "2026-11-04", received=4)
        dear = self._buy(self.supplier, "2026-11-05", received=10)
        back = self._buy(self.supplier, "2026-11-06", received=10)
        nothing = self._buy(self.supplier, "2026-11-07")
        self._buy(self.supplier, "2026-11-28")  # not due yet
        self._buy(self.supplier, "2025-11-25")  # before the window
        self._buy(self.other, "2026-11-08")
        dear.write({"agreed_price": 90, "agreed_price_source": "vendor_price"})
        good.write({"agreed_price": 100, "agreed_price_source": "vendor_price"})
        picking = back.move_ids.picking_id
        wizard = (
            self.env["stock.return.picking"]
            .with_context(active_id=picking.id, active_ids=picking.ids, active_model="stock.picking")
            .create({})
        )
        wizard.product_return_moves.quantity = 3
        returned = self.env["stock.picking"].browse(wizard.action_create_returns()["res_id"])
        returned.move_ids.write({"quantity": 3, "picked": True})
        returned.move_ids._action_done()
        self.cards.with_company(self.company).action_compute_now()
        card = self.cards.search([("partner_id", "=", self.supplier.id), ("is_current", "=", True)])
        report = self.env["supplier.delivery.report"].with_user(self.user_buyer)
        expected = {
            "due": good + late + part + dear + back + nothing,
            "not_in_time": late + part + nothing,
            "late": late,
            "overdue": part + nothing,
            "not_in_full": part + nothing,
            "price": dear,
            "returned": back,
        }
        for kind, lines in expected.items():
            with self.subTest(kind=kind):
                action = card.with_user(self.user_buyer).with_context(evidence=kind).action_open_lines()
                self.assertEqual(action["res_model"], "supplier.delivery.report")
                self.assertEqual(report.search(action["domain"]).order_line_id, lines)
        self.assertEqual(card.due_line_count, 6)
        self.assertEqual(card.overdue_line_count, 2)
        self.assertEqual(sum(report.search(card._get_evidence_domain()).mapped("value")), card.due_value)
        self.assertAlmostEqual(card.on_time_rate, 3400 / 6000, 5)
        self.assertAlmostEqual(card.price_compliance, 0.5, 5)
        self.assertAlmostEqual(card.quality_rate, 1 - 300 / 4400, 5)

    def test_rfqs(self):
        """The requests behind the response time: sent in the window, in the company's days."""
        person = self._create_person("Binh", self.supplier)
        subsidiary = self._create_company_partner("Subsidiary", parent_id=self.supplier.id)
        values = {"company_id": self.company.id}
        orders = self.env["purchase.order"].create(
            [
                {**values, "partner_id": person.id, "rfq_sent_date": "2026-11-25 23:59:00"},
                {**values, "partner_id": self.supplier.id, "rfq_sent_date": "2026-11-26 00:00:00"},
                {**values, "partner_id": self.other.id, "rfq_sent_date": "2026-11-20 00:00:00"},
                {**values, "partner_id": subsidiary.id, "rfq_sent_date": "2026-11-20 00:00:00"},
                {**values, "partner_id": self.supplier.id},
            ]
        )
        card = self._create_card(self.supplier, 50)
        found = self.env["purchase.order"].search(card.action_open_rfqs()["domain"])
        self.assertEqual(found, orders[0])

    # ------------------------------------------------------------------
    # Totals
    # ------------------------------------------------------------------
    def test_totals(self):
        """Of rates the ratio of the sums, of means the mean over all that was counted, of scores that of the rated."""
        self._create_card(
            self.supplier, 90, due_value=9000, on_time_value=900, on_time_rate=0.1, received_line_count=1,
            lead_days_mean=10, received_value=100, returned_value=10, quality_rate=0.9, rfq_count=2,
            answered_rfq_count=1, response_days=4,
        )  # fmt: skip
        self._create_card(
            self.other, 70, due_value=1000, on_time_value=1000, on_time_rate=1, received_line_count=3,
            lead_days_mean=2, received_value=300, returned_value=0, quality_rate=1,
        )  # fmt: skip
        empty = self._create_supplier("Empty")
        self._create_card(empty, None)
        mine = [("company_id", "=", self.company.id)]
        specs = [
            "on_time_rate:avg", "lead_days_mean:avg", "quality_rate:avg", "response_days:avg", "score:avg",
            "otif_rate:avg", "due_line_count:sum",
        ]  # fmt: skip
        for user in (self.user_buyer, self.user_boss):
            with self.subTest(user=user.login):
                [row] = self._as(user)._read_group(mine, [], specs)
                self.assertAlmostEqual(row[0], 0.19)
                self.assertAlmostEqual(row[1], 4)
                self.assertAlmostEqual(row[2], 0.975)
                self.assertAlmostEqual(row[3], 4)
                self.assertAlmostEqual(row[4], 80)
                self.assertIs(row[5], False, "no data is no rate")
                self.assertEqual(row[6], 50)
        [group] = self._as(self.user_buyer).formatted_read_group(
            [*mine, ("partner_id", "=", empty.id)], ["partner_id"], ["on_time_rate:avg", "score:avg"]
        )
        self.assertIs(group["on_time_rate:avg"], False)
        self.assertIs(group["score:avg"], False)

    def test_total_of_the_slippage(self):
        """A line that came before its order was confirmed again has a slippage and no lead time."""
        self._create_card(
            self.supplier, 90, received_line_count=0, slippage_line_count=3, slippage_days_mean=8
        )
        self._create_card(
            self.other,
            70,
            received_line_count=1,
            lead_days_mean=2,
            slippage_line_count=1,
            slippage_days_mean=4,
        )
        mine = [("company_id", "=", self.company.id)]
        [row] = self._as(self.user_buyer)._read_group(
            mine, [], ["slippage_days_mean:avg", "lead_days_mean:avg"]
        )
        self.assertEqual(row, (7, 2))

    def test_totals_of_two_currencies(self):
        """Amounts of two currencies have no sum, so there is no rate of both."""
        euro, dollar = self.env.ref("base.EUR"), self.env.ref("base.USD")
        (euro + dollar).active = True
        both = self.company + self.company2
        self.company.currency_id, self.company2.currency_id = euro, dollar
        for company, on_time in ((self.company, 500), (self.company2, 1000)):
            self._create_card(
                self.supplier, 90, company, due_value=1000, on_time_value=on_time, received_value=100,
                returned_value=10,
            )  # fmt: skip
        domain = [("partner_id", "=", self.supplier.id), ("company_id", "in", both.ids)]
        rates = ["on_time_rate:avg", "quality_rate:avg"]
        for user in (self.user_buyer, self.user_boss):
            user.company_ids += self.company2
            cards = self.cards.with_user(user).with_context(allowed_company_ids=both.ids)
            with self.subTest(user=user.login):
                [row] = cards._read_group(domain, [], [*rates, "due_line_count:sum"])
                self.assertEqual(row, (False, False, 50))
                groups = cards._read_group(domain, ["company_id"], rates)
                found = {company.id: (on_time, quality) for company, on_time, quality in groups}
                self.assertAlmostEqual(found[self.company.id][0], 0.5)
                self.assertAlmostEqual(found[self.company2.id][0], 1)
                self.assertAlmostEqual(found[self.company2.id][1], 0.9)
        self.company2.currency_id = euro
        [row] = self.cards.with_context(allowed_company_ids=both.ids)._read_group(domain, [], rates)
        self.assertAlmostEqual(row[0], 0.75)
        self.assertAlmostEqual(row[1], 0.9)

    # ------------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------------
    def test_buyer(self):
        card = self._create_card(self.supplier, 90, due_value=1000, price_compliance=0.5)
        mine = self._as(self.user_buyer)
        rows = mine.web_search_read([("is_current", "=", True)], {"score": {}, "due_value": {}, "reason": {}})
        self.assertEqual([(row["id"], row["due_value"]) for row in rows["records"]], [(card.id, 1000)])
        for call in (
            lambda: mine.create({"partner_id": self.other.id, "date_from": TODAY, "date_to": TODAY}),
            lambda: card.with_env(mine.env).write({"score": 100}),
            lambda: card.with_env(mine.env).unlink(),
            lambda: card.with_env(mine.env).action_compute(),
            mine.action_compute_now,
        ):
            with self.assertRaises(AccessError):
                call()

    def test_created_by_manager(self):
        """Who may compute also creates, but figures cannot be entered, nor another company rated."""
        self._buy(self.supplier, "2026-11-10", received=6)
        other = self.env["res.company"].create({"name": "Other Rating Company"})
        values = {"partner_id": self.supplier.id, "date_from": "2026-10-01", "date_to": "2026-11-24"}
        for user in (self.user_manager, self.user_boss):
            mine = self._as(user)
            card = mine.create({**values, "date_to": f"2026-11-{user.id % 10 + 15}"})
            self.assertAlmostEqual(card.on_time_rate, 0.6)
            for call in (
                lambda mine=mine: mine.create({**values, "score": 100}),
                lambda mine=mine: mine.create({**values, "company_id": other.id}),
                lambda card=card: card.write({"score": 100}),
                card.unlink,
            ):
                with self.assertRaises(AccessError):
                    call()

    def test_director(self):
        """Reads the rating, computes it, but sees no price."""
        self._create_card(self.supplier, 90, due_value=1000, price_compliance=0.5, on_time_rate=0.5)
        mine = self._as(self.user_boss)
        self.assertFalse(self.user_boss.has_group("purchase.group_purchase_user"))
        self.assertFalse(MONEY & set(mine.fields_get()))
        rows = mine.web_search_read([], {"score": {}, "on_time_rate": {}, "reason": {}, "line_ids": {}})
        self.assertEqual(rows["records"][0]["score"], 90)
        for name in sorted(MONEY):
            with self.subTest(field=name):
                with self.assertRaises(AccessError):
                    mine.web_search_read([], {name: {}})
                with self.assertRaises(AccessError):
                    mine.search([(name, ">", 0)])
                with self.assertRaises(AccessError):
                    mine.formatted_read_group([], [], [f"{name}:avg"])
                with self.assertRaises(AccessError):
                    mine.search([]).export_data([name])
        mine.action_compute_now()

    def test_seller(self):
        """Who does not buy sees nothing of it."""
        card = self._create_card(self.supplier, 90)
        mine = self._as(self.user_seller)
        for call in (
            lambda: mine.web_search_read([], {"score": {}}),
            lambda: mine.formatted_read_group([], ["grade"], ["__count"]),
            lambda: card.with_env(mine.env).export_data(["score"]),
            mine.action_compute_now,
        ):
            with self.assertRaises(AccessError):
                call()

    def test_two_companies(self):
        card = self._create_card(self.supplier, 90)
        foreign = self._create_card(self.supplier, 10, company=self.company2)
        for each in (card, foreign):
            self._create_lines(each, (90, 40))
        self.assertEqual(foreign.line_ids.company_id, self.company2)
        self.env.flush_all()
        for user in (self.user_buyer, self.user_manager, self.user_boss):
            mine = self._as(user)
            self.assertEqual(mine.search([("partner_id", "=", self.supplier.id)]), card)
            self.assertEqual(mine._read_group([], [], ["score:avg"]), [(90,)])
            with self.assertRaises(AccessError):
                foreign.with_env(mine.env).read(["score"])
            lines = mine.env["supplier.scorecard.line"]
            self.assertFalse(lines.search([("company_id", "=", self.company2.id)]))
            self.assertEqual(lines.search([("scorecard_id", "in", (card + foreign).ids)]), card.line_ids)

    def test_ratios_have_their_amounts(self):
        for name, amounts in RATIOS.items():
            self.assertIn(name, self.cards._fields)
            for amount in amounts:
                self.assertEqual(self.cards._fields[amount].type, "monetary")

    # ------------------------------------------------------------------
    # Contacts that go
    # ------------------------------------------------------------------
    def test_merged(self):
        """The remaining supplier has the orders of both, so its cards are computed again."""
        for day in ("2026-10-02", "2026-11-03"):
            self._buy(self.supplier, day, received=10)
        for day in ("2026-11-04", "2026-11-05", "2026-09-06"):
            self._buy(self.other, day)
        self._run_cron()
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            (self.supplier + self.other).ids, self.supplier
        )
        self.assertFalse(self.other.exists())
        cards = self.cards.search([("company_id", "=", self.company.id)])
        self.assertEqual(cards.partner_id, self.supplier)
        current = cards.filtered("is_current")
        self.assertEqual(len(current), 1)
        self.assertEqual((current.due_line_count, current.on_time_rate), (5, 0.4))
        months = {
            card.date_to: card.due_line_count
            for card in cards
            if card.period == "month" and not card.is_current
        }
        self.assertEqual(months, {date(2026, 9, 30): 1, date(2026, 10, 31): 1})

    def test_put_under_a_company(self):
        """The company has the orders of both from now on, and its months say so."""
        for day in ("2026-10-02", "2026-11-03"):
            self._buy(self.supplier, day, received=10)
        for day in ("2026-11-04", "2026-11-05", "2026-09-06"):
            self._buy(self.other, day)
        self._run_cron()
        self.other.write({"is_company": False, "parent_id": self.supplier.id})
        cards = self.cards.search([("company_id", "=", self.company.id)])
        self.assertEqual(cards.partner_id, self.supplier)
        current = cards.filtered("is_current")
        self.assertEqual((current.due_line_count, current.on_time_rate), (5, 0.4))
        months = {card.date_to: card.due_line_count for card in cards if card.period == "month"}
        self.assertEqual(months, {date(2026, 9, 30): 1, date(2026, 10, 31): 1})

    def test_archived_and_deleted(self):
        card = self._create_card(self.supplier, 90)
        self._create_lines(card, (90, 40))
        self.supplier.action_archive()
        self.assertEqual(self._as(self.user_buyer).search([("partner_id", "=", self.supplier.id)]), card)
        self.assertEqual(card.with_user(self.user_buyer).partner_state, "Archived")
        self.assertFalse(card.partner_active)
        self.supplier.unlink()
        self.assertFalse(card.exists())
