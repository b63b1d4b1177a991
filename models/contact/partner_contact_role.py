from odoo import fields, models


class PartnerContactRole(models.Model):
    """The part a contact person plays when their company decides about buying."""

    _name = "partner.contact.role"
    _description = "Role in Buying Decisions"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    description = fields.Text(
        translate=True,
        help="What a person in this role does, and how to work with them.",
    )
