import re

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command

from ...tools.passing_errors import is_passing

# What core says of an e-mail that was given to no mail server.
NOT_HANDED_OVER = {
    "mail_smtp", "mail_email_invalid", "mail_email_missing", "mail_from_invalid", "mail_from_missing",
}  # fmt: skip
# How a mail server says that it does not take an e-mail, as core has it in the reason; after a time-out nobody knows.
REFUSED = re.compile(r"\bSMTP(RecipientsRefused|SenderRefused|DataError|HeloError|AuthenticationError)\b")


class MailMail(models.Model):
    """A payment reminder is read once more in the moment it goes to the mail server."""

    _inherit = "mail.mail"

    def send(self, auto_commit=False, raise_exception=False, post_send_callback=None):
        # core skips what was taken back meanwhile, such as by a savepoint after it was queued
        letters = self.exists().filtered(
            lambda mail: mail.model == "partner.payment.reminder" and mail.state == "outgoing"
        )
        settled = letters and letters._cancel_settled()
        return super(MailMail, self - settled if settled else self).send(
            auto_commit=auto_commit, raise_exception=raise_exception, post_send_callback=post_send_callback
        )

    def _is_surely_unsent(self):
        """Whether an e-mail can be written anew by itself without that its receiver may get it twice."""
        self.ensure_one()
        if self.state == "cancel":
            return not self.failure_type
        return self.state == "exception" and bool(
            self.failure_type in NOT_HANDED_OVER or REFUSED.search(self.failure_reason or "")
        )

    def _cancel_settled(self):
        """Cancel the letters about what was paid since, and write the others anew where anything changed.

        A letter that cannot be written anew is cancelled as well, and its reminder tells why: an error here would
        keep back all mail of the queue.

        :return: the cancelled ones
        """
        try:
            with self.env.cr.savepoint():
                return self._write_anew()
        except Exception as error:
            if is_passing(error):
                raise
            if len(self) > 1:
                return self.browse().union(*(mail._cancel_settled() for mail in self))
            # sudo: as below
            reminder = (
                self.env["partner.payment.reminder"].sudo().search([("mail_id", "=", self.id)], limit=1)
            )
            if reminder:
                reminder._fail(error)
            self.write({"state": "cancel", "failure_reason": reminder.problem})
            return self

    def _write_anew(self):
        """Return those of the letters that are cancelled, as what they tell was paid; write the others anew."""
        # sudo: the queue sends for everybody
        reminders = self.env["partner.payment.reminder"].sudo().search([("mail_id", "in", self.ids)])
        before = {reminder: reminder._get_letter() for reminder in reminders}
        kept = reminders._refresh()
        settled = (reminders - kept).mail_id & self
        settled.write({"state": "cancel"})
        changed = kept.filtered(lambda reminder: reminder._get_letter() != before[reminder])
        former = changed.mail_id.attachment_ids
        for level, alike in changed.grouped("level_id").items():
            contents = level.template_id._generate_template(alike.ids, ("subject", "body_html"))
            attachments, failed = alike._get_attachments(level)
            for reason in failed.values():
                raise UserError(reason)
            for reminder in alike:
                content = contents[reminder.id]
                reminder.mail_id.write(
                    {
                        "subject": content["subject"],
                        "body_html": content["body_html"],
                        # not those of what was paid
                        "attachment_ids": [Command.set(attachments.get(reminder, ()))],
                    }
                )
        # what was printed for the letters alone; what was sent with an invoice is the invoice's
        dropped = former - changed.mail_id.attachment_ids
        dropped.filtered(lambda file: file.res_model == reminders._name).unlink()
        # a letter that was deleted is not sent either
        return settled

    def _postprocess_sent_message(
        self, success_pids, success_emails, failure_reason=False, failure_type=None
    ):
        letters = self.filtered(lambda mail: mail.model == "partner.payment.reminder")
        if letters:
            # sudo: as above
            reminders = self.env["partner.payment.reminder"].sudo().search([("mail_id", "in", letters.ids)])

            def get_refusal(reminder):
                mail = reminder.mail_id
                # core does not tell of a letter whose receiver was deleted meanwhile
                missed = mail.state == "exception" and (mail.failure_reason or mail.failure_type)
                return (failure_reason or failure_type) if failure_type else missed

            for reason, alike in reminders.grouped(get_refusal).items():
                alike._mark_sent(
                    self.env._("The mail server refused the letter: %s", reason) if reason else None
                )
        return super()._postprocess_sent_message(
            success_pids, success_emails, failure_reason=failure_reason, failure_type=failure_type
        )
