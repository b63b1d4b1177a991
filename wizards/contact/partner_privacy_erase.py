import json
import re
from collections import defaultdict
from html import escape, unescape
from itertools import islice, product

from odoo import Command, api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, clean_context, email_normalize

from ...tools.batches import write_each
from ...tools.personal_data import ACTIVITY, CONTACT, DELETED, ERASED, MEETING, MESSAGE, THROUGH
from .partner_privacy_copies import without


class PartnerPrivacy(models.TransientModel):
    """Erasing what the database holds about a person."""

    _inherit = "partner.privacy"

    def action_erase(self):
        """Empty what says something about the person; documents, figures and links stay."""
        self._check_may()
        # sudo: the addon's rooms are closed to administrators, and what is frozen is so against users
        partner = self.partner_id.sudo()
        self._check_erasable(partner)
        person = self._get_person()
        found = self._find(person)
        shared = self._find_shared(person, found)
        name, email = partner.name, email_normalize(partner.email)
        own = self._get_own(found, person)
        messages = self._find_messages(found, own, person)
        self._take_out_names(person)
        for model, (_links, texts) in self._get_personal_texts().items():
            if own.get(model):
                self._empty(model, own[model], texts)
        self._archive_tokens(own)
        self._empty_signatures(person)
        self._empty_imports(own)
        self._empty_meetings(found, person)
        self._erase_correspondence(messages, own, person)
        self._take_out_copies(person)
        self._empty_changes(person)
        self._delete_addresses(found, person)
        self._erase_contacts(person.contacts)
        self._forget_dialogs()
        self._note(partner, name, email, found, shared)
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
        # sudo: see `_find_ids`
        self.env["payment.token"].sudo().browse(found.get("payment.token", [])).write({"active": False})

    def _empty_signatures(self, person):
        """Under a quotation that became no contract; under a contract the name and the signature are its evidence."""
        if quotations := self._find_signed(person).filtered(lambda order: order.state != "sale"):
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

    def _get_own(self, found, person):
        """Of what was found, what is about the person: linked by the fields that say so, or of nobody else's address.

        What only mentions the person, such as the terms of a supplier for whom the person drives, is not.

        :rtype: dict[str, list[int]]
        """
        own = {"res.partner": person.contacts.ids}
        for name, (links, _texts) in self._get_personal_texts().items():
            if name not in found:
                continue
            if name in THROUGH:
                own[name] = found[name]
                continue
            model = self.env[name]
            domains = [
                self._get_reference_domain(model, link, person.contacts)
                if model._fields[link].type == "many2one_reference"
                else Domain(link, "in", person.contacts.ids)
                for link in links
            ]
            domains.append(self._get_address_domain(model, person.emails, person.numbers))
            domains.append(self._get_lead_domain(model, person.leads))
            own_domain = Domain.OR(domain for domain in domains if domain is not None)
            own[name] = self._find_ids(model, Domain("id", "in", found[name]) & own_domain)
        return own

    def _find_messages(self, found, own, person):
        """Messages of the person: what the person wrote, or got alone, and the chatter of what is about the person.

        What a colleague wrote or got is the company's.
        """
        # sudo: see `_find_ids`
        message_model = self.env["mail.message"].sudo()
        users = self.partner_id.sudo().with_context(active_test=False).user_ids
        domains = []
        if not users.filtered(lambda user: not user.share):
            linked = message_model.browse(found.get("mail.message", []))
            domains.append(Domain("id", "in", self._filter_of_person(linked, person).ids))
        for model, ids in own.items():
            if "message_ids" in self.env[model]._fields:
                domains.append(Domain("model", "=", model) & Domain("res_id", "in", ids))
        # sudo: the words of letters and entries are closed to everybody, see there
        letters = self.env["partner.letter"].sudo().browse(own.get("partner.letter", []))
        logs = self.env["partner.contact.log"].sudo().browse(own.get("partner.contact.log", []))
        words = self._filter_of_person(letters.mail_message_id | logs.message_id, person)
        words |= self._find_told(logs)
        domains.append(Domain("id", "in", words.ids))
        return message_model.search(Domain.OR(domains))

    @api.model
    def _filter_of_person(self, messages, person):
        """Messages that the person wrote, or where nobody else outside has to do with it."""
        others = (messages.author_id | messages.partner_ids | messages.notified_partner_ids) - person.contacts
        # colleagues who left are no outsiders
        outsiders = (
            others.filtered("partner_share")
            .with_context(active_test=False)
            .filtered(lambda other: all(user.share for user in other.user_ids))
        )

        def is_of_person(message):
            if message.author_id in person.contacts or message.author_guest_id & person.guests:
                return True
            # of a message whose author Odoo did not know, the address tells
            if not message.author_id and email_normalize(message.email_from) in person.emails:
                return True
            return not (message.author_id | message.partner_ids | message.notified_partner_ids) & outsiders

        return messages.filtered(is_of_person)

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
        # sudo: see `_find_ids`
        messages = self.env["mail.message"].sudo().search(Domain("mail_activity_type_id", "!=", False) & told)
        return messages.filtered(
            lambda message: (
                not agreed[message.model, message.res_id].isdisjoint(_get_lines(_get_texts(message.body)))
            )
        )

    def _erase_queue(self, messages, person):
        """Mails that wait: those of the messages go, of others the person and its addresses as receivers."""
        # sudo: see `_find_ids`
        mails = self.env["mail.mail"].sudo()
        gone = mails.search([("mail_message_id", "in", messages.ids)])
        others = mails.search([("recipient_ids", "in", person.contacts.ids)])
        if person.emails:
            others |= self._find_addressed(person.emails)
        changes = {}
        for mail in others - gone:
            left = {name: without(mail[name] or None, person.emails) for name in ("email_to", "email_cc")}
            if not left["email_to"] and not mail.recipient_ids - person.contacts:
                gone |= mail
            else:
                changes[mail] = {name: text for name, text in left.items() if text != (mail[name] or None)}
        kept = mails.union(*changes)
        kept.write({"recipient_ids": [Command.unlink(each) for each in person.contacts.ids]})
        write_each(changes)
        gone.unlink()

    def _erase_scheduled(self, found, person):
        """Messages that wait for their hour: of documents about the person, or to the person alone, they go.

        Of others the person as receiver.
        """
        # sudo: see `_find_ids`; whoever is archived is a receiver, too
        scheduled = self.env["mail.scheduled.message"].sudo().with_context(active_test=False)
        gone = scheduled.search(
            Domain.OR(
                Domain("model", "=", model) & Domain("res_id", "in", ids) for model, ids in found.items()
            )
        )
        others = scheduled.search([("partner_ids", "in", person.contacts.ids)]) - gone
        kept = others.filtered(lambda message: message.partner_ids - person.contacts)
        kept.write({"partner_ids": [Command.unlink(each) for each in person.contacts.ids]})
        (gone | others - kept).unlink()

    def _erase_correspondence(self, messages, found, person):
        self._erase_queue(messages, person)
        self._erase_scheduled(found, person)
        # files of documents that stay, such as the print of an invoice, stay with them
        emptied = {"res.partner", "mail.compose.message", *self._get_personal_texts()}
        messages.attachment_ids.filtered(lambda file: not file.res_id or file.res_model in emptied).unlink()
        messages.tracking_value_ids.unlink()
        if messages:
            self._empty("mail.message", messages.ids, MESSAGE)
        # sudo: what a translation service made of their words
        translations = self.env["mail.message.translation"].sudo()
        translations.search([("message_id", "in", messages.ids)]).unlink()
        self._empty_notifications(messages, person)
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
        # sudo: see `_find_ids`
        logs = self.env["partner.contact.log"].sudo().browse(found.get("partner.contact.log", []))
        if activities := logs.activity_id.exists():
            self._empty("mail.activity", activities.ids, ACTIVITY)

    def _delete_addresses(self, found, person):
        """Where the person is reached, or asked not to be; whoever shares an address or a number still does."""
        for model in DELETED:
            # sudo: see `_find_ids`
            self.env[model].sudo().browse(found.get(model, [])).unlink()
        # sudo: see `_find_ids`; the bill itself stays, whoever has mailed it
        bills = self.env["account.move"].sudo().with_context(tracking_disable=True)
        mailed = Domain("partner_id", "in", person.contacts.ids) & Domain("invoice_source_email", "!=", False)
        domains = (mailed, self._get_address_domain(bills, person.emails))
        bills = bills.search(Domain.OR(domain for domain in domains if domain is not None))
        bills.invoice_source_email = False

    def _empty_notifications(self, messages, person):
        """Addresses and numbers to which messages were sent, and what servers answered."""
        # sudo: see `_find_ids`
        sent = self.env["mail.notification"].sudo()
        domains = (
            Domain("mail_message_id", "in", messages.ids),
            Domain("res_partner_id", "in", person.contacts.ids),
            self._get_address_domain(sent, person.emails),
        )
        sent = sent.search(Domain.OR(domain for domain in domains if domain is not None))
        # Odoo keeps none without contact and address
        bare = sent.filtered(lambda notification: not notification.res_partner_id)
        if linked := sent - bare:
            self._empty(sent._name, linked.ids, ("mail_email_address", "sms_number", "failure_reason"))
        bare.unlink()

    def _empty_meetings(self, found, person):
        # sudo: private meetings too; whoever is archived took part, too
        meetings = self.env["calendar.event"].sudo().with_context(active_test=False)
        meetings = meetings.browse(found.get("calendar.event", []))
        outsiders = (meetings.partner_ids - person.contacts).filtered("partner_share")
        others = meetings.filtered(lambda meeting: meeting.partner_ids & outsiders)
        if alone := meetings - others:
            self._empty(alone._name, alone.ids, MEETING)
            # the room of a call is called as its meeting
            rooms = alone.videocall_channel_id
            rooms -= meetings.search(
                Domain("videocall_channel_id", "in", rooms.ids) & Domain("id", "not in", alone.ids)
            ).videocall_channel_id
            if rooms:
                self._empty(rooms._name, rooms.ids, ("name",))
        if others:
            self._take_out_details(others, person.contacts & (self.partner_id | others.partner_ids))

    def _take_out_details(self, meetings, contacts):
        """Take the person out of what Odoo writes into the description of a meeting: name, address and number.

        An address or a number that somebody else has who takes part stays: Odoo tells of one, in no order.
        SQL, as meetings are closed to those who do not attend; the activity of a meeting repeats its description.
        """
        names = {name for name in contacts.mapped("name") if name}
        reached = _get_reached(contacts)
        parted = defaultdict(list)
        for meeting in meetings:
            others = (meeting.partner_ids | meeting.user_id.partner_id) - contacts
            parted[frozenset(names | reached - _get_reached(others))].append(meeting.id)
        for details, ids in parted.items():
            if details:  # the pattern would be found between any two tags
                self._take_out_words_of_meetings(ids, details)

    @api.model
    def _take_out_words_of_meetings(self, ids, details):
        # between two tags, or in the address of a link, where a space is encoded
        words = (re.escape(escape(each, quote=False)).replace(r"\ ", "( |%20)") for each in sorted(details))
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
                    ids=ids,
                    pattern=pattern,
                    word=ERASED,
                )
            )
            model.invalidate_model([field], flush=False)

    def _empty_changes(self, person):
        """Names of the contact, and of its users, in what was tracked: "customer: from ... to ...".

        SQL, as Odoo lets nobody write what was tracked.
        """
        users = person.contacts.with_context(active_test=False).user_ids
        self.env["mail.tracking.value"].flush_model()
        for side, records in product(("old", "new"), (person.contacts, users)):
            if not records:
                continue
            # sudo: which fields there are is no secret
            links = self.env["ir.model.fields"].sudo().search([("relation", "=", records._name)])
            self.env.cr.execute(
                SQL(
                    "UPDATE mail_tracking_value SET %s = %s WHERE %s IN %s AND field_id IN %s",
                    SQL.identifier(f"{side}_value_char"),
                    ERASED,
                    SQL.identifier(f"{side}_value_integer"),
                    tuple(records.ids),
                    tuple(links.ids),
                )
            )
        self.env["mail.tracking.value"].invalidate_model(flush=False)

    @api.model
    def _erase_contacts(self, contacts):
        contacts = contacts.with_context(tracking_disable=True, mail_notrack=True)
        # the number stays with its payments; Odoo would tell of another holder's name, with the name
        contacts.bank_ids.write({"active": False})
        # Odoo would write the address of a person to the company, and from there to all its people
        address = {name: False for name in contacts._address_fields() if name in CONTACT}
        contacts._update_address(address)
        values = {
            name: False
            for name in CONTACT
            if name in contacts._fields and name not in address and contacts._fields[name].type != "binary"
        }
        # addresses have the number of whose they are
        contacts.write({**values, "name": self.env._("Erased contact %s", contacts[:1].id), "active": False})
        # what users have added to the form of contacts, what each company has for itself, pictures in all sizes
        apart = [name for name in values if contacts._fields[name].company_dependent]
        apart += [
            name for name, field in contacts._fields.items() if field.type == "binary" and field.attachment
        ]
        self._empty("res.partner", contacts.ids, ("properties", *apart))
        users = contacts.with_context(active_test=False).user_ids
        write_each({user: {"login": f"erased-{user.id}"} for user in users})
        users.write({"signature": False, "out_of_office_message": False})
        # sudo: from where and by which machine they worked
        self.env["res.device.log"].sudo().search([("user_id", "in", users.ids)]).unlink()
        contacts.message_follower_ids.unlink()

    def _forget_dialogs(self):
        """What was handed out waits in the dialogs until Odoo clears them."""
        # sudo: of others who look at the same contact, too
        dialogs = self.sudo().search([("partner_id", "=", self.partner_id.id)])
        dialogs.write({"file": False, "filename": False, "shared_addresses": False})

    def _note(self, partner, name, email, found, shared):
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
                "records_description": "\n".join(
                    [f"{model}: {len(ids)}" for model, ids in found.items()]
                    + [
                        self.env._(
                            "%(model)s: %(count)s stayed, as another contact has the address or number, too",
                            model=model,
                            count=len(ids),
                        )
                        for model, ids in shared.items()
                    ]
                ),
            }
        )


def _get_reached(contacts):
    """Addresses and numbers of contacts as Odoo writes them into the text of a meeting, in any case."""
    return {detail.lower() for contact in contacts for detail in (contact.email, contact.phone) if detail}


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
