from odoo import api, models

from ...tools.auto_reply import is_auto_reply
from ...tools.internal import INTERNAL


class MailThread(models.AbstractModel):
    """The mail gateway tells orders which letters programs sent: they are posted, but answer no request."""

    _inherit = "mail.thread"

    @api.model
    def _message_route_process(self, message, message_dict, routes):
        threads = self
        if any(route[0] == "purchase.order" for route in routes or ()) and is_auto_reply(
            message, message_dict.get("subject")
        ):
            threads = self.with_context(relations_auto_reply=INTERNAL)
        return super(MailThread, threads)._message_route_process(message, message_dict, routes)
