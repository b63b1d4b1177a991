from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.addons.mail.tests.common import MailCase
from odoo.addons.purchase.models.purchase_order import PurchaseOrder
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..headers import EVIL, find_forged
from .deliveries import DeliveriesCommon


@tagged("post_install", "-at_install")
class TestSupplierChase(DeliveriesCommon, MailCase):
    """Suppliers are asked for what is open: one mail each, logged once, marked with what was sent."""

    def _chase(self, lines, user=None):
        action = self._deliveries(
            user or self.user_buyer, [("order_line_id", "in", lines.ids)]
        ).action_chase()
        return self.env["supplier.chase"].with_user(user or self.user_buyer).browse(action["res_id"])

    def _logs(self, partner):
        return self.env["partner.contact.log"].search([("commercial_partner_id", "=", partner.id)])

    def _queued(self, orders):
        return self.env["mail.mail"].search([("model", "=", "purchase.order"), ("res_id", "in", orders.ids)])

    # ------------------------------------------------------------------
    # Preparing
    # ------------------------------------------------------------------
    def test_one_mail_for_each_supplier(self):
        chase = self._chase(self.line_late + self.line_soon + self.line_other)
        mails = chase.mail_ids.sorted(lambda mail: mail.partner_id.name)
        self.assertRecordValues(
            mails,
            [
                {
                    "partner_id": self.vendor.id,
                    "recipient_ids": (self.contact + self.vendor).ids,
                    "line_count": 2,
                    "overdue_count": 1,
                    "days_overdue": 12,
                    "state": "ready",
                },
                {
                    "partner_id": self.vendor_mute.id,
                    "recipient_ids": [],
                    "line_count": 1,
                    "overdue_count": 1,
                    "days_overdue": 5,
                    "state": "no_email",
                },
            ],
        )
        self.assertEqual((chase.ready_count, chase.no_email_count, chase.chased_line_count), (1, 1, 0))
        self.assertIn(self.vendor_mute.name, mails[1].problem)
        self.assertRecordValues(
            mails[0].line_ids,
            [
                {
                    "order_line_id": self.line_late.id,
                    "product_code": "OB-77",
                    "quantity_ordered": 10,
                    "quantity_open": 6,
                    "date_promised": self.today - timedelta(days=12),
                    "days_overdue": 12,
                },
                {
                    "order_line_id": self.line_soon.id,
                    "product_code": False,
                    "quantity_ordered": 100,
                    "quantity_open": 100,
                    "date_promised": self.today + timedelta(days=3),
                    "days_overdue": 0,
                },
            ],
        )
        for text in (self.order_late.name, "OB-77", "Oak Board", "10.00", "6.00", "12", self.order_soon.name):
            self.assertIn(text, mails[0].body)
        self.assertNotIn(self.order_other.name, mails[0].body)

    def test_quantities_in_the_unit_of_the_order(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        order = self._order(self.vendor, [(self.product, 1, 240)], days=-2, confirm=False)
        order.order_line.write({"product_uom_id": dozen.id, "product_qty": 3})
        order.button_confirm()
        self._receive(order, 12)
        chase = self._chase(order.order_line)
        self.assertRecordValues(
            chase.mail_ids.line_ids, [{"quantity_ordered": 3, "quantity_open": 2, "uom_id": dozen.id}]
        )

    def test_language_of_the_contact_person(self):
        self.env["res.lang"]._activate_lang("vi_VN")
        template = self.env.ref("partner_relations.mail_template_supplier_chase")
        template.with_context(lang="vi_VN").subject = "Giao hàng {{ object.company_id.name }}"
        self.contact.lang = "vi_VN"
        self.assertEqual(self._chase(self.line_late).mail_ids.subject, f"Giao hàng {self.company.name}")
        self.contact.lang = "en_US"
        self.assertEqual(
            self._chase(self.line_late).mail_ids.subject, f"{self.company.name}: open deliveries"
        )

    def test_supplier_where_the_contact_person_has_no_address(self):
        self.contact.email = False
        self.assertEqual(self._chase(self.line_late).mail_ids.recipient_ids, self.vendor)
        self.vendor.email = "not an address"
        self.assertEqual(self._chase(self.line_late).mail_ids.state, "no_email")

    def test_supplier_where_the_contact_person_left(self):
        self.contact.action_archive()
        mail = self._chase(self.line_late).mail_ids
        self.assertRecordValues(mail, [{"recipient_ids": self.vendor.ids, "state": "ready"}])
        # Odoo would send nothing, and the lines would count as asked for
        self.vendor.action_archive()
        self.assertEqual(self._chase(self.line_late).mail_ids.state, "no_email")

    def test_choose_a_recipient(self):
        self.vendor_mute.child_ids = [Command.create({"name": "Sam Screw", "email": "sam@screw.example.com"})]
        chase = self._chase(self.line_other)
        chase.mail_ids.recipient_ids = self.vendor_mute.child_ids
        self.assertEqual(chase.mail_ids.state, "ready")
        with self.mock_mail_gateway():
            chase.action_send()
        self.assertEqual(self._mails[0]["email_to"], ['"Sam Screw" <sam@screw.example.com>'])

    def test_template_of_the_form(self):
        other = self.env["mail.template"].create(
            {
                "name": "Short",
                "model_id": self.env["ir.model"]._get_id("supplier.chase.mail"),
                "subject": "Short {{ object.partner_id.name }}",
                "lang": "{{ object.lang }}",
                "body_html": "<p t-out='object.line_count'/>",
            }
        )
        chase = self._chase(self.line_late + self.line_other)
        with Form(chase) as form:
            form.template_id = other
        self.assertEqual(
            sorted(chase.mail_ids.mapped("subject")), ["Short Oak Timber", "Short Silent Screws"]
        )
        self.assertEqual({str(mail.body) for mail in chase.mail_ids}, {"<p>1</p>"})

    def test_nothing_open(self):
        self._receive(self.order_soon, 100)
        with self.assertRaisesRegex(UserError, "Nothing is open"):
            self.env["supplier.chase"].with_user(self.user_buyer)._open(self.line_soon)

    # ------------------------------------------------------------------
    # Sending
    # ------------------------------------------------------------------
    def test_send(self):
        before = len(self._logs(self.vendor))
        chase = self._chase(self.line_late + self.line_soon)
        with self.mock_mail_gateway():
            result = chase.action_send()
        self.assertEqual(result["tag"], "display_notification")
        self.assertEqual(len(self._mails), 2, "one for each recipient")
        self.assertEqual(
            sorted(mail["email_to"][0] for mail in self._mails),
            ['"Oak Timber" <office@oak.example.com>', '"Olga Oak" <olga@oak.example.com>'],
        )
        message = chase.mail_ids.message_id
        self.assertRecordValues(
            message,
            [
                {
                    "model": "purchase.order",
                    "res_id": self.order_late.id,
                    "message_type": "comment",
                    "author_id": self.user_buyer.partner_id.id,
                    "partner_ids": (self.contact + self.vendor).ids,
                }
            ],
        )
        # the other order leads to it
        note = self.order_soon.message_ids[0]
        self.assertIn(self.order_late.name, note.body)
        self.assertFalse(note.partner_ids)
        # one contact, though two persons have got it
        logs = self._logs(self.vendor)
        self.assertEqual(len(logs) - before, 1)
        log = logs.filtered(lambda log: log.message_id == message)
        self.assertRecordValues(
            log,
            [
                {
                    "channel": "email",
                    "direction": "out",
                    "state": "done",
                    "user_id": self.user_buyer.id,
                    "res_model": "purchase.order",
                    "res_id": self.order_late.id,
                }
            ],
        )
        lines = self.line_late + self.line_soon
        self.assertEqual(len(set(lines.mapped("supplier_chase_date"))), 1)
        self.assertTrue(all(lines.mapped("supplier_chase_date")))
        self.assertFalse(self.line_other.supplier_chase_date)
        self.assertFalse(self.vendor in self.order_late.message_partner_ids, "nobody is made a follower")

    def test_followers_get_nothing(self):
        follower = self._create_person("Fred Follower", email="fred@else.example.com")
        self.order_late.message_subscribe(follower.ids)
        chase = self._chase(self.line_late)
        with self.mock_mail_gateway():
            chase.action_send()
        self.assertEqual([mail["email_to"] for mail in self._mails], [['"Olga Oak" <olga@oak.example.com>']])

    def test_buyer_without_relations(self):
        chase = self._chase(self.line_late, self.user_plain_buyer)
        with self.mock_mail_gateway():
            chase.action_send()
        self.assertEqual(len(self._mails), 1)
        logs = self._logs(self.vendor).filtered(lambda log: log.user_id == self.user_plain_buyer)
        self.assertEqual(len(logs), 1)

    def test_same_day_twice(self):
        with self.mock_mail_gateway():
            self._chase(self.line_late).action_send()
        chase = self._chase(self.line_late + self.line_soon)
        self.assertEqual((chase.chased_line_count, chase.ready_count), (1, 1))
        self.assertEqual(chase.mail_ids.sent_line_ids.order_line_id, self.line_soon)
        self.assertNotIn(self.order_late.name, chase.mail_ids.body)
        chase.action_include_chased()
        self.assertEqual(chase.mail_ids.sent_line_ids.order_line_id, self.line_late + self.line_soon)
        self.assertIn(self.order_late.name, chase.mail_ids.body)
        chase.action_include_chased()
        self.assertNotIn(self.order_late.name, chase.mail_ids.body)
        with self.mock_mail_gateway():
            message = chase.action_send()["params"]["message"]
        self.assertEqual(message, "Suppliers asked by e-mail: 1. Lines: 1.", "what was left out is not told")
        # nothing but what was asked for today
        chase = self._chase(self.line_late)
        self.assertEqual(chase.mail_ids.state, "asked")
        with self.mock_mail_gateway(), self.assertRaisesRegex(UserError, "no e-mail to send"):
            chase.action_send()
        self.assertFalse(self._mails)
        # the next day it is as before
        self.line_late.supplier_chase_date = fields.Datetime.now() - timedelta(days=1)
        self.assertEqual(self._chase(self.line_late).mail_ids.state, "ready")

    def test_two_colleagues_at_once(self):
        first, second = self._chase(self.line_late), self._chase(self.line_late, self.user_plain_buyer)
        with self.mock_mail_gateway():
            first.action_send()
            second.action_send()
        self.assertEqual(len(self._mails), 1)
        self.assertEqual(second.mail_ids.state, "failed")
        self.assertIn("meanwhile", second.mail_ids.problem)

    # ------------------------------------------------------------------
    # Failures
    # ------------------------------------------------------------------
    def _break_at(self, order, error):
        original = PurchaseOrder.message_post

        def message_post(records, **kwargs):
            message = original(records, **kwargs)
            if records == order:
                # after the message is there: nothing of it may stay
                raise error
            return message

        return patch.object(PurchaseOrder, "message_post", message_post)

    def test_one_fails_the_others_are_sent(self):
        self.vendor_mute.email = "info@screw.example.com"
        chase = self._chase(self.line_late + self.line_other)
        queued = self._queued(self.order_late)
        with self.mock_mail_gateway(), self._break_at(self.order_late, UserError("The gateway is down.")):
            result = chase.action_send()
        self.assertEqual(result["res_id"], chase.id, "the wizard stays and tells")
        by_partner = chase.mail_ids.grouped("partner_id")
        self.assertRecordValues(
            by_partner[self.vendor] + by_partner[self.vendor_mute],
            [
                {"state": "failed", "problem": "The gateway is down.", "message_id": False},
                {"state": "sent", "problem": False, "message_id": by_partner[self.vendor_mute].message_id.id},
            ],
        )
        self.assertFalse(self.line_late.supplier_chase_date)
        self.assertTrue(self.line_other.supplier_chase_date)
        self.assertFalse(self._logs(self.vendor).filtered("message_id"))
        self.assertEqual(self._queued(self.order_late), queued)
        # a second try sends the one that failed, and only that
        with self.mock_mail_gateway():
            chase.action_send()
        self.assertEqual([mail["email_to"] for mail in self._mails], [['"Olga Oak" <olga@oak.example.com>']])

    def test_killed_in_the_middle(self):
        """What the server stops in the middle of was neither sent nor marked: mails go out after the commit."""
        self.vendor_mute.email = "info@screw.example.com"
        chase = self._chase(self.line_late + self.line_other)
        last = chase.mail_ids[-1:]
        killed = self._break_at(last.line_ids.order_id, KeyboardInterrupt())
        orders = self.order_late + self.order_other
        queued = self._queued(orders)
        with (
            self.mock_mail_gateway(),
            patch.object(type(queued), "send_after_commit", lambda mails: None),
            self.assertRaises(KeyboardInterrupt),
            self.env.cr.savepoint(),
            killed,
        ):
            chase.action_send()
        self.env.invalidate_all()
        self.assertFalse(orders.order_line.filtered("supplier_chase_date"))
        self.assertEqual(self._queued(orders), queued)
        self.assertFalse(self._mails)
        with self.mock_mail_gateway():
            self._chase(self.line_late + self.line_other).action_send()
        self.assertEqual(len(self._mails), 2, "each once")

    @mute_logger("odoo.addons.mail.models.mail_render_mixin")
    def test_broken_template(self):
        template = self.env.ref("partner_relations.mail_template_supplier_chase")
        template.body_html = "<p t-out=\"1 / (object.partner_id.name != 'Oak Timber')\"/>"
        self.vendor_mute.email = "info@screw.example.com"
        chase = self._chase(self.line_late + self.line_other)
        by_partner = chase.mail_ids.grouped("partner_id")
        self.assertEqual(by_partner[self.vendor].state, "failed")
        self.assertEqual(by_partner[self.vendor_mute].state, "ready")
        with self.mock_mail_gateway():
            chase.action_send()
        self.assertEqual(by_partner[self.vendor_mute].state, "sent")
        self.assertIn("empty", by_partner[self.vendor].problem)
        self.assertEqual(len(self._mails), 1)

    # ------------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------------
    def test_two_companies(self):
        order = self._order(self.vendor, [(self.screw, 7, 1)], days=-1, company=self.company2)
        both = self.company + self.company2
        self.user_buyer.company_ids = both
        lines = self.line_soon + order.order_line
        deliveries = self.env["supplier.delivery.report"].with_user(self.user_buyer)
        deliveries = deliveries.with_context(allowed_company_ids=both.ids)
        action = deliveries.search([("order_line_id", "in", lines.ids)]).action_chase()
        chase = deliveries.env["supplier.chase"].browse(action["res_id"])
        self.assertEqual(sorted(chase.mail_ids.company_id.ids), sorted(both.ids), "a mail for each company")
        with self.mock_mail_gateway():
            chase.action_send()
        self.assertEqual(len(self._mails), 2)
        # who is in one company cannot ask for what the other has ordered
        with self.assertRaisesRegex(UserError, "Nothing is open"):
            self.env["supplier.chase"].with_user(self.user_plain_buyer)._open(order.order_line)

    def test_header_injection(self):
        """A subject and a name with line breaks: the mail has no header of them."""
        self.vendor.name = EVIL
        chase = self._chase(self.line_late)
        chase.mail_ids.write({"subject": EVIL, "recipient_ids": [Command.set(self.vendor.ids)]})
        with self.mock_mail_gateway(mail_unlink_sent=False):
            chase.action_send()
        forged, count = find_forged(self._queued(self.line_late.order_id))
        self.assertFalse(forged)
        self.assertTrue(count)

    def test_templates(self):
        """What a buyer writes is sent as it stands; expressions come from who may write templates alone."""
        chase = self._chase(self.line_late)
        chase.mail_ids.write(
            {"subject": "{{ object.env.user.login }}", "body": '<p>{{ 6 * 7 }}<t t-out="6 * 7"/></p>'}
        )
        with self.mock_mail_gateway(mail_unlink_sent=False):
            chase.action_send()
        message = chase.mail_ids.message_id.sudo()
        self.assertEqual(message.subject, "{{ object.env.user.login }}")
        self.assertIn("{{ 6 * 7 }}", message.body)
        self.assertNotIn("42", message.body)
        self.env["res.config.settings"].create({"restrict_template_rendering": True}).execute()
        self.assertFalse(self.user_buyer.has_group("mail.group_mail_template_editor"))
        template = chase.template_id.with_user(self.user_buyer)
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            template.subject = "{{ object.env.user.password }}"

    def test_only_buyers(self):
        for user in (self.user_sales, self.user_director):
            with self.assertRaises(AccessError):
                self.env["supplier.chase"].with_user(user)._open(self.line_late)
        chase = self._chase(self.line_late)
        with self.assertRaises(AccessError):
            chase.with_user(self.user_plain_buyer).mail_ids.read(["body"])

    def test_marking_takes_one_statement(self):
        lines = [(self.screw, number + 1, 1) for number in range(20)]
        order = self._order(self.vendor, lines, days=-1)
        self.env.flush_all()
        with self.assertQueryCount(1):
            order.order_line.write({"supplier_chase_date": fields.Datetime.now()})
            order.order_line.flush_recordset()
