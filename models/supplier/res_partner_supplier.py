from odoo import api, fields, models

from ...tools.empty_fields import EmptyFloat
from .supplier_scorecard import GRADES


class ResPartner(models.Model):
    """The reliability of a supplier, read from its current scorecard in the current company."""

    _inherit = "res.partner"

    supplier_score = EmptyFloat(
        compute="_compute_supplier_rating",
        groups="purchase.group_purchase_user,partner_relations.group_director",
    )
    supplier_grade = fields.Selection(
        GRADES,
        compute="_compute_supplier_rating",
        groups="purchase.group_purchase_user,partner_relations.group_director",
    )

    @api.depends("commercial_partner_id")
    @api.depends_context("company", "uid")
    def _compute_supplier_rating(self):
        cards = {
            card.partner_id: card
            for card in self.env["supplier.scorecard"].search(
                [
                    ("partner_id", "in", self.commercial_partner_id._origin.ids),
                    ("company_id", "=", self.env.company.id),
                    ("is_current", "=", True),
                ]
            )
        }
        for partner in self:
            card = cards.get(partner.commercial_partner_id._origin, self.env["supplier.scorecard"])
            partner.supplier_score = card.score
            partner.supplier_grade = card.grade
