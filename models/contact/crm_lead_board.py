from odoo import models


class CrmLead(models.Model):
    """An opportunity that is won, lost, moved or given away leaves or enters the boards of colleagues."""

    _name = "crm.lead"
    _inherit = ["crm.lead", "partner.board.document.mixin"]
    _board_fields = frozenset({"active", "date_deadline", "partner_id", "stage_id", "type", "user_id"})
