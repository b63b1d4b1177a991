from odoo import api, models


class PartnerOrderFailure(models.Model):
    _inherit = "partner.order.failure"

    @api.model_create_multi
    def create(self, vals_list):
        failures = super().create(vals_list)
        self.env["partner.mail.rule"]._fire("order_failed", failures)
        return failures
