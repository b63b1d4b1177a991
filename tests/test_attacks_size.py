"""Too much of everything: files, mails and texts that are big, deep or made to be looked at for ever.

What is read in a time that grows with the square of its length, or worse, takes minutes to days for the megabyte that
is tried here; what is read in one go takes a second or two.
"""

import base64
import contextlib
import copy
import doctest
import email
import email.policy
import random
import string
import time
from email.message import EmailMessage
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import BaseCase, HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.partner_relations.controllers import contact_vcard
from odoo.addons.partner_relations.models.contact import partner_contact_import, partner_contact_import_values
from odoo.addons.partner_relations.tools import (
    auto_reply,
    completeness,
    contact_file,
    contact_record,
    mail_html,
    mail_kind,
    mail_thread,
    names,
    phone_import,
    phones,
    text,
    vcard_library,
    vcard_read,
)

from .contact.test_contact_import import ContactImportCommon
from .correspondence.mailing_in import LetterCommon
from .test_attacks import _png

MEGABYTE = 1_000_000
# Of address books, which take longer to read than to look at: enough for the square of it to be minutes.
SIZE = 300_000
# Of the processor: each takes a second or two; a header of parameters, which Python's parser reads five times, up to 25
# where processors are slow. The square of the sizes would be many minutes.
SECONDS = 60


