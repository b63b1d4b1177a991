from odoo.tests import HttpCase, tagged

from ..common import RelationsCommon


@tagged("post_install", "-at_install")
class TestContactImportTour(RelationsCommon, HttpCase):
    def test_salesperson(self):
        known = self._create_person("Tour Known", email="known@import-tour.example")
        self.start_tour("/odoo", "partner_relations_contact_import", login=self.user_sales.login)
        self.env.invalidate_all()
        contact_import = self.env["partner.contact.import"].search([("create_uid", "=", self.user_sales.id)])
        self.assertRecordValues(
            contact_import,
            [
                {
                    "state": "done",
                    "created_count": 1,
                    "updated_count": 1,
                    "error_count": 1,
                    "found_format": "outlook",
                }
            ],
        )
        self.assertEqual(str(known.birthdate), "1980-01-15")
        new = contact_import.line_ids.partner_id - known
        self.assertEqual(new.parent_id.name, "Tour Import Company")
        self.assertIn("Birthday: soon", new.comment)
