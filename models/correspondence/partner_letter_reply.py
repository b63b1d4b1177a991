import re

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_datetime, split_every
from odoo.tools.mail import formataddr, html_sanitize, is_html_empty

from ...tools.batches import write_each
from ...tools.internal import INTERNAL
from ...tools.mail_thread import base_subject

OUTGOING_TYPES = ("comment", "email_outgoing")
MAX_REFERENCES = 20
SIGNATURE_CLASS = "o_relations_letter_signature"
# Core keeps a letter of plain text as <pre>, which the composer shows as code
PREFORMATTED = re.compile(r"<(/?)pre\b[^>]*>", re.IGNORECASE)


def _to_text(tag):
    return "</div>" if tag[1] else '<div style="white-space: pre-wrap">'


class PartnerLetter(models.Model):
    """Answers and new letters: from the mailbox's address, by its server, with its signature."""

    _inherit = "partner.letter"

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------
    def action_reply(self):
        """Open the composer with an answer to the letter."""
        self.ensure_one()
        self.check_access("write")
        # core sends nothing to contacts that were archived
        if not self.email and not self.partner_id.active:
            raise UserError(
                self.env._(
                    "The letter “%s” has no address to answer to. Fill in “Contact” first; one that is archived gets "
                    "no mail.",
                    self.display_name,
                )
            )
        # core's composer asks for the address of a receiver that has none
        is_partner = not self.email or self._is_partner_address()
        partner = self.partner_id if is_partner else self.env["res.partner"]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Reply"),
            "res_model": "mail.compose.message",
            "views": [(self.env.ref("partner_relations.partner_letter_compose_view_form").id, "form")],
            "target": "new",
            "context": {
                "default_model": self._name,
                "default_res_ids": self.ids,
                "default_composition_mode": "comment",
                "default_partner_ids": partner.ids,
                "default_subject": self._get_reply_subject(),
                "default_body": self._get_reply_body(),
                "default_email_layout_xmlid": "partner_relations.letter_layout",
                "clicked_on_full_composer": True,
                "relations_letter_to": self.email if not partner else False,
            },
        }

    def _is_partner_address(self):
        """The contact still has the address that the letter came from, or the letter names none."""
        # core sends nothing to contacts that were archived
        return bool(self.partner_id.active and self.partner_id.email) and (
            not self.email_normalized or self.partner_id.email_normalized == self.email_normalized
        )

    def _get_reply_subject(self):
        base = base_subject(self.name or "")
        return f"Re: {base}" if base else self.env._("Your letter")

    def _get_reply_body(self):
        """An empty line, the signature, and the letter that is answered below it."""
        # sudo: who may answer the letter sends the mailbox's signature with it
        signature = self.mailbox_id.sudo()._get_signature()
        quoted = ""
        if self.body and not is_html_empty(self.body):
            quoted = Markup("<p>%s</p><blockquote>%s</blockquote>") % (
                self.env._(
                    "On %(date)s, %(sender)s wrote:",
                    date=format_datetime(self.env, self.date, tz=self.env.tz.zone, dt_format="short"),
                    sender=self.email_from or self.email or "",
                ),
                html_sanitize(PREFORMATTED.sub(_to_text, self.body)),
            )
        return Markup("<p><br></p>%s%s") % (signature, quoted)

    # ------------------------------------------------------------------
    # Posting
    # ------------------------------------------------------------------
    def message_post(self, **kwargs):
        """Send what goes to somebody outside from the mailbox, and register it as a letter."""
        if len(self) != 1 or not self._is_sent_outside(kwargs):
            return super().message_post(**kwargs)
        self.check_access("write")
        if not self.env.user._is_internal():
            return super().message_post(**kwargs)
        # sudo: who may answer sends from the mailbox's address by its server
        mailbox = self.mailbox_id.sudo()
        sender = mailbox._get_sender(self.env.user)
        if not sender:
            raise UserError(
                self.env._(
                    "The mailbox “%s” has no address to send from. Fill in its “E-mail Address”.",
                    mailbox.name,
                )
            )
        body = kwargs.get("body") or ""
        signature = mailbox._get_signature()
        if signature and SIGNATURE_CLASS not in body:
            kwargs["body"] = Markup("%s%s") % (body, signature)
        kwargs.update(
            author_id=self.env.user.partner_id.id,
            email_from=sender,
            reply_to=sender,
            email_add_signature=False,
            email_layout_xmlid="partner_relations.letter_layout",
            subject=kwargs.get("subject") or self._get_reply_subject(),
        )
        # a server that is not tested is not used
        if mailbox.mail_server_id.active:
            kwargs["mail_server_id"] = mailbox.mail_server_id.id
        letter = self.with_context(relations_letter_sending=INTERNAL, mail_post_autofollow=False)
        return super(PartnerLetter, letter).message_post(**kwargs)

    def _is_sent_outside(self, kwargs):
        """The message is a letter: to somebody who does not work here, or to whom this one is from or for.

        Adds the letter's address if it was asked for.
        """
        if kwargs.get("message_type", "notification") not in OUTGOING_TYPES:
            return False
        subtype_id = kwargs.get("subtype_id") or self.env["ir.model.data"]._xmlid_to_res_id(
            kwargs.get("subtype_xmlid") or "mail.mt_note"
        )
        if subtype_id != self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_comment"):
            return False
        address = self.env.context.get("relations_letter_to")
        if address and not kwargs.get("partner_ids") and not kwargs.get("outgoing_email_to"):
            if self._get_address_key(address) == self.email_normalized:
                kwargs["outgoing_email_to"] = address
        if kwargs.get("outgoing_email_to"):
            return True
        # sudo: whether the receivers work here, and whether the letter is still to be sent
        letter = self.sudo()
        partners = letter.env["res.partner"].browse(kwargs.get("partner_ids") or [])
        if letter.direction == "out" and not letter.mail_message_id:
            return bool(partners)
        return any(partner.partner_share or partner == letter.partner_id for partner in partners)

    def _message_post_after_hook(self, message, msg_values):
        result = super()._message_post_after_hook(message, msg_values)
        if self.env.context.get("relations_letter_sending") is INTERNAL:
            self._register_sent(message)
        elif self.env.context.get("relations_letter_posting") is INTERNAL:
            # sudo: the words of the letter that was registered just now
            self.sudo().with_context(tracking_disable=True).mail_message_id = message
        return result

    def _register_sent(self, message):
        """Register a message as outgoing letter: this one, if it was made to be sent; else an answer to this one."""
        # sudo: written from what was posted just now, by whoever may answer the letter
        message = message.sudo()
        letter = self.sudo().with_context(tracking_disable=True, relations_letter_sending=None)
        receivers = message.partner_ids.filtered("partner_share") or message.partner_ids
        addresses = [formataddr((partner.name, partner.email or "")) for partner in message.partner_ids]
        if message.outgoing_email_to:
            addresses.append(message.outgoing_email_to)
        values = {
            "name": message.subject,
            "message_id": message.message_id,
            "mail_message_id": message.id,
            "email_from": message.email_from,
            "email_to": ", ".join(addresses),
            "email": self._get_address_key(
                receivers[:1].email or message.outgoing_email_to or self.email or ""
            ),
            "subject_key": self._get_subject_key(message.subject),
            "date": message.date or fields.Datetime.now(),
            "user_id": self.env.uid,
        }
        if letter.direction == "out" and not letter.mail_message_id:
            letter.write(values)
            return letter
        sent = letter.with_context(mail_create_nolog=True, mail_create_nosubscribe=True).create(
            {
                **values,
                "direction": "out",
                "state": "done",
                "mailbox_id": letter.mailbox_id.id,
                "partner_id": receivers[:1].id or letter.partner_id.id,
                "parent_id": letter.id,
                "thread_id": (letter.thread_id or letter).id,
            }
        )
        letter._set_answered(sent)
        return sent

    def _set_answered(self, answer):
        """``answer`` has gone out: this one and the earlier ones of its thread are answered, and closed if so set."""
        root = self.thread_id or self
        waiting = self.search(
            (Domain("thread_id", "=", root.id) | Domain("id", "=", root.id))
            & Domain("direction", "=", "in")
            & Domain("kind", "=", "letter")
            & Domain("id", "<=", max(self.id, root.id))
        )
        waiting.filtered(lambda letter: not letter.is_answered)._note_answer(answer)
        if self.mailbox_id.done_by_reply:
            self._close()

    def _note_answer(self, answer):
        """Keep when and by whom these letters were first answered, and after how many working hours.

        As the deadline, they count from the registration: the date in a letter is what its sender says.
        """
        write_each(
            {
                letter: {
                    "is_answered": True,
                    "date_answered": answer.date,
                    "answered_by_id": answer.user_id.id,
                    "response_hours": letter.mailbox_id._get_working_hours(
                        letter.create_date.replace(microsecond=0), answer.date
                    ),
                }
                for letter in self
            }
        )

    @api.model
    def _fill_answers(self, batch_size=1000):
        """Find the first answer of letters that were answered before that was kept."""
        waiting = self.search([("is_answered", "=", True), ("date_answered", "=", False)], order="id")
        for letters in split_every(batch_size, waiting.ids, self.browse):
            roots = {letter: letter.thread_id or letter for letter in letters}
            found = self.search(
                [("thread_id", "in", [root.id for root in roots.values()]), ("direction", "=", "out")],
                order="id",
            )
            answers = found.grouped("thread_id")
            for letter, root in roots.items():
                later = (answer for answer in answers.get(root, ()) if answer.id > letter.id)
                if answer := next(later, None):
                    letter._note_answer(answer)
            # years of letters do not stay in memory
            self.env.flush_all()
            self.env.invalidate_all()

    # ------------------------------------------------------------------
    # What the mail carries
    # ------------------------------------------------------------------
    def _get_reference_ids(self):
        """Message-IDs of the thread up to this letter, the oldest first."""
        root = self.thread_id or self
        # sudo: Message-IDs of the thread that is answered, which is in the same mailbox
        letters = self.sudo().search(
            (Domain("thread_id", "=", root.id) | Domain("id", "=", root.id))
            & Domain("message_id", "!=", False)
            & Domain("kind", "=", "letter")
            & Domain("id", "<=", self.id),
            order="id desc",
            limit=MAX_REFERENCES,
        )
        return [letter.message_id for letter in letters][::-1]

    def _notify_by_email_get_base_mail_values(self, message, recipients_data, additional_values=None):
        values = super()._notify_by_email_get_base_mail_values(
            message, recipients_data, additional_values=additional_values
        )
        if self.env.context.get("relations_letter_sending") is INTERNAL:
            # sudo: the Message-ID of what is being sent
            own = message.sudo().message_id
            values["references"] = " ".join([*(ref for ref in self._get_reference_ids() if ref != own), own])
        # whoever was written to does not get it twice because the server died
        return {**values, "is_sent_once": True}

    def _notify_by_email_get_headers(self, headers=None):
        headers = super()._notify_by_email_get_headers(headers=headers)
        if (
            self.env.context.get("relations_letter_sending") is INTERNAL
            and self.direction == "in"
            and self.message_id
        ):
            headers["In-Reply-To"] = self.message_id
        return headers

    def _notify_get_reply_to_batch(self, defaults=None, author_ids=None):
        result = super()._notify_get_reply_to_batch(defaults=defaults, author_ids=author_ids)
        for letter in self:
            # sudo: the mailbox's address, which is on the letter anyway
            sender = letter.sudo().mailbox_id._get_sender(self.env.user)
            if sender:
                result[letter.id] = sender
        return result

    @api.model
    def _send_new(
        self, mailbox, partners, subject, body, attachments=None, outgoing_email_to=False, **values
    ):
        """Send a new letter from a mailbox and register it.

        :return: the outgoing letter
        :raises AccessError: without the right to answer from the mailbox
        """
        mailbox.check_access("read")
        if not mailbox.may_reply:
            raise UserError(
                self.env._(
                    "You may not send letters from the mailbox “%s”. Ask who manages it for the right “Reply”.",
                    mailbox.name,
                )
            )
        letter = self.with_context(mail_create_nolog=True, mail_create_nosubscribe=True).create(
            {
                "name": subject,
                "mailbox_id": mailbox.id,
                "direction": "out",
                "partner_id": partners[:1].id,
                "user_id": self.env.uid,
                **values,
            }
        )
        letter.message_post(
            body=body,
            subject=subject,
            partner_ids=partners.ids,
            outgoing_email_to=outgoing_email_to,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            attachment_ids=attachments.ids if attachments else [],
        )
        return letter
