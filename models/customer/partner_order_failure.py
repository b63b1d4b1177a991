from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.tools import clean_context, float_is_zero

from ...tools.batches import write_each
from ...tools.empty_fields import EmptyFloat
from ...tools.internal import INTERNAL
from ...tools.order_failure import FAULTS, KINDS, SHORT, kind_of

# What is told about a failure afterwards; everything else is frozen.
TOLD_FIELDS = {"reason_id", "fault", "note"}


class PartnerOrderFailure(models.Model):
    """An order that failed: why, by whose fault, and what it was worth, frozen at that moment.

    Three kinds, never mixed: a quotation that was lost; an order cancelled after it was confirmed; an order of
    which the rest will not be delivered. What failed is told line by line: ordered less delivered quantity times
    net price.

    A failure is made by the order, whoever cancels it: the screens ask for the reason, code that cancels does not,
    and the reason is then filled in afterwards. An order that is taken up again reverses its failure, which stays.
    What the warehouse drops without a backorder fails as well. A rest can be closed in several steps, which is one
    failure with the lines of all of them. What is ordered again on such a line, by raising its quantity, is taken off.
    """

    _name = "partner.order.failure"
    _description = "Failed Order"
    _inherit = ["partner.care.mixin"]
    _order = "date desc, id desc"
    _rec_name = "order_name"
    _care_user_fields = ("owner_id",)

    # What failed
    order_id = fields.Many2one("sale.order", readonly=True, index="btree_not_null", ondelete="set null")
    order_name = fields.Char(string="Number", readonly=True)
    kind = fields.Selection(KINDS, readonly=True, required=True)
    state = fields.Selection(
        [("active", "Failed"), ("reversed", "Taken Up Again")],
        readonly=True,
        required=True,
        default="active",
        help="Taken up again: the order was reopened after the failure, which does not count any more.",
    )
    date = fields.Datetime(readonly=True, required=True, help="When it failed.")
    date_confirmed = fields.Datetime(
        string="Confirmed On",
        readonly=True,
        help="When the order was confirmed: the month it is counted in. Empty: it was lost as a quotation.",
    )
    reversed_date = fields.Datetime(string="Taken Up Again On", readonly=True)
    reversed_user_id = fields.Many2one("res.users", string="Taken Up Again By", readonly=True)
    # Why
    reason_id = fields.Many2one(
        "partner.order.failure.reason",
        index="btree_not_null",
        ondelete="restrict",
        help="Empty: not told, such as when other software cancelled the order, or the warehouse made no backorder.",
    )
    fault = fields.Selection(
        FAULTS,
        help="On whose side the cause lies: taken from the reason, and to be changed where it differs.",
    )
    note = fields.Text(help="What happened, in words.")
    # Whose it is
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The company, also for orders of its persons.",
    )
    user_id = fields.Many2one(
        "res.users", string="Closed By", readonly=True, help="Who lost, cancelled or closed it."
    )
    owner_id = fields.Many2one(
        "res.users",
        string="Salesperson",
        readonly=True,
        index="btree_not_null",
        help="Salesperson of the order at that moment.",
    )
    customer_owner_id = fields.Many2one(
        "res.users",
        string="Salesperson of Customer",
        readonly=True,
        help="Salesperson of the customer at that moment.",
    )
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True, ondelete="set null")
    company_id = fields.Many2one("res.company", readonly=True, required=True, index=True)
    currency_id = fields.Many2one("res.currency", readonly=True, required=True)
    company_currency_id = fields.Many2one("res.currency", readonly=True, required=True)
    # What it was worth
    line_ids = fields.One2many("partner.order.failure.line", "failure_id", string="Lines")
    value_ordered = fields.Monetary(
        readonly=True,
        help="Untaxed, in the currency of the order, as it was ordered: the whole order, with what was given up.",
    )
    value_failed = fields.Monetary(
        string="Failed Value",
        readonly=True,
        help="Sum of the lines: (ordered − delivered) × net price, untaxed, in the currency of the order.",
    )
    value_failed_company = fields.Monetary(
        string="Failed Value (Company Currency)",
        readonly=True,
        currency_field="company_currency_id",
        help="At the rate of the order.",
    )
    failed_share = EmptyFloat(
        compute="_compute_failed_share",
        digits=(16, 4),
        help="Failed value as a share of the ordered value. Empty without a value.",
    )
    is_own = fields.Boolean(
        string="Mine",
        compute="_compute_is_own",
        search="_search_is_own",
        help="You were the salesperson, or the customer is in your care.",
    )

    # One failure of a kind at a time
    _one_active = models.UniqueIndex(
        "(order_id, kind) WHERE state = 'active' AND order_id IS NOT NULL",
        "This order has a failure of that kind already. Reopen the order first.",
    )
    _untold_idx = models.Index("(company_id, date) WHERE state = 'active' AND reason_id IS NULL")

    # ------------------------------------------------------------------
    # Computed
    # ------------------------------------------------------------------
    @api.depends("value_failed", "value_ordered")
    def _compute_failed_share(self):
        for failure in self:
            failure.failed_share = (
                failure.value_failed / failure.value_ordered if failure.value_ordered else False
            )

    @api.depends("order_name", "kind")
    @api.depends_context("lang")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for failure in self:
            failure.display_name = f"{failure.order_name or ''}: {labels.get(failure.kind, '')}"

    @api.model
    def _get_care_domain(self, user_ids):
        contacts = self.env["res.partner"]
        return Domain("owner_id", "in", user_ids) | contacts._get_care_of_domain("partner_id", user_ids)

    # ------------------------------------------------------------------
    # The reason
    # ------------------------------------------------------------------
    @api.onchange("reason_id")
    def _onchange_reason_id(self):
        if self.reason_id:
            self.fault = self.reason_id.fault

    @api.constrains("reason_id")
    def _check_reason(self):
        for failure in self:
            failure._check_reason_fits(failure.reason_id)

    def _check_reason_fits(self, reason):
        self.ensure_one()
        if reason and not reason._fits(self.kind):
            raise ValidationError(
                self.env._(
                    "The reason “%(reason)s” of %(order)s is not meant for “%(kind)s”. Choose another one, or tick "
                    "that kind in the list of reasons.",
                    reason=reason.name,
                    order=self.order_name,
                    kind=dict(self._fields["kind"]._description_selection(self.env))[self.kind],
                )
            )

    def _tell(self, reason, fault=None, note=None, lines=None, line_reasons=None):
        """Write the reason of failures that were just made.

        :param lines: those that were added; in a failure that has its reason already they get this one of their own
        :param line_reasons: {id of an order line: reason of its own}
        """
        told, of_lines = {}, {}
        # sudo: whoever may cancel the order tells why, also of a customer whose failures they may not look up
        for failure in self.sudo():
            added = failure.line_ids if lines is None else failure.line_ids & lines.sudo()
            told[failure] = {}
            if not failure.reason_id:
                told[failure] = {"reason_id": reason.id, "fault": fault or reason.fault}
            elif failure.reason_id != reason:
                of_lines |= {line: {"reason_id": reason.id} for line in added}
            if note:
                told[failure]["note"] = "\n".join(filter(None, [failure.note, note]))
            for line in added:
                own = (line_reasons or {}).get(line.order_line_id.id)
                if own:
                    its = failure.reason_id or reason
                    of_lines[line] = {"reason_id": own.id if own != its else False}
        write_each(told)
        write_each(of_lines)

    # ------------------------------------------------------------------
    # Frozen
    # ------------------------------------------------------------------
    @api.model
    def _check_frozen(self):
        if self.env.context.get("order_failure_write") is not INTERNAL:
            raise AccessError(
                self.env._(
                    "What failed is frozen: failures are made by losing, cancelling or closing an order, and undone "
                    "by reopening it. Only the reason, the fault and the note can be changed."
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        self._check_frozen()
        return super().create(vals_list)

    def write(self, vals):
        if vals.keys() - TOLD_FIELDS:
            self._check_frozen()
        if "reason_id" in vals and "fault" not in vals:
            # also where no form fills it in
            reason = self.env["partner.order.failure.reason"].browse(vals["reason_id"] or ())
            vals = {**vals, "fault": reason.exists().fault}
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        for failure in self:
            raise UserError(
                self.env._(
                    "The failure of %s is part of the history of the order. Reopen the order, and it does not count "
                    "any more.",
                    failure.display_name,
                )
            )

    @api.model
    def _internal(self):
        """Return the model as the orders use it, without the defaults of whoever cancels them."""
        context = clean_context(self.env.context) | {"order_failure_write": INTERNAL}
        # sudo: a failure is made and reversed with the order, by whoever may do that with the order
        return self.sudo().with_context(context)  # pylint: disable=context-overridden

    # ------------------------------------------------------------------
    # Making and reversing
    # ------------------------------------------------------------------
    @api.model
    def _prepare(self, orders, kind=None):
        """Return the values of the failures of orders, as they stand now.

        :param kind: by default what the state of each order makes it: lost or cancelled
        :rtype: dict[sale.order, dict]
        """
        # sudo: who cancels an order may not have the right to all of its lines' products and customers
        orders = orders.sudo()
        now = fields.Datetime.now()
        prepared = {}
        for order in orders:
            order_kind = kind or kind_of(order.state)
            lines = self._prepare_lines(order, now)
            prepared[order] = {
                "order_id": order.id,
                "order_name": order.name,
                "kind": order_kind,
                "date": now,
                "date_confirmed": order.date_order if order.state == "sale" else False,
                "partner_id": order.partner_id.commercial_partner_id.id,
                "user_id": self.env.uid,
                "owner_id": order.user_id.id,
                "customer_owner_id": order.partner_id.commercial_partner_id.user_id.id,
                "team_id": order.team_id.id,
                "company_id": order.company_id.id,
                "currency_id": order.currency_id.id,
                "company_currency_id": order.company_id.currency_id.id,
                "value_ordered": order.amount_untaxed,
                "line_ids": [Command.create(vals) for vals in lines],
            }
        return prepared

    @api.model
    def _prepare_lines(self, order, now):
        """Return the values of the lines of an order, with those in company currency.

        Where core rounds the order as a whole, its untaxed amount differs by cents from the sum of its lines: the
        largest one takes them, so that the failure is worth what the order is.
        """
        lines = [line._prepare_failure_line(now) for line in order.order_line._get_failing_lines()]
        difference = order.currency_id.round(
            order.amount_untaxed - sum(vals["value_ordered"] for vals in lines)
        )
        if lines and difference and abs(difference) <= len(lines) * order.currency_id.rounding:
            largest = max(lines, key=lambda vals: abs(vals["value_ordered"]))
            if largest["quantity_failed"] == largest["quantity_ordered"]:
                largest["value_failed"] += difference
            largest["value_ordered"] += difference
        rate = order.currency_rate or 1.0
        for vals in lines:
            for name in ("value_ordered", "value_failed"):
                vals[f"{name}_company"] = order.company_id.currency_id.round(vals[name] / rate)
        return lines

    @api.model
    def _record(self, prepared):
        """Make failures of :meth:`_prepare`d values; further lines of a rest are added to its failure."""
        failures = self._internal()
        orders = [order for order, vals in prepared.items() if vals["kind"] == SHORT]
        short = self._find_short(self.env["sale.order"].union(*orders)).grouped("order_id")
        vals_list, added = [], failures
        for order, vals in prepared.items():
            if known := short.get(order):
                # what is ordered now and what was given up before: more may have been ordered meanwhile
                closed = known.line_ids - known.line_ids._filter_still_ordered()
                known.write(
                    {
                        "line_ids": vals["line_ids"],
                        "value_ordered": vals["value_ordered"] + sum(closed.mapped("value_failed")),
                    }
                )
                added |= known
            else:
                vals_list.append(vals)
        made = failures.create(vals_list) | added
        made._sum_lines()
        return made

    def _sum_lines(self):
        write_each(
            {
                failure: {
                    "value_failed": sum(failure.line_ids.mapped("value_failed")),
                    "value_failed_company": sum(failure.line_ids.mapped("value_failed_company")),
                }
                for failure in self
            }
        )

    @api.model
    def _reverse(self, orders, kinds):
        """Mark the failures of orders that are taken up again; they stay as history.

        :return: the failures
        """
        failures = self._internal().search(
            [("order_id", "in", orders.ids), ("kind", "in", kinds), ("state", "=", "active")]
        )
        failures.write(
            {
                "state": "reversed",
                "reversed_date": fields.Datetime.now(),
                "reversed_user_id": self.env.uid,
            }
        )
        return failures

    @api.model
    def _find_short(self, orders):
        """The failures of these orders of which a rest was closed or dropped."""
        if not orders:
            return self._internal().browse()
        return self._internal().search(
            [("order_id", "in", orders.ids), ("kind", "=", SHORT), ("state", "=", "active")]
        )

    def _lower_parts(self, quantities):
        """Let less of the lines of these failures have failed; one of which nothing is left is reversed as it is.

        :param dict quantities: what is left of each line
        """
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        over = self.filtered(
            lambda failure: all(
                float_is_zero(quantities.get(part, part.quantity_failed), precision_digits=digits)
                for part in failure.line_ids
            )
        )
        if over:
            self._reverse(over.order_id, (SHORT,))
        lowered = self - over
        write_each(
            {
                part: part._get_lowered(quantity)
                for part, quantity in quantities.items()
                if part.failure_id in lowered
            }
        )
        lowered._sum_lines()

    def _lower_dropped(self, dropped, left_alone):
        """Take off what was dropped in the warehouse and is delivered after all.

        :param dict dropped: what still is of each order line
        :param left_alone: order lines of which that is not known
        """
        quantities = {
            part: min(dropped.get(part.order_line_id, 0.0), part.quantity_failed)
            for part in self.line_ids._filter_still_ordered()
            if part.order_line_id not in left_alone
        }
        quantities = {part: left for part, left in quantities.items() if left < part.quantity_failed}
        self.filtered(lambda failure: not quantities.keys().isdisjoint(failure.line_ids))._lower_parts(
            quantities
        )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------
    def action_open_order(self):
        """Open the order.

        :raise UserError: if it was deleted, or the user may not read it
        """
        self.ensure_one()
        self.check_access("read")
        # sudo: the number and salesperson that the failure shows
        shown = self.sudo()
        if not shown.order_id:
            raise UserError(
                self.env._("The order %s was deleted. What failed is told in its lines.", shown.order_name)
            )
        if not self.order_id.has_access("read"):
            raise UserError(
                self.env._(
                    "You see the failure of %(order)s, but have no right to open the order. Ask an administrator for "
                    "the right to see sales orders, or the salesperson %(user)s for a look.",
                    order=shown.order_name,
                    user=shown.owner_id.name or self.env._("(none)"),
                )
            )
        return self.order_id.get_formview_action()
