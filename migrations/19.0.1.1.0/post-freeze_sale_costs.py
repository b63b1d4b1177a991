"""Freeze the cost of the sales so far, as an installation does."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Start freezing: at once if there is little, else by the scheduler."""
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["account.move"]._restart_sale_costs()
