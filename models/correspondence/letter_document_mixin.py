from odoo import api, fields, models

from ...tools.some import has_some


class LetterDocumentMixin(models.AbstractModel):
    """A document with letters: how many of them the user may see."""

    _name = "partner.letter.document.mixin"
    _description = "Document With Letters"
    _letter_field = None

    letter_count = fields.Integer(string="Letters", compute="_compute_letter_count", groups="base.group_user")

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_letter_count(self):
        letters, name = self.env["partner.letter"], self._letter_field
        counts = {}
        if (
            self.env["partner.mailbox"]._has_some()
            and has_some(letters, self.ids, name)
            and letters.has_access("read")
            and letters._has_field_access(letters._fields[name], "read")
        ):
            counts = dict(letters._read_group([(name, "in", self.ids)], [name], ["__count"]))
        for document in self:
            document.letter_count = counts.get(document._origin, 0)

    def action_open_letters(self):
        """Open the letters of the document."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("partner_relations.partner_letter_action_all")
        action["domain"] = [(self._letter_field, "=", self.id)]
        action["context"] = {f"default_{self._letter_field}": self.id}
        return action
