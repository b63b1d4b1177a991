from odoo.tests import HttpCase, tagged

from .dashboarding import DashboardCommon


@tagged("post_install", "-at_install")
class TestDashboardTours(DashboardCommon, HttpCase):
    """The dashboard in the browser, each time as the least privileged user who opens it."""

    browser_size = "1366x768"

    def test_director(self):
        self.start_tour("/odoo", "partner_relations_dashboard_director", login=self.user_director.login)

    def test_supervisor(self):
        self.start_tour("/odoo", "partner_relations_dashboard_supervisor", login=self.user_supervisor.login)

    def test_salesperson(self):
        self.start_tour("/odoo", "partner_relations_dashboard_salesperson", login=self.user_sales.login)


@tagged("post_install", "-at_install")
class TestDashboardPhone(DashboardCommon, HttpCase):
    browser_size = "375x667"
    touch_enabled = True

    def test_phone(self):
        self.start_tour(
            "/odoo/relations-dashboard?period=last_12",
            "partner_relations_dashboard_phone",
            login=self.user_director.login,
        )
