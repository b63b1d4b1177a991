from odoo import api, fields, models


class SupplierChaseLine(models.TransientModel):
    """An open line in the mail to a supplier; quantities in the unit of the order."""

    _name = "supplier.chase.line"
    _description = "Line of a Chase E-mail"
    _inherit = "partner.pointer.mixin"
    _order = "date_promised, order_line_id"

    mail_id = fields.Many2one("supplier.chase.mail", required=True, index=True, ondelete="cascade")
    order_line_id = fields.Many2one("purchase.order.line", required=True, ondelete="cascade")
    order_id = fields.Many2one(related="order_line_id.order_id")
    product_id = fields.Many2one(related="order_line_id.product_id")
    uom_id = fields.Many2one(related="order_line_id.product_uom_id")
    product_code = fields.Char(string="Supplier's Code", help="The supplier's own code of the product.")
    quantity_ordered = fields.Float(string="Ordered", digits="Product Unit")
    quantity_open = fields.Float(string="Still Owed", digits="Product Unit")
    date_promised = fields.Date(string="Promised")
    date_planned = fields.Date(string="Expected Now")
    days_overdue = fields.Integer(help="Days since the promise; 0: it is not due yet.")
    chase_date = fields.Datetime(string="Last Chased", help="As it was when the mail was prepared.")
    is_chased_today = fields.Boolean(compute="_compute_is_chased_today")

    @api.depends("chase_date")
    @api.depends_context("tz")
    def _compute_is_chased_today(self):
        today = fields.Date.context_today(self)
        for line in self:
            line.is_chased_today = bool(line.chase_date) and (
                fields.Datetime.context_timestamp(self, line.chase_date).date() == today
            )
