"""Hours below 0 of an activity type, which kept the work plans of everybody from being filled, are refused now."""

from odoo.tools.sql import column_exists


def migrate(cr, version):
    if not version or not column_exists(cr, "mail_activity_type", "planned_hours"):
        return
    cr.execute("UPDATE mail_activity_type SET planned_hours = 0 WHERE planned_hours < 0")