def _fill(text, size=SIZE):
    return text * (size // len(text))


def _count(text, size=SIZE):
    """The text again and again, with another number in it each time."""
    return "".join(text.replace("#", str(number)) for number in range(size // (len(text) + 4)))


def _card(lines, version="3.0"):
    return f"BEGIN:VCARD\nVERSION:{version}\nFN:x\n{lines}\nEND:VCARD\n"


# Names of files tell their formats.
ADDRESS_BOOKS = {
    "nested.vcf": _fill("BEGIN:VCARD\nAGENT:\n") + _fill("END:VCARD\n"),
    "unclosed.vcf": _fill("BEGIN:VCARD\nAGENT:\n"),
    "folded.vcf": _card("NOTE:x" + _fill("\n a")),
    "folded_old.vcf": _card("NOTE:x" + _fill("\n a"), "2.1"),
    "quoted.vcf": _card("NOTE;ENCODING=QUOTED-PRINTABLE:" + _fill("=0D=0A=\n"), "2.1"),
    "punycode.vcf": _card("NOTE;CHARSET=punycode:abcde-" + _fill("kva"), "2.1"),
    "agents.vcf": _card(_count("AGENT:BEGIN:VCARD\\nFN:#\\n\n")),
    "lost_fold.vcf": _card("NOTE:x\n" + _fill("- a\n")),
    "parameters.vcf": _card("X-A" + _fill(";")),
    "parameters_quoted.vcf": _card("X-A" + _fill(";QUOTED-PRINTABLE")),
    # vobject tries two to the power of forty ways
    "commas.vcf": _card("X-A;B=" + "," * 40),
    "equals.vcf": _card("X-A;B" + "=" * 40),
    # with a colon, and an end that does not fit
    "commas_unfit.vcf": _card("X-A;B=" + "," * 40 + ";?:x"),
    "equals_unfit.vcf": _card("X-A;B" + "=" * 40 + ";?:x"),
    "marks.vcf": _card('X-A;B="",' * 20),
    "mark.vcf": _card("X-A;B=" + "," * 40 + '":x'),
    "labels.vcf": _card(_count("a#.TEL:#\n")),
    "addresses.vcf": _card(_count("EMAIL:#@x\n")),
    "parts.vcf": _card("N:" + _fill("a\\;;")),
    "lists.vcf": _card("UID:u") + _count("BEGIN:VCARD\nKIND:group\nFN:#\nMEMBER:u\nEND:VCARD\n"),
    "header.csv": "Name,Birthday(" + _fill(" ") + "x\nA,1\n",
    "patterns.csv": "Name,Birthday" + _fill("(d) ") + "x\nA,1\n",
    "open.csv": "Name,Email\n" + _fill('"a\n'),
    "open_again.csv": "Name,Email\n" + _fill('"a","b","c\n'),
    "cells.csv": 'Name,Email\n"' + _fill('x","', 4_000) + _fill('"x'),
    "blanks.csv": "Name\tEmail\nx" + _fill("\t", 900) + _fill(" ") + '"x\n',
    "address.csv": "Name,Email\nA,<" + _fill("x"),
    "several.csv": 'Name,Email\nA,"' + _count("#@x, ") + '"',
    "phone.csv": "Name,Phone\nA," + _fill("("),
    "extension.csv": "Name,Phone\nA,1" + _fill(" ") + "1",
    "birthday.csv": "Name,Birthday\nA," + _fill("1 "),
    "categories.csv": "Name,Categories\nA,x" + _fill(" ") + "x",
    "tabs.csv": "x" + _fill("\t", 900) + '"x\n' + _fill('x\t\t\t\t"\n'),
    "dn.ldif": "dn: cn=x" + _fill(" ") + "x\ncn: x\n",
    "mails.ldif": "dn: cn=x\ncn: x\n" + _count("mail: #\n", 150_000) + _count("email: #\n", 150_000),
    "accents.csv": "Name,Email\nx" + _fill("\u0323\u0300"),
    "accents.vcf": _card("NOTE:x" + _fill("\u0323\u0300")),
    "accents_old.vcf": _card("NOTE:x" + _fill("\u0323\u0300"), "2.1"),
    "accents.ldif": "dn: cn=x\ncn:: "
    + base64.b64encode(("x" + _fill("\u0323\u0300")).encode()).decode()
    + "\n",
    "year.ldif": "dn: cn=x\ncn: x\nbirthyear: " + _fill("1") + "\nbirthmonth: 1\n",
}
TEXTS = {
    "brackets": "(" * MEGABYTE,
    "blanks": "1" + " " * MEGABYTE + "1",
    "letters": "a" * MEGABYTE,
    "dashes": "-" * MEGABYTE,
    "extensions": _fill("x 1 ", MEGABYTE),
    "answers": _fill("Re: ", MEGABYTE),
    "forwards": _fill("(fwd) ", MEGABYTE),
    "tags": _count("[#] ", MEGABYTE),
    "ids": _count("<#@x> ", MEGABYTE),
    "unclosed ids": _fill("<a", MEGABYTE),
    "at": _fill("a@", MEGABYTE),
    "commas": _fill(",", MEGABYTE),
    "marks": _fill('"<', MEGABYTE),
    "encoded": _fill("=?utf-8?q?a?= ", MEGABYTE),
}  # fmt: skip


class TestAttackSize(BaseCase):
    def _time(self, work, *args):
        started = time.process_time()
        result = work(*args)
        self.assertLess(time.process_time() - started, SECONDS)
        return result

    def test_doctests(self):
        for module in (contact_record, mail_html, mail_kind, text, vcard_library, vcard_read):
            with self.subTest(module.__name__):
                failures, count = doctest.testmod(module)
                self.assertFalse(failures)
                self.assertTrue(count)

    def test_address_books(self):
        for name, data in ADDRESS_BOOKS.items():
            # too many columns, which nothing but a table has, are refused
            refused = [contact_record.TooMany] if name.endswith(".csv") else []
            with self.subTest(name), contextlib.suppress(*refused):
                book = self._time(contact_file.read_contacts, data.encode(), name)
                self.assertTrue(book.records)
                for record in book.records:
                    record.shorten()
                    self.assertLessEqual(len(record.name), contact_record.MAX_TEXT)

    def test_what_is_cut_is_told(self):
        [record] = contact_file.read_contacts(_card(_count("EMAIL:#@x\n", 20_000)).encode(), "a.vcf").records
        self.assertEqual(len(record.emails), contact_record.MAX_VALUES - 2)
        self.assertEqual(record.warnings, [("surplus_values", "1000")])
        [record] = contact_file.read_contacts(
            f"Name,Email\n{'n' * 300},{'e' * 300}\n".encode(), "a.csv"
        ).records
        record.shorten()
        self.assertEqual((len(record.name), record.emails, record.notes), (250, [], ["n" * 300, "e" * 300]))
        self.assertEqual([key for key, _value in record.warnings], ["too_long", "too_long"])

    def test_limits(self):
        for name, data in (
            ("a.vcf", _fill("BEGIN:VCARD\n")),
            ("b.csv", _fill("x\n")),
            ("c.ldif", _fill("dn: x\n\n")),
        ):
            with self.subTest(name), self.assertRaisesRegex(contact_record.TooMany, "100 contacts"):
                self._time(
                    lambda data=data, name=name: contact_file.read_contacts(data.encode(), name, limit=100)
                )
        with self.assertRaisesRegex(contact_record.TooMany, "columns"):
            contact_file.read_contacts(("x," * 2_000).encode(), "d.csv")
        for name, data in (
            ("a.vcf", _card("") * 3),
            ("b.csv", "Name\na\nb\nc\n"),
            ("c.ldif", "dn: x\ncn: x\n\n" * 3),
        ):
            self.assertEqual(len(contact_file.read_contacts(data.encode(), name, limit=3).records), 3)

    def test_texts(self):
        """What looks at subjects, headers and numbers."""
        for name, value in TEXTS.items():
            for work in (
                phone_import.normalise_phone,
                phones.phone_key,
                mail_thread.base_subject,
                mail_thread.is_answer,
                mail_thread.clean_message_ids,
                lambda value: auto_reply.is_auto_reply({"Precedence": value}, value),
                *(
                    lambda value, pattern=pattern: completeness.matches(pattern, value)
                    for pattern in (
                        completeness.EMAIL, completeness.PHONE, completeness.TAX_ID, completeness.TEXT,
                    )
                ),
            ):  # fmt: skip
                with self.subTest(f"{work} {name}"):
                    self._time(work, value)

    def test_accents(self):
        """Of thousands on one letter Python sorts each against all others."""
        value = "1" + _fill("\u0323\u0300", MEGABYTE)
        self.assertFalse(self._time(phones.phone_key, value))
        self.assertLess(len(self._time(text.compose, value)), 40)
        self.assertEqual(self._time(names.fold, value), "1")

    def test_reports_of_delivery(self):
        """Bounces are looked through for addresses and for the letter they are about."""
        for name, value in TEXTS.items():
            for source in (
                f"From: {value}\nTo: {value}\nSubject: {value}\nReferences: {value}\nPrecedence: {value}\n\n{value}",
                f"Return-Path: <>\nFrom: mailer-daemon@x\nSubject: Undeliverable\n\n{value}",
                f"Return-Path: <>\nFrom: mailer-daemon@x\nX-Failed-Recipients: {value}\n\nMessage-ID:{value}",
                "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n"
                f"Content-Type: message/delivery-status\n\nReporting-MTA: x\n\nFinal-Recipient: rfc822; {value}\n"
                f"Action: failed\nStatus: 5.0.0\n\n--b\nContent-Type: text/rfc822-headers\n\nMessage-ID:{value}\n--b--",
                "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n"
                "Content-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\n"
                + base64.b64encode(f"Final-Recipient: rfc822; {value}\nAction: failed\n".encode()).decode()
                + "\n--b--",
            ):
                message = email.message_from_string(source)
                for work in (mail_kind.classify, mail_kind.bounced_recipients, mail_kind.bounced_message_id):
                    with self.subTest(f"{work.__name__} {name}"):
                        self._time(work, message)

    def test_html_that_stays(self):
        """What is long, but honest, is not touched; nor is what core cannot read."""
        rows = "<tr class='gmail_extra'><td>b</td></tr>"
        for value in (
            "<p>a < b < c</p>" * 3_000,
            f"<table>{'<tbody>' + rows * 60 + '</tbody>'}</table>" * 40,
            "<pre>" + "\n&gt;a" * 6_000 + "</pre>",
            "<pre>" + "\n&gt;a" * 100 + "\nb" * 6_000 + "</pre>",
            f"<p style='color:red;font-family:{'Arial, ' * 1_000}'>a</p>",
            f"<p style='color:red'>{'a' * 30_000}</p>",
            f"<!--{_fill(chr(10))}-->",
        ):
            with self.subTest(value[:40]):
                self.assertTrue(mail_html.calm_html(value) == value)

    def test_quotes_written_otherwise(self):
        for value, expected in (
            ("<pre>" + "&#10;&#62;a<br>" * 6_000 + "</pre>", "<pre>" + "\n &gt;a<br>" * 6_000 + "</pre>"),
            ("<pre>" + "\n>a\0\n" * 6_000 + "</pre>", "<pre>" + "\n &gt;a\n" * 6_000 + "</pre>"),
            (f"<div><i>\n--\n</i>{'<hr>' * 3_000}</div>", f"<div><i>\n- -\n</i>{'<hr>' * 3_000}</div>"),
            (f"<div class='a' id='b'>{'<hr>' * 3_000}</div>", f"<div>{'<hr>' * 3_000}</div>"),
            (f"<div>{'<o:><hr></o:>' * 3_000}<i id='b'></i></div>", f"<div>{'<hr>' * 3_000}<i></i></div>"),
        ):
            with self.subTest(value[:20]):
                self.assertTrue(mail_html.calm_html(value) == expected)

    def test_parts_of_mails(self):
        """Files, and texts of honest mails, stay as they came; letters of other texts stay, too."""
        tags = "<" * 30_000
        head = "Content-Type: multipart/mixed; boundary=b\n\n--b\n"
        honest = f"<p>{'word ' * 10_000}</p>"
        for kind, value in (
            ("text/html; charset=utf-8", honest),
            ("text/html; charset=unheard-of", tags),
            ("text/html; name=a.html", tags),
            ("text/html\nContent-Disposition: inline; filename=a.html", tags),
            ("text/html\nContent-Disposition: attachment", tags),
            ("text/plain; name=a.txt", "\n>a\n" * 6_000),
        ):
            source = f"{head}Content-Type: {kind}\n\n{value}\n--b--\n"
            message = email.message_from_string(source, policy=email.policy.SMTP)
            mail_html.calm_parts(message)
            self.assertTrue(message.as_string().replace("\r", "") == source, kind)
        for kind, value, expected in (
            ("text/html", f"xin chào{tags}", f"xin chào{tags.replace('<', '&lt;')}"),
            ("text/plain; charset=utf-8", "chào" + "\n>a\n" * 6_000, "chào" + "\n >a\n" * 6_000),
        ):
            source = f"Content-Type: {kind}\nContent-Transfer-Encoding: 8bit\n\n{value}".encode()
            for headers in (b"", b"Content-Disposition: inline; filename=a.html\n"):
                message = email.message_from_bytes(headers + source, policy=email.policy.SMTP)
                mail_html.calm_parts(message)
                # without the difference, which takes the square of the length as well
                self.assertTrue(message.get_content().replace("\r", "").rstrip() == expected.rstrip(), kind)
                self.assertEqual(message.get_content_type(), kind.partition(";")[0])

    def test_texts_that_become_files(self):
        """Of very many texts that are joined the last ones do; of some, however long, none does."""
        for number, value, last in (
            (32, f"<p>{'a' * 300_000}</p>", 30),
            (40, f"<p>{'<' * 10_000}</p>", 30),
            (60, f"<p>{'a' * 1_000}</p>", 60),
        ):
            message = EmailMessage()
            message.make_mixed()
            for index in range(number):
                part = EmailMessage()
                part.set_content(value, subtype="html", disposition="inline")
                message.attach(part)
                if index == 0:
                    message.attach(copy.deepcopy(part))
                    message.get_payload()[-1].set_content("plain", disposition="inline")
            message.attach(message.get_payload()[1])
            mail_html.calm_parts(message)
            found = [part.is_attachment() for part in message.iter_parts()]
            self.assertEqual(found, [False] * (last + 1) + [True] * (number - last) + [False])

    def test_recipients_stay_known(self):
        """What the limits and the new expression leave is what was found before."""
        source = (
            "Return-Path: <>\nFrom: mailer-daemon@x\nSubject: Undeliverable\n\n"
            "<a@example.com>: gone\n----- Original message -----\n<b@example.com>\n"
        )
        self.assertEqual(mail_kind.bounced_recipients(email.message_from_string(source)), ["a@example.com"])
        source = source.replace("----- Original message -----", "Received: from x")
        self.assertEqual(mail_kind.bounced_recipients(email.message_from_string(source)), ["a@example.com"])
        for number in ("+84 901 234 567", "(0901) 234-567", "((+84)901234567", "0901234"):
            self.assertTrue(completeness.matches(completeness.PHONE, number), number)
        for number in ("", "(((", "+", "12345", "0901 234 567 x1", "++84901234567"):
            self.assertFalse(completeness.matches(completeness.PHONE, number), number)


@tagged("post_install", "-at_install")
class TestAttackSizeImport(ContactImportCommon):
    """The dialog of the import: each limit has an error that names it, and no contact stops the others."""

    def test_limits_are_named(self):
        limits = (
            ({"MAX_BYTES": 1024 * 1024}, "x" * (1024 * 1024 + 1), "at most 1 megabytes"),
            ({"MAX_CONTACTS": 2}, "Name\na\nb\nc\n", "more than 2 contacts"),
            ({"AT_ONCE": 300}, "Name" + "," * 1_100, "more than 1000 columns"),
        )
        for values, content, words in limits:
            with (
                patch.multiple(partner_contact_import, **values),
                self.assertRaisesRegex(UserError, words) as caught,
            ):
                self._make(content, "book.csv").action_preview()
            self.assertIn("book.csv", str(caught.exception))

    def test_nested_cards(self):
        depth = 20_000
        contact_import = self._make(
            "BEGIN:VCARD\nFN:Outer\nAGENT:\n" * depth + "END:VCARD\n" * depth, "nested.vcf"
        )
        started = time.process_time()
        contact_import.action_preview()
        self.assertLess(time.process_time() - started, SECONDS)
        self.assertEqual(contact_import.line_ids.mapped("name"), ["Outer"])

    def test_image_bomb(self):
        """A picture of 3,600 megapixels is left out with its reason; the contact is imported."""
        bomb = base64.b64encode(_png(60_000, 60_000)).decode()
        contact_import = self._import(
            _card(f"EMAIL:bomb@import.example\nPHOTO;ENCODING=b;TYPE=PNG:{bomb}"), "bomb.vcf"
        )
        [line] = contact_import.line_ids
        self.assertFalse(line.partner_id.image_1920)
        self.assertEqual(line.partner_id.email, "bomb@import.example")
        self.assertIn("pixels", line.message)

    def test_texts_beyond_the_index(self):
        """Of a name that is too long for the database's index the beginning is taken, the whole is in the note."""
        chance = random.Random(42)
        letters = string.ascii_letters + "ạảấầẩẫậắằẳẵặẹẻẽếềểễệ"
        long = "".join(chance.choices(letters, k=5_000))
        data = "Name,Email,Company,Job Title\n" + "".join(
            f"{name},{mail},{company},{job}\n"
            for name, mail, company, job in (
                (long, "long@import.example", long[::-1], long),
                ("Short", "short@import.example", "", ""),
                ("Mail", f"{long}@import.example", "", ""),
            )
        )
        contact_import = self._import(data, "long.csv")
        self.assertEqual(contact_import.error_count, 0)
        first, short, mail = contact_import.line_ids.partner_id
        self.assertEqual((first.name, first.email), (long[:250], "long@import.example"))
        self.assertEqual(first.parent_id.name, long[::-1][:250])
        self.assertIn(long, first.comment)
        self.assertEqual((short.name, mail.email), ("Short", False))
        self.assertIn(f"{long}@import.example", mail.comment)

    def test_what_the_database_refuses_is_rejected(self):
        """A contact that the database cannot hold is rejected; it does not keep the import from ending."""
        contact_import = self._make("Name,Email\nA,a@import.example\nB,b@import.example\n")
        contact_import.action_preview()
        long = "".join(random.Random(42).choices(string.ascii_letters, k=9_000))
        # as if it came by a field that nobody has thought of
        line = contact_import.line_ids[0].sudo()
        line.data = {**line.data, "name": long}
        with patch.object(partner_contact_import_values, "MAX_TEXT", 10_000), mute_logger("odoo.sql_db"):
            contact_import.action_import()
        self.assertEqual(contact_import.state, "done")
        self.assertEqual(contact_import.line_ids.mapped("state"), ["error", "done"])


@tagged("post_install", "-at_install")
class TestAttackSizeLetters(LetterCommon):
    """Mails that are made to stop a mailbox: each becomes a letter, once."""

    @mute_logger("odoo.addons.partner_relations.models.correspondence.partner_letter_gateway")
    def test_headers(self):
        chance = random.Random(42)
        long = "".join(chance.choices(string.ascii_letters, k=100_000))
        self.mailbox.partner_policy = "create"
        head = "Delivered-To: service@our.example.com\n"
        for number, source in enumerate(
            (
                f"From: {long} <a@else.example.net>\nSubject: x\nMessage-ID: <1@x>\n",
                f"From: <{long}@else.example.net>\nSubject: x\nMessage-ID: <2@x>\n",
                f"From: a@else.example.net\nSubject: {'Re: ' * 25_000}\nMessage-ID: <3@x>\n",
                f"From: a@else.example.net\nSubject: x\nMessage-ID: <{long}@x>\n",
                f"From: a@else.example.net\nSubject: x\nMessage-ID: <5@x>\nReferences: {'<a@x> ' * 20_000}\n",
                f"From: @gmail.com, {'a' * MEGABYTE}\nSubject: x\nMessage-ID: <6@x>\n",
                f"From: a@else.example.net\nSubject: x\nMessage-ID: <7@x>\nCc: {_count('a#@x, ')}\n",
                # comments within comments are more than Python's parser can hold
                f"From: {'(' * MEGABYTE}a@x\nSubject: {_fill('=?utf-8?q?a?= ')}\nMessage-ID: <8@x>\n",
                "From: a@else.example.net\nSubject: x\nMessage-ID: <9@x>\n"
                f"Content-Type: text/plain; {_count('a#=b; ')}\n",
            )
        ):
            with self.subTest(number):
                started = time.process_time()
                letters = [self._process(head + source + "\nHello\n") for _time in range(2)]
                self.assertLess(time.process_time() - started, SECONDS)
                self.assertTrue(letters[0])
                self.assertFalse(letters[1], "it is known when it is fetched again")
                self.assertLessEqual(len(letters[0].message_id), 500)
                self.assertEqual(letters[0].name == "A letter that could not be read", "(((" in source)

    @mute_logger("odoo.addons.partner_relations.models.correspondence.partner_letter_gateway")
    def test_nested_parts(self):
        """A mail of parts within parts, deeper than Python can read: a letter with its source."""
        depth = 3_000
        source = "From: a@else.example.net\nMessage-ID: <nested@x>\n"
        for number in range(depth):
            source += f"Content-Type: multipart/mixed; boundary=b{number}\n\n--b{number}\n"
        letter = self._process(source + "Content-Type: text/plain\n\nHello\n")
        self.assertTrue(letter)
        self.assertFalse(self._process(source + "Content-Type: text/plain\n\nHello\n"))

    def test_texts_that_keep_core_busy(self):
        """Core's cleaning takes the square of several things; mail that is no letter is cleaned by it, too."""
        head = "From: a@else.example.net\nMessage-ID: <busy-{}@x>\n"
        html = "Content-Type: text/html\n\n<p>Hello</p>"
        plain = "Content-Type: text/plain\n\nHello"
        parts = "Content-Type: multipart/mixed; boundary=b\n\n--b\n{}\n--b--\n"
        quotes = _fill("\n>a\n\n")
        for number, source in enumerate(
            (
                # tags that nothing closes
                f"{html}{_fill('<')}",
                f"{html}{_fill('<!--')}".replace("html", "html; name=a.html"),
                parts.format(html + _fill("<html")),
                parts.format("\n--b\n".join([html + "<" * 19_000] * 20)),
                # quotes
                f"{html}<div><i class='gmail_extra'></i>{_fill('<i></i>')}</div>",
                f"{html}<div><i>\n--<br></i>{_fill('<i></i>')}</div>",
                f"{html}<div>{_fill('<o:><i></i></o:>')}<i class='gmail_extra'></i></div>",
                f"{html}<div><i>a</i>{_fill('<hr class=stopSpelling>')}</div>",
                f"{html}<pre>{quotes}</pre>",
                f"{plain}{quotes}",
                f"{plain}\0{quotes}",
                parts.format(f"{plain}{quotes}\n--b\n{html}"),
                f"{html}<pre>{quotes}</pre>".replace("<p>", '<?xml version="1.0" encoding="utf-8"?><p>'),
                parts.format(f"Content-Disposition: ATTACHMENT\n{plain}{quotes}"),
                f"{plain}{quotes}".replace("plain", "enriched"),
                f"{html}<p style='{'a' * 2_000}'>a</p>" + _fill("\r>a\r\r"),
                f"{plain}{_fill('a')}".replace("plain", "plain; charset=punycode"),
                # styles
                f"{html}<p style='{_fill('a')}'>a</p>",
                # many texts
                parts.format("\n--b\n".join([f"Content-Disposition: inline\n{html}"] * 3_000)),
                parts.format("\n--b\n".join([f"{html}<div>{'<hr class=stopSpelling>' * 1_500}"] * 6)),
            )
        ):
            for model in ("partner.letter", "crm.lead"):
                with self.subTest(number, model=model):
                    started = time.process_time()
                    record = self._process(f"{head.format(f'{number}-{model}')}{source}", model)
                    self.assertLess(time.process_time() - started, SECONDS)
                    self.assertIn("Hello", record.message_ids[-1:].body)
                    self.assertNotEqual(record.name, "A letter that could not be read")

    def test_many_quotes_and_texts_stay(self):
        """What people write stays as it came, however long."""
        rows = "<tr><td class='a'>b</td></tr>" * 3_000
        quote = "<div class='gmail_quote'><p>said</p></div>"
        letter = self._process(
            "From: a@else.example.net\nMessage-ID: <long@x>\nContent-Type: text/html\n\n"
            f"<p>Hello</p><table>{rows}</table>{quote}<p>{'a < b &lt; c ' * 100}</p>"
        )
        body = letter.message_ids[-1:].body
        self.assertEqual(body.count("<td>b</td>"), 3_000)
        self.assertRegex(body, "<div[^>]*data-o-mail-quote=[^>]*>\\s*<p[^>]*data-o-mail-quote=[^>]*>said</p>")
        parts = [
            f"--b\nContent-Type: text/html\n\n<p>Text {number}</p>{'<p>a</p>' * 100}\n"
            for number in range(30)
        ]
        letter = self._process(
            "From: a@else.example.net\nMessage-ID: <parts@x>\nContent-Type: multipart/mixed; boundary=b\n\n"
            f"{''.join(parts)}--b--\n"
        )
        message = letter.message_ids[-1:]
        self.assertEqual(message.body.count("<p>Text "), 30)
        self.assertFalse(message.attachment_ids)

    def test_image_bombs(self):
        """A picture of very many pixels is kept as it came: it is not unpacked to make it smaller."""
        for width, height in ((60_000, 60_000), (12_000, 12_000)):
            message = self._make(subject=f"Picture {width}")
            bomb = _png(width, height)
            message.add_attachment(bomb, maintype="image", subtype="png", filename="bomb.png")
            letter = self._receive(message=message)
            self.assertEqual(letter.name, f"Picture {width}")
            self.assertEqual(letter.sudo().mail_message_id.attachment_ids.raw, bomb)

    def _process(self, source, model="partner.letter"):
        values = {"mailbox_id": self.mailbox.id} if model == "partner.letter" else None
        record_id = self.env["mail.thread"].message_process(model, source.encode(), custom_values=values)
        self.env.flush_all()
        return self.env[model].browse(record_id or [])


@tagged("post_install", "-at_install")
class TestAttackSizeCards(LetterCommon, HttpCase):
    def test_cards_of_too_many_contacts(self):
        partners = self.customer | self.person | self._create_company_partner("Third")
        self.authenticate(self.user_sales.login, self.user_sales.login)
        address = f"/web/partner/vcard?partner_ids={','.join(map(str, partners.ids))}"
        self.assertEqual(self.url_open(address).status_code, 200)
        with patch.object(contact_vcard, "MAX_CARDS", 2), mute_logger("odoo.http"):
            answer = self.url_open(address)
        self.assertEqual(answer.status_code, 422)
        self.assertIn("At most 2 contacts", answer.text)
