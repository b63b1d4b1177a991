from odoo.tests import HttpCase, tagged

from .dashboarding import QUARTER, DashboardCommon


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

    def test_queries_of_a_request(self):
        """What the server asks the database for one call of the client, its session and rights included."""
        for user in (self.user_director, self.user_supervisor):
            self.authenticate(user.login, user.login)
            for _turn in range(3):
                self.env.flush_all()
                self.env.cr.precommit.run()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                data = self.make_jsonrpc_request(
                    "/web/dataset/call_kw/partner.director.dashboard/get_dashboard",
                    {
                        "model": "partner.director.dashboard",
                        "method": "get_dashboard",
                        "args": [QUARTER],
                        "kwargs": {
                            "context": {
                                "lang": "en_US",
                                "tz": "Asia/Ho_Chi_Minh",
                                "allowed_company_ids": self.company_eur.ids,
                            }
                        },
                    },
                )
            self.assertEqual(len(data["blocks"]["turnover"]["months"]), 3)
            self.assertLessEqual(self.env.cr.sql_log_count - before, 12, user.login)

    def test_phone(self):
        self.browser_size, self.touch_enabled = "375x667", True
        self.start_tour(
            "/odoo/relations-dashboard?period=last_12",
            "partner_relations_dashboard_phone",
            login=self.user_director.login,
        )
