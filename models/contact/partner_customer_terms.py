from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from ...tools.empty_fields import EmptyFloat

# What decides whether terms overlap others.
PERIOD_FIELDS = {"partner_id", "company_id", "date_from", "date_to", "active"}


class PartnerCustomerTerms(models.Model):
    """What was agreed with one customer alone and has no field in Odoo, for a period.

    Price list and payment terms stand on the contact, where orders take them from; here stand how much discount may
    be given, on what delivery was agreed, in which document and for how long. Both days of the period belong to it;
    without a last day the terms have an open end. A customer (the commercial partner: persons have the terms of their
    company) has in each company at most one set of terms on a day.
    """

    _name = "partner.customer.terms"
    _description = "Individual Terms of a Customer"
    _inherit = ["mail.thread", "partner.care.mixin"]
    _order = "date_from desc, id desc"
    _rec_names_search = ["name", "partner_id.name"]
    _check_company_auto = True

    name = fields.Char(
        string="Agreed In",
        tracking=True,
        help="Number or title of the contract, letter or minutes in which the terms were agreed.",
    )
    active = fields.Boolean(default=True, tracking=True, help="Off: the terms hold no longer.")
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
        tracking=True,
        help="The company. If you choose a person, the terms are those of the person's company.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    date_from = fields.Date(
        string="Valid From", required=True, tracking=True, default=fields.Date.context_today
    )
    date_to = fields.Date(
        string="Valid Until", tracking=True, help="The last day of the terms. Empty: until further notice."
    )
    state = fields.Selection(
        [("coming", "Coming"), ("valid", "Valid"), ("expired", "Expired")],
        compute="_compute_state",
        search="_search_state",
        help="Whether the period of the terms lies ahead, holds today or is over.",
    )
    discount_limit = EmptyFloat(
        string="Discount Limit (%)",
        digits="Discount",
        aggregator=None,
        tracking=True,
        help="The highest discount of an order line. A quotation with more warns; nothing is refused. 0: no discount "
        "at all; empty: no limit was agreed. A lower unit price is no discount.",
    )
    incoterm_id = fields.Many2one("account.incoterms", tracking=True)
    incoterm_location = fields.Char(
        string="Place of Delivery", tracking=True, help="The place that belongs to the Incoterm."
    )
    note = fields.Text(
        string="Other Terms", help="What else was agreed: delivery times, packing, returns, penalties."
    )
    sale_order_id = fields.Many2one(
        "sale.order",
        string="Agreed In Order",
        index="btree_not_null",
        ondelete="set null",
        groups="sales_team.group_sale_salesman",
        copy=False,
        check_company=True,
        help="The quotation or order in which the terms were agreed.",
    )
    document_ids = fields.Many2many(
        "ir.attachment",
        "partner_customer_terms_document_rel",
        string="Documents",
        copy=False,
        help="The contract or letter. Seen by those who may see the terms.",
    )

    _period = models.Constraint(
        "CHECK (date_to >= date_from)", "The last day of the terms of a customer lies before the first one."
    )
    _discount_range = models.Constraint(
        "CHECK (discount_limit BETWEEN 0 AND 100)", "A discount limit lies between 0 and 100 %."
    )
    # For two people who save at the same moment; else _check_no_overlap tells it with names and dates. Ranges
    # of one id, for those can be indexed together with the period without an extension of PostgreSQL.
    _no_overlap = models.Constraint(
        "EXCLUDE USING gist (int4range(partner_id, partner_id, '[]') WITH =, "
        "int4range(company_id, company_id, '[]') WITH =, daterange(date_from, date_to, '[]') WITH &&) "
        "WHERE (active) DEFERRABLE INITIALLY DEFERRED",
        "Somebody else has just entered terms of this customer for an overlapping period. Open the list anew.",
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------
    @api.depends("partner_id.name", "name", "date_from", "date_to")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for terms in self:
            terms.display_name = f"{terms.partner_id.name or ''}: {terms._get_words()}"

    def _get_words(self):
        """Where they were agreed and for how long, in words."""
        period = self._get_period_text()
        return f"{self.name} ({period})" if self.name else period

    def _get_period_text(self):
        first = self.date_from and format_date(self.env, self.date_from)
        if self.date_to:
            return f"{first} – {format_date(self.env, self.date_to)}"
        return self.env._("from %(date)s", date=first) if first else ""

    @api.depends("date_from", "date_to")
    def _compute_state(self):
        today = fields.Date.context_today(self)
        for terms in self:
            if terms.date_from and terms.date_from > today:
                terms.state = "coming"
            elif terms.date_to and terms.date_to < today:
                terms.state = "expired"
            else:
                terms.state = "valid"

    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        begun = Domain("date_from", "<=", today)
        domains = {
            "coming": Domain("date_from", ">", today),
            "valid": begun & (Domain("date_to", "=", False) | Domain("date_to", ">=", today)),
            "expired": begun & Domain("date_to", "<", today),
        }
        return Domain.OR(domains[state] for state in value if state in domains)

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------
    @api.constrains("partner_id", "company_id", "date_from", "date_to", "active")
    def _check_no_overlap(self):
        # an overlap is one, whoever may see the other terms: constraints run as superuser
        others = self.search(
            [("partner_id", "in", self.partner_id.ids), ("company_id", "in", self.company_id.ids)]
        )
        for terms in self.filtered("active"):
            for other in others - terms:
                if (other.partner_id, other.company_id) == (
                    terms.partner_id,
                    terms.company_id,
                ) and terms._overlaps(other):
                    raise ValidationError(
                        self.env._(
                            "%(customer)s already has terms for this time in %(company)s: %(other)s. These are "
                            "%(period)s. Change the dates of one of them, or archive the one that does not hold.",
                            customer=terms.partner_id.display_name,
                            company=terms.company_id.name,
                            other=other._get_words(),
                            period=terms._get_period_text(),
                        )
                    )

    def _overlaps(self, other):
        return (not other.date_to or self.date_from <= other.date_to) and (
            not self.date_to or other.date_from <= self.date_to
        )

    @api.onchange("partner_id")
    def _onchange_partner_id(self):
        self.partner_id = self.partner_id.commercial_partner_id

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------
    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]
        self._take_commercial_partners(vals_list)
        self._defer_overlaps()
        terms = super().create(vals_list)
        terms._raise_overlaps()
        terms._check_documents(vals_list)
        terms._attach_documents()
        return terms

    def write(self, vals):
        vals = dict(vals)
        self._take_commercial_partners([vals])
        moves = not PERIOD_FIELDS.isdisjoint(vals)
        if moves:
            self._defer_overlaps()
        result = super().write(vals)
        if moves:
            self._raise_overlaps()
        self._check_documents([vals])
        if "document_ids" in vals:
            self._attach_documents()
        return result

    @api.model
    def _take_commercial_partners(self, vals_list):
        """Replace a person by its company in values for :meth:`create` and :meth:`write`."""
        partners = self.env["res.partner"].browse(
            {vals["partner_id"] for vals in vals_list if vals.get("partner_id")}
        )
        # sudo: which company a contact belongs to; whoever may choose it sees its name as well
        companies = {partner.id: partner.commercial_partner_id.id for partner in partners.sudo()}
        for vals in vals_list:
            if vals.get("partner_id"):
                vals["partner_id"] = companies[vals["partner_id"]]

    def _defer_overlaps(self):
        """Let the Python constraint speak first: it names the terms that overlap."""
        self.env.cr.execute("SET CONSTRAINTS partner_customer_terms_no_overlap DEFERRED")

    def _raise_overlaps(self):
        """Have the database look now for overlaps, so that the error is one of this record and not of the commit."""
        self.flush_recordset(PERIOD_FIELDS)
        self.env.cr.execute("SET CONSTRAINTS partner_customer_terms_no_overlap IMMEDIATE")

    def _check_documents(self, vals_list):
        """Who links an order has to be allowed to read it: the link would tell its name.

        :raises AccessError: for an order or a file that the user may not read
        """
        if self.env.su:
            return
        if any(vals.get("sale_order_id") for vals in vals_list):
            self.sale_order_id.check_access("read")
        if any("document_ids" in vals for vals in vals_list):
            unreadable = self.document_ids - self.document_ids._filtered_access("read")
            if unreadable:
                raise AccessError(
                    self.env._("You may not read all of the files that you attach. Upload your own copies.")
                )

    def _attach_documents(self):
        """Attach files that were uploaded for these terms to them, so that the rights of the terms hold."""
        for terms in self:
            documents = terms.document_ids.filtered(
                lambda document: not document.res_id and document.create_uid == self.env.user
            )
            documents.write({"res_model": self._name, "res_id": terms.id})

    # ------------------------------------------------------------------
    # Validity
    # ------------------------------------------------------------------
    @api.model
    def _get_valid(self, partners, company, day):
        """The terms of customers that hold in a company on a day.

        :param partners: commercial partners
        :return: one record each, by the id of the customer
        :rtype: dict
        """
        found = self.search(
            [
                ("partner_id", "in", partners.ids),
                ("company_id", "=", company.id),
                ("date_from", "<=", day),
                "|",
                ("date_to", "=", False),
                ("date_to", ">=", day),
            ]
        )
        return {terms.partner_id.id: terms for terms in found}

    # ------------------------------------------------------------------
    # Contacts that change
    # ------------------------------------------------------------------
    @api.model
    def _move_to_partner(self, sources, target):
        """Give the terms of ``sources`` to ``target`` (a commercial partner); what overlaps there is archived."""
        # sudo: contacts become one for all companies, whoever merges or moves them
        everything = self.sudo().with_context(active_test=False)
        moved = everything.search([("partner_id", "in", (sources - target).ids)])
        if not moved:
            return
        kept = everything.search([("partner_id", "=", target.id), ("active", "=", True)])
        for terms in moved.filtered("active"):
            overlapping = kept.filtered(
                lambda other, terms=terms: other.company_id == terms.company_id and terms._overlaps(other)
            )
            if overlapping:
                terms.active = False
                terms._message_log(
                    body=self.env._(
                        "%(merged)s became part of %(target)s, whose terms %(other)s hold for this time: these are "
                        "archived.",
                        merged=terms.partner_id.display_name,
                        target=target.display_name,
                        other=overlapping[0]._get_words(),
                    )
                )
            else:
                kept |= terms
        moved.write({"partner_id": target.id})
