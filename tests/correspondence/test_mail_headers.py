import doctest
from email.message import EmailMessage
from email.policy import SMTP
from unittest.mock import patch

from odoo.addons.base.models.ir_mail_server import IrMail_Server
from odoo.fields import Command
from odoo.tests import BaseCase, tagged
from odoo.tools import mute_logger

from odoo.addons.partner_relations.tools import header_text

from ..headers import ENCODED, EVIL, find_forged, read_forged
from .mailing_in import LetterCommon


@tagged("post_install", "-at_install")
class TestHeaderText(BaseCase):
    def test_doctests(self):
        failures, count = doctest.testmod(header_text)
        self.assertEqual(failures, 0)
        self.assertGreater(count, 9)

    def test_encoded_words_that_nobody_can_read(self):
        """Of an unknown alphabet, or cut off: they are no reason to send nothing."""
        for word in ("=?x-unknown?q?a?=", "=?utf-8?b?a?=", "=?utf-8?b?////?="):
            with self.subTest(word):
                text = header_text.one_line(f"{word}\r\nBcc: x@example.com")
                self.assertEqual(len(text.splitlines()), 1)
                message = EmailMessage()
                message["Subject"] = "Offer"
                message["X-Mark"] = word
                header_text.clean_headers(message)
                self.assertNotIn("=?x-unknown", message["X-Mark"])

    def test_headers_of_files(self):
        message = EmailMessage()
        message.set_content("Text")
        message.add_attachment(b"x", maintype="text", subtype="plain", filename="a.txt")
        part = next(message.iter_attachments())
        part["X-Mark"] = "=?utf-8?q?a=0D=0ABcc:_b?="
        header_text.clean_headers(message)
        self.assertEqual(len(part["X-Mark"].splitlines()), 1)


@tagged("post_install", "-at_install")
class TestMailHeaders(LetterCommon):
    """What people outside write into a name, a subject or the name of a file is one line of the answer's headers."""

    def _answer(self, letter, **values):
        message = letter.with_user(self.user_sales).message_post(
            body="Answer",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=letter.partner_id.ids or self.person.ids,
            **values,
        )
        return self.env["mail.mail"].sudo().search([("mail_message_id", "=", message.id)])

    def test_the_attack_works_without_the_mend(self):
        """Else the other tests show nothing: core alone writes the header."""
        self.person.name = EVIL
        mails = self.env["mail.mail"].create(
            {
                "subject": "Plain",
                "body_html": "<p>Text</p>",
                "email_from": "service@our.example.com",
                "recipient_ids": [Command.set(self.person.ids)],
            }
        )
        self.assertEqual(find_forged(mails), (set(), 1))
        servers = type(self.env["ir.mail_server"])
        with patch.object(servers, "_build_email__", IrMail_Server._build_email__):
            # newer versions of Python look at what they write by themselves
            found = set() if hasattr(SMTP, "verify_generated_headers") else {"bcc", "x-evil"}
            self.assertEqual(find_forged(mails), (found, 1))

    def test_each_header(self):
        """Text that breaks lines, in one header at a time: the mail is written, and has no header more."""
        for text in (EVIL, ENCODED):
            address = f'"{text}" <ann@customer.example.org>'
            for name, value in (
                ("email_from", address),
                ("email_to", [address]),
                ("email_to", address),
                ("email_cc", [address]),
                ("email_bcc", [address]),
                ("reply_to", address),
                ("subject", text),
                ("references", f"<1@customer.example.org> {text}"),
                ("message_id", f"<{text}@our.example.com>"),
                ("headers", {"X-Mark": text}),
                ("attachments", [(text, b"x", "text/plain")]),
            ):
                with self.subTest(name=name, text=text):
                    values = {
                        "email_from": "service@our.example.com",
                        "email_to": ["ben@customer.example.org"],
                        "subject": "Plain",
                        "body": "<p>Text</p>",
                        name: value,
                    }
                    message = self.env["ir.mail_server"]._build_email__(**values, subtype="html")
                    ours = {"bcc"} if name == "email_bcc" else set()
                    self.assertEqual(read_forged(message.as_bytes()), ours)

    def _receive_source(self, subject, sender="x@stranger.example.net"):
        """A letter whose headers are written as they stand."""
        source = self._make(sender="x@stranger.example.net", subject="SUBJECT").as_bytes()
        source = source.replace(b"SUBJECT", subject.encode())
        source = source.replace(b"From: x@stranger.example.net", f"From: {sender}".encode())
        letter_id = self.env["mail.thread"].message_process(
            "partner.letter", source, custom_values={"mailbox_id": self.mailbox.id}
        )
        return self.env["partner.letter"].browse(letter_id)

    @mute_logger("odoo.addons.partner_relations.models.correspondence.partner_letter_gateway")
    def test_sender_that_cannot_be_read(self):
        """Its line break is in no contact's name; the letter is kept all the same."""
        self.mailbox.partner_policy = "create"
        letter = self._receive_source("Plain", f"{ENCODED} <x@stranger.example.net>")
        self.assertEqual((letter.direction, letter.kind), ("in", "letter"))
        contacts = self.env["res.partner"].search([("email", "ilike", "stranger.example.net")])
        self.assertFalse(contacts.filtered(lambda contact: len(contact.name.splitlines()) > 1))

    def test_letter_that_is_answered(self):
        """The subject, encoded once and twice, and files of a letter from outside, in our answer."""
        twice = ENCODED.replace("=", "=3D").replace("?", "=3F")
        for subject in (ENCODED, f"=?utf-8?q?{twice}?="):
            letter = self._receive_source(subject)
            self.assertIn("x-evil", letter.name.lower())
            files = [(ENCODED, b"x"), (f"{EVIL}.txt", b"x"), ("v\r\nX-Evil: \xe1.txt", b"x")]
            mails = self._answer(letter, attachments=files)
            self.assertTrue(mails)
            self.assertEqual(find_forged(mails), (set(), len(mails)))

    def test_what_we_write(self):
        """Our own names and subjects; the letter is sent, with a blank where the line broke."""
        for text in (EVIL, ENCODED):
            with self.subTest(text=text):
                self.user_sales.name = self.person.name = text
                self.mailbox.write({"name": text, "sender_name": "both"})
                letter = (
                    self.env["partner.letter"]
                    .with_user(self.user_sales)
                    ._send_new(self.mailbox.with_user(self.user_sales), self.person, text, "<p>Text</p>")
                )
                message = letter.sudo().mail_message_id
                mails = self.env["mail.mail"].sudo().search([("mail_message_id", "=", message.id)])
                self.assertEqual(find_forged(mails), (set(), 1))
