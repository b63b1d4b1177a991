from odoo import api, models


class ResUsers(models.Model):
    """A user who is deleted was never responsible; one who left is archived and was."""

    _inherit = "res.users"

    @api.ondelete(at_uninstall=False)
    def _unlink_owner_periods(self):
        """The periods have no foreign key to the user."""
        self.env["partner.owner.period"]._forget_users(self.ids)
