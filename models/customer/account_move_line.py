from odoo import api, fields, models

from ...tools.empty_fields import EmptyMonetary
from ...tools.loose_many2one import LooseMany2one

# Written past the ORM alone, so whatever is given for them was not frozen.
FROZEN_FIELDS = frozenset({"sale_unit_cost", "sale_cost", "sale_cost_product_id"})


class AccountMoveLine(models.Model):
    _name = "account.move.line"
    _inherit = ["account.move.line", "partner.system.fields.mixin"]

    # Written by account.move._freeze_sale_costs alone; not prefetched, as hardly any screen shows them.
    # Internal users only, like the cost of a product: portal users may read their own invoices.
    sale_unit_cost = fields.Float(
        string="Unit Cost",
        readonly=True,
        copy=False,
        digits=0,
        min_display_digits="Product Price",
        aggregator=None,
        prefetch=False,
        groups="base.group_user",
        help="Cost of one unit (in the product's own unit of measure) when this line was posted, in the "
        "currency of the company: that of the linked order line; for a credit note that of the reversed "
        "invoice; else the cost of the product on that day.",
    )
    sale_cost = EmptyMonetary(
        string="Cost of Sale",
        readonly=True,
        copy=False,
        currency_field="company_currency_id",
        prefetch=False,
        groups="base.group_user",
        help="Unit cost times quantity, frozen when the customer invoice was posted, in the currency of the "
        "company; negative on credit notes. Empty while it is not yet computed.",
    )
    sale_cost_product_id = LooseMany2one(
        "product.product",
        string="Product of the Cost",
        readonly=True,
        copy=False,
        prefetch=False,
        groups="base.group_user",
        help="The product whose cost was frozen. An invoice posted again keeps the unit cost of a line "
        "unless its product was changed.",
    )

    # What customers and suppliers owe; the index of core holds all lines that are not reconciled, those of sales, too.
    _open_item_idx = models.Index(
        "(company_id, account_id) INCLUDE (id, move_id, partner_id, date, date_maturity, amount_residual)"
        " WHERE amount_residual <> 0 AND reconciled IS NOT TRUE AND parent_state = 'posted'"
    )
    # What an invoice's untaxed amount holds besides sales; a handful of rows, read by the turnover report.
    _besides_sales_idx = models.Index(
        "(move_id) WHERE display_type IN ('rounding', 'non_deductible_product', 'non_deductible_product_total')"
    )
    # Lines that were less than at full price: few, but to find them without it every line there ever was is read.
    _sale_deduction_idx = models.Index(
        "(move_id) WHERE display_type = 'product' AND (discount <> 0 OR price_subtotal < 0)"
    )

    @api.model
    def _get_system_fields(self):
        return super()._get_system_fields() | FROZEN_FIELDS
