from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.fields import Datetime
from odoo.tests import tagged, users

from ..common import RelationsCommon


@tagged("post_install", "-at_install")
class TestContactLogTimeline(RelationsCommon):
    """The timeline on the contact form, page by page."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._create_company_partner("Acacia", user_id=cls.user_sales.id)
        cls.person = cls._create_person("Lan", cls.customer)
        now = Datetime.now()
        cls.past = cls.env["partner.contact.log"].create(
            [
                {
                    "name": f"Call {number}",
                    "partner_id": (cls.person if number % 2 else cls.customer).id,
                    "channel": "phone" if number % 3 else "visit",
                    "date": now - timedelta(days=number),
                }
                for number in range(1, 2001)
            ]
        )
        cls.plans = cls.env["partner.contact.log"].create(
            [
                {
                    "name": "Next",
                    "partner_id": cls.person.id,
                    "state": "planned",
                    "date": now + timedelta(days=day),
                }
                for day in (5, 2)
            ]
        )

    @users("relations_sales")
    def test_pages(self):
        logs = self.env["partner.contact.log"]
        first = logs.get_timeline(self.customer.id)
        self.assertEqual(first["total"], 2000)
        self.assertEqual([row["id"] for row in first["done"]], self.past[:20].ids)
        self.assertEqual(
            [row["id"] for row in first["planned"]], self.plans[::-1].ids, "the nearest comes first"
        )
        self.assertEqual(first["last"], Datetime.to_string(self.past[0].date))
        second = logs.get_timeline(self.customer.id, offset=20)
        self.assertEqual([row["id"] for row in second["done"]], self.past[20:40].ids)
        self.assertFalse(second["planned"])
        self.assertEqual(logs.get_timeline(self.person.id)["total"], 1000, "of a person only the own")
        self.assertEqual(logs.get_timeline(self.customer.id, channel="visit")["total"], 666)

    @users("relations_sales")
    def test_a_page_costs_the_same_with_2_and_with_2000_entries(self):
        few = self.env["res.partner"].create({"name": "Few", "user_id": self.env.uid, "is_company": True})
        person = self.env["res.partner"].create({"name": "One", "parent_id": few.id})
        plan = {"name": "Next", "partner_id": person.id, "state": "planned", "date": Datetime.now()}
        self.env["partner.contact.log"].create([{"name": "Call", "partner_id": few.id}, plan])
        counts = []
        for partner in (few, few, self.customer):  # the first time fills caches
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.env["partner.contact.log"].get_timeline(partner.id)
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[2], counts[1] + 2)

    @users("relations_sales")
    def test_odd_arguments(self):
        logs = self.env["partner.contact.log"]
        self.assertEqual(len(logs.get_timeline(self.customer.id, limit=10**9)["done"]), 200)
        page = logs.get_timeline(self.customer.id)["done"]
        self.assertEqual(logs.get_timeline(self.customer.id, limit=-1, offset=-5)["done"], page)
        self.assertEqual(logs.get_timeline(self.customer.id, channel="' OR 1=1 --")["total"], 0)
        for partner_id in ("x", None, [1]):
            with self.assertRaisesRegex(UserError, "deleted or merged"):
                logs.get_timeline(partner_id)
        foreign = self.customer.sudo().copy({"company_id": self.company2.id})
        with self.assertRaises(AccessError):
            logs.get_timeline(foreign.id)
