from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Odoo's merge of contacts leaves one active membership of each company.

    Two employers who both have an active arrangement are not merged: whose terms hold is not for a merge to decide.
    """

    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        partners = src_partners | dst_partner
        self._check_one_wage_deduction(partners)
        # sudo: one remains, whoever merges; core moves all by their foreign key
        members = (
            self.env["partner.wage.deduction.member"]
            .sudo()
            .search(Domain("partner_id", "in", partners.ids) & Domain("state", "=", "active"))
        )
        kept = {}
        for member in members.sorted(lambda one: (one.partner_id != dst_partner, one.id)):
            other = kept.setdefault(member.company_id, member)
            if other == member:
                continue
            if other.arrangement_id == member.arrangement_id:
                member.move_ids.wage_member_id = other
            member._stop(fields.Date.context_today(self), self.env._("Merged with %s", dst_partner.name))
        self.env.flush_all()
        return super()._update_foreign_keys(src_partners, dst_partner)

    def _check_one_wage_deduction(self, partners):
        # sudo: the names of what is in the way
        found = (
            self.env["partner.wage.deduction"]
            .sudo()
            .search(Domain("employer_id", "in", partners.ids) & Domain("state", "=", "active"))
        )
        for _company, arrangements in found.grouped("company_id").items():
            if len(arrangements) > 1:
                raise UserError(
                    self.env._(
                        "%s each have an active wage deduction. Stop one of them before you merge the contacts.",
                        ", ".join(arrangements.employer_id.mapped("name")),
                    )
                )
