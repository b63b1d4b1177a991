"""Let the servers of archived mailboxes rest: they went on fetching, and sending what had no other server."""

import logging

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)


def migrate(cr, version):
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
    for mailbox in env["partner.mailbox"].search([("active", "=", False)]):
        try:
            with cr.savepoint():
                mailbox._follow_with_servers()
        except UserError as error:
            # a template or mailing names the server itself: that is for its administrator to say
            _logger.warning("The servers of the archived mailbox %s stay in use: %s", mailbox.id, error)
