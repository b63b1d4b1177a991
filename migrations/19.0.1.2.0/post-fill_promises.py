"""Read what suppliers promised from the orders so far, as an installation does."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Start filling, at once if there is little, else by the scheduler."""
    if not version:
        return
    api.Environment(cr, SUPERUSER_ID, {})["purchase.order.line"]._restart_promises()
