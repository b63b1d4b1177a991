from odoo import api, models


class HrEmployee(models.Model):
    """A change of who is whose superior counts at once, also within the same transaction."""

    _inherit = "hr.employee"

    @api.model_create_multi
    def create(self, vals_list):
        employees = super().create(vals_list)
        self._forget_teams()
        return employees

    def write(self, vals):
        result = super().write(vals)
        if not {"parent_id", "user_id", "department_id"}.isdisjoint(vals):
            self.env["partner.care.mixin"]._forget_care()
            # sudo: whoever changes who is whose superior; the plans of these persons are passed on
            people = (
                self.sudo().with_context(active_test=False).search([("id", "child_of", self.ids)]).user_id
            )
            self.env["partner.work.plan"].sudo()._pass_on_of(people)
        return result

    def _write_multi(self, vals_list):
        # all that is written, the manager that follows the department included
        result = super()._write_multi(vals_list)
        if any("parent_id" in vals or "user_id" in vals for vals in vals_list):
            self._forget_teams()
        return result

    def _forget_teams(self):
        self.env["res.users"].invalidate_model(["relations_team_ids"], flush=False)
        self.env["partner.care.mixin"]._forget_care()
