from odoo import api, fields, models
from odoo.fields import Domain

from ...tools.internal import INTERNAL


class IrMailServer(models.Model):
    """The server of a mailbox sends for this mailbox only, and that of a personal one what its owner wrote.

    Core's ``owner_user_id`` says as much, of the one server that a user set up in the preferences: it must have the
    user's own address and name, is thrown away by core otherwise, and cannot be tested before it is used. So the
    owner is that of the mailbox, and the places where core asks for it ask for that one too.
    """

    _inherit = "ir.mail_server"

    mailbox_ids = fields.One2many("partner.mailbox", "mail_server_id", string="Mailboxes", readonly=True)
    is_untested = fields.Boolean(
        readonly=True,
        copy=False,
        help="Entered in a mailbox or switched off since its connection was tested there. It is not used.",
    )

    def write(self, vals):
        if "active" in vals and self.env.context.get("relations_following_mailbox") is not INTERNAL:
            # whoever switches it on says that it works; what was switched off does not go on with its mailbox
            vals = {"is_untested": not vals["active"], **vals}
        return super().write(vals)

    def _follow_mailboxes(self):
        """Work while a mailbox with an address needs it and its test succeeded; else rest."""
        for server in self.with_context(active_test=True, relations_following_mailbox=INTERNAL):
            needed = any(mailbox.active and mailbox.email_normalized for mailbox in server.mailbox_ids)
            active = needed and not server.is_untested
            if server.active != active:
                server.active = active

    @api.model
    def _filter_mail_servers_fallback(self, servers):
        mailboxes = self.env["partner.mailbox"]._get_server_mailboxes()
        return (
            super()._filter_mail_servers_fallback(servers).filtered(lambda server: server.id not in mailboxes)
        )

    def _find_mail_server_allowed_domain(self):
        personal = self.env["partner.mailbox"]._get_personal_servers()
        return super()._find_mail_server_allowed_domain() & Domain("id", "not in", list(personal))
