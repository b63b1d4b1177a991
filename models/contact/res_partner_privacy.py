from odoo import models


class ResPartner(models.Model):
    _inherit = "res.partner"

    def action_relations_privacy(self):
        """Open what is kept about the contact; the dialog asks for the right to it."""
        self.ensure_one()
        return self.env["partner.privacy"].create({"partner_id": self.id})._get_action()
