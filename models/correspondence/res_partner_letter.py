from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class ResPartner(models.Model):
    """The correspondence with a contact, over all mailboxes that the user may see."""

    _inherit = "res.partner"

    letter_count = fields.Integer(
        string="Letters",
        compute="_compute_letter_count",
        help="Letters with the contact, of a company with all its persons; those that you may see.",
    )

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_letter_count(self):
        letters = self.env["partner.letter"]
        whole, single = {}, {}
        letters.flush_model(["commercial_partner_id", "partner_id"])
        # SQL: most contacts have no letter, and asking the rules about it would make each form wait
        some = self.ids and self.env.execute_query(
            SQL(
                "SELECT 1 FROM partner_letter WHERE commercial_partner_id = ANY(%s) LIMIT 1",
                self.commercial_partner_id.ids,
            )
        )
        if some and letters.has_access("read"):
            companies = self.filtered(lambda partner: partner == partner.commercial_partner_id)
            domain = Domain("is_junk", "=", False)
            whole = dict(
                letters._read_group(
                    domain & Domain("commercial_partner_id", "in", companies.ids),
                    ["commercial_partner_id"],
                    ["__count"],
                )
            )
            persons = self - companies
            single = dict(
                letters._read_group(
                    domain & Domain("partner_id", "in", persons.ids), ["partner_id"], ["__count"]
                )
                if persons.ids
                else []
            )
        for partner in self:
            partner.letter_count = whole.get(partner._origin) or single.get(partner._origin) or 0

    def _get_contact_stats(self):
        stats = super()._get_contact_stats()
        if self.env["partner.letter"].has_access("read"):
            stats.append(
                {
                    "action": "action_open_letters",
                    "icon": "fa-envelope-o",
                    "label": self.env._("Letters"),
                    "value": str(self.letter_count),
                }
            )
        return stats

    def action_open_letters(self):
        """Open the correspondence with the contact."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("partner_relations.partner_letter_action_all")
        field = "commercial_partner_id" if self == self.commercial_partner_id else "partner_id"
        action["domain"] = [(field, "=", self.id), ("is_junk", "=", False)]
        action["context"] = {"default_partner_id": self.id}
        action["display_name"] = self.env._("Letters: %s", self.display_name)
        return action
