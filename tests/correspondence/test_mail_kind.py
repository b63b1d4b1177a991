import email
import os
import random
from email import policy
from pathlib import Path

from odoo.modules.module import get_module_path
from odoo.tests import BaseCase, tagged

from ...tools.mail_kind import bounced_message_id, bounced_recipients, classify

OWN = frozenset({"service@our.example.com", "mai@our.example.com"})
KINDS = {"letter", "auto_reply", "bounce", "delivery_report", "newsletter", "loop"}
# Of the 48 messages of the case files, those that are no letters, and why.
CASES = {
    "msg_02.txt": "newsletter",  # a digest of Mailman
    "msg_05.txt": "bounce",  # multipart/report of delivery-status, without the status
    "msg_16.txt": "bounce",  # action failed, though it went through a list
    "msg_25.txt": "bounce",  # action failed, in a report whose boundary is missing
    "msg_32.txt": "newsletter",  # Precedence: bulk, of a list, to others
    "msg_33.txt": "newsletter",  # the same, signed
    "msg_42.txt": "bounce",  # from the Mail Delivery Subsystem, with the letter that came back
    "msg_43.txt": "bounce",  # refused by a spam firewall, action failed for 31 receivers
}
BOUNCED = {
    "msg_16.txt": (
        ["jangel1@cougar.noc.ucla.edu"],
        "<002001c144a6$8752e060$56104586@oxy.edu>",
    ),
    "msg_25.txt": (["scoffman@wellpartner.com"], "<01040616033903.00962@server>"),
}


def cases():
    """Messages kept beside the project; see the same in the tests of the classification."""
    folder = os.environ.get("PARTNER_RELATIONS_CASES")
    return (
        Path(folder)
        if folder
        else Path(get_module_path("partner_relations")).resolve().parent / "shared/cases"
    )


def report(*blocks, about="Message-ID: <sent@our.example.com>\nSubject: Offer", headers="", text="Sorry."):
    """The source of a report of delivery."""
    status = "\n\n".join(("Reporting-MTA: dns; mx.example.org", *blocks))
    return (
        f"From: Mail Delivery System <MAILER-DAEMON@mx.example.org>\nTo: service@our.example.com\n{headers}"
        "Subject: Delivery report\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="B"\n\n'
        f"--B\nContent-Type: text/plain\n\n{text}\n\n--B\nContent-Type: message/delivery-status\n\n{status}\n\n"
        f"--B\nContent-Type: text/rfc822-headers\n\n{about}\n\n--B--\n"
    )


def block(action, status="", recipient="gone@example.org", more=""):
    return (
        f"Final-Recipient: rfc822; {recipient}\n"
        + (f"Action: {action}\n" if action else "")
        + (f"Status: {status}\n" if status else "")
        + more
    ).strip()


