from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools.arguments import MAX_ID, as_id, as_number

TIMELINE_FIELDS = {
    "name": {},
    "preview": {},
    "channel": {},
    "direction": {},
    "state": {},
    "date": {},
    "all_day": {},
    "duration": {},
    "is_overdue": {},
    "document_name": {},
    "res_model": {},
    "source_model": {},
    "partner_id": {"fields": {"name": {}}},
    "user_id": {"fields": {"display_name": {}}},
    "outcome_id": {"fields": {"display_name": {}}},
}


class PartnerContactLogTimeline(models.Model):
    """What the timeline on the contact form shows."""

    _inherit = "partner.contact.log"

    @api.model
    @api.readonly
    def get_timeline(self, partner_id, limit=20, offset=0, channel=False):
        """A page of a contact's history, newest first, and with the first page all that is planned.

        :param int partner_id: the company, with all its persons, or the person
        :param int limit: entries of the page, at most 200
        :param channel: only entries of this channel
        :return: ``{"planned": [...], "done": [...], "total": int, "last": str}``: ``total`` counts what took
            place or was cancelled, of those the user may see, ``last`` is the moment of the last that took place
        :rtype: dict
        """
        partner = self.env["res.partner"].browse(as_id(partner_id))
        if not partner.id:
            raise UserError(
                self.env._("This contact was deleted or merged. Look for it in the list of contacts.")
            )
        partner.check_access("read")
        domain = partner._get_contact_log_domain()
        if channel:
            domain &= Domain("channel", "=", channel)
        past = domain & Domain("state", "!=", "planned")
        logs = self.search(past, limit=as_number(limit, 200) or 20, offset=as_number(offset, MAX_ID))
        planned = self.browse()
        if not offset:
            planned = self.search(domain & Domain("state", "=", "planned"), order="date, id", limit=200)
        values = {row["id"]: row for row in (planned | logs).web_read(TIMELINE_FIELDS)}
        return {
            "planned": [values[log_id] for log_id in planned.ids],
            "done": [values[log_id] for log_id in logs.ids],
            "total": self.search_count(past),
            "last": fields.Datetime.to_string(partner.last_contact_date),
        }
