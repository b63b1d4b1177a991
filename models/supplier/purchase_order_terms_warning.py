from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import format_amount, format_date

from ...tools.some import has_some


class PurchaseOrder(models.Model):
    """What an order that is not confirmed yet does not keep of the terms of its supplier. Nothing is refused."""

    _inherit = "purchase.order"

    supplier_terms_warning = fields.Text(
        string="Terms Not Kept",
        compute="_compute_supplier_terms_warning",
        groups="purchase.group_purchase_user",
        help="Where the order differs from the terms of the supplier: minimum amount, quantities, validity.",
    )
    supplier_terms_missed = fields.Boolean(
        compute="_compute_supplier_terms_warning",
        groups="purchase.group_purchase_user",
        help="Terms of the supplier are valid on the order date that the order has not taken.",
    )

    @api.depends(
        "state",
        "supplier_terms_id",
        "partner_id",
        "company_id",
        "date_order",
        "amount_untaxed",
        "currency_id",
        "order_line.product_id",
        "order_line.product_qty",
        "order_line.product_uom_id",
    )
    @api.depends_context("lang", "tz")
    def _compute_supplier_terms_warning(self):
        others = self._get_terms_not_taken()
        for order in self:
            order.supplier_terms_warning = "\n".join(order._get_terms_warnings(others)) or False
            terms = others.get(order)
            order.supplier_terms_missed = bool(terms and terms._holds_on(order._get_terms_day()))

    def _get_terms_warnings(self, others=None):
        """Return what the order does not keep of the supplier's terms, as a list of texts for the user.

        Empty for orders that are confirmed or cancelled.

        :param others: result of :meth:`_get_terms_not_taken`, if several orders are asked for
        """
        self.ensure_one()
        if self.state in ("purchase", "cancel") or not self.partner_id:
            return []
        terms = self.supplier_terms_id
        if not terms:
            others = self._get_terms_not_taken() if others is None else others
            return self._get_terms_warnings_untaken(others.get(self, terms))
        return [
            *self._get_terms_warnings_dates(),
            *self._get_terms_warnings_amount(),
            *self._get_terms_warnings_quantities(),
        ]

    def _get_terms_day(self):
        return self.env["supplier.terms"]._get_day(self.company_id, self.date_order)

    def _get_terms_not_taken(self):
        """Return the last terms up to the order date of drafts without terms, by order, in one query."""
        drafts = self.filtered(
            lambda order: (
                order.state not in ("purchase", "cancel")
                and order.partner_id
                and order.date_order
                and not order.supplier_terms_id
            )
        )
        terms = self.env["supplier.terms"]
        suppliers = drafts.partner_id.commercial_partner_id._origin
        if not has_some(terms, suppliers.ids, "partner_id"):
            return {}
        found = terms.search(
            [
                # said, as a caller may ask for archived ones, too
                ("active", "=", True),
                ("partner_id", "in", suppliers.ids),
                ("company_id", "in", drafts.company_id.ids),
            ]
        )
        result = {}
        for order in drafts:
            day, partner = order._get_terms_day(), order.partner_id.commercial_partner_id._origin
            earlier = found.filtered(
                lambda terms, order=order, day=day, partner=partner: (
                    terms.partner_id == partner
                    and terms.company_id == order.company_id
                    and terms.date_from <= day
                )
            )
            if earlier:
                result[order] = earlier[0]  # the order of terms is the latest first
        return result

    def _get_terms_warnings_untaken(self, terms):
        """Say that the order has no terms although there are or were some."""
        if not terms:
            return []
        day = self._get_terms_day()
        if terms._holds_on(day):
            return [
                self.env._(
                    "The terms %(terms)s hold on the order date, but the order was made before them. Take them "
                    "over, or go on without.",
                    terms=terms.display_name,
                )
            ]
        return [
            self.env._(
                "No terms of %(supplier)s hold on %(day)s. The last ones ended on %(end)s.",
                supplier=terms.partner_id.name,
                day=format_date(self.env, day),
                end=format_date(self.env, terms.date_to),
            )
        ]

    def _get_terms_warnings_dates(self):
        """Say which of the dates of the terms are over or near.

        They are compared with the order date or today, whichever is later: an old draft is ordered today.
        """
        terms = self.supplier_terms_id
        today = self.env["supplier.terms"]._get_day(self.company_id, fields.Datetime.now())
        day = max(self._get_terms_day() or today, today)
        soon = day + timedelta(days=terms.reminder_days)
        warnings = []
        if terms.date_to and terms.date_to < day:
            warnings.append(
                self.env._(
                    "The terms of %(supplier)s ended on %(end)s.",
                    supplier=terms.partner_id.name,
                    end=format_date(self.env, terms.date_to),
                )
            )
        elif terms.date_to and terms.date_to <= soon:
            warnings.append(
                self.env._(
                    "The terms of %(supplier)s end on %(end)s.",
                    supplier=terms.partner_id.name,
                    end=format_date(self.env, terms.date_to),
                )
            )
        end = terms.contract_date_end
        if end and end < day:
            warnings.append(
                self.env._(
                    "The contract with %(supplier)s ended on %(end)s.",
                    supplier=terms.partner_id.name,
                    end=format_date(self.env, end),
                )
            )
        elif end and end <= soon:
            warnings.append(
                self.env._(
                    "The contract with %(supplier)s ends on %(end)s.",
                    supplier=terms.partner_id.name,
                    end=format_date(self.env, end),
                )
            )
        if terms.price_valid_until and terms.price_valid_until < day:
            warnings.append(
                self.env._(
                    "The prices of %(supplier)s were held until %(end)s.",
                    supplier=terms.partner_id.name,
                    end=format_date(self.env, terms.price_valid_until),
                )
            )
        return warnings

    def _get_terms_warnings_amount(self):
        """Say that the order is below the minimum, in the currency of the terms."""
        terms = self.supplier_terms_id
        if not terms.min_amount or not any(line.product_qty and line.product_id for line in self.order_line):
            return []
        currency = terms.currency_id
        amount = self.currency_id._convert(
            self.amount_untaxed, currency, self.company_id, self._get_terms_day() or fields.Date.today()
        )
        if currency.compare_amounts(amount, terms.min_amount) >= 0:
            return []
        total = format_amount(self.env, amount, currency)
        if currency != self.currency_id:
            total = f"{format_amount(self.env, self.amount_untaxed, self.currency_id)} ({total})"
        return [
            self.env._(
                "The order of %(total)s is below the minimum of %(minimum)s: %(missing)s are missing.",
                total=total,
                minimum=format_amount(self.env, terms.min_amount, currency),
                missing=format_amount(self.env, terms.min_amount - amount, currency),
            )
        ]

    def _get_terms_warnings_quantities(self):
        """Name the lines whose quantity is below the minimum or between two steps."""
        steps = self.supplier_terms_id.line_ids
        if not steps:
            return []
        warnings = []
        for line in self.order_line:
            if line.display_type or not line.product_id or line.product_qty <= 0:
                continue
            step = steps._select(line.product_id)
            # the form of a user without units of measure has none until it is saved
            unit = line.product_uom_id or line.product_id.uom_id
            text = step and step._get_warning(
                line.product_id.display_name, line.product_id, line.product_qty, unit
            )
            if text:
                warnings.append(text)
        return warnings

    def action_take_supplier_terms(self):
        """Take the terms that hold on the order date over into orders that were made before them."""
        self.check_access("write")
        for order in self.filtered(lambda order: order.state not in ("purchase", "cancel")):
            former = order.supplier_terms_id
            self.env.add_to_compute(self._fields["supplier_terms_id"], order)
            order._follow_terms(former)
        return True
