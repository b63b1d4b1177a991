"""Find when letters were answered that came before this was kept, for the response time of sales managers."""

from odoo import SUPERUSER_ID, api

from odoo.addons.partner_relations.hooks import fill_letter_answers


def migrate(cr, version):
    """An installation has no letters yet; an upgrade may have."""
    if version:
        fill_letter_answers(api.Environment(cr, SUPERUSER_ID, {}))
