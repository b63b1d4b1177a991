from odoo.tests import HttpCase, tagged

from .reminding import RemindingCommon


@tagged("post_install", "-at_install")
class TestPaymentTours(RemindingCommon, HttpCase):
    """Payment reminders in the browser, as an accountant without rights on Relations."""

    def test_accountant(self):
        self._owe(10, 1234)
        self._owe(40, partner=self.customer2)
        self.start_tour(
            "/odoo/payment-reminders",
            "partner_relations_payment_accountant",
            login=self.user_accountant.login,
        )
        reminder = self.reminders.search([("partner_id", "=", self.customer.id)])
        self.assertEqual((reminder.state, reminder.note), ("queued", "Thank you for your help"))
        self.assertIn("Thank you for your help", reminder.mail_id.body_html)
        other = self.reminders.search([("partner_id", "=", self.customer2.id)])
        self.assertEqual(other.state, "draft")

    def test_receivables(self):
        self._owe(10, 1234)
        self.start_tour(
            "/odoo/receivables-by-age", "partner_relations_receivables", login=self.user_accountant.login
        )
