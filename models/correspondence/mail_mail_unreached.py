from datetime import timedelta

from odoo import fields, models

PAUSE = timedelta(minutes=15)
# So long after it was written a mail is worth sending by itself.
GIVE_UP = timedelta(days=1)


class MailMail(models.Model):
    """Mail that goes by itself is tried again while its mail server cannot be reached.

    Core gives up when the connection fails once, so a mail server that is away for a minute would cost a morning's
    e-mails. Nothing was handed over then, so trying again doubles nothing. Comes after what tells rules and reminders
    of their mails: for them it is still in the queue.
    """

    _inherit = "mail.mail"

    def _postprocess_sent_message(
        self, success_pids, success_emails, failure_reason=False, failure_type=None
    ):
        later = self._send_later() if failure_type == "mail_smtp" else self.browse()
        if later and later == self:
            return True
        return super(MailMail, self - later)._postprocess_sent_message(
            success_pids, success_emails, failure_reason=failure_reason, failure_type=failure_type
        )

    def _send_later(self):
        """Keep in the queue what is sent once and is not too old.

        :return: those mails
        """
        now = fields.Datetime.now()
        later = self.filtered(
            lambda mail: (
                mail.is_sent_once
                and mail.state == "exception"
                and not mail.date_handed_over
                and mail.create_date > now - GIVE_UP
            )
        )
        if later:
            later.write({"state": "outgoing", "scheduled_date": now + PAUSE})
            # sudo: whoever sends a letter has the queue looked at later, nothing else
            self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger(now + PAUSE)
        return later
