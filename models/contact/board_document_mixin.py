from odoo import api, models
from odoo.exceptions import AccessError


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
        # sudo: whose boards show it; who gave it away may not read it any more
        self.env["partner.control.board"]._notify(users | self.sudo().user_id.sudo(False))
        return result

    def web_save(self, vals, specification, next_id=None):
        """Tell who may see own documents only why theirs cannot be given away: core reads what it has saved."""
        users = self.user_id if vals.get("user_id") else self.env["res.users"]
        try:
            return super().web_save(vals, specification, next_id=next_id)
        except AccessError as error:
            self._raise_given_away(vals, users, error)

    def _raise_given_away(self, vals, users, error):
        """Raise an error in words where somebody loses a document by making another one responsible, else ``error``."""
        person = vals.get("user_id")
        if not person or person == self.env.uid or self.env.user not in users or error.__cause__:
            raise error
        # sudo: the names of what the user sees, and of the colleague who was chosen
        document, person = self[:1].sudo(), self.env["res.users"].sudo().browse(person)
        raise AccessError(
            self.env._(
                "“%(document)s” cannot be given to %(person)s by you: you see only documents whose “%(field)s” you "
                "are, and would lose this one while it is saved. Ask a sales manager or your superior to change that "
                "field.",
                document=document.display_name,
                person=person.name,
                field=self._fields["user_id"]._description_string(self.env),
            )
        ) from error

    def unlink(self):
        users = self.user_id
        result = super().unlink()
        self.env["partner.control.board"]._notify(users)
        return result
