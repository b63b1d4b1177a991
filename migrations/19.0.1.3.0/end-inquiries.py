"""Tell which of the leads so far are inquiries, as an installation does."""

from odoo import SUPERUSER_ID, api

from odoo.addons.partner_relations.hooks import fill_inquiries


def migrate(cr, version):
    """One statement; leads that are filled already stay as they are."""
    if version:
        fill_inquiries(api.Environment(cr, SUPERUSER_ID, {}))
