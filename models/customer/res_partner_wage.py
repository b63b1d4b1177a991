from odoo import api, fields, models

from ...tools.some import has_some


class ResPartner(models.Model):
    """The wage deductions of a contact: as an employer, or as an employee."""

    _inherit = "res.partner"

    wage_deduction_count = fields.Integer(
        string="Wage Deductions",
        compute="_compute_wage_deduction_count",
        groups="account.group_account_invoice,partner_relations.group_user",
        help="Memberships of the employee, or active members of the employer, in the companies switched on.",
    )

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_wage_deduction_count(self):
        members = self.env["partner.wage.deduction.member"]
        arrangements = self.env["partner.wage.deduction"]
        counts = {}
        if has_some(members, self.ids, "partner_id", "employer_id") or has_some(
            arrangements, self.ids, "employer_id"
        ):
            companies = ("company_id", "in", self.env.companies.ids)
            for name, domain in (
                ("partner_id", []),
                ("employer_id", [("state", "=", "active")]),
            ):
                for partner, count in members._read_group(
                    [(name, "in", self.ids), companies, *domain], [name], ["__count"]
                ):
                    counts[partner] = counts.get(partner, 0) + count
            for [partner] in arrangements._read_group(
                [("employer_id", "in", self.ids), companies], ["employer_id"]
            ):
                counts[partner] = max(counts.get(partner, 0), 1)
        for partner in self:
            partner.wage_deduction_count = counts.get(partner._origin, 0)

    def _get_contact_stats(self):
        stats = super()._get_contact_stats()
        if self.env["partner.wage.deduction.member"].has_access("read") and self.wage_deduction_count:
            stats.append(
                {
                    "action": "action_view_wage_deductions",
                    "icon": "fa-scissors",
                    "label": self.env._("Wage Deduction"),
                    "value": str(self.wage_deduction_count),
                }
            )
        return stats

    @api.readonly
    def action_view_wage_deductions(self):
        """Open the arrangement of the employer, or the memberships of the employee."""
        self.ensure_one()
        actions = self.env["ir.actions.act_window"]
        if self.env["partner.wage.deduction"].search_count([("employer_id", "=", self.id)], limit=1):
            return {
                **actions._for_xml_id("partner_relations.partner_wage_deduction_action"),
                "domain": [("employer_id", "=", self.id)],
                "context": {},
            }
        return {
            **actions._for_xml_id("partner_relations.partner_wage_deduction_member_action"),
            "domain": [("partner_id", "=", self.id)],
            "context": {},
        }
