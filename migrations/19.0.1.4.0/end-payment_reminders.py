"""Give each company the starter set of levels of payment reminders."""

from odoo import SUPERUSER_ID, api

from odoo.addons.partner_relations.hooks import start_payment_reminders


def migrate(cr, version):
    """As an installation does; nothing is sent until somebody switches it on."""
    if version:
        start_payment_reminders(api.Environment(cr, SUPERUSER_ID, {}))
