from odoo import models


class AccountMove(models.Model):
    """Letters that belong to this invoice."""

    _name = "account.move"
    _inherit = ["account.move", "partner.letter.document.mixin"]
    _letter_field = "account_move_id"
