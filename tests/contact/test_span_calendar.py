"""Calendars ask for what ends on the days that they show, not for all that ever began before."""

import functools
import operator as comparison
from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.fields import Domain
from odoo.tests import HttpCase, tagged

from ..common import RelationsCommon

MOMENT = datetime(2026, 3, 4, 12)
# hours before the moment at which it begins, and its length
SPANS = [
    (0, 0),
    (0.001, 0),
    (-5, 0),
    (1, 1),
    (1, 1.5),
    (1, 0.5),
    (24, 24),
    (24, 23.5),
    (23, 24),
    (25, 24),
    (25, 25),
    (25, 25.5),
    (700, 699.5),
    (700, 700),
    (700, 701),
    (2000, None),
]
COMPARISONS = {
    "<": comparison.lt,
    "<=": comparison.le,
    "=": comparison.eq,
    "!=": comparison.ne,
    ">=": comparison.ge,
    ">": comparison.gt,
}


@tagged("post_install", "-at_install")
class TestSpanSearch(RelationsCommon):
    def _check(self, records):
        for operator, compare in COMPARISONS.items():
            expected = [record.id for record in records if compare(record.date_stop, MOMENT)]
            self.assertTrue(0 < len(expected) < len(records))
            for value in (MOMENT, fields.Datetime.to_string(MOMENT)):
                with self.subTest(model=records._name, operator=operator, value=value):
                    domain = Domain("id", "in", records.ids) & Domain("date_stop", operator, value)
                    self.assertEqual(records.search(domain, order="id").ids, sorted(expected))

    def test_contacts(self):
        customer = self._create_company_partner("Span Mill")
        logs = self.env["partner.contact.log"].create(
            [
                {
                    "title": "Span",
                    "partner_id": customer.id,
                    "state": "done",
                    "date": MOMENT - timedelta(hours=before),
                    "duration": hours or 0,
                }
                for before, hours in SPANS
            ]
        )
        self.env.flush_all()
        self.env.cr.execute("UPDATE partner_contact_log SET duration = NULL WHERE id = %s", logs.ids[-1:])
        self.env.invalidate_all()
        self._check(logs)

    def test_lines_of_work_plans(self):
        plan = self.env["partner.work.plan"].create({"user_id": self.user_sales.id})
        lines = self.env["partner.work.plan.line"].create(
            [{"plan_id": plan.id, "name": "Span"} for _span in SPANS]
        )
        self.env.flush_all()
        for line, (before, hours) in zip(lines, SPANS, strict=True):
            # a line stands in the week of its plan, and is no longer, which is not what this is about
            self.env.cr.execute(
                "UPDATE partner_work_plan_line SET date_start = %s, hours = %s WHERE id = %s",
                [MOMENT - timedelta(hours=before), hours, line.id],
            )
        self.env.invalidate_all()
        self._check(lines)


@tagged("post_install", "-at_install")
class TestSpanCalendar(RelationsCommon, HttpCase):
    def test_calendar_asks_for_its_days(self):
        self.user_sales.tz = "UTC"
        customer = self._create_company_partner("Span Mill", user_id=self.user_sales.id)
        now = datetime.now().replace(microsecond=0)
        for title, days, hours in (("Span Now", 0, 1), ("Span Long", 20, 21 * 24), ("Span Past", 20, 1)):
            self.env["partner.contact.log"].with_user(self.user_sales).create(
                {
                    "title": title,
                    "partner_id": customer.id,
                    "state": "done",
                    "date": now - timedelta(days=days),
                    "duration": hours,
                }
            )
        asked = []
        logs = type(self.env["partner.contact.log"])
        search_read = logs.search_read

        @functools.wraps(search_read)  # with what says how it is called
        def note(records, domain=None, *args, **kwargs):
            rows = search_read(records, domain, *args, **kwargs)
            asked.append((domain, [row["display_name"] for row in rows]))
            return rows

        action = self.env.ref("partner_relations.partner_contact_log_action")
        with patch.object(logs, "search_read", note):
            self.start_tour(
                f"/odoo/action-{action.id}?view_type=calendar",
                "partner_relations_span_calendar",
                login=self.user_sales.login,
            )
        self.assertTrue(asked)
        for domain, names in asked:
            self.assertIn(
                "date_stop", {condition.field_expr for condition in Domain(domain).iter_conditions()}
            )
            self.assertFalse([name for name in names if "Span Past" in name])

    def test_calendars_with_a_length_are_such(self):
        """Odoo asks for everything before the last day where a calendar knows a length and no end."""
        calendars = self.env["ir.ui.view"].search(
            [("type", "=", "calendar"), ("arch_db", "like", "date_delay"), ("model", "=like", "partner.%")]
        )
        self.assertTrue(calendars)
        for view in calendars:
            with self.subTest(view=view.xml_id):
                self.assertIn("relations_span_calendar", view.arch)
                self.assertTrue(self.env[view.model]._fields["date_stop"].search)
