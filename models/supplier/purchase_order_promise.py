from odoo import api, fields, models

from ...tools.internal import INTERNAL
from ...tools.some import has_some

AGREED_BY = {"partner_id", "currency_id", "date_order", "requisition_id"}


class PurchaseOrder(models.Model):
    """Confirming an order freezes what its lines promise and what was agreed for them."""

    _name = "purchase.order"
    _inherit = ["purchase.order", "partner.system.fields.mixin"]

    promise_change_count = fields.Integer(
        string="Promise Changes",
        compute="_compute_promise_change_count",
        groups="purchase.group_purchase_user",
        help="How often dates of this order's lines were moved after its confirmation.",
    )
    taken_back_date = fields.Datetime(
        string="Taken Back On",
        copy=False,
        readonly=True,
        groups="base.group_user",
        help="When the confirmed order was last cancelled or set back. Lines that were due before that day keep their "
        "promise if it is confirmed again.",
    )

    @api.depends("state")
    def _compute_promise_change_count(self):
        # an RFQ that was never confirmed has none: no query
        orders = self.filtered(
            lambda order: order._origin.id and (order.date_approve or order.state == "purchase")
        )
        counts = {}
        changes = self.env["purchase.promise.change"]
        if has_some(changes, orders._origin.ids, "order_id"):
            counts = dict(
                changes._read_group([("order_id", "in", orders._origin.ids)], ["order_id"], ["__count"])
            )
        for order in self:
            order.promise_change_count = counts.get(order._origin, 0)

    @api.model
    def _get_system_fields(self):
        return super()._get_system_fields() | {"taken_back_date"}

    def write(self, vals):
        state = vals.get("state")
        if state and state != "purchase":
            taken_back = self.filtered(lambda order: order.state == "purchase")
            if taken_back:
                super(PurchaseOrder, taken_back._as_system()).write(
                    {"taken_back_date": fields.Datetime.now()}
                )
        if state not in ("draft", "purchase") and AGREED_BY.isdisjoint(vals):
            return super().write(vals)
        confirmed = (
            self.filtered(lambda order: order.state != "purchase") if state == "purchase" else self.browse()
        )
        agreed_by = {}
        if not AGREED_BY.isdisjoint(vals):
            # no other order has promises or agreed prices
            known = self.filtered(
                lambda order: order.date_approve or order.state in ("to approve", "purchase")
            )
            agreed_by = {order: (order.state, order._get_agreed_by()) for order in known}
        result = super().write(vals)
        moved = others = waiting = self.browse()
        for order, (state_before, before) in agreed_by.items():
            now = order._get_agreed_by()
            if now[0] != before[0] and state_before != "purchase":
                moved |= order
            if now[:2] != before[:2]:
                others |= order
            elif now != before and state_before == "to approve":
                waiting |= order
        moved.order_line._forget_promises()
        (others.order_line | waiting.order_line._filter_not_received())._find_agreed_prices_anew()
        if confirmed:
            confirmed.order_line._freeze_promises(anew=True)
            confirmed.order_line._freeze_agreed_prices()
        if state == "draft":
            self.order_line._thaw_agreed_prices()
        return result

    def _get_agreed_by(self):
        """What agreed prices are looked up by; order date and agreement only count until the approval."""
        self.ensure_one()
        # sudo: which company a contact belongs to; who writes may not see the company of the person
        supplier = self.sudo().partner_id.commercial_partner_id
        return supplier, self.currency_id, self.date_order, self.requisition_id

    def button_confirm(self):
        # Now: core writes vendor prices before the order is confirmed or waits for approval, one order after
        # the other, and what an order writes is no agreement for it.
        frozen = self.filtered(
            lambda order: order.state in ("draft", "sent")
        ).order_line._freeze_agreed_prices()
        result = super().button_confirm()
        # Core may ask back about alternatives instead.
        frozen.filtered(lambda line: line.order_id.state in ("draft", "sent"))._thaw_agreed_prices()
        return result

    def button_approve(self, force=False):
        # Now: the receipts are made with the planned dates, and core fails without any.
        self.order_line._plan_empty_dates()
        return super().button_approve(force=force)

    def _prepare_supplier_info(self, partner, line, price, currency):
        return {
            **super()._prepare_supplier_info(partner, line, price, currency),
            "confirmed_order_id": self.id,
        }

    def _update_date_planned_for_lines(self, updated_dates):
        # the supplier, on the order's page in the portal
        context = {
            "promise_change_reason": self.env._("By the supplier, in the portal"),
            "promise_moved_by_supplier": INTERNAL,
        }
        updated_dates = [(line.with_context(**context), date) for line, date in updated_dates]
        return super(PurchaseOrder, self.with_context(**context))._update_date_planned_for_lines(
            updated_dates
        )

    def action_open_promise_changes(self):
        """Open the log of the moves of this order's lines."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "partner_relations.purchase_promise_change_action"
        )
        action["domain"] = [("order_id", "in", self.ids)]
        return action
