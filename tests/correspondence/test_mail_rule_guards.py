"""What keeps rules from mailing too much, from elsewhere or by a server that is off; and who may stop and try them."""

import errno
from datetime import timedelta
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from ..headers import build
from .ruling import DAY, MORNING, RulingCommon


@tagged("post_install", "-at_install")
class TestMailRuleGuards(RulingCommon):
    def _as(self, user):
        """The rules of the company, as this user who works in it."""
        user.company_ids = [Command.link(self.company_eur.id)]
        return self.rules.with_user(user).with_context(allowed_company_ids=self.company_eur.ids)

    # ------------------------------------------------------------------
    # To whom, and how much
    # ------------------------------------------------------------------
    def test_blacklist_knows_addresses_with_names(self):
        """In any case, and with the name that mail programs write before them."""
        self._person(email="Ann Lee <Ann@Example.com>")
        rule = self._rule("birthday", purpose="commercial")
        self.env["mail.blacklist"]._add("ann@example.com")
        self._run()
        self.assertEqual(self._states(rule), [(DAY, "skipped", "blacklisted")])

    def test_limit_knows_addresses_with_names(self):
        """The mails of the morning count in the afternoon."""
        self.company_eur.relations_mail_limit = 1
        self._person(email="Ann Lee <Ann@Example.com>")
        self._rule("birthday")
        self._run()
        second = self._rule("birthday")
        self._run(MORNING + timedelta(hours=3))
        self.assertEqual(self._log(second).state, "planned")

    def test_limit_of_each_company(self):
        """What another company mailed to a common contact takes nothing of the number."""
        (self.company_eur + self.company_usd).relations_mail_limit = 1
        self.company_usd.partner_id.tz = "Asia/Ho_Chi_Minh"
        self._person()
        rules = [
            self._rule("birthday", company_id=company.id, sequence=number)
            for number, company in enumerate(self.company_usd + self.company_eur)
        ]
        self._run()
        self.assertEqual([self._log(rule).state for rule in rules], ["queued", "queued"])

    def test_failed_mail_takes_no_place(self):
        """Nothing left, so the address may get another mail on that day."""
        self.company_eur.relations_mail_limit = 1
        self._person()
        template = self._template("birthday", subject="{{ 1 / (object.name != 'Ann') }}")
        failing = self._rule("birthday", template_id=template.id)
        with mute_logger("odoo.addons.mail.models.mail_render_mixin"):
            self._run()
        self.assertEqual(self._log(failing).state, "failed")
        other = self._rule("birthday")
        self._run(MORNING + timedelta(hours=1))
        self.assertEqual(self._log(other).state, "queued")

    def test_failed_mail_takes_no_place_in_its_own_run(self):
        """What waited for the place leaves in the same run, of the same rule and of others; and no more than that."""
        self.company_eur.write({"relations_mail_limit": 2, "relations_mail_catch_up_days": 0})
        for name in ("Ann", "Bob", "Cid", "Dan", "Eve"):
            self._person(name, email="office@example.com")
        template = self._template("birthday", subject="{{ 1 / (object.name not in ('Ann', 'Bob', 'Dan')) }}")
        failing = self._rule("birthday", template_id=template.id, sequence=1)
        self._person("Fay", email="office@example.com", parent_id=False, function="Boss")
        other = self._rule("birthday", condition="[('function', '=', 'Boss')]", sequence=2)
        failing.condition = "[('function', '=', False)]"
        with mute_logger("odoo.addons.mail.models.mail_render_mixin"):
            self._run()
        told = {log.record_name.split(", ")[-1]: log for log in self._log(failing) + self._log(other)}
        self.assertEqual(
            {name: (log.state, log.reason) for name, log in told.items()},
            {
                "Ann": ("failed", "error"),
                "Bob": ("failed", "error"),
                "Cid": ("queued", False),
                "Dan": ("failed", "error"),
                "Eve": ("queued", False),
                # two had a mail
                "Fay": ("skipped", "limit"),
            },
        )
        self.assertEqual(
            {name: log.send_day for name, log in told.items() if log.send_day}, {"Cid": DAY, "Eve": DAY}
        )

    def test_place_of_a_failed_mail_for_another_rule(self):
        self.company_eur.relations_mail_limit = 1
        self._person()
        template = self._template("birthday", subject="{{ 1 / (object.name != 'Ann') }}")
        failing = self._rule("birthday", template_id=template.id, sequence=1)
        next_one, last = (self._rule("birthday", sequence=number) for number in (2, 3))
        with mute_logger("odoo.addons.mail.models.mail_render_mixin"):
            self._run()
        self.assertEqual(
            [self._log(rule).state for rule in (failing, next_one, last)], ["failed", "queued", "planned"]
        )

    # ------------------------------------------------------------------
    # By which server, once
    # ------------------------------------------------------------------
    def test_mail_server_that_is_away(self):
        """Its mails wait for it, once each: see ``is_sent_once``."""
        self._person()
        rule = self._rule("birthday")
        self._run()
        log = self._log(rule)
        servers = type(self.env["ir.mail_server"])
        with (
            freeze_time(MORNING),
            patch.object(servers, "_connect__", side_effect=ConnectionRefusedError("away")),
            mute_logger("odoo.addons.mail.models.mail_mail"),
        ):
            log.mail_mail_id.send()
        self.assertEqual((log.mail_mail_id.state, log.state), ("outgoing", "queued"))

    def test_server_that_was_switched_off(self):
        """It is not asked to send any more: Odoo would refuse the mail."""
        self._person()
        server = self.env["ir.mail_server"].create({"name": "Server", "smtp_host": "smtp.our.example.com"})
        mailbox = self.env["partner.mailbox"].create(
            {"name": "Shop", "email": "shop@our.example.com", "company_id": self.company_eur.id}
        )
        mailbox.sudo().mail_server_id = server.copy()
        values = {"mail_server_id": server.id}, {"mailbox_id": mailbox.id}
        before = [self._rule("birthday", **each) for each in values]
        self._run()
        self.assertEqual(
            [self._log(rule).mail_mail_id.mail_server_id for rule in before],
            [server, mailbox.mail_server_id],
        )
        (server + mailbox.mail_server_id).active = False
        after = [self._rule("birthday", **each) for each in values]
        self._run()
        for rule in after:
            self.assertEqual(self._log(rule).state, "queued")
            self.assertFalse(self._log(rule).mail_mail_id.mail_server_id)

    def test_one_receiver_once(self):
        """A contact that Odoo knows is no address besides: it would get the mail twice."""
        self._person()
        rule = self._rule("birthday", email_from="shop@example.com")
        self._run()
        mail = self._log(rule).mail_mail_id
        self.assertEqual((mail.email_to, len(mail.recipient_ids), len(list(build(mail)))), (False, 1, 1))

    def test_server_of_the_template(self):
        """Where the rule has none."""
        self._person()
        own, other = self.env["ir.mail_server"].create(
            [{"name": name, "smtp_host": "smtp.our.example.com"} for name in ("Own", "Other")]
        )
        template = self._template("birthday", mail_server_id=own.id)
        rules = [
            self._rule("birthday", template_id=template.id, **values)
            for values in ({}, {"mail_server_id": other.id})
        ]
        self._run()
        self.assertEqual([self._log(rule).mail_mail_id.mail_server_id for rule in rules], [own, other])

    def test_language_of_the_template(self):
        """Where the rule says so, whatever the recipient speaks."""
        self.env["res.lang"]._activate_lang("vi_VN")
        template = self._template("birthday", lang="vi_VN")
        template.with_context(lang="vi_VN").subject = "Chúc mừng {{ object.name }}"
        self._person(lang="en_US")
        rules = [
            self._rule("birthday", template_id=template.id, lang_policy=policy)
            for policy in ("template", "recipient")
        ]
        self._run()
        of_template, of_recipient = (self._log(rule).subject for rule in rules)
        self.assertEqual(of_template, "Chúc mừng Ann")
        self.assertTrue(of_recipient.startswith("About"), of_recipient)

    def test_what_a_failed_mail_has_written(self):
        """Goes with it; and a machine that fails is no failure of a mail, at whichever try."""
        self._person("Ann")
        self._person("Bob")
        rule = self._rule("birthday")
        with freeze_time(MORNING):
            rule._plan()
        render = type(rule)._render
        full = OSError(errno.ENOSPC, "No space left on device")

        def render_once_full(rule, asked, *args):
            if len(asked) > 1:
                raise full
            return render(rule, asked, *args)

        def render_full_alone(rule, asked, *args):
            raise UserError("together") if len(asked) > 1 else full

        for broken in render_once_full, render_full_alone:
            with (
                self.subTest(broken.__name__),
                freeze_time(MORNING),
                patch.object(type(rule), "_render", broken),
                self.assertRaises(OSError),
                self.cr.savepoint(),
            ):
                self.rules._send_due(self.company_eur, 50)
        self.assertEqual(self._log(rule).mapped("state"), ["planned"] * 2)

        def write_and_fail(rule, asked, *args):
            self.env["res.partner"].create({"name": f"Left of {len(asked)}"})
            if len(asked) > 1 or asked[0][0] == self._log(rule)[1].res_id:
                raise UserError("broken")
            return render(rule, asked, *args)

        with patch.object(type(rule), "_render", write_and_fail):
            self._run()
        self.assertEqual(self._log(rule).mapped("state"), ["queued", "failed"])
        left = self.env["res.partner"].search([("name", "like", "Left of")])
        self.assertEqual(left.mapped("name"), ["Left of 1"])

    def test_other_mail_costs_no_query(self):
        mail = self.env["mail.mail"].create({"email_to": "to@example.com"})
        self.env.flush_all()
        self.assertFalse(mail.headers)
        with self.assertQueryCount(0):
            self.assertFalse(mail._get_rule_logs())

    def test_outcome_that_the_mail_alone_tells(self):
        """Odoo tells an error of one receiver in the mail; and what was sent is not called stopped later."""
        self._person("Ann")
        self._person("Bob")
        rule = self._rule("birthday")
        self._run()
        refused, sent = self._log(rule)
        refused.mail_mail_id.write({"state": "exception", "failure_reason": "No such user " * 100})
        sent.mail_mail_id.state = "sent"
        (refused + sent).mail_mail_id._postprocess_sent_message([], [])
        self.assertEqual((refused.state, sent.state), ("failed", "sent"))
        self.assertEqual(refused.detail, ("No such user " * 100)[:500])
        self.assertTrue(sent.date_sent)
        sent.mail_mail_id.cancel()
        self.assertEqual((sent.state, sent.reason), ("sent", False))

    # ------------------------------------------------------------------
    # Who stops and tries them
    # ------------------------------------------------------------------
    def test_salespeople_stop_and_try_nothing(self):
        """Not even what a rule has queued that is off already."""
        self._person()
        rule = self._rule("birthday")
        self._run()
        # SQL: switched off, and what it has queued still waits
        self.env.flush_all()
        self.env.cr.execute("UPDATE partner_mail_rule SET is_on = false WHERE id = %s", rule.ids)
        self.env.invalidate_all()
        for user in self.user_sales, self.user_supervisor:
            user.email = "sales@our.example.com"
            own = self._as(user).browse(rule.id)
            self.assertEqual(own.name, rule.name, "who may read it")
            for action in own.action_stop, own.action_send_test:
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    action()
        self.assertEqual(self._log(rule).mail_mail_id.state, "outgoing")
        self._as(self.user_director).browse(rule.id).action_stop()
        self.assertEqual(self._log(rule).mail_mail_id.state, "cancel")

    def test_emergency_stop_of_the_companies_at_hand(self):
        """Also for the superuser, whom no rule of access keeps to them."""
        here, elsewhere = self._rule("birthday"), self._rule("birthday", company_id=self.company_usd.id)
        self.rules.with_context(allowed_company_ids=self.company_eur.ids).action_stop_all()
        self.assertEqual((here.is_on, elsewhere.is_on), (False, True))

    def test_stopping_leaves_what_was_given_to_the_mail_server(self):
        """Its sending was broken off: nobody knows whether it arrived, so it is not called cancelled."""
        self._person("Ann")
        self._person("Bob")
        rule = self._rule("birthday")
        self._run()
        handed, waiting = self._log(rule).mail_mail_id
        handed.write({"state": "exception", "date_handed_over": MORNING})
        rule.action_stop()
        self.assertEqual((handed.state, waiting.state), ("exception", "cancel"))

    def test_rule_that_was_deleted(self):
        """What the server keeps of the rules that are on forgets it: an order is confirmed without it."""
        rule = self._rule("order_confirmed")
        self.assertTrue(self.rules._get_event_rules("order_confirmed", self.company_eur.id))
        rule.unlink()
        with freeze_time(MORNING):
            self._quote().action_confirm()
        self.assertFalse(self.logs.search([("rule_id", "=", rule.id)]))

    def test_trying_what_one_may_not_read(self):
        """Whoever may not read the records of a rule is told that there is nothing to send about."""
        rule = self._rule("invoice_due")
        self._invoice_of(self.customer, DAY)
        director = self._create_user("rule_director", "partner_relations.group_director")
        own = self._as(director).browse(rule.id)
        models = type(self.env["account.move"])
        with (
            freeze_time(MORNING),
            patch.object(models, "has_access", lambda records, operation: False),
            self.assertRaisesRegex(UserError, "no record"),
        ):
            own.action_send_test()

    # ------------------------------------------------------------------
    # What cannot be entered
    # ------------------------------------------------------------------
    def test_conditions_are_no_programs(self):
        rule = self._rule("birthday")
        for condition in (
            "[('name', '=', __import__('os').name)]",
            "[('id', 'in', [number for number in range(9)])]",
            # nothing that a database takes for a text
            "[('name', '=', 'a\\x00')]",
        ):
            with self.subTest(condition=condition), self.assertRaises(ValidationError), self.cr.savepoint():
                rule.condition = condition
        self.assertEqual(rule.condition, "[]")

    def test_senders_without_a_line_break(self):
        """Also where the address itself is a good one."""
        rule = self._rule("birthday")
        for sender in ("Shop\nX-Evil: 1 <shop@example.com>", "Shop\r <shop@example.com>"):
            with self.subTest(sender=sender), self.assertRaises(ValidationError), self.cr.savepoint():
                rule.email_from = sender

    def test_mailbox_without_an_address(self):
        rule = self._rule("birthday")
        mailbox = self.env["partner.mailbox"].create({"name": "Room", "company_id": self.company_eur.id})
        with self.assertRaisesRegex(ValidationError, "cannot be the sender"):
            rule.mailbox_id = mailbox
