import runpy
from datetime import datetime, timedelta
from pathlib import Path
from smtplib import SMTPRecipientsRefused
from unittest.mock import patch

from lxml import etree

from odoo import fields
from odoo.addons.mail.tests.common import MailCase
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from ..jobs import held_elsewhere, run_job, run_without_time
from .mailing_in import LetterCommon


@tagged("post_install", "-at_install")
class TestLetterWork(LetterCommon, MailCase):
    """Answers, assignments, closing, escalation."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mailbox.signature = "<p>Your service team</p>"
        cls.letter = cls._receive(message=cls._make(subject="Delivery of chairs", body="When do they come?"))

    def _reply(self, letter, user=None, body="Tomorrow."):
        """Answer as the form does, by the composer."""
        letter = letter.with_user(user or self.user_sales)
        context = letter.action_reply()["context"]
        composer = (
            self.env["mail.compose.message"].with_user(letter.env.user).with_context(**context).create({})
        )
        composer.body = f"<p>{body}</p>{composer.body}"
        with self.mock_mail_gateway(mail_unlink_sent=False):
            composer._action_send_mail()
            self.env.cr.flush()
        return self.env["partner.letter"].search(
            [("parent_id", "=", letter.id), ("direction", "=", "out")], order="id desc", limit=1
        )

    def _send_offer(self, **values):
        """Send an offer from an order, in the name of the mailbox; return the order and the letter."""
        order = self.env["sale.order"].create({"partner_id": self.person.id})
        with self.mock_mail_gateway():
            message = order.message_post(
                body="Our offer",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                email_from="Service <service@our.example.com>",
                author_id=self.user_sales.partner_id.id,
                partner_ids=self.person.ids,
                **values,
            )
        return order, self.env["partner.letter"].search([("message_id", "=", message.message_id)])

    # ------------------------------------------------------------------
    # Letters on paper
    # ------------------------------------------------------------------
    def _register(self, **values):
        """Register a letter by hand; return it, and its entries of the contact log."""
        letter = self.env["partner.letter"].with_user(self.user_sales)
        letter = letter.create({"name": "On paper", "mailbox_id": self.mailbox.id, **values})
        return letter, self._get_entries(letter)

    def _get_entries(self, letter):
        return self.env["partner.contact.log"].search(
            [("source_model", "=", "partner.letter"), ("source_id", "=", letter.id)]
        )

    def test_by_hand(self):
        """It is a contact, and has a deadline, as if it had come by mail."""
        self.mailbox.deadline_hours = 16
        # within the hours of work, where each second counts
        now = datetime(2026, 11, 3, 4, 30)
        with freeze_time(now):
            letter, entry = self._register(partner_id=self.person.id, date="2026-11-02 03:00:00")
        self.assertEqual(letter.date_deadline, self.mailbox._get_deadline(now))
        self.assertGreater(letter.date_deadline, now)
        self.assertRecordValues(
            entry,
            [
                {
                    "name": "On paper",
                    "partner_id": self.person.id,
                    "commercial_partner_id": self.customer.id,
                    "channel": "letter",
                    "direction": "in",
                    "state": "done",
                    "date": letter.date,
                    "company_id": self.mailbox.company_id.id,
                    "res_model": "partner.letter",
                    "res_id": letter.id,
                }
            ],
        )
        with self.assertRaises(UserError):
            entry.with_user(self.user_sales).write({"date": "2026-11-01 03:00:00"})
        with self.assertRaises(UserError):
            entry.with_user(self.user_director).unlink()
        given = fields.Datetime.to_datetime("2026-12-24 08:00:00")
        self.assertEqual(self._register(date_deadline=given)[0].date_deadline, given)
        with self.assertRaisesRegex(UserError, "“On paper” has no executor"):
            self._register(state="assigned")

    def test_by_hand_outgoing(self):
        letter, entry = self._register(direction="out", state="new", partner_id=self.person.id)
        self.assertRecordValues(
            letter, [{"user_id": self.user_sales.id, "state": "done", "date_deadline": False}]
        )
        self.assertRecordValues(entry, [{"direction": "out", "user_id": self.user_sales.id}])

    def test_by_hand_follows(self):
        """The entry comes, moves and goes with the contact of its letter; what somebody wrote stays."""
        letter, entry = self._register()
        self.assertFalse(entry)
        letter.partner_id = self.user_sales2.partner_id
        self.assertFalse(self._get_entries(letter), "a colleague is no customer")
        letter.partner_id = self.person
        entry = self._get_entries(letter)
        self.assertEqual(entry.partner_id, self.person)
        other = self._create_company_partner("Other")
        letter.write({"partner_id": other.id, "date": "2026-11-01 03:00:00"})
        self.assertRecordValues(
            entry, [{"partner_id": other.id, "commercial_partner_id": other.id, "date": letter.date}]
        )
        letter.action_junk()
        self.assertFalse(entry.exists())
        letter.action_not_junk()
        self.assertEqual(self._get_entries(letter).partner_id, other)
        letter.partner_id = False
        self.assertFalse(self._get_entries(letter))
        letter.partner_id = self.person
        entry = self._get_entries(letter)
        entry.agreement = "Ten chairs"
        letter.action_junk()
        self.assertEqual(self._get_entries(letter), entry, "somebody wrote about it")
        letter.action_not_junk()
        self.assertEqual(self._get_entries(letter), entry)
        other_letter, other_entry = self._register(partner_id=self.person.id)
        (letter | other_letter).sudo().unlink()
        self.assertEqual((entry | other_entry).exists(), entry)
        entry.with_user(self.user_director).unlink()

    # ------------------------------------------------------------------
    # Answers
    # ------------------------------------------------------------------
    def test_reply(self):
        self.letter.user_id = self.user_sales
        sent = self._reply(self.letter)
        self.assertRecordValues(
            sent,
            [
                {
                    "name": "Re: Delivery of chairs",
                    "state": "done",
                    "user_id": self.user_sales.id,
                    "partner_id": self.person.id,
                    "thread_id": self.letter.id,
                    "email": "mai@bamboo.example.com",
                    "kind": "letter",
                }
            ],
        )
        self.assertRecordValues(self.letter, [{"state": "done", "is_answered": True}])
        self.assertEqual(self.letter.done_by_id, self.user_sales)
        self.assertFalse(self.letter.activity_ids)
        self.assertEqual(sent.body.count("Your service team"), 1)
        self.assertEqual(len(self._mails), 1)
        mail = self._mails[0]
        self.assertEqual(mail["email_from"], '"Service" <service@our.example.com>')
        self.assertEqual(mail["email_to"], ['"Mai Tran" <mai@bamboo.example.com>'])
        self.assertEqual(mail["reply_to"], '"Service" <service@our.example.com>')
        self.assertEqual(mail["references"], f"{self.letter.message_id} {sent.message_id}")
        self.assertEqual(mail["headers"]["In-Reply-To"], self.letter.message_id)
        self.assertEqual(mail["message_id"], sent.message_id)
        logs = self.env["partner.contact.log"].search([("partner_id", "=", self.person.id)], order="id")
        self.assertEqual(logs.mapped("direction"), ["in", "out"])

    def test_response_time(self):
        """Working hours from the registration to the first answer, in the mailbox's calendar; later answers keep it."""
        self.mailbox.resource_calendar_id = self.env["resource.calendar"].create(
            {
                "name": "Weekdays from 8 to 16 in Hanoi",
                "tz": "Asia/Ho_Chi_Minh",
                "attendance_ids": [
                    Command.create(
                        {
                            "name": "Day",
                            "dayofweek": day,
                            "hour_from": 8,
                            "hour_to": 16,
                            "day_period": "morning",
                        }
                    )
                    for day in "01234"
                ],
            }
        )
        self.env.cr.execute(
            # Friday, 14:00 in Hanoi
            "UPDATE partner_letter SET create_date = '2026-11-06 07:00' WHERE id = %s",
            [self.letter.id],
        )
        self.env.invalidate_all()
        self.assertRecordValues(self.letter, [{"response_hours": False, "date_answered": False}])
        with freeze_time("2026-11-09 02:30:00"):  # Monday, 9:30 in Hanoi
            self._reply(self.letter)
        self.assertEqual(self.letter.response_hours, 3.5)
        self.assertEqual(self.letter.date_answered, datetime(2026, 11, 9, 2, 30))
        self.assertEqual(self.letter.answered_by_id, self.user_sales)
        with freeze_time("2026-11-10 02:30:00"):
            self._reply(self.letter)
        self.assertEqual(self.letter.response_hours, 3.5)
        # what a database keeps of earlier letters is the same
        letter = self.letter.with_context(tracking_disable=True)
        letter.write({"response_hours": False, "date_answered": False, "answered_by_id": False})
        self.env["partner.letter"]._fill_answers()
        self.assertEqual(self.letter.response_hours, 3.5)
        with self.assertRaises(AccessError):
            self.letter.with_user(self.user_sales).response_hours = 1

    def test_reply_to_a_stranger(self):
        """Somebody who is no contact is answered by the address."""
        letter = self._receive(sender="new@unknown.example.com", subject="Price list")
        self._reply(letter)
        self.assertEqual([mail["email_to"] for mail in self._mails], [["new@unknown.example.com"]])
        sent = letter.answer_ids
        self.assertRecordValues(sent, [{"email": "new@unknown.example.com", "partner_id": False}])
        self.assertEqual(letter.state, "done")

    def test_reply_to_an_archived_contact(self):
        """Core sends such a contact nothing, so the answer goes to the address that the letter came from."""
        self.person.active = False
        sent = self._reply(self.letter)
        self.assertEqual([mail["email_to"] for mail in self._mails], [["mai@bamboo.example.com"]])
        self.assertRecordValues(sent, [{"email": "mai@bamboo.example.com", "partner_id": self.person.id}])
        self.assertRecordValues(self.letter, [{"state": "done", "is_answered": True}])

    def test_reply_without_an_address(self):
        """The answer would stay inside, with nobody told; core's composer asks for the address of its receiver."""
        self.letter.email = False
        self.person.email = False
        context = self.letter.action_reply()["context"]
        self.assertEqual(context["default_partner_ids"], self.person.ids)
        self.person.write({"email": "mai@bamboo.example.com", "active": False})
        with self.assertRaisesRegex(UserError, "Fill in “Contact” first"):
            self.letter.action_reply()

    def test_stays_open(self):
        self.mailbox.done_by_reply = False
        self.letter.user_id = self.user_sales
        self._reply(self.letter)
        self.assertRecordValues(self.letter, [{"state": "assigned", "is_answered": True}])

    def test_answer_to_our_answer(self):
        sent = self._reply(self.letter)
        second = self._receive(In_Reply_To=sent.message_id, subject="Re: Delivery of chairs")
        self.assertRecordValues(second, [{"parent_id": sent.id, "thread_id": self.letter.id}])
        self.assertTrue(self.letter.is_returned)
        again = self._reply(second)
        self.assertEqual(
            self._mails[0]["references"].split(),
            [self.letter.message_id, sent.message_id, second.message_id, again.message_id],
        )
        self.assertEqual(set((self.letter | second).mapped("state")), {"done"})

    def test_notes_stay_inside(self):
        """Notes, and what is written to colleagues only, are no letters and leave by nobody's mailbox."""
        letter = self.letter.with_user(self.user_sales)
        before = self.env["partner.letter"].search_count([])
        with self.mock_mail_gateway():
            letter.message_post(body="Ask the plant", message_type="comment", subtype_xmlid="mail.mt_note")
            letter.message_post(
                body="Please see",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                partner_ids=self.user_sub.partner_id.ids,
            )
        self.assertEqual(self.env["partner.letter"].search_count([]), before)
        self.assertFalse(self.letter.is_answered)
        self.assertNotIn("mai@bamboo.example.com", str([mail["email_to"] for mail in self._mails]))
        self.assertFalse(self.letter.message_follower_ids)

    def test_letter_of_a_colleague(self):
        colleague = self.user_sub.partner_id
        letter = self._receive(sender=f"Sub <{colleague.email}>")
        letter.write({"partner_id": colleague.id, "user_id": self.user_sales.id})
        sent = self._reply(letter)
        self.assertRecordValues(letter, [{"state": "done", "is_answered": True}])
        self.assertEqual(sent.partner_id, colleague)
        self.assertEqual(
            [mail["email_from"] for mail in self._mails], ['"Service" <service@our.example.com>']
        )

    def test_write_letter_to_a_colleague(self):
        wizard = self.env["partner.letter.write"].with_user(self.user_sales)
        wizard = wizard.create(
            {
                "partner_ids": [Command.set(self.user_sub.partner_id.ids)],
                "subject": "Our new catalogue",
                "body": "<p>Here it is</p>",
            }
        )
        with self.mock_mail_gateway():
            letter = self.env["partner.letter"].browse(wizard.action_send()["res_id"])
        self.assertIn("Here it is", letter.body)
        self.assertTrue(letter.message_id)
        self.assertEqual((letter.email, letter.user_id), (self.user_sub.email, self.user_sales))
        self.assertEqual(
            [mail["email_from"] for mail in self._mails], ['"Service" <service@our.example.com>']
        )

    def test_no_address(self):
        self.mailbox.email = False
        with self.assertRaisesRegex(UserError, "no address to send from"):
            self._reply(self.letter)

    def test_write_letter(self):
        wizard = self.env["partner.letter.write"].with_user(self.user_sales)
        wizard = wizard.create(
            {"partner_ids": [Command.set(self.person.ids)], "subject": "Our new catalogue"}
        )
        self.assertEqual(wizard.mailbox_id, self.mailbox)
        with self.mock_mail_gateway():
            letter = self.env["partner.letter"].browse(wizard.action_send()["res_id"])
        self.assertRecordValues(
            letter,
            [
                {
                    "direction": "out",
                    "state": "done",
                    "partner_id": self.person.id,
                    "email": "mai@bamboo.example.com",
                }
            ],
        )
        self.assertEqual([mail["message_id"] for mail in self._mails], [letter.message_id])
        self.assertEqual(self.env["partner.letter"].search_count([("message_id", "=", letter.message_id)]), 1)
        with self.assertRaises(AccessError):
            wizard.with_user(self.user_sales2).action_send()

    def test_sent_from_documents(self):
        """What is sent from an order in the name of a mailbox is a letter of it, linked to the order."""
        order, letter = self._send_offer()
        self.assertRecordValues(
            letter,
            [{"direction": "out", "sale_order_id": order.id, "partner_id": self.person.id, "state": "done"}],
        )

    def test_queries_of_mails_sent_together(self):
        """Mails that are written together, such as payment reminders, are registered together."""
        counts = []
        for number in (1, 1, 20):  # the first time fills caches
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            mails = self.env["mail.mail"].create(
                [
                    {
                        "subject": "Our offer",
                        "email_from": "Service <service@our.example.com>",
                        "reply_to": "service@our.example.com",
                        "email_to": f"customer{each}@bamboo.example.com",
                    }
                    for each in range(number)
                ]
            )
            counts.append(self.env.cr.sql_log_count - before)
            letters = self.env["partner.letter"].search([("message_id", "in", mails.mapped("message_id"))])
            self.assertEqual(len(letters), number)
        self.assertLess(counts[2] - counts[1], 19, counts)

    def test_files_of_a_hidden_document(self):
        """A letter sent from an order opens for who may not see the order, without the files of the order."""
        order, letter = self._send_offer(attachments=[("offer.pdf", b"%PDF-1.4")])
        self.assertEqual(letter.attachment_ids.mapped("name"), ["offer.pdf"])
        own = self._receive(files=[("own.pdf", b"%PDF-1.4")])
        self.assertFalse(order.with_user(self.user_sales).has_access("read"))
        self.env.invalidate_all()
        specification = {"body": {}, "attachment_ids": {"fields": {"name": {}}}}
        hidden, shown = (letter + own).with_user(self.user_sales).web_read(specification)
        self.assertIn("Our offer", hidden["body"])
        self.assertFalse(hidden["attachment_ids"])
        self.assertEqual([file["name"] for file in shown["attachment_ids"]], ["own.pdf"])

    def test_own_letters_on_a_phone(self):
        """A phone opens the cards: the first column, of the new ones, would be empty, as one's own are assigned."""
        action = self.env["ir.actions.act_window"]._for_xml_id("partner_relations.partner_letter_action_mine")
        self.assertEqual([mode for _view, mode in action["views"]], ["list", "kanban", "form", "activity"])
        arch = self.env["partner.letter"].get_view(dict(map(reversed, action["views"]))["kanban"], "kanban")[
            "arch"
        ]
        self.assertNotIn("default_group_by", arch)
        self.assertIn("default_group_by", self.env["partner.letter"].get_view(view_type="kanban")["arch"])

    def test_bounce(self):
        sent = self._reply(self.letter)
        source = (
            "Message-ID: <bounce-1@mx.example.com>\nFrom: MAILER-DAEMON@mx.example.com\n"
            "To: service@our.example.com\nSubject: Undelivered Mail Returned to Sender\nMIME-Version: 1.0\n"
            'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
            "--b\nContent-Type: text/plain\n\nNo such user.\n\n--b\nContent-Type: message/delivery-status\n\n"
            "Reporting-MTA: dns; mx.example.com\n\nFinal-Recipient: rfc822; mai@bamboo.example.com\n"
            "Action: failed\nStatus: 5.1.1\n\n--b\nContent-Type: text/rfc822-headers\n\n"
            f"Message-ID: {sent.message_id}\nTo: mai@bamboo.example.com\n\n--b--\n"
        )
        letter_id = self.env["mail.thread"].message_process(
            "partner.letter", source, custom_values={"mailbox_id": self.mailbox.id}
        )
        bounce = self.env["partner.letter"].browse(letter_id)
        self.assertRecordValues(bounce, [{"kind": "bounce", "state": "done", "user_id": False}])
        self.assertTrue(sent.is_bounced)
        self.assertIn("No such user", sent.bounce_reason)
        self.assertRecordValues(sent.activity_ids, [{"user_id": self.user_sales.id}])
        told = self.env["partner.contact.log"].search([("activity_id", "in", sent.activity_ids.ids)])
        self.assertFalse(told, "that it did not arrive is no contact")
        self.assertEqual(self.letter.state, "done")

    def test_upgrade_takes_bounces_out_of_the_log(self):
        """And leaves what somebody planned or wrote about."""
        sent = self._reply(self.letter)
        sent._set_bounced("No such user")
        todo, warning = (self.env.ref(f"mail.mail_activity_data_{name}") for name in ("todo", "warning"))
        told = sent.activity_ids
        self.assertEqual(told.activity_type_id, warning)
        # as earlier versions left it
        told.activity_type_id = todo
        planned = sent.activity_schedule("mail.mail_activity_data_todo", summary="Ring them up")
        order = self.env["sale.order"].create({"partner_id": self.letter.partner_id.id})
        blocked = order.activity_schedule(
            "mail.mail_activity_data_todo", summary="Đặt hàng trực tuyến dù còn nợ quá hạn"
        )
        activities = told | planned | blocked
        logs = self.env["partner.contact.log"]
        self.assertEqual(logs.search([("activity_id", "in", activities.ids)]).activity_id, activities)
        self.env.flush_all()
        script = Path(__file__).parents[2] / "migrations" / "19.0.1.18.0" / "post-told_in_log.py"
        runpy.run_path(str(script))["migrate"](self.env.cr, "19.0.1.17.0")
        self.env.invalidate_all()
        self.assertEqual(logs.search([("activity_id", "in", activities.ids)]).activity_id, planned)
        self.assertEqual([one.activity_type_id for one in activities], [warning, todo, warning])

    def test_refused_by_the_mail_server(self):
        """As a report of non-delivery; told once, and taken back when the server takes the letter later."""
        sent = self._reply(self.letter)
        mail = sent.mail_message_id.mail_ids
        for _time in range(2):
            mail.mark_outgoing()
            with (
                self.mock_mail_gateway(mail_unlink_sent=False),
                patch.object(
                    type(self.env["ir.mail_server"]),
                    "send_email",
                    side_effect=SMTPRecipientsRefused({"mai@bamboo.example.com": (550, b"No such user")}),
                ),
                mute_logger("odoo.addons.mail.models.mail_mail"),
            ):
                mail.send()
            self.assertEqual(mail.state, "exception")
            self.assertTrue(sent.is_bounced)
            self.assertIn("No such user", sent.bounce_reason)
            self.assertRecordValues(sent.activity_ids, [{"user_id": self.user_sales.id}])
        mail.mark_outgoing()
        with self.mock_mail_gateway(mail_unlink_sent=False):
            mail.send()
        self.assertRecordValues(sent, [{"is_bounced": False, "bounce_reason": False}])

    def test_queries_of_letters_refused(self):
        """A server that cannot be reached refuses all that is queued; they are marked together."""
        counts = []
        for number in (2, 2, 12):  # the first time fills caches
            sent = self.env["partner.letter"].union(
                *(self._reply(self._receive()) for _each in range(number))
            )
            # as the queue has them: together
            mails = self.env["mail.mail"].browse(sent.mail_message_id.mail_ids.ids)
            turns = []
            for state, reason in (("exception", "away"), ("sent", False)):
                mails.write({"state": state, "failure_reason": reason})
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                mails._note_delivery(reason)
                self.env.flush_all()
                turns.append(self.env.cr.sql_log_count - before)
                self.assertEqual(sent.mapped("is_bounced"), [bool(reason)] * number)
                self.assertEqual(sent.mapped("bounce_reason"), [reason] * number)
            self.assertEqual(len(sent.activity_ids), number)
            counts.append(turns)
        self.assertLess(counts[2][0] - counts[1][0], 5, counts)
        self.assertLess(counts[2][1] - counts[1][1], 5, counts)

    def test_report_of_delivery(self):
        """A letter that was delivered, or is late, is not marked as one that was not."""
        sent = self._reply(self.letter)
        source = (
            "Message-ID: <report-1@mx.example.com>\nFrom: MAILER-DAEMON@mx.example.com\n"
            "To: service@our.example.com\nSubject: Successful Mail Delivery Report\nMIME-Version: 1.0\n"
            'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
            "--b\nContent-Type: text/plain\n\nDelivered.\n\n--b\nContent-Type: message/delivery-status\n\n"
            "Reporting-MTA: dns; mx.example.com\n\nFinal-Recipient: rfc822; mai@bamboo.example.com\n"
            "Action: delivered\nStatus: 2.0.0\n\n--b\nContent-Type: text/rfc822-headers\n\n"
            f"Message-ID: {sent.message_id}\nTo: mai@bamboo.example.com\n\n--b--\n"
        )
        letter_id = self.env["mail.thread"].message_process(
            "partner.letter", source, custom_values={"mailbox_id": self.mailbox.id}
        )
        report = self.env["partner.letter"].browse(letter_id)
        self.assertRecordValues(report, [{"kind": "delivery_report", "state": "done"}])
        self.assertFalse(sent.is_bounced)

    # ------------------------------------------------------------------
    # Work
    # ------------------------------------------------------------------
    def test_assign(self):
        other = self._receive()
        letters = (self.letter | other).with_user(self.user_sales)
        action = letters.action_assign()
        self.assertEqual(action["name"], "Assign Letters")
        form = etree.fromstring(self.env[action["res_model"]].get_view(view_type="form")["arch"])
        self.assertFalse(form.find(".//field[@name='letter_ids']").get("invisible"), "says which letters")
        wizard = self.env[action["res_model"]].with_user(self.user_sales).with_context(**action["context"])
        deadline = fields.Datetime.now().replace(microsecond=0) + timedelta(days=3)
        wizard = wizard.create(
            {
                "user_id": self.user_sales2.id,
                "date_deadline": deadline,
                "importance": "2",
                "note": "Ask the plant first",
            }
        )
        wizard.action_assign()
        self.assertRecordValues(
            letters.sudo(),
            [
                {
                    "user_id": self.user_sales2.id,
                    "state": "assigned",
                    "date_deadline": deadline,
                    "importance": "2",
                    "note": "Ask the plant first",
                }
            ]
            * 2,
        )
        self.assertEqual(letters.sudo().activity_ids.user_id, self.user_sales2)
        self.assertEqual(len(letters.sudo().activity_ids), 2)
        # to somebody else: the activity moves
        self.letter.user_id = self.user_sub
        self.assertRecordValues(self.letter.activity_ids, [{"user_id": self.user_sub.id}])
        self.letter.user_id = False
        self.assertEqual(self.letter.state, "new")
        self.assertFalse(self.letter.activity_ids)

    def test_set_back_to_new(self):
        """Nobody has a letter that waits to be assigned, however it comes there; what we sent keeps who wrote it."""
        sent = self._send_offer()[1]
        self.letter.user_id = self.user_sub
        (self.letter + sent).write({"state": "new"})
        self.assertRecordValues(
            self.letter + sent,
            [{"state": "new", "user_id": False}, {"state": "new", "user_id": self.user_sales.id}],
        )
        self.assertFalse(self.letter.activity_ids)
        self.letter.write({"state": "done"})
        self.letter.write({"state": "new", "user_id": self.user_sub.id})
        self.assertRecordValues(self.letter, [{"state": "assigned", "user_id": self.user_sub.id}])
        self.assertEqual(self.letter.activity_ids.user_id, self.user_sub)

    def test_queries_of_a_new_deadline(self):
        """The activities of many letters are moved together."""
        deadline = fields.Datetime.now()
        letters = self.env["partner.letter"].create(
            [
                {
                    "name": f"Letter {number}",
                    "mailbox_id": self.mailbox.id,
                    "partner_id": self.person.id,
                    "user_id": self.user_sales.id,
                    "date_deadline": deadline,
                }
                for number in range(20)
            ]
        )
        self.assertEqual(len(letters.activity_ids), 20)
        counts = []
        for days, some in enumerate((letters[:1], letters[:1], letters), 1):  # the first time fills caches
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.write({"date_deadline": deadline + timedelta(days=days)})
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(len(set(letters.activity_ids.mapped("date_deadline"))), 1)
        self.assertLess(counts[2] - counts[1], 19, counts)

    def test_executors_offered(self):
        """Those who may open letters, also to a clerk who may not see groups."""
        accountant = self._create_user("letters_accountant", "account.group_account_invoice")
        colleagues = self.user_sales | self.user_sub | self.user_director
        for model, name in (
            ("partner.letter", "user_id"),
            ("partner.letter.assign", "user_id"),
            ("partner.mailbox", "default_user_id"),
            ("partner.mailbox", "executor_ids"),
            ("partner.mailbox.keyword", "user_id"),
        ):
            field = self.env[model].with_user(self.user_sales).fields_get([name], ["domain"])[name]
            domain = safe_eval(field["domain"], {"company_id": self.mailbox.company_id.id})
            found = self.env["res.users"].with_user(self.user_sales).search(domain)
            self.assertLessEqual(colleagues, found, (model, name))
            self.assertNotIn(accountant, found, (model, name))

    def test_assign_errors(self):
        self.user_sub.active = False
        wizard = self.env["partner.letter.assign"].with_user(self.user_sales)
        wizard = wizard.create({"letter_ids": [Command.set(self.letter.ids)], "user_id": self.user_sub.id})
        with self.assertRaisesRegex(UserError, "does not work here"):
            wizard.action_assign()
        wizard.user_id = self._create_user("letters_accountant", "account.group_account_invoice")
        with self.assertRaisesRegex(UserError, "may not open letters"):
            wizard.action_assign()
        with self.assertRaisesRegex(UserError, "no executor"):
            self.letter.with_user(self.user_sales).state = "assigned"

    def test_activity_closes_letter(self):
        self.letter.user_id = self.user_sales
        self.letter.activity_ids.with_user(self.user_sales).action_done()
        self.assertRecordValues(self.letter, [{"state": "done", "done_by_id": self.user_sales.id}])

    def test_junk(self):
        self.letter.user_id = self.user_sales
        letter = self.letter.with_user(self.user_sales)
        letter.action_junk()
        self.assertRecordValues(self.letter, [{"is_junk": True, "state": "done"}])
        self.assertFalse(self.letter.activity_ids)
        letter.action_not_junk()
        self.assertRecordValues(
            self.letter, [{"is_junk": False, "state": "assigned", "user_id": self.user_sales.id}]
        )
        self.assertTrue(self.letter.activity_ids)

    def test_junk_is_no_contact(self):
        """It leaves the history of who seems to have written it, and comes back with a correction."""
        other = self._create_mailbox("Sales", email="sales@our.example.com")
        message = self._make(to="service@our.example.com, sales@our.example.com")
        twins = self._receive(message=message) | self._receive(other, message=message)
        noted = self._receive()
        letters = self.letter | noted | twins[0]
        logs = self.env["partner.contact.log"]

        def get_entries(letters):
            self.env.flush_all()
            return logs.search([("message_id", "in", letters.mail_message_id.ids)])

        get_entries(noted).agreement = "No more of these"
        mine = letters.with_user(self.user_sales)
        mine.action_junk()
        self.assertFalse(get_entries(self.letter))
        self.assertEqual(get_entries(noted).agreement, "No more of these", "what somebody wrote stays")
        self.assertEqual(
            get_entries(twins).message_id, twins[1].mail_message_id, "no junk in the other mailbox"
        )
        twins[1].action_junk()
        self.assertFalse(get_entries(twins))
        get_entries(noted).unlink()
        self.env.invalidate_all()
        self.assertFalse(self.person.last_contact_date)
        mine.action_not_junk()
        self.assertEqual(get_entries(letters).message_id, letters.mail_message_id)
        self.assertEqual(self.person.last_contact_date, self.letter.mail_message_id.date)

    def test_upgrade_forgets_junk(self):
        kept = self._receive()
        letters = self.letter | self._receive()
        entries = self.env["partner.contact.log"].search([("message_id", "in", letters.mail_message_id.ids)])
        entries[0].agreement = "No more of these"
        # in two mailboxes, and junk in the one whose mail is the entry; and in both
        other = self._create_mailbox("Sales", email="sales@our.example.com")
        twins = self.env["partner.letter"]
        for _number in range(2):
            message = self._make(to="service@our.example.com, sales@our.example.com")
            twins |= self._receive(message=message) | self._receive(other, message=message)
        entry = self.env["partner.contact.log"].search([("message_id", "in", twins.mail_message_id.ids)])
        self.assertEqual(entry.message_id, (twins[0] | twins[2]).mail_message_id, "once each")
        letters |= twins - twins[1]
        self.env.flush_all()
        # SQL: as earlier versions left it
        self.env.cr.execute("UPDATE partner_letter SET is_junk = TRUE WHERE id = ANY(%s)", [letters.ids])
        script = Path(__file__).parents[2] / "migrations" / "19.0.1.16.0" / "post-junk_in_log.py"
        migrate = runpy.run_path(str(script))["migrate"]
        migrate(self.env.cr, None)
        self.assertTrue(entries[1].exists(), "a first installation has none")
        migrate(self.env.cr, "19.0.1.15.0")
        self.env.invalidate_all()
        self.assertEqual(entries.exists(), entries[0])
        self.assertTrue(
            self.env["partner.contact.log"].search([("message_id", "=", kept.mail_message_id.id)])
        )
        entry = self.env["partner.contact.log"].search([("message_id", "in", twins.mail_message_id.ids)])
        self.assertEqual(entry.message_id, twins[1].mail_message_id, "where it is no junk")

    def test_queries_of_letters_taken_back(self):
        """Letters that are taken back from the junk together are opened together."""
        counts = []
        for number in (2, 2, 20):  # the first time fills caches
            letters = self.env["partner.letter"].union(*(self._receive() for _each in range(number)))
            letters.user_id = self.user_sales
            mine = letters.with_user(self.user_sales)
            mine.action_junk()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            mine.action_not_junk()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(set(letters.mapped("state")), {"assigned"})
            self.assertEqual(letters.user_id, self.user_sales)
            self.assertEqual(len(letters.activity_ids), number)
        self.assertLess(counts[2] - counts[1], 2 * 18, counts)

    def test_letters_taken_back_of_several(self):
        """Each has its executor and the deadline of its mailbox; of an executor who left it is to be assigned."""
        slow = self._create_mailbox("Slow", deadline_hours=0)
        left = self._create_user("letter_left", "partner_relations.group_user")
        self.mailbox.access_ids = [Command.create({"user_id": left.id, "level": "reply"})]
        mine, theirs, other = self.letter, self._receive(), self._receive(slow)
        (mine | other).user_id = self.user_sales
        theirs.user_id = left
        letters = mine | theirs | other
        letters.action_junk()
        left.active = False
        letters.action_not_junk()
        self.assertRecordValues(
            letters,
            [
                {"state": "assigned", "user_id": self.user_sales.id},
                {"state": "new", "user_id": False},
                {"state": "assigned", "user_id": self.user_sales.id},
            ],
        )
        self.assertEqual([bool(letter.date_deadline) for letter in letters], [True, True, False])

    def test_return(self):
        self.letter.user_id = self.user_sales
        letter = self.letter.with_user(self.user_sales)
        letter.action_done()
        letter.action_return()
        self.assertRecordValues(self.letter, [{"state": "assigned", "is_returned": True, "date_done": False}])
        with self.assertRaisesRegex(UserError, "cannot be opened again"):
            self._reply(self.letter).with_user(self.user_sales).action_return()

    def test_overdue_and_escalation(self):
        """The superior is told once of each missed deadline; of personal mailboxes nobody is told anything."""
        own = self._create_mailbox("Own", kind="personal", user_id=self.user_sub.id)
        private = self._receive(own)
        past = fields.Datetime.now() - timedelta(hours=1)
        letters = self.letter | private
        letters.write({"user_id": self.user_sub.id, "date_deadline": past})
        self.assertEqual(set(letters.mapped("is_overdue")), {True})
        self.assertEqual(self.env["partner.letter"].search([("is_overdue", "=", True)]) & letters, letters)
        groups = self.env["partner.letter"].formatted_read_group([], ["is_overdue"], ["__count"])
        for group in groups:
            self.assertEqual(letters.search_count(group["__extra_domain"]), group["__count"])
        self.assertIn(True, [group["is_overdue"] for group in groups])
        for _number in range(2):
            with self.enter_registry_test_mode():
                run_job(self.env, "ir_cron_escalate_letters")
        kind = self.env.ref("partner_relations.mail_activity_type_letter_overdue")
        told = self.env["mail.activity"].search([("activity_type_id", "=", kind.id)])
        self.assertRecordValues(told, [{"res_id": self.letter.id, "user_id": self.user_sales.id}])
        self.assertEqual(self.letter.escalated_user_id, self.user_sales)
        # a new deadline that is missed again
        self.letter.date_deadline = past
        self.env["partner.letter"].search(
            [("date_escalated", "=", False), ("is_overdue", "=", True)]
        )._escalate()
        self.assertEqual(self.env["mail.activity"].search_count([("activity_type_id", "=", kind.id)]), 2)
        # done: there is nothing to look after any more
        self.letter.action_done()
        self.assertFalse(self.letter.activity_ids)

    def test_escalation_beside_another_worker(self):
        """A letter that another worker is at is left to it, and nobody is told of it twice."""
        letters, junk = self.letter | self._receive(), self._receive()
        (letters | junk).write(
            {"user_id": self.user_sub.id, "date_deadline": fields.Datetime.now() - timedelta(hours=1)}
        )
        junk.is_junk = True
        with held_elsewhere(self.letter), self.enter_registry_test_mode():
            run_job(self.env, "ir_cron_escalate_letters")
        self.assertEqual([bool(letter.date_escalated) for letter in letters], [False, True])
        with self.enter_registry_test_mode():
            run_job(self.env, "ir_cron_escalate_letters")
        kind = self.env.ref("partner_relations.mail_activity_type_letter_overdue")
        told = (letters | junk).activity_ids.filtered(lambda activity: activity.activity_type_id == kind)
        self.assertEqual(sorted(told.mapped("res_id")), letters.ids)

    def test_escalation_in_batches(self):
        """The scheduler is told that there are more, and comes again."""
        letters = self.letter | self._receive()
        letters.write(
            {"user_id": self.user_sub.id, "date_deadline": fields.Datetime.now() - timedelta(hours=1)}
        )
        with patch.object(type(letters)._cron_escalate, "__defaults__", (1,)):
            run_without_time(self, "ir_cron_escalate_letters", most=500)
        self.assertEqual([bool(letter.date_escalated) for letter in letters], [True, True])

    def test_overdue_letter_of_who_left(self):
        """The employee has left as well, so it is told as a letter that nobody has."""
        self.mailbox.default_user_id = self.user_sales2
        self.letter.write(
            {"user_id": self.user_sub.id, "date_deadline": fields.Datetime.now() - timedelta(hours=1)}
        )
        self.env["hr.employee"].search([("user_id", "=", self.user_sub.id)]).active = False
        self.user_sub.active = False
        self.letter._escalate()
        self.assertEqual(self.letter.escalated_user_id, self.user_sales2)

    def test_documents(self):
        clerk = self._create_user(
            "relations_letter_sales",
            "partner_relations.group_user,sales_team.group_sale_salesman,purchase.group_purchase_user,"
            "account.group_account_invoice",
        )
        self.mailbox.access_ids = [Command.create({"user_id": clerk.id, "level": "reply"})]
        letter = self.letter.with_user(clerk)
        for method, field in (
            ("action_new_lead", "lead_id"),
            ("action_new_quotation", "sale_order_id"),
            ("action_new_invoice", "account_move_id"),
            ("action_new_purchase", "purchase_order_id"),
        ):
            with self.subTest(method):
                action = getattr(letter, method)()
                document = self.env[action["res_model"]].browse(action["res_id"])
                self.assertEqual(letter[field], document)
                self.assertEqual(document.partner_id, self.person)
                self.assertEqual(document.with_user(clerk).letter_count, 1)
                with self.assertRaisesRegex(UserError, "already"):
                    getattr(letter, method)()
        self.assertEqual(self.customer.with_user(clerk).letter_count, 1)
        self.assertEqual(self.person.with_user(clerk).letter_count, 1)
        self.assertEqual(self.customer.with_user(self.user_sales2).letter_count, 0)

        # of a stranger the name alone is that of the contact to be
        letter = self._receive(sender="Lan Tran <lan@unknown.example.com>", subject="Prices").with_user(clerk)
        lead = self.env["crm.lead"].browse(letter.action_new_lead()["res_id"])
        self.assertRecordValues(
            lead, [{"contact_name": "Lan Tran", "email_from": "lan@unknown.example.com", "partner_id": False}]
        )

    def test_opportunity_for_a_colleague(self):
        """Who may see own leads only makes one of a letter of a colleague, whose lead it is then."""
        clerk = self._create_user(
            "relations_letter_clerk", "partner_relations.group_user,sales_team.group_sale_salesman"
        )
        self.mailbox.access_ids = [Command.create({"user_id": clerk.id, "level": "reply"})]
        letter = self.letter.with_user(clerk)
        self.letter.user_id = self.user_sales2
        action = letter.action_new_lead()
        lead = self.letter.lead_id
        self.assertRecordValues(lead, [{"user_id": self.user_sales2.id, "partner_id": self.person.id}])
        self.assertFalse(lead.with_user(clerk).has_access("read"))
        self.assertEqual(action["tag"], "display_notification", "a form that may not be opened is not")
        self.assertIn(self.letter.name, action["params"]["message"])
        # of nobody who works here it is the maker's
        letter = self._receive(subject="Prices").with_user(clerk)
        letter.sudo().user_id = self.user_sub
        self.user_sub.active = False
        action = letter.action_new_lead()
        self.assertEqual((action["res_id"], letter.lead_id.user_id), (letter.lead_id.id, clerk))

    def test_letters_of_a_person_who_moves(self):
        """As in the contact log, they stay with the old company and are with the new one, too."""
        company = self._create_company_partner("Birch")
        self.person.parent_id = company
        for partner in (self.person, self.customer, company):
            partner = partner.with_user(self.user_sales)
            with self.subTest(partner=partner.name):
                self.assertEqual(partner.letter_count, 1)
                letters = partner.env["partner.letter"].search(partner.action_open_letters()["domain"])
                self.assertEqual(letters, self.letter)

    def test_queries(self):
        """The list costs the same for one letter and for twenty."""
        letters = self.letter.union(*(self._receive() for _number in range(20)))
        specification = {
            name: {"fields": {"display_name": {}}} if name.endswith("_id") else {}
            for name in (
                "name",
                "mailbox_id",
                "partner_id",
                "user_id",
                "state",
                "is_overdue",
                "may_reply",
                "body",
            )
        }

        def count(records):
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            records.with_user(self.user_sales).web_search_read([("id", "in", records.ids)], specification)
            return self.env.cr.sql_log_count - start

        count(letters)
        self.assertEqual(count(letters[:1]), count(letters))

    def test_reassignment(self):
        """Work that is given to somebody else takes the open letters of shared mailboxes with it."""
        own = self._create_mailbox("Own", kind="personal", user_id=self.user_sub.id)
        private = self._receive(own)
        closed = self._receive()
        letters = self.letter | private | closed
        letters.write({"user_id": self.user_sub.id})
        closed.action_done()
        wizard = self.env["partner.reassign"].with_user(self.user_supervisor)
        wizard = wizard.create(
            {"user_from_id": self.user_sub.id, "user_to_id": self.user_sales.id, "reason": "Ill"}
        )
        trace = self.env["partner.reassignment"].browse(wizard.action_reassign()["res_id"])
        self.assertEqual(trace.letter_count, 1)
        self.assertEqual(letters.mapped("user_id.login"), [self.user_sales.login, self.user_sub.login])
        self.assertEqual(self.letter.user_id, self.user_sales)
        self.assertEqual(self.letter.activity_ids.user_id, self.user_sales)
        self.assertEqual(private.activity_ids.user_id, self.user_sub)
        trace.with_user(self.user_supervisor).action_give_back()
        self.assertEqual(self.letter.user_id, self.user_sub)

    def test_merged_and_deleted_contacts(self):
        other = self._create_person("Mai T.", self.customer)
        wizard = self.env["base.partner.merge.automatic.wizard"]
        wizard._merge((self.person | other).ids, other)
        self.assertRecordValues(
            self.letter, [{"partner_id": other.id, "commercial_partner_id": self.customer.id}]
        )
