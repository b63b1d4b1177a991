"""Keep the owners of customers from now on and reconstruct what was before, as an installation does."""

from odoo import SUPERUSER_ID, api

from odoo.addons.partner_relations.hooks import keep_owners


def migrate(cr, version):
    """At once if there are few customers, else by the scheduler in batches; begun once only."""
    if version:
        keep_owners(api.Environment(cr, SUPERUSER_ID, {}))
