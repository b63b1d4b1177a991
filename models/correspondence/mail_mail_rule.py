from odoo import models

from ...tools.mail_rules import MARK


class MailMail(models.Model):
    """What became of a rule's mail stands in the rule's log."""

    _inherit = "mail.mail"

    def _get_rule_logs(self):
        # the mark is read with the mail, so other mails cost no query
        marked = self.filtered(lambda mail: MARK in (mail.headers or ""))
        logs = self.env["partner.mail.rule.log"].sudo()  # sudo: the log is written by the server alone
        return logs.search([("mail_mail_id", "in", marked.ids)]) if marked else logs

    def _postprocess_sent_message(
        self, success_pids, success_emails, failure_reason=False, failure_type=None
    ):
        logs = self._get_rule_logs()
        if logs:
            reason = failure_reason or failure_type
            if not reason:
                # core tells an error of a single recipient in the mail alone
                for log in logs:
                    failed = log.mail_mail_id.state == "exception"
                    log._set_outcome(log.mail_mail_id.failure_reason or "" if failed else None)
            else:
                logs._set_outcome(str(logs[0].mail_mail_id.failure_reason or reason))
        return super()._postprocess_sent_message(
            success_pids, success_emails, failure_reason=failure_reason, failure_type=failure_type
        )

    def cancel(self):
        self._get_rule_logs().filtered(lambda log: log.state == "queued").write(
            {"state": "skipped", "reason": "stopped"}
        )
        return super().cancel()

    def mark_outgoing(self):
        self._get_rule_logs().write({"state": "queued", "reason": False, "detail": False})
        return super().mark_outgoing()
