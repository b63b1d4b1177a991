from odoo import api, fields, models
from odoo.exceptions import ValidationError


class PartnerSegmentPart(models.Model):
    """Another segment within a segment."""

    _name = "partner.segment.part"
    _description = "Segment within a Segment"
    _inherit = ["partner.guarded.mixin"]
    _placing_fields = ("segment_id",)
    _linked_fields = ("part_id",)
    _order = "sequence, id"
    _rec_name = "part_id"

    segment_id = fields.Many2one(
        "partner.segment", string="Within", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    operator = fields.Selection(
        [("and", "And in"), ("or", "Or in"), ("not", "But not in")],
        string="How",
        required=True,
        default="and",
        help="And in: only those who are in the other segment as well. Or in: those of the other segment, too. But not "
        "in: without those of the other segment.",
    )
    part_id = fields.Many2one(
        "partner.segment", string="Segment", required=True, index=True, ondelete="cascade"
    )
    part_count = fields.Integer(related="part_id.partner_count", string="Contacts", related_sudo=False)

    _part_uniq = models.UniqueIndex(
        "(segment_id, part_id)", "This segment is among the other segments already. Change its line instead."
    )

    @api.constrains("segment_id", "part_id")
    def _check_cycle(self):
        """Raise an error that names the path if a segment would contain itself."""
        # sudo: whether there is a circle does not depend on who may see the segments in it
        parts = self.sudo()
        children = {}
        reached = parts.segment_id
        while reached:
            found = parts.search([("segment_id", "in", reached.ids)])
            for segment in reached:
                children[segment] = found.filtered(
                    lambda part, segment=segment: part.segment_id == segment
                ).part_id
            reached = found.part_id - parts.env["partner.segment"].union(*children)
        for segment in parts.segment_id:
            path = self._find_path(segment, children)
            if path:
                raise ValidationError(
                    self.env._(
                        "The segment “%(segment)s” would contain itself: %(path)s. Take one of them out.",
                        segment=segment.name,
                        path=" → ".join(one.name for one in path),
                    )
                )

    @api.model
    def _find_path(self, segment, children):
        """Return the path from a segment to itself, or None."""
        seen, stack = set(), [[segment]]
        while stack:
            path = stack.pop()
            for child in children.get(path[-1], ()):
                if child == segment:
                    return [*path, child]
                if child not in seen:
                    seen.add(child)
                    stack.append([*path, child])
        return None
