from odoo import api, fields, models


class PartnerReassignment(models.Model):
    """Open letters are work that can be given to somebody else; their activities follow them."""

    _inherit = "partner.reassignment"

    letter_count = fields.Integer(string="Letters", readonly=True)

    @api.model
    def _get_kinds(self):
        kinds = super()._get_kinds()
        activities = kinds["activities"]
        activities["domain"] = [*activities["domain"], ("res_model", "!=", "partner.letter")]
        kinds["letters"] = {
            "model": "partner.letter",
            "field": "user_id",
            # what is in somebody's personal mailbox stays there
            "domain": [
                ("direction", "=", "in"),
                ("state", "=", "assigned"),
                ("mailbox_id.kind", "=", "shared"),
            ],
            "option": "with_letters",
            "count": "letter_count",
            "label": self.env._("letters"),
            "date": "date_deadline",
        }
        return kinds
