"""Mailings to segments with a real mail server, real processes and real commits: counted, killed, two at once."""

from collections import Counter

from odoo import Command
from odoo.tests import tagged

from ..processes import SEND, CommittingCase, dying_send

TAG = "Segment SMTP"
# Dies with a letter in the hand, when four are with the mail server.
DYING_RUN = dying_send(4, 'env["mailing.mailing"]._process_mass_mailing_queue()')
RUN = """
env["mailing.mailing"]._process_mass_mailing_queue()
env.cr.commit()
"""
WANTED = {f"wanted{number}@example.com": 1 for number in range(7)}


@tagged("post_install", "-at_install", "relations_commits")
class TestSegmentSmtp(CommittingCase):
    """What is committed here is taken back at the end, by hand."""

    def setUp(self):
        super().setUp()
        with self.registry.cursor() as cr:
            env = self._env(cr)
            servers = env["ir.mail_server"].search([])
            tag = env["res.partner.category"].create({"name": TAG})
            addresses = [
                *WANTED,
                # the same address once more, spelled otherwise, of another contact
                "Wanted <WANTED0@example.com>",
                *(
                    "blacklisted@example.com",
                    "optedout@example.com",
                    "excluded@example.com",
                    "left@example.com",
                ),
            ]
            partners = env["res.partner"].create(
                [
                    {"name": f"Recipient {number}", "email": address, "category_id": [Command.link(tag.id)]}
                    for number, address in enumerate(addresses)
                ]
            )
            blacklist = env["mail.blacklist"]._add("blacklisted@example.com")
            news = env["mailing.list"].create({"name": TAG})
            contact = env["mailing.contact"].create(
                {
                    "email": "optedout@example.com",
                    "subscription_ids": [Command.create({"list_id": news.id, "opt_out": True})],
                }
            )
            by_address = {partner.email_normalized: partner for partner in partners}
            segment = env["partner.segment"].create(
                {
                    "name": TAG,
                    "domain": repr([("category_id", "in", tag.ids)]),
                    "exclude_ids": by_address["excluded@example.com"].ids,
                }
            )
            mailing = env["mailing.mailing"].create(
                {
                    "subject": TAG,
                    "body_html": "<p>Dear <t t-out='object.name'/></p>",
                    "segment_id": segment.id,
                    "mailing_model_id": env["ir.model"]._get_id("res.partner"),
                }
            )
            mailing.action_put_in_queue()
            # after it was queued, before it is sent
            by_address["left@example.com"].category_id = False
            server = self.inbox.take_over(env)
            env["mail.mail"].search([("state", "=", "outgoing")]).unlink()
            env["ir.config_parameter"].set_param("mail.batch_size", "3")
            made = [mailing, segment, contact, news, blacklist, partners, tag, server]
            made = [(records._name, records.ids) for records in made]
            found = servers.ids
            self.mailing_id, self.segment_id = mailing.id, segment.id
            self.partner_ids = {address: partner.id for address, partner in by_address.items()}
        self.addCleanup(self._take_back, made, found)

    def _take_back(self, made, servers):
        with self.registry.cursor() as cr:
            env = self._env(cr)
            env["mail.mail"].search([("mailing_id", "=", self.mailing_id)]).unlink()
            for model, ids in made:
                env[model].with_context(active_test=False).browse(ids).exists().unlink()
            env["ir.mail_server"].browse(servers).active = True
            parameters = env["ir.config_parameter"]
            parameters.search([("key", "in", ("mail.batch_size", "mail.mail.force.send.limit"))]).unlink()

    def test_counted(self):
        self._run(RUN + SEND)
        self.assertEqual(dict(self.inbox.received), WANTED)
        with self.registry.cursor() as cr:
            traces = self._env(cr)["mailing.mailing"].browse(self.mailing_id).mailing_trace_ids
            self.assertEqual(
                Counter(traces.mapped("trace_status")),
                {"sent": 7, "cancel": 2},
                "the two are named with a reason",
            )
            reasons = {trace.email: trace.failure_type for trace in traces if trace.trace_status == "cancel"}
        self.assertEqual(
            reasons, {"blacklisted@example.com": "mail_bl", "optedout@example.com": "mail_optout"}
        )
        self._run(RUN + SEND)
        self.assertEqual(dict(self.inbox.received), WANTED, "a further run sends nothing")

    def test_killed_and_started_again(self):
        self._run(DYING_RUN, -9)
        self.assertEqual(self.inbox.received.total(), 4)
        self._run(RUN + SEND)
        self.assertEqual(dict(self.inbox.received), WANTED)
        self._run(RUN + SEND)
        self.assertEqual(dict(self.inbox.received), WANTED, "a further run sends nothing")

    def test_changed_while_the_letters_wait(self):
        with self.registry.cursor() as cr:
            self._env(cr)["ir.config_parameter"].set_param("mail.mail.force.send.limit", "0")
        self._run(RUN)
        self.assertFalse(self.inbox.received)
        with self.registry.cursor() as cr:
            env = self._env(cr)
            segment = env["partner.segment"].browse(self.segment_id)
            segment.exclude_ids = [Command.link(self.partner_ids["wanted1@example.com"])]
            env["res.partner"].browse(self.partner_ids["wanted2@example.com"]).active = False
            blacklist = env["mail.blacklist"]._add("wanted3@example.com")
            blacklist_id = blacklist.id
        self.addCleanup(self._unlink, "mail.blacklist", blacklist_id)
        self._run(SEND)
        gone = {"wanted1@example.com", "wanted2@example.com", "wanted3@example.com"}
        self.assertEqual(dict(self.inbox.received), {one: 1 for one in WANTED if one not in gone})

    def _unlink(self, model, record_id):
        with self.registry.cursor() as cr:
            self._env(cr)[model].browse(record_id).unlink()
