from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.order_failure import CANCELLED, LOST, SHORT, kind_of
from ...tools.some import has_some

# Set by the buttons of the screens, which ask for the reason.
ASK = "ask_failure_reason"


class SaleOrder(models.Model):
    """An order that is given up leaves a failure with what it was worth; one that is taken up again reverses it.

    Whatever cancels it: the failure is made where the state is written, so that ``action_cancel`` of other software,
    the customer's refusal in the portal and imports are all counted, without a reason until somebody tells it. The
    buttons of the screens set a key in the context that opens the dialog for the reason instead.
    """

    _inherit = "sale.order"

    failure_ids = fields.One2many(
        "partner.order.failure", "order_id", string="Failures", groups="partner_relations.group_user"
    )
    has_failure = fields.Boolean(
        compute="_compute_has_failure",
        groups="partner_relations.group_user",
        help="It failed, or a part of it: also what the warehouse dropped, whose reason nobody has told yet.",
    )

    @api.depends("failure_ids.state")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_has_failure(self):
        failures = self.env["partner.order.failure"]
        if has_some(failures, self.ids, "order_id"):
            failures = failures.search_fetch(
                [("order_id", "in", self.ids), ("state", "=", "active")], ["order_id"]
            )
        for order in self:
            order.has_failure = order._origin in failures.order_id

    def write(self, vals):
        state = vals.get("state")
        if not state:
            return super().write(vals)
        if state == "cancel":
            failing = self.filtered(lambda order: order.state != "cancel")
            failing.filtered(lambda order: order.state == "sale")._forget_dropped_rests()
            # what is delivered and invoiced is read before core sets it back
            prepared = self.env["partner.order.failure"]._prepare(failing) if failing else {}
            result = super().write(vals)
            if prepared:
                self.env["partner.order.failure"]._record(prepared)
            return result
        reopened = self.filtered(lambda order: order.state == "cancel")
        result = super().write(vals)
        if reopened:
            reopened._reverse_failures()
        return result

    def _reverse_failures(self):
        """Take back the failures of cancelled orders that are taken up again, with the rests given up before."""
        failures = self.env["partner.order.failure"]
        failures._reverse(self, (LOST, CANCELLED))
        closed = self.filtered("rest_closed")
        if closed:
            closed._restore_rest(failures._reverse(closed, (SHORT,)))

    # ------------------------------------------------------------------
    # The buttons
    # ------------------------------------------------------------------
    def action_cancel(self):
        """Cancel as core does; from the button of the form, ask for the reason first."""
        # a locked order is refused by core
        if self.env.context.get(ASK) and self._can_tell_reason() and not any(order.locked for order in self):
            return self._ask_failure_reason()
        return super().action_cancel()

    def action_lose(self):
        """Open the dialog that closes quotations as lost; who cannot answer it cancels them as core does."""
        return self._ask_failure_reason() if self._can_tell_reason() else self.action_cancel()

    def action_close_rest(self):
        """Open the dialog that closes orders whose rest will not be delivered."""
        return self._ask_failure_reason(is_short=True)

    @api.model
    def _can_tell_reason(self):
        """Whether the user may answer the dialog: billing and stock write orders, and do not sell."""
        return self.env["partner.order.failure.dialog"].has_access("create")

    def _ask_failure_reason(self, is_short=False):
        if not self:
            raise UserError(self.env._("Choose at least one order."))
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "partner_relations.partner_order_failure_dialog_action"
        )
        if is_short:
            action["name"] = self.env._("Close the Rest")
        elif all(kind_of(order.state) == LOST for order in self):
            action["name"] = self.env._("Quotation Lost")
        else:
            action["name"] = self.env._("Cancel Order")
        return {
            **action,
            "context": {"default_order_ids": self.ids, "default_is_short": is_short},
        }

    def action_view_failures(self):
        """Open the failures of the order, those that were taken back included."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "partner_relations.partner_order_failure_action"
        )
        return {**action, "domain": [("order_id", "=", self.id)], "context": {}}
