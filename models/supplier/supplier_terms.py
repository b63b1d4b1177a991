from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.empty_fields import EmptyInteger, EmptyMonetary

# What decides whether terms overlap others.
PERIOD_FIELDS = {"partner_id", "company_id", "date_from", "date_to", "active"}


class SupplierTerms(models.Model):
    """What was agreed with a supplier on delivery and payment, for a period.

    Both days of the period belong to it; without a last day the terms have an open end. A supplier (the
    commercial partner: persons have the terms of their company) has in each company at most one set of terms
    on a day. A purchase order takes those that are valid on the day of its order date in the company's time
    zone.
    """

    _name = "supplier.terms"
    _description = "Supplier Terms"
    _inherit = ["partner.dated.terms.mixin", "mail.activity.mixin"]
    _guarded_fields = ("reminded_date_to", "reminded_contract_date_end")
    _terms_documents = "contract_document_ids"
    _order = "date_from desc, id desc"
    _rec_names_search = ["name", "partner_id.name"]
    _check_company_auto = True

    name = fields.Char(
        string="Reference", tracking=True, help="Number or title of the contract, if there is one."
    )
    active = fields.Boolean(help="Off: the terms apply to no further order.")
    partner_id = fields.Many2one(
        "res.partner",
        string="Supplier",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        tracking=True,
        help="The company. If you choose a person, the terms are those of the person's company.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        tracking=True,
        help="Is reminded before the terms or the contract end, unless the supplier has a buyer of its own.",
    )
    is_expiring = fields.Boolean(
        string="Ends Soon",
        compute="_compute_is_expiring",
        search="_search_is_expiring",
        help="The terms are valid, and they or their contract end within the days of the reminder; or the "
        "contract is over already.",
    )
    reminder_days = fields.Integer(
        string="Remind Before (Days)",
        default=30,
        required=True,
        tracking=True,
        help="So many days before the terms or the contract end, the buyer gets an activity, and orders warn.",
    )

    incoterm_id = fields.Many2one("account.incoterms", tracking=True)
    incoterm_location = fields.Char(
        string="Place of Delivery", tracking=True, help="The place that belongs to the Incoterm."
    )
    carrier_id = fields.Many2one(
        "res.partner", check_company=True, tracking=True, help="Who brings the goods."
    )
    transport_mode = fields.Selection(
        [
            ("road", "Road"),
            ("rail", "Rail"),
            ("sea", "Sea"),
            ("air", "Air"),
            ("parcel", "Parcel Service"),
            ("several", "Several Modes"),
            ("pickup", "Collected by Us"),
        ],
        string="Transport",
        tracking=True,
    )
    lead_days = EmptyInteger(
        string="Promised Lead Time (Days)",
        tracking=True,
        help="Days from the order date to the arrival. Lines whose vendor price states no lead time are "
        "planned with it. Empty: nothing was promised.",
    )

    currency_id = fields.Many2one(
        "res.currency",
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        tracking=True,
        help="Currency of the orders and of the minimum amount.",
    )
    min_amount = EmptyMonetary(
        string="Minimum Order",
        tracking=True,
        groups="purchase.group_purchase_user",  # as amounts in the supplier's file
        help="Untaxed amount that an order should have at least. Empty: there is no minimum.",
    )
    payment_term_id = fields.Many2one(
        "account.payment.term",
        string="Payment Terms",
        check_company=True,
        tracking=True,
        help="Goes before the payment terms of the contact.",
    )
    price_valid_until = fields.Date(
        string="Prices Held Until",
        tracking=True,
        help="The last day on which the agreed prices hold. Empty: no such day was agreed.",
    )
    line_ids = fields.One2many("supplier.terms.line", "terms_id", string="Quantity Steps", copy=True)

    warranty_months = EmptyInteger(string="Warranty (Months)", tracking=True)
    return_days = EmptyInteger(
        string="Days to Return", tracking=True, help="Days after the receipt within which goods may go back."
    )
    return_conditions = fields.Text()
    note = fields.Html(string="Notes")

    contract_document_ids = fields.Many2many(
        "ir.attachment",
        "supplier_terms_document_rel",
        string="Contract Documents",
        copy=False,
        help="Seen by those who may see the terms.",
    )
    contract_date_end = fields.Date(
        string="Contract Ends",
        tracking=True,
        help="The last day of the contract, which may differ from that of these terms.",
    )

    _period = models.Constraint(
        "CHECK (date_to >= date_from)", "The last day of supplier terms lies before the first one."
    )
    _reminder_days_positive = models.Constraint(
        "CHECK (reminder_days >= 0)", "The days of the reminder of supplier terms cannot be negative."
    )
    _numbers_positive = models.Constraint(
        "CHECK (lead_days >= 0 AND min_amount >= 0 AND warranty_months >= 0 AND return_days >= 0)",
        "Lead time, minimum order, warranty and days to return cannot be negative.",
    )
    # For two people who save at the same moment; else _check_no_overlap tells it with names and dates. Ranges
    # of one id, for those can be indexed together with the period without an extension of PostgreSQL.
    _no_overlap = models.Constraint(
        "EXCLUDE USING gist (int4range(partner_id, partner_id, '[]') WITH =, "
        "int4range(company_id, company_id, '[]') WITH =, daterange(date_from, date_to, '[]') WITH &&) "
        "WHERE (active) DEFERRABLE INITIALLY DEFERRED",
        "Somebody else has just entered terms of this supplier for an overlapping period. Open the list anew.",
    )

    @api.depends("partner_id", "name", "date_from", "date_to")
    @api.depends_context("lang", "supplier_is_shown")
    def _compute_display_name(self):
        for terms in self:
            words = terms._get_words()
            if terms.partner_id and not self.env.context.get("supplier_is_shown"):
                words = f"{terms.partner_id.name}: {words}"
            terms.display_name = words

    @api.depends("date_from", "date_to", "contract_date_end", "reminder_days")
    def _compute_is_expiring(self):
        today = fields.Date.context_today(self)
        for terms in self:
            limit = today + timedelta(days=terms.reminder_days)
            ends = [day for day in (terms.date_to, terms.contract_date_end) if day]
            terms.is_expiring = terms.state == "valid" and any(day <= limit for day in ends)

    def _search_is_expiring(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)

        def to_sql(model, alias, query):
            days = model._field_to_sql(alias, "reminder_days", query)
            return SQL(
                "(%(date_to)s <= %(today)s + %(days)s OR %(contract)s <= %(today)s + %(days)s)",
                date_to=model._field_to_sql(alias, "date_to", query),
                contract=model._field_to_sql(alias, "contract_date_end", query),
                today=SQL("%s::date", today),
                days=days,
            )

        domain = Domain("state", "=", "valid") & Domain.custom(to_sql=to_sql)
        return domain if True in value else ~domain

    @api.depends("partner_id", "company_id")
    def _compute_currency_id(self):
        for terms in self:
            partner = terms.partner_id.commercial_partner_id.with_company(terms.company_id)
            terms.currency_id = partner.property_purchase_currency_id or terms.company_id.currency_id

    # ------------------------------------------------------------------
    # Records
    # ------------------------------------------------------------------
    def copy_data(self, default=None):
        """A copy is for the following period, for the same one would overlap.

        No period follows terms with an open end: their copy is archived until one of the two has other days.
        """
        vals_list = super().copy_data(default)
        if not default or not PERIOD_FIELDS & default.keys():
            for terms, vals in zip(self, vals_list, strict=True):
                vals["date_from"], vals["date_to"] = terms._get_following_period()
                if not terms.date_to:
                    vals["active"] = False
        return vals_list

    @api.ondelete(at_uninstall=False)
    def _unlink_except_applied(self):
        # sudo: an order that took the terms keeps them, whoever may see it
        orders = (
            self.env["purchase.order"]
            .sudo()
            .search([("supplier_terms_id", "in", self.ids), ("state", "=", "purchase")])
        )
        if orders:
            raise UserError(
                self.env._(
                    "The terms %(terms)s were applied to the purchase order %(order)s and stay as its evidence. "
                    "Archive them instead.",
                    terms=orders[0].supplier_terms_id.display_name,
                    order=orders[0].name,
                )
            )

    # ------------------------------------------------------------------
    # Validity
    # ------------------------------------------------------------------
    @api.model
    def _get_valid(self, partner, company, date):
        """Return the terms of a supplier that are valid on a day.

        :param partner: the supplier or one of its persons
        :param company: the company that buys
        :param datetime.date date: the day, in the company's time zone
        :return: one record or none
        """
        return self._get_valid_batch([(partner, company, date)])[partner, company, date]

    @api.model
    def _get_valid_batch(self, keys):
        """Return the valid terms for many suppliers, companies and days in one query.

        :param keys: iterable of (partner, company, day), as the arguments of :meth:`_get_valid`
        :return: terms, one record or none, by key
        :rtype: dict
        """
        keys = set(keys)
        result = dict.fromkeys(keys, self.browse())
        wanted = [key for key in keys if all(key)]
        if not wanted:
            return result
        partner_ids = {partner.commercial_partner_id._origin.id for partner, _company, _day in wanted}
        days = [day for _partner, _company, day in wanted]
        found = defaultdict(self.browse)
        domain = [
            ("partner_id", "in", [partner_id for partner_id in partner_ids if partner_id]),
            ("company_id", "in", [company.id for _partner, company, _day in wanted]),
            ("date_from", "<=", max(days)),
            "|",
            ("date_to", "=", False),
            ("date_to", ">=", min(days)),
        ]
        # with what orders take, so that they need not be read again
        names = [
            *PERIOD_FIELDS,
            "incoterm_id",
            "incoterm_location",
            "payment_term_id",
            "currency_id",
            "lead_days",
        ]
        for terms in self.with_context(active_test=True).search_fetch(domain, names):
            found[terms.partner_id.id, terms.company_id.id] += terms
        for partner, company, day in wanted:
            for terms in found.get((partner.commercial_partner_id._origin.id, company.id), ()):
                if terms._holds_on(day):
                    result[partner, company, day] = terms
                    break
        return result

    @api.model
    def _get_day(self, company, moment):
        """Return the day of a moment (UTC) in the time zone of ``company``."""
        if not moment:
            return False
        return company._get_day(moment)
