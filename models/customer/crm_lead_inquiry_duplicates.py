from odoo import api, models
from odoo.addons.phone_validation.models.mail_thread_phone import PHONE_REGEX_PATTERN
from odoo.fields import Domain
from odoo.tools import SQL, email_normalize

from ...tools.arguments import as_id
from ...tools.phones import phone_key, phone_spellings

MAX_SHOWN = 5
MAX_CANDIDATES = 60


class CrmLead(models.Model):
    """Contacts and open leads that an inquiry may repeat.

    Asked for by the forms once they stand, so that opening and saving a lead wait for nothing.
    """

    _inherit = "crm.lead"

    @api.model
    @api.readonly
    def get_inquiry_duplicates(self, values, lead_id=False):
        """Return who asked before, by tax id, email, phone and name of the company.

        Only what the user may read is named. What others have is told of without a name, so that nobody starts
        beside a colleague.

        :param dict values: of the form: partner_id, partner_name, contact_name, email_from, phone, vat, country_id
        :param int lead_id: the lead in the form, if it is saved
        :return: {"contacts": [{"id", "name", "reasons", "user", "archived"}, ...],
                  "leads": [{"id", "name", "reasons", "user", "customer"}, ...], "others": bool, "more": bool}
        """
        self.check_access("read")
        partner = self.env["res.partner"].browse(as_id(values.get("partner_id"))).exists()
        # sudo: that there is a duplicate is told without naming it; who may read it is asked below
        partner_sudo = partner._filtered_access("read").sudo()
        contacts = self._find_inquirers(values, partner_sudo)
        leads = self._find_inquiries(values, partner_sudo, contacts, as_id(lead_id))
        readable_contacts = (
            self.env["res.partner"].browse([one.id for one in contacts])._filtered_access("read")
        )
        readable_leads = self.browse([one.id for one in leads])._filtered_access("read")
        labels = {
            "vat": self.env._("same tax ID"),
            "email": self.env._("same email"),
            "phone": self.env._("same phone"),
            "name": self.env._("same name"),
            "customer": self.env._("same customer"),
        }

        def get_reasons(reasons):
            return ", ".join(labels[reason] for reason in reasons)

        # sudo: as in every list of Odoo, the names of what a readable record points to are shown
        return {
            "contacts": [
                {
                    "id": contact.id,
                    "name": contact.display_name,
                    "reasons": get_reasons(contacts[contact.sudo()]),
                    "user": contact.sudo().user_id.name
                    or contact.sudo().commercial_partner_id.user_id.name
                    or "",
                    "archived": not contact.active,
                }
                for contact in readable_contacts[:MAX_SHOWN]
            ],
            "leads": [
                {
                    "id": lead.id,
                    "name": lead.name,
                    "reasons": get_reasons(leads[lead.sudo()]),
                    "user": lead.sudo().user_id.name or "",
                    "customer": lead.sudo().partner_id.display_name
                    or lead.partner_name
                    or lead.contact_name
                    or "",
                }
                for lead in readable_leads[:MAX_SHOWN]
            ],
            "others": len(readable_contacts) < len(contacts) or len(readable_leads) < len(leads),
            "more": len(readable_contacts) > MAX_SHOWN or len(readable_leads) > MAX_SHOWN,
        }

    @api.model
    def _find_inquirers(self, values, partner_sudo):
        """Return {contact: [reason, ...]} of the contacts that look like the inquirer, with all rights."""
        company_name = (values.get("partner_name") or "").strip()
        typed = {
            "name": company_name or (values.get("contact_name") or "").strip(),
            "is_company": bool(company_name),
            "email": values.get("email_from"),
            "phone": values.get("phone"),
            "vat": values.get("vat") or partner_sudo.vat,
            "country_id": as_id(values.get("country_id")),
        }
        found = partner_sudo.new({name: value for name, value in typed.items() if value})._find_duplicates()
        companies = self.env.companies
        duplicates = {one: reasons for every in found.values() for one, reasons in every.items()}
        return {
            candidate: reasons
            for candidate, reasons in duplicates.items()
            # persons have the tax id of their company, which stands for them
            if (reasons != ["vat"] or not candidate.parent_id or candidate.parent_id not in duplicates)
            # what other companies keep for themselves is not told of
            and (not candidate.company_id or candidate.company_id in companies)
            and candidate.commercial_partner_id != (partner_sudo.commercial_partner_id or None)
            # namesakes among persons are too many
            and (company_name or reasons != ["name"])
        }

    @api.model
    def _find_inquiries(self, values, partner_sudo, contacts, lead_id):
        """Return {lead: [reason, ...]} of the open leads that look like the inquiry, with all rights."""
        email = email_normalize(values.get("email_from") or "") or ""
        country = (
            self.env["res.country"].browse(as_id(values.get("country_id"))) or self.env.company.country_id
        )
        phone = phone_key(values.get("phone"), country.phone_code)
        customers = partner_sudo.commercial_partner_id
        for contact, reasons in contacts.items():
            if reasons != ["name"]:
                customers |= contact.commercial_partner_id
        conditions = []
        if email:
            conditions.append(Domain("email_normalized", "=", email))
        if phone:
            spellings = tuple(phone_spellings(values["phone"], country.phone_code))
            conditions.append(
                Domain.custom(
                    # SQL: the expression that phone_validation has an index on
                    to_sql=lambda model, alias, query: SQL(
                        "regexp_replace((%s::text), %s::text, ''::text, 'g'::text) IN %s",
                        model._field_to_sql(alias, "phone", query),
                        PHONE_REGEX_PATTERN,
                        spellings,
                    )
                )
            )
        if customers:
            conditions.append(Domain("partner_id.commercial_partner_id", "in", customers.ids))
        if not conditions:
            return {}
        domain = Domain.OR(conditions) & Domain("won_status", "=", "pending")
        domain &= Domain("company_id", "in", [*self.env.companies.ids, False])
        if lead_id:
            domain &= Domain("id", "!=", lead_id)
        result = {}
        # sudo: see get_inquiry_duplicates
        for lead in self.sudo().search(domain, order="id desc", limit=MAX_CANDIDATES):
            code = (lead.country_id or lead.company_id.country_id or country).phone_code
            reasons = [
                reason
                for reason, same in (
                    ("email", email and lead.email_normalized == email),
                    ("phone", phone and phone_key(lead.phone, code) == phone),
                    ("customer", lead.partner_id.commercial_partner_id in customers),
                )
                if same
            ]
            if reasons:
                result[lead] = reasons
        return result
