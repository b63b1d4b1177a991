from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import float_compare

# What is told about a line afterwards; everything else is frozen.
TOLD_FIELDS = {"reason_id"}


class PartnerOrderFailureLine(models.Model):
    """What failed of one line of an order, frozen at that moment."""

    _name = "partner.order.failure.line"
    _description = "Failed Order Line"
    _order = "failure_id, id"
    _rec_name = "product_id"

    failure_id = fields.Many2one(
        "partner.order.failure", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="failure_id.company_id")
    kind = fields.Selection(related="failure_id.kind")
    currency_id = fields.Many2one(related="failure_id.currency_id")
    company_currency_id = fields.Many2one(related="failure_id.company_currency_id")
    order_line_id = fields.Many2one(
        "sale.order.line", readonly=True, index="btree_not_null", ondelete="set null"
    )
    date = fields.Datetime(
        readonly=True, required=True, help="When the line failed: a rest can be closed line by line."
    )
    name = fields.Char(string="Description", readonly=True)
    product_id = fields.Many2one("product.product", readonly=True, ondelete="set null", index=False)
    product_uom_id = fields.Many2one("uom.uom", string="Unit", readonly=True, ondelete="restrict")
    quantity_ordered = fields.Float(string="Ordered", digits="Product Unit", readonly=True)
    quantity_delivered = fields.Float(
        string="Delivered",
        digits="Product Unit",
        readonly=True,
        help="At that moment, less returns. Of a service whose delivered quantity nobody keeps: what was invoiced.",
    )
    quantity_failed = fields.Float(
        string="Failed",
        digits="Product Unit",
        readonly=True,
        help="Ordered less delivered quantity, at least 0; less what was ordered again, or delivered after all, since.",
    )
    price_net = fields.Float(
        string="Net Price",
        min_display_digits="Product Price",
        readonly=True,
        help="Price of one unit in the currency of the order, after discount, without tax.",
    )
    value_ordered = fields.Monetary(readonly=True, help="Untaxed value of the line as it was ordered.")
    value_failed = fields.Monetary(
        string="Failed Value",
        readonly=True,
        help="Failed quantity × net price, in the currency of the order.",
    )
    value_ordered_company = fields.Monetary(
        string="Ordered Value (Company Currency)", readonly=True, currency_field="company_currency_id"
    )
    value_failed_company = fields.Monetary(
        string="Failed Value (Company Currency)",
        readonly=True,
        currency_field="company_currency_id",
        help="At the rate of the order.",
    )
    reason_id = fields.Many2one(
        "partner.order.failure.reason",
        string="Own Reason",
        ondelete="restrict",
        index=False,
        help="If this line failed for another reason than the order. Empty: the reason of the order.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        self.env["partner.order.failure"]._check_frozen()
        return super().create(vals_list)

    def write(self, vals):
        if vals.keys() - TOLD_FIELDS:
            self.env["partner.order.failure"]._check_frozen()
        result = super().write(vals)
        if "reason_id" in vals:
            for line in self:
                line.failure_id._check_reason_fits(line.reason_id)
        return result

    # ------------------------------------------------------------------
    # Rests
    # ------------------------------------------------------------------
    def _filter_still_ordered(self):
        """Those that are still part of what is ordered: dropped in the warehouse, and closed by nobody.

        Closing lowers the ordered quantity to what was delivered. Who lowers it by hand closes the rest as well.
        """
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        return self.filtered(
            lambda part: (
                part.order_line_id
                and part.quantity_failed
                and float_compare(
                    part.order_line_id.product_uom_qty + part.quantity_failed,
                    part.quantity_ordered,
                    precision_digits=digits,
                )
                > 0
            )
        )

    def _take_up(self, raised):
        """Take what is ordered again off closed rests, the last ones first.

        Else it would be counted as ordered twice, and as failed while it is delivered.

        :param dict raised: what was added to each order line
        """
        added = {line.id: quantity for line, quantity in raised.items()}
        left = {}
        for part in self.sorted("id", reverse=True):
            taken = min(added.get(part.order_line_id.id, 0.0), part.quantity_failed)
            if taken > 0:
                added[part.order_line_id.id] -= taken
                left[part] = part.quantity_failed - taken
        lowered = self.browse(part.id for part in left)
        failures = lowered.failure_id
        failures._lower_parts(left)
        over = failures.filtered(lambda failure: failure.state == "reversed")
        over.order_id._as_system().rest_closed = False
        for failure, parts in lowered.grouped("failure_id").items():
            failure.order_id._note_taken_up(parts)

    def _get_lowered(self, quantity):
        """Return the values of the line when only this quantity of it has failed, at its price."""
        self.ensure_one()
        share = quantity / self.quantity_failed
        return {
            "quantity_failed": quantity,
            "value_failed": self.currency_id.round(self.value_failed * share),
            "value_failed_company": self.company_currency_id.round(self.value_failed_company * share),
        }

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        if self and not self.env.su:
            raise UserError(
                self.env._(
                    "The lines of the failure of %s are part of the history of the order and cannot be deleted.",
                    self[0].failure_id.display_name,
                )
            )
