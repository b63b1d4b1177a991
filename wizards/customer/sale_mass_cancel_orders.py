from odoo import api, fields, models

from ...tools.order_failure import FAULTS, kind_of


class SaleMassCancelOrders(models.TransientModel):
    """Core's dialog that cancels several orders asks for the reason, too; code that uses it need not tell one."""

    _inherit = "sale.mass.cancel.orders"

    failure_reason_id = fields.Many2one("partner.order.failure.reason", string="Reason")
    failure_fault = fields.Selection(
        FAULTS,
        string="Fault",
        compute="_compute_failure_fault",
        store=True,
        readonly=False,
        help="On whose side the cause lies.",
    )
    failure_note = fields.Text(string="Note", help="What happened, in words.")
    has_lost = fields.Boolean(compute="_compute_failure_kinds")
    has_cancelled = fields.Boolean(compute="_compute_failure_kinds")

    @api.depends("failure_reason_id")
    def _compute_failure_fault(self):
        for wizard in self:
            if wizard.failure_reason_id:
                wizard.failure_fault = wizard.failure_reason_id.fault

    @api.depends("sale_order_ids.state")
    def _compute_failure_kinds(self):
        for wizard in self:
            kinds = {kind_of(order.state) for order in wizard.sale_order_ids}
            wizard.has_lost = "lost" in kinds
            wizard.has_cancelled = "cancelled" in kinds

    def action_mass_cancel(self):
        if not self.failure_reason_id:
            return super().action_mass_cancel()
        dialog = self.env["partner.order.failure.dialog"].create(
            {
                "order_ids": self.sale_order_ids.ids,
                "reason_id": self.failure_reason_id.id,
                "fault": self.failure_fault,
                "note": self.failure_note,
            }
        )
        action = dialog.action_apply()
        cancelled = self.sale_order_ids.filtered(lambda order: order.state == "cancel")
        if cancelled:
            self.sale_order_ids = cancelled
            # For what other addons add to this dialog: core finds the orders cancelled already.
            # sudo: the dialog checked the right to write each of them, see its `_give_up`
            super(SaleMassCancelOrders, self.sudo()).action_mass_cancel()
        return action
