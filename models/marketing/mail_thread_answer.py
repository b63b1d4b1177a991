import logging

from odoo import api, models
from odoo.tools import clean_context
from odoo.tools.mail import mail_header_msgid_re

from ...tools.auto_reply import is_auto_reply
from ...tools.internal import INTERNAL

_logger = logging.getLogger(__name__)
# Where an answer goes. Mailboxes that have it as well get a letter beside that.
ANSWER_MODELS = ("crm.lead", "res.partner", "mailing.mailing")


class MailThread(models.AbstractModel):
    """The mail gateway recognises answers to mailings whose answers become something.

    Such a letter refers to the one it answers, whose Message-ID is on its trace; so it does not matter to which
    of our addresses it was sent. Everything else goes Odoo's way.
    """

    _inherit = "mail.thread"

    @api.model
    def message_route(self, message, message_dict, model=None, thread_id=None, custom_values=None):
        trace = self._get_answered_trace(message_dict)
        if not trace:
            return super().message_route(message, message_dict, model, thread_id, custom_values)
        if is_auto_reply(message, message_dict.get("subject")):
            _logger.info(
                "Ignored letter %s: a program answered the mailing %s.",
                message_dict["message_id"],
                trace.mass_mailing_id.id,
            )
            return []
        self._routing_reset_bounce(message, message_dict)
        route = self._get_answer_route(message, message_dict, trace)
        return [route] if route else []

    @api.model
    def _get_answered_trace(self, message_dict):
        """Return the trace that a letter answers, empty if it answers no mailing that asks for answers."""
        if message_dict.get("is_bounce"):
            return self.env["mailing.trace"]
        text = message_dict.get("references") or message_dict.get("in_reply_to") or ""
        return self.env["partner.mailing.answer"]._find_trace(mail_header_msgid_re.findall(text))

    @api.model
    def _get_answer_route(self, message, message_dict, trace):
        """Return where the answer goes: (model, id, values, user, alias), empty for nowhere."""
        mailing = trace.mass_mailing_id
        inquiry = mailing.answer_mode == "inquiry"
        # what it becomes is made by the system: the From proves nothing, so nobody makes it in a colleague's name
        user_id = self.env.uid
        route = self.env["crm.lead" if inquiry else "res.partner"]._routing_check_route(
            message,
            message_dict,
            ("crm.lead" if inquiry else "res.partner", False, {}, user_id, None),
            raise_exception=False,
        )
        if not route:
            return route
        answers = self.env["partner.mailing.answer"]
        partner = answers._find_partner(trace, message_dict)
        if partner:
            message_dict["author_id"] = partner.id
        if inquiry:
            lead = answers._find_lead(trace)
            return ("crm.lead", lead.id, answers._prepare_lead(trace, partner), user_id, None)
        if partner:
            return ("res.partner", partner.id, {}, user_id, None)
        # nobody whose log it belongs to: where whoever sent the mailing sees it
        return ("mailing.mailing", mailing.id, {}, user_id, None)

    @api.model
    def _message_route_process(self, message, message_dict, routes):
        trace = self.env["mailing.trace"]
        # a letter alone is that of a program, or a further copy of an answer that was taken in
        if routes and routes[0][0] in ANSWER_MODELS:
            trace = self._get_answered_trace(message_dict)
        if not trace:
            if self._is_letter_of_program(routes):
                message_dict = self._leave_out_mailings(message_dict)
            return super()._message_route_process(message, message_dict, routes)
        # any user may run the gateway by a call: its defaults are for what core makes with that user's rights
        context = clean_context(self.env.context)
        answers = self.env["partner.mailing.answer"].with_context(context)  # pylint: disable=context-overridden
        # sudo: noted by the mail gateway, which may be run by any user
        answer = answers.sudo().create(
            {
                "mailing_id": trace.mass_mailing_id.id,
                "trace_id": trace.id,
                "message_id": message_dict["message_id"],
                "email_from": message_dict["email_from"],
                "subject": message_dict.get("subject"),
                "partner_id": message_dict.get("author_id"),
            }
        )
        # a second worker with the same letter waits here, before it makes another inquiry
        answer.flush_recordset()
        thread_id = super()._message_route_process(message, message_dict, routes)
        # core tells the document of the last route alone; sudo: ids of the messages that the answer became
        messages = self.env["mail.message"].sudo().search([("message_id", "=", answer.message_id)])
        if routes[0][0] == "crm.lead":
            answer.lead_id = messages.filtered(lambda message: message.model == "crm.lead")[:1].res_id
        elif routes[0][0] == "res.partner":
            answer.log_id = self.with_context(context)._find_answer_log(answer, messages)  # pylint: disable=context-overridden
            answer.log_id.write(
                {"mailing_id": answer.mailing_id.id, "campaign_id": answer.mailing_id.campaign_id.id}
            )
        return thread_id

    @api.model
    def _is_letter_of_program(self, routes):
        """Tell whether nothing but mailboxes takes a mail in, which a program sent: out of office, a bounce."""
        if not routes or any(route[0] != "partner.letter" for route in routes):
            return False
        return all((route[2] or {}).get("kind", "letter") != "letter" for route in routes)

    @api.model
    def _leave_out_mailings(self, message_dict):
        """Return what was read of a mail without the letters of mailings that it refers to.

        Core takes whatever refers to one for an answer, over the bounce that it has just noted.
        """
        references = {
            name: mail_header_msgid_re.findall(message_dict.get(name) or "")
            for name in ("references", "in_reply_to")
        }
        wanted = [one for found in references.values() for one in found]
        # sudo: the mail gateway, which may be run by any user
        traces = self.env["mailing.trace"].sudo().search([("message_id", "in", wanted)])
        known = set(traces.mapped("message_id"))
        others = {
            name: " ".join(one for one in found if one not in known) for name, found in references.items()
        }
        return {**message_dict, **others}

    @api.model
    def _find_answer_log(self, answer, messages):
        """Return the entry of the log that the posted letter has, made here if the log took none."""
        # sudo: the gateway enters what came, whoever runs it
        logs = self.env["partner.contact.log"].sudo()
        found = logs.search([("message_id", "in", messages.ids)], limit=1)
        return found or logs.with_context(relations_feeding=INTERNAL).create(
            {
                "title": answer.subject or self.env._("Answer to the mailing %s", answer.mailing_id.subject),
                "partner_id": answer.partner_id.id,
                "channel": "email",
                "direction": "in",
                "user_id": answer.mailing_id.user_id.id,
                "date": answer.date,
            }
        )
