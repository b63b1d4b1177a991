"""What a user sets as defaults for new records, or sends as such, is no way to somebody else's mail."""

from psycopg2.errors import NotNullViolation

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_mailbox_addresses import LOUD, AddressCommon


@tagged("post_install", "-at_install")
class TestMailboxDefaults(AddressCommon):
    def _set_default(self, model, field, value, user=None):
        self.env["ir.default"].with_user(user or self.user_sales2).set(model, field, value, user_id=True)

    def _make_boss_mailbox(self, **values):
        return self._create_mailbox(
            "Boss", kind="personal", user_id=self.boss.id, email="boss@our.example.com", **values
        )

    @mute_logger(*LOUD)
    def test_right_in_a_mailbox(self):
        """The line that would give the right cannot say by a default which mailbox it is for."""
        mailbox = self._make_boss_mailbox()
        accesses = self.env["partner.mailbox.access"].with_user(self.user_sales2)
        values = {"user_id": self.user_sales2.id, "level": "manage"}
        self._set_default("partner.mailbox.access", "mailbox_id", mailbox.id)
        with self.assertRaises(AccessError), self.cr.savepoint():
            accesses.create(values)
        # a default that one may not read is none, and without a mailbox there is no line
        with self.assertRaises(NotNullViolation), self.cr.savepoint():
            accesses.with_context(default_mailbox_id=mailbox.id).create(values)
        self.assertFalse(mailbox.access_ids)
        # in one's own mailbox a default is as good as a value
        mine = self._create_mine(email="sales2@our.example.com")
        self._set_default("partner.mailbox.access", "mailbox_id", mine.id)
        self.assertEqual(accesses.create({**values, "user_id": self.user_sub.id}).mailbox_id, mine)

    def test_words_of_a_letter(self):
        secret = self.customer.with_user(self.boss).message_post(body="For the boss")
        mine = self._create_mine(email="sales2@our.example.com")
        self._set_default("partner.letter", "mail_message_id", secret.id)
        letter = self.env["partner.letter"].with_user(self.user_sales2).create({"mailbox_id": mine.id})
        self.assertFalse(letter.sudo().mail_message_id)
        self.assertFalse(letter.body)

    def test_servers_and_alias(self):
        """Nobody gets hold of a server or an alias of Odoo, nor are they written to."""
        fetching = self.env["fetchmail.server"].create(
            {
                "name": "Office",
                "server": "imap.example.com",
                "user": "office",
                "password": "x",
                "state": "done",
            }
        )
        sending = self.env["ir.mail_server"].create(
            {"name": "Office", "smtp_host": "smtp.example.com", "smtp_user": "office", "smtp_pass": "x"}
        )
        alias = self.env["mail.alias"].create(
            {
                "alias_name": "deals",
                "alias_domain_id": self.domain.id,
                "alias_model_id": self.env["ir.model"]._get_id("crm.lead"),
            }
        )
        links = {"fetchmail_server_id": fetching, "mail_server_id": sending, "alias_id": alias}
        for name, record in links.items():
            for way in ("context", "personal"):
                with self.subTest(name=name, way=way):
                    mine = self.mine
                    if way == "context":
                        mine = mine.with_context(**{f"default_{name}": record.id})
                    else:
                        self._set_default("partner.mailbox", name, record.id)
                    mailbox = mine.create({"name": f"{name} {way}", "kind": "personal"})
                    mailbox.flush_recordset()
                    self.assertNotEqual(mailbox.sudo()[name], record)
                    mailbox.sudo().unlink()
        self.assertRecordValues(
            fetching, [{"server": "imap.example.com", "user": "office", "state": "done", "active": True}]
        )
        self.assertRecordValues(sending, [{"smtp_host": "smtp.example.com", "active": True}])
        self.assertEqual(alias.alias_model_id.model, "crm.lead")

    def test_servers_of_a_new_mailbox(self):
        """They are as they are entered: none that logs in with the password of Odoo's configuration."""
        sending = {"smtp_authentication": "cli", "smtp_debug": True, "owner_user_id": self.boss.id}
        fetching = {"original": True, "attach": False}
        for way in ("context", "personal"):
            with self.subTest(way=way):
                mine = self.mine
                if way == "context":
                    mine = mine.with_context(
                        **{f"default_{name}": value for name, value in (sending | fetching).items()}
                    )
                else:
                    for model, defaults in (("ir.mail_server", sending), ("fetchmail.server", fetching)):
                        for name, value in defaults.items():
                            self._set_default(model, name, value)
                mailbox = mine.create(
                    {
                        "name": way,
                        "kind": "personal",
                        "email": "sales2@our.example.com",
                        "in_host": "imap.mine.example",
                        "in_user": "me",
                        "out_host": "smtp.mine.example",
                        "out_user": "me",
                    }
                ).sudo()
                self.assertRecordValues(
                    mailbox.mail_server_id,
                    [
                        {
                            "smtp_host": "smtp.mine.example",
                            "smtp_user": "me",
                            "smtp_authentication": "login",
                            "smtp_debug": False,
                            "owner_user_id": False,
                        }
                    ],
                )
                self.assertRecordValues(
                    mailbox.fetchmail_server_id,
                    [{"server": "imap.mine.example", "user": "me", "original": False, "attach": True}],
                )
                mailbox.unlink()

    def test_alias_of_a_new_mailbox(self):
        """It is that of letters of this mailbox, whatever its maker has set for aliases."""
        letter = self._receive()
        for name, value in (
            ("alias_incoming_local", True),
            ("alias_force_thread_id", letter.id),
            ("alias_parent_thread_id", letter.id),
        ):
            self._set_default("mail.alias", name, value)
        mailbox = self._create_mine(alias_name="mine", alias_domain_id=self.domain.id)
        self.assertRecordValues(
            mailbox.sudo().alias_id,
            [{"alias_incoming_local": False, "alias_force_thread_id": 0, "alias_parent_thread_id": 0}],
        )

    def test_form_tells_no_server(self):
        """Neither of a new mailbox nor of one's own that a form points at it."""
        fetching = self.env["fetchmail.server"].create(
            {"name": "O", "server": "imap.x.example", "user": "office"}
        )
        sending = self.env["ir.mail_server"].create(
            {"name": "O", "smtp_host": "smtp.x.example", "smtp_user": "office"}
        )
        mine = self._create_mine(email="sales2@our.example.com", in_host="imap.mine.example", in_user="me")
        asked = {name: {} for name in ("in_host", "in_user", "in_port", "out_host", "out_user", "out_port")}
        values = {
            "kind": "personal",
            "user_id": self.user_sales2.id,
            "fetchmail_server_id": fetching.id,
            "mail_server_id": sending.id,
        }
        for mailbox in (self.mine, mine):
            for changed in ([], ["fetchmail_server_id"], ["mail_server_id"]):
                with self.assertRaises(AccessError):
                    mailbox.onchange(values, changed, asked)
                # what it points at already is asked of nobody
                own = {name: value for name, value in values.items() if not name.endswith("server_id")}
                answer = mailbox.onchange(own, [], asked)
                self.assertNotIn("x.example", str(answer))
                self.assertNotIn("office", str(answer))
        self.env.invalidate_all()
        self.assertEqual((mine.in_host, mine.in_user), ("imap.mine.example", "me"))
        # an administrator who manages mailboxes sees what is chosen
        self.boss.group_ids += self.env.ref("base.group_system")
        values = {"fetchmail_server_id": fetching.id}
        answer = self.mailbox.with_user(self.boss).onchange(values, ["fetchmail_server_id"], asked)
        self.assertEqual(answer["value"]["in_host"], "imap.x.example")

    def test_message_that_names_a_letter(self):
        """It is not for that sent by the server of the letter's personal mailbox."""
        mailbox = self._legacy()
        mailbox.user_id = self.boss
        server = mailbox.mail_server_id
        letter = self._receive(mailbox)

        def get_servers(message):
            mails = self.env["mail.mail"].sudo().search([("mail_message_id", "in", message.ids)])
            self.assertTrue(mails)
            for mail in mails:
                mail.mail_server_id = server
            return {
                server_id for server_id, *_rest in mails.with_user(self.env.ref("base.user_root"))
                ._split_by_mail_configuration()
            }  # fmt: skip

        notified = (
            self.env["mail.thread"]
            .with_user(self.user_sub)
            .with_context(mail_notify_force_send=False)
            .message_notify(
                model="partner.letter",
                res_id=letter.id,
                partner_ids=self.person.ids,
                email_from="Boss <boss@our.example.com>",
                subject="Pay to this account",
                body="Now",
                force_send=False,
            )
        )
        self.assertEqual(get_servers(notified), {False})
        mailbox.access_ids = [Command.create({"user_id": self.user_sales.id, "level": "see"})]
        composer = (
            self.env["mail.compose.message"]
            .with_user(self.user_sales)
            .with_context(active_ids=letter.ids, active_model="partner.letter")
            .create(
                {
                    "composition_mode": "mass_mail",
                    "model": "partner.letter",
                    "res_ids": repr(letter.ids),
                    "partner_ids": [Command.set(self.person.ids)],
                    "email_from": "Boss <boss@our.example.com>",
                    "subject": "Pay to this account",
                    "body": "Now",
                    "force_send": False,
                }
            )
        )
        before = self.env["mail.mail"].sudo().search([])
        composer._action_send_mail()
        mails = self.env["mail.mail"].sudo().search([]) - before
        self.assertTrue(mails)
        self.assertEqual(get_servers(mails.mail_message_id), {False})

    @mute_logger(*LOUD)
    def test_who_else_sends_by_a_server(self):
        """A manager who may not see templates is told that there are some, not which."""
        mailbox = self._create_mine(
            email="sales2@our.example.com", out_host="smtp.mine.example", out_encryption="starttls"
        )
        server = mailbox.sudo().mail_server_id
        server.write({"active": True, "is_untested": False})
        self.env["mail.template"].create({"name": "Secret Plan", "mail_server_id": server.id})
        with self.assertRaisesRegex(UserError, "templates or mailings") as caught:
            mailbox.out_host = "smtp.other.example"
        self.assertNotIn("Secret Plan", str(caught.exception))
