from odoo import models
from odoo.tools import SQL


class CrmLead(models.Model):
    """Contacts of a lead enter the log when its customer becomes known; planned ones leave it with the customer."""

    _inherit = "crm.lead"

    def write(self, vals):
        result = super().write(vals)
        if "partner_id" in vals and self:
            # sudo: the feed adds entries that the rules of the log then hide or show
            log_sudo = self.env["partner.contact.log"].sudo()
            log_sudo._feed_activities(
                SQL("a.res_model = 'crm.lead' AND a.res_id = ANY(%s)", self.ids), "crm.lead"
            )
            log_sudo._feed_events(
                SQL("e.res_model = 'crm.lead' AND e.res_id = ANY(%s)", self.ids), "crm.lead"
            )
            log_sudo._feed_lead_messages(self)
        return result
