"""Freeze the cost of the sales so far and start the analysis, as an installation does."""

from odoo import SUPERUSER_ID, api

from odoo.addons.partner_relations.hooks import start_analysis


def migrate(cr, version):
    """Start freezing, at once if there is little, else by the scheduler; and classify."""
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["account.move"]._restart_sale_costs()
    start_analysis(env)
