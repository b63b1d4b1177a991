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

    def test_supervisor(self):
        self.start_tour("/odoo", "partner_relations_scorecard_supervisor", login=self.user_supervisor.login)

    def test_director(self):
        self.start_tour("/odoo", "partner_relations_scorecard_director", login=self.user_director.login)
        self.env.invalidate_all()
        self.assertEqual(self._card(self.user_sales2).state, "open")
        self.assertFalse(self._card(self.user_sales2).evidence_ids)
