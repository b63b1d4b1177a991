from datetime import timedelta

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools.sql import column_exists, create_column

from ...tools.arguments import as_id
from ...tools.given_values import without_fields
from ...tools.readable_many2one import ReadableMany2one

# What terms say about the order itself; the currency is computed with core's own field.
TERMS_FIELDS = ("incoterm_id", "incoterm_location", "payment_term_id")
# What decides which terms are valid.
KEY_FIELDS = {"partner_id", "company_id", "date_order"}


class PurchaseOrder(models.Model):
    """Orders take the terms of their supplier that are valid on the order date.

    A new order gets what the terms say wherever nothing was given. When supplier, company or order date of a
    draft change, or an order is duplicated, values that came from the former terms (or from nowhere) follow; those
    entered by hand stay.
    """

    _name = "purchase.order"
    _inherit = ["purchase.order", "partner.system.fields.mixin"]

    # what they say is read with all rights: a form, of the order or of a line, names none that its user may not read
    supplier_terms_id = ReadableMany2one(
        "supplier.terms",
        compute="_compute_supplier_terms_id",
        store=True,
        precompute=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups="purchase.group_purchase_user",
        prefetch="relations",
        help="The terms of the supplier that were valid on the order date, in the company's time zone. They "
        "filled Incoterm, payment terms, currency and the planned dates, and stay as they are from the "
        "confirmation on.",
    )

    def _auto_init(self):
        # There are no terms yet when the column is made: no order needs computing.
        if not column_exists(self.env.cr, "purchase_order", "supplier_terms_id"):
            create_column(self.env.cr, "purchase_order", "supplier_terms_id", "int4")
        return super()._auto_init()

    @api.depends("partner_id", "company_id", "date_order")
    def _compute_supplier_terms_id(self):
        keys = {}
        terms = self.env["supplier.terms"]
        for order in self:
            if order._origin and order.state in ("purchase", "cancel"):
                # what applied when it was confirmed
                order.supplier_terms_id = order.supplier_terms_id
                continue
            day = order.partner_id and terms._get_day(order.company_id, order.date_order)
            keys[order] = (order.partner_id, order.company_id, day or None)
        valid = terms._get_valid_batch(keys.values())
        for order, key in keys.items():
            order.supplier_terms_id = valid[key]

    def _compute_currency_id(self):
        result = super()._compute_currency_id()
        for order in self:
            if currency := order._get_terms().currency_id:
                order.currency_id = currency
        return result

    def _get_terms(self):
        # sudo: who may edit the order, as an accountant may, gets what its terms say without seeing the terms
        return self.sudo().supplier_terms_id

    # ------------------------------------------------------------------
    # Filling
    # ------------------------------------------------------------------
    @api.model
    def _get_fields_without_default(self):
        return super()._get_fields_without_default() | {"supplier_terms_id"}

    @api.model_create_multi
    def create(self, vals_list):
        # which were given, before core adds to the values
        given = [set(vals) for vals in vals_list]
        if not self.env.su:
            vals_list = [without_fields(vals, {"supplier_terms_id"}) for vals in vals_list]
        orders = super().create(vals_list)
        for order, names in zip(orders, given, strict=True):
            terms = order._get_terms()
            if not terms:
                continue
            values = {
                name: terms[name]
                for name in TERMS_FIELDS
                if name not in names and terms[name] and not order[name]
            }
            if "incoterm_id" in names and order.incoterm_id != terms.incoterm_id:
                # the place belongs to the Incoterm of the terms
                values.pop("incoterm_location", None)
            if values:
                order.write(
                    {
                        name: order._fields[name].convert_to_write(value, order)
                        for name, value in values.items()
                    }
                )
        return orders

    def write(self, vals):
        if "supplier_terms_id" in vals and not self.env.su:
            raise AccessError(
                self.env._(
                    "“%(field)s” of “%(model)s” is set by the system and cannot be entered.",
                    field=self._fields["supplier_terms_id"]._description_string(self.env),
                    model=self.env["ir.model"]._get(self._name).name,
                )
            )
        if KEY_FIELDS.isdisjoint(vals):
            return super().write(vals)
        drafts = self.filtered(lambda order: order.state not in ("purchase", "cancel"))
        before = [(order, order._get_terms(), order.date_order, order.partner_id) for order in drafts]
        result = super().write(vals)
        for order, terms, date_order, partner in before:
            if terms or order._get_terms():
                order._follow_terms(terms, given=vals, date_order=date_order, former_partner=partner)
        return result

    def copy(self, default=None):
        copies = super().copy(default)
        # core has planned the copied lines
        given = {"order_line", *(default or {})}
        for order, copied in zip(self, copies, strict=True):
            copied._follow_terms(order._get_terms(), given=given, former_partner=order.partner_id)
        return copies

    def onchange(self, values, field_names, fields_spec):
        """Remember which terms the form has applied so far; for a new order nothing else knows."""
        orders = self
        if "supplier_terms_id" in values:
            orders = self.with_context(supplier_terms_before=values["supplier_terms_id"])
        return super(PurchaseOrder, orders).onchange(values, field_names, fields_spec)

    @api.onchange("partner_id", "company_id")
    def onchange_partner_id(self):
        # Core sets the payment terms of the contact now: what counts is what stood there before.
        former = self._get_former_terms()
        result = super().onchange_partner_id()
        terms = self._get_terms()
        if terms.payment_term_id:
            self.payment_term_id = terms.payment_term_id
        if terms.incoterm_id or terms.incoterm_location:
            self.incoterm_id = terms.incoterm_id
            self.incoterm_location = terms.incoterm_location
        elif former and self.incoterm_id == former.incoterm_id:
            self.incoterm_id = self.incoterm_location = False
        self._plan_lead_time(former)
        return result

    @api.onchange("date_order")
    def _onchange_date_order_terms(self):
        former = self._get_former_terms()
        if self.state not in ("purchase", "cancel") and former != self._get_terms():
            self._follow_terms(former)

    @api.onchange("requisition_id")
    def _onchange_requisition_id(self):
        # Core sets the payment terms of the contact.
        result = super()._onchange_requisition_id()
        if self.requisition_id and (payment_term := self._get_terms().payment_term_id):
            self.payment_term_id = payment_term
        return result

    def _get_former_terms(self):
        """Return the terms that a form had applied before the change at hand."""
        terms = self.env["supplier.terms"]
        if "supplier_terms_before" in self.env.context:
            # the number comes from the client
            former = terms.browse(as_id(self.env.context["supplier_terms_before"]) or [])
            return former.exists() if former.has_access("read") else terms
        return self._origin._get_terms()

    def _follow_terms(self, former, given=(), date_order=None, former_partner=None):
        """Bring the values that came from the ``former`` terms in line with those that are valid now.

        :param former: terms that were valid before the change
        :param given: names of fields that somebody sets at the same time
        :param date_order: the order date before the change, if it is known
        :param former_partner: the supplier before the change, if it is another one
        """
        self.ensure_one()
        terms = self._get_terms()
        partner = self.partner_id.with_company(self.company_id)
        former_partner = (former_partner or partner).with_company(self.company_id)
        if former != terms:
            if "payment_term_id" not in given:
                of_contact = partner.property_supplier_payment_term_id
                automatic = former.payment_term_id or former_partner.property_supplier_payment_term_id
                if self.payment_term_id in (automatic, self.env["account.payment.term"]):
                    value = terms.payment_term_id or (former.payment_term_id and of_contact)
                    if value and value != self.payment_term_id:
                        self.payment_term_id = value
            if (
                not {"incoterm_id", "incoterm_location"} & set(given)
                and self.incoterm_id == former.incoterm_id
                and (self.incoterm_location or False) == (former.incoterm_location or False)
            ):
                if self.incoterm_id != terms.incoterm_id:
                    self.incoterm_id = terms.incoterm_id
                if (self.incoterm_location or False) != (terms.incoterm_location or False):
                    self.incoterm_location = terms.incoterm_location
            # A change of the supplier has computed the currency anew. What else changes the terms leaves it where
            # there are lines: their prices would become amounts of another currency.
            of_contact = partner.property_purchase_currency_id or self.company_id.currency_id
            if (
                "currency_id" not in given
                and not self.order_line
                and self.currency_id == (former.currency_id or of_contact)
            ):
                currency = terms.currency_id or of_contact
                if currency != self.currency_id:
                    self.currency_id = currency
        if "order_line" not in given:
            self._plan_lead_time(former, date_order)

    def _plan_lead_time(self, former, date_order=None):
        """Plan lines without a lead time of the vendor price by the promised one, unless planned by hand.

        Core leaves their dates alone when the supplier changes.
        """
        terms = self._get_terms()
        former_days, days = former.lead_days or 0, terms.lead_days or 0
        if former_days == days or not self.date_order:
            return
        moments = {moment for moment in (date_order, self.date_order) if moment}
        automatic = {moment + timedelta(days=former_days) for moment in moments}
        for line in self.order_line:
            if (
                not line.display_type
                and line.product_id
                and (not line.date_planned or line.date_planned in automatic)
                and not line.selected_seller_id.delay
            ):
                line.date_planned = self.date_order + timedelta(days=days)
