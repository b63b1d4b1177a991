from datetime import datetime

from odoo.tests import HttpCase, tagged

from .owning import OwningCommon

INSTALLED = datetime(2026, 3, 15, 9)


@tagged("post_install", "-at_install")
class TestOwnerTours(OwningCommon, HttpCase):
    """Owners of customers in the browser, each time as the least privileged user."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mine = cls._create_company_partner("Owner Tour Mine", user_id=cls.user_sales.id)
        cls.other = cls._create_company_partner("Owner Tour Other", user_id=cls.user_sales2.id)

    def setUp(self):
        super().setUp()
        self._track(self.mine, datetime(2026, 2, 3, 4), self.user_sub.id, self.user_sales.id)
        self._install(INSTALLED)

    def test_manager(self):
        self.start_tour("/odoo", "partner_relations_owner_manager", login=self.user_sales.login)

    def test_supervisor(self):
        self.start_tour("/odoo", "partner_relations_owner_supervisor", login=self.user_supervisor.login)

    def test_director(self):
        self.start_tour("/odoo", "partner_relations_owner_director", login=self.user_director.login)
        self.env.invalidate_all()
        correction = self.env["partner.owner.correction"].search([("partner_id", "=", self.other.id)])
        self.assertRecordValues(
            correction,
            [{"create_uid": self.user_director.id, "user_id": self.user_sales2.id, "date_to": INSTALLED}],
        )
        self.assertEqual(self._values(self.other)[0].origin, "corrected")
