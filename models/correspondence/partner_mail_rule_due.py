from datetime import datetime, time, timedelta

from odoo import api, models
from odoo.fields import Domain

from ...tools.birthdays import birthday_in, key_ranges
from ...tools.mail_rules import local_time

# The field of a model's record that tells our responsible.
USER_FIELDS = {
    "account.move": "invoice_user_id",
    "crm.lead": "user_id",
    "partner.contact.log": "user_id",
    "partner.order.failure": "owner_id",
    "purchase.order": "user_id",
    "sale.order": "user_id",
    "supplier.terms": "user_id",
}
# Models whose records may belong to no company, then to all.
COMMON_MODELS = ("crm.lead", "partner.contact.log", "res.partner")


class PartnerMailRule(models.Model):
    """What is due: one search for each rule, and who is to be told, with as many queries for one as for all."""

    _inherit = "partner.mail.rule"

    # ------------------------------------------------------------------
    # Records
    # ------------------------------------------------------------------
    def _get_record_domain(self):
        """Records that the rule may send about at all, without its condition.

        It is asked when the mail is planned and when it leaves: an invoice that was paid meanwhile, or an order that
        was cancelled, is no longer mailed about.
        """
        self.ensure_one()
        company = Domain("company_id", "=", self.company_id.id)
        if self.model_name in COMMON_MODELS:
            # a branch has the contacts of its parent
            company = Domain(self.env[self.model_name]._check_company_domain(self.company_id))
        return company & Domain.AND(
            {
                "invoice_due": [
                    Domain("move_type", "=", "out_invoice"),
                    Domain("state", "=", "posted"),
                    Domain("payment_state", "in", ("not_paid", "partial")),
                ],
                "promised_sale": [
                    Domain("state", "=", "sale"),
                    Domain("delivery_status", "!=", "full"),
                ],
                "promised_purchase": [Domain("state", "=", "purchase")],
                "birthday": [self.env["res.partner"]._get_birthday_person_domain()],
                "first_purchase": [Domain("parent_id", "=", False)],
                "next_contact": [Domain("state", "=", "planned")],
                "order_confirmed": [Domain("state", "=", "sale")],
                "order_delivered": [Domain("state", "=", "sale"), Domain("delivery_status", "=", "full")],
                "order_failed": [Domain("state", "=", "active")],
                "opportunity_lost": [Domain("active", "=", False), Domain("probability", "=", 0)],
                # whoever has bought again since is not told of being missed
                "stage_lost": [Domain("relation_stage", "=", "lost")],
            }.get(self.trigger, [])
        )

    def _get_records_model(self):
        """The model of the records as the server reads it: in the rule's company."""
        # sudo: the rules are the company's, and send about its records whoever may see them. What a mail says is
        # its template's, which those write who may.
        model = self.env[self.model_name].sudo().with_company(self.company_id)
        if self.trigger == "opportunity_lost":
            model = model.with_context(active_test=False)
        return model

    def _filter_records(self, res_ids):
        """Those of the records that the rule would send about now."""
        domain = Domain("id", "in", list(res_ids)) & self._get_record_domain() & self._get_condition()
        return self._get_records_model().search(domain, order="id")

    # ------------------------------------------------------------------
    # Dates
    # ------------------------------------------------------------------
    def _find_due(self, first, last, res_ids=None):
        """``(record id, due date)`` with a due date from ``first`` to ``last``, both included.

        :param res_ids: only these records
        """
        self.ensure_one()
        offset = timedelta(days=self.offset_days)
        domain = self._get_record_domain() & self._get_condition()
        if res_ids is not None:
            domain &= Domain("id", "in", list(res_ids))
        find = getattr(self, f"_find_{self.trigger}")
        pairs = find(domain, first - offset, last - offset)
        return sorted({(res_id, day + offset) for res_id, day in pairs}, key=lambda pair: (pair[1], pair[0]))

    def _get_day_domain(self, name, first, last):
        """The days from ``first`` to ``last`` of a datetime, wide enough for all time zones."""
        return Domain(name, ">=", datetime.combine(first - timedelta(days=1), time())) & Domain(
            name, "<", datetime.combine(last + timedelta(days=2), time())
        )

    def _cut_days(self, moments, first, last):
        """``(id, day in the company's time zone)`` of ``(id, moment)`` that lie from ``first`` to ``last``."""
        zone = self._get_tz()
        pairs = ((res_id, local_time(moment, zone).date()) for res_id, moment in moments if moment)
        return [(res_id, day) for res_id, day in pairs if first <= day <= last]

    def _find_invoice_due(self, domain, first, last):
        # an invoice in instalments is due on the day of each that is open; Odoo's due date is that of the last one.
        # As in payment reminders without what is left out of follow-up, such as what an employer withholds.
        invoices = self._get_records_model()._search(domain & self._get_reminded_domain())
        instalments = (
            self.env["account.move.line"]
            .sudo()  # sudo: as _get_records_model
            .search_fetch(
                Domain("move_id", "in", invoices)
                & Domain("display_type", "=", "payment_term")
                & Domain("reconciled", "=", False)
                & Domain("no_followup", "=", False)
                & Domain("date_maturity", ">=", first)
                & Domain("date_maturity", "<=", last),
                ["move_id", "date_maturity", "amount_residual_currency"],
                order="id",
            )
        )
        if instalments:
            withheld = self.env["partner.wage.deduction.list.item"]._get_withheld(instalments)
            instalments = instalments.filtered(
                lambda one: (
                    one not in withheld
                    or one.currency_id.compare_amounts(one.amount_residual_currency, withheld[one]) > 0
                )
            )
        return [(one.move_id.id, one.date_maturity) for one in instalments]

    def _get_reminded_domain(self):
        """Invoices that customers may be reminded of: as in payment reminders, none that is disputed or paused.

        Our own people are told of all.
        """
        if self.audience == "salesperson":
            return Domain.TRUE
        today = self._get_today()
        left_alone = Domain("payment_reminder_excluded", "=", True) | Domain(
            "payment_reminder_pause_until", ">=", today
        )
        return (
            Domain("reminder_dispute", "=", False)
            & (Domain("reminder_pause_until", "=", False) | Domain("reminder_pause_until", "<", today))
            & Domain("commercial_partner_id", "not any", left_alone)
        )

    def _find_contract_end(self, domain, first, last):
        # the contract's own end, where it has one, else that of the terms
        ends = Domain("contract_date_end", ">=", first) & Domain("contract_date_end", "<=", last)
        ends |= (
            Domain("contract_date_end", "=", False)
            & Domain("date_to", ">=", first)
            & Domain("date_to", "<=", last)
        )
        terms = self._get_records_model().search_fetch(domain & ends, ["contract_date_end", "date_to"])
        return [(one.id, one.contract_date_end or one.date_to) for one in terms]

    def _find_promised_sale(self, domain, first, last):
        domain &= self._get_day_domain("commitment_date", first, last)
        orders = self._get_records_model().search_fetch(domain, ["commitment_date"])
        return self._cut_days([(order.id, order.commitment_date) for order in orders], first, last)

    def _find_promised_purchase(self, domain, first, last):
        # an order with several promises is due on each of these days, as long as a line of the day is open
        orders = self._get_records_model()._search(domain)
        lines = (
            self.env["purchase.order.line"]
            .sudo()  # sudo: as _get_records_model
            .search_fetch(
                # goods alone: a service is received by a number that nobody may ever enter
                Domain("order_id", "in", orders)
                & Domain("qty_received_method", "=", "stock_moves")
                & self._get_day_domain("promised_date", first, last),
                ["order_id", "promised_date", "product_qty", "qty_received"],
            )
        )
        moments = [
            (line.order_id.id, line.promised_date) for line in lines if line.qty_received < line.product_qty
        ]
        return self._cut_days(moments, first, last)

    def _find_birthday(self, domain, first, last):
        model = self._get_records_model()
        domain &= model._get_birth_day_domain(set(key_ranges(first, last, first)))
        persons = model.search_fetch(domain, ["birthdate"])
        return [
            (person.id, day)
            for person in persons
            for day in (birthday_in(person.birthdate, year) for year in range(first.year, last.year + 1))
            if first <= day <= last and person.birthdate < day
        ]

    def _find_first_purchase(self, domain, first, last):
        # the first posted invoice of each customer: one statement over the invoices of the company
        groups = (
            self.env["account.move"]
            .sudo()  # sudo: as _get_records_model
            ._read_group(
                [
                    ("company_id", "=", self.company_id.id),
                    ("move_type", "=", "out_invoice"),
                    ("state", "=", "posted"),
                    ("commercial_partner_id", "in", self._get_records_model()._search(domain)),
                ],
                ["commercial_partner_id"],
                ["invoice_date:min"],
            )
        )
        return [
            (partner.id, day)
            for partner, begun in groups
            for day in (birthday_in(begun, year) for year in range(first.year, last.year + 1))
            if first <= day <= last and begun.year < day.year
        ]

    def _find_next_contact(self, domain, first, last):
        domain &= self._get_day_domain("date", first, last)
        contacts = self._get_records_model().search_fetch(domain, ["date"])
        return self._cut_days([(contact.id, contact.date) for contact in contacts], first, last)

    # ------------------------------------------------------------------
    # Recipients
    # ------------------------------------------------------------------
    @api.model
    def _get_record_partner(self, record):
        return record if record._name == "res.partner" else record.partner_id

    def _get_recipients(self, records):
        """``{record id: (partner, address, customer, our responsible)}``, each of them may be empty.

        The records are read with all they lead to at once; a lead without a contact gives its address only.
        """
        self.ensure_one()
        partners = self.env["res.partner"].sudo().union(*(self._get_record_partner(one) for one in records))
        persons = self._get_persons(partners.commercial_partner_id) if self.audience == "contact" else {}
        name = USER_FIELDS.get(records._name)
        responsible = {}
        for record in records:
            partner = self._get_record_partner(record)
            customer = partner.commercial_partner_id
            users = record[name] if name else self.env["res.users"]
            responsible[record] = users.union(
                partner._get_responsible_users(), customer._get_responsible_users()
            )
        # of several users that are one set, each would be read for that set alone
        records.env["res.users"].union(*responsible.values()).fetch(["active", "partner_id"])
        recipients = {}
        for record in records:
            partner = self._get_record_partner(record)
            customer = partner.commercial_partner_id
            user = responsible[record].filtered("active")[:1]
            if self.audience == "salesperson":
                told = user.partner_id
            elif self.audience == "contact":
                told = self._choose_person(partner, persons.get(customer, ()))
            else:
                # a greeting to a person is not for the company's address
                own = partner.active and (partner.email or partner == record or not customer.email)
                told = partner if own else customer
            # who left gets nothing
            told = told.filtered("active")
            address = told.email
            if not partner and self.audience == "customer" and "email_from" in record._fields:
                address = record.email_from
            recipients[record.id] = (told, address or "", customer, user)
        return recipients

    def _get_persons(self, companies):
        """``{company: its persons, those with an address first}``."""
        # a person whom another company has entered for itself is not told of the records of this one
        persons = companies.search(
            Domain(companies._check_company_domain(self.company_id))
            & Domain("commercial_partner_id", "in", companies.ids)
            & Domain("is_company", "=", False),
            order="id",
        )
        persons = persons.sorted(lambda person: (not person.email, person.type != "contact", person.id))
        return persons.grouped("commercial_partner_id")

    def _choose_person(self, partner, persons):
        if self.trigger == "birthday":
            # nobody is greeted for a colleague
            persons = [person for person in persons if person == partner]
        role = self.contact_role_id
        fitting = [person for person in persons if not role or person.contact_role_id == role] or [
            person for person in persons if role in person.contact_role_more_ids
        ]
        if partner in fitting and partner.email:
            return partner
        return fitting[0] if fitting else self.env["res.partner"]
