import socket
import threading
from unittest.mock import patch

from lxml import etree

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.partner_relations.models.correspondence import partner_mailbox_server

from .mailing_in import LetterCommon


class Talker:
    """A server that says one line to whoever connects, and answers each line by a rule."""

    def __init__(self, greeting, answer):
        self.greeting, self.answer = greeting, answer
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _address = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection):
        try:
            with connection, connection.makefile("rwb") as stream:
                stream.write(self.greeting)
                stream.flush()
                for line in stream:
                    stream.write(self.answer(line))
                    stream.flush()
        except OSError:
            return

    def __enter__(self):
        return self.port

    def __exit__(self, *_error):
        # a thread that waits for a connection would hold a merely closed socket, and take one more
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


def imap(login=b"OK", select=b"OK"):
    def answer(line):
        tag, command = line.split()[:2]
        if command == b"CAPABILITY":
            return b"* CAPABILITY IMAP4rev1\r\n" + tag + b" OK done\r\n"
        status = {b"LOGIN": login, b"EXAMINE": select, b"SELECT": select}.get(command, b"OK")
        return tag + b" " + status + b" as the test wants\r\n"

    return Talker(b"* OK ready\r\n", answer)


def smtp(login=b"235 fine", sender=b"250 fine"):
    def answer(line):
        command = line.split()[0].upper()
        if command == b"EHLO":
            return b"250-test\r\n250 AUTH PLAIN\r\n"
        return {b"AUTH": login, b"MAIL": sender, b"QUIT": b"221 bye"}.get(command, b"250 fine") + b"\r\n"

    return Talker(b"220 ready\r\n", answer)


@tagged("post_install", "-at_install")
class TestMailboxConnection(LetterCommon):
    """The test of a connection says what is wrong, and which field to correct.

    On loopback, with servers that say a line or two; the whole round with real servers is tested elsewhere.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mailbox.access_ids = [
            Command.clear(),
            Command.create({"user_id": cls.user_sales.id, "level": "manage"}),
        ]
        cls.mine = cls.mailbox.with_user(cls.user_sales)
        cls.startClassPatcher(patch.object(partner_mailbox_server, "TEST_TIMEOUT", 2))
        # servers of tests listen where they may
        ports = range(1, 1 << 16)
        cls.startClassPatcher(patch.object(partner_mailbox_server, "IN_PORTS", ports))
        cls.startClassPatcher(patch.object(partner_mailbox_server, "OUT_PORTS", ports))
        # nothing is sent: the servers are those of this file
        cls.startClassPatcher(
            patch.object(type(cls.env["ir.mail_server"]), "_disable_send", return_value=False)
        )

    def _test_incoming(self, port, host="127.0.0.1", **values):
        self.mine.write(
            {"in_host": host, "in_port": port, "in_ssl": False, "in_user": "x", "in_password": "y", **values}
        )
        return self.mine.action_test_incoming()

    def test_ports_are_no_amounts(self):
        """2525 is not shown as 2,525."""
        form = etree.fromstring(self.mine.get_view(view_type="form")["arch"])
        for name in ("in_port", "out_port"):
            [field] = form.xpath(f"//field[@name='{name}']")
            # the option that the field of the web client reads
            self.assertEqual(field.get("options"), "{'enable_formatting': false}")

    def test_incoming(self):
        with imap() as port:
            action = self._test_incoming(port)
        self.assertEqual(action["params"]["type"], "success")
        self.assertEqual(self.mine.in_state, "done")
        # another server has to be tested again, and wants its password
        self.mine.in_port = 1
        self.assertEqual(self.mine.in_state, "draft")

    def test_incoming_errors(self):
        with imap(login=b"NO") as port, self.assertRaisesRegex(UserError, "Incoming Password"):
            self._test_incoming(port)
        with imap(select=b"NO") as port, self.assertRaisesRegex(UserError, "no folder INBOX"):
            self._test_incoming(port)
        with imap() as port, self.assertRaisesRegex(UserError, "another encryption.*Incoming SSL/TLS"):
            self._test_incoming(port, in_ssl=True)
        self.assertEqual(self.mine.in_state, "draft")
        with self.assertRaisesRegex(UserError, "was not found.*Incoming Server"):
            self._test_incoming(993, host="no-such-host.invalid")
        with socket.socket() as deaf:
            # taken, so that nobody else listens there meanwhile
            deaf.bind(("127.0.0.1", 0))
            with self.assertRaisesRegex(UserError, "takes no connection.*Incoming Port"):
                self._test_incoming(deaf.getsockname()[1])
        with (
            patch.object(socket, "create_connection", side_effect=TimeoutError("timed out")),
            self.assertRaisesRegex(UserError, "does not answer on port 993.*firewall"),
        ):
            self._test_incoming(993)
        with self.assertRaisesRegex(UserError, "Fill in “Incoming Server”"):
            self._create_mailbox("Empty").action_test_incoming()

    def _test_outgoing(self, port, host="127.0.0.1", **values):
        self.mine.write(
            {
                "out_host": host,
                "out_port": port,
                "out_encryption": "none",
                "out_user": "x",
                "out_password": "y",
                **values,
            }
        )
        return self.mine.action_test_outgoing()

    @mute_logger("odoo.addons.base.models.ir_mail_server")
    def test_outgoing(self):
        with smtp() as port:
            self.assertEqual(self._test_outgoing(port)["params"]["type"], "success")
        with smtp(login=b"535 wrong") as port, self.assertRaisesRegex(UserError, "Outgoing Password"):
            self._test_outgoing(port)
        with (
            smtp(sender=b"553 not yours") as port,
            self.assertRaisesRegex(UserError, "does not send for service@"),
        ):
            self._test_outgoing(port)
        with smtp() as port, self.assertRaisesRegex(UserError, "Outgoing Encryption"):
            self._test_outgoing(port, out_encryption="ssl")
        with smtp() as port, self.assertRaisesRegex(UserError, "Outgoing Encryption"):
            self._test_outgoing(port, out_encryption="starttls")
        with self.assertRaisesRegex(UserError, "was not found.*Outgoing Server"):
            self._test_outgoing(587, host="no-such-host.invalid")

    def test_server_of_a_mailbox_sends_for_it_only(self):
        self.env["ir.mail_server"].search([]).active = False
        with smtp() as port:
            self._test_outgoing(port)
        servers = self.env["ir.mail_server"]
        server = self.mailbox.mail_server_id
        self.assertEqual(servers._find_mail_server("service@our.example.com")[0], server)
        self.assertFalse(servers._find_mail_server("other@else.example.com")[0])
