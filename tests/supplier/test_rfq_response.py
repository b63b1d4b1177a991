from datetime import datetime, timedelta

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import Form, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .promising import PromisingCommon

SENT = datetime(2026, 3, 3, 10)
ANSWERED = datetime(2026, 3, 5, 11)
MAIL = """From: "Ann Oak" <%(sender)s>
To: catchall@our-company.example
Subject: Re: request
Date: Thu, 05 Mar 2026 11:00:00 +0000
Message-ID: <%(order)s.%(sender)s>
In-Reply-To: %(reply)s
Content-Type: text/plain; charset=utf-8

We can deliver.
"""


@tagged("post_install", "-at_install")
class TestRfqResponse(PromisingCommon):
    """When a request for quotation was sent and answered."""

    def _send(self, order=None, moment=SENT):
        order = order or self._create_order()
        with freeze_time(moment):
            order.with_user(self.buyer).print_quotation()
        return order

    def test_printed(self):
        order = self._send()
        self.assertRecordValues(order, [{"state": "sent", "rfq_sent_date": SENT, "rfq_answer_date": False}])

    def test_mailed(self):
        order = self._create_order()
        with freeze_time(SENT), mute_logger("odoo.addons.mail.models.mail_mail"):
            order.with_user(self.buyer).with_context(mark_rfq_as_sent=True).message_post(
                body="Please quote", message_type="comment", partner_ids=self.supplier.ids
            )
        # what we write ourselves is no answer
        self.assertRecordValues(order, [{"state": "sent", "rfq_sent_date": SENT, "rfq_answer_date": False}])

    def test_created_sent(self):
        with freeze_time(SENT):
            order = self._create_order(state="sent")
        self.assertEqual(order.rfq_sent_date, SENT)

    def test_first_time_counts(self):
        order = self._send()
        order.button_cancel()
        order.button_draft()
        self._send(order, ANSWERED)
        self.assertEqual(order.rfq_sent_date, SENT)

    def test_confirmation(self):
        order = self._send()
        with freeze_time(ANSWERED):
            order.button_confirm()
        self.assertEqual(order.rfq_answer_date, ANSWERED)
        never_sent = self._create_order(confirm=True)
        self.assertFalse(never_sent.rfq_sent_date or never_sent.rfq_answer_date)

    def test_waiting_for_approval(self):
        self.company.write({"po_double_validation": "two_step", "po_double_validation_amount": 1})
        order = self._send()
        with freeze_time(ANSWERED):
            order.with_user(self.buyer).button_confirm()
        order.with_user(self.manager).button_approve()
        self.assertEqual(order.rfq_answer_date, ANSWERED)

    def test_merged(self):
        """Requests that are merged are one, sent when the first of them was; what was answered before stays."""
        remaining, merged, answered = (self._create_order() for _number in range(3))
        self._send(merged)
        self._send(answered, SENT - timedelta(days=2))
        answered.rfq_answer_date = SENT
        (remaining + merged + answered).with_user(self.buyer).action_merge()
        self.assertEqual((merged + answered).mapped("state"), ["cancel", "cancel"])
        with freeze_time(ANSWERED):
            remaining.button_confirm()
        self.assertRecordValues(
            remaining + merged + answered,
            [
                {"rfq_sent_date": SENT, "rfq_answer_date": ANSWERED},
                {"rfq_sent_date": False, "rfq_answer_date": False},
                {"rfq_sent_date": SENT - timedelta(days=2), "rfq_answer_date": SENT},
            ],
        )

    def test_another_supplier(self):
        """A request to another supplier was not sent yet; what was asked and answered before is the other's."""
        order = self._send()
        order.rfq_answer_date = ANSWERED
        theirs = self._send(self._create_order(partner=self.supplier2))
        mine = order.with_user(self.buyer)
        mine.write({"partner_id": self.person.id})
        self.assertRecordValues(
            order, [{"state": "sent", "rfq_sent_date": SENT, "rfq_answer_date": ANSWERED}]
        )
        (mine + theirs.with_user(self.buyer)).write({"partner_id": self.supplier2.id})
        self.assertRecordValues(
            order + theirs,
            [
                {"state": "draft", "rfq_sent_date": False, "rfq_answer_date": False},
                {"state": "sent", "rfq_sent_date": SENT, "rfq_answer_date": False},
            ],
        )
        # what somebody enters with it counts
        theirs.with_user(self.buyer).write({"partner_id": self.supplier.id, "rfq_sent_date": ANSWERED})
        self.assertRecordValues(theirs, [{"state": "draft", "rfq_sent_date": ANSWERED}])
        # back in draft, as after a cancellation, it was asked of the other all the same
        theirs.with_user(self.buyer).write({"partner_id": self.supplier2.id})
        self.assertFalse(theirs.rfq_sent_date)

    def test_another_supplier_while_waiting_for_approval(self):
        """The request of the new supplier was neither sent nor answered; it goes on waiting."""
        self.company.write({"po_double_validation": "two_step", "po_double_validation_amount": 1})
        order, draft = self._send(), self._send()
        with freeze_time(ANSWERED):
            order.with_user(self.buyer).button_confirm()
        mine = (order + draft).with_user(self.buyer)
        mine.write({"partner_id": self.person.id})
        self.assertRecordValues(
            order, [{"state": "to approve", "rfq_sent_date": SENT, "rfq_answer_date": ANSWERED}]
        )
        mine.write({"partner_id": self.supplier2.id})
        nothing = {"rfq_sent_date": False, "rfq_answer_date": False}
        self.assertRecordValues(
            order + draft, [{"state": "to approve", **nothing}, {"state": "draft", **nothing}]
        )
        order.with_user(self.manager).button_approve()
        self.assertRecordValues(order, [{"state": "purchase", **nothing}])

    def _receive_mail(self, order, sender, header=""):
        message = order.message_post(body="Please quote", message_type="comment")
        mail = MAIL % {"order": order.id, "sender": sender, "reply": message.message_id}
        with mute_logger("odoo.addons.mail.models.mail_thread", "odoo.tools.mail"):
            self.env["mail.thread"].message_process(False, (header + mail).encode())
        self.assertIn(f'"Ann Oak" <{sender}>', order.message_ids.mapped("email_from"))

    def test_mail_of_the_supplier(self):
        for partner in (self.supplier, self.person):
            order = self._send(self._create_order(partner=partner))
            self._receive_mail(order, "ann@oakmill.example")
            self.assertEqual(order.rfq_answer_date, ANSWERED)
            # the first answer counts
            with freeze_time(ANSWERED + timedelta(days=1)):
                order.button_confirm()
            self.assertEqual(order.rfq_answer_date, ANSWERED)

    def test_automatic_reply(self):
        """A program of the supplier has read nothing: its letter is posted, but is no answer."""
        order = self._send()
        self._receive_mail(order, "ann@oakmill.example", "Auto-Submitted: auto-replied\n")
        self.assertFalse(order.rfq_answer_date)
        self._receive_mail(order, "office@oakmill.example")
        self.assertEqual(order.rfq_answer_date, ANSWERED)

    def test_mail_of_somebody_else(self):
        self._create_person("Bob Pine", self.supplier2, email="bob@pinemill.example")
        order = self._send()
        for sender in ("bob@pinemill.example", "nobody@elsewhere.example"):
            self._receive_mail(order, sender)
        self.assertFalse(order.rfq_answer_date)

    def test_mail_before_it_was_sent(self):
        """The clock of the sender is wrong: the answer takes no less than no time."""
        order = self._send(moment=ANSWERED + timedelta(hours=1))
        self._receive_mail(order, "ann@oakmill.example")
        self.assertEqual(order.rfq_answer_date, order.rfq_sent_date)

    def _portal(self, order):
        user = new_test_user(
            self.env,
            "promise_portal",
            groups="base.group_portal",
            partner_id=self.person.id,
            company_id=self.company.id,
        )
        return order.with_user(user).with_context(allowed_company_ids=self.company.ids)

    def test_portal(self):
        order = self._send()
        with freeze_time(ANSWERED):
            self._portal(order).sudo().action_acknowledge()
        self.assertEqual(order.rfq_answer_date, ANSWERED)

    def test_portal_dates(self):
        order = self._send()
        as_supplier = self._portal(order).sudo()
        with freeze_time(ANSWERED):
            as_supplier._update_date_planned_for_lines([(as_supplier.order_line, ANSWERED)])
        self.assertEqual(order.rfq_answer_date, ANSWERED)

    def test_portal_message(self):
        order = self._send()
        with freeze_time(ANSWERED):
            self._portal(order).sudo().message_post(
                body="Yes", message_type="comment", subtype_xmlid="mail.mt_comment"
            )
        self.assertEqual(order.rfq_answer_date, ANSWERED)

    def test_colleague_acknowledges(self):
        order = self._send()
        order.with_user(self.buyer).action_acknowledge()
        self.assertFalse(order.rfq_answer_date)

    def test_entered_by_the_buyer(self):
        order = self._send()
        with Form(order.with_user(self.buyer)) as form:
            form.rfq_answer_date = ANSWERED
        order.button_confirm()
        self.assertEqual(order.rfq_answer_date, ANSWERED)
        with self.assertRaisesRegex(ValidationError, order.name):
            order.rfq_answer_date = SENT - timedelta(days=1)

    def test_messages_cost_nothing(self):
        """A message on an order asks no more of the database than before."""
        order = self._send()
        order.rfq_answer_date = fields.Datetime.now()
        order.read(["rfq_sent_date", "rfq_answer_date", "partner_id"])
        waiting = self._send()
        waiting.read(["rfq_sent_date", "rfq_answer_date", "partner_id"])
        waiting.partner_id.read(["commercial_partner_id"])
        message = waiting.message_post(body="Nothing new", message_type="comment")
        message.author_id.read(["commercial_partner_id"])
        self.env.flush_all()
        with self.assertQueryCount(0):
            waiting._message_post_after_hook(message, {"message_type": "comment"})
            waiting._message_post_after_hook(message, {"message_type": "notification"})
            order._message_post_after_hook(message, {"message_type": "email"})
        self.assertFalse(waiting.rfq_answer_date)
