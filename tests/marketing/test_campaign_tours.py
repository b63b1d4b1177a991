from odoo.tests import HttpCase, tagged

from .campaigning import CampaigningCommon


@tagged("post_install", "-at_install")
class TestCampaignTours(CampaigningCommon, HttpCase):
    """Campaigns in the browser, as somebody in marketing."""

    def test_compare_and_enter_a_cost(self):
        campaign = self.env["utm.campaign"].create(
            {"title": "Tour Campaign", "company_id": self.company_eur.id, "budget": 100}
        )
        self._spend(80, campaign)
        self._sell(self.customer, 3, 30, campaign_id=campaign.id)
        self.start_tour(
            "/odoo/campaign-results", "partner_relations_campaign", login=self.user_marketing.login
        )
        self.assertEqual(sum(campaign.cost_ids.mapped("cost")), 120)
        self.assertEqual(self._row(campaign).roi, 20 / 120 - 1)
