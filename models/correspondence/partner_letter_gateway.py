import email
import hashlib
import logging
from collections import defaultdict
from datetime import timedelta
from email.parser import BytesHeaderParser
from xmlrpc.client import Binary

import psycopg2.errors

from odoo import SUPERUSER_ID, api, fields, models
from odoo.fields import Domain
from odoo.tools import html2plaintext
from odoo.tools.mail import email_normalize, email_normalize_all, formataddr, parse_contact_from_email

from ...tools.contact_photo import is_picture_bomb
from ...tools.internal import INTERNAL
from ...tools.mail_kind import BOUNCE, LETTER, bounced_message_id, bounced_recipients, classify, reply_address
from ...tools.mail_repair import (
    has_mistakes,
    mend_header,
    mend_parts,
    mend_source,
    mend_unreadable,
    mend_values,
)
from ...tools.mail_thread import MAX_SUBJECT, base_subject, clean_message_ids, is_answer
from ...tools.passing_errors import is_passing

_logger = logging.getLogger(__name__)
# How often a letter is tried again that somebody else's work stood in the way of.
TRIES = 5
MAX_REFERENCES = 32
# What the database has in indexes, whose entries have at most some 2,700 bytes; nobody writes longer ones in earnest.
MAX_MESSAGE_ID = 500
MAX_NAME = 250
# Of a header that is longer the beginning is read.
MAX_HEADER = 20_000
# What is read of a report of non-delivery, to say why.
MAX_BODY = 100_000
# The record that a message answers, and the field by which the letter is linked to it.
CONFLICTS = (
    psycopg2.errors.SerializationFailure,
    psycopg2.errors.DeadlockDetected,
    psycopg2.errors.LockNotAvailable,
)


