from odoo import fields, models


class PartnerContactOutcome(models.Model):
    """What a contact came to: reached, offer wanted, no interest…

    The list belongs to the company's own way of working; directors edit it.
    """

    _name = "partner.contact.outcome"
    _description = "Contact Outcome"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    color = fields.Integer(string="Colour")
    is_reached = fields.Boolean(
        string="Customer Reached",
        default=True,
        help="Off for outcomes where nobody was spoken to, such as an unanswered call.",
    )
