from collections import defaultdict
from datetime import datetime, timedelta
from typing import NamedTuple

from odoo import Command, api, fields, models
from odoo.tools import SQL

from ...tools.batches import write_each
from ...tools.internal import INTERNAL

# Fields whose change moves the entries of the log.
FED_FIELDS = {
    "active", "allday", "attendee_ids", "duration", "partner_ids", "res_id", "res_model", "res_model_id",
    "opportunity_id", "start", "start_date", "stop", "stop_date", "user_id",
}  # fmt: skip

# Fields that say which document a meeting is about.
DOCUMENT_FIELDS = {"res_id", "res_model", "res_model_id", "opportunity_id"}


class LeftOut(set):
    """Ids of meetings that were archived as core made them. A class of our own: a call cannot send it."""


class SeriesBefore(NamedTuple):
    """A series of meetings as it was before core makes it anew."""

    live: models.BaseModel  # meetings that are not archived
    start: datetime  # of the meeting that core makes the series from
    newest_id: int  # of all meetings
    logs: models.BaseModel  # entries of the series
    planned: models.BaseModel
    closed: models.BaseModel  # done, or cancelled until it was over
    dates: dict  # of the closed entries
    past: models.BaseModel  # meetings that are over, of the closed entries
    answers: list  # (meeting, partner who declined it)


