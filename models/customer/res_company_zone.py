import json

import pytz

from odoo import api, fields, models
from odoo.tools import SQL, ormcache


class ResCompany(models.Model):
    """The time zone in which a company counts its days, and the day there."""

    _inherit = "res.company"

    def _get_day(self, moment=None):
        """The day of a moment in UTC, now by default, in the time zone of the company, as reports count it."""
        zone = pytz.timezone(self._get_zone())
        return pytz.utc.localize(moment or fields.Datetime.now()).astimezone(zone).date()

    def _get_zone(self):
        """The name of the company's time zone, one that Python and the database know; UTC without a company."""
        return self.env["partner.contact.log"]._get_known_zone(self._origin._find_zone())

    @ormcache("self.id")
    def _find_zone(self):
        # kept, as it is asked for whenever an opportunity is made
        company = self.sudo()  # sudo: the time zone of the company
        return company.partner_id.tz or company.resource_calendar_id.tz or "UTC"

    def cache_invalidation_fields(self):
        return super().cache_invalidation_fields() | {"partner_id", "resource_calendar_id"}

    @api.model
    def _get_zone_sql(self, company):
        """Return the expression of a company's time zone; see :meth:`_get_zone`.

        :param SQL company: the id
        """
        self.flush_model(["partner_id", "resource_calendar_id"])
        self.env["res.partner"].flush_model(["tz"])
        self.env["resource.calendar"].flush_model(["tz"])
        return SQL(
            """(SELECT COALESCE(%(zones)s::jsonb ->> found.tz, found.tz)
                  FROM (SELECT COALESCE(NULLIF(home.tz, ''), NULLIF(calendar.tz, ''), 'UTC') AS tz
                          FROM res_company AS company
                          JOIN res_partner AS home ON home.id = company.partner_id
                          LEFT JOIN resource_calendar AS calendar ON calendar.id = company.resource_calendar_id
                         WHERE company.id = %(company)s) AS found)""",
            zones=json.dumps(self.env["partner.contact.log"]._get_unknown_zones()),
            company=company,
        )
