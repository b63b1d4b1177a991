from odoo import models


class CrmLead(models.Model):
    _inherit = "crm.lead"

    def action_set_lost(self, **additional_values):
        result = super().action_set_lost(**additional_values)
        self.env["partner.mail.rule"]._fire("opportunity_lost", self)
        return result
