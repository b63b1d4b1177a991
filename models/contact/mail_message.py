from odoo import models

from ...tools.internal import INTERNAL


class MailMessage(models.Model):
    """Entries of the contact log follow the messages they were fed from."""

    _inherit = "mail.message"

    def write(self, vals):
        result = super().write(vals)
        if "model" in vals or "res_id" in vals:
            # A merge of documents moved the messages. sudo: the entries follow, whoever may see them
            logs = self.env["partner.contact.log"].sudo().search([("message_id", "in", self.ids)])
            by_document = logs.grouped(lambda log: (log.message_id.model, log.message_id.res_id))
            for (model, res_id), moved in by_document.items():
                moved.with_context(relations_feeding=INTERNAL).write({"res_model": model, "res_id": res_id})
        return result

    def unlink(self):
        # sudo: an entry goes with its message, whoever may see it; what somebody wrote about it stays
        logs = (
            self.env["partner.contact.log"]
            .sudo()
            .search([("message_id", "in", self.ids), ("agreement", "=", False), ("outcome_id", "=", False)])
        )
        result = super().unlink()
        logs.unlink()
        return result
