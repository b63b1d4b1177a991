from datetime import timedelta

from odoo import models


class ManagerIndicator(models.Model):
    """What an indicator gives, before it is used in a scheme."""

    _inherit = "manager.indicator"

    def action_preview(self):
        """Show the value of each manager in the last period that is over, in the current company.

        :raises AccessError: for who may not change indicators
        """
        self.ensure_one()
        self.check_access("write")
        preview = self.env["manager.indicator.preview"]._preview(self)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Preview of “%s”", self.name),
            "res_model": "manager.indicator.preview",
            "res_id": preview.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
        }

    def _get_preview_terms(self, company):
        """First and last day of the last period that is over, and whom sales are credited to.

        As the first scheme of the company has it that uses the indicator, else its first scheme at all.
        """
        self.ensure_one()
        # sudo: settings of the company's schemes, for who may change indicators
        schemes = self.env["manager.score.scheme"].sudo().search([("company_id", "=", company.id)])
        scheme = (schemes.filtered(lambda each: self in each.line_ids.indicator_id) or schemes)[:1]
        period, credit = scheme.period or "month", scheme.credit or "owner"
        bounds = self.env["manager.score.scheme"]._get_period
        running = bounds(self.env["manager.scorecard"]._get_today(company), period)
        return *bounds(running[0] - timedelta(days=1), period), credit
