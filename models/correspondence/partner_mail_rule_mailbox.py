from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools.mail import formataddr


class PartnerMailRule(models.Model):
    """Mail of a rule leaves from a mailbox, where answers become letters."""

    _inherit = "partner.mail.rule"

    mailbox_id = fields.Many2one(
        "partner.mailbox",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
        domain="[('kind', '=', 'shared'), ('company_id', '=', company_id), ('email', '!=', False)]",
        help="The mailbox it is sent from, with its outgoing server, and in which answers arrive.",
    )

    @api.constrains("mailbox_id")
    def _check_mailbox(self):
        for rule in self:
            # sudo: whether it may be used by all, nothing of its letters
            mailbox = rule.mailbox_id.sudo()
            if mailbox and (mailbox.kind != "shared" or not mailbox.email_normalized):
                raise ValidationError(rule._get_words_no_sender())

    def _get_words_no_sender(self):
        return self.env._(
            "The mailbox “%(mailbox)s” cannot be the sender of the rule “%(rule)s”: choose a shared one "
            "with an e-mail address.",
            mailbox=self.mailbox_id.sudo().name,  # sudo: as above
            rule=self.name,
        )

    def _get_sender(self):
        # sudo: address and server are used for sending, not shown
        mailbox = self.mailbox_id.sudo()
        if not mailbox:
            return super()._get_sender()
        if not mailbox.active or not mailbox.email_normalized:
            # archived since: answers would arrive nowhere
            raise UserError(self._get_words_no_sender())
        return formataddr((mailbox.name, mailbox.email_normalized)), mailbox.mail_server_id.filtered("active")
