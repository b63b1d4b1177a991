"""A real mail server on loopback, for tests that count what arrives."""

import socket
from collections import Counter
from contextlib import contextmanager
from unittest.mock import patch

from aiosmtpd.controller import Controller


class Inbox:
    """A mail server that counts what arrives, by recipient, and keeps the letters; it refuses mail while told to."""

    def __init__(self):
        self.refuses = False
        self.received = Counter()
        self.letters = {}
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        # a busy machine may take longer than the five seconds that the library waits
        self._server = Controller(self, hostname="127.0.0.1", port=self.port, ready_timeout=60)

    async def handle_DATA(self, server, session, envelope):
        if self.refuses:
            return "554 Refused"
        self.received.update(envelope.rcpt_tos)
        self.letters[envelope.rcpt_tos[0]] = envelope.content.decode(errors="replace")
        return "250 OK"

    def start(self):
        self._server.start()

    def stop(self):
        self._server.stop()

    def clear(self):
        self.refuses = False
        self.received.clear()
        self.letters.clear()

    @classmethod
    def open_for(cls, test_class):
        """Start a server that ends with the class of tests."""
        inbox = cls()
        inbox.start()
        test_class.addClassCleanup(inbox.stop)
        return inbox

    def take_over(self, env):
        """Let this be the only mail server of a database.

        :return: the record of the server
        """
        env["ir.mail_server"].search([]).active = False
        return env["ir.mail_server"].create(
            {
                "name": "Loopback",
                "smtp_host": "127.0.0.1",
                "smtp_port": self.port,
                "smtp_encryption": "none",
                "smtp_authentication": "login",
            }
        )

    @contextmanager
    def sending(self, env):
        """Let mail go out for real: in tests, Odoo's mail servers are switched off."""
        with patch.object(type(env["ir.mail_server"]), "_disable_send", lambda _server: False):
            yield
