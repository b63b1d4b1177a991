from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import float_compare, formatLang

from ...tools.order_failure import SHORT


class SaleOrder(models.Model):
    """Closing the rest of an order: what is not delivered yet will not be.

    **The ordered quantity is lowered to what was delivered**, as core does when a salesperson corrects it, and the
    quantity, price and value that were ordered are frozen in the failure. So everything of Odoo that looks at orders
    says the same: the order is worth what is delivered, delivery rules have nothing left to launch, a product that
    is invoiced by delivery is invoiced, and of one that is invoiced as ordered the part invoiced too much is shown
    as to be credited (a negative quantity to invoice, which *Create Invoice* makes a credit note of). Keeping the
    ordered quantity would have needed a second truth beside core's in invoicing, procurement, credit limits and
    the portal. The price agreed stays, also where the price list has another one for the smaller quantity.

    Pending moves of the rest are cancelled first and their reservations released, with the moves before them in
    deliveries of several steps; done ones are untouched. What was picked already and not shipped is to be put back
    on the shelf, by a transfer that is made for it. Nothing of suppliers or of production is
    cancelled: the note on the order names what remains for somebody to decide, and core asks those responsible by
    an activity. A kit counts by its complete sets.

    A service whose delivered quantity nobody keeps, such as shipping costs, has no rest unless it is ticked.

    Reopening puts the quantities back, and core's rules deliver the rest again. Who raises the ordered quantity by
    hand takes the rest up as far as it goes.
    """

    _name = "sale.order"
    _inherit = ["sale.order", "partner.system.fields.mixin"]

    # a column without default: an existing table is not rewritten
    rest_closed = fields.Boolean(
        copy=False,
        readonly=True,
        help="What was not delivered will not be. The quantities that were ordered stand in the failure.",
        groups="base.group_user",
    )
    can_close_rest = fields.Boolean(compute="_compute_can_close_rest", groups="base.group_user")

    @api.model
    def _get_system_fields(self):
        return super()._get_system_fields() | {"rest_closed"}

    @api.depends(
        "state",
        "locked",
        "order_line.product_uom_qty",
        "order_line.qty_delivered",
        "order_line.qty_invoiced",
        "order_line.qty_to_invoice",
        "order_line.qty_delivered_method",
    )
    def _compute_can_close_rest(self):
        for order in self:
            order.can_close_rest = bool(
                order.state == "sale"
                and not order.locked
                and any(line.qty_delivered > 0 for line in order.order_line)
                and order._get_closable_lines()
            )

    def _get_lines_with_rest(self):
        """The lines of which something is not delivered."""
        return self.order_line._get_failing_lines().filtered(lambda line: line._get_rest())

    def _get_closable_lines(self):
        """The lines whose rest is closed unless told otherwise."""
        return self._get_lines_with_rest().filtered(
            lambda line: line._is_delivery_counted() and not line._is_discount_line()
        )

    # ------------------------------------------------------------------
    # Closing
    # ------------------------------------------------------------------
    def _check_close_rest(self, lines):
        """Raise an error that names the order and what to do, unless the rest of these lines can be closed."""
        self.ensure_one()
        if self.state != "sale":
            raise UserError(
                self.env._(
                    "%s is not a confirmed order. Only a confirmed order of which a part was delivered has a rest "
                    "to close; a quotation is lost or cancelled.",
                    self.name,
                )
            )
        if self.locked:
            raise UserError(self.env._("%s is locked. Unlock it, then close its rest.", self.name))
        if not lines:
            raise UserError(
                self.env._("Nothing of %s is left to close: everything was delivered already.", self.name)
            )
        if not any(line.qty_delivered > 0 for line in self.order_line):
            raise UserError(
                self.env._(
                    "Nothing of %s was delivered yet. Cancel the order instead of closing its rest.",
                    self.name,
                )
            )
        picked = lines._get_rest_moves().filtered(lambda move: move.picked and move.quantity)
        if picked:
            raise UserError(
                self.env._(
                    "Of %(order)s, the transfer %(transfer)s is being carried out: quantities of it are marked as "
                    "picked. Validate it or set its quantities to 0, then close the rest.",
                    order=self.name,
                    transfer=", ".join(picked.picking_id.mapped("name")),
                )
            )

    def _close_rest(self, lines=None):
        """Close the rest of an order, or of some of its lines.

        :param lines: of the order; by default all whose delivered quantity is kept
        :return: the failure
        :raise UserError: if there is no rest to close, or the order is locked, not confirmed or being picked
        """
        self.ensure_one()
        order = self.with_company(self.company_id)
        lines = (order._get_closable_lines() if lines is None else lines).filtered(
            lambda line: line.order_id == order and line._get_rest()
        )
        order._check_close_rest(lines)
        failures = self.env["partner.order.failure"]
        [values] = failures._prepare(order, kind=SHORT).values()
        closed_ids = set(lines.ids)
        values["line_ids"] = [
            command for command in values["line_ids"] if command[2]["order_line_id"] in closed_ids
        ]
        quantities = {line: max(line._get_delivered_quantity(), 0.0) for line in lines}
        # what was dropped in the warehouse is closed now
        dropped = failures._find_short(order).line_ids._filter_still_ordered()
        dropped = dropped.filtered(lambda part: part.order_line_id in lines.sudo())
        # sudo: who may change what is ordered changes its deliveries, as when core's rules lower them
        moves = lines.sudo()._get_rest_moves()
        documents = (
            self.env["stock.picking"]
            .sudo()
            ._log_activity_get_documents(
                {line.sudo(): (quantity, line.product_uom_qty) for line, quantity in quantities.items()},
                "move_ids",
                "UP",
            )
        )
        picked = moves._get_picked_goods()
        moves._action_cancel()
        returns = lines.sudo()._put_back(picked, quantities)
        for line, quantity in quantities.items():
            line._set_ordered_quantity(quantity)
        documents = {key: value for key, value in documents.items() if key[0].state != "cancel"}
        order._log_decrease_ordered_quantity(documents)
        order._as_system().rest_closed = True
        dropped.unlink()
        failure = failures._record({order: values})
        order._note_closed_rest(failure, lines, returns)
        return failure

    def _note_closed_rest(self, failure, lines, returns):
        """Write on the order what was closed, and what of it remains elsewhere for somebody to decide."""
        closed = failure.line_ids.filtered(lambda line: line.order_line_id in lines)[-len(lines) :]
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        words = [
            self.env._(
                "%(product)s: %(failed)s of %(ordered)s %(unit)s",
                product=line.product_id.display_name or line.name,
                failed=formatLang(self.env, line.quantity_failed, digits=digits),
                ordered=formatLang(self.env, line.quantity_ordered, digits=digits),
                unit=line.product_uom_id.name,
            )
            for line in closed
        ]
        remaining = self._get_remaining_words(lines, returns)
        body = Markup("<p>%s</p><ul>%s</ul>") % (
            self.env._("The rest will not be delivered:"),
            Markup().join(Markup("<li>%s</li>") % text for text in words),
        )
        if remaining:
            body += Markup("<p>%s</p><ul>%s</ul>") % (
                self.env._("This remains, and is to be decided by hand:"),
                Markup().join(Markup("<li>%s</li>") % text for text in remaining),
            )
        self.message_post(body=body)

    def _get_remaining_words(self, lines, returns):
        """Return what the closing does not touch, in words."""
        # sudo: names of documents that the order led to, which the salesperson may not be able to open
        order, lines = self.sudo(), lines.sudo()
        words = []
        for purchase in order._get_purchase_orders().filtered(lambda purchase: purchase.state != "cancel"):
            open_lines = purchase.order_line.filtered(
                lambda line: line.product_id in lines.product_id and line.qty_received < line.product_qty
            )
            if open_lines:
                words.append(
                    self.env._(
                        "the purchase order %(purchase)s still has %(products)s to come",
                        purchase=purchase.name,
                        products=", ".join(open_lines.product_id.mapped("display_name")),
                    )
                )
        if "mrp_production_ids" in order._fields:
            productions = order.mrp_production_ids.filtered(
                lambda production: production.state not in ("done", "cancel")
            )
            if productions:
                words.append(
                    self.env._("production still goes on: %s", ", ".join(productions.mapped("display_name")))
                )
        if returns:
            words.append(
                self.env._(
                    "what was picked already is to be put back: %s",
                    ", ".join(returns.picking_id.mapped("name")),
                )
            )
        drafts = order.invoice_ids.filtered(lambda move: move.state == "draft")
        if drafts:
            words.append(self.env._("a draft invoice may hold more than was delivered"))
        if any(
            float_compare(line.qty_to_invoice, 0, precision_digits=6) < 0 and line.product_uom_qty >= 0
            for line in lines
        ):
            words.append(self.env._("more was invoiced than delivered: create the credit note"))
        return words

    # ------------------------------------------------------------------
    # Reopening
    # ------------------------------------------------------------------
    def action_reopen_rest(self):
        """Deliver the rest after all: the ordered quantities are put back, and the failure is reversed.

        :raise UserError: if no rest of an order was closed, or it is locked or not confirmed
        """
        for order in self:
            if not order.rest_closed:
                raise UserError(
                    self.env._("No rest of %s was closed. There is nothing to reopen.", order.name)
                )
            if order.state != "sale":
                raise UserError(
                    self.env._(
                        "%s is cancelled. Set it to quotation: that puts the quantities back as well.",
                        order.name,
                    )
                )
            if order.locked:
                raise UserError(self.env._("%s is locked. Unlock it, then reopen its rest.", order.name))
        self.check_access("write")
        self._restore_rest(self.env["partner.order.failure"]._reverse(self, (SHORT,)))
        return True

    def _restore_rest(self, failures):
        """Put the quantities of failures that were taken back onto the lines again; core delivers them."""
        # sudo: what was given up of orders that the user writes
        failures = failures.sudo()
        by_order = failures.grouped("order_id")
        for order in self:
            lines = by_order.get(order, failures.browse()).line_ids
            closed = lines - lines._filter_still_ordered()
            for sold, parts in closed.grouped("order_line_id").items():
                if sold:
                    line = order.order_line.browse(sold.id).with_company(order.company_id)
                    line._set_ordered_quantity(line.product_uom_qty + sum(parts.mapped("quantity_failed")))
        self._as_system().rest_closed = False
        for order in self:
            gone = by_order.get(order, failures.browse()).line_ids.filtered(
                lambda line: not line.order_line_id
            )
            body = self.env._("The rest is to be delivered after all. The ordered quantities are back.")
            if gone:
                body += " " + self.env._(
                    "Lines that were deleted meanwhile are not: %s", ", ".join(gone.mapped("name"))
                )
            order.message_post(body=body)

    def _note_taken_up(self, parts):
        """Write on the order that a closed rest was ordered again by raising quantities, and what of it still is not.

        :param parts: the lines of the failure of which something was ordered again
        """
        self.ensure_one()
        if not self.rest_closed:
            body = self.env._("The rest was ordered again: it is not closed any more.")
        else:
            digits = self.env["decimal.precision"].precision_get("Product Unit")
            body = self.env._(
                "A part of the rest was ordered again. Still closed: %s",
                ", ".join(
                    f"{part.product_id.display_name or part.name}: "
                    f"{formatLang(self.env, part.quantity_failed, digits=digits)}"
                    for part in parts
                ),
            )
        self.message_post(body=body)
