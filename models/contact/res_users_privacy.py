from odoo import models


class ResUsers(models.Model):
    _inherit = "res.users"

    def _notify_security_setting_update(self, subject, content, mail_values=None, **kwargs):
        """Write only to who has an address: a user whose contact was erased has none."""
        users = self if mail_values or kwargs.get("force_email") else self.filtered("email")
        return super(ResUsers, users)._notify_security_setting_update(subject, content, mail_values, **kwargs)
