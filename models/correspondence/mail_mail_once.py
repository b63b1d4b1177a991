from datetime import timedelta

from odoo import api, fields, models, modules

from ...tools.internal import INTERNAL

# So long a mail server may think about a letter before its sending counts as broken off.
PATIENCE = timedelta(minutes=10)


class MailMail(models.Model):
    """Mail that goes by itself is not sent a second time when the server dies with it in the hand.

    Core sends again what it had not noted as sent. Of mails with ``is_sent_once`` is noted *before* that they are
    handed over (:meth:`IrMailServer.send_email`). Where the answer of the mail server was never noted, nobody can
    know whether it took the mail: it is shown as failed, with the words to decide by, and goes out only if somebody
    has it sent again.
    """

    _inherit = "mail.mail"

    is_sent_once = fields.Boolean(
        readonly=True,
        copy=False,
        help="Not sent again by itself if its sending was broken off in the middle.",
    )
    date_handed_over = fields.Datetime(
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="When it was given to the mail server whose answer is not noted yet.",
    )

    def send_after_commit(self):
        # it sends with a cursor of its own, in which committing is safe; in tests it does not
        once = self.filtered("is_sent_once") if not modules.module.current_test else self.browse()
        if once and self - once:
            once.send_after_commit()
            return (self - once).send_after_commit()
        mails = once.with_context(relations_own_cursor=INTERNAL) if once else self
        return super(MailMail, mails).send_after_commit()

    def _send(self, auto_commit=False, **kwargs):
        auto_commit = auto_commit or self.env.context.get("relations_own_cursor") is INTERNAL
        once = self.browse() if not auto_commit else self.filtered("is_sent_once")
        result = True
        if self - once:
            result = super(MailMail, self - once)._send(auto_commit=auto_commit, **kwargs)
        for mail in once:
            # the server's address is the mail's own, which core hands on with the context
            handed = mail.with_context(relations_handing_over=mail)
            result = super(MailMail, handed)._send(auto_commit=auto_commit, **kwargs)
        return result

    def _note_handing_over(self):
        """Commit that this mail is being handed over: core commits after each mail as well."""
        self.write(
            {
                "date_handed_over": fields.Datetime.now(),
                "failure_type": "unknown",
                "failure_reason": self.env._(
                    "The server was stopped while the letter was being given to the mail server, which may have "
                    "sent it. Ask the receiver, or look into the log of the mail server, before you send it again."
                ),
            }
        )
        self.env.cr.commit()  # pylint: disable=invalid-commit

    def _postprocess_sent_message(
        self, success_pids, success_emails, failure_reason=False, failure_type=None
    ):
        handed = self.filtered("is_sent_once")
        if handed:
            handed.write({"date_handed_over": False})
        return super()._postprocess_sent_message(
            success_pids, success_emails, failure_reason=failure_reason, failure_type=failure_type
        )

    @api.model
    def process_email_queue(self, email_ids=(), batch_size=1000):
        if not email_ids:
            self._settle_broken_off()
        return super().process_email_queue(email_ids=email_ids, batch_size=batch_size)

    @api.model
    def _settle_broken_off(self):
        """Tell rules and reminders of mails whose sending was broken off some time ago."""
        broken = self.search(
            [("date_handed_over", "<", fields.Datetime.now() - PATIENCE), ("state", "=", "exception")]
        ).try_lock_for_update()
        for mail in broken:
            mail._postprocess_sent_message(
                [], [], failure_reason=mail.failure_reason, failure_type=mail.failure_type
            )
