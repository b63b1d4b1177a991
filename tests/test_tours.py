import os
from datetime import date, datetime, timedelta
from unittest.mock import patch

import pytz

from odoo.tests import HttpCase, tagged

from .common import RelationsCommon

ZONE = "Asia/Ho_Chi_Minh"
LOGGED = "Asked for a price of 40 chairs"
PLANNED = "Bring the sample chair"
AGREED = "Delivery before New Year"


@tagged("post_install", "-at_install")
class TestTours(RelationsCommon, HttpCase):
    """The daily paths in the browser, each as the least privileged user who takes it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tour_company = cls._create_company_partner("Bamboo Works Tour")

    def _log_contact(self, user, words):
        return (
            self.env["partner.contact.log"]
            .with_user(user)
            .create({"title": words, "partner_id": self.tour_company.id})
        )

    # ------------------------------------------------------------------
    # A salesperson's day
    # ------------------------------------------------------------------
    def _check_salesperson_day(self, lang):
        user = self._create_user(
            f"relations_tour_{lang}",
            "partner_relations.group_user,sales_team.group_sale_salesman",
            lang=lang,
            tz=ZONE,
        )
        tomorrow = datetime.now(pytz.timezone(ZONE)).date() + timedelta(days=1)
        # The client works in the time zone of the browser, which takes it from its environment.
        with patch.dict(os.environ, {"TZ": ZONE}):
            self.start_tour("/odoo", "partner_relations_salesperson_day", login=user.login)
        self.env.invalidate_all()

        logs = self.env["partner.contact.log"].search([("partner_id", "=", self.tour_company.id)], order="id")
        self.assertRecordValues(
            logs,
            [
                {
                    "name": words,
                    "state": "done",
                    "channel": "phone",
                    "direction": "out",
                    "user_id": user.id,
                    "create_uid": user.id,
                    "closed_by_id": user.id,
                    "source_model": False,
                }
                for words in (LOGGED, PLANNED)
            ],
        )
        logged, planned = logs
        self.assertEqual(logged.agreement, AGREED)
        self.assertFalse(logged.date_planned)
        self.assertEqual(planned.previous_log_id, logged)
        # ten o'clock in Ho Chi Minh City
        self.assertEqual(
            planned.date_planned, datetime.combine(tomorrow, datetime.min.time()).replace(hour=3)
        )
        self.assertLess(planned.date, planned.date_planned, "done when the button was pressed")

        activity = (
            self.env["mail.activity"].with_context(active_test=False).search([("user_id", "=", user.id)])
        )
        self.assertRecordValues(
            activity,
            [
                {
                    "summary": PLANNED,
                    "active": False,
                    "res_model": "res.partner",
                    "res_id": self.tour_company.id,
                    "date_deadline": tomorrow,
                }
            ],
        )
        self.assertEqual(planned.activity_id, activity)

    def test_salesperson_day(self):
        self._check_salesperson_day("en_US")

    def test_salesperson_day_vietnamese(self):
        self.env["res.lang"]._activate_lang("vi_VN")
        self.env["ir.module.module"]._load_module_terms(["web", "mail", "partner_relations"], ["vi_VN"])
        self._check_salesperson_day("vi_VN")

    def test_result(self):
        """What came of a planned contact is written before it counts as done, and the next one planned with it."""
        user = self._create_user(
            "relations_tour_result", "partner_relations.group_user,sales_team.group_sale_salesman", tz=ZONE
        )
        planned = self.env["partner.contact.log"].with_user(user)
        planned = planned.create(
            {
                "title": PLANNED,
                "partner_id": self.tour_company.id,
                "state": "planned",
                "date": datetime.now() - timedelta(days=2),
            }
        )
        with patch.dict(os.environ, {"TZ": ZONE}):
            self.start_tour("/odoo/relations-board", "partner_relations_result", login=user.login)
        self.env.invalidate_all()
        self.assertRecordValues(planned, [{"state": "done", "agreement": AGREED, "closed_by_id": user.id}])
        following = self.env["partner.contact.log"].search([("previous_log_id", "=", planned.id)])
        self.assertRecordValues(following, [{"name": LOGGED, "state": "planned", "user_id": user.id}])

    def test_contact_person(self):
        user = self._create_user(
            "relations_tour_person", "partner_relations.group_user,sales_team.group_sale_salesman", tz=ZONE
        )
        self._create_person("Known Person Tour", email="known.person@tour.example.com")
        self.start_tour("/odoo", "partner_relations_contact_person", login=user.login)
        self.env.invalidate_all()
        person = self.tour_company.child_ids
        self.assertRecordValues(
            person,
            [
                {
                    "name": "New Person Tour",
                    "email": "new.person@tour.example.com",
                    "birth_year_known": False,
                    "birth_day": "29",
                    "birth_month": "02",
                    "birthday_age": 0,
                    "create_uid": user.id,
                }
            ],
        )
        self.assertEqual((person.birthdate.day, person.birthdate.month), (29, 2))
        self.assertGreaterEqual(person.next_birthday, date.today() - timedelta(days=1))

    def _check_document(self, model, group, **values):
        user = self._create_user(f"relations_tour_{model}", f"partner_relations.group_user,{group}")
        document = self.env[model].with_user(user).create({"partner_id": self.tour_company.id, **values})
        self.start_tour(f"/odoo/{model}/{document.id}", "partner_relations_document", login=user.login)
        self.env.invalidate_all()
        self.assertRecordValues(
            self.env["partner.contact.log"].search([("partner_id", "=", self.tour_company.id)]),
            [
                {
                    "name": LOGGED,
                    "state": "done",
                    "user_id": user.id,
                    "res_model": model,
                    "res_id": document.id,
                    "source_model": False,
                }
            ],
        )

    def test_opportunity(self):
        self._check_document("crm.lead", "sales_team.group_sale_salesman", name="Chairs", type="opportunity")

    def test_sale_order(self):
        self._check_document("sale.order", "sales_team.group_sale_salesman")

    def test_purchase_order(self):
        self._check_document("purchase.order", "purchase.group_purchase_user")

    # ------------------------------------------------------------------
    # Who sees what
    # ------------------------------------------------------------------
    def test_supervisor(self):
        self._log_contact(self.user_sub, "Visit of the subordinate")
        self._log_contact(self.user_supervisor, "Call of my own")
        self.start_tour("/odoo", "partner_relations_supervisor", login=self.user_supervisor.login)

    def test_colleague(self):
        self._log_contact(self.user_sub, "Visit of the subordinate")
        self._log_contact(self.user_sales2, "Call of my own")
        self.start_tour("/odoo", "partner_relations_colleague", login=self.user_sales2.login)

    def test_director(self):
        self._log_contact(self.user_sub, "Visit of the subordinate")
        self.start_tour("/odoo", "partner_relations_director", login=self.user_director.login)

    def test_settings(self):
        user = self._create_user(
            "relations_tour_system", "partner_relations.group_director,base.group_system"
        )
        self.company.relations_auto_close_meetings = True
        self.start_tour("/odoo", "partner_relations_settings", login=user.login)
        self.env.invalidate_all()
        self.assertFalse(self.company.relations_auto_close_meetings)

    def test_employee(self):
        """Who has no part in the relations sees contacts as before."""
        user = self._create_user("relations_tour_employee", "base.group_user")
        self.start_tour(
            f"/odoo/res.partner/{self.tour_company.id}", "partner_relations_employee", login=user.login
        )
