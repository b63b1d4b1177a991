from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import float_compare, format_date

from ...tools.arguments import as_id
from ...tools.batches import write_each
from ...tools.internal import INTERNAL
from ...tools.spans import is_day, search_end
from .mail_activity_type_hours import tell_hours

KINDS = [
    ("contact", "Planned Contact"),
    ("meeting", "Meeting"),
    ("deal", "Next Step of a Deal"),
    ("activity", "Activity"),
    ("manual", "By Hand"),
]
LINE_STATES = [
    ("planned", "Planned"),
    ("done", "Done"),
    ("carried", "Carried Over"),
    ("cancelled", "Cancelled"),
]
WEEKDAYS = [
    ("0", "Monday"),
    ("1", "Tuesday"),
    ("2", "Wednesday"),
    ("3", "Thursday"),
    ("4", "Friday"),
    ("5", "Saturday"),
    ("6", "Sunday"),
]

# More than any line has, and few enough for a date to be reckoned with.
MANY_HOURS = 1_000_000

# What a line stands for and how it came into the plan: written by the plan itself only.
GUARDED = {
    "activity_id", "carried_from_id", "date_done", "event_id", "is_added", "is_carried", "kind", "moved_from",
    "moved_to", "res_id", "res_model",
}  # fmt: skip


