from odoo import api, fields, models


class ResPartner(models.Model):
    """The needs of a customer, on the contact."""

    _inherit = "res.partner"

    requirement_ids = fields.One2many(
        "partner.requirement",
        "partner_id",
        string="Needs",
        groups="partner_relations.group_user",
        help="What the customer needs, requires, likes and dislikes; those that you may see.",
    )

    def _follow_company(self):
        self.env["partner.requirement"]._follow_partners(self)
        return super()._follow_company()

    @api.readonly
    def action_open_requirements(self):
        """Open the needs of the company that the contact belongs to."""
        self.ensure_one()
        partner = self.commercial_partner_id
        action = self.env["ir.actions.act_window"]._for_xml_id("partner_relations.partner_requirement_action")
        return {
            **action,
            # sudo: the name alone, of the company that a readable person belongs to
            "display_name": self.env._("Needs of %s", partner.sudo().display_name),
            "domain": [("partner_id", "=", partner.id)],
            "context": {
                "default_partner_id": partner.id,
                **({"default_contact_id": self.id} if self != partner else {}),
            },
        }
