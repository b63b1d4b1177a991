"""The board, the week and the team in the browser, each as the least privileged user who works there."""

import os
from datetime import datetime, time, timedelta
from unittest.mock import patch

import pytz

from odoo import Command
from odoo.tests import HttpCase, tagged

from ..common import RelationsCommon

ZONE = "Asia/Ho_Chi_Minh"
OVERDUE = "Call about the late offer"
TODAY = "Visit of the showroom"


@tagged("post_install", "-at_install")
class TestTimeTours(RelationsCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        now = datetime.now()
        # Odoo notes the day of UTC as that on which something was done: what is done in the first hours of a Monday is
        # of the week before, and not in the plan of this one.
        is_same_week = cls._get_local(now, ZONE).isocalendar()[:2] == now.isocalendar()[:2]
        cls.zone = ZONE if is_same_week else "UTC"
        users = cls.user_sales | cls.user_supervisor | cls.user_director | cls.user_sub | cls.user_sales2
        users.write({"tz": cls.zone})
        users.write({"group_ids": [Command.link(cls.env.ref("sales_team.group_sale_salesman").id)]})
        cls.customer = cls._create_company_partner(
            "Bamboo Works Tour", user_id=cls.user_sales.id, phone="0281234567"
        )
        logs = cls.env["partner.contact.log"].with_user(cls.user_sales)
        local = cls._get_local(now, cls.zone)
        last_minute = pytz.timezone(cls.zone).localize(datetime(local.year, local.month, local.day, 23, 59))
        for title, moment in ((OVERDUE, now - timedelta(days=1)), (TODAY, last_minute.astimezone(pytz.utc))):
            logs.create(
                {
                    "title": title,
                    "partner_id": cls.customer.id,
                    "state": "planned",
                    "date": moment.replace(tzinfo=None, microsecond=0),
                }
            )
        # of a customer with whom nothing else is planned
        cls.other = cls._create_company_partner("Rattan Works Tour", user_id=cls.user_sales.id)
        cls.lead = cls.env["crm.lead"].create(
            {
                "name": "Chairs Tour",
                "type": "opportunity",
                "partner_id": cls.other.id,
                "user_id": cls.user_sales.id,
            }
        )

    @staticmethod
    def _get_local(moment, zone):
        return pytz.utc.localize(moment).astimezone(pytz.timezone(zone))

    def _tour(self, name, user, url="/odoo/relations-board"):
        # the client works in the time zone of the browser, which takes it from its environment
        with patch.dict(os.environ, {"TZ": self.zone}):
            self.start_tour(url, f"partner_relations_time_{name}", login=user.login)
        self.env.invalidate_all()

    def test_salesperson(self):
        self._tour("salesperson", self.user_sales)
        logs = self.env["partner.contact.log"].search(
            [("partner_id", "in", (self.customer | self.other).ids)]
        )
        states = {log.title: log.state for log in logs}
        self.assertEqual(states, {OVERDUE: "done", TODAY: "planned", "Send samples": "planned"})
        plan = self.env["partner.work.plan"].search([("user_id", "=", self.user_sales.id)])
        self.assertEqual(plan.state, "submitted")

    def test_deals(self):
        """Deals are moved, given away, won and lost from the board."""
        tables, lamps = (
            self.lead.copy({"name": name, "user_id": self.user_sales.id})
            for name in ("Tables Tour", "Lamps Tour")
        )
        self._tour("deals", self.user_sales)
        today = datetime.now(pytz.timezone(self.zone)).date()
        moved = (self.lead.date_deadline - today).days
        self.assertTrue(7 <= moved <= 9, moved)
        self.assertEqual(self.lead.user_id, self.user_sub)
        self.assertEqual((tables.won_status, lamps.won_status), ("won", "lost"))

    def test_more_than_the_board_shows(self):
        now = datetime.now()
        """Further rows, then the list; and two clicks at once are both saved."""
        logs = self.env["partner.contact.log"].with_user(self.user_sales)
        calls = logs.create(
            [
                {
                    "title": f"Call {number}",
                    "channel": "phone",
                    "partner_id": self.customer.id,
                    "user_id": self.user_sales.id,
                    "state": "planned",
                    "date": now - timedelta(days=2, minutes=number),
                }
                for number in range(231)
            ]
        )
        self._tour("many", self.user_sales)
        self.assertEqual(calls.filtered(lambda call: call.state == "done"), calls[-1] + calls[-2])

    def test_drag(self):
        """Dragging a line of the plan to another day moves its meeting or activity, at the meeting's length."""
        zone = pytz.timezone(self.zone)
        today = datetime.now(zone).date()
        monday = today - timedelta(days=today.weekday() - 7)
        start = zone.localize(datetime.combine(monday + timedelta(days=2), time(10)))  # Wednesday
        start = start.astimezone(pytz.utc).replace(tzinfo=None)
        event = (
            self.env["calendar.event"]
            .with_user(self.user_sales)
            .create({"name": "Visit of the fair", "start": start, "stop": start + timedelta(hours=1)})
        )
        call, offer, letter = (
            self.customer.with_user(self.user_sales).activity_schedule(
                "mail.mail_activity_data_todo",
                monday + timedelta(days=1),
                summary,
                user_id=self.user_sales.id,
            )
            for summary in ("Call about chairs", "Send the offer", "Write the letter")
        )
        plan = self.env["partner.work.plan"].with_user(self.user_sales).create({"date_from": monday})
        plan.action_fill()
        hours = plan.planned_hours
        self._tour("drag", self.user_sales, f"/odoo/work-plans/{plan.id}")
        friday = monday + timedelta(days=4)
        moved = self._get_local(event.start, self.zone)
        self.assertEqual((moved.date(), moved.hour), (friday, 10))
        self.assertEqual(event.stop - event.start, timedelta(hours=1))
        self.assertEqual([one.date_deadline for one in (call, offer, letter)], [friday] * 3)
        self.assertEqual(set(plan.line_ids.mapped("date")), {friday})
        self.assertEqual(plan.planned_hours, hours)

    def test_supervisor(self):
        plan = self.env["partner.work.plan"].with_user(self.user_sales).create({})
        plan.action_fill()
        plan.action_submit()
        self._tour("supervisor", self.user_supervisor)
        self.assertEqual(plan.state, "approved")
        self.assertEqual(self.lead.user_id, self.user_sub)
        trace = self.env["partner.reassignment"].search([("user_from_id", "=", self.user_sales.id)])
        self.assertEqual(trace.create_uid, self.user_supervisor)

    def test_director(self):
        self.env["partner.work.plan"].with_user(self.user_sales).create({}).action_fill()
        self._tour("director", self.user_director)

    def test_start_screen(self):
        """The app opens with the board."""
        menu = self.env.ref("partner_relations.menu_root")
        first = menu.child_id.sorted(lambda child: (child.sequence, child.id))[0]
        self.assertEqual(first.action, self.env.ref("partner_relations.partner_control_board_action"))
