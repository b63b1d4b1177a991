import imaplib
import poplib
import smtplib
import socket
import ssl

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import clean_context

from ...tools.notification import notify

# How long the test of a connection waits for an answer, in seconds.
TEST_TIMEOUT = 10
IN_FIELDS = {
    "in_type": "server_type",
    "in_host": "server",
    "in_port": "port",
    "in_ssl": "is_ssl",
    "in_user": "user",
}
OUT_FIELDS = {
    "out_host": "smtp_host", "out_port": "smtp_port", "out_encryption": "smtp_encryption", "out_user": "smtp_user",
}  # fmt: skip
PASSWORDS = ["in_password", "out_password"]
# Where a user without the right to configure may have Odoo connect to: mail, and no other service of the house.
IN_PORTS = {110, 143, 993, 995}
OUT_PORTS = {25, 465, 587, 2525}


class PartnerMailbox(models.Model):
    """The servers of a mailbox, set up by who manages it.

    They are Odoo's own incoming and outgoing mail servers, OAuth types included, which only administrators may open.
    Here who manages the mailbox fills them in. Passwords are written and never read: whoever changes the server, the
    port, the encryption or the user name has to enter the password again, so that none is sent to another server.
    Neither server is used before its test succeeded. They rest while the mailbox is archived.
    """

    _inherit = "partner.mailbox"

    fetchmail_server_id = fields.Many2one(
        "fetchmail.server", string="Incoming Mail Server", copy=False, ondelete="set null"
    )
    mail_server_id = fields.Many2one(
        "ir.mail_server", string="Outgoing Mail Server", copy=False, ondelete="set null"
    )
    in_type = fields.Selection(
        selection="_selection_in_type",
        string="Type",
        compute="_compute_in",
        inverse="_inverse_in",
        default="imap",
    )
    in_host = fields.Char(string="Incoming Server", compute="_compute_in", inverse="_inverse_in")
    in_port = fields.Integer(
        string="Incoming Port", compute="_compute_in", inverse="_inverse_in", help="0: the usual one."
    )
    in_ssl = fields.Boolean(
        string="Incoming SSL/TLS", compute="_compute_in", inverse="_inverse_in", default=True
    )
    in_user = fields.Char(string="Incoming User Name", compute="_compute_in", inverse="_inverse_in")
    in_password = fields.Char(
        string="Incoming Password",
        compute="_compute_passwords",
        inverse="_inverse_in",
        help="Written only: nobody sees it again.",
    )
    in_state = fields.Selection(
        [("none", "Not Set Up"), ("draft", "Not Tested"), ("done", "Running"), ("error", "Fails")],
        string="Incoming Mail",
        compute="_compute_in",
    )
    in_error = fields.Text(string="Last Error", compute="_compute_in")
    in_date = fields.Datetime(string="Last Fetched", compute="_compute_in")
    out_state = fields.Selection(
        [("none", "Not Set Up"), ("draft", "Not Tested"), ("done", "Running")],
        string="Outgoing Mail",
        compute="_compute_out",
        help="While it is not tested, letters leave by the mail servers of Odoo.",
    )
    out_host = fields.Char(string="Outgoing Server", compute="_compute_out", inverse="_inverse_out")
    out_port = fields.Integer(
        string="Outgoing Port", compute="_compute_out", inverse="_inverse_out", help="0: the usual one."
    )
    out_encryption = fields.Selection(
        [
            ("none", "None"),
            ("starttls_strict", "TLS (STARTTLS), certificate checked"),
            ("starttls", "TLS (STARTTLS)"),
            ("ssl_strict", "SSL/TLS, certificate checked"),
            ("ssl", "SSL/TLS"),
        ],
        string="Outgoing Encryption",
        compute="_compute_out",
        inverse="_inverse_out",
        default="starttls_strict",
    )
    out_user = fields.Char(string="Outgoing User Name", compute="_compute_out", inverse="_inverse_out")
    out_password = fields.Char(
        string="Outgoing Password",
        compute="_compute_passwords",
        inverse="_inverse_out",
        help="Written only: nobody sees it again.",
    )

    _fetchmail_uniq = models.UniqueIndex(
        "(fetchmail_server_id) WHERE fetchmail_server_id IS NOT NULL",
        "Another mailbox fetches from this incoming mail server already.",
    )

    # ------------------------------------------------------------------
    # Fields of the servers
    # ------------------------------------------------------------------
    @api.model
    def _selection_in_type(self):
        servers = self.env["fetchmail.server"]
        types = servers._fields["server_type"]._description_selection(self.env)
        return [(key, name) for key, name in types if key != "local"]

    @api.depends(
        "fetchmail_server_id.state",
        "fetchmail_server_id.error_date",
        "fetchmail_server_id.error_message",
        "fetchmail_server_id.date",
    )
    @api.depends_context("uid")
    def _compute_in(self):
        for mailbox in self:
            # sudo: the server's own fields without its password, for who manages the mailbox
            record = mailbox._get_linking()
            server = record.fetchmail_server_id if mailbox.may_manage else self.env["fetchmail.server"].sudo()
            for name, field in IN_FIELDS.items():
                mailbox[name] = server[field] if server else False
            if not server and mailbox.may_manage:
                mailbox.update({"in_type": "imap", "in_ssl": True})
            mailbox.in_error = server.error_message and (
                server.error_message
                # without a date it is our own word on letters that stay there, see `_tell_kept`
                if mailbox._is_trusted() or not server.error_date
                else self.env._("Mail could not be fetched. Test the connection to see why.")
            )
            mailbox.in_date = server.date
            mailbox.in_state = (
                "none" if not server else "error" if server.error_date else server.state or "draft"
            )

    @api.depends("mail_server_id.active")
    @api.depends_context("uid")
    def _compute_out(self):
        for mailbox in self:
            # sudo: as for the incoming server
            record = mailbox._get_linking()
            server = record.mail_server_id if mailbox.may_manage else self.env["ir.mail_server"].sudo()
            for name, field in OUT_FIELDS.items():
                mailbox[name] = server[field] if server else False
            if not server and mailbox.may_manage:
                mailbox.out_encryption = "starttls_strict"
            mailbox.out_state = "none" if not server else "done" if server.active else "draft"

    def _get_linking(self):
        """The mailbox whose links to servers count: for who may not choose them the stored one, as on a form they can
        be anything.
        """
        may_choose = self.env.su or self.env.user.has_group("base.group_system")
        return (self if may_choose else self._origin).sudo()

    def _compute_passwords(self):
        self.in_password = self.out_password = False

    def _forget_passwords(self):
        self.invalidate_recordset([*PASSWORDS, *IN_FIELDS, *OUT_FIELDS, "in_state", "out_state"], flush=False)

    def _inverse_in(self):
        for mailbox in self:
            mailbox._check_manage()
            values = {field: mailbox[name] for name, field in IN_FIELDS.items()}
            password = mailbox.in_password
            # sudo: only the server of a mailbox that the user manages
            server = mailbox.sudo().fetchmail_server_id
            if not server and not values["server"] and not password:
                continue
            values["server_type"] = values["server_type"] or "imap"
            values["port"] = values["port"] or self._get_in_port(values)
            changed = not server or any(server[field] != value for field, value in values.items())
            if changed:
                mailbox._check_port("in_port", values["port"], IN_PORTS)
            if password or changed:
                values.update(password=password, state="draft", error_date=False, error_message=False)
            if server:
                server.write(values)
            else:
                values["name"] = mailbox.name
                values["active"] = mailbox.active
                values["object_id"] = self.env["ir.model"]._get_id("partner.letter")
                mailbox.sudo().fetchmail_server_id = self._create_server(server, values)

    @api.model
    def _get_in_port(self, values):
        if values["server_type"] == "pop":
            return 995 if values["is_ssl"] else 110
        return 993 if values["is_ssl"] else 143

    def _inverse_out(self):
        for mailbox in self:
            mailbox._check_manage()
            values = {field: mailbox[name] for name, field in OUT_FIELDS.items()}
            password = mailbox.out_password
            # sudo: as for the incoming server
            server = mailbox.sudo().mail_server_id
            if not server and not values["smtp_host"]:
                continue
            values["smtp_encryption"] = values["smtp_encryption"] or "none"
            values["smtp_port"] = values["smtp_port"] or (
                465 if values["smtp_encryption"].startswith("ssl") else 587
            )
            changed = not server or any(server[field] != value for field, value in values.items())
            if changed:
                mailbox._check_port("out_port", values["smtp_port"], OUT_PORTS)
            if password or changed:
                values.update(smtp_pass=password, active=False, is_untested=True)
                usages = server._active_usages_compute().get(server.id) if server else None
                if usages and changed and not mailbox._is_trusted():
                    raise UserError(
                        self.env._(
                            "The outgoing server of the mailbox “%s” sends templates or mailings as well. Ask a "
                            "director or an administrator to change it.",
                            mailbox.name,
                        )
                    )
                if usages:
                    # Odoo does not let it rest while they use it; one that rests is untested all the same
                    del values["active"]
                    if server.active:
                        del values["is_untested"]
            if server:
                server.write(values)
            else:
                values["name"] = mailbox.name
                # only what is sent from this address leaves by this server
                values["from_filter"] = mailbox.email_normalized
                mailbox.sudo().mail_server_id = self._create_server(server, values)

    @api.model
    def _create_server(self, servers, values):
        """Make a server by these values alone, for who was found to manage its mailbox.

        A default for it that a user has set, or sends with a call, could have it log in as Odoo's configuration does.
        """
        context = clean_context(self.env.context)
        # as the superuser and not by sudo, which takes the user's own defaults
        return servers.with_user(SUPERUSER_ID).with_context(context).create(values)  # pylint: disable=context-overridden

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            for link, names in (("fetchmail_server_id", IN_FIELDS), ("mail_server_id", OUT_FIELDS)):
                if not vals.get(link):
                    continue
                # a server that is there already keeps what the values do not name, instead of the form's defaults
                server = self.env[self._fields[link].comodel_name].browse(vals[link])
                for name, field in names.items():
                    vals.setdefault(name, server[field])
        return super().create(vals_list)

    def write(self, vals):
        for names, password in ((IN_FIELDS, "in_password"), (OUT_FIELDS, "out_password")):
            if not vals.keys() & {*names, password}:
                continue
            if len(self) > 1:
                return all(mailbox.write(vals) for mailbox in self)
            # while some of its fields are written, the ORM does not compute the others
            vals = {**{name: self[name] for name in names}, **vals}
        return super().write(vals)

    def _check_port(self, name, port, allowed):
        """Refuse to connect to other services than mail, for who may not configure Odoo."""
        if port in allowed or self._is_trusted():
            return
        raise UserError(
            self.env._(
                "Port %(port)s in “%(field)s” of the mailbox “%(mailbox)s” is none of the usual ports of mail. Enter "
                "one of %(ports)s, or ask a director or an administrator to enter this one.",
                port=port,
                field=self._fields[name]._description_string(self.env),
                mailbox=self.name,
                ports=", ".join(str(one) for one in sorted(allowed)),
            )
        )

    def _quote(self, answer):
        """What the other side said, for who may know: of any host, its words would tell what runs there."""
        text = self._decode(answer).strip().rstrip(".")
        return f": {text}" if text and self._is_trusted() else ""

    def _check_manage(self):
        if not self.env.su and not self.may_manage:
            raise AccessError(
                self.env._(
                    "You may not change the servers of the mailbox “%s”. Ask who manages it for the right “Manage”.",
                    self.name,
                )
            )

    @api.onchange("in_type", "in_ssl")
    def _onchange_in_type(self):
        self.in_port = self._get_in_port({"server_type": self.in_type, "is_ssl": self.in_ssl})

    @api.onchange("out_encryption")
    def _onchange_out_encryption(self):
        self.out_port = 465 if (self.out_encryption or "").startswith("ssl") else 587

    # ------------------------------------------------------------------
    # Testing
    # ------------------------------------------------------------------
    def action_test_incoming(self):
        """Connect, log in and open the inbox; on success mail is fetched from now on.

        :raises UserError: with the field to correct
        """
        self.ensure_one()
        self.check_access("read")
        self._check_manage()
        # sudo: as above; the password is used, not shown
        server = self.sudo().fetchmail_server_id
        if not server or not server.server:
            raise UserError(
                self.env._("Fill in “Incoming Server” of the mailbox “%s” before you test it.", self.name)
            )
        self._check_port("in_port", server.port, IN_PORTS)
        connection = None
        try:
            self._test_socket(server.server, server.port)
            connection = server._connect__(allow_archived=True)
            self._test_inbox(connection)
        except UserError:
            raise
        except Exception as error:
            raise UserError(self._describe_incoming(error, server)) from error
        finally:
            self._close(connection)
        server.write({"state": "done", "error_date": False, "error_message": False})
        return notify(self.env._("Mail of “%s” is fetched from now on.", self.name), then="reload")

    def _test_socket(self, host, port):
        socket.create_connection((host, int(port or 0)), timeout=TEST_TIMEOUT).close()

    def _test_inbox(self, connection):
        if isinstance(connection, imaplib.IMAP4):
            status, detail = connection.select("INBOX", readonly=True)
            if status != "OK":
                raise UserError(
                    self.env._(
                        "The server of the mailbox “%(mailbox)s” has no folder INBOX for “%(user)s”%(answer)s. Check "
                        "“Incoming User Name”.",
                        mailbox=self.name,
                        user=self.in_user,
                        answer=self._quote(detail and detail[0]),
                    )
                )

    @api.model
    def _close(self, connection):
        for name in ("logout", "quit"):
            if hasattr(connection, name):
                try:
                    getattr(connection, name)()
                except (OSError, imaplib.IMAP4.error, poplib.error_proto, smtplib.SMTPException):
                    return

    @api.model
    def _decode(self, text):
        if isinstance(text, BaseException):
            text = text.args[0] if text.args else str(text)
        return text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text or "")

    def _describe_incoming(self, error, server):
        names = {"mailbox": self.name, "host": server.server, "port": server.port, "user": server.user or ""}
        if isinstance(error, (imaplib.IMAP4.abort, EOFError, ConnectionResetError)):
            return self._describe_encryption(error, names, self.env._("Incoming SSL/TLS"))
        if isinstance(error, (imaplib.IMAP4.error, poplib.error_proto)):
            return self.env._(
                "The server %(host)s of the mailbox “%(mailbox)s” refused the user “%(user)s”%(answer)s. Correct "
                "“Incoming User Name” or “Incoming Password”; some providers want a password made for programs, or "
                "to allow IMAP first.",
                answer=self._quote(error),
                **names,
            )
        return self._describe_network(
            error,
            names,
            self.env._("Incoming Server"),
            self.env._("Incoming Port"),
            self.env._("Incoming SSL/TLS"),
        )

    def _describe_network(self, error, names, host_field, port_field, encryption_field):
        """Say in words why there was no connection, and which field to correct."""
        if isinstance(error, (socket.gaierror, UnicodeError)):
            return self.env._(
                "The server “%(host)s” of the mailbox “%(mailbox)s” was not found. Correct “%(field)s”.",
                field=host_field,
                **names,
            )
        if isinstance(error, ssl.SSLError):
            return self._describe_encryption(error, names, encryption_field)
        if isinstance(error, TimeoutError):
            return self.env._(
                "The server %(host)s of the mailbox “%(mailbox)s” does not answer on port %(port)s. Check “%(field)s” "
                "and “%(port_field)s”, and whether a firewall lets Odoo out.",
                field=host_field,
                port_field=port_field,
                **names,
            )
        if isinstance(error, OSError):
            return self.env._(
                "The server %(host)s of the mailbox “%(mailbox)s” takes no connection on port %(port)s%(answer)s. "
                "Correct “%(field)s”.",
                field=port_field,
                answer=self._quote(error.strerror or error),
                **names,
            )
        return self.env._(
            "The server %(host)s of the mailbox “%(mailbox)s” answered with an error%(answer)s.",
            answer=self._quote(error),
            **names,
        )

    def _describe_encryption(self, error, names, field):
        if isinstance(error, ssl.SSLCertVerificationError):
            return self.env._(
                "The certificate of %(host)s of the mailbox “%(mailbox)s” is not valid%(answer)s. Choose an "
                "encryption without check of the certificate in “%(field)s”, or correct the name of the server.",
                field=field,
                answer=self._quote(error.verify_message),
                **names,
            )
        return self.env._(
            "The server %(host)s of the mailbox “%(mailbox)s” speaks another encryption on port %(port)s%(answer)s. "
            "Change “%(field)s” or the port.",
            field=field,
            answer=self._quote(getattr(error, "reason", None) or error),
            **names,
        )

    def action_test_outgoing(self):
        """Connect, log in and name the sender, without sending anything.

        :raises UserError: with the field to correct
        """
        self.ensure_one()
        self.check_access("read")
        self._check_manage()
        # sudo: as above
        server = self.sudo().mail_server_id
        if not server or not server.smtp_host:
            raise UserError(
                self.env._("Fill in “Outgoing Server” of the mailbox “%s” before you test it.", self.name)
            )
        address = self.sudo().email_normalized
        if not address:
            raise UserError(
                self.env._(
                    "Fill in “E-mail Address” of the mailbox “%s”: letters are sent from it.", self.name
                )
            )
        self._check_port("out_port", server.smtp_port, OUT_PORTS)
        connection = None
        try:
            self._test_socket(server.smtp_host, server.smtp_port)
            connection = server._connect__(mail_server_id=server.id, allow_archived=True, smtp_from=address)
            code, answer = connection.mail(address)
            if code != 250:
                raise smtplib.SMTPSenderRefused(code, answer, address)
            connection.rset()
        except Exception as error:
            raise UserError(self._describe_outgoing(error, server, address)) from error
        finally:
            self._close(connection)
        server.is_untested = False
        server._follow_mailboxes()
        return notify(self.env._("Letters of “%s” can be sent.", self.name), then="reload")

    def _describe_outgoing(self, error, server, address):
        names = {
            "mailbox": self.name,
            "host": server.smtp_host,
            "port": server.smtp_port,
            "user": server.smtp_user or "",
        }
        encryption = self.env._("Outgoing Encryption")
        if isinstance(error, smtplib.SMTPAuthenticationError):
            return self.env._(
                "The server %(host)s of the mailbox “%(mailbox)s” refused the user “%(user)s”%(answer)s. Correct "
                "“Outgoing User Name” or “Outgoing Password”.",
                answer=self._quote(error.smtp_error),
                **names,
            )
        if isinstance(error, smtplib.SMTPSenderRefused):
            return self.env._(
                "The server %(host)s of the mailbox “%(mailbox)s” does not send for %(address)s%(answer)s. Correct "
                "“E-mail Address” or “Outgoing User Name”.",
                address=address,
                answer=self._quote(error.smtp_error),
                **names,
            )
        if isinstance(error, (smtplib.SMTPServerDisconnected, smtplib.SMTPNotSupportedError)):
            return self._describe_encryption(error, names, encryption)
        if isinstance(error, UserError):
            return str(error)
        return self._describe_network(
            error, names, self.env._("Outgoing Server"), self.env._("Outgoing Port"), encryption
        )

    def action_fetch(self):
        """Fetch now, without waiting for the scheduler."""
        self.ensure_one()
        self.check_access("read")
        self._check_manage()
        # sudo: as above; letters are registered by the gateway
        server = self.sudo().fetchmail_server_id
        if server.state != "done":
            raise UserError(
                self.env._(
                    "Test the incoming mail of the mailbox “%s” first; then it can be fetched.", self.name
                )
            )
        error = server._fetch_mail()
        if error is not None:
            raise UserError(self._describe_incoming(error, server)) from error
        return notify(self.env._("Mail of “%s” was fetched.", self.name), then="reload")

    def action_open_server(self):
        """Open Odoo's own form of the incoming server: for an administrator, such as for OAuth."""
        self.ensure_one()
        self.env["fetchmail.server"].check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": "fetchmail.server",
            "res_id": self.fetchmail_server_id.id,
            "views": [(False, "form")],
        }
