from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools.arguments import as_id
from .partner_contact_log_timeline import TIMELINE_FIELDS
from .partner_requirement import OPEN_STATES, WORK_KINDS

# What there is room for on one screen; what is more is counted, and one click away.
NEEDS = 4
TASTES = 4
PLANNED = 2
PERSONS = 12
# Complaints, credit notes and returns of so many days.
COMPLAINT_DAYS = 365


class PartnerRelationshipCard(models.AbstractModel):
    """Who a customer is, what it needs and what is next: one screen, read in one call.

    Nothing is stored. Each block is read with the rights of whoever looks, by the model that it leads to: a block whose
    model somebody may not read is ``False``, and rows that somebody may not see are neither shown nor counted.
    """

    _name = "partner.relationship.card"
    _description = "Relationship Card"

    @api.model
    @api.readonly
    def get_card(self, partner_id):
        """Everything the card of a contact shows; of a person the card of its company.

        :param int partner_id: the company or one of its persons
        :return: by block its figures or ``False``; ``is_limited`` where the customer is not in the user's care, so that
            only what is the user's own shows; ``currency_id`` of all amounts
        :rtype: dict
        """
        person = self._get_contact(partner_id)
        partner = person.commercial_partner_id
        # sudo: the name alone, of the company that a readable person belongs to
        name = partner.sudo().display_name
        card = {
            "partner": {"id": partner.id, "name": name},
            "person": {"id": person.id, "name": person.display_name} if person != partner else False,
            "currency_id": self.env.company.currency_id.id,
            "is_limited": not partner._may_see_turnover(),
        }
        for block, method in self._get_blocks().items():
            card[block] = getattr(self, method)(partner)
        return card

    @api.model
    def _get_contact(self, partner_id):
        """The contact, if the user may read it.

        :raises UserError: for a contact that is gone
        """
        partner = self.env["res.partner"].browse(as_id(partner_id))
        if not partner.exists():
            raise UserError(
                self.env._("This contact was deleted or merged. Look for it in the list of contacts.")
            )
        partner.check_access("read")
        return partner

    @api.model
    def _get_blocks(self):
        """The blocks of the card and the methods that fill them. A further block extends this."""
        return {
            "who": "_get_who",
            "needs": "_get_needs",
            "log": "_get_log",
            "deals": "_get_deals",
            "debts": "_get_debts",
            "letters": "_get_letters",
            "complaints": "_get_complaints",
            "decisions": "_get_decisions",
            "terms": "_get_terms",
        }

    @api.model
    def _label(self, record, name):
        """The word of a selection field, in the language of whoever looks."""
        return dict(record._fields[name]._description_selection(self.env)).get(record[name], "")

    @api.model
    def _day(self, value):
        return fields.Date.to_string(value) if value else False

    # ------------------------------------------------------------------
    # Blocks of the contact itself
    # ------------------------------------------------------------------
    @api.model
    def _get_who(self, partner):
        """Address, who is responsible, the classes and since when, the wanted rhythm."""
        if not partner.has_access("read"):
            return False
        responsible = partner.responsible_user_ids - partner.user_id
        return {
            "city": partner.city or "",
            "phone": partner.phone or "",
            "email": partner.email or "",
            "tags": partner.category_id.mapped("name"),
            "is_archived": not partner.active,
            # sudo: the names of colleagues
            "user": partner.sudo().user_id.name or "",
            "responsible": responsible.sudo().mapped("name"),
            "classes": self._get_classes(partner),
        }

    @api.model
    def _get_classes(self, partner):
        """The current classes, since which classification the stage is what it is, and the rhythm."""
        lines = self.env["partner.classification.line"]
        if not lines.has_access("read"):
            return False
        # sudo: only which runs there are; their lines are read with the rights of the user
        runs = self.env["partner.classification"].sudo()
        mine = [("company_id", "=", self.env.company.id), ("kind", "=", "customer")]
        runs = runs.search([*mine, "|", ("is_current", "=", True), ("state", "=", "posted")])
        days = {run.id: run.stage_date for run in runs}
        current = runs.filtered("is_current")
        found = lines.search_fetch(
            [
                ("partner_id", "=", partner.id),
                ("classification_id", "in", runs.ids),
                ("is_merged", "!=", True),
            ],
            ["classification_id", "abc_class", "xyz_class", "stage", "first_sale_date", "is_returned"],
        )
        line = found.filtered(lambda line: line.classification_id == current)
        if not line:
            return False
        since = False
        for run_id in sorted(days, key=lambda run_id: (days[run_id], run_id), reverse=True):
            earlier = found.filtered(lambda other, run_id=run_id: other.classification_id.id == run_id)
            if not earlier or earlier[0].stage != line.stage:
                break
            since = days[run_id]
        return {
            "id": line.id,
            "abc": line.abc_class or "",
            "xyz": line.xyz_class or "",
            "abc_label": self._label(line, "abc_class"),
            "xyz_label": self._label(line, "xyz_class"),
            "stage": line.stage or "",
            "stage_label": self._label(line, "stage"),
            "since": self._day(since),
            "customer_since": self._day(line.first_sale_date),
            "is_returned": line.is_returned,
            "rhythm": self._get_rhythm(line),
        }

    @api.model
    def _get_rhythm(self, line):
        """How often the customer is to be contacted, and by when."""
        report = self.env["partner.rhythm.report"]
        row = report.has_access("read") and report.search([("id", "=", line.id)])
        if not row or not row.contact_days:
            return False
        return {
            "days": row.contact_days,
            "due": self._day(row.due_date),
            "days_overdue": row.days_overdue or 0,
        }

    @api.model
    def _get_needs(self, partner):
        """Open needs and requirements, the most important first; and what the customer likes and dislikes."""
        requirements = self.env["partner.requirement"]
        if not requirements.has_access("read"):
            return False
        found = requirements.search_fetch(
            self._get_needs_domain(partner),
            ["name", "kind", "state", "importance", "user_id", "date_deadline", "product_tmpl_ids"],
        )
        work = found.filtered(lambda requirement: requirement.kind in WORK_KINDS)
        tastes = found - work
        # sudo: the names of colleagues and of products that answer a need the user may read
        named = work[:NEEDS].sudo()
        answers = self._get_need_documents(work[:NEEDS])
        return {
            "count": len(work),
            "overdue": len(work.filtered("is_overdue")),
            "rows": [
                {
                    "id": need.id,
                    "name": need.name,
                    "kind": self._label(need, "kind"),
                    "state": need.state,
                    "state_label": self._label(need, "state"),
                    "importance": need.importance,
                    "user": need.user_id.name or "",
                    "deadline": self._day(need.date_deadline),
                    "is_overdue": need.is_overdue,
                    "products": need.product_tmpl_ids.mapped("name"),
                    "documents": answers[need.id],
                }
                for need in named
            ],
            "tastes": [
                {"id": taste.id, "name": taste.name, "kind": taste.kind, "label": self._label(taste, "kind")}
                for taste in tastes[:TASTES]
            ],
            "taste_count": len(tastes),
        }

    @api.model
    def _get_need_documents(self, needs):
        """The documents that answer needs, of those that the user may read: ``{need id: [name, model and id]}``."""
        answers = {need.id: [] for need in needs}
        for name, documents in needs._get_readable_documents().items():
            for need in needs:
                document = need[name] & documents
                if document:
                    answers[need.id].append(
                        {"name": document.display_name, "model": document._name, "id": document.id}
                    )
        return answers

    @api.model
    def _get_needs_domain(self, partner):
        """What is open, and what the customer likes and dislikes, of the companies switched on."""
        return Domain("partner_id", "=", partner.id) & Domain("state", "in", OPEN_STATES)

    @api.model
    def _get_log(self, partner):
        """The next steps, and when the last contact was."""
        logs = self.env["partner.contact.log"]
        if not logs.has_access("read"):
            return False
        domain = partner._get_contact_log_domain()
        # one more than is shown tells whether there are more
        planned = logs.search(domain & Domain("state", "=", "planned"), order="date, id", limit=PLANNED + 1)
        last = logs.search_fetch(domain & Domain("state", "=", "done"), ["date"], limit=1)
        values = {row["id"]: row for row in planned[:PLANNED].web_read(TIMELINE_FIELDS)}
        return {
            "planned": [values[log_id] for log_id in planned[:PLANNED].ids],
            "has_more_planned": len(planned) > PLANNED,
            "last": fields.Datetime.to_string(last.date) or False,
            "channels": logs._fields["channel"]._description_selection(self.env),
        }

    # ------------------------------------------------------------------
    # Persons and terms
    # ------------------------------------------------------------------
    @api.model
    def _get_decisions(self, partner):
        """Who plays which part in the decisions of the company, and how each thinks of us.

        The parts that every decision has stand there without a person too: that nobody is known is worth knowing.
        """
        if not self.env.user.has_group("partner_relations.group_user"):
            return False
        persons = self.env["res.partner"].search_fetch(
            Domain("commercial_partner_id", "=", partner.id)
            & Domain("is_company", "=", False)
            & Domain.OR(
                Domain(name, "!=", False)
                for name in ("contact_role_id", "contact_role_more_ids", "decision_attitude")
            ),
            [
                "name", "function", "phone", "email", "contact_role_id", "contact_role_more_ids", "decision_attitude",
            ],
            order="name, id",
            limit=PERSONS,
        )  # fmt: skip
        always = {
            self.env["ir.model.data"]._xmlid_to_res_id(f"partner_relations.contact_role_{key}", False)
            for key in ("decides", "influences", "pays", "uses")
        }
        roles = self.env["partner.contact.role"].search_fetch([], ["name", "description"])
        by_role = {
            role: persons.filtered(
                lambda person, role=role: role in person.contact_role_id | person.contact_role_more_ids
            )
            for role in roles
        }
        # those whose part is not known, or is one that was archived
        others = persons.filtered(
            lambda person: not (person.contact_role_id | person.contact_role_more_ids) & roles
        )
        columns = [
            {"id": role.id, "name": role.name, "help": role.description or "", "persons": found.ids}
            for role, found in by_role.items()
            if found or role.id in always
        ]
        if others:
            columns.append({"id": 0, "name": self.env._("Part not known"), "help": "", "persons": others.ids})
        return {
            "columns": columns,
            "persons": {
                str(person.id): {
                    "id": person.id,
                    "name": person.name or "",
                    "function": person.function or "",
                    "phone": person.phone or "",
                    "email": person.email or "",
                    "attitude": person.decision_attitude or "",
                    "attitude_label": self._label(person, "decision_attitude"),
                    "last": fields.Datetime.to_string(person.last_contact_date) or False,
                }
                for person in persons
            },
        }

    @api.model
    def _get_terms(self, partner):
        """What holds for this customer alone, today: from the contact where Odoo has a field, else agreed."""
        if not self.env.user.has_group("partner_relations.group_user") or not partner.has_access("read"):
            return False
        # sudo: the names of what stands on a contact that the user may read, as on its form
        record = partner.with_company(self.env.company).sudo()
        rows = [
            ("pricelist", self.env._("Price list"), record.specific_property_product_pricelist.name),
            ("payment", self.env._("Payment"), record.property_payment_term_id.name),
        ]
        if "property_delivery_carrier_id" in record._fields:
            rows.append(("carrier", self.env._("Delivery"), record.property_delivery_carrier_id.name))
        today = fields.Date.context_today(self)
        terms = (
            self.env["partner.customer.terms"]._get_valid(partner, self.env.company, today).get(partner.id)
        )
        if terms:
            # sudo: the name of an Incoterm in terms that the user may read
            code = terms.sudo().incoterm_id.code
            place = " ".join(filter(None, (code, terms.incoterm_location)))
            rows.append(("incoterm", self.env._("Incoterm"), place))
        return {
            "rows": [{"key": key, "label": label, "value": value} for key, label, value in rows if value],
            "agreed": bool(terms)
            and {
                "id": terms.id,
                "discount_limit": terms.discount_limit,
                "words": terms._get_words(),
                "note": terms.note or "",
            },
            "may_edit": self.env["partner.customer.terms"].has_access("create"),
        }

    @api.model
    def _get_complaint_start(self):
        return fields.Date.context_today(self) - timedelta(days=COMPLAINT_DAYS)

    # ------------------------------------------------------------------
    # Where the figures come from
    # ------------------------------------------------------------------
    @api.model
    @api.readonly
    def open_documents(self, partner_id, what):
        """The action that opens the documents behind a block, with the user's own rights.

        :param str what: a key of :meth:`_get_document_actions`
        :raises UserError: for a block that the card does not have
        """
        partner = self._get_contact(partner_id).commercial_partner_id
        known = self._get_document_actions()
        if what not in known:
            raise UserError(self.env._("The card has no documents “%s”.", what))
        xmlid, title, get_domain = known[what]
        values = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        self.env[values["res_model"]].check_access("read")
        return {
            **values,
            # sudo: the name alone, as in get_card
            "display_name": f"{title}: {partner.sudo().display_name}",
            "domain": list(get_domain(partner)),
            "context": {"default_partner_id": partner.id},
        }

    @api.model
    def _get_document_actions(self):
        """``{what: (action, title, method that gives the domain of a customer)}``."""
        return {
            "needs": (
                "partner_relations.partner_requirement_action",
                self.env._("Needs"),
                lambda partner: Domain("partner_id", "=", partner.id),
            ),
            "log": (
                "partner_relations.partner_contact_log_action",
                self.env._("Contact Log"),
                lambda partner: partner._get_contact_log_domain(),
            ),
            "planned": (
                "partner_relations.partner_contact_log_action_planned",
                self.env._("Planned Contacts"),
                lambda partner: partner._get_contact_log_domain() & Domain("state", "=", "planned"),
            ),
            "terms": (
                "partner_relations.partner_customer_terms_action",
                self.env._("Individual Terms"),
                lambda partner: Domain("partner_id", "=", partner.id),
            ),
            "persons": (
                "contacts.action_contacts",
                self.env._("Contacts"),
                lambda partner: (
                    Domain("commercial_partner_id", "=", partner.id) & Domain("is_company", "=", False)
                ),
            ),
        }