class CalendarEvent(models.Model):
    """Meetings with a business partner are entries of the contact log."""

    _inherit = "calendar.event"

    # the meetings of a lead that gets a customer, and of merged contacts
    _document_idx = models.Index("(res_model, res_id) WHERE res_id IS NOT NULL")

    @api.model_create_multi
    def create(self, vals_list):
        events = super().create(vals_list)
        # Of a recurrence, core makes the further meetings by a create of its own.
        events._relations_feed(is_new=True)
        return events

    def write(self, vals):
        fed = not FED_FIELDS.isdisjoint(vals)
        same_document = DOCUMENT_FIELDS.isdisjoint(vals)
        # sudo: who attends, for the entries alone; whether the user may write the meetings is asked by core
        meetings = self.sudo().with_context(active_test=False)
        before = meetings.partner_ids if "partner_ids" in vals else self.env["res.partner"]
        events = self
        if vals.get("recurrence_update") == "future_events":
            events = self.with_context(relations_left_out=LeftOut())
        result = super(CalendarEvent, events).write(vals)
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
        # An activity goes with its meeting. Whether PostgreSQL empties an entry that was written in this transaction,
        # or holds it against the activity first, lies in the numbers of the constraints.
        logs.filtered(lambda log: log.activity_id.calendar_event_id in self).write({"activity_id": False})
        result = super().unlink()
        # what took place stays done, though its meeting is tidied away
        (logs - empty).filtered(lambda log: log.state == "planned").write({"state": "cancelled"})
        empty.unlink()
        activities.exists().with_context(relations_feeding=INTERNAL).unlink()
        return result

    def _rewrite_recurrence(self, values, time_values, recurrence_values):
        # the meeting that core keeps and makes the series from, whichever is changed
        base = self.recurrence_id.base_event_id or self.recurrence_id._get_first_event(include_outliers=False)
        return self._keep_entries(
            base,
            lambda: super(CalendarEvent, self)._rewrite_recurrence(values, time_values, recurrence_values),
        )

    def _update_future_events(self, values, time_values, recurrence_values):
        return self._keep_entries(
            self,
            lambda: super(CalendarEvent, self)._update_future_events(values, time_values, recurrence_values),
        )

    def _apply_recurrence_values(self, values, future=True):
        """Let meetings that were left out stay so: core applies the rule once more after changing all future ones."""
        left_out = self.env.context.get("relations_left_out")
        if not (values and left_out and isinstance(left_out, LeftOut)):
            return super()._apply_recurrence_values(values, future=future)
        # sudo: as they were archived; there meanwhile, they are counted, and not made again
        events = self.sudo().with_context(relations_feeding=INTERNAL).browse(left_out)
        events.write({"active": True})
        result = super()._apply_recurrence_values(values, future=future)
        events.exists().write({"active": False})
        return result

    def _keep_entries(self, base, change):
        """Give the entries of the meetings that core archives, to make the series anew, to those that replace them.

        What took place is told once, with whom and on the day it was; what was declined or cancelled until it was over
        stays so. A plan that somebody wrote about goes on at its new hour; one without words goes, as the new meeting
        has an entry. Days that only the changed series has, and that are over, get no meeting.

        :param base: the meeting that core makes the series from
        :param change: what core does
        """
        # with those archived before: core makes a meeting of their days, too, and some took place
        series = self.recurrence_id.with_context(active_test=False).calendar_event_ids
        # sudo: the entries follow their meetings, whoever may see them; core asks who may change the meetings
        series, base = series.sudo(), base.sudo()
        before = series._look_at_series(base)
        result = change()
        self.env.flush_all()
        # what was archived before has no new meeting from before the first one that is made
        gone = series.exists().filtered(
            lambda event: not event.active and (event in before.live or event.start >= before.start)
        )
        kept = self._drop_entries(before, gone)
        # by their ids: where core leaves the base event out of the new series, nothing leads there
        made = series.search([("id", ">", before.newest_id), ("active", "=", True)])
        lost = self._give_to_heirs(before, gone, kept, made, base.start - before.start)
        # What took place today may have a new meeting tomorrow. It stays with the series, to be found if that is
        # moved back and has a meeting today again.
        if lost and (recurrence := (base | made).recurrence_id[:1]):
            lost.write({"recurrence_id": recurrence.id})
        self.browse([*made.ids, base.id])._relations_feed()
        self._put_dates_back(before)
        return result

    def _look_at_series(self, base):
        """Return what of these meetings, all of a series, is known before core makes it anew from ``base``."""
        now = fields.Datetime.now()
        # sudo: the entries follow their meetings, whoever may see them
        logs = self.env["partner.contact.log"].sudo().with_context(relations_feeding=INTERNAL)
        logs = logs.search([("event_id", "in", self.ids)])
        planned = logs.filtered(lambda log: log.state == "planned")
        closed = (logs - planned).filtered(lambda log: log.state == "done" or log.event_id.stop <= now)
        past = closed.event_id.filtered(lambda event: event.stop <= now)
        declined = past.attendee_ids.filtered(lambda attendee: attendee.state == "declined")
        return SeriesBefore(
            live=self.filtered("active"),
            start=base.start,
            newest_id=self.search([], order="id desc", limit=1).id,
            logs=logs,
            planned=planned,
            closed=closed,
            dates={log: log.date for log in closed},
            past=past,
            answers=[(attendee.event_id, attendee.partner_id) for attendee in declined],
        )

    @api.model
    def _drop_entries(self, before, gone):
        """Delete the entries of the meetings that are ``gone`` which nobody needs; return those that are kept."""
        left = before.logs.exists().filtered(lambda log: log.event_id in gone)
        words = left.filtered(lambda log: log.agreement or log.outcome_id or not log.source_model)
        kept = left & (before.closed | (words & before.planned))
        (left.filtered(lambda log: log.event_id in before.live) - words - kept).unlink()
        return kept

    @api.model
    def _give_to_heirs(self, before, gone, kept, made, shift):
        """Give the ``kept`` entries of meetings that are ``gone``, and their answers, to those ``made`` in their place.

        :param shift: by how much the series was moved
        :return: meetings that took place, have none in their place, and are in no series any more
        """
        old = kept.event_id
        past = before.past & old
        heirs = self._find_heirs(past, old - past, (gone & before.live) - old, made, shift)
        # nothing is on the day of a meeting that was cancelled
        cancelled = past - before.live - kept.filtered(lambda log: log.state == "done").event_id
        self._hand_entries_on(kept, before.closed, heirs)
        self._refuse_again(before.answers, cancelled, heirs)
        self._archive_unmet(before, made, heirs)
        return past.filtered(lambda event: event not in heirs and not event.recurrence_id)

    @api.model
    def _archive_unmet(self, before, made, heirs):
        """Archive the meetings ``made`` for days that are over and only now the series': nobody has met on them."""
        now = fields.Datetime.now()
        unmet = made.filtered(lambda event: event.stop <= now) - made.browse().union(*heirs.values())
        before.logs.search([("event_id", "in", unmet.ids)]).unlink()
        self._leave_out(unmet)

    @api.model
    def _put_dates_back(self, before):
        """Leave what is closed on its day, where the feed moved it with the meeting that core makes the series from."""
        moved = (before.closed & before.logs.exists()).filtered(
            lambda log: log.state != "planned" and log.date != before.dates[log]
        )
        write_each({log: {"date": before.dates[log]} for log in moved})

    @api.model
    def _hand_entries_on(self, logs, closed, heirs):
        """Give these entries of archived meetings to the ``heirs`` of those; see :meth:`_keep_entries`.

        SQL: one statement for all meetings. The feed leaves the date of what is closed, if it was planned for the hour
        of its meeting, and gives a plan the activity of its meeting.
        """
        old = [event for event in logs.event_id if event in heirs]
        new = [heirs[event].id for event in old]
        # the feed adds whoever attends besides
        logs.search([("event_id", "in", new)]).unlink()
        logs.flush_model()
        self.env.cr.execute(
            SQL(
                """
    UPDATE partner_contact_log AS log
       SET event_id = heir.id,
           source_id = CASE WHEN log.source_model IS NULL THEN log.source_id ELSE heir.id END,
           date_planned = CASE WHEN log.id = ANY(%(closed)s) THEN heir.start ELSE log.date_planned END,
           activity_id = CASE WHEN log.id = ANY(%(closed)s) THEN log.activity_id END
      FROM unnest(%(old)s::int4[], %(new)s::int4[]) AS pair (old_id, new_id)
      JOIN calendar_event AS heir ON heir.id = pair.new_id
     WHERE log.event_id = pair.old_id AND log.id = ANY(%(logs)s)""",
                closed=closed.ids,
                old=[event.id for event in old],
                new=new,
                logs=logs.ids,
            )
        )
        logs._feed_done()

    @api.model
    def _refuse_again(self, answers, cancelled, heirs):
        """Leave what is over as it was answered, though core asks everybody anew for each meeting of the series.

        :param answers: ``[(meeting, partner who declined it)]``
        :param cancelled: meetings of which nothing took place
        """
        now = fields.Datetime.now()
        refused = {(heirs.get(event, event), partner) for event, partner in answers}
        meetings = cancelled.browse().union(*(event for event, _partner in refused)).exists()
        attendees = meetings.filtered(lambda event: event.stop <= now).attendee_ids.filtered(
            lambda attendee: (
                attendee.state != "declined" and (attendee.event_id, attendee.partner_id) in refused
            )
        )
        # the caller feeds the entries
        attendees.with_context(relations_feeding=INTERNAL).write({"state": "declined"})
        self._leave_out(cancelled.browse().union(*(heirs[event] for event in cancelled if event in heirs)))

    @api.model
    def _leave_out(self, made):
        made.with_context(relations_feeding=INTERNAL).write({"active": False})
        left_out = self.env.context.get("relations_left_out")
        if isinstance(left_out, LeftOut):
            left_out.update(made.ids)

    @api.model
    def _find_heirs(self, past, plans, rest, made, shift):
        """Find the meeting among those ``made`` that stands for each of the old ones.

        It is that of the same day, as the series was moved. Where the days themselves changed, it is the nearest: for
        what is over however far, since it would be told twice, and for a plan within a week. What took place becomes
        no plan.

        :param past: meetings that took place
        :param plans: further meetings with something to keep
        :param rest: meetings with nothing to keep
        :return: ``{old: new}``, without those that have none
        """
        now = fields.Datetime.now()
        free = {event.start.date(): event for event in made}  # a series has one a day
        heirs = {}
        for events, reach in (
            (past | plans, timedelta()),
            (past, timedelta.max),
            (rest, timedelta()),
            (plans, timedelta(days=6)),
            (rest.filtered(lambda event: event.stop <= now), timedelta.max),
        ):
            for event in events.sorted("start"):
                if event in heirs:
                    continue
                day = (event.start + shift).date()
                is_past = event in past or reach == timedelta.max
                days = [
                    other
                    for other, heir in free.items()
                    if abs(other - day) <= reach and (heir.stop <= now or not is_past)
                ]
                if days:
                    heirs[event] = free.pop(min(days, key=lambda other, day=day: abs(other - day)))
        return heirs

    def _give_to(self, user):
        """Let ``user`` organise these meetings, and attend in place of who organised them so far."""
        # one by one: core looks who attends already for one meeting at a time
        for event in self:
            commands = [Command.link(user.partner_id.id)]
            if event.user_id and event.user_id != user:
                commands.append(Command.unlink(event.user_id.partner_id.id))
            event.write({"user_id": user.id, "partner_ids": commands})

    def _relations_feed(self, *, is_new=False, keep_done=True, absent=()):
        """Bring the entries of these meetings up to date, one statement per model of document.

        For ``is_new``, ``keep_done`` and ``absent`` see the contact log's ``_feed_events``.
        """
        if self.env.context.get("relations_feeding") is INTERNAL:
            return
        by_model = defaultdict(list)
        # sudo: reads which documents the meetings are about; the feed adds entries that the rules hide or show
        for event in self.sudo() if is_new else self.sudo().exists():
            by_model[event.res_model if event.res_id else False].append(event.id)
        for model, ids in by_model.items():
            self.env["partner.contact.log"].sudo()._feed_events(
                SQL("e.id = ANY(%s)", ids), model, is_new=is_new, keep_done=keep_done, absent=absent
            )
