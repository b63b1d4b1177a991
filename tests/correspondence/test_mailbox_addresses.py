import doctest
import socket
from importlib.util import module_from_spec, spec_from_file_location
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo import tools
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import BaseCase, new_test_user, tagged
from odoo.tools import file_path, mute_logger

from odoo.addons.partner_relations.hooks import rest_mailbox_servers
from odoo.addons.partner_relations.models.correspondence import partner_mailbox_server
from odoo.addons.partner_relations.tools import from_filter

from .mailing_in import LetterCommon
from .test_mailbox_connection import imap, smtp

LOUD = ("odoo.addons.base.models.ir_mail_server", "odoo.addons.base.models.ir_rule")


@tagged("post_install", "-at_install")
class TestFromFilter(BaseCase):
    def test_doctests(self):
        failures, count = doctest.testmod(from_filter)
        self.assertEqual(failures, 0)
        self.assertGreater(count, 7)


class AddressCommon(LetterCommon):
    """``user_sales2`` is a salesperson without a mailbox; ``boss`` is a director, whose address others would like."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.boss = cls.user_director
        cls.boss.email = "boss@our.example.com"
        cls.user_sales2.email = "sales2@our.example.com"
        cls.env["ir.mail_server"].search([]).active = False
        cls.domain = cls.env["mail.alias.domain"].create(
            {
                "name": "our.example.com",
                "bounce_alias": "back",
                "catchall_alias": "all",
                "default_from": "odoo-mail",
            }
        )
        cls.mine = cls.env["partner.mailbox"].with_user(cls.user_sales2)
        # nothing is sent: the servers are those of the tests
        cls.startClassPatcher(
            patch.object(type(cls.env["ir.mail_server"]), "_disable_send", return_value=False)
        )
        cls.startClassPatcher(patch.object(partner_mailbox_server, "TEST_TIMEOUT", 2))

    def _create_mine(self, **values):
        return self.mine.create({"name": "Mine", "kind": "personal", **values})

    def _legacy(self, email="boss@our.example.com", **values):
        """A personal mailbox from before addresses were asked about, whose server was in use."""
        mailbox = self._create_mailbox(
            "Legacy", kind="personal", user_id=self.user_sales2.id, email=email, **values
        )
        server = self.env["ir.mail_server"].create(
            {"name": "Legacy", "smtp_host": "evil.example.net", "from_filter": email}
        )
        mailbox.mail_server_id = server
        self.assertTrue(server.active)
        return mailbox


@tagged("post_install", "-at_install")
class TestMailboxAddresses(AddressCommon):
    """Nobody gets hold of somebody else's mail by giving the own mailbox the other's address."""

    def _get_foreign_addresses(self):
        """Addresses of others, and the sort of them."""
        left = self._create_user("relations_left", "base.group_user", email="left@our.example.com")
        left.active = False
        abroad = {"company_id": self.company2.id, "company_ids": [Command.set(self.company2.ids)]}
        self._create_user("relations_abroad", "base.group_user", email="abroad@our.example.com", **abroad)
        new_test_user(
            self.env, "relations_portal", groups="base.group_portal", email="customer@else.example.com"
        )
        new_test_user(self.env, "login@our.example.com", groups="base.group_user", email=False)
        self.company2.email = "second@our.example.com"
        self.env["mail.alias"].create(
            {
                "alias_name": "jobs",
                "alias_domain_id": self.domain.id,
                "alias_model_id": self.env["ir.model"]._get_id("crm.lead"),
            }
        )
        # goes by its name in each domain
        self.env["mail.alias"].create(
            {
                "alias_name": "anywhere",
                "alias_domain_id": self.domain.id,
                "alias_incoming_local": True,
                "alias_model_id": self.env["ir.model"]._get_id("crm.lead"),
            }
        )
        self._create_mailbox("Old", email="old@our.example.com", active=False)
        self._create_mailbox(
            "Abroad",
            alias_name="abroad",
            alias_domain_id=self.env["mail.alias.domain"].create({"name": "abroad.example.com"}).id,
            company_id=self.company2.id,
        )
        return (
            "boss@our.example.com",
            "Boss <BOSS@our.example.com>",
            "left@our.example.com",
            "abroad@our.example.com",
            "customer@else.example.com",
            "login@our.example.com",
            "second@our.example.com",
            "jobs@our.example.com",
            "anywhere@else.example.net",
            "all@our.example.com",
            "back@our.example.com",
            "odoo-mail@our.example.com",
            "old@our.example.com",
            "abroad@abroad.example.com",
        )

    def test_addresses_of_others(self):
        free = self._create_mine(email="free@our.example.com")
        own = self._create_mine(email="Me <sales2@our.example.com>")
        for address in self._get_foreign_addresses():
            with self.subTest(address=address):
                for call in (
                    lambda address=address: self._create_mine(email=address),
                    lambda address=address: free.write({"email": address}),
                    lambda address=address: own.write({"email": address, "out_host": "smtp.example.com"}),
                ):
                    with self.assertRaisesRegex(ValidationError, "@.*Mine.*director"), self.cr.savepoint():
                        call()
        # of two that are in use the database keeps one
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
            self._create_mine(email="service@our.example.com")
        self.assertEqual(free.email, "free@our.example.com")
        # the own one, once more, and one that nobody has
        own.write({"email": "sales2@our.example.com", "name": "Still mine"})
        free.email = "freer@our.example.com"

    def test_sender_of_the_server(self):
        """The address by which the server writes, by its configuration, is nobody's."""
        self._create_mine(email="free@our.example.com")
        with (
            patch.dict(tools.config.options, {"email_from": "Odoo <Server@our.example.com>"}),
            self.assertRaisesRegex(ValidationError, "belongs to Odoo's own mail"),
        ):
            self._create_mine(email="server@our.example.com")

    def test_an_address_that_was_made_the_own_one(self):
        """Users write their own address: that does not take it from who has it."""
        self.user_sales2.with_user(self.user_sales2).email = "boss@our.example.com"
        with self.assertRaisesRegex(ValidationError, "belongs to another user"), self.cr.savepoint():
            self._create_mine(email="boss@our.example.com")

    def test_aliases(self):
        values = {"alias_domain_id": self.domain.id}
        with self.assertRaisesRegex(ValidationError, "boss@our.example.com"), self.cr.savepoint():
            self._create_mine(alias_name="boss", **values)
        mailbox = self._create_mine(alias_name="free", email="free@our.example.com", **values)
        self.assertEqual(mailbox.alias_email, "free@our.example.com")
        with self.assertRaisesRegex(ValidationError, "boss@our.example.com"), self.cr.savepoint():
            mailbox.alias_name = "boss"
        with self.assertRaises(AccessError), self.cr.savepoint():
            mailbox.alias_defaults = repr({"mailbox_id": self.mailbox.id})
        # nor whose mail comes to it
        for more in (
            {"alias_incoming_local": True},
            {"alias_force_thread_id": 1},
            {"alias_contact": "followers"},
        ):
            with self.subTest(more=more):
                with self.assertRaises(AccessError), self.cr.savepoint():
                    self._create_mine(alias_name="loose", **values, **more)
                with self.assertRaises(AccessError), self.cr.savepoint():
                    mailbox.write(more)
        mine = self.mine.with_context(default_alias_incoming_local=True)
        mailbox = mine.create({"name": "Loose", "kind": "personal", "alias_name": "loose", **values})
        self.assertEqual(mailbox.sudo().alias_id.alias_name, "loose")
        self.assertFalse(mailbox.sudo().alias_id.alias_incoming_local)
        self.assertEqual(mailbox.env, mine.env)

    def test_who_manages_a_shared_mailbox(self):
        """Neither gives it somebody's address nor makes it a mailbox of its own; a director does."""
        self.mailbox.access_ids = [Command.create({"user_id": self.user_sales2.id, "level": "manage"})]
        shared = self.mailbox.with_user(self.user_sales2)
        shared.email = "service2@our.example.com"
        with self.assertRaisesRegex(ValidationError, "boss@our.example.com"), self.cr.savepoint():
            shared.email = "boss@our.example.com"
        with self.assertRaises(AccessError), self.cr.savepoint():
            shared.write({"kind": "personal", "user_id": self.user_sales2.id})
        mine = self._create_mine(
            email="free@our.example.com",
        )
        mine.access_ids = [Command.create({"user_id": self.user_sales2.id, "level": "manage"})]
        with self.assertRaises(AccessError), self.cr.savepoint():
            mine.write({"kind": "shared", "user_id": False})
        director = self.mailbox.with_user(self.boss)
        director.email = "sales2@our.example.com"
        # which stays, whoever changes something else
        shared.name = "Renamed"
        self.assertEqual(self.mailbox.email, "sales2@our.example.com")

    def test_hand_over(self):
        """Who hands a mailbox over keeps no right in it, nor gives it with an address of somebody."""
        mailbox = self._create_mine(email="sales2@our.example.com")
        mailbox.access_ids = [Command.create({"user_id": self.user_sales2.id, "level": "manage"})]
        for email in ("sales2@our.example.com", "boss@our.example.com"):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                mailbox.write({"user_id": self.boss.id, "email": email})
        mailbox.write(
            {
                "user_id": self.user_sub.id,
                "email": "free@our.example.com",
                "access_ids": [Command.create({"user_id": self.user_sales.id, "level": "manage"})],
            }
        )
        self.assertFalse(self.env["partner.mailbox.access"].search([("mailbox_id", "=", mailbox.id)]))
        self.assertFalse(mailbox.has_access("read"))
        self.assertTrue(mailbox.with_user(self.user_sub).has_access("write"))

    def test_unarchived(self):
        """An address that went to somebody else meanwhile does not come back with the mailbox."""
        mailbox = self._create_mine(email="free@our.example.com")
        mailbox.action_archive()
        self.user_sub.email = "free@our.example.com"
        with self.assertRaisesRegex(ValidationError, "free@our.example.com"), self.cr.savepoint():
            mailbox.action_unarchive()
        mailbox.email = "freer@our.example.com"
        mailbox.action_unarchive()
        self.assertTrue(mailbox.active)

    # ------------------------------------------------------------------
    # Mail of others from an address that a mailbox has
    # ------------------------------------------------------------------
    def _send_as(self, user, email_from="boss@our.example.com", **values):
        """A message to the customer that somebody posts.

        :return: its mail
        """
        # who wrote before follows, and would get a mail too
        self.customer.message_unsubscribe(self.customer.message_partner_ids.ids)
        message = self.customer.with_user(user).message_post(
            body="Confidential",
            subject="Confidential",
            email_from=email_from,
            partner_ids=self.person.ids,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            force_send=False,
            **values,
        )
        mail = self.env["mail.mail"].sudo().search([("mail_message_id", "=", message.id)])
        self.assertEqual(len(mail), 1)
        return mail.with_user(self.env.ref("base.user_root"))

    def _get_server(self, mail):
        [(server_id, _domain, _sender, _ids)] = list(mail._split_by_mail_configuration())
        return self.env["ir.mail_server"].browse(server_id or [])

    def _letters(self, mailbox):
        return self.env["partner.letter"].search([("mailbox_id", "=", mailbox.id)])

    def test_mail_of_others(self):
        """It leaves by no server of a personal mailbox, and becomes no letter there."""
        mailbox = self._legacy()
        for user in (self.boss, self.user_sales, self.env.ref("base.user_root")):
            with self.subTest(user=user.login):
                mail = self._send_as(user)
                self.assertEqual(mail.email_from, "boss@our.example.com")
                self.assertFalse(self._get_server(mail))
                self.assertFalse(self._letters(mailbox))
        # nor mail that is sent without a record of it
        self.assertFalse(self.env["ir.mail_server"]._find_mail_server("boss@our.example.com")[0])
        self.assertFalse(self.env["ir.mail_server"]._find_mail_server("x@else.example.net")[0])

    def test_mail_of_the_owner(self):
        mailbox = self._legacy("sales2@our.example.com")
        mail = self._send_as(self.user_sales2, "sales2@our.example.com")
        self.assertEqual(self._get_server(mail), mailbox.mail_server_id)
        self.assertEqual(self._letters(mailbox).message_id, mail.message_id)
        other = self._send_as(self.user_sales2, "service@our.example.com")
        self.assertFalse(self._get_server(other))

    def test_forced_server(self):
        """Naming the server of a personal mailbox sends by it what the owner wrote, and answers to its letters."""
        mailbox = self._legacy()
        server = mailbox.mail_server_id

        def get_forced(user, mail_server_id=server.id):
            mail = self._send_as(user, mail_server_id=mail_server_id)
            # also one that was named afterwards
            mail.mail_server_id = server
            return self._get_server(mail)

        self.assertFalse(get_forced(self.boss))
        self.assertFalse(get_forced(self.boss, False))
        self.assertEqual(get_forced(self.user_sales2), server)
        # a right in the mailbox that its owner gives to somebody is none over the mail of who has it
        mailbox.access_ids = [Command.create({"user_id": self.boss.id, "level": "reply"})]
        self.assertFalse(get_forced(self.boss))
        self.assertFalse(self._get_server(self._send_as(self.boss)))
        self.assertEqual(self._letters(mailbox).mail_message_id.create_uid, self.user_sales2)
        letter = self._receive(mailbox)
        for user in (self.boss, self.user_sub):
            letter.user_id = user
            message = letter.with_user(user).message_post(
                body="Answer",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                partner_ids=self.person.ids,
                force_send=False,
            )
            mail = self.env["mail.mail"].sudo().search([("mail_message_id", "=", message.id)])
            self.assertEqual(self._get_server(mail), server, "who may answer a letter, also as its executor")

    def test_shared_mailbox(self):
        """Of a shared one it is as ever: all mail from its address is its letter and leaves by its server."""
        server = self.env["ir.mail_server"].create(
            {"name": "Shared", "smtp_host": "smtp.example.com", "from_filter": "service@our.example.com"}
        )
        self.mailbox.mail_server_id = server
        mail = self._send_as(self.user_sub, "service@our.example.com")
        self.assertEqual(self._get_server(mail), server)
        self.assertEqual(self._letters(self.mailbox).message_id, mail.message_id)

    # ------------------------------------------------------------------
    # Servers
    # ------------------------------------------------------------------
    @mute_logger(*LOUD)
    def test_no_server_before_its_test(self):
        mailbox = self._create_mine(email="sales2@our.example.com", out_host="evil.example.net")
        server = mailbox.sudo().mail_server_id
        self.assertEqual((server.active, mailbox.out_state), (False, "draft"))
        mail = self._send_as(self.user_sales2, "sales2@our.example.com")
        self.assertFalse(self._get_server(mail))
        with smtp() as port, patch.object(partner_mailbox_server, "OUT_PORTS", {port}):
            mailbox.write({"out_host": "127.0.0.1", "out_port": port, "out_encryption": "none"})
            self.assertFalse(server.active)
            mailbox.action_test_outgoing()
        self.assertEqual((server.active, mailbox.out_state), (True, "done"))
        self.assertEqual(self._get_server(mail), server)
        # what is tried and fails does not count, and another server has to be tested again
        for values in ({"out_port": 587}, {"out_user": "else"}, {"out_password": "else"}):
            server.active = True
            mailbox.write(values)
            self.assertFalse(server.active, values)
            with (
                patch.object(socket, "create_connection", side_effect=OSError("refused")),
                self.assertRaises(UserError),
            ):
                mailbox.action_test_outgoing()
            self.assertFalse(server.active, values)
        # of an unused server nothing asks, and letters leave all the same
        letter = self._receive(mailbox.sudo()).with_user(self.user_sales2)
        letter.message_post(
            body="Answer",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=self.person.ids,
        )
        answer = self.env["mail.mail"].sudo().search([("model", "=", "partner.letter")], limit=1)
        self.assertFalse(answer.mail_server_id)

    def test_ports(self):
        """Through the tests of a mailbox nobody finds out what else runs in the house."""
        mailbox = self._create_mine(email="sales2@our.example.com")
        for values in (
            {"in_host": "10.0.0.1", "in_port": 6379},
            {"in_host": "10.0.0.1", "in_port": 587},
            {"out_host": "10.0.0.1", "out_port": 5432},
            {"out_host": "10.0.0.1", "out_port": 993},
        ):
            with self.assertRaisesRegex(UserError, "usual ports of mail"), self.cr.savepoint():
                mailbox.write(values)
            with self.assertRaisesRegex(UserError, "usual ports of mail"), self.cr.savepoint():
                self._create_mine(**values)
        mailbox.write({"in_host": "10.0.0.1", "in_port": 0, "out_host": "10.0.0.1", "out_port": 2525})
        self.assertEqual((mailbox.in_port, mailbox.out_port), (993, 2525))
        # from before ports were asked about
        mailbox.sudo().fetchmail_server_id.port = 6379
        mailbox.sudo().mail_server_id.smtp_port = 5432
        with patch.object(socket, "create_connection", side_effect=AssertionError("it was connected")):
            for test in (mailbox.action_test_incoming, mailbox.action_test_outgoing):
                with self.assertRaisesRegex(UserError, "usual ports of mail"):
                    test()
        self.mailbox.with_user(self.boss).write({"in_host": "10.0.0.1", "in_port": 10993})
        self.assertEqual(self.mailbox.fetchmail_server_id.port, 10993)

    @mute_logger(*LOUD)
    def test_words_of_the_other_side(self):
        """A director reads what a server says; others only what kind of error it is."""
        mailbox = self._create_mine(email="sales2@our.example.com")
        shared = self.mailbox.with_user(self.boss)
        said = {}
        with imap(login=b"NO") as port, patch.object(partner_mailbox_server, "IN_PORTS", {port}):
            for one in (mailbox, shared):
                one.write(
                    {
                        "in_host": "127.0.0.1",
                        "in_port": port,
                        "in_ssl": False,
                        "in_user": "x",
                        "in_password": "y",
                    }
                )
                with self.assertRaisesRegex(UserError, "Incoming Password") as caught:
                    one.action_test_incoming()
                said[one.env.user, "in"] = str(caught.exception)
        with (
            smtp(sender=b"553 as the test wants") as port,
            patch.object(partner_mailbox_server, "OUT_PORTS", {port}),
        ):
            for one in (mailbox, shared):
                one.write({"out_host": "127.0.0.1", "out_port": port, "out_encryption": "none"})
                with self.assertRaisesRegex(UserError, "does not send for") as caught:
                    one.action_test_outgoing()
                said[one.env.user, "out"] = str(caught.exception)
        for (user, way), text in said.items():
            with self.subTest(user=user.login, way=way):
                self.assertEqual("as the test wants" in text, user == self.boss, text)
        for one in (mailbox, shared):
            one.sudo().fetchmail_server_id.write(
                {"error_date": "2026-11-02 10:00:00", "error_message": "as the test wants"}
            )
            one.invalidate_recordset()
            self.assertEqual("as the test wants" in one.in_error, one == shared)
            self.assertTrue(one.in_error)

    def test_changed_alias(self):
        """An administrator renames the alias of a mailbox, or the domain: its letters are known by the new address."""
        mailbox = self._create_mailbox("Help", alias_name="help-desk", alias_domain_id=self.domain.id)
        addresses = mailbox._get_addresses
        self.assertEqual(addresses().get("help-desk@our.example.com"), mailbox.id)
        mailbox.alias_id.alias_name = "help-line"
        self.assertEqual(addresses().get("help-line@our.example.com"), mailbox.id)
        self.assertNotIn("help-desk@our.example.com", addresses())
        self.domain.name = "new.example.com"
        self.assertEqual(addresses().get("help-line@new.example.com"), mailbox.id)

    # ------------------------------------------------------------------
    # Archived mailboxes
    # ------------------------------------------------------------------
    def test_archived(self):
        """Its servers rest: the outgoing one is nobody's last resort, the incoming one fetches no more."""
        server = self.env["ir.mail_server"].create(
            {"name": "Shared", "smtp_host": "smtp.example.com", "from_filter": "service@our.example.com"}
        )
        self.mailbox.write({"mail_server_id": server.id, "in_host": "imap.example.com", "in_user": "x"})
        fetching = self.mailbox.fetchmail_server_id
        fetching.state = "done"
        find = self.env["ir.mail_server"]._find_mail_server
        self.assertEqual(find("service@our.example.com")[0], server)
        director = self.mailbox.with_user(self.boss)
        director.action_archive()
        self.assertEqual((server.active, fetching.active), (False, False))
        self.assertNotIn(fetching, fetching.search([("state", "=", "done")]))
        # also one that somebody switches on again, or that was on before
        server.active = True
        self.assertFalse(find("x@else.example.net")[0])
        # a letter that is under way is not lost
        threads = self.env["mail.thread"].with_context(default_fetchmail_server_id=fetching.id)
        letter_id = threads.message_process("partner.letter", self._make(to="nobody@else.net").as_bytes())
        self.assertEqual(self.env["partner.letter"].browse(letter_id).mailbox_id, self.mailbox)
        server.active = False
        server.is_untested = False
        director.action_unarchive()
        self.assertEqual((server.active, fetching.active, fetching.state), (True, True, "done"))
        # an untested server comes back as what it was
        director.write({"out_host": "other.example.com"})
        director.action_archive()
        director.action_unarchive()
        self.assertFalse(server.active)
        # what an administrator switched off stays so, whoever corrects the address
        fetching.active = False
        director.email = "help@our.example.com"
        self.assertFalse(fetching.active)
        director.active = True
        self.assertFalse(fetching.active)

    def test_new_password_of_a_server_in_use(self):
        """Odoo lets no server rest that a template names: a password is taken, another server is not."""
        mailbox = self._create_mine(email="sales2@our.example.com")
        server = self.env["ir.mail_server"].create(
            {"name": "Used", "smtp_host": "smtp.example.com", "smtp_user": "x", "from_filter": mailbox.email}
        )
        mailbox.sudo().mail_server_id = server
        self.env["mail.template"].create(
            {
                "name": "Names it",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "mail_server_id": server.id,
            }
        )
        mailbox.out_password = "new"
        self.assertEqual((server.smtp_pass, server.active, server.is_untested), ("new", True, False))
        with self.assertRaisesRegex(UserError, "Mine.*templates or mailings"), self.cr.savepoint():
            mailbox.out_host = "else.example.com"

    def test_uninstalled(self):
        """Nobody fetches letters for which there is no mailbox any more, nor sends by a personal one's server."""
        mine = self._create_mine(email="sales2@our.example.com")
        for mailbox, name in ((self.mailbox, "Shared"), (mine, "Mine")):
            server = self.env["ir.mail_server"].create({"name": name, "smtp_host": "smtp.example.com"})
            mailbox.sudo().write({"mail_server_id": server.id, "in_host": "imap.example.com", "in_user": "x"})
        own = self.env["ir.mail_server"].create({"name": "Odoo's", "smtp_host": "smtp.example.com"})
        mailboxes = (self.mailbox + mine).sudo()
        incoming, outgoing = mailboxes.fetchmail_server_id, mailboxes.mail_server_id
        incoming.state = "done"
        self.assertEqual(incoming.mapped("active") + outgoing.mapped("active"), [True] * 4)
        rest_mailbox_servers(self.env)
        self.assertEqual(incoming.mapped("active") + outgoing.mapped("active"), [False] * 4)
        self.assertTrue(own.active)

    def test_archived_before(self):
        """What an upgrade does with mailboxes that were archived while their servers went on."""
        server = self.env["ir.mail_server"].create(
            {"name": "Shared", "smtp_host": "smtp.example.com", "from_filter": "service@our.example.com"}
        )
        self.mailbox.write({"mail_server_id": server.id, "in_host": "imap.example.com"})
        self.env.flush_all()
        self.cr.execute("UPDATE partner_mailbox SET active = FALSE WHERE id = %s", [self.mailbox.id])
        self.env.invalidate_all()
        self.assertTrue(server.active and self.mailbox.fetchmail_server_id.active)
        self.assertFalse(self.env["ir.mail_server"]._find_mail_server("x@else.example.net")[0])
        off = self.env["ir.mail_server"].create({"name": "Off", "smtp_host": "x", "active": False})
        self._create_mailbox("Info", email="info@our.example.com", mail_server_id=off.id)
        used = self.env["ir.mail_server"].create({"name": "Used", "smtp_host": "x"})
        old = self._create_mailbox("Old", email="old@our.example.com", mail_server_id=used.id)
        old.write({"in_host": "imap.example.com"})
        self.env["mail.template"].create(
            {
                "name": "Names it",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "mail_server_id": used.id,
            }
        )
        self.env.flush_all()
        self.cr.execute("UPDATE partner_mailbox SET active = FALSE WHERE id = %s", [old.id])
        self.cr.execute("UPDATE ir_mail_server SET is_untested = NULL, active = (id <> %s)", [off.id])
        self.env.invalidate_all()
        path = file_path("partner_relations/migrations/19.0.1.8.0/end-mailbox_servers.py")
        spec = spec_from_file_location("end_mailbox_servers", path)
        script = module_from_spec(spec)
        spec.loader.exec_module(script)
        with self.assertLogs("end_mailbox_servers", "WARNING") as caught:
            script.migrate(self.cr, "19.0.1.7.0")
        self.env.invalidate_all()
        self.assertIn("Names it", caught.output[0])
        self.assertFalse(server.active or self.mailbox.fetchmail_server_id.active)
        self.assertEqual((used.active, old.fetchmail_server_id.active), (True, False))
        self.assertEqual((off.active, off.is_untested), (False, True), "nobody has tested it")

    def test_a_server_of_two_mailboxes(self):
        server = self.env["ir.mail_server"].create(
            {
                "name": "Two",
                "smtp_host": "smtp.example.com",
                "from_filter": "service@our.example.com,info@our.example.com",
            }
        )
        info = self._create_mailbox("Info", email="info@our.example.com", mail_server_id=server.id)
        self.mailbox.mail_server_id = server
        info.active = False
        self.assertTrue(server.active)
        self.mailbox.email = "help@our.example.com"
        self.assertEqual(server.from_filter, "help@our.example.com,info@our.example.com")
        info.unlink()
        self.assertTrue(server.active)
        self.mailbox.in_host = "imap.example.com"
        incoming = self.mailbox.fetchmail_server_id
        self.assertTrue(incoming)
        self.mailbox.unlink()
        self.assertFalse(server.active)
        self.assertFalse(incoming.exists(), "it would fetch letters that have no place")

    @mute_logger(*LOUD)
    def test_address_after_the_server(self):
        """The server sends for the address that the mailbox has, whenever it was entered."""
        find = self.env["ir.mail_server"]._find_mail_server
        mailbox = self._create_mailbox("Late").with_user(self.boss)
        with smtp() as port:
            mailbox.write({"out_host": "127.0.0.1", "out_port": port, "out_encryption": "none"})
            with self.assertRaisesRegex(UserError, "E-mail Address"):
                mailbox.action_test_outgoing()
            mailbox.email = "late@our.example.com"
            server = mailbox.sudo().mail_server_id
            self.assertEqual((server.from_filter, server.active), ("late@our.example.com", False))
            mailbox.action_test_outgoing()
        self.assertEqual(find("late@our.example.com")[0], server)
        mailbox.email = "later@our.example.com"
        self.assertEqual(find("later@our.example.com")[0], server)
        self.assertFalse(find("late@our.example.com")[0])
        mailbox.email = False
        self.assertFalse(server.active, "without an address nothing says what it sends")
