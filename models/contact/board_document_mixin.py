from odoo import api, models


class BoardDocumentMixin(models.AbstractModel):
    """A deal in its own form: what changes there, or by a dialog or import, is told to the boards it stands on."""

    _name = "partner.board.document.mixin"
    _description = "Document on the Control Board"
    # The fields that decide whether and where a board shows the document.
    _board_fields = frozenset()

    @api.model_create_multi
    def create(self, vals_list):
        documents = super().create(vals_list)
        self.env["partner.control.board"]._notify(documents.user_id)
        return documents

    def write(self, vals):
        if self._board_fields.isdisjoint(vals):
            return super().write(vals)
        users = self.user_id
        result = super().write(vals)
        self.env["partner.control.board"]._notify(users | self.user_id)
        return result

    def unlink(self):
        users = self.user_id
        result = super().unlink()
        self.env["partner.control.board"]._notify(users)
        return result
