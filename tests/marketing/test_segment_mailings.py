from contextlib import suppress
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import SQL, email_normalize_all, mute_logger

from ..headers import EVIL, build, find_forged
from ..jobs import run_job
from .segmenting import SegmentCommon

REPLY = """From: {sender}
To: {to}
Subject: {subject}
Message-ID: <{number}@customer.example>
In-Reply-To: {answered}
References: {answered}
{headers}Content-Type: text/plain; charset=utf-8

How much is it?
"""


BOUNCE = """From: MAILER-DAEMON@customer.example
To: {to}
Subject: Undelivered Mail Returned to Sender
Message-ID: <bounce@customer.example>
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain

No such user here.
--B
Content-Type: message/delivery-status

Final-Recipient: rfc822; {address}
Action: failed
Status: 5.1.1

--B
Content-Type: message/rfc822

From: us@our-company.example
To: {address}
Message-ID: {answered}
References: {answered}
Subject: Catalogue

Text
--B--
"""


class MailingCommon(SegmentCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.segment = cls._segment([("industry_id", "=", cls.wood.id)], user_id=cls.user_marketing.id)
        cls.campaign = cls.env["utm.campaign"].create({"name": "Spring"})

    def _mailing(self, segment=None, **values):
        return self.env["mailing.mailing"].with_user(self.user_marketing).create(
            {
                "subject": "Catalogue",
                "body_html": "<p>Dear <t t-out='object.name'/></p>",
                "segment_id": (segment or self.segment).id,
                "campaign_id": self.campaign.id,
                "mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
                **values,
            }
        )  # fmt: skip

    @mute_logger("odoo.addons.mail.models.mail_mail")
    def _send(self, mailing):
        """Send as the scheduler does, the letters as well."""
        mailing.action_launch()
        with self.enter_registry_test_mode():
            run_job(self.env, "mass_mailing.ir_cron_mass_mailing_queue")
        letters = self.env["mail.mail"].sudo().search([("mailing_id", "=", mailing.id)])
        return letters

    def _addresses(self, mailing, status=("outgoing", "sent")):
        traces = mailing.mailing_trace_ids.filtered(lambda trace: trace.trace_status in status)
        return sorted(traces.mapped("email"))


@tagged("post_install", "-at_install")
class TestSegmentMailings(MailingCommon):
    """Mailings go to those in the segment at the moment of sending, once per address."""

    def test_recipients_at_sending(self):
        mailing = self._mailing()
        self.assertEqual(mailing.segment_address_count, 5)
        self.segment.exclude_ids = self.anna
        self.pine.industry_id = self.carl.industry_id = self.metal
        late = self._create_tagged_person("Late", self.oak)
        self._send(mailing)
        self.assertEqual(mailing.state, "done")
        self.assertEqual(self._addresses(mailing), ["binh@example.com", late.email, "oak@example.com"])

    def test_once_per_address(self):
        self.anna.email = "Oak Works <OAK@example.com>"
        self.binh.email = "oak@example.com"
        mailing = self._mailing()
        self.assertEqual(mailing.segment_address_count, 3)
        self._send(mailing)
        self.assertEqual(
            self._addresses(mailing), ["carl@example.com", "oak@example.com", "pine@example.com"]
        )
        self.assertEqual(mailing.mailing_trace_ids.mapped("res_id").count(self.oak.id), 1)

    def test_without_address_no_trace(self):
        self.anna.email = self.carl.email = False
        mailing = self._mailing()
        self._send(mailing)
        self.assertEqual(len(mailing.mailing_trace_ids), 3)

    def test_opted_out_and_blacklisted(self):
        self.env["mail.blacklist"]._add("anna@example.com")
        newsletter, other = self.env["mailing.list"].create([{"name": "News"}, {"name": "Other"}])

        def subscribe(address, **lists):
            self.env["mailing.contact"].create(
                {
                    "email": address,
                    "subscription_ids": [
                        Command.create({"list_id": list_id.id, "opt_out": opt_out})
                        for list_id, opt_out in ((newsletter, lists["news"]), (other, lists.get("other")))
                        if opt_out is not None
                    ],
                }
            )

        subscribe("binh@example.com", news=True)
        subscribe("carl@example.com", news=True, other=False)
        mailing = self._mailing()
        self.assertEqual(mailing.segment_address_count, 3)
        self._send(mailing)
        self.assertEqual(
            self._addresses(mailing),
            ["carl@example.com", "oak@example.com", "pine@example.com"],
            "who opted out of one list and stays on another wants letters",
        )
        reasons = {
            trace.email: trace.failure_type for trace in mailing.mailing_trace_ids if trace.failure_type
        }
        self.assertEqual(reasons, {"anna@example.com": "mail_bl", "binh@example.com": "mail_optout"})

    def test_several_addresses_of_a_contact(self):
        """A letter goes to the address that was counted and checked, not to others that the contact has as well."""
        self.env["mail.blacklist"]._add("blocked@example.com")
        self.anna.email = "anna@example.com, blocked@example.com"
        self.binh.email = "Binh <binh@example.com>, carl@example.com"
        mailing = self._mailing()
        self.assertEqual(mailing.segment_address_count, 5)
        sent = [
            address
            for letter in self._send(mailing)
            for values in letter._prepare_outgoing_list()
            for address in email_normalize_all(", ".join(values["email_to"]))
        ]
        self.assertEqual(sorted(sent), self._addresses(mailing))
        self.assertEqual(len(sent), 5)
        self.assertNotIn("blocked@example.com", sent)

    def test_checked_again_when_the_letters_go_out(self):
        mailing = self._mailing()
        letters = self._send(mailing)
        self.assertEqual(letters.mapped("state"), ["outgoing"] * 5)
        self.segment.exclude_ids = self.anna
        self.env["mail.blacklist"]._add("binh@example.com")
        self.carl.active = False
        with patch.object(self.registry["mail.mail"], "_send", autospec=True) as send:
            letters.send()
        sent = {mail.res_id for call in send.call_args_list for mail in call.args[0]}
        self.assertEqual(sent, {self.oak.id, self.pine.id})
        states = {mail.res_id: mail.state for mail in letters}
        self.assertEqual(
            [states[one.id] for one in (self.oak, self.pine, self.anna, self.binh, self.carl)],
            ["outgoing", "outgoing", "cancel", "cancel", "cancel"],
        )
        reasons = {trace.res_id: trace.failure_type for trace in mailing.mailing_trace_ids}
        self.assertEqual(reasons[self.anna.id], "relations_segment")
        self.assertEqual(reasons[self.binh.id], "mail_bl")
        self.assertEqual(reasons[self.carl.id], "relations_segment")

    def test_a_segment_that_breaks_stops_its_letters_only(self):
        other = self._segment([("id", "=", self.iron.id)], name="Iron", user_id=self.user_marketing.id)
        bad = self._send(self._mailing())
        good = self._send(self._mailing(other))
        self.env.flush_all()
        self.env.cr.execute("UPDATE partner_segment SET domain = 'x(' WHERE id = %s", [self.segment.id])
        self.env.invalidate_all()
        with patch.object(self.registry["mail.mail"], "_send", autospec=True) as send:
            (bad | good).send()
        sent = {mail.id for call in send.call_args_list for mail in call.args[0]}
        self.assertEqual(sent, {*good.ids})
        self.assertEqual(bad.mapped("state"), ["exception"] * 5)
        self.assertEqual({*bad.mapped("failure_type")}, {"unknown"})
        self.assertTrue(all(bad.mapped("failure_reason")))
        traces = bad.mailing_trace_ids
        self.assertEqual({*traces.mapped("trace_status")}, {"error"})
        self.assertEqual({*traces.mapped("failure_reason")}, {*bad.mapped("failure_reason")})
        bad.write({"state": "outgoing"})
        with self.assertRaises(UserError):
            bad.send(raise_exception=True)

    def test_sample_is_sent_whoever_is_in_the_segment(self):
        nobody = self._segment([("name", "=", "Nobody at All")], user_id=self.user_marketing.id)
        sample = self.env["mailing.mailing.test"].create(
            {"email_to": "me@example.com", "mass_mailing_id": self._mailing(nobody).id}
        )
        with patch.object(self.registry["mail.mail"], "_send", autospec=True) as send:
            sample.send_mail_test()
        self.assertEqual(send.call_count, 1)

    def test_merged_contact_keeps_its_letters(self):
        mailing = self._mailing()
        self._send(mailing)
        trace = mailing.mailing_trace_ids.filtered(lambda trace: trace.res_id == self.anna.id)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.anna | self.binh).ids, self.binh, extra_checks=False
        )
        self.env.invalidate_all()
        self.assertEqual(trace.res_id, self.binh.id)

    def test_merge_finds_the_letters_of_contacts(self):
        """Without reading those of all others, of which there may be millions; nor does a merge of leads."""
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        for model, index in (("res.partner", "contact"), ("crm.lead", "lead")):
            rows = self.env.execute_query(
                SQL(
                    "EXPLAIN SELECT id FROM mailing_trace WHERE model = %s AND res_id = ANY(%s)",
                    model,
                    (self.anna + self.binh).ids,
                )
            )
            self.assertIn(f"mailing_trace_{index}_idx", "\n".join(row[0] for row in rows))

    def test_letters_of_other_mailings_are_not_asked_about(self):
        letter = self.env["mail.mail"].create({"subject": "Plain", "email_to": "a@example.com"})
        self.env.flush_all()
        with patch.object(self.registry["mail.mail"], "_stop_unwanted") as check:
            letter.send()
        check.assert_not_called()

    def test_letter_taken_back_before_it_goes_out(self):
        """As core does, what a savepoint took back after it was queued is left out."""
        mail = self.env["mail.mail"].create({"subject": "Plain", "email_to": "a@example.com"})
        mail.unlink()
        with patch.object(self.registry["mail.mail"], "_send") as send:
            mail.send()
        send.assert_not_called()

    def test_snapshot(self):
        segment = self._segment(
            [("industry_id", "=", self.metal.id)], kind="static", user_id=self.user_marketing.id
        )
        self.iron.industry_id = self.wood
        self.carl.industry_id = self.metal
        mailing = self._mailing(segment)
        self._send(mailing)
        self.assertEqual(self._addresses(mailing), ["iron@example.com"])

    def test_a_broken_segment_stops_its_mailing_only(self):
        broken = self._segment([], name="Broken", user_id=self.user_marketing.id)
        bad, good = self._mailing(broken), self._mailing()
        self.env.cr.execute("UPDATE partner_segment SET domain = 'x(' WHERE id = %s", [broken.id])
        self.env.invalidate_all()
        bad.action_launch()
        self._send(good)
        self.assertEqual((bad.state, good.state), ("draft", "done"))
        self.assertIn("Broken", "".join(bad.message_ids.mapped("body")))

    def test_rights_of_the_owner(self):
        foreign = self._create_tagged_company(
            "Foreign", industry_id=self.wood.id, company_id=self.company2.id
        )
        self.segment.company_id = False
        mailing = self._mailing()
        self._send(mailing)
        self.assertTrue(self._addresses(mailing))
        self.assertNotIn(foreign.email, self._addresses(mailing))

    def test_rule_in_the_words_of_the_owner(self):
        """Whoever writes the mailing; the scheduler of the letters has no language at all."""
        self.env["res.lang"]._activate_lang("vi_VN")
        self.wood.with_context(lang="vi_VN").name = "Gỗ Test"
        self.user_marketing.lang = "vi_VN"
        segment = self._segment(
            [("industry_id", "ilike", "Gỗ Test")], level="company", user_id=self.user_marketing.id
        )
        for user, lang in ((self.user_marketing, "vi_VN"), (self.user_director, "en_US")):
            seen = segment.with_user(user).with_context(lang=lang)
            self.assertEqual((seen.partner_count, len(seen.sample_ids)), (2, 2), lang)
        mailing = self._mailing(segment, user_id=self.user_director.id)
        letters = self._send(mailing)
        self.assertEqual(self._addresses(mailing), ["oak@example.com", "pine@example.com"])
        with patch.object(self.registry["mail.mail"], "_send", autospec=True) as send:
            letters.send()
        sent = {mail.res_id for call in send.call_args_list for mail in call.args[0]}
        self.assertEqual(sent, {self.oak.id, self.pine.id})

    def test_form(self):
        mailings = self.env["mailing.mailing"].with_user(self.user_marketing)
        action = self.segment.with_user(self.user_marketing).action_new_mailing()
        with Form(mailings.with_context(**action["context"])) as form:
            form.subject = "From the segment"
            self.assertEqual(form.segment_id, self.segment)
            self.assertEqual(form.answer_mode, "inquiry")
            self.assertEqual(form.segment_address_count, 5)
        self.assertEqual(form.record.mailing_model_name, "res.partner")
        self.assertEqual(self.segment.with_user(self.user_marketing).mailing_count, 1)
        with self.assertRaisesRegex(ValidationError, "Catalogue.*Segment"), self.cr.savepoint():
            self._mailing(mailing_model_id=self.env["ir.model"]._get_id("mailing.contact"))
        with self.assertRaisesRegex(UserError, "From the segment"):
            self.segment.unlink()

    def test_a_mailing_user_without_relations_opens_it(self):
        mailing = self._mailing()
        user = self._create_user("relations_mailer", "mass_mailing.group_mass_mailing_user")
        arch_fields = {"segment_id": {"fields": {"display_name": {}}}, "segment_address_count": {}}
        values = mailing.with_user(user).web_read(arch_fields)[0]
        self.assertEqual(values["segment_id"]["display_name"], "Segment")
        Form(mailing.with_user(user))

    def test_mailings_without_segment_are_odoos(self):
        mailing = self.env["mailing.mailing"].with_user(self.user_marketing).create(
            {
                "subject": "Plain",
                "body_html": "<p>Hello</p>",
                "mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
                "mailing_domain": repr([("id", "in", (self.oak | self.anna).ids)]),
            }
        )  # fmt: skip
        self._send(mailing)
        self.assertEqual(self._addresses(mailing), ["anna@example.com", "oak@example.com"])