class PartnerLetter(models.Model):
    """How incoming mail becomes letters.

    One letter for each Message-ID and mailbox, however often and by how many workers it is fetched: the database
    refuses the second. A letter that cannot be read is registered all the same, with its source attached.
    """

    _inherit = "partner.letter"

    # ------------------------------------------------------------------
    # From the source of the mail to routes
    # ------------------------------------------------------------------
    @api.model
    def _gateway_process(self, message, custom_values=None, save_original=False, strip_attachments=False):
        """Register the letter whose source is ``message``, in each mailbox that it is for.

        :return: id of the (first) letter, or of the document it was posted on; False if it was registered before
        :raises ValueError: if it belongs to no mailbox
        """
        source = self._read_source(message)
        mailboxes = self._gateway_mailboxes(source, custom_values)
        is_mended = False
        for number in range(TRIES):
            try:
                with self.env.cr.savepoint():
                    return self._gateway_register_each(
                        mailboxes, source, save_original, strip_attachments, is_mended
                    )
            except (*CONFLICTS, psycopg2.IntegrityError) as error:
                # somebody else wrote, or deleted, what this letter needs; each fetched letter has a transaction of its
                # own, so starting it again loses nothing
                if number + 1 < TRIES and self.env.context.get("default_fetchmail_server_id"):
                    self.env.cr.rollback()
                    self.env.invalidate_all()
                    continue
                if isinstance(error, CONFLICTS):
                    raise
                if len(mailboxes) > 1:
                    return self._gateway_process_alone(mailboxes, source, save_original, strip_attachments)
                if (
                    isinstance(error, psycopg2.errors.UniqueViolation)
                    and error.diag.table_name == self._table
                ):
                    _logger.info(
                        "A letter of mailbox %s was registered by another worker meanwhile.", mailboxes.id
                    )
                    return False
                return self._gateway_register_unread(mailboxes, source)
            except Exception as error:
                # no fault of the letter; an OSError without a number is of a library that could not read a file in it
                if is_passing(error) or (isinstance(error, OSError) and error.errno is not None):
                    raise
                if not is_mended and number + 1 < TRIES and self._has_unreadable_headers(source):
                    is_mended = True
                    continue
                if len(mailboxes) > 1:
                    return self._gateway_process_alone(mailboxes, source, save_original, strip_attachments)
                return self._gateway_register_unread(mailboxes, source)
        return False

    @api.model
    def _gateway_process_alone(self, mailboxes, source, *args):
        """Register a letter in each mailbox by itself: what stands in the way of one loses none of the others."""
        # a letter of one of them that starts again would take those before it back
        letters = self.with_context(default_fetchmail_server_id=None)
        ids = [letters._gateway_process(source, {"mailbox_id": mailbox.id}, *args) for mailbox in mailboxes]
        return next(filter(None, ids), False)

    @api.model
    def _gateway_copy(self, message, save_original=False, strip_attachments=False):
        """Register a further copy of a mail, which core leaves out, in the mailbox that it was delivered to.

        Each receiver of a list, or of a blind copy, is named in the envelope of one copy alone.

        :return: id of the letter; False if there is none to register
        """
        addresses = self.env["partner.mailbox"]._get_addresses()
        if not addresses:
            return False
        source = self._read_source(message)
        headers = self._read_headers(source)
        receivers = headers.get_all("Delivered-To", []) + headers.get_all("X-Original-To", [])
        for address in email_normalize_all(",".join(map(str, receivers))[:MAX_HEADER]):
            if address in addresses and self._is_posted(str(headers.get("Message-Id") or "").strip()):
                mailbox_id = addresses[address]
                return self._gateway_process(
                    source, {"mailbox_id": mailbox_id}, save_original, strip_attachments
                )
        return False

    @api.model
    def _read_source(self, message):
        if isinstance(message, Binary):
            message = message.data
        return mend_source(message.encode() if isinstance(message, str) else bytes(message))

    @api.model
    def _read_headers(self, source):
        """The headers alone: parts within parts, a thousand deep, are more than the parser can hold."""
        headers = BytesHeaderParser(policy=email.policy.compat32).parsebytes(source)
        self._mend_headers(headers)
        return headers

    @api.model
    def _gateway_mailboxes(self, source, custom_values):
        """The mailbox of what is being fetched: named, or by its server; else those of the receivers' addresses."""
        mailboxes = self.env["partner.mailbox"].sudo()
        mailbox_id = (custom_values or {}).get("mailbox_id")
        if mailbox_id:
            return mailboxes.browse(mailbox_id)
        server_id = self.env.context.get("default_fetchmail_server_id")
        if server_id:
            # also of a mailbox that was archived while its letters are fetched
            found = mailboxes.with_context(active_test=False).search(
                [("fetchmail_server_id", "=", server_id)], limit=1
            )
            if found:
                return mailboxes.browse(found.id)
        headers = self._read_headers(source)
        receivers = [
            str(value)
            for name in ("Delivered-To", "X-Original-To", "To", "Cc")
            for value in headers.get_all(name, [])
        ]
        addresses = self.env["partner.mailbox"]._get_addresses()
        found = [addresses.get(address) for address in email_normalize_all(",".join(receivers))]
        if any(found):
            return mailboxes.browse(dict.fromkeys(filter(None, found)))
        raise ValueError(
            "The mail is for no mailbox. Link the incoming mail server with a mailbox, or give a mailbox one of the "
            "addresses: " + ", ".join(receivers)
        )

    @api.model
    def _gateway_register_each(self, mailboxes, *args):
        ids = [self._gateway_register(mailbox, *args) for mailbox in mailboxes]
        return next(filter(None, ids), False)

    @api.model
    def _gateway_register(self, mailbox, source, save_original, strip_attachments, is_mended=False):
        """Register a letter, or post it on the document that it answers.

        :param is_mended: read it without the headers at which Python's parser fails
        """
        message = readable = self._read_message(source, is_mended)
        if has_mistakes(message):
            # its kind is told by what it says of itself
            readable = self._read_message(source, is_mended)
            mend_parts(readable)
        threads = self.env["mail.thread"].with_context(
            relations_mailbox_id=mailbox.id, default_fetchmail_server_id=None
        )
        message_dict = threads.message_parse(readable, save_original=save_original)
        mend_values(message_dict)
        if strip_attachments:
            message_dict.pop("attachments", None)
        if any(is_picture_bomb(content) for _name, content, *_info in message_dict.get("attachments", ())):
            # they are kept as they came: making them smaller would unpack them
            threads = threads.with_context(image_no_postprocess=True)
        if self._is_registered(mailbox, message_dict["message_id"]):
            _logger.info(
                "Letter %s of mailbox %s is registered already.", message_dict["message_id"], mailbox.id
            )
            return False
        routes = threads.message_route(message, message_dict, self._name, None, {"mailbox_id": mailbox.id})
        if not routes:
            return False
        if all(route[0] == self._name for route in routes):
            # the contact is found by the letter; whoever else is among the receivers has the mail already
            message_dict.update(author_id=False, partner_ids=[])
        else:
            message_dict.update(threads._message_parse_post_process(message, message_dict, routes))
        return threads._message_route_process(message, message_dict, routes)

    @api.model
    def _read_message(self, source, is_mended=False):
        message = email.message_from_bytes(source, policy=email.policy.SMTP)
        self._mend_headers(message)
        if is_mended:
            mend_unreadable(message)
        self._ensure_message_id(message, source)
        return message

    @api.model
    def _has_unreadable_headers(self, source):
        try:
            message = email.message_from_bytes(source, policy=email.policy.SMTP)
            self._mend_headers(message)
            return mend_unreadable(message)
        except RecursionError:
            # comments within comments, parts within parts: nobody means that
            return False

    @api.model
    def _mend_headers(self, message):
        """Cut headers that are longer than mail servers let through, and read bytes that nobody encoded.

        The parser of Python's library, and core's expression for addresses, take the square of their length.
        """
        for part in message.walk():
            values = defaultdict(list)
            for name, value in part.raw_items():
                values[name.lower()].append((name, value, mend_header(name, value)))
            for same in values.values():
                if any(mended != value or len(value) > MAX_HEADER for _name, value, mended in same):
                    del part[same[0][0]]
                    for name, _value, mended in same:
                        text = " ".join(mended.split())
                        # of a thread of years, the letter that is answered stands last
                        text = text[-MAX_HEADER:] if name.lower() == "references" else text[:MAX_HEADER]
                        header = part.policy.header_store_parse(name, text)
                        # not by the key: several receivers are several headers of one name
                        part.set_raw(*header)

    @api.model
    def _ensure_message_id(self, message, source):
        """A letter without Message-ID gets one by its content, so that it is known when it is fetched again."""
        message_id = (message.get("Message-Id") or "").strip()
        if not message_id.strip("<> ") or len(message_id) > MAX_MESSAGE_ID:
            del message["Message-Id"]
            message["Message-Id"] = self._make_message_id(source)

    @api.model
    def _make_message_id(self, source):
        return f"<{hashlib.sha256(source).hexdigest()}@without-message-id>"

    @api.model
    def _is_registered(self, mailbox, message_id):
        return bool(
            self.search_count([("message_id", "=", message_id), ("mailbox_id", "=", mailbox.id)], limit=1)
        )

    @api.model
    def _read_sender(self, headers):
        """The sender's address as far as it can be read: what a mail was refused for may stand in its sender."""
        try:
            return (email_normalize(str(headers.get("From") or "")) or "")[:MAX_NAME]
        except (RecursionError, ValueError, TypeError, IndexError):
            return ""

    @api.model
    def _gateway_register_unread(self, mailbox, source):
        """Register a letter that its own mistakes, or an error of ours, keep from being read."""
        _logger.warning("A letter of mailbox %s is registered unread.", mailbox.id, exc_info=True)
        headers = self._read_headers(source)
        # what the database takes: no zero bytes, no halves of characters, nothing too long for its index
        message_id = "".join(char for char in str(headers.get("Message-Id") or "") if "!" <= char <= "~")
        if not 0 < len(message_id) <= MAX_MESSAGE_ID:
            message_id = self._make_message_id(source)
        if self._is_registered(mailbox, message_id):
            return False
        letter = self.with_context(mail_create_nolog=True, mail_create_nosubscribe=True).create(
            {
                "name": self.env._("A letter that could not be read"),
                "mailbox_id": mailbox.id,
                "message_id": message_id,
                "email": self._read_sender(headers),
                "date_deadline": mailbox._get_deadline(),
                "note": self.env._("The letter could not be read. Its source is attached."),
            }
        )
        self.env["ir.attachment"].create(
            {"name": "letter.eml", "raw": source, "res_model": self._name, "res_id": letter.id}
        )
        return letter.id

    @api.model
    def _gateway_routes(self, message, message_dict, routes, mailbox_id=None):
        """Make each route to a letter one to a new letter in its mailbox, and add the mailbox that fetched it.

        Where the mail answers a document of Odoo, it is posted there as ever, and the letter is linked to it.
        """
        addresses = frozenset(self.env["partner.mailbox"]._get_addresses())
        values = {"kind": classify(message, addresses)}
        if values["kind"] == BOUNCE and not message_dict.get("is_bounce"):
            # in a server's own words, which core does not know
            self._mark_bounced(message, message_dict)
        if values["kind"] == LETTER:
            values["email"] = self._get_reply_address(message)
        result, mailbox_ids = [], []
        for route in routes:
            model, record_id = route[0], route[1]
            if model == self._name:
                target = mailbox_id or (route[2] or {}).get("mailbox_id")
                if not target and record_id:
                    target = self.browse(record_id).mailbox_id.id
                if target and target not in mailbox_ids:
                    mailbox_ids.append(target)
                continue
            if record_id and model in self._document_fields:
                values[self._document_fields[model]] = record_id
            if not mailbox_id or not self._is_posted(message_dict["message_id"]):
                result.append(route)
        if mailbox_id and mailbox_id not in mailbox_ids:
            mailbox_ids.append(mailbox_id)
        mailboxes = self.env["partner.mailbox"].browse(mailbox_ids)
        result.extend(
            (self._name, False, {**values, "mailbox_id": mailbox.id}, SUPERUSER_ID, None)
            for mailbox in mailboxes
            # asked already of the mailbox that fetched it
            if mailbox.id == mailbox_id or not self._is_registered(mailbox, message_dict["message_id"])
        )
        return result

    @api.model
    def _get_reply_address(self, message):
        """The address, with its name, at which the sender wants the answer; False for the sender's own.

        Forms of web sites and machines send for people. An address of ours would have us answer ourselves.
        """
        name, address = reply_address(message)
        address = len(address) <= MAX_NAME and email_normalize(address)
        if not address or address in self.env["partner.mailbox"]._get_addresses():
            return False
        # sudo: which addresses are ours
        domains = self.env["mail.alias.domain"].sudo().search([])  # pylint: disable=no-search-all
        names = ("bounce_email", "catchall_email", "default_from_email")
        ours = {domain[name] for domain in domains for name in names}
        aliases = self.env["mail.alias"].sudo()
        if address in ours or aliases.search_count([("alias_full_name", "=", address)], limit=1):
            return False
        return formataddr((name[:MAX_NAME], address))

    @api.model
    def _is_posted(self, message_id):
        """The mail came by another way already and is on the document that it answers."""
        return bool(self.env["mail.message"].search_count([("message_id", "=", message_id)], limit=1))

    def _detect_loop_sender_domain(self, _email_from_normalized):
        """Letters are answered by people, so many of one sender are no loop."""
        return

    # ------------------------------------------------------------------
    # From the route to the letter
    # ------------------------------------------------------------------
    # private: it takes any values with all rights, so that a call would read any message as the words of its letter
    @api.private
    @api.model
    def message_new(self, msg_dict, custom_values=None):
        values = dict(custom_values or {})
        mailbox = self.env["partner.mailbox"].sudo().browse(values.pop("mailbox_id"))
        # sudo: the gateway registers what comes in, whoever runs it
        return self.sudo()._register_incoming(mailbox, msg_dict, values)

    @api.model
    def _register_incoming(self, mailbox, message_dict, values):
        """Create the letter of an incoming message, its words are posted on it afterwards."""
        kind = values.get("kind") or "letter"
        sender = message_dict.get("email_from") or ""
        customer = values.get("email") or sender
        key = self._get_address_key(customer)
        subject = message_dict.get("subject") or ""
        parent = self._find_parent(mailbox, message_dict, key)
        root = parent.thread_id or parent
        partner, ambiguous = self._find_contact(mailbox, key, parent)
        work = kind == "letter"
        if work and not partner and not ambiguous and mailbox.partner_policy == "create":
            partner = self._create_contact(mailbox, customer)
        now = fields.Datetime.now()
        try:
            date = fields.Datetime.to_datetime(message_dict.get("date")) or now
        except ValueError:  # of a year that has not four figures
            date = now
            message_dict["date"] = fields.Datetime.to_string(now)
        values.update(
            {
                "name": subject[:MAX_SUBJECT],
                "mailbox_id": mailbox.id,
                "direction": "in",
                "kind": kind,
                "date": min(date, now),
                "partner_id": partner.id,
                "is_partner_ambiguous": ambiguous,
                "email": key,
                "email_from": sender,
                "email_to": message_dict.get("to"),
                "email_cc": message_dict.get("cc"),
                "message_id": message_dict["message_id"],
                "parent_id": parent.id,
                "thread_id": root.id,
                "subject_key": self._get_subject_key(subject),
            }
        )
        if work:
            user = self._get_thread_executor(root, mailbox)
            if not user:
                # its keywords know the address that the mail was sent from, too
                addresses = " ".join(filter(None, dict.fromkeys((key, self._get_address_key(sender)))))
                user = mailbox._choose_executor(subject, message_dict.get("body"), addresses, partner)
                values["is_distributed"] = bool(user)
            values["user_id"] = user.id
            values["state"] = "assigned" if user else "new"
            values["date_deadline"] = mailbox._get_deadline(now)
        else:
            values["state"] = "done"
        # core posts what the dictionary says: with this contact, or with none
        message_dict["author_id"] = partner.id
        letter = self.with_context(
            mail_create_nolog=True,
            mail_create_nosubscribe=True,
            tracking_disable=True,
            default_fetchmail_server_id=None,
        ).create(values)
        if work and root:
            letter._return_thread(parent)
        return letter.with_context(relations_letter_posting=INTERNAL)

    @api.model
    def _get_subject_key(self, subject):
        return base_subject(subject or "").casefold()[:200] or False

    @api.model
    def _find_parent(self, mailbox, message_dict, key):
        """Return the letter of the mailbox that a message answers, empty if it begins a thread.

        By its references, the nearest first; without any that is known, an answer by its subject joins the latest
        letter with the same address and subject.
        """
        answered = clean_message_ids(message_dict.get("in_reply_to"))
        references = clean_message_ids(message_dict.get("references"))[-MAX_REFERENCES:]
        wanted = [*answered, *reversed(references)]
        if wanted:
            found = self.search([("mailbox_id", "=", mailbox.id), ("message_id", "in", wanted)])
            if found:
                return min(found, key=lambda letter: wanted.index(letter.message_id))
        subject = message_dict.get("subject") or ""
        base = base_subject(subject)
        if not base or not key or not mailbox.thread_days or not is_answer(subject):
            return self.browse()
        return self.search(
            [
                ("mailbox_id", "=", mailbox.id),
                ("email_normalized", "=", key),
                ("subject_key", "=", self._get_subject_key(subject)),
                ("date", ">=", fields.Datetime.now() - timedelta(days=mailbox.thread_days)),
                ("kind", "=", "letter"),
            ],
            limit=1,
        )

    @api.model
    def _get_thread_executor(self, root, mailbox):
        """Who has the thread: the executor of its latest letter, if there."""
        if not root:
            return self.env["res.users"]
        last = self.search(
            [
                "|",
                ("thread_id", "=", root.id),
                ("id", "=", root.id),
                ("user_id", "!=", False),
                ("kind", "=", "letter"),
            ],
            order="id desc",
            limit=1,
        )
        return last.user_id._filter_available(mailbox.company_id)

    def _return_thread(self, parent):
        """The customer answers: the latest incoming letter of the thread, if done, comes back."""
        root = parent.thread_id or parent
        last = self.search(
            [
                "|",
                ("thread_id", "=", root.id),
                ("id", "=", root.id),
                ("id", "!=", self.id),
                ("direction", "=", "in"),
                ("kind", "=", "letter"),
                ("is_junk", "=", False),
            ],
            order="id desc",
            limit=1,
        )
        if last.state == "done":
            last.with_context(tracking_disable=True).write(
                {
                    "state": self.state,
                    "user_id": self.user_id.id,
                    "is_returned": True,
                    "date_deadline": self.date_deadline,
                }
            )

    # ------------------------------------------------------------------
    # Contacts
    # ------------------------------------------------------------------
    @api.model
    def _find_contact(self, mailbox, key, parent):
        """Return the contact of an address, and whether several companies have it.

        By the address alone: names are written as anybody likes. Of several contacts the one of the latest letter with
        the address; else, if all belong to one company, that company. Archived contacts are taken if no other has it,
        and stay archived.
        """
        partners = self.env["res.partner"].sudo()
        if not key:
            return partners, False
        if parent.partner_id and parent.email_normalized == key and parent.partner_id.active:
            return parent.partner_id, False
        company = mailbox.company_id
        # a branch has the contacts of its parent
        domain = Domain("email_normalized", "=", key) & Domain(partners._check_company_domain(company))
        found = partners.search(domain, order="id")
        if not found:
            found = partners.with_context(active_test=False).search(domain, order="id").with_env(partners.env)
        if len(found) < 2:
            return found, False
        last = self.search(
            [
                ("email_normalized", "=", key),
                ("partner_id", "in", found.ids),
                ("company_id", "=", company.id),
            ],
            limit=1,
        )
        if last:
            return last.partner_id, False
        companies = found.commercial_partner_id
        if len(companies) == 1:
            return (found & companies) or found[:1], False
        return partners, True

    def _join_same_sender(self):
        """Enter the contact of these letters in all of their companies that came from its address and have none.

        Not where contacts of several companies have the address: which of them wrote is for somebody to choose.
        """
        keys = {letter.email_normalized for letter in self if letter.direction == "in"}
        keys &= set(self.partner_id.mapped("email_normalized"))
        keys.discard(False)
        if not keys:
            return
        companies = self.company_id
        # sudo: whoever enters a contact need not see its letters to other mailboxes, which get that contact alone
        letters = self.sudo()
        partners = self.env["res.partner"].sudo()
        boxes = self.env["partner.mailbox"].sudo().with_context(active_test=False)
        strays = letters.search(
            [
                # by the index
                ("mailbox_id", "in", boxes.search([("company_id", "in", companies.ids)]).ids),
                ("email_normalized", "in", list(keys)),
                ("partner_id", "=", False),
                ("direction", "=", "in"),
                ("is_partner_ambiguous", "=", False),
            ]
        )
        if not strays:
            return
        having = partners.search(
            Domain("email_normalized", "in", strays.mapped("email_normalized"))
            & Domain(partners._check_company_domain(companies))
        )
        owners = {
            key: found.commercial_partner_id for key, found in having.grouped("email_normalized").items()
        }
        for partner in letters.partner_id:
            its = strays.filtered(
                lambda letter, partner=partner: (
                    letter.email_normalized == partner.email_normalized
                    and owners.get(partner.email_normalized) == partner.commercial_partner_id
                )
            )
            if its:
                its.write({"partner_id": partner.id})

    @api.model
    def _create_contact(self, mailbox, sender):
        """Create the contact of an unknown sender; nobody for an address of ours or none at all."""
        partners = self.env["res.partner"].sudo()
        name, address = parse_contact_from_email(sender)
        if not address or address.lower() in self.env["partner.mailbox"]._get_addresses():
            return partners
        if len(address) > MAX_NAME:
            return partners
        return partners.with_context(mail_create_nolog=True, tracking_disable=True).create(
            {"name": (name or address)[:MAX_NAME], "email": address, "company_id": mailbox.company_id.id}
        )

    # ------------------------------------------------------------------
    # Bounces
    # ------------------------------------------------------------------
    @api.model
    def _mark_bounced(self, message, message_dict):
        """Mark the outgoing letter that a report of non-delivery is about, and tell who wrote it."""
        if classify(message) != BOUNCE:
            return
        letters = self.browse()
        bounced = message_dict.get("bounced_message")
        if bounced:
            letters = self.search([("mail_message_id", "=", bounced.id), ("direction", "=", "out")])
        if not letters:
            message_id = bounced_message_id(message)
            if message_id:
                letters = self.search([("message_id", "=", message_id), ("direction", "=", "out")])
        if not letters:
            return
        receivers = ", ".join(bounced_recipients(message)) or message_dict.get("bounced_email") or ""
        # without its links: core's expression for names of pictures takes the square of the length of an address
        body = (message_dict.get("body") or "")[:MAX_BODY]
        text = html2plaintext(body, include_references=False).strip()[:2000]
        letters._set_bounced(f"{receivers}\n{text}".strip())

    def _set_bounced(self, reason):
        """Mark these outgoing letters as not delivered, once, and tell who wrote them; by a type that is no contact."""
        letters = self.filtered(lambda letter: not letter.is_bounced)
        letters.with_context(tracking_disable=True).write({"is_bounced": True, "bounce_reason": reason})
        values = [
            {
                "res_model_id": self.env["ir.model"]._get_id(self._name),
                "res_id": letter.id,
                "activity_type_id": self.env["ir.model.data"]._xmlid_to_res_id(
                    "mail.mail_activity_data_warning"
                ),
                "summary": letter.env._("Not delivered"),
                "user_id": letter.user_id.id,
                "date_deadline": fields.Date.context_today(self),
            }
            for letter in letters
            if letter.user_id.active
        ]
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(values)
