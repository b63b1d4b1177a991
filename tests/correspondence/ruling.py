"""Rules, their templates and their mails, for the tests of mail rules."""

from datetime import date, datetime

from odoo import Command
from odoo.tests import freeze_time

from ..customer.dealing import DealingCommon
from ..jobs import run_job

# A Thursday; nine o'clock in Ho Chi Minh City.
DAY = date(2026, 11, 26)
MORNING = datetime(2026, 11, 26, 2, 0)
MODELS = {
    "birthday": "res.partner",
    "class_up": "res.partner",
    "contract_end": "supplier.terms",
    "first_purchase": "res.partner",
    "invoice_due": "account.move",
    "next_contact": "partner.contact.log",
    "opportunity_lost": "crm.lead",
    "order_confirmed": "sale.order",
    "order_delivered": "sale.order",
    "order_failed": "partner.order.failure",
    "promised_purchase": "purchase.order",
    "promised_sale": "sale.order",
    "stage_lost": "res.partner",
}


class RulingCommon(DealingCommon):
    """``company_eur`` is in Ho Chi Minh City, and its rules send from eight to twenty from Monday to Friday."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rules = cls.env["partner.mail.rule"]
        cls.logs = cls.env["partner.mail.rule.log"]
        # rules of a company that was used before would send too
        cls.rules.search([]).is_on = False
        cls.company_eur.partner_id.tz = "Asia/Ho_Chi_Minh"
        cls.company_eur.relations_mail_limit = 0
        cls.customer.write({"email": "customer@example.com", "lang": "en_US"})
        cls.user_director.company_ids += cls.company_eur

    @classmethod
    def _template(cls, trigger, **values):
        return cls.env["mail.template"].create(
            {
                "name": f"Test {trigger}",
                "model_id": cls.env["ir.model"]._get_id(MODELS[trigger]),
                "subject": "About {{ object.display_name }}",
                "body_html": '<p>Dear <t t-out="object.display_name"/></p>',
                **values,
            }
        )

    @classmethod
    def _rule(cls, trigger, since=date(2026, 11, 1), **values):
        template = values.pop("template_id", None) or cls._template(trigger).id
        rule = cls.rules.create(
            {
                "name": f"Rule {trigger}",
                "company_id": cls.company_eur.id,
                "trigger": trigger,
                "template_id": template,
                "is_on": True,
                "purpose": "transactional",
                **values,
            }
        )
        rule.date_start = since
        return rule

    def _person(self, name="Ann", day=date(1990, 11, 26), **values):
        return self.env["res.partner"].create(
            {
                "name": name,
                "birthdate": day,
                "email": f"{name.lower()}@example.com",
                "parent_id": self.customer.id,
                **values,
            }
        )

    def _run(self, moment=MORNING, fails=False):
        """What the scheduler does at ``moment``."""
        with freeze_time(moment), self.enter_registry_test_mode():
            run_job(self.env, "ir_cron_mail_rules", fails)
        self.env.invalidate_all()

    def _log(self, rule):
        return self.logs.search([("rule_id", "=", rule.id)], order="due_date, res_id")

    def _states(self, rule):
        return [(log.due_date, log.state, log.reason) for log in self._log(rule)]

    def _invoice_of(self, customer, due, amount=100, **values):
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": customer.id,
                "company_id": self.company_eur.id,
                "invoice_date": values.pop("invoice_date", date(2026, 11, 1)),
                "invoice_date_due": due,
                "invoice_payment_term_id": False,
                "invoice_line_ids": [
                    Command.create({"product_id": self.chair.id, "quantity": 1, "price_unit": amount})
                ],
                **values,
            }
        )
        move.action_post()
        return move