@tagged("post_install", "-at_install")
class TestMailingAnswers(MailingCommon):
    """Answers to mailings become inquiries or entries of the log, each letter once, those of programs never."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        domain = cls.env["mail.alias.domain"].create({"name": "our-company.example"})
        cls.company.alias_domain_id = domain
        cls.oak.user_id = cls.user_sales

    def _sent(self, **values):
        mailing = self._mailing(**values)
        self._send(mailing)
        return mailing

    def _reply(
        self,
        trace,
        number,
        sender=None,
        headers="",
        subject="Re: Catalogue",
        answered=None,
        to=None,
        mailbox=None,
        **context,
    ):
        raw = REPLY.format(
            sender=sender or trace.email,
            to=to or self.company.catchall_email,
            subject=subject,
            number=number,
            answered=answered or trace.message_id,
            headers=headers,
        )
        with mute_logger("odoo.addons.mail.models.mail_thread"):
            return (
                self.env["mail.thread"]
                .with_context(**context)
                .message_process(
                    "partner.letter" if mailbox else False,
                    raw.encode(),
                    {"mailbox_id": mailbox.id} if mailbox else None,
                )
            )

    def _trace(self, mailing, partner):
        return mailing.mailing_trace_ids.filtered(lambda trace: trace.res_id == partner.id)

    def _leads(self):
        return self.env["crm.lead"].search([("campaign_id", "=", self.campaign.id)])

    def test_inquiry(self):
        mailing = self._sent(answer_mode="inquiry")
        self.assertIn(self.company.catchall_email, mailing.reply_to)
        trace = self._trace(mailing, self.anna)
        lead = self.env["crm.lead"].browse(self._reply(trace, 1))
        self.assertRecordValues(
            lead,
            [
                {
                    "name": "Re: Catalogue",
                    "partner_id": self.anna.id,
                    "campaign_id": self.campaign.id,
                    "source_id": mailing.source_id.id,
                    "medium_id": mailing.medium_id.id,
                    "user_id": self.user_sales.id,
                }
            ],
        )
        self.assertIn("How much is it?", lead.message_ids[-1].body or lead.message_ids[0].body)
        self.assertEqual(trace.trace_status, "reply")
        self.assertRecordValues(
            mailing.answer_ids,
            [
                {
                    "lead_id": lead.id,
                    "partner_id": self.anna.id,
                    "trace_id": trace.id,
                    "campaign_id": self.campaign.id,
                }
            ],
        )
        # the same letter fetched again
        self.assertFalse(self._reply(trace, 1))
        self.assertEqual((self._leads(), mailing.answer_count), (lead, 1))
        # a further answer of the same person
        self.assertEqual(self._reply(trace, 2), lead.id)
        self.assertEqual(self._leads(), lead)
        # the conversation goes on in the inquiry
        ours = lead.message_post(body="It is 10.", message_type="comment", subtype_xmlid="mail.mt_comment")
        self.assertEqual(self._reply(trace, 3, answered=f"{trace.message_id} {ours.message_id}"), lead.id)
        self.assertEqual(len(mailing.answer_ids), 2)
        # somebody else
        other = self._reply(self._trace(mailing, self.carl), 4)
        self.assertNotEqual(other, lead.id)
        # a lost inquiry is not opened again
        lead.action_set_lost()
        again = self._reply(trace, 5)
        self.assertNotIn(again, (lead.id, other, False))

    def test_sent_to_an_alias_of_leads(self):
        """The reply address makes leads by itself: it is one inquiry all the same."""
        self.env["mail.alias"].create(
            {
                "alias_name": "ask",
                "alias_model_id": self.env["ir.model"]._get_id("crm.lead"),
                "alias_domain_id": self.company.alias_domain_id.id,
            }
        )
        mailing = self._sent(answer_mode="inquiry", reply_to="ask@our-company.example")
        before = self.env["crm.lead"].search_count([])
        lead = self._reply(self._trace(mailing, self.anna), 1, to="ask@our-company.example")
        self.assertEqual(self.env["crm.lead"].search_count([]), before + 1)
        self.assertEqual((self._leads().ids, mailing.answer_ids.lead_id.ids), ([lead], [lead]))

    def test_answers_in_two_companies(self):
        mailing = self._sent(answer_mode="inquiry")
        self._reply(self._trace(mailing, self.anna), 1)
        self._reply(self._trace(mailing, self.carl), 2)
        answers = self.env["partner.mailing.answer"].with_user(self.user_marketing)
        self.assertEqual(answers.search([]).partner_id, self.anna | self.carl)
        self.carl.company_id = self.company2
        self.assertEqual(answers.search([]).partner_id, self.anna)
        self.assertEqual(answers._read_group([], ["mailing_id"], ["__count"]), [(mailing, 1)])

    def test_from_another_address(self):
        mailing = self._sent(answer_mode="inquiry")
        trace = self._trace(mailing, self.anna)
        lead = self.env["crm.lead"].browse(self._reply(trace, 1, sender="Anna <anna@private.example>"))
        self.assertFalse(lead.partner_id, "nobody knows whose address it is")
        self.assertIn("anna@private.example", lead.email_from)
        colleague = self.env["crm.lead"].browse(
            self._reply(self._trace(mailing, self.oak), 2, sender=self.binh.email)
        )
        self.assertEqual(colleague.partner_id, self.binh)

    def test_shared_address(self):
        """Of several contacts with an address, the one that was written to answers."""
        self.binh.email = self.carl.email
        mailing = self._sent(answer_mode="inquiry")
        trace = self._trace(mailing, self.binh)
        lead = self.env["crm.lead"].browse(self._reply(trace, 1))
        self.assertEqual(lead.partner_id, self.binh)

    def test_programs_never(self):
        for mode in ("inquiry", "log"):
            mailing = self._sent(answer_mode=mode)
            trace = self._trace(mailing, self.anna)
            letters = (
                {"headers": "Auto-Submitted: auto-replied\n"},
                {"headers": "Precedence: bulk\n"},
                {"headers": "X-Autoreply: yes\n"},
                {"subject": "Out of Office: Catalogue"},
                {"subject": "Automatic reply: Catalogue"},
                {"headers": "Return-Path: <>\n"},
            )
            for number, letter in enumerate(letters):
                with self.subTest(mode=mode, letter=letter):
                    self.assertFalse(self._reply(trace, f"{mode}{number}", **letter))
            self.assertFalse(mailing.answer_ids)
            self.assertNotEqual(trace.trace_status, "reply")
        self.assertFalse(self._leads())

    def test_bounce_never(self):
        mailing = self._sent(answer_mode="inquiry")
        trace = self._trace(mailing, self.anna)
        raw = BOUNCE.format(to=self.company.bounce_email, answered=trace.message_id, address=trace.email)
        with mute_logger("odoo.addons.mail.models.mail_thread"):
            self.env["mail.thread"].message_process(False, raw.encode())
        self.assertEqual(trace.trace_status, "bounce")
        self.assertFalse(mailing.answer_ids or self._leads())

    def test_log_entry(self):
        mailing = self._sent(answer_mode="log")
        trace = self._trace(mailing, self.anna)
        self.assertEqual(self._reply(trace, 1), self.anna.id)
        self.assertFalse(self._leads())
        # whether the marketing user sees the entry is up to the rules of the log
        log = mailing.answer_ids.log_id.sudo()
        self.assertRecordValues(
            log,
            [
                {
                    "partner_id": self.anna.id,
                    "direction": "in",
                    "channel": "email",
                    "state": "done",
                    "mailing_id": mailing.id,
                    "campaign_id": self.campaign.id,
                }
            ],
        )
        self.assertFalse(self._reply(trace, 1))
        self.assertEqual(self.env["partner.contact.log"].search([("mailing_id", "=", mailing.id)]), log)

    def test_defaults_of_a_call(self):
        """Any user may run the gateway by a call: what it notes with all rights takes nothing of its defaults."""
        lead = self.env["crm.lead"].create({"name": "Of somebody"})
        mailing = self._sent(answer_mode="log")
        self._reply(self._trace(mailing, self.anna), 1, default_lead_id=lead.id)
        self.assertTrue(mailing.answer_ids.log_id)
        self.assertFalse(mailing.answer_ids.lead_id)

    def test_in_mailboxes(self):
        """An answer that mailboxes fetch is taken in once, with its own inquiry or entry, and a letter in each."""
        mailboxes = self.env["partner.mailbox"].create(
            [{"name": name, "email": f"{name.lower()}@our-company.example"} for name in ("Ask", "Sell")]
        )
        logs = self.env["partner.contact.log"]
        for mode in ("inquiry", "log"):
            with self.subTest(mode=mode):
                before = logs.search([("partner_id", "=", self.anna.id)])
                mailing = self._sent(answer_mode=mode)
                for mailbox in mailboxes:
                    self._reply(self._trace(mailing, self.anna), mode, mailbox=mailbox)
                letters = self.env["partner.letter"].search(
                    [("message_id", "=", f"<{mode}@customer.example>")]
                )
                self.assertEqual(letters.mailbox_id, mailboxes)
                self.assertEqual(letters.mapped("name"), ["Re: Catalogue"] * 2)
                answer = mailing.answer_ids
                self.assertEqual(len(answer), 1)
                if mode == "inquiry":
                    self.assertEqual(answer.lead_id, self._leads())
                else:
                    self.assertEqual(answer.log_id, logs.search([("partner_id", "=", self.anna.id)]) - before)
        mailing = self._sent(answer_mode="inquiry")
        away = {"mailbox": mailboxes[0], "headers": "Auto-Submitted: auto-replied\n"}
        self._reply(self._trace(mailing, self.anna), "away", **away)
        self.assertFalse(mailing.answer_ids)

    def test_programs_in_mailboxes(self):
        """What a program sends back is a letter of the mailbox that fetches it, and no response to the mailing."""
        mailbox = self.env["partner.mailbox"].create({"name": "Ask", "email": "ask@our-company.example"})
        letters = self.env["partner.letter"]
        for mode in ("odoo", "inquiry"):
            with self.subTest(mode=mode):
                mailing = self._mailing(answer_mode=mode)
                # core keeps no message of a mailing that was sent
                self._send(mailing).mail_message_id.message_id = f"<{mode}@else.example.net>"
                trace = self._trace(mailing, self.anna)
                away = self._reply(
                    trace, f"away-{mode}", mailbox=mailbox, headers="Auto-Submitted: auto-replied\n"
                )
                self.assertEqual(letters.browse(away).kind, "auto_reply")
                self.assertFalse(trace.reply_datetime)
                bounced = self._trace(mailing, self.binh)
                raw = BOUNCE.format(to=mailbox.email, answered=bounced.message_id, address=bounced.email)
                raw = f"References: {bounced.message_id}\n" + raw.replace("<bounce@", f"<bounce-{mode}@")
                with mute_logger("odoo.addons.mail.models.mail_thread"):
                    letter = self.env["mail.thread"].message_process(
                        "partner.letter", raw.encode(), {"mailbox_id": mailbox.id}
                    )
                self.assertEqual(letters.browse(letter).kind, "bounce")
                self.assertEqual((bounced.trace_status, bounced.reply_datetime), ("bounce", False))
                self._reply(trace, f"here-{mode}", mailbox=mailbox)
                self.assertEqual(trace.trace_status, "reply", "a person does respond")

    def test_log_entry_of_a_stranger(self):
        mailing = self._sent(answer_mode="log")
        self._reply(self._trace(mailing, self.anna), 1, sender="who@stranger.example")
        self.assertEqual(mailing.answer_count, 1)
        self.assertFalse(mailing.answer_ids.partner_id or mailing.answer_ids.log_id)
        self.assertIn("How much is it?", mailing.message_ids[0].body)

    def test_forged_sender(self):
        """An answer that says it is of a colleague is nobody's work: the system makes what it becomes.

        Whoever writes such an answer has the letter before him, so Odoo shows the author that the From names; it
        counts as no contact of his, and nothing is made in his name.
        """
        self.user_sales.email = "sales@our-company.example"
        for mode in ("inquiry", "log"):
            with self.subTest(mode=mode):
                mailing = self._sent(answer_mode=mode)
                trace = self._trace(mailing, self.anna)
                self._reply(trace, mode, sender="Sales <sales@our-company.example>")
                answer = mailing.answer_ids
                self.assertEqual(len(answer), 1)
                for record in (answer, answer.lead_id, answer.log_id.sudo()):
                    self.assertNotIn(self.user_sales, record.create_uid)
        logs = self.env["partner.contact.log"].search(
            [("user_id", "=", self.user_sales.id), ("direction", "=", "out")]
        )
        self.assertFalse(logs)

    def test_a_mailing_that_comes_back_is_no_answer(self):
        """Nothing is sent to an address of ours; a letter that its receiver passes on to one begins no round."""
        self.binh.email = self.company.catchall_email
        for mode in ("inquiry", "log"):
            with self.subTest(mode=mode):
                mailing = self._mailing(answer_mode=mode)
                mails = self._send(mailing)
                self.assertEqual(self._trace(mailing, self.binh).trace_status, "cancel")
                trace = self._trace(mailing, self.anna)
                mails = mails.filtered(lambda mail, trace=trace: mail.message_id == trace.message_id)
                [source] = list(build(mails))
                self.assertIn(trace.message_id.encode(), source)
                # core keeps no message of a mailing that was sent
                mails.mail_message_id.message_id = f"<{mode}@else.example.net>"
                before = self.env["mail.mail"].sudo().search_count([])
                source = b"Delivered-To: " + self.company.catchall_email.encode() + b"\r\n" + source
                for _time in range(2):
                    with mute_logger("odoo.addons.mail.models.mail_thread"), suppress(ValueError):
                        # core knows no document for it
                        self.env["mail.thread"].message_process(False, source)
                self.assertFalse(mailing.answer_ids or self._leads())
                self.assertNotEqual(trace.trace_status, "reply")
                self.assertEqual(self.env["mail.mail"].sudo().search_count([]), before)

    def test_header_injection(self):
        mailing = self._mailing(subject=EVIL)
        self.anna.name = EVIL
        forged, count = find_forged(self._send(mailing))
        self.assertFalse(forged)
        self.assertGreater(count, 2)

    def test_as_odoo_does(self):
        mailing = self._sent(reply_to="ask@our-company.example")
        self.env["mail.alias"].create(
            {"alias_name": "ask", "alias_model_id": self.env["ir.model"]._get_id("crm.lead"),
             "alias_domain_id": self.company.alias_domain_id.id}
        )  # fmt: skip
        lead = self._reply(self._trace(mailing, self.anna), 1, to="ask@our-company.example")
        self.assertEqual(self._leads().ids, [lead])
        self.assertFalse(mailing.answer_ids)

    def test_reply_address(self):
        mailings = self.env["mailing.mailing"].with_user(self.user_marketing)
        with Form(mailings.with_context(default_segment_id=self.segment.id)) as form:
            form.subject = "Reply"
            self.assertNotIn("catchall", form.reply_to)
            form.answer_mode = "inquiry"
            self.assertIn("catchall@our-company.example", form.reply_to)
            self.assertFalse(form.answer_hint)
            form.reply_to = "me@elsewhere.example"
            self.assertIn("me@elsewhere.example", form.answer_hint)
        self.assertEqual(form.record.reply_to, "me@elsewhere.example")
