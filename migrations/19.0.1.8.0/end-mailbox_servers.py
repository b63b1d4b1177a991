"""Let the servers of archived mailboxes rest: they went on fetching, and sending what had no other server."""

import logging

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)


def migrate(cr, version):
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
    # SQL: what is off stays off until somebody tests it, whatever becomes of its mailbox
    cr.execute(
        """
        UPDATE ir_mail_server SET is_untested = TRUE
         WHERE active IS NOT TRUE AND id IN (SELECT mail_server_id FROM partner_mailbox)
        """
    )
    env.invalidate_all()
    for mailbox in env["partner.mailbox"].search([("active", "=", False)]):
        mailbox.fetchmail_server_id.filtered("active").active = False
        try:
            with cr.savepoint():
                mailbox.mail_server_id._follow_mailboxes()
        except UserError as error:
            # a template or mailing names the server itself: that is for its administrator to say
            _logger.warning("The servers of the archived mailbox %s stay in use: %s", mailbox.id, error)
