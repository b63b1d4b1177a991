from odoo import models


class CrmLead(models.Model):
    """Letters of mailings to a lead: who opened, clicked and answered them is told of the lead it was merged into."""

    _inherit = "crm.lead"

    def _merge_dependences_history(self, opportunities):
        result = super()._merge_dependences_history(opportunities)
        # sudo: letters follow their lead, as its messages do, also where a salesperson may not read mailings
        traces = self.env["mailing.trace"].sudo()
        traces.search([("model", "=", self._name), ("res_id", "in", opportunities.ids)]).write(
            {"res_id": self.id}
        )
        return result
