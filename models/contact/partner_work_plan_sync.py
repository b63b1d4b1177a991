from collections import defaultdict
from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, float_compare, html2plaintext

from ...tools.batches import write_each
from ...tools.internal import INTERNAL

# Of a meeting on a day for which no schedule says how long it is.
HOURS_OF_A_DAY = 8.0
# Plans close by themselves a few days after their week; what was done after an early closing is looked for as long.
CLOSED_EARLY = timedelta(days=7)
# A meeting that has begun earlier is looked for no more: Odoo's index is that of the beginning.
LONGEST_MEETING = timedelta(days=31)
DEAL_MODELS = ("crm.lead", "sale.order")
SYNCED = (
    "name",
    "kind",
    "date_start",
    "has_hour",
    "hours",
    "state",
    "date_done",
    "partner_id",
    "res_model",
    "res_id",
)


class PartnerWorkPlanSync(models.Model):
    """How the lines of work plans follow the activities and meetings of their persons.

    An activity belongs to the week of its due date; one that is overdue belongs to the current week, as carried
    over. It is done in one week: that of the day on which it was done, where the person is, also if it was due
    later, or the one in whose plan the person marked it as done, afterwards or ahead. What is done after the plan of
    its week was closed counts in the next one. A meeting that its person did
    not decline belongs to each week that it touches, with its hours there. Activities that stand for a meeting are
    that meeting. What leaves a week leaves a draft; in a submitted plan it stays, so that planned can be held
    against done: as carried over while it is still the person's, else as cancelled. The line says to which day of
    another week it was moved, and that week's line from which.
    """

    _inherit = "partner.work.plan"

    def _check_open(self):
        for plan in self:
            if plan.state == "closed" and not self.env.su:
                raise UserError(
                    self.env._(
                        "The work plan %s is closed. Plan in the current week instead.", plan.display_name
                    )
                )

    def _sync(self):
        """Bring the lines up to date; a constant number of queries for any number of plans.

        Called with the rights of the system, after the caller has checked who may write the plans.
        """
        plans = self.filtered(lambda plan: plan.state != "closed")
        if not plans:
            return
        wanted = defaultdict(dict)
        plans._collect_activities(wanted)
        plans._collect_events(wanted)
        plans._collect_done_after_closing(wanted)
        lines = self.env["partner.work.plan.line"].with_context(work_plan_sync=INTERNAL)
        existing = lines.search([("plan_id", "in", plans.ids), ("kind", "!=", "manual")])
        known = defaultdict(dict)
        for line in existing:
            known[line.plan_id][self._get_source_key(line)] = line
        to_create, to_write, to_drop = [], {}, lines
        for plan in plans:
            for key, vals in wanted[plan].items():
                line = known[plan].pop(key, lines)
                hours_before = vals.pop("hours_before", 0.0)
                if not line:
                    if vals["state"] == "done":
                        vals["hours_done"] = vals["hours"] + hours_before
                        vals["is_carried"] = vals.get("is_carried", False) or bool(hours_before)
                    to_create.append({"plan_id": plan.id, "is_added": plan.state != "draft", **vals})
                    continue
                vals = {name: vals[name] for name in SYNCED if name in vals}
                if line.hours_done or plan.state != "draft":
                    # what was planned, and what somebody entered as done, stays
                    vals.pop("hours", None)
                if line.kind != "meeting":
                    vals.pop("hours", None)
                if line._is_told(vals):
                    vals = {name: value for name, value in vals.items() if name not in ("state", "date_done")}
                changed = {
                    name: value
                    for name, value in vals.items()
                    if (line[name].id if line._fields[name].type == "many2one" else line[name]) != value
                }
                if changed.get("state") == "done" and not line.hours_done:
                    changed["hours_done"] = line.hours + hours_before
                elif hours_before:  # it was called done before
                    changed["hours_done"] = line.hours_done + hours_before
                if hours_before:
                    changed["is_carried"] = True
                elif line.kind == "meeting" and line.is_carried and changed.get("state") == "planned":
                    changed["is_carried"] = False
                if line.moved_to:
                    changed["moved_to"] = False
                to_write[line] = changed
            for line in known[plan].values():
                if line.state in ("done", "cancelled") or (line.state == "carried" and not line.moved_to):
                    continue
                is_open = self._is_still_open(line)
                ahead = not is_open and self._get_day_done_ahead(line)
                if plan.state == "draft":
                    to_drop |= line
                elif is_open or ahead:
                    moved_to = self._get_day_moved_to(line) if is_open else ahead
                    # each hour looks here again
                    if (line.state, line.moved_to) != ("carried", moved_to):
                        to_write[line] = {"state": "carried", "moved_to": moved_to}
                elif not line.moved_to:
                    to_write[line] = {"state": "cancelled"}
        write_each(to_write)
        moved_from = self._get_days_moved_from(to_create)
        for vals in to_create:
            vals["moved_from"] = moved_from.get(
                (vals["plan_id"], vals.get("activity_id"), vals.get("event_id"))
            )
        self.browse({vals["plan_id"] for vals in to_create})._begin_anew_if_others_add()
        lines.create(to_create)
        to_drop.unlink()

    @api.model
    def _is_still_open(self, line):
        """Whether the person still has to do what left the week of a line: it is in another week then."""
        person = line.plan_id.user_id
        if activity := line.activity_id:
            return activity.active and activity.user_id == person
        mine = line.event_id.attendee_ids.filtered(lambda attendee: attendee.partner_id == person.partner_id)
        return line.event_id.active and any(attendee.state != "declined" for attendee in mine)

    @api.model
    def _get_day_moved_to(self, line):
        """The day of another week on which what a line stands for is due now; False for what is only late."""
        plan = line.plan_id
        day = line.activity_id.date_deadline or plan._get_event_days(line.event_id)[0]
        if day > plan.date_to or (day < plan.date_from and not line.is_carried):
            return day
        return False

    @api.model
    def _get_day_done_ahead(self, line):
        """The day on which the person did what a line stands for in a week before the line's; False otherwise."""
        plan, activity = line.plan_id, line.activity_id
        if not activity or activity.user_id != plan.user_id:
            return False
        day = self._get_day_done(activity, plan._get_zone())
        return day if day and day < plan.date_from else False

    def _add_current(self):
        """Add the plans of the present week to those of later weeks: where it counts what is done ahead."""
        today = fields.Date.context_today(self)
        later = self.filtered(lambda plan: plan.date_from > today)
        if not later:
            return self
        return self | self.search(
            [
                ("user_id", "in", later.user_id.ids),
                ("date_from", "<=", today),
                ("date_to", ">=", today),
                ("state", "!=", "closed"),
            ]
        )

    @api.model
    def _get_days_moved_from(self, vals_list):
        """``{(plan id, activity id, event id): day}`` of new lines of what was moved out of a submitted plan."""
        lines = self.env["partner.work.plan.line"]
        ids = {
            name: [vals[name] for vals in vals_list if vals.get(name)] for name in ("activity_id", "event_id")
        }
        if not any(ids.values()):
            return {}
        sources = Domain.OR(Domain(name, "in", found) for name, found in ids.items())
        left = defaultdict(list)
        for line in lines.search(Domain("moved_to", "!=", False) & sources, order="id"):
            left[line.user_id, line.activity_id.id, line.event_id.id].append(line)
        days = {}
        for vals in vals_list:
            plan = self.browse(vals["plan_id"])
            source = vals.get("activity_id"), vals.get("event_id")
            for line in left[plan.user_id, source[0] or False, source[1] or False]:
                if plan.date_from <= line.moved_to <= plan.date_to:
                    days[plan.id, *source] = line.date
        return days

    def _begin_anew_if_others_add(self):
        """Have a transaction that adds lines to a plan beside another one repeated, on what the other one left.

        The unique index would keep a second line out as well, with an error that Odoo does not repeat.
        """
        if self:
            # SQL: no value changes; two transactions that change the same row are what PostgreSQL finds
            self.env.cr.execute(
                SQL(
                    "UPDATE partner_work_plan SET write_date = write_date WHERE id = ANY(%s)",
                    sorted(self._ids),
                )
            )

    @api.model
    def _get_source_key(self, line):
        if line.event_id:
            return ("event", line.event_id.id)
        return ("activity", line.activity_id.id) if line.activity_id else ("gone", line.id)

    def _collect_activities(self, wanted):
        """Add the values of the lines that stand for activities to ``wanted[plan]``."""
        now = pytz.utc.localize(fields.Datetime.now())
        first, last = min(self.mapped("date_from")), max(self.mapped("date_to"))
        activities = (
            self.env["mail.activity"]
            .with_context(active_test=False)
            .search(
                [
                    ("user_id", "in", self.user_id.ids),
                    ("calendar_event_id", "=", False),
                    ("res_model", "!=", "partner.work.plan"),
                    # what is done may have been due later; days of UTC: that of the person is another one at times
                    "|",
                    ("date_deadline", "<=", last),
                    ("date_done", "<=", last + timedelta(days=1)),
                    "|",
                    ("active", "=", True),
                    ("date_done", ">=", first - timedelta(days=1)),
                ]
            )
        )
        told = self._get_weeks_of_what_was_done(activities)
        partners = self._get_activity_partners(activities)
        by_user = activities.grouped("user_id")
        for plan in self:
            # where the person is: the scheduler and superiors may have another day
            zone = plan._get_zone()
            today = now.astimezone(zone).date()
            covers_today = plan.date_from <= today <= plan.date_to
            spoken = plan._speak()
            for activity in by_user.get(plan.user_id, ()):
                done_day = self._get_day_done(activity, zone)
                inside = plan.date_from <= activity.date_deadline <= plan.date_to
                done_inside = done_day and plan.date_from <= done_day <= plan.date_to
                late = activity.date_deadline < plan.date_from
                overdue = covers_today and activity.active and late
                if not (inside or overdue or done_inside):
                    continue
                if inside and done_day and done_day < plan.date_from:
                    continue  # done in an earlier week, before it was due
                if not inside and told.get(activity.id, plan.date_from) != plan.date_from:
                    continue  # the person called it done in the plan of another week
                day = activity.date_deadline if inside else plan.date_from if late else done_day
                channel = activity.activity_type_id.contact_channel
                partner = partners.get(activity, self.env["res.partner"])
                kind = (
                    "deal"
                    if activity.res_model in DEAL_MODELS
                    else "contact"
                    if channel and partner
                    else "activity"
                )
                wanted[plan]["activity", activity.id] = {
                    "name": spoken._get_activity_name(activity),
                    "kind": kind,
                    "activity_id": activity.id,
                    "date_start": plan._get_noon(day),
                    "has_hour": False,
                    "hours": activity.activity_type_id.planned_hours,
                    "state": "planned" if not done_day else "done" if done_day <= plan.date_to else "carried",
                    "date_done": bool(done_day) and plan._get_noon(done_day),
                    "partner_id": partner.id,
                    "res_model": activity.res_model,
                    "res_id": activity.res_id,
                    "is_carried": late,
                }

    def _collect_done_after_closing(self, wanted):
        """Add what was done in a week after its plan had been closed to the first plan after it that is not.

        What the closed plan has as done, or the person took out of it, stays there. A meeting hands on its hours once
        it is over, so that it may have begun in weeks before those looked back at.
        """
        since = fields.Date.context_today(self) - CLOSED_EARLY
        recent = Domain("date_to", ">=", since)
        long = self._find_attendees(since, since)
        if long := long.filtered(lambda attendee: attendee.event_id.start.date() < since):
            began = min(long.event_id.mapped("start")).date() - timedelta(days=1)
            users = self.user_id.filtered(lambda user: user.partner_id in long.partner_id)
            recent |= Domain("date_to", ">=", began) & Domain("user_id", "in", users.ids)
        plans = self.search(
            Domain("user_id", "in", self.user_id.ids)
            & Domain("date_from", "<=", max(self.mapped("date_from")))
            & recent,
            order="user_id, date_from",
        )
        following = {}
        for _user, its in plans.grouped("user_id").items():
            waiting = self.browse()
            for plan in its:
                if plan.state == "closed":
                    waiting |= plan
                    continue
                if plan in self:
                    following.update(dict.fromkeys(waiting, plan))
                waiting = self.browse()
        if not following:
            return
        closed = self.browse().union(*following)
        late = defaultdict(dict)
        if lately := closed.filtered(lambda plan: plan.date_to >= since):
            lately._collect_activities(late)
        closed._collect_events(late)
        # an activity that the next plan does not have; a meeting with all its weeks, so once it is over
        meetings = self.env["calendar.event"].browse(
            {res_id for found in late.values() for kind, res_id in found if kind == "event"}
        )
        over = {("event", meeting.id) for meeting in meetings if meeting.stop <= fields.Datetime.now()}
        late = {
            (plan, key): vals
            for plan, found in late.items()
            for key, vals in found.items()
            if vals["state"] == "done"
            and (key in over if key[0] == "event" else key not in wanted[following[plan]])
            and (plan.date_to >= since or plan._get_event_days(meetings.browse(key[1]))[1] >= since)
        }
        if not late:
            return
        ids = {
            name: [res_id for _plan, (kind, res_id) in late if kind == name] for name in ("activity", "event")
        }
        lines = self.env["partner.work.plan.line"].search(
            Domain("state", "in", ("done", "cancelled"))
            & (Domain("activity_id", "in", ids["activity"]) | Domain("event_id", "in", ids["event"]))
        )
        told = defaultdict(list)
        for line in lines:
            told[line.user_id, self._get_source_key(line)].append(line)
        own = {plan: set(wanted[plan]) for plan in following.values()}
        for (plan, key), vals in late.items():
            to = following[plan]
            if self._is_counted(plan, told[plan.user_id, key], key[0] == "event"):
                continue
            if key in own[to]:
                wanted[to][key]["hours_before"] = wanted[to][key].get("hours_before", 0.0) + vals["hours"]
            elif key in wanted[to]:
                wanted[to][key]["hours"] += vals["hours"]
            else:
                wanted[to][key] = {
                    **vals, "date_start": to._get_noon(to.date_from), "has_hour": False, "is_carried": True,
                }  # fmt: skip

    @api.model
    def _is_counted(self, plan, lines, is_meeting):
        """Whether what was done in the week of a closed plan counts already.

        :param lines: of plans of any week, that have it as done or cancelled
        """
        if not is_meeting:
            return bool(lines)
        # each week tells its own hours, and a later one those that were handed on to it, or that somebody entered
        return any(
            line.plan_id == plan
            or (
                line.plan_id.date_from > plan.date_from
                and (
                    line.state == "cancelled"
                    or line.is_carried
                    or float_compare(line.hours_done, line.hours, precision_digits=2) > 0
                )
            )
            for line in lines
        )

    @api.model
    def _get_day_done(self, activity, zone):
        """The day on which an activity was done, in ``zone``; False while it is open.

        Odoo keeps the day that it was in UTC. Doing is the last change of an activity: where that was on this day,
        its hour tells the day of the person.
        """
        if activity.active or not activity.date_done:
            return False
        if activity.write_date.date() != activity.date_done:
            return activity.date_done
        return pytz.utc.localize(activity.write_date).astimezone(zone).date()

    @api.model
    def _get_weeks_of_what_was_done(self, activities):
        """``{id of an activity: Monday of the first week in whose plan it is done}``, of those that are done."""
        done = activities.filtered(lambda activity: not activity.active)
        if not done:
            return {}
        rows = self.env["partner.work.plan.line"]._read_group(
            [("activity_id", "in", done.ids), ("state", "=", "done")],
            ["activity_id"],
            ["plan_id:recordset"],
        )
        return {activity.id: min(plans.mapped("date_from")) for activity, plans in rows}

    def _speak(self):
        """The plan in the language of its person: names of lines are kept, whoever or whatever fills it."""
        return self.with_context(lang=self.user_id.lang or self.env.lang)

    @api.model
    def _get_activity_name(self, activity):
        # without its document, whose name only those see who may read it (document_name of the line)
        return (
            activity.summary
            or activity.activity_type_id.with_context(lang=self.env.lang).name
            or html2plaintext(activity.note or "")[:80]
            or self.env._("Activity")
        )

    @api.model
    def _get_activity_partners(self, activities):
        """``{activity: contact}`` of the documents that have one, a query per model."""
        result = {}
        for model, group in activities.grouped("res_model").items():
            if model == "res.partner":
                partners = self.env["res.partner"].browse(set(group.mapped("res_id"))).exists()
                by_id = {partner.id: partner for partner in partners}
                result.update((one, by_id[one.res_id]) for one in group if one.res_id in by_id)
                continue
            field = model in self.env and self.env[model]._fields.get("partner_id")
            if not field or field.comodel_name != "res.partner":
                continue
            documents = self.env[model].browse(group.mapped("res_id")).exists()
            by_id = {document.id: document.partner_id for document in documents}
            result.update((one, by_id[one.res_id]) for one in group if by_id.get(one.res_id))
        return result

    def _find_attendees(self, first, last):
        """The persons of these plans in meetings that touch the time from one day to another, wherever they are."""
        first = datetime.combine(first - timedelta(days=1), time())
        last = datetime.combine(last + timedelta(days=2), time())
        return self.env["calendar.attendee"].search(
            [
                ("partner_id", "in", self.user_id.partner_id.ids),
                ("state", "!=", "declined"),
                ("event_id.active", "=", True),
                ("event_id.start", ">=", first - LONGEST_MEETING),
                ("event_id.start", "<", last),
                ("event_id.stop", ">=", first),
            ]
        )

    def _collect_events(self, wanted):
        """Add the values of the lines that stand for meetings to ``wanted[plan]``."""
        attendees = self._find_attendees(min(self.mapped("date_from")), max(self.mapped("date_to")))
        by_partner = attendees.grouped("partner_id")
        now = fields.Datetime.now()
        working = None
        for plan in self:
            for attendee in by_partner.get(plan.user_id.partner_id, ()):
                event = attendee.event_id
                first_day, last_day = plan._get_event_days(event)
                if last_day < plan.date_from or first_day > plan.date_to:
                    continue
                if working is None and self._is_long(event):
                    working = self._get_working_hours()
                hours = plan._get_event_hours(event, (working or {}).get(plan))
                others = event.partner_ids.filtered("partner_share")
                private = event.effective_privacy == "private"
                is_first = first_day >= plan.date_from
                # what goes on is done in this week when the week is over
                stop = min(event.stop, plan._get_midnight(plan.date_to + timedelta(days=1)))
                wanted[plan]["event", event.id] = {
                    # a superior sees that the time is taken, not for what
                    "name": plan._speak().env._("Private meeting") if private else event.name,
                    "kind": "meeting",
                    "event_id": event.id,
                    "date_start": event.start
                    if is_first and not event.allday
                    else plan._get_noon(max(first_day, plan.date_from)),
                    "has_hour": is_first and not event.allday,
                    "hours": 0.0 if event.show_as == "free" else hours,
                    "state": "done" if stop <= now else "planned",
                    "date_done": stop if stop <= now else False,
                    "partner_id": False if private else others[:1].id,
                    "res_model": False,
                    "res_id": 0,
                }

    def _get_event_days(self, event):
        """The first and the last day of a meeting where the person is."""
        if event.allday:
            first = event.start_date or event.start.date()
            return first, max(first, event.stop_date or first)
        zone = self._get_zone()
        first = pytz.utc.localize(event.start).astimezone(zone).date()
        # one that ends at midnight is none of the day after
        last = pytz.utc.localize(event.stop - timedelta(seconds=1)).astimezone(zone).date()
        return first, max(first, last)

    @api.model
    def _is_long(self, event):
        """Whether a meeting goes on for days, of which each counts with its working hours; not one through midnight."""
        return event.allday or event.stop - event.start >= timedelta(days=1)

    def _get_event_hours(self, event, working):
        """Hours of a meeting in this week.

        One of less than a day counts with its length. A longer one counts on each day with its length, but at most
        with the day's working hours; days without any, only where the meeting has no others in this week, with 8.

        :param dict working: the working hours of the week's days, None where no schedule tells them
        """
        if not self._is_long(event):
            return self._get_overlap(event, self.date_from, self.date_to)
        first, last = self._get_event_days(event)
        first, last = max(first, self.date_from), min(last, self.date_to)
        days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        known = [day for day in days if day in (working or ())]
        return sum(
            min(
                working[day] if known else HOURS_OF_A_DAY,
                24.0 if event.allday else self._get_overlap(event, day, day),
            )
            for day in known or days
        )

    def _get_overlap(self, event, first, last):
        """Hours of a meeting from the beginning of one day to the end of another."""
        start = max(event.start, self._get_midnight(first))
        stop = min(event.stop, self._get_midnight(last + timedelta(days=1)))
        return max((stop - start).total_seconds(), 0) / 3600

    def _get_midnight(self, day):
        """The beginning of ``day`` for the person, in UTC."""
        return (
            self._get_zone().localize(datetime.combine(day, time())).astimezone(pytz.utc).replace(tzinfo=None)
        )

    def _get_zone(self):
        return pytz.timezone(self.user_id._get_zone())

    def _get_noon(self, day):
        """Noon of ``day`` for the person, in UTC."""
        local = self._get_zone().localize(datetime.combine(day, time(12)))
        return local.astimezone(pytz.utc).replace(tzinfo=None)
