from odoo import fields, models

ATTITUDES = [("for", "For Us"), ("neutral", "Neutral"), ("against", "Against Us")]


class ResPartner(models.Model):
    """What part a contact person has in the decisions of the company, and how the person thinks of us."""

    _inherit = "res.partner"

    # Few forms show them, so they are not fetched with every contact.
    decision_attitude = fields.Selection(
        ATTITUDES,
        string="Attitude",
        prefetch=False,
        groups="partner_relations.group_user",
        help="How this person thinks of buying from us. Empty: we do not know.",
    )
    contact_role_more_ids = fields.Many2many(
        "partner.contact.role",
        "res_partner_contact_role_rel",
        "partner_id",
        "role_id",
        string="Further Roles",
        groups="base.group_user",
        help="Other parts the same person plays: in a small company one person decides, pays and uses.",
    )
