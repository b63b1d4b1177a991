"""The buttons of a contact that are asked for once its form stands."""

from lxml import etree

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tests.common import freeze_time

from ..common import RelationsCommon


@tagged("post_install", "-at_install")
class TestContactStats(RelationsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._create_company_partner("Customer")

    def _stats(self, user, partner=None):
        partner = partner or self.customer
        return {stat["action"]: stat for stat in partner.with_user(user).get_contact_stats()}

    def test_buttons_of_a_salesperson(self):
        for moment, user in (
            ("2026-01-05 08:00:00", self.user_sales2),
            ("2026-03-05 08:00:00", self.user_sales),
        ):
            with freeze_time(moment):
                self.customer.user_id = user
                self.env["partner.owner.period"]._flush_owners()
        stats = self._stats(self.user_sales)
        self.assertEqual(stats["action_open_letters"]["value"], "0")
        self.assertEqual(stats["action_open_owners"]["label"], "Responsible Since")
        self.assertEqual(stats["action_open_owners"]["value"], "03/05/2026")
        self.assertNotIn("action_view_payment_reminders", stats)
        self.assertNotIn("action_view_wage_deductions", stats)
        for stat in stats.values():
            action = getattr(self.customer.with_user(self.user_sales), stat["action"])()
            self.assertEqual(action["type"], "ir.actions.act_window")

    def test_nothing_for_others(self):
        plain = self._create_user("relations_plain_stats", "base.group_user")
        self.assertEqual(self._stats(plain), {})
        self.customer.company_id = self.env["res.company"].create({"name": "Elsewhere"})
        with self.assertRaises(AccessError):
            self._stats(self.user_sales)

    def test_none_of_them_is_a_field_of_the_form(self):
        """What the form does not ask for it does not wait for."""
        arch = etree.fromstring(
            self.env["res.partner"].with_user(self.user_sales).get_view(view_type="form")["arch"]
        )
        shown = {node.get("name") for node in arch.iter("field")}
        self.assertTrue(arch.xpath("//widget[@name='partner_contact_stats']"))
        self.assertFalse(
            shown & {"letter_count", "owner_since", "payment_reminder_count", "wage_deduction_count"}
        )
