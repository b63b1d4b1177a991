import contextlib
import doctest
import errno
import io
import random
import string
import unicodedata
from datetime import datetime, timedelta
from unittest.mock import MagicMock, patch

import psycopg2
import psycopg2.errors
from PIL import Image

from odoo import fields
from odoo.addons.mail.models.fetchmail import FetchmailServer as CoreServer
from odoo.fields import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger
from odoo.tools.image import ImageProcess

from odoo.addons.partner_relations.models.correspondence.fetchmail_server_mailbox import Fetching, KeptLetters

from ...tools import mail_repair
from ..jobs import held_elsewhere
from .mailing_in import LetterCommon

UNREAD = "odoo.addons.partner_relations.models.correspondence.partner_letter_gateway"


@tagged("post_install", "-at_install")
class TestLetterGateway(LetterCommon):
    """What becomes of incoming mail."""

    # ------------------------------------------------------------------
    # Registered once
    # ------------------------------------------------------------------
    def test_registered_once(self):
        message = self._make(files=[("order.pdf", b"%PDF")])
        letter = self._receive(message=message)
        self.assertRecordValues(
            letter,
            [
                {
                    "name": "Delivery",
                    "state": "new",
                    "kind": "letter",
                    "partner_id": self.person.id,
                    "commercial_partner_id": self.customer.id,
                    "direction": "in",
                    "email": "mai@bamboo.example.com",
                    "message_id": message["Message-ID"],
                    "date": datetime(2026, 11, 2, 3),
                }
            ],
        )
        self.assertIn("When?", letter.body)
        self.assertEqual(letter.attachment_ids.mapped("name"), ["order.pdf"])
        self.assertTrue(letter.date_deadline)
        self.assertFalse(self._receive(message=message))
        self.assertEqual(self.env["partner.letter"].search_count([("mailbox_id", "=", self.mailbox.id)]), 1)

    def test_two_mailboxes(self):
        """Each mailbox has its letter; the contact log has one entry."""
        other = self._create_mailbox("Sales", email="sales@our.example.com")
        message = self._make(to="service@our.example.com, sales@our.example.com")
        first, second = self._receive(message=message), self._receive(other, message=message)
        self.assertEqual(first.mailbox_id | second.mailbox_id, self.mailbox | other)
        self.assertEqual(first.message_id, second.message_id)
        logs = self.env["partner.contact.log"].search([("commercial_partner_id", "=", self.customer.id)])
        self.assertRecordValues(logs, [{"channel": "email", "direction": "in", "state": "done"}])

    def test_copies_of_a_list(self):
        """A list of the house delivers a copy to each mailbox, which stands in the envelope of its own copy alone."""
        domain = self.env["mail.alias.domain"].create({"name": "alias.example.com"})
        self.mailbox.write({"alias_name": "letters", "alias_domain_id": domain.id})
        other = self._create_mailbox("Sales", alias_name="selling", alias_domain_id=domain.id)
        message = self._make(to="everybody@else.example.com")
        for name in ("letters", "selling", "selling", "nobody"):
            source = f"Delivered-To: {name}@alias.example.com\n{message.as_string()}"
            self.env["mail.thread"].message_process(False, source)
        letters = self.env["partner.letter"].search([("message_id", "=", message["Message-ID"])])
        self.assertEqual(len(letters), 2)
        self.assertEqual(letters.mailbox_id, self.mailbox | other)
        self.assertIn("When?", letters[0].body)
        self.assertIn("When?", letters[1].body)

    def test_copy_that_another_worker_registers(self):
        """What is registered of one mailbox meanwhile takes the letter from none of the others."""
        other = self._create_mailbox("Sales", email="sales@our.example.com")
        message = self._make(to="service@our.example.com")
        self._receive(message=message)
        source = f"Delivered-To: sales@our.example.com\n{message.as_string()}"
        # as it looks to whoever began before the other's letter was committed
        with patch.object(type(self.env["partner.letter"]), "_is_registered", return_value=False):
            self.env["mail.thread"].message_process("partner.letter", source)
        letters = self.env["partner.letter"].search([("message_id", "=", message["Message-ID"])])
        self.assertEqual(letters.mapped("mailbox_id"), self.mailbox | other)
        self.assertEqual(len(letters), 2)

    def test_letter_that_one_of_two_mailboxes_cannot_read(self):
        other = self._create_mailbox("Sales", email="sales@our.example.com")
        message = self._make(to="service@our.example.com, sales@our.example.com")
        letters = type(self.env["partner.letter"])
        register = letters._gateway_register

        def registering(gateway, mailbox, *args):
            if mailbox == other:
                raise ValueError("no fault of the other's")
            return register(gateway, mailbox, *args)

        with patch.object(letters, "_gateway_register", registering), mute_logger(UNREAD):
            self.env["mail.thread"].message_process("partner.letter", message.as_bytes())
        found = self.env["partner.letter"].search([("mailbox_id", "in", (self.mailbox + other).ids)])
        self.assertEqual(
            {letter.mailbox_id: letter.name for letter in found},
            {self.mailbox: "Delivery", other: "A letter that could not be read"},
        )

    def test_what_is_left_out_is_no_copy(self):
        """A report of non-delivery came to nobody: it is not registered for whom its envelope names."""
        domain = self.env["mail.alias.domain"].create({"name": "alias.example.com"})
        self.mailbox.write({"alias_name": "letters", "alias_domain_id": domain.id})
        source = b"Delivered-To: letters@alias.example.com\n" + self._make_report("failed", "5.1.1")
        self.env["mail.thread"].message_process(False, source)
        self.assertEqual(self.person.message_bounce, 1)
        self.assertFalse(self.env["partner.letter"].search([("mailbox_id", "=", self.mailbox.id)]))

    def test_without_message_id(self):
        message = self._make()
        del message["Message-ID"]
        letter = self._receive(message=message)
        self.assertIn("@without-message-id>", letter.message_id)
        self.assertFalse(self._receive(message=message))
        # newer versions of Python can read an empty one, which is not that of all letters that have it
        for text in ("One", "Two", "Two"):
            source = f"From: a@else.example.net\nMessage-ID: <>\nSubject: {text}\n\n{text}\n"
            self._receive_source(source.encode())
        letters = self.env["partner.letter"].search([("name", "in", ("One", "Two"))])
        self.assertEqual(sorted(letters.mapped("name")), ["One", "Two"])

    def test_by_server_and_by_address(self):
        self.mailbox.write({"in_host": "imap.example.com", "in_password": "x"})
        threads = self.env["mail.thread"]
        fetched = threads.with_context(default_fetchmail_server_id=self.mailbox.fetchmail_server_id.id)
        letter_id = fetched.message_process(
            "partner.letter", self._make(to="someone@else.example.com").as_bytes()
        )
        self.assertEqual(self.env["partner.letter"].browse(letter_id).mailbox_id, self.mailbox)
        letter_id = threads.message_process("partner.letter", self._make().as_string())
        self.assertEqual(self.env["partner.letter"].browse(letter_id).mailbox_id, self.mailbox)
        # of several, of which one server gets a single copy, each has the letter
        other = self._create_mailbox("Sales", email="sales@our.example.com")
        broken = patch.object(
            type(self.env["partner.letter"]), "_register_incoming", side_effect=ValueError("broken")
        )
        for work in (contextlib.nullcontext(), broken):
            message = self._make(to="x@else.example.com, Service@our.example.com, sales@our.example.com")
            with work, mute_logger(UNREAD):
                letter_id = threads.message_process("partner.letter", message.as_bytes())
            letters = self.env["partner.letter"].search(
                [("message_id", "=", message["Message-ID"])], order="id"
            )
            self.assertEqual(letters.mapped("mailbox_id"), self.mailbox | other)
            self.assertEqual((len(letters), letters[0].id), (2, letter_id))
            for to in ("sales", "service"):
                copy = f"Delivered-To: {to}@our.example.com\n{message.as_string()}"
                self.assertFalse(threads.message_process("partner.letter", copy))
        with self.assertRaisesRegex(ValueError, "for no mailbox"):
            threads.message_process("partner.letter", self._make(to="nobody@else.example.com").as_bytes())

    def test_defaults_of_a_call(self):
        """What a call brings as defaults is not taken by what the gateway makes with all rights."""
        self.mailbox.partner_policy = "create"
        threads = self.env["mail.thread"].with_user(self.user_sales2)
        threads = threads.with_context(default_function="Forged", default_note="Forged")
        letter_id = threads.message_process(
            "partner.letter",
            self._make("Lan Vo <lan@lotus.example.com>").as_bytes(),
            {"mailbox_id": self.mailbox.id},
        )
        letter = self.env["partner.letter"].browse(letter_id)
        self.assertEqual(letter.partner_id.email, "lan@lotus.example.com")
        self.assertFalse(letter.partner_id.function)
        self.assertFalse(letter.note)

    def test_alias(self):
        """Through an alias and Odoo's general mail server; an answer is a new letter of the thread."""
        domain = self.env["mail.alias.domain"].create({"name": "alias.example.com"})
        self.mailbox.write({"alias_name": "letters", "alias_domain_id": domain.id})
        threads = self.env["mail.thread"]
        first = self._make(to="letters@alias.example.com")
        letter_id = threads.message_process(False, first.as_bytes())
        letter = self.env["partner.letter"].search([("message_id", "=", first["Message-ID"])])
        self.assertEqual((letter.id, letter.mailbox_id), (letter_id, self.mailbox))
        answer = self._make(to="letters@alias.example.com", References=first["Message-ID"])
        threads.message_process(False, answer.as_bytes())
        second = self.env["partner.letter"].search([("message_id", "=", answer["Message-ID"])])
        self.assertRecordValues(second, [{"thread_id": letter.id, "mailbox_id": self.mailbox.id}])

    def test_conflicts_of_letters_by_an_alias(self):
        """Somebody writes a letter of the thread meanwhile: core would mark the mail as fetched, and lose it."""
        domain = self.env["mail.alias.domain"].create({"name": "alias.example.com"})
        self.mailbox.write({"alias_name": "letters", "alias_domain_id": domain.id})
        server = self.env["fetchmail.server"].create(
            {
                "name": "All",
                "server": "imap.example.com",
                "object_id": self.env["ir.model"]._get_id("crm.lead"),
            }
        )
        fetched = self.env["mail.thread"].with_context(default_fetchmail_server_id=server.id)
        letters = type(self.env["partner.letter"])
        register = letters._register_incoming
        conflict = psycopg2.errors.SerializationFailure()
        for threads, conflicts, is_registered in (
            (fetched, 4, True),
            (fetched, 5, False),
            (self.env["mail.thread"], 1, False),
        ):
            failures = iter([conflict] * conflicts)

            def registering(*args, failures=failures):
                if error := next(failures, None):
                    raise error
                return register(*args)

            message = self._make(to="letters@alias.example.com", Cc=self.customer.email)
            expected = contextlib.nullcontext() if is_registered else self.assertRaises(type(conflict))
            # nothing was written, and the test's own records stay
            with (
                patch.object(letters, "_register_incoming", registering),
                patch.object(self.env.cr, "rollback"),
                expected,
            ):
                threads.message_process("crm.lead", message.as_bytes())
            found = self.env["partner.letter"].search([("message_id", "=", message["Message-ID"])])
            self.assertEqual(bool(found), is_registered)
            if found:
                self.assertIn("When?", found.body)
                self.assertIn(self.customer, found.mail_message_id.partner_ids)

    def test_other_mail_servers_are_read_as_ever(self):
        self.mailbox.write({"in_host": "imap.example.com", "in_password": "x"})
        server = self.env["fetchmail.server"].create(
            {
                "name": "All",
                "server": "imap.example.com",
                "object_id": self.env["ir.model"]._get_id("crm.lead"),
            }
        )
        for one, is_kept in ((server, False), (self.mailbox.fetchmail_server_id, True)):
            connection, fetching = MagicMock(), Fetching()
            handled = connection.handled_message
            with patch.object(CoreServer, "_connect__", return_value=connection):
                one.with_context(relations_fetching=fetching)._connect__()
            self.assertEqual(connection.handled_message is not handled, is_kept)
            # the letter that failed stays, not those after it
            fetching.failed = True
            connection.handled_message(1)
            connection.handled_message(2)
            self.assertEqual([call.args for call in handled.mock_calls], [(2,)] if is_kept else [(1,), (2,)])

    def test_unreadable(self):
        """What cannot be read is registered with its source: the server will not send it again."""
        message = self._make()
        broken = patch.object(
            type(self.env["partner.letter"]), "_register_incoming", side_effect=ValueError("broken")
        )
        with broken, mute_logger(UNREAD):
            letter = self._receive(message=message)
        self.assertEqual(letter.state, "new")
        source = self.env["ir.attachment"].search(
            [("res_model", "=", "partner.letter"), ("res_id", "=", letter.id)]
        )
        self.assertEqual(source.raw, message.as_bytes())
        self.assertFalse(self._receive(message=message))
        # nor does what it says of itself keep it out
        long = "".join(random.Random(42).choices(string.ascii_lowercase, k=5_000))
        for source in (
            f"From: <{long}@else.example.net>\nMessage-ID: <1@else.example.net>\n\nHello",
            f"From: <mai@bamboo.example.com>\nMessage-ID: <{long}@else.example.net>\n\nHello",
        ):
            with broken, mute_logger(UNREAD):
                letter = self._receive_source(source.encode())
            self.assertEqual(letter.state, "new")

    def test_zero_bytes(self):
        """No database keeps them; what stands after them is read."""
        letter = self._receive_source(
            b"From: mai@bamboo.example.com\nSubject: a\0b\nMessage-ID: <zero@x>\n\nBefore\0after"
        )
        self.assertEqual(letter.name, "ab")
        self.assertIn("Beforeafter", letter.body)

    def test_without_files(self):
        message = self._make(files=[("a.txt", b"a")])
        letter_id = self.env["mail.thread"].message_process(
            "partner.letter",
            message.as_bytes(),
            custom_values={"mailbox_id": self.mailbox.id},
            strip_attachments=True,
        )
        self.assertFalse(self.env["partner.letter"].browse(letter_id).sudo().mail_message_id.attachment_ids)

    def test_examples_in_docstrings(self):
        failures, count = doctest.testmod(mail_repair)
        self.assertEqual(failures, 0)
        self.assertGreaterEqual(count, 14)

    def test_mails_that_say_wrong_things_of_themselves(self):
        """They are read, with sender and subject: what few programs write is no reason to hand out a source."""
        parts = b"Content-Type: text/plain\n\nWhen?\n--B--\n"
        for number, (head, body) in enumerate(
            (
                (b"Subject: Order\x00\nContent-Type: text/plain", b"When?"),
                (b"Subject: Order\nMessage-ID: <>", b"When?"),
                (b"Subject: Order\nMessage-ID: <a\x00b@x>", b"When?"),
                (b"Subject: Order\nIn-Reply-To: <a\x00b@x>\nReferences: \x00", b"When?"),
                (b"Subject: Order\nReply-To: Mai <mai\x00@bamboo.example.com>", b"When?"),
                (b"Subject: Order\nContent-Type: /", b"When?"),
                (b'Subject: Order\nContent-Type: text/plain; charset=""', b"When?"),
                (b"Subject: Order\nContent-Type: text/plain; charset=unknown-8bit", b"Gr\xfc\xdfe: When?"),
                (b"Subject: Order\nContent-Type: text/plain; charset=us-ascii", "Grüße: When?".encode()),
                (b"Subject: Order\nContent-Type: text/html; charset=x-gbk", "<p>When? 日</p>".encode("gbk")),
                (b"Subject: Order\nContent-Type: text/plain; charset=punycode", b"When?"),
                (b"Subject: Order\nContent-Type: multipart/mixed", b"--B\n" + parts),
                (b'Subject: Order\nContent-Type: multipart/alternative; boundary="C"', b"--B\n" + parts),
                (
                    b"Subject: Order\nContent-Type: multipart/mixed; boundary=B",
                    b"--B\nContent-Type: text/plain; charset=x-unknown\n\nFirst\n--B\n" + parts,
                ),
            )
        ):
            source = b"From: Mai <mai@bamboo.example.com>\nDate: Mon, 2 Nov 2026 10:00:00 +0700\n"
            if b"Message-ID" not in head:
                source += b"Message-ID: <mistake-%d@bamboo.example.com>\n" % number
            source += head + b"\n\n" + body
            with self.subTest(head):
                threads = self.env["mail.thread"]
                values = {"mailbox_id": self.mailbox.id}
                letter = self.env["partner.letter"].browse(
                    threads.message_process("partner.letter", source, custom_values=values)
                )
                self.assertRecordValues(letter, [{"name": "Order", "partner_id": self.person.id}])
                self.assertIn("When?", letter.body)
                self.assertNotIn("\N{REPLACEMENT CHARACTER}", letter.body)
                self.assertFalse(threads.message_process("partner.letter", source, custom_values=values))

    def test_headers_at_which_the_parser_fails(self):
        """The rest of the letter is read, with the addresses that stand in them."""
        for number, (head, sender) in enumerate(
            (
                (b"From: Mai <mai@bamboo.example.com>\nTo: a@[b, service@our.example.com", self.person),
                (b"From: mai@bamboo.example.com\nTo: service@[", self.person),
                (b"From: a: mai@bamboo.example.com, b: c;;\nTo: service@our.example.com", self.person),
                (b"From: mai@bamboo.example.com\nDate: Fri, 2 Jan 26 AD 0026 -0400", self.person),
                (b"From: mai@bamboo.example.com\nContent-Type: text/plain; name*=utf-8''%00", self.person),
                (
                    b"From: mai@bamboo.example.com\nContent-Type: text/plain; a=\x1eb; charset=x-none",
                    self.person,
                ),
            )
        ):
            source = head + b"\nSubject: Order\nMessage-ID: <fails-%d@x.example>\n\nWhen?\n" % number
            with self.subTest(head):
                letter_id = self.env["mail.thread"].message_process(
                    "partner.letter", source, custom_values={"mailbox_id": self.mailbox.id}
                )
                letter = self.env["partner.letter"].browse(letter_id)
                self.assertRecordValues(letter, [{"name": "Order", "partner_id": sender.id}])
                self.assertIn("When?", letter.body)

    def test_mark_before_the_headers(self):
        """Some programs write it before any text; the letter is read, also one through an alias, and known again."""
        source = b"\xef\xbb\xbf" + self._make(subject="Order").as_bytes()
        letter = self._receive_source(source)
        self.assertRecordValues(letter, [{"name": "Order", "partner_id": self.person.id}])
        self.assertNotIn("Subject:", letter.body)
        self.assertFalse(self._receive_source(source))
        domain = self.env["mail.alias.domain"].create({"name": "alias.example.com"})
        self.mailbox.write({"alias_name": "letters", "alias_domain_id": domain.id})
        message = self._make(to="letters@alias.example.com")
        self.env["mail.thread"].message_process(False, b"\xef\xbb\xbf" + message.as_bytes())
        letter = self.env["partner.letter"].search([("message_id", "=", message["Message-ID"])])
        self.assertEqual(letter.mailbox_id, self.mailbox)

    def test_addresses_with_something_around_them(self):
        """The sender is known, the answer goes to the address, and the mailbox is found by it."""
        wrapped = ("<mailto:%s>", "<'%s'>", "Some Body <mailto:%s?subject=Order>", "Some <'mailto:%s'>")
        self.mailbox.email = "service@our.example.com"
        for number, form in enumerate(wrapped):
            head = f"From: {form}\nReply-To: {form}\n" % ("mai@bamboo.example.com", "lan@lotus.example.com")
            receivers = f"To: {form}\nCc: {form}\n" % ("service@our.example.com", "cc@lotus.example.com")
            source = f"{head}{receivers}Subject: Order\nMessage-ID: <wrapped-{number}@x.example>\n\nWhen?\n"
            with self.subTest(form):
                letter_id = self.env["mail.thread"].message_process("partner.letter", source.encode())
                letter = self.env["partner.letter"].browse(letter_id)
                self.assertEqual(letter.mailbox_id, self.mailbox)
                self.assertEqual(letter.email_normalized, "lan@lotus.example.com")
                self.assertIn("mai@bamboo.example.com", letter.email_from)
                told = f"{letter.email_from} {letter.email_to} {letter.email_cc}"
                self.assertNotIn("mailto", told)
                self.assertNotIn("'", told)
                self.assertIn("cc@lotus.example.com", letter.email_cc)

    def test_receivers_of_several_headers(self):
        """One with bytes that nobody encoded takes none of the others away."""
        source = (
            b"From: mai@bamboo.example.com\nDelivered-To: service@our.example.com\nDelivered-To: \xe4@x.example\n"
            b"Subject: Order\nMessage-ID: <several@x.example>\n\nWhen?\n"
        )
        message = self.env["partner.letter"]._read_message(source)
        self.assertEqual(message.get_all("Delivered-To")[0], "service@our.example.com")

    def test_files_of_types_that_python_does_not_read(self):
        """Drawings, fonts and what programs make up: the letter comes with the file."""
        for content_type in ("model/step", "font/ttf", "drawing/x-dwg", "octet/stream", "unknown/unknown"):
            message = self._make(files=[("table.step", b"ISO-10303-21;\0")])
            part = next(message.iter_attachments())
            part.replace_header("Content-Type", f'{content_type}; name="table.step"')
            letter = self._receive(message=message)
            with self.subTest(content_type):
                self.assertEqual(letter.name, "Delivery")
                self.assertEqual(letter.attachment_ids.mapped("name"), ["table.step"])
                self.assertEqual(letter.sudo().attachment_ids.raw, b"ISO-10303-21;\0")

    def _receive_source(self, source):
        letter_id = self.env["mail.thread"].message_process(
            "partner.letter", source, custom_values={"mailbox_id": self.mailbox.id}
        )
        return self.env["partner.letter"].browse(letter_id)

    def test_forwarded_mail_in_bytes_that_nobody_encoded(self):
        """It is attached as it came."""
        source = (
            b"From: mai@bamboo.example.com\nSubject: Order\nMessage-ID: <forward@x>\n"
            b"Content-Type: multipart/mixed; boundary=B\n\n--B\n\nWhen?\n--B\nContent-Type: message/rfc822\n\n"
            b"From: a@x.example\nSubject: Gr\xfc\xdfe\nMessage-ID: <\xe4@x>\n\nHello\n--B--\n"
        )
        letter = self._receive_source(source)
        self.assertEqual((letter.name, len(letter.attachment_ids)), ("Order", 1))

    def test_subject_in_bytes_that_nobody_encoded(self):
        source = b"From: M\xfcller <m@else.example.net>\nSubject: Gr\xfc\xdfe\nMessage-ID: <raw@x>\n\nHello\n"
        letter = self._receive_source(source)
        self.assertEqual((letter.name, letter.email_from), ("Grüße", '"Müller" <m@else.example.net>'))

    def test_report_without_its_boundary(self):
        """What it says of itself tells its kind, though it is read as one text."""
        source = (
            b"From: MAILER-DAEMON@x.example\nSubject: Returned mail\nMessage-ID: <report@x>\n"
            b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--c\n"
            b"Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n"
            b"Final-Recipient: rfc822; mai@bamboo.example.com\nAction: failed\nStatus: 5.4.6\n"
            b"\n--c\nContent-Type: text/rfc822-headers\n\nMessage-ID: <sent@x>\n--c--\n"
        )
        letter = self._receive_source(source)
        self.assertRecordValues(letter, [{"name": "Returned mail", "kind": "bounce", "state": "done"}])
        self.assertIn("5.4.6", letter.body)

    def test_unregistered_for_good(self):
        """An error of the database is no reason to keep a letter from everybody either; a full disk is."""
        model = type(self.env["partner.letter"])
        for error, is_kept in (
            (psycopg2.DataError("zero byte"), False),
            (psycopg2.errors.NotNullViolation("missing"), False),
            (psycopg2.errors.ProgramLimitExceeded("too long for an index"), False),
            (psycopg2.OperationalError("disk full"), True),
            (OSError(errno.EACCES, "Permission denied"), True),
            (OSError(errno.ENOSPC, "disk full"), True),
            # of a library: a file in the letter cannot be read
            (OSError(-2), False),
        ):
            message = self._make()
            with (
                self.subTest(error=error),
                patch.object(model, "_register_incoming", side_effect=error),
                mute_logger(UNREAD),
            ):
                if is_kept:
                    with self.assertRaises(type(error)):
                        self._receive(message=message)
                else:
                    self.assertEqual(self._receive(message=message).state, "new")
            found = self.env["partner.letter"].search([("message_id", "=", message["Message-ID"])])
            self.assertEqual(len(found), 0 if is_kept else 1)

    def test_damaged_picture(self):
        """Core makes large pictures smaller, where Pillow tells of a damaged one by an OSError without a number."""
        picture = io.BytesIO()
        Image.new("RGB", (2000, 10)).save(picture, "PNG")
        message = self._make(files=[("scan.png", picture.getvalue())])
        with patch.object(ImageProcess, "resize", side_effect=OSError(-2)) as resize, mute_logger(UNREAD):
            letter = self._receive(message=message)
        resize.assert_called()
        self.assertEqual(letter.name, "A letter that could not be read")

    def test_failures_are_noted_for_servers_of_mailboxes(self):
        """What failed elsewhere leaves no letter of a mailbox unread; a letter at fault is not tried for ever."""
        fetching = Fetching()
        fetching.kept[1] = kept = KeptLetters()
        with mute_logger(Fetching.__module__):
            fetching.note(2, b"of another server", ValueError("broken"))
            self.assertFalse(fetching.failed)
            for error in (OSError(errno.ENOSPC, "disk full"), OSError(errno.EACCES, "denied"), OSError(-2)):
                fetching.note(1, b"letter", error)
        self.assertTrue(fetching.failed)
        self.assertEqual((len(kept.later), list(kept.failed.values())), (2, ["-2"]))

    def test_comments_of_long_letters_stay_hidden(self):
        hidden = "<!-- <p>old price</p> -->"
        message = self._make()
        message.set_content(f"<p>{'new ' * 8_000}</p>{hidden}", subtype="html")
        letter = self._receive(message=message)
        self.assertIn(hidden, letter.body)

    def test_owner_is_told_of_letters_that_stay(self):
        """Not what the other side says, but what we say."""
        mailbox = self._create_mailbox("Own", kind="personal", user_id=self.user_sales.id)
        mailbox.write({"in_host": "imap.example.com", "in_password": "x"})
        server = mailbox.sudo().fetchmail_server_id
        kept = KeptLetters()
        kept.failed["key"] = "a letter like no other"
        server._tell_kept(kept)
        mine = mailbox.with_user(self.user_sales)
        self.assertIn("stay unread on the server: 1.", mine.in_error)
        server.write({"error_message": "banner of the other side", "error_date": fields.Datetime.now()})
        self.assertNotIn("banner", mine.in_error)

    def test_letters_that_are_gone_are_forgotten(self):
        """After a run that saw all letters; one that broke off knows nothing of the others."""
        self.mailbox.write({"in_host": "imap.example.com", "in_password": "x"})
        server = self.mailbox.fetchmail_server_id
        before = {"gone": [3, "a"], "skipped": [3, "b"], "again": [1, "c"]}
        for is_complete, expected in (
            (False, {**before, "again": [2, "d"]}),
            (True, {"skipped": [3, "b"], "again": [2, "d"]}),
        ):
            server.write({"relations_failures": before, "error_message": False})
            kept = KeptLetters()
            kept.skipped, kept.failed, kept.is_complete = {"skipped"}, {"again": "d"}, is_complete
            server._tell_kept(kept)
            self.assertEqual(server.relations_failures, expected)
            self.assertIn(f"stay unread on the server: {len(expected)}.", server.error_message)
        kept = KeptLetters()
        kept.is_complete = True
        kept.later = ["disk full"]
        server._tell_kept(kept)
        self.assertFalse(server.relations_failures)
        self.assertIn("will be fetched again: 1.", server.error_message)
        # a connection that failed says so
        server.write({"error_message": "refused", "error_date": fields.Datetime.now()})
        server._tell_kept(kept)
        self.assertEqual(server.error_message, "refused")

    def test_server_that_another_worker_fetches_from(self):
        """What is noted of letters that fail there is that worker's; who presses the button does not wait for it."""
        self.mailbox.write({"in_host": "imap.example.com", "in_password": "x"})
        server = self.mailbox.fetchmail_server_id
        server.relations_failures = {"key": [1, "broken"]}
        with (
            held_elsewhere(server),
            patch.object(type(self.env["ir.cron"]), "_commit_progress", return_value=10),
        ):
            server._fetch_mail()
        self.assertEqual(server.relations_failures, {"key": [1, "broken"]})

    def test_another_unique_index(self):
        """That a contact exists already is no word of the letter being registered."""
        self.mailbox.partner_policy = "create"
        violation = psycopg2.errors.UniqueViolation("duplicate key value violates a unique index of contacts")
        message = self._make(sender="new@unknown.example.com")
        with (
            patch.object(type(self.env["res.partner"]), "create", side_effect=violation),
            mute_logger(UNREAD),
        ):
            letter = self._receive(message=message)
        self.assertEqual((letter.message_id, letter.state), (message["Message-ID"], "new"))

    def test_answer_to_a_document(self):
        """An answer to an order is posted there as ever; the letter is linked to the order."""
        order = self.env["sale.order"].create({"partner_id": self.customer.id})
        sent = order.message_post(body="Our offer", message_type="comment", subtype_xmlid="mail.mt_comment")
        letter = self._receive(In_Reply_To=sent.message_id, subject="Re: Our offer")
        self.assertEqual(letter.sale_order_id, order)
        self.assertEqual(order.letter_count, 1)
        answers = order.message_ids.filtered(lambda message: message.message_id == letter.message_id)
        self.assertEqual(len(answers), 1)
        logs = self.env["partner.contact.log"].search([("partner_id", "=", self.person.id)])
        self.assertEqual(len(logs), 1)

    def test_answer_to_a_document_in_two_mailboxes(self):
        """It is posted on the order once, and each mailbox's letter is linked to it."""
        order = self.env["sale.order"].create({"partner_id": self.customer.id})
        sent = order.message_post(body="Our offer", message_type="comment", subtype_xmlid="mail.mt_comment")
        message = self._make(In_Reply_To=sent.message_id, subject="Re: Our offer")
        other = self._create_mailbox("Sales", email="sales@our.example.com")
        letters = self._receive(message=message) | self._receive(other, message=message)
        self.assertRecordValues(letters, [{"sale_order_id": order.id}] * 2)
        answers = order.message_ids.filtered(lambda one: one.message_id == message["Message-ID"])
        self.assertEqual(len(answers), 1)

    def test_many_of_one_sender(self):
        """Many letters of one customer within an hour are no loop."""
        letters = self.env["partner.letter"].union(*(self._receive(subject=f"No. {n}") for n in range(25)))
        self.assertEqual(len(letters), 25)

    # ------------------------------------------------------------------
    # Threads
    # ------------------------------------------------------------------
    def test_thread_by_references(self):
        first = self._receive()
        second = self._receive(References=f"<unknown@x.example.com> {first.message_id}")
        third = self._receive(subject="Something else", In_Reply_To=second.message_id)
        self.assertEqual((second | third).thread_id, first)
        self.assertEqual(third.parent_id, second)
        self.assertEqual(third.thread_letter_ids, first | second | third)
        # the nearest is the last, also of very many
        for number in (1, 40, 2_000):
            references = "".join(f"<{index}@x.example.com> " for index in range(number))
            letter = self._receive(References=f"{first.message_id} {references} {second.message_id}")
            self.assertEqual(letter.parent_id, second, number)

    def test_thread_by_subject(self):
        first = self._receive(subject="Order 17", date=self._now())
        second = self._receive(subject="RE: Order 17", date=self._now())
        self.assertEqual(second.thread_id, first)
        # a letter with the same subject that answers nothing, of another sender, or too late begins a thread
        self.assertFalse(self._receive(subject="Order 17", date=self._now()).thread_id)
        self.assertFalse(self._receive(subject="Re: Order 17", sender="x@other.example.com").thread_id)
        first.search([("email_normalized", "=", first.email_normalized)]).date = datetime(2020, 1, 1)
        self.assertFalse(self._receive(subject="Re: Order 17", date=self._now()).thread_id)

    def _now(self):
        return fields.Datetime.now().strftime("%a, %d %b %Y %H:%M:%S +0000")

    def test_threads_stay_in_a_mailbox(self):
        """A thread over mailboxes would tell the subject of a letter to who may not see it."""
        own = self._create_mailbox("Own", kind="personal", user_id=self.user_sub.id)
        secret = self._receive(own, self._make(subject="Secret"))
        letter = self._receive(References=secret.message_id)
        self.assertFalse(letter.thread_id | letter.parent_id)

    def test_customer_answers_done_letter(self):
        first = self._receive()
        first.write({"user_id": self.user_sales.id})
        first.with_user(self.user_sales).action_done()
        self.assertTrue(first.date_done)
        self._receive(References=first.message_id, Auto_Submitted="auto-replied")
        self.assertEqual(first.state, "done")
        second = self._receive(References=first.message_id)
        self.assertRecordValues(
            first | second,
            [
                {"state": "assigned", "user_id": self.user_sales.id, "is_returned": True, "date_done": False},
                {
                    "state": "assigned",
                    "user_id": self.user_sales.id,
                    "is_returned": False,
                    "date_done": False,
                },
            ],
        )
        # one matter: one activity, and closing the answer closes what came back
        activities = (first | second).activity_ids
        self.assertRecordValues(activities, [{"user_id": self.user_sales.id, "res_id": second.id}])
        second.with_user(self.user_sales).action_done()
        self.assertEqual(set((first | second).mapped("state")), {"done"})
        self.assertFalse((first | second).activity_ids)

    def test_executor_left(self):
        first = self._receive()
        first.write({"user_id": self.user_sales.id, "state": "assigned"})
        first.action_done()
        self.user_sales.active = False
        second = self._receive(References=first.message_id)
        self.assertRecordValues(second, [{"state": "new", "user_id": False}])

    # ------------------------------------------------------------------
    # Contacts
    # ------------------------------------------------------------------
    def test_contact(self):
        self.assertFalse(self._receive(sender='"Bamboo Works" <new@unknown.example.com>').partner_id)
        self.assertEqual(
            self._receive(sender='"Other Name" <MAI@bamboo.example.com>').partner_id, self.person
        )
        self.mailbox.partner_policy = "create"
        letter = self._receive(sender='"Bamboo Works" <new@unknown.example.com>')
        self.assertRecordValues(
            letter.partner_id, [{"name": "Bamboo Works", "email": "new@unknown.example.com"}]
        )
        self.assertNotEqual(letter.partner_id, self.customer)
        self.assertEqual(self._receive(sender="new@unknown.example.com").partner_id, letter.partner_id)
        for header in ({"Auto_Submitted": "auto-replied"}, {"List_Unsubscribe": "<mailto:x@example.com>"}):
            self.assertFalse(self._receive(sender="robot@unknown.example.com", **header).partner_id)

    def test_several_contacts(self):
        twin = self._create_person("Twin", self.customer, email="mai@bamboo.example.com")
        # no letter yet, one company of all: that company if it has the address, else the first of them
        self.assertEqual(self._receive().partner_id, self.person)
        stranger = self._create_company_partner("Rival", email="shared@bamboo.example.com")
        self._create_company_partner("Rival 2", email="shared@bamboo.example.com")
        letter = self._receive(sender="shared@bamboo.example.com")
        self.assertRecordValues(letter, [{"partner_id": False, "is_partner_ambiguous": True}])
        self.assertFalse(
            self.env["partner.contact.log"].search([("partner_id", "in", stranger.ids)]),
            "logged with a guess",
        )
        # who chooses once, need not again
        letter.partner_id = stranger
        self.assertFalse(letter.is_partner_ambiguous)
        self.assertEqual(self._receive(sender="shared@bamboo.example.com").partner_id, stranger)
        letter = self._receive()
        letter.partner_id = twin
        letter.date = fields.Datetime.now()
        self.assertEqual(self._receive().partner_id, twin)

    def test_contact_entered_by_hand(self):
        """The letter comes into the history of the contact, and goes with a correction."""
        letter = self._receive(sender="new@unknown.example.com")
        logs = self.env["partner.contact.log"]
        domain = [("message_id", "=", letter.mail_message_id.id)]
        self.assertFalse(logs.search(domain))
        letter.with_user(self.user_sales).partner_id = self.person
        entry = logs.search(domain)
        self.assertRecordValues(
            entry, [{"partner_id": self.person.id, "channel": "email", "direction": "in", "state": "done"}]
        )
        other = self._create_company_partner("Other")
        letter.with_user(self.user_sales).partner_id = other
        self.assertEqual(logs.search(domain), entry)
        self.assertRecordValues(entry, [{"partner_id": other.id, "commercial_partner_id": other.id}])

    def test_contact_entered_for_its_other_letters(self):
        """All letters of its address join the contact, also those of mailboxes that its user does not see."""
        other = self._create_mailbox("Sales", email="sales@our.example.com")
        foreign = self._create_mailbox("Abroad", company_id=self.company2.id, email="abroad@our.example.com")
        sender = "Zed <zed@unknown.example.com>"
        letters = self.env["partner.letter"].union(
            self._receive(sender=sender), self._receive(sender=sender), self._receive(other, sender=sender)
        )
        apart = self._receive(foreign, sender=sender)
        apart |= self._receive(sender="someone@unknown.example.com")
        zed = self._create_company_partner("Zed", email="zed@unknown.example.com")
        letters[0].with_user(self.user_sales).partner_id = self.person
        self.assertFalse(letters[1:].partner_id, "it is not the address of this contact")
        letters[0].with_user(self.user_sales).partner_id = zed
        self.assertEqual(letters.mapped("partner_id.id"), [zed.id])
        self.assertEqual(len(letters.filtered("partner_id")), 3)
        self.assertFalse(apart.partner_id)
        logs = self.env["partner.contact.log"].search([("partner_id", "=", zed.id)])
        self.assertEqual(logs.message_id, letters.mail_message_id)
        # of two that have the address, nobody knows which one wrote the others
        letters.partner_id = False
        self._create_company_partner("Twin", email="zed@unknown.example.com")
        letters[0].partner_id = zed
        self.assertFalse(letters[1:].partner_id)

    def test_contact_that_did_not_write_it(self):
        """Emptied, or found to be a colleague: the letter leaves the history of the wrong contact."""
        letter = self._receive()
        domain = [("message_id", "=", letter.mail_message_id.id)]
        logs = self.env["partner.contact.log"]
        for other in (self.env["res.partner"], self.user_sales2.partner_id):
            self.assertEqual(logs.search(domain).partner_id, self.person)
            letter.with_user(self.user_sales).partner_id = other
            self.assertFalse(logs.search(domain))
            self.assertEqual(letter.mail_message_id.author_id, other)
            letter.with_user(self.user_sales).partner_id = self.person
        entry = logs.search(domain)
        entry.agreement = "Ten chairs"
        letter.partner_id = False
        self.assertTrue(entry.exists(), "what somebody wrote stays")

    def test_contact_entered_for_letters_of_one_mail(self):
        """The mail came into two mailboxes: its history has it once."""
        other = self._create_mailbox("Sales", email="sales@our.example.com")
        message = self._make(
            sender="twice@unknown.example.com", to="service@our.example.com, sales@our.example.com"
        )
        letters = self._receive(message=message) | self._receive(other, message=message)
        self.assertEqual(len(letters.mail_message_id), 2)
        letters.partner_id = self.person
        logs = self.env["partner.contact.log"].search([("message_id", "in", letters.mail_message_id.ids)])
        self.assertRecordValues(logs, [{"partner_id": self.person.id}])

    def test_queries_of_a_contact_entered_for_many(self):
        """Letters whose contact is entered together come into its history together."""
        counts = []
        for turn, number in enumerate((2, 2, 20)):  # the first time fills caches
            letters = self.env["partner.letter"].union(
                *(self._receive(sender=f"new{turn}@unknown.example.com") for _each in range(number))
            )
            self.assertFalse(letters.partner_id)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            letters.partner_id = self.person
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            logs = self.env["partner.contact.log"].search([("message_id", "in", letters.mail_message_id.ids)])
            self.assertEqual(len(logs), number)
            self.assertEqual(logs.partner_id, self.person)
        self.assertLess(counts[2] - counts[1], 18, counts)

    def test_answer_is_wanted_elsewhere(self):
        """A form sends for people: they are found, and answered, by Reply-To."""
        form = {"sender": "Web Form <noreply@form.example.com>"}
        letter = self._receive(**form, Reply_To="Mai <Mai@bamboo.example.com>")
        self.assertRecordValues(
            letter,
            [
                {
                    "email": "mai@bamboo.example.com",
                    "email_from": '"Web Form" <noreply@form.example.com>',
                    "partner_id": self.person.id,
                }
            ],
        )
        own = self._receive(sender="service@our.example.com", Reply_To="mai@bamboo.example.com")
        self.assertEqual((own.email, own.kind), ("mai@bamboo.example.com", "letter"))
        self.mailbox.partner_policy = "create"
        letter = self._receive(**form, Reply_To="New Man <new@man.example.com>")
        self.assertRecordValues(letter.partner_id, [{"name": "New Man", "email": "new@man.example.com"}])

    def test_answer_wanted_at_no_address_of_others(self):
        form = {"sender": "Web Form <noreply@form.example.com>"}
        domain = self.env["mail.alias.domain"].create({"name": "ours.example.com"})
        alias = self.env["mail.alias"].create(
            {
                "alias_name": "jobs",
                "alias_domain_id": domain.id,
                "alias_model_id": self.env["ir.model"]._get_id("crm.lead"),
            }
        )
        for address in (
            "service@our.example.com",
            domain.catchall_email,
            domain.bounce_email,
            alias.alias_full_name,
            "a@bamboo.example.com, b@bamboo.example.com",
            "nobody",
            "undisclosed:;",
            "<>",
        ):
            with self.subTest(address):
                message = self._make(**form)
                source = message.as_bytes().replace(b"Subject:", f"Reply-To: {address}\nSubject:".encode(), 1)
                letter_id = self.env["mail.thread"].message_process(
                    "partner.letter", source, custom_values={"mailbox_id": self.mailbox.id}
                )
                letter = self.env["partner.letter"].browse(letter_id)
                self.assertEqual((letter.email, letter.name), ("noreply@form.example.com", "Delivery"))
        letter = self._receive(
            **form, Reply_To="list@lists.example.com", List_Id="<list.lists.example.com>", Precedence="list"
        )
        self.assertEqual(letter.email, "noreply@form.example.com")

    def test_address_of_ours_is_no_contact(self):
        """Nobody is made of a mailbox that writes to another one; nor of an address that no field holds."""
        self.mailbox.partner_policy = "create"
        self._create_mailbox("Sales", email="sales@our.example.com")
        before = self.env["res.partner"].search_count([])
        for sender in ("Sales <Sales@Our.example.com>", f"{'a' * 300}@else.example.net"):
            letter = self._receive(sender=sender)
            self.assertEqual((letter.kind, letter.name), ("letter", "Delivery"))
            self.assertFalse(letter.partner_id)
        self.assertEqual(self.env["res.partner"].search_count([]), before)

    def test_long_names_addresses_and_subjects(self):
        """They are cut, or not taken, where an index of the database would refuse the letter."""
        self.mailbox.partner_policy = "create"
        letter = self._receive(sender=f"{'n' * 400} <long@else.example.net>")
        self.assertEqual(
            (len(letter.partner_id.name), letter.partner_id.email), (250, "long@else.example.net")
        )
        chance = random.Random(42)
        long = "".join(chance.choices(string.ascii_lowercase, k=5_000))
        letter = self._receive(Reply_To=f"{long}@else.example.net")
        self.assertEqual((letter.name, letter.email), ("Delivery", "mai@bamboo.example.com"))
        letter = self._receive(subject=f"Re: {long}")
        self.assertEqual((letter.name, letter.partner_id), (f"Re: {long}"[:2_000], self.person))

    def test_letter_of_the_middle_ages(self):
        with freeze_time("2026-11-02 03:00:00"):
            letter = self._receive(date="Mon, 02 Nov 0999 10:00:00 +0700")
        self.assertRecordValues(letter, [{"name": "Delivery", "date": datetime(2026, 11, 2, 3)}])

    def test_letter_of_tomorrow(self):
        """Whoever's clock is wrong stands before nobody else."""
        with freeze_time("2026-11-02 03:00:00"):
            for date in ("Tue, 02 Nov 2100 10:00:00 +0700", "Mon, 02 Nov 2026 10:01:00 +0700"):
                self.assertEqual(self._receive(date=date).date, datetime(2026, 11, 2, 3), date)
            earlier = self._receive(date="Mon, 02 Nov 2026 09:59:00 +0700")
        self.assertEqual(earlier.date, datetime(2026, 11, 2, 2, 59))

    def test_who_else_has_got_the_letter(self):
        """They have it already: the message is to none of them, and is no more theirs to read."""
        other = self._create_person("Other", email="other@else.example.net")
        letter = self._receive(
            to="service@our.example.com, other@else.example.net", Cc=self.user_sales2.email_formatted
        )
        self.assertFalse(letter.mail_message_id.partner_ids)
        self.assertFalse(letter.mail_message_id.notified_partner_ids)
        self.assertNotIn(other, letter.message_partner_ids)
        self.assertIn("other@else.example.net", letter.email_to)

    def test_contact_of_the_parent_company(self):
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        self.person.company_id = self.company
        mailbox = self._create_mailbox(
            "Branch", email="branch@our.example.com", company_id=branch.id, partner_policy="create"
        )
        self.assertEqual(self._receive(mailbox).partner_id, self.person)

    def test_archived_contact(self):
        """A letter of somebody archived is theirs: no second contact, and the first stays archived."""
        self.person.action_archive()
        for policy in ("find", "create"):
            self.mailbox.partner_policy = policy
            letter = self._receive()
            self.assertEqual(letter.partner_id, self.person, policy)
            self.assertFalse(self.person.active)
        contacts = self.env["res.partner"].with_context(active_test=False)
        domain = [("email_normalized", "=", self.person.email_normalized)]
        self.assertEqual(contacts.search_count(domain), 1)
        # who has the address now
        successor = self.person.copy({"active": True, "email": self.person.email, "name": "Successor"})
        self.assertEqual(self._receive().partner_id, successor)
        # archived contacts of two companies: somebody has to choose
        (self.person + successor).action_archive()
        (self.person + successor).parent_id = False
        letters = self.env["partner.letter"].search([("partner_id", "in", (self.person + successor).ids)])
        letters.partner_id = False
        letter = self._receive()
        self.assertFalse(letter.partner_id)
        self.assertTrue(letter.is_partner_ambiguous)
        self.assertEqual(contacts.search_count(domain), 2)

    def test_contact_of_another_company(self):
        self.person.company_id = self.company2
        self.assertFalse(self._receive().partner_id)

    # ------------------------------------------------------------------
    # Executors
    # ------------------------------------------------------------------
    def _distribute(self, distribution, **values):
        self.mailbox.write({"distribution": distribution, **values})

    def test_default_executor(self):
        self._distribute("executor", default_user_id=self.user_sales.id)
        letter = self._receive()
        self.assertRecordValues(letter, [{"user_id": self.user_sales.id, "state": "assigned"}])
        self.assertRecordValues(letter.activity_ids, [{"user_id": self.user_sales.id}])
        self.user_sales.write({"out_of_office_from": fields.Datetime.now() - timedelta(hours=1)})
        self.assertEqual(self._receive().state, "new")

    def test_who_is_on_leave_or_works_elsewhere_gets_none(self):
        self._distribute("executor", default_user_id=self.user_sales2.id)
        now = fields.Datetime.now()
        leave = self.env["resource.calendar.leaves"].create(
            {
                "name": "Leave",
                "resource_id": self.employee_sales2.resource_id.id,
                "date_from": now - timedelta(hours=1),
                "date_to": now + timedelta(hours=1),
            }
        )
        self.assertEqual(self._receive().state, "new")
        leave.time_type = "other"
        self.assertEqual(self._receive().user_id, self.user_sales2)
        self.user_sales2.write(
            {"company_ids": [Command.set(self.company2.ids)], "company_id": self.company2.id}
        )
        self.assertEqual(self._receive().state, "new")

    def test_who_opens_no_letters_gets_none(self):
        accountant = self._create_user("letters_accountant", "account.group_account_invoice")
        self._distribute("executor", default_user_id=accountant.id)
        self.assertEqual(self._receive().state, "new")
        # a payment reminder that somebody approved is a letter of theirs
        first = self._receive()
        first.user_id = accountant
        first.action_done()
        self.assertRecordValues(
            self._receive(References=first.message_id), [{"state": "new", "user_id": False}]
        )

    def test_in_turn(self):
        users = self.user_sales | self.user_sales2 | self.user_sub
        self._distribute("round_robin", executor_ids=[Command.set(users.ids)])
        ids = sorted(users.ids)
        got = [self._receive().user_id.id for _number in range(4)]
        self.assertEqual(got, [*ids, ids[0]])
        # who left is skipped, and by hand assigned ones do not count
        self.env["res.users"].browse(ids[1]).active = False
        self._receive().user_id = ids[0]
        self.assertEqual(self._receive().user_id.id, ids[0] if got[-1] != ids[0] else ids[2])

    def test_least_busy(self):
        users = self.user_sales | self.user_sales2
        self._distribute("least_busy", executor_ids=[Command.set(users.ids)])
        first, second = users.sorted("id")
        self.assertEqual(self._receive().user_id, first)
        self.assertEqual(self._receive().user_id, second)
        self._receive(Auto_Submitted="auto-replied")
        self.env["partner.letter"].search([("user_id", "=", second.id)]).action_done()
        self.assertEqual(self._receive().user_id, second)

    def test_customers_salesperson(self):
        self._distribute("manager", default_user_id=self.user_sub.id)
        self.assertEqual(self._receive().user_id, self.user_sub)
        self.customer.user_id = self.user_sales2
        self.person.user_id = False
        self.assertEqual(self._receive().user_id, self.user_sales2)
        self.user_sales2.active = False
        self.assertEqual(self._receive().user_id, self.user_sub)

    def test_words(self):
        self._distribute(
            "keyword",
            default_user_id=self.user_sub.id,
            keyword_ids=[
                Command.create({"name": "invoice, payment", "user_id": self.user_sales.id}),
                Command.create({"name": "broken", "place": "all", "user_id": self.user_sales2.id}),
                Command.create({"name": "@tax.", "place": "sender", "user_id": self.user_supervisor.id}),
                Command.create(
                    {"name": "hóa đơn, trả  hàng", "place": "all", "user_id": self.user_director.id}
                ),
            ],
        )
        for text in (
            unicodedata.normalize("NFD", "Hóa đơn tháng 5"),
            "Tôi muốn trả\nhàng",
            "Trả\N{NO-BREAK SPACE}hàng",
        ):
            self.assertEqual(self._receive(body=text).user_id, self.user_director)
        self.assertEqual(
            self._receive(sender="a@tax.example.com", Reply_To="b@bamboo.example.com").user_id,
            self.user_supervisor,
        )
        self.assertEqual(self._receive(subject="Trả", body="hàng").user_id, self.user_sub)
        self.assertEqual(self._receive(subject="Your INVOICE 12").user_id, self.user_sales)
        self.assertEqual(self._receive(body="It came broken.").user_id, self.user_sales2)
        self.assertEqual(self._receive(sender="a@tax.example.com").user_id, self.user_supervisor)
        self.assertEqual(self._receive().user_id, self.user_sub)
        self.user_sales.active = False
        self.assertEqual(self._receive(subject="Payment").user_id, self.user_sub)

    def test_deadline(self):
        """Sixteen hours from Friday noon in the hours and the time zone of the calendar."""
        calendar = self.env["resource.calendar"].create(
            {
                "name": "Hanoi",
                "tz": "Asia/Ho_Chi_Minh",
                "attendance_ids": [Command.clear()]
                + [
                    Command.create({"name": "Day", "dayofweek": str(day), "hour_from": 8, "hour_to": 16})
                    for day in range(5)
                ],
            }
        )
        self.mailbox.write({"resource_calendar_id": calendar.id, "deadline_hours": 16})
        # Friday noon in Vietnam; four hours that day, eight on Monday, four on Tuesday
        with freeze_time("2026-11-27 05:00:00"):
            self.assertEqual(self._receive().date_deadline, datetime(2026, 12, 1, 5))
            self.env["resource.calendar.leaves"].create(
                {
                    "name": "Holiday",
                    "calendar_id": calendar.id,
                    "date_from": datetime(2026, 11, 29, 17),
                    "date_to": datetime(2026, 11, 30, 16, 59, 59),
                }
            )
            self.assertEqual(self._receive().date_deadline, datetime(2026, 12, 2, 5))
            self.mailbox.deadline_hours = 0
            self.assertFalse(self._receive().date_deadline)

    # ------------------------------------------------------------------
    # Programs
    # ------------------------------------------------------------------
    def test_programs_are_no_work(self):
        self._distribute("executor", default_user_id=self.user_sales.id)
        first = self._receive()
        for headers in ({"Auto_Submitted": "auto-replied"}, {"List_Unsubscribe": "<mailto:x@example.com>"}):
            letter = self._receive(References=first.message_id, **headers)
            self.assertNotEqual(letter.kind, "letter")
            self.assertRecordValues(
                letter, [{"state": "done", "user_id": False, "date_deadline": False, "is_answered": False}]
            )
            self.assertFalse(letter.activity_ids)
        logs = self.env["partner.contact.log"].search([("partner_id", "=", self.person.id)])
        self.assertEqual(len(logs), 1)

    def _make_report(self, action, status):
        self.number += 1
        return (
            "From: MAILER-DAEMON@x.example\nTo: service@our.example.com\nSubject: Report\n"
            f"Message-ID: <report-{self.number}-{action}@x.example>\n"
            "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n"
            "Content-Type: text/plain\n\nSee below.\n--b\nContent-Type: message/delivery-status\n\n"
            "Reporting-MTA: dns; x.example\n\nFinal-Recipient: rfc822; mai@bamboo.example.com\n"
            f"Action: {action}\nStatus: {status}\n\n--b\n"
            "Content-Type: text/rfc822-headers\n\nMessage-ID: <sent@our.example.com>\n\n--b--\n"
        ).encode()

    def test_address_of_a_mail_that_is_late_works(self):
        """Odoo takes any report for a bounce and counts it against the address; of other mail it still does."""
        for action, status, kind, count in (
            ("delayed", "4.4.7", "delivery_report", 0),
            ("delivered", "2.0.0", "delivery_report", 0),
            ("failed", "5.1.1", "bounce", 1),
        ):
            letter = self._receive_source(self._make_report(action, status))
            self.assertEqual((letter.kind, letter.state), (kind, "done"))
            self.assertEqual(self.person.message_bounce, count, action)
        self.env["mail.thread"].message_process("crm.lead", self._make_report("delayed", "4.4.7"))
        self.assertEqual(self.person.message_bounce, 2)

    def _create_sent(self, **values):
        return self.env["partner.letter"].create(
            {
                "name": "Offer",
                "mailbox_id": self.mailbox.id,
                "direction": "out",
                "message_id": "<sent@our.example.com>",
                "user_id": self.user_sales.id,
                "state": "done",
                **values,
            }
        )

    def test_letter_that_came_back(self):
        """Its author is told, once, however the report comes in; whoever got the letter has nothing to do with it."""
        sent = self._create_sent()
        other = self._create_mailbox("Other", email="other@our.example.com")
        received = self._receive(other, message_id="<sent@our.example.com>")
        for action, status in (("delayed", "4.4.7"), ("failed", "5.1.1"), ("failed", "5.1.1")):
            self.env["mail.thread"].message_process("crm.lead", self._make_report(action, status))
            self.assertEqual(sent.is_bounced, action == "failed")
        self.assertEqual(len(sent.activity_ids), 1)
        self.assertEqual(sent.activity_ids.user_id, self.user_sales)
        self.assertFalse(received.is_bounced)
        self.assertFalse(received.activity_ids)

    def test_letter_that_came_back_while_somebody_was_in_the_way(self):
        """Starting again takes the mark back, which stands before the letter."""
        domain = self.env["mail.alias.domain"].create({"name": "alias.example.com"})
        self.mailbox.write({"alias_name": "letters", "alias_domain_id": domain.id})
        sent = self._create_sent()
        failures = iter([psycopg2.errors.SerializationFailure()])
        letters = type(self.env["partner.letter"])
        register = letters._register_incoming

        def registering(*args):
            if error := next(failures, None):
                self.assertTrue(sent.is_bounced)
                raise error
            return register(*args)

        source = (
            "From: mail@x.example\nTo: letters@alias.example.com\nMessage-ID: <words@x>\n"
            "X-Failed-Recipients: mai@bamboo.example.com\nSubject: Undelivered Mail\n\n"
            "Sorry.\n<mai@bamboo.example.com>: no such user\n\n"
            "--- Below this line is a copy of the message.\n\nMessage-ID: <sent@our.example.com>\n"
        )
        with (
            patch.object(letters, "_register_incoming", registering),
            patch.object(self.env.cr, "rollback", lambda: sent.write({"is_bounced": False})),
        ):
            self.env["mail.thread"].with_context(default_fetchmail_server_id=-1).message_process(
                "crm.lead", source
            )
        self.assertTrue(sent.is_bounced)

    def test_letter_that_came_back_from_who_left(self):
        sent = self._create_sent()
        self.user_sales.active = False
        self._receive_source(self._make_report("failed", "5.1.1"))
        self.assertTrue(sent.is_bounced)
        self.assertFalse(sent.activity_ids)

    def test_words_of_a_report(self):
        """They are told without the addresses of links, and the first of them alone."""
        for more in (0, 1_000):
            sent = self._create_sent()
            text = (
                b"text/html\n\n<p>See <a href='https://x.example/help'>help</a></p>" + b"<p>More</p>" * more
            )
            source = self._make_report("failed", "5.1.1").replace(b"text/plain\n\nSee below.", text)
            self._receive_source(source)
            reason = sent.bounce_reason
            self.assertTrue(reason.startswith("mai@bamboo.example.com\nSee help"), reason)
            self.assertNotIn("https", reason)
            self.assertLess(len(reason), 2_100)
            sent.unlink()

    def test_queries_of_other_mail(self):
        """Mail that is for no mailbox costs no query more."""
        alias_domain = self.env["mail.alias.domain"].create({"name": "other.example.com"})
        self.env["mail.alias"].create(
            {
                "alias_name": "leads",
                "alias_domain_id": alias_domain.id,
                "alias_model_id": self.env["ir.model"]._get_id("crm.lead"),
            }
        )
        threads = self.env["mail.thread"]
        letters = type(self.env["partner.letter"])
        with patch.object(letters, "_gateway_routes", side_effect=AssertionError):
            lead_id = threads.message_process(False, self._make(to="leads@other.example.com").as_bytes())
        self.assertTrue(self.env["crm.lead"].browse(lead_id).exists())
