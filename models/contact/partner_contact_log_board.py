from odoo import api, models

SHOWN = {"state", "date", "user_id", "partner_id", "title", "name", "channel"}


class PartnerContactLog(models.Model):
    """A plan that changes shows at once on the boards of colleagues."""

    _inherit = "partner.contact.log"

    @api.model_create_multi
    def create(self, vals_list):
        logs = super().create(vals_list)
        planned = logs.filtered(lambda log: log.state == "planned")
        self.env["partner.control.board"]._notify(planned.user_id)
        return logs

    def write(self, vals):
        users = self.user_id if SHOWN & vals.keys() else self.env["res.users"]
        result = super().write(vals)
        if SHOWN & vals.keys():
            self.env["partner.control.board"]._notify(users | self.user_id)
        return result
