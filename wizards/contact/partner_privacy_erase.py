import json
import re
from collections import defaultdict
from html import escape, unescape
from itertools import islice

from odoo import Command, api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, clean_context, email_normalize, email_normalize_all, escape_psql

from ...tools.personal_data import ACTIVITY, CONTACT, ERASED, MEETING, MESSAGE


class PartnerPrivacy(models.TransientModel):
    """Erasing what the database holds about a person."""

    _inherit = "partner.privacy"

    def action_erase(self):
        """Empty what says something about the person; documents, figures and links stay."""
        self._check_may()
        # sudo: the addon's rooms are closed to administrators, and what is frozen is so against users
        partner = self.partner_id.sudo()
        self._check_erasable(partner)
        found = self._find()
        name, email = partner.name, email_normalize(partner.email)
        own = self._get_own(found, email)
        messages = self._find_messages(found, own)
        for model, (_links, texts) in self._get_personal_texts().items():
            if own.get(model):
                self._empty(model, own[model], texts)
        self._archive_tokens(own)
        self._empty_signatures()
        self._empty_imports(own)
        self._empty_meetings(found)
        self._erase_correspondence(partner, email, messages, own)
        for contact in self._get_contacts():
            self._erase_contact(contact)
        self._note(partner, name, email, found)
        self.is_erased = True
        return self._get_action()

    @api.model
    def _check_erasable(self, partner):
        if users := partner.user_ids.filtered("active"):
            raise UserError(
                self.env._(
                    "%(contact)s is the contact of the user %(user)s. Archive the user first.",
                    contact=partner.display_name,
                    user=users[0].login,
                )
            )
        if self.env["res.company"].sudo().search_count([("partner_id", "=", partner.id)]):
            raise UserError(
                self.env._("%s is one of your own companies and cannot be erased.", partner.display_name)
            )

    def _empty(self, model, ids, texts):
        """Empty columns of records, those that are required by a word.

        SQL, as what is frozen against users (closed lists, done entries, runs of imports) is to be emptied too.
        """
        records = self.env[model]
        values = []
        for name in texts:
            field = records._fields.get(name)
            if field is None or not field.store:
                continue
            if field.type == "binary" and field.attachment:
                self.env["ir.attachment"].sudo().search(
                    [("res_model", "=", model), ("res_field", "=", name), ("res_id", "in", ids)]
                ).unlink()
                continue
            value = None
            if field.required or name == records._rec_name:
                value = json.dumps({"en_US": ERASED}) if field.translate else ERASED
            values.append(SQL("%s = %s", SQL.identifier(name), value))
        if values:
            records.flush_model()
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET %s WHERE id IN %s",
                    SQL.identifier(records._table),
                    SQL(", ").join(values),
                    tuple(ids),
                )
            )
        records.invalidate_model(flush=False)

    def _archive_tokens(self, found):
        """Cards and accounts that were kept for further payments are no longer offered."""
        # sudo: see `_find`
        self.env["payment.token"].sudo().browse(found.get("payment.token", [])).write({"active": False})

    def _empty_signatures(self):
        """Under a quotation that became no contract; under a contract the name and the signature are its evidence."""
        if quotations := self._find_signed().filtered(lambda order: order.state != "sale"):
            self._empty(quotations._name, quotations.ids, ("signed_by", "signature"))

    def _empty_imports(self, found):
        """The file of an import holds everybody of it: it goes once the person is erased from its lines."""
        lines = (
            self.env["partner.contact.import.line"]
            .sudo()
            .browse(found.get("partner.contact.import.line", []))
        )
        imports = lines.import_id
        if imports:
            self._empty(imports._name, imports.ids, ("file", "filename"))
            # of a file of cards there are none
            if columns := imports.column_ids:
                self._empty(columns._name, columns.ids, ("sample",))

    def _get_own(self, found, email):
        """Of what was found, what is about the person: linked by the fields that say so, or of nobody else's address.

        What only mentions the person, such as the terms of a supplier for whom the person drives, is not.

        :rtype: dict[str, list[int]]
        """
        contacts = self._get_contacts()
        leads = self._find_leads(contacts, email)
        own = {"res.partner": contacts.ids}
        for model, (links, _texts) in self._get_personal_texts().items():
            if model not in found:
                continue
            domains = [Domain(link, "in", contacts.ids) for link in links]
            if email and (same := self._get_address_domain(self.env[model], contacts, email)):
                domains.append(same)
            if about := self._get_lead_domain(model, leads):
                domains.append(about)
            # sudo: see `_find`
            records = self.env[model].sudo().with_context(active_test=False).browse(found[model])
            if domains:
                records = records.search(Domain("id", "in", records.ids) & Domain.OR(domains))
            own[model] = records.ids
        return own

    def _find_messages(self, found, own):
        """Messages of the person: what the person wrote, or got alone, and the chatter of what is about the person.

        What a colleague wrote or got is the company's.
        """
        # sudo: see `_find`
        message_model = self.env["mail.message"].sudo()
        users = self.partner_id.sudo().with_context(active_test=False).user_ids
        domains = []
        if not users.filtered(lambda user: not user.share):
            linked = message_model.browse(found.get("mail.message", []))
            domains.append(Domain("id", "in", linked.filtered(self._is_of_person).ids))
        for model, ids in own.items():
            if "message_ids" in self.env[model]._fields:
                domains.append(Domain("model", "=", model) & Domain("res_id", "in", ids))
        # sudo: the words of letters and entries are closed to everybody, see there
        letters = self.env["partner.letter"].sudo().browse(own.get("partner.letter", []))
        logs = self.env["partner.contact.log"].sudo().browse(own.get("partner.contact.log", []))
        words = (letters.mail_message_id | logs.message_id).filtered(self._is_of_person)
        words |= self._find_told(logs)
        domains.append(Domain("id", "in", words.ids))
        return message_model.search(Domain.OR(domains))

    def _is_of_person(self, message):
        """Whether the person wrote a message, or is the only one outside who has to do with it."""
        contacts = self._get_contacts()
        if message.author_id in contacts or self._is_from(message):
            return True
        others = (message.author_id | message.partner_ids | message.notified_partner_ids) - contacts
        # colleagues who left are no outsiders
        return all(
            any(not user.share for user in other.with_context(active_test=False).user_ids)
            for other in others.filtered("partner_share")
        )

    def _is_from(self, message):
        """Whether a message whose author Odoo did not know comes from the address of the person."""
        email = email_normalize(self.partner_id.email)
        return bool(email) and not message.author_id and email_normalize(message.email_from) == email

    def _find_told(self, logs):
        """What documents tell of activities that were done with the person: it repeats what was agreed."""
        agreed = defaultdict(set)
        for log in logs.filtered("agreement"):
            if log.res_model and log.res_id:
                agreed[log.res_model, log.res_id].update(islice(_get_lines(log.agreement.split("\n")), 1))
        documents = defaultdict(list)
        for model, res_id in agreed:
            documents[model].append(res_id)
        told = Domain.OR(
            Domain("model", "=", model) & Domain("res_id", "in", ids) for model, ids in documents.items()
        )
        # sudo: see `_find`
        messages = self.env["mail.message"].sudo().search(Domain("mail_activity_type_id", "!=", False) & told)
        return messages.filtered(
            lambda message: (
                not agreed[message.model, message.res_id].isdisjoint(_get_lines(_get_texts(message.body)))
            )
        )

    def _erase_queue(self, messages):
        """Mails that wait: those of the messages go, of others the person and its addresses as receivers."""
        contacts = self._get_contacts()
        emails = self._get_emails(contacts)
        mails = self.env["mail.mail"].sudo()
        gone = mails.search([("mail_message_id", "in", messages.ids)])
        others = mails.search(
            Domain("recipient_ids", "in", contacts.ids)
            | Domain.OR(
                Domain(name, "ilike", escape_psql(email))
                for name in ("email_to", "email_cc")
                for email in sorted(emails)
            )
        )
        for mail in others - gone:
            changed, left = {}, {}
            for name in ("email_to", "email_cc"):
                addresses = email_normalize_all(mail[name] or "")
                left[name] = [address for address in addresses if address not in emails]
                if len(left[name]) < len(addresses):
                    changed[name] = ", ".join(left[name])
            receivers = mail.recipient_ids & contacts
            if not changed and not receivers:
                continue
            if not left["email_to"] and not mail.recipient_ids - contacts:
                gone |= mail
            else:
                mail.write({"recipient_ids": [Command.unlink(each) for each in receivers.ids], **changed})
        gone.unlink()

    def _get_emails(self, contacts):
        """The email addresses of the person, and those of its further addresses that nobody else has.

        An invoice address is often a company's, whose mails go out.
        """
        # sudo: see `_find`
        own = set(email_normalize_all(self.partner_id.sudo().email or ""))
        further = {email for contact in contacts for email in email_normalize_all(contact.email or "")} - own
        shared = self._find_sharing(contacts, *sorted(further)).mapped("email_normalized") if further else ()
        return own | further.difference(shared)

    def _erase_scheduled(self, found):
        """Messages that wait for their hour: of documents about the person, or to the person alone, they go.

        Of others the person as receiver.
        """
        contacts = self._get_contacts()
        # sudo: see `_find`
        scheduled = self.env["mail.scheduled.message"].sudo()
        gone = scheduled.search(
            Domain.OR(
                Domain("model", "=", model) & Domain("res_id", "in", ids) for model, ids in found.items()
            )
        )
        for message in scheduled.search([("partner_ids", "in", contacts.ids)]) - gone:
            if message.partner_ids - contacts:
                message.partner_ids -= contacts
            else:
                gone |= message
        gone.unlink()

    def _erase_correspondence(self, partner, email, messages, found):
        self._erase_queue(messages)
        self._erase_scheduled(found)
        # files of documents that stay, such as the print of an invoice, stay with them
        emptied = {"res.partner", "mail.compose.message", *self._get_personal_texts()}
        messages.attachment_ids.filtered(lambda file: not file.res_id or file.res_model in emptied).unlink()
        messages.tracking_value_ids.unlink()
        if messages:
            self._empty("mail.message", messages.ids, MESSAGE)
        self._empty_notifications(messages)
        for model, ids in found.items():
            if model in emptied:
                documents = Domain("res_model", "=", model) & Domain("res_id", "in", ids)
                self.env["ir.attachment"].sudo().search(documents & Domain("res_field", "=", False)).unlink()
                activities = (
                    self.env["mail.activity"].sudo().with_context(active_test=False).search(documents)
                )
                if model == "res.partner":
                    activities.unlink()
                elif activities:  # what is to be done stays to be done
                    self._empty("mail.activity", activities.ids, ACTIVITY)
        # sudo: see `_find`
        logs = self.env["partner.contact.log"].sudo().browse(found.get("partner.contact.log", []))
        if activities := logs.activity_id.exists():
            self._empty("mail.activity", activities.ids, ACTIVITY)
        self._empty_changes()
        # whoever shares an address or a number, and asked not to be written to, still does
        contacts = self.env["res.partner"].sudo().with_context(active_test=False)
        others = [("id", "!=", partner.id), ("email_normalized", "=", email)]
        if email and not contacts.search_count(others, limit=1):
            self.env["mailing.contact"].sudo().search([("email_normalized", "=", email)]).unlink()
            self.env["mail.blacklist"].sudo().with_context(active_test=False).search(
                [("email", "=", email)]
            ).unlink()
            # sudo: see `_find`; the bill itself stays, whoever has mailed it
            bills = self.env["account.move"].sudo().with_context(tracking_disable=True)
            bills = bills.search([("invoice_source_email", "=ilike", escape_psql(email))])
            bills.invoice_source_email = False
        number = partner.phone_sanitized
        others = [("id", "!=", partner.id), ("phone_sanitized", "=", number)]
        if number and not contacts.search_count(others, limit=1):
            self.env["phone.blacklist"].sudo().with_context(active_test=False).search(
                [("number", "=", number)]
            ).unlink()

    def _empty_notifications(self, messages):
        """Addresses and numbers to which messages were sent, and what servers answered."""
        # sudo: see `_find`
        sent = self.env["mail.notification"].sudo()
        sent = sent.search(
            Domain("mail_message_id", "in", messages.ids)
            | Domain("res_partner_id", "in", self._get_contacts().ids)
        )
        # Odoo keeps none without contact and address
        bare = sent.filtered(lambda notification: not notification.res_partner_id)
        if linked := sent - bare:
            self._empty(sent._name, linked.ids, ("mail_email_address", "sms_number", "failure_reason"))
        bare.unlink()

    def _empty_meetings(self, found):
        # sudo: private meetings too
        meetings = self.env["calendar.event"].sudo().browse(found.get("calendar.event", []))
        others = meetings.filtered(
            lambda meeting: (meeting.partner_ids - self._get_contacts()).filtered("partner_share")
        )
        if alone := meetings - others:
            self._empty(alone._name, alone.ids, MEETING)
        if others:
            self._take_out_details(others)

    def _take_out_details(self, meetings):
        """Take the person out of what Odoo writes into the description of a meeting: name, address and number.

        SQL, as meetings are closed to those who do not attend; the activity of a meeting repeats its description.
        """
        # sudo: see `_find`
        partner = self.partner_id.sudo()
        details = [*filter(None, (partner.name, partner.email, partner.phone))]
        if not details:  # of an address; the pattern would be found between any two tags
            return
        # between two tags, or in the address of a link, where a space is encoded
        words = (re.escape(escape(each, quote=False)).replace(r"\ ", "( |%20)") for each in details)
        pattern = f'(?<=[>:])({"|".join(words)})(?=[<"])'
        for name, field, link in (
            ("calendar.event", "description", "id"),
            ("mail.activity", "note", "calendar_event_id"),
        ):
            model = self.env[name]
            model.flush_model()
            self.env.cr.execute(
                SQL(
                    "UPDATE %(table)s SET %(text)s = regexp_replace(%(text)s, %(pattern)s, %(word)s, 'gi')"
                    " WHERE %(link)s = ANY(%(ids)s) AND %(text)s ~* %(pattern)s",
                    table=SQL.identifier(model._table),
                    text=SQL.identifier(field),
                    link=SQL.identifier(link),
                    ids=meetings.ids,
                    pattern=pattern,
                    word=ERASED,
                )
            )
            model.invalidate_model([field], flush=False)

    def _empty_changes(self):
        """Names of the contact in what was tracked: "customer: from ... to ...".

        SQL, as Odoo lets nobody write what was tracked.
        """
        fields_to_contacts = self.env["ir.model.fields"].sudo().search([("relation", "=", "res.partner")])
        self.env["mail.tracking.value"].flush_model()
        for side in ("old", "new"):
            self.env.cr.execute(
                SQL(
                    "UPDATE mail_tracking_value SET %s = %s WHERE %s IN %s AND field_id IN %s",
                    SQL.identifier(f"{side}_value_char"),
                    ERASED,
                    SQL.identifier(f"{side}_value_integer"),
                    tuple(self._get_contacts().ids),
                    tuple(fields_to_contacts.ids),
                )
            )
        self.env["mail.tracking.value"].invalidate_model(flush=False)

    @api.model
    def _erase_contact(self, partner):
        partner = partner.with_context(tracking_disable=True, mail_notrack=True)
        # the number stays with its payments; Odoo would tell of another holder's name, with the name
        partner.bank_ids.write({"active": False})
        # Odoo would write the address of a person to the company, and from there to all its people
        address = {name: False for name in partner._address_fields() if name in CONTACT}
        partner._update_address(address)
        values = {name: False for name in CONTACT if name in partner._fields and name not in address}
        partner.write({**values, "name": self.env._("Erased contact %s", partner.id), "active": False})
        # what users have added to the form of contacts
        self._empty("res.partner", partner.ids, ("properties",))
        for user in partner.with_context(active_test=False).user_ids:
            user.write({"login": f"erased-{user.id}", "signature": False})
        partner.message_follower_ids.unlink()

    def _note(self, partner, name, email, found):
        """Keep in Odoo's privacy log who erased whom and when, under the letters it leaves of a name.

        Odoo installs that log by itself with its mail; a database from which it was removed keeps none.
        """
        if "privacy.log" not in self.env:
            return
        # no default of a call says that it was on another day
        logs = self.env["privacy.log"].with_context(clean_context(self.env.context))  # pylint: disable=context-overridden
        # sudo: the log is the administrators'; nobody writes it but by erasing
        logs.sudo().create(
            {
                # what has an at sign Odoo takes for an address: it keeps the end of that, and fails where there are two
                "anonymized_name": (name or "").replace("@", " ").strip() or "-",
                "anonymized_email": _keep_last_at(email or "none@example.invalid"),
                "user_id": self.env.uid,
                "execution_details": self.env._("Erased contact #%s", partner.id),
                "records_description": "\n".join(f"{model}: {len(ids)}" for model, ids in found.items()),
            }
        )


def _keep_last_at(email):
    """An address with one at sign: another may stand in the quotation marks before it."""
    user, sign, domain = email.rpartition("@")
    return user.replace("@", " ") + sign + domain


def _get_texts(body):
    """Each text between two tags: a message of an activity has every line of what was agreed between its own."""
    # what Odoo has cleaned and stored has < and > in its tags alone
    return (unescape(part.rpartition(">")[2]) for part in str(body or "").split("<"))


def _get_lines(texts):
    """Yield these texts without differences in white space, which the cleaning of HTML may change; none is empty."""
    for text in texts:
        if line := " ".join(text.split()):
            yield line
