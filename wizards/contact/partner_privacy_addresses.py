from typing import NamedTuple

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL, email_normalize_all, escape_psql

# What bears an address in one field, in any case and without a name before it.
BEARING = {
    "account.move": "invoice_source_email",
    "mail.blacklist": "email",
    "mail.guest": "email",
    "mail.notification": "mail_email_address",
    "mailing.trace": "email",
    "partner.contact.import.line": "email",
    "partner.mail.rule.log": "email",
}
# What bears the address of who has sent it, perhaps with a name before it.
SENT = ("mail.message", "partner.mailing.answer")
# What tells whose it is, where this is not the contact, the one that was met twice, or the author.
LINKS = {"mail.notification": ("res_partner_id",)}
# What bears a telephone number.
CALLED = {"crm.lead": "phone_sanitized", "phone.blacklist": "number", "sms.sms": "number"}


class Person(NamedTuple):
    """Who is looked for, and how this person is reached."""

    contacts: models.BaseModel
    # known to be nobody else's
    emails: list
    numbers: list
    # of another contact as well
    shared_emails: list
    shared_numbers: list
    sharing: models.BaseModel
    leads: models.BaseModel
    # who came to a call or a chat by an invitation to an address
    guests: models.BaseModel


class PartnerPrivacy(models.TransientModel):
    """What is found by an address or a number alone, without a link to the person.

    One rule for all rooms: what bears an address that no other contact has is the person's. An address that another
    contact has, too, archived or not, tells nobody whose a record is: it is neither handed out nor erased, which the
    dialog and the log say.
    """

    _inherit = "partner.privacy"

    def _get_person(self):
        """Who is looked for, as known before anything is erased."""
        contacts = self._get_contacts()
        emails = {email for contact in contacts for email in email_normalize_all(contact.email or "")}
        numbers = set(contacts.mapped("phone_sanitized")) - {False}
        sharing = self._find_sharing(contacts, emails, numbers)
        others = {email for other in sharing for email in email_normalize_all(other.email or "")}
        called = set(sharing.mapped("phone_sanitized"))
        own = sorted(emails - others)
        own_numbers = sorted(numbers - called)
        return Person(
            contacts=contacts,
            emails=own,
            numbers=own_numbers,
            shared_emails=sorted(emails & others),
            shared_numbers=sorted(numbers & called),
            sharing=sharing,
            leads=self._find_leads(contacts, own, own_numbers),
            guests=self._find_guests(own),
        )

    def _get_contacts(self):
        """The contact and its addresses that are no persons: for invoices, deliveries and others."""
        # sudo: see `_find_ids`
        partner = self.partner_id.sudo()
        # archived ones too, which core's `child_ids` leaves out
        contacts = partner.with_context(active_test=False)
        addresses = contacts.search([("parent_id", "=", partner.id)], order="id")
        return partner | addresses.filtered(lambda child: child.type != "contact" and not child.user_ids)

    @api.model
    def _find_sharing(self, contacts, emails, numbers):
        """Other contacts of these addresses or telephone numbers."""
        # sudo: see `_find_ids`
        others = self.env["res.partner"].sudo().with_context(active_test=False)
        domains = []
        if numbers:
            domains.append(Domain("phone_sanitized", "in", sorted(numbers)))
        if emails:
            domains.append(Domain("email_normalized", "in", sorted(emails)))
            # Odoo normalizes the first of several addresses
            several = Domain.OR(Domain("email", "ilike", escape_psql(email)) for email in sorted(emails))
            domains.append(Domain("email", "=like", "%@%@%") & several)
        return others.search(Domain("id", "not in", contacts.ids) & Domain.OR(domains))

    @api.model
    def _find_leads(self, contacts, emails, numbers):
        """Leads of the person, also of a time when it was no contact."""
        # sudo: see `_find_ids`
        leads = self.env["crm.lead"].sudo().with_context(active_test=False)
        domains = [Domain("partner_id", "in", contacts.ids)]
        same = self._get_address_domain(leads, emails, numbers)
        if same is not None:
            domains.append(same)
        return leads.search(Domain.OR(domains))

    @api.model
    def _find_guests(self, emails):
        # sudo: see `_find_ids`
        guests = self.env["mail.guest"].sudo()
        same = self._get_address_domain(guests, emails)
        return guests if same is None else guests.search(same)

    @api.model
    def _get_address_domain(self, model, emails, numbers=()):
        """Return the domain of what bears one of these addresses or numbers and is linked with no contact.

        None if nothing of the model does.
        """
        name = model._name
        domains = []
        if emails:
            if name == "mail.mail":
                return Domain("id", "in", self._find_addressed(emails).ids)
            if "email_normalized" in model._fields and model._fields["email_normalized"].store:
                domains.append(Domain("email_normalized", "in", emails))
            elif name in SENT:
                domains.append(_is_one_of("email_from", emails, after_name=True))
            elif name in BEARING:
                domains.append(_is_one_of(BEARING[name], emails))
        if numbers and name in CALLED:
            called = Domain(CALLED[name], "in", numbers)
            if name == "crm.lead":
                # with another's address it is somebody else who calls from there
                called &= Domain("email_normalized", "=", False)
            domains.append(called)
        if not domains:
            return None
        same = Domain.OR(domains)
        if name == "account.move":
            # the bill is the supplier's, whoever has mailed it
            return same
        for link in LINKS.get(name, ("partner_id", "duplicate_id", "author_id")):
            if link in model._fields and model._fields[link].store:
                # what is known to be another contact's is not touched, whatever its address
                same &= Domain(link, "=", False)
        return same

    @api.model
    def _find_addressed(self, emails):
        """Mails that wait and go to one of these addresses."""
        # sudo: see `_find_ids`
        mails = self.env["mail.mail"].sudo()
        mails = mails.search(
            Domain.OR(
                Domain(name, "ilike", escape_psql(email))
                for name in ("email_to", "email_cc")
                for email in emails
            )
        )
        return mails.filtered(
            lambda mail: (
                not set(emails).isdisjoint(
                    email_normalize_all(f"{mail.email_to or ''}, {mail.email_cc or ''}")
                )
            )
        )

    def _find_shared(self, person, found):
        """All records that bear an address or a number of the person that another contact has, too, and that are
        linked with neither.

        :rtype: dict[str, list[int]]
        """
        shared = {}
        for model in self._get_models() if person.sharing else ():
            domain = self._get_address_domain(model, person.shared_emails, person.shared_numbers)
            if domain is None:
                continue
            if model._name == "mailing.trace":
                domain &= Domain("model", "!=", "res.partner") | Domain(
                    "res_id", "not in", person.sharing.ids
                )
            ids = set(self._find_ids(model, domain)).difference(found.get(model._name, ()))
            if ids:
                shared[model._name] = sorted(ids)
        return shared


def _is_one_of(name, emails, after_name=False):
    """Return the domain of a field that holds one of these addresses in any case, perhaps after a name.

    SQL, as Odoo's operators for any case take one value: each address would be compared by itself.
    """

    def to_sql(model, alias, query):
        column = model._field_to_sql(alias, name, query)
        if after_name:
            column = SQL("COALESCE(SUBSTRING(%s FROM '<([^<>]*)>$'), %s)", column, column)
        # in lower case by PostgreSQL on both sides, whatever it takes for letters
        values = SQL(", ").join(SQL("LOWER(%s)", email) for email in emails)
        return SQL("LOWER(%s) IN (%s)", column, values)

    return Domain.custom(to_sql=to_sql)
