from odoo import models


class StockPicking(models.Model):
    _inherit = "stock.picking"

    def _action_done(self):
        result = super()._action_done()
        rules = self.env["partner.mail.rule"]
        for company, pickings in self.grouped("company_id").items():
            # the state of the order's deliveries is asked for only where a rule wants it
            if rules._get_event_rules("order_delivered", company.id):
                # sudo: whoever delivers need not see orders; only whether all is delivered
                delivered = pickings.filtered(lambda p: p.picking_type_code in ("outgoing", "dropship"))
                orders = delivered.sudo().sale_id
                orders = orders.filtered(lambda order: order.delivery_status == "full")
                rules._fire("order_delivered", orders)
        return result
