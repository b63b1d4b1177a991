"""Letters written by people, with a real mail server: the server dies with the letter in the hand."""

from odoo.tests import tagged

from ..processes import LATER, SEND, CommittingCase, dying_with_the_answer

ADDRESS = "receiver-once@example.com"


@tagged("post_install", "-at_install", "relations_commits")
class TestLetterKill(CommittingCase):
    """What is committed here is taken back at the end, by hand."""

    def setUp(self):
        super().setUp()
        with self.registry.cursor() as cr:
            env = self._env(cr)
            servers = env["ir.mail_server"].search([])
            server = self.inbox.take_over(env)
            env["mail.mail"].search([("state", "=", "outgoing")]).unlink()
            mailbox = env["partner.mailbox"].create({"name": "Once", "email": "once@our.example.com"})
            partner = env["res.partner"].create({"name": "Receiver", "email": ADDRESS})
            self.mailbox, self.partner = mailbox.id, partner.id
            made = server.id
            found = servers.ids
        self.addCleanup(self._take_back, made, found)

    def _take_back(self, made, found):
        with self.registry.cursor() as cr:
            env = self._env(cr)
            letters = env["partner.letter"].search([("mailbox_id", "=", self.mailbox)])
            env["mail.mail"].search(
                [("model", "=", "partner.letter"), ("res_id", "in", letters.ids)]
            ).unlink()
            letters.unlink()
            env["partner.mailbox"].browse(self.mailbox).unlink()
            env["ir.mail_server"].browse(made).unlink()
            env["res.partner"].browse(self.partner).unlink()
            env["ir.mail_server"].browse(found).active = True

    def _write(self):
        return f"""
letters = env["partner.letter"].with_user(env.ref("base.user_admin"))
letters._send_new(
    letters.env["partner.mailbox"].browse({self.mailbox}), letters.env["res.partner"].browse({self.partner}),
    "Once", "<p>Once only</p>",
)
env.cr.commit()
"""

    def _states(self):
        with self.registry.cursor() as cr:
            env = self._env(cr)
            letters = env["partner.letter"].search([("mailbox_id", "=", self.mailbox)])
            return letters.mapped("direction"), letters.message_ids.notification_ids.mapped(
                "notification_status"
            )

    def test_sent(self):
        self._run(self._write() + SEND)
        self.assertEqual(dict(self.inbox.received), {ADDRESS: 1})
        self.assertEqual(self._states(), (["out"], ["sent"]))

    def test_killed_with_the_answer_in_the_hand(self):
        self._run(dying_with_the_answer(1, self._write()), -9)
        self.assertEqual(dict(self.inbox.received), {ADDRESS: 1})
        self._run(SEND + LATER + SEND)
        self.assertEqual(dict(self.inbox.received), {ADDRESS: 1}, "nobody gets it twice")
        self.assertEqual(self._states(), (["out"], ["exception"]), "the doubt is shown on the letter")
        self._run(f"""
env["mail.mail"].search([("model", "=", "partner.letter"), ("state", "=", "exception")]).mark_outgoing()
{SEND}""")
        self.assertEqual(dict(self.inbox.received), {ADDRESS: 2}, "unless somebody has it sent again")
        self.assertEqual(self._states(), (["out"], ["sent"]))
