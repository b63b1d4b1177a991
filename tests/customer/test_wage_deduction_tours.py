from odoo.tests import HttpCase, tagged

from .deducting import DeductingCommon


@tagged("post_install", "-at_install")
class TestWageDeductionTours(DeductingCommon, HttpCase):
    """Wage deduction in the browser, each as the least privileged role."""

    def test_accountant(self):
        move = self._sell(self.anna, 100, post=False, deduct=False)
        self._sell(self.ben, 60)
        self.start_tour(
            f"/odoo/m-account.move/{move.id}",
            "partner_relations_wage_invoice",
            login=self.user_accountant.login,
        )
        self.assertEqual(move.wage_member_id, self.anna)
        self.assertEqual(move.state, "posted")
        self.start_tour(
            f"/odoo/wage-deductions/{self.arrangement.id}",
            "partner_relations_wage_accountant",
            login=self.user_accountant.login,
        )
        made = self.lists.search([("arrangement_id", "=", self.arrangement.id)])
        self.assertRecordValues(
            made,
            [{"state": "closed", "amount": 53.33, "amount_settled": 30, "close_reason": "On sick leave"}],
        )
        self.assertEqual(self._residuals(move), [23.33, 33.33, 33.34])

    def test_salesperson(self):
        self._sell(self.anna, 90)
        self.start_tour(
            "/odoo/wage-deduction-members", "partner_relations_wage_salesperson", login=self.user_sales.login
        )
