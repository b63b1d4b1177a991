from odoo import api, models
from odoo.tools import SQL


class PartnerContactLog(models.Model):
    """Letters are entries of the contact log: those that people wrote, each once.

    The words of an entry are read from the message with the rights of whoever looks, so who may not see the mailbox
    sees that there was a letter, and nothing of it.
    """

    _inherit = "partner.contact.log"

    @api.model
    def _feed_message(self, message, recipients):
        if message.model == "partner.letter" and not self._is_letter_contact(message):
            return 0
        return super()._feed_message(message, recipients)

    @api.model
    def _is_letter_contact(self, message):
        letter = self.env["partner.letter"].browse(message.res_id)
        if letter.kind != "letter" or letter.is_junk:
            return False
        if message.message_type != "email":
            return True
        # the same mail on the document that it answers, or in another mailbox, has its entry
        others = self.env["mail.message"].search(
            [("message_id", "=", message.message_id), ("id", "!=", message.id)]
        )
        return not others or not self.search_count([("message_id", "in", others.ids)], limit=1)

    @api.model
    def _follow_letters(self, letters):
        """Let incoming letters whose contact was entered by hand be entries of that contact."""
        # sudo: as the gateway enters those whose contact it finds, for who may change the letter
        logs = self.sudo()
        followed = letters.sudo().filtered(
            lambda letter: (
                letter.direction == "in"
                and letter.mail_message_id.model == letter._name
                and letter.partner_id.partner_share
                and letter.mail_message_id.author_id != letter.partner_id
            )
        )
        entries = logs.search([("message_id", "in", followed.mail_message_id.ids)]).grouped("message_id")
        for partner, its in followed.grouped("partner_id").items():
            messages = its.mail_message_id
            messages.author_id = partner
            known = logs.union(*(entries.get(message, logs)[:1] for message in messages))
            known.partner_id = partner
            for message in messages - known.message_id:
                logs._feed_message(message, ())

    @api.model
    def _feed_messages(self, messages, model):
        if model == "partner.letter":
            self.env["partner.letter"].flush_model(["kind", "is_junk"])
            # SQL: a condition of the statement that reads the history
            messages = SQL(
                "%s AND m.res_id IN (SELECT id FROM partner_letter WHERE kind = 'letter' AND is_junk IS NOT TRUE)",
                messages,
            )
        return super()._feed_messages(messages, model)
