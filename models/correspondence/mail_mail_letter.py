from odoo import api, models
from odoo.tools.mail import email_normalize


class MailMail(models.Model):
    """What leaves from a mailbox's address is a letter of it, whichever document it was sent from."""

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
            if letters._get_mail_partners(mail) or mail.email_to:
                by_key.setdefault((mailbox_id, mail.message_id), mail)
        if not by_key:
            return
        known = letters.search([("message_id", "in", [message_id for _mailbox, message_id in by_key])])
        known = {(letter.mailbox_id.id, letter.message_id) for letter in known}
        for (mailbox_id, message_id), mail in by_key.items():
            if (mailbox_id, message_id) not in known:
                letters._register_mail(mailbox_id, mail)
