from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ...models.customer.sale_order_failure import ASK
from ...tools.order_failure import FAULTS, KINDS, SHORT, kind_of


class PartnerOrderFailureDialog(models.TransientModel):
    """Asks why quotations are lost, orders cancelled or their rests closed, and does it.

    Of several orders each is closed by itself: one that cannot be closed is shown with the reason, and the others
    are closed.
    """

    _name = "partner.order.failure.dialog"
    _description = "Reason of Failed Orders"
    _inherit = "partner.pointer.mixin"

    order_ids = fields.Many2many("sale.order", required=True, string="Orders")
    is_short = fields.Boolean(string="Close the Rest")
    state = fields.Selection([("ask", "Reason"), ("done", "Result")], default="ask", required=True)
    order_count = fields.Integer(compute="_compute_kinds")
    has_lost = fields.Boolean(compute="_compute_kinds")
    has_cancelled = fields.Boolean(compute="_compute_kinds")
    reason_id = fields.Many2one(
        "partner.order.failure.reason", help="The reason of all these orders; a line can have its own."
    )
    fault = fields.Selection(
        FAULTS,
        compute="_compute_fault",
        store=True,
        readonly=False,
        help="On whose side the cause lies.",
    )
    note = fields.Text(help="What happened, in words.")
    line_ids = fields.One2many("partner.order.failure.dialog.line", "dialog_id", string="Lines")
    entry_ids = fields.One2many("partner.order.failure.dialog.entry", "dialog_id", string="Chosen Orders")
    done_count = fields.Integer(readonly=True)

    @api.depends("order_ids.state", "is_short")
    def _compute_kinds(self):
        for dialog in self:
            kinds = {kind_of(order.state) for order in dialog.order_ids} if not dialog.is_short else set()
            dialog.order_count = len(dialog.order_ids)
            dialog.has_lost = "lost" in kinds
            dialog.has_cancelled = "cancelled" in kinds

    @api.depends("reason_id")
    def _compute_fault(self):
        for dialog in self:
            if dialog.reason_id:
                dialog.fault = dialog.reason_id.fault

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        if "order_ids" not in fields:
            return values
        context = self.env.context
        if not values.get("order_ids") and context.get("active_model") == "sale.order":
            values["order_ids"] = [Command.set(context.get("active_ids") or [])]
        orders = self.new({"order_ids": values.get("order_ids") or []}).order_ids._origin
        if not orders:
            raise UserError(self.env._("Choose at least one order."))
        orders.check_access("write")
        if "entry_ids" in fields:
            values["entry_ids"] = [
                Command.create(
                    {"order_id": order.id, "kind": SHORT if values.get("is_short") else kind_of(order.state)}
                )
                for order in orders
            ]
        if values.get("is_short") and "line_ids" in fields:
            if len(orders) == 1:
                orders._check_close_rest(orders._get_lines_with_rest())
            values["line_ids"] = [
                Command.create({"order_line_id": line.id, "is_closed": line in closable})
                for order in orders
                for closable in [order._get_closable_lines()]
                for line in order._get_lines_with_rest()
            ]
        return values

    # ------------------------------------------------------------------
    # Doing it
    # ------------------------------------------------------------------
    def action_apply(self):
        """Close the orders, each by itself.

        :return: the action that closes the dialog, or that shows which orders could not be closed and why
        :raise UserError: if there is no reason, or the only order cannot be closed
        """
        self.ensure_one()
        orders = self.order_ids
        if not orders:
            raise UserError(self.env._("Choose at least one order."))
        if not self.reason_id:
            raise UserError(
                self.env._("Choose the reason why %s failed.", ", ".join(orders[:5].mapped("name")))
            )
        problems = {}
        for order in orders:
            if len(orders) == 1:
                self._apply_to(order)
                break
            try:
                with self.env.cr.savepoint():
                    self._apply_to(order)
            except UserError as error:
                problems[order] = str(error)
        if not problems:
            return {"type": "ir.actions.act_window_close"}
        self.write(
            {
                "state": "done",
                "done_count": len(orders) - len(problems),
                "entry_ids": [
                    Command.clear(),
                    *(
                        Command.create({"order_id": order.id, "problem": text})
                        for order, text in problems.items()
                    ),
                ],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Not All Orders Were Closed"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def _apply_to(self, order):
        """Close one order and tell its failure the reason."""
        order = order.with_context(**{ASK: False})
        order.check_access("write")
        if not self.is_short:
            self._give_up(order)._tell(self.reason_id, self.fault, self.note)
            return
        before = self._find_failures(order, SHORT).line_ids
        failures = self._close_rest(order)
        added = failures.line_ids - before
        failures._tell(self.reason_id, self.fault, self.note, added, self._get_line_reasons(order))

    def _find_failures(self, order, kind):
        failures = self.env["partner.order.failure"]._internal()
        return failures.search([("order_id", "=", order.id), ("kind", "=", kind), ("state", "=", "active")])

    def _give_up(self, order):
        kind = kind_of(order.state)
        if not kind:
            raise UserError(self.env._("%s is cancelled already.", order.name))
        if order.locked:
            raise UserError(self.env._("%s is locked. Unlock it, then cancel it.", order.name))
        # sudo: the right to write the order was checked. Core's cancelling reads purchase order lines, which refuses
        # whoever sells and does not buy.
        order.sudo().action_cancel()
        return self._find_failures(order, kind)

    def _close_rest(self, order):
        chosen = self.line_ids.filtered(lambda line: line.order_line_id.order_id == order)
        if not chosen:
            return order._close_rest()
        lines = chosen.filtered("is_closed").order_line_id
        if not lines:
            raise UserError(
                self.env._(
                    "No line of %s is ticked. Tick the lines whose rest will not be delivered.", order.name
                )
            )
        return order._close_rest(lines)

    def _get_line_reasons(self, order):
        lines = self.line_ids.filtered(
            lambda line: line.is_closed and line.reason_id and line.order_line_id.order_id == order
        )
        return {line.order_line_id.id: line.reason_id for line in lines}


class PartnerOrderFailureDialogLine(models.TransientModel):
    """A line of which something was not delivered, to be closed or not."""

    _name = "partner.order.failure.dialog.line"
    _description = "Rest of an Order Line"
    _inherit = "partner.pointer.mixin"

    dialog_id = fields.Many2one("partner.order.failure.dialog", required=True, ondelete="cascade")
    order_line_id = fields.Many2one("sale.order.line", required=True, ondelete="cascade")
    order_id = fields.Many2one(related="order_line_id.order_id")
    product_id = fields.Many2one(related="order_line_id.product_id")
    product_uom_id = fields.Many2one(related="order_line_id.product_uom_id", string="Unit")
    quantity_ordered = fields.Float(
        related="order_line_id.product_uom_qty", string="Ordered", digits="Product Unit"
    )
    quantity_delivered = fields.Float(
        string="Delivered", compute="_compute_quantities", digits="Product Unit"
    )
    quantity_rest = fields.Float(string="Rest", compute="_compute_quantities", digits="Product Unit")
    currency_id = fields.Many2one(related="order_line_id.currency_id")
    value_rest = fields.Monetary(
        string="Value of the Rest", compute="_compute_quantities", help="Rest × net price, untaxed."
    )
    is_closed = fields.Boolean(
        string="Close", default=True, help="The rest of this line will not be delivered."
    )
    reason_id = fields.Many2one(
        "partner.order.failure.reason",
        string="Own Reason",
        domain=[("for_short", "=", True)],
        help="If this line failed for another reason than the others.",
    )

    @api.depends("order_line_id")
    def _compute_quantities(self):
        now = fields.Datetime.now()
        for line in self:
            sold = line.order_line_id
            line.quantity_delivered = sold._get_delivered_quantity() if sold else 0.0
            line.quantity_rest = sold._get_rest() if sold else 0.0
            line.value_rest = sold._prepare_failure_line(now)["value_failed"] if sold else 0.0


class PartnerOrderFailureDialogEntry(models.TransientModel):
    """An order of the dialog; in its result one that could not be closed."""

    _name = "partner.order.failure.dialog.entry"
    _description = "Order to Close"
    _inherit = "partner.pointer.mixin"

    dialog_id = fields.Many2one("partner.order.failure.dialog", required=True, ondelete="cascade")
    order_id = fields.Many2one("sale.order", required=True, ondelete="cascade")
    partner_id = fields.Many2one(related="order_id.partner_id")
    kind = fields.Selection(KINDS, string="Becomes", readonly=True)
    currency_id = fields.Many2one(related="order_id.currency_id")
    amount_untaxed = fields.Monetary(related="order_id.amount_untaxed")
    problem = fields.Text(string="Why Not", readonly=True)
