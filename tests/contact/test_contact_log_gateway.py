import email
import os
import traceback
from email import policy
from pathlib import Path

from odoo.modules.module import get_module_path
from odoo.tests import tagged
from odoo.tools import email_normalize, mute_logger

from ..common import RelationsCommon

KNOWN = b"""From: "Lan" <lan@acacia.example>
To: sales@our-company.example
Subject: =?utf-8?b?SOG7j2kgZ2nDoQ==?=
Date: Mon, 05 Jan 2026 10:00:00 +0700
Message-ID: <first@acacia.example>
Content-Type: text/plain; charset=utf-8

How much are the oak tables?
"""
UNKNOWN = KNOWN.replace(b"lan@acacia", b"nobody@elsewhere").replace(b"<first", b"<second")
NO_SENDER = KNOWN.replace(b'From: "Lan" <lan@acacia.example>\n', b"").replace(b"<first", b"<third")
NO_DATE = KNOWN.replace(b"Date: Mon, 05 Jan 2026 10:00:00 +0700\n", b"").replace(b"<first", b"<fourth")
BAD_HEADER = KNOWN.replace(b"SOG7j2kgZ2nDoQ==", b"\xff\x00\xfe").replace(b"<first", b"<fifth")


def case_files():
    """Real messages kept beside the project; a machine without them runs the invented ones above."""
    folder = os.environ.get("PARTNER_RELATIONS_CASES")
    root = (
        Path(folder)
        if folder
        else Path(get_module_path("partner_relations")).resolve().parent / "shared/cases"
    )
    return sorted(path for path in root.glob("emails/**/*") if path.is_file())


@tagged("post_install", "-at_install")
class TestContactLogGateway(RelationsCommon):
    """Incoming mail as Odoo's gateway takes it."""

    def setUp(self):
        super().setUp()
        self.refused = []

    def process(self, raw):
        """Give a message to the gateway.

        :return: the lead it made, or None where the gateway itself refuses the message
        """
        with mute_logger("odoo.addons.mail.models.mail_thread", "odoo.tools.mail"):
            try:
                lead_id = self.env["mail.thread"].message_process("crm.lead", raw)
            except Exception as error:
                # Core's own parser fails on a part that claims to be a message and is none. Ours may not; it only
                # hands such a message on to core, as it is for no mailbox.
                frames = traceback.extract_tb(error.__traceback__)
                if any(
                    "partner_relations/models" in frame.filename
                    and not (
                        frame.filename.endswith("mail_thread_letter.py") and frame.name == "message_process"
                    )
                    for frame in frames
                ):
                    raise
                self.refused.append(raw)
                return None
        return self.env["crm.lead"].browse(lead_id) if lead_id else None

    def logs(self, partner):
        return self.env["partner.contact.log"].search([("partner_id", "=", partner.id)])

    def test_known_sender(self):
        person = self._create_person("Lan", email="lan@acacia.example", user_id=self.user_sales.id)
        lead = self.process(KNOWN)
        self.assertRecordValues(
            self.logs(person),
            [
                {
                    "name": "Hỏi giá",
                    "direction": "in",
                    "channel": "email",
                    "state": "done",
                    "res_model": "crm.lead",
                    "res_id": lead.id,
                    "user_id": self.user_sales.id,
                }
            ],
        )
        self.assertEqual(str(self.logs(person).date), "2026-01-05 03:00:00")
        self.process(KNOWN)
        self.assertEqual(len(self.logs(person)), 1, "the same message delivered again")
        for number, raw in enumerate((NO_DATE, BAD_HEADER), 2):
            self.process(raw)
            self.assertEqual(len(self.logs(person)), number)
        self.assertFalse(self.refused)

    def test_unknown_sender(self):
        before = self.env["partner.contact.log"].search_count([])
        for raw in (UNKNOWN, NO_SENDER):
            self.process(raw)
        self.assertEqual(self.env["partner.contact.log"].search_count([]), before)

    def test_real_messages(self):
        """Each real message gives one entry where its sender is a contact, and never stops the gateway."""
        Log, logged = self.env["partner.contact.log"], 0
        for path in case_files():
            raw = path.read_bytes()
            sender = email_normalize(
                email.message_from_bytes(raw, policy=policy.compat32).get("From", "") or ""
            )
            for known in (False, True):
                with self.subTest(path.name, known=known), self.env.cr.savepoint() as savepoint:
                    partner = known and sender and self._create_person(path.name, email=sender)
                    before = Log.search_count([])
                    lead = self.process(raw)
                    authors = lead.message_ids.author_id if lead else self.env["res.partner"]
                    if partner and partner in authors:
                        entries = Log.search([("partner_id", "=", partner.id)])
                        self.assertEqual(entries.mapped("direction"), ["in"])
                        self.assertEqual(entries.res_id, lead.id)
                        logged += 1
                    else:
                        self.assertEqual(Log.search_count([]), before)
                    savepoint.rollback()
        self.assertLessEqual(len(self.refused), len(case_files()) // 10, "core takes nearly all of them")
        self.assertGreaterEqual(logged, len(case_files()) // 10, "some of them are of a known sender")
