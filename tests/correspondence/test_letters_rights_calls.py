"""Attacks on the letters of a mailbox in which one has no right, by the calls of the web client and by every model."""

import json

from odoo import http
from odoo.exceptions import AccessError, MissingError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import HttpCase, JsonRpcException, new_test_user, tagged
from odoo.tools import mute_logger

from .mailing_in import LetterCommon

SECRET = "Zyxwvut takeover"
PASSWORD = "Qponmlk-7-secret"
NOWHERE = "Kjihgfe written nowhere"
TEXT_TYPES = ("char", "text", "html")
# By these, letters may be reached from other records.
REACHED = ("partner.letter", "mail.message", "ir.attachment", "mail.mail", "partner.mailbox", "mail.activity")
# All states: of one that is not named, no letter is counted.
PROGRESS_BAR = {"field": "state", "colors": {"new": "info", "assigned": "warning", "done": "success"}}
LOUD = ("odoo.http", "odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule", "odoo.models")


@tagged("post_install", "-at_install")
class TestLettersRightsCalls(LetterCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.employee = cls._create_user("letters_employee", "base.group_user")
        cls.portal = new_test_user(cls.env, "letters_portal", groups="base.group_portal")
        export = cls.env.ref("base.group_allow_export")
        cls.user_sales2.group_ids = [Command.link(export.id)]
        cls.user_director.group_ids = [Command.link(export.id)]
        cls.mailbox.write(
            {
                "in_host": "imap.example.com",
                "in_user": "service",
                "in_password": PASSWORD,
                "out_host": "smtp.example.com",
                "out_user": "service",
                "out_password": PASSWORD,
                "access_ids": [Command.create({"user_id": cls.user_sub.id, "level": "manage"})],
            }
        )
        cls.letter = cls._receive(
            message=cls._make(subject=SECRET, body=f"The {SECRET} price", files=[("secret.pdf", b"%PDF-1.4")])
        )
        cls.letter.write({"note": f"{SECRET} note", "user_id": cls.user_sales.id, "importance": "2"})
        cls.letter.with_user(cls.user_sales).message_post(
            body=f"{SECRET} answer",
            subject=f"Re: {SECRET}",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=cls.person.ids,
        )
        cls.letter.message_post(body=f"{SECRET} internal")
        cls.letters = cls.env["partner.letter"].search([("mailbox_id", "=", cls.mailbox.id)])
        cls.attachments = cls.letters.mail_message_id.attachment_ids
        cls.env.flush_all()

    # ------------------------------------------------------------------
    # Every model that a user may read, by its own texts and by what it links to
    # ------------------------------------------------------------------
    def _find_leaks(self, user, term):
        """Search each text that the user may search for the term; return where it was found, and what was tried."""
        leaks, tried = [], 0
        env = self.env(user=user, context={"active_test": False, "allowed_company_ids": user.company_ids.ids})
        for name in sorted(env.registry):
            model = env[name]
            if model._abstract or model._transient or not model._auto or not model.has_access("read"):
                continue
            for field_name in self._searched(model):
                tried += 1
                try:
                    with mute_logger(*LOUD), self.env.cr.savepoint():
                        # a name that is not stored may match whatever is asked
                        if model.search_count([(field_name, "ilike", term)], limit=1) and not (
                            model.search_count([(field_name, "ilike", NOWHERE)], limit=1)
                        ):
                            leaks.append(f"{name}.{field_name}")
                except (AccessError, UserError, ValidationError, NotImplementedError, ValueError):
                    continue
        return leaks, tried

    def _searched(self, model):
        for field_name, field in model._fields.items():
            if not field._description_searchable or not model._has_field_access(field, "read"):
                continue
            if field.type in TEXT_TYPES:
                yield field_name
            elif field.relational and field.comodel_name in REACHED:
                other = self.env[field.comodel_name]
                for inner_name, inner in other._fields.items():
                    if inner.type in TEXT_TYPES and inner.store:
                        yield f"{field_name}.{inner_name}"

    def test_the_attack_finds_what_may_be_found(self):
        """With the right to see the mailbox the same search finds it: it can fail."""
        leaks, tried = self._find_leaks(self.user_sales, SECRET)
        self.assertGreater(tried, 300)
        for where in ("partner.letter.name", "partner.letter.note", "mail.message.body"):
            self.assertIn(where, leaks)

    def test_no_model_tells_a_stranger(self):
        for user in (self.user_sales2, self.employee, self.portal):
            with self.subTest(user=user.login):
                leaks, tried = self._find_leaks(user, SECRET)
                self.assertGreater(tried, 20)
                self.assertEqual(leaks, [])

    def test_no_model_tells_a_password(self):
        """Neither who manages the mailbox nor a director, by reading or by searching."""
        for user in (self.user_sub, self.user_director):
            with self.subTest(user=user.login):
                self.assertEqual(self._find_leaks(user, PASSWORD)[0], [])
                mailbox = self.mailbox.with_user(user)
                values = mailbox.read(list(mailbox.fields_get()))
                self.assertNotIn(PASSWORD, str(values))
                self.assertEqual(values[0]["in_user"], "service")
                for field in ("fetchmail_server_id.password", "mail_server_id.smtp_pass"):
                    with self.assertRaises(AccessError), mute_logger(*LOUD):
                        mailbox.search([(field, "=like", "Q%")])
                    try:
                        exported = str(mailbox.export_data([field.replace(".", "/")]))
                    except (AccessError, UserError):
                        exported = ""
                    self.assertNotIn(PASSWORD, exported)

    def test_what_may_be_read_tells_nothing(self):
        """The customer, the contact log and the mailbox's people, with all their fields."""
        logs = self.env["partner.contact.log"].search([("partner_id", "=", self.person.id)])
        self.assertTrue(logs)
        for user in (self.user_sales2, self.employee):
            told = 0
            for records in (self.customer, self.person, logs, self.user_sales, self.user_sales.partner_id):
                records = records.with_user(user)
                if not records.has_access("read"):
                    continue
                readable = [
                    name
                    for name, field in records._fields.items()
                    if records._has_field_access(field, "read")
                ]
                for name in readable:
                    try:
                        with mute_logger(*LOUD), self.env.cr.savepoint():
                            self.assertNotIn(SECRET, str(records.read([name])), name)
                            told += 1
                    except (AccessError, MissingError, UserError, ValueError):
                        continue
            self.assertGreater(told, 100, user.login)
            if self.person.with_user(user).has_access("read"):
                self.assertEqual(self.person.with_user(user)["letter_count"], 0)
                self.assertEqual(self.customer.with_user(user)["letter_count"], 0)

    # ------------------------------------------------------------------
    # The web client's calls
    # ------------------------------------------------------------------
    def _call(self, model, method, *args, **kwargs):
        """A call as the client makes it; what is refused gives None."""
        params = {"model": model, "method": method, "args": list(args), "kwargs": kwargs}
        return self._json(f"/web/dataset/call_kw/{model}/{method}", params)

    def _json(self, route, params):
        try:
            with mute_logger(*LOUD):
                return self.make_jsonrpc_request(route, params)
        except JsonRpcException:
            return None

    def _assert_silent(self, result, what):
        self.assertNotIn(SECRET.casefold(), json.dumps(result, default=str).casefold(), what)

    def _log_in(self, user):
        self.authenticate(user.login, user.login)

    def test_calls_of_lists(self):
        mine = [("mailbox_id", "=", self.mailbox.id)]
        specification = {"name": {}, "body": {}, "partner_id": {"fields": {"display_name": {}}}}
        for user in (self.user_sales2, self.employee, self.portal):
            self._log_in(user)
            with self.subTest(user=user.login):
                found = self._call("partner.letter", "web_search_read", mine, specification, count_limit=100)
                self.assertIn(found, (None, {"length": 0, "records": []}))
                self.assertIn(self._call("partner.letter", "search_count", mine), (None, 0))
                self.assertIn(self._call("partner.letter", "search_read", mine, ["name"]), (None, []))
                for method in ("web_read_group", "formatted_read_group", "read_progress_bar"):
                    for group in ("mailbox_id", "user_id", "partner_id", "state", "date:month", "is_junk"):
                        kwargs = {"domain": mine, "groupby": [group], "aggregates": ["__count"]}
                        if method == "read_progress_bar":
                            kwargs = {"domain": mine, "group_by": group}
                            kwargs["progress_bar"] = PROGRESS_BAR
                        result = self._call("partner.letter", method, **kwargs)
                        self._assert_silent(result, method)
                        counts = json.dumps(result)
                        self.assertNotRegex(counts, r'"__count": [1-9]', f"{method} by {group}")
                        self.assertNotRegex(counts, r'"(new|assigned|done)": [1-9]', f"{method} by {group}")
                self.assertIn(self._call("partner.letter", "name_search", SECRET), (None, []))
                self.assertIn(
                    self._call("partner.mailbox", "search_count", [("id", "=", self.mailbox.id)]), (None, 0)
                )
                self.assertIn(self._call("partner.mailbox", "name_search", self.mailbox.name), (None, []))
                for model in ("partner.mailbox.access", "partner.mailbox.keyword"):
                    self.assertIn(
                        self._call(model, "search_count", [("mailbox_id", "=", self.mailbox.id)]), (None, 0)
                    )
                for field in ("mailbox_id", "user_id"):
                    result = self._call(
                        "partner.letter", "search_panel_select_range", field, enable_counters=True
                    )
                    self._assert_silent(result, field)
                    self.assertNotIn(
                        f'"id": {self.mailbox.id}, ' if field == "mailbox_id" else SECRET, json.dumps(result)
                    )
                for order in ("mailbox_id", "note"):
                    self.assertIn(self._call("partner.letter", "search", mine, order=order), (None, []))
                self.assertIn(
                    self._call("partner.letter", "export_data", self.letters.ids, ["name", "note"]), (None,)
                )
                self.assertIsNone(self._call("partner.letter", "web_read", self.letters.ids, {"body": {}}))
                self.assertIsNone(self._call("partner.letter", "copy", self.letter.ids))

    def test_the_calls_find_what_may_be_found(self):
        """With the right to see the mailbox they tell of it: that they tell a stranger nothing can fail."""
        mine = [("mailbox_id", "=", self.mailbox.id)]
        self._log_in(self.user_sales)
        found = self._call("partner.letter", "web_search_read", mine, {"name": {}}, count_limit=100)
        self.assertIn(SECRET, json.dumps(found))
        self.assertTrue(self._call("partner.letter", "search_count", mine))
        self.assertTrue(self._call("partner.letter", "name_search", SECRET))
        for method in ("web_read_group", "formatted_read_group"):
            kwargs = {"domain": mine, "groupby": ["mailbox_id"], "aggregates": ["__count"]}
            result = self._call("partner.letter", method, **kwargs)
            self.assertRegex(json.dumps(result), r'"__count": [1-9]', method)
        kwargs = {"domain": mine, "group_by": "mailbox_id", "progress_bar": PROGRESS_BAR}
        result = self._call("partner.letter", "read_progress_bar", **kwargs)
        self.assertRegex(json.dumps(result), r'"(new|assigned|done)": [1-9]')
        thread = {"thread_model": "partner.letter", "thread_id": self.letter.id}
        self.assertIn(SECRET, json.dumps(self._json("/mail/thread/messages", thread)))
        domain = [["model", "=", "partner.letter"], ["res_id", "in", self.letters.ids]]
        self.assertTrue(self._call("mail.message", "search_count", domain))

    def test_calls_that_change(self):
        before = self.letter.read(["state", "user_id", "note", "mailbox_id"])
        for user in (self.user_sales2, self.employee, self.portal):
            self._log_in(user)
            own = (
                self._create_mailbox(f"Own of {user.login}", email=False)
                if user != self.portal
                else self.mailbox
            )
            for method, args in [
                ("write", [{"state": "done"}]), ("write", [{"user_id": user.id}]), ("write", [{"mailbox_id": own.id}]),
                ("web_save", [{"note": "mine"}, {"note": {}}]), ("unlink", []), ("action_done", []),
                ("action_reply", []), ("action_assign_to_me", []), ("action_archive", []),
                ("message_post", []), ("message_subscribe", [user.partner_id.ids]),
                ("activity_schedule", []), ("message_get_followers", []),
            ]:  # fmt: skip
                with self.subTest(user=user.login, method=method):
                    self._assert_silent(self._call("partner.letter", method, self.letter.ids, *args), method)
            self._call(
                "partner.mailbox", "write", self.mailbox.ids, {"access_ids": [[0, 0, {"user_id": user.id}]]}
            )
            self._call(
                "partner.mailbox.access",
                "create",
                [{"mailbox_id": self.mailbox.id, "user_id": user.id, "level": "see"}],
            )
            self._call(
                "partner.letter",
                "create",
                [{"name": "x", "mailbox_id": self.mailbox.id, "parent_id": self.letter.id}],
            )
        self.env.invalidate_all()
        self.assertEqual(self.letter.read(["state", "user_id", "note", "mailbox_id"]), before)
        self.assertEqual(self.mailbox.access_ids.user_id, self.user_sales | self.user_sub)
        self.assertEqual(
            self.env["partner.letter"].search([("mailbox_id", "=", self.mailbox.id)]), self.letters
        )
        self.assertFalse(self.letter.message_follower_ids)

    def test_calls_of_the_gateway(self):
        """Only the gateway itself makes letters with all rights of what it is given: any message could be the words."""
        given = {
            "mailbox_id": self.mailbox.id,
            "kind": "newsletter",
            "mail_message_id": self.letter.mail_message_id.id,
        }
        for user in (self.user_sales2, self.employee, self.portal):
            self._log_in(user)
            with self.subTest(user=user.login):
                message = {"message_id": f"<{user.login}@example.com>", "email_from": "x@example.com"}
                values = {**given, "user_id": user.id}
                self.assertIsNone(self._call("partner.letter", "message_new", message, values))
        self.env.invalidate_all()
        self.assertEqual(
            self.env["partner.letter"].search([("mailbox_id", "=", self.mailbox.id)]), self.letters
        )

    def test_routes_of_messages_and_files(self):
        thread = {"thread_model": "partner.letter", "thread_id": self.letter.id}
        message = self.letter.mail_message_id
        for user in (self.user_sales2, self.employee, self.portal):
            self._log_in(user)
            with self.subTest(user=user.login):
                for route, params in [
                    ("/mail/thread/messages", thread),
                    ("/mail/thread/messages", {**thread, "fetch_params": {"search_term": "takeover"}}),
                    ("/mail/thread/recipients", {**thread, "message_id": message.id}),
                    ("/mail/thread/recipients/get_suggested_recipients", thread),
                    ("/mail/data", {"fetch_params": [["mail.thread", {**thread, "request_list": [
                        "activities", "attachments", "followers", "suggestedRecipients", "scheduledMessages"]}]]}),
                    ("/mail/inbox/messages", {}), ("/mail/history/messages", {}), ("/mail/starred/messages", {}),
                    ("/mail/message/reaction", {"message_id": message.id, "content": "x", "action": "add"}),
                    ("/mail/message/update_content", {"message_id": message.id, "update_data": {"body": "x"}}),
                    ("/mail/message/post", {**thread, "post_data": {"body": "x"}}),
                ]:  # fmt: skip
                    result = self._json(route, params)
                    self._assert_silent(result, route)
                    self.assertNotIn("secret.pdf", json.dumps(result), route)
                domain = [["model", "=", "partner.letter"], ["res_id", "in", self.letters.ids]]
                self.assertIn(self._call("mail.message", "search_count", domain), (None, 0))
                self.assertIn(self._call("mail.message", "search_read", domain, ["body"]), (None, []))
                self.assertIsNone(self._call("mail.message", "read", message.ids, ["body", "subject"]))
                result = self._call("mail.message", "formatted_read_group", domain, ["model"], ["__count"])
                self.assertIn(result, (None, []))
                domain = [["res_model", "=", "partner.letter"], ["res_id", "in", self.letters.ids]]
                for model in ("ir.attachment", "mail.activity", "mail.followers"):
                    self.assertIn(self._call(model, "search_count", domain), (None, 0), model)
                    self.assertIn(self._call(model, "search_read", domain, ["id"]), (None, []), model)
                self.assertIsNone(self._call("ir.attachment", "read", self.attachments.ids, ["name", "raw"]))
                self._assert_no_file()

    def _assert_no_file(self):
        attachment = self.attachments[:1]
        self.assertTrue(attachment)
        self.assertFalse(any(self.attachments.mapped("access_token")))
        for url in (
            f"/web/content/{attachment.id}",
            f"/web/content/{attachment.id}?download=1",
            f"/web/content/{attachment.id}?access_token=x",
            f"/web/image/{attachment.id}",
            f"/web/content?model=ir.attachment&id={attachment.id}&field=datas",
            f"/web/content?model=partner.letter&id={self.letter.id}&field=body",
            f"/web/content/partner.letter/{self.letter.id}/note",
            f"/mail/attachment/zip?file_ids={attachment.id}&zip_name=a",
        ):
            with mute_logger(*LOUD):
                response = self.url_open(url)
            self.assertNotIn(b"%PDF", response.content, url)
            self.assertNotIn(SECRET.encode(), response.content, url)

    def test_nobody_logged_in(self):
        self.authenticate(None, None)
        self._assert_no_file()
        self.assertIsNone(self._call("partner.letter", "search_read", [], ["name"]))
        for route in ("/mail/thread/messages", "/mail/message/post"):
            params = {
                "thread_model": "partner.letter",
                "thread_id": self.letter.id,
                "post_data": {"body": "x"},
            }
            self._assert_silent(self._json(route, params), route)

    def test_export_as_file(self):
        for user in (self.user_sales2, self.user_sub):
            self._log_in(user)
            data = {
                "model": "partner.letter",
                "fields": [{"name": "name", "label": "Subject"}, {"name": "note", "label": "Note"}],
                "ids": self.letters.ids,
                "domain": [],
                "import_compat": False,
                "groupby": [],
                "context": {},
            }
            if user == self.user_sub:
                user.group_ids = [Command.link(self.env.ref("base.group_allow_export").id)]
            with mute_logger(*LOUD):
                response = self.url_open(
                    "/web/export/csv",
                    data={"data": json.dumps(data), "csrf_token": http.Request.csrf_token(self)},
                )
            self.assertEqual(SECRET.encode() in response.content, user == self.user_sub, user.login)
