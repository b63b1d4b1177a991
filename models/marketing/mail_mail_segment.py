from odoo import models


class MailMail(models.Model):
    """Letters of a mailing to a segment are checked once more when they go to the mail server."""

    _inherit = "mail.mail"

    def send(self, auto_commit=False, raise_exception=False, post_send_callback=None):
        # core skips what was taken back meanwhile, such as by a savepoint after it was queued
        letters = self.exists().filtered("mailing_id")
        unwanted = letters and letters._cancel_unwanted()
        return super(MailMail, self - unwanted if unwanted else self).send(
            auto_commit=auto_commit, raise_exception=raise_exception, post_send_callback=post_send_callback
        )

    def _prepare_outgoing_list(self, mail_server=False, doc_to_followers=None):
        """Write to the one address that was counted and asked about.

        A contact can have several in its field. Odoo writes to each, and asks opt-out and blacklist about the first.
        """
        email_list = super()._prepare_outgoing_list(
            mail_server=mail_server, doc_to_followers=doc_to_followers
        )
        if self.model == "res.partner" and self.mailing_id.segment_id:
            for values in email_list:
                for name in ("email_to", "email_to_normalized"):
                    values[name] = values[name][:1]
        return email_list

    def _cancel_unwanted(self):
        """Cancel the letters to those who left the segment since, opted out or were blacklisted; return them."""
        cancelled = self.browse()
        letters = self.filtered(
            lambda mail: (
                mail.state == "outgoing" and mail.model == "res.partner" and mail.mailing_id.segment_id
            )
        )
        for mailing, mails in letters.grouped("mailing_id").items():
            reasons = mailing._get_unwanted_partner_ids(mails.mapped("res_id"))
            for reason, stopped in mails.grouped(
                lambda mail, reasons=reasons: reasons.get(mail.res_id)
            ).items():
                if not reason:
                    continue
                # the letter itself knows Odoo's reasons only, the trace tells ours
                stopped.write(
                    {"state": "cancel", "failure_type": reason if reason == "mail_bl" else "mail_optout"}
                )
                stopped.mailing_trace_ids.write({"trace_status": "cancel", "failure_type": reason})
                cancelled |= stopped
        return cancelled
