import json

import pytz

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.inquiries import WINDOW


class ResCompany(models.Model):
    """Settings of the inquiries that each company decides."""

    _inherit = "res.company"

    inquiry_days = fields.Integer(
        string="Days to Convert an Inquiry",
        default=WINDOW,
        help="An inquiry is mature when it is at least so many days old, and converted by a first confirmed sale "
        "within so many days. Younger inquiries are shown apart.",
        prefetch="relations",
        groups="base.group_user",
    )

    _inquiry_days_positive = models.Constraint(
        "CHECK (inquiry_days BETWEEN 1 AND 3650)",
        "The days to convert an inquiry must lie between 1 and 3650.",
    )

    def _get_day(self, moment=None):
        """The day of a moment in UTC, now by default, in the time zone of the company, as reports count it."""
        zone = pytz.timezone(self._get_zone())
        return pytz.utc.localize(moment or fields.Datetime.now()).astimezone(zone).date()

    def _get_zone(self):
        """The name of the company's time zone, one that Python and the database know; UTC without a company."""
        company = self.sudo()  # sudo: the time zone of the company
        # of each the zone alone: it is asked for whenever an opportunity is made
        company.partner_id.fetch(["tz"])
        name = company.partner_id.tz
        if not name:
            company.resource_calendar_id.fetch(["tz"])
            name = company.resource_calendar_id.tz or "UTC"
        return self.env["partner.contact.log"]._get_known_zone(name)

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
