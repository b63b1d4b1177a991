from odoo import api, fields, models
from odoo.exceptions import AccessError

from ...tools.empty_fields import EmptyFloat


class PartnerCustomerTerms(models.Model):
    """What was agreed with one customer alone and has no field in Odoo, for a period.

    Price list and payment terms stand on the contact, where orders take them from; here stand how much discount may
    be given, on what delivery was agreed, in which document and for how long. Both days of the period belong to it;
    without a last day the terms have an open end. A customer (the commercial partner: persons have the terms of their
    company) has in each company at most one set of terms on a day.
    """

    _name = "partner.customer.terms"
    _description = "Individual Terms of a Customer"
    _inherit = ["partner.dated.terms.mixin", "partner.care.mixin"]
    _order = "date_from desc, id desc"
    _rec_names_search = ["name", "partner_id.name"]
    _check_company_auto = True

    name = fields.Char(
        string="Agreed In",
        tracking=True,
        help="Number or title of the contract, letter or minutes in which the terms were agreed.",
    )
    active = fields.Boolean(help="Off: the terms hold no longer.")
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
        "CHECK (discount_limit BETWEEN 0 AND 100)", "A discount limit lies between 0 and 100%."
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
    @api.depends("partner_id", "name", "date_from", "date_to")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for terms in self:
            words = terms._get_words()
            terms.display_name = f"{terms.partner_id.name}: {words}" if terms.partner_id.name else words

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------
    @api.model_create_multi
    def create(self, vals_list):
        terms = super().create(vals_list)
        terms._check_documents(vals_list)
        return terms

    def write(self, vals):
        result = super().write(vals)
        self._check_documents([vals])
        return result

    def _check_documents(self, vals_list):
        """Who links an order has to be allowed to read it: the link would tell its name.

        :raises AccessError: for an order that the user may not read
        """
        if not self.env.su and any(vals.get("sale_order_id") for vals in vals_list):
            self.sale_order_id.check_access("read")

    def _attach_documents(self):
        """The same of files.

        :raises AccessError: for a file that the user may not read
        """
        if not self.env.su and self.document_ids - self.document_ids._filtered_access("read"):
            raise AccessError(
                self.env._("You may not read all of the files that you attach. Upload your own copies.")
            )
        return super()._attach_documents()

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
        notes = {}
        for terms in moved.filtered("active"):
            overlapping = kept.filtered(
                lambda other, terms=terms: other.company_id == terms.company_id and terms._overlaps(other)
            )
            if overlapping:
                notes[terms.id] = self.env._(
                    "%(merged)s became part of %(target)s, whose terms %(other)s hold for this time: these are "
                    "archived.",
                    merged=terms.partner_id.display_name,
                    target=target.display_name,
                    other=overlapping[0]._get_words(),
                )
            else:
                kept |= terms
        if notes:
            archived = everything.browse(notes)
            archived.active = False
            archived._message_log_batch(notes)
        moved.write({"partner_id": target.id})
