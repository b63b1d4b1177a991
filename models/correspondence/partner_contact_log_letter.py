from odoo import api, models
from odoo.tools import SQL


class PartnerContactLog(models.Model):
    """Letters are entries of the contact log: those that people wrote, each once.

    The words of an entry are read from the message with the rights of whoever looks, so who may not see the mailbox
    sees that there was a letter, and nothing of it.
    """

    _inherit = "partner.contact.log"

    @api.model
    def _feed_message(self, message, recipients, document=None):
        if message.model == "partner.letter" and not self._filter_letter_contacts(message):
            return 0
        return super()._feed_message(message, recipients, document)

    @api.model
    def _filter_letter_contacts(self, messages):
        """Return those messages of letters that become entries: what people wrote, each mail once."""
        letters = self.env["partner.letter"].browse(messages.mapped("res_id"))
        written = set(letters.filtered(lambda letter: letter.kind == "letter" and not letter.is_junk).ids)
        messages = messages.filtered(lambda message: message.res_id in written)
        mails = messages.filtered(lambda message: message.message_type == "email")
        # the same mail on the document that it answers, or in another mailbox, has its entry
        others = self.env["mail.message"].search(
            [("message_id", "in", mails.mapped("message_id")), ("id", "not in", mails.ids)]
        )
        entries = self.search([("message_id", "in", others.ids)]) if others else self.browse()
        known = set(entries.message_id.mapped("message_id"))
        doubles = mails.browse()
        for mail in mails:
            if mail.message_id in known:
                doubles |= mail
            known.add(mail.message_id)
        return messages - doubles

    @api.model
    def _follow_letters(self, letters):
        """Let incoming letters whose contact was entered by hand be entries of that contact, or of none any more."""
        # sudo: as the gateway enters those whose contact it finds, for who may change the letter
        logs = self.sudo()
        followed = letters.sudo().filtered(
            lambda letter: (
                letter.direction == "in"
                and letter.mail_message_id.model == letter._name
                and letter.mail_message_id.author_id != letter.partner_id
            )
        )
        entries = logs.search([("message_id", "in", followed.mail_message_id.ids)]).grouped("message_id")
        for partner, its in followed.grouped("partner_id").items():
            messages = its.mail_message_id
            messages.author_id = partner
            known = logs.union(*(entries.get(message, logs)[:1] for message in messages))
            if not partner.partner_share:
                # as with a message that goes, what somebody wrote about it stays
                known.filtered(lambda entry: not entry.agreement and not entry.outcome_id).unlink()
                continue
            known.partner_id = partner
            if missing := logs._filter_letter_contacts(messages - known.message_id):
                logs._feed_messages(SQL("m.id = ANY(%s)", missing.ids), letters._name)

    @api.model
    def _follow_junk(self, letters):
        """Take letters that are junk out of the log, and those taken back into it.

        What came into another mailbox, too, where it is none, stays once.
        """
        # sudo: as in _follow_letters
        logs = self.sudo()
        letters = letters.sudo().filtered(
            lambda letter: letter.direction == "in" and letter.mail_message_id.model == letter._name
        )
        junk = letters.filtered("is_junk").mail_message_id
        # as with a message that goes, what somebody wrote about it stays
        logs.search([("message_id", "in", junk.ids)]).filtered(
            lambda entry: not entry.agreement and not entry.outcome_id
        ).unlink()
        missing = letters.mail_message_id - junk
        if junk:
            missing |= junk.search(
                [
                    ("message_id", "in", junk.mapped("message_id")),
                    ("model", "=", letters._name),
                    ("id", "not in", junk.ids),
                ]
            )
        missing -= logs.search([("message_id", "in", missing.ids)]).message_id
        if missing := logs._filter_letter_contacts(missing):
            logs._feed_messages(SQL("m.id = ANY(%s)", missing.ids), letters._name)

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
