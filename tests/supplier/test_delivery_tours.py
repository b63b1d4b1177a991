from odoo.tests import HttpCase, tagged

from .deliveries import DeliveriesCommon


@tagged("post_install", "-at_install")
class TestDeliveryTours(DeliveriesCommon, HttpCase):
    """Coming deliveries in the browser, as a buyer."""

    def test_chase(self):
        self.start_tour("/odoo", "partner_relations_chase", login=self.user_buyer.login)
        self.env.invalidate_all()
        chased = (self.line_late + self.line_soon + self.line_other).filtered("supplier_chase_date")
        self.assertEqual(chased, self.line_late + self.line_soon)
        logs = self.env["partner.contact.log"].search(
            [("commercial_partner_id", "=", self.vendor.id), ("user_id", "=", self.user_buyer.id)]
        )
        self.assertEqual(len(logs.filtered(lambda log: log.source_model == "mail.message")), 1)

    def test_chase_again(self):
        # within this month, so that the calendar shows it
        self.line_late.date_planned = self._noon(0)
        self.env["supplier.chase"].with_user(self.user_plain_buyer)._open(self.line_late)
        chase = self.env["supplier.chase"].search([], order="id desc", limit=1)
        chase.with_user(self.user_plain_buyer).action_send()
        self.start_tour(
            "/odoo/coming-deliveries", "partner_relations_chase_again", login=self.user_plain_buyer.login
        )
