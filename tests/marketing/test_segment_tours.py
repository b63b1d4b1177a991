from odoo.tests import HttpCase, tagged

from .segmenting import MARKETING, SegmentCommon


@tagged("post_install", "-at_install")
class TestSegmentTours(SegmentCommon, HttpCase):
    """Segments in the browser, as somebody in marketing."""

    def test_segment_to_mailing(self):
        user = self._create_user("relations_segment_tour", MARKETING)
        industry = self.env["res.partner.industry"].create({"name": "Tour Wood"})
        company = self._create_company_partner(
            "Tour Works", industry_id=industry.id, email="works@example.com"
        )
        for number in range(3):
            self._create_person(f"Tour Person {number}", company, email=f"tour{number}@example.com")
        self.start_tour("/odoo/segments", "partner_relations_segment", login=user.login)
        segment = self.env["partner.segment"].search([("name", "=", "Wood industry")])
        self.assertRecordValues(segment, [{"user_id": user.id, "partner_count": 3}])
        mailing = segment.mailing_ids
        self.assertRecordValues(mailing, [{"subject": "Spring catalogue", "answer_mode": "inquiry"}])
        self.assertEqual(len(mailing._get_recipients()), 3)

    def test_from_a_segment_of_somebody_else_to_an_own_one(self):
        for number, user in enumerate((self.user_director, self.user_marketing), start=1):
            self._segment([], name=f"Tour Segment {number}", user_id=user.id)
        self.start_tour("/odoo/segments", "partner_relations_segment_next", login=self.user_marketing.login)

    def test_lost_connection(self):
        self._segment([], name="Tour Segment", user_id=self.user_marketing.id)
        self.start_tour("/odoo/segments", "partner_relations_segment_again", login=self.user_marketing.login)
