from odoo import models
from odoo.exceptions import UserError


class MailMail(models.Model):
    """Letters of a mailing to a segment are checked once more when they go to the mail server."""

    _inherit = "mail.mail"

    def send(self, auto_commit=False, raise_exception=False, post_send_callback=None):
        # core skips what was taken back meanwhile, such as by a savepoint after it was queued
        letters = self.exists().filtered("mailing_id")
        stopped = letters and letters._stop_unwanted(raise_exception)
        return super(MailMail, self - stopped if stopped else self).send(
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

    def _stop_unwanted(self, raise_exception=False):
        """Cancel the letters to those who left the segment since, opted out or were blacklisted; return them.

        Those of a segment that cannot be evaluated fail, and are returned as well.
        """
        stopped = self.browse()
        # a sample that somebody sends to the own address has no trace, and names just any contact
        letters = self.filtered(
            lambda mail: (
                mail.state == "outgoing"
                and mail.model == "res.partner"
                and mail.mailing_id.segment_id
                and mail.mailing_trace_ids
            )
        )
        for mailing, mails in letters.grouped("mailing_id").items():
            try:
                reasons = mailing._get_unwanted_partner_ids(mails.mapped("res_id"))
            except UserError as error:
                if raise_exception:
                    raise
                # one broken segment must not stop the mail of the whole database
                mails._fail_unchecked(str(error))
                stopped |= mails
                continue
            for reason, unwanted in mails.grouped(
                lambda mail, reasons=reasons: reasons.get(mail.res_id)
            ).items():
                if not reason:
                    continue
                # the letter itself knows Odoo's reasons only, the trace tells ours
                unwanted.write(
                    {"state": "cancel", "failure_type": reason if reason == "mail_bl" else "mail_optout"}
                )
                unwanted.mailing_trace_ids.write({"trace_status": "cancel", "failure_type": reason})
                stopped |= unwanted
        return stopped

    def _fail_unchecked(self, problem):
        """Leave letters unsent of which nobody knows whether they are still wanted; they can be sent again."""
        self.write({"state": "exception", "failure_type": "unknown", "failure_reason": problem})
        self.mailing_trace_ids.write(
            {"trace_status": "error", "failure_type": "unknown", "failure_reason": problem}
        )
