from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .mailing_in import LetterCommon

SECRET = "Confidential takeover"


@tagged("post_install", "-at_install")
class TestLetterRights(LetterCommon):
    """Who has no right in a mailbox finds nothing of its letters, by no call of the web client."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.letter = cls._receive(
            message=cls._make(subject=SECRET, body=f"The {SECRET} price", files=[("secret.pdf", b"%PDF")])
        )
        cls.own = cls._create_mailbox(
            "Own", kind="personal", user_id=cls.user_sub.id, email="sub@our.example.com"
        )
        cls.private = cls._receive(cls.own, cls._make(subject=f"{SECRET} private"))

    def _assert_finds_nothing(self, user, letter):
        user.group_ids = [Command.link(self.env.ref("base.group_allow_export").id)]
        env = self.env(user=user)
        letters = env["partner.letter"]
        domain = [("id", "=", letter.id)]
        self.assertFalse(letters.web_search_read(domain, {"name": {}})["records"])
        self.assertFalse(letters.search_count(domain))
        self.assertFalse(letters.name_search(SECRET, domain))
        self.assertFalse(letters.search([("name", "ilike", SECRET), *domain]))
        self.assertFalse(letters.formatted_read_group(domain, ["mailbox_id"], ["__count"]))
        self.assertFalse(letters.search([("mailbox_id", "=", letter.mailbox_id.id)]))
        mine = letters.browse(letter.id)
        for call in (
            lambda: mine.read(["name"]),
            lambda: mine.web_read({"body": {}}),
            lambda: mine.export_data(["name"]),
            lambda: mine.write({"state": "done"}),
            mine.action_done,
            mine.action_reply,
            lambda: mine.message_post(body="Hello"),
            mine.unlink,
        ):
            with self.assertRaises(AccessError):
                call()
        messages = env["mail.message"]
        domain = [("model", "=", "partner.letter"), ("res_id", "=", letter.id)]
        self.assertFalse(messages.search(domain))
        self.assertFalse(messages.search([("subject", "ilike", SECRET), ("res_id", "=", letter.id)]))
        message = letter.message_ids.filtered(lambda message: message.message_type == "email")
        with self.assertRaises(AccessError):
            messages.browse(message.id).read(["body"])
        attachments = env["ir.attachment"]
        self.assertFalse(
            attachments.search([("res_model", "=", "partner.letter"), ("res_id", "=", letter.id)])
        )
        self.assertFalse(env["mail.activity"].search([("res_model", "=", "partner.letter")]))
        log = env["partner.contact.log"].sudo().search([("message_id", "=", message.id)]).sudo(False)
        self.assertFalse(
            env["partner.contact.log"].search([("name", "ilike", SECRET), ("id", "in", log.ids)])
        )
        if log.has_access("read"):
            values = log.read(["name", "preview", "document_name", "display_name"])[0]
            self.assertNotIn(SECRET, str(values))

    def test_a_document_that_is_hidden_cannot_be_linked(self):
        """Its name would show on the letter; a lead of a colleague stays the colleague's."""
        self.user_sales.group_ids += self.env.ref("sales_team.group_sale_salesman")
        hidden, own = self.env["crm.lead"].create(
            [
                {"name": SECRET, "type": "opportunity", "user_id": self.user_sales2.id},
                {"name": "Own", "type": "opportunity", "user_id": self.user_sales.id},
            ]
        )
        letter = self.letter.with_user(self.user_sales)
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            letter.lead_id = hidden
        letter.lead_id = own
        self.assertEqual(self.letter.lead_id, own)

    def test_stranger(self):
        self._assert_finds_nothing(self.user_sales2, self.letter)
        with self.assertRaises(AccessError):
            self.env["ir.attachment"].with_user(self.user_sales2).browse(self.letter.attachment_ids.ids).read(
                ["datas"]
            )

    def test_plain_employee(self):
        user = self._create_user("relations_letter_employee", "base.group_user")
        with self.assertRaises(AccessError):
            self.env["partner.letter"].with_user(user).search([])
        with self.assertRaises(AccessError):
            self.letter.with_user(user).read(["name"])

    def test_personal(self):
        """Neither colleagues nor superiors nor directors see the letters of a personal mailbox."""
        for user in (self.user_sales2, self.user_supervisor, self.user_director):
            self._assert_finds_nothing(user, self.private)
        self.assertEqual(self.private.with_user(self.user_sub).name, f"{SECRET} private")

    def test_levels(self):
        access = self.mailbox.access_ids
        reader = self.letter.with_user(self.user_sales)
        self.assertEqual(reader.name, SECRET)
        self.assertIn("price", reader.body)
        self.assertTrue(reader.attachment_ids.read(["datas"]))
        reader.write({"importance": "2"})
        with self.assertRaises(AccessError):
            reader.unlink()
        access.level = "see"
        self.assertEqual(reader.name, SECRET)
        for call in (reader.action_done, reader.action_reply, lambda: reader.write({"importance": "1"})):
            with self.assertRaises(AccessError):
                call()
        access.unlink()
        with self.assertRaises(AccessError):
            reader.read(["name"])

    def test_registered_by_hand(self):
        """Who may answer for a mailbox registers a letter on paper by the form; its words stay with the mailbox."""
        form = Form(self.env["partner.letter"].with_user(self.user_sales))
        form.name = SECRET
        form.partner_id = self.person
        letter = form.save()
        self.assertRecordValues(letter, [{"mailbox_id": self.mailbox.id, "kind": "letter", "state": "new"}])
        self.customer.user_id = self.user_sales2
        entry = self.env["partner.contact.log"].search([("partner_id", "=", self.person.id)], limit=1)
        self.assertEqual(entry.source_id, letter.id)
        self.assertEqual(entry.with_user(self.user_sales2).name, "Letter")
        self.assertEqual(entry.with_user(self.user_director).name, SECRET)
        for user, found in ((self.user_sales2, 0), (self.user_director, 1)):
            logs = self.env["partner.contact.log"].with_user(user)
            self.assertEqual(
                logs.search_count([("name", "ilike", SECRET), ("id", "=", entry.id)]), found, user.name
            )

    def test_group(self):
        group = self.env["res.groups"].create({"name": "Letter readers"})
        self.mailbox.access_ids = [Command.create({"group_id": group.id, "level": "reply"})]
        letter = self.letter.with_user(self.user_sales2)
        self.assertFalse(letter.has_access("read"))
        self.user_sales2.group_ids = [Command.link(group.id)]
        self.assertTrue(letter.has_access("write"))
        self.user_sales2.group_ids = [Command.unlink(group.id)]
        self.assertFalse(letter.has_access("read"))

    def test_executor(self):
        """Whoever is to answer a letter may, without a right in the mailbox; no other letter shows."""
        self.letter.write({"user_id": self.user_sub.id})
        other = self._receive()
        letters = self.env["partner.letter"].with_user(self.user_sub)
        self.assertEqual(letters.search([("mailbox_id", "=", self.mailbox.id)]), self.letter)
        self.assertTrue(self.letter.with_user(self.user_sub).has_access("write"))
        self.assertFalse(other.with_user(self.user_sub).has_access("read"))
        self.letter.user_id = self.user_sales
        self.assertFalse(self.letter.with_user(self.user_sub).has_access("read"))

    def test_superior(self):
        """A superior sees what subordinates have to answer, but not in their personal mailboxes."""
        letters = self.env["partner.letter"].with_user(self.user_supervisor)
        self.assertFalse(letters.search([]))
        self.letter.user_id = self.user_sub
        self.assertEqual(letters.search([]), self.letter)
        self.assertEqual(letters.search([("in_my_team", "=", True)]), self.letter)
        self.private.user_id = self.user_sub
        self.assertEqual(letters.search([]), self.letter)
        director = self.env["partner.letter"].with_user(self.user_director)
        self.assertEqual(director.search([]), self.letter)

    def test_companies(self):
        """A director of one company sees nothing of the other's, also when both are switched on for another."""
        foreign = self._create_mailbox(
            "Foreign", company_id=self.company2.id, email="foreign@our.example.com"
        )
        letter = self._receive(foreign, self._make(subject=f"{SECRET} abroad"))
        self.assertEqual(letter.company_id, self.company2)
        self._assert_finds_nothing(self.user_director, letter)
        self.assertEqual(self.user_director._get_mailbox_levels().get(self.mailbox.id), "manage")
        self.assertNotIn(foreign.id, self.user_director._get_mailbox_levels())
        both = self._create_user(
            "relations_letter_both",
            "partner_relations.group_director",
            company_ids=[Command.set((self.company | self.company2).ids)],
        )
        letters = self.env["partner.letter"].with_user(both)
        self.assertNotIn(letter, letters.with_context(allowed_company_ids=self.company.ids).search([]))
        self.assertIn(letter, letters.with_context(allowed_company_ids=self.company2.ids).search([]))

    def test_no_foreign_message(self):
        """Nobody hangs a message that is not for the user on a letter to read it there."""
        letter = self._receive().with_user(self.user_sales)
        secret = self.private.message_ids[:1]
        with self.assertRaises(AccessError):
            letter.write({"mail_message_id": secret.id})
        with self.assertRaises(AccessError):
            letter.read(["mail_message_id"])
        for name in ("parent_id", "thread_id", "message_id", "kind"):
            with self.assertRaises(AccessError):
                letter.write({name: self.private.id})
        # nor by the defaults of a call that has a letter registered with all rights
        letters = letter.env["partner.letter"].sudo()
        made = letters.with_context(default_mail_message_id=secret.id).create({"mailbox_id": self.mailbox.id})
        self.assertFalse(made.mail_message_id)
        letter.with_context(default_message_ids=[Command.set(secret.ids)]).message_post(
            body="Tomorrow",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=self.person.ids,
        )
        self.assertTrue(letter.sudo().answer_ids)
        self.env.flush_all()
        secret.invalidate_recordset()
        self.assertEqual(secret.res_id, self.private.id)
        with self.assertRaises(AccessError):
            letter.mailbox_id = self.own
        with self.assertRaises(AccessError):
            self.env["partner.letter"].with_user(self.user_sales).create(
                {"name": "Mine", "mailbox_id": self.own.id}
            )

    def test_ids_that_are_no_numbers(self):
        """A dialog is pointed at a mailbox by its id alone, however a call writes it: its name would be told."""
        values = {"subject": "Offer", "partner_ids": [Command.set(self.person.ids)]}
        dialogs = self.env["partner.letter.write"].with_user(self.user_sales)
        for mailbox_id in (str(self.own.id), float(self.own.id)):
            with self.assertRaises(AccessError):
                dialogs.create({**values, "mailbox_id": mailbox_id})
        self.assertEqual(
            dialogs.create({**values, "mailbox_id": str(self.mailbox.id)}).mailbox_id, self.mailbox
        )

    def test_mailbox(self):
        mailbox = self.mailbox.with_user(self.user_sales2)
        with self.assertRaises(AccessError):
            mailbox.read(["name"])
        self.assertFalse(self.env["partner.mailbox"].with_user(self.user_sales2).search([]))
        clerk = self.mailbox.with_user(self.user_sales)
        self.assertEqual(clerk.name, "Service")
        for values in (
            {"name": "Mine"},
            {"in_host": "imap.example.com"},
            {"access_ids": [Command.create({"user_id": self.user_sales2.id})]},
        ):
            with self.assertRaises(AccessError):
                clerk.write(values)
        with self.assertRaises(AccessError):
            self.env["partner.mailbox.access"].with_user(self.user_sales2).create(
                {"mailbox_id": self.mailbox.id, "user_id": self.user_sales2.id, "level": "manage"}
            )
        mine = (
            self.env["partner.mailbox"]
            .with_user(self.user_sales2)
            .create({"name": "Mine", "kind": "personal"})
        )
        self.assertEqual(mine.user_id, self.user_sales2)
        access = (
            self.env["partner.mailbox.access"]
            .with_user(self.user_sales2)
            .create({"mailbox_id": mine.id, "user_id": self.user_sales.id})
        )
        with self.assertRaises(AccessError):
            access.mailbox_id = self.mailbox
        with self.assertRaises(AccessError):
            self.env["partner.mailbox"].with_user(self.user_sales2).create({"name": "Shared"})
        self.assertEqual(
            self.env["partner.mailbox"].with_user(self.user_sales)._get_mailboxes("reply"),
            self.mailbox | mine,
        )

    def test_passwords(self):
        """Written and never read, by no call; another server does not get the password of the one before."""
        self.user_sub.group_ids = [Command.link(self.env.ref("base.group_allow_export").id)]
        manager = self.own.with_user(self.user_sub)
        manager.write({"in_host": "imap.example.com", "in_user": "sub", "in_password": "hunter2"})
        server = self.own.sudo().fetchmail_server_id
        self.assertRecordValues(
            server,
            [
                {
                    "server": "imap.example.com",
                    "port": 993,
                    "password": "hunter2",
                    "state": "draft",
                    "is_ssl": True,
                }
            ],
        )
        self.assertEqual(server.object_id.model, "partner.letter")
        manager.write({"out_host": "smtp.example.com", "out_password": "hunter3"})
        sender = self.own.sudo().mail_server_id
        self.assertRecordValues(
            sender,
            [{"smtp_host": "smtp.example.com", "smtp_pass": "hunter3", "from_filter": "sub@our.example.com"}],
        )
        fields = list(manager._fields)
        self.assertNotIn("hunter", str(manager.read(fields)))
        self.assertNotIn("hunter", str(manager.export_data(["in_password", "out_password", "in_host"])))
        self.assertNotIn("hunter", str(manager.web_read({"in_password": {}, "fetchmail_server_id": {}})))
        self.assertNotIn("hunter", str(manager.web_save({"in_password": "hunter4"}, {"in_password": {}})))
        self.assertEqual(server.password, "hunter4")
        self.assertNotIn("hunter", str(manager.copy().read(fields)))
        for model, record in (("fetchmail.server", server), ("ir.mail_server", sender)):
            with self.assertRaises(AccessError):
                self.env[model].with_user(self.user_sub).browse(record.id).read(["name"])
            with self.assertRaises(AccessError):
                self.env[model].with_user(self.user_director).search([])
        # nor guessed by searching for them
        for path in ("fetchmail_server_id.password", "mail_server_id.smtp_pass"):
            with self.assertRaises(AccessError):
                self.env["partner.mailbox"].with_user(self.user_sub).search([(path, "=like", "hunter%")])
        # only the name of the server: the password goes
        manager.in_host = "evil.example.com"
        self.assertFalse(server.password)
        manager.out_host = "evil.example.com"
        self.assertFalse(sender.smtp_pass)
        with self.assertRaises(AccessError):
            manager.fetchmail_server_id = False

    def test_documents(self):
        """Who may not read a document cannot link it, which would tell its name."""
        lead = self.env["crm.lead"].create({"name": SECRET, "user_id": self.user_director.id})
        letter = self.letter.with_user(self.user_sales)
        with self.assertRaises(AccessError):
            letter.lead_id = lead
        self.letter.sudo().lead_id = lead
        with self.assertRaises(AccessError):
            letter.read(["lead_id"])
