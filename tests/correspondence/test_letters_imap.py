"""Letters end to end: a real IMAP server, a real mail server, real processes and commits; killed, and two at once."""

import email
import random
from email import policy
from unittest.mock import patch

import psycopg2

from odoo import SUPERUSER_ID, Command, api
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.tests import tagged
from odoo.tests.common import BaseCase, get_db_name
from odoo.tools import mute_logger

from .. import processes
from ..imap_server import ImapServer
from ..jobs import run_cron
from ..mail_servers import Inbox

ADDRESS = "service@imap.example.com"
CUSTOMER = "lan@customer.example.org"
GATEWAY = "odoo.addons.partner_relations.models.correspondence.partner_letter_gateway"
FETCHING = "odoo.addons.partner_relations.models.correspondence.fetchmail_server_mailbox"
FETCH = """
server = env["fetchmail.server"].browse({server})
error = server._fetch_mail()
assert error is None, error
env.cr.commit()
"""
# As if the lock on the server were none: both fetch the same letters at the same time.
FETCH_WITHOUT_LOCK = """
from psycopg2.errors import SerializationFailure
type(env["fetchmail.server"]).try_lock_for_update = lambda records, **options: records
try:
    env["fetchmail.server"].browse({server})._fetch_mail()
except SerializationFailure:
    env.cr.rollback()  # both wrote when they had fetched last
env.cr.commit()
"""
# Dies at the third letter, when it was read from the server and nothing else was done.
DIE_READING = (
    """
import imaplib, os, signal
fetch, calls = imaplib.IMAP4.fetch, []

def dying(*args):
    result = fetch(*args)
    calls.append(1)
    if len(calls) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return result

imaplib.IMAP4.fetch = dying
"""
    + FETCH
)
# Dies at the third letter, when it is registered and not committed.
DIE_BEFORE_COMMIT = (
    """
import os, signal
model = type(env["partner.letter"])
process, calls = model._gateway_process, []

def dying(letters, *args, **kwargs):
    result = process(letters, *args, **kwargs)
    calls.append(1)
    if len(calls) == 3:
        letters.env.flush_all()
        os.kill(os.getpid(), signal.SIGKILL)
    return result

model._gateway_process = dying
"""
    + FETCH
)
# Dies at the third letter, when it is committed and the server does not know yet.
DIE_BEFORE_SEEN = (
    """
import imaplib, os, signal
store, calls = imaplib.IMAP4.store, []

def dying(connection, number, command, flags):
    if command == "+FLAGS":
        calls.append(1)
        if len(calls) == 3:
            os.kill(os.getpid(), signal.SIGKILL)
    return store(connection, number, command, flags)

imaplib.IMAP4.store = dying
"""
    + FETCH
)
# A database error at each second letter, such as when the disk is full.
FAIL_EACH_SECOND = (
    """
import psycopg2
model = type(env["partner.letter"])
register, calls = model._gateway_register, []

def failing(letters, *args, **kwargs):
    calls.append(1)
    if len(calls) % 2:
        raise psycopg2.OperationalError("disk full")
    return register(letters, *args, **kwargs)

model._gateway_register = failing
"""
    + FETCH
)
# Answers by the composer and dies before anything is committed.
DIE_ANSWERING = """
import os, signal
letter = env["partner.letter"].browse({letter}).with_user({user})
composer = env["mail.compose.message"].with_user({user}).with_context(**letter.action_reply()["context"]).create({{}})
composer._action_send_mail()
env.flush_all()
os.kill(os.getpid(), signal.SIGKILL)
"""
ANSWER = """
for letter in env["partner.letter"].browse({letters}).with_user({user}):
    context = {{**letter.action_reply()["context"], "mail_notify_force_send": False}}
    composer = env["mail.compose.message"].with_user({user}).with_context(**context).create({{}})
    composer._action_send_mail()
env.cr.commit()
"""


def source(number, subject=None, sender=CUSTOMER, body="Good day", **headers):
    message = email.message.EmailMessage(policy=policy.SMTP)
    message["Message-ID"] = f"<imap-{number}@customer.example.org>"
    message["From"] = f"Lan Pham <{sender}>"
    message["To"] = ADDRESS
    message["Subject"] = subject or f"Question {number}"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(body)
    return message.as_bytes()


