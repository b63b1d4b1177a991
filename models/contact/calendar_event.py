from collections import defaultdict

from odoo import Command, api, models
from odoo.tools import SQL

from ...tools.internal import INTERNAL

# Fields whose change moves the entries of the log.
FED_FIELDS = {
    "active", "allday", "attendee_ids", "duration", "partner_ids", "res_id", "res_model", "res_model_id",
    "opportunity_id", "start", "start_date", "stop", "stop_date", "user_id",
}  # fmt: skip

# Fields that say which document a meeting is about.
DOCUMENT_FIELDS = {"res_id", "res_model", "res_model_id", "opportunity_id"}


class CalendarEvent(models.Model):
    """Meetings with a business partner are entries of the contact log."""

    _inherit = "calendar.event"

    @api.model_create_multi
    def create(self, vals_list):
        events = super().create(vals_list)
        # Of a recurrence, core makes the further meetings by a create of its own.
        events._relations_feed()
        return events

    def write(self, vals):
        fed = not FED_FIELDS.isdisjoint(vals)
        same_document = DOCUMENT_FIELDS.isdisjoint(vals)
        # sudo: who attends, for the entries alone; whether the user may write the meetings is asked by core
        meetings = self.sudo().with_context(active_test=False)
        before = meetings.partner_ids if "partner_ids" in vals else self.env["res.partner"]
        result = super().write(vals)
        if fed:
            absent = before and before - meetings.partner_ids
            self._relations_feed(keep_done=same_document, absent=absent.ids)
        return result

    def unlink(self):
        # sudo: a meeting that goes takes its plan out of the log, whoever may see the entry
        logs = self.env["partner.contact.log"].sudo().search([("event_id", "in", self.ids)])
        logs = logs.with_context(relations_feeding=INTERNAL)
        # What did not take place and nobody wrote about is no history.
        empty = logs.filtered(
            lambda log: log.state != "done" and log.source_model and not log.agreement and not log.outcome_id
        )
        activities = (logs - empty).filtered(lambda log: log.state == "planned")._get_activities()
        result = super().unlink()
        # what took place stays done, though its meeting is tidied away
        (logs - empty).filtered(lambda log: log.state == "planned").write({"state": "cancelled"})
        empty.unlink()
        activities.exists().with_context(relations_feeding=INTERNAL).unlink()
        return result

    def _rewrite_recurrence(self, values, time_values, recurrence_values):
        return self._keep_entries(
            lambda: super(CalendarEvent, self)._rewrite_recurrence(values, time_values, recurrence_values)
        )

    def _update_future_events(self, values, time_values, recurrence_values):
        return self._keep_entries(
            lambda: super(CalendarEvent, self)._update_future_events(values, time_values, recurrence_values)
        )

    def _keep_entries(self, change):
        """Give the entries of the meetings that core archives, to make the series anew, to those that replace them."""
        # sudo: the entries follow their meetings, whoever may see them
        log_model = self.env["partner.contact.log"].sudo()
        events = self.recurrence_id.calendar_event_ids
        logs = log_model.search([("event_id", "in", events.ids)])
        result = change()
        self.env.flush_all()
        left = logs.exists().filtered(lambda log: log.event_id and not log.event_id.active)
        if not left:
            return result
        made = self.recurrence_id.calendar_event_ids | self
        fresh = {
            (log.commercial_partner_id, log.date_planned.date()): log
            for log in log_model.search([("event_id", "in", made.ids), ("id", "not in", logs.ids)])
            if log.date_planned
        }
        for log in left.with_context(relations_feeding=INTERNAL):
            new = fresh.pop((log.commercial_partner_id, (log.date_planned or log.date).date()), log_model)
            has_words = log.agreement or log.outcome_id or not log.source_model
            if log.state != "done" and not has_words:
                log.unlink()
            elif new:
                event = new.event_id
                new.with_context(relations_feeding=INTERNAL).unlink()
                log.flush_recordset()
                log.write({"event_id": event.id, "source_id": event.id})
        return result

    def _give_to(self, user):
        """Let ``user`` organise these meetings, and attend in place of who organised them so far."""
        # one by one: core looks who attends already for one meeting at a time
        for event in self:
            commands = [Command.link(user.partner_id.id)]
            if event.user_id and event.user_id != user:
                commands.append(Command.unlink(event.user_id.partner_id.id))
            event.write({"user_id": user.id, "partner_ids": commands})

    def _relations_feed(self, *, keep_done=True, absent=()):
        """Bring the entries of these meetings up to date, one statement per model of document.

        For ``keep_done`` and ``absent`` see the contact log's ``_feed_events``.
        """
        if self.env.context.get("relations_feeding") is INTERNAL:
            return
        by_model = defaultdict(list)
        # sudo: reads which documents the meetings are about; the feed adds entries that the rules hide or show
        for event in self.sudo().exists():
            by_model[event.res_model if event.res_id else False].append(event.id)
        for model, ids in by_model.items():
            self.env["partner.contact.log"].sudo()._feed_events(
                SQL("e.id = ANY(%s)", ids), model, keep_done=keep_done, absent=absent
            )
