from odoo import api, fields, models


class IrMailServer(models.Model):
    """The server of a mailbox sends for this mailbox only."""

    _inherit = "ir.mail_server"

    mailbox_ids = fields.One2many("partner.mailbox", "mail_server_id", string="Mailboxes", readonly=True)

    @api.model
    def _filter_mail_servers_fallback(self, servers):
        return super()._filter_mail_servers_fallback(servers).filtered(lambda server: not server.mailbox_ids)
