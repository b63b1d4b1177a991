from odoo import models
from odoo.tools import SQL

# Messages that are a contact when a business partner sends or gets them. Mailings, notifications,
# automatic answers and system messages have types of their own.
MESSAGE_TYPES = ("email", "comment", "sms")


class MailThread(models.AbstractModel):
    """E-mails and SMS with a business partner are entries of the contact log."""

    _inherit = "mail.thread"

    def _notify_thread(self, message, msg_vals=False, **kwargs):
        recipients = super()._notify_thread(message, msg_vals=msg_vals, **kwargs)
        if self._relations_is_contact(message, recipients):
            # sudo: whoever posts need not have access to the log; record rules decide who sees the entry
            self.env["partner.contact.log"].sudo()._feed_messages(
                SQL("m.id = %s", message.id),
                message.model,
                directions=("in",) if message.sudo().author_id.partner_share else ("out",),
            )
        return recipients

    def _relations_is_contact(self, message, recipients):
        """Whether the message may be an entry; asks nothing that posting has not read already."""
        if message.message_type not in MESSAGE_TYPES or not message.model or message.mail_activity_type_id:
            return False
        if message.model in self.env["partner.contact.log"]._get_excluded_models():
            return False
        # sudo: only whether the author is one of us, and which recipients were named
        message = message.sudo()
        if not message.author_id:
            return False
        return (
            message.author_id.partner_share
            or bool(message.partner_ids)
            or any(recipient["type"] != "user" for recipient in recipients or ())
        )
