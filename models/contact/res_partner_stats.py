from odoo import api, models


class ResPartner(models.Model):
    """The buttons of a contact that lead to what is kept about it."""

    _inherit = "res.partner"

    @api.readonly
    def get_contact_stats(self):
        """Return the buttons of a contact, which its form asks for once it stands.

        :return: of each ``action``, the method that opens it; ``icon``; ``label``; ``value``, a text, may be empty
        :rtype: list[dict]
        :raise AccessError: if the contact may not be read
        """
        self.ensure_one()
        self.check_access("read")
        return self._get_contact_stats()

    def _get_contact_stats(self):
        """Return the buttons of :meth:`get_contact_stats`; each room adds its own."""
        return []