class PartnerWorkPlanLine(models.Model):
    """One thing planned in a person's week.

    A line stands for an activity, a meeting, or nothing but itself when it was written by hand. Moving a line
    to another day moves its activity or meeting; doing it does them. What happens to the activity or meeting
    elsewhere shows on the line.
    """

    _name = "partner.work.plan.line"
    _description = "Line of a Work Plan"
    _inherit = ["partner.guarded.mixin"]
    # of any company that the person works in
    _linked_fields = ("partner_id",)
    _no_defaults = tuple(GUARDED)
    _order = "date_start, id"

    plan_id = fields.Many2one("partner.work.plan", required=True, index=True, ondelete="cascade")
    user_id = fields.Many2one(related="plan_id.user_id", store=True, precompute=True, index=True)
    company_id = fields.Many2one(related="plan_id.company_id", store=True, precompute=True)
    plan_state = fields.Selection(related="plan_id.state", string="State of the Plan")
    name = fields.Char(required=True)
    kind = fields.Selection(KINDS, required=True, readonly=True, default="manual")
    is_manual = fields.Boolean(compute="_compute_is_manual")
    date_start = fields.Datetime(
        string="Start",
        required=True,
        default=lambda self: self._default_date_start(),
        help="When it begins; without a fixed hour, noon of its day.",
    )
    date = fields.Date(
        string="Day",
        compute="_compute_date",
        inverse="_inverse_date",
        store=True,
        precompute=True,
        help="The day in the time zone of the person whose plan it is.",
    )
    weekday = fields.Selection(
        WEEKDAYS,
        compute="_compute_weekday",
        inverse="_inverse_weekday",
        store=True,
        precompute=True,
        group_expand=True,
    )
    sequence = fields.Integer(default=10, help="The order by hand of a list, within a day.")
    has_hour = fields.Boolean(string="At a Fixed Hour", help="Off: planned for the day.")
    all_day = fields.Boolean(compute="_compute_all_day")
    hours = fields.Float(
        string="Planned Hours",
        help="Of a meeting its length in this week: where it goes on for days, of each at most the working hours, of "
        "days without any only where it has no others, up to 8. It follows the meeting until the plan is submitted. Of "
        "an activity what its type says; that, and what was written by hand, may be changed until the plan is "
        "submitted, and of what is added later until the plan is closed.",
    )
    duration = fields.Float(
        compute="_compute_duration",
        inverse="_inverse_duration",
        help="The length in a calendar: the planned hours of what has an hour, nothing of what is planned for the day.",
    )
    date_stop = fields.Datetime(string="End", compute="_compute_date_stop", search="_search_date_stop")
    hours_done = fields.Float(help="The planned hours, unless somebody entered others.")
    state = fields.Selection(LINE_STATES, required=True, default="planned", copy=False, group_expand=True)
    date_done = fields.Datetime(string="Done On", readonly=True, copy=False)
    partner_id = fields.Many2one("res.partner", string="Contact", index="btree_not_null", ondelete="set null")
    activity_id = fields.Many2one(
        "mail.activity", readonly=True, copy=False, ondelete="set null", groups=fields.NO_ACCESS
    )
    event_id = fields.Many2one(
        "calendar.event",
        string="Meeting",
        readonly=True,
        copy=False,
        ondelete="set null",
        groups=fields.NO_ACCESS,
    )
    res_model = fields.Char(string="Document Model", readonly=True)
    res_id = fields.Many2oneReference(string="Document ID", model_field="res_model", readonly=True)
    document_name = fields.Char(
        string="Document",
        compute="_compute_document_name",
        help="What the activity is on, for those who may read it.",
    )
    carried_from_id = fields.Many2one(
        "partner.work.plan.line",
        string="Carried Over From",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    is_carried = fields.Boolean(
        string="From an Earlier Week", readonly=True, help="It was due before this week and is still to do."
    )
    is_added = fields.Boolean(
        string="Added Later",
        readonly=True,
        help="It came into the plan after it was submitted, or back into it.",
    )
    moved_to = fields.Date(
        readonly=True,
        copy=False,
        help="The day in another week on which the activity or meeting stands now, since the plan was submitted. Like "
        "a cancelled line, it stays planned in the week it was submitted with, and takes no time of it any more.",
    )
    moved_from = fields.Date(
        readonly=True,
        copy=False,
        help="The day in another week for which a submitted plan has the same activity or meeting, as moved.",
    )
    moved = fields.Char(
        string="Moved To or From",
        compute="_compute_moved",
        help="The day of another week to which the activity or meeting was moved after the plan was submitted, or from "
        "which it came.",
    )
    is_overdue = fields.Boolean(
        string="Overdue",
        compute="_compute_is_overdue",
        search="_search_is_overdue",
        help="To do, and its day has passed; an activity that was due before this week.",
    )

    _activity_uniq = models.UniqueIndex("(plan_id, activity_id) WHERE activity_id IS NOT NULL")
    _event_uniq = models.UniqueIndex("(plan_id, event_id) WHERE event_id IS NOT NULL")
    _activity_idx = models.Index("(activity_id) WHERE activity_id IS NOT NULL")
    _event_idx = models.Index("(event_id) WHERE event_id IS NOT NULL")
    _open_idx = models.Index("(user_id, date) WHERE state = 'planned'")
    _hours_positive = models.Constraint(
        "CHECK (hours >= 0 AND hours_done >= 0)", "Hours cannot be below zero."
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------
    @api.model
    def _default_date_start(self):
        plan = self.env["partner.work.plan"].browse(as_id(self.env.context.get("default_plan_id")))
        return self._get_moment(self._get_first_day(plan))

    @api.model
    def _get_first_day(self, plan):
        """Today, or the first day of the plan where it is that of another week."""
        day = fields.Date.context_today(self)
        if plan.exists() and plan.date_from and not plan.date_from <= day <= plan.date_to:
            day = plan.date_from
        return day

    @api.model
    def _is_day_told(self, vals):
        return any(vals.get(name) or f"default_{name}" in self.env.context for name in ("date_start", "date"))

    def _get_tz(self):
        # sudo: the time zone of the colleague whose plan it is
        user = self[:1].plan_id.sudo().user_id or self.env.user
        return pytz.timezone(user._get_zone())

    def _get_moment(self, day):
        """Noon of ``day`` for the person, in UTC: a line without an hour."""
        local = self._get_tz().localize(datetime.combine(day, time(12)))
        return local.astimezone(pytz.utc).replace(tzinfo=None)

    @api.depends("activity_id", "event_id", "kind")
    def _compute_is_manual(self):
        for line in self:
            line.is_manual = line.kind == "manual"

    @api.depends("res_model", "res_id")
    @api.depends_context("uid", "allowed_company_ids", "lang")
    def _compute_document_name(self):
        wanted = {
            model: set(lines.mapped("res_id")) for model, lines in self.grouped("res_model").items() if model
        }
        boards = self.env["partner.control.board"]
        words = boards._read_words(wanted) if wanted else {}
        for line in self:
            name = boards._get_word(words, line.res_model, line.res_id)
            line.document_name = name or (self.env._("not open to you") if line.res_id else False)

    @api.depends("name", "document_name")
    @api.depends_context("uid", "allowed_company_ids", "lang")
    def _compute_display_name(self):
        for line in self:
            line.display_name = ": ".join(filter(None, (line.name, line.document_name)))

    @api.depends("moved_from", "moved_to")
    @api.depends_context("lang")
    def _compute_moved(self):
        for line in self:
            if line.moved_to:
                line.moved = self.env._("to %(day)s", day=format_date(self.env, line.moved_to))
            else:
                line.moved = line.moved_from and self.env._(
                    "from %(day)s", day=format_date(self.env, line.moved_from)
                )

    @api.depends("has_hour")
    def _compute_all_day(self):
        for line in self:
            line.all_day = not line.has_hour

    @api.depends("has_hour", "hours")
    def _compute_duration(self):
        for line in self:
            line.duration = line.hours if line.has_hour else 0.0

    @api.depends("date_start", "hours")
    def _compute_date_stop(self):
        for line in self:
            # endless ones are refused, but only when saved
            hours = max(-MANY_HOURS, min(MANY_HOURS, line.hours or 0))
            line.date_stop = line.date_start and line.date_start + timedelta(hours=hours)

    def _search_date_stop(self, operator, value):
        return search_end("date_start", "hours", operator, value)

    def _inverse_duration(self):
        # a calendar tells a length with each drag, also of what has none there
        for line in self:
            if line.has_hour and line.duration:
                line.hours = line.duration

    @api.depends("date_start", "plan_id.user_id")
    def _compute_date(self):
        for line in self:
            line.date = (
                line.date_start and pytz.utc.localize(line.date_start).astimezone(line._get_tz()).date()
            )

    def _inverse_date(self):
        for line in self:
            line._move_to(line.date)

    @api.depends("date")
    def _compute_weekday(self):
        for line in self:
            line.weekday = line.date and str(line.date.weekday())

    def _inverse_weekday(self):
        for line in self:
            if line.weekday:
                line._move_to(line.plan_id.date_from + timedelta(days=int(line.weekday)))

    def _move_to(self, day):
        """Move the line to ``day``, at the same hour."""
        self.ensure_one()
        zone = self._get_tz()
        local = pytz.utc.localize(self.date_start).astimezone(zone)
        if day and local.date() != day:
            moved = zone.localize(datetime.combine(day, local.time()))
            self.date_start = moved.astimezone(pytz.utc).replace(tzinfo=None)

    @api.depends("state", "date", "is_carried", "kind")
    @api.depends_context("tz")
    def _compute_is_overdue(self):
        today = fields.Date.context_today(self)
        for line in self:
            late = bool(line.date) and line.date < today
            line.is_overdue = line.state == "planned" and (
                late or (line.is_carried and line.kind != "manual")
            )

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        carried = Domain("is_carried", "=", True) & Domain("kind", "!=", "manual")
        return Domain("state", "=", "planned") & (Domain("date", "<", "today") | carried)

    @api.constrains("date_start", "plan_id")
    def _check_week(self):
        for line in self:
            plan = line.plan_id
            if not plan.date_from <= line.date <= plan.date_to:
                raise ValidationError(
                    self.env._(
                        "“%(line)s” on %(day)s lies outside the week of the work plan %(plan)s.",
                        line=line.name,
                        day=format_date(self.env, line.date),
                        plan=plan.display_name,
                    )
                )

    @api.constrains("hours", "hours_done", "plan_id")
    def _check_length(self):
        if self.env.context.get("work_plan_sync") is INTERNAL:
            # what the types of activities say must not stop the filling
            return
        for line in self:
            self._check_hours_of(line, line.name, line.plan_id)

    @api.model
    def _check_hours_of(self, vals, name, plan):
        """Refuse hours below zero, and more than the days of the plan have.

        :param vals: a line, or the values that one is made with
        """
        most = 24 * ((plan.date_to - plan.date_from).days + 1)
        for field in ("hours", "hours_done"):
            hours = float((field in vals and vals[field]) or 0)
            if not 0 <= hours <= most:
                raise ValidationError(
                    self.env._(
                        "“%(line)s”: “%(field)s” cannot be %(hours)s. Enter from 0 to %(most)s hours, which the week "
                        "of the work plan has, and what takes longer as a line in each of its weeks.",
                        line=name or "",
                        field=self._fields[field]._description_string(self.env),
                        hours=tell_hours(self.env, hours),
                        most=most,
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------
    @api.model
    def default_get(self, fields_list):
        """A day of a calendar without an hour is that day for the person, too."""
        values = super().default_get(fields_list)
        if "date_start" in fields_list and is_day(day := self.env.context.get("default_date_start")):
            values["date_start"] = self._get_moment(fields.Date.to_date(day))
        return values

    @api.model_create_multi
    def create(self, vals_list):
        if self.env.context.get("work_plan_sync") is not INTERNAL:
            for vals in vals_list:
                if not self.env.su:
                    # also in place of defaults of the context
                    vals.update(dict.fromkeys(GUARDED, False))
                    for name in ("activity_id", "event_id"):  # closed to users, with their defaults
                        vals.pop(name)
                vals["kind"] = "manual"
                if is_day(vals.get("date_start")):
                    owner = self.new({"plan_id": vals.get("plan_id")})
                    vals["date_start"] = owner._get_moment(fields.Date.to_date(vals["date_start"]))
                if not vals.get("plan_id"):
                    vals["plan_id"] = self._get_default_plan(vals).id
                elif not self._is_day_told(vals):
                    # the default of the client knows the plan; a call names it among the values
                    plan = self.env["partner.work.plan"].browse(vals["plan_id"])
                    day = self._get_first_day(plan)
                    if vals.get("weekday") in dict(WEEKDAYS):
                        day = plan.date_from + timedelta(days=int(vals["weekday"]))
                    vals["date_start"] = self.new({"plan_id": plan.id})._get_moment(day)
            plans = self.env["partner.work.plan"].browse([vals["plan_id"] for vals in vals_list])
            plans._check_open()
            for vals, plan in zip(vals_list, plans, strict=True):
                # before the database does, which names no line
                self._check_hours_of(vals, vals.get("name"), plan)
                vals["is_added"] = plan.state != "draft"
        lines = super().create(vals_list)
        if self.env.context.get("work_plan_sync") is not INTERNAL:
            lines._check_carried()
            for state, ended in lines.grouped("state").items():
                if state in ("done", "cancelled"):
                    ended._note_end()
        return lines

    @api.model
    def _get_default_plan(self, vals):
        """The own plan of the week in which the line lies."""
        moment = fields.Datetime.to_datetime(vals.get("date_start")) or self._get_moment(
            fields.Date.to_date(vals.get("date")) or fields.Date.context_today(self)
        )
        day = pytz.utc.localize(moment).astimezone(self._get_tz()).date()
        plans = self.env["partner.work.plan"]
        [plan] = plans._ensure({(self.env.uid, plans._get_monday(day))}).values()
        return plan

    def write(self, vals):
        syncing = self.env.context.get("work_plan_sync") is INTERNAL
        if syncing:
            return super().write(vals)
        if is_day(vals.get("date_start")):
            day = fields.Date.to_date(vals["date_start"])
            for moment, lines in self.grouped(lambda line: line._get_moment(day)).items():
                lines.write({**vals, "date_start": moment})
            return True
        if GUARDED & vals.keys() and not self.env.su:
            raise AccessError(
                self.env._(
                    "What a line of a work plan stands for, and where it came from, is not changed by hand."
                )
            )
        self.plan_id._check_open()
        if {"hours", "hours_done"} & vals.keys():
            # before they are compared with what there is, which endless ones cannot be
            for line in self:
                self._check_hours_of(vals, line.name, line.plan_id)
        self._check_hours(vals)
        self._check_submitted(vals)
        state = vals.get("state")
        changed = self.filtered(lambda line: state and line.state != state)
        if state in ("done", "cancelled") and not vals.get("date_done"):
            vals = {**vals, "date_done": fields.Datetime.now()}
        if state == "planned":
            changed._reopen(vals)
        before = {line: line.date_start for line in self}
        result = super().write(vals)
        changed._check_carried()
        if "plan_id" in vals:
            # into another week of the same person: the rules are asked for the new plan as well
            self.check_access("write")
            self.plan_id.check_access("write")
            self.plan_id._check_open()
        if state in ("done", "cancelled"):
            self._note_end()
        # what is done, carried over or taken out is no more planned: a card that is dragged moves nothing behind it
        moved = self.filtered(lambda line: line.state == "planned" and line.date_start != before[line])
        moved._move_sources()
        if state in ("done", "cancelled"):
            self._close_sources(state)
        return result

    def _note_end(self):
        """Note when these lines were done or taken out, and what they took where nobody says otherwise."""
        now = fields.Datetime.now()
        ended = {}
        for line in self.with_context(work_plan_sync=INTERNAL):
            ended[line] = {} if line.date_done else {"date_done": now}
            if line.state == "done" and line.hours and not line.hours_done:
                ended[line]["hours_done"] = line.hours
        write_each(ended)

    def _reopen(self, vals):
        """Forget when these lines were done, and what they took; refuse what its activity or meeting says is done.

        :param vals: what is written besides
        """
        now = fields.Datetime.now()
        # sudo: fields closed to users, of which only that it is over is told
        for line in self.sudo().filtered(lambda line: line.state == "done"):
            if (line.activity_id and not line.activity_id.active) or (
                line.event_id and line.event_id.stop <= now
            ):
                raise UserError(
                    self.env._(
                        "“%s” stays done, as its activity or meeting is. Plan what is still to do as a new activity.",
                        line.name,
                    )
                )
        ended = self.filtered(lambda line: line.state in ("done", "cancelled"))
        hours = {} if "hours_done" in vals else {"hours_done": 0}
        ended.with_context(work_plan_sync=INTERNAL).write({"date_done": False, **hours})

    def _check_carried(self):
        """Refuse what a user calls carried over: nothing would take it into the next week."""
        if self.env.su:
            return
        for line in self.filtered(lambda line: line.state == "carried"):
            raise UserError(
                self.env._(
                    "“%s” is carried over by itself when the week is closed, or when its activity or meeting is moved "
                    "to another week.",
                    line.name,
                )
            )

    def _check_hours(self, vals):
        """Refuse other hours for a meeting, which the next filling would take from the meeting again."""
        if self.env.su or "hours" not in vals:
            return
        for line in self.filtered(lambda line: line.kind == "meeting"):
            # a calendar tells a length with each drag, worked out from two moments
            if float_compare(vals["hours"] or 0, line.hours, precision_digits=2):
                raise UserError(
                    self.env._(
                        "“%s” is a meeting: its planned hours follow the meeting. Change how long that is in the "
                        "calendar.",
                        line.name,
                    )
                )

    def _check_submitted(self, vals):
        """Refuse other hours, or another week, for what was submitted or approved, unless by one who may approve it.

        What was added later was not planned when the person submitted, and is marked as such. A plan that nobody had
        to approve stays the person's own.
        """
        if self.env.su or not {"hours", "plan_id"} & vals.keys():
            return
        for line in self.filtered(lambda line: not line.is_added):
            plan = line.plan_id
            # sudo: the name of who approved the plan, which the user sees
            superior = plan.sudo().approved_by_id
            if plan.can_approve or not (plan.state == "submitted" or (plan.state == "approved" and superior)):
                continue
            # a calendar tells a length with each drag, worked out from two moments
            is_changed = float_compare(vals.get("hours", line.hours) or 0, line.hours, precision_digits=2)
            if not is_changed and vals.get("plan_id", plan.id) == plan.id:
                continue
            if plan.state == "submitted":
                raise UserError(
                    self.env._(
                        "“%(line)s” stands in the work plan %(plan)s as you submitted it: its planned hours and its "
                        "week stay. Enter what it took as hours done, cancel the line, or ask your superior to return "
                        "the plan.",
                        line=line.name,
                        plan=plan.display_name,
                    )
                )
            raise UserError(
                self.env._(
                    "“%(line)s” stands in the work plan %(plan)s as %(superior)s approved it: its planned hours "
                    "and its week stay. Enter what it took as hours done, cancel the line, or ask your superior to "
                    "return the plan.",
                    line=line.name,
                    plan=plan.display_name,
                    superior=superior.name,
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_closed(self):
        self.plan_id._check_open()
        for line in self:
            if self.env.su:
                continue
            if line.plan_id.state == "submitted" and not line.is_added:
                raise UserError(
                    self.env._(
                        "“%(line)s” stands in the work plan %(plan)s as it was submitted and cannot be deleted. Cancel "
                        "the line, so that planned and done stay comparable, or ask your superior to return the plan.",
                        line=line.name,
                        plan=line.plan_id.display_name,
                    )
                )
            if line.plan_id.state == "approved":
                raise UserError(
                    self.env._(
                        "“%(line)s” stands in the approved work plan %(plan)s and cannot be deleted. Cancel the "
                        "line, so that planned and done stay comparable, or ask your superior to return the plan.",
                        line=line.name,
                        plan=line.plan_id.display_name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_source(self):
        for line in self:
            if line.kind != "manual" and line.state == "planned" and not self.env.su:
                raise UserError(
                    self.env._(
                        "“%s” comes from an activity or a meeting. Mark it as done, or cancel it, and it leaves "
                        "the plan.",
                        line.name,
                    )
                )

    # ------------------------------------------------------------------
    # Sources
    # ------------------------------------------------------------------
    def _move_sources(self):
        """Move the activities and meetings of these lines to the lines' days, with the user's own rights."""
        for line in self:
            # sudo: fields closed to users; what they point to is written with the user's own rights
            event, activity = line.sudo().event_id.sudo(False), line.sudo().activity_id.sudo(False)
            try:
                if event and line.plan_id._get_event_days(event)[0] < line.plan_id.date_from:
                    raise UserError(
                        self.env._(
                            "“%s” began in an earlier week. Move the meeting itself in the calendar.",
                            line.name,
                        )
                    )
                if event and event.allday:
                    # its hours stand for no moment, in no time zone: the days alone are moved
                    if shift := line.date - event.start_date:
                        event.write({"start": event.start + shift, "stop": event.stop + shift})
                elif event:
                    if event.start != line.date_start:
                        event.write(
                            {"start": line.date_start, "stop": line.date_start + (event.stop - event.start)}
                        )
                elif activity and activity.active:
                    activity.with_context(work_plan_sync=INTERNAL).write({"date_deadline": line.date})
            except AccessError as error:
                raise UserError(
                    self.env._(
                        "“%s” cannot be moved: you may not change the meeting or activity behind it. Ask the "
                        "person who organises it.",
                        line.name,
                    )
                ) from error

    def _is_told(self, vals):
        """Whether the person said what became of it, so that it is not taken from its source any more.

        An activity: called done after the end of its week. A meeting that was not moved: taken out of the plan, or
        called done before its end.

        :param vals: what the activity or the meeting itself says now
        """
        self.ensure_one()
        if self.kind != "meeting":
            return (self.state, vals["state"]) == ("done", "carried")
        return bool(
            self.date_done
            and self.date_start == vals["date_start"]
            and (self.state == "cancelled" or (self.state, vals["state"]) == ("done", "planned"))
        )

    def _close_sources(self, state):
        """Do or cancel the activities behind these lines; a meeting is cancelled by its organiser only."""
        # sudo: fields closed to users; what they point to is written with the user's own rights
        activities = self.sudo().activity_id.sudo(False).filtered("active")
        activities = activities.with_context(work_plan_sync=INTERNAL)
        if activities and state == "done":
            activities.action_feedback()
        else:
            activities.unlink()
        if state == "done":
            # sudo: what is done in this week is no more to do in the next one
            others = self.sudo().activity_id._work_plan_lines().plan_id - self.plan_id
            others._sync()

    def _filter_planned(self):
        """The lines whose hours count as planned: the filter “Counts as Planned” in a search has the same ones.

        What is cancelled in a submitted plan, or moved to another week, stays planned; taking it out would be as good
        as doing it.
        """
        return self.filtered(
            lambda line: not line._is_taken_out() or (line.plan_id.submitted_on and not line.is_added)
        )

    def _is_taken_out(self):
        """Whether the line takes no time of its week any more: it was cancelled, or moved to another week."""
        return self.state == "cancelled" or bool(self.moved_to)

    def _mark_submitted(self):
        """Note which lines the person submits; what is cancelled or moved by then is not among them."""
        for is_taken_out, lines in self.grouped(lambda line: line._is_taken_out()).items():
            lines.with_context(work_plan_sync=INTERNAL).write({"is_added": is_taken_out})

    def action_done(self):
        """Mark as done, with the activity behind it."""
        self.filtered(lambda line: line.state == "planned").write({"state": "done"})

    def action_cancel(self):
        """Take out of the plan, with the activity behind it."""
        self.filtered(lambda line: line.state == "planned").write({"state": "cancelled"})

    def action_open_document(self):
        """Open what the line is about: the document of its activity, its meeting, else its contact."""
        self.ensure_one()
        # sudo: a field closed to users; the meeting itself opens with the user's rights
        model, res_id = self.res_model, self.res_id
        if event := self.sudo().event_id:
            model, res_id = "calendar.event", event.id
        elif not res_id and self.partner_id:
            model, res_id = "res.partner", self.partner_id.id
        if not (model and res_id and model in self.env):
            return False
        return {
            "type": "ir.actions.act_window",
            "res_model": model,
            "res_id": res_id,
            "views": [(False, "form")],
        }

    def _prepare_carried_values(self):
        """Values of the line that goes on in the next week."""
        self.ensure_one()
        return {
            "name": self.name,
            "kind": self.kind,
            "hours": self.hours,
            "partner_id": self.partner_id.id,
            "has_hour": False,
            "carried_from_id": self.id,
            "is_carried": True,
        }
