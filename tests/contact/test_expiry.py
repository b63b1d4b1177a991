"""Reminders of blanket orders and quotations that end: whom, when, once."""

import runpy
from datetime import date
from pathlib import Path

from odoo import Command
from odoo.tests import freeze_time, tagged

from ..common import RelationsCommon

NOW = "2025-03-11 03:00:00"


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestExpiry(RelationsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.ref("purchase.group_purchase_user").user_ids = [Command.link(cls.user_sub.id)]
        cls.env.ref("sales_team.group_sale_salesman").user_ids = [Command.link(cls.user_sales.id)]
        cls.partner = cls._create_company_partner("Partner", user_id=cls.user_sales.id)
        (cls.user_sales | cls.user_sub).write({"tz": "Asia/Ho_Chi_Minh"})

    def _quotation(self, until, **values):
        quotation = self.env["sale.order"].create(
            {"partner_id": self.partner.id, "user_id": self.user_sales.id, "validity_date": until}
        )
        quotation.write({"state": "sent", **values})
        return quotation

    def _blanket(self, until, **values):
        return self.env["purchase.requisition"].create(
            {
                "vendor_id": self.partner.id,
                "user_id": self.user_sub.id,
                "requisition_type": "blanket_order",
                "date_end": until,
                "state": "confirmed",
                **values,
            }
        )

    def _remind(self):
        reminders = self.env["partner.reminder"]
        due = [row for row in reminders._get_expiring() if row[0] in self.user_sales | self.user_sub]
        return reminders._remind_expiry(due)

    def test_when_and_whom(self):
        near, blanket = self._quotation("2025-03-14"), self._blanket("2025-03-25")
        self._quotation("2025-03-15")  # too early
        self._blanket("2025-03-26")
        self._quotation("2025-03-10")  # over
        self._quotation("2025-03-12", state="draft")  # the customer does not have it
        self._blanket("2025-03-12", state="draft")
        made = self._remind()
        self.assertEqual(
            {(one.res_model, one.res_id, one.user_id, one.date_deadline) for one in made},
            {
                ("sale.order", near.id, self.user_sales, date(2025, 3, 14)),
                ("purchase.requisition", blanket.id, self.user_sub, date(2025, 3, 25)),
            },
        )
        self.assertTrue(all("03/" in one.summary for one in made), made.mapped("summary"))

    def test_no_contact(self):
        """That something ends is told; it stands for no contact, nor does ticking it off, also without our type."""
        logs = self.env["partner.contact.log"]
        for is_deleted in (False, True):
            if is_deleted:
                self.env.ref("partner_relations.mail_activity_type_expiry").unlink()
            quotation = self._quotation("2025-03-14")
            self._blanket("2025-03-20")
            made = self._remind()
            self.assertEqual(len(made), 2)
            quotation.activity_ids.action_feedback()
            self.assertFalse(logs.search([("activity_id", "in", made.ids)]))
            made.unlink()
        self.assertFalse(logs.search([("partner_id", "=", self.partner.id)]))

    def test_upgrade_takes_ends_out_of_the_log(self):
        """And leaves what somebody planned or wrote about."""
        quotation, ended, talked = (self._quotation("2025-03-14") for _number in range(3))
        made = self._remind()
        todo, ours = (
            self.env.ref(xmlid)
            for xmlid in ("mail.mail_activity_data_todo", "partner_relations.mail_activity_type_expiry")
        )
        self.assertEqual(made.activity_type_id, ours)
        # as earlier versions left it
        made.activity_type_id = todo
        told, translated, known = (one.activity_ids for one in (quotation, ended, talked))
        translated.summary = "Báo giá có hiệu lực đến 14/03/2025"
        translated.action_feedback()
        planned = quotation.activity_schedule(
            "mail.mail_activity_data_todo",
            summary="The quotation is valid until Friday: ring them up",
            automated=False,
        )
        logs = self.env["partner.contact.log"]
        activities = told | translated | known | planned
        entries = logs.search([("activity_id", "in", activities.ids)])
        self.assertEqual(len(entries), 4)
        entries.filtered(lambda log: log.sudo().activity_id == known).agreement = "Prices until Friday"
        self.env.flush_all()
        script = Path(__file__).parents[2] / "migrations" / "19.0.1.18.0" / "post-ends_in_log.py"
        runpy.run_path(str(script))["migrate"](self.env.cr, "19.0.1.17.0")
        self.env.invalidate_all()
        self.assertEqual(
            logs.search([("activity_id", "in", activities.ids)]).sudo().activity_id, known | planned
        )
        self.assertEqual([one.activity_type_id for one in activities], [ours, ours, ours, todo])

    def test_once_for_each_end(self):
        quotation = self._quotation("2025-03-14")
        self.assertEqual(len(self._remind()), 1)
        self.assertFalse(self._remind())
        quotation.activity_ids.unlink()
        self.assertFalse(self._remind(), "it was dismissed")
        quotation.validity_date = "2025-03-13"
        self.assertEqual(len(self._remind()), 1, "another end")

    def test_not_when_planned(self):
        quotation = self._quotation("2025-03-14")
        quotation.activity_schedule("mail.mail_activity_data_call", user_id=self.user_sales.id)
        self.assertFalse(self._remind())

    def test_who_may_not_read_it(self):
        self._blanket("2025-03-20", user_id=self.user_sales2.id)
        reminders = self.env["partner.reminder"]
        expiring = reminders._get_expiring()
        self.assertIn(self.user_sales2, [user for user, _document, _day in expiring])
        self.assertFalse(reminders._drop_unreadable_documents(expiring))

    def test_settings(self):
        self._quotation("2025-03-20")
        self.assertFalse(self._remind())
        self.company.quotation_reminder_days = 9
        self.assertEqual(len(self._remind()), 1)
        self._quotation("2025-03-11")
        self.company.quotation_reminder_days = -1
        self.assertFalse(self._remind())

    def test_day_of_the_reader(self):
        """At 03:00 UTC it is still the 10th in New York: what ends on the 10th is not over there."""
        quotation = self._quotation("2025-03-10")
        self.assertFalse(self._remind())
        self.user_sales.tz = "America/New_York"
        self.assertEqual(self._remind().res_id, quotation.id)
