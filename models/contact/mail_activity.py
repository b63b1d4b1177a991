from collections import defaultdict

from odoo import api, models
from odoo.tools import SQL

# Fields whose change moves the entry of the log.
FED_FIELDS = {
    "active", "activity_type_id", "calendar_event_id", "date_deadline", "res_id", "res_model_id", "user_id",
}  # fmt: skip


class MailActivity(models.Model):
    """Activities on documents of a business partner are entries of the contact log."""

    _inherit = "mail.activity"

    @api.model_create_multi
    def create(self, vals_list):
        self._relations_redirect(vals_list)
        activities = super().create(vals_list)
        activities._relations_feed()
        return activities

    def write(self, vals):
        result = super().write(vals)
        if not FED_FIELDS.isdisjoint(vals):
            self._relations_feed()
        return result

    def unlink(self):
        # sudo: an activity that goes takes its plan out of the log, whoever may see the entry
        logs = self.env["partner.contact.log"].sudo()
        if not self.env.context.get("relations_feeding"):
            logs = logs.search([("activity_id", "in", self.ids), ("state", "=", "planned"), ("event_id", "=", False)])
        result = super().unlink()
        if logs:
            logs.with_context(relations_feeding=True).write({"state": "cancelled"})
        return result

    @api.model
    def _relations_redirect(self, vals_list):
        """An activity planned on an entry of the log is one on the entry's document."""
        log_model_id = self.env["ir.model"]._get_id("partner.contact.log")
        wrong = [
            vals
            for vals in vals_list
            if vals.get("res_model_id") == log_model_id or vals.get("res_model") == "partner.contact.log"
        ]
        if not wrong:
            return
        logs = self.env["partner.contact.log"].browse([vals["res_id"] for vals in wrong])
        documents = logs._get_activity_documents()
        for vals, log in zip(wrong, logs, strict=True):
            model, vals["res_id"] = documents[log]
            vals.pop("res_model", None)
            vals["res_model_id"] = self.env["ir.model"]._get_id(model)

    def _relations_feed(self):
        """Bring the entries of these activities up to date, one statement per model of document."""
        if self.env.context.get("relations_feeding"):
            return
        # sudo: reads which documents the activities are on; the feed adds entries that the rules then hide or show
        by_model = defaultdict(list)
        events = self.env["calendar.event"]
        for activity in self.sudo():
            if activity.calendar_event_id:
                events |= activity.calendar_event_id
            elif activity.res_model:
                by_model[activity.res_model].append(activity.id)
        log_sudo = self.env["partner.contact.log"].sudo()
        for model, ids in by_model.items():
            log_sudo._feed_activities(SQL("a.id = ANY(%s)", ids), model)
        if events:
            events._relations_feed()
            done = self.sudo().filtered(lambda activity: activity.calendar_event_id and not activity.active)
            log_sudo._close_meetings(done.calendar_event_id)
