from collections import defaultdict

from odoo import api, models
from odoo.tools.mail import email_normalize


class MailMail(models.Model):
    """What leaves from a mailbox's address is a letter of it, whichever document it was sent from.

    Of a personal mailbox only what its owner wrote: anybody may have an address by which others send.
    """

    _inherit = "mail.mail"

    @api.model_create_multi
    def create(self, vals_list):
        mails = super().create(vals_list)
        addresses = self.env["partner.mailbox"]._get_addresses()
        if addresses:
            # sudo: the address each mail is sent from, and the letter that is registered of it
            mails.sudo()._register_letters(addresses)
        return mails

    def _register_letters(self, addresses):
        letters = self.env["partner.letter"]
        owners = self.env["partner.mailbox"]._get_owners()
        by_key = {}
        for mail in self:
            mailbox_id = addresses.get(email_normalize(mail.email_from or "", strict=False) or "")
            # a mailing is no letter of somebody, and an automatic answer is none either
            if (
                not mailbox_id
                or not mail.message_id
                or mail.message_type in ("auto_comment", "out_of_office", "user_notification", "notification")
                or (mail._fields.get("mailing_id") and mail["mailing_id"])
            ):
                continue
            if mailbox_id in owners and mail.mail_message_id.create_uid.id != owners[mailbox_id]:
                continue
            if letters._get_mail_partners(mail) or mail.email_to:
                by_key.setdefault((mailbox_id, mail.message_id), mail)
        if not by_key:
            return
        known = letters.search([("message_id", "in", [message_id for _mailbox, message_id in by_key])])
        known = {(letter.mailbox_id.id, letter.message_id) for letter in known}
        letters._register_mails([(key[0], mail) for key, mail in by_key.items() if key not in known])

    def _postprocess_sent_message(
        self, success_pids, success_emails, failure_reason=False, failure_type=None
    ):
        addresses = self.env["partner.mailbox"]._get_addresses()
        letters = self.filtered(
            lambda mail: email_normalize(mail.email_from or "", strict=False) in addresses
        )
        if letters:
            # sudo: the queue sends for everybody
            letters.sudo()._note_delivery(failure_reason or failure_type)
        return super()._postprocess_sent_message(
            success_pids, success_emails, failure_reason=failure_reason, failure_type=failure_type
        )

    def _note_delivery(self, reason):
        """What the mail server refuses came back at once; what it takes later did not."""
        sent = self.env["partner.letter"].search(
            [("mail_message_id", "in", self.mail_message_id.ids), ("direction", "=", "out")]
        )
        # what changes alike is written together: a server that cannot be reached refuses hundreds
        bounced, delivered = defaultdict(sent.browse), sent.browse()
        for letter in sent:
            # another mail of the same letter may have been refused
            refused = letter.mail_message_id.mail_ids.filtered(lambda mail: mail.state == "exception")
            if refused & self:
                bounced[str((refused & self)[0].failure_reason or reason or "")] |= letter
            elif not refused and letter.is_bounced:
                delivered |= letter
        for text, letters in bounced.items():
            letters._set_bounced(text)
        if delivered:
            delivered.with_context(tracking_disable=True).write({"is_bounced": False, "bounce_reason": False})

    # ------------------------------------------------------------------
    # The servers of personal mailboxes
    # ------------------------------------------------------------------
    @api.constrains("mail_message_id", "mail_server_id")
    def _check_mail_server_id(self):
        # a template may name one; core would refuse the mail
        self._leave_personal_servers()
        return super()._check_mail_server_id()

    def _split_by_mail_configuration(self):
        # sudo: the server that each mail is about to be given to, which may be named afterwards; what a savepoint took
        # back is left out, as core does
        self.sudo().exists()._leave_personal_servers()
        yield from super()._split_by_mail_configuration()

    def _filter_mail_mail_servers(self, mail_servers):
        """Leave out the servers of other people's personal mailboxes, as core does with those of users."""
        mail_servers = super()._filter_mail_mail_servers(mail_servers)
        foreign = self._get_foreign_servers(mail_servers.ids)
        return mail_servers.filtered(lambda server: not any(server.id in ids for ids in foreign.values()))

    def _leave_personal_servers(self):
        """Take mails from the server of a personal mailbox that they may not leave by."""
        for mail, server_ids in self._get_foreign_servers(self.mail_server_id.ids).items():
            if mail.mail_server_id.id in server_ids:
                mail.mail_server_id = False

    def _get_foreign_servers(self, server_ids):
        """Return by which of these servers each mail may not leave: ``{mail: {server id, …}}``.

        By the server of a personal mailbox leaves what its owner wrote, and what was registered as an outgoing letter
        of it: who may answer was asked then. That a mail names one of its letters is not enough, as anybody can have
        a message say so.
        """
        if not server_ids:
            # most mails name none: each message that is posted comes here
            return {}
        mailboxes = self.env["partner.mailbox"]
        personal = mailboxes._get_personal_servers()
        personal = {server_id: personal[server_id] for server_id in server_ids if server_id in personal}
        if not personal:
            return {}
        using = mailboxes._get_server_mailboxes()
        messages = self.filtered(lambda mail: mail.model == "partner.letter").mail_message_id
        # sudo: of a letter only its mailbox
        letters = self.env["partner.letter"].sudo()
        sent = letters.search([("mail_message_id", "in", messages.ids), ("direction", "=", "out")])
        mailbox_ids = {letter.mail_message_id.id: letter.mailbox_id.id for letter in sent}
        return {
            mail: {
                server_id
                for server_id, owners in personal.items()
                if mail.mail_message_id.create_uid.id not in owners
                and mailbox_ids.get(mail.mail_message_id.id) not in using[server_id]
            }
            for mail in self
        }
