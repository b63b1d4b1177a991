from dateutil.relativedelta import relativedelta

from odoo import Command, fields
from odoo.tests import HttpCase, tagged

from .classified import ClassifiedCommon


@tagged("post_install", "-at_install")
class TestCustomerTours(ClassifiedCommon, HttpCase):
    """The matrix in the browser, each time as the least privileged user who opens it."""

    def _tour(self, name, user, path="/odoo"):
        self.start_tour(path, f"partner_relations_matrix_{name}", login=user.login)

    def test_director(self):
        self._tour("director", self.user_director)

    def test_supervisor(self):
        self._tour("supervisor", self.user_supervisor)

    def test_salesperson(self):
        self._tour("salesperson", self.user_sub)

    def test_two_companies(self):
        self._sell(self.big, 300, "2025-02-01", company=self.company_usd)
        self._classify(self.company_usd, "2025-03-31")
        companies = self.company_eur + self.company_usd
        self.user_director.company_ids = companies
        cids = "-".join(str(company.id) for company in companies)
        self.start_tour(
            "/odoo/customer-matrix",
            "partner_relations_matrix_companies",
            login=self.user_director.login,
            cookies={"cids": cids},
        )

    def test_company_that_is_not_selected(self):
        self._tour("company_gone", self.user_director, "/odoo/customer-matrix")

    def test_nothing_classified(self):
        self.user_director.write(
            {"company_ids": [Command.set(self.company_usd.ids)], "company_id": self.company_usd.id}
        )
        self._tour("empty", self.user_director)

    def test_outsider(self):
        """Who has no part in the relations finds no menu, and reads why the address shows nothing."""
        user = self._create_user("relations_matrix_outsider", "base.group_user")
        self._tour("outsider", user, "/odoo/customer-matrix")


@tagged("post_install", "-at_install")
class TestAnalysisTours(ClassifiedCommon, HttpCase):
    """The page *Analysis* of a contact and the list of customers past their rhythm, by role."""

    def _tour(self, name, user, path="/odoo"):
        self.start_tour(path, f"partner_relations_{name}", login=user.login)

    def test_analysis_salesperson(self):
        last_month = fields.Date.start_of(fields.Date.today(), "month") - relativedelta(days=3)
        self._sell(self.mid, 900, last_month)
        self._tour("analysis_salesperson", self.user_sub)

    def test_analysis_supervisor(self):
        self._tour("analysis_supervisor", self.user_supervisor)

    def test_analysis_director(self):
        self._tour("analysis_director", self.user_director)

    def test_analysis_outsider(self):
        """Who has no part in the relations finds nothing of it on a contact."""
        user = self._create_user("relations_analysis_outsider", "base.group_user")
        self._tour("analysis_outsider", user, f"/odoo/contacts/{self.big.id}")

    def test_rhythm_salesperson(self):
        self.env["partner.effort.policy"]._get_for(self.company_eur)
        self._tour("rhythm_salesperson", self.user_sub)
        log = self.env["partner.contact.log"].search([("partner_id", "=", self.mid.id)])
        self.assertRecordValues(log, [{"name": "Asked how it goes", "user_id": self.user_sub.id}])

    def test_rhythm_supervisor(self):
        self.env["partner.effort.policy"]._get_for(self.company_eur)
        self._tour("rhythm_supervisor", self.user_supervisor)

    def test_rhythm_director(self):
        effort = self.env["partner.effort.policy"]._get_for(self.company_eur)
        self._tour("rhythm_director", self.user_director)
        self.assertEqual(effort.rule_ids[2].contact_days, 3650)
