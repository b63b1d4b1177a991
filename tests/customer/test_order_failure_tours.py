from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from .failing import FailingCommon


@tagged("post_install", "-at_install")
class TestOrderFailureTours(FailingCommon, HttpCase):
    """Failed and closed orders in the browser, as salesperson and as director."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tour_customer = cls._create_company_partner("Tour Customer", user_id=cls.user_sales.id)
        cls.reason = cls.env["partner.order.failure.reason"].create(
            {"name": "Tour Reason", "fault": "us", "for_late": True}
        )

    def _partly(self):
        promised = fields.Datetime.now() - timedelta(days=5)
        order = self._order(
            [(self.chair, 10, 100)], partner_id=self.tour_customer.id, commitment_date=promised
        )
        self._deliver(order, 7)
        return order

    def test_lose_quotation(self):
        order = self._quote(partner_id=self.tour_customer.id)
        self.start_tour(
            f"/odoo/action-sale.action_quotations_with_onboarding/{order.id}",
            "partner_relations_lose_quotation",
            login=self.user_sales.login,
        )
        self.assertRecordValues(
            self._failure(order),
            [
                {
                    "kind": "lost",
                    "reason_id": self.reason.id,
                    "note": "They want it cheaper",
                    "user_id": self.user_sales.id,
                }
            ],
        )

    def test_close_rest(self):
        order = self._partly()
        self.start_tour(
            f"/odoo/action-sale.action_orders/{order.id}",
            "partner_relations_close_rest",
            login=self.user_sales.login,
        )
        self.assertRecordValues(
            self._failure(order), [{"kind": "short", "reason_id": self.reason.id, "value_failed": 300}]
        )

    def test_fill_reason(self):
        order = self._quote(partner_id=self.tour_customer.id)
        order.action_cancel()
        self.start_tour("/odoo", "partner_relations_fill_reason", login=self.user_sales.login)
        self.assertRecordValues(self._failure(order), [{"reason_id": self.reason.id, "fault": "us"}])

    def test_director(self):
        self._dialog(self._partly(), self.reason, is_short=True)
        self._dialog(self._quote(partner_id=self.tour_customer.id), self.reason)
        self.start_tour("/odoo", "partner_relations_failures_director", login=self.user_director.login)
