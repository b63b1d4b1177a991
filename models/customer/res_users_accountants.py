from odoo import api, models
from odoo.fields import Domain


class ResUsers(models.Model):
    """Who is told of payments where nobody else is."""

    _inherit = "res.users"

    @api.model
    def _get_accountants(self, companies):
        """Users who do invoicing in one of these companies, the oldest first; with all rights."""
        # sudo: only whom the scheduler tells
        return self.sudo().search(
            Domain("all_group_ids", "in", self.env.ref("account.group_account_invoice").ids)
            & Domain("company_ids", "in", companies.ids)
            & Domain("share", "=", False)
            & Domain("active", "=", True),
            order="id",
        )
