"""Mark the outcome of complaints, which shows on the relationship card."""

from odoo import SUPERUSER_ID, api

from odoo.addons.partner_relations.hooks import mark_complaints


def migrate(cr, version):
    """The outcome is not updated with the addon, since companies change theirs."""
    if version:
        mark_complaints(api.Environment(cr, SUPERUSER_ID, {}))
