from odoo import api, models
from odoo.service.model import MAX_TRIES_ON_CONCURRENCY_FAILURE as TRIES
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY as CONFLICTS
from odoo.tools import clean_context

from ...tools.mail_html import calm_parts
from ...tools.mail_kind import DELIVERY_REPORT, classify
from .fetchmail_server_mailbox import Fetching


class MailThread(models.AbstractModel):
    """Incoming mail of mailboxes becomes letters; all other mail goes Odoo's way, with no query more."""

    _inherit = "mail.thread"

    @api.model
    def message_process(
        self, model, message, custom_values=None, save_original=False, strip_attachments=False, thread_id=None
    ):
        if model != "partner.letter":
            # it may be for the alias of a mailbox
            message = self._get_letter_gateway()._read_source(message)
            result = super().message_process(
                model, message, custom_values, save_original, strip_attachments, thread_id
            )
            if result is False:
                return self._get_letter_gateway()._gateway_copy(message, save_original, strip_attachments)
            return result
        return self._process_letter(message, custom_values, save_original, strip_attachments)

    @api.model
    def _get_letter_gateway(self):
        """The model of letters as the gateway uses it: without defaults of whoever calls it, but for the server."""
        context = clean_context(self.env.context)
        if server_id := self.env.context.get("default_fetchmail_server_id"):
            context["default_fetchmail_server_id"] = server_id
        # sudo: the mail gateway, which may be run by any user
        return self.env["partner.letter"].sudo().with_context(context)  # pylint: disable=context-overridden

    @api.model
    def _process_letter(self, message, custom_values, save_original, strip_attachments):
        letters = self._get_letter_gateway()
        try:
            return letters._gateway_process(message, custom_values, save_original, strip_attachments)
        except Exception as error:
            # core marks it as fetched all the same, and it would be lost; so it is fetched again
            fetching = self.env.context.get("relations_fetching")
            if isinstance(fetching, Fetching):
                fetching.note(self.env.context.get("default_fetchmail_server_id"), message, error)
            raise

    def _message_parse_extract_payload(self, message, message_dict, save_original=False):
        """A mail that is made to keep its reader busy stops nobody's mail, whichever way it comes."""
        calm_parts(message)
        return super()._message_parse_extract_payload(message, message_dict, save_original)

    @api.model
    def message_route(self, message, message_dict, model=None, thread_id=None, custom_values=None):
        routes = super().message_route(message, message_dict, model, thread_id, custom_values)
        mailbox_id = self.env.context.get("relations_mailbox_id")
        if not mailbox_id and not any(route[0] == "partner.letter" for route in routes):
            return routes
        # sudo: as the gateway
        return self.env["partner.letter"].sudo()._gateway_routes(message, message_dict, routes, mailbox_id)

    @api.model
    def _message_route_process(self, message, message_dict, routes):
        """A letter that came by an alias is tried again, as those of mailboxes are: core would lose it.

        Each fetched mail has a transaction of its own.
        """
        is_letter = any(route[0] == "partner.letter" for route in routes or ())
        by_alias = not self.env.context.get("relations_mailbox_id")
        if not (is_letter and by_alias and self.env.context.get("default_fetchmail_server_id")):
            return super()._message_route_process(message, message_dict, routes)
        for number in range(TRIES):
            try:
                if number and not message_dict.get("is_bounce"):
                    # what the routes have noted went with the transaction; sudo: as the gateway
                    self.env["partner.letter"].sudo()._mark_bounced(message, message_dict)
                # core takes values out of it
                thread_id = super()._message_route_process(message, dict(message_dict), routes)
                # here, not when it is committed
                self.env.flush_all()
                return thread_id
            except CONFLICTS:
                if number + 1 == TRIES:
                    raise
                self.env.cr.rollback()
                self.env.invalidate_all()
        return False

    @api.model
    def _routing_handle_bounce(self, email_message, message_dict):
        if self.env.context.get("relations_mailbox_id") and classify(email_message) == DELIVERY_REPORT:
            # core takes a receipt, or word of a delay, for a bounce; the address works
            return None
        result = super()._routing_handle_bounce(email_message, message_dict)
        # sudo: as above
        self.env["partner.letter"].sudo()._mark_bounced(email_message, message_dict)
        return result
