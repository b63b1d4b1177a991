import imaplib
import logging
import types

from odoo import models

_logger = logging.getLogger(__name__)


class Fetching:
    """What the gateway tells the connection about the letter in hand: that it has to be fetched again."""

    failed = False


def _retrieve_unread(connection):
    """Read each letter without marking it as seen, so that a process that is killed has lost none.

    Core reads the whole letter, which marks it as seen on the server, and takes the mark away with a second command.
    """
    while connection._unread_messages:
        number = connection._unread_messages.pop()
        _status, data = connection.fetch(number, "(BODY.PEEK[])")
        source = next((part[1] for part in data if isinstance(part, tuple)), None)
        if source is not None:  # else somebody deleted it meanwhile
            yield number, source


class FetchmailServer(models.Model):
    """The mail of a mailbox is marked as fetched after its letter is committed, and only then."""

    _inherit = "fetchmail.server"

    def _fetch_mail(self, batch_limit=50):
        servers = self.with_context(relations_fetching=Fetching())
        return super(FetchmailServer, servers)._fetch_mail(batch_limit=batch_limit)

    def _connect__(self, allow_archived=False):
        connection = super()._connect__(allow_archived=allow_archived)
        # sudo: whether the server is a mailbox's, also one that is archived meanwhile
        mailboxes = self.env["partner.mailbox"].sudo().with_context(active_test=False)
        if mailboxes.search_count([("fetchmail_server_id", "=", self.id)], limit=1):
            self._keep_unread(connection)
        return connection

    def _keep_unread(self, connection):
        handled = connection.handled_message
        fetching = self.env.context.get("relations_fetching")

        def handle(number):
            if isinstance(fetching, Fetching) and fetching.failed:
                fetching.failed = False
                return
            handled(number)

        connection.handled_message = handle
        if isinstance(connection, imaplib.IMAP4):
            connection.retrieve_unread_messages = types.MethodType(_retrieve_unread, connection)
