from odoo import models

# Messages that are a contact when a business partner sends or gets them. Mailings, notifications,
# automatic answers and system messages have types of their own.
MESSAGE_TYPES = ("email", "comment", "sms")


class MailThread(models.AbstractModel):
    """E-mails and SMS with a business partner are entries of the contact log."""

    _inherit = "mail.thread"

    def _notify_thread(self, message, msg_vals=False, **kwargs):
        recipients = super()._notify_thread(message, msg_vals=msg_vals, **kwargs)
        # A message kept back for later comes here again when it goes out.
        later = kwargs.get("scheduled_date") and self._is_notification_scheduled(kwargs["scheduled_date"])
        if not later:
            # sudo: whoever posts need not have access to the log; record rules decide who sees the entry.
            # Of the message, only who wrote it to whom is read.
            logs = self.env["partner.contact.log"].sudo()
            # of a message that is just posted, the record is this one
            logs._feed_message(message.sudo(), recipients or (), self if msg_vals else None)
        return recipients
