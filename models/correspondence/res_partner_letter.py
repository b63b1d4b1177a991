from odoo import api, fields, models
from odoo.fields import Domain


class ResPartner(models.Model):
    """The correspondence with a contact, over all mailboxes that the user may see."""

    _inherit = "res.partner"

    letter_count = fields.Integer(
        string="Letters",
        compute="_compute_letter_count",
        help="Letters with the contact, of a company with all its persons; those that you may see.",
        groups="base.group_user",
    )

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_letter_count(self):
        letters = self.env["partner.letter"]
        contacts, counts = self._origin, {}
        if contacts and letters.has_access("read"):
            # as in the contact log: also letters from before a person came or left
            domain = contacts._get_contact_log_domain()
            # sudo: only whether there is any; most contacts have none, and asking the rules makes each form wait
            if letters.sudo().search_count(domain, limit=1):
                groups = letters._read_group(
                    domain & Domain("is_junk", "=", False),
                    ["partner_id", "commercial_partner_id"],
                    ["__count"],
                )
                for partner, commercial_partner, count in groups:
                    for target in contacts._get_contact_log_partners(partner, commercial_partner).ids:
                        counts[target] = counts.get(target, 0) + count
        for partner in self:
            partner.letter_count = counts.get(partner._origin.id, 0)

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
        action["domain"] = list(self._get_contact_log_domain() & Domain("is_junk", "=", False))
        action["context"] = {"default_partner_id": self.id}
        action["display_name"] = self.env._("Letters: %s", self.display_name)
        return action
