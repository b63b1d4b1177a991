"""Freeze the quantity of the sales whose cost was frozen before."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """At once if there is little, else by the scheduler in batches; costs stay as they are."""
    if not version:
        return
    api.Environment(cr, SUPERUSER_ID, {})["account.move"]._restart_sale_costs()