@tagged("post_install", "-at_install")
class TestMailKind(BaseCase):
    def _parse(self, source):
        """The message as every policy gives it; what is asked has to be the same of all."""
        source = source if isinstance(source, bytes) else source.encode()
        return [
            email.message_from_bytes(source, policy=one)
            for one in (policy.SMTP, policy.default, policy.compat32)
        ]

    def _classify(self, source, own=OWN):
        kinds = {classify(message, own) for message in self._parse(source)}
        self.assertEqual(len(kinds), 1, "the policy of the parser makes no difference")
        return kinds.pop()

    def _mail(self, subject="Delivery", body="When does it come?", **headers):
        values = {
            "Message-ID": "<one@customer.example.org>",
            "From": "Lan <lan@customer.example.org>",
            "To": "service@our.example.com",
            "Subject": subject,
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        lines = [f"{name}: {value}" for name, value in values.items() if value is not None]
        return "\n".join(lines) + f"\n\n{body}\n"

    def _check(self, expected, **headers):
        with self.subTest(headers=headers):
            self.assertEqual(self._classify(self._mail(**headers)), expected)

    # ------------------------------------------------------------------
    # Real mail
    # ------------------------------------------------------------------
    def test_case_files(self):
        folder = cases() / "emails" / "cpython"
        if not folder.exists():
            # without them the invented ones below do
            self.assertFalse(os.environ.get("PARTNER_RELATIONS_CASES"), "the folder of cases has no e-mails")
            return
        files = sorted(folder.glob("*.txt"))
        self.assertEqual(len(files), 48)
        for path in files:
            with self.subTest(path=path.name):
                source = path.read_bytes()
                self.assertEqual(self._classify(source), CASES.get(path.name, "letter"))
                for message in self._parse(source):
                    expected = BOUNCED.get(path.name)
                    if expected:
                        self.assertEqual((bounced_recipients(message), bounced_message_id(message)), expected)
                    elif path.name not in CASES:
                        self.assertFalse(bounced_message_id(message))

    # ------------------------------------------------------------------
    # RFC 3834 and what programs use beside it
    # ------------------------------------------------------------------
    def test_auto_submitted(self):
        for value in (
            "auto-replied", "auto-generated", "auto-notified", "AUTO-REPLIED", "auto-replied (vacation)",
            "(hello) auto-replied", "auto-replied; owner-email=\"a@b.c\"", "auto-generated (failure)", "yes",
        ):  # fmt: skip
            self._check("auto_reply", Auto_Submitted=value)
        for value in ("no", "No", "no (by hand)", "(hi) no; x=y", "", " "):
            self._check("letter", Auto_Submitted=value)

    def test_headers_of_programs(self):
        for name, value in [
            ("X-Autoreply", "yes"), ("X-Autorespond", "Delivery"), ("X-Autoreply-From", "lan@customer.example.org"),
            ("Precedence", "auto_reply"), ("X-POST-MessageClass", "9; Autoresponder"), ("Return-Path", "<>"),
            ("Return-Path", " < > "), ("X-AutoGenerated", "Reply"), ("From", "<>"), ("From", "Reports < >"),
        ]:  # fmt: skip
            self._check("auto_reply", **{name: value})
        for name, value in [
            ("X-Autoreply", "no"), ("Precedence", "normal"), ("Precedence", "first-class"),
            ("Return-Path", "<lan@customer.example.org>"), ("X-Auto-Response-Suppress", "All"),
            ("X-Auto-Response-Suppress", "OOF"), ("Importance", "high"),
        ]:  # fmt: skip
            self._check("letter", **{name: value})

    def test_words_of_a_subject_are_weak(self):
        for subject in (
            "Automatic reply: Delivery", "Out of Office: Delivery", "Abwesenheitsnotiz",
            "Automatische Antwort: Angebot", "Réponse automatique : Offre", "Trả lời tự động: Báo giá",
            "=?utf-8?b?VHLhuqMgbOG7nWkgdOG7sSDEkeG7mW5nOiBC?=",
            "自动回复: x", "Respuesta automática: x", "Автоответ: x",
        ):  # fmt: skip
            self._check("letter", subject=subject)
            self._check("auto_reply", subject=subject, Return_Path="<>")
            self._check("auto_reply", subject=subject, X_Auto_Response_Suppress="All")
        answered = {"In_Reply_To": "<sent@our.example.com>"}
        self._check("auto_reply", subject="Automatic reply: Delivery", **answered)
        self._check("letter", subject="Re: Automatic reply: Delivery", **answered)
        self._check("letter", subject="Automatic doors: offer", **answered)
        self._check("letter", subject="Out of office furniture we make tables", **answered)
        self._check("letter", subject="Undelivered goods", **answered)
        self._check("letter", subject="Returned to sender: our parcel")

    def test_answers_to_invitations(self):
        for method, expected in [("REPLY", "auto_reply"), ("REQUEST", "letter"), ("COUNTER", "letter")]:
            source = self._mail(
                subject="Accepted: Meeting", Content_Type=f"text/calendar; charset=utf-8; method={method}"
            )
            self.assertEqual(self._classify(source), expected)

    # ------------------------------------------------------------------
    # Reports of delivery: RFC 3464, 6533, 8098, and in a server's own words
    # ------------------------------------------------------------------
    def test_actions(self):
        for blocks, expected in [
            ([block("failed", "5.1.1")], "bounce"),
            ([block("Failed (mailbox full)", "5.2.2")], "bounce"),
            ([block("delayed", "4.4.1")], "delivery_report"),
            ([block("delivered", "2.0.0")], "delivery_report"),
            ([block("relayed", "2.0.0")], "delivery_report"),
            ([block("expanded", "2.0.0")], "delivery_report"),
            ([block("delivered", "2.0.0"), block("failed", "5.1.1")], "bounce"),
            ([block("", "5.1.1")], "bounce"),
            ([block("", "4.2.2")], "delivery_report"),
            ([], "bounce"),
        ]:
            with self.subTest(blocks=blocks):
                self.assertEqual(self._classify(report(*blocks)), expected)

    def test_what_bounced(self):
        source = report(
            block("failed", "5.1.1", "one@example.org"),
            block("delayed", "4.4.1", "two@example.org"),
            block("failed", "5.2.2", "new@example.org", "Original-Recipient: rfc822;Three@example.org"),
            block("failed", "5.2.2", "<four@example.org>"),
        )
        for message in self._parse(source):
            self.assertEqual(
                bounced_recipients(message), ["one@example.org", "three@example.org", "four@example.org"]
            )
            self.assertEqual(bounced_message_id(message), "<sent@our.example.com>")

    def test_report_within_another_part_and_forwarded(self):
        inner = report(block("failed", "5.1.1"))
        head, _empty, body = inner.partition("\n\n")
        content_type = next(line for line in head.splitlines() if line.startswith("Content-Type"))
        nested = (
            "From: MAILER-DAEMON@mx.example.org\nTo: service@our.example.com\nSubject: x\nMIME-Version: 1.0\n"
            'Content-Type: multipart/mixed; boundary="O"\n\n'
            f"--O\n{content_type}\n\n{body}\n--O\nContent-Type: text/plain\n\nfooter of a gateway\n--O--\n"
        )
        self.assertEqual(self._classify(nested), "bounce")
        self.assertEqual(bounced_recipients(self._parse(nested)[0]), ["gone@example.org"])
        # a customer shows us the report that he got: that is a letter, and nothing of ours bounced
        forwarded = (
            "From: Lan <lan@customer.example.org>\nTo: service@our.example.com\nSubject: Fwd: report\n"
            'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="O"\n\n'
            f"--O\nContent-Type: text/plain\n\nPlease look.\n--O\nContent-Type: message/rfc822\n\n{inner}\n--O--\n"
        )
        self.assertEqual(self._classify(forwarded), "letter")
        self.assertEqual(
            [(bounced_recipients(one), bounced_message_id(one)) for one in self._parse(forwarded)],
            [([], None)] * 3,
        )

    def test_encoded_and_international_reports(self):
        source = report(block("failed", "5.1.1", "thúy@ví-dụ.vn")).replace(
            "message/delivery-status", "message/global-delivery-status"
        )
        self.assertEqual(self._classify(source), "bounce")
        source = report(block("failed", "5.1.1")).replace(
            "text/rfc822-headers\n\nMessage-ID: <sent@our.example.com>\nSubject: Offer",
            "message/rfc822\n\nMessage-ID: <sent@our.example.com>\nSubject: Offer\n\nDear",
        )
        self.assertEqual(bounced_message_id(self._parse(source)[0]), "<sent@our.example.com>")

    def test_receipts(self):
        source = (
            "From: Lan <lan@customer.example.org>\nTo: service@our.example.com\nSubject: Read: Offer\n"
            'MIME-Version: 1.0\nContent-Type: multipart/report; report-type=disposition-notification; boundary="B"\n\n'
            "--B\nContent-Type: text/plain\n\nIt was read.\n--B\nContent-Type: message/disposition-notification\n\n"
            "Final-Recipient: rfc822;lan@customer.example.org\nOriginal-Message-ID: <sent@our.example.com>\n"
            "Disposition: manual-action/MDN-sent-manually; displayed\n\n--B--\n"
        )
        self.assertEqual(self._classify(source), "delivery_report")
        self.assertEqual(bounced_recipients(self._parse(source)[0]), [])
        self.assertEqual(bounced_message_id(self._parse(source)[0]), "<sent@our.example.com>")

    def test_bounces_in_a_servers_own_words(self):
        qmail = self._mail(
            From="MAILER-DAEMON@mx.example.org",
            subject="failure notice",
            body="Hi. This is the qmail-send program at mx.example.org.\nI'm afraid I wasn't able to deliver your "
            "message.\n\n<gone@example.org>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n"
            "--- Below this line is a copy of the message.\n\nReturn-Path: <service@our.example.com>\n"
            "Message-ID: <sent@our.example.com>\nTo: gone@example.org\n\nDear other@example.org",
        )
        self.assertEqual(self._classify(qmail), "bounce")
        exim = self._mail(
            From="Mail Delivery System <Mailer-Daemon@mx.example.org>",
            subject="Mail delivery failed: returning message to sender",
            Auto_Submitted="auto-replied",
            X_Failed_Recipients="gone@example.org",
            References="<sent@our.example.com>",
        )
        self.assertEqual(self._classify(exim), "bounce")
        postfix = self._mail(
            From="postmaster@mx.example.org",
            subject="Undelivered Mail Returned to Sender",
            body="I'm sorry.\n\n<gone@example.org>: unknown user\n\n------ This is a copy of the message ------\n"
            "Message-ID: <sent@our.example.com>\n",
        )
        self.assertEqual(self._classify(postfix), "bounce")
        for source in (qmail, exim, postfix):
            for message in self._parse(source):
                self.assertEqual(bounced_recipients(message), ["gone@example.org"])
                self.assertEqual(bounced_message_id(message), "<sent@our.example.com>")

    def test_servers_that_do_not_refuse(self):
        self._check(
            "delivery_report",
            From="Mailer-Daemon@mx.example.org",
            subject="Warning: message 1abc delayed 24 hours",
            Auto_Submitted="auto-replied",
        )
        self._check(
            "delivery_report",
            From="postmaster@mx.example.org",
            subject="Delivery Status Notification (Delay)",
        )
        self._check(
            "letter", From="Postmaster <postmaster@customer.example.org>", subject="Your mail relay is open"
        )

    # ------------------------------------------------------------------
    # Newsletters and lists
    # ------------------------------------------------------------------
    def test_newsletters(self):
        for name, value in [
            ("List-Unsubscribe", "<https://shop.example.org/u>"), ("List-Id", "News <news.example.org>"),
            ("Precedence", "bulk"), ("Precedence", "list"), ("Precedence", "Junk"), ("X-Mailman-Version", "2.1"),
        ]:  # fmt: skip
            self._check("newsletter", **{name: value})
        self._check(
            "newsletter", Auto_Submitted="auto-generated", List_Unsubscribe="<https://shop.example.org/u>"
        )

    def test_lists_where_people_write_to_us(self):
        by_list = {"List_Id": "<talk.example.org>", "Precedence": "list"}
        ours = "<1.2-openerp-7-crm.lead@server> <x@else>"
        self._check("letter", References=ours, **by_list)
        self._check("letter", In_Reply_To="<abc@our.example.com>", **by_list)
        self._check("newsletter", In_Reply_To="<abc@else.example.org>", **by_list)
        self._check("newsletter", References=ours, To="talk@example.org", **by_list)
        # our own address is a group
        self._check("letter", List_Id="Service <service.our.example.com>", Precedence="list")
        self._check("letter", List_Post="<mailto:service@our.example.com>", Precedence="list")

    # ------------------------------------------------------------------
    # Loops
    # ------------------------------------------------------------------
    def test_loops(self):
        own = {"From": "Service <Service@our.example.com>"}
        self._check("loop", Auto_Submitted="auto-replied", **own)
        self._check("loop", X_Odoo_Objects="crm.lead-7", **own)
        self._check("loop", To="lan@customer.example.org", Message_ID="<1-openerp-7-x@our>", **own)
        self._check("letter", To="mai@our.example.com", Message_ID="<1-openerp-7-x@our>", **own)
        self._check("letter", **own)
        self._check("loop", X_Loop="service@our.example.com")
        self._check("letter", X_Loop="FreeBSD.org")
        self._check("letter", X_Odoo_Objects="sale.order-7")
        received = "Received: from a by b; Mon, 1 Jan 2026 10:00:00 +0000\n"
        self.assertEqual(self._classify(received * 51 + self._mail()), "loop")
        self.assertEqual(self._classify(received * 20 + self._mail()), "letter")
        delivered = "Delivered-To: service@our.example.com\n"
        self.assertEqual(self._classify(delivered * 2 + self._mail()), "loop")
        self.assertEqual(
            self._classify(delivered + "Delivered-To: all@our.example.com\n" + self._mail()), "letter"
        )

    # ------------------------------------------------------------------
    # Anything at all
    # ------------------------------------------------------------------
    def test_malformed(self):
        for source in (
            b"", b"\n", b"\x00\xff\xfe", b"no header at all", b"From\n\n", b"From: =?x?b?%%%?=\n\n", b": \n\n",
            b"From: \xff\xfe <a@b\nSubject: =?utf-8?q?=ff=fe?=\nTo: <<>>,;:\n\nx",
            b"Content-Type: multipart/report; report-type=\n\n", b"Content-Type: \xff/;;=\n\nx",
            b"Content-Type: multipart/mixed; boundary=\n\n--\n--\n", b"Content-Type: message/rfc822\n\n",
            b"Content-Type: message/delivery-status\n\n\n\n\n", b"Auto-Submitted: =?utf-8?q?x?=\n\n",
        ):  # fmt: skip
            with self.subTest(source=source):
                self.assertIn(self._classify(source), KINDS)
                for message in self._parse(source):
                    self.assertIsInstance(bounced_recipients(message), list)
                    self.assertIsNone(bounced_message_id(message))

    def test_random_damage_raises_nothing(self):
        """Bytes of real sources changed, cut and doubled, the same in each run."""
        chance = random.Random(3464)
        sources = [
            report(block("failed", "5.1.1"), block("delayed")).encode(),
            self._mail(Auto_Submitted="auto-replied", List_Id="<a.b>").encode(),
        ]
        for _number in range(300):
            source = bytearray(chance.choice(sources))
            for _change in range(chance.randint(1, 12)):
                place = chance.randrange(len(source))
                source[place : place + chance.randint(0, 9)] = bytes(
                    chance.choice(b'\x00\xff\r\n:;<>"=@? ab') for _byte in range(chance.randint(0, 9))
                )
            for message in self._parse(bytes(source)):
                self.assertIn(classify(message, OWN), KINDS)
                bounced_recipients(message)
                bounced_message_id(message)
