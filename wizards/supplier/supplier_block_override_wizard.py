from odoo import api, fields, models
from odoo.exceptions import UserError


class SupplierBlockOverrideWizard(models.TransientModel):
    """A purchase manager allows one order to a supplier whose rating blocks it, with a reason."""

    _name = "supplier.block.override.wizard"
    _description = "Override the Block of a Supplier"
    _inherit = "partner.pointer.mixin"

    order_id = fields.Many2one("purchase.order", required=True, readonly=True)
    block_reason = fields.Char(string="Blocked Because", compute="_compute_block_reason")
    reason = fields.Char(
        required=True,
        help="Why this order is placed all the same. It is kept on the order and in its chatter.",
    )

    @api.depends("order_id")
    def _compute_block_reason(self):
        blocks = self.order_id._get_supplier_blocks()
        for wizard in self:
            verdict = blocks.get(wizard.order_id)
            wizard.block_reason = verdict and wizard.order_id._describe_supplier_block(verdict)

    def action_apply(self):
        """Override the block of the order.

        :raises UserError: without a reason, or where nothing is blocked
        """
        self.ensure_one()
        if not (self.reason or "").strip():
            raise UserError(self.env._("Enter the reason why the order is placed all the same."))
        self.order_id._override_supplier_block(self.reason.strip())
        return {"type": "ir.actions.act_window_close"}
