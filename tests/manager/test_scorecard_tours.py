from datetime import date

from odoo import Command
from odoo.tests import HttpCase, tagged

from .scoring import ScoringCommon


@tagged("post_install", "-at_install")
class TestScorecardTours(ScoringCommon, HttpCase):
    """Scorecards in the browser, each time as the least privileged user."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for user, amount in ((cls.user_sales, 800), (cls.user_sales2, 600), (cls.user_sub, 400)):
            cls._sell(user, amount)
        cls._compute()

    def test_manager(self):
        self._card(self.user_sub).action_close()
        self.start_tour("/odoo", "partner_relations_scorecard_manager", login=self.user_sub.login)

    def test_phone(self):
        self.browser_size, self.touch_enabled = "375x667", True
        self.user_sub.name = "Công Tằng Tôn Nữ Đặng Nguyệt Thượng Hoàng Phủ Ngọc Tường Vy"
        self.start_tour("/odoo/my-scorecards", "partner_relations_scorecard_phone", login=self.user_sub.login)

    def test_supervisor(self):
        self.start_tour("/odoo", "partner_relations_scorecard_supervisor", login=self.user_supervisor.login)

    def test_director(self):
        self.start_tour("/odoo", "partner_relations_scorecard_director", login=self.user_director.login)
        self.env.invalidate_all()
        self.assertEqual(self._card(self.user_sales2).state, "open")
        self.assertFalse(self._card(self.user_sales2).evidence_ids)


@tagged("post_install", "-at_install")
class TestBonusTours(ScoringCommon, HttpCase):
    """Comparison and bonus in the browser, each time as the least privileged user."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        retention = cls._get_indicator("retention_rate")
        cls.scheme.write(
            {
                "line_ids": [
                    Command.create(
                        {
                            "indicator_id": retention.id,
                            "weight": 10,
                            "target_kind": "fixed",
                            "target_value": 0.5,
                        }
                    )
                ],
                "bonus_method": "table",
                "bonus_band_ids": [Command.create({"score_from": 1, "kind": "percent", "number": 10})],
            }
        )
        sellers = cls.user_sales + cls.user_sales2 + cls.user_sub
        cls.env["manager.bonus.base"].create(
            [
                {
                    "user_id": user.id,
                    "company_id": cls.company_eur.id,
                    "date_from": date(2025, 1, 1),
                    "amount": 1000,
                }
                for user in sellers
            ]
        )
        for user, amount in zip(sellers, (800, 600, 400), strict=True):
            cls._sell(user, amount, "2025-02-10")
            cls._sell(user, amount, "2025-03-10")
        cls._compute(date(2025, 2, 1))
        cls._compute()
        cls.cards.search([("date_from", "=", date(2025, 3, 1))]).action_close()

    def test_director(self):
        self.start_tour("/odoo", "partner_relations_bonus_director", login=self.user_director.login)
        bonus = self.env["manager.bonus"].search([("user_id", "=", self.user_sub.id)])
        self.assertEqual((bonus.state, bonus.approved_by_id), ("approved", self.user_director))

    def test_long_names(self):
        indicators = self.scheme.line_ids.indicator_id
        self.assertGreater(len(indicators), 2)
        words = " of customers with incomparably important orders" * 3
        for indicator in indicators:
            indicator.name = f"{indicator.name}{words}"[:112]
        indicators[-1].name = "incomparable" * 9
        self.start_tour("/odoo", "partner_relations_comparison_names", login=self.user_director.login)

    def test_supervisor(self):
        self.start_tour("/odoo", "partner_relations_bonus_supervisor", login=self.user_supervisor.login)

    def test_manager(self):
        self.start_tour("/odoo", "partner_relations_bonus_manager", login=self.user_sub.login)
