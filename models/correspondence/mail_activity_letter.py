from odoo import models

from ...tools.internal import INTERNAL


class MailActivity(models.Model):
    """Closing the executor's activity closes the letter."""

    _inherit = "mail.activity"

    def _action_done(self, feedback=False, attachment_ids=None):
        letters = self.env["partner.letter"]
        if self.env.context.get("relations_letter_activity") is not INTERNAL:
            on_letters = self.filtered(lambda activity: activity.res_model == "partner.letter")
            if on_letters:
                letter_type = self.env.ref(
                    "partner_relations.mail_activity_type_letter", raise_if_not_found=False
                )
                ids = on_letters.filtered(lambda activity: activity.activity_type_id == letter_type).mapped(
                    "res_id"
                )
                letters = letters.browse(ids).exists()
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        if letters:
            letters.with_context(relations_letter_activity=INTERNAL)._close()
        return result
