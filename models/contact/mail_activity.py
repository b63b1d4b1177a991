from collections import defaultdict

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.internal import INTERNAL

# Fields whose change moves the entry of the log.
FED_FIELDS = {
    "active", "activity_type_id", "calendar_event_id", "date_deadline", "res_id", "res_model_id", "user_id",
}  # fmt: skip


class MailActivity(models.Model):
    """Activities on documents of a business partner are entries of the contact log."""

    _inherit = "mail.activity"

    # done activities stay, archived: which documents have an open one is read without those of years
    _open_document_idx = models.Index("(res_model, res_id) INCLUDE (user_id) WHERE active")

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
        if self.env.context.get("relations_feeding") is not INTERNAL:
            logs = logs.search(
                [("activity_id", "in", self.ids), ("state", "=", "planned"), ("event_id", "=", False)]
            )
        result = super().unlink()
        if logs:
            logs.with_context(relations_feeding=INTERNAL).write({"state": "cancelled"})
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
        if self.env.context.get("relations_feeding") is INTERNAL:
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
        self._relations_merge_sent_emails()
        if events:
            events._relations_feed()
            done = self.sudo().filtered(lambda activity: activity.calendar_event_id and not activity.active)
            log_sudo._close_meetings(done.calendar_event_id)

    def _relations_merge_sent_emails(self):
        done = self.filtered(
            lambda activity: not activity.active and activity.activity_type_id.contact_channel == "email"
        )
        if done:
            # sudo: as the feed; the entries are those of these activities
            self.env["partner.contact.log"].sudo()._merge_sent_emails(
                SQL("act.activity_id = ANY(%s)", done.ids)
            )

    @api.model
    @api.readonly
    def get_activity_data(self, res_model, domain, limit=None, offset=0, fetch_done=False):
        """The activity view of the contact log: planned entries with the activities that stand for them.

        These activities are on the contact or document of their entry, where core would not find them.
        Done contacts are in the other views. Parameters and result are those of core.
        """
        if res_model != "partner.contact.log":
            return super().get_activity_data(
                res_model, domain, limit=limit, offset=offset, fetch_done=fetch_done
            )
        planned = Domain("state", "=", "planned") & Domain("activity_ids", "!=", False)
        logs = self.env[res_model].search(
            Domain(domain or []) & planned, limit=limit, offset=offset, order="date, id"
        )
        types = self.env["mail.activity.type"].search([("res_model", "=", False)])
        types |= logs.activity_ids.activity_type_id
        return {
            "activity_res_ids": logs.ids,
            "activity_types": [
                {
                    "id": activity_type.id,
                    "name": activity_type.name,
                    "template_ids": [
                        {"id": mail.id, "name": mail.name} for mail in activity_type.mail_template_ids
                    ],
                }
                for activity_type in types
            ],
            "grouped_activities": {
                log.id: {
                    activity.activity_type_id.id: {
                        "count_by_state": {activity.state: 1},
                        "ids": activity.ids,
                        "reporting_date": activity.date_deadline,
                        "state": activity.state,
                        "user_assigned_ids": activity.user_id.ids,
                        "summaries": [activity.summary or ""],
                    }
                }
                for log in logs
                for activity in log.activity_ids
            },
        }
