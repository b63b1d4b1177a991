from odoo import fields, models


class SaleOrder(models.Model):
    """The current classes of the customer of an order, to filter and search by.

    Read with the rights of who looks, as on the contact, and only where a column or filter asks for them.
    """

    _inherit = "sale.order"

    partner_abc_class = fields.Selection(
        string="Customer ABC Class",
        related="partner_id.abc_class",
        related_sudo=False,
        groups="partner_relations.group_user",
        help="Today's ABC class of the customer in the current company.",
    )
    partner_xyz_class = fields.Selection(
        string="Customer XYZ Class",
        related="partner_id.xyz_class",
        related_sudo=False,
        groups="partner_relations.group_user",
        help="Today's XYZ class of the customer in the current company.",
    )
    partner_relation_stage = fields.Selection(
        string="Customer Stage",
        related="partner_id.relation_stage",
        related_sudo=False,
        groups="partner_relations.group_user",
        help="Today's stage of the customer in the current company: potential, one-time, regular or lost.",
    )
