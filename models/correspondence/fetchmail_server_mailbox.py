import hashlib
import imaplib
import logging
import types

from odoo import fields, models

from ...tools.passing_errors import is_passing

_logger = logging.getLogger(__name__)
# So often a letter that cannot even be registered unread is fetched; then it no longer keeps back the others.
TRIES = 3


def _get_key(source):
    return hashlib.sha256(source.encode() if isinstance(source, str) else bytes(source)).hexdigest()


class Fetching:
    """What the gateway and the connection tell each other in one run: which letters stay on the server."""

    def __init__(self):
        self.failed = False
        self.kept = {}  # KeptLetters by server; of mailboxes alone

    def note(self, server_id, source, error):
        """Note that the letter in hand cannot be registered."""
        _logger.warning("A letter of mail server %s cannot be registered", server_id, exc_info=True)
        kept = self.kept.get(server_id)
        if not kept:
            return
        self.failed = True
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        if is_passing(error) or (isinstance(error, OSError) and error.errno is not None):
            kept.later.append(reason)
        else:
            kept.failed[_get_key(source)] = reason


class KeptLetters:
    """The letters that stay unread on one server."""

    def __init__(self):
        self.failed = {}  # reasons by key
        self.skipped = set()  # keys
        self.later = []  # reasons of the moment
        self.is_complete = False  # all letters were looked at


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

    relations_failures = fields.Json(
        readonly=True,
        copy=False,
        help="How often each letter failed that cannot be registered, and why, by the hash of its source.",
    )

    def _fetch_mail(self, batch_limit=50):
        fetching = Fetching()
        servers = self.with_context(relations_fetching=fetching, fetchmail_cron_running=True)
        if not self.env.context.get("cron_id"):
            # somebody has it fetched by hand, perhaps after mending the cause: all are tried again
            tried = servers.filtered("relations_failures").try_lock_for_update(allow_referencing=True)
            tried.relations_failures = False
        result = super(FetchmailServer, servers)._fetch_mail(batch_limit=batch_limit)
        kept = servers.filtered(lambda server: server.id in fetching.kept).exists()
        # one that somebody else fetches from at the moment tells by itself
        for server in kept.try_lock_for_update(allow_referencing=True):
            server._tell_kept(fetching.kept[server.id])
        skipped = sum(len(kept.skipped) for kept in fetching.kept.values())
        progress_id = self.env.context.get("ir_cron_progress_id")
        if skipped and progress_id:
            # core counts them among what is left to do, and would have the job called again at once
            # sudo: as core; how much this run has left
            left = self.env["ir.cron.progress"].sudo().browse(progress_id).remaining - skipped
            self.env["ir.cron"]._commit_progress(remaining=max(left, 0))
        return result

    def _tell_kept(self, kept):
        """Remember and tell which letters stay on the server; core would tell nobody."""
        before = self.relations_failures or {}
        failures = {
            key: value for key, value in before.items() if not kept.is_complete or key in kept.skipped
        }
        for key, reason in kept.failed.items():
            failures[key] = [before.get(key, [0])[0] + 1, reason]
        if failures != before:
            self.relations_failures = failures
        if self.error_date:
            return
        if failures:
            self.error_message = self.env._(
                "Letters that cannot be registered and stay unread on the server: %(count)s. Read them there, or mend "
                "the cause and press “Fetch Now”. The last one: %(reason)s",
                count=len(failures),
                reason=list(failures.values())[-1][1],
            )
        elif kept.later:
            self.error_message = self.env._(
                "Letters that could not be registered and will be fetched again: %(count)s. The last one: %(reason)s",
                count=len(kept.later),
                reason=kept.later[-1],
            )

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
        if isinstance(fetching, Fetching):
            fetching.kept[self.id] = KeptLetters()
            self._skip_failing(connection, fetching.kept[self.id])

    def _skip_failing(self, connection, kept):
        """Leave out letters that failed often enough: fifty of them would keep back all that come later."""
        retrieve = connection.retrieve_unread_messages
        given_up = {key for key, value in (self.relations_failures or {}).items() if value[0] >= TRIES}

        def retrieve_others():
            for number, source in retrieve():
                key = _get_key(source) if given_up else None
                if key in given_up:
                    kept.skipped.add(key)
                else:
                    yield number, source
            kept.is_complete = True

        connection.retrieve_unread_messages = retrieve_others
