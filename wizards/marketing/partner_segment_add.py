from odoo import fields, models
from odoo.fields import Command


class PartnerSegmentAdd(models.TransientModel):
    """Add contacts that were selected in a list to a segment, or exclude them from it."""

    _name = "partner.segment.add"
    _description = "Add Contacts to a Segment"
    _inherit = "partner.pointer.mixin"

    segment_id = fields.Many2one("partner.segment", required=True, domain="[('can_edit', '=', True)]")
    operation = fields.Selection(
        [("add", "Add"), ("exclude", "Exclude")], required=True, default="add", string="What to Do"
    )
    partner_ids = fields.Many2many(
        "res.partner", string="Contacts", default=lambda self: self._default_partner_ids()
    )
    partner_count = fields.Integer(compute="_compute_partner_count", string="Selected Contacts")

    def _default_partner_ids(self):
        if self.env.context.get("active_model") == "res.partner":
            return self.env["res.partner"].browse(self.env.context.get("active_ids", ()))
        return False

    def _compute_partner_count(self):
        for wizard in self:
            wizard.partner_count = len(wizard.partner_ids)

    def action_apply(self):
        """Add or exclude the contacts by hand; the one undoes the other."""
        self.ensure_one()
        target, other = (
            ("include_ids", "exclude_ids") if self.operation == "add" else ("exclude_ids", "include_ids")
        )
        self.segment_id.write(
            {
                target: [Command.link(partner.id) for partner in self.partner_ids],
                other: [Command.unlink(partner.id) for partner in self.partner_ids],
            }
        )
        return {"type": "ir.actions.act_window_close"}
