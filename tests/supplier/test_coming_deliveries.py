from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from .deliveries import DeliveriesCommon


@tagged("post_install", "-at_install")
class TestComingDeliveries(DeliveriesCommon):
    """What is due, overdue first, with what was done about it."""

    def _shown(self, user, domain=()):
        """What the list of the menu shows of the lines of this test."""
        action = self.env.ref("partner_relations.supplier_delivery_open_action")
        list_view = self.env.ref("partner_relations.supplier_delivery_open_view_list")
        order = list_view._get_combined_arch().get("default_order")
        lines = self.line_late + self.line_soon + self.line_other
        self.env.flush_all()
        deliveries = self.env["supplier.delivery.report"].with_user(user)
        found = deliveries.web_search_read(
            [*safe_eval(action.domain), ("order_line_id", "in", lines.ids), *domain],
            {name: {} for name in ("order_line_id", "quantity_open", "days_overdue", "supplier_grade")},
            order=order,
        )
        return found["records"]

    def test_overdue_first(self):
        rows = self._shown(self.user_plain_buyer)
        self.assertEqual(
            [(row["order_line_id"], row["quantity_open"], row["days_overdue"] or 0) for row in rows],
            [(self.line_late.id, 6, 12), (self.line_other.id, 50, 5), (self.line_soon.id, 100, 0)],
        )

    def test_received_is_gone(self):
        self._receive(self.order_soon, 100)
        self.assertEqual(
            [row["order_line_id"] for row in self._shown(self.user_plain_buyer)],
            [self.line_late.id, self.line_other.id],
        )

    def test_moved_date_keeps_the_promise(self):
        self.line_late.date_planned = self._noon(9)
        delivery = self._delivery(self.line_late)
        self.assertEqual(delivery.date_promised, self.today - timedelta(days=12))
        self.assertEqual(delivery.date_planned, self.today + timedelta(days=9))
        self.assertTrue(delivery.is_overdue)

    def test_filters(self):
        monday = self.today - timedelta(days=self.today.weekday())
        view = self.env.ref("partner_relations.supplier_delivery_open_view_search")
        filters = {
            node.get("name"): safe_eval(node.get("domain"), {"uid": self.user_buyer2.id})
            for node in view._get_combined_arch().iter("filter")
            if node.get("domain")
        }
        self.order_soon.user_id = self.user_buyer2
        for day, wanted in (
            (0, "filter_this_week"),
            (6, "filter_this_week"),
            (7, "filter_next_week"),
            (13, "filter_next_week"),
        ):
            self.line_soon.date_planned = self._noon((monday + timedelta(days=day) - self.today).days)
            for name in ("filter_this_week", "filter_next_week"):
                found = self._shown(self.user_plain_buyer, filters[name])
                shown = self.line_soon.id in [row["order_line_id"] for row in found]
                self.assertEqual(shown, name == wanted, f"{name}, day {day} of this week")

        def lines(name):
            return {row["order_line_id"] for row in self._shown(self.user_plain_buyer, filters[name])}

        self.assertEqual(lines("filter_overdue"), {self.line_late.id, self.line_other.id})
        self.assertEqual(lines("filter_mine"), {self.line_soon.id})
        self.line_late.supplier_chase_date = fields.Datetime.now()
        self.line_other.supplier_chase_date = fields.Datetime.now() - timedelta(days=2)
        self.assertEqual(lines("filter_never_chased"), {self.line_soon.id})
        self.assertEqual(lines("filter_not_chased_today"), {self.line_soon.id, self.line_other.id})

    def test_grade_of_the_company_of_the_order(self):
        cards = self.env["supplier.scorecard"]
        values = {"date_from": self.today, "date_to": self.today, "period": "year", "is_current": True}
        cards.create(
            [
                {
                    **values,
                    "partner_id": self.vendor.id,
                    "company_id": self.company.id,
                    "score": 20,
                    "grade": "low",
                },
                {
                    **values,
                    "partner_id": self.vendor.id,
                    "company_id": self.company2.id,
                    "score": 90,
                    "grade": "high",
                },
            ]
        )
        delivery = self._delivery(self.line_late, self.user_plain_buyer)
        self.assertEqual((delivery.supplier_score, delivery.supplier_grade), (20, "low"))
        self.assertIs(self._delivery(self.line_other).supplier_grade, False, "not rated")
        for grade, found in (
            ("low", self.line_late + self.line_soon),
            ("high", self.env["purchase.order.line"]),
            (False, self.line_other),
        ):
            rows = self._shown(self.user_plain_buyer, [("supplier_grade", "=", grade)])
            self.assertEqual({row["order_line_id"] for row in rows}, set(found.ids), grade)

    def test_last_contact(self):
        delivery = self._delivery(self.line_late)
        self.assertFalse(delivery.last_contact_date)
        message = self.order_late.with_user(self.user_buyer).message_post(
            body="When?",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=self.contact.ids,
        )
        # as a buyer without access to the contact log
        delivery = self._delivery(self.line_late, self.user_plain_buyer)
        delivery.invalidate_recordset()
        self.assertEqual(delivery.last_contact_date, message.date)
        later = fields.Datetime.now() + timedelta(hours=1)
        self.line_late.supplier_chase_date = later
        delivery.invalidate_recordset()
        self.assertEqual(delivery.last_contact_date, later)

    def test_queries(self):
        order = self._order(self.vendor, [(self.screw, number + 1, 1) for number in range(20)], days=-1)
        names = [
            "last_contact_date",
            "supplier_grade",
            "supplier_score",
            "supplier_chase_date",
            "warehouse_id",
        ]
        deliveries = self._deliveries(self.user_plain_buyer, [("order_id", "=", order.id)])
        self.assertEqual(len(deliveries), 20)
        deliveries.read(names)
        counts = []
        for records in (deliveries[:1], deliveries):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            records.read(names)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1], "as many queries for 20 lines as for one")

    def test_all_that_is_open_is_read_at_once(self):
        """Where nothing of the lines themselves picks some, receipts and bills are not looked up line by line."""
        report = self.env["supplier.delivery.report"].with_user(self.user_plain_buyer)
        still_open, order = [("quantity_open", ">", 0)], "date_promised, order_line_id"
        for more, extent in (
            ([], "all"),
            ([("is_overdue", "=", True)], "all"),
            ([("date_planned", ">=", self.today)], None),
            ([("supplier_grade", "=", "low")], None),
        ):
            chosen = report._with_base([*still_open, *more], order)
            self.assertEqual(chosen.env.context.get("delivery_extent"), extent, more)
        self.env.flush_all()
        found = report.search(still_open, order=order)
        self.assertEqual(report.search_count(still_open), len(found))
        lines = self.line_late + self.line_soon + self.line_other
        self.assertLessEqual(set(lines.ids), set(found.order_line_id.ids))
        # as each of them says by itself
        self.assertTrue(all(delivery.quantity_open > 0 for delivery in found))

    # ------------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------------
    def test_two_companies(self):
        order = self._order(self.vendor, [(self.screw, 7, 1)], days=-1, company=self.company2)
        found = self._deliveries(self.user_plain_buyer, [("partner_id", "=", self.vendor.id)])
        self.assertIn(self.line_late, found.order_line_id)
        self.assertNotIn(order.order_line.id, found.order_line_id.ids)
        groups = (
            self.env["supplier.delivery.report"]
            .with_user(self.user_plain_buyer)
            ._read_group(
                [("partner_id", "=", self.vendor.id), ("quantity_open", ">", 0)], ["company_id"], ["__count"]
            )
        )
        self.assertEqual([company.id for company, _count in groups], self.company.ids)
        self.user_plain_buyer.company_ids += self.company2
        report = self.env["supplier.delivery.report"].with_user(self.user_plain_buyer)
        report = report.with_context(allowed_company_ids=(self.company + self.company2).ids)
        found = report.search([("partner_id", "=", self.vendor.id)])
        self.assertIn(order.order_line.id, found.order_line_id.ids)

    def test_no_price_without_purchase_rights(self):
        for user in (self.user_sales, self.user_director):
            with self.assertRaises(AccessError):
                self._deliveries(user).mapped("value_open")
        self.assertEqual(self._delivery(self.line_late, self.user_director).days_overdue, 12)
