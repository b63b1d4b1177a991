from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from ..common import RelationsCommon


@tagged("post_install", "-at_install")
class TestMailRuleTours(RelationsCommon, HttpCase):
    """A director's rule with its preview, and the log of a salesperson."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        today = fields.Date.context_today(cls.env["partner.mail.rule"])
        cls.template = cls.env["mail.template"].create(
            {
                "name": "Tour Template",
                "model_id": cls.env["ir.model"]._get_id("res.partner"),
                "subject": "Happy {{ object.name }}",
                "body_html": "<p>Dear <t t-out='object.name'/></p>",
            }
        )
        cls.persons = cls.env["res.partner"].create(
            [
                {
                    "name": "Tour Person",
                    "email": "tour@example.com",
                    "birthdate": today - timedelta(days=3653),
                },
                {"name": "Tour Mute", "birthdate": today - timedelta(days=3653)},
            ]
        )
        for person in cls.persons:
            person.birthdate = (
                today.replace(year=today.year - 1)
                if (today.month, today.day) != (2, 29)
                else (today.replace(year=today.year - 4))
            )
        rule = cls.env["partner.mail.rule"].create(
            {"name": "Tour Rule Off", "trigger": "birthday", "template_id": cls.template.id}
        )
        customers = [
            cls._create_company_partner("Tour Logged", user_id=cls.user_sales.id),
            cls._create_company_partner("Tour Hidden", user_id=cls.user_sales2.id),
        ]
        cls.env["partner.mail.rule.log"].create(
            [
                {
                    "rule_id": rule.id,
                    "company_id": cls.company.id,
                    "res_model": "res.partner",
                    "res_id": customer.id,
                    "record_name": customer.name,
                    "due_date": today,
                    "send_at": fields.Datetime.now(),
                    "state": "sent",
                    "subject": f"Happy {customer.name}",
                    "partner_id": customer.id,
                    "customer_id": customer.id,
                    "user_id": customer.user_id.id,
                }
                for customer in customers
            ]
        )

    def _free_weekdays(self):
        # whatever day the test runs on, today is no quiet day
        self.env["ir.default"].set("partner.mail.rule", "sat", True)
        self.env["ir.default"].set("partner.mail.rule", "sun", True)
        self.env["ir.default"].set("partner.mail.rule", "hour_from", 0.0)
        self.env["ir.default"].set("partner.mail.rule", "hour_to", 24.0)

    def test_director(self):
        self._free_weekdays()
        self.start_tour("/odoo", "partner_relations_mail_rule_director", login=self.user_director.login)
        rule = self.env["partner.mail.rule"].search([("name", "=", "Tour Greetings")])
        self.assertRecordValues(
            rule, [{"trigger": "birthday", "template_id": self.template.id, "is_on": False}]
        )

    def test_salesperson(self):
        self.start_tour("/odoo", "partner_relations_mail_rule_log", login=self.user_sales.login)
