from odoo import models

from ...tools.from_filter import change_sender


class PartnerMailbox(models.Model):
    """The servers of a mailbox follow it: they rest with it, and send for the address that it has."""

    _inherit = "partner.mailbox"

    def write(self, vals):
        # sudo: the addresses that outgoing servers send for
        before = {mailbox: mailbox.email_normalized for mailbox in self.sudo()} if "email" in vals else {}
        # what comes back or is archived by this; one that was active already keeps what an administrator switched off
        moved = self.browse()
        if "active" in vals:
            moved = self.sudo().filtered(lambda mailbox: mailbox.active != vals["active"])
        result = super().write(vals)
        for mailbox, address in before.items():
            mailbox._follow_with_sender(address)
        if {"active", "email"} & vals.keys():
            self._follow_with_servers(moved)
        return result

    def _follow_with_sender(self, address):
        """Let the outgoing server send for the address that the mailbox has now, instead of the one before."""
        server = self.mail_server_id.with_context(active_test=False)
        if server and address != self.email_normalized:
            others = (server.mailbox_ids - self).mapped("email_normalized")
            server.from_filter = change_sender(
                server.from_filter, address, self.email_normalized, keep_old=address in others
            )

    def _follow_with_servers(self, moved):
        """Let the servers rest while the mailbox is archived, and work again afterwards.

        :param moved: those of the mailboxes that were archived or came back
        """
        # sudo: as above
        for mailbox in self.sudo():
            server = mailbox.fetchmail_server_id
            if mailbox in moved and server and server.active != mailbox.active:
                server.active = mailbox.active
            mailbox.mail_server_id._follow_mailboxes()
