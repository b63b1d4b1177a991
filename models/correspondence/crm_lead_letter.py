from odoo import models


class CrmLead(models.Model):
    """Letters that belong to this opportunity."""

    _name = "crm.lead"
    _inherit = ["crm.lead", "partner.letter.document.mixin"]
    _letter_field = "lead_id"
