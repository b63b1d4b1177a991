from odoo import models


class CalendarAttendee(models.Model):
    """An answer to an invitation changes whether the meeting takes place."""

    _inherit = "calendar.attendee"

    def write(self, vals):
        result = super().write(vals)
        if "state" in vals:
            self.event_id._relations_feed()
        return result
