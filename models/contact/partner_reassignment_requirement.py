from odoo import api, fields, models

from .partner_requirement import OPEN_STATES


class PartnerReassignment(models.Model):
    """Open needs are work that can be given to somebody else; their activities follow them."""

    _inherit = "partner.reassignment"

    requirement_count = fields.Integer(string="Needs of Customers", readonly=True)

    @api.model
    def _get_kinds(self):
        kinds = super()._get_kinds()
        activities = kinds["activities"]
        activities["domain"] = [*activities["domain"], ("res_model", "!=", "partner.requirement")]
        kinds["requirements"] = {
            "model": "partner.requirement",
            "field": "user_id",
            "domain": [("state", "in", OPEN_STATES)],
            "option": "with_requirements",
            "count": "requirement_count",
            "label": self.env._("needs of customers"),
            "date": "date_deadline",
        }
        return kinds