@tagged("post_install", "-at_install", "relations_commits")
class TestLettersImap(BaseCase):
    """What is committed here is taken back at the end, by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.imap = ImapServer.open_for(cls, with_ssl=True)
        cls.inbox = Inbox.open_for(cls)
        cls.registry = Registry(get_db_name())

    def setUp(self):
        super().setUp()
        self.inbox.clear()
        self.imap.empty(ADDRESS)
        with self.registry.cursor() as cr:
            env = self._env(cr)
            self.found = env["ir.mail_server"].search([]).ids
            mail_server = self.inbox.take_over(env)
            mail_server.from_filter = ADDRESS
            user = env["res.users"].create(
                {
                    "name": "Clerk of Letters",
                    "login": "clerk_of_letters",
                    "email": "clerk@imap.example.com",
                    "group_ids": [Command.set(env.ref("partner_relations.group_user").ids)],
                }
            )
            customer = env["res.partner"].create({"name": "Lan Pham", "email": CUSTOMER})
            mailbox = env["partner.mailbox"].create(
                {
                    "name": "Service by IMAP",
                    "email": ADDRESS,
                    "mail_server_id": mail_server.id,
                    "access_ids": [Command.create({"user_id": user.id, "level": "reply"})],
                    "in_host": self.imap.host,
                    "in_port": self.imap.port,
                    "in_ssl": False,
                    "in_user": ADDRESS,
                    "in_password": self.imap.password,
                }
            )
            mailbox.action_test_incoming()
            env["mail.mail"].search([("state", "=", "outgoing")]).unlink()
            self.mailbox_id, self.user_id, self.customer_id = mailbox.id, user.id, customer.id
            self.server_id = mailbox.fetchmail_server_id.id
            self.mail_server_id = mail_server.id
        self.addCleanup(self._take_back)

    def _env(self, cr):
        return api.Environment(cr, SUPERUSER_ID, {"no_reset_password": True})

    def _take_back(self):
        with self.registry.cursor() as cr:
            env = self._env(cr)
            letters = env["partner.letter"].search([("mailbox_id", "=", self.mailbox_id)])
            user = env["res.users"].browse(self.user_id)
            people = user.partner_id | env["res.partner"].browse(self.customer_id)
            messages = env["mail.message"].search(
                ["|", ("author_id", "in", people.ids), ("partner_ids", "in", people.ids)]
            )
            messages |= letters.message_ids
            env["mail.mail"].search([("mail_message_id", "in", messages.ids)]).unlink()
            env["partner.contact.log"].search([("partner_id", "in", people.ids)]).unlink()
            letters.activity_ids.unlink()
            letters.unlink()
            messages.exists().unlink()
            env["partner.mailbox"].browse(self.mailbox_id).unlink()
            env["fetchmail.server"].browse(self.server_id).exists().unlink()
            env["ir.mail_server"].browse(self.mail_server_id).exists().unlink()
            env["ir.mail_server"].browse(self.found).active = True
            env["mail.activity"].with_context(active_test=False).search([("user_id", "=", user.id)]).unlink()
            env["mail.message"].search([("model", "=", "res.users"), ("res_id", "=", user.id)]).unlink()
            user.unlink()
            people.exists().unlink()

    # ------------------------------------------------------------------
    def _fetch(self, *sources):
        """Deliver letters to the IMAP server and fetch them, in this process."""
        self.imap.deliver(ADDRESS, *sources)
        with self.registry.cursor() as cr:
            self.assertIsNone(self._env(cr)["fetchmail.server"].browse(self.server_id)._fetch_mail())

    def _letter(self, env, number):
        return env["partner.letter"].search(
            [
                ("mailbox_id", "=", self.mailbox_id),
                ("message_id", "=", f"<imap-{number}@customer.example.org>"),
            ]
        )

    def _run(self, script, status=0, **values):
        found, output = processes.run(script.format(server=self.server_id, user=self.user_id, **values))
        self.assertEqual(found, status, output[-3000:])

    def _count(self):
        """The letters by Message-ID, the messages that hold their words, and the letters marked on the server."""
        with self.registry.cursor() as cr:
            env = self._env(cr)
            letters = env["partner.letter"].search([("mailbox_id", "=", self.mailbox_id)])
            ids = letters.mapped("message_id")
            messages = env["mail.message"].search(
                [("model", "=", "partner.letter"), ("message_id", "in", ids)]
            )
            self.assertEqual(letters.mail_message_id, messages, "each letter has its words, once")
            return sorted(ids), len(messages), self.imap.count(ADDRESS, "SEEN")

    def _reply(self, letter):
        composer = letter.env["mail.compose.message"].with_context(**letter.action_reply()["context"])
        composer = composer.create({})
        composer.body = f"<p>It comes tomorrow.</p>{composer.body}"
        composer._action_send_mail()

    def _send_answer(self):
        """Answer the first letter as the clerk and send it; return the outgoing letter's id and Message-ID."""
        with self.registry.cursor() as cr:
            sending = self.inbox.sending(self._env(cr))
        with sending, self.registry.cursor() as cr:
            letter = self._letter(self._env(cr), 1)
            self._reply(letter.with_user(self.user_id))
            self.assertRecordValues(letter, [{"state": "done", "is_answered": True}])
            # the mail leaves after the commit, at the end of the block
            return letter.answer_ids.id, letter.answer_ids.message_id

    # ------------------------------------------------------------------
    # From the customer's letter to the bounce of ours
    # ------------------------------------------------------------------
    def test_fetch_assign_reply_thread_bounce(self):
        self._fetch(source(1, subject="Delivery of chairs"))
        with self.registry.cursor() as cr:
            letter = self._letter(self._env(cr), 1)
            self.assertRecordValues(
                letter,
                [{"state": "new", "kind": "letter", "partner_id": self.customer_id, "direction": "in"}],
            )
            self.assertIn("Good day", letter.body)
            letter.with_user(self.user_id).user_id = self.user_id
            self.assertEqual(letter.state, "assigned")
        sent_id, our_id = self._send_answer()
        self.assertEqual(dict(self.inbox.received), {CUSTOMER: 1})
        arrived = email.message_from_string(self.inbox.letters[CUSTOMER], policy=policy.default)
        self.assertEqual(arrived["Message-ID"], our_id)
        self.assertEqual(arrived["In-Reply-To"], "<imap-1@customer.example.org>")
        self.assertIn("<imap-1@customer.example.org>", arrived["References"])
        self.assertIn(ADDRESS, arrived["From"])
        self.assertIn("It comes tomorrow.", arrived.get_body(("plain",)).get_content())

        # the customer answers, with references, then without; somebody else writes under the same subject
        self._fetch(
            source(2, subject="Re: Delivery of chairs", In_Reply_To=our_id, References=our_id),
            source(3, subject="AW: Re: Delivery of chairs"),
            source(4, subject="Re: Delivery of chairs", sender="else@else.example.org"),
            source(5, subject="Delivery of chairs"),
        )
        with self.registry.cursor() as cr:
            env = self._env(cr)
            first = self._letter(env, 1)
            self.assertEqual(self._letter(env, 2).thread_id, first)
            self.assertEqual(self._letter(env, 2).parent_id.id, sent_id)
            self.assertEqual(self._letter(env, 3).thread_id, first)
            self.assertFalse(self._letter(env, 4).thread_id)
            self.assertFalse(self._letter(env, 5).thread_id, "no answer by its subject")
            self.assertRecordValues(first, [{"state": "assigned", "is_returned": True}])
            self.assertEqual(self._letter(env, 2).user_id.id, self.user_id)

        # programs answer: a receipt, an absence, a bounce; none is work
        about = f"Message-ID: {our_id}"
        receipt = source(6, subject="Read: Delivery of chairs").split(b"\r\n\r\n")[0]
        receipt = b"\r\n".join(
            line for line in receipt.split(b"\r\n") if not line.lower().startswith((b"content-", b"mime-"))
        )
        head = '\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type={}; boundary="B"\r\n\r\n--B\r\n'
        notification = (
            head.format("disposition-notification")
            + "Content-Type: message/disposition-notification\r\n\r\n"
            + f"Final-Recipient: rfc822;{CUSTOMER}\r\nOriginal-Message-ID: {our_id}\r\n"
            + "Disposition: manual-action/MDN-sent-manually; displayed\r\n\r\n--B--\r\n"
        )
        self._fetch(
            receipt + notification.encode(),
            source(7, subject="Automatic reply: Delivery", Auto_Submitted="auto-replied", In_Reply_To=our_id),
        )
        with self.registry.cursor() as cr:
            env = self._env(cr)
            self.assertRecordValues(
                self._letter(env, 6) | self._letter(env, 7),
                [
                    {"kind": "delivery_report", "state": "done", "user_id": False},
                    {"kind": "auto_reply", "state": "done", "user_id": False},
                ],
            )
            sent = env["partner.letter"].browse(sent_id)
            self.assertFalse(sent.is_bounced, "it was read")
            self.assertFalse(env["res.partner"].browse(self.customer_id).message_bounce)
        bounce = (
            receipt.replace(b"imap-6", b"imap-8").replace(CUSTOMER.encode(), b"MAILER-DAEMON@mx.example.org")
            + (
                head.format("delivery-status")
                + "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.org\r\n\r\n"
                + f"Final-Recipient: rfc822; {CUSTOMER}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
                + f"--B\r\nContent-Type: text/rfc822-headers\r\n\r\n{about}\r\n\r\n--B--\r\n"
            ).encode()
        )
        self._fetch(bounce)
        with self.registry.cursor() as cr:
            env = self._env(cr)
            self.assertRecordValues(
                self._letter(env, 8), [{"kind": "bounce", "state": "done", "user_id": False}]
            )
            sent = env["partner.letter"].browse(sent_id)
            self.assertTrue(sent.is_bounced)
            self.assertIn(CUSTOMER, sent.bounce_reason)
            self.assertEqual(sent.activity_ids.user_id.id, self.user_id)

    def test_bounce_in_a_servers_own_words(self):
        self._fetch(source(1))
        sent_id, our_id = self._send_answer()
        text = (
            f"This message was created automatically by mail delivery software.\n\n  {CUSTOMER}\n    unknown user\n\n"
            f"------ This is a copy of the message ------\n\nMessage-ID: {our_id}\n"
        )
        self._fetch(
            source(
                2,
                subject="Mail delivery failed: returning message to sender",
                sender="exim@mx.example.org",
                body=text,
                X_Failed_Recipients=CUSTOMER,
                Auto_Submitted="auto-replied",
            )
        )
        with self.registry.cursor() as cr:
            env = self._env(cr)
            self.assertRecordValues(self._letter(env, 2), [{"kind": "bounce", "state": "done"}])
            self.assertTrue(env["partner.letter"].browse(sent_id).is_bounced)

    # ------------------------------------------------------------------
    # Killed, failing, two at once
    # ------------------------------------------------------------------
    def test_killed_while_fetching(self):
        numbers = range(1, 9)
        ids = sorted(f"<imap-{number}@customer.example.org>" for number in numbers)
        self.imap.deliver(ADDRESS, *(source(number) for number in numbers))
        self._run(DIE_READING, -9)
        self.assertEqual(self._count(), (ids[:2], 2, 2), "the third was read and is not marked as seen")
        self._run(DIE_BEFORE_COMMIT, -9)
        self.assertEqual(self._count(), (ids[:4], 4, 4))
        self._run(DIE_BEFORE_SEEN, -9)
        self.assertEqual(self._count(), (ids[:7], 7, 6), "one is registered that the server takes for unread")
        self._run(FETCH)
        self.assertEqual(self._count(), (ids, 8, 8), "nothing lost, nothing doubled")
        self._run(FETCH)
        self.assertEqual(self._count(), (ids, 8, 8))

    def test_letters_that_fail_are_fetched_again(self):
        numbers = range(1, 5)
        ids = sorted(f"<imap-{number}@customer.example.org>" for number in numbers)
        self.imap.deliver(ADDRESS, *(source(number) for number in numbers))
        self._run(FAIL_EACH_SECOND)
        self.assertEqual(self._count(), ([ids[1], ids[3]], 2, 2), "those that failed are not marked as seen")
        self._run(FETCH)
        self.assertEqual(self._count(), (ids, 4, 4))

    # ------------------------------------------------------------------
    # Letters that can never be registered
    # ------------------------------------------------------------------
    def _fail_for(self, method, numbers):
        """Let a method of the gateway fail for good, as of an error of the database, for letters of these numbers."""
        model = self.registry["partner.letter"]
        original = getattr(model, method)

        def failing(letters, mailbox, what, *args, **kwargs):
            text = what.decode() if isinstance(what, bytes) else what["message_id"]
            if any(f"<imap-{number}@" in text for number in numbers):
                raise psycopg2.DataError("a letter like no other")
            return original(letters, mailbox, what, *args, **kwargs)

        return patch.object(model, method, failing)

    def _run_fetching_job(self):
        """Run the scheduler's job, which calls again while there is more; return what it says is left."""
        with self.registry.cursor() as cr:
            cron = self._env(cr).ref("mail.ir_cron_mail_gateway_action")
            run_cron(cron)
        with self.registry.cursor() as cr:
            progress = self._env(cr)["ir.cron.progress"]
            return progress.search([("cron_id", "=", cron.id)], order="id desc", limit=1).remaining

    @mute_logger(GATEWAY)
    def test_letters_that_can_never_be_read(self):
        """They are registered with their source, and keep back no later ones."""
        self.imap.deliver(ADDRESS, *(source(number) for number in range(1, 52)))
        with self._fail_for("_register_incoming", range(1, 51)):
            self._fetch()
            self._fetch()
        with self.registry.cursor() as cr:
            env = self._env(cr)
            last = self._letter(env, 51)
            self.assertIn("Good day", last.body)
            unread = env["partner.letter"].search([("mailbox_id", "=", self.mailbox_id)]) - last
            self.assertEqual(len(unread), 50)
            self.assertEqual(set(unread.mapped("name")), {"A letter that could not be read"})
            self.assertEqual(set(unread.mapped("state")), {"new"})
            files = env["ir.attachment"].search(
                [("res_model", "=", "partner.letter"), ("res_id", "in", unread.ids)]
            )
            self.assertEqual(len(files), 50)
            self.assertIn(b"Good day", files[0].raw)
        self.assertEqual(self.imap.count(ADDRESS, "SEEN"), 51)

    @mute_logger(GATEWAY, FETCHING)
    def test_letters_that_cannot_even_be_registered_unread(self):
        """They stay on the server and are told, keep back no later ones, and are tried again by hand."""
        self.imap.deliver(ADDRESS, *(source(number) for number in range(1, 52)))
        broken = range(1, 51)
        with (
            self._fail_for("_gateway_register", broken),
            self._fail_for("_gateway_register_unread", broken),
        ):
            # three times with nothing but failures, then without them
            for _time in range(4):
                left = self._run_fetching_job()
            self.assertEqual(left, 0, "the job does not go on for ever")
        with self.registry.cursor() as cr:
            env = self._env(cr)
            letters = env["partner.letter"].search([("mailbox_id", "=", self.mailbox_id)])
            self.assertEqual(letters, self._letter(env, 51))
            mailbox = env["partner.mailbox"].browse(self.mailbox_id)
            self.assertIn("stay unread on the server: 50.", mailbox.in_error)
            self.assertEqual(mailbox.in_state, "done")
        self.assertEqual(self.imap.count(ADDRESS, "SEEN"), 1, "nothing is lost")
        with self.registry.cursor() as cr:
            self._env(cr)["partner.mailbox"].browse(self.mailbox_id).action_fetch()
        self._fetch()
        with self.registry.cursor() as cr:
            env = self._env(cr)
            letters = env["partner.letter"].search([("mailbox_id", "=", self.mailbox_id)])
            self.assertEqual(len(letters), 51)
            self.assertFalse(env["partner.mailbox"].browse(self.mailbox_id).in_error)
        self.assertEqual(self.imap.count(ADDRESS, "SEEN"), 51)

    @mute_logger(GATEWAY, "odoo.sql_db")
    def test_message_id_that_no_index_takes(self):
        letters = "".join(random.Random(7).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=9000))
        long = source(1).replace(b"<imap-1@", f"<{letters}@".encode())
        self._fetch(long)
        self._fetch(long, source(2))
        with self.registry.cursor() as cr:
            found = self._env(cr)["partner.letter"].search([("mailbox_id", "=", self.mailbox_id)])
            self.assertEqual(len(found), 2, "one of them once")
        self.assertEqual(self.imap.count(ADDRESS, "SEEN"), 3)

    def test_two_workers_fetch(self):
        numbers = range(1, 13)
        ids = sorted(f"<imap-{number}@customer.example.org>" for number in numbers)
        for script in (FETCH, FETCH_WITHOUT_LOCK):
            with self.subTest(script=script):
                self.imap.empty(ADDRESS)
                with self.registry.cursor() as cr:
                    letters = self._env(cr)["partner.letter"].search([("mailbox_id", "=", self.mailbox_id)])
                    letters.unlink()
                self.imap.deliver(ADDRESS, *(source(number) for number in numbers))
                script = script.format(server=self.server_id)
                for process in [processes.start(script), processes.start(script)]:
                    status, output = processes.end(process)
                    self.assertEqual(status, 0, output[-3000:])
                self.assertEqual(self._count(), (ids, 12, 12))

    def test_killed_while_answering_and_sending(self):
        senders = [f"customer{number}@customer.example.org" for number in range(5)]
        self._fetch(*(source(number, sender=sender) for number, sender in enumerate(senders)))
        with self.registry.cursor() as cr:
            env = self._env(cr)
            letters = [self._letter(env, number).id for number in range(5)]
        self._run(DIE_ANSWERING, -9, letter=letters[0])
        self._run(processes.SEND)
        self.assertFalse(self.inbox.received, "what was not committed is not sent")
        with self.registry.cursor() as cr:
            first = self._env(cr)["partner.letter"].browse(letters[0])
            self.assertRecordValues(first, [{"state": "new", "answer_ids": [], "is_answered": False}])
        self._run(ANSWER, letters=letters)
        self.assertFalse(self.inbox.received, "they are queued")
        self._run(processes.dying_send(2), -9)
        self.assertEqual(self.inbox.received.total(), 2)
        self._run(processes.SEND)
        self._run(processes.SEND)
        self.assertEqual(dict(self.inbox.received), dict.fromkeys(senders, 1))
        with self.registry.cursor() as cr:
            answered = self._env(cr)["partner.letter"].browse(letters)
            self.assertEqual([len(letter.answer_ids) for letter in answered], [1] * 5)
            self.assertEqual(set(answered.mapped("state")), {"done"})

    # ------------------------------------------------------------------
    # The test of a connection, against the real server
    # ------------------------------------------------------------------
    def _refuse(self, **values):
        with self.registry.cursor() as cr:
            mailbox = self._env(cr)["partner.mailbox"].browse(self.mailbox_id)
            mailbox.write({"in_password": self.imap.password, **values})
            with self.assertRaises(UserError) as caught, mute_logger("odoo.addons.mail.models.fetchmail"):
                mailbox.action_test_incoming()
            cr.rollback()
        return str(caught.exception)

    def test_connection_errors_name_the_field(self):
        for values, words in [
            ({"in_password": "wrong"}, ["“Service by IMAP”", ADDRESS, "Incoming Password"]),
            ({"in_port": 1}, ["takes no connection on port 1", "Incoming Port"]),
            (
                {"in_host": "no-such-host.invalid"},
                ["no-such-host.invalid", "was not found", "Incoming Server"],
            ),
            ({"in_ssl": True}, ["encryption", "Incoming SSL/TLS"]),
        ]:
            with self.subTest(values=values):
                message = self._refuse(**values)
                for word in words:
                    self.assertIn(word, message)
                self.assertNotIn(self.imap.password, message)

    def test_fetch_by_ssl(self):
        self.imap.deliver(ADDRESS, source(1))
        with self.registry.cursor() as cr:
            mailbox = self._env(cr)["partner.mailbox"].browse(self.mailbox_id)
            mailbox.write({"in_ssl": True, "in_port": self.imap.ssl_port, "in_password": self.imap.password})
            mailbox.action_test_incoming()
        with self.registry.cursor() as cr:
            self._env(cr)["partner.mailbox"].browse(self.mailbox_id).action_fetch()
        self.assertEqual(self._count(), (["<imap-1@customer.example.org>"], 1, 1))
